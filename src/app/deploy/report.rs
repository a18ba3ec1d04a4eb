//! What a deployment says: notes, the plan of a dry run, the outputs.

use serde_json::{Map, Value, json};

use crate::app::session;
use crate::execute::{Outcome, function_urls};
use crate::model::{
    CodeSource, DEFAULT_ALIAS, FunctionId, LATEST, Routing, Version, Weight, listed,
};
use crate::package::Known;
use crate::plan::deploy::DeployPlan;
use crate::plan::exposure::Exposure;
use crate::plan::traffic::observed_alias;
use crate::plan::{Note, Observed, RoutingTarget, Step, Target};
use crate::shell;

/// Whether a note is about requests that go elsewhere than one may think.
pub(super) fn is_warning(note: &Note) -> bool {
    matches!(
        note,
        Note::MovesRest { .. }
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

pub(super) fn note_text(function: &FunctionId, note: &Note) -> String {
    match note {
        Note::NoPublishedVersion { traffic } => format!(
            "no version is published yet, so $LATEST serves everything (1.0) and traffic={traffic} has no effect"
        ),
        Note::FreezesNewCode => {
            "the version to be published freezes content that $LATEST has not served before this run".to_owned()
        }
        Note::AlreadyPublished(version) => {
            format!("version {version} is what $LATEST is; nothing is published (--if-changed)")
        }
        Note::NothingToChange => "everything is as asked already; nothing is sent".to_owned(),
        Note::LowersFirst { alias, from, to } => format!(
            "$LATEST serves {} of {alias} now; its share goes down to {} before its content changes",
            from.percent(),
            to.percent()
        ),
        Note::ServesNewContent { exposures, unsaid } => format!(
            "$LATEST serves {}, so the new content serves as much at once{}",
            exposed_text(exposures),
            if *unsaid { "; give traffic=… to say how much of $DEFAULT" } else { "" }
        ),
        Note::AliasesNotListed(reason) => format!(
            "the aliases cannot be listed, so that others that $LATEST serves are not named: {reason}"
        ),
        Note::MovesRest { alias, traffic, to, share, serves, from } => {
            moves_text(function, alias, *traffic, (*to, *share, *serves), from)
        }
        Note::RolledBack { alias, version, instead, share, serves } => format!(
            "version {version}, the last published one, was rolled back and gets nothing of {alias}; {instead}, which \
             serves {} now, gets {}",
            nothing_or(*serves),
            share.percent()
        ),
        Note::ForeignMarker { alias, line } => format!(
            "the last line of the description of {alias} is not understood and left as it is: \"{line}\"; a newer \
             scfctl may know of versions that were rolled back"
        ),
        Note::Adopts { version, last } => session::adopted_text(*version, *last),
        Note::NothingToProvision => {
            "no version is published yet, so provisionedNum has no effect; add publish=true".to_owned()
        }
        Note::StillProvisioned(others) => format!(
            "other versions have provisioned instances still: {}; remove them with provisionedNum=0 qualifier=VERSION",
            listed(others)
        ),
        Note::ObjectNotCompared(object) => format!(
            "whether {object} of COS is another package than before cannot be told, so it is sent each time"
        ),
        Note::TagNotCompared(uri) => format!(
            "`{uri}` is what the function runs already; a new image under the same tag is not noticed: name its \
             digest (…@sha256:…), or use --force"
        ),
        Note::OnlyAtCreation { key, wanted } => format!(
            "`{key}` is {wanted} in the file and not in the function; the API sets it only when a function is created, so it stays as it is"
        ),
        Note::NotReported(keys) => format!(
            "the service does not report {}, so whether it differs cannot be told and it is sent each time",
            keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
        ),
        Note::CreatedClosed(trigger) => format!(
            "{trigger} is created closed, because its `enable` is not given; write `enable: true` to let it fire"
        ),
        Note::AddressChanges(url) => format!(
            "{url} moves to another version or alias, so its address changes"
        ),
        Note::TriggersLeftAlone(triggers) => format!(
            "left alone, because no event of the file names that version or alias (--prune-triggers removes them): {}",
            listed(triggers)
        ),
        Note::TriggersStay(triggers) => format!(
            "not in the file, but only their own product's console can delete them: {}",
            listed(triggers)
        ),
    }
}

/// What `$LATEST` serves of aliases.
fn exposed_text(exposures: &[Exposure]) -> String {
    let of = |exposure: &Exposure| {
        let rules: Vec<String> = exposure
            .rules
            .iter()
            .map(|rule| format!("{} {} {}", rule.key, rule.method, rule.expression))
            .collect();
        let matching = format!("what matches {}", rules.join(" or "));
        let share = match (exposure.share > Weight::ZERO, rules.is_empty()) {
            (true, false) => format!("{} and {matching}", exposure.share.percent()),
            (false, false) => matching,
            (_, true) => exposure.share.percent(),
        };
        format!("{share} of {}", exposure.alias)
    };
    exposures.iter().map(of).collect::<Vec<_>>().join(", ")
}

fn nothing_or(share: Weight) -> String {
    if share == Weight::ZERO { "nothing".to_owned() } else { share.percent() }
}

/// That the last published version takes requests from others, and what leaves them there.
fn moves_text(
    function: &FunctionId,
    alias: &str,
    traffic: Weight,
    (to, share, serves): (Version, Weight, Weight),
    from: &[(Version, Weight)],
) -> String {
    let names: Vec<String> = from.iter().map(|(version, _)| version.to_string()).collect();
    let taken = from
        .iter()
        .fold(Weight::ZERO, |sum, (_, share)| sum.checked_add(*share).unwrap_or(Weight::ONE));
    // What it gets more comes from them as far as they have it, else from `$LATEST`.
    let gained = share.checked_sub(serves).unwrap_or(Weight::ZERO);
    let moved = gained.min(taken);
    let most = from.iter().max_by_key(|(version, share)| (*share, *version));
    let keep = most.map_or(to, |(version, _)| *version);
    let weights = if traffic == Weight::ZERO {
        r#"{"weights":{}}"#.to_owned()
    } else {
        format!("{{\"weights\":{{\"$LATEST\":{traffic}}}}}")
    };
    let mut pairs = vec![
        shell::pair("function", &function.name),
        shell::pair("name", alias),
        shell::pair("version", &keep.to_string()),
        shell::pair("config", &weights),
    ];
    pairs.extend(session::place_pairs(function));
    format!(
        "traffic={traffic} moves {} of {alias} from {} to {to}, which serves {} now: version {to} gets {}, as the rest \
         goes to the published version; to leave it to {keep}: `scfctl update-alias --inputs {}`",
        moved.percent(),
        names.join(", "),
        nothing_or(serves),
        share.percent(),
        pairs.join(" ")
    )
}

/// What programs are told besides the calls: who is served by new content, and the warnings.
pub(super) fn add_told(shown: &mut Value, function: &FunctionId, plan: &DeployPlan) {
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
            warning["message"] = note_text(function, note).into();
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
        Note::MovesRest { alias, to, share, serves, from, .. } => {
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
        .map(|step| json!({"action": step.action(), "effect": step.effect()}))
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
    add_told(&mut shown, function, plan);
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
