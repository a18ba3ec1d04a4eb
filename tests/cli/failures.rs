//! A failure on stdout: in the real CLI's words where it is called by its name, as one object
//! with `--output json`, and never behind the words of a success.

use std::process::Stdio;

use scfctl::local::Fault;
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, KEY, Ran, Sandbox};
use crate::sls::called;

const SUCCESS: &str = "执行成功";

/// How pipelines tell: `grep -qE '错误信息|Error'`.
fn looks_failed(ran: &Ran) -> bool {
    ran.stdout.contains("错误信息") || ran.stdout.contains("Error")
}

/// What may go wrong, a project in which it does, and the code of the failure.
fn failures() -> Vec<(Sandbox, &'static str, i32, &'static str)> {
    let project = Sandbox::with_project;
    let yaml = |text: &str| {
        let sandbox = Sandbox::with_project();
        sandbox.yaml(text);
        sandbox
    };
    let failing = |code: &'static str| {
        let sandbox = Sandbox::with_project();
        sandbox.faulty(move |call| match call.action.as_str() {
            "CreateFunction" => Fault::error(code, "no room for 执行成功"),
            _ => Fault::None,
        });
        sandbox
    };
    let mut no_keys = project();
    no_keys.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY");
    vec![
        (project(), "", 2, "usage"),
        (project(), "deplyo", 2, "usage"),
        (project(), "remove", 2, "usage"),
        (project(), "deploy --no-such-option", 2, "usage"),
        (project(), "deploy --timeout soon", 2, "usage"),
        (project(), "deploy --endpoint ftp://x", 2, "invalid-endpoint"),
        (project(), "deploy --inputs.traffic=0.1", 2, "invalid-inputs"),
        (project(), "deploy --inputs traffic=2", 2, "invalid-inputs"),
        (project(), "deploy --inputs memorySize=100 timeout=x", 2, "invalid-inputs"),
        (yaml("  a: {b: [\n"), "deploy", 2, "invalid-configuration"),
        (yaml("  timeout: ${env:NOPE}\n"), "deploy", 2, "invalid-configuration"),
        (yaml("  src: ./missing\n"), "deploy --inputs src=./missing", 2, "invalid-configuration"),
        (project(), "deploy --inputs handler=other.main_handler", 2, "handler-not-found"),
        (no_keys, "deploy", 4, "no-credentials"),
        (unreachable(), "deploy --timeout 60s", 1, "cannot-connect"),
        (failing("LimitExceeded.Memory"), "deploy", 1, "LimitExceeded.Memory"),
        (failing("UnauthorizedOperation.CAM"), "deploy", 4, "UnauthorizedOperation.CAM"),
        (project(), "publish-ver --inputs function=absent", 3, "function-not-found"),
        (project(), "list-alias --inputs function=absent", 3, "function-not-found"),
        (project(), "delete-alias --inputs function=absent name=a", 3, "function-not-found"),
    ]
}

#[test]
fn called_by_the_name_of_the_real_one_stdout_shows_every_failure() {
    for (sandbox, line, code, _) in failures() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ran = called(&sandbox, "sls", &words).fails(code).says("error: ");
        for expected in ["\nError:\n错误信息: ", "\nErrorCode: "] {
            assert!(ran.stdout.contains(expected), "{line}:\n{}", ran.stdout);
        }
        assert!(!ran.stdout.contains(SUCCESS), "{line}:\n{}", ran.stdout);
        // Under our own name stdout has results alone.
        let ran = sandbox.run(&words).fails(code);
        assert_eq!(ran.stdout, "", "{line}");
    }
}

#[test]
fn the_whole_text_of_a_failure_as_sls() {
    for name in ["sls", "serverless", "scf"] {
        let sandbox = Sandbox::with_project();
        sandbox.faulty(|call| match call.action.as_str() {
            "CreateFunction" => Fault::error("LimitExceeded.Memory", "no room"),
            _ => Fault::None,
        });
        let ran = called(&sandbox, name, &["deploy"]).fails(1);
        let (head, rest) = ran.stdout.split_once("\nx deploy 失败 (").unwrap();
        assert!(head.ends_with("- Name: \"demo\" \n\n"), "{head}");
        let request = rest.split_once("RequestId: ").unwrap().1.trim();
        let rest = &rest[rest.find("s)").unwrap()..];
        assert_eq!(
            rest,
            format!(
                "s)\n\nError:\n错误信息: cannot deploy function `{FUNCTION}`: CreateFunction: LimitExceeded.Memory: \
                 no room (request {request})\n\nEnvironment: {}, scfctl v{}\nErrorCode: LimitExceeded.Memory\n\
                 RequestId: {request}\n\n",
                std::env::consts::OS,
                env!("CARGO_PKG_VERSION")
            )
        );
    }
}

