use proptest::prelude::*;
use serde_json::json;

use super::*;

const GRAMMAR: Grammar<'_> =
    Grammar { value_options: &["--stage", "-s", "--target"], keys: of_command, options: option_of };
/// Of every command any key.
const ANY: Grammar<'_> = Grammar { keys: |_| None, ..GRAMMAR };

fn run_with(grammar: Grammar<'_>, arguments: &[&str]) -> Result<SplitArguments, InputsError> {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    split(&arguments, grammar)
}

fn run(arguments: &[&str]) -> Result<SplitArguments, InputsError> {
    run_with(GRAMMAR, arguments)
}

fn hint(arguments: &[&str]) -> String {
    run(arguments).unwrap_err().hint().unwrap_or_default()
}

#[test]
fn values_of_options_are_no_inputs_but_a_pair_after_a_flag_is() {
    let arguments = ["deploy", "--inputs", "--target", "./a=b", "--debug", "x=1", "-s", "y=2"];
    let split = run_with(ANY, &arguments).unwrap();
    assert_eq!(split.rest, ["deploy", "--target", "./a=b", "--debug", "-s", "y=2"]);
    assert_eq!(Value::Object(split.inputs), json!({"x": 1}));
    assert_eq!(split.sources, [("x".to_owned(), "x=1".to_owned())]);
}

#[test]
fn the_value_of_an_option_needs_no_inputs_flag() {
    assert_eq!(run(&["deploy", "--target", "a=b"]).unwrap().rest, ["deploy", "--target", "a=b"]);
}

#[test]
fn the_command_may_stand_behind_the_inputs_and_no_other_word() {
    let split = run(&["--inputs", "traffic=1", "deploy"]).unwrap();
    assert_eq!(split.rest, ["deploy"]);
    let error = run(&["--inputs", "traffic=1", "deploy", "publish"]).unwrap_err();
    assert_eq!(error.to_string(), "`publish` is not key=value");
    for command in [["local", "serve"], ["rollout", "status"], ["versions", "prune"]] {
        assert_eq!(run(&command).unwrap().rest, command);
    }
}

#[test]
fn an_option_before_inputs_may_not_take_a_later_word() {
    assert_eq!(
        run(&["deploy", "--stage", "--inputs", "a=1"]),
        Err(InputsError::OptionWithoutValue { option: "--stage".to_owned() })
    );
}

const PRIVATE: &str = r#"behind `--inputs` write each input as key=value, a map as JSON: environment='{"variables":{"NAME":"VALUE"}}'"#;

const PUBLISH_ONE: &str = "to publish one function of a project: `scfctl deploy --target DIR --inputs publish=true`; one of `multi-scf`: \
     `scfctl deploy --inputs publish=true function=KEY`; all of them: `scfctl deploy --inputs publish=true`";

