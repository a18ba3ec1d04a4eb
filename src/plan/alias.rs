//! Routing and description of a custom alias, and which changes to them are allowed.

use super::error::AliasPlanError;
use super::marker;
use super::rollout::machine;
use super::step::Step;
use super::target::RoutingTarget;
use crate::model::{
    Alias, AliasWish, DESCRIPTION_LIMIT, MatchRule, PublishedVersion, Routing, RoutingWish,
    Version, Weight,
};
use crate::order::Order as _;

/// Returns the routing of a new alias. Without weights or rules, the main version serves
/// everything.
///
/// # Errors
/// Fails for more than one additional version, or when it is the main version.
pub fn create(wish: &AliasWish) -> Result<Routing, AliasPlanError> {
    match &wish.routing {
        RoutingWish::Unsaid => Ok(Routing::all_to(wish.main)),
        RoutingWish::Weights(weights) => by_weights(wish.main, weights),
        RoutingWish::Matches(rules) => by_rules(wish.main, rules),
    }
}

/// Returns the routing of an alias after an update.
///
/// Where the wish names no weights and no match rules, those of the alias stay, except the weight
/// of a version that becomes the main one.
///
/// # Errors
/// Fails as [`create`] does, while a rollout is under way, when weights would replace match rules
/// without `force`, and when the weights or rules to keep are ones the API would reject.
pub fn update(observed: &Alias, wish: &AliasWish) -> Result<Routing, AliasPlanError> {
    check_free(observed, wish.end_rollout)?;
    match &wish.routing {
        RoutingWish::Unsaid => {
            let held = &observed.routing;
            let additional: Vec<(Version, Weight)> = held
                .additional
                .iter()
                .copied()
                .filter(|(version, _)| *version != wish.main)
                .collect();
            if additional.len() > 1 {
                let versions = additional.into_iter().map(|(version, _)| version).collect();
                return Err(AliasPlanError::SeveralHeld { alias: observed.name.clone(), versions });
            }
            if held.matches.iter().any(|rule| rule.version == wish.main) {
                return Err(AliasPlanError::RuledVersion {
                    alias: observed.name.clone(),
                    version: wish.main,
                    rules: held.matches.clone(),
                });
            }
            if held.matches.iter().any(|rule| rule.version != held.matches[0].version) {
                return Err(AliasPlanError::SeveralRuled {
                    alias: observed.name.clone(),
                    rules: held.matches.clone(),
                });
            }
            Ok(Routing { main: wish.main, additional, matches: held.matches.clone() })
        }
        RoutingWish::Weights(_) if !observed.routing.matches.is_empty() && !wish.force => {
            Err(AliasPlanError::MatchRules {
                alias: observed.name.clone(),
                rules: observed.routing.matches.clone(),
            })
        }
        RoutingWish::Weights(weights) => by_weights(wish.main, weights),
        RoutingWish::Matches(rules) => by_rules(wish.main, rules),
    }
}

/// Returns the step that gives an alias this routing and description, or `None` if it already has
/// them.
///
/// A `description` of `None` keeps the current one.
#[must_use]
pub fn step(
    name: &str,
    before: Option<&Alias>,
    routing: &Routing,
    description: Option<&str>,
) -> Option<Step> {
    let (alias, to) = (name.to_owned(), RoutingTarget::from(routing));
    let Some(before) = before else {
        let description = description.unwrap_or_default().to_owned();
        return Some(Step::CreateAlias { alias, to, description });
    };
    let changes = before.routing.main != routing.main
        || !before.routing.same_effect(routing)
        || description.is_some_and(|text| text != before.description);
    changes.then(|| Step::Route {
        alias,
        from: before.routing.clone(),
        to,
        description: description.map(str::to_owned),
        lowers_first: false,
    })
}

/// Returns the new description of an alias, or `None` to keep the current one.
///
/// The marker that scfctl keeps behind the user's text is preserved.
///
/// # Errors
/// Fails when text and marker together exceed the API's limit.
pub fn description(observed: &Alias, wish: &AliasWish) -> Result<Option<String>, AliasPlanError> {
    let text = wish.description.as_ref();
    let text = text.map(|text| described(text, observed)).transpose()?;
    Ok(without_rollout(observed, text, wish.end_rollout))
}

