//! Triggers.

use serde_json::{Map, Value, json};

use super::super::behaviour::Triggers;
use super::super::error::Refusal;
use super::account::APP_ID;
use super::cron;
use super::functions::read_filters;
use super::pages::{ascending, order_by, page};
use super::request::{Request, lost};
use super::{Function, LATEST, Moment, Reply, State, Trigger};
use crate::order::Order as _;

/// Triggers of one type that a function may have unless the account's quota was raised.
const PER_TYPE: usize = 10;

impl State {
    pub(super) fn create_trigger(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let name = request.required("TriggerName");
        let kind = request.required("Type");
        let qualifier = request.qualifier(LATEST);
        let function = self.function(request)?;
        check_active(request, function)?;
        check_name(request, kind, name)?;
        let given = request.text("TriggerDesc").unwrap_or_default();
        let id = uuid::Uuid::new_v4().simple().to_string();
        let form = description_form(request, kind, given, &id)?;
        check_argument(request, kind)?;
        request.check_description()?;
        if !function.has(qualifier) {
            return Err(request.no_version(qualifier));
        }
        let same_kind = function.triggers.iter().filter(|it| it.kind == kind);
        let limited = request.context.behaviour.triggers == Triggers::Ten;
        if limited && same_kind.clone().count() >= PER_TYPE {
            return Err(request.refuse(
                &["LimitExceeded.Trigger"],
                format!("The function has {PER_TYPE} triggers of the type {kind} already."),
            ));
        }
        let mut bound = same_kind.filter(|trigger| trigger.qualifier == qualifier);
        let twice = bound.any(|trigger| match kind {
            // A bucket can have several rules, an alias or version one address.
            "cos" => trigger.name == name && trigger.description_form == form,
            "http" => true,
            _ => trigger.name == name,
        });
        if twice {
            return Err(request.exists(
                "Trigger",
                "TriggerName",
                format!("The trigger `{name}` exists already."),
            ));
        }
        if kind == "cos" {
            self.check_overlap(request, name, &form)?;
        }
        let now = Moment(request.now());
        let trigger = Trigger {
            name: name.to_owned(),
            kind: kind.to_owned(),
            description_form: form,
            qualifier: qualifier.to_owned(),
            enabled: enable(request)?.unwrap_or(true),
            custom_argument: request.text("CustomArgument").unwrap_or_default().to_owned(),
            description: request.text("Description").unwrap_or_default().to_owned(),
            id,
            bound: true,
            added: now,
            modified: now,
        };
        let mut reply = Reply::new();
        reply.insert("TriggerInfo".to_owned(), show(request, &trigger));
        self.function_mut(request)?.triggers.push(trigger);
        Ok(reply)
    }

    pub(super) fn update_trigger(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let kind = request.required("Type");
        if !matches!(kind, "timer" | "ckafka" | "http") {
            return Err(wrong(
                request,
                "Type",
                "only timer, ckafka and http triggers can be updated",
            ));
        }
        let enabled = enable(request)?;
        check_argument(request, kind)?;
        let description = request.check_description()?;
        let position = self.position(request)?;
        let trigger = &self.function(request)?.triggers[position];
        let form = match request.text("TriggerDesc") {
            None => None,
            Some("") => return Err(wrong(request, "TriggerDesc", "it cannot be emptied")),
            Some(text) => {
                let form = description_form(request, kind, text, &trigger.id)?;
                Some(match kind {
                    "ckafka" => ckafka_changes(request, &trigger.description_form, &form)?,
                    _ => form,
                })
            }
        };
        let now = Moment(request.now());
        let function = self.function_mut(request)?;
        let trigger = function.triggers.get_mut(position).ok_or_else(lost)?;
        if let Some(form) = form {
            trigger.description_form = form;
        }
        if let Some(enabled) = enabled {
            trigger.enabled = enabled;
        }
        if let Some(text) = description {
            text.clone_into(&mut trigger.description);
        }
        if let Some(text) = request.text("CustomArgument") {
            text.clone_into(&mut trigger.custom_argument);
        }
        trigger.modified = now;
        Ok(Reply::new())
    }

