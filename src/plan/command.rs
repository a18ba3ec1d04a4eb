//! Commands that are suggested, each to be pasted into a shell as it is.

use std::fmt;

use crate::model::{DEFAULT_NAMESPACE, DEFAULT_REGION, FunctionId, Version, Weight};
use crate::shell;

/// `update-alias` that sends a share to `$LATEST` and the rest to one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateAlias<'a> {
    /// The function.
    pub function: &'a FunctionId,
    /// The alias.
    pub alias: &'a str,
    /// Its main version afterwards.
    pub version: Version,
    /// The share of `$LATEST`.
    pub traffic: Weight,
}

impl fmt::Display for UpdateAlias<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = if self.traffic == Weight::ZERO {
            r#"{"weights":{}}"#.to_owned()
        } else {
            format!("{{\"weights\":{{\"$LATEST\":{}}}}}", self.traffic)
        };
        let mut pairs = vec![
            shell::pair("function", &self.function.name),
            shell::pair("name", self.alias),
            shell::pair("version", &self.version.to_string()),
            shell::pair("config", &config),
        ];
        // The command has to work where this one did.
        if self.function.namespace != DEFAULT_NAMESPACE {
            pairs.push(shell::pair("namespace", &self.function.namespace));
        }
        if self.function.region != DEFAULT_REGION {
            pairs.push(shell::pair("region", &self.function.region));
        }
        write!(formatter, "scfctl update-alias --inputs {}", pairs.join(" "))
    }
}
