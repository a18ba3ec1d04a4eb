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
            "it is called `publish`",
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
#[expect(clippy::too_many_lines, reason = "a table")]
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
            "leave it out, and name the function with --function",
        ),
        (
            "create --template-url x",
            "`create` is not provided",
            "begin with `scfctl init --runtime Python3.9`",
        ),
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
            "the commands are deploy, apply, publish-ver, create-alias, update-alias, list-alias, delete-alias, list-ver, status, metric, invoke, verify-split, logs, remove, versions, rollout, \
             rollback, package, config, init, doctor, completion, local; `scfctl --help` explains them",
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
            "deploy --trafic 0.1 --publsh",
            "`--trafic` is not an option of `deploy`",
            "did you mean `--traffic` and `--publish`? Write: `scfctl deploy --traffic 0.1 --publish`",
        ),
        (
            "deploy --memory-size 256 --traffic 0.1",
            "`--memory-size` is not an option of `deploy`",
            "did you mean `--inputs`? Write: `scfctl deploy --traffic 0.1 --inputs memorySize=256`",
        ),
        (
            "deploy --traffic 0.1 publish=true",
            "`publish=true` stands without `--inputs` and would be ignored",
            "write: `scfctl deploy --traffic 0.1 --inputs publish=true`",
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
        (
            "deploy --publish false",
            "`false` is not key=value",
            "write: `scfctl deploy --publish=false`",
        ),
        (
            "deploy --publish true --traffic 0",
            "`true` is not key=value",
            "write: `scfctl deploy --publish=true --traffic 0`",
        ),
        (
            "deploy --list",
            "`--list` is an option of `package`, not of `deploy`",
            "`scfctl deploy --help` lists the options",
        ),
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
fn what_is_nearly_right_is_corrected() {
    let sandbox = Sandbox::with_project();
    for (line, message, hint) in [
        (
            "deploy -r ap-beijing --dry-run",
            "`-r` is not an option of `deploy`",
            "did you mean `--region`? Write: `scfctl deploy --region ap-beijing --dry-run`",
        ),
        (
            "list-alias -f x",
            "`-f` is not an option of `list-alias`",
            "did you mean `--function`? Write: `scfctl list-alias --function x`",
        ),
        (
            "deploy -y",
            "`-y` is an option of `remove` and `versions`, not of `deploy`",
            "leave it out",
        ),
        (
            "deploy --no-color",
            "`--no-color` is not an option of `deploy`",
            "did you mean `--color`? Write: `scfctl deploy --color=never`",
        ),
        (
            "deploy -c x.yml",
            "`-c` is not an option of `deploy`",
            "leave it out; --target names the folder of a serverless.yml, --stage the stage",
        ),
        (
            "deploy -V",
            "`-V` is not an option of `deploy`",
            "`scfctl --version` says which version this is",
        ),
        (
            "deploy —inputs traffic=0.1",
            "`—inputs` begins with a dash that a text editor or a chat made of `-`",
            "write: `scfctl deploy --inputs traffic=0.1`",
        ),
        (
            "create-alias --inputs name=live version=1 ^",
            "`^` is not key=value",
            "a line that goes on in the next one ends in `\\` in sh, in a back-tick in PowerShell and in `^` in \
             cmd.exe; or write it as one line",
        ),
        (
            r#"deploy --inputs trafic=0.1 environment={"variables":{"A":"hunter2"}}"#,
            "`trafic` is not an input of `deploy`",
            "did you mean `traffic`? Write: `scfctl deploy --inputs traffic=0.1 environment='…'`",
        ),
        (
            "deploy --inputs codeUri=x",
            "`codeUri` is not an input of `deploy`",
            "did you mean `src`? Write: `scfctl deploy --inputs src=x`",
        ),
        (
            "deploy --inputs enableRoleAuth=true",
            "`enableRoleAuth` is not an input of `deploy`",
            "it has no effect any more and can go",
        ),
        (
            r#"deploy --inputs events=[{"timer":{"parameters":{"name":"a1","enable":true,"qualifer":"live","cronExpression":"0 0 0 * * * *"}}}]"#,
            "`events.0.timer.parameters.qualifer` is not an input of a timer (argument `events=…`)",
            "did you mean `qualifier`?",
        ),
        (
            "deploy --param T=0.1 --param T=1",
            "`--param T` is given twice, with two values",
            "leave one of them out",
        ),
        (
            "deploy --param PASSWORD=…",
            "`PASSWORD=…` has `…` in place of a value that is not shown",
            "write the value there",
        ),
        (
            r#"deploy --inputs environment={"variables":{"A1":1.10}}"#,
            "`environment.variables.A1` is a number, not a text, and would be sent as another text than it is \
             written (argument `environment=…`)",
            "put it in quotes",
        ),
        (
            r#"deploy --inputs tags={"aa":123456789012345678}"#,
            "`tags.aa` is a number, not a text, and would be sent as another text than it is written (argument \
             `tags=…`)",
            "put it in quotes",
        ),
    ] {
        let arguments: Vec<&str> = match line.split_once(" events=") {
            Some((before, _)) => before.split(' ').chain([&line[before.len() + 1..]]).collect(),
            None => line.split(' ').collect(),
        };
        refused(&sandbox, &arguments, &error(message, hint));
    }
    // The same value twice contradicts nothing, and a text stays as it was typed.
    sandbox.type_in("deploy --dry-run --param T=1 --param T=1").ok();
    sandbox.type_in("deploy --dry-run --inputs description=1.10").ok();
}

#[test]
fn inputs_with_nothing_behind_them_were_cut_off() {
    let sandbox = Sandbox::with_project();
    // The real CLI takes it, and so do scripts with an empty variable.
    for line in ["deploy --inputs --dry-run", "--inputs deploy --dry-run"] {
        sandbox.type_in(line).ok().says("note: nothing stands behind --inputs;");
    }
    let calls = sandbox.calls().len();
    sandbox.type_in("config --inputs").ok().says(
        "note: nothing stands behind --inputs; a command that goes on in the next line ends in `\\`\n",
    );
    assert_eq!(sandbox.calls().len(), calls);
    sandbox.type_in("deploy traffic=1 --dry-run --inputs").ok();
}

#[test]
fn a_secret_of_the_command_line_is_shown_nowhere() {
    let sandbox = Sandbox::with_project();
    let environment = r#"--environment={"variables":{"T":"hunter4"}}"#;
    for line in [
        "deploy --param DB_PASSWORD=hunter2 --trafic 0.1",
        "deploy --output-value dev:shop:db.password=hunter6 --inputs trafic=0.1",
        "deploy --output-value dev:shop:db.connectionString=pg://u:hunter6@h --inputs trafic=0.1",
        "deploy --output-value db.password=hunter6 --traffic 0.1",
        &format!("deploy {environment} --traffic 0.1"),
        "deploy --endpoint http://user:hunter8@127.0.0.1:1 --inputs trafic=0.1",
        "deploy --param DB_PASSWORD hunter2",
        "deploy DB_PASSWORD=hunter2",
        "deploy --output json --param DB_PASSWORD=hunter2 --trafic 0.1",
        "deploy env=hunter2",
        "deploy env.T=hunter2",
        "deploy --inputs env=hunter2",
        "deploy --param=DB_PASSWORD hunter2",
        "deploy --param DB_PASSWORD = hunter2",
        "deploy --output-value=db.password hunter2",
        "--token hunter2 deploy",
        "--password hunter2 deploy --output json",
        "deploy --output-values dev:shop:db.password=hunter2",
        "deploy --output-values http://u:hunter2@h",
        "deploy --target http://u:hunter2@h/x",
        "deploy --traffic secret=hunter2",
        "deploy --inputs name=a,token=hunter2",
        "deploy --inputs function=a,token=hunter2,traffic=0.1",
        "list-alias --version token=hunter2",
    ] {
        let ran = sandbox.type_in(line).fails(2);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!all.contains("hunter"), "{line}\n{all}");
        let twice = all.matches("DB_PASSWORD=…").count() > 1 && !line.contains("json");
        assert!(!twice, "{line}\n{all}");
    }
    assert!(sandbox.calls().is_empty());
}

