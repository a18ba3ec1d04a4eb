//! Conversion between the API's structs and the types of `model`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::ExecuteError;
use crate::api::actions::{
    AliasReply, CfsConfig, CfsInsInfo, DeadLetterConfig, Environment, FunctionSettings,
    FunctionVersionItem, GetFunctionReply, InstanceConcurrencyConfig, LayerVersionSimple,
    ProtocolParams, RoutingConfig, Variable, VersionMatch, VersionWeight, VpcConfig, WsParams,
};
use crate::model::{
    Alias, Configuration, DeadLetter, FileSystem, FunctionId, FunctionKind, FunctionSpec, Image,
    InstanceConcurrency, Layer, MatchRule, ModelError, PLAIN, PlainSetting, PublishedVersion,
    Routing, Scalar, SettingsCall, Status, Unreported, Values, Version, Vpc, Weight,
};
use crate::order::Ordered as _;
use crate::plan::ObservedFunction;

/// Returns the settings for `CreateFunction` or `UpdateFunctionConfiguration`.
///
/// Lists are cleared with the marker values that the API requires (API reference,
/// `UpdateFunctionConfiguration`). A new function has nothing to clear.
pub(super) fn settings(configuration: &Configuration, call: SettingsCall) -> FunctionSettings {
    let updating = call == SettingsCall::UpdateConfiguration;
    let environment = configuration.environment.as_ref().and_then(|variables| {
        let mut variables: Vec<Variable> = variables
            .iter()
            .map(|(key, value)| Variable { key: key.clone(), value: value.clone() })
            .collect();
        if variables.is_empty() {
            if !updating {
                return None;
            }
            variables.push(Variable { key: String::new(), value: String::new() });
        }
        Some(Environment { variables: Some(variables) })
    });
    let layers = configuration.layers.as_ref().and_then(|layers| {
        let mut layers: Vec<LayerVersionSimple> = layers
            .iter()
            .map(|layer| LayerVersionSimple {
                layer_name: layer.name.clone(),
                layer_version: layer.version,
            })
            .collect();
        if layers.is_empty() {
            if !updating {
                return None;
            }
            layers.push(LayerVersionSimple { layer_name: String::new(), layer_version: 0 });
        }
        Some(layers)
    });
    // A new function has nothing that an empty value would clear.
    let said = |empty: bool| updating || !empty;
    let vpc = configuration.vpc.as_ref().filter(|vpc| said(vpc.vpc_id.is_empty()));
    let logs = configuration.logs.as_ref().filter(|(logset, _)| said(logset.is_empty()));
    let mounts = configuration.file_systems.as_ref().filter(|list| said(list.is_empty()));
    let dead_letter =
        configuration.dead_letter.as_ref().filter(|letter| said(**letter == DeadLetter::default()));
    FunctionSettings {
        plain: plain_settings(configuration, call),
        environment,
        vpc_config: vpc.map(|vpc| VpcConfig {
            vpc_id: Some(vpc.vpc_id.clone()),
            subnet_id: Some(vpc.subnet_id.clone()),
        }),
        cls_logset_id: logs.map(|(logset, _)| logset.clone()),
        cls_topic_id: logs.map(|(_, topic)| topic.clone()),
        layers,
        protocol_params: configuration.web_socket_idle.map(|seconds| ProtocolParams {
            ws_params: Some(WsParams { idle_time_out: Some(seconds) }),
        }),
        instance_concurrency_config: configuration
            .instance_concurrency
            .and_then(|concurrency| instance_concurrency(concurrency, updating)),
        cfs_config: mounts
            .map(|list| CfsConfig { cfs_ins_list: Some(list.iter().map(mount).collect()) }),
        dead_letter_config: dead_letter.map(|letter| DeadLetterConfig {
            kind: Some(letter.kind.clone()),
            name: Some(letter.name.clone()),
            filter_type: Some(letter.filter.clone()).filter(|filter| !filter.is_empty()),
        }),
    }
}

