//! What the option parser refuses, as values: its own words are English.

use std::error::Error as _;
use std::net::AddrParseError;
use std::num::ParseIntError;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::app::local::RateError;
use crate::error::{ArgumentsError, Refusal, Tip, ValueError};

/// The refusal as one of ours.
pub(super) fn of(error: &clap::Error) -> ArgumentsError {
    let refusal = refusal(error).unwrap_or_else(|| Refusal::Other(message(error)));
    ArgumentsError::Refused { refusal, tips: tips(error) }
}

/// How the command is used, where the option parser would say so.
pub(super) fn usage(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else { return None };
    let usage = usage.to_string();
    Some(usage.strip_prefix("Usage: ").unwrap_or(&usage).to_owned())
}

/// `None` for what the option parser does not describe by values.
fn refusal(error: &clap::Error) -> Option<Refusal> {
    let option = || text(error, ContextKind::InvalidArg);
    let value = || text(error, ContextKind::InvalidValue);
    Some(match error.kind() {
        ErrorKind::ValueValidation => {
            Refusal::Value { option: option()?, value: value()?, reason: reason(error) }
        }
        ErrorKind::InvalidValue => {
            let (option, value) = (option()?, value()?);
            let choices = texts(error, ContextKind::ValidValue);
            if value.is_empty() {
                Refusal::NoValue { option, choices }
            } else {
                Refusal::NotAChoice { option, value, choices }
            }
        }
        ErrorKind::TooManyValues => Refusal::OneValueMore { option: option()?, value: value()? },
        ErrorKind::ArgumentConflict => {
            let (option, others) = (option()?, texts(error, ContextKind::PriorArg));
            if others == [option.as_str()] {
                Refusal::Repeated { option }
            } else {
                Refusal::Conflict { option, others }
            }
        }
        ErrorKind::MissingRequiredArgument => {
            Refusal::Missing { options: texts(error, ContextKind::InvalidArg) }
        }
        ErrorKind::UnknownArgument => Refusal::Unexpected { argument: option()? },
        ErrorKind::InvalidSubcommand => {
            Refusal::NoSuchSubcommand { word: text(error, ContextKind::InvalidSubcommand)? }
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Refusal::NoSubcommand
        }
        _ => return None,
    })
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    }
}

fn texts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

/// What is wrong with a value, as whoever read it says.
fn reason(error: &clap::Error) -> ValueError {
    let Some(source) = error.source() else { return ValueError::Other(String::new()) };
    let ours = source.downcast_ref().cloned();
    let ours = ours.or_else(|| source.downcast_ref::<RateError>().copied().map(ValueError::Rate));
    let number = || source.downcast_ref::<ParseIntError>().cloned().map(ValueError::Number);
    let address = || source.downcast_ref::<AddrParseError>().cloned().map(ValueError::Address);
    ours.or_else(number).or_else(address).unwrap_or_else(|| ValueError::Other(source.to_string()))
}

fn tips(error: &clap::Error) -> Vec<Tip> {
    let mut tips = Vec::new();
    let commands = texts(error, ContextKind::SuggestedSubcommand);
    if !commands.is_empty() {
        tips.push(Tip::Subcommands(commands));
    }
    tips.extend(text(error, ContextKind::SuggestedArg).map(Tip::Option));
    tips.extend(text(error, ContextKind::SuggestedValue).map(Tip::Value));
    if let Some(ContextValue::StyledStrs(others)) = error.get(ContextKind::Suggested) {
        tips.extend(others.iter().map(|tip| {
            let tip = tip.to_string();
            let below = tip.strip_prefix('\'').and_then(|rest| rest.strip_suffix("' exists"));
            match below {
                Some(option) => Tip::Below(option.to_owned()),
                None => Tip::Other(tip),
            }
        }));
    }
    tips
}

/// The message, in the words of the option parser.
fn message(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
    let message = lines.collect::<Vec<_>>().join(" ");
    message.strip_prefix("error: ").unwrap_or(&message).to_owned()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::command::Cli;
    use super::*;

    /// What is shown on stderr, in the words of the option parser, is what JSON says.
    #[test]
    fn english_is_in_the_words_of_the_option_parser() {
        for (line, kind, tip) in [
            ("deploy --timeout x", ErrorKind::ValueValidation, ""),
            ("deploy --timeout 0", ErrorKind::ValueValidation, ""),
            ("deploy --param x", ErrorKind::ValueValidation, ""),
            ("deploy --sha256 x", ErrorKind::ValueValidation, ""),
            ("verify-split --confidence 1", ErrorKind::ValueValidation, ""),
            ("verify-split --version-at x", ErrorKind::ValueValidation, ""),
            ("deploy --output-value x", ErrorKind::ValueValidation, ""),
            ("deploy --output-value x=", ErrorKind::ValueValidation, ""),
            ("deploy --concurrency x", ErrorKind::ValueValidation, ""),
            ("deploy --concurrency 0", ErrorKind::ValueValidation, ""),
            ("deploy --concurrency 256", ErrorKind::ValueValidation, ""),
            ("local serve --latency x", ErrorKind::ValueValidation, ""),
            ("local serve --listen x", ErrorKind::ValueValidation, ""),
            ("local serve --rate x", ErrorKind::ValueValidation, ""),
            ("deploy --lang de", ErrorKind::InvalidValue, ""),
            ("deploy --lang zhx", ErrorKind::InvalidValue, "a similar value exists: 'zh'"),
            ("deploy --output", ErrorKind::InvalidValue, ""),
            ("deploy --timeout", ErrorKind::InvalidValue, ""),
            ("deploy --local=1", ErrorKind::TooManyValues, ""),
            ("deploy -q -v", ErrorKind::ArgumentConflict, ""),
            ("deploy -q -v --debug", ErrorKind::ArgumentConflict, ""),
            ("deploy -q -q", ErrorKind::ArgumentConflict, ""),
            ("deploy --endpoint x --local", ErrorKind::ArgumentConflict, ""),
            ("deploy --detailed-exitcode", ErrorKind::MissingRequiredArgument, ""),
            ("deploy x", ErrorKind::UnknownArgument, ""),
            ("deploy --tim", ErrorKind::UnknownArgument, "a similar argument exists: '--timeout'"),
            ("local --listen x serve", ErrorKind::UnknownArgument, "'serve --listen' exists"),
            ("deplo", ErrorKind::InvalidSubcommand, "a similar subcommand exists: 'deploy'"),
            (
                "x-alias",
                ErrorKind::InvalidSubcommand,
                "some similar subcommands exist: 'list-alias', 'delete-alias'",
            ),
            ("help x", ErrorKind::InvalidSubcommand, ""),
        ] {
            let words = format!("scfctl {line}");
            let error = Cli::command().try_get_matches_from(words.split(' ')).unwrap_err();
            assert_eq!(error.kind(), kind, "{line}");
            let known = refusal(&error).unwrap();
            assert_eq!(known.to_string(), message(&error), "{line}");
            let other = matches!(known, Refusal::Value { reason: ValueError::Other(_), .. });
            assert!(!other, "{line}");
            let rendered = error.render().to_string();
            let tips: Vec<String> = tips(&error).iter().map(Tip::to_string).collect();
            let lines = rendered.lines().filter_map(|line| line.trim().strip_prefix("tip: "));
            assert_eq!(tips, lines.collect::<Vec<_>>(), "{line}");
            assert_eq!(tips.concat(), tip, "{line}");
            let usage = usage(&error).map(|usage| format!("Usage: {usage}"));
            let line = rendered.lines().find(|line| line.starts_with("Usage: "));
            assert_eq!(usage.as_deref(), line);
        }
    }
}
