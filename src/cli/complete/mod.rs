//! Completion of command lines in shells.
//!
//! `completion SHELL` prints a small script; the shell then calls this program with what is typed
//! so far, and offers what it answers. So what is offered is what this version takes, inputs and
//! their values too, in every shell alike. A library's scripts know neither inputs nor functions,
//! and weigh more.
//!
//! An answer has a line for each word: the word, a tab, and what it is for. `:files` and `:folders`
//! ask the shell to offer these. Nothing is said on stderr, and the exit code is 0.

mod line;
mod values;

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, Command, ValueEnum};
use serde_json::Map;

use super::inputs;
use super::spelling;
use crate::app;
use crate::app::complete::Nameable;
use crate::config::settings::CommandLine;
use line::LineToCursor;
use values::OfferedValues;

/// The word by which scripts call.
pub(super) const WORD: &str = "__complete";

/// The variable that gives the names of the service more time than a key that is pressed has.
pub(super) const TIMEOUT: &str = "SCFCTL_COMPLETION_TIMEOUT";

/// The most words of an answer.
const MOST: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

impl Shell {
    /// The script that has command lines of the program completed.
    pub(super) fn script(self, program: &str) -> String {
        let script = match self {
            Self::Bash => include_str!("scripts/bash"),
            Self::Elvish => include_str!("scripts/elvish"),
            Self::Fish => include_str!("scripts/fish"),
            Self::Powershell => include_str!("scripts/powershell"),
            Self::Zsh => include_str!("scripts/zsh"),
        };
        script.replace("scfctl", program)
    }
}

/// What a script asks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CompletionRequest {
    shell: Shell,
    /// What is typed, without the program's name.
    pub(super) line: LineToCursor,
    /// Bytes of the word at the cursor that bash leaves as they are.
    kept: usize,
}

impl CompletionRequest {
    /// Reads what stands behind [`WORD`].
    pub(super) fn read(arguments: &[String]) -> Option<Self> {
        let (shell, rest) = arguments.split_first()?;
        let shell = Shell::from_str(shell, false).ok()?;
        if shell == Shell::Bash {
            let [line, word] = rest else { return None };
            let mut line = line::split(line);
            if line.words.is_empty() {
                return None;
            }
            line.words.remove(0);
            // Bash breaks words at `=` and `:`, too, and replaces the last piece alone.
            let piece = line::split(word).current;
            let kept = line.current.strip_suffix(&piece).map_or(0, str::len);
            return Some(Self { shell, line, kept });
        }
        let sign = |word: &String| match shell {
            Shell::Powershell => word.strip_prefix('+').unwrap_or(word).to_owned(),
            _ => word.clone(),
        };
        let (current, words) = rest.split_last()?;
        let words = words.iter().map(sign).collect();
        let line = LineToCursor { words, current: sign(current), quote: None };
        Some(Self { shell, line, kept: 0 })
    }

    /// The answer for the script.
    pub(super) fn answer(&self, offer: Offer) -> String {
        let words = match offer {
            Offer::Files => return ":files\n".to_owned(),
            Offer::Folders => return ":folders\n".to_owned(),
            Offer::Words(words) => words,
        };
        let begins = |word: &&TypedWord| word.text.starts_with(&self.line.current);
        let words = words.iter().filter(begins).filter(|word| is_plain(&word.text)).take(MOST);
        let lines = words.map(|TypedWord { text, about }| {
            if self.shell != Shell::Bash {
                let about: String = about.chars().filter(|c| !c.is_control()).collect();
                return format!("{text}\t{about}\n");
            }
            let rest = text.get(self.kept..).unwrap_or_default();
            let is_open = text.ends_with(['=', ',']) || self.line.quote.is_some();
            let behind = if is_open { "" } else { " " };
            format!("{}{behind}\n", line::written(rest, self.line.quote))
        });
        lines.collect()
    }
}

/// Whether a word can do no harm on a line of a shell, whoever chose it.
fn is_plain(text: &str) -> bool {
    let plain = |character: char| character.is_alphanumeric() || "-_./:=@%+,$".contains(character);
    !text.is_empty() && text.chars().all(plain)
}

/// The value of an option in a line, the last one that there is.
fn value<'a>(words: &'a [String], names: &[&str]) -> Option<&'a str> {
    let of_next = |position: usize| words.get(position + 1).map(String::as_str);
    words.iter().enumerate().rev().find_map(|(position, word)| {
        let of_name = |name: &&str| match word.strip_prefix(*name)? {
            "" => of_next(position),
            rest => rest.strip_prefix('='),
        };
        names.iter().find_map(of_name)
    })
}

