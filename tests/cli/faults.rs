//! Busy functions, failing calls, kills and interrupts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::Signal;
use scfctl::local::Fault;
use serde_json::json;

use crate::sandbox::{FUNCTION, REGION, Sandbox, Victim, finished};

#[test]
fn a_busy_function_is_waited_for() {
    for setting in ["busy=named", "busy=status", "busy=conflict", "busy=unsupported"] {
        let sandbox = Sandbox::by_calls(Duration::from_millis(30), |options| {
            options.behaviour.set(setting).unwrap();
            options.transition = Duration::from_millis(80);
        });
        sandbox.project();
        sandbox.type_in("deploy").ok();
        sandbox.change_code("two");
        // Someone else's update begins right before ours, and again before our publication. Each
        // first try meets it.
        let tries = Arc::new(AtomicU32::new(0));
        let server = sandbox.server().clone();
        let counted = Arc::clone(&tries);
        sandbox.faulty(move |call| {
            if !matches!(call.action.as_str(), "UpdateFunctionCode" | "PublishVersion")
                || counted.fetch_add(1, Ordering::SeqCst) % 2 == 1
            {
                return Fault::None;
            }
            let server = server.clone();
            Fault::Before(Arc::new(move || {
                let params = json!({"FunctionName": FUNCTION, "Timeout": 8});
                server.apply("UpdateFunctionConfiguration", params, REGION).unwrap();
            }))
        });
        sandbox
            .type_in("deploy --inputs publish=true traffic=0")
            .ok()
            .says("the function is busy, waiting");
        assert_eq!(sandbox.versions(), ["1"], "{setting}");
        assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "1": 1}), "{setting}");
        assert!(tries.load(Ordering::SeqCst) >= 4, "{setting}");
    }
}

#[test]
fn a_function_that_is_busy_from_the_start_is_waited_for() {
    let sandbox = Sandbox::with(|options| options.transition = Duration::from_millis(80));
    sandbox.project();
    sandbox.type_in("deploy").ok();
    sandbox.console("UpdateFunctionConfiguration", json!({"Timeout": 8}));
    sandbox.change_code("two");
    sandbox.type_in("deploy").ok();
    assert_eq!(sandbox.console("GetFunction", json!({}))["Timeout"], 8);
}

#[test]
fn throttling_and_server_errors_are_retried_and_said() {
    for fault in [
        Fault::Error { code: "RequestLimitExceeded".into(), message: "slow down".into() },
        Fault::Error { code: "InternalError".into(), message: "oops".into() },
        Fault::Http { status: 502, body: "<html>".into() },
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::Truncated,
    ] {
        for action in ["GetFunction", "UpdateFunctionCode", "UpdateAlias"] {
            let sandbox = Sandbox::with_project();
            sandbox.type_in("deploy --inputs publish=true traffic=0.5").ok();
            sandbox.change_code("two");
            sandbox.once(action, fault.clone());
            sandbox.type_in("deploy --inputs traffic=0.9").ok().says("again in");
            assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.9, "1": 0.1}));
        }
    }
}

#[test]
fn validation_errors_are_never_retried() {
    let sandbox = Sandbox::with_project();
    sandbox.faulty(|call| match call.action.as_str() {
        "CreateFunction" => Fault::error("InvalidParameterValue.Handler", "bad handler"),
        _ => Fault::None,
    });
    sandbox
        .type_in("deploy")
        .fails(1)
        .says("CreateFunction: InvalidParameterValue.Handler: bad handler (request ");
    assert_eq!(sandbox.changes_since(0), ["CreateFunction"]);
}

#[test]
fn a_lost_creation_is_looked_for_before_it_is_repeated() {
    for fault in
        [Fault::DropAfter, Fault::Truncated, Fault::HttpAfter { status: 500, body: String::new() }]
    {
        let sandbox = Sandbox::with_project();
        let fault = fault.clone();
        sandbox.faulty(move |call| match call.action.as_str() {
            "CreateFunction" => fault.clone(),
            _ => Fault::None,
        });
        sandbox.type_in("deploy --inputs publish=true").ok();
        assert_eq!(sandbox.changes_since(0), ["CreateFunction", "PublishVersion"]);
    }
}

