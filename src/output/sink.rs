//! What commands say while they work, printed.

use std::sync::Arc;

use serde_json::Value;

use super::Printer;
use crate::error::Error;
use crate::report::deploy::DeployedInstance;
use crate::report::logs::LogLine;
use crate::report::page::{Account, MadeCall};
use crate::report::rollout::Event;
use crate::report::status::PastedCommand;
use crate::report::{Report, Section, Sink, Work, WorkAmount};
use crate::text::Text;

impl Sink for Printer {
    fn note(&self, text: &dyn Text) {
        Self::note(self, text);
    }

    fn note_once(&self, of: &str, text: &dyn Text) {
        Self::note_once(self, of, text);
    }

    fn decisive(&self, text: &dyn Text) {
        Self::decisive(self, text);
    }

    fn warning(&self, text: &dyn Text) {
        Self::warning(self, text);
    }

    fn step(&self, text: &dyn Text) {
        Self::step(self, text);
    }

    fn section(&self, section: Section) {
        self.begin_section(section);
    }

    fn waiting(&self, text: &dyn Text) {
        Self::waiting(self, text);
    }

    fn sending(&self, action: &str) {
        Self::sending(self, action);
        self.keep_sending(action);
    }

    fn answered(&self, action: &str) {
        Self::answered(self, action);
    }

    fn debug(&self, text: &str) {
        Self::debug(self, text);
    }

    fn hide(&self, secret: &str) {
        Self::hide(self, secret);
    }

    fn withhold(&self, secret: &str) {
        Self::withhold(self, secret);
    }

    fn header(&self, action: &str, stage: &str, app: &str, name: &str) {
        Self::header(self, action, stage, app, name);
    }

    fn transfer(&self, work: Work) -> Box<dyn Fn(WorkAmount) + Send + Sync> {
        let transfer = Self::transfer(self, work);
        Box::new(move |amount| transfer.at(amount))
    }

    fn report(&self, report: &Report) {
        Self::report(self, report);
    }

    fn returned(&self, text: &str, several: bool) {
        Self::returned(self, text, several);
    }

    fn aside(&self, text: &str) {
        Self::aside(self, text);
    }

    fn log(&self, line: &LogLine) {
        Self::log(self, line);
    }

    fn is_read(&self) -> bool {
        Self::is_read(self)
    }

    fn event(&self, event: &Event) {
        Self::event(self, event);
    }

    fn account(&self, account: Account) {
        Self::account(self, account);
    }

    fn project(&self, commands: Vec<PastedCommand>) {
        self.keep_project(commands);
    }

    fn called(&self, call: MadeCall) {
        self.keep_call(call);
    }

    fn instance(&self, name: &str, outputs: &DeployedInstance) {
        self.instance_result(name, outputs);
    }

    fn error(&self, error: &Error) {
        Self::error(self, error);
    }

    fn leaving(&self, error: &Error) {
        Self::error(self, error);
        self.failure(error);
        self.leave_reports(error);
    }

    fn can_ask(&self) -> bool {
        Self::can_ask(self)
    }

    fn ask(&self, question: &dyn Text) -> bool {
        Self::ask(self, question)
    }

    fn masked(&self, value: &Value) -> Value {
        self.mask_value(value)
    }

    fn labelled(&self, name: &str) -> Arc<dyn Sink> {
        Arc::new(Self::labelled(self, name))
    }

    fn of_member(&self, name: &str, folder: &str) -> Arc<dyn Sink> {
        Arc::new(Self::of_member(self, name, folder))
    }
}
