//! Translates a pattern without braces to a regular expression that matches what micromatch
//! matches.
//!
//! Surprising rules are micromatch's: `a/**` matches `a`, `[ab]` also matches a file of that very
//! name, and `!(a)` in the middle rejects everything that begins with `a`. One difference is
//! deliberate: a backslash and a letter is that letter, not a class.

use super::GlobError;
use super::repetition::{self, Repetition};
use super::signs::{Sign, Signs};

/// A regular expression for a whole path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Translated {
    pub(super) regex: String,
    /// Whether it matches what the expression does not.
    pub(super) is_complement: bool,
    /// Whether it uses look-ahead, which not every engine supports.
    pub(super) looks_ahead: bool,
}

/// Translates a pattern. With `dot`, names that begin with a dot are matched like others.
pub(super) fn translate(pattern: &str, dot: bool) -> Result<Translated, GlobError> {
    let mut rest = here(pattern);
    let mut is_complement = false;
    while let Some(shorter) = rest.strip_prefix('!').filter(|shorter| !shorter.starts_with('(')) {
        (rest, is_complement) = (shorter, !is_complement);
    }
    let rest = here(rest);
    let signs = |character: char| "/()[]{}\"".contains(character);
    let mut translation = Translation {
        signs: Signs::read(rest)?,
        at: 0,
        dot,
        divides: rest.starts_with(['*', '!']) || rest.contains(signs),
        depth: 0,
        group_begins_name: true,
        out: String::new(),
        last: Last::Start,
        before_slash: Last::Start,
    };
    let end = translation.signs.len();
    translation.run(end)?;
    // A literal `(?!` would be escaped.
    let looks_ahead = translation.out.contains("(?!");
    Ok(Translated { regex: translation.out, is_complement, looks_ahead })
}

/// Returns a pattern without leading `./`.
fn here(pattern: &str) -> &str {
    let mut rest = pattern;
    while let Some(shorter) = rest.strip_prefix("./") {
        rest = shorter;
    }
    rest
}

/// What was translated last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Start,
    Slash,
    Dot,
    Star,
    Opening,
    Pipe,
    Class,
    /// End of a group, and whether it already has a quantifier.
    Closing {
        repeated: bool,
    },
    /// Something that can be repeated.
    Text,
    /// A `+` or `?` quantifier.
    Repeat,
}

#[derive(Debug)]
struct Translation {
    signs: Signs,
    at: usize,
    dot: bool,
    /// Whether `|` separates alternatives outside of groups. It does if the pattern has certain
    /// other special characters.
    divides: bool,
    /// Depth of nested groups.
    depth: usize,
    /// Whether the innermost group begins where a name begins.
    group_begins_name: bool,
    out: String,
    last: Last,
    before_slash: Last,
}

impl Translation {
    fn run(&mut self, end: usize) -> Result<(), GlobError> {
        while self.at < end {
            let at = self.at;
            let Some(sign) = self.signs.sign(at) else {
                self.literal(self.signs.character(at).unwrap_or_default());
                continue;
            };
            if self.last != Last::Opening || sign != '?' {
                // Of several stars before a group, the last one is the group's operator.
                let group = if sign == '*' { self.last_star(at) } else { at };
                if self.signs.is_extended(group) {
                    if group > at {
                        self.at = group - 1;
                        self.star();
                    }
                    self.extended(sign)?;
                    continue;
                }
            }
            match sign {
                '(' => self.group()?,
                '|' if self.depth > 0 || self.divides => self.put("|", Last::Pipe, 1),
                '[' => self.class(end)?,
                '/' => {
                    self.before_slash = self.last;
                    self.put("/", Last::Slash, 1);
                }
                '.' => {
                    let is_first = matches!(self.last, Last::Start | Last::Slash);
                    let last = if is_first || self.depth > 0 { Last::Dot } else { Last::Text };
                    self.put(r"\.", last, 1);
                }
                '?' => self.question()?,
                '+' => self.plus()?,
                '*' => self.stars(end),
                other => self.literal(other),
            }
        }
        Ok(())
    }