#[test]
fn a_creation_that_never_gets_through_is_nobody_elses() {
    let sandbox = Sandbox::with_project();
    sandbox.faulty(|call| match call.action.as_str() {
        "CreateFunction" => Fault::Http { status: 503, body: String::new() },
        _ => Fault::None,
    });
    sandbox
        .type_in("deploy")
        .fails(1)
        .says("answered with HTTP status 503")
        .says("may have been done: create the function");
    assert_eq!(sandbox.changes_since(0), ["CreateFunction"; 3]);
}

#[test]
fn a_creation_of_an_alias_that_was_lost_on_its_way_is_repeated() {
    for fault in [
        Fault::DropBefore,
        Fault::NotJson,
        Fault::Http { status: 503, body: String::new() },
        Fault::error("InternalError", "oops"),
    ] {
        let sandbox = Sandbox::with_project();
        sandbox.type_in("deploy --inputs publish=true").ok();
        sandbox.once("CreateAlias", fault.clone());
        let line = format!("create-alias --inputs function={FUNCTION} name=prod version=1");
        sandbox.type_in(&line).ok().says("trying CreateAlias again in");
        assert_eq!(sandbox.routing("prod"), json!({"1": 1.0}));
    }
}

#[test]
fn a_deletion_that_never_gets_through_is_not_called_done() {
    for (fault, says) in [
        (Fault::DropBefore, "no answer from"),
        (Fault::Http { status: 503, body: String::new() }, "HTTP status 503"),
        (Fault::error("InternalError", "oops"), "InternalError: oops"),
    ] {
        let sandbox = Sandbox::with_project();
        sandbox.type_in("deploy --inputs publish=true").ok();
        let of = format!("--inputs function={FUNCTION} name=prod");
        sandbox.type_in(&format!("create-alias {of} version=1")).ok();
        sandbox.faulty(move |call| match call.action.as_str() {
            "DeleteAlias" => fault.clone(),
            _ => Fault::None,
        });
        let ran = sandbox.type_in(&format!("delete-alias {of}")).fails(1).says(says);
        let ran = ran.says("trying DeleteAlias again in");
        assert!(!ran.stderr.contains("still there"), "{}", ran.stderr);
        assert_eq!(sandbox.routing("prod"), json!({"1": 1.0}));
    }
}

#[test]
fn a_publication_whose_code_is_not_told_for_a_moment_is_not_made() {
    for code in ["InternalError", "RequestLimitExceeded"] {
        let sandbox = Sandbox::with_project();
        sandbox.type_in("deploy").ok();
        let line = format!("publish-ver --run-id r --inputs function={FUNCTION}");
        sandbox.faulty(move |call| match call.action.as_str() {
            "GetFunctionAddress" => Fault::error(code, "oops"),
            _ => Fault::None,
        });
        // Its key would not be the one that the next try looks for.
        sandbox.type_in(&line).fails(1).says("GetFunctionAddress");
        sandbox.healthy();
        sandbox.type_in(&line).ok();
        assert_eq!(sandbox.versions(), ["1"]);
    }
}

#[test]
fn a_wrong_clock_is_corrected_once_and_said() {
    let ahead = chrono::TimeDelta::minutes(30);
    let sandbox =
        Sandbox::with(|options| options.clock = Arc::new(move || chrono::Utc::now() + ahead));
    sandbox.project();
    let ran = sandbox.type_in("deploy").ok();
    // `Date` has whole seconds, and is compared once the answer has been read.
    let said =
        |seconds: u32| ran.stderr.contains(&format!("clock is {seconds} s behind the server's"));
    assert!((1740..=1800).any(said), "{}", ran.stderr);
    // Of the reads that went out together each was refused once at the most.
    assert_eq!(ran.stderr.matches("clock is").count(), 1);
}

