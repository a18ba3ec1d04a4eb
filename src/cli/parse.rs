//! From raw arguments to a command. Reads and calls nothing.
//!
//! The option parser has the last word. What it would answer with a list of options, or what
//! scripts for the real CLI get wrong, is looked for before it, so that the answer is the line
//! to type instead.

use std::collections::BTreeMap;

use clap::builder::StyledStr;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches};

use super::args::Options;
use super::called;
use super::command::Cli;
use super::inputs::{self, Grammar, SplitArguments};
use super::spelling::{
    ALL, DEPLOY, VERSION, ValueApart, has, name, names, nested, spelt_out, value_apart,
    value_options,
};
use super::topics::{self, Topic};
use super::{chinese, unknown};
use crate::config::function::nearest;
use crate::error::{ArgumentsError, Error, ForeignWord, InputsError};
use crate::output::Language;
use crate::shell;
use crate::withheld;

/// Why arguments are refused, or the help that they ask for.
pub(super) enum Unparsed {
    Refused(Box<Error>),
    /// The number of the version is asked for, and nothing else.
    Version,
    Clap(clap::Error),
    /// A topic, behind the help of the command of the same name where there is one.
    Topic(&'static Topic, Option<clap::Error>),
}

/// Words of `sls` that are not served here.
const FOREIGN_WORDS: &[(&str, ForeignWord)] = &[
    ("bind", ForeignWord::Bind),
    ("create", ForeignWord::Init),
    ("credentials", ForeignWord::Credentials),
    ("dev", ForeignWord::Dev),
    ("login", ForeignWord::Login),
    ("param", ForeignWord::Param),
    ("publish", ForeignWord::Publish),
    ("registry", ForeignWord::Registry),
    ("run", ForeignWord::Run),
    ("unpublish", ForeignWord::Unpublish),
    ("upgrade", ForeignWord::Upgrade),
];

/// What arguments come to. Help is in the language.
pub(super) fn parse(
    program: &str,
    arguments: &[String],
    language: Language,
) -> Result<(Cli, SplitArguments), Unparsed> {
    parse_in(tree_for(program, arguments), program, arguments, language)
}

/// The same with the tree of commands.
fn parse_in(
    tree: clap::Command,
    program: &str,
    arguments: &[String],
    language: Language,
) -> Result<(Cli, SplitArguments), Unparsed> {
    let value_options = value_options(&tree, arguments);
    let spelt = spelt_out(arguments, &value_options);
    let arguments = spelt.as_slice();
    let value_options: Vec<&str> = value_options.iter().map(String::as_str).collect();
    let grammar = Grammar {
        value_options: &value_options,
        keys: inputs::of_command,
        options: inputs::option_of,
    };
    if let Some(error) = foreign_dash(arguments, grammar) {
        return Err(Unparsed::Refused(error.into()));
    }
    let (options, bare) = inputs::outline(arguments, &value_options);
    if bare.first() == Some(&"version") && options.contains(&"--plain") {
        return Err(Unparsed::Version);
    }
    if let Some(rest) = help(&options, &bare) {
        if let Some(error) = no_help(&rest, &tree) {
            return Err(Unparsed::Refused(Error::from(error).into()));
        }
        if let [word, topic] = rest.as_slice()
            && word == "help"
            && let Some(topic) = topics::of(topic)
        {
            let is_command = tree.find_subcommand(topic.name).is_some();
            let of_command = || parsed(tree, program, rest, language).err();
            return Err(match is_command.then(of_command).flatten() {
                Some(Unparsed::Clap(error)) => Unparsed::Topic(topic, Some(error)),
                _ => Unparsed::Topic(topic, None),
            });
        }
        return parsed(tree, program, rest, language).map(|cli| (cli, SplitArguments::default()));
    }
    let refused = |error: Error| Err(Unparsed::Refused(error.into()));
    let command = match bare.first() {
        None => {
            let deploy: Vec<String> =
                std::iter::once("deploy".to_owned()).chain(arguments.iter().cloned()).collect();
            let line = line(&deploy, grammar).unwrap_or_else(|| "scfctl deploy".to_owned());
            return refused(ArgumentsError::NoCommand { line }.into());
        }
        Some(word) => match tree.find_subcommand(word) {
            Some(command) if *word == "invoke" && bare.get(1) == Some(&"local") => {
                let word = format!("{} local", command.get_name());
                let foreign = ForeignWord::InvokeLocal;
                return refused(ArgumentsError::NotProvided { word, foreign }.into());
            }
            Some(command) => command,
            None => return refused(no_command(&bare, &tree, arguments, grammar)),
        },
    };
    if let Some(word) = bare.get(1).filter(|word| **word != "help")
        && command.has_subcommands()
        && command.find_subcommand(word).is_none()
    {
        return refused(no_command(&bare, &tree, arguments, grammar));
    }
    let nested = nested(command, &bare);
    let names = names(nested);
    let unknown: Vec<&str> =
        options.iter().copied().filter(|option| !has(&names, option)).collect();
    if !unknown.is_empty() {
        let line = |meant: &[String]| line(meant, grammar);
        // What is not understood may change anything.
        let changes = |meant: &[String]| {
            parse("scfctl", meant, Language::English).map_or(true, |(cli, _)| cli.command.changes())
        };
        let nested = [command, nested];
        return refused(unknown::refused(&unknown, &tree, nested, arguments, &line, &changes));
    }
    if options.contains(&ALL) && command.get_name() != DEPLOY && has(&names, ALL) {
        return refused(ArgumentsError::All { command: command.get_name().to_owned() }.into());
    }
    if let Some(apart) = value_apart(arguments, nested) {
        let line = line(&apart.instead, grammar);
        let ValueApart { option, value, together, .. } = apart;
        return refused(ArgumentsError::ValueApart { option, value, together, line }.into());
    }
    let split = match inputs::split(arguments, grammar) {
        Ok(split) => split,
        Err(error) => {
            // What an option is given comes first: the line would be refused for it.
            if let Some(line) = error.line()
                && let Some(rest) = arguments_of(line)
                && let Err(unparsed) = options_of(tree, program, &rest, grammar, language)
            {
                return Err(unparsed);
            }
            return refused(error.into());
        }
    };
    parsed(tree, program, split.rest.clone(), language).map(|cli| (cli, split))
}

/// Whether a command line is one that this program takes; reads and calls nothing.
///
/// # Errors
/// What is wrong with it.
pub fn check(arguments: &[String]) -> Result<(), String> {
    match parse("scfctl", arguments, Language::English) {
        Ok((cli, _)) => unusable(arguments, &cli.command.options())
            .map_or(Ok(()), |error| Err(error.to_string())),
        // Help and version are answers.
        Err(Unparsed::Version | Unparsed::Topic(..)) => Ok(()),
        Err(Unparsed::Refused(error)) => Err(error.to_string()),
        Err(Unparsed::Clap(error)) if error.exit_code() == 0 => Ok(()),
        Err(Unparsed::Clap(error)) => Err(error.to_string()),
    }
}

/// The words that a command begins with.
#[must_use]
pub fn commands() -> Vec<String> {
    let tree = Cli::command();
    let names = tree.get_subcommands().map(|command| command.get_name().to_owned());
    names.chain(["help".to_owned()]).collect()
}

/// The tree of commands with its texts, for pages of a manual.
#[must_use]
pub fn command_tree() -> clap::Command {
    Cli::command()
}

/// The tree of commands, whose examples are under the name that was called.
fn tree(program: &str) -> clap::Command {
    spoken(program, Language::English)
}

/// The same with the options of the command alone that the arguments begin with, where they decide
/// everything: with no option that this command does not have.
fn tree_for(program: &str, arguments: &[String]) -> clap::Command {
    let made = |words: &[&str]| called::only(words, || tree(program));
    if let [argument] = arguments
        && matches!(argument.as_str(), "-V" | VERSION)
    {
        return made(&[]);
    }
    let words = arguments.iter().map(String::as_str).take_while(|word| !word.starts_with('-'));
    let words: Vec<&str> = words.take(2).collect();
    let decides = |tree: &clap::Command| {
        let Some(command) = words.first().and_then(|word| tree.find_subcommand(word)) else {
            return false;
        };
        let nested = nested(command, &words);
        // None is by an alias, nor below one whose second word is none of its commands.
        let is_made = nested.get_arguments().next().is_some();
        let names = names(nested);
        let is_known = |argument: &String| !argument.starts_with('-') || has(&names, argument);
        is_made && arguments.iter().all(is_known)
    };
    Some(made(&words)).filter(decides).unwrap_or_else(|| tree(program))
}

/// The same, with texts in a language.
pub(super) fn spoken(program: &str, language: Language) -> clap::Command {
    let tree = match language {
        Language::English => Cli::command(),
        Language::Chinese => chinese::spoken(Cli::command(), program),
    };
    if program == "scfctl" {
        return tree;
    }
    let renamed = |text: &str| text.replace("scfctl ", &format!("{program} "));
    noted(tree, &renamed)
}

/// A blank in an example, until it is printed: the option parser breaks lines at all others, and
/// what is broken cannot be pasted.
pub(super) const BLANK: char = '\u{a0}';

/// A text whose examples no terminal is too narrow for.
fn unbroken(text: &str, program: &str) -> String {
    let (word, mut goes_on) = (format!(" {program} "), false);
    let lines = text.split('\n').map(|line| {
        let is_example = goes_on || line.contains(&word);
        goes_on = is_example && line.ends_with('\\');
        if is_example { line.replace(' ', &BLANK.to_string()) } else { line.to_owned() }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The tree with its examples and notes in another form.
fn noted(command: clap::Command, change: &dyn Fn(&str) -> String) -> clap::Command {
    let text = |text: Option<&StyledStr>| text.map(|text| change(&text.to_string()));
    let before = text(command.get_before_help());
    let after = text(command.get_after_help());
    let long = text(command.get_after_long_help());
    let command = before.into_iter().fold(command, clap::Command::before_help);
    let command = after.into_iter().fold(command, clap::Command::after_help);
    let command = long.into_iter().fold(command, clap::Command::after_long_help);
    command.mut_subcommands(|command| noted(command, change))
}

fn parsed(
    tree: clap::Command,
    program: &str,
    rest: Vec<String>,
    language: Language,
) -> Result<Cli, Unparsed> {
    let words: Vec<String> = std::iter::once(program.to_owned()).chain(rest).collect();
    let matches = tree.try_get_matches_from(&words);
    if let Some(option) = matches.as_ref().ok().and_then(empty_option) {
        return Err(Unparsed::Refused(Box::new(InputsError::Empty { what: option }.into())));
    }
    let parsed = matches.and_then(|matches| Cli::from_arg_matches(&matches));
    parsed.map_err(|error| {
        let again = match error.kind() {
            ErrorKind::DisplayHelp => {
                Some(noted(spoken(program, language), &|text| unbroken(text, program)))
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                (language == Language::Chinese).then(|| spoken(program, language))
            }
            _ => None,
        };
        let again = again.and_then(|tree| tree.try_get_matches_from(&words).err());
        Unparsed::Clap(again.unwrap_or(error))
    })
}

/// An option whose value is empty, as where a variable of the shell is not set: a default would
/// silently stand in, another alias perhaps.
fn empty_option(matches: &clap::ArgMatches) -> Option<String> {
    // Of these, empty is a value.
    const MAY_BE_EMPTY: &[&str] = &["data", "description"];
    let mut level = Some(matches);
    while let Some(matches) = level {
        let is_empty = |id: &&clap::Id| {
            let typed = matches.value_source(id.as_str()) == Some(ValueSource::CommandLine);
            let values = matches.try_get_raw(id.as_str()).ok().flatten();
            typed && values.is_some_and(|mut values| values.any(std::ffi::OsStr::is_empty))
        };
        let mut typed = matches.ids().filter(|id| !MAY_BE_EMPTY.contains(&id.as_str()));
        if let Some(id) = typed.find(is_empty) {
            return Some(format!("--{}", id.as_str().replace('_', "-")));
        }
        level = matches.subcommand().map(|(_, below)| below);
    }
    None
}

fn options_of(
    tree: clap::Command,
    program: &str,
    arguments: &[String],
    grammar: Grammar<'_>,
    language: Language,
) -> Result<(), Unparsed> {
    match inputs::split(arguments, grammar) {
        Ok(split) => parsed(tree, program, split.rest, language).map(|_| ()),
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
    let words = bare.first().map_or(1, |word| inputs::words_of(word));
    // Beside a command it asks for something else, and no answer may look like its success.
    let is_version = |option: &&str| matches!(*option, "-V" | VERSION);
    let alone = bare.is_empty() && (options.iter().any(is_version) || options == ["-v"]);
    if bare.first() == Some(&"version") || alone {
        return Some(vec![VERSION.to_owned()]);
    }
    let flag = options.iter().find(|option| matches!(**option, "--help" | "-h"));
    let is_help = |position: usize| bare.get(position) == Some(&"help");
    if is_help(0) || (words > 1 && is_help(1)) {
        return Some(bare.iter().map(ToString::to_string).collect());
    }
    flag.map(|flag| bare.iter().take(words).chain([flag]).map(ToString::to_string).collect())
}

/// Why there is no help on these words: one of them is neither a command nor a topic.
fn no_help(words: &[String], tree: &clap::Command) -> Option<ArgumentsError> {
    let place = words.iter().take(2).position(|word| word == "help")?;
    let asked = words.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, word)| word);
    let (mut within, mut path) = (tree, Vec::new());
    for word in asked {
        let of_topic = match path.as_slice() {
            [topic] if within.get_name() == tree.get_name() => Some(*topic),
            _ => None,
        };
        if let Some(command) = within.find_subcommand(word).filter(|_| of_topic.is_none()) {
            within = command;
            path.push(command.get_name());
            continue;
        }
        // A command that clap adds.
        if word == "help" {
            return None;
        }
        let is_first = path.is_empty();
        if is_first && let Some(topic) = topics::of(word) {
            path.push(topic.name);
            continue;
        }
        let topics = topics::all(Language::English).map(|(name, _)| name);
        let topics = topics.filter(|_| is_first);
        let names: Vec<&str> = within.get_subcommands().map(clap::Command::get_name).collect();
        let meant =
            nearest(word, names.iter().copied().chain(topics)).filter(|_| of_topic.is_none());
        // Where nothing is below a command, help on the command itself is what there is.
        let last = || path.last().copied().filter(|_| of_topic.is_some() || names.is_empty());
        let line: Vec<&str> = path.iter().copied().chain(meant).collect();
        let meant = meant
            .or_else(last)
            .map(|_| (line.join(" "), format!("scfctl help {}", line.join(" "))));
        return Some(ArgumentsError::NoSuchCommand {
            word: word.clone(),
            of: (!is_first).then(|| path.join(" ")),
            meant,
            commands: names.into_iter().map(str::to_owned).collect(),
        });
    }
    None
}

/// The answer to words of which the first, or the second of a command of two, is no command.
fn no_command(
    bare: &[&str],
    tree: &clap::Command,
    arguments: &[String],
    grammar: Grammar<'_>,
) -> Error {
    let no_such = |word: &str, within: &clap::Command, meant| {
        let commands = within.get_subcommands().map(|command| command.get_name().to_owned());
        Error::from(ArgumentsError::NoSuchCommand {
            word: word.to_owned(),
            of: (within.get_name() != tree.get_name()).then(|| within.get_name().to_owned()),
            meant,
            commands: commands.collect(),
        })
    };
    let (mut within, mut wrong) = (tree, None);
    let (mut instead, mut meant) = (arguments.to_vec(), Vec::new());
    for word in bare.iter().copied().take(2) {
        let known = within.find_subcommand(word);
        if known.is_none() {
            let foreign = FOREIGN_WORDS.iter().find(|(foreign, _)| *foreign == word);
            if let Some((_, foreign)) = foreign.filter(|_| meant.is_empty()) {
                let word = word.to_owned();
                return ArgumentsError::NotProvided { word, foreign: *foreign }.into();
            }
            wrong.get_or_insert((word, within));
        }
        let names = within.get_subcommands().map(clap::Command::get_name);
        let nearest = || within.find_subcommand(nearest(word, names)?);
        let Some(command) = known.or_else(nearest) else { break };
        // The word itself, not a value that is spelt alike.
        let place = arguments.iter().position(|argument| std::ptr::eq(argument.as_str(), word));
        if let Some(place) = place {
            command.get_name().clone_into(&mut instead[place]);
        }
        meant.push(command.get_name());
        within = command;
        if !command.has_subcommands() {
            break;
        }
    }
    let Some((word, of)) = wrong else { return no_such("", tree, None) };
    let is_second = of.get_name() != tree.get_name();
    if meant.len() <= usize::from(is_second) {
        return no_such(word, of, None);
    }
    let line = line(&instead, grammar).or_else(|| as_it_is(&instead)).unwrap_or_else(|| {
        let is_needed = within.get_positionals().any(clap::Arg::is_required_set);
        let help = if within.has_subcommands() || is_needed { " --help" } else { "" };
        format!("scfctl {}{help}", meant.join(" "))
    });
    let words = if is_second { 2 } else { 1 };
    no_such(word, of, Some((meant[..words].join(" "), line)))
}

/// The arguments as a line, where they are taken and may be shown.
fn as_it_is(arguments: &[String]) -> Option<String> {
    let shown = withheld::shown(arguments);
    let is_plain = shown.iter().zip(arguments).all(|(shown, typed)| *shown == *typed);
    let words: Vec<_> = arguments.iter().map(|word| shell::quoted(word)).collect();
    (is_plain && check(arguments).is_ok()).then(|| format!("scfctl {}", words.join(" ")))
}

/// A line that means the arguments and is taken.
pub(super) fn line(arguments: &[String], grammar: Grammar<'_>) -> Option<String> {
    let line = inputs::meant(arguments, grammar)?;
    check(&line.arguments()).is_ok().then(|| line.typed())?
}

/// Dashes that word processors and chats make of `-` and `--`.
const DASHES: [char; 6] = ['—', '–', '―', '−', '‐', '－'];

/// The answer to an option that begins with another dash than `-`.
fn foreign_dash(arguments: &[String], grammar: Grammar<'_>) -> Option<Error> {
    let option = |argument: &str| {
        let rest = argument.trim_start_matches('-').trim_start_matches(DASHES);
        let is_other = argument.trim_start_matches('-').starts_with(DASHES);
        let is_name = rest.starts_with(|first: char| first.is_ascii_alphabetic());
        let dashes = if name(rest).len() == 1 { "-" } else { "--" };
        (is_other && is_name).then(|| format!("{dashes}{rest}"))
    };
    let mut instead = arguments.to_vec();
    let (mut first, mut before) = (None, "");
    for (argument, typed) in instead.iter_mut().zip(arguments) {
        // As the value of an option it is meant.
        if !grammar.value_options.contains(&before)
            && let Some(option) = option(typed)
        {
            first.get_or_insert_with(|| (name(typed).to_owned(), name(&option).to_owned()));
            *argument = option;
        }
        before = typed;
    }
    let (typed, option) = first?;
    Some(ArgumentsError::ForeignDash { typed, option, line: line(&instead, grammar) }.into())
}

/// What is wrong with values of a command line that is one of this program.
pub(super) fn unusable(arguments: &[String], options: &Options) -> Option<ArgumentsError> {
    if let Some(argument) = arguments.iter().find(|argument| withheld::is_withheld(argument)) {
        return Some(ArgumentsError::Withheld { argument: argument.clone() });
    }
    let mut known = BTreeMap::new();
    let twice = options
        .parameters
        .iter()
        .find(|(name, value)| known.insert(name, value).is_some_and(|other| other != value));
    twice.map(|(name, _)| ArgumentsError::ParameterTwice { name: name.clone() })
}

#[cfg(test)]
mod tests {
    use super::super::inputs::InputOption;
    use super::super::spelling::names;
    use super::*;

    fn arguments_of_all(command: &clap::Command) -> Vec<&clap::Arg> {
        let nested = command.get_subcommands().flat_map(arguments_of_all);
        command.get_arguments().chain(nested).collect()
    }

    #[test]
    fn the_tree_is_sound() {
        Cli::command().debug_assert();
        let tree = Cli::command();
        let options = |line: &str| {
            let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
            value_options(&tree, &arguments)
        };
        for name in ["--stage", "-s", "--target", "--timeout", "--listen", "--name", "--weight"] {
            let options = options("deploy");
            assert!(options.iter().any(|option| option == name), "{name} in {options:?}");
        }
        for name in ["--inputs", "--debug", "--publish", "--version"] {
            assert!(!options("deploy").iter().any(|option| option == name), "{name}");
        }
        assert!(options("list-alias").iter().any(|option| option == "--version"));
    }

    /// The command line is taken apart before the command is known.
    #[test]
    fn an_option_takes_a_value_for_every_command_or_for_none() {
        let tree = Cli::command();
        let mut seen = std::collections::BTreeMap::new();
        for argument in arguments_of_all(&tree) {
            let takes = argument.get_action().takes_values() && !argument.is_require_equals_set();
            for long in argument.get_long_and_visible_aliases().unwrap_or_default() {
                if long != "version" {
                    assert_eq!(*seen.entry(long.to_owned()).or_insert(takes), takes, "{long}");
                }
            }
            if let Some(short) = argument.get_short() {
                assert_eq!(*seen.entry(short.to_string()).or_insert(takes), takes, "{short}");
            }
        }
    }

    /// What arguments come to, in whole.
    fn outcome(parsed: Result<(Cli, SplitArguments), Unparsed>) -> String {
        match parsed {
            Ok((cli, split)) => format!("{cli:?} {split:?}"),
            Err(Unparsed::Refused(error)) => format!("{error:?}"),
            Err(Unparsed::Version) => "version".to_owned(),
            Err(Unparsed::Clap(error)) => error.to_string(),
            Err(Unparsed::Topic(topic, error)) => {
                format!("{topic:?} {}", error.map(|error| error.to_string()).unwrap_or_default())
            }
        }
    }

    /// With its options alone a command is read as with those of all.
    #[test]
    fn the_command_that_is_called_needs_no_others() {
        let tree = Cli::command();
        let mut starts: Vec<Vec<&str>> = Vec::new();
        for command in tree.get_subcommands() {
            let name = command.get_name();
            starts.extend(command.get_all_aliases().map(|alias| vec![alias]));
            starts.push(vec![name]);
            starts.extend(command.get_subcommands().map(|nested| vec![name, nested.get_name()]));
        }
        let plain = ["-s", "prod", "word", "--output=json", "-v", "--inputs", "traffic=0.1"];
        let mut lines: Vec<Vec<&str>> = vec![vec![], vec!["--version"], vec!["-h"], vec!["-v"]];
        lines.extend(starts.iter().map(|start| [start.as_slice(), plain.as_slice()].concat()));
        lines.extend(starts.iter().map(|start| [["--stage", "prod"].as_slice(), start].concat()));
        let starts: [&[&str]; 8] = [
            &["deploy"],
            &["info"],
            &["invoke"],
            &["rollout"],
            &["rollout", "tick"],
            &["rollout", "tock"],
            &["help", "deploy"],
            &["dploy"],
        ];
        let ends: [&[&str]; 7] = [
            &[],
            &["--timeout", "long"],
            &["--keep", "3", "--data", "-x"],
            &["--yse", "--plan", "plan.json"],
            &["--", "--stage"],
            &["--help"],
            &["--version"],
        ];
        lines.extend(starts.iter().flat_map(|start| ends.map(|end| [*start, end].concat())));
        for line in lines {
            let words: Vec<String> = line.iter().map(ToString::to_string).collect();
            let lean = parse("scfctl", &words, Language::English);
            let whole = parse_in(Cli::command(), "scfctl", &words, Language::English);
            assert_eq!(outcome(lean), outcome(whole), "{line:?}");
        }
        let all = arguments_of_all(&tree).len();
        for line in ["deploy --dry-run", "rollout tick --follow -s prod", "--version"] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let made = arguments_of_all(&tree_for("scfctl", &words)).len();
            assert!(made < all / 10, "{made} of {all} for {line}");
        }
    }

    /// Each option that is an input by another name is one of the command, and its key too.
    #[test]
    fn options_that_are_inputs_are_there() {
        let tree = Cli::command();
        let mut known = 0;
        for command in tree.get_subcommands() {
            let keys = inputs::of_command(command.get_name()).unwrap();
            for other in tree.get_subcommands() {
                for name in names(other) {
                    let Some(option) = inputs::option_of(command.get_name(), &name) else {
                        continue;
                    };
                    assert!(names(command).contains(&name), "{name} of {}", command.get_name());
                    let key = match option {
                        InputOption::Value(key)
                        | InputOption::Switch(key)
                        | InputOption::Beside(key) => key,
                        InputOption::Weight | InputOption::NoWeights => "config",
                    };
                    assert!(keys.contains(&key), "{key} of {}", command.get_name());
                    known += 1;
                }
            }
            for option in ["--function", "--namespace", "--region"] {
                let is_there = inputs::option_of(command.get_name(), option).is_some();
                let has_function =
                    !matches!(command.get_name(), "apply" | "completion" | "init" | "local");
                assert_eq!(is_there, has_function, "{option}");
            }
        }
        assert!(known > 100, "{known}");
    }

    /// The lines of a help text that begin with a command, continued lines put together.
    fn examples(text: &str, program: &str) -> Vec<String> {
        let joined = text.replace("\\\n", " ");
        let start = format!(" {program} ");
        let example = |line: &str| Some(line[line.find(&start)? + 1..].to_owned());
        joined.lines().filter_map(example).collect()
    }

    /// Columns on a terminal: a Chinese character takes two.
    fn columns(text: &str) -> usize {
        text.chars().map(|character| if character >= '\u{2e80}' { 2 } else { 1 }).sum()
    }

    /// Examples and notes of a command.
    fn notes(command: &clap::Command) -> String {
        let texts =
            [command.get_before_help(), command.get_after_help(), command.get_after_long_help()];
        let texts = texts.into_iter().flatten().map(ToString::to_string);
        texts.collect::<Vec<_>>().join("\n")
    }

    /// The tree, its commands and theirs, but those that show help.
    fn commands(tree: &clap::Command) -> Vec<&clap::Command> {
        let is_ours = |command: &&clap::Command| command.get_name() != "help";
        let below = tree.get_subcommands().filter(is_ours).flat_map(commands);
        std::iter::once(tree).chain(below).collect()
    }

    /// A line of an example is one that the program takes, and the same in every language.
    #[test]
    fn every_example_is_taken_and_none_wraps() {
        for program in ["scfctl", "serverless"] {
            let english = tree(program);
            let chinese = spoken(program, Language::Chinese);
            let (all, in_chinese) = (commands(&english), commands(&chinese));
            assert_eq!(all.len(), in_chinese.len());
            for (command, chinese) in all.into_iter().zip(in_chinese) {
                assert_eq!(command.get_name(), chinese.get_name());
                let [text, in_chinese] = [command, chinese].map(notes);
                for line in text.lines().chain(in_chinese.lines()) {
                    assert!(columns(line) <= 80, "{line}");
                }
                let lines = examples(&text, program);
                assert_eq!(lines, examples(&in_chinese, program));
                assert!(!lines.is_empty(), "{} has no example", command.get_name());
                for line in lines {
                    let arguments = arguments_of(&line).unwrap();
                    assert_eq!(check(&arguments), Ok(()), "{line}");
                }
            }
        }
    }

    /// `-h` fits on a screen, with the command's own options in front. In Chinese nothing is
    /// wider than that in the long form either: it would not wrap.
    #[test]
    fn short_help_fits_on_a_screen() {
        for (width, language) in
            [(80, Language::English), (100, Language::English), (80, Language::Chinese)]
        {
            let tree = match language {
                Language::English => Cli::command().term_width(width),
                Language::Chinese => chinese::spoken(Cli::command().term_width(width), "scfctl"),
            };
            let mut tree = tree;
            tree.build();
            for mut command in commands(&tree).into_iter().cloned() {
                let text = command.render_help().to_string();
                let is_nested = command.get_name() == "serve";
                let lines = text.lines().count();
                // The list of all commands grows with them.
                let most = if command.has_subcommands() { 32 } else { 24 };
                assert!(lines <= most || is_nested, "{lines} lines\n{text}");
                let long = match language {
                    Language::English => String::new(),
                    Language::Chinese => command.render_long_help().to_string(),
                };
                for line in text.lines().chain(long.lines()) {
                    assert!(columns(line) <= width, "{line}");
                }
                // As it is written: a line that was broken cannot be pasted.
                let long = command.render_long_help().to_string();
                let examples = notes(&command);
                for line in examples.lines().filter(|line| line.contains(" scfctl ")) {
                    assert!(long.contains(line), "{line}\n{long}");
                }
            }
        }
    }
}
