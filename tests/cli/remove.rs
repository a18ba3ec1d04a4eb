//! remove and versions prune.

use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::Signal;
use scfctl::local::{Fault, Place};
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, REGION, Sandbox, send};
use crate::sls;
use crate::tty::{Tty, plain};

/// The function of the project with versions 1 to `count`, and `prod` on `main`.
fn world(count: u64, main: &str) -> Sandbox {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    for _ in 0..count {
        sandbox.console("PublishVersion", json!({}));
    }
    sandbox.console("CreateAlias", json!({"Name": "prod", "FunctionVersion": main}));
    sandbox
}

fn is_there(sandbox: &Sandbox, function: &str) -> bool {
    let params = json!({"FunctionName": function});
    sandbox.server().apply("GetFunction", params, REGION).is_ok()
}

fn timer(sandbox: &Sandbox, qualifier: &str) {
    let params = json!({
        "TriggerName": "tick", "Type": "timer", "TriggerDesc": "0 0 * * * * *", "Qualifier": qualifier,
    });
    sandbox.console("CreateTrigger", params);
}

/// A command on a terminal that is wider than any line.
fn on_terminal(sandbox: &Sandbox, line: &str) -> Tty {
    Tty::spawn(sandbox, 400, &line.split(' ').collect::<Vec<_>>())
}

/// Types; the exit code, and all that the terminal shows then.
#[track_caller]
fn answered(terminal: Tty, keys: &str) -> (i32, String) {
    terminal.keys(keys);
    terminal.ended()
}

const QUESTION: &str = "this cannot be undone; go on? [y/N] ";

/// The whole function goes by a call without a qualifier; one version never does.
fn sent(sandbox: &Sandbox, from: usize, action: &str) -> Vec<Value> {
    let calls = sandbox.calls().into_iter().skip(from);
    calls.filter(|call| call.action == action).map(|call| call.params).collect()
}

#[test]
fn the_function_of_the_file_goes_with_its_triggers_once_and_then_is_gone_already() {
    let sandbox = world(2, "1");
    timer(&sandbox, "$DEFAULT");
    let planned = sandbox.type_in("remove --dry-run --output json").ok();
    assert_eq!(planned.changes(), [] as [&str; 0]);
    let effects: Vec<Value> = planned.json()["calls"].as_array().unwrap().clone();
    assert_eq!(
        effects,
        [
            json!({"action": "DeleteTrigger", "effect": "delete timer `tick` on `$DEFAULT`: its function goes"}),
            json!({
                "action": "DeleteFunction",
                "effect": "delete function `demo-dev-shop` with 2 versions and alias prod",
            }),
        ]
    );
    let from = sandbox.calls().len();
    let removed = sandbox.type_in("remove --yes --output json").ok();
    assert_eq!(removed.changes(), ["DeleteTrigger", "DeleteFunction"]);
    let expected = json!({
        "functionName": FUNCTION, "namespace": "default", "region": REGION, "removed": true,
    });
    assert_eq!(removed.json(), expected);
    assert_eq!(sent(&sandbox, from, "DeleteFunction")[0].get("Qualifier"), None);
    assert!(!is_there(&sandbox, FUNCTION));
    let again = sandbox.type_in("remove --yes --output json").ok();
    assert_eq!(again.changes(), [] as [&str; 0]);
    assert_eq!(again.json()["removed"], false);
    again.says("note: function `demo-dev-shop` is not there; nothing is sent");
}

#[test]
fn without_a_terminal_nothing_goes_unless_it_is_confirmed() {
    let mut sandbox = world(1, "1");
    for line in ["remove", "remove --version 1", "versions prune --keep 1", "remove --alias prod"] {
        let ran = sandbox.type_in(line).fails(2);
        assert_eq!(ran.actions(), [] as [&str; 0], "{line}");
        ran.says(
            "error: not confirmed, so nothing is deleted\n  hint: add --yes, or set SCFCTL_YES=1",
        );
    }
    let called = sls::called(&sandbox, "sls", &["remove"]).fails(2);
    assert!(called.stdout.contains("not confirmed, so nothing is deleted"), "{}", called.stdout);
    called.says("set SCFCTL_YES=1");
    assert!(is_there(&sandbox, FUNCTION));
    // So that a script of `sls` can stay as it is.
    sandbox.set("SCFCTL_YES", "1");
    let called = sls::called(&sandbox, "sls", &["remove", "--stage", "dev"]).ok();
    assert!(called.stdout.contains("执行成功"), "{}", called.stdout);
    assert!(!is_there(&sandbox, FUNCTION));
}

