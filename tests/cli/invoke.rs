//! invoke: a call of a function, on the local SCF.

use std::io::Write as _;
use std::process::Stdio;

use scfctl::local::{Fault, Interpreters};
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, Sandbox, finished};

/// A sandbox whose server runs handlers.
fn running() -> Sandbox {
    let path = std::env::var("PATH").unwrap();
    let sandbox = Sandbox::with(|options| {
        options.run = Some(Interpreters {
            python: "python3".into(),
            node: "node".into(),
            environment: [("PATH".to_owned(), path)].into(),
        });
        options.default_topic = true;
    });
    sandbox.project();
    sandbox
}

const ECHO: &str = "import json, os, sys\n\
    def main_handler(event, context):\n    \
        print('seen', json.dumps(event))\n    \
        if isinstance(event, dict) and event.get('fail'):\n        \
            raise ValueError(event['fail'])\n    \
        return {'event': event, 'version': context['function_version'], 'mode': os.environ.get('MODE')}\n";

fn deployed(sandbox: &Sandbox) {
    sandbox.file("src/index.py", ECHO);
    sandbox.yaml("  timeout: 20\n  environment:\n    variables:\n      MODE: blue\n");
    sandbox.type_in("deploy").ok();
}

#[test]
fn what_a_call_cannot_have_is_refused_with_what_to_type() {
    let sandbox = running();
    for (line, error, hint) in [
        (
            "invoke --alias a --routing-key k=1 --routing-key k=2",
            "--routing-key gives `k` twice",
            "leave one",
        ),
        ("invoke --path nofile", "--path `nofile` cannot be read", "or `-` for stdin"),
        ("invoke --data @event.json", "the payload is not JSON", "--path event.json, --path -"),
    ] {
        let ran = sandbox.type_in(line).fails(2).says(error).says(hint);
        assert_eq!(ran.actions(), [] as [&str; 0], "{line}");
    }
}

