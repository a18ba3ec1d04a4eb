//! Texts in columns of a terminal, in which a Chinese character takes two.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Between two columns.
const GAP: &str = "  ";

/// Columns that a text takes.
pub(in crate::output) fn width(text: &str) -> usize {
    text.width()
}

/// A text with blanks behind it, so that it takes so many columns at least.
pub(in crate::output) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// As much of a text as so many columns hold, the rest shown as `…`.
pub(in crate::output) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut room = columns.saturating_sub(1);
    let mut short = String::new();
    for character in text.chars() {
        let Some(rest) = room.checked_sub(character.width().unwrap_or(0)) else { break };
        room = rest;
        short.push(character);
    }
    format!("{}…", short.trim_end())
}

/// A text on as many lines as it takes, broken at blanks and between wide characters; `indent` begins
/// every line but the first.
pub(in crate::output) fn wrapped(text: &str, columns: usize, indent: &str) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    let mut rest = text;
    while !rest.is_empty() {
        // Up to a place where a line may end.
        let end = rest.char_indices().skip(1).find(|(position, character)| {
            let before = rest[..*position].chars().next_back().unwrap_or(' ');
            before == ' ' || character.width() == Some(2) || before.width() == Some(2)
        });
        let (part, behind) = rest.split_at(end.map_or(rest.len(), |(position, _)| position));
        let is_full = width(&line) + width(part.trim_end()) > columns;
        if is_full && !line.trim().is_empty() {
            lines.push(line.trim_end().to_owned());
            indent.clone_into(&mut line);
        }
        line.push_str(part);
        rest = behind;
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// Rows of cells, each column as wide as its widest cell. No blanks stand at the end of a line.
pub(in crate::output) fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| width(cell)).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| padded(cell, *width));
        cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_takes_two_columns() {
        assert_eq!(width("版本 2"), 6);
        assert_eq!(padded("版本", 6), "版本  ");
        assert_eq!(cut("版本说明", 8), "版本说明");
        // Half a character is none.
        assert_eq!(cut("版本说明", 6), "版本…");
        assert_eq!(cut("版本说明", 5), "版本…");
        assert_eq!(cut("abc def", 5), "abc…");
        assert_eq!(cut("abc", 0), "…");
    }

    #[test]
    fn long_texts_go_on_below() {
        assert_eq!(wrapped("one two three", 8, "  "), ["one two", "  three"]);
        assert_eq!(wrapped("one", 8, "  "), ["one"]);
        assert_eq!(wrapped("", 8, "  "), [""]);
        assert_eq!(wrapped("版本二的说明 ab", 7, " "), ["版本二", " 的说明", " ab"]);
        // What cannot be broken stays whole.
        assert_eq!(wrapped("a 123456789", 5, ""), ["a", "123456789"]);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let rows = [row(["版本", "描述", "x"]), row(["10", "", ""]), row(["1", "ab", "y"])];
        assert_eq!(table(&rows), ["版本  描述  x", "10", "1     ab    y"]);
    }
}
