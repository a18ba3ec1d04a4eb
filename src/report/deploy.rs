//! What `deploy` reports.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::FunctionName;
use super::alias::Alias;
use super::object;
use super::plan::{Plan, PlanFacts};
use super::record::{Trigger, VersionRecord};
use crate::error;
use crate::model::{FunctionRecord, Routing, Version, Weight};
use crate::text::Language;

/// A function as it is after a deployment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeployedFunction {
    /// Its key in a `multi-scf` instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// `event` or `web`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is.
    #[serde(flatten)]
    pub record: FunctionRecord,
    /// Where its code is from.
    pub code: Code,
    /// Layers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Layer>,
    /// The version that this run published or adopted, else the highest published one; none
    /// where none is published.
    pub last_version: Version,
    /// The version that this run published or adopted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_version: Option<Version>,
    /// Its record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<VersionRecord>,
    /// What `$LATEST` gets of `$DEFAULT`.
    pub traffic: Weight,
    /// The version that serves most of the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_traffic_version: Option<Version>,
    /// Where requests to `$DEFAULT` go.
    pub routing: Routing,
    /// The alias of `aliasName`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<Alias>,
    /// Triggers.
    pub triggers: Vec<Trigger>,
    /// Addresses by version or alias.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub function_urls: Map<String, Value>,
    /// What is worth knowing besides.
    #[serde(flatten)]
    pub told: PlanFacts,
}

/// Where the code of a function is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Code {
    /// A package that was made here.
    Package {
        /// Its hash.
        sha256: String,
        /// Bytes.
        size: Option<u64>,
        /// The bucket that it went through.
        #[serde(skip_serializing_if = "Option::is_none")]
        bucket: Option<String>,
        /// Its name there.
        #[serde(skip_serializing_if = "Option::is_none")]
        object: Option<String>,
    },
    /// An object of COS.
    Object {
        /// The bucket.
        bucket: String,
        /// Its name there.
        object: String,
    },
    /// An image.
    Image {
        /// Its address.
        image: String,
    },
}

/// A layer of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Layer {
    /// Name.
    pub name: String,
    /// Version.
    pub version: i64,
}

/// A value that stays a value: none is null.
fn value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

impl DeployedFunction {
    /// The outputs of component `scf`, under its keys.
    fn of_scf(&self) -> Map<String, Value> {
        let mut outputs = Map::new();
        let mut put = |key: &str, value: Value| {
            outputs.insert(key.to_owned(), value);
        };
        put("type", value(&self.kind));
        put("functionName", value(&self.function.function_name));
        put("code", value(&self.code));
        put("description", value(&self.record.description));
        put("region", value(&self.function.region));
        put("namespace", value(&self.function.namespace));
        put("runtime", value(&self.record.runtime));
        put("handler", value(&self.record.handler));
        put("memorySize", value(&self.record.memory_size));
        if !self.layers.is_empty() {
            put("layers", value(&self.layers));
        }
        // As the real component, without a published version too.
        put("lastVersion", value(&self.last_version));
        if let Some(version) = self.told.adopted_version {
            put("adoptedVersion", value(&version));
        }
        put("traffic", value(&self.traffic));
        if let Some(version) = self.config_traffic_version {
            put("configTrafficVersion", value(&version));
        }
        put("routing", value(&self.routing));
        if let Some(alias) = &self.alias {
            let alias = [("name", value(&alias.name)), ("routing", value(&alias.routing))];
            put("alias", alias.into_iter().map(|(key, value)| (key.to_owned(), value)).collect());
        }
        put("triggers", self.listed_triggers());
        if !self.function_urls.is_empty() {
            put("functionUrls", self.function_urls.clone().into());
        }
        outputs
    }

