//! Everything that is said, in Chinese (简体中文), in the vendor's terms: 函数, 命名空间, 版本, 别名,
//! 流量, 触发器, 预置实例. A stage is 环境; credentials are 凭证, and 密钥 a pair of keys. One module
//! for each room that texts come from.

mod announcement;
mod arguments;
mod doctor;
mod error;
mod execute;
mod fields;
mod files;
mod gates;
pub(crate) mod help;
mod hint;
mod init;
mod inputs;
mod invoke;
mod local;
mod logs;
mod net;
mod notice;
mod output;
mod package;
mod page;
mod plan;
mod refusal;
mod rehearsal;
mod rollout;
mod saved;
mod split;
mod status;
pub(crate) mod topics;
mod usage;

use std::fmt::Display;
use std::io;
use std::time::Duration;

use super::Text;
use crate::config::text_file::ReadError;
use crate::model::MOST_LISTED;

/// Fails unless a text is Chinese: it has to have characters of it, no three English words in
/// a row but in back-ticks and quotes, and the punctuation of Chinese beside Chinese.
#[cfg(test)]
#[track_caller]
pub(crate) fn assert_chinese(text: &(impl super::Text + ?Sized)) {
    assert_text_is_chinese(&text.zh());
}

/// As [`assert_chinese`], of a text that was said already.
#[cfg(test)]
#[track_caller]
pub(crate) fn assert_text_is_chinese(text: &str) {
    assert!(text.chars().any(is_ideograph), "not Chinese: {text}");
    let mut plain = String::new();
    let mut quote = None;
    for character in text.chars() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '`' | '"' | '\'') => {
                quote = Some(character);
                plain.push('；');
            }
            // Foreign words, as they come.
            (None, '“') => quote = Some('”'),
            (None, _) => plain.push(character),
            (Some(_), _) => {}
        }
    }
    assert_eq!(misplaced(&plain), None, "punctuation of English: {text}");
    let mut row = 0;
    for word in
        plain.split_inclusive(|character: char| character.is_whitespace() || !character.is_ascii())
    {
        let letters = word.trim_end_matches([' ', ',', '.', ';', ':']);
        let is_word =
            !letters.is_empty() && letters.chars().all(|letter| letter.is_ascii_alphabetic());
        row = if is_word { row + 1 } else { 0 };
        assert!(row < 3, "English words in a row: {text}");
    }
}

/// The first sign of English punctuation that stands beside Chinese, where quotes are one `；`. A
/// share behind a colon is data.
#[cfg(test)]
fn misplaced(plain: &str) -> Option<char> {
    let signs: Vec<char> = plain.chars().collect();
    let is_chinese = |sign: Option<&char>| sign.is_some_and(|sign| is_ideograph(*sign));
    let is_share = |rest: &[char]| matches!(rest, [' ', digit, ..] if digit.is_ascii_digit());
    let is_misplaced = |place: usize| {
        let (before, rest) = (&signs[..place], &signs[place + 1..]);
        let is_behind_quotes = before.last() == Some(&'；');
        let after = rest.iter().find(|sign| !sign.is_whitespace());
        match signs[place] {
            ':' if is_share(rest) => false,
            ',' | ';' | ':' | '!' | '?' | ')' => {
                is_chinese(before.last()) || is_behind_quotes && is_chinese(after)
            }
            '(' => is_chinese(before.iter().rfind(|sign| !sign.is_whitespace())),
            _ => false,
        }
    };
    (0..signs.len()).find(|place| is_misplaced(*place)).map(|place| signs[place])
}

#[cfg(test)]
fn is_ideograph(character: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&character)
}

impl Text for io::Error {
    fn zh(&self) -> String {
        of_ours(self).unwrap_or_else(|| self.to_string())
    }
}

/// What stands in the place of an error of the system and is ours.
fn of_ours(error: &io::Error) -> Option<String> {
    let inner = error.get_ref()?;
    let misplaced = inner.downcast_ref::<crate::local::Misplaced>().map(Text::zh);
    let misplaced = misplaced.or_else(|| inner.downcast_ref::<ReadError>().map(Text::zh));
    misplaced.or_else(|| inner.downcast_ref::<crate::package::Oversized>().map(Text::zh))
}

/// A duration for people.
fn seconds(duration: Duration) -> String {
    format!("{} 秒", duration.as_secs_f64())
}

/// Names in their order, cut with a count.
fn listed<T: Display>(names: &[T]) -> String {
    listed_by("、", names)
}

/// As [`listed`], with another separator, for entries that hold commas.
fn listed_by<T: Display>(separator: &str, names: &[T]) -> String {
    let shown: Vec<String> = names.iter().take(MOST_LISTED).map(ToString::to_string).collect();
    let shown = shown.join(separator);
    match names.len().checked_sub(MOST_LISTED) {
        None | Some(0) => shown,
        Some(more) => format!("{shown}，另有 {more} 个"),
    }
}

/// A text that follows Chinese characters: one that begins with a Latin letter stands apart.
fn spaced(text: String) -> String {
    if text.starts_with(|first: char| first.is_ascii()) { format!(" {text}") } else { text }
}
