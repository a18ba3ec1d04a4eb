//! `${...}` references in the configuration.
//!
//! The client resolves `${env:NAME}`; `${name}`, `${app}`, `${stage}` and
//! `${org}` stand for the configuration's top-level values, `${param:NAME}` for
//! a parameter of this run, `${output:stage:app:instance.key}` for what another
//! instance came to. Inner references are resolved before outer ones, a value
//! may hold further references (outputs are taken literally), and the result is
//! always a text. Keys are never resolved.
//!
//! As users of the Serverless Framework write it, a default may follow: `${env:MODE, 'live'}`,
//! with further sources before it. What only looks like a reference (`${aws:region}`,
//! `${env.A}`) is an error, because nobody wants it sent; a backslash in front of it, `\${aws:region}`,
//! sends the text. All errors are collected, so that whoever sets variables sets them once.
//!
//! Where `sls` drops the key or writes the word `undefined`, an unset variable
//! is an error here; an environment value is put in as it is, where `sls`
//! interprets `$&` and `$$`; a reference to itself is an error, not an
//! overflow.

mod error;
mod forms;
mod hint;
mod limits;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::references::OutputReference;
use crate::config::no_output::NoOutput;
pub(in crate::config) use error::list;
pub use error::{ReferenceFault, TOLD, VariableError, VariableErrors, VariableWarning};
use forms::Default as Fallback;
pub use hint::{VariableHint, VariableHints, hint_for};
pub use limits::{MAX_DEPTH, MAX_LENGTH, MAX_REFERENCES, MAX_TOTAL};

/// Characters of a text shown in a warning.
const SHOWN: usize = 80;

/// Looks the value of a name up.
pub type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Tells what is wrong with an environment variable.
pub type LookupReason<'a> = dyn Fn(&str) -> Option<ReferenceFault> + 'a;

/// Looks an output of another instance up.
pub type LookupOutput<'a> = dyn Fn(&OutputReference) -> Result<String, NoOutput> + 'a;

/// Where the values of references come from.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Looks an environment variable up.
    pub environment: &'a Lookup<'a>,
    /// Tells why a variable that is there cannot be used. `None`: all can.
    pub unusable: Option<&'a LookupReason<'a>>,
    /// What only the platform of the real CLI knows. `None` leaves such references as they
    /// are.
    pub platform: Option<Platform<'a>>,
}

/// Where the values come from that the real CLI leaves to its platform.
#[derive(Clone, Copy)]
pub struct Platform<'a> {
    /// Looks `name`, `app`, `stage` and `org` up.
    pub top: &'a Lookup<'a>,
    /// Looks a parameter up.
    pub parameters: &'a Lookup<'a>,
    /// Looks an output of another instance up.
    pub outputs: &'a LookupOutput<'a>,
}

/// A value without references, and what looks like a mistake in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved<T> {
    /// The result.
    pub value: T,
    /// Text that has a `${` and is sent as it is.
    pub warnings: Vec<VariableWarning>,
    /// Paths of texts that references made empty, with the text as it is written.
    pub emptied: Vec<(String, String)>,
}

/// Resolves every text in `value`; `path` names the value in errors and warnings.
///
/// # Errors
/// All references that cannot be resolved.
///
/// ```
/// use scfctl::config::variables::{resolve, Scope};
/// use serde_json::json;
/// let environment = |name: &str| (name == "A").then(|| "1".to_owned());
/// let scope = Scope { environment: &environment, unusable: None, platform: None };
/// let resolved = resolve(json!({"x": "a-${env:A}", "y": "${env:B, 'b'}"}), "inputs", scope)?;
/// assert_eq!(resolved.value, json!({"x": "a-1", "y": "b"}));
/// # Ok::<(), scfctl::config::variables::VariableErrors>(())
/// ```
pub fn resolve(
    value: Value,
    path: &str,
    scope: Scope<'_>,
) -> Result<Resolved<Value>, VariableErrors> {
    let mut whole =
        Whole { scope, warnings: Vec::new(), emptied: Vec::new(), errors: Vec::new(), size: 0 };
    let value = whole.value(value, path);
    let Whole { warnings, emptied, errors, .. } = whole;
    if errors.is_empty() {
        Ok(Resolved { value, warnings, emptied })
    } else {
        Err(VariableErrors(errors))
    }
}

