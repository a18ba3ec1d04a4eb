//! What to do about an error, where there is something to say.

use std::time::Duration;

use super::Error;
use crate::api::retry::ErrorKind;
use crate::api::{ApiError, CLOCK_TOLERANCE, EndpointError, KeysError};
use crate::config::credentials::{CredentialsError, Part};
use crate::config::function::nearest;
use crate::cos::CosError;
use crate::execute::ExecuteError;
use crate::local::StartError;
use crate::model::listed;
use crate::network::{CertificateProblem, ProxyError};
use crate::package::{Emptied, HookError, PackageError};
use crate::plan::{AliasPlanError, DeployPlanError, TriggerError};
use crate::shell::quoted;

impl Error {
    /// What to do about it, where there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } => hint.clone(),
            Self::Inputs(error) => error.hint(),
            Self::Config(error) => error.hint().map(|hint| hint.to_string()),
            Self::Input(error) => error.instead.as_ref().map(ToString::to_string),
            Self::FunctionInputs(errors) => errors.instead().map(ToString::to_string),
            Self::Credentials(error) => Some(credentials_hint(error)),
            Self::Endpoint(error) => Some(match error {
                EndpointError::Malformed(_) => {
                    "write a host name or an address such as https://scf.tencentcloudapi.com".to_owned()
                }
                EndpointError::Metadata(_) => {
                    "correct SCFCTL_METADATA_ENDPOINT, or unset it".to_owned()
                }
                EndpointError::Insecure(_) => {
                    "use https://, or allow it with --insecure-http where the network can be trusted".to_owned()
                }
            }),
            Self::Proxy(error) => Some(proxy_hint(error)),
            Self::Package(error) => package_hint(error),
            Self::Hook(error) => Some(match error {
                HookError::Start { .. } => {
                    "it runs in the folder that `src.src` names; correct that".to_owned()
                }
                HookError::Failed { .. } => {
                    "correct it and deploy again; nothing was sent".to_owned()
                }
                HookError::TimedOut { .. } => "give it more time with --timeout".to_owned(),
            }),
            Self::HandlerFile { .. } => {
                Some("correct `handler` (file.function) or `src` in serverless.yml".to_owned())
            }
            Self::Plan { source, .. } => Some(plan_hint(source)),
            Self::Call { source, place, run_id, .. } => {
                naming(execute_hint(source, place), run_id.as_deref())
            }
            Self::Halted { source, place, run_id, .. } => {
                naming(execute_hint(&source.0.source, place), run_id.as_deref())
            }
            Self::Instance { error, .. } => error.hint(),
            Self::Several { run_id, .. } => naming(
                Some("what is deployed stays; the same command goes on with the rest".to_owned()),
                run_id.as_deref(),
            ),
            Self::LeftAtOnce(_, run_id) => {
                naming(Some("run the same command again to continue".to_owned()), run_id.as_deref())
            }
            Self::Client(error) => scf_hint(error, ""),
            Self::Local(error) => local_hint(error),
            Self::Io { .. } => None,
        }
    }
}

/// Advice that also says how the same command publishes nothing twice.
fn naming(hint: Option<String>, run_id: Option<&str>) -> Option<String> {
    let Some(id) = run_id else { return hint };
    Some(match hint {
        Some(hint) if hint.contains("same command") => {
            format!("{hint}; add --run-id {id} so that nothing is published twice")
        }
        Some(hint) => format!(
            "{hint}; when the same command runs again, add --run-id {id} so that nothing is published twice"
        ),
        None => format!(
            "run the same command again; add --run-id {id} so that nothing is published twice"
        ),
    })
}

fn token_hint(from: &str, renewed: bool) -> String {
    if renewed {
        format!(
            "the keys from {from} are new and refused all the same; try again, and look at the role if it stays"
        )
    } else {
        format!(
            "the temporary credentials from {from} have ended, or id, key and token do not belong together; \
             put new ones there and run the same command again"
        )
    }
}

