//! Detects `+(…)` and `*(…)` that the real tool takes literally.
//!
//! Where a text could be repeated in several ways, matching could take forever, so the real tool
//! does not try: the group stands for its own text.

use super::signs::Signs;

/// Meaning of a repeated group.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Repetition {
    /// An ordinary repetition.
    Sound,
    /// Its literal text.
    Text,
    /// Any number of these characters.
    OneOf(Vec<char>),
}

/// A range of signs.
type Span = (usize, usize);

/// Determines the meaning of the group between two parentheses that `+` or `*` precedes.
pub(super) fn read(signs: &Signs, opening: usize, close: usize) -> Repetition {
    let branches: Vec<Span> = branches(signs, opening + 1, close)
        .into_iter()
        .map(|branch| trimmed(signs, branch))
        .collect();
    if branches.len() > 1 {
        let is_any =
            |&(from, to): &Span| (from..to).all(|at| matches!(signs.sign(at), Some('*' | '?')));
        let runs: Vec<(char, usize)> =
            branches.iter().filter_map(|branch| run(signs, *branch)).collect();
        let overlap = runs
            .iter()
            .enumerate()
            .any(|(at, one)| runs[at + 1..].iter().any(|other| other.0 == one.0));
        // This includes the empty branch.
        if branches.iter().any(is_any) || overlap {
            return Repetition::Text;
        }
    }
    for branch in &branches {
        if let Some(characters) = starred_characters(signs, *branch) {
            return Repetition::OneOf(characters);
        }
        if repeated(signs, branch.0).is_some_and(|end| end + 1 == branch.1) {
            return Repetition::Text;
        }
    }
    Repetition::Sound
}

/// Returns the alternatives between two positions.
fn branches(signs: &Signs, from: usize, to: usize) -> Vec<Span> {
    let (mut branches, mut begin, mut at) = (Vec::new(), from, from);
    while at < to {
        match signs.sign(at) {
            Some('(') => at = signs.group_end(at).unwrap_or(at),
            Some('[') => at = signs.class_end(at).unwrap_or(at),
            Some('|') => {
                branches.push((begin, at));
                begin = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    branches.push((begin, to));
    branches
}

fn trimmed(signs: &Signs, (mut from, mut to): Span) -> Span {
    let is_blank = |at| signs.sign(at).is_some_and(char::is_whitespace);
    while from < to && is_blank(from) {
        from += 1;
    }
    while from < to && is_blank(to - 1) {
        to -= 1;
    }
    (from, to)
}

/// Returns the character that a branch repeats, and how often, if it has no special characters.
fn run(signs: &Signs, branch: Span) -> Option<(char, usize)> {
    let (from, to) = unwrapped(signs, branch);
    let first = signs.character(from).filter(|_| from < to)?;
    let is_plain = |at| !signs.sign(at).is_some_and(|sign| "?*+@!()[]{}".contains(sign));
    let is_run = (from..to).all(|at| is_plain(at) && signs.character(at) == Some(first));
    is_run.then_some((first, to - from))
}

/// Returns the content of `@(…)` if that is the whole branch.
fn unwrapped(signs: &Signs, (from, to): Span) -> Span {
    let is_group = signs.sign(from) == Some('@')
        && signs.sign(from + 1) == Some('(')
        && signs.group_end(from + 1) == Some(to.saturating_sub(1));
    if is_group { (from + 2, to - 1) } else { (from, to) }
}

/// Returns the end of the repeated group that begins here.
fn repeated(signs: &Signs, at: usize) -> Option<usize> {
    let begins = matches!(signs.sign(at), Some('+' | '*')) && signs.sign(at + 1) == Some('(');
    begins.then(|| signs.group_end(at + 1)).flatten()
}

/// Returns the characters of a branch such as `*(a)*(b)`.
fn starred_characters(signs: &Signs, (from, to): Span) -> Option<Vec<char>> {
    let (mut characters, mut at) = (Vec::new(), from);
    while at < to {
        if signs.sign(at) != Some('*') {
            return None;
        }
        let end = repeated(signs, at).filter(|end| *end < to)?;
        let [inside] = branches(signs, at + 2, end)[..] else { return None };
        let (character, 1) = run(signs, trimmed(signs, inside))? else { return None };
        characters.push(character);
        at = end + 1;
    }
    (!characters.is_empty()).then_some(characters)
}
