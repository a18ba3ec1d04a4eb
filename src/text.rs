//! Texts in the user's language.
//!
//! English is a type's own `Display`. Chinese is its [`Text`], in `output/text/zh`, by matches
//! without `_`: a missing sentence does not compile. JSON, codes and exit codes are the same in
//! every language.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::path::PathBuf;
use std::sync::Arc;

/// Language of texts for users.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Chinese (简体中文).
    Chinese,
}

/// A text for users, in every language.
pub trait Text: Display {
    /// Returns the text in Chinese.
    fn zh(&self) -> String;

    /// Returns the cause of an error, if it has one.
    fn cause(&self) -> Option<&dyn Text> {
        None
    }

    /// The place in a file that the text is about, for pipelines that mark it there.
    fn place(&self) -> Option<FilePlace> {
        None
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePlace {
    /// Path: relative to the working directory, or absolute.
    pub file: PathBuf,
    /// Line, from 1; `None` for the file as a whole.
    pub line: Option<usize>,
    /// Column, from 1; `None` for the whole line.
    pub column: Option<usize>,
}

impl FilePlace {
    /// A line of a file, or the file as a whole.
    #[must_use]
    pub fn new(file: impl Into<PathBuf>, line: Option<usize>) -> Self {
        Self { file: file.into(), line, column: None }
    }
}

/// A cause reported by another room. Two causes are equal if their English texts are.
#[derive(Clone)]
pub struct Cause(Arc<dyn Text + Send + Sync>);

impl Cause {
    /// Wraps a text as a cause.
    #[must_use]
    pub fn new(text: impl Text + Send + Sync + 'static) -> Self {
        Self(Arc::new(text))
    }
}

impl Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Cause").field(&self.to_string()).finish()
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Cause {}

impl Text for Cause {
    fn zh(&self) -> String {
        self.0.zh()
    }

    fn cause(&self) -> Option<&dyn Text> {
        self.0.cause()
    }

    fn place(&self) -> Option<FilePlace> {
        self.0.place()
    }
}

impl Language {
    /// Stands between what is said and what it is about, or why it is so.
    #[must_use]
    pub fn colon(self) -> &'static str {
        match self {
            Self::English => ": ",
            Self::Chinese => "：",
        }
    }

    /// Stands between two of several sentences.
    #[must_use]
    pub fn semicolon(self) -> &'static str {
        match self {
            Self::English => "; ",
            Self::Chinese => "；",
        }
    }

    /// Returns the language of a locale such as `zh_CN.UTF-8` or `zh-Hans`, whether it is installed
    /// or not. Anything but Chinese is English.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("zh") { Self::Chinese } else { Self::English }
    }

    /// Returns its name for `--lang`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// Parses a name for `--lang`.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        [Self::English, Self::Chinese].into_iter().find(|language| language.word() == word)
    }

    /// Returns a text in this language.
    #[must_use]
    pub fn say(self, text: &(impl Text + ?Sized)) -> String {
        match self {
            Self::English => text.to_string(),
            Self::Chinese => text.zh(),
        }
    }
}

/// Texts of the system and of the service are not translated.
impl Text for str {
    fn zh(&self) -> String {
        self.to_owned()
    }
}

impl Text for String {
    fn zh(&self) -> String {
        self.clone()
    }
}

impl Text for Cow<'_, str> {
    fn zh(&self) -> String {
        self.to_string()
    }
}

impl<T: Text + ?Sized> Text for &T {
    fn zh(&self) -> String {
        (**self).zh()
    }

    fn cause(&self) -> Option<&dyn Text> {
        (**self).cause()
    }
}

impl<T: Text + ?Sized> Text for Box<T> {
    fn zh(&self) -> String {
        (**self).zh()
    }

    fn cause(&self) -> Option<&dyn Text> {
        (**self).cause()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_chinese_or_english() {
        for locale in ["zh", "zh_CN.UTF-8", "zh_TW", "ZH_cn.utf8", "zh-Hans", "zh_CN@pinyin"] {
            assert_eq!(Language::of_locale(locale), Language::Chinese, "{locale}");
        }
        for locale in ["", "C", "C.UTF-8", "POSIX", "en_US.UTF-8", "de_DE", "zha_CN"] {
            assert_eq!(Language::of_locale(locale), Language::English, "{locale}");
        }
    }

    #[test]
    fn a_cause_has_both_languages() {
        struct Refused;
        impl Display for Refused {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("refused")
            }
        }
        impl Text for Refused {
            fn zh(&self) -> String {
                "被拒绝".to_owned()
            }
        }
        let cause = Cause::new(Refused);
        assert_eq!(Language::English.say(&cause), "refused");
        assert_eq!(Language::Chinese.say(&cause), "被拒绝");
        assert_eq!(cause, Cause::new(Refused));
    }
}
