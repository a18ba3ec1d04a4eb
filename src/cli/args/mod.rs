//! The options of the commands, in groups that several commands take.
//!
//! A command flattens the groups that have an effect on it, and those of the real CLI that have
//! none, so that scripts for `sls` go on working. Any other option is refused. How what was given
//! gets to the command is one trait, [`Shared`].

pub(super) mod alias;
pub(super) mod change;
pub(super) mod connection;
pub(super) mod function;
pub(super) mod pack;
pub(super) mod page;
pub(super) mod project;
pub(super) mod publish;
pub(super) mod report;
pub(super) mod rollout;
pub(crate) mod sls;

use std::path::PathBuf;

use clap::Args;

use crate::app;
use crate::cli::colour::When;
use crate::config::references::Given;
use crate::output::{Format, Language, Volume};
use crate::report::notice::Ineffective;

use connection::{ConnectionArgs, ProfileArgs};
use function::FunctionArgs;
use project::ProjectArgs;
use report::ReportArgs;
use sls::{NoForceArgs, NoPackArgs, SlsArgs};

/// The heading of options that say what the project is.
const PROJECT: &str = "Project options";
/// The heading of options that say which service is called, and how.
const CONNECTION: &str = "Connection options";
/// The heading of options that say what is printed.
const OUTPUT: &str = "Output options";

/// The options that were given. Those that a command does not take are as if not given.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// Those that a command works by.
    pub run: app::Options,
    pub stage: Option<String>,
    pub app: Option<String>,
    pub org: Option<String>,
    pub parameters: Vec<(String, String)>,
    pub output_values: Vec<Given>,
    pub output_values_file: Option<PathBuf>,
    pub region: Option<String>,
    pub format: Format,
    pub volume: Volume,
    pub language: Option<Language>,
    pub colours: When,
    /// Whether the exit code says if a dry run found something to change.
    pub detailed_exit_code: bool,
    /// Reports to write.
    pub reports: Vec<PathBuf>,
    /// Options that were given for nothing.
    pub ineffective: Vec<Ineffective>,
}

impl Options {
    /// In what form, how much and in which colours it speaks.
    pub(super) fn manner(&self) -> (Format, Volume, When) {
        (self.format, self.volume, self.colours)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            run: app::Options::default(),
            stage: None,
            app: None,
            org: None,
            parameters: Vec::new(),
            output_values: Vec::new(),
            output_values_file: None,
            region: None,
            format: Format::Text,
            volume: Volume::Normal,
            language: None,
            colours: When::Auto,
            detailed_exit_code: false,
            reports: Vec::new(),
            ineffective: Vec::new(),
        }
    }
}

/// Options that commands share.
///
/// An implementation takes itself apart field by field and without `..`, so that the compiler
/// names an option that nobody looks at: it would be ignored without a word.
pub(super) trait Shared {
    /// Puts what was given where the commands look for it.
    fn put(&self, options: &mut Options);

    /// Returns what was given, and the defaults of everything else.
    fn options(&self) -> Options {
        let mut options = Options::default();
        self.put(&mut options);
        options
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

impl Shared for ReadArgs {
    fn put(&self, options: &mut Options) {
        let Self { function, project, report, sls } = self;
        function.put(options);
        project.put(options);
        report.put(options);
        // Behind the project, beside whose options some have no effect.
        sls.put(options);
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
}

/// Options of a command that calls the service and has nothing to force or to pack: what `sls`
/// takes of that is without effect.
#[derive(Debug, Args)]
pub(super) struct PlainCallArgs {
    #[command(flatten)]
    call: CallArgs,
    #[command(flatten)]
    force: NoForceArgs,
    #[command(flatten)]
    pack: NoPackArgs,
}

impl Shared for PlainCallArgs {
    fn put(&self, options: &mut Options) {
        let Self { call, force, pack } = self;
        call.put(options);
        force.put(options);
        pack.put(options);
    }
}

impl Shared for CallArgs {
    fn put(&self, options: &mut Options) {
        let Self { read, connection, profile } = self;
        read.put(options);
        connection.put(options);
        profile.put(options);
    }
}
