//! Observing for and carrying out a deployment.

mod route;

use std::sync::atomic::Ordering;

use tokio::time::Instant;

use super::code::{Told, code, identity};
use super::publish::Freeze;
use super::routing::unchanged;
use super::triggers::{self, DeletedEarly};
use super::{
    APPEARANCE, Beside, ExecuteError, Executor, Halted, PublishRequest, Published, STALE, is_busy,
    is_missing_function, wire,
};
use crate::api::actions::{
    CreateFunction, DeleteFunction, GetFunctionReply, Tag, TriggerInfo, UpdateFunctionCode,
    UpdateFunctionConfiguration,
};
use crate::api::retry::{self, ErrorKind};
use crate::model::trigger::WantedTriggers;
use crate::model::{
    Alias, CodeSource, Configuration, DEFAULT_ALIAS, PublishedVersion, Status, Version,
    last_published,
};
use crate::package::Package;
use crate::plan::deploy::DeployPlan;
use crate::plan::{
    Creation, Observed, ObservedAttributes, ObservedTriggers, Step, Target, TriggerStep,
};

/// Tries at creating a function whose answer was lost, the first included.
const CREATE_TRIES: u32 = 3;
/// Tries at deleting a function whose creation failed.
const DELETE_TRIES: u32 = 3;

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

/// What a deployment came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// `$LATEST` after the last step.
    pub latest: GetFunctionReply,
    /// The alias `$DEFAULT` as read last.
    pub default_alias: Alias,
    /// The alias of one's own that was routed, as read last.
    pub alias: Option<Alias>,
    /// The version that this run published or adopted, else the highest published one.
    pub last_version: Option<Version>,
    /// The version that this run published or adopted.
    pub published: Option<Version>,
    /// Whether that one was adopted.
    pub adopted: bool,
    /// The file's triggers as the service reports them; `None` without a word on triggers.
    pub triggers: Option<Vec<serde_json::Value>>,
}

/// What is known while steps are carried out.
struct Run<'a> {
    package: Option<&'a Package>,
    source: &'a CodeSource,
    publish: PublishRequest<'a>,
    versions: &'a [PublishedVersion],
    latest: Option<GetFunctionReply>,
    /// The alias that is routed.
    name: &'a str,
    /// That alias as read or written last by this run.
    alias: Option<Alias>,
    /// Whether `alias` is newer than the last step.
    alias_is_fresh: bool,
    published: Option<Published>,
    /// The digest of the code of `$LATEST` as the service tells it; some services pack anew, so
    /// it need not be that of the package. `None` when it was not asked for since it changed.
    code: Option<String>,
    /// The settings that this run has changed.
    written: Configuration,
    deleted_early: DeletedEarly,
    /// When the alias was looked at last; `None` when something else was done since.
    looked_at: Option<Instant>,
}

/// What comes after a step.
#[derive(Debug, Clone, Copy)]
struct Later {
    /// A change of the alias, which rests on what was read.
    watched: bool,
    /// Something that rests on the code being there.
    rests: bool,
    /// Nothing.
    ends: bool,
}

impl Run<'_> {
    fn published_version(&self) -> Option<Version> {
        self.published.as_ref().map(|published| published.version)
    }
}

