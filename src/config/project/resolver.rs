//! Resolves the references of a configuration.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::file::ConfigFile;
use super::{INPUTS_LIMIT, Unresolved};
use crate::config::position::Position;
use crate::config::variables::{self, Scope, VariableError, VariableErrors};
use crate::config::warning::ConfigWarning;

/// Resolves references, says where they stand, and collects those that cannot be resolved.
pub(super) struct Resolver<'a> {
    file: Option<&'a ConfigFile>,
    working: &'a Path,
    scope: Scope<'a>,
    warnings: Vec<ConfigWarning>,
    emptied: BTreeMap<String, String>,
    /// What of the inputs is left out, for those to refuse that need it.
    unresolved: Vec<VariableError>,
    pub(super) errors: Vec<VariableError>,
    /// Bytes of text resolved so far.
    size: usize,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(file: Option<&'a ConfigFile>, working: &'a Path, scope: Scope<'a>) -> Self {
        let (warnings, unresolved, errors) = (Vec::new(), Vec::new(), Vec::new());
        let emptied = BTreeMap::new();
        Self { file, working, scope, warnings, emptied, unresolved, errors, size: 0 }
    }

    /// What it came to; of no use where it cannot be resolved.
    pub(super) fn value(&mut self, value: Value, path: &str) -> Value {
        let resolved = match variables::resolve(value, path, self.scope) {
            Ok(resolved) => resolved,
            Err(VariableErrors(errors)) => {
                self.errors.extend(errors);
                return Value::Null;
            }
        };
        self.warnings.extend(resolved.warnings.into_iter().map(ConfigWarning::Variable));
        self.emptied.extend(resolved.emptied);
        self.size += variables::size(&resolved.value);
        if self.size > INPUTS_LIMIT {
            self.refuse(path, "...", variables::ReferenceFault::TooMuch);
        }
        resolved.value
    }

    pub(super) fn refuse(
        &mut self,
        path: &str,
        reference: &str,
        reason: variables::ReferenceFault,
    ) {
        let (path, reference) = (path.to_owned(), reference.to_owned());
        self.errors.push(VariableError { path, reference, reason });
    }

    pub(super) fn one_text(&mut self, text: &str, path: &str) -> String {
        match variables::resolve_text(text, path, self.scope) {
            Ok(resolved) => {
                self.warnings.extend(resolved.warnings.into_iter().map(ConfigWarning::Variable));
                resolved.value
            }
            Err(VariableErrors(errors)) => {
                self.errors.extend(errors);
                String::new()
            }
        }
    }

    pub(super) fn text(&mut self, text: Option<String>, path: &str) -> Option<String> {
        text.map(|text| self.one_text(&text, path))
    }

    /// Resolves each input; one that is not `required` is left out when it cannot be. Of one that
    /// is `optional` the keys that can be are kept.
    pub(super) fn inputs(
        &mut self,
        inputs: Map<String, Value>,
        required: impl Fn(&str) -> bool,
        optional: impl Fn(&str) -> bool,
    ) -> Map<String, Value> {
        let mut resolved = Map::new();
        for (key, value) in inputs {
            let (before, path) = (self.errors.len(), format!("inputs.{key}"));
            if optional(&key) {
                if let Some(value) = self.as_far_as_resolved(value, &path) {
                    resolved.insert(key, value);
                }
                continue;
            }
            let value = self.value(value, &path);
            if self.errors.len() == before {
                resolved.insert(key, value);
            } else if !required(&key) {
                let errors = VariableErrors(self.errors.split_off(before));
                self.warnings.push(ConfigWarning::LeftOut { key, errors });
            }
        }
        resolved
    }

    /// What of a value can be resolved: of a map each of its keys.
    fn as_far_as_resolved(&mut self, value: Value, path: &str) -> Option<Value> {
        if let Value::Object(map) = value {
            let kept = map.into_iter().filter_map(|(key, value)| {
                let path = format!("{path}.{key}");
                Some((key, self.resolved(value, &path)?))
            });
            return Some(Value::Object(kept.collect()));
        }
        self.resolved(value, path)
    }

    fn resolved(&mut self, value: Value, path: &str) -> Option<Value> {
        let before = self.errors.len();
        let value = self.value(value, path);
        let errors = self.errors.split_off(before);
        let is_whole = errors.is_empty();
        self.unresolved.extend(errors);
        is_whole.then_some(value)
    }

    /// What references made empty, and what is left out as it cannot be resolved.
    ///
    /// # Errors
    /// All references that cannot be resolved.
    pub(super) fn finish(
        self,
        warnings: &mut Vec<ConfigWarning>,
    ) -> Result<(BTreeMap<String, String>, Vec<VariableError>), Unresolved> {
        warnings.extend(self.warnings);
        if self.errors.is_empty() {
            return Ok((self.emptied, self.unresolved));
        }
        let place = |path: &str| {
            let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
            // Inputs of the command line have no place in the file.
            self.file?.place(&pointer, self.working)
        };
        let mut errors: Vec<(Option<Position>, VariableError)> = Vec::new();
        for error in self.errors {
            let of_top =
                matches!(error.reference.as_str(), "${name}" | "${app}" | "${stage}" | "${org}");
            // What is wrong with the stage is not said again wherever the stage is named; the
            // app is the name where there is none.
            let again = errors.iter().any(|(_, known)| {
                known.reason == error.reason
                    && (of_top || (known.reference == error.reference && !error.path.contains('.')))
                    || *known == error
            });
            if !again {
                errors.push((place(&error.path), error));
            }
        }
        let path = self.file.map(|file| file.path.clone());
        Err(Unresolved { path, errors, unknown: Vec::new() })
    }
}