    pub(super) fn update_trigger_status(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let kind = request.required("Type");
        if !matches!(kind, "timer" | "cos" | "ckafka") {
            return Err(wrong(
                request,
                "Type",
                "only timer, cos and ckafka triggers can be switched",
            ));
        }
        let enabled = enable(request)? == Some(true);
        check_active(request, self.function(request)?)?;
        let position = self.position(request)?;
        let now = Moment(request.now());
        let function = self.function_mut(request)?;
        let trigger = function.triggers.get_mut(position).ok_or_else(lost)?;
        if trigger.enabled == enabled {
            return Err(request.refuse(
                &["FailedOperation.UpdateTriggerStatus"],
                "The trigger has that state already.",
            ));
        }
        trigger.enabled = enabled;
        trigger.modified = now;
        Ok(Reply::new())
    }

    pub(super) fn delete_trigger(&mut self, request: &Request) -> Result<Reply, Refusal> {
        check_active(request, self.function(request)?)?;
        let position = self.position(request)?;
        self.function_mut(request)?.triggers.remove(position);
        Ok(Reply::new())
    }

    pub(super) fn list_triggers(&self, request: &Request) -> Result<Reply, Refusal> {
        let function = self.function(request)?;
        let field = order_by(request, "OrderBy", &["add_time", "mod_time"])?;
        let upwards = ascending(request, false)?;
        let known = ["Qualifier", "TriggerName", "Description", "Type"];
        let filters = read_filters(request, &known)?;
        let mut triggers: Vec<_> = function
            .triggers
            .iter()
            .filter(|trigger| {
                filters.iter().all(|(name, values)| {
                    let value = match *name {
                        "Qualifier" => &trigger.qualifier,
                        "TriggerName" => &trigger.name,
                        "Type" => &trigger.kind,
                        _ => &trigger.description,
                    };
                    values.contains(&value.as_str())
                })
            })
            .collect();
        triggers.order_by_key(|trigger| match field {
            "mod_time" => trigger.modified.0.timestamp(),
            _ => trigger.added.0.timestamp(),
        });
        if !upwards {
            triggers.reverse();
        }
        let (triggers, total) = page(request, triggers)?;
        let shown = triggers
            .into_iter()
            .map(|trigger| {
                let mut shown = show(request, trigger);
                shown["BoundResources"] = json!("");
                shown
            })
            .collect();
        let mut reply = Reply::new();
        reply.insert("Triggers".to_owned(), Value::Array(shown));
        reply.insert("TotalCount".to_owned(), total);
        Ok(reply)
    }

    /// Where the trigger that a call names stands among those of its function.
    fn position(&self, request: &Request) -> Result<usize, Refusal> {
        let name = request.required("TriggerName");
        let kind = request.required("Type");
        let qualifier = request.qualifier(LATEST);
        let wanted = match (kind, request.text("TriggerDesc")) {
            ("cos", None | Some("")) => {
                return Err(wrong(request, "TriggerDesc", "cos triggers need it"));
            }
            ("cos", Some(text)) => Some(json_form(request, text)?),
            // They have no name to be known by.
            ("cls" | "mps" | "clb", Some(text)) => serde_json::from_str(text).ok(),
            _ => None,
        };
        let function = self.function(request)?;
        let found = function.triggers.iter().position(|trigger| {
            let same_rule = wanted.as_ref().is_none_or(|wanted| {
                serde_json::from_str::<Value>(&trigger.description_form).ok().as_ref()
                    == Some(wanted)
            });
            trigger.name == name
                && trigger.kind == kind
                && trigger.qualifier == qualifier
                && same_rule
        });
        found.ok_or_else(|| {
            request.refuse(
                &["ResourceNotFound.Trigger"],
                format!("There is no {kind} trigger `{name}` on `{qualifier}`."),
            )
        })
    }

