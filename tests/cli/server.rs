//! `scfctl local serve` and `--local`.

use std::io::{BufRead, BufReader};

use rustix::process::Signal;
use serde_json::Value;

use crate::sandbox::{Sandbox, finished, read, send};

#[test]
fn local_needs_no_account_and_keeps_its_state() {
    let mut sandbox = Sandbox::with_project();
    sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY").unset("SCFCTL_ENDPOINT");
    let ran = sandbox
        .type_in("deploy --local --inputs publish=true traffic=0.1 --output json")
        .ok()
        .says("nothing leaves this machine");
    assert_eq!(ran.json()["routing"], serde_json::json!({"$LATEST": 0.1, "1": 0.9}));
    assert_eq!(sandbox.calls().len(), 0);
    let state = sandbox.root().join(".scfctl/local.json");
    let text = read(&state);
    assert!(!text.contains("scfctlLocalExampleKey"));
    let _: Value = serde_json::from_str(&text).unwrap();
    // The next command goes on from there.
    sandbox.set("SCFCTL_LOCAL", "1");
    let ran = sandbox.type_in("deploy --inputs publish=true traffic=0 --output json").ok();
    assert_eq!(ran.json()["lastVersion"], "2");
    // No file of it is packed or committed.
    assert_eq!(read(&sandbox.root().join(".scfctl/.gitignore")), "*\n");
}

#[test]
fn two_local_commands_at_once_take_turns() {
    let mut sandbox = Sandbox::with_project();
    sandbox.unset("SCFCTL_ENDPOINT").set("SCFCTL_LOCAL", "1");
    sandbox.type_in("deploy").ok();
    let children: Vec<_> =
        (0..4).map(|_| sandbox.spawn(&["deploy", "--inputs", "publish=true"])).collect();
    for child in children {
        finished(child).ok();
    }
    let ran = sandbox.type_in("deploy --output json --inputs publish=true").ok();
    assert_eq!(ran.json()["lastVersion"], "5");
}

#[test]
fn a_broken_state_file_is_named() {
    let mut sandbox = Sandbox::with_project();
    sandbox.unset("SCFCTL_ENDPOINT");
    sandbox.file(".scfctl/local.json", "{\"half\":");
    sandbox.type_in("deploy --local").fails(1).says("local.json");
}

#[test]
fn serve_prints_its_address_and_ends_on_a_signal() {
    let mut sandbox = Sandbox::with_project();
    sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY").unset("SCFCTL_ENDPOINT");
    let mut server =
        sandbox.spawn(&["local", "serve", "--transition", "10", "--state", "state.json"]);
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let value = |line: Option<Result<String, _>>| {
        line.unwrap().unwrap().split_once(": ").unwrap().1.trim().to_owned()
    };
    let url = value(lines.next());
    let (id, key) = (value(lines.next()), value(lines.next()));
    sandbox.set("TENCENT_SECRET_ID", &id).set("TENCENT_SECRET_KEY", &key);
    sandbox.run(&["deploy", "--endpoint", &url, "--inputs", "publish=true"]).ok();
    // A second server on the same state is refused.
    sandbox.type_in("local serve --state state.json").fails(1).says("state.json");
    send(Signal::INT, server.id());
    assert!(server.wait().unwrap().success());
    assert!(read(&sandbox.root().join("state.json")).contains("demo-dev-shop"));
}

#[test]
fn a_state_that_another_command_holds_is_waited_for_no_longer_than_asked() {
    let mut sandbox = Sandbox::with_project();
    sandbox.unset("SCFCTL_ENDPOINT");
    sandbox.file(".scfctl/.gitignore", "*\n");
    let lock = std::fs::File::create(sandbox.root().join(".scfctl/local.json.lock")).unwrap();
    lock.lock().unwrap();
    sandbox.type_in("deploy --local --timeout 200ms").fails(6).says("in use by another command");
    drop(lock);
    sandbox.type_in("deploy --local --timeout 20s").ok();
}
