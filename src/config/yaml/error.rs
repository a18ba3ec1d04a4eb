//! What is wrong with a file, and the advice that fits it.

use std::fmt;

use super::syntax::{JsonSyntax, YamlSyntax};
use super::{Location, MAX_BYTES, MAX_DEPTH, MAX_MERGED_KEYS, MAX_NODES};

/// Characters of a line that an error shows.
const EXCERPT: usize = 120;

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at line {line}, column {column}")]
pub struct DocumentError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong there.
    pub problem: Problem,
    /// The line and, below it, a `^` under the column.
    pub excerpt: String,
    /// The mistake that is probably behind it, as far as it can be told.
    pub fault: Option<Fault>,
}

/// What is wrong at a place of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The parser of YAML cannot go on.
    #[error("{0}")]
    Yaml(YamlSyntax),
    /// The parser of JSON cannot go on.
    #[error("{0}")]
    Json(JsonSyntax),
    /// A character that no text has.
    #[error("control characters are not allowed")]
    ControlCharacter,
    /// A tab among the blanks that a line begins with.
    #[error("found a tab where the line begins")]
    Tab,
    /// The file ends too early.
    #[error("unexpected end of file")]
    EndOfFile,
    /// A value ends before it begins.
    #[error("unexpected end of the value")]
    EndOfValue,
    /// A second document in the file.
    #[error("expected a single document, but found another")]
    SecondDocument,
    /// An alias of a value that holds it.
    #[error("the alias stands inside its own anchor")]
    AliasInItself,
    /// Collections inside one another.
    #[error("nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// The same, by aliases.
    #[error("aliases nest more than {MAX_DEPTH} levels deep")]
    AliasesTooDeep,
    /// Aliases that multiply.
    #[error("more than {MAX_NODES} values after aliases are expanded")]
    TooManyValues,
    /// Aliases of long texts.
    #[error("more than {MAX_BYTES} bytes of text after aliases are expanded")]
    TooManyBytes,
    /// `<<` that multiply.
    #[error("more than {MAX_MERGED_KEYS} keys merged")]
    TooManyMerged,
    /// `<<` of something else than a map.
    #[error("`<<` needs a mapping or a list of mappings")]
    Merge,
    /// A key that is there already.
    #[error("duplicated mapping key `{key}`")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// A map for a key.
    #[error("a key must be a scalar or a list of scalars")]
    Key,
    /// A scalar that its tag does not allow.
    #[error("not a value of the tag {tag}")]
    NotOfTag {
        /// The tag.
        tag: String,
    },
    /// A tag of another kind of value.
    #[error("the tag does not fit this kind of value: {tag}")]
    TagMisfit {
        /// The tag.
        tag: String,
    },
    /// A tag that js-yaml does not know.
    #[error("unknown tag: {tag}")]
    UnknownTag {
        /// The tag.
        tag: String,
    },
    /// An item of `!!pairs` or `!!omap` that is no map.
    #[error("not a pair of key and value")]
    NotAPair,
    /// One with several keys, or none.
    #[error("not a single pair")]
    NotASinglePair,
    /// An `!!omap` with a key twice.
    #[error("duplicated key")]
    DuplicateInOrderedMap,
    /// A `!!set` with values.
    #[error("a set has no values")]
    ValueInSet,
}

