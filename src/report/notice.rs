//! What a command says while it works, beside what plan and execute say.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Serialize;

use super::Said;
use crate::model::{FunctionId, Routing, Version, Weight, listed};

/// A note, warning or step of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A server listens for more than this machine.
    Reachable(SocketAddr),
    /// The local SCF is used; its state is kept here.
    LocalState(PathBuf),
    /// A report stays as it was: the command was refused.
    ReportKept(PathBuf),
    /// Another command has the state file of the local SCF.
    StateInUse(PathBuf),
    /// `--run-id` where nothing is published.
    RunIdUnused,
    /// The first signal came.
    Stopping,
    /// Something that a plan rests on and `apply` does not compare.
    NotCompared(NotCompared),
    /// A plan is there, which can be carried out.
    PlanSaved {
        /// Its file, as a word of a shell.
        file: String,
    },
    /// A report is there.
    ReportWritten(PathBuf),
    /// A project is deployed.
    Project {
        /// App.
        app: String,
        /// Stage.
        stage: String,
        /// Names of its instances.
        instances: Vec<String>,
    },
    /// An instance is not deployed by scfctl.
    LeftAlone {
        /// Instance.
        name: String,
        /// Its folder.
        folder: String,
        /// Its component.
        component: String,
    },
    /// An instance has no function that could be looked at.
    NoFunctionOf {
        /// Instance.
        name: String,
        /// Its folder.
        folder: String,
        /// Its component.
        component: String,
    },
    /// An output is not known before another instance is deployed.
    StandIn {
        /// The reference.
        reference: String,
        /// The other instance.
        instance: String,
        /// What is planned with.
        stand_in: String,
    },
    /// A function is planned.
    FunctionPlanned {
        /// How many calls change something.
        calls: usize,
    },
    /// A function is deployed.
    FunctionDeployed {
        /// Its last version.
        last_version: Version,
        /// What `$LATEST` gets of `$DEFAULT`.
        traffic: Weight,
    },
    /// The functions of an instance are planned.
    InstancePlanned {
        /// How many they are.
        functions: usize,
    },
    /// The functions of an instance are deployed.
    InstanceDeployed {
        /// How many they are.
        functions: usize,
    },
    /// `src.hook` is not run.
    HookNotRun {
        /// The folder of the code.
        folder: PathBuf,
    },
    /// `src.hook` is run.
    HookRuns {
        /// Its command.
        command: String,
    },
    /// A function has no package.
    NoPackage {
        /// Its key.
        key: String,
    },
    /// A package was written to standard output.
    PackageHash {
        /// Its hash.
        sha256: String,
    },
    /// A package was written to a file.
    Finished {
        /// The command that deploys it.
        command: String,
    },
    /// `src.hook` is not run, since a finished package is deployed.
    HookNotNeeded {
        /// The package.
        package: PathBuf,
    },
    /// A function was called and answered.
    Invoked {
        /// The id of the call.
        request_id: String,
        /// Version or alias.
        qualifier: String,
        /// Milliseconds.
        duration: String,
        /// Milliseconds that are billed.
        billed: i64,
        /// Megabytes.
        memory: String,
    },
    /// A call was taken; nobody waits for its result.
    InvokedLater {
        /// The id of the call.
        request_id: String,
    },
    /// An alias splits its calls as it was set, as far as calls can tell.
    SplitAsSet {
        /// Alias.
        alias: String,
        /// Calls.
        calls: u64,
        /// How sure that is, in per cent.
        confidence: String,
    },
    /// Many calls begin.
    CallsBegin {
        /// Function.
        function: String,
        /// Alias.
        alias: String,
        /// How many.
        calls: usize,
    },
    /// They ended before all were made.
    CallsEnded {
        /// How many were answered, or perhaps ran.
        done: usize,
        /// How many were asked for.
        calls: usize,
    },
    /// The answer to a call was lost.
    CallLost {
        /// Why.
        why: Said,
    },
    /// Logs have not arrived.
    WaitsForLogs {
        /// Calls without them.
        missing: usize,
    },
    /// Which time logs are of.
    LogsOf {
        /// The beginning, in China.
        from: String,
        /// The end.
        until: String,
    },
    /// Logs are followed.
    Following {
        /// Since when, in China.
        from: String,
    },
    /// The version under rollout.
    LogsOfCanary {
        /// It.
        version: Version,
    },
    /// No line was found.
    NoLogs,
    /// No line fits, though others may be there.
    NoLogsOf {
        /// What was asked for: `level=ERROR`.
        filters: Vec<String>,
    },
    /// An option of those who follow.
    OnlyWithFollow {
        /// Its name.
        option: &'static str,
    },
    /// A topic has no index of the fields by which lines are looked for.
    NotIndexed {
        /// The topic.
        topic: String,
    },
    /// Searches are not answered, so that lines come later.
    LogsBehind {
        /// Until the next one.
        seconds: u64,
        /// Why.
        why: Said,
    },
    /// The monitor has no point.
    NoMetrics,
    /// An interval of metrics says nothing beside their beginning.
    IntervalUnused,
    /// `--profile`, and the local SCF.
    ProfileNotUsed,
    /// An alias needs no change.
    AliasAsAsked,
    /// `config` of an alias has no weights.
    NoWeights {
        /// Alias.
        alias: String,
        /// What it comes to.
        effect: AliasEffect,
    },
    /// An alias command has no `config`.
    NoConfig {
        /// Alias.
        alias: String,
        /// What it comes to.
        effect: AliasEffect,
    },
    /// What was done can be undone.
    Undo {
        /// The command.
        command: String,
    },
    /// A rollout needs no change.
    RolloutAsAsked,
    /// Functions that a command on a project left as they are.
    WithoutRollout {
        /// Their names.
        functions: Vec<String>,
    },
    /// It goes on although its time was over.
    DeadlineWaived,
    /// A version serves everything already.
    ServesAlready {
        /// The version.
        version: Version,
    },
    /// Everything went to a version that served before.
    RolledBack {
        /// The version.
        to: Version,
        /// Those that were left.
        left: Vec<Version>,
    },
    /// The last published version was rolled back, so that another one is rolled out.
    SkipsRolledBack {
        /// The last published version.
        skipped: Version,
        /// The one that is rolled out.
        meant: Version,
        /// How it is named: `--to`, or of several functions the key of the file.
        named: &'static str,
    },
    /// The additional version of an alias serves everything.
    AdditionalServesAll {
        /// The additional version.
        additional: Version,
        /// The main version.
        main: Version,
        /// The command that makes the additional version the main one.
        command: String,
    },
}

