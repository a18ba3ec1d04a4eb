//! The answer to options that a command does not have.
//!
//! A suggestion is pasted, so that a wrong one is worse than none: what a word means here comes
//! before how it is spelt, and what could be either is left to whoever typed it.

use super::inputs::{self, InputOption};
use super::spelling::{ALL, DEPLOY, is_option, name, names, value_apart};
use crate::config::function::nearest;
use crate::error::{ArgumentsError, Error, ForeignOption};

/// Options without which a command does the same to the same. One that says a share, a version or
/// whose function it is is none, nor one that keeps from calling.
const ALWAYS_GO: &[&str] = &[
    "-y",
    "--concurrency",
    "--detailed-exitcode",
    "--follow",
    "--noCache",
    "--run-id",
    "--timeout",
    "--wait",
    "--watch",
    "--yes",
];
/// One more, of commands that change nothing.
const DRY_RUN: &str = "--dry-run";

/// Options of other programs, `sls` among them, that are not served here.
const FOREIGN_OPTIONS: &[(&str, ForeignOption)] = &[
    ("--config", ForeignOption::Config),
    ("-V", ForeignOption::Version),
    ("-c", ForeignOption::Config),
];

/// Letters that other programs have for options.
const LETTERS: &[(&str, &str)] = &[("-f", "--function"), ("-n", "--namespace"), ("-r", "--region")];

/// Words for a share of the requests.
const SHARES: &[&str] = &[
    "canary",
    "canary-percent",
    "canary-weight",
    "gray",
    "grey",
    "percent",
    "percentage",
    "ratio",
    "share",
    "traffic",
    "traffic-percent",
    "traffic-weight",
    "weight",
];

/// Words for a version.
const VERSIONS: &[&str] = &[
    "fn-version",
    "function-version",
    "main-version",
    "target-version",
    "ver",
    "version",
    "version-id",
    "version-number",
];

/// Other words for an option. The first one that the command has is meant.
const SENSES: &[(&[&str], &[&str])] = &[
    (&["alias", "alias-name"], &["--alias"]),
    (&["name"], &["--alias", "--function"]),
    (&["fn", "func", "function-name"], &["--function"]),
    (&["ns"], &["--namespace"]),
    (VERSIONS, &["--version", "--to", "--qualifier"]),
];

/// What stands behind the name of an option, and says nothing more.
const TAILS: &[&str] = &["file", "id", "key", "name", "seconds", "value"];

/// What an unknown option means.
struct Meaning {
    /// The option to name.
    word: String,
    /// The argument in its place.
    argument: String,
    /// What to write for the argument behind it, where that is its value.
    value: Option<String>,
    /// Whether it can stand in a line as it is.
    is_whole: bool,
}

impl Meaning {
    fn new(word: &str, rest: &str) -> Self {
        let [word, argument] = [word.to_owned(), format!("{word}{rest}")];
        Self { word, argument, value: None, is_whole: true }
    }
}