fn keys_hint(error: &KeysError) -> Option<String> {
    match error {
        KeysError::Role { source, .. } => match source.kind() {
            Some(ErrorKind::Throttled | ErrorKind::Platform) | None => scf_hint(source, ""),
            Some(_) => Some(
                "check the role, who may take it, and the keys or the token that ask for it"
                    .to_owned(),
            ),
        },
        KeysError::Machine { .. } => Some(
            "give the machine a role in the console, or take keys from another place".to_owned(),
        ),
        KeysError::Place(_) => Some("check the file, and run the same command again".to_owned()),
        KeysError::Ended { .. } => Some(
            "any tccli command renews a login that it can renew; else log in again: tccli auth login, tccli sso \
             login"
                .to_owned(),
        ),
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

/// What to do about a connection through a proxy that does not come about.
fn through_proxy_hint(variable: &str) -> String {
    format!(
        "check that the proxy runs and lets this host through; correct {variable} or unset it, or name hosts that \
         need no proxy in NO_PROXY; this call was not sent"
    )
}

fn certificate_hint(problem: &CertificateProblem) -> &'static str {
    match problem {
        CertificateProblem::Issuer | CertificateProblem::Other { .. } => {
            "if an authority of your own has signed it, as for a company's proxy, name the file of its \
             certificate: SSL_CERT_FILE=/path/to/authority.pem; nothing was sent"
        }
        CertificateProblem::Name { .. } => {
            "check the address, and whether a proxy answers in its place; nothing was sent"
        }
        CertificateProblem::Ended | CertificateProblem::NotYet => {
            "check this machine's clock; if it is right, the certificate has to be renewed; nothing was sent"
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
                Part::Id => "the SecretId",
                Part::Key => "the SecretKey",
                Part::Token => "the token",
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

fn package_hint(error: &PackageError) -> Option<String> {
    Some(match error {
        PackageError::Missing { .. } => {
            "correct `src` in serverless.yml; it is relative to that file".to_owned()
        }
        PackageError::MissingPart { common, .. } => format!(
            "correct the function's `src` in serverless.yml; it is relative to the common `src`, {}",
            common.display()
        ),
        PackageError::NotAFolder { .. } => {
            "`src` names the folder of the code, not a zip or a file".to_owned()
        }
        PackageError::Empty { emptied: Some(Emptied { negated: Some(negated) }), .. } => {
            format!("write `{}` in `include`", negated.trim_start_matches('!'))
        }
        PackageError::Empty { .. } => "check `src` and `exclude` in serverless.yml".to_owned(),
        PackageError::Pattern { .. } => {
            "write `\\` before a sign that is meant literally, for example `\\[`".to_owned()
        }
        PackageError::IncludeOutside { .. } => {
            "name files below the source folder, or link to the others from there".to_owned()
        }
        PackageError::Target(_) => "name a folder inside the package".to_owned(),
        PackageError::Changed { .. } => {
            "wait until whatever writes there has ended, or leave the file out with `exclude`"
                .to_owned()
        }
        PackageError::Outside { .. } | PackageError::Loop { .. } | PackageError::Special { .. } => {
            "replace it with a real file, or leave it out with `exclude`".to_owned()
        }
        PackageError::TooLarge { largest, .. } => format!(
            "leave files out with `exclude`; most of it lies in: {}",
            list(largest, |bytes| format!("{bytes} bytes"))
        ),
        PackageError::TooMany { largest, .. } => format!(
            "leave files out with `exclude`; most of them lie in: {}",
            list(largest, |count| count.to_string())
        ),
        PackageError::Name { .. } | PackageError::Climbing { .. } => "rename it".to_owned(),
        PackageError::OutFolder { path } => {
            let path = path.join("code.zip").display().to_string();
            format!("name a file, for example `scfctl package --out {}`", quoted(&path))
        }
        PackageError::OutLink { target: Some(target), .. } => {
            let target = target.display().to_string();
            format!("name the file itself: `scfctl package --out {}`", quoted(&target))
        }
        PackageError::OutLink { .. } | PackageError::OutSpecial { .. } => {
            "name a file, for example `scfctl package --out code.zip`".to_owned()
        }
        PackageError::Temporary { .. } => {
            "set TMPDIR to a folder that can be written and has room".to_owned()
        }
        PackageError::Read { .. } | PackageError::Write { .. } => return None,
    })
}

/// Folders with a number each.
fn list(folders: &[(String, u64)], number: impl Fn(u64) -> String) -> String {
    let shown: Vec<String> =
        folders.iter().map(|(name, weight)| format!("{name} ({})", number(*weight))).collect();
    if shown.is_empty() { "its top".to_owned() } else { shown.join(", ") }
}

fn plan_hint(error: &DeployPlanError) -> String {
    match error {
        DeployPlanError::Runtime { observed, .. } => format!(
            "write `runtime: {observed}`, or deploy under another name, or delete the function first"
        ),
        DeployPlanError::Kind { observed, .. } => format!(
            "write `type: {observed}`, or deploy under another name, or delete the function first"
        ),
        DeployPlanError::Protocol { .. } => {
            "leave `protocolType` as it was, or deploy under another name, or delete the function first"
                .to_owned()
        }
        DeployPlanError::RunsImage(_) | DeployPlanError::RunsCode(_) => {
            "deploy under another name and move the triggers there, or delete the function first"
                .to_owned()
        }
        DeployPlanError::Status(_) => {
            "look at the function in the console; a failed deletion has to be repeated there"
                .to_owned()
        }
        DeployPlanError::MatchRules { .. } => {
            "leave `traffic` out, or replace the rules with --force".to_owned()
        }
        DeployPlanError::RolledBack { version, .. } => format!(
            "add publish=true to publish what is to serve, or first put version {version} back with update-alias"
        ),
        DeployPlanError::Alias(error) => match error {
            AliasPlanError::SameVersion(version) => format!(
                "to send everything to {version}, write `additionalVersionWeights: []`"
            ),
            AliasPlanError::NotPublished { .. } => {
                "correct the version, or publish it first with publish=true".to_owned()
            }
            AliasPlanError::Description { over, .. } => {
                format!("shorten `aliasDescription` by {over} characters")
            }
            AliasPlanError::SeveralAdditional { .. }
            | AliasPlanError::SeveralHeld { .. }
            | AliasPlanError::SeveralRuled { .. }
            | AliasPlanError::RuledVersion { .. }
            | AliasPlanError::MatchRules { .. } => alias_hint(error),
        },
        DeployPlanError::Trigger(error) => trigger_hint(error),
    }
}

fn trigger_hint(error: &TriggerError) -> String {
    match error {
        TriggerError::NoAlias { alias, existing, .. } if existing.is_empty() => {
            format!("create alias `{alias}` first, or correct `qualifier`")
        }
        TriggerError::NoAlias { alias, existing, .. } => {
            let meant = nearest(alias, existing.iter().map(String::as_str))
                .map(|name| format!("; did you mean `{name}`?"))
                .unwrap_or_default();
            format!("its aliases are {}{meant}", listed(existing))
        }
        TriggerError::NoVersion { last: Some(last), .. } => {
            format!("the last published version is {last}; correct `qualifier`")
        }
        TriggerError::NoVersion { last: None, .. } => {
            "no version is published yet; correct `qualifier`".to_owned()
        }
        TriggerError::NoFunction { .. } => "deploy once with `qualifier: $DEFAULT`; once the \
             alias or version is there, name it and deploy again"
            .to_owned(),
        TriggerError::NoListener { .. } => {
            "make the listener in the console first, or correct `loadBalanceId`, `protocol` and \
             `port`"
                .to_owned()
        }
    }
}

fn execute_hint(error: &ExecuteError, place: &str) -> Option<String> {
    match error {
        ExecuteError::Api(error) => scf_hint(error, place),
        ExecuteError::Cos(CosError::Proxy { variable, .. }) => Some(through_proxy_hint(variable)),
        ExecuteError::Cos(error) => cos_hint(error).map(str::to_owned),
        ExecuteError::AppId(_) => Some(
            "set TENCENT_APP_ID to the ten digits that the console shows for the account"
                .to_owned(),
        ),
        ExecuteError::NoFunction { function, existing } => {
            Some(match nearest_of(&function.name, existing) {
                Some(name) => format!("did you mean `{name}`? Looked in {place}"),
                None => {
                    format!("looked in {place}; set `region` or `namespace`, or deploy it first")
                }
            })
        }
        ExecuteError::NoAlias { alias, existing, .. } => Some(match nearest_of(alias, existing) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("there are {}", listed(existing)),
        }),
        ExecuteError::Alias(error) => Some(alias_hint(error)),
        ExecuteError::AliasInUse { .. } => Some(
            "bind the triggers to another alias first, or delete it all the same with --force"
                .to_owned(),
        ),
        ExecuteError::StillThere(_) => Some("run the same command again".to_owned()),
        ExecuteError::Failed { status, .. } => Some(match status.as_str() {
            "CreateFailed" => {
                "the function was not created; correct the cause and deploy again".to_owned()
            }
            "DeleteFailed" => "the function was not deleted; delete it in the console".to_owned(),
            "PublishFailed" => {
                "no version was published; versions published before are unaffected".to_owned()
            }
            _ => "$LATEST keeps serving its previous content; correct the cause and deploy again"
                .to_owned(),
        }),
        ExecuteError::Provision { .. } => Some(
            "lower `provisionedNum`, or free what other versions have provisioned, and deploy again"
                .to_owned(),
        ),
        ExecuteError::TimedOut { .. } => Some(
            "it may still finish; run the same command again, with a longer --timeout if needed"
                .to_owned(),
        ),
        ExecuteError::Conflict { .. }
        | ExecuteError::PublishedElsewhere { .. }
        | ExecuteError::CodeChanged(_)
        | ExecuteError::SettingsChanged(_) => {
            Some("run the same command again to decide on what is there now".to_owned())
        }
        ExecuteError::FrozeOther { .. } => Some(
            "no traffic was moved to it; run the same command again to publish what you mean"
                .to_owned(),
        ),
        ExecuteError::Mismatch { .. } => {
            Some("look at the alias, then run the same command again".to_owned())
        }
        ExecuteError::Trigger(_) | ExecuteError::NotShown(_) | ExecuteError::Balancer { .. } => {
            Some("look at the triggers, then run the same command again".to_owned())
        }
        ExecuteError::CreatedElsewhere(_) => {
            Some("run the same command again to update it".to_owned())
        }
        ExecuteError::UnusableAlias { .. } => {
            Some("set the alias right in the console first".to_owned())
        }
        ExecuteError::Interrupted(_) => Some("run the same command again to continue".to_owned()),
        ExecuteError::Endless(_)
        | ExecuteError::Package(_)
        | ExecuteError::Unpacked
        | ExecuteError::Unpublished => None,
    }
}

fn nearest_of<'a>(name: &str, existing: &'a [String]) -> Option<&'a str> {
    nearest(name, existing.iter().map(String::as_str))
}

fn alias_hint(error: &AliasPlanError) -> String {
    match error {
        AliasPlanError::SeveralAdditional { .. } => {
            r#"give one: config='{"weights":{"2":0.1}}'; the main version gets the rest"#.to_owned()
        }
        AliasPlanError::SeveralHeld { .. } => {
            r#"say the weights anew: config='{"weights":{"2":0.1}}', or '{"weights":{}}'"#
                .to_owned()
        }
        AliasPlanError::SeveralRuled { .. } => {
            r#"say the rules anew: config='{"matches":[…]}', or to send everything to the main version: --force and config='{"weights":{}}'"#
                .to_owned()
        }
        AliasPlanError::SameVersion(version) => format!(
            r#"to send everything to {version}: version={version} config='{{"weights":{{}}}}'"#
        ),
        AliasPlanError::RuledVersion { version, .. } => format!(
            r#"to send everything to {version}: --force and version={version} config='{{"weights":{{}}}}'"#
        ),
        AliasPlanError::MatchRules { .. } => "replace the rules with --force".to_owned(),
        AliasPlanError::Description { over, .. } => {
            format!("shorten `description` by {over} characters")
        }
        AliasPlanError::NotPublished { .. } => {
            "publish it first: `scfctl publish-ver --inputs function=NAME`".to_owned()
        }
    }
}

fn cos_hint(error: &CosError) -> Option<&'static str> {
    Some(match error {
        CosError::Service { code, status, .. } => match (code.as_str(), status) {
            ("NoSuchBucket", _) => {
                "create the bucket in the function's region, or leave `src.bucket` out"
            }
            ("TooManyBuckets", _) => "name a bucket that is there with `src: {bucket: …}`",
            ("InvalidBucketName", _) => {
                "check TENCENT_APP_ID: names of buckets end in the account's number"
            }
            ("RequestTimeTooSkewed", _) => {
                "where the clocks differed, the storage's time was taken already: try again, over a faster line if \
                 this one is slow, and look at this machine's clock if it stays"
            }
            ("SignatureDoesNotMatch", _) => "the SecretKey is wrong, or a proxy changes headers",
            ("InvalidAccessKeyId", _) => "the SecretId does not exist or is disabled",
            ("ExpiredToken" | "InvalidToken", _) => {
                "the temporary credentials have expired; log in again"
            }
            ("Redirected", _) => {
                "the bucket is in another region; name one of the function's region"
            }
            (_, 403) => {
                "the key lacks a right: allow name/cos:PutBucket, PutBucketLifecycle, HeadObject, PutObject and \
                 those of multipart uploads, or name a bucket that it may use with `src: {bucket: …}`"
            }
            (_, 404) => "run the same command again",
            (_, 500..) => "the storage has trouble; try again later",
            _ => return None,
        },
        CosError::Connect { .. } => {
            "check the network and the proxy variables; SCFCTL_COS_ENDPOINT names another address"
        }
        CosError::NoAnswer { .. } | CosError::Garbled { .. } | CosError::Corrupted { .. } => {
            "run the same command again; parts that were stored are removed"
        }
        CosError::TimedOut { .. } => {
            "run the same command again, with a longer --timeout if needed"
        }
        CosError::Interrupted => "run the same command again to continue",
        CosError::Certificate { problem, .. } => certificate_hint(problem),
        CosError::Proxy { .. } | CosError::Read(_) | CosError::Prepare { .. } => return None,
    })
}

