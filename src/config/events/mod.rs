//! `inputs.events`: the triggers of the function.
//!
//! Names, keys and defaults are those of the real component. Two oddities of the guide to
//! canary releases are dealt with here: its `name:` without a value means the default name, and
//! its sample calls `*/5 * * * *` "every 5 seconds", while five fields begin with the minute.

mod cron;
mod kinds;
mod scope;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::function::{InputError, InputErrors, MapReader, Reader, nearest};
use super::input_error::{
    Advice, Clash, EventAdvice, InputWarning, InputsOf, KeyRemark, RetiredProduct, Successor,
    WantedValue, Wrong, WrongEvent,
};
use super::position::Position;
use crate::model::DEFAULT_ALIAS;
use crate::model::trigger::{Form, Trigger, TriggerKind, WantedTriggers};
pub use scope::EventScope;

/// What is written for `qualifier`: scf calls an alias so elsewhere.
const ALIAS: &[&str] = &["alias", "aliasName"];
/// Triggers of one type that every account may have of a function.
const USUAL_NUMBER: usize = 10;

/// An entry of a list of events, its type taken apart from its content.
#[derive(Debug, Clone)]
pub struct EventEntry<'a> {
    /// `timer`, `cos`, …
    pub of_type: &'a str,
    /// The map that holds `name` and `parameters`.
    pub content: &'a Value,
    /// Dotted path of the content below `inputs`.
    pub path: String,
    /// Keys of all functions that it names, where the file describes several.
    pub functions: &'a [String],
}

/// An event that is skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Dotted path.
    pub path: String,
    /// Type.
    pub of_type: String,
    /// The product that was retired.
    pub product: RetiredProduct,
}

/// What `events` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events {
    /// Triggers, in the file's order.
    pub triggers: Vec<Trigger>,
    /// Versions and aliases that the events name.
    pub named: BTreeSet<String>,
    /// What is not deployed.
    pub skipped: Vec<Skipped>,
    /// What is probably a mistake.
    pub warnings: Vec<InputWarning>,
}

impl Events {
    /// For the planner. `prune` extends the file's word to all versions and aliases.
    #[must_use]
    pub fn wanted(&self, prune: bool) -> WantedTriggers {
        WantedTriggers {
            list: self.triggers.clone(),
            named: self.named.clone(),
            skipped: self.skipped.iter().map(|skipped| skipped.of_type.clone()).collect(),
            prune,
        }
    }
}

