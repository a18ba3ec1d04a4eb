//! A recording, judged by these gates: would they have gone back, and when?

use crate::plan::gates::{self, GateJudgement, GateSettings, Judgement, SettledMinute, Verdict};
use crate::report::Said;
use crate::report::metric::number;
use crate::report::rehearsal::{
    Assumed, Exposure, RecordedEvent, RecordedGate, RecordedResult, Rehearsal, RehearsalEntry,
    RehearsalOutcome,
};
use crate::report::status::{MinutesOfVersion, RolloutMinutes};

/// Judges all minutes of a recording, also those after the way back.
///
/// `settle`: how old a minute is before it counts, in minutes, so that the way back comes this
/// much later.
pub(super) fn replay(
    recorded: &gates::Recording,
    settings: &GateSettings,
    settle: u32,
) -> Rehearsal {
    let minutes = &recorded.minutes;
    let judged = recorded.judge(settings);
    let back_at = judged.failed_at();
    let served = back_at.map_or(minutes.len(), |back| {
        back.saturating_add(usize::try_from(settle).unwrap_or(usize::MAX)).min(minutes.len())
    });
    let outcome =
        if back_at.is_some() { RehearsalOutcome::RolledBack } else { RehearsalOutcome::Done };
    Rehearsal {
        scenario: "recorded".to_owned(),
        title: recorded.title.clone(),
        function: None,
        alias_name: None,
        from: None,
        to: None,
        seed: None,
        outcome,
        reason: back_at.map(|_| "fail"),
        minutes: count(minutes.len()),
        timeline: timeline(recorded, settings, &judged),
        calls: Vec::new(),
        exposure: exposure(&minutes[..served]),
        repeats: None,
        recording: Some(RecordedResult {
            assumed: assumed(&judged),
            gates: judged.gates.iter().map(gate).collect(),
            back_at_minute: back_at,
        }),
    }
}

/// The minutes of a recording for a chart.
pub(super) fn series(recorded: &gates::Recording) -> RolloutMinutes {
    let side = |of: &dyn Fn(&SettledMinute) -> Option<gates::Side>| {
        let each = |value: &dyn Fn(gates::Side) -> Option<f64>| {
            recorded.minutes.iter().map(|minute| of(minute).and_then(value)).collect()
        };
        MinutesOfVersion {
            invocations: each(&|side| Some(side.calls)),
            error_rate: each(&|side| (side.calls > 0.0).then(|| side.errors / side.calls)),
            duration_ms: each(&|side| side.mean_ms),
        }
    };
    RolloutMinutes {
        // A minute of a recording has a number and no time.
        from: String::new(),
        period: 60,
        steps: Vec::new(),
        canary: side(&|minute| minute.canary),
        baseline: side(&|minute| minute.baseline),
    }
}

fn count(minutes: usize) -> u32 {
    u32::try_from(minutes).unwrap_or(u32::MAX)
}

fn exposure(minutes: &[SettledMinute]) -> Exposure {
    let mut sums = Exposure { calls: 0.0, bad: 0.0, throttled: 0.0 };
    for side in minutes.iter().filter_map(|minute| minute.canary) {
        sums.calls += side.calls;
        sums.bad += side.errors.min(side.calls);
        sums.throttled += side.throttled;
    }
    sums
}

fn assumed(judged: &Judgement) -> Assumed {
    let used = judged.used;
    Assumed {
        alpha: used.alpha,
        beta: used.beta,
        min_invocations: used.min_invocations,
        dispersion: used.dispersion,
        frozen_limit: used.frozen_limit,
        kappa2: used.kappa2,
    }
}

fn gate(gate: &GateJudgement) -> RecordedGate {
    RecordedGate {
        gate: gate.rule.kind().option(),
        value: gate.rule.value(),
        log_e_fail: gate.log_e_fail.clone(),
        log_e_pass: gate.log_e_pass.clone(),
        verdict: gate.verdicts.iter().map(|verdict| verdict.letter()).collect(),
    }
}

