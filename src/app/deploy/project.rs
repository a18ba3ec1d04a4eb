//! A folder whose sub-folders hold instances: all of them, in the order of their outputs.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Semaphore;

use super::function::DeployFailure;
use super::instance::{self, CheckedInstance, Component, ComponentKind, InstanceEnd, done};
use super::summary::Summary;
use super::{Missing, Request, advised, load, open, references, refused};
use crate::app::session::{self, RunId, Session};
use crate::app::{AfterResult, Context, Done, Warning};
use crate::config::project::{ConfigError, IDENTIFY};
use crate::config::references::{
    Give, KnownOutputs, NoOutput, OutputHint, OutputProblem, OutputReference, UnknownReference,
};
use crate::config::settings::{CommandLine, Settings};
use crate::error::{self, Error, ProjectError};
use crate::order::Ordered as _;
use crate::plan::project::{Dependencies, ProjectOrder, Stage};
use crate::report::deploy::MemberStatus;
use crate::report::notice::Notice;
use crate::report::{self, Report, Section};
use crate::text::Text;

/// One instance of the project.
struct Member {
    name: String,
    /// Speaks for the instance.
    context: Context,
    selection: CommandLine,
    /// As checked before the first call.
    instance: CheckedInstance,
    /// What it takes from other instances, and the user did not give.
    references: Vec<OutputReference>,
}

impl Member {
    fn references(&self) -> &[OutputReference] {
        &self.references
    }

    fn needs(&self) -> Needs<'_> {
        let Self { name, context, selection, references, .. } = self;
        Needs { name, context, selection, references, error: None }
    }
}

/// What an instance takes from other ones.
struct Needs<'a> {
    name: &'a str,
    context: &'a Context,
    selection: &'a CommandLine,
    references: &'a [OutputReference],
    /// What else is wrong with its references.
    error: Option<Error>,
}

/// An instance as it was read.
struct FoundInstance {
    folder: String,
    selection: CommandLine,
    /// Its settings, at least what identifies it.
    read: Option<(Settings, Component)>,
    /// References of it that cannot be resolved, whatever other instances give it.
    error: Option<Error>,
}

/// An instance of a component that is not deployed here.
struct Other {
    name: String,
    folder: String,
    component: String,
}

/// The whole project, read and checked.
struct CheckedProject {
    members: Vec<Member>,
    /// They are left as they are.
    others: Vec<Other>,
    order: Dependencies,
    stage: String,
    app: String,
}

/// Where references of a project lead.
struct ReferencePlaces<'a> {
    stage: &'a str,
    app: &'a str,
    others: &'a [Other],
    /// The instances that are deployed.
    known: Vec<(&'a str, Component)>,
    /// Whether these are all.
    is_complete: bool,
}

impl ReferencePlaces<'_> {
    fn has(&self, reference: &OutputReference) -> bool {
        reference.stage == self.stage
            && reference.app == self.app
            && !self.others.iter().any(|other| other.name == reference.instance)
    }

    /// Checks that a reference leads somewhere.
    fn check(
        &self,
        context: &Context,
        root: &Settings,
        reference: &OutputReference,
    ) -> Result<(), NoOutput> {
        if !self.has(reference) {
            return references::check_elsewhere(context, &root.directory, self.app, reference);
        }
        let known = self.known.iter().find(|(name, _)| *name == reference.instance);
        if let Some((_, component)) = known {
            return references::check(*component, reference);
        }
        if !self.is_complete {
            return Ok(());
        }
        Err(NoOutput {
            what: OutputProblem::NoInstance { instance: reference.instance.clone() },
            instead: OutputHint::Instances {
                names: self.known.iter().map(|(name, _)| (*name).to_owned()).collect(),
                give: Give::Option,
            },
        })
    }
}

impl CheckedProject {
    /// Whether a reference is to an instance of this run.
    fn has(&self, reference: &OutputReference) -> bool {
        self.place().has(reference)
    }

    fn place(&self) -> ReferencePlaces<'_> {
        let members = self.members.iter();
        ReferencePlaces {
            stage: &self.stage,
            app: &self.app,
            others: &self.others,
            known: members.map(|member| (&member.name[..], member.instance.component)).collect(),
            is_complete: true,
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.members.iter().position(|member| member.name == name)
    }
}

