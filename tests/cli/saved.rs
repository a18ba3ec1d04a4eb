//! `deploy --plan` and `apply`: what was planned is done, or nothing is.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::Signal;
use scfctl::local::Fault;
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, Ran, Sandbox, Victim, finished};
use crate::schema;

const SECRET: &str = "hunter2-hunter2";

/// A function with version 1, other code than that, and a variable from the environment.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::with_project();
    sandbox.set("DB_PASSWORD", SECRET);
    sandbox.yaml(FILE);
    sandbox.type_in("deploy --publish --traffic 0").ok();
    sandbox.change_code("two");
    sandbox
}

const FILE: &str =
    "  memorySize: 128\n  environment:\n    variables:\n      DB_PASSWORD: ${env:DB_PASSWORD}\n";

/// Saves a plan, and checks that nothing is changed by that.
#[track_caller]
fn plan(sandbox: &Sandbox, line: &str) -> Value {
    let from = sandbox.calls().len();
    sandbox.type_in(&format!("{line} --plan plan.json")).ok().says("`scfctl apply plan.json`");
    sandbox.nothing_changed(from);
    saved(sandbox)
}

fn file(sandbox: &Sandbox) -> PathBuf {
    sandbox.root().join("plan.json")
}

fn saved(sandbox: &Sandbox) -> Value {
    serde_json::from_slice(&std::fs::read(file(sandbox)).unwrap()).unwrap()
}

/// The actions that a plan names.
fn named(plan: &Value) -> Vec<String> {
    let calls = plan["plan"]["calls"].as_array().unwrap();
    calls.iter().map(|call| call["action"].as_str().unwrap().to_owned()).collect()
}

/// Applies the plan, which is stale for this reason alone.
#[track_caller]
fn stale(sandbox: &Sandbox, reason: &str) -> Ran {
    let ran = sandbox.type_in("apply plan.json").fails(5);
    assert_eq!(ran.changes(), [] as [&str; 0]);
    assert!(!ran.stderr.contains(SECRET), "{}", ran.stderr);
    let is_before = |line: &&str| !line.starts_with("error: ");
    let lines: Vec<&str> = ran.stderr.lines().skip_while(is_before).collect();
    assert_eq!(
        lines[0], "error: plan `plan.json` is stale, and nothing was sent. Changed since:",
        "{}",
        ran.stderr
    );
    assert_eq!(lines[1].trim(), reason, "{}", ran.stderr);
    assert!(lines[2].trim().starts_with("hint: plan anew: `scfctl deploy "), "{}", ran.stderr);
    ran
}

#[test]
fn what_was_planned_is_done_by_the_calls_that_the_plan_names() {
    for line in [
        "deploy",
        "deploy --traffic 0.1",
        "deploy --publish --traffic 0",
        "deploy --publish --traffic 0.2 --run-id release-2",
        "deploy --publish --inputs traffic=0.3 memorySize=256",
        "deploy --force --publish --if-changed",
    ] {
        let sandbox = sandbox();
        let plan = plan(&sandbox, line);
        let done = sandbox.type_in("apply plan.json").ok();
        assert_eq!(done.changes(), named(&plan), "{line}");
        // What `deploy` shows itself.
        assert!(done.stdout.contains(FUNCTION), "{}", done.stdout);
        if let Some(after) = plan["plan"]["routingChange"]["after"].as_object() {
            let routing = sandbox.routing("$DEFAULT");
            for (version, share) in after {
                let version = if version == "new version" { "2" } else { version };
                assert_eq!(routing[version].as_f64(), share.as_f64(), "{line}: {routing}");
            }
        }
    }
}

#[test]
fn a_function_is_created_by_its_plan() {
    let sandbox = Sandbox::with_project();
    let plan = plan(&sandbox, "deploy --publish --traffic 0");
    assert_eq!(named(&plan), ["CreateFunction", "PublishVersion", "UpdateAlias"]);
    let done = sandbox.type_in("apply plan.json --output json").ok();
    assert_eq!(done.json()["publishedVersion"], "1");
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "1": 1}));
    // The same project again: somebody else has made the function.
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --publish --plan plan.json").ok();
    sandbox.change_code("other");
    sandbox.type_in("deploy").ok();
    sandbox.project();
    stale(&sandbox, "the function: not there -> there");
}

