//! `scfctl verify-split`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::invoke::payload;
use crate::app::verify_split::Request;
use crate::app::{self, Context, Done};
use crate::cli::args::{Options, PlainCallArgs, Shared};
use crate::cli::help;
use crate::cli::time;
use crate::error::{Error, ValueError};

/// Options of `verify-split`.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
// As that of `invoke`.
#[command(mut_arg("timeout", |timeout| timeout.default_value("330").help(help::TIMEOUT_OF_CALL)))]
pub(in crate::cli) struct Arguments {
    /// Alias [default: $DEFAULT]
    // Read by `inputs::split`; here for the help text.
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// How many calls
    #[arg(long, short = 'n', value_name = "N", default_value_t = 2000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    calls: u32,
    /// Yes, call the function so often
    #[arg(long)]
    yes: bool,
    /// Payload of each call, JSON [default: {}]
    #[arg(long, value_name = "JSON", allow_hyphen_values = true, conflicts_with = "path")]
    data: Option<String>,
    /// File with the payload, - for stdin
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    path: Option<PathBuf>,
    /// Where the result has the version: /version [default: the logs tell]
    #[arg(long, value_name = "POINTER", value_parser = pointer)]
    version_at: Option<String>,
    /// How sure the answer is: 95%, 99%
    #[arg(long, value_name = "SHARE", default_value = "99%", value_parser = share)]
    confidence: f64,
    /// Most calls at the same time
    #[arg(long, value_name = "N", default_value_t = 8, hide_short_help = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100))]
    concurrency: u32,
    /// How long logs are waited for
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = time::parse)]
    #[arg(hide_short_help = true)]
    wait_logs: Duration,
    #[command(flatten)]
    call: PlainCallArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self {
            alias: _,
            calls: _,
            yes: _,
            data: _,
            path: _,
            version_at: _,
            confidence: _,
            concurrency: _,
            wait_logs: _,
            call,
        } = self;
        call.put(options);
    }
}

impl Arguments {
    /// Returns what is asked for.
    pub(in crate::cli) fn request(&self) -> Request {
        Request {
            calls: self.calls as usize,
            concurrency: self.concurrency as usize,
            yes: self.yes,
            confidence: self.confidence,
            version_at: self.version_at.clone(),
            wait: self.wait_logs,
            payload: payload(self.data.as_deref(), self.path.as_deref()),
        }
    }
}

/// Reads a confidence: beyond these, calls say nothing or never enough.
fn share(text: &str) -> Result<f64, ValueError> {
    let (digits, places) = match text.strip_suffix('%') {
        Some(digits) => (digits, 2),
        None => (text, 0),
    };
    // Decimal, as 99.99 / 100 is no longer 0.9999 in binary.
    let number = digits.parse::<Decimal>().ok().map(|number| number * Decimal::new(1, places));
    let number = number.and_then(|number| number.to_f64());
    number.filter(|share| (0.5..=0.9999).contains(share)).ok_or(ValueError::Confidence)
}

/// Reads a JSON pointer.
fn pointer(text: &str) -> Result<String, ValueError> {
    if text.is_empty() || text.starts_with('/') {
        Ok(text.to_owned())
    } else {
        Err(ValueError::Pointer)
    }
}

/// Says whether an alias splits its calls as it says.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    app::verify_split::run(context, &arguments.request())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidences_and_pointers() {
        for (text, expected) in [
            ("99%", Some(0.99)),
            ("0.95", Some(0.95)),
            ("99.99%", Some(0.9999)),
            ("50%", Some(0.5)),
        ] {
            assert_eq!(share(text).ok(), expected, "{text}");
        }
        for text in ["", "%", "100%", "1", "49%", "99.999%", "NaN", "inf", "99 %"] {
            assert!(share(text).is_err(), "{text}");
        }
        assert!(pointer("/a/b").is_ok() && pointer("").is_ok() && pointer("a").is_err());
    }
}
