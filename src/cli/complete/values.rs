//! What an option or an input may have for a value, as far as there is something to offer.

use crate::app::complete::Nameable;

/// Where values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfferedValues {
    /// These.
    Words(&'static [&'static str]),
    /// What is known, and these behind it.
    Known(Nameable, &'static [&'static str]),
    /// The keys of a `multi-scf` instance, else functions.
    KeysOrFunctions,
    /// Several of what is known, with commas between them.
    List(Nameable),
    /// Versions, each with its share behind `=`.
    Shares,
    /// Anything.
    Unknown,
}

const LATEST: &[&str] = &["$LATEST"];
const HOLD_OR_BACK: &[&str] = &["hold", "rollback"];

/// The values of an option (without dashes) or an input of a command. Files and folders are offered
/// by what the value is called.
pub(super) fn of(command: &str, name: &str) -> OfferedValues {
    use OfferedValues::{KeysOrFunctions, Known as Of, List, Shares, Unknown, Words};
    match (command, name) {
        ("deploy" | "package" | "config", "function") => KeysOrFunctions,
        (_, "function" | "from-function") => Of(Nameable::Functions, &[]),
        ("create-alias", "alias" | "name") | ("load", "version") => Unknown,
        ("update-alias" | "list-alias" | "delete-alias", "alias" | "name")
        | (_, "alias" | "aliasName") => Of(Nameable::Aliases, &[]),
        ("remove", "version") | ("rollback", "to") => Of(Nameable::Versions, &[]),
        ("metric", "version") => List(Nameable::Versions),
        (_, "version" | "qualifier" | "aliasFunctionVersion") => Of(Nameable::Versions, LATEST),
        (_, "to") => Of(Nameable::Versions, &["latest-published", "$LATEST"]),
        (_, "weight") => Shares,
        (_, "stage") => Of(Nameable::Stages, &[]),
        (_, "region") => Of(Nameable::Regions, &[]),
        (_, "metric") => List(Nameable::Metrics),
        (_, "period") => Words(&["60", "300", "3600", "86400"]),
        (_, "traffic") => Words(&["0", "0.1", "0.5", "1"]),
        ("deploy" | "package" | "config", "publish") => Words(&["true", "false"]),
        ("deploy" | "package" | "config", "type") => Words(&["event", "web"]),
        (_, "level") => Words(&["DEBUG", "INFO", "WARN", "ERROR"]),
        ("status", "wait") => Words(&["done", "paused", "step="]),
        (_, "preset") => Words(&[
            "AllAtOnce",
            "Canary10Percent5Minutes",
            "Canary10Percent10Minutes",
            "Canary10Percent15Minutes",
            "Canary10Percent30Minutes",
            "Linear10PercentEvery1Minute",
            "Linear10PercentEvery2Minutes",
            "Linear10PercentEvery3Minutes",
            "Linear10PercentEvery10Minutes",
        ]),
        (_, "advance") => Words(&["early"]),
        (_, "on-fail") => Words(&["rollback", "hold"]),
        (_, "on-no-data") => Words(&["hold", "continue", "rollback"]),
        (_, "on-inconclusive") => Words(&["hold", "continue"]),
        (_, "on-deadline" | "on-interrupt") => Words(HOLD_OR_BACK),
        (_, "notify") => Words(&["wecom=", "dingtalk=", "feishu=", "slack=", "json="]),
        (_, "scenario") => Words(&["healthy", "errors-at-50%", "slow", "no-traffic", "flapping"]),
        ("init", "runtime") => {
            Words(&["Nodejs18.15", "Nodejs20.19", "Php8.0", "Python3.9", "Python3.10"])
        }
        (_, "runtime") => Of(Nameable::Runtimes, &[]),
        _ => Unknown,
    }
}
