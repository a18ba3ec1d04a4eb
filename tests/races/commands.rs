//! The commands as they run behind the command line: the same reads, plans and steps.

use std::error::Error as _;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use scfctl::api::{
    Client, ClientEvent, ClientOptions, Endpoint, MessageLanguage, Origin, Provider,
};
use scfctl::clock::{Clock, Deadline};
use scfctl::error::{Error, HaltedSource, RolloutError, SavedError, Task};
use scfctl::execute::{
    ExecuteError, Extra, FunctionSession, Progress, PublishRequest, Signal, alias, deploy, publish,
};
use scfctl::model::{AliasWish, Attributes, RoutingWish};
use scfctl::model::{CodeSource, FunctionId, FunctionKind, FunctionSpec, Version};
use scfctl::network::{Network, Proxies};
use scfctl::plan::deploy::plan;
use scfctl::plan::rollout::machine::{
    self, Decision, GateEvidence, JointVerdict, NewRollout, ObservedRollout, Refused,
};
use scfctl::plan::rollout::schedule::{Schedule, TypedSteps};
use scfctl::plan::rollout::state::{BackReason, Choices, GateFields, Phase};
use scfctl::plan::saved;
use scfctl::plan::{Publish, Wanted};
use scfctl::sign::{Credentials, Secret};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::footprint::Footprint;
use crate::scheduler;
use crate::world::{FUNCTION, ID, KEY, package};

/// More than all runs of a scenario take.
const LONG: Duration = Duration::from_secs(3600);

/// Enough for a read that shows the state before the last write to be made again. The clock stands
/// still, so that what someone else puts back as it was looks like such a read as well.
const LAG: Duration = Duration::from_millis(100);

/// A whole command.
pub enum Command {
    Deploy {
        code: &'static str,
        publish: bool,
        traffic: Option<&'static str>,
        end_rollout: bool,
        /// Planned before, and carried out as it was planned or not at all.
        planned: bool,
    },
    PublishVer,
    /// Of a rollout of an alias.
    Rollout(&'static str, Act),
    CreateAlias(AliasWish),
    UpdateAlias(AliasWish),
    DeleteAlias(&'static str),
    /// One change by a person, made at once.
    Console {
        action: &'static str,
        params: Value,
    },
}

impl Command {
    /// Of a change by the console.
    pub fn footprint(&self) -> Footprint {
        let Self::Console { action, params } = self else { unreachable!() };
        Footprint::new(action, params["Name"].as_str().unwrap_or_default(), "")
    }

    /// `update-alias` and `create-alias` of one additional version.
    pub fn wish(name: &str, main: u64, other: u64, weight: &str) -> AliasWish {
        AliasWish {
            name: name.into(),
            main: Version::Number(main),
            routing: RoutingWish::Weights(vec![(Version::Number(other), weight.parse().unwrap())]),
            description: None,
            force: false,
            end_rollout: false,
        }
    }
}

/// A command of a rollout.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Under an id, with the share of the first step.
    Start(&'static str, &'static str),
    /// The gates pass.
    Tick,
    /// A gate fails.
    TickFails,
    Pause,
    Abort,
    Promote,
    Rollback,
}

/// How a command ended.
pub struct Outcome {
    pub exit: u8,
    /// The error with its causes.
    pub text: String,
    /// The version that it says it published.
    pub published: Option<Version>,
    /// How many calls it had made when its plan was there, of one that was planned.
    pub planned: Option<usize>,
}

/// Where commands run, one after the other: connections are kept, and a client is made once.
pub struct Player {
    runtime: Runtime,
    client: Client,
    _stop: watch::Sender<bool>,
}

impl Player {
    pub fn new(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .on_thread_park(scheduler::asleep)
            .build()
            .unwrap();
        let (stop, stopped) = watch::channel(false);
        let guard = runtime.enter();
        let clock = Clock::reading(scheduler::standing_clock);
        let deadline = Deadline::after(&clock, LONG);
        let options = ClientOptions {
            endpoint: Endpoint::parse(url, false).unwrap(),
            network: Network::new(Proxies::none(), false).unwrap(),
            credentials: Provider::new(
                "the test",
                Origin::Fixed(Credentials {
                    id: Secret::new(ID),
                    key: Secret::new(KEY),
                    token: None,
                }),
                Box::new(|_| ()),
            ),
            clock,
            messages: MessageLanguage::English,
            stop: stopped,
            observer: Arc::new(|event: &ClientEvent<'_>| match event {
                ClientEvent::Sending { .. } => scheduler::sent(),
                ClientEvent::Attempt { .. } => scheduler::answered(),
                _ => {}
            }),
        };
        let client = Client::new(options, deadline);
        drop(guard);
        Self { runtime, client, _stop: stop }
    }

