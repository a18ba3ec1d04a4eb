//! Nothing that is typed is ignored: what a command does not take is refused before any call,
//! with the line to type instead.

use serde_json::json;

use crate::sandbox::{FUNCTION, Ran, Sandbox};

/// Checks that a command line was refused with exactly this, and called nothing.
#[track_caller]
fn refused(sandbox: &Sandbox, arguments: &[&str], stderr: &str) {
    let from = sandbox.calls().len();
    let ran = sandbox.run(arguments).fails(2);
    assert_eq!((ran.stderr.as_str(), ran.stdout.as_str()), (stderr, ""), "{arguments:?}");
    assert_eq!(sandbox.calls().len(), from, "{arguments:?}");
}

fn error(message: &str, hint: &str) -> String {
    format!("error: {message}\n  hint: {hint}\n")
}

#[test]
fn a_misspelt_share_sends_no_code() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    sandbox.change_code("new");
    for (arguments, message, hint) in [
        (
            &["deploy", "--inputs", "trafic=0.1"][..],
            "`trafic` is not an input of `deploy`",
            "did you mean `traffic`? Write: `scfctl deploy --inputs traffic=0.1`",
        ),
        (
            &["deploy", "--stage", "prod", "--inputs", "traffic", "=", "0.1"],
            "`traffic` is not key=value",
            "write: `scfctl deploy --stage prod --inputs traffic=0.1`",
        ),
        (
            &["deploy", "--inputs", r#"{"traffic":0.1}"#],
            "`{…}` is not key=value",
            "write: `scfctl deploy --inputs traffic=0.1`",
        ),
        (
            &["deploy", "--inputs", "traffic=0.1", "traffic=1"],
            "`traffic` is given twice: `traffic=0.1` and `traffic=1`",
            "give `traffic` once",
        ),
        (
            &["deploy", "--inputs", r#"environment={"variable":{"A":"b"}}"#],
            "`environment.variable` is not an input of scf (argument `environment=…`)",
            "did you mean `variables`?",
        ),
        (
            &["deploy", "--inputs", "isAutoPublish=true"],
            "`isAutoPublish` is not an input of scf (argument `isAutoPublish=true`)",
            "",
        ),
        (
            &["deploy", "--inputs", "function=other", "traffic=0.1"],
            "`function` names `other`, and the instance here deploys `demo-dev-shop`",
            "leave `function` out; to deploy another instance, name its folder with --target",
        ),
    ] {
        let expected = error(message, hint).replace("  hint: \n", "");
        refused(&sandbox, arguments, &expected);
    }
    // The name of the function itself is no other.
    sandbox.type_in(&format!("deploy --inputs function={FUNCTION} traffic=0.1")).ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.1, "1": 0.9}));
}

#[test]
fn an_alias_command_refuses_what_it_does_not_take() {
    let sandbox = Sandbox::with_project();
    sandbox.function(FUNCTION, "default", 2);
    let alias = ["create-alias", "--inputs", "function=demo-dev-shop", "name=live", "version=1"];
    sandbox.run(&alias).ok();
    for (arguments, message, hint) in [
        (
            &["delete-alias", "--inputs", "name=live", "namespce=staging"][..],
            "`namespce` is not an input of `delete-alias`",
            "did you mean `namespace`? Write: `scfctl delete-alias --inputs name=live namespace=staging`",
        ),
        (
            &[
                "update-alias",
                "--inputs",
                "name=$DEFAULT",
                "version=$LATEST",
                r#"confg={"weights":{"1":0.9}}"#,
            ],
            "`confg` is not an input of `update-alias`",
            r#"did you mean `config`? Write: `scfctl update-alias --inputs name='$DEFAULT' version='$LATEST' config='{"weights":{"1":0.9}}'`"#,
        ),
        (
            &[
                "create-alias",
                "--inputs",
                "name=new",
                "version=1",
                r#"config={"weights":{"2":0.1,"2":0.9}}"#,
            ],
            "value of `config` has `weights.2` twice: 0.1 and 0.9",
            "give `weights.2` once",
        ),
        (
            &["publish-ver", "--inputs", "descripton=r4"],
            "`descripton` is not an input of `publish-ver`",
            "did you mean `description`? Write: `scfctl publish-ver --inputs description=r4`",
        ),
        (
            &["list-alias", "--inputs", "traffic=1"],
            "`traffic` is not an input of `list-alias`",
            "its inputs are function, name, version, namespace, region",
        ),
    ] {
        refused(&sandbox, arguments, &error(message, hint));
    }
    // In the file, which other programs read too, it is a warning.
    let file = std::fs::read_to_string(sandbox.root().join("serverless.yml")).unwrap();
    sandbox
        .file("serverless.yml", &format!("{file}commandInputs:\n  list-alias:\n    fuction: x\n"));
    sandbox.type_in("list-alias").ok().says(
        "warning: `fuction` (serverless.yml:10) is not an input of list-alias; did you mean `function`?\n",
    );
}