#[test]
fn one_version_goes_by_its_number_and_never_more() {
    let sandbox = world(3, "3");
    let from = sandbox.calls().len();
    let ran = sandbox.type_in("remove --version 2 --yes").ok();
    assert_eq!(ran.changes(), ["DeleteFunctionVersion"]);
    assert_eq!(sent(&sandbox, from, "DeleteFunctionVersion")[0]["Qualifier"], "2");
    assert_eq!(sandbox.versions(), ["1", "3"]);
    sandbox.type_in("remove --version 2 --yes").ok().says("has no version 2; nothing is sent");
    sandbox.run(&["remove", "--yes", "--inputs", "version=1"]).ok();
    assert_eq!(sandbox.versions(), ["3"]);
    for (arguments, says) in [
        (&["remove", "--yes", "--version", "$LATEST"][..], "`$LATEST` belongs to every function"),
        (&["remove", "--yes", "--version", ""], "version"),
        (&["remove", "--yes", "--inputs", "version="], "version"),
        (&["remove", "--yes", "--version", "0"], "version"),
        (&["remove", "--yes", "--inputs", "qualifier=1"], "did you mean `version`?"),
        (&["remove", "--yes", "--alias", "$DEFAULT"], "cannot be deleted"),
        (&["remove", "--yes", "--alias", "a", "--version", "1"], "name one of them"),
    ] {
        let ran = sandbox.run(arguments).fails(2);
        assert_eq!(ran.changes(), [] as [&str; 0], "{arguments:?}");
        ran.says(says);
    }
    sandbox.type_in("remove --yes --function nobody --version 1").fails(3);
    assert!(is_there(&sandbox, FUNCTION));
}

#[test]
fn a_version_that_something_uses_stays() {
    let sandbox = world(6, "1");
    let split = json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": 0}]});
    let marker = "mine\nscfctl v1 before 4";
    let alias = json!({
        "Name": "prod", "FunctionVersion": "1", "RoutingConfig": split, "Description": marker,
    });
    sandbox.console("UpdateAlias", alias);
    timer(&sandbox, "3");
    let warm = json!({"Qualifier": "5", "VersionProvisionedConcurrencyNum": 2});
    sandbox.console("PutProvisionedConcurrencyConfig", warm);
    for (version, why) in [
        ("1", "alias `prod` sends 100% to it"),
        ("2", "alias `prod` sends 0% to it"),
        ("3", "timer `tick` calls it"),
        ("4", "a rollback of alias `prod` goes to it"),
        ("5", "it has 2 provisioned instances"),
    ] {
        let line = format!("remove --yes --output json --version {version}");
        let ran = sandbox.type_in(&line).fails(5);
        assert_eq!(ran.changes(), [] as [&str; 0]);
        let error = &ran.json()["error"];
        assert_eq!(error["code"], "version-in-use");
        assert!(error["causes"][0].as_str().unwrap().ends_with(why), "{error}");
    }
    sandbox.type_in("remove --yes --version 6").ok();
    assert_eq!(sandbox.versions(), ["1", "2", "3", "4", "5"]);
}

#[test]
fn an_alias_goes_and_its_version_stays() {
    let sandbox = world(1, "1");
    timer(&sandbox, "prod");
    sandbox.type_in("remove --yes --alias prod").fails(5).says("--force");
    let ran = sandbox.type_in("remove --yes --alias prod --force").ok();
    assert_eq!(ran.changes(), ["DeleteAlias"]);
    sandbox.type_in("remove --yes --alias prod").ok().says("has no alias `prod`; nothing is sent");
    assert_eq!(sandbox.versions(), ["1"]);
}

#[test]
fn a_function_under_a_rollout_stays() {
    let sandbox = world(2, "1");
    let begin = "rollout start --alias prod --to 2 --steps 10%:10m,100%:10m --detach";
    sandbox.type_in(begin).ok();
    let open = sandbox.type_in("remove --yes").fails(5);
    assert_eq!(open.changes(), [] as [&str; 0]);
    open.says("--end-rollout");
    sandbox.type_in("remove --yes --version 2").fails(5);
    sandbox.type_in("remove --yes --end-rollout").ok();
    assert!(!is_there(&sandbox, FUNCTION));
}

