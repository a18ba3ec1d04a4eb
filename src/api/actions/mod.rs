//! A request and a reply per API action, in the API's spelling; no logic.
//!
//! Fields, types and spelling follow the API definition of product `scf`, version
//! `2018-04-16`. Replies name only what this program needs: unknown fields are ignored, and
//! a missing needed one is an error that names the action and the field.

use std::time::Duration;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::retry::Repeat;

/// A product of the cloud API: functions have friends in other products.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    /// Its name, in the scope of signatures and as the first label of its host.
    pub name: &'static str,
    /// Value of `X-TC-Version`.
    pub version: &'static str,
}

/// Functions (云函数).
pub const SCF: Product = Product { name: "scf", version: "2018-04-16" };

/// A call of the API.
pub trait Action: Serialize {
    /// The product that it belongs to.
    const PRODUCT: Product = SCF;
    /// Value of `X-TC-Action`.
    const NAME: &'static str;
    /// What a repetition after a lost answer does.
    const REPEAT: Repeat;
    /// How long the answer may take beyond that of most actions.
    const PATIENCE: Duration = Duration::ZERO;
    /// What `Response` holds on success.
    type Reply: DeserializeOwned;
}

macro_rules! action {
    ($name:ident, $repeat:ident, $reply:ty) => {
        action!($crate::api::actions::SCF, $name, $repeat, $reply);
    };
    ($product:expr, $name:ident, $repeat:ident, $reply:ty) => {
        impl Action for $name {
            const PRODUCT: $crate::api::actions::Product = $product;
            const NAME: &'static str = stringify!($name);
            const REPEAT: Repeat = Repeat::$repeat;
            type Reply = $reply;
        }
    };
}

action!(GetFunction, Freely, GetFunctionReply);
action!(GetFunctionAddress, Freely, GetFunctionAddressReply);
action!(CreateFunction, Never, EmptyReply);
action!(UpdateFunctionCode, Freely, EmptyReply);
action!(UpdateFunctionConfiguration, Freely, EmptyReply);
action!(DeleteFunction, Never, EmptyReply);
action!(DeleteFunctionVersion, Never, EmptyReply);
action!(PublishVersion, AfterLook, PublishVersionReply);
action!(ListVersionByFunction, Freely, ListVersionByFunctionReply);
action!(GetAlias, Freely, AliasReply);
action!(ListAliases, Freely, ListAliasesReply);
action!(ListFunctions, Freely, ListFunctionsReply);
action!(CreateAlias, Never, EmptyReply);
action!(UpdateAlias, AfterLook, EmptyReply);
action!(DeleteAlias, Never, EmptyReply);

mod tag;
// Behind the macro, which they use.
mod account;
mod attributes;
mod balancers;
mod code;
mod invoke;
mod layers;
mod load;
mod logs;
mod monitor;
mod provisioned;
mod sessions;
mod sources;
mod triggers;

