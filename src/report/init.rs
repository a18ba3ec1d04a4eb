//! What `init` reports: the files that it wrote, and what they do not say.

use serde::Serialize;

use super::FunctionName;
use super::said::{Said, shown_in};
use crate::model::Version;
use crate::model::listed;
use crate::model::trigger::TriggerTitle;
use crate::text::Language;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Described {
    /// The function that is described.
    #[serde(flatten)]
    pub function: Option<FunctionName>,
    /// The files, from the working directory on.
    pub files: Vec<String>,
    /// Variables whose values stand in `.env`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<String>,
    /// What was there and the files do not say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<Said>,
}

impl Described {
    /// The result as people are shown it.
    #[must_use]
    pub fn shown(&self, language: Language) -> Self {
        shown_in(self, language, |written| {
            written.left_out.iter_mut().for_each(Said::speak_chinese);
        })
    }
}

/// What the files do not say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsaid {
    /// A setting.
    #[error(
        "`{0}` of the function cannot be said in serverless.yml and is left out; deployments leave it as it is"
    )]
    Setting(String),
    /// A setting with a text that no file can say.
    #[error(
        "`{key}` of the function is left out, since no serverless.yml or .env can say the text of `{path}`; deployments leave it as it is"
    )]
    Text {
        /// The input.
        key: String,
        /// Where the text stands.
        path: String,
    },
    /// Triggers.
    #[error(
        "triggers are left out, as not all of them can be said in serverless.yml, and deployments leave them as they are: {}",
        listed(.0)
    )]
    Triggers(Vec<TriggerTitle>),
    /// An alias.
    #[error("alias `{name}` ({routing}) is left out; deployments leave it as it is")]
    Alias {
        /// Its name.
        name: String,
        /// Where it routes.
        routing: String,
    },
    /// Provisioned instances.
    #[error(
        "the {count} provisioned instances of version {version} are left out; deployments leave them as they are"
    )]
    Provisioned {
        /// Version.
        version: Version,
        /// Instances.
        count: u64,
    },
    /// The code, which could not be had.
    #[error("the code is not there: {}; put it into ./src before you deploy", .0.as_deref().unwrap_or("the service has no copy to give"))]
    Code(Option<String>),
    /// A package that is another than the service names.
    #[error(
        "code.zip is not the package that the service names the hash of: it is sent once when you deploy"
    )]
    OtherCode,
    /// A key of an older format.
    #[error("`{0}` has no place in today's format and is left out")]
    Key(String),
    /// A reference of an older format.
    #[error(
        "`{0}` holds a reference of another format: write the value, ${{env:NAME}} or ${{param:NAME}} in its place"
    )]
    Reference(String),
    /// A path whose beginning is a reference.
    #[error(
        "`{0}` begins with a reference and is written as it is; what it comes to is taken from the folder of the new file on, unless it begins with `/`"
    )]
    Path(String),
    /// Where the file has shares.
    #[error(
        "the file says who gets which share of `{alias}`, and each deployment sets it so: take it out before you shift traffic otherwise"
    )]
    Shares {
        /// The alias.
        alias: String,
    },
    /// Values in `.env`.
    #[error("these are written to .env (mode 600), which does not belong into a repository: {}", listed(.0))]
    Variables(Vec<String>),
    /// What the code is.
    #[error(
        "the code is the function's package, code.zip; to work on it: `unzip code.zip -d src`, and `src: ./src`"
    )]
    Package,
}

impl Unsaid {
    /// Whether something is left out, or wants a hand.
    #[must_use]
    pub fn is_left_out(&self) -> bool {
        !matches!(self, Self::Shares { .. } | Self::Variables(_) | Self::Package)
    }
}
