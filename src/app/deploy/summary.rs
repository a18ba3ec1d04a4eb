//! What a run of several came to: which failed, which were left out, and the exit code.

use serde_json::{Map, Value};

use crate::app::session::Session;
use crate::error::{Doing, Error, ExitCode, FailureReport};
use crate::execute::Signal;
use crate::order::Order as _;
use crate::report::deploy::FunctionOutcome;

/// Counts what became of each of several.
#[derive(Default)]
pub(super) struct Summary {
    deployed: Vec<String>,
    failed: Vec<String>,
    codes: Vec<ExitCode>,
    /// The errors, each said of what failed.
    reports: Vec<FailureReport>,
    skipped: Vec<(String, String)>,
    not_begun: Vec<String>,
    perhaps_published: bool,
}

impl Summary {
    pub(super) fn deployed(&mut self, name: String) {
        self.deployed.push(name);
    }

    /// Remembers whether a function was published.
    pub(super) fn published(&mut self, outcome: &FunctionOutcome) {
        if let FunctionOutcome::Deployed(function) = outcome {
            self.perhaps_published |= function.published_version.is_some();
        }
    }

    pub(super) fn failed(&mut self, name: String) {
        self.failed.push(name);
    }

    /// Remembers why a function failed; `name` says which.
    pub(super) fn failure(&mut self, name: &str, error: &Error, perhaps_published: bool) {
        self.codes.push(error.exit_code());
        self.reports.push(error.report().of(name));
        self.perhaps_published |= perhaps_published;
    }

    /// Left out, because another one failed.
    pub(super) fn skipped(&mut self, name: String, because: String) {
        self.skipped.push((name, because));
    }

    pub(super) fn not_begun(&mut self, name: String) {
        self.not_begun.push(name);
    }

    /// How many were deployed, and how many were not.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.deployed.len(), self.failed.len() + self.skipped.len() + self.not_begun.len())
    }

    /// The exit code of a run in which not everything went well: that of the signal which
    /// stopped it, else the one that all failures have in common, else 1.
    fn exit_code(&self, signal: Option<Signal>) -> ExitCode {
        match (signal, self.codes.as_slice()) {
            (Some(Signal::Interrupt), _) => ExitCode::Interrupted,
            (Some(Signal::Terminate), _) => ExitCode::Terminated,
            (None, [first, rest @ ..]) if rest.iter().all(|code| code == first) => *first,
            (None, _) => ExitCode::Failure,
        }
    }

    /// An error unless all are deployed. Whatever can be continued under the same run id is
    /// said. `result` tells programs what became of each.
    pub(super) fn finish(
        mut self,
        session: &Session,
        result: Map<String, Value>,
    ) -> Result<(), Error> {
        if self.counts().1 == 0 {
            return Ok(());
        }
        // They ended in any order; the same failures are told in the same words.
        self.deployed.order();
        self.failed.order();
        self.reports.order_by(|one, other| one.message.cmp(&other.message));
        self.skipped.order();
        self.not_begun.order();
        Err(Error::Several {
            doing: Doing::Deploying,
            code: self.exit_code(session.interrupted()),
            deployed: self.deployed,
            failed: self.failed,
            skipped: self.skipped,
            not_begun: self.not_begun,
            run_id: session.run_to_name(self.perhaps_published),
            reports: self.reports,
            result,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_what_the_failures_have_in_common() {
        use ExitCode::{Conflict, Failure, Interrupted, NotFound, Terminated};
        for (codes, signal, expected) in [
            (&[NotFound][..], None, NotFound),
            (&[Conflict, Conflict], None, Conflict),
            (&[Conflict, NotFound], None, Failure),
            (&[Conflict, NotFound], Some(Signal::Interrupt), Interrupted),
            (&[], Some(Signal::Terminate), Terminated),
        ] {
            let summary = Summary { codes: codes.to_vec(), ..Summary::default() };
            assert_eq!(summary.exit_code(signal), expected, "{codes:?} {signal:?}");
        }
    }
}
