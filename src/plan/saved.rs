//! The state that a saved plan was made from, and how the current state differs.

use std::fmt;

use serde_json::{Map, Value};

/// Prefix of a digest that stands for a value.
pub const DIGEST: char = '#';

/// Longest value that is saved as it is, in bytes. Longer ones are saved as digests.
pub const KEPT: usize = 80;

/// Longest part of a value that is shown, in characters.
const SHOWN: usize = 48;

/// What was read, by kind ([`ReadKind::key`]) and name.
pub type Reads = Map<String, Value>;

/// Values with their names.
pub type Leaves = Vec<(String, String)>;

/// A kind of state that a plan depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadKind {
    /// Identity of the function: region, stage, service.
    Place,
    /// An input, whatever its source.
    Input,
    /// The package built from the local folder.
    Package,
    /// Whether the function exists.
    Function,
    /// A setting of the function.
    Setting,
    /// The code of `$LATEST`.
    Code,
    /// A published version.
    Version,
    /// Routing of an alias.
    Alias,
    /// Description of an alias, which holds a rollout's state.
    Description,
    /// Provisioned instances of a version.
    Provisioned,
    /// A trigger, or a rule of a load balancer.
    Trigger,
    /// The steps of the plan.
    Steps,
}

impl ReadKind {
    const ALL: [Self; 12] = [
        Self::Place,
        Self::Input,
        Self::Package,
        Self::Function,
        Self::Setting,
        Self::Code,
        Self::Version,
        Self::Alias,
        Self::Description,
        Self::Provisioned,
        Self::Trigger,
        Self::Steps,
    ];

    /// Returns its key in saved plans.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Input => "inputs",
            Self::Package => "package",
            Self::Function => "function",
            Self::Setting => "settings",
            Self::Code => "code",
            Self::Version => "versions",
            Self::Alias => "aliases",
            Self::Description => "aliasDescriptions",
            Self::Provisioned => "provisioned",
            Self::Trigger => "triggers",
            Self::Steps => "steps",
        }
    }

    /// Returns whether it comes from files and the command line, not from the service.
    #[must_use]
    pub fn is_wish(self) -> bool {
        matches!(self, Self::Place | Self::Input | Self::Package)
    }
}

/// Records a value. If the name is taken, apostrophes are appended to make it unique.
pub fn note(reads: &mut Reads, read: ReadKind, name: &str, value: String) {
    let kind = reads.entry(read.key()).or_insert_with(|| Map::new().into());
    let Value::Object(kind) = kind else { return };
    let mut name = name.to_owned();
    while kind.contains_key(&name) {
        name.push('\'');
    }
    kind.insert(name, value.into());
}

/// Collects all leaf values with dotted names. In a list of key/value pairs, the keys are the
/// names.
pub fn leaves(value: &Value, name: &str, found: &mut Leaves) {
    let join = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
    match value {
        Value::Null => {}
        Value::Object(map) => map.iter().for_each(|(key, value)| leaves(value, &join(key), found)),
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                let key = item.get("Key").or_else(|| item.get("key")).and_then(Value::as_str);
                let value = item.get("Value").or_else(|| item.get("value"));
                match (key, value) {
                    (Some(key), Some(value)) => leaves(value, &join(key), found),
                    _ => leaves(item, &join(&number.to_string()), found),
                }
            }
        }
        Value::String(text) => found.push((name.to_owned(), text.clone())),
        other => found.push((name.to_owned(), other.to_string())),
    }
}

/// A difference between saved and current state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The kind of state.
    pub read: ReadKind,
    /// Its name within that kind.
    pub name: String,
    /// The saved value, or `None` if there was none.
    pub was: Option<String>,
    /// The current value, or `None` if there is none.
    pub is: Option<String>,
}

