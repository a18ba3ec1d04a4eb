//! Waiting until work on a function is over.

use std::future::Future;
use std::pin::pin;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::Instant;

use super::pace::Wait;
use super::{APPEARANCE, ExecuteError, Executor, is_not_found};
use crate::api::ApiError;
use crate::api::actions::GetFunctionReply;
use crate::model::{Alias, Status, Version};

/// Actions whose answer comes before their work is over. Others end with their answer.
const WORK: &[&str] =
    &["CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration", "PublishVersion"];
/// How much longer than a status something may take that turned out not to be needed. What is
/// broken off takes its connection along.
const GRACE: Duration = Duration::from_millis(100);

/// A look at an alias.
#[derive(Debug, Clone)]
pub struct Look {
    /// The alias as it was then.
    pub alias: Alias,
    /// When it was asked for.
    pub at: Instant,
}

/// What is looked at together with a version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside<'a> {
    /// An alias.
    pub alias: Option<&'a str>,
    /// What the service tells of its code.
    pub code: bool,
}

impl Beside<'_> {
    pub const NOTHING: Self = Self { alias: None, code: false };
}

/// A version whose work is over, and what was looked at together with it.
pub(super) struct Settled {
    pub reply: GetFunctionReply,
    /// An error when nothing is known of the alias.
    pub alias: Result<Option<Look>, ExecuteError>,
    /// The digest of its code. It may have been told right before the work ended.
    pub code: Option<String>,
}

impl Executor<'_> {
    /// Remembers what is waited for next.
    pub(super) fn note_work(&self, action: &'static str, accepted: bool) {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        *changed = (accepted && WORK.contains(&action)).then(|| (action, Instant::now()));
    }

    /// Begins to wait for the work of the last change, or for someone else's.
    pub(super) fn wait(&self) -> Wait<'_> {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        self.pace.wait(changed.take(), Instant::now())
    }

    /// Waits until a version is settled, looking at what is asked for at the same time.
    ///
    /// `appearing` tolerates that it cannot be found for a moment.
    pub(super) async fn settle(
        &self,
        qualifier: Version,
        appearing: bool,
        beside: Beside<'_>,
    ) -> Result<Settled, ExecuteError> {
        let started = Instant::now();
        let mut wait = self.wait();
        let first = wait.before_next(started);
        if !first.is_zero() {
            self.pause(first).await?;
        }
        loop {
            let asked = Instant::now();
            let status = async {
                let reply = self.get_function(qualifier).await;
                (reply, Instant::now())
            };
            let alias = async {
                match beside.alias {
                    Some(name) => self.get_alias(name).await.map(Some),
                    None => Ok(None),
                }
            };
            // Boxed, because together they are large.
            let looks = Box::pin(async { tokio::join!(status, alias) });
            let code = Box::pin(async {
                if beside.code { self.code_sha256(qualifier).await.ok().flatten() } else { None }
            });
            let (((reply, answered), alias), code) =
                together(looks, code, |((reply, _), _)| reply.as_ref().is_ok_and(is_settled)).await;
            let status = match reply {
                Ok(reply)
                    if is_settled(&reply)
                        && qualifier == Version::Latest
                        && self
                            .is_outdated_latest(&reply, code.as_ref().and_then(Option::as_ref))
                            .await =>
                {
                    "as before the change".to_owned()
                }
                Ok(reply) if is_settled(&reply) => {
                    if Status::from(reply.status.as_str()) == Status::Active {
                        wait.is_over(asked, answered);
                    }
                    let alias = alias.map(|alias| alias.map(|alias| Look { alias, at: asked }));
                    return Ok(Settled { reply, alias, code: code.flatten() });
                }
                Ok(reply) => reply.status,
                Err(error)
                    if appearing && is_not_found(&error) && started.elapsed() < APPEARANCE =>
                {
                    "not found yet".to_owned()
                }
                Err(error) => return Err(self.timed_out_as(error, qualifier)),
            };
            let what = format!("{qualifier} of function `{}`", self.function.name);
            self.look_again(&what, &status, wait.goes_on(asked, answered)).await?;
        }
    }

    /// A look that the end of the allowed time cut short is a wait that timed out.
    fn timed_out_as(&self, error: ExecuteError, qualifier: Version) -> ExecuteError {
        match error {
            ExecuteError::Api(ApiError::TimedOut { timeout, .. }) => ExecuteError::TimedOut {
                what: format!("{qualifier} of function `{}`", self.function.name),
                status: "unknown".to_owned(),
                timeout,
            },
            error => error,
        }
    }

    /// As [`Self::settle`], and an error unless the version is `Active`.
    pub(super) async fn await_active(
        &self,
        qualifier: Version,
        appearing: bool,
        beside: Beside<'_>,
    ) -> Result<Settled, ExecuteError> {
        let settled = self.settle(qualifier, appearing, beside).await?;
        if Status::from(settled.reply.status.as_str()) == Status::Active {
            return Ok(settled);
        }
        Err(self.failed(qualifier, &settled.reply))
    }
}

/// Whether no work is under way.
pub(super) fn is_settled(reply: &GetFunctionReply) -> bool {
    !Status::from(reply.status.as_str()).is_transient()
}

/// Does both at once. When the first shows that the second is of no use, that one only gets as
/// much longer as it takes an answer that is on its way already.
pub(super) async fn together<T, U>(
    first: impl Future<Output = T>,
    second: impl Future<Output = U>,
    is_of_use: impl FnOnce(&T) -> bool,
) -> (T, Option<U>) {
    match select(pin!(first), pin!(second)).await {
        Either::Left((first, second)) if is_of_use(&first) => (first, Some(second.await)),
        Either::Left((first, second)) => (first, tokio::time::timeout(GRACE, second).await.ok()),
        Either::Right((second, first)) => (first.await, Some(second)),
    }
}
