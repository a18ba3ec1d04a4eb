//! The formats before today's, as today's: the first components, components by the names of their
//! packages, and the plugin of the Serverless Framework.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::config::function::{keys, successor};
use crate::config::input_error::{RetiredProduct, Successor};
use crate::error::InitError;
use crate::report::init::Unsaid;

/// What begins the references of today.
const REFERENCES: [&str; 7] = ["env:", "param:", "output:", "stage}", "name}", "app}", "org}"];
/// Keys of the plugin's functions, and of its `provider` for all of them.
const OF_FUNCTIONS: [&str; 10] = [
    "description",
    "environment",
    "handler",
    "layers",
    "memorySize",
    "role",
    "runtime",
    "tags",
    "timeout",
    "vpcConfig",
];

/// A file to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OlderInstance {
    /// The folder that it is for; `None` for the one that is written to.
    pub folder: Option<String>,
    /// Its content.
    pub document: Value,
}

/// What is made of a file, and the keys of it that are not carried over. `above` leads from the
/// folder that is written to, to that of the file: `../`, or nothing.
pub(super) fn converted(
    file: &Value,
    above: &str,
) -> Result<(Vec<OlderInstance>, Vec<Unsaid>), InitError> {
    let Some(file) = file.as_object() else { return Err(InitError::NotOlder) };
    let mut unsaid = Vec::new();
    let component = file.get("component").and_then(Value::as_str);
    let instances = if let Some(component) = component {
        let today = of_today(component).filter(|today| *today != component);
        let document = instance(file, today.ok_or(InitError::NotOlder)?, above, None, &mut unsaid);
        vec![OlderInstance { folder: None, document }]
    } else if file.contains_key("service") && file.contains_key("provider") {
        vec![OlderInstance { folder: None, document: plugin(file, above, &mut unsaid)? }]
    } else {
        first_components(file, above, &mut unsaid)
    };
    if instances.is_empty() {
        return Err(InitError::NotOlder);
    }
    for OlderInstance { folder, document } in &instances {
        let at = folder.as_ref().map_or(String::new(), |folder| format!("{folder}/"));
        references(document, &at, &mut unsaid);
    }
    Ok((instances, unsaid))
}

/// Today's name of a component that is called by that of its package.
fn of_today(component: &str) -> Option<&'static str> {
    let package = component.strip_prefix("@serverless/").unwrap_or(component);
    let package = package.strip_prefix("tencent-").unwrap_or(package);
    match package.split('@').next() {
        Some("scf") => Some("scf"),
        Some("multi-scf") => Some("multi-scf"),
        _ => None,
    }
}

/// Maps that hold a component, each by its name.
fn first_components(
    file: &Map<String, Value>,
    above: &str,
    unsaid: &mut Vec<Unsaid>,
) -> Vec<OlderInstance> {
    let today = |value: &Value| value.get("component").and_then(Value::as_str).and_then(of_today);
    let several = file.values().filter(|value| today(value).is_some()).count() > 1;
    let mut instances = Vec::new();
    for (key, value) in file {
        let (Some(component), Some(map)) = (today(value), value.as_object()) else {
            // `name` at the top names the whole.
            unsaid.push(Unsaid::Key(key.clone()));
            continue;
        };
        let folder = several.then(|| key.clone());
        let above = format!("{}{above}", if several { "../" } else { "" });
        let document = instance(map, component, &above, Some(key), unsaid);
        instances.push(OlderInstance { folder, document });
    }
    instances
}

/// An instance of a component.
fn instance(
    map: &Map<String, Value>,
    component: &str,
    above: &str,
    key: Option<&str>,
    unsaid: &mut Vec<Unsaid>,
) -> Value {
    let mut document = Map::from_iter([("component".to_owned(), component.into())]);
    let path = key.map_or(String::new(), |key| format!("{key}."));
    document.extend(key.map(|key| ("name".to_owned(), key.into())));
    for (name, value) in map {
        match name.as_str() {
            "component" | "inputs" => {}
            "name" | "app" | "stage" | "org" => {
                document.insert(name.clone(), value.clone());
            }
            _ => unsaid.push(Unsaid::Key(format!("{path}{name}"))),
        }
    }
    let mut inputs = Map::new();
    for (name, value) in map.get("inputs").and_then(Value::as_object).into_iter().flatten() {
        input(&mut inputs, name, value, &format!("{path}inputs."), component, unsaid);
    }
    move_source(&mut inputs, above, &format!("{path}inputs."), unsaid);
    document.insert("inputs".to_owned(), inputs.into());
    Value::Object(document)
}

