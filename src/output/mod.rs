//! Every line for stdout and stderr.
//!
//! stdout carries the result only. Everything else goes to stderr, and a spinner only to a
//! terminal. Whatever is printed passes through one place that masks secrets and shows
//! control characters instead of obeying them.

mod invocation;
pub mod pretty;
mod transfer;

use std::borrow::Cow;
use std::error::Error as _;
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use crate::error::Error;
pub use invocation::Invocation;
pub use transfer::{Amount, Transfer};

/// The form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The layout of the real CLI.
    Text,
    /// One JSON object.
    Json,
}

/// Whose habits the output follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Our own: stdout has the result and nothing else.
    Own,
    /// That of `sls`, when called by its name: header and footer stand on stdout too.
    Sls,
}

/// What the terminal can do, as the environment says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// Colours on stdout.
    pub stdout_colour: bool,
    /// Whether stderr is a terminal.
    pub stderr_terminal: bool,
}

/// Prints.
pub struct Printer {
    format: Format,
    layout: Layout,
    debug: bool,
    terminal: Terminal,
    /// Stands before each line of one among several; empty, or a name and `: `.
    label: String,
    shared: Arc<Shared>,
    started: Instant,
}

/// What all printers of a process have in common.
#[derive(Default)]
struct Shared {
    secrets: Mutex<Vec<String>>,
    spinner: Mutex<Option<ProgressBar>>,
    failure: Mutex<Option<std::io::Error>>,
    invocation: OnceLock<Invocation>,
}

impl std::fmt::Debug for Printer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Printer").field("format", &self.format).finish_non_exhaustive()
    }
}

impl Printer {
    /// A printer that has printed nothing yet.
    #[must_use]
    pub fn new(format: Format, layout: Layout, debug: bool, terminal: Terminal) -> Self {
        Self {
            format,
            layout,
            debug,
            terminal,
            label: String::new(),
            shared: Arc::default(),
            started: Instant::now(),
        }
    }

    /// The same printer, which knows how the program was called.
    #[must_use]
    pub fn called(self, invocation: Invocation) -> Self {
        let _ = self.shared.invocation.set(invocation);
        self
    }

