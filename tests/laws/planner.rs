//! What must hold for every plan that sets where requests go.
//!
//! A plan is carried out on a function that exists only here: after each step it is what the
//! step makes of it, and at the end it must be what was asked for.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use scfctl::model::{
    Alias, CodeSource, DEFAULT_ALIAS, FunctionKind, PublishedVersion, Routing, Status, Version,
    Weight, last_published,
};
use scfctl::model::{AliasWish, RoutingWish};
use scfctl::model::{NamedAlias, Sharing};
use scfctl::plan::alias;
use scfctl::plan::deploy::{DeployPlan, plan};
use scfctl::plan::{
    AliasPlanError, DeployPlanError, Moved, Note, Observed, ObservedFunction, Publish,
    RoutingTarget, Step, Wanted,
};

mod scenario;

pub use scenario::Scenario;
use scenario::{FINEST, NAMED};

/// Checks the plans of a scenario.
pub fn check(scenario: &Scenario) {
    let Scenario { observed, wanted, alias, alias_wish } = scenario;
    deployment(observed, wanted);
    alias_plan(alias, alias_wish, &observed.versions);
    if let Some(default) = &observed.default_alias {
        shares_are_sound(&default.routing);
    }
}

fn deployment(observed: &Observed, wanted: &Wanted) {
    let decided = match plan(observed, wanted) {
        Ok(decided) => decided,
        Err(error) => return refused(observed, wanted, &error),
    };
    let shown: Vec<String> = decided.steps.iter().map(Step::to_string).collect();
    assert!(shown.iter().all(|effect| !effect.is_empty()));
    let after = carry_out(observed, wanted, &decided);
    reached(observed, &after, wanted, &decided);
    content_reached(&after, wanted);
    said(observed, wanted, &decided);

    // Wanted once more, nothing is left to do. What lies in COS cannot be compared.
    if matches!(wanted.source, CodeSource::Object(_)) {
        return;
    }
    let publish = match wanted.publish {
        Publish::IfChanged => Publish::IfChanged,
        Publish::No | Publish::Always => Publish::No,
    };
    let again = Wanted { publish, force: false, ..wanted.clone() };
    let again = plan(&after, &again).unwrap_or_else(|error| panic!("{error}: {after:?}"));
    assert_eq!(again.steps, [], "wanted once more after {:?}", decided.steps);
}

fn refused(observed: &Observed, wanted: &Wanted, error: &DeployPlanError) {
    assert!(!error.to_string().is_empty());
    let Some(latest) = observed.latest.as_ref() else {
        // Only weights that name what is not there.
        return assert!(matches!(error, DeployPlanError::Alias(_)), "{error}");
    };
    match error {
        DeployPlanError::Runtime { observed, wanted: asked } => {
            assert_eq!(
                (Some(observed), Some(asked)),
                (latest.spec.runtime.as_ref(), wanted.spec.runtime.as_ref())
            );
            assert_ne!(observed, asked);
        }
        DeployPlanError::Kind { observed, wanted: asked } => {
            assert_eq!((*observed, Some(*asked)), (latest.spec.kind(), wanted.spec.kind));
            assert_ne!(observed, asked);
        }
        DeployPlanError::Protocol { observed, wanted: asked } => {
            assert_eq!(Some(asked), wanted.spec.protocol.as_ref());
            assert_eq!(*observed, latest.spec.protocol.clone().unwrap_or_default());
            assert_ne!(observed, asked);
        }
        DeployPlanError::RunsImage(_) => {
            assert!(latest.image.is_some() && !matches!(wanted.source, CodeSource::Image(_)));
        }
        DeployPlanError::RunsCode(_) => {
            assert!(latest.image.is_none() && matches!(wanted.source, CodeSource::Image(_)));
        }
        DeployPlanError::Status(status) => {
            assert!(matches!(status, Status::DeleteFailed | Status::Unknown), "{status}");
        }
        DeployPlanError::MatchRules { .. } => {
            let alias = held(observed, routed(wanted));
            let ruled = alias.is_some_and(|alias| !alias.routing.matches.is_empty());
            assert!(ruled && !wanted.force);
        }
        DeployPlanError::RolledBack { version, .. } => {
            let alias = held(observed, routed(wanted)).expect("there");
            assert!(rolled_back(alias).contains(version) && wanted.traffic.is_some());
        }
        DeployPlanError::Alias(error) => {
            let sharing = wanted.alias.as_ref().map(|alias| alias.sharing);
            assert!(matches!(sharing, Some(Sharing::Weights { .. })), "{error}");
        }
        DeployPlanError::Trigger(error) => panic!("not wanted: {error:?}"),
    }
}

