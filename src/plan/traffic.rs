//! Which alias a deployment routes, and how.

use super::alias::{check_free, check_published, described, without_rollout};
use super::error::{AliasPlanError, DeployPlanError};
use super::note::Note;
use super::observed::Observed;
use super::rest::Rest;
use super::routing::{changes, default_alias};
use super::step::Step;
use super::target::{RoutingTarget, Target};
use super::wanted::Wanted;
use crate::model::{
    Alias, DEFAULT_ALIAS, DEFAULT_DESCRIPTION, NamedAlias, Routing, Sharing, Version, Weight,
};

/// A change of routing.
pub(super) struct Route {
    /// `UpdateAlias` or `CreateAlias`.
    pub step: Step,
    /// Share of `$LATEST` before and after, if it falls.
    pub lowers: Option<(Weight, Weight)>,
}

/// Returns the alias to route: `$DEFAULT` unless the file names another one.
pub(super) fn alias_name(wanted: &Wanted) -> &str {
    wanted.alias.as_ref().map_or(DEFAULT_ALIAS, |alias| &alias.name)
}

/// Decides how the alias is routed.
///
/// `last` is the last published version, including the one this run publishes.
///
/// # Errors
/// Fails for match rules that weights would replace, for weights that name a version that does not
/// exist, and for an alias under a rollout.
pub(super) fn route(
    observed: &Observed,
    wanted: &Wanted,
    exists: bool,
    last: Option<Target>,
    notes: &mut Vec<Note>,
) -> Result<Option<Route>, DeployPlanError> {
    let name = alias_name(wanted);
    let named = wanted.alias.as_ref();
    let held = observed_alias(observed, name).filter(|_| exists);
    let (to, exactly) = match named.map(|alias| alias.sharing) {
        Some(Sharing::Weights { main, additional }) => {
            (by_weights(observed, main.map(Target::Existing).or(last), additional)?, true)
        }
        Some(Sharing::Traffic) | None => {
            let Some(traffic) = wanted.traffic else { return Ok(None) };
            let rest = match last {
                None => {
                    notes.push(Note::NoPublishedVersion { traffic });
                    None
                }
                Some(last) => {
                    let versions = &observed.versions;
                    Rest { function: &wanted.function, alias: name, held, versions, last, traffic }
                        .target(notes)?
                }
            };
            (default_alias(rest, traffic), false)
        }
    };
    let description = named.and_then(|alias| alias.description.as_deref());
    let mut description = description
        .map(|text| held.map_or_else(|| Ok(text.to_owned()), |held| described(text, held)))
        .transpose()
        .map_err(DeployPlanError::Alias)?;
    if let Some(held) = held {
        check_free(held, wanted.end_rollout).map_err(DeployPlanError::Alias)?;
        description = without_rollout(held, description, wanted.end_rollout);
    }
    let from = match held {
        Some(alias) => {
            let same = !changes(&alias.routing, &to)
                && (!exactly || Target::Existing(alias.routing.main) == to.main);
            if same && description.as_ref().is_none_or(|text| *text == alias.description) {
                return Ok(None);
            }
            alias.routing.clone()
        }
        // A new function has `$DEFAULT` at `$LATEST`.
        None if name == DEFAULT_ALIAS => {
            let born = Routing::all_to(Version::Latest);
            if !changes(&born, &to) {
                return Ok(None);
            }
            born
        }
        None => {
            let description = description.unwrap_or_else(|| DEFAULT_DESCRIPTION.to_owned());
            let step = Step::CreateAlias { alias: name.to_owned(), to, description };
            return Ok(Some(Route { step, lowers: None }));
        }
    };
    if !from.matches.is_empty() && !wanted.force {
        return Err(DeployPlanError::MatchRules {
            alias: name.to_owned(),
            rules: from.matches.clone(),
        });
    }
    let (before, after) = (share_of_latest(&from), to.share_of(Version::Latest));
    let lowers = (before > after).then_some((before, after));
    let step = Step::Route { alias: name.to_owned(), from, to, description, lowers_first: false };
    Ok(Some(Route { step, lowers }))
}

/// Returns whether the user set the split of an alias.
pub(super) fn is_asked(wanted: &Wanted) -> bool {
    let by_weights = |alias: &NamedAlias| matches!(alias.sharing, Sharing::Weights { .. });
    wanted.traffic.is_some() || wanted.alias.as_ref().is_some_and(by_weights)
}

/// Returns the share of `$LATEST`, or 1 if match rules send requests to it: how many is unknown.
pub(super) fn share_of_latest(routing: &Routing) -> Weight {
    let ruled = routing.matches.iter().any(|rule| rule.version == Version::Latest);
    if ruled { Weight::ONE } else { routing.share_of(Version::Latest) }
}

fn by_weights(
    observed: &Observed,
    main: Option<Target>,
    additional: Option<(Version, Weight)>,
) -> Result<RoutingTarget, DeployPlanError> {
    let main = main.unwrap_or(Target::Published);
    let named = |target: Target| match target {
        Target::Existing(version) => Some(version),
        Target::Published => None,
    };
    let additional = additional.map(|(version, weight)| (Target::Existing(version), weight));
    let versions: Vec<Version> = [Some(main), additional.map(|(target, _)| target)]
        .into_iter()
        .filter_map(|target| named(target?))
        .collect();
    if let [one, other] = versions[..]
        && one == other
    {
        return Err(DeployPlanError::Alias(AliasPlanError::SameVersion(one)));
    }
    check_published(&versions, &observed.versions).map_err(DeployPlanError::Alias)?;
    Ok(RoutingTarget { main, additional, matches: Vec::new() })
}

/// Returns whether the plan creates the alias, so that triggers may name it.
pub(super) fn creates(steps: &[Step], name: &str) -> bool {
    steps.iter().any(|step| matches!(step, Step::CreateAlias { alias, .. } if alias == name))
}

/// Returns the alias as observed.
#[must_use]
pub fn observed_alias<'a>(observed: &'a Observed, name: &str) -> Option<&'a Alias> {
    if name == DEFAULT_ALIAS { observed.default_alias.as_ref() } else { observed.alias.as_ref() }
}
