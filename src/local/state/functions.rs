//! Functions: `$LATEST` and what surrounds it.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::super::behaviour::CodeHash;
use super::super::error::Refusal;
use super::code::{self, Brought};
use super::concurrency::check_settled;
use super::configuration;
use super::logs::{default_topic, topic_of};
use super::pages::{ascending, order_by, page};
use super::request::{Request, is_namespace_name};
use super::routing::Routing;
use super::triggers;
use super::versions::{check_cap, check_idle, deleting, publish};
use super::{Alias, DEFAULT, Function, LATEST, Moment, Reply, Retries, State, Version};
use crate::order::{Order as _, Ordered as _};

/// Functions of a namespace.
pub(super) const FUNCTIONS: usize = 50;

impl State {
    pub(super) fn create_function(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let name = request.function_name("FunctionName")?;
        let namespace = request.namespace();
        if !is_namespace_name(namespace) {
            return Err(request.refuse(
                &["InvalidParameterValue.Namespace"],
                format!("`{namespace}` cannot be a namespace's name."),
            ));
        }
        let description = request.check_description()?.unwrap_or_default();
        let place = self.namespace(request)?;
        if place.functions.contains_key(name) {
            return Err(request.exists(
                "Function",
                "FunctionName",
                format!("The function `{name}` exists already."),
            ));
        }
        if place.functions.len() >= FUNCTIONS {
            return Err(request.refuse(
                &["LimitExceeded.Function"],
                "The namespace has as many functions as it may have.",
            ));
        }
        let brought = code::read(request, self)?;
        let mut configuration = configuration::create(request, brought.image)?;
        if request.context.default_topic && topic_of(&configuration).is_none() {
            let topic = default_topic().map(|(key, value)| (key.to_owned(), json!(value)));
            configuration.extend(topic);
        }
        let tags = configuration::tags(request)?;
        let status = self.begin(request, "Creating", 1);
        let code = self.keep(brought);
        let now = Moment(request.now());
        let latest = Version {
            description: description.to_owned(),
            added: now,
            modified: now,
            status,
            code,
            configuration,
        };
        let mut function = new_function(now, latest);
        function.tags = tags;
        self.namespace_mut(request)?.functions.insert(name.to_owned(), function);
        Ok(Reply::new())
    }

    pub(super) fn update_function_code(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let function = self.function(request)?;
        let latest = function.latest()?;
        check_changeable(request, function)?;
        let publishes = request.switch("Publish")? == Some(true);
        let installs = request.switch("InstallDependency")?;
        let brought = code::read(request, self)?;
        let mut configuration = latest.configuration.clone();
        if let Some(installs) = installs {
            let switch = if installs { "TRUE" } else { "FALSE" };
            configuration.insert("InstallDependency".to_owned(), json!(switch));
        }
        if let Some(handler) = request.text("Handler").filter(|text| !text.is_empty()) {
            let runtime = configuration.get("Runtime").and_then(Value::as_str);
            configuration::check_handler(request, runtime.unwrap_or_default(), handler)?;
            configuration.insert("Handler".to_owned(), json!(handler));
        }
        let description = latest.description.clone();
        let code = self.keep(brought);
        self.change_latest(request, code, configuration, description, publishes)
    }

    pub(super) fn update_function_configuration(
        &mut self,
        request: &Request,
    ) -> Result<Reply, Refusal> {
        let description = request.check_description()?;
        let function = self.function(request)?;
        let latest = function.latest()?;
        check_changeable(request, function)?;
        let publishes = request.switch("Publish")? == Some(true);
        let configuration = configuration::update(request, &latest.configuration)?;
        let description = description.map_or_else(|| latest.description.clone(), str::to_owned);
        let code = latest.code.clone();
        self.change_latest(request, code, configuration, description, publishes)
    }