/// When each step began, when it went back, and the end.
fn timeline(
    recorded: &gates::Recording,
    settings: &GateSettings,
    judged: &Judgement,
) -> Vec<RehearsalEntry> {
    let steps = recorded.shares.len();
    let back_at = judged.failed_at();
    let entry = |minute: usize, step: usize, happened: RecordedEvent| RehearsalEntry {
        minute: count(minute),
        event: happened.word(),
        step: step + 1,
        share: number(recorded.shares.get(step).copied().unwrap_or_default()),
        reason: None,
        is_held: false,
        gates: Vec::new(),
        says: Said::new(&happened),
        numbers: Vec::new(),
    };
    let findings = |until: usize| {
        let early =
            gates::Recording { minutes: recorded.minutes[..until].to_vec(), ..recorded.clone() };
        early.judge(settings).findings().iter().map(Said::new).collect::<Vec<_>>()
    };
    let mut entries = Vec::new();
    let mut first = 1;
    for (index, share) in recorded.shares.iter().copied().enumerate() {
        entries.push(entry(first, index, RecordedEvent::Step { step: index + 1, steps, share }));
        let of_step = |minute: &&SettledMinute| minute.step == index;
        let until = first + recorded.minutes.iter().filter(of_step).count();
        if let Some(back) = back_at.filter(|back| (first..until).contains(back)) {
            let reason = Some("fail");
            let numbers = findings(back);
            let back = entry(back, index, RecordedEvent::Back { minute: back });
            entries.push(RehearsalEntry { reason, numbers, ..back });
        }
        first = until;
    }
    let all = recorded.minutes.len();
    if back_at.is_none() && all > 0 {
        let verdict = judged.verdicts.last().copied().unwrap_or(Verdict::Inconclusive).letter();
        let end = entry(all, steps.saturating_sub(1), RecordedEvent::End { verdict });
        entries.push(RehearsalEntry { numbers: findings(all), ..end });
    }
    entries
}

/// What stands in place of the schedule of a recording, so that nobody waits for its effect.
pub(super) const WITHOUT_EFFECT: [&str; 4] = ["--steps", "--interval", "--preset", "--bake"];

#[cfg(test)]
mod tests {
    use super::*;

    fn replayed(text: &str) -> Rehearsal {
        replay(&gates::Recording::read(text).unwrap(), &GateSettings::default(), 3)
    }

    #[test]
    fn the_worked_example_goes_back_in_its_third_minute() {
        let text = r#"{"format": 1,
            "steps": [{"share": 0.1, "minutes": [
                [[900, 9], [100, 1]], [[908, 8], [93, 6]], [[893, 10], [105, 7]], [null, null]]}]}"#;
        let found = replayed(text);
        assert_eq!(
            (found.outcome, found.reason, found.minutes),
            (RehearsalOutcome::RolledBack, Some("fail"), 4)
        );
        let recording = found.recording.unwrap();
        assert_eq!(recording.back_at_minute, Some(3));
        let gate = &recording.gates[0];
        assert_eq!((gate.gate, &*gate.value), ("max-error-rate-increase", "1.1x+0.05%"));
        assert_eq!(gate.verdict, "IIFF");
        assert_eq!((gate.log_e_fail.len(), gate.log_e_pass.len()), (4, 4));
        assert_eq!((recording.assumed.frozen_limit, recording.assumed.kappa2), (None, None));
        let events: Vec<_> =
            found.timeline.iter().map(|entry| (entry.minute, entry.event)).collect();
        assert_eq!(events, [(1, "begins"), (3, "back")]);
        assert_eq!(found.timeline[1].numbers.len(), 1);
    }

    #[test]
    fn what_is_assumed_is_used_and_shown() {
        let text = r#"{"format": 1, "title": "bad day", "history": [[1000, 10], [1000, 10]],
            "steps": [{"share": 1, "minutes": [[null, [1000, 60]], [null, [1000, 60]]]}],
            "assume": {"alpha": 0.02, "beta": 0.03, "min_invocations": 0, "dispersion": 1,
                       "frozen_limit": 0.017, "kappa2": 0.5}}"#;
        let found = replayed(text);
        assert_eq!(found.title.as_deref(), Some("bad day"));
        let recording = found.recording.unwrap();
        assert_eq!(
            serde_json::to_string(&recording.assumed).unwrap(),
            "{\"alpha\":0.02,\"beta\":0.03,\"min_invocations\":0,\"dispersion\":1.0,\
             \"frozen_limit\":0.017,\"kappa2\":0.5}"
        );
        assert_eq!(recording.gates[0].verdict, "IF");
    }
}