#[test]
fn what_scripts_for_sls_type_is_taken_or_corrected() {
    let sandbox = Sandbox::with_project();
    sandbox
        .type_in("deploy --all")
        .ok()
        .says("note: --all has no effect: deploy takes all instances of the folder as it is\n");
    sandbox
        .type_in("deploy --all --target .")
        .ok()
        .says("note: --all has no effect beside --target, which names one instance\n");
    let no_command = "no command is given";
    for (line, message, hint) in [
        (
            "--debug",
            no_command,
            "type `scfctl deploy --debug`, or `scfctl --help` for all commands",
        ),
        (
            "--debug --target X",
            no_command,
            "type `scfctl deploy --debug --target X`, or `scfctl --help` for all commands",
        ),
        (
            "--local --inputs traffic=0.1",
            no_command,
            "type `scfctl deploy --local --inputs traffic=0.1`, or `scfctl --help` for all commands",
        ),
        (
            "publish-ver --all",
            "--all says nothing to `publish-ver`, which works on one function",
            "leave it out, and name the function with function=NAME behind --inputs",
        ),
        (
            "metric --inputs function=f",
            "`metric` is not provided",
            "look at the monitoring of the function in the console",
        ),
        ("log", "`log` is not provided", "look at the log topic of the function in the console"),
        (
            "dev --local --stage x",
            "`dev` is not provided",
            "deploy to a stage of your own: `scfctl deploy --stage dev --local`",
        ),
        (
            "param set a=1",
            "`param` is not provided",
            "give values of ${param:NAME} with --param NAME=VALUE, or in SCFCTL_PARAM_NAME",
        ),
        (
            "frobnicate set a=1",
            "`frobnicate` is not a command",
            "the commands are deploy, publish-ver, create-alias, update-alias, list-alias, delete-alias, package, \
             config, local; `scfctl --help` explains them",
        ),
        (
            "lst-alias function=demo-dev-shop",
            "`lst-alias` is not a command",
            "did you mean `list-alias`? Write: `scfctl list-alias --inputs function=demo-dev-shop`",
        ),
        (
            "deploy -i traffic=0.1",
            "`-i` is not an option of `deploy`",
            "did you mean `--inputs`? Write: `scfctl deploy --inputs traffic=0.1`",
        ),
        (
            "deploy --inptus traffic=0.1 --stage prod",
            "`--inptus` is not an option of `deploy`",
            "did you mean `--inputs`? Write: `scfctl deploy --stage prod --inputs traffic=0.1`",
        ),
        (
            "deploy --traffic 0.1 --publish",
            "`--traffic` is not an option of `deploy`",
            "did you mean `--inputs`? Write: `scfctl deploy --inputs traffic=0.1 publish=true`",
        ),
        (
            "deploy --no-cache --local",
            "`--no-cache` is not an option of `deploy`",
            "did you mean `--noCache`? Write: `scfctl deploy --noCache --local`",
        ),
        (
            "deploy --foo",
            "`--foo` is not an option of `deploy`",
            "`scfctl deploy --help` lists the options",
        ),
        ("deploy --list", "`--list` is an option of `package`, not of `deploy`", "leave it out"),
        (
            "deploy --inputs.publish=fun01,fun02 --local",
            "`--inputs.publish=fun01,fun02` is the old form of `--inputs` and would be ignored",
            "to publish one function of a project: `scfctl deploy --target DIR --local --inputs publish=true`; one \
             of `multi-scf`: `scfctl deploy --local --inputs publish=true function=KEY`; all of them: `scfctl \
             deploy --local --inputs publish=true`",
        ),
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        refused(&sandbox, &arguments, &error(message, hint));
    }
    // An option's own value is wrong whatever the inputs are.
    sandbox.type_in("deploy --timeout soon traffic=0.1").fails(2).says("write seconds");
}

