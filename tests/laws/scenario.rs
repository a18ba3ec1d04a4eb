//! What the planner may be asked, out of any bytes.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Result, Unstructured};
use rust_decimal::Decimal;
use scfctl::model::{
    Alias, Attributes, CodeSource, Configuration, CosObject, DEFAULT_ALIAS, FunctionId,
    FunctionKind, FunctionSpec, Image, MatchRule, PublishedVersion, Routing, Status, Version,
    Weight,
};
use scfctl::model::{AliasWish, RoutingWish};
use scfctl::model::{NamedAlias, Sharing};
use scfctl::plan::{Observed, ObservedFunction, Publish, Wanted};

/// Version numbers that there may be.
const NUMBERS: [u64; 6] = [1, 2, 3, 9, 10, u64::MAX - 1];
/// The alias that a deployment may route in place of `$DEFAULT`.
pub const NAMED: &str = "prod";
const WEIGHTS: [&str; 9] = ["0", "1", "0.1", "0.2", "0.3", "0.5", "0.7", "0.9", "0.01"];
pub const FINEST: u32 = 6;

/// A function as it is found, and what is wanted of it and of one of its aliases.
///
/// Each choice takes one byte, so that a seed can be written by hand: first the function, then
/// what `deploy` wants, then the alias and what is wanted of it.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub observed: Observed,
    pub wanted: Wanted,
    pub alias: Alias,
    pub alias_wish: AliasWish,
}

impl<'a> Arbitrary<'a> for Scenario {
    fn arbitrary(from: &mut Unstructured<'a>) -> Result<Self> {
        let observed = observed(from)?;
        let wanted = wanted(from)?;
        let alias = Alias {
            name: "blue".to_owned(),
            routing: routing(from)?,
            description: String::new(),
            modified: String::new(),
        };
        let alias_wish = AliasWish {
            name: "blue".to_owned(),
            main: version(from)?,
            routing: match one_of(from, 3)? {
                0 => RoutingWish::Weights(some(from, |from| Ok((version(from)?, weight(from)?)))?),
                1 => RoutingWish::Unsaid,
                _ => RoutingWish::Matches(some(from, rule)?),
            },
            description: None,
            force: flag(from)?,
            end_rollout: false,
        };
        // At the end, so that a seed without them is one without versions that were rolled back.
        let mut observed = observed;
        let rolled_back = some(from, |from| Ok(NUMBERS[one_of(from, NUMBERS.len())?].to_string()))?;
        if !rolled_back.is_empty() {
            let marker = format!("scfctl v1 rolledback {}", rolled_back.join(" "));
            for alias in observed.default_alias.iter_mut().chain(&mut observed.alias) {
                alias.description = format!("there\n{marker}");
            }
        }
        Ok(Self { observed, wanted, alias, alias_wish })
    }
}

/// A choice from `0..count`, by one byte.
fn one_of(from: &mut Unstructured<'_>, count: usize) -> Result<usize> {
    from.int_in_range(0..=count - 1)
}

fn flag(from: &mut Unstructured<'_>) -> Result<bool> {
    Ok(one_of(from, 2)? == 1)
}

fn some<T>(
    from: &mut Unstructured<'_>,
    mut one: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let count = one_of(from, 4)?;
    (0..count).map(|_| one(from)).collect()
}

fn version(from: &mut Unstructured<'_>) -> Result<Version> {
    Ok(match one_of(from, NUMBERS.len() + 1)? {
        0 => Version::Latest,
        place => Version::Number(NUMBERS[place - 1]),
    })
}

fn weight(from: &mut Unstructured<'_>) -> Result<Weight> {
    let choice = one_of(from, WEIGHTS.len() + 3)?;
    if let Some(text) = WEIGHTS.get(choice) {
        return Ok(text.parse().expect("a weight"));
    }
    let places = from.int_in_range(0..=FINEST)?;
    let value = from.int_in_range(0..=10_i64.pow(places))?;
    Ok(Weight::new(Decimal::new(value, places)).expect("a weight"))
}

fn rule(from: &mut Unstructured<'_>) -> Result<MatchRule> {
    Ok(MatchRule {
        version: version(from)?,
        key: "invoke.headers.User".to_owned(),
        method: "exact".to_owned(),
        expression: "Bob".to_owned(),
    })
}

/// A routing as it may have been left behind: other tools store several weights.
fn routing(from: &mut Unstructured<'_>) -> Result<Routing> {
    let mut routing = Routing::all_to(version(from)?);
    routing.additional = some(from, |from| Ok((version(from)?, weight(from)?)))?;
    // The API refuses both together.
    if routing.additional.is_empty() {
        routing.matches = some(from, rule)?;
    }
    Ok(routing)
}

fn configuration(from: &mut Unstructured<'_>) -> Result<Configuration> {
    let mut made = Configuration::default();
    match one_of(from, 4)? {
        0 => {}
        1 => made.memory_size = Some(128),
        2 => made.memory_size = Some(256),
        _ => {
            made.timeout = Some(3);
            made.environment = Some(BTreeMap::from([("A".to_owned(), "1".to_owned())]));
        }
    }
    Ok(made)
}

fn pick(from: &mut Unstructured<'_>, texts: &[&str]) -> Result<Option<String>> {
    let place = one_of(from, texts.len() + 1)?;
    Ok(texts.get(place).map(|text| (*text).to_owned()))
}

