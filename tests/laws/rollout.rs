//! What the marker of a rollout says of its alias, read from the documented format alone.

use serde_json::Value;

/// The fields of the marker in a description.
pub fn marker(description: &str) -> Option<Vec<&str>> {
    let line = description.lines().last()?.strip_prefix("scfctl v1 ")?;
    Some(line.split(", ").collect())
}

/// The user's own text in the description of an alias.
pub fn own_text(alias: &Value) -> String {
    let text = alias["description"].as_str().unwrap_or_default();
    match text.rsplit_once('\n') {
        Some((own, last)) if marker(last).is_some() => own.to_owned(),
        None if marker(text).is_some() => String::new(),
        _ => text.to_owned(),
    }
}

/// What is wrong with the routing of an alias by its own marker. `share` tells that of a version.
pub fn unlike_marker(alias: &Value, share: impl Fn(&str) -> f64) -> Option<String> {
    let fields = marker(alias["description"].as_str()?)?;
    let value = |key: &str| {
        let key = format!("{key} ");
        let values = fields.iter().find_map(|field| field.strip_prefix(&key))?;
        Some(values.replace("LATEST", "$LATEST"))
    };
    let (from, to, phase) = (value("from")?, value("to")?, value("phase")?);
    let shares: Vec<f64> =
        value("steps")?.split(' ').filter_map(|word| word.parse().ok()).collect();
    let step: usize = value("step")?.parse().ok()?;
    let expected = match phase.split(' ').next()? {
        "running" | "held" => shares[step - 1],
        "back" => 0.0,
        "done" | "ended" => return None,
        other => return Some(format!("phase {other}")),
    };
    let (new, old) = (share(&to), share(&from));
    // A weight that came back as a 32-bit float is up to 3e-8 more or less than was sent.
    let near = |one: f64, other: f64| (one - other).abs() < 1e-7;
    (!near(new, expected) || !near(old, 1.0 - expected))
        .then(|| format!("{from} has {old} and {to} {new} in step {step}, {phase}"))
}
