//! Description of a trigger of each type for the API, and its comparison with an existing trigger.
//!
//! Spelling and defaults are those of the API reference, "`TriggerDesc` per type". The service adds
//! fields of its own when it lists triggers, such as the addresses of a function URL, so only
//! fields that the file sets are compared.

use serde_json::{Map, Value};

use crate::model::trigger::{CosRule, Form, FunctionUrl, Trigger, TriggerKind, as_text};
use crate::order::Order as _;
use crate::plan::observed::ObservedTrigger;
use crate::plan::step::{Fixed, TriggerChange, TriggerChanges};

/// Difference between an existing trigger and the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerDifference {
    /// There is none.
    None,
    /// The API can change it in place.
    Changes(TriggerChanges),
    /// The trigger has to be replaced, because of these properties.
    Replace(Vec<Fixed>),
}

impl Trigger {
    /// Returns what has to change for the existing trigger to match the file.
    #[must_use]
    pub fn difference(&self, observed: &ObservedTrigger) -> TriggerDifference {
        let mut changes = TriggerChanges::default();
        let mut replace = Vec::new();
        self.compare_forms(observed, &mut changes, &mut replace);
        if let Some(enabled) = self.enabled.filter(|enabled| *enabled != observed.enabled) {
            match self.kind() {
                // Neither product can disable a trigger.
                TriggerKind::Cls | TriggerKind::Clb => replace.push(Fixed::Enabled),
                _ => {
                    changes.enabled = Some(enabled);
                    changes.what.push(TriggerChange::Enabled(enabled));
                }
            }
        }
        if let Some(text) = self.description.as_ref().filter(|text| **text != observed.description)
        {
            if self.kind() == TriggerKind::Cos {
                replace.push(Fixed::Description);
            } else {
                changes.description = Some(text.clone());
                changes.what.push(TriggerChange::Description);
            }
        }
        match (replace.is_empty(), changes.what.is_empty()) {
            (false, _) => TriggerDifference::Replace(replace),
            (true, false) => TriggerDifference::Changes(changes),
            (true, true) => TriggerDifference::None,
        }
    }

    fn compare_forms(
        &self,
        observed: &ObservedTrigger,
        changes: &mut TriggerChanges,
        replace: &mut Vec<Fixed>,
    ) {
        match &self.form {
            Form::Timer { cron, argument } => {
                // The number of blanks between fields has no meaning, and the service may normalise
                // it.
                let fields = |cron: &str| cron.split_whitespace().collect::<Vec<_>>().join(" ");
                if fields(&observed.cron()) != fields(cron) {
                    changes.form = Some(cron.clone());
                    changes.what.push(TriggerChange::Cron(cron.clone()));
                }
                if observed.argument != *argument {
                    changes.argument = Some(argument.clone());
                    changes.what.push(if argument.is_empty() {
                        TriggerChange::NoArgument
                    } else {
                        TriggerChange::Argument
                    });
                }
            }
            Form::Ckafka(ckafka) => {
                let listed = |key: &str| observed.field(key).map(as_text);
                let differs = |key: &str, value: &Value| {
                    listed(key).is_some_and(|listed| listed != as_text(value))
                };
                for (key, value) in [
                    ("maxMsgNum", ckafka.max_messages),
                    ("retry", ckafka.retry),
                    ("timeOut", ckafka.time_out),
                ] {
                    if differs(key, &value.into()) {
                        changes.form = Some(self.form.description());
                        changes.what.push(TriggerChange::Number(key, value));
                    }
                }
                if differs("offset", &ckafka.offset) {
                    replace.push(Fixed::Key("offset"));
                }
                let group = ckafka.group.clone().unwrap_or_default();
                if ckafka.group.is_some()
                    && listed("consumerGroupName").unwrap_or_default() != group
                {
                    replace.push(Fixed::Key("consumerGroupName"));
                }
            }
            Form::Http(url) => {
                let differences = url.differences(observed);
                if !differences.is_empty() {
                    changes.form = Some(url.replacing(observed));
                    changes.what.extend(differences);
                }
            }
            Form::Cls { max_wait, max_size, .. } => {
                for (keys, value, key) in [
                    (["max_wait", "Timeout"], Some(*max_wait), "maxWait"),
                    (["max_size", "MaxMsgNum"], *max_size, "maxSize"),
                ] {
                    let listed = keys.iter().find_map(|key| observed.field(key));
                    if let (Some(listed), Some(value)) = (listed, value)
                        && as_text(listed) != value.to_string()
                    {
                        replace.push(Fixed::Key(key));
                    }
                }
            }
            Form::Clb { weight, .. } => {
                if observed.weight.is_some_and(|listed| listed != *weight) {
                    changes.weight = Some(*weight);
                    changes.what.push(TriggerChange::Weight(*weight));
                }
            }
            // Rule and event are part of the identity, so they cannot differ.
            Form::Cos(_) | Form::Mps { .. } => {}
        }
    }