#[test]
fn a_lost_answer_deletes_nothing_twice() {
    let sandbox = world(2, "2");
    for (line, action) in
        [("remove --version 1 --yes", "DeleteFunctionVersion"), ("remove --yes", "DeleteFunction")]
    {
        sandbox.once(action, Fault::DropAfter);
        sandbox.type_in(line).ok();
        sandbox.healthy();
    }
    assert!(!is_there(&sandbox, FUNCTION));
}

#[test]
fn pruning_keeps_the_newest_and_what_is_used_and_says_why() {
    let sandbox = world(12, "2");
    let planned = sandbox.type_in("versions prune --keep 3 --dry-run --output json").ok();
    assert_eq!(planned.changes(), [] as [&str; 0]);
    let planned = planned.json();
    assert_eq!(planned["calls"].as_array().unwrap().len(), 8);
    assert_eq!(planned["deleted"], json!([]));
    let kept = planned["kept"].as_array().unwrap().iter();
    let kept: Vec<Value> =
        kept.map(|one| json!({"version": one["version"], "why": one["why"]})).collect();
    let expected = [
        json!({"version": "12", "why": ["it is one of the newest 3"]}),
        json!({"version": "11", "why": ["it is one of the newest 3"]}),
        json!({"version": "10", "why": ["it is one of the newest 3"]}),
        json!({"version": "2", "why": ["alias `prod` sends 100% to it"]}),
    ];
    assert_eq!(kept, expected);
    let from = sandbox.calls().len();
    let ran = sandbox.type_in("versions prune --keep 3 --yes").ok();
    let sent = sent(&sandbox, from, "DeleteFunctionVersion");
    let sent: Vec<_> = sent.iter().map(|one| one["Qualifier"].as_str().unwrap()).collect();
    assert_eq!(sent, ["1", "3", "4", "5", "6", "7", "8", "9"]);
    assert_eq!(ran.changes(), ["DeleteFunctionVersion"; 8]);
    assert!(ran.stdout.contains("2:  alias `prod` sends 100% to it"), "{}", ran.stdout);
    assert_eq!(sandbox.versions(), ["2", "10", "11", "12"]);
    let again = sandbox.type_in("versions prune --keep 3 --yes --output json").ok();
    assert_eq!(again.changes(), [] as [&str; 0]);
    assert_eq!(again.json()["deleted"], json!([]));
    for line in ["versions prune --yes", "versions prune --keep 0", "versions prune --keep x"] {
        let ran = sandbox.type_in(line).fails(2);
        assert_eq!(ran.actions(), [] as [&str; 0], "{line}");
        ran.says("--keep");
    }
}

#[test]
fn a_dry_run_is_a_plan_as_that_of_any_command() {
    let sandbox = world(3, "2");
    let shown = |line: &str| {
        let ran = sandbox.type_in(line).ok();
        assert_eq!(ran.changes(), [] as [&str; 0], "{line}");
        ran
    };
    let removed = "remove --alias prod --dry-run";
    let mut plan = shown(&format!("{removed} --output json")).json();
    assert_eq!(plan.as_object_mut().unwrap().remove("removed"), Some(json!(false)));
    let of_alias = format!("delete-alias --alias prod --function {FUNCTION} --dry-run");
    assert_eq!(plan, shown(&format!("{of_alias} --output json")).json());
    let change = json!({"before": {"2": 1}, "after": null});
    assert_eq!(plan["routingChange"], change);
    // People are shown the plan alone: that nothing was removed goes without saying.
    let body = |line: &str| {
        let shown = shown(line).stdout;
        shown[shown.find("functionName").unwrap()..].to_owned()
    };
    assert_eq!(body(removed), body(&of_alias));
    let pruning = body("versions prune --keep 1 --dry-run");
    assert!(pruning.contains("delete version 1") && !pruning.contains("deleted"), "{pruning}");
    let whole = body("remove --dry-run");
    assert!(whole.contains("delete function") && !whole.contains("removed"), "{whole}");
}