/// Puts an input where it belongs today.
fn input(
    inputs: &mut Map<String, Value>,
    name: &str,
    value: &Value,
    path: &str,
    component: &str,
    unsaid: &mut Vec<Unsaid>,
) {
    let is_of_several = component == "multi-scf";
    let is_kept = keys().any(|key| key == name)
        || (is_of_several && crate::config::multi_scf::KEYS.contains(&name));
    if name == "events" {
        let events = events(value, &format!("{path}events"), unsaid);
        inputs.insert(name.to_owned(), events.into());
        return;
    }
    if is_kept {
        put(inputs, name, value.clone(), &format!("{path}{name}"), unsaid);
        return;
    }
    match (successor(name), value) {
        (Some(Successor::Called(today)), _) => {
            put(inputs, today, value.clone(), &format!("{path}{name}"), unsaid);
        }
        (Some(Successor::Below("environment.variables")), _) => {
            let pairs = value.as_array().into_iter().flatten();
            let pairs = pairs.filter_map(|one| {
                Some((one.get("key")?.as_str()?.to_owned(), one.get("value")?.clone()))
            });
            let variables = value.as_object().cloned().unwrap_or_else(|| pairs.collect());
            let environment = json!({"variables": variables});
            put(inputs, "environment", environment, &format!("{path}{name}"), unsaid);
        }
        (Some(Successor::Below(below)), _) => {
            // Which of them belongs to the source is said once all are known.
            put(inputs, below, value.clone(), &format!("{path}{name}"), unsaid);
        }
        (Some(Successor::Keys), Value::Object(map)) => {
            for (key, value) in map {
                input(inputs, key, value, &format!("{path}{name}."), component, unsaid);
            }
        }
        _ => unsaid.push(Unsaid::Key(format!("{path}{name}"))),
    }
}

/// Puts a value under a key of today, beside what another key of the file has put there; what is
/// there already stays, and the other is not lost without a word.
fn put(
    inputs: &mut Map<String, Value>,
    key: &str,
    value: Value,
    path: &str,
    unsaid: &mut Vec<Unsaid>,
) {
    match (inputs.get_mut(key), value) {
        (None, value) => {
            inputs.insert(key.to_owned(), value);
        }
        (Some(there), value) if *there == value => {}
        (Some(Value::Object(there)), Value::Object(map)) => {
            for (name, value) in map {
                put(there, &name, value, &format!("{path}.{name}"), unsaid);
            }
        }
        (Some(_), _) => unsaid.push(Unsaid::Key(path.to_owned())),
    }
}

/// Puts `src.exclude` and `src.include` below `src`, and has the folders of `src` begin where the
/// older file is.
fn move_source(inputs: &mut Map<String, Value>, above: &str, at: &str, unsaid: &mut Vec<Unsaid>) {
    let parts = ["exclude", "include"].map(|key| (key, inputs.shift_remove(&format!("src.{key}"))));
    let mut moved = |path: &mut String, key: &str| {
        if above.is_empty() || Path::new(path.as_str()).is_absolute() || path.starts_with('/') {
            return;
        }
        if path.starts_with("${") {
            unsaid.push(Unsaid::Path(format!("{at}{key}")));
            return;
        }
        let plain = path.strip_prefix("./").unwrap_or(path);
        let plain = if plain == "." { "" } else { plain };
        *path = format!("{above}{plain}");
    };
    if inputs.get("src").is_none()
        && !inputs.contains_key("image")
        && (!above.is_empty() || parts.iter().any(|(_, part)| part.is_some()))
    {
        inputs.insert("src".to_owned(), "./".into());
    }
    let Some(source) = inputs.get_mut("src") else { return };
    match source {
        Value::String(path) => moved(path, "src"),
        Value::Object(map) => {
            // A hook runs where the file is, unless it is said.
            if !above.is_empty() && map.contains_key("hook") && !map.contains_key("src") {
                map.insert("src".to_owned(), "./".into());
            }
            for key in ["src", "dist"] {
                if let Some(Value::String(path)) = map.get_mut(key) {
                    moved(path, &format!("src.{key}"));
                }
            }
        }
        _ => {}
    }
    for (key, part) in parts {
        let Some(part) = part else { continue };
        if !source.is_object() {
            *source = json!({"src": source.take()});
        }
        source[key] = if part.is_array() { part } else { json!([part]) };
    }
}

