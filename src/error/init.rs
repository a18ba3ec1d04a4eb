//! Why `init` writes nothing.

use std::path::PathBuf;

use super::{ExitCode, quoted_path};
use crate::model::listed;

/// Why nothing is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InitError {
    /// Not said what to begin from.
    #[error("init needs one of --from-function, --from-file and --runtime")]
    NoSource,
    /// Said twice.
    #[error("init takes one of --from-function, --from-file and --runtime")]
    SeveralSources,
    /// An option that means nothing to the rest.
    #[error("{option} has no effect without {with}")]
    NoEffect {
        /// The option.
        option: &'static str,
        /// The ones that it belongs to.
        with: &'static str,
    },
    /// Another runtime than there is something for.
    #[error("there is nothing to begin with for the runtime `{runtime}`")]
    Runtime {
        /// The runtime.
        runtime: String,
        /// Those that there is something for.
        known: Vec<&'static str>,
    },
    /// A file that would be overwritten.
    #[error("{} is there already; nothing was written", path.display())]
    There {
        /// The file.
        path: PathBuf,
    },
    /// A `.env` without what the function needs.
    #[error("{} is there already and lacks variables, or has others: {}; nothing was written", path.display(), listed(names))]
    DotEnvLacks {
        /// The file.
        path: PathBuf,
        /// The variables.
        names: Vec<String>,
    },
    /// No YAML for it.
    #[error("the configuration cannot be written as YAML")]
    NoYaml,
    /// No such file.
    #[error("--from-file {}: there is no such file", .0.display())]
    NoFile(PathBuf),
    /// A file that cannot be read.
    #[error("{} cannot be read: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// None of the older formats.
    #[error("the file of --from-file has none of the older formats")]
    NotOlder,
    /// A service elsewhere.
    #[error("the file of --from-file is for `{provider}`, not for tencent")]
    OtherCloud {
        /// The provider.
        provider: String,
    },
    /// A service without functions.
    #[error("the file of --from-file has no functions")]
    NoFunctions,
    /// A folder that leads elsewhere.
    #[error("`{0}` in the file of --from-file cannot be the name of a folder")]
    Folder(String),
}

/// What to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InitHint {
    /// What to type.
    #[error(
        "for example `scfctl init --runtime Python3.9`, `scfctl init --from-function NAME --region ap-guangzhou`, \
         `scfctl init --from-file old.yml --target new`"
    )]
    Sources,
    /// Leave all but one out.
    #[error("leave all but one out")]
    One,
    /// Leave it out.
    #[error("leave {0} out")]
    LeaveOut(&'static str),
    /// The runtimes.
    #[error("one of {}; of any other, --from-function makes a file from a function that is there", listed(.0))]
    Runtimes(Vec<&'static str>),
    /// Another folder.
    #[error(
        "nothing is overwritten: move it away, or write into another folder with `--target new`"
    )]
    OtherFolder,
    /// What an older format is.
    #[error(
        "these are `component: '@serverless/tencent-scf'`, a map with such a component, and `service` with \
         `provider: {{name: tencent}}`; `component: scf` is today's already"
    )]
    Older,
    /// Where the file is looked for.
    #[error("it is looked for from the working directory on; see `ls {}`", quoted_path(.0))]
    Ls(PathBuf),
}

impl InitError {
    /// How the process exits.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoYaml => ExitCode::Failure,
            _ => ExitCode::Usage,
        }
    }

    /// What to do about it.
    pub(super) fn hint(&self) -> Option<InitHint> {
        Some(match self {
            Self::NoSource => InitHint::Sources,
            Self::SeveralSources => InitHint::One,
            Self::NoEffect { option, .. } => InitHint::LeaveOut(option),
            Self::Runtime { known, .. } => InitHint::Runtimes(known.clone()),
            Self::There { .. } | Self::DotEnvLacks { .. } => InitHint::OtherFolder,
            Self::NotOlder | Self::OtherCloud { .. } => InitHint::Older,
            Self::NoFile(path) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                InitHint::Ls(folder.unwrap_or(std::path::Path::new(".")).to_owned())
            }
            Self::NoYaml | Self::Unreadable { .. } | Self::NoFunctions | Self::Folder(_) => {
                return None;
            }
        })
    }
}
