//! Actions on triggers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Action, EmptyReply, FunctionRef, Repeat};
use crate::fields::{self, Misread};

action!(CreateTrigger, Never, EmptyReply);
action!(UpdateTrigger, Freely, EmptyReply);
// Switched twice is refused; the caller looks then.
action!(UpdateTriggerStatus, Freely, EmptyReply);
// Deleted twice is deleted: the second answer is "not found".
action!(DeleteTrigger, Freely, EmptyReply);
action!(ListTriggers, Freely, ListTriggersReply);

/// Binds a trigger to a version or alias.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateTrigger {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Name of the trigger.
    pub trigger_name: String,
    /// `timer`, `cos`, `ckafka` or `http`.
    #[serde(rename = "Type")]
    pub kind: &'static str,
    /// Of a timer: the bare cron expression; of the others JSON.
    pub trigger_desc: String,
    /// Version or alias. Always sent: the default is not the recommended one.
    pub qualifier: String,
    /// `OPEN` or `CLOSE`.
    pub enable: &'static str,
    /// What the timer hands to the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_argument: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Changes a trigger; what is not sent stays.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateTrigger {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Name of the trigger.
    pub trigger_name: String,
    /// `timer`, `ckafka` or `http`.
    #[serde(rename = "Type")]
    pub kind: &'static str,
    /// The version or alias that it was created with.
    pub qualifier: String,
    /// As at its creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_desc: Option<String>,
    /// `OPEN` or `CLOSE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable: Option<&'static str>,
    /// Empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_argument: Option<String>,
    /// Empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Switches a trigger on or off.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateTriggerStatus {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Name of the trigger.
    pub trigger_name: String,
    /// `cos`.
    #[serde(rename = "Type")]
    pub kind: &'static str,
    /// The version or alias that it was created with.
    pub qualifier: String,
    /// As at its creation.
    pub trigger_desc: String,
    /// `OPEN` or `CLOSE`.
    pub enable: &'static str,
}

/// Deletes a trigger.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteTrigger {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Name of the trigger.
    pub trigger_name: String,
    /// `timer`, `cos`, …
    #[serde(rename = "Type")]
    pub kind: String,
    /// The version or alias that it was created with.
    pub qualifier: String,
    /// As at its creation, for the types that need it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_desc: Option<String>,
}

/// Lists triggers of all versions and aliases.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListTriggers {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// First entry.
    pub offset: i64,
    /// Page size.
    pub limit: i64,
}

/// What [`ListTriggers`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListTriggersReply {
    /// This page's triggers.
    pub triggers: Vec<TriggerInfo>,
    /// How many there are over all pages; not every answer carries it.
    pub total_count: Option<i64>,
}

/// A trigger, with the record as it came for the output.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct TriggerInfo {
    /// Name of the trigger.
    pub trigger_name: String,
    /// `timer`, `cos`, `http`, …
    pub kind: String,
    /// Version or alias.
    pub qualifier: String,
    /// JSON text; of a timer `{"cron":"…"}`.
    pub trigger_desc: String,
    /// 0 or 1, unlike in requests.
    pub enable: i64,
    /// What a timer hands to the function.
    pub custom_argument: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// What the other product knows it by, in six parts.
    pub resource_id: Option<String>,
    /// `on` or `off`, for the types that other products bind.
    pub bind_status: Option<String>,
    /// Everything, in the service's order.
    pub record: Map<String, Value>,
}

impl TryFrom<Map<String, Value>> for TriggerInfo {
    type Error = serde_json::Error;

    fn try_from(record: Map<String, Value>) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Needed {
            trigger_name: String,
            #[serde(rename = "Type")]
            kind: String,
            qualifier: String,
            trigger_desc: Option<String>,
            enable: i64,
            custom_argument: Option<String>,
            description: Option<String>,
            resource_id: Option<String>,
            bind_status: Option<String>,
        }
        let fields = Value::Object(record.clone());
        let needed: Needed = fields::read_answer(&fields).map_err(Misread::into_reason)?;
        Ok(Self {
            trigger_name: needed.trigger_name,
            kind: needed.kind,
            qualifier: needed.qualifier,
            trigger_desc: needed.trigger_desc.unwrap_or_default(),
            enable: needed.enable,
            custom_argument: needed.custom_argument,
            description: needed.description,
            resource_id: needed.resource_id,
            bind_status: needed.bind_status,
            record,
        })
    }
}
