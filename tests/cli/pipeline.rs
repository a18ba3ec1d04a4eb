//! Inside a step of GitHub Actions: annotations, summary and outputs beside what is always printed.

use std::collections::BTreeMap;

use crate::sandbox::{FUNCTION, KEY, Sandbox, read};
use crate::schema;

/// A sandbox whose commands run inside a step.
fn step() -> Sandbox {
    let mut sandbox = Sandbox::with_project();
    let root = sandbox.root();
    let file = |name: &str| root.join(name).display().to_string();
    let (summary, output, workspace) = (file("summary.md"), file("output"), file(""));
    sandbox
        .set("GITHUB_ACTIONS", "true")
        .set("GITHUB_WORKSPACE", workspace.trim_end_matches('/'))
        .set("GITHUB_STEP_SUMMARY", &summary)
        .set("GITHUB_OUTPUT", &output);
    sandbox
}

/// The outputs of a step as the runner reads them; the last of a name counts.
fn outputs(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let text = read(&sandbox.root().join("output"));
    let mut lines = text.lines();
    let mut found = BTreeMap::new();
    while let Some(line) = lines.next() {
        let (name, end) = line.split_once("<<").expect("a name and what ends its value");
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
        found.insert(name.to_owned(), value.join("\n"));
    }
    if let Some(result) = found.get("result") {
        schema::check_unknown(result);
    }
    found
}

fn annotations(stderr: &str) -> Vec<&str> {
    stderr.lines().filter(|line| line.starts_with("::")).collect()
}

