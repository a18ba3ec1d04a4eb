//! Options that make no sense together, or with what they are about.

use std::path::PathBuf;

use crate::shell::quoted;

/// Options or variables that do not fit what is to be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// A value that is neither yes nor no must not end in the cloud.
    #[error("SCFCTL_LOCAL is `{value}`, which says neither yes nor no")]
    Local {
        /// The value.
        value: String,
    },
    /// `SCFCTL_COS_ENDPOINT`.
    #[error("`{text}` is not an address of COS")]
    StorageAddress {
        /// The value.
        text: String,
    },
    /// `--prune-triggers` without triggers.
    #[error("--prune-triggers removes what the file lacks, but the file has no word on triggers")]
    PruneTriggers,
    /// `--if-changed` without a publication.
    #[error("--if-changed says when to publish, but nothing is to be published")]
    IfChanged,
    /// `--list` and a package on standard output.
    #[error("--list prints to standard output, where --out writes the package")]
    ListAndOut,
    /// One file for several packages.
    #[error("--out writes one package, and each of the functions {} has its own", functions.join(", "))]
    OnePackage {
        /// Keys of the functions.
        functions: Vec<String>,
        /// The file.
        out: PathBuf,
    },
    /// A function whose code is no folder.
    #[error("there is no package: {} runs what lies elsewhere already", the_function(function.as_deref()))]
    NoPackage {
        /// Its key, where it is one of several.
        function: Option<String>,
    },
    /// `local serve --run` for other machines.
    #[error("--run with {address}: whoever reaches the server could run programs here")]
    RunsForOthers {
        /// Where it would listen.
        address: std::net::SocketAddr,
    },
    /// The cloud has calls of its own.
    #[error("a load is set in the local SCF, not at {endpoint}")]
    LoadOfService {
        /// The address.
        endpoint: String,
    },
    /// `--package` or `--sha256`, and several functions.
    #[error("{option} is about one package, and each of the functions {} has its own", functions.join(", "))]
    PackageOfFunctions {
        /// The option.
        option: &'static str,
        /// Keys of the functions.
        functions: Vec<String>,
    },
    /// `--package` or `--sha256`, and several instances.
    #[error("{option} is about one package, and this folder holds the instances {}", instances.join(", "))]
    PackageOfProject {
        /// The option.
        option: &'static str,
        /// Folders of the instances.
        instances: Vec<String>,
    },
    /// `--package` of a function that runs an image.
    #[error("--package sends a zip, and the function runs an image")]
    PackageOfImage,
    /// `--package` beside `src` on the command line.
    #[error("the code is given twice: by --package and by `src`")]
    TwoSources,
    /// `--sha256` without a finished package.
    #[error("--sha256 is the hash of a finished package, and the code is none")]
    HashOfNone,
    /// `--respect-gitignore` of a finished package.
    #[error("--respect-gitignore has no effect on a finished package, which is sent as it is")]
    GitignoreOfFinished,
    /// The alias that every function has.
    #[error("`$DEFAULT` belongs to every function and cannot be deleted")]
    DefaultAlias,
    /// The version that every function has.
    #[error("`$LATEST` belongs to every function and cannot be deleted")]
    LatestVersion,
    /// What is to be deleted is named by nothing.
    #[error("`{key}` is empty, so that more might be deleted than is meant")]
    EmptyOfDeletion {
        /// Input.
        key: &'static str,
    },
    /// A version and an alias.
    #[error("a version and an alias are named, and one thing is removed")]
    VersionAndAlias,
    /// `--end-rollout` of a version.
    #[error("--end-rollout is for an alias or a function: a version of a rollout stays")]
    EndRolloutOfVersion,
    /// A deletion that nobody has confirmed.
    #[error("not confirmed, so nothing is deleted")]
    NotConfirmed {
        /// Whether somebody was asked.
        asked: bool,
    },
    /// How many versions stay is not said.
    #[error("--keep has to say how many of the newest versions stay")]
    Keep,
    /// `--report` of a kind that there is not.
    #[error("--report `{}` ends in none of .html, .json and .xml", path.display())]
    ReportName {
        /// As typed.
        path: PathBuf,
    },
    /// `--report` that cannot be written.
    #[error("--report `{}` {problem}", path.display())]
    ReportTarget {
        /// As typed.
        path: PathBuf,
        /// Why not.
        problem: TargetProblem,
    },
}

