//! A folder of instances: all of them with one command.

use std::collections::BTreeSet;

use rustix::process::Signal;
use scfctl::local::{Fault, Rate};
use serde_json::{Value, json};

use crate::sandbox::{REGION, Ran, Sandbox, eventually, finished, send};

const FUNCTIONS: [&str; 8] = [
    "api-dev-market",
    "catalog-dev-market",
    "orders-dev-market",
    "prices-dev-market",
    "search-dev-market",
    "stock-dev-market",
    "workers-dev-market-report",
    "workers-dev-market-resize",
];

/// Two instances, `web` in need of `api`, in one app.
fn small() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("serverless.yml", "app: shop\n");
    sandbox.instance("api", "");
    sandbox.instance("web", needs("api.functionName").as_str());
    sandbox
}

fn needs(output: &str) -> String {
    format!(
        "  environment:\n    variables:\n      NEEDED: ${{output:${{stage}}:${{app}}:{output}}}\n"
    )
}

fn variable(sandbox: &Sandbox, function: &str) -> Value {
    let function = sandbox.console("GetFunction", json!({"FunctionName": function}));
    function["Environment"]["Variables"][0]["Value"].clone()
}

fn status<'a>(json: &'a Value, name: &str) -> &'a str {
    json["instances"][name]["status"].as_str().unwrap()
}

#[test]
fn one_command_deploys_publishes_and_shifts_everything_and_then_has_nothing_to_do() {
    let sandbox = Sandbox::new();
    sandbox.sample_project();
    let ran = sandbox.type_in("deploy --output json --inputs publish=true traffic=0.1").ok();
    for line in [
        "workers: report: deployed, last version 1, traffic 0.1",
        "workers: deployed, functions: 2",
    ] {
        assert!(ran.stderr.contains(line), "no `{line}` in {}", ran.stderr);
    }
    let json = ran.json();
    assert_eq!(json["instances"].as_object().unwrap().len(), 7);
    for name in FUNCTIONS {
        let alias = sandbox.console("GetAlias", json!({"FunctionName": name, "Name": "$DEFAULT"}));
        assert_eq!(alias["FunctionVersion"], "$LATEST", "{name}");
        assert_eq!(
            alias["RoutingConfig"]["AdditionalVersionWeights"],
            json!([{"Version": "1", "Weight": 0.9}]),
            "{name}"
        );
    }
    assert_eq!(json["instances"]["api"]["outputs"]["lastVersion"], "1");
    assert_eq!(json["instances"]["workers"]["outputs"]["functions"][1]["key"], "report");
    // Dependents come after what they need.
    let changed = sandbox.changed_since(0);
    let position = |call: &str| changed.iter().position(|one| one == call).unwrap();
    for (first, then) in [("catalog", "api"), ("prices", "api"), ("stock", "orders")] {
        assert!(
            position(&format!("UpdateAlias {first}-dev-market"))
                < position(&format!("CreateFunction {then}-dev-market")),
            "{changed:?}"
        );
    }
    assert_eq!(variable(&sandbox, "api-dev-market"), "catalog-dev-market");
    assert_eq!(variable(&sandbox, "workers-dev-market-resize"), "stock-dev-market");
    // The same again, and what a redeployment of a pipeline says.
    for line in ["deploy", "deploy --if-changed --inputs publish=true traffic=0.1"] {
        let from = sandbox.calls().len();
        sandbox.type_in(line).ok();
        sandbox.nothing_changed(from);
    }
    // On to the next share, with one command.
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --inputs traffic=0.5").ok();
    let mut changed = sandbox.changed_since(from);
    changed.sort();
    assert_eq!(changed, FUNCTIONS.map(|name| format!("UpdateAlias {name}")));
}

#[test]
fn text_shows_the_outputs_of_each_and_progress_names_its_instance() {
    let sandbox = small();
    let ran = sandbox.type_in("deploy").ok();
    assert!(ran.stdout.starts_with("api: \n  type:         event\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nweb: \n  type:         event\n"), "{}", ran.stdout);
    for line in [
        "- project of 2 instances, app shop, stage dev: api, web",
        "- api: CreateFunction: create the function",
        "- api: deployed, last version $LATEST, traffic 1",
        "- web: CreateFunction: create the function",
    ] {
        assert!(ran.stderr.contains(line), "no `{line}` in {}", ran.stderr);
    }
}

