//! What ticks say and come to, as values of `report`.

use chrono::{DateTime, SecondsFormat, Utc};

use super::tick::{Judged, TickNews, TickOutcome, Ticked};
use crate::model::{Alias, FunctionId};
use crate::plan::gates::{Estimate, Finding, Measured, Verdict};
use crate::plan::rollout::line::{CommandAnswer, LineDoes, RolloutLine};
use crate::plan::rollout::machine::{self, Decision, Ground, Transition, Waiting};
use crate::plan::rollout::schedule::Hold;
use crate::plan::rollout::state::{Phase, Rollout};
use crate::report::Said;
use crate::report::rollout::{self, Event, Evidence, Gate, GateSide, RolloutStatus};
use crate::text::Text;

/// Lines for people.
pub(super) fn lines(told: &TickNews<'_>) -> Vec<Box<dyn Text>> {
    let line = |rollout: &Rollout, does| -> Box<dyn Text> {
        Box::new(RolloutLine { rollout: rollout.clone(), does })
    };
    match told {
        TickNews::NoAnswer(_) => Vec::new(),
        TickNews::Waits { rollout, why, until } => {
            vec![line(rollout, LineDoes::Waits(*why, *until))]
        }
        TickNews::Looked { rollout, judged, decision, .. } => {
            let mut lines: Vec<Box<dyn Text>> = judged
                .findings()
                .iter()
                .map(|finding| line(rollout, LineDoes::Finds(Box::new(finding.clone()))))
                .collect();
            lines.extend(judged.command.map(|answer| line(rollout, LineDoes::Commands(answer))));
            if let Decision::Wait { until, why } = decision {
                lines.push(line(rollout, LineDoes::Waits(*why, *until)));
            }
            lines
        }
        TickNews::Wrote { rollout, transition, .. } => {
            vec![line(rollout, LineDoes::Transition(*transition))]
        }
    }
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn event_of(
    (function, alias): (&FunctionId, &str),
    rollout: &Rollout,
    now: DateTime<Utc>,
    event: &'static str,
) -> Event {
    Event {
        event,
        time: time(now),
        function: function.into(),
        alias_name: alias.to_owned(),
        rollout: rollout.id.clone(),
        from: rollout.from,
        to: rollout.to,
        step: rollout.step,
        steps: rollout.schedule.count(),
        share: rollout.current().share,
        phase: rollout.phase.word(),
        reason: None,
        verdict: None,
        gates: Vec::new(),
        failed_at_minute: None,
        next_look: None,
        says: None,
    }
}

/// The line for programs of a look that asked no gate and wrote nothing; `None` for others, which
/// were told when they were made.
pub(super) fn still(function: &FunctionId, ticked: &Ticked, now: DateTime<Utc>) -> Option<Event> {
    let Ticked { alias, rollout, judged, outcome } = ticked;
    let rollout = rollout.as_ref().filter(|_| judged.is_none())?;
    let (reason, next_look) = match outcome {
        TickOutcome::Wrote(_) | TickOutcome::Due(_) => return None,
        TickOutcome::Wait(until, why) => (Some(waiting_word(*why)), Some(time(*until))),
        _ => (rollout.phase.reason(), None),
    };
    Some(Event { reason, next_look, ..event_of((function, &alias.name), rollout, now, "look") })
}

/// The line for programs.
pub(super) fn event(function: &FunctionId, alias: &str, told: &TickNews<'_>) -> Option<Event> {
    let of = |rollout: &Rollout, now: DateTime<Utc>, event: &'static str| {
        event_of((function, alias), rollout, now, event)
    };
    match told {
        TickNews::NoAnswer(_) | TickNews::Waits { .. } => None,
        TickNews::Looked { rollout, now, judged, decision } => {
            let (reason, next_look) = match decision {
                Decision::Wait { until, why } => (Some(waiting_word(*why)), Some(time(*until))),
                _ => (None, None),
            };
            Some(Event {
                reason,
                verdict: Some(verdict(judged.judgement)),
                gates: gates(judged),
                failed_at_minute: judged.failed_at(),
                next_look,
                ..of(rollout, *now, "look")
            })
        }
        TickNews::Wrote { rollout, now, transition, .. } => {
            let (event, reason) = words(*transition);
            let reason = reason.or_else(|| rollout.phase.reason());
            let line = RolloutLine {
                rollout: (*rollout).clone(),
                does: LineDoes::Transition(*transition),
            };
            let says = Some(Said::new(&line));
            Some(Event { reason, says, ..of(rollout, *now, event) })
        }
    }
}

