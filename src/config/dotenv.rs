//! `.env` files as `sls` reads them, with a warning wherever it goes wrong in silence.
//!
//! Two readers share the work. The literal reader here follows the rules of
//! the npm package `dotenv` 8, which `sls` uses: no expansion, no escapes but
//! `\n` in double quotes, `#` only at the start of a line. A secret key with
//! `$`, `\` or `#` in it means the same to both programs.
//!
//! The crate `dotenvy` judges lines in a shell's dialect, which the literal
//! rules refuse or get wrong: `export NAME=value` and `NAME=value # comment`.
//! Such a line is read the shell's way only where `dotenvy` and the literal
//! rules, applied to the part before the comment, agree on the value. For the
//! rest `dotenvy` cannot be asked: it expands `$NAME` (from the process
//! environment, too), takes backslashes away, refuses blanks inside a value
//! and keys that start with a digit, and joins lines.
//!
//! A value that begins with a quote and is closed in a later line is read whole,
//! as `dotenv` does since its version 15; version 8 keeps the first line with
//! its quote, which is half a key. One that is never closed is kept as version 8
//! has it, and listed as [`DotEnv::unclosed`], because nobody wants it sent.
//!
//! Nothing here reads or changes the environment of the process, and no
//! warning holds a value: it may be a secret.

use std::collections::BTreeMap;
use std::fmt;

use crate::javascript;
use crate::order::Order as _;

/// The variables of one `.env` file.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct DotEnv {
    /// The variables by name; of two lines with one name the last counts.
    pub values: BTreeMap<String, String>,
    /// Variables whose quote is never closed, with their lines.
    pub unclosed: BTreeMap<String, usize>,
    /// Names that lines begin with which are not read, with these lines.
    pub unread: BTreeMap<String, usize>,
    /// Lines that were not read, or maybe not as they were meant.
    pub warnings: Vec<DotenvWarning>,
}

impl fmt::Debug for DotEnv {
    /// Shows the names only.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DotEnv")
            .field("names", &self.values.keys().collect::<Vec<_>>())
            .field("unclosed", &self.unclosed)
            .field("warnings", &self.warnings)
            // A line that is not read may begin with anything.
            .finish_non_exhaustive()
    }
}

/// A line of a `.env` file that needs a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DotenvWarning {
    /// The line, from 1.
    pub line: usize,
    /// What is the matter with it.
    pub reason: LineFault,
}

impl fmt::Display for DotenvWarning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.reason)
    }
}

/// What is the matter with a line. Names are given, values never.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineFault {
    /// The line is no comment and sets no variable.
    NotRead,
    /// An `export` line whose value a shell would change.
    ExportNotRead,
    /// ` # ...` behind a value was cut off.
    CommentCut {
        /// The variable.
        name: String,
    },
    /// ` #` stands in the value and could not be cut off safely.
    CommentKept {
        /// The variable.
        name: String,
    },
    /// The value starts with a quote, and goes on behind the one that closes it.
    QuoteKept {
        /// The variable.
        name: String,
    },
    /// The value starts with a quote that is never closed.
    QuoteOpen {
        /// The variable.
        name: String,
    },
    /// A line before this one gives the variable another value.
    Again {
        /// The variable.
        name: String,
        /// That line.
        first: usize,
    },
}

impl fmt::Display for LineFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRead => write!(formatter, "not of the form NAME=value, ignored"),
            Self::ExportNotRead => write!(
                formatter,
                "ignored: this value may mean another one to a shell; write NAME=value \
                 without `export`"
            ),
            Self::CommentCut { name } => write!(
                formatter,
                "the comment behind the value of `{name}` was cut off; put it on its own line"
            ),
            Self::CommentKept { name } => write!(
                formatter,
                "the value of `{name}` holds ` #` and was kept whole; put a comment on its own \
                 line"
            ),
            Self::QuoteKept { name } => write!(
                formatter,
                "the quotes of `{name}` do not enclose the whole value and were kept as part \
                 of it"
            ),
            Self::QuoteOpen { name } => write!(
                formatter,
                "the quote that the value of `{name}` begins with is never closed"
            ),
            Self::Again { name, first } => write!(
                formatter,
                "`{name}` has another value in line {first}, and this one counts; delete one of them"
            ),
        }
    }
}

