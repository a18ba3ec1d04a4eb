//! Reads everything about a function that serverless.yml can say.

pub use super::code::PackageAddress;
use super::{ExecuteError, Extra, FunctionSession, attributes, code, deploy, function};
use crate::model::FunctionKind;
use crate::model::trigger::WantedTriggers;
use crate::plan::Observed;

/// Reads all of a function, and where its package can be downloaded: `None` for an image, or if the
/// service has no copy.
///
/// # Errors
/// Fails if the function does not exist, or if a read fails.
pub async fn describe(
    session: &FunctionSession<'_>,
) -> Result<(Observed, Option<PackageAddress>), ExecuteError> {
    let all = WantedTriggers::default();
    let extra =
        Extra { triggers: Some(&all), aliases: true, provisioned: true, ..Extra::default() };
    let mut observed = Box::pin(deploy::observe(session, extra)).await?.observed;
    let Some(latest) = &observed.latest else { return Err(function::absent(session).await) };
    // Web functions have no asynchronous retries.
    let has_retries = latest.spec.kind() == FunctionKind::Event;
    let asks_for_code = latest.image.is_none();
    observed.attributes.retries = attributes::observe_retries(session, has_retries).await?;
    let address = if asks_for_code { code::address(session).await? } else { None };
    Ok((observed, address))
}
