//! What becomes of `${…}`, and of values of several lines in `.env`.

use serde_json::json;

use crate::sandbox::Sandbox;

fn with_variables(lines: &str) -> Sandbox {
    let sandbox = Sandbox::with_project();
    sandbox.yaml(&format!("  environment:\n    variables:\n{lines}"));
    sandbox
}

/// The environment of `$LATEST`, as the service has it.
fn environment(sandbox: &Sandbox) -> serde_json::Value {
    let function = sandbox.console("GetFunction", json!({}));
    let variables = function["Environment"]["Variables"].as_array().unwrap().iter();
    variables
        .map(|pair| (pair["Key"].as_str().unwrap().to_owned(), pair["Value"].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn what_looks_like_a_reference_is_refused_with_its_line_and_a_way_to_write_it() {
    for (value, hint) in [
        (
            "${aws:region}",
            "write the value itself, or `${env:NAME}` and set the variable, or `\\${aws:region}` for",
        ),
        ("${file(./x.json)}", "or `\\${file(./x.json)}` for the text itself"),
        ("stage ${env.STAGE}", "write `${env:STAGE}`, or `\\${env.STAGE}` for the text itself"),
        ("${opt:stage}", "write `${stage}`, or `\\${opt:stage}` for the text itself"),
    ] {
        let sandbox = with_variables(&format!("      MODE: {value}\n"));
        sandbox
            .type_in("deploy")
            .fails(2)
            .says("at `inputs.environment.variables.MODE` (serverless.yml:10)")
            .says(hint);
        assert_eq!(sandbox.calls().len(), 0);
    }
    let sandbox = with_variables("      MODE: \\${aws:region}\n      HOMES: ${HOME}\n");
    sandbox.type_in("deploy").ok().says("`${HOME}` is not a reference and stays as it is");
    assert_eq!(environment(&sandbox), json!({"HOMES": "${HOME}", "MODE": "${aws:region}"}));
}

#[test]
fn a_default_is_sent_where_the_variable_is_not_set() {
    let mut sandbox = with_variables(
        "      MODE: ${env:MODE, 'live'}\n      LEVEL: \"${env:LEVEL, ${env:OTHER, 5}}\"\n",
    );
    let ran = sandbox.type_in("deploy").ok();
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    assert_eq!(environment(&sandbox), json!({"LEVEL": "5", "MODE": "live"}));
    sandbox.set("MODE", "test").set("OTHER", "7");
    sandbox.type_in("deploy").ok();
    assert_eq!(environment(&sandbox), json!({"LEVEL": "7", "MODE": "test"}));
}

#[test]
fn all_missing_values_are_named_at_once() {
    let sandbox = with_variables(
        "      ONE: ${env:FIRST}\n      TWO: x-${env:SECOND}-${param:team}\n      THREE: ${aws:region}\n  description: ${env:FIRST}\n",
    );
    let ran = sandbox.type_in("deploy").fails(2);
    for text in [
        "`${env:FIRST}` at `inputs.environment.variables.ONE` (serverless.yml:10): environment variable `FIRST` is not set",
        "`${env:SECOND}` at `inputs.environment.variables.TWO` (serverless.yml:11): environment variable `SECOND`",
        "`${param:team}` at `inputs.environment.variables.TWO` (serverless.yml:11): parameter `team` is not given",
        "`${aws:region}` at `inputs.environment.variables.THREE` (serverless.yml:12)",
        "`${env:FIRST}` at `inputs.description` (serverless.yml:13)",
        "set `FIRST`, `SECOND` in the environment or in the .env file",
        "--param team=VALUE",
        "5 references of ",
    ] {
        assert!(ran.stderr.contains(text), "no `{text}` in:\n{}", ran.stderr);
    }
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn a_stage_that_is_not_set_is_said_once() {
    let sandbox = Sandbox::with_project();
    sandbox.file(
        "serverless.yml",
        "component: scf\nname: demo-${stage}\nstage: ${env:STAGE}\ninputs:\n  src: ./src\n  description: on ${stage}\n",
    );
    let ran = sandbox.type_in("deploy").fails(2);
    assert_eq!(ran.stderr.matches("`STAGE` is not set").count(), 1, "{}", ran.stderr);
}

#[test]
fn a_value_of_several_lines_is_sent_whole_and_half_of_one_never() {
    let key = "-----BEGIN KEY-----\nabc=\n-----END KEY-----";
    let sandbox = with_variables("      PRIVATE_KEY: ${env:PRIVATE_KEY}\n");
    sandbox.file(".env", &format!("PRIVATE_KEY=\"{key}\"\nNEXT=1\n"));
    let ran = sandbox.type_in("deploy").ok();
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    assert_eq!(environment(&sandbox), json!({"PRIVATE_KEY": key}));
    let from = sandbox.calls().len();
    sandbox.file(".env", "NEXT=1\nPRIVATE_KEY=\"-----BEGIN KEY-----\nabc\n");
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("the value of `PRIVATE_KEY` in the .env file (line 2) begins with a quote that is not closed")
        .says("(serverless.yml:10)");
    sandbox.nothing_changed(from);
    // One that nobody uses is a warning.
    sandbox.yaml("");
    sandbox.type_in("deploy").ok().says("the quote that the value of `PRIVATE_KEY` begins with");
}

#[test]
fn an_unclosed_stage_is_not_deployed_to() {
    let sandbox = Sandbox::with_project();
    sandbox.file(".env", "STAGE=\"prod\nOTHER=1\n");
    sandbox.type_in("deploy").fails(2).says("the value of `STAGE` in the .env file (line 1)");
    assert_eq!(sandbox.calls().len(), 0);
}
