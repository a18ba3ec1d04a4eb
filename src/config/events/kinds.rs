//! The parameters of each type of trigger.

use serde_json::{Map, Value, json};

use super::cron::{self, Fields};
use super::{EventScope, InputError, MapReader};
use crate::config::input_error::{
    Advice, EventAdvice, KeyRemark, NameRule, ValueSize, WantedValue, Wrong, WrongEvent,
};
use crate::javascript;
use crate::model::trigger::{
    BalancerRule, Ckafka, CosRule, Form, FunctionUrl, Trigger, TriggerKind,
};
use crate::model::{DEFAULT_ALIAS, Version};

/// Longest `CustomArgument`, in bytes.
const ARGUMENT_LIMIT: usize = 4096;
/// Longest name; a product page says 60 for timers, the API 100.
const NAME_LIMIT: usize = 100;
/// Longest `Description`, in characters.
const DESCRIPTION_LIMIT: usize = 1000;
/// Name of a function URL, as the real component has it.
const URL_NAME: &str = "url-trigger";

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

/// Protocols of a load balancer's listener.
const PROTOCOLS: &[&str] = &["HTTP", "HTTPS"];

/// Event types of media processing that the vendor documents.
const MEDIA_EVENTS: &[&str] = &["WorkflowTask", "EditMediaTask"];

/// What is wrong with the parameters of a trigger.
#[derive(Default)]
struct Errors(Vec<InputError>);

impl Errors {
    /// The value; of one that is wrong the error is kept.
    fn keep<T>(&mut self, read: Result<T, InputError>) -> Option<T> {
        read.map_err(|error| self.0.push(error)).ok()
    }
}

/// Reads a trigger; `outer` is the name beside `parameters`.
///
/// # Errors
/// All parameters that cannot be used.
pub(super) fn read(
    of_type: TriggerKind,
    outer: Option<String>,
    parameters: &MapReader<'_>,
    scope: &EventScope<'_>,
) -> Result<Trigger, Vec<InputError>> {
    let mut errors = Errors::default();
    // Every key is asked for before the first error is returned: the others are unknown.
    let qualifier = errors.keep(qualifier(parameters));
    let enabled = errors.keep(parameters.boolean("enable"));
    let default = || format!("{of_type}-{}", scope.default_suffix, of_type = of_type.name());
    let read = match of_type {
        TriggerKind::Timer => timer(parameters, outer, default, &mut errors),
        TriggerKind::Cos => cos(parameters, scope, &mut errors),
        TriggerKind::Ckafka => ckafka(parameters, &mut errors),
        TriggerKind::Http => http(parameters, outer, &mut errors),
        TriggerKind::Cls => cls(parameters, &mut errors),
        TriggerKind::Mps => errors.keep(mps(parameters)),
        TriggerKind::Clb => clb(parameters, &mut errors),
    };
    let description = match of_type {
        TriggerKind::Timer | TriggerKind::Cos | TriggerKind::Ckafka | TriggerKind::Http => {
            errors.keep(description(parameters))
        }
        TriggerKind::Cls | TriggerKind::Mps | TriggerKind::Clb => Some(None),
    };
    if enabled == Some(Some(false)) && matches!(of_type, TriggerKind::Cls | TriggerKind::Clb) {
        let instead = match of_type {
            TriggerKind::Clb => EventAdvice::NoWeight,
            _ => EventAdvice::LeaveOut,
        };
        errors.0.push(parameters.error("enable", WrongEvent::NoSwitch(of_type), instead));
    }
    match (qualifier, enabled, read, description) {
        (Some(qualifier), Some(enabled), Some((name, form)), Some(description))
            if errors.0.is_empty() =>
        {
            // A load balancer's target is there or not.
            let enabled = enabled.filter(|_| of_type != TriggerKind::Clb);
            Ok(Trigger { name, qualifier, form, enabled, description })
        }
        _ => Err(errors.0),
    }
}

