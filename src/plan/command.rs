//! Suggested commands, quoted so that they can be pasted into a shell.

use std::fmt;

use crate::model::{DEFAULT_NAMESPACE, DEFAULT_REGION, FunctionId, Version, Weight};
use crate::shell;

/// `publish-ver`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishVer<'a> {
    /// Name, namespace and region of the function.
    pub function: &'a FunctionId,
}

impl fmt::Display for PublishVer<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&of_function("publish-ver", self.function))
    }
}

/// Returns a command line that names the function by `--inputs`.
#[must_use]
pub fn of_function(words: &str, function: &FunctionId) -> String {
    let pairs = place(function, vec![shell::pair("function", &function.name)]);
    format!("scfctl {words} --inputs {}", pairs.join(" "))
}

/// Adds namespace and region where they are not the defaults.
fn place(function: &FunctionId, mut pairs: Vec<String>) -> Vec<String> {
    if function.namespace != DEFAULT_NAMESPACE {
        pairs.push(shell::pair("namespace", &function.namespace));
    }
    if function.region != DEFAULT_REGION {
        pairs.push(shell::pair("region", &function.region));
    }
    pairs
}

/// `update-alias` that sends a share of the traffic to `$LATEST` and the rest to one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareToLatest<'a> {
    /// Name, namespace and region of the function.
    pub function: &'a FunctionId,
    /// Name of the alias.
    pub alias: &'a str,
    /// Main version of the alias after the command.
    pub version: Version,
    /// Share of `$LATEST`, 0–1.
    pub traffic: Weight,
}

impl fmt::Display for ShareToLatest<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = if self.traffic == Weight::ZERO {
            r#"{"weights":{}}"#.to_owned()
        } else {
            format!("{{\"weights\":{{\"$LATEST\":{}}}}}", self.traffic)
        };
        let pairs = vec![
            shell::pair("function", &self.function.name),
            shell::pair("name", self.alias),
            shell::pair("version", &self.version.to_string()),
            shell::pair("config", &config),
        ];
        let pairs = place(self.function, pairs);
        write!(formatter, "scfctl update-alias --inputs {}", pairs.join(" "))
    }
}

/// A command that works on one alias: `rollout abort`, `rollback`, `list-alias`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutCommand<'a> {
    /// Name, namespace and region of the function.
    pub function: &'a FunctionId,
    /// Name of the alias.
    pub alias: &'a str,
    /// Name of the command, such as `rollout abort`.
    pub verb: &'a str,
}

impl fmt::Display for RolloutCommand<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FunctionId { name, namespace, region } = self.function;
        write!(formatter, "scfctl {} --function {}", self.verb, shell::quoted(name))?;
        if namespace != DEFAULT_NAMESPACE {
            write!(formatter, " --namespace {}", shell::quoted(namespace))?;
        }
        if region != DEFAULT_REGION {
            write!(formatter, " --region {}", shell::quoted(region))?;
        }
        // Always given, as the file may name another alias.
        write!(formatter, " --alias {}", shell::quoted(self.alias))
    }
}
