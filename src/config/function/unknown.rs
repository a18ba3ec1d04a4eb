//! Keys that nothing reads, and what they most likely mean.

use super::keys::{is_known, keys, successor};
use super::misspelt::{is_slip, nearest};
use super::{InputError, Reader, UnknownKey};
use crate::config::input_error::{Advice, InputWarning, InputsOf, KeyRemark, Successor, Wrong};
use crate::config::multi_scf;
use crate::config::warning::{ConfigWarning, TopKeyMeaning};

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
        let theirs = multi_scf::KEYS.iter().chain(OF_ENTRIES);
        nearest(key, keys().chain(theirs.copied()))
    }
}

/// What scf calls an input of several functions.
fn scf_name(key: &'static str) -> &'static str {
    if key == "isAutoPublish" { "publish" } else { key }
}