    /// A text of ours with each command in it as the user can paste it: under the name that was
    /// called, with the options that were given.
    #[must_use]
    pub fn advice<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.shared.invocation.get_or_init(Invocation::default).rendered(text)
    }

    /// The same printer, speaking for one of several: its lines on stderr begin with the name.
    #[must_use]
    pub fn labelled(&self, name: &str) -> Self {
        Self { label: format!("{}{name}: ", self.label), shared: Arc::clone(&self.shared), ..*self }
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
            if form.chars().count() >= 6 && !secrets.iter().any(|known| known == form) {
                secrets.push(form.to_owned());
            }
        }
        // Where one begins with another, masking the short one first would leave the rest.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
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

    /// Masks secrets inside a value, so that JSON stays JSON.
    fn mask_value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.mask(text)),
            Value::Array(items) => items.iter().map(|item| self.mask_value(item)).collect(),
            Value::Object(map) => {
                map.iter().map(|(key, item)| (self.mask(key), self.mask_value(item))).collect()
            }
            Value::Number(number) => {
                let text = number.to_string();
                let masked = self.mask(&text);
                if masked == text { value.clone() } else { Value::String(masked) }
            }
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }

    /// Remembers why stdout could not be written, unless its reader has had enough.
    fn written(&self, result: std::io::Result<()>) {
        if let Err(error) = result
            && error.kind() != std::io::ErrorKind::BrokenPipe
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

    /// Prints the result. A reader that has gone away (`| head`) is no error.
    pub fn result(&self, value: &Value) {
        self.stop_spinner();
        let value = self.mask_value(value);
        let text = match self.format {
            Format::Json => {
                let mut text = json_text(&value);
                text.push('\n');
                text
            }
            Format::Text => pretty::render(&shown_controls(&value), self.terminal.stdout_colour),
        };
        let mut stdout = std::io::stdout().lock();
        self.written(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()));
    }

    fn line(&self, text: &str) {
        let text = bounded(&show_controls(&self.mask(text))).replace('\n', LINE_WITHIN);
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

    /// A line of the frame around the result: called by the name of the real CLI it goes where
    /// that one prints it.
    fn frame(&self, text: &str) {
        if self.layout == Layout::Sls {
            let text = show_controls(&self.mask(text));
            self.written(writeln!(std::io::stdout().lock(), "{text}"));
        } else {
            self.line(text);
        }
    }

    /// The lines that the real CLI begins with.
    pub fn header(&self, action: &str, stage: &str, app: &str, name: &str) {
        if self.format == Format::Json {
            return;
        }
        self.frame("");
        self.frame("serverless ⚡tencent ");
        self.frame(&format!(
            "Action: \"{action}\" - Stage: \"{stage}\" - App: \"{app}\" - Name: \"{name}\" "
        ));
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

    /// The line that the real CLI ends with.
    pub fn footer(&self, name: &str) {
        if self.format == Format::Json {
            return;
        }
        self.stop_spinner();
        let seconds = self.started.elapsed().as_secs();
        self.frame("");
        self.frame(&format!("{seconds}s ›{name}› 执行成功"));
        self.frame("");
    }

    /// The outputs of one instance of a project, where the real CLI prints them as they come.
    pub fn instance_result(&self, name: &str, outputs: &Value) {
        if self.prints_as_it_goes() {
            self.stop_spinner();
            self.frame("");
            self.frame(&format!("{name} 部署成功: "));
            self.frame("--------------------------------------------- ");
            self.result(outputs);
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
        if self.format == Format::Json {
            return;
        }
        self.stop_spinner();
        self.frame("");
        self.frame(&if failed == 0 {
            format!("已成功部署组件{deployed}个")
        } else {
            format!("已成功 部署组件{deployed}个，失败{failed}个")
        });
    }

    /// Something worth knowing.
    pub fn note(&self, text: &str) {
        self.line(&format!("note: {}{}", self.label, self.advice(text)));
    }

    /// Something that is probably a mistake.
    pub fn warning(&self, text: &str) {
        self.line(&format!("warning: {}{}", self.label, self.advice(text)));
    }

    /// A trace line, with `--debug`.
    pub fn debug(&self, text: &str) {
        if self.debug {
            self.line(&format!("debug: {}{text}", self.label));
        }
    }

    /// A step that begins.
    pub fn step(&self, text: &str) {
        self.line(&format!("- {}{text}", self.label));
    }

    /// Keeps the terminal alive while something is waited for.
    pub fn waiting(&self, text: &str) {
        self.debug(text);
        if !self.terminal.stderr_terminal || self.debug {
            return;
        }
        let text = format!("{}{text}", self.label);
        let text = show_controls(&self.mask(&text)).replace(['\n', '\t'], " ");
        if let Ok(mut spinner) = self.shared.spinner.lock() {
            let spinner = spinner.get_or_insert_with(|| {
                let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
                if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                    bar.set_style(style);
                }
                bar.enable_steady_tick(Duration::from_millis(100));
                bar
            });
            spinner.set_message(text);
        }
    }

    /// Gives the terminal back as it was found.
    pub fn stop_spinner(&self) {
        if let Ok(mut spinner) = self.shared.spinner.lock()
            && let Some(spinner) = spinner.take()
        {
            spinner.finish_and_clear();
        }
    }

    /// An error with its causes and what to do.
    pub fn error(&self, error: &Error) {
        if let Error::Instance { name, error } = error {
            return self.labelled(name).error(error);
        }
        self.stop_spinner();
        let mut last = error.to_string();
        self.line(&format!("error: {}{}", self.label, self.advice(&last)));
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // A layer that adds nothing says nothing.
            if text != last {
                self.line(&format!("  caused by: {text}"));
            }
            last = text;
            cause = error.source();
        }
        if let Error::Halted { source, .. } = error {
            for done in &source.0.done {
                self.line(&format!("  done: {done}"));
            }
            if let Some(perhaps) = &source.0.perhaps {
                self.line(&format!("  perhaps done: {perhaps}"));
            }
            for left in &source.0.left {
                self.line(&format!("  not done: {left}"));
            }
        }
        if let Error::Several { skipped, not_begun, .. } = error {
            for (name, because) in skipped {
                self.line(&format!("  skipped: {name}, which needs {because}"));
            }
            for name in not_begun {
                self.line(&format!("  not begun: {name}"));
            }
        }
        if let Some(hint) = error.hint() {
            self.line(&format!("  hint: {}", self.advice(&hint)));
        }
    }

    /// Ready-made text for stderr, such as a usage message; false when it holds a secret and
    /// has to be printed by [`Self::raw_error`] rather than by whoever made it.
    #[must_use]
    pub fn is_free_of_secrets(&self, text: &str) -> bool {
        self.mask(text) == text
    }

    /// Ready-made text for stderr, without its secrets.
    pub fn raw_error(&self, text: &str) {
        let _ = write!(std::io::stderr().lock(), "{}", self.mask(text));
    }
}

/// Between the lines of one text: a server's or file's text must not look like a line of ours.
const LINE_WITHIN: &str = "\n        ";

/// Characters of one text for stderr; no more are worth reading.
const LONGEST_TEXT: usize = 16_384;

/// Cuts a text that somebody else made too long.
fn bounded(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}… ({} bytes in all)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

/// JSON without characters that a terminal obeys or that reorder the text: the library escapes
/// only those below U+0020. They can stand inside texts alone, so escaping them is safe.
fn json_text(value: &Value) -> String {
    use std::fmt::Write as _;
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    if !text.chars().any(is_dangerous) {
        return text;
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_dangerous(character) {
            let _ = write!(shown, "\\u{:04x}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Shows control characters instead of sending them to the terminal.
fn show_controls(text: &str) -> String {
    if !text.chars().any(is_dangerous) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_dangerous(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

fn is_dangerous(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\t'))
        // Marks that reorder text on the screen.
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

fn shown_controls(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(show_controls(text)),
        Value::Array(items) => items.iter().map(shown_controls).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, item)| (show_controls(key), shown_controls(item))).collect()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_and_controls_do_not_get_through() {
        let printer = Printer::new(Format::Text, Layout::Own, false, Terminal::default());
        printer.hide("marker-secret");
        assert_eq!(printer.mask("a marker-secret b"), "a [redacted] b");
        assert_eq!(
            printer.mask_value(&json!({"marker-secret": ["x marker-secret"]})),
            json!({"[redacted]": ["x [redacted]"]})
        );
        assert_eq!(show_controls("a\u{1b}[31mb\n\t中"), "a\\u{1b}[31mb\n\t中");
        assert_eq!(show_controls("a\u{202e}b"), "a\\u{202e}b");
        let value = json!({"a\u{9b}": "\u{202e}\u{1b}\n", "b": 1});
        let text = json_text(&value);
        assert!(!text.chars().any(is_dangerous), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn a_secret_is_masked_whole_in_every_form() {
        let printer = Printer::new(Format::Text, Layout::Own, false, Terminal::default());
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
