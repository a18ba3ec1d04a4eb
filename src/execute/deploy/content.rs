//! Changing `$LATEST`, and the looks that tell it from what someone else deployed.

use std::ops::ControlFlow;

use super::run::{Remaining, StepsUnderWay};
use super::{is_digest, known_code};
use crate::api::actions::Action;
use crate::execute::write::{self, Refusals};
use crate::execute::{AlsoRead, ExecuteError, FunctionSession, code, function, settle, wait, wire};
use crate::model::Version;
use crate::plan::ObservedFunction;
use crate::plan::drift::{Drift, drift};

/// Looks at the alias where that has to stay as it is, unless that was done a moment ago, and
/// changes `$LATEST` right after it.
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
                // What was taken over is looked at once more: nothing else comes in between.
                run.alias.fresh(session).await?;
            }
        }
        session.check_interrupt()?;
        let Err(error) = session.send(action).await else { return Ok(()) };
        write::await_turn(session, error, &mut refusals).await?;
        // That may have taken its time.
        run.alias.outdate();
    }
}

/// Waits for a change of `$LATEST`, looking after the alias meanwhile. `sent` is the digest
/// of the package when that is what was changed, and what comes later rests on its being
/// there.
pub(super) async fn after_change(
    session: &FunctionSession<'_>,
    remaining: Remaining,
    sent: Option<&str>,
    run: &mut StepsUnderWay<'_>,
) -> Result<(), ExecuteError> {
    // What a deployment shows in the end is looked at together with the last change.
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
    // What only shows is read again when it could not be.
    if let Ok(Some(look)) = settled.alias {
        run.alias.accept(look);
    }
    Ok(())
}

/// Asks what digest the service tells of the code that was just sent, looking after the
/// alias at the same time.
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

/// `$LATEST` as it is now, or once someone else's work on it is over.
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

/// Checks that `$LATEST` is still what this run has seen or made: a share of requests was
/// asked for that content, not for what someone else deployed meanwhile.
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