impl Executor<'_> {
    /// Reads what a deployment needs, all at once. A function that is busy is waited for.
    ///
    /// # Errors
    /// A read fails, or the function stays busy for the whole time allowed.
    pub async fn observe(&self, extra: Extra<'_>) -> Result<Observation, ExecuteError> {
        let named = extra.triggers.map_or(&[][..], |wanted| &wanted.list);
        let (started, mut wait, mut torn) = (Instant::now(), self.wait(), false);
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
                Box::pin(self.latest_and_code(!extra.image)),
                Box::pin(self.observe_versions(extra.last, extra.alias)),
                Box::pin(self.observe_triggers(extra.triggers)),
                Box::pin(self.observe_balancers(named)),
                Box::pin(self.observe_retries(extra.retries)),
                Box::pin(self.observe_provisioned(extra.provisioned)),
                Box::pin(self.observe_aliases(extra.aliases)),
            );
            let balanced = balanced?;
            // What there is besides the function.
            let known = |listed: &[TriggerInfo], aliases| {
                triggers::for_planner(listed, &balanced, aliases, &self.function)
            };
            let Some(latest) = latest? else {
                let triggers = ObservedTriggers { triggers: Vec::new(), ..known(&[], Vec::new()) };
                let observed = Observed { triggers, ..Observed::default() };
                return Ok(Observation { observed, ..Observation::default() });
            };
            let status = Status::from(latest.status.as_str());
            if Self::is_torn(&latest, &code, started) {
                let what = format!("function `{}`", self.function.name);
                self.look_again(&what, &latest.status, wait.goes_on(at, Instant::now())).await?;
                continue;
            }
            if status == Status::CreateFailed {
                // It has no versions and no alias worth reading.
                let observed = Observed {
                    latest: Some(wire::observed_function(&latest, None)),
                    triggers: known(&[], Vec::new()),
                    ..Observed::default()
                };
                return Ok(Observation {
                    observed,
                    latest: Some(latest),
                    ..Observation::default()
                });
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
                let (reply, code) = tokio::join!(self.get_function(newest), async {
                    if image { Ok(None) } else { self.settled_code(newest).await }
                });
                observed.newest = Some(wire::observed_function(&reply?, code?));
            }
            return Ok(Observation {
                observed,
                latest: Some(latest),
                triggers: listed,
                at: Some(at),
            });
        }
    }

    /// Carries out the steps in order, and reads back what came of it. `package` is what is
    /// sent where `source` is one.
    ///
    /// # Errors
    /// The first step that fails, with what was done before it.
    pub async fn deploy(
        &self,
        plan: &DeployPlan,
        observation: &Observation,
        source: &CodeSource,
        package: Option<&Package>,
        publish: PublishRequest<'_>,
        triggers: Option<&WantedTriggers>,
    ) -> Result<Outcome, Halted> {
        let name = plan.alias.as_str();
        let held = &observation.observed;
        let mut run = Run {
            name,
            package,
            source,
            publish,
            versions: &observation.observed.versions,
            latest: observation.latest.clone(),
            alias: if name == DEFAULT_ALIAS {
                held.default_alias.clone()
            } else {
                held.alias.clone()
            },
            alias_is_fresh: true,
            published: None,
            code: observation
                .observed
                .latest
                .as_ref()
                .and_then(|latest| latest.code_sha256.clone()),
            written: Configuration::default(),
            deleted_early: DeletedEarly::new(),
            looked_at: observation.at,
        };
        let halted = |source, done: usize, early: &DeletedEarly| {
            let (finished, rest) = plan.steps.split_at(done);
            let sent = self.sent.load(Ordering::Relaxed);
            let (perhaps, rest) = match rest.split_first() {
                Some((step, left)) if sent => (Some(step.to_string()), left),
                _ => (None, rest),
            };
            let (early, left): (Vec<&Step>, Vec<&Step>) =
                rest.iter().partition(|step| is_done_early(step, early));
            Halted {
                source: self.by_signal(source),
                done: finished.iter().chain(early).map(Step::to_string).collect(),
                perhaps,
                left: left.into_iter().map(Step::to_string).collect(),
            }
        };
        for (number, step) in plan.steps.iter().enumerate() {
            // Those two may turn out not to be needed.
            if !matches!(step, Step::Publish { .. } | Step::Adopt(_) | Step::Route { .. }) {
                self.begin(step);
            }
            // A later change of the alias rests on what was read; look at both at once. So does
            // what was said of its shares, where it has them already.
            let watched = plan.steps[number + 1..].iter().any(routes)
                || plan.steps[..number].iter().any(routes)
                || (plan.watches && run.alias.is_some());
            let sends = matches!(step, Step::Create(..) | Step::UpdateCode { .. });
            // What comes later rests on this code being there. An image has no digest.
            let rests = sends
                && !matches!(source, CodeSource::Image(_))
                && plan.steps[number + 1..]
                    .iter()
                    .any(|one| is_content(one) || routes(one) || matches!(one, Step::Adopt(_)));
            let ends = number + 1 == plan.steps.len();
            if sends {
                run.code = None;
            }
            let result = self.step(step, Later { watched, rests, ends }, &mut run).await;
            result.map_err(|error| halted(error, number, &run.deleted_early))?;
            self.sent.store(false, Ordering::Relaxed);
            if rests && run.code.is_none() {
                let told = self.ask_for_code(watched, &mut run).await;
                told.map_err(|error| halted(error, number + 1, &run.deleted_early))?;
            }
        }
        if plan.steps.iter().any(Step::changes) {
            // Nothing is left to be begun; what it came to is still shown.
            self.sent.store(true, Ordering::Relaxed);
        }
        let whole = |error| halted(error, plan.steps.len(), &DeletedEarly::new());
        let mut outcome = self.finish(plan, run).await.map_err(whole)?;
        if let Some(wanted) = triggers {
            let known = &observation.observed.triggers.triggers;
            let shown =
                self.read_back_triggers(&observation.triggers, known, wanted, &plan.steps).await;
            outcome.triggers = Some(shown.map_err(whole)?);
        }
        Ok(outcome)
    }

    async fn step(&self, step: &Step, later: Later, run: &mut Run<'_>) -> Result<(), ExecuteError> {
        let (function_name, namespace) = self.names();
        // The digest of a package that lies elsewhere is not known.
        let sent = match run.source {
            CodeSource::Package { sha256, .. } if later.rests => Some(sha256.as_str()),
            _ => None,
        };
        run.alias_is_fresh = false;
        match step {
            Step::Upload(upload) => {
                self.upload(upload, run.package).await?;
                run.looked_at = None;
            }
            Step::DeleteFailed => {
                self.delete_failed().await?;
                (run.latest, run.alias) = (None, None);
            }
            Step::Create(creation, source) => {
                self.create(creation, source, run.package).await?;
                let beside = Beside { alias: Some(DEFAULT_ALIAS), code: sent.is_some() };
                let settled = self.await_active(Version::Latest, true, beside).await?;
                run.latest = Some(settled.reply);
                run.code = settled.code.filter(|told| is_digest(told, sent));
                if let (DEFAULT_ALIAS, Some(look)) = (run.name, settled.alias?) {
                    (run.alias, run.alias_is_fresh) = (Some(look.alias), true);
                    run.looked_at = Some(look.at);
                }
            }
            Step::UpdateCode { handler, source, install_dependency } => {
                let code = code(source, run.package)?;
                let handler = handler.clone();
                let install_dependency = install_dependency.map(wire::truth);
                let action = UpdateFunctionCode {
                    function_name,
                    namespace,
                    handler,
                    code,
                    install_dependency,
                };
                self.change_content(&action, later, run).await?;
                self.after_change(later, sent, run).await?;
            }
            Step::UpdateConfiguration(configuration) => {
                let configuration = whole_public_access(configuration, run.latest.as_ref());
                let settings = wire::settings(&configuration, true);
                let action = UpdateFunctionConfiguration { function_name, namespace, settings };
                self.change_content(&action, later, run).await?;
                run.written = configuration;
                self.after_change(later, None, run).await?;
            }
            Step::Publish { .. } | Step::Adopt(_) => {
                let Some(latest) = run.latest.as_ref() else {
                    return Err(ExecuteError::Unpublished);
                };
                let freeze = Freeze {
                    latest,
                    code_sha256: &identity(run.source, run.code.as_deref()),
                    told: &Told::new(latest, run.code.as_deref()),
                    written: &run.written,
                    watched: later.watched.then_some(run.name),
                    step: Some(step),
                };
                let published = self.publish(&freeze, run.versions, &run.publish).await?;
                let look = match &published.alias {
                    None if later.watched => Some(self.look_at(run.name).await?),
                    look => look.clone(),
                };
                run.published = Some(published);
                Self::note_look(look, run)?;
            }
            Step::CreateAlias { alias, to, description } => {
                let routing =
                    to.resolve(run.published_version()).ok_or(ExecuteError::Unpublished)?;
                self.check_versions(to, run).await?;
                self.await_routed(&routing, run.versions).await?;
                let record = self.create_alias(alias, &routing, Some(description)).await?;
                (run.alias, run.alias_is_fresh) = (Some(record.alias), true);
            }
            Step::Provision { target, to, .. } => {
                let version =
                    target.resolve(run.published_version()).ok_or(ExecuteError::Unpublished)?;
                self.provision(version, *target == Target::Published, *to).await?;
                run.looked_at = None;
            }
            Step::Route { to, description, .. } => {
                Box::pin(self.route(step, to, description.as_deref(), run)).await?;
            }
            Step::Attribute(step) => {
                run.looked_at = None;
                if let Some(latest) = self.change_attribute(step).await? {
                    run.latest = Some(latest);
                }
            }
            Step::Trigger(step) => self.change_trigger(step, &mut run.deleted_early).await?,
        }
        Ok(())
    }

    async fn finish(&self, plan: &DeployPlan, run: Run<'_>) -> Result<Outcome, ExecuteError> {
        let published = run.published_version();
        let alias = async {
            match &run.alias {
                Some(alias) if run.alias_is_fresh => Ok(alias.clone()),
                known => {
                    let found = self.get_alias(run.name).await?;
                    match known {
                        Some(known) if plan.watches => unchanged(&found, known).map(|()| found),
                        _ => Ok(found),
                    }
                }
            }
        };
        // Of several steps someone else's may have come in between, so that the whole is neither.
        let several = plan.steps.iter().filter(|step| is_content(step)).count() > 1;
        let checked = plan.steps.iter().rev().find(|step| is_content(step) || routes(step));
        let content = async {
            if several && checked.is_some_and(is_content) && !plan.publishes() {
                let image = matches!(run.source, CodeSource::Image(_));
                self.check_content(&self.look_at_content(image).await?, &run)?;
            }
            Ok(())
        };
        let (routed, ()) = tokio::try_join!(alias, content)?;
        for step in &plan.steps {
            if let Step::Route { to, .. } | Step::CreateAlias { to, .. } = step {
                let intended = to.resolve(published).ok_or(ExecuteError::Unpublished)?;
                if !routed.routing.same_effect(&intended) {
                    return Err(ExecuteError::Mismatch {
                        alias: routed.name,
                        intended: intended.to_string(),
                        observed: routed.routing.to_string(),
                    });
                }
            }
        }
        if let Some(published) = &run.published {
            self.tell_of_twin(published, Some(&routed));
        }
        let (default_alias, alias) = match run.name {
            DEFAULT_ALIAS => (routed, None),
            _ => (self.get_alias(DEFAULT_ALIAS).await?, Some(routed)),
        };
        let highest = last_published(run.versions);
        let latest = match run.latest {
            Some(latest) => latest,
            None => self.get_function(Version::Latest).await?,
        };
        Ok(Outcome {
            latest,
            default_alias,
            alias,
            last_version: published.or(highest),
            published,
            adopted: run.published.as_ref().is_some_and(|published| published.adopted),
            triggers: None,
        })
    }

    /// Creates the function. After a lost answer it looks before it tries again.
    async fn create(
        &self,
        creation: &Creation,
        source: &CodeSource,
        package: Option<&Package>,
    ) -> Result<(), ExecuteError> {
        let (function_name, namespace) = self.names();
        let code = code(source, package)?;
        let action = CreateFunction {
            function_name,
            namespace,
            code,
            install_dependency: creation.install_dependency.map(wire::truth),
            async_run_enable: creation.born_with.asynchronous.map(wire::truth),
            trace_enable: creation.born_with.traced.map(wire::truth),
            tags: creation
                .tags
                .iter()
                .map(|(key, value)| Tag { key: key.clone(), value: value.clone() })
                .collect(),
            handler: creation.handler.clone(),
            runtime: creation.runtime.clone(),
            kind: creation.kind.wire(),
            protocol_type: creation.protocol.clone(),
            settings: wire::settings(&creation.configuration, false),
        };
        let (mut lost, mut tries) = (false, 0);
        loop {
            self.check_interrupt()?;
            let Err(error) = self.send(&action).await else { return Ok(()) };
            let exists = error.kind() == Some(ErrorKind::InUse);
            if !error.perhaps_executed() && !exists {
                return Err(error.into());
            }
            if exists && !lost {
                // Absent a moment ago: a deployment that runs at the same time made it.
                return Err(ExecuteError::CreatedElsewhere(self.function.name.clone()));
            }
            lost = true;
            if self.appeared().await? {
                return self.created_by_us(source).await;
            }
            tries += 1;
            if tries >= CREATE_TRIES || self.out_of_time() {
                return Err(error.into());
            }
        }
    }

    /// Whether the function is there now, given a moment to appear.
    async fn appeared(&self) -> Result<bool, ExecuteError> {
        let started = Instant::now();
        let mut looks = 0;
        loop {
            if self.find_function().await?.is_some() {
                return Ok(true);
            }
            if started.elapsed() >= APPEARANCE || self.out_of_time() {
                return Ok(false);
            }
            self.pause(retry::backoff(looks)).await?;
            looks += 1;
        }
    }

    /// After a lost answer: the function is ours when it carries our code, or when the
    /// service does not tell.
    async fn created_by_us(&self, source: &CodeSource) -> Result<(), ExecuteError> {
        let latest = self.settle(Version::Latest, true, Beside::NOTHING).await?.reply;
        let ours = match source {
            CodeSource::Package { sha256, .. } => {
                let told = self.code_sha256(Version::Latest).await?;
                told.is_none_or(|digest| digest.eq_ignore_ascii_case(sha256))
            }
            CodeSource::Object(_) => true,
            CodeSource::Image(image) => {
                wire::image(&latest).is_some_and(|held| image.is_held_by(&held))
            }
        };
        if ours {
            return Ok(());
        }
        Err(ExecuteError::CreatedElsewhere(self.function.name.clone()))
    }

    /// Deletes the function whose creation failed.
    ///
    /// Deleting takes every version along, so right before each try the function is looked
    /// at: someone else may have created it anew since the plan was made.
    async fn delete_failed(&self) -> Result<(), ExecuteError> {
        let mut tries = 0;
        loop {
            match self.find_function().await? {
                Some(reply) if Status::from(reply.status.as_str()) == Status::CreateFailed => {}
                _ => return self.await_gone().await,
            }
            self.check_interrupt()?;
            let (function_name, namespace) = self.names();
            let Err(error) = self.send(&DeleteFunction { function_name, namespace }).await else {
                return self.await_gone().await;
            };
            let busy = matches!(error.kind(), Some(ErrorKind::Busy | ErrorKind::ActionFailed));
            let missing = error.kind() == Some(ErrorKind::NotFound);
            tries += 1;
            if tries > DELETE_TRIES || !(busy || missing || error.perhaps_executed()) {
                return Err(error.into());
            }
            self.pause(retry::backoff(tries)).await?;
        }
    }

    async fn await_gone(&self) -> Result<(), ExecuteError> {
        let mut wait = self.wait();
        let mut asked = Instant::now();
        while let Some(reply) = self.find_function().await? {
            match Status::from(reply.status.as_str()) {
                Status::Deleting | Status::CreateFailed => {}
                Status::DeleteFailed => return Err(self.failed(Version::Latest, &reply)),
                _ => return Err(ExecuteError::CreatedElsewhere(self.function.name.clone())),
            }
            let what = format!("deletion of function `{}`", self.function.name);
            self.look_again(&what, &reply.status, wait.goes_on(asked, Instant::now())).await?;
            asked = Instant::now();
        }
        Ok(())
    }
}

