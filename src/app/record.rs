//! Records of the service as they are reported.

use serde_json::{Map, Value};

use crate::api::actions::GetFunctionReply;
use crate::model::{FunctionRecord, PublishedVersion};
use crate::plan::{self, ObservedTrigger};
use crate::report::record::{Trigger, VersionRecord};

/// The record of a function, or of a version that was asked for alone.
pub(super) fn function(reply: &GetFunctionReply) -> FunctionRecord {
    FunctionRecord {
        runtime: reply.runtime.clone(),
        handler: reply.handler.clone(),
        memory_size: reply.memory_size,
        timeout: reply.timeout,
        description: reply.description.clone(),
        code_size: reply.code_size,
        mod_time: reply.mod_time.clone(),
    }
}

/// The record of a version.
pub(super) fn version(version: PublishedVersion) -> VersionRecord {
    VersionRecord {
        version: version.version,
        text: plan::publish::without_key(&version.description).to_owned(),
        description: version.description,
        status: version.status,
        add_time: version.added,
        mod_time: version.modified,
        code_sha256: None,
    }
}

/// The record of a trigger, with what else the service lists of it where that is reported.
pub(super) fn trigger(trigger: &ObservedTrigger, listed: Map<String, Value>) -> Trigger {
    let cron = trigger.form.get("cron").and_then(Value::as_str);
    Trigger {
        kind: trigger.kind.clone(),
        name: trigger.title().name,
        qualifier: trigger.qualifier.clone(),
        enabled: trigger.enabled,
        cron: cron.map(str::to_owned),
        description: trigger.description.clone(),
        listed,
    }
}
