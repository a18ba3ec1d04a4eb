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
    Some(match option {
        "--function" if command != "local" => Value("function"),
        "--namespace" if command != "local" => Value("namespace"),
        "--region" if command != "local" => Beside("region"),
        "--traffic" if is_deploy => Value("traffic"),
        "--publish" if is_deploy => Switch("publish"),
        "--alias" if is_deploy => Value("aliasName"),
        "--qualifier" if is_deploy => Value("qualifier"),
        "--alias" | "--name" if is_alias => Value("name"),
        "--version" if is_alias && command != "delete-alias" => Value("version"),
        "--metric" if is_metric => Value("metric"),
        "--alias" if is_metric => Value("alias"),
        "--version" if is_metric => Value("version"),
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
