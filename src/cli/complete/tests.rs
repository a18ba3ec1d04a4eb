use clap::CommandFactory;

use super::super::command::Cli;
use super::*;

fn known(known: Nameable) -> Vec<String> {
    let names: &[&str] = match known {
        Nameable::Functions => &["shop", "mail"],
        Nameable::Keys => &["api", "worker"],
        Nameable::Aliases => &["$DEFAULT", "prod"],
        Nameable::Versions => &["12", "3"],
        Nameable::Stages => &["prod", "test"],
        Nameable::Regions => &["ap-guangzhou", "ap-shanghai"],
        Nameable::Metrics => &["Invocation", "Error"],
        Nameable::Runtimes => &["Nodejs20.19", "Python3.10"],
    };
    names.iter().map(ToString::to_string).collect()
}

/// What is offered for a line as far as it is typed, as the shell is told.
fn asked(shell: &str, line: &str) -> String {
    let mut tree = Cli::command();
    tree.build();
    let split = line::split(&format!("scfctl {line}"));
    let mut arguments = vec![shell.to_owned()];
    arguments.extend_from_slice(&split.words[1..]);
    arguments.push(split.current);
    let question = CompletionRequest::read(&arguments).unwrap();
    let topics = super::super::topics::all(crate::output::Language::English).collect();
    let completer = Completer { tree: &tree, topics, names: &known };
    question.answer(completer.offer(&question.line))
}

/// The words alone.
fn words(line: &str) -> Vec<String> {
    let answer = asked("fish", line);
    let words = answer.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned());
    words.collect()
}

#[test]
fn commands_are_offered_first() {
    let first = words("");
    for command in ["deploy", "list-alias", "rollout", "local", "completion", "help"] {
        assert!(first.iter().any(|word| word == command), "{command}: {first:?}");
    }
    assert_eq!(words("dep"), ["deploy"]);
    assert_eq!(words("--stage prod dep"), ["deploy"]);
    assert_eq!(words("rollout re"), ["resume", "retry", "rehearse"]);
    assert_eq!(words("local "), ["serve", "load", "help"]);
    assert_eq!(words("help ga"), ["gates"]);
    assert_eq!(words("help roll"), ["rollout", "rollback"]);
    assert_eq!(words("help rollout st"), ["start", "status"]);
    assert_eq!(words("completion "), ["bash", "elvish", "fish", "powershell", "zsh"]);
    assert_eq!(words("nonsense "), [] as [&str; 0]);
    assert_eq!(
        asked("fish", "list-v"),
        "list-ver\tList the versions of a function, the newest first\n"
    );
}

#[test]
fn options_are_offered_once() {
    assert_eq!(words("deploy --traf"), ["--traffic"]);
    assert!(!words("deploy --traffic 0.1 --").contains(&"--traffic".to_owned()));
    assert!(words("update-alias --weight 2=0.1 --").contains(&"--weight".to_owned()));
    // Those of `sls` without effect are taken, and not recommended.
    assert!(!words("deploy --").contains(&"--skipUpdate".to_owned()));
    // The one below has its own.
    assert_eq!(words("rollout start --detac"), ["--detach"]);
    assert_eq!(words("rollout tick --detac"), [] as [&str; 0]);
}

