//! What is said while a screen is drawn, kept for the screen.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;
use crate::report::deploy::DeployedInstance;
use crate::report::logs::LogLine;
use crate::report::page::{Account, MadeCall};
use crate::report::rollout::Event;
use crate::report::status::PastedCommand;
use crate::report::{Report, Said, Section, Sink, Work, WorkAmount};
use crate::text::Text;

/// Keeps what is said, and prints nothing of it.
#[derive(Clone)]
pub(in crate::app) struct Muted(Arc<Shared>);

struct Shared {
    /// Hears secrets, and the last words.
    inner: Arc<dyn Sink>,
    said: Mutex<Vec<Said>>,
    restore: Arc<dyn Fn() + Send + Sync>,
}

impl Muted {
    pub(in crate::app) fn new(inner: Arc<dyn Sink>, restore: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self(Arc::new(Shared { inner, said: Mutex::default(), restore }))
    }

    /// What was said since this was asked last.
    pub(super) fn take(&self) -> Vec<Said> {
        // Nothing that can panic runs under the lock.
        std::mem::take(&mut *self.0.said.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&self, text: &dyn Text) {
        let said = Said::new(text);
        let mut kept = self.0.said.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.contains(&said) {
            kept.push(said);
        }
    }
}

impl Sink for Muted {
    fn note(&self, text: &dyn Text) {
        self.keep(text);
    }

    fn note_once(&self, _: &str, text: &dyn Text) {
        self.keep(text);
    }

    fn decisive(&self, text: &dyn Text) {
        self.keep(text);
    }

    fn warning(&self, text: &dyn Text) {
        self.keep(text);
    }

    fn step(&self, text: &dyn Text) {
        self.keep(text);
    }

    fn section(&self, _: Section) {}

    fn waiting(&self, _: &dyn Text) {}

    fn debug(&self, _: &str) {}

    fn hide(&self, secret: &str) {
        self.0.inner.hide(secret);
    }

    fn withhold(&self, secret: &str) {
        self.0.inner.withhold(secret);
    }

    fn header(&self, _: &str, _: &str, _: &str, _: &str) {}

    fn transfer(&self, _: Work) -> Box<dyn Fn(WorkAmount) + Send + Sync> {
        Box::new(|_| {})
    }

    fn report(&self, _: &Report) {}

    // Of other commands.
    fn returned(&self, _: &str, _: bool) {}

    fn aside(&self, _: &str) {}

    fn log(&self, _: &LogLine) {}

    fn is_read(&self) -> bool {
        self.0.inner.is_read()
    }

    fn event(&self, _: &Event) {}

    fn account(&self, _: Account) {}

    fn project(&self, _: Vec<PastedCommand>) {}

    fn called(&self, _: MadeCall) {}

    fn instance(&self, _: &str, _: &DeployedInstance) {}

    fn error(&self, _: &Error) {}

    fn leaving(&self, error: &Error) {
        (self.0.restore)();
        self.0.inner.leaving(error);
    }

    fn labelled(&self, _: &str) -> Arc<dyn Sink> {
        Arc::new(self.clone())
    }

    fn of_member(&self, _: &str, _: &str) -> Arc<dyn Sink> {
        Arc::new(self.clone())
    }
}