fn timer(
    parameters: &MapReader<'_>,
    outer: Option<String>,
    default: impl Fn() -> String,
    errors: &mut Errors,
) -> Option<(String, Form)> {
    let name = parameters.text("name");
    let (cron, argument) = (cron_expression(parameters), argument(parameters));
    let name = name.map(|name| name.or(outer).unwrap_or_else(default));
    let name = errors.keep(name.and_then(|name| check_name(parameters, name)));
    let (cron, argument) = (errors.keep(cron), errors.keep(argument));
    Some((name?, Form::Timer { cron: cron?, argument: argument? }))
}

fn http(
    parameters: &MapReader<'_>,
    outer: Option<String>,
    errors: &mut Errors,
) -> Option<(String, Form)> {
    let name = parameters.text("name");
    let url = function_url(parameters, errors);
    let name = name.map(|name| name.or(outer).unwrap_or_else(|| URL_NAME.to_owned()));
    let name = errors.keep(name.and_then(|name| check_name(parameters, name)));
    Some((name?, Form::Http(url?)))
}

/// The version or alias. A number is a version: `qualifier: 3`.
fn qualifier(parameters: &MapReader<'_>) -> Result<String, InputError> {
    let text = match parameters.get("qualifier") {
        Some(Value::Number(number)) => Some(number.to_string()),
        // An alias may be called so, but hardly anyone means it.
        Some(other @ Value::Bool(_)) => {
            return Err(parameters.error(
                "qualifier",
                Wrong::kind(other, WantedValue::Text),
                Advice::Quote,
            ));
        }
        _ => parameters.text("qualifier")?,
    };
    let Some(text) = text else { return Ok(DEFAULT_ALIAS.to_owned()) };
    // The API's definition of alias names; versions count from 1.
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let alias = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.len() <= 64
        && text.chars().all(plain);
    if alias || text == DEFAULT_ALIAS || text.parse::<Version>().is_ok() {
        return Ok(text);
    }
    Err(parameters.error("qualifier", WrongEvent::NoQualifier(text), EventAdvice::Qualifier))
}

/// The name, where a trigger may have it.
fn check_name(parameters: &MapReader<'_>, name: String) -> Result<String, InputError> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if name.len() <= NAME_LIMIT
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(allowed)
    {
        return Ok(name);
    }
    let instead = Advice::name(NameRule::Trigger, &name);
    let what = Wrong::NoSuch { text: name, wanted: WantedValue::TriggerName };
    Err(parameters.error("name", what, instead))
}

fn description(parameters: &MapReader<'_>) -> Result<Option<String>, InputError> {
    let Some(text) = parameters.any_text("description")? else { return Ok(None) };
    let length = text.chars().count();
    if length > DESCRIPTION_LIMIT {
        let what = Wrong::Has(ValueSize::Characters(length));
        return Err(parameters.error("description", what, Advice::AtMost(DESCRIPTION_LIMIT)));
    }
    Ok(Some(text))
}

fn cron_expression(parameters: &MapReader<'_>) -> Result<String, InputError> {
    const KEY: &str = "cronExpression";
    let cron = match parameters.get(KEY) {
        None => return Err(parameters.error(KEY, Wrong::Missing, EventAdvice::Cron)),
        Some(Value::String(cron)) => cron,
        Some(other) => {
            let what = Wrong::kind(other, WantedValue::Text);
            return Err(parameters.error(KEY, what, EventAdvice::Cron));
        }
    };
    match cron::check(cron) {
        Ok(Fields::Seven) => {}
        Ok(Fields::Five) => {
            parameters.warn_of(KEY, KeyRemark::FiveFields(cron.clone()));
        }
        Err(what) => {
            return Err(parameters.error(KEY, WrongEvent::Cron(what), EventAdvice::Cron));
        }
    }
    Ok(cron.clone())
}

/// Refuses what a map or list would lose as JSON: digits, dates.
fn check_inside(parameters: &MapReader<'_>, path: &str, value: &Value) -> Result<(), InputError> {
    match value {
        Value::Array(items) => items.iter().enumerate().try_for_each(|(position, item)| {
            check_inside(parameters, &format!("{path}.{position}"), item)
        }),
        Value::Object(map) => map
            .iter()
            .try_for_each(|(key, item)| check_inside(parameters, &format!("{path}.{key}"), item)),
        _ => parameters.as_written(path),
    }
}

