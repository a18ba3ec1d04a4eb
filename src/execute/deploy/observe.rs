//! Observing for a deployment.

use std::ops::ControlFlow;

use tokio::time::Instant;

use super::known_code;
use crate::api::actions::{GetFunctionReply, TriggerInfo};
use crate::execute::triggers;
use crate::execute::triggers::balancers::{self, Balanced};
use crate::execute::{
    ExecuteError, FunctionSession, alias, attributes, code, function, is_missing_function,
    provisioned, versions, wait, wire,
};
use crate::model::trigger::WantedTriggers;
use crate::model::{Alias, PublishedVersion, Retries, Status};
use crate::plan::{Observed, ObservedAttributes, ObservedTriggers, Provisioned};
use crate::text::Cause;

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
    let (started, mut again) = (session.now(), false);
    let mut observation = wait::await_work(session, async || {
        loop {
            let reads = Box::pin(read(session, &extra)).await;
            match reads.assemble(session, started, !again)? {
                ReadState::Whole(observation) => return Ok(ControlFlow::Break(*observation)),
                ReadState::Busy(status) => {
                    return Ok(ControlFlow::Continue(function::lasting(session, status)));
                }
                ReadState::Appearing => again = true,
            }
        }
    })
    .await?;
    if extra.newest
        && let Some(latest) = &observation.latest
        && let Some(newest) = observation.observed.last_version()
    {
        let image = wire::image(latest).is_some();
        let (reply, code) = tokio::join!(function::get(session, newest), async {
            if image { Ok(None) } else { code::settled(session, newest).await }
        });
        observation.observed.newest = Some(wire::observed_function(&reply?, code?));
    }
    Ok(observation)
}

/// What was read at once.
struct ReadAtOnce {
    at: Instant,
    latest: Result<Option<GetFunctionReply>, ExecuteError>,
    code: Result<Option<String>, ExecuteError>,
    versions: Result<Vec<PublishedVersion>, ExecuteError>,
    default_alias: Result<Alias, ExecuteError>,
    own_alias: Result<Option<Alias>, ExecuteError>,
    triggers: Result<(Vec<TriggerInfo>, Vec<String>), ExecuteError>,
    balanced: Result<Vec<Balanced>, ExecuteError>,
    retries: Result<Option<Retries>, ExecuteError>,
    provisioned: Result<Vec<Provisioned>, ExecuteError>,
    aliases: Result<(Vec<Alias>, Option<Cause>), ExecuteError>,
}

/// What it shows.
enum ReadState {
    /// A state of the function.
    Whole(Box<Observation>),
    /// Work is under way; the status.
    Busy(String),
    /// Someone else created it while the reads were under way.
    Appearing,
}

async fn read(session: &FunctionSession<'_>, extra: &Extra<'_>) -> ReadAtOnce {
    let named = extra.triggers.map_or(&[][..], |wanted| &wanted.list);
    let at = session.now();
    let (
        (latest, code),
        (versions, default_alias, own_alias),
        triggers,
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
    ReadAtOnce {
        at,
        latest,
        code,
        versions,
        default_alias,
        own_alias,
        triggers,
        balanced,
        retries,
        provisioned,
        aliases,
    }
}

impl ReadAtOnce {
    /// Puts the answers together. `appears` tolerates that the function was not there yet for
    /// some of them.
    fn assemble(
        self,
        session: &FunctionSession<'_>,
        started: Instant,
        appears: bool,
    ) -> Result<ReadState, ExecuteError> {
        let balanced = self.balanced?;
        // What there is besides the function.
        let known = |listed: &[TriggerInfo], aliases| {
            triggers::for_planner(listed, &balanced, aliases, &session.function)
        };
        let Some(latest) = self.latest? else {
            let triggers = ObservedTriggers { triggers: Vec::new(), ..known(&[], Vec::new()) };
            let observed = Observed { triggers, ..Observed::default() };
            let seen = Observation { observed, ..Observation::default() };
            return Ok(ReadState::Whole(Box::new(seen)));
        };
        if code::is_torn(session, &latest, &self.code, started) {
            return Ok(ReadState::Busy(latest.status));
        }
        if Status::from(latest.status.as_str()) == Status::CreateFailed {
            // It has no versions and no alias worth reading.
            let observed = Observed {
                latest: Some(wire::observed_function(&latest, None)),
                triggers: known(&[], Vec::new()),
                ..Observed::default()
            };
            let latest = Some(latest);
            let seen = Observation { observed, latest, ..Observation::default() };
            return Ok(ReadState::Whole(Box::new(seen)));
        }
        let late = [
            self.versions.as_ref().err(),
            self.default_alias.as_ref().err(),
            self.triggers.as_ref().err(),
            self.aliases.as_ref().err(),
        ];
        if appears && late.into_iter().flatten().any(is_missing_function) {
            return Ok(ReadState::Appearing);
        }
        let (listed, named) = self.triggers?;
        let (aliases, unlisted) = self.aliases?;
        let observed = Observed {
            latest: Some(wire::observed_function(&latest, known_code(self.code)?)),
            versions: self.versions?,
            default_alias: Some(self.default_alias?),
            alias: self.own_alias?,
            aliases,
            unlisted,
            provisioned: self.provisioned?,
            newest: None,
            triggers: known(&listed, named),
            attributes: ObservedAttributes { tags: wire::tags(&latest), retries: self.retries? },
        };
        let (latest, at) = (Some(latest), Some(self.at));
        Ok(ReadState::Whole(Box::new(Observation { observed, latest, triggers: listed, at })))
    }
}