pub use account::{
    AccountPart, GetAccount, GetAccountReply, GetUserAppId, GetUserAppIdReply, NamespacePart,
};
pub use attributes::{
    AsyncTriggerConfig, GetFunctionEventInvokeConfig, ModifyResourceTags, ResourceTag,
    ResourceTagKey, RetryConfig, TAGS_PER_CALL, UpdateFunctionEventInvokeConfig,
};
pub use balancers::{
    CreateRule, CreateRuleReply, DeregisterFunctionTargets, DescribeListeners,
    DescribeListenersReply, DescribeTargets, DescribeTargetsReply, DescribeTaskStatus,
    DescribeTaskStatusReply, FunctionInfo, FunctionTarget, Listener, ListenerTargets,
    ModifyFunctionTargets, NewRule, RegisterFunctionTargets, Rule, RuleTargets,
};
pub use code::{Code, ImageConfig};
pub use invoke::{Invoke, InvokeFunction, InvokeReply, InvokeResult};
pub use layers::{LayerVersionInfo, ListLayerVersions, ListLayerVersionsReply};
pub use load::{ClearLoad, GetLoad, LoadReply, SetLoad};
pub use logs::{
    DescribeIndex, DescribeIndexReply, IndexKey, IndexKeys, IndexRule, LogInfo, SearchLog,
    SearchLogReply,
};
pub use monitor::{
    DataPoint, Dimension, DimensionReply, GetMonitorData, GetMonitorDataReply, Instance,
};
pub use provisioned::{
    DeleteProvisionedConcurrencyConfig, GetProvisionedConcurrencyConfig,
    GetProvisionedConcurrencyConfigReply, PutProvisionedConcurrencyConfig, VersionProvisioned,
};
pub use sessions::{AssumeRole, AssumeRoleWithWebIdentity, SessionKeys, SessionReply};
pub use sources::{BindTrigger, CreateDeliverCloudFunction, UnbindTrigger};
pub use tag::Tag;
pub use triggers::{
    CreateTrigger, DeleteTrigger, ListTriggers, ListTriggersReply, TriggerInfo, UpdateTrigger,
    UpdateTriggerStatus,
};

/// The function that an action is about, in front of its other fields.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionRef {
    /// Name of the function.
    pub function_name: String,
    /// Name of the namespace.
    pub namespace: String,
}

/// A reply of which nothing but success matters.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EmptyReply {
    /// Names the call to the vendor's support.
    pub request_id: String,
}

/// A name and a value, of an environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Variable {
    /// Never empty, but for the marker that clears all variables.
    pub key: String,
    /// Its text.
    pub value: String,
}

/// `Environment`: the whole set of variables.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Environment {
    /// All variables; null where a function has none.
    pub variables: Option<Vec<Variable>>,
}

/// `VpcConfig`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcConfig {
    /// Network; empty where there is none.
    pub vpc_id: Option<String>,
    /// Subnet; empty where there is none.
    pub subnet_id: Option<String>,
}

/// A layer by name and version.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LayerVersionSimple {
    /// `LayerName`.
    pub layer_name: String,
    /// `LayerVersion`.
    pub layer_version: i64,
}

/// `PublicNetConfig`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PublicNetConfig {
    /// `ENABLE` or `DISABLE`.
    pub public_net_status: Option<String>,
    /// Fixed egress address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eip_config: Option<EipConfig>,
}

/// `EipConfig` inside `PublicNetConfig`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EipConfig {
    /// `ENABLE` or `DISABLE`.
    pub eip_status: String,
}

/// `ProtocolParams`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ProtocolParams {
    /// WebSocket.
    #[serde(rename = "WSParams", skip_serializing_if = "Option::is_none")]
    pub ws_params: Option<WsParams>,
}

/// `WSParams` inside `ProtocolParams`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WsParams {
    /// Seconds, 1–1800.
    #[serde(rename = "IdleTimeOut")]
    pub idle_time_out: Option<i64>,
}

/// A mounted file system.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CfsInsInfo {
    /// Text, though a number.
    pub user_id: String,
    /// Text, though a number.
    pub user_group_id: String,
    /// File system.
    pub cfs_id: String,
    /// Mount point.
    pub mount_ins_id: String,
    /// Folder in the function.
    pub local_mount_dir: String,
    /// Folder in the file system.
    pub remote_mount_dir: String,
}

/// `CfsConfig`: all file systems.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CfsConfig {
    /// Empty for none; null where a function has none.
    pub cfs_ins_list: Option<Vec<CfsInsInfo>>,
}

/// `DeadLetterConfig`; all empty for none.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeadLetterConfig {
    /// What `name` names.
    #[serde(rename = "Type")]
    pub kind: Option<String>,
    /// Queue or topic.
    pub name: Option<String>,
    /// How a topic filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_type: Option<String>,
}

/// `InstanceConcurrencyConfig`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceConcurrencyConfig {
    /// `TRUE`, `FALSE`, or empty: one request at a time.
    pub dynamic_enabled: Option<String>,
    /// 1–100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<i64>,
}

