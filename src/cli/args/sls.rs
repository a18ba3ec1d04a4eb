//! Options of the real CLI that have no effect, or another one, here.

use clap::Args;

use super::{Options, Shared};
use crate::report::notice::Ineffective;

/// Options of the real CLI that no command has a use for.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // As many as there are.
pub(in crate::cli) struct SlsArgs {
    /// Accepted for `sls`
    #[arg(long, hide = true)]
    all: bool,
    /// Accepted for `sls`
    #[arg(long, hide = true)]
    login: bool,
    /// Accepted for `sls`
    #[arg(long = "override", hide = true)]
    override_environment: bool,
    /// Accepted for `sls`
    #[arg(long, hide = true)]
    dev: bool,
    /// Accepted for `sls`
    #[arg(long = "skipUpdate", hide = true)]
    skip_update: bool,
}

/// Options of the real CLI, for commands that pack nothing.
#[derive(Debug, Args)]
pub(in crate::cli) struct NoPackArgs {
    /// Accepted for `sls`
    #[arg(long = "noCache", hide = true)]
    no_cache: bool,
    /// Accepted for `sls`
    #[arg(long = "noValidation", hide = true)]
    no_validation: bool,
}

/// Options of commands that call the service, for those that call nothing.
#[derive(Debug, Args)]
pub(in crate::cli) struct NoCallArgs {
    /// As for commands that call; this one calls nothing
    #[arg(long, hide_short_help = true)]
    local: bool,
}

/// Options of the real CLI, for commands that can do nothing by force.
#[derive(Debug, Args)]
pub(in crate::cli) struct NoForceArgs {
    /// Accepted for `sls`
    #[arg(long, hide = true)]
    force: bool,
}

fn note(options: &mut Options, given: bool, what: Ineffective) {
    options.ineffective.extend(given.then_some(what));
}

impl Shared for SlsArgs {
    /// Behind the project's options.
    fn put(&self, options: &mut Options) {
        let Self { all, login, override_environment, dev, skip_update } = self;
        let target = options.run.target.is_some();
        note(options, *login, Ineffective::Login);
        note(options, *override_environment, Ineffective::Override);
        note(options, *all && target, Ineffective::AllBesideTarget);
        note(options, *all && !target, Ineffective::All);
        note(options, *dev, Ineffective::Dev);
        note(options, *skip_update, Ineffective::SkipUpdate);
    }
}

impl Shared for NoPackArgs {
    fn put(&self, options: &mut Options) {
        let Self { no_cache, no_validation } = self;
        note(options, *no_cache, Ineffective::NoCache);
        note(options, *no_validation, Ineffective::NoValidation);
    }
}

impl Shared for NoCallArgs {
    fn put(&self, options: &mut Options) {
        let Self { local } = self;
        note(options, *local, Ineffective::Local);
    }
}

impl Shared for NoForceArgs {
    fn put(&self, options: &mut Options) {
        let Self { force } = self;
        note(options, *force, Ineffective::Force);
    }
}