#[test]
fn a_dry_run_is_shown_and_the_file_holds_no_secret() {
    let sandbox = sandbox();
    for (line, code) in [("deploy --detailed-exitcode", 10), ("deploy", 0)] {
        for form in ["", " --output json"] {
            let line = format!("{line} --traffic 0.1{form}");
            let shown = sandbox.type_in(&format!("{line} --plan plan.json")).fails(code);
            let dry = sandbox.type_in(&format!("{line} --dry-run")).fails(code);
            assert_eq!(shown.stdout, dry.stdout);
        }
    }
    let text = std::fs::read_to_string(file(&sandbox)).unwrap();
    assert!(!text.contains(SECRET) && text.contains("environment.variables.DB_PASSWORD"), "{text}");
    let plan = saved(&sandbox);
    schema::check("saved-plan", &plan);
    assert_eq!(plan["schemaVersion"], 1);
    assert_eq!(
        plan["command"],
        json!(["deploy", "--traffic", "0.1", "--output", "json", "--plan", "plan.json"])
    );
    assert_eq!(plan["plan"]["functionName"], FUNCTION);
    assert_eq!(plan["reads"]["inputs"]["memorySize"], "128");
    assert_eq!(plan["reads"]["settings"]["MemorySize"], "128");
    assert!(plan["reads"]["aliases"]["$DEFAULT"].as_str().unwrap().contains('1'));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(file(&sandbox)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // Nothing to do is a plan, too.
    sandbox.type_in("deploy").ok();
    sandbox.type_in("deploy --detailed-exitcode --plan plan.json").ok();
    assert_eq!(sandbox.type_in("apply plan.json").ok().changes(), [] as [&str; 0]);
}

#[test]
fn whatever_was_read_makes_a_plan_stale_when_it_changes() {
    type Act = fn(&mut Sandbox);
    let cases: [(&str, Act, &str); 11] = [
        (
            "deploy",
            |sandbox| sandbox.yaml(&FILE.replace("128", "256")),
            "input `memorySize`: 128 -> 256",
        ),
        (
            "deploy",
            |sandbox| {
                sandbox.set("DB_PASSWORD", "another-word");
            },
            "input `environment.variables.DB_PASSWORD`: is another one",
        ),
        (
            "deploy",
            |sandbox| sandbox.yaml(&format!("{FILE}  timeout: 9\n")),
            "input `timeout`: is new",
        ),
        (
            "deploy",
            |sandbox| {
                sandbox.console("UpdateFunctionConfiguration", json!({"MemorySize": 512}));
            },
            "setting `MemorySize` of the function: 128 -> 512",
        ),
        (
            "deploy",
            |sandbox| {
                let variables = json!([{"Key": "DB_PASSWORD", "Value": "a-third-word"}]);
                let params = json!({"Environment": {"Variables": variables}});
                sandbox.console("UpdateFunctionConfiguration", params);
            },
            "setting `Environment.Variables.DB_PASSWORD` of the function: is another one",
        ),
        (
            "deploy --publish",
            |sandbox| {
                sandbox.console("PublishVersion", json!({}));
            },
            "version 2: is new",
        ),
        (
            "deploy --traffic 0.1",
            |sandbox| {
                let weights = json!([{"Version": "$LATEST", "Weight": 0.5}]);
                let params = json!({
                    "Name": "$DEFAULT", "FunctionVersion": "1",
                    "RoutingConfig": {"AdditionalVersionWeights": weights},
                });
                sandbox.console("UpdateAlias", params);
            },
            "alias `$DEFAULT`: ",
        ),
        (
            "deploy",
            |sandbox| {
                sandbox.set("TENCENTCLOUD_REGION", "ap-beijing");
            },
            "`region`: ap-guangzhou -> ap-beijing",
        ),
        (
            "deploy",
            |sandbox| {
                sandbox.set("STAGE", "prod");
            },
            "`function`: demo-dev-shop -> demo-prod-shop",
        ),
        (
            "deploy",
            |sandbox| {
                sandbox.console("DeleteFunction", json!({}));
            },
            "the function: there -> not there",
        ),
        ("deploy", |sandbox| sandbox.change_code("three"), "the code to be sent: "),
    ];
    for (line, act, reason) in cases {
        let mut sandbox = sandbox();
        plan(&sandbox, line);
        act(&mut sandbox);
        let ran = sandbox.type_in("apply plan.json").fails(5);
        assert_eq!(ran.changes(), [] as [&str; 0], "{reason}");
        let said = ran.stderr.lines().skip(1).any(|line| line.trim().starts_with(reason));
        assert!(said, "no `{reason}` in {}", ran.stderr);
        assert!(!ran.stderr.contains("word") && !ran.stderr.contains(SECRET), "{}", ran.stderr);
        // The line that is advised makes another plan, which is carried out.
        let hint = format!("hint: plan anew: `scfctl {line} --plan plan.json`");
        assert!(ran.stderr.contains(&hint), "{}", ran.stderr);
        let made = plan(&sandbox, line);
        assert_eq!(sandbox.type_in("apply plan.json").ok().changes(), named(&made), "{reason}");
    }
}

#[test]
fn code_that_somebody_else_deployed_makes_a_plan_stale() {
    let sandbox = sandbox();
    plan(&sandbox, "deploy --traffic 0.1");
    sandbox.change_code("theirs");
    sandbox.type_in("deploy").ok();
    sandbox.change_code("two");
    let ran = sandbox.type_in("apply plan.json").fails(5).says("the code of $LATEST: ");
    assert_eq!(ran.changes(), [] as [&str; 0]);
    assert_eq!(sandbox.routing("$DEFAULT")["$LATEST"], 0.0);
}

#[test]
fn a_rollout_that_has_begun_is_in_the_way() {
    let sandbox = sandbox();
    sandbox.type_in("publish-ver").ok();
    plan(&sandbox, "deploy --traffic 0.1");
    sandbox.type_in("rollout start --no-gates --detach").ok();
    let ran = sandbox.type_in("apply plan.json").fails(5).says("alias `$DEFAULT`: ");
    assert_eq!(ran.changes(), [] as [&str; 0]);
    assert!(ran.stderr.contains("the description of alias `$DEFAULT`: "), "{}", ran.stderr);
}

#[test]
fn an_alias_of_ones_own_and_triggers_are_compared_too() {
    let timer = |cron: &str| {
        format!(
            "{FILE}  aliasName: prod\n  events:\n    - timer:\n        name: tick\n        parameters: {{cronExpression: '{cron}', enable: true, qualifier: $DEFAULT}}\n"
        )
    };
    let sandbox = sandbox();
    sandbox.yaml(&timer("0 0 1 * * * *"));
    sandbox.type_in("create-alias --alias prod --version 1 --description first").ok();
    sandbox.type_in("deploy --traffic 0").ok();
    sandbox.change_code("three");
    plan(&sandbox, "deploy --traffic 0");
    sandbox.type_in("update-alias --alias prod --version 1 --no-weights --description moved").ok();
    stale(&sandbox, "the description of alias `prod`: is another one");
    plan(&sandbox, "deploy --traffic 0");
    sandbox.console(
        "DeleteTrigger",
        json!({"TriggerName": "tick", "Type": "timer", "Qualifier": "$DEFAULT"}),
    );
    stale(&sandbox, "trigger timer `tick` on `$DEFAULT`: is gone");
}

#[test]
fn a_change_between_the_look_and_the_write_is_met_as_by_deploy() {
    let sandbox = sandbox();
    plan(&sandbox, "deploy --publish --traffic 0.1");
    let params = json!({
        "FunctionName": FUNCTION, "Name": "$DEFAULT", "FunctionVersion": "1",
        "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "$LATEST", "Weight": 0.7}]},
    });
    sandbox.alias_changes_before("PublishVersion", params);
    let ran = sandbox.type_in("apply plan.json").fails(5).says("someone else changed alias");
    assert!(!ran.changes().contains(&"UpdateAlias"), "{:?}", ran.changes());
    // The line goes on as the same run: nothing is published twice.
    sandbox.healthy();
    let (_, line) = ran.stderr.split_once("plan what is left: `scfctl ").expect("the line");
    let line = line.split('`').next().unwrap();
    assert!(line.starts_with("deploy --run-id "), "{line}");
    sandbox.type_in(line).ok();
    assert_eq!(named(&saved(&sandbox)), ["UpdateAlias"]);
    sandbox.type_in("apply plan.json").ok();
    assert_eq!(sandbox.versions(), ["1", "2"]);
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.1, "2": 0.9}));
}

