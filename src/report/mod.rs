//! What each command found or did, as values.
//!
//! [`crate::output`] renders them: as JSON, or as the text that `sls` prints. In JSON every key
//! is camelCase; a name of an alias is `aliasName`, and an `alias` is the whole record. A `version` is
//! the number of one, and stands in its record, too.

pub mod alias;
pub mod announcement;
pub mod config;
pub mod deploy;
pub mod doctor;
mod function_name;
pub mod init;
pub mod invoke;
mod keys;
pub mod load;
pub mod logs;
pub mod metric;
pub mod notice;
pub mod package;
pub mod page;
pub mod plan;
pub mod publish;
pub mod record;
pub mod rehearsal;
pub mod removed;
pub mod rollout;
mod said;
#[cfg(test)]
pub(crate) mod schema;
pub mod server;
mod sink;
pub mod split;
pub mod status;
pub mod watch;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::ExitCode;
pub use function_name::FunctionName;
pub(crate) use keys::{camel_case, object};
pub use said::Said;
pub use sink::{Section, Sink, Work, WorkAmount};

/// Version of the JSON that is printed, results and failures alike (`docs/en/json.md`). A key that changes its
/// name or meaning, or goes, makes a new one; a key that is added does not.
pub const SCHEMA_VERSION: u32 = 1;

/// The result of a command.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// `create-alias`, `update-alias`.
    Alias(alias::AliasWritten),
    /// `list-alias`.
    Aliases(alias::AliasList),
    /// `delete-alias`.
    AliasDeleted(alias::AliasDeleted),
    /// `config`.
    Config(Box<config::Config>),
    /// `deploy`, of one instance.
    Instance(deploy::DeployedInstance),
    /// `deploy`, of a project.
    Project(deploy::DeployedProject),
    /// `doctor`.
    Doctor(doctor::Doctor),
    /// `init`.
    Init(init::Described),
    /// `invoke`.
    Invocations(invoke::Invocations),
    /// `local load`.
    Load(load::Load),
    /// `logs`.
    Logs(logs::Logs),
    /// `metric`.
    Metrics(metric::Metrics),
    /// `package`.
    Package(package::Packages),
    /// `--dry-run`.
    Plan(plan::Plan),
    /// `publish-ver`.
    Published(publish::Published),
    /// `versions prune`.
    Pruned(removed::Pruned),
    /// `remove`.
    Removed(removed::Removals),
    /// `rollout rehearse`.
    Rehearsal(Box<rehearsal::Rehearsal>),
    /// `rollout …`, `rollback`.
    Rollout(Box<status::RolloutFound>),
    /// `rollout … --project`.
    Rollouts(Box<status::Together>),
    /// `local serve`.
    Server(server::Server),
    /// `verify-split`.
    Split(split::Split),
    /// `status`.
    Status(Box<status::StatusOfFunctions>),
    /// `list-ver`.
    Versions(status::Versions),
}

impl Report {
    /// The report for programs.
    #[must_use]
    pub fn json(&self) -> Map<String, Value> {
        versioned(object(self))
    }

    /// How the process exits that has it for a result, where nothing else went wrong.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Doctor(doctor) => doctor.code,
            _ => ExitCode::Success,
        }
    }

    /// Whether it is that of a dry run which found a call that would change something.
    #[must_use]
    pub fn would_change(&self) -> bool {
        match self {
            Self::Plan(plan) => plan.dry_run.would_change(),
            Self::Instance(instance) => instance.would_change(),
            Self::Project(project) => project.would_change(),
            Self::Pruned(pruned) => pruned.dry_run.as_ref().is_some_and(plan::DryRun::would_change),
            Self::Removed(removals) => removals.would_change(),
            Self::Rollouts(all) => all.functions.iter().any(|one| one.status.outcome == "due"),
            Self::Alias(_)
            | Self::Aliases(_)
            | Self::AliasDeleted(_)
            | Self::Config(_)
            | Self::Doctor(_)
            | Self::Init(_)
            | Self::Invocations(_)
            | Self::Load(_)
            | Self::Logs(_)
            | Self::Metrics(_)
            | Self::Package(_)
            | Self::Published(_)
            | Self::Rehearsal(_)
            | Self::Rollout(_)
            | Self::Server(_)
            | Self::Split(_)
            | Self::Status(_)
            | Self::Versions(_) => false,
        }
    }
}

/// A JSON object with the version of its schema before everything else.
#[must_use]
pub fn versioned(object: Map<String, Value>) -> Map<String, Value> {
    let mut versioned = Map::from_iter([("schemaVersion".to_owned(), SCHEMA_VERSION.into())]);
    versioned.extend(object);
    versioned
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_version_of_the_schema_comes_first() {
        let object = Map::from_iter([("url".to_owned(), json!("http://127.0.0.1:1"))]);
        assert_eq!(versioned(object).keys().next().unwrap(), "schemaVersion");
    }

    #[test]
    fn keys_of_the_service_become_camel_case() {
        assert_eq!(
            camel_case(&json!([{"TriggerName": "T", "Bind": {"Is": [1]}, "name": null}])),
            json!([{"triggerName": "T", "bind": {"is": [1]}, "name": null}])
        );
    }
}
