//! `${...}` references in the configuration.
//!
//! The client resolves `${env:NAME}`; `${name}`, `${app}`, `${stage}` and
//! `${org}` stand for the configuration's top-level values, `${param:NAME}` for
//! a parameter of this run, `${output:stage:app:instance.key}` for what another
//! instance came to. Inner references are resolved before outer ones, a value
//! may hold further references (outputs are taken literally), and the result is
//! always a text. Keys are never resolved.
//!
//! Where `sls` drops the key or writes the word `undefined`, an unset variable
//! is an error here; an environment value is put in as it is, where `sls`
//! interprets `$&` and `$$`; a reference to itself is an error, not an
//! overflow.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::references::{NoOutput, OutputReference};

/// References inside references, and values that refer to further values.
const MAX_DEPTH: usize = 32;
/// Bytes one text may grow to: references that double their value add up.
const MAX_LENGTH: usize = 1 << 20;
/// References resolved for one text: values that double their number add up, too.
const MAX_REFERENCES: usize = 10_000;
/// Bytes that all texts of one value may grow to: a long name that each of many texts refers to.
const MAX_TOTAL: usize = 64 << 20;
/// Characters of a text shown in a warning.
const SHOWN: usize = 80;

/// Looks the value of a name up.
pub type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Looks an output of another instance up.
pub type LookupOutput<'a> = dyn Fn(&OutputReference) -> Result<String, NoOutput> + 'a;

/// Where the values of references come from.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Looks an environment variable up.
    pub environment: &'a Lookup<'a>,
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
    /// Text that looks like a reference but is none, and stays as it is.
    pub warnings: Vec<Warning>,
}

/// Text that looks like a reference but is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {}", match .text {
    Some(text) => format!("`{text}` is not a reference and stays as it is"),
    None => "an environment value put in here holds `${`, which stays as it is".to_owned(),
})]
pub struct Warning {
    /// Where in the configuration, such as `inputs.environment.variables.A`.
    pub path: String,
    /// The text; `None` when it comes out of an environment variable, which may be secret.
    pub text: Option<String>,
}

/// Why a reference cannot be resolved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot resolve `{reference}` at `{path}`")]
pub struct VariableError {
    /// Where in the configuration, such as `inputs.environment.variables.A`.
    pub path: String,
    /// The reference, such as `${env:A}`.
    pub reference: String,
    /// What is wrong with it.
    #[source]
    pub reason: Reason,
}

/// What is wrong with a reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// `${env:NAME}` of a variable that is not set.
    #[error("environment variable `{name}` is not set")]
    NotSet {
        /// The variable.
        name: String,
    },
    /// `${org}` and the like without such a value.
    #[error("the configuration has no `{name}`")]
    NoSuchValue {
        /// The top-level key.
        name: String,
    },
    /// A value that refers to itself, directly or through others.
    #[error("`{name}` refers to itself")]
    Cycle {
        /// The environment variable or top-level key.
        name: String,
    },
    /// More references inside one another than anyone writes.
    #[error("references are nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// A text that grew beyond any sensible setting.
    #[error("the text grows beyond {MAX_LENGTH} bytes")]
    TooLong,
    /// References that multiply.
    #[error("resolving takes more than {MAX_REFERENCES} references")]
    TooMany,
    /// Many texts that each grow.
    #[error("the texts grow beyond {MAX_TOTAL} bytes together")]
    TooMuch,
    /// `${param:NAME}` that nobody gave.
    #[error("parameter `{name}` is not given")]
    NoParameter {
        /// The parameter.
        name: String,
    },
    /// `${output:...}` in another form.
    #[error("it is not of the form stage:app:instance.key")]
    MalformedOutput,
    /// An output that cannot be had.
    #[error("{}", .0.what)]
    NoOutput(NoOutput),
    /// A reference of the older Serverless Framework, which `sls` refuses as well.
    #[error("`{kind}` references are not supported")]
    Unsupported {
        /// `self`, `opt`, `file` and so on.
        kind: String,
        /// What to write instead, if there is something.
        instead: Option<String>,
    },
}

impl VariableError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match &self.reason {
            Reason::NotSet { name } => {
                Some(format!("set `{name}` in the environment or in the .env file"))
            }
            Reason::NoSuchValue { name } => {
                Some(format!("add `{name}:` at the top of the configuration"))
            }
            Reason::Cycle { .. }
            | Reason::TooDeep
            | Reason::TooLong
            | Reason::TooMuch
            | Reason::TooMany => None,
            Reason::NoParameter { name } => Some(format!(
                "give it with --param {name}=VALUE, or set SCFCTL_PARAM_{name} in the environment or in the .env file"
            )),
            Reason::MalformedOutput => {
                Some("write for example `${output:${stage}:${app}:api.functionName}`".to_owned())
            }
            Reason::NoOutput(none) => Some(none.instead.clone()),
            Reason::Unsupported { instead, .. } => Some(match instead {
                Some(instead) => format!("write `{instead}`"),
                None => "write the value itself, or `${env:NAME}` and set the variable".to_owned(),
            }),
        }
    }
}