/// Deploys every instance below the folder that `root` was loaded from.
pub(super) fn run(context: &Context, request: &Request, root: &Settings) -> Result<Done, Error> {
    let project = read(context, request, root)?;
    let instances = project.members.iter().map(|member| member.name.clone()).collect();
    let (stage, app) = (project.stage.clone(), project.app.clone());
    context.sink.section(Section::Functions);
    context.sink.step(&Notice::Project { app, stage, instances });
    for Other { name, folder, component } in &project.others {
        let (name, folder, component) = (name.clone(), folder.clone(), component.clone());
        context.sink.warning(&Notice::LeftAlone { name, folder, component });
    }
    warn(context, &project.members);
    context.warn_of_unused_values();
    session::block_on(async {
        let session = Session::open(context, root).await?;
        let (id, slots) = (session::run_id(context), request.slots());
        let run = ProjectUnderWay { context, request, root, project, session, id, slots };
        run.deploy().await
    })
}

/// Reads and checks all instances. Calls nothing: what is refused here was refused without a
/// trace.
fn read(context: &Context, request: &Request, root: &Settings) -> Result<CheckedProject, Error> {
    let (found, others) = find(context, root)?;
    if found.iter().any(|found| found.error.is_some()) {
        let refused = unresolved(context, request, root, found, &others);
        return Err(refused.err().unwrap_or_else(|| session::no_project(root)));
    }
    let loaded = found.into_iter();
    let loaded: Vec<(String, CommandLine, Settings)> =
        loaded.filter_map(|found| Some((found.folder, found.selection, found.read?.0))).collect();
    if loaded.is_empty() {
        return Err(no_functions(&others, root));
    }
    check_common(&loaded, &others)?;
    let mut members = Vec::new();
    for (folder, selection, settings) in loaded {
        let name = settings.name().to_owned();
        let context = context.of_member(&name, &folder);
        let instance = CheckedInstance::prepare(&context, settings, request)
            .map_err(|error| error.of_instance(name.clone()))?;
        let settings = &instance.settings;
        let references = open(&context, settings, &settings.project.references).cloned().collect();
        members.push(Member { name, context, selection, instance, references });
    }
    check_functions(&members)?;
    let (stage, app) = match members.first() {
        Some(Member { instance: CheckedInstance { settings, .. }, .. }) => {
            (settings.project.stage.clone(), settings.app().to_owned())
        }
        None => return Err(session::no_project(root)),
    };
    let needs: Vec<(String, Vec<String>)> = members
        .iter()
        .map(|member| {
            let ours = member.references().iter();
            let ours = ours.filter(|reference| reference.stage == stage && reference.app == app);
            (member.name.clone(), ours.map(|reference| reference.instance.clone()).collect())
        })
        .collect();
    let order = Dependencies::new(&needs).map_err(ProjectError::Cycle)?;
    let project = CheckedProject { members, others, order, stage, app };
    check_references(context, request, root, &project)?;
    Ok(project)
}

/// Reads all instances.
fn find(context: &Context, root: &Settings) -> Result<(Vec<FoundInstance>, Vec<Other>), Error> {
    let (mut all, mut others) = (Vec::new(), Vec::new());
    for folder in root.instances() {
        let selection = CommandLine { member: Some(folder.clone()), ..context.selection.clone() };
        let of_folder = |error: Error| error.of_instance(folder.clone());
        // Whoever sets variables sets them once, for all instances.
        let or_unresolved = |loaded: Result<Settings, Error>| match loaded {
            Ok(settings) => Ok((Some(settings), None)),
            Err(error @ Error::Config(ConfigError::Variables(_))) => Ok((None, Some(error))),
            Err(error) => Err(of_folder(error)),
        };
        // What its inputs need is nobody's business where it is not deployed.
        let identity = CommandLine { command: IDENTIFY, ..selection.clone() };
        let (identity, error) = or_unresolved(load(context, &identity))?;
        let Some(identity) = identity else {
            all.push(FoundInstance { folder, selection, read: None, error });
            continue;
        };
        match ComponentKind::of(&identity).map_err(|misspelt| of_folder(misspelt.into()))? {
            ComponentKind::Deployed(component) => {
                let (settings, error) = or_unresolved(load(context, &selection))?;
                let read = Some((settings.unwrap_or(identity), component));
                all.push(FoundInstance { folder, selection, read, error });
            }
            ComponentKind::Other(component) => {
                let name = identity.name().to_owned();
                others.push(Other { name, folder, component });
            }
        }
    }
    Ok((all, others))
}

