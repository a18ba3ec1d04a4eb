//! Triggers that are targets of a load balancer's rules.
//!
//! A change there is an asynchronous task, identified by its `RequestId`, which the next call has
//! to wait for.

use std::ops::ControlFlow;

use crate::api::actions::{
    CreateRule, DeregisterFunctionTargets, DescribeListeners, DescribeTargets, DescribeTaskStatus,
    FunctionInfo, FunctionRef, FunctionTarget, ModifyFunctionTargets, NewRule,
    RegisterFunctionTargets, Rule,
};
use crate::execute::wait::{self, Lasting};
use crate::execute::{
    Awaited, AwaitedStatus, ExecuteError, FunctionSession, TriggerMismatch, write,
};
use crate::model::trigger::{BalancerRule, Trigger, TriggerKind};
use crate::model::{FunctionId, Version};
use crate::order::Order as _;
use crate::plan::{ObservedRule, ObservedTrigger};

/// A rule that the file names, and its targets.
#[derive(Debug, Clone)]
pub(in crate::execute) struct Balanced {
    pub(super) rule: ObservedRule,
    targets: Vec<FunctionTarget>,
}

impl Balanced {
    /// Returns the targets that are this function.
    pub(super) fn bound_to(&self, function: &FunctionId) -> Vec<ObservedTrigger> {
        let ObservedRule { rule, listener: Some(listener), location: Some(location) } = &self.rule
        else {
            return Vec::new();
        };
        let resource = format!("{}/{listener}/{location}", rule.balancer);
        let ours = |target: &&FunctionTarget| {
            target.function.function_name == function.name
                && target.function.function_namespace == function.namespace
        };
        let targets = self.targets.iter().filter(ours);
        targets
            .map(|target| ObservedTrigger {
                kind: TriggerKind::Clb.name().to_owned(),
                name: String::new(),
                qualifier: target.function.function_qualifier.clone(),
                text: String::new(),
                form: serde_json::Value::Null,
                argument: String::new(),
                description: String::new(),
                enabled: true,
                resource_id: String::new(),
                resource: resource.clone(),
                rule: Some(rule.clone()),
                weight: Some(target.weight),
            })
            .collect()
    }
}

/// Reads the rules that the triggers name, and their targets.
pub(in crate::execute) async fn observe(
    session: &FunctionSession<'_>,
    wanted: &[Trigger],
) -> Result<Vec<Balanced>, ExecuteError> {
    let mut rules: Vec<&BalancerRule> = wanted.iter().filter_map(Trigger::rule).collect();
    rules.order();
    rules.dedup();
    futures_util::future::try_join_all(rules.into_iter().map(|rule| look_at_rule(session, rule)))
        .await
}

async fn look_at_rule(
    session: &FunctionSession<'_>,
    rule: &BalancerRule,
) -> Result<Balanced, ExecuteError> {
    let found = find_rule(session, rule).await?;
    let (Some(listener), Some(location)) = (&found.listener, &found.location) else {
        return Ok(Balanced { rule: found, targets: Vec::new() });
    };
    let action = DescribeTargets {
        load_balancer_id: rule.balancer.clone(),
        listener_ids: vec![listener.clone()],
    };
    let reply = session.read(&action).await?;
    let rules = reply.listeners.into_iter().filter_map(|listener| listener.rules);
    let targets = rules
        .flatten()
        .filter(|rule| rule.location_id == *location)
        .flat_map(|rule| rule.function_targets.unwrap_or_default())
        .collect();
    Ok(Balanced { rule: found, targets })
}

async fn find_rule(
    session: &FunctionSession<'_>,
    rule: &BalancerRule,
) -> Result<ObservedRule, ExecuteError> {
    let action = DescribeListeners {
        load_balancer_id: rule.balancer.clone(),
        protocol: rule.protocol.clone(),
        port: rule.port,
    };
    let reply = session.read(&action).await?;
    let listener = reply
        .listeners
        .into_iter()
        .find(|listener| listener.protocol == rule.protocol && listener.port == rule.port);
    let is_it = |found: &&Rule| {
        let domains = found.domains.iter().flatten().chain(found.domain.iter());
        found.url == rule.url && domains.into_iter().any(|domain| *domain == rule.domain)
    };
    let location = listener
        .as_ref()
        .and_then(|listener| listener.rules.iter().flatten().find(is_it))
        .map(|found| found.location_id.clone());
    let listener = listener.map(|listener| listener.listener_id);
    Ok(ObservedRule { rule: rule.clone(), listener, location })
}

