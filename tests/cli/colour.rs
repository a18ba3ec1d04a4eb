//! Colours: on a terminal, or where they are asked for; the words are the same without.

use std::fs::File;
use std::process::Command;

use crate::sandbox::{FUNCTION, Sandbox, finished, read};
use crate::sls;
use crate::tty::Tty;

/// Each with what is painted of it: a refusal of the option parser, one of ours, a warning.
const LINES: [(&str, &str, &str); 4] = [
    ("list-alias --timeout x", "\u{1b}[1m\u{1b}[31m", "error:"),
    ("list-alias --lang zhx", "\u{1b}[32m", "tip:"),
    ("list-alias --function nothing", "\u{1b}[1m\u{1b}[31m", "error:"),
    ("list-alias --function nothing", "\u{1b}[32m", "hint:"),
];

fn command(sandbox: &Sandbox, line: &str, environment: &[(&str, &str)]) -> Command {
    let mut command = sandbox.command(&line.split(' ').collect::<Vec<_>>());
    command.envs(environment.iter().copied());
    command
}

/// What is printed without what a terminal obeys.
fn plain(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some((before, behind)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let end = behind.find(|letter: char| letter.is_ascii_alphabetic()).unwrap();
        rest = &behind[end + 1..];
    }
    plain + rest
}

fn is_coloured(text: &str) -> bool {
    text.contains("\u{1b}[1m") || text.contains("\u{1b}[3")
}

#[test]
fn errors_have_the_colours_of_the_option_parser_on_a_terminal() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    for (line, colour, word) in LINES {
        let piped = finished(command(&sandbox, line, &[]).spawn().unwrap());
        assert!(!piped.stderr.contains('\u{1b}'), "{}", piped.stderr);
        for environment in [&[][..], &[("NO_COLOR", "")]] {
            let (_, printed) = Tty::of(command(&sandbox, line, environment)).ended();
            let begins = format!("{colour}{word}\u{1b}[0m ");
            assert!(printed.contains(&begins), "{line}: {printed:?}");
            // Beside the colours, what is printed to a pipe.
            let shown = plain(&printed).replace("\r\n", "\n");
            assert!(shown.ends_with(&piped.stderr), "{shown}\n{}", piped.stderr);
        }
        for environment in [("NO_COLOR", "1"), ("TERM", "dumb"), ("CLICOLOR", "0")] {
            let (_, printed) = Tty::of(command(&sandbox, line, &[environment])).ended();
            assert!(!is_coloured(&printed), "{line}: {printed:?}");
        }
        let never = format!("{line} --color never");
        let (_, printed) = Tty::of(command(&sandbox, &never, &[("CLICOLOR_FORCE", "1")])).ended();
        assert!(!is_coloured(&printed), "{line}: {printed:?}");
    }
}

#[test]
fn a_pipe_has_colours_where_they_are_asked_for() {
    let sandbox = Sandbox::with_project();
    for (line, colour, word) in LINES {
        let always = format!("{line} --color=always");
        for (line, environment) in
            [(line, &[("CLICOLOR_FORCE", "1")][..]), (&always, &[("NO_COLOR", "1")])]
        {
            let ran = finished(command(&sandbox, line, environment).spawn().unwrap());
            assert!(ran.stderr.contains(&format!("{colour}{word}\u{1b}[0m ")), "{}", ran.stderr);
        }
    }
    let ran = sandbox.run(&["deploy", "--color", "always"]).ok();
    assert!(ran.stdout.starts_with("\u{1b}[1mtype: \u{1b}[22m"), "{}", ran.stdout);
    let ran = sandbox.run(&["deploy", "--help", "--color", "always"]).ok();
    assert!(ran.stdout.contains("\u{1b}[1m\u{1b}[4mUsage:\u{1b}[0m"), "{}", ran.stdout);
    sandbox.yaml("  memorysize: 128\n");
    let ran = sandbox.run(&["deploy", "--color", "always"]).ok();
    assert!(ran.stderr.contains("\u{1b}[33mwarning:\u{1b}[0m "), "{}", ran.stderr);
    let ran = sandbox.run(&["list-alias", "--function", "x", "--lang", "zh", "--color", "always"]);
    assert!(ran.stderr.contains("\u{1b}[1m\u{1b}[31m错误：\u{1b}[0m"), "{}", ran.stderr);
}

#[test]
fn stdout_and_stderr_are_judged_apart() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml("  memorysize: 128\n");
    let file = sandbox.root().join("stdout.txt");
    let stdout = File::create(&file).unwrap();
    let (code, printed) = Tty::beside(command(&sandbox, "deploy", &[]), stdout).ended();
    assert_eq!(code, 0);
    assert!(printed.contains("\u{1b}[33mwarning:\u{1b}[0m "), "{printed:?}");
    let result = read(&file);
    assert!(result.contains(FUNCTION) && !result.contains('\u{1b}'), "{result}");
}

#[test]
fn json_has_no_colours() {
    let sandbox = Sandbox::with_project();
    for line in ["deploy --output json", "list-alias --function x --output json"] {
        let ran = finished(command(&sandbox, line, &[("CLICOLOR_FORCE", "1")]).spawn().unwrap());
        assert!(ran.stdout.starts_with('{') && !ran.stdout.contains('\u{1b}'), "{}", ran.stdout);
    }
}

/// The result of the real CLI has colours, what it never prints has none.
#[test]
fn called_as_sls_only_the_result_has_colours() {
    let sandbox = Sandbox::with_project();
    for line in ["deploy --timeout x", "list-alias --function nothing", "deploy"] {
        let words: Vec<&str> = line.split(' ').collect();
        let mut command = sls::command(&sandbox, "sls", &words);
        let ran = finished(command.env("FORCE_COLOR", "1").spawn().unwrap());
        assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
        assert_eq!(is_coloured(&ran.stdout), line == "deploy", "{}", ran.stdout);
    }
}

#[test]
fn a_colour_that_is_none_is_refused() {
    let sandbox = Sandbox::with_project();
    let ran = sandbox.run(&["deploy", "--color", "sometimes"]).fails(2);
    assert!(ran.stderr.contains("[possible values: auto, always, never]"), "{}", ran.stderr);
    sandbox
        .run(&["deploy", "--no-color"])
        .fails(2)
        .says("did you mean `--color`? Write: `scfctl deploy --color=never`");
}
