//! Observing for a deployment.

use tokio::time::Instant;

use super::known_code;
use crate::api::actions::{GetFunctionReply, TriggerInfo};
use crate::execute::triggers::{self, balancers};
use crate::execute::{
    Awaited, AwaitedStatus, ExecuteError, FunctionSession, alias, attributes, code, function,
    is_missing_function, provisioned, versions, wait, wire,
};
use crate::model::Status;
use crate::model::trigger::WantedTriggers;
use crate::plan::{Observed, ObservedAttributes, ObservedTriggers};

/// What the planner is told, and what the service said literally.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    /// For the planner.
    pub observed: Observed,
    /// `GetFunction` of `$LATEST`.
    pub latest: Option<GetFunctionReply>,
    /// `ListTriggers`, when the file has a word on triggers.
    pub triggers: Vec<TriggerInfo>,
    /// When the reads were sent.
    pub at: Option<Instant>,
}

/// What is read besides `$LATEST`, the versions and `$DEFAULT`, because the wish depends on it.
// Each is another read, and any of them may be left out.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, Copy, Default)]
pub struct Extra<'a> {
    /// The newest published version, for `--if-changed`.
    pub newest: bool,
    /// Whether it matters which version is the last, so that one is looked for that the list
    /// does not show yet: requests must not be sent to the one before.
    pub last: bool,
    /// The triggers, and the aliases and load balancers that these name.
    pub triggers: Option<&'a WantedTriggers>,
    /// What becomes of asynchronous invocations.
    pub retries: bool,
    /// An alias of one's own.
    pub alias: Option<&'a str>,
    /// All aliases, for who else is served by `$LATEST`.
    pub aliases: bool,
    /// Provisioned instances.
    pub provisioned: bool,
    /// Whether an image is deployed, which has no package to ask for.
    pub image: bool,
}

/// Reads what a deployment needs, all at once. A function that is busy is waited for.
///
/// # Errors
/// A read fails, or the function stays busy for the whole time allowed.
pub async fn observe(
    session: &FunctionSession<'_>,
    extra: Extra<'_>,
) -> Result<Observation, ExecuteError> {
    let named = extra.triggers.map_or(&[][..], |wanted| &wanted.list);
    let (started, mut wait, mut torn) = (Instant::now(), session.wait(), false);
    loop {
        let at = Instant::now();
        let (
            (latest, code),
            (versions, alias, own),
            listed,
            balanced,
            retries,
            provisioned,
            aliases,
        ) = tokio::join!(
            // Boxed, because together they are large.
            Box::pin(code::latest_and_code(session, !extra.image)),
            Box::pin(versions::observe(session, extra.last, extra.alias)),
            Box::pin(triggers::observe(session, extra.triggers)),
            Box::pin(balancers::observe(session, named)),
            Box::pin(attributes::observe_retries(session, extra.retries)),
            Box::pin(provisioned::observe(session, extra.provisioned)),
            Box::pin(alias::observe_all(session, extra.aliases)),
        );
        let balanced = balanced?;
        // What there is besides the function.
        let known = |listed: &[TriggerInfo], aliases| {
            triggers::for_planner(listed, &balanced, aliases, &session.function)
        };
        let Some(latest) = latest? else {
            let triggers = ObservedTriggers { triggers: Vec::new(), ..known(&[], Vec::new()) };
            let observed = Observed { triggers, ..Observed::default() };
            return Ok(Observation { observed, ..Observation::default() });
        };
        let status = Status::from(latest.status.as_str());
        if code::is_torn(&latest, &code, started) {
            let what = Awaited::Function(session.function.name.clone());
            let status = AwaitedStatus::Service(latest.status);
            wait::look_again(session, what, status, wait.goes_on(at, Instant::now())).await?;
            continue;
        }
        if status == Status::CreateFailed {
            // It has no versions and no alias worth reading.
            let observed = Observed {
                latest: Some(wire::observed_function(&latest, None)),
                triggers: known(&[], Vec::new()),
                ..Observed::default()
            };
            return Ok(Observation { observed, latest: Some(latest), ..Observation::default() });
        }
        let late = [
            versions.as_ref().err(),
            alias.as_ref().err(),
            listed.as_ref().err(),
            aliases.as_ref().err(),
        ];
        if !torn && late.into_iter().flatten().any(is_missing_function) {
            // Someone else created it while the reads were under way.
            torn = true;
            continue;
        }
        let (listed, named) = listed?;
        let (aliases, unlisted) = aliases?;
        let mut observed = Observed {
            latest: Some(wire::observed_function(&latest, known_code(code)?)),
            versions: versions?,
            default_alias: Some(alias?),
            alias: own?,
            aliases,
            unlisted,
            provisioned: provisioned?,
            newest: None,
            triggers: known(&listed, named),
            attributes: ObservedAttributes { tags: wire::tags(&latest), retries: retries? },
        };
        if extra.newest
            && let Some(newest) = observed.last_version()
        {
            let image = wire::image(&latest).is_some();
            let (reply, code) = tokio::join!(function::get(session, newest), async {
                if image { Ok(None) } else { code::settled(session, newest).await }
            });
            observed.newest = Some(wire::observed_function(&reply?, code?));
        }
        return Ok(Observation { observed, latest: Some(latest), triggers: listed, at: Some(at) });
    }
}
