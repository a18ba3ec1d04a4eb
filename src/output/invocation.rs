//! How the program was called, so that every command in a text can be pasted.
//!
//! A text names a command as `` `scfctl deploy --inputs traffic=1` ``: in back-ticks, the name
//! first, quoted for a shell. Here it gets the name that the program was called by and the
//! options that say which project, stage and service are meant, as they were given. Whatever
//! else looks like such a command is treated alike, which can only add what the user typed.
//!
//! Inputs stand in such a command, and in a part of one such as `` `--inputs traffic=1` ``, as
//! `--inputs key=value`. Here they become what the user types: the pairs alone where some were
//! typed, else the options for them. A pair `` `--inputs traffic=…` `` names the input.

use std::borrow::Cow;

use crate::shell::{self, Word, quoted};
use crate::withheld;

/// The name that texts use.
const NAME: &str = "scfctl";

/// Commands that no option of a project concerns.
const WITHOUT_OPTIONS: &[&str] = &["apply", "help", "local"];

/// Commands that use the value of every option. For others one that is not shown is left out:
/// they would be refused for it.
const USING_VALUES: &[&str] = &["config", "deploy", "package"];

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
const FLAG: &str = "--inputs";

/// Stands in a text for whatever the value of an input is.
const ANY: &str = withheld::MARK;

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

/// The arguments that give a command an input as options: command, key and value.
pub type AsOptions = fn(&str, &str, &str) -> Option<Vec<String>>;

/// An option as it was given.
#[derive(Debug)]
struct GivenOption {
    option: &'static Carried,
    /// Of one that repeats: what it gives a value to.
    name: Option<String>,
    /// As it is typed, without secrets.
    text: String,
    /// Whether a secret was left out.
    is_withheld: bool,
}

impl GivenOption {
    /// Whether words of a command have it: once, or of one that repeats for the same name.
    fn stands_in(&self, words: &[Word]) -> bool {
        let Some(name) = &self.name else { return false };
        words.iter().enumerate().any(|(position, word)| {
            let pair = if word.argument == self.option.long {
                words.get(position + 1).map(|word| word.argument.as_str())
            } else {
                word.argument.strip_prefix(self.option.long).and_then(|rest| rest.strip_prefix('='))
            };
            pair.is_some_and(|pair| pair.split('=').next() == Some(name))
        })
    }
}

/// The name and the options that the program was called with.
#[derive(Debug)]
pub struct CalledAs {
    program: String,
    given: Vec<GivenOption>,
    /// The command, and how its inputs are options, where none were typed as pairs.
    options: Option<(String, AsOptions)>,
}

impl Default for CalledAs {
    fn default() -> Self {
        Self { program: NAME.to_owned(), given: Vec::new(), options: None }
    }
}

impl CalledAs {
    /// A call by this name with these arguments.
    #[must_use]
    pub fn new(program: &str, arguments: &[String]) -> Self {
        let mut given = Vec::new();
        let shown = withheld::shown(arguments);
        let mut arguments = shown.iter().take_while(|argument| *argument != "--").peekable();
        while let Some(argument) = arguments.next() {
            let Some(option) = CARRIED.iter().find(|option| option.is(argument)) else { continue };
            let mut text = quoted(argument).into_owned();
            let mut value = argument.split_once('=').map_or("", |(_, value)| value);
            if option.is_apart(argument) {
                // Without one the command line is refused in any case.
                let Some(apart) = arguments.next_if(|value| !value.starts_with('-')) else {
                    continue;
                };
                text.push(' ');
                text.push_str(&quoted(apart));
                value = apart;
            }
            let name = option.repeats.then(|| value.split('=').next().unwrap_or(value).to_owned());
            let is_withheld = withheld::is_withheld(argument) || withheld::is_withheld(value);
            given.push(GivenOption { option, name, text, is_withheld });
        }
        Self { program: program.to_owned(), given, options: None }
    }

    /// The same call, whose texts have options in place of inputs. A part of a command in a text
    /// is one of this command.
    #[must_use]
    pub fn in_options(self, command: &str, options: AsOptions) -> Self {
        Self { options: Some((command.to_owned(), options)), ..self }
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
        const STARTS: [&str; 2] = ["`scfctl", "`--"];
        let start = |text: &str| STARTS.iter().filter_map(|start| text.find(start)).min();
        if start(text).is_none() {
            return Cow::Borrowed(text);
        }
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(position) = start(rest) {
            let (before, quoted) = rest.split_at(position + 1);
            shown.push_str(before);
            rest = quoted;
            let Some((words, end)) = shell::words_in_backticks(quoted) else { continue };
            let first = words.first().map_or("", |word| word.argument.as_str());
            let line = &quoted[..end];
            if first == NAME {
                shown.push_str(&self.command(line, words, member));
            } else if first.starts_with("--") {
                shown.push_str(&self.part(line, &words));
            } else {
                continue;
            }
            rest = &quoted[end..];
            // The closing back-tick opens nothing.
            if let Some(after) = rest.strip_prefix('`') {
                shown.push('`');
                rest = after;
            }
        }
        shown.push_str(rest);
        Cow::Owned(shown)
    }

