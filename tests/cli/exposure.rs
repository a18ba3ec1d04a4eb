//! Who is served by new content, and by which version the rest is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use scfctl::local::{Fault, Handle};
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, REGION, Ran, Sandbox};

/// The notes and warnings of a command, in order.
fn told(ran: &Ran) -> Vec<&str> {
    ran.stderr
        .lines()
        .filter(|line| line.starts_with("note: ") || line.starts_with("warning: "))
        .collect()
}

/// A function with version 1, which serves everything, and aliases with these parameters.
fn with_aliases(aliases: &[(&str, Value)]) -> Sandbox {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    for (name, params) in aliases {
        let mut params = params.clone();
        params["Name"] = (*name).into();
        sandbox.console("CreateAlias", params);
    }
    sandbox
}

fn weighted(main: &str, other: &str, weight: f64) -> Value {
    json!({
        "FunctionVersion": main,
        "RoutingConfig": {"AdditionalVersionWeights": [{"Version": other, "Weight": weight}]},
    })
}

/// Sets an alias as the console would.
fn set(sandbox: &Sandbox, name: &str, params: &Value) {
    let mut params = params.clone();
    params["Name"] = name.into();
    sandbox.console("UpdateAlias", params);
}

#[test]
fn every_alias_that_latest_serves_is_named_before_its_content_changes() {
    let ruled = json!({
        "FunctionVersion": "1",
        "RoutingConfig": {"AddtionVersionMatchs": [{
            "Version": "$LATEST", "Key": "invoke.headers.User", "Method": "exact", "Expression": "Bob",
        }]},
    });
    let sandbox = with_aliases(&[
        ("beta", json!({"FunctionVersion": "$LATEST"})),
        ("live", weighted("1", "$LATEST", 0.3)),
        ("main", weighted("$LATEST", "1", 0.6)),
        ("quiet", json!({"FunctionVersion": "1"})),
        ("vip", ruled),
        ("zero", weighted("$LATEST", "1", 1.0)),
    ]);
    let others =
        "100% of beta, 30% of live, 40% of main, what matches invoke.headers.User exact Bob of vip";
    let list = json!([
        {"aliasName": "beta", "share": 1},
        {"aliasName": "live", "share": 0.3},
        {"aliasName": "main", "share": 0.4},
        {"aliasName": "vip", "share": 0, "matches": [{
            "version": "$LATEST", "key": "invoke.headers.User", "method": "exact", "expression": "Bob",
        }]},
    ]);
    sandbox.change_code("two");
    let from = sandbox.calls().len();
    let said =
        [format!("note: $LATEST serves {others}, so the new content serves as much at once")];
    for line in [
        "deploy --dry-run",
        "deploy --dry-run --output json",
        "deploy --dry-run --inputs traffic=0",
    ] {
        let ran = sandbox.type_in(line).ok();
        assert_eq!(told(&ran), said, "{line}");
        assert!(ran.stdout.contains("newContentServedBy") && ran.stdout.contains("beta"), "{line}");
        if line.ends_with("json") {
            assert_eq!(ran.json()["newContentServedBy"], list);
        }
    }
    sandbox.nothing_changed(from);
    // One page, beside the other reads of each of the three.
    let listed = sandbox.actions_since(from).into_iter().filter(|action| action == "ListAliases");
    assert_eq!(listed.count(), 3);
    // By the settings too, and by the run that changes them.
    for (yaml, line) in [
        ("", "deploy --output json"),
        ("  timeout: 9\n", "deploy --output json --inputs traffic=0"),
    ] {
        sandbox.yaml(yaml);
        let ran = sandbox.type_in(line).ok();
        assert_eq!(told(&ran), said, "{line}");
        assert_eq!(ran.json()["newContentServedBy"], list);
    }
    // In text the result is that of the real CLI.
    sandbox.change_code("three");
    let ran = sandbox.type_in("deploy").ok();
    assert_eq!(told(&ran), said);
    assert!(!ran.stdout.contains("newContentServedBy"), "{}", ran.stdout);
    // It is not among what `-q` leaves out.
    sandbox.change_code("four");
    assert_eq!(told(&sandbox.type_in("deploy -q").ok()), said);
    // What only people read changes nothing for requests.
    sandbox.yaml("  description: mine\n");
    let ran = sandbox.type_in("deploy").ok();
    assert_eq!(told(&ran), [""; 0]);
    // Nothing changes, nothing is said.
    let ran = sandbox.type_in("deploy --output json").ok();
    assert_eq!(told(&ran), ["note: everything is as asked already; nothing is sent"]);
    assert_eq!(ran.json().get("newContentServedBy"), None);
}