/// Reads the text of a `.env` file.
///
/// ```
/// let file = scfctl::config::dotenv::parse("STAGE=prod # the live one\nA=$B\n");
/// assert_eq!(file.values["STAGE"], "prod");
/// assert_eq!(file.values["A"], "$B");
/// assert_eq!(file.warnings[0].line, 1);
/// ```
#[must_use]
pub fn parse(text: &str) -> DotEnv {
    let mut file = DotEnv::default();
    let lines: Vec<&str> = lines(text).collect();
    let (mut next, mut set) = (0, BTreeMap::<String, usize>::new());
    while let Some(&line) = lines.get(next) {
        let number = next + 1;
        next += 1;
        let line = javascript::trim(line);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut warnings = Vec::new();
        let mut warn = |reason| warnings.push(reason);
        let read = if let Some((name, value, end)) = several_lines(&lines, number - 1) {
            next = end;
            if is_export(line) && value.contains(['$', '\\', '`']) {
                warn(LineFault::ExportNotRead);
                None
            } else {
                Some((name, value))
            }
        } else if let Some((name, value)) = literal(line) {
            Some((name.to_owned(), read_value(name, value, &mut warn)))
        } else if is_export(line) {
            read_export(line, &mut warn)
        } else {
            warn(LineFault::NotRead);
            None
        };
        if read.is_none()
            && let Some(name) = first_name(line)
        {
            file.unread.insert(name.to_owned(), number);
        }
        if let Some((name, value)) = read {
            // Of two lines with one name the last counts.
            file.unclosed.remove(&name);
            if let Some(first) = set.insert(name.clone(), number)
                && file.values.get(&name) != Some(&value)
            {
                warnings.push(LineFault::Again { name: name.clone(), first });
            }
            if warnings.iter().any(|reason| matches!(reason, LineFault::QuoteOpen { .. })) {
                file.unclosed.insert(name.clone(), number);
            }
            file.values.insert(name, value);
        }
        let warnings = warnings.into_iter().map(|reason| DotenvWarning { line: number, reason });
        file.warnings.extend(warnings);
    }
    file
}

/// The lines that give a variable a value, read as they are meant; `None` where no line can.
///
/// ```
/// use scfctl::config::dotenv::line;
/// assert_eq!(line("A", "b").unwrap(), "A=b\n");
/// assert_eq!(line("A", " b ").unwrap(), "A=' b '\n");
/// ```
#[must_use]
pub fn line(name: &str, value: &str) -> Option<String> {
    ["", "'", "\"", "`"].into_iter().map(|quote| format!("{name}={quote}{value}{quote}\n")).find(
        |line| {
            let read = parse(line);
            // What stands behind it must not become a part of it.
            read.warnings.is_empty()
                && read.values.len() == 1
                && read.values.get(name).is_some_and(|read| read == value)
        },
    )
}