#[test]
fn a_function_of_several_is_found_by_its_key() {
    let sandbox = Sandbox::with_project();
    let functions = "  functions:\n    api:\n      name: api-new\n    web:\n      name: web-new\n";
    sandbox.file(
        "serverless.yml",
        &format!(
            "component: multi-scf\nname: two\napp: shop\ninputs:\n  src: ./src\n  runtime: \
             Python3.9\n  handler: index.main_handler\n{functions}"
        ),
    );
    sandbox.type_in("deploy").ok();
    // One that had the key for its name.
    sandbox.function("api", "default", 0);
    let of = |function: &str| {
        let listed = sandbox.console("ListVersionByFunction", json!({"FunctionName": function}));
        listed["Versions"].as_array().unwrap().len()
    };
    for function in ["api", "api-new"] {
        for _ in 0..3 {
            sandbox.console("PublishVersion", json!({"FunctionName": function}));
        }
    }
    let before = of("api");
    sandbox.type_in("versions prune --keep 1 --yes --function api").ok();
    assert_eq!((of("api"), of("api-new")), (before, 2));
    // Without one, nobody guesses.
    for line in
        ["versions prune --keep 1 --yes", "remove --version 3 --yes", "remove --alias prod --yes"]
    {
        assert_eq!(sandbox.type_in(line).fails(2).calls.len(), 0, "{line}");
    }
}

#[test]
fn what_a_deletion_waited_for_may_have_made_use_of_the_version() {
    let sandbox = world(3, "3");
    let tried = AtomicUsize::new(0);
    let server = sandbox.server().clone();
    sandbox.faulty(move |call| {
        if call.action != "DeleteFunctionVersion" || tried.fetch_add(1, Ordering::SeqCst) > 0 {
            return Fault::None;
        }
        let alias = json!({"FunctionName": FUNCTION, "Name": "prod", "FunctionVersion": "1"});
        server.apply("UpdateAlias", alias, REGION).unwrap();
        Fault::error("ResourceInUse.Function", "busy")
    });
    sandbox.type_in("remove --version 1 --yes").fails(5);
    assert_eq!(sandbox.versions(), ["1", "2", "3"]);
}

#[test]
fn an_alias_that_changed_while_its_deletion_waited_stays() {
    for line in ["delete-alias --name prod", "remove --alias prod --yes"] {
        let sandbox = world(3, "3");
        let tried = AtomicUsize::new(0);
        let server = sandbox.server().clone();
        sandbox.faulty(move |call| {
            if call.action != "DeleteAlias" || tried.fetch_add(1, Ordering::SeqCst) > 0 {
                return Fault::None;
            }
            let alias = json!({"FunctionName": FUNCTION, "Name": "prod", "FunctionVersion": "1"});
            server.apply("UpdateAlias", alias, REGION).unwrap();
            Fault::error("ResourceInUse.Function", "busy")
        });
        let ran = sandbox.type_in(line).fails(5);
        assert_eq!(ran.changes(), ["DeleteAlias"], "{line}");
        assert_eq!(sandbox.console("GetAlias", json!({"Name": "prod"}))["FunctionVersion"], "1");
    }
}

#[test]
fn a_marker_that_is_not_understood_may_be_of_a_rollout_under_way() {
    let sandbox = world(2, "1");
    let alias = json!({
        "Name": "prod", "FunctionVersion": "1",
        "Description": "mine\nscfctl v9 id abcdefgh, from 1, to 2",
    });
    sandbox.console("UpdateAlias", alias);
    for line in ["remove --yes", "remove --alias prod --yes", "delete-alias --name prod"] {
        let ran = sandbox.type_in(line).fails(5);
        assert_eq!(ran.changes(), [] as [&str; 0], "{line}");
        ran.says("--end-rollout");
    }
    sandbox.type_in("remove --yes --end-rollout").ok();
    assert!(!is_there(&sandbox, FUNCTION));
}

#[test]
fn pruning_ends_where_somebody_changes_an_alias() {
    let sandbox = world(5, "5");
    let deletions = AtomicUsize::new(0);
    let server = sandbox.server().clone();
    sandbox.faulty(move |call| {
        if call.action == "DeleteFunctionVersion" && deletions.fetch_add(1, Ordering::SeqCst) == 1 {
            let split = json!({"AdditionalVersionWeights": [{"Version": "3", "Weight": 0.1}]});
            let alias = json!({
                "FunctionName": FUNCTION, "Name": "prod", "FunctionVersion": "5",
                "RoutingConfig": split,
            });
            server.apply("UpdateAlias", alias, REGION).unwrap();
        }
        Fault::None
    });
    let ran = sandbox.type_in("versions prune --keep 1 --yes --output json").fails(5);
    let error = &ran.json()["error"];
    assert_eq!(error["code"], "conflict");
    assert_eq!(error["done"], json!(["delete version 1", "delete version 2"]));
    assert_eq!(error["notDone"], json!(["delete version 3", "delete version 4"]));
    assert_eq!(sandbox.versions(), ["3", "4", "5"]);
}