/// Nothing of the project is deployed here.
fn no_functions(others: &[Other], root: &Settings) -> Error {
    if others.is_empty() {
        return session::no_project(root);
    }
    let others =
        others.iter().map(|Other { name, component, .. }| (name.clone(), component.clone()));
    ProjectError::NoFunctions { others: others.collect() }.into()
}

/// One app, stage and organisation for all, as in the real CLI, and a name for each.
fn check_common(loaded: &[(String, CommandLine, Settings)], others: &[Other]) -> Result<(), Error> {
    let value_of = |key: &str, settings: &Settings| match key {
        "app" => settings.app().to_owned(),
        "stage" => settings.project.stage.clone(),
        _ => settings.project.org.clone().unwrap_or_default(),
    };
    for key in ["app", "stage", "org"] {
        let Some((first, _, settings)) = loaded.first() else { continue };
        let value = |settings: &Settings| value_of(key, settings);
        let expected = value(settings);
        let other = loaded.iter().find(|(_, _, settings)| value(settings) != expected);
        if let Some((folder, _, settings)) = other {
            return Err(ProjectError::NotInCommon {
                key,
                first: first.clone(),
                value: value(settings),
                expected,
                folder: folder.clone(),
            }
            .into());
        }
    }
    let mut folders: BTreeMap<&str, &str> = BTreeMap::new();
    let deployed = loaded.iter().map(|(folder, _, settings)| (settings.name(), folder.as_str()));
    let others = others.iter().map(|other| (other.name.as_str(), other.folder.as_str()));
    for (name, folder) in deployed.chain(others) {
        if let Some(first) = folders.insert(name, folder) {
            let [first, folder, name] = [first, folder, name].map(str::to_owned);
            return Err(ProjectError::SameName { first, folder, name }.into());
        }
    }
    Ok(())
}

/// Two at work on one function would undo each other's changes.
fn check_functions(members: &[Member]) -> Result<(), Error> {
    let functions = members.iter().flat_map(|member| {
        member.instance.functions.iter().map(|prepared| (member.name.as_str(), prepared))
    });
    instance::check_distinct(functions)
}

/// Every reference must lead somewhere before anything is deployed.
fn check_references(
    context: &Context,
    request: &Request,
    root: &Settings,
    project: &CheckedProject,
) -> Result<(), Error> {
    let place = project.place();
    let lacks = |context: &Context, reference: &OutputReference| {
        place.check(context, root, reference).err()
    };
    let needs = project.members.iter().map(Member::needs).collect();
    // A misspelt value is often why another is missing.
    refuse_missing(context, request, needs, &lacks).inspect_err(|_| context.warn_of_unused_values())
}

/// What cannot be resolved in a project, together with the outputs that its instances lack.
fn unresolved(
    context: &Context,
    request: &Request,
    root: &Settings,
    mut found: Vec<FoundInstance>,
    others: &[Other],
) -> Result<(), Error> {
    let errors: Vec<Option<Error>> = found.iter_mut().map(|found| found.error.take()).collect();
    // What is met where the rest cannot be resolved is not among the settings.
    let met = |found: &FoundInstance| -> Vec<OutputReference> {
        let Some((settings, _)) = &found.read else { return Vec::new() };
        let outputs = context.selection.outputs.only_given(UnknownReference::StandIn);
        let selection = CommandLine { outputs, ..found.selection.clone() };
        let _ = load(context, &selection);
        let met: Vec<OutputReference> = selection.outputs.met().into_iter().collect();
        open(context, settings, &met).cloned().collect()
    };
    let references: Vec<(Context, Vec<OutputReference>)> = found
        .iter()
        .map(|found| {
            let name =
                found.read.as_ref().map_or(&found.folder[..], |(settings, _)| settings.name());
            (context.of_member(name, &found.folder), met(found))
        })
        .collect();
    let read = || found.iter().filter_map(|found| found.read.as_ref());
    let (stage, app) = read()
        .next()
        .map_or(("", ""), |(settings, _)| (settings.project.stage.as_str(), settings.app()));
    let known = read().map(|(settings, component)| (settings.name(), *component)).collect();
    let is_complete = found.iter().all(|found| found.read.is_some());
    let place = ReferencePlaces { stage, app, others, known, is_complete };
    let lacks = |context: &Context, reference: &OutputReference| {
        place.check(context, root, reference).err()
    };
    let needs = found.iter().zip(&references).zip(errors);
    let needs = needs.map(|((found, (context, references)), error)| {
        let (name, selection) = (found.folder.as_str(), &found.selection);
        Needs { name, context, selection, references, error }
    });
    refuse_missing(context, request, needs.collect(), &lacks)
        .inspect_err(|_| context.warn_of_unused_values())
}

