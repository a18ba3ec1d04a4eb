//! The raw arguments, each by the part it plays.

use super::{FLAG, InputsFault};

/// One argument.
#[derive(Clone, Copy)]
pub(super) enum Argument<'a> {
    /// `--inputs`.
    Flag,
    /// Another option, or `--`.
    Option(&'a str),
    /// The value of an option.
    Value(&'a str),
    /// A word without `=`.
    Bare(&'a str),
    Pair {
        key: &'a str,
        value: &'a str,
        argument: &'a str,
    },
    OldForm {
        /// Dots lead into the value, as they did for the old parser.
        path: &'a str,
        /// `None` for `--inputs=word`, which never was a pair.
        value: Option<&'a str>,
        argument: &'a str,
    },
}

/// The command: the first bare word, with dashes where the real CLI takes underscores too.
pub(super) fn command(words: &[Argument<'_>]) -> String {
    let bare = words.iter().find_map(|word| match word {
        Argument::Bare(argument) => Some(*argument),
        _ => None,
    });
    bare.unwrap_or_default().replace('_', "-")
}

/// How many words name a command.
pub(in crate::cli) fn words_of(command: &str) -> usize {
    if matches!(command, "local" | "rollout" | "versions") { 2 } else { 1 }
}

pub(super) fn classify<'a>(
    arguments: &'a [String],
    value_options: &[&str],
) -> Result<Vec<Argument<'a>>, InputsFault> {
    let mut words = Vec::with_capacity(arguments.len());
    let mut options_ended = false;
    let mut remaining = arguments.iter().map(String::as_str).peekable();
    while let Some(argument) = remaining.next() {
        if argument == FLAG {
            words.push(Argument::Flag);
        } else if let Some(pair) = argument.strip_prefix("--inputs=") {
            let (path, value) = match pair.split_once('=') {
                Some((key, value)) if !pair.starts_with('{') => (key, Some(value)),
                _ => (pair, None),
            };
            words.push(Argument::OldForm { path, value, argument });
        } else if let Some(pair) = argument.strip_prefix("--inputs.") {
            let (path, value) = match pair.split_once('=') {
                Some((path, value)) => (path, value),
                // `--inputs.traffic 0.2` was the same, a bare one meant true.
                None => match remaining.next_if(|next| !next.starts_with('-')) {
                    Some(value) => (pair, value),
                    None => (pair, "true"),
                },
            };
            words.push(Argument::OldForm { path, value: Some(value), argument });
        } else if argument == "--" {
            options_ended = true;
            words.push(Argument::Option(argument));
        } else if argument.starts_with('-') {
            words.push(Argument::Option(argument));
            if !options_ended && value_options.contains(&argument) {
                match remaining.peek() {
                    // Left to the option parser this would take a later word as the value.
                    Some(&FLAG) => {
                        return Err(InputsFault::OptionWithoutValue(argument.to_owned()));
                    }
                    Some(next) if !next.starts_with('-') => {
                        words.extend(remaining.next().map(Argument::Value));
                    }
                    // A missing value is the option parser's to report.
                    _ => {}
                }
            }
        } else if let Some((key, value)) =
            argument.split_once('=').filter(|_| !argument.starts_with('{'))
        {
            words.push(Argument::Pair { key, value, argument });
        } else {
            words.push(Argument::Bare(argument));
        }
    }
    Ok(words)
}
