//! The worked example, and laws that hold for every series.

use proptest::prelude::*;

use super::*;

#[allow(clippy::unnecessary_wraps)] // A side of a minute, where there is one.
fn errors(calls: f64, errors: f64) -> Option<Side> {
    Some(Side { calls, errors, ..Side::default() })
}

fn minute(step: usize, baseline: Option<Side>, canary: Option<Side>) -> SettledMinute {
    SettledMinute { step, full: false, baseline, canary }
}

fn gate(kind: RuleKind, text: &str) -> GateSettings {
    GateSettings { rules: vec![GateRule::parse(kind, text).unwrap()], ..GateSettings::default() }
}

fn letters(verdicts: &[Verdict]) -> String {
    verdicts.iter().map(|verdict| verdict.letter()).collect()
}

#[test]
fn the_worked_example() {
    let minutes = [
        minute(0, errors(900.0, 9.0), errors(100.0, 1.0)),
        minute(0, errors(908.0, 8.0), errors(93.0, 6.0)),
        minute(0, errors(893.0, 10.0), errors(105.0, 7.0)),
    ];
    let judgement = judge(&[], &minutes, &GateSettings::default());
    for (ours, wanted) in judgement.gates[0].log_e_fail.iter().zip([-0.2668, 1.0347, 4.6724]) {
        assert!((ours - wanted).abs() < 5e-5, "{ours} is not {wanted}");
    }
    assert_eq!(letters(&judgement.verdicts), "IIF");
    assert_eq!(judgement.failed_at(), Some(3));
    assert!(!judge(&[], &minutes[..1], &GateSettings::default()).leans_against());
    assert!(judge(&[], &minutes[..2], &GateSettings::default()).leans_against());
}

#[test]
fn total_failure_fails_in_its_first_minute() {
    let minutes = [minute(0, errors(90.0, 0.0), errors(10.0, 10.0))];
    assert_eq!(letters(&judge(&[], &minutes, &GateSettings::default()).verdicts), "F");
    let half_of_them = [minute(0, errors(90.0, 0.0), errors(10.0, 4.0))];
    assert_eq!(letters(&judge(&[], &half_of_them, &GateSettings::default()).verdicts), "I");
}

#[test]
fn next_to_no_baseline_is_no_reason_for_no_number() {
    let minutes = [minute(0, errors(1.936e-7, 0.0), errors(7.6e82, 0.0))];
    let judgement = judge(&[], &minutes, &GateSettings::default());
    for log in
        judgement.gates.iter().flat_map(|gate| gate.log_e_fail.iter().chain(&gate.log_e_pass))
    {
        assert!(!log.is_nan(), "{judgement:?}");
    }
}

#[test]
fn without_data_nothing_leans_and_nothing_moves_on() {
    for minutes in [
        vec![],
        vec![minute(0, None, None); 30],
        vec![minute(0, errors(900.0, 9.0), None); 30],
        vec![minute(0, None, errors(900.0, 90.0)); 30],
    ] {
        let judgement = judge(&[], &minutes, &GateSettings::default());
        assert!(!judgement.leans_against());
        assert!(judgement.lacks_data(0));
        assert_eq!(judgement.verdict(0), Verdict::Inconclusive);
    }
}

#[test]
fn a_pass_belongs_to_its_step_and_a_failure_to_all() {
    let good = minute(0, errors(90_000.0, 90.0), errors(10_000.0, 10.0));
    let settings = gate(RuleKind::MaxErrorRateIncrease, "1%");
    let judgement = judge(&[], &[good; 4], &settings);
    assert_eq!(letters(&judgement.verdicts), "IIPP");
    assert_eq!(judgement.verdict(0), Verdict::Pass);
    assert_eq!(judgement.verdict(1), Verdict::Inconclusive);
    assert!(judgement.lacks_data(1));
    let bad = minute(0, errors(90_000.0, 90.0), errors(10_000.0, 9_000.0));
    let judgement = judge(&[], &[bad; 1], &settings);
    assert_eq!(judgement.verdict(1), Verdict::Fail);
}

#[test]
fn several_gates_and_functions_share_alpha() {
    let mut settings = GateSettings {
        rules: vec![GateRule::default(), GateRule::parse(RuleKind::MaxErrorRate, "2%").unwrap()],
        functions: 5,
        ..GateSettings::default()
    };
    let used = judge(&[], &[], &settings).used;
    assert!((used.alpha - 0.001).abs() < 1e-15);
    assert!((used.beta - 0.005).abs() < 1e-15);
    settings.confidence = "50%".parse().unwrap();
    let used = judge(&[], &[], &settings).used;
    assert!((used.alpha - 0.05).abs() < 1e-15);
    assert!((used.beta - 0.05).abs() < 1e-15);
}

#[test]
fn any_failure_fails_and_all_passes_pass() {
    use Verdict::{Fail, Inconclusive, Pass};
    for (verdicts, together) in [
        (vec![], Pass),
        (vec![Pass, Pass], Pass),
        (vec![Pass, Inconclusive], Inconclusive),
        (vec![Inconclusive, Fail], Fail),
        (vec![Pass, Fail], Fail),
    ] {
        assert_eq!(super::together(verdicts.clone().into_iter()), together, "{verdicts:?}");
    }
}

