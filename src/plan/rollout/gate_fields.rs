//! Gates as the marker of a rollout has them.

use super::state::{Field, GateFields};
use crate::order::Order as _;
use crate::plan::gates::{
    Confidence, Dispersion, GateRule, GateSettings, MIN_INVOCATIONS, RuleError, RuleKind,
};

/// The gates as the marker has them.
#[must_use]
pub fn fields(settings: &GateSettings) -> Vec<Field> {
    let mut fields: Vec<Field> = settings
        .rules
        .iter()
        .map(|rule| {
            let value = rule.value();
            let values = value.split('+').map(|part| part.trim_end_matches('%').to_owned());
            (key(rule.kind()).to_owned(), values.collect())
        })
        .collect();
    let mut put = |key: &str, value: String| fields.push((key.to_owned(), vec![value]));
    if settings.min_invocations != MIN_INVOCATIONS {
        put("mincalls", settings.min_invocations.to_string());
    }
    if settings.confidence != Confidence::default() {
        put("confidence", settings.confidence.to_string().trim_end_matches('%').to_owned());
    }
    if let Some(dispersion) = settings.dispersion {
        put("dispersion", dispersion.to_string());
    }
    // In the order in which they are read again.
    fields.order_by_key(|(name, _)| GATE_KEYS.iter().position(|key| key == name));
    fields
}

/// The key of a rule in the marker.
pub(super) fn key(kind: RuleKind) -> &'static str {
    match kind {
        RuleKind::MaxErrorRateIncrease => "errorincrease",
        RuleKind::MaxErrorRate => "errorrate",
        RuleKind::MaxDurationIncrease => "durationincrease",
        RuleKind::MaxThrottles => "throttles",
    }
}

/// How a rollout is judged, by what its marker says; `None` where that makes no sense.
#[must_use]
pub fn settings(fields: &GateFields, functions: u32) -> Option<GateSettings> {
    let mut settings = GateSettings {
        rules: Vec::new(),
        functions: usize::try_from(functions).ok()?.max(1),
        ..GateSettings::default()
    };
    for (name, values) in &fields.values {
        let only = || match values.as_slice() {
            [value] => Some(value.as_str()),
            _ => None,
        };
        match name.as_str() {
            "mincalls" => settings.min_invocations = only()?.parse().ok()?,
            "confidence" => settings.confidence = format!("{}%", only()?).parse().ok()?,
            "dispersion" => settings.dispersion = Some(only()?.parse::<Dispersion>().ok()?),
            name => {
                let kind = RuleKind::ALL.into_iter().find(|kind| key(*kind) == name)?;
                settings.rules.push(rule(kind, values).ok()?);
            }
        }
    }
    // Nothing but what this program writes.
    (self::fields(&settings) == fields.values).then_some(settings)
}

pub(super) fn rule(kind: RuleKind, values: &[String]) -> Result<GateRule, RuleError> {
    let part = |value: &String| {
        // Factors and counts stand for themselves.
        let is_plain = kind == RuleKind::MaxThrottles || value.ends_with('x');
        if is_plain { value.clone() } else { format!("{value}%") }
    };
    GateRule::parse(kind, &values.iter().map(part).collect::<Vec<_>>().join("+"))
}

/// Keys of the values of gates, in their order.
pub const GATE_KEYS: [&str; 7] = [
    "errorincrease",
    "errorrate",
    "durationincrease",
    "throttles",
    "mincalls",
    "confidence",
    "dispersion",
];
