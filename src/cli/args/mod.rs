//! The options of the commands, in groups that several commands take.
//!
//! A command flattens the groups that have an effect on it, and those of the real CLI that have
//! none, so that scripts for `sls` go on working. Any other option is refused.

pub(super) mod alias;
pub(super) mod change;
pub(super) mod connection;
pub(super) mod function;
pub(super) mod pack;
pub(super) mod project;
pub(super) mod publish;
pub(super) mod report;
pub(crate) mod sls;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::app;
use crate::config::references::Given;
use crate::output::{Format, Language, Volume};
use crate::report::notice::Ineffective;

use connection::{ConnectionArgs, ProfileArgs};
use function::FunctionArgs;
use project::ProjectArgs;
use report::ReportArgs;
use sls::SlsArgs;

/// The heading of options that say what the project is.
const PROJECT: &str = "Project options";
/// The heading of options that say which service is called, and how.
const CONNECTION: &str = "Connection options";
/// The heading of options that say what is printed.
const OUTPUT: &str = "Output options";

/// The options that were given. Those that a command does not take are as if not given.
// Switches are what they are.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub stage: Option<String>,
    pub target: Option<String>,
    pub app: Option<String>,
    pub org: Option<String>,
    pub parameters: Vec<(String, String)>,
    pub output_values: Vec<Given>,
    pub output_values_file: Option<PathBuf>,
    pub region: Option<String>,
    pub profile: Option<String>,
    pub local: bool,
    pub endpoint: Option<String>,
    pub insecure_http: bool,
    pub timeout: Duration,
    pub format: Format,
    pub volume: Volume,
    pub language: Option<Language>,
    pub dry_run: bool,
    pub force: bool,
    pub run_id: Option<String>,
    pub no_cache: bool,
    pub no_validation: bool,
    /// Options of the real CLI that were given for nothing.
    pub ineffective: Vec<Ineffective>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            stage: None,
            target: None,
            app: None,
            org: None,
            parameters: Vec::new(),
            output_values: Vec::new(),
            output_values_file: None,
            region: None,
            profile: None,
            local: false,
            endpoint: None,
            insecure_http: false,
            timeout: connection::TIMEOUT,
            format: Format::Text,
            volume: Volume::Normal,
            language: None,
            dry_run: false,
            force: false,
            run_id: None,
            no_cache: false,
            no_validation: false,
            ineffective: Vec::new(),
        }
    }
}

impl Options {
    /// What of them a command works by.
    pub(super) fn of_app(&self) -> app::Options {
        app::Options {
            target: self.target.clone(),
            profile: self.profile.clone(),
            dry_run: self.dry_run,
            local: self.local,
            endpoint: self.endpoint.clone(),
            insecure_http: self.insecure_http,
            timeout: self.timeout,
            run_id: self.run_id.clone(),
            force: self.force,
            no_cache: self.no_cache,
            no_validation: self.no_validation,
        }
    }
}

/// Options of every command that reads a project and calls nothing.
#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    #[command(flatten)]
    function: FunctionArgs,
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    sls: SlsArgs,
}

impl ReadArgs {
    /// Returns what these options come to.
    pub(super) fn options(&self) -> Options {
        let mut options = Options::default();
        self.function.put(&mut options);
        self.project.put(&mut options);
        self.report.put(&mut options);
        self.sls.put(&mut options);
        options
    }
}

/// Options of every command that calls the service.
#[derive(Debug, Args)]
pub(super) struct CallArgs {
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    connection: ConnectionArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

impl CallArgs {
    /// The names of the function and of its namespace, for a command that has no inputs.
    pub(super) fn names(&self) -> (Option<&str>, Option<&str>) {
        self.read.function.names()
    }

    /// Returns what these options come to.
    pub(super) fn options(&self) -> Options {
        let mut options = self.read.options();
        self.connection.put(&mut options);
        self.profile.put(&mut options);
        options
    }
}
