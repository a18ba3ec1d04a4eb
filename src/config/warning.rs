//! What is probably a mistake in files and settings.

use std::error::Error as _;
use std::fmt;
use std::path::PathBuf;

use super::credentials::CredentialsError;
use super::dotenv;
use super::position::Position;
use super::project::ConfigError;
use super::variables::{self, VariableErrors};

/// What is probably a mistake in files and settings. No secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigWarning {
    /// The parent directory's configuration cannot be used.
    ParentIgnored(Box<ConfigError>),
    /// A value of the parent directory's configuration counts, in place of the instance's own.
    Overridden {
        /// `app`, `stage` or `org`.
        key: &'static str,
        /// The file that counts.
        by: PathBuf,
        /// The instance's.
        of: PathBuf,
    },
    /// A key at the top that nothing reads.
    UnknownKey {
        /// The key.
        key: String,
        /// Where it stands.
        position: Position,
        /// What is probably meant.
        meant: TopKeyMeaning,
    },
    /// `inputs.function` of one function, which the real component has no use for either.
    Function {
        /// Where it stands.
        position: Position,
    },
    /// A line of the `.env` file that needs a look.
    DotEnv {
        /// The file.
        path: PathBuf,
        /// The line, and what is the matter with it.
        warning: dotenv::DotenvWarning,
    },
    /// The `.env` file of one instance, when the whole project is worked on.
    MemberDotEnv {
        /// The file.
        path: PathBuf,
        /// The one that counts.
        of_project: PathBuf,
    },
    /// The `.env` file of the stage, which turned out to be another one than expected.
    UnreadDotEnv {
        /// The stage.
        stage: String,
        /// The file.
        path: PathBuf,
        /// The one that was read.
        read: Option<PathBuf>,
    },
    /// Text with a `${` that is sent as it is.
    Variable(variables::VariableWarning),
    /// An input that cannot be resolved, and that the command does not use.
    LeftOut {
        /// The input.
        key: String,
        /// Why it cannot be resolved.
        errors: VariableErrors,
    },
    /// A region that is not listed.
    Region {
        /// The region.
        region: String,
        /// The one that it looks like.
        meant: Option<&'static str>,
    },
    /// A `.env` file that may be someone else's.
    DotEnvOutside {
        /// The file.
        path: PathBuf,
    },
    /// A value of an output that was given for nothing.
    UnusedValue {
        /// Its key.
        key: String,
        /// What is referred to.
        used: UsedInstead,
    },
    /// Keys of the process that cannot be used, where a server takes its own.
    ServerKeys(CredentialsError),
    /// Others that are not shown.
    More {
        /// How many.
        count: usize,
    },
}

/// What is referred to, other than the value that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsedInstead {
    /// Another spelling.
    Like(String),
    /// Others.
    Others(Vec<String>),
    /// No output at all.
    Nothing,
}

impl fmt::Display for UsedInstead {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Like(key) => write!(formatter, "; did you mean `{key}`?"),
            Self::Others(keys) => write!(formatter, "; referred to: {}", keys.join(", ")),
            Self::Nothing => formatter.write_str("; no `${output:…}` is referred to"),
        }
    }
}

/// What an unknown key at the top probably means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopKeyMeaning {
    /// An input, which stands below `inputs`.
    Input,
    /// A key of a similar name.
    Key(&'static str),
    /// An input of a similar name.
    InputLike(&'static str),
    /// A key of an instance, in the file of the folder above it.
    OfInstance,
    /// Nothing that is known.
    Nothing,
}

impl fmt::Display for TopKeyMeaning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => formatter.write_str("; it belongs below `inputs`"),
            Self::Key(key) => write!(formatter, "; did you mean `{key}`?"),
            Self::InputLike(key) => {
                write!(formatter, "; did you mean `{key}`, which belongs below `inputs`?")
            }
            Self::OfInstance => formatter.write_str(
                "; instances take over `app`, `stage` and `org`, the rest stands in their own files",
            ),
            Self::Nothing => Ok(()),
        }
    }
}

impl fmt::Display for ConfigWarning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ParentIgnored(error) => {
                write!(formatter, "the parent directory's configuration is ignored: {error}")?;
                error.source().map_or(Ok(()), |source| write!(formatter, ": {source}"))
            }
            Self::Overridden { key, by, of } => {
                let (by, of) = (by.display(), of.display());
                write!(formatter, "`{key}` of {by} overrides the one in {of}")
            }
            Self::UnknownKey { key, position, meant } => {
                write!(
                    formatter,
                    "`{key}` ({position}) has no effect at the top of the file{meant}"
                )
            }
            Self::Function { position } => write!(
                formatter,
                "`function` ({position}) has no effect in `inputs` of scf; `name` says which function it is"
            ),
            Self::DotEnv { path, warning } => write!(formatter, "{}, {warning}", path.display()),
            Self::MemberDotEnv { path, of_project } => write!(
                formatter,
                "{} is not read when the whole project is deployed; put its variables into {}",
                path.display(),
                of_project.display()
            ),
            Self::UnreadDotEnv { stage, path, read } => {
                let path = path.display();
                write!(formatter, "the stage is `{stage}`, but {path} was not read: ")?;
                match read {
                    Some(read) => write!(formatter, "{} was read instead", read.display())?,
                    None => formatter.write_str("no .env file was read")?,
                }
                write!(formatter, "; give `--stage {stage}`")
            }
            Self::Variable(warning) => warning.fmt(formatter),
            Self::LeftOut { key, errors } => {
                write!(formatter, "`inputs.{key}` is left out: {errors}")
            }
            Self::Region { region, meant } => {
                write!(formatter, "`{region}` is not a region that this program knows")?;
                meant.map_or(Ok(()), |meant| write!(formatter, "; did you mean `{meant}`?"))
            }
            Self::DotEnvOutside { path } => write!(
                formatter,
                "variables are read from {}, which lies outside the project; keys in it win over those of a profile",
                path.display()
            ),
            Self::UnusedValue { key, used } => {
                write!(formatter, "the value of `{key}` is used by nothing{used}")
            }
            Self::ServerKeys(error) => {
                write!(formatter, "{error}; this server has a key of its own")
            }
            Self::More { count } => write!(formatter, "and {count} more like these"),
        }
    }
}