#[test]
fn values_are_offered_where_one_is_due() {
    for (line, expected) in [
        ("list-alias --function ", &["shop", "mail"][..]),
        ("list-alias --function m", &["mail"]),
        ("list-alias --function=m", &["--function=mail"]),
        ("invoke -f m", &["mail"]),
        ("deploy --inputs runtime=P", &["runtime=Python3.10"]),
        ("deploy --function ", &["api", "worker"]),
        ("deploy --output ", &["text", "json", "ndjson"]),
        ("deploy --rollout=d", &["--rollout=detach"]),
        ("deploy -s ", &["prod", "test"]),
        ("--stage t", &["test"]),
        ("--region ap-s", &["ap-shanghai"]),
        ("update-alias --alias ", &["$DEFAULT", "prod"]),
        // It is to be a new one.
        ("create-alias --alias ", &[]),
        ("update-alias --version ", &["12", "3", "$LATEST"]),
        ("update-alias --weight ", &["12=", "3=", "$LATEST="]),
        ("update-alias --weight 3=", &[]),
        ("metric --version ", &["12", "3"]),
        ("metric --version 12,", &["12,3"]),
        ("metric --metric Invocation,E", &["Invocation,Error"]),
        ("rollout start --to ", &["12", "3", "latest-published", "$LATEST"]),
        ("rollout start --on-fail ", &["rollback", "hold"]),
        ("rollback --to 1", &["12"]),
        ("rollback --notify ", &["wecom=", "dingtalk=", "feishu=", "slack=", "json="]),
        ("rollout start --notify=s", &["--notify=slack="]),
        ("status --wait s", &["step="]),
        ("deploy --timeout ", &[]),
        ("deploy --target ", &[":folders"]),
        ("package --out x", &[":files"]),
        ("deploy --package ", &[":files"]),
        ("deploy --package=x", &[":files"]),
        ("apply p", &[":files"]),
        ("rollout rehearse --scenario s", &["slow"]),
        ("rollout rehearse --scenario ./", &[":files"]),
        ("init --from-file old", &[":files"]),
        ("invoke --data ", &[]),
    ] {
        assert_eq!(words(line), expected, "{line}");
    }
}

#[test]
fn inputs_are_offered_behind_their_option() {
    assert_eq!(
        words("list-alias --inputs "),
        ["function=", "name=", "version=", "namespace=", "region="]
    );
    assert_eq!(words("list-alias --inputs name=prod n"), ["namespace="]);
    assert_eq!(words("deploy traf"), [] as [&str; 0]);
    for (line, expected) in [
        ("deploy --inputs publish=", &["publish=true", "publish=false"][..]),
        ("deploy --inputs traffic=0.", &["traffic=0.1", "traffic=0.5"]),
        ("deploy --inputs aliasName=p", &["aliasName=prod"]),
        ("deploy --inputs region=ap-g", &["region=ap-guangzhou"]),
        (
            "update-alias --inputs name=prod version=",
            &["version=12", "version=3", "version=$LATEST"],
        ),
        ("deploy --inputs memorySize=", &[]),
    ] {
        assert_eq!(words(line), expected, "{line}");
    }
    // Every key of a command.
    let keys = inputs::of_command("deploy").unwrap();
    assert_eq!(words("deploy --inputs ").len(), keys.len());
}

/// Bash replaces the last piece of a word alone, and takes what it is given as it is.
#[test]
fn bash_is_given_the_rest_of_a_word_in_its_own_spelling() {
    let answer = |line: &str, piece: &str| {
        let arguments = ["bash", &format!("scfctl {line}"), piece].map(str::to_owned);
        let question = CompletionRequest::read(&arguments).unwrap();
        let mut tree = Cli::command();
        tree.build();
        let completer = Completer { tree: &tree, topics: Vec::new(), names: &known };
        question.answer(completer.offer(&question.line))
    };
    assert_eq!(answer("dep", "dep"), "deploy \n");
    assert_eq!(answer("deploy --inputs publishD", "publishD"), "publishDescription=\n");
    assert_eq!(answer("deploy --inputs publish=", ""), "true \nfalse \n");
    assert_eq!(answer("deploy --inputs publish=t", "t"), "true \n");
    assert_eq!(answer("update-alias --version ", ""), "12 \n3 \n\\$LATEST \n");
    assert_eq!(answer("update-alias --version '$LA", "$LA"), "$LATEST\n");
    assert_eq!(answer("update-alias --version \\$LA", "\\$LA"), "\\$LATEST \n");
    assert_eq!(answer("deploy --output=j", "j"), "json \n");
}

