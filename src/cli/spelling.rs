//! How a command line may be spelt: options, their letters and their values.

use std::collections::BTreeSet;

use super::inputs;
use crate::config::function::nearest;
use crate::order::Ordered as _;

/// Letters that `sls` has for options of a command. Those of all commands have another meaning for
/// some of them, so that they are spelt out before anything else looks at the arguments.
pub(super) const LETTERS_OF: &[(&str, &[(char, &str)])] = &[
    (
        "invoke",
        &[
            ('d', "--data"),
            ('f', "--function"),
            ('n', "--namespace"),
            ('p', "--path"),
            ('q', "--qualifier"),
            ('r', "--region"),
        ],
    ),
    ("log", LETTERS_OF_LOGS),
    ("logs", LETTERS_OF_LOGS),
];

pub(super) const LETTERS_OF_LOGS: &[(char, &str)] = &[
    ('f', "--function"),
    ('i', "--interval"),
    ('n', "--namespace"),
    ('q', "--qualifier"),
    ('r', "--region"),
    ('t', "--follow"),
];

/// Options of `sls logs` that are spelt otherwise here.
pub(super) const OTHER_SPELLINGS: &[(&str, &str)] =
    &[("--startTime", "--since"), ("--tail", "--follow")];

/// The option whose value may look like anything, such as an option or a pair.
pub(super) const DATA: &str = "--data";

/// The option whose value may be a dash, which stands for standard input.
pub(super) const PATH: &str = "--path";

/// The arguments with the letters of `sls` spelt out, and what stands behind [`DATA`] joined to it.
pub(super) fn spelt_out(arguments: &[String], value_options: &[String]) -> Vec<String> {
    let known: Vec<&str> = value_options.iter().map(String::as_str).collect();
    let (_, bare) = inputs::outline(arguments, &known);
    let Some(command) = bare.first().copied() else { return arguments.to_vec() };
    let Some((_, letters)) = LETTERS_OF.iter().find(|(name, _)| *name == command) else {
        return arguments.to_vec();
    };
    let mut spelt: Vec<String> = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let joined = |last: &&mut String| **last == DATA || (**last == PATH && argument == "-");
        if let Some(last) = spelt.last_mut().filter(joined) {
            last.push('=');
            last.push_str(argument);
            continue;
        }
        let mut rest = argument.chars();
        let letter = (rest.next() == Some('-')).then(|| rest.next()).flatten();
        let long = letters.iter().find(|(known, _)| Some(*known) == letter);
        let rest = rest.as_str();
        spelt.push(match long {
            None => otherwise(argument),
            Some((_, long)) if rest.is_empty() => (*long).to_owned(),
            Some((_, long)) => format!("{long}={}", rest.strip_prefix('=').unwrap_or(rest)),
        });
    }
    spelt
}

/// An option of `sls logs` as it is spelt here.
pub(super) fn otherwise(argument: &str) -> String {
    let spelt = OTHER_SPELLINGS.iter().find(|(theirs, _)| name(argument) == *theirs);
    spelt.map_or_else(
        || argument.to_owned(),
        |(theirs, ours)| format!("{ours}{}", &argument[theirs.len()..]),
    )
}

/// The name of an option, without its value.
pub(super) fn name(option: &str) -> &str {
    option.split('=').next().unwrap_or(option)
}

/// Names of the options of a command, long and short.
pub(super) fn names(command: &clap::Command) -> BTreeSet<String> {
    let nested = command.get_subcommands().flat_map(clap::Command::get_arguments);
    let mut names = ["--help", "-h"].map(str::to_owned).into_iter().into_set();
    for argument in command.get_arguments().chain(nested) {
        let longs = argument.get_long_and_visible_aliases().unwrap_or_default();
        names.extend(longs.into_iter().map(|long| format!("--{long}")));
        names.extend(argument.get_short().map(|short| format!("-{short}")));
    }
    names
}

pub(super) fn is_option(option: &str, command: &clap::Command) -> bool {
    has(&names(command), option)
}