/// Carries the steps out on paper and returns what is there then.
fn carry_out(observed: &Observed, wanted: &Wanted, decided: &DeployPlan) -> Observed {
    let mut world = observed.clone();
    let mut published = None;
    for step in &decided.steps {
        match step {
            Step::DeleteFailed => world = Observed::default(),
            Step::Create(creation, source) => {
                assert_eq!(world.latest, None, "created although it is there");
                let mut latest = ObservedFunction {
                    status: Status::Active,
                    spec: creation.spec.clone(),
                    image: None,
                    code_sha256: None,
                };
                run(&mut latest, source);
                world.latest = Some(latest);
                world.default_alias = Some(Alias {
                    name: DEFAULT_ALIAS.to_owned(),
                    routing: Routing::all_to(Version::Latest),
                    description: String::new(),
                    modified: String::new(),
                });
            }
            Step::UpdateCode { handler, source, settings } => {
                shielded(&world, wanted, decided.publishes());
                named(&world, decided);
                let latest = world.latest.as_mut().expect("there");
                latest.status = Status::Active;
                run(latest, source);
                let spec = &mut latest.spec;
                spec.handler = handler.clone().or(spec.handler.take());
                spec.configuration = settings.clone().or(spec.configuration.clone());
            }
            Step::UpdateConfiguration(changes) => {
                shielded(&world, wanted, decided.publishes());
                named(&world, decided);
                assert!(!changes.is_empty());
                let latest = world.latest.as_mut().expect("there");
                assert_eq!(latest.status, Status::Active, "before the code");
                let spec = &mut latest.spec;
                spec.configuration = changes.clone().or(spec.configuration.clone());
            }
            Step::Publish { description } => {
                assert_eq!(description, "text");
                assert_eq!(published, None, "published twice");
                let latest = world.latest.clone().expect("there");
                assert_eq!(latest.status, Status::Active);
                let highest = world.versions.iter().map(|version| version.version).max();
                let number = match highest {
                    Some(Version::Number(number)) => number + 1,
                    _ => 1,
                };
                published = Some(Version::Number(number));
                world.versions.push(PublishedVersion {
                    version: Version::Number(number),
                    description: description.clone(),
                    status: Some("Active".to_owned()),
                    added: None,
                    modified: None,
                });
                world.newest = Some(latest);
            }
            Step::CreateAlias { alias, to, description } => {
                let routing = target(&world, wanted, to, published);
                let found = held_mut(&mut world, alias);
                assert_eq!(*found, None, "created although it is there");
                let (name, description) = (alias.clone(), description.clone());
                *found = Some(Alias { name, routing, description, modified: String::new() });
            }
            Step::Route { alias, from, to, description, .. } => {
                let to = target(&world, wanted, to, published);
                let found = held_mut(&mut world, alias).as_mut().expect("there");
                assert_eq!(*from, found.routing, "taken for another routing");
                // A version that is new is named even where it gets nothing yet; weights that
                // the file gives also say which version is the main one.
                let new = alias::versions(&to).into_iter().any(|named| Some(named) == published);
                let described = description.as_ref().is_some_and(|text| *text != found.description);
                assert!(description.as_ref().is_none_or(|text| {
                    text.split_once('\n').map(|(_, marker)| marker)
                        == found.description.split_once('\n').map(|(_, marker)| marker)
                }));
                let moved = to.main != from.main || !to.same_effect(from);
                assert!(new || described || moved, "routed to where it is");
                found.routing = to;
                if let Some(text) = description {
                    found.description.clone_from(text);
                }
            }
            Step::Upload(_)
            | Step::Trigger(_)
            | Step::Attribute(_)
            | Step::DeleteAlias { .. }
            | Step::DeleteFunction { .. }
            | Step::DeleteVersion(_)
            | Step::Provision { .. }
            | Step::Adopt(_) => panic!("not wanted: {step:?}"),
        }
    }
    assert_eq!(decided.publishes(), published.is_some());
    world
}

/// Has a version run a source.
fn run(version: &mut ObservedFunction, source: &CodeSource) {
    (version.image, version.code_sha256) = match source {
        CodeSource::Package { sha256, .. } => (None, Some(sha256.clone())),
        CodeSource::Image(image) => (Some(image.clone()), None),
        CodeSource::Object(_) => (None, None),
    };
}