/// The argument as text: the API takes nothing else, so whatever is not one becomes JSON.
fn argument(parameters: &MapReader<'_>) -> Result<String, InputError> {
    let argument = match parameters.get("argument") {
        None => {
            parameters.as_written("argument")?;
            String::new()
        }
        Some(Value::String(text)) => {
            parameters.as_written("argument")?;
            text.clone()
        }
        Some(Value::Number(number)) => {
            parameters.as_written("argument")?;
            javascript::json_number_text(number)
        }
        Some(other) => {
            check_inside(parameters, "argument", other)?;
            other.to_string()
        }
    };
    if argument.len() > ARGUMENT_LIMIT {
        let what = Wrong::Has(ValueSize::Bytes(argument.len()));
        return Err(parameters.error("argument", what, Advice::AtMost(ARGUMENT_LIMIT)));
    }
    Ok(argument)
}

fn cos(
    parameters: &MapReader<'_>,
    scope: &EventScope<'_>,
    errors: &mut Errors,
) -> Option<(String, Form)> {
    let instead = Advice::literal(format!("`<name>-<appid>.cos.{}.myqcloud.com`", scope.region));
    let bucket = parameters.needed("bucket", instead.clone());
    let (event, filter) = (parameters.choice("events", COS_EVENTS), object_filter(parameters));
    let bucket = bucket.and_then(|bucket| check_bucket(parameters, bucket, scope, instead));
    let missing = || parameters.error("events", Wrong::Missing, EventAdvice::BucketEvent);
    let event = event.and_then(|event| event.ok_or_else(missing));
    let (bucket, event, filter) = (errors.keep(bucket), errors.keep(event), errors.keep(filter));
    let (event, (prefix, suffix)) = (event?, filter?);
    Some((bucket?, Form::Cos(CosRule { event, prefix, suffix })))
}

/// The bucket, where a trigger of the function can watch it.
fn check_bucket(
    parameters: &MapReader<'_>,
    bucket: String,
    scope: &EventScope<'_>,
    instead: Advice,
) -> Result<String, InputError> {
    let host = bucket.strip_suffix(".myqcloud.com").and_then(|host| host.split_once(".cos."));
    let Some((name, region)) = host else {
        let what = Wrong::NoSuch { text: bucket, wanted: WantedValue::BucketHost };
        return Err(parameters.error("bucket", what, instead));
    };
    let owner = name.rsplit_once('-').map(|(_, owner)| owner).unwrap_or_default();
    if owner.is_empty() || !owner.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(parameters.error("bucket", WrongEvent::NoAccount(bucket), instead));
    }
    if region != scope.region {
        let (bucket, function) = (region.to_owned(), scope.region.to_owned());
        let what = WrongEvent::OtherRegion { bucket, function };
        return Err(parameters.error("bucket", what, EventAdvice::BucketOfRegion));
    }
    Ok(bucket)
}

/// How the names of objects begin and end.
fn object_filter(parameters: &MapReader<'_>) -> Result<(String, String), InputError> {
    let Some(filter) = parameters.inner("filter")? else {
        return Ok((String::new(), String::new()));
    };
    let (prefix, suffix) = (filter.text("prefix"), filter.text("suffix"));
    let (prefix, suffix) = (prefix?.unwrap_or_default(), suffix?.unwrap_or_default());
    if !suffix.is_empty() && !suffix.starts_with('.') {
        let instead = Advice::literal(format!(".{suffix}"));
        return Err(filter.error("suffix", WrongEvent::NoDot(suffix), instead));
    }
    Ok((prefix, suffix))
}

