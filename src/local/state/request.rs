//! One call on its way through the state: its parameters and its errors.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::super::behaviour::{Busy, DescriptionCharacters, MissingFunction, NewVersion, Times};
use super::super::error::Refusal;
use super::super::validate::Action;
use super::{Context, DEFAULT, Function, LATEST, Moment, Namespace, Region, State, Version};

/// A checked call.
pub(super) struct Request<'a> {
    pub(super) region: &'a str,
    pub(super) action: &'a str,
    pub(super) facts: &'a Action,
    pub(super) parameters: &'a Map<String, Value>,
    pub(super) context: &'a Context<'a>,
}

impl<'a> Request<'a> {
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.context.now
    }

    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.parameters.get(name)
    }

    /// A text parameter, absent or not.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.value(name).and_then(Value::as_str)
    }

    /// A text parameter that the facts require, so that it is there.
    pub(super) fn required(&self, name: &str) -> &'a str {
        self.text(name).unwrap_or_default()
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.value(name).and_then(Value::as_i64)
    }

    pub(super) fn list(&self, name: &str) -> &'a [Value] {
        self.value(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The namespace; an empty one is the default one, as for `Qualifier`.
    pub(super) fn namespace(&self) -> &'a str {
        self.text("Namespace").filter(|name| !name.is_empty()).unwrap_or("default")
    }

    pub(super) fn qualifier(&self, default: &'a str) -> &'a str {
        self.text("Qualifier").filter(|name| !name.is_empty()).unwrap_or(default)
    }

    /// A switch spelled `"TRUE"` or `"FALSE"`.
    pub(super) fn switch(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.text(name) {
            None | Some("") => Ok(None),
            Some("TRUE") => Ok(Some(true)),
            Some("FALSE") => Ok(Some(false)),
            Some(other) => Err(self.refuse(
                &[&format!("InvalidParameterValue.{name}")],
                format!("{name} is the text TRUE or FALSE, not `{other}`."),
            )),
        }
    }

    /// An error of the first of the codes that the action declares, or of the
    /// kind of the first one when it declares none.
    pub(super) fn refuse(&self, codes: &[&str], message: impl Into<String>) -> Refusal {
        let code = codes
            .iter()
            .find(|code| self.facts.error_codes.contains(**code))
            .copied()
            .or_else(|| {
                let kind = codes.first()?.split('.').next()?;
                // A kind alone says less, so only where the definition has it.
                self.facts.error_codes.contains(kind).then_some(kind)
            })
            .or_else(|| codes.first().copied())
            .unwrap_or("InvalidParameterValue");
        Refusal::new(code, message)
    }

    /// The error of a call that the function's status does not allow now.
    pub(super) fn busy(&self, status: &str) -> Refusal {
        let action = self.action;
        let code = match (self.context.behaviour.busy, action) {
            (Busy::Status, _) => "FailedOperation.FunctionStatusError".to_owned(),
            (Busy::Conflict, _) => "FailedOperation.OperationConflict".to_owned(),
            (Busy::Unsupported, "PublishVersion" | "UpdateFunctionCode") => {
                format!("UnsupportedOperation.{action}")
            }
            (Busy::Unsupported, _) => "UnsupportedOperation".to_owned(),
            (Busy::Plain, _) if self.facts.error_codes.contains("FailedOperation") => {
                "FailedOperation".to_owned()
            }
            (Busy::Named | Busy::Plain, _) => format!("FailedOperation.{action}"),
        };
        Refusal::new(
            code,
            format!("The status of the function is {status}; retry once the status is normal."),
        )
    }

    pub(super) fn no_function(&self, name: &str) -> Refusal {
        let codes = match self.context.behaviour.missing_function {
            MissingFunction::Function => {
                ["ResourceNotFound.Function", "ResourceNotFound.FunctionName"]
            }
            MissingFunction::FunctionName => {
                ["ResourceNotFound.FunctionName", "ResourceNotFound.Function"]
            }
        };
        self.refuse(&codes, format!("The function `{name}` does not exist."))
    }

    pub(super) fn no_version(&self, qualifier: &str) -> Refusal {
        self.refuse(
            &[
                "ResourceNotFound.Qualifier",
                "ResourceNotFound.Version",
                "ResourceNotFound.FunctionVersion",
            ],
            format!("The version or alias `{qualifier}` does not exist."),
        )
    }

    pub(super) fn exists(&self, kind: &str, name: &str, message: String) -> Refusal {
        use super::super::behaviour::Existing;
        let code = match self.context.behaviour.existing {
            Existing::Kind => format!("ResourceInUse.{kind}"),
            Existing::Name => format!("ResourceInUse.{name}"),
            Existing::Plain => "ResourceInUse".to_owned(),
        };
        Refusal::new(code, message)
    }

    /// Checks a description's length, and its characters if so switched.
    pub(super) fn check_description(&self) -> Result<Option<&'a str>, Refusal> {
        let Some(text) = self.text("Description") else {
            return Ok(None);
        };
        let strict =
            self.context.behaviour.description_characters == DescriptionCharacters::Declared;
        let allowed = |letter: char| {
            letter.is_ascii_alphanumeric()
                || matches!(letter, ' ' | ',' | '.' | '，' | '。')
                || ('\u{4e00}'..='\u{9fff}').contains(&letter)
                || (letter == '\n' && self.action != "UpdateFunctionConfiguration")
        };
        if text.chars().count() > 1000 {
            return Err(self.refuse(
                &["InvalidParameterValue.Description"],
                "Description is longer than 1000 characters.",
            ));
        }
        if strict && !text.chars().all(allowed) {
            return Err(self.refuse(
                &["InvalidParameterValue.Description"],
                "Description has characters other than letters, digits, blanks, commas, full stops and Chinese.",
            ));
        }
        Ok(Some(text))
    }

    /// How far the clock of answers is ahead of UTC.
    pub(super) fn zone(&self) -> TimeDelta {
        match self.context.behaviour.times {
            Times::China => TimeDelta::hours(8),
            Times::Utc => TimeDelta::zero(),
        }
    }

    /// A time as answers show it.
    pub(super) fn show(&self, moment: Moment) -> String {
        let local = moment.0.checked_add_signed(self.zone());
        let local = local.unwrap_or(moment.0);
        local.format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Whether a version is there to be seen.
    pub(super) fn sees(&self, name: &str, version: &Version) -> bool {
        name == LATEST
            || version.status.name != "Publishing"
            || self.context.behaviour.new_version == NewVersion::Visible
    }

    /// The version of a number, or `$LATEST`.
    pub(super) fn version<'f>(
        &self,
        function: &'f Function,
        name: &str,
    ) -> Result<&'f Version, Refusal> {
        function
            .versions
            .get(name)
            .filter(|version| self.sees(name, version))
            .ok_or_else(|| self.no_version(name))
    }

    /// The name of the version that a qualifier stands for; an alias stands
    /// for its main version.
    pub(super) fn resolve<'f>(
        &self,
        function: &'f Function,
        qualifier: &'f str,
    ) -> Result<(&'f str, &'f Version), Refusal> {
        let name =
            function.aliases.get(qualifier).map_or(qualifier, |alias| alias.version.as_str());
        Ok((name, self.version(function, name)?))
    }

    /// The name of the function, of a shape that a function can have.
    pub(super) fn function_name(&self, parameter: &str) -> Result<&'a str, Refusal> {
        let name = self.required(parameter);
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let bytes = name.as_bytes();
        let right = (2..=60).contains(&bytes.len())
            && bytes[0].is_ascii_alphabetic()
            && bytes[bytes.len() - 1].is_ascii_alphanumeric()
            && bytes.iter().copied().all(inner);
        if right {
            return Ok(name);
        }
        Err(self.refuse(
            &["InvalidParameterValue.FunctionName", "InvalidParameter.FunctionName"],
            format!(
                "`{name}` cannot be a function's name: 2 to 60 letters, digits, - and _, \
                 first a letter, last a letter or digit."
            ),
        ))
    }
}

