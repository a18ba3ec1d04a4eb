//! `--dry-run --detailed-exitcode`: what a dry run found, for pipelines.

use serde_json::json;

use crate::sandbox::{FUNCTION, Sandbox};

/// Exit codes.
const NOTHING: i32 = 0;
const CHANGES: i32 = 10;

/// Runs a command with both options, in text and in JSON, and checks that neither changes
/// something, and that the code says what `calls` says.
#[track_caller]
fn found(sandbox: &Sandbox, line: &str, code: i32) {
    let from = sandbox.calls().len();
    let line = format!("{line} --dry-run --detailed-exitcode");
    sandbox.type_in(&line).fails(code);
    let told = sandbox.type_in(&format!("{line} --output json")).fails(code).json();
    if let Some(calls) = told["calls"].as_array() {
        assert_eq!(calls.is_empty(), code == NOTHING, "{line}: {told}");
    }
    sandbox.nothing_changed(from);
    // Without the option a dry run that succeeds is a success.
    sandbox.type_in(&line.replace(" --detailed-exitcode", "")).ok();
}

#[test]
fn a_deployment_is_new_then_done() {
    let sandbox = Sandbox::with_project();
    found(&sandbox, "deploy", CHANGES);
    sandbox.type_in("deploy").ok();
    found(&sandbox, "deploy", NOTHING);
    found(&sandbox, "deploy --traffic 1", NOTHING);
    found(&sandbox, "deploy --publish", CHANGES);
    sandbox.type_in("deploy --publish --traffic 0").ok();
    found(&sandbox, "deploy --publish --if-changed --traffic 0", NOTHING);
    found(&sandbox, "deploy --traffic 0.1", CHANGES);
    sandbox.change_code("two");
    found(&sandbox, "deploy", CHANGES);
}

#[test]
fn versions_and_aliases() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --publish").ok();
    found(&sandbox, "publish-ver", CHANGES);
    found(&sandbox, "publish-ver --if-changed", NOTHING);
    found(&sandbox, "create-alias --alias prod --version 1", CHANGES);
    sandbox.type_in("create-alias --alias prod --version 1").ok();
    // It is there: as asked, so that nothing would be sent; or otherwise, which is refused as ever.
    found(&sandbox, "create-alias --alias prod --version 1", NOTHING);
    let from = sandbox.calls().len();
    let ran = sandbox.type_in("create-alias --alias prod --version $LATEST --dry-run").fails(5);
    assert!(ran.stderr.contains("alias `prod` of function"), "{}", ran.stderr);
    assert!(ran.stderr.contains("change it with update-alias"), "{}", ran.stderr);
    sandbox.nothing_changed(from);
    found(&sandbox, "update-alias --alias prod --version 1 --no-weights", NOTHING);
    found(&sandbox, "update-alias --alias prod --version $LATEST", CHANGES);
    found(&sandbox, "delete-alias --alias prod", CHANGES);
    found(&sandbox, "remove", CHANGES);
    found(&sandbox, "remove --version 9", NOTHING);
    found(&sandbox, "versions prune --keep 5", NOTHING);
}

#[test]
fn rollouts() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    for _ in 0..2 {
        sandbox.console("PublishVersion", json!({}));
    }
    sandbox.type_in("create-alias --alias prod --version 1").ok();
    found(&sandbox, "rollback --alias prod --to 1", NOTHING);
    found(&sandbox, "rollout start --alias prod --to 2 --no-gates", CHANGES);
    sandbox.type_in("rollout start --alias prod --to 2 --no-gates --detach").ok();
    found(&sandbox, "rollout pause --alias prod", CHANGES);
    sandbox.type_in("rollout pause --alias prod").ok();
    found(&sandbox, "rollout pause --alias prod", NOTHING);
    found(&sandbox, "rollout abort --alias prod", CHANGES);
    found(&sandbox, "rollback --alias prod", CHANGES);
}

/// Nothing is deployed, but what follows would change something.
#[test]
fn a_rollout_behind_a_deployment_counts() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    sandbox.console("PublishVersion", json!({}));
    sandbox.type_in("create-alias --alias prod --version 1").ok();
    sandbox.console("PublishVersion", json!({}));
    sandbox.yaml("  publish: true\n");
    let line = "deploy --if-changed --rollout --alias prod";
    let plan = sandbox.type_in(&format!("{line} --dry-run --output json")).ok().json();
    assert_eq!(plan["calls"][0]["action"], "UpdateAlias", "{plan}");
    found(&sandbox, line, CHANGES);
}

#[test]
fn a_project_changes_where_one_of_it_does() {
    let sandbox = Sandbox::new();
    sandbox.file("serverless.yml", "app: shop\n");
    sandbox.instance("one", "");
    sandbox.instance("two", "");
    found(&sandbox, "deploy", CHANGES);
    sandbox.type_in("deploy").ok();
    found(&sandbox, "deploy", NOTHING);
    sandbox.file("two/src/index.py", "def main_handler(event, context): return 2\n");
    found(&sandbox, "deploy", CHANGES);
}

#[test]
fn a_dry_run_that_fails_says_why() {
    let sandbox = Sandbox::with_project();
    let line = format!("publish-ver --function {FUNCTION} --dry-run --detailed-exitcode");
    sandbox.type_in(&line).fails(3);
}

#[test]
fn without_a_dry_run_it_is_refused() {
    let sandbox = Sandbox::with_project();
    let ran = sandbox.type_in("deploy --detailed-exitcode").fails(2);
    assert!(ran.calls.is_empty());
    assert!(ran.stdout.is_empty());
    let expected =
        "error: the following required arguments were not provided:\n  <--dry-run|--plan <FILE>>\n";
    assert!(ran.stderr.starts_with(expected), "{}", ran.stderr);
    let ran = sandbox.type_in("deploy --detailed-exitcode --lang zh").fails(2);
    assert!(
        ran.stderr.starts_with("错误：缺少必需的 `<--dry-run|--plan <FILE>>`\n"),
        "{}",
        ran.stderr
    );
    // A command that changes nothing does not have it.
    let ran = sandbox.type_in("list-alias --detailed-exitcode").fails(2);
    assert!(ran.calls.is_empty());
}