#[test]
fn what_cannot_be_read_keeps_every_version() {
    let sandbox = world(3, "3");
    for action in ["ListAliases", "ListTriggers", "GetProvisionedConcurrencyConfig"] {
        sandbox.faulty(move |call| {
            if call.action == action {
                Fault::Error { code: "UnauthorizedOperation.CAM".into(), message: "no".into() }
            } else {
                Fault::None
            }
        });
        let ran = sandbox.type_in("versions prune --keep 1 --yes").fails(4);
        assert_eq!(ran.changes(), [] as [&str; 0], "{action}");
        sandbox.type_in("remove --version 1 --yes").fails(4);
    }
    assert_eq!(sandbox.versions(), ["1", "2", "3"]);
}

#[test]
fn a_project_goes_in_the_reverse_order_of_its_needs() {
    let sandbox = Sandbox::new();
    sandbox.sample_project();
    sandbox.type_in("deploy").ok();
    let planned = sandbox.type_in("remove --dry-run --output json").ok().json();
    assert_eq!(planned["functions"].as_array().unwrap().len(), 8);
    let from = sandbox.calls().len();
    let removed = sandbox.type_in("remove --yes --output json").ok().json();
    let gone = removed["functions"].as_array().unwrap().iter().all(|one| one["removed"] == true);
    assert!(gone, "{removed}");
    let gone: Vec<String> = sandbox
        .changed_since(from)
        .into_iter()
        .filter_map(|call| Some(call.strip_prefix("DeleteFunction ")?.to_owned()))
        .collect();
    let at = |name: &str| gone.iter().position(|one| one == name).unwrap();
    assert_eq!(gone.len(), 8);
    for (first, then) in [
        ("api-dev-market", "catalog-dev-market"),
        ("api-dev-market", "prices-dev-market"),
        ("orders-dev-market", "stock-dev-market"),
        ("workers-dev-market-resize", "stock-dev-market"),
    ] {
        assert!(at(first) < at(then), "{gone:?}");
    }
    sandbox.type_in("remove --version 1 --yes").fails(2);
}

#[test]
fn a_failure_within_a_project_leaves_what_it_needs() {
    let sandbox = Sandbox::new();
    sandbox.sample_project();
    sandbox.type_in("deploy").ok();
    sandbox.faulty(|call| {
        if call.action == "DeleteFunction" && call.params["FunctionName"] == "api-dev-market" {
            Fault::Error { code: "UnauthorizedOperation.CAM".into(), message: "no".into() }
        } else {
            Fault::None
        }
    });
    let ran = sandbox.type_in("remove --yes --output json").fails(4);
    let json = ran.json();
    assert!(json["error"]["message"].as_str().unwrap().ends_with("failed: api"), "{json}");
    for name in ["api-dev-market", "catalog-dev-market", "prices-dev-market"] {
        assert!(is_there(&sandbox, name), "{name}");
    }
}

#[test]
fn on_a_terminal_nothing_goes_without_a_yes() {
    let sandbox = world(3, "3");
    timer(&sandbox, "$DEFAULT");
    let from = sandbox.calls().len();
    for (line, goes) in [
        ("remove", "delete function `demo-dev-shop` with 3 versions and alias prod (function"),
        ("remove", "delete timer `tick` on `$DEFAULT`: its function goes (function"),
        ("remove --version 2", "delete version 2 (function"),
        ("remove --alias prod", "delete alias `prod`"),
        ("versions prune --keep 1", "delete versions 1, 2 of function"),
    ] {
        for keys in ["\n", "n\n", "yess\n", "\u{4}", ""] {
            let terminal = on_terminal(&sandbox, line);
            let shown = terminal.prints(QUESTION);
            assert!(shown.contains(goes), "{shown}");
            assert!(shown.contains("namespace `default`, ap-guangzhou)"), "{shown}");
            if keys.is_empty() {
                send(Signal::INT, terminal.id());
            }
            let (code, text) = answered(terminal, keys);
            let text = plain(&text);
            if keys.is_empty() {
                assert_eq!(code, 130, "{text}");
            } else {
                assert_eq!(code, 2, "{text}");
                assert!(text.contains("error: not confirmed, so nothing is deleted"), "{text}");
                assert!(text.contains("hint: answer y, or add --yes"), "{text}");
            }
        }
    }
    sandbox.nothing_changed(from);
}

