//! The tree of commands with Chinese help texts in the places of the English ones. Made only
//! where help is shown in Chinese.

use clap::builder::Resettable;
use clap::{Arg, Command};

use crate::output::text::zh::help::{self, CommandHelp};

/// The tree that says in Chinese what this one says.
pub(super) fn spoken(tree: Command, program: &str) -> Command {
    // Of the name that was called, which is not known before parsing.
    let mut tree = tree.bin_name(program);
    // Adds the texts of `help` and `--help`.
    tree.build();
    translated(tree, "")
}

fn translated(command: Command, path: &str) -> Command {
    let own = path.strip_prefix("help ").unwrap_or(path).replace(" help ", " ");
    let about = command.get_about().is_some();
    let is_help = command.get_name() == "help";
    let texts = if is_help { Some(&HELP) } else { help::of_command(&own) };
    let command = match texts {
        Some(texts) if about => with(command, texts),
        _ => command,
    };
    let command = command
        .subcommand_help_heading(help::COMMANDS_HEADING)
        .mut_args(|argument| with_text(argument, path));
    command.mut_subcommands(|below| {
        let path = format!("{path} {}", below.get_name());
        translated(below, path.trim_start())
    })
}

const HELP: CommandHelp = CommandHelp {
    path: "help",
    about: help::HELP_COMMAND,
    before: None,
    after: None,
    after_long: None,
};

/// With each text in the place of one that there is.
fn with(command: Command, texts: &CommandHelp) -> Command {
    let before = texts.before.filter(|_| command.get_before_help().is_some());
    let after = texts.after.filter(|_| command.get_after_help().is_some());
    let after_long = texts.after_long.filter(|_| command.get_after_long_help().is_some());
    let command = command.about(texts.about);
    let command = before.into_iter().fold(command, Command::before_help);
    let command = after.into_iter().fold(command, Command::after_help);
    after_long.into_iter().fold(command, Command::after_long_help)
}

fn with_text(argument: Arg, command: &str) -> Arg {
    if argument.is_hide_set() {
        return argument;
    }
    let heading = help::heading(argument.get_help_heading());
    let heading = if argument.is_positional() { Some(help::ARGUMENTS_HEADING) } else { heading };
    let argument = heading.into_iter().fold(argument, Arg::help_heading);
    if matches!(argument.get_action(), clap::ArgAction::Help) {
        return if argument.get_long_help().is_some() {
            argument.help(help::SHORT_HELP).long_help(help::LONG_HELP)
        } else {
            argument.help(help::HELP)
        };
    }
    if matches!(argument.get_action(), clap::ArgAction::Version) {
        return argument.help(help::VERSION);
    }
    let Some(option) = help::of_option(command, argument.get_id().as_str()) else {
        return argument;
    };
    let facts = facts(&argument);
    let short = option.text.split("\n\n").next().unwrap_or_default();
    let behind = |text: &str, space: &str| {
        if facts.is_empty() { text.to_owned() } else { format!("{text}{space}{facts}") }
    };
    argument
        .help(behind(short, " "))
        .long_help(behind(option.text, "\n\n"))
        .hide_default_value(true)
        .hide_possible_values(true)
        // They are among the facts.
        .alias(Resettable::Reset)
}

