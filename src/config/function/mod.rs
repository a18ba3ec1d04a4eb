//! `inputs` of the scf component, read into values that cannot be wrong.

mod asked;
mod attributes;
mod bucket;
mod code;
mod configuration;
mod keys;
mod map;
mod misspelt;
mod reader;
mod release;
mod scalar;
mod source;
mod unknown;

pub use super::input_error::{InputError, InputErrors};
use super::input_error::{
    InputWarning, KeyRemark, RetiredProduct, SettingAdvice, Wrong, WrongSetting,
};
use crate::model::{Attributes, FunctionKind, FunctionSpec, NamedAlias, WantedProvision, Weight};
use release::has_weights;

pub use code::{FileCode, WEB_KEYS};
pub(super) use keys::is_input;
pub use keys::{keys, successor};
pub(in crate::config) use map::MapReader;
pub use map::UnknownKey;
pub use misspelt::nearest;
pub use reader::{Reader, WrittenForm};
pub(in crate::config) use scalar::scalar;
pub use source::PackedSource;

/// What `deploy` reads of `inputs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionInputs {
    /// What the function is to be.
    pub spec: FunctionSpec,
    /// Its code.
    pub code: FileCode,
    /// The file that the injected `scf_bootstrap` starts.
    pub entry_file: Option<String>,
    /// What is said of the function as a whole.
    pub attributes: Attributes,
    /// Publish after the update.
    pub publish: bool,
    /// Description of the published version.
    pub publish_description: String,
    /// Share of `$DEFAULT`, or of the alias that is named, for `$LATEST`.
    pub traffic: Option<Weight>,
    /// The alias that is routed in place of `$DEFAULT`.
    pub alias: Option<NamedAlias>,
    /// Instances to be kept warm.
    pub provision: Option<WantedProvision>,
    /// What has no effect, or is wrong and was let through (`--noValidation`).
    pub warnings: Vec<InputWarning>,
}

