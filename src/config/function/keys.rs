//! Which keys there are.

use super::Reader;

/// Keys that another place reads.
const ELSEWHERE: &[&str] = &["name", "region", "namespace", "function"];
/// Keys that decide what kind of function is created; deploying without them would make the
/// wrong one.
pub(super) const REFUSED: &[&str] = &[
    "additionalVersionWeights",
    "aliasFunctionVersion",
    "aliasName",
    "asyncRunEnable",
    "cfs",
    "deadLetter",
    "image",
    "instanceConcurrencyConfig",
    "nodeSpec",
    "nodeType",
    "protocolParams",
    "protocolType",
    "provisionedNum",
];
/// Keys whose objects are left as they are in the cloud.
pub(super) const LEFT_ALONE: &[&str] = &[
    "aliasDescription",
    "autoCreateApi",
    "diskSize",
    "entryFile",
    "l5Enable",
    "msgTTL",
    "qualifier",
    "retryNum",
    "tags",
    "traceEnable",
    "triggers",
];

impl Reader<'_> {
    /// Keys that nothing reads, each with the known key it looks like.
    #[must_use]
    pub fn unknown_keys(&self) -> Vec<(String, Option<&'static str>)> {
        const READ: &[&str] = &[
            "cls",
            "description",
            "eip",
            "environment",
            "events",
            "handler",
            "ignoreTriggers",
            "initTimeout",
            "installDependency",
            "layers",
            "memorySize",
            "publicAccess",
            "publish",
            "publishDescription",
            "role",
            "runtime",
            "src",
            "timeout",
            "traffic",
            "type",
            "vpcConfig",
        ];
        let known = || READ.iter().chain(ELSEWHERE).chain(REFUSED).chain(LEFT_ALONE).copied();
        self.inputs
            .keys()
            .filter(|key| !known().any(|known| known == key.as_str()))
            .map(|key| (key.clone(), nearest(key, known())))
            .collect()
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
