//! Recorded cases against what we do, with the differences that are meant.

use std::collections::BTreeMap;

use serde_json::Value;

/// A case that comes out differently on purpose.
pub(crate) struct Difference<Outcome> {
    /// The case.
    pub(crate) id: &'static str,
    /// Why.
    pub(crate) reason: &'static str,
    /// What we do instead.
    pub(crate) ours: Outcome,
}

/// Compares all cases of a file and reports every deviation at once.
///
/// `judge` returns our outcome and whether it is the recorded one; `None` for
/// a case that is not compared here.
pub(crate) fn compare<Outcome: PartialEq + std::fmt::Debug>(
    cases: &[Value],
    differences: Vec<Difference<Outcome>>,
    mut judge: impl FnMut(&Value) -> Option<(Outcome, Result<(), String>)>,
) {
    let mut expected: BTreeMap<_, _> =
        differences.into_iter().map(|difference| (difference.id, difference)).collect();
    let mut failures = Vec::new();
    let mut compared = 0;
    for case in cases {
        let id = text(case, "id");
        let Some((ours, recorded)) = judge(case) else {
            continue;
        };
        compared += 1;
        let note = text(case, "note");
        match (expected.remove(id), recorded) {
            (None, Ok(())) => {}
            (None, Err(deviation)) => failures.push(format!("{id} ({note}): {deviation}")),
            (Some(difference), Ok(())) => failures.push(format!(
                "{id} ({note}): listed as different ({}), but it is not",
                difference.reason
            )),
            (Some(difference), Err(_)) if difference.ours == ours => {}
            (Some(difference), Err(_)) => failures.push(format!(
                "{id} ({note}): differs on purpose ({}), but not as listed:\n  listed {:?}\n  got    {ours:?}",
                difference.reason, difference.ours
            )),
        }
    }
    for id in expected.keys() {
        failures.push(format!("{id}: listed as different, but no such case was compared"));
    }
    assert!(compared > 0, "no case was compared");
    assert!(
        failures.is_empty(),
        "{} of {compared} cases fail:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// Reads the cases of a file that is part of the test binary.
pub(crate) fn cases(file: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(file).expect("a vector file is JSON");
    file["cases"].as_array().expect("a list of cases").clone()
}

/// Returns a text of a case, empty where there is none.
pub(crate) fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_default()
}