/// Resolves one text, as [`resolve`] does.
///
/// # Errors
/// All references that cannot be resolved.
pub fn resolve_text(
    text: &str,
    path: &str,
    scope: Scope<'_>,
) -> Result<Resolved<String>, VariableErrors> {
    let (value, warnings) = (String::new(), Vec::new());
    let mut pass =
        Pass { path, scope, active: Vec::new(), resolved: 0, warnings, errors: Vec::new() };
    let value = pass.text(text, 0).unwrap_or_else(|fatal| {
        pass.errors.push(fatal);
        value
    });
    if !pass.errors.is_empty() {
        return Err(VariableErrors(pass.errors));
    }
    let emptied = value.is_empty() && !text.is_empty();
    let emptied = emptied.then(|| (path.to_owned(), text.to_owned()));
    Ok(Resolved { value, warnings: pass.warnings, emptied: emptied.into_iter().collect() })
}

/// A value whose texts are resolved one after another.
struct Whole<'a> {
    scope: Scope<'a>,
    warnings: Vec<VariableWarning>,
    emptied: Vec<(String, String)>,
    errors: Vec<VariableError>,
    /// Bytes of all texts so far.
    size: usize,
}

impl Whole<'_> {
    fn value(&mut self, value: Value, path: &str) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text, path)),
            Value::Array(items) => {
                let items = items.into_iter().enumerate();
                items.map(|(index, item)| self.value(item, &format!("{path}[{index}]"))).collect()
            }
            Value::Object(map) => {
                let mut resolved = Map::new();
                for (key, item) in map {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    let item = self.value(item, &path);
                    resolved.insert(key, item);
                }
                Value::Object(resolved)
            }
            other => other,
        }
    }

    fn text(&mut self, text: &str, path: &str) -> String {
        if self.size > MAX_TOTAL {
            return String::new();
        }
        match resolve_text(text, path, self.scope) {
            Ok(resolved) => {
                self.size += resolved.value.len();
                self.warnings.extend(resolved.warnings);
                self.emptied.extend(resolved.emptied);
                if self.size > MAX_TOTAL {
                    self.errors.push(VariableError {
                        path: path.to_owned(),
                        reference: "...".to_owned(),
                        reason: ReferenceFault::TooMuch,
                    });
                }
                resolved.value
            }
            Err(VariableErrors(errors)) => {
                self.errors.extend(errors);
                String::new()
            }
        }
    }
}

/// One text being resolved.
struct Pass<'a> {
    path: &'a str,
    scope: Scope<'a>,
    /// The references whose values are being resolved, outermost first.
    active: Vec<Active>,
    /// References met so far.
    resolved: usize,
    warnings: Vec<VariableWarning>,
    /// What cannot be resolved; the text is of no use then.
    errors: Vec<VariableError>,
}

/// A reference whose value is being resolved.
struct Active {
    /// What is between its braces, without references.
    inner: String,
    /// The same, as it may be shown.
    shown: String,
}

