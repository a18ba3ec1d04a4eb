//! What serverless.yml says of a function that is there.

use serde_json::{Map, Value, json};

use crate::config::events::EventScope;
use crate::config::function::Reader;
use crate::config::position::Position;
use crate::model::trigger::{CosRule, TriggerKind, as_text};
use crate::model::{
    Alias, DEFAULT_ALIAS, DEFAULT_NAMESPACE, FunctionId, FunctionKind, FunctionSpec, Image,
    InstanceConcurrency, PLAIN, Retries, Routing, Scalar, Values, Version, Vpc, Weight,
};
use crate::plan::{Observed, ObservedFunction, ObservedTrigger, Provisioned, marker, triggers};
use crate::report::init::Unsaid;

/// The inputs that change nothing of the function, and what they cannot say.
pub(super) fn described(
    function: &FunctionId,
    observed: &Observed,
) -> (Map<String, Value>, Vec<Unsaid>) {
    let Some(latest) = &observed.latest else { return (Map::new(), Vec::new()) };
    let mut inputs = Map::new();
    let mut say = |key: &str, value: Value| {
        inputs.insert(key.to_owned(), value);
    };
    say("name", function.name.clone().into());
    if function.namespace != DEFAULT_NAMESPACE {
        say("namespace", function.namespace.clone().into());
    }
    say("region", function.region.clone().into());
    kind(latest, &mut say);
    settings(&latest.spec, &mut say);
    if !observed.attributes.tags.is_empty() {
        say("tags", json!(observed.attributes.tags));
    }
    if let Some(retries) = observed.attributes.retries.filter(|one| *one != Retries::DEFAULT) {
        say("msgTTL", retries.message_ttl.into());
        say("retryNum", retries.count.into());
    }
    let mut unsaid = without_what_differs(&mut inputs, latest);
    unsaid.extend(events(&mut inputs, function, observed));
    unsaid.extend(routing(&mut inputs, observed));
    unsaid.extend(provisioned(&mut inputs, observed));
    (inputs, unsaid)
}

fn kind(latest: &ObservedFunction, say: &mut impl FnMut(&str, Value)) {
    let is_web = latest.spec.kind() == FunctionKind::Web;
    say("type", if is_web { "web" } else { "event" }.into());
    if let Some(protocol) = latest.spec.protocol.as_ref().filter(|_| is_web) {
        say("protocolType", protocol.clone().into());
    }
    if let Some(image) = &latest.image {
        say("image", self::image(image));
        return;
    }
    say("src", "./src".into());
    if let Some(runtime) = &latest.spec.runtime {
        say("runtime", runtime.clone().into());
    }
    if let Some(handler) = latest.spec.handler.as_ref().filter(|_| !is_web) {
        say("handler", handler.clone().into());
    }
}

fn image(image: &Image) -> Value {
    let mut map = Map::from_iter([("imageUrl".to_owned(), image.uri.clone().into())]);
    let mut say = |key: &str, value: Option<Value>| {
        map.extend(value.map(|value| (key.to_owned(), value)));
    };
    let text = |text: &Option<String>| text.clone().map(Value::from);
    say("imageType", Some(image.kind.clone().into()).filter(|_| !image.kind.is_empty()));
    say("registryId", text(&image.registry_id));
    say("entryPoint", text(&image.entry_point));
    say("command", text(&image.command));
    say("args", text(&image.args));
    say("containerImageAccelerate", image.accelerate.map(Value::from));
    say("imagePort", image.port.map(Value::from));
    map.into()
}

