//! Words of a table, in the language of the run.

use crate::output::controls::on_one_line;
use crate::report::status::Title;
use crate::text::{Language, Text};

/// Says texts in a language.
pub(in crate::output) struct Words(pub Language);

impl Words {
    pub(in crate::output) fn say(&self, text: &(impl Text + ?Sized)) -> String {
        on_one_line(&self.0.say(text))
    }

    /// What is told besides, in brackets behind a text.
    pub(in crate::output) fn in_brackets(&self, text: &str) -> String {
        match self.0 {
            Language::English => format!(" ({text})"),
            Language::Chinese => format!("（{text}）"),
        }
    }

    /// One more of a list.
    pub(in crate::output) fn and(&self, text: &str) -> String {
        match self.0 {
            Language::English => format!(", {text}"),
            Language::Chinese => format!("，{text}"),
        }
    }

    pub(in crate::output) fn titles(&self, titles: &[Title]) -> Vec<String> {
        titles.iter().map(|title| self.say(title)).collect()
    }
}