/// The alias that a deployment routes.
fn routed(wanted: &Wanted) -> &str {
    wanted.alias.as_ref().map_or(DEFAULT_ALIAS, |alias| &alias.name)
}

fn held<'o>(observed: &'o Observed, alias: &str) -> Option<&'o Alias> {
    let held = if alias == DEFAULT_ALIAS { &observed.default_alias } else { &observed.alias };
    held.as_ref()
}

fn held_mut<'o>(observed: &'o mut Observed, alias: &str) -> &'o mut Option<Alias> {
    if alias == DEFAULT_ALIAS { &mut observed.default_alias } else { &mut observed.alias }
}

/// The routing that a step sets, which the API must be able to take.
fn target(
    world: &Observed,
    wanted: &Wanted,
    to: &RoutingTarget,
    published: Option<Version>,
) -> Routing {
    let to = to.resolve(published).expect("a version that is there by then");
    usable(&to);
    let by_traffic =
        !matches!(wanted.alias, Some(NamedAlias { sharing: Sharing::Weights { .. }, .. }));
    for version in alias::versions(&to) {
        // Whoever names a version may name one whose publication failed.
        let there = |known: &PublishedVersion| {
            known.version == version && (known.can_serve() || !by_traffic)
        };
        let there = version == Version::Latest || world.versions.iter().any(there);
        assert!(there, "routed to {version}, which is not there");
    }
    to
}

/// What is asked for: each version with its share, where the wish is about routing at all.
fn asked(wanted: &Wanted, last: Option<Version>) -> Option<BTreeMap<Version, Weight>> {
    let (main, additional) = match wanted.alias.as_ref().map(|alias| alias.sharing) {
        Some(Sharing::Weights { main, additional }) => (main.or(last)?, additional),
        Some(Sharing::Traffic) | None => {
            let traffic = wanted.traffic?;
            (Version::Latest, last.map(|last| (last, traffic.complement())))
        }
    };
    let weight = additional.map_or(Weight::ZERO, |(_, weight)| weight);
    let mut shares = BTreeMap::from([(main, weight.complement())]);
    shares.extend(additional);
    shares.retain(|_, share| *share > Weight::ZERO);
    Some(shares)
}

/// New code never gets more requests than asked for, unless it is frozen as a version at once.
fn shielded(world: &Observed, wanted: &Wanted, publishes: bool) {
    let last = last_published(&world.versions);
    let (Some(asked), Some(alias)) = (asked(wanted, last), held(world, routed(wanted))) else {
        return;
    };
    let asked = asked.get(&Version::Latest).copied().unwrap_or(Weight::ZERO);
    if publishes {
        return;
    }
    assert!(alias.routing.share_of(Version::Latest) <= asked, "{}", alias.routing);
    // How much a rule sends is not known; it may be everything.
    let ruled = alias.routing.matches.iter().any(|rule| rule.version == Version::Latest);
    assert!(!ruled || asked == Weight::ONE, "{}", alias.routing);
}

/// Before the content of `$LATEST` changes, every alias that sends requests there is named.
fn named(world: &Observed, decided: &DeployPlan) {
    // A function that this plan creates is born with its alias.
    if decided.steps.iter().any(|step| matches!(step, Step::Create(..))) {
        return;
    }
    for alias in world.default_alias.iter().chain(&world.alias) {
        let named = decided.exposures.iter().find(|exposure| exposure.alias == alias.name);
        let share = alias.routing.share_of(Version::Latest);
        let ruled = alias.routing.matches.iter().any(|rule| rule.version == Version::Latest);
        assert_eq!(named.is_some(), share > Weight::ZERO || ruled, "{alias:?}");
        assert!(named.is_none_or(|named| named.share == share), "{alias:?}");
    }
}

/// The versions that an alias says were rolled back.
fn rolled_back(alias: &Alias) -> Vec<Version> {
    let Some((_, list)) = alias.description.split_once("scfctl v1 rolledback ") else {
        return Vec::new();
    };
    list.split(' ').map(|version| version.parse().expect("a version")).collect()
}

/// `traffic=` gives a version that was rolled back no more than it has.
fn stays_back(before: &Alias, after: &Routing, traffic: Weight) {
    assert_eq!(after.share_of(Version::Latest), traffic, "{after}");
    for version in rolled_back(before) {
        assert!(after.share_of(version) <= before.routing.share_of(version), "{version}: {after}");
    }
}