/// A kind of mistake. Its text is the advice.
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
        /// Number of the line, from 1.
        line: usize,
    },
    /// A text without quotes that has another meaning.
    Unquoted,
    /// A bracket or a quote that nothing closes.
    Open {
        /// The bracket or quote that opens.
        opened: char,
        /// The one that is missing.
        missing: char,
        /// Where it was opened.
        at: Location,
    },
    /// A quote within a text in the same quotes.
    QuoteWithin {
        /// The quote.
        quote: char,
    },
    /// `*name` without an `&name` above.
    NoAnchor {
        /// The name.
        name: String,
    },
    /// A quote or a bracket that is never closed, wherever it is.
    Unclosed,
    /// A backslash in double quotes that escapes nothing.
    Escape,
    /// A tag that js-yaml does not know.
    Tag,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Duplicate { key, first } => {
                return write!(
                    formatter,
                    "`{key}` is there already in line {}: keep one of the two",
                    first.line
                );
            }
            Self::NoKey { line } => {
                return write!(
                    formatter,
                    "line {line} is no key: write `key: value`, with a colon and a blank behind it"
                );
            }
            Self::Open { opened, missing, at } => {
                return write!(
                    formatter,
                    "`{opened}` in line {}, column {} is not closed: add the `{missing}` that is missing",
                    at.line, at.column
                );
            }
            Self::QuoteWithin { quote: '\'' } => {
                "the text ends at the quote before: within single quotes a quote is written twice, `''`"
            }
            Self::QuoteWithin { .. } => {
                "the text ends at the quote before: within double quotes a quote is written `\\\"`"
            }
            Self::NoAnchor { name } => {
                return write!(
                    formatter,
                    "`*{name}` repeats what `&{name}` marks further up, and nothing is marked so: write `&{name}` in front \
                     of that, or put a text that begins with `*` in quotes"
                );
            }
            Self::Tab => "indent with blanks; YAML does not take tabs there",
            Self::SecondDocument => {
                "a configuration is one document: take out the `---` and what is below it, or put it into a file \
                 of its own"
            }
            Self::Indentation => {
                "compare the indentation with the lines above: keys of one map begin in the same column"
            }
            Self::Mixed => {
                "one place takes a list (`- …`) or keys (`key: …`), not both: compare with the lines above"
            }
            Self::Unquoted => {
                "put the text in quotes: a text that begins with `{`, `[`, `*`, `&`, `!`, `@`, `%` or a backquote, or \
                 holds `: `, has another meaning without them"
            }
            Self::Unclosed => {
                "look for a quote, `{` or `[` that is opened in this line or above and not closed"
            }
            Self::Escape => {
                "in double quotes a backslash is written `\\\\`; in single quotes it stands for itself"
            }
            Self::Tag => {
                "`!` begins a tag, which only other tools know: put the text in quotes, or write the value itself"
            }
        };
        formatter.write_str(text)
    }
}

impl DocumentError {
    pub(super) fn new(text: &str, location: Location, problem: Problem) -> Self {
        let Location { line, column } = location;
        let whole = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let before = column.saturating_sub(1).min(whole.chars().count());
        // Of a long line only what stands around the place.
        let left_out = before.saturating_sub(EXCERPT / 2);
        let shown: String = whole.chars().skip(left_out).take(EXCERPT).collect();
        let number = line.to_string();
        let excerpt =
            format!("{number} | {shown}\n{}^", " ".repeat(number.len() + 3 + before - left_out));
        Self { line, column, problem, excerpt, fault: None }
    }