#[test]
fn a_clock_that_is_right_is_not_blamed() {
    let sandbox = Sandbox::with_project();
    sandbox.faulty(|_| Fault::error("AuthFailure.SignatureExpire", "expired"));
    sandbox.type_in("deploy").fails(4).says("local time").says("server time");
    assert!(sandbox.calls().len() <= 5, "{:?}", sandbox.actions_since(0));
}

#[test]
fn routing_that_does_not_come_out_as_asked_is_an_error() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true traffic=0.5").ok();
    let server = sandbox.server().clone();
    sandbox.faulty(move |call| {
        if call.action != "UpdateAlias" {
            return Fault::None;
        }
        let server = server.clone();
        Fault::After(Arc::new(move || {
            let params = json!({
                "FunctionName": FUNCTION, "Name": "$DEFAULT", "FunctionVersion": "$LATEST",
                "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "1", "Weight": 0.7}]},
            });
            server.apply("UpdateAlias", params, REGION).unwrap();
        }))
    });
    sandbox
        .type_in("deploy --inputs traffic=0.9")
        .fails(5)
        .says("intended $LATEST: 0.9, 1: 0.1")
        .says("the service reports $LATEST: 0.3, 1: 0.7");
}

/// A command killed right before or after any of its calls, run again with the same run id,
/// ends in the same state with no extra version.
#[test]
#[ignore = "longer: cargo test --test cli -- --ignored a_killed_command_converges"]
fn a_killed_command_converges() {
    let deployed = |inputs: &str| {
        let sandbox = Sandbox::with_project();
        sandbox.type_in(&format!("deploy --inputs {inputs}")).ok();
        sandbox.change_code("two");
        sandbox.yaml("  timeout: 9\n");
        sandbox
    };
    converges_when_killed(
        Sandbox::with_project,
        "deploy --run-id step-1 --inputs publish=true traffic=0.1",
    );
    converges_when_killed(
        || deployed("publish=true traffic=0.5"),
        "deploy --run-id step-1 --inputs publish=true traffic=0",
    );
    converges_when_killed(|| deployed("publish=true"), "deploy --inputs traffic=0.1");
    converges_when_killed(
        || deployed("publish=true"),
        "publish-ver --run-id step-1 --inputs function=demo-dev-shop",
    );
}

fn converges_when_killed(arrange: impl Fn() -> Sandbox, line: &str) {
    let state = |sandbox: &Sandbox| {
        let versions = sandbox.versions();
        let contents: Vec<_> = std::iter::once("$LATEST".to_owned())
            .chain(versions.clone())
            .map(|version| {
                let code = sandbox.console("GetFunctionAddress", json!({"Qualifier": version}));
                let function = sandbox.console("GetFunction", json!({"Qualifier": version}));
                (
                    code["CodeSha256"].clone(),
                    function["Timeout"].clone(),
                    function["Status"].clone(),
                )
            })
            .collect();
        (versions, contents, sandbox.routing("$DEFAULT"))
    };
    let undisturbed = arrange();
    let from = undisturbed.calls().len();
    undisturbed.type_in(line).ok();
    let calls = undisturbed.calls().len() - from;
    assert!(calls >= 5, "{:?}", undisturbed.actions_since(from));
    let expected = state(&undisturbed);
    let line: Vec<&str> = line.split(' ').collect();
    for after in [false, true] {
        // How often an alias is looked at depends on how old a look is when it is needed.
        let mut call = 1;
        while let Some(sandbox) = killed_at(call, after, &arrange, &line) {
            sandbox.run(&line).ok();
            assert_eq!(
                state(&sandbox),
                expected,
                "{line:?}: killed at call {call}, after: {after}"
            );
            call += 1;
        }
        assert!(call + 2 >= calls, "{line:?}: only {call} of {calls} calls");
    }
}

