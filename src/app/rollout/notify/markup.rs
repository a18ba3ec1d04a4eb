//! Messages as each kind of chat shows them. Pure.
//!
//! A name may be anything that a user or somebody else has chosen. Nothing in it may become a
//! mention, a link or a colour, and no line of it another line.

use super::chat::ChatKind;
use crate::report::announcement::Announcement;
use crate::text::Language;

/// Characters of a line; none of ours has as many.
const LONGEST_LINE: usize = 600;
/// Stands where something was cut off.
const CUT: &str = "…";

/// A message before it gets the form of a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    /// The first line.
    headline: String,
    /// The others.
    lines: Vec<String>,
    /// Whether somebody may have to do something.
    alarming: bool,
}

impl Letter {
    /// A message in a language.
    pub(super) fn new(announcement: &Announcement, language: Language) -> Self {
        let Announcement { headline, text, whereabouts, advice, .. } = announcement;
        let line = |said: &crate::report::Said| on_one_line(said.say(language));
        let lines = [Some(text), Some(whereabouts), advice.as_ref()];
        Self {
            headline: line(headline),
            lines: lines.into_iter().flatten().map(line).collect(),
            alarming: announcement.event.is_alarming(),
        }
    }

    /// The first line alone, as it is.
    pub(super) fn headline(&self) -> &str {
        &self.headline
    }

    /// The whole message with the marks of a kind of chat.
    pub(super) fn marked_up(&self, kind: ChatKind) -> String {
        let escaped = |text: &str| escaped(kind, text);
        let headline = escaped(&self.headline);
        let lines = self.lines.iter().map(|line| escaped(line));
        match kind {
            ChatKind::WeCom => {
                let colour = if self.alarming { "warning" } else { "info" };
                let headline = format!("**<font color=\"{colour}\">{headline}</font>**");
                std::iter::once(headline).chain(lines).collect::<Vec<_>>().join("\n")
            }
            ChatKind::DingTalk => {
                // A line ends with a paragraph only.
                let headline = format!("#### {headline}");
                std::iter::once(headline).chain(lines).collect::<Vec<_>>().join("\n\n")
            }
            ChatKind::Feishu | ChatKind::Slack | ChatKind::Json => {
                std::iter::once(headline).chain(lines).collect::<Vec<_>>().join("\n")
            }
        }
    }
}

/// A text without anything that moves it to another line, or turns it around.
fn on_one_line(text: &str) -> String {
    let is_turning = |character: char| matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_break = |character: char| matches!(character, '\u{2028}' | '\u{2029}');
    let plain = text.chars().map(|character| {
        if character.is_control() || is_turning(character) || is_break(character) {
            ' '
        } else {
            character
        }
    });
    let mut line: String = plain.clone().take(LONGEST_LINE).collect();
    if plain.count() > LONGEST_LINE {
        line.push_str(CUT);
    }
    line
}

/// A text in which nothing is a mark of this kind of chat.
fn escaped(kind: ChatKind, text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match (kind, character) {
            // It knows no escapes: twins of full width stand for what begins or ends something.
            // `_` means nothing there, and a back-tick only makes code.
            (ChatKind::WeCom | ChatKind::DingTalk | ChatKind::Feishu, '<') => escaped.push('＜'),
            (ChatKind::WeCom | ChatKind::Feishu, '>') => escaped.push('＞'),
            (ChatKind::WeCom, '[') => escaped.push('［'),
            (ChatKind::WeCom, ']') => escaped.push('］'),
            (ChatKind::WeCom, '*') => escaped.push('＊'),
            (ChatKind::WeCom, '#') => escaped.push('＃'),
            (
                ChatKind::DingTalk,
                '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~'
                | '>',
            ) => {
                escaped.push('\\');
                escaped.push(character);
            }
            (ChatKind::Slack, '&') => escaped.push_str("&amp;"),
            (ChatKind::Slack, '<') => escaped.push_str("&lt;"),
            (ChatKind::Slack, '>') => escaped.push_str("&gt;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// At most so many bytes of a text, up to the end of a character, with a mark where it was cut.
pub(super) fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let mut end = bytes.saturating_sub(CUT.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{CUT}", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(headline: &str, line: &str) -> Letter {
        Letter { headline: on_one_line(headline), lines: vec![on_one_line(line)], alarming: true }
    }

    #[test]
    fn no_name_is_a_mark() {
        let hostile = "a`b*_[x](http://e)<@all><font>&!here#\n# c";
        for (kind, expected) in [
            (
                ChatKind::WeCom,
                "**<font color=\"warning\">a`b＊_［x］(http://e)＜@all＞＜font＞&!here＃ ＃ c</font>**\nmy_f",
            ),
            (
                ChatKind::DingTalk,
                "#### a\\`b\\*\\_\\[x\\]\\(http://e\\)＜@all\\>＜font\\>&\\!here\\# \\# c\n\nmy\\_f",
            ),
            (ChatKind::Feishu, "a`b*_[x](http://e)＜@all＞＜font＞&!here# # c\nmy_f"),
            (ChatKind::Slack, "a`b*_[x](http://e)&lt;@all&gt;&lt;font&gt;&amp;!here# # c\nmy_f"),
        ] {
            assert_eq!(letter(hostile, "my_f").marked_up(kind), expected, "{kind:?}");
        }
    }

    #[test]
    fn a_line_stays_one_line_and_is_not_turned_around() {
        assert_eq!(on_one_line("a\r\n\tb\u{202e}c\u{2028}d\u{1b}[31m"), "a   b c d [31m");
        let long = on_one_line(&"名".repeat(700));
        assert_eq!((long.chars().count(), long.ends_with('…')), (601, true));
    }

    #[test]
    fn what_is_too_long_is_cut_by_bytes() {
        assert_eq!(cut("灰度发布", 12), "灰度发布");
        assert_eq!(cut("灰度发布", 11), "灰度…");
        assert_eq!(cut("灰度发布", 9), "灰度…");
        assert_eq!(cut("abcdefgh", 5), "ab…");
        assert_eq!(cut("灰度", 3), "…");
        for bytes in 3..40 {
            assert!(cut("发abc布defg，发布", bytes).len() <= bytes);
        }
    }
}