    /// Gives `$LATEST` new content; with `Publish`, publishes it afterwards.
    fn change_latest(
        &mut self,
        request: &Request,
        code: super::Code,
        configuration: Map<String, Value>,
        description: String,
        publishes: bool,
    ) -> Result<Reply, Refusal> {
        if publishes {
            check_cap(request, self.function(request)?)?;
        }
        let status = self.begin(request, "Updating", 1);
        let failed = status.work.as_ref().is_some_and(|work| work.result != "Active");
        let publishing = publishes.then(|| self.begin(request, "Publishing", 2));
        let function = self.function_mut(request)?;
        let latest = function.latest_mut()?;
        latest.status = status;
        latest.modified = Moment(request.now());
        // A failed change leaves the previous content.
        if !failed {
            latest.code = code;
            latest.configuration = configuration;
            latest.description = description;
            if let Some(publishing) = publishing {
                publish(function, request, "", publishing)?;
            }
        }
        Ok(Reply::new())
    }

    /// Keeps the bytes of brought code, and returns what a version stores.
    fn keep(&mut self, brought: Brought) -> super::Code {
        if let (Some(hash), Some(bytes)) = (&brought.code.sha256, brought.package) {
            self.packages.insert(hash.clone(), bytes);
        }
        brought.code
    }

    pub(super) fn get_function(&self, request: &Request) -> Result<Reply, Refusal> {
        request.switch("ShowCode")?;
        request.switch("ShowTriggers")?;
        let function = self.function(request)?;
        let qualifier = request.qualifier(LATEST);
        let (name, version) = request.resolve(function, qualifier)?;
        let mut reply = describe(request, function, version);
        reply.insert("FunctionVersion".to_owned(), json!(name));
        reply.insert("Qualifier".to_owned(), json!(qualifier));
        let triggers: Vec<_> = if request.text("ShowTriggers") == Some("FALSE") {
            Vec::new()
        } else {
            let bound = function.triggers.iter();
            bound
                .filter(|trigger| trigger.qualifier == qualifier)
                .map(|trigger| triggers::show(request, trigger))
                .collect()
        };
        reply.insert("Triggers".to_owned(), Value::Array(triggers));
        Ok(reply)
    }

    pub(super) fn list_functions(&self, request: &Request) -> Result<Reply, Refusal> {
        let namespace = self.namespace(request)?;
        let field = order_by(request, "Orderby", &["ModTime", "AddTime", "FunctionName"])?;
        let upwards = ascending(request, false)?;
        let filters = read_filters(request, FUNCTION_FILTERS)?;
        let mut found = Vec::new();
        for (name, function) in &namespace.functions {
            let latest = function.latest()?;
            let within = |parameter: &str, text: &str| {
                request.text(parameter).is_none_or(|part| text.contains(part))
            };
            let passes = within("SearchKey", name)
                && within("Description", &latest.description)
                && filters.iter().all(|(filter, values)| {
                    let value = filter_value(function, latest, filter);
                    values.contains(&value.as_str())
                });
            if passes {
                found.push((name, function, latest));
            }
        }
        found.order_by_key(|(name, _, latest)| {
            let time = match field {
                "AddTime" => latest.added.0.timestamp(),
                "ModTime" => latest.modified.0.timestamp(),
                _ => 0,
            };
            (time, *name)
        });
        if !upwards {
            found.reverse();
        }
        let (found, total) = page(request, found)?;
        let shown = found
            .into_iter()
            .map(|(name, function, latest)| {
                let whole = describe(request, function, latest);
                let mut shown = Map::new();
                shown.insert("FunctionName".to_owned(), json!(name));
                for field in [
                    "ModTime",
                    "AddTime",
                    "Runtime",
                    "FunctionId",
                    "Namespace",
                    "Status",
                    "StatusDesc",
                    "StatusReasons",
                    "Description",
                    "Tags",
                    "Type",
                    "AsyncRunEnable",
                    "TraceEnable",
                ] {
                    let value = whole.get(field).cloned().unwrap_or_default();
                    shown.insert(field.to_owned(), value);
                }
                let reserved = function.reserved.map_or(Value::Null, Value::from);
                shown.insert("ReservedConcurrencyMem".to_owned(), reserved);
                shown.insert("TotalProvisionedConcurrencyMem".to_owned(), json!(0));
                Value::Object(shown)
            })
            .collect();
        let mut reply = Reply::new();
        reply.insert("Functions".to_owned(), Value::Array(shown));
        reply.insert("TotalCount".to_owned(), total);
        Ok(reply)
    }

