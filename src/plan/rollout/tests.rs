//! Tables and laws of [`super::machine`].

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::machine::*;
use super::marker::{Remembered, described, read};
use super::schedule::{Hold, Schedule, ScheduledStep, TypedSteps};
use super::state::*;
use crate::model::{Alias, DEFAULT_ALIAS, DESCRIPTION_LIMIT, MatchRule, Routing, Version, Weight};

const FOUR: Version = Version::Number(4);
const FIVE: Version = Version::Number(5);
const LATEST: Version = Version::Latest;

const GOOD: JointVerdict = JointVerdict {
    fails: false,
    passes: false,
    leans_against: false,
    enough: true,
    not_yet: false,
    arrival: Arrival::Here,
};

fn at(minutes: i64) -> DateTime<Utc> {
    let begin: DateTime<Utc> = "2026-11-28T10:00:00Z".parse().unwrap();
    begin + TimeDelta::minutes(minutes)
}

fn weight(text: &str) -> Weight {
    text.parse().unwrap()
}

fn alias(name: &str, routing: Routing) -> Alias {
    Alias {
        name: name.into(), routing, description: "mine, 我的。".into(), modified: "t".into()
    }
}

fn wish(to: Version, steps: &str) -> NewRollout {
    let wanted = TypedSteps { steps: Some(steps), ..TypedSteps::default() };
    NewRollout {
        id: "abc".into(),
        to,
        schedule: Schedule::read(wanted).unwrap(),
        choices: Choices::DEFAULT,
        gates: GateFields {
            values: vec![("errorincrease".into(), vec!["1.1x".into(), "0.05".into()])],
            ..GateFields::default()
        },
        functions: 1,
        content: (to == LATEST).then(|| "c0de".into()),
        freeze: true,
    }
}

/// The alias after a write.
fn written(alias: &Alias, write: &Write) -> Alias {
    Alias {
        routing: write.routing.clone(),
        description: write.description.clone(),
        ..alias.clone()
    }
}

fn begun(alias: &Alias, wish: &NewRollout) -> Alias {
    written(alias, &begin(alias, wish, at(0)).unwrap())
}

fn rollout_of(alias: &Alias) -> Rollout {
    memory(alias).unwrap().rollout.unwrap()
}

fn look(alias: &Alias, judgement: JointVerdict, minute: i64) -> Decision {
    let observed =
        ObservedRollout { alias, content: Some("c0de"), evidence: GateEvidence::Judged(judgement) };
    next(&observed, at(minute)).unwrap()
}

