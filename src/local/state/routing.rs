//! The routing of an alias: its rules, and the choice for one request.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value, json};

use super::super::behaviour::{
    AliasOnPublishing, RangeBrackets, ShownWeights, TwoWeights, WeightStep,
};
use super::super::error::Refusal;
use super::request::Request;
use super::{Alias, Function, LATEST};
use crate::order::Order as _;

/// What an alias sends elsewhere than to its main version.
///
/// The lists may hold several entries: other tools leave such aliases behind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Routing {
    #[serde(rename = "AdditionalVersionWeights", default)]
    weights: Vec<Weight>,
    #[serde(rename = "AddtionVersionMatchs", default)]
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Weight {
    version: String,
    /// Kept as it was sent: 0.1 comes back as 0.1.
    weight: Number,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rule {
    version: String,
    key: String,
    method: String,
    expression: String,
}

impl Routing {
    /// Whether all traffic goes to the main version.
    pub(super) fn is_empty(&self) -> bool {
        self.weights.is_empty() && self.rules.is_empty()
    }

    /// The versions named beside the main one.
    pub(super) fn versions(&self) -> impl Iterator<Item = &str> {
        let weights = self.weights.iter().map(|weight| weight.version.as_str());
        weights.chain(self.rules.iter().map(|rule| rule.version.as_str()))
    }

    /// The share of a version in calls of which so many match a rule, where there is one.
    pub(super) fn share(&self, main: &str, version: &str, matching: f64) -> f64 {
        let mut rest = 1.0;
        let mut share = 0.0;
        if let Some(rule) = self.rules.first() {
            rest -= matching;
            share += if rule.version == version { matching } else { 0.0 };
        }
        let unmatched = rest;
        for weight in &self.weights {
            // As the draw for one request goes.
            let part = (weight.weight.as_f64().unwrap_or_default() * unmatched).min(rest);
            rest -= part;
            share += if weight.version == version { part } else { 0.0 };
        }
        share + if main == version { rest } else { 0.0 }
    }

    /// As answers show it: both lists, even when empty.
    pub(super) fn show(&self, request: &Request) -> Value {
        let mut shown = self.clone();
        for weight in &mut shown.weights {
            weight.weight = show_weight(&weight.weight, request.context.behaviour.weights);
        }
        serde_json::to_value(shown).unwrap_or_else(|_| json!({}))
    }

    /// Reads and checks the `RoutingConfig` of a request, if it has one.
    pub(super) fn read(
        request: &Request,
        function: &Function,
        main: &str,
    ) -> Result<Option<Self>, Refusal> {
        check_version(request, function, main)?;
        let Some(value) = request.value("RoutingConfig") else {
            return Ok(None);
        };
        let routing: Self = serde_json::from_value(value.clone())
            .map_err(|error| routing_error(request, &error.to_string()))?;
        if !routing.weights.is_empty() && !routing.rules.is_empty() {
            return Err(routing_error(request, "weights and match rules exclude each other"));
        }
        let mut others: Vec<_> = routing.versions().collect();
        others.order();
        others.dedup();
        if others.len() > 1 || routing.weights.len() > 1 {
            let code = match request.context.behaviour.two_weights {
                TwoWeights::Weights => "InvalidParameterValue.AdditionalVersionWeights",
                TwoWeights::RoutingValue => "InvalidParameterValue.RoutingConfig",
                TwoWeights::Routing => "InvalidParameter.RoutingConfig",
            };
            return Err(Refusal::new(code, "An alias has at most one additional version."));
        }
        for version in others {
            if version == main {
                return Err(weight_error(
                    request,
                    &format!("the additional version is the main version `{main}`"),
                ));
            }
            check_version(request, function, version)?;
        }
        for weight in &routing.weights {
            check_weight(request, &weight.weight)?;
        }
        for rule in &routing.rules {
            rule.check(request)?;
        }
        Ok(Some(routing))
    }
}

/// Checks that a version is there and can be pointed at.
fn check_version(request: &Request, function: &Function, name: &str) -> Result<(), Refusal> {
    let missing = |text: &str| {
        Refusal::new("ResourceNotFound.FunctionVersion", format!("The version `{name}` {text}."))
    };
    let version = function
        .versions
        .get(name)
        .filter(|version| request.sees(name, version))
        .ok_or_else(|| missing("does not exist"))?;
    // `$LATEST` keeps serving while it changes.
    if name == LATEST || version.status.is_active() {
        return Ok(());
    }
    let failed = Refusal::new(
        format!("FailedOperation.{}", request.action),
        format!("The version `{name}` is {}.", version.status.name),
    );
    if version.status.name != "Publishing" {
        return Err(failed);
    }
    match request.context.behaviour.alias_on_publishing {
        AliasOnPublishing::Failed => Err(failed),
        AliasOnPublishing::NotFound => Err(missing("is not published yet")),
        AliasOnPublishing::Allowed => Ok(()),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a narrower float is what is shown")]
fn show_weight(weight: &Number, shown: ShownWeights) -> Number {
    if !weight.is_f64() {
        return weight.clone();
    }
    let exact = weight.as_f64().unwrap_or_default();
    let number = match shown {
        ShownWeights::Exact => return weight.clone(),
        ShownWeights::Float32 => f64::from(exact as f32),
        ShownWeights::Percent => (exact * 100.0).round() / 100.0,
    };
    Number::from_f64(number).unwrap_or_else(|| weight.clone())
}

fn check_weight(request: &Request, weight: &Number) -> Result<(), Refusal> {
    let value = weight.as_f64().unwrap_or(-1.0);
    if !(0.0..=1.0).contains(&value) {
        return Err(weight_error(request, &format!("the weight {weight} is not between 0 and 1")));
    }
    // The shortest text of the number tells its decimals; 1e-7 has an exponent.
    let text = weight.to_string();
    let decimals = text.split_once('.').map_or(0, |(_, digits)| digits.len());
    let fine = decimals > 2 || text.contains(['e', 'E']);
    if fine && request.context.behaviour.weight_step == WeightStep::Percent {
        return Err(weight_error(
            request,
            &format!("the weight {weight} has more than two decimals"),
        ));
    }
    Ok(())
}

fn weight_error(request: &Request, text: &str) -> Refusal {
    request.refuse(
        &["InvalidParameterValue.AdditionalVersionWeights", "InvalidParameterValue.RoutingConfig"],
        format!("The routing is wrong: {text}."),
    )
}

fn routing_error(request: &Request, text: &str) -> Refusal {
    request
        .refuse(&["InvalidParameterValue.RoutingConfig"], format!("The routing is wrong: {text}."))
}

impl Rule {
    fn check(&self, request: &Request) -> Result<(), Refusal> {
        let name = self.key.strip_prefix("invoke.headers.").unwrap_or_default();
        if name.is_empty() {
            return Err(routing_error(
                request,
                &format!("the key `{}` is not invoke.headers.<name>", self.key),
            ));
        }
        let right = match self.method.as_str() {
            "exact" => !self.expression.is_empty(),
            "range" => Range::read(&self.expression).is_some_and(|range| {
                range.from_closed == range.to_closed
                    || request.context.behaviour.range_brackets == RangeBrackets::Mixed
            }),
            other => {
                return Err(routing_error(
                    request,
                    &format!("the method `{other}` is neither exact nor range"),
                ));
            }
        };
        if right {
            return Ok(());
        }
        Err(routing_error(
            request,
            &format!("`{}` is not an expression of {}", self.expression, self.method),
        ))
    }

    fn matches(&self, keys: &Map<String, Value>) -> bool {
        let value = self
            .key
            .strip_prefix("invoke.headers.")
            .and_then(|name| keys.get(name))
            .and_then(Value::as_str);
        match (self.method.as_str(), value) {
            ("exact", Some(value)) => value == self.expression,
            ("range", Some(value)) => value.parse().is_ok_and(|number| {
                Range::read(&self.expression).is_some_and(|range| range.contains(number))
            }),
            _ => false,
        }
    }
}

/// An interval of integers such as `[0,30)`.
struct Range {
    from: i64,
    from_closed: bool,
    to: i64,
    to_closed: bool,
}

impl Range {
    fn read(text: &str) -> Option<Self> {
        let from_closed = match text.as_bytes().first()? {
            b'[' => true,
            b'(' => false,
            _ => return None,
        };
        let to_closed = match text.as_bytes().last()? {
            b']' => true,
            b')' => false,
            _ => return None,
        };
        let (from, to) = text.get(1..text.len().checked_sub(1)?)?.split_once(',')?;
        let range = Self { from: from.parse().ok()?, from_closed, to: to.parse().ok()?, to_closed };
        (range.from <= range.to).then_some(range)
    }

    fn contains(&self, number: i64) -> bool {
        let above = number > self.from || (self.from_closed && number == self.from);
        let below = number < self.to || (self.to_closed && number == self.to);
        above && below
    }
}

impl Alias {
    /// The version that serves a request, for a draw from 0 up to 1.
    ///
    /// A routing key that is missing, unreadable or matches no rule goes to the
    /// main version.
    pub(super) fn choose(&self, routing_key: Option<&str>, draw: f64) -> &str {
        let keys = routing_key.and_then(|text| serde_json::from_str::<Map<_, _>>(text).ok());
        if let Some(keys) = keys {
            let rule = self.routing.rules.iter().find(|rule| rule.matches(&keys));
            if let Some(rule) = rule {
                return &rule.version;
            }
        }
        let mut share = 0.0;
        for weight in &self.routing.weights {
            share += weight.weight.as_f64().unwrap_or_default();
            if draw < share {
                return &weight.version;
            }
        }
        &self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};

    fn alias(routing: &Value) -> Alias {
        let moment = super::super::Moment(DateTime::<Utc>::UNIX_EPOCH);
        Alias {
            version: "1".to_owned(),
            description: String::new(),
            routing: serde_json::from_value(routing.clone()).expect("a routing"),
            added: moment,
            modified: moment,
        }
    }

    #[test]
    fn the_draw_decides_by_weight() {
        let one = alias(&json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.1}]}));
        let all = alias(&json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": 1}]}));
        let none = alias(&json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": 0}]}));
        let two = alias(&json!({"AdditionalVersionWeights": [
            {"Version": "2", "Weight": 0.1}, {"Version": "3", "Weight": 0.2}]}));
        for (alias, draw, expected) in [
            (&one, 0.0, "2"),
            (&one, 0.099, "2"),
            (&one, 0.1, "1"),
            (&one, 0.999, "1"),
            (&all, 0.999, "2"),
            (&none, 0.0, "1"),
            (&two, 0.15, "3"),
            (&two, 0.5, "1"),
        ] {
            assert_eq!(alias.choose(None, draw), expected, "{draw}");
        }
    }

    #[test]
    fn rules_match_the_routing_key() {
        let rule = |method: &str, expression: &str| {
            alias(&json!({"AddtionVersionMatchs": [{"Version": "2", "Key": "invoke.headers.User",
                "Method": method, "Expression": expression}]}))
        };
        for (method, expression, key, expected) in [
            ("exact", "Bob", Some(r#"{"User":"Bob"}"#), "2"),
            ("exact", "Bob", Some(r#"{"User":"bob"}"#), "1"),
            ("exact", "Bob", Some(r#"{"Who":"Bob"}"#), "1"),
            ("exact", "Bob", Some("Bob"), "1"),
            ("exact", "Bob", None, "1"),
            ("range", "[0,30)", Some(r#"{"User":"0"}"#), "2"),
            ("range", "[0,30)", Some(r#"{"User":"29"}"#), "2"),
            ("range", "[0,30)", Some(r#"{"User":"30"}"#), "1"),
            ("range", "(0,30]", Some(r#"{"User":"0"}"#), "1"),
            ("range", "(0,30]", Some(r#"{"User":"30"}"#), "2"),
            ("range", "(0,30]", Some(r#"{"User":"x"}"#), "1"),
        ] {
            assert_eq!(
                rule(method, expression).choose(key, 0.0),
                expected,
                "{method} {expression} {key:?}"
            );
        }
    }

    #[test]
    fn ranges_are_two_integers_in_brackets() {
        for (text, right) in [
            ("(1,2)", true),
            ("[1,2]", true),
            ("[1,2)", true),
            ("[-5,5]", true),
            ("[1, 2]", false),
            ("[1;2]", false),
            ("[2,1]", false),
            ("1,2", false),
            ("[1,2", false),
            ("[", false),
            ("", false),
            ("é1,2é", false),
        ] {
            assert_eq!(Range::read(text).is_some(), right, "{text}");
        }
    }
}
