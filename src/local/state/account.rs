//! Namespaces and the account.

use serde_json::{Value, json};

use super::super::error::Refusal;
use super::functions::FUNCTIONS;
use super::pages::{ascending, order_by, page};
use super::request::{Request, is_namespace_name};
use super::{Moment, Namespace, Reply, State};
use crate::order::Order as _;

/// Concurrency memory of an account in a region, in MB.
pub(super) const TOTAL_CONCURRENCY: u64 = 128_000;
/// The account's number, as `GetUserAppId` tells it and names of buckets end in it.
pub(super) const APP_ID: u64 = 1_250_000_000;
/// The account itself.
pub(super) const UIN: &str = "100000000001";
/// Namespaces of a region.
const NAMESPACES: usize = 5;

impl State {
    pub(super) fn create_namespace(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let name = request.required("Namespace");
        let description = request.check_description()?.unwrap_or_default();
        if !is_namespace_name(name) {
            return Err(request.refuse(
                &["InvalidParameterValue.NamespaceInvalid"],
                format!("`{name}` cannot be a namespace's name."),
            ));
        }
        let region = self.region_mut(request)?;
        if region.namespaces.contains_key(name) {
            return Err(request.exists(
                "Namespace",
                "Namespace",
                format!("The namespace `{name}` exists already."),
            ));
        }
        if region.namespaces.len() >= NAMESPACES {
            return Err(request.refuse(
                &["LimitExceeded.Namespace"],
                format!("A region has at most {NAMESPACES} namespaces."),
            ));
        }
        let namespace = Namespace::new(description, request.now());
        region.namespaces.insert(name.to_owned(), namespace);
        Ok(Reply::new())
    }

    pub(super) fn update_namespace(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let description = request.check_description()?.unwrap_or_default();
        let now = Moment(request.now());
        let namespace = self.namespace_mut(request)?;
        description.clone_into(&mut namespace.description);
        namespace.modified = now;
        Ok(Reply::new())
    }

    pub(super) fn delete_namespace(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let name = request.required("Namespace");
        if name == "default" {
            return Err(request.refuse(
                &["InvalidParameterValue.Namespace"],
                "The default namespace cannot be deleted.",
            ));
        }
        if !self.namespace(request)?.functions.is_empty() {
            return Err(request.refuse(
                &["ResourceInUse.Namespace"],
                format!("The namespace `{name}` has functions."),
            ));
        }
        self.region_mut(request)?.namespaces.remove(name);
        Ok(Reply::new())
    }

    pub(super) fn list_namespaces(&self, request: &Request) -> Result<Reply, Refusal> {
        let field = order_by(request, "Orderby", &["Updatetime", "Name"])?;
        let upwards = ascending(request, field == "Name")?;
        let search = request.list("SearchKey");
        let mut found = Vec::new();
        for (name, namespace) in &self.region(request)?.namespaces {
            let passes = search.iter().all(|search| {
                let value = search.get("Value").and_then(Value::as_str).unwrap_or("");
                match search.get("Key").and_then(Value::as_str) {
                    Some("Namespace") => name.contains(value),
                    Some("Description") => namespace.description.contains(value),
                    _ => false,
                }
            });
            if passes {
                found.push((name, namespace));
            }
        }
        if field == "Updatetime" {
            found.order_by_key(|(_, namespace)| namespace.modified);
        }
        if !upwards {
            found.reverse();
        }
        let (found, total) = page(request, found)?;
        let shown = found
            .into_iter()
            .map(|(name, namespace)| {
                json!({
                    "Name": name,
                    "Description": namespace.description,
                    "Type": "",
                    "AddTime": request.show(namespace.added),
                    "ModTime": request.show(namespace.modified),
                })
            })
            .collect();
        let mut reply = Reply::new();
        reply.insert("Namespaces".to_owned(), Value::Array(shown));
        reply.insert("TotalCount".to_owned(), total);
        Ok(reply)
    }

    pub(super) fn get_account(&self, request: &Request) -> Result<Reply, Refusal> {
        let region = self.region(request)?;
        let mut usage = Vec::new();
        let mut limits = Vec::new();
        let mut reserved = 0;
        for (name, namespace) in &region.namespaces {
            let functions: Vec<_> = namespace.functions.keys().collect();
            let own: u64 =
                namespace.functions.values().filter_map(|function| function.reserved).sum();
            reserved += own;
            usage.push(json!({
                "Namespace": name,
                "Functions": functions,
                "FunctionsCount": functions.len(),
                "TotalConcurrencyMem": region.total_concurrency,
                "TotalAllocatedConcurrencyMem": own,
                "TotalAllocatedProvisionedMem": 0,
            }));
            limits.push(json!({
                "Namespace": name,
                "FunctionsCount": FUNCTIONS,
                "Trigger": {"Cos": 10, "Timer": 10, "Cmq": 10, "Total": 100, "Ckafka": 10,
                    "Apigw": 10, "Cls": 10, "Clb": 10, "Mps": 10, "Cm": 10, "Vod": 10, "Eb": 10},
                "ConcurrentExecutions": 300,
                "TimeoutLimit": 900,
                "InitTimeoutLimit": 300,
                "TestModelLimit": 0,
                "RetryNumLimit": 2,
                "MinMsgTTL": 60,
                "MaxMsgTTL": 21600,
            }));
        }
        let mut reply = Reply::new();
        reply.insert(
            "AccountUsage".to_owned(),
            json!({
                "NamespacesCount": region.namespaces.len(),
                "Namespace": usage,
                "TotalConcurrencyMem": region.total_concurrency,
                "TotalAllocatedConcurrencyMem": reserved,
                "UserConcurrencyMemLimit": region.total_concurrency,
            }),
        );
        reply.insert(
            "AccountLimit".to_owned(),
            json!({"NamespacesCount": NAMESPACES, "Namespace": limits}),
        );
        Ok(reply)
    }
}
