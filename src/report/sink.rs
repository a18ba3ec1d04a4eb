//! What a command says while it works, to whoever asked for it.

use std::sync::Arc;

use serde_json::Value;

use super::Report;
use super::deploy::DeployedInstance;
use super::logs::LogLine;
use super::page::{Account, MadeCall};
use super::rollout::Event;
use super::status::PastedCommand;
use crate::error::Error;
use crate::text::Text;

/// Hears what a command says while it works.
///
/// Commands know no streams, layouts and languages. What they say are values, and where these go
/// is up to whoever calls them: the command line prints them.
pub trait Sink: Send + Sync {
    /// Something worth knowing.
    fn note(&self, text: &dyn Text);

    /// A note that is said by whichever of several has it first. `of` is what makes two the same.
    fn note_once(&self, of: &str, text: &dyn Text);

    /// Something worth knowing that decides about what is to be done next.
    fn decisive(&self, text: &dyn Text);

    /// Something that is probably a mistake, or that decides about who gets what.
    fn warning(&self, text: &dyn Text);

    /// A step that begins, or one of several that has ended.
    fn step(&self, text: &dyn Text);

    /// A part of a deployment that begins, where the one before ends.
    fn section(&self, section: Section);

    /// Something that is waited for.
    fn waiting(&self, text: &dyn Text);

    /// A call goes out; it ends as [`Self::answered`].
    fn sending(&self, action: &str) {
        let _ = action;
    }

    /// A call has come to its end, whether it was answered or not.
    fn answered(&self, action: &str) {
        let _ = action;
    }

    /// A trace, which is English.
    fn debug(&self, text: &str);

    /// A text that must not be shown from now on.
    fn hide(&self, secret: &str);

    /// A text that must not be shown from now on, but in results.
    fn withhold(&self, secret: &str);

    /// What is about to be done, and to what.
    fn header(&self, action: &str, stage: &str, app: &str, name: &str);

    /// Returns what hears how far some work has come, until it is dropped.
    fn transfer(&self, work: Work) -> Box<dyn Fn(WorkAmount) + Send + Sync>;

    /// A result that is there before the command ends.
    fn report(&self, report: &Report);

    /// What a function returned: the result, as it is. `several` are a line each.
    fn returned(&self, text: &str, several: bool);

    /// What a function wrote, beside the result.
    fn aside(&self, text: &str);

    /// A line of a log: a part of the result.
    fn log(&self, line: &LogLine);

    /// Whether somebody still reads the result.
    fn is_read(&self) -> bool;

    /// A look or a transition of a rollout, for programs that follow it.
    fn event(&self, event: &Event);

    /// What is known of the rollout of a function so far, for a report. It takes the place of what
    /// was known of the same function.
    fn account(&self, account: Account);

    /// For a report: the accounts are of the functions of a project, and these commands are what can
    /// be done about all of them.
    fn project(&self, commands: Vec<PastedCommand>);

    /// A call that was made, for a report.
    fn called(&self, call: MadeCall);

    /// The outputs of one instance of a project.
    fn instance(&self, name: &str, outputs: &DeployedInstance);

    /// The error of one of several, which is part of the command's own error.
    fn error(&self, error: &Error);

    /// The command's own error, right before the process ends.
    fn leaving(&self, error: &Error);

    /// Whether there is somebody who can be asked.
    fn can_ask(&self) -> bool {
        false
    }

    /// Asks a question and waits for the answer: whether it is yes.
    fn ask(&self, question: &dyn Text) -> bool {
        let _ = question;
        false
    }

    /// The value without what is hidden.
    fn masked(&self, value: &Value) -> Value {
        value.clone()
    }

    /// Returns a sink for what is said of one of several.
    fn labelled(&self, name: &str) -> Arc<dyn Sink>;

    /// Returns a sink for what is said of the member of a project in this folder.
    fn of_member(&self, name: &str, folder: &str) -> Arc<dyn Sink>;
}

/// A part of a deployment, as logs are read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Section {
    /// Files are read and packed, and the service is asked.
    #[error("Prepare")]
    Prepare,
    /// What is deployed by several at a time.
    #[error("Deploy the functions")]
    Functions,
    /// `$LATEST` changes.
    #[error("Code and configuration")]
    Code,
    /// A version is published, or found.
    #[error("Version")]
    Version,
    /// An alias is routed.
    #[error("Traffic")]
    Traffic,
    /// Triggers change.
    #[error("Triggers")]
    Triggers,
    /// The new version is rolled out.
    #[error("Rollout")]
    Rollout,
}

impl Section {
    /// Its word for programs.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Functions => "functions",
            Self::Code => "code",
            Self::Version => "version",
            Self::Traffic => "traffic",
            Self::Triggers => "triggers",
            Self::Rollout => "rollout",
        }
    }
}

/// Work that takes its time, measured in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Work {
    /// Files become a package.
    #[error("packing")]
    Packing,
    /// A package is sent.
    #[error("uploading")]
    Uploading,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkAmount {
    /// Bytes done.
    pub bytes: u64,
    /// Bytes in all.
    pub all_bytes: u64,
    /// Files done and in all, where there are any.
    pub files: Option<(usize, usize)>,
}