#[test]
fn a_plan_that_is_done_is_done() {
    for line in ["deploy --publish --traffic 0.1", "deploy --traffic 0.1"] {
        let sandbox = sandbox();
        plan(&sandbox, line);
        sandbox.type_in("apply plan.json").ok();
        let versions = sandbox.versions();
        let again = sandbox.type_in("apply plan.json").ok().says("everything is as asked already");
        assert_eq!(again.changes(), [] as [&str; 0]);
        assert_eq!(sandbox.versions(), versions);
        // Somebody has gone on since.
        sandbox.type_in("deploy --traffic 0.5").ok();
        sandbox.type_in("apply plan.json").fails(5).says("alias `$DEFAULT`: ");
    }
}

#[test]
fn an_interrupted_plan_goes_on_as_the_same_run() {
    let sandbox = sandbox();
    plan(&sandbox, "deploy --publish --traffic 0");
    let victim = Victim::default();
    let struck = victim.clone();
    sandbox.faulty(move |call| match call.action.as_str() {
        "PublishVersion" => struck.struck(Signal::INT, false),
        _ => Fault::None,
    });
    let process = victim.spawn(&sandbox, &["apply", "plan.json"]);
    let ran = finished(process).fails(130).says("  done: publish $LATEST");
    sandbox.healthy();
    // Begun is not as it was planned.
    let again = sandbox.type_in("apply plan.json").fails(5).says("version 2: is new");
    for (said, before) in
        [(&ran.stderr, "plan what is left: `scfctl "), (&again.stderr, "plan anew: `scfctl ")]
    {
        let (_, line) = said.split_once(before).expect("the line");
        let line = line.split('`').next().unwrap();
        assert!(line.starts_with("deploy --run-id "), "{line}");
        sandbox.type_in(line).ok();
        assert_eq!(named(&saved(&sandbox)), ["UpdateAlias"]);
    }
    sandbox.type_in("apply plan.json").ok();
    assert_eq!(sandbox.versions(), ["1", "2"]);
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "2": 1}));
}

