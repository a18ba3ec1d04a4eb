//! Completion, through the scripts in their shells where these are there, and what it looks up.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use scfctl::local::Fault;
use serde_json::json;

use crate::sandbox::{FUNCTION, ID, KEY, Sandbox, read};

/// The time of a key that is pressed is too little for a machine that has other work.
const TIMEOUT: &str = "SCFCTL_COMPLETION_TIMEOUT";

/// With a function, two versions and an alias, and the program on the path under its name.
fn world() -> Sandbox {
    let mut sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    for _ in 0..2 {
        sandbox.console("PublishVersion", json!({}));
    }
    sandbox.type_in("create-alias --alias prod --version 1").ok();
    sandbox.function("other", "default", 0);
    let bin = sandbox.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let program = sandbox.command(&[]).get_program().to_owned();
    std::os::unix::fs::symlink(program, bin.join("scfctl")).unwrap();
    let path = std::env::var("PATH").unwrap();
    sandbox.set("PATH", &format!("{}:{path}", bin.display())).set(TIMEOUT, "60s");
    sandbox
}

/// What a script of a shell prints; nothing may be said beside it.
#[track_caller]
fn shell(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let like = sandbox.command(&[]);
    let mut command = Command::new(arguments[0]);
    command.args(&arguments[1..]).current_dir(sandbox.root()).env_clear().stdin(Stdio::null());
    command.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.output().unwrap();
    let [stdout, stderr] =
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert_eq!(stderr, "", "{arguments:?}\n{stdout}");
    stdout.lines().map(str::to_owned).collect()
}

