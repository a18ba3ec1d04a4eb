//! Which inputs each command takes, and which one a wrong key means.

use crate::config::function::nearest;
use crate::config::input_error::Successor;
use crate::config::{function, multi_scf};

const PUBLISH_VER: &[&str] = &["function", "description", "namespace", "region"];
const SET_ALIAS: &[&str] =
    &["name", "function", "version", "config", "description", "namespace", "region"];
const LIST_ALIAS: &[&str] = &["function", "name", "version", "namespace", "region"];
const METRIC: &[&str] = &[
    "function",
    "metric",
    "version",
    "alias",
    "period",
    "interval",
    "startTime",
    "endTime",
    "namespace",
    "region",
];
const STATUS: &[&str] = &["function", "alias", "namespace", "region"];
const INVOKE: &[&str] = &["function", "event", "qualifier", "alias", "namespace", "region"];
const VERIFY_SPLIT: &[&str] = &["function", "alias", "event", "namespace", "region"];
const LOGS: &[&str] =
    &["function", "qualifier", "alias", "requestId", "level", "since", "namespace", "region"];
const REMOVE: &[&str] = &["function", "version", "alias", "namespace", "region"];
const ROLLOUT: &[&str] = &["function", "namespace", "region"];
const DELETE_ALIAS: &[&str] = &["name", "function", "namespace", "region"];

/// The inputs of a command; `None` when it is no command of this program, so that nothing is
/// known about it.
#[must_use]
pub fn of_command(command: &str) -> Option<Vec<&'static str>> {
    Some(match command {
        "deploy" | "package" | "config" => {
            function::keys().chain(multi_scf::KEYS.iter().copied()).collect()
        }
        "publish-ver" => PUBLISH_VER.to_vec(),
        "create-alias" | "update-alias" => SET_ALIAS.to_vec(),
        "list-alias" => LIST_ALIAS.to_vec(),
        "delete-alias" => DELETE_ALIAS.to_vec(),
        "metric" => METRIC.to_vec(),
        "status" | "info" => STATUS.to_vec(),
        "remove" => REMOVE.to_vec(),
        "doctor" | "list-ver" | "versions" | "rollout" | "rollback" => ROLLOUT.to_vec(),
        "invoke" => INVOKE.to_vec(),
        "verify-split" => VERIFY_SPLIT.to_vec(),
        "logs" | "log" => LOGS.to_vec(),
        "apply" | "completion" | "init" | "local" => Vec::new(),
        _ => return None,
    })
}

/// Inputs that are true or false: a bare one means true.
pub(super) const SWITCHES: &[&str] = &[
    "asyncRunEnable",
    "autoCreateApi",
    "eip",
    "ignoreTriggers",
    "installDependency",
    "isAutoPublish",
    "l5Enable",
    "publicAccess",
    "publish",
    "traceEnable",
];

/// The input of a command that is true or false, and spelt like a word.
#[must_use]
pub fn switch_of(command: &str, word: &str) -> Option<&'static str> {
    spelt_alike(word, &of_command(command)?).filter(|key| SWITCHES.contains(key))
}

/// Other words for an input. The first of the inputs that the command takes is meant, and where it
/// takes none nothing else is.
const SYNONYMS: &[(&str, &[&str])] = &[
    ("alias", &["aliasName", "name"]),
    ("aliasName", &["name"]),
    ("desc", &["description"]),
    ("env", &["environment"]),
    ("fn", &["function"]),
    ("func", &["function"]),
    ("functionName", &["function", "name"]),
    ("functionVersion", VERSION),
    ("mainVersion", VERSION),
    ("memory", &["memorySize"]),
    ("name", &["function"]),
    ("ns", &["namespace"]),
    ("qualifier", VERSION),
    ("reqid", &["requestId"]),
    ("ver", VERSION),
    ("version", VERSION),
];
const VERSION: &[&str] = &["version", "qualifier"];

/// Words for the share of `$LATEST`.
const SHARES: &[&str] =
    &["canary", "gray", "grey", "percent", "percentage", "ratio", "share", "traffic", "weight"];

/// Inputs of alias commands and of those that look at a function: no input of `deploy` that is
/// spelt much like one is meant.
const OF_OTHERS: &[&[&str]] = &[SET_ALIAS, METRIC, INVOKE, LOGS];

/// Options that are typed as inputs.
const OPTIONS: &[&str] = &["app", "endpoint", "org", "profile", "stage", "target"];

