//! Which service is called, with which keys, and for how long.

use std::time::Duration;

use clap::Args;

use super::{CONNECTION, Options, Shared};
use crate::cli::time;

/// Options of commands that call the service.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConnectionArgs {
    /// Work on an SCF inside this process; no account
    ///
    /// Its state is kept in .scfctl/local.json.
    #[arg(long)]
    local: bool,
    /// Address of the API [default: $SCFCTL_ENDPOINT, else scf.tencentcloudapi.com]
    #[arg(long, value_name = "URL", conflicts_with = "local")]
    #[arg(hide_short_help = true, help_heading = CONNECTION)]
    endpoint: Option<String>,
    /// Allow an http:// endpoint on another machine
    #[arg(long, hide_short_help = true, help_heading = CONNECTION)]
    insecure_http: bool,
    /// Overall time limit: seconds, or 90s, 5m
    #[arg(long, value_name = "TIME", default_value = "300", value_parser = time::parse)]
    #[arg(hide_short_help = true, help_heading = CONNECTION)]
    timeout: Duration,
}

impl Shared for ConnectionArgs {
    fn put(&self, options: &mut Options) {
        let Self { local, endpoint, insecure_http, timeout } = self;
        options.run.local = *local;
        options.run.endpoint.clone_from(endpoint);
        options.run.insecure_http = *insecure_http;
        options.run.timeout = *timeout;
    }
}

/// Options of commands that look for credentials.
#[allow(clippy::doc_markdown)]
#[derive(Debug, Args)]
pub(in crate::cli) struct ProfileArgs {
    /// Profile in the files of sls, tccli or the SDKs; wins over the environment
    /// [default: $TENCENT_CREDENTIALS_PROFILE, else default]
    #[arg(long, value_name = "NAME", hide_short_help = true, help_heading = CONNECTION)]
    profile: Option<String>,
}

impl Shared for ProfileArgs {
    fn put(&self, options: &mut Options) {
        let Self { profile } = self;
        options.run.profile.clone_from(profile);
    }
}