/// Checks the shape of a namespace's name.
pub(super) fn is_namespace_name(name: &str) -> bool {
    (1..=30).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

impl State {
    pub(super) fn region<'s>(&'s self, request: &Request) -> Result<&'s Region, Refusal> {
        self.regions.get(request.region).ok_or_else(lost)
    }

    pub(super) fn region_mut<'s>(
        &'s mut self,
        request: &Request,
    ) -> Result<&'s mut Region, Refusal> {
        self.regions.get_mut(request.region).ok_or_else(lost)
    }

    pub(super) fn namespace<'s>(&'s self, request: &Request) -> Result<&'s Namespace, Refusal> {
        let name = request.namespace();
        self.region(request)?.namespaces.get(name).ok_or_else(|| no_namespace(request, name))
    }

    pub(super) fn namespace_mut<'s>(
        &'s mut self,
        request: &Request,
    ) -> Result<&'s mut Namespace, Refusal> {
        let name = request.namespace();
        self.region_mut(request)?
            .namespaces
            .get_mut(name)
            .ok_or_else(|| no_namespace(request, name))
    }

    pub(super) fn function<'s>(&'s self, request: &Request) -> Result<&'s Function, Refusal> {
        let name = request.function_name("FunctionName")?;
        self.namespace(request)?.functions.get(name).ok_or_else(|| request.no_function(name))
    }

    pub(super) fn function_mut<'s>(
        &'s mut self,
        request: &Request,
    ) -> Result<&'s mut Function, Refusal> {
        let name = request.function_name("FunctionName")?;
        self.namespace_mut(request)?
            .functions
            .get_mut(name)
            .ok_or_else(|| request.no_function(name))
    }
}

fn no_namespace(request: &Request, name: &str) -> Refusal {
    request.refuse(
        &[
            "ResourceNotFound.Namespace",
            "ResourceNotFound.Function",
            "ResourceNotFound.FunctionName",
        ],
        format!("The namespace `{name}` does not exist."),
    )
}

/// Every call lays out its region first, and functions without `$LATEST` are
/// swept; should that ever fail, the call fails and nothing else.
pub(super) fn lost() -> Refusal {
    Refusal::new("InternalError", "The local SCF lost a part of its state.")
}

impl Function {
    pub(super) fn latest(&self) -> Result<&Version, Refusal> {
        self.versions.get(LATEST).ok_or_else(lost)
    }

    pub(super) fn latest_mut(&mut self) -> Result<&mut Version, Refusal> {
        self.versions.get_mut(LATEST).ok_or_else(lost)
    }

    /// Whether a qualifier names a version or an alias.
    pub(super) fn has(&self, qualifier: &str) -> bool {
        qualifier == DEFAULT
            || self.versions.contains_key(qualifier)
            || self.aliases.contains_key(qualifier)
    }
}
