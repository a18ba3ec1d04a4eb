//! What to do about a deployment, or another command, that stopped.

use crate::model::{FunctionId, FunctionKind, Version};

/// What to do about a command that stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunHint<'a> {
    /// What is deployed stays.
    #[error("what is deployed stays; the same command goes on with the rest")]
    GoesOn,
    /// Nothing is lost.
    #[error("run the same command again to continue")]
    Continue,
    /// Another try.
    #[error("run the same command again")]
    Again,
    /// Another try, with more time.
    #[error("it may still finish; run the same command again, with a longer --timeout if needed")]
    MayFinish,
    /// Another plan.
    #[error("run the same command again to decide on what is there now")]
    Decide,
    /// Others are still to be removed.
    #[error("what is removed stays so; the same command again removes the rest")]
    RemovesRest,
    /// A version that something uses.
    #[error("route the alias to another version, or remove what uses it, first")]
    TakeOutOfUse,
    /// Another version.
    #[error("no traffic was moved to it; run the same command again to publish what you mean")]
    PublishAgain,
    /// A version instead of `$LATEST`.
    #[error("roll out a published version: `--publish`, with an alias of your own")]
    CodeUntold,
    /// Another look at an alias.
    #[error("look at the alias, then run the same command again")]
    LookAtAlias,
    /// Another look at versions.
    #[error(
        "it may show up in a moment: look with `scfctl list-ver` before anything is published again"
    )]
    LookAtVersions,
    /// Another look at the function.
    #[error("look at the function, then run the same command again")]
    LookAtFunctionFirst,
    /// Another look at triggers.
    #[error("look at the triggers, then run the same command again")]
    LookAtTriggers,
    /// The function is there now.
    #[error("run the same command again to update it")]
    Update,
    /// The runtime stays.
    #[error(
        "write `runtime: {runtime}`, or deploy under another name, or delete the function first"
    )]
    Runtime {
        /// Of the function.
        runtime: &'a str,
    },
    /// The type stays.
    #[error("write `type: {kind}`, or deploy under another name, or delete the function first")]
    Kind {
        /// Of the function.
        kind: FunctionKind,
    },
    /// The protocol stays.
    #[error(
        "leave `protocolType` as it was, or deploy under another name, or delete the function first"
    )]
    Protocol,
    /// An image is no code.
    #[error("deploy under another name and move the triggers there, or delete the function first")]
    OtherName,
    /// A status that no deployment gets out of.
    #[error("look at the function in the console; a failed deletion has to be repeated there")]
    LookAtFunction,
    /// A version was rolled back.
    #[error(
        "add `--inputs publish=true` to publish what is to serve, or first put version {version} back with update-alias"
    )]
    RolledBack {
        /// The version.
        version: Version,
    },
    /// A function of another name is there.
    #[error("did you mean `{name}`? Looked in {}, namespace `{}`", function.region, function.namespace)]
    MeantFunction {
        /// Its name.
        name: &'a str,
        /// The one that is missing.
        function: &'a FunctionId,
    },
    /// The function may be elsewhere.
    #[error(
        "looked in {}, namespace `{}`; set `region` or `namespace`, or deploy it first",
        function.region, function.namespace
    )]
    NoFunction {
        /// The one that is missing.
        function: &'a FunctionId,
    },
    /// The account's number.
    #[error("set TENCENT_APP_ID to the ten digits that the console shows for the account")]
    AppId,
    /// Creation failed.
    #[error("the function was not created; correct the cause and deploy again")]
    NotCreated,
    /// Deletion failed.
    #[error("the function was not deleted; delete it in the console")]
    NotDeleted,
    /// Publication failed.
    #[error("no version was published; versions published before are unaffected")]
    NotPublished,
    /// An update failed.
    #[error("$LATEST keeps serving its previous content; correct the cause and deploy again")]
    NotUpdated,
    /// There is no room for provisioned instances.
    #[error(
        "lower `provisionedNum`, or free what other versions have provisioned, and deploy again"
    )]
    Provision,
}

impl RunHint<'_> {
    /// Whether it says to run the same command again.
    pub(super) fn runs_again(&self) -> bool {
        match self {
            Self::GoesOn
            | Self::RemovesRest
            | Self::Continue
            | Self::Again
            | Self::MayFinish
            | Self::Decide
            | Self::PublishAgain
            | Self::LookAtAlias
            | Self::LookAtTriggers
            | Self::LookAtFunctionFirst
            | Self::Update => true,
            Self::Runtime { .. }
            | Self::Kind { .. }
            | Self::Protocol
            | Self::CodeUntold
            | Self::OtherName
            | Self::LookAtFunction
            | Self::LookAtVersions
            | Self::TakeOutOfUse
            | Self::RolledBack { .. }
            | Self::MeantFunction { .. }
            | Self::NoFunction { .. }
            | Self::AppId
            | Self::NotCreated
            | Self::NotDeleted
            | Self::NotPublished
            | Self::NotUpdated
            | Self::Provision => false,
        }
    }
}
