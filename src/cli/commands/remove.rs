//! `scfctl remove`.

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::change::{ChangeArgs, YesArgs};
use crate::cli::args::sls::NoPackArgs;
use crate::cli::args::{CallArgs, Options, Shared};
use crate::error::Error;

/// Options of `remove`.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Only this published version
    // Read by `inputs::split`, as the alias is; here for the help text.
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Only this alias; its versions stay
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// With --alias: delete it even where a trigger is bound to it
    #[arg(long)]
    force: bool,
    /// End the rollout that an alias is under
    #[arg(long, hide_short_help = true)]
    end_rollout: bool,
    #[command(flatten)]
    yes: YesArgs,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    call: CallArgs,
    #[command(flatten)]
    pack: NoPackArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self { version: _, alias: _, force, end_rollout, yes: _, change, call, pack } = self;
        call.put(options);
        options.run.force = *force;
        options.run.end_rollout = *end_rollout;
        change.put(options);
        pack.put(options);
    }
}

impl Arguments {
    /// Whether nothing is to be asked.
    pub(in crate::cli) fn confirmed(&self) -> bool {
        self.yes.given()
    }
}

/// Removes a function, a version or an alias.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    app::remove::run(context, arguments.confirmed())
}
