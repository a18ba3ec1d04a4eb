//! The functions, versions, aliases and triggers, and what actions do to them.
//!
//! Pure: a state, an action with its parameters, a time and the behaviour make
//! a reply or an error. Nothing here waits: work that lasts on the platform is
//! a status with the time at which it ends.

mod account;
mod aliases;
mod balancers;
mod buckets;
mod code;
mod concurrency;
mod configuration;
mod cron;
mod functions;
mod invoke;
mod layers;
mod load;
mod logs;
mod monitor;
mod outdated;
mod pages;
mod products;
mod request;
mod routing;
mod search;
mod sessions;
mod sources;
#[cfg(test)]
mod tests;
mod triggers;
mod versions;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::behaviour::Behaviour;
use super::error::Refusal;
use super::validate;
use crate::order::{Order as _, Ordered as _};
use buckets::Bucket;
pub(super) use buckets::{About, Object};
use request::Request;
pub(super) use sessions::{Rules, Session};

/// The members of `Response`, without `RequestId`.
pub(super) type Reply = Map<String, Value>;

/// The name of the editable version.
const LATEST: &str = "$LATEST";
/// The name of the alias that every function has from birth.
const DEFAULT: &str = "$DEFAULT";

/// What a call goes by besides the state and its parameters.
pub(super) struct Context<'a> {
    /// The server's clock.
    pub(super) now: DateTime<Utc>,
    /// The answers to the reference's open questions.
    pub(super) behaviour: &'a Behaviour,
    /// How long creating, updating, publishing and deleting take.
    pub(super) transition: Duration,
    /// Makes the address at which the package of a hash can be fetched.
    pub(super) download: &'a (dyn Fn(&str) -> String + Sync),
    /// What roles go by.
    pub(super) roles: Rules<'a>,
    /// Whether a new function without a log topic writes to the one of its region.
    pub(super) default_topic: bool,
    /// Decides which version an alias gives a call, by a number from 0 up to 1.
    pub(super) draw: &'a (dyn Fn() -> f64 + Send + Sync),
    /// Whether the call comes past the network and sees what is there, however reads behave.
    pub(super) direct: bool,
}

/// Everything there is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    format: u32,
    regions: BTreeMap<String, Region>,
    /// Buckets of COS by their whole names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    buckets: BTreeMap<String, Bucket>,
    /// Packages and objects by the SHA-256 of their bytes, kept beside the state file.
    #[serde(skip)]
    packages: BTreeMap<String, Arc<Vec<u8>>>,
    /// How the next work that fits ends, in place of `Active`.
    #[serde(skip)]
    failure: Option<Failure>,
    /// Keys of roles. They end with the process: a file would be a place for secrets.
    #[serde(skip)]
    sessions: Vec<Session>,
    /// What the next reads show in place of what is there.
    #[serde(skip)]
    outdated: outdated::Outdated,
}

/// The layout of the state file.
const FORMAT: u32 = 1;

impl Default for State {
    fn default() -> Self {
        Self {
            format: FORMAT,
            regions: BTreeMap::new(),
            buckets: BTreeMap::new(),
            packages: BTreeMap::new(),
            failure: None,
            sessions: Vec::new(),
            outdated: outdated::Outdated::default(),
        }
    }
}

