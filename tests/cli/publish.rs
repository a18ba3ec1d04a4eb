//! `publish-ver`, and publishing exactly once.

use std::sync::Arc;

use scfctl::local::{Fault, Place};
use serde_json::json;

use crate::sandbox::{FUNCTION, REGION, Sandbox};

#[test]
fn publish_ver_publishes_without_deploying() {
    for setting in ["new-version=visible", "new-version=hidden", "latest-while-publishing=active"] {
        let sandbox = Sandbox::with(|options| {
            options.behaviour.set(setting).unwrap();
            options.transition = std::time::Duration::from_millis(40);
        });
        sandbox.project();
        sandbox.type_in("deploy").ok();
        // No serverless.yml is needed when the function is named.
        std::fs::remove_file(sandbox.root().join("serverless.yml")).unwrap();
        let from = sandbox.calls().len();
        let ran = sandbox
            .run(&[
                "publish-ver",
                "--inputs",
                &format!("function={FUNCTION}"),
                "description=first 版本",
            ])
            .ok();
        assert_eq!(sandbox.changes_since(from), ["PublishVersion"]);
        assert_eq!(sandbox.versions(), ["1"]);
        assert!(ran.stdout.ends_with("lastVersion: 1\n"), "{}", ran.stdout);
        let version = sandbox.console("GetFunction", json!({"Qualifier": "1"}));
        let description = version["Description"].as_str().unwrap();
        assert!(description.starts_with("first 版本, scfctl key "), "{description}");
        assert_eq!(version["Status"], "Active");
    }
}

#[test]
fn digits_only_names_stay_text() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("publish-ver --inputs function=007").fails(2).says("`007`");
}

#[test]
fn a_lost_answer_publishes_once() {
    for setting in ["new-version=visible", "new-version=hidden"] {
        let faults = [
            Fault::DropAfter,
            Fault::DropBefore,
            Fault::Truncated,
            Fault::NotJsonAfter,
            Fault::ErrorAfter { code: "InternalError".into(), message: "oops".into() },
            Fault::Error { code: "InternalError".into(), message: "oops".into() },
            Fault::HttpAfter { status: 502, body: "<html>bad gateway</html>".into() },
            Fault::Http { status: 503, body: String::new() },
            Fault::Error { code: "RequestLimitExceeded".into(), message: "slow down".into() },
        ];
        for (number, fault) in faults.into_iter().enumerate() {
            // What was not carried out takes seconds to be sure of; once is enough.
            if setting == "new-version=hidden" && !matches!(fault, Fault::DropAfter) {
                continue;
            }
            let sandbox = Sandbox::with(|options| {
                options.behaviour.set(setting).unwrap();
                options.transition = std::time::Duration::from_millis(30);
            });
            sandbox.project();
            sandbox.type_in("deploy").ok();
            sandbox.once("PublishVersion", fault);
            sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
            assert_eq!(sandbox.versions(), ["1"], "fault {number}, {setting}");
            assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "1": 1}));
        }
    }
}

#[test]
fn the_same_run_id_adopts_what_was_published() {
    let mut sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --run-id build-17 --inputs publish=true").ok();
    sandbox
        .type_in("deploy --run-id build-17 --inputs publish=true")
        .ok()
        .says("published by an earlier try of this run");
    assert_eq!(sandbox.versions(), ["1"]);
    // Other content, or another run, is another intent.
    sandbox.change_code("two");
    sandbox.type_in("deploy --run-id build-17 --inputs publish=true").ok();
    sandbox.set("SCFCTL_RUN_ID", "build-18");
    sandbox.type_in("deploy --inputs publish=true").ok();
    sandbox.run(&["publish-ver", "--inputs", &format!("function={FUNCTION}")]).ok();
    assert_eq!(sandbox.versions(), ["1", "2", "3"]);
    sandbox
        .run(&["publish-ver", "--run-id", "other", "--inputs", &format!("function={FUNCTION}")])
        .ok();
    assert_eq!(sandbox.versions(), ["1", "2", "3", "4"]);
}