#[test]
fn the_alias_of_the_run_is_named_with_what_it_gives_by_then() {
    let sandbox = with_aliases(&[("live", weighted("1", "$LATEST", 0.1))]);
    let mut code = 0;
    let mut deploy = |inputs: &str| {
        code += 1;
        sandbox.change_code(&format!("code {code}"));
        let ran = sandbox.type_in(&format!("deploy --output json {inputs}")).ok();
        let told: Vec<String> = told(&ran).into_iter().map(str::to_owned).collect();
        (told, ran.json()["newContentServedBy"].clone())
    };
    let once = "so the new content serves as much at once";
    let default = |share: f64| json!({"aliasName": "$DEFAULT", "share": share});
    let live = |share: f64| json!({"aliasName": "live", "share": share});
    set(&sandbox, "$DEFAULT", &weighted("$LATEST", "1", 0.5));
    // Another alias is the run's.
    let (told, list) = deploy("--inputs aliasName=live traffic=0.1");
    assert_eq!(told, [format!("note: $LATEST serves 50% of $DEFAULT, 10% of live, {once}")]);
    assert_eq!(list, json!([default(0.5), live(0.1)]));
    // It is left alone.
    let (told, list) = deploy("--inputs aliasName=live");
    assert_eq!(
        told[1..],
        [format!(
            "note: $LATEST serves 50% of $DEFAULT, 10% of live, {once}; give `traffic` to say how much of $DEFAULT"
        )]
    );
    assert!(
        told[0].starts_with("warning: alias `live` (argument `aliasName=live`) is left as it is")
    );
    assert_eq!(list, json!([default(0.5), live(0.1)]));
    // Its share goes up after the content.
    let (told, list) = deploy("--inputs traffic=0.75");
    assert_eq!(told, [format!("note: $LATEST serves 50% of $DEFAULT, 10% of live, {once}")]);
    assert_eq!(list, json!([default(0.5), live(0.1)]));
    // And down before: it is named there, and gives less by then.
    let (told, list) = deploy("--inputs traffic=0.25");
    assert_eq!(told, [
        "note: $LATEST serves 75% of $DEFAULT now; its share goes down to 25% before its content changes".to_owned(),
        format!("note: $LATEST serves 10% of live, {once}"),
    ]);
    assert_eq!(list, json!([default(0.25), live(0.1)]));
    // What is published serves by then what the alias gives before it is routed.
    let (told, list) = deploy("--inputs publish=true traffic=0");
    assert_eq!(told[1], format!("note: $LATEST serves 25% of $DEFAULT, 10% of live, {once}"));
    assert_eq!(list, json!([default(0.25), live(0.1)]));
    let (told, list) = deploy("--inputs aliasName=live traffic=0");
    assert!(told[0].starts_with("warning: traffic=0 moves 90% of live from 1 to 2"), "{}", told[0]);
    assert_eq!(
        told[1],
        "note: $LATEST serves 10% of live now; its share goes down to 0% before its content changes"
    );
    assert_eq!(list, Value::Null);
}

#[test]
fn a_function_that_is_made_or_has_no_version_yet() {
    let sandbox = Sandbox::with_project();
    let ran = sandbox.type_in("deploy --output json").ok();
    assert_eq!((told(&ran), ran.json().get("newContentServedBy")), (vec![], None));
    sandbox.change_code("two");
    let ran = sandbox.type_in("deploy").ok();
    assert_eq!(
        told(&ran),
        ["note: $LATEST serves 100% of $DEFAULT, so the new content serves as much at once"]
    );
}

