//! Which keys there are.

use crate::config::input_error::Successor;
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
pub(super) fn is_known(key: &str) -> bool {
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
