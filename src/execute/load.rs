//! The load of a function in the local SCF.

use serde_json::Value;

use super::{ExecuteError, FunctionSession};
use crate::api::actions::{ClearLoad, GetLoad, LoadReply, SetLoad};

/// What becomes of the load.
#[derive(Debug, Clone, PartialEq)]
pub enum LoadChange {
    /// Nothing.
    Keep,
    /// It is set, or what of it is said here changes.
    Set(Value),
    /// It ends, and what it left in the monitor goes.
    Clear,
}

/// Changes the load, and returns the one that there is afterwards.
///
/// # Errors
/// There is no such function, version or alias, or the load is impossible.
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