/// Arguments, the error, the hint.
const REFUSED: &[(&str, &str, &str)] = &[
    // The old forms.
    (
        "deploy|--inputs.publish=true|--inputs.traffic|0.2|--stage|prod",
        "`--inputs.publish=true` is the old form of `--inputs` and would be ignored",
        "write: `scfctl deploy --stage prod --inputs publish=true traffic=0.2`",
    ),
    (
        "deploy|--inputs=traffic=0.2|--inputs|description=a b",
        "`--inputs=traffic=0.2` is the old form of `--inputs` and would be ignored",
        "write: `scfctl deploy --inputs traffic=0.2 description='a b'`",
    ),
    (
        "deploy|--inputs.environment.variables.A=1|--inputs.environment.variables.B=it's",
        "`--inputs.environment.variables.A=…` is the old form of `--inputs` and would be ignored",
        PRIVATE,
    ),
    (
        "deploy|--inputs=",
        "`--inputs=` is the old form of `--inputs` and would be ignored",
        "write: `scfctl deploy`",
    ),
    (
        "deploy|--inputs=--traffic=0.2|--inputs=--inputs.publish",
        "`--inputs=--traffic=0.2` is the old form of `--inputs` and would be ignored",
        "write: `scfctl deploy --inputs traffic=0.2 publish=true`",
    ),
    (
        r#"deploy|--inputs={"traffic":0.1}"#,
        r#"`--inputs={"traffic":0.1}` is the old form of `--inputs` and would be ignored"#,
        "write: `scfctl deploy --inputs traffic=0.1`",
    ),
    (
        "deploy|--inputs.traffic=20%",
        "`--inputs.traffic=20%` is the old form of `--inputs` and would be ignored",
        "write `--inputs traffic=0.1` for 10 %, or another number from 0 to 1",
    ),
    // Without the flag.
    (
        "deploy|traffic=0.2|publish=true|--debug",
        "`traffic=0.2` stands without `--inputs` and would be ignored",
        "write: `scfctl deploy --debug --inputs traffic=0.2 publish=true`",
    ),
    // Words.
    (
        "deploy|--inputs|traffic|0.1",
        "`traffic` is not key=value",
        "write: `scfctl deploy --inputs traffic=0.1`",
    ),
    (
        "deploy|--inputs|publish=true|traffic|=|0.1",
        "`traffic` is not key=value",
        "write: `scfctl deploy --inputs publish=true traffic=0.1`",
    ),
    (
        "deploy|--inputs|traffic|=0.1",
        "`traffic` is not key=value",
        "write: `scfctl deploy --inputs traffic=0.1`",
    ),
    (
        "deploy|--inputs|traffic=|0.1",
        "`0.1` is not key=value",
        "write: `scfctl deploy --inputs traffic=0.1`",
    ),
    (
        "deploy|--inputs|traffic:|0.1",
        "`traffic:` is not key=value",
        "write: `scfctl deploy --inputs traffic=0.1`",
    ),
    (
        "deploy|--inputs|traffic:0.1",
        "`traffic:0.1` is not key=value",
        "write: `scfctl deploy --inputs traffic=0.1`",
    ),
    (
        "deploy|--inputs|publish|traffic=1",
        "`publish` is not key=value",
        "write: `scfctl deploy --inputs publish=true traffic=1`",
    ),
    (
        "deploy|--inputs|publish|false",
        "`publish` is not key=value",
        "write: `scfctl deploy --inputs publish=false`",
    ),
    (
        "deploy|--inputs|trafic|0.1",
        "`trafic` is not key=value",
        "write: `scfctl deploy --inputs traffic=0.1`",
    ),
    (
        r#"deploy|--inputs|{"traffic":0.1,"publish":true,"description":"a b"}"#,
        "`{…}` is not key=value",
        "write: `scfctl deploy --inputs traffic=0.1 publish=true description='a b'`",
    ),
    (
        "publish-ver|--inputs|function=f|description=release|4",
        "`4` is not key=value",
        "write: `scfctl publish-ver --inputs function=f description='release 4'`",
    ),
    (
        "deploy|--inputs|traffic=0.1|prod",
        "`prod` is not key=value",
        "its inputs are the keys of `inputs` in serverless.yml, each as key=value",
    ),
    (
        "deploy|prod",
        "`prod` is not key=value",
        "its inputs are the keys of `inputs` in serverless.yml, each as key=value",
    ),
    (
        "list-alias|--inputs|f",
        "`f` is not key=value",
        "its inputs are function, name, version, namespace, region",
    ),
    (
        "local|--inputs|traffic=1",
        "`traffic` is not an input of `local`",
        "`local` takes no inputs; leave it out",
    ),
    (
        "deploy|--inputs|=0.1",
        "`=0.1` is not key=value",
        "its inputs are the keys of `inputs` in serverless.yml, each as key=value",
    ),
    (
        "deploy|--inputs|traffic=0.1|",
        "`` is not key=value",
        "leave it out, or fill the variable of the shell that stood there",
    ),
    (
        r"create-alias|--inputs|name=a|\",
        r"`\` is not key=value",
        "a line that goes on in the next one ends in `\\` in sh, in a back-tick in PowerShell and in `^` in \
             cmd.exe; or write it as one line",
    ),
    (
        "create-alias|--inputs|name=a| ",
        "` ` is not key=value",
        "a line that goes on in the next one ends in `\\` with nothing behind it, not even a blank",
    ),
    // Several in one argument.
    (
        "deploy|--inputs|traffic=0.1,publish=true",
        "`traffic=0.1,publish=true` is several inputs in one argument",
        "write: `scfctl deploy --inputs traffic=0.1 publish=true`",
    ),
    (
        "deploy|--inputs|publish=true traffic=0",
        "`publish=true traffic=0` is several inputs in one argument",
        "write: `scfctl deploy --inputs publish=true traffic=0`",
    ),
    // Keys.
    (
        "deploy|--inputs|trafic=0.1",
        "`trafic` is not an input of `deploy`",
        "did you mean `traffic`? Write: `scfctl deploy --inputs traffic=0.1`",
    ),
    (
        "deploy|--inputs|Traffic=0.1|publsh=true",
        "`Traffic`, `publsh` are not inputs of `deploy`",
        "did you mean `traffic` and `publish`? Write: `scfctl deploy --inputs traffic=0.1 publish=true`",
    ),
    (
        "deploy|--inputs|inputs.traffic=0.1",
        "`inputs.traffic` is not an input of `deploy`",
        "did you mean `traffic`? Write: `scfctl deploy --inputs traffic=0.1`",
    ),
    (
        "deploy|--inputs|environment.variables.A=x",
        "`environment.variables.A` is not an input of `deploy`",
        r#"did you mean `environment`? Behind `--inputs` write each input as key=value, a map as JSON: environment='{"variables":{"NAME":"VALUE"}}'"#,
    ),
    (
        "deploy|--inputs|stage=prod|traffic=0",
        "`stage` is not an input of `deploy`",
        "did you mean `--stage`? Write: `scfctl deploy --stage prod --inputs traffic=0`",
    ),
    (
        "deploy|--inputs|zzz=1",
        "`zzz` is not an input of `deploy`",
        "its inputs are the keys of `inputs` in serverless.yml, each as key=value",
    ),
    (
        "deploy|--inputs|traffic=0.1|trafic=0.2",
        "`trafic` is not an input of `deploy`",
        "did you mean `traffic`? Its inputs are the keys of `inputs` in serverless.yml, each as key=value",
    ),
    (
        "delete-alias|--inputs|name=a|namespce=staging",
        "`namespce` is not an input of `delete-alias`",
        "did you mean `namespace`? Write: `scfctl delete-alias --inputs name=a namespace=staging`",
    ),
    (
        "delete_alias|--inputs|name=a|fuction=f",
        "`fuction` is not an input of `delete-alias`",
        "did you mean `function`? Write: `scfctl delete_alias --inputs name=a function=f`",
    ),
    (
        "delete-alias|--inputs|name=a|config={}",
        "`config` is not an input of `delete-alias`",
        "its inputs are name, function, namespace, region",
    ),
    (
        r#"create-alias|--inputs|name=a|Config={"weights":{"2":0.1}}"#,
        "`Config` is not an input of `create-alias`",
        r#"did you mean `config`? Write: `scfctl create-alias --inputs name=a config='{"weights":{"2":0.1}}'`"#,
    ),
    (
        r#"create-alias|--inputs|name=a|weights={"$LATEST":0.1}"#,
        "`weights` is not an input of `create-alias`",
        r#"did you mean `config`? Write: `scfctl create-alias --inputs name=a config='{"weights":{"$LATEST":0.1}}'`"#,
    ),
    (
        "update-alias|--inputs|name=$DEFAULT|traffic=0.1",
        "`traffic` is not an input of `update-alias`",
        r#"did you mean `config`? Write: `scfctl update-alias --inputs name='$DEFAULT' config='{"weights":{"$LATEST":0.1}}'`"#,
    ),
    (
        "publish-ver|--inputs|functionName=f",
        "`functionName` is not an input of `publish-ver`",
        "did you mean `function`? Write: `scfctl publish-ver --inputs function=f`",
    ),
    // Twice.
    (
        "deploy|--inputs|traffic=0.1|publish=true|traffic=1",
        "`traffic` is given twice: `traffic=0.1` and `traffic=1`",
        "give `traffic` once",
    ),
    (
        r#"deploy|--inputs|environment={"a":1}|environment={"b":1}"#,
        "`environment` is given twice: `environment=…` and `environment=…`",
        "give `environment` once",
    ),
    (
        r#"create-alias|--inputs|config={"weights":{"2":0.1,"2":0.9}}"#,
        "value of `config` has `weights.2` twice: 0.1 and 0.9",
        "give `weights.2` once",
    ),
    (
        r#"deploy|--inputs|environment={"variables":{"A":"x","A":"y"}}"#,
        "value of `environment` has `variables.A` twice",
        "give `variables.A` once",
    ),
    // Names of functions.
    (
        r#"deploy|--inputs.publish="fun01,fun02""#,
        r#"`--inputs.publish="fun01,fun02"` is the old form of `--inputs` and would be ignored"#,
        PUBLISH_ONE,
    ),
    (
        "deploy|--inputs|publish=fun01,fun02",
        r#"`publish` is ["fun01","fun02"], not true or false"#,
        PUBLISH_ONE,
    ),
];