/// Returns the single-valued settings that are set and that a call accepts, in the API's form.
pub(super) fn plain_settings(
    configuration: &Configuration,
    call: SettingsCall,
) -> Map<String, Value> {
    let mut plain = Map::new();
    for setting in PLAIN.iter().filter(|setting| setting.calls.contains(&call)) {
        let value = match (setting.get(configuration), setting.values) {
            (None, _) => continue,
            (Some(Scalar::Text(text)), Values::Text { clears: true, .. })
                if text.is_empty() && call == SettingsCall::Create =>
            {
                continue;
            }
            (Some(Scalar::Switch(on)), Values::Switch { words, .. }) => words.of(on).into(),
            (Some(other), _) => serde_json::to_value(other).unwrap_or_default(),
        };
        put(&mut plain, setting.name, value);
    }
    if let Some(Value::Object(public)) = plain.get_mut("PublicNetConfig") {
        // The structure requires it; this is the service's default (API reference).
        public.entry("PublicNetStatus").or_insert_with(|| "ENABLE".into());
    }
    plain
}

/// Inserts a value at a dotted path, creating the structures on the way.
fn put(map: &mut Map<String, Value>, path: &str, value: Value) {
    let Some((structure, rest)) = path.split_once('.') else {
        map.insert(path.to_owned(), value);
        return;
    };
    let inner = map.entry(structure).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

/// Returns the value that a reply reports for a single-valued setting.
fn told(setting: &PlainSetting, fields: &Value) -> Option<Scalar> {
    let field = setting.name.split('.').fold(fields, |fields, name| &fields[name]);
    let told = match setting.values {
        Values::Integer { .. } => field.as_i64().map(Scalar::from),
        Values::Text { .. } => field.as_str().map(|text| text.to_owned().into()),
        // An empty string means that it is not reported.
        Values::Switch { words, .. } => {
            let text = field.as_str().filter(|text| !text.is_empty());
            text.map(|text| Scalar::from(text == words.of(true)))
        }
    };
    let structure = setting.name.split_once('.').map(|(structure, _)| &fields[structure]);
    told.or_else(|| match &setting.unreported {
        Unreported::Is(value) if structure != Some(&Value::Null) => Some(value.clone()),
        Unreported::Is(_) | Unreported::Unknown | Unreported::Incomparable { .. } => None,
    })
}

/// By default, a new function serves one request at a time.
fn instance_concurrency(
    concurrency: InstanceConcurrency,
    updating: bool,
) -> Option<InstanceConcurrencyConfig> {
    match concurrency {
        InstanceConcurrency::Off => updating.then(|| InstanceConcurrencyConfig {
            dynamic_enabled: Some(String::new()),
            max_concurrency: None,
        }),
        InstanceConcurrency::On { dynamic, max } => Some(InstanceConcurrencyConfig {
            dynamic_enabled: Some(if dynamic { "TRUE" } else { "FALSE" }.to_owned()),
            max_concurrency: Some(max),
        }),
    }
}

fn observed_concurrency(config: Option<&InstanceConcurrencyConfig>) -> InstanceConcurrency {
    let said = config.and_then(|config| Some((config.dynamic_enabled.as_deref()?, config)));
    match said {
        None | Some(("", _)) => InstanceConcurrency::Off,
        Some((dynamic, config)) => InstanceConcurrency::On {
            dynamic: dynamic == "TRUE",
            max: config.max_concurrency.unwrap_or_default(),
        },
    }
}

fn mount(file_system: &FileSystem) -> CfsInsInfo {
    CfsInsInfo {
        user_id: file_system.user_id.clone(),
        user_group_id: file_system.group_id.clone(),
        cfs_id: file_system.id.clone(),
        mount_ins_id: file_system.mount_id.clone(),
        local_mount_dir: file_system.local_folder.clone(),
        remote_mount_dir: file_system.remote_folder.clone(),
    }
}

fn file_system(mount: &CfsInsInfo) -> FileSystem {
    FileSystem {
        id: mount.cfs_id.clone(),
        mount_id: mount.mount_ins_id.clone(),
        local_folder: mount.local_mount_dir.clone(),
        remote_folder: mount.remote_mount_dir.clone(),
        group_id: mount.user_group_id.clone(),
        user_id: mount.user_id.clone(),
    }
}

/// Converts a reply of `GetFunction` to settings.
///
/// What the service omits counts as empty, so that a file that says "no layers" matches it.
fn configuration(reply: &GetFunctionReply) -> Configuration {
    let variables =
        reply.environment.as_ref().and_then(|environment| environment.variables.as_ref());
    let environment: BTreeMap<String, String> = variables
        .into_iter()
        .flatten()
        .map(|variable| (variable.key.clone(), variable.value.clone()))
        .into_map();
    let layers = reply
        .layers
        .iter()
        .flatten()
        .map(|layer| Layer { name: layer.layer_name.clone(), version: layer.layer_version });
    let vpc = reply.vpc_config.as_ref().map(|vpc| Vpc {
        vpc_id: vpc.vpc_id.clone().unwrap_or_default(),
        subnet_id: vpc.subnet_id.clone().unwrap_or_default(),
    });
    let mounts = reply.cfs_config.as_ref().and_then(|config| config.cfs_ins_list.as_ref());
    let dead_letter = reply.dead_letter_config.as_ref().map(|letter| DeadLetter {
        kind: letter.kind.clone().unwrap_or_default(),
        name: letter.name.clone().unwrap_or_default(),
        filter: letter.filter_type.clone().unwrap_or_default(),
    });
    // A reply consists of values that came from JSON, so this cannot fail.
    let fields = serde_json::to_value(reply).unwrap_or_default();
    let mut plain = Configuration::default();
    for setting in PLAIN {
        setting.set(&mut plain, told(setting, &fields));
    }
    Configuration {
        environment: Some(environment),
        vpc: Some(vpc.unwrap_or_else(|| Vpc { vpc_id: String::new(), subnet_id: String::new() })),
        layers: Some(layers.collect()),
        logs: Some((
            reply.cls_logset_id.clone().unwrap_or_default(),
            reply.cls_topic_id.clone().unwrap_or_default(),
        )),
        web_socket_idle: reply
            .protocol_params
            .as_ref()
            .and_then(|parameters| parameters.ws_params.as_ref()?.idle_time_out),
        instance_concurrency: Some(observed_concurrency(
            reply.instance_concurrency_config.as_ref(),
        )),
        file_systems: Some(mounts.into_iter().flatten().map(file_system).collect()),
        dead_letter: Some(dead_letter.unwrap_or_default()),
        ..plain
    }
}

/// Returns the image that a function runs, or `None` for a code package.
pub(super) fn image(reply: &GetFunctionReply) -> Option<Image> {
    let config = reply.image_config.as_ref()?;
    let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    Some(Image {
        uri: said(&config.image_uri)?,
        kind: config.image_type.clone().unwrap_or_default(),
        registry_id: said(&config.registry_id),
        entry_point: said(&config.entry_point),
        command: said(&config.command),
        args: said(&config.args),
        accelerate: config.container_image_accelerate,
        port: config.image_port,
    })
}

/// Converts a reply of `GetFunction` and the package's digest to the planner's type.
pub(super) fn observed_function(
    reply: &GetFunctionReply,
    code_sha256: Option<String>,
) -> ObservedFunction {
    let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    ObservedFunction {
        status: Status::from(reply.status.as_str()),
        spec: FunctionSpec {
            kind: Some(match reply.kind.as_deref() {
                Some("HTTP") => FunctionKind::Web,
                _ => FunctionKind::Event,
            }),
            protocol: said(&reply.protocol_type),
            runtime: said(&reply.runtime),
            handler: said(&reply.handler),
            configuration: configuration(reply),
        },
        image: image(reply),
        code_sha256: code_sha256.map(|digest| digest.to_ascii_lowercase()),
    }
}

/// Returns the tags of a function.
pub(super) fn tags(reply: &GetFunctionReply) -> BTreeMap<String, String> {
    let tags = reply.tags.iter().flatten();
    tags.map(|tag| (tag.key.clone(), tag.value.clone())).into_map()
}

/// Converts a routing to the API's form, with explicit weights if there is an additional version.
pub(super) fn routing_config(routing: &Routing) -> Option<RoutingConfig> {
    if routing.additional.is_empty() && routing.matches.is_empty() {
        return None;
    }
    let weights = routing.additional.iter().filter_map(|(version, weight)| {
        Some(VersionWeight { version: version.to_string(), weight: number(*weight)? })
    });
    let matches = routing.matches.iter().map(|rule| VersionMatch {
        version: rule.version.to_string(),
        key: rule.key.clone(),
        method: rule.method.clone(),
        expression: rule.expression.clone(),
    });
    Some(RoutingConfig {
        additional_version_weights: Some(weights.collect()),
        addtion_version_matchs: Some(matches.collect()),
    })
}

/// Formats a weight as a JSON number: 0 and 1 without a point, 0.1 as 0.1.
fn number(weight: Weight) -> Option<serde_json::Number> {
    if weight == Weight::ZERO {
        Some(0.into())
    } else if weight == Weight::ONE {
        Some(1.into())
    } else {
        serde_json::Number::from_f64(weight.to_f64())
    }
}

/// Converts an alias from the API's form.
pub(super) fn alias(function: &FunctionId, reply: &AliasReply) -> Result<Alias, ExecuteError> {
    let unusable = |flaw: ModelError| ExecuteError::UnusableAlias {
        alias: reply.name.clone(),
        function: function.name.clone(),
        flaw,
    };
    let version = |text: &str| text.parse::<Version>().map_err(unusable);
    let config = reply.routing_config.clone().unwrap_or_default();
    let mut routing = Routing::all_to(version(&reply.function_version)?);
    for entry in config.additional_version_weights.into_iter().flatten() {
        let weight = entry.weight.as_f64().unwrap_or(f64::NAN);
        let weight = Weight::observed(weight).map_err(unusable)?;
        routing.additional.push((version(&entry.version)?, weight));
    }
    for rule in config.addtion_version_matchs.into_iter().flatten() {
        routing.matches.push(MatchRule {
            version: version(&rule.version)?,
            key: rule.key,
            method: rule.method,
            expression: rule.expression,
        });
    }
    Ok(Alias {
        name: reply.name.clone(),
        routing,
        description: reply.description.clone().unwrap_or_default(),
        modified: reply.mod_time.clone().unwrap_or_default(),
    })
}

/// Returns the published versions of a listing, without `$LATEST`.
pub(super) fn published(items: &[FunctionVersionItem]) -> Vec<PublishedVersion> {
    listed(items).filter(|listed| listed.version != Version::Latest).collect()
}

/// Returns the versions of a listing. Names in an unknown form are skipped.
pub(super) fn listed(items: &[FunctionVersionItem]) -> impl Iterator<Item = PublishedVersion> {
    let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    items.iter().filter_map(move |item| {
        Some(PublishedVersion {
            version: item.version.parse().ok()?,
            description: item.description.clone().unwrap_or_default(),
            status: said(&item.status),
            added: said(&item.add_time),
            modified: said(&item.mod_time),
        })
    })
}

/// Converts a reply for a single version.
pub(super) fn version(version: Version, reply: GetFunctionReply) -> PublishedVersion {
    PublishedVersion {
        version,
        description: reply.description.unwrap_or_default(),
        status: Some(reply.status),
        added: reply.add_time,
        modified: reply.mod_time,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::function::Reader;
    use crate::config::position::Position;
    use crate::model::Digested;
    use crate::plan::publish::content_digest;

    /// Returns what the service reports for a function with these settings.
    fn told_back(configuration: &Configuration) -> ObservedFunction {
        let mut reply =
            serde_json::to_value(settings(configuration, SettingsCall::UpdateConfiguration))
                .unwrap();
        for call in [SettingsCall::UpdateCode, SettingsCall::Create] {
            reply.as_object_mut().unwrap().extend(plain_settings(configuration, call));
        }
        reply["Status"] = "Active".into();
        observed_function(&serde_json::from_value(reply).unwrap(), None)
    }

    /// Its row alone determines how a setting is read, sent, found again, compared and digested.
    #[test]
    fn a_row_is_all_that_a_plain_setting_needs() {
        let place = |_: &str| Position::CommandLine;
        let read = |inputs: &Value, lenient| {
            let reader = Reader::new(inputs.as_object().unwrap(), &place).lenient(lenient);
            assert_eq!(reader.unknown_keys(), []);
            reader.function()
        };
        for setting in PLAIN {
            let (key, name) = (setting.key, setting.name);
            let (value, sent) = match setting.values {
                Values::Integer { from, .. } => (json!(from), json!(from)),
                Values::Text { .. } => (json!("text"), json!("text")),
                Values::Switch { words, usual } => (json!(!usual), json!(words.of(!usual))),
            };
            let inputs = read(&json!({"src": "/code", key: value}), false).unwrap();
            let wanted = inputs.spec.configuration;
            assert_eq!(wanted.keys(), [key]);
            assert_eq!(serde_json::to_value(setting.get(&wanted)).unwrap(), value, "{key}");
            let mut expected = Map::new();
            put(&mut expected, name, sent);
            for call in
                [SettingsCall::Create, SettingsCall::UpdateCode, SettingsCall::UpdateConfiguration]
            {
                let settings = plain_settings(&wanted, call);
                if key == "eip" && !settings.is_empty() {
                    put(&mut expected, "PublicNetConfig.PublicNetStatus", "ENABLE".into());
                }
                let taken = setting.calls.contains(&call);
                assert_eq!(settings, if taken { expected.clone() } else { Map::new() }, "{key}");
            }
            // A value of another type is rejected or left out.
            let wrong = json!({"src": "/code", key: [[]]});
            assert_eq!(read(&wrong, false).unwrap_err().errors[0].key, key);
            assert_eq!(read(&wrong, true).unwrap().spec.configuration, Configuration::default());

            let (with, without) = (told_back(&wanted), told_back(&Configuration::default()));
            let changes =
                |found: &ObservedFunction| wanted.changes_to(&found.spec.configuration).keys();
            assert_eq!(setting.get(&with.spec.configuration), setting.get(&wanted), "{key}");
            assert_eq!((changes(&with), changes(&without)), (vec![], vec![key]));
            let digests = [&with, &without].map(|function| content_digest(function, "code"));
            let counts = setting.digested != Digested::Never;
            assert_eq!(digests[0] != digests[1], counts, "{key}");
        }
    }

    /// Every setting is set here, so that one that is sent but not found again fails.
    #[test]
    fn what_is_sent_is_found_again() {
        let text = |text: &str| Some(text.to_owned());
        let configuration = Configuration {
            description: text("d"),
            memory_size: Some(256),
            timeout: Some(7),
            init_timeout: Some(8),
            role: text("r"),
            environment: Some([("A".to_owned(), "b".to_owned())].into()),
            public_access: Some(true),
            fixed_egress: Some(true),
            vpc: Some(Vpc { vpc_id: "v".into(), subnet_id: "s".into() }),
            layers: Some(vec![Layer { name: "l".into(), version: 1 }]),
            logs: Some(("l".into(), "t".into())),
            web_socket_idle: Some(60),
            instance_concurrency: Some(InstanceConcurrency::On { dynamic: true, max: 9 }),
            file_systems: Some(vec![FileSystem {
                id: "c".into(),
                mount_id: "m".into(),
                local_folder: "/a".into(),
                remote_folder: "/b".into(),
                group_id: "1".into(),
                user_id: "2".into(),
            }]),
            dead_letter: Some(DeadLetter {
                kind: "topic".into(),
                name: "n".into(),
                filter: "f".into(),
            }),
            disk_size: Some(1024),
            node_type: text("t"),
            node_spec: text("s"),
            l5: Some(true),
            install_dependency: Some(true),
            asynchronous: Some(true),
            traced: Some(true),
        };
        assert_eq!(told_back(&configuration).spec.configuration, configuration);
    }
}