#[test]
fn called_as_sls_it_prints_what_the_real_one_prints() {
    let sandbox = small();
    let link = sandbox.root().join("../sls");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_scfctl"), &link).unwrap();
    let command = |arguments: &[&str]| {
        let command = sandbox.command(arguments);
        let mut sls = std::process::Command::new(&link);
        sls.args(command.get_args()).current_dir(sandbox.root()).env_clear();
        sls.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        String::from_utf8(sls.output().unwrap().stdout).unwrap()
    };
    let stdout = command(&["deploy"]);
    let dashes = "--------------------------------------------- ";
    assert!(stdout.starts_with(&format!("\napi 部署成功: \n{dashes}\ntype: ")), "{stdout}");
    assert!(stdout.contains(&format!("\n\nweb 部署成功: \n{dashes}\ntype: ")), "{stdout}");
    assert!(stdout.ends_with("\n\n已成功部署组件2个\n"), "{stdout}");
    sandbox.faulty(|call| match call.action.as_str() {
        "UpdateFunctionCode" => Fault::error("LimitExceeded.Memory", "no room"),
        _ => Fault::None,
    });
    let stdout = command(&["deploy", "--force"]);
    assert!(stdout.ends_with("已成功 部署组件0个，失败2个\n"), "{stdout}");
}

#[test]
fn a_failure_stops_those_in_need_and_nobody_else() {
    let sandbox = Sandbox::new();
    sandbox.file("serverless.yml", "app: shop\n");
    sandbox.instance("a", "");
    sandbox.instance("b", &needs("a.functionName"));
    sandbox.instance("c", &needs("b.functionName"));
    sandbox.instance("d", "");
    sandbox.instance("e", &needs("d.functionName"));
    sandbox.faulty(|call| {
        if call.action == "CreateFunction" && call.params["FunctionName"] == "a-dev-shop" {
            return Fault::error("LimitExceeded.Memory", "no room");
        }
        Fault::None
    });
    let ran = sandbox
        .type_in("deploy --output json --inputs publish=true")
        .fails(1)
        .says("error: a: cannot deploy function `a-dev-shop`")
        .says("error: 1 of 5 failed: a\n")
        .says("  skipped: b, which needs a\n")
        .says("  skipped: c, which needs a\n")
        .says("add --run-id ");
    let json = ran.json();
    for (name, expected) in
        [("a", "failed"), ("b", "skipped"), ("c", "skipped"), ("d", "deployed"), ("e", "deployed")]
    {
        assert_eq!(status(&json, name), expected, "{name}");
    }
    assert_eq!(json["instances"]["c"]["because"], "a");
    assert!(json["instances"]["a"]["errors"][0].as_str().unwrap().contains("LimitExceeded.Memory"));
    let created: BTreeSet<String> = sandbox
        .changed_since(0)
        .into_iter()
        .filter(|call| call.starts_with("CreateFunction"))
        .collect();
    let expected = ["a-dev-shop", "d-dev-shop", "e-dev-shop"];
    assert_eq!(created, expected.map(|name| format!("CreateFunction {name}")).into());
    // What is left is done by the same command.
    sandbox.healthy();
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok();
    let expected = ["a-dev-shop", "b-dev-shop", "c-dev-shop"];
    assert_eq!(sandbox.changed_since(from), expected.map(|name| format!("CreateFunction {name}")));
}

#[test]
fn the_exit_code_is_what_the_failures_have_in_common() {
    let sandbox = small();
    sandbox.instance("other", "");
    let fail = |of_other: &'static str| {
        sandbox.faulty(move |call| {
            let other = call.params["FunctionName"] == "other-dev-shop";
            match call.action.as_str() {
                "CreateFunction" if other => Fault::error(of_other, "refused"),
                "CreateFunction" => Fault::error("UnauthorizedOperation.CAM", "refused"),
                _ => Fault::None,
            }
        });
        sandbox.type_in("deploy")
    };
    fail("UnauthorizedOperation.CAM").fails(4).says("2 of 3 failed: api, other");
    fail("LimitExceeded.Memory").fails(1);
}