/// Refuses a project with references that lead nowhere, all at once.
fn refuse_missing(
    context: &Context,
    request: &Request,
    all: Vec<Needs<'_>>,
    lacks: &dyn Fn(&Context, &OutputReference) -> Option<NoOutput>,
) -> Result<(), Error> {
    let of_member = |needs: &Needs<'_>| -> Missing {
        let missing = needs.references.iter();
        let missing = missing
            .filter_map(|reference| Some((reference.clone(), lacks(needs.context, reference)?)));
        missing.collect()
    };
    let missing: Vec<Missing> = all.iter().map(of_member).collect();
    let advice = advised(context, request, missing.concat());
    let instead = |reference: &OutputReference| {
        advice
            .iter()
            .find(|(advised, _)| advised == reference)
            .map(|(_, none)| none.instead.clone())
    };
    let is_broken = all.iter().any(|needs| needs.error.is_some());
    let mut errors: Vec<(String, Error)> = Vec::new();
    for (needs, missing) in all.into_iter().zip(missing) {
        let missing: Missing = missing
            .into_iter()
            .map(|(reference, none)| {
                let instead = instead(&reference).unwrap_or_else(|| none.instead.clone());
                (reference, NoOutput { instead, ..none })
            })
            .collect();
        let error = match needs.error {
            error if missing.is_empty() => error,
            _ => Some(refused(needs.context, needs.selection, missing)),
        };
        errors.extend(error.map(|error| (needs.name.to_owned(), error)));
    }
    match errors.len() {
        0 => Ok(()),
        1 => Err(errors.remove(0)).map_err(|(name, error)| error.of_instance(name)),
        _ if is_broken => Err(Error::Unresolved { errors }),
        _ => {
            let first = advice.into_iter().next().map(|(_, none)| none);
            Err(Error::OutputsNotKnown { errors, first })
        }
    }
}

/// Says what is probably a mistake: once for all where all have it in common.
fn warn(context: &Context, members: &[Member]) {
    let of_instances: Vec<Vec<Warning>> =
        members.iter().map(|member| member.instance.warnings()).collect();
    let all: Vec<Vec<&dyn Text>> = members
        .iter()
        .zip(&of_instances)
        .map(|(member, of_instance)| {
            let of_settings = member.instance.settings.warnings.iter();
            let of_settings = of_settings.map(|warning| warning as &dyn Text);
            of_settings.chain(of_instance.iter().map(|warning| warning as &dyn Text)).collect()
        })
        .collect();
    let texts: Vec<BTreeSet<String>> =
        all.iter().map(|warnings| warnings.iter().map(ToString::to_string).into_set()).collect();
    let in_common = |warning: &&dyn Text| {
        all.len() > 1 && texts.iter().all(|texts| texts.contains(&warning.to_string()))
    };
    let (common, _): (Vec<&dyn Text>, Vec<&dyn Text>) =
        all.first().into_iter().flatten().copied().partition(&in_common);
    context.warn(&common);
    for (member, warnings) in members.iter().zip(&all) {
        let own: Vec<&dyn Text> =
            warnings.iter().filter(|warning| !in_common(warning)).copied().collect();
        member.context.warn(&own);
    }
}

/// The project on its way.
struct ProjectUnderWay<'a> {
    context: &'a Context,
    request: &'a Request,
    root: &'a Settings,
    project: CheckedProject,
    session: Session,
    id: RunId,
    /// One for each function that may be worked on at the same time.
    slots: Semaphore,
}

/// What became of one instance.
struct MemberEnded {
    functions: Vec<InstanceEnd>,
    /// Whether the errors are printed already.
    told: bool,
    /// The outputs or the plan, when all went well.
    outputs: Option<report::deploy::DeployedInstance>,
}

/// What is shown of one instance at the end.
#[derive(Default)]
struct ShownInstance {
    outputs: Option<report::deploy::DeployedInstance>,
    errors: Vec<error::FailureReport>,
    /// Of an instance of several functions one of which failed: what became of each.
    functions: Vec<report::deploy::FunctionEnded>,
}

