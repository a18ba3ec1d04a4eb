//! The configuration of a function: what its values may be.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::super::behaviour::Runtimes;
use super::super::error::Refusal;
use super::request::Request;

/// Parameters that say where or how, and are not part of the configuration.
const NOT_CONFIGURATION: &[&str] = &[
    "FunctionName",
    "Namespace",
    "Code",
    "CodeSource",
    "Description",
    "Publish",
    "IgnoreSysLog",
    "Tags",
];

/// Parameters that are the texts `TRUE` or `FALSE`.
const SWITCHES: &[&str] = &[
    "InstallDependency",
    "AsyncRunEnable",
    "TraceEnable",
    "DnsCache",
    "L5Enable",
    "AutoCreateClsTopic",
    "AutoDeployClsTopicIndex",
    "Publish",
];

/// The configuration of a new function, with the defaults filled in.
pub(super) fn create(request: &Request, image: bool) -> Result<Map<String, Value>, Refusal> {
    let mut configuration = Map::new();
    configuration.insert("MemorySize".to_owned(), json!(128));
    configuration.insert("Timeout".to_owned(), json!(3));
    configuration.insert("InitTimeout".to_owned(), json!(if image { 90 } else { 65 }));
    configuration.insert("Type".to_owned(), json!("Event"));
    configuration.insert("Handler".to_owned(), json!(""));
    let runtime = if image { "CustomImage" } else { "Python2.7" };
    configuration.insert("Runtime".to_owned(), json!(runtime));
    merge(&mut configuration, request)?;
    let text = |name: &str| configuration.get(name).and_then(Value::as_str).unwrap_or("");
    let kind = text("Type");
    if !matches!(kind, "Event" | "HTTP") {
        return Err(request.refuse(
            &["InvalidParameterValue.Type"],
            format!("Type is Event or HTTP, not `{kind}`."),
        ));
    }
    // Web functions only.
    let foreign = ["ProtocolType", "ProtocolParams", "InstanceConcurrencyConfig"];
    if let Some(name) = foreign.iter().find(|name| kind == "Event" && request.value(name).is_some())
    {
        return Err(request.refuse(
            &[&format!("InvalidParameterValue.{name}"), "InvalidParameterValue.Type"],
            format!("{name} is for HTTP functions only."),
        ));
    }
    check_runtime(request, text("Runtime"))?;
    // Web functions and images start by themselves.
    if kind == "Event" && !image {
        check_handler(request, text("Runtime"), text("Handler"))?;
    }
    Ok(configuration)
}

/// The configuration after a change.
pub(super) fn update(
    request: &Request,
    present: &Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    let mut configuration = present.clone();
    merge(&mut configuration, request)?;
    // The runtime cannot be changed: the field is taken and ignored.
    for name in ["Runtime", "Type", "AsyncRunEnable"] {
        if let Some(value) = present.get(name) {
            configuration.insert(name.to_owned(), value.clone());
        }
    }
    Ok(configuration)
}

fn merge(configuration: &mut Map<String, Value>, request: &Request) -> Result<(), Refusal> {
    for name in SWITCHES {
        request.switch(name)?;
    }
    check_memory(request)?;
    let asynchronous = request
        .text("AsyncRunEnable")
        .or_else(|| configuration.get("AsyncRunEnable").and_then(Value::as_str));
    check_times(request, asynchronous == Some("TRUE"))?;
    if let Some(size) = request.integer("DiskSize").filter(|size| *size < 1) {
        return Err(request.refuse(
            &["InvalidParameterValue.DiskSize", "InvalidParameterValue"],
            format!("DiskSize is {size} MB."),
        ));
    }
    check_vpc(request)?;
    check_logs(request)?;
    check_dead_letter(request)?;
    check_file_systems(request)?;
    for (name, value) in request.parameters {
        if NOT_CONFIGURATION.contains(&name.as_str()) {
            continue;
        }
        match name.as_str() {
            "Environment" => {
                if let Some(environment) = environment(request, value)? {
                    configuration.insert(name.clone(), environment);
                }
            }
            "Layers" => {
                if let Some(layers) = layers(request, value)? {
                    configuration.insert(name.clone(), layers);
                }
            }
            _ => {
                configuration.insert(name.clone(), value.clone());
            }
        }
    }
    check_nested(request)
}