/// What a wrong key means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyMeaning {
    /// Another key.
    Key(&'static str),
    /// A value inside of one.
    Inside(&'static str, Vec<String>),
    Option(&'static str),
    /// The weights of an alias, which stand in `config`.
    Weights,
    /// The share of `$LATEST`, which an alias has among its weights.
    Share,
}

impl KeyMeaning {
    /// What is to be typed instead of the key.
    pub(super) fn word(&self) -> String {
        match self {
            Self::Key(key) | Self::Inside(key, _) => (*key).to_owned(),
            Self::Option(name) => format!("--{name}"),
            Self::Weights | Self::Share => "config".to_owned(),
        }
    }
}

/// What a key means among those that a command takes.
pub(super) fn meant(key: &str, keys: &[&'static str]) -> Option<KeyMeaning> {
    let key = key.trim().trim_start_matches('-').trim_start_matches(QUOTES);
    let key = key.strip_prefix("inputs.").unwrap_or(key);
    if let Some(known) = spelt_alike(key, keys) {
        return Some(KeyMeaning::Key(known));
    }
    if let Some((head, rest)) = key.split_once('.') {
        let head = spelt_alike(head, keys)?;
        return Some(KeyMeaning::Inside(head, rest.split('.').map(str::to_owned).collect()));
    }
    let is_share = spelt_alike(key, SHARES).is_some();
    if keys.contains(&"config") {
        match nearest(key, ["weights", "traffic"].into_iter()) {
            _ if is_share => return Some(KeyMeaning::Share),
            Some("weights") => return Some(KeyMeaning::Weights),
            Some(_) => return Some(KeyMeaning::Share),
            None => {}
        }
    }
    if is_share {
        return spelt_alike("traffic", keys).map(KeyMeaning::Key);
    }
    let takes_file = keys.contains(&"handler");
    if let Some((_, meant)) = SYNONYMS.iter().find(|(word, _)| same(word, key)) {
        // What `deploy` calls a qualifier is no version that it deploys; a name and an alias can
        // be mistaken for each other.
        let is_other =
            (takes_file && *meant == VERSION) || (key == "name" && keys.contains(&"alias"));
        let meant = meant.iter().find(|meant| keys.contains(meant)).filter(|_| !is_other);
        return meant.copied().map(KeyMeaning::Key);
    }
    if takes_file && let Some(Successor::Called(name)) = function::successor(key) {
        return Some(KeyMeaning::Key(name));
    }
    if let Some(option) = OPTIONS.iter().find(|option| same(option, key)) {
        return Some(KeyMeaning::Option(option));
    }
    let is_of_others = OF_OTHERS.iter().any(|others| spelt_alike(key, others).is_some());
    if takes_file && is_of_others {
        return None;
    }
    nearest(key, keys.iter().copied()).map(KeyMeaning::Key)
}

/// Quotation marks of a text editor or an input method.
pub(super) const QUOTES: [char; 7] = ['“', '”', '‘', '’', '„', '＂', '＇'];

/// The key that differs in capitals, dashes and underscores alone.
#[must_use]
pub fn spelt_alike<'a>(key: &str, keys: &[&'a str]) -> Option<&'a str> {
    let exact = keys.iter().find(|known| **known == key);
    exact.or_else(|| keys.iter().find(|known| same(known, key))).copied()
}

fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|character| !matches!(character, '-' | '_'));
        letters.flat_map(char::to_lowercase).collect()
    };
    plain(one) == plain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_key_means_the_nearest_of_its_command() {
        let key = |key| Some(KeyMeaning::Key(key));
        for (command, typed, expected) in [
            ("deploy", "trafic", key("traffic")),
            ("deploy", "Traffic", key("traffic")),
            ("deploy", "inputs.traffic", key("traffic")),
            ("deploy", "--publish", key("publish")),
            ("deploy", "memory-size", key("memorySize")),
            ("deploy", "functionName", key("function")),
            ("deploy", "stage", Some(KeyMeaning::Option("stage"))),
            (
                "deploy",
                "environment.variables.A",
                Some(KeyMeaning::Inside("environment", vec!["variables".into(), "A".into()])),
            ),
            ("deploy", "zzz", None),
            ("deploy", "“traffic", key("traffic")),
            ("deploy", "percent", key("traffic")),
            // Each of these is an input of another command.
            ("deploy", "version", None),
            ("deploy", "functionVersion", None),
            ("deploy", "config", None),
            ("deploy", "event", None),
            ("deploy", "noPublish", None),
            ("deploy", "unpublish", None),
            ("invoke", "version", key("qualifier")),
            ("publish-ver", "name", key("function")),
            ("status", "name", None),
            ("create-alias", "fn", key("function")),
            ("create-alias", "ver", key("version")),
            ("create-alias", "weight", Some(KeyMeaning::Share)),
            ("deploy", "codeUri", key("src")),
            ("deploy", "isAutoPublish", key("isAutoPublish")),
            ("create-alias", "codeUri", None),
            ("delete-alias", "namespce", key("namespace")),
            ("delete-alias", "fuction", key("function")),
            ("delete-alias", "functionName", key("function")),
            ("create-alias", "Config", key("config")),
            ("create-alias", "confg", key("config")),
            ("create-alias", "weights", Some(KeyMeaning::Weights)),
            ("create-alias", "traffic", Some(KeyMeaning::Share)),
            ("create-alias", "trafic", Some(KeyMeaning::Share)),
            ("list-alias", "weights", None),
            ("publish-ver", "descripton", key("description")),
            ("local", "traffic", None),
        ] {
            let keys = of_command(command).unwrap();
            assert_eq!(meant(typed, &keys), expected, "{command} {typed}");
        }
    }

    #[test]
    fn every_command_has_its_inputs() {
        let tree = <super::super::super::command::Cli as clap::CommandFactory>::command();
        for command in tree.get_subcommands().map(clap::Command::get_name) {
            assert!(of_command(command).is_some(), "{command}");
        }
    }
}
