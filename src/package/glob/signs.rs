//! Tokens of a pattern: special characters and literals.

use super::GlobError;

/// A character that may be special, or one that is literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Sign(char),
    Literal(char),
}

/// A pattern after quotes and backslashes have been processed.
#[derive(Debug)]
pub(super) struct Signs(pub(super) Vec<Sign>);

impl Signs {
    pub(super) fn read(pattern: &str) -> Result<Self, GlobError> {
        let mut signs = Vec::new();
        let mut characters = pattern.chars();
        let mut is_quoted = false;
        while let Some(character) = characters.next() {
            match character {
                '\0' => return Err(GlobError::Nul),
                '\\' if !is_quoted => signs.push(match characters.next() {
                    // A name cannot contain a slash.
                    Some('/') => Sign::Sign('/'),
                    Some(escaped) => Sign::Literal(escaped),
                    None => Sign::Literal('\\'),
                }),
                '"' => is_quoted = !is_quoted,
                character if is_quoted => signs.push(Sign::Literal(character)),
                character => signs.push(Sign::Sign(character)),
            }
        }
        // Consecutive `**` count as one.
        let is =
            |signs: &[Sign], at: usize, wanted: char| signs.get(at) == Some(&Sign::Sign(wanted));
        let mut at = 0;
        while at + 1 < signs.len() {
            let begins = at == 0 || ['/', '(', ')'].iter().any(|sign| is(&signs, at - 1, *sign));
            let stars = is(&signs, at, '*') && is(&signs, at + 1, '*');
            let again =
                is(&signs, at + 2, '/') && is(&signs, at + 3, '*') && is(&signs, at + 4, '*');
            if begins && stars && again && (at + 5 == signs.len() || is(&signs, at + 5, '/')) {
                signs.drain(at + 2..at + 5);
            } else {
                at += 1;
            }
        }
        Ok(Self(signs))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the special character at a position, or `None` for a literal or at the end.
    pub(super) fn sign(&self, at: usize) -> Option<char> {
        match self.0.get(at) {
            Some(Sign::Sign(character)) => Some(*character),
            _ => None,
        }
    }

    pub(super) fn character(&self, at: usize) -> Option<char> {
        self.0.get(at).map(|sign| match sign {
            Sign::Sign(character) | Sign::Literal(character) => *character,
        })
    }

    /// Returns the end of the group that begins at `opening`.
    pub(super) fn group_end(&self, opening: usize) -> Option<usize> {
        let (mut depth, mut at) = (0_usize, opening);
        while at < self.len() {
            match self.sign(at) {
                Some('(') => depth += 1,
                Some(')') => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                Some('[') => at = self.class_end(at).unwrap_or(at),
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// Returns the end of the class that begins at `opening`.
    pub(super) fn class_end(&self, opening: usize) -> Option<usize> {
        let mut at = opening + 1;
        if matches!(self.sign(at), Some('!' | '^')) {
            at += 1;
        }
        if self.sign(at) == Some(']') {
            at += 1;
        }
        while at < self.len() {
            match self.sign(at) {
                Some('[') if self.sign(at + 1) == Some(':') => {
                    let ends = |end: &usize| {
                        self.sign(*end) == Some(':') && self.sign(*end + 1) == Some(']')
                    };
                    at = (at + 2..self.len()).find(ends).map_or(at, |end| end + 1);
                }
                Some(']') => return Some(at),
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// Returns whether an extended glob begins here: its operator and `(`.
    pub(super) fn is_extended(&self, at: usize) -> bool {
        let Some(operator) = self.sign(at) else { return false };
        if self.sign(at + 1) != Some('(') {
            return false;
        }
        let inside = self.sign(at + 2);
        match operator {
            '!' => inside != Some('?') || !matches!(self.sign(at + 3), Some('!' | '=' | '<' | ':')),
            '@' | '+' | '*' | '?' => inside != Some('?'),
            _ => false,
        }
    }

    /// Returns whether a group contains a character outside of nested extended globs.
    pub(super) fn holds(&self, from: usize, to: usize, wanted: char) -> bool {
        let mut at = from;
        while at < to {
            if self.is_extended(at) {
                if self.sign(at) == Some(wanted) {
                    return true;
                }
                at = self.group_end(at + 1).unwrap_or(at);
            } else if self.sign(at) == Some('[') {
                at = self.class_end(at).unwrap_or(at);
            } else if self.sign(at) == Some(wanted) {
                return true;
            }
            at += 1;
        }
        false
    }
}