/// The answer to options that the command does not have: the one that the first word names, and
/// the one below it. `line` shows arguments as a command line, where that would be taken, and
/// `changes` says whether they may change something.
pub(super) fn refused(
    unknown: &[&str],
    tree: &clap::Command,
    [command, nested]: [&clap::Command; 2],
    arguments: &[String],
    line: &dyn Fn(&[String]) -> Option<String>,
    changes: &dyn Fn(&[String]) -> bool,
) -> Error {
    let option = spelt(unknown[0]);
    let title = |nested: &clap::Command| match command.get_name() {
        name if name == nested.get_name() => name.to_owned(),
        name => format!("{name} {}", nested.get_name()),
    };
    let titles = |other: &clap::Command| {
        if !is_option(option, other) || (option == ALL && other.get_name() != DEPLOY) {
            return Vec::new();
        }
        if other.get_name() != command.get_name() {
            return vec![other.get_name().to_owned()];
        }
        let below = other.get_subcommands().filter(|below| is_option(option, below));
        below.map(title).collect()
    };
    let others: Vec<String> = tree.get_subcommands().flat_map(titles).collect();
    let foreign = FOREIGN_OPTIONS.iter().find(|(foreign, _)| *foreign == option);
    if let (Some((_, foreign)), true) = (foreign, others.is_empty()) {
        let [option, command] = [option, command.get_name()].map(str::to_owned);
        return ArgumentsError::ForeignOption { option, command, foreign: *foreign }.into();
    }
    let is_known = |argument: &&String| !std::ptr::eq(argument.as_str(), unknown[0]);
    let without: Vec<String> = arguments.iter().filter(is_known).cloned().collect();
    let mut instead = arguments.to_vec();
    let (mut meant, mut is_whole) = (Vec::new(), true);
    for typed in unknown {
        let place = arguments.iter().position(|argument| std::ptr::eq(argument.as_str(), *typed));
        let behind = place.and_then(|place| arguments.get(place + 1)).map(String::as_str);
        let known = |other: &clap::Command| is_option(typed, other);
        let meaning = sense(typed, behind, nested).or_else(|| {
            // What it is elsewhere, it may be here, too: no other word is meant.
            let elsewhere = tree.get_subcommands().any(known);
            if elsewhere { None } else { spelt_like(typed, command, nested) }
        });
        let (Some(meaning), Some(place)) = (meaning, place) else {
            is_whole = false;
            continue;
        };
        let word = format!("`{}`", meaning.word);
        if !meant.contains(&word) {
            meant.push(word);
        }
        is_whole &= meaning.is_whole;
        instead[place] = meaning.argument;
        if let Some(value) = meaning.value {
            instead[place + 1] = value;
        }
    }
    let instead = value_apart(&instead, nested).map_or(instead, |apart| apart.instead);
    let line = is_whole.then(|| line(&instead)).flatten();
    let [mut option, command] = [option.to_owned(), title(nested)];
    if unknown[0][option.len()..].starts_with('＝') {
        option.push('＝');
    }
    if others.is_empty() {
        ArgumentsError::NoSuchOption { option, command, meant, line }.into()
    } else {
        let can_go =
            ALWAYS_GO.contains(&option.as_str()) || (option == DRY_RUN && !changes(&without));
        ArgumentsError::OptionOfOthers { option, others, command, meant, line, can_go }.into()
    }
}

/// The name of an option, also where an input method wrote the `=` behind it.
fn spelt(option: &str) -> &str {
    let name = name(option);
    name.split('＝').next().unwrap_or(name)
}

/// What a word is called here, whatever it looks like.
fn sense(typed: &str, behind: Option<&str>, command: &clap::Command) -> Option<Meaning> {
    let option = spelt(typed);
    let word = option.strip_prefix("--")?;
    let rest = typed[option.len()..].replacen('＝', "=", 1);
    if option.len() < name(typed).len() && is_option(option, command) {
        return Some(Meaning::new(option, &rest));
    }
    let has = |option: &&str| is_option(option, command);
    if inputs::spelt_alike(word, SHARES).is_some() {
        // A list of steps is no share.
        let known = ["--traffic", "--weight", "--steps"].into_iter().find(has)?;
        return Some(share(known, word, rest.strip_prefix('='), behind));
    }
    let value = rest.strip_prefix('=').or(behind).unwrap_or_default();
    let is_version = value == "$LATEST" || value.parse::<u64>().is_ok();
    if inputs::spelt_alike(word, &["qualifier"]).is_some() {
        let known = if is_version { "--version" } else { "--alias" };
        return is_option(known, command).then(|| Meaning::new(known, &rest));
    }
    if ["no-color", "no-colour"].contains(&word) && has(&"--color") && rest.is_empty() {
        return Some(Meaning::new("--color", "=never"));
    }
    if let Some(meaning) = negated(word, command).filter(|_| rest.is_empty()) {
        return Some(meaning);
    }
    let alike = |(words, _): &&(&[&str], &[&str])| inputs::spelt_alike(word, words).is_some();
    let (words, known) = SENSES.iter().find(alike)?;
    // The version of `deploy` is that of an instance's provisioned concurrency.
    let is_other = *words == VERSIONS && command.get_name() == DEPLOY;
    let known = known.iter().copied().find(has).filter(|_| !is_other)?;
    Some(Meaning::new(known, &rest))
}

/// A share of the requests by another word, which `deploy` and the weights of an alias write
/// otherwise.
fn share(known: &str, word: &str, joined: Option<&str>, behind: Option<&str>) -> Meaning {
    let value = joined.or(behind.filter(|behind| !behind.starts_with('-')));
    let share = value.and_then(|value| share_of(value, word.contains("ercent")));
    let Some(share) = share.filter(|_| known != "--steps") else {
        return Meaning { is_whole: false, ..Meaning::new(known, "") };
    };
    let share = if known == "--weight" { format!("$LATEST={share}") } else { share };
    match joined {
        Some(_) => Meaning::new(known, &format!("={share}")),
        None => Meaning { value: Some(share), ..Meaning::new(known, "") },
    }
}