/// The events but those of retired products.
fn events(list: &Value, path: &str, unsaid: &mut Vec<Unsaid>) -> Vec<Value> {
    let mut kept = Vec::new();
    for (position, event) in list.as_array().into_iter().flatten().enumerate() {
        let Some(kinds) = event.as_object() else {
            kept.push(event.clone());
            continue;
        };
        let (retired, stays): (Vec<_>, Vec<_>) =
            kinds.iter().partition(|(kind, _)| RetiredProduct::of(kind).is_some());
        unsaid.extend(
            retired.iter().map(|(kind, _)| Unsaid::Key(format!("{path}.{position}.{kind}"))),
        );
        if !stays.is_empty() || kinds.is_empty() {
            let stays = stays.into_iter().map(|(kind, value)| (kind.clone(), value.clone()));
            kept.push(Value::Object(stays.collect()));
        }
    }
    kept
}

/// A service of the plugin, which calls its functions `<service>-<stage>-<function>`.
fn plugin(
    file: &Map<String, Value>,
    above: &str,
    unsaid: &mut Vec<Unsaid>,
) -> Result<Value, InitError> {
    let provider = file.get("provider").unwrap_or(&Value::Null);
    let cloud = provider.as_str().or_else(|| provider.get("name")?.as_str());
    if let Some(cloud) = cloud.filter(|cloud| *cloud != "tencent") {
        return Err(InitError::OtherCloud { provider: cloud.to_owned() });
    }
    let service = file.get("service").unwrap_or(&Value::Null);
    let service = service.as_str().or_else(|| service.get("name")?.as_str());
    let service = service.unwrap_or_default().to_owned();
    let mut common = Map::new();
    for (key, value) in provider.as_object().into_iter().flatten() {
        match key.as_str() {
            "name" | "stage" => {}
            "region" => {
                common.insert(key.clone(), value.clone());
            }
            key if OF_FUNCTIONS.contains(&key) => {
                common.insert(key.to_owned(), value.clone());
            }
            key => unsaid.push(Unsaid::Key(format!("provider.{key}"))),
        }
    }
    for key in file.keys() {
        if !["service", "provider", "functions", "package"].contains(&key.as_str()) {
            unsaid.push(Unsaid::Key(key.clone()));
        }
    }
    common.insert("src".to_owned(), "./".into());
    for (key, value) in file.get("package").and_then(Value::as_object).into_iter().flatten() {
        match key.as_str() {
            "exclude" | "include" => {
                common.insert(format!("src.{key}"), value.clone());
            }
            _ => unsaid.push(Unsaid::Key(format!("package.{key}"))),
        }
    }
    move_source(&mut common, above, "", unsaid);
    let functions = file.get("functions").and_then(Value::as_object);
    let functions = functions.filter(|all| !all.is_empty()).ok_or(InitError::NoFunctions)?;
    let several = functions.len() > 1;
    let (mut entries, mut triggers) = (Map::new(), Vec::new());
    for (key, function) in functions {
        let mut entry =
            Map::from_iter([("name".to_owned(), format!("{service}-${{stage}}-{key}").into())]);
        for (name, value) in function.as_object().into_iter().flatten() {
            let path = format!("functions.{key}.{name}");
            match name.as_str() {
                "events" if several => {
                    triggers.extend(events(value, &path, unsaid).iter().filter_map(|event| {
                        let (kind, content) = event.as_object()?.iter().next()?;
                        let mut trigger = json!({"type": kind, "function": key});
                        for (name, value) in content.as_object().into_iter().flatten() {
                            trigger[name] = value.clone();
                        }
                        Some(trigger)
                    }));
                }
                "events" => {
                    entry.insert(name.clone(), events(value, &path, unsaid).into());
                }
                name if OF_FUNCTIONS.contains(&name) => {
                    entry.insert(name.to_owned(), value.clone());
                }
                _ => unsaid.push(Unsaid::Key(path)),
            }
        }
        // Both say variables, and all of them count.
        let variables = |map: &Map<String, Value>| {
            map.get("environment")?.get("variables")?.as_object().cloned()
        };
        if let (Some(mut all), Some(own)) = (variables(&common), variables(&entry)) {
            all.extend(own);
            entry.insert("environment".to_owned(), json!({"variables": all}));
        }
        entries.insert(key.clone(), entry.into());
    }
    let mut inputs = common;
    if several {
        inputs.insert("functions".to_owned(), entries.into());
        if !triggers.is_empty() {
            inputs.insert("triggers".to_owned(), triggers.into());
        }
    } else {
        let only = entries.into_iter().next().and_then(|(_, entry)| entry.as_object().cloned());
        inputs.extend(only.into_iter().flatten());
    }
    let component = if several { "multi-scf" } else { "scf" };
    let stage = provider.get("stage").cloned().unwrap_or_else(|| "dev".into());
    Ok(json!({"component": component, "name": service, "stage": stage, "inputs": inputs}))
}

