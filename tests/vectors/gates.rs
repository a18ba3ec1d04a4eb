//! Every look of the recorded rollouts: evidence to nine digits, verdicts exactly.

use rust_decimal::Decimal;
use scfctl::plan::gates::{
    Assume, GateRule, GateSettings, Judgement, SettledMinute, Side, Verdict, dispersion,
    frozen_limit, judge, kappa2,
};
use serde_json::Value;

use crate::text;

#[test]
fn every_look_of_every_vector() {
    let file: Value = serde_json::from_str(include_str!("../data/gates.json")).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let mut compared = [0; 3];
    for case in cases {
        let id = text(case, "id");
        let deviation = match text(&case["gate"], "kind") {
            "dispersion" => {
                compared[0] += 1;
                compare_dispersion(case)
            }
            "kappa2" => {
                compared[1] += 1;
                let ours = kappa2(&sides(&case["history"], true));
                same("kappa2", ours, case["expect"]["kappa2"].as_f64())
            }
            kind => {
                compared[2] += 1;
                compare_looks(case, kind)
            }
        };
        if let Err(deviation) = deviation {
            panic!("{id} ({}): {deviation}", text(case, "note"));
        }
    }
    assert_eq!(compared, [40, 20, 296]);
}

fn compare_dispersion(case: &Value) -> Result<(), String> {
    let history = sides(&case["history"], false);
    let ours = dispersion(&history);
    same("dispersion", Some(ours), case["expect"]["dispersion"].as_f64())?;
    let recent = sides(&case["recent"], false);
    let (ratio, plus) = (case["ratio"].as_f64().unwrap(), case["points"].as_f64().unwrap());
    let limit = frozen_limit(&history, &recent, ours, ratio, plus);
    same("frozen limit", limit, case["expect"]["frozen_limit"].as_f64())
}

fn compare_looks(case: &Value, kind: &str) -> Result<(), String> {
    let ours = look(case, kind);
    let (gate, expected) = (&ours.gates[0], &case["expect"]);
    for (name, ours) in [("log_e_fail", &gate.log_e_fail), ("log_e_pass", &gate.log_e_pass)] {
        let recorded = expected[name].as_array().unwrap();
        assert_eq!(ours.len(), recorded.len(), "{name}");
        for (index, (ours, recorded)) in ours.iter().zip(recorded).enumerate() {
            same(&format!("{name} of minute {}", index + 1), Some(*ours), recorded.as_f64())?;
        }
    }
    let letters: String = ours.verdicts.iter().map(|verdict: &Verdict| verdict.letter()).collect();
    let recorded = text(expected, "verdict");
    if letters == recorded {
        Ok(())
    } else {
        Err(format!("verdicts {letters}, recorded {recorded}"))
    }
}

fn look(case: &Value, kind: &str) -> Judgement {
    let gate = &case["gate"];
    // By their text, as an option would give them.
    let decimal = |key: &str| gate[key].to_string().parse::<Decimal>().unwrap();
    let rule = match kind {
        "error-increase" => {
            GateRule::MaxErrorRateIncrease { ratio: decimal("ratio"), plus: decimal("points") }
        }
        "error-rate" => GateRule::MaxErrorRate(decimal("limit")),
        "duration-increase" => GateRule::MaxDurationIncrease(decimal("limit")),
        other => panic!("there is no gate {other}"),
    };
    let timed = kind == "duration-increase";
    let mut minutes = Vec::new();
    for (step, recorded) in case["steps"].as_array().unwrap().iter().enumerate() {
        for minute in recorded["minutes"].as_array().unwrap() {
            minutes.push(SettledMinute {
                step,
                full: recorded["full"].as_bool().unwrap(),
                baseline: side(&minute[0], timed),
                canary: side(&minute[1], timed),
            });
        }
    }
    let assume = Assume {
        alpha: case["alpha"].as_f64(),
        beta: case["beta"].as_f64(),
        min_invocations: case["min_invocations"].as_f64(),
        dispersion: case["dispersion"].as_f64(),
        frozen_limit: Some(case["frozen_limit"].as_f64()),
        kappa2: Some(case["kappa2"].as_f64()),
    };
    judge(&[], &minutes, &GateSettings { rules: vec![rule], assume, ..GateSettings::default() })
}

fn sides(list: &Value, timed: bool) -> Vec<Option<Side>> {
    list.as_array().unwrap().iter().map(|point| side(point, timed)).collect()
}

fn side(point: &Value, timed: bool) -> Option<Side> {
    let point = point.as_array()?;
    let (calls, other) = (point[0].as_f64().unwrap(), point[1].as_f64());
    Some(if timed {
        Side { calls, mean_ms: other, ..Side::default() }
    } else {
        Side { calls, errors: other.unwrap(), ..Side::default() }
    })
}

/// To 10⁻⁹, relative above 1 and absolute below.
fn same(what: &str, ours: Option<f64>, recorded: Option<f64>) -> Result<(), String> {
    let agree = match (ours, recorded) {
        (None, None) => true,
        (Some(ours), Some(recorded)) => (ours - recorded).abs() <= 1e-9 * recorded.abs().max(1.0),
        (Some(_), None) | (None, Some(_)) => false,
    };
    if agree { Ok(()) } else { Err(format!("{what} {ours:?}, recorded {recorded:?}")) }
}