fn reached(before: &Observed, after: &Observed, wanted: &Wanted, decided: &DeployPlan) {
    let alias = routed(wanted);
    assert_eq!(decided.alias, alias);
    let other = if alias == DEFAULT_ALIAS { NAMED } else { DEFAULT_ALIAS };
    let born = |observed: &Observed| {
        observed.latest.as_ref().is_some_and(|latest| latest.status != Status::CreateFailed)
    };
    if born(before) {
        assert_eq!(held(before, other), held(after, other), "not asked for");
    }
    let Some(expected) = asked(wanted, after.last_version()) else {
        assert_eq!(held(before, alias).is_some(), held(after, alias).is_some() && born(before));
        if born(before) {
            assert_eq!(held(before, alias), held(after, alias), "not asked for");
        }
        return;
    };
    let alias = held(after, alias).expect("there");
    let routing = &alias.routing;
    assert!(routing.matches.is_empty(), "{routing}");
    shares_are_sound(routing);
    let by_traffic =
        !matches!(wanted.alias, Some(NamedAlias { sharing: Sharing::Weights { .. }, .. }));
    match (held(before, &alias.name), before.last_version(), wanted.traffic) {
        (Some(was), Some(last), Some(traffic))
            if by_traffic && !decided.publishes() && rolled_back(was).contains(&last) =>
        {
            stays_back(was, routing, traffic);
        }
        _ => assert_eq!(routing.shares(), expected),
    }
    if let Some(NamedAlias { sharing, description, .. }) = &wanted.alias {
        let described = |text: &String| alias.description.split('\n').next() == Some(text);
        assert!(description.as_ref().is_none_or(described));
        if let Sharing::Weights { main, .. } = sharing {
            assert_eq!(Some(routing.main), main.or(after.last_version()));
        }
    }
}

fn content_reached(after: &Observed, wanted: &Wanted) {
    let latest = after.latest.as_ref().expect("there");
    assert_eq!(latest.status, Status::Active);
    match &wanted.source {
        CodeSource::Package { sha256, .. } => assert_eq!(latest.code_sha256.as_ref(), Some(sha256)),
        CodeSource::Image(image) => {
            assert!(latest.image.as_ref().is_some_and(|held| image.is_held_by(held)), "{latest:?}");
        }
        CodeSource::Object(_) => assert_eq!(latest.code_sha256, None),
    }
    let has_handler = wanted.spec.handler.is_some() && latest.spec.kind() == FunctionKind::Event;
    assert!(!has_handler || wanted.spec.handler == latest.spec.handler);
    assert!(wanted.spec.configuration.changes_to(&latest.spec.configuration).is_empty());
    if wanted.publish != Publish::No {
        let newest = after.newest.as_ref().expect("published");
        let settings = |function: &ObservedFunction| function.spec.configuration.clone().frozen();
        assert_eq!(settings(newest), settings(latest));
        if let CodeSource::Package { .. } = wanted.source {
            assert_eq!(newest.code_sha256, latest.code_sha256);
        }
    }
}

fn said(observed: &Observed, wanted: &Wanted, decided: &DeployPlan) {
    for note in &decided.notes {
        match note {
            Note::NothingToChange => assert!(decided.steps.is_empty()),
            Note::NoPublishedVersion { traffic } => {
                assert_eq!(Some(*traffic), wanted.traffic);
                assert!(observed.last_version().is_none() && !decided.publishes());
            }
            Note::AlreadyPublished(version) => {
                assert_eq!(Some(*version), observed.last_version());
                assert!(!decided.publishes());
            }
            Note::LowersFirst { from, to, .. } => assert!(from > to),
            Note::ServesNewContent { exposures, .. } => {
                assert!(exposures.iter().all(|exposure| decided.exposures.contains(exposure)));
            }
            Note::MovesRest(Moved { to, share, serves, from, .. }) => {
                assert!(share > serves && !from.is_empty());
                assert_eq!(Some(*to), observed.last_version());
                let routing = &held(observed, routed(wanted)).expect("there").routing;
                assert_eq!(routing.share_of(*to), *serves);
                assert!(from.iter().all(|(version, share)| routing.share_of(*version) == *share));
            }
            Note::RolledBack { version, instead, .. } => {
                assert_eq!(Some(*version), observed.last_version());
                assert_ne!(version, instead);
            }
            Note::FreezesNewCode => assert!(decided.publishes()),
            Note::ObjectNotCompared(_) => assert!(matches!(wanted.source, CodeSource::Object(_))),
            Note::TagNotCompared(_) => assert!(matches!(wanted.source, CodeSource::Image(_))),
            other => panic!("not wanted: {other:?}"),
        }
    }
    assert_eq!(decided.steps.is_empty(), decided.notes.contains(&Note::NothingToChange));
}