fn ckafka(parameters: &MapReader<'_>, errors: &mut Errors) -> Option<(String, Form)> {
    let [instance, name, topic, group] =
        ["instanceId", "name", "topic", "consumerGroupName"].map(|key| parameters.text(key));
    let [wait, camel] = ["timeout", "timeOut"].map(|key| parameters.integer(key, 1..=60));
    let max_messages = parameters.integer("maxMsgNum", 1..=10_000);
    let retry = parameters.integer("retry", 0..=i64::from(i32::MAX));
    let offset = parameters.get("offset");
    let instance = errors.keep(instance).zip(errors.keep(name));
    let topic = errors.keep(topic);
    let name = instance.zip(topic).and_then(|((instance, name), topic)| {
        errors.keep(kafka_name(parameters, instance.or(name), topic))
    });
    let offset = errors.keep(kafka_offset(parameters, offset));
    let waits = errors.keep(wait).zip(errors.keep(camel));
    let time_out = waits.map(|(wait, camel)| wait.or(camel));
    let (max_messages, retry, group) =
        (errors.keep(max_messages), errors.keep(retry), errors.keep(group));
    Some((
        name?,
        Form::Ckafka(Ckafka {
            max_messages: max_messages?.unwrap_or(100),
            offset: offset?,
            retry: retry?.unwrap_or(10_000),
            time_out: time_out?.unwrap_or(60),
            group: group?,
        }),
    ))
}

/// The API's name is instance and topic; newer files have both in `name` already.
fn kafka_name(
    parameters: &MapReader<'_>,
    instance: Option<String>,
    topic: Option<String>,
) -> Result<String, InputError> {
    let Some(instance) = instance else {
        return Err(parameters.error("name", Wrong::Missing, EventAdvice::KafkaInstance));
    };
    let name = match topic {
        Some(topic) if !instance.ends_with(&format!("-{topic}")) => format!("{instance}-{topic}"),
        Some(_) => instance,
        None if instance.matches('-').count() > 1 => instance,
        None => return Err(parameters.error("topic", Wrong::Missing, EventAdvice::KafkaTopic)),
    };
    let is_word =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_topic = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    let parts = name.strip_prefix("ckafka-").and_then(|rest| rest.split_once('-'));
    if parts.is_some_and(|(instance, topic)| is_word(instance) && is_topic(topic)) {
        return Ok(name);
    }
    Err(parameters.error("name", WrongEvent::NoTopicName(name), EventAdvice::KafkaName))
}

/// Where the reading of a topic begins.
fn kafka_offset(parameters: &MapReader<'_>, offset: Option<&Value>) -> Result<Value, InputError> {
    match offset {
        None => Ok(json!("latest")),
        Some(Value::String(text))
            if matches!(text.as_str(), "latest" | "earliest")
                || (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())) =>
        {
            Ok(json!(text))
        }
        Some(Value::Number(number)) if number.is_u64() => Ok(json!(number)),
        Some(_) => {
            let what = Wrong::IsNot(WantedValue::Offset);
            Err(parameters.error("offset", what, EventAdvice::Offset))
        }
    }
}

fn function_url(parameters: &MapReader<'_>, errors: &mut Errors) -> Option<FunctionUrl> {
    let (auth, network) = (parameters.choice("authType", &["NONE", "CAM"]), networks(parameters));
    let cors = parameters.inner("corsConfig");
    let cors = cors.and_then(|cors| cors.map(|cors| cross_origin(&cors)).transpose());
    let (auth, network, cors) = (errors.keep(auth), errors.keep(network), errors.keep(cors));
    let (intranet, extranet) = network?;
    if !intranet && !extranet {
        parameters.warn_of("netConfig", KeyRemark::NoNetwork);
    }
    let auth = auth?.unwrap_or_else(|| "NONE".to_owned());
    Some(FunctionUrl { auth, intranet, extranet, cors: cors? })
}

/// Whether a function URL is reached from the private and from the public network.
fn networks(parameters: &MapReader<'_>) -> Result<(bool, bool), InputError> {
    let Some(network) = parameters.inner("netConfig")? else { return Ok((false, false)) };
    let [intranet, extranet] = ["enableIntranet", "enableExtranet"].map(|key| network.boolean(key));
    Ok((intranet?.unwrap_or(false), extranet?.unwrap_or(false)))
}

/// `CorsConfig` in the API's spelling, with what the file has.
fn cross_origin(cors: &MapReader<'_>) -> Result<Map<String, Value>, InputError> {
    let enable = cors.boolean("enable");
    let lists = [
        ("origins", "Origins"),
        ("headers", "Headers"),
        ("methods", "Methods"),
        ("exposeHeaders", "ExposeHeaders"),
    ]
    .map(|(key, name)| (name, cors.texts(key)));
    let (age, credentials) =
        (cors.integer("maxAge", 0..=i64::from(i32::MAX)), cors.boolean("credentials"));
    let mut form = Map::new();
    // Whoever writes the map wants it.
    form.insert("Enable".to_owned(), json!(enable?.unwrap_or(true)));
    for (name, texts) in lists {
        if let Some(texts) = texts? {
            form.insert(name.to_owned(), json!(texts));
        }
    }
    if let Some(age) = age? {
        form.insert("MaxAge".to_owned(), json!(age));
    }
    if let Some(credentials) = credentials? {
        form.insert("Credentials".to_owned(), json!(credentials));
    }
    Ok(form)
}