impl Pass<'_> {
    fn error(&self, inner: &str, reason: ReferenceFault) -> VariableError {
        VariableError {
            path: self.path.to_owned(),
            // Inside an environment value the text may be secret: name the variable instead.
            reference: match self.active.first() {
                Some(outer) => format!("${{{}}}", outer.shown),
                None => format!("${{{inner}}}"),
            },
            reason,
        }
    }

    fn warn(&mut self, text: &str, escaped: bool) {
        let shown = || match text.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.to_owned(),
        };
        let text = self.active.is_empty().then(shown);
        self.warnings.push(VariableWarning { path: self.path.to_owned(), text, escaped });
    }

    /// Fails only where nothing more can be resolved.
    fn text(&mut self, text: &str, depth: usize) -> Result<String, VariableError> {
        // As most values are, however long: the rest looks at each of their bytes.
        if !text.contains("${") {
            return Ok(text.to_owned());
        }
        let ends = reference_ends(text);
        let mut result = String::new();
        let mut done = 0;
        while let Some(start) = text[done..].find("${").map(|found| done + found) {
            result.push_str(&text[done..start]);
            self.resolved += 1;
            if self.resolved > MAX_REFERENCES {
                return Err(self.error("...", ReferenceFault::TooMany));
            }
            // What comes out of a variable is taken as it is.
            let own = self.active.is_empty();
            let Some(&end) = ends.get(&start) else {
                // Not closed; there may still be whole references behind it.
                let rest = &text[start + 2..];
                if own && forms::looks_like_reference(rest) {
                    let shown: String = rest.chars().take(SHOWN).collect();
                    let instead = Some(format!("${{{}}}", shown.trim_end()));
                    let mut error = self.error(&shown, ReferenceFault::Unknown { instead });
                    error.reference.pop();
                    self.errors.push(error);
                } else {
                    self.warn(&text[start..], false);
                }
                result.push_str("${");
                done = start + 2;
                continue;
            };
            if depth >= MAX_DEPTH {
                return Err(self.error("...", ReferenceFault::TooDeep));
            }
            let written = &text[start + 2..end];
            done = end + 1;
            if own && result.ends_with('\\') {
                if forms::looks_like_reference(written) && !resolves(written) {
                    result.pop();
                    result.push_str(&text[start..done]);
                    continue;
                }
                if resolves(written) {
                    self.warn(&text[start..done], true);
                }
            }
            match self.braced(written, depth) {
                Ok(value) => result.push_str(&value),
                Err(error) if error.reason.is_fatal() => return Err(error),
                Err(error) => self.errors.push(error),
            }
            if result.len() > MAX_LENGTH {
                return Err(self.error("...", ReferenceFault::TooLong));
            }
        }
        result.push_str(&text[done..]);
        Ok(result)
    }

    /// Resolves what stands between braces.
    fn braced(&mut self, written: &str, depth: usize) -> Result<String, VariableError> {
        if let Some(sources) = forms::sources(written).filter(|_| self.active.is_empty()) {
            return self.first_of(&sources, written, depth);
        }
        let before = self.errors.len();
        let inner = self.text(written, depth + 1)?;
        if self.errors.len() > before {
            // Without the inner ones nobody knows what it refers to; but that an output is
            // needed as well is told at once.
            if self.active.is_empty() && written.starts_with("output:") {
                return Err(self.error(written, ReferenceFault::OutputOfUnknown));
            }
            return Ok(String::new());
        }
        self.reference(&inner, written, depth)
    }

    /// The value of the first source that has one.
    fn first_of(
        &mut self,
        sources: &[&str],
        written: &str,
        depth: usize,
    ) -> Result<String, VariableError> {
        let last = sources.len() - 1;
        for (position, part) in sources.iter().enumerate() {
            let source = if position == 0 {
                Fallback::Source(part)
            } else {
                forms::default(part).ok_or_else(|| self.error(written, ReferenceFault::Default))?
            };
            let before = self.errors.len();
            let value = match source {
                Fallback::Text(text) | Fallback::Braced(text) => self.text(text, depth + 1),
                Fallback::Source(source) => self.text(source, depth + 1).and_then(|inner| {
                    if self.errors.len() > before {
                        return Ok(String::new());
                    }
                    self.reference(&inner, source, depth)
                }),
            };
            match value {
                Err(error) if error.reason.is_fatal() => return Err(error),
                Err(error) if error.reason.is_absence() && position < last => {}
                Err(error) => return Err(error),
                Ok(value) if self.errors.len() == before => return Ok(value),
                Ok(value) => {
                    let absent =
                        self.errors[before..].iter().all(|error| error.reason.is_absence());
                    // A default in braces that is absent as well leaves the word to the next.
                    if !absent || position == last || !matches!(source, Fallback::Braced(_)) {
                        return Ok(value);
                    }
                    self.errors.truncate(before);
                }
            }
        }
        Ok(String::new())
    }

    /// Resolves `${inner}`, in which no reference is left of what was written.
    fn reference(
        &mut self,
        inner: &str,
        written: &str,
        depth: usize,
    ) -> Result<String, VariableError> {
        let unchanged = format!("${{{inner}}}");
        // What an environment value brought in may be secret here, too.
        let shown = if written.contains("${env:") { written } else { inner };
        let name_in = |prefix: &str| shown.strip_prefix(prefix).unwrap_or(shown).to_owned();
        let (kind, argument) = match inner.split_once(':') {
            Some((kind, argument)) => (kind, Some(argument)),
            None => (inner, None),
        };
        match (kind, argument) {
            ("env", Some(name)) if forms::is_dotted_word(name) => {
                self.usable(name, shown)?;
                let found = (self.scope.environment)(name);
                self.nested(
                    inner,
                    shown,
                    found,
                    ReferenceFault::NotSet { name: name_in("env:") },
                    depth,
                )
            }
            ("name" | "app" | "stage" | "org", None) => match self.scope.platform {
                None => Ok(unchanged),
                Some(platform) => {
                    let missing = ReferenceFault::NoSuchValue { name: shown.to_owned() };
                    self.nested(inner, shown, (platform.top)(inner), missing, depth)
                }
            },
            ("param", Some(name)) => match self.scope.platform {
                None => Ok(unchanged),
                Some(platform) => {
                    self.usable(&format!("SCFCTL_PARAM_{name}"), shown)?;
                    let found = (platform.parameters)(name);
                    let missing = ReferenceFault::NoParameter { name: name_in("param:") };
                    self.nested(inner, shown, found, missing, depth)
                }
            },
            ("output", Some(argument)) => match self.scope.platform {
                None => Ok(unchanged),
                // What the cloud says is no text of the user's, in which references count.
                Some(platform) => OutputReference::parse(argument)
                    .ok_or(ReferenceFault::MalformedOutput)
                    .and_then(|output| {
                        let none = |none: NoOutput| {
                            // Names that came out of an environment value may be secret.
                            ReferenceFault::NoOutput(if shown == inner {
                                none
                            } else {
                                NoOutput::unnamed()
                            })
                        };
                        (platform.outputs)(&output).map_err(none)
                    })
                    .map_err(|reason| self.error(shown, reason)),
            },
            _ if self.active.is_empty() && forms::looks_like_reference(inner) => {
                Err(self.error(shown, forms::wrong(shown)))
            }
            _ => {
                self.warn(&format!("${{{shown}}}"), false);
                Ok(unchanged)
            }
        }
    }

    /// Refuses a variable that is there and cannot be used.
    fn usable(&self, name: &str, shown: &str) -> Result<(), VariableError> {
        let reason = self.scope.unusable.and_then(|unusable| unusable(name));
        reason.map_or(Ok(()), |reason| Err(self.error(shown, reason)))
    }

    /// Resolves the references inside the value of a reference.
    fn nested(
        &mut self,
        inner: &str,
        shown: &str,
        found: Option<String>,
        missing: ReferenceFault,
        depth: usize,
    ) -> Result<String, VariableError> {
        let Some(found) = found else {
            return Err(self.error(shown, missing));
        };
        if self.active.iter().any(|active| active.inner == inner) {
            let name = shown.strip_prefix("env:").unwrap_or(shown).to_owned();
            return Err(self.error(shown, ReferenceFault::Cycle { name }));
        }
        self.active.push(Active { inner: inner.to_owned(), shown: shown.to_owned() });
        let resolved = self.text(&found, depth + 1);
        self.active.pop();
        resolved
    }
}

