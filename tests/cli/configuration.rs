//! `config`: what files, variables and arguments come to.

use serde_json::json;

use crate::sandbox::{ID, KEY, Sandbox};

#[test]
fn json_is_stable_and_calls_nothing() {
    let sandbox = Sandbox::with_project();
    let ran = sandbox.type_in("config --output json --inputs traffic=0.1 memorySize=256").ok();
    let mut json = ran.json();
    assert_eq!(
        json["inputs"]["src"],
        sandbox.root().canonicalize().unwrap().join("src").display().to_string()
    );
    json["inputs"]["src"] = json!("./src");
    // Their order is a test of its own.
    assert_eq!(json["credentials"]["places"][0], "environment");
    json["credentials"].as_object_mut().unwrap().remove("places");
    assert_eq!(
        json,
        json!({
            "stage": "dev", "app": "shop", "name": "demo", "org": null, "region": "ap-guangzhou",
            "functionName": "demo-dev-shop", "namespace": "default",
            "inputs": {
                "src": "./src", "runtime": "Python3.9", "handler": "index.main_handler",
                "traffic": 0.1, "memorySize": 256,
            },
            "credentials": {
                "source": "environment", "secretId": "TENCENT_SECRET_ID", "secretKey": "TENCENT_SECRET_KEY",
                "token": null,
            },
        })
    );
    assert_eq!(sandbox.calls().len(), 0);
    let text = sandbox.type_in("config").ok().stdout;
    assert!(
        text.starts_with("stage:        dev\napp:          shop\nname:         demo\norg: "),
        "{text}"
    );
}

#[test]
fn the_stage_comes_from_where_the_document_puts_it() {
    let mut sandbox = Sandbox::with_project();
    sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY");
    sandbox.file(".env", &format!("TENCENT_SECRET_ID={ID}\nTENCENT_SECRET_KEY={KEY}\nSTAGE=prod "));
    let config = |line: &str| sandbox.type_in(&format!("config --output json {line}")).ok().json();
    let json = config("");
    assert_eq!((&json["stage"], &json["functionName"]), (&json!("prod"), &json!("demo-prod-shop")));
    assert!(json["credentials"]["source"].as_str().unwrap().ends_with("/.env"), "{json}");
    assert_eq!(config("-s test")["stage"], "test");
    sandbox.file(".env.test", "GREETING=hi\n");
    assert_eq!(config("--stage test")["credentials"]["source"], json!(null));
    sandbox.set("STAGE", "pre");
    let json = sandbox.type_in("config --output json").ok().json();
    assert_eq!(json["stage"], "pre");
}

#[test]
fn the_process_environment_wins_over_the_file() {
    let mut sandbox = Sandbox::with_project();
    sandbox.yaml("  description: ${env:WORD}\n");
    sandbox.file(".env", "WORD=file\n");
    assert_eq!(
        sandbox.type_in("config --output json").ok().json()["inputs"]["description"],
        "file"
    );
    sandbox.set("WORD", "process");
    assert_eq!(
        sandbox.type_in("config --output json").ok().json()["inputs"]["description"],
        "process"
    );
}

#[test]
fn a_secret_that_reaches_the_inputs_is_masked() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml(
        "  environment:
    variables:
      KK: 'key ${env:TENCENT_SECRET_KEY}'
",
    );
    let ran = sandbox.type_in("config --show-values").ok();
    assert!(ran.stdout.contains("key [redacted]"), "{}", ran.stdout);
}

#[test]
fn an_explicit_profile_wins_and_is_named() {
    let sandbox = Sandbox::with_project();
    std::fs::create_dir(sandbox.home().join(".serverless-tencent")).unwrap();
    std::fs::write(
        sandbox.home().join(".serverless-tencent/credentials"),
        "[prod]\nTENCENT_SECRET_ID=AKIDother\nTENCENT_SECRET_KEY=otherKey\n",
    )
    .unwrap();
    let source = |line: &str| {
        let json = sandbox.type_in(&format!("config --output json {line}")).ok().json();
        json["credentials"]["source"].as_str().unwrap().to_owned()
    };
    assert_eq!(source(""), "environment");
    assert!(source("--profile prod").ends_with("credentials [prod]"));
    sandbox.type_in("deploy --profile none").fails(4).says("no profile `none`");
}

#[test]
fn passwords_do_not_get_into_messages() {
    let mut sandbox = Sandbox::with_project();
    for line in [
        r#"deploy --inputs enviroment={"variables":{"PASSWORD":"marker-password"}}"#,
        r#"deploy --inputs environment={"variables":{"A":"","PASSWORD":"marker-password"}}"#,
        r#"deploy --inputs environment={"variables":{"PASSWORD":"marker-password"}"#,
    ] {
        let ran = sandbox.type_in(line);
        assert!(!ran.stderr.contains("marker-password"), "{line}\n{}", ran.stderr);
    }
    // A key that is not used is a secret all the same.
    sandbox.set("TENCENTCLOUD_SECRET_KEY", "marker-other-key");
    sandbox.yaml("  description: ${env:TENCENTCLOUD_SECRET_KEY}\n");
    let ran = sandbox.type_in("config").ok();
    assert!(ran.stdout.contains("[redacted]"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("marker-other-key"), "{}", ran.stdout);
}
