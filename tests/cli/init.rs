//! `init`: files from a function that is there, from a runtime and from older formats.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::sandbox::{ID, KEY, Sandbox, finished};

/// Where what a timer passes on is kept.
const ARGUMENT: &str = "FUNCTION_events_2_timer_parameters_argument";

const RICH: &str = "\
component: scf
name: rich
app: shop
inputs:
  name: rich
  namespace: default
  src: ./src
  runtime: Python3.9
  handler: index.main_handler
  description: 'yes: 012 # ok'
  memorySize: 256
  timeout: 7
  initTimeout: 30
  msgTTL: 3600
  retryNum: 1
  environment:
    variables:
      MODE: '012'
      DATE: '2001-12-14'
      ASK: 'null'
      TEXT: ' 中文: # '
      DB_PASSWORD: hunter2hunter2
  tags:
    team: 'on'
  vpcConfig: {vpcId: vpc-1, subnetId: subnet-1}
  events:
    - timer:
        name: nightly
        parameters: {cronExpression: '0 0 3 * * * *', enable: true, argument: '{\"a\": [1]}'}
    - http:
        parameters: {netConfig: {enableExtranet: true, enableIntranet: false}, corsConfig: {origins: ['*'], maxAge: 60}}
    - cos:
        parameters: {bucket: b-1.cos.ap-guangzhou.myqcloud.com, events: 'cos:ObjectCreated:*', filter: {prefix: in/, suffix: .jpg}}
";

/// A sandbox with a function that has a bit of everything.
fn rich() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("from/serverless.yml", RICH);
    sandbox.file("from/src/index.py", "def main_handler(event, context):\n    return event\n");
    sandbox.type_in("deploy --target from --publish --traffic 0.1").ok();
    sandbox
}

fn read(sandbox: &Sandbox, path: &str) -> String {
    std::fs::read_to_string(sandbox.root().join(path)).unwrap()
}

#[test]
fn a_function_that_is_deployed_again_does_not_change() {
    let sandbox = rich();
    let from = sandbox.calls().len();
    let ran = sandbox.type_in("init --from-function rich --target to --output json").ok();
    sandbox.nothing_changed(from);
    let written = ran.json();
    assert_eq!(written["files"], json!(["to/code.zip", "to/.env", "to/serverless.yml"]));
    assert_eq!(written["functionName"], "rich");
    assert_eq!(written["variables"], json!(["FUNCTION_DB_PASSWORD", ARGUMENT]));
    assert_eq!(written.get("leftOut"), None, "{written}");
    let file = read(&sandbox, "to/serverless.yml");
    for line in [
        "component: scf\n",
        "  memorySize: 256\n",
        "  traffic: 0.1\n",
        "  msgTTL: 3600\n",
        "DB_PASSWORD: ${env:FUNCTION_DB_PASSWORD}\n",
        "  src: ./code.zip\n",
    ] {
        assert!(file.contains(line), "{line}{file}");
    }
    let kept = read(&sandbox, "to/.env");
    assert_eq!(kept, format!("FUNCTION_DB_PASSWORD=hunter2hunter2\n{ARGUMENT}={{\"a\": [1]}}\n"));
    assert!(file.contains(&format!("argument: ${{env:{ARGUMENT}}}\n")), "{file}");
    let mode = sandbox.root().join("to/.env").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for said in [&ran.stdout, &ran.stderr, &file] {
        assert!(!said.contains("hunter2") && !said.contains(ID) && !said.contains(KEY), "{said}");
    }
    assert!(ran.stderr.contains("who gets which share of `$DEFAULT`"), "{}", ran.stderr);
    // The key pair of the sandbox stands in its environment.
    let plan = sandbox.type_in("deploy --target to --dry-run --detailed-exitcode --output json");
    assert_eq!(plan.ok().json()["calls"], json!([]));
    sandbox.type_in("deploy --target to").ok();
    assert!(sandbox.calls()[from..].iter().all(|call| !call.action.starts_with("Update")));
}

#[test]
fn what_the_file_cannot_say_is_named_and_stays() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --publish").ok();
    for alias in ["one", "two"] {
        sandbox.type_in(&format!("create-alias --alias {alias} --version 1")).ok();
    }
    let ran = sandbox.type_in("init --from-function demo-dev-shop --target to").ok();
    let ran = ran.says("alias `one` (1: 1) is left out").says("alias `two` (1: 1) is left out");
    assert!(ran.stdout.contains("to/serverless.yml"), "{}", ran.stdout);
    sandbox.type_in("deploy --target to --dry-run --detailed-exitcode").ok();
}

