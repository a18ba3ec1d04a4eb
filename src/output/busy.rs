//! Something that moves on a terminal while a command lasts, whatever it does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Line, Printer, Shared, spinning};
use crate::text::Language;

/// What is over by then is not shown: it would only flicker.
pub(super) const LASTS: Duration = Duration::from_millis(300);
/// Between two looks at whether something lasts.
const LOOK: Duration = Duration::from_millis(50);

/// What goes on.
#[derive(Debug, Default)]
pub(super) struct Busy {
    /// Since when, unless nobody is to see it.
    since: Option<Instant>,
    /// The actions of the calls that are under way, the oldest first.
    calls: Vec<String>,
    /// Since when there are none, once there was one.
    idle: Option<Instant>,
    /// The action of the one that was over last.
    last: Option<String>,
    /// Whether it is this that moves, and nothing that knows more.
    shown: bool,
    /// Whether somebody looks at it.
    watched: bool,
}

impl Busy {
    fn message(&self, language: Language) -> String {
        language.say(&match self.calls.first().or(self.last.as_ref()) {
            Some(action) => Line::Asking { action },
            None => Line::Working,
        })
    }

    /// Shows what lasts, or takes away what is over.
    fn look(&mut self, shared: &Shared, language: Language) {
        let Some(since) = self.since else { return };
        let rests = self.calls.is_empty() && self.idle.is_some_and(|idle| idle.elapsed() >= LASTS);
        let Ok(mut spinner) = shared.spinner.lock() else { return };
        if rests {
            if std::mem::take(&mut self.shown)
                && let Some(spinner) = spinner.take()
            {
                spinner.finish_and_clear();
            }
            self.since = None;
        } else if since.elapsed() >= LASTS && spinner.is_none() {
            *spinner = Some(spinning(language, self.message(language)));
            self.shown = true;
        }
    }

    /// Says what is waited for now, where it is this that moves.
    fn refresh(&self, shared: &Shared, language: Language) {
        if self.shown
            && let Ok(spinner) = shared.spinner.lock()
            && let Some(spinner) = spinner.as_ref()
        {
            spinner.set_message(self.message(language));
        }
    }
}

impl Printer {
    /// Begins to show that something goes on, once it lasts, until there is a result: `at_once`, or
    /// with the first call.
    pub fn begin(&self, at_once: bool) {
        if !self.shows_bars() {
            return;
        }
        let Ok(mut busy) = self.shared.busy.lock() else { return };
        busy.since = at_once.then(Instant::now);
        if !std::mem::replace(&mut busy.watched, true) {
            let (shared, language) = (Arc::clone(&self.shared), self.language);
            // As what moves does: on a thread of its own, whatever the command is occupied with.
            std::thread::spawn(move || {
                loop {
                    std::thread::sleep(LOOK);
                    match shared.busy.lock() {
                        Ok(mut busy) => busy.look(&shared, language),
                        Err(_) => return,
                    }
                }
            });
        }
    }

    /// A call goes out.
    pub fn sending(&self, action: &str) {
        let Ok(mut busy) = self.shared.busy.lock() else { return };
        if !busy.watched {
            return;
        }
        busy.calls.push(action.to_owned());
        busy.idle = None;
        busy.since.get_or_insert_with(Instant::now);
        busy.refresh(&self.shared, self.language);
    }

    /// A call has come to its end, whether it was answered or not.
    pub fn answered(&self, action: &str) {
        let Ok(mut busy) = self.shared.busy.lock() else { return };
        let Some(place) = busy.calls.iter().position(|call| call == action) else { return };
        busy.last = Some(busy.calls.remove(place));
        if busy.calls.is_empty() {
            busy.idle = Some(Instant::now());
        }
        busy.refresh(&self.shared, self.language);
    }

    /// Something that knows more moves from now on.
    pub(super) fn is_shown(&self) {
        if let Ok(mut busy) = self.shared.busy.lock() {
            busy.shown = false;
        }
    }

    /// Nothing is to move before the next call.
    pub(super) fn is_idle(&self) {
        if let Ok(mut busy) = self.shared.busy.lock() {
            busy.since = None;
            busy.shown = false;
        }
    }
}
