//! State that scfctl keeps in an alias's description, behind the user's own text.
//!
//! The description is the only place in the API where a tool can keep state about an alias. It
//! takes up to 1000 letters, digits, blanks, commas, full stops, line breaks and Chinese characters
//! (API reference, limits). The marker is its last line and uses no other characters:
//!
//! ```text
//! line  = "scfctl v" version " " field *( ", " field )
//! field = key *( " " value )
//! key   = one or more of a-z, at most once in a line
//! value = one or more ASCII letters, digits and full stops
//! ```
//!
//! For example `scfctl v1 rolledback 5 7`. The key `rolledback` lists the numbers of published
//! versions that were rolled back. The keys of a rollout are handled by `plan::rollout::marker`
//! (`docs/en/rollout-marker.md`). Unknown keys are kept as they are. `$LATEST` is spelt `LATEST` in
//! values.
//!
//! A marker of another version, or one that is malformed, is reported and left alone.

use crate::model::Version;

const NAME: &str = "scfctl v";
const READ: &str = "1";

/// The marker of an alias's description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marker {
    /// The description has none.
    Absent,
    /// A marker that this program understands.
    Read {
        /// Versions that were rolled back, in the order of the marker.
        rolled_back: Vec<Version>,
    },
    /// A line that this program does not understand and must not change.
    Foreign(String),
}

impl Marker {
    /// Reads the marker from a description.
    #[must_use]
    pub fn read(description: &str) -> Self {
        let Some(line) = split(description).1 else { return Self::Absent };
        rolled_back(line).map_or_else(
            || Self::Foreign(line.to_owned()),
            |rolled_back| Self::Read { rolled_back },
        )
    }

    /// Returns whether a version was rolled back. Always false for a foreign marker.
    #[must_use]
    pub fn is_rolled_back(&self, version: Version) -> bool {
        matches!(self, Self::Read { rolled_back } if rolled_back.contains(&version))
    }
}

/// Splits a description into the user's text and the marker's line, if there is one.
#[must_use]
pub fn split(description: &str) -> (&str, Option<&str>) {
    let (text, last) = match description.rsplit_once('\n') {
        Some((text, last)) => (text, last),
        None => ("", description),
    };
    let version = last.strip_prefix(NAME).unwrap_or_default();
    if version.starts_with(|character: char| character.is_ascii_digit()) {
        (text, Some(last))
    } else {
        (description, None)
    }
}

/// Replaces the user's text in front of a description's marker.
#[must_use]
pub fn behind(text: &str, description: &str) -> String {
    match split(description).1 {
        None => text.to_owned(),
        Some(line) if text.is_empty() => line.to_owned(),
        Some(line) => format!("{text}\n{line}"),
    }
}

/// Parses a marker line into its fields, each a key and its values, in order.
///
/// `None` when the line has another version or is malformed.
#[must_use]
pub fn fields(line: &str) -> Option<Vec<(&str, Vec<&str>)>> {
    let (version, fields) = line.strip_prefix(NAME)?.split_once(' ')?;
    if version != READ {
        return None;
    }
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    for field in fields.split(", ") {
        let mut words = field.split(' ');
        let key = words.next()?;
        if key.is_empty()
            || !key.bytes().all(|byte| byte.is_ascii_lowercase())
            || found.iter().any(|(known, _)| *known == key)
        {
            return None;
        }
        let values: Vec<&str> = words.collect();
        let is_value = |value: &&str| {
            !value.is_empty()
                && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
        };
        if !values.iter().all(is_value) {
            return None;
        }
        found.push((key, values));
    }
    Some(found)
}

/// `None` when the line is malformed.
fn rolled_back(line: &str) -> Option<Vec<Version>> {
    let (_, values) =
        fields(line)?.into_iter().find(|(key, _)| *key == "rolledback").unwrap_or_default();
    let number = |value: &str| match value.parse().ok()? {
        Version::Latest => None,
        number @ Version::Number(_) => Some(number),
    };
    values.into_iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(numbers: &[u64]) -> Marker {
        Marker::Read { rolled_back: numbers.iter().copied().map(Version::Number).collect() }
    }

    #[test]
    fn only_the_last_line_in_the_exact_form_is_read() {
        for (description, expected) in [
            ("", Marker::Absent),
            ("Published by Serverless Component", Marker::Absent),
            ("scfctl version 1 rolledback 5", Marker::Absent),
            ("scfctl key 0123", Marker::Absent),
            ("scfctl v1 rolledback 5\nmine", Marker::Absent),
            (" scfctl v1 rolledback 5", Marker::Absent),
            ("scfctl v1 rolledback 5 7", read(&[5, 7])),
            ("主版本，稳定。\nscfctl v1 rolledback 5", read(&[5])),
            ("a\n\nscfctl v1 rolledback 5", read(&[5])),
            ("scfctl v1 id 3fa9, from 4, to LATEST, steps 0.1 1, rolledback 5", read(&[5])),
            ("scfctl v1 rolledback 5, phase paused", read(&[5])),
            ("scfctl v1 step 2", read(&[])),
            ("scfctl v1 rolledback", read(&[])),
        ] {
            assert_eq!(Marker::read(description), expected, "{description:?}");
        }
        for foreign in [
            "scfctl v2 rolledback 5",
            "scfctl v10 rolledback 5",
            "scfctl v1",
            "scfctl v1 ",
            "scfctl v1  rolledback 5",
            "scfctl v1 rolledback 5 ",
            "scfctl v1 rolledback 5,7",
            "scfctl v1 rolledback 05",
            "scfctl v1 rolledback x",
            "scfctl v1 rolledback $LATEST",
            "scfctl v1 rolledback 5, rolledback 7",
            "scfctl v1 rolledback 5,",
            "scfctl v1 Rolledback 5",
            "scfctl v1 rolledback 5\r",
        ] {
            let marker = Marker::read(&format!("mine\n{foreign}"));
            assert_eq!(marker, Marker::Foreign(foreign.to_owned()));
            assert!(!marker.is_rolled_back(Version::Number(5)));
        }
    }

    #[test]
    fn another_text_leaves_the_marker_where_it_is() {
        for (text, description, expected) in [
            ("new", "", "new"),
            ("new", "old", "new"),
            ("", "old", ""),
            ("new", "old\nscfctl v1 rolledback 5", "new\nscfctl v1 rolledback 5"),
            ("new", "scfctl v2 anything", "new\nscfctl v2 anything"),
            ("", "old\nscfctl v1 rolledback 5", "scfctl v1 rolledback 5"),
            ("two\nlines", "scfctl v1 step 1", "two\nlines\nscfctl v1 step 1"),
        ] {
            let described = behind(text, description);
            assert_eq!(described, expected);
            assert_eq!(Marker::read(&described), Marker::read(description));
        }
    }
}