/// Reads a value that begins with a quote in the line at `start` and is closed in a later one:
/// its name, its text, and the line behind it. Behind the closing quote a comment may stand.
fn several_lines(lines: &[&str], start: usize) -> Option<(String, String, usize)> {
    let line = lines[start].trim_start_matches(javascript::is_blank);
    let assignment = match line.strip_prefix("export") {
        Some(rest) if rest.starts_with(javascript::is_blank) => {
            rest.trim_start_matches(javascript::is_blank)
        }
        _ => line,
    };
    let (name, raw) = literal(assignment)?;
    let value = raw.trim_start_matches(javascript::is_blank);
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
    let mut text = value[1..].to_owned();
    if closing(&text, quote).is_some() {
        return None;
    }
    for (position, line) in lines.iter().enumerate().skip(start + 1) {
        text.push('\n');
        let Some(end) = closing(line, quote) else {
            text.push_str(line);
            continue;
        };
        let behind = line[end + 1..].trim_start_matches(javascript::is_blank);
        if !(behind.is_empty() || behind.starts_with('#')) {
            return None;
        }
        text.push_str(&line[..end]);
        let text = if quote == '"' { text.replace("\\n", "\n") } else { text };
        return Some((name.to_owned(), text, position + 1));
    }
    None
}

/// Where a text has the quote that closes it; one behind a backslash does not.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut found = text.match_indices(quote).map(|(position, _)| position);
    found.find(|&position| !text[..position].ends_with('\\'))
}

/// Splits at `\n`, `\r` and `\r\n`, without the byte-order mark.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.split('\n').flat_map(|line| {
        // `\r\n` is one line end; a `\r` inside is one of its own.
        line.strip_suffix('\r').unwrap_or(line).split('\r')
    })
}

/// Splits `name = value` by the rules of the npm package; the value keeps its blanks.
fn literal(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end_matches(javascript::is_blank);
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    Some((name, value))
}

/// The name that a line which is not read most likely gives a value to.
fn first_name(line: &str) -> Option<&str> {
    let mut words = line.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    words.find(|word| !matches!(*word, "" | "export" | "set" | "declare" | "env"))
}

fn read_value(name: &str, raw: &str, warn: &mut impl FnMut(LineFault)) -> String {
    let name_of = || name.to_owned();
    let value = raw.trim_start_matches(javascript::is_blank);
    let mut comment_starts: Vec<usize> = [" #", "\t#"]
        .into_iter()
        .flat_map(|start| raw.match_indices(start).map(|(index, _)| index))
        .collect();
    comment_starts.order();
    // `A="b # c"` is quoted as a whole; `A="b" # "c"` only looks like it.
    let whole = quoted(value).is_some_and(|(quote, inside)| !inside.contains(quote));
    if !whole && !comment_starts.is_empty() {
        let agreed = comment_starts.iter().find_map(|&start| {
            let before = &raw[..start];
            // With the `#` right behind the `=` it is no comment.
            let (_, meant) = shell_dialect(&format!("A={before} #"))?;
            (!raw.starts_with('#') && literal_value(before) == meant).then_some(meant)
        });
        if let Some(value) = agreed {
            warn(LineFault::CommentCut { name: name_of() });
            return value;
        }
        warn(LineFault::CommentKept { name: name_of() });
    } else if quoted(value).is_none()
        && let Some(quote) = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))
    {
        let closed = value[1..].contains(quote);
        let name = name_of();
        warn(if closed { LineFault::QuoteKept { name } } else { LineFault::QuoteOpen { name } });
    }
    literal_value(raw)
}

/// The value by the rules of the npm package.
fn literal_value(raw: &str) -> String {
    let value = raw.trim_start_matches(javascript::is_blank);
    match quoted(value) {
        Some(('"', inside)) => inside.replace("\\n", "\n"),
        Some((_, inside)) => inside.to_owned(),
        None => javascript::trim(value).to_owned(),
    }
}

/// Returns the quote a value starts and ends with, and what is between.
fn quoted(value: &str) -> Option<(char, &str)> {
    ['"', '\''].into_iter().find_map(|quote| {
        let inside = value.strip_prefix(quote)?.strip_suffix(quote)?;
        Some((quote, inside))
    })
}

