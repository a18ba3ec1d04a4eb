//! Checks of a request's parameters against the declared facts of the API.
//!
//! Names, presence and types only, down through structures and lists. What a
//! value may be is checked where the action uses it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::LazyLock;

use flate2::read::DeflateDecoder;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::Refusal;
use crate::fields;
use crate::order::Order as _;

/// The declared facts of one action.
#[derive(Debug, Deserialize)]
pub(super) struct Action {
    input: Vec<Member>,
    /// The error codes the definition lists; common codes are not among them.
    pub(super) error_codes: BTreeSet<String>,
    /// The documented rate, in calls per second, account and region.
    pub(super) rate: Option<u32>,
}

/// A parameter, or a member of a structure.
#[derive(Debug, Deserialize)]
struct Member {
    name: String,
    #[serde(rename = "type")]
    kind: FieldKind,
    item: Option<FieldKind>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    members: Vec<Member>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FieldKind {
    String,
    Int,
    Uint,
    Float,
    Bool,
    Object,
    List,
}

#[derive(Debug, Deserialize)]
struct Facts {
    version: String,
    actions: BTreeMap<String, Action>,
}

/// `api.json` and `products.json`, deflated: as texts they are 1 % of the binary.
const API: &[u8] = include_bytes!("api.deflate");
const PRODUCTS: &[u8] = include_bytes!("products.deflate");

fn inflated(facts: &[u8]) -> String {
    let mut text = String::new();
    let read = DeflateDecoder::new(facts).read_to_string(&mut text);
    read.expect("the embedded facts are deflated");
    text
}

fn parsed(facts: &[u8]) -> Value {
    serde_json::from_str(&inflated(facts)).expect("the embedded facts are JSON")
}

static FACTS: LazyLock<BTreeMap<String, Facts>> = LazyLock::new(|| {
    let mut products: BTreeMap<String, Facts> =
        fields::read(&parsed(PRODUCTS)).expect("the embedded facts are valid");
    let mut facts: Facts = fields::read(&parsed(API)).expect("the embedded facts are valid");
    // Two points where the definition differs from what clients do: the name is
    // declared optional yet needed, and tools ask for the triggers this way.
    if let Some(action) = facts.actions.get_mut("GetFunction") {
        for member in &mut action.input {
            member.required |= member.name == "FunctionName";
        }
        action.input.push(Member {
            name: "ShowTriggers".to_owned(),
            kind: FieldKind::String,
            item: None,
            required: false,
            members: Vec::new(),
        });
    }
    // In no definition either, but the vendor's tool sends them and the service takes them.
    for name in ["CreateFunction", "UpdateFunctionConfiguration"] {
        if let Some(action) = facts.actions.get_mut(name) {
            action.input.extend(UNDOCUMENTED.iter().map(|(name, kind)| Member {
                name: (*name).to_owned(),
                kind: *kind,
                item: None,
                required: false,
                members: Vec::new(),
            }));
        }
    }
    products.insert(SCF.to_owned(), facts);
    products
});

/// Settings that creation and configuration take though they are not declared.
const UNDOCUMENTED: &[(&str, FieldKind)] = &[
    ("DiskSize", FieldKind::Int),
    ("NodeType", FieldKind::String),
    ("NodeSpec", FieldKind::String),
];

/// Regions in which the product is offered, and after them those that tools of the platform
/// know besides.
const REGIONS: &[&str] = &[
    "ap-beijing",
    "ap-chengdu",
    "ap-chongqing",
    "ap-guangzhou",
    "ap-hongkong",
    "ap-jakarta",
    "ap-mumbai",
    "ap-nanjing",
    "ap-seoul",
    "ap-shanghai",
    "ap-shanghai-fsi",
    "ap-shenzhen-fsi",
    "ap-singapore",
    "ap-tokyo",
    "eu-frankfurt",
    "na-siliconvalley",
    "sa-saopaulo",
    "ap-bangkok",
    "ap-guangzhou-open",
    "eu-moscow",
    "na-ashburn",
    "na-toronto",
];

/// Whether there is such a region.
pub(super) fn is_region(name: &str) -> bool {
    REGIONS.contains(&name)
}

/// The product that this is about.
pub(super) const SCF: &str = "scf";

/// What the local SCF can be told that is no part of the API.
pub(super) const LOCAL: &str = "local";

/// The API version that requests to a product must name; `None` for a product that is not
/// served here.
pub(super) fn version(product: &str) -> Option<&'static str> {
    FACTS.get(product).map(|facts| facts.version.as_str())
}