/// All settings but those that are as if nothing were said.
fn settings(spec: &FunctionSpec, say: &mut impl FnMut(&str, Value)) {
    let (configuration, is_web) = (&spec.configuration, spec.kind() == FunctionKind::Web);
    for setting in PLAIN.iter().filter(|setting| !(setting.event_only && is_web)) {
        let is_usual =
            |is: bool| matches!(setting.values, Values::Switch { usual, .. } if usual == is);
        match setting.get(configuration) {
            Some(Scalar::Text(text)) if !text.is_empty() => say(setting.key, text.into()),
            Some(Scalar::Integer(number)) => say(setting.key, number.into()),
            Some(Scalar::Switch(on)) if !is_usual(on) => say(setting.key, on.into()),
            _ => {}
        }
    }
    if let Some(variables) = configuration.environment.as_ref().filter(|all| !all.is_empty()) {
        say("environment", json!({"variables": variables}));
    }
    if let Some(Vpc { vpc_id, subnet_id }) = &configuration.vpc
        && !vpc_id.is_empty()
    {
        say("vpcConfig", json!({"vpcId": vpc_id, "subnetId": subnet_id}));
    }
    let layers = configuration.layers.iter().flatten();
    let layers = layers.map(|layer| json!({"name": layer.name, "version": layer.version}));
    let layers: Vec<Value> = layers.collect();
    if !layers.is_empty() {
        say("layers", layers.into());
    }
    if let Some((logset, topic)) = configuration.logs.as_ref().filter(|logs| !logs.0.is_empty()) {
        say("cls", json!({"logsetId": logset, "topicId": topic}));
    }
    let file_systems = configuration.file_systems.iter().flatten().map(|one| {
        json!({
            "cfsId": one.id,
            "mountInsId": one.mount_id,
            "localMountDir": one.local_folder,
            "remoteMountDir": one.remote_folder,
            "userGroupId": one.group_id,
            "userId": one.user_id,
        })
    });
    let file_systems: Vec<Value> = file_systems.collect();
    if !file_systems.is_empty() {
        say("cfs", file_systems.into());
    }
    if let Some(letter) = configuration.dead_letter.as_ref().filter(|one| !one.kind.is_empty()) {
        let mut map = json!({"type": letter.kind, "name": letter.name});
        if !letter.filter.is_empty() {
            map["filterType"] = letter.filter.clone().into();
        }
        say("deadLetter", map);
    }
    if !is_web {
        return;
    }
    if let Some(seconds) = configuration.web_socket_idle {
        say("protocolParams", json!({"wsParams": {"idleTimeOut": seconds}}));
    }
    if let Some(InstanceConcurrency::On { dynamic, max }) = configuration.instance_concurrency {
        let map = json!({"enable": true, "dynamicEnabled": dynamic, "maxConcurrency": max});
        say("instanceConcurrencyConfig", map);
    }
}

/// Takes out what a file may not say, or what would come to another setting than the function has:
/// what a file says nothing of stays.
fn without_what_differs(inputs: &mut Map<String, Value>, latest: &ObservedFunction) -> Vec<Unsaid> {
    let mut keys: Vec<String> = Vec::new();
    loop {
        let place = |_: &str| Position::CommandLine;
        let differing: Vec<String> = match Reader::new(inputs, &place).function() {
            Ok(read) => {
                let changes = read.spec.configuration.changes_to(&latest.spec.configuration);
                changes.keys().into_iter().map(str::to_owned).collect()
            }
            Err(wrong) => {
                let tops = wrong.errors.iter().filter_map(|error| error.key.split('.').next());
                tops.map(str::to_owned).collect()
            }
        };
        let before = keys.len();
        keys.extend(differing.into_iter().filter(|key| inputs.shift_remove(key).is_some()));
        if keys.len() == before {
            return keys.into_iter().map(Unsaid::Setting).collect();
        }
    }
}

/// Says the triggers, all or none: those that the file lacks on an alias that it names would be
/// deleted.
fn events(
    inputs: &mut Map<String, Value>,
    function: &FunctionId,
    observed: &Observed,
) -> Option<Unsaid> {
    let there = &observed.triggers.triggers;
    if there.is_empty() {
        return None;
    }
    let list: Option<Vec<Value>> = there.iter().map(event).collect();
    if let Some(list) = list {
        inputs.insert("events".to_owned(), list.into());
        let place = |_: &str| Position::CommandLine;
        let scope = EventScope {
            default_suffix: "",
            region: &function.region,
            skip_unsupported: false,
            named: &[],
        };
        if let Ok(Some(events)) = Reader::new(inputs, &place).events(&scope)
            && triggers::plan(&observed.triggers, &events.wanted(false)).0.is_empty()
        {
            return None;
        }
        inputs.shift_remove("events");
    }
    Some(Unsaid::Triggers(there.iter().map(ObservedTrigger::title).collect()))
}

