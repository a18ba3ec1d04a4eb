//! Every line for stdout and stderr.
//!
//! stdout carries the result only. Everything else goes to stderr, and a spinner only to a
//! terminal. Whatever is printed passes through one place that masks secrets and shows
//! control characters instead of obeying them.

mod busy;
mod columns;
mod controls;
mod failure;
mod invocation;
mod line;
mod pages;
mod pipeline;
pub mod pretty;
mod render;
mod screen;
mod sink;
pub mod style;
pub mod text;
mod transfer;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use crate::order::Order as _;
use crate::report::Report;
use crate::report::deploy::DeployedInstance;
use crate::report::logs::LogLine;
use crate::report::rollout::Event;
use crate::report::watch::Screen;
use crate::report::{object, versioned};
use crate::withheld;
use controls::{bounded, json_text, on_one_line, show_controls, shown_value};
pub use invocation::CalledAs;
use line::Line;
pub use line::Mark;
pub use pages::Pages;
pub use pipeline::Pipeline;
pub use text::{Language, Text};
pub use transfer::Transfer;

/// The form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The layout of the real CLI.
    Text,
    /// One JSON object.
    Json,
    /// A JSON object for each event, a line each, and no result behind them.
    JsonLines,
}

/// Whose habits the output follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Our own: stdout has the result and nothing else.
    Own,
    /// That of `sls`, when called by its name: header and footer stand on stdout too.
    Sls,
}

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Volume {
    /// Errors, and warnings: what decides about the result.
    Quiet,
    /// Steps and notes too.
    Normal,
    /// Every repetition of a call too.
    Verbose,
    /// Every call.
    Debug,
}

/// How a run speaks.
#[derive(Debug, Clone)]
pub struct Manner {
    /// The form of the result.
    pub format: Format,
    /// Whose habits are followed.
    pub layout: Layout,
    /// How much is said.
    pub volume: Volume,
    /// The language of what people read.
    pub language: Language,
    /// The command word as it was typed, where there is one.
    pub command: String,
}

/// What the terminal can do, as the environment says.
#[allow(clippy::struct_excessive_bools)] // Each is a finding of its own.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// Colours on stdout.
    pub stdout_colour: bool,
    /// Colours on stderr.
    pub stderr_colour: bool,
    /// Whether stdout is a terminal.
    pub stdout_terminal: bool,
    /// Whether keys can be read.
    pub stdin_terminal: bool,
    /// Whether stderr is a terminal.
    pub stderr_terminal: bool,
}

/// Prints.
pub struct Printer {
    format: Format,
    layout: Layout,
    volume: Volume,
    language: Language,
    terminal: Terminal,
    /// Stands before each line of one among several; empty, or a name and `: `.
    label: String,
    /// The folder of the member of a project that it speaks for.
    member: Option<String>,
    shared: Arc<Shared>,
    started: Instant,
}

/// What all printers of a process have in common.
#[derive(Default)]
struct Shared {
    secrets: Mutex<Vec<String>>,
    /// What is no secret in a result, but in what is said beside it.
    withheld: Mutex<Vec<String>>,
    spinner: Mutex<Option<ProgressBar>>,
    /// Why stdout could not be written, unless its reader has gone away.
    failure: Mutex<Option<std::io::Error>>,
    /// Whether something for stdout could not be written, for whatever reason.
    unwritten: AtomicBool,
    /// Whether a result was given out.
    result: AtomicBool,
    /// Notes that are said once.
    said: Mutex<BTreeSet<String>>,
    /// The folders of the members of a project that was spoken for, by name.
    folders: Mutex<BTreeMap<String, String>>,
    /// The command word.
    command: String,
    invocation: OnceLock<CalledAs>,
    pipeline: OnceLock<Pipeline>,
    sections: Mutex<pipeline::Sections>,
    busy: Mutex<busy::Busy>,
    /// What reports are to have, where there are to be any.
    pages: OnceLock<Pages>,
}

impl std::fmt::Debug for Printer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Printer").field("format", &self.format).finish_non_exhaustive()
    }
}