/// The id, where one can be such: it names the trigger.
fn check_id(
    parameters: &MapReader<'_>,
    key: &'static str,
    id: String,
) -> Result<String, InputError> {
    if id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return Ok(id);
    }
    let what = Wrong::NoSuch { text: id, wanted: WantedValue::Id };
    Err(parameters.error(key, what, Advice::Name { rule: NameRule::Id, reference: None }))
}

fn cls(parameters: &MapReader<'_>, errors: &mut Errors) -> Option<(String, Form)> {
    let topic = parameters.needed("topicId", EventAdvice::LogTopic);
    let (max_wait, max_size) =
        (parameters.integer("maxWait", 3..=300), parameters.integer("maxSize", 1..=10_000));
    let topic = errors.keep(topic.and_then(|topic| check_id(parameters, "topicId", topic)));
    let (max_wait, max_size) = (errors.keep(max_wait), errors.keep(max_size));
    let topic = topic?;
    let form =
        Form::Cls { topic: topic.clone(), max_wait: max_wait?.unwrap_or(60), max_size: max_size? };
    Some((topic, form))
}

fn mps(parameters: &MapReader<'_>) -> Result<(String, Form), InputError> {
    let instead = Advice::OneOf { words: MEDIA_EVENTS.to_vec(), meant: None };
    let event = parameters.needed("type", instead)?;
    if !MEDIA_EVENTS.contains(&event.as_str()) {
        let remark = KeyRemark::Undocumented { event: event.clone(), documented: MEDIA_EVENTS };
        parameters.warn_of("type", remark);
    }
    Ok((event.clone(), Form::Mps { event }))
}

fn clb(parameters: &MapReader<'_>, errors: &mut Errors) -> Option<(String, Form)> {
    let balancer = parameters.needed("loadBalanceId", EventAdvice::Balancer);
    let (protocol, port) =
        (parameters.choice("protocol", PROTOCOLS), parameters.integer("port", 1..=65_535));
    let domain = parameters.needed("domain", EventAdvice::Domain);
    let url = parameters.needed("url", EventAdvice::Url);
    let weight = parameters.integer("weight", 0..=100);
    let balancer = balancer.and_then(|balancer| {
        if !balancer.starts_with("lb-") {
            let what = Wrong::NoSuch { text: balancer, wanted: WantedValue::BalancerId };
            return Err(parameters.error("loadBalanceId", what, Advice::literal("`lb-…`")));
        }
        check_id(parameters, "loadBalanceId", balancer)
    });
    let missing = |key, instead| move || parameters.error(key, Wrong::Missing, instead);
    let no_protocol = missing("protocol", Advice::Either(PROTOCOLS));
    let protocol = protocol.and_then(|protocol| protocol.ok_or_else(no_protocol));
    let port = port.and_then(|port| port.ok_or_else(missing("port", EventAdvice::Port.into())));
    let url = url.and_then(|url| {
        if url.starts_with('/') {
            return Ok(url);
        }
        let instead = Advice::literal(format!("/{url}"));
        let what = Wrong::NoSuch { text: url, wanted: WantedValue::UrlPath };
        Err(parameters.error("url", what, instead))
    });
    let (balancer, protocol, port) =
        (errors.keep(balancer), errors.keep(protocol), errors.keep(port));
    let (domain, url, weight) = (errors.keep(domain), errors.keep(url), errors.keep(weight));
    let rule = BalancerRule {
        balancer: balancer?,
        protocol: protocol?,
        port: port?,
        domain: domain?,
        url: url?,
    };
    Some((rule.to_string(), Form::Clb { rule, weight: weight?.unwrap_or(10) }))
}