#[test]
fn no_success_looks_like_a_failure() {
    let sandbox = Sandbox::with_project();
    for line in [
        "deploy --inputs publish=true --debug",
        "deploy --inputs traffic=0.5",
        "publish-ver --inputs function=demo-dev-shop",
        "create-alias --inputs function=demo-dev-shop name=a version=1",
        "update-alias --inputs function=demo-dev-shop name=a version=1 config={\"weights\":{\"2\":0.5}}",
        "list-alias --inputs function=demo-dev-shop",
        "delete-alias --inputs function=demo-dev-shop name=a",
    ] {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ran = called(&sandbox, "sls", &words).ok();
        assert!(ran.stdout.contains(SUCCESS), "{line}:\n{}", ran.stdout);
        assert!(!looks_failed(&ran), "{line}:\n{}", ran.stdout);
    }
}

/// Two instances, one of which cannot be created.
fn half_failing() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("serverless.yml", "app: shop\n");
    sandbox.instance("api", "");
    sandbox.instance("web", "");
    sandbox.faulty(|call| {
        if call.action == "CreateFunction" && call.params["FunctionName"] == "web-dev-shop" {
            return Fault::error("LimitExceeded.Memory", "no room");
        }
        Fault::None
    });
    sandbox
}

/// One instance of two functions, one of which cannot be created.
fn half_failing_functions() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("src/index.py", "def main_handler(event, context): pass\n");
    sandbox.file(
        "serverless.yml",
        "component: multi-scf\nname: api\napp: shop\ninputs:\n  src: ./src\n  runtime: Python3.9\n  handler: index.main_handler\n  functions:\n    a:\n      name: a-f\n    b:\n      name: b-f\n",
    );
    sandbox.faulty(|call| {
        if call.action == "CreateFunction" && call.params["FunctionName"] == "b-f" {
            return Fault::error("LimitExceeded.Memory", "no room");
        }
        Fault::None
    });
    sandbox
}

#[test]
fn one_of_several_that_fails_shows_as_sls() {
    let ran = called(&half_failing(), "sls", &["deploy"]).fails(1);
    for expected in [
        "\napi 部署成功: \n",
        "\n错误信息: web: cannot deploy function `web-dev-shop`: CreateFunction: ",
    ] {
        assert!(ran.stdout.contains(expected), "no {expected} in\n{}", ran.stdout);
    }
    assert!(ran.stdout.ends_with("\n已成功 部署组件1个，失败1个\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains(SUCCESS));
    let ran = called(&half_failing_functions(), "sls", &["deploy"]).fails(1);
    assert!(ran.stdout.contains("\n错误信息: b: cannot deploy function `b-f`: "), "{}", ran.stdout);
    assert!(!ran.stdout.contains(SUCCESS));
}

#[track_caller]
fn error_of(ran: &Ran) -> Value {
    let object = ran.json();
    let error = &object["error"];
    let fields: Vec<&String> = error.as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        [
            "code",
            "exitCode",
            "message",
            "causes",
            "hint",
            "requestId",
            "done",
            "maybeDone",
            "notDone"
        ]
    );
    assert_eq!(error["exitCode"], ran.code);
    assert!(!error["message"].as_str().unwrap().is_empty());
    assert!(error["causes"].is_array() && error["done"].is_array());
    assert!(error["maybeDone"].is_array() && error["notDone"].is_array());
    error.clone()
}

#[test]
fn with_json_every_failure_is_one_object() {
    for (sandbox, line, code, word) in failures() {
        for form in ["--output json", "--output=json"] {
            let line = format!("{line} {form}");
            let words: Vec<&str> = line.split_whitespace().collect();
            for ran in [sandbox.run(&words), called(&sandbox, "sls", &words)] {
                let ran = ran.fails(code).says("error: ");
                let error = error_of(&ran);
                assert_eq!(error["code"], word, "{line}: {error}");
                assert_eq!(ran.json().as_object().unwrap().len(), 1, "{line}");
            }
        }
    }
}

#[test]
fn a_command_line_that_is_no_text_is_one_object_too() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::with_project();
    let mut command = sandbox.command(&["deploy", "--output", "json"]);
    command.arg(std::ffi::OsStr::from_bytes(b"\xff"));
    let ran = crate::sandbox::finished(command.spawn().unwrap()).fails(2);
    let error = error_of(&ran);
    assert_eq!(
        (&error["code"], &error["message"]),
        (&json!("usage"), &json!("argument 4 is not UTF-8"))
    );
}

