//! What a deployment says: notes, the plan of a dry run, the outputs.

use serde_json::{Map, Value, json};

use crate::execute::{Outcome, function_urls};
use crate::model::{CodeSource, DEFAULT_ALIAS, FunctionId, LATEST, Routing, Version, Weight};
use crate::package::Known;
use crate::plan::deploy::DeployPlan;
use crate::plan::traffic::observed_alias;
use crate::plan::{Moved, Note, Observed, RoutingTarget, Step, Target};

/// Whether a note is about requests that go elsewhere than one may think.
pub(super) fn is_warning(note: &Note) -> bool {
    matches!(
        note,
        Note::MovesRest(_)
            | Note::RolledBack { .. }
            | Note::ForeignMarker { .. }
            | Note::AliasesNotListed(_)
            | Note::Adopts { last: Some(_), .. }
    )
}

/// Whether a note is about who gets which content, which `--quiet` leaves.
pub(super) fn decides(note: &Note) -> bool {
    matches!(
        note,
        Note::NoPublishedVersion { .. }
            | Note::FreezesNewCode
            | Note::ServesNewContent { .. }
            | Note::NothingToProvision
    )
}

/// What programs are told besides the calls: who is served by new content, and the warnings.
pub(super) fn add_told(shown: &mut Value, plan: &DeployPlan) {
    let exposures: Vec<Value> = plan
        .exposures
        .iter()
        .map(|exposure| {
            let mut shown = json!({"alias": exposure.alias, "share": exposure.share});
            if !exposure.rules.is_empty() {
                shown["matches"] = json!(exposure.rules);
            }
            shown
        })
        .collect();
    if !exposures.is_empty() {
        shown["newContentServedBy"] = exposures.into();
    }
    if let Some(version) = plan.adopts() {
        shown["adoptedVersion"] = version.to_string().into();
    }
    let warnings: Vec<Value> = plan
        .notes
        .iter()
        .filter(|note| is_warning(note))
        .map(|note| {
            let mut warning = warning_values(note);
            warning["message"] = note.to_string().into();
            warning
        })
        .collect();
    if !warnings.is_empty() {
        shown["warnings"] = warnings.into();
    }
}

/// What a warning is about.
fn warning_values(note: &Note) -> Value {
    match note {
        Note::MovesRest(Moved { alias, to, share, serves, from, .. }) => {
            let from: Map<String, Value> =
                from.iter().map(|(version, share)| (version.to_string(), json!(share))).collect();
            json!({
                "warning": "movesRest", "alias": alias, "version": to, "share": share,
                "servesNow": serves, "from": from,
            })
        }
        Note::RolledBack { alias, version, instead, share, serves } => json!({
            "warning": "rolledBack", "alias": alias, "rolledBack": version, "version": instead,
            "share": share, "servesNow": serves,
        }),
        Note::ForeignMarker { alias, line } => {
            json!({"warning": "foreignMarker", "alias": alias, "line": line})
        }
        Note::Adopts { version, last } => {
            json!({"warning": "adoptedIsNotLast", "version": version, "last": last})
        }
        _ => json!({"warning": "aliasesNotListed"}),
    }
}

/// Shares as an object, versions as keys.
fn shares(routing: &Routing) -> Value {
    serde_json::to_value(routing).unwrap_or_default()
}

fn target_shares(target: &RoutingTarget) -> Value {
    if let Some(routing) = target.resolve(None) {
        return shares(&routing);
    }
    let name = |target: Target| match target {
        Target::Existing(version) => version.to_string(),
        Target::Published => "new version".to_owned(),
    };
    let mut map = Map::new();
    match target.additional {
        None => {
            map.insert(name(target.main), json!(1));
        }
        Some((additional, weight)) => {
            for (target, share) in [(target.main, weight.complement()), (additional, weight)] {
                if share > Weight::ZERO {
                    map.insert(name(target), json!(share));
                }
            }
        }
    }
    map.into()
}