/// Returns the differences, without those that only follow from another one.
#[must_use]
pub fn changed(was: &Reads, is: &Reads) -> Vec<Changed> {
    let mut all: Vec<Changed> = Vec::new();
    for read in ReadKind::ALL {
        let follows = match read {
            ReadKind::Place => false,
            // In another place everything differs.
            _ if all.iter().any(|one| one.read == ReadKind::Place) => true,
            ReadKind::Steps => !all.is_empty(),
            ReadKind::Input | ReadKind::Package | ReadKind::Function => false,
            _ => all.iter().any(|one| one.read == ReadKind::Function),
        };
        if follows {
            continue;
        }
        let value = |reads: &Reads, name: &str| {
            Some(reads.get(read.key())?.get(name)?.as_str().unwrap_or_default().to_owned())
        };
        for (number, reads) in [was, is].into_iter().enumerate() {
            for name in
                reads.get(read.key()).and_then(Value::as_object).into_iter().flat_map(Map::keys)
            {
                let (was, is) = (value(was, name), value(is, name));
                // Names in `was` have been handled in the first round.
                if was != is && (number == 0 || was.is_none()) {
                    all.push(Changed { read, name: name.clone(), was, is });
                }
            }
        }
    }
    all
}

/// A value as it may be shown, shortened; `None` for a digest, and for an empty one.
fn shown(text: &str) -> Option<String> {
    let cut = text.char_indices().nth(SHOWN).map_or(text.len(), |(end, _)| end);
    let more = if cut < text.len() { "…" } else { "" };
    (!text.is_empty() && !text.starts_with(DIGEST)).then(|| format!("{}{more}", &text[..cut]))
}

impl Changed {
    /// Returns both values, shortened, if neither is a digest or missing.
    #[must_use]
    pub fn values(&self) -> Option<(String, String)> {
        shown(self.was.as_deref()?).zip(shown(self.is.as_deref()?))
    }