/// Finds references that are none of today's.
fn references(value: &Value, path: &str, unsaid: &mut Vec<Unsaid>) {
    let below = |key: &str| {
        if path.is_empty() || path.ends_with('/') {
            format!("{path}{key}")
        } else {
            format!("{path}.{key}")
        }
    };
    match value {
        Value::String(text) => {
            let mut begun = text.split("${").skip(1);
            if begun
                .any(|rest| !REFERENCES.iter().any(|begin| rest.trim_start().starts_with(begin)))
            {
                unsaid.push(Unsaid::Reference(path.to_owned()));
            }
        }
        Value::Array(list) => {
            for (position, item) in list.iter().enumerate() {
                references(item, &below(&position.to_string()), unsaid);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                references(item, &below(key), unsaid);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of a file: the documents, each with its folder, and what is left behind.
    fn made(file: &Value) -> (Vec<(Option<String>, Value)>, Vec<String>) {
        let (instances, unsaid) = converted(file, "").unwrap();
        let instances = instances.into_iter().map(|one| (one.folder, one.document));
        let path = |unsaid: Unsaid| match unsaid {
            Unsaid::Key(path) => path,
            Unsaid::Reference(path) => format!("reference {path}"),
            other => panic!("{other:?}"),
        };
        (instances.collect(), unsaid.into_iter().map(path).collect())
    }

    #[test]
    fn a_component_by_the_name_of_its_package() {
        let (made, left) = made(&json!({
            "component": "@serverless/tencent-scf@1.0", "name": "a", "org": "o", "version": 1,
            "inputs": {
                "name": "f", "codeUri": "./code", "exclude": [".git/**"], "enableRoleAuth": true, "memory": 256,
                "functionConf": {"timeout": 5, "environment": {"variables": {"A": "b"}}},
                "events": [{"timer": {"name": "t"}}, {"apigw": {"name": "g"}}],
                "region": "${opt:region}", "role": "${env:ROLE}",
            },
        }));
        assert_eq!(
            made,
            [(
                None,
                json!({
                    "component": "scf", "name": "a", "org": "o",
                    "inputs": {
                        "name": "f", "src": {"src": "./code", "exclude": [".git/**"]}, "memorySize": 256, "timeout": 5,
                        "environment": {"variables": {"A": "b"}}, "events": [{"timer": {"name": "t"}}],
                        "region": "${opt:region}", "role": "${env:ROLE}",
                    },
                })
            )]
        );
        assert_eq!(
            left,
            [
                "version",
                "inputs.enableRoleAuth",
                "inputs.events.1.apigw",
                "reference inputs.region"
            ]
        );
    }

    #[test]
    fn two_keys_for_one_lose_nothing_without_a_word() {
        let (made, left) = made(&json!({
            "component": "@serverless/tencent-scf", "name": "a",
            "inputs": {
                "timeout": 9, "environment": {"variables": {"P": "a", "B": "1"}}, "codeUri": "./one", "src": "./two",
                "functionConf": {"timeout": 5, "environment": {"variables": {"Q": "b", "B": "2"}}},
                "events": [{"timer": {"name": "t"}, "apigw": {"name": "g"}}],
            },
        }));
        assert_eq!(
            made[0].1["inputs"],
            json!({
                "timeout": 9, "environment": {"variables": {"P": "a", "B": "1", "Q": "b"}}, "src": "./one",
                "events": [{"timer": {"name": "t"}}],
            })
        );
        assert_eq!(
            left,
            [
                "inputs.src",
                "inputs.functionConf.timeout",
                "inputs.functionConf.environment.variables.B",
                "inputs.events.0.apigw",
            ]
        );
    }

    #[test]
    fn the_first_components_one_or_several() {
        let one = json!({"component": "@serverless/tencent-scf", "inputs": {"codeUri": "./a", "handler": "i.m"}});
        assert_eq!(
            made(&json!({"hello": one})).0,
            [(
                None,
                json!({"component": "scf", "name": "hello", "inputs": {"src": "./a", "handler": "i.m"}})
            )]
        );
        let other = json!({"component": "tencent-scf", "inputs": {"handler": "i.m"}});
        let site = json!({"component": "@serverless/tencent-website", "inputs": {}});
        let (made, left) = made(&json!({"hello": one, "there": other, "site": site}));
        assert_eq!(made[0].0.as_deref(), Some("hello"));
        assert_eq!(made[0].1["inputs"]["src"], "../a");
        assert_eq!(made[1].1["inputs"]["src"], "../");
        assert_eq!(left, ["site"]);
    }

    /// Each path that a file may name, from the folder of the new file on.
    #[test]
    fn paths_begin_where_the_older_file_is() {
        let of = |inputs: Value| {
            let file = json!({"component": "tencent-scf", "name": "a", "inputs": inputs});
            let (made, unsaid) = converted(&file, "../../old/").unwrap();
            (made[0].document["inputs"].clone(), unsaid)
        };
        for (before, after) in [
            (json!({"codeUri": "./code"}), json!({"src": "../../old/code"})),
            (json!({"src": "code"}), json!({"src": "../../old/code"})),
            (json!({"src": "."}), json!({"src": "../../old/"})),
            (json!({"src": "../code"}), json!({"src": "../../old/../code"})),
            (json!({"src": "/code"}), json!({"src": "/code"})),
            (json!({}), json!({"src": "../../old/"})),
            (json!({"image": {"imageUrl": "a"}}), json!({"image": {"imageUrl": "a"}})),
            (
                json!({"src": {"src": "./app", "dist": "app/dist", "hook": "make", "exclude": ["a/**"]}}),
                json!({"src": {"src": "../../old/app", "dist": "../../old/app/dist", "hook": "make", "exclude": ["a/**"]}}),
            ),
            (
                json!({"src": {"dist": "dist", "hook": "make"}}),
                json!({"src": {"dist": "../../old/dist", "hook": "make", "src": "../../old/"}}),
            ),
            (
                json!({"src": {"bucket": "b", "object": "o"}}),
                json!({"src": {"bucket": "b", "object": "o"}}),
            ),
        ] {
            assert_eq!(of(before.clone()), (after, vec![]), "{before}");
        }
        let (inputs, unsaid) = of(json!({"src": "${env:CODE}/a"}));
        assert_eq!(inputs, json!({"src": "${env:CODE}/a"}));
        assert_eq!(unsaid, [Unsaid::Path("inputs.src".to_owned())]);
        let plugin =
            json!({"service": "s", "provider": "tencent", "functions": {"f": {"handler": "i.m"}}});
        assert_eq!(converted(&plugin, "../").unwrap().0[0].document["inputs"]["src"], "../");
    }

    #[test]
    fn the_plugin_with_one_function_or_several() {
        let file = |functions: &Value| {
            json!({
                "service": "shop",
                "provider": {
                    "name": "tencent", "runtime": "Python3.6", "region": "ap-beijing", "credentials": "~/credentials",
                    "environment": {"variables": {"A": "1", "B": "2"}},
                },
                "plugins": ["serverless-tencent-scf"],
                "package": {"exclude": ["x/**"]},
                "functions": functions,
            })
        };
        let cart = json!({
            "handler": "cart.main", "environment": {"variables": {"B": "3"}},
            "events": [{"timer": {"name": "t", "parameters": {"cronExpression": "0 0 * * * * *"}}}],
        });
        let (one, left) = made(&file(&json!({"cart": cart})));
        assert_eq!(
            one,
            [(
                None,
                json!({
                    "component": "scf", "name": "shop", "stage": "dev",
                    "inputs": {
                        "runtime": "Python3.6", "region": "ap-beijing", "src": {"src": "./", "exclude": ["x/**"]},
                        "name": "shop-${stage}-cart", "handler": "cart.main",
                        "environment": {"variables": {"A": "1", "B": "3"}},
                        "events": [{"timer": {"name": "t", "parameters": {"cronExpression": "0 0 * * * * *"}}}],
                    },
                })
            )]
        );
        assert_eq!(left, ["provider.credentials", "plugins"]);
        let (two, _) = made(&file(&json!({"cart": cart, "pay": {"handler": "pay.main"}})));
        let inputs = &two[0].1["inputs"];
        assert_eq!(two[0].1["component"], "multi-scf");
        assert_eq!(
            inputs["functions"]["pay"],
            json!({"name": "shop-${stage}-pay", "handler": "pay.main"})
        );
        assert_eq!(
            inputs["triggers"],
            json!([{"type": "timer", "function": "cart", "name": "t", "parameters": {"cronExpression": "0 0 * * * * *"}}])
        );
    }

    #[test]
    fn other_files_are_none_of_these() {
        for file in [
            json!({"component": "scf", "name": "a", "inputs": {}}),
            json!({"component": "website", "name": "a"}),
            json!({"app": "a"}),
            json!([]),
            json!({"service": "a", "provider": {"name": "aws"}, "functions": {"a": {}}}),
            json!({"service": "a", "provider": {"name": "tencent"}}),
        ] {
            assert!(converted(&file, "").is_err(), "{file}");
        }
    }
}