/// What a service lists must not act on the line of a shell.
#[test]
fn names_that_a_shell_would_act_on_are_left_out() {
    let evil = |_: Nameable| {
        ["$(reboot)", "a b", "`x`", "a;b", "a\nb", "", "fine"].map(str::to_owned).to_vec()
    };
    let mut tree = Cli::command();
    tree.build();
    let completer = Completer { tree: &tree, topics: Vec::new(), names: &evil };
    for shell in ["bash", "fish"] {
        let arguments: &[&str] = match shell {
            "bash" => &["bash", "scfctl list-alias --function ", ""],
            _ => &["fish", "list-alias", "--function", ""],
        };
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let question = CompletionRequest::read(&arguments).unwrap();
        let answer = question.answer(completer.offer(&question.line));
        assert_eq!(answer.trim_end(), "fine", "{shell}");
    }
}

/// A value in the tables is one of an option or an input that there is, and is taken there.
#[test]
fn tables_name_what_there_is() {
    let mut tree = Cli::command();
    tree.build();
    let mut tried = 0;
    for command in tree.get_subcommands() {
        let nested = command.get_subcommands().filter(|nested| nested.get_name() != "help");
        let nested: Vec<_> = nested.map(|nested| (Some(command), nested)).collect();
        let all = if nested.is_empty() { vec![(None, command)] } else { nested };
        for (above, command) in all {
            for argument in command.get_arguments().filter_map(Arg::get_long) {
                let OfferedValues::Words(values) = values::of(command.get_name(), argument) else {
                    continue;
                };
                for value in values {
                    let value = if *value == "step=" { "step=2" } else { value };
                    let line =
                        above.into_iter().chain([command]).map(|one| one.get_name().to_owned());
                    let line: Vec<String> = line.chain([format!("--{argument}={value}")]).collect();
                    assert_eq!(super::super::parse::check(&line), Ok(()), "{line:?}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 60, "{tried}");
}

/// Wherever a path is taken, paths are offered, of an option and of a bare word.
#[test]
fn paths_are_offered_wherever_one_is_taken() {
    fn leaves<'a>(command: &'a Command, above: &str, found: &mut Vec<(String, &'a Command)>) {
        let path = format!("{above}{} ", command.get_name());
        let below = command.get_subcommands().filter(|below| below.get_name() != "help");
        let below: Vec<_> = below.collect();
        if below.is_empty() {
            found.push((path, command));
        } else {
            for command in below {
                leaves(command, &path, found);
            }
        }
    }
    let mut tree = Cli::command();
    tree.build();
    let mut all = Vec::new();
    tree.get_subcommands().for_each(|command| leaves(command, "", &mut all));
    let of_path = std::any::TypeId::of::<std::path::PathBuf>();
    let mut tried = 0;
    for (line, command) in all {
        for argument in command.get_arguments() {
            let names: Vec<&str> = argument
                .get_value_names()
                .unwrap_or_default()
                .iter()
                .map(clap::builder::Str::as_str)
                .collect();
            let is_named = names
                .iter()
                .any(|name| name.split('|').any(|part| ["FILE", "DIR"].contains(&part)));
            let takes_path = argument.get_value_parser().type_id() == of_path;
            if !is_named && !takes_path || !argument.get_action().takes_values() {
                continue;
            }
            let option = argument.get_long().map(|long| format!("--{long} ")).unwrap_or_default();
            let offered = words(&format!("{line}{option}./x"));
            assert!(
                [[":files"], [":folders"]].iter().any(|path| offered == path),
                "{line}{option}: {offered:?}"
            );
            tried += 1;
        }
    }
    assert!(tried > 30, "{tried}");
}

#[test]
fn a_line_says_where_to_look() {
    let line = line::split(
        "list-alias --inputs function=shop --namespace=other -s prod --region ap-shanghai --param a=b --local ",
    );
    let (options, selection) = place(&line);
    assert!(options.local);
    assert_eq!(selection.inputs["function"], "shop");
    assert_eq!(selection.inputs["namespace"], "other");
    assert_eq!(selection.stage.as_deref(), Some("prod"));
    assert_eq!(selection.region.as_deref(), Some("ap-shanghai"));
    assert_eq!(selection.parameters["a"], "b");
}

#[test]
fn what_makes_no_sense_is_not_answered() {
    for arguments in [&[][..], &["tcsh", "x"], &["bash", "scfctl x"], &["bash", "", ""], &["zsh"]] {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        assert_eq!(CompletionRequest::read(&arguments), None);
    }
}
