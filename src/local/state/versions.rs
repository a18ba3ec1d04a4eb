//! Published versions.

use serde_json::{Map, Value, json};

use super::super::behaviour::{
    Caps, LatestListed, LatestWhilePublishing, PublishAfterFailure, UnchangedPublish,
};
use super::super::error::Refusal;
use super::aliases::uses;
use super::concurrency::check_settled;
use super::pages::{ascending, order_by, page};
use super::request::{Request, lost};
use super::{Function, LATEST, Moment, Reply, State, Status, Version, Work, after};
use crate::order::Order as _;

impl State {
    pub(super) fn publish_version(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let description = request.check_description()?.unwrap_or_default();
        let function = self.function(request)?;
        let latest = function.latest()?;
        check_idle(request, function)?;
        let allowed = request.context.behaviour.publish_after_failure
            == PublishAfterFailure::Allowed
            && matches!(latest.status.name.as_str(), "UpdateFailed" | "PublishFailed");
        if !latest.status.is_active() && !allowed {
            return Err(request.busy(&latest.status.name));
        }
        check_cap(request, function)?;
        if request.context.behaviour.unchanged_publish == UnchangedPublish::Refused {
            check_changed(request, function, latest)?;
        }
        let shows =
            request.context.behaviour.latest_while_publishing == LatestWhilePublishing::Publishing;
        let status = self.begin(request, "Publishing", 1);
        let function = self.function_mut(request)?;
        let latest = function.latest_mut()?;
        if shows {
            latest.status = status.clone();
        }
        let number = publish(function, request, description, status)?;
        let version = function.versions.get(&number).ok_or_else(lost)?;
        let mut reply = Reply::new();
        reply.insert("FunctionVersion".to_owned(), json!(number));
        reply.insert("CodeSize".to_owned(), json!(version.code.size));
        for name in ["MemorySize", "Timeout", "Handler", "Runtime"] {
            let value = version.configuration.get(name).cloned();
            reply.insert(name.to_owned(), value.unwrap_or_default());
        }
        reply.insert("Description".to_owned(), json!(description));
        reply.insert("Namespace".to_owned(), json!(request.namespace()));
        Ok(reply)
    }

    pub(super) fn list_version_by_function(&self, request: &Request) -> Result<Reply, Refusal> {
        let function = self.function(request)?;
        let field = order_by(request, "OrderBy", &["AddTime", "ModTime"])?;
        let upwards = ascending(request, false)?;
        let mut versions: Vec<_> = function
            .versions
            .iter()
            .filter(|(name, version)| request.sees(name, version))
            .collect();
        let last = request.context.behaviour.latest_listed == LatestListed::Last;
        // Times have a resolution of one second, so numbers break the ties.
        versions.order_by_key(|(name, version)| {
            let number = match name.parse::<u64>() {
                Ok(number) => number,
                Err(_) if last => 0,
                Err(_) => u64::MAX,
            };
            let time = if field == "ModTime" && number != u64::MAX {
                version.modified.0.timestamp()
            } else {
                0
            };
            (number == u64::MAX, time, number)
        });
        if !upwards {
            versions.reverse();
        }
        let (versions, total) = page(request, versions)?;
        let names: Vec<_> = versions.iter().map(|(name, _)| name.as_str()).collect();
        let shown: Vec<_> = versions
            .iter()
            .map(|(name, version)| {
                json!({
                    "Version": name,
                    "Description": version.description,
                    "AddTime": request.show(version.added),
                    "ModTime": request.show(version.modified),
                    "Status": version.status.name,
                })
            })
            .collect();
        let mut reply = Reply::new();
        reply.insert("FunctionVersion".to_owned(), json!(names));
        reply.insert("Versions".to_owned(), Value::Array(shown));
        reply.insert("TotalCount".to_owned(), total);
        Ok(reply)
    }

