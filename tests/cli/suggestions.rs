//! Every command that any test provokes in a text can be pasted: it is quoted for a shell, it is
//! one that the program takes, it bears the name that was called, and it is about the same
//! project, stage and service.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex};

/// Names that the program can be called by.
const NAMES: &[&str] = &["scfctl", "sls", "serverless", "scf"];

/// Words behind the name that make a text a command.
static COMMANDS: LazyLock<Vec<String>> = LazyLock::new(scfctl::cli::commands);

/// Options without which a command would be about something else.
const SWITCHES: &[&str] = &["--local", "--insecure-http"];
const OPTIONS: &[&str] =
    &["--endpoint", "--stage", "--target", "--profile", "--region", "--app", "--org"];

/// Commands that use the values of all parameters.
const USING_VALUES: &[&str] = &["config", "deploy", "package"];

/// Commands that take all options between them.
const TAKERS: &[&[&str]] = &[
    &["deploy"],
    &["update-alias"],
    &["config"],
    &["invoke"],
    &["verify-split"],
    &["logs"],
    &["package"],
    &["local", "serve"],
    &["rollout", "start"],
    &["remove"],
    &["versions", "prune"],
    &["rollback"],
    &["init"],
];

/// Lines that were taken once are taken again.
static TAKEN: LazyLock<Mutex<BTreeSet<String>>> = LazyLock::new(Mutex::default);

/// Checks every command in what a program printed on stderr, or in the texts of an error in JSON.
/// `called` are the program's name and its arguments where the caller knows them.
#[track_caller]
pub fn check(printed: &str, called: Option<(&str, &[String])>) {
    for line in printed.lines() {
        // Ready-made text of the option parser.
        if !line.trim_start().starts_with("Usage:") {
            no_command_stands_bare(line);
        }
    }
    for line in printed.lines().map(str::trim_start) {
        if ["hint: ", "note: ", "warning: "].iter().any(|start| line.starts_with(start)) {
            every_option_exists(line);
        }
    }
    // Whoever typed a secret has to type it again.
    for command in commands(printed).into_iter().filter(|line| !line.contains("[redacted]")) {
        let words = words(&command).unwrap_or_else(|why| panic!("`{command}`: {why}\n{printed}"));
        if let Some((name, arguments)) = called {
            assert_eq!(words[0], name, "`{command}` is not under the name that was called");
            keeps_the_options(&command, &words[1..], arguments);
        }
        if TAKEN.lock().unwrap().contains(&command) {
            continue;
        }
        // A command that uses the value has a place for it; so has every address.
        let uses_values = words.get(1).is_some_and(|word| USING_VALUES.contains(&word.as_str()));
        let filled = words[1..].iter().map(|word| {
            let address = word.replace("://…@", "://u:p@");
            if uses_values { address.replace('…', "x") } else { address }
        });
        if let Err(why) = scfctl::cli::check(&filled.collect::<Vec<_>>()) {
            panic!("`{command}` is refused: {why}\n{printed}");
        }
        TAKEN.lock().unwrap().insert(command);
    }
}

/// An option that a text names is one of some command of this program.
fn every_option_exists(line: &str) {
    // The options of another program.
    let line = line.split(" tccli ").next().unwrap_or_default();
    let letter = |character: char| character.is_ascii_alphanumeric() || character == '-';
    for (position, _) in line.match_indices(" --").chain(line.match_indices("`--")) {
        let option: String = line[position + 1..].chars().take_while(|c| letter(*c)).collect();
        let is_named = option[2..].starts_with(|first: char| first.is_ascii_alphabetic());
        if !is_named || TAKEN.lock().unwrap().contains(&option) {
            continue;
        }
        let exists = TAKERS.iter().any(|command| {
            let mut words: Vec<String> = command.iter().map(ToString::to_string).collect();
            words.push(option.clone());
            let checked = scfctl::cli::check(&words);
            !checked.is_err_and(|why| {
                why.contains("is not an option") || why.contains("is an option of")
            })
        });
        assert!(exists, "there is no option {option}: {line}");
        TAKEN.lock().unwrap().insert(option);
    }
}

/// A command outside of back-ticks is one that nobody checks.
fn no_command_stands_bare(line: &str) {
    for name in NAMES {
        for (position, _) in line.match_indices(&format!("{name} ")) {
            let before = line[..position].chars().next_back();
            let word = line[position + name.len() + 1..]
                .split(|character: char| !(character.is_alphanumeric() || character == '-'))
                .next();
            let word = word.unwrap_or_default();
            let is_command =
                COMMANDS.iter().any(|command| command == word) || word.starts_with("--");
            let is_word = before.is_none_or(|before| before.is_whitespace() || before == ':');
            assert!(!(is_word && is_command), "a command without back-ticks: {line}");
        }
    }
}

