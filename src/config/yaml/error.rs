//! What is wrong with a file, and the advice that fits it.

use super::Location;

/// Characters of a line that an error shows.
const EXCERPT: usize = 120;

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at line {line}, column {column}")]
pub struct DocumentError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong there.
    pub reason: String,
    /// The line and, below it, a `^` under the column.
    pub excerpt: String,
    /// What kind of mistake it is.
    pub fault: Fault,
}

/// A kind of mistake, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A key that is there already.
    Duplicate {
        /// The key.
        key: String,
        /// Where it is first.
        first: Location,
    },
    /// A tab where the line begins.
    Tab,
    /// A second document in the file.
    SecondDocument,
    /// A line that stands further left or right than its neighbours.
    Indentation,
    /// A list and keys of a map in one place.
    Mixed,
    /// A line above that is no key: it has no colon, or no blank behind it.
    NoKey {
        /// The line.
        line: usize,
    },
    /// A text without quotes that has another meaning.
    Unquoted,
    /// A quote or a bracket that is never closed.
    Unclosed,
    /// A backslash in double quotes that escapes nothing.
    Escape,
    /// A tag that js-yaml does not know.
    Tag,
    /// Another one.
    Other,
}

impl DocumentError {
    pub(super) fn new(text: &str, location: Location, reason: impl Into<String>) -> Self {
        let Location { line, column } = location;
        let whole = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let before = column.saturating_sub(1).min(whole.chars().count());
        // Of a long line only what stands around the place.
        let left_out = before.saturating_sub(EXCERPT / 2);
        let shown: String = whole.chars().skip(left_out).take(EXCERPT).collect();
        let number = line.to_string();
        let excerpt =
            format!("{number} | {shown}\n{}^", " ".repeat(number.len() + 3 + before - left_out));
        Self { line, column, reason: reason.into(), excerpt, fault: Fault::Other }
    }

    /// What the parser met, at its own place and with the fault that is probably behind it.
    pub(super) fn syntax(text: &str, location: Location, reason: &str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        // A parser notices a tab when it looks for the next key, which may be a line too early.
        let tab = [location.line, location.line + 1].into_iter().find_map(|line| {
            let column = leading_tab(lines.get(line.checked_sub(1)?)?)?;
            Some(Location { line, column })
        });
        if let Some(tab) = tab {
            return Self::new(text, tab, "found a tab where the line begins").because(Fault::Tab);
        }
        let line = lines.get(location.line.saturating_sub(1)).copied().unwrap_or_default();
        let fault = if reason.contains("escape") {
            Fault::Escape
        } else if reason.contains("tag") {
            Fault::Tag
        } else if has_unquoted(line) || reason.contains("alias") || reason.contains("anchor") {
            Fault::Unquoted
        } else if ["quoted", "flow", "illegal placement"].iter().any(|word| reason.contains(word)) {
            Fault::Unclosed
        } else if reason.contains("'-' indicator") {
            Fault::Mixed
        } else if let Some(line) = no_key(&lines, location.line) {
            Fault::NoKey { line }
        } else if is_misaligned(&lines, location.line) {
            Fault::Indentation
        } else {
            Fault::Other
        };
        Self::new(text, location, reason).because(fault)
    }

    pub(super) fn because(mut self, fault: Fault) -> Self {
        self.fault = fault;
        self
    }

    /// What to do about it, where there is something to say.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        Some(match &self.fault {
            Fault::Duplicate { key, first } => {
                format!("`{key}` is there already in line {}: keep one of the two", first.line)
            }
            Fault::Tab => "indent with blanks; YAML does not take tabs there".to_owned(),
            Fault::SecondDocument => {
                "a configuration is one document: take out the `---` and what is below it, or put it into a file \
                 of its own"
                    .to_owned()
            }
            Fault::Indentation => {
                "compare the indentation with the lines above: keys of one map begin in the same column".to_owned()
            }
            Fault::Mixed => {
                "one place takes a list (`- …`) or keys (`key: …`), not both: compare with the lines above"
                    .to_owned()
            }
            Fault::NoKey { line } => {
                format!("line {line} is no key: write `key: value`, with a colon and a blank behind it")
            }
            Fault::Unquoted => {
                "put the text in quotes: a text that begins with `{`, `[`, `*`, `&`, `!`, `@`, `%` or a backquote, or \
                 holds `: `, has another meaning without them"
                    .to_owned()
            }
            Fault::Unclosed => {
                "look for a quote, `{` or `[` that is opened in this line or above and not closed".to_owned()
            }
            Fault::Escape => {
                "in double quotes a backslash is written `\\\\`; in single quotes it stands for itself"
                    .to_owned()
            }
            Fault::Tag => {
                "`!` begins a tag, which only other tools know: put the text in quotes, or write the value itself"
                    .to_owned()
            }
            Fault::Other => return None,
        })
    }
}

/// The column of a tab in the blanks that a line begins with; not of an empty line.
fn leading_tab(line: &str) -> Option<usize> {
    let blanks: Vec<char> = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let text = line.trim();
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    blanks.iter().position(|c| *c == '\t').map(|position| position + 1)
}

/// Whether the value in a line has a character without quotes that gives it another meaning.
fn has_unquoted(line: &str) -> bool {
    let text = line.trim_start().trim_start_matches("- ").trim_start();
    let value = match text.split_once(": ") {
        Some((_, value)) => value.trim_start(),
        None => text,
    };
    let quoted = value.starts_with(['"', '\'']);
    let special = value.starts_with(['{', '[', '*', '&', '!', '@', '%', '`']);
    // What stands behind a closed bracket, or a value that would be a map.
    special
        || (!quoted && value.contains(": "))
        || (!quoted && text != value && value.ends_with(':'))
}

/// The nearest line above that should be a key and is none.
fn no_key(lines: &[&str], number: usize) -> Option<usize> {
    let above = lines.get(..number.saturating_sub(1))?.iter().enumerate().rev();
    let is_text = |text: &str| !text.is_empty() && !text.starts_with('#');
    let (position, text) =
        above.map(|(position, line)| (position, line.trim())).find(|(_, text)| is_text(text))?;
    let text = text.trim_start_matches("- ");
    let has_key = text.contains(": ") || text.ends_with(':');
    let other = text.starts_with(['"', '\'', '-', '|', '>', '}', ']', '%', '.']);
    (!has_key && !other).then_some(position + 1)
}

/// Whether a line begins in another column than its neighbours above lead to expect.
fn is_misaligned(lines: &[&str], number: usize) -> bool {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let is_text = |line: &&&str| {
        let text = line.trim();
        !text.is_empty() && !text.starts_with('#')
    };
    let Some(line) = lines.get(number.saturating_sub(1)) else { return false };
    let own = indent(line);
    let mut above = lines[..number.saturating_sub(1)].iter().rev().filter(is_text);
    let Some(nearest) = above.next() else { return own > 0 };
    // Deeper without a key that opens a map, or in a column that no line above begins in.
    let opens = nearest.trim_end().ends_with(':') || nearest.trim_start().starts_with("- ");
    let known = std::iter::once(nearest).chain(above).any(|line| {
        let begins = indent(line);
        let item = line.trim_start().strip_prefix("- ").is_some() && begins + 2 == own;
        begins == own || item
    });
    if own > indent(nearest) { !opens } else { !known || own < indent(nearest) }
}
