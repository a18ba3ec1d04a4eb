//! What to do about an alias or a trigger that cannot be set as asked.

use crate::config::function::nearest;
use crate::model::{FunctionId, Version, listed};
use crate::plan::command::PublishVer;
use crate::plan::rollout::machine::Refused;
use crate::plan::{AliasPlanError, TriggerError};
use crate::shell::quoted;

/// What to do about an alias that cannot be set as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AliasHint<'a> {
    /// One additional version.
    #[error(r#"give one: `--inputs config='{{"weights":{{"2":0.1}}}}'`; the main version gets the rest"#)]
    One,
    /// Weights that cannot be kept.
    #[error(
        r#"say the weights anew: `--inputs config='{{"weights":{{"2":0.1}}}}'`, or `--inputs config='{{"weights":{{}}}}'`"#
    )]
    Weights,
    /// Rules that cannot be kept.
    #[error(
        r#"say the rules anew: `--inputs config='{{"matches":[…]}}'`, or to send everything to the main version: `--force --inputs config='{{"weights":{{}}}}'`"#
    )]
    Rules,
    /// Everything to one version.
    #[error(
        r#"to send everything to {version}: `--inputs version={} config='{{"weights":{{}}}}'`"#,
        quoted(&version.to_string())
    )]
    Everything {
        /// The version.
        version: Version,
    },
    /// The same, in place of match rules.
    #[error(
        r#"to send everything to {version}: `--force --inputs version={} config='{{"weights":{{}}}}'`"#,
        quoted(&version.to_string())
    )]
    EverythingForced {
        /// The version.
        version: Version,
    },
    /// The same, in the file.
    #[error("to send everything to {version}, write `additionalVersionWeights: []`")]
    EverythingInFile {
        /// The version.
        version: Version,
    },
    /// Weights in place of rules.
    #[error("replace the rules with --force")]
    Replace,
    /// `traffic` in place of rules.
    #[error("leave `traffic` out, or replace the rules with --force")]
    LeaveTraffic,
    /// A description that is too long.
    #[error("shorten `{key}` by {over} characters")]
    Shorten {
        /// The key that gives it.
        key: &'static str,
        /// Characters over the limit.
        over: usize,
    },
    /// The version that a publication makes.
    #[error("publish it first: `{}`", PublishVer { function })]
    Publish {
        /// Name, namespace and region of the function.
        function: &'a FunctionId,
    },
    /// A version that is not there.
    #[error("name a version that is there")]
    NoVersion,
    /// The same, in the file.
    #[error("correct the version, or publish it first with `--inputs publish=true`")]
    CorrectVersion,
    /// Another name.
    #[error("did you mean `{name}`?")]
    Meant {
        /// The name.
        name: &'a str,
    },
    /// Names that are there.
    #[error("there are {}", listed(existing))]
    Existing {
        /// The names.
        existing: &'a [String],
    },
    /// A rollout has it.
    #[error("end the rollout in the same write with --end-rollout, or see it to its end")]
    EndRollout,
    /// What is not understood has it, perhaps.
    #[error(
        "use the version of this program that wrote it; to go on all the same, leaving it as it is: `--end-rollout`"
    )]
    EndForeign,
    /// Triggers keep it.
    #[error("bind the triggers to another alias first, or delete it all the same with --force")]
    Bound,
    /// One that nobody can reason about.
    #[error("set the alias right in the console first")]
    Console,
}

/// As `create-alias` and `update-alias` have it.
pub(super) fn of<'a>(error: &'a AliasPlanError, function: Option<&'a FunctionId>) -> AliasHint<'a> {
    match error {
        AliasPlanError::SeveralAdditional { .. } => AliasHint::One,
        AliasPlanError::SeveralHeld { .. } => AliasHint::Weights,
        AliasPlanError::SeveralRuled { .. } => AliasHint::Rules,
        AliasPlanError::SameVersion(version) => AliasHint::Everything { version: *version },
        AliasPlanError::RuledVersion { version, .. } => {
            AliasHint::EverythingForced { version: *version }
        }
        AliasPlanError::MatchRules { .. } => AliasHint::Replace,
        AliasPlanError::UnderRollout(refused) => match **refused {
            Refused::Foreign { .. } => AliasHint::EndForeign,
            _ => AliasHint::EndRollout,
        },
        AliasPlanError::Description { over, .. } => {
            AliasHint::Shorten { key: "description", over: *over }
        }
        AliasPlanError::NotPublished { version, existing } => {
            let next = Version::after(existing.iter().copied());
            match function.filter(|_| *version == next) {
                Some(function) => AliasHint::Publish { function },
                None => AliasHint::NoVersion,
            }
        }
    }
}

/// As a deployment has it.
pub(super) fn of_file(error: &AliasPlanError) -> AliasHint<'_> {
    match error {
        AliasPlanError::SameVersion(version) => AliasHint::EverythingInFile { version: *version },
        AliasPlanError::NotPublished { .. } => AliasHint::CorrectVersion,
        AliasPlanError::Description { over, .. } => {
            AliasHint::Shorten { key: "aliasDescription", over: *over }
        }
        AliasPlanError::SeveralAdditional { .. }
        | AliasPlanError::SeveralHeld { .. }
        | AliasPlanError::SeveralRuled { .. }
        | AliasPlanError::RuledVersion { .. }
        | AliasPlanError::MatchRules { .. }
        | AliasPlanError::UnderRollout(_) => of(error, None),
    }
}

/// What to do about a trigger that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TriggerHint<'a> {
    /// There is no alias.
    #[error("create alias `{alias}` first, or correct `qualifier`")]
    CreateAlias {
        /// Name of the alias.
        alias: &'a str,
    },
    /// There are others.
    #[error("its aliases are {}{}", listed(existing), meant_text(*meant))]
    Aliases {
        /// Their names.
        existing: &'a [String],
        /// The one that is most likely meant.
        meant: Option<&'a str>,
    },
    /// Another version is the last.
    #[error("the last published version is {last}; correct `qualifier`")]
    LastVersion {
        /// That version.
        last: Version,
    },
    /// There is no version.
    #[error("no version is published yet; correct `qualifier`")]
    NoVersion,
    /// There is no function.
    #[error(
        "deploy once with `qualifier: $DEFAULT`; once the alias or version is there, name it and deploy again"
    )]
    DeployOnce,
    /// There is no listener.
    #[error(
        "make the listener in the console first, or correct `loadBalanceId`, `protocol` and `port`"
    )]
    Listener,
}

fn meant_text(meant: Option<&str>) -> String {
    meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// What to do about it.
pub(super) fn of_trigger(error: &TriggerError) -> TriggerHint<'_> {
    match error {
        TriggerError::NoAlias { alias, existing, .. } if existing.is_empty() => {
            TriggerHint::CreateAlias { alias }
        }
        TriggerError::NoAlias { alias, existing, .. } => {
            let meant = nearest(alias, existing.iter().map(String::as_str));
            TriggerHint::Aliases { existing, meant }
        }
        TriggerError::NoVersion { last: Some(last), .. } => {
            TriggerHint::LastVersion { last: *last }
        }
        TriggerError::NoVersion { last: None, .. } => TriggerHint::NoVersion,
        TriggerError::NoFunction { .. } => TriggerHint::DeployOnce,
        TriggerError::NoListener { .. } => TriggerHint::Listener,
    }
}