#[test]
fn one_alias_is_written_with_its_versions() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --publish").ok();
    sandbox.type_in("create-alias --alias prod --version 1").ok();
    sandbox
        .type_in("init --from-function demo-dev-shop --target to")
        .ok()
        .says("who gets which share of `prod`");
    let file = read(&sandbox, "to/serverless.yml");
    assert!(file.contains("  aliasName: prod\n  aliasFunctionVersion: 1\n"), "{file}");
    sandbox.type_in("deploy --target to --dry-run --detailed-exitcode").ok();
}

/// Nothing is lost for the text of one variable, whichever quotes and references it holds.
#[test]
fn variables_are_written_whatever_they_hold() {
    let sandbox = Sandbox::with_project();
    sandbox.file(
        "serverless.yml",
        &json!({"component": "scf", "name": "demo", "app": "shop", "inputs": {
            "name": "demo-dev-shop", "src": "./src", "handler": "index.main_handler", "runtime": "Python3.9",
            "environment": {"variables": {
                "TPL": "${env:LITERAL, '$'}{name} and ${x}", "AWS": "\\${aws:region}", "PLAIN": "a",
                "DB_PASSWORD": "'\"`${env:LITERAL, '$'}{env:HOME}",
            }},
        }})
        .to_string(),
    );
    sandbox.type_in("deploy").ok();
    let ran = sandbox.type_in("init --from-function demo-dev-shop --target to --output json").ok();
    assert_eq!(ran.json().get("leftOut"), None, "{}", ran.stdout);
    let file = read(&sandbox, "to/serverless.yml");
    for part in ["AWS: '\\${aws:region}'", "PLAIN: a", "${env:FUNCTION_DB_PASSWORD}"] {
        assert!(file.contains(part) || file.contains(&part.replace('\'', "")), "{part}: {file}");
    }
    let plan = sandbox.type_in("deploy --target to --dry-run --detailed-exitcode --output json");
    assert_eq!(plan.ok().json()["calls"], json!([]));
}

/// As at the end of the guide: both aliases lead to the last version.
#[test]
fn a_default_alias_at_the_last_version_is_written() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --publish --traffic 0").ok();
    sandbox.type_in("create-alias --alias prod --version 1").ok();
    let ran = sandbox.type_in("init --from-function demo-dev-shop --target to").ok();
    let ran = ran.says("alias `prod` (1: 1) is left out");
    assert!(!ran.stderr.contains("alias `$DEFAULT`"), "{}", ran.stderr);
    let file = read(&sandbox, "to/serverless.yml");
    assert!(file.contains("  traffic: 0\n"), "{file}");
    let plan = sandbox.type_in("deploy --target to --dry-run --detailed-exitcode --output json");
    assert_eq!(plan.ok().json()["calls"], json!([]));
}

/// What `traffic` cannot say leaves its place to the other alias.
#[test]
fn an_alias_is_written_beside_a_split_that_cannot_be() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --publish").ok();
    for number in [2, 3] {
        sandbox.file("src/index.py", &format!("def main_handler(e, c): return {number}\n"));
        sandbox.type_in("deploy --publish").ok();
    }
    sandbox.type_in("create-alias --alias prod --version 1 --weight 2=0.25").ok();
    sandbox.type_in("update-alias --alias $DEFAULT --version 2 --weight 3=0.3").ok();
    let ran = sandbox.type_in("init --from-function demo-dev-shop --target to").ok();
    let ran = ran.says("alias `$DEFAULT` (2: 0.7");
    assert!(!ran.stderr.contains("alias `prod`"), "{}", ran.stderr);
    let file = read(&sandbox, "to/serverless.yml");
    assert!(file.contains("  aliasName: prod\n  aliasFunctionVersion: 1\n"), "{file}");
    let plan = sandbox.type_in("deploy --target to --dry-run --detailed-exitcode --output json");
    assert_eq!(plan.ok().json()["calls"], json!([]));
}

