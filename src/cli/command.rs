//! The commands, and which options each takes.

use clap::{Parser, Subcommand};

use super::args::{Options, Shared};
use super::called::Called;
use super::colour;
use super::commands::{
    apply, completion, config, create_alias, delete_alias, deploy, doctor, init, invoke,
    list_alias, list_ver, local, logs, metric, package, publish_ver, remove, rollback, rollout,
    status, update_alias, verify_split, versions,
};
use super::help;

/// Canary releases of Tencent Cloud functions (SCF, 云函数).
#[derive(Debug, Parser)]
#[command(name = "scfctl", version, subcommand_required = true)]
#[command(after_help = help::TRY, after_long_help = help::PROGRAM)]
#[command(disable_help_subcommand = false, max_term_width = 100, styles = colour::STYLES)]
#[command(help_template = help::OF_PROGRAM)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

// Help texts are for terminals, where back-ticks are noise.
#[allow(clippy::doc_markdown)]
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Deploy to $LATEST, publish, and shift traffic
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::DEPLOY, after_long_help = help::DEPLOY_NOTES)]
    Deploy(Called<deploy::Arguments>),
    /// Carry out a plan that deploy --plan has saved
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::APPLY, after_long_help = help::APPLY_NOTES)]
    Apply(Called<apply::Arguments>),
    /// Publish $LATEST as a new version without deploying
    #[command(name = "publish-ver", alias = "publish_ver", help_template = help::TEMPLATE)]
    #[command(before_help = help::PUBLISH_VER, after_long_help = help::PUBLISH_VER_NOTES)]
    PublishVer(Called<publish_ver::Arguments>),
    /// Create an alias
    #[command(name = "create-alias", alias = "create_alias", help_template = help::TEMPLATE)]
    #[command(before_help = help::CREATE_ALIAS, after_long_help = help::CREATE_ALIAS_NOTES)]
    CreateAlias(Called<create_alias::Arguments>),
    /// Change where an alias routes
    #[command(name = "update-alias", alias = "update_alias", help_template = help::TEMPLATE)]
    #[command(before_help = help::UPDATE_ALIAS, after_long_help = help::UPDATE_ALIAS_NOTES)]
    UpdateAlias(Called<update_alias::Arguments>),
    /// List the aliases of a function with their weights
    #[command(name = "list-alias", alias = "list_alias", help_template = help::TEMPLATE)]
    #[command(before_help = help::LIST_ALIAS, after_long_help = help::LIST_ALIAS_NOTES)]
    ListAlias(Called<list_alias::Arguments>),
    /// Delete an alias; its versions stay
    #[command(name = "delete-alias", alias = "delete_alias", help_template = help::TEMPLATE)]
    #[command(before_help = help::DELETE_ALIAS, after_long_help = help::DELETE_ALIAS_NOTES)]
    DeleteAlias(Called<delete_alias::Arguments>),
    /// List the versions of a function, the newest first
    #[command(name = "list-ver", alias = "list_ver", help_template = help::TEMPLATE)]
    #[command(before_help = help::LIST_VER, after_long_help = help::LIST_VER_NOTES)]
    ListVer(Called<list_ver::Arguments>),
    /// Show versions, aliases, triggers and rollouts of functions
    #[command(alias = "info", help_template = help::TEMPLATE)]
    #[command(before_help = help::STATUS, after_long_help = help::STATUS_NOTES)]
    Status(Called<status::Arguments>),
    /// Show calls, errors and durations of versions or an alias
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::METRIC, after_long_help = help::METRIC_NOTES)]
    Metric(Called<metric::Arguments>),
    /// Call a function and print what it returns
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::INVOKE, after_long_help = help::INVOKE_NOTES)]
    Invoke(Called<invoke::Arguments>),
    /// Call an alias often and say whether its split is as set
    #[command(name = "verify-split", alias = "verify_split", help_template = help::TEMPLATE)]
    #[command(before_help = help::VERIFY_SPLIT, after_long_help = help::VERIFY_SPLIT_NOTES)]
    VerifySplit(Called<verify_split::Arguments>),
    /// Show the logs of a function
    #[command(alias = "log", help_template = help::TEMPLATE)]
    #[command(before_help = help::LOGS, after_long_help = help::LOGS_NOTES)]
    Logs(Called<logs::Arguments>),
    /// Delete a function with all that belongs to it, a version or an alias
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::REMOVE, after_long_help = help::REMOVE_NOTES)]
    Remove(Called<remove::Arguments>),
    /// Old versions of a function
    #[command(subcommand, after_help = help::VERSIONS)]
    Versions(Called<versions::Command>),
    /// Roll a new version out step by step, judged on the way
    #[command(subcommand, after_help = help::ROLLOUT)]
    Rollout(Called<rollout::Command>),
    /// Send everything back to the version that served before
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::ROLLBACK, after_long_help = help::ROLLBACK_NOTES)]
    Rollback(Called<rollback::Arguments>),
    /// Build or list the package that deploy would send; calls nothing
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::PACKAGE, after_long_help = help::PACKAGE_NOTES)]
    Package(Called<package::Arguments>),
    /// Show what files, variables and arguments come to; calls nothing
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::CONFIG, after_long_help = help::CONFIG_NOTES)]
    Config(Called<config::Arguments>),
    /// Write a serverless.yml: from a function, a runtime, an older format
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::INIT, after_long_help = help::INIT_NOTES)]
    Init(Called<init::Arguments>),
    /// Look at files, keys, network and permissions; only reads
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::DOCTOR, after_long_help = help::DOCTOR_NOTES)]
    Doctor(Called<doctor::Arguments>),
    /// Print the script that completes command lines in a shell
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::COMPLETION, after_long_help = help::COMPLETION_NOTES)]
    Completion(Called<completion::Arguments>),
    /// The SCF inside this program
    #[command(subcommand, after_help = help::LOCAL)]
    Local(Called<local::Command>),
}

