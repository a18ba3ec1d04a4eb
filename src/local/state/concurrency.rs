//! Provisioned and reserved concurrency, and asynchronous retries.

use serde_json::{Value, json};

use super::super::error::Refusal;
use super::cron;
use super::request::Request;
use super::{Function, LATEST, Provisioned, Reply, Retries, State, after};

/// Memory in MB that no function may reserve.
const UNRESERVABLE: u64 = 12800;

impl State {
    pub(super) fn put_provisioned_concurrency(
        &mut self,
        request: &Request,
    ) -> Result<Reply, Refusal> {
        let qualifier = request.required("Qualifier");
        let wanted = request.value("VersionProvisionedConcurrencyNum");
        let wanted = wanted.and_then(Value::as_u64).unwrap_or_default();
        for action in request.list("TriggerActions") {
            let text = action.get("TriggerCronConfig").and_then(Value::as_str);
            if !text.is_some_and(|text| cron::is_valid(text, false)) {
                return Err(request.refuse(
                    &["InvalidParameterValue.TriggerCronConfig"],
                    "TriggerCronConfig is no cron expression of seven fields.",
                ));
            }
        }
        let kind = request.text("ProvisionedType").unwrap_or("Default");
        if !matches!(kind, "Default" | "ConcurrencyUtilizationTracking") {
            return Err(request.refuse(
                &["InvalidParameterValue.ProvisionType"],
                format!("There is no ProvisionedType `{kind}`."),
            ));
        }
        let total = self.region(request)?.total_concurrency;
        let now = request.now();
        let function = self.function(request)?;
        check_published(request, function, qualifier)?;
        check_settled(request, function, qualifier)?;
        let others: u64 = function
            .provisioned
            .iter()
            .filter(|(name, _)| *name != qualifier)
            .map(|(_, provisioned)| provisioned.wanted)
            .sum();
        let limit = quota(function, total)?.saturating_sub(100);
        if others.saturating_add(wanted) > limit {
            return Err(request.refuse(
                &["LimitExceeded.FunctionTotalProvisionedConcurrencyNum"],
                format!("All versions together may have {limit} provisioned instances."),
            ));
        }
        let failure = self.failure.take_if(|failure| failure.status == "ProvisionFailed");
        let provisioned = Provisioned {
            wanted,
            ready: after(now, request.context.transition),
            actions: request.value("TriggerActions").cloned().unwrap_or_else(|| json!([])),
            kind: kind.to_owned(),
            failure: failure.map(|failure| failure.reason),
        };
        self.function_mut(request)?.provisioned.insert(qualifier.to_owned(), provisioned);
        Ok(Reply::new())
    }

    pub(super) fn get_provisioned_concurrency(&self, request: &Request) -> Result<Reply, Refusal> {
        let function = self.function(request)?;
        let only = request.text("Qualifier").filter(|text| !text.is_empty());
        if let Some(qualifier) = only {
            request.resolve(function, qualifier)?;
        }
        let shown: Vec<_> = function
            .provisioned
            .iter()
            .filter(|(name, _)| only.is_none_or(|only| only == *name))
            .map(|(name, provisioned)| {
                let done = provisioned.ready.0 <= request.now();
                let status = match (done, &provisioned.failure) {
                    (false, _) => "InProgress",
                    (true, Some(_)) => "Failed",
                    (true, None) => "Done",
                };
                let available = if status == "Done" { provisioned.wanted } else { 0 };
                let reason = provisioned.failure.as_deref().filter(|_| done);
                json!({
                    "Qualifier": name,
                    "AllocatedProvisionedConcurrencyNum": provisioned.wanted,
                    "AvailableProvisionedConcurrencyNum": available,
                    "Status": status,
                    "StatusReason": reason.unwrap_or_default(),
                    "TriggerActions": provisioned.actions,
                })
            })
            .collect();
        let used: u64 = function.provisioned.values().map(|it| it.wanted).sum();
        let limit = quota(function, self.region(request)?.total_concurrency)?.saturating_sub(100);
        let mut reply = Reply::new();
        reply.insert("UnallocatedConcurrencyNum".to_owned(), json!(limit.saturating_sub(used)));
        reply.insert("Allocated".to_owned(), Value::Array(shown));
        Ok(reply)
    }

    pub(super) fn delete_provisioned_concurrency(
        &mut self,
        request: &Request,
    ) -> Result<Reply, Refusal> {
        let qualifier = request.required("Qualifier");
        let function = self.function(request)?;
        check_published(request, function, qualifier)?;
        check_settled(request, function, qualifier)?;
        self.function_mut(request)?.provisioned.remove(qualifier);
        Ok(Reply::new())
    }

