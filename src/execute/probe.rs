//! Probes which permissions the credentials have, by calls that only read.

use chrono::{DateTime, TimeDelta, Utc};

use super::monitor::{self, MonitorPeriods, MonitorSubject};
use super::pages::PAGE;
use super::{ExecuteError, FunctionSession, pages, wire};
use crate::api::actions::{
    AccountPart, GetAccount, GetFunction, ListAliases, ListFunctions, ListTriggers,
    ListVersionByFunction, NamespacePart,
};

/// The permission for a call, and the call's outcome.
#[derive(Debug)]
pub struct Probe {
    /// Name in CAM, such as `scf:ListAliases`.
    pub permission: &'static str,
    /// Whether `deploy` and the alias commands need it.
    pub needed: bool,
    /// Outcome of the call.
    pub result: Result<(), ExecuteError>,
}

/// Results of all probes.
#[derive(Debug)]
pub struct Probed {
    /// The probes.
    pub probes: Vec<Probe>,
    /// Number of published versions, if it could be read.
    pub versions: Option<usize>,
    /// Number of aliases including `$DEFAULT`, if it could be read.
    pub aliases: Option<usize>,
    /// Number of functions in the namespace, and its limit.
    pub functions: Option<(i64, i64)>,
}

/// Makes one call to see whether the service answers.
///
/// # Errors
/// Fails without an answer, or if the credentials are refused.
pub async fn first(session: &FunctionSession<'_>) -> Result<(), ExecuteError> {
    let namespace = session.function.namespace.clone();
    session.read(&ListFunctions { namespace, offset: 0, limit: 1 }).await.map(drop)
}

/// Probes the reads of a namespace and, if one is named, of a function.
pub async fn read(session: &FunctionSession<'_>, now: DateTime<Utc>) -> Probed {
    let account = session.read(&GetAccount {}).await;
    let namespace = session.function.namespace.as_str();
    let of_namespace = |part: Option<AccountPart>| {
        let parts = part.and_then(|part| part.namespace).unwrap_or_default();
        let is_ours = |part: &NamespacePart| part.namespace.as_deref() == Some(namespace);
        parts.into_iter().find(is_ours).and_then(|part| part.functions_count)
    };
    let (functions, account) = match account {
        Ok(reply) => {
            let usage = of_namespace(reply.account_usage);
            (usage.zip(of_namespace(reply.account_limit)), Ok(()))
        }
        Err(error) => (None, Err(error)),
    };
    let probe = |permission, needed, result| Probe { permission, needed, result };
    let mut probes = vec![probe("scf:GetAccount", false, account)];
    if session.function.name.is_empty() {
        return Probed { probes, versions: None, aliases: None, functions };
    }
    let function = || session.function_ref();
    let get =
        GetFunction { function: function(), qualifier: "$LATEST".to_owned(), show_code: "FALSE" };
    let list_versions = ListVersionByFunction { function: function(), offset: 0, limit: PAGE };
    let list_aliases = ListAliases {
        function: function(),
        function_version: None,
        offset: "0".to_owned(),
        limit: PAGE.to_string(),
    };
    let list_triggers = ListTriggers { function: function(), offset: 0, limit: 1 };
    let stretch = MonitorPeriods { from: now - TimeDelta::minutes(5), until: now, period: 60 };
    let measured = [MonitorSubject::Function];
    let (found, versions, aliases, triggers, points) = tokio::join!(
        session.read(&get),
        session.read(&list_versions),
        session.read(&list_aliases),
        session.read(&list_triggers),
        monitor::read(session, &["Invocation"], &measured, stretch),
    );
    let count = |count: i64| usize::try_from(count).ok();
    let versions = versions.and_then(|reply| Ok(pages::items(reply)?));
    let listed = versions.as_ref().ok().and_then(|(items, total)| {
        // The list contains `$LATEST`.
        let others = items.len() - wire::published(items).len();
        Some(total.map_or(Some(items.len()), count)?.saturating_sub(others))
    });
    let named = aliases
        .as_ref()
        .ok()
        .map(|reply| reply.total_count.and_then(count).unwrap_or(reply.aliases.len()));
    probes.extend([
        probe("scf:GetFunction", true, found.map(drop)),
        probe("scf:ListVersionByFunction", true, versions.map(drop)),
        probe("scf:ListAliases", true, aliases.map(drop)),
        probe("scf:ListTriggers", false, triggers.map(drop)),
        probe("monitor:GetMonitorData", false, points.map(drop)),
    ]);
    Probed { probes, versions: listed, aliases: named, functions }
}

/// Returns whether an error says that the function does not exist.
#[must_use]
pub fn is_absent(error: &ExecuteError) -> bool {
    super::is_missing_function(error) || matches!(error, ExecuteError::NoFunction { .. })
}