/// Adds the function to a rule's targets. Creates the rule if it is missing.
pub(super) async fn balance(
    session: &FunctionSession<'_>,
    rule: &BalancerRule,
    qualifier: &str,
    weight: i64,
) -> Result<(), ExecuteError> {
    let found = find_rule(session, rule).await?;
    let Some(listener_id) = found.listener else {
        let mismatch = TriggerMismatch::NoListener(rule.clone());
        return Err(ExecuteError::Trigger(Box::new(mismatch)));
    };
    let load_balancer_id = rule.balancer.clone();
    let mut location = found.location;
    if location.is_none() {
        let new = NewRule { domain: rule.domain.clone(), url: rule.url.clone() };
        let action = CreateRule {
            load_balancer_id: load_balancer_id.clone(),
            listener_id: listener_id.clone(),
            rules: vec![new],
        };
        let reply = write::change(session, &action).await?;
        await_task(session, &reply.request_id).await?;
        location = reply.location_ids.into_iter().next();
    }
    let missing = || ExecuteError::Trigger(Box::new(TriggerMismatch::NoRule(rule.clone())));
    let location_id = location.ok_or_else(missing)?;
    let function_targets = vec![target(session, qualifier, weight)];
    let action =
        RegisterFunctionTargets { load_balancer_id, listener_id, location_id, function_targets };
    let reply = write::change(session, &action).await?;
    await_task(session, &reply.request_id).await
}

/// Changes the weight of a version or alias among the targets of a rule.
pub(super) async fn weigh(
    session: &FunctionSession<'_>,
    observed: &ObservedTrigger,
    weight: i64,
) -> Result<(), ExecuteError> {
    let (load_balancer_id, listener_id, location_id) = parts(observed)?;
    let reply = write::change(
        session,
        &ModifyFunctionTargets {
            load_balancer_id,
            listener_id,
            location_id,
            function_targets: vec![target(session, &observed.qualifier, weight)],
        },
    )
    .await?;
    await_task(session, &reply.request_id).await
}

/// Removes a version or alias from the targets of a rule. The rule stays, as others may use it.
pub(super) async fn unbalance(
    session: &FunctionSession<'_>,
    observed: &ObservedTrigger,
) -> Result<(), ExecuteError> {
    let (load_balancer_id, listener_id, location_id) = parts(observed)?;
    let weight = observed.weight.unwrap_or_default();
    let reply = write::change(
        session,
        &DeregisterFunctionTargets {
            load_balancer_id,
            listener_id,
            location_id,
            function_targets: vec![target(session, &observed.qualifier, weight)],
        },
    )
    .await?;
    await_task(session, &reply.request_id).await
}

fn target(session: &FunctionSession<'_>, qualifier: &str, weight: i64) -> FunctionTarget {
    let FunctionRef { function_name, namespace } = session.function_ref();
    let is_version = qualifier.parse::<Version>().is_ok();
    let kind = if is_version { "VERSION" } else { "ALIAS" };
    FunctionTarget {
        function: FunctionInfo {
            function_namespace: namespace,
            function_name,
            function_qualifier: qualifier.to_owned(),
            function_qualifier_type: Some(kind.to_owned()),
        },
        weight,
    }
}

async fn await_task(session: &FunctionSession<'_>, task: &str) -> Result<(), ExecuteError> {
    wait::await_work(session, async || {
        let reply = session.read(&DescribeTaskStatus { task_id: task.to_owned() }).await?;
        match reply.status {
            0 => Ok(ControlFlow::Break(())),
            2 => {
                let (what, status) = (Awaited::Balancer, AwaitedStatus::UnderWay);
                Ok(ControlFlow::Continue(Lasting { what, status }))
            }
            _ => {
                let why = reply.message.filter(|text| !text.is_empty());
                Err(ExecuteError::Balancer { task: task.to_owned(), why })
            }
        }
    })
    .await
}

/// Returns load balancer, listener and rule of a trigger.
fn parts(observed: &ObservedTrigger) -> Result<(String, String, String), ExecuteError> {
    let parts: Vec<&str> = observed.resource.split('/').collect();
    let [balancer, listener, location] = parts[..] else {
        let mismatch = TriggerMismatch::NoBalancer(observed.resource.clone());
        return Err(ExecuteError::Trigger(Box::new(mismatch)));
    };
    Ok((balancer.to_owned(), listener.to_owned(), location.to_owned()))
}

/// An existing rule with these targets.
#[cfg(test)]
pub(super) fn for_tests(rule: &BalancerRule, targets: serde_json::Value) -> Balanced {
    let (listener, location) = (Some("lbl-b".to_owned()), Some("loc-c".to_owned()));
    Balanced {
        rule: ObservedRule { rule: rule.clone(), listener, location },
        targets: serde_json::from_value(targets).unwrap(),
    }
}