#[test]
fn an_alias_without_config_is_said_to_send_everything_to_one_version() {
    let sandbox = Sandbox::with_project();
    sandbox.function(FUNCTION, "default", 2);
    let told = |ran: Ran| {
        let notes = ran.stderr.lines().filter(|line| line.contains("without `config`"));
        notes.map(str::to_owned).collect::<Vec<_>>()
    };
    let continued = "a command that goes on in the next line ends in `\\`";
    let ran = sandbox.type_in("create-alias --inputs name=live version=1").ok();
    let everything = "note: without `config` alias `live` sends everything to version";
    assert_eq!(told(ran), [format!("{everything} 1; {continued}")]);
    let ran = sandbox.type_in("update-alias --dry-run --inputs name=live version=2").ok();
    assert_eq!(told(ran), [format!("{everything} 2; {continued}")]);
    let with_weights = r#"update-alias --inputs name=live version=1 config={"weights":{"2":0.1}}"#;
    assert_eq!(told(sandbox.type_in(with_weights).ok()), [] as [&str; 0]);
    let ran = sandbox.type_in("update-alias --inputs name=live version=1").ok();
    let weights = "note: without `config` alias `live` keeps its weights: 1: 0.9, 2: 0.1";
    assert_eq!(told(ran), [format!("{weights}; {continued}")]);
    // An empty one was typed: nothing was cut off.
    let ran = sandbox.type_in("update-alias --dry-run --inputs name=live version=1 config={}").ok();
    let weights = "note: `config` has no weights: alias `live` keeps its weights: 1: 0.9, 2: 0.1\n";
    assert_eq!(told(ran.says(weights)), [] as [&str; 0]);
}

#[test]
fn a_misspelt_yes_is_no_list_of_functions() {
    let sandbox = Sandbox::with_project();
    sandbox
        .type_in("deploy --inputs publish=ture")
        .fails(2)
        .says("error: `publish` is `ture`, not true or false (argument `publish=ture`)\n")
        .says("hint: write publish=true or publish=false");
    assert!(sandbox.calls().is_empty());
}

#[test]
fn examples_of_help_do_not_wrap() {
    let mut sandbox = Sandbox::new();
    for width in ["80", "100"] {
        sandbox.set("COLUMNS", width);
        for command in [
            "",
            "deploy",
            "publish-ver",
            "create-alias",
            "update-alias",
            "list-alias",
            "delete-alias",
            "package",
            "config",
            "local",
        ] {
            let help = sandbox.type_in(&format!("{command} --help")).ok().stdout;
            let joined = help.replace("\\\n", " ");
            let examples: Vec<&str> =
                joined.lines().map(str::trim).filter(|line| line.starts_with("scfctl ")).collect();
            assert!(!examples.is_empty(), "{command}:\n{help}");
            for example in examples {
                // Parsed whole, as a paste would be.
                crate::suggestions::check(&format!("hint: `{example}`"), None);
                assert!(
                    !example.ends_with("--inputs") && !example.ends_with('='),
                    "{example} goes on in the next line"
                );
            }
        }
    }
}

#[test]
fn help_is_given_wherever_it_is_asked_for() {
    let sandbox = Sandbox::new();
    let help = sandbox.type_in("deploy --help").ok().stdout;
    for line in
        ["deploy prod --help", "--help deploy", "deploy --inputs foo --help", "deploy --x --help"]
    {
        assert_eq!(sandbox.type_in(line).ok().stdout, help, "{line}");
    }
    let version = sandbox.type_in("--version").ok().stdout;
    for line in ["version", "deploy --version", "-V"] {
        assert_eq!(sandbox.type_in(line).ok().stdout, version, "{line}");
    }
    for line in ["--help", "deploy", "help"] {
        let text = sandbox.type_in(line);
        let inner = text.stdout.contains("publish_ver") || text.stderr.contains("publish_ver");
        assert!(!inner, "{line}");
    }
}