    /// The digest of `$LATEST`, as a rollout remembers it.
    pub fn content(&self, region: &str) -> String {
        let (_owner, interrupt) = watch::channel(None);
        let nobody = Box::new(|_: Progress<'_>| ());
        let session = FunctionSession::new(&self.client, function(region), nobody, interrupt);
        self.runtime.block_on(content(&session)).unwrap()
    }

    /// Runs a command to its end on this thread. With its run id comes whether that was given.
    pub fn carry_out(
        &self,
        command: &Command,
        run_id: (&str, bool),
        region: &str,
        interrupt: watch::Receiver<Option<Signal>>,
    ) -> Outcome {
        let function = function(region);
        let told = |told: Progress<'_>| {
            if let Progress::Waiting { .. } = told {
                scheduler::pausing();
            }
        };
        let session =
            FunctionSession::new(&self.client, function, Box::new(told), interrupt).lagging(LAG);
        match self.runtime.block_on(command.run(&session, run_id)) {
            Ok(published) => Outcome { exit: 0, text: String::new(), published, planned: None },
            Err(error) => {
                let mut text = error.to_string();
                let mut cause = error.source();
                while let Some(error) = cause {
                    // Without the number of the request, which is another each time.
                    let said = error.to_string();
                    let _ = write!(text, ": {}", said.split(" (request ").next().unwrap());
                    cause = error.source();
                }
                Outcome { exit: error.exit_code() as u8, text, published: None, planned: None }
            }
        }
    }
}

fn failed(source: ExecuteError) -> Error {
    Error::Call { task: Task::Start, function: None, run_id: None, source }
}

impl Command {
    async fn run(
        &self,
        session: &FunctionSession<'_>,
        (run_id, run_id_given): (&str, bool),
    ) -> Result<Option<Version>, Error> {
        let request = PublishRequest { description: "", run_id, run_id_given };
        match self {
            Self::Deploy { code, publish, traffic, end_rollout, planned } => {
                let package = package(code);
                let extra = Extra { last: traffic.is_some() && !publish, ..Extra::default() };
                let mut observation = deploy::observe(session, extra).await.map_err(failed)?;
                if *planned {
                    scheduler::planned();
                    let was = noted(&observation);
                    observation = deploy::observe(session, extra).await.map_err(failed)?;
                    let changed = saved::changed(&was, &noted(&observation));
                    if !changed.is_empty() {
                        let (path, command) = ("plan.json".into(), String::new());
                        return Err(SavedError::Stale { path, changed, command }.into());
                    }
                }
                let source = CodeSource::Package { sha256: package.sha256.clone(), upload: None };
                let mut wanted = wanted(source.clone(), *publish, *traffic);
                wanted.end_rollout = *end_rollout;
                let decided = plan(&observation.observed, &wanted)
                    .map_err(|source| Error::Plan { function: FUNCTION.into(), source })?;
                // Boxed, because it is large.
                let outcome = Box::pin(deploy::deploy(
                    session,
                    &decided,
                    &observation,
                    &source,
                    Some(&package),
                    request,
                    None,
                ))
                .await
                .map_err(|halted| Error::Halted {
                    task: Task::Start,
                    function: function("ap-guangzhou"),
                    run_id: None,
                    source: HaltedSource(halted),
                })?;
                Ok(outcome.published.map(|published| published.version))
            }
            Self::PublishVer => {
                let plan = publish::plan_latest(session, &request, false, false).await;
                let plan = plan.map_err(failed)?;
                let published =
                    publish::publish_latest(session, plan, &request).await.map_err(failed)?;
                Ok(Some(published.version))
            }
            Self::CreateAlias(wish) => {
                let plan = alias::plan_create(session, wish).await.map_err(failed)?;
                alias::set(session, &plan).await.map_err(failed)?;
                Ok(None)
            }
            Self::UpdateAlias(wish) => {
                let plan = alias::plan_update(session, wish).await.map_err(failed)?;
                alias::set(session, &plan).await.map_err(failed)?;
                Ok(None)
            }
            Self::DeleteAlias(name) => {
                let deletion =
                    alias::plan_delete(session, name, false, false).await.map_err(failed)?;
                alias::delete(session, &deletion).await.map_err(failed)?;
                Ok(None)
            }
            Self::Rollout(name, act) => Box::pin(act.run(session, name)).await,
            Self::Console { .. } => unreachable!("it makes no calls"),
        }
    }
}

/// What a plan keeps of what was read.
fn noted(observation: &deploy::Observation) -> saved::Reads {
    let mut reads = saved::Reads::new();
    observation.note(&mut reads, &|_, value| format!("#{value}"));
    reads
}

