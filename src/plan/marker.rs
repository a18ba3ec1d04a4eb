//! State that scfctl keeps in an alias's description, behind the user's own text.
//!
//! The description is the only place in the API where a tool can keep state about an alias. It
//! takes up to 1000 letters, digits, blanks, commas, full stops, line breaks and Chinese characters
//! (API reference, limits). The marker is written as its last line and uses no other characters:
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

use std::borrow::Cow;

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
///
/// The line is written as the last one. Whoever edits the description in the console may leave
/// blanks behind it, add text below it, or join it to the text above it: it is found all the same,
/// since a rollout that nobody finds is watched by nobody, and all that is around it is the user's
/// text.
#[must_use]
pub fn split(description: &str) -> (Cow<'_, str>, Option<&str>) {
    let found = last_line(description)
        .or_else(|| line_amid(description))
        .or_else(|| joined_line(description));
    let Some((from, until)) = found else { return (Cow::Borrowed(description), None) };
    let line = description[from..until].trim_end();
    let above = description[..from].strip_suffix(['\n', ' ']).unwrap_or(&description[..from]);
    let below = description[until..].strip_prefix('\n').unwrap_or_default();
    let text = match (above, below) {
        (above, below) if below.trim().is_empty() => Cow::Borrowed(above),
        ("", below) => Cow::Borrowed(below),
        (above, below) => Cow::Owned(format!("{above}\n{below}")),
    };
    (text, Some(line))
}

fn is_marker(line: &str) -> bool {
    let version = line.strip_prefix(NAME).unwrap_or_default();
    version.starts_with(|character: char| character.is_ascii_digit())
}

/// Where the last line that is not blank stands, if it is a marker of any form.
fn last_line(description: &str) -> Option<(usize, usize)> {
    let until = description.trim_end().len();
    let from = description[..until].rfind('\n').map_or(0, |place| place + 1);
    is_marker(&description[from..until]).then_some((from, until))
}

/// Where the last other line stands that is a marker beyond doubt.
fn line_amid(description: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    let lines = description.split('\n').map(|line| {
        let place = (from, from + line.len());
        from = place.1 + 1;
        place
    });
    let is_state = |(from, until): &(usize, usize)| {
        let line = description[*from..*until].trim_end();
        let keys = |fields: Vec<(&str, Vec<&str>)>| {
            fields.iter().any(|(key, _)| ["phase", "before", "rolledback"].contains(key))
        };
        is_marker(line) && (fields(line).is_some_and(keys) || says_under_way(line))
    };
    lines.filter(is_state).last()
}

/// Where the marker of a rollout under way begins within a line.
fn joined_line(description: &str) -> Option<(usize, usize)> {
    let (from, _) = description.rmatch_indices(NAME).find(|(from, _)| {
        let line = description[*from..].split('\n').next().unwrap_or_default();
        is_marker(line) && says_under_way(line)
    })?;
    let until = description[from..].find('\n').map_or(description.len(), |place| from + place);
    Some((from, until))
}

/// Whether a line says that a rollout is under way, of whatever version it is.
fn says_under_way(line: &str) -> bool {
    [", phase running", ", phase held "].iter().any(|phase| line.contains(phase))
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
    fn only_a_line_in_the_exact_form_is_read() {
        for (description, expected) in [
            ("", Marker::Absent),
            ("Published by Serverless Component", Marker::Absent),
            ("scfctl version 1 rolledback 5", Marker::Absent),
            ("scfctl key 0123", Marker::Absent),
            (" scfctl v1 rolledback 5", Marker::Absent),
            ("scfctl v1 rolledback 5 7", read(&[5, 7])),
            ("主版本，稳定。\nscfctl v1 rolledback 5", read(&[5])),
            ("a\n\nscfctl v1 rolledback 5", read(&[5])),
            ("scfctl v1 id 3fa9, from 4, to LATEST, steps 0.1 1, rolledback 5", read(&[5])),
            ("scfctl v1 rolledback 5, phase paused", read(&[5])),
            ("scfctl v1 step 2", read(&[])),
            ("scfctl v1 rolledback", read(&[])),
            // As it may be left in the console.
            ("scfctl v1 rolledback 5 \n\r\n", read(&[5])),
            ("scfctl v1 rolledback 5\nmine", read(&[5])),
            ("scfctl v1 step 2\nmine", Marker::Absent),
            ("scfctl v1 is good\nmine", Marker::Absent),
            ("scfctl v1 rolledback 5\nscfctl v1 rolledback 7", read(&[7])),
            ("mine scfctl v1 rolledback 5", Marker::Absent),
        ] {
            assert_eq!(Marker::read(description), expected, "{description:?}");
        }
        for foreign in [
            "scfctl v2 rolledback 5",
            "scfctl v10 rolledback 5",
            "scfctl v1",
            "scfctl v1  rolledback 5",
            "scfctl v1 rolledback 5,7",
            "scfctl v1 rolledback 05",
            "scfctl v1 rolledback x",
            "scfctl v1 rolledback $LATEST",
            "scfctl v1 rolledback 5, rolledback 7",
            "scfctl v1 rolledback 5,",
            "scfctl v1 Rolledback 5",
        ] {
            let marker = Marker::read(&format!("mine\n{foreign}"));
            assert_eq!(marker, Marker::Foreign(foreign.to_owned()));
            assert!(!marker.is_rolled_back(Version::Number(5)));
        }
    }

    #[test]
    fn whatever_is_around_the_line_is_the_users_text() {
        const LINE: &str = "scfctl v1 id 3fa9, from 4, to 5, phase running, began 20261128T0038";
        for (description, text) in [
            (LINE.to_owned(), ""),
            (format!("mine\n{LINE}"), "mine"),
            (format!("mine\n{LINE}\n"), "mine"),
            (format!("mine\n{LINE}  \n \n"), "mine"),
            (format!("mine\n{LINE}\n后记"), "mine\n后记"),
            (format!("{LINE}\n后记\n"), "后记\n"),
            (format!("mine\n{LINE} \r\n\none\ntwo"), "mine\n\none\ntwo"),
            (format!("mine {LINE}"), "mine"),
            (format!("我的。{LINE}\n后记"), "我的。\n后记"),
            (format!("{LINE}\nmine\n{LINE}"), &format!("{LINE}\nmine")),
        ] {
            let (found, line) = split(&description);
            assert_eq!((&*found, line), (text, Some(LINE)), "{description:?}");
        }
        // What cannot be read is no end of a rollout either, wherever it stands.
        for line in [
            "scfctl v2 id 3fa9, phase running, began 20261128T0038",
            "scfctl v1 id 3fa9, phase held user, began 20261128T0038 后记",
        ] {
            for description in [format!("mine\n{line}\n后记"), format!("mine {line}\n后记")] {
                assert_eq!(Marker::read(&description), Marker::Foreign(line.to_owned()));
            }
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
