//! What chats are told of a rollout.

use serde::Serialize;

use super::{FunctionName, Said};
use crate::error::Chat;
use crate::model::{Version, Weight, listed};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, thiserror::Error)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Occasion {
    /// A rollout begins, or begins again.
    #[error("start")]
    Start,
    /// The next step.
    #[error("step")]
    Step,
    /// It stands still.
    #[error("hold")]
    Hold,
    /// It goes on.
    #[error("resume")]
    Resume,
    /// Everything went back.
    #[error("rolled back")]
    RolledBack,
    /// The new version serves everything.
    #[error("done")]
    Done,
}

impl Occasion {
    /// Whether somebody may have to do something about it.
    #[must_use]
    pub fn is_alarming(self) -> bool {
        matches!(self, Self::Hold | Self::RolledBack)
    }
}

/// The first line of a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{}: function {function}, alias {alias}",
    match occasion {
        Occasion::Start => "Rollout started",
        Occasion::Step => "Rollout, next step",
        Occasion::Hold => "Rollout held",
        Occasion::Resume => "Rollout goes on",
        Occasion::RolledBack => "Rolled back",
        Occasion::Done => "Rollout done",
    }
)]
pub struct Headline {
    /// What happened.
    pub occasion: Occasion,
    /// Name of the function.
    pub function: String,
    /// Alias.
    pub alias: String,
}

/// Where the function is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("namespace {namespace}, {region}")]
pub struct Whereabouts {
    /// Namespace.
    pub namespace: String,
    /// Region.
    pub region: String,
}

/// What is said in place of a message where nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsent {
    /// `--dry-run`.
    #[error("nothing is sent; {chat} would be told: {headline}{}", text.as_ref().map(|text| format!("; {text}")).unwrap_or_default())]
    Message {
        /// Who would be told.
        chat: Chat,
        /// The first line.
        headline: Said,
        /// What happens, where that is known.
        text: Option<Said>,
    },
    /// `rollout rehearse`.
    #[error("nothing is sent; {chat} would be told of: {}", listed(occasions))]
    Rehearsed {
        /// Who would be told.
        chat: Chat,
        /// Of what, in order.
        occasions: Vec<Occasion>,
    },
}

/// A message, as JSON for programs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Announcement {
    /// The same for the same transition, so that a receiver can drop doubles.
    pub id: String,
    /// What happened.
    pub event: Occasion,
    /// When, by the service's clock.
    pub time: String,
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// The alias.
    pub alias_name: String,
    /// The rollout; none where an alias that is under none was rolled back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<String>,
    /// The version that served before the rollout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Version>,
    /// The version that is rolled out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Version>,
    /// At the end: the version that serves everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serves: Option<Version>,
    /// The step that it is in, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// How many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// The share of the new version in that step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Weight>,
    /// Where the rollout is: `running`, `held`, `back`, `done`, `ended`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::schema::Phase>"))]
    pub phase: Option<&'static str>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::schema::Ground>"))]
    pub reason: Option<&'static str>,
    /// All of it as a sentence, in English.
    pub text: Said,
    /// The first line for people.
    #[serde(skip)]
    pub headline: Said,
    /// Where the function is.
    #[serde(skip)]
    pub whereabouts: Said,
    /// What can be done about it.
    #[serde(skip)]
    pub advice: Option<Said>,
}