    /// Returns the value that was saved and the current one, each as far as it may be shown. Of a
    /// version that is new or gone that is `published`.
    #[must_use]
    pub fn each(&self) -> (Option<String>, Option<String>) {
        let is_one = self.was.is_some() != self.is.is_some();
        let published = (is_one && self.read == ReadKind::Version).then(|| "published".to_owned());
        let each = |value: &Option<String>| {
            let value = value.as_deref()?;
            shown(value).or_else(|| published.clone())
        };
        (each(&self.was), each(&self.is))
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.read {
            ReadKind::Place => write!(formatter, "`{name}`"),
            ReadKind::Input => write!(formatter, "input `{name}`"),
            ReadKind::Package => formatter.write_str("the code to be sent"),
            ReadKind::Function => formatter.write_str("the function"),
            ReadKind::Setting => write!(formatter, "setting `{name}` of the function"),
            ReadKind::Code => formatter.write_str("the code of $LATEST"),
            ReadKind::Version => write!(formatter, "version {name}"),
            ReadKind::Alias => write!(formatter, "alias `{name}`"),
            ReadKind::Description => write!(formatter, "the description of alias `{name}`"),
            ReadKind::Provisioned => write!(formatter, "provisioned instances of version {name}"),
            ReadKind::Trigger => write!(formatter, "trigger {name}"),
            ReadKind::Steps => formatter.write_str("what would be sent"),
        }?;
        match (&self.was, &self.is, self.values()) {
            (_, _, Some((was, is))) => write!(formatter, ": {was} -> {is}"),
            (None, ..) => formatter.write_str(": is new"),
            (_, None, _) => formatter.write_str(": is gone"),
            _ => formatter.write_str(": is another one"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reads(all: &[(ReadKind, &str, &str)]) -> Reads {
        let mut reads = Reads::new();
        for (read, name, value) in all {
            note(&mut reads, *read, name, (*value).to_owned());
        }
        reads
    }

    /// The differences as users see them.
    fn said(was: &[(ReadKind, &str, &str)], is: &[(ReadKind, &str, &str)]) -> Vec<String> {
        changed(&reads(was), &reads(is)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_difference_is_said_with_what_may_be_shown() {
        let setting = |value| (ReadKind::Setting, "MemorySize", value);
        for (was, is, expected) in [
            (&[][..], &[][..], &[][..]),
            (&[setting("128")], &[setting("128")], &[]),
            (
                &[setting("128")],
                &[setting("256")],
                &["setting `MemorySize` of the function: 128 -> 256"],
            ),
            (
                &[(ReadKind::Input, "a.b", "#1")],
                &[(ReadKind::Input, "a.b", "#2")],
                &["input `a.b`: is another one"],
            ),
            (
                &[(ReadKind::Input, "a", "#1")],
                &[(ReadKind::Input, "a", "1")],
                &["input `a`: is another one"],
            ),
            (&[], &[(ReadKind::Version, "2", "#1")], &["version 2: is new"]),
            (&[(ReadKind::Trigger, "timer `t`", "#1")], &[], &["trigger timer `t`: is gone"]),
            (
                &[(ReadKind::Alias, "prod", "1 100%"), (ReadKind::Description, "prod", "#1")],
                &[(ReadKind::Alias, "prod", "1 90%, 2 10%")],
                &[
                    "alias `prod`: 1 100% -> 1 90%, 2 10%",
                    "the description of alias `prod`: is gone",
                ],
            ),
            (
                &[(ReadKind::Provisioned, "1", "2")],
                &[(ReadKind::Provisioned, "1", "3")],
                &["provisioned instances of version 1: 2 -> 3"],
            ),
            (
                &[(ReadKind::Code, "", "ab")],
                &[(ReadKind::Code, "", "cd")],
                &["the code of $LATEST: ab -> cd"],
            ),
            (
                &[(ReadKind::Package, "", "ab")],
                &[(ReadKind::Package, "", "cd")],
                &["the code to be sent: ab -> cd"],
            ),
        ] {
            assert_eq!(said(was, is), expected);
        }
    }

    /// A value that is new or gone is one as well; digests stay what they are.
    #[test]
    fn each_value_is_told_as_far_as_it_may_be_shown() {
        let (steps, prod) = ((ReadKind::Input, "rollout.steps"), (ReadKind::Alias, "prod"));
        let version = (ReadKind::Version, "2");
        for ((read, name), was, is, expected) in [
            (steps, None, Some("10%,100%"), (None, Some("10%,100%"))),
            (prod, None, Some("2: 1"), (None, Some("2: 1"))),
            (prod, Some("1: 1"), Some("2: 1"), (Some("1: 1"), Some("2: 1"))),
            (prod, Some("1: 1"), None, (Some("1: 1"), None)),
            (version, None, Some("#1"), (None, Some("published"))),
            (version, Some("#1"), None, (Some("published"), None)),
            (version, Some("#1"), Some("#2"), (None, None)),
            (version, Some("#1"), Some("Publishing"), (None, Some("Publishing"))),
            (steps, None, Some("#1"), (None, None)),
            (steps, Some("#1"), Some("10%"), (None, Some("10%"))),
        ] {
            let of = |value: Option<&str>| value.map(str::to_owned);
            let changed = Changed { read, name: name.to_owned(), was: of(was), is: of(is) };
            let (was, is) = expected;
            assert_eq!(changed.each(), (of(was), of(is)), "{changed:?}");
        }
    }

    #[test]
    fn what_follows_from_another_difference_is_not_said() {
        let steps = |value| (ReadKind::Steps, "", value);
        let there = [(ReadKind::Function, "", "there"), (ReadKind::Code, "", "ab"), steps("#1")];
        assert_eq!(
            said(&there, &[(ReadKind::Function, "", "none"), steps("#2")]),
            ["the function: there -> none"]
        );
        let place = |region| [(ReadKind::Place, "region", region), (ReadKind::Input, "a", region)];
        assert_eq!(said(&place("x"), &place("y")), ["`region`: x -> y"]);
        assert_eq!(said(&[steps("#1")], &[steps("#2")]), ["what would be sent: is another one"]);
    }

    #[test]
    fn values_have_the_names_that_people_know() {
        let mut found = Vec::new();
        let value = json!({
            "environment": {"variables": {"A": "x", "B": null}},
            "Tags": [{"Key": "team", "Value": "shop"}],
            "layers": [{"name": "l", "version": 2}],
            "on": true,
        });
        leaves(&value, "", &mut found);
        let found: Vec<(&str, &str)> =
            found.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(
            found,
            [
                ("environment.variables.A", "x"),
                ("Tags.team", "shop"),
                ("layers.0.name", "l"),
                ("layers.0.version", "2"),
                ("on", "true"),
            ]
        );
    }

    #[test]
    fn long_values_are_cut_and_names_are_kept_apart() {
        let long = "长".repeat(SHOWN + 1);
        let text = said(&[(ReadKind::Input, "a", &long)], &[(ReadKind::Input, "a", "b")]).concat();
        assert_eq!(text, format!("input `a`: {}… -> b", "长".repeat(SHOWN)));
        let twice = [(ReadKind::Trigger, "t", "#1"), (ReadKind::Trigger, "t", "#2")];
        assert_eq!(said(&twice, &twice[..1]), ["trigger t': is gone"]);
    }
}