    /// Without a qualifier the whole function goes, with one only that version.
    pub(super) fn delete_function(&mut self, request: &Request) -> Result<Reply, Refusal> {
        if let Some(qualifier) = request.text("Qualifier").filter(|text| !text.is_empty()) {
            return self.delete_version(request, qualifier);
        }
        let function = self.function_mut(request)?;
        let busy = function.versions.values().find(|version| !version.status.is_settled());
        if let Some(version) = busy {
            return Err(request.busy(&version.status.name));
        }
        for qualifier in function.provisioned.keys() {
            check_settled(request, function, qualifier)?;
        }
        for version in function.versions.values_mut() {
            version.status = deleting(request);
        }
        Ok(Reply::new())
    }

    pub(super) fn copy_function(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let target = request.function_name("NewFunctionName")?;
        let flag = |name: &str| request.value(name).and_then(Value::as_bool);
        let region = request.text("TargetRegion").unwrap_or(request.region);
        let namespace = request.text("TargetNamespace").unwrap_or(request.namespace());
        if !region.contains('-') {
            return Err(request.refuse(
                &["UnsupportedOperation.Region"],
                format!("There is no region `{region}`."),
            ));
        }
        let source = self.function(request)?.latest()?;
        if !source.status.is_active() {
            return Err(request.refuse(
                &["FailedOperation.CopyFunction"],
                format!("The status of the function is {}.", source.status.name),
            ));
        }
        let now = Moment(request.now());
        let mut copy = source.clone();
        for name in ["ClsLogsetId", "ClsTopicId"] {
            copy.configuration.shift_remove(name);
        }
        if flag("CopyConfiguration") == Some(false) {
            copy.configuration.shift_remove("Environment");
            copy.configuration.insert("MemorySize".to_owned(), json!(128));
            copy.configuration.insert("Timeout".to_owned(), json!(3));
        }
        if let Some(description) = request.check_description()? {
            description.clone_into(&mut copy.description);
        }
        (copy.added, copy.modified) = (now, now);
        copy.status = self.begin(request, "Creating", 1);
        let place = self
            .regions
            .entry(region.to_owned())
            .or_insert_with(|| super::Region::new(request.now()))
            .namespaces
            .get_mut(namespace)
            .ok_or_else(|| {
                request.refuse(
                    &["ResourceNotFound.Namespace"],
                    format!("The namespace `{namespace}` does not exist in {region}."),
                )
            })?;
        if place.functions.contains_key(target) && flag("Override") != Some(true) {
            return Err(request.refuse(
                &["ResourceInUse.FunctionName"],
                format!("The function `{target}` exists already."),
            ));
        }
        if region == request.region
            && namespace == request.namespace()
            && target == request.required("FunctionName")
        {
            return Err(request.refuse(
                &["FailedOperation.CopyFunction"],
                "A function cannot be copied onto itself.",
            ));
        }
        place.functions.insert(target.to_owned(), new_function(now, copy));
        Ok(Reply::new())
    }

