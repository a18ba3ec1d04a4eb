//! Options that are inputs by another name: `--traffic 0.1` is `--inputs traffic=0.1`.

/// What an option gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputOption {
    /// The value of an input.
    Value(&'static str),
    /// An input that is true or false: true without a value.
    Switch(&'static str),
    /// One of the weights of `config`: `2=0.1`.
    Weight,
    /// That `config` has no weights.
    NoWeights,
    /// Something of its own, which the input must not contradict.
    Beside(&'static str),
}

/// Commands whose `name` is an alias.
const ALIAS: &[&str] = &["create-alias", "update-alias", "list-alias", "delete-alias"];
/// Commands that say where an alias routes.
const SET_ALIAS: &[&str] = &["create-alias", "update-alias"];

/// What an option of a command gives; `None` for one that is no input.
#[must_use]
pub fn option_of(command: &str, option: &str) -> Option<InputOption> {
    use InputOption::{Beside, NoWeights, Switch, Value, Weight};
    let is_alias = ALIAS.contains(&command);
    let sets_alias = SET_ALIAS.contains(&command);
    let (is_deploy, is_metric) = (command == "deploy", command == "metric");
    let is_logs = matches!(command, "logs" | "log");
    let calls = is_logs || command == "invoke";
    let is_status = ["status", "info"].contains(&command);
    let has_function = !matches!(command, "apply" | "completion" | "init" | "local");
    Some(match option {
        "--function" if has_function => Value("function"),
        "--namespace" if has_function => Value("namespace"),
        "--region" if has_function => Beside("region"),
        "--traffic" if is_deploy => Value("traffic"),
        "--publish" if is_deploy => Switch("publish"),
        "--alias" if is_deploy => Value("aliasName"),
        "--qualifier" if is_deploy => Value("qualifier"),
        "--alias" | "--name" if is_alias => Value("name"),
        "--version" if is_alias && command != "delete-alias" => Value("version"),
        "--alias" if calls => Value("alias"),
        "--qualifier" if calls => Value("qualifier"),
        "--request-id" if is_logs => Value("requestId"),
        "--level" if is_logs => Value("level"),
        "--since" if is_logs => Value("since"),
        "--metric" if is_metric => Value("metric"),
        "--alias" if is_metric || is_status => Value("alias"),
        "--alias" if matches!(command, "remove" | "verify-split") => Value("alias"),
        "--version" if is_metric || command == "remove" => Value("version"),
        "--period" if is_metric => Value("period"),
        "--interval" if is_metric => Value("interval"),
        "--start-time" if is_metric => Value("startTime"),
        "--end-time" if is_metric => Value("endTime"),
        "--weight" if sets_alias => Weight,
        "--no-weights" if sets_alias => NoWeights,
        "--description" if sets_alias || command == "publish-ver" => Value("description"),
        _ => return None,
    })
}

/// Options that are inputs, the ones to suggest.
const OPTIONS: &[&str] = &[
    "--function",
    "--namespace",
    "--region",
    "--traffic",
    "--publish",
    "--alias",
    "--qualifier",
    "--version",
    "--description",
    "--weight",
    "--metric",
    "--period",
    "--interval",
    "--request-id",
    "--level",
    "--since",
    "--start-time",
    "--end-time",
];

/// Stands in a text for whatever the value of an input is.
pub const ANY: &str = crate::withheld::MARK;

/// The arguments that give a command the input `key=value` as options; `None` where it has no
/// option for that. Of [`ANY`] value this is the name of the option alone.
///
/// ```
/// use scfctl::cli::inputs::as_options;
/// assert_eq!(as_options("deploy", "traffic", "0.1").unwrap(), ["--traffic", "0.1"]);
/// let weights = as_options("update-alias", "config", r#"{"weights":{"2":0.1}}"#);
/// assert_eq!(weights.unwrap(), ["--weight", "2=0.1"]);
/// assert_eq!(as_options("deploy", "memorySize", "128"), None);
/// ```
#[must_use]
pub fn as_options(command: &str, key: &str, value: &str) -> Option<Vec<String>> {
    use InputOption::{Beside, NoWeights, Switch, Value, Weight};
    let gives = |name: &&'static str| {
        let option = option_of(command, name)?;
        let known = match option {
            Value(key) | Switch(key) | Beside(key) => key,
            Weight | NoWeights => "config",
        };
        (known == key).then_some((option, *name))
    };
    let (option, name) = OPTIONS.iter().find_map(gives)?;
    if value == ANY {
        return Some(vec![name.to_owned()]);
    }
    match option {
        Weight | NoWeights => weights(value),
        Switch(_) => match value {
            "true" => Some(vec![name.to_owned()]),
            "false" => Some(vec![format!("{name}={value}")]),
            _ => None,
        },
        Value(_) | Beside(_) if value.is_empty() => None,
        Value(_) | Beside(_) if value.starts_with('-') => Some(vec![format!("{name}={value}")]),
        Value(_) | Beside(_) => Some(vec![name.to_owned(), value.to_owned()]),
    }
}

/// The options for a `config` that has weights and nothing else.
fn weights(config: &str) -> Option<Vec<String>> {
    let config: serde_json::Map<String, serde_json::Value> = serde_json::from_str(config).ok()?;
    let (Some(weights), 1) = (config.get("weights")?.as_object(), config.len()) else {
        return None;
    };
    if weights.is_empty() {
        return Some(vec!["--no-weights".to_owned()]);
    }
    let mut options = Vec::new();
    for (version, share) in weights {
        let share = share.as_number()?;
        options.extend(["--weight".to_owned(), format!("{version}={share}")]);
    }
    Some(options)
}

/// Options whose value may look like an input.
const WITH_PAIRS: &[&str] = &[
    "--behaviour",
    "--data",
    "--description",
    "--output-value",
    "--param",
    "--routing-key",
    "--weight",
];

/// Whether inputs were typed as pairs, with `--inputs` or in vain without it.
#[must_use]
pub fn are_typed(arguments: &[String]) -> bool {
    let mut before = "";
    for argument in arguments {
        let is_pair = !argument.starts_with('-') && argument.contains('=');
        let is_flag = argument == "-i" || argument.starts_with("--inputs");
        if is_flag || (is_pair && !WITH_PAIRS.contains(&before)) {
            return true;
        }
        before = argument;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_an_option_where_the_command_has_one() {
        for (command, key, value, expected) in [
            ("deploy", "traffic", "0.1", Some("--traffic 0.1")),
            ("deploy", "traffic", ANY, Some("--traffic")),
            ("deploy", "publish", "true", Some("--publish")),
            ("deploy", "publish", "false", Some("--publish=false")),
            ("deploy", "publish", "no", None),
            ("deploy", "aliasName", "live", Some("--alias live")),
            // Of the function here, and of an alias there.
            ("deploy", "name", "f", None),
            ("list-alias", "name", "live", Some("--alias live")),
            ("list-alias", "traffic", "0.1", None),
            ("publish-ver", "description", "", None),
            ("publish-ver", "description", "-x", Some("--description=-x")),
            ("update-alias", "config", r#"{"weights":{}}"#, Some("--no-weights")),
            (
                "update-alias",
                "config",
                r#"{"weights":{"$LATEST":0.10,"2":1}}"#,
                Some("--weight $LATEST=0.1 --weight 2=1"),
            ),
            ("update-alias", "config", ANY, Some("--weight")),
            ("update-alias", "config", r#"{"matches":[]}"#, None),
            ("update-alias", "config", r#"{"weights":{},"matches":[]}"#, None),
            ("update-alias", "config", r#"{"weights":{"2":"all"}}"#, None),
            ("local", "function", "f", None),
        ] {
            let options = as_options(command, key, value).map(|options| options.join(" "));
            assert_eq!(options.as_deref(), expected, "{command} {key}={value}");
        }
    }

    #[test]
    fn pairs_are_told_from_values_of_options() {
        for (line, expected) in [
            ("deploy --inputs", true),
            ("deploy --inputs.traffic=0.1", true),
            ("deploy traffic=0.1", true),
            ("deploy --publish traffic=0.1", true),
            ("deploy --traffic=0.1 --stage prod", false),
            ("update-alias --weight 2=0.1 --param a=b", false),
            ("deploy traffic 0.1", false),
            ("deploy -i traffic 0.1", true),
        ] {
            let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(are_typed(&arguments), expected, "{line}");
        }
    }
}
