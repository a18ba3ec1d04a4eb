//! What a rehearsal found.

use serde::{Serialize, Serializer};

/// A recording, replayed against gates. Its keys are those of its file, in `snake_case`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recorded {
    /// `recorded`.
    pub scenario: &'static str,
    /// What it is a recording of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The numbers that were really used, computed or given.
    pub assumed: Assumed,
    /// What each gate said.
    pub gates: Vec<RecordedGate>,
    /// How it would have ended.
    pub outcome: RecordedOutcome,
    /// The first minute that failed, from 1.
    pub back_at_minute: Option<usize>,
}

/// The numbers that were really used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Assumed {
    /// Of each gate.
    pub alpha: f64,
    /// Of each gate.
    pub beta: f64,
    /// Canary calls in a step before it can pass.
    #[serde(serialize_with = "whole")]
    pub min_invocations: f64,
    /// By which counts of errors are divided.
    pub dispersion: f64,
    /// Limit of the error rate at 100 %.
    pub frozen_limit: Option<f64>,
    /// Squared coefficient of variation of one call's duration.
    pub kappa2: Option<f64>,
}

/// What one gate said after each minute of a recording.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecordedGate {
    /// Its option, without dashes in front.
    pub gate: &'static str,
    /// The option's value.
    pub value: String,
    /// Logarithm of the evidence against the canary.
    pub log_e_fail: Vec<f64>,
    /// Logarithm of the evidence for it.
    pub log_e_pass: Vec<f64>,
    /// One letter a minute: F, P or I.
    pub verdict: String,
}

/// How a recording would have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordedOutcome {
    /// A gate failed.
    RolledBack,
    /// None did.
    Done,
}

/// A whole number without a point.
// Whole and far below 2^53.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
// Serde hands out references.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn whole<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.fract() == 0.0 && (0.0..1e15).contains(value) {
        serializer.serialize_u64(*value as u64)
    } else {
        serializer.serialize_f64(*value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_those_of_the_document() {
        let recorded = Recorded {
            scenario: "recorded",
            title: None,
            assumed: Assumed {
                alpha: 0.01,
                beta: 0.05,
                min_invocations: 50.0,
                dispersion: 2.4,
                frozen_limit: Some(0.019),
                kappa2: None,
            },
            gates: vec![RecordedGate {
                gate: "max-error-rate-increase",
                value: "1.1x+0.05%".to_owned(),
                log_e_fail: vec![-0.27, 1.03],
                log_e_pass: vec![0.1, 0.3],
                verdict: "IF".to_owned(),
            }],
            outcome: RecordedOutcome::RolledBack,
            back_at_minute: Some(2),
        };
        assert_eq!(
            serde_json::to_string(&recorded).unwrap(),
            "{\"scenario\":\"recorded\",\"assumed\":{\"alpha\":0.01,\"beta\":0.05,\
             \"min_invocations\":50,\"dispersion\":2.4,\"frozen_limit\":0.019,\"kappa2\":null},\
             \"gates\":[{\"gate\":\"max-error-rate-increase\",\"value\":\"1.1x+0.05%\",\
             \"log_e_fail\":[-0.27,1.03],\"log_e_pass\":[0.1,0.3],\"verdict\":\"IF\"}],\
             \"outcome\":\"rolled-back\",\"back_at_minute\":2}"
        );
    }
}
