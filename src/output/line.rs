//! Lines that the printer itself has to say.

/// What a line on stderr begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mark {
    /// An error.
    #[error("error: ")]
    Error,
    /// A cause of one.
    #[error("  caused by: ")]
    Cause,
    /// What had been done by then.
    #[error("  done: ")]
    Done,
    /// What may have been done.
    #[error("  may have been done: ")]
    PerhapsDone,
    /// What was not done.
    #[error("  not done: ")]
    NotDone,
    /// One of several that was left out.
    #[error("  skipped: ")]
    Skipped,
    /// One of several whose turn had not come.
    #[error("  not begun: ")]
    NotBegun,
    /// What to do about an error.
    #[error("  hint: ")]
    Hint,
    /// A warning.
    #[error("warning: ")]
    Warning,
    /// A note.
    #[error("note: ")]
    Note,
}

/// A line of our own layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Line<'a> {
    /// What is about to be done, and to what.
    #[error("Action: \"{action}\" - Stage: \"{stage}\" - App: \"{app}\" - Name: \"{name}\" ")]
    Header {
        /// The command.
        action: &'a str,
        stage: &'a str,
        app: &'a str,
        /// Instance.
        name: &'a str,
    },
    /// A call that lasts.
    #[error("waiting for {action}")]
    Asking {
        /// Action, as the API spells it.
        action: &'a str,
    },
    /// Something else that lasts.
    #[error("working")]
    Working,
    /// Everything went well.
    #[error("succeeded")]
    Succeeded,
    /// How many instances of a project were deployed.
    #[error("deployed: {deployed}{}", not_deployed(*failed))]
    Deployed {
        deployed: usize,
        /// Others.
        failed: usize,
    },
    /// One of several that was left out.
    #[error("{name}, which needs {because}")]
    Needs {
        /// The one that was left out.
        name: &'a str,
        /// The failed one that it needs.
        because: &'a str,
    },
    /// A file of the runner of a pipeline that could not be written.
    #[error("cannot write {file} for this step: {why}")]
    NotWritten { file: &'a str, why: &'a str },
}

fn not_deployed(failed: usize) -> String {
    match failed {
        0 => String::new(),
        count => format!(", not deployed: {count}"),
    }
}