/// What an alias comes to without weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AliasEffect {
    /// Everything goes to one version.
    AllTo(Version),
    /// It stays so.
    Keeps(Routing),
}

impl fmt::Display for AliasEffect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllTo(version) => write!(formatter, "sends everything to version {version}"),
            Self::Keeps(routing) => write!(formatter, "keeps its weights: {routing}"),
        }
    }
}

/// What is said of what is deleted for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeletionNotice {
    /// A function that is to be removed is not there.
    FunctionGone {
        /// Its name.
        function: String,
    },
    /// A version that is to be removed is not there.
    VersionGone {
        /// Version.
        version: Version,
        /// Its function.
        function: String,
    },
    /// An alias that is to be removed is not there.
    AliasGone {
        /// Alias.
        alias: String,
        /// Its function.
        function: String,
    },
    /// What is about to be removed.
    Removes {
        /// What is done.
        step: Said,
        /// To which function.
        function: FunctionId,
    },
    /// The versions that are about to be removed.
    Prunes {
        /// The versions.
        versions: Vec<Version>,
        /// How many others stay.
        stay: usize,
        /// The function.
        function: FunctionId,
    },
    /// Asks whether to go on with what was just named.
    GoOn,
}

impl fmt::Display for DeletionNotice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FunctionGone { function } => {
                write!(formatter, "function `{function}` is not there; nothing is sent")
            }
            Self::VersionGone { version, function } => {
                write!(formatter, "function `{function}` has no version {version}; nothing is sent")
            }
            Self::AliasGone { alias, function } => {
                write!(formatter, "function `{function}` has no alias `{alias}`; nothing is sent")
            }
            Self::Removes { step, function: FunctionId { name, namespace, region } } => {
                write!(formatter, "{step} (function `{name}`, namespace `{namespace}`, {region})")
            }
            Self::Prunes { versions, stay, function: FunctionId { name, namespace, region } } => {
                let plural = if versions.len() == 1 { "" } else { "s" };
                write!(
                    formatter,
                    "delete version{plural} {} of function `{name}` (namespace `{namespace}`, {region}); {stay} stay",
                    listed(versions)
                )
            }
            Self::GoOn => formatter.write_str("this cannot be undone; go on?"),
        }
    }
}

/// What a saved plan rests on, and nobody can say of later whether it is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum NotCompared {
    /// The account: keys that end do not tell whose they are.
    #[error("`apply` does not compare the account: temporary keys do not tell which one it is")]
    Account,
    /// What is stored in COS under the name of an object.
    #[error("`apply` does not compare the object in COS: it deploys what is stored there by then")]
    Object,
    /// What a tag of an image stands for.
    #[error(
        "`apply` does not compare what the image's tag stands for; with a digest (`name:tag@sha256:…`) \
         it is one image"
    )]
    Image,
}

