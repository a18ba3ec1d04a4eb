//! `scfctl deploy`.

use std::num::NonZeroU8;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::app::deploy::Planning;
use crate::app::{self, Context, Done};
use crate::cli::args::pack::PackArgs;
use crate::cli::args::publish::PublishArgs;
use crate::cli::args::{CallArgs, Options, Shared};
use crate::error::{Error, SavedError, ValueError};

/// Options of `deploy`.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[allow(clippy::struct_excessive_bools)] // Switches are what they are.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Share of $LATEST; the last version serves the rest
    // This one, the next one, the alias and the qualifier are read by `inputs::split`; here for
    // the help text.
    #[arg(long, value_name = "SHARE")]
    traffic: Option<String>,
    /// Publish what is deployed as a version
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "true")]
    publish: Option<String>,
    #[command(flatten)]
    publication: PublishArgs,
    /// Alias to route in place of $DEFAULT
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// Version whose instances `provisionedNum` keeps warm
    #[arg(long, value_name = "VERSION", hide_short_help = true)]
    qualifier: Option<String>,
    /// Show what would be called and changed; only read
    #[arg(long, group = "planning")]
    dry_run: bool,
    /// Show the same and save it as a plan, which `apply` carries out as it is or not at all
    ///
    /// It holds no secret: digests of them, and of all that was read.
    #[arg(long, value_name = "FILE", group = "planning", hide_short_help = true)]
    plan: Option<PathBuf>,
    /// With --dry-run or --plan: exit code 10 when something would be changed, 0 when nothing would
    #[arg(long, requires = "planning", hide_short_help = true)]
    detailed_exitcode: bool,
    #[arg(skip)]
    planned: Option<Arc<app::deploy::Saved>>,
    /// Send code and configuration even when unchanged; replace match rules
    #[arg(long, hide_short_help = true)]
    force: bool,
    /// End the rollout that the alias is under, in the same write
    #[arg(long, hide_short_help = true)]
    end_rollout: bool,
    /// Roll what is deployed out step by step, as `rollout start` does by the map `rollout`
    ///
    /// `--rollout=detach` makes the first step and leaves the rest to `rollout tick`.
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "follow", value_parser = ["follow", "detach"])]
    #[arg(hide_short_help = true, hide_possible_values = true)]
    rollout: Option<String>,
    /// Deploy the rest when events are of types that were retired (apigw, cmq)
    #[arg(long, hide_short_help = true)]
    skip_unsupported_triggers: bool,
    /// Remove triggers that the file lacks from all versions and aliases
    #[arg(long, hide_short_help = true)]
    prune_triggers: bool,
    /// Deploy exactly this zip, whatever `src` says
    ///
    /// `package --out` makes one and says its hash.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    package: Option<PathBuf>,
    /// Only if the zip has this hash
    #[arg(long, value_name = "HASH", hide_short_help = true, value_parser = hash)]
    sha256: Option<String>,
    /// Most functions that are deployed at the same time
    #[arg(long, value_name = "N", default_value = "8", hide_short_help = true)]
    concurrency: NonZeroU8,
    #[command(flatten)]
    pack: PackArgs,
    #[command(flatten)]
    call: CallArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self {
            traffic: _,
            publish: _,
            publication,
            alias: _,
            qualifier: _,
            dry_run,
            plan,
            detailed_exitcode,
            planned: _,
            force,
            end_rollout,
            rollout: _,
            skip_unsupported_triggers: _,
            prune_triggers: _,
            package: _,
            sha256: _,
            concurrency: _,
            pack,
            call,
        } = self;
        call.put(options);
        publication.put(options);
        options.run.dry_run = *dry_run || plan.is_some();
        options.detailed_exit_code = *detailed_exitcode;
        pack.put(options);
        options.run.force = *force;
        options.run.end_rollout = *end_rollout;
    }
}

impl Arguments {
    /// Whether it tells events, which `--output ndjson` prints.
    pub(in crate::cli) fn tells_events(&self) -> bool {
        self.rollout.is_some()
    }

    /// Returns how what is deployed is rolled out, if it is.
    pub(in crate::cli) fn rollout(&self) -> Option<app::rollout::Request> {
        let detach = self.rollout.as_deref()? == "detach";
        Some(app::rollout::Request { detach, ..app::rollout::Request::default() })
    }

    /// Carries out what this very command has planned.
    pub(in crate::cli) fn apply(&mut self, planned: Arc<app::deploy::Saved>) {
        self.planned = Some(planned);
    }

    /// Returns what the deployment is asked for.
    pub(in crate::cli) fn request(&self) -> app::deploy::Request {
        app::deploy::Request {
            rolls_out: self.rollout.is_some(),
            if_changed: self.publication.if_changed,
            skip_unsupported_triggers: self.skip_unsupported_triggers,
            prune_triggers: self.prune_triggers,
            package: self.package.clone(),
            sha256: self.sha256.clone(),
            pack: self.pack.of_app(),
            concurrency: self.concurrency,
            planning: match (&self.planned, &self.plan) {
                (Some(planned), _) => Planning::Applies(Arc::clone(planned)),
                (None, Some(path)) => Planning::Saves(path.clone()),
                (None, None) => Planning::No,
            },
        }
    }
}

/// Reads a SHA-256, as `package` and `sha256sum` print it.
fn hash(text: &str) -> Result<String, ValueError> {
    let is_hash = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { Ok(text.to_ascii_lowercase()) } else { Err(ValueError::Hash) }
}

/// Deploys the instance in the folder, or all of the project whose folder it is.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    let request = arguments.request();
    match arguments.rollout() {
        Some(_) if arguments.plan.is_some() => Err(SavedError::Rollout.into()),
        Some(rollout) => app::rollout::deploy(context, &request, &rollout),
        None => app::deploy::run(context, &request),
    }
}
