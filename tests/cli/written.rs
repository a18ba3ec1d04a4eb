//! Texts that JavaScript would change, names that the service refuses, keys of other times.

use serde_json::json;

use crate::sandbox::Sandbox;

fn refused(lines: &str) -> crate::sandbox::Ran {
    let sandbox = Sandbox::with_project();
    sandbox.yaml(lines);
    let ran = sandbox.type_in("deploy").fails(2);
    assert_eq!(sandbox.calls().len(), 0, "{}", ran.stderr);
    ran
}

const TIMER: &str = "name: tick, cronExpression: '0 0 0 * * * *', enable: true";

#[test]
fn a_text_that_would_change_is_refused_with_its_line() {
    for value in [
        "02134",
        "123456789012345678",
        "3.10",
        "1.0",
        "1e3",
        "0x10",
        "-0",
        ".inf",
        ".nan",
        "True",
        "2021-01-01",
        "2021-01-01T00:00:00Z",
        "!!int 010",
        "!!float 1.50",
    ] {
        let environment = format!("  environment:\n    variables:\n      VALUE: {value}\n");
        let flow = format!("  environment: {{variables: {{AA: &a {value}, VALUE: *a}}}}\n");
        let merged = format!("  environment:\n    variables:\n      <<: {{VALUE: {value}}}\n");
        for lines in [&environment, &flow, &merged] {
            let ran =
                refused(lines).says("`environment.variables.VALUE` is ").says("put it in quotes");
            assert!(!ran.stderr.contains("123456789012345678"), "{}", ran.stderr);
        }
        refused(&format!("  tags:\n    VALUE: {value}\n"))
            .says("`tags.VALUE` is ")
            .says("serverless.yml:9");
        refused(&format!("  tags:\n    - key: one\n      value: {value}\n"))
            .says("`tags.0.value` is ");
        refused(&format!(
            "  events:\n    - timer:\n        parameters: {{{TIMER}, argument: {value}}}\n"
        ))
        .says("`events.0.timer.parameters.argument` is ");
        refused(&format!(
            "  cfs:\n    - {{cfsId: c, localMountDir: /m, remoteMountDir: /, userId: {value}}}\n"
        ))
        .says("`cfs.0.userId` is ");
        refused(&format!("  description: {value}\n"))
            .says("`description` is ")
            .says("put it in quotes");
        refused(&format!("  name: {value}\n")).says("`name` is ").says("put it in quotes");
    }
    refused("  tags: {010: x}\n").says("`tags.10` is a number").says("put it in quotes");
    refused("  deadLetter: {type: topic, name: q, filterType: 010}\n")
        .says("`deadLetter.filterType` is");
    let inside = "argument: {id: 12345678901234567890, on: 2021-01-01}";
    refused(&format!("  events:\n    - timer:\n        parameters: {{{TIMER}, {inside}}}\n"))
        .says("`events.0.timer.parameters.argument.id` is a number");
}

#[test]
fn all_of_them_are_named_at_once() {
    let lines = "  environment:\n    variables:\n      ZIP: 02134\n      DAY: 2021-01-01\n      NOTE:\n  tags:\n    release: 1.10\n";
    let ran = refused(lines);
    for text in [
        "`environment.variables.ZIP` is a number, not a text, and would be sent as another text than it is written (serverless.yml:10): put it in quotes",
        "`environment.variables.DAY` is a date",
        "`tags.release` is a number",
        "`environment.variables.NOTE` (serverless.yml:12) has no value and is sent as the text `null`",
    ] {
        assert!(ran.stderr.contains(text), "no `{text}` in:\n{}", ran.stderr);
    }
}

#[test]
fn what_is_its_own_text_is_sent_and_so_is_null_with_a_warning() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml("  environment:\n    variables:\n      ONE: 1\n      YES: true\n      BIG: 1e+21\n      NONE:\n      ZIP: '02134'\n");
    sandbox
        .type_in("deploy")
        .ok()
        .says("`environment.variables.NONE` (serverless.yml:13) has no value and is sent as the text `null`")
        .says("leave the line out");
    assert_eq!(
        sandbox.console("GetFunction", json!({}))["Environment"]["Variables"],
        json!([
            {"Key": "BIG", "Value": "1e+21"}, {"Key": "NONE", "Value": "null"}, {"Key": "ONE", "Value": "1"},
            {"Key": "YES", "Value": "true"}, {"Key": "ZIP", "Value": "02134"},
        ])
    );
    // What the command line gives in place of it counts.
    sandbox.yaml("  environment:\n    variables:\n      ZIP: 02134\n");
    let given = "deploy --inputs environment={\"variables\":{\"ZIP\":\"02134\"}}";
    sandbox.type_in(given).ok();
    // Left to the user, what the real tool sends is sent.
    sandbox.type_in("deploy --noValidation").ok().says("is sent as it is");
}