/// Settings of `CreateFunction` and `UpdateFunctionConfiguration`.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionSettings {
    /// Settings of one value, by name.
    #[serde(flatten)]
    pub plain: Map<String, Value>,
    /// Replaces the whole set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// Private network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_config: Option<VpcConfig>,
    /// Log set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cls_logset_id: Option<String>,
    /// Log topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cls_topic_id: Option<String>,
    /// Layers in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<Vec<LayerVersionSimple>>,
    /// WebSocket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol_params: Option<ProtocolParams>,
    /// Requests that an instance of a web function serves at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_concurrency_config: Option<InstanceConcurrencyConfig>,
    /// File systems; replaces the whole list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cfs_config: Option<CfsConfig>,
    /// Where failed asynchronous invocations go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letter_config: Option<DeadLetterConfig>,
}

/// Creates a function.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateFunction {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Its code.
    pub code: Code,
    /// Tags of the function.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// `file.function`; web functions and images have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// Language and version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// `Event` or `HTTP`.
    #[serde(rename = "Type")]
    pub kind: &'static str,
    /// `WS`: the web function speaks WebSocket. Only here; it cannot be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol_type: Option<String>,
    /// The rest.
    #[serde(flatten)]
    pub settings: FunctionSettings,
}

/// Replaces the code of `$LATEST`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateFunctionCode {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// `file.function`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// The new code.
    pub code: Code,
    /// What it takes of the settings of one value, by name.
    #[serde(flatten)]
    pub settings: Map<String, Value>,
}

/// Changes settings of `$LATEST`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateFunctionConfiguration {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// What changes.
    #[serde(flatten)]
    pub settings: FunctionSettings,
}

/// Deletes a function with all its versions.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteFunction {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
}

/// Deletes one published version.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteFunctionVersion {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// The number of the version; never empty.
    pub qualifier: String,
}

/// Reads a version of a function.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunction {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Version or alias. Always sent: the default differs per action.
    pub qualifier: String,
    /// `FALSE`: code is not wanted here.
    pub show_code: &'static str,
}

/// Why a status is what it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StatusReason {
    /// Code.
    pub error_code: Option<String>,
    /// Text.
    pub error_message: Option<String>,
}

/// What [`GetFunction`] tells. It serializes too, for settings to be found by name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionReply {
    /// Status name.
    pub status: String,
    /// Status text.
    pub status_desc: Option<String>,
    /// Reasons of a failed status.
    pub status_reasons: Option<Vec<StatusReason>>,
    /// Function.
    pub function_name: Option<String>,
    /// Name of the namespace.
    pub namespace: Option<String>,
    /// Language and version.
    pub runtime: Option<String>,
    /// `file.function`.
    pub handler: Option<String>,
    /// `Event` or `HTTP`.
    #[serde(rename = "Type")]
    pub kind: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// MB.
    pub memory_size: Option<i64>,
    /// Seconds.
    pub timeout: Option<i64>,
    /// Seconds.
    pub init_timeout: Option<i64>,
    /// Name of the role that the function runs as.
    pub role: Option<String>,
    /// Variables.
    pub environment: Option<Environment>,
    /// Network.
    pub vpc_config: Option<VpcConfig>,
    /// Layers.
    pub layers: Option<Vec<LayerVersionSimple>>,
    /// Log set.
    pub cls_logset_id: Option<String>,
    /// Log topic.
    pub cls_topic_id: Option<String>,
    /// Public access.
    pub public_net_config: Option<PublicNetConfig>,
    /// The image that it runs; null, or empty, where its code is a package.
    pub image_config: Option<ImageConfig>,
    /// `WS`, or empty.
    pub protocol_type: Option<String>,
    /// WebSocket.
    pub protocol_params: Option<ProtocolParams>,
    /// Requests that an instance of a web function serves at once.
    pub instance_concurrency_config: Option<InstanceConcurrencyConfig>,
    /// File systems.
    pub cfs_config: Option<CfsConfig>,
    /// Where failed asynchronous invocations go.
    pub dead_letter_config: Option<DeadLetterConfig>,
    /// `TRUE` or `FALSE`.
    pub l5_enable: Option<String>,
    /// MB; where the service reports it.
    pub disk_size: Option<i64>,
    /// Kind of machine; where the service reports it.
    pub node_type: Option<String>,
    /// Size of the machine; where the service reports it.
    pub node_spec: Option<String>,
    /// `TRUE` or `FALSE`.
    pub install_dependency: Option<String>,
    /// `TRUE` or `FALSE`.
    pub async_run_enable: Option<String>,
    /// `TRUE` or `FALSE`.
    pub trace_enable: Option<String>,
    /// Tags.
    pub tags: Option<Vec<Tag>>,
    /// Creation, or publication.
    pub add_time: Option<String>,
    /// Last write.
    pub mod_time: Option<String>,
    /// Bytes of the package.
    pub code_size: Option<i64>,
    /// Triggers as listed with the function.
    pub triggers: Option<Vec<serde_json::Value>>,
}

