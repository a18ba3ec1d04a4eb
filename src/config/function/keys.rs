//! Which keys there are.

use super::{InputError, Reader, UnknownKey};
use crate::config::input_error::{Advice, InputWarning, InputsOf, KeyRemark, Successor, Wrong};
use crate::config::warning::{ConfigWarning, TopKeyMeaning};
use crate::model::PLAIN;
use crate::order::Order as _;

/// Keys of `inputs` beside those of the [`PLAIN`] settings.
///
/// The keys of the maps that some hold are those that reading asks for
/// ([`MapReader`](super::MapReader)).
const KEYS: &[&str] = &[
    "additionalVersionWeights",
    "aliasDescription",
    "aliasFunctionVersion",
    "aliasName",
    "autoCreateApi",
    "cfs",
    "cls",
    "deadLetter",
    "deployMode",
    "entryFile",
    "environment",
    "events",
    "function",
    "handler",
    "ignoreTriggers",
    "image",
    "instanceConcurrencyConfig",
    "layers",
    "msgTTL",
    "name",
    "namespace",
    "protocolParams",
    "protocolType",
    "provisionedNum",
    "publish",
    "publishDescription",
    "qualifier",
    "region",
    "retryNum",
    "rollout",
    "runtime",
    "src",
    "tags",
    "traffic",
    "type",
    "vpcConfig",
];
/// Keys whose absence a default makes up for, so that a misspelt one deploys something else, to
/// another function, or for other requests.
const ESSENTIAL: &[&str] = &[
    "additionalVersionWeights",
    "aliasFunctionVersion",
    "aliasName",
    "entryFile",
    "handler",
    "image",
    "name",
    "namespace",
    "provisionedNum",
    "publish",
    "qualifier",
    "region",
    "runtime",
    "src",
    "traffic",
    "type",
];
/// Essential keys that are about these others: without one of them nothing stands in.
const ABOUT: &[(&str, &[&str])] = &[
    ("aliasFunctionVersion", &["additionalVersionWeights", "traffic"]),
    ("aliasName", &["additionalVersionWeights", "aliasFunctionVersion", "traffic"]),
    ("qualifier", &["provisionedNum"]),
];
/// Essential keys that other words begin with: only a slip means them.
const SHORT: &[&str] = &["entryFile", "image", "name", "namespace", "region", "type"];
/// Old names of essential keys that files carry along, and that the real component ignores, too.
const HARMLESS: &[&str] = &["functionName"];
/// Keys of the entries of a list of functions.
const OF_ENTRIES: &[&str] = &["key"];

/// What became of keys of older documentation, and of keys of other components.
const SUCCESSORS: &[(&str, Successor)] = &[
    ("CodeUri", Successor::Called("src")),
    ("apigatewayConf", Successor::FunctionUrl),
    ("cfsConfig", Successor::Called("cfs")),
    ("clsConfig", Successor::Called("cls")),
    ("codeUri", Successor::Called("src")),
    ("eipConfig", Successor::Called("eip")),
    ("enableRoleAuth", Successor::Nothing),
    ("env", Successor::Below("environment.variables")),
    ("environments", Successor::Below("environment.variables")),
    ("exclude", Successor::Below("src.exclude")),
    ("functionConf", Successor::Keys),
    ("functionName", Successor::Called("name")),
    ("ignore", Successor::Below("src.exclude")),
    ("ignores", Successor::Below("src.exclude")),
    ("include", Successor::Below("src.include")),
    ("isAutoPublish", Successor::Called("publish")),
    ("memory", Successor::Called("memorySize")),
    ("source", Successor::Called("src")),
    ("triggers", Successor::Events),
    ("vpc", Successor::Called("vpcConfig")),
    ("zone", Successor::Region),
];

/// What became of a key of older documentation, or of one of another component.
#[must_use]
pub fn successor(key: &str) -> Option<&'static Successor> {
    SUCCESSORS.iter().find(|(known, _)| *known == key).map(|(_, successor)| successor)
}

/// Keys beside those of the [`PLAIN`] settings whose values `--noValidation` takes as they are.
/// What decides about versions, routing or whose code is deployed is always checked.
const RELAXABLE: &[&str] = &[
    "cfs",
    "cls",
    "deadLetter",
    "environment",
    "instanceConcurrencyConfig",
    "layers",
    "msgTTL",
    "protocolParams",
    "retryNum",
    "tags",
    "vpcConfig",
];

fn is_plain(key: &str) -> bool {
    PLAIN.iter().any(|setting| setting.key == key)
}

/// Whether something reads this key of `inputs`.
fn is_known(key: &str) -> bool {
    KEYS.contains(&key) || is_plain(key)
}

/// Whether this is a key of `inputs`, or was one.
pub(in crate::config) fn is_input(key: &str) -> bool {
    is_known(key) || successor(key).is_some()
}

/// Whether `--noValidation` is about this key, given by its dotted path.
pub(super) fn is_relaxable(path: &str) -> bool {
    path.split('.').next().is_some_and(|key| is_plain(key) || RELAXABLE.contains(&key))
}