#[test]
fn what_is_wrong_is_said_before_the_first_call() {
    for (inputs, code, says) in [
        ("  memorySize: 100\n", "memorySize", "api/serverless.yml:7"),
        ("  traffic: 2\n", "traffic", "outside 0 to 1"),
        ("  handler: index.main_handler\n", "cannot understand", "serverless.yml"),
    ] {
        let sandbox = small();
        sandbox.instance("api", inputs);
        sandbox.type_in("deploy").fails(2).says("error: api: ").says(code).says(says);
        assert_eq!(sandbox.calls().len(), 0);
    }
    let refused = |prepare: &dyn Fn(&Sandbox), texts: &[&str]| {
        let sandbox = small();
        prepare(&sandbox);
        let ran = sandbox.type_in("deploy").fails(2);
        texts.iter().fold(ran, |ran: Ran, text| ran.says(text));
        assert_eq!(sandbox.calls().len(), 0);
    };
    refused(
        &|sandbox| sandbox.instance("api", &needs("web.functionName")),
        &["instances need each other's outputs: api -> web -> api"],
    );
    refused(
        &|sandbox| sandbox.instance("api", &needs("api.functionName")),
        &["instances need each other's outputs: api -> api"],
    );
    refused(
        &|sandbox| sandbox.instance("api", &needs("absent.functionName")),
        &[
            "${output:dev:shop:absent.functionName}",
            "the project has no instance `absent`",
            "its instances are api, web",
            "api/serverless.yml:9",
        ],
    );
    refused(
        &|sandbox| sandbox.instance("web", &needs("api.vpcId")),
        &["scf has no output `vpcId`", "its outputs are alias, code,"],
    );
    refused(
        &|sandbox| {
            sandbox
                .file("web/serverless.yml", "component: scf\nname: api\ninputs:\n  src: ./src\n");
        },
        &["api and web have the same name, `api`"],
    );
    refused(
        &|sandbox| sandbox.instance("web", "  name: api-dev-shop\n"),
        &["api and web deploy the same function, `api-dev-shop`"],
    );
    refused(
        &|sandbox| std::fs::remove_file(sandbox.root().join("serverless.yml")).unwrap(),
        &[
            "the same `app`: that of api is `api`, that of web is `web`",
            "a serverless.yml of this folder",
        ],
    );
    refused(
        &|sandbox| sandbox.file("site/serverless.yml", "component: sfc\nname: site\n"),
        &["site: component `sfc` does not exist", "did you mean `component: scf`?"],
    );
    refused(
        &|sandbox| sandbox.file("site/serverless.yml", "name: site\n"),
        &["site/serverless.yml has no `component`"],
    );
}

#[test]
fn stage_inputs_and_options_count_for_every_instance() {
    let sandbox = small();
    sandbox.type_in("deploy").ok();
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --force").ok();
    let mut changed = sandbox.changed_since(from);
    changed.sort();
    assert_eq!(
        changed,
        [
            "UpdateFunctionCode api-dev-shop",
            "UpdateFunctionCode web-dev-shop",
            "UpdateFunctionConfiguration web-dev-shop"
        ]
    );
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --stage prod --inputs memorySize=256 --region ap-shanghai").ok();
    let calls = sandbox.calls();
    let created: Vec<_> =
        calls.iter().skip(from).filter(|call| call.action == "CreateFunction").collect();
    assert_eq!(created.len(), 2);
    for (call, name) in created.iter().zip(["api-prod-shop", "web-prod-shop"]) {
        assert_eq!(call.params["FunctionName"], name);
        assert_eq!(
            (&call.params["MemorySize"], call.region.as_str()),
            (&json!(256), "ap-shanghai")
        );
    }
    assert_eq!(created[1].params["Environment"]["Variables"][0]["Value"], "api-prod-shop");
}

