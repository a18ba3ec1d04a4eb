//! Actions about a function as a whole: tags, and what becomes of asynchronous invocations.

use serde::{Deserialize, Serialize};

use super::{Action, EmptyReply, FunctionRef, Product, Repeat};

/// Tags (标签).
pub const TAG: Product = Product { name: "tag", version: "2018-08-13" };

/// Most tags of each kind in one [`ModifyResourceTags`] (its public page).
pub const TAGS_PER_CALL: usize = 10;

impl Action for ModifyResourceTags {
    const PRODUCT: Product = TAG;
    const NAME: &'static str = "ModifyResourceTags";
    const REPEAT: Repeat = Repeat::Freely;
    type Reply = EmptyReply;
}

action!(GetFunctionEventInvokeConfig, Freely, GetFunctionEventInvokeConfigReply);
action!(UpdateFunctionEventInvokeConfig, Freely, EmptyReply);

/// A tag as the tag product spells it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceTag {
    /// Key.
    pub tag_key: String,
    /// Value, perhaps empty.
    pub tag_value: String,
}

/// The key of a tag, as the tag product spells it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceTagKey {
    /// Key.
    pub tag_key: String,
}

/// Binds tags to a resource, gives them other values, and takes tags off. At most
/// [`TAGS_PER_CALL`] of each; a list must not be empty, and no key in both.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyResourceTags {
    /// Six segments: `qcs::scf:<region>:uin/<uin>:namespace/<ns>/function/<name>`.
    pub resource: String,
    /// Tags to bind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replace_tags: Vec<ResourceTag>,
    /// Tags to take off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delete_tags: Vec<ResourceTagKey>,
}

/// `RetryConfig`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RetryConfig {
    /// 0–2; a second entry with -1 may follow in answers.
    pub retry_num: i64,
}

/// `AsyncTriggerConfig`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AsyncTriggerConfig {
    /// Runs after a failed one.
    pub retry_config: Vec<RetryConfig>,
    /// Seconds.
    #[serde(rename = "MsgTTL")]
    pub message_ttl: i64,
}

/// Reads what becomes of asynchronous invocations.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionEventInvokeConfig {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Version. Always sent: the default differs per action.
    pub qualifier: String,
}

/// What [`GetFunctionEventInvokeConfig`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionEventInvokeConfigReply {
    /// The configuration.
    pub async_trigger_config: AsyncTriggerConfig,
}

/// Changes what becomes of asynchronous invocations.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateFunctionEventInvokeConfig {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// The whole configuration.
    pub async_trigger_config: AsyncTriggerConfig,
}
