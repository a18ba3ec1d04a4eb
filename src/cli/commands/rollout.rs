//! `scfctl rollout …`.

use clap::{Args, Subcommand};

use crate::app::rollout::options::Typed;
use crate::app::rollout::rehearse::{self, RehearsalRequest};
use crate::app::rollout::{self, Request};
use crate::app::{Context, Done};
use crate::cli::args::change::ChangeArgs;
use crate::cli::args::page::PageArgs;
use crate::cli::args::rollout::{
    GateArgs, NotifyArgs, OutsideArgs, RolloutAlias, StepArgs, VersionArgs,
};
use crate::cli::args::{CallArgs, Options, Shared};
use crate::cli::called::Called;
use crate::cli::help;
use crate::error::Error;

/// Commands about the rollout of an alias.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Give a new version a growing share, step by step, judged on the way
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::ROLLOUT_START, after_long_help = help::ROLLOUT_START_NOTES)]
    Start(Called<Start>),
    /// One look, one decision, at most one write: for cron and pipelines
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::ROLLOUT_TICK, after_long_help = help::ROLLOUT_NOTES)]
    Tick(Called<Tick>),
    /// Show where a rollout is and what its gates say; changes nothing
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::ROLLOUT_STATUS, after_long_help = help::ROLLOUT_NOTES)]
    Status(Called<StatusArgs>),
    /// Stand still until `resume`
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::ROLLOUT_PAUSE, after_long_help = help::ROLLOUT_NOTES)]
    Pause(Called<OneWriteArgs>),
    /// Go on; from a pause of the schedule to the next step
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::ROLLOUT_RESUME, after_long_help = help::ROLLOUT_NOTES)]
    Resume(Called<OneWriteArgs>),
    /// Go on to the next step at once
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::ROLLOUT_PROMOTE, after_long_help = help::ROLLOUT_NOTES)]
    Promote(Called<Promote>),
    /// Take everything back, in one write
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::ROLLOUT_ABORT, after_long_help = help::ROLLOUT_NOTES)]
    Abort(Called<OneWriteArgs>),
    /// Begin again from the first step, with the same options
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::ROLLOUT_RETRY, after_long_help = help::ROLLOUT_NOTES)]
    Retry(Called<OneWriteArgs>),
    /// Run a rollout in memory, on made-up traffic; changes nothing
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::ROLLOUT_REHEARSE, after_long_help = help::ROLLOUT_REHEARSE_NOTES)]
    Rehearse(Called<Rehearse>),
}

/// Whether a command is for all functions.
#[derive(Debug, Args)]
pub(in crate::cli) struct AllFunctions {
    /// All functions of the project, which advance together; one that fails takes all back
    #[arg(long, hide_short_help = true)]
    pub(in crate::cli) project: bool,
}

/// What a rollout is begun with.
#[derive(Debug, Args)]
pub(in crate::cli) struct BeginningArgs {
    #[command(flatten)]
    alias: RolloutAlias,
    #[command(flatten)]
    version: VersionArgs,
    #[command(flatten)]
    steps: StepArgs,
    #[command(flatten)]
    gates: GateArgs,
    #[command(flatten)]
    outside: OutsideArgs,
    #[command(flatten)]
    notify: NotifyArgs,
}

impl BeginningArgs {
    fn typed(&self) -> Typed {
        let Self { alias, version, steps, gates, outside, notify } = self;
        let mut typed = Typed::new();
        alias.put(&mut typed);
        version.put(&mut typed);
        steps.put(&mut typed);
        gates.put(&mut typed);
        outside.put(&mut typed);
        notify.put(&mut typed);
        typed
    }
}

/// Options of `start`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Start {
    #[command(flatten)]
    beginning: BeginningArgs,
    #[command(flatten)]
    all: AllFunctions,
    /// Make the first step; `rollout tick` makes the rest
    #[arg(long)]
    detach: bool,
    /// Name of this run; under the same one the rollout is begun, and a version published, once
    #[arg(long, value_name = "ID", hide_short_help = true)]
    run_id: Option<String>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    call: CallArgs,
}

