//! What a command does, whoever asks for it. No command line is known here.

pub(crate) mod alias;
pub(crate) mod complete;
pub(crate) mod config;
pub(crate) mod deploy;
pub(crate) mod doctor;
pub(crate) mod init;
pub(crate) mod invoke;
mod keys;
pub(crate) mod load;
pub(crate) mod local;
pub(crate) mod logs;
pub(crate) mod metric;
pub(crate) mod package;
pub(crate) mod publish;
mod record;
pub(crate) mod remove;
pub(crate) mod rollout;
mod session;
mod source;
pub(crate) mod status;
mod storage;
#[cfg(test)]
mod tests;
mod tracked;
pub(crate) mod verify_split;
mod warning;

use warning::Warning;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::config::function::nearest;
use crate::config::input_error::{InputWarning, InputsOf, KeyRemark, Successor};
use crate::config::project::ConfigError;
use crate::config::references::{OutputReference, UnknownReference};
use crate::config::settings::{CommandLine, Hear, Settings};
use crate::config::warning::{ConfigWarning, UsedInstead};
use crate::error::Error;
use crate::plan::Step;
use crate::report::plan::{DryRun, PlannedCall, RoutingChange};
use crate::report::{Report, Said, Sink};
use crate::text::{Language, Text};
pub(crate) use source::PackOptions;

/// How a command runs.
#[allow(clippy::struct_excessive_bools)] // Switches are what they are.
#[derive(Debug, Clone)]
pub(crate) struct RunOptions {
    /// Folder of the instance, as it was given.
    pub target: Option<String>,
    /// Profile of the credentials.
    pub profile: Option<String>,
    /// Only read, and show what would be called.
    pub dry_run: bool,
    /// Work on the SCF inside this process.
    pub local: bool,
    /// Address of the API.
    pub endpoint: Option<String>,
    /// Allow an `http://` endpoint on another machine.
    pub insecure_http: bool,
    /// Overall time limit.
    pub timeout: Duration,
    /// Whether somebody has typed it.
    pub names_timeout: bool,
    /// Name of the run.
    pub run_id: Option<String>,
    /// Send what is unchanged, too; replace match rules.
    pub force: bool,
    /// End the rollout that an alias is under, and route it otherwise.
    pub end_rollout: bool,
    /// What is deployed is rolled out behind it: the name of both, where none is given.
    pub rolls_out: Option<String>,
    /// Read every file, whatever is known of it from before.
    pub no_cache: bool,
    /// Leave plain settings to the service.
    pub no_validation: bool,
    /// What a report needs is told, too.
    pub reports: bool,
    /// The arguments as they were typed, which a saved plan keeps.
    pub typed: Vec<String>,
}

/// The time for everything where nobody says another one.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(300);

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            target: None,
            profile: None,
            dry_run: false,
            local: false,
            endpoint: None,
            insecure_http: false,
            timeout: TIMEOUT,
            names_timeout: false,
            run_id: None,
            force: false,
            end_rollout: false,
            rolls_out: None,
            no_cache: false,
            no_validation: false,
            reports: false,
            typed: Vec::new(),
        }
    }
}

/// What a command came to.
pub(crate) struct Done {
    /// The result, where it is not printed by now.
    pub report: Option<Report>,
    /// What stands behind it.
    pub ending: AfterResult,
    /// Why the command failed, where it has a result nevertheless.
    pub error: Option<Error>,
}

/// What stands behind a result.
pub(crate) enum AfterResult {
    Nothing,
    /// Nothing: the system has ended what goes on until somebody ends it.
    Terminated,
    /// That a command on this instance succeeded.
    Succeeded {
        /// Name of the instance.
        instance: String,
    },
    /// That what is known of an instance was shown.
    Loaded {
        /// Name of the instance.
        instance: String,
    },
    /// That lines of a log were shown, as the real CLI ends then.
    Logs {
        /// Name of the instance.
        instance: String,
        /// Whether there was none.
        none: bool,
    },
    /// That an instance is deployed.
    Deployed {
        app: String,
        /// Name of the instance.
        instance: String,
        stage: String,
    },
    /// That all instances of a project are removed.
    Removed {
        /// The instance, or the folder of several.
        instance: String,
        /// How many there were.
        removed: usize,
    },
    /// How many instances of a project are deployed.
    Project {
        deployed: usize,
        /// Not deployed.
        rest: usize,
    },
}

impl Done {
    /// No result, and nothing behind it.
    pub(crate) fn nothing() -> Self {
        Self { report: None, ending: AfterResult::Nothing, error: None }
    }

    /// A result with nothing behind it.
    fn shown(report: Report) -> Self {
        Self { report: Some(report), ending: AfterResult::Nothing, error: None }
    }

    /// A result of a command on one instance.
    fn succeeded(report: Report, settings: &Settings) -> Self {
        let instance = settings.name().to_owned();
        Self { report: Some(report), ending: AfterResult::Succeeded { instance }, error: None }
    }
}

/// What the calls of these steps are, for `--dry-run`.
fn dry_run(steps: &[Step], routing_change: Option<RoutingChange>) -> DryRun {
    let changing = steps.iter().filter(|step| step.changes());
    let calls = changing.map(|step| PlannedCall { action: step.action(), effect: Said::new(step) });
    DryRun { calls: calls.collect(), routing_change }
}

/// Warnings about one configuration that are worth reading.
const MOST_WARNINGS: usize = 50;

