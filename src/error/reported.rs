//! An error as values, for programs and for people.

use std::error::Error as _;

use super::report::FailureReport;
use super::{Doing, Error, Task};
use crate::execute::{ExecuteError, Halted};
use crate::text::{Language, Text};

impl Error {
    /// The failure as values, for programs: in English.
    #[must_use]
    pub fn report(&self) -> FailureReport {
        self.report_in(Language::English)
    }

    /// The failure as values, for people who read this language.
    #[must_use]
    pub fn report_in(&self, language: Language) -> FailureReport {
        if let Self::Instance { name, error } = self {
            return error.report_in(language).of(name);
        }
        if let Self::After { error, done, .. } = self {
            let mut report = error.report_in(language);
            let before = done.iter().map(|(function, step)| match function {
                Some(name) => format!("{name}: {}", language.say(step)),
                None => language.say(step),
            });
            report.done.splice(..0, before);
            // It may name the run besides.
            report.hint = self.hint().map(|hint| language.say(&hint));
            return report;
        }
        let mut report = FailureReport {
            code: self.code().to_owned(),
            exit_code: self.exit_code() as u8,
            message: language.say(self),
            causes: self.causes_in(language),
            hint: self.hint().map(|hint| language.say(&hint)),
            request_id: self.request_id().map(str::to_owned),
            done: Vec::new(),
            maybe_done: Vec::new(),
            not_done: Vec::new(),
        };
        match self {
            Self::Halted { source, .. } => {
                let Halted { done, perhaps, left, .. } = &source.0;
                report.done = done.iter().map(|effect| language.say(effect)).collect();
                report.maybe_done.extend(perhaps.iter().map(|effect| language.say(effect)));
                report.not_done = left.iter().map(|effect| language.say(effect)).collect();
            }
            Self::Call { task, source: ExecuteError::Api(error), .. }
                if error.perhaps_executed() && error.changes_something() =>
            {
                report.maybe_done.push(language.say(task));
            }
            // A signal does not take back what was sent.
            Self::Call {
                task: task @ (Task::Invoke { .. } | Task::VerifySplit { .. }),
                source: ExecuteError::Interrupted(_),
                ..
            } => report.maybe_done.push(language.say(task)),
            Self::Several { doing, deployed, reports, skipped, not_begun, .. } => {
                if *doing != Doing::Looking {
                    let done = deployed.iter().map(|name| format!("{name}: {}", doing.done()));
                    report.done = done.collect();
                }
                for one in reports {
                    report.causes.push(one.whole());
                    report.done.extend(one.done.iter().cloned());
                    report.maybe_done.extend(one.maybe_done.iter().cloned());
                    report.not_done.extend(one.not_done.iter().cloned());
                }
                let skipped = skipped
                    .iter()
                    .map(|(name, because)| format!("{name}: skipped, it needs {because}"));
                report.not_done.extend(skipped);
                report.not_done.extend(not_begun.iter().map(|name| format!("{name}: not begun")));
            }
            _ => {}
        }
        report
    }

    /// The texts of the causes, outermost first. A layer that adds nothing says nothing.
    #[must_use]
    fn causes_in(&self, language: Language) -> Vec<String> {
        let (mut texts, mut last) = (Vec::new(), language.say(self));
        let mut say = |text: String| {
            if text != last {
                texts.push(text.clone());
            }
            last = text;
        };
        match language {
            Language::English => {
                let mut cause = self.source();
                while let Some(error) = cause {
                    say(error.to_string());
                    cause = error.source();
                }
            }
            Language::Chinese => {
                let mut cause = Text::cause(self);
                while let Some(error) = cause {
                    say(error.zh());
                    cause = error.cause();
                }
            }
        }
        texts
    }
}
