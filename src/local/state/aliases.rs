//! Aliases.

use serde_json::{Map, Value, json};

use super::super::behaviour::{
    AbsentDescription, AbsentRouting, AliasNames, AliasWithTriggers, Busy, Caps, EmptyRouting,
};
use super::super::error::Refusal;
use super::pages::page;
use super::request::Request;
use super::routing::Routing;
use super::{Alias, DEFAULT, Function, Moment, Reply, State};

impl State {
    pub(super) fn create_alias(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let name = request.required("Name");
        let main = request.required("FunctionVersion");
        let description = request.check_description()?.unwrap_or_default();
        let function = self.function_mut(request)?;
        if function.aliases.contains_key(name) {
            return Err(request.exists(
                "Alias",
                "Alias",
                format!("The alias `{name}` exists already."),
            ));
        }
        check_name(request, name)?;
        check_settled(request, function)?;
        // The alias from birth does not count.
        if request.context.behaviour.caps == Caps::Five && function.aliases.len() > 5 {
            return Err(request.refuse(
                &["LimitExceeded.Alias"],
                "The function has as many aliases as it may have.",
            ));
        }
        let routing = Routing::read(request, function, main)?.unwrap_or_default();
        let now = Moment(request.now());
        let alias = Alias {
            version: main.to_owned(),
            description: description.to_owned(),
            routing,
            added: now,
            modified: now,
        };
        function.aliases.insert(name.to_owned(), alias);
        Ok(Reply::new())
    }

    pub(super) fn update_alias(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let name = request.required("Name");
        let main = request.required("FunctionVersion");
        let description = request.check_description()?;
        let behaviour = request.context.behaviour;
        let function = self.function_mut(request)?;
        if !function.aliases.contains_key(name) {
            return Err(no_alias(request, name));
        }
        check_settled(request, function)?;
        let routing = Routing::read(request, function, main)?;
        let Some(alias) = function.aliases.get_mut(name) else {
            return Err(no_alias(request, name));
        };
        let keep = match &routing {
            None => behaviour.absent_routing == AbsentRouting::Keep,
            Some(routing) => routing.is_empty() && behaviour.empty_routing == EmptyRouting::Keep,
        };
        if !keep {
            alias.routing = routing.unwrap_or_default();
        }
        match description {
            Some(text) => text.clone_into(&mut alias.description),
            None if behaviour.absent_description == AbsentDescription::Clear => {
                alias.description.clear();
            }
            None => {}
        }
        main.clone_into(&mut alias.version);
        alias.modified = Moment(request.now());
        Ok(Reply::new())
    }

    pub(super) fn get_alias(&self, request: &Request) -> Result<Reply, Refusal> {
        let name = request.required("Name");
        let function = self.function(request)?;
        let alias = function.aliases.get(name).ok_or_else(|| no_alias(request, name))?;
        Ok(show(request, name, alias))
    }

    pub(super) fn list_aliases(&self, request: &Request) -> Result<Reply, Refusal> {
        let function = self.function(request)?;
        let version = request.text("FunctionVersion").filter(|version| !version.is_empty());
        let aliases = function
            .aliases
            .iter()
            .filter(|(_, alias)| version.is_none_or(|version| uses(alias, version)))
            .map(|(name, alias)| Value::Object(show(request, name, alias)))
            .collect();
        let (aliases, total) = page(request, aliases)?;
        let mut reply = Reply::new();
        reply.insert("Aliases".to_owned(), Value::Array(aliases));
        reply.insert("TotalCount".to_owned(), total);
        Ok(reply)
    }

    pub(super) fn delete_alias(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let name = request.required("Name");
        let function = self.function_mut(request)?;
        if name == DEFAULT {
            return Err(request.refuse(
                &["InvalidParameterValue.Alias"],
                "The default alias `$DEFAULT` cannot be deleted.",
            ));
        }
        if !function.aliases.contains_key(name) {
            return Err(no_alias(request, name));
        }
        check_settled(request, function)?;
        let bound = function.triggers.iter().any(|trigger| trigger.qualifier == name);
        match request.context.behaviour.alias_with_triggers {
            AliasWithTriggers::Refuse if bound => {
                return Err(request.refuse(
                    &["FailedOperation.DeleteAlias"],
                    format!("A trigger is bound to the alias `{name}`."),
                ));
            }
            AliasWithTriggers::Remove => {
                function.triggers.retain(|trigger| trigger.qualifier != name);
            }
            AliasWithTriggers::Refuse | AliasWithTriggers::Keep => {}
        }
        function.aliases.remove(name);
        Ok(Reply::new())
    }
}

/// Refuses a change of an alias while the function changes, where that is so.
fn check_settled(request: &Request, function: &Function) -> Result<(), Refusal> {
    let busy = function.versions.values().find(|version| !version.status.is_settled());
    match busy {
        Some(version) if request.context.behaviour.busy == Busy::Plain => {
            Err(request.busy(&version.status.name))
        }
        _ => Ok(()),
    }
}

/// Whether any traffic of an alias may go to a version.
pub(super) fn uses(alias: &Alias, version: &str) -> bool {
    alias.version == version || alias.routing.versions().any(|other| other == version)
}

fn show(request: &Request, name: &str, alias: &Alias) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("FunctionVersion".to_owned(), json!(alias.version));
    shown.insert("Name".to_owned(), json!(name));
    shown.insert("RoutingConfig".to_owned(), alias.routing.show(request));
    shown.insert("Description".to_owned(), json!(alias.description));
    shown.insert("AddTime".to_owned(), json!(request.show(alias.added)));
    shown.insert("ModTime".to_owned(), json!(request.show(alias.modified)));
    shown
}

fn no_alias(request: &Request, name: &str) -> Refusal {
    request.refuse(&["ResourceNotFound.Alias"], format!("The alias `{name}` does not exist."))
}

fn check_name(request: &Request, name: &str) -> Result<(), Refusal> {
    let bytes = name.as_bytes();
    let right = bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && match request.context.behaviour.alias_names {
            AliasNames::Definition => bytes.len() <= 64,
            AliasNames::Console => {
                (2..=60).contains(&bytes.len())
                    && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
            }
        };
    if right {
        return Ok(());
    }
    Err(request
        .refuse(&["InvalidParameterValue.Name"], format!("`{name}` cannot be an alias's name.")))
}