fn kind(from: &mut Unstructured<'_>) -> Result<FunctionKind> {
    Ok(if one_of(from, 8)? == 7 { FunctionKind::Web } else { FunctionKind::Event })
}

fn protocol(from: &mut Unstructured<'_>) -> Result<Option<String>> {
    Ok((one_of(from, 8)? == 7).then(|| "WS".to_owned()))
}

fn image(plain: bool) -> Image {
    let uri = if plain { "r/n/i:1" } else { "r/n/i@sha256:2" };
    let command = (!plain).then(|| "python".to_owned());
    Image { uri: uri.to_owned(), kind: "personal".to_owned(), command, ..Image::default() }
}

fn source(from: &mut Unstructured<'_>) -> Result<CodeSource> {
    Ok(match one_of(from, 9)? {
        place @ 6..8 => CodeSource::Image(image(place == 6)),
        8 => CodeSource::Object(CosObject {
            bucket: "b".to_owned(),
            object: "/o.zip".to_owned(),
            region: None,
        }),
        _ => CodeSource::Package { sha256: "new".to_owned(), upload: None },
    })
}

fn function(from: &mut Unstructured<'_>) -> Result<ObservedFunction> {
    const STATUSES: [Status; 7] = [
        Status::Active,
        Status::Active,
        Status::UpdateFailed,
        Status::PublishFailed,
        Status::CreateFailed,
        Status::DeleteFailed,
        Status::Unknown,
    ];
    let status = STATUSES[one_of(from, STATUSES.len())?];
    let runtime = pick(from, &["Python3.9", "Nodejs18.15"])?;
    let handler = pick(from, &["index.main", "other.main"])?;
    let configuration = configuration(from)?;
    let code_sha256 = pick(from, &["old", "new"])?;
    let kind = Some(kind(from)?);
    let image = match one_of(from, 8)? {
        place @ 6.. => Some(image(place == 6)),
        _ => None,
    };
    let protocol = protocol(from)?;
    let spec = FunctionSpec { kind, protocol, runtime, handler, configuration };
    Ok(ObservedFunction { status, spec, image, code_sha256 })
}

fn observed(from: &mut Unstructured<'_>) -> Result<Observed> {
    let mut observed = Observed::default();
    if one_of(from, 8)? == 7 {
        return Ok(observed);
    }
    let latest = function(from)?;
    let born = latest.status != Status::CreateFailed;
    observed.latest = Some(latest);
    // What was never created has neither versions nor routing.
    if born {
        let statuses = ["Active", "Publishing", "PublishFailed"];
        for number in NUMBERS {
            let status = match one_of(from, 6)? {
                0..=2 => continue,
                place => statuses[place - 3],
            };
            observed.versions.push(PublishedVersion {
                version: Version::Number(number),
                description: String::new(),
                status: Some(status.to_owned()),
                added: None,
                modified: None,
            });
        }
        observed.default_alias = Some(Alias {
            name: DEFAULT_ALIAS.to_owned(),
            routing: routing(from)?,
            description: String::new(),
            modified: String::new(),
        });
        if observed.last_version().is_some() {
            observed.newest = Some(function(from)?);
        }
        if flag(from)? {
            observed.alias = Some(Alias {
                name: NAMED.to_owned(),
                routing: routing(from)?,
                description: "there".to_owned(),
                modified: String::new(),
            });
        }
    }
    Ok(observed)
}

fn named_alias(from: &mut Unstructured<'_>, publish: Publish) -> Result<Option<NamedAlias>> {
    let sharing = match one_of(from, 6)? {
        0..=3 => return Ok(None),
        4 => Sharing::Traffic,
        _ => Sharing::Weights {
            // Only what this run publishes can go without saying.
            main: if publish == Publish::No || flag(from)? { Some(version(from)?) } else { None },
            additional: if flag(from)? { Some((version(from)?, weight(from)?)) } else { None },
        },
    };
    let description = pick(from, &["there", "mine"])?;
    Ok(Some(NamedAlias { name: NAMED.to_owned(), sharing, description }))
}

fn wanted(from: &mut Unstructured<'_>) -> Result<Wanted> {
    let traffic = if flag(from)? { None } else { Some(weight(from)?) };
    let publish = [Publish::No, Publish::Always, Publish::IfChanged][one_of(from, 3)?];
    let force = flag(from)?;
    let runtime = pick(from, &["Python3.9", "Nodejs18.15"])?;
    let handler = pick(from, &["index.main", "other.main"])?;
    let configuration = configuration(from)?;
    let kind = Some(kind(from)?).filter(|kind| *kind == FunctionKind::Web);
    let source = source(from)?;
    let protocol = protocol(from)?;
    Ok(Wanted {
        traffic,
        publish,
        force,
        end_rollout: false,
        spec: FunctionSpec { kind, protocol, runtime, handler, configuration },
        creation_defaults: FunctionSpec {
            runtime: Some("Nodejs10.15".to_owned()),
            handler: Some("index.main_handler".to_owned()),
            configuration: Configuration { memory_size: Some(128), ..Configuration::default() },
            ..FunctionSpec::default()
        },
        function: FunctionId {
            name: "f".to_owned(),
            namespace: "default".to_owned(),
            region: "ap-x".to_owned(),
        },
        source,
        alias: named_alias(from, publish)?,
        attributes: Attributes::default(),
        provision: None,
        publish_description: "text".to_owned(),
        run: None,
        triggers: None,
    })
}
