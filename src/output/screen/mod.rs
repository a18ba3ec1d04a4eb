//! `status --watch`: a screen that is drawn again and again, or a line for each change.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::{cursor, execute, terminal};
use ratatui::text::{Line, Text};
use ratatui::widgets::Paragraph;
use ratatui::{Frame, Terminal};

use super::Printer;
use super::columns::{cut, padded, wrapped};
use super::render::status::glance;
use crate::output::render::words::Words;
use crate::report::status::{FunctionFound, StatusOfFunctions, StatusSentence};
use crate::report::watch::{Screen, WatchKey, WatchKeys, WatchVerb, WatchView};

/// Whether the terminal is one that has to be given back.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back as it was found.
fn restore(mut out: Stdout) {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(out, terminal::LeaveAlternateScreen, cursor::Show);
        let _ = terminal::disable_raw_mode();
    }
}

/// Draws on a terminal.
pub(super) struct Live {
    printer: Printer,
    out: fn() -> Stdout,
    terminal: Option<Terminal<CrosstermBackend<Stdout>>>,
}

impl Live {
    pub(super) fn new(printer: Printer, out: fn() -> Stdout) -> Self {
        Self { printer, out, terminal: None }
    }

    /// Takes the terminal, once.
    fn take(&mut self) -> io::Result<&mut Terminal<CrosstermBackend<Stdout>>> {
        if self.terminal.is_none() {
            self.printer.stop_spinner();
            let out = self.out;
            terminal::enable_raw_mode()?;
            TAKEN.store(true, Ordering::SeqCst);
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                restore(out());
                before(panic);
            }));
            execute!(out(), terminal::EnterAlternateScreen, cursor::Hide)?;
            self.terminal = Some(Terminal::new(CrosstermBackend::new(out()))?);
        }
        self.terminal.as_mut().ok_or_else(|| io::Error::other("no terminal"))
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        restore((self.out)());
    }
}

impl Screen for Live {
    fn show(&mut self, look: &WatchView<'_>) {
        let words = Words(self.printer.language());
        let printer = self.printer.labelled("");
        let Ok(terminal) = self.take() else { return };
        let draw = |frame: &mut Frame<'_>| {
            let area = frame.area();
            let paste = |text: &str| printer.advice(text).into_owned();
            let lines = lines(&words, look, (area.width.into(), area.height.into()), &paste);
            let lines: Vec<String> = lines.iter().map(|line| printer.mask(line)).collect();
            paint(frame, &lines);
        };
        // A terminal that cannot be written to is told when the process ends.
        let _ = terminal.draw(draw);
    }

    fn typed(&mut self) -> Option<WatchKey> {
        while event::poll(Duration::ZERO).unwrap_or(false) {
            match event::read() {
                Ok(Event::Key(key)) if key.kind == KeyEventKind::Press => {
                    return Some(meaning(key));
                }
                Ok(Event::Resize(..)) => return Some(WatchKey::Resized),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
        None
    }

    fn let_signals_through(&mut self, yes: bool) {
        if self.terminal.is_some() {
            let _ = if yes { terminal::disable_raw_mode() } else { terminal::enable_raw_mode() };
        }
    }

    fn is_live(&self) -> bool {
        true
    }

    fn restorer(&self) -> Arc<dyn Fn() + Send + Sync> {
        let out = self.out;
        Arc::new(move || restore(out()))
    }
}

fn meaning(key: KeyEvent) -> WatchKey {
    // In this mode the terminal sends no signal for it.
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('c' | 'd') if is_control => WatchKey::Quit,
        KeyCode::Char('q') => WatchKey::Quit,
        KeyCode::Char('p') => WatchKey::Asks(WatchVerb::Pause),
        KeyCode::Char('r') => WatchKey::Asks(WatchVerb::Resume),
        KeyCode::Char('P') => WatchKey::Asks(WatchVerb::Promote),
        KeyCode::Char('a') => WatchKey::Asks(WatchVerb::Abort),
        KeyCode::Char('y') => WatchKey::Yes,
        _ => WatchKey::Other,
    }
}