/// Why a file cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetProblem {
    /// A folder stands there.
    #[error("is a folder")]
    Folder,
    /// A link, whose end was not named.
    #[error("is a link")]
    Link,
    /// A disk or a socket.
    #[error("is neither a file nor a pipe")]
    Special,
    /// Something that keeps nothing.
    #[error("is no file")]
    NoFile,
    /// In the words of the system.
    #[error("cannot be written: {0}")]
    Refused(String),
}

pub(super) fn the_function(key: Option<&str>) -> String {
    key.map_or_else(|| "the function".to_owned(), |key| format!("`{key}`"))
}

impl OptionsError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Local { .. } => "set it to 1 to work locally, or unset it",
            Self::StorageAddress { .. } => {
                "write for example SCFCTL_COS_ENDPOINT=https://cos-internal.ap-guangzhou.tencentcos.cn"
            }
            Self::PruneTriggers => {
                "add `events` (`events: []` for none), or leave --prune-triggers out"
            }
            Self::IfChanged => "add `--inputs publish=true`",
            Self::ListAndOut | Self::TwoSources => "leave one of them out",
            Self::OnePackage { functions, out } => return Self::one_package(functions, out),
            Self::NoPackage { .. } => "name a folder with `src`",
            Self::RunsForOthers { .. } => {
                "listen on 127.0.0.1, or leave --run out: calls are then answered without running anything"
            }
            Self::LoadOfService { .. } => {
                "leave the endpoint out, or name the one that `scfctl local serve` printed"
            }
            Self::PackageOfFunctions { .. } => "name one of them with --function",
            Self::PackageOfProject { .. } => "name the folder of one of them with --target",
            Self::PackageOfImage => "leave it out; the image is named by `image.imageUrl`",
            Self::HashOfNone => {
                "name the zip with --package or `src`, or leave it out; `scfctl package --out code.zip` makes one"
            }
            Self::GitignoreOfFinished => "leave it out",
            Self::DefaultAlias => {
                "to send all its requests to $LATEST: `scfctl deploy --inputs traffic=1`"
            }
            Self::LatestVersion => "name a published version, or leave --version out to delete the function",
            Self::EmptyOfDeletion { .. } => {
                "leave it out, or fill the variable of the shell that stood there"
            }
            Self::VersionAndAlias => "name one of them",
            Self::EndRolloutOfVersion => "end the rollout that uses it first; `scfctl status` shows its alias",
            Self::NotConfirmed { asked: true } => "answer y, or add --yes",
            Self::NotConfirmed { asked: false } => {
                "add --yes, or set SCFCTL_YES=1 in the pipeline; --dry-run shows what would be deleted"
            }
            Self::Keep => "for example `scfctl versions prune --keep 5`",
            Self::ReportName { .. } => {
                ".html is a page for people, .json its data, .xml JUnit for pipelines"
            }
            Self::ReportTarget { problem: TargetProblem::Link, .. } => {
                "name the file that it leads to"
            }
            Self::ReportTarget { .. } => "name a file in a folder that can be written to",
        }
        .to_owned()
    }

    /// The command that packs the first function.
    pub(crate) fn one_package(functions: &[String], out: &std::path::Path) -> String {
        let key = functions.first().map(String::as_str).unwrap_or_default();
        let file = out.display().to_string();
        format!("`scfctl package --out {} --inputs function={}`", quoted(&file), quoted(key))
    }
}