/// Whether an option, as it is typed, is one of these names.
pub(super) fn has(names: &BTreeSet<String>, option: &str) -> bool {
    if option.starts_with("--") {
        return names.contains(name(option));
    }
    // A value, or further letters, stand right behind a letter.
    let letter: String = option.chars().take(2).collect();
    names.contains(&letter)
}

/// The command that the second word names below the one that the first word names: itself, where
/// there is none.
pub(super) fn nested<'a>(command: &'a clap::Command, bare: &[&str]) -> &'a clap::Command {
    bare.get(1).and_then(|word| command.find_subcommand(word)).unwrap_or(command)
}

/// The first value apart from an option that takes one only behind `=`.
pub(super) struct ValueApart {
    pub(super) option: String,
    pub(super) value: String,
    /// Both as one argument, the value as it is most likely meant.
    pub(super) together: String,
    /// The arguments with it.
    pub(super) instead: Vec<String>,
}

/// Looks for a word behind an option of the command that is one of its values, or is spelt much
/// like one.
pub(super) fn value_apart(arguments: &[String], command: &clap::Command) -> Option<ValueApart> {
    let option = |argument: &str| {
        let long = argument.strip_prefix("--")?;
        let mut options = command.get_arguments();
        options.find(|option| option.is_require_equals_set() && option.get_long() == Some(long))
    };
    let typed = arguments.iter().take_while(|argument| *argument != "--").count();
    arguments[..typed].windows(2).enumerate().find_map(|(position, pair)| {
        let values = option(&pair[0])?.get_possible_values();
        let names: Vec<&str> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
        let is_one = names.contains(&pair[1].as_str());
        let meant = if is_one { &pair[1] } else { nearest(&pair[1], names.iter().copied())? };
        let together = format!("{}={meant}", pair[0]);
        let mut instead = arguments.to_vec();
        instead.splice(position..position + 2, [together.clone()]);
        let [option, value] = [pair[0].clone(), pair[1].clone()];
        Some(ValueApart { option, value, together, instead })
    })
}

/// Taken by `deploy`, and refused by all other commands with a word on why.
pub(super) const ALL: &str = "--all";

pub(super) const DEPLOY: &str = "deploy";

/// The version of a function for some commands, and of the program for all others.
pub(super) const VERSION: &str = "--version";

/// Names of the options that take the next argument as their value, so that this is never read
/// as an input. Those of all commands, but `--version` only of a command that has it.
pub(super) fn value_options(tree: &clap::Command, arguments: &[String]) -> Vec<String> {
    let mut names = BTreeSet::new();
    add_value_options(tree, &mut names);
    names.remove(VERSION);
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let (_, bare) = inputs::outline(arguments, &known);
    let command = bare.first().and_then(|word| tree.find_subcommand(word));
    if command.is_some_and(|command| is_option(VERSION, nested(command, &bare))) {
        let with_version: Vec<&str> = known.iter().copied().chain([VERSION]).collect();
        // Before the command it takes no value: that may be the command.
        if inputs::outline(arguments, &with_version).1.first() == bare.first() {
            names.insert(VERSION.to_owned());
        }
    }
    names.into_iter().collect()
}

pub(super) fn add_value_options(command: &clap::Command, names: &mut BTreeSet<String>) {
    for argument in command.get_arguments() {
        let takes_next = argument.get_action().takes_values() && !argument.is_require_equals_set();
        if takes_next && argument.get_id() != "inputs" {
            let longs = argument.get_long_and_visible_aliases().unwrap_or_default();
            names.extend(longs.into_iter().map(|long| format!("--{long}")));
            names.extend(argument.get_short().map(|short| format!("-{short}")));
        }
    }
    command.get_subcommands().for_each(|command| add_value_options(command, names));
}

/// The value that raw arguments give an option, if any.
pub(super) fn typed_value<'a>(arguments: &'a [String], option: &str) -> Option<&'a str> {
    arguments.iter().enumerate().find_map(|(position, argument)| {
        let rest = argument.strip_prefix(option)?;
        if rest.is_empty() {
            return arguments.get(position + 1).map(String::as_str);
        }
        rest.strip_prefix('=')
    })
}
