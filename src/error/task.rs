//! What a command was about when it failed.

use std::path::PathBuf;

use crate::model::Version;

/// What could not be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Task {
    /// Deploy a function.
    #[error("deploy function `{function}`")]
    Deploy {
        /// Name of the function.
        function: String,
    },
    /// Create an alias.
    #[error("create alias `{alias}` of function `{function}`")]
    CreateAlias {
        /// Name of the alias.
        alias: String,
        /// Name of the function.
        function: String,
    },
    /// Change an alias.
    #[error("update alias `{alias}` of function `{function}`")]
    UpdateAlias {
        /// Name of the alias.
        alias: String,
        /// Name of the function.
        function: String,
    },
    /// Delete an alias.
    #[error("delete alias `{alias}` of function `{function}`")]
    DeleteAlias {
        /// Name of the alias.
        alias: String,
        /// Name of the function.
        function: String,
    },
    /// Remove a function, with all that belongs to it.
    #[error("remove function `{function}`")]
    Remove {
        /// Name of the function.
        function: String,
    },
    /// Remove a version.
    #[error("remove version {version} of function `{function}`")]
    RemoveVersion {
        /// Version.
        version: Version,
        /// Name of the function.
        function: String,
    },
    /// Remove old versions.
    #[error("prune versions of function `{function}`")]
    Prune {
        /// Name of the function.
        function: String,
    },
    /// List aliases.
    #[error("list aliases of function `{function}`")]
    ListAliases {
        /// Name of the function.
        function: String,
    },
    /// Show the load of a function of the local SCF.
    #[error("show the load of function `{function}`")]
    ReadLoad {
        /// Name of the function.
        function: String,
    },
    /// Change it.
    #[error("change the load of function `{function}`")]
    SetLoad {
        /// Name of the function.
        function: String,
    },
    /// Call a function.
    #[error("invoke function `{function}`")]
    Invoke {
        /// Name of the function.
        function: String,
    },
    /// Find out how an alias splits its calls.
    #[error("verify the split of alias `{alias}` of function `{function}`")]
    VerifySplit {
        /// Name of the alias.
        alias: String,
        /// Name of the function.
        function: String,
    },
    /// Read logs.
    #[error("read logs of function `{function}`")]
    ReadLogs {
        /// Name of the function.
        function: String,
    },
    /// Read metrics.
    #[error("read metrics of function `{function}`")]
    ReadMetrics {
        /// Name of the function.
        function: String,
    },
    /// Look at a function.
    #[error("look at function `{function}`")]
    Status {
        /// Name of the function.
        function: String,
    },
    /// Read a part of what belongs to it.
    #[error("read the {part} of function `{function}`")]
    ReadPart {
        /// What.
        part: Part,
        /// Name of the function.
        function: String,
    },
    /// List versions.
    #[error("list versions of function `{function}`")]
    ListVersions {
        /// Name of the function.
        function: String,
    },
    /// Publish a version.
    #[error("publish a version of function `{function}`")]
    PublishVersion {
        /// Name of the function.
        function: String,
    },
    /// Do something about a rollout.
    #[error("{verb} of alias `{alias}` of function `{function}`")]
    Rollout {
        /// What.
        verb: RolloutVerb,
        /// Name of the alias.
        alias: String,
        /// Name of the function.
        function: String,
    },
    /// Look an output of another instance up.
    #[error("look up {reference}")]
    LookUp {
        /// The reference.
        reference: String,
    },
    /// Use the state of the local SCF.
    #[error("use {}", state.display())]
    UseState {
        /// Its file.
        state: PathBuf,
    },
    /// Start to work.
    #[error("start")]
    Start,
    /// Find out where the command was called.
    #[error("find the working directory")]
    WorkingDirectory,
    /// Write to stdout.
    #[error("write the result")]
    WriteResult,
    /// A file of a new project.
    #[error("write {}", path.display())]
    WriteFile {
        /// The file.
        path: PathBuf,
    },
    /// Write what `--report` names.
    #[error("write the report {}", path.display())]
    WriteReport {
        /// The file.
        path: PathBuf,
    },
    /// Make the package.
    #[error("pack the code")]
    Pack,
    /// Read a file.
    #[error("read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
    },
    /// Hear Ctrl-C.
    #[error("listen for signals")]
    ListenForSignals,
}

/// A part of what belongs to a function, which a look at it can do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Part {
    /// Digests of packages.
    #[error("code digests")]
    Code,
    /// Triggers.
    #[error("triggers")]
    Triggers,
    /// Provisioned instances.
    #[error("provisioned instances")]
    Provisioned,
    /// Calls of the versions of a rollout.
    #[error("monitor's minutes")]
    Monitor,
}

impl Part {
    /// The word for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Triggers => "triggers",
            Self::Provisioned => "provisioned",
            Self::Monitor => "monitor",
        }
    }
}

/// What could not be done about a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RolloutVerb {
    /// `start`.
    #[error("start a rollout")]
    Start,
    /// `tick`.
    #[error("go on with the rollout")]
    Tick,
    /// `status`.
    #[error("look at the rollout")]
    Status,
    /// `status --wait`.
    #[error("wait for the rollout")]
    Wait,
    /// `pause`.
    #[error("pause the rollout")]
    Pause,
    /// `resume`.
    #[error("resume the rollout")]
    Resume,
    /// `promote`.
    #[error("promote the rollout")]
    Promote,
    /// `abort`.
    #[error("abort the rollout")]
    Abort,
    /// `retry`.
    #[error("retry the rollout")]
    Retry,
    /// `rehearse`.
    #[error("rehearse a rollout")]
    Rehearse,
    /// `rollback`.
    #[error("undo the last release")]
    Rollback,
}
