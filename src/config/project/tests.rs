use super::*;
use crate::config::references::Outputs;
use serde_json::json;
use std::fs;

fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

static NO_PARAMETERS: BTreeMap<String, String> = BTreeMap::new();
static NO_OUTPUTS: std::sync::LazyLock<Outputs> = std::sync::LazyLock::new(Outputs::default);

fn request<'a>(
    directory: &tempfile::TempDir,
    command: &'a str,
    environment: &'a BTreeMap<String, String>,
) -> ProjectRequest<'a> {
    ProjectRequest {
        directory: directory.path().join("f"),
        target: None,
        member: None,
        parameters: &NO_PARAMETERS,
        outputs: &NO_OUTPUTS,
        stage: None,
        app: None,
        org: None,
        command,
        inputs: Map::new(),
        environment,
        found_dotenv: &|_| {},
        found_secret: &|_| {},
    }
}

const PLAIN: &str = "component: scf\nname: demo\n";

#[test]
fn without_a_stage_the_environment_and_then_the_env_file_give_it() {
    let folder = directory(&[("f/serverless.yml", PLAIN), ("f/.env", "STAGE=test\n")]);
    let none = BTreeMap::new();
    let stage = |environment: &BTreeMap<String, String>| {
        load(&request(&folder, "deploy", environment)).unwrap().unwrap().stage
    };
    assert_eq!(stage(&none), "test");
    let process = BTreeMap::from([("STAGE".to_owned(), "prod".to_owned())]);
    assert_eq!(stage(&process), "prod");
    let empty = BTreeMap::from([("STAGE".to_owned(), String::new())]);
    assert_eq!(stage(&empty), "dev");
}

#[test]
fn an_env_file_of_the_stage_that_was_not_read_is_warned_about() {
    let folder = directory(&[
        ("f/serverless.yml", PLAIN),
        ("f/.env", "STAGE=prod\n"),
        ("f/.env.prod", "A=1\n"),
    ]);
    let none = BTreeMap::new();
    let project = load(&request(&folder, "deploy", &none)).unwrap().unwrap();
    assert_eq!(project.dotenv, Some(folder.path().join("f/.env")));
    assert_eq!(project.warnings.len(), 1, "{:?}", project.warnings);
    assert!(project.warnings[0].to_string().ends_with("give `--stage prod`"));
}

#[test]
fn a_stage_that_resolves_to_nothing_is_an_error() {
    let folder =
        directory(&[("f/serverless.yml", "component: scf\nname: demo\nstage: ${env:STAGE}\n")]);
    let empty = BTreeMap::from([("STAGE".to_owned(), String::new())]);
    assert!(matches!(
        load(&request(&folder, "deploy", &empty)),
        Err(ConfigError::EmptyStage { .. })
    ));
    let none = BTreeMap::new();
    let error = load(&request(&folder, "deploy", &none)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot resolve `${env:STAGE}` at `stage` (serverless.yml:3): environment variable `STAGE` is not set"
    );
    assert_eq!(
        error.hint().unwrap().to_string(),
        "set `STAGE` in the environment or in the .env file"
    );
}

#[test]
fn alias_commands_do_without_inputs_they_do_not_use() {
    let text = "component: scf\nname: demo\ncommandInputs:\n  list-alias:\n    config: {a: '${stage}'}\n\
                inputs:\n  name: ${app}-fn\n  config: {b: 1}\n  environment:\n    variables:\n      A: ${env:SECRET}\n";
    let folder = directory(&[("f/serverless.yml", text)]);
    let none = BTreeMap::new();
    let project = load(&request(&folder, "list-alias", &none)).unwrap().unwrap();
    assert_eq!(
        Value::Object(project.inputs),
        json!({"name": "demo-fn", "config": {"b": 1, "a": "dev"}})
    );
    assert_eq!(Value::Object(project.command_inputs), json!({"config": {"a": "dev"}}));
    assert_eq!(
        project.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["`inputs.environment` is left out: cannot resolve `${env:SECRET}` at \
          `inputs.environment.variables.A`: environment variable `SECRET` is not set"]
    );
    assert!(load(&request(&folder, "deploy", &none)).is_err());
}

#[test]
fn a_broken_parent_is_ignored_with_a_warning_and_an_overriding_one_too() {
    let none = BTreeMap::new();
    let folder = directory(&[("f/serverless.yml", PLAIN), ("serverless.yml", "a: [\n")]);
    let project = load(&request(&folder, "deploy", &none)).unwrap().unwrap();
    assert!(project.warnings[0].to_string().contains("is ignored: cannot understand"));
    let folder = directory(&[
        ("f/serverless.yml", "component: scf\nname: demo\napp: own\n"),
        ("serverless.yml", "app: theirs\n"),
    ]);
    let project = load(&request(&folder, "deploy", &none)).unwrap().unwrap();
    assert_eq!(project.app.as_deref(), Some("theirs"));
    assert!(project.warnings[0].to_string().starts_with("`app` of "));
    fs::write(folder.path().join("serverless.js"), "").unwrap();
    let project = load(&request(&folder, "deploy", &none)).unwrap().unwrap();
    assert_eq!(project.app.as_deref(), Some("own"));
}

#[test]
fn wrong_types_name_the_key_and_the_line() {
    let none = BTreeMap::new();
    for (text, message, hint) in [
        ("component: scf\nname: [a]\n", "`name` in ", Some("see line 2")),
        ("component: scf\nname: a\ninputs: [1]\n", "`inputs` in ", Some("see line 3")),
        ("- a\n", "`the top level` in ", None),
    ] {
        let folder = directory(&[("f/serverless.yml", text)]);
        let error = load(&request(&folder, "deploy", &none)).unwrap_err();
        assert!(error.to_string().starts_with(message), "{error}");
        assert_eq!(error.hint().map(|hint| hint.to_string()).as_deref(), hint);
    }
}

#[test]
fn without_a_file_options_inputs_and_env_file_are_left() {
    let folder = directory(&[("f/.env", "FN=api\n")]);
    let none = BTreeMap::new();
    let mut request = request(&folder, "list-alias", &none);
    request.inputs.insert("function".to_owned(), json!("${env:FN}"));
    assert!(load(&request).unwrap().is_none());
    let project = without_file(&request).unwrap();
    assert_eq!(project.inputs["function"], "api");
    assert_eq!(project.stage, "dev");
}

#[test]
fn paths_lose_their_dots_as_in_node() {
    for (path, result) in
        [("/a/./b/../c/", "/a/c"), ("/../a", "/a"), ("../a/..", ".."), ("/a/..", "/")]
    {
        assert_eq!(normalised(Path::new(path)), Path::new(result));
    }
}