fn check_memory(request: &Request) -> Result<(), Refusal> {
    let Some(size) = request.integer("MemorySize") else {
        return Ok(());
    };
    if size > 3072 {
        return Err(request.refuse(
            &["LimitExceeded.Memory", "InvalidParameterValue.MemorySize"],
            format!("MemorySize is {size} MB, over 3072."),
        ));
    }
    if size != 64 && (size < 128 || size % 128 != 0) {
        return Err(request.refuse(
            &["InvalidParameterValue.MemorySize", "InvalidParameterValue.Memory"],
            format!("MemorySize is {size} MB, not 64 or a multiple of 128."),
        ));
    }
    Ok(())
}

fn check_times(request: &Request, asynchronous: bool) -> Result<(), Refusal> {
    // Asynchronous execution may last a day.
    let longest = if asynchronous { 86400 } else { 900 };
    for (name, longest) in [("Timeout", longest), ("InitTimeout", 300)] {
        if let Some(seconds) = request.integer(name)
            && !(1..=longest).contains(&seconds)
        {
            return Err(request.refuse(
                &[&format!("LimitExceeded.{name}"), "InvalidParameterValue"],
                format!("{name} is {seconds} seconds, not 1 to {longest}."),
            ));
        }
    }
    Ok(())
}

/// A network and its subnet come together; both empty is none.
fn check_vpc(request: &Request) -> Result<(), Refusal> {
    let Some(vpc) = request.value("VpcConfig") else { return Ok(()) };
    if member(vpc, "VpcId").is_empty() == member(vpc, "SubnetId").is_empty() {
        return Ok(());
    }
    let codes = ["InvalidParameterValue.Vpc", "InvalidParameterValue"];
    Err(request.refuse(&codes, "VpcId and SubnetId are given together."))
}

/// A log set and its topic come together; both empty is none.
fn check_logs(request: &Request) -> Result<(), Refusal> {
    let given = |name: &str| request.text(name).map(|text| !text.is_empty());
    if given("ClsLogsetId") == given("ClsTopicId") {
        return Ok(());
    }
    Err(request
        .refuse(&["InvalidParameterValue.Cls"], "ClsLogsetId and ClsTopicId are given together."))
}

/// A kind and a name come together; both empty is none.
fn check_dead_letter(request: &Request) -> Result<(), Refusal> {
    let Some(letter) = request.value("DeadLetterConfig") else { return Ok(()) };
    if member(letter, "Type").is_empty() == member(letter, "Name").is_empty() {
        return Ok(());
    }
    let codes = ["InvalidParameterValue.DeadLetterConfig", "InvalidParameterValue"];
    Err(request.refuse(&codes, "Type and Name of the dead letters are given together."))
}

fn check_file_systems(request: &Request) -> Result<(), Refusal> {
    let mounts = request.value("CfsConfig").and_then(|config| config.get("CfsInsList"));
    let mut folders = BTreeSet::new();
    for mount in mounts.and_then(Value::as_array).into_iter().flatten() {
        let wrong = |code: &str, text: &str| {
            request.refuse(
                &[code, "InvalidParameterValue.CfsParameterError"],
                format!("A file system is wrong: {text}."),
            )
        };
        for (name, code) in [
            ("CfsId", "InvalidParameterValue.CfsId"),
            ("MountInsId", "InvalidParameterValue.CfsMountInsId"),
        ] {
            if member(mount, name).is_empty() {
                return Err(wrong(code, &format!("{name} is empty")));
            }
        }
        for (name, code) in [
            ("LocalMountDir", "InvalidParameterValue.CfsLocalMountDir"),
            ("RemoteMountDir", "InvalidParameterValue.CfsRemoteMountDir"),
        ] {
            if !member(mount, name).starts_with('/') {
                return Err(wrong(code, &format!("{name} is not an absolute folder")));
            }
        }
        for (name, code) in [
            ("UserId", "InvalidParameterValue.CfsUserId"),
            ("UserGroupId", "InvalidParameterValue.CfsUserGroupId"),
        ] {
            if member(mount, name).parse::<i64>().is_err() {
                return Err(wrong(code, &format!("{name} is not the text of a number")));
            }
        }
        if !folders.insert(member(mount, "LocalMountDir")) {
            return Err(wrong(
                "InvalidParameterValue.CfsParameterDuplicate",
                "a folder is mounted twice",
            ));
        }
    }
    Ok(())
}