#[test]
fn quiet_keeps_who_gets_what() {
    let sandbox = Sandbox::with_project();
    sandbox.function(FUNCTION, "default", 2);
    sandbox.type_in("create-alias -q --inputs name=live version=1").ok().says(
        "note: without `config` alias `live` sends everything to version 1; a command that goes on in the next \
         line ends in `\\`\n",
    );
}

#[test]
fn a_value_of_a_file_goes_as_it_is_written_or_is_refused() {
    let sandbox = Sandbox::with_project();
    for (value, sent) in [
        ("123456789012345678", "123456789012345680"),
        ("02134", "2134"),
        ("0x10", "16"),
        ("1e3", "1000"),
        ("True", "true"),
    ] {
        sandbox.file("values.yml", &format!("dev:shop:net.id: {value}\n"));
        let ran = sandbox.type_in("config --output-values values.yml").fails(2);
        ran.says(&format!(
            "would become another one than it is written: `{value}` would be `{sent}`"
        ))
        .says("hint: put it in quotes\n");
    }
    sandbox.file("values.yml", "dev:shop:net.id: 2021-01-01\n");
    sandbox.type_in("config --output-values values.yml").fails(2).says("put it in quotes");
    sandbox.file("values.json", "{\n\t\"dev:shop:net.id\": 1.10\n}\n");
    sandbox.type_in("config --output-values values.json").fails(2).says("`1.10` would be `1.1`");
    let file = std::fs::read_to_string(sandbox.root().join("serverless.yml")).unwrap();
    sandbox.file("serverless.yml", &format!("{file}  description: ${{output:dev:shop:net.id}}\n"));
    sandbox.file("values.yml", "dev:shop:net.id: 1.5\n");
    sandbox.type_in("config --output-values values.yml").ok();
    sandbox.file("values.yml", "dev:shop:net.id: a\nshop.net: {id: b}\n");
    sandbox
        .type_in("config --output-values values.yml")
        .fails(2)
        .says("it is given twice, as `dev:shop:net.id` and as `shop.net.id`, with two values");
    sandbox.type_in("config --output-values values.yml --output-value shop.net.id=c").ok();
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
        .says("hint: write `publish=true` or `publish=false`");
    assert!(sandbox.calls().is_empty());
}