/// A trigger as an entry of `events`; `None` where it has no form there.
fn event(trigger: &ObservedTrigger) -> Option<Value> {
    let kind = TriggerKind::of(&trigger.kind)?;
    let field = |key: &str| {
        let form = trigger.form.as_object()?;
        form.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    };
    let number = |key: &str| field(key).and_then(|value| as_text(value).parse::<i64>().ok());
    let mut parameters = Map::new();
    let mut say = |key: &str, value: Option<Value>| {
        parameters.extend(value.map(|value| (key.to_owned(), value)));
    };
    let text = |text: &str| Some(Value::from(text)).filter(|_| !text.is_empty());
    say("qualifier", text(&trigger.qualifier));
    match kind {
        TriggerKind::Timer => {
            say("name", text(&trigger.name));
            let cron = field("cron").and_then(Value::as_str).unwrap_or(&trigger.text);
            say("cronExpression", text(cron));
            say("argument", text(&trigger.argument));
        }
        TriggerKind::Cos => {
            let CosRule { event, prefix, suffix } = CosRule::read(&trigger.form);
            say("bucket", text(&trigger.name));
            say("events", text(&event));
            let parts = [("prefix", prefix), ("suffix", suffix)].into_iter();
            let parts = parts.filter(|(_, part)| !part.is_empty());
            let filter: Map<String, Value> =
                parts.map(|(key, part)| (key.to_owned(), part.into())).collect();
            say("filter", Some(Value::Object(filter.clone())).filter(|_| !filter.is_empty()));
        }
        TriggerKind::Ckafka => {
            say("name", text(&trigger.name));
            say("maxMsgNum", number("maxMsgNum").map(Value::from));
            say("offset", field("offset").cloned());
            say("retry", number("retry").map(Value::from));
            say("timeout", number("timeOut").map(Value::from));
            say("consumerGroupName", field("consumerGroupName").cloned());
        }
        TriggerKind::Http => {
            say("name", text(&trigger.name));
            say("authType", field("AuthType").cloned());
            let is_open = |key: &str| trigger.form.pointer(&format!("/NetConfig/{key}")).cloned();
            let network = json!({
                "enableIntranet": is_open("EnableIntranet").unwrap_or(false.into()),
                "enableExtranet": is_open("EnableExtranet").unwrap_or(false.into()),
            });
            say("netConfig", Some(network));
            say("corsConfig", field("CorsConfig").and_then(cross_origin));
        }
        TriggerKind::Cls => {
            let topic = field("topic_id").and_then(Value::as_str).unwrap_or(&trigger.resource);
            say("topicId", text(topic));
            let either = |one: &str, other: &str| number(one).or_else(|| number(other));
            say("maxWait", either("max_wait", "Timeout").map(Value::from));
            say("maxSize", either("max_size", "MaxMsgNum").map(Value::from));
        }
        TriggerKind::Mps => {
            let listed = field("eventType").and_then(Value::as_str);
            let event = listed.or_else(|| trigger.resource.strip_suffix("Event"));
            say("type", event.and_then(text));
        }
        // What is bound to a load balancer is known to that, and is asked for by its rule.
        TriggerKind::Clb => return None,
    }
    let is_described = !matches!(kind, TriggerKind::Cls | TriggerKind::Mps);
    say("description", text(&trigger.description).filter(|_| is_described));
    let has_switch = !kind.opens_by_itself() || !trigger.enabled;
    say("enable", has_switch.then(|| trigger.enabled.into()));
    Some(json!({kind.name(): {"parameters": parameters}}))
}

/// `CorsConfig` as the file spells it; `None` where it is closed.
fn cross_origin(listed: &Value) -> Option<Value> {
    const KEYS: [&str; 6] =
        ["origins", "headers", "methods", "exposeHeaders", "maxAge", "credentials"];
    let listed = listed.as_object()?;
    let of = |key: &str| {
        listed.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    };
    if of("enable") != Some(&Value::Bool(true)) {
        return None;
    }
    let said = KEYS.iter().filter_map(|key| Some(((*key).to_owned(), of(key)?.clone())));
    let said = said.filter(|(_, value)| !value.is_null());
    Some([("enable".to_owned(), true.into())].into_iter().chain(said).collect())
}