#[allow(clippy::unnecessary_wraps)]
fn throttled(calls: f64, throttled: f64) -> Option<Side> {
    Some(Side { calls, throttled, ..Side::default() })
}

#[test]
fn a_budget_of_throttles_fails_only_what_is_throttled_more() {
    let settings = gate(RuleKind::MaxThrottles, "100");
    let look = |baseline, canary| judge(&[], &[minute(0, baseline, canary); 6], &settings);
    let within = look(throttled(900.0, 0.0), throttled(100.0, 15.0));
    assert_eq!(letters(&within.verdicts), "IIPPPP");
    // Evidence against it is above 1, but the budget allows it.
    assert!(within.gates[0].leans_against() && !within.leans_against());
    let alone = look(throttled(900.0, 0.0), throttled(100.0, 30.0));
    assert_eq!(letters(&alone.verdicts), "IIPFFF");
    let both = look(throttled(900.0, 270.0), throttled(100.0, 30.0));
    assert_eq!(letters(&both.verdicts), "IIPIII");
    assert!(both.findings()[0].remarks.contains(&FindingRemark::BothThrottled));
    // Everything was throttled: nothing ran, and it still counts.
    let refused = look(throttled(900.0, 0.0), throttled(0.0, 60.0));
    assert_eq!(letters(&refused.verdicts), "IFFFFF");
}

#[test]
fn the_budget_begins_anew_with_the_step() {
    let settings = gate(RuleKind::MaxThrottles, "100");
    let both = |step| minute(step, throttled(900.0, 270.0), throttled(100.0, 30.0));
    let minutes: Vec<SettledMinute> = [0, 0, 0, 0, 1, 1, 1].map(both).to_vec();
    assert_eq!(letters(&judge(&[], &minutes, &settings).verdicts), "IIPIIIP");
}

#[test]
fn the_frozen_limit_looks_at_the_rollout_until_the_canary_has_everything() {
    let history = vec![errors(1000.0, 10.0); 60];
    let compared = minute(0, errors(900.0, 18.0), errors(100.0, 2.0));
    let full = SettledMinute { full: true, step: 1, ..minute(1, None, errors(1000.0, 20.0)) };
    let limit = |minutes: &[SettledMinute]| {
        judge(&history, minutes, &GateSettings::default()).used.frozen_limit
    };
    let before = limit(&[]).unwrap();
    assert!(before > 0.0155 && before < 0.0175, "{before}");
    let after = limit(&[compared; 20]).unwrap();
    assert!((after - 0.0305).abs() < 1e-12, "{after}");
    let mut minutes = vec![compared; 20];
    // Direct calls of the old version do not move the limit any more.
    minutes.extend(vec![SettledMinute { baseline: errors(900.0, 900.0), ..full }; 20]);
    assert_eq!(limit(&minutes), Some(after));
    assert_eq!(judge(&[], &minutes, &GateSettings::default()).used.frozen_limit, None);
}

#[test]
fn the_outlook_keeps_its_word() {
    let so_far = vec![minute(0, errors(900.0, 9.0), errors(100.0, 1.0)); 5];
    let settings = GateSettings::default();
    let outlook = judge(&[], &so_far, &settings).findings()[0].outlook.unwrap();
    let then = |more: SettledMinute, count: usize| {
        let minutes: Vec<SettledMinute> = so_far.iter().copied().chain(vec![more; count]).collect();
        judge(&[], &minutes, &settings).verdict(0)
    };
    let failures = outlook.failures.unwrap();
    #[allow(clippy::cast_precision_loss)]
    let each = failures.calls / failures.minutes as f64;
    let bad = |failed| minute(0, errors(900.0, 9.0), errors(100.0, failed));
    assert_eq!(then(bad(each), failures.minutes), Verdict::Fail);
    assert_eq!(then(bad(each - 1.0), failures.minutes), Verdict::Inconclusive);
    let clean = outlook.clean.unwrap();
    assert_eq!(then(bad(0.0), clean.minutes), Verdict::Pass);
    assert_eq!(then(bad(0.0), clean.minutes - 1), Verdict::Inconclusive);
}

/// Counts as a monitor reports them, and as it should not.
fn count() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (0_u32..2000).prop_map(f64::from),
        2 => 0.0..1e9_f64,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![
            0.0, -0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE,
        ]),
    ]
}

fn side() -> impl Strategy<Value = Option<Side>> {
    let side = (count(), count(), prop::option::of(count()), count());
    prop::option::weighted(
        0.9,
        side.prop_map(|(calls, errors, mean_ms, throttled)| Side {
            calls,
            errors,
            mean_ms,
            throttled,
        }),
    )
}

/// Counts of a real minute: no more errors than calls.
fn plausible() -> impl Strategy<Value = (f64, f64)> {
    (0_u32..3000, 0.0..1.0_f64, 0.0..1.0_f64)
        .prop_map(|(calls, one, two)| (f64::from(calls), (f64::from(calls) * one * two).floor()))
}