/// Whether a step changes what `$LATEST` is, or freezes it.
fn is_content(step: &Step) -> bool {
    matches!(
        step,
        Step::Create(..)
            | Step::UpdateCode { .. }
            | Step::UpdateConfiguration(_)
            | Step::Publish { .. }
    )
}

/// Whether the service tells the digest that was sent. Any other may be that of the code
/// before, told right before the work ended.
fn is_digest(told: &str, sent: Option<&str>) -> bool {
    sent.is_some_and(|sent| sent.eq_ignore_ascii_case(told))
}

/// What is known of the code. A service that goes on refusing to tell, as if it were busy, only
/// costs an update that was not needed.
fn known_code(code: Result<Option<String>, ExecuteError>) -> Result<Option<String>, ExecuteError> {
    match code {
        Err(error) if is_busy(&error) => Ok(None),
        code => code,
    }
}

fn routes(step: &Step) -> bool {
    matches!(step, Step::Route { .. })
}

/// Whether a step's timer had to be deleted before its turn.
fn is_done_early(step: &Step, early: &DeletedEarly) -> bool {
    matches!(step, Step::Trigger(TriggerStep::Delete { trigger, .. })
        if early.iter().any(|gone| gone.is_one_with(trigger)))
}

/// `PublicNetConfig` is one structure with a required half: when only the fixed address
/// changes, the access that is there goes along.
fn whole_public_access(
    changes: &Configuration,
    latest: Option<&GetFunctionReply>,
) -> Configuration {
    let mut changes = changes.clone();
    if let (Some(latest), true) =
        (latest, changes.public_access.is_some() != changes.fixed_egress.is_some())
    {
        let observed = wire::observed_function(latest, None).configuration;
        changes.public_access = changes.public_access.or(observed.public_access);
        changes.fixed_egress = changes.fixed_egress.or(observed.fixed_egress);
    }
    changes
}
