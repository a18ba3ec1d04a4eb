//! create-alias, update-alias, list-alias.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use scfctl::local::{Fault, Place};
use serde_json::json;

use crate::sandbox::{FUNCTION, REGION, STALE, Sandbox};

/// A function with versions 1 to `count`, and no serverless.yml.
fn with_versions(count: usize, settings: &[&str]) -> Sandbox {
    let sandbox = Sandbox::with(|options| {
        for setting in settings {
            options.behaviour.set(setting).unwrap();
        }
    });
    sandbox.project();
    sandbox.type_in("deploy").ok();
    for _ in 0..count {
        sandbox.console("PublishVersion", json!({}));
    }
    std::fs::remove_file(sandbox.root().join("serverless.yml")).unwrap();
    sandbox
}

fn alias(sandbox: &Sandbox, command: &str, rest: &[&str]) -> crate::sandbox::Ran {
    let function = format!("function={FUNCTION}");
    let mut arguments = vec![command, "--inputs", "name=canary", &function];
    arguments.extend(rest);
    sandbox.run(&arguments)
}

#[test]
fn the_weights_arrive() {
    let sandbox = with_versions(2, &[]);
    let from = sandbox.calls().len();
    let ran =
        alias(&sandbox, "create-alias", &["version=1", r#"config={"weights":{"2":0.5}}"#]).ok();
    assert_eq!(sandbox.routing("canary"), json!({"1": 0.5, "2": 0.5}));
    assert!(
        ran.stdout.starts_with(
            "FunctionVersion: 1\nName:            canary\nRoutingConfig: \n  AdditionalVersionWeights: \n    - \n      \
             Version: 2\n      Weight:  0.5\n  AddtionVersionMatchs:     (empty array)\n\
             Description:     Published by Serverless Component\n"
        ),
        "{}",
        ran.stdout
    );
    assert_eq!(sandbox.actions_since(from), ["ListVersionByFunction", "CreateAlias", "GetAlias"]);
    let began = Instant::now();
    let ran = alias(&sandbox, "update-alias", &["version=1", r#"config={"weights":{"2":0.9}}"#]);
    let mut actions = ran.actions();
    // A look that is old by the time of the write is made once more.
    if began.elapsed() > STALE && actions[..2] == ["GetAlias", "GetAlias"] {
        actions.remove(0);
    }
    // Versions that the alias holds are there already: nothing is listed.
    assert_eq!(actions, ["GetAlias", "UpdateAlias", "GetAlias"]);
    ran.ok();
    assert_eq!(sandbox.routing("canary"), json!({"1": 0.1, "2": 0.9}));
    let call = sandbox.calls().pop().unwrap();
    assert_eq!(call.params["Name"], "canary");
}

#[test]
fn zero_one_and_latest_are_legal() {
    let sandbox = with_versions(2, &[]);
    alias(&sandbox, "create-alias", &["version=1", r#"config={"weights":{"$LATEST":0}}"#]).ok();
    assert_eq!(sandbox.routing("canary"), json!({"1": 1.0, "$LATEST": 0}));
    alias(&sandbox, "update-alias", &["version=1", r#"config={"weights":{"2":1}}"#])
        .ok()
        .says("to make 2 the main one: `scfctl update-alias --inputs function=demo-dev-shop name=canary version=2 config='");
    assert_eq!(sandbox.routing("canary"), json!({"1": 0.0, "2": 1}));
    alias(&sandbox, "update-alias", &["version=2", r#"config={"weights":{}}"#]).ok();
    assert_eq!(sandbox.routing("canary"), json!({"2": 1.0}));
    alias(&sandbox, "update-alias", &["version=$LATEST", r#"config={"weights":{"1":0.25}}"#]).ok();
    assert_eq!(sandbox.routing("canary"), json!({"$LATEST": 0.75, "1": 0.25}));
}

#[test]
fn the_command_that_a_note_advises_works_in_the_same_place() {
    let sandbox = with_versions(0, &[]);
    let region = "ap-tokyo";
    let apply = |action: &str, params: serde_json::Value| {
        sandbox.server().apply(action, params, region).unwrap()
    };
    apply("CreateNamespace", json!({"Namespace": "blue"}));
    let code = sandbox.calls().into_iter().find(|call| call.action == "CreateFunction").unwrap();
    let mut params = code.params;
    params["Namespace"] = "blue".into();
    apply("CreateFunction", params);
    let there = json!({"FunctionName": FUNCTION, "Namespace": "blue"});
    apply("PublishVersion", there.clone());
    apply("PublishVersion", there);
    let place = ["namespace=blue", "region=ap-tokyo"];
    alias(&sandbox, "create-alias", &[&["version=1"][..], &place].concat()).ok();
    let all = ["version=1", r#"config={"weights":{"2":1}}"#];
    alias(&sandbox, "update-alias", &[&all[..], &place].concat())
        .ok()
        .says("config='{\"weights\":{}}' namespace=blue region=ap-tokyo");
}

#[test]
fn what_is_not_said_stays() {
    for settings in [&["absent-description=keep"], &["absent-description=clear"]] {
        let sandbox = with_versions(3, settings);
        alias(
            &sandbox,
            "create-alias",
            &["version=1", r#"config={"weights":{"2":0.3}}"#, "description=mine"],
        )
        .ok();
        alias(&sandbox, "update-alias", &["version=3"]).ok();
        assert_eq!(sandbox.routing("canary"), json!({"3": 0.7, "2": 0.3}));
        let read = || sandbox.console("GetAlias", json!({"Name": "canary"}));
        assert_eq!(read()["Description"], "mine");
        // The additional version becomes the main one: its weight is gone.
        alias(&sandbox, "update-alias", &["version=2"]).ok();
        assert_eq!(sandbox.routing("canary"), json!({"2": 1.0}));
        alias(&sandbox, "update-alias", &["version=2", "description=yours"]).ok();
        assert_eq!(read()["Description"], "yours");
        let from = sandbox.calls().len();
        alias(&sandbox, "update-alias", &["version=2"]).ok().says("nothing is sent");
        sandbox.nothing_changed(from);
    }
}

#[test]
fn everything_to_one_version_under_every_reading_of_the_reference() {
    for settings in [
        ["absent-routing=clear", "empty-routing=clear"],
        ["absent-routing=clear", "empty-routing=keep"],
        ["absent-routing=keep", "empty-routing=clear"],
        ["absent-routing=keep", "empty-routing=keep"],
    ] {
        for (version, expected) in [("1", "1"), ("2", "2"), ("3", "3")] {
            let sandbox = with_versions(3, &settings);
            alias(&sandbox, "create-alias", &["version=1", r#"config={"weights":{"2":0.4}}"#]).ok();
            let version = format!("version={version}");
            alias(&sandbox, "update-alias", &[&version, r#"config={"weights":{}}"#]).ok();
            let routing = sandbox.routing("canary");
            assert_eq!(routing[expected], 1.0, "{settings:?} {version}: {routing}");
        }
    }
}

#[test]
fn what_the_api_cannot_do_is_refused_before_any_change() {
    let sandbox = with_versions(3, &[]);
    alias(&sandbox, "create-alias", &["version=1", r#"config={"weights":{"2":0.3}}"#]).ok();
    let from = sandbox.calls().len();
    for command in ["create-alias", "update-alias"] {
        for (rest, says) in [
            (vec!["version=1", r#"config={"weights":{"2":0.2,"3":0.3}}"#], "the API takes one"),
            (
                vec!["version=1", r#"config={"weights":{"1":0.2}}"#],
                "is the main version and the additional one",
            ),
            (vec!["version=1", r#"config={"weights":{"2":1.5}}"#], "outside 0 to 1"),
            (vec!["version=1", r#"config={"weights":{"2":-0}}"#], "outside 0 to 1"),
            (vec!["version=1", r#"config={"weights":{"2":"NaN"}}"#], "not a number"),
            (vec!["version=9"], "version 9 is not published; there are 1, 2, 3 and $LATEST"),
            (vec!["version=1", r#"config={"weights":{"7":0.1}}"#], "version 7 is not published"),
            (vec!["version=n", r#"config={"weights":{"n+1":0.1}}"#], "`n`, which is not a version"),
            (vec!["version="], "empty or not a version"),
            (vec![], "`version` is missing"),
            (vec!["version=1", "config=x"], r#"config='{"weights":{"2":0.1}}'"#),
            (vec!["version=1", r#"config={"weights":{"2":0.1}"#], "not valid JSON"),
        ] {
            // What is not there is not found, whoever asks for it.
            let code = if says.contains("is not published") { 3 } else { 2 };
            alias(&sandbox, command, &rest).fails(code).says(says);
        }
    }
    sandbox.nothing_changed(from);
    let function = format!("function={FUNCTION}");
    for command in ["create-alias", "update-alias"] {
        sandbox
            .run(&[command, "--inputs", &function, "version=1"])
            .fails(2)
            .says("`name` is missing");
    }
}

#[test]
fn an_alias_that_is_there_already() {
    let sandbox = with_versions(2, &[]);
    let create = |config: &str| alias(&sandbox, "create-alias", &["version=1", config]);
    create(r#"config={"weights":{"2":0.5}}"#).ok();
    // The same again is what was asked for; anything else is not.
    create(r#"config={"weights":{"2":0.5}}"#).ok();
    create(r#"config={"weights":{"2":0.6}}"#).fails(5).says("change it with update-alias");
    assert_eq!(sandbox.routing("canary"), json!({"1": 0.5, "2": 0.5}));
}

#[test]
fn match_rules_are_kept_or_replaced_only_on_purpose() {
    let sandbox = with_versions(2, &[]);
    let rules = r#"config={"matches":[{"Version":"2","Key":"invoke.headers.User","Method":"exact","Expression":"Bob"}]}"#;
    alias(&sandbox, "create-alias", &["version=1", rules]).ok();
    let read = || {
        sandbox.console("GetAlias", json!({"Name": "canary"}))["RoutingConfig"]["AddtionVersionMatchs"].clone()
    };
    let rule = json!([{"Version": "2", "Key": "invoke.headers.User", "Method": "exact", "Expression": "Bob"}]);
    assert_eq!(read(), rule);
    let from = sandbox.calls().len();
    alias(&sandbox, "update-alias", &["version=1", r#"config={"weights":{"2":0.5}}"#])
        .fails(5)
        .says("invoke.headers.User exact Bob to 2")
        .says("--force");
    sandbox.nothing_changed(from);
    alias(&sandbox, "update-alias", &["version=1", "description=other"]).ok();
    assert_eq!(read(), rule);
    // The rules stay, so the version that they name cannot be the main one too.
    let from = sandbox.calls().len();
    alias(&sandbox, "update-alias", &["version=2"])
        .fails(2)
        .says("send requests to version 2 (invoke.headers.User exact Bob to 2)")
        .says("to send everything to 2: `--force --inputs version=2");
    sandbox.nothing_changed(from);
    let ran = sandbox.run(&["list-alias", "--inputs", &format!("function={FUNCTION}")]).ok();
    assert!(ran.stdout.contains("1 100%  2 when invoke.headers.User exact Bob"), "{}", ran.stdout);
    alias(&sandbox, "update-alias", &["--force", "version=1", r#"config={"weights":{"2":0.5}}"#])
        .ok();
    assert_eq!(read(), json!([]));
    assert_eq!(sandbox.routing("canary"), json!({"1": 0.5, "2": 0.5}));
}

#[test]
fn an_alias_with_several_entries_is_shown_whole() {
    let sandbox = with_versions(3, &[]);
    alias(&sandbox, "create-alias", &["version=1"]).ok();
    let entries = json!({"AdditionalVersionWeights": [
        {"Version": "2", "Weight": 0.2}, {"Version": "3", "Weight": 0.05},
    ]});
    sandbox.server().set_routing(&Place::new(REGION, FUNCTION), "canary", "1", &entries).unwrap();
    let ran = sandbox
        .run(&["list-alias", "--inputs", &format!("function={FUNCTION}"), "name=canary"])
        .ok();
    assert_eq!(
        ran.stdout,
        "alias   share\ncanary  ███████████████░░░░▒  █ 1 75%  ░ 2 20%  ▒ 3 5%\n"
    );
    alias(&sandbox, "update-alias", &["version=1"]).fails(2).says("say the weights anew");
}

#[test]
fn all_pages_are_listed_with_exact_weights() {
    for setting in ["page-limit=3", "page-limit=20", "page-limit=100"] {
        let sandbox = with_versions(2, &[setting]);
        for number in 0..7 {
            let config = json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.01}]});
            sandbox.console(
                "CreateAlias",
                json!({"Name": format!("a{number}"), "FunctionVersion": "1", "RoutingConfig": config}),
            );
        }
        let function = format!("function={FUNCTION}");
        let json =
            sandbox.run(&["list-alias", "--output", "json", "--inputs", &function]).ok().json();
        assert_eq!(json["aliases"].as_array().unwrap().len(), 8, "{setting}");
        let of_two = sandbox
            .run(&["list-alias", "--output", "json", "--inputs", &function, "version=2"])
            .ok()
            .json();
        assert_eq!(of_two["aliases"].as_array().unwrap().len(), 7);
        let one = &of_two["aliases"][0];
        assert_eq!(one["mainVersion"], "1");
        assert_eq!(one["additionalVersionWeights"], json!([{"version": "2", "weight": 0.01}]));
        let text = sandbox.run(&["list-alias", "--inputs", &function, "name=a3"]).ok().stdout;
        assert_eq!(text, "alias  share\na3     ███████████████████░  █ 1 99%  ░ 2 1%\n");
    }
}

#[test]
fn what_does_not_exist_has_a_nearest_name() {
    let sandbox = with_versions(1, &[]);
    sandbox.console("CreateAlias", json!({"Name": "alias-prod", "FunctionVersion": "1"}));
    let function = format!("function={FUNCTION}");
    // The document itself has this misspelling.
    sandbox
        .run(&["update-alias", "--inputs", &function, "name=alais-prod", "version=1"])
        .fails(3)
        .says("no alias `alais-prod` on function `demo-dev-shop`")
        .says("did you mean `alias-prod`?");
    sandbox
        .run(&["list-alias", "--inputs", &function, "name=alais-prod"])
        .fails(3)
        .says("did you mean `alias-prod`?");
    for command in ["list-alias", "publish-ver"] {
        sandbox
            .run(&[command, "--inputs", "function=demo-dev-shpo"])
            .fails(3)
            .says("did you mean `demo-dev-shop`?");
    }
    sandbox
        .run(&["create-alias", "--inputs", "function=demo-dev-shpo", "name=a", "version=1"])
        .fails(3)
        .says("did you mean `demo-dev-shop`?");
}

#[test]
fn the_files_name_is_the_functions_not_the_aliass() {
    let sandbox = with_versions(1, &[]);
    sandbox.yaml("  name: demo-dev-shop\n  description: of the function\n  version: '1'\n");
    // What is missing is missing on the command line, whatever the file says.
    sandbox
        .run(&["create-alias", "--inputs", "version=1"])
        .fails(2)
        .says("`name` is missing (--inputs)");
    sandbox.run(&["create-alias", "--inputs", "name=canary", "version=1"]).ok();
    let read = sandbox.console("GetAlias", json!({"Name": "canary"}));
    assert_eq!(read["Description"], "Published by Serverless Component");
    sandbox.run(&["update-alias", "--inputs", "name=canary"]).fails(2).says("`version` is missing");
    sandbox.file(
        "serverless.yml",
        "component: scf\nname: demo\napp: shop\ncommandInputs:\n  update-alias:\n    name: canary\n    version: $LATEST\n",
    );
    sandbox.type_in("update-alias").ok();
    assert_eq!(sandbox.routing("canary"), json!({"$LATEST": 1.0}));
}

#[test]
fn someone_elses_change_meanwhile_is_a_conflict() {
    let sandbox = with_versions(3, &[]);
    alias(&sandbox, "create-alias", &["version=1", r#"config={"weights":{"2":0.1}}"#]).ok();
    // Version 3 is not of the alias, so it is looked up, and the alias is looked at again; right
    // before that, the console changes it.
    let meddle = |sandbox: &Sandbox, first: Fault| {
        let server = sandbox.server().clone();
        let looks = AtomicU32::new(0);
        sandbox.faulty(move |call| {
            if call.action != "GetAlias" {
                return Fault::None;
            }
            match looks.fetch_add(1, Ordering::SeqCst) {
                0 => return first.clone(),
                1 => {}
                _ => return Fault::None,
            }
            let server = server.clone();
            Fault::Before(Arc::new(move || {
                let params =
                    json!({"FunctionName": FUNCTION, "Name": "canary", "FunctionVersion": "2"});
                server.apply("UpdateAlias", params, REGION).unwrap();
            }))
        });
    };
    meddle(&sandbox, Fault::None);
    let from = sandbox.calls().len();
    let wanted = ["version=1", r#"config={"weights":{"3":0.1}}"#];
    alias(&sandbox, "update-alias", &wanted)
        .fails(5)
        .says("someone else changed alias `canary`")
        .says("it was 1: 0.9, 2: 0.1")
        .says("now it is 2: 1");
    sandbox.nothing_changed(from);
    // So it is where nothing is looked up, but the read was slow.
    sandbox.healthy();
    let held = json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.1}]});
    sandbox.console(
        "UpdateAlias",
        json!({"Name": "canary", "FunctionVersion": "1", "RoutingConfig": held}),
    );
    meddle(&sandbox, Fault::Delay(Duration::from_millis(600)));
    let from = sandbox.calls().len();
    alias(&sandbox, "update-alias", &["version=1", r#"config={"weights":{"2":0.5}}"#])
        .fails(5)
        .says("now it is 2: 1");
    sandbox.nothing_changed(from);
    // With --force it is overwritten.
    meddle(&sandbox, Fault::None);
    alias(&sandbox, "update-alias", &[&["--force"][..], &wanted].concat()).ok();
    assert_eq!(sandbox.routing("canary"), json!({"1": 0.9, "3": 0.1}));
}

#[test]
fn a_lost_answer_is_looked_for() {
    for fault in
        [Fault::DropAfter, Fault::Truncated, Fault::HttpAfter { status: 502, body: String::new() }]
    {
        let sandbox = with_versions(2, &[]);
        for action in ["CreateAlias", "UpdateAlias"] {
            sandbox.once(action, fault.clone());
            let command = if action == "CreateAlias" { "create-alias" } else { "update-alias" };
            let weight = if action == "CreateAlias" { "0.5" } else { "0.25" };
            alias(
                &sandbox,
                command,
                &["version=1", &format!("config={{\"weights\":{{\"2\":{weight}}}}}")],
            )
            .ok();
            assert_eq!(sandbox.routing("canary")["2"].to_string(), weight);
        }
    }
}

#[test]
fn dry_runs_change_nothing() {
    let sandbox = with_versions(2, &[]);
    let from = sandbox.calls().len();
    let json = alias(
        &sandbox,
        "create-alias",
        &["--dry-run", "--output", "json", "version=1", r#"config={"weights":{"2":0.1}}"#],
    )
    .ok()
    .json();
    assert_eq!(json["routingChange"], json!({"before": null, "after": {"1": 0.9, "2": 0.1}}));
    assert_eq!(json["calls"][0]["action"], "CreateAlias");
    sandbox.nothing_changed(from);
    alias(&sandbox, "create-alias", &["version=1"]).ok();
    let from = sandbox.calls().len();
    let ran = alias(
        &sandbox,
        "update-alias",
        &["--dry-run", "version=1", r#"config={"weights":{"2":0.1}}"#],
    )
    .ok();
    assert!(ran.stdout.contains("route `canary`: 1: 1 -> 1: 0.9, 2: 0.1"), "{}", ran.stdout);
    sandbox.nothing_changed(from);
}

#[test]
fn deleting_needs_a_name_and_spares_what_triggers_use() {
    for setting in ["alias-with-triggers=keep", "alias-with-triggers=remove"] {
        let sandbox = with_versions(2, &[setting]);
        let function = format!("function={FUNCTION}");
        alias(&sandbox, "create-alias", &["version=1"]).ok();
        let from = sandbox.calls().len();
        sandbox.run(&["delete-alias", "--inputs", &function]).fails(2).says("`name` is missing");
        sandbox
            .run(&["delete-alias", "--inputs", &function, "name=$DEFAULT"])
            .fails(2)
            .says("cannot be deleted");
        sandbox
            .run(&["delete-alias", "--inputs", &function, "name=canry"])
            .fails(3)
            .says("did you mean `canary`?");
        sandbox.console(
            "CreateTrigger",
            json!({"TriggerName": "tick", "Type": "timer", "TriggerDesc": "0 0 * * * * *", "Qualifier": "canary", "Enable": "OPEN"}),
        );
        alias(&sandbox, "delete-alias", &[]).fails(5).says("timer `tick`").says("--force");
        let shown = alias(&sandbox, "delete-alias", &["--force", "--dry-run"]).ok().stdout;
        assert!(shown.contains("delete alias `canary`, which routes 1: 1"), "{shown}");
        sandbox.nothing_changed(from);
        let ran = alias(&sandbox, "delete-alias", &["--force"]).ok();
        assert!(ran.stdout.starts_with("RequestId: "), "{}", ran.stdout);
        assert_eq!(sandbox.console("ListAliases", json!({}))["TotalCount"], 1, "{setting}");
        assert_eq!(sandbox.versions(), ["1", "2"]);
    }
}

#[test]
fn a_lost_deletion_is_looked_for() {
    for fault in
        [Fault::DropAfter, Fault::DropBefore, Fault::Http { status: 503, body: String::new() }]
    {
        let sandbox = with_versions(1, &[]);
        alias(&sandbox, "create-alias", &["version=1"]).ok();
        sandbox.once("DeleteAlias", fault.clone());
        alias(&sandbox, "delete-alias", &[]).ok();
        assert_eq!(sandbox.console("ListAliases", json!({}))["TotalCount"], 1);
    }
}