    /// One rule of a bucket feeds one function only.
    fn check_overlap(&self, request: &Request, bucket: &str, form: &str) -> Result<(), Refusal> {
        let new = CosRule::read(form);
        let region = self.region(request)?;
        let functions =
            region.namespaces.values().flat_map(|namespace| namespace.functions.values());
        let mut others = functions
            .flat_map(|function| &function.triggers)
            .filter(|trigger| trigger.kind == "cos" && trigger.name == bucket);
        if others.any(|trigger| new.overlaps(&CosRule::read(&trigger.description_form))) {
            return Err(request.refuse(
                &["InvalidParameterValue.CosNotifyRuleConflict"],
                format!("Another rule of the bucket `{bucket}` overlaps this one."),
            ));
        }
        Ok(())
    }
}

/// A trigger as answers show it.
pub(super) fn show(request: &Request, trigger: &Trigger) -> Value {
    json!({
        "TriggerName": trigger.name,
        "Type": trigger.kind,
        "TriggerDesc": trigger.description_form,
        "Qualifier": trigger.qualifier,
        "Enable": i32::from(trigger.enabled),
        "AvailableStatus": "Available",
        "ResourceId": trigger.id,
        "BindStatus": if trigger.bound { "on" } else { "off" },
        "TriggerAttribute": "",
        "CustomArgument": trigger.custom_argument,
        "Description": trigger.description,
        "AddTime": request.show(trigger.added),
        "ModTime": request.show(trigger.modified),
    })
}

fn wrong(request: &Request, name: &str, text: &str) -> Refusal {
    request.refuse(
        &[&format!("InvalidParameterValue.{name}"), "InvalidParameterValue"],
        format!("{name} is wrong: {text}."),
    )
}

/// Triggers change only while the function is `Active`.
fn check_active(request: &Request, function: &Function) -> Result<(), Refusal> {
    let status = &function.latest()?.status;
    if status.is_active() {
        return Ok(());
    }
    Err(request.refuse(
        &[
            "FailedOperation.UpdateTriggerStatus",
            "FailedOperation.DeleteTrigger",
            "FailedOperation.CreateTrigger",
        ],
        format!("The status of the function is {}.", status.name),
    ))
}

fn enable(request: &Request) -> Result<Option<bool>, Refusal> {
    match request.text("Enable") {
        None => Ok(None),
        Some("OPEN") => Ok(Some(true)),
        Some("CLOSE") => Ok(Some(false)),
        Some(_) => Err(wrong(request, "Enable", "it is OPEN or CLOSE")),
    }
}

fn check_name(request: &Request, kind: &str, name: &str) -> Result<(), Refusal> {
    let right = match kind {
        "timer" => {
            (1..=100).contains(&name.len())
                && name.starts_with(|letter: char| letter.is_ascii_alphabetic())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        }
        "cos" => {
            let place = format!(".cos.{}.myqcloud.com", request.region);
            name.strip_suffix(&place).is_some_and(|bucket| {
                bucket.rsplit_once('-').is_some_and(|(name, owner)| {
                    !name.is_empty()
                        && !owner.is_empty()
                        && owner.bytes().all(|byte| byte.is_ascii_digit())
                })
            })
        }
        // Instance and topic; an instance is `ckafka-` and its own letters.
        "ckafka" => name
            .strip_prefix("ckafka-")
            .and_then(|rest| rest.split_once('-'))
            .is_some_and(|(instance, topic)| !instance.is_empty() && !topic.is_empty()),
        _ => !name.is_empty(),
    };
    if right {
        return Ok(());
    }
    let text = format!("`{name}` does not fit the type {kind}");
    Err(wrong(request, "TriggerName", &text))
}

fn check_argument(request: &Request, kind: &str) -> Result<(), Refusal> {
    match request.text("CustomArgument") {
        Some(text) if text.len() > 4096 => Err(wrong(request, "CustomArgument", "it is over 4 KB")),
        Some(text) if kind != "timer" && !text.is_empty() => {
            Err(wrong(request, "CustomArgument", "only timers have one"))
        }
        _ => Ok(()),
    }
}