#[test]
fn a_read_that_fails_costs_no_plan() {
    let sandbox = sandbox();
    let made = plan(&sandbox, "deploy --traffic 0.1");
    let met = AtomicBool::new(false);
    sandbox.faulty(move |call| {
        let first = call.action == "GetFunction" && !met.swap(true, Ordering::SeqCst);
        if first { Fault::error("AuthFailure.UnauthorizedOperation", "no") } else { Fault::None }
    });
    let ran = sandbox.type_in("apply plan.json").fails(4);
    assert!(!ran.stderr.contains("what is left"), "{}", ran.stderr);
    assert_eq!(sandbox.type_in("apply plan.json").ok().changes(), named(&made));
}

#[test]
fn a_file_that_is_no_plan_of_this_version_is_refused() {
    let sandbox = sandbox();
    plan(&sandbox, "deploy --traffic 0.1");
    let text = std::fs::read_to_string(file(&sandbox)).unwrap();
    let other = concat!("\"", env!("CARGO_PKG_VERSION"), "\"");
    for (text, says) in [
        (String::new(), "`plan.json` is no saved plan"),
        ("{}".to_owned(), "`plan.json` is no saved plan"),
        (text[..text.len() / 2].to_owned(), "`plan.json` is no saved plan"),
        (text.replace("\"0.1\"", "\"0.2\""), "was changed after it was written"),
        (
            text.replace("\"schemaVersion\": 1", "\"schemaVersion\": 2"),
            "has format 2; this version reads format 1",
        ),
        (text.replace(other, "\"9.9.9\""), "was changed after it was written"),
    ] {
        sandbox.file("plan.json", &text);
        let ran = sandbox.type_in("apply plan.json").fails(2).says(says);
        assert!(ran.calls.is_empty());
    }
    // How it is laid out says nothing.
    let value: Value = serde_json::from_str(&text).unwrap();
    sandbox.file("plan.json", &value.to_string());
    sandbox.type_in("apply plan.json").ok();
    sandbox.type_in("apply none.json").fails(2).says("plan `none.json` cannot be read: ");
}

