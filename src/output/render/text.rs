//! A report as `sls` prints it: the same keys in the same order, those of the API where that
//! one prints what the API answered.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{metrics, status};
use crate::model::{MatchRule, Routing, Version, Weight};
use crate::order::Order as _;
use crate::output::Language;
use crate::output::controls::on_one_line;
use crate::report::Report;
use crate::report::alias::{Alias, AliasDeleted, AliasList, AliasWritten};
use crate::report::config::Config;
use crate::report::deploy::DeployedProject;
use crate::report::package::{Package, PackageFile, Packages};
use crate::report::publish::Published;
use crate::report::server::{Server, ServerKeys};

/// What is printed of a report.
pub(in crate::output) fn value(report: &Report, language: Language) -> Value {
    match report {
        Report::Alias(written) => alias_written(written),
        Report::Aliases(list) => aliases(list),
        Report::AliasDeleted(AliasDeleted { request_id, .. }) => json!({"RequestId": request_id}),
        Report::Config(config) => config_shown(&config.shown(language)),
        Report::Instance(instance) => instance.outputs_in(language),
        Report::Project(project) => project_shown(project, language),
        Report::Metrics(found) => metrics::list(found),
        Report::Package(packages) => packages_shown(packages),
        Report::Plan(plan) => plan.shown(language),
        Report::Published(published) => version(published),
        // Printed as it came.
        Report::Invocations(_) | Report::Logs(_) => Value::Null,
        Report::Pruned(pruned) => pruned.shown(language),
        Report::Removed(removals) => removals.shown(language),
        Report::Doctor(doctor) => shown(&doctor.shown(language)),
        Report::Init(written) => shown(&written.shown(language)),
        Report::Load(load) => shown(load),
        Report::Split(split) => shown(split),
        Report::Rehearsal(rehearsal) => shown(rehearsal),
        Report::Rollout(rollout) => shown(rollout),
        Report::Rollouts(rollouts) => shown(rollouts),
        Report::Status(found) => status::of_sls(found, language),
        Report::Versions(found) => {
            json!({"versions": status::versions_of_sls(&found.versions)})
        }
        Report::Server(server) => server_shown(&server.shown(language)),
    }
}

/// The address, and the keys or where they were found, in a line each.
fn server_shown(Server { url, keys }: &Server) -> Value {
    match keys {
        ServerKeys::Given { credentials } => json!({"url": url, "credentials": credentials.source}),
        ServerKeys::Made { secret_id, secret_key } => {
            json!({"url": url, "secretId": secret_id, "secretKey": secret_key})
        }
    }
}

/// An alias as the API answers.
fn alias_written(AliasWritten { alias, request_id, .. }: &AliasWritten) -> Value {
    let weights: Vec<Value> = alias
        .additional_version_weights
        .iter()
        .map(|one| json!({"Version": one.version, "Weight": one.weight}))
        .collect();
    let rule = |rule: &MatchRule| {
        json!({
            "Version": rule.version,
            "Key": rule.key,
            "Method": rule.method,
            "Expression": rule.expression,
        })
    };
    let rules: Vec<Value> = alias.matches.iter().map(rule).collect();
    let mut shown = json!({
        "FunctionVersion": alias.main_version,
        "Name": alias.name,
        "RoutingConfig": {"AdditionalVersionWeights": weights, "AddtionVersionMatchs": rules},
        "Description": alias.description,
        "AddTime": alias.add_time,
        "ModTime": alias.mod_time,
    });
    if let Some(request_id) = request_id {
        shown["RequestId"] = request_id.clone().into();
    }
    shown
}

fn aliases(list: &AliasList) -> Value {
    let one = |alias: &Alias| {
        let mut entry = json!({"weight": weight_text(&alias.routing)});
        if !alias.matches.is_empty() {
            entry["matches"] = json!(alias.matches);
        }
        Value::Object(Map::from_iter([(alias.name.clone(), entry)]))
    };
    json!({"alias": list.aliases.iter().map(one).collect::<Vec<_>>()})
}

