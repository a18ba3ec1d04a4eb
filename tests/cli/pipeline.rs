//! Inside a step of GitHub Actions: annotations, summary and outputs beside what is always printed.
//! Inside a job of GitLab: the sections of its log.

use std::collections::BTreeMap;

use scfctl::local::Fault;

use crate::sandbox::{FUNCTION, KEY, Sandbox, read};
use crate::schema;
use crate::sls;

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

/// Files are named relative to the repository, from wherever the command runs.
#[test]
fn annotations_name_the_file_of_a_target() {
    let sandbox = step();
    for (inputs, command) in [
        ("  memorySize: 100%\n", "deploy"),
        ("  memorysize: 128\n", "deploy"),
        ("  rollout: {steps: nonsense}\n", "rollout start"),
        ("  memorySize: [\n", "deploy"),
    ] {
        sandbox.instance("gh", inputs);
        let ran = sandbox.type_in(&format!("{command} --target gh"));
        let found = annotations(&ran.stderr);
        assert!(!found.is_empty(), "{inputs}: {}", ran.stderr);
        for line in found {
            let (place, _) = line.split_once(",title=").expect("a place");
            assert!(place.contains(" file=gh/serverless.yml,line="), "{inputs}: {line}");
        }
    }
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
    let (place, text) = found[0].split_once("::`memorysize` ").expect("a warning of the key");
    assert!(
        place.starts_with("::warning file=") && place.contains("serverless.yml,line="),
        "{place}"
    );
    assert!(text.contains("did you mean `memorySize`?"), "{text}");
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

/// The sections of a log, each with its lines. A log shows the lines between without them.
fn sections(stderr: &str) -> Vec<(String, Vec<String>)> {
    let (mut found, mut open, mut names) = (Vec::new(), None::<(String, _)>, Vec::new());
    for line in stderr.lines() {
        if let Some(rest) = line.strip_prefix("\u{1b}[0Ksection_start:") {
            let (time, rest) = rest.split_once(':').unwrap();
            let (name, title) = rest.split_once("\r\u{1b}[0K").unwrap();
            assert!(time.parse::<i64>().unwrap() > 1_700_000_000 && open.is_none(), "{stderr}");
            assert!(!names.contains(&name.to_owned()), "{name} twice");
            names.push(name.to_owned());
            open = Some((name.to_owned(), (title.to_owned(), Vec::new())));
        } else if let Some(rest) = line.strip_prefix("\u{1b}[0Ksection_end:") {
            let (name, section) = open.take().expect("one is open");
            assert!(rest.ends_with(&format!(":{name}\r\u{1b}[0K")), "{stderr}");
            found.push(section);
        } else if let Some((_, (_, lines))) = &mut open {
            lines.push(line.to_owned());
        }
    }
    assert!(open.is_none(), "{stderr}");
    found
}

fn titles(stderr: &str) -> Vec<String> {
    sections(stderr).into_iter().map(|(title, _)| title).collect()
}

fn job() -> Sandbox {
    let mut sandbox = Sandbox::with_project();
    sandbox.set("GITLAB_CI", "true");
    sandbox
}

#[test]
fn a_deployment_has_a_section_for_each_of_its_parts() {
    let sandbox = job();
    sandbox.type_in("deploy --publish").ok();
    sandbox.change_code("two");
    let ran = sandbox.type_in("deploy --publish --traffic 0.1").ok();
    let found = sections(&ran.stderr);
    let titles: Vec<&str> = found.iter().map(|(title, _)| title.as_str()).collect();
    assert_eq!(titles, ["Prepare", "Code and configuration", "Version", "Traffic"]);
    for ((_, lines), action) in
        found.iter().skip(1).zip(["UpdateFunctionCode", "PublishVersion", "UpdateAlias"])
    {
        assert!(lines[0].starts_with(&format!("- {action}: ")), "{lines:?}");
    }
    assert!(!ran.stdout.contains('\u{1b}'), "{}", ran.stdout);
    // In the language of the run; nothing where nothing is said.
    let ran = sandbox.type_in("deploy --lang zh").ok();
    assert_eq!(self::titles(&ran.stderr), ["准备"]);
    let ran = sandbox.type_in("deploy -q").ok();
    assert!(!ran.stderr.contains("section_"), "{}", ran.stderr);
}

#[test]
fn a_section_ends_before_the_error_does_and_a_rollout_has_its_own() {
    let sandbox = job();
    sandbox.type_in("deploy --publish").ok();
    sandbox.change_code("two");
    sandbox.type_in("deploy").ok();
    sandbox.type_in("create-alias --name prod --version 1").ok();
    let line = "rollout start --alias prod --publish --steps 10%,100% --no-gates --detach";
    let ran = sandbox.type_in(line).ok();
    assert_eq!(titles(&ran.stderr), ["Rollout"]);
    sandbox.type_in("rollout abort --alias prod").ok();
    for (content, format) in [("three", "ndjson"), ("four", "json")] {
        sandbox.change_code(content);
        sandbox.type_in("deploy").ok();
        let ran = sandbox.type_in(&format!("{line} --output {format}")).ok();
        assert_eq!(titles(&ran.stderr), ["Rollout"]);
        sandbox.type_in("rollout abort --alias prod").ok();
    }
    sandbox.change_code("five");
    sandbox.faulty(|call| match call.action.as_str() {
        "UpdateFunctionCode" => Fault::error("InvalidParameterValue", "no"),
        _ => Fault::None,
    });
    let ran = sandbox.type_in("deploy").fails(1);
    assert_eq!(titles(&ran.stderr), ["Prepare", "Code and configuration"]);
    let (_, behind) = ran.stderr.rsplit_once("section_end:").unwrap();
    assert!(behind.contains("error: "), "{}", ran.stderr);
}

#[test]
fn what_is_done_at_the_same_time_is_one_section() {
    let mut sandbox = Sandbox::new();
    sandbox.set("GITLAB_CI", "true");
    sandbox.file("serverless.yml", "app: shop\n");
    sandbox.instance("one", "");
    sandbox.instance("two", "");
    let ran = sandbox.type_in("deploy").ok();
    assert_eq!(titles(&ran.stderr), ["Deploy the functions"]);
    let ran = sandbox.type_in("deploy --output json").ok();
    assert_eq!(titles(&ran.stderr), ["Deploy the functions"]);
    // By the name of the real CLI too, where the results come as they are there.
    let ran = sls::called(&sandbox, "sls", &["deploy"]).ok();
    assert_eq!(titles(&ran.stderr), ["Deploy the functions"]);
}
