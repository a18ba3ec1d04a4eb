//! The inputs of `invoke`, and those that it shares with `logs`.

use serde_json::Value;

use super::function::{InputError, Reader};
use super::input_error::{Advice, WrongMetric};
use crate::model::{Qualifier, Version};

impl Reader<'_> {
    /// The version or alias of `qualifier` or `alias`.
    ///
    /// # Errors
    /// Both are given, or one that can be none.
    pub fn qualifier(&self) -> Result<Option<Qualifier>, InputError> {
        let alias = self.alias_name_at("alias")?;
        let given = self.get("qualifier").filter(|value| !value.is_null());
        if given.is_none() {
            return Ok(alias.map(Qualifier::Alias));
        }
        let text = self.text("qualifier")?.unwrap_or_default();
        let named = match text.parse::<Version>() {
            Ok(version) => Qualifier::Version(version),
            Err(_) => match self.alias_name_at("qualifier")? {
                Some(alias) => Qualifier::Alias(alias),
                // Empty, as the shell makes $LATEST in double quotes.
                None => {
                    return self
                        .version("qualifier")
                        .map(|version| version.map(Qualifier::Version));
                }
            },
        };
        match alias {
            Some(alias) if named != Qualifier::Alias(alias.clone()) => {
                Err(self.error("alias", WrongMetric::AliasAndQualifier, Advice::LeaveOneOut))
            }
            _ => Ok(Some(named)),
        }
    }

    /// The payload that `event` gives: a text as it is, and of anything else its JSON.
    #[must_use]
    pub fn payload(&self) -> Option<String> {
        match self.get("event").filter(|value| !value.is_null())? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }
}
