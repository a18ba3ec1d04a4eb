//! Records of the service as they are reported.

use serde_json::{Map, Value};

use crate::model::PublishedVersion;
use crate::plan::{self, ObservedTrigger};
use crate::report::record::{Trigger, VersionRecord};

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