    /// The outputs of a function of component `multi-scf`, under its keys. What a canary release
    /// looks at is not among those of the real component.
    fn of_multi_scf(&self) -> Map<String, Value> {
        let mut of_scf = self.of_scf();
        let mut outputs = Map::new();
        outputs.insert("key".to_owned(), value(&self.key));
        for key in ["region", "type"] {
            outputs.insert(key.to_owned(), of_scf.remove(key).unwrap_or_default());
        }
        outputs.insert("name".to_owned(), value(&self.function.function_name));
        outputs.insert("timeout".to_owned(), value(&self.record.timeout));
        for key in ["namespace", "runtime", "handler", "memorySize"] {
            outputs.insert(key.to_owned(), of_scf.remove(key).unwrap_or_default());
        }
        if let Some(version) = self.published_version {
            outputs.insert("latestVersion".to_owned(), value(&version));
        }
        for key in ["lastVersion", "adoptedVersion", "traffic", "configTrafficVersion", "routing"] {
            outputs.extend(of_scf.remove(key).map(|value| (key.to_owned(), value)));
        }
        outputs
    }

    /// Its triggers as the service lists them.
    fn listed_triggers(&self) -> Value {
        self.triggers.iter().map(|trigger| Value::Object(trigger.listed.clone())).collect()
    }

    /// Its triggers among the outputs of `multi-scf`.
    fn triggers_of_multi_scf(&self) -> Value {
        let name = value(&self.function.function_name);
        Map::from_iter([("name".to_owned(), name), ("triggers".to_owned(), self.listed_triggers())])
            .into()
    }
}

/// Each function as it is among others, whether all went well or not.
fn with_status<S: Serializer>(
    functions: &[FunctionOutcome],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(functions.iter().map(FunctionEnded::from))
}

/// What became of a function that did not fail.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum FunctionOutcome {
    /// It is deployed.
    Deployed(Box<DeployedFunction>),
    /// What would be done.
    Planned(Box<Plan>),
}

/// What became of an instance.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum DeployedInstance {
    /// Of one function.
    One(FunctionOutcome),
    /// Of several functions.
    Several {
        /// Its region; a plan is without.
        #[serde(skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Each of them.
        #[cfg_attr(test, schemars(with = "Vec<FunctionEnded>"))]
        #[serde(serialize_with = "with_status")]
        functions: Vec<FunctionOutcome>,
    },
}

impl FunctionOutcome {
    fn would_change(&self) -> bool {
        match self {
            Self::Deployed(_) => false,
            Self::Planned(plan) => plan.dry_run.would_change(),
        }
    }
}

impl DeployedInstance {
    /// Whether it is a plan with a call that would change something.
    #[must_use]
    pub fn would_change(&self) -> bool {
        match self {
            Self::One(outcome) => outcome.would_change(),
            Self::Several { functions, .. } => functions.iter().any(FunctionOutcome::would_change),
        }
    }

    /// The version that the deployment of its one function published or adopted.
    #[must_use]
    pub fn published_version(&self) -> Option<Version> {
        match self {
            Self::One(FunctionOutcome::Deployed(function)) => function.published_version,
            Self::One(FunctionOutcome::Planned(_)) | Self::Several { .. } => None,
        }
    }

    /// The outputs under the keys of the real component: those that `sls` prints, and that
    /// `${output:…}` finds.
    #[must_use]
    pub fn outputs(&self) -> Value {
        self.outputs_in(Language::English)
    }

    /// The same, with the texts of a plan in the language.
    #[must_use]
    pub fn outputs_in(&self, language: Language) -> Value {
        match self {
            Self::One(FunctionOutcome::Deployed(function)) => function.of_scf().into(),
            Self::One(FunctionOutcome::Planned(plan)) => plan.shown(language),
            Self::Several { region, functions } => {
                let each = functions.iter().map(|outcome| match outcome {
                    FunctionOutcome::Deployed(function) => function.of_multi_scf().into(),
                    FunctionOutcome::Planned(plan) => plan.shown(language),
                });
                let functions_shown: Vec<Value> = each.collect();
                let functions_shown = ("functions".to_owned(), functions_shown.into());
                let Some(region) = region else { return Map::from_iter([functions_shown]).into() };
                let triggers = functions.iter().filter_map(|outcome| match outcome {
                    FunctionOutcome::Deployed(function) => Some(function.triggers_of_multi_scf()),
                    FunctionOutcome::Planned(_) => None,
                });
                Map::from_iter([
                    ("region".to_owned(), value(region)),
                    functions_shown,
                    ("triggers".to_owned(), triggers.collect()),
                ])
                .into()
            }
        }
    }
}