/// The digest of `$LATEST`, as long as a marker has it.
async fn content(session: &FunctionSession<'_>) -> Result<String, Error> {
    let mut content = publish::content_of_latest(session).await.map_err(failed)?;
    content.truncate(16);
    Ok(content)
}

impl Act {
    /// As `app::rollout` does it: a look, a decision, at most one write.
    async fn run(
        self,
        session: &FunctionSession<'_>,
        name: &str,
    ) -> Result<Option<Version>, Error> {
        let refused = |refused: Refused| {
            Error::Rollout(Box::new(RolloutError {
                function: None,
                alias: name.to_owned(),
                project: None,
                problem: refused.into(),
                result: serde_json::Map::new(),
            }))
        };
        let now = scheduler::standing_clock();
        let (mut watched, found) = alias::watch(session, name).await.map_err(failed)?;
        let rollout = machine::memory(&found).map_err(refused)?.rollout;
        let write = |write: machine::Write| Decision::Write(Box::new(write));
        let decision = match self {
            Self::Start(id, share) => {
                machine::begin(&found, &wish(id, share), now).map(write).map_err(refused)?
            }
            Self::Tick | Self::TickFails => {
                let mut is = None;
                if rollout.as_ref().is_some_and(|rollout| rollout.content.is_some()) {
                    is = Some(content(session).await?);
                    watched.outdate();
                }
                let fails = self == Self::TickFails;
                let judgement =
                    JointVerdict { fails, passes: !fails, enough: true, ..JointVerdict::default() };
                let evidence = GateEvidence::Judged(judgement);
                let observed = ObservedRollout { alias: &found, content: is.as_deref(), evidence };
                machine::next(&observed, now).map_err(refused)?
            }
            Self::Pause => match machine::pause(&found).map_err(refused)? {
                Some(paused) => write(paused),
                None => return Ok(None),
            },
            Self::Abort => machine::abort(&found, BackReason::User).map(write).map_err(refused)?,
            Self::Promote => machine::promote(&found, None, false, None, now).map_err(refused)?,
            Self::Rollback => match machine::rollback(&found, None).map_err(refused)?.write {
                Some(back) => write(back),
                None => return Ok(None),
            },
        };
        let (write, published) = match decision {
            Decision::Write(write) => (*write, None),
            Decision::Freeze(ground) => {
                let rollout = rollout.unwrap();
                let request =
                    PublishRequest { description: "", run_id: &rollout.id, run_id_given: true };
                let plan = publish::plan_latest(session, &request, false, false).await;
                let plan = plan.map_err(failed)?;
                let mut version = None;
                if Some(&plan.content()[..16]) == rollout.content.as_deref() {
                    let published = publish::publish_latest(session, plan, &request).await;
                    version = Some(published.map_err(failed)?.version);
                }
                let alias = watched.look(session).await.map_err(failed)?;
                let now = machine::memory(&alias).map_err(refused)?.rollout;
                if now.is_some_and(|now| now.id == rollout.id && now.phase == Phase::Done) {
                    return Ok(version);
                }
                (machine::finish(&alias, &rollout, version, ground).map_err(refused)?, version)
            }
            _ => return Ok(None),
        };
        let written = watched.write(session, &write.routing, &write.description).await;
        written.map_err(failed)?;
        Ok(published)
    }
}

/// A rollout of version 2.
fn wish(id: &str, share: &str) -> NewRollout {
    let steps = format!("{share},100%");
    let steps = TypedSteps { steps: Some(&steps), interval: Some("5m"), ..TypedSteps::default() };
    NewRollout {
        id: id.to_owned(),
        to: Version::Number(2),
        schedule: Schedule::read(steps).unwrap(),
        choices: Choices::DEFAULT,
        gates: GateFields::default(),
        functions: 1,
        content: None,
        freeze: true,
    }
}

fn function(region: &str) -> FunctionId {
    FunctionId { name: FUNCTION.into(), namespace: "default".into(), region: region.into() }
}

fn wanted(source: CodeSource, publish: bool, traffic: Option<&str>) -> Wanted {
    let creation_defaults = FunctionSpec {
        kind: Some(FunctionKind::Event),
        protocol: None,
        runtime: Some("Python3.9".into()),
        handler: Some("index.main_handler".into()),
        ..FunctionSpec::default()
    };
    Wanted {
        function: function("ap-guangzhou"),
        spec: FunctionSpec::default(),
        attributes: Attributes::default(),
        creation_defaults,
        source,
        publish: if publish { Publish::Always } else { Publish::No },
        publish_description: String::new(),
        run: None,
        traffic: traffic.map(|traffic| traffic.parse().unwrap()),
        alias: None,
        provision: None,
        triggers: None,
        force: false,
        end_rollout: false,
    }
}
