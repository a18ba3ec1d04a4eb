//! Roles: whoever may take one gets keys that end.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::error::Refusal;
use super::super::{Credential, Identity};
use super::request::Request;
use super::{Reply, State, account};

/// How long keys of a role last unless asked otherwise, in seconds.
const DEFAULT_SECONDS: u64 = 7200;
/// How long they may last, in seconds.
const LONGEST_SECONDS: u64 = 43_200;

/// Keys of a role, which end.
#[derive(Clone)]
pub(in crate::local) struct Session {
    /// The keys; their token is always there.
    pub(in crate::local) credential: Credential,
    /// From when on they are refused.
    pub(in crate::local) expires: DateTime<Utc>,
    /// The machine's role that they are of, where they are of one.
    machine_role: Option<String>,
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// What roles go by.
#[derive(Debug, Clone, Copy)]
pub(in crate::local) struct Rules<'a> {
    /// Whom an identity provider vouches for.
    pub(in crate::local) identities: &'a [Identity],
    /// Less than the documented time, for tests.
    pub(in crate::local) longest: Option<Duration>,
}

impl State {
    /// All keys of roles that were ever issued here.
    pub(in crate::local) fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    pub(super) fn assume_role(&mut self, request: &Request) -> Result<Reply, Refusal> {
        check_role(request)?;
        let seconds = duration(request)?;
        let session = self.issue(request.now(), seconds, request.context.roles.longest, None);
        Ok(reply(&session))
    }

    pub(super) fn assume_role_with_web_identity(
        &mut self,
        request: &Request,
    ) -> Result<Reply, Refusal> {
        check_role(request)?;
        let seconds = duration(request)?;
        let known = request.context.roles.identities.iter().any(|identity| {
            identity.provider == request.required("ProviderId")
                && identity.token == request.required("WebIdentityToken")
        });
        if !known {
            return Err(request.refuse(
                &["InvalidParameter.WebIdentityTokenError"],
                "The token is not one of this identity provider, or no longer good.",
            ));
        }
        let session = self.issue(request.now(), seconds, request.context.roles.longest, None);
        Ok(reply(&session))
    }

    /// The keys of a machine's role: the same until their life is half over.
    pub(in crate::local) fn machine_keys(
        &mut self,
        role: &str,
        now: DateTime<Utc>,
        longest: Option<Duration>,
    ) -> Value {
        let life = life(DEFAULT_SECONDS, longest);
        let of_role = |session: &&Session| session.machine_role.as_deref() == Some(role);
        let fresh = |session: &&Session| session.expires - now > life / 2;
        let session = match self.sessions.iter().rev().find(of_role).filter(fresh) {
            Some(session) => session.clone(),
            None => self.issue(now, DEFAULT_SECONDS, longest, Some(role)),
        };
        json!({
            "TmpSecretId": session.credential.id,
            "TmpSecretKey": session.credential.key,
            "ExpiredTime": session.expires.timestamp(),
            "Expiration": session.expires.format("%FT%TZ").to_string(),
            "Token": session.credential.token,
            "Code": "Success",
        })
    }

    fn issue(
        &mut self,
        now: DateTime<Utc>,
        seconds: u64,
        longest: Option<Duration>,
        machine_role: Option<&str>,
    ) -> Session {
        let random = || uuid::Uuid::new_v4().simple().to_string();
        let session = Session {
            credential: Credential {
                id: format!("AKID{}", random()),
                key: random(),
                token: Some(format!("{}{}", random(), random())),
            },
            expires: now + life(seconds, longest),
            machine_role: machine_role.map(str::to_owned),
        };
        self.sessions.push(session.clone());
        session
    }
}

fn life(seconds: u64, longest: Option<Duration>) -> TimeDelta {
    let wanted = Duration::from_secs(seconds);
    let life = longest.map_or(wanted, |longest| longest.min(wanted));
    TimeDelta::from_std(life).unwrap_or(TimeDelta::MAX)
}

/// Any role of the account is there; of others none is.
fn check_role(request: &Request) -> Result<(), Refusal> {
    let arn = request.required("RoleArn");
    let Some((owner, name)) = arn
        .strip_prefix("qcs::cam::uin/")
        .and_then(|rest| rest.split_once(":roleName/").or_else(|| rest.split_once(":role/")))
    else {
        return Err(request.refuse(
            &["InvalidParameter.ParamError"],
            format!("RoleArn is `{arn}`, not qcs::cam::uin/<uin>:roleName/<name>."),
        ));
    };
    if owner != account::UIN || name.is_empty() {
        return Err(request.refuse(
            &["ResourceNotFound.RoleNotFound"],
            format!("The account has no role `{arn}`."),
        ));
    }
    let session = request.required("RoleSessionName");
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "=,.@_-".contains(letter);
    if !(2..=128).contains(&session.chars().count()) || !session.chars().all(allowed) {
        return Err(request.refuse(
            &["InvalidParameter.ParamError"],
            "RoleSessionName has 2 to 128 letters, digits and =,.@_-.",
        ));
    }
    Ok(())
}

fn duration(request: &Request) -> Result<u64, Refusal> {
    match request.value("DurationSeconds").and_then(Value::as_u64) {
        None => Ok(DEFAULT_SECONDS),
        Some(seconds) if (1..=LONGEST_SECONDS).contains(&seconds) => Ok(seconds),
        Some(_) => Err(request.refuse(
            &["InvalidParameter.OverTimeError"],
            format!("DurationSeconds is 1 to {LONGEST_SECONDS}."),
        )),
    }
}

fn reply(session: &Session) -> Reply {
    Reply::from_iter([
        (
            "Credentials".to_owned(),
            json!({
                "Token": session.credential.token,
                "TmpSecretId": session.credential.id,
                "TmpSecretKey": session.credential.key,
            }),
        ),
        ("ExpiredTime".to_owned(), session.expires.timestamp().into()),
        ("Expiration".to_owned(), session.expires.format("%FT%TZ").to_string().into()),
    ])
}
