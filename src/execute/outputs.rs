//! What other instances may ask about a function.

use serde_json::Value;

use super::{ExecuteError, FunctionSession, function, is_not_found, triggers, versions};
use crate::api::actions::ListLayerVersions;
use crate::model::{Version, last_published};

/// What a function is now.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The highest published version.
    pub last_version: Option<Version>,
    /// Its triggers, as the service lists them.
    pub triggers: Vec<Value>,
}

/// The newest version of a layer that functions can use; `None` without one. The region is
/// that of the function.
///
/// # Errors
/// The call fails.
pub async fn newest_layer_version(
    session: &FunctionSession<'_>,
    layer: &str,
) -> Result<Option<i64>, ExecuteError> {
    match session.read(&ListLayerVersions { layer_name: layer.to_owned() }).await {
        Ok(reply) => {
            let versions = reply.layer_versions.iter();
            let usable = versions.filter(|version| version.status == "Active");
            Ok(usable.map(|version| version.layer_version).max())
        }
        Err(error) if is_not_found(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads what other instances may ask about the function.
///
/// # Errors
/// The function does not exist, or a call fails.
pub async fn facts(session: &FunctionSession<'_>) -> Result<Facts, ExecuteError> {
    if function::find(session).await?.is_none() {
        return Err(function::absent(session).await);
    }
    let (versions, triggers) = tokio::try_join!(versions::list(session), triggers::list(session))?;
    Ok(Facts {
        last_version: last_published(&versions),
        triggers: triggers.into_iter().map(|info| Value::Object(info.record)).collect(),
    })
}