/// What a line says of where to look for names.
pub(super) fn place(line: &LineToCursor) -> (app::RunOptions, CommandLine) {
    let words = line.words.as_slice();
    let is_given = |option: &str| words.iter().any(|word| word == option);
    let text = |names: &[&str]| value(words, names).map(str::to_owned);
    let mut inputs = Map::new();
    // Of `verify-split` it is the number of calls.
    let short = if is_given("verify-split") { "--namespace" } else { "-n" };
    for (key, names) in [
        ("function", ["function", "--function", "-f"]),
        ("namespace", ["namespace", "--namespace", short]),
    ] {
        inputs.extend(text(&names).map(|value| (key.to_owned(), value.into())));
    }
    let parameters = words.iter().zip(words.iter().skip(1).map(Some).chain([None]));
    let parameters = parameters.filter_map(|(word, next)| match word.strip_prefix("--param")? {
        "" => next?.split_once('='),
        rest => rest.strip_prefix('=')?.split_once('='),
    });
    let options = app::RunOptions {
        target: text(&["--target"]),
        profile: text(&["--profile"]),
        local: is_given("--local"),
        endpoint: text(&["--endpoint"]),
        insecure_http: is_given("--insecure-http"),
        ..app::RunOptions::default()
    };
    let selection = CommandLine {
        target: options.target.clone(),
        profile: options.profile.clone(),
        stage: text(&["--stage", "-s"]),
        app: text(&["--app"]),
        org: text(&["--org"]),
        region: text(&["--region", "region", "-r"]),
        parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        // It needs nothing of a file but the function.
        command: "list-alias",
        inputs,
        ..CommandLine::default()
    };
    (options, selection)
}

/// What may stand at the cursor.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Offer {
    Words(Vec<TypedWord>),
    Files,
    Folders,
}

/// A word, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TypedWord {
    text: String,
    about: String,
}

impl TypedWord {
    fn new(text: impl Into<String>, about: impl Into<String>) -> Self {
        Self { text: text.into(), about: about.into() }
    }
}

/// Topics of `help`, and what each is about.
pub(super) type Topics = Vec<(&'static str, &'static str)>;

/// Completes lines by the tree of commands, which has been built.
pub(super) struct Completer<'a> {
    pub tree: &'a Command,
    pub topics: Topics,
    /// What is known of the project and the service.
    pub names: &'a dyn Fn(Nameable) -> Vec<String>,
}

impl Completer<'_> {
    /// What may stand at the cursor of a line.
    pub(super) fn offer(&self, line: &LineToCursor) -> Offer {
        let value_options = spelling::value_options(self.tree, &line.words);
        let words = spelling::spelt_out(&line.words, &value_options);
        let value_options: Vec<&str> = value_options.iter().map(String::as_str).collect();
        let (given, bare) = inputs::outline(&words, &value_options);
        let current = line.current.as_str();
        let command = bare.first().and_then(|word| self.tree.find_subcommand(word));
        let nested = command.map(|command| spelling::nested(command, &bare));
        // The value of the option before.
        if let Some(option) = words.last().filter(|last| value_options.contains(&last.as_str())) {
            return self.values_of(nested, option, "", current);
        }
        // The value in the same word.
        if let Some((option, value)) = current.split_once('=').filter(|_| current.starts_with('-'))
        {
            return self.values_of(nested, option, &format!("{option}="), value);
        }
        let Some((command, nested)) = command.zip(nested) else {
            return match bare.first() {
                None if current.starts_with('-') => options(self.tree, &given),
                None => Offer::Words(commands(self.tree)),
                Some(_) => nothing(),
            };
        };
        if command.get_name() == "help" {
            return Offer::Words(self.helped(&bare[1..]));
        }
        if current.starts_with('-') {
            return options(nested, &given);
        }
        if command.has_subcommands() && bare.len() < 2 {
            return Offer::Words(commands(command));
        }
        if words.iter().any(|word| word == "--inputs") {
            return self.pairs(command, &words, current);
        }
        let positional = nested.get_positionals().nth(bare.len() - 1);
        if let Some(positional) = positional {
            let of_path = of_path(positional, current);
            return of_path.unwrap_or_else(|| Offer::Words(possible(positional).collect()));
        }
        // A pair has a chance only behind the option.
        if current.is_empty() { options(nested, &given) } else { nothing() }
    }

    /// What `help` is about.
    fn helped(&self, behind: &[&str]) -> Vec<TypedWord> {
        match behind {
            [] => {
                let topics =
                    self.topics.iter().map(|(topic, about)| TypedWord::new(*topic, *about));
                let mut words = commands(self.tree);
                words.retain(|word| word.text != "help");
                let topics: Vec<TypedWord> = topics
                    .filter(|topic| !words.iter().any(|word| word.text == topic.text))
                    .collect();
                words.extend(topics);
                words
            }
            [command] => {
                let command = self.tree.find_subcommand(command);
                let mut words = command.map(commands).unwrap_or_default();
                words.retain(|word| word.text != "help");
                words
            }
            _ => Vec::new(),
        }
    }

    /// Pairs of `--inputs`: keys that are not there yet, or values of one.
    fn pairs(&self, command: &Command, words: &[String], current: &str) -> Offer {
        if let Some((key, value)) = current.split_once('=') {
            return self.values(command.get_name(), key, &format!("{key}="), value);
        }
        let is_there = |key: &str| {
            words
                .iter()
                .any(|word| word.strip_prefix(key).is_some_and(|rest| rest.starts_with('=')))
        };
        let keys = inputs::of_command(command.get_name()).unwrap_or_default();
        let keys = keys.into_iter().filter(|key| !is_there(key));
        Offer::Words(keys.map(|key| TypedWord::new(format!("{key}="), "")).collect())
    }

    /// Values of an option, each behind what stands before it in the word.
    fn values_of(
        &self,
        command: Option<&Command>,
        option: &str,
        before: &str,
        current: &str,
    ) -> Offer {
        let all = command.is_none().then(|| self.tree.get_subcommands()).into_iter().flatten();
        let argument = command.into_iter().chain(all).find_map(|command| {
            command
                .get_arguments()
                .find(|argument| names(argument).iter().any(|name| name == option))
        });
        let Some(argument) = argument else { return nothing() };
        if let Some(offer) = of_path(argument, current) {
            return offer;
        }
        let words: Vec<TypedWord> = possible(argument).collect();
        if !words.is_empty() {
            let behind = words.into_iter();
            return Offer::Words(
                behind
                    .map(|word| TypedWord::new(format!("{before}{}", word.text), word.about))
                    .collect(),
            );
        }
        let name = argument.get_long().unwrap_or_default();
        self.values(command.map_or("", Command::get_name), name, before, current)
    }

    /// Values by the name of an option or an input.
    fn values(&self, command: &str, name: &str, before: &str, current: &str) -> Offer {
        let behind = |before: &str, names: Vec<String>| {
            let word = |name: String| TypedWord::new(format!("{before}{name}"), "");
            Offer::Words(names.into_iter().map(word).collect())
        };
        let fixed = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        match values::of(command, name) {
            OfferedValues::Words(words) => behind(before, fixed(words)),
            OfferedValues::Known(known, others) => {
                let mut names = (self.names)(known);
                names.extend(fixed(others));
                behind(before, names)
            }
            OfferedValues::KeysOrFunctions => {
                let keys = (self.names)(Nameable::Keys);
                let names = if keys.is_empty() { (self.names)(Nameable::Functions) } else { keys };
                behind(before, names)
            }
            OfferedValues::List(known) => {
                let first = current.rfind(',').map_or("", |comma| &current[..=comma]);
                let is_there = |name: &String| first.split(',').any(|one| one == name);
                let mut names = (self.names)(known);
                names.retain(|name| !is_there(name));
                behind(&format!("{before}{first}"), names)
            }
            OfferedValues::Shares => {
                let mut versions = (self.names)(Nameable::Versions);
                versions.extend(["$LATEST".to_owned()]);
                let shares = versions.into_iter().map(|version| format!("{version}="));
                behind(before, if current.contains('=') { Vec::new() } else { shares.collect() })
            }
            OfferedValues::Unknown => nothing(),
        }
    }
}

