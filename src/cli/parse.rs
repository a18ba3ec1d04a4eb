//! From raw arguments to a command. Reads and calls nothing.
//!
//! The option parser has the last word. What it would answer with a list of options, or what
//! scripts for the real CLI get wrong, is looked for before it, so that the answer is the line
//! to type instead.

use std::collections::BTreeSet;

use clap::{CommandFactory, FromArgMatches};

use super::Cli;
use super::inputs::{self, Grammar, SplitArguments};
use crate::config::function::nearest;
use crate::error::Error;
use crate::shell;

/// Why arguments are refused, or the help that they ask for.
pub(super) enum Unparsed {
    Refused(Box<Error>),
    Clap(clap::Error),
}

/// Words of `sls` that are not served here, each with what to use instead.
const FOREIGN_WORDS: &[(&str, &str)] = &[
    ("bind", "authorise the service role in the console"),
    ("credentials", "set TENCENT_SECRET_ID and TENCENT_SECRET_KEY in the environment or in .env"),
    ("dev", "deploy to a stage of your own: `scfctl deploy --stage dev`"),
    ("info", "`scfctl list-alias` shows the routing, `scfctl config` what would be deployed"),
    ("init", "copy examples/hello, or write serverless.yml with component, name and inputs"),
    ("invoke", "invoke the function in the console, or with tccli scf Invoke"),
    ("log", "look at the log topic of the function in the console"),
    ("login", "set TENCENT_SECRET_ID and TENCENT_SECRET_KEY, or log in with tccli auth login"),
    ("logs", "look at the log topic of the function in the console"),
    ("metric", "look at the monitoring of the function in the console"),
    ("metrics", "look at the monitoring of the function in the console"),
    ("param", "give values of ${param:NAME} with --param NAME=VALUE, or in SCFCTL_PARAM_NAME"),
    ("publish", "`scfctl publish-ver` publishes a version of a function"),
    ("registry", "components are not loaded here: scf is built in"),
    ("remove", "delete the function in the console"),
    ("run", "deploy with --local and look at what it does there"),
    ("unpublish", "delete the version in the console"),
    ("upgrade", "install the new version of scfctl over the old one"),
];

/// What arguments come to.
pub(super) fn parse(
    program: &str,
    arguments: &[String],
) -> Result<(Cli, SplitArguments), Unparsed> {
    let tree = tree(program);
    let value_options = value_options(&tree);
    let value_options: Vec<&str> = value_options.iter().map(String::as_str).collect();
    let grammar = Grammar { value_options: &value_options, keys: inputs::of_command };
    let (options, bare) = inputs::outline(arguments, &value_options);
    if let Some(rest) = help(&options, &bare) {
        return parsed(tree, program, rest).map(|cli| (cli, SplitArguments::default()));
    }
    let refused = |error: Error| Err(Unparsed::Refused(error.into()));
    let command = match bare.first() {
        None => {
            let deploy: Vec<String> =
                std::iter::once("deploy".to_owned()).chain(arguments.iter().cloned()).collect();
            let line = line(&deploy, grammar).unwrap_or_else(|| "scfctl deploy".to_owned());
            return refused(Error::usage(
                "no command is given",
                format!("type `{line}`, or `scfctl --help` for all commands"),
            ));
        }
        Some(word) => match tree.find_subcommand(word) {
            Some(command) => command,
            None => return refused(no_command(word, &tree, arguments, grammar)),
        },
    };
    let unknown: Vec<&str> =
        options.iter().copied().filter(|option| !is_option(option, &tree, command)).collect();
    if !unknown.is_empty() {
        return refused(no_option(&unknown, &tree, command, arguments, grammar));
    }
    if options.contains(&"--all") && command.get_name() != "deploy" {
        return refused(Error::usage(
            format!("--all says nothing to `{}`, which works on one function", command.get_name()),
            "leave it out, and name the function with function=NAME behind --inputs",
        ));
    }
    let split = match inputs::split(arguments, grammar) {
        Ok(split) => split,
        Err(error) => {
            // What an option is given comes first: the line would be refused for it.
            if let Some(line) = error.line()
                && let Some(rest) = arguments_of(line)
                && let Err(unparsed) = options_of(tree, program, &rest, grammar)
            {
                return Err(unparsed);
            }
            return refused(error.into());
        }
    };
    parsed(tree, program, split.rest.clone()).map(|cli| (cli, split))
}

