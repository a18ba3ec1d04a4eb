//! Someone else works on the same function between two calls of ours.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::Signal;
use scfctl::local::{Fault, Handle, Place};
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, REGION, Sandbox, Victim, finished};

/// A sandbox in which changes take a moment, with version 1 and an even split.
fn split(settings: &[&str]) -> Sandbox {
    let sandbox = Sandbox::by_calls(Duration::from_millis(30), |options| {
        for setting in settings {
            options.behaviour.set(setting).unwrap();
        }
        options.transition = Duration::from_millis(60);
    });
    sandbox.project();
    sandbox.type_in("deploy --inputs publish=true traffic=0.5").ok();
    sandbox
}

/// Someone else takes `$LATEST` out of service.
fn roll_back(server: &Handle) {
    let params = json!({
        "FunctionName": FUNCTION, "Name": "$DEFAULT", "FunctionVersion": "1",
        "RoutingConfig": {"AdditionalVersionWeights": []},
    });
    server.apply("UpdateAlias", params, REGION).unwrap();
}

/// The package of a function's creation.
fn first_package(sandbox: &Sandbox) -> Value {
    let call = sandbox.calls().into_iter().find(|call| call.action == "CreateFunction");
    call.unwrap().params["Code"]["ZipFile"].clone()
}

#[test]
fn a_repeated_alias_update_does_not_undo_someone_elses() {
    for (number, fault) in [
        Fault::DropAfter,
        Fault::DropBefore,
        Fault::Truncated,
        Fault::ErrorAfter { code: "InternalError".into(), message: "oops".into() },
        Fault::error("FailedOperation.UpdateAlias", "try again"),
        Fault::error("FailedOperation.OperationConflict", "busy"),
        Fault::error("RequestLimitExceeded", "slow down"),
    ]
    .into_iter()
    .enumerate()
    {
        let sandbox = split(&[]);
        let server = sandbox.server().clone();
        let (sent, moved) = (AtomicBool::new(false), AtomicBool::new(false));
        sandbox.faulty(move |call| {
            if call.action == "UpdateAlias" && !sent.swap(true, Ordering::SeqCst) {
                return fault.clone();
            }
            if sent.load(Ordering::SeqCst) && !moved.swap(true, Ordering::SeqCst) {
                let server = server.clone();
                return Fault::Before(Arc::new(move || roll_back(&server)));
            }
            Fault::None
        });
        sandbox.type_in("deploy --inputs traffic=0.9").fails(5).says("someone else changed alias");
        assert_eq!(sandbox.routing("$DEFAULT"), json!({"1": 1.0}), "fault {number}");
    }
}

#[test]
fn someone_elses_code_is_not_published_as_ours() {
    for setting in ["busy=named", "busy=status"] {
        let sandbox = split(&[setting]);
        let zip = first_package(&sandbox);
        sandbox.change_code("two");
        let server = sandbox.server().clone();
        let met = AtomicBool::new(false);
        sandbox.faulty(move |call| {
            if call.action != "PublishVersion" || met.swap(true, Ordering::SeqCst) {
                return Fault::None;
            }
            let (server, zip) = (server.clone(), zip.clone());
            Fault::Before(Arc::new(move || {
                let params = json!({"FunctionName": FUNCTION, "Code": {"ZipFile": zip}});
                server.apply("UpdateFunctionCode", params, REGION).unwrap();
            }))
        });
        sandbox
            .type_in("deploy --inputs publish=true traffic=0")
            .fails(5)
            .says("someone else changed the code");
        assert_eq!(sandbox.versions(), ["1"]);
        assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.5, "1": 0.5}));
    }
}

/// Someone else does something right before the first call of an action.
fn meanwhile(
    sandbox: &Sandbox,
    action: &'static str,
    act: impl Fn(&Handle) + Send + Sync + 'static,
) {
    let (server, met) = (sandbox.server().clone(), AtomicBool::new(false));
    let act = Arc::new(act);
    sandbox.faulty(move |call| {
        if call.action != action || met.swap(true, Ordering::SeqCst) {
            return Fault::None;
        }
        let (server, act) = (server.clone(), Arc::clone(&act));
        Fault::Before(Arc::new(move || act(&server)))
    });
}

