//! From points of the monitor to what the gates say.

use super::machine::{Judgement, settled_until};
use super::state::{Field, GateFields, Rollout};
use crate::model::{Version, Weight};
use crate::order::Order as _;
use crate::plan::gates::{
    self, Confidence, Dispersion, HISTORY_MINUTES, MIN_INVOCATIONS, Rule, RuleError, RuleKind,
    Settings, Side, Verdict,
};

/// The minutes that gates look at, by Unix time over 60.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first minute of the history before the rollout.
    pub history: i64,
    /// The first minute of the rollout.
    pub from: i64,
    /// The first minute that is not old enough.
    pub until: i64,
}

/// The minutes that count at a time.
#[must_use]
pub fn window(rollout: &Rollout, now: chrono::DateTime<chrono::Utc>) -> Window {
    let minute = |minute: super::state::Minute| minute.start().timestamp().div_euclid(60);
    let began = minute(rollout.began);
    let from = began + i64::from(rollout.judged);
    let history = i64::try_from(HISTORY_MINUTES).unwrap_or(60);
    Window { history: began - history, from, until: minute(settled_until(rollout, now)).max(from) }
}

/// What was measured, in the form that the gates judge. `side` tells the point of a version in a
/// minute.
#[must_use]
pub fn series(
    rollout: &Rollout,
    window: Window,
    side: impl Fn(Version, i64) -> Option<Side>,
) -> (Vec<Option<Side>>, Vec<gates::Minute>) {
    let began = rollout.began.start().timestamp().div_euclid(60);
    let history = (window.history..began).map(|minute| side(rollout.from, minute)).collect();
    let minutes = (window.from..window.until).filter_map(|minute| {
        let offset = u32::try_from(minute - began).ok()?;
        if rollout.skipped.contains(&offset) {
            return None;
        }
        // The last step that had begun; one that was left out has no minute.
        let step = rollout.starts.iter().rposition(|start| *start <= offset)?;
        let full = rollout.schedule.step(step + 1).share == Weight::ONE;
        let (baseline, canary) = (side(rollout.from, minute), side(rollout.to, minute));
        Some(gates::Minute { step, full, baseline, canary })
    });
    (history, minutes.collect())
}

/// What the gates say of the step that a rollout is in.
#[must_use]
pub fn judgement(rollout: &Rollout, settings: &Settings, judged: &gates::Judgement) -> Judgement {
    let step = rollout.step - 1;
    let verdict = judged.verdict(step);
    let is_last_judged = judged.steps.last().is_some_and(|counts| counts.step == step);
    Judgement {
        fails: verdict == Verdict::Fail,
        passes: verdict == Verdict::Pass,
        leans_against: judged.leans_against(),
        // Where a command judges alone nothing is counted.
        enough: settings.rules.is_empty() || (is_last_judged && !judged.lacks_data(step)),
        not_yet: false,
    }
}

/// The gates as the marker has them.
#[must_use]
pub fn fields(settings: &Settings) -> Vec<Field> {
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
    fields.order_by_key(|(name, _)| super::marker::GATE_KEYS.iter().position(|key| key == name));
    fields
}

/// The key of a rule in the marker.
fn key(kind: RuleKind) -> &'static str {
    match kind {
        RuleKind::MaxErrorRateIncrease => "errorincrease",
        RuleKind::MaxErrorRate => "errorrate",
        RuleKind::MaxDurationIncrease => "durationincrease",
        RuleKind::MaxThrottles => "throttles",
    }
}

/// How a rollout is judged, by what its marker says; `None` where that makes no sense.
#[must_use]
pub fn settings(fields: &GateFields, functions: u32) -> Option<Settings> {
    let mut settings = Settings {
        rules: Vec::new(),
        functions: usize::try_from(functions).ok()?.max(1),
        ..Settings::default()
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

fn rule(kind: RuleKind, values: &[String]) -> Result<Rule, RuleError> {
    let part = |value: &String| {
        // Factors and counts stand for themselves.
        let is_plain = kind == RuleKind::MaxThrottles || value.ends_with('x');
        if is_plain { value.clone() } else { format!("{value}%") }
    };
    Rule::parse(kind, &values.iter().map(part).collect::<Vec<_>>().join("+"))
}