#[test]
fn all_pages_of_aliases_are_read_and_a_refusal_is_no_failure() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    for number in 0..250 {
        let params = json!({"Name": format!("a{number:03}"), "FunctionVersion": "1"});
        sandbox.console("CreateAlias", params);
    }
    set(&sandbox, "a249", &json!({"FunctionVersion": "$LATEST"}));
    sandbox.change_code("two");
    let note = "note: $LATEST serves 100% of a249, so the new content serves as much at once";
    let ran = sandbox.type_in("deploy").ok();
    assert_eq!(told(&ran), [note]);
    // A service that leaves `$DEFAULT` out is understood too: that one is read by itself.
    set(&sandbox, "$DEFAULT", &json!({"FunctionVersion": "$LATEST"}));
    set(&sandbox, "a249", &json!({"FunctionVersion": "1"}));
    sandbox.faulty(|call| match call.action.as_str() {
        "ListAliases" => Fault::error("UnauthorizedOperation.CAM", "no right to list"),
        _ => Fault::None,
    });
    sandbox.change_code("three");
    let ran = sandbox.type_in("deploy --output json").ok();
    let [unlisted, served] = told(&ran)[..] else { panic!("{}", ran.stderr) };
    let begin = "warning: the aliases cannot be listed, so that others that $LATEST serves are not named: \
                 ListAliases: UnauthorizedOperation.CAM: no right to list";
    assert!(unlisted.starts_with(begin), "{unlisted}");
    assert!(served.starts_with("note: $LATEST serves 100% of $DEFAULT, so"), "{served}");
    assert_eq!(ran.json()["warnings"][0]["warning"], "aliasesNotListed");
}

#[test]
fn every_function_of_a_project_and_of_an_instance_is_looked_at() {
    let sandbox = Sandbox::new();
    sandbox.file("serverless.yml", "app: shop\n");
    sandbox.instance("one", "");
    sandbox.file("two/src/index.py", "def main_handler(event, context): pass\n");
    sandbox.file(
        "two/serverless.yml",
        "component: multi-scf\nname: two\ninputs:\n  src: ./src\n  runtime: Python3.9\n  handler: \
         index.main_handler\n  functions:\n    a: {}\n    b: {}\n",
    );
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    for function in ["one-dev-shop", "two-dev-shop-a", "two-dev-shop-b"] {
        let params =
            json!({"FunctionName": function, "Name": "beta", "FunctionVersion": "$LATEST"});
        sandbox.console("CreateAlias", params);
    }
    for name in ["one", "two"] {
        sandbox
            .file(&format!("{name}/src/index.py"), "def main_handler(event, context): return 2\n");
    }
    let listed = json!([{"aliasName": "beta", "share": 1}]);
    for (line, plan) in
        [("deploy --dry-run --output json", "plan"), ("deploy --output json", "outputs")]
    {
        let ran = sandbox.type_in(line).ok();
        for label in ["one", "two: a", "two: b"] {
            let note = format!("note: {label}: $LATEST serves 100% of beta, so the new content");
            assert!(ran.stderr.contains(&note), "{}", ran.stderr);
        }
        let json = ran.json();
        assert_eq!(json["instances"]["one"][plan]["newContentServedBy"], listed);
        for place in [0, 1] {
            let function = &json["instances"]["two"][plan]["functions"][place];
            assert_eq!(function["newContentServedBy"], listed, "{function}");
        }
    }
}

/// Version 1 is good, 2 is bad and was taken out of service again: `$DEFAULT` is at 1.
fn rolled_back() -> Sandbox {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    sandbox.change_code("bad");
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    sandbox
        .run(&[
            "update-alias",
            "--inputs",
            &format!("function={FUNCTION}"),
            "name=$DEFAULT",
            "version=1",
            r#"config={"weights":{}}"#,
        ])
        .ok();
    sandbox.change_code("fix");
    sandbox
}