impl Printer {
    /// A printer that has printed nothing yet.
    #[must_use]
    pub fn new(manner: Manner, terminal: Terminal) -> Self {
        let Manner { format, layout, volume, language, command } = manner;
        let shared = Arc::new(Shared { command, ..Shared::default() });
        Self {
            format,
            layout,
            volume,
            language,
            terminal,
            label: String::new(),
            member: None,
            shared,
            started: Instant::now(),
        }
    }

    /// The same printer, which knows how the program was called.
    #[must_use]
    pub fn called(self, invocation: CalledAs) -> Self {
        let _ = self.shared.invocation.set(invocation);
        self
    }

    /// A text of ours with each command in it as the user can paste it: under the name that was
    /// called, with the options that were given.
    #[must_use]
    pub fn advice<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let invocation = self.shared.invocation.get_or_init(CalledAs::default);
        invocation.rendered(text, self.member.as_deref())
    }

    /// The same printer, speaking for one of several: its lines on stderr begin with the name.
    #[must_use]
    pub fn labelled(&self, name: &str) -> Self {
        Self {
            label: format!("{}{name}: ", self.label),
            member: self.member.clone(),
            shared: Arc::clone(&self.shared),
            ..*self
        }
    }

    /// The same printer, speaking for the member of a project in this folder.
    #[must_use]
    pub fn of_member(&self, name: &str, folder: &str) -> Self {
        if let Ok(mut folders) = self.shared.folders.lock() {
            folders.insert(name.to_owned(), folder.to_owned());
        }
        Self { member: Some(folder.to_owned()), ..self.labelled(name) }
    }

    /// The form of the result.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Masks a text from now on wherever it would be printed, as it is, without the blanks
    /// around it, and as JSON writes it.
    ///
    /// Texts of fewer than 6 characters stay: the service issues none so short (ids have 36
    /// characters, keys 32), whoever knows that one is there can guess it, and masking `1` or
    /// `dev` would falsify the results that pipelines read.
    pub fn hide(&self, secret: &str) {
        let Ok(mut secrets) = self.shared.secrets.lock() else { return };
        let quoted = Value::from(secret.trim()).to_string();
        for form in [secret, secret.trim(), quoted.trim_matches('"')] {
            if form.chars().count() >= withheld::HIDDEN
                && !secrets.iter().any(|known| known == form)
            {
                secrets.push(form.to_owned());
            }
        }
        // Where one begins with another, masking the short one first would leave the rest.
        secrets.order_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    fn mask(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Ok(secrets) = self.shared.secrets.lock() {
            for secret in secrets.iter() {
                if text.contains(secret.as_str()) {
                    text = text.replace(secret.as_str(), "[redacted]");
                }
            }
        }
        text
    }

    /// Masks a value from now on in errors, warnings and whatever else is said, where a short one
    /// is a value only between backquotes. Results keep it: they are about functions and stages
    /// that may be called alike.
    pub fn withhold(&self, secret: &str) {
        let Ok(mut withheld) = self.shared.withheld.lock() else { return };
        let escaped: String = secret.chars().flat_map(char::escape_default).collect();
        let blank = |letter: char| letter.is_whitespace() || letter == ',';
        let parts = secret.split(blank).filter(|part| part.chars().count() >= withheld::HIDDEN);
        for form in [secret, secret.trim(), &escaped].into_iter().chain(parts) {
            if !form.is_empty() && !withheld.iter().any(|known| known == form) {
                withheld.push(form.to_owned());
            }
        }
        withheld.order_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// What is said beside a result, without what only a result may show.
    fn mask_said(&self, text: &str) -> String {
        let mut text = withheld::without_users(&self.mask(text)).into_owned();
        if let Ok(withheld) = self.shared.withheld.lock() {
            for secret in withheld.iter() {
                text = if secret.chars().count() >= withheld::HIDDEN {
                    text.replace(secret.as_str(), "[redacted]")
                } else {
                    text.replace(&format!("`{secret}`"), "`[redacted]`")
                };
            }
        }
        text
    }

    /// Masks secrets inside a value, so that JSON stays JSON.
    fn mask_value(&self, value: &Value) -> Value {
        Self::masked(value, &|text| self.mask(text))
    }

    fn masked(value: &Value, mask: &dyn Fn(&str) -> String) -> Value {
        match value {
            Value::String(text) => Value::String(mask(text)),
            Value::Array(items) => items.iter().map(|item| Self::masked(item, mask)).collect(),
            Value::Object(map) => {
                map.iter().map(|(key, item)| (mask(key), Self::masked(item, mask))).collect()
            }
            Value::Number(number) => {
                let text = number.to_string();
                let masked = mask(&text);
                if masked == text { value.clone() } else { Value::String(masked) }
            }
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }

    /// Writes to stdout, unless that was in vain before. Remembers why it could not be written,
    /// unless its reader has had enough.
    fn write(&self, text: &str) {
        if self.shared.unwritten.load(Ordering::Relaxed) {
            return;
        }
        let mut stdout = std::io::stdout().lock();
        let Err(error) = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) else {
            return;
        };
        self.shared.unwritten.store(true, Ordering::Relaxed);
        if error.kind() != std::io::ErrorKind::BrokenPipe
            && let Ok(mut failure) = self.shared.failure.lock()
        {
            failure.get_or_insert(error);
        }
    }

    /// Why the result could not be written, once.
    #[must_use]
    pub fn take_failure(&self) -> Option<std::io::Error> {
        self.shared.failure.lock().ok()?.take()
    }

    /// Prints an event, where events are what is printed.
    pub fn event(&self, event: &Event) {
        self.keep_event(event);
        if self.format != Format::JsonLines {
            return;
        }
        self.stop_spinner();
        let value = self.mask_value(&versioned(object(event)).into());
        self.write(&format!("{value}\n"));
    }

    /// A rollout whose undo can be pasted, with the options of this run; or a look whose commands
    /// can be.
    fn with_pasted_commands(&self, report: &Report) -> Option<Report> {
        let paste =
            |command: &str| self.advice(&format!("`{command}`")).trim_matches('`').to_owned();
        match report {
            Report::Rollout(found) => {
                let mut found = found.clone();
                found.paste(paste);
                Some(Report::Rollout(found))
            }
            Report::Rollouts(all) => {
                let mut all = all.clone();
                all.paste(paste);
                Some(Report::Rollouts(all))
            }
            Report::Status(status) => {
                let mut status = status.clone();
                status.paste(paste);
                Some(Report::Status(status))
            }
            _ => None,
        }
    }

    /// Prints a report. A reader that has gone away (`| head`) is no error.
    pub fn report(&self, report: &Report) {
        let pasted = self.with_pasted_commands(report);
        let report = pasted.as_ref().unwrap_or(report);
        self.put_out_result(report);
        let summarises = !pipeline::is_private(report);
        match (self.format, report) {
            (Format::Json, report) => self.result(&self.value_of(report), summarises),
            (Format::Text, Report::Metrics(metrics)) if self.layout == Layout::Own => {
                self.ready(&if self.terminal.stdout_terminal {
                    render::metrics::chart(metrics)
                } else {
                    render::metrics::table(metrics)
                });
            }
            (Format::Text, Report::Rehearsal(rehearsal)) if self.layout == Layout::Own => {
                self.ready(&render::rehearsal::text(self.language, rehearsal));
            }
            (Format::Text, Report::Project(_)) => {
                let value = render::text::value(report, self.language);
                self.result(&self.advised_by_member(value), summarises);
            }
            (Format::Text, Report::Doctor(doctor)) => {
                let lines = render::doctor::lines(self.language, doctor);
                let lines = lines.iter().map(|line| format!("{}\n", self.advice(line)));
                self.ready(&lines.collect::<String>());
            }
            (Format::Text, Report::Status(status)) if self.layout == Layout::Own => {
                self.ready(&render::status::text(self.language, status));
            }
            (Format::Text, Report::Rollout(found)) if self.layout == Layout::Own => {
                self.ready(&render::status::one_rollout(self.language, found));
            }
            (Format::Text, Report::Rollouts(all)) if self.layout == Layout::Own => {
                self.ready(&render::status::rollouts(self.language, all));
            }
            (Format::Text, Report::Split(split)) if self.layout == Layout::Own => {
                self.ready(&render::split::text(self.language, split));
            }
            (Format::Text, Report::Aliases(list)) if self.layout == Layout::Own => {
                self.ready(&render::status::listed(self.language, list));
            }
            (Format::Text, Report::Versions(versions)) if self.layout == Layout::Own => {
                self.ready(&render::status::versions(self.language, versions));
            }
            (Format::Text, Report::Invocations(_) | Report::Logs(_)) | (Format::JsonLines, _) => {}
            (Format::Text, report) => {
                let value = render::text::value(report, self.language);
                self.result(&self.advised_where_ours(report, value), summarises);
            }
        }
    }

    /// A report for programs, with commands that can be pasted.
    fn value_of(&self, report: &Report) -> Value {
        self.advised_where_ours(report, render::json::value(report))
    }

    /// Only some reports hold texts of ours.
    fn advised_where_ours(&self, report: &Report, value: Value) -> Value {
        match report {
            Report::Instance(_) | Report::Project(_) | Report::Plan(_) | Report::Doctor(_) => {
                self.advised(value)
            }
            _ => value,
        }
    }

    /// Prints what a function returned: byte for byte, but for secrets of this run. Only a
    /// terminal, which would obey it, gets its control characters shown. Of several each has a
    /// line of its own.
    pub fn returned(&self, text: &str, several: bool) {
        if self.format != Format::Text {
            return;
        }
        self.stop_spinner();
        self.shared.result.store(true, Ordering::Relaxed);
        let text = self.mask(text);
        let text = if self.terminal.stdout_terminal { show_controls(&text) } else { text };
        let ends_line = several || self.terminal.stdout_terminal && !text.is_empty();
        self.write(&if ends_line { format!("{text}\n") } else { text });
    }

    /// Prints a line of a log. Called by the name of the real CLI, it is the text alone.
    pub fn log(&self, line: &LogLine) {
        self.stop_spinner();
        match self.format {
            // All stand in one object, at the end.
            Format::Json => {}
            Format::JsonLines => {
                let value = self.mask_value(&versioned(object(line)).into());
                self.write(&format!("{value}\n"));
            }
            Format::Text => {
                let text = match self.layout {
                    Layout::Own => line.text(),
                    Layout::Sls => line.message.clone(),
                };
                self.write(&format!("{}\n", on_one_line(&self.mask(&text))));
            }
        }
    }

    /// Whether somebody still reads stdout.
    #[must_use]
    pub fn is_read(&self) -> bool {
        !self.shared.unwritten.load(Ordering::Relaxed)
    }

    /// Prints what a function wrote, beside the result.
    pub fn aside(&self, text: &str) {
        if self.volume > Volume::Quiet && self.format == Format::Text {
            text.lines().for_each(|line| self.line(line));
        }
    }

    /// Prints a result whose lines are laid out already.
    fn ready(&self, text: &str) {
        self.stop_spinner();
        self.shared.result.store(true, Ordering::Relaxed);
        self.write(&show_controls(&self.mask(text)));
        self.summarise(text);
    }

    /// Prints the result, and adds it to the summary of a step where it may stand there.
    fn result(&self, value: &Value, summarises: bool) {
        let value = self.mask_value(value);
        self.give_out(&value);
        match self.format {
            _ if !summarises => {}
            Format::Text => self.summarise(&pretty::render(&shown_value(&value), false)),
            Format::Json => self.summarise(&json_text(&value)),
            Format::JsonLines => {}
        }
    }

    /// Prints a value that is masked already, as the result or in its place.
    fn give_out(&self, value: &Value) {
        self.stop_spinner();
        self.shared.result.store(true, Ordering::Relaxed);
        let text = match self.format {
            Format::Json => {
                let mut text = json_text(value);
                text.push('\n');
                text
            }
            Format::Text => pretty::render(&shown_value(value), self.terminal.stdout_colour),
            Format::JsonLines => format!("{value}\n"),
        };
        self.write(&text);
    }

    /// What shows a look that goes on.
    #[must_use]
    pub fn screen(&self) -> Box<dyn Screen> {
        self.stop_spinner();
        let printer = self.labelled("");
        if self.terminal.stdout_terminal && self.terminal.stdin_terminal {
            Box::new(screen::Live::new(printer, std::io::stdout))
        } else {
            Box::new(screen::Lines::new(printer))
        }
    }

    /// Ready-made text for stdout, such as help.
    pub fn raw(&self, text: &str) {
        self.write(text);
    }

    /// One line on stderr.
    fn line(&self, text: &str) {
        self.put(&bounded(&on_one_line(&self.mask_said(text))));
    }

    fn put(&self, text: &str) {
        let write = || {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        };
        match self.shared.spinner.lock() {
            Ok(spinner) => match spinner.as_ref() {
                Some(spinner) => spinner.suspend(write),
                None => write(),
            },
            Err(_) => write(),
        }
    }

    /// Whether somebody sits at a terminal who can be asked.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        self.terminal.stderr_terminal && self.terminal.stdin_terminal
    }

    /// Asks on the terminal and reads a line: whether it says yes. Nothing, or the end of the
    /// input, is no.
    #[must_use]
    pub fn ask(&self, question: &dyn Text) -> bool {
        self.stop_spinner();
        let question = on_one_line(&self.mask_said(&self.language.say(question)));
        let mut stderr = std::io::stderr().lock();
        let _ = write!(stderr, "{}{question} [y/N] ", self.label).and_then(|()| stderr.flush());
        drop(stderr);
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "是")
    }

    /// A line of the frame around the result: called by the name of the real CLI it goes where
    /// that one prints it.
    fn frame(&self, text: &str) {
        if self.layout == Layout::Sls {
            self.write(&format!("{}\n", on_one_line(&self.mask(text))));
        } else if self.volume > Volume::Quiet {
            self.line(text);
        }
    }

    /// The lines that the real CLI begins with.
    pub fn header(&self, action: &str, stage: &str, app: &str, name: &str) {
        // Around lines of a log there is nothing but by the name of the real CLI, and a folder of
        // several instances has no name.
        let has_none = action == "logs" || app.is_empty() && name.is_empty();
        if self.format != Format::Text || has_none && self.layout == Layout::Own {
            return;
        }
        self.frame("");
        self.frame("serverless ⚡tencent ");
        // By the name that the real CLI has for it.
        let is_info = self.layout == Layout::Sls && action == "status";
        let action = if is_info { "info" } else { action };
        let header = Line::Header { action, stage, app, name };
        self.frame(&match self.layout {
            Layout::Sls => header.to_string(),
            Layout::Own => self.language.say(&header),
        });
        self.frame("");
    }

    /// The address of the platform's page, which only the real CLI's layout has.
    pub fn console(&self, app: &str, name: &str, stage: &str) {
        if self.format == Format::Text && self.layout == Layout::Sls {
            self.frame("");
            self.frame(&format!(
                "应用控制台: https://serverless.cloud.tencent.com/apps/{app}/{name}/{stage} "
            ));
        }
    }

    /// The line that the real CLI ends with. Not after a result that nobody got.
    pub fn footer(&self, name: &str) {
        self.ends_with(name, "执行成功");
    }

    fn ends_with(&self, name: &str, of_sls: &str) {
        if self.format != Format::Text || self.shared.unwritten.load(Ordering::Relaxed) {
            return;
        }
        self.stop_spinner();
        let seconds = self.started.elapsed().as_secs();
        let done = match self.layout {
            Layout::Sls => of_sls.to_owned(),
            Layout::Own => self.language.say(&Line::Succeeded),
        };
        self.frame("");
        let name = match name {
            "" if self.layout == Layout::Own => String::new(),
            name => format!("{name}› "),
        };
        self.frame(&format!("{seconds}s ›{name}{done}"));
        self.frame("");
    }

    /// As [`Self::footer`], after what is known of an instance was shown.
    pub fn loaded(&self, name: &str) {
        self.ends_with(name, "信息成功加载");
    }

    /// What the real CLI ends with after lines of a log, or none.
    pub fn logs(&self, name: &str, none: bool) {
        if self.layout != Layout::Sls || self.format != Format::Text {
            return;
        }
        if none {
            self.frame("当前时间范围内没有可用的日志信息");
        }
        self.ends_with(name, "获取日志成功");
    }

    /// As [`Self::footer`], after all instances of a project were removed.
    pub fn removed(&self, name: &str, removed: usize) {
        self.ends_with(name, &format!("已成功移除组件{removed}个"));
    }

    /// The outputs of one instance of a project, where the real CLI prints them as they come.
    pub fn instance_result(&self, name: &str, outputs: &DeployedInstance) {
        if self.prints_as_it_goes() {
            self.stop_spinner();
            self.frame("");
            self.frame(&format!("{name} 部署成功: "));
            self.frame("--------------------------------------------- ");
            self.result(&self.advised(outputs.outputs_in(self.language)), true);
        }
    }

    /// Whether the outputs of a project's instances are printed as they come, as the real CLI
    /// does, rather than all at the end.
    #[must_use]
    pub fn prints_as_it_goes(&self) -> bool {
        self.layout == Layout::Sls && self.format == Format::Text
    }

    /// The line that the real CLI ends a project with.
    pub fn project_footer(&self, deployed: usize, failed: usize) {
        if self.format != Format::Text {
            return;
        }
        self.stop_spinner();
        if self.shared.unwritten.load(Ordering::Relaxed) {
            return;
        }
        let text = match (self.layout, failed) {
            (Layout::Sls, 0) => format!("已成功部署组件{deployed}个"),
            (Layout::Sls, _) => format!("已成功 部署组件{deployed}个，失败{failed}个"),
            (Layout::Own, _) => self.language.say(&Line::Deployed { deployed, failed }),
        };
        self.frame("");
        self.frame(&text);
    }

    /// Something worth knowing.
    pub fn note(&self, text: &(impl Text + ?Sized)) {
        if self.volume > Volume::Quiet {
            self.decisive(text);
        }
    }

    /// Something worth knowing that decides about what is to be done next.
    pub fn decisive(&self, text: &(impl Text + ?Sized)) {
        self.marked(Mark::Note, text);
    }

    fn marked(&self, mark: Mark, text: &(impl Text + ?Sized)) {
        let text = self.language.say(text);
        self.line_marked(mark, &format!("{}{}", self.label, self.advice(&text)));
    }

    /// One line on stderr that begins with its mark.
    fn line_marked(&self, mark: Mark, text: &str) {
        let word = self.language.say(&mark);
        let line = bounded(&on_one_line(&self.mask_said(&format!("{word}{text}"))));
        self.put(&self.painted(line, mark, &word));
    }

    /// A text that begins with its mark and may have lines of ours within it, such as an excerpt of a
    /// file.
    fn lines_marked(&self, mark: Mark, text: &str) {
        let word = self.language.say(&mark);
        let lines = show_controls(&self.mask_said(&format!("{word}{text}")));
        let lines = bounded(&lines).replace('\n', LINE_WITHIN);
        self.put(&self.painted(lines, mark, &word));
    }

    /// The line with its mark in colours, where stderr has any.
    fn painted(&self, line: String, mark: Mark, word: &str) -> String {
        if self.terminal.stderr_colour { style::painted(line, mark, word) } else { line }
    }

    /// The language of what people read.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// A note whose repetitions are for `--verbose`: said by whichever of several has it first.
    ///
    /// `of` is what makes two notes the same.
    pub fn note_once(&self, of: &str, text: &(impl Text + ?Sized)) {
        let new = match self.shared.said.lock() {
            Ok(mut said) => said.insert(of.to_owned()),
            Err(_) => true,
        };
        if new || self.volume >= Volume::Verbose {
            self.note(text);
        }
    }

    /// Something that is probably a mistake, or that decides about who gets what.
    pub fn warning(&self, text: &(impl Text + ?Sized)) {
        self.marked(Mark::Warning, text);
        let said = self.language.say(text);
        let said = format!("{}{}", self.label, self.advice(&said));
        self.annotate_warning(text.place().as_ref(), &said);
    }

    /// A trace line, with `--debug`.
    pub fn debug(&self, text: &str) {
        if self.volume == Volume::Debug {
            self.line(&format!("debug: {}{text}", self.label));
        }
    }

    /// A step that begins.
    pub fn step(&self, text: &(impl Text + ?Sized)) {
        if self.volume > Volume::Quiet {
            self.line(&format!("- {}{}", self.label, self.language.say(text)));
        }
    }

    /// Keeps the terminal alive while something is waited for.
    pub fn waiting(&self, text: &(impl Text + ?Sized)) {
        self.debug(&text.to_string());
        if !self.shows_bars() {
            return;
        }
        let text = self.language.say(text);
        let text = on_one_line(&self.mask_said(&format!("{}{text}", self.label)));
        self.is_shown();
        if let Ok(mut spinner) = self.shared.spinner.lock() {
            spinner.get_or_insert_with(|| spinning(self.language, text.clone())).set_message(text);
        }
    }

    /// Gives the terminal back as it was found.
    pub fn stop_spinner(&self) {
        self.is_idle();
        if let Ok(mut spinner) = self.shared.spinner.lock()
            && let Some(spinner) = spinner.take()
        {
            spinner.finish_and_clear();
        }
    }

    /// Whether stdout takes colours.
    #[must_use]
    pub fn colours_stdout(&self) -> bool {
        self.terminal.stdout_colour
    }

    /// Whether something that moves is shown on stderr.
    fn shows_bars(&self) -> bool {
        self.terminal.stderr_terminal && matches!(self.volume, Volume::Normal | Volume::Verbose)
    }

    /// Ready-made text for stderr, without its secrets and controls. `coloured` is the same with
    /// colours, which only a text without any of these can have.
    pub fn raw_error(&self, text: &str, coloured: Option<&str>) {
        let shown = show_controls(&self.mask(text));
        let shown = match coloured.filter(|_| self.terminal.stderr_colour) {
            Some(coloured) if shown == text => coloured.to_owned(),
            _ => self.painted(shown, Mark::Error, &self.language.say(&Mark::Error)),
        };
        let _ = write!(std::io::stderr().lock(), "{shown}");
    }
}