    pub(super) fn delete_function_version(&mut self, request: &Request) -> Result<Reply, Refusal> {
        if let Some(force) = request.text("ForceDelete")
            && !matches!(force, "true" | "false" | "")
        {
            return Err(Refusal::new(
                "InvalidParameterValue",
                format!("ForceDelete is the text true or false, not `{force}`."),
            ));
        }
        self.delete_version(request, request.required("Qualifier"))
    }

    /// Deletes a published version, for either of the two actions that can.
    pub(super) fn delete_version(
        &mut self,
        request: &Request,
        name: &str,
    ) -> Result<Reply, Refusal> {
        let function = self.function_mut(request)?;
        if name == LATEST || function.aliases.contains_key(name) {
            return Err(request.refuse(
                &["InvalidParameterValue.Qualifier"],
                format!("`{name}` is not a published version."),
            ));
        }
        request.version(function, name)?;
        let aliases: Vec<_> = function
            .aliases
            .iter()
            .filter(|(_, alias)| uses(alias, name))
            .map(|(name, _)| name.as_str())
            .collect();
        if !aliases.is_empty() {
            return Err(request.refuse(
                &["UnsupportedOperation.AliasBind"],
                format!("The version `{name}` is used by the alias {}.", aliases.join(", ")),
            ));
        }
        check_settled(request, function, name)?;
        let version = function.versions.get_mut(name).ok_or_else(lost)?;
        if !version.status.is_settled() {
            return Err(request.busy(&version.status.name));
        }
        version.status = deleting(request);
        Ok(Reply::new())
    }
}

/// Refuses a change while a version is published, where that does not show in
/// the status of `$LATEST`.
pub(super) fn check_idle(request: &Request, function: &Function) -> Result<(), Refusal> {
    let mut versions = function.versions.values();
    if request.context.behaviour.latest_while_publishing == LatestWhilePublishing::ActiveButBusy
        && versions.any(|version| version.status.name == "Publishing")
    {
        return Err(request.busy("Publishing"));
    }
    Ok(())
}

/// The status of what will be gone.
pub(super) fn deleting(request: &Request) -> Status {
    Status {
        name: "Deleting".to_owned(),
        reason: None,
        work: Some(Work {
            ends: after(request.now(), request.context.transition),
            result: "Deleted".to_owned(),
            reason: None,
        }),
    }
}

/// Copies `$LATEST` into the next version and returns its number.
pub(super) fn publish(
    function: &mut Function,
    request: &Request,
    description: &str,
    status: Status,
) -> Result<String, Refusal> {
    let latest = function.latest()?;
    let now = Moment(request.now());
    let version = Version {
        description: description.to_owned(),
        added: now,
        modified: now,
        status,
        code: latest.code.clone(),
        configuration: latest.configuration.clone(),
    };
    let number = function.next_version.to_string();
    function.next_version += 1;
    function.versions.insert(number.clone(), version);
    Ok(number)
}

pub(super) fn check_cap(request: &Request, function: &Function) -> Result<(), Refusal> {
    // `$LATEST` does not count.
    if request.context.behaviour.caps == Caps::Five && function.versions.len() > 5 {
        return Err(Refusal::new(
            "LimitExceeded.FunctionVersions",
            "The function has as many versions as it may have.",
        ));
    }
    Ok(())
}

fn check_changed(request: &Request, function: &Function, latest: &Version) -> Result<(), Refusal> {
    let newest = function
        .versions
        .iter()
        .filter_map(|(name, version)| Some((name.parse::<u64>().ok()?, version)))
        .max_by_key(|(number, _)| *number);
    let content = |version: &Version| -> (super::Code, Map<String, Value>) {
        let mut configuration = version.configuration.clone();
        configuration.shift_remove("Tags");
        (version.code.clone(), configuration)
    };
    match newest {
        Some((number, version)) if content(version) == content(latest) => Err(request.refuse(
            &["ResourceInUse"],
            format!("Nothing has changed since the version {number}."),
        )),
        _ => Ok(()),
    }
}
