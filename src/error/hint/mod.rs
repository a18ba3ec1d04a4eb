//! What to do about an error, where there is something to say.
//!
//! A hint is a value, made of an error in one place; each language says it in its own words.

mod alias;
mod found;
mod package;
mod run;
mod service;

use std::fmt;
use std::io::ErrorKind;

use super::{InitHint, InvokeHint, LogsHint, RolloutHint, RunName, SavedHint, SplitHint};
use crate::api::EndpointError;
use crate::config::credentials::{CredentialsError, KeyPart};
use crate::config::input_error::Advice;
use crate::config::project::ConfigHint;
use crate::error::InputsError;
use crate::error::arguments::ArgumentsError;
use crate::error::function_code::CodeError;
use crate::error::options::OptionsError;
use crate::error::project::ProjectError;
use crate::error::values::ValuesError;
use crate::local::StartError;
use crate::network::{CertificateProblem, ProxyError};
use crate::package::HookError;
pub use alias::{AliasHint, TriggerHint};
pub use package::PackageHint;
pub(crate) use package::quoted_path;
pub use run::RunHint;
pub use service::{ClockHint, ServiceHint, StorageHint};
pub(crate) use service::{PRUNE, right};

/// What to do about an error.
#[derive(Debug)]
pub enum Hint<'a> {
    /// About the command line.
    Arguments(&'a ArgumentsError),
    /// About `--inputs`.
    Inputs(&'a InputsError),
    /// About values for `${output:…}`.
    Values(&'a ValuesError),
    /// About a project.
    Project(&'a ProjectError),
    /// About code that cannot start.
    Code(&'a CodeError),
    /// About options.
    Options(&'a OptionsError),
    /// About serverless.yml.
    Config(ConfigHint),
    /// About a key of `inputs`.
    Input(&'a Advice),
    /// About keys.
    Credentials(&'a CredentialsError),
    /// About an address.
    Endpoint(&'a EndpointError),
    /// About a proxy's address.
    Proxy(&'a ProxyError),
    /// About `src.hook`.
    Hook(&'a HookError),
    /// About the local SCF.
    Local(&'a StartError),
    /// About the package.
    Package(PackageHint<'a>),
    /// About an alias.
    Alias(AliasHint<'a>),
    /// About a trigger.
    Trigger(TriggerHint<'a>),
    /// About a deployment.
    Run(RunHint<'a>),
    /// About a refused certificate.
    Certificate(&'a CertificateProblem),
    /// About a connection through a proxy that does not come about.
    ThroughProxy {
        /// The variable that names the proxy.
        variable: &'a str,
    },
    /// About a call of the API.
    Service(ServiceHint<'a>),
    /// About a request to COS.
    Storage(StorageHint),
    /// About a rollout.
    Rollout(RolloutHint),
    /// About an invocation.
    Invoke(InvokeHint),
    /// About `init`.
    Init(InitHint),
    /// About logs.
    Logs(LogsHint),
    /// About the split of an alias.
    Split(SplitHint),
    /// About a saved plan.
    Saved(SavedHint<'a>),
    /// The same command publishes nothing twice under the name of its run.
    OfRun {
        /// What to do besides.
        hint: Option<Box<Hint<'a>>>,
        /// The name.
        run: &'a RunName,
    },
    /// The same command goes on where this one stopped, once something is done besides.
    GoesOn(Option<Box<Hint<'a>>>),
}

impl Hint<'_> {
    /// Whether it says to run the same command again.
    #[must_use]
    pub fn runs_again(&self) -> bool {
        match self {
            Self::Run(hint) => hint.runs_again(),
            Self::Service(hint) => hint.runs_again(),
            Self::Storage(hint) => hint.runs_again(),
            Self::OfRun { run, .. } => run.command.is_none(),
            Self::GoesOn(_) => true,
            Self::Arguments(_)
            | Self::Inputs(_)
            | Self::Rollout(_)
            | Self::Invoke(_)
            | Self::Init(_)
            | Self::Logs(_)
            | Self::Split(_)
            | Self::Saved(_)
            | Self::Values(_)
            | Self::Project(_)
            | Self::Code(_)
            | Self::Options(_)
            | Self::Config(_)
            | Self::Input(_)
            | Self::Credentials(_)
            | Self::Endpoint(_)
            | Self::Proxy(_)
            | Self::Hook(_)
            | Self::Local(_)
            | Self::Package(_)
            | Self::Alias(_)
            | Self::Trigger(_)
            | Self::Certificate(_)
            | Self::ThroughProxy { .. } => false,
        }
    }
}

impl fmt::Display for Hint<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut write = |text: &str| formatter.write_str(text);
        match self {
            Self::Arguments(error) => write(&error.hint().unwrap_or_default()),
            Self::Inputs(error) => write(&error.hint().unwrap_or_default()),
            Self::Values(error) => write(&error.hint()),
            Self::Project(error) => write(&error.hint()),
            Self::Code(error) => write(&error.hint()),
            Self::Options(error) => write(&error.hint()),
            Self::Rollout(hint) => hint.fmt(formatter),
            Self::Invoke(hint) => hint.fmt(formatter),
            Self::Init(hint) => hint.fmt(formatter),
            Self::Logs(hint) => hint.fmt(formatter),
            Self::Split(hint) => hint.fmt(formatter),
            Self::Saved(hint) => hint.fmt(formatter),
            Self::Config(hint) => hint.fmt(formatter),
            Self::Input(advice) => advice.fmt(formatter),
            Self::Credentials(error) => write(&credentials_hint(error)),
            Self::Endpoint(error) => write(endpoint_hint(error)),
            Self::Proxy(error) => write(&proxy_hint(error)),
            Self::Hook(error) => write(hook_hint(error)),
            Self::Local(error) => write(&local_hint(error).unwrap_or_default()),
            Self::Package(hint) => hint.fmt(formatter),
            Self::Alias(hint) => hint.fmt(formatter),
            Self::Trigger(hint) => hint.fmt(formatter),
            Self::Run(hint) => hint.fmt(formatter),
            Self::Certificate(problem) => write(certificate_hint(problem)),
            Self::ThroughProxy { variable } => write!(
                formatter,
                "check that the proxy runs and lets this host through; correct {variable} or unset it, or name \
                 hosts that need no proxy in NO_PROXY; this call was not sent"
            ),
            Self::Service(hint) => hint.fmt(formatter),
            Self::Storage(hint) => hint.fmt(formatter),
            Self::GoesOn(None) => write("what is done stays; run the same command again"),
            Self::GoesOn(Some(hint)) if hint.runs_again() => {
                write!(formatter, "{hint}; what is done stays")
            }
            Self::GoesOn(Some(hint)) => {
                write!(formatter, "{hint}; then run the same command again: what is done stays")
            }
            Self::OfRun { hint, run: RunName { command: Some(command), .. } } => match hint {
                Some(hint) if !hint.runs_again() => {
                    write!(formatter, "{hint}; then plan what is left: `{command}`")
                }
                _ => write!(formatter, "what is done stays; plan what is left: `{command}`"),
            },
            Self::OfRun { hint, run: RunName { id, is_typed, command: None } } => {
                let has = if *is_typed { "keep" } else { "add" };
                let name = format!("{has} --run-id {id} so that nothing is published twice");
                match hint {
                    None => write!(formatter, "run the same command again; {name}"),
                    Some(hint) if hint.runs_again() => write!(formatter, "{hint}; {name}"),
                    Some(hint) => {
                        write!(formatter, "{hint}; when the same command runs again, {name}")
                    }
                }
            }
        }
    }
}

fn endpoint_hint(error: &EndpointError) -> &'static str {
    match error {
        EndpointError::Malformed(_) => {
            "write a host name or an address such as https://scf.tencentcloudapi.com"
        }
        EndpointError::Metadata(_) => "correct SCFCTL_METADATA_ENDPOINT, or unset it",
        EndpointError::Insecure(_) => {
            "use https://, or allow it with --insecure-http where the network can be trusted"
        }
    }
}

fn hook_hint(error: &HookError) -> &'static str {
    match error {
        HookError::Start { .. } => "it runs in the folder that `src.src` names; correct that",
        HookError::Failed { .. } => "correct it and deploy again; nothing was sent",
        HookError::TimedOut { .. } => "give it more time with --timeout",
    }
}

fn proxy_hint(error: &ProxyError) -> String {
    match error {
        ProxyError::Malformed { variable, .. } => format!(
            "write {variable}=http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with `@` in user or password as \
             %40, `/` as %2F, `:` as %3A, `#` as %23, `?` as %3F, `%` as %25 and a blank as %20; or unset it"
        ),
        ProxyError::Kind { variable, .. } => format!(
            "write {variable}=http://HOST:PORT (https, socks5, socks5h, socks4 and socks4a are supported as well), \
             or unset it"
        ),
        ProxyError::Cgi => "set http_proxy in its place, or unset HTTP_PROXY".to_owned(),
    }
}

fn certificate_hint(problem: &CertificateProblem) -> &'static str {
    match problem {
        CertificateProblem::Issuer
        | CertificateProblem::Signature
        | CertificateProblem::Authority
        | CertificateProblem::Other { .. } => {
            "if an authority of your own has signed it, as for a company's proxy, name the file of its \
             certificate: SSL_CERT_FILE=/path/to/authority.pem; nothing was sent"
        }
        CertificateProblem::Name { .. } => {
            "check the address, and whether a proxy answers in its place; nothing was sent"
        }
        CertificateProblem::Ended | CertificateProblem::NotYet => {
            "check this machine's clock; if it is right, the certificate has to be renewed; nothing was sent"
        }
        CertificateProblem::Revoked
        | CertificateProblem::RevocationUnknown
        | CertificateProblem::Algorithm
        | CertificateProblem::Malformed
        | CertificateProblem::Purpose
        | CertificateProblem::NotByAuthority
        | CertificateProblem::Constraint
        | CertificateProblem::Version
        | CertificateProblem::Extension => {
            "check whether a proxy answers in its place; if none does, the server needs another certificate; \
             nothing was sent"
        }
    }
}

fn local_hint(error: &StartError) -> Option<String> {
    match error {
        StartError::Listen { .. } => Some("take port 0 for a free one".to_owned()),
        StartError::Corrupt { path, .. } => Some(format!(
            "mend {} or remove it; without it the local SCF starts empty",
            path.display()
        )),
        StartError::Locked { .. } => {
            Some("end the other one first, or take another --state".to_owned())
        }
        StartError::Link { path } => Some(format!(
            "look where {} leads, and remove the link: it may have come with the checkout",
            path.display()
        )),
        StartError::State { source, .. } if source.kind() == ErrorKind::AlreadyExists => {
            Some("a folder has to stand there: give that file another name".to_owned())
        }
        StartError::State { .. } => None,
    }
}

fn credentials_hint(error: &CredentialsError) -> String {
    match error {
        CredentialsError::Missing { .. } => {
            "set TENCENT_SECRET_ID and TENCENT_SECRET_KEY in the environment or in .env, or try it without an \
             account: add --local"
                .to_owned()
        }
        CredentialsError::Incomplete { missing, .. } => format!("set {missing} as well"),
        CredentialsError::Malformed { name, .. } => {
            format!("copy the value of {name} again, without blanks, quotes or line breaks around it")
        }
        CredentialsError::Placeholder { name, kind, .. } => {
            let shown = match kind {
                KeyPart::Id => "the SecretId",
                KeyPart::Key => "the SecretKey",
                KeyPart::Token => "the token",
            };
            format!("put {shown} of your own into {name}, as the console shows it, or try it without an account: add --local")
        }
        CredentialsError::Rule { name, .. } => format!("correct {name}, or take it out"),
        CredentialsError::NoProfile { .. } => "check the profile's name, or leave it out: \
             --profile, TENCENT_CREDENTIALS_PROFILE, TCCLI_PROFILE"
            .to_owned(),
        CredentialsError::Unreadable { .. } => "check the file and its permissions".to_owned(),
        CredentialsError::Text { .. } => {
            "mend the file, or write it anew: tccli configure, tccli auth login, tccli sso login"
                .to_owned()
        }
    }
}