/// The commands in back-ticks. One within single quotes is part of an argument.
fn commands(text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut rest = text;
    while let Some(position) = rest.find('`') {
        rest = &rest[position + 1..];
        let is_command = NAMES
            .iter()
            .filter_map(|name| rest.strip_prefix(name))
            .any(|after| after.starts_with([' ', '`']));
        if !is_command {
            continue;
        }
        let mut quote = None;
        let end = rest.find(|character| match (quote, character) {
            (None, '`') => true,
            (None, '\'' | '"') => {
                quote = Some(character);
                false
            }
            (Some(open), close) => {
                if open == close {
                    quote = None;
                }
                false
            }
            _ => false,
        });
        let end = end.unwrap_or_else(|| panic!("a command that does not end: {text}"));
        commands.push(rest[..end].to_owned());
        rest = &rest[end + 1..];
    }
    commands
}

/// The arguments that a POSIX shell makes of a line, or why it would make something else of it.
fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        Some('\'') => break,
                        Some(inner) => word.push(inner),
                        None => return Err("a quote is not closed".to_owned()),
                    }
                }
            }
            '\\' => {
                let escaped = characters.next().ok_or("it ends with a backslash")?;
                word.get_or_insert_default().push(escaped);
            }
            '$' | '"' | '`' | '*' | '?' | '[' | ']' | '{' | '}' | '(' | ')' | '<' | '>' | '|'
            | '&' | ';' | '!' | '~' | '#' | '\n' | '\t' => {
                return Err(format!("the shell does not leave `{character}` as it is"));
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

fn keeps_the_options(command: &str, words: &[String], arguments: &[String]) {
    let Some(first) = words.first().filter(|word| !word.starts_with('-')) else { return };
    // The plan says which project and service.
    let is_of_none = ["apply", "help", "local"].contains(&first.as_str());
    if is_of_none || words.iter().any(|word| word == "--help") {
        return;
    }
    let has = |option: &str| {
        let with_value = format!("{option}=");
        words.iter().any(|word| word == option || word.starts_with(&with_value))
    };
    let elsewhere = has("--local") || has("--endpoint") || first == "package" || first == "config";
    for switch in SWITCHES.iter().filter(|switch| arguments.iter().any(|given| given == *switch)) {
        assert!(has(switch) || elsewhere, "`{command}` lacks {switch}");
    }
    for option in OPTIONS {
        let Some(position) = arguments.iter().position(|given| given == option) else { continue };
        let Some(value) = arguments.get(position + 1).filter(|value| !value.starts_with('-'))
        else {
            continue;
        };
        let connects = matches!(*option, "--endpoint" | "--profile");
        let kept = words.windows(2).any(|pair| pair[0] == *option && pair[1] == *value);
        // Another value is the advice itself.
        assert!(kept || has(option) || (connects && elsewhere), "`{command}` lacks {option}");
    }
}

#[test]
fn what_a_shell_would_change_is_noticed() {
    for (line, expected) in [
        ("scfctl deploy 'a b' c", Ok(vec!["scfctl", "deploy", "a b", "c"])),
        (r"scfctl 'it'\''s'", Ok(vec!["scfctl", "it's"])),
        ("scfctl version=$LATEST", Err("the shell does not leave `$` as it is")),
        ("scfctl a{b}", Err("the shell does not leave `{` as it is")),
        ("scfctl 'a", Err("a quote is not closed")),
    ] {
        let found = words(line);
        let found = found.as_ref().map(|words| words.iter().map(String::as_str).collect());
        assert_eq!(found.map_err(String::as_str), expected, "{line}");
    }
    assert_eq!(
        commands("a `sls deploy 'x `y`' z` b `c` `scfctl` `scfctlx`"),
        ["sls deploy 'x `y`' z", "scfctl"]
    );
}

#[test]
#[should_panic(expected = "without back-ticks")]
fn a_bare_command_is_noticed() {
    check("note: try scfctl deploy", None);
}

#[test]
#[should_panic(expected = "is refused")]
fn an_option_that_does_not_exist_is_noticed() {
    check("error: try `scfctl deploy --no-such-option`", None);
}

#[test]
#[should_panic(expected = "is refused")]
fn a_value_that_is_left_out_where_none_is_needed_is_noticed() {
    check("hint: `scfctl rollback --param 'DB_PASSWORD=…'`", None);
}

#[test]
fn a_value_that_is_left_out_may_be_filled_in() {
    check("hint: `scfctl deploy --param 'DB_PASSWORD=…' --endpoint 'http://…@h'`", None);
}

#[test]
#[should_panic(expected = "there is no option --no-such-option")]
fn an_option_that_does_not_exist_is_noticed_in_any_text() {
    check("note: leave it to --no-such-option", None);
}

#[test]
#[should_panic(expected = "lacks --stage")]
fn a_lost_option_is_noticed() {
    let arguments = ["deploy", "--stage", "prod"].map(str::to_owned);
    check("note: try `scfctl deploy`", Some(("scfctl", &arguments)));
}
