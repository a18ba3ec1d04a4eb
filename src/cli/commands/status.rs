//! `scfctl status`.

use clap::Args;

use crate::app::rollout::wait::Goal;
use crate::app::status::Request;
use crate::app::{self, Context, Done};
use crate::cli::args::{Options, PlainCallArgs, Shared};
use crate::error::{Error, RolloutError, RolloutOption, ValueError};
use crate::output::{Format, Printer};

/// Options of `status`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Only this alias
    // Read by `inputs::split`; here for the help text.
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// Go on looking; keys pause, promote and abort a rollout
    ///
    /// A line for each change where the output is no terminal.
    #[arg(long)]
    watch: bool,
    /// Wait for a rollout: done, paused or step=N
    ///
    /// As long as --timeout says. Exit codes: 0 it came there, 6 the time is over, 7 rolled back, 8
    /// held.
    #[arg(long, value_name = "WHAT", value_parser = goal)]
    wait: Option<Goal>,
    #[command(flatten)]
    call: PlainCallArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self { alias: _, watch: _, wait: _, call } = self;
        call.put(options);
    }
}

impl Arguments {
    /// Returns what is asked for.
    pub(in crate::cli) fn request(&self) -> Request {
        Request { watch: self.watch, goal: self.wait }
    }
}

/// Reads `done`, `paused` or `step=3`.
fn goal(text: &str) -> Result<Goal, ValueError> {
    match text {
        "done" => Ok(Goal::Done),
        "paused" => Ok(Goal::Paused),
        _ => {
            let step = text.strip_prefix("step=").and_then(|step| step.parse().ok());
            step.filter(|step| *step > 0).map(Goal::Step).ok_or(ValueError::Goal)
        }
    }
}

/// Shows functions with all that belongs to them.
pub(in crate::cli) fn run(
    context: &Context,
    arguments: &Arguments,
    printer: &Printer,
) -> Result<Done, Error> {
    let request = arguments.request();
    if request.watch && printer.format() != Format::Text {
        let (one, other) = ("--watch", "--output json");
        return Err(RolloutError::of_option(RolloutOption::Together { one, other }));
    }
    // It goes on for as long as somebody looks.
    if request.watch && request.goal.is_none() && context.options.names_timeout {
        let (option, needs) = ("--watch --timeout", "--wait");
        return Err(RolloutError::of_option(RolloutOption::Needs { option, needs }));
    }
    app::status::run(context, request, || printer.screen())
}