#[test]
fn examples_of_help_do_not_wrap() {
    let mut sandbox = Sandbox::new();
    for width in ["60", "80", "100"] {
        sandbox.set("COLUMNS", width);
        for command in [
            "",
            "deploy",
            "publish-ver",
            "create-alias",
            "update-alias",
            "list-alias",
            "delete-alias",
            "remove",
            "versions prune",
            "package",
            "config",
            "local",
        ] {
            let help = sandbox.type_in(&format!("{command} --help")).ok().stdout;
            let joined = help.replace("\\\n", " ").leak();
            let example = |line: &'static str| Some(&line[line.find(" scfctl ")? + 1..]);
            let examples: Vec<&str> = joined
                .lines()
                .filter(|line| !line.starts_with("Usage:"))
                .filter_map(example)
                .collect();
            assert!(!examples.is_empty(), "{command}:\n{help}");
            assert!(!help.contains('\u{a0}'), "{help}");
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
    for line in ["version", "-V", "-v"] {
        assert_eq!(sandbox.type_in(line).ok().stdout, version, "{line}");
    }
    // No pipeline takes the version for a deployment.
    for line in ["deploy --version", "--version list-alias", "list-alias -V", "deploy -V"] {
        assert_eq!(sandbox.type_in(line).fails(2).stdout, "", "{line}");
    }
    // As the real CLI.
    let plain = sandbox.type_in("version --plain").ok().stdout;
    assert_eq!(plain, format!("{}\n", env!("CARGO_PKG_VERSION")));
    // That of a function, which is missing here.
    sandbox.type_in("list-alias --version").fails(2).says("a value is required for '--version");
    for line in ["--help", "deploy", "help"] {
        let text = sandbox.type_in(line);
        let inner = text.stdout.contains("publish_ver") || text.stderr.contains("publish_ver");
        assert!(!inner, "{line}");
    }
}

#[test]
fn short_help_fits_on_a_screen_with_own_options_and_examples_first() {
    let mut sandbox = Sandbox::new();
    for width in ["80", "100"] {
        sandbox.set("COLUMNS", width);
        for (command, own) in [
            ("", "deploy"),
            ("deploy", "--traffic"),
            ("publish-ver", "--description"),
            ("create-alias", "--alias"),
            ("update-alias", "--alias"),
            ("list-alias", "--alias"),
            ("delete-alias", "--alias"),
            ("list-ver", "--function"),
            ("status", "--alias"),
            ("remove", "--version"),
            ("versions prune", "--keep"),
            ("package", "--out"),
            ("config", "--show-values"),
            ("invoke", "--data"),
            ("verify-split", "--alias"),
            ("logs", "--qualifier"),
            ("local serve", "--listen"),
        ] {
            let help = sandbox.type_in(&format!("{command} -h")).ok().stdout;
            // The list of all commands grows with them.
            let most = if command.is_empty() { 32 } else { 24 };
            assert!(help.lines().count() <= most, "{command}:\n{help}");
            let options = help.split("ptions:\n").nth(1).unwrap_or(&help);
            let first = if command.is_empty() { &help } else { options };
            assert!(first.lines().next().unwrap().contains(own) || command.is_empty(), "{help}");
            if !command.is_empty() {
                assert!(help.find("Example") < help.find("Options:"), "{help}");
            }
            let long = sandbox.type_in(&format!("{command} --help")).ok().stdout;
            assert!(long.contains(own) && long.lines().count() >= help.lines().count(), "{long}");
        }
    }
    let all = sandbox.type_in("deploy --help").ok().stdout;
    for option in ["--prune-triggers", "--endpoint", "--noCache", "--output-values", "--debug"] {
        assert!(all.contains(option), "{option}:\n{all}");
    }
    assert!(!all.contains("skipUpdate"), "{all}");
}

#[test]
fn an_option_that_does_nothing_for_a_command_is_refused_there() {
    let sandbox = Sandbox::with_project();
    sandbox.function(FUNCTION, "default", 1);
    let callers = "`deploy`, `apply`, `publish-ver`, `create-alias`, `update-alias`, `list-alias`, `delete-alias`, `list-ver`, `status`, `metric`, `invoke`, `verify-split`, `logs`, \
                   `remove`, `versions`, `rollout`, `rollback`, `init`, `doctor` and `local`";
    let timeout = format!("`--timeout` is an option of {callers}, not of `package`");
    let version = "`--version` is an option of `create-alias`, `update-alias`, `list-alias`, `metric`, `remove` and `local`, not of `delete-alias`";
    for (line, message, hint) in [
        (
            "config --force --run-id x --noCache",
            "`--run-id` is an option of `deploy`, `publish-ver` and `rollout`, not of `config`",
            "leave it out",
        ),
        (
            "--run-id x config",
            "`--run-id` is an option of `deploy`, `publish-ver` and `rollout`, not of `config`",
            "leave it out",
        ),
        // Not the program's version and success: an alias would seem to be deleted.
        (
            "delete-alias --name a --version 1",
            version,
            "`scfctl delete-alias --help` lists the options",
        ),
        (
            "publish-ver --version 3",
            "`--version` is an option of `create-alias`, `update-alias`, `list-alias`, `metric`, `remove` and `local`, not of `publish-ver`",
            "`scfctl publish-ver --help` lists the options",
        ),
        ("package --timeout 5", &timeout, "leave it out"),
        (
            "list-alias --dry-run",
            "`--dry-run` is an option of `deploy`, `publish-ver`, `create-alias`, `update-alias`, `delete-alias`, \
             `remove`, `versions`, `rollout` and `rollback`, not of `list-alias`",
            "leave it out",
        ),
        (
            "doctor --dry-run",
            "`--dry-run` is an option of `deploy`, `publish-ver`, `create-alias`, `update-alias`, `delete-alias`, \
             `remove`, `versions`, `rollout` and `rollback`, not of `doctor`",
            "leave it out",
        ),
        // What a function does when it is called, nobody knows.
        (
            "invoke --function f --dry-run",
            "`--dry-run` is an option of `deploy`, `publish-ver`, `create-alias`, `update-alias`, `delete-alias`, \
             `remove`, `versions`, `rollout` and `rollback`, not of `invoke`",
            "`scfctl invoke --help` lists the options",
        ),
        (
            "update-alias --run-id=x --alias a",
            "`--run-id` is an option of `deploy`, `publish-ver` and `rollout`, not of `update-alias`",
            "leave it out",
        ),
        (
            "publish-ver --traffic 0.1",
            "`--traffic` is an option of `deploy`, not of `publish-ver`",
            "`scfctl publish-ver --help` lists the options",
        ),
        (
            "update-alias --alias a --traffic 0.1",
            "`--traffic` is an option of `deploy`, not of `update-alias`",
            "did you mean `--weight`? Write: `scfctl update-alias --alias a --weight '$LATEST=0.1'`",
        ),
        (
            "delete-alias --alias a --weight 2=0.1",
            "`--weight` is an option of `create-alias` and `update-alias`, not of `delete-alias`",
            "`scfctl delete-alias --help` lists the options",
        ),
        (
            "local serve --function f",
            "`--function` is an option of `deploy`, `publish-ver`, `create-alias`, `update-alias`, `list-alias`, \
             `delete-alias`, `list-ver`, `status`, `metric`, `invoke`, `verify-split`, `logs`, `remove`, `versions`, `rollout`, `rollback`, `package`, `config`, `doctor` and `local load`, not of `local serve`",
            "`scfctl local serve --help` lists the options",
        ),
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        refused(&sandbox, &arguments, &error(message, hint));
    }
}

/// What a word means here comes before how it is spelt, and no line is better than a wrong one.
#[test]
fn no_suggestion_leads_the_wrong_way() {
    let sandbox = Sandbox::with_project();
    let options = |command: &str| format!("`scfctl {command} --help` lists the options");
    let write = |word: &str, line: &str| format!("did you mean `{word}`? Write: `scfctl {line}`");
    for (line, hint) in [
        ("deploy --no-publish", write("--publish=false", "deploy --publish=false")),
        ("deploy --no-eip", write("--inputs", "deploy --inputs eip=false")),
        ("deploy --no-dry-run", options("deploy")),
        ("deploy --cache", options("deploy")),
        ("deploy --canary 0.1", write("--traffic", "deploy --traffic 0.1")),
        ("deploy --weight=10%", write("--traffic", "deploy --traffic=0.1")),
        ("deploy --weight $LATEST=0.1", write("--traffic", "deploy --traffic 0.1")),
        ("deploy --percent 10", write("--traffic", "deploy --traffic 0.1")),
        ("deploy --percent 1", format!("did you mean `--traffic`? {}", options("deploy"))),
        ("deploy --weight 2=0.1", format!("did you mean `--traffic`? {}", options("deploy"))),
        ("rollout start --traffic 0.1", format!("did you mean `--steps`? {}", options("rollout start"))),
        ("deploy --steps 0.1,1", options("deploy")),
        ("deploy --name live", write("--alias", "deploy --alias live")),
        ("deploy --alias-name live --traffic 0.1", write("--alias", "deploy --alias live --traffic 0.1")),
        ("publish-ver --name f1", write("--function", "publish-ver --function f1")),
        ("deploy --function-version 3", options("deploy")),
        ("deploy --function-memory 512", options("deploy")),
        ("rollback --version 3", write("--to", "rollback --to 3")),
        ("invoke --function-version 3", write("--qualifier", "invoke --qualifier 3")),
        ("update-alias --qualifier live --version 3", write("--alias", "update-alias --alias live --version 3")),
        (
            "create-alias --alias a --version 1 --percent 10",
            write("--weight", "create-alias --alias a --version 1 --weight '$LATEST=0.1'"),
        ),
        ("versions prune --function-name f", write("--function", "versions prune --function f")),
        ("remove --keep 5", options("remove")),
        ("invoke --dry-run", options("invoke")),
        ("list-ver --dry-run", "leave it out".to_owned()),
        ("deploy --traffic＝0.1", write("--traffic", "deploy --traffic=0.1")),
        ("deploy -i traffic 0.1", write("--inputs", "deploy --inputs traffic=0.1")),
        // Behind --inputs.
        (
            "status --inputs function=f1 foo",
            "its inputs are function, alias, namespace, region".to_owned(),
        ),
        ("publish-ver --inputs description=a b", "write: `scfctl publish-ver --inputs description='a b'`".to_owned()),
        ("publish-ver --inputs name=f1", write("function", "publish-ver --inputs function=f1")),
        (
            "status --inputs name=f1",
            "its inputs are function, alias, namespace, region".to_owned(),
        ),
        (
            "create-alias --inputs alias=a1 fn=f1 ver=1",
            "did you mean `name` and `function` and `version`? Write: `scfctl create-alias --inputs name=a1 \
             function=f1 version=1`"
                .to_owned(),
        ),
        (
            "update-alias --inputs name=a weight=0.1",
            write("config", r#"update-alias --inputs name=a config='{"weights":{"$LATEST":0.1}}'"#),
        ),
        (
            "update-alias --inputs name=a traffic=10",
            "did you mean `config`? Its inputs are name, function, version, config, description, namespace, region"
                .to_owned(),
        ),
        ("deploy --inputs traffic＝0.1", "write: `scfctl deploy --inputs traffic=0.1`".to_owned()),
        ("deploy --inputs “traffic=0.1”", write("traffic", "deploy --inputs traffic=0.1")),
        (
            "deploy --inputs traffic=0.1，publish＝true",
            "write: `scfctl deploy --inputs traffic=0.1 publish=true`".to_owned(),
        ),
        (
            "deploy --inputs “description=a b” trafic=0.1",
            "write: `scfctl deploy --inputs description='a b' traffic=0.1`".to_owned(),
        ),
        (
            "update-alias --inputs name=a config={“weights”:{“2”:0.1}}",
            "write `\"` for `“`, which an input method or a text editor made of it".to_owned(),
        ),
        (
            "deploy --inputs traffic=０.１",
            "write `0` for `０`, which an input method or a text editor made of it".to_owned(),
        ),
        ("deploy －－traffic 0.1", "write: `scfctl deploy --traffic 0.1`".to_owned()),
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        let ran = sandbox.run(&arguments).fails(2);
        let told = ran.stderr.lines().nth(1).unwrap_or_default();
        assert_eq!(told, format!("  hint: {hint}"), "{line}");
    }
    for line in [
        "deploy --inputs version=1",
        "deploy --inputs functionVersion=1",
        r#"deploy --inputs config={"weights":{"2":0.1}}"#,
        "deploy --inputs event=x",
        "deploy --inputs noPublish=true",
    ] {
        sandbox.type_in(line).fails(2).says("hint: its inputs are the keys of `inputs`");
    }
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn options_of_the_real_cli_are_taken_by_every_command() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    let force = "note: --force has no effect on this command\n";
    let no_cache = "note: --noCache has no effect on this command, which packs nothing\n";
    let no_validation =
        "note: --noValidation has no effect on this command: what it takes is always checked\n";
    for (command, notes) in [
        ("config", [force, no_cache, no_validation].concat()),
        ("list-alias", [force, no_cache, no_validation].concat()),
        ("publish-ver --dry-run", [force, no_cache, no_validation].concat()),
        ("create-alias --dry-run --alias a --version 1", [no_cache, no_validation].concat()),
        ("package", String::new()),
        ("deploy --dry-run", String::new()),
    ] {
        let line = format!(
            "{command} --force --noCache --noValidation --debug --stage dev --app shop --org o --target . --region \
             ap-guangzhou --login --override --dev --skipUpdate"
        );
        let ran = sandbox.type_in(&line).ok();
        let told: String = ran
            .stderr
            .lines()
            .filter(|line| line.contains("has no effect on this command"))
            .flat_map(|line| [line, "\n"])
            .collect();
        assert_eq!(told, notes, "{command}");
        assert!(ran.stderr.contains("note: --login is not provided"), "{command}: {}", ran.stderr);
        // On either side of the command.
        sandbox.type_in(&format!("--force --stage dev --debug {command}")).ok();
    }
}

#[test]
fn an_option_is_an_input_by_another_name() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --publish --traffic 0.5").ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.5, "1": 0.5}));
    sandbox.change_code("two");
    sandbox.type_in("--traffic=0.1 deploy --function demo-dev-shop").ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.1, "1": 0.9}));
    // Said twice, and the same.
    sandbox.type_in("deploy --publish --traffic 0.0 --inputs traffic=0 publish=true").ok();
    assert_eq!(sandbox.versions(), ["1", "2"]);
    sandbox.type_in("deploy --publish=false").ok();
    assert_eq!(sandbox.versions(), ["1", "2"]);

    let function = format!("--function {FUNCTION}");
    std::fs::remove_file(sandbox.root().join("serverless.yml")).unwrap();
    let run = |line: &str| sandbox.type_in(&format!("{line} {function} --namespace default")).ok();
    run("create-alias --alias canary --version 1 --weight 2=0.25 --description mine");
    assert_eq!(sandbox.routing("canary"), json!({"1": 0.75, "2": 0.25}));
    let description = sandbox.console("GetAlias", json!({"Name": "canary"}))["Description"].clone();
    assert_eq!(description, "mine");
    run("update-alias --name canary --version 1 --weight $LATEST=0.5");
    assert_eq!(sandbox.routing("canary"), json!({"1": 0.5, "$LATEST": 0.5}));
    run("update-alias --name canary --version 2 --no-weights --description=");
    assert_eq!(sandbox.routing("canary"), json!({"2": 1.0}));
    assert!(run("list-alias --alias canary --version 2").stdout.contains("canary"));
    run("publish-ver --description third");
    assert_eq!(sandbox.versions(), ["1", "2", "3"]);
    run("delete-alias --alias canary");
    assert!(!run("list-alias").stdout.contains("canary"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn an_option_is_checked_as_the_input_and_named() {
    let sandbox = Sandbox::with_project();
    sandbox.function(FUNCTION, "default", 2);
    let from = sandbox.calls().len();
    for (arguments, expected) in [
        (
            &["deploy", "--traffic", "0.1", "--inputs", "traffic=0.2"][..],
            error(
                "`traffic` is given twice: `--traffic 0.1` and `traffic=0.2`",
                "give `traffic` once",
            ),
        ),
        (
            &["deploy", "--inputs", "publish=false", "--publish"],
            error(
                "`publish` is given twice: `publish=false` and `--publish`",
                "give `publish` once",
            ),
        ),
        (
            &["list-alias", "--region", "ap-beijing", "--inputs", "region=ap-guangzhou"],
            error(
                "`region` is given twice: `--region ap-beijing` and `region=ap-guangzhou`",
                "give `region` once",
            ),
        ),
        (
            &["update-alias", "--alias=a", "--name", "b", "--version", "1"],
            error("`name` is given twice: `--alias=a` and `--name b`", "give `name` once"),
        ),
        (
            &[
                "update-alias",
                "--alias",
                "a",
                "--version",
                "1",
                "--weight",
                "2=0.1",
                "--inputs",
                r#"config={"weights":{"2":0.2}}"#,
            ],
            error(
                r#"`config` is given twice: `config={"weights":{"2":0.2}}` and `--weight 2=0.1`"#,
                "give `config` once",
            ),
        ),
        (
            &["update-alias", "--alias", "a", "--weight", "2=0.1", "--weight", "2=0.2"],
            error(
                "`config.weights.2` is given twice: `--weight 2=0.1` and `--weight 2=0.2`",
                "give `config.weights.2` once",
            ),
        ),
        (
            &["update-alias", "--alias", "a", "--version", "1", "--weight", "0.1"],
            error(
                "`--weight 0.1` is not VERSION=SHARE",
                "for example --weight 2=0.1, or --weight '$LATEST=0.1' in single quotes",
            ),
        ),
        (
            &["update-alias", "--alias", "a", "--version", "1", "--weight", "2=10%"],
            error(
                "`config.weights.2` is `10%`, not a number (argument `--weight 2=10%`)",
                "a number from 0 to 1",
            ),
        ),
        (
            &["delete-alias", "--alias", "a", "--function", ""],
            error(
                "the value of `--function` is empty",
                "leave it out, or fill the variable of the shell that stood there",
            ),
        ),
        (
            &["deploy", "--traffic", "10%"],
            error(
                "`traffic` is `10%`, not a number (argument `--traffic 10%`)",
                "a number from 0 to 1, for example 0.1 for 10 %",
            ),
        ),
        (
            &["list-alias", "--alias", "a", "--version", "one"],
            error(
                "`version` is `one`, which is not a version (argument `--version one`)",
                "a number such as 3, or '$LATEST' in single quotes",
            ),
        ),
        (
            &["delete-alias", "--alias", "1a"],
            error(
                "`name` is `1a`, which is not an alias name (argument `--alias 1a`)",
                "1 to 64 letters, digits, - and _, a letter first",
            ),
        ),
        (
            &["list-alias", "--function", "-f"],
            error(
                "`-f` is not an option of `list-alias`",
                "did you mean `--function`? `scfctl list-alias --help` lists the options",
            ),
        ),
    ] {
        refused(&sandbox, arguments, &expected);
    }
    // The parser's own words.
    for (line, says) in [
        ("deploy --traffic", "a value is required for '--traffic <SHARE>'"),
        ("update-alias --alias a --weight 2=0.1 --no-weights", "cannot be used with"),
        ("deploy --traffic 0.1 --traffic 0.1", "cannot be used multiple times"),
        ("local serve --all", "`--all` is an option of `deploy`, not of `local serve`"),
        ("list-alias --name", "a value is required for '--name <NAME>'"),
        ("update-alias --alias", "a value is required for '--alias <NAME>'"),
    ] {
        sandbox.type_in(line).fails(2).says(says);
    }
    assert_eq!(sandbox.calls().len(), from);
}

#[test]
fn what_has_no_effect_on_a_package_is_said() {
    let sandbox = Sandbox::with_project();
    let ran = sandbox.type_in("package --inputs traffic=0.1 publish=true").ok();
    assert_eq!(
        ran.stderr,
        "note: `traffic` (argument `traffic=0.1`) has no effect on package\n\
         note: `publish` (argument `publish=true`) has no effect on package\n"
    );
    sandbox
        .type_in("package --function other")
        .fails(2)
        .says("`function` names `other`, and the instance here deploys `demo-dev-shop`");
}

/// The hints, notes and warnings that a command line leads to, one each.
#[track_caller]
fn advice(sandbox: &Sandbox, arguments: &[&str], expected: &str) {
    let ran = sandbox.run(arguments);
    let lines: Vec<&str> = ran.stderr.lines().map(str::trim_start).collect();
    assert!(lines.contains(&expected), "{arguments:?}\n{}", ran.stderr);
}

/// In the words of whoever typed options, of whoever typed pairs, and in options where nothing
/// was typed.
#[test]
fn advice_is_in_the_words_that_were_typed() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --publish --traffic 0").ok();
    sandbox.function("other", "default", 2);
    for (arguments, says) in [
        (&["deploy", "--if-changed"][..], "hint: add `--publish`"),
        (&["deploy", "--if-changed", "--inputs", "timeout=3"], "hint: add `publish=true`"),
        (
            &["create-alias", "--alias", "live", "--version", "1", "--dry-run"],
            "note: without `--weight` alias `live` sends everything to version 1; a command that goes on in the next \
             line ends in `\\`",
        ),
        (
            &["create-alias", "--dry-run", "--inputs", "name=live", "version=1"],
            "note: without `config` alias `live` sends everything to version 1; a command that goes on in the next \
             line ends in `\\`",
        ),
        (
            &["delete-alias", "--alias", "$DEFAULT"],
            "hint: to send all its requests to $LATEST: `scfctl deploy --traffic 1`",
        ),
        (
            &["delete-alias", "--inputs", "name=$DEFAULT"],
            "hint: to send all its requests to $LATEST: `scfctl deploy --inputs traffic=1`",
        ),
        (&["update-alias", "--version", "1"], "hint: the alias, for example `--alias alias-prod`"),
        (
            &["update-alias", "--inputs", "version=1"],
            "hint: the alias, for example `name=alias-prod`",
        ),
        (&["create-alias", "--alias", "a"], "hint: the main version, for example `--version 1`"),
        (
            &["create-alias", "--inputs", "name=a"],
            "hint: the main version, for example `version=1`",
        ),
        (
            &["create-alias", "--alias", "a", "--version", "1", "--weight", "1=0.1"],
            "hint: to send everything to 1: `--version 1 --no-weights`",
        ),
        (
            &["create-alias", "--inputs", "name=a", "version=1", r#"config={"weights":{"1":0.1}}"#],
            r#"hint: to send everything to 1: `version=1 config='{"weights":{}}'`"#,
        ),
        (
            &[
                "create-alias",
                "--function=other",
                "--alias=a",
                "--version=1",
                "--weight=2=0.1",
                "--weight=$LATEST=0.1",
            ],
            "hint: give one: `--weight 2=0.1`; the main version gets the rest",
        ),
        (
            &["create-alias", "--function", "other", "--alias", "a", "--version", "3"],
            "hint: publish it first: `scfctl publish-ver --function other`",
        ),
        (
            &["create-alias", "--inputs", "function=other", "name=a", "version=3"],
            "hint: publish it first: `scfctl publish-ver --inputs function=other`",
        ),
        (
            &[
                "update-alias",
                "--function",
                "other",
                "--alias",
                "$DEFAULT",
                "--version",
                "1",
                "--weight",
                "2=1",
            ],
            "note: 2 serves everything, and 1 stays the main version; to make 2 the main one: `scfctl update-alias \
             --function other --alias '$DEFAULT' --version 2 --no-weights`",
        ),
        (&["deploy", "--publish=ture"], "hint: write `--publish` or `--publish=false`"),
        (&["deploy", "traffic", "0.1"], "hint: write: `scfctl deploy --traffic 0.1`"),
    ] {
        advice(&sandbox, arguments, says);
    }
    // In Chinese too, and in JSON.
    let ran = sandbox.type_in("deploy --if-changed --lang zh").fails(2);
    assert!(ran.stderr.contains("请加上 `--publish`\n"), "{}", ran.stderr);
    let ran = sandbox.type_in("deploy --if-changed --output json").fails(2);
    assert_eq!(ran.json()["error"]["hint"], "add `--publish`");
    // Where nothing was typed that a hint could follow.
    std::fs::remove_file(sandbox.root().join("serverless.yml")).unwrap();
    advice(&sandbox, &["publish-ver"], "hint: add `--function NAME`");
}

/// What it says can be done, in the words in which it says it.
#[test]
fn what_is_suggested_in_options_does_what_it_says() {
    let sandbox = Sandbox::with_project();
    for _ in 0..2 {
        sandbox.type_in("deploy --publish --traffic 0").ok();
        sandbox.change_code("two");
    }
    sandbox.type_in("update-alias --alias $DEFAULT --version 1 --no-weights").ok();
    let ran = sandbox.type_in("deploy --dry-run --output json --traffic 0.1").ok();
    let undo = "scfctl update-alias --function demo-dev-shop --alias '$DEFAULT' --version 1 --weight '$LATEST=0.1'";
    assert!(ran.stderr.contains(&format!("to leave it to 1: `{undo}`\n")), "{}", ran.stderr);
    let message = ran.json()["warnings"][0]["message"].to_string();
    assert!(message.contains(undo), "{message}");
    sandbox.type_in("deploy --traffic 0.1").ok();
    let line = undo.strip_prefix("scfctl ").unwrap().replace('\'', "");
    sandbox.type_in(&line).ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"1": 0.9, "$LATEST": 0.1}));
}

