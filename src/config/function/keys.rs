//! Which keys there are.

use super::{InputError, Reader, UnknownKey};
use crate::config::input_error::{Advice, InputWarning, InputsOf, Remark, Successor, Wrong};
use crate::model::PLAIN;

/// Keys of `inputs` beside those of the [`PLAIN`] settings.
///
/// The keys of the maps that some hold are those that reading asks for
/// ([`MapReader`](super::MapReader)).
const KEYS: &[&str] = &[
    "additionalVersionWeights",
    "aliasDescription",
    "aliasFunctionVersion",
    "aliasName",
    "asyncRunEnable",
    "autoCreateApi",
    "cfs",
    "cls",
    "deadLetter",
    "deployMode",
    "eip",
    "entryFile",
    "environment",
    "events",
    "function",
    "handler",
    "ignoreTriggers",
    "image",
    "installDependency",
    "instanceConcurrencyConfig",
    "layers",
    "msgTTL",
    "name",
    "namespace",
    "protocolParams",
    "protocolType",
    "provisionedNum",
    "publicAccess",
    "publish",
    "publishDescription",
    "qualifier",
    "region",
    "retryNum",
    "runtime",
    "src",
    "tags",
    "traceEnable",
    "traffic",
    "type",
    "vpcConfig",
];
/// Keys whose absence a default makes up for, so that a misspelt one deploys something else.
const ESSENTIAL: &[&str] = &["handler", "publish", "runtime", "src", "traffic"];

/// What became of keys of older documentation, and of keys of other components.
const SUCCESSORS: &[(&str, Successor)] = &[
    ("CodeUri", Successor::Called("src")),
    ("apigatewayConf", Successor::FunctionUrl),
    ("codeUri", Successor::Called("src")),
    ("enableRoleAuth", Successor::Nothing),
    ("env", Successor::Below("environment.variables")),
    ("environments", Successor::Below("environment.variables")),
    ("exclude", Successor::Below("src.exclude")),
    ("functionConf", Successor::Keys),
    ("functionName", Successor::Called("name")),
    ("include", Successor::Below("src.include")),
    ("isAutoPublish", Successor::Called("publish")),
    ("memory", Successor::Called("memorySize")),
    ("source", Successor::Called("src")),
    ("triggers", Successor::Events),
    ("vpc", Successor::Called("vpcConfig")),
    ("zone", Successor::Region),
];

fn successor(key: &str) -> Option<&'static Successor> {
    SUCCESSORS.iter().find(|(known, _)| *known == key).map(|(_, successor)| successor)
}

/// Keys beside those of the [`PLAIN`] settings whose values `--noValidation` takes as they are.
/// What decides about versions, routing or whose code is deployed is always checked.
const RELAXABLE: &[&str] = &[
    "asyncRunEnable",
    "cfs",
    "cls",
    "deadLetter",
    "eip",
    "environment",
    "installDependency",
    "instanceConcurrencyConfig",
    "layers",
    "msgTTL",
    "protocolParams",
    "publicAccess",
    "retryNum",
    "tags",
    "traceEnable",
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
    keys.sort_unstable();
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
                self.remark(&key, Remark::Unknown { of, successor })
            })
            .collect()
    }

    /// Keys that most likely mean one of those whose absence nobody would notice.
    pub(super) fn misspelt(&self) -> Vec<InputError> {
        let unknown = self.unknown_keys().into_iter();
        unknown
            .filter_map(|(key, meant)| {
                let meant = match successor(&key) {
                    Some(Successor::Called(name)) => Some(*name),
                    Some(_) => None,
                    None => meant.or_else(|| slip_of_the_finger(&key)),
                }?;
                let stands_in = ESSENTIAL.contains(&meant) && !self.inputs.contains_key(meant);
                let instead = Advice::Write(meant.to_owned());
                stands_in.then(|| self.error(&key, Wrong::Misspelt, instead))
            })
            .collect()
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
                unknown.push((key.clone(), nearest(key, keys())));
            }
        }
        unknown
    }
}

/// The key that one stroke more, less or elsewhere makes of a word; short words are too unlike
/// each other for [`nearest`].
fn slip_of_the_finger(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    ESSENTIAL.iter().copied().find(|key| strsim::osa_distance(&word, key) <= 1)
}

/// The candidate that a misspelt word most likely means.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| {
            (strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase()), candidate)
        })
        .filter(|(score, _)| *score > 0.85)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, candidate)| candidate)
}