/// Whether a command line is one that this program takes; reads and calls nothing.
///
/// # Errors
/// What is wrong with it.
pub fn check(arguments: &[String]) -> Result<(), String> {
    match parse("scfctl", arguments) {
        Ok(_) => Ok(()),
        Err(Unparsed::Refused(error)) => Err(error.to_string()),
        // Help and version are answers.
        Err(Unparsed::Clap(error)) if error.exit_code() == 0 => Ok(()),
        Err(Unparsed::Clap(error)) => Err(error.to_string()),
    }
}

/// The tree of commands, whose examples are under the name that was called.
fn tree(program: &str) -> clap::Command {
    let tree = Cli::command();
    if program == "scfctl" {
        return tree;
    }
    let renamed = |command: clap::Command| {
        let Some(text) = command.get_after_help().map(ToString::to_string) else { return command };
        command.after_help(text.replace("scfctl ", &format!("{program} ")))
    };
    renamed(tree).mut_subcommands(renamed)
}

fn parsed(tree: clap::Command, program: &str, rest: Vec<String>) -> Result<Cli, Unparsed> {
    let words = std::iter::once(program.to_owned()).chain(rest);
    let matches = tree.try_get_matches_from(words);
    matches.and_then(|matches| Cli::from_arg_matches(&matches)).map_err(Unparsed::Clap)
}

fn options_of(
    tree: clap::Command,
    program: &str,
    arguments: &[String],
    grammar: Grammar<'_>,
) -> Result<(), Unparsed> {
    match inputs::split(arguments, grammar) {
        Ok(split) => parsed(tree, program, split.rest).map(|_| ()),
        Err(error) => Err(Unparsed::Refused(Box::new(error.into()))),
    }
}

/// The arguments of a line that begins with the name of the program.
fn arguments_of(line: &str) -> Option<Vec<String>> {
    let line = format!("{line}`");
    let (words, _) = shell::words_in_backticks(&line)?;
    Some(words.into_iter().skip(1).map(|word| word.argument).collect())
}

/// What the option parser is given when help or the version is asked for, wherever that stands.
fn help(options: &[&str], bare: &[&str]) -> Option<Vec<String>> {
    let version = || Some(vec!["--version".to_owned()]);
    if bare.first() == Some(&"version") || options.iter().any(|option| is_version(option)) {
        return version();
    }
    // Beside a command it asks for more words.
    if bare.is_empty() && options == ["-v"] {
        return version();
    }
    let flag = options.iter().find(|option| matches!(**option, "--help" | "-h"));
    if bare.first() == Some(&"help") {
        return Some(bare.iter().map(ToString::to_string).collect());
    }
    let words = if bare.first() == Some(&"local") { 2 } else { 1 };
    flag.map(|flag| bare.iter().take(words).chain([flag]).map(ToString::to_string).collect())
}

fn is_version(option: &str) -> bool {
    matches!(option, "--version" | "-V")
}

/// The answer to a word that is no command.
fn no_command(
    word: &str,
    tree: &clap::Command,
    arguments: &[String],
    grammar: Grammar<'_>,
) -> Error {
    if let Some((_, instead)) = FOREIGN_WORDS.iter().find(|(foreign, _)| *foreign == word) {
        return Error::usage(format!("`{word}` is not provided"), *instead);
    }
    let commands = || tree.get_subcommands().map(clap::Command::get_name);
    let message = format!("`{word}` is not a command");
    let Some(meant) = nearest(word, commands()) else {
        let commands: Vec<&str> = commands().collect();
        let hint =
            format!("the commands are {}; `scfctl --help` explains them", commands.join(", "));
        return Error::usage(message, hint);
    };
    let mut instead: Vec<String> = arguments.to_vec();
    if let Some(argument) = instead.iter_mut().find(|argument| *argument == word) {
        meant.clone_into(argument);
    }
    let line = line(&instead, grammar).unwrap_or_else(|| format!("scfctl {meant}"));
    Error::usage(message, format!("did you mean `{meant}`? Write: `{line}`"))
}

/// A line that means the arguments and is taken.
fn line(arguments: &[String], grammar: Grammar<'_>) -> Option<String> {
    let line = inputs::meant(arguments, grammar)?;
    check(&line.arguments()).is_ok().then(|| line.typed())?
}

/// The name of an option, without its value.
fn name(option: &str) -> &str {
    option.split('=').next().unwrap_or(option)
}

/// Names of the options of a command, long and short, those for all commands among them.
fn names<'a>(tree: &'a clap::Command, command: &'a clap::Command) -> BTreeSet<String> {
    let nested = command.get_subcommands().flat_map(clap::Command::get_arguments);
    let arguments = tree.get_arguments().chain(command.get_arguments()).chain(nested);
    let mut names = BTreeSet::from(["--help".to_owned(), "-h".to_owned()]);
    for argument in arguments {
        names.extend(argument.get_long().map(|long| format!("--{long}")));
        names.extend(argument.get_short().map(|short| format!("-{short}")));
    }
    names
}