#[test]
fn what_a_function_returns_is_on_stdout_byte_for_byte() {
    let sandbox = running();
    deployed(&sandbox);
    let ran = sandbox.run(&["invoke", "--data", r#"{"a": ["红", 1]}"#]).ok();
    let expected = r#"{"event": {"a": ["红", 1]}, "version": "$LATEST", "mode": "blue"}"#;
    assert_eq!(ran.stdout, expected);
    assert!(ran.stderr.contains(r#"seen {"a": ["\u7ea2", 1]}"#), "{}", ran.stderr);
    assert!(ran.stderr.contains("START RequestId: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("$LATEST answered in "), "{}", ran.stderr);
    assert_eq!(ran.actions(), ["InvokeFunction"]);
    let sent = &ran.calls[0].params;
    assert_eq!(sent["Event"], r#"{"a": ["红", 1]}"#);
    assert_eq!((&sent["Qualifier"], &sent["LogType"]), (&json!("$LATEST"), &json!("Tail")));
    // Without a payload it is an empty object.
    let ran = sandbox.type_in("invoke --quiet").ok();
    assert!(ran.stdout.starts_with(r#"{"event": {}, "#), "{}", ran.stdout);
    assert_eq!(ran.stderr, "");
    let several = sandbox.type_in("invoke --repeat 3").ok();
    assert_eq!(several.stdout, format!("{}\n", ran.stdout).repeat(3));
    assert_eq!(several.actions(), ["InvokeFunction"; 3]);
}

#[test]
fn a_payload_comes_from_a_file_a_pipe_or_an_input() {
    let sandbox = running();
    deployed(&sandbox);
    sandbox.file("event.json", "\u{feff}{\"from\": \"file\"}\n");
    let ran = sandbox.type_in("invoke --path event.json").ok();
    assert!(ran.stdout.contains(r#"{"event": {"from": "file"}"#), "{}", ran.stdout);
    let mut child =
        sandbox.command(&["invoke", "--path", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(br#"{"from": "pipe"}"#).unwrap();
    let ran = finished(child).ok();
    assert!(ran.stdout.contains(r#"{"from": "pipe"}"#), "{}", ran.stdout);
    // As the documentation of the real component has it.
    let event = format!("function={FUNCTION}");
    let ran = sandbox.run(&["invoke", "--inputs", &event, "event={\"n\": 1.50}"]).ok();
    assert_eq!(ran.calls[0].params["Event"], "{\"n\": 1.50}");
    // Quotes and all, as with --data.
    for payload in ["\"hello\"", "null", "12.50", "[1,2]"] {
        let pair = format!("event={payload}");
        let ran = sandbox.run(&["invoke", "--inputs", &pair]).ok();
        assert_eq!(ran.calls[0].params["Event"], payload);
    }
    sandbox.yaml("commandInputs:\n  invoke:\n    event:\n      from: yaml\n");
    let ran = sandbox.type_in("invoke").ok();
    assert_eq!(ran.calls[0].params["Event"], r#"{"from":"yaml"}"#);
    let ran = sandbox.run(&["invoke", "--data", "1"]).fails(2);
    assert!(ran.stderr.contains("the payload is given twice"), "{}", ran.stderr);
}

#[test]
fn letters_of_sls_are_those_of_sls() {
    let sandbox = running();
    deployed(&sandbox);
    sandbox.console("PublishVersion", json!({}));
    for line in [
        vec!["invoke", "-d", "{\"a\": 5}", "-q", "1", "-f", FUNCTION, "-n", "default", "-s", "dev"],
        vec!["invoke", "-d{\"a\": 5}", "-q1", &format!("-f={FUNCTION}"), "-rap-guangzhou"],
        vec!["invoke", "--qualifier", "1", "--data={\"a\": 5}"],
    ] {
        let ran = sandbox.run(&line).ok();
        let sent = &ran.calls[0].params;
        assert_eq!((&sent["Event"], &sent["Qualifier"]), (&json!("{\"a\": 5}"), &json!("1")));
        assert!(ran.stdout.contains(r#""version": "1""#), "{}", ran.stdout);
    }
    // Texts stay texts: `sls` makes 7 of it, and `true` of nothing.
    let ran = sandbox.run(&["invoke", "-d", "-5"]).ok();
    assert_eq!(ran.calls[0].params["Event"], "-5");
    for (line, told) in [
        (vec!["invoke", "-d", "007"], "the payload is not JSON: line 1, column 2"),
        (vec!["invoke", "-d", ""], "the payload is not JSON: it ends too early"),
        (vec!["invoke", "-d"], "--data"),
        (vec!["invoke", "-q", ""], "--qualifier"),
        (vec!["invoke", "-d", "1", "-p", "x"], "cannot be used with"),
        (vec!["invoke", "local", "-d", "1"], "`invoke local` is not provided"),
        (vec!["invoke", "other"], "other"),
        (vec!["invoke", "--inputs", "evnt=1"], "did you mean `event`?"),
        (vec!["invoke", "--alias", "a", "-q", "2"], "is given beside another `qualifier`"),
        (
            vec!["invoke", "--routing-key", "User=Bob"],
            "--routing-key has no effect on version $LATEST",
        ),
        (vec!["invoke", "--repeat", "0"], "--repeat"),
    ] {
        let ran = sandbox.run(&line).fails(2);
        assert!(ran.stderr.contains(told), "{line:?}: {}", ran.stderr);
        assert!(ran.calls.is_empty(), "{line:?}");
    }
    // Of other commands the letter is what it was.
    assert_eq!(sandbox.type_in("list-alias -q").ok().stderr, "");
}

#[test]
fn an_alias_chooses_by_its_weights_and_rules() {
    let sandbox = running();
    deployed(&sandbox);
    sandbox.console("PublishVersion", json!({}));
    sandbox.console("PublishVersion", json!({}));
    let rule = json!({"AddtionVersionMatchs": [{"Version": "2", "Key": "invoke.headers.User",
        "Method": "exact", "Expression": "Bob"}]});
    sandbox.console(
        "CreateAlias",
        json!({"Name": "prod", "FunctionVersion": "1", "RoutingConfig": rule}),
    );
    for (line, version) in [
        (vec!["invoke", "--alias", "prod"], "1"),
        (vec!["invoke", "-q", "prod", "--routing-key", "User=Bob"], "2"),
        (vec!["invoke", "--alias", "prod", "--routing-key", "User=Eve"], "1"),
    ] {
        let ran = sandbox.run(&line).ok();
        let expected = format!("\"version\": \"{version}\"");
        assert!(ran.stdout.contains(&expected), "{line:?}: {}", ran.stdout);
    }
    let ran = sandbox.type_in("invoke --alias none").fails(3);
    assert!(ran.stderr.contains("ResourceNotFound.Qualifier"), "{}", ran.stderr);
}

#[test]
fn a_function_that_fails_has_an_exit_code_of_its_own() {
    let sandbox = running();
    deployed(&sandbox);
    let ran = sandbox.run(&["invoke", "-d", r#"{"fail": "no good"}"#]).fails(9);
    let returned: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(returned["errorMessage"], "ValueError: no good");
    assert_eq!(returned["statusCode"], 430);
    assert!(ran.stderr.contains("failed: ValueError: no good"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("bootstrap"), "{}", ran.stderr);
    let ran =
        sandbox.run(&["invoke", "-d", r#"{"fail": "no"}"#, "--output", "json"]).fails(9).json();
    assert_eq!(ran["error"]["code"], "function-error");
    assert_eq!(ran["error"]["exitCode"], 9);
    assert_eq!(ran["error"]["requestId"], ran["requestId"]);
    assert_eq!(ran["result"]["errorMessage"], "ValueError: no");
    assert!(ran["log"].as_str().unwrap().contains("ERROR RequestId"), "{ran}");
    let ran =
        sandbox.run(&["invoke", "-d", r#"{"fail": "no"}"#, "--repeat", "2", "--output", "json"]);
    assert_eq!(ran.fails(9).json()["failed"], 2);
    // The monitor has them.
    let snapshot = sandbox.server().snapshot();
    let place = format!("/regions/ap-guangzhou/namespaces/default/functions/{FUNCTION}/called");
    let minutes = snapshot.pointer(&place).unwrap().as_object().unwrap();
    let sum = |key: &str| -> u64 {
        let counted = minutes.values().flat_map(|minute| minute.as_array().unwrap());
        counted.map(|counted| counted[key].as_u64().unwrap()).sum()
    };
    assert_eq!((sum("calls"), sum("errors")), (4, 4));
    sandbox.type_in("invoke --lang zh").ok().says("已返回");
}

#[test]
fn a_result_is_json_where_that_is_asked_for() {
    let sandbox = running();
    deployed(&sandbox);
    sandbox.console("PublishVersion", json!({}));
    let ran = sandbox.run(&["invoke", "-q", "1", "-d", "[1]", "--output", "json"]).ok().json();
    assert_eq!(ran["functionName"], FUNCTION);
    assert_eq!((&ran["qualifier"], &ran["version"]), (&json!("1"), &json!("1")));
    assert_eq!(ran["result"], json!({"event": [1], "version": "1", "mode": "blue"}));
    assert_eq!((&ran["error"], &ran["async"]), (&Value::Null, &json!(false)));
    assert!(ran["durationMs"].as_f64().unwrap() > 0.0);
    assert!(ran["memoryBytes"].as_i64().unwrap() > 1 << 20);
    assert!(ran["log"].as_str().unwrap().contains("seen [1]"), "{ran}");
    let ran = sandbox.type_in("invoke --alias $DEFAULT --async --output json").ok();
    assert_eq!(ran.actions(), ["Invoke"]);
    assert_eq!(ran.calls[0].params["InvocationType"], "Event");
    let ran = ran.json();
    assert_eq!((&ran["result"], &ran["version"]), (&Value::Null, &Value::Null));
    assert_eq!(ran["requestId"].as_str().unwrap().len(), 36);
    let text = sandbox.type_in("invoke --async").ok();
    assert_eq!(text.stdout, "");
    assert!(text.stderr.contains("the call is taken and runs by itself"), "{}", text.stderr);
}

#[test]
fn a_call_that_may_have_run_is_never_repeated() {
    let sandbox = running();
    deployed(&sandbox);
    for fault in [
        Fault::DropAfter,
        Fault::Truncated,
        Fault::HttpAfter { status: 502, body: String::new() },
        Fault::error("InternalError.System", "x"),
    ] {
        sandbox.once("InvokeFunction", fault);
        let ran = sandbox.type_in("invoke").fails(1);
        let ran = ran.says("hint: the function may have run; another call runs it once more");
        assert_eq!(ran.actions(), ["InvokeFunction"], "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    sandbox.once("InvokeFunction", Fault::DropAfter);
    let ran = sandbox.type_in("invoke --output json").fails(1).json();
    assert_eq!(ran["error"]["maybeDone"], json!([format!("invoke function `{FUNCTION}`")]));
    // One that was refused for its rate has not run.
    sandbox.once("InvokeFunction", Fault::error("RequestLimitExceeded", "x"));
    let ran = sandbox.type_in("invoke").ok();
    assert_eq!(ran.actions(), ["InvokeFunction"; 2]);
}

#[test]
fn what_was_answered_is_shown_when_a_later_call_fails() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    let third = || {
        let count = std::sync::atomic::AtomicUsize::new(0);
        sandbox.faulty(move |call| {
            let is_third = call.action == "InvokeFunction"
                && count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 2;
            if is_third { Fault::DropAfter } else { Fault::None }
        });
    };
    third();
    let ran = sandbox.type_in("invoke --repeat 5 --output json").fails(1);
    assert_eq!(ran.actions(), ["InvokeFunction"; 3]);
    let told = ran.json();
    let calls = told["calls"].as_array().unwrap();
    assert_eq!((calls.len(), &told["failed"]), (2, &json!(0)));
    assert_eq!(calls[1]["result"]["version"], "$LATEST");
    assert_eq!(told["error"]["code"], "no-answer");
    assert_eq!(told["error"]["maybeDone"], json!([format!("invoke function `{FUNCTION}`")]));
    third();
    let ran = sandbox.type_in("invoke --repeat 5").fails(1);
    assert_eq!(ran.stdout.lines().count(), 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("cannot invoke function"), "{}", ran.stderr);
    // Nothing but the failure, where nothing came before it.
    sandbox.once("InvokeFunction", Fault::DropAfter);
    let told = sandbox.type_in("invoke --repeat 5 --output json").fails(1).json();
    assert_eq!(told.as_object().unwrap().len(), 1, "{told}");
}

#[test]
fn without_being_asked_nothing_runs() {
    let sandbox = Sandbox::with_project();
    sandbox.file("src/index.py", "import sys\nsys.exit('it ran')\n");
    sandbox.type_in("deploy").ok();
    let ran = sandbox.type_in("invoke").ok();
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&told["version"], &told["function"]), (&json!("$LATEST"), &json!(FUNCTION)));
}

#[test]
fn the_scf_in_the_process_runs_what_was_deployed_to_it() {
    let mut sandbox = Sandbox::with_project();
    sandbox.unset("SCFCTL_ENDPOINT");
    sandbox.set("PATH", &std::env::var("PATH").unwrap());
    sandbox.file("src/index.py", ECHO);
    sandbox.yaml("  timeout: 20\n");
    sandbox.type_in("deploy --local").ok();
    let ran = sandbox.type_in("invoke --local").ok();
    assert!(ran.stdout.contains(r#""version": "$LATEST""#), "{}", ran.stdout);
    // The keys of this machine are not the function's to see.
    sandbox.file("src/index.py", "import os\ndef main_handler(e, c): return sorted(os.environ)\n");
    sandbox.type_in("deploy --local").ok();
    let ran = sandbox.type_in("invoke --local").ok();
    assert!(!ran.stdout.contains("SECRET"), "{}", ran.stdout);
    sandbox.set("INVOKE_LOCAL_PYTHON", "no-such-python");
    let ran = sandbox.type_in("invoke --local").fails(1);
    assert!(ran.stderr.contains("`no-such-python` cannot be run"), "{}", ran.stderr);
    sandbox.run(&["local", "serve", "--run", "--listen", "0.0.0.0:0"]).fails(2);
}