impl Reader<'_> {
    /// Reads `events`; `None` when the file has no word on triggers, or when `ignoreTriggers`
    /// says that they are none of its business.
    ///
    /// # Errors
    /// The events that cannot be deployed as they are.
    pub fn events(&self, scope: &EventScope<'_>) -> Result<Option<Events>, InputErrors> {
        if self.boolean("ignoreTriggers")? == Some(true) {
            return Ok(None);
        }
        let list = match self.inputs.get("events") {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Array(list)) => list,
            Some(other) => {
                let what = Wrong::kind(other, WantedValue::List);
                return Err(self.error("events", what, Advice::ListOf("- timer: …")).into());
            }
        };
        let mut events = Vec::new();
        let mut wrong = InputErrors::default();
        for (position, entry) in list.iter().enumerate() {
            let functions = scope.named.get(position).map_or(&[][..], Vec::as_slice);
            match self.event(position, entry) {
                Ok(event) => events.push(EventEntry { functions, ..event }),
                Err(error) => wrong.errors.push(error),
            }
        }
        match self.read_events(&events, scope) {
            Ok(events) if wrong.errors.is_empty() => Ok(Some(events)),
            Ok(_) => Err(wrong),
            Err(more) => {
                wrong.errors.extend(more.errors);
                wrong.unknown.extend(more.unknown);
                Err(wrong)
            }
        }
    }

    /// Reads events wherever they come from.
    ///
    /// # Errors
    /// The events that cannot be deployed as they are, each with all its mistakes.
    pub fn read_events(
        &self,
        list: &[EventEntry<'_>],
        scope: &EventScope<'_>,
    ) -> Result<Events, InputErrors> {
        let mut events = Events::default();
        let mut wrong = InputErrors::default();
        let mut paths: Vec<&str> = Vec::new();
        for event in list {
            let before = events.warnings.len();
            match self.add_event(event, scope, &paths, &mut events) {
                Ok(true) => paths.push(&event.path),
                Ok(false) => {}
                Err(errors) => {
                    wrong.errors.extend(errors.errors);
                    wrong.unknown.extend(events.warnings.drain(before..));
                }
            }
        }
        for of_type in TriggerKind::ALL {
            let count = events.triggers.iter().filter(|known| known.kind() == of_type).count();
            if count > USUAL_NUMBER {
                let remark = KeyRemark::ManyTriggers { count, kind: of_type, usual: USUAL_NUMBER };
                events.warnings.push(self.remark("events", remark));
            }
        }
        if wrong.errors.is_empty() { Ok(events) } else { Err(wrong) }
    }

    /// Reads one event into the others, whose paths these are. False for a skipped one.
    fn add_event(
        &self,
        event: &EventEntry<'_>,
        scope: &EventScope<'_>,
        paths: &[&str],
        events: &mut Events,
    ) -> Result<bool, InputErrors> {
        if let Some(skipped) = self.retired(event, scope)? {
            events.named.insert(qualifier_of(event.content));
            events.skipped.push(skipped);
            return Ok(false);
        }
        let of_type = TriggerKind::of(event.of_type).ok_or_else(|| self.unknown_type(event))?;
        let trigger = self.trigger(of_type, event, scope, &mut events.warnings)?;
        let clash = events.triggers.iter().zip(paths).find_map(|(known, path)| {
            let (clash, instead) = clash(&trigger, known)?;
            Some((WrongEvent::Clash { clash, with: self.path(path) }, instead))
        });
        if let Some((what, instead)) = clash {
            return Err(self.error(&event.path, what, instead).into());
        }
        events.named.insert(trigger.qualifier.clone());
        events.triggers.push(trigger);
        Ok(true)
    }

    /// One entry of the list: a map of one key, the type.
    fn event<'e>(&self, position: usize, entry: &'e Value) -> Result<EventEntry<'e>, InputError> {
        let path = format!("events.{position}");
        let keys: Vec<&str> =
            entry.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
        let [of_type] = keys[..] else {
            let what = if keys.is_empty() {
                Wrong::kind(entry, WantedValue::Event)
            } else {
                WrongEvent::SeveralKeys(keys.into_iter().map(str::to_owned).collect()).into()
            };
            return Err(self.error(&path, what, EventAdvice::OneType));
        };
        let path = format!("{path}.{of_type}");
        Ok(EventEntry { of_type, content: &entry[of_type], path, functions: &[] })
    }

    fn unknown_type(&self, event: &EventEntry<'_>) -> InputError {
        let known = || TriggerKind::ALL.into_iter().map(TriggerKind::name);
        let meant = nearest(event.of_type, known());
        let instead = Advice::OneOf { words: known().collect(), meant };
        self.error(&event.path, WrongEvent::UnknownType(event.of_type.to_owned()), instead)
    }

    /// An event of a retired product: refused, or skipped where that was asked for.
    fn retired(
        &self,
        event: &EventEntry<'_>,
        scope: &EventScope<'_>,
    ) -> Result<Option<Skipped>, InputError> {
        let Some(product) = RetiredProduct::of(event.of_type) else { return Ok(None) };
        if scope.skip_unsupported {
            let (path, of_type) = (event.path.clone(), event.of_type.to_owned());
            return Ok(Some(Skipped { path, of_type, product }));
        }
        let instead = EventAdvice::InsteadOf { product, functions: event.functions.to_vec() };
        Err(self.error(&event.path, WrongEvent::Retired(product), instead))
    }

    fn trigger(
        &self,
        of_type: TriggerKind,
        event: &EventEntry<'_>,
        scope: &EventScope<'_>,
        warnings: &mut Vec<InputWarning>,
    ) -> Result<Trigger, InputErrors> {
        let outer = MapReader::new(self, event.content, event.path.clone())?;
        let name = outer.text("name");
        let parameters = outer.get("parameters").unwrap_or(&Value::Null);
        let parameters = MapReader::new(self, parameters, outer.key("parameters"))?;
        let mut errors = Vec::new();
        let name = name.unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        let trigger = kinds::read(of_type, name, &parameters, scope);
        let trigger = trigger.map_err(|more| errors.extend(more));
        let known = self.asked(&outer.key("parameters")).unwrap_or_default();
        let names_one = parameters.get("qualifier").is_some();
        // A misspelt key is often why another one is missing; of a misspelt `qualifier` the
        // default would stand in.
        for (key, meant) in outer.unknown() {
            let name = key.rsplit('.').next().unwrap_or_default();
            let meant = if ALIAS.contains(&name) { Some("qualifier") } else { meant };
            let of = InputsOf::Trigger(of_type);
            let misplaced = key == outer.key(name) && known.contains(&name);
            let missing = parameters.key(name);
            let is_missing =
                |error: &InputError| error.key == missing && error.what == Wrong::Missing;
            if misplaced && errors.iter().any(is_missing) {
                errors.retain(|error| !is_missing(error));
            } else if !self.is_typed(&key)
                && (names_one || (if misplaced { Some(name) } else { meant }) != Some("qualifier"))
            {
                let successor = match meant {
                    _ if misplaced => Some(Successor::Below("parameters")),
                    meant => meant.map(|meant| Successor::Like(meant.to_owned())),
                };
                warnings.push(self.remark(&key, KeyRemark::Unknown { of, successor }));
                continue;
            }
            let instead = match meant {
                _ if misplaced => Some(EventAdvice::BelowParameters.into()),
                meant => meant.map(|meant| Advice::DidYouMean(meant.to_owned())),
            };
            errors.push(InputError { instead, ..self.error_alone(&key, Wrong::Unknown(of)) });
        }
        warnings.append(&mut parameters.take_warnings());
        match trigger {
            Ok(trigger) if errors.is_empty() => Ok(trigger),
            _ => Err(InputErrors { errors, unknown: Vec::new() }),
        }
    }

    /// Whether a key was typed: then it is not shared with the real CLI.
    fn is_typed(&self, key: &str) -> bool {
        matches!(self.place(key), Position::Argument(_))
    }
}