#[test]
fn each_instance_goes_to_its_own_region() {
    let sandbox = small();
    sandbox.instance("api", "  region: ap-shanghai\n");
    sandbox.instance("web", &needs("api.region"));
    sandbox.type_in("deploy").ok();
    let calls = sandbox.calls();
    let region = |name: &str| {
        calls.iter().find(|call| call.params["FunctionName"] == name).unwrap().region.clone()
    };
    assert_eq!(
        (region("api-dev-shop").as_str(), region("web-dev-shop").as_str()),
        ("ap-shanghai", REGION)
    );
    assert_eq!(variable(&sandbox, "web-dev-shop"), "ap-shanghai");
}

#[test]
fn one_env_file_serves_the_project() {
    let sandbox = small();
    sandbox.file(".env", "WORD=root\n");
    sandbox.file("api/.env", "WORD=own\n");
    sandbox.instance("api", "  description: ${env:WORD}\n");
    sandbox.type_in("deploy").ok().says("warning: api: ").says("api/.env is not read");
    let function = sandbox.console("GetFunction", json!({"FunctionName": "api-dev-shop"}));
    assert_eq!(function["Description"], "root");
}

#[test]
fn a_dry_run_plans_all_and_says_what_it_cannot_know() {
    let sandbox = small();
    sandbox.instance("third", &needs("api.lastVersion"));
    let ran = sandbox.type_in("deploy --dry-run --output json --inputs publish=true").ok();
    let ran =
        ran.says("note: third: ${output:dev:shop:api.lastVersion} is known once `api` is deployed");
    assert!(!ran.stderr.contains("api.functionName} is known"), "{}", ran.stderr);
    let json = ran.json();
    for name in ["api", "third", "web"] {
        assert_eq!(status(&json, name), "planned");
        let calls = json["instances"][name]["plan"]["calls"].as_array().unwrap();
        assert_eq!(calls[0]["action"], "CreateFunction");
    }
    sandbox.nothing_changed(0);
}

#[test]
fn outputs_of_this_run_are_newer_than_the_cloud() {
    let sandbox = small();
    sandbox.instance("web", &needs("api.lastVersion"));
    sandbox.type_in("deploy --inputs publish=true").ok();
    assert_eq!(variable(&sandbox, "web-dev-shop"), "1");
    sandbox.file("api/src/index.py", "def main_handler(event, context): return 2\n");
    sandbox.type_in("deploy --if-changed --inputs publish=true").ok();
    assert_eq!(variable(&sandbox, "web-dev-shop"), "2");
}

#[test]
fn one_instance_takes_outputs_of_the_others_from_the_cloud() {
    let sandbox = small();
    sandbox.instance("web", &needs("api.lastVersion"));
    sandbox
        .type_in("deploy --target web")
        .fails(3)
        .says("`api` is not deployed: there is no function `api-dev-shop`")
        .says("the whole project from its folder");
    sandbox.nothing_changed(0);
    sandbox.type_in("deploy --target api --inputs publish=true").ok();
    sandbox.type_in("deploy --target web").ok();
    assert_eq!(variable(&sandbox, "web-dev-shop"), "1");
    // Of another stage, from the folder of the project as well.
    sandbox.type_in("deploy --stage prod --target api").ok();
    let other =
        "  environment:\n    variables:\n      NEEDED: ${output:prod:shop:api.functionName}\n";
    sandbox.instance("web", other);
    sandbox.type_in("deploy").ok();
    assert_eq!(variable(&sandbox, "web-dev-shop"), "api-prod-shop");
    // What the cloud does not know, and what is no part of the project.
    for (output, says) in [
        ("dev:shop:api.memorySize", "the cloud does not tell output `memorySize`"),
        ("dev:other:api.region", "app `other` is another project"),
        ("dev:shop:absent.region", "no instance `absent` of app `shop` lies in"),
        ("dev:shop:api.functionUrl", "the function of `api` has no function URL"),
    ] {
        let line = format!("  description: ${{output:{output}}}\n");
        sandbox.instance("web", &line);
        let from = sandbox.calls().len();
        let ran =
            sandbox.type_in("deploy --target web").fails(2).says(says).says("web/serverless.yml:7");
        assert!(ran.stderr.contains("hint: "), "{}", ran.stderr);
        sandbox.nothing_changed(from);
    }
}