fn nothing() -> Offer {
    Offer::Words(Vec::new())
}

/// The first line of a help text.
fn about(text: Option<&clap::builder::StyledStr>) -> String {
    let text = text.map(ToString::to_string).unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}

/// The commands below a command.
fn commands(command: &Command) -> Vec<TypedWord> {
    let below = command.get_subcommands().filter(|command| !command.is_hide_set());
    below.map(|command| TypedWord::new(command.get_name(), about(command.get_about()))).collect()
}

/// The values that an argument is limited to.
fn possible(argument: &Arg) -> impl Iterator<Item = TypedWord> + use<> {
    let takes = argument.get_action().takes_values();
    let values: Vec<PossibleValue> =
        if takes { argument.get_possible_values() } else { Vec::new() };
    values
        .into_iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| TypedWord::new(value.get_name(), about(value.get_help())))
}

/// What an argument offers whose value is called a file or a folder, or may be one and is begun
/// like one.
fn of_path(argument: &Arg, current: &str) -> Option<Offer> {
    let name = argument.get_value_names()?.first()?.as_str();
    let is_path = current.starts_with('.') || current.contains('/');
    match name {
        "FILE" => Some(Offer::Files),
        "DIR" => Some(Offer::Folders),
        name if is_path && name.split('|').any(|part| part == "FILE") => Some(Offer::Files),
        _ => None,
    }
}

/// The names of an option with their dashes.
fn names(argument: &Arg) -> Vec<String> {
    let longs = argument.get_long_and_visible_aliases().unwrap_or_default();
    let longs = longs.into_iter().map(|long| format!("--{long}"));
    let short = argument.get_short().map(|short| format!("-{short}"));
    longs.chain(short).collect()
}

/// The options of a command that may be given yet.
fn options(command: &Command, given: &[&str]) -> Offer {
    let is_given = |argument: &&Arg| {
        let again = matches!(argument.get_action(), ArgAction::Append);
        let names = names(argument);
        let given = given.iter().map(|option| spelling::name(option));
        !again && given.into_iter().any(|option| names.iter().any(|name| name == option))
    };
    let options = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let options = options.filter(|argument| !is_given(argument));
    let words = options.filter_map(|argument| {
        Some(TypedWord::new(format!("--{}", argument.get_long()?), about(argument.get_help())))
    });
    Offer::Words(words.collect())
}

#[cfg(test)]
mod tests;
