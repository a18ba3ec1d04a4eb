//! What a user asks for: aliases, shares, provisioned instances, attributes.

use std::collections::BTreeMap;

use super::{MatchRule, Version, Weight};

/// What `config=` says about routing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoutingWish {
    /// Nothing.
    Unsaid,
    /// `{"weights":{…}}`, perhaps empty: everything to the main version.
    Weights(Vec<(Version, Weight)>),
    /// `{"matches":[…]}`.
    Matches(Vec<MatchRule>),
}

/// What `create-alias` and `update-alias` are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasWish {
    /// The alias.
    pub name: String,
    /// The main version.
    pub main: Version,
    /// Where the rest goes.
    pub routing: RoutingWish,
    /// Free text; `None` keeps what is there.
    pub description: Option<String>,
    /// Replace match rules, and what someone else changed meanwhile.
    pub force: bool,
    /// End the rollout that the alias is under (`--end-rollout`).
    pub end_rollout: bool,
}

/// An alias that a deployment routes in place of `$DEFAULT` (`aliasName`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedAlias {
    /// The alias; it is created when it is not there.
    pub name: String,
    /// Who gets which share.
    pub sharing: Sharing,
    /// Free text; `None` keeps what is there.
    pub description: Option<String>,
}

/// How the requests of a named alias are shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// As those of `$DEFAULT`: `traffic` to `$LATEST`, the rest to the last published version.
    Traffic,
    /// As the file says.
    Weights {
        /// Main version; `None` for the one that this run publishes, or finds published.
        main: Option<Version>,
        /// The other version and its share.
        additional: Option<(Version, Weight)>,
    },
}

/// How many instances of a version are to be kept warm (`provisionedNum`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedProvision {
    /// Instances; 0 for none.
    pub count: u64,
    /// The version (`qualifier`); `None` for the last published one, that of this run included.
    pub version: Option<Version>,
}

/// What the file says about the function as a whole. What is not said stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// All tags: others are removed.
    pub tags: Option<BTreeMap<String, String>>,
    /// How long an asynchronous invocation waits to be run, in seconds.
    pub message_ttl: Option<i64>,
    /// How often it is run again after it failed.
    pub retries: Option<i64>,
}

/// What the real component writes when the user gives no description.
pub const DEFAULT_DESCRIPTION: &str = "Published by Serverless Component";

/// The longest description the API takes, in characters.
pub const DESCRIPTION_LIMIT: usize = 1000;

/// The most characters that the key of a publication adds to a description
/// (`plan::publish::PublishKey`): `, scfctl key ` and 32 digits.
pub const PUBLISH_KEY_LENGTH: usize = 45;
