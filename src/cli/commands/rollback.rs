//! `scfctl rollback`.

use clap::Args;

use crate::app::rollout::options::Typed;
use crate::app::rollout::{self, Request};
use crate::app::{Context, Done};
use crate::cli::args::change::ChangeArgs;
use crate::cli::args::rollout::{NotifyArgs, RolloutAlias};
use crate::cli::args::{CallArgs, Options, Shared};
use crate::cli::commands::rollout::AllFunctions;
use crate::error::Error;

/// Options of `rollback`.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    alias: RolloutAlias,
    /// Version that serves everything then [default: the one that last did]
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    #[command(flatten)]
    notify: NotifyArgs,
    #[command(flatten)]
    all: AllFunctions,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    call: CallArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        // The first four are part of what the command asks for.
        let Self { alias: _, to: _, notify: _, all: _, change, call } = self;
        call.put(options);
        change.put(options);
    }
}

impl Arguments {
    /// Returns what is asked for.
    pub(in crate::cli) fn request(&self) -> Request {
        let mut typed = Typed::new();
        self.alias.put(&mut typed);
        typed.extend(self.to.iter().map(|to| ("--to", to.clone())));
        self.notify.put(&mut typed);
        Request { typed, project: self.all.project, ..Request::default() }
    }
}

/// Sends everything to a version that served before, in one write.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    rollout::rollback(context, &arguments.request())
}
