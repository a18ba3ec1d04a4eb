//! Tables: observed and wanted state, and the expected steps.

use super::*;
use crate::model::{
    Alias, Attributes, Configuration, FunctionId, FunctionKind, FunctionSpec, MatchRule,
    PublishedVersion, Routing, Weight,
};
use crate::plan::{ObservedAttributes, ObservedFunction, ObservedTriggers};

fn weight(text: &str) -> Weight {
    text.parse().unwrap()
}

fn wanted() -> Wanted {
    Wanted {
        function: FunctionId {
            name: "api".into(),
            namespace: "default".into(),
            region: "ap-guangzhou".into(),
        },
        spec: FunctionSpec {
            runtime: Some("Python3.9".into()),
            handler: Some("index.main_handler".into()),
            ..FunctionSpec::default()
        },
        attributes: Attributes::default(),
        creation_defaults: FunctionSpec {
            kind: Some(FunctionKind::Event),
            protocol: None,
            runtime: Some("Nodejs10.15".into()),
            handler: Some("index.main_handler".into()),
            configuration: Configuration { memory_size: Some(128), ..Configuration::default() },
        },
        source: CodeSource::Package { sha256: "new".into(), upload: None },
        publish: Publish::No,
        publish_description: "text".into(),
        run: None,
        traffic: None,
        alias: None,
        provision: None,
        triggers: None,
        force: false,
        end_rollout: false,
    }
}

fn wanted_with(configuration: Configuration) -> Wanted {
    let mut wanted = wanted();
    wanted.spec.configuration = configuration;
    wanted
}

fn latest(code: &str) -> ObservedFunction {
    let configuration = Configuration { memory_size: Some(256), ..Configuration::default() };
    ObservedFunction::sample(Some(code), configuration)
}

fn observed(code: &str, versions: &[u64], routing: Routing) -> Observed {
    Observed {
        latest: Some(latest(code)),
        versions: versions
            .iter()
            .map(|number| PublishedVersion {
                version: Version::Number(*number),
                description: String::new(),
                status: Some("Active".into()),
                added: None,
                modified: None,
            })
            .collect(),
        default_alias: Some(Alias {
            name: DEFAULT_ALIAS.into(),
            routing,
            description: String::new(),
            modified: String::new(),
        }),
        alias: None,
        aliases: Vec::new(),
        unlisted: None,
        provisioned: Vec::new(),
        newest: None,
        attributes: ObservedAttributes::default(),
        triggers: ObservedTriggers::default(),
    }
}

fn actions(plan: &DeployPlan) -> Vec<&'static str> {
    plan.steps.iter().map(Step::action).collect()
}

fn shared(latest: &str, version: u64) -> Routing {
    Routing::split(Version::Latest, Version::Number(version), weight(latest).complement())
}

#[test]
fn the_order_of_steps() {
    let all_latest = Routing::all_to(Version::Latest);
    let with = |publish, traffic: Option<&str>| Wanted {
        publish,
        traffic: traffic.map(weight),
        ..wanted()
    };
    let absent = Observed::default();
    let table: [(&str, &Observed, Wanted, &[&str]); 9] = [
        ("first deploy", &absent, with(Publish::No, None), &["CreateFunction"]),
        ("first deploy with traffic", &absent, with(Publish::No, Some("0.1")), &["CreateFunction"]),
        (
            "first deploy, published",
            &absent,
            with(Publish::Always, Some("0.1")),
            &["CreateFunction", "PublishVersion", "UpdateAlias"],
        ),
        (
            "code differs",
            &observed("old", &[], all_latest.clone()),
            with(Publish::No, None),
            &["UpdateFunctionCode"],
        ),
        (
            "nothing differs",
            &observed("new", &[], all_latest.clone()),
            with(Publish::No, None),
            &[],
        ),
        (
            "publish=true traffic=0",
            &observed("old", &[4], shared("1", 4)),
            with(Publish::Always, Some("0")),
            &["UpdateFunctionCode", "PublishVersion", "UpdateAlias"],
        ),
        (
            "the share goes down: before the code",
            &observed("old", &[4], shared("1", 4)),
            with(Publish::No, Some("0.1")),
            &["UpdateAlias", "UpdateFunctionCode"],
        ),
        (
            "the share goes up: after the code",
            &observed("old", &[4], shared("0.1", 4)),
            with(Publish::No, Some("0.5")),
            &["UpdateFunctionCode", "UpdateAlias"],
        ),
        (
            "only traffic",
            &observed("new", &[4], shared("0.1", 4)),
            with(Publish::No, Some("1")),
            &["UpdateAlias"],
        ),
    ];
    for (name, observed, wanted, expected) in table {
        assert_eq!(actions(&plan(observed, &wanted).unwrap()), expected, "{name}");
    }
}