impl Reader<'_> {
    fn handler(&self) -> Result<Option<String>, InputError> {
        let handler = self.text("handler")?;
        if handler.as_ref().is_some_and(String::is_empty) {
            return Err(self.error("handler", Wrong::Empty, SettingAdvice::Handler));
        }
        Ok(handler)
    }

    /// Refuses or skips the trigger that `autoCreateApi` asks for: one of API Gateway, which the
    /// vendor retired.
    fn check_auto_create_api(&self) -> Result<(), InputError> {
        if self.boolean("autoCreateApi")? != Some(true) {
            return Ok(());
        }
        if self.skips_unsupported() {
            self.warn_of("autoCreateApi", KeyRemark::Skipped(RetiredProduct::ApiGateway));
            return Ok(());
        }
        let what = WrongSetting::AsksForGateway;
        Err(self.error("autoCreateApi", what, SettingAdvice::FunctionUrl))
    }

    /// Reads everything that `deploy` uses.
    ///
    /// # Errors
    /// All keys that cannot be used.
    pub fn function(&self) -> Result<FunctionInputs, InputErrors> {
        for misspelt in self.misspelt() {
            self.keep::<()>(Err(misspelt));
        }
        let inputs = self.read();
        Ok(FunctionInputs { warnings: self.finish()?, ..inputs })
    }

    /// Reads every key that `deploy` uses, keeping what is wrong.
    fn read(&self) -> FunctionInputs {
        self.warn_of_empty_names();
        self.keep(self.check_auto_create_api());
        let kind = self.keep(self.function_kind());
        let web = kind == Some(FunctionKind::Web);
        if !web {
            self.warn_of_web_keys();
        }
        let code = self.keep(self.code());
        let runtime = self.keep(self.runtime(&code));
        let handler = self.keep(self.handler());
        let protocol = self.keep(self.protocol()).filter(|_| web);
        let entry_file = self.keep(self.entry_file());
        let spec = FunctionSpec {
            kind,
            protocol,
            runtime,
            handler: handler.filter(|_| !web && !matches!(code, FileCode::Image(_))),
            configuration: self.configuration(web),
        };
        let publish = self.keep(self.boolean("publish")).unwrap_or(false);
        let traffic = self.keep(self.weight("traffic"));
        let alias = self.keep(self.named_alias(publish, traffic));
        FunctionInputs {
            spec,
            code,
            entry_file,
            attributes: self.attributes(web),
            publish,
            publish_description: self.keep(self.publish_description("publishDescription")),
            traffic: traffic.filter(|_| !alias.as_ref().is_some_and(has_weights)),
            alias,
            provision: self.keep(self.provision()),
            warnings: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::position::Position;
    use crate::model::Configuration;
    use serde_json::{Value, json};

    fn read(extra: &Value) -> Result<FunctionInputs, InputErrors> {
        read_as(extra, false)
    }

    fn read_as(extra: &Value, lenient: bool) -> Result<FunctionInputs, InputErrors> {
        let mut inputs = json!({"src": "/code", "handler": "index.main_handler"});
        for (key, value) in extra.as_object().unwrap() {
            inputs[key] = value.clone();
        }
        let place = |key: &str| Position::File { file: format!("at {key}"), line: None };
        Reader::new(inputs.as_object().unwrap(), &place).lenient(lenient).function()
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
            (json!({"environment": {"variables": {"AA": ""}}}), "environment.variables.AA"),
            (json!({"environment": {"variables": ["A"]}}), "environment.variables"),
            (
                json!({"environment": {"variables": {"AA": "x".repeat(5000)}}}),
                "environment.variables",
            ),
            (json!({"layers": [{"name": "l"}]}), "layers.0"),
            (json!({"vpcConfig": {"vpcId": "v"}}), "vpcConfig.subnetId"),
            (json!({"src": null}), "src"),
            (json!({"src": {"src": "/x", "hook": 1}}), "src.hook"),
            (json!({"src": {"src": "/x", "shape": "square"}}), "src.shape"),
            (json!({"type": "http"}), "type"),
            (json!({"image": {}}), "image.imageUrl"),
            (json!({"runtime": 3}), "runtime"),
            (json!({"autoCreateApi": true}), "autoCreateApi"),
            (json!({"autoCreateApi": "yes"}), "autoCreateApi"),
            (json!({"publishDescription": "x".repeat(990)}), "publishDescription"),
        ] {
            let errors = read(&inputs).unwrap_err().errors;
            assert_eq!(errors.len(), 1, "{inputs}");
            assert_eq!(errors[0].key, key, "{inputs}");
            assert_eq!(errors[0].place.to_string(), format!("at {key}"));
        }
    }

    #[test]
    fn absent_is_not_empty() {
        let absent = read(&json!({})).unwrap();
        assert_eq!(absent.spec.configuration, Configuration::default());
        assert_eq!(absent.traffic, None);
        let cleared = read(&json!({"environment": {"variables": {}}, "layers": []})).unwrap();
        assert_eq!(cleared.spec.configuration.environment, Some(BTreeMap::new()));
        assert_eq!(cleared.spec.configuration.layers, Some(Vec::new()));
        let merged_away = read(&json!({"environment": null})).unwrap();
        assert_eq!(merged_away.spec.configuration.environment, Some(BTreeMap::new()));
    }

    #[test]
    fn texts_from_the_environment_are_typed() {
        let read = read(&json!({"memorySize": "256", "publish": "false", "timeout": 3})).unwrap();
        assert_eq!(read.spec.configuration.memory_size, Some(256));
        assert!(!read.publish);
    }

    #[test]
    fn a_misspelt_key_is_named() {
        let inputs = json!({"memorysize": 1, "trafic": 0.1, "zzz": 1});
        let place = |_: &str| Position::CommandLine;
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
    #[test]
    fn misspelt_members_are_named_too() {
        let inputs = json!({
            "vpcConfig": {"vpcID": "v", "subnetId": "s"},
            "environment": {"variable": {"A": "b"}},
            "layers": [{"name": "l", "version": 1}, {"name": "l", "versoin": 1}],
            "tags": {"any": "thing"},
        });
        let place = |_: &str| Position::CommandLine;
        let reader = Reader::new(inputs.as_object().unwrap(), &place);
        assert_eq!(
            reader.unknown_keys(),
            [
                ("vpcConfig.vpcID".to_owned(), Some("vpcId")),
                ("environment.variable".to_owned(), Some("variables")),
                ("layers.1.versoin".to_owned(), Some("version")),
            ]
        );
        // A misspelt `variables` does not clear what is there.
        assert_eq!(reader.environment(), Ok(None));
    }

    #[test]
    fn what_nothing_reads_is_named_however_deep_it_stands() {
        let inputs = json!({
            "protocolParams": {"wsParams": {"idleTimeout": 60}},
            "tags": [{"key": "a", "value": "b"}, {"key": "c", "valu": "d"}],
        });
        let place = |_: &str| Position::CommandLine;
        assert_eq!(
            Reader::new(inputs.as_object().unwrap(), &place).unknown_keys(),
            [
                ("protocolParams.wsParams.idleTimeout".to_owned(), Some("idleTimeOut")),
                ("tags.1.valu".to_owned(), Some("value")),
            ]
        );
    }

    /// Else a key that is read would be called unknown beside an error.
    #[test]
    fn what_is_asked_for_does_not_depend_on_what_is_wrong() {
        let right = json!({
            "src": "/code", "deployMode": "image", "publish": true, "aliasName": "a",
            "additionalVersionWeights": [{"version": 2, "weight": 0.1}],
            "cfs": [{"cfsId": "c", "localMountDir": "/a", "remoteMountDir": "/b"}],
            "cls": {"logsetId": "l", "topicId": "t"},
            "deadLetter": {"type": "topic", "name": "n"},
            "environment": {"variables": {"AA": "b"}},
            "image": {"imageUrl": "r/i"},
            "instanceConcurrencyConfig": {"enable": true},
            "layers": [{"name": "l", "version": 1}],
            "protocolParams": {"wsParams": {"idleTimeOut": 60}},
            "tags": [{"key": "a", "value": "b"}],
            "vpcConfig": {"vpcId": "v", "subnetId": "s"},
        });
        let place = |_: &str| Position::CommandLine;
        let asked = |inputs: &Value, path: &str| {
            let reader = Reader::new(inputs.as_object().unwrap(), &place);
            reader.read();
            (reader.asked(path), reader.finish().is_err())
        };
        for path in [
            "additionalVersionWeights.0",
            "cfs.0",
            "cls",
            "deadLetter",
            "environment",
            "image",
            "instanceConcurrencyConfig",
            "layers.0",
            "protocolParams",
            "protocolParams.wsParams",
            "tags.0",
            "vpcConfig",
        ] {
            let (Some(members), false) = asked(&right, path) else { panic!("{path}") };
            let pointer = format!("/{}", path.replace('.', "/"));
            for key in &members {
                // Only a tag's second spelling has nothing to say beside the first.
                if ["Key", "Value"].contains(key) {
                    continue;
                }
                let mut inputs = right.clone();
                inputs.pointer_mut(&pointer).unwrap()[*key] = json!([[]]);
                assert_eq!(asked(&inputs, path), (Some(members.clone()), true), "{path}.{key}");
            }
            let top = path.split('.').next();
            for key in keys().filter(|key| Some(*key) != top) {
                let mut inputs = right.clone();
                inputs[key] = json!([[]]);
                assert_eq!(asked(&inputs, path).0.as_ref(), Some(&members), "{path} beside {key}");
            }
        }
    }

    #[test]
    fn all_errors_are_found_in_one_go() {
        let wrong = json!({"timeout": 0, "memorySize": "big", "publish": "no", "traffic": 2});
        let keys = |errors: InputErrors| -> Vec<String> {
            errors.errors.into_iter().map(|error| error.key).collect()
        };
        let errors = read(&wrong).unwrap_err();
        assert_eq!(
            errors.to_string(),
            "4 inputs cannot be used\n\
             `memorySize` is `big` (at memorySize): write a whole number from 64 to 1048576 (MB)\n\
             `timeout` is `0` (at timeout): write a whole number from 1 to 86400 (seconds)\n\
             `publish` is `no`, not true or false (at publish): write `--inputs publish=true` or `--inputs publish=false`\n\
             `traffic` is 2, outside 0 to 1 (at traffic): a number from 0 to 1, for example 0.1 for 10 %"
        );
        assert_eq!(keys(errors), ["memorySize", "timeout", "publish", "traffic"]);
        // What decides about versions and routing is checked in any case.
        assert_eq!(keys(read_as(&wrong, true).unwrap_err()), ["publish", "traffic"]);
    }

    #[test]
    fn without_validation_the_service_decides_about_ranges() {
        let wrong = json!({
            "timeout": 100_000, "memorySize": "big", "layers": [{"name": "l"}],
            "environment": {"variables": {"AA": ""}}, "description": "x".repeat(1001),
        });
        let read = read_as(&wrong, true).unwrap();
        assert_eq!(read.spec.configuration.timeout, Some(100_000));
        assert_eq!(read.spec.configuration.memory_size, None);
        assert_eq!(read.spec.configuration.layers, None);
        let variables = BTreeMap::from([("AA".to_owned(), String::new())]);
        assert_eq!(read.spec.configuration.environment, Some(variables));
        assert_eq!(read.spec.configuration.description.unwrap().len(), 1001);
        assert_eq!(read.warnings.len(), 5);
        assert!(
            read.warnings.iter().any(|warning| {
                warning.to_string() == "`memorySize` is `big` (at memorySize) and is left out"
            }),
            "{:?}",
            read.warnings
        );
    }
}
