//! What to do about a call that failed.

use std::time::Duration;

use crate::model::FunctionId;
use crate::plan::command::of_function;

/// What to do about a call of the API that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServiceHint<'a> {
    /// The clocks, or the time that the call took.
    #[error("{0}")]
    Clock(ClockHint),
    /// No connection.
    #[error("check the network, the proxy variables and --endpoint; this call was not sent")]
    Network,
    /// No answer that could be used.
    #[error("run the same command again; it looks before it repeats anything")]
    LooksBefore,
    /// A call of the function whose answer is not known.
    #[error("the function may have run; another call runs it once more")]
    MayHaveRun,
    /// The proxy wants to know who it is.
    #[error(
        "the proxy wants a user and a password: write them into its variable, http://USER:PASSWORD@HOST:PORT"
    )]
    ProxyPassword,
    /// Something else answered.
    #[error("something between here and the API answered; check --endpoint and the proxy")]
    Between,
    /// More time.
    #[error("run the same command again, with a longer --timeout if needed")]
    Longer,
    /// The trusted certificates cannot be read.
    #[error(
        "SSL_CERT_FILE names the file of the certificates that are trusted; without it, those of the system count"
    )]
    Certificates,
    /// A role that cannot be taken.
    #[error("check the role, who may take it, and the keys or the token that ask for it")]
    Role,
    /// A machine without a role.
    #[error("give the machine a role in the console, or take keys from another place")]
    MachineRole,
    /// A file of keys.
    #[error("check the file, and run the same command again")]
    KeysFile,
    /// A login that is over.
    #[error(
        "any tccli command renews a login that it can renew; else log in again: tccli auth login, tccli sso login"
    )]
    Login,
    /// Keys that were renewed and refused.
    #[error(
        "the keys from {from} are new and refused all the same; try again, and look at the role if it stays"
    )]
    TokenRefused {
        /// The place of the keys.
        from: &'a str,
    },
    /// Keys that are over.
    #[error(
        "the temporary credentials from {from} have ended, or id, key and token do not belong together; put new \
         ones there and run the same command again"
    )]
    TokenEnded {
        /// The place of the keys.
        from: &'a str,
    },
    /// `AuthFailure.SecretIdNotFound`.
    #[error(
        "the SecretId does not exist, is disabled, or belongs to the other site (mainland/international)"
    )]
    SecretId,
    /// `AuthFailure.InvalidSecretId`.
    #[error("this is not a key of the cloud API; create one in the console")]
    OtherKey,
    /// `AuthFailure.SignatureFailure`.
    #[error(
        "the SecretKey is wrong (often a blank at its end, or a value cut at `=`), or a proxy changes headers"
    )]
    SecretKey,
    /// `AuthFailure.MFAFailure`.
    #[error("the operation wants multi-factor confirmation; use another key")]
    MultiFactor,
    /// `UnsupportedRegion`.
    #[error("set `region` to one that offers SCF, for example ap-guangzhou")]
    Region,
    /// Not the API.
    #[error("this endpoint does not serve the SCF API; check --endpoint")]
    OtherService,
    /// `ResourceNotFound.Namespace`.
    #[error("create the namespace first, or correct `namespace`")]
    Namespace,
    /// No such role.
    #[error("authorise the service in the SCF console, or correct `role`")]
    ServiceRole,
    /// The service may not read the bucket.
    #[error(
        "let the service read the bucket: authorise SCF_QcsRole (QcloudAccessForScfRole) in the SCF console"
    )]
    BucketRole,
    /// `InvalidParameterValue.FunctionName`.
    #[error("the function's name is wrong, or unknown in this place")]
    FunctionName,
    /// A right is missing.
    #[error("the key lacks a right: allow {} on the function, or use another key", right(action))]
    Right {
        /// Action, as the API spells it.
        action: &'a str,
    },
    /// `InvalidParameterValue.Handler`.
    #[error("correct `handler`: file and function, for example `index.main_handler`")]
    Handler,
    /// A quota.
    #[error("it is a quota of the account: ask for less, or have it raised in the console")]
    Quota,
    /// The quota of versions.
    #[error(
        "delete versions that nothing uses; this one shows which: `{}`",
        of_function(PRUNE, function)
    )]
    TooManyVersions {
        /// Name, namespace and region of the function.
        function: &'a FunctionId,
    },
    /// A version or alias that the function does not have.
    #[error("versions and aliases that are there: `{}`", of_function("status", function))]
    Qualifiers {
        /// Name, namespace and region of the function.
        function: &'a FunctionId,
    },
    /// It may be elsewhere.
    #[error(
        "looked in {}, namespace `{}`; set `region` or `namespace` if it is elsewhere",
        function.region, function.namespace
    )]
    Elsewhere {
        /// Where it was looked for.
        function: &'a FunctionId,
    },
    /// Too many calls.
    #[error("the account's rate limit is used up; try again later")]
    Throttled,
    /// The platform.
    #[error("the platform has trouble; try again, and report the request id if it stays")]
    Platform,
    /// Publishing needs a function whose last change went well.
    #[error(
        "when the function's last change or publication failed, `scfctl deploy` mends it; else another operation \
         may be running: try again"
    )]
    LastChange,
    /// Another operation.
    #[error("another operation may be running on the function; try again")]
    Busy,
    /// Content that is published already.
    #[error("the service may not publish unchanged content again; --if-changed skips it")]
    Unchanged,
    /// An alias that is there already.
    #[error("it exists with other content; change it with update-alias")]
    AliasExists,
}

