//! Reads the state that a deployment is planned from.

use std::ops::ControlFlow;

use tokio::time::Instant;

use super::known_code;
use crate::api::actions::{GetFunctionReply, TriggerInfo};
use crate::execute::triggers;
use crate::execute::triggers::balancers::{self, Balanced};
use crate::execute::{
    ExecuteError, FunctionSession, Progress, alias, attributes, code, function,
    is_missing_function, provisioned, publish, versions, wait, wire,
};
use crate::model::trigger::WantedTriggers;
use crate::model::{Alias, PublishedVersion, Retries, Status, Version};
use crate::plan::publish::disown;
use crate::plan::{Observed, ObservedAttributes, ObservedTriggers, Provisioned};
use crate::text::Cause;

/// What was observed, for the planner and as the service reported it.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    /// Input of the planner.
    pub observed: Observed,
    /// `GetFunction` of `$LATEST`, or `None` if the function does not exist.
    pub latest: Option<GetFunctionReply>,
    /// `ListTriggers`, if the file has `events`.
    pub triggers: Vec<TriggerInfo>,
    /// When the reads were sent.
    pub at: Option<Instant>,
}

/// What to read besides `$LATEST`, the versions and `$DEFAULT`.
// Each is an independent read.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, Copy, Default)]
pub struct Extra<'a> {
    /// Reads the newest published version, for `--if-changed`.
    pub newest: bool,
    /// Looks for a last version that the list does not show yet. Set if it matters which one is the
    /// last: traffic must not go to the one before.
    pub last: bool,
    /// Reads the triggers, and the aliases and load balancers that these name.
    pub triggers: Option<&'a WantedTriggers>,
    /// Reads the retries of asynchronous invocations.
    pub retries: bool,
    /// Reads this custom alias.
    pub alias: Option<&'a str>,
    /// Reads all aliases, to learn who else is served by `$LATEST`.
    pub aliases: bool,
    /// Reads the provisioned instances.
    pub provisioned: bool,
    /// An image is deployed, so there is no package digest to read.
    pub image: bool,
}

/// Reads everything a deployment needs, concurrently. Waits while the function is busy.
///
/// # Errors
/// Fails if a read fails, or if the function stays busy until the timeout.
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

/// Compares a version that would be adopted with `$LATEST`, and takes the key from it if it froze
/// other content. Returns whether it did.
///
/// # Errors
/// Fails if a read fails.
pub async fn disown_unmeant(
    session: &FunctionSession<'_>,
    observation: &mut Observation,
    version: Version,
) -> Result<bool, ExecuteError> {
    let Observation { observed, latest: Some(latest), .. } = observation else {
        return Ok(false);
    };
    let code = observed.latest.as_ref().and_then(|latest| latest.code_sha256.as_deref());
    if publish::froze_latest(session, version, latest, code).await? {
        return Ok(false);
    }
    session.progress(Progress::NotAdopted(version));
    disown(&mut observed.versions, version);
    Ok(true)
}

/// Replies that were read concurrently.
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

/// What those replies show.
enum ReadState {
    /// A consistent state.
    Whole(Box<Observation>),
    /// An operation in progress, with the function's status.
    Busy(String),
    /// The function was created during the reads.
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
        // Boxed because the joined future is large.
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
    /// Assembles the replies. `appears` allows some of them to say that the function does not
    /// exist, once.
    fn assemble(
        self,
        session: &FunctionSession<'_>,
        started: Instant,
        appears: bool,
    ) -> Result<ReadState, ExecuteError> {
        let balanced = self.balanced?;
        // State besides the function.
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