/// What became of the functions of an instance one of which failed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FunctionsEnded {
    /// Each of them.
    pub functions: Vec<FunctionEnded>,
}

impl FunctionsEnded {
    /// As an object, beside which the error stands.
    #[must_use]
    pub fn json(&self) -> Map<String, Value> {
        object(self)
    }
}

/// What became of one of several functions: its key, its status, and what that comes with.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FunctionEnded {
    /// Its key.
    pub key: Option<String>,
    /// What became of it.
    #[serde(flatten)]
    pub status: FunctionStatus,
}

impl From<&FunctionOutcome> for FunctionEnded {
    fn from(outcome: &FunctionOutcome) -> Self {
        match outcome.clone() {
            FunctionOutcome::Planned(mut plan) => {
                Self { key: plan.key.take(), status: FunctionStatus::Planned(plan) }
            }
            FunctionOutcome::Deployed(mut function) => {
                Self { key: function.key.take(), status: FunctionStatus::Deployed(function) }
            }
        }
    }
}

/// What became of one of several functions.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "status", rename_all = "camelCase")]
pub enum FunctionStatus {
    /// What would be done.
    Planned(Box<Plan>),
    /// What it is now.
    Deployed(Box<DeployedFunction>),
    /// It failed.
    Failed {
        /// Why.
        error: Box<error::FailureReport>,
    },
    /// The process was asked to stop before its turn came.
    NotBegun,
}

/// What became of a project.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Project"))]
pub struct DeployedProject {
    /// App.
    pub app: String,
    /// Stage.
    pub stage: String,
    /// Each instance, by its name.
    #[cfg_attr(test, schemars(with = "std::collections::BTreeMap<String, ProjectMember>"))]
    #[serde(serialize_with = "by_name")]
    pub instances: Vec<(String, ProjectMember)>,
}

impl DeployedProject {
    /// Whether a plan of an instance has a call that would change something.
    #[must_use]
    pub fn would_change(&self) -> bool {
        let mut plans = self.instances.iter().filter_map(|(_, member)| member.plan.as_ref());
        plans.any(DeployedInstance::would_change)
    }

    /// As an object, beside which an error may stand.
    #[must_use]
    pub fn json(&self) -> Map<String, Value> {
        object(self)
    }
}

fn by_name<S: Serializer>(
    members: &[(String, ProjectMember)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(members.iter().map(|(name, member)| (name, member)))
}

/// What became of an instance of a project.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProjectMember {
    /// How it ended.
    #[serde(flatten)]
    pub status: MemberStatus,
    /// What would be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<DeployedInstance>,
    /// What it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outputs: Option<DeployedInstance>,
}

/// How an instance of a project ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "status", rename_all = "camelCase")]
pub enum MemberStatus {
    /// It is planned.
    Planned,
    /// It is deployed.
    Deployed,
    /// It failed.
    Failed {
        /// Each error in one text.
        errors: Vec<String>,
        /// The first one.
        error: Option<Box<error::FailureReport>>,
        /// Of several functions: what became of each.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        functions: Vec<FunctionEnded>,
    },
    /// It was left out.
    Skipped {
        /// The failed one that it needs.
        because: String,
    },
    /// The process was asked to stop before its turn came.
    NotBegun,
    /// Its component is not deployed by scfctl.
    LeftAlone {
        /// The component.
        component: String,
    },
}
