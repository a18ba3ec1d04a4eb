//! How a rollout goes, and what judges it. All of these are keys of the map `rollout` of
//! serverless.yml too.

use clap::Args;

use crate::app::rollout::options::{NOTIFY, Typed};

/// The heading of options that say what judges.
const GATES: &str = "Gates";
/// The heading of options that say what happens when.
const REACTIONS: &str = "Reactions";

/// Puts values that were given, by the name of their options.
fn put(typed: &mut Typed, options: &[(&'static str, &Option<String>)]) {
    for (option, value) in options {
        if let Some(value) = value {
            typed.insert(option, value.clone());
        }
    }
}

/// Puts switches that were given.
fn put_switches(typed: &mut Typed, options: &[(&'static str, bool)]) {
    for (option, given) in options {
        if *given {
            typed.insert(option, "true".to_owned());
        }
    }
}

/// The alias of a rollout.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(in crate::cli) struct RolloutAlias {
    /// Alias [default: in serverless.yml, else $DEFAULT]
    ///
    /// In the file it is `alias` of the map `rollout`, else `aliasName`.
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
}

impl RolloutAlias {
    pub(in crate::cli) fn put(&self, typed: &mut Typed) {
        put(typed, &[("--alias", &self.alias)]);
    }
}

/// Who is told of it.
#[allow(clippy::doc_markdown)]
#[derive(Debug, Args)]
pub(in crate::cli) struct NotifyArgs {
    /// Chat to tell, and the variable that has its address; can be repeated
    ///
    /// Kinds: wecom, dingtalk, feishu, slack, json. The address stands in the environment, never
    /// here; the secret to sign with, if there is one, in VARIABLE_SECRET.
    #[arg(long, value_name = "KIND=VARIABLE", hide_short_help = true)]
    notify: Vec<String>,
}

impl NotifyArgs {
    pub(in crate::cli) fn put(&self, typed: &mut Typed) {
        if !self.notify.is_empty() {
            typed.insert(NOTIFY, self.notify.join(","));
        }
    }
}

/// Which way a rollout goes.
#[allow(clippy::doc_markdown)]
#[derive(Debug, Args)]
pub(in crate::cli) struct StepArgs {
    /// Steps with their times: 10%:10m,50%:pause,100%
    #[arg(long, value_name = "STEPS")]
    steps: Option<String>,
    /// Time of steps without their own [default: 10m]
    #[arg(long, value_name = "TIME")]
    interval: Option<String>,
    /// Steps by a name of AWS SAM: Canary10Percent5Minutes, Linear10PercentEvery1Minute, AllAtOnce
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    preset: Option<String>,
    /// Time at 100% [default: that of --interval]
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    bake: Option<String>,
    /// Leave everything on $LATEST at the end, without publishing it
    #[arg(long, hide_short_help = true)]
    no_freeze: bool,
}

impl StepArgs {
    pub(in crate::cli) fn put(&self, typed: &mut Typed) {
        put(
            typed,
            &[
                ("--steps", &self.steps),
                ("--interval", &self.interval),
                ("--preset", &self.preset),
                ("--bake", &self.bake),
            ],
        );
        put_switches(typed, &[("--no-freeze", self.no_freeze)]);
    }
}

/// The rules that judge, and what happens then.
#[allow(clippy::doc_markdown)]
#[derive(Debug, Args)]
pub(in crate::cli) struct GateArgs {
    /// Errors compared with the other version: 0.5%, 1.5x, 1.1x+0.05% (the default)
    #[arg(long, value_name = "LIMIT", hide_short_help = true, help_heading = GATES)]
    max_error_rate_increase: Option<String>,
    /// Errors at most: 2%
    #[arg(long, value_name = "SHARE", hide_short_help = true, help_heading = GATES)]
    max_error_rate: Option<String>,
    /// Mean duration compared with the other version: 20%
    #[arg(long, value_name = "SHARE", hide_short_help = true, help_heading = GATES)]
    max_duration_increase: Option<String>,
    /// Throttled calls in a step at most
    #[arg(long, value_name = "CALLS", hide_short_help = true, help_heading = GATES)]
    max_throttles: Option<String>,
    /// Calls of the new version in a step before it is judged by time [default: 50]
    #[arg(long, value_name = "CALLS", hide_short_help = true, help_heading = GATES)]
    min_invocations: Option<String>,
    /// Certainty of a failure, over the whole rollout [default: 99%]
    #[arg(long, value_name = "SHARE", hide_short_help = true, help_heading = GATES)]
    confidence: Option<String>,
    /// How many errors come together [default: what the last hour shows]
    #[arg(long, value_name = "FACTOR", hide_short_help = true, help_heading = GATES)]
    dispersion: Option<String>,
    /// Age of a minute before it counts [default: 3m]
    #[arg(long, value_name = "TIME", hide_short_help = true, help_heading = GATES)]
    settle: Option<String>,
    /// Nothing judges: the clock alone moves the steps
    #[arg(long, hide_short_help = true, help_heading = GATES)]
    no_gates: bool,
    /// `early`: go on at a pass, before the time of the step is over
    #[arg(long, value_name = "WHEN", hide_short_help = true, help_heading = REACTIONS)]
    advance: Option<String>,
    /// Go on at nothing less than a pass
    #[arg(long, hide_short_help = true, help_heading = REACTIONS)]
    require_pass: bool,
    /// When a gate fails: rollback (the default) or hold
    #[arg(long, value_name = "WHAT", hide_short_help = true, help_heading = REACTIONS)]
    on_fail: Option<String>,
    /// When a step ends with too little data: hold (the default), continue or rollback
    #[arg(long, value_name = "WHAT", hide_short_help = true, help_heading = REACTIONS)]
    on_no_data: Option<String>,
    /// When a step ends and the gates cannot tell: hold (the default) or continue
    #[arg(long, value_name = "WHAT", hide_short_help = true, help_heading = REACTIONS)]
    on_inconclusive: Option<String>,
    /// Time for the whole rollout
    #[arg(long, value_name = "TIME", hide_short_help = true, help_heading = REACTIONS)]
    deadline: Option<String>,
    /// When it is over: hold (the default) or rollback
    #[arg(long, value_name = "WHAT", hide_short_help = true, help_heading = REACTIONS)]
    on_deadline: Option<String>,
    /// When this command is interrupted: hold (the default) or rollback
    #[arg(long, value_name = "WHAT", hide_short_help = true, help_heading = REACTIONS)]
    on_interrupt: Option<String>,
}

impl GateArgs {
    pub(in crate::cli) fn put(&self, typed: &mut Typed) {
        put(
            typed,
            &[
                ("--max-error-rate-increase", &self.max_error_rate_increase),
                ("--max-error-rate", &self.max_error_rate),
                ("--max-duration-increase", &self.max_duration_increase),
                ("--max-throttles", &self.max_throttles),
                ("--min-invocations", &self.min_invocations),
                ("--confidence", &self.confidence),
                ("--dispersion", &self.dispersion),
                ("--settle", &self.settle),
                ("--advance", &self.advance),
                ("--on-fail", &self.on_fail),
                ("--on-no-data", &self.on_no_data),
                ("--on-inconclusive", &self.on_inconclusive),
                ("--deadline", &self.deadline),
                ("--on-deadline", &self.on_deadline),
                ("--on-interrupt", &self.on_interrupt),
            ],
        );
        put_switches(
            typed,
            &[("--no-gates", self.no_gates), ("--require-pass", self.require_pass)],
        );
    }
}

/// What judges beside the monitor.
#[allow(clippy::doc_markdown)]
#[derive(Debug, Args)]
pub(in crate::cli) struct OutsideArgs {
    /// Command that judges: exit 0 pass, 1 fail, 2 not yet
    ///
    /// SCFCTL_FUNCTION, _NAMESPACE, _REGION, _ALIAS, _ROLLOUT, _FROM, _TO, _WEIGHT, _STEP, _STEPS
    /// and _BEGAN say what about.
    #[arg(long, value_name = "LINE", hide_short_help = true, help_heading = GATES)]
    gate_cmd: Option<String>,
    /// Time that it may take [default: 30s]
    #[arg(long, value_name = "TIME", hide_short_help = true, help_heading = GATES)]
    gate_timeout: Option<String>,
    /// Address of a Prometheus that is asked in place of the monitor
    #[arg(long, value_name = "URL", hide_short_help = true, help_heading = GATES)]
    prometheus: Option<String>,
    /// Query: calls of the new version in the last minute; $function, $alias and $version stand
    /// for the names
    #[arg(long, value_name = "QUERY", hide_short_help = true, help_heading = GATES)]
    query_calls_canary: Option<String>,
    /// Query: failed calls of the new version
    #[arg(long, value_name = "QUERY", hide_short_help = true, help_heading = GATES)]
    query_error_canary: Option<String>,
    /// Query: calls of the version before
    #[arg(long, value_name = "QUERY", hide_short_help = true, help_heading = GATES)]
    query_calls_baseline: Option<String>,
    /// Query: failed calls of the version before
    #[arg(long, value_name = "QUERY", hide_short_help = true, help_heading = GATES)]
    query_error_baseline: Option<String>,
}

impl OutsideArgs {
    pub(in crate::cli) fn put(&self, typed: &mut Typed) {
        put(
            typed,
            &[
                ("--gate-cmd", &self.gate_cmd),
                ("--gate-timeout", &self.gate_timeout),
                ("--prometheus", &self.prometheus),
                ("--query-calls-canary", &self.query_calls_canary),
                ("--query-error-canary", &self.query_error_canary),
                ("--query-calls-baseline", &self.query_calls_baseline),
                ("--query-error-baseline", &self.query_error_baseline),
            ],
        );
    }
}

/// Which version.
#[allow(clippy::doc_markdown)]
#[derive(Debug, Args)]
pub(in crate::cli) struct VersionArgs {
    /// New version: a number, '$LATEST' or latest-published
    ///
    /// Default: $LATEST for $DEFAULT, latest-published for other aliases.
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// Publish $LATEST first and roll that version out
    #[arg(long, conflicts_with = "to")]
    publish: bool,
}

impl VersionArgs {
    pub(in crate::cli) fn put(&self, typed: &mut Typed) {
        put(typed, &[("--to", &self.to)]);
        put_switches(typed, &[("--publish", self.publish)]);
    }
}