    pub(super) fn get_function_address(&self, request: &Request) -> Result<Reply, Refusal> {
        let function = self.function(request)?;
        let (_, version) = request.resolve(function, request.qualifier(LATEST))?;
        if !version.status.is_settled() {
            return Err(Refusal::new(
                "FailedOperation.FunctionStatusError",
                format!("The status of the function is {}.", version.status.name),
            ));
        }
        let Some(hash) = &version.code.sha256 else {
            return Err(request.refuse(
                &["FailedOperation.GetFunctionAddress"],
                "The code was not sent inline, and the local SCF has no copy of it.",
            ));
        };
        let shown = match request.context.behaviour.code_sha256 {
            CodeHash::Uploaded => hash.clone(),
            CodeHash::Rebuilt => hex::encode(Sha256::digest(format!("rebuilt {hash}"))),
        };
        let mut reply = Reply::new();
        reply.insert("Url".to_owned(), json!((request.context.download)(hash)));
        reply.insert("CodeSha256".to_owned(), json!(shown));
        Ok(reply)
    }
}

fn new_function(now: Moment, latest: Version) -> Function {
    let default = Alias {
        version: LATEST.to_owned(),
        description: String::new(),
        routing: Routing::default(),
        added: now,
        modified: now,
    };
    let random: String = std::iter::repeat_with(|| fastrand::char('a'..='z')).take(8).collect();
    Function {
        id: format!("lam-{random}"),
        next_version: 1,
        versions: [(LATEST.to_owned(), latest)].into_iter().into_map(),
        aliases: [(DEFAULT.to_owned(), default)].into_iter().into_map(),
        triggers: Vec::new(),
        retries: Retries::default(),
        tags: BTreeMap::new(),
        provisioned: BTreeMap::new(),
        reserved: None,
        runs: VecDeque::new(),
        load: None,
        called: BTreeMap::new(),
    }
}

/// `$LATEST` can change when nothing runs and its creation did not fail.
fn check_changeable(request: &Request, function: &Function) -> Result<(), Refusal> {
    check_idle(request, function)?;
    match function.latest()?.status.name.as_str() {
        "Active" | "UpdateFailed" | "PublishFailed" => Ok(()),
        other => Err(request.busy(other)),
    }
}

/// What `GetFunction` says of a version, every declared field in place.
fn describe(request: &Request, function: &Function, version: &Version) -> Map<String, Value> {
    let configuration = &version.configuration;
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| {
        shown.insert(name.to_owned(), value);
    };
    put("FunctionName", json!(request.text("FunctionName").unwrap_or_default()));
    put("FunctionId", json!(function.id));
    put("Namespace", json!(request.namespace()));
    put("Description", json!(version.description));
    put("Status", json!(version.status.name));
    put("StatusDesc", json!(version.status.reason.as_deref().unwrap_or_default()));
    let reasons: Vec<_> = version
        .status
        .reason
        .iter()
        .map(|reason| json!({"ErrorCode": version.status.name, "ErrorMessage": reason}))
        .collect();
    put("StatusReasons", Value::Array(reasons));
    put("AvailableStatus", json!("Available"));
    put("AddTime", json!(request.show(version.added)));
    put("ModTime", json!(request.show(version.modified)));
    put("CodeSize", json!(version.code.size));
    put("CodeInfo", json!(""));
    put("CodeResult", json!("success"));
    put("CodeError", json!(""));
    put("ErrNo", json!(0));
    put("UseGpu", json!("FALSE"));
    put("EipConfig", json!({"EipFixed": "FALSE", "Eips": []}));
    put("AccessInfo", json!({"Host": "", "Vip": ""}));
    let image = version.code.source.get("ImageConfig").cloned();
    put("ImageConfig", image.unwrap_or_default());
    for (name, default) in [
        ("Runtime", json!("")),
        ("Handler", json!("")),
        ("Type", json!("Event")),
        ("MemorySize", json!(128)),
        ("Timeout", json!(3)),
        ("InitTimeout", json!(65)),
        ("Environment", json!({"Variables": []})),
        ("VpcConfig", json!({"VpcId": "", "SubnetId": ""})),
        ("Role", json!("")),
        ("InstallDependency", json!("FALSE")),
        ("ClsLogsetId", json!("")),
        ("ClsTopicId", json!("")),
        ("L5Enable", json!("FALSE")),
        ("Layers", json!([])),
        ("DeadLetterConfig", json!({"Type": "", "Name": "", "FilterType": ""})),
        ("CfsConfig", json!({"CfsInsList": []})),
        ("AsyncRunEnable", json!("FALSE")),
        ("TraceEnable", json!("FALSE")),
        ("ProtocolType", json!("")),
        ("ProtocolParams", Value::Null),
        ("InstanceConcurrencyConfig", Value::Null),
        ("DnsCache", json!("FALSE")),
        ("IntranetConfig", Value::Null),
        ("OnsEnable", Value::Null),
    ] {
        put(name, configuration.get(name).cloned().unwrap_or(default));
    }
    // In no definition; shown where they were given.
    for name in ["DiskSize", "NodeType", "NodeSpec"] {
        if let Some(value) = configuration.get(name) {
            put(name, value.clone());
        }
    }
    let tags = function.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
    put("Tags", tags.collect());
    let net = configuration.get("PublicNetConfig");
    let words = |path: &str, default: &str| {
        let text = net.and_then(|net| net.pointer(path)).and_then(Value::as_str);
        text.unwrap_or(default).to_owned()
    };
    put(
        "PublicNetConfig",
        json!({
            "PublicNetStatus": words("/PublicNetStatus", "ENABLE"),
            "EipConfig": {"EipStatus": words("/EipConfig/EipStatus", "DISABLE"), "EipAddress": []},
        }),
    );
    shown
}