/// Checks a description for a type, and turns it into the form of answers.
fn description_form(
    request: &Request,
    kind: &str,
    given: &str,
    id: &str,
) -> Result<String, Refusal> {
    match kind {
        "timer" => {
            if !cron::is_valid(given, true) {
                let text = format!("`{given}` is no cron expression");
                return Err(wrong(request, "TriggerDesc", &text));
            }
            Ok(json!({"cron": given}).to_string())
        }
        "cos" => {
            let value = json_form(request, given)?;
            let event = value.get("event").and_then(Value::as_str).unwrap_or("");
            if !COS_EVENTS.contains(&event) {
                let text = format!("there is no event `{event}`");
                return Err(wrong(request, "TriggerDesc", &text));
            }
            let suffix = value.pointer("/filter/Suffix").and_then(Value::as_str);
            if suffix.is_some_and(|text| !text.is_empty() && !text.starts_with('.')) {
                return Err(wrong(request, "TriggerDesc", "a suffix starts with a dot"));
            }
            Ok(value.to_string())
        }
        "http" => {
            let mut value = json_form(request, given)?;
            check_function_url(request, &value)?;
            add_addresses(&mut value, request.region, id);
            Ok(value.to_string())
        }
        "ckafka" => ckafka_form(request, given),
        "apigw" | "cmq" => Ok(json_form(request, given)?.to_string()),
        "cls" | "mps" | "clb" => Err(request.refuse(
            &["UnsupportedOperation.Trigger", "InvalidParameterValue.Type"],
            format!("{kind} triggers are made through the other service."),
        )),
        other => Err(wrong(request, "Type", &format!("there is no type `{other}`"))),
    }
}

/// Checks the settings of a function URL.
fn check_function_url(request: &Request, value: &Value) -> Result<(), Refusal> {
    let refuse = |text: &str| Err(wrong(request, "TriggerDesc", text));
    let switches = |value: &Value, names: &[&str]| {
        names.iter().all(|name| value.get(name).is_some_and(Value::is_boolean))
    };
    if !matches!(value["AuthType"].as_str(), Some("NONE" | "CAM")) {
        return refuse("AuthType is NONE or CAM");
    }
    let net = &value["NetConfig"];
    if !switches(net, &["EnableIntranet", "EnableExtranet"]) {
        return refuse("NetConfig has EnableIntranet and EnableExtranet, true or false");
    }
    let Some(cors) = value.get("CorsConfig") else { return Ok(()) };
    if !switches(cors, &["Enable"]) {
        return refuse("CorsConfig has Enable, true or false");
    }
    for (name, setting) in cors.as_object().into_iter().flatten() {
        let right = match name.as_str() {
            "Enable" | "Credentials" => setting.is_boolean(),
            "Origins" | "Headers" | "Methods" | "ExposeHeaders" => {
                setting.as_array().is_some_and(|items| items.iter().all(Value::is_string))
            }
            "MaxAge" => setting.as_i64().is_some_and(|age| age >= 0),
            _ => false,
        };
        if !right {
            return refuse(&format!("CorsConfig.{name} is not known, or of another type"));
        }
    }
    Ok(())
}

/// Checks the settings of a `ckafka` trigger, and completes them with their defaults.
fn ckafka_form(request: &Request, given: &str) -> Result<String, Refusal> {
    let mut value = json_form(request, given)?;
    let refuse = |text: &str| Err(wrong(request, "TriggerDesc", text));
    let within = |name: &str, least: i64, most: i64| match value.get(name) {
        None => true,
        Some(number) => number.as_i64().is_some_and(|number| (least..=most).contains(&number)),
    };
    if !within("maxMsgNum", 1, 10_000) || !within("timeOut", 1, 60) || !within("retry", 0, i64::MAX)
    {
        return refuse("maxMsgNum is 1 to 10000, timeOut 1 to 60, retry a number");
    }
    let place = match value.get("offset") {
        None => true,
        Some(Value::String(text)) => {
            matches!(text.as_str(), "latest" | "earliest") || text.parse::<u64>().is_ok()
        }
        Some(other) => other.is_u64(),
    };
    if !place {
        return refuse("offset is latest, earliest or a time in milliseconds");
    }
    if let Some(form) = value.as_object_mut() {
        for (name, default) in [
            ("maxMsgNum", json!(100)),
            ("offset", json!("latest")),
            ("retry", json!(10_000)),
            ("timeOut", json!(60)),
            ("consumerGroupName", json!("")),
        ] {
            form.entry(name).or_insert(default);
        }
    }
    Ok(value.to_string())
}