fn change(server: &Handle, action: &str, mut params: Value) {
    params["FunctionName"] = FUNCTION.into();
    server.apply(action, params, REGION).unwrap();
}

#[test]
fn a_version_that_froze_someone_elses_content_gets_no_traffic() {
    for setting in ["code-sha256=uploaded", "code-sha256=rebuilt"] {
        for (settings_only, line) in [
            (false, "deploy --inputs publish=true traffic=0"),
            (true, "deploy --inputs publish=true traffic=0"),
            (false, "publish-ver --inputs function=demo-dev-shop"),
        ] {
            let sandbox = Sandbox::behaving(setting);
            sandbox.project();
            sandbox.type_in("deploy --inputs publish=true traffic=0.5").ok();
            let zip = first_package(&sandbox);
            sandbox.change_code("two");
            sandbox.type_in("deploy --inputs traffic=0.5").ok();
            sandbox.yaml("  timeout: 9\n");
            meanwhile(&sandbox, "PublishVersion", move |server| {
                if settings_only {
                    change(server, "UpdateFunctionConfiguration", json!({"Timeout": 8}));
                } else {
                    change(server, "UpdateFunctionCode", json!({"Code": {"ZipFile": zip}}));
                }
            });
            sandbox.type_in(line).fails(5).says("version 2 of function `demo-dev-shop` is not");
            assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.5, "1": 0.5}));
        }
    }
}

#[test]
fn what_someone_else_deploys_after_a_publication_is_no_matter_of_it() {
    let sandbox = split(&[]);
    let zip = first_package(&sandbox);
    sandbox.change_code("two");
    let publishing = AtomicBool::new(false);
    let (server, met) = (sandbox.server().clone(), AtomicBool::new(false));
    sandbox.faulty(move |call| {
        publishing.fetch_or(call.action == "PublishVersion", Ordering::SeqCst);
        let looks = call.action == "GetFunction" && call.params["Qualifier"] == "2";
        if !looks || !publishing.load(Ordering::SeqCst) || met.swap(true, Ordering::SeqCst) {
            return Fault::None;
        }
        let (server, zip) = (server.clone(), zip.clone());
        Fault::Before(Arc::new(move || {
            change(&server, "UpdateFunctionCode", json!({"Code": {"ZipFile": zip}}));
        }))
    });
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "2": 1}));
}

#[test]
fn a_share_asked_for_one_content_is_not_given_to_another_unnoticed() {
    for setting in ["code-sha256=uploaded", "code-sha256=rebuilt"] {
        let sandbox = Sandbox::behaving(setting);
        sandbox.project();
        sandbox.type_in("deploy --inputs publish=true traffic=0.5").ok();
        let zip = first_package(&sandbox);
        sandbox.change_code("two");
        sandbox.type_in("deploy").ok();
        meanwhile(&sandbox, "UpdateAlias", move |server| {
            change(server, "UpdateFunctionCode", json!({"Code": {"ZipFile": zip}}));
        });
        sandbox
            .type_in("deploy --inputs traffic=0.9")
            .fails(5)
            .says("someone else changed the code");
        // A setting that this run wrote, too; others are anybody's.
        for (yaml, exit) in [("  timeout: 9\n", 5), ("  memorySize: 256\n", 0)] {
            sandbox.healthy();
            sandbox.console("UpdateFunctionConfiguration", json!({"Timeout": 3}));
            sandbox.yaml("");
            sandbox.type_in("deploy --inputs traffic=0.1").ok();
            sandbox.yaml(yaml);
            meanwhile(&sandbox, "UpdateAlias", |server| {
                change(server, "UpdateFunctionConfiguration", json!({"Timeout": 8}));
            });
            let ran = sandbox.type_in("deploy --inputs traffic=0.95");
            assert_eq!(ran.code, exit, "{}", ran.stderr);
            let said = ran.stderr.contains("someone else changed the settings");
            assert_eq!(said, exit == 5, "{}", ran.stderr);
        }
    }
}