const FUNCTION_FILTERS: &[&str] = &[
    "VpcId",
    "SubnetId",
    "ClsTopicId",
    "ClsLogsetId",
    "Role",
    "CfsId",
    "CfsMountInsId",
    "Eip",
    "Status",
    "Runtime",
    "Type",
    "PublicNetStatus",
    "AsyncRunEnable",
    "TraceEnable",
    "Stamp",
];

/// The filters of a list call: a name and the values it may have.
pub(super) fn read_filters<'a>(
    request: &Request<'a>,
    known: &[&str],
) -> Result<Vec<(&'a str, Vec<&'a str>)>, Refusal> {
    let filters = request.list("Filters");
    let wrong = |text: String| {
        request.refuse(&["InvalidParameterValue.Filters", "InvalidParameterValue"], text)
    };
    if filters.len() > 10 {
        return Err(wrong("There are more than ten filters.".to_owned()));
    }
    filters
        .iter()
        .map(|filter| {
            let name = filter.get("Name").and_then(Value::as_str).unwrap_or("");
            if !known.contains(&name) && !name.starts_with("tag-") {
                return Err(wrong(format!("There is no filter `{name}`.")));
            }
            let values = filter.get("Values").and_then(Value::as_array);
            let values: Vec<_> = values.into_iter().flatten().filter_map(Value::as_str).collect();
            if values.len() > 20 {
                return Err(wrong(format!("The filter `{name}` has over 20 values.")));
            }
            Ok((name, values))
        })
        .collect()
}

/// What a filter of `ListFunctions` compares with.
fn filter_value(function: &Function, version: &Version, filter: &str) -> String {
    let configuration = &version.configuration;
    let text = |path: &[&str], default: &str| {
        let value = path
            .iter()
            .skip(1)
            .try_fold(configuration.get(path[0]), |value, name| Some(value?.get(name)));
        let text = value.flatten().and_then(Value::as_str);
        text.unwrap_or(default).to_owned()
    };
    if let Some(key) = filter.strip_prefix("tag-") {
        return function.tags.get(key).cloned().unwrap_or_default();
    }
    match filter {
        "Status" => version.status.name.clone(),
        "VpcId" | "SubnetId" => text(&["VpcConfig", filter], ""),
        "PublicNetStatus" => text(&["PublicNetConfig", filter], "ENABLE"),
        "AsyncRunEnable" | "TraceEnable" => text(&[filter], "FALSE"),
        _ => text(&[filter], ""),
    }
}