    /// A part of a command, with its inputs as the user types them.
    fn part<'a>(&self, line: &'a str, words: &[Word]) -> Cow<'a, str> {
        let Some((before, pairs)) = at_inputs(line, words) else { return Cow::Borrowed(line) };
        let command = self.options.as_ref().map_or("", |(command, _)| command);
        let (options, pairs) = self.split(command, line, pairs, true);
        let typed = self.options.is_none() && before.is_empty();
        let flag = (!pairs.is_empty() && !typed).then(|| FLAG.to_owned());
        let shown = (!before.is_empty()).then(|| before.to_owned()).into_iter();
        let shown: Vec<String> = shown.chain(options).chain(flag).chain(pairs).collect();
        Cow::Owned(shown.join(" "))
    }

    /// The inputs that are options of the command, and the others as they stand.
    /// In a part of a command [`ANY`] value leaves the key alone.
    fn split(
        &self,
        command: &str,
        line: &str,
        pairs: &[Word],
        is_part: bool,
    ) -> (Vec<String>, Vec<String>) {
        let (mut options, mut rest) = (Vec::new(), Vec::new());
        for pair in pairs {
            let (key, value) = pair.argument.split_once('=').unwrap_or((&pair.argument, ""));
            // In a whole command it stands for a value that is not shown.
            let as_options = self.options.as_ref().filter(|_| is_part || value != ANY);
            let given = as_options.and_then(|(_, given)| given(command, key, value));
            match given {
                Some(given) => options.extend(given.iter().map(|word| quoted(word).into_owned())),
                None if value == ANY && is_part => rest.push(key.to_owned()),
                None => rest.push(line[pair.range.clone()].to_owned()),
            }
        }
        (options, rest)
    }

    /// A command with its inputs as the user types them.
    fn in_words_of_the_user<'a>(&self, line: &'a str, words: &[Word]) -> Cow<'a, str> {
        let command = words.get(1).map(|word| word.argument.replace('_', "-"));
        let (Some(command), Some((before, pairs)), Some(_)) =
            (command, at_inputs(line, words), &self.options)
        else {
            return Cow::Borrowed(line);
        };
        let (options, pairs) = self.split(&command, line, pairs, false);
        let flag = (!pairs.is_empty()).then(|| FLAG.to_owned());
        let shown: Vec<String> =
            std::iter::once(before.to_owned()).chain(options).chain(flag).chain(pairs).collect();
        Cow::Owned(shown.join(" "))
    }

    fn command(&self, line: &str, words: Vec<Word>, member: Option<&str>) -> String {
        let line = self.in_words_of_the_user(line, &words);
        let (line, words) = match &line {
            Cow::Borrowed(line) => (*line, words),
            Cow::Owned(line) => {
                let read = shell::words_in_backticks(&format!("{line}`"));
                (line.as_str(), read.map_or(words, |(words, _)| words))
            }
        };
        let words = &words[..];
        let (name, rest) = line.split_at(words[0].range.end);
        let mut shown = name.replace(NAME, &quoted(&self.program));
        // Options stand before the pairs.
        let place = words.iter().find(|word| word.argument == FLAG);
        let place = place.map_or(rest.trim_end().len(), |word| word.range.start - name.len() - 1);
        let (before, after) = rest.split_at(place);
        shown.push_str(before);
        let command = words.get(1).map_or("", |word| word.argument.as_str());
        let uses_values = USING_VALUES.contains(&command);
        for given in &self.given {
            // Without its endpoint a command would be about another service.
            let is_of_no_use = given.is_withheld && given.option.repeats && !uses_values;
            if !is_of_no_use && is_wanted(given.option, words) && !given.stands_in(words) {
                shown.push(' ');
                shown.push_str(&given.text);
            }
        }
        let target = CARRIED.iter().find(|option| option.long == TARGET);
        let is_given = self.given.iter().any(|given| given.option.long == TARGET);
        // Of all functions the member is only one.
        let is_of_all = words.iter().any(|word| word.argument == "--project");
        if let (Some(folder), Some(target)) = (member, target)
            && !is_given
            && !is_of_all
            && is_wanted(target, words)
        {
            for word in [" ", TARGET, " ", &quoted(folder)] {
                shown.push_str(word);
            }
        }
        shown.push_str(after);
        shown
    }
}

/// What stands before the inputs of a line, and the inputs; `None` where it has none.
fn at_inputs<'a>(line: &'a str, words: &'a [Word]) -> Option<(&'a str, &'a [Word])> {
    let position = words.iter().position(|word| word.argument == FLAG)?;
    let pairs = &words[position + 1..];
    (!pairs.is_empty()).then(|| (line[..words[position].range.start].trim_end(), pairs))
}

