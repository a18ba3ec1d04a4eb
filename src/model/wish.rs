//! What a user asks for: aliases, splits, provisioned instances, attributes.

use std::collections::BTreeMap;

use super::{MatchRule, Version, Weight};

/// Routing given by `config=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoutingWish {
    /// Not given.
    Unsaid,
    /// `{"weights":{…}}`; empty sends everything to the main version.
    Weights(Vec<(Version, Weight)>),
    /// `{"matches":[…]}`.
    Matches(Vec<MatchRule>),
}

/// Request of `create-alias` or `update-alias`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasWish {
    /// Name of the alias.
    pub name: String,
    /// The main version.
    pub main: Version,
    /// Weights or rules for other versions.
    pub routing: RoutingWish,
    /// Description; `None` keeps the current one.
    pub description: Option<String>,
    /// Replaces match rules, and overwrites changes by others.
    pub force: bool,
    /// Ends a rollout of the alias (`--end-rollout`).
    pub end_rollout: bool,
}

/// An alias that a deployment routes instead of `$DEFAULT` (`aliasName`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedAlias {
    /// Name of the alias, which is created if it does not exist.
    pub name: String,
    /// How its traffic is split.
    pub sharing: Sharing,
    /// Description; `None` keeps the current one.
    pub description: Option<String>,
}

/// How a named alias splits its traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// As for `$DEFAULT`: `traffic` to `$LATEST`, the rest to the last published version.
    Traffic,
    /// By weights in the file.
    Weights {
        /// Main version; `None` for the one that this run publishes or finds published.
        main: Option<Version>,
        /// The additional version and its weight.
        additional: Option<(Version, Weight)>,
    },
}

/// Wanted number of provisioned instances of a version (`provisionedNum`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedProvision {
    /// Number of instances; 0 for none.
    pub count: u64,
    /// The version (`qualifier`); `None` for the last published one, including the one this run
    /// publishes.
    pub version: Option<Version>,
}

/// Attributes of a function as a whole. `None` keeps the current value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// All tags; others are removed.
    pub tags: Option<BTreeMap<String, String>>,
    /// How long an asynchronous invocation may wait, in seconds.
    pub message_ttl: Option<i64>,
    /// How often a failed asynchronous invocation is retried.
    pub retries: Option<i64>,
}

/// Description that the real component writes if the user gives none.
pub const DEFAULT_DESCRIPTION: &str = "Published by Serverless Component";

/// Maximum length of a description in characters.
pub const DESCRIPTION_LIMIT: usize = 1000;

/// Characters that the publish key adds to a description (`plan::publish::PublishKey`): `, scfctl
/// key ` and 32 digits.
pub const PUBLISH_KEY_LENGTH: usize = 45;