impl ProjectUnderWay<'_> {
    async fn deploy(&self) -> Result<Done, Error> {
        let elsewhere = self.elsewhere().await?;
        let members = &self.project.members;
        let mut schedule = ProjectOrder::new(self.project.order.clone());
        let mut shown: Vec<ShownInstance> =
            members.iter().map(|_| ShownInstance::default()).collect();
        let mut summary = Summary::default();
        let mut running = FuturesUnordered::new();
        loop {
            while self.session.interrupted().is_none()
                && let Some(index) = schedule.next_due()
            {
                let known = self.known_for(index, &shown, &elsewhere);
                running
                    .push(Box::pin(async move { (index, self.deploy_member(index, known).await) }));
            }
            let Some((index, ended)) = running.next().await else { break };
            let well = told(&members[index], ended, &mut shown[index], &mut summary);
            schedule.ended(index, well);
        }
        for (index, stage) in schedule.stages().iter().enumerate() {
            let name = members[index].name.clone();
            match stage {
                Stage::Waiting => summary.not_begun(name),
                Stage::Skipped { because } => {
                    summary.skipped(name, members[*because].name.clone());
                }
                Stage::Running | Stage::Done | Stage::Failed => {}
            }
        }
        let project = self.reported(schedule.stages(), shown);
        let (deployed, rest) = summary.counts();
        let ending = if self.context.options.dry_run {
            AfterResult::Nothing
        } else {
            AfterResult::Project { deployed, rest }
        };
        let error = summary.finish(&self.session, project.json()).err();
        Ok(Done { report: Some(Report::Project(project)), ending, error })
    }

    /// Outputs of instances of other stages, from the cloud, before anything is changed.
    async fn elsewhere(&self) -> Result<KnownOutputs, Error> {
        let members = &self.project.members;
        let all: BTreeSet<&OutputReference> = members
            .iter()
            .flat_map(Member::references)
            .filter(|reference| !self.project.has(reference))
            .into_set();
        let known = references::from_the_cloud(
            self.context,
            &self.session,
            &self.root.directory,
            &self.project.app,
            all,
        )
        .await?;
        let lacks = |_: &Context, reference: &OutputReference| {
            known.get(reference).and_then(|value| value.as_ref().err().cloned())
        };
        let needs = members.iter().map(Member::needs).collect();
        refuse_missing(self.context, self.request, needs, &lacks)?;
        Ok(known)
    }

    /// The outputs that an instance takes from others. With `--dry-run` only what does not
    /// depend on a deployment is known.
    fn known_for(
        &self,
        index: usize,
        shown: &[ShownInstance],
        elsewhere: &KnownOutputs,
    ) -> KnownOutputs {
        let mut known = elsewhere.clone();
        for reference in self.project.members[index].references() {
            if !self.project.has(reference) {
                continue;
            }
            let Some(from) = self.project.position(&reference.instance) else { continue };
            let Some(outputs) = &shown[from].outputs else { continue };
            let value = references::of_this_run(&outputs.outputs(), reference);
            if !self.context.options.dry_run || value.is_ok() {
                known.insert(reference.clone(), value);
            }
        }
        known
    }

    async fn deploy_member(&self, index: usize, known: KnownOutputs) -> MemberEnded {
        let member = &self.project.members[index];
        if member.references().is_empty() {
            return self.deploy_instance(member, &member.instance).await;
        }
        match self.with_outputs(member, known) {
            Ok(instance) => self.deploy_instance(member, &instance).await,
            Err(error) => MemberEnded {
                functions: vec![InstanceEnd::Failed(Box::new(error.into()))],
                told: false,
                outputs: None,
            },
        }
    }

    /// The instance with the outputs of others in their places.
    fn with_outputs(&self, member: &Member, known: KnownOutputs) -> Result<CheckedInstance, Error> {
        let mut selection = member.selection.clone();
        if self.context.options.dry_run {
            selection.outputs.unknown = UnknownReference::StandIn;
            let unknown = member.references().iter().filter(|one| !known.contains_key(one));
            for reference in unknown {
                member.context.sink.note(&Notice::StandIn {
                    reference: reference.to_string(),
                    instance: reference.instance.clone(),
                    stand_in: reference.stand_in(),
                });
            }
        }
        selection.outputs.known = known;
        let settings = member.context.load(&self.context.directory, &selection)?;
        CheckedInstance::prepare(&member.context, settings, self.request)
    }

    async fn deploy_instance(&self, member: &Member, instance: &CheckedInstance) -> MemberEnded {
        let ended = instance.deploy(&member.context, &self.session, &self.id, &self.slots).await;
        let outcomes = ended.iter().filter_map(|ended| match ended {
            InstanceEnd::Deployed(deployed) => Some(deployed.outcome.clone()),
            InstanceEnd::Failed(_) | InstanceEnd::NotBegun => None,
        });
        let outputs = instance.reported(outcomes.collect());
        let told = instance.component == Component::MultiScf;
        MemberEnded { functions: ended, told, outputs }
    }

    /// What became of each instance.
    fn reported(
        &self,
        stages: &[Stage],
        shown: Vec<ShownInstance>,
    ) -> report::deploy::DeployedProject {
        let (members, dry_run) = (&self.project.members, self.context.options.dry_run);
        let of_this_run = members.iter().zip(stages).zip(shown).map(|((member, stage), shown)| {
            let status = match stage {
                Stage::Done if dry_run => MemberStatus::Planned,
                Stage::Done => MemberStatus::Deployed,
                Stage::Failed if !shown.errors.is_empty() => MemberStatus::Failed {
                    errors: shown.errors.iter().map(error::FailureReport::whole).collect(),
                    error: shown.errors.into_iter().next().map(Box::new),
                    functions: shown.functions,
                },
                Stage::Skipped { because } => {
                    MemberStatus::Skipped { because: members[*because].name.clone() }
                }
                Stage::Failed | Stage::Waiting | Stage::Running => MemberStatus::NotBegun,
            };
            let (plan, outputs) =
                if dry_run { (shown.outputs, None) } else { (None, shown.outputs) };
            (member.name.clone(), report::deploy::ProjectMember { status, plan, outputs })
        });
        let left_alone = self.project.others.iter().map(|Other { name, component, .. }| {
            let status = MemberStatus::LeftAlone { component: component.clone() };
            (name.clone(), report::deploy::ProjectMember { status, plan: None, outputs: None })
        });
        report::deploy::DeployedProject {
            app: self.project.app.clone(),
            stage: self.project.stage.clone(),
            instances: of_this_run.chain(left_alone).collect(),
        }
    }
}