/// The share of `$LATEST` that a value says, from 0 to 1; `None` where it could be another one.
fn share_of(value: &str, is_percent: bool) -> Option<String> {
    let value = value.strip_prefix("$LATEST=").unwrap_or(value);
    let (value, is_sign) = value.strip_suffix('%').map_or((value, false), |value| (value, true));
    let share: f64 = value.parse().ok()?;
    // `--percent 0.5` may be half of them, `--percent 1` all.
    if is_percent && !is_sign && share <= 1.0 {
        return None;
    }
    if !is_percent && !is_sign {
        return (0.0..=1.0).contains(&share).then(|| value.to_owned());
    }
    let text = format!("{:.6}", share / 100.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    (0.0..=100.0).contains(&share).then(|| text.to_owned())
}

/// `--no-publish`, which is `--publish=false`.
fn negated(word: &str, command: &clap::Command) -> Option<Meaning> {
    let rest = word.strip_prefix("no")?;
    let positive = rest.strip_prefix('-').unwrap_or(rest);
    let key = positive.to_lowercase();
    let name = command.get_name();
    let option = format!("--{key}");
    if let Some(InputOption::Switch(_)) = inputs::option_of(name, &option) {
        return Some(Meaning::new(&format!("{option}=false"), ""));
    }
    let key = inputs::switch_of(name, positive)?;
    Some(Meaning {
        word: "--inputs".to_owned(),
        ..Meaning::new(&format!("--inputs.{key}=false"), "")
    })
}

/// The option or input that an unknown option is most likely spelt for.
fn spelt_like(typed: &str, command: &clap::Command, nested: &clap::Command) -> Option<Meaning> {
    let option = name(typed);
    let rest = &typed[option.len()..];
    if option == "-i" {
        return Some(Meaning::new("--inputs", rest));
    }
    let letter = LETTERS.iter().find(|(letter, _)| *letter == option);
    if let Some((_, long)) = letter.filter(|(_, long)| names(command).contains(*long)) {
        return Some(Meaning::new(long, rest));
    }
    let known: Vec<String> =
        names(nested).into_iter().filter(|name| name.starts_with("--")).collect();
    let known: Vec<&str> = known.iter().map(|known| known.trim_start_matches('-')).collect();
    let bare = option.trim_start_matches('-');
    if let Some(known) = inputs::spelt_alike(bare, &known) {
        return Some(Meaning::new(&format!("--{known}"), rest));
    }
    let keys = inputs::of_command(command.get_name()).unwrap_or_default();
    if let Some(key) = inputs::spelt_alike(bare, &keys) {
        let given = inputs::as_options(command.get_name(), key, inputs::ANY);
        let word = given.into_iter().flatten().next().unwrap_or_else(|| "--inputs".to_owned());
        // The old form, of which the line makes a pair.
        return Some(Meaning { word, ..Meaning::new(&format!("--inputs.{key}"), rest) });
    }
    let known = nearest(bare, known.iter().copied())?;
    // `--function-memory` is no function.
    let tail = bare.strip_prefix(known).and_then(|tail| tail.strip_prefix('-'));
    let is_other = tail.is_some_and(|tail| !TAILS.contains(&tail));
    (!is_other).then(|| Meaning::new(&format!("--{known}"), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_written_only_where_it_can_be_no_other_one() {
        for (value, is_percent, expected) in [
            ("0.1", false, Some("0.1")),
            ("0", false, Some("0")),
            ("1", false, Some("1")),
            ("10", false, None),
            ("10%", false, Some("0.1")),
            ("29%", false, Some("0.29")),
            ("33.3%", false, Some("0.333")),
            ("100%", false, Some("1")),
            ("101%", false, None),
            ("10", true, Some("0.1")),
            ("0.1", true, None),
            ("1", true, None),
            ("1%", true, Some("0.01")),
            ("$LATEST=0.2", false, Some("0.2")),
            ("2=0.2", false, None),
            ("-1", false, None),
            ("NaN", false, None),
            ("x", true, None),
        ] {
            assert_eq!(share_of(value, is_percent).as_deref(), expected, "{value}");
        }
    }
}
