//! Changes `$LATEST`, and detects changes by someone else.

use std::ops::ControlFlow;

use super::run::{Remaining, StepsUnderWay};
use super::{is_digest, known_code};
use crate::api::actions::Action;
use crate::execute::write::{self, Refusals};
use crate::execute::{AlsoRead, ExecuteError, FunctionSession, code, function, settle, wait, wire};
use crate::model::Version;
use crate::plan::ObservedFunction;
use crate::plan::drift::{Drift, drift};

/// Changes `$LATEST`, right after a read of the alias if that must not change meanwhile.
///
/// The read is skipped if the last one is recent.
pub(super) async fn change_content<A: Action + Sync>(
    session: &FunctionSession<'_>,
    action: &A,
    remaining: Remaining,
    run: &mut StepsUnderWay<'_>,
) -> Result<(), ExecuteError> {
    let mut refusals = Refusals::default();
    loop {
        if remaining.alias_write {
            let fresh = run.alias.fresh(session).await;
            if run.by_same_run(fresh)? {
                // What was accepted is read once more, so that nothing comes between a read and the
                // write.
                run.alias.fresh(session).await?;
            }
        }
        session.check_interrupt()?;
        let Err(error) = session.send(action).await else { return Ok(()) };
        write::await_turn(session, error, &mut refusals).await?;
        // Waiting may have taken time.
        run.alias.outdate();
    }
}

/// Waits until a change of `$LATEST` is done, and reads the alias meanwhile.
///
/// `sent` is the digest of the package, if that was the change and later steps rely on it.
pub(super) async fn after_change(
    session: &FunctionSession<'_>,
    remaining: Remaining,
    sent: Option<&str>,
    run: &mut StepsUnderWay<'_>,
) -> Result<(), ExecuteError> {
    // The final result is read together with the last change.
    let alias = (remaining.alias_write || remaining.none).then_some(&run.alias);
    let beside = AlsoRead { alias, code: sent.is_some() };
    let settled = settle::await_active(session, Version::Latest, false, beside).await?;
    run.latest = Some(settled.reply);
    if sent.is_some() {
        run.code = settled.code.filter(|told| is_digest(told, sent));
    }
    if remaining.alias_write {
        let noted = settled.alias?.map_or(Ok(()), |look| run.alias.note(&look));
        run.by_same_run(noted)?;
        return Ok(());
    }
    // A read that only serves the result is repeated later if it failed.
    if let Ok(Some(look)) = settled.alias {
        run.alias.accept(look);
    }
    Ok(())
}

/// Reads the digest that the service reports for the code just sent, and the alias at the same time
/// if it is `watched`.
pub(super) async fn ask_for_code(
    session: &FunctionSession<'_>,
    watched: bool,
    run: &mut StepsUnderWay<'_>,
) -> Result<(), ExecuteError> {
    let look = async { if watched { run.alias.look(session).await.map(Some) } else { Ok(None) } };
    let (code, look) = tokio::try_join!(code::settled(session, Version::Latest), look)?;
    run.code = code;
    let noted = look.map_or(Ok(()), |look| run.alias.note(&look));
    run.by_same_run(noted)?;
    Ok(())
}

/// Returns `$LATEST` as it is now, or after someone else's operation on it has ended.
pub(super) async fn look_at_content(
    session: &FunctionSession<'_>,
    image: bool,
) -> Result<ObservedFunction, ExecuteError> {
    let started = session.now();
    wait::await_work(session, async || {
        let (latest, code) = code::latest_and_code(session, !image).await;
        let Some(latest) = latest? else { return Err(function::absent(session).await) };
        if code::is_torn(session, &latest, &code, started) {
            return Ok(ControlFlow::Continue(function::lasting(session, latest.status)));
        }
        Ok(ControlFlow::Break(wire::observed_function(&latest, known_code(code)?)))
    })
    .await
}

/// Checks that `$LATEST` is still what this run has seen or deployed: the traffic was requested for
/// that content, not for someone else's.
pub(super) fn check_content(
    session: &FunctionSession<'_>,
    found: &ObservedFunction,
    run: &StepsUnderWay<'_>,
) -> Result<(), ExecuteError> {
    let Some(latest) = &run.latest else { return Ok(()) };
    let function = session.function.name.clone();
    match drift(&wire::observed_function(latest, run.code.clone()), found, &run.written) {
        None => Ok(()),
        Some(Drift::Code) => Err(ExecuteError::CodeChanged(function)),
        Some(Drift::Settings) => Err(ExecuteError::SettingsChanged(function)),
    }
}