#[test]
fn code_of_one_and_settings_of_another_are_not_left_unnoticed() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    let zip = first_package(&sandbox);
    sandbox.change_code("two");
    sandbox.yaml("  timeout: 9\n");
    meanwhile(&sandbox, "UpdateFunctionConfiguration", move |server| {
        change(server, "UpdateFunctionCode", json!({"Code": {"ZipFile": zip}}));
    });
    sandbox.type_in("deploy").fails(5).says("someone else changed the code");
}

#[test]
fn the_last_look_at_an_alias_comes_right_before_the_write() {
    let sandbox = split(&[]);
    sandbox.change_code("two");
    let server = sandbox.server().clone();
    let (updates, lists) = (AtomicU32::new(0), AtomicU32::new(0));
    sandbox.faulty(move |call| {
        let server = server.clone();
        match call.action.as_str() {
            // Busy, so that the versions are listed once more.
            "UpdateFunctionCode" if updates.fetch_add(1, Ordering::SeqCst) == 0 => {
                Fault::Before(Arc::new(move || {
                    change(&server, "UpdateFunctionConfiguration", json!({"Timeout": 8}));
                }))
            }
            "ListVersionByFunction" if lists.fetch_add(1, Ordering::SeqCst) == 1 => {
                Fault::After(Arc::new(move || roll_back(&server)))
            }
            _ => Fault::None,
        }
    });
    sandbox.type_in("deploy --inputs traffic=0.9").fails(5).says("someone else changed alias");
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"1": 1.0}));
}

#[test]
fn a_digest_that_the_service_does_not_keep_is_no_change_of_code() {
    let sandbox = split(&["code-sha256=rebuilt"]);
    sandbox.change_code("two");
    let server = sandbox.server().clone();
    let met = AtomicBool::new(false);
    sandbox.faulty(move |call| {
        if call.action != "PublishVersion" || met.swap(true, Ordering::SeqCst) {
            return Fault::None;
        }
        let server = server.clone();
        Fault::Before(Arc::new(move || {
            let params = json!({"FunctionName": FUNCTION, "Timeout": 8});
            server.apply("UpdateFunctionConfiguration", params, REGION).unwrap();
        }))
    });
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "2": 1}));
}

#[test]
fn a_version_that_someone_else_published_meanwhile_is_not_passed_over() {
    let sandbox = split(&[]);
    sandbox.change_code("two");
    let server = sandbox.server().clone();
    let met = AtomicBool::new(false);
    sandbox.faulty(move |call| {
        if call.action != "UpdateFunctionCode" || met.swap(true, Ordering::SeqCst) {
            return Fault::None;
        }
        let server = server.clone();
        Fault::Before(Arc::new(move || {
            server.apply("PublishVersion", json!({"FunctionName": FUNCTION}), REGION).unwrap();
        }))
    });
    sandbox
        .type_in("deploy --inputs traffic=0.9")
        .fails(5)
        .says("someone else published version 2");
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.5, "1": 0.5}));
    // Decided again, on what there is now.
    sandbox.type_in("deploy --inputs traffic=0.9").ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.9, "2": 0.1}));
}