/// Resolves every text in `value`; `path` names the value in errors and warnings.
///
/// ```
/// use scfctl::config::variables::{resolve, Scope};
/// use serde_json::json;
/// let environment = |name: &str| (name == "A").then(|| "1".to_owned());
/// let scope = Scope { environment: &environment, platform: None };
/// let resolved = resolve(json!({"x": "a-${env:A}"}), "inputs", scope)?;
/// assert_eq!(resolved.value, json!({"x": "a-1"}));
/// # Ok::<(), scfctl::config::variables::VariableError>(())
/// ```
pub fn resolve(
    value: Value,
    path: &str,
    scope: Scope<'_>,
) -> Result<Resolved<Value>, VariableError> {
    let mut warnings = Vec::new();
    let value = resolve_value(value, path, scope, &mut warnings, &mut 0)?;
    Ok(Resolved { value, warnings })
}

/// Resolves one text, as [`resolve`] does.
pub fn resolve_text(
    text: &str,
    path: &str,
    scope: Scope<'_>,
) -> Result<Resolved<String>, VariableError> {
    let mut pass = Pass { path, scope, active: Vec::new(), resolved: 0, warnings: Vec::new() };
    let value = pass.text(text, 0)?;
    Ok(Resolved { value, warnings: pass.warnings })
}

fn resolve_value(
    value: Value,
    path: &str,
    scope: Scope<'_>,
    warnings: &mut Vec<Warning>,
    size: &mut usize,
) -> Result<Value, VariableError> {
    Ok(match value {
        Value::String(text) => {
            let resolved = resolve_text(&text, path, scope)?;
            *size += resolved.value.len();
            if *size > MAX_TOTAL {
                return Err(VariableError {
                    path: path.to_owned(),
                    reference: "...".to_owned(),
                    reason: Reason::TooMuch,
                });
            }
            warnings.extend(resolved.warnings);
            Value::String(resolved.value)
        }
        Value::Array(items) => {
            let mut resolved = Vec::with_capacity(items.len());
            for (index, item) in items.into_iter().enumerate() {
                resolved.push(resolve_value(
                    item,
                    &format!("{path}[{index}]"),
                    scope,
                    warnings,
                    size,
                )?);
            }
            Value::Array(resolved)
        }
        Value::Object(map) => {
            let mut resolved = Map::new();
            for (key, item) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let item = resolve_value(item, &path, scope, warnings, size)?;
                resolved.insert(key, item);
            }
            Value::Object(resolved)
        }
        other => other,
    })
}

/// One text being resolved.
struct Pass<'a> {
    path: &'a str,
    scope: Scope<'a>,
    /// The references whose values are being resolved, outermost first.
    active: Vec<Active>,
    /// References met so far.
    resolved: usize,
    warnings: Vec<Warning>,
}

/// A reference whose value is being resolved.
struct Active {
    /// What is between its braces, without references.
    inner: String,
    /// The same, as it may be shown.
    shown: String,
}

