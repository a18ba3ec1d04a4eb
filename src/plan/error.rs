//! Why nothing can be planned.

use super::rollout::refused::Refused;
use crate::model::trigger::{BalancerRule, TriggerTitle};
use crate::model::{
    FunctionKind, MatchRule, Status, Version, Weight, listed, listed_by, listed_versions,
};

/// Why a deployment cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeployPlanError {
    /// The API cannot change a runtime.
    #[error(
        "the function's runtime is {observed}, the file says {wanted}, and the API cannot change it"
    )]
    Runtime {
        /// Of the function.
        observed: String,
        /// Of the file.
        wanted: String,
    },
    /// The API cannot change whether a function is called by events or by HTTP.
    #[error(
        "the function's type is {observed}, the file says {wanted}, and the API cannot change it"
    )]
    Kind {
        /// Of the function.
        observed: FunctionKind,
        /// Of the file.
        wanted: FunctionKind,
    },
    /// The API cannot change the protocol of a web function.
    #[error(
        "the function's protocol is {}, the file says {}, and the API cannot change it",
        protocol_name(observed),
        protocol_name(wanted)
    )]
    Protocol {
        /// Of the function; empty for HTTP.
        observed: String,
        /// Of the file.
        wanted: String,
    },
    /// A function that runs an image stays one: its runtime cannot be changed.
    #[error(
        "the function runs image {0}, the file has code for it, and the API cannot change that"
    )]
    RunsImage(String),
    /// A function that runs code cannot come to run an image, for the same reason.
    #[error("the function runs code, the file names image {0}, and the API cannot change that")]
    RunsCode(String),
    /// The function is in a state that no deployment gets out of.
    #[error("the function's status is {0}")]
    Status(Status),
    /// Weights and match rules exclude each other.
    #[error(
        "alias `{alias}` routes by match rules ({}), which weights would replace",
        described(rules)
    )]
    MatchRules {
        /// Name of the alias.
        alias: String,
        /// The rules.
        rules: Vec<MatchRule>,
    },
    /// Nobody is left to serve what `traffic` leaves.
    #[error(
        "{} of alias `{alias}` would go to version {version}, which was rolled back, and no other version can take it",
        rest.percent()
    )]
    RolledBack {
        /// Name of the alias.
        alias: String,
        /// The last published version.
        version: Version,
        /// What it would get.
        rest: Weight,
    },
    /// The routing that the file names, or the version, is not possible.
    #[error(transparent)]
    Alias(AliasPlanError),
    /// A trigger that cannot be made.
    #[error(transparent)]
    Trigger(#[from] TriggerError),
}

fn protocol_name(protocol: &str) -> &str {
    if protocol.is_empty() { "HTTP" } else { protocol }
}

/// Why an alias cannot be set as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AliasPlanError {
    /// The API takes one additional version.
    #[error("{} additional versions are given ({}), and the API takes one", versions.len(), listed(versions))]
    SeveralAdditional {
        /// Those versions.
        versions: Vec<Version>,
    },
    /// Weights of an alias that holds several additional versions cannot be kept.
    #[error(
        "alias `{alias}` shares between several additional versions ({}), and the API takes one",
        listed(versions)
    )]
    SeveralHeld {
        /// Name of the alias.
        alias: String,
        /// Its additional versions.
        versions: Vec<Version>,
    },
    /// A rollout is under way.
    #[error(transparent)]
    UnderRollout(Box<Refused>),
    /// Match rules of an alias that name several versions cannot be kept.
    #[error(
        "match rules of alias `{alias}` send requests to several versions ({}), and the API \
         takes one",
        described(rules)
    )]
    SeveralRuled {
        /// Name of the alias.
        alias: String,
        /// The rules.
        rules: Vec<MatchRule>,
    },
    /// The additional version is the main one.
    #[error("version {0} is the main version and the additional one")]
    SameVersion(Version),
    /// Match rules that are to stay name the version that is to become the main one.
    #[error(
        "match rules of alias `{alias}` send requests to version {version} ({}), which \
         therefore cannot become its main version",
        described(rules)
    )]
    RuledVersion {
        /// Name of the alias.
        alias: String,
        /// That version.
        version: Version,
        /// The rules.
        rules: Vec<MatchRule>,
    },
    /// Weights would replace match rules.
    #[error(
        "alias `{alias}` routes by match rules ({}), which weights would replace",
        described(rules)
    )]
    MatchRules {
        /// Name of the alias.
        alias: String,
        /// The rules.
        rules: Vec<MatchRule>,
    },
    /// The description does not fit in front of what is kept behind it.
    #[error(
        "the description of alias `{alias}` is {over} characters too long for what scfctl keeps behind it"
    )]
    Description {
        /// Name of the alias.
        alias: String,
        /// Characters over the limit.
        over: usize,
    },
    /// A version that is not there.
    #[error("version {version} is not published; there {}", existing_versions(existing))]
    NotPublished {
        /// The version asked for.
        version: Version,
        /// The versions that are.
        existing: Vec<Version>,
    },
}

fn existing_versions(existing: &[Version]) -> String {
    match existing {
        [] => "is only $LATEST".to_owned(),
        // Cut with a count, which has to stand last.
        existing if existing.len() > 10 => format!("are $LATEST, {}", listed_versions(existing)),
        existing => format!("are {} and $LATEST", listed_versions(existing)),
    }
}

/// A trigger that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// No such alias.
    #[error("{trigger} names alias `{alias}`, which the function does not have")]
    NoAlias {
        /// Trigger.
        trigger: TriggerTitle,
        /// Name of the alias.
        alias: String,
        /// The aliases that exist; empty where they could not be listed.
        existing: Vec<String>,
    },
    /// No such version.
    #[error("{trigger} names version {version}, which the function does not have")]
    NoVersion {
        /// Trigger.
        trigger: TriggerTitle,
        /// Version.
        version: Version,
        /// The last published one.
        last: Option<Version>,
    },
    /// The function is only about to be created.
    #[error("{trigger} names `{qualifier}`, and the function does not exist yet")]
    NoFunction {
        /// Trigger.
        trigger: TriggerTitle,
        /// Alias or version.
        qualifier: String,
    },
    /// The load balancer does not listen there.
    #[error("load balancer `{}` has no {} listener on port {}", rule.balancer, rule.protocol, rule.port)]
    NoListener {
        /// The rule that was to be made there.
        rule: BalancerRule,
    },
}

/// Match rules in a message.
fn described(rules: &[MatchRule]) -> String {
    let rule = |rule: &MatchRule| {
        format!("{} {} {} to {}", rule.key, rule.method, rule.expression, rule.version)
    };
    listed_by("; ", &rules.iter().map(rule).collect::<Vec<_>>())
}