/// Whether this is a reference, with defaults or without.
fn resolves(written: &str) -> bool {
    forms::is_reference(written) || forms::sources(written).is_some()
}

/// Returns a text with a backslash in front of all that only looks like a reference.
#[must_use]
pub fn escaped(text: &str) -> String {
    let ends = reference_ends(text);
    let (mut written, mut done) = (String::new(), 0);
    while let Some(start) = text[done..].find("${").map(|found| done + found) {
        written.push_str(&text[done..start]);
        let inner = ends.get(&start).map(|&end| (end, &text[start + 2..end]));
        done = match inner {
            Some((end, inner)) if forms::looks_like_reference(inner) && !resolves(inner) => {
                written.push('\\');
                end + 1
            }
            _ => start + 2,
        };
        written.push_str(&text[start..done]);
    }
    written.push_str(&text[done..]);
    written
}

/// Returns whether what is written in a file comes to this text. `environment` has the variables
/// that are meant to be there; any other reference comes to nothing.
#[must_use]
pub fn comes_to(written: &str, environment: &Lookup<'_>, text: &str) -> bool {
    let nothing = |_: &str| Some(String::new());
    let platform = Platform {
        top: &nothing,
        parameters: &nothing,
        outputs: &|_: &OutputReference| Ok(String::new()),
    };
    let scope = Scope { environment, unusable: None, platform: Some(platform) };
    resolve_text(written, "", scope).is_ok_and(|resolved| resolved.value == text)
}

/// Bytes of all texts in a value.
pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(map) => map.iter().map(|(key, item)| key.len() + size(item)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// Returns where the `}` of each closed `${` stands, by where the `${` stands.
fn reference_ends(text: &str) -> HashMap<usize, usize> {
    let mut open = Vec::new();
    let mut ends = HashMap::new();
    let bytes = text.as_bytes();
    for (index, &byte) in bytes.iter().enumerate() {
        if byte == b'$' && bytes.get(index + 1) == Some(&b'{') {
            open.push(index);
        } else if byte == b'}'
            && let Some(start) = open.pop()
        {
            ends.insert(start, index);
        }
    }
    ends
}