#[test]
fn whatever_would_be_ignored_is_refused_with_the_line_that_is_meant() {
    for (line, error, hint) in REFUSED {
        let arguments: Vec<&str> = line.split('|').collect();
        let found = run(&arguments).unwrap_err();
        assert_eq!(found.to_string(), *error, "{line}");
        assert_eq!(found.hint().unwrap(), *hint, "{line}");
    }
}

#[test]
fn what_the_commands_take_is_taken() {
    let alias = "name=a function=f version=1";
    for line in [
        format!("create-alias --inputs {alias} description=x namespace=n region=r config={{}}"),
        format!("update_alias --inputs {alias} description=x namespace=n region=r config=null"),
        "list-alias --inputs function=f name=a version=1 namespace=n region=r".to_owned(),
        "delete-alias --inputs function=f name=a namespace=n region=r".to_owned(),
        "publish-ver --inputs function=f description=x namespace=n region=r".to_owned(),
        "deploy --inputs publish=true traffic=0 functions={} isAutoPublish=true function=f"
            .to_owned(),
        "package --inputs src=./x".to_owned(),
        "config --inputs memorySize=128".to_owned(),
    ] {
        run(&line.split(' ').collect::<Vec<_>>()).unwrap();
    }
}

#[test]
fn a_line_that_no_terminal_shows_is_not_suggested() {
    assert_eq!(
        hint(&["deploy", "description=a\nb"]),
        "its inputs are the keys of `inputs` in serverless.yml, each as key=value"
    );
}

