//! `inputs` of the scf component, read into values that cannot be wrong.

mod configuration;
mod keys;
mod reader;
mod source;

use serde_json::Value;

use crate::model::{Configuration, Vpc, Weight};
use crate::plan::publish::DESCRIPTION_LIMIT;

pub use keys::nearest;
pub use reader::{InputError, Reader};
pub(super) use reader::{kind, shown};
pub use source::Source;

/// What `deploy` reads of `inputs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionInputs {
    /// Language and version.
    pub runtime: Option<String>,
    /// `file.function`.
    pub handler: Option<String>,
    /// Code.
    pub source: Source,
    /// Settings that are named.
    pub configuration: Configuration,
    /// The service installs the dependencies.
    pub install_dependency: bool,
    /// Publish after the update.
    pub publish: bool,
    /// Description of the published version.
    pub publish_description: String,
    /// Share of `$DEFAULT` for `$LATEST`.
    pub traffic: Option<Weight>,
    /// Keys that this version of the program leaves alone.
    pub not_deployed: Vec<String>,
}

impl Reader<'_> {
    fn handler(&self) -> Result<Option<String>, InputError> {
        let handler = self.text("handler")?;
        if handler.as_ref().is_some_and(String::is_empty) {
            let instead = "`file.function`, for example index.main_handler";
            return Err(self.error("handler", "is empty", Some(instead)));
        }
        Ok(handler)
    }

    /// Reads everything that `deploy` uses.
    ///
    /// # Errors
    /// The first key that cannot be used.
    pub fn function(&self) -> Result<FunctionInputs, InputError> {
        match self.text("type")?.as_deref() {
            None | Some("event") => {}
            Some("web") => {
                return Err(self.error("type", "is web, which this version cannot deploy", None));
            }
            Some(other) => {
                return Err(self.error("type", format!("is `{other}`"), Some("event")));
            }
        }
        if let Some(key) = keys::REFUSED.iter().find(|key| {
            self.inputs
                .get(**key)
                .is_some_and(|value| !value.is_null() && *value != Value::Bool(false))
        }) {
            return Err(self.error(key, "is not supported by this version", Some("leave it out")));
        }
        Ok(FunctionInputs {
            runtime: self.text("runtime")?,
            handler: self.handler()?,
            source: self.source()?,
            configuration: Configuration {
                description: self.description("description", DESCRIPTION_LIMIT)?,
                memory_size: self.memory_size()?,
                timeout: self.integer("timeout", 1..=86_400, "seconds")?,
                init_timeout: self.integer("initTimeout", 1..=300, "seconds")?,
                role: self.text("role")?,
                environment: self.environment()?,
                public_access: self.boolean("publicAccess")?,
                fixed_egress: self.boolean("eip")?,
                vpc: self
                    .pair("vpcConfig", "vpcId", "subnetId")?
                    .map(|(vpc_id, subnet_id)| Vpc { vpc_id, subnet_id }),
                layers: self.layers()?,
                logs: self.pair("cls", "logsetId", "topicId")?,
            },
            install_dependency: self.boolean("installDependency")?.unwrap_or(false),
            publish: self.boolean("publish")?.unwrap_or(false),
            publish_description: self.publish_description("publishDescription")?,
            traffic: self.weight("traffic")?,
            not_deployed: keys::LEFT_ALONE
                .iter()
                .filter(|key| self.inputs.get(**key).is_some_and(|value| !value.is_null()))
                .map(|key| (*key).to_owned())
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use serde_json::json;

    fn read(extra: &Value) -> Result<FunctionInputs, InputError> {
        let mut inputs = json!({"src": "/code", "handler": "index.main_handler"});
        for (key, value) in extra.as_object().unwrap() {
            inputs[key] = value.clone();
        }
        let place = |key: &str| format!("at {key}");
        Reader::new(inputs.as_object().unwrap(), &place).function()
    }

    #[test]
    fn values_that_would_be_harmful_are_refused() {
        for (inputs, key) in [
            (json!({"traffic": "0.2"}), "traffic"),
            (json!({"traffic": "20%"}), "traffic"),
            (json!({"traffic": null}), "traffic"),
            (json!({"traffic": 1.1}), "traffic"),
            (json!({"traffic": -0.1}), "traffic"),
            (json!({"traffic": true}), "traffic"),
            (json!({"publish": "no"}), "publish"),
            (json!({"publish": "True"}), "publish"),
            (json!({"publish": 1}), "publish"),
            (json!({"memorySize": 100}), "memorySize"),
            (json!({"memorySize": "big"}), "memorySize"),
            (json!({"timeout": 0}), "timeout"),
            (json!({"timeout": 1.5}), "timeout"),
            (json!({"environment": {"variables": {"A": ""}}}), "environment.variables.A"),
            (json!({"environment": {"variables": ["A"]}}), "environment.variables"),
            (
                json!({"environment": {"variables": {"A": "x".repeat(5000)}}}),
                "environment.variables",
            ),
            (json!({"layers": [{"name": "l"}]}), "layers.0"),
            (json!({"vpcConfig": {"vpcId": "v"}}), "vpcConfig.subnetId"),
            (json!({"src": null}), "src"),
            (json!({"src": {"src": "/x", "hook": "make"}}), "src.hook"),
            (json!({"type": "web"}), "type"),
            (json!({"image": {}}), "image"),
            (json!({"runtime": 3}), "runtime"),
            (json!({"publishDescription": "x".repeat(990)}), "publishDescription"),
        ] {
            let error = read(&inputs).unwrap_err();
            assert_eq!(error.key, key, "{inputs}");
            assert_eq!(error.place, format!("at {key}"));
        }
    }

    #[test]
    fn absent_is_not_empty() {
        let absent = read(&json!({})).unwrap();
        assert_eq!(absent.configuration, Configuration::default());
        assert_eq!(absent.traffic, None);
        let cleared = read(&json!({"environment": {"variables": {}}, "layers": []})).unwrap();
        assert_eq!(cleared.configuration.environment, Some(BTreeMap::new()));
        assert_eq!(cleared.configuration.layers, Some(Vec::new()));
        let merged_away = read(&json!({"environment": null})).unwrap();
        assert_eq!(merged_away.configuration.environment, Some(BTreeMap::new()));
    }

    #[test]
    fn texts_from_the_environment_are_typed() {
        let read = read(&json!({"memorySize": "256", "publish": "false", "timeout": 3})).unwrap();
        assert_eq!(read.configuration.memory_size, Some(256));
        assert!(!read.publish);
    }

    #[test]
    fn a_misspelt_key_is_named() {
        let inputs = json!({"memorysize": 1, "trafic": 0.1, "zzz": 1});
        let place = |_: &str| String::new();
        let unknown = Reader::new(inputs.as_object().unwrap(), &place).unknown_keys();
        assert_eq!(
            unknown,
            [
                ("memorysize".to_owned(), Some("memorySize")),
                ("trafic".to_owned(), Some("traffic")),
                ("zzz".to_owned(), None)
            ]
        );
    }
}