fn alias_plan(held: &Alias, wish: &AliasWish, published: &[PublishedVersion]) {
    shares_are_sound(&held.routing);
    if let Ok(routing) = alias::create(wish) {
        as_wished(&routing, wish);
    }
    let routing = match alias::update(held, wish) {
        Ok(routing) => routing,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            if matches!(error, AliasPlanError::MatchRules { .. }) {
                assert!(!wish.force && !held.routing.matches.is_empty());
                assert!(matches!(wish.routing, RoutingWish::Weights(_)));
            }
            return;
        }
    };
    as_wished(&routing, wish);
    if wish.routing == RoutingWish::Unsaid {
        let kept = |(version, weight): &(Version, Weight)| {
            *version == wish.main || routing.additional.contains(&(*version, *weight))
        };
        assert!(held.routing.additional.iter().all(kept), "{routing} of {}", held.routing);
        assert_eq!(routing.matches, held.routing.matches);
    }
    let again = Alias { routing: routing.clone(), ..held.clone() };
    assert_eq!(
        alias::update(&again, &AliasWish { force: true, ..wish.clone() }),
        Ok(routing.clone())
    );

    let named = alias::versions(&routing);
    let there = |version: &Version| {
        *version == Version::Latest || published.iter().any(|known| known.version == *version)
    };
    let checked = alias::check_published(&named, published);
    assert_eq!(checked.is_ok(), named.iter().all(there), "{routing}: {checked:?}");
    let known = alias::versions(&held.routing);
    for version in &named {
        let proven = *version == Version::Latest || known.contains(version);
        let unproven = alias::unproven(&routing, Some(&held.routing)).contains(version);
        assert_eq!(proven, !unproven, "{version} of {routing}");
    }
}

fn as_wished(routing: &Routing, wish: &AliasWish) {
    usable(routing);
    assert_eq!(routing.main, wish.main);
    match &wish.routing {
        RoutingWish::Unsaid => {}
        RoutingWish::Weights(weights) => {
            assert!(routing.matches.is_empty());
            assert_eq!(routing.additional, *weights);
            for (version, weight) in weights {
                assert_eq!(routing.share_of(*version), *weight);
                assert_eq!(routing.share_of(wish.main), weight.complement());
            }
        }
        RoutingWish::Matches(rules) => {
            assert!(routing.additional.is_empty());
            assert_eq!(routing.matches, *rules);
        }
    }
}

/// What the API takes: one additional version that is not the main one, weights or rules, and
/// shares that are together one.
fn usable(routing: &Routing) {
    assert!(routing.additional.len() <= 1, "{routing}");
    assert!(routing.additional.is_empty() || routing.matches.is_empty(), "{routing}");
    let mut others = alias::versions(routing);
    others.retain(|version| *version != routing.main);
    assert!(others.len() <= 1, "{routing}");
    assert!(routing.additional.iter().all(|(version, _)| *version != routing.main), "{routing}");
    assert!(routing.matches.iter().all(|rule| rule.version != routing.main), "{routing}");
    shares_are_sound(routing);
}

fn shares_are_sound(routing: &Routing) {
    let weights = routing.additional.iter().map(|(_, weight)| *weight);
    let fits = weights.clone().try_fold(Weight::ZERO, Weight::checked_add).is_some();
    let shares = routing.shares();
    let together: Decimal = shares.values().map(|share| decimal(*share)).sum();
    if fits {
        assert_eq!(together, Decimal::ONE, "{routing:?}");
    }
    for weight in shares.values().copied().chain(weights) {
        let complement = weight.complement();
        assert!(weight >= Weight::ZERO && weight <= Weight::ONE, "{weight}");
        assert_eq!(decimal(weight) + decimal(complement), Decimal::ONE);
        // The number that is sent is read as the same decimal by everyone.
        let sent = serde_json::to_string(&weight).expect("a number");
        assert_eq!(sent.parse::<f64>().map(Weight::from_f64), Ok(Ok(weight)), "{sent}");
        assert_eq!(sent.parse::<f64>().map(Weight::observed), Ok(Ok(weight)), "{sent}");
    }
    assert!(routing.same_effect(routing) && !routing.to_string().is_empty());
}

fn decimal(weight: Weight) -> Decimal {
    let text = weight.to_string();
    let decimal: Decimal = text.parse().expect("a decimal");
    assert!(decimal.scale() <= FINEST && !text.contains(['e', '-']), "{text}");
    decimal
}