/// Signatures hold for five minutes. Whose clock is wrong is the cause only where the clocks
/// differ; else the request was under way for so long, or the keys have ended.
fn clock_hint(apart: Option<i64>, took: Duration, size: usize, temporary: bool) -> String {
    /// A request that a slow line may take minutes for, in bytes.
    const LARGE: usize = 1_000_000;
    /// The same, seen from its end.
    const SLOW: Duration = Duration::from_secs(60);
    let slow =
        "send the package through COS, with `src.bucket` naming a bucket, or use a faster line";
    match apart {
        Some(apart) if apart.abs() >= CLOCK_TOLERANCE => {
            "set this machine's clock (NTP) and try again".to_owned()
        }
        _ if size >= LARGE || took >= SLOW => format!(
            "signatures hold for five minutes, and this request of {}.{} MB took {} s: {slow}",
            size / 1_000_000,
            size / 100_000 % 10,
            took.as_secs()
        ),
        _ if temporary => {
            "the temporary keys may have ended: get new ones and run the same command again"
                .to_owned()
        }
        apart => format!(
            "{}: either the request was under way for more than five minutes ({slow}), or temporary keys have \
             ended (get new ones)",
            if apart.is_some() {
                "both clocks agree"
            } else {
                "compare this machine's clock with a right one; if it is right"
            }
        ),
    }
}