impl ServiceHint<'_> {
    /// Whether it says to run the same command again.
    pub(super) fn runs_again(&self) -> bool {
        matches!(
            self,
            Self::LooksBefore
                | Self::Longer
                | Self::KeysFile
                | Self::TokenEnded { .. }
                | Self::Clock(ClockHint::KeysEnded)
        )
    }
}

/// What to do about a call whose time is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockHint {
    /// The clocks differ.
    #[error("set this machine's clock (NTP) and try again")]
    Set,
    /// The request was under way for too long.
    #[error(
        "signatures hold for five minutes, and this request of {}.{} MB took {} s: {SLOW}",
        size / 1_000_000, size / 100_000 % 10, took.as_secs()
    )]
    Slow {
        /// Bytes of the request.
        size: usize,
        /// How long it took.
        took: Duration,
    },
    /// Temporary keys.
    #[error("the temporary keys may have ended: get new ones and run the same command again")]
    KeysEnded,
    /// Either of them.
    #[error(
        "{}: either the request was under way for more than five minutes ({SLOW}), or temporary keys have ended (get \
         new ones)",
        of_clocks(*apart)
    )]
    Unclear {
        /// So many seconds are between both clocks, where that is known.
        apart: Option<u64>,
    },
}

/// Shows what of the versions can go.
pub(crate) const PRUNE: &str = "versions prune --keep 5 --dry-run";

impl ClockHint {
    /// Seconds that clocks may be apart and agree: an answer is under way for as long.
    pub const SAME_TIME: u64 = 5;
}

fn of_clocks(apart: Option<u64>) -> String {
    match apart {
        None => "compare this machine's clock with a right one; if it is right".to_owned(),
        Some(..=ClockHint::SAME_TIME) => "both clocks agree".to_owned(),
        Some(apart) => format!("both clocks are {apart} s apart, which is not too much"),
    }
}

const SLOW: &str =
    "send the package through COS, with `src.bucket` naming a bucket, or use a faster line";

/// What to do about a request to COS that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StorageHint {
    /// `NoSuchBucket`.
    #[error("create the bucket in the function's region, or leave `src.bucket` out")]
    NoBucket,
    /// `TooManyBuckets`.
    #[error("name a bucket that is there with `src: {{bucket: …}}`")]
    TooManyBuckets,
    /// `InvalidBucketName`.
    #[error("check TENCENT_APP_ID: names of buckets end in the account's number")]
    BucketName,
    /// `RequestTimeTooSkewed`.
    #[error(
        "where the clocks differed, the storage's time was taken already: try again, over a faster line if this one \
         is slow, and look at this machine's clock if it stays"
    )]
    Clock,
    /// `SignatureDoesNotMatch`.
    #[error("the SecretKey is wrong, or a proxy changes headers")]
    SecretKey,
    /// `InvalidAccessKeyId`.
    #[error("the SecretId does not exist or is disabled")]
    SecretId,
    /// `ExpiredToken`.
    #[error("the temporary credentials have expired; log in again")]
    Token,
    /// The bucket answers from elsewhere.
    #[error("the bucket is in another region; name one of the function's region")]
    Region,
    /// A right is missing.
    #[error(
        "the key lacks a right: allow name/cos:PutBucket, PutBucketLifecycle, HeadObject, PutObject and those of \
         multipart uploads, or name a bucket that it may use with `src: {{bucket: …}}`"
    )]
    Right,
    /// Something was not there.
    #[error("run the same command again")]
    Again,
    /// The storage.
    #[error("the storage has trouble; try again later")]
    Trouble,
    /// No connection.
    #[error("check the network and the proxy variables; SCFCTL_COS_ENDPOINT names another address")]
    Network,
    /// No answer that could be used.
    #[error("run the same command again; parts that were stored are removed")]
    PartsRemoved,
    /// More time.
    #[error("run the same command again, with a longer --timeout if needed")]
    Longer,
}

impl StorageHint {
    /// Whether it says to run the same command again.
    pub(super) fn runs_again(self) -> bool {
        matches!(self, Self::Again | Self::PartsRemoved | Self::Longer)
    }
}

/// The right that an action of a function asks for.
pub(crate) fn right(action: &str) -> String {
    let product = if action == "GetMonitorData" { "monitor" } else { "scf" };
    format!("{product}:{action}")
}