#[test]
fn the_rest_that_moves_to_a_version_without_requests_is_warned_of() {
    let sandbox = rolled_back();
    let warning = "warning: traffic=0.1 moves 90% of $DEFAULT from 1 to 2, which serves nothing now: version 2 gets \
        90%, as the rest goes to the published version; to leave it to 1: `scfctl update-alias --inputs \
        function=demo-dev-shop name='$DEFAULT' version=1 config='{\"weights\":{\"$LATEST\":0.1}}'`";
    let values = json!([{
        "warning": "movesRest", "aliasName": "$DEFAULT", "version": "2", "share": 0.9, "servesNow": 0,
        "from": {"1": 1}, "message": warning.strip_prefix("warning: ").unwrap(),
    }]);
    let from = sandbox.calls().len();
    let ran = sandbox.type_in("deploy --dry-run --output json --inputs traffic=0.1").ok();
    assert_eq!(told(&ran), [warning]);
    assert_eq!(ran.json()["warnings"], values);
    let ran = sandbox.type_in("deploy --dry-run --inputs traffic=0.1").ok();
    assert_eq!(told(&ran), [warning]);
    assert!(ran.stdout.contains("movesRest"), "{}", ran.stdout);
    sandbox.nothing_changed(from);
    let ran = sandbox.type_in("deploy --output json --inputs traffic=0.1").ok();
    assert_eq!(told(&ran), [warning]);
    assert_eq!(ran.json()["warnings"], values);
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.1, "2": 0.9}));
    // What was suggested does what it says.
    sandbox
        .run(&[
            "update-alias",
            "--inputs",
            "function=demo-dev-shop",
            "name=$DEFAULT",
            "version=1",
            r#"config={"weights":{"$LATEST":0.1}}"#,
        ])
        .ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"1": 0.9, "$LATEST": 0.1}));
    // Once it serves, there is nothing to warn of.
    sandbox.type_in("deploy --inputs traffic=0.1").ok().says("warning: traffic=0.1 moves 90%");
    let ran = sandbox.type_in("deploy --inputs traffic=0.5").ok();
    assert_eq!(told(&ran), [""; 0]);
    // Nor of what this run publishes.
    let ran = sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    assert_eq!(told(&ran), [""; 0]);
}

#[test]
fn where_a_function_lives_is_part_of_what_is_suggested() {
    let sandbox = Sandbox::with_project();
    sandbox.server().apply("CreateNamespace", json!({"Namespace": "staging"}), REGION).unwrap();
    sandbox.yaml("  namespace: staging\n  aliasName: prod\n");
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    sandbox.type_in("publish-ver --inputs function=demo-dev-shop namespace=staging").ok();
    sandbox.type_in("deploy --dry-run --inputs traffic=0").ok().says(
        "to leave it to 1: `scfctl update-alias --inputs function=demo-dev-shop name=prod version=1 \
         config='{\"weights\":{}}' namespace=staging`",
    );
}

#[test]
fn a_version_that_the_alias_says_was_rolled_back_is_given_nothing() {
    let sandbox = rolled_back();
    let mark = |description: &str| {
        set(&sandbox, "$DEFAULT", &json!({"FunctionVersion": "1", "Description": description}));
    };
    let description =
        || sandbox.console("GetAlias", json!({"Name": "$DEFAULT"}))["Description"].clone();
    let marked = "mine\nscfctl v1 rolledback 2";
    mark(marked);
    let warning = "warning: version 2, the last published one, was rolled back and gets nothing of $DEFAULT; 1, \
                   which serves 100% now, gets 90%";
    let ran = sandbox.type_in("deploy --dry-run --output json --inputs traffic=0.1").ok();
    assert_eq!(told(&ran), [warning]);
    assert_eq!(ran.json()["routingChange"]["after"], json!({"$LATEST": 0.1, "1": 0.9}));
    assert_eq!(
        ran.json()["warnings"],
        json!([{
            "warning": "rolledBack", "aliasName": "$DEFAULT", "rolledBack": "2", "version": "1",
            "share": 0.9, "servesNow": 1, "message": warning.strip_prefix("warning: ").unwrap(),
        }])
    );
    let ran = sandbox.type_in("deploy --inputs traffic=0.1").ok();
    assert_eq!(told(&ran), [warning]);
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.1, "1": 0.9}));
    assert_eq!(description(), marked, "kept to the letter");
    // A new version is another one, and the mark stays for the old one.
    let ran = sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    assert_eq!(told(&ran), [""; 0]);
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "3": 1}));
    assert_eq!(description(), marked);
    // With nobody left to take it nothing is sent.
    set(
        &sandbox,
        "$DEFAULT",
        &json!({
            "FunctionVersion": "$LATEST", "Description": "scfctl v1 rolledback 1 2 3",
        }),
    );
    let from = sandbox.calls().len();
    sandbox
        .type_in("deploy --inputs traffic=0.1")
        .fails(5)
        .says("90% of alias `$DEFAULT` would go to version 3, which was rolled back, and no other version can take it");
    sandbox.nothing_changed(from);
    // A marker that is not understood is left alone, and said.
    mark("mine\nscfctl v2 anything, 5");
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --inputs traffic=0.2").fails(5).says("--end-rollout");
    sandbox.nothing_changed(from);
    let ran = sandbox.type_in("deploy --end-rollout --output json --inputs traffic=0.2").ok();
    assert_eq!(
        told(&ran)[0],
        "warning: the last line of the description of $DEFAULT is not understood and left as it \
        is: \"scfctl v2 anything, 5\"; a newer scfctl may know of versions that were rolled back"
    );
    assert_eq!(ran.json()["warnings"][0]["line"], "scfctl v2 anything, 5");
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.2, "3": 0.8}));
    assert_eq!(description(), "mine\nscfctl v2 anything, 5");
}