/// Fails while a rollout of the alias is under way, unless `end_rollout` is set.
///
/// # Errors
/// A marker that cannot be parsed counts as a rollout under way.
pub fn check_free(observed: &Alias, end_rollout: bool) -> Result<(), AliasPlanError> {
    if end_rollout {
        return Ok(());
    }
    machine::check_free(observed).map_err(|refused| AliasPlanError::UnderRollout(refused.into()))
}

/// Returns the alias's description with the rollout in it marked as ended if `end_rollout` is set.
/// `None` keeps the current description.
#[must_use]
pub fn without_rollout(
    observed: &Alias,
    description: Option<String>,
    end_rollout: bool,
) -> Option<String> {
    if !end_rollout {
        return description;
    }
    let ended = machine::ended(description.as_deref().unwrap_or(&observed.description));
    ended.or(description)
}

/// Returns the user's text followed by the alias's marker.
///
/// # Errors
/// Fails when both together exceed the API's limit.
pub fn described(text: &str, alias: &Alias) -> Result<String, AliasPlanError> {
    let described = marker::behind(text, &alias.description);
    let over = described.chars().count().saturating_sub(DESCRIPTION_LIMIT);
    if over > 0 {
        return Err(AliasPlanError::Description { alias: alias.name.clone(), over });
    }
    Ok(described)
}

fn by_weights(main: Version, weights: &[(Version, Weight)]) -> Result<Routing, AliasPlanError> {
    match weights {
        [] => Ok(Routing::all_to(main)),
        [(version, _)] if *version == main => Err(AliasPlanError::SameVersion(main)),
        [(version, weight)] => Ok(Routing::split(main, *version, *weight)),
        several => Err(AliasPlanError::SeveralAdditional {
            versions: several.iter().map(|(version, _)| *version).collect(),
        }),
    }
}

fn by_rules(main: Version, rules: &[MatchRule]) -> Result<Routing, AliasPlanError> {
    let mut versions: Vec<Version> = rules.iter().map(|rule| rule.version).collect();
    versions.order();
    versions.dedup();
    if versions.contains(&main) {
        return Err(AliasPlanError::SameVersion(main));
    }
    if versions.len() > 1 {
        return Err(AliasPlanError::SeveralAdditional { versions });
    }
    Ok(Routing { main, additional: Vec::new(), matches: rules.to_vec() })
}

/// Returns the versions that a routing names, sorted, each once.
#[must_use]
pub fn versions(routing: &Routing) -> Vec<Version> {
    let additional = routing.additional.iter().map(|(version, _)| *version);
    let matched = routing.matches.iter().map(|rule| rule.version);
    let mut versions: Vec<Version> =
        std::iter::once(routing.main).chain(additional).chain(matched).collect();
    versions.order();
    versions.dedup();
    versions
}

/// Returns the published versions that a routing names and `known` does not.
///
/// The versions that `known` names exist: the service has accepted it.
#[must_use]
pub fn unproven(routing: &Routing, known: Option<&Routing>) -> Vec<Version> {
    let known = known.map(versions).unwrap_or_default();
    versions(routing)
        .into_iter()
        .filter(|version| *version != Version::Latest && !known.contains(version))
        .collect()
}

