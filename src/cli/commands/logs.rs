//! `scfctl logs`.

use std::time::Duration;

use clap::Args;

use crate::app::logs::Request;
use crate::app::{self, Context, Done};
use crate::cli::args::{Options, PlainCallArgs, Shared};
use crate::cli::time;
use crate::error::Error;
use crate::output::Format;

/// Options of `logs`.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
// `-q` is a qualifier here, as with `sls`.
#[command(mut_arg("quiet", |quiet| quiet.short(None)))]
pub(in crate::cli) struct Arguments {
    /// Only of this version; also -q
    // Read by `inputs::split`, as the next four; here for the help text.
    #[arg(long, value_name = "VERSION")]
    qualifier: Option<String>,
    /// Only calls through this alias
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// Only of this call: its id, or the first group of it
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    /// Only of this level: ERROR, INFO, …
    #[arg(long, value_name = "LEVEL")]
    level: Option<String>,
    /// How far back: 30s, 1h30m, or a time [default: 10m]
    ///
    /// With --follow the default is 1m. A time is in China, unless it has an offset.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Show lines as they come; also -t
    ///
    /// Until it is interrupted.
    #[arg(long)]
    follow: bool,
    /// Only the version under rollout
    ///
    /// Of --alias, else of the only alias that is under one.
    #[arg(long)]
    canary: bool,
    /// Pause between two looks in ms [default: 2000]
    #[arg(long, value_name = "MS", hide_short_help = true, value_parser = pause)]
    interval: Option<Duration>,
    /// How late a line may come and still be shown by --follow [default: 90s]
    ///
    /// One that comes later than that behind the newest line is missed.
    #[arg(long, value_name = "TIME", hide_short_help = true, value_parser = time::parse)]
    overlap: Option<Duration>,
    #[command(flatten)]
    call: PlainCallArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self {
            qualifier: _,
            alias: _,
            request_id: _,
            level: _,
            since: _,
            follow: _,
            canary: _,
            interval: _,
            overlap: _,
            call,
        } = self;
        call.put(options);
    }
}

impl Arguments {
    /// Returns what is asked for.
    pub(in crate::cli) fn request(&self) -> Request {
        let format = self.options().format;
        Request {
            follow: self.follow,
            canary: self.canary,
            interval: self.interval,
            overlap: self.overlap,
            as_object: format == Format::Json,
        }
    }
}

/// Reads milliseconds: not so few that the searches of all others wait.
fn pause(text: &str) -> Result<Duration, String> {
    let millis = text.parse::<u64>().ok().filter(|millis| (100..=600_000).contains(millis));
    millis.map(Duration::from_millis).ok_or_else(|| "must be from 100 to 600000 ms".to_owned())
}

/// Prints lines of the logs of a function.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    app::logs::run(context, &arguments.request())
}
