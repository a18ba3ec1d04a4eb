//! What stands out on a terminal. The option parser has the same for its own texts.

use anstyle::{AnsiColor, Style};

use super::Mark;

/// What went wrong.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// What is probably a mistake.
pub const WARNING: Style = AnsiColor::Yellow.on_default();
/// What to do.
pub const ADVICE: Style = AnsiColor::Green.on_default();
/// Above other lines.
pub const HEADING: Style = Style::new().bold().underline();
/// What is only told apart from the text behind it.
const PLAIN: Style = Style::new().bold();

/// How the beginning of a line is painted.
fn of(mark: Mark) -> Style {
    match mark {
        Mark::Error => ERROR,
        Mark::Warning | Mark::PerhapsDone | Mark::NotDone | Mark::Skipped | Mark::NotBegun => {
            WARNING
        }
        Mark::Hint | Mark::Done => ADVICE,
        Mark::Cause | Mark::Note => PLAIN,
    }
}

/// The line with its beginning painted, where that is what it begins with.
pub(super) fn painted(line: String, mark: Mark, word: &str) -> String {
    let Some(rest) = line.strip_prefix(word) else { return line };
    let begin = word.trim_start();
    let (indent, style) = (&word[..word.len() - begin.len()], of(mark));
    let begin = begin.trim_end();
    let gap = &word[indent.len() + begin.len()..];
    format!("{indent}{style}{begin}{style:#}{gap}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_beginning_is_painted() {
        for (line, mark, word, expected) in [
            ("error: a", Mark::Error, "error: ", "\u{1b}[1m\u{1b}[31merror:\u{1b}[0m a"),
            ("  hint: a\n  b", Mark::Hint, "  hint: ", "  \u{1b}[32mhint:\u{1b}[0m a\n  b"),
            ("错误：甲", Mark::Error, "错误：", "\u{1b}[1m\u{1b}[31m错误：\u{1b}[0m甲"),
            // Masked, or cut.
            ("err…", Mark::Error, "error: ", "err…"),
        ] {
            assert_eq!(painted(line.to_owned(), mark, word), expected);
        }
    }
}
