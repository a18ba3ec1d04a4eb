//! What a page says of all functions of a project together.

use chrono::{DateTime, TimeDelta, Utc};

use super::timeline::{happened, instant};
use super::words::AllStand;
use super::{Account, PagePart, ReportEnding, ReportStep, StepResult, Unknown, part};
use crate::report::rehearsal::Exposure;
use crate::report::rollout::Event;
use crate::report::said::Said;
use crate::report::status::{Next, outcome_of_all};

/// Results of a step in one function, the one that says most of all functions first.
const TELLING: [StepResult; 8] = [
    StepResult::Back,
    StepResult::Held,
    StepResult::Current,
    StepResult::Ended,
    StepResult::NotReached,
    StepResult::Promoted,
    StepResult::Skipped,
    StepResult::Passed,
];

/// Returns what a page says of each function of a project.
pub(super) fn functions(
    accounts: Vec<Account>,
    events: &[Event],
    ending: &ReportEnding,
    ended: Option<DateTime<Utc>>,
) -> Vec<PagePart> {
    let is_alone = accounts.len() == 1;
    let function = |account: Account| {
        let is_own = |event: &&Event| account.function.as_ref() == Some(&event.function);
        let events: Vec<Event> = events.iter().filter(is_own).cloned().collect();
        let (error, said) = match account.failure.as_deref() {
            _ if is_alone => (ending.error.clone(), ending.said.clone()),
            Some([error, said]) => (Some(error.clone()), Some(said.clone())),
            None => (None, None),
        };
        // What stopped the whole command kept this function from a result, too.
        let is_stopped = error.is_none() && account.found.is_none();
        let own = ReportEnding { exit_code: ending.exit_code, error, said };
        let mut function = part::of(account, &events, own, ended);
        if is_stopped {
            function.summary = part::failed(ending);
        }
        function
    };
    accounts.into_iter().map(function).collect()
}

/// Returns what a page says of all `functions` together.
pub(super) fn whole(functions: &[PagePart], events: &[Event], ending: ReportEnding) -> PagePart {
    let outcome = outcome(functions);
    let summary = match outcome {
        "failed" | "interrupted" => part::failed(&ending),
        outcome => Said::new(&AllStand::of(functions, outcome)),
    };
    let began = functions.iter().filter_map(began).min();
    PagePart {
        outcome,
        function: None,
        alias_name: common(functions, |one| one.alias_name.clone()),
        from: common(functions, |one| one.from),
        to: common(functions, |one| one.to),
        summary,
        scenario: None,
        error: ending.error,
        error_said: ending.said,
        rollout: None,
        routing: None,
        next: next(functions),
        steps: if are_together(functions) { steps(functions, began) } else { Vec::new() },
        exposure: exposure(functions),
        repeats: None,
        timeline: happened(events, began, true),
        looks: Vec::new(),
        series: None,
        series_from_minute: 0,
        unknown: unknown(functions),
    }
}

fn began(function: &PagePart) -> Option<DateTime<Utc>> {
    instant(&function.rollout.as_ref()?.began)
}

/// Returns the `outcome` of the command's own result; where it has none, that of the functions
/// that came to nothing.
fn outcome(functions: &[PagePart]) -> &'static str {
    let is = |word: &str| functions.iter().any(|one| one.outcome == word);
    if is("interrupted") {
        return "interrupted";
    }
    let is_whole = !functions.is_empty() && !is("failed");
    outcome_of_all(is, is_whole)
}

/// Returns whether all that have a rollout have the same one: only then are its steps shared.
fn are_together(functions: &[PagePart]) -> bool {
    let mut ids = functions.iter().filter_map(|one| Some(&one.rollout.as_ref()?.id));
    let first = ids.next();
    ids.all(|id| Some(id) == first)
}

/// Returns what all functions have, where it is the same.
fn common<T: PartialEq>(functions: &[PagePart], of: impl Fn(&PagePart) -> Option<T>) -> Option<T> {
    let first = of(functions.first()?)?;
    functions.iter().all(|one| of(one).as_ref() == Some(&first)).then_some(first)
}

/// Returns what comes next, which waits for the last of all functions.
fn next(functions: &[PagePart]) -> Option<Next> {
    let all: Vec<&Next> = functions.iter().map(|one| one.next.as_ref()).collect::<Option<_>>()?;
    let first = *all.first()?;
    let is_same = |one: &&Next| one.action == first.action && one.step == first.step;
    let last = all.iter().copied().max_by_key(|one| one.seconds)?;
    all.iter().all(is_same).then(|| last.clone())
}

fn exposure(functions: &[PagePart]) -> Option<Exposure> {
    let mut sums = Exposure { calls: 0.0, bad: 0.0, throttled: 0.0 };
    for one in functions {
        let exposure = one.exposure?;
        sums.calls += exposure.calls;
        sums.bad += exposure.bad;
        sums.throttled += exposure.throttled;
    }
    (!functions.is_empty()).then_some(sums)
}

fn unknown(functions: &[PagePart]) -> Vec<Unknown> {
    let mut unknown = Vec::new();
    for one in functions.iter().flat_map(|one| &one.unknown) {
        if !unknown.contains(one) {
            unknown.push(*one);
        }
    }
    unknown
}

/// Returns the steps that all functions share. A step lasts from when the first function comes to
/// it until the last one has left it.
fn steps(functions: &[PagePart], began: Option<DateTime<Utc>>) -> Vec<ReportStep> {
    let count = functions.iter().map(|one| one.steps.len()).max().unwrap_or(0);
    let of = |index: usize| {
        let each = functions.iter().filter_map(|one| {
            let offset =
                self::began(one).zip(began).map_or(TimeDelta::zero(), |(own, all)| own - all);
            Some((offset.num_minutes(), one.steps.get(index)?))
        });
        step(&each.collect::<Vec<_>>())
    };
    (0..count).filter_map(of).collect()
}

/// Returns one step of all functions, each with the minute that its own rollout began in.
fn step(each: &[(i64, &ReportStep)]) -> Option<ReportStep> {
    let (_, first) = each.first()?;
    let is = |result: &StepResult| each.iter().any(|(_, step)| step.result == *result);
    let result = TELLING.into_iter().find(is)?;
    let telling =
        || each.iter().filter(|(_, step)| step.result == result).map(|(_, step)| step.reason);
    // The function that went back by itself says why all did.
    let reason = telling().find(|reason| *reason != Some("project")).or_else(|| telling().next());
    let starts = each.iter().filter_map(|(from, step)| Some(from + step.began_minute?));
    let began_minute = starts.min();
    let reached = || each.iter().filter(|(_, step)| step.result.is_reached());
    let end =
        |(from, step): &(i64, &ReportStep)| Some((from + step.began_minute?) * 60 + step.seconds?);
    let ends: Option<Vec<i64>> = reached().map(end).collect();
    let end = ends.and_then(|ends| ends.into_iter().max());
    let planned: Option<Vec<u32>> = each.iter().map(|(_, step)| step.minutes).collect();
    Some(ReportStep {
        step: first.step,
        share: first.share.clone(),
        minutes: planned.and_then(|planned| planned.into_iter().max()),
        began_minute,
        seconds: end.zip(began_minute).map(|(end, began)| end - began * 60),
        result,
        reason: reason.flatten(),
    })
}
