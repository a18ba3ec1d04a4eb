//! What a misspelt word most likely means.

/// Whether a word is another one with a letter more, less or elsewhere.
pub(super) fn is_slip(word: &str, meant: &str) -> bool {
    let (word, meant) = (word.to_lowercase(), meant.to_lowercase());
    strsim::osa_distance(&word, &meant) <= (meant.len() / 4).max(1)
}

/// Whether a word says the opposite of another one, which may be misspelt in it.
fn denies(word: &str, other: &str) -> bool {
    const DENIALS: &[&str] = &["disable", "dont", "no", "not", "skip", "un", "without"];
    DENIALS.iter().filter_map(|denial| word.strip_prefix(denial)).any(|rest| {
        let rest = rest.trim_start_matches(['-', '_']);
        rest.len() > 3 && strsim::osa_distance(rest, other) <= 1
    })
}

/// The candidate that a misspelt word most likely means: one that it begins, one that is alike,
/// or one that a single slip makes of it. Never one that says the opposite.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    /// Letters that a part of a word has at least.
    const PART: usize = 5;
    /// Letters below which a slip makes one word of any other.
    const SHORT: usize = 3;
    let word = word.to_lowercase();
    let candidates = candidates.map(|candidate| (candidate.to_lowercase(), candidate));
    let candidates: Vec<(String, &str)> =
        candidates.filter(|(lower, _)| !denies(&word, lower) && !denies(lower, &word)).collect();
    let mut begun = candidates.iter().filter(|(lower, _)| lower.starts_with(&word));
    if let (Some((_, candidate)), None, true) = (begun.next(), begun.next(), word.len() >= PART) {
        return Some(candidate);
    }
    let alike = candidates
        .iter()
        .map(|(lower, candidate)| (strsim::jaro_winkler(&word, lower), *candidate))
        .filter(|(score, _)| *score > 0.85)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, candidate)| candidate);
    // Letters in another order look unlike in a short word.
    let slip = || {
        let long = |lower: &str| word.len() >= SHORT && lower.len() >= SHORT;
        let mut candidates = candidates.iter();
        candidates.find(|(lower, _)| long(lower) && strsim::osa_distance(&word, lower) <= 1)
    };
    alike.or_else(|| slip().map(|(_, candidate)| *candidate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::function::keys;

    #[test]
    fn a_word_means_what_it_begins_what_is_alike_or_one_slip_away() {
        for (word, meant) in [
            ("publishDesc", Some("publishDescription")),
            ("publsh", Some("publish")),
            ("scr", Some("src")),
            ("tpye", Some("type")),
            ("alias", Some("aliasName")),
            ("Environment", Some("environment")),
            ("memorysize", Some("memorySize")),
            ("ab", None),
            ("zzz", None),
            ("no-publish", None),
            ("noPublsh", None),
            ("unpublish", None),
            ("disable-publish", None),
        ] {
            assert_eq!(nearest(word, keys()), meant, "{word}");
        }
    }

    #[test]
    fn only_a_slip_means_a_key_that_other_words_begin_with() {
        for (word, meant, expected) in [
            ("nmae", "name", true),
            ("names", "name", true),
            ("Name", "name", true),
            ("namePrefix", "name", false),
            ("imageConfig", "image", false),
            ("namespce", "namespace", true),
            ("entryfile", "entryFile", true),
        ] {
            assert_eq!(is_slip(word, meant), expected, "{word}");
        }
    }
}
