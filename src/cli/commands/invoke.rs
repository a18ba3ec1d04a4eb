//! `scfctl invoke`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::invoke::{Payload, Request};
use crate::app::{self, Context, Done};
use crate::cli::args::{Options, PlainCallArgs, Shared};
use crate::cli::help;
use crate::error::Error;

/// Options of `invoke`.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
// `-q` is a qualifier here, as with `sls`, and a call may last 300 s.
#[command(mut_arg("quiet", |quiet| quiet.short(None)))]
#[command(mut_arg("timeout", |timeout| timeout.default_value("330").help(help::TIMEOUT_OF_CALL)))]
pub(in crate::cli) struct Arguments {
    /// Payload, JSON; also -d [default: {}]
    #[arg(long, value_name = "JSON", allow_hyphen_values = true, conflicts_with = "path")]
    data: Option<String>,
    /// File with the payload, - for stdin; also -p
    #[arg(long, value_name = "FILE")]
    path: Option<PathBuf>,
    /// Version or alias; also -q [default: $LATEST]
    // Read by `inputs::split`, as the next one; here for the help text.
    #[arg(long, value_name = "VERSION")]
    qualifier: Option<String>,
    /// Alias: its weights and rules choose the version
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// What rules of the alias choose by; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair, hide_short_help = true)]
    routing_key: Vec<(String, String)>,
    /// Do not wait for the result
    #[arg(long = "async")]
    asynchronous: bool,
    /// Call so often, one after the other
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true)]
    #[arg(hide_short_help = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    repeat: u32,
    #[command(flatten)]
    call: PlainCallArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self {
            data: _,
            path: _,
            qualifier: _,
            alias: _,
            routing_key: _,
            asynchronous: _,
            repeat: _,
            call,
        } = self;
        call.put(options);
    }
}

impl Arguments {
    /// Returns what is asked for.
    pub(in crate::cli) fn request(&self) -> Request {
        Request {
            payload: payload(self.data.as_deref(), self.path.as_deref()),
            routing_key: self.routing_key.clone(),
            asynchronous: self.asynchronous,
            repeat: self.repeat as usize,
        }
    }
}

/// The payload that `--data` or `--path` names.
pub(super) fn payload(data: Option<&str>, path: Option<&Path>) -> Option<Payload> {
    let file = path.map(|path| match path.to_str() {
        Some("-") => Payload::Input,
        _ => Payload::File(path.to_owned()),
    });
    data.map(|text| Payload::Text(text.to_owned())).or(file)
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE, such as User=Bob".to_owned()),
    }
}

/// Calls a function.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    app::invoke::run(context, &arguments.request())
}