/// The facts of an action, if it is declared.
pub(super) fn action(product: &str, name: &str) -> Option<&'static Action> {
    FACTS.get(product)?.actions.get(name)
}

/// Parameters that are in no definition, but that the older tools send and the
/// platform takes. The local SCF drops them from the older form of requests; a
/// client that signs by TC3 has no reason to send them.
const SENT_BY_OLDER_TOOLS: &[(&str, &[&str])] = &[
    ("CreateFunction", &["DeployMode", "L5Enable"]),
    ("UpdateFunctionConfiguration", &["DeployMode"]),
];

/// Whether a parameter is one that older tools send though it is not declared.
pub(super) fn is_sent_by_older_tools(action: &str, name: &str) -> bool {
    SENT_BY_OLDER_TOOLS.iter().any(|(other, names)| *other == action && names.contains(&name))
}

/// Checks names, presence and types of all parameters.
pub(super) fn check(action: &Action, parameters: &Map<String, Value>) -> Result<(), Refusal> {
    check_members(&action.input, parameters, "")
}

fn check_members(
    members: &[Member],
    values: &Map<String, Value>,
    path: &str,
) -> Result<(), Refusal> {
    for name in values.keys() {
        if !members.iter().any(|member| member.name == *name) {
            return Err(Refusal::new(
                "UnknownParameter",
                format!("The parameter `{path}{name}` is not recognized."),
            ));
        }
    }
    for member in members {
        let path = format!("{path}{}", member.name);
        match values.get(&member.name) {
            Some(value) => check_value(member, member.kind, value, &path)?,
            None if member.required => {
                return Err(Refusal::new(
                    "MissingParameter",
                    format!("The request is missing the required parameter `{path}`."),
                ));
            }
            None => {}
        }
    }
    Ok(())
}

fn check_value(member: &Member, kind: FieldKind, value: &Value, path: &str) -> Result<(), Refusal> {
    let right = match kind {
        FieldKind::String => value.is_string(),
        FieldKind::Int => value.is_i64(),
        FieldKind::Uint => value.is_u64(),
        FieldKind::Float => value.is_number(),
        FieldKind::Bool => value.is_boolean(),
        FieldKind::Object => match value.as_object() {
            Some(inner) => {
                check_members(&member.members, inner, &format!("{path}."))?;
                true
            }
            None => false,
        },
        FieldKind::List => match (value.as_array(), member.item) {
            (Some(items), Some(kind)) => {
                for (index, item) in items.iter().enumerate() {
                    check_value(member, kind, item, &format!("{path}.{index}"))?;
                }
                true
            }
            _ => false,
        },
    };
    if right {
        return Ok(());
    }
    let (wanted, found) = (wording(kind), describe(value));
    Err(Refusal::new(
        "InvalidParameter.Payload",
        format!("The parameter `{path}` must be {wanted}, but it is {found}."),
    ))
}

fn wording(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::String => "a string",
        FieldKind::Int => "an integer",
        FieldKind::Uint => "an integer not below 0",
        FieldKind::Float => "a number",
        FieldKind::Bool => "true or false",
        FieldKind::Object => "an object",
        FieldKind::List => "a list",
    }
}

fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "another number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Turns flattened text pairs (`Filters.0.Name=...`) into typed parameters.
///
/// Text that does not read as the declared type stays text, so that
/// [`check`] refuses it by its type. Undeclared names stay too.
pub(super) fn unflatten(
    action: Option<&Action>,
    pairs: &[(String, String)],
) -> Result<Map<String, Value>, Refusal> {
    let mut root = Node::default();
    for (key, value) in pairs {
        // Declared structures nest five deep at most; the cap keeps hostile
        // keys from building a deep tree.
        if key.split('.').count() > 16 {
            return Err(Refusal::new(
                "InvalidParameter",
                format!("The parameter `{key}` is nested too deeply."),
            ));
        }
        let mut node = &mut root;
        for part in key.split('.') {
            node = node.children.entry(part.to_owned()).or_default();
        }
        if node.text.replace(value.clone()).is_some() {
            return Err(Refusal::new(
                "InvalidParameter",
                format!("The parameter `{key}` is given twice."),
            ));
        }
    }
    let members = action.map_or(&[][..], |action| &action.input);
    root.members(members)
}

