//! What `config` reports.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::FunctionName;
use super::said::{Said, shown_in};
use crate::text::Language;

/// The merged configuration of an instance.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Configuration"))]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// Stage.
    pub stage: String,
    /// App.
    pub app: String,
    /// Name of the instance.
    pub name: String,
    /// Organisation.
    pub org: Option<String>,
    /// Region.
    pub region: String,
    /// Function; none where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_name: Option<String>,
    /// Its namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The functions of a `multi-scf` instance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<KeyedFunction>,
    /// Inputs, with their secrets hidden unless they were asked for.
    pub inputs: Map<String, Value>,
    /// Where values that are hidden come from.
    #[cfg_attr(test, schemars(with = "std::collections::BTreeMap<String, Said>"))]
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_map")]
    pub values_from: Vec<(String, Said)>,
    /// Where the keys come from.
    pub credentials: CredentialsOrigin,
    /// A `.env` outside the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dotenv: Option<String>,
}

/// A function of a `multi-scf` instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KeyedFunction {
    /// Its key.
    pub key: String,
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
}

impl Config {
    /// The configuration as people are shown it.
    #[must_use]
    pub fn shown(&self, language: Language) -> Self {
        shown_in(self, language, |config| {
            let CredentialsOrigin { source, problem, places, .. } = &mut config.credentials;
            let values = config.values_from.iter_mut().map(|(_, from)| from);
            let texts = values.chain(source).chain(problem).chain(places);
            texts.for_each(Said::speak_chinese);
        })
    }
}

fn as_map<S: Serializer>(texts: &[(String, Said)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(texts.iter().map(|(name, text)| (name, text)))
}

/// Where keys come from, by names alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Credentials"))]
#[serde(rename_all = "camelCase")]
pub struct CredentialsOrigin {
    /// The place.
    pub source: Option<Said>,
    /// Why there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Said>,
    /// Name of the value of each part, where there are any.
    #[serde(flatten)]
    pub names: Option<KeyNames>,
    /// Places in the order in which they are looked at.
    pub places: Vec<Said>,
}

/// Names of the values that keys are made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct KeyNames {
    /// Id.
    pub secret_id: Option<String>,
    /// Key.
    pub secret_key: Option<String>,
    /// Token.
    pub token: Option<String>,
    /// Role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Token of an identity provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_identity_token: Option<String>,
}