/// The version or alias that a skipped event names.
fn qualifier_of(content: &Value) -> String {
    let given = content.pointer("/parameters/qualifier").and_then(Value::as_str);
    given.unwrap_or(DEFAULT_ALIAS).to_owned()
}

/// Why two triggers of the file cannot both be, and what to do instead.
fn clash(new: &Trigger, known: &Trigger) -> Option<(Clash, EventAdvice)> {
    if new.kind() != known.kind() {
        return None;
    }
    let same_place = new.qualifier == known.qualifier;
    let same_name = new.name == known.name;
    let (kind, name, qualifier) = (new.kind(), new.name.clone(), new.qualifier.clone());
    match (&new.form, &known.form) {
        (Form::Cos(rule), Form::Cos(other)) => (same_name && rule.overlaps(other))
            .then_some((Clash::Objects { bucket: name }, EventAdvice::OtherRules)),
        (Form::Http(_), _) => {
            same_place.then_some((Clash::FunctionUrl { qualifier }, EventAdvice::OneFunctionUrl))
        }
        (Form::Cls { .. } | Form::Mps { .. }, _) => {
            same_name.then_some((Clash::Source { kind, name }, EventAdvice::OneQualifier))
        }
        _ => (same_place && same_name)
            .then_some((Clash::Name { kind, name, qualifier }, EventAdvice::OwnName)),
    }
}