/// The words for programs of a transition and of its reason.
fn words(transition: Transition) -> (&'static str, Option<&'static str>) {
    match transition {
        Transition::Begins => ("begins", None),
        Transition::Advances(ground) => ("advances", Some(ground_word(ground))),
        Transition::Holds(reason) => ("holds", Some(reason.word())),
        Transition::Resumes => ("resumes", None),
        Transition::Retries => ("retries", None),
        Transition::Back(reason) => ("back", Some(reason.word())),
        Transition::Finishes(ground) => ("finishes", Some(ground_word(ground))),
        Transition::RollsBack => ("rolls-back", None),
    }
}

fn ground_word(ground: Ground) -> &'static str {
    match ground {
        Ground::Passed => "passed",
        Ground::TimeOver => "time-over",
        Ground::NothingJudged => "nothing-judged",
        Ground::NoData => "nodata",
        Ground::Inconclusive => "inconclusive",
        Ground::Promoted => "promoted",
    }
}

fn waiting_word(why: Waiting) -> &'static str {
    match why {
        Waiting::Clock => "clock",
        Waiting::Settling => "settling",
        Waiting::MoreData => "more-data",
        Waiting::MoreEvidence => "more-evidence",
        Waiting::Content => "content",
    }
}

fn verdict(judgement: machine::JointVerdict) -> &'static str {
    if judgement.fails {
        "fail"
    } else if judgement.passes {
        "pass"
    } else {
        "inconclusive"
    }
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fail => "fail",
        Verdict::Pass => "pass",
        Verdict::Inconclusive => "inconclusive",
    }
}

/// What the gates said.
pub(super) fn gates(judged: &Judged) -> Vec<Gate> {
    let command = judged.command.map(|answer| Gate {
        gate: "gate-cmd".to_owned(),
        value: None,
        verdict: match answer {
            CommandAnswer::Pass => "pass",
            CommandAnswer::Fail => "fail",
            CommandAnswer::NotYet => "inconclusive",
        },
        canary: None,
        baseline: None,
        against: None,
        in_favour: None,
        failures_to_fail: None,
        calls_to_pass: None,
        text: String::new(),
        says: None,
    });
    judged.findings().iter().map(gate).chain(command).collect()
}

fn gate(finding: &Finding) -> Gate {
    let purse = |purse: &crate::plan::gates::Evidence| Evidence {
        log: purse.log,
        log_needed: purse.log_needed,
    };
    let (canary, baseline) = sides(&finding.measured);
    let outlook = finding.outlook;
    Gate {
        gate: finding.rule.kind().option().to_owned(),
        value: Some(finding.rule.value()),
        verdict: verdict_word(finding.verdict),
        canary: Some(canary),
        baseline: Some(baseline),
        against: Some(purse(&finding.against)),
        in_favour: finding.favour.as_ref().map(purse),
        failures_to_fail: outlook.and_then(|outlook| outlook.failures).map(|need| need.calls),
        calls_to_pass: outlook.and_then(|outlook| outlook.clean).map(|need| need.calls),
        text: finding.to_string(),
        says: Some(Said::new(finding)),
    }
}

fn sides(measured: &Measured) -> (GateSide, GateSide) {
    let shares = |estimate: &Estimate| GateSide {
        calls: estimate.calls,
        bad: Some(estimate.bad),
        estimate: estimate.rate.map(|rate| rate.value),
        interval: estimate.rate.map(|rate| [rate.low, rate.high]),
    };
    let means = |calls: f64, mean: Option<f64>| GateSide {
        calls,
        bad: None,
        estimate: mean,
        interval: None,
    };
    match measured {
        Measured::Errors { canary, baseline } | Measured::Throttles { canary, baseline, .. } => {
            (shares(canary), shares(baseline))
        }
        Measured::Durations { canary_calls, canary_ms, baseline_calls, baseline_ms, .. } => {
            (means(*canary_calls, *canary_ms), means(*baseline_calls, *baseline_ms))
        }
    }
}