fn is_option(option: &str, tree: &clap::Command, command: &clap::Command) -> bool {
    let names = names(tree, command);
    if option.starts_with("--") {
        return names.contains(name(option));
    }
    // A value, or further letters, stand right behind a letter.
    let letter: String = option.chars().take(2).collect();
    names.contains(&letter)
}

/// The answer to options that the command does not have.
fn no_option(
    unknown: &[&str],
    tree: &clap::Command,
    command: &clap::Command,
    arguments: &[String],
    grammar: Grammar<'_>,
) -> Error {
    let option = name(unknown[0]);
    let other = tree.get_subcommands().find(|other| is_option(option, tree, other));
    if let Some(other) = other {
        return Error::usage(
            format!(
                "`{option}` is an option of `{}`, not of `{}`",
                other.get_name(),
                command.get_name()
            ),
            "leave it out",
        );
    }
    let message = format!("`{option}` is not an option of `{}`", command.get_name());
    let all = format!("`scfctl {} --help` lists the options", command.get_name());
    let mut instead = arguments.to_vec();
    let mut meant = Vec::new();
    for typed in unknown {
        let Some((word, argument)) = meant_by(typed, tree, command) else {
            return Error::usage(message, all);
        };
        let word = format!("`{word}`");
        if !meant.contains(&word) {
            meant.push(word);
        }
        for typed in instead.iter_mut().filter(|argument| argument == typed) {
            argument.clone_into(typed);
        }
    }
    let meant = meant.join(" and ");
    Error::usage(
        message,
        match line(&instead, grammar) {
            Some(line) => format!("did you mean {meant}? Write: `{line}`"),
            None => format!("did you mean {meant}? {all}"),
        },
    )
}

/// The option or input that an unknown option most likely means: its name, and the argument in
/// its place.
fn meant_by(
    option: &str,
    tree: &clap::Command,
    command: &clap::Command,
) -> Option<(String, String)> {
    let name = name(option);
    let rest = &option[name.len()..];
    if name == "-i" {
        return Some(("--inputs".to_owned(), format!("--inputs{rest}")));
    }
    let known: Vec<String> =
        names(tree, command).into_iter().filter(|name| name.starts_with("--")).collect();
    let known: Vec<&str> = known.iter().map(|known| known.trim_start_matches('-')).collect();
    let bare = name.trim_start_matches('-');
    if let Some(known) = inputs::spelt_alike(bare, &known) {
        return Some((format!("--{known}"), format!("--{known}{rest}")));
    }
    let keys = inputs::of_command(command.get_name()).unwrap_or_default();
    if let Some(key) = inputs::spelt_alike(bare, &keys) {
        // The old form, of which the line makes a pair.
        return Some(("--inputs".to_owned(), format!("--inputs.{key}{rest}")));
    }
    let known = nearest(bare, known.iter().copied())?;
    Some((format!("--{known}"), format!("--{known}{rest}")))
}

/// Names of all options that take a value, so that such a value is never read as an input.
fn value_options(command: &clap::Command) -> Vec<String> {
    let mut names = Vec::new();
    for argument in command.get_arguments() {
        if argument.get_action().takes_values() && argument.get_id() != "inputs" {
            names.extend(argument.get_long().map(|long| format!("--{long}")));
            names.extend(argument.get_short().map(|short| format!("-{short}")));
        }
    }
    for command in command.get_subcommands() {
        names.extend(value_options(command));
    }
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        Cli::command().debug_assert();
        let options = value_options(&Cli::command());
        for name in ["--stage", "-s", "--target", "--timeout", "--listen"] {
            assert!(options.iter().any(|option| option == name), "{name} in {options:?}");
        }
        assert!(!options.iter().any(|option| option == "--inputs" || option == "--debug"));
    }

    /// A line of an example, continued lines put together, is one that the program takes.
    #[test]
    fn every_example_is_taken_and_none_wraps() {
        for program in ["scfctl", "serverless"] {
            let tree = tree(program);
            for command in std::iter::once(&tree).chain(tree.get_subcommands()) {
                let text = command.get_after_help().unwrap().to_string();
                assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
                let joined = text.replace("\\\n", " ");
                let mut examples = 0;
                for line in joined.lines().map(str::trim_start) {
                    if line.starts_with(&format!("{program} ")) {
                        let arguments = arguments_of(line).unwrap();
                        assert_eq!(check(&arguments), Ok(()), "{line}");
                        examples += 1;
                    }
                }
                assert!(examples > 0, "{} has no example", command.get_name());
            }
        }
    }
}