/// The settings after an update, of which only three can change.
fn ckafka_changes(request: &Request, old: &str, new: &str) -> Result<String, Refusal> {
    let read = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap_or_default();
    let (mut form, new) = (read(old), read(new));
    for (name, value) in new {
        let changes = form.get(&name) != Some(&value);
        if changes && !matches!(name.as_str(), "retry" | "maxMsgNum" | "timeOut") {
            let text = format!("{name} cannot be changed");
            return Err(wrong(request, "TriggerDesc", &text));
        }
        form.insert(name, value);
    }
    Ok(Value::Object(form).to_string())
}

/// Reads a description that is a JSON object on one line without blanks.
fn json_form(request: &Request, text: &str) -> Result<Value, Refusal> {
    let value: Map<String, Value> = serde_json::from_str(text)
        .map_err(|_| wrong(request, "TriggerDesc", "it is not a JSON object"))?;
    let mut quoted = false;
    let mut escaped = false;
    for letter in text.chars() {
        if !quoted && letter.is_ascii_whitespace() {
            return Err(wrong(request, "TriggerDesc", "it has blanks between its parts"));
        }
        if letter == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = letter == '\\' && !escaped;
    }
    Ok(Value::Object(value))
}

/// Fills in the addresses that the platform gives to a function URL.
fn add_addresses(value: &mut Value, region: &str, id: &str) {
    let short = id.get(..10).unwrap_or(id);
    let Some(form) = value.as_object_mut() else {
        return;
    };
    let net = form.entry("NetConfig").or_insert_with(|| json!({}));
    let Some(net) = net.as_object_mut() else {
        return;
    };
    for (switch, name, host) in [
        ("EnableIntranet", "IntranetUrl", format!("{short}.in.{region}.tencentscf.com")),
        ("EnableExtranet", "ExtranetUrl", format!("{short}.{region}.tencentscf.com")),
    ] {
        let open = net.get(switch).and_then(Value::as_bool) == Some(true);
        let address = if open { format!("https://{APP_ID}-{host}") } else { String::new() };
        net.insert(name.to_owned(), json!(address));
    }
}

const COS_EVENTS: &[&str] = &[
    "cos:ObjectCreated:*",
    "cos:ObjectCreated:Put",
    "cos:ObjectCreated:Post",
    "cos:ObjectCreated:Copy",
    "cos:ObjectCreated:CompleteMultipartUpload",
    "cos:ObjectCreated:Origin",
    "cos:ObjectCreated:Replication",
    "cos:ObjectRemove:*",
    "cos:ObjectRemove:Delete",
    "cos:ObjectRemove:DeleteMarkerCreated",
    "cos:ObjectRestore:Post",
    "cos:ObjectRestore:Completed",
];

/// Which objects of a bucket, and which events, a trigger stands for.
struct CosRule {
    event: String,
    prefix: String,
    suffix: String,
}

impl CosRule {
    fn read(form: &str) -> Self {
        let value: Value = serde_json::from_str(form).unwrap_or_default();
        let text = |path: &str| {
            let text = value.pointer(path).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        Self {
            event: text("/event"),
            prefix: text("/filter/Prefix"),
            suffix: text("/filter/Suffix"),
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        let covers = |one: &str, two: &str| {
            one == two || one.strip_suffix('*').is_some_and(|kind| two.starts_with(kind))
        };
        (covers(&self.event, &other.event) || covers(&other.event, &self.event))
            && (self.prefix.starts_with(&other.prefix) || other.prefix.starts_with(&self.prefix))
            && (self.suffix.ends_with(&other.suffix) || other.suffix.ends_with(&self.suffix))
    }
}