#[test]
fn a_deployment_that_stopped_says_what_was_done() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    sandbox.change_code("two");
    sandbox.faulty(|call| match call.action.as_str() {
        "PublishVersion" => Fault::error("LimitExceeded.Version", "no room"),
        _ => Fault::None,
    });
    let ran = sandbox.type_in("deploy --inputs publish=true traffic=0 --output json").fails(1);
    let error = error_of(&ran);
    assert_eq!(error["code"], "LimitExceeded.Version");
    assert_eq!(error["message"], format!("cannot deploy function `{FUNCTION}`"));
    assert!(error["requestId"].is_string(), "{error}");
    assert_eq!(error["done"], json!(["replace the code of $LATEST"]));
    assert!(error["notDone"][0].as_str().unwrap().starts_with("publish"), "{error}");
    // Sent, and nobody knows.
    sandbox.faulty(|call| match call.action.as_str() {
        "UpdateFunctionCode" => Fault::error("InternalError.System", "trouble"),
        _ => Fault::None,
    });
    sandbox.change_code("three");
    let error = error_of(&sandbox.type_in("deploy --output json").fails(1));
    assert_eq!(error["maybeDone"], json!(["replace the code of $LATEST"]), "{error}");
}

#[test]
fn several_instances_have_an_error_each_and_one_above() {
    let ran = half_failing().type_in("deploy --output json").fails(1);
    let error = error_of(&ran);
    assert_eq!(error["code"], "LimitExceeded.Memory");
    assert_eq!(error["message"], "1 of 2 failed: web");
    assert!(error["causes"][0].as_str().unwrap().starts_with("web: cannot deploy function"));
    assert_eq!(error["done"], json!(["api: deployed"]));
    assert_eq!(
        error["notDone"],
        json!(["web: create the function (Python3.9, index.main_handler)"])
    );
    let object = ran.json();
    assert_eq!(object["instances"]["api"]["status"], "deployed");
    assert_eq!(object["instances"]["web"]["status"], "failed");
    assert_eq!(object["instances"]["web"]["error"]["code"], "LimitExceeded.Memory");
    let ran = half_failing_functions().type_in("deploy --output json").fails(1);
    let error = error_of(&ran);
    assert_eq!(error["done"], json!(["a: deployed"]));
    let object = ran.json();
    assert_eq!(object["functions"][0]["functionName"], "a-f");
    assert_eq!(object["functions"][0]["status"], "deployed");
    assert_eq!(object["functions"][1]["status"], "failed");
    assert_eq!(object["functions"][1]["error"]["code"], "LimitExceeded.Memory");
}

#[test]
fn secrets_are_masked_in_failures_too() {
    let sandbox = Sandbox::with_project();
    for line in [
        format!("deploy --{KEY} --output json"),
        format!("deploy --inputs traffic={KEY} --output json"),
        format!("deploy --target {KEY} --output json"),
    ] {
        let ran = sandbox.type_in(&line).fails(2);
        assert!(ran.stdout.contains("[redacted]"), "{}", ran.stdout);
        error_of(&ran);
        let line = line.trim_end_matches(" --output json").to_owned();
        let words: Vec<&str> = line.split_whitespace().collect();
        let ran = called(&sandbox, "sls", &words).fails(2);
        assert!(ran.stdout.contains("[redacted]"), "{}", ran.stdout);
    }
}

