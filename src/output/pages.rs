//! What a run hears for its reports, and writing them.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use super::controls::{json_text, on_one_line};
use super::render::page;
use super::render::words::Words;
use super::{Printer, object, versioned};
use crate::api::changes_something;
use crate::error::{Error, ExitCode, OptionsError, TargetProblem, Task};
use crate::package::{Destination, PackageError};
use crate::report::notice::Notice;
use crate::report::page::{Account, Heard, MadeCall, Page, ReportEnding, Run};
use crate::report::rollout::Event;
use crate::report::status::PastedCommand;

/// Reports that are to be written, and what was heard for them.
pub struct Pages {
    targets: Vec<PageTarget>,
    /// The command: `rollout start`.
    command: &'static str,
    run: Run,
    now: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    kept: Mutex<Kept>,
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Pages").field("targets", &self.targets).finish_non_exhaustive()
    }
}

/// A file to write.
#[derive(Debug)]
struct PageTarget {
    /// As it was typed.
    path: PathBuf,
    destination: Destination,
    form: Form,
}

/// What a file is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Html,
    Json,
    Xml,
}

#[derive(Clone, Default)]
struct Kept {
    /// One for each function.
    accounts: Vec<Account>,
    /// Of a project, what can be done about all functions.
    project: Option<Vec<PastedCommand>>,
    events: Vec<Event>,
    calls: Vec<MadeCall>,
    /// Whether a call went out that changes something, answered or not.
    sent_change: bool,
}

impl Kept {
    /// Whether a command has neither tried to change nor found anything.
    fn is_empty(&self) -> bool {
        let knows_nothing = |account: &Account| {
            account.rollout.is_none() && account.found.is_none() && account.rehearsal.is_none()
        };
        !self.sent_change && self.events.is_empty() && self.accounts.iter().all(knows_nothing)
    }

    /// Keeps what is known of a function in the place of what was known before.
    fn keep_account(&mut self, account: Account) {
        let known = self.accounts.iter_mut().find(|known| known.function == account.function);
        match known {
            Some(known) => *known = account,
            None => self.accounts.push(account),
        }
    }
}