#[test]
fn provisioned_instances_of_one_version_are_written() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --publish --inputs provisionedNum=2").ok();
    sandbox.file("src/index.py", "def main_handler(e, c): return 2\n");
    sandbox.type_in("deploy --publish").ok();
    let ran = sandbox.type_in("init --from-function demo-dev-shop --target to --output json").ok();
    assert_eq!(ran.json().get("leftOut"), None, "{}", ran.stdout);
    let file = read(&sandbox, "to/serverless.yml");
    assert!(file.contains("  provisionedNum: 2\n  qualifier: \"1\"\n"), "{file}");
    let plan = sandbox.type_in("deploy --target to --dry-run --detailed-exitcode --output json");
    assert_eq!(plan.ok().json()["calls"], json!([]));
    // A file names one version.
    sandbox.type_in("deploy --inputs provisionedNum=1 qualifier=2").ok();
    let ran = sandbox.type_in("init --from-function demo-dev-shop --target two").ok();
    ran.says("the 2 provisioned instances of version 1 are left out");
    assert!(!read(&sandbox, "two/serverless.yml").contains("provisionedNum"));
}

#[test]
fn what_a_finished_package_cannot_have_is_left_out() {
    let sandbox = Sandbox::with_project();
    sandbox.file("src/index.js", "exports.main_handler = async () => 1;\n");
    sandbox.file(
        "serverless.yml",
        "component: scf\nname: demo\napp: shop\ninputs:\n  src: ./src\n  handler: index.main_handler\n  runtime: Nodejs18.15\n  installDependency: true\n",
    );
    sandbox.type_in("deploy").ok();
    let ran = sandbox.type_in("init --from-function demo-dev-shop --target to").ok();
    ran.says("`installDependency` of the function cannot be said in serverless.yml");
    assert!(!read(&sandbox, "to/serverless.yml").contains("installDependency"));
    sandbox.type_in("deploy --target to --dry-run --detailed-exitcode").ok();
}

#[test]
fn nothing_is_overwritten() {
    let sandbox = Sandbox::with_project();
    let file = read(&sandbox, "serverless.yml");
    for line in [
        "init --runtime Python3.9",
        "init --from-function demo-dev-shop",
        "init --from-file serverless.yml",
    ] {
        let ran = sandbox.type_in(line).fails(2);
        let ran = ran.says("serverless.yml is there already").says("--target new");
        assert!(ran.calls.is_empty());
    }
    for name in ["serverless.yaml", "serverless.json"] {
        sandbox.file(&format!("{name}.d/{name}"), "");
        sandbox.type_in(&format!("init --runtime Python3.9 --target {name}.d")).fails(2);
    }
    // Not even a file beside it.
    sandbox.file("new/src/index.py", "mine");
    sandbox
        .type_in("init --runtime Python3.9 --target new")
        .fails(2)
        .says("new/src/index.py is there");
    assert_eq!(read(&sandbox, "new/src/index.py"), "mine");
    assert!(!sandbox.root().join("new/serverless.yml").exists());
    assert_eq!(read(&sandbox, "serverless.yml"), file);
}

#[test]
fn nothing_is_written_elsewhere_or_in_part() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.root().join("outside")).unwrap();
    std::fs::create_dir(sandbox.root().join("in")).unwrap();
    std::os::unix::fs::symlink("../outside", sandbox.root().join("in/src")).unwrap();
    sandbox
        .type_in("init --runtime Python3.9 --target in")
        .fails(2)
        .says("in/src is there already");
    assert_eq!(std::fs::read_dir(sandbox.root().join("outside")).unwrap().count(), 0);
    assert!(!sandbox.root().join("in/serverless.yml").exists());
    let component = "component: '@serverless/tencent-scf'\n  inputs: {codeUri: ./c}\n";
    sandbox.file("old.yml", &format!("a:\n  {component}b:\n  {component}"));
    sandbox.file("b", "");
    sandbox.type_in("init --from-file old.yml").fails(2).says("b is there already");
    assert!(!sandbox.root().join("a").exists());
    std::fs::remove_file(sandbox.root().join("b")).unwrap();
    sandbox.type_in("init --from-file old.yml").ok();
}

#[test]
fn a_dotenv_that_is_there_is_left_as_it_is() {
    let sandbox = rich();
    sandbox.file("to/.env", "A=b\n");
    sandbox
        .type_in("init --from-function rich --target to")
        .fails(2)
        .says("to/.env is there already and lacks variables, or has others: FUNCTION_DB_PASSWORD");
    assert_eq!(read(&sandbox, "to/.env"), "A=b\n");
    assert!(!sandbox.root().join("to/serverless.yml").exists());
    let all = format!("A=b\nFUNCTION_DB_PASSWORD='hunter2hunter2'\n{ARGUMENT}='{{\"a\": [1]}}'\n");
    sandbox.file("to/.env", &all);
    sandbox.type_in("init --from-function rich --target to").ok();
}