#[test]
fn parameters_come_from_options_and_from_the_environment() {
    let mut sandbox = small();
    sandbox.instance("api", "  description: ${param:team}\n");
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("parameter `team` is not given")
        .says("--param team=VALUE, or set SCFCTL_PARAM_team");
    assert_eq!(sandbox.calls().len(), 0);
    sandbox.set("SCFCTL_PARAM_team", "blue");
    let description = |sandbox: &Sandbox| {
        sandbox.console("GetFunction", json!({"FunctionName": "api-dev-shop"}))["Description"]
            .clone()
    };
    sandbox.type_in("deploy").ok();
    assert_eq!(description(&sandbox), "blue");
    sandbox.type_in("deploy --param team=red --param other=x").ok();
    assert_eq!(description(&sandbox), "red");
    sandbox.type_in("deploy --param team").fails(2).says("NAME=VALUE");
}

#[test]
fn only_so_many_functions_are_worked_on_at_the_same_time() {
    let sandbox = Sandbox::new();
    sandbox.file("serverless.yml", "app: shop\n");
    for name in ["a", "b", "c", "d", "e"] {
        sandbox.instance(name, "");
    }
    let names = |from: usize| -> Vec<String> {
        let calls = sandbox.calls().split_off(from);
        calls
            .iter()
            .filter_map(|call| call.params["FunctionName"].as_str().map(str::to_owned))
            .collect()
    };
    for (line, at_once) in [("--concurrency 1", 1), ("--concurrency 3", 3), ("", 5)] {
        let line = format!("deploy {line}");
        // Whoever is worked on waits for an answer that never comes: so many get a turn.
        sandbox.faulty(|_| Fault::Stall);
        let from = sandbox.calls().len();
        let process = sandbox.spawn(&line.split_whitespace().collect::<Vec<_>>());
        let begun = || names(from).into_iter().collect::<BTreeSet<_>>();
        let says = || format!("{line}: {:?}", begun());
        eventually(|| (begun().len() >= at_once).then_some(()), says);
        send(Signal::INT, process.id());
        finished(process).fails(130);
        assert_eq!(begun().len(), at_once, "{line}");
        // And nobody begins before somebody else has ended.
        sandbox.healthy();
        let from = sandbox.calls().len();
        sandbox.type_in(&line).ok();
        let called = names(from);
        let first = |name: &String| called.iter().position(|one| one == name);
        let last = |name: &String| called.iter().rposition(|one| one == name);
        let all: BTreeSet<&String> = called.iter().collect();
        assert_eq!(all.len(), 5, "{called:?}");
        for name in &all {
            let before = all.iter().filter(|other| first(other) < first(name)).count();
            let ended = all.iter().filter(|other| last(other) < first(name)).count();
            assert!(before - ended < at_once, "{line}: {called:?}");
        }
    }
    sandbox.type_in("deploy --concurrency 0").fails(2);
}

#[test]
fn many_functions_stay_within_the_documented_rates() {
    let sandbox = Sandbox::with(|options| options.rate = Some(Rate::Documented));
    sandbox.file("src/index.py", "def main_handler(event, context): pass\n");
    let functions: Vec<String> = (0..24).map(|number| format!("    f{number}: {{}}\n")).collect();
    let functions = functions.concat();
    sandbox.file(
        "serverless.yml",
        &format!(
            "component: multi-scf\nname: many\napp: shop\ninputs:\n  src: ./src\n  runtime: Python3.9\n  \
             handler: index.main_handler\n  functions:\n{functions}"
        ),
    );
    let ran =
        sandbox.type_in("deploy --debug --concurrency 24 --inputs publish=true traffic=0.1").ok();
    assert!(!ran.stderr.contains("RequestLimitExceeded"), "{}", ran.stderr);
    // More than one second's worth of them, or nothing was shown.
    let reads = sandbox.calls().iter().filter(|call| call.action == "GetFunction").count();
    assert!(reads > 60, "{reads}");
}

