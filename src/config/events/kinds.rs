//! The parameters of each type of trigger.

use serde_json::{Map, Value, json};

use super::cron::{self, Fields};
use super::{InputError, MapReader, Scope};
use crate::config::input_error::{
    Advice, Amount, EventAdvice, NameRule, Remark, Wanted, Wrong, WrongEvent,
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

/// Reads a trigger; `outer` is the name beside `parameters`.
///
/// # Errors
/// The first parameter that cannot be used.
pub(super) fn read(
    of_type: TriggerKind,
    outer: Option<String>,
    parameters: &MapReader<'_>,
    scope: &Scope<'_>,
) -> Result<Trigger, InputError> {
    // Every key is asked for before the first error is returned: the others are unknown.
    let (qualifier, enabled) = (qualifier(parameters), parameters.boolean("enable"));
    let default = || format!("{of_type}-{}", scope.default_suffix, of_type = of_type.name());
    let read = match of_type {
        TriggerKind::Timer => timer(parameters, outer, default),
        TriggerKind::Cos => cos(parameters, scope),
        TriggerKind::Ckafka => ckafka(parameters),
        TriggerKind::Http => http(parameters, outer),
        TriggerKind::Cls => cls(parameters),
        TriggerKind::Mps => mps(parameters),
        TriggerKind::Clb => clb(parameters),
    };
    let description = match of_type {
        TriggerKind::Timer | TriggerKind::Cos | TriggerKind::Ckafka | TriggerKind::Http => {
            description(parameters)
        }
        TriggerKind::Cls | TriggerKind::Mps | TriggerKind::Clb => Ok(None),
    };
    let (qualifier, enabled, (name, form)) = (qualifier?, enabled?, read?);
    if enabled == Some(false) && matches!(of_type, TriggerKind::Cls | TriggerKind::Clb) {
        let instead = match of_type {
            TriggerKind::Clb => EventAdvice::NoWeight,
            _ => EventAdvice::LeaveOut,
        };
        return Err(parameters.error("enable", WrongEvent::NoSwitch(of_type), instead));
    }
    // A load balancer's target is there or not.
    let enabled = enabled.filter(|_| of_type != TriggerKind::Clb);
    Ok(Trigger { name, qualifier, form, enabled, description: description? })
}

fn timer(
    parameters: &MapReader<'_>,
    outer: Option<String>,
    default: impl Fn() -> String,
) -> Result<(String, Form), InputError> {
    let name = parameters.text("name");
    let (cron, argument) = (cron_expression(parameters), argument(parameters));
    let name = name?.or(outer).unwrap_or_else(default);
    check_name(parameters, &name)?;
    Ok((name, Form::Timer { cron: cron?, argument: argument? }))
}

fn http(parameters: &MapReader<'_>, outer: Option<String>) -> Result<(String, Form), InputError> {
    let (name, url) = (parameters.text("name"), function_url(parameters));
    let name = name?.or(outer).unwrap_or_else(|| URL_NAME.to_owned());
    check_name(parameters, &name)?;
    Ok((name, Form::Http(url?)))
}

/// The version or alias. A number is a version: `qualifier: 3`.
fn qualifier(parameters: &MapReader<'_>) -> Result<String, InputError> {
    let text = match parameters.get("qualifier") {
        Some(Value::Number(number)) => Some(number.to_string()),
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

fn check_name(parameters: &MapReader<'_>, name: &str) -> Result<(), InputError> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if name.len() <= NAME_LIMIT
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(allowed)
    {
        return Ok(());
    }
    let what = Wrong::NoSuch { text: name.to_owned(), wanted: Wanted::TriggerName };
    Err(parameters.error("name", what, Advice::name(NameRule::Trigger, name)))
}

fn description(parameters: &MapReader<'_>) -> Result<Option<String>, InputError> {
    parameters.as_written("description")?;
    let Some(value) = parameters.get("description") else { return Ok(None) };
    let Some(text) = value.as_str() else {
        let what = Wrong::kind(value, Wanted::Text);
        return Err(parameters.error("description", what, Advice::Quote));
    };
    let length = text.chars().count();
    if length > DESCRIPTION_LIMIT {
        let what = Wrong::Has(Amount::Characters(length));
        return Err(parameters.error("description", what, Advice::AtMost(DESCRIPTION_LIMIT)));
    }
    Ok(Some(text.to_owned()))
}

fn cron_expression(parameters: &MapReader<'_>) -> Result<String, InputError> {
    const KEY: &str = "cronExpression";
    let cron = match parameters.get(KEY) {
        None => return Err(parameters.error(KEY, Wrong::Missing, EventAdvice::Cron)),
        Some(Value::String(cron)) => cron,
        Some(other) => {
            let what = Wrong::kind(other, Wanted::Text);
            return Err(parameters.error(KEY, what, EventAdvice::Cron));
        }
    };
    match cron::check(cron) {
        Ok(Fields::Seven) => {}
        Ok(Fields::Five) => {
            parameters.warn_of(KEY, Remark::FiveFields(cron.clone()));
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
        let what = Wrong::Has(Amount::Bytes(argument.len()));
        return Err(parameters.error("argument", what, Advice::AtMost(ARGUMENT_LIMIT)));
    }
    Ok(argument)
}

fn cos(parameters: &MapReader<'_>, scope: &Scope<'_>) -> Result<(String, Form), InputError> {
    let instead = Advice::literal(format!("`<name>-<appid>.cos.{}.myqcloud.com`", scope.region));
    let bucket = parameters.needed("bucket", instead.clone());
    let (event, filter) = (parameters.choice("events", COS_EVENTS), object_filter(parameters));
    let bucket = bucket?;
    let host = bucket.strip_suffix(".myqcloud.com").and_then(|host| host.split_once(".cos."));
    let Some((name, region)) = host else {
        let what = Wrong::NoSuch { text: bucket, wanted: Wanted::BucketHost };
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
    let Some(event) = event? else {
        return Err(parameters.error("events", Wrong::Missing, EventAdvice::BucketEvent));
    };
    let (prefix, suffix) = filter?;
    Ok((bucket, Form::Cos(CosRule { event, prefix, suffix })))
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

fn ckafka(parameters: &MapReader<'_>) -> Result<(String, Form), InputError> {
    let [instance, name, topic, group] =
        ["instanceId", "name", "topic", "consumerGroupName"].map(|key| parameters.text(key));
    let [timeout, time_out] = ["timeout", "timeOut"].map(|key| parameters.integer(key, 1..=60));
    let max_messages = parameters.integer("maxMsgNum", 1..=10_000);
    let retry = parameters.integer("retry", 0..=i64::from(i32::MAX));
    let offset = parameters.get("offset");
    let instance = match instance? {
        Some(instance) => Some(instance),
        None => name?,
    };
    let Some(instance) = instance else {
        return Err(parameters.error("name", Wrong::Missing, EventAdvice::KafkaInstance));
    };
    // The API's name is instance and topic; newer files have both in `name` already.
    let name = match topic? {
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
    if !parts.is_some_and(|(instance, topic)| is_word(instance) && is_topic(topic)) {
        return Err(parameters.error(
            "name",
            WrongEvent::NoTopicName(name),
            EventAdvice::KafkaName,
        ));
    }
    let offset = match offset {
        None => json!("latest"),
        Some(Value::String(text))
            if matches!(text.as_str(), "latest" | "earliest")
                || (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())) =>
        {
            json!(text)
        }
        Some(Value::Number(number)) if number.is_u64() => json!(number),
        Some(_) => {
            let what = Wrong::IsNot(Wanted::Offset);
            return Err(parameters.error("offset", what, EventAdvice::Offset));
        }
    };
    let time_out = match timeout? {
        Some(seconds) => Some(seconds),
        None => time_out?,
    };
    Ok((
        name,
        Form::Ckafka(Ckafka {
            max_messages: max_messages?.unwrap_or(100),
            offset,
            retry: retry?.unwrap_or(10_000),
            time_out: time_out.unwrap_or(60),
            group: group?,
        }),
    ))
}

fn function_url(parameters: &MapReader<'_>) -> Result<FunctionUrl, InputError> {
    let (auth, network) = (parameters.choice("authType", &["NONE", "CAM"]), networks(parameters));
    let cors = parameters.inner("corsConfig");
    let cors = cors.and_then(|cors| cors.map(|cors| cross_origin(&cors)).transpose());
    let (auth, (intranet, extranet)) = (auth?, network?);
    if !intranet && !extranet {
        parameters.warn_of("netConfig", Remark::NoNetwork);
    }
    let auth = auth.unwrap_or_else(|| "NONE".to_owned());
    Ok(FunctionUrl { auth, intranet, extranet, cors: cors? })
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

/// Refuses an id that none can be: it names the trigger.
fn check_id(parameters: &MapReader<'_>, key: &'static str, id: &str) -> Result<(), InputError> {
    if id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return Ok(());
    }
    let what = Wrong::NoSuch { text: id.to_owned(), wanted: Wanted::Id };
    Err(parameters.error(key, what, Advice::Name { rule: NameRule::Id, reference: None }))
}

fn cls(parameters: &MapReader<'_>) -> Result<(String, Form), InputError> {
    let topic = parameters.needed("topicId", EventAdvice::LogTopic);
    let (max_wait, max_size) =
        (parameters.integer("maxWait", 3..=300), parameters.integer("maxSize", 1..=10_000));
    let topic = topic?;
    check_id(parameters, "topicId", &topic)?;
    let form =
        Form::Cls { topic: topic.clone(), max_wait: max_wait?.unwrap_or(60), max_size: max_size? };
    Ok((topic, form))
}

fn mps(parameters: &MapReader<'_>) -> Result<(String, Form), InputError> {
    let instead = Advice::OneOf { words: MEDIA_EVENTS.to_vec(), meant: None };
    let event = parameters.needed("type", instead)?;
    if !MEDIA_EVENTS.contains(&event.as_str()) {
        let remark = Remark::Undocumented { event: event.clone(), documented: MEDIA_EVENTS };
        parameters.warn_of("type", remark);
    }
    Ok((event.clone(), Form::Mps { event }))
}

fn clb(parameters: &MapReader<'_>) -> Result<(String, Form), InputError> {
    let balancer = parameters.needed("loadBalanceId", EventAdvice::Balancer);
    let (protocol, port) =
        (parameters.choice("protocol", PROTOCOLS), parameters.integer("port", 1..=65_535));
    let domain = parameters.needed("domain", EventAdvice::Domain);
    let url = parameters.needed("url", EventAdvice::Url);
    let weight = parameters.integer("weight", 0..=100);
    let balancer = balancer?;
    if !balancer.starts_with("lb-") {
        let what = Wrong::NoSuch { text: balancer, wanted: Wanted::BalancerId };
        return Err(parameters.error("loadBalanceId", what, Advice::literal("`lb-…`")));
    }
    check_id(parameters, "loadBalanceId", &balancer)?;
    let Some(protocol) = protocol? else {
        return Err(parameters.error("protocol", Wrong::Missing, Advice::Either(PROTOCOLS)));
    };
    let Some(port) = port? else {
        return Err(parameters.error("port", Wrong::Missing, EventAdvice::Port));
    };
    let (domain, url) = (domain?, url?);
    if !url.starts_with('/') {
        let instead = Advice::literal(format!("/{url}"));
        let what = Wrong::NoSuch { text: url, wanted: Wanted::UrlPath };
        return Err(parameters.error("url", what, instead));
    }
    let rule = BalancerRule { balancer, protocol, port, domain, url };
    Ok((rule.to_string(), Form::Clb { rule, weight: weight?.unwrap_or(10) }))
}