#[test]
fn options_that_do_nothing_are_named() {
    let sandbox = Sandbox::with_project();
    let note = "note: --local has no effect on this command, which calls nothing\n";
    for command in ["config", "package"] {
        let ran = sandbox.type_in(&format!("{command} --local")).ok();
        assert_eq!(ran.stderr, note, "{command}");
    }
    let keys = "note: the local SCF is called with keys of its own, not with those of --profile\n";
    sandbox.type_in("deploy --local --profile nobody").ok().says(keys);
    assert!(!sandbox.type_in("deploy --local").ok().stderr.contains("--profile"));
}

#[test]
fn an_option_that_is_typed_empty_stands_for_no_default() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --publish").ok();
    for line in [
        "rollback --alias=",
        "rollout abort --alias=",
        "rollout start --to 1 --run-id=",
        "rollout status --alias= --output json",
        "verify-split --yes --version-at=",
        "list-alias --region=",
        "deploy --stage= --dry-run",
        "deploy --target=",
        "deploy --app=",
        "status --profile=",
        "delete-alias --inputs name=a namespace=",
        "delete-alias --inputs function= name=a",
        "create-alias --inputs name=a version=1 region=",
        "publish-ver --inputs function=",
        "deploy --inputs aliasName= traffic=1",
        "deploy --inputs name=",
        "deploy --inputs runtime=",
        "rollback --inputs function=",
        "logs --inputs requestId=",
        "metric --inputs metric=Invocation alias=",
        "invoke --inputs qualifier=",
    ] {
        let ran = sandbox.type_in(line).fails(2);
        assert_eq!(ran.calls.len(), 0, "{line}");
        ran.says("is empty");
    }
    let quotes = "'$DEFAULT' and '$LATEST' need single quotes";
    sandbox.type_in("invoke --inputs qualifier=").fails(2).says(quotes);
    assert!(!sandbox.type_in("deploy --stage=").fails(2).stderr.contains(quotes));
    sandbox.type_in("publish-ver --description=").ok();
    sandbox.type_in("publish-ver --inputs description=").ok();
}