/// What the option parser would add in English.
fn facts(argument: &Arg) -> String {
    let takes_values = argument.get_action().takes_values();
    let default = if takes_values && !argument.is_hide_default_value_set() {
        let values = argument.get_default_values().iter();
        values.map(|value| value.to_string_lossy()).collect::<Vec<_>>().join(" ")
    } else {
        String::new()
    };
    let values = if takes_values && !argument.is_hide_possible_values_set() {
        let values = argument.get_possible_values();
        values.iter().map(clap::builder::PossibleValue::get_name).collect::<Vec<_>>().join("、")
    } else {
        String::new()
    };
    let names = argument.get_visible_aliases().unwrap_or_default();
    let names: Vec<String> = names.iter().map(|name| format!("--{name}")).collect();
    help::facts(&default, &values, &names.join("、"))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fmt::Write as _;

    use clap::CommandFactory;

    use super::super::command::Cli;
    use super::*;
    use crate::output::text::zh::assert_text_is_chinese;

    fn paths(command: &Command, path: &str, all: &mut Vec<(String, Command)>) {
        all.push((path.to_owned(), command.clone()));
        for below in command.get_subcommands() {
            paths(below, format!("{path} {}", below.get_name()).trim_start(), all);
        }
    }

    fn all(tree: &Command) -> Vec<(String, Command)> {
        let mut all = Vec::new();
        paths(tree, "", &mut all);
        all
    }

    /// The text without commands.
    fn prose(text: &str) -> String {
        let is_command = |line: &&str| line.contains("  scfctl ") || line.starts_with("用法：");
        let lines = text.lines().filter(|line| !is_command(line));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// No text of a command or an option is without its Chinese, and no Chinese without its
    /// English.
    #[test]
    fn every_text_is_translated_and_no_translation_is_left_over() {
        let (mut commands, mut options) = (BTreeSet::new(), BTreeSet::new());
        // The English that an entry for all commands stands for: one and the same.
        let mut meant = BTreeMap::new();
        for (path, command) in all(&Cli::command()) {
            let texts = help::of_command(&path).unwrap_or_else(|| panic!("`{path}` has no text"));
            commands.insert(path.clone());
            assert!(command.get_about().is_some() && command.get_long_about().is_none(), "{path}");
            assert!(command.get_before_long_help().is_none(), "{path}");
            for (english, chinese) in [
                (command.get_before_help(), texts.before),
                (command.get_after_help(), texts.after),
                (command.get_after_long_help(), texts.after_long),
            ] {
                assert_eq!(english.is_some(), chinese.is_some(), "`{path}`: {english:?}");
                let prose = chinese.map(prose).filter(|text| !text.trim().is_empty());
                if let Some(text) = &prose {
                    assert_text_is_chinese(text);
                }
            }
            assert_text_is_chinese(texts.about);
            for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
                let id = argument.get_id().as_str();
                let option = help::of_option(&path, id)
                    .unwrap_or_else(|| panic!("`{id}` of `{path}` has no text"));
                assert_text_is_chinese(option.text);
                let (short, long) = (argument.get_help().unwrap(), argument.get_long_help());
                assert_eq!(long.is_some(), option.text.contains("\n\n"), "`{id}` of `{path}`");
                let english = (short.to_string(), long.map(ToString::to_string));
                let known = meant.entry((option.commands, id.to_owned()));
                assert_eq!(*known.or_insert(english.clone()), english, "`{id}` of `{path}`");
                let command = option.commands.iter().find(|command| **command == path);
                options.insert((command.copied().unwrap_or_default(), option.id));
                let heading = argument.get_help_heading();
                assert!(help::heading(heading).is_some(), "{heading:?}");
            }
        }
        let of_commands: Vec<&str> = help::COMMANDS.iter().map(|command| command.path).collect();
        assert_eq!(of_commands.len(), commands.len());
        let of_options: Vec<_> = help::OPTIONS
            .iter()
            .flat_map(|option| match option.commands {
                [] => vec![("", option.id)],
                commands => commands.iter().map(|command| (*command, option.id)).collect(),
            })
            .collect();
        for option in &of_options {
            assert!(options.contains(option), "{option:?} is no option");
        }
        assert_eq!(of_options.len(), options.len());
    }

    /// Names, numbers and values in a text: what is the same in every language.
    fn named(text: &str) -> BTreeSet<String> {
        let is_within =
            |character: char| character.is_ascii_graphic() && !"[]()`'\",;".contains(character);
        let is_name = |word: &str| {
            let marked = |character: char| character.is_ascii_digit() || "$_=/".contains(character);
            let rest = word.get(1..).unwrap_or_default();
            word.contains(marked)
                || word.starts_with('-')
                || rest.contains(|c: char| c.is_ascii_uppercase())
        };
        text.split(|character| !is_within(character))
            .map(|word| word.trim_matches(['.', ':', '%']))
            // More than one of what is named.
            .map(|word| word.strip_suffix("Ks").map_or(word.to_owned(), |word| format!("{word}K")))
            .filter(|word| is_name(word))
            .collect()
    }

    /// No text has a name, a number or a value that its translation lacks.
    #[test]
    fn every_text_names_the_same_in_both_languages() {
        let text = |text: Option<&clap::builder::StyledStr>| {
            text.map(ToString::to_string).unwrap_or_default()
        };
        let mut wrong = String::new();
        let mut compare = |place: &str, english: &str, chinese: &str| {
            // Each names the page in its own language.
            let chinese = chinese.replace("docs/zh/", "docs/en/");
            let [english, chinese] = [english, &*chinese].map(named);
            if english != chinese {
                let _ = writeln!(wrong, "{place}: {english:?}\n    {chinese:?}");
            }
        };
        for (path, command) in all(&Cli::command()) {
            let texts = help::of_command(&path).unwrap();
            for (english, chinese) in [
                (command.get_about(), Some(texts.about)),
                (command.get_before_help(), texts.before),
                (command.get_after_help(), texts.after),
                (command.get_after_long_help(), texts.after_long),
            ] {
                compare(&path, &text(english), chinese.unwrap_or_default());
            }
            for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
                let id = argument.get_id().as_str();
                let english = argument.get_long_help().or(argument.get_help());
                compare(
                    &format!("{path} {id}"),
                    &text(english),
                    help::of_option(&path, id).unwrap().text,
                );
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }

    /// What is shown has no English left: no heading, no default, no word of the option parser.
    #[test]
    fn help_is_chinese_in_whole() {
        let tree = spoken(Cli::command(), "scfctl").term_width(100);
        for (path, mut command) in all(&tree) {
            for text in [command.render_help(), command.render_long_help()] {
                let text = help::composed(&text.to_string());
                assert_text_is_chinese(&prose(&text));
                for word in [
                    "Usage",
                    "Options",
                    "Commands",
                    "Arguments",
                    "options:",
                    "OPTIONS",
                    "COMMAND",
                    "default:",
                    "possible",
                    "alias:",
                    "aliases",
                    "Print",
                    "选项:",
                    "命令:",
                ] {
                    assert!(!text.contains(word), "`{path}`: {word}\n{text}");
                }
                let mut coloured = command.render_help().ansi().to_string();
                coloured = help::composed(&coloured);
                assert!(!coloured.contains("Usage"), "{coloured}");
            }
        }
    }

    /// The same options as in English, in the same order, under as many headings.
    #[test]
    fn help_shows_the_same_in_both_languages() {
        let names = |command: &mut Command| {
            let text = command.render_long_help().to_string();
            let is_name =
                |line: &&str| line.starts_with("  ") && line.trim_start().starts_with('-');
            let name =
                |line: &str| line.split("  ").find(|part| part.contains('-')).unwrap().to_owned();
            text.lines().filter(is_name).map(name).collect::<Vec<_>>()
        };
        let mut english = Cli::command().bin_name("scfctl");
        english.build();
        let chinese = spoken(Cli::command(), "scfctl");
        for ((path, mut english), (_, mut chinese)) in all(&english).into_iter().zip(all(&chinese))
        {
            let shown = names(&mut chinese);
            assert_eq!(names(&mut english), shown, "{path}");
        }
    }
}