/// What a command is given.
#[derive(Clone)]
pub(crate) struct Context {
    pub options: RunOptions,
    pub selection: CommandLine,
    /// Keys that `commandInputs` of the command may have.
    pub known_inputs: Vec<&'static str>,
    pub environment: BTreeMap<String, String>,
    /// Hears what is said while the command works.
    pub sink: Arc<dyn Sink>,
    /// The language that the service is asked to answer in.
    pub messages: Language,
    /// The language of this run, whatever the form of its result.
    pub language: Language,
    pub clock: Clock,
    /// Where the command was called.
    pub directory: PathBuf,
    /// Files outside the project that were told of.
    pub told_of: Arc<Mutex<BTreeSet<PathBuf>>>,
    /// Folder and command of each `src.hook` that this process has run.
    pub hooks_run: Arc<Mutex<BTreeSet<(PathBuf, String)>>>,
}

impl Context {
    /// The merged configuration; its warnings are printed and its secrets hidden from now on.
    fn settings(&self) -> Result<Settings, Error> {
        let settings = self.load(&self.directory, &self.selection)?;
        self.warn(&settings.warnings);
        self.warn_of_unused_values();
        self.warn(&self.unknown_command_inputs(&settings));
        Ok(settings)
    }

    /// Says which values of outputs were given for nothing: of an output that is not referred
    /// to, or another spelling of one that is.
    fn warn_of_unused_values(&self) {
        let met = self.selection.outputs.met();
        let met: Vec<String> = met.iter().map(OutputReference::key_to_give).collect();
        // Whatever the stage: it may be what is wrong.
        let plain = |key: &str| key.split_once(':').map_or(key, |(_, rest)| rest).replace(':', ".");
        let candidates: Vec<String> = met.iter().map(|key| plain(key)).collect();
        for key in self.selection.outputs.unused() {
            let meant = nearest(&plain(key), candidates.iter().map(String::as_str));
            let meant = meant.and_then(|meant| met.iter().find(|key| plain(key) == meant));
            let used = match meant {
                Some(meant) => UsedInstead::Like(meant.clone()),
                None if met.is_empty() => UsedInstead::Nothing,
                None => UsedInstead::Others(met.clone()),
            };
            self.sink.warning(&ConfigWarning::UnusedValue { key: key.to_owned(), used });
        }
    }

    /// As [`Self::settings`], for a command that calls nothing: outputs of other instances
    /// are not known.
    fn settings_without(&self, unknown: UnknownReference) -> Result<Settings, Error> {
        let mut selection = self.selection.clone();
        selection.outputs.unknown = unknown;
        let settings = self.load(&self.directory, &selection)?;
        self.warn(&settings.warnings);
        self.warn_of_unused_values();
        Ok(settings)
    }

    /// The merged configuration of any folder; its secrets are hidden from now on.
    fn load(&self, directory: &Path, selection: &CommandLine) -> Result<Settings, Error> {
        Ok(self.read(directory, selection)?)
    }

    /// As [`Self::load`], with the error that files alone can have.
    fn read(&self, directory: &Path, selection: &CommandLine) -> Result<Settings, ConfigError> {
        // Those that are not used too, and before anything can fail: `${env:…}` can put them
        // anywhere.
        let hide = |secret: &str| self.sink.hide(secret);
        let secrets = std::cell::RefCell::new(Vec::<String>::new());
        let hear =
            Hear { key: &hide, secret: &|secret| secrets.borrow_mut().push(secret.to_owned()) };
        let loaded = Settings::load(directory, selection, &self.environment, hear);
        // What functions and aliases are called is no secret, whatever the variable is called that
        // it comes from: it stands in every command that is suggested.
        let names = loaded.as_ref().map(Settings::names).unwrap_or_default();
        for secret in secrets.take() {
            if !names.iter().any(|name| name.contains(&secret)) {
                self.sink.withhold(&secret);
            }
        }
        let settings = loaded?;
        self.tell_of_dotenv(&settings);
        Ok(settings)
    }

    /// Names a `.env` that lies outside the project, once: its keys win over the user's own.
    fn tell_of_dotenv(&self, settings: &Settings) {
        let Some(path) = settings.dotenv_outside() else { return };
        let mut told_of = self.told_of.lock().unwrap_or_else(PoisonError::into_inner);
        if told_of.insert(path.to_owned()) {
            self.sink.warning(&ConfigWarning::DotEnvOutside { path: path.to_owned() });
        }
    }

    /// The same context, speaking for one of several.
    fn labelled(&self, name: &str) -> Self {
        Self { sink: self.sink.labelled(name), ..self.clone() }
    }

    /// The same context, speaking for the member of a project in this folder.
    fn of_member(&self, name: &str, folder: &str) -> Self {
        Self { sink: self.sink.of_member(name, folder), ..self.clone() }
    }

    fn warn(&self, warnings: &[impl Text]) {
        for warning in warnings.iter().take(MOST_WARNINGS) {
            self.sink.warning(warning);
        }
        if let Some(count) = warnings.len().checked_sub(MOST_WARNINGS).filter(|n| *n > 0) {
            self.sink.warning(&ConfigWarning::More { count });
        }
    }

    /// The lines that the real CLI begins with.
    fn header(&self, action: &str, settings: &Settings) {
        self.sink.header(action, &settings.project.stage, settings.app(), settings.name());
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Warnings about keys of the file's `commandInputs` that the command does not take.
    fn unknown_command_inputs(&self, settings: &Settings) -> Vec<InputWarning> {
        let (command, known) = (self.selection.command, &self.known_inputs);
        let given = settings.command_inputs_of_the_file().into_iter();
        given
            .filter(|key| !known.contains(key))
            .map(|key| {
                let meant = nearest(key, known.iter().copied());
                let successor = meant.map(|meant| Successor::Like(meant.to_owned()));
                let remark = KeyRemark::Unknown { of: InputsOf::Command(command), successor };
                let (key, place) = (key.to_owned(), settings.command_place(key));
                InputWarning::Key { key, place, remark }
            })
            .collect()
    }
}