impl fmt::Display for Notice {
    #[expect(clippy::too_many_lines, reason = "an arm a sentence")]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reachable(address) => {
                write!(formatter, "{address} can be reached from other machines")
            }
            Self::LocalState(path) => write!(
                formatter,
                "local SCF, nothing leaves this machine; its state is kept in {}",
                path.display()
            ),
            Self::ReportKept(path) => {
                let path = path.display();
                write!(formatter, "nothing was done: the report in {path} stays as it was")
            }
            Self::RunIdUnused => formatter.write_str(
                "--run-id has no effect here: it names a publication, and nothing is to be published",
            ),
            Self::StateInUse(path) => write!(
                formatter,
                "another command has the local state in {}; this one waits until it is done",
                path.display()
            ),
            Self::NotCompared(what) => what.fmt(formatter),
            Self::PlanSaved { file } => {
                write!(formatter, "the plan is saved; carry it out with `scfctl apply {file}`")
            }
            Self::ReportWritten(path) => {
                write!(formatter, "the report is in {}", path.display())
            }
            Self::Stopping => {
                formatter.write_str("stopping before the next change; once more to leave at once")
            }
            Self::Project { app, stage, instances } => {
                let (count, plural) =
                    (instances.len(), if instances.len() == 1 { "" } else { "s" });
                let instances = listed(instances);
                write!(
                    formatter,
                    "project of {count} instance{plural}, app {app}, stage {stage}: {instances}"
                )
            }
            Self::LeftAlone { name, folder, component } => write!(
                formatter,
                "`{name}` in {folder} is left as it is: component `{component}` is not deployed by scfctl"
            ),
            Self::NoFunctionOf { name, folder, component } => write!(
                formatter,
                "`{name}` in {folder} is not looked at: component `{component}` is no function of scfctl"
            ),
            Self::StandIn { reference, instance, stand_in } => write!(
                formatter,
                "{reference} is known once `{instance}` is deployed; planned with `{stand_in}` in its place"
            ),
            Self::FunctionPlanned { calls: 1 } => formatter.write_str("1 call planned"),
            Self::FunctionPlanned { calls } => write!(formatter, "{calls} calls planned"),
            Self::FunctionDeployed { last_version, traffic } => {
                write!(formatter, "deployed, last version {last_version}, traffic {traffic}")
            }
            Self::InstancePlanned { functions } => {
                write!(formatter, "planned, functions: {functions}")
            }
            Self::InstanceDeployed { functions } => {
                write!(formatter, "deployed, functions: {functions}")
            }
            Self::HookNotRun { folder } => write!(
                formatter,
                "src.hook is run by a real deployment only; `{}` is taken as it is",
                folder.display()
            ),
            Self::HookRuns { command } => write!(formatter, "src.hook: {command}"),
            Self::NoPackage { key } => {
                write!(formatter, "`{key}` has no package: it runs what lies elsewhere already")
            }
            Self::PackageHash { sha256 } => write!(formatter, "the package has SHA-256 {sha256}"),
            Self::Finished { command } => {
                write!(formatter, "to deploy exactly this: `{command}`")
            }
            Self::HookNotNeeded { package } => write!(
                formatter,
                "src.hook is not run: `{}` is sent as it is",
                package.display()
            ),
            Self::Invoked { request_id, qualifier, duration, billed, memory } => write!(
                formatter,
                "{qualifier} answered in {duration} ms (billed {billed} ms) with {memory} MB; request {request_id}"
            ),
            Self::InvokedLater { request_id } => {
                write!(formatter, "the call is taken and runs by itself; request {request_id}")
            }
            Self::SplitAsSet { alias, calls, confidence } => write!(
                formatter,
                "alias `{alias}` splits its calls as set, as far as {calls} calls can tell (confidence {confidence})"
            ),
            Self::CallsBegin { function, alias, calls } => {
                write!(formatter, "call function `{function}` {calls} times through alias `{alias}`")
            }
            Self::CallsEnded { done, calls } => {
                write!(formatter, "{done} of {calls} calls were made; no more are")
            }
            Self::CallLost { why } => write!(
                formatter,
                "the answer to a call was lost, and which version it went to is not known: {why}"
            ),
            Self::WaitsForLogs { missing } => {
                write!(formatter, "waiting for the logs of {missing} calls")
            }
            Self::LogsOf { from, until } => {
                write!(formatter, "logs from {from} until {until} (UTC+8)")
            }
            Self::Following { from } => {
                write!(formatter, "logs from {from} (UTC+8) on, as they come; Ctrl-C ends it")
            }
            Self::LogsOfCanary { version } => {
                write!(formatter, "only version {version}, which is under rollout")
            }
            Self::NoLogs => formatter.write_str(
                "no line of that time: nothing was called, or the lines have not arrived, which may take a minute",
            ),
            Self::NoLogsOf { filters } => write!(
                formatter,
                "no line of that time has {}: others may be there without it, and new ones may take a minute",
                listed(filters)
            ),
            Self::OnlyWithFollow { option } => {
                write!(formatter, "{option} has no effect without --follow")
            }
            Self::NotIndexed { topic } => write!(
                formatter,
                "nothing is found in topic {topic} by the fields of functions: its index does not have them \
                 (SCF_FunctionName and others); a change of the index counts for new lines only"
            ),
            Self::LogsBehind { seconds, why } => write!(
                formatter,
                "logs are behind: {why}; the next look in {seconds} s, nothing is left out"
            ),
            Self::NoMetrics => formatter.write_str(
                "the monitor has no data of that time: no calls, or they have not arrived, which takes a few minutes",
            ),
            Self::IntervalUnused => {
                formatter.write_str("`interval` has no effect beside `startTime`")
            }
            Self::ProfileNotUsed => formatter.write_str(
                "the local SCF is called with keys of its own, not with those of --profile",
            ),
            Self::AliasAsAsked => {
                formatter.write_str("the alias is as asked already; nothing is sent")
            }
            Self::NoWeights { alias, effect } => {
                write!(formatter, "`config` has no weights: alias `{alias}` {effect}")
            }
            Self::NoConfig { alias, effect } => write!(
                formatter,
                "without `--inputs config=…` alias `{alias}` {effect}; a command that goes on in the next line ends in `\\`"
            ),
            Self::Undo { command } => write!(formatter, "undo: `{command}`"),
            Self::DeadlineWaived => formatter.write_str(
                "its --deadline is over and holds no longer; the rollout goes on without one",
            ),
            Self::RolloutAsAsked => formatter.write_str("nothing to do; nothing was sent"),
            Self::WithoutRollout { functions } => {
                write!(formatter, "not under this rollout, left as is: {}", functions.join(", "))
            }
            Self::ServesAlready { version } => {
                write!(formatter, "{version} serves everything already; nothing was sent")
            }
            Self::RolledBack { to, left } => {
                write!(formatter, "{to} serves everything, {} nothing", listed(left))
            }
            Self::SkipsRolledBack { skipped, meant, named } => write!(
                formatter,
                "version {skipped}, the last published one, was rolled back, so {meant} is meant; \
                 name it with {named} {skipped} to roll it out again"
            ),
            Self::AdditionalServesAll { additional, main, command } => write!(
                formatter,
                "{additional} serves everything, and {main} stays the main version; to make {additional} the main \
                 one: `{command}`"
            ),
        }
    }
}