    /// What the parser met, at its own place and with the fault that is probably behind it.
    /// `open` is where the innermost collection begins that is not complete.
    pub(super) fn syntax(
        text: &str,
        location: Location,
        reason: &str,
        open: Option<Location>,
    ) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        // A parser notices a tab when it looks for the next key, which may be a line too early.
        let tab = [location.line, location.line + 1].into_iter().find_map(|line| {
            let column = leading_tab(lines.get(line.checked_sub(1)?)?)?;
            Some(Location { line, column })
        });
        if let Some(tab) = tab {
            return Self::new(text, tab, Problem::Tab).because(Fault::Tab);
        }
        let (mut words, mut quote) = (YamlSyntax::of(reason), None);
        if words == YamlSyntax::BehindQuote {
            // The parser speaks of double quotes in any case.
            quote = before(&lines, location).filter(|quote| matches!(quote, '\'' | '"'));
            if quote == Some('\'') {
                words = YamlSyntax::BehindSingleQuote;
            }
        }
        let error = Self::new(text, location, Problem::Yaml(words));
        let line = lines.get(location.line.saturating_sub(1)).copied().unwrap_or_default();
        let fault = if reason.contains("escape") {
            Fault::Escape
        } else if reason.contains("tag") {
            Fault::Tag
        } else if let Some(fault) = unclosed(text, &error.problem, location, open) {
            fault
        } else if let Some(quote) = quote {
            Fault::QuoteWithin { quote }
        } else if let Some(name) = alias_name(line).filter(|_| reason.contains("anchor")) {
            Fault::NoAnchor { name }
        } else if has_unquoted(line) || reason.contains("alias") || reason.contains("anchor") {
            Fault::Unquoted
        } else if ["quoted", "flow", "illegal placement"].iter().any(|word| reason.contains(word)) {
            Fault::Unclosed
        } else if reason.contains("'-' indicator") || is_item_for_key(line, &error.problem) {
            Fault::Mixed
        } else if let Some(line) = no_key(&lines, location.line) {
            Fault::NoKey { line }
        } else if is_misaligned(&lines, location.line) {
            Fault::Indentation
        } else {
            return error;
        };
        error.because(fault)
    }

    pub(super) fn because(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }
}

/// The character before a place.
fn before(lines: &[&str], location: Location) -> Option<char> {
    lines.get(location.line.checked_sub(1)?)?.chars().nth(location.column.checked_sub(2)?)
}

/// The name of an alias that is all of the value in a line.
fn alias_name(line: &str) -> Option<String> {
    let (_, name) = line.rsplit_once('*')?;
    let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let name = name.trim();
    (!name.is_empty() && name.chars().all(is_name)).then(|| name.to_owned())
}

/// Whether a line is an item of a list where a key of a map has to stand.
fn is_item_for_key(line: &str, problem: &Problem) -> bool {
    let wanted = matches!(problem, Problem::Yaml(YamlSyntax::BlockMapping | YamlSyntax::Key));
    wanted && line.trim_start().starts_with("- ")
}

/// The quote or bracket that nothing closes: the one that the parser names, or that of the
/// innermost collection.
fn unclosed(
    text: &str,
    problem: &Problem,
    location: Location,
    open: Option<Location>,
) -> Option<Fault> {
    let is_quote =
        matches!(problem, Problem::Yaml(YamlSyntax::QuoteToTheEnd | YamlSyntax::QuotedIndentation));
    let at = if is_quote { location } else { open? };
    let mut lines = text.lines().skip(at.line.checked_sub(1)?);
    let first: String = lines.next()?.chars().skip(at.column.checked_sub(1)?).collect();
    let opened = first.chars().next()?;
    let missing = match opened {
        '"' | '\'' if is_quote => return Some(Fault::Open { opened, missing: opened, at }),
        '[' => ']',
        '{' => '}',
        _ => return None,
    };
    let lines = std::iter::once(first.as_str()).chain(lines);
    (!is_closed(lines)).then_some(Fault::Open { opened, missing, at })
}

/// Whether the bracket that a text begins with is closed in it. Brackets in quotes and in
/// comments do not count.
fn is_closed<'a>(lines: impl Iterator<Item = &'a str>) -> bool {
    let (mut depth, mut quote) = (0_usize, None);
    for line in lines {
        let mut before = ' ';
        let mut characters = line.chars();
        while let Some(character) = characters.next() {
            match (character, quote) {
                ('\\', Some('"')) => {
                    characters.next();
                }
                (_, Some(open)) if open == character => quote = None,
                ('#', None) if before.is_whitespace() => break,
                ('"' | '\'', None) if before.is_whitespace() || "[{,:".contains(before) => {
                    quote = Some(character);
                }
                ('[' | '{', None) => depth += 1,
                (']' | '}', None) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return true;
                    }
                }
                _ => {}
            }
            before = character;
        }
    }
    false
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