#[test]
fn a_file_that_is_no_plan_is_not_replaced() {
    let sandbox = sandbox();
    sandbox.file("notes.txt", "mine");
    sandbox.file("empty.json", "");
    for (file, says) in [
        ("notes.txt", "--plan `notes.txt` is there already, and is no plan"),
        ("src", "--plan `src` is a folder"),
        ("-", "--plan `-` is no file"),
        ("/dev/stdout", "--plan `/dev/stdout` is no file"),
        ("nowhere/plan.json", "--plan `nowhere/plan.json` cannot be written"),
    ] {
        let ran = sandbox.run(&["deploy", &format!("--plan={file}")]).fails(2).says(says);
        assert!(ran.calls.is_empty());
    }
    assert_eq!(std::fs::read_to_string(sandbox.root().join("notes.txt")).unwrap(), "mine");
    sandbox.type_in("deploy --plan empty.json").ok();
    sandbox.type_in("deploy --traffic 0.1 --plan empty.json").ok();
    sandbox.type_in("apply empty.json").ok();
}

#[test]
fn a_secret_on_the_command_line_is_not_kept() {
    let sandbox = sandbox();
    for line in [
        &["deploy", "--plan", "p", "--param", "TOKEN=hunter2-hunter2"][..],
        &[
            "deploy",
            "--plan",
            "p",
            "--inputs",
            "environment={\"variables\":{\"AA\":\"hunter2-hunter2\"}}",
        ],
    ] {
        let ran = sandbox.run(line).fails(2).says("a plan keeps the command line, and `");
        assert!(ran.calls.is_empty() && !ran.stderr.contains("hunter2"), "{}", ran.stderr);
        assert!(!sandbox.root().join("p").exists());
    }
}

#[test]
fn a_parameter_that_config_would_hide_is_not_kept() {
    let sandbox = sandbox();
    let yaml = FILE.replace("${env:DB_PASSWORD}", "x${param:PIN}y");
    sandbox.yaml(&yaml);
    let from = sandbox.calls().len();
    for line in ["deploy --param PIN=48213 --plan p", "deploy --param=PIN=48213 --plan p"] {
        let ran = sandbox.type_in(line).fails(2).says("`PIN=[redacted]` may be a secret");
        assert!(!ran.stderr.contains("48213"), "{}", ran.stderr);
        assert!(!sandbox.root().join("p").exists());
    }
    // Nobody knows what it is that nothing refers to.
    sandbox.yaml("  memorySize: ${param:SIZE}\n");
    let ran = sandbox.type_in("deploy --param SIZE=256 --param PW=hunter2 --plan p").fails(2);
    let ran = ran.says("nothing refers to `PW=[redacted]`").says("leave the parameter out");
    assert!(!ran.stderr.contains("hunter2") && !sandbox.root().join("p").exists());
    sandbox.nothing_changed(from);
    sandbox.type_in("deploy --param SIZE=256 --plan plan.json").ok();
}

