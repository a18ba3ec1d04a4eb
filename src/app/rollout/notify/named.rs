//! Chats as options name them.

use super::kind::{ChatKind, KINDS, NAMES};
use crate::config::function::nearest;
use crate::error::RolloutOption;

/// A chat that is asked for: `slack=SLACK_WEBHOOK`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app::rollout) struct NamedChat<'a> {
    pub(super) kind: ChatKind,
    pub(super) variable: &'a str,
}

/// Reads chats, separated by commas. One that is named twice is told once. Beside them stands why
/// the first that is none is none: another form, another kind, or an address by its looks.
pub(in crate::app::rollout) fn read(text: &str) -> (Vec<NamedChat<'_>>, Option<RolloutOption>) {
    let (mut all, mut problem): (Vec<NamedChat<'_>>, _) = (Vec::new(), None);
    for part in text.split(',').map(str::trim) {
        match one(part) {
            Ok(named) if all.contains(&named) => {}
            Ok(named) => all.push(named),
            Err(found) => problem = problem.or(Some(found)),
        }
    }
    (all, problem)
}

fn one(text: &str) -> Result<NamedChat<'_>, RolloutOption> {
    let instead = |kind: ChatKind| RolloutOption::NotifyAddress {
        kind: kind.name(),
        variable: kind.usual_variable(),
    };
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|letter| letter.is_ascii_alphabetic());
    let (word, variable) = match text.split_once('=') {
        Some((word, variable)) if is_word(word) => (word, variable.trim()),
        _ if text.contains("://") => return Err(instead(ChatKind::of_address(text))),
        _ => return Err(RolloutOption::NotifyForm),
    };
    let Some(kind) = ChatKind::read(word) else {
        let meant = nearest(word, KINDS.map(ChatKind::name).into_iter());
        return Err(RolloutOption::NotifyKind { kind: word.to_owned(), kinds: NAMES, meant });
    };
    if variable.is_empty() {
        return Err(RolloutOption::NotifyForm);
    }
    if !is_variable(variable) {
        return Err(instead(kind));
    }
    Ok(NamedChat { kind, variable })
}

/// Whether a text is the name of a variable, and none of the long keys that could be one. What
/// is not shown of a command line goes by the same rule (`withheld`).
fn is_variable(text: &str) -> bool {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let has_digit = text.contains(|character: char| character.is_ascii_digit());
    let looks_random = text.len() >= 24 && !text.contains('_') && has_digit;
    text.chars().all(is_part)
        && !text.starts_with(|character: char| character.is_ascii_digit())
        && !looks_random
}