/// What was done for code to start, or may keep it from that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeWarning {
    /// A file that starts the function is not executable.
    #[error("`{name}` is not executable here; in the package it is (0755)")]
    MadeExecutable {
        /// File.
        name: &'static str,
    },
    /// A file that starts the function was missing.
    #[error("`{name}` is not there; one that starts `{entry_file}` is added")]
    Injected {
        /// File.
        name: &'static str,
        /// What it starts.
        entry_file: String,
    },
    /// A runtime that is in no list.
    #[error(
        "runtime `{runtime}` is none of those that this version knows{}",
        meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default()
    )]
    UnknownRuntime {
        /// As it was written.
        runtime: String,
        /// The one that is spelt alike.
        meant: Option<&'static str>,
    },
}

/// An option of the real CLI that was given for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ineffective {
    Login,
    Override,
    AllBesideTarget,
    All,
    Dev,
    SkipUpdate,
    Force,
    NoCache,
    NoValidation,
    /// `--local` of a command that calls nothing.
    Local,
    /// `--inputs` with nothing behind it.
    Inputs,
}

impl fmt::Display for Ineffective {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Login => "--login is not provided: set TENCENT_SECRET_ID and TENCENT_SECRET_KEY",
            Self::Override => "--override has no effect: --profile wins over the environment",
            Self::AllBesideTarget => {
                "--all has no effect beside --target, which names one instance"
            }
            Self::All => "--all has no effect: deploy takes all instances of the folder as it is",
            Self::Dev => "--dev has no effect: code is deployed as it is",
            Self::SkipUpdate => "--skipUpdate has no effect: there is no upgrade check",
            Self::Force => "--force has no effect on this command",
            Self::NoCache => "--noCache has no effect on this command, which packs nothing",
            Self::NoValidation => {
                "--noValidation has no effect on this command: what it takes is always checked"
            }
            Self::Local => "--local has no effect on this command, which calls nothing",
            Self::Inputs => "nothing stands behind --inputs; a command that goes on in the next line ends in `\\`",
        })
    }
}
