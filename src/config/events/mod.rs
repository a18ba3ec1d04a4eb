//! `inputs.events`: the triggers of the function.
//!
//! Names, keys and defaults are those of the real component. Two oddities of the guide to
//! canary releases are dealt with here: its `name:` without a value means the default name, and
//! its sample calls `*/5 * * * *` "every 5 seconds", while five fields begin with the minute.

mod cron;
mod kinds;
mod parameters;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::function::{InputError, InputErrors, Reader, kind, nearest};
use crate::model::DEFAULT_ALIAS;
use crate::model::trigger::{Form, Trigger, TriggerKind, WantedTriggers};
use parameters::{Parameters, keys_of};

/// Triggers of one type that every account may have of a function.
const USUAL_NUMBER: usize = 10;

/// Types whose products the vendor retired, with the product's name and what replaces them.
const RETIRED: &[(&str, &str, &str)] = &[
    (
        "apigw",
        "API Gateway",
        "a function URL: `- http:` with `parameters: {netConfig: {enableExtranet: true}}`",
    ),
    ("cmq", "CMQ", "a `ckafka` trigger"),
];

/// What replaces a gateway of several functions, each of which gets an entry of its own.
fn function_urls(functions: &[String]) -> String {
    let (first, rest) =
        functions.split_first().map_or(("KEY", &[][..]), |(first, rest)| (&**first, rest));
    let others: Vec<String> = rest.iter().map(|key| format!("`{key}`")).collect();
    let others = match others.as_slice() {
        [] => String::new(),
        [other] => format!(", and one more for {other}"),
        others => format!(", and one more for each of {}", others.join(", ")),
    };
    format!(
        "a function URL, one entry for each function: `- type: http`, `function: {first}`, \
         `parameters: {{netConfig: {{enableExtranet: true}}}}`{others}"
    )
}

/// What the events are read for.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The rest of a default name: `<name>-<stage>`.
    pub default_suffix: &'a str,
    /// Region of the function; a bucket has to be there too.
    pub region: &'a str,
    /// Skip what cannot be deployed any more (`--skip-unsupported-triggers`).
    pub skip_unsupported: bool,
    /// For each entry the keys of all functions that it names, where the file describes
    /// several functions; else empty.
    pub named: &'a [Vec<String>],
}