fn write_of(decision: Decision) -> Write {
    match decision {
        Decision::Write(write) => *write,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_write_remembers_is_what_its_description_says() {
    let told = |write: &Write| {
        let Remembered::Memory(memory) = read(&write.description) else { panic!() };
        assert_eq!(write.memory, *memory);
        (write.memory.rollout.is_some(), write.rollout.as_ref().map(|rollout| rollout.phase))
    };
    let plain = alias("prod", Routing::all_to(FOUR));
    let first = begin(&plain, &wish(FIVE, "10%:5m,100%:5m"), at(0)).unwrap();
    assert_eq!(told(&first), (true, Some(Phase::Running)));
    let begun = written(&plain, &first);
    let back = Some(Phase::Back(BackReason::User));
    assert_eq!(told(&abort(&begun, BackReason::User).unwrap()), (true, back));
    // Somebody has filled the description meanwhile.
    let room = DESCRIPTION_LIMIT - begun.description.chars().count();
    let full = Alias {
        description: format!("{}{}", "x".repeat(room), begun.description),
        ..begun.clone()
    };
    let write = abort(&full, BackReason::User).unwrap();
    assert_eq!(told(&write), (false, back));
    assert!(matches!(
        retry(&written(&full, &write), "new", None, at(9)),
        Err(Refused::NoRollout(_))
    ));
    let way_back = rollback(&full, None).unwrap().write.unwrap();
    assert_eq!(told(&way_back), (false, back));
}

#[test]
fn nothing_is_written_that_nobody_could_read() {
    let mut plain = alias("prod", Routing::all_to(FOUR));
    let id = "two words".to_owned();
    let refused = begin(&plain, &NewRollout { id, ..wish(FIVE, "10%:5m,100%:5m") }, at(0));
    assert!(matches!(refused, Err(Refused::Foreign { .. })), "{refused:?}");
    // What a program without languages has left.
    plain.description = "mine\nscfctl v1 before 3, lang zh".to_owned();
    let mut wish = wish(FIVE, "10%:5m,100%:5m");
    wish.choices.language = Some(crate::text::Language::English);
    let first = begin(&plain, &wish, at(0)).unwrap();
    assert_eq!(first.memory.rollout, first.rollout);
    assert!(first.description.ends_with(", lang en, before 3"), "{}", first.description);
    assert!(abort(&written(&plain, &first), BackReason::User).is_ok());
}

#[test]
fn a_custom_alias_goes_step_by_step_and_is_re_based() {
    let mut alias = alias("prod", Routing::all_to(FOUR));
    alias = begun(&alias, &wish(FIVE, "10%:10m,50%:10m,100%:5m"));
    assert_eq!(alias.routing, Routing::split(FOUR, FIVE, weight("0.1")));
    assert!(alias.description.starts_with("mine, 我的。\nscfctl v1 id abc, from 4, to 5, "));
    let mut shares = Vec::new();
    for minute in 0..60 {
        match look(&alias, GOOD, minute) {
            Decision::Wait { until, .. } => assert_eq!(until, at(minute + 1)),
            Decision::Write(write) => {
                alias = written(&alias, &write);
                shares.push((minute, alias.routing.to_string(), write.transition));
            }
            Decision::Ended(phase) => {
                assert_eq!(phase, Phase::Done);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    // Each step lasts its time, and three minutes more until the last of them is settled.
    let advances = Transition::Advances(Ground::TimeOver);
    assert_eq!(
        shares,
        [
            (13, "4: 0.5, 5: 0.5".to_owned(), advances),
            (26, "5: 1".to_owned(), advances),
            (34, "5: 1".to_owned(), Transition::Finishes(Ground::TimeOver)),
        ]
    );
    assert_eq!(alias.routing, Routing::all_to(FIVE));
    let memory = memory(&alias).unwrap();
    assert_eq!(memory.before, Some(FOUR));
    assert_eq!(rollout_of(&alias).starts, [0, 13, 26]);
    // The next one has its place.
    let next = begin(&alias, &wish(Version::Number(6), "10%,100%"), at(100)).unwrap();
    assert_eq!(next.routing, Routing::split(FIVE, Version::Number(6), weight("0.1")));
}

#[test]
fn the_default_alias_ends_as_the_document_has_it() {
    let before = alias(DEFAULT_ALIAS, Routing::split(LATEST, FOUR, Weight::ONE));
    let mut alias = begun(&before, &wish(LATEST, "20%:10m,100%:0"));
    assert_eq!(alias.routing, Routing::split(LATEST, FOUR, weight("0.8")));
    alias = written(&alias, &write_of(look(&alias, GOOD, 13)));
    assert_eq!(alias.routing.share_of(LATEST), Weight::ONE);
    assert_eq!(look(&alias, JointVerdict::default(), 13), Decision::Freeze(Ground::TimeOver));
    let write = finish(&alias, &rollout_of(&alias), Some(FIVE), Ground::TimeOver).unwrap();
    alias = written(&alias, &write);
    assert_eq!(alias.routing, Routing::split(LATEST, FIVE, Weight::ONE));
    assert_eq!(look(&alias, GOOD, 14), Decision::Ended(Phase::Done));
    assert_eq!(rollback(&alias, None).unwrap().to, FOUR);
    // Without freezing $LATEST goes on serving.
    let mut wish = wish(LATEST, "100%:0");
    wish.freeze = false;
    let alias = begun(&before, &wish);
    let write = write_of(look(&alias, GOOD, 1));
    assert_eq!(
        (write.routing, write.transition),
        (Routing::all_to(LATEST), Transition::Finishes(Ground::TimeOver))
    );
}

#[test]
fn who_serves_at_the_beginning() {
    let schedule = "10%,50%,100%";
    for (routing, expected) in [
        (Routing::all_to(FOUR), Ok((FOUR, 1))),
        // As the document's last step leaves it.
        (Routing::split(Version::Number(3), FOUR, Weight::ONE), Ok((FOUR, 1))),
        (Routing::split(FOUR, LATEST, Weight::ZERO), Ok((FOUR, 1))),
        (Routing::split(FOUR, FIVE, Weight::ZERO), Ok((FOUR, 1))),
        // Taken over at the first step that is not lower.
        (Routing::split(FOUR, FIVE, weight("0.1")), Ok((FOUR, 1))),
        (Routing::split(FOUR, FIVE, weight("0.2")), Ok((FOUR, 2))),
        (Routing::split(FIVE, FOUR, weight("0.3")), Ok((FOUR, 3))),
        (Routing::all_to(FIVE), Err("5 serves everything of alias `prod` already")),
        (
            Routing::split(FOUR, Version::Number(3), weight("0.3")),
            Err("alias `prod` is shared by others than the rollout is about: 30% 3, 70% 4"),
        ),
    ] {
        let found = begin(&alias("prod", routing.clone()), &wish(FIVE, schedule), at(0));
        let found = found.map(|write| {
            let rollout = write.memory.rollout.unwrap();
            assert_eq!(rollout.starts.len(), rollout.step);
            assert_eq!(rollout.routing_back(), Routing::all_to(FOUR));
            (rollout.from, rollout.step)
        });
        let found = found.map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(str::to_owned), "{routing}");
    }
    let rule = MatchRule {
        version: FIVE,
        key: "invoke.headers.User".into(),
        method: "exact".into(),
        expression: "Bob".into(),
    };
    let ruled = Routing { matches: vec![rule], ..Routing::all_to(FOUR) };
    let refused = begin(&alias("prod", ruled), &wish(FIVE, schedule), at(0)).unwrap_err();
    assert!(matches!(refused, Refused::MatchRules { .. }));
    let open = begun(&alias("prod", Routing::all_to(FOUR)), &wish(FIVE, schedule));
    let refused = begin(&open, &wish(Version::Number(6), schedule), at(0)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "alias `prod` is under rollout abc: from 4 to 5, step 1 of 3, running"
    );
    let long = Alias { description: "长".repeat(900), ..alias("prod", Routing::all_to(FOUR)) };
    let refused = begin(&long, &wish(FIVE, schedule), at(0)).unwrap_err();
    assert!(matches!(refused, Refused::TooLong { .. }), "{refused}");
    let foreign = Alias {
        description: "mine\nscfctl v2 anything".into(),
        ..alias("prod", Routing::all_to(FOUR))
    };
    let refused = begin(&foreign, &wish(FIVE, schedule), at(0)).unwrap_err();
    assert!(matches!(refused, Refused::Foreign { .. }), "{refused}");
}

#[test]
fn a_step_of_ten_minutes_goes_back_at_the_first_failure() {
    let before = alias("prod", Routing::all_to(FOUR));
    let alias = begun(&before, &wish(FIVE, "10%:10m,100%"));
    let write = write_of(look(&alias, JointVerdict { fails: true, ..GOOD }, 6));
    assert_eq!(write.transition, Transition::Back(BackReason::Fail));
    let back = written(&alias, &write);
    assert_eq!(back.routing, before.routing);
    assert!(back.description.starts_with("mine, 我的。\n"));
    assert_eq!(memory(&back).unwrap().rolled_back, [FIVE]);
    assert_eq!(look(&back, GOOD, 7), Decision::Ended(Phase::Back(BackReason::Fail)));
    let mut holding = wish(FIVE, "10%:10m,100%");
    holding.choices.on_fail = BackOrHold::Hold;
    let alias = begun(&before, &holding);
    let write = write_of(look(&alias, JointVerdict { fails: true, ..GOOD }, 6));
    assert_eq!(write.transition, Transition::Holds(HoldReason::Fail));
    assert_eq!(write.routing, alias.routing);
    // Whoever goes on all the same is not stopped by what was.
    let held = written(&alias, &write);
    let resumed = write_of(resume(&held, None, at(20)).unwrap().unwrap());
    assert_eq!(resumed.memory.rollout.unwrap().judged, 20);
}

#[test]
fn a_known_failure_keeps_no_share_for_want_of_time_or_of_a_gate() {
    let fails = JointVerdict { fails: true, ..GOOD };
    let failing = GateEvidence::Judged(fails);
    let without_its_gates = GateEvidence::Differs { fails: true };
    let back = |reason| Transition::Back(reason);
    let holds = |reason| Transition::Holds(reason);
    let (hold, rollback) = (BackOrHold::Hold, BackOrHold::Rollback);
    for (on_fail, on_deadline, minute, evidence, expected) in [
        (rollback, hold, 20, failing, back(BackReason::Fail)),
        (rollback, rollback, 20, failing, back(BackReason::Fail)),
        (rollback, hold, 4, without_its_gates, back(BackReason::Fail)),
        (rollback, hold, 20, without_its_gates, back(BackReason::Fail)),
        (hold, hold, 20, failing, holds(HoldReason::Fail)),
        (hold, hold, 4, without_its_gates, holds(HoldReason::Fail)),
        // The deadline takes it back, whatever a failure does.
        (hold, rollback, 20, failing, back(BackReason::Deadline)),
        (hold, rollback, 19, failing, holds(HoldReason::Fail)),
        // What is known of no gate still waits for nobody.
        (rollback, hold, 20, GateEvidence::Unknown, holds(HoldReason::Deadline)),
        (rollback, hold, 4, GateEvidence::Differs { fails: false }, holds(HoldReason::Gates)),
    ] {
        let mut wish = wish(LATEST, "10%:30m,100%");
        let deadline = Some(20);
        wish.choices = Choices { on_fail, on_deadline, deadline, ..Choices::DEFAULT };
        let alias = begun(&alias("prod", Routing::all_to(FOUR)), &wish);
        let see = |alias: &Alias, content: &str| {
            let content = Some(content);
            next(&ObservedRollout { alias, content, evidence }, at(minute)).unwrap()
        };
        let write = write_of(see(&alias, "c0de"));
        assert_eq!(write.transition, expected, "{on_fail:?} {on_deadline:?} {minute} {evidence:?}");
        // What somebody else has changed is somebody's to decide about.
        let changed = write_of(see(&alias, "other")).transition;
        let stands =
            matches!(changed, Transition::Holds(HoldReason::Content | HoldReason::Deadline));
        assert!(stands || changed == back(BackReason::Deadline), "{changed:?}");
        let mut moved = alias.clone();
        moved.routing = Routing::split(FOUR, LATEST, weight("0.3"));
        assert!(matches!(see(&moved, "c0de"), Decision::Moved { .. }));
    }
}

#[test]
fn what_happens_when_the_time_of_a_step_is_over() {
    let none = JointVerdict::default();
    let late = |verdict| JointVerdict { arrival: Arrival::Overdue, ..verdict };
    let quiet = |verdict| JointVerdict { arrival: Arrival::Quiet, ..verdict };
    let leans = JointVerdict { leans_against: true, ..GOOD };
    let not_yet = JointVerdict { not_yet: true, passes: true, ..GOOD };
    let passes = JointVerdict { passes: true, ..GOOD };
    let advances = |ground| Ok(Transition::Advances(ground));
    let holds = |reason| Ok(Transition::Holds(reason));
    let plain = Choices::DEFAULT;
    let pass = Choices { require_pass: true, ..plain };
    let early = Choices { advance_early: true, ..plain };
    let onward = Choices {
        on_no_data: OnNoData::Continue,
        on_inconclusive: HoldOrContinue::Continue,
        ..plain
    };
    let back = Choices { on_no_data: OnNoData::Rollback, ..plain };
    for (choices, judgement, minute, expected) in [
        (plain, GOOD, 9, Err(Waiting::Clock)),
        (plain, GOOD, 12, Err(Waiting::Settling)),
        (plain, GOOD, 13, advances(Ground::TimeOver)),
        (plain, passes, 12, Err(Waiting::Settling)),
        (plain, passes, 13, advances(Ground::Passed)),
        // Not before a minute of the step is settled.
        (early, passes, 3, Err(Waiting::Clock)),
        (early, passes, 4, advances(Ground::Passed)),
        (early, passes, 6, advances(Ground::Passed)),
        (early, GOOD, 6, Err(Waiting::Clock)),
        (early, not_yet, 6, Err(Waiting::Clock)),
        (pass, GOOD, 13, Err(Waiting::MoreEvidence)),
        (pass, passes, 13, advances(Ground::Passed)),
        (pass, GOOD, 43, holds(HoldReason::Inconclusive)),
        (plain, leans, 13, Err(Waiting::MoreEvidence)),
        (plain, leans, 42, Err(Waiting::MoreEvidence)),
        (plain, leans, 43, holds(HoldReason::Inconclusive)),
        (onward, leans, 43, advances(Ground::Inconclusive)),
        (plain, not_yet, 13, Err(Waiting::MoreEvidence)),
        (plain, not_yet, 43, holds(HoldReason::Inconclusive)),
        (plain, none, 13, Err(Waiting::MoreData)),
        (plain, none, 42, Err(Waiting::MoreData)),
        (plain, none, 43, holds(HoldReason::NoData)),
        (onward, none, 43, advances(Ground::NoData)),
        (back, none, 43, Ok(Transition::Back(BackReason::NoData))),
        // Its last minutes have no points yet: the first ones do not speak for them.
        (plain, late(GOOD), 13, Err(Waiting::MoreData)),
        (plain, late(passes), 13, Err(Waiting::MoreData)),
        (plain, quiet(GOOD), 42, Err(Waiting::MoreData)),
        (plain, quiet(passes), 42, Err(Waiting::MoreData)),
        (early, late(passes), 4, advances(Ground::Passed)),
        // They never come, where versions were never as quiet.
        (plain, late(GOOD), 43, holds(HoldReason::NoData)),
        (plain, late(passes), 43, holds(HoldReason::NoData)),
        (onward, late(GOOD), 43, advances(Ground::NoData)),
        (back, late(GOOD), 43, Ok(Transition::Back(BackReason::NoData))),
        // Who was as quiet before had no calls.
        (plain, quiet(GOOD), 43, advances(Ground::TimeOver)),
        (plain, quiet(passes), 43, advances(Ground::Passed)),
        (pass, quiet(GOOD), 43, holds(HoldReason::Inconclusive)),
        (plain, quiet(leans), 43, holds(HoldReason::Inconclusive)),
        (plain, quiet(none), 43, holds(HoldReason::NoData)),
    ] {
        let mut wish = wish(FIVE, "10%:10m,100%");
        wish.choices = choices;
        let alias = begun(&alias("prod", Routing::all_to(FOUR)), &wish);
        let found = match look(&alias, judgement, minute) {
            Decision::Wait { why, .. } => Err(why),
            Decision::Write(write) => Ok(write.transition),
            other => panic!("{other:?}"),
        };
        assert_eq!(found, expected, "{choices:?} {judgement:?} {minute}");
    }
}

#[test]
fn what_stops_a_rollout() {
    let begin = alias("prod", Routing::all_to(FOUR));
    let alias = begun(&begin, &wish(LATEST, "10%:10m,100%"));
    let look = |alias: &Alias, content, evidence, minute| {
        next(&ObservedRollout { alias, content, evidence }, at(minute)).unwrap()
    };
    // Other code in $LATEST; what cannot be read is no other code.
    let decision = look(&alias, Some("other"), GateEvidence::Judged(GOOD), 1);
    assert_eq!(write_of(decision).transition, Transition::Holds(HoldReason::Content));
    let decision = look(&alias, None, GateEvidence::Judged(GOOD), 1);
    assert!(matches!(decision, Decision::Wait { .. }));
    let decision = look(&alias, Some("c0de"), GateEvidence::Differs { fails: false }, 1);
    assert_eq!(write_of(decision).transition, Transition::Holds(HoldReason::Gates));
    // A monitor that fails is no data.
    let decision = look(&alias, Some("c0de"), GateEvidence::Unknown, 43);
    assert_eq!(write_of(decision).transition, Transition::Holds(HoldReason::NoData));
    let mut moved = alias.clone();
    moved.routing = Routing::split(FOUR, LATEST, weight("0.3"));
    let decision = look(&moved, Some("c0de"), GateEvidence::Judged(GOOD), 1);
    assert_eq!(decision, Decision::Moved { expected: alias.routing.clone() });
    for (on_deadline, transition) in [
        (BackOrHold::Hold, Transition::Holds(HoldReason::Deadline)),
        (BackOrHold::Rollback, Transition::Back(BackReason::Deadline)),
    ] {
        let mut wish = wish(FIVE, "10%:10m,100%");
        wish.choices = Choices { deadline: Some(5), on_deadline, ..Choices::DEFAULT };
        let alias = begun(&begin, &wish);
        let decision = look(&alias, None, GateEvidence::Judged(GOOD), 4);
        assert_eq!(decision, Decision::Wait { until: at(5), why: Waiting::Clock });
        let decision = look(&alias, None, GateEvidence::Judged(GOOD), 5);
        assert_eq!(write_of(decision).transition, transition);
    }
    // Without gates the clock alone decides, and nothing has to settle.
    let mut wish = wish(FIVE, "10%:10m,100%");
    wish.gates = GateFields::default();
    let alias = begun(&begin, &wish);
    let decision = look(&alias, None, GateEvidence::Unknown, 3);
    assert_eq!(decision, Decision::Wait { until: at(10), why: Waiting::Clock });
    let decision = look(&alias, None, GateEvidence::Unknown, 10);
    assert_eq!(write_of(decision).transition, Transition::Advances(Ground::NothingJudged));
    let plain = Alias { description: "mine".into(), ..begin };
    assert_eq!(look(&plain, None, GateEvidence::Unknown, 0), Decision::NoRollout);
    let foreign = Alias { description: "scfctl v9 x".into(), ..plain };
    let decision = look(&foreign, None, GateEvidence::Unknown, 0);
    assert_eq!(decision, Decision::Foreign("scfctl v9 x".into()));
}

#[test]
fn a_pause_of_the_schedule_is_written_with_its_share() {
    let alias = begun(&alias("prod", Routing::all_to(FOUR)), &wish(FIVE, "10%:10m,50%:pause,100%"));
    let write = write_of(look(&alias, GOOD, 13));
    assert_eq!(write.routing.share_of(FIVE), weight("0.5"));
    let paused = written(&alias, &write);
    assert_eq!(rollout_of(&paused).phase, Phase::Held(HoldReason::Schedule));
    assert_eq!(look(&paused, GOOD, 20), Decision::Held(HoldReason::Schedule));
    // Both go on to the next step.
    let resumed = write_of(resume(&paused, None, at(100)).unwrap().unwrap());
    let promoted = write_of(promote(&paused, None, false, Some(2), at(100)).unwrap());
    assert_eq!(resumed, promoted);
    assert_eq!(resumed.routing.share_of(FIVE), Weight::ONE);
    assert_eq!(resumed.memory.rollout.as_ref().unwrap().starts, [0, 13, 100]);
    assert_eq!(resumed.memory.rollout.unwrap().phase, Phase::Running);
}

#[test]
fn whoever_goes_on_after_the_deadline_waives_it() {
    for on_deadline in [BackOrHold::Hold, BackOrHold::Rollback] {
        let mut wish = wish(FIVE, "10%:pause,50%:10m,100%");
        wish.choices = Choices { deadline: Some(30), on_deadline, ..Choices::DEFAULT };
        let paused = begun(&alias("prod", Routing::all_to(FOUR)), &wish);
        let by_hand = written(&paused, &hold(&paused, HoldReason::User).unwrap());
        for alias in [&paused, &by_hand] {
            for (minute, deadline) in [(29, Some(30)), (30, None), (100, None)] {
                let resumed = write_of(resume(alias, None, at(minute)).unwrap().unwrap());
                let promoted = write_of(promote(alias, None, false, None, at(minute)).unwrap());
                for write in [resumed, promoted] {
                    let after = written(alias, &write);
                    assert_eq!(rollout_of(&after).choices.deadline, deadline, "{write:?}");
                    // The next look does not undo it.
                    let next = look(&after, GOOD, minute + 1);
                    let is_over = |transition| {
                        use Transition::{Back, Holds};
                        matches!(
                            transition,
                            Holds(HoldReason::Deadline) | Back(BackReason::Deadline)
                        )
                    };
                    let is_undone =
                        matches!(&next, Decision::Write(write) if is_over(write.transition));
                    assert_eq!(is_undone, deadline.is_some(), "{next:?}");
                }
            }
        }
    }
}

#[test]
fn a_command_is_asked_when_its_first_minute_is_over() {
    let command = || Some("0123456789ab".to_owned());
    let error_rate = || vec![("errorrate".to_owned(), vec!["1".to_owned()])];
    for (command, values, first, command_due, look_due) in [
        (command(), Vec::new(), 1, Some(1), Some(4)),
        (command(), error_rate(), 1, Some(1), Some(4)),
        (None, error_rate(), 4, None, Some(4)),
        (None, Vec::new(), 10, None, None),
    ] {
        let mut wish = wish(FIVE, "10%:10m,100%");
        wish.gates = GateFields { values, command, ..GateFields::default() };
        let rollout = rollout_of(&begun(&alias("prod", Routing::all_to(FOUR)), &wish));
        assert_eq!(first_look(&rollout).start(), at(first));
        let first_of = |is_due: &dyn Fn(i64) -> bool| (0..20).find(|minute| is_due(*minute));
        assert_eq!(first_of(&|minute| is_command_due(&rollout, at(minute))), command_due);
        assert_eq!(first_of(&|minute| is_look_due(&rollout, at(minute))), look_due);
    }
}

#[test]
fn verbs_of_the_user() {
    let before = alias("prod", Routing::all_to(FOUR));
    let alias = begun(&before, &wish(FIVE, "10%:10m,50%:10m,100%:5m"));
    let paused = written(&alias, &pause(&alias).unwrap().unwrap());
    assert_eq!((pause(&paused), resume(&alias, None, at(1))), (Ok(None), Ok(None)));
    assert_eq!(
        look(&paused, JointVerdict { fails: true, ..GOOD }, 5),
        Decision::Held(HoldReason::User)
    );
    // The time of the step counts anew.
    let resumed = written(&paused, &write_of(resume(&paused, None, at(30)).unwrap().unwrap()));
    assert!(matches!(look(&resumed, GOOD, 42), Decision::Wait { why: Waiting::Settling, .. }));
    let advanced = written(&resumed, &write_of(look(&resumed, GOOD, 43)));
    assert_eq!(rollout_of(&advanced).starts, [0, 43]);
    let promoted = write_of(promote(&alias, None, true, None, at(4)).unwrap());
    let rollout = promoted.memory.rollout.clone().unwrap();
    assert_eq!((rollout.step, rollout.starts), (3, vec![0, 4, 4]));
    let last = written(&alias, &promoted);
    assert_eq!(promote(&last, None, true, None, at(5)), Err(Refused::LastStep("prod".into())));
    // It still bakes, unless it is promoted once more.
    assert!(matches!(look(&last, GOOD, 9), Decision::Wait { .. }));
    let done = write_of(promote(&last, None, false, None, at(5)).unwrap());
    assert_eq!(
        (done.transition, done.routing),
        (Transition::Finishes(Ground::Promoted), Routing::all_to(FIVE))
    );
    let error = promote(&alias, None, false, Some(2), at(4)).unwrap_err();
    assert_eq!(error.to_string(), "the rollout of alias `prod` is in step 1, not in step 2");
    let back = written(&paused, &abort(&paused, BackReason::User).unwrap());
    assert_eq!(back.routing, before.routing);
    let error = abort(&back, BackReason::User).unwrap_err();
    assert_eq!(error.to_string(), "the rollout of alias `prod` from 4 to 5 has ended: back");
    let again = written(&back, &retry(&back, "def", None, at(50)).unwrap());
    let rollout = rollout_of(&again);
    assert_eq!((rollout.id.as_str(), rollout.step, &rollout.starts[..]), ("def", 1, &[0][..]));
    assert_eq!(again.routing, alias.routing);
    assert_eq!(memory(&again).unwrap().rolled_back, []);
    let plain = Alias { description: String::new(), ..before };
    assert_eq!(abort(&plain, BackReason::User), Err(Refused::NoRollout("prod".into())));
}

#[test]
fn one_of_several_goes_back_even_if_it_is_done_and_can_begin_again() {
    let found = alias("prod", Routing::all_to(FOUR));
    let under_way = begun(&found, &NewRollout { functions: 2, ..wish(FIVE, "10%:10m,100%:5m") });
    // Alone it goes back, and nowhere else.
    let refused = rollback(&under_way, Some(FIVE)).unwrap_err();
    assert_eq!(refused, Refused::OneOfSeveral { alias: "prod".into(), functions: 2 });
    assert_eq!(rollback(&under_way, None).unwrap().to, FOUR);
    let promote = |alias: &Alias| {
        written(alias, &write_of(promote(alias, None, false, None, at(1)).unwrap()))
    };
    let done = promote(&promote(&under_way));
    let decided = rollout_of(&done);
    assert_eq!(decided.phase, Phase::Done);
    let take_back = |alias: &Alias| take_back(alias, &decided, BackReason::Project).unwrap();
    let back = written(&done, &take_back(&done).unwrap());
    assert_eq!(back.routing, found.routing);
    // The others see it by its marker.
    assert_eq!(rollout_of(&back).phase, Phase::Back(BackReason::Project));
    let remembered = memory(&back).unwrap();
    assert_eq!((remembered.before, remembered.rolled_back), (None, vec![FIVE]));
    assert_eq!(take_back(&back), None);
    assert_eq!(retry(&back, "def", None, at(50)).unwrap().routing, under_way.routing);
}

#[test]
fn what_someone_else_routes_is_not_taken_over_unasked() {
    let alias = begun(&alias("prod", Routing::all_to(FOUR)), &wish(FIVE, "10%:10m,100%"));
    let mut shifted = alias.clone();
    shifted.routing = Routing::split(FOUR, FIVE, weight("0.3"));
    let moved = |result: Result<Write, Refused>| matches!(result, Err(Refused::Moved { .. }));
    assert!(moved(pause(&shifted).map(Option::unwrap)));
    assert!(moved(hold(&shifted, HoldReason::Interrupt)));
    assert!(matches!(promote(&shifted, None, false, None, at(1)), Err(Refused::Moved { .. })));
    // Asked for, it goes back to its step, or back at all.
    let resumed = write_of(resume(&shifted, None, at(1)).unwrap().unwrap());
    assert_eq!(resumed.routing, alias.routing);
    assert_eq!(abort(&shifted, BackReason::User).unwrap().routing, Routing::all_to(FOUR));
    let mut third = alias.clone();
    third.routing = Routing::split(FOUR, Version::Number(9), weight("0.3"));
    assert!(moved(abort(&third, BackReason::User)));
    assert!(moved(retry(&third, "x", None, at(1))));
    assert!(matches!(resume(&third, None, at(1)), Err(Refused::Moved { .. })));
    // Who ends it says so in the same write.
    let ended = ended(&alias.description).unwrap();
    assert!(ended.starts_with("mine, 我的。\n") && ended.contains("phase ended"));
    let free = Alias { description: ended.clone(), ..third };
    assert_eq!(check_free(&free), Ok(()));
    assert!(check_free(&alias).is_err());
    assert_eq!(super::machine::ended(&ended), None);
}

#[test]
fn a_rollback_goes_to_what_served_before() {
    let plain = |name: &str, routing| Alias { description: String::new(), ..alias(name, routing) };
    let remembered = |routing| Alias {
        description: "mine\nscfctl v1 before 3, rolledback 2".into(),
        ..alias("prod", routing)
    };
    for (alias, expected) in [
        (plain("prod", Routing::split(FOUR, FIVE, weight("0.1"))), Ok(FOUR)),
        (plain("prod", Routing::split(FOUR, FIVE, Weight::ONE)), Ok(FOUR)),
        (plain(DEFAULT_ALIAS, Routing::split(LATEST, FOUR, weight("0.8"))), Ok(FOUR)),
        (
            plain(DEFAULT_ALIAS, Routing::split(LATEST, FOUR, Weight::ONE)),
            Err(
                "version 4 serves everything of alias `$DEFAULT` already, and none before it is known",
            ),
        ),
        (
            plain("prod", Routing::all_to(FOUR)),
            Err("version 4 serves everything of alias `prod` already, and none before it is known"),
        ),
        (remembered(Routing::all_to(FOUR)), Ok(Version::Number(3))),
    ] {
        let found = rollback(&alias, None).map(|back| back.to).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(str::to_owned), "{alias:?}");
    }
    let back = rollback(&remembered(Routing::all_to(FOUR)), None).unwrap();
    let write = back.write.unwrap();
    assert_eq!((write.routing, back.left), (Routing::all_to(Version::Number(3)), vec![FOUR]));
    assert_eq!(write.description, "mine\nscfctl v1 rolledback 2 4");
    // To one that was rolled back, because it is asked for.
    let back = rollback(&remembered(Routing::all_to(FOUR)), Some(Version::Number(2))).unwrap();
    let remembered_before = "mine\nscfctl v1 before 4, serves 2, rolledback 4";
    assert_eq!(back.write.unwrap().description, remembered_before);
    assert_eq!(rollback(&remembered(Routing::all_to(FOUR)), Some(FOUR)).unwrap().write, None);
    // Of a rollout under way it is the way back.
    let open = begun(&remembered(Routing::all_to(FOUR)), &wish(FIVE, "10%:10m,100%"));
    let back = rollback(&open, None).unwrap();
    let aborted = abort(&open, BackReason::User).unwrap();
    assert_eq!(back.write.unwrap().description, aborted.description);
}

#[test]
fn a_rollback_believes_only_what_is_as_it_was_left() {
    // It ended at 5, came from 4, and was routed by hand since.
    let mut ended = begun(&alias("prod", Routing::all_to(FOUR)), &wish(FIVE, "100%:0"));
    while let Decision::Write(write) = look(&ended, GOOD, 60) {
        ended = written(&ended, &write);
    }
    assert_eq!(rollback(&ended, None).unwrap().to, FOUR);
    let eight = Version::Number(8);
    let routed = Alias { routing: Routing::all_to(eight), ..ended.clone() };
    let refused = rollback(&routed, None).unwrap_err();
    assert!(matches!(refused, Refused::NothingBefore { .. }), "{refused}");
    // One that went elsewhere than back can come back from there, as long as it is there.
    let open = begun(&alias("prod", Routing::all_to(FOUR)), &wish(FIVE, "10%:10m,100%"));
    let to_two = rollback(&open, Some(Version::Number(2))).unwrap().write.unwrap();
    let at_two = written(&open, &to_two);
    assert_eq!(rollback(&at_two, None).unwrap().to, FOUR);
    let routed = Alias { routing: Routing::all_to(eight), ..at_two };
    let refused = rollback(&routed, None).unwrap_err();
    assert!(matches!(refused, Refused::NothingBefore { .. }), "{refused}");
}

#[test]
fn whoever_goes_elsewhere_than_back_can_come_back_once() {
    let (two, three) = (Version::Number(2), Version::Number(3));
    let all_to = |version| alias("prod", Routing::all_to(version));
    let go = |from: &Alias, to| {
        let back = rollback(from, to).unwrap();
        (back.to, written(from, &back.write.unwrap()))
    };
    let split = alias("prod", Routing::split(FOUR, FIVE, weight("0.1")));
    let open = begun(&all_to(FOUR), &wish(FIVE, "10%:10m,100%"));
    for (from, to, served) in [
        (all_to(FOUR), FIVE, FOUR),
        (split.clone(), three, FOUR),
        (open.clone(), three, FOUR),
        (open.clone(), FIVE, FOUR),
        (Alias { routing: Routing::split(three, FOUR, Weight::ONE), ..split.clone() }, two, FOUR),
    ] {
        let (went, there) = go(&from, Some(to));
        assert_eq!(went, to);
        assert!(there.description.contains(&format!("before {served}, serves {to}")), "{there:?}");
        let (back, again) = go(&there, None);
        assert_eq!(back, served);
        // Not to and fro: it would be the version that was just left.
        assert!(!again.description.contains("serves"), "{again:?}");
        let refused = rollback(&again, None).unwrap_err();
        assert!(matches!(refused, Refused::NothingBefore { .. }), "{refused}");
        // The next rollout explains by itself what served before.
        let next = begun(&there, &wish(Version::Number(9), "10%:10m,100%"));
        assert!(!next.description.contains("serves"), "{next:?}");
        assert_eq!(rollback(&next, None).unwrap().to, to);
    }
    // Who types where it goes back to goes back all the same.
    for (from, to) in [(&split, FOUR), (&open, FOUR)] {
        let (_, back) = go(from, Some(to));
        assert!(rollback(&back, None).is_err(), "{back:?}");
    }
    // What $LATEST served then is perhaps not what it is now.
    let (_, published) = go(&alias(DEFAULT_ALIAS, Routing::all_to(LATEST)), Some(FOUR));
    assert!(rollback(&published, None).is_err(), "{published:?}");
}

#[test]
fn a_rule_for_its_own_version_keeps_nobody_from_going_back() {
    let open = begun(&alias("prod", Routing::all_to(FOUR)), &wish(FIVE, "10%:10m,100%"));
    let rule = |version| MatchRule {
        version,
        key: "invoke.headers.User".into(),
        method: "exact".into(),
        expression: "Bob".into(),
    };
    let ruled = |version| {
        let routing = Routing { matches: vec![rule(version)], ..Routing::all_to(FOUR) };
        Alias { routing, ..open.clone() }
    };
    let own = ruled(FIVE);
    assert_eq!(abort(&own, BackReason::User).unwrap().routing, Routing::all_to(FOUR));
    let back = rollback(&own, None).unwrap();
    assert_eq!(back.left, [FIVE]);
    let write = back.write.unwrap();
    assert_eq!(write.routing, Routing::all_to(FOUR));
    assert_eq!(memory(&written(&own, &write)).unwrap().rolled_back, [FIVE]);
    let is_moved = |result: Result<Write, Refused>| {
        let Err(Refused::Moved { versions, .. }) = result else { panic!("{result:?}") };
        assert_eq!(versions, [FOUR, FIVE]);
    };
    // There is no step with a rule, and others are not served by this one's user.
    is_moved(resume(&own, None, at(1)).map(|found| write_of(found.unwrap())));
    is_moved(retry(&own, "x", None, at(1)));
    is_moved(abort(&ruled(Version::Number(9)), BackReason::User));
    for (alias, to, expected, open) in [
        (ruled(Version::Number(9)), None, FOUR, true),
        (ruled(FIVE), Some(FIVE), FIVE, true),
        (Alias { description: String::new(), ..ruled(FIVE) }, None, FOUR, false),
    ] {
        let refused = rollback(&alias, to).unwrap_err();
        let Refused::MatchRules { to, is_under_way, .. } = refused else { panic!("{refused}") };
        assert_eq!((to, is_under_way), (expected, open));
    }
}

#[test]
fn the_way_back_needs_no_room() {
    let open = begun(&alias("prod", Routing::all_to(FOUR)), &wish(FIVE, "10%:10m,100%"));
    let (_, marker) = open.description.rsplit_once('\n').unwrap();
    let left = 1000 - marker.chars().count() - 1;
    let full = Alias { description: format!("{}\n{marker}", "长".repeat(left)), ..open };
    let write = abort(&full, BackReason::User).unwrap();
    assert_eq!(write.routing, Routing::all_to(FOUR));
    assert!(write.description.chars().count() <= 1000);
    assert!(write.description.starts_with(&"长".repeat(left)));
    let back = rollback(&full, Some(Version::Number(2))).unwrap().write.unwrap();
    assert_eq!(back.routing, Routing::all_to(Version::Number(2)));
}

#[test]
fn what_changed_during_a_publication_is_left_alone() {
    let before = alias(DEFAULT_ALIAS, Routing::split(LATEST, FOUR, Weight::ONE));
    let open = begun(&before, &wish(LATEST, "20%:10m,100%:0"));
    let last = written(&open, &write_of(look(&open, GOOD, 13)));
    let decided = rollout_of(&last);
    let paused = written(&last, &pause(&last).unwrap().unwrap());
    let retried = written(&last, &retry(&last, "other", Some("c0de"), at(14)).unwrap());
    for changed in [&paused, &retried] {
        for version in [Some(FIVE), None] {
            let refused = finish(changed, &decided, version, Ground::TimeOver).unwrap_err();
            assert!(matches!(refused, Refused::Changed(_)), "{refused}");
        }
    }
    // Nor is it an error of this one how another has ended it.
    let done = written(&last, &finish(&last, &decided, Some(FIVE), Ground::TimeOver).unwrap());
    for other in [done, written(&last, &abort(&last, BackReason::User).unwrap())] {
        let refused = finish(&other, &decided, Some(FIVE), Ground::TimeOver);
        assert!(matches!(refused, Err(Refused::Changed(_))), "{refused:?}");
    }
    let held = finish(&last, &decided, None, Ground::TimeOver).unwrap();
    assert_eq!(held.transition, Transition::Holds(HoldReason::Content));
    assert_eq!(held.routing, last.routing);
}

/// All that can happen to a rollout between two looks.
#[derive(Debug, Clone, Copy)]
enum Event {
    Look(JointVerdict),
    NoAnswer,
    Pause,
    Resume,
    Promote,
    PromoteFull,
    Abort,
    Retry,
}

fn judgements() -> impl Strategy<Value = JointVerdict> {
    let often = |chance| proptest::bool::weighted(chance);
    (often(0.02), often(0.2), often(0.2), often(0.8), often(0.05)).prop_map(
        |(fails, passes, leans_against, enough, not_yet)| JointVerdict {
            fails,
            passes: passes && !fails,
            leans_against,
            enough,
            not_yet,
            arrival: Arrival::Here,
        },
    )
}

fn events() -> impl Strategy<Value = Event> {
    prop_oneof![
        60 => judgements().prop_map(Event::Look),
        10 => Just(Event::NoAnswer),
        1 => Just(Event::Pause),
        2 => Just(Event::Resume),
        1 => Just(Event::Promote),
        1 => Just(Event::PromoteFull),
        1 => Just(Event::Abort),
        1 => Just(Event::Retry),
    ]
}

fn schedules() -> impl Strategy<Value = Schedule> {
    let hold = prop_oneof![1 => Just(Hold::Pause), 9 => (1..30_u32).prop_map(Hold::Minutes)];
    let shares = proptest::collection::btree_set(1..100_i64, 0..6);
    (shares, proptest::collection::vec(hold, 7)).prop_map(|(shares, holds)| {
        let share = |share| Weight::new(rust_decimal::Decimal::new(share, 2)).unwrap();
        let shares = shares.into_iter().chain([100]).map(share);
        Schedule::new(
            shares.zip(holds).map(|(share, hold)| ScheduledStep { share, hold }).collect(),
        )
        .unwrap()
    })
}

fn all_choices() -> impl Strategy<Value = Choices> {
    let onward = any::<bool>();
    (
        0..6_u32,
        onward,
        0..3_usize,
        any::<bool>(),
        proptest::option::of(1..200_u32),
        any::<(bool, bool)>(),
    )
        .prop_map(|(settle, hold, no_data, inconclusive, deadline, (early, pass))| Choices {
            settle,
            on_fail: if hold { BackOrHold::Hold } else { BackOrHold::Rollback },
            on_no_data: [OnNoData::Hold, OnNoData::Continue, OnNoData::Rollback][no_data],
            on_inconclusive: if inconclusive {
                HoldOrContinue::Continue
            } else {
                HoldOrContinue::Hold
            },
            deadline,
            advance_early: early,
            require_pass: pass,
            ..Choices::DEFAULT
        })
}

fn starts() -> impl Strategy<Value = (String, Routing, Version)> {
    let text = |name: &str| name.to_owned();
    let share =
        (0..100_i64).prop_map(|share| Weight::new(rust_decimal::Decimal::new(share, 2)).unwrap());
    let custom =
        share.prop_map(move |share| (text("prod"), Routing::split(FOUR, FIVE, share), FIVE));
    prop_oneof![
        custom,
        Just((text("prod"), Routing::split(Version::Number(3), FOUR, Weight::ONE), FIVE)),
        Just((text("prod"), Routing::all_to(FOUR), LATEST)),
        Just((text(DEFAULT_ALIAS), Routing::split(LATEST, FOUR, Weight::ONE), LATEST)),
        Just((text(DEFAULT_ALIAS), Routing::all_to(FOUR), FIVE)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The share rises along the schedule or returns in one write, and is never above the step's;
    /// the way back has the routing of before and the user's own text.
    #[test]
    fn shares_rise_along_the_schedule_or_return_at_once(
        schedule in schedules(),
        choices in all_choices(),
        (name, routing, to) in starts(),
        begins in 0..60_i64,
        events in proptest::collection::vec((1..4_i64, events()), 1..150),
    ) {
        let wish = NewRollout { schedule: schedule.clone(), choices, ..wish(to, "100%") };
        let before = alias(&name, routing);
        let mut now = at(0) + TimeDelta::seconds(begins);
        let mut alias = written(&before, &begin(&before, &wish, now).unwrap());
        let from = rollout_of(&alias).from;
        let mut share = alias.routing.share_of(to);
        prop_assert!(share >= before.routing.share_of(to));
        for (minutes, event) in events {
            now += TimeDelta::minutes(minutes);
            let content = Some("c0de");
            let observed = |evidence| ObservedRollout { alias: &alias, content, evidence };
            let step = rollout_of(&alias).step;
            let decision = match event {
                Event::Look(judgement) => next(&observed(GateEvidence::Judged(judgement)), now),
                Event::NoAnswer => next(&observed(GateEvidence::Unknown), now),
                Event::Pause => pause(&alias).map(|write| {
                    write.map_or(Decision::NoRollout, |write| Decision::Write(Box::new(write)))
                }),
                Event::Resume => {
                    resume(&alias, content, now).map(|found| found.unwrap_or(Decision::NoRollout))
                }
                Event::Promote => promote(&alias, content, false, None, now),
                Event::PromoteFull => promote(&alias, content, true, None, now),
                Event::Abort => {
                    abort(&alias, BackReason::User).map(|write| Decision::Write(Box::new(write)))
                }
                Event::Retry => {
                    retry(&alias, "r", content, now).map(|write| Decision::Write(Box::new(write)))
                }
            };
            let write = match decision {
                Ok(Decision::Write(write)) => *write,
                Ok(Decision::Freeze(ground)) => {
                    let published = Some(Version::Number(77));
                    finish(&alias, &rollout_of(&alias), published, ground).unwrap()
                }
                _ => continue,
            };
            let after = written(&alias, &write);
            let is_back = matches!(write.transition, Transition::Back(_));
            let rollout = rollout_of(&after);
            prop_assert!(after.description.starts_with("mine, 我的。\n"));
            if write.transition == Transition::Retries {
                prop_assert_eq!(rollout.step, 1);
            } else if is_back {
                prop_assert_eq!(&after.routing, &Routing::all_to(from));
                prop_assert!(after.routing.same_effect(&Routing::all_to(from)));
            } else if let Transition::Finishes(_) = write.transition {
                let serves = rollout.frozen.unwrap_or(to);
                prop_assert_eq!(after.routing.share_of(serves), Weight::ONE);
                prop_assert_eq!(share, Weight::ONE);
            } else {
                let given = after.routing.share_of(to);
                prop_assert!(given >= share, "{} after {}", given, share);
                prop_assert_eq!(given, schedule.step(rollout.step).share);
                let jumps = matches!(event, Event::PromoteFull);
                prop_assert!(rollout.step <= step + 1 || jumps);
            }
            share = after.routing.share_of(to);
            alias = after;
            // Doing it once more changes nothing that is not written.
            let again = next(&ObservedRollout { alias: &alias, content, evidence: GateEvidence::Unknown }, now);
            if let Ok(Decision::Write(again)) = again {
                prop_assert!(!matches!(again.transition, Transition::Begins));
            }
        }
    }

    /// Looked at each minute, a rollout ends or stands still in bounded time, whatever it sees.
    #[test]
    fn every_rollout_ends_in_bounded_time(
        schedule in schedules(),
        choices in all_choices(),
        (name, routing, to) in starts(),
        judgements in proptest::collection::vec(judgements(), 1..20),
    ) {
        let wish = NewRollout { schedule: schedule.clone(), choices, ..wish(to, "100%") };
        let before = alias(&name, routing);
        let mut alias = begun(&before, &wish);
        let bound: u32 = schedule
            .steps()
            .iter()
            .map(|step| {
                let hold = step.hold.minutes();
                hold + choices.settle + (3 * hold).max(10) + 1
            })
            .sum();
        let mut ended = false;
        for minute in 0..=i64::from(bound) + 1 {
            let judgement = judgements[usize::try_from(minute).unwrap() % judgements.len()];
            match look(&alias, judgement, minute) {
                Decision::Wait { until, .. } => prop_assert!(until > at(minute)),
                Decision::Write(write) => alias = written(&alias, &write),
                Decision::Freeze(ground) => {
                    let published = Some(Version::Number(77));
                    let write = finish(&alias, &rollout_of(&alias), published, ground).unwrap();
                    alias = written(&alias, &write);
                }
                Decision::Held(_) | Decision::Ended(_) => {
                    ended = true;
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        prop_assert!(ended);
    }

    /// More evidence against the new version never gives it a larger share.
    #[test]
    fn decisions_are_monotone_in_evidence(
        schedule in schedules(),
        choices in all_choices(),
        (name, routing, to) in starts(),
        minute in 0..200_i64,
        judgement in judgements(),
    ) {
        // Whoever goes back without data and holds at a failure has asked for it.
        prop_assume!(
            choices.on_fail == BackOrHold::Rollback || choices.on_no_data != OnNoData::Rollback
        );
        let wish = NewRollout { schedule, choices, ..wish(to, "100%") };
        let alias = begun(&alias(&name, routing), &wish);
        let after = |judgement: JointVerdict| match look(&alias, judgement, minute) {
            Decision::Write(write) => (write.routing.share_of(to), {
                !matches!(write.transition, Transition::Back(_) | Transition::Holds(_))
            }),
            Decision::Freeze(_) => (Weight::ONE, true),
            _ => (alias.routing.share_of(to), false),
        };
        for worse in [
            JointVerdict { fails: true, passes: false, ..judgement },
            JointVerdict { passes: false, ..judgement },
            JointVerdict { leans_against: true, passes: false, ..judgement },
            JointVerdict { not_yet: true, ..judgement },
        ] {
            prop_assert!(after(worse) <= after(judgement), "{:?} {:?}", worse, judgement);
        }
        // Nor does a monitor that has not come as far, unless no data is to go on.
        if choices.on_no_data != OnNoData::Continue {
            for arrival in [Arrival::Quiet, Arrival::Overdue] {
                let later = JointVerdict { arrival, ..judgement };
                prop_assert!(after(later) <= after(judgement), "{:?} {:?}", later, judgement);
            }
        }
    }

    /// Two who decide by the same alias in the same minute write the same.
    #[test]
    fn two_tickers_write_the_same(
        schedule in schedules(),
        minute in 0..200_i64,
        (one, other) in (0..60_i64, 0..60_i64),
        judgement in judgements(),
    ) {
        let wish = NewRollout { schedule, ..wish(FIVE, "100%") };
        let alias = begun(&alias("prod", Routing::all_to(FOUR)), &wish);
        let decide = |second: i64| {
            let evidence = GateEvidence::Judged(judgement);
            let now = at(minute) + TimeDelta::seconds(second);
            next(&ObservedRollout { alias: &alias, content: None, evidence }, now).unwrap()
        };
        // In the first seconds, or after them.
        prop_assume!((one < 3) == (other < 3));
        prop_assert_eq!(decide(one), decide(other));
    }
}

#[test]
fn what_is_written_is_what_is_remembered() {
    let alias = begun(&alias("prod", Routing::all_to(FOUR)), &wish(FIVE, "10%:10m,100%"));
    let Remembered::Memory(memory) = read(&alias.description) else { panic!() };
    assert_eq!(described(&alias.description, &memory), alias.description);
}