/// How the next work that fits is to fail.
#[derive(Debug, Clone)]
struct Failure {
    status: String,
    reason: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Region {
    namespaces: BTreeMap<String, Namespace>,
    total_concurrency: u64,
    /// The load balancers that were named so far.
    #[serde(default)]
    balancers: BTreeMap<String, balancers::Balancer>,
    /// When the tasks of load balancers end.
    #[serde(default)]
    tasks: BTreeMap<String, Moment>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    layers: BTreeMap<String, layers::Layer>,
    /// Topics that have logs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    topics: BTreeMap<String, logs::Topic>,
}

impl Region {
    fn new(now: DateTime<Utc>) -> Self {
        let default = Namespace::new("default namespace", now);
        Self {
            namespaces: [("default".to_owned(), default)].into_iter().into_map(),
            total_concurrency: account::TOTAL_CONCURRENCY,
            balancers: BTreeMap::new(),
            tasks: BTreeMap::new(),
            layers: BTreeMap::new(),
            topics: BTreeMap::new(),
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Namespace {
    description: String,
    added: Moment,
    modified: Moment,
    functions: BTreeMap<String, Function>,
}

impl Namespace {
    fn new(description: &str, now: DateTime<Utc>) -> Self {
        Self {
            description: description.to_owned(),
            added: Moment(now),
            modified: Moment(now),
            functions: BTreeMap::new(),
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Function {
    id: String,
    /// The number of the next version; it only grows.
    next_version: u64,
    versions: BTreeMap<String, Version>,
    aliases: BTreeMap<String, Alias>,
    triggers: Vec<Trigger>,
    retries: Retries,
    /// They are the function's, not a version's.
    #[serde(default)]
    tags: BTreeMap<String, String>,
    provisioned: BTreeMap<String, Provisioned>,
    reserved: Option<u64>,
    runs: VecDeque<Run>,
    /// Calls that nobody sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    load: Option<load::Load>,
    /// Calls that came by themselves, by minute (Unix time over 60).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    called: BTreeMap<i64, Vec<load::Called>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Version {
    description: String,
    added: Moment,
    modified: Moment,
    status: Status,
    code: Code,
    /// The configuration, in the spelling of the API.
    configuration: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Code {
    /// The source as it was named, without the bytes.
    source: Value,
    /// The hash of the package, if its bytes were sent.
    sha256: Option<String>,
    size: u64,
}

/// A status, and what becomes of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Status {
    name: String,
    /// Why it failed.
    #[serde(default)]
    reason: Option<String>,
    /// The work that is running.
    #[serde(default)]
    work: Option<Work>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Work {
    ends: Moment,
    /// The status it ends in; `Deleted` means that nothing is left.
    result: String,
    #[serde(default)]
    reason: Option<String>,
}

impl Status {
    fn is_active(&self) -> bool {
        self.name == "Active"
    }

    /// Whether no work is running.
    fn is_settled(&self) -> bool {
        !matches!(self.name.as_str(), "Creating" | "Updating" | "Publishing" | "Deleting")
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Alias {
    version: String,
    description: String,
    routing: routing::Routing,
    added: Moment,
    modified: Moment,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Trigger {
    name: String,
    kind: String,
    /// The description in the form of answers.
    description_form: String,
    qualifier: String,
    enabled: bool,
    custom_argument: String,
    description: String,
    /// `ResourceId`.
    id: String,
    /// Whether the other product sends its events.
    #[serde(default = "bound")]
    bound: bool,
    added: Moment,
    modified: Moment,
}

/// Triggers of earlier state files are all bound.
fn bound() -> bool {
    true
}

/// What becomes of asynchronous invocations that fail.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Retries {
    ttl: i64,
    count: i64,
}

impl Default for Retries {
    fn default() -> Self {
        Self { ttl: 21600, count: 2 }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Provisioned {
    wanted: u64,
    ready: Moment,
    actions: Value,
    kind: String,
    /// Why the instances did not come, once they should have.
    #[serde(default)]
    failure: Option<String>,
}

/// A remembered invocation.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Run {
    id: String,
    started: Moment,
    result: String,
    #[serde(default)]
    failed: bool,
    #[serde(default)]
    duration_ms: f64,
}

/// A time in the state file: RFC 3339 text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(DateTime<Utc>);

impl Moment {
    /// Before everything.
    const FIRST: Self = Self(DateTime::<Utc>::UNIX_EPOCH);
    /// After everything: the last second that RFC 3339 has a text for.
    const LAST: Self = match DateTime::from_timestamp(253_402_300_799, 0) {
        Some(last) => Self(last),
        None => Self::FIRST,
    };
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.to_rfc3339())
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text)
            .map(|time| Self(time.to_utc()))
            .map_err(serde::de::Error::custom)
    }
}

/// The later end of a duration, however long it is.
fn after(now: DateTime<Utc>, duration: Duration) -> Moment {
    let end = TimeDelta::from_std(duration).ok().and_then(|delta| now.checked_add_signed(delta));
    end.map_or(Moment::LAST, Moment).min(Moment::LAST)
}

impl State {
    /// Whether this program understands the layout.
    pub(super) fn is_readable(&self) -> bool {
        self.format == FORMAT
    }

    /// The packages that versions refer to, by hash.
    pub(super) fn packages(&self) -> &BTreeMap<String, Arc<Vec<u8>>> {
        &self.packages
    }

    /// The hashes of the packages that versions refer to.
    pub(super) fn package_hashes(&self) -> Vec<String> {
        let layers = self.regions.values().flat_map(|region| region.layers.values());
        let mut hashes: Vec<_> = self
            .regions
            .values()
            .flat_map(|region| region.namespaces.values())
            .flat_map(|namespace| namespace.functions.values())
            .flat_map(|function| function.versions.values())
            .filter_map(|version| version.code.sha256.clone())
            .chain(self.buckets.values().flat_map(Bucket::hashes))
            .chain(layers.flat_map(layers::Layer::hashes))
            .collect();
        hashes.order();
        hashes.dedup();
        hashes
    }

    /// Takes in a package read from beside the state file.
    pub(super) fn add_package(&mut self, hash: String, bytes: Arc<Vec<u8>>) {
        self.packages.insert(hash, bytes);
    }

    /// Takes over what the state file does not have from the state before.
    pub(super) fn keep_what_is_not_written(&mut self, before: &mut Self) {
        self.failure = before.failure.take();
        self.sessions = std::mem::take(&mut before.sessions);
        self.outdated = std::mem::take(&mut before.outdated);
        for (name, bucket) in &mut self.buckets {
            if let Some(before) = before.buckets.get_mut(name) {
                bucket.uploads = std::mem::take(&mut before.uploads);
            }
        }
    }

    /// Drops packages that no version refers to any more.
    pub(super) fn forget_unused_packages(&mut self) {
        let used = self.package_hashes();
        self.packages.retain(|hash, _| used.binary_search(hash).is_ok());
    }

    /// Ends the work whose time has come.
    pub(super) fn settle(&mut self, now: DateTime<Utc>) {
        let namespaces =
            self.regions.values_mut().flat_map(|region| region.namespaces.values_mut());
        for namespace in namespaces {
            namespace.functions.retain(|_, function| {
                function.versions.retain(|_, version| {
                    let ended = version.status.work.take_if(|work| work.ends.0 <= now);
                    if let Some(work) = ended {
                        version.status.name = work.result;
                        version.status.reason = work.reason;
                    }
                    version.status.name != "Deleted"
                });
                function.versions.contains_key(LATEST)
            });
        }
    }

    /// Carries out an action.
    pub(super) fn call(
        &mut self,
        product: &str,
        region: &str,
        action: &str,
        parameters: &Map<String, Value>,
        context: &Context,
    ) -> Result<Reply, Refusal> {
        let facts = validate::action(product, action).ok_or_else(|| {
            Refusal::new(
                "InvalidAction",
                format!("The action `{action}` does not exist in this version of the API."),
            )
        })?;
        validate::check(facts, parameters)?;
        self.settle(context.now);
        self.regions.entry(region.to_owned()).or_insert_with(|| Region::new(context.now));
        let request = Request { region, action, facts, parameters, context };
        if product != validate::SCF {
            return self.call_product(product, &request);
        }
        let past = if context.direct { None } else { self.past(&request) };
        let before = self.before(&request);
        let reply = match past {
            Some(mut past) => past.carry_out(&request),
            None => self.carry_out(&request),
        }?;
        self.note_routes(&request);
        self.remember(&request, before);
        self.forget_unused_packages();
        Ok(reply)
    }

    fn carry_out(&mut self, request: &Request) -> Result<Reply, Refusal> {
        match request.action {
            "CreateFunction" => self.create_function(request),
            "UpdateFunctionCode" => self.update_function_code(request),
            "UpdateFunctionConfiguration" => self.update_function_configuration(request),
            "GetFunction" => self.get_function(request),
            "ListFunctions" => self.list_functions(request),
            "DeleteFunction" => self.delete_function(request),
            "CopyFunction" => self.copy_function(request),
            "GetFunctionAddress" => self.get_function_address(request),
            "DeleteFunctionVersion" => self.delete_function_version(request),
            "PublishVersion" => self.publish_version(request),
            "ListVersionByFunction" => self.list_version_by_function(request),
            "CreateAlias" => self.create_alias(request),
            "UpdateAlias" => self.update_alias(request),
            "GetAlias" => self.get_alias(request),
            "ListAliases" => self.list_aliases(request),
            "DeleteAlias" => self.delete_alias(request),
            "CreateTrigger" => self.create_trigger(request),
            "UpdateTrigger" => self.update_trigger(request),
            "UpdateTriggerStatus" => self.update_trigger_status(request),
            "DeleteTrigger" => self.delete_trigger(request),
            "ListTriggers" => self.list_triggers(request),
            "Invoke" | "InvokeFunction" => self.invoke(request),
            "GetRequestStatus" => self.get_request_status(request),
            "CreateNamespace" => self.create_namespace(request),
            "UpdateNamespace" => self.update_namespace(request),
            "DeleteNamespace" => self.delete_namespace(request),
            "ListNamespaces" => self.list_namespaces(request),
            "GetAccount" => self.get_account(request),
            "GetFunctionEventInvokeConfig" => self.get_function_event_invoke_config(request),
            "UpdateFunctionEventInvokeConfig" => self.update_function_event_invoke_config(request),
            "PutProvisionedConcurrencyConfig" => self.put_provisioned_concurrency(request),
            "GetProvisionedConcurrencyConfig" => self.get_provisioned_concurrency(request),
            "DeleteProvisionedConcurrencyConfig" => self.delete_provisioned_concurrency(request),
            "PutReservedConcurrencyConfig" => self.put_reserved_concurrency(request),
            "GetReservedConcurrencyConfig" => self.get_reserved_concurrency(request),
            "DeleteReservedConcurrencyConfig" => self.delete_reserved_concurrency(request),
            "PublishLayerVersion" => self.publish_layer_version(request),
            "ListLayerVersions" => self.list_layer_versions(request),
            "GetLayerVersion" => self.get_layer_version(request),
            "DeleteLayerVersion" => self.delete_layer_version(request),
            "PutTotalConcurrencyConfig" => self.put_total_concurrency(request),
            action => Err(Refusal::new(
                "UnsupportedOperation",
                format!("The local SCF does not implement `{action}`."),
            )),
        }
    }

    /// Makes the next work that would end well end in a failed status.
    pub(super) fn fail_next(&mut self, status: &str, reason: &str) {
        self.failure = Some(Failure { status: status.to_owned(), reason: reason.to_owned() });
    }

    /// Gives a version a status for good.
    pub(super) fn set_status(
        &mut self,
        place: &super::Place,
        qualifier: &str,
        status: &str,
        reason: Option<&str>,
    ) -> Result<(), Refusal> {
        let function = self.at(place)?;
        let version = function.versions.get_mut(qualifier).ok_or_else(|| {
            Refusal::new("ResourceNotFound.Version", format!("no version {qualifier}"))
        })?;
        version.status =
            Status { name: status.to_owned(), reason: reason.map(str::to_owned), work: None };
        Ok(())
    }

    /// Gives an alias a routing as other tools leave it behind, unchecked.
    pub(super) fn set_routing(
        &mut self,
        place: &super::Place,
        name: &str,
        version: &str,
        routing: &Value,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let function = self.at(place)?;
        let alias = function
            .aliases
            .get_mut(name)
            .ok_or_else(|| Refusal::new("ResourceNotFound.Alias", format!("no alias {name}")))?;
        version.clone_into(&mut alias.version);
        alias.routing = serde_json::from_value(routing.clone())
            .map_err(|error| Refusal::new("InvalidParameter.RoutingConfig", error.to_string()))?;
        function.note_routes(now);
        Ok(())
    }

    /// Remembers where the aliases of the function lead after a call.
    fn note_routes(&mut self, request: &Request) {
        let name = request.text("FunctionName").unwrap_or_default();
        let namespace = request.namespace();
        let region = self.regions.get_mut(request.region);
        let namespace = region.and_then(|region| region.namespaces.get_mut(namespace));
        if let Some(function) = namespace.and_then(|found| found.functions.get_mut(name)) {
            function.note_routes(request.now());
        }
    }

    fn at(&mut self, place: &super::Place) -> Result<&mut Function, Refusal> {
        self.regions
            .get_mut(&place.region)
            .and_then(|region| region.namespaces.get_mut(&place.namespace))
            .and_then(|namespace| namespace.functions.get_mut(&place.function))
            .ok_or_else(|| {
                Refusal::new("ResourceNotFound.Function", format!("nothing at {place:?}"))
            })
    }

    /// The state as JSON, for assertions of tests.
    pub(super) fn snapshot(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Starts work on a version that ends in `Active`, or as told to fail.
    fn begin(&mut self, request: &Request, name: &str, times: u32) -> Status {
        let mut work = Work {
            ends: after(request.context.now, request.context.transition * times),
            result: "Active".to_owned(),
            reason: None,
        };
        // `Creating` ends in `CreateFailed`, and so on: the stem tells.
        let stem = name.trim_end_matches("ing");
        let failure = self.failure.take_if(|failure| failure.status.starts_with(stem));
        if let Some(failure) = failure {
            work.result = failure.status;
            work.reason = Some(failure.reason);
        }
        Status { name: name.to_owned(), reason: None, work: Some(work) }
    }
}