#[test]
fn a_function_that_someone_else_created_anew_is_not_deleted() {
    let sandbox = Sandbox::with(|options| options.transition = Duration::from_millis(60));
    sandbox.project();
    sandbox.server().fail_next("CreateFailed", "no such layer");
    sandbox.type_in("deploy").fails(1);
    let zip = first_package(&sandbox);
    let server = sandbox.server().clone();
    let met = AtomicBool::new(false);
    sandbox.faulty(move |call| {
        if call.action != "DeleteFunction" || met.swap(true, Ordering::SeqCst) {
            return Fault::None;
        }
        let (server, zip) = (server.clone(), zip.clone());
        Fault::Before(Arc::new(move || {
            server.apply("DeleteFunction", json!({"FunctionName": FUNCTION}), REGION).unwrap();
            let create = json!({
                "FunctionName": FUNCTION, "Code": {"ZipFile": zip}, "Handler": "index.main_handler",
                "Runtime": "Python3.9", "Description": "theirs",
            });
            while server.apply("CreateFunction", create.clone(), REGION).is_err() {
                std::thread::yield_now();
            }
        }))
    });
    sandbox.type_in("deploy").fails(5).says("someone else created function");
    assert_eq!(sandbox.console("GetFunction", json!({}))["Description"], "theirs");
}

#[test]
fn a_function_that_appears_between_the_reads_is_there() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    let listed = AtomicBool::new(false);
    sandbox.faulty(move |call| {
        if call.action == "ListVersionByFunction" && !listed.swap(true, Ordering::SeqCst) {
            return Fault::error("ResourceNotFound.Function", "not yet");
        }
        Fault::None
    });
    sandbox.change_code("two");
    sandbox.type_in("deploy").ok();
}

#[test]
fn a_version_whose_publication_failed_gets_no_traffic() {
    let sandbox = split(&[]);
    sandbox.server().fail_next("PublishFailed", "quota");
    sandbox.type_in("deploy --inputs publish=true").fails(1);
    assert_eq!(sandbox.versions(), ["1", "2"]);
    sandbox.type_in("deploy --inputs traffic=0.9").ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.9, "1": 0.1}));
}

#[test]
fn a_failed_publication_is_not_adopted() {
    let sandbox = split(&[]);
    sandbox.server().fail_next("PublishFailed", "quota");
    sandbox.type_in("deploy --run-id r --inputs publish=true traffic=0").fails(1);
    sandbox.type_in("deploy --run-id r --inputs publish=true traffic=0").ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "3": 1}));
}

#[test]
fn a_version_still_being_published_is_waited_for_before_it_gets_traffic() {
    for setting in [
        "alias-on-publishing=failed",
        "alias-on-publishing=not-found",
        "alias-on-publishing=allowed",
    ] {
        let sandbox = split(&[setting, "latest-while-publishing=active"]);
        sandbox.console("PublishVersion", json!({}));
        let server = sandbox.server().clone();
        let early = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&early);
        sandbox.faulty(move |call| {
            if call.action == "UpdateAlias" {
                let params = json!({"FunctionName": FUNCTION, "Qualifier": "2"});
                let version = server.apply("GetFunction", params, REGION).unwrap();
                seen.fetch_add(u32::from(version["Status"] != "Active"), Ordering::SeqCst);
            }
            Fault::None
        });
        sandbox.type_in("deploy --inputs traffic=0.9").ok();
        assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.9, "2": 0.1}));
        assert_eq!(early.load(Ordering::SeqCst), 0, "{setting}");
    }
}

#[test]
fn a_publication_repeated_while_the_function_is_busy_is_the_same_one() {
    let sandbox = split(&[]);
    let line = format!("publish-ver --run-id r --inputs function={FUNCTION}");
    // The digest of the code cannot be read while the function changes.
    sandbox.console("UpdateFunctionConfiguration", json!({"Timeout": 8}));
    sandbox.type_in(&line).ok();
    sandbox.type_in(&line).ok().says("published by an earlier try");
    assert_eq!(sandbox.versions(), ["1", "2"]);
    // The first try's version cannot be seen while it is being published.
    let sandbox = split(&["new-version=hidden"]);
    let victim = Victim::default();
    let struck = victim.clone();
    sandbox.faulty(move |call| match call.action.as_str() {
        "PublishVersion" => struck.struck(Signal::KILL, true),
        _ => Fault::None,
    });
    let process = victim.spawn(&sandbox, &line.split(' ').collect::<Vec<_>>());
    assert_eq!(finished(process).code, 1009);
    sandbox.healthy();
    sandbox.type_in(&line).ok();
    assert_eq!(sandbox.versions(), ["1", "2"]);
}

