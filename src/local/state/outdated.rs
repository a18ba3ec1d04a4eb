//! Reads that show what was there before the last write, as replicas of a service may do.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::behaviour::Reads;
use super::request::Request;
use super::{Alias, DEFAULT, LATEST, State, Version};

/// What was there before the last write of each thing, until it was read once.
#[derive(Debug, Clone, Default)]
pub(super) struct Outdated(BTreeMap<Place, Before>);

/// Region, namespace, function, and the alias or what else of the function.
type Place = (String, String, String, Part);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Alias(String),
    Versions,
    Latest,
}

#[derive(Debug, Clone)]
pub(super) enum Before {
    /// `None` where there was no alias of the name.
    Alias(Option<Alias>),
    Versions(BTreeMap<String, Version>),
    Latest(Box<Version>),
}

fn place(request: &Request, part: Part) -> Place {
    let name = request.required("FunctionName").to_owned();
    (request.region.to_owned(), request.namespace().to_owned(), name, part)
}

/// What a call writes.
fn written(request: &Request) -> Option<Part> {
    match request.action {
        "CreateAlias" | "UpdateAlias" | "DeleteAlias" => {
            Some(Part::Alias(request.required("Name").to_owned()))
        }
        "PublishVersion" => Some(Part::Versions),
        "UpdateFunctionCode" | "UpdateFunctionConfiguration" => Some(Part::Latest),
        _ => None,
    }
}

impl State {
    /// Lets the next reads show what is there.
    pub(in crate::local) fn catch_up(&mut self) {
        self.outdated = Outdated::default();
    }

    /// What a call is about to write over, if reads lag behind.
    pub(super) fn before(&self, request: &Request) -> Option<Before> {
        if request.context.behaviour.reads == Reads::Fresh {
            return None;
        }
        let part = written(request)?;
        let function = self.function(request).ok()?;
        Some(match part {
            Part::Alias(name) => Before::Alias(function.aliases.get(&name).cloned()),
            Part::Versions => Before::Versions(function.versions.clone()),
            Part::Latest => Before::Latest(Box::new(function.latest().ok()?.clone())),
        })
    }

    /// Notes what a call has written over. A function that is new has no past.
    pub(super) fn remember(&mut self, request: &Request, before: Option<Before>) {
        if let (Some(part), Some(before)) = (written(request), before) {
            self.outdated.0.insert(place(request, part), before);
        }
        if request.action == "CreateFunction" {
            let (region, namespace, name, _) = place(request, Part::Latest);
            self.outdated.0.retain(|(one, two, three, _), _| {
                (one, two, three) != (&region, &namespace, &name)
            });
        }
    }

    /// The state that a read shows in place of the present one, once after each write.
    pub(super) fn past(&mut self, request: &Request) -> Option<Self> {
        let first_page = match request.value("Offset") {
            None => true,
            Some(Value::String(text)) => text.is_empty() || text == "0",
            Some(offset) => offset.as_i64() == Some(0),
        };
        let parts: Vec<Part> = match request.action {
            "GetAlias" => vec![Part::Alias(request.required("Name").to_owned())],
            "ListAliases" if first_page => {
                let here = place(request, Part::Latest);
                let aliases = self.outdated.0.keys().filter(|(region, namespace, name, part)| {
                    matches!(part, Part::Alias(_))
                        && (region, namespace, name) == (&here.0, &here.1, &here.2)
                });
                aliases.map(|(_, _, _, part)| part.clone()).collect()
            }
            "ListVersionByFunction" if first_page => vec![Part::Versions],
            "GetFunction" if request.qualifier(LATEST) == LATEST => vec![Part::Latest],
            _ => return None,
        };
        let shown: Vec<_> = parts
            .into_iter()
            .filter_map(|part| {
                let before = self.outdated.0.remove(&place(request, part.clone()))?;
                Some((part, before))
            })
            .collect();
        if shown.is_empty() {
            return None;
        }
        let mut past = self.clone();
        let function = past.function_mut(request).ok()?;
        for shown in shown {
            match shown {
                (Part::Alias(name), Before::Alias(Some(alias))) => {
                    function.aliases.insert(name, alias);
                }
                // The default alias is as old as the function.
                (Part::Alias(name), Before::Alias(None)) if name != DEFAULT => {
                    function.aliases.remove(&name);
                }
                (_, Before::Versions(versions)) => function.versions = versions,
                (_, Before::Latest(version)) => {
                    function.versions.insert(LATEST.to_owned(), *version);
                }
                (_, Before::Alias(_)) => {}
            }
        }
        Some(past)
    }
}