fn paint(frame: &mut Frame<'_>, lines: &[String]) {
    let lines: Vec<Line<'_>> = lines.iter().map(|line| Line::raw(line.as_str())).collect();
    frame.render_widget(Paragraph::new(Text::from(lines)), frame.area());
}

/// What fits on a screen of so many columns and lines: what is at the end of the list of lines goes
/// first, never the keys.
///
/// A command that was told may be copied: it goes on below rather than being cut.
fn lines(
    words: &Words,
    look: &WatchView<'_>,
    (columns, rows): (usize, usize),
    paste: &dyn Fn(&str) -> String,
) -> Vec<String> {
    let time = look.now.format("%H:%M:%S UTC").to_string();
    let mut shown = glance(words, look.status, look.now, columns);
    let first = shown.first_mut().map(std::mem::take).unwrap_or_default();
    let room = columns.saturating_sub(time.len() + 1);
    let head = format!("{} {time}", padded(&cut(&first, room), room));
    let mut lines = vec![head];
    lines.extend(shown.into_iter().skip(1));
    let mut end: Vec<String> = Vec::new();
    for said in look.said.iter().rev().take(2).rev() {
        let text = super::on_one_line(&paste(said.say(words.0)));
        end.extend(wrapped(&text, columns, ""));
    }
    // The first line and the keys stay.
    end.truncate(rows.saturating_sub(2));
    end.push(match look.asks {
        Some(question) => words.say(question),
        None => words.say(&WatchKeys { of_rollout: look.has_keys }),
    });
    lines.truncate(rows.saturating_sub(end.len()));
    lines.resize(rows.saturating_sub(end.len()), String::new());
    lines.extend(end);
    lines.iter().map(|line| cut(line, columns)).collect()
}

/// Prints a line for each change.
pub(super) struct Lines {
    printer: Printer,
    last: BTreeMap<String, String>,
}

impl Lines {
    pub(super) fn new(printer: Printer) -> Self {
        Self { printer, last: BTreeMap::new() }
    }
}

impl Screen for Lines {
    fn show(&mut self, look: &WatchView<'_>) {
        let words = Words(self.printer.language());
        let time = look.now.format("%H:%M:%S UTC").to_string();
        for (of, text) in states(&words, look.status) {
            if self.last.get(&of) != Some(&text) {
                self.printer.ready(&format!("{time} {text}\n"));
                self.last.insert(of, text);
            }
        }
    }

    fn typed(&mut self) -> Option<WatchKey> {
        None
    }

    fn let_signals_through(&mut self, _: bool) {}

    fn is_live(&self) -> bool {
        false
    }

    fn restorer(&self) -> Arc<dyn Fn() + Send + Sync> {
        Arc::new(|| {})
    }
}

/// What is worth a line when it changes, each by the name of what it is about.
fn states(words: &Words, status: &StatusOfFunctions) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let several = status.is_project;
    for member in &status.functions {
        let name = &member.function.function_name;
        let of = |what: &str| format!("{name} {what}");
        let label = if several { format!("{name} ") } else { String::new() };
        let function = match &member.found {
            FunctionFound::There(function) => function,
            FunctionFound::Not { error, .. } => {
                lines.push((of(""), format!("{name}: {}", error.code)));
                continue;
            }
        };
        lines.push((of(""), format!("{name}: {}", function.status)));
        for alias in &function.aliases {
            let routing = alias.shares.percentages();
            let alias = &alias.alias.name;
            lines.push((of(&format!("alias {alias}")), format!("{label}{alias}: {routing}")));
        }
        for rollout in &function.rollouts {
            let text = words.say(&StatusSentence::Rollout(rollout));
            let of = of(&format!("rollout {}", rollout.status.alias_name));
            lines.push((of, format!("{label}{text}")));
        }
    }
    lines
}
