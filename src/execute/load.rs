//! Simulated load of a function in the local SCF.

use serde_json::Value;

use super::{ExecuteError, FunctionSession};
use crate::api::actions::{ClearLoad, GetLoad, LoadReply, SetLoad};

/// A change of the load.
#[derive(Debug, Clone, PartialEq)]
pub enum LoadChange {
    /// None; only read it.
    Keep,
    /// Sets the load, or the parts of it that are given.
    Set(Value),
    /// Ends the load and removes its data from the monitor.
    Clear,
}

/// Changes the load and returns the resulting one.
///
/// # Errors
/// Fails if the function, version or alias does not exist, or if the load is impossible.
pub async fn change(
    session: &FunctionSession<'_>,
    change: &LoadChange,
) -> Result<Option<Value>, ExecuteError> {
    let function = session.function_ref();
    let LoadReply { load } = match change {
        LoadChange::Keep => session.read(&GetLoad { function }).await?,
        LoadChange::Set(load) => {
            session.read(&SetLoad { function, load: load.to_string() }).await?
        }
        LoadChange::Clear => session.read(&ClearLoad { function }).await?,
    };
    Ok(load)
}
