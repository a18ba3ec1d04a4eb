//! Records what a deployment was decided from, as saved plans keep it: by kind and name.

use serde_json::{Value, json};

use super::Observation;
use crate::model::{Alias, PLAIN, Version, Weight};
use crate::plan::saved::{KEPT, ReadKind, Reads, leaves, note};

/// Fields of a reply that are not settings, or that are recorded otherwise.
const OTHERWISE: [&str; 10] = [
    "Status",
    "StatusDesc",
    "StatusReasons",
    "FunctionName",
    "Namespace",
    "AddTime",
    "ModTime",
    "CodeSize",
    "Triggers",
    "RequestId",
];

/// Returns the digest that replaces a value, from its name and the value.
pub type Digest<'a> = &'a dyn Fn(&str, &str) -> String;

impl Observation {
    /// Records everything that was read. Descriptions, triggers and possible secrets are recorded
    /// as digests.
    pub fn note(&self, reads: &mut Reads, digest: Digest<'_>) {
        self.note_function(reads, digest);
        let observed = &self.observed;
        for version in &observed.versions {
            let status = version.status.as_deref().unwrap_or_default();
            let name = version.version.to_string();
            let value = if version.can_serve() {
                digest(&name, &version.description)
            } else {
                status.into()
            };
            note(reads, ReadKind::Version, &name, value);
        }
        for Alias { name, routing, description, .. } in
            observed.default_alias.iter().chain(&observed.alias)
        {
            note(reads, ReadKind::Alias, name, routing.to_string());
            if !description.is_empty() {
                note(reads, ReadKind::Description, name, digest(name, description));
            }
        }
        // Other aliases that would serve the new code.
        let known = |name: &String| {
            let mut known = observed.default_alias.iter().chain(&observed.alias);
            known.any(|alias| alias.name == *name)
        };
        for Alias { name, routing, .. } in &observed.aliases {
            if routing.share_of(Version::Latest) > Weight::ZERO && !known(name) {
                note(reads, ReadKind::Alias, name, routing.to_string());
            }
        }
        for one in &observed.provisioned {
            let version = one.version.to_string();
            note(reads, ReadKind::Provisioned, &version, one.count.to_string());
        }
        for one in &observed.triggers.triggers {
            let parts = json!([one.text, one.argument, one.description, one.enabled, one.weight]);
            let name = one.place().to_string();
            let value = digest(&name, &parts.to_string());
            note(reads, ReadKind::Trigger, &name, value);
        }
        for one in &observed.triggers.rules {
            let parts = json!([one.listener, one.location]);
            let name = one.rule.to_string();
            let value = digest(&name, &parts.to_string());
            note(reads, ReadKind::Trigger, &name, value);
        }
    }

    /// Records the state of the function.
    fn note_function(&self, reads: &mut Reads, digest: Digest<'_>) {
        let observed = &self.observed;
        let there = if observed.latest.is_some() { "there" } else { "not there" };
        note(reads, ReadKind::Function, "", there.to_owned());
        let Some(latest) = &self.latest else { return };
        let Ok(Value::Object(told)) = serde_json::to_value(latest) else { return };
        let is_open = |name: &str| {
            ["Runtime", "Handler", "Type"].contains(&name)
                || PLAIN.iter().any(|setting| setting.name == name)
        };
        let mut settings = Vec::new();
        for (key, value) in told.iter().filter(|(key, _)| !OTHERWISE.contains(&key.as_str())) {
            leaves(value, key, &mut settings);
        }
        for (name, value) in settings {
            let kept = is_open(&name) && value.len() <= KEPT;
            let value = if kept { value } else { digest(&name, &value) };
            note(reads, ReadKind::Setting, &name, value);
        }
        if let Some(retries) = observed.attributes.retries {
            note(reads, ReadKind::Setting, "RetryNum", retries.count.to_string());
            note(reads, ReadKind::Setting, "MsgTTL", retries.message_ttl.to_string());
        }
        // Without a digest, the time of the last write is all that is known.
        let code = observed.latest.as_ref().and_then(|latest| latest.code_sha256.clone());
        note(
            reads,
            ReadKind::Code,
            "",
            code.or_else(|| latest.mod_time.clone()).unwrap_or_default(),
        );
    }
}
