//! A failure as values: what `--output json` prints of it.

use serde::Serialize;

use crate::text::Language;

/// A failure for programs. Every field is always there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Failure"))]
#[serde(rename_all = "camelCase")]
pub struct FailureReport {
    /// The service's code, else a word of our own (docs/en/errors.md).
    pub code: String,
    /// How the process exits.
    pub exit_code: u8,
    /// What could not be done.
    pub message: String,
    /// Why, outermost first.
    pub causes: Vec<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Names the failed call to the vendor's support.
    pub request_id: Option<String>,
    /// What had been done by then.
    pub done: Vec<String>,
    /// What was sent and may have been carried out.
    pub maybe_done: Vec<String>,
    /// What was not done.
    pub not_done: Vec<String>,
}

impl FailureReport {
    /// The message and its causes on one line.
    #[must_use]
    pub fn whole(&self) -> String {
        self.whole_in(Language::English)
    }

    /// As [`Self::whole`], of a failure that was said in this language.
    #[must_use]
    pub fn whole_in(&self, language: Language) -> String {
        let texts = std::iter::once(&self.message).chain(&self.causes);
        texts.map(String::as_str).collect::<Vec<_>>().join(language.colon())
    }

    /// The same, said of one of several.
    #[must_use]
    pub fn of(mut self, name: &str) -> Self {
        let named = |text: &mut String| *text = format!("{name}: {text}");
        named(&mut self.message);
        let Self { done, maybe_done, not_done, .. } = &mut self;
        done.iter_mut().chain(maybe_done).chain(not_done).for_each(named);
        self
    }
}
