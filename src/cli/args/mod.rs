//! The options of the commands, in groups that several commands take.
//!
//! A command flattens the groups that have an effect on it, and those of the real CLI that have
//! none, so that scripts for `sls` go on working. Any other option is refused. How what was given
//! gets to the command is one trait, [`Shared`].

pub(super) mod alias;
pub(super) mod change;
pub(super) mod connection;
pub(super) mod function;
mod headings;
mod options;
pub(super) mod pack;
pub(super) mod page;
pub(super) mod project;
pub(super) mod publish;
pub(super) mod report;
pub(super) mod rollout;
pub(crate) mod sls;

use clap::Args;

use connection::{ConnectionArgs, ProfileArgs};
use function::FunctionArgs;
use project::ProjectArgs;
use report::ReportArgs;
use sls::{NoForceArgs, NoPackArgs, SlsArgs};

pub(crate) use options::Options;
pub(super) use options::Shared;

use headings::{CONNECTION, OUTPUT, PROJECT};

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