/// Says who gets which share: of `$DEFAULT` where `traffic` can say it, else of the only other
/// alias. `traffic` is about `$LATEST` and the last version alone, and a file names one alias.
fn routing(inputs: &mut Map<String, Value>, observed: &Observed) -> Vec<Unsaid> {
    let default = observed.default_alias.as_ref();
    let is_split = |alias: &&Alias| !alias.routing.same_effect(&Routing::all_to(Version::Latest));
    let traffic = default.filter(is_split).map(|alias| (alias, traffic(alias, observed)));
    let own: Vec<&Alias> =
        observed.aliases.iter().filter(|alias| alias.name != DEFAULT_ALIAS).collect();
    let mut unsaid = Vec::new();
    match (traffic, &own[..]) {
        (Some((_, Some(share))), _) => {
            // As people write it.
            let share = if share == Weight::ZERO { json!(0) } else { json!(share.to_f64()) };
            inputs.insert("traffic".to_owned(), share);
            unsaid.extend(own.iter().copied().map(of_alias));
        }
        (traffic, own) => {
            unsaid.extend(traffic.map(|(alias, _)| of_alias(alias)));
            let only = match own {
                [only] => weights(only),
                _ => None,
            };
            match only {
                Some(said) => inputs.extend(said),
                None => unsaid.extend(own.iter().copied().map(of_alias)),
            }
        }
    }
    unsaid
}

/// Says the provisioned instances of the only version that has some: a file names one version.
/// While their number changes it would be set again.
fn provisioned(inputs: &mut Map<String, Value>, observed: &Observed) -> Vec<Unsaid> {
    let held: Vec<_> = observed.provisioned.iter().filter(|held| held.count > 0).collect();
    if let [only] = held[..]
        && only.settled
        && matches!(only.version, Version::Number(_))
    {
        inputs.insert("provisionedNum".to_owned(), only.count.into());
        inputs.insert("qualifier".to_owned(), only.version.to_string().into());
        return Vec::new();
    }
    let unsaid =
        |held: &Provisioned| Unsaid::Provisioned { version: held.version, count: held.count };
    held.into_iter().map(unsaid).collect()
}

fn of_alias(alias: &Alias) -> Unsaid {
    Unsaid::Alias { name: alias.name.clone(), routing: alias.routing.to_string() }
}

/// The share of `$LATEST`, where the last version has the rest, or all, and nothing else is said.
fn traffic(alias: &Alias, observed: &Observed) -> Option<Weight> {
    let last = observed.last_version()?;
    let shares = alias.routing.shares();
    let is_plain = alias.routing.matches.is_empty()
        && marker::split(&alias.description).1.is_none()
        && shares.contains_key(&last)
        && shares.keys().all(|version| [last, Version::Latest].contains(version));
    is_plain.then(|| shares.get(&Version::Latest).copied().unwrap_or(Weight::ZERO))
}

/// The keys of an alias that is pinned to versions.
fn weights(alias: &Alias) -> Option<Vec<(String, Value)>> {
    let Routing { main, additional, matches } = &alias.routing;
    if !matches.is_empty() || additional.len() > 1 || marker::split(&alias.description).1.is_some()
    {
        return None;
    }
    let version = |version: &Version| match version {
        Version::Number(number) => json!(number),
        Version::Latest => json!(version.to_string()),
    };
    let weights = additional
        .iter()
        .map(|(one, weight)| json!({"version": version(one), "weight": weight.to_f64()}));
    let mut said = vec![
        ("aliasName".to_owned(), alias.name.clone().into()),
        ("aliasFunctionVersion".to_owned(), version(main)),
        ("additionalVersionWeights".to_owned(), weights.collect()),
    ];
    if !alias.description.is_empty() {
        said.push(("aliasDescription".to_owned(), alias.description.clone().into()));
    }
    Some(said)
}