/// What to do about a call that the API did not refuse by a code.
fn unanswered_hint(error: &ApiError) -> Option<String> {
    Some(match error {
        ApiError::Clock { apart, took, size, temporary, .. } => {
            clock_hint(*apart, *took, *size, *temporary)
        }
        ApiError::Connect { .. } => {
            "check the network, the proxy variables and --endpoint; this call was not sent".to_owned()
        }
        ApiError::Proxy { variable, .. } => through_proxy_hint(variable),
        ApiError::Certificate { problem, .. } => certificate_hint(problem).to_owned(),
        ApiError::NoAnswer { .. } | ApiError::Garbled { .. } | ApiError::Reply { .. } => {
            "run the same command again; it looks before it repeats anything".to_owned()
        }
        ApiError::Status { status: 407, .. } => {
            "the proxy wants a user and a password: write them into its variable, \
             http://USER:PASSWORD@HOST:PORT"
                .to_owned()
        }
        ApiError::Status { .. } => {
            "something between here and the API answered; check --endpoint and the proxy".to_owned()
        }
        ApiError::TimedOut { .. } => {
            "run the same command again, with a longer --timeout if needed".to_owned()
        }
        ApiError::Stopped { .. } => "run the same command again to continue".to_owned(),
        ApiError::Keys { source, .. } => return keys_hint(source),
        ApiError::Token { from, renewed, .. } => token_hint(from, *renewed),
        ApiError::Prepare { action: "client", .. } => {
            "SSL_CERT_FILE names the file of the certificates that are trusted; without it, those of the \
             system count"
                .to_owned()
        }
        ApiError::Api { .. } | ApiError::TooLarge { .. } | ApiError::Prepare { .. } => return None,
    })
}