/// A name's part in flattened parameters.
#[derive(Default)]
struct Node {
    text: Option<String>,
    children: BTreeMap<String, Node>,
}

impl Node {
    fn members(&self, members: &[Member]) -> Result<Map<String, Value>, Refusal> {
        let mut values = Map::new();
        for (name, child) in &self.children {
            let member = members.iter().find(|member| member.name == *name);
            let kind = member.map_or(FieldKind::String, |member| member.kind);
            values.insert(name.clone(), child.value(member, kind)?);
        }
        Ok(values)
    }

    fn value(&self, member: Option<&Member>, kind: FieldKind) -> Result<Value, Refusal> {
        let Some(text) = &self.text else {
            return match (kind, member) {
                (FieldKind::List, Some(member)) => {
                    // Indexes sort as numbers: 10 comes after 9.
                    let mut items = Vec::new();
                    for (index, child) in &self.children {
                        let index: u32 = index.parse().map_err(|_| {
                            Refusal::new(
                                "InvalidParameter",
                                format!("`{index}` is not an index of the list `{}`.", member.name),
                            )
                        })?;
                        let kind = member.item.unwrap_or(FieldKind::String);
                        items.push((index, child.value(Some(member), kind)?));
                    }
                    items.order_by_key(|(index, _)| *index);
                    Ok(Value::Array(items.into_iter().map(|(_, item)| item).collect()))
                }
                (_, member) => {
                    let members = member.map_or(&[][..], |member| &member.members);
                    Ok(Value::Object(self.members(members)?))
                }
            };
        };
        if !self.children.is_empty() {
            return Err(Refusal::new(
                "InvalidParameter",
                "A parameter has both a value and members.",
            ));
        }
        let typed = match kind {
            FieldKind::Int => text.parse::<i64>().ok().map(Value::from),
            FieldKind::Uint => text.parse::<u64>().ok().map(Value::from),
            FieldKind::Float => text
                .parse::<i64>()
                .ok()
                .map(Value::from)
                .or_else(|| text.parse::<f64>().ok().map(Value::from))
                // Infinity and NaN have no JSON form.
                .filter(|value| !value.is_null()),
            FieldKind::Bool => text.to_ascii_lowercase().parse().ok().map(Value::Bool),
            FieldKind::String | FieldKind::Object | FieldKind::List => None,
        };
        Ok(typed.unwrap_or_else(|| Value::String(text.clone())))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use serde_json::json;

    /// Whoever changes the texts packs them anew: `PACK_FACTS=1 cargo test --lib packed_facts`.
    #[test]
    fn the_packed_facts_are_those_that_people_read() {
        for (name, packed, text) in [
            ("api", API, include_str!("api.json")),
            ("products", PRODUCTS, include_str!("products.json")),
        ] {
            if std::env::var_os("PACK_FACTS").is_some() {
                let level = flate2::Compression::best();
                let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), level);
                packer.write_all(text.as_bytes()).unwrap();
                let file = format!("{}/src/local/{name}.deflate", env!("CARGO_MANIFEST_DIR"));
                std::fs::write(file, packer.finish().unwrap()).unwrap();
            } else {
                assert!(inflated(packed) == text, "{name}: PACK_FACTS=1 cargo test --lib packed");
            }
        }
    }

    fn code(name: &str, parameters: &Value) -> String {
        let action = action(SCF, name).expect("declared");
        match check(action, parameters.as_object().expect("an object")) {
            Ok(()) => "ok".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn parameters_are_checked_by_the_declared_facts() {
        let alias = |extra: Value| {
            let mut all = json!({"FunctionName": "api", "Name": "prod", "FunctionVersion": "1"});
            let target = all.as_object_mut().expect("an object");
            target.extend(extra.as_object().expect("an object").clone());
            all
        };
        for (name, parameters, expected) in [
            ("UpdateAlias", alias(json!({})), "ok"),
            (
                "UpdateAlias",
                alias(json!({"functionName": "api"})),
                "UnknownParameter: The parameter `functionName` is not recognized.",
            ),
            (
                "UpdateAlias",
                alias(json!({"FunctionVersion": 1})),
                "InvalidParameter.Payload: The parameter `FunctionVersion` must be a string, but it is another number.",
            ),
            (
                "UpdateAlias",
                alias(json!({"RoutingConfig": {"AdditionVersionMatchs": []}})),
                "UnknownParameter: The parameter `RoutingConfig.AdditionVersionMatchs` is not recognized.",
            ),
            (
                "UpdateAlias",
                alias(json!({"RoutingConfig": {"AdditionalVersionWeights": [{"Version": "2"}]}})),
                "MissingParameter: The request is missing the required parameter `RoutingConfig.AdditionalVersionWeights.0.Weight`.",
            ),
            (
                "UpdateAlias",
                alias(
                    json!({"RoutingConfig": {"AdditionalVersionWeights": [{"Version": "2", "Weight": "0.1"}]}}),
                ),
                "InvalidParameter.Payload: The parameter `RoutingConfig.AdditionalVersionWeights.0.Weight` must be a number, but it is a string.",
            ),
            (
                "UpdateAlias",
                alias(json!({"RoutingConfig": []})),
                "InvalidParameter.Payload: The parameter `RoutingConfig` must be an object, but it is a list.",
            ),
            (
                "UpdateAlias",
                alias(json!({"Description": null})),
                "InvalidParameter.Payload: The parameter `Description` must be a string, but it is null.",
            ),
            (
                "GetFunction",
                json!({"ShowTriggers": "TRUE"}),
                "MissingParameter: The request is missing the required parameter `FunctionName`.",
            ),
            ("GetFunction", json!({"FunctionName": "api", "ShowTriggers": "TRUE"}), "ok"),
            (
                "ListFunctions",
                json!({"Limit": 1.5}),
                "InvalidParameter.Payload: The parameter `Limit` must be an integer, but it is another number.",
            ),
            (
                "ListAliases",
                json!({"FunctionName": "api", "Limit": 20}),
                "InvalidParameter.Payload: The parameter `Limit` must be a string, but it is another number.",
            ),
            (
                "UpdateFunctionConfiguration",
                json!({"FunctionName": "api", "Handler": "index.main"}),
                "UnknownParameter: The parameter `Handler` is not recognized.",
            ),
        ] {
            assert_eq!(code(name, &parameters), expected, "{name} {parameters}");
        }
    }

    #[test]
    fn flattened_text_becomes_typed_parameters() {
        let pairs = |items: &[(&str, &str)]| {
            items
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect::<Vec<_>>()
        };
        for (name, given, expected) in [
            (
                "UpdateAlias",
                pairs(&[
                    ("Name", "$DEFAULT"),
                    ("FunctionVersion", "3"),
                    ("RoutingConfig.AdditionalVersionWeights.0.Version", "3"),
                    ("RoutingConfig.AdditionalVersionWeights.0.Weight", "0.8"),
                ]),
                json!({"FunctionVersion": "3", "Name": "$DEFAULT",
                    "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "3", "Weight": 0.8}]}}),
            ),
            (
                "ListTriggers",
                pairs(&[
                    ("Limit", "20"),
                    ("Filters.0.Values.10", "c"),
                    ("Filters.0.Values.9", "b"),
                    ("Filters.0.Values.0", "a"),
                ]),
                json!({"Filters": [{"Values": ["a", "b", "c"]}], "Limit": 20}),
            ),
            (
                "CopyFunction",
                pairs(&[("Override", "true"), ("Limit.x", "1")]),
                json!({"Limit": {"x": "1"}, "Override": true}),
            ),
            (
                "ListTriggers",
                pairs(&[("Limit", "-1"), ("Offset", "many")]),
                json!({"Limit": "-1", "Offset": "many"}),
            ),
        ] {
            let parameters = unflatten(action(SCF, name), &given).expect("well formed");
            assert_eq!(Value::Object(parameters), expected, "{name}");
        }
        for (name, dropped) in [("DeployMode", true), ("FunctionName", false), ("Mode", false)] {
            assert_eq!(is_sent_by_older_tools("CreateFunction", name), dropped, "{name}");
        }
        for bad in [
            pairs(&[("A", "1"), ("A", "2")]),
            pairs(&[("A", "1"), ("A.b", "2")]),
            pairs(&[(&"a.".repeat(40), "1")]),
            pairs(&[("Filters.x.Name", "1")]),
        ] {
            assert!(unflatten(action(SCF, "ListTriggers"), &bad).is_err(), "{bad:?}");
        }
    }
}