/// The line that says that an instance is done. Those of several functions are said already.
fn line(member: &Member, outputs: &report::deploy::DeployedInstance) -> Notice {
    let functions = match outputs {
        report::deploy::DeployedInstance::One(outcome) => return done(outcome),
        report::deploy::DeployedInstance::Several { functions, .. } => functions.len(),
    };
    if member.context.options.dry_run {
        Notice::InstancePlanned { functions }
    } else {
        Notice::InstanceDeployed { functions }
    }
}

/// Says at once what became of an instance; whether all went well.
fn told(
    member: &Member,
    ended: MemberEnded,
    shown: &mut ShownInstance,
    summary: &mut Summary,
) -> bool {
    let (mut failed, mut begun) = (false, false);
    let keys = member.instance.functions.iter().map(|function| &function.settings.function_key);
    for (key, function) in keys.zip(ended.functions) {
        let name = match key {
            Some(key) => format!("{}: {key}", member.name),
            None => member.name.clone(),
        };
        if let Some(key) = key {
            shown.functions.push(function.reported(key));
        }
        match function {
            InstanceEnd::Deployed(deployed) => {
                begun = true;
                summary.published(&deployed.outcome);
            }
            InstanceEnd::Failed(failure) => {
                let DeployFailure { error, perhaps_published } = *failure;
                (failed, begun) = (true, true);
                if !ended.told {
                    member.context.sink.error(&error);
                }
                shown.errors.push(error.report());
                summary.failure(&name, &error, perhaps_published);
            }
            InstanceEnd::NotBegun => {}
        }
    }
    let Some(outputs) = ended.outputs else {
        match (failed, begun) {
            (false, false) => summary.not_begun(member.name.clone()),
            _ => summary.failed(member.name.clone()),
        }
        return false;
    };
    summary.deployed(member.name.clone());
    member.context.sink.step(&line(member, &outputs));
    if !member.context.options.dry_run {
        member.context.sink.instance(&member.name, &outputs);
    }
    shown.outputs = Some(outputs);
    true
}