/// What bash would have to choose from, where `piece` is what it replaces.
#[track_caller]
fn in_bash(sandbox: &Sandbox, line: &str, piece: &str) -> Vec<String> {
    const ASK: &str = r#"
        eval "$(scfctl completion bash)"
        COMP_LINE=$1 COMP_POINT=${#1}
        complete -p scfctl >/dev/null || exit 1
        compopt() { :; }
        _scfctl scfctl "$2" ''
        [ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}""#;
    shell(sandbox, &["bash", "--norc", "--noprofile", "-c", ASK, "ask", line, piece])
}

#[test]
fn bash_completes_commands_options_inputs_and_names() {
    let sandbox = world();
    let from = sandbox.calls().len();
    for (line, piece, expected) in [
        ("scfctl dep", "dep", &["deploy "][..]),
        ("scfctl update-alias --ver", "--ver", &["--version ", "--verbose "]),
        ("scfctl update-alias --alias ", "", &["\\$DEFAULT ", "prod "]),
        ("scfctl update-alias --alias p", "p", &["prod "]),
        ("scfctl update-alias --version ", "", &["2 ", "1 ", "\\$LATEST "]),
        ("scfctl update-alias --inputs name=prod version=", "", &["2 ", "1 ", "\\$LATEST "]),
        ("scfctl update-alias --weight ", "", &["2=", "1=", "\\$LATEST="]),
        ("scfctl list-alias --function ", "", &["demo-dev-shop ", "other "]),
        ("scfctl list-alias --function=o", "o", &["other "]),
        // Of another function, and of none that is there.
        ("scfctl update-alias --function other --version ", "", &["\\$LATEST "]),
        ("scfctl update-alias --function nobody --version ", "", &["\\$LATEST "]),
        ("scfctl deploy --inputs publish=t", "t", &["true "]),
        ("scfctl deploy --target s", "s", &["src"]),
        ("scfctl package --out ser", "ser", &["serverless.yml"]),
        ("scfctl deploy nonsense", "nonsense", &[]),
        ("scfctl help exit", "exit", &["exit-codes "]),
    ] {
        assert_eq!(in_bash(&sandbox, line, piece), expected, "{line}");
    }
    sandbox.nothing_changed(from);
}

/// A word of the script that is not the program's is not called.
#[test]
fn bash_finds_the_program_of_an_alias() {
    const ASK: &str = r#"
        eval "$(scfctl completion bash)"
        COMP_LINE='s dep' COMP_POINT=5
        _scfctl s dep ''
        printf '%s\n' "${COMPREPLY[@]}""#;
    let sandbox = world();
    let found = shell(&sandbox, &["bash", "--norc", "--noprofile", "-c", ASK]);
    assert_eq!(found, ["deploy "]);
}

#[test]
#[ignore = "needs zsh and fish; .ci/run has them"]
fn fish_and_zsh_complete() {
    let sandbox = world();
    let fish = |line: &str| {
        let ask = format!("scfctl completion fish | source; complete -C {line:?}");
        let lines = shell(&sandbox, &["fish", "--no-config", "-c", &ask]);
        let words = lines.iter().map(|line| line.split('\t').next().unwrap().to_owned());
        words.collect::<Vec<_>>()
    };
    assert_eq!(fish("scfctl dep"), ["deploy"]);
    assert_eq!(fish("scfctl update-alias --alias "), ["$DEFAULT", "prod"]);
    assert_eq!(fish("scfctl deploy --inputs publish="), ["publish=true", "publish=false"]);
    assert_eq!(fish("scfctl deploy --target s"), ["src/"]);
    // A key that is pressed in a shell of its own, and what its line is then.
    let zsh = |line: &str| {
        let ask = format!(
            r"
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell 'PS1=; autoload -Uz compinit; compinit -D; source <(scfctl completion zsh)'
            zpty -w shell 'echo-line() {{ print -r -- ; print -r -- \<$BUFFER\> }}; zle -N echo-line; bindkey ^X echo-line; echo re''ady'
            zpty -r shell answer '*ready*'
            zpty -w -n shell {line:?}$'\t'$'\x18'
            zpty -r shell answer '*<*>*'
            print -r -- ${{${{answer##*<}}%%>*}}
            zpty -d shell"
        );
        shell(&sandbox, &["zsh", "-f", "-c", &ask]).pop().unwrap_or_default()
    };
    assert_eq!(zsh("scfctl dep"), "scfctl deploy ");
    assert_eq!(zsh("scfctl update-alias --alias p"), "scfctl update-alias --alias prod ");
    assert_eq!(zsh("scfctl deploy --inputs publicA"), "scfctl deploy --inputs publicAccess=");
    assert_eq!(zsh("scfctl rollback --to 2"), "scfctl rollback --to 2 ");
}

fn cached(sandbox: &Sandbox) -> Vec<PathBuf> {
    let folder = sandbox.home().join(".cache/scfctl/completion");
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

const FUNCTIONS: [&str; 5] = ["__complete", "fish", "list-alias", "--function", ""];

#[test]
fn names_are_kept_for_a_moment_and_hold_no_secret() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = world();
    let ran = sandbox.run(&FUNCTIONS).ok();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("demo-dev-shop\t\nother\t\n", ""));
    assert_eq!(ran.actions(), ["ListFunctions"]);
    let again = sandbox.run(&FUNCTIONS).ok();
    assert_eq!(again.stdout, ran.stdout);
    assert_eq!(again.actions(), [] as [&str; 0]);
    let files = cached(&sandbox);
    assert_eq!(files.len(), 1);
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&files[0]), mode(files[0].parent().unwrap())), (0o600, 0o700));
    let text = format!("{} {}", files[0].display(), read(&files[0]));
    assert!(!text.contains(ID) && !text.contains(KEY), "{text}");
    let kept: serde_json::Value = serde_json::from_str(&read(&files[0])).unwrap();
    assert_eq!(kept["names"], json!(["demo-dev-shop", "other"]));
    assert_eq!(kept.as_object().unwrap().len(), 2);
}

/// Names of one account, region or namespace are not offered in another.
#[test]
fn names_are_kept_by_place_and_account() {
    let mut sandbox = world();
    sandbox.run(&FUNCTIONS).ok();
    let of = |sandbox: &Sandbox, options: &[&str]| {
        let mut line = vec!["__complete", "fish", "list-alias"];
        line.extend(options);
        line.extend(["--function", ""]);
        sandbox.run(&line).ok().stdout
    };
    assert_eq!(of(&sandbox, &["--region", "ap-shanghai"]), "");
    sandbox.function("third", "staging", 0);
    assert_eq!(of(&sandbox, &["--namespace", "staging"]), "third\t\n");
    assert_eq!(of(&sandbox, &["--inputs", "namespace=staging"]), "third\t\n");
    sandbox.set("TENCENT_SECRET_ID", "AKIDsomebodyElse");
    assert_eq!(of(&sandbox, &[]), "");
}

#[test]
fn what_is_old_is_offered_only_while_nothing_answers() {
    let sandbox = world();
    sandbox.run(&FUNCTIONS).ok();
    let file = cached(&sandbox).remove(0);
    let aged = |seconds: i64| {
        let mut kept: serde_json::Value = serde_json::from_str(&read(&file)).unwrap();
        kept["at"] = (chrono::Utc::now().timestamp() - seconds).into();
        kept["names"] = json!(["of-then"]);
        std::fs::write(&file, kept.to_string()).unwrap();
    };
    aged(600);
    sandbox.faulty(|_| Fault::DropBefore);
    assert_eq!(sandbox.run(&FUNCTIONS).ok().stdout, "of-then\t\n");
    aged(100_000);
    assert_eq!(sandbox.run(&FUNCTIONS).ok().stdout, "");
    sandbox.healthy();
    assert_eq!(sandbox.run(&FUNCTIONS).ok().stdout, "demo-dev-shop\t\nother\t\n");
    // Whatever stands in the file.
    std::fs::write(&file, "{").unwrap();
    assert_eq!(sandbox.run(&FUNCTIONS).ok().stdout, "demo-dev-shop\t\nother\t\n");
}

#[test]
fn nothing_holds_a_line_up_and_nothing_is_said() {
    let mut sandbox = world();
    sandbox.unset(TIMEOUT);
    let silent = |sandbox: &Sandbox, why: &str| {
        let began = Instant::now();
        let ran = sandbox.run(&FUNCTIONS).ok();
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "{why}");
        // Any other command waits half a minute for an answer before it even asks again.
        assert!(began.elapsed() < Duration::from_secs(25), "{why}");
    };
    sandbox.faulty(|_| Fault::Stall);
    silent(&sandbox, "no answer");
    sandbox.healthy();
    sandbox.unset("TENCENT_SECRET_KEY");
    silent(&sandbox, "half a pair");
    sandbox.unset("TENCENT_SECRET_ID");
    silent(&sandbox, "no keys");
    sandbox.set("TENCENT_SECRET_ID", ID).set("TENCENT_SECRET_KEY", KEY);
    sandbox.file("serverless.yml", "component: [scf\n");
    silent(&sandbox, "a broken file");
    sandbox.project();
    sandbox.set("SCFCTL_ENDPOINT", "http://127.0.0.1:1");
    silent(&sandbox, "nobody listens");
    for line in [&["__complete"][..], &["__complete", "tcsh", "x"], &["__complete", "bash", "x"]] {
        let ran = sandbox.run(line).ok();
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "{line:?}");
    }
}