    pub(super) fn put_reserved_concurrency(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let wanted = request.value("ReservedConcurrencyMem");
        let wanted = wanted.and_then(Value::as_u64).unwrap_or_default();
        let name = request.function_name("FunctionName")?;
        self.function(request)?;
        let region = self.region(request)?;
        let others: u64 = region
            .namespaces
            .iter()
            .flat_map(|(place, namespace)| namespace.functions.iter().map(move |it| (place, it)))
            .filter(|(place, (other, _))| *place != request.namespace() || *other != name)
            .filter_map(|(_, (_, function))| function.reserved)
            .sum();
        let limit = region.total_concurrency.saturating_sub(UNRESERVABLE);
        if others.saturating_add(wanted) > limit {
            return Err(request.refuse(
                &["LimitExceeded.FunctionReservedConcurrencyMemory"],
                format!("All functions together may reserve {limit} MB."),
            ));
        }
        self.function_mut(request)?.reserved = Some(wanted);
        Ok(Reply::new())
    }

    pub(super) fn get_reserved_concurrency(&self, request: &Request) -> Result<Reply, Refusal> {
        let reserved = self.function(request)?.reserved;
        let mut reply = Reply::new();
        reply.insert("ReservedMem".to_owned(), json!(reserved));
        Ok(reply)
    }

    pub(super) fn delete_reserved_concurrency(
        &mut self,
        request: &Request,
    ) -> Result<Reply, Refusal> {
        self.function_mut(request)?.reserved = None;
        Ok(Reply::new())
    }

    pub(super) fn put_total_concurrency(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let wanted = request.value("TotalConcurrencyMem");
        let wanted = wanted.and_then(Value::as_u64).unwrap_or_default();
        self.namespace(request)?;
        let region = self.region_mut(request)?;
        let reserved: u64 = region
            .namespaces
            .values()
            .flat_map(|namespace| namespace.functions.values())
            .filter_map(|function| function.reserved)
            .sum();
        if reserved.saturating_add(UNRESERVABLE) > wanted {
            return Err(request.refuse(
                &["FailedOperation.ReservedExceedTotal"],
                "Functions have reserved more than that.",
            ));
        }
        region.total_concurrency = wanted;
        Ok(Reply::new())
    }

    pub(super) fn get_function_event_invoke_config(
        &self,
        request: &Request,
    ) -> Result<Reply, Refusal> {
        let function = self.function(request)?;
        request.resolve(function, request.qualifier(LATEST))?;
        let retries = &function.retries;
        let mut reply = Reply::new();
        reply.insert(
            "AsyncTriggerConfig".to_owned(),
            json!({"MsgTTL": retries.ttl, "RetryConfig": [{"RetryNum": retries.count}]}),
        );
        Ok(reply)
    }

    pub(super) fn update_function_event_invoke_config(
        &mut self,
        request: &Request,
    ) -> Result<Reply, Refusal> {
        let number = |path: &str| {
            let config = request.value("AsyncTriggerConfig");
            config.and_then(|config| config.pointer(path)?.as_i64())
        };
        let Some(count) = number("/RetryConfig/0/RetryNum") else {
            return Err(request
                .refuse(&["InvalidParameterValue.AsyncTriggerConfig"], "RetryConfig is empty."));
        };
        let ttl = number("/MsgTTL").unwrap_or_default();
        if !(0..=2).contains(&count) {
            return Err(request
                .refuse(&["LimitExceeded.RetryNum"], format!("RetryNum is {count}, not 0 to 2.")));
        }
        if !(60..=21600).contains(&ttl) {
            return Err(request.refuse(
                &["LimitExceeded.MsgTTL"],
                format!("MsgTTL is {ttl} seconds, not 60 to 21600."),
            ));
        }
        self.function_mut(request)?.retries = Retries { ttl, count };
        Ok(Reply::new())
    }
}

/// One change at a time.
pub(super) fn check_settled(
    request: &Request,
    function: &Function,
    qualifier: &str,
) -> Result<(), Refusal> {
    match function.provisioned.get(qualifier) {
        Some(present) if present.ready.0 > request.now() => Err(request.refuse(
            &["FailedOperation.ProvisionedInProgress"],
            "Another change of provisioned concurrency is running.",
        )),
        _ => Ok(()),
    }
}

/// How many instances a function's concurrency memory is enough for.
fn quota(function: &Function, total: u64) -> Result<u64, Refusal> {
    let memory = function.latest()?.configuration.get("MemorySize");
    let memory = memory.and_then(Value::as_u64).unwrap_or(128).max(1);
    Ok(function.reserved.unwrap_or(total) / memory)
}

/// Only published versions that are `Active` can be provisioned.
fn check_published(request: &Request, function: &Function, qualifier: &str) -> Result<(), Refusal> {
    if qualifier == LATEST || function.aliases.contains_key(qualifier) {
        return Err(request.refuse(
            &["InvalidParameterValue.Qualifier"],
            format!("`{qualifier}` is not a published version."),
        ));
    }
    let version = request.version(function, qualifier)?;
    if version.status.is_active() {
        return Ok(());
    }
    Err(request.refuse(
        &[
            "FailedOperation.FunctionVersionStatusNotActive",
            "FailedOperation.ProvisionedInProgress",
        ],
        format!("The status of the version is {}.", version.status.name),
    ))
}