impl Pass<'_> {
    fn error(&self, inner: &str, reason: Reason) -> VariableError {
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

    fn warn(&mut self, text: &str) {
        let shown = || match text.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.to_owned(),
        };
        let text = self.active.is_empty().then(shown);
        self.warnings.push(Warning { path: self.path.to_owned(), text });
    }

    fn text(&mut self, text: &str, depth: usize) -> Result<String, VariableError> {
        let ends = reference_ends(text);
        let mut result = String::new();
        let mut done = 0;
        while let Some(start) = text[done..].find("${").map(|found| done + found) {
            result.push_str(&text[done..start]);
            self.resolved += 1;
            if self.resolved > MAX_REFERENCES {
                return Err(self.error("...", Reason::TooMany));
            }
            let Some(&end) = ends.get(&start) else {
                // Not closed; there may still be whole references behind it.
                self.warn(&text[start..]);
                result.push_str("${");
                done = start + 2;
                continue;
            };
            if depth >= MAX_DEPTH {
                return Err(self.error("...", Reason::TooDeep));
            }
            let written = &text[start + 2..end];
            let inner = self.text(written, depth + 1)?;
            result.push_str(&self.reference(&inner, written, depth)?);
            if result.len() > MAX_LENGTH {
                return Err(self.error("...", Reason::TooLong));
            }
            done = end + 1;
        }
        result.push_str(&text[done..]);
        Ok(result)
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
            ("env", Some(name)) if is_dotted_word(name) => {
                let found = (self.scope.environment)(name);
                self.nested(inner, shown, found, Reason::NotSet { name: name_in("env:") }, depth)
            }
            ("name" | "app" | "stage" | "org", None) => match self.scope.platform {
                None => Ok(unchanged),
                Some(platform) => {
                    let missing = Reason::NoSuchValue { name: shown.to_owned() };
                    self.nested(inner, shown, (platform.top)(inner), missing, depth)
                }
            },
            ("param", Some(name)) => match self.scope.platform {
                None => Ok(unchanged),
                Some(platform) => {
                    let found = (platform.parameters)(name);
                    let missing = Reason::NoParameter { name: name_in("param:") };
                    self.nested(inner, shown, found, missing, depth)
                }
            },
            ("output", Some(argument)) => match self.scope.platform {
                None => Ok(unchanged),
                // What the cloud says is no text of the user's, in which references count.
                Some(platform) => OutputReference::parse(argument)
                    .ok_or(Reason::MalformedOutput)
                    .and_then(|output| (platform.outputs)(&output).map_err(Reason::NoOutput))
                    .map_err(|reason| self.error(shown, reason)),
            },
            ("self" | "opt" | "sls" | "file" | "cf" | "s3" | "ssm", Some(argument))
                if argument.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) =>
            {
                let known = matches!(argument, "name" | "app" | "stage" | "org");
                let instead = (known && matches!(kind, "self" | "opt" | "sls"))
                    .then(|| format!("${{{argument}}}"));
                let kind = kind.to_owned();
                Err(self.error(shown, Reason::Unsupported { kind, instead }))
            }
            _ => {
                self.warn(&format!("${{{shown}}}"));
                Ok(unchanged)
            }
        }
    }

    /// Resolves the references inside the value of a reference.
    fn nested(
        &mut self,
        inner: &str,
        shown: &str,
        found: Option<String>,
        missing: Reason,
        depth: usize,
    ) -> Result<String, VariableError> {
        let Some(found) = found else {
            return Err(self.error(shown, missing));
        };
        if self.active.iter().any(|active| active.inner == inner) {
            let name = shown.strip_prefix("env:").unwrap_or(shown).to_owned();
            return Err(self.error(shown, Reason::Cycle { name }));
        }
        self.active.push(Active { inner: inner.to_owned(), shown: shown.to_owned() });
        let resolved = self.text(&found, depth + 1);
        self.active.pop();
        resolved
    }
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

