//! A failure on stderr for people, and on stdout for whoever reads only that.

use std::sync::atomic::Ordering;

use serde_json::{Map, Value};

use super::controls::{bounded, on_one_line, show_controls};
use super::{Format, LINE_WITHIN, Layout, Line, Mark, Printer};
use crate::error::{Error, ExitCode, FailureReport, RolloutOption, RolloutProblem};
use crate::report::versioned;

/// What the real CLI prints after a success, which nothing printed of a failure may hold:
/// pipelines look for it.
const SUCCESS: &str = "执行成功";

impl Printer {
    /// An error with its causes and what to do. Called by the name of the real CLI, stdout shows
    /// it in that one's words too, as it prints nothing on stderr.
    pub fn error(&self, error: &Error) {
        if let Error::Instance { name, error } = error {
            return self.labelled(name).error(error);
        }
        self.stop_spinner();
        self.end_section();
        // Only these texts have lines of ours within them; anybody else's stay on one.
        let ours = match error {
            Error::Config(_) | Error::FunctionInputs(_) | Error::Inputs(_) | Error::Saved(_) => {
                true
            }
            Error::Rollout(error) => {
                matches!(error.problem, RolloutProblem::Option(RolloutOption::Several(_)))
            }
            _ => false,
        };
        let report = error.report_in(self.language);
        let marked = |mark: Mark, text: &str| {
            if ours { self.lines_marked(mark, text) } else { self.line_marked(mark, text) }
        };
        marked(Mark::Error, &format!("{}{}", self.label, self.advice(&report.message)));
        if let Error::Several { skipped, not_begun, .. } = error {
            for (name, because) in skipped {
                marked(Mark::Skipped, &self.language.say(&Line::Needs { name, because }));
            }
            for name in not_begun {
                marked(Mark::NotBegun, name);
            }
        } else {
            for cause in &report.causes {
                marked(Mark::Cause, cause);
            }
        }
        let lists_steps = match error {
            Error::Halted { .. } => true,
            Error::After { done, .. } => !done.is_empty(),
            _ => false,
        };
        if lists_steps {
            for (mark, effects) in [
                (Mark::Done, &report.done),
                (Mark::PerhapsDone, &report.maybe_done),
                (Mark::NotDone, &report.not_done),
            ] {
                for effect in effects {
                    marked(mark, effect);
                }
            }
        }
        if let Some(hint) = &report.hint {
            marked(Mark::Hint, &self.advice(hint));
        }
        // Of several, each failure was told as it came.
        if !matches!(error, Error::Several { failed, .. } if !failed.is_empty()) {
            self.annotate_error(error);
            self.as_sls(&report, ours);
        }
    }

    /// An error that stands on stderr already.
    pub fn told(&self, error: &Error) {
        self.annotate_error(error);
        self.as_sls(&error.report_in(self.language), false);
    }

    /// The failure of the whole command as one JSON object on stdout, where that is the form of
    /// the result and none was given out before. Among events it is the last line, unless the last
    /// event is what the command fails for.
    pub fn failure(&self, error: &Error) {
        if self.format == Format::Text || self.shared.result.load(Ordering::Relaxed) {
            return;
        }
        let is_line = self.format == Format::JsonLines;
        if is_line && matches!(error.exit_code(), ExitCode::RolledBack | ExitCode::Held) {
            return;
        }
        let mut object = match error {
            _ if is_line => Map::from_iter([("event".to_owned(), "error".into())]),
            Error::Several { result, .. } | Error::After { result, .. } => result.clone(),
            Error::Rollout(error) => error.result.clone(),
            Error::Invoke(error) => error.result(),
            Error::Split(error) => error.result(),
            Error::Saved(error) => error.result(),
            _ => Map::new(),
        };
        let report = serde_json::to_value(error.report()).unwrap_or_default();
        object.insert("error".to_owned(), report);
        let object = versioned(object);
        // Masked before it is cut, so that no part of a secret is left.
        let advised = self.advised(Value::Object(object));
        let masked = Self::masked(&advised, &|text| self.mask_said(text));
        self.give_out(&cut(masked));
    }

    /// The value with each command in its errors as the user can paste it.
    pub(super) fn advised(&self, value: Value) -> Value {
        match value {
            Value::Array(items) => items.into_iter().map(|item| self.advised(item)).collect(),
            Value::Object(map) => map
                .into_iter()
                .map(|(key, item)| match (&*key, item) {
                    ("hint" | "message", Value::String(text)) => (key, self.advice(&text).into()),
                    ("instances", item) => (key, self.advised_by_member(item)),
                    (_, item) => (key, self.advised(item)),
                })
                .collect(),
            other => other,
        }
    }

    /// The same of a map by the names of a project's members: a command in the part of one is
    /// about its folder.
    pub(super) fn advised_by_member(&self, value: Value) -> Value {
        let Value::Object(members) = value else { return self.advised(value) };
        let folder = |name: &str| self.shared.folders.lock().ok()?.get(name).cloned();
        let advised = members.into_iter().map(|(name, item)| {
            let item = match folder(&name) {
                Some(folder) => self.of_member(&name, &folder).advised(item),
                None => self.advised(item),
            };
            (name, item)
        });
        Value::Object(advised.collect())
    }

    /// The frame of the real CLI around an error, its links to help aside.
    fn as_sls(&self, report: &FailureReport, ours: bool) {
        if self.layout != Layout::Sls || self.format != Format::Text {
            return;
        }
        let shown = |text: &str| {
            let text = self.mask_said(text);
            let lines = bounded(&show_controls(&text)).replace('\n', LINE_WITHIN);
            let text = if ours { lines } else { bounded(&on_one_line(&text)) };
            let spread: String = SUCCESS.chars().flat_map(|character| [character, ' ']).collect();
            text.replace(SUCCESS, spread.trim_end())
        };
        let seconds = self.started.elapsed().as_secs();
        let request = report.request_id.as_deref();
        let request = request.map(|id| format!("RequestId: {}\n", shown(id))).unwrap_or_default();
        self.write(&format!(
            "\nx {} 失败 ({seconds}s)\n\nError:\n错误信息: {}\n\nEnvironment: {}, scfctl v{}\n\
             ErrorCode: {}\n{request}\n",
            shown(&self.shared.command),
            shown(&format!("{}{}", self.label, self.advice(&report.whole_in(self.language)))),
            std::env::consts::OS,
            env!("CARGO_PKG_VERSION"),
            shown(&report.code),
        ));
    }
}

/// The value with texts no longer than anybody reads.
fn cut(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(bounded(&text)),
        Value::Array(items) => items.into_iter().map(cut).collect(),
        Value::Object(map) => map.into_iter().map(|(key, item)| (key, cut(item))).collect(),
        other => other,
    }
}