    fn put(&mut self, text: &str, last: Last, signs: usize) {
        self.out.push_str(text);
        self.last = last;
        self.at += signs;
    }

    fn literal(&mut self, character: char) {
        let escaped = fancy_regex::escape(character.encode_utf8(&mut [0; 4])).into_owned();
        self.put(&escaped, Last::Text, 1);
    }

    /// Returns the position of the last of consecutive stars.
    fn last_star(&self, at: usize) -> usize {
        let mut last = at;
        while self.signs.sign(last + 1) == Some('*') {
            last += 1;
        }
        last
    }

    /// Returns whether a name begins here.
    fn begins_name(&self) -> bool {
        match self.last {
            Last::Start | Last::Slash => true,
            Last::Opening | Last::Pipe => self.group_begins_name,
            _ => false,
        }
    }

    /// Rejects names that begin with a dot if that has to be matched explicitly.
    fn refuse_dot(&mut self) {
        if !self.dot && self.begins_name() {
            self.out.push_str(r"(?!\.)");
        }
    }

    /// Returns the expression for a name between two slashes.
    fn name(&self) -> &'static str {
        if self.dot { "[^/]+" } else { "[^./][^/]*" }
    }

    fn only_closings_after(&self, at: usize) -> bool {
        (at..self.signs.len()).all(|at| self.signs.sign(at) == Some(')'))
    }

    fn question(&mut self) -> Result<(), GlobError> {
        match self.last {
            Last::Opening => {
                if matches!(self.signs.sign(self.at + 1), Some('!' | '=' | '<' | ':')) {
                    return Err(GlobError::LookAround);
                }
                self.literal('?');
            }
            // Has no effect after a quantifier.
            Last::Closing { repeated: true } => self.put("", Last::Repeat, 1),
            Last::Closing { repeated: false } => self.put("?", Last::Repeat, 1),
            _ => {
                self.refuse_dot();
                self.put("[^/]", Last::Text, 1);
            }
        }
        Ok(())
    }

    fn plus(&mut self) -> Result<(), GlobError> {
        match self.last {
            Last::Class | Last::Closing { repeated: false } => self.put("+", Last::Repeat, 1),
            Last::Closing { repeated: true } => return Err(GlobError::Repeats),
            Last::Text | Last::Dot | Last::Slash if self.depth > 0 => {
                self.put("+", Last::Repeat, 1);
            }
            Last::Star | Last::Pipe | Last::Repeat if self.depth > 0 => {
                return Err(GlobError::Repeats);
            }
            _ => self.literal('+'),
        }
        Ok(())
    }

    /// Translates one star, or the last of several.
    fn star(&mut self) {
        let next = self.signs.sign(self.at + 1);
        let ends_name = next == Some('/') || self.at + 1 == self.signs.len();
        let is_single = self.signs.sign(self.at.wrapping_sub(1)) != Some('*');
        let one_or_more = match self.last {
            _ if !is_single => false,
            Last::Start | Last::Slash => ends_name,
            Last::Dot => ends_name || self.only_closings_after(self.at + 1),
            _ => false,
        };
        self.refuse_dot();
        self.put(if one_or_more { "[^/]+" } else { "[^/]*" }, Last::Star, 1);
    }

    fn stars(&mut self, end: usize) {
        let last = self.last_star(self.at).min(end - 1);
        let next = self.signs.sign(last + 1);
        let whole = last + 1 == self.signs.len();
        let stands_alone = last == self.at + 1
            && matches!(
                self.last,
                Last::Start | Last::Slash | Last::Opening | Last::Closing { .. }
            )
            && match next {
                None => whole,
                Some('/') => true,
                Some(')') => last + 1 == end,
                Some('@') => self.signs.is_extended(last + 1),
                Some(_) => false,
            };
        if !stands_alone {
            self.at = last;
            self.star();
            return;
        }
        let name = self.name();
        match (self.last, next) {
            (Last::Start, Some('/')) => self.put(&format!("(?:{name}/)*"), Last::Slash, 3),
            (Last::Start, None) if whole => self.put(&format!("{name}(?:/{name})*"), Last::Star, 2),
            (Last::Slash, Some('/')) => {
                self.out.pop();
                // The rest may be empty.
                let begins_with = |at, sign| self.signs.sign(last + 2 + at) == Some(sign);
                let may_end = self.signs.is_extended(last + 2)
                    || (begins_with(0, '*') && begins_with(1, '*'));
                let end = if may_end { r"|\z" } else { "" };
                self.put(&format!("(?:/(?:{name}/)*{end})"), Last::Slash, 3);
            }
            (Last::Slash, None) if whole && self.before_slash != Last::Star => {
                self.out.pop();
                self.put(&format!(r"(?:/{name}(?:/{name})*|\z)"), Last::Star, 2);
            }
            (Last::Slash, None) if whole => {
                self.put(&format!("{name}(?:/{name})*"), Last::Star, 2);
            }
            _ => {
                let anything = self.anything();
                self.put(anything, Last::Star, 2);
            }
        }
    }

    /// Returns the expression for any number of names and parts of names.
    fn anything(&self) -> &'static str {
        if self.dot { "(?s:.)*" } else { r"(?:(?!(?:^|/)\.)(?s:.))*" }
    }

    fn group(&mut self) -> Result<(), GlobError> {
        let Some(close) = self.signs.group_end(self.at) else {
            self.literal('(');
            return Ok(());
        };
        self.inside(self.at, close, "(?:", ")")?;
        self.last = Last::Closing { repeated: false };
        Ok(())
    }

    /// Translates what is between `opening` and `close`, and continues after it.
    fn inside(
        &mut self,
        opening: usize,
        close: usize,
        before: &str,
        after: &str,
    ) -> Result<(), GlobError> {
        let outer = self.group_begins_name;
        self.group_begins_name = self.begins_name();
        self.depth += 1;
        self.at = opening + 1;
        self.put(before, Last::Opening, 0);
        self.run(close)?;
        self.depth -= 1;
        self.group_begins_name = outer;
        self.out.push_str(after);
        self.at = close + 1;
        Ok(())
    }

    fn extended(&mut self, operator: char) -> Result<(), GlobError> {
        let opening = self.at + 1;
        let Some(close) = self.signs.group_end(opening) else {
            return Err(GlobError::Unclosed { operator });
        };
        if operator == '!' {
            return self.negated(opening, close);
        }
        if matches!(operator, '+' | '*') {
            match repetition::read(&self.signs, opening, close) {
                Repetition::Sound => {}
                Repetition::Text => {
                    for at in self.at..=close {
                        self.at = at;
                        self.literal(self.signs.character(at).unwrap_or_default());
                    }
                    self.last = Last::Closing { repeated: false };
                    return Ok(());
                }
                Repetition::OneOf(characters) => {
                    let members: String = characters.into_iter().map(member).collect();
                    self.put(&format!("[{members}]*"), Last::Closing { repeated: true }, 0);
                    self.at = close + 1;
                    return Ok(());
                }
            }
        }
        let after = match operator {
            '@' => ")",
            '?' => ")?",
            '*' => ")*",
            _ => ")+",
        };
        self.inside(opening, close, "(?:", after)?;
        self.last = Last::Closing { repeated: operator != '@' };
        Ok(())
    }

    /// Translates `!(…)`: a negative look-ahead and any part of a name.
    ///
    /// At the end of a pattern, the rejected text has to be the whole rest; before something else,
    /// its beginning is enough.
    fn negated(&mut self, opening: usize, close: usize) -> Result<(), GlobError> {
        let has_slash = close - opening > 2 && self.signs.holds(opening + 1, close, '/');
        let rest = self.ending_after(close + 1);
        let after = if rest.is_some() && self.signs.holds(opening + 1, close, '*') {
            let rest = translate(&rest.unwrap_or_default(), self.dot)?.regex;
            format!("){rest})")
        } else if has_slash || self.only_closings_after(close + 1) {
            r")\z)".to_owned()
        } else {
            "))".to_owned()
        };
        self.out.push_str("(?:");
        self.refuse_dot();
        self.inside(opening, close, "(?!(?:", &after)?;
        let star = if has_slash { self.anything() } else { "[^/]*" };
        self.put(star, Last::Closing { repeated: false }, 0);
        self.out.push(')');
        Ok(())
    }

    /// Returns what follows if it is an extension such as `.ts`.
    fn ending_after(&self, from: usize) -> Option<String> {
        if self.signs.sign(from) != Some('.') || from + 1 >= self.signs.len() {
            return None;
        }
        let mut rest = String::from(".");
        for at in from + 1..self.signs.len() {
            match self.signs.0[at] {
                Sign::Sign(character) if !matches!(character, '/' | '.') => rest.push(character),
                _ => return None,
            }
        }
        Some(rest)
    }

    fn class(&mut self, end: usize) -> Result<(), GlobError> {
        let opening = self.at;
        let Some(close) = self.signs.class_end(opening).filter(|close| *close < end) else {
            self.literal('[');
            return Ok(());
        };
        self.refuse_dot();
        let class = Class::read(&self.signs, opening, close)?;
        self.put(&class, Last::Class, close + 1 - opening);
        Ok(())
    }
}