    /// Returns whether both are the same trigger, on whatever qualifier.
    #[must_use]
    pub fn is_same(&self, observed: &ObservedTrigger) -> bool {
        if observed.kind != self.kind().name() {
            return false;
        }
        match &self.form {
            Form::Timer { .. } | Form::Ckafka(_) | Form::Http(_) => observed.name == self.name,
            Form::Cos(rule) => observed.name == self.name && CosRule::read(&observed.form) == *rule,
            Form::Cls { topic, .. } => {
                observed.resource == *topic
                    || observed.field("topic_id").and_then(Value::as_str) == Some(topic)
            }
            Form::Mps { event } => {
                let listed = observed.field("eventType").and_then(Value::as_str);
                observed.resource == format!("{event}Event") || listed == Some(event)
            }
            Form::Clb { rule, .. } => observed.rule.as_ref() == Some(rule),
        }
    }

    /// Returns whether the existing trigger is on the qualifier that the file gives.
    ///
    /// A qualifier has only one URL, whatever its name, and it keeps its address only while it
    /// exists.
    #[must_use]
    pub fn stands(&self, observed: &ObservedTrigger) -> bool {
        let same = match self.kind() {
            TriggerKind::Http => observed.kind == TriggerKind::Http.name(),
            _ => self.is_same(observed),
        };
        same && observed.qualifier == self.qualifier
    }

    /// Returns whether both cannot exist at the same time.
    #[must_use]
    pub fn excludes(&self, observed: &ObservedTrigger) -> bool {
        match &self.form {
            Form::Cos(rule) => {
                observed.kind == TriggerKind::Cos.name()
                    && observed.name == self.name
                    && rule.overlaps(&CosRule::read(&observed.form))
            }
            // A topic or task type can have only one function.
            Form::Cls { .. } | Form::Mps { .. } => self.is_same(observed),
            Form::Timer { .. } | Form::Ckafka(_) | Form::Http(_) | Form::Clb { .. } => {
                self.stands(observed)
            }
        }
    }
}

impl FunctionUrl {
    /// Returns the differences between an existing URL and the file.
    fn differences(&self, observed: &ObservedTrigger) -> Vec<TriggerChange> {
        let mut what = Vec::new();
        let listed = |path: &str| observed.form.pointer(path).and_then(Value::as_bool);
        if observed.field("AuthType").and_then(Value::as_str) != Some(self.auth.as_str()) {
            what.push(TriggerChange::Authorisation(self.auth.clone()));
        }
        let is_open = |path| listed(path).unwrap_or(false);
        if is_open("/NetConfig/EnableExtranet") != self.extranet {
            what.push(TriggerChange::PublicNetwork(self.extranet));
        }
        if is_open("/NetConfig/EnableIntranet") != self.intranet {
            what.push(TriggerChange::InternalNetwork(self.intranet));
        }
        let cors = observed.form.get("CorsConfig").and_then(Value::as_object);
        let had_cors = cors.and_then(|cors| cors.get("Enable")) == Some(&Value::Bool(true));
        match (had_cors, self.has_cors()) {
            (true, false) => what.push(TriggerChange::CorsEnabled(false)),
            (false, true) => what.push(TriggerChange::CorsEnabled(true)),
            (false, false) => {}
            (true, true) => {
                let empty = Map::new();
                let (wanted, found) =
                    (self.cors.as_ref().unwrap_or(&empty), cors.unwrap_or(&empty));
                let differs = |(key, value): (&String, &Value)| match found.get(key) {
                    Some(listed) => plain(listed) != plain(value),
                    None => !is_nothing(value),
                };
                if wanted.iter().any(differs) {
                    what.push(TriggerChange::Cors);
                }
            }
        }
        what
    }

    /// Returns the `TriggerDesc` that makes an existing URL match the file.
    ///
    /// CORS that the file no longer has is disabled explicitly, because omitted settings may be
    /// kept.
    fn replacing(&self, observed: &ObservedTrigger) -> String {
        let mut wanted = self.clone();
        if self.cors.is_none() && observed.form.pointer("/CorsConfig/Enable").is_some() {
            wanted.cors = Some(Map::from_iter([("Enable".to_owned(), Value::Bool(false))]));
        }
        Form::Http(wanted).description()
    }
}

/// Returns a list without its order: methods and origins are sets.
fn plain(value: &Value) -> Value {
    let mut value = value.clone();
    if let Value::Array(items) = &mut value {
        items.order_by_key(ToString::to_string);
    }
    value
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

impl ObservedTrigger {
    /// Returns a field of the description, ignoring the case of its name.
    pub(in crate::plan) fn field(&self, key: &str) -> Option<&Value> {
        let form = self.form.as_object()?;
        form.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }

    /// Returns the `TriggerDesc` that calls need to refer to an existing trigger.
    ///
    /// `None` for the types that are identified by name alone.
    #[must_use]
    pub fn description_to_name_it(&self) -> Option<String> {
        match TriggerKind::of(&self.kind) {
            Some(TriggerKind::Timer | TriggerKind::Http) => None,
            Some(TriggerKind::Cos) => Some(Form::Cos(CosRule::read(&self.form)).description()),
            _ => Some(self.text.clone()).filter(|text| !text.is_empty()),
        }
    }

    /// Returns the cron expression of a timer, which is listed as `{"cron":"…"}`.
    fn cron(&self) -> String {
        match self.field("cron").and_then(Value::as_str) {
            Some(cron) => cron.to_owned(),
            None => self.text.clone(),
        }
    }
}
