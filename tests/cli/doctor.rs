//! `doctor`: what it finds, what it advises, and that it only reads.

use scfctl::local::Fault;
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, ID, Ran, Sandbox};

/// The checks of a subject: status and message.
fn checks(ran: &Ran, subject: &str) -> Vec<(String, String)> {
    let found = ran.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let checks = found["checks"].as_array().unwrap().iter();
    let of_subject = checks.filter(|check| check["subject"] == subject);
    of_subject.map(|check| (text(&check["status"]), text(&check["message"]))).collect()
}

fn json(sandbox: &Sandbox, line: &str) -> Ran {
    sandbox.type_in(&format!("doctor {line} --output json"))
}

#[test]
fn all_is_well() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --publish").ok();
    let from = sandbox.calls().len();
    let ran = sandbox.type_in("doctor").ok();
    sandbox.nothing_changed(from);
    for line in [
        "ok  configuration  serverless.yml: function `demo-dev-shop`, stage `dev`\n",
        "ok  region         ap-guangzhou\n",
        "ok  credentials    environment: SecretId AKID****mple\n",
        "ok  secrets        no .env is read\n",
        "ok  proxy          none\n",
        "ok  clock          right to 5 s\n",
        "ok  limits         1 published versions, 1 aliases; the API names no limit\n",
        "ok  limits         1 of 50 functions in namespace `default`\n",
    ] {
        assert!(ran.stdout.contains(line), "{line}\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains(ID));
    let ran = json(&sandbox, "").ok();
    let found = ran.json();
    assert_eq!((&found["failures"], &found["warnings"]), (&json!(0), &json!(0)));
    let permissions = checks(&ran, "permissions");
    let all = "scf:GetAccount, scf:GetFunction, scf:ListVersionByFunction, scf:ListAliases, scf:ListTriggers, monitor:GetMonitorData";
    assert_eq!(permissions, [("ok".to_owned(), all.to_owned())]);
}

#[test]
fn a_function_that_is_not_there_is_no_failure() {
    let sandbox = Sandbox::with_project();
    let ran = json(&sandbox, "").ok();
    let skipped = &checks(&ran, "permissions")[1];
    assert_eq!(skipped.0, "skipped");
    assert!(skipped.1.contains(FUNCTION), "{skipped:?}");
    assert_eq!(checks(&ran, "limits").len(), 1);
}

#[test]
fn without_keys_the_rest_is_looked_at() {
    let mut sandbox = Sandbox::with_project();
    sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY");
    let ran = json(&sandbox, "").fails(4);
    assert!(ran.calls.is_empty());
    let [(status, message)] = checks(&ran, "credentials").try_into().unwrap();
    assert_eq!(status, "failed");
    assert!(message.starts_with("no credentials found"), "{message}");
    assert_eq!(checks(&ran, "connection"), [("skipped".to_owned(), "not tried".to_owned())]);
    assert_eq!(ran.json()["failures"], 1);
}

#[test]
fn keys_that_are_refused_and_permissions_that_are_missing() {
    let mut sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    sandbox.faulty(|call| match call.action.as_str() {
        "ListAliases" => Fault::error("UnauthorizedOperation.CAM", "no right"),
        "GetMonitorData" => Fault::error("UnauthorizedOperation", "no right"),
        _ => Fault::None,
    });
    let ran = json(&sandbox, "").fails(4);
    let found = checks(&ran, "permissions");
    assert_eq!((found[0].0.as_str(), found[1].0.as_str()), ("failed", "warning"), "{found:?}");
    assert!(found[0].1.starts_with("scf:ListAliases: "), "{found:?}");
    let advice = ran.json()["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|check| check["advice"].as_str().map(str::to_owned));
    assert_eq!(advice.unwrap(), "allow scf:ListAliases in the policy of the user or role");
    sandbox.healthy();
    sandbox.set("TENCENT_SECRET_KEY", "anotherKeyThanTheOneThatIsKnown");
    for function in ["", "--function demo-dev-shop"] {
        let ran = json(&sandbox, function).fails(4);
        let credentials = checks(&ran, "credentials");
        let (status, message) = credentials.last().unwrap();
        assert!(status == "failed" && message.contains("AuthFailure"), "{credentials:?}");
        assert!(checks(&ran, "permissions").is_empty(), "{}", ran.stdout);
    }
}

#[test]
fn nobody_answers() {
    let mut sandbox = Sandbox::with_project();
    sandbox.set("SCFCTL_ENDPOINT", "http://127.0.0.1:1");
    let ran = json(&sandbox, "--timeout 5").fails(1);
    let [(status, message)] = checks(&ran, "connection").try_into().unwrap();
    assert_eq!(status, "failed");
    assert!(message.contains("cannot connect"), "{message}");
    assert!(checks(&ran, "permissions").is_empty());
}

#[test]
fn a_dotenv_that_others_can_read_or_that_git_keeps() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::with_project();
    sandbox.file(".env", "");
    let path = sandbox.root().join(".env");
    let chmod =
        |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    chmod(0o644);
    let ran = json(&sandbox, "").ok();
    assert_eq!(
        checks(&ran, "secrets"),
        [("warning".to_owned(), ".env: others can read it (mode 644)".to_owned())]
    );
    chmod(0o600);
    let ran = json(&sandbox, "").ok();
    assert_eq!(
        checks(&ran, "secrets"),
        [("ok".to_owned(), ".env: readable by its owner alone".to_owned())]
    );
    for arguments in [&["init", "-q"][..], &["add", ".env"]] {
        let git =
            std::process::Command::new("git").args(arguments).current_dir(sandbox.root()).status();
        assert!(git.unwrap().success());
    }
    let ran = json(&sandbox, "").ok();
    assert_eq!(checks(&ran, "secrets")[0].0, "warning");
    assert!(checks(&ran, "secrets")[0].1.starts_with(".env: git tracks it"));
    assert_eq!(ran.json()["warnings"], 1);

    // From a folder outside of the repository the command names it.
    sandbox.instance("doc", "");
    sandbox.file("doc/.env.dev", "");
    let inner = sandbox.root().join("doc");
    for arguments in [&["init", "-q"][..], &["add", ".env.dev"]] {
        let git = std::process::Command::new("git").args(arguments).current_dir(&inner).status();
        assert!(git.unwrap().success());
    }
    let ran = sandbox.type_in("doctor --target doc");
    assert!(ran.stdout.contains("`git -C doc rm --cached .env.dev`"), "{}", ran.stdout);
}

#[test]
fn an_unknown_region_says_what_to_correct() {
    let mut sandbox = Sandbox::with_project();
    sandbox.set("TENCENTCLOUD_REGION", "ap-nowhere");
    let ran = sandbox.type_in("doctor");
    let line = ran.stdout.lines().skip_while(|line| !line.contains("ap-nowhere")).take(2);
    let said = line.collect::<Vec<_>>().join("\n");
    assert!(said.contains("correct `region` in serverless.yml"), "{}", ran.stdout);
}

#[test]
fn the_local_scf_needs_no_keys() {
    let mut sandbox = Sandbox::with_project();
    sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY");
    json(&sandbox, "--local").ok();
    assert!(!sandbox.root().join(".scfctl").exists());
    sandbox.type_in("deploy --local").ok();
    let ran = json(&sandbox, "--local").ok();
    assert_eq!(checks(&ran, "credentials")[0].0, "ok");
    assert_eq!(checks(&ran, "permissions")[0].0, "ok");
    assert!(ran.calls.is_empty());
}

#[test]
fn a_broken_file_is_told_of_as_a_check() {
    let sandbox = Sandbox::with_project();
    sandbox.file("serverless.yml", "component: [scf\n");
    let ran = json(&sandbox, "").fails(2);
    assert_eq!(checks(&ran, "configuration")[0].0, "failed");
    let ran = sandbox.type_in("doctor --lang zh").fails(2);
    assert!(ran.stdout.starts_with("失败  配置  "), "{}", ran.stdout);
}

/// The advice of the last check of permissions.
fn advice(ran: &Ran) -> String {
    let found = ran.json();
    let checks = found["checks"].as_array().unwrap();
    let last = checks.iter().rfind(|check| check["subject"] == "permissions").unwrap();
    last["advice"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_function_that_the_file_does_not_make_is_not_deployed_by_it() {
    let sandbox = Sandbox::with_project();
    assert_eq!(advice(&json(&sandbox, "").ok()), "`scfctl deploy` creates it");
    let other = "look at its name, namespace and region; serverless.yml makes no such function";
    assert_eq!(advice(&json(&sandbox, "--function another").ok()), other);
}

#[test]
fn without_keys_and_without_a_network_the_keys_are_told_of_nevertheless() {
    let mut sandbox = Sandbox::with_project();
    sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY");
    sandbox.set("SCFCTL_METADATA_ENDPOINT", "http://127.0.0.1:1");
    sandbox.set("SCFCTL_ENDPOINT", "https://scf.invalid");
    let ran = json(&sandbox, "").fails(1);
    assert_eq!(checks(&ran, "dns")[0].0, "failed");
    let [(status, message)] = checks(&ran, "credentials").try_into().unwrap();
    assert_eq!(status, "skipped");
    assert_eq!(message, "none found; whether this machine has a role was not asked");
    let ran = sandbox.type_in("doctor --lang zh").fails(1);
    assert!(ran.stdout.contains("没有找到；尚未询问本机是否绑定了角色"), "{}", ran.stdout);
}