struct Class;

impl Class {
    /// Translates the class between two brackets.
    fn read(signs: &Signs, opening: usize, close: usize) -> Result<String, GlobError> {
        let text = |from: usize, to: usize| -> String {
            (from..to).filter_map(|at| signs.character(at)).collect()
        };
        let is_negated = matches!(signs.sign(opening + 1), Some('!' | '^'));
        let mut at = opening + 1 + usize::from(is_negated);
        let (mut members, mut has_names) = (String::new(), false);
        while at < close {
            if signs.sign(at) == Some('[')
                && signs.sign(at + 1) == Some(':')
                && let Some(end) = (at + 2..close)
                    .find(|end| signs.sign(*end) == Some(':') && signs.sign(end + 1) == Some(']'))
            {
                let name = text(at + 2, end);
                if !NAMES.contains(&name.as_str()) {
                    return Err(GlobError::ClassName { name });
                }
                members.extend(["[:", &name, ":]"]);
                (at, has_names) = (end + 2, true);
                continue;
            }
            let Some(low) = signs.character(at) else { break };
            let high = signs
                .character(at + 2)
                .filter(|_| signs.sign(at + 1) == Some('-') && at + 2 < close);
            if let Some(high) = high {
                if low > high {
                    return Err(GlobError::Range { from: low, to: high });
                }
                members.extend([&member(low), "-", &member(high)]);
                at += 3;
            } else {
                members.push_str(&member(low));
                at += 1;
            }
        }
        let raw = text(opening + 1, close);
        if is_negated {
            // With named classes, the real tool forgets to exclude the slash.
            let slash = if has_names || raw.contains('/') { "" } else { "/" };
            return Ok(format!("[^{members}{slash}]"));
        }
        // `[slug].js` matches that very file, too.
        if raw.contains(|character| "-*+?.^${}(|)[]".contains(character)) {
            Ok(format!("[{members}]"))
        } else {
            Ok(format!("(?:{}|[{members}])", fancy_regex::escape(&format!("[{raw}]"))))
        }
    }
}

const NAMES: &[&str] = &[
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

/// Escapes a character for use in a class.
fn member(character: char) -> String {
    if matches!(character, '\\' | '[' | ']' | '^' | '-' | '&' | '~') {
        format!("\\{character}")
    } else {
        character.to_string()
    }
}
