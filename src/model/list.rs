//! Lists in messages, shortened with a count of the rest.

use std::fmt::Display;

use super::Version;

/// Maximum number of names in one message.
pub const MOST_LISTED: usize = 10;

/// Formats names in order, shortened with a count: `a, b … and 250 more`.
#[must_use]
pub fn listed<T: Display>(names: &[T]) -> String {
    listed_by(", ", names)
}

/// Like [`listed`], but with another separator, for names that contain commas.
#[must_use]
pub fn listed_by<T: Display>(separator: &str, names: &[T]) -> String {
    let shown: Vec<String> = names.iter().take(MOST_LISTED).map(ToString::to_string).collect();
    let shown = shown.join(separator);
    match names.len().checked_sub(MOST_LISTED) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} … and {more} more"),
    }
}

/// Formats versions in ascending order, or only the newest ones, newest first, if there are too
/// many.
#[must_use]
pub fn listed_versions(versions: &[Version]) -> String {
    let mut versions = versions.to_vec();
    versions.sort_unstable();
    if versions.len() > MOST_LISTED {
        versions.reverse();
    }
    listed(&versions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut_with_a_count() {
        let names = |count: u64| (1..=count).map(|n| format!("f{n}")).collect::<Vec<_>>();
        assert_eq!(listed(&names(2)), "f1, f2");
        assert_eq!(listed(&names(10)), "f1, f2, f3, f4, f5, f6, f7, f8, f9, f10");
        assert_eq!(listed(&names(13)), "f1, f2, f3, f4, f5, f6, f7, f8, f9, f10 … and 3 more");
        assert_eq!(listed::<String>(&[]), "");
    }

    #[test]
    fn of_many_versions_the_newest_are_named() {
        let versions = |count: u64| (1..=count).map(Version::Number).collect::<Vec<_>>();
        assert_eq!(listed_versions(&versions(3)), "1, 2, 3");
        assert_eq!(
            listed_versions(&versions(260)),
            "260, 259, 258, 257, 256, 255, 254, 253, 252, 251 … and 250 more"
        );
    }
}