/// What `--dry-run` prints: the calls in order and the routing before and after.
pub(super) fn dry_run(function: &FunctionId, plan: &DeployPlan, observed: &Observed) -> Value {
    let calls: Vec<Value> = plan
        .steps
        .iter()
        .filter(|step| step.changes())
        .map(|step| json!({"action": step.action(), "effect": step.to_string()}))
        .collect();
    let before = observed_alias(observed, &plan.alias).map(|alias| shares(&alias.routing));
    let after = plan
        .steps
        .iter()
        .find_map(|step| match step {
            Step::Route { to, .. } | Step::CreateAlias { to, .. } => Some(target_shares(to)),
            _ => None,
        })
        .or_else(|| before.clone())
        .unwrap_or_else(|| json!({LATEST: 1}));
    let mut shown = json!({
        "functionName": function.name,
        "namespace": function.namespace,
        "region": function.region,
        "calls": calls,
        "routing": {"before": before, "after": after},
    });
    if plan.alias != DEFAULT_ALIAS {
        shown["alias"] = plan.alias.clone().into();
    }
    add_told(&mut shown, plan);
    shown
}

/// The outputs block of the real CLI, with the region and the routing of `$DEFAULT`.
pub(super) fn outputs(
    function: &FunctionId,
    source: &CodeSource,
    package: Option<&Known>,
    outcome: &Outcome,
) -> Value {
    let latest = &outcome.latest;
    let routing = &outcome.default_alias.routing;
    let traffic = routing.share_of(Version::Latest);
    let mut outputs = json!({
        "type": latest.kind.as_deref().map_or_else(|| "event".to_owned(), |kind| match kind {
            "HTTP" => "web".to_owned(),
            other => other.to_lowercase(),
        }),
        "functionName": function.name,
        "code": match source {
            CodeSource::Package { sha256, upload } => {
                let mut code = json!({"sha256": sha256, "size": package.map(|package| package.size)});
                if let Some(upload) = upload {
                    code["bucket"] = upload.bucket.clone().into();
                    code["object"] = upload.object.clone().into();
                }
                code
            }
            CodeSource::Object(object) => {
                json!({"bucket": object.bucket, "object": object.object})
            }
            CodeSource::Image(image) => json!({"image": image.uri}),
        },
        "description": latest.description,
        "region": function.region,
        "namespace": function.namespace,
        "runtime": latest.runtime,
        "handler": latest.handler,
        "memorySize": latest.memory_size,
    });
    if let Some(layers) = latest.layers.as_ref().filter(|layers| !layers.is_empty()) {
        outputs["layers"] = layers
            .iter()
            .map(|layer| json!({"name": layer.layer_name, "version": layer.layer_version}))
            .collect();
    }
    outputs["lastVersion"] = outcome
        .last_version
        .map_or_else(|| LATEST.to_owned(), |version| version.to_string())
        .into();
    if outcome.adopted {
        outputs["adoptedVersion"] = outcome.published.map(|version| version.to_string()).into();
    }
    outputs["traffic"] = json!(traffic);
    if traffic < Weight::ONE {
        // The version that serves most of the rest, which with the API's one is the other one.
        let other = routing
            .shares()
            .into_iter()
            .filter(|(version, _)| *version != Version::Latest)
            .max_by_key(|(_, share)| *share);
        outputs["configTrafficVersion"] = other.map(|(version, _)| version.to_string()).into();
    }
    outputs["routing"] = shares(routing);
    if let Some(alias) = &outcome.alias {
        outputs["alias"] = json!({"name": alias.name, "routing": shares(&alias.routing)});
    }
    // Without a word on triggers in the file, those that the function has.
    let triggers = outcome.triggers.clone().or_else(|| latest.triggers.clone());
    let triggers = triggers.unwrap_or_default();
    let urls = function_urls(&triggers);
    outputs["triggers"] = triggers.into();
    if !urls.is_empty() {
        outputs["functionUrls"] = urls.into();
    }
    outputs
}