fn scf_hint(error: &ApiError, place: &str) -> Option<String> {
    let ApiError::Api { code, .. } = error else { return unanswered_hint(error) };
    let code = code.as_str();
    let specific = match code {
        "AuthFailure.SecretIdNotFound" => {
            "the SecretId does not exist, is disabled, or belongs to the other site (mainland/international)"
        }
        "AuthFailure.InvalidSecretId" => {
            "this is not a key of the cloud API; create one in the console"
        }
        "AuthFailure.SignatureFailure" => {
            "the SecretKey is wrong (often a blank at its end, or a value cut at `=`), or a proxy changes headers"
        }
        "AuthFailure.MFAFailure" => {
            "the operation wants multi-factor confirmation; use another key"
        }
        "UnsupportedRegion" => "set `region` to one that offers SCF, for example ap-guangzhou",
        "InvalidAction" | "NoSuchVersion" | "NoSuchProduct" | "ActionOffline" => {
            "this endpoint does not serve the SCF API; check --endpoint"
        }
        "ResourceNotFound.Namespace" => "create the namespace first, or correct `namespace`",
        "ResourceNotFound.Role" | "FailedOperation.QcsRoleNotFound" => {
            "authorise the service in the SCF console, or correct `role`"
        }
        "UnauthorizedOperation.Role" | "FailedOperation.Cos" => {
            "let the service read the bucket: authorise SCF_QcsRole (QcloudAccessForScfRole) in the SCF console"
        }
        "InvalidParameterValue.FunctionName" => {
            "the function's name is wrong, or unknown in this place"
        }
        _ => "",
    };
    if !specific.is_empty() {
        return Some(specific.to_owned());
    }
    match error.kind()? {
        ErrorKind::Denied if error.action() == "GetUserAppId" => Some(
            "set TENCENT_APP_ID to the ten digits that the console shows for the account".to_owned(),
        ),
        ErrorKind::Denied => Some(format!(
            "the key lacks a right: allow scf:{} on the function, or use another key",
            error.action()
        )),
        ErrorKind::NotFound if !place.is_empty() => {
            Some(format!("looked in {place}; set `region` or `namespace` if it is elsewhere"))
        }
        ErrorKind::Throttled => Some("the account's rate limit is used up; try again later".to_owned()),
        ErrorKind::Platform => Some(
            "the platform has trouble; try again, and report the request id if it stays".to_owned(),
        ),
        // Publishing needs a function whose last change went well.
        ErrorKind::ActionFailed if error.action() == "PublishVersion" => Some(
            "when the function's last change or publication failed, `scfctl deploy` mends it; else another operation \
             may be running: try again"
                .to_owned(),
        ),
        ErrorKind::Busy | ErrorKind::ActionFailed => {
            Some("another operation may be running on the function; try again".to_owned())
        }
        ErrorKind::InUse if error.action() == "PublishVersion" => Some(
            "the service may not publish unchanged content again; --if-changed skips it".to_owned(),
        ),
        ErrorKind::InUse if error.action() == "CreateAlias" => {
            Some("it exists with other content; change it with update-alias".to_owned())
        }
        ErrorKind::NotFound | ErrorKind::InUse | ErrorKind::Refused => None,
    }
}
