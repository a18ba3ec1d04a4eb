//! `scfctl metric`.

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::{Options, PlainCallArgs, Shared};
use crate::error::Error;

/// Options of `metric`.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Metrics: Invocation, Error, Duration, … [default: those and Throttle]
    // All are read by `inputs::split`; here for the help text.
    #[arg(long, value_name = "NAME,…")]
    metric: Option<String>,
    /// Versions, each for itself
    #[arg(long, value_name = "VERSION,…")]
    version: Option<String>,
    /// Calls through this alias
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// How far back: seconds, or 15m, 3h, 7d [default: 15m]
    #[arg(long, value_name = "TIME")]
    interval: Option<String>,
    /// Seconds of a point: 60, 300, 3600 or 86400
    ///
    /// Default: the shortest that makes at most 1440 points.
    #[arg(long, value_name = "SECONDS")]
    period: Option<String>,
    /// The beginning, in China (UTC+8): '2024-05-01 12:00:00'
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    start_time: Option<String>,
    /// The end, in China (UTC+8) [default: now]
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    end_time: Option<String>,
    #[command(flatten)]
    call: PlainCallArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self {
            metric: _,
            version: _,
            alias: _,
            interval: _,
            period: _,
            start_time: _,
            end_time: _,
            call,
        } = self;
        call.put(options);
    }
}

/// Prints metrics of a function, of versions of it or of an alias.
pub(in crate::cli) fn run(context: &Context) -> Result<Done, Error> {
    app::metric::run(context)
}
