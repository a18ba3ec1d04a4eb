//! How the program was called, so that every command in a text can be pasted.
//!
//! A text names a command as `` `scfctl deploy --inputs traffic=1` ``: in back-ticks, the name
//! first, quoted for a shell. Here it gets the name that the program was called by and the
//! options that say which project, stage and service are meant, as they were given. Whatever
//! else looks like such a command is treated alike, which can only add what the user typed.

use std::borrow::Cow;

use crate::shell::{self, Word};

/// The name that texts use.
const NAME: &str = "scfctl";

/// Commands that no option of a project concerns.
const WITHOUT_OPTIONS: &[&str] = &["help", "local"];

/// An option that a command needs to mean the same project, stage and service.
#[derive(Debug)]
struct Carried {
    long: &'static str,
    short: Option<&'static str>,
    takes_value: bool,
    /// Whether it decides which service is called, and how.
    connects: bool,
    /// Whether it gives one value of many, so that one does not stand for the others.
    repeats: bool,
}

const fn carried(long: &'static str, takes_value: bool, connects: bool) -> Carried {
    Carried { long, short: None, takes_value, connects, repeats: false }
}

const fn repeated(long: &'static str) -> Carried {
    Carried { repeats: true, ..carried(long, true, false) }
}

const TARGET: &str = "--target";

const CARRIED: &[Carried] = &[
    carried("--local", false, true),
    carried("--endpoint", true, true),
    carried("--insecure-http", false, true),
    Carried { short: Some("-s"), ..carried("--stage", true, false) },
    carried(TARGET, true, false),
    carried("--profile", true, true),
    carried("--region", true, false),
    carried("--app", true, false),
    carried("--org", true, false),
    repeated("--param"),
    repeated("--output-value"),
    carried("--output-values", true, false),
];

impl Carried {
    /// Whether an argument is this option, with its value or without.
    fn is(&self, argument: &str) -> bool {
        let with_value = |name: &str| {
            argument.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        };
        // `-sprod` is `-s prod`.
        with_value(self.long) || self.short.is_some_and(|short| argument.starts_with(short))
    }

    /// Whether its value is the next argument.
    fn is_apart(&self, argument: &str) -> bool {
        self.takes_value && (argument == self.long || Some(argument) == self.short)
    }
}

/// The name and the options that the program was called with.
#[derive(Debug)]
pub struct Invocation {
    program: String,
    given: Vec<(&'static Carried, String)>,
}

impl Default for Invocation {
    fn default() -> Self {
        Self { program: NAME.to_owned(), given: Vec::new() }
    }
}

impl Invocation {
    /// A call by this name with these arguments.
    #[must_use]
    pub fn new(program: &str, arguments: &[String]) -> Self {
        let mut given = Vec::new();
        let mut arguments = arguments.iter().take_while(|argument| *argument != "--").peekable();
        while let Some(argument) = arguments.next() {
            let Some(option) = CARRIED.iter().find(|option| option.is(argument)) else { continue };
            let mut text = shell::quoted(&shown(argument)).into_owned();
            if option.is_apart(argument) {
                // Without one the command line is refused in any case.
                let Some(value) = arguments.next_if(|value| !value.starts_with('-')) else {
                    continue;
                };
                text.push(' ');
                text.push_str(&shell::quoted(&shown(value)));
            }
            given.push((option, text));
        }
        Self { program: program.to_owned(), given }
    }

    /// The name that the program was called by.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.program
    }

    /// The text with every command in it as the user can paste it. Said of a member of a project,
    /// a command is about the member's folder.
    #[must_use]
    pub fn rendered<'a>(&self, text: &'a str, member: Option<&str>) -> Cow<'a, str> {
        const START: &str = "`scfctl";
        if !text.contains(START) {
            return Cow::Borrowed(text);
        }
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(position) = rest.find(START) {
            let (before, command) = rest.split_at(position + 1);
            shown.push_str(before);
            rest = command;
            let Some((words, end)) = shell::words_in_backticks(command) else { continue };
            if words.first().is_some_and(|word| word.argument == NAME) {
                shown.push_str(&self.command(&command[..end], &words, member));
                rest = &command[end..];
            }
            // The closing back-tick opens nothing.
            if let Some(after) = rest.strip_prefix('`') {
                shown.push('`');
                rest = after;
            }
        }
        shown.push_str(rest);
        Cow::Owned(shown)
    }

    fn command(&self, line: &str, words: &[Word], member: Option<&str>) -> String {
        let (name, rest) = line.split_at(words[0].range.end);
        let mut shown = name.replace(NAME, &shell::quoted(&self.program));
        // Options stand before the pairs.
        let place = words.iter().find(|word| word.argument == "--inputs");
        let place = place.map_or(rest.trim_end().len(), |word| word.range.start - name.len() - 1);
        let (before, after) = rest.split_at(place);
        shown.push_str(before);
        for (option, given) in &self.given {
            if is_wanted(option, words) && !(option.repeats && line.contains(given.as_str())) {
                shown.push(' ');
                shown.push_str(given);
            }
        }
        let target = CARRIED.iter().find(|option| option.long == TARGET);
        let is_given = self.given.iter().any(|(option, _)| option.long == TARGET);
        if let (Some(folder), Some(target)) = (member, target)
            && !is_given
            && is_wanted(target, words)
        {
            for word in [" ", TARGET, " ", &shell::quoted(folder)] {
                shown.push_str(word);
            }
        }
        shown.push_str(after);
        shown
    }
}