/// A killed run's publication may end between the answers to the reads that go out together.
#[test]
fn a_publication_that_ends_between_two_reads_is_adopted() {
    let function = format!("function={FUNCTION}");
    let publish = ["publish-ver", "--run-id", "build-17", "--inputs", &function];
    // The digest was refused while the function was busy, and then it was not.
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    sandbox.run(&publish).ok();
    let code = "FailedOperation.FunctionStatusError".to_owned();
    let busy = Fault::Error { code, message: "The status of the function is Publishing.".into() };
    sandbox.once("GetFunctionAddress", busy);
    sandbox.run(&publish).ok().says("published by an earlier try of this run");
    assert_eq!(sandbox.versions(), ["1"]);
    // The version did not show in the list, and then the function was Active.
    let sandbox = Sandbox::behaving("new-version=hidden");
    sandbox.project();
    sandbox.type_in("deploy").ok();
    sandbox.run(&publish).ok();
    let (place, server) = (Place::new(REGION, FUNCTION), sandbox.server().clone());
    server.set_status(&place, "1", "Publishing", None).unwrap();
    let over = move || server.set_status(&place, "1", "Active", None).unwrap();
    sandbox.once("ListVersionByFunction", Fault::After(Arc::new(over)));
    sandbox.run(&publish).ok().says("published by an earlier try of this run");
    assert_eq!(sandbox.versions(), ["1"]);
}

#[test]
fn if_changed_publishes_only_what_differs() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --if-changed --inputs publish=true").ok();
    sandbox
        .type_in("deploy --if-changed --inputs publish=true traffic=0")
        .ok()
        .says("version 1 is what $LATEST is");
    assert_eq!(sandbox.versions(), ["1"]);
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "1": 1}));
    sandbox.change_code("two");
    sandbox.type_in("deploy --if-changed --inputs publish=true").ok();
    sandbox.yaml("  timeout: 9\n");
    sandbox.type_in("deploy --if-changed --inputs publish=true").ok();
    assert_eq!(sandbox.versions(), ["1", "2", "3"]);
}

/// As `deploy --if-changed`, without a deployment.
#[test]
fn publish_ver_if_changed_publishes_only_what_differs() {
    for setting in ["code-sha256=uploaded", "code-sha256=rebuilt"] {
        let sandbox = Sandbox::behaving(setting);
        sandbox.project();
        sandbox.type_in("deploy").ok();
        let line = format!("publish-ver --if-changed --function {FUNCTION}");
        let line = line.as_str();
        let same = "note: version 1 is what $LATEST is; nothing is published (--if-changed)\n";
        // There is none yet.
        let ran = sandbox.type_in(&format!("{line} --dry-run --output json")).ok();
        assert_eq!(ran.json()["calls"][0]["action"], "PublishVersion");
        assert_eq!(ran.json()["lastVersion"], "$LATEST");
        let ran = sandbox.type_in(line).ok();
        assert!(ran.stdout.contains("lastVersion: 1\n"), "{}", ran.stdout);

        let from = sandbox.calls().len();
        let ran = sandbox.type_in(line).ok().says(same);
        assert!(ran.stdout.contains("lastVersion: 1\n"), "{}", ran.stdout);
        let ran = sandbox.type_in(&format!("{line} --output json")).ok().says(same);
        assert_eq!(ran.json()["lastVersion"], "1");
        let ran = sandbox.type_in(&format!("{line} --dry-run --output json")).ok().says(same);
        assert_eq!((&ran.json()["calls"], &ran.json()["lastVersion"]), (&json!([]), &json!("1")));
        // Whatever the run is called.
        sandbox.type_in(&format!("{line} --run-id other")).ok().says(same);
        sandbox.nothing_changed(from);
        assert_eq!(sandbox.versions(), ["1"]);

        sandbox.change_code("two");
        sandbox.type_in("deploy").ok();
        let ran = sandbox.type_in(&format!("{line} --dry-run --output json")).ok();
        assert_eq!(ran.json()["calls"][0]["action"], "PublishVersion");
        let ran = sandbox.type_in(&format!("{line} --output json")).ok();
        assert_eq!(ran.json()["lastVersion"], "2");
        sandbox.yaml("  timeout: 9\n");
        sandbox.type_in("deploy").ok();
        sandbox.type_in(line).ok();
        sandbox.type_in(line).ok().says("version 3 is what $LATEST is");
        assert_eq!(sandbox.versions(), ["1", "2", "3"]);
        // Without it everything is published.
        sandbox.type_in(&format!("publish-ver --function {FUNCTION}")).ok();
        assert_eq!(sandbox.versions(), ["1", "2", "3", "4"]);
    }
}

