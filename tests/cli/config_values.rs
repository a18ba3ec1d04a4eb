//! `config` runs in pipelines, whose logs others read: values of environment variables, and of
//! secrets wherever they stand, are shown only when asked for.

use serde_json::json;

use crate::sandbox::Sandbox;

const YAML: &str = "  description: uses ${env:API_TOKEN}
  tags:
    stage: ${env:STAGE_NAME}
  environment:
    variables:
      DB_PASSWORD: hunter2secret
      API_TOKEN: ${env:API_TOKEN}
      URL: https://user:${env:DB_PASS}@host
      GREETING: good-morning
      PIN: 123456
";

const SECRETS: &[&str] =
    &["hunter2secret", "tok-0123456789", "pass-of-db", "good-morning", "123456"];

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::with_project();
    sandbox.yaml(YAML);
    sandbox.file(".env", "DB_PASS=pass-of-db\n");
    sandbox.set("API_TOKEN", "tok-0123456789").set("STAGE_NAME", "production");
    sandbox
}

#[test]
fn values_are_hidden_with_their_names_and_places_shown() {
    let sandbox = sandbox();
    for line in ["config", "config --output json", "config --debug", "config -v"] {
        let ran = sandbox.type_in(line).ok();
        for secret in SECRETS {
            assert!(!ran.stdout.contains(secret), "{line}: {secret} in\n{}", ran.stdout);
            assert!(!ran.stderr.contains(secret), "{line}: {secret} in\n{}", ran.stderr);
        }
    }
    let json = sandbox.type_in("config --output json").ok().json();
    assert_eq!(
        json["inputs"]["environment"]["variables"],
        json!({
            "DB_PASSWORD": "[redacted]", "API_TOKEN": "[redacted]", "URL": "[redacted]",
            "GREETING": "[redacted]", "PIN": "[redacted]",
        })
    );
    assert_eq!(json["inputs"]["description"], "[redacted]");
    assert_eq!(json["inputs"]["tags"]["stage"], "production");
    assert_eq!(
        json["valuesFrom"],
        json!({
            "description": "serverless.yml:8: API_TOKEN of the environment",
            "environment.variables.DB_PASSWORD": "serverless.yml:13",
            "environment.variables.API_TOKEN": "serverless.yml:14: API_TOKEN of the environment",
            "environment.variables.URL": "serverless.yml:15: DB_PASS of .env",
            "environment.variables.GREETING": "serverless.yml:16",
            "environment.variables.PIN": "serverless.yml:17",
        })
    );
    let text = sandbox.type_in("config").ok().stdout;
    assert!(text.contains("      DB_PASSWORD: [redacted]\n"), "{text}");
    // What the command line says is named as its argument.
    let line = r#"environment={"variables":{"MORE":"from-the-line"}}"#;
    let ran = sandbox.run(&["config", "--output", "json", "--inputs", line]).ok();
    assert!(!ran.stdout.contains("from-the-line"), "{}", ran.stdout);
    let json = ran.json();
    assert_eq!(json["valuesFrom"]["environment.variables.MORE"], "argument `environment=…`");
    assert_eq!(json["valuesFrom"]["environment.variables.PIN"], "serverless.yml:17");
}

#[test]
fn values_are_shown_when_asked_for_and_only_by_config() {
    let sandbox = sandbox();
    let json = sandbox.type_in("config --show-values --output json").ok().json();
    let variables = &json["inputs"]["environment"]["variables"];
    assert_eq!(variables["URL"], "https://user:pass-of-db@host");
    assert_eq!(variables["PIN"], 123_456);
    assert_eq!(json["inputs"]["description"], "uses tok-0123456789");
    assert!(sandbox.type_in("config --show-values").ok().stdout.contains("hunter2secret"));
    // Never the keys.
    let mut sandbox = sandbox;
    sandbox.yaml("  environment:\n    variables:\n      KEY: ${env:TENCENT_SECRET_KEY}\n");
    assert!(sandbox.type_in("config --show-values").ok().stdout.contains("[redacted]"));
    sandbox
        .type_in("deploy --show-values")
        .fails(2)
        .says("`--show-values` is an option of `config`, not of `deploy`");
    sandbox.set("PLAIN", "1");
    // Nothing hidden, nothing said of it.
    sandbox.yaml("  description: ${env:PLAIN}\n");
    let json = sandbox.type_in("config --output json").ok().json();
    assert_eq!(json["inputs"]["description"], "1");
    assert_eq!(json["valuesFrom"], json!(null));
}

#[test]
fn a_key_that_sounds_like_a_secret_is_hidden_wherever_it_stands() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml("  description: postgres://u:hunter2@db/x\n  apiKey: hunter3\n  tags:\n    secretTag: hunter4\n  events:\n    - timer:\n        parameters:\n          cronExpression: '0 0 1 * * * *'\n          argument: hunter5\n");
    for line in ["config", "config --output json"] {
        let ran = sandbox.type_in(line).ok();
        let shown = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(shown.contains("postgres://…@db/x"), "{shown}");
    }
    let json = sandbox.type_in("config --output json").ok().json();
    assert_eq!(json["valuesFrom"]["tags.secretTag"], "serverless.yml:11");
    assert!(sandbox.type_in("config --show-values").ok().stdout.contains("hunter2@db"));
}

#[test]
fn each_function_of_several_hides_its_own() {
    let sandbox = Sandbox::new();
    sandbox.file("src/index.py", "def main_handler(event, context): pass\n");
    sandbox.file(
        "serverless.yml",
        "component: multi-scf\nname: api\napp: shop\ninputs:\n  src: ./src\n  runtime: Python3.9\n  handler: index.main_handler\n  environments:\n    - key: COMMON\n      value: common-value\n  functions:\n    a:\n      environments:\n        - key: OWN\n          value: own-value\n    b:\n      environment:\n        variables:\n          MINE: my-value\n",
    );
    for line in ["config", "config --output json"] {
        let ran = sandbox.type_in(line).ok();
        for secret in ["common-value", "own-value", "my-value"] {
            assert!(!ran.stdout.contains(secret), "{secret} in\n{}", ran.stdout);
        }
        for name in ["COMMON", "OWN", "MINE"] {
            assert!(ran.stdout.contains(name), "no {name} in\n{}", ran.stdout);
        }
    }
    let json = sandbox.type_in("config --output json").ok().json();
    assert_eq!(json["valuesFrom"]["environments.COMMON"], "serverless.yml:10");
    assert_eq!(json["valuesFrom"]["functions.b.environment.variables.MINE"], "serverless.yml:19");
}