/// Whether a command lacks an option that was given.
fn is_wanted(option: &Carried, words: &[Word]) -> bool {
    let has = |long: &str| {
        let option = CARRIED.iter().find(|option| option.long == long);
        option.is_some_and(|option| words.iter().any(|word| option.is(&word.argument)))
    };
    let command = words.get(1).map_or("--help", |word| word.argument.as_str());
    if command.starts_with('-') || WITHOUT_OPTIONS.contains(&command) {
        return false;
    }
    // One more of those that may be given more than once is no other.
    if has(option.long) && !option.repeats {
        return false;
    }
    // Some commands call nothing, but `config` shows where keys are found. Another service than
    // the one that was asked is a choice.
    let calls_nothing = command == "package" || (command == "config" && option.long != "--profile");
    !(option.connects && (calls_nothing || has("--local") || has("--endpoint")))
}

/// An argument, or its value, as it may be shown.
fn shown(argument: &str) -> Cow<'_, str> {
    let hidden = ["credential", "key", "passw", "secret", "token"];
    let option = if argument.starts_with("--") { "=" } else { "" };
    let mut with_pair = ["--param=", "--output-value="].into_iter();
    let (before, pair) = match with_pair.find_map(|name| argument.strip_prefix(name)) {
        Some(pair) => argument.split_at(argument.len() - pair.len()),
        None if option.is_empty() => ("", argument),
        None => return Cow::Borrowed(argument),
    };
    match pair.split_once('=') {
        Some((name, _)) if hidden.iter().any(|part| name.to_lowercase().contains(part)) => {
            Cow::Owned(format!("{before}{name}=…"))
        }
        _ => Cow::Borrowed(argument),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(program: &str, arguments: &str, text: &str) -> String {
        let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
        Invocation::new(program, &arguments).rendered(text, None).into_owned()
    }

    #[test]
    fn a_command_said_of_a_member_is_about_its_folder() {
        let text =
            "`scfctl deploy --inputs traffic=1`, `scfctl deploy --target x`, `scfctl --help`";
        let given = |arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            Invocation::new("scfctl", &arguments).rendered(text, Some("a b")).into_owned()
        };
        assert_eq!(
            given(&["deploy"]),
            "`scfctl deploy --target 'a b' --inputs traffic=1`, `scfctl deploy --target x`, `scfctl --help`"
        );
        assert_eq!(
            given(&["deploy", "--target", "y"]),
            "`scfctl deploy --target y --inputs traffic=1`, `scfctl deploy --target x`, `scfctl --help`"
        );
    }

    #[test]
    fn a_command_gets_the_name_and_the_options_of_the_call() {
        let line = "to go back: `scfctl deploy --inputs traffic=1`, or `scfctl --help`";
        for (program, arguments, expected) in [
            ("scfctl", "deploy", line),
            ("sls", "deploy", "to go back: `sls deploy --inputs traffic=1`, or `sls --help`"),
            (
                "scf",
                "-s prod deploy --local --inputs traffic=0.1 --debug --target=a$b",
                "to go back: `scf deploy -s prod --local '--target=a$b' --inputs traffic=1`, or `scf --help`",
            ),
            (
                "scfctl",
                "deploy --endpoint http://h:1 --insecure-http --profile p --region r --app a --org o \
                 --param x=1 --param dbPassword=p --param=apiKey=k",
                "to go back: `scfctl deploy --endpoint http://h:1 --insecure-http --profile p --region r --app a \
                 --org o --param x=1 --param 'dbPassword=…' '--param=apiKey=…' --inputs traffic=1`, or `scfctl --help`",
            ),
            // Without its value, behind `--`.
            ("scfctl", "deploy --stage --inputs", line),
            ("scfctl", "deploy -- --local", line),
        ] {
            assert_eq!(rendered(program, arguments, line), expected, "{arguments}");
        }
    }

    #[test]
    fn a_command_that_names_its_own_keeps_it() {
        for (arguments, text, expected) in [
            (
                "--stage dev --local",
                "`scfctl deploy --stage prod`",
                "`scfctl deploy --stage prod --local`",
            ),
            ("--stage dev", "`scfctl deploy -s prod`", "`scfctl deploy -s prod`"),
            (
                "--endpoint http://h --profile p",
                "`scfctl deploy --local`",
                "`scfctl deploy --local`",
            ),
            (
                "--param a=1 --param b=2",
                "`scfctl deploy --param b=2 --param c=3`",
                "`scfctl deploy --param b=2 --param c=3 --param a=1`",
            ),
            ("--local --target a", "`scfctl local serve`", "`scfctl local serve`"),
            ("--local --target a", "`scfctl package --list`", "`scfctl package --list --target a`"),
        ] {
            assert_eq!(rendered("scfctl", arguments, text), expected);
        }
    }

    #[test]
    fn other_texts_stay() {
        for text in [
            "`scfctlx deploy`",
            "scfctl deploy",
            "`scfctl deploy",
            "`scfctl deploy 'a`",
            "`.scfctl`",
            "`a` `scfctlb` `c`",
        ] {
            assert_eq!(rendered("sls", "--local", text), text);
        }
        // A back-tick within quotes is part of the command.
        assert_eq!(
            rendered("sls", "--local", "`scfctl deploy --inputs 'description=a `b`'` and `c`"),
            "`sls deploy --local --inputs 'description=a `b`'` and `c`"
        );
    }
}
