//! Waits until no operation on a function is in progress.

use tokio::time::Instant;

use super::alias::AliasLook;
use super::function::is_settled;
use super::wait::{self, together};
use super::{
    APPEARANCE, AliasGuard, Awaited, AwaitedStatus, ExecuteError, FunctionSession, code, function,
    is_missing_function, is_not_found, latest,
};
use crate::api::actions::GetFunctionReply;
use crate::model::{Alias, Status, Version};

/// What to read together with a version.
#[derive(Debug, Clone, Copy)]
pub(super) struct AlsoRead<'a> {
    pub alias: Option<&'a AliasGuard>,
    /// Whether to read the digest of its code.
    pub code: bool,
}

impl AlsoRead<'_> {
    pub const NONE: Self = Self { alias: None, code: false };
}

/// A version without an operation in progress, and what was read together with it.
pub(super) struct Settled {
    pub reply: GetFunctionReply,
    /// An error means that nothing is known of the alias.
    pub alias: Result<Option<AliasLook>, ExecuteError>,
    /// Digest of its code. It may have been read right before the operation ended.
    pub code: Option<String>,
}

/// Waits until a version is settled, reading what else is asked for at the same time.
///
/// `appearing` allows it to be "not found" for a moment.
pub(super) async fn settle(
    session: &FunctionSession<'_>,
    qualifier: Version,
    appearing: bool,
    beside: AlsoRead<'_>,
) -> Result<Settled, ExecuteError> {
    let started = session.now();
    let mut wait = session.wait();
    let first = wait.before_next(started);
    if !first.is_zero() {
        session.pause(first).await?;
    }
    let what = || Awaited::Version { version: qualifier, function: session.function.name.clone() };
    let mut last = AwaitedStatus::Unknown;
    // Not `wait::await_work`: the first poll comes late enough to find the operation done, and of
    // several concurrent reads only the duration of the status itself counts.
    loop {
        let asked = session.now();
        let Looks { reply, answered, alias, code } = look(session, qualifier, beside).await;
        let status = match reply {
            Ok(reply)
                if is_settled(&reply)
                    && qualifier == Version::Latest
                    && latest::is_outdated(session, &reply, code.as_ref()).await =>
            {
                AwaitedStatus::AsBefore
            }
            Ok(reply) if is_settled(&reply) => {
                if Status::from(reply.status.as_str()) == Status::Active {
                    wait.is_over(asked, answered);
                }
                let alias = alias.map(|alias| alias.map(|alias| AliasLook { alias, at: asked }));
                return Ok(Settled { reply, alias, code });
            }
            Ok(reply) => AwaitedStatus::Service(reply.status),
            Err(error)
                if appearing && is_not_found(&error) && session.since(started) < APPEARANCE =>
            {
                AwaitedStatus::NotFound
            }
            Err(error) if appearing && is_not_found(&error) && !is_missing_function(&error) => {
                return Err(ExecuteError::VersionNotShown(qualifier));
            }
            Err(error) if wait::is_cut_short(&error) => {
                return Err(wait::timed_out(session, what(), last));
            }
            Err(error) => return Err(error),
        };
        last = status.clone();
        wait::look_again(session, what(), status, wait.goes_on(asked, answered)).await?;
    }
}

/// Replies that were read concurrently.
struct Looks {
    reply: Result<GetFunctionReply, ExecuteError>,
    /// When `reply` arrived.
    answered: Instant,
    alias: Result<Option<Alias>, ExecuteError>,
    code: Option<String>,
}

async fn look(session: &FunctionSession<'_>, qualifier: Version, beside: AlsoRead<'_>) -> Looks {
    let status = async {
        let reply = function::get(session, qualifier).await;
        (reply, session.now())
    };
    let alias = async {
        match beside.alias {
            Some(guard) => guard.read(session).await.map(|record| Some(record.alias)),
            None => Ok(None),
        }
    };
    // Boxed because the joined future is large.
    let looks = Box::pin(async { tokio::join!(status, alias) });
    let code = Box::pin(async {
        if beside.code { code::sha256(session, qualifier).await.ok().flatten() } else { None }
    });
    let (((reply, answered), alias), code) =
        together(session, looks, code, |((reply, _), _)| reply.as_ref().is_ok_and(is_settled))
            .await;
    Looks { reply, answered, alias, code: code.flatten() }
}

/// Like [`settle`], but fails unless the version is `Active`.
pub(super) async fn await_active(
    session: &FunctionSession<'_>,
    qualifier: Version,
    appearing: bool,
    beside: AlsoRead<'_>,
) -> Result<Settled, ExecuteError> {
    let settled = settle(session, qualifier, appearing, beside).await?;
    if Status::from(settled.reply.status.as_str()) == Status::Active {
        return Ok(settled);
    }
    Err(function::failed(session, qualifier, &settled.reply))
}
