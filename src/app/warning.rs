//! What is probably a mistake, whichever room has found it.

use crate::config::input_error::InputWarning;
use crate::package;
use crate::report::notice::CodeWarning;
use crate::text::{FilePlace, Text};

/// What is probably a mistake, or has no effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// A key of `inputs`.
    #[error(transparent)]
    Input(#[from] InputWarning),
    #[error("{0}")]
    Package(package::PackageWarning),
    /// Code that would not start.
    #[error(transparent)]
    Code(#[from] CodeWarning),
    /// The code of one of several functions.
    #[error("{key}: {warning}")]
    OfFunction { key: String, warning: Box<Self> },
}

/// What is told of several functions, by their keys: once what concerns all of them.
pub(super) fn by_function(told: &[(Option<&str>, &[Warning])]) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = Vec::new();
    for (key, of_function) in told {
        for warning in *of_function {
            // Places of the file name the function; those of its code do not.
            let of_code = !matches!(warning, Warning::Input(_));
            let of_all = told.iter().all(|(_, all)| all.contains(warning));
            let warning = match key {
                Some(key) if of_code && !of_all => {
                    let (key, warning) = ((*key).to_owned(), Box::new(warning.clone()));
                    Warning::OfFunction { key, warning }
                }
                _ => warning.clone(),
            };
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
    }
    warnings
}

impl From<&package::PackageWarning> for Warning {
    fn from(warning: &package::PackageWarning) -> Self {
        Self::Package(warning.clone())
    }
}

impl Text for Warning {
    fn zh(&self) -> String {
        match self {
            Self::Input(warning) => warning.zh(),
            Self::Package(warning) => warning.zh(),
            Self::Code(warning) => warning.zh(),
            Self::OfFunction { key, warning } => format!("{key}：{}", warning.zh()),
        }
    }

    fn place(&self) -> Option<FilePlace> {
        match self {
            Self::Input(warning) => warning.place(),
            Self::Package(warning) => warning.place(),
            Self::Code(warning) => warning.place(),
            Self::OfFunction { warning, .. } => warning.place(),
        }
    }
}