/// An entry of a list of events, its type taken apart from its content.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    /// `timer`, `cos`, …
    pub of_type: &'a str,
    /// The map that holds `name` and `parameters`.
    pub content: &'a Value,
    /// Dotted path of the content below `inputs`.
    pub path: String,
    /// Keys that may stand beside `name` and `parameters`.
    pub beside: &'static [&'static str],
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
    /// Why, for people.
    pub why: String,
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
    pub warnings: Vec<String>,
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
    pub fn events(&self, scope: &Scope<'_>) -> Result<Option<Events>, InputErrors> {
        if self.boolean("ignoreTriggers")? == Some(true) {
            return Ok(None);
        }
        let list = match self.inputs.get("events") {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Array(list)) => list,
            Some(other) => {
                let what = format!("is {}, not a list", kind(other));
                return Err(self.error("events", what, Some("a list of `- timer: …`")).into());
            }
        };
        let mut events = Vec::new();
        let mut wrong = InputErrors::default();
        for (position, entry) in list.iter().enumerate() {
            let functions = scope.named.get(position).map_or(&[][..], Vec::as_slice);
            match self.event(position, entry) {
                Ok(event) => events.push(Event { functions, ..event }),
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
    /// The events that cannot be deployed as they are, each with its first mistake.
    pub fn read_events(
        &self,
        list: &[Event<'_>],
        scope: &Scope<'_>,
    ) -> Result<Events, InputErrors> {
        let mut events = Events::default();
        let mut wrong = InputErrors::default();
        let mut paths: Vec<&str> = Vec::new();
        for event in list {
            let before = events.warnings.len();
            match self.add_event(event, scope, &paths, &mut events) {
                Ok(true) => paths.push(&event.path),
                Ok(false) => {}
                Err(error) => {
                    wrong.errors.push(error);
                    wrong.unknown.extend(events.warnings.drain(before..));
                }
            }
        }
        for of_type in TriggerKind::ALL {
            let count = events.triggers.iter().filter(|known| known.kind() == of_type).count();
            if count > USUAL_NUMBER {
                events.warnings.push(format!(
                    "{} has {count} triggers of the type {}; an account may have {USUAL_NUMBER} of a function unless \
                     the vendor allows more",
                    self.at("events"),
                    of_type.name()
                ));
            }
        }
        if wrong.errors.is_empty() { Ok(events) } else { Err(wrong) }
    }

    /// Reads one event into the others, whose paths these are. False for a skipped one.
    fn add_event(
        &self,
        event: &Event<'_>,
        scope: &Scope<'_>,
        paths: &[&str],
        events: &mut Events,
    ) -> Result<bool, InputError> {
        if let Some(skipped) = self.retired(event, scope)? {
            events.named.insert(qualifier_of(event.content));
            events.skipped.push(skipped);
            return Ok(false);
        }
        let of_type = TriggerKind::of(event.of_type).ok_or_else(|| self.unknown_type(event))?;
        let trigger = self.trigger(of_type, event, scope, &mut events.warnings)?;
        let clash = events.triggers.iter().zip(paths).find_map(|(known, path)| {
            let (what, instead) = clash(&trigger, known)?;
            Some((format!("{what} `{}`", self.path(path)), instead))
        });
        if let Some((what, instead)) = clash {
            return Err(self.error(&event.path, what, Some(instead)));
        }
        events.named.insert(trigger.qualifier.clone());
        events.triggers.push(trigger);
        Ok(true)
    }

    /// One entry of the list: a map of one key, the type.
    fn event<'e>(&self, position: usize, entry: &'e Value) -> Result<Event<'e>, InputError> {
        const INSTEAD: &str = "one type with its content indented below it: `- timer:`";
        let path = format!("events.{position}");
        let keys: Vec<&str> =
            entry.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
        let [of_type] = keys[..] else {
            let what = if keys.is_empty() {
                format!("is {}, not an event", kind(entry))
            } else {
                format!("has the keys {}", keys.join(", "))
            };
            return Err(self.error(&path, what, Some(INSTEAD)));
        };
        let path = format!("{path}.{of_type}");
        Ok(Event { of_type, content: &entry[of_type], path, beside: &[], functions: &[] })
    }

    fn unknown_type(&self, event: &Event<'_>) -> InputError {
        let known = || TriggerKind::ALL.into_iter().map(TriggerKind::name);
        let meant = nearest(event.of_type, known())
            .map(|meant| format!("; did you mean `{meant}`?"))
            .unwrap_or_default();
        let instead = format!("one of {}{meant}", known().collect::<Vec<_>>().join(", "));
        let what = format!("has the type `{}`, which does not exist", event.of_type);
        self.error(&event.path, what, Some(&instead))
    }

    /// An event of a retired product: refused, or skipped where that was asked for.
    fn retired(&self, event: &Event<'_>, scope: &Scope<'_>) -> Result<Option<Skipped>, InputError> {
        let known = RETIRED.iter().find(|(of_type, ..)| *of_type == event.of_type);
        let Some((of_type, product, instead)) = known else { return Ok(None) };
        if scope.skip_unsupported {
            let why = format!("{product} was retired; what the cloud has of it stays as it is");
            return Ok(Some(Skipped {
                path: event.path.clone(),
                of_type: (*of_type).to_owned(),
                why,
            }));
        }
        let what = format!("is a trigger of {product}, which the vendor retired");
        let instead = match event.functions {
            functions if *of_type == "apigw" && !functions.is_empty() => function_urls(functions),
            _ => (*instead).to_owned(),
        };
        let instead = format!("{instead}; or deploy the rest with --skip-unsupported-triggers");
        Err(self.error(&event.path, what, Some(&instead)))
    }

    fn trigger(
        &self,
        of_type: TriggerKind,
        event: &Event<'_>,
        scope: &Scope<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Trigger, InputError> {
        let known = ["name", "parameters"].into_iter().chain(event.beside.iter().copied());
        let path = event.path.clone();
        let outer = Parameters::new(self, of_type, event.content, path, known.collect())?;
        let name = outer.text("name")?;
        let parameters = outer.get("parameters").unwrap_or(&Value::Null);
        let (path, known) = (format!("{}.parameters", event.path), keys_of(of_type));
        let mut parameters = Parameters::new(self, of_type, parameters, path, known)?;
        let trigger = kinds::read(of_type, name, &mut parameters, scope);
        warnings.extend(outer.unknown());
        warnings.append(&mut parameters.warnings);
        // A misspelt key is often why another one is missing.
        warnings.extend(parameters.unknown());
        trigger
    }
}

/// The version or alias that a skipped event names.
fn qualifier_of(content: &Value) -> String {
    let given = content.pointer("/parameters/qualifier").and_then(Value::as_str);
    given.unwrap_or(DEFAULT_ALIAS).to_owned()
}

/// Why two triggers of the file cannot both be, as a sentence that the other's path ends, and
/// what to do instead.
fn clash(new: &Trigger, known: &Trigger) -> Option<(String, &'static str)> {
    if new.kind() != known.kind() {
        return None;
    }
    let same_place = new.qualifier == known.qualifier;
    let same_name = new.name == known.name;
    match (&new.form, &known.form) {
        (Form::Cos(rule), Form::Cos(other)) => (same_name && rule.overlaps(other)).then(|| {
            (
                format!("watches objects of `{}` that are watched already by", new.name),
                "rules of a bucket that do not overlap: other events, prefixes or suffixes",
            )
        }),
        (Form::Http(_), _) => same_place.then(|| {
            (
                format!("is a function URL on `{}`, as is already", new.qualifier),
                "one function URL for each version or alias",
            )
        }),
        (Form::Cls { .. } | Form::Mps { .. }, _) => same_name
            .then(|| (format!("is {}, as is already", new.title()), "one version or alias for it")),
        _ => (same_place && same_name).then(|| {
            (
                format!("is {} on `{}`, as is already", new.title(), new.qualifier),
                "give each a `name` of its own",
            )
        }),
    }
}
