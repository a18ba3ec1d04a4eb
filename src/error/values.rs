//! Values of other instances that were given and cannot be used.

use std::path::PathBuf;

use crate::config::yaml::DocumentError;

/// Values for `${output:…}` that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ValuesError {
    /// One key twice.
    #[error("`{key}` is given twice ({place})")]
    Twice {
        /// The key.
        key: String,
        /// The option or the file.
        place: String,
    },
    /// The file is not there.
    #[error("the file of values {} does not exist", path.display())]
    NoFile {
        /// The file.
        path: PathBuf,
    },
    /// The file is not valid YAML or JSON.
    #[error("cannot understand {}: {error}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        error: DocumentError,
    },
    /// A list, or a single value.
    #[error("{} is not a map of outputs to values", path.display())]
    NoMap {
        /// The file.
        path: PathBuf,
    },
    /// An entry of the file that gives no value.
    #[error("`{key}` ({}{}) {flaw}", path.display(), of_line(*line))]
    Entry {
        /// Its key.
        key: String,
        /// The file.
        path: PathBuf,
        /// Its line.
        line: Option<usize>,
        /// What is wrong with it.
        flaw: EntryFlaw,
    },
}

/// What is wrong with an entry of a file of values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryFlaw {
    /// A value without quotes that YAML takes for another text than the one that is written: both,
    /// unless it may be a secret.
    #[error("is not a text, and would become another one than it is written{}", both(.0.as_ref()))]
    Changed(Option<(String, String)>),
    /// Nothing.
    #[error("has no value")]
    NoValue,
    /// A key of another form.
    #[error("names no output")]
    NoOutput,
}

pub(super) fn both(texts: Option<&(String, String)>) -> String {
    texts.map(|(written, sent)| format!(": `{written}` would be `{sent}`")).unwrap_or_default()
}

pub(crate) fn of_line(line: Option<usize>) -> String {
    line.map(|line| format!(":{line}")).unwrap_or_default()
}

pub(super) const IN_A_FILE: &str = "for example `dev:shop:net.vpcId: vpc-12345678`, or a map below `dev:shop:net:`; \
                         without the stage, `shop.net.vpcId`, it is for that of the run";

impl ValuesError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Twice { .. } => "leave one of them out".to_owned(),
            Self::NoFile { .. } => "name a YAML or JSON file with --output-values".to_owned(),
            Self::Syntax { error, .. } => error.excerpt.clone(),
            Self::Entry { flaw: EntryFlaw::Changed(_), .. } => "put it in quotes".to_owned(),
            Self::NoMap { .. }
            | Self::Entry { flaw: EntryFlaw::NoValue | EntryFlaw::NoOutput, .. } => {
                IN_A_FILE.to_owned()
            }
        }
    }
}