#[test]
fn what_is_kept_in_a_description_stays_behind_the_users_text() {
    let sandbox = with_aliases(&[(
        "prod",
        json!({"FunctionVersion": "1", "Description": "old\nscfctl v1 rolledback 7"}),
    )]);
    let described = || sandbox.console("GetAlias", json!({"Name": "prod"}))["Description"].clone();
    let update = |inputs: &[&str]| {
        let of = format!("function={FUNCTION}");
        let from = sandbox.calls().len();
        let line = [&["update-alias", "--inputs", &of, "name=prod", "version=1"], inputs].concat();
        sandbox.run(&line).ok();
        sandbox.changes_since(from)
    };
    assert_eq!(update(&[r#"config={"weights":{"$LATEST":0.1}}"#]), ["UpdateAlias"]);
    assert_eq!(described(), "old\nscfctl v1 rolledback 7");
    assert_eq!(update(&["description=new"]), ["UpdateAlias"]);
    assert_eq!(described(), "new\nscfctl v1 rolledback 7");
    assert_eq!(update(&["description=new"]), [""; 0], "as it is already");
    assert_eq!(update(&["description="]), ["UpdateAlias"]);
    assert_eq!(described(), "scfctl v1 rolledback 7");
    // What is there is what `create-alias` would make, too.
    let of = format!("function={FUNCTION}");
    let weights = r#"config={"weights":{"$LATEST":0.1}}"#;
    let create = ["create-alias", "--inputs", &of, "name=prod", "version=1", weights];
    sandbox.run(&[&create[..], &["description=new"]].concat()).fails(5);
    assert_eq!(update(&["description=new"]), ["UpdateAlias"]);
    sandbox.run(&[&create[..], &["description=new"]].concat()).ok();
    assert_eq!(update(&["description="]), ["UpdateAlias"]);
    // Too long together: refused before anything is sent.
    let long = "x".repeat(990);
    let from = sandbox.calls().len();
    sandbox
        .run(&[
            "update-alias",
            "--inputs",
            &format!("function={FUNCTION}"),
            "name=prod",
            "version=1",
            &format!("description={long}"),
        ])
        .fails(2)
        .says("is 13 characters too long for what scfctl keeps behind it")
        .says("shorten `description` by 13 characters");
    sandbox.yaml(&format!("  aliasName: prod\n  aliasDescription: {long}\n  traffic: 0.2\n"));
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("is 13 characters too long for what scfctl keeps behind it")
        .says("shorten `aliasDescription` by 13 characters");
    sandbox.nothing_changed(from);
    sandbox.yaml("  aliasName: prod\n  aliasDescription: by the file\n  traffic: 0.2\n");
    sandbox.type_in("deploy").ok();
    assert_eq!(described(), "by the file\nscfctl v1 rolledback 7");
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok().says("nothing is sent");
    sandbox.nothing_changed(from);
}

/// Someone else raises `$LATEST` in `$DEFAULT`, right before or after the first call of an action
/// that `picks` picks.
fn raised(sandbox: &Sandbox, before: bool, picks: impl Fn(&str) -> bool + Send + Sync + 'static) {
    let (server, met) = (sandbox.server().clone(), AtomicBool::new(false));
    sandbox.faulty(move |call| {
        if !picks(&call.action) || met.swap(true, Ordering::SeqCst) {
            return Fault::None;
        }
        let server: Handle = server.clone();
        let act = Arc::new(move || {
            let params = json!({
                "FunctionName": FUNCTION, "Name": "$DEFAULT", "FunctionVersion": "$LATEST",
            });
            server.apply("UpdateAlias", params, REGION).unwrap();
        });
        if before { Fault::Before(act) } else { Fault::After(act) }
    });
}

/// The share is as asked already, so that the alias is not written.
#[test]
fn an_alias_that_is_as_asked_is_looked_at_before_and_after_the_code() {
    let conflict =
        "someone else changed alias `$DEFAULT` while this ran: it was $LATEST: 0.1, 1: 0.9";
    let prepared = || {
        let sandbox = Sandbox::with_project();
        sandbox.type_in("deploy --inputs publish=true traffic=0.1").ok();
        sandbox.change_code("two");
        sandbox
    };
    // While the code is on its way, it is seen after.
    for action in ["UpdateFunctionCode", "UpdateFunctionConfiguration"] {
        let sandbox = prepared();
        sandbox.yaml("  timeout: 9\n");
        raised(&sandbox, true, move |name| name == action);
        let from = sandbox.calls().len();
        sandbox
            .type_in("deploy --inputs traffic=0.1")
            .fails(5)
            .says(conflict)
            .says("done: replace the code of $LATEST");
        assert!(!sandbox.changes_since(from).contains(&"UpdateAlias".to_owned()));
    }
    // Seen before it goes out, it does not go out: it took a while to upload it.
    let sandbox = prepared();
    sandbox.noise("src/large.bin", 8 << 20, 1);
    raised(&sandbox, false, |name| {
        name.starts_with("PutObject") || name.starts_with("CompleteMultipart")
    });
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --inputs traffic=0.1").fails(5).says(conflict);
    assert!(!sandbox.changes_since(from).contains(&"UpdateFunctionCode".to_owned()));
    // So it is where someone else's work had to be waited for.
    let sandbox = prepared();
    let server = sandbox.server().clone();
    let tries = AtomicBool::new(false);
    sandbox.faulty(move |call| {
        if call.action != "UpdateFunctionCode" || tries.swap(true, Ordering::SeqCst) {
            return Fault::None;
        }
        let params = json!({
            "FunctionName": FUNCTION, "Name": "$DEFAULT", "FunctionVersion": "$LATEST",
        });
        server.apply("UpdateAlias", params, REGION).unwrap();
        Fault::error("FailedOperation.OperationConflict", "busy")
    });
    let ran = sandbox.type_in("deploy --inputs traffic=0.1").fails(5).says(conflict);
    assert_eq!(ran.changes(), ["UpdateFunctionCode"], "refused, and not sent again");
    // Who says nothing of shares is not told of others' changes of them.
    let sandbox = prepared();
    raised(&sandbox, true, |name| name == "UpdateFunctionCode");
    sandbox.type_in("deploy").ok();
}

#[test]
fn weights_of_a_named_alias_are_watched_like_traffic() {
    let sandbox = with_aliases(&[("prod", weighted("1", "$LATEST", 0.1))]);
    sandbox.yaml(
        "  aliasName: prod\n  aliasFunctionVersion: 1\n  additionalVersionWeights: [{version: $LATEST, weight: 0.1}]\n",
    );
    sandbox.change_code("two");
    let (server, met) = (sandbox.server().clone(), AtomicBool::new(false));
    sandbox.faulty(move |call| {
        if call.action == "UpdateFunctionCode" && !met.swap(true, Ordering::SeqCst) {
            let params = json!({
                "FunctionName": FUNCTION, "Name": "prod", "FunctionVersion": "$LATEST",
            });
            server.apply("UpdateAlias", params, REGION).unwrap();
        }
        Fault::None
    });
    sandbox
        .type_in("deploy")
        .fails(5)
        .says("someone else changed alias `prod` while this ran: it was $LATEST: 0.1, 1: 0.9");
    // Again, on what there is now: what the file says is set before the code changes.
    sandbox.healthy();
    sandbox.change_code("three");
    let ran = sandbox.type_in("deploy").ok();
    assert_eq!(ran.changes(), ["UpdateAlias", "UpdateFunctionCode"]);
    assert_eq!(sandbox.routing("prod"), json!({"1": 0.9, "$LATEST": 0.1}));
}