fn is_dotted_word(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn environment(name: &str) -> Option<String> {
        match name {
            "A" => Some("1".to_owned()),
            "SECRET" => Some("p$&w$$${d}".to_owned()),
            "LOOP" => Some("${env:POOL}".to_owned()),
            "POOL" => Some("x${env:LOOP}".to_owned()),
            "STAGED" => Some("on-${stage}".to_owned()),
            _ => None,
        }
    }

    fn platform(name: &str) -> Option<String> {
        match name {
            "stage" => Some("prod".to_owned()),
            "app" => Some("${name}".to_owned()),
            "name" => Some("${stage}-fn".to_owned()),
            _ => None,
        }
    }

    fn outputs(reference: &OutputReference) -> Result<String, NoOutput> {
        if reference.path == "functionName" {
            return Ok(format!("{}-fn-${{env:A}}", reference.instance));
        }
        Err(NoOutput { what: "no such output".to_owned(), instead: "another".to_owned() })
    }

    fn run(text: &str) -> Result<Resolved<String>, VariableError> {
        let platform = Platform {
            top: &platform,
            parameters: &|name| (name == "team").then(|| "red-${env:A}".to_owned()),
            outputs: &outputs,
        };
        resolve_text(
            text,
            "inputs.x",
            Scope { environment: &environment, platform: Some(platform) },
        )
    }

    #[test]
    fn platform_values_resolve_inside_out() {
        for (text, result) in [
            ("${app}", "prod-fn"),
            ("${env:STAGED}", "on-prod"),
            ("$${env:A}", "$1"),
            ("{${env:A}}", "{1}"),
            ("x-${env:SECRET}", "x-p$&w$$${d}"),
            ("${param:team}", "red-1"),
            // Inside out, and literally.
            ("${output:${stage}:${app}:b.functionName}-x", "b-fn-${env:A}-x"),
        ] {
            assert_eq!(run(text).unwrap().value, result, "{text}");
        }
    }

    #[test]
    fn errors_name_the_reference_the_place_and_the_way_out() {
        for (text, reason, hint) in [
            (
                "${env:NOPE}",
                "environment variable `NOPE` is not set",
                "set `NOPE` in the environment or in the .env file",
            ),
            (
                "${org}",
                "the configuration has no `org`",
                "add `org:` at the top of the configuration",
            ),
            (
                "${param:colour}",
                "parameter `colour` is not given",
                "give it with --param colour=VALUE, or set SCFCTL_PARAM_colour in the environment or in the .env file",
            ),
            ("${output:${stage}:${app}:vpc.id}", "no such output", "another"),
            (
                "${output:vpc.id}",
                "it is not of the form stage:app:instance.key",
                "write for example `${output:${stage}:${app}:api.functionName}`",
            ),
            ("${opt:stage}", "`opt` references are not supported", "write `${stage}`"),
            (
                "${file:x.yml}",
                "`file` references are not supported",
                "write the value itself, or `${env:NAME}` and set the variable",
            ),
        ] {
            let error = run(text).unwrap_err();
            assert_eq!(error.reason.to_string(), reason);
            assert_eq!(error.hint().as_deref(), Some(hint));
            assert_eq!(error.path, "inputs.x");
        }
    }

    #[test]
    fn a_cycle_is_an_error_that_names_it() {
        let error = run("${env:LOOP}").unwrap_err();
        assert_eq!(error.to_string(), "cannot resolve `${env:LOOP}` at `inputs.x`");
        assert_eq!(error.reason.to_string(), "`LOOP` refers to itself");
    }

    #[test]
    fn what_is_no_reference_stays_and_is_warned_about_without_secrets() {
        for text in [
            "${env: A}",
            "${env.A}",
            "${ENV:A}",
            "${env:A, 'd'}",
            "${env:A",
            "${env:A-B}",
            "${}",
            "${file(./x.yml):k}",
        ] {
            let resolved = run(text).unwrap();
            assert_eq!(resolved.value, text);
            assert_eq!(resolved.warnings[0].text.as_deref(), Some(text));
        }
        assert_eq!(run("${env:SECRET}").unwrap().warnings[0].text, None);
    }

    #[test]
    fn a_reference_made_of_an_environment_value_is_shown_as_it_is_written() {
        let resolved = run("${env:${env:STAGED}}").unwrap();
        assert_eq!(resolved.warnings[0].text.as_deref(), Some("${env:${env:STAGED}}"));
        let error = run("${env:N${env:A}}").unwrap_err();
        assert_eq!(error.reference, "${env:N${env:A}}");
        assert_eq!(error.reason.to_string(), "environment variable `N${env:A}` is not set");
        // Without one the name itself says more.
        let error = run("${env:N_${stage}}").unwrap_err();
        assert_eq!(error.reason.to_string(), "environment variable `N_prod` is not set");
    }

    #[test]
    fn growth_and_nesting_are_bounded() {
        let doubling = |name: &str| {
            let level: usize = name.strip_prefix('v')?.parse().ok()?;
            Some(format!("${{env:v{0}}}${{env:v{0}}}", level + 1))
                .filter(|_| level < 25)
                .or_else(|| Some("x".repeat(1000)))
        };
        let scope = Scope { environment: &doubling, platform: None };
        let error = resolve_text("${env:v0}", "a", scope).unwrap_err();
        assert_eq!(error.reason, Reason::TooLong);
        let empty = |name: &str| {
            let level: usize = name.strip_prefix('v')?.parse().ok()?;
            Some(if level < 25 {
                format!("${{env:v{0}}}${{env:v{0}}}", level + 1)
            } else {
                String::new()
            })
        };
        let scope = Scope { environment: &empty, platform: None };
        let error = resolve_text("${env:v0}", "a", scope).unwrap_err();
        assert_eq!(error.reason, Reason::TooMany);
        let nested = format!("{}a{}", "${".repeat(100_000), "}".repeat(100_000));
        assert_eq!(run(&nested).unwrap_err().reason, Reason::TooDeep);
    }

    #[test]
    fn paths_name_list_items() {
        let scope = Scope { environment: &environment, platform: None };
        let error = resolve(json!({"l": [1, {"m": "${env:N}"}]}), "inputs", scope).unwrap_err();
        assert_eq!(error.path, "inputs.l[1].m");
    }

    proptest! {
        #[test]
        fn any_text_is_resolved_without_panic(text in "(\\$\\{|\\}|env:|A|LOOP|stage|:|测|.){0,20}") {
            let _ = run(&text);
        }

        #[test]
        fn text_without_references_stays(text in "[^$]{0,30}") {
            prop_assert_eq!(run(&text).unwrap(), Resolved { value: text, warnings: vec![] });
        }
    }
}