/// Something that moves, on stderr.
fn spinning(language: Language, message: String) -> ProgressBar {
    let template = match language {
        Language::English => "{spinner} {msg} ({elapsed})",
        Language::Chinese => "{spinner} {msg}（{elapsed}）",
    };
    let mut bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar = bar.with_style(style);
    }
    // Setting the message of a bar that has one draws it; this does not.
    let bar = bar.with_message(message);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// Between the lines of one text: a server's or file's text must not look like a line of ours.
const LINE_WITHIN: &str = "\n        ";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn printer() -> Printer {
        let manner = Manner {
            format: Format::Text,
            layout: Layout::Own,
            volume: Volume::Normal,
            language: Language::English,
            command: "deploy".to_owned(),
        };
        Printer::new(manner, Terminal::default())
    }

    #[test]
    fn secrets_do_not_get_through() {
        let printer = printer();
        printer.hide("marker-secret");
        assert_eq!(printer.mask("a marker-secret b"), "a [redacted] b");
        assert_eq!(
            printer.mask_value(&json!({"marker-secret": ["x marker-secret"]})),
            json!({"[redacted]": ["x [redacted]"]})
        );
    }

    #[test]
    fn a_secret_is_masked_whole_in_every_form() {
        let printer = printer();
        for secret in
            ["marker", "marker-longer", " blanks-around\n", "quo\"ted-one", "123456", "short"]
        {
            printer.hide(secret);
        }
        for (text, masked) in [
            ("marker-longer marker", "[redacted] [redacted]"),
            ("a blanks-around b", "a [redacted] b"),
            (r#"quo"ted-one "quo\"ted-one""#, r#"[redacted] "[redacted]""#),
            // No key is that short.
            ("a shortcut", "a shortcut"),
        ] {
            assert_eq!(printer.mask(text), masked);
        }
        assert_eq!(printer.mask_value(&json!([123_456, 7])), json!(["[redacted]", 7]));
    }
}