#[test]
fn a_deployment_gives_outputs_and_a_summary() {
    let sandbox = step();
    let ran = sandbox.type_in("deploy --publish --traffic 0.1").ok();
    assert_eq!(annotations(&ran.stderr), [] as [&str; 0]);
    let found = outputs(&sandbox);
    assert_eq!(found["function-name"], FUNCTION);
    assert_eq!(found["last-version"], "1");
    assert_eq!(found["routing"], r#"{"$LATEST":0.1,"1":0.9}"#);
    let result: serde_json::Value = serde_json::from_str(&found["result"]).unwrap();
    assert_eq!(result["schemaVersion"], 1);
    assert_eq!(result["functionName"], FUNCTION);
    let summary = read(&sandbox.root().join("summary.md"));
    assert_eq!(
        summary,
        format!("### scfctl deploy\n\n```text\n{}\n```\n\n", ran.stdout.trim_end())
    );
    // The next command adds to both.
    sandbox.type_in("list-alias").ok();
    assert!(read(&sandbox.root().join("summary.md")).contains("\n\n### scfctl list-alias\n\n"));
}

#[test]
fn a_rollout_gives_its_versions_and_a_failure_its_result() {
    let sandbox = step();
    sandbox.type_in("deploy --publish").ok();
    sandbox.type_in("publish-ver").ok();
    sandbox.type_in("create-alias --name prod --version 1").ok();
    sandbox.type_in("rollout start --alias prod --to 2 --steps 10%,100% --detach").ok();
    let found = outputs(&sandbox);
    assert_eq!((&*found["from"], &*found["to"], &*found["outcome"]), ("1", "2", "begun"));
    // The failure has the result in it, and so have the outputs.
    sandbox.type_in("rollout abort --alias prod").ok();
    sandbox.type_in("rollout tick --alias prod --output json").fails(7);
    let found = outputs(&sandbox);
    assert_eq!((&*found["outcome"], &*found["error-code"]), ("rolled-back", "rolled-back"));
}

#[test]
fn what_functions_return_and_variables_hold_is_on_no_page() {
    let sandbox = step();
    sandbox.yaml("  environment:\n    variables:\n      WORD: xyzzy\n");
    sandbox.type_in("deploy").ok();
    sandbox.file("summary.md", "");
    sandbox.file("output", "");
    sandbox.type_in("config --show-values").ok().says("");
    let returned = sandbox.type_in("invoke --output json").ok().json()["result"].clone();
    assert!(!returned.is_null());
    for file in ["summary.md", "output"] {
        let text = read(&sandbox.root().join(file));
        assert!(!text.contains("xyzzy") && !text.contains("\"result\""), "{text}");
    }
    // What stands before a command may be the value of an option.
    sandbox.type_in("--param DB_PASSWORD=hunter2 list-alias").ok();
    let summary = read(&sandbox.root().join("summary.md"));
    assert!(!summary.contains("hunter2"), "{summary}");
    // What the parser of options refuses is an error of the step, too.
    let ran = sandbox.type_in("deploy --timeout x").fails(2);
    assert_eq!(annotations(&ran.stderr).len(), 1, "{}", ran.stderr);
    assert_eq!(outputs(&sandbox)["error-code"], "usage");
}

#[test]
fn wrong_lines_of_the_file_are_annotated_where_they_stand() {
    let sandbox = step();
    sandbox.yaml("  memorySize: 100%\n  timeout: 0\n");
    let ran = sandbox.type_in("deploy").fails(2);
    let found = annotations(&ran.stderr);
    assert_eq!(found.len(), 2, "{}", ran.stderr);
    for (line, key) in found.iter().zip(["memorySize", "timeout"]) {
        assert!(line.starts_with("::error file="), "{line}");
        assert!(line.contains("serverless.yml,line="), "{line}");
        assert!(line.contains(&format!(",title=scfctl::`{key}` ")), "{line}");
        // Relative to the repository, with no part of this machine's folders.
        assert!(!line.contains(&*sandbox.root().to_string_lossy()), "{line}");
    }
    assert!(found[0].contains("100%25"), "{}", found[0]);
    assert_eq!(outputs(&sandbox).keys().collect::<Vec<_>>(), ["error-code"]);
    let summary = read(&sandbox.root().join("summary.md"));
    assert!(summary.starts_with("### scfctl deploy\n\n```text\n"), "{summary}");

    // A file that is no YAML, with its column.
    sandbox.yaml("  environment: {a: b\n");
    let ran = sandbox.type_in("deploy").fails(2);
    let found = annotations(&ran.stderr);
    assert!(found[0].contains(",line=") && found[0].contains(",col="), "{found:?}");
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn other_errors_and_warnings_are_annotated_on_one_line() {
    let sandbox = step();
    let ran = sandbox.type_in("list-alias --function nothing").fails(3);
    let found = annotations(&ran.stderr);
    assert_eq!(found.len(), 1, "{}", ran.stderr);
    assert!(found[0].starts_with("::error title=scfctl::cannot "), "{}", found[0]);
    assert!(found[0].contains("%0A"), "{}", found[0]);
    sandbox.yaml("  memorysize: 128\n");
    let ran = sandbox.type_in("deploy").ok();
    let found = annotations(&ran.stderr);
    assert_eq!(found.len(), 1, "{}", ran.stderr);
    assert!(found[0].starts_with("::warning title=scfctl::"), "{}", found[0]);
    // In the language of the run.
    let ran = sandbox.type_in("list-alias --function nothing --lang zh").fails(3);
    assert!(annotations(&ran.stderr)[0].contains("无法"), "{}", ran.stderr);
}

#[test]
fn no_secret_is_in_a_file_of_the_runner() {
    let sandbox = step();
    sandbox.yaml(&format!("  description: key {KEY}\n"));
    sandbox.type_in("deploy --output json").ok();
    sandbox.type_in(&format!("list-alias --function {KEY}")).fails(3);
    let (output, summary) = (sandbox.root().join("output"), sandbox.root().join("summary.md"));
    for text in [read(&output), read(&summary)] {
        assert!(!text.contains(KEY), "{text}");
        assert!(text.contains("[redacted]"), "{text}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_said_and_the_result_stands() {
    let mut sandbox = step();
    let folder = sandbox.root().display().to_string();
    sandbox.set("GITHUB_OUTPUT", &folder);
    let ran = sandbox.type_in("deploy").ok();
    assert!(ran.stderr.contains(&format!("warning: cannot write {folder} for this step")));
    assert!(ran.stdout.contains(FUNCTION));
}

#[test]
fn outside_a_step_nothing_is_different() {
    let mut sandbox = step();
    sandbox.set("GITHUB_ACTIONS", "");
    let ran = sandbox.type_in("list-alias --function nothing").fails(3);
    assert_eq!(annotations(&ran.stderr), [] as [&str; 0]);
    assert!(!sandbox.root().join("summary.md").exists());
}
