//! Facts about a function that other instances may refer to.

use serde_json::Value;

use super::{ExecuteError, FunctionSession, function, is_not_found, triggers, versions};
use crate::api::actions::ListLayerVersions;
use crate::model::{Version, last_published};

/// Current facts about a function.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The highest published version.
    pub last_version: Option<Version>,
    /// Its triggers as the service lists them.
    pub triggers: Vec<Value>,
}

/// Returns the newest usable version of a layer in the function's region, or `None` if there is
/// none.
///
/// # Errors
/// Fails if the call fails.
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

/// Reads the facts that other instances may refer to.
///
/// # Errors
/// Fails if the function does not exist, or if a call fails.
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