/// The `weight` text of `list-alias`: a JSON object of version to share, shares as text.
///
/// The real one rounds to one decimal, so that a 1 % canary reads 0.0; here a share has as
/// many decimals as it needs, and never fewer than one. All additional versions are shown,
/// numbers before `$LATEST`, ascending.
fn weight_text(routing: &Routing) -> String {
    let mut shares: Vec<(Version, Weight)> = routing.additional.clone();
    let rest = routing.rest();
    match shares.iter_mut().find(|(version, _)| *version == routing.main) {
        // Other tools' doing; the two shares are one.
        Some((_, share)) => *share = share.checked_add(rest).unwrap_or(Weight::ONE),
        None => shares.push((routing.main, rest)),
    }
    shares.order_by_key(|(version, _)| (*version == Version::Latest, *version));
    let decimals = |weight: Weight| {
        let text = weight.to_string();
        if text.contains('.') { text } else { format!("{text}.0") }
    };
    let map: Map<String, Value> = shares
        .into_iter()
        .map(|(version, weight)| (version.to_string(), Value::String(decimals(weight))))
        .collect();
    Value::Object(map).to_string()
}

/// What the API answers of a version, and its number behind it.
fn version(published: &Published) -> Value {
    let record = &published.record;
    let variables: Vec<Value> = published
        .environment
        .variables
        .iter()
        .map(|variable| json!({"Key": variable.key, "Value": variable.value}))
        .collect();
    json!({
        "CodeSize": record.code_size,
        "Description": record.description,
        "Environment": {"Variables": variables},
        "Handler": record.handler,
        "MemorySize": record.memory_size,
        "Namespace": published.function.namespace,
        "Runtime": record.runtime,
        "Timeout": record.timeout,
        "lastVersion": published.last_version,
    })
}

/// The keys of the JSON; the namespace stands among `inputs`.
fn config_shown(config: &Config) -> Value {
    shown(&Config { namespace: None, ..config.clone() })
}

/// The keys of the JSON.
fn shown(report: &impl Serialize) -> Value {
    serde_json::to_value(report).unwrap_or_default()
}

/// The outputs of each instance that has any.
fn project_shown(project: &DeployedProject, language: Language) -> Value {
    let outputs = project.instances.iter().filter_map(|(name, member)| {
        let instance = member.outputs.as_ref().or(member.plan.as_ref())?;
        Some((name.clone(), instance.outputs_in(language)))
    });
    Value::Object(outputs.collect())
}

fn packages_shown(packages: &Packages) -> Value {
    match packages {
        Packages::One(package) => package_shown(package),
        Packages::Several { functions } => {
            let each = functions.iter().map(|package| {
                let key = package.key.clone().unwrap_or_default();
                (key, package_shown(&Package { key: None, ..package.clone() }))
            });
            Value::Object(each.collect())
        }
    }
}

fn package_shown(package: &Package) -> Value {
    let mut shown = serde_json::to_value(package).unwrap_or_default();
    if let Some(files) = &package.files {
        let line = |file: &PackageFile| format!("{} {:>10} {}", file.mode, file.size, file.sha256);
        let named = files.iter().map(|file| (on_one_line(&file.path), line(file).into()));
        shown["files"] = Value::Object(named.collect());
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_on_one_line() {
        for (name, shown) in [
            ("a b/文.js", "a b/文.js"),
            ("a\nb", "a\\nb"),
            ("a\r\t\u{1b}[31m", "a\\r\\t\\u{1b}[31m"),
            ("a\u{2028}b\u{85}", "a\\u{2028}b\\u{85}"),
        ] {
            assert_eq!(on_one_line(name), shown);
        }
    }

    #[test]
    fn shares_keep_their_decimals() {
        let weight = |text: &str| text.parse::<Weight>().unwrap();
        let (one, two) = (Version::Number(1), Version::Number(2));
        for (routing, expected) in [
            (Routing::all_to(one), r#"{"1":"1.0"}"#),
            (Routing::split(one, two, weight("0.5")), r#"{"1":"0.5","2":"0.5"}"#),
            (Routing::split(one, two, weight("0.01")), r#"{"1":"0.99","2":"0.01"}"#),
            (Routing::split(one, two, Weight::ZERO), r#"{"1":"1.0","2":"0.0"}"#),
            (Routing::split(one, Version::Latest, Weight::ONE), r#"{"1":"0.0","$LATEST":"1.0"}"#),
            (
                Routing::split(Version::Number(10), Version::Number(9), weight("0.4")),
                r#"{"9":"0.4","10":"0.6"}"#,
            ),
            (
                Routing::split(Version::Latest, Version::Number(3), weight("0.8")),
                r#"{"3":"0.8","$LATEST":"0.2"}"#,
            ),
        ] {
            assert_eq!(weight_text(&routing), expected);
        }
        let mut several = Routing::split(one, two, weight("0.2"));
        several.additional.push((Version::Number(3), weight("0.3")));
        assert_eq!(weight_text(&several), r#"{"1":"0.5","2":"0.2","3":"0.3"}"#);
    }
}