/// Whether a command lacks an option that was given.
fn is_wanted(option: &Carried, words: &[Word]) -> bool {
    let has = |long: &str| {
        let option = CARRIED.iter().find(|option| option.long == long);
        option.is_some_and(|option| words.iter().any(|word| option.is(&word.argument)))
    };
    let command = words.get(1).map_or("--help", |word| word.argument.as_str());
    let is_help = |word: &Word| matches!(&*word.argument, "--help" | "-h");
    let is_of_none = command.starts_with('-') || WITHOUT_OPTIONS.contains(&command);
    if is_of_none || words.iter().any(is_help) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(program: &str, arguments: &str, text: &str) -> String {
        let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
        CalledAs::new(program, &arguments).rendered(text, None).into_owned()
    }

    #[test]
    fn a_command_said_of_a_member_is_about_its_folder() {
        let text =
            "`scfctl deploy --inputs traffic=1`, `scfctl deploy --target x`, `scfctl --help`";
        let of_all = "`scfctl rollout abort --project`";
        assert_eq!(CalledAs::default().rendered(of_all, Some("a")), of_all);
        let given = |arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            CalledAs::new("scfctl", &arguments).rendered(text, Some("a b")).into_owned()
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
    fn a_secret_stands_in_no_command_and_no_option_twice() {
        for (arguments, text, expected) in [
            (
                "--param DB_PASSWORD=hunter2",
                "`scfctl deploy --param 'DB_PASSWORD=…' --traffic 0.1`",
                "`scfctl deploy --param 'DB_PASSWORD=…' --traffic 0.1`",
            ),
            (
                "--param=DB_PASSWORD=hunter2 --param a=1",
                "`scfctl deploy --param 'DB_PASSWORD=…'`",
                "`scfctl deploy --param 'DB_PASSWORD=…' --param a=1`",
            ),
            (
                "--endpoint http://u:hunter8@h --output-value dev:a:db.url=pg://u:hunter6@h",
                "`scfctl deploy`",
                "`scfctl deploy --endpoint 'http://…@h' --output-value 'dev:a:db.url=…'`",
            ),
        ] {
            assert_eq!(rendered("scfctl", arguments, text), expected);
        }
        for text in ["`scfctl deploy --help`", "`scfctl rollout start -h`"] {
            let arguments = "deploy --local --stage prod --target x --param a=1";
            assert_eq!(rendered("scfctl", arguments, text), text);
        }
        for command in ["rollback", "rollout abort", "update-alias"] {
            let arguments = "--param DB_PASSWORD=hunter2 --param a=1 --output-value=dev:a:db.url=pg://u:hunter6@h \
                 --endpoint http://u:hunter8@h";
            assert_eq!(
                rendered("scfctl", arguments, &format!("`scfctl {command}`")),
                format!("`scfctl {command} --param a=1 --endpoint 'http://…@h'`")
            );
        }
        let text = "`scfctl deploy --inputs environment='…'`";
        let call = CalledAs::new("scfctl", &[]).in_options("deploy", as_options);
        assert_eq!(call.rendered(text, None), text);
    }

    /// Stands in for the options of the commands.
    fn as_options(command: &str, key: &str, value: &str) -> Option<Vec<String>> {
        let name = format!("--{key}");
        match (command, key, value) {
            (_, "traffic" | "region", ANY) => Some(vec![name]),
            ("deploy", "traffic", _) | (_, "region", _) => Some(vec![name, value.to_owned()]),
            ("update-alias", "config", _) => {
                Some(vec!["--weight".to_owned(), "$LATEST=1".to_owned()])
            }
            _ => None,
        }
    }

    #[test]
    fn inputs_are_said_as_they_are_typed() {
        let text = "`scfctl deploy --inputs traffic=1 memorySize=1`, `scfctl update-alias --inputs \
                    config='{}' region=r`; `--inputs traffic=1`, `--force --inputs traffic=1`, without \
                    `--inputs traffic=…`, `--inputs x=…` or `--inputs`";
        let arguments = ["--local", "--region", "r"].map(str::to_owned);
        let call = || CalledAs::new("sls", &arguments);
        assert_eq!(
            call().in_options("deploy", as_options).rendered(text, None),
            "`sls deploy --traffic 1 --local --region r --inputs memorySize=1`, `sls update-alias \
             --weight '$LATEST=1' --region r --local`; `--traffic 1`, `--force --traffic 1`, without \
             `--traffic`, `--inputs x` or `--inputs`"
        );
        assert_eq!(
            call().rendered(text, None),
            "`sls deploy --local --region r --inputs traffic=1 memorySize=1`, `sls update-alias --local \
             --region r --inputs config='{}' region=r`; `traffic=1`, `--force --inputs traffic=1`, without \
             `traffic`, `x` or `--inputs`"
        );
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