#[test]
fn on_a_terminal_a_yes_is_enough_and_what_needs_none_is_not_asked() {
    let sandbox = world(6, "6");
    for (line, keys, left) in [
        ("remove --version 1", "y\n", 5),
        ("remove --version 2", "YES\n", 4),
        ("remove --version 2", "", 4),
        ("remove --version 3 --dry-run", "", 4),
        ("remove --version 3 --yes", "", 3),
        ("versions prune --keep 2", "y\n", 2),
        ("versions prune --keep 2", "", 2),
    ] {
        let terminal = on_terminal(&sandbox, line);
        if !keys.is_empty() {
            terminal.prints(QUESTION);
        }
        let (code, text) = answered(terminal, keys);
        assert_eq!(code, 0, "{line}: {text}");
        assert_eq!(text.contains("[y/N]"), !keys.is_empty(), "{line}: {text}");
        assert_eq!(sandbox.versions().len(), left, "{line}: {text}");
    }
    let terminal = on_terminal(&sandbox, "remove --lang zh");
    let shown = terminal.prints("此操作不可撤销，是否继续？ [y/N] ");
    assert!(shown.contains("命名空间 `default`，地域 ap-guangzhou"), "{shown}");
    assert_eq!(answered(terminal, "是\n").0, 0);
    assert!(!is_there(&sandbox, FUNCTION));
}

#[test]
fn a_yes_is_for_what_was_asked() {
    for (line, meanwhile) in [
        ("versions prune --keep 1", json!({"Name": "prod", "FunctionVersion": "2"})),
        ("remove --version 2", json!({"Name": "prod", "FunctionVersion": "2"})),
        ("remove --alias prod", json!({"Name": "prod", "FunctionVersion": "2"})),
    ] {
        let sandbox = world(4, "4");
        let terminal = on_terminal(&sandbox, line);
        terminal.prints(QUESTION);
        sandbox.console("UpdateAlias", meanwhile);
        let from = sandbox.calls().len();
        let (code, text) = answered(terminal, "y\n");
        assert_eq!(code, 5, "{line}: {text}");
        sandbox.nothing_changed(from);
    }
    let sandbox = world(2, "2");
    let terminal = on_terminal(&sandbox, "remove");
    terminal.prints(QUESTION);
    sandbox.console("PublishVersion", json!({}));
    let from = sandbox.calls().len();
    let (code, text) = answered(terminal, "y\n");
    assert_eq!(code, 5, "{text}");
    sandbox.nothing_changed(from);
}

/// An unset variable of the shell would stand for everything.
#[test]
fn an_empty_name_deletes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.sample_project();
    sandbox.type_in("deploy").ok();
    let from = sandbox.calls().len();
    for key in ["function", "version", "alias", "namespace", "region"] {
        let (pair, option) = (format!("{key}="), format!("--{key}"));
        let ran = sandbox.run(&["remove", "--yes", "--inputs", &pair]).fails(2);
        ran.says("is empty").says(key).says("or fill the variable of the shell that stood there");
        sandbox.run(&["remove", "--yes", &option, ""]).fails(2).says("is empty");
    }
    for option in ["--stage", "--target", "--region", "--app", "--org", "--profile"] {
        sandbox.run(&["remove", "--yes", option, ""]).fails(2).says("is empty");
    }
    for pair in ["version=null", "version=undefined", "alias={}"] {
        sandbox.run(&["remove", "--yes", "--inputs", pair]).fails(2);
    }
    for key in ["function", "namespace", "region"] {
        let pair = format!("{key}=");
        let prune = ["versions", "prune", "--keep", "1", "--yes", "--inputs", &pair];
        sandbox.run(&prune).fails(2).says("is empty").says(key);
    }
    assert_eq!(sandbox.calls().len(), from);
}