/// Asks for the package's address.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionAddress {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Version or alias.
    pub qualifier: String,
}

/// What [`GetFunctionAddress`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionAddressReply {
    /// Where it can be fetched for a short time; signed.
    pub url: Option<String>,
    /// Hex SHA-256 of the package.
    pub code_sha256: Option<String>,
}

/// Copies `$LATEST` into a new version.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PublishVersion {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Description of the version.
    pub description: String,
}

/// What [`PublishVersion`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PublishVersionReply {
    /// The new number.
    pub function_version: String,
}

/// Lists versions.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListVersionByFunction {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// First entry.
    pub offset: i64,
    /// Page size.
    pub limit: i64,
}

/// One listed version.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionVersionItem {
    /// Number or `$LATEST`.
    pub version: String,
    /// Free text.
    pub description: Option<String>,
    /// Status name.
    pub status: Option<String>,
    /// Publication.
    pub add_time: Option<String>,
    /// Last write.
    pub mod_time: Option<String>,
}

/// What [`ListVersionByFunction`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListVersionByFunctionReply {
    /// This page's versions; `None` only where the answer has no such field.
    #[serde(default, deserialize_with = "present")]
    pub versions: Option<Vec<FunctionVersionItem>>,
    /// Their names alone.
    #[serde(default, deserialize_with = "present")]
    pub function_version: Option<Vec<String>>,
    /// How many there are over all pages; not every answer carries it.
    pub total_count: Option<i64>,
}

impl ListVersionByFunctionReply {
    /// This page's versions, by their names where nothing else is told of them; `None` where the
    /// answer has neither.
    #[must_use]
    pub fn into_items(self) -> Option<Vec<FunctionVersionItem>> {
        let by_name = |version| FunctionVersionItem {
            version,
            description: None,
            status: None,
            add_time: None,
            mod_time: None,
        };
        match (self.versions, self.function_version) {
            (Some(versions), names) if !versions.is_empty() || names.is_none() => Some(versions),
            (_, names) => Some(names?.into_iter().map(by_name).collect()),
        }
    }
}

/// A value that is there, null or not.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    reader: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(reader).map(Some)
}

/// A number, which may be written as a text; as exact as it is told.
fn number<'de, D: Deserializer<'de>>(reader: D) -> Result<serde_json::Number, D::Error> {
    match Value::deserialize(reader)? {
        Value::Number(number) => Ok(number),
        Value::String(text) => text.trim().parse().map_err(D::Error::custom),
        other => Err(D::Error::custom(format!("invalid type: {other}, expected a number"))),
    }
}

/// A version with its weight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VersionWeight {
    /// Version name.
    pub version: String,
    /// 0–1.
    #[serde(deserialize_with = "number")]
    pub weight: serde_json::Number,
}

