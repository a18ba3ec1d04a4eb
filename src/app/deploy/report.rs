//! What a deployment reports: the plan of a dry run, or what a function is now.

use serde_json::{Map, Value};

use crate::app::{dry_run, record};
use crate::execute::{self, DeployOutcome, ShownTrigger, function_urls};
use crate::model::{CodeSource, DEFAULT_ALIAS, FunctionId, LATEST, Version, Weight};
use crate::package::KnownPackage;
use crate::plan::deploy::DeployPlan;
use crate::plan::traffic::observed_alias;
use crate::plan::{self, Moved, Note, Observed, RoutingTarget, Step, Target};
use crate::report::deploy::{Code, DeployedFunction, Layer};
use crate::report::plan::{About, NewVersion, Plan, PlanFacts, RoutingChange, Shares, Warning};
use crate::report::record::Trigger;
use crate::report::{self, Said};

/// Whether a note is about requests that go elsewhere than one may think.
pub(super) fn is_warning(note: &Note) -> bool {
    about(note).is_some()
}

/// Whether a note is about who gets which content, which `--quiet` leaves.
pub(super) fn decides(note: &Note) -> bool {
    matches!(
        note,
        Note::NoPublishedVersion { .. }
            | Note::FreezesNewCode
            | Note::ServesNewContent { .. }
            | Note::ChangesObserved { .. }
            | Note::NothingToProvision
    )
}

/// What programs are told besides the calls: who is served by new content, and the warnings.
fn told(plan: &DeployPlan) -> PlanFacts {
    let exposure = |exposure: &plan::exposure::ExposedAlias| report::plan::ServesNewContent {
        alias_name: exposure.alias.clone(),
        share: exposure.share,
        matches: exposure.rules.clone(),
    };
    let warnings = plan.notes.iter().filter_map(|note| Some((about(note)?, note)));
    PlanFacts {
        new_content_served_by: plan.exposures.iter().map(exposure).collect(),
        adopted_version: plan.adopts(),
        warnings: warnings
            .map(|(about, note)| Warning { about, message: Said::new(note) })
            .collect(),
    }
}

/// What a warning is about; `None` for any other note.
fn about(note: &Note) -> Option<About> {
    Some(match note.clone() {
        Note::MovesRest(Moved { alias, to, share, serves, from, .. }) => {
            let from = from.into_iter().map(|(version, share)| (version.to_string(), share));
            About::MovesRest {
                alias_name: alias,
                version: to,
                share,
                serves_now: serves,
                from: Shares(from.collect()),
            }
        }
        Note::RolledBack { alias, version, instead, share, serves } => About::RolledBack {
            alias_name: alias,
            rolled_back: version,
            version: instead,
            share,
            serves_now: serves,
        },
        Note::ForeignMarker { alias, line } => About::ForeignMarker { alias_name: alias, line },
        Note::Adopts { version, last: Some(last) } => {
            About::AdoptedIsNotLast { version, last: Some(last) }
        }
        Note::ChangesObserved { alias } => About::ChangesObserved { alias_name: alias },
        Note::AliasesNotListed(_) => About::AliasesNotListed,
        _ => return None,
    })
}

fn target_shares(target: &RoutingTarget) -> Shares {
    if let Some(routing) = target.resolve(None) {
        return Shares::from(&routing);
    }
    let name = |target: Target| match target {
        Target::Existing(version) => version.to_string(),
        Target::Published => NewVersion.to_string(),
    };
    let Some((additional, weight)) = target.additional else {
        return Shares(vec![(name(target.main), Weight::ONE)]);
    };
    let shares = [(target.main, weight.complement()), (additional, weight)].into_iter();
    let shares = shares.filter(|(_, share)| *share > Weight::ZERO);
    Shares(shares.map(|(target, share)| (name(target), share)).collect())
}

/// What `--dry-run` shows: the calls in order and the routing before and after.
pub(super) fn planned(
    key: Option<&str>,
    function: &FunctionId,
    plan: &DeployPlan,
    observed: &Observed,
) -> Plan {
    let before = observed_alias(observed, &plan.alias).map(|alias| Shares::from(&alias.routing));
    let after = plan
        .steps
        .iter()
        .find_map(|step| match step {
            Step::Route { to, .. } | Step::CreateAlias { to, .. } => Some(target_shares(to)),
            _ => None,
        })
        .or_else(|| before.clone())
        .unwrap_or_else(|| Shares(vec![(LATEST.to_owned(), Weight::ONE)]));
    Plan {
        key: key.map(str::to_owned),
        function: function.into(),
        alias_name: Some(plan.alias.clone()).filter(|alias| alias != DEFAULT_ALIAS),
        last_version: None,
        dry_run: dry_run(&plan.steps, Some(RoutingChange { before, after: Some(after) })),
        rollout: None,
        told: told(plan),
    }
}

fn reported(trigger: ShownTrigger) -> Trigger {
    let listed = match trigger.record {
        Value::Object(listed) => listed,
        _ => Map::new(),
    };
    record::trigger(&trigger.observed, listed)
}

/// What a function is after its deployment.
pub(super) fn deployed(
    key: Option<&str>,
    function: &FunctionId,
    source: &CodeSource,
    package: Option<&KnownPackage>,
    plan: &DeployPlan,
    outcome: DeployOutcome,
) -> DeployedFunction {
    let DeployOutcome { latest, default_alias, alias, last_version, published, adopted, triggers } =
        outcome;
    let routing = default_alias.routing;
    let traffic = routing.share_of(Version::Latest);
    // The version that serves most of the rest, which with the API's one is the other one.
    let others = routing.shares().into_iter().filter(|(version, _)| *version != Version::Latest);
    let other = others.max_by_key(|(_, share)| *share).map(|(version, _)| version);
    // Without a word on triggers in the file, those that the function has.
    let triggers = triggers.unwrap_or_else(|| execute::of_function(&latest));
    let records: Vec<_> = triggers.iter().map(|trigger| trigger.record.clone()).collect();
    let record = record::function(&latest);
    let layers = latest.layers.unwrap_or_default().into_iter();
    let mut told = told(plan);
    if adopted {
        told.adopted_version = published.as_ref().map(|published| published.version);
    }
    DeployedFunction {
        key: key.map(str::to_owned),
        function: function.into(),
        kind: match latest.kind.as_deref() {
            None => "event".to_owned(),
            Some("HTTP") => "web".to_owned(),
            Some(other) => other.to_lowercase(),
        },
        record,
        code: match source {
            CodeSource::Package { sha256, upload } => Code::Package {
                sha256: sha256.clone(),
                size: package.map(|package| package.size),
                bucket: upload.as_ref().map(|upload| upload.bucket.clone()),
                object: upload.as_ref().map(|upload| upload.object.clone()),
            },
            CodeSource::Object(object) => {
                Code::Object { bucket: object.bucket.clone(), object: object.object.clone() }
            }
            CodeSource::Image(image) => Code::Image { image: image.uri.clone() },
        },
        layers: layers
            .map(|layer| Layer { name: layer.layer_name, version: layer.layer_version })
            .collect(),
        last_version: last_version.unwrap_or(Version::Latest),
        published_version: published.as_ref().map(|published| published.version),
        published: published.map(record::version),
        traffic,
        config_traffic_version: other.filter(|_| traffic < Weight::ONE),
        routing,
        alias: alias.as_ref().map(Into::into),
        function_urls: function_urls(&records),
        triggers: triggers.into_iter().map(reported).collect(),
        told,
    }
}
