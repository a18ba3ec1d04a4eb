//! Words of a POSIX shell: quoting arguments, and splitting a line.

use std::borrow::Cow;
use std::ops::Range;

/// Quotes an argument if the shell would change it.
///
/// ```
/// use scfctl::shell::quoted;
/// assert_eq!(quoted("traffic=0.1"), "traffic=0.1");
/// assert_eq!(quoted("version=$LATEST"), "'version=$LATEST'");
/// ```
#[must_use]
pub fn quoted(argument: &str) -> Cow<'_, str> {
    let plain = |character: char| character.is_alphanumeric() || "-_./:=@%+,".contains(character);
    if !argument.is_empty() && argument.chars().all(plain) {
        return Cow::Borrowed(argument);
    }
    Cow::Owned(format!("'{}'", argument.replace('\'', "'\\''")))
}

/// Formats `key=value`, quoted where the shell would change it.
///
/// ```
/// use scfctl::shell::pair;
/// assert_eq!(pair("name", "$DEFAULT"), "name='$DEFAULT'");
/// ```
#[must_use]
pub fn pair(key: &str, value: &str) -> String {
    format!("{}={}", quoted(key), quoted(value))
}

/// A word of a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its position in the line, including quotes.
    pub range: Range<usize>,
    /// The argument after the shell's processing.
    pub argument: String,
}

/// Returns the words before the first backtick outside of quotes, and its position.
///
/// `None` if there is no such backtick: the text contains no command in backticks.
#[must_use]
pub fn words_in_backticks(text: &str) -> Option<(Vec<Word>, usize)> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote = None;
    let mut characters = text.char_indices();
    while let Some((position, character)) = characters.next() {
        let end = position + character.len_utf8();
        let current = |word: &mut Option<Word>, end| {
            let begun = Word { range: position..position, argument: String::new() };
            let current = word.get_or_insert(begun);
            current.range.end = end;
        };
        match (quote, character) {
            (None, '`') => {
                words.extend(word);
                return Some((words, position));
            }
            (None, blank) if blank.is_ascii_whitespace() => words.extend(word.take()),
            (None, '\'' | '"') => {
                quote = Some(character);
                current(&mut word, end);
            }
            (Some(open), close) if open == close => {
                quote = None;
                current(&mut word, end);
            }
            (None | Some('"'), '\\') => {
                let (next, escaped) = characters.next()?;
                current(&mut word, next + escaped.len_utf8());
                let word = word.as_mut()?;
                if quote.is_some() && !matches!(escaped, '$' | '`' | '"' | '\\') {
                    word.argument.push('\\');
                }
                word.argument.push(escaped);
            }
            _ => {
                current(&mut word, end);
                word.as_mut()?.argument.push(character);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn arguments(text: &str) -> Option<Vec<String>> {
        let (words, end) = words_in_backticks(text)?;
        assert!(text[end..].starts_with('`'));
        Some(words.into_iter().map(|word| word.argument).collect())
    }

    #[test]
    fn a_line_is_read_as_a_shell_reads_it() {
        for (line, words) in [
            ("a b`", Some(vec!["a", "b"])),
            ("`", Some(vec![])),
            (" a  'b c'd `rest", Some(vec!["a", "b cd"])),
            (r#"a "b `\` \n c" ``"#, Some(vec!["a", r"b `` \n c"])),
            (r"it\'s '' 'a`b'`", Some(vec!["it's", "", "a`b"])),
            ("a 'b`", None),
            ("a b", None),
            ("a \\", None),
        ] {
            let words = words.map(|words| words.into_iter().map(str::to_owned).collect());
            assert_eq!(arguments(line), words, "{line}");
        }
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read_back(
            typed in prop::collection::vec("[a-z '`\"\\\\$=*中]{0,6}", 0..5)
        ) {
            let line: Vec<_> = typed.iter().map(|argument| quoted(argument)).collect();
            prop_assert_eq!(arguments(&format!("{}`", line.join(" "))), Some(typed));
        }
    }
}
