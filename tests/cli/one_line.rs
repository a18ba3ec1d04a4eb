//! Texts of others stay on their lines: names of files, and whatever a server says.

use serde_json::json;

use scfctl::local::Fault;

use crate::sandbox::{FUNCTION, Ran, Sandbox};

/// What a hostile name may try: a line of its own, colours, a C1 control, text that runs back.
const HOSTILE: &str = "a\nerror: forged\tb\u{1b}[31m\u{9b}c\u{202e}d\re";
const SHOWN: &str = "a\\nerror: forged\\tb\\u{1b}[31m\\u{9b}c\\u{202e}d\\re";

#[track_caller]
fn stays_on_its_line(ran: &Ran) {
    for (name, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        let forged = text.lines().any(|line| line.trim_start().starts_with("error: forged"));
        assert!(!forged, "on {name}:\n{text}");
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.chars().any(steers), "on {name}: {text:?}");
    }
}

#[test]
fn names_of_files() {
    let sandbox = Sandbox::with_project();
    sandbox.file(&format!("src/{HOSTILE}.py"), "");
    for line in ["package --list", "package --list --output json", "deploy", "deploy --dry-run"] {
        stays_on_its_line(&sandbox.type_in(line).ok());
    }
    let ran = sandbox.type_in("package --list").ok();
    assert!(ran.stdout.contains(&format!("\n  {SHOWN}.py: ")), "{}", ran.stdout);
    // A folder that is not there, in an error.
    let inputs = format!("src=./{HOSTILE}");
    let ran = sandbox.run(&["deploy", "--inputs", &inputs]).fails(2);
    let text = ran.stderr.replace('\u{9}', "");
    assert!(!text.lines().any(|line| line.starts_with("error: forged")), "{text}");
    std::os::unix::fs::symlink("/", sandbox.root().join(format!("src/{HOSTILE}-link"))).unwrap();
    let ran = sandbox.type_in("deploy").fails(2).says(&format!("{SHOWN}-link"));
    stays_on_its_line(&ran);
}

#[test]
fn what_a_server_lists() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    let alias = json!({
        "Name": HOSTILE, "FunctionVersion": "$LATEST", "Description": HOSTILE,
        "RoutingConfig": {"AdditionalVersionWeights": []},
    });
    let trigger = json!({
        "TriggerName": HOSTILE, "Type": "timer", "TriggerDesc": HOSTILE, "Qualifier": "$DEFAULT",
        "CustomArgument": HOSTILE, "Enable": 1, "AvailableStatus": "", "BindStatus": "",
        "AddTime": "2024-01-01 00:00:00", "ModTime": "2024-01-01 00:00:00",
    });
    sandbox.faulty(move |call| {
        let response = match call.action.as_str() {
            "ListAliases" => json!({"Aliases": [alias], "TotalCount": 1, "RequestId": HOSTILE}),
            "ListTriggers" => json!({"Triggers": [trigger], "TotalCount": 1, "RequestId": HOSTILE}),
            _ => return Fault::None,
        };
        Fault::Http { status: 200, body: json!({"Response": response}).to_string() }
    });
    let list = format!("list-alias --inputs function={FUNCTION}");
    for line in [&*list, "list-alias --debug", "delete-alias --inputs name=none"] {
        stays_on_its_line(&sandbox.type_in(line));
    }
    let ran = sandbox.type_in(&list).ok();
    assert!(ran.stdout.contains(&format!("\n{SHOWN}  ")), "{}", ran.stdout);
    // JSON escapes by itself, and is what the server said.
    let ran = sandbox.type_in(&format!("{list} --output json")).ok();
    assert_eq!(ran.json()["aliases"][0]["name"], HOSTILE);
    sandbox.yaml("  events: []\n");
    for line in
        ["deploy --dry-run", "deploy --dry-run --prune-triggers", "deploy --dry-run --debug"]
    {
        stays_on_its_line(&sandbox.type_in(line));
    }
}

#[test]
fn what_a_server_says_of_a_failure() {
    let sandbox = Sandbox::with_project();
    sandbox.faulty(|call| match call.action.as_str() {
        "CreateFunction" => Fault::error("LimitExceeded.Memory", HOSTILE),
        _ => Fault::None,
    });
    let ran = sandbox.type_in("deploy").fails(1).says(SHOWN);
    stays_on_its_line(&ran);
    let ran = crate::sls::called(&sandbox, "sls", &["deploy"]).fails(1);
    stays_on_its_line(&ran);
    assert!(ran.stdout.contains(SHOWN), "{}", ran.stdout);
    // Wherever it is told: a warning of the API, a repetition.
    sandbox.faulty(|call| match call.action.as_str() {
        "GetFunction" => Fault::error("InternalError.System", HOSTILE),
        _ => Fault::None,
    });
    for line in ["deploy -v", "deploy --debug"] {
        stays_on_its_line(&sandbox.type_in(line).fails(1));
    }
}