#[test]
fn text_inputs_stay_text() {
    for (raw, value) in [
        ("007", json!("007")),
        ("1.10", json!("1.10")),
        ("\"x\"", json!("x")),
        ("a, b", json!("a, b")),
        ("[fix] y", json!("[fix] y")),
        ("true", json!("true")),
        ("null", json!(null)),
        ("", json!("")),
    ] {
        let split = run(&["deploy", "--inputs", &format!("description={raw}")]).unwrap();
        assert_eq!(split.inputs["description"], value, "{raw}");
    }
}

#[test]
fn broken_json_says_where() {
    let error =
        |raw: &str| run(&["create-alias", "--inputs", &format!("config={raw}")]).unwrap_err();
    assert_eq!(
        error("{weights:1}").to_string(),
        "value of `config` is not valid JSON at column 2: key must be a string"
    );
    assert!(matches!(error("{\"测\":1,\n\"b\" 2}"), InputsError::Json { column: 13, .. }));
    assert!(matches!(error("{\"a\":1},\"b\":2}"), InputsError::Json { .. }));
    assert!(matches!(error("x,{\"a\":1"), InputsError::Json { .. }));
    assert!(matches!(error("'{\"a\":1}'"), InputsError::ShellQuotes { .. }));
}

proptest! {
    #[test]
    fn any_arguments_are_split_without_panic(arguments in prop::collection::vec(
        prop_oneof![
            any::<String>(),
            "(deploy|create-alias|traffic|publish|=|config)",
            "(--inputs|--inputs[.=][a-c.=]{0,5}|-s|--|[a-c]=[\\[{}\\],\"'0-9a]{0,8})",
        ], 0..8)
    ) {
        let arguments: Vec<String> = arguments;
        for grammar in [GRAMMAR, ANY] {
            if let Err(error) = split(&arguments, grammar) {
                prop_assert!(!error.to_string().is_empty() && error.hint().is_some());
            }
        }
    }

    #[test]
    fn any_json_value_reads_back(value in json_value()) {
        let argument = format!("key={value}");
        let split = run_with(ANY, &["deploy", "--inputs", &argument]).unwrap();
        prop_assert_eq!(&split.inputs["key"], &javascript::canonical(value));
    }

    #[test]
    fn a_corrected_command_line_is_accepted(
        pairs in prop::collection::btree_map("[a-e]", "[a-z0-9. ']{1,6}", 1..4)
    ) {
        let mut arguments = vec!["deploy".to_owned()];
        arguments.extend(pairs.iter().map(|(key, value)| format!("{key}={value}")));
        let line = match split(&arguments, ANY) {
            Err(error @ InputsError::WithoutInputs { .. }) => error.line().map(str::to_owned),
            other => return Err(TestCaseError::fail(format!("{other:?}"))),
        };
        let line = format!("{}`", line.unwrap());
        let (words, _) = crate::shell::words_in_backticks(&line).unwrap();
        let again: Vec<String> = words.into_iter().skip(1).map(|word| word.argument).collect();
        let direct: Vec<String> = ["deploy".to_owned(), "--inputs".to_owned()]
            .into_iter().chain(arguments.into_iter().skip(1)).collect();
        prop_assert_eq!(split(&again, ANY).unwrap().inputs, split(&direct, ANY).unwrap().inputs);
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "\\PC{1,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z0-9]{1,3}", inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}