#[test]
fn a_failed_publication_is_an_error_with_its_reason() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    sandbox.server().fail_next("PublishFailed", "quota");
    sandbox
        .type_in("deploy --inputs publish=true traffic=0")
        .fails(1)
        .says("PublishFailed")
        .says("quota");
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 1.0}));
}

#[test]
fn a_dry_run_publishes_nothing() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    let from = sandbox.calls().len();
    let ran = sandbox
        .run(&["publish-ver", "--dry-run", "--inputs", &format!("function={FUNCTION}")])
        .ok();
    assert!(ran.stdout.contains("PublishVersion"));
    sandbox.nothing_changed(from);
}

/// What a run that was killed after publishing leaves behind is named by the next one.
#[test]
fn a_version_that_nothing_needs_is_named() {
    let left_over = |ran: &crate::sandbox::Ran| {
        let note = ran.stderr.lines().find(|line| line.contains("has the same content as"));
        note.map(|line| line.split(';').next().unwrap().to_owned())
    };
    for setting in ["code-sha256=uploaded", "code-sha256=rebuilt", "page-limit=3"] {
        let sandbox = Sandbox::behaving(setting);
        sandbox.project();
        sandbox.type_in("deploy --inputs publish=true traffic=0.5").ok();
        let publish = format!("publish-ver --inputs function={FUNCTION}");
        // Version 1 serves half of `$DEFAULT`.
        assert_eq!(left_over(&sandbox.type_in(&publish).ok()), None);
        let named = |version: u32| {
            let next = version + 1;
            Some(format!(
                "note: version {version} has the same content as version {next} and no alias routes to it"
            ))
        };
        assert_eq!(left_over(&sandbox.type_in(&publish).ok()), named(2));
        let again = "deploy --inputs publish=true traffic=0";
        assert_eq!(left_over(&sandbox.type_in(again).ok()), named(3));
        // This run itself takes `$DEFAULT` off version 4.
        assert_eq!(left_over(&sandbox.type_in(again).ok()), named(4));
        let alias = format!("create-alias --inputs function={FUNCTION} name=prod version=5");
        sandbox.type_in(&alias).ok();
        assert_eq!(left_over(&sandbox.type_in(again).ok()), None);
        // Other code, and then other settings.
        sandbox.change_code("two");
        assert_eq!(left_over(&sandbox.type_in("deploy --inputs publish=true").ok()), None);
        sandbox.yaml("  timeout: 9\n");
        assert_eq!(left_over(&sandbox.type_in("deploy --inputs publish=true").ok()), None);
        assert_eq!(left_over(&sandbox.type_in(&publish).ok()), named(8));
    }
}

#[test]
fn a_note_neither_fails_nor_holds_up_a_publication() {
    for fault in [Fault::Stall, Fault::error("UnauthorizedOperation.CAM", "no")] {
        for action in ["GetFunction", "GetFunctionAddress", "ListAliases", "ListVersionByFunction"]
        {
            let sandbox = Sandbox::with_project();
            sandbox.type_in("deploy --inputs publish=true").ok();
            let fault = fault.clone();
            sandbox.faulty(move |call| {
                let first = call.params["Qualifier"] == "1" || action.starts_with("List");
                if call.action == action && first { fault.clone() } else { Fault::None }
            });
            let line = format!("publish-ver --inputs function={FUNCTION}");
            let ran = sandbox.type_in(&line).ok();
            assert!(!ran.stderr.contains("has the same content"), "{}", ran.stderr);
            sandbox.healthy();
            assert_eq!(sandbox.versions(), ["1", "2"]);
        }
    }
}