/// Options of `rehearse`: those that a rollout is begun with, and the world.
#[derive(Debug, Args)]
pub(in crate::cli) struct Rehearse {
    #[command(flatten)]
    beginning: BeginningArgs,
    /// How the traffic behaves: a name or a file
    ///
    /// Names: healthy (the default), errors-at-50%, slow, no-traffic, flapping.
    #[arg(long, value_name = "NAME|FILE")]
    scenario: Option<String>,
    /// Makes other calls of the same kind [default: 1]
    #[arg(long, value_name = "NUMBER", hide_short_help = true)]
    seed: Option<u64>,
    /// How many rehearsals, each with the next seed
    #[arg(long, value_name = "TIMES", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    repeat: Option<u32>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    call: CallArgs,
}

/// Options of `tick`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Tick {
    #[command(flatten)]
    alias: RolloutAlias,
    #[command(flatten)]
    outside: OutsideArgs,
    #[command(flatten)]
    notify: NotifyArgs,
    #[command(flatten)]
    all: AllFunctions,
    /// Tick until the rollout ends or stands still
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    call: CallArgs,
}

/// Options of `status`.
#[derive(Debug, Args)]
pub(in crate::cli) struct StatusArgs {
    #[command(flatten)]
    alias: RolloutAlias,
    #[command(flatten)]
    outside: OutsideArgs,
    #[command(flatten)]
    all: AllFunctions,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    call: CallArgs,
}

/// Options of commands that are one write.
#[derive(Debug, Args)]
pub(in crate::cli) struct OneWriteArgs {
    #[command(flatten)]
    alias: RolloutAlias,
    #[command(flatten)]
    notify: NotifyArgs,
    #[command(flatten)]
    all: AllFunctions,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    call: CallArgs,
}

/// Options of `promote`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Promote {
    /// To the last step, which still lasts its time
    #[arg(long)]
    full: bool,
    /// Only if the rollout is in this step, from 1
    #[arg(long, value_name = "STEP", value_parser = clap::value_parser!(u32).range(1..))]
    expect_step: Option<u32>,
    #[command(flatten)]
    verb: OneWriteArgs,
}

impl OneWriteArgs {
    fn request(&self) -> Request {
        let mut typed = Typed::new();
        self.alias.put(&mut typed);
        self.notify.put(&mut typed);
        Request { typed, project: self.all.project, ..Request::default() }
    }
}

// What is not put here is part of what the command asks for.
impl Shared for Command {
    fn put(&self, options: &mut Options) {
        match self {
            Self::Start(start) => start.put(options),
            Self::Rehearse(rehearse) => rehearse.put(options),
            Self::Tick(tick) => tick.put(options),
            Self::Status(look) => look.put(options),
            Self::Pause(verb) | Self::Resume(verb) | Self::Abort(verb) | Self::Retry(verb) => {
                verb.put(options);
            }
            Self::Promote(promote) => promote.put(options),
        }
    }
}

impl Shared for Start {
    fn put(&self, options: &mut Options) {
        let Self { beginning: _, all: _, detach: _, run_id, page, change, call } = self;
        call.put(options);
        page.put(options);
        change.put(options);
        options.run.run_id.clone_from(run_id);
    }
}

impl Shared for Rehearse {
    fn put(&self, options: &mut Options) {
        let Self { beginning: _, scenario: _, seed: _, repeat: _, page, call } = self;
        call.put(options);
        page.put(options);
    }
}

impl Shared for Tick {
    fn put(&self, options: &mut Options) {
        let Self { alias: _, outside: _, notify: _, all: _, follow: _, page, call } = self;
        call.put(options);
        page.put(options);
    }
}

impl Shared for StatusArgs {
    fn put(&self, options: &mut Options) {
        let Self { alias: _, outside: _, all: _, page, call } = self;
        call.put(options);
        page.put(options);
    }
}