#[test]
fn a_service_far_away_is_given_more_time() {
    let mut sandbox = world();
    sandbox.faulty(|_| Fault::Delay(Duration::from_millis(600)));
    for time in ["", "300ms", "soon"] {
        sandbox.set(TIMEOUT, time);
        assert_eq!(sandbox.run(&FUNCTIONS).ok().stdout, "", "{time}");
    }
    sandbox.set(TIMEOUT, "60s");
    assert_eq!(sandbox.run(&FUNCTIONS).ok().stdout, "demo-dev-shop\t\nother\t\n");
}

/// A look at the local SCF does not begin one.
#[test]
fn the_local_scf_is_looked_at_where_there_is_one() {
    let mut sandbox = Sandbox::with_project();
    sandbox.set(TIMEOUT, "60s");
    let line = ["__complete", "fish", "list-alias", "--local", "--function", ""];
    assert_eq!(sandbox.run(&line).ok().stdout, "");
    assert!(!sandbox.root().join(".scfctl").exists());
    sandbox.type_in("deploy --local").ok();
    assert_eq!(sandbox.run(&line).ok().stdout, format!("{FUNCTION}\t\n"));
    assert_eq!(cached(&sandbox), [] as [PathBuf; 0]);
}

#[test]
fn keys_and_stages_come_from_the_files() {
    let sandbox = Sandbox::new();
    sandbox.file(
        "serverless.yml",
        "component: multi-scf\nname: demo\napp: shop\ninputs:\n  functions:\n    api:\n      src: ./src\n      handler: index.main\n    worker:\n      src: ./src\n      handler: index.main\n",
    );
    sandbox.file(".env.prod", "");
    sandbox.file(".env.test", "");
    let asked = |line: &[&str]| {
        let ran = sandbox.run(line).ok();
        assert!(ran.calls.is_empty());
        ran.stdout
    };
    assert_eq!(asked(&["__complete", "fish", "deploy", "--function", ""]), "api\t\nworker\t\n");
    assert_eq!(asked(&["__complete", "fish", "deploy", "--stage", ""]), "prod\t\ntest\t\n");
}

#[test]
fn scripts_are_printed_under_the_name_that_was_called() {
    let sandbox = Sandbox::new();
    for name in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = sandbox.run(&["completion", name]).ok();
        assert_eq!(ran.stderr, "");
        assert!(ran.stdout.contains(&format!("__complete {name}")), "{}", ran.stdout);
        let called = crate::sls::called(&sandbox, "sls", &["completion", name]).ok();
        assert_eq!(called.stdout, ran.stdout.replace("scfctl", "sls"));
        assert_ne!(called.stdout, ran.stdout);
    }
    let ran = sandbox.run(&["completion", "tcsh"]).fails(2);
    assert!(ran.stderr.contains("[possible values: bash, elvish, fish, powershell, zsh]"));
    let ran = sandbox.run(&["completion", "--lang", "zh"]).fails(2);
    assert!(!ran.stderr.is_empty() && ran.stdout.is_empty());
}

#[test]
fn descriptions_are_in_the_language() {
    let mut sandbox = Sandbox::new();
    sandbox.set("LANG", "zh_CN.UTF-8");
    let ran = sandbox.run(&["__complete", "fish", "list-v"]).ok();
    assert!(ran.stdout.starts_with("list-ver\t列出"), "{}", ran.stdout);
}