#[test]
fn without_a_published_version_traffic_changes_nothing() {
    let wanted = Wanted { traffic: Some(weight("0.3")), ..wanted() };
    let plan = plan(&observed("new", &[], Routing::all_to(Version::Latest)), &wanted).unwrap();
    assert_eq!(actions(&plan), [] as [&str; 0]);
    assert!(plan.notes.contains(&Note::NoPublishedVersion { traffic: weight("0.3") }));
}

#[test]
fn the_highest_number_is_the_last_version() {
    let wanted = Wanted { traffic: Some(weight("0.2")), ..wanted() };
    // `$DEFAULT` still routes to 3, and 10 sorts before 9 as text.
    let plan = plan(&observed("new", &[9, 10, 3], shared("0.2", 3)), &wanted).unwrap();
    let Step::Route { to, .. } = &plan.steps[0] else { panic!("{plan:?}") };
    assert_eq!(to.to_string(), "$LATEST: 0.2, 10: 0.8");
}

#[test]
fn a_configuration_change_counts_as_unreviewed_too() {
    let configuration = Configuration { timeout: Some(9), ..Configuration::default() };
    let wanted = Wanted { traffic: Some(weight("0.1")), ..wanted_with(configuration) };
    let plan = plan(&observed("new", &[4], shared("0.5", 4)), &wanted).unwrap();
    assert_eq!(actions(&plan), ["UpdateAlias", "UpdateFunctionConfiguration"]);
}

#[test]
fn a_key_that_is_not_said_stays() {
    let configuration =
        Configuration { memory_size: Some(256), timeout: Some(5), ..Configuration::default() };
    let wanted = wanted_with(configuration);
    let plan = plan(&observed("new", &[], Routing::all_to(Version::Latest)), &wanted).unwrap();
    assert_eq!(
        plan.steps,
        [Step::UpdateConfiguration(Configuration { timeout: Some(5), ..Configuration::default() })]
    );
}

#[test]
fn match_rules_are_not_replaced_unasked() {
    let mut routing = Routing::all_to(Version::Latest);
    routing.matches.push(MatchRule {
        version: Version::Number(4),
        key: "invoke.headers.User".into(),
        method: "exact".into(),
        expression: "Bob".into(),
    });
    let observed = observed("new", &[4], routing);
    let wanted = Wanted { traffic: Some(weight("0.5")), ..wanted() };
    assert!(matches!(plan(&observed, &wanted), Err(DeployPlanError::MatchRules { .. })));
    assert!(plan(&observed, &Wanted { force: true, ..wanted }).is_ok());
}

#[test]
fn what_match_rules_send_to_latest_is_lowered_first_too() {
    let mut routing = Routing::all_to(Version::Number(4));
    routing.matches.push(MatchRule {
        version: Version::Latest,
        key: "invoke.headers.User".into(),
        method: "range".into(),
        expression: "[0,90]".into(),
    });
    let observed = observed("old", &[4], routing);
    let wanted = Wanted { traffic: Some(weight("0.1")), force: true, ..wanted() };
    assert_eq!(actions(&plan(&observed, &wanted).unwrap()), ["UpdateAlias", "UpdateFunctionCode"]);
}

#[test]
fn failed_states() {
    let with_status = |status| {
        let mut observed = observed("new", &[], Routing::all_to(Version::Latest));
        observed.latest.as_mut().unwrap().status = status;
        observed
    };
    assert_eq!(
        actions(&plan(&with_status(Status::CreateFailed), &wanted()).unwrap()),
        ["DeleteFunction", "CreateFunction"]
    );
    assert_eq!(
        actions(&plan(&with_status(Status::UpdateFailed), &wanted()).unwrap()),
        ["UpdateFunctionCode"]
    );
    assert_eq!(
        plan(&with_status(Status::DeleteFailed), &wanted()),
        Err(DeployPlanError::Status(Status::DeleteFailed))
    );
}

#[test]
fn another_runtime_is_refused() {
    let mut wanted = wanted();
    wanted.spec.runtime = Some("Python3.10".into());
    let result = plan(&observed("old", &[], Routing::all_to(Version::Latest)), &wanted);
    assert!(matches!(result, Err(DeployPlanError::Runtime { .. })));
}

#[test]
fn if_changed_compares_with_the_newest_version() {
    let mut observed = observed("new", &[4], shared("1", 4));
    let wanted = Wanted { publish: Publish::IfChanged, traffic: Some(weight("0")), ..wanted() };
    observed.newest = Some(latest("new"));
    let same = plan(&observed, &wanted).unwrap();
    assert_eq!(actions(&same), ["UpdateAlias"]);
    assert!(same.notes.contains(&Note::AlreadyPublished(Version::Number(4))));
    observed.newest = Some(latest("old"));
    assert_eq!(actions(&plan(&observed, &wanted).unwrap()), ["PublishVersion", "UpdateAlias"]);
}