#[test]
fn json_and_several_functions_are_read_alike() {
    let sandbox = Sandbox::with_project();
    std::fs::remove_file(sandbox.root().join("serverless.yml")).unwrap();
    sandbox.file(
        "serverless.json",
        "{\n\t\"component\": \"scf\", \"name\": \"demo\",\n\t\"inputs\": {\"src\": \"./src\", \"handler\": \"index.main_handler\",\n\
         \t\t\"environment\": {\"variables\": {\"ID\": 12345678901234567890}}}}\n",
    );
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("`environment.variables.ID` is a number")
        .says("serverless.json:4");
    std::fs::remove_file(sandbox.root().join("serverless.json")).unwrap();
    sandbox.file(
        "serverless.yml",
        "component: multi-scf\nname: jobs\ninputs:\n  src: ./src\n  runtime: Python3.9\n  handler: index.main_handler\n  \
         functions:\n    one:\n      environments:\n        - key: FIRST\n          value: 1\n        - key: ZIP\n          value: 02134\n      \
         tags:\n        - key: a.b\n          value: 1.10\n  triggers:\n    - type: timer\n      function: one\n      parameters:\n        \
         name: tick\n        cronExpression: '0 0 0 * * * *'\n        argument: 010\n",
    );
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("environments.1.value` is a number")
        .says("serverless.yml:13")
        .says("tags.0.value` is a number")
        .says("parameters.argument` is a number");
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn an_empty_variable_names_where_it_is_from() {
    let mut sandbox = Sandbox::with_project();
    sandbox.set("TOKEN_OF_CI", "");
    sandbox.yaml("  environment:\n    variables:\n      TOKEN: ${env:TOKEN_OF_CI}\n");
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("`environment.variables.TOKEN` is empty")
        .says("`TOKEN_OF_CI` is set and empty: give it a value, or leave the line out");
    sandbox.yaml("  environment:\n    variables:\n      TOKEN: ''\n");
    sandbox.type_in("deploy").fails(2).says("hint: leave the variable out");
}

#[test]
fn a_name_that_comes_to_nothing_stands_for_no_default() {
    let mut sandbox = Sandbox::with_project();
    sandbox.set("NOBODY", "");
    for (key, lines) in [
        ("aliasName", "  aliasName: ${env:NOBODY}\n  traffic: 0.1\n"),
        ("namespace", "  namespace: ${env:NOBODY}\n"),
        ("region", "  region: ${env:NOBODY}\n"),
        (
            "events.0.timer.parameters.qualifier",
            "  events:\n    - timer:\n        parameters:\n          cronExpression: '*/5 * * * *'\n          qualifier: ${env:NOBODY}\n",
        ),
    ] {
        sandbox.yaml(lines);
        let ran = sandbox.type_in("deploy").fails(2).says(&format!("`{key}` is empty"));
        assert_eq!(ran.calls.len(), 0, "{key}");
        ran.says("NOBODY").says("leave the line out");
    }
    sandbox.file(
        "serverless.yml",
        "component: scf\nname: demo\napp: shop\ninputs:\n  src: ./src\n  runtime: ${env:NOBODY}\n",
    );
    sandbox.type_in("deploy").fails(2).says("`runtime` is empty");
    // The function of an alias command, too.
    sandbox.yaml("  name: ${env:NOBODY}\n");
    for line in ["deploy", "list-alias", "publish-ver"] {
        let ran = sandbox.type_in(line).fails(2).says("`name` is empty");
        assert_eq!(ran.calls.len(), 0, "{line}");
    }
    // One that is written empty is taken as `sls` takes it, and said.
    for lines in ["  namespace:\n", "  namespace: ''\n", "  namespace: ${env:NOBODY, ''}\n"] {
        sandbox.yaml(lines);
        sandbox.type_in("deploy").ok().says("is empty, as if it were not there");
    }
}

#[test]
fn names_of_variables_are_checked_before_any_call() {
    for name in [
        "A-B",
        "A.B",
        "1A",
        "a",
        "'A B'",
        "_A",
        "测试",
        "SCF_X",
        "QCLOUD_X",
        "TENCENTCLOUD_X",
        &"x".repeat(65),
    ] {
        let lines = format!("  environment:\n    variables:\n      {name}: value\n");
        refused(&lines).says("serverless.yml:10");
        let sandbox = Sandbox::with_project();
        sandbox.yaml(&lines);
        // The service refuses it too.
        let ran = sandbox.type_in("deploy --noValidation").fails(1);
        assert!(ran.stderr.contains("warning: `environment.variables."), "{}", ran.stderr);
        assert!(ran.stderr.contains("InvalidParameterValue.Environment"), "{}", ran.stderr);
    }
    let sandbox = Sandbox::with_project();
    sandbox.yaml(&format!(
        "  environment:\n    variables:\n      {}: v\n      a1: v\n      scf_x: v\n",
        "x".repeat(64)
    ));
    sandbox.type_in("deploy").ok();
}

#[test]
fn names_of_triggers_are_checked_before_any_call() {
    for (event, key) in [
        (
            "timer:\n        parameters: {name: a b, cronExpression: '0 0 0 * * * *'}",
            "timer.parameters.name",
        ),
        (
            "timer:\n        parameters: {name: a.b, cronExpression: '0 0 0 * * * *'}",
            "timer.parameters.name",
        ),
        (
            "timer:\n        name: 1a\n        parameters: {cronExpression: '0 0 0 * * * *'}",
            "timer.parameters.name",
        ),
        ("http:\n        parameters: {name: a b}", "http.parameters.name"),
        ("ckafka:\n        parameters: {name: kafka-1, topic: t}", "ckafka.parameters.name"),
        ("ckafka:\n        parameters: {name: ckafka-1, topic: a b}", "ckafka.parameters.name"),
        ("cls:\n        parameters: {topicId: a b}", "cls.parameters.topicId"),
        (
            "clb:\n        parameters: {loadBalanceId: lb-1 2, protocol: HTTP, port: 80, domain: a.b, url: /}",
            "clb.parameters.loadBalanceId",
        ),
    ] {
        refused(&format!("  events:\n    - {event}\n"))
            .says(&format!("`events.0.{key}` "))
            .says("serverless.yml:");
    }
}

#[test]
fn a_reference_that_lands_in_a_name_gets_advice() {
    refused("  name: index-${STAGE}-x\n")
        .says("which is not a valid name")
        .says("write `${env:STAGE}` for an environment variable, or `${stage}` for");
    refused("  namespace: ns-${TEAM}\n").says("write `${env:TEAM}` for an environment variable");
    refused("  aliasName: a-${TEAM}\n  traffic: 0.5\n").says("write `${env:TEAM}`");
    refused("  events:\n    - timer:\n        parameters: {name: 't-${TEAM}', cronExpression: '0 0 0 * * * *'}\n")
        .says("write `${env:TEAM}`");
    // The form of the vendor's own documentation.
    refused("  name: index-${env.STAGE}-x\n").says("write `${env:STAGE}`");
}

#[test]
fn a_valid_key_is_not_unknown_because_another_one_is_wrong() {
    for (event, wrong) in [
        (
            "cos:\n        parameters: {bucket: , filter: {prefix: in/}, events: 'cos:ObjectCreated:*', enable: true}",
            "cos.parameters.bucket",
        ),
        (
            "ckafka:\n        parameters: {name: , topic: t, maxMsgNum: 1, offset: latest, retry: 1, timeout: 3, consumerGroupName: g}",
            "ckafka.parameters.name",
        ),
        (
            "timer:\n        parameters: {cronExpression: nonsense, argument: a, description: d, enable: true}",
            "timer.parameters.cronExpression",
        ),
        (
            "clb:\n        parameters: {loadBalanceId: lb-1, protocol: TCP, port: 80, domain: d, url: /, weight: 1}",
            "clb.parameters.protocol",
        ),
        (
            "http:\n        parameters: {authType: no, netConfig: {enableExtranet: true}, corsConfig: {enable: true, maxAge: 1}}",
            "http.parameters.authType",
        ),
        (
            "cls:\n        parameters: {maxWait: 60, maxSize: 1, qualifier: $DEFAULT}",
            "cls.parameters.topicId",
        ),
        ("mps:\n        parameters: {enable: true, qualifier: $DEFAULT}", "mps.parameters.type"),
        (
            "timer:\n        parameters: {qualifier: a b, name: n, cronExpression: '0 0 0 * * * *'}",
            "timer.parameters.qualifier",
        ),
    ] {
        let ran =
            refused(&format!("  events:\n    - {event}\n")).says(&format!("`events.0.{wrong}` "));
        assert!(!ran.stderr.contains("is not an input"), "{}", ran.stderr);
    }
    // What is unknown is still said, also further down.
    refused("  events:\n    - http:\n        parameters: {authType: no, nam: a, netConfig: {enableExtrnet: true}}\n")
        .says("`events.0.http.parameters.nam`").says("did you mean `name`?")
        .says("`events.0.http.parameters.netConfig.enableExtrnet`").says("did you mean `enableExtranet`?");
}

#[test]
fn a_misspelt_key_that_a_default_would_stand_in_for_is_refused() {
    for (wrong, meant) in [
        ("hander", "handler"),
        ("Handler", "handler"),
        ("Runtime", "runtime"),
        ("runtmie", "runtime"),
        ("trafic", "traffic"),
        ("Traffic", "traffic"),
        ("pubish", "publish"),
        ("publih", "publish"),
        ("scr", "src"),
    ] {
        let sandbox = Sandbox::with_project();
        let keys = ["  src: ./src\n", "  runtime: Python3.9\n", "  handler: index.main_handler\n"];
        let others: String = keys.iter().filter(|line| !line.contains(meant)).copied().collect();
        sandbox.file(
            "serverless.yml",
            &format!("component: scf\nname: demo\napp: shop\ninputs:\n{others}  {wrong}: true\n"),
        );
        let ran = sandbox.type_in("deploy").fails(2);
        let said = format!(
            "`{wrong}` is not an input, and a default would stand in for it (serverless.yml:"
        );
        assert!(ran.stderr.contains(&said), "{wrong}:\n{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("write `{meant}`")), "{}", ran.stderr);
        assert_eq!(sandbox.calls().len(), 0);
    }
    let sandbox = Sandbox::with_project();
    sandbox.file(
        "serverless.yml",
        "component: scf\nname: demo\ninputs:\n  codeUri: ./src\n  handler: index.main_handler\n",
    );
    sandbox.type_in("deploy").fails(2).says("write `src`");
    // Beside the right one, and of another key, it is a warning.
    sandbox.yaml("  hander: x\n  memorysize: 256\n");
    sandbox
        .type_in("deploy")
        .ok()
        .says("warning: `hander` (serverless.yml:8) is not an input of scf; did you mean `handler`?")
        .says("warning: `memorysize` (serverless.yml:9) is not an input of scf; did you mean `memorySize`?");
}

const RETIRED: &str = "  enableRoleAuth: true\n  codeUri: ./\n  exclude: [.git/**]\n  vpc: {vpcId: v, subnetId: s}\n  \
     triggers:\n    - type: timer\n  zone: ap-guangzhou-2\n  functionName: f\n";

const ADVICE: &[&str] = &[
    "`enableRoleAuth` (serverless.yml:8) is not an input of scf; it has no effect any more and can go",
    "`codeUri` (serverless.yml:9) is not an input of scf; it is called `src`",
    "`exclude` (serverless.yml:10) is not an input of scf; it belongs to `src.exclude`",
    "`vpc` (serverless.yml:11) is not an input of scf; it is called `vpcConfig`",
    "`triggers` (serverless.yml:12) is not an input of scf; scf calls them `events`",
    "`zone` (serverless.yml:14) is not an input of scf; it has no effect any more",
    "`functionName` (serverless.yml:15) is not an input of scf; it is called `name`",
];

#[test]
fn the_successors_of_retired_keys_are_named() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml(RETIRED);
    let ran = sandbox.type_in("deploy").ok();
    for advice in ADVICE {
        assert!(
            ran.stderr.contains(&format!("warning: {advice}")),
            "no `{advice}` in:\n{}",
            ran.stderr
        );
    }
    // With what is refused, too.
    let ran = refused(&format!("{RETIRED}  description: stage ${{env.STAGE}}\n"));
    for advice in ADVICE.iter().chain(&["write `${env:STAGE}`"]) {
        assert!(ran.stderr.contains(advice), "no `{advice}` in:\n{}", ran.stderr);
    }
    sandbox.file(
        "serverless.yml",
        "component: scf\nname: demo\ninputs:\n  src:\n    bucket: some-bucket\n    key: code.zip\n  handler: index.main_handler\n",
    );
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("`src.key` is not an input of scf (serverless.yml:6)")
        .says("write `src.object`");
}

#[test]
fn more_than_the_usual_number_is_a_warning() {
    let sandbox = Sandbox::with_project();
    let timer = |number| {
        format!(
            "    - timer:\n        parameters: {{name: job{number}, cronExpression: '0 {number} 8 * * * *', enable: true}}\n"
        )
    };
    let timers: String = (0..11).map(timer).collect();
    let layers = (0..6).map(|number| format!("    - {{name: l{number}, version: 1}}"));
    let layers = layers.collect::<Vec<_>>().join("\n");
    sandbox.yaml(&format!("  events:\n{timers}"));
    sandbox.type_in("deploy").ok().says("has 11 triggers of the type timer");
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok();
    sandbox.nothing_changed(from);
    sandbox.yaml(&format!("  layers:\n{layers}\n"));
    sandbox.type_in("deploy --dry-run").ok().says("`layers` (serverless.yml:8) has 6 entries");
    // Where the quota is ten, the service says so.
    let limited = Sandbox::behaving("triggers=10");
    limited.project();
    limited.yaml(&format!("  events:\n{timers}"));
    limited.type_in("deploy").fails(1).says("LimitExceeded.Trigger");
}