impl Shared for Promote {
    fn put(&self, options: &mut Options) {
        let Self { full: _, expect_step: _, verb } = self;
        verb.put(options);
    }
}

impl Shared for OneWriteArgs {
    fn put(&self, options: &mut Options) {
        let Self { alias: _, notify: _, all: _, change, call } = self;
        call.put(options);
        change.put(options);
    }
}

impl Command {
    /// The command in a report.
    pub(in crate::cli) fn title(&self) -> &'static str {
        match self {
            Self::Start(_) => "rollout start",
            Self::Tick(_) => "rollout tick",
            Self::Status(_) => "rollout status",
            Self::Pause(_) => "rollout pause",
            Self::Resume(_) => "rollout resume",
            Self::Promote(_) => "rollout promote",
            Self::Abort(_) => "rollout abort",
            Self::Retry(_) => "rollout retry",
            Self::Rehearse(_) => "rollout rehearse",
        }
    }

    /// Whether it may change something.
    pub(in crate::cli) fn changes(&self) -> bool {
        match self {
            Self::Start(_)
            | Self::Tick(_)
            | Self::Pause(_)
            | Self::Resume(_)
            | Self::Promote(_)
            | Self::Abort(_)
            | Self::Retry(_) => true,
            Self::Status(_) | Self::Rehearse(_) => false,
        }
    }

    /// Whether it tells events, which `--output ndjson` prints.
    pub(in crate::cli) fn tells_events(&self) -> bool {
        matches!(self, Self::Start(_) | Self::Tick(_) | Self::Rehearse(_))
    }
}

impl Command {
    /// Returns what is asked for.
    pub(in crate::cli) fn request(&self) -> Request {
        match self {
            Self::Start(start) => {
                let typed = start.beginning.typed();
                let project = start.all.project;
                Request { typed, detach: start.detach, project, ..Request::default() }
            }
            Self::Rehearse(rehearse) => {
                let typed = rehearse.beginning.typed();
                let rehearsal = RehearsalRequest {
                    scenario: rehearse.scenario.clone(),
                    seed: rehearse.seed,
                    repeat: rehearse.repeat,
                };
                Request { typed, rehearsal, ..Request::default() }
            }
            Self::Tick(tick) => {
                let mut typed = Typed::new();
                tick.alias.put(&mut typed);
                tick.outside.put(&mut typed);
                tick.notify.put(&mut typed);
                let project = tick.all.project;
                Request { typed, follow: tick.follow, project, ..Request::default() }
            }
            Self::Status(look) => {
                let mut typed = Typed::new();
                look.alias.put(&mut typed);
                look.outside.put(&mut typed);
                Request { typed, project: look.all.project, ..Request::default() }
            }
            Self::Promote(promote) => {
                let expect_step = promote.expect_step.and_then(|step| usize::try_from(step).ok());
                Request { full: promote.full, expect_step, ..promote.verb.request() }
            }
            Self::Pause(verb) | Self::Resume(verb) | Self::Abort(verb) | Self::Retry(verb) => {
                verb.request()
            }
        }
    }
}

/// Runs a command about a rollout. `tells_events`: they are printed in place of the result.
pub(in crate::cli) fn run(
    context: &Context,
    command: &Command,
    tells_events: bool,
) -> Result<Done, Error> {
    let request = command.request();
    match command {
        Command::Start(_) => rollout::start(context, &request),
        Command::Tick(_) => rollout::tick(context, &request),
        Command::Status(_) => rollout::status(context, &request),
        Command::Pause(_) => rollout::pause(context, &request),
        Command::Resume(_) => rollout::resume(context, &request),
        Command::Promote(_) => rollout::promote(context, &request),
        Command::Abort(_) => rollout::abort(context, &request),
        Command::Retry(_) => rollout::retry(context, &request),
        Command::Rehearse(_) => rehearse::rehearse(context, &request, tells_events),
    }
}