/// Checks that versions are published. `$LATEST` always passes.
///
/// # Errors
/// Names the first version that is not, and those that are.
pub fn check_published(
    wanted: &[Version],
    published: &[PublishedVersion],
) -> Result<(), AliasPlanError> {
    let mut existing: Vec<Version> = published.iter().map(|version| version.version).collect();
    existing.order();
    for version in wanted {
        if *version != Version::Latest && !existing.contains(version) {
            return Err(AliasPlanError::NotPublished { version: *version, existing });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Version = Version::Number(1);
    const TWO: Version = Version::Number(2);

    fn weight(text: &str) -> Weight {
        text.parse().unwrap()
    }

    fn rule(version: Version) -> MatchRule {
        MatchRule {
            version,
            key: "invoke.headers.User".into(),
            method: "exact".into(),
            expression: "Bob".into(),
        }
    }

    fn wish(main: Version, routing: RoutingWish) -> AliasWish {
        AliasWish {
            name: "a".into(),
            main,
            routing,
            description: None,
            force: false,
            end_rollout: false,
        }
    }

    fn alias(routing: Routing) -> Alias {
        Alias { name: "a".into(), routing, description: String::new(), modified: String::new() }
    }

    #[test]
    fn the_main_version_gets_what_the_additional_one_does_not() {
        let weights = |weights: &[(Version, &str)]| {
            RoutingWish::Weights(
                weights.iter().map(|(version, text)| (*version, weight(text))).collect(),
            )
        };
        for (asked, expected) in [
            (wish(ONE, weights(&[(TWO, "0.5")])), Ok(Routing::split(ONE, TWO, weight("0.5")))),
            (wish(ONE, weights(&[(TWO, "1")])), Ok(Routing::split(ONE, TWO, Weight::ONE))),
            (
                wish(ONE, weights(&[(Version::Latest, "0")])),
                Ok(Routing::split(ONE, Version::Latest, Weight::ZERO)),
            ),
            (wish(ONE, weights(&[])), Ok(Routing::all_to(ONE))),
            (wish(ONE, RoutingWish::Unsaid), Ok(Routing::all_to(ONE))),
            (wish(ONE, weights(&[(ONE, "0.5")])), Err(AliasPlanError::SameVersion(ONE))),
            (
                wish(ONE, weights(&[(TWO, "0.2"), (Version::Number(3), "0.3")])),
                Err(AliasPlanError::SeveralAdditional { versions: vec![TWO, Version::Number(3)] }),
            ),
        ] {
            assert_eq!(create(&asked), expected, "{asked:?}");
            assert_eq!(update(&alias(Routing::all_to(TWO)), &asked), expected, "{asked:?}");
        }
    }

    #[test]
    fn what_is_not_said_stays() {
        let held = alias(Routing::split(ONE, TWO, weight("0.1")));
        let three = Version::Number(3);
        assert_eq!(
            update(&held, &wish(three, RoutingWish::Unsaid)),
            Ok(Routing::split(three, TWO, weight("0.1")))
        );
        // The additional version becomes the main one, so it serves everything.
        assert_eq!(update(&held, &wish(TWO, RoutingWish::Unsaid)), Ok(Routing::all_to(TWO)));
        let mut several = held.clone();
        several.routing.additional.push((three, weight("0.2")));
        assert!(matches!(
            update(&several, &wish(ONE, RoutingWish::Unsaid)),
            Err(AliasPlanError::SeveralHeld { .. })
        ));
    }

    #[test]
    fn match_rules_are_not_replaced_unasked() {
        let mut routing = Routing::all_to(ONE);
        routing.matches.push(rule(TWO));
        let held = alias(routing.clone());
        let weights = RoutingWish::Weights(vec![(TWO, weight("0.5"))]);
        assert!(matches!(
            update(&held, &wish(ONE, weights.clone())),
            Err(AliasPlanError::MatchRules { .. })
        ));
        let forced = AliasWish { force: true, ..wish(ONE, weights) };
        assert_eq!(update(&held, &forced), Ok(Routing::split(ONE, TWO, weight("0.5"))));
        assert_eq!(update(&held, &wish(ONE, RoutingWish::Unsaid)), Ok(routing.clone()));
        assert_eq!(update(&held, &wish(ONE, RoutingWish::Matches(vec![rule(TWO)]))), Ok(routing));
        assert!(update(&held, &wish(TWO, RoutingWish::Matches(vec![rule(TWO)]))).is_err());
        // Left by another tool; the API would not accept them again.
        let mut several = held.clone();
        several.routing.matches.push(rule(Version::Number(3)));
        assert!(matches!(
            update(&several, &wish(ONE, RoutingWish::Unsaid)),
            Err(AliasPlanError::SeveralRuled { .. })
        ));
    }

    #[test]
    fn only_published_versions() {
        let published = [PublishedVersion {
            version: ONE,
            description: String::new(),
            status: None,
            added: None,
            modified: None,
        }];
        assert_eq!(check_published(&[ONE, Version::Latest], &published), Ok(()));
        let error = check_published(&[TWO], &published).unwrap_err();
        assert_eq!(error.to_string(), "version 2 is not published; there are 1 and $LATEST");
        let error = check_published(&[TWO], &[]).unwrap_err();
        assert_eq!(error.to_string(), "version 2 is not published; there is only $LATEST");
        let known = Routing::split(ONE, TWO, weight("0.1"));
        let wanted = Routing::split(TWO, Version::Number(3), weight("0.1"));
        assert_eq!(unproven(&wanted, Some(&known)), [Version::Number(3)]);
        assert_eq!(unproven(&wanted, None), [TWO, Version::Number(3)]);
    }
}