#[test]
fn no_success_is_told_of_a_result_that_could_not_be_written() {
    let sandbox = Sandbox::with_project();
    for name in ["scfctl", "sls"] {
        for line in ["deploy", "list-alias", "publish-ver"] {
            let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
            let mut command = crate::sls::command(&sandbox, name, &[line]);
            let output = command.stdout(full).output().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{name} {line}: {stderr}");
            assert!(stderr.contains("error: cannot write the result"), "{stderr}");
            assert!(!stderr.contains("succeeded") && !stderr.contains(SUCCESS), "{stderr}");
        }
    }
    // A reader that has gone away is no error, and no success is told to nobody either.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = sandbox.command(&["deploy"]);
    let output = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(!stderr.contains("succeeded"), "{stderr}");
}

#[test]
fn help_that_cannot_be_written_is_a_failure() {
    let sandbox = Sandbox::new();
    for line in ["--help", "deploy --help", "--version", "help"] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let output = sandbox.command(&words).stdout(full).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}: {stderr}");
        assert!(stderr.starts_with("error: cannot write the result"), "{stderr}");
    }
}

#[test]
fn under_our_own_name_no_frame_is_in_another_language() {
    let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let ran = half_failing().type_in("deploy").fails(1).says("\ndeployed: 1, not deployed: 1\n");
    assert!(!chinese(&ran.stderr), "{}", ran.stderr);
    let sandbox = Sandbox::with_project();
    let ran = sandbox.type_in("deploy").ok();
    assert!(ran.stderr.ends_with("s ›demo› succeeded\n\n"), "{}", ran.stderr);
    assert!(!chinese(&ran.stderr), "{}", ran.stderr);
}

/// A sandbox whose endpoint nobody listens on.
fn unreachable() -> Sandbox {
    let mut sandbox = Sandbox::with_project();
    let url = format!("http://{}", sandbox.nowhere());
    sandbox.set("SCFCTL_ENDPOINT", &url);
    sandbox
}

#[test]
fn what_cannot_be_reached_is_told_once() {
    let sandbox = unreachable();
    let notes = |line: &str| {
        let ran = sandbox.type_in(line).fails(1).says("error: cannot deploy function");
        ran.stderr.lines().filter(|line| line.contains("again in")).count()
    };
    assert_eq!(notes("deploy"), 1);
    assert_eq!(notes("-q deploy"), 0);
    let all = notes("deploy --verbose");
    assert!(all > 3, "{all}");
    assert_eq!(notes("-v deploy"), all);
    assert_eq!(notes("deploy --debug"), all);
}

#[test]
fn quiet_leaves_errors_and_warnings() {
    let sandbox = Sandbox::with_project();
    let ran = sandbox.type_in("deploy -q").ok();
    assert_eq!(ran.stderr, "");
    assert!(ran.stdout.starts_with("type: "));
    sandbox.yaml("  memorysize: 256\n");
    let ran = sandbox.type_in("deploy --quiet").ok();
    assert!(ran.stderr.starts_with("warning: "), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    sandbox.yaml("");
    let ran = sandbox.type_in("list-alias -q --inputs function=absent").fails(3);
    assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
    // Not both at once, and documented.
    sandbox.type_in("deploy -q -v").fails(2).says("cannot be used with");
    sandbox.type_in("deploy --quiet --debug").fails(2).says("cannot be used with");
    let help = sandbox.type_in("deploy --help").ok().stdout;
    for text in ["-v, --verbose", "-q, --quiet", "Only errors, warnings and who gets new content"] {
        assert!(help.contains(text), "no {text} in\n{help}");
    }
    // What is on stdout belongs to the result, as sls too.
    let ran = called(&sandbox, "sls", &["deploy", "--quiet"]).ok();
    assert!(ran.stdout.contains(SUCCESS) && ran.stderr.is_empty(), "{}", ran.stderr);
    // Alone it is the real one's word for the version; beside a command it is not.
    assert!(sandbox.type_in("-v").ok().stdout.starts_with("scfctl "));
    assert!(called(&sandbox, "sls", &["deploy", "-v"]).ok().stdout.contains(SUCCESS));
}
