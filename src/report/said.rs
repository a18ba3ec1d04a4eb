//! Texts in a result.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::text::{Language, Text};

/// A text for people. Programs get the English one, whatever the language is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    text: String,
    chinese: String,
}

impl Said {
    /// What the text says, in each language.
    #[must_use]
    pub fn new(text: &(impl Text + ?Sized)) -> Self {
        Self { text: text.to_string(), chinese: text.zh() }
    }

    /// A text that is there in both languages.
    #[must_use]
    pub fn in_both(text: String, chinese: String) -> Self {
        Self { text, chinese }
    }

    /// The text in a language.
    #[must_use]
    pub fn say(&self, language: Language) -> &str {
        match language {
            Language::English => &self.text,
            Language::Chinese => &self.chinese,
        }
    }

    /// Gives out the Chinese text from here on.
    pub(super) fn speak_chinese(&mut self) {
        self.text.clone_from(&self.chinese);
    }
}

impl fmt::Display for Said {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Text for Said {
    fn zh(&self) -> String {
        self.chinese.clone()
    }
}

impl Serialize for Said {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// A result in a language: its texts are changed by `speak`, and nothing else.
pub(super) fn shown_in<T: Clone>(result: &T, language: Language, speak: impl FnOnce(&mut T)) -> T {
    let mut shown = result.clone();
    if language == Language::Chinese {
        speak(&mut shown);
    }
    shown
}