#[test]
fn a_version_of_a_rollout_stays_until_nothing_remembers_it() {
    let sandbox = world(4, "1");
    let begin = "rollout start --alias prod --to 3 --steps 10%:10m,100%:10m --detach";
    sandbox.type_in(begin).ok();
    let open = sandbox.type_in("versions prune --keep 1 --dry-run --output json").ok().json();
    assert_eq!(open["calls"].as_array().unwrap().len(), 1, "{open}");
    assert_eq!(open["calls"][0]["effect"], "delete version 2");
    sandbox.type_in("rollout abort --alias prod").ok();
    let back = sandbox.type_in("versions prune --keep 1 --yes --output json").ok().json();
    assert_eq!(back["deleted"], json!(["2"]));
    let why = &back["kept"][1];
    assert_eq!(why["version"], "3");
    let rolled_back = "alias `prod` remembers that it was rolled back";
    assert!(why["why"].as_array().unwrap().contains(&json!(rolled_back)), "{why}");
    assert_eq!(sandbox.versions(), ["1", "3", "4"]);
}

#[test]
fn pruning_ends_where_somebody_deletes_newer_versions() {
    let sandbox = world(5, "5");
    let deletions = AtomicUsize::new(0);
    let server = sandbox.server().clone();
    sandbox.faulty(move |call| {
        if call.action == "DeleteFunctionVersion" && deletions.fetch_add(1, Ordering::SeqCst) == 0 {
            let params = json!({"FunctionName": FUNCTION, "Qualifier": "4"});
            server.apply("DeleteFunctionVersion", params, REGION).unwrap();
        }
        Fault::None
    });
    let ran = sandbox.type_in("versions prune --keep 3 --yes").fails(5);
    ran.says("  done: delete version 1\n").says("  not done: delete version 2\n");
    assert_eq!(sandbox.versions(), ["2", "3", "5"]);
}

/// Functions of a project go one after another, which may take minutes.
#[test]
fn each_function_of_a_project_is_looked_at_right_before_it_goes() {
    let sandbox = Sandbox::new();
    sandbox.sample_project();
    sandbox.type_in("deploy").ok();
    let server = sandbox.server().clone();
    let published = AtomicUsize::new(0);
    sandbox.faulty(move |call| {
        if call.action == "DeleteFunction" && published.fetch_add(1, Ordering::SeqCst) == 0 {
            let params = json!({"FunctionName": "stock-dev-market"});
            server.apply("PublishVersion", params, REGION).unwrap();
        }
        Fault::None
    });
    let ran = sandbox.type_in("remove --yes --output json").fails(5);
    let error = &ran.json()["error"];
    assert!(error["message"].as_str().unwrap().ends_with("failed: stock"), "{error}");
    let gone = error["done"].as_array().unwrap();
    assert!(
        !gone.is_empty() && gone.iter().all(|one| one.as_str().unwrap().ends_with(": removed"))
    );
    assert!(is_there(&sandbox, "stock-dev-market"));
}

/// `sls remove` reports success while a busy function stays, takes no `--yes`, and says how many
/// instances of a project are gone.
#[test]
fn scripts_of_sls_go_on_and_a_busy_function_is_waited_for() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    let place = Place::new(REGION, FUNCTION);
    sandbox.server().set_status(&place, "$LATEST", "Updating", None).unwrap();
    let (looks, server) = (AtomicUsize::new(0), sandbox.server().clone());
    let from = sandbox.calls().len();
    sandbox.faulty(move |call| {
        if call.action == "GetFunction" && looks.fetch_add(1, Ordering::SeqCst) == 4 {
            server.set_status(&place, "$LATEST", "Active", None).unwrap();
        }
        Fault::None
    });
    let line = ["remove", "--debug", "--stage", "dev", "--yes"];
    let called = sls::called(&sandbox, "sls", &line).ok();
    assert!(called.stdout.contains("执行成功"), "{}", called.stdout);
    assert_eq!(sandbox.changed_since(from), ["DeleteFunction demo-dev-shop"]);
    assert!(!is_there(&sandbox, FUNCTION));
    let mut project = Sandbox::new();
    project.sample_project();
    project.type_in("deploy").ok();
    project.set("SCFCTL_YES", "1");
    let called = sls::called(&project, "sls", &["remove"]).ok();
    assert!(called.stdout.contains("已成功移除组件7个"), "{}", called.stdout);
    assert!(!is_there(&project, "api-dev-market"));
}
