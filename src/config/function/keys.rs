//! Which keys there are.

use serde_json::{Map, Value};

use super::Reader;

/// Every key of `inputs`, and the keys of the map, or of each map of the list, that it holds.
///
/// Without keys of its own: it holds none, or whoever reads it looks after them.
const KEYS: &[(&str, &[&str])] = &[
    ("additionalVersionWeights", &["version", "weight"]),
    ("aliasDescription", &[]),
    ("aliasFunctionVersion", &[]),
    ("aliasName", &[]),
    ("asyncRunEnable", &[]),
    ("autoCreateApi", &[]),
    ("cfs", &["cfsId", "localMountDir", "mountInsId", "remoteMountDir", "userGroupId", "userId"]),
    ("cls", &["logsetId", "topicId"]),
    ("deadLetter", &["filterType", "name", "type"]),
    ("deployMode", &[]),
    ("description", &[]),
    ("diskSize", &[]),
    ("eip", &[]),
    ("entryFile", &[]),
    ("environment", &["variables"]),
    ("events", &[]),
    ("function", &[]),
    ("handler", &[]),
    ("ignoreTriggers", &[]),
    (
        "image",
        &[
            "args",
            "command",
            "containerImageAccelerate",
            "entryPoint",
            "imagePort",
            "imageType",
            "imageUrl",
            "registryId",
        ],
    ),
    ("initTimeout", &[]),
    ("installDependency", &[]),
    ("instanceConcurrencyConfig", &["dynamicEnabled", "enable", "maxConcurrency"]),
    ("l5Enable", &[]),
    ("layers", &["name", "version"]),
    ("memorySize", &[]),
    ("msgTTL", &[]),
    ("name", &[]),
    ("namespace", &[]),
    ("nodeSpec", &[]),
    ("nodeType", &[]),
    ("protocolParams", &["wsParams"]),
    ("protocolType", &[]),
    ("provisionedNum", &[]),
    ("publicAccess", &[]),
    ("publish", &[]),
    ("publishDescription", &[]),
    ("qualifier", &[]),
    ("region", &[]),
    ("retryNum", &[]),
    ("role", &[]),
    ("runtime", &[]),
    ("src", &[]),
    ("tags", &[]),
    ("timeout", &[]),
    ("traceEnable", &[]),
    ("traffic", &[]),
    ("triggers", &[]),
    ("type", &[]),
    ("vpcConfig", &["subnetId", "vpcId"]),
];
/// Keys whose objects are left as they are in the cloud.
pub(super) const LEFT_ALONE: &[&str] = &["triggers"];
/// Keys whose values `--noValidation` takes as they are: plain settings. What decides about
/// versions, routing or whose code is deployed is always checked.
const RELAXABLE: &[&str] = &[
    "asyncRunEnable",
    "cfs",
    "cls",
    "deadLetter",
    "description",
    "diskSize",
    "eip",
    "environment",
    "initTimeout",
    "installDependency",
    "instanceConcurrencyConfig",
    "l5Enable",
    "layers",
    "memorySize",
    "msgTTL",
    "nodeSpec",
    "nodeType",
    "protocolParams",
    "publicAccess",
    "retryNum",
    "role",
    "tags",
    "timeout",
    "traceEnable",
    "vpcConfig",
];

/// Whether this is a key of `inputs`.
pub(in crate::config) fn is_input(key: &str) -> bool {
    KEYS.iter().any(|(known, _)| *known == key)
}

/// Whether `--noValidation` is about this key, given by its dotted path.
pub(super) fn is_relaxable(path: &str) -> bool {
    path.split('.').next().is_some_and(|key| RELAXABLE.contains(&key))
}

impl Reader<'_> {
    /// A warning for each key that nothing reads.
    #[must_use]
    pub fn unknown_warnings(&self) -> Vec<String> {
        let component = if self.is_of_several() { "multi-scf" } else { "scf" };
        let unknown = self.unknown_keys().into_iter().map(|(key, meant)| {
            let meant = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
            format!("{} is not an input of {component}{meant}", self.at(&key))
        });
        unknown.collect()
    }

    /// Dotted paths of keys that nothing reads, each with the known key it looks like.
    pub(super) fn unknown_keys(&self) -> Vec<(String, Option<&'static str>)> {
        let mut unknown = Vec::new();
        for (key, value) in self.inputs {
            let Some((_, members)) = KEYS.iter().find(|(known, _)| known == key) else {
                unknown.push((key.clone(), nearest(key, KEYS.iter().map(|(known, _)| *known))));
                continue;
            };
            match value {
                Value::Object(map) => unknown_members(key, map, members, &mut unknown),
                Value::Array(list) => {
                    for (position, item) in list.iter().enumerate() {
                        if let Value::Object(map) = item {
                            unknown_members(
                                &format!("{key}.{position}"),
                                map,
                                members,
                                &mut unknown,
                            );
                        }
                    }
                }
                _ => {}
            }
        }
        unknown
    }
}

fn unknown_members(
    path: &str,
    map: &Map<String, Value>,
    members: &'static [&'static str],
    unknown: &mut Vec<(String, Option<&'static str>)>,
) {
    if members.is_empty() {
        return;
    }
    for key in map.keys().filter(|key| !members.contains(&key.as_str())) {
        unknown.push((format!("{path}.{key}"), nearest(key, members.iter().copied())));
    }
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
