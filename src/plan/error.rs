//! Reasons why a plan cannot be made.

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
        /// The function's runtime.
        observed: String,
        /// The runtime in the file.
        wanted: String,
    },
    /// The API cannot change whether a function is called by events or by HTTP.
    #[error(
        "the function's type is {observed}, the file says {wanted}, and the API cannot change it"
    )]
    Kind {
        /// The function's type.
        observed: FunctionKind,
        /// The type in the file.
        wanted: FunctionKind,
    },
    /// The API cannot change the protocol of a web function.
    #[error(
        "the function's protocol is {}, the file says {}, and the API cannot change it",
        protocol_name(observed),
        protocol_name(wanted)
    )]
    Protocol {
        /// The function's protocol; empty for HTTP.
        observed: String,
        /// The protocol in the file.
        wanted: String,
    },
    /// A function that runs an image cannot switch to code, as its runtime cannot be changed.
    #[error(
        "the function runs image {0}, the file has code for it, and the API cannot change that"
    )]
    RunsImage(String),
    /// A function that runs code cannot switch to an image, for the same reason.
    #[error("the function runs code, the file names image {0}, and the API cannot change that")]
    RunsCode(String),
    /// The function is in a status that no deployment can leave.
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
    /// No version can serve what `traffic` leaves of the alias.
    #[error(
        "{} of alias `{alias}` would go to version {version}, which was rolled back, and no other version can take it",
        rest.percent()
    )]
    RolledBack {
        /// Name of the alias.
        alias: String,
        /// The last published version.
        version: Version,
        /// The share that it would get.
        rest: Weight,
    },
    /// The routing or version that the file names is not possible.
    #[error(transparent)]
    Alias(AliasPlanError),
    /// A trigger cannot be created.
    #[error(transparent)]
    Trigger(#[from] TriggerError),
}

fn protocol_name(protocol: &str) -> &str {
    if protocol.is_empty() { "HTTP" } else { protocol }
}

/// Why an alias cannot be changed as requested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AliasPlanError {
    /// The API accepts only one additional version.
    #[error("{} additional versions are given ({}), and the API takes one", versions.len(), listed(versions))]
    SeveralAdditional {
        /// Those versions.
        versions: Vec<Version>,
    },
    /// The weights of an alias with several additional versions cannot be kept.
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
    /// Match rules that name several versions cannot be kept.
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
    /// Match rules to be kept name the version that is to become the main one.
    #[error(
        "match rules of alias `{alias}` send requests to version {version} ({}), which \
         therefore cannot become its main version",
        described(rules)
    )]
    RuledVersion {
        /// Name of the alias.
        alias: String,
        /// The version that was to become the main one.
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
    /// The description is too long to fit in front of scfctl's marker.
    #[error(
        "the description of alias `{alias}` is {over} characters too long for what scfctl keeps behind it"
    )]
    Description {
        /// Name of the alias.
        alias: String,
        /// Characters over the limit.
        over: usize,
    },
    /// The version is not published.
    #[error("version {version} is not published; there {}", existing_versions(existing))]
    NotPublished {
        /// The version asked for.
        version: Version,
        /// All published versions.
        existing: Vec<Version>,
    },
}

fn existing_versions(existing: &[Version]) -> String {
    match existing {
        [] => "is only $LATEST".to_owned(),
        // A shortened list ends with a count, so it has to come last.
        existing if existing.len() > 10 => format!("are $LATEST, {}", listed_versions(existing)),
        existing => format!("are {} and $LATEST", listed_versions(existing)),
    }
}

/// Why a trigger cannot be created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// The trigger names an alias that does not exist.
    #[error("{trigger} names alias `{alias}`, which the function does not have")]
    NoAlias {
        /// The trigger.
        trigger: TriggerTitle,
        /// Name of the alias.
        alias: String,
        /// The aliases that exist; empty when they could not be listed.
        existing: Vec<String>,
    },
    /// The trigger names a version that does not exist.
    #[error("{trigger} names version {version}, which the function does not have")]
    NoVersion {
        /// The trigger.
        trigger: TriggerTitle,
        /// The missing version.
        version: Version,
        /// The last published version, if any.
        last: Option<Version>,
    },
    /// The function does not exist yet, so neither does the qualifier.
    #[error("{trigger} names `{qualifier}`, and the function does not exist yet")]
    NoFunction {
        /// The trigger.
        trigger: TriggerTitle,
        /// The alias or version that it names.
        qualifier: String,
    },
    /// The load balancer has no listener on that protocol and port.
    #[error("load balancer `{}` has no {} listener on port {}", rule.balancer, rule.protocol, rule.port)]
    NoListener {
        /// The rule that was to be created there.
        rule: BalancerRule,
    },
}

/// Formats match rules for an error message.
fn described(rules: &[MatchRule]) -> String {
    let rule = |rule: &MatchRule| {
        format!("{} {} {} to {}", rule.key, rule.method, rule.expression, rule.version)
    };
    listed_by("; ", &rules.iter().map(rule).collect::<Vec<_>>())
}