#[test]
fn each_runtime_deploys_at_once() {
    for runtime in ["Nodejs18.15", "Nodejs20.19", "Php8.0", "Python3.9", "Python3.10"] {
        let mut sandbox = Sandbox::new();
        let path = std::env::var("PATH").unwrap();
        sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY").unset("SCFCTL_ENDPOINT");
        sandbox.set("PATH", &path);
        let ran = sandbox.type_in(&format!("init --runtime {runtime} --name hello")).ok();
        assert!(ran.stdout.contains("serverless.yml"), "{}", ran.stdout);
        sandbox.type_in("deploy --local").ok();
        let program = if runtime.starts_with("Python") { "python3" } else { "node" };
        let is_there = std::env::split_paths(&path).any(|folder| folder.join(program).exists());
        if is_there && !runtime.starts_with("Php") {
            let ran = sandbox.run(&["invoke", "--local", "--data", "{\"a\": 1}"]).ok();
            let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
            assert_eq!(answer, json!({"message": "Hello", "event": {"a": 1}}));
        }
    }
}

#[test]
fn a_region_and_a_namespace_are_written() {
    let sandbox = Sandbox::new();
    sandbox.type_in("init --runtime Python3.9 --name a --region ap-beijing --namespace test").ok();
    let file = read(&sandbox, "serverless.yml");
    assert!(file.contains("  namespace: test\n  region: ap-beijing\n"), "{file}");
    assert!(file.starts_with("component: scf\nname: a\n"), "{file}");
}

#[test]
fn what_means_nothing_is_refused() {
    let sandbox = Sandbox::new();
    for (line, text, advice) in [
        ("init", "init needs one of", "scfctl init --runtime Python3.9"),
        ("init --runtime Python3.9 --from-file a", "init takes one of", "leave all but one out"),
        (
            "init --runtime Python3.9 --local",
            "--local has no effect without --from-function",
            "leave --local out",
        ),
        ("init --from-file a --region ap-beijing", "--region has no effect", "leave --region out"),
        (
            "init --from-function a --name b",
            "--name has no effect without --runtime",
            "leave --name out",
        ),
        ("init --runtime Cobol1", "the runtime `Cobol1`", "Python3.9"),
        ("init --from-file none.yml", "there is no such file", "ls ."),
    ] {
        let ran = sandbox.type_in(line).fails(2).says(text).says(advice);
        assert!(ran.calls.is_empty() && ran.stdout.is_empty(), "{line}");
    }
    sandbox.type_in("init --from-function gone").fails(3);
    assert!(!sandbox.root().join("serverless.yml").exists());
}

#[test]
fn older_formats_become_todays() {
    let sandbox = Sandbox::new();
    sandbox.file("code/index.py", "def main_handler(event, context):\n    return event\n");
    sandbox.file(
        "old.yml",
        "hello:\n  component: '@serverless/tencent-scf'\n  inputs:\n    name: hello\n    codeUri: ./code\n    handler: index.main_handler\n    runtime: Python3.9\n    enableRoleAuth: true\n    events:\n      - apigw: {name: a, parameters: {}}\n",
    );
    let ran = sandbox.type_in("init --from-file old.yml --output json").ok();
    let left = json!([
        "`hello.inputs.enableRoleAuth` has no place in today's format and is left out",
        "`hello.inputs.events.0.apigw` has no place in today's format and is left out",
    ]);
    assert_eq!(ran.json()["leftOut"], left);
    assert!(ran.says("warning: `hello.inputs.enableRoleAuth`").calls.is_empty());
    sandbox.type_in("deploy").ok();
    let sandbox = Sandbox::new();
    sandbox.file("index.py", "def main_handler(event, context):\n    return event\n");
    sandbox.file(
        "old.yml",
        "service: shop\nprovider:\n  name: tencent\n  runtime: Python3.9\nfunctions:\n  cart:\n    handler: index.main_handler\n  pay:\n    handler: index.main_handler\n    events:\n      - timer: {name: t, parameters: {cronExpression: '0 0 3 * * * *', enable: true}}\n",
    );
    sandbox.type_in("init --from-file old.yml").ok();
    let file = read(&sandbox, "serverless.yml");
    assert!(file.starts_with("component: multi-scf\nname: shop\nstage: dev\n"), "{file}");
    sandbox.type_in("deploy").ok();
    let status = sandbox.type_in("status --function shop-dev-pay --output json").ok();
    assert!(status.stdout.contains("\"timer\""), "{}", status.stdout);
    // The same file, for another folder.
    sandbox.type_in("init --from-file old.yml --target new/one").ok();
    let file = read(&sandbox, "new/one/serverless.yml");
    assert!(file.contains("src: ../../\n"), "{file}");
    sandbox.type_in("deploy --target new/one").ok();
    sandbox.file("new.yml", "component: scf\nname: a\n");
    sandbox
        .type_in("init --from-file new.yml --target x")
        .fails(2)
        .says("none of the older formats");
}