/// What a rollout came to.
pub(super) fn status(
    function: &FunctionId,
    ticked: &Ticked,
    undo: Option<String>,
) -> RolloutStatus {
    let Ticked { alias, rollout, judged, outcome } = ticked;
    let memory = machine::memory(alias).unwrap_or_default();
    RolloutStatus {
        function: function.into(),
        alias_name: alias.name.clone(),
        outcome: outcome_word(outcome, rollout.as_ref()),
        rollout: rollout.as_ref().map(of_rollout),
        routing: alias.routing.clone(),
        waits_for: match outcome {
            TickOutcome::Wait(_, why) => Some(waiting_word(*why)),
            _ => None,
        },
        due: match outcome {
            TickOutcome::Due(transition) => Some(words(*transition).0),
            _ => None,
        },
        next_look: match outcome {
            TickOutcome::Wait(until, _) => Some(time(*until)),
            _ => None,
        },
        gates: judged.as_ref().map(gates).unwrap_or_default(),
        before: memory.before,
        rolled_back: memory.rolled_back,
        mod_time: modified(alias),
        undo,
    }
}

fn modified(alias: &Alias) -> Option<String> {
    Some(alias.modified.clone()).filter(|time| !time.is_empty())
}

fn outcome_word(outcome: &TickOutcome, rollout: Option<&Rollout>) -> &'static str {
    let by_phase = |phase: Phase| match phase {
        Phase::Running => "waiting",
        Phase::Held(_) => "held",
        Phase::Back(_) => "rolled-back",
        Phase::Done => "done",
        Phase::Ended => "ended",
    };
    match outcome {
        TickOutcome::NoRollout => rollout.map_or("none", |rollout| by_phase(rollout.phase)),
        TickOutcome::Foreign(_) => "unknown-marker",
        TickOutcome::Moved(_) => "moved",
        TickOutcome::Ended(phase) => by_phase(*phase),
        TickOutcome::Held(_) => "held",
        TickOutcome::Wait(..) => "waiting",
        TickOutcome::Due(_) => "due",
        TickOutcome::Wrote(transition) => match transition {
            Transition::Begins | Transition::Retries => match rollout.map(|one| one.phase) {
                Some(Phase::Held(_)) => "held",
                _ => "begun",
            },
            Transition::Advances(_) => match rollout.map(|one| one.phase) {
                Some(Phase::Held(_)) => "held",
                _ => "advanced",
            },
            Transition::Resumes => match rollout.map(|one| one.phase) {
                Some(Phase::Held(_)) => "held",
                _ => "resumed",
            },
            Transition::Holds(_) => "held",
            Transition::Back(_) | Transition::RollsBack => "rolled-back",
            Transition::Finishes(_) => "done",
        },
    }
}

/// A rollout, for programs.
pub(super) fn of_rollout(rollout: &Rollout) -> rollout::Rollout {
    let began = rollout.began;
    let steps = rollout.schedule.steps().iter().enumerate();
    rollout::Rollout {
        id: rollout.id.clone(),
        from: rollout.from,
        to: rollout.to,
        phase: rollout.phase.word(),
        reason: rollout.phase.reason(),
        step: rollout.step,
        steps: steps
            .map(|(position, step)| rollout::RolloutStep {
                share: step.share,
                minutes: match step.hold {
                    Hold::Minutes(minutes) => Some(minutes),
                    Hold::Pause => None,
                },
                began: rollout.starts.get(position).map(|start| time(began.plus(*start).start())),
            })
            .collect(),
        began: time(began.start()),
        frozen: rollout.frozen,
        advances_early: rollout.choices.advance_early,
    }
}