#[test]
fn an_alias_that_would_be_given_the_code_too_makes_a_plan_stale() {
    let sandbox = sandbox();
    sandbox.console("CreateAlias", json!({"Name": "prod", "FunctionVersion": "1"}));
    plan(&sandbox, "deploy");
    let moved = json!({"Name": "prod", "FunctionVersion": "$LATEST"});
    sandbox.console("UpdateAlias", moved);
    stale(&sandbox, "alias `prod`: is new");
    // What serves a published version is no concern of the code.
    plan(&sandbox, "deploy --traffic 0.1");
    sandbox.console("UpdateAlias", json!({"Name": "prod", "FunctionVersion": "1"}));
    stale(&sandbox, "alias `prod`: is gone");
    plan(&sandbox, "deploy --traffic 0.1");
    sandbox.console("CreateAlias", json!({"Name": "other", "FunctionVersion": "1"}));
    sandbox.type_in("apply plan.json").ok();
}

#[test]
fn no_hook_runs_for_another_place() {
    let sandbox = sandbox();
    let hook = "src: {src: ./src, hook: 'mkdir -p ../dist && cp index.py ../dist && echo >> ../ran', dist: ./dist}";
    let file = sandbox.root().join("serverless.yml");
    let text = std::fs::read_to_string(&file).unwrap().replace("src: ./src", hook);
    sandbox.file("serverless.yml", &text);
    let code = std::fs::read_to_string(sandbox.root().join("src/index.py")).unwrap();
    sandbox.file("dist/index.py", &code);
    plan(&sandbox, "deploy");
    let ran = sandbox.root().join("ran");
    sandbox.file("serverless.yml", &format!("{text}  region: ap-beijing\n"));
    let refused = sandbox.type_in("apply plan.json").fails(5).says("`region`: ");
    assert!(refused.calls.is_empty() && !ran.exists());
    sandbox.file("serverless.yml", &text);
    sandbox.type_in("apply plan.json").ok();
    assert!(ran.exists());
}

#[test]
fn several_functions_and_rollouts_have_no_plan() {
    let sandbox = Sandbox::new();
    sandbox.file("serverless.yml", "app: shop\n");
    sandbox.instance("one", "");
    sandbox.instance("two", "");
    sandbox.type_in("deploy --plan plan.json").fails(2).says("these are several: one, two");
    sandbox.type_in("deploy --target one --plan plan.json").ok();
    sandbox.type_in("apply plan.json").ok();
    let sandbox = Sandbox::with_project();
    sandbox
        .type_in("deploy --rollout --plan plan.json")
        .fails(2)
        .says("a rollout decides at each step");
    sandbox.type_in("deploy --dry-run --plan plan.json").fails(2).says("cannot be used with");
}