fn member<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The tags that a function is created with.
pub(super) fn tags(request: &Request) -> Result<BTreeMap<String, String>, Refusal> {
    let mut tags = BTreeMap::new();
    for tag in request.list("Tags") {
        let (key, value) = (member(tag, "Key"), member(tag, "Value"));
        if key.is_empty() || tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(request.refuse(
                &["InvalidParameterValue"],
                format!("The tag `{key}` is empty or twice."),
            ));
        }
    }
    Ok(tags)
}

/// The environment that replaces the present one; `None` leaves it.
fn environment(request: &Request, value: &Value) -> Result<Option<Value>, Refusal> {
    let wrong = |text: &str| {
        request.refuse(
            &["InvalidParameterValue.Environment"],
            format!("The environment is wrong: {text}."),
        )
    };
    let empty = Vec::new();
    let pairs = value.get("Variables").and_then(Value::as_array).unwrap_or(&empty);
    let text = |pair: &Value, name: &str| {
        let text = pair.get(name).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let pairs: Vec<_> = pairs.iter().map(|pair| (text(pair, "Key"), text(pair, "Value"))).collect();
    if pairs.is_empty() {
        return Ok(None);
    }
    // One empty pair is the mark that clears all variables.
    if pairs.len() == 1 && pairs[0].0.is_empty() && pairs[0].1.is_empty() {
        return Ok(Some(json!({"Variables": []})));
    }
    let mut size = 0;
    let mut seen = BTreeSet::new();
    for (key, value) in &pairs {
        if key.is_empty() || value.is_empty() {
            return Err(wrong("a key or value is empty"));
        }
        check_variable(request, key)?;
        if !seen.insert(key) {
            return Err(wrong(&format!("`{key}` is given twice")));
        }
        size += key.len() + value.len();
    }
    if size > 4096 {
        return Err(request.refuse(
            &[
                "InvalidParameterValue.EnvironmentExceededLimit",
                "InvalidParameterValue.Environment",
            ],
            format!("The environment has {size} bytes, over 4096."),
        ));
    }
    Ok(Some(value.clone()))
}

/// Checks the name of an environment variable: 2 to 64 letters, digits and `_`, a letter first,
/// and none of the beginnings that the platform keeps to itself.
fn check_variable(request: &Request, key: &str) -> Result<(), Refusal> {
    let mut bytes = key.bytes();
    let right = bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && key.len() >= 2
        && key.len() <= 64;
    if !right {
        return Err(request.refuse(
            &["InvalidParameterValue.Environment"],
            format!("The environment is wrong: `{key}` cannot be a key."),
        ));
    }
    if ["SCF_", "QCLOUD_", "TENCENTCLOUD_"].iter().any(|own| key.starts_with(own)) {
        return Err(request.refuse(
            &[
                "InvalidParameterValue.EnvironmentSystemProtect",
                "InvalidParameterValue.Environment",
            ],
            format!("The environment is wrong: `{key}` is reserved."),
        ));
    }
    Ok(())
}

/// The layers that replace the present ones; `None` leaves them.
fn layers(request: &Request, value: &Value) -> Result<Option<Value>, Refusal> {
    let wrong = |text: &str| {
        request.refuse(&["InvalidParameterValue.Layers"], format!("The layers are wrong: {text}."))
    };
    let empty = Vec::new();
    let items = value.as_array().unwrap_or(&empty);
    let name = |item: &Value| {
        let name = item.get("LayerName").and_then(Value::as_str);
        name.unwrap_or_default().to_owned()
    };
    let number = |item: &Value| item.get("LayerVersion").and_then(Value::as_i64);
    match &items[..] {
        [] => return Ok(None),
        // The mark that removes all layers.
        [item] if name(item).is_empty() && number(item) == Some(0) => return Ok(Some(json!([]))),
        _ => {}
    }
    if items.len() > 5 {
        return Err(wrong("a version has at most five"));
    }
    for item in items {
        if name(item).is_empty() || number(item).is_none_or(|number| number < 1) {
            return Err(wrong("a name is empty or a version is not from 1"));
        }
    }
    Ok(Some(value.clone()))
}

/// Checks the words inside structures.
fn check_nested(request: &Request) -> Result<(), Refusal> {
    let one_of = |path: &[&str], words: &[&str], code: &str| {
        let value =
            path.iter().skip(1).try_fold(request.value(path[0])?, |value, name| value.get(name));
        let text = value?.as_str()?;
        (!words.contains(&text)).then(|| {
            request.refuse(
                &[code],
                format!("{} is one of {}, not `{text}`.", path.join("."), words.join(", ")),
            )
        })
    };
    check_numbers(request)?;
    let states = &["ENABLE", "DISABLE"];
    let wrong = [
        one_of(
            &["PublicNetConfig", "PublicNetStatus"],
            states,
            "InvalidParameterValue.PublicNetConfig",
        ),
        one_of(
            &["PublicNetConfig", "EipConfig", "EipStatus"],
            states,
            "InvalidParameterValue.EipConfig",
        ),
        one_of(&["IntranetConfig", "IpFixed"], states, "InvalidParameterValue"),
        one_of(
            &["InstanceConcurrencyConfig", "DynamicEnabled"],
            &["TRUE", "FALSE", ""],
            "InvalidParameterValue.DynamicEnabled",
        ),
        one_of(&["ProtocolType"], &["WS", ""], "InvalidParameterValue.ProtocolType"),
    ];
    match wrong.into_iter().flatten().next() {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Checks the numbers inside structures.
fn check_numbers(request: &Request) -> Result<(), Refusal> {
    for (path, range, code) in [
        (
            &["ProtocolParams", "WSParams", "IdleTimeOut"][..],
            1..=1800,
            "InvalidParameterValue.IdleTimeOut",
        ),
        (
            &["InstanceConcurrencyConfig", "MaxConcurrency"],
            1..=100,
            "InvalidParameterValue.MaxConcurrency",
        ),
    ] {
        let inner = |value, path: &[&str]| {
            path.iter().try_fold(value, |value: &Value, name| value.get(name))?.as_i64()
        };
        let number = request.value(path[0]).and_then(|value| inner(value, &path[1..]));
        if let Some(number) = number.filter(|number| !range.contains(number)) {
            return Err(request.refuse(
                &[code, "InvalidParameterValue"],
                format!(
                    "{} is {number}, not {} to {}.",
                    path.join("."),
                    range.start(),
                    range.end()
                ),
            ));
        }
    }
    Ok(())
}

/// The runtimes of the API definition, and after them those that it lacks although they occur.
const RUNTIMES: &[&str] = &[
    "Python2.7",
    "Python3.6",
    "Python3.7",
    "Python3.9",
    "Python3.10",
    "Nodejs6.10",
    "Nodejs8.9",
    "Nodejs10.15",
    "Nodejs12.16",
    "Nodejs14.18",
    "Nodejs16.13",
    "Nodejs18.15",
    "Php5.6",
    "Php7",
    "Php7.4",
    "Php8.0",
    "Go1",
    "Java8",
    "CustomRuntime",
    "CustomImage",
    "Java11",
    "Nodejs20.19",
];

fn check_runtime(request: &Request, runtime: &str) -> Result<(), Refusal> {
    let any = request.context.behaviour.runtimes == Runtimes::Any;
    if RUNTIMES.contains(&runtime) || (any && !runtime.is_empty()) {
        return Ok(());
    }
    Err(request.refuse(
        &["InvalidParameterValue.Runtime"],
        format!("There is no runtime `{runtime}`. There are {}.", RUNTIMES.join(", ")),
    ))
}

/// Checks a handler's shape for a runtime.
pub(super) fn check_handler(
    request: &Request,
    runtime: &str,
    handler: &str,
) -> Result<(), Refusal> {
    // Each part has 2 to 60 characters and a letter at both ends.
    let part = |text: &str| {
        let bytes = text.as_bytes();
        (2..=60).contains(&bytes.len())
            && bytes[0].is_ascii_alphabetic()
            && bytes[bytes.len() - 1].is_ascii_alphabetic()
            && bytes
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/'))
    };
    let right = if runtime.starts_with("Go") {
        part(handler)
    } else if runtime.starts_with("Java") {
        handler.split_once("::").is_some_and(|(class, method)| {
            !class.is_empty() && class.split('.').all(|name| !name.is_empty()) && !method.is_empty()
        })
    } else if runtime.starts_with("Custom") {
        true
    } else {
        handler.split_once('.').is_some_and(|(file, function)| part(file) && part(function))
    };
    if right {
        return Ok(());
    }
    Err(request.refuse(
        &["InvalidParameterValue.Handler"],
        format!("`{handler}` cannot be the handler of a {runtime} function."),
    ))
}