/// Every key of `inputs` of scf.
pub fn keys() -> impl Iterator<Item = &'static str> {
    let plain = PLAIN.iter().map(|setting| setting.key);
    let mut keys: Vec<_> = KEYS.iter().copied().chain(plain).collect();
    keys.order();
    keys.into_iter()
}

impl Reader<'_> {
    /// A warning for each key that nothing reads.
    #[must_use]
    pub fn unknown_warnings(&self) -> Vec<InputWarning> {
        let of = if self.is_of_several() { InputsOf::MultiScf } else { InputsOf::Scf };
        let refused: Vec<String> = self.misspelt().into_iter().map(|error| error.key).collect();
        let unknown = self.unknown_keys().into_iter().filter(|(key, _)| !refused.contains(key));
        unknown
            .map(|(key, meant)| {
                let successor = match successor(&key) {
                    Some(Successor::Events) if self.is_of_several() => {
                        Some(Successor::BesideFunctions)
                    }
                    Some(successor) => Some(successor.clone()),
                    None => meant.map(|meant| Successor::Like(meant.to_owned())),
                };
                self.remark(&key, KeyRemark::Unknown { of, successor })
            })
            .collect()
    }

    /// Keys that most likely mean one of those whose absence nobody would notice.
    pub(super) fn misspelt(&self) -> Vec<InputError> {
        let unknown = self.unknown_keys().into_iter();
        unknown
            .filter_map(|(key, meant)| {
                let meant = match successor(&key) {
                    Some(Successor::Called(_)) if HARMLESS.contains(&key.as_str()) => None,
                    Some(Successor::Called(name)) => Some(*name),
                    Some(_) => None,
                    None => meant.map(scf_name),
                }?;
                let matters = self.matters(meant);
                let is_meant = !SHORT.contains(&meant) || is_slip(&key, meant);
                let stands_in = is_meant
                    && matters
                    && ESSENTIAL.contains(&meant)
                    && !self.is_given_for(meant, &key);
                let instead = Advice::Write(meant.to_owned());
                stands_in.then(|| self.error(&key, Wrong::Misspelt, instead))
            })
            .collect()
    }

    /// Errors of such keys that stand at the top of the file instead, as warnings tell them.
    #[must_use]
    pub fn at_top(&self, warnings: &[ConfigWarning]) -> Vec<InputError> {
        let found = warnings.iter().filter_map(|warning| {
            let ConfigWarning::UnknownKey { key, position, meant: TopKeyMeaning::Input } = warning
            else {
                return None;
            };
            // Of a region the environment may say more, and nobody's share depends on a type.
            let decisive = ESSENTIAL.iter().filter(|key| !["region", "type"].contains(*key));
            let named = decisive.into_iter().find(|known| **known == key.trim())?;
            if self.inputs.contains_key(*named) || !self.matters(named) {
                return None;
            }
            let (what, instead) = (Wrong::AtTop, Some(Advice::BelowInputs(named)));
            let key = key.escape_default().to_string();
            Some(InputError { key, place: position.clone(), what, instead })
        });
        found.collect()
    }

    /// Whether the absence of an essential key means something else: some are about others.
    fn matters(&self, key: &str) -> bool {
        let about = ABOUT.iter().find(|(known, _)| *known == key);
        about.is_none_or(|(_, others)| others.iter().any(|other| self.inputs.contains_key(*other)))
    }

    /// Whether an input is given where a misspelt one would have to give it: what all functions
    /// of a file have in common is no word on this one.
    fn is_given_for(&self, meant: &str, misspelt: &str) -> bool {
        self.inputs.contains_key(meant)
            && (!self.is_of_several() || self.is_common(misspelt) || !self.is_common(meant))
    }

    /// Keys that nothing reads, in maps below `inputs` too.
    #[must_use]
    pub fn unknown_keys(&self) -> Vec<UnknownKey> {
        // What is asked for shows when it is read; what is wrong is not the matter here.
        let reading = Reader::new(self.inputs, self.place);
        reading.read();
        let mut unknown = Vec::new();
        for (key, value) in self.inputs {
            if is_known(key) {
                reading.unknown_below(key, value, &mut unknown);
            } else {
                unknown.push((key.clone(), self.meant(key)));
            }
        }
        unknown
    }

    /// The input that a key most likely means.
    fn meant(&self, key: &str) -> Option<&'static str> {
        if !self.is_of_several() {
            return nearest(key, keys());
        }
        let theirs = crate::config::multi_scf::KEYS.iter().chain(OF_ENTRIES);
        nearest(key, keys().chain(theirs.copied()))
    }
}

/// Whether a word is another one with a letter more, less or elsewhere.
fn is_slip(word: &str, meant: &str) -> bool {
    let (word, meant) = (word.to_lowercase(), meant.to_lowercase());
    strsim::osa_distance(&word, &meant) <= (meant.len() / 4).max(1)
}

/// What scf calls an input of several functions.
fn scf_name(key: &'static str) -> &'static str {
    if key == "isAutoPublish" { "publish" } else { key }
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