/// Reads an `export` line where it means the same to a shell.
fn read_export(line: &str, warn: &mut impl FnMut(LineFault)) -> Option<(String, String)> {
    let assignment = line.strip_prefix("export")?;
    let assignment = assignment.trim_start_matches(javascript::is_blank);
    let mut reasons = Vec::new();
    let read = literal(assignment)
        .map(|(name, raw)| {
            let value = read_value(name, raw, &mut |reason| reasons.push(reason));
            (name.to_owned(), value)
        })
        .filter(|read| shell_dialect(line).as_ref() == Some(read));
    if read.is_none() {
        reasons = vec![LineFault::ExportNotRead];
    }
    reasons.into_iter().for_each(warn);
    read
}

fn is_export(line: &str) -> bool {
    line.strip_prefix("export").is_some_and(|rest| rest.starts_with(javascript::is_blank))
}

/// Asks `dotenvy`, where it is sure not to change the value.
fn shell_dialect(line: &str) -> Option<(String, String)> {
    if line.contains(['$', '\\', '`']) {
        return None;
    }
    let mut found = dotenvy::from_read_iter(line.as_bytes());
    found.next()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Pairs = Vec<(String, String)>;

    fn read(text: &str) -> (Pairs, Vec<(usize, LineFault)>) {
        let file = parse(text);
        (
            file.values.into_iter().collect(),
            file.warnings.into_iter().map(|w| (w.line, w.reason)).collect(),
        )
    }

    fn pair(name: &str, value: &str) -> Pairs {
        vec![(name.to_owned(), value.to_owned())]
    }

    fn name() -> String {
        "A".to_owned()
    }

    #[test]
    fn export_lines_work_when_the_value_cannot_change() {
        assert_eq!(read("export A=b c"), (vec![], vec![(1, LineFault::ExportNotRead)]));
        assert_eq!(read("export A='b c'"), (pair("A", "b c"), vec![]));
        assert_eq!(read("export A=b$c"), (vec![], vec![(1, LineFault::ExportNotRead)]));
        let cut = vec![(1, LineFault::CommentCut { name: name() })];
        assert_eq!(read("export A=b # c"), (pair("A", "b"), cut));
        for line in ["export A=#b #c", "export A=b' #'", "export A", "export A B=c"] {
            assert_eq!(read(line), (vec![], vec![(1, LineFault::ExportNotRead)]));
        }
        assert_eq!(read("export=b"), (pair("export", "b"), vec![]));
    }

    #[test]
    fn comments_behind_a_value_are_cut_only_when_the_value_cannot_change() {
        let cut = vec![(1, LineFault::CommentCut { name: name() })];
        let kept = vec![(1, LineFault::CommentKept { name: name() })];
        for (line, value, warnings) in [
            ("A=b # c", "b", cut.clone()),
            ("A=b\t# c", "b", cut.clone()),
            ("A=\"b\" # c", "b", cut.clone()),
            ("A=\"b\" # \"c\"", "b", cut.clone()),
            ("A= # c", "", cut.clone()),
            ("A=b#c", "b#c", vec![]),
            ("A=#c", "#c", vec![]),
            ("A='b # c'", "b # c", vec![]),
            ("A='b # c' # d", "b # c", cut.clone()),
            ("A=b # don't $5", "b", cut.clone()),
            ("A=b.' #'", "b.' #'", kept.clone()),
            ("A=#b #c", "#b #c", kept.clone()),
            ("A=b$c # d", "b$c # d", kept.clone()),
            ("A=b\\c # d", "b\\c # d", kept.clone()),
            ("A=b c # d", "b c # d", kept),
        ] {
            assert_eq!(read(line), (pair("A", value), warnings), "{line}");
        }
    }

    #[test]
    fn quotes_that_stay_are_warned_about() {
        let (kept, open) =
            (LineFault::QuoteKept { name: name() }, LineFault::QuoteOpen { name: name() });
        for (line, reason) in
            [("A=\"b", &open), ("A='b'c", &kept), ("A=\"b'", &open), ("A=\"\nB=1", &open)]
        {
            let file = parse(line);
            let first = line.lines().next().unwrap_or_default();
            assert_eq!(file.values["A"], first.trim_start_matches("A="));
            assert_eq!(
                file.warnings,
                [DotenvWarning { line: 1, reason: reason.clone() }],
                "{line}"
            );
            assert_eq!(file.unclosed.contains_key("A"), *reason == open, "{line}");
        }
        // The last of two lines counts.
        assert!(parse("A=\"b\nA=c\n").unclosed.is_empty());
    }

    #[test]
    fn a_quoted_value_of_several_lines_is_read_whole() {
        let key = "-----BEGIN KEY-----\nab=c # d\n-----END KEY-----";
        for (text, value) in [
            (format!("A=\"{key}\"\n"), key),
            (format!("A='{key}'  # comment\n"), key),
            (format!("  A = `{key}`\n"), key),
            (format!("export A=\"{key}\"\n"), key),
            (format!("A=\"{key}\"\n").replace('\n', "\r\n"), key),
            ("A=\"x\\ny\n\"\n".to_owned(), "x\ny\n"),
            ("A='x\\ny\n'\n".to_owned(), "x\\ny\n"),
            // A quote behind a backslash closes nothing, as in the dotenv of Node.
            ("A='\\'\n_='#'\n".to_owned(), "\\'\n_="),
            ("A=\"{\n  \\\"a\\\": 1\n}\"\n".to_owned(), "{\n  \\\"a\\\": 1\n}"),
        ] {
            let file = parse(&format!("Z=1\n{text}B=2\n"));
            assert_eq!(file.values["A"], value, "{text}");
            assert_eq!((file.values["B"].as_str(), file.values.len()), ("2", 3), "{text}");
            assert_eq!((file.warnings, file.unclosed.len()), (vec![], 0), "{text}");
        }
        // What a shell would change is not read at all, in none of its lines.
        let file = parse("export A=\"x$B\nC=1\"\nD=2\n");
        assert_eq!((file.values.len(), &file.warnings[0].reason), (1, &LineFault::ExportNotRead));
        // The next quote closes something else.
        let file = parse("A=\"b\nC=\"d\"\n");
        assert_eq!((file.values["A"].as_str(), file.values["C"].as_str()), ("\"b", "d"));
        assert!(file.unclosed.contains_key("A"));
    }

    #[test]
    fn unread_lines_are_counted_over_every_kind_of_line_end() {
        let (_, warnings) = read("# a\r\nA: b\r\rC\nD E=1");
        assert_eq!(warnings.iter().map(|w| w.0).collect::<Vec<_>>(), [2, 4, 5]);
    }

    #[test]
    fn neither_warnings_nor_debug_show_values() {
        let file = parse("A=geheim # x\nB geheim\nC=\"geheim\nexport D=geheim$\n");
        assert_eq!(file.warnings.len(), 4);
        let shown: Vec<String> = file.warnings.iter().map(ToString::to_string).collect();
        assert!(!format!("{file:?}{shown:?}").contains("geheim"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in any::<String>()) {
            let _ = parse(&text);
        }

        #[test]
        fn any_lines_are_read_without_panic(text in "([A-C_ ]{0,3}(=|export )?[\"'#$\\\\ a-c\r\n]{0,6}\n?){0,6}") {
            let _ = parse(&text);
        }

        // The promise of this module: what needs no quotes arrives as it is.
        #[test]
        fn a_plain_value_is_never_changed(value in "[!-~&&[^\"'#`]]{0,20}") {
            let file = parse(&format!("A={value}\n"));
            prop_assert_eq!(&file.values["A"], &value);
            prop_assert!(file.warnings.is_empty());
        }

        #[test]
        fn a_single_quoted_value_is_never_changed(value in "[ -~&&[^']]{0,20}") {
            let file = parse(&format!("A='{value}'\n"));
            prop_assert_eq!(&file.values["A"], &value);
            prop_assert!(file.warnings.is_empty());
        }
    }
}