impl Command {
    /// The word of `commandInputs`.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Deploy(_) => "deploy",
            Self::Apply(_) => "apply",
            Self::PublishVer(_) => "publish-ver",
            Self::CreateAlias(_) => "create-alias",
            Self::UpdateAlias(_) => "update-alias",
            Self::ListAlias(_) => "list-alias",
            Self::DeleteAlias(_) => "delete-alias",
            Self::ListVer(_) => "list-ver",
            Self::Status(_) => "status",
            Self::Metric(_) => "metric",
            Self::Invoke(_) => "invoke",
            Self::VerifySplit(_) => "verify-split",
            Self::Logs(_) => "logs",
            Self::Remove(_) => "remove",
            Self::Versions(_) => "versions",
            Self::Rollout(_) => "rollout",
            Self::Rollback(_) => "rollback",
            Self::Package(_) => "package",
            Self::Config(_) => "config",
            Self::Init(_) => "init",
            Self::Doctor(_) => "doctor",
            Self::Completion(_) => "completion",
            Self::Local(_) => "local",
        }
    }

    /// Whether it may change something that outlives it, of the service or in a folder. A package
    /// that is written is a result.
    pub(super) fn changes(&self) -> bool {
        match self {
            Self::Rollout(command) => command.changes(),
            Self::Deploy(_)
            | Self::Apply(_)
            | Self::PublishVer(_)
            | Self::CreateAlias(_)
            | Self::UpdateAlias(_)
            | Self::DeleteAlias(_)
            // What a function does when it is called, nobody knows.
            | Self::Invoke(_)
            | Self::VerifySplit(_)
            | Self::Remove(_)
            | Self::Versions(_)
            | Self::Rollback(_)
            | Self::Init(_)
            | Self::Local(_) => true,
            Self::ListAlias(_)
            | Self::ListVer(_)
            | Self::Status(_)
            | Self::Metric(_)
            | Self::Logs(_)
            | Self::Package(_)
            | Self::Config(_)
            | Self::Doctor(_)
            | Self::Completion(_) => false,
        }
    }

    /// Whether it tells events, which `--output ndjson` prints.
    pub(super) fn tells_events(&self) -> bool {
        match self {
            Self::Rollout(command) => command.tells_events(),
            Self::Deploy(arguments) => arguments.tells_events(),
            Self::Logs(_) => true,
            _ => false,
        }
    }

    /// Returns the options of the command, of those that it shares with others.
    pub(super) fn options(&self) -> Options {
        let shared: &dyn Shared = match self {
            Self::Deploy(arguments) => arguments,
            Self::Apply(arguments) => arguments,
            Self::PublishVer(arguments) => arguments,
            Self::CreateAlias(arguments) => arguments,
            Self::UpdateAlias(arguments) => arguments,
            Self::ListAlias(arguments) => arguments,
            Self::DeleteAlias(arguments) => arguments,
            Self::ListVer(arguments) => arguments,
            Self::Status(arguments) => arguments,
            Self::Metric(arguments) => arguments,
            Self::Invoke(arguments) => arguments,
            Self::VerifySplit(arguments) => arguments,
            Self::Logs(arguments) => arguments,
            Self::Remove(arguments) => arguments,
            Self::Versions(command) => command,
            Self::Rollout(command) => command,
            Self::Rollback(arguments) => arguments,
            Self::Package(arguments) => arguments,
            Self::Config(arguments) => arguments,
            Self::Init(arguments) => arguments,
            Self::Doctor(arguments) => arguments,
            Self::Completion(arguments) => arguments,
            Self::Local(command) => command,
        };
        shared.options()
    }
}