#[test]
fn names_that_the_service_would_refuse_are_refused_at_once() {
    let sandbox = Sandbox::new();
    let long = format!("init --runtime Python3.9 --name {}", "a".repeat(40));
    for (line, says) in [
        ("init --runtime Python3.9 --name 1st", "--name 1st"),
        (&*long, "2 to 60 letters"),
        ("init --runtime Python3.9 --namespace a.b", "--namespace a.b"),
        ("init --from-function a.b", "--from-function a.b"),
        ("init --from-function ab --namespace a.b", "letters, digits, - and _, at most 30"),
    ] {
        let ran = sandbox.type_in(line).fails(2).says(says);
        assert!(ran.calls.is_empty() && !sandbox.root().join("serverless.yml").exists(), "{line}");
    }
    let ran = sandbox.run(&["init", "--runtime", "Python3.9", "--name", "a b"]).fails(2);
    assert!(ran.stderr.contains("letters, digits, - and _"), "{}", ran.stderr);
    sandbox
        .type_in("init --runtime Python3.9 --region ap-guangzou")
        .ok()
        .says("warning: `ap-guangzou` is not a region that this program knows; did you mean `ap-guangzhou`?");
}

/// That of the stage is read in the place of `.env`.
#[test]
fn the_dotenv_of_the_stage_has_to_hold_the_secrets() {
    let sandbox = rich();
    sandbox.file("to/.env.dev", "FUNCTION_DB_PASSWORD=another\n");
    let ran = sandbox.type_in("init --from-function rich --target to").fails(2);
    assert!(
        ran.stderr.contains("to/.env.dev is there already and lacks variables"),
        "{}",
        ran.stderr
    );
    assert!(!sandbox.root().join("to/serverless.yml").exists());
    sandbox.type_in("init --from-function rich --target elsewhere").ok();
    std::fs::copy(sandbox.root().join("elsewhere/.env"), sandbox.root().join("to/.env.dev"))
        .unwrap();
    let ran = sandbox.type_in("init --from-function rich --target to --output json").ok();
    assert_eq!(ran.json()["files"], json!(["to/code.zip", "to/serverless.yml"]));
    sandbox.type_in("deploy --target to --dry-run --detailed-exitcode").ok();
}

#[test]
fn what_may_hold_secrets_is_for_its_owner_alone() {
    let sandbox = rich();
    sandbox.type_in("init --from-function rich --target to").ok();
    let mode = |path: &str| {
        std::fs::metadata(sandbox.root().join(path)).unwrap().permissions().mode() & 0o777
    };
    assert_eq!((mode("to/code.zip"), mode("to/.env")), (0o600, 0o600));
}

/// The file in the working directory is another function's.
#[test]
fn the_file_of_another_function_says_nothing() {
    let sandbox = rich();
    for text in ["component: scf\nname: a\ninputs: {region: ap-beijing}\n", "component: [\n"] {
        sandbox.file("here/serverless.yml", text);
        let mut command =
            sandbox.command(&["init", "--from-function", "rich", "--target", "../to"]);
        let ran = finished(command.current_dir(sandbox.root().join("here")).spawn().unwrap()).ok();
        assert!(
            read(&sandbox, "to/serverless.yml").contains("region: ap-guangzhou\n"),
            "{}",
            ran.stderr
        );
        std::fs::remove_dir_all(sandbox.root().join("to")).unwrap();
    }
}

#[test]
fn what_is_left_out_is_said_in_the_language_of_the_run() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --publish").ok();
    for alias in ["one", "two"] {
        sandbox.type_in(&format!("create-alias --alias {alias} --version 1")).ok();
    }
    let ran = sandbox.type_in("init --from-function demo-dev-shop --target to --lang zh").ok();
    assert!(
        !ran.stdout.contains("is left out") && ran.stdout.contains("别名 `one`"),
        "{}",
        ran.stdout
    );
    let line = "init --from-function demo-dev-shop --target two --lang zh --output json";
    let left_out = sandbox.type_in(line).ok().json()["leftOut"].clone();
    assert!(left_out[0].as_str().unwrap().contains("is left out"), "{left_out}");
}
