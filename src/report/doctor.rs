//! What `doctor` reports: what was looked at, and what to do about it.

use std::fmt;

use serde::Serialize;

use super::Said;
use super::said::shown_in;
use crate::error::ExitCode;
use crate::text::Language;

/// Everything that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Doctor {
    /// Each check, in order.
    pub checks: Vec<Check>,
    /// How many of them failed.
    pub failures: usize,
    /// How many are worth a look.
    pub warnings: usize,
    /// How the process exits.
    #[serde(skip)]
    pub code: ExitCode,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Check {
    /// What it is about.
    pub subject: Subject,
    /// How it ended.
    pub status: CheckStatus,
    /// What was found.
    pub message: Said,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<Said>,
}

impl Doctor {
    /// The same with its texts in a language.
    #[must_use]
    pub fn shown(&self, language: Language) -> Self {
        shown_in(self, language, |doctor| {
            for check in &mut doctor.checks {
                check.message.speak_chinese();
                check.advice.iter_mut().for_each(Said::speak_chinese);
            }
        })
    }
}

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Subject {
    /// serverless.yml and what is typed.
    #[error("configuration")]
    Configuration,
    /// The region.
    #[error("region")]
    Region,
    /// The keys.
    #[error("credentials")]
    Credentials,
    /// Files that hold keys.
    #[error("secrets")]
    Secrets,
    /// The way through a proxy.
    #[error("proxy")]
    Proxy,
    /// The address of the API's host.
    #[error("DNS")]
    Dns,
    /// Encryption, and whether an answer comes.
    #[error("connection")]
    Connection,
    /// The local clock.
    #[error("clock")]
    Clock,
    /// What the keys may do.
    #[error("permissions")]
    Permissions,
    /// What there is against what there may be.
    #[error("limits")]
    Limits,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum CheckStatus {
    /// All is well.
    #[error("ok")]
    Ok,
    /// Worth a look.
    #[error("warning")]
    Warning,
    /// Commands will fail.
    #[error("failed")]
    Failed,
    /// Not looked at, since something before it failed.
    #[error("skipped")]
    Skipped,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckFinding {
    /// A project.
    Project {
        /// Its file.
        file: String,
        /// The function.
        function: Option<String>,
        /// Stage.
        stage: String,
    },
    /// No file.
    NoProject,
    /// Folders of functions, each with a file.
    Folders(usize),
    /// A region that the service lists.
    Region(String),
    /// No keys are needed.
    NoKeysNeeded,
    /// A pair of keys.
    Keys {
        /// Where they are from.
        place: Said,
        /// The SecretId, but for its ends hidden.
        id: String,
        /// Whether they end.
        temporary: bool,
    },
    /// A role.
    Role {
        /// What takes it.
        place: Said,
        /// The role.
        arn: String,
    },
    /// The role of the machine.
    Machine,
    /// None but perhaps the role of the machine, which was not asked for.
    NoKeys,
    /// No such file.
    NoDotEnv,
    /// A file that the user alone can read.
    Private(String),
    /// A file that others can read.
    Readable {
        /// The file.
        file: String,
        /// Its permissions, as `chmod` has them.
        mode: u32,
    },
    /// A file that git tracks.
    Tracked(String),
    /// A file that git tracks or not.
    PerhapsTracked(String),
    /// No proxy on the way.
    NoProxy,
    /// A proxy on the way.
    ThroughProxy(&'static str),
    /// A host has addresses.
    Resolved {
        /// The host.
        host: String,
        /// Its addresses.
        addresses: Vec<String>,
    },
    /// A host has none.
    Unresolved {
        /// The host.
        host: String,
        /// Why; `None` when no answer came in time.
        reason: Option<String>,
    },
    /// The proxy resolves it.
    ResolvedByProxy(String),
    /// It answers, encrypted.
    Encrypted(String),
    /// It answers, on this machine.
    OnThisMachine(String),
    /// It answers, readable for everyone on the way.
    Plain(String),
    /// The clock is right to the second or nearly so.
    ClockRight(i64),
    /// The clock is off by so many seconds.
    ClockOff(i64),
    /// Calls that are allowed.
    Allowed(Vec<&'static str>),
    /// A call that is not.
    Denied {
        /// The permission.
        permission: &'static str,
        /// What was answered.
        why: Said,
    },
    /// The function is not there yet.
    NoFunction(String),
    /// No function is named.
    NoFunctionNamed,
    /// What a function has.
    Counts {
        /// Published versions.
        versions: usize,
        /// Aliases.
        aliases: usize,
    },
    /// What a namespace has and may have.
    Functions {
        /// The namespace.
        namespace: String,
        /// Functions that there are.
        used: i64,
        /// Functions that there may be.
        limit: i64,
    },
    /// Something before it failed.
    NotTried,
}

impl fmt::Display for CheckFinding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project { file, function: Some(function), stage } => {
                write!(formatter, "{file}: function `{function}`, stage `{stage}`")
            }
            Self::Project { file, function: None, stage } => {
                write!(formatter, "{file}: stage `{stage}`")
            }
            Self::NoProject => formatter.write_str("no serverless.yml here: checks of a project are left out; --function names a function"),
            Self::Folders(count) => write!(formatter, "a project of {count} folders: one is looked at by --target"),
            Self::Region(region) => write!(formatter, "{region}"),
            Self::NoKeysNeeded => formatter.write_str("none needed by the SCF inside this program"),
            Self::Keys { place, id, temporary } => {
                let kind = if *temporary { ", temporary" } else { "" };
                write!(formatter, "{place}: SecretId {id}{kind}")
            }
            Self::Role { place, arn } => write!(formatter, "{place}: role {arn}"),
            Self::NoKeys => formatter.write_str("none found; whether this machine has a role was not asked"),
            Self::Machine => formatter.write_str("the role of this machine"),
            Self::NoDotEnv => formatter.write_str("no .env is read"),
            Self::Private(file) => write!(formatter, "{file}: readable by its owner alone"),
            Self::Readable { file, mode } => {
                write!(formatter, "{file}: others can read it (mode {mode:03o})")
            }
            Self::Tracked(file) => write!(formatter, "{file}: git tracks it, and whoever has the repository has the keys"),
            Self::PerhapsTracked(file) => write!(formatter, "{file}: whether git tracks it could not be looked at"),
            Self::NoProxy => formatter.write_str("none"),
            Self::ThroughProxy(variable) => write!(formatter, "the one that {variable} names"),
            Self::Resolved { host, addresses } => write!(formatter, "{host} is {}", addresses.join(", ")),
            Self::Unresolved { host, reason: Some(reason) } => write!(formatter, "{host} has no address: {reason}"),
            Self::Unresolved { host, reason: None } => write!(formatter, "no answer about {host}"),
            Self::ResolvedByProxy(host) => write!(formatter, "{host} is looked up by the proxy"),
            Self::Encrypted(host) => write!(formatter, "{host} answers; its certificate is accepted"),
            Self::OnThisMachine(endpoint) => write!(formatter, "{endpoint} answers, on this machine"),
            Self::Plain(endpoint) => write!(formatter, "{endpoint} answers, without encryption"),
            Self::ClockRight(seconds) => write!(formatter, "right to {seconds} s"),
            Self::ClockOff(seconds) => {
                let way = if *seconds > 0 { "slow" } else { "fast" };
                write!(formatter, "{} s {way}; calls are signed with the time of the service", seconds.abs())
            }
            Self::Allowed(permissions) => formatter.write_str(&permissions.join(", ")),
            Self::Denied { permission, why } => write!(formatter, "{permission}: {why}"),
            Self::NoFunction(function) => write!(formatter, "function `{function}` is not there yet; what it needs was not tried"),
            Self::NoFunctionNamed => formatter.write_str("no function is named; what one needs was not tried"),
            Self::Counts { versions, aliases } => write!(formatter, "{versions} published versions, {aliases} aliases; the API names no limit"),
            Self::Functions { namespace, used, limit } => write!(formatter, "{used} of {limit} functions in namespace `{namespace}`"),
            Self::NotTried => formatter.write_str("not tried"),
        }
    }
}

/// Folder that `git` is to work in, as a word of a shell; `None` for the working directory, which
/// may lie above the repository of a file below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitFolder(pub Option<String>);

impl fmt::Display for GitFolder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |folder| write!(formatter, "-C {folder} "))
    }
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckAdvice {
    /// Make a file private.
    #[error("`chmod 600 {0}`")]
    MakePrivate(String),
    /// Take a file out of git.
    #[error("`git {0}rm --cached {1}`, name it in .gitignore, and replace the keys")]
    Untrack(GitFolder, String),
    /// Ask git.
    #[error("`git {0}ls-files {1}` names it where git tracks it")]
    AskGit(GitFolder, String),
    /// Name another region.
    #[error("correct `region` in serverless.yml, --region or TENCENTCLOUD_REGION")]
    Region,
    /// Look at one of several folders.
    #[error("`scfctl doctor --target {0}`")]
    Target(String),
    /// Set the clock.
    #[error("set the clock, by NTP for one")]
    SetClock,
    /// Look at the name service.
    #[error("look at the network and its name servers, or name another address with --endpoint")]
    NameServers,
    /// Grant a permission.
    #[error("allow {0} in the policy of the user or role")]
    Grant(&'static str),
    /// Deploy.
    #[error("`scfctl deploy` creates it")]
    Deploy,
    /// Look at what is named.
    #[error("look at its name, namespace and region; serverless.yml makes no such function")]
    Place,
    /// Set keys.
    #[error("set TENCENT_SECRET_ID and TENCENT_SECRET_KEY, or see `scfctl help credentials`")]
    Keys,
    /// Use TLS.
    #[error("leave --insecure-http out where more than a test is at stake")]
    Encrypt,
    /// Ask for more.
    #[error("delete what nobody uses, or ask for a higher quota")]
    Quota,
}