/// The same warning stands on stderr and in the result, and both can be pasted.
#[test]
fn what_is_suggested_of_an_instance_names_its_folder() {
    let sandbox = Sandbox::new();
    sandbox.file("serverless.yml", "app: shop\n");
    sandbox.instance("api", "");
    for _ in 0..2 {
        sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
        sandbox.file("api/src/index.py", "def main_handler(event, context): return 2\n");
    }
    sandbox
        .type_in(
            "update-alias --target api --inputs name=$DEFAULT version=1 config={\"weights\":{}}",
        )
        .ok();
    let undo = "`scfctl update-alias --target api --inputs function=api-dev-shop name='$DEFAULT' ";
    let ran =
        sandbox.type_in("deploy --dry-run --output json --inputs traffic=0.1").ok().says(undo);
    let of_api = &ran.json()["instances"]["api"];
    let message = of_api["plan"]["warnings"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains(undo), "{of_api}");
    let ran = sandbox.type_in("deploy --dry-run --inputs traffic=0.1").ok();
    assert!(ran.stdout.contains(undo), "{}", ran.stdout);
}

#[test]
fn a_local_project_and_its_instances_share_their_state() {
    let sandbox = small();
    sandbox.type_in("deploy --local --inputs publish=true").ok();
    sandbox.type_in("deploy --local --target web").ok().says("everything is as asked already");
    sandbox.type_in("list-alias --local --target api").ok();
    assert!(!sandbox.root().join("web/.scfctl").exists());
    // An instance that has a state of its own keeps to it.
    sandbox.file("api/.scfctl/.gitignore", "*\n");
    sandbox.type_in("list-alias --local --target api").fails(3);
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn a_hook_of_a_dependent_runs_once_although_the_file_is_read_again() {
    let sandbox = small();
    sandbox.file(
        "web/serverless.yml",
        "component: scf\nname: web\ninputs:\n  src:\n    src: ./src\n    hook: echo run >> ../count\n    dist: ./src\n  runtime: Python3.9\n  handler: index.main_handler\n  description: ${output:dev:shop:api.functionName}\n",
    );
    sandbox.type_in("deploy").ok().says("- web: src.hook: echo run");
    assert_eq!(crate::sandbox::read(&sandbox.root().join("web/count")), "run\n");
}

#[test]
fn a_function_url_is_an_output_of_this_run_and_of_the_cloud() {
    let sandbox = small();
    sandbox.instance(
        "api",
        "  events:\n    - http:\n        parameters:\n          enable: true\n          netConfig:\n            enableExtranet: true\n",
    );
    sandbox.instance("web", &needs("api.functionUrl"));
    sandbox.type_in("deploy").ok();
    let url = variable(&sandbox, "web-dev-shop");
    assert!(url.as_str().unwrap().starts_with("https://"), "{url}");
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --target web").ok();
    sandbox.nothing_changed(from);
    // What calls nothing does without.
    sandbox.type_in("package --target web --list").ok();
    let shown = sandbox.type_in("config --target web --output json").ok().json();
    assert_eq!(
        shown["inputs"]["environment"]["variables"]["NEEDED"],
        "${output:dev:shop:api.functionUrl}"
    );
    sandbox.type_in("list-alias --target web").ok().says("`inputs.environment` is left out");
}

#[test]
fn options_count_where_there_is_something_for_them_to_do() {
    let sandbox = small();
    let timer = "  publish: true\n  events:\n    - timer:\n        parameters:\n          cronExpression: '0 0 8 * * * *'\n          enable: true\n";
    sandbox.instance("api", timer);
    sandbox.type_in("deploy --prune-triggers --if-changed").ok();
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --prune-triggers --if-changed").ok();
    sandbox.nothing_changed(from);
    sandbox.type_in("deploy --prune-triggers --target web").fails(2);
    sandbox.type_in("deploy --if-changed --target web").fails(2);
}