#[test]
fn a_failed_function_is_not_waited_for() {
    for setting in ["busy=named", "busy=status", "busy=conflict", "busy=unsupported"] {
        let sandbox = split(&[setting]);
        let place = Place::new(REGION, FUNCTION);
        sandbox
            .server()
            .set_status(&place, "$LATEST", "UpdateFailed", Some("out of disk"))
            .unwrap();
        let ran = sandbox
            .type_in(&format!("publish-ver --timeout 60s --inputs function={FUNCTION}"))
            .fails(1);
        assert!(ran.stderr.contains("UpdateFailed"), "{}", ran.stderr);
        assert_eq!(sandbox.versions(), ["1"]);
    }
}

#[test]
fn a_new_version_is_looked_for_once_latest_has_settled() {
    let sandbox = split(&["new-version=hidden"]);
    let settled = AtomicBool::new(false);
    let published = AtomicBool::new(false);
    sandbox.faulty(move |call| {
        if call.action == "PublishVersion" {
            published.store(true, Ordering::SeqCst);
        }
        if call.action == "GetFunction" && published.load(Ordering::SeqCst) {
            if call.params["Qualifier"] == "$LATEST" {
                settled.store(true, Ordering::SeqCst);
            } else if !settled.load(Ordering::SeqCst) {
                // Not within the few seconds that are allowed for it.
                return Fault::error("ResourceNotFound.Version", "not yet");
            }
        }
        Fault::None
    });
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
}

#[test]
fn an_http_error_is_no_success_whatever_it_says() {
    let sandbox = split(&[]);
    sandbox.faulty(|call| match call.action.as_str() {
        "UpdateAlias" => {
            Fault::Http { status: 403, body: r#"{"Response":{"RequestId":"r"}}"#.into() }
        }
        _ => Fault::None,
    });
    sandbox.type_in("deploy --inputs traffic=0.9").fails(1).says("HTTP status 403");
}

#[test]
fn a_stopped_publication_says_how_to_go_on() {
    let sandbox = split(&[]);
    let victim = Victim::default();
    let struck = victim.clone();
    sandbox.faulty(move |call| match call.action.as_str() {
        "PublishVersion" => struck.struck(Signal::INT, false),
        _ => Fault::None,
    });
    let line = ["deploy", "--inputs", "publish=true", "traffic=0"];
    let process = victim.spawn(&sandbox, &line);
    let ran = finished(process).fails(130).says("  done: publish $LATEST");
    sandbox.healthy();
    let (_, rest) = ran.stderr.split_once("--run-id ").expect("names the run");
    let id = rest.split_whitespace().next().unwrap();
    let line = format!("deploy --run-id {id} --inputs publish=true traffic=0");
    sandbox.type_in(&line).ok().says("published by an earlier try");
    assert_eq!(sandbox.versions(), ["1", "2"]);
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "2": 1}));
}

/// The share was asked for other code than what someone else is sending at that moment.
#[test]
fn what_someone_else_is_sending_while_a_share_is_read_back_is_waited_for() {
    let sandbox = Sandbox::with(|options| options.transition = Duration::from_millis(150));
    sandbox.project();
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    let (server, zip) = (sandbox.server().clone(), first_package(&sandbox));
    sandbox.change_code("two");
    sandbox.type_in("deploy").ok();
    sandbox.faulty(move |call| {
        let (server, zip) = (server.clone(), zip.clone());
        match call.action.as_str() {
            "UpdateAlias" => Fault::After(Arc::new(move || {
                change(&server, "UpdateFunctionCode", json!({"Code": {"ZipFile": zip}}));
            })),
            _ => Fault::None,
        }
    });
    sandbox.type_in("deploy --inputs traffic=0.5").fails(5).says("someone else changed the code");
}
