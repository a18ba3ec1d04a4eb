//! Options of the real CLI that have no effect, or another one, here.

use clap::Args;

use super::Options;
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

impl SlsArgs {
    /// Behind the project's options.
    pub(super) fn put(&self, options: &mut Options) {
        let target = options.target.is_some();
        note(options, self.login, Ineffective::Login);
        note(options, self.override_environment, Ineffective::Override);
        note(options, self.all && target, Ineffective::AllBesideTarget);
        note(options, self.all && !target, Ineffective::All);
        note(options, self.dev, Ineffective::Dev);
        note(options, self.skip_update, Ineffective::SkipUpdate);
    }
}

impl NoPackArgs {
    pub(in crate::cli) fn put(&self, options: &mut Options) {
        note(options, self.no_cache, Ineffective::NoCache);
        note(options, self.no_validation, Ineffective::NoValidation);
    }
}

impl NoForceArgs {
    pub(in crate::cli) fn put(&self, options: &mut Options) {
        note(options, self.force, Ineffective::Force);
    }
}