#[test]
fn options_of_the_deployment_are_those_of_the_plan() {
    let sandbox = sandbox();
    plan(&sandbox, "deploy --traffic 0.1");
    for option in [
        "--stage prod",
        "--target x",
        "--traffic 0.2",
        "--region ap-beijing",
        "--dry-run",
        "--run-id x",
        "--inputs traffic=1",
    ] {
        let ran = sandbox.type_in(&format!("apply plan.json {option}")).fails(2);
        assert!(ran.calls.is_empty(), "{option}");
    }
    sandbox.type_in("apply").fails(2);
    let url = sandbox.server().url();
    sandbox.type_in(&format!("apply plan.json --endpoint {url} --timeout 60s -q")).ok();
    let ran = sandbox.type_in("apply plan.json --local").fails(5);
    assert!(ran.calls.is_empty());
    assert!(
        ran.stderr.contains("`service`: ") && ran.stderr.contains(" -> local"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_plan_of_the_local_scf_says_so_itself() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --local --publish --plan plan.json").ok();
    let ran = sandbox.type_in("apply plan.json").ok();
    assert!(ran.calls.is_empty());
    sandbox.type_in("apply plan.json --local").ok().says("everything is as asked already");
}

#[test]
fn programs_and_chinese_readers_are_told_what_has_changed() {
    let sandbox = sandbox();
    plan(&sandbox, "deploy");
    sandbox.yaml(&FILE.replace("128", "256"));
    let told = sandbox.type_in("apply plan.json --output json").fails(5).json();
    assert_eq!(told["error"]["code"], "stale-plan");
    assert_eq!(
        told["changed"],
        json!([{"what": "inputs", "name": "memorySize", "was": "128", "is": "256"}])
    );
    let ran = sandbox.type_in("apply plan.json --lang zh").fails(5);
    assert!(
        ran.stderr.contains("错误：计划 `plan.json` 已过期，没有发送任何请求。此后的变化：\n"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("输入 `memorySize`：128 -> 256"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("请重新生成计划：`scfctl deploy --plan plan.json`"),
        "{}",
        ran.stderr
    );
}

/// The plan lies among the files that are packed.
#[test]
fn a_plan_is_no_part_of_the_code() {
    let sandbox = Sandbox::with_project();
    let text = "component: scf\nname: demo\napp: shop\ninputs:\n  src: ./\n  runtime: Python3.9\n  handler: src/index.main_handler\n";
    sandbox.file("serverless.yml", text);
    let made = plan(&sandbox, "deploy");
    assert_eq!(sandbox.type_in("apply plan.json").ok().changes(), named(&made));
    assert_eq!(sandbox.type_in("apply plan.json").ok().changes(), [] as [&str; 0]);
}

#[test]
fn misspelt_words_are_understood() {
    let sandbox = sandbox();
    sandbox.type_in("deploy --paln plan.json").fails(2).says("--plan");
    sandbox.type_in("aply plan.json").fails(2).says("Write: `scfctl apply plan.json`");
}

/// Another checkout of the same project, with another plan of the same moment.
#[test]
fn a_plan_is_carried_out_from_another_checkout() {
    let sandbox = sandbox();
    sandbox.type_in("package --out code.zip").ok();
    let made = plan(&sandbox, "deploy --package code.zip");
    assert!(named(&made).contains(&"UpdateFunctionCode".to_owned()), "{made}");
    assert_eq!(made["reads"]["inputs"]["src.src"], "./code.zip");
    let other = sandbox.root().join("elsewhere/checkout");
    std::fs::create_dir_all(&other).unwrap();
    for file in ["serverless.yml", "code.zip", "plan.json"] {
        std::fs::copy(sandbox.root().join(file), other.join(file)).unwrap();
    }
    let from = sandbox.calls().len();
    let mut command = sandbox.command(&["apply", "plan.json"]);
    finished(command.current_dir(&other).spawn().unwrap()).ok();
    let changes: Vec<String> =
        sandbox.calls().split_off(from).into_iter().map(|call| call.action).collect();
    assert!(changes.contains(&"UpdateFunctionCode".to_owned()), "{changes:?}");
}

#[test]
fn a_plan_of_another_account_is_stale() {
    let mut sandbox = sandbox();
    let made = plan(&sandbox, "deploy");
    assert!(made["reads"]["place"]["account"].as_str().unwrap().starts_with('#'), "{made}");
    assert_eq!(made["notCompared"], json!([]));
    let id = format!("AKID{}", "z".repeat(32));
    sandbox.set("TENCENT_SECRET_ID", &id);
    let ran = sandbox.type_in("apply plan.json").fails(5).says("`account`: is another one");
    assert!(ran.calls.is_empty() && !ran.stderr.contains(&id), "{}", ran.stderr);
}

/// Digests are made with a salt of the plan, not with what everybody knows.
#[test]
fn two_plans_of_the_same_have_other_digests() {
    let sandbox = sandbox();
    let line = "deploy --publish --traffic 0.1 --run-id release-1";
    let [one, two] = [plan(&sandbox, line), plan(&sandbox, line)];
    assert_eq!(one["runId"], two["runId"]);
    for place in ["/salt", "/reads/inputs/environment.variables.DB_PASSWORD", "/reads/steps/"] {
        let [one, two] = [&one, &two].map(|plan| plan.pointer(place).unwrap());
        assert!(one.is_string() && one != two, "{place}");
    }
    assert_eq!(one["reads"]["aliases"], two["reads"]["aliases"]);
    sandbox.type_in("apply plan.json").ok();
}

#[test]
fn what_nobody_compares_is_said() {
    let sandbox = Sandbox::with_project();
    let text = "component: scf\nname: demo\napp: shop\ninputs:\n  src: {bucket: code, object: code.zip}\n  runtime: Python3.9\n  handler: index.main_handler\n";
    sandbox.file("serverless.yml", text);
    let ran = sandbox.type_in("deploy --plan plan.json").ok();
    assert!(
        ran.stderr.contains("note: `apply` does not compare the object in COS"),
        "{}",
        ran.stderr
    );
    assert_eq!(saved(&sandbox)["notCompared"], json!(["object"]));
    for (uri, expected) in [("r/n/i:1", json!(["image"])), ("r/n/i:1@sha256:ab", json!([]))] {
        let text = format!(
            "component: scf\nname: demo\napp: shop\ninputs:\n  image: {{imageType: personal, imageUrl: '{uri}'}}\n"
        );
        sandbox.file("serverless.yml", &text);
        sandbox.type_in("deploy --plan plan.json").ok();
        assert_eq!(saved(&sandbox)["notCompared"], expected, "{uri}");
    }
    // Keys that end are others every time.
    let mut sandbox = self::sandbox();
    sandbox.set("TENCENT_TOKEN", "token");
    let ran = sandbox.type_in("deploy --plan plan.json");
    if ran.code == 0 {
        assert_eq!(saved(&sandbox)["notCompared"], json!(["account"]));
    }
}

/// Plans of other runs lie in the folder that is packed, too.
#[test]
fn other_plans_are_no_part_of_the_code() {
    let sandbox = Sandbox::with_project();
    let text = "component: scf\nname: demo\napp: shop\ninputs:\n  src: ./\n  runtime: Python3.9\n  handler: src/index.main_handler\n";
    sandbox.file("serverless.yml", text);
    sandbox.type_in("deploy").ok();
    for name in ["monday.json", "release", "src/last.plan"] {
        sandbox.type_in(&format!("deploy --plan {name}")).ok();
    }
    sandbox.file("src/data.json", "{\"kind\": \"scfctl-plan\"}");
    let ran = sandbox.type_in("package --list").ok();
    for name in ["monday.json", "release", "src/last.plan"] {
        let warning = format!("warning: `{name}` is a saved plan; left out");
        assert!(ran.stderr.contains(&warning), "{}", ran.stderr);
        assert!(!ran.stdout.contains(name), "{}", ran.stdout);
    }
    assert!(ran.stdout.contains("src/data.json"), "{}", ran.stdout);
    let text = format!("{text}  include: [monday.json]\n")
        .replace("  src: ./\n", "  src: {src: ./, include: [monday.json]}\n")
        .replace("  include: [monday.json]\n", "");
    sandbox.file("serverless.yml", &text);
    assert!(sandbox.type_in("package --list").ok().stdout.contains("monday.json"));
}

/// The time of the plan counts, unless another one is typed, even where that is the default.
#[test]
fn the_time_of_the_plan_counts() {
    let sandbox = sandbox();
    plan(&sandbox, "deploy --timeout 2s");
    sandbox.faulty(|call| match call.action.as_str() {
        "GetFunction" => Fault::Stall,
        _ => Fault::None,
    });
    sandbox.type_in("apply plan.json").fails(6).says("2 s");
    sandbox.type_in("apply plan.json --timeout 1s").fails(6).says("1 s");
}