impl Pages {
    /// Reports of a command to these files, which can be written as far as anybody knows now.
    ///
    /// # Errors
    /// A file of a kind that there is not, or that cannot be written.
    pub fn new(
        paths: &[PathBuf],
        directory: &Path,
        (command, run): (&'static str, Run),
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Result<Self, OptionsError> {
        let targets: Result<_, _> =
            paths.iter().map(|path| PageTarget::of(path, directory)).collect();
        let run = Run { began: time(now()), ..run };
        let (now, kept) = (Box::new(now), Mutex::default());
        Ok(Self { targets: targets?, command, run, now, kept })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing that can panic runs under the lock.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl PageTarget {
    fn of(path: &Path, directory: &Path) -> Result<Self, OptionsError> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let form = match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("html") => Form::Html,
            Some("json") => Form::Json,
            Some("xml") => Form::Xml,
            _ => return Err(OptionsError::ReportName { path: path.to_owned() }),
        };
        let refused = |problem| OptionsError::ReportTarget { path: path.to_owned(), problem };
        let destination = Destination::of(&directory.join(path)).map_err(|error| {
            refused(match error {
                PackageError::OutFolder { .. } => TargetProblem::Folder,
                PackageError::OutLink { .. } => TargetProblem::Link,
                PackageError::Write { source, .. } => TargetProblem::Refused(source.to_string()),
                _ => TargetProblem::Special,
            })
        })?;
        let checked = destination.check();
        checked.map_err(|error| refused(TargetProblem::Refused(error.to_string())))?;
        Ok(Self { path: path.to_owned(), destination, form })
    }
}

impl Printer {
    /// Keeps what reports are to have from now on.
    pub fn keep(&self, pages: Pages) {
        // A run has one command.
        let _ = self.shared.pages.set(pages);
    }

    pub(super) fn keep_event(&self, event: &Event) {
        // A look that asked nobody says nothing about the versions.
        let is_still = event.event == "look" && event.verdict.is_none();
        if let Some(pages) = self.shared.pages.get().filter(|_| !is_still) {
            pages.kept().events.push(event.clone());
        }
    }

    /// What is known of a rollout so far.
    pub fn account(&self, account: Account) {
        if let Some(pages) = self.shared.pages.get() {
            pages.kept().keep_account(account);
        }
    }

    /// What can be done about all functions of a project.
    pub fn keep_project(&self, commands: Vec<PastedCommand>) {
        if let Some(pages) = self.shared.pages.get() {
            pages.kept().project = Some(commands);
        }
    }

    /// A call that was made.
    pub fn keep_call(&self, call: MadeCall) {
        if let Some(pages) = self.shared.pages.get() {
            pages.kept().calls.push(call);
        }
    }

    /// A call goes out.
    pub(super) fn keep_sending(&self, action: &str) {
        if let Some(pages) = self.shared.pages.get().filter(|_| changes_something(action)) {
            pages.kept().sent_change = true;
        }
    }

    /// Writes the reports of a run that ended like this.
    ///
    /// # Errors
    /// The first file that cannot be written; the others are.
    pub fn write_reports(&self, code: ExitCode, error: Option<&Error>) -> Result<(), Error> {
        let Some(pages) = self.shared.pages.get() else { return Ok(()) };
        // A package that was stored is no call of the API.
        let is_idle = |error: &Error| {
            let report = error.report();
            report.done.is_empty() && report.maybe_done.is_empty()
        };
        let is_refused = error.is_some_and(is_idle) && pages.kept().is_empty();
        let page = self.page(pages, code, error);
        let mut result = Ok(());
        for target in &pages.targets {
            let path = &target.path;
            // It says more than that a command was refused, or reached nobody.
            if is_refused && target.destination.is_file_there() {
                self.note(&Notice::ReportKept(path.clone()));
                continue;
            }
            match target.destination.write(&self.report_text(&page, target.form)) {
                Ok(()) => self.note(&Notice::ReportWritten(path.clone())),
                Err(source) => {
                    let task = Task::WriteReport { path: path.clone() };
                    result = result.and(Err(Error::Io { task, source }));
                }
            }
        }
        result
    }

    /// Writes the reports of a run that ends without waiting for anything.
    pub(super) fn leave_reports(&self, error: &Error) {
        if let Err(unwritten) = self.write_reports(error.exit_code(), Some(error)) {
            self.error(&unwritten);
        }
    }

    /// What the reports say.
    fn page(&self, pages: &Pages, code: ExitCode, error: Option<&Error>) -> Page {
        let Kept { accounts, project, events, calls, sent_change: _ } = pages.kept().clone();
        let ended = time((pages.now)());
        let run = Run { ended, ..pages.run.clone() };
        let heard = Heard { command: pages.command, accounts, project, events, calls, run };
        let said = error.map(|error| error.report_in(self.language));
        let error = error.map(Error::report);
        let mut page = Page::of(heard, ReportEnding { exit_code: code as u8, error, said });
        let parts = std::iter::once(&mut page.whole).chain(&mut page.functions);
        for report in parts.flat_map(|part| part.error.iter_mut().chain(&mut part.error_said)) {
            report.message = self.advice(&report.message).into_owned();
            report.hint = report.hint.take().map(|hint| self.advice(&hint).into_owned());
        }
        for command in &mut page.commands {
            let pasted = self.advice(&format!("`{}`", command.command)).into_owned();
            pasted.trim_matches('`').clone_into(&mut command.command);
        }
        page
    }

    fn report_text(&self, page: &Page, form: Form) -> String {
        let clean = |text: &str| on_one_line(&self.mask_said(text));
        match form {
            Form::Html => page::html(self.language, page, &clean),
            Form::Xml => {
                // Its lines are ours.
                let clean = |text: &str| super::controls::show_controls(&self.mask_said(text));
                page::xml(&Words(self.language), page, &clean)
            }
            Form::Json => {
                let value = Value::from(versioned(object(page)));
                let value = Self::masked(&value, &|text| self.mask_said(text));
                format!("{}\n", json_text(&value))
            }
        }
    }
}