fn settings() -> impl Strategy<Value = GateSettings> {
    let rules = prop::sample::subsequence(
        vec![
            GateRule::default(),
            GateRule::parse(RuleKind::MaxErrorRate, "2%").unwrap(),
            GateRule::parse(RuleKind::MaxDurationIncrease, "20%").unwrap(),
            GateRule::parse(RuleKind::MaxThrottles, "100").unwrap(),
        ],
        0..=4,
    );
    (rules, 0_u64..100, 0_usize..30).prop_map(|(rules, min_invocations, functions)| GateSettings {
        rules,
        min_invocations,
        functions,
        ..GateSettings::default()
    })
}

fn series() -> impl Strategy<Value = Vec<SettledMinute>> {
    let minute = (0_usize..4, any::<bool>(), side(), side());
    prop::collection::vec(minute, 0..40).prop_map(|minutes| {
        minutes
            .into_iter()
            .map(|(step, full, baseline, canary)| SettledMinute { step, full, baseline, canary })
            .collect()
    })
}

proptest! {
    #[test]
    fn whatever_the_numbers_are_there_is_a_verdict(
        history in prop::collection::vec(side(), 0..70),
        minutes in series(),
        settings in settings(),
    ) {
        let judgement = judge(&history, &minutes, &settings);
        prop_assert_eq!(judgement.verdicts.len(), minutes.len());
        prop_assert!(judgement.used.dispersion >= 1.0);
        for gate in &judgement.gates {
            for log in gate.log_e_fail.iter().chain(&gate.log_e_pass) {
                prop_assert!(!log.is_nan());
            }
        }
        for finding in judgement.findings() {
            prop_assert!(!finding.to_string().contains("NaN"), "{finding}");
        }
    }

    /// A `tick` that starts from nothing judges like a process that has watched all along.
    #[test]
    fn what_comes_later_changes_no_earlier_look(
        history in prop::collection::vec(side(), 0..70),
        minutes in series(),
        settings in settings(),
        cut in 0_usize..40,
    ) {
        // The share rises to 100 % once, which freezes the limit.
        let mut minutes = minutes;
        minutes.sort_by_key(|minute| (minute.full, minute.step));
        let cut = cut.min(minutes.len());
        let (early, all) =
            (judge(&history, &minutes[..cut], &settings), judge(&history, &minutes, &settings));
        prop_assert_eq!(&early.verdicts[..], &all.verdicts[..cut]);
        for (early, all) in early.gates.iter().zip(&all.gates) {
            prop_assert_eq!(&early.log_e_fail[..], &all.log_e_fail[..cut]);
            prop_assert_eq!(&early.log_e_pass[..], &all.log_e_pass[..cut]);
        }
    }

    /// Not for throttles: a throttled call is another call, too, which can sharpen the comparison
    /// with a baseline that is throttled just as often.
    #[test]
    fn more_errors_of_the_canary_never_speak_for_it(
        counts in prop::collection::vec((plausible(), plausible()), 1..30),
        at in 0_usize..30,
        more in 1_u32..500,
        absolute in any::<bool>(),
        full_from in 0_usize..60,
    ) {
        let settings = if absolute { gate(RuleKind::MaxErrorRate, "2%") } else { GateSettings::default() };
        let history = vec![errors(1000.0, 10.0); 60];
        let minutes: Vec<SettledMinute> = counts
            .iter()
            .enumerate()
            .map(|(index, ((calls, bad), (canary, failed)))| SettledMinute {
                step: index / 10,
                full: index >= full_from,
                baseline: errors(*calls, *bad),
                canary: errors(*canary, *failed),
            })
            .collect();
        let mut worse = minutes.clone();
        let index = at % worse.len();
        if let Some(side) = worse[index].canary.as_mut() {
            side.errors += f64::from(more);
        }
        let (before, after) = (judge(&history, &minutes, &settings), judge(&history, &worse, &settings));
        let slack = |log: f64| 1e-9 * log.abs().max(1.0);
        for (before, after) in before.gates[0].log_e_fail.iter().zip(&after.gates[0].log_e_fail) {
            prop_assert!(*after >= before - slack(*before));
        }
        for (before, after) in before.gates[0].log_e_pass.iter().zip(&after.gates[0].log_e_pass) {
            prop_assert!(*after <= before + slack(*before));
        }
    }

    /// Section "stakes": the cap, and the cash that is never staked.
    #[test]
    fn one_odd_minute_never_fails_a_canary_that_gave_no_cause(
        healthy in 0_usize..30,
        (calls, bad) in plausible(),
        canary in 1_u32..100_000,
        share in 0.0..0.499_f64,
        new_step in any::<bool>(),
        absolute in any::<bool>(),
    ) {
        let settings = if absolute { gate(RuleKind::MaxErrorRate, "2%") } else { GateSettings::default() };
        let mut minutes = vec![minute(0, errors(900.0, 9.0), errors(100.0, 0.0)); healthy];
        let canary = f64::from(canary);
        minutes.push(minute(usize::from(new_step), errors(calls, bad), errors(canary, canary * share)));
        let judgement = judge(&[], &minutes, &settings);
        prop_assert_eq!(judgement.failed_at(), None);
    }
}
