//! Reads and changes attributes of a function as a whole.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::{
    APPEARANCE, AlsoRead, ExecuteError, FunctionAttribute, FunctionSession, function, settle, wait,
    wire, write,
};
use crate::api::actions::{
    AsyncTriggerConfig, GetFunctionEventInvokeConfig, GetFunctionReply, ModifyResourceTags,
    ResourceTag, ResourceTagKey, RetryConfig, TAGS_PER_CALL, UpdateFunctionEventInvokeConfig,
};
use crate::model::{Retries, Version};
use crate::plan::AttributeStep;

/// Returns how failed asynchronous invocations are retried. Read only if `wanted`.
pub(super) async fn observe_retries(
    session: &FunctionSession<'_>,
    wanted: bool,
) -> Result<Option<Retries>, ExecuteError> {
    if !wanted {
        return Ok(None);
    }
    let qualifier = Version::Latest.to_string();
    let action = GetFunctionEventInvokeConfig { function: session.function_ref(), qualifier };
    let config = session.read(&action).await?.async_trigger_config;
    // A second entry with -1 may follow.
    let count = config.retry_config.iter().map(|entry| entry.retry_num).find(|count| *count >= 0);
    Ok(count.map(|count| Retries { message_ttl: config.message_ttl, count }))
}

/// Makes the change and waits until the service shows it. Returns `$LATEST` if that was read for
/// it.
pub(super) async fn change(
    session: &FunctionSession<'_>,
    step: &AttributeStep,
) -> Result<Option<GetFunctionReply>, ExecuteError> {
    match step {
        AttributeStep::Tags { set, remove } => change_tags(session, set, remove).await.map(Some),
        AttributeStep::Retries(retries) => change_retries(session, *retries).await.map(|()| None),
    }
}

async fn change_tags(
    session: &FunctionSession<'_>,
    set: &BTreeMap<String, String>,
    remove: &[String],
) -> Result<GetFunctionReply, ExecuteError> {
    let bound: Vec<_> = set
        .iter()
        .map(|(key, value)| ResourceTag { tag_key: key.clone(), tag_value: value.clone() })
        .collect();
    let taken: Vec<_> = remove.iter().map(|key| ResourceTagKey { tag_key: key.clone() }).collect();
    let (mut bound, mut taken) = (bound.chunks(TAGS_PER_CALL), taken.chunks(TAGS_PER_CALL));
    loop {
        let (replace_tags, delete_tags) =
            (bound.next().unwrap_or_default(), taken.next().unwrap_or_default());
        if replace_tags.is_empty() && delete_tags.is_empty() {
            break;
        }
        write::change(
            session,
            &ModifyResourceTags {
                resource: resource(session),
                replace_tags: replace_tags.to_vec(),
                delete_tags: delete_tags.to_vec(),
            },
        )
        .await?;
    }
    await_shown(session, FunctionAttribute::Tags, async || {
        let latest = function::get(session, Version::Latest).await?;
        // Others may bind their own tags meanwhile.
        let tags = wire::tags(&latest);
        let shown = set.iter().all(|(key, value)| tags.get(key) == Some(value))
            && !remove.iter().any(|key| tags.contains_key(key));
        Ok(if shown { ControlFlow::Break(latest) } else { ControlFlow::Continue(()) })
    })
    .await
}

async fn change_retries(
    session: &FunctionSession<'_>,
    retries: Retries,
) -> Result<(), ExecuteError> {
    let retry_config = vec![RetryConfig { retry_num: retries.count }];
    let config = AsyncTriggerConfig { retry_config, message_ttl: retries.message_ttl };
    write::change(
        session,
        &UpdateFunctionEventInvokeConfig {
            function: session.function_ref(),
            async_trigger_config: config,
        },
    )
    .await?;
    // The reference does not say whether this makes the function busy.
    settle::await_active(session, Version::Latest, false, AlsoRead::NONE).await?;
    await_shown(session, FunctionAttribute::Retries, async || {
        Ok(wait::until(observe_retries(session, true).await? == Some(retries)))
    })
    .await
}

/// Returns the six-segment name of the function for other products. The account id may be omitted.
fn resource(session: &FunctionSession<'_>) -> String {
    let function = &session.function;
    format!(
        "qcs::scf:{}:uin/:namespace/{}/function/{}",
        function.region, function.namespace, function.name
    )
}

/// Polls until an accepted change is shown, which `look` reports by breaking.
async fn await_shown<T>(
    session: &FunctionSession<'_>,
    what: FunctionAttribute,
    look: impl AsyncFnMut() -> Result<ControlFlow<T>, ExecuteError>,
) -> Result<T, ExecuteError> {
    match wait::poll_until(session, APPEARANCE, look).await? {
        ControlFlow::Break(shown) => Ok(shown),
        ControlFlow::Continue(()) => Err(ExecuteError::NotShown(what)),
    }
}