/// Where a command was killed at its call of this number; none where it makes less.
fn killed_at(
    call: usize,
    after: bool,
    arrange: impl Fn() -> Sandbox,
    line: &[&str],
) -> Option<Sandbox> {
    let sandbox = arrange();
    let from = sandbox.calls().len();
    let (victim, is_struck) = (Victim::default(), Arc::new(AtomicBool::new(false)));
    let (other, struck) = (victim.clone(), Arc::clone(&is_struck));
    sandbox.faulty(move |received| {
        if received.number != from + call {
            return Fault::None;
        }
        struck.store(true, Ordering::SeqCst);
        other.struck(Signal::KILL, after)
    });
    let ran = finished(victim.spawn(&sandbox, line));
    sandbox.healthy();
    if is_struck.load(Ordering::SeqCst) {
        assert_eq!(ran.code, 1009, "{line:?}: call {call}");
        Some(sandbox)
    } else {
        ran.ok();
        None
    }
}

#[test]
fn the_first_signal_stops_before_the_next_change() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let sandbox = Sandbox::with(|options| options.transition = Duration::from_millis(50));
        sandbox.project();
        sandbox.type_in("deploy --inputs publish=true traffic=0.5").ok();
        sandbox.change_code("two");
        let victim = Victim::default();
        let struck = victim.clone();
        sandbox.faulty(move |call| match call.action.as_str() {
            "UpdateFunctionCode" => struck.struck(signal, false),
            _ => Fault::None,
        });
        let from = sandbox.calls().len();
        let line = ["deploy", "--inputs", "publish=true", "traffic=0"];
        let process = victim.spawn(&sandbox, &line);
        finished(process)
            .fails(code)
            .says("interrupted")
            .says("  done: replace the code of $LATEST")
            .says("not done: publish $LATEST as a new version")
            .says("run the same command again to continue");
        // The change under way was carried out whole, and nothing after it.
        assert_eq!(sandbox.changes_since(from), ["UpdateFunctionCode"]);
    }
}

/// What `$LATEST` shows while a version is published, and whether that version can be seen, is
/// open; a run that was killed at that moment finds its version all the same.
#[test]
fn a_killed_publication_is_adopted_however_it_shows() {
    for setting in [
        "latest-while-publishing=publishing",
        "latest-while-publishing=active",
        "latest-while-publishing=active-but-busy",
        "new-version=hidden",
        "latest-listed=last",
        "code-sha256=rebuilt",
    ] {
        for after in [false, true] {
            let sandbox = Sandbox::with(|options| {
                options.behaviour.set(setting).unwrap();
                options.transition = Duration::from_millis(60);
            });
            sandbox.project();
            let victim = Victim::default();
            let struck = victim.clone();
            sandbox.faulty(move |received| match received.action.as_str() {
                "PublishVersion" => struck.struck(Signal::KILL, after),
                _ => Fault::None,
            });
            let line = ["deploy", "--run-id", "step-1", "--inputs", "publish=true", "traffic=0"];
            let process = victim.spawn(&sandbox, &line);
            assert_eq!(finished(process).code, 1009, "{setting}");
            sandbox.healthy();
            sandbox.run(&line).ok();
            assert_eq!(sandbox.versions(), ["1"], "{setting}, after: {after}");
            assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "1": 1}), "{setting}");
        }
    }
}

#[test]
fn a_refusal_that_has_a_way_out_says_which() {
    for (action, code, hint) in [
        (
            "CreateFunction",
            "InvalidParameterValue.Handler",
            "hint: correct `handler`: file and function",
        ),
        ("CreateFunction", "LimitExceeded.Timeout", "hint: it is a quota of the account"),
        (
            "PublishVersion",
            "LimitExceeded.FunctionVersions",
            "shows which: `scfctl versions prune --keep 5 --dry-run --function demo-dev-shop`",
        ),
    ] {
        let sandbox = Sandbox::with_project();
        sandbox.faulty(
            move |call| {
                if call.action == action { Fault::error(code, "no") } else { Fault::None }
            },
        );
        let ran = sandbox.type_in("deploy --publish").fails(1);
        ran.says(hint);
    }
}
