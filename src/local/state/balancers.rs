//! Load balancers (CLB), as far as functions are behind their rules.
//!
//! The local account has every load balancer that is named `lb-` and something: each listens
//! for HTTP on port 80 and for HTTPS on port 443. Changes are tasks that last as long as the
//! other work here; the next change on the same load balancer waits for their end.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::error::Refusal;
use super::account::UIN;
use super::request::{Request, lost};
use super::sources::made_elsewhere;
use super::{Function, Moment, Region, Reply, State, Trigger, after};

/// How long a task can be asked after.
const TASKS_ARE_KNOWN_FOR: TimeDelta = TimeDelta::hours(1);
/// Rules of a listener.
const RULES: usize = 100;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Balancer {
    listeners: Vec<Listener>,
    /// When the last task ends.
    busy_until: Option<Moment>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Listener {
    id: String,
    protocol: String,
    port: i64,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Rule {
    id: String,
    domain: String,
    url: String,
}

impl Balancer {
    fn new() -> Self {
        let listener = |protocol: &str, port| Listener {
            id: fresh("lbl"),
            protocol: protocol.to_owned(),
            port,
            rules: Vec::new(),
        };
        Self { listeners: vec![listener("HTTP", 80), listener("HTTPS", 443)], busy_until: None }
    }

    fn chosen(&self, request: &Request) -> Vec<&Listener> {
        let ids = request.list("ListenerIds");
        let chosen = self.listeners.iter().filter(|listener| {
            (ids.is_empty() || ids.iter().any(|id| *id == *listener.id))
                && request.text("Protocol").is_none_or(|protocol| protocol == listener.protocol)
                && request.integer("Port").is_none_or(|port| port == listener.port)
        });
        chosen.collect()
    }
}

/// A new id: eight letters and digits behind a kind.
fn fresh(kind: &str) -> String {
    let id = uuid::Uuid::new_v4().simple().to_string();
    format!("{kind}-{}", id.get(..8).unwrap_or_default())
}

impl State {
    fn balancer(&mut self, request: &Request) -> Result<&mut Balancer, Refusal> {
        let id = request.required("LoadBalancerId");
        if id.strip_prefix("lb-").is_none_or(str::is_empty) {
            let text = format!("The load balancer `{id}` does not exist.");
            return Err(request.refuse(&["InvalidParameter.LBIdNotFound"], text));
        }
        let balancers = &mut self.region_mut(request)?.balancers;
        Ok(balancers.entry(id.to_owned()).or_insert_with(Balancer::new))
    }

    pub(super) fn describe_listeners(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let chosen = self.balancer(request)?.chosen(request);
        let listeners: Vec<_> = chosen
            .into_iter()
            .map(|listener| {
                let rules: Vec<_> = listener
                    .rules
                    .iter()
                    .map(|rule| {
                        json!({"ListenerId": listener.id, "LocationId": rule.id,
                            "Domain": rule.domain, "Domains": [rule.domain], "Url": rule.url})
                    })
                    .collect();
                json!({"ListenerId": listener.id, "Protocol": listener.protocol,
                    "Port": listener.port, "Rules": rules})
            })
            .collect();
        Ok(Reply::from_iter([
            ("TotalCount".to_owned(), json!(listeners.len())),
            ("Listeners".to_owned(), json!(listeners)),
        ]))
    }

    pub(super) fn describe_targets(&mut self, request: &Request) -> Result<Reply, Refusal> {
        self.balancer(request)?;
        let region = self.region(request)?;
        let id = request.required("LoadBalancerId");
        let chosen = region.balancers.get(id).ok_or_else(lost)?.chosen(request);
        let listeners: Vec<_> = chosen
            .into_iter()
            .map(|listener| {
                let rules: Vec<_> = listener
                    .rules
                    .iter()
                    .map(|rule| {
                        let resource = resource(request, &listener.id, &rule.id);
                        json!({"LocationId": rule.id, "Domain": rule.domain, "Url": rule.url,
                            "Targets": [], "FunctionTargets": targets(region, &resource)})
                    })
                    .collect();
                json!({"ListenerId": listener.id, "Protocol": listener.protocol,
                    "Port": listener.port, "Rules": rules, "Targets": null})
            })
            .collect();
        Ok(Reply::from_iter([("Listeners".to_owned(), json!(listeners))]))
    }

    pub(super) fn describe_task_status(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let id = request.required("TaskId");
        let Some(ends) = self.region(request)?.tasks.get(id) else {
            let text = format!("There is no task `{id}`.");
            return Err(request.refuse(&["InvalidParameter"], text));
        };
        let status = if ends.0 <= request.now() { 0 } else { 2 };
        Ok(Reply::from_iter([
            ("Status".to_owned(), json!(status)),
            ("LoadBalancerIds".to_owned(), Value::Null),
            ("Message".to_owned(), json!("")),
        ]))
    }

    /// Refuses while a task runs on the load balancer.
    fn check_idle(&mut self, request: &Request) -> Result<(), Refusal> {
        let busy = self.balancer(request)?.busy_until;
        if busy.is_some_and(|until| until.0 > request.now()) {
            let text = "The load balancer is busy with another task.";
            return Err(request.refuse(&["FailedOperation.ResourceInOperating"], text));
        }
        Ok(())
    }

    /// The answer to a change: its `RequestId` names the task.
    fn task(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let ends = after(request.now(), request.context.transition);
        self.balancer(request)?.busy_until = Some(ends);
        let id = uuid::Uuid::new_v4().to_string();
        let tasks = &mut self.region_mut(request)?.tasks;
        // Others may still ask after theirs.
        tasks.retain(|_, ends| request.now() - ends.0 < TASKS_ARE_KNOWN_FOR);
        tasks.insert(id.clone(), ends);
        Ok(Reply::from_iter([("RequestId".to_owned(), json!(id))]))
    }

    pub(super) fn create_rule(&mut self, request: &Request) -> Result<Reply, Refusal> {
        self.check_idle(request)?;
        let wanted = request.required("ListenerId");
        let balancer = self.balancer(request)?;
        let listener = balancer.listeners.iter_mut().find(|listener| listener.id == wanted);
        let Some(listener) = listener else { return Err(no_listener(request, wanted)) };
        let mut ids = Vec::new();
        for rule in request.list("Rules") {
            let text = |name: &str| rule[name].as_str().unwrap_or_default().to_owned();
            let (domain, url) = (text("Domain"), text("Url"));
            if !(1..=80).contains(&domain.len())
                || !(1..=200).contains(&url.len())
                || !url.starts_with('/')
            {
                let text = "A rule has a Domain of 1 to 80 and a Url of 1 to 200 characters.";
                return Err(request.refuse(&["InvalidParameterValue.Length"], text));
            }
            if listener.rules.iter().any(|known| known.domain == domain && known.url == url) {
                let text = format!("The listener has a rule for {domain}{url} already.");
                return Err(request.refuse(&["InvalidParameterValue.Duplicate"], text));
            }
            if listener.rules.len() >= RULES {
                let text = format!("A listener has at most {RULES} rules.");
                return Err(request.refuse(&["LimitExceeded"], text));
            }
            let id = fresh("loc");
            ids.push(id.clone());
            listener.rules.push(Rule { id, domain, url });
        }
        let mut reply = self.task(request)?;
        reply.insert("LocationIds".to_owned(), json!(ids));
        Ok(reply)
    }

    /// `ResourceId` of the triggers of the rule that a call names.
    fn rule(&mut self, request: &Request) -> Result<String, Refusal> {
        let wanted = request.required("ListenerId");
        let balancer = self.balancer(request)?;
        let listener = balancer.listeners.iter().find(|listener| listener.id == wanted);
        let Some(listener) = listener else { return Err(no_listener(request, wanted)) };
        let rule = listener.rules.iter().find(|rule| match request.text("LocationId") {
            Some(id) => rule.id == id,
            None => {
                request.text("Domain") == Some(rule.domain.as_str())
                    && request.text("Url") == Some(rule.url.as_str())
            }
        });
        let Some(rule) = rule else {
            let text = "The listener has no such rule.";
            return Err(request.refuse(&["InvalidParameter.LocationNotFound"], text));
        };
        Ok(resource(request, &listener.id, &rule.id))
    }

    /// The function, qualifier and weight of each target that a call names.
    fn named<'r>(
        &mut self,
        request: &'r Request,
    ) -> Result<Vec<(&'r str, &'r str, &'r str, i64)>, Refusal> {
        let mut named = Vec::new();
        for target in request.list("FunctionTargets") {
            let text = |name: &str| target["Function"][name].as_str().unwrap_or_default();
            let weight = target["Weight"].as_i64().unwrap_or(10);
            let (namespace, name) = (text("FunctionNamespace"), text("FunctionName"));
            let qualifier = text("FunctionQualifier");
            if !(0..=100).contains(&weight) {
                let text = "Weight is 0 to 100.";
                return Err(request.refuse(&["InvalidParameterValue.Range"], text));
            }
            let function = self.target(request, namespace, name)?;
            let kind = target["Function"]["FunctionQualifierType"].as_str();
            let is_version = function.versions.contains_key(qualifier);
            let kind_is_right = match kind {
                Some("VERSION") => is_version,
                Some("ALIAS") => !is_version,
                Some(_) => false,
                None => true,
            };
            if !function.has(qualifier) || !kind_is_right {
                let text = format!("`{qualifier}` of the function `{name}` does not exist.");
                return Err(request.refuse(&["ResourceNotFound"], text));
            }
            named.push((namespace, name, qualifier, weight));
        }
        Ok(named)
    }

    fn target(
        &mut self,
        request: &Request,
        namespace: &str,
        name: &str,
    ) -> Result<&mut Function, Refusal> {
        let namespaces = &mut self.region_mut(request)?.namespaces;
        let found =
            namespaces.get_mut(namespace).and_then(|namespace| namespace.functions.get_mut(name));
        found.ok_or_else(|| {
            let text = format!("The function `{name}` does not exist.");
            request.refuse(&["ResourceNotFound"], text)
        })
    }

    pub(super) fn register_function_targets(
        &mut self,
        request: &Request,
    ) -> Result<Reply, Refusal> {
        self.check_idle(request)?;
        let resource = self.rule(request)?;
        for (namespace, name, qualifier, weight) in self.named(request)? {
            let function = self.target(request, namespace, name)?;
            if function.triggers.iter().any(|trigger| is_bound(trigger, &resource, qualifier)) {
                let text = format!("`{qualifier}` of the function `{name}` is a target already.");
                return Err(request.refuse(&["InvalidParameterValue.Duplicate"], text));
            }
            let form = json!({"weight": weight}).to_string();
            let trigger = made_elsewhere(request, "clb", qualifier, form, resource.clone());
            function.triggers.push(trigger);
        }
        self.task(request)
    }

    pub(super) fn modify_function_targets(&mut self, request: &Request) -> Result<Reply, Refusal> {
        self.check_idle(request)?;
        let resource = self.rule(request)?;
        for (namespace, name, qualifier, weight) in self.named(request)? {
            let now = Moment(request.now());
            let function = self.target(request, namespace, name)?;
            let mut bound = function.triggers.iter_mut();
            let found = bound.find(|trigger| is_bound(trigger, &resource, qualifier));
            let Some(found) = found else { return Err(no_target(request, name, qualifier)) };
            found.description_form = json!({"weight": weight}).to_string();
            found.modified = now;
        }
        self.task(request)
    }

    pub(super) fn deregister_function_targets(
        &mut self,
        request: &Request,
    ) -> Result<Reply, Refusal> {
        self.check_idle(request)?;
        let resource = self.rule(request)?;
        for (namespace, name, qualifier, _) in self.named(request)? {
            let function = self.target(request, namespace, name)?;
            let before = function.triggers.len();
            function.triggers.retain(|trigger| !is_bound(trigger, &resource, qualifier));
            if function.triggers.len() == before {
                return Err(no_target(request, name, qualifier));
            }
        }
        self.task(request)
    }
}

fn is_bound(trigger: &Trigger, resource: &str, qualifier: &str) -> bool {
    trigger.kind == "clb" && trigger.id == resource && trigger.qualifier == qualifier
}

/// `ResourceId` of what is bound to a rule.
fn resource(request: &Request, listener: &str, location: &str) -> String {
    let balancer = request.required("LoadBalancerId");
    format!("qcs::clb:{}:uin/{UIN}:{balancer}/{listener}/{location}", request.region)
}

/// The functions behind a rule.
fn targets(region: &Region, resource: &str) -> Vec<Value> {
    let mut shown = Vec::new();
    for (namespace, content) in &region.namespaces {
        for (name, function) in &content.functions {
            let bound = function.triggers.iter().filter(|trigger| trigger.id == resource);
            shown.extend(bound.map(|trigger| {
                let form: BTreeMap<String, Value> =
                    serde_json::from_str(&trigger.description_form).unwrap_or_default();
                let is_version = function.versions.contains_key(&trigger.qualifier);
                json!({
                    "Function": {
                        "FunctionNamespace": namespace,
                        "FunctionName": name,
                        "FunctionQualifier": trigger.qualifier,
                        "FunctionQualifierType": if is_version { "VERSION" } else { "ALIAS" },
                    },
                    "Weight": form.get("weight"),
                })
            }));
        }
    }
    shown
}

fn no_listener(request: &Request, id: &str) -> Refusal {
    let text = format!("The load balancer has no listener `{id}`.");
    request.refuse(&["InvalidParameter.ListenerIdNotFound"], text)
}

fn no_target(request: &Request, name: &str, qualifier: &str) -> Refusal {
    let text = format!("`{qualifier}` of the function `{name}` is not a target of the rule.");
    request.refuse(&["InvalidParameter", "ResourceNotFound"], text)
}