/// A match rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VersionMatch {
    /// Version name.
    pub version: String,
    /// `invoke.headers.<name>`.
    pub key: String,
    /// `exact` or `range`.
    pub method: String,
    /// What to match.
    pub expression: String,
}

/// `RoutingConfig`. The odd spelling is the API's.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RoutingConfig {
    /// Weights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_version_weights: Option<Vec<VersionWeight>>,
    /// Rules.
    #[serde(rename = "AddtionVersionMatchs", skip_serializing_if = "Option::is_none")]
    pub addtion_version_matchs: Option<Vec<VersionMatch>>,
}

/// Lists functions of a namespace.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListFunctions {
    /// Name of the namespace.
    pub namespace: String,
    /// First entry.
    pub offset: i64,
    /// Page size.
    pub limit: i64,
}

/// One listed function.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionItem {
    /// Its name.
    pub function_name: String,
}

/// What [`ListFunctions`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListFunctionsReply {
    /// This page's functions.
    pub functions: Vec<FunctionItem>,
    /// Functions over all pages.
    pub total_count: Option<i64>,
}

/// Reads an alias.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetAlias {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Alias.
    pub name: String,
}

/// An alias as read.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AliasReply {
    /// Alias.
    pub name: String,
    /// Main version.
    pub function_version: String,
    /// Weights and rules.
    pub routing_config: Option<RoutingConfig>,
    /// Free text.
    pub description: Option<String>,
    /// Creation.
    pub add_time: Option<String>,
    /// Last write.
    pub mod_time: Option<String>,
    /// Names the call to the vendor's support; not in listings.
    pub request_id: Option<String>,
}

/// Lists aliases. `Offset` and `Limit` are strings, as the API declares them.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListAliases {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Only aliases that use this version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_version: Option<String>,
    /// First entry.
    pub offset: String,
    /// Page size.
    pub limit: String,
}

/// What [`ListAliases`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListAliasesReply {
    /// This page's aliases.
    pub aliases: Vec<AliasReply>,
    /// How many there are over all pages; not every answer carries it.
    pub total_count: Option<i64>,
}

/// Creates an alias.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateAlias {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Alias.
    pub name: String,
    /// Main version.
    pub function_version: String,
    /// Weights or rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_config: Option<RoutingConfig>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Replaces the routing of an alias.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateAlias {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Alias.
    pub name: String,
    /// Main version, always sent.
    pub function_version: String,
    /// Weights or rules; what is not sent is not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_config: Option<RoutingConfig>,
    /// Free text, sent as read because the reference leaves open whether omitting keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Deletes an alias; its versions stay.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteAlias {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Alias.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_two_fields_where_it_stands() {
        let function = FunctionRef { function_name: "api".into(), namespace: "default".into() };
        let weight = |number: f64| VersionWeight {
            version: "2".into(),
            weight: serde_json::Number::from_f64(number).unwrap(),
        };
        let update = UpdateAlias {
            function: function.clone(),
            name: "blue".into(),
            function_version: "1".into(),
            routing_config: Some(RoutingConfig {
                additional_version_weights: Some(vec![weight(0.1), weight(1e-6)]),
                addtion_version_matchs: None,
            }),
            description: None,
        };
        assert_eq!(
            serde_json::to_string(&update).unwrap(),
            r#"{"FunctionName":"api","Namespace":"default","Name":"blue","FunctionVersion":"1","RoutingConfig":{"AdditionalVersionWeights":[{"Version":"2","Weight":0.1},{"Version":"2","Weight":1e-6}]}}"#
        );
        let bind = BindTrigger {
            scf_region: "ap-guangzhou".into(),
            event_type: "WorkflowTask".into(),
            qualifier: "$DEFAULT".into(),
            function,
        };
        assert_eq!(
            serde_json::to_string(&bind).unwrap(),
            r#"{"ScfRegion":"ap-guangzhou","EventType":"WorkflowTask","Qualifier":"$DEFAULT","FunctionName":"api","Namespace":"default"}"#
        );
    }
}
