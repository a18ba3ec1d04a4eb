//! Texts in the user's language.
//!
//! English is a type's own `Display`. Chinese is its [`Text`], in `output/text/zh`, by matches without
//! `_`: a sentence that is missing there does not compile. JSON, codes and exit codes are the
//! same in every language.

use std::borrow::Cow;
use std::fmt::Display;

/// The language of what people read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Chinese (简体中文).
    Chinese,
}

/// Something that people read, in every language.
pub trait Text: Display {
    /// The same in Chinese.
    fn zh(&self) -> String;

    /// Why, for an error that another one caused.
    fn cause(&self) -> Option<&dyn Text> {
        None
    }
}

impl Language {
    /// The language of a locale such as `zh_CN.UTF-8` or `zh-Hans`, whether it is installed or
    /// not. Whatever is not Chinese is English.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("zh") { Self::Chinese } else { Self::English }
    }

    /// The text in this language.
    #[must_use]
    pub fn say(self, text: &(impl Text + ?Sized)) -> String {
        match self {
            Self::English => text.to_string(),
            Self::Chinese => text.zh(),
        }
    }
}

/// Texts of the system and of the service are told as they come.
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
}
