//! Actions of the products that send events to functions by themselves.

use serde::Serialize;

use super::{Action, EmptyReply, FunctionRef, Product, Repeat};

/// Logs (日志服务).
const CLS: Product = Product { name: "cls", version: "2020-10-16" };
/// Media processing (媒体处理). Binding is in no public definition of it; names and members are
/// those that the real component sends.
const MPS: Product = Product { name: "mps", version: "2019-06-12" };

action!(CLS, CreateDeliverCloudFunction, Never, EmptyReply);
action!(MPS, BindTrigger, Never, EmptyReply);
action!(MPS, UnbindTrigger, Freely, EmptyReply);

/// Delivers the logs of a topic to a function.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateDeliverCloudFunction {
    /// Id of the topic of logs.
    pub topic_id: String,
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Version or alias.
    pub qualifier: String,
    /// Longest wait, in seconds.
    pub timeout: i64,
    /// Most messages at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_msg_num: Option<i64>,
}

/// Sends the account's events of a type to a function.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BindTrigger {
    /// Region of the function.
    pub scf_region: String,
    /// `WorkflowTask` or `EditMediaTask`.
    pub event_type: String,
    /// Version or alias.
    pub qualifier: String,
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
}

/// Stops sending them; the trigger stays, switched off.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UnbindTrigger {
    /// `mps`.
    #[serde(rename = "Type")]
    pub kind: &'static str,
    /// Version or alias.
    pub qualifier: String,
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// As listed.
    pub resource_id: String,
}
