//! A start that is repeated under its run id: whether what is typed now is what was begun.

use chrono::{DateTime, TimeDelta, Utc};

use super::options::{RULES, RolloutPlan, Typed, VersionChoice};
use super::place::RolloutContext;
use crate::error::{BegunWith, Error, RolloutProblem};
use crate::model::Version;
use crate::plan::gates;
use crate::plan::rollout::schedule::Schedule;
use crate::plan::rollout::state::{Choices, Rollout};
use crate::plan::rollout::{gate_fields, marker};
use crate::shell;

/// Refuses a start that was begun otherwise. What only the file says may have changed since then:
/// the rollout goes on as it was begun.
///
/// # Errors
/// An option that is typed differs from that of the rollout.
pub(super) fn check(
    place: &RolloutContext<'_>,
    typed: &Typed,
    plan: &RolloutPlan,
    begun: &Rollout,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let with = otherwise(typed, plan, begun, now);
    if with.is_empty() {
        return Ok(());
    }
    Err(place.error(RolloutProblem::Otherwise { alias: place.alias.clone(), with }))
}

/// How a rollout was begun, where that is otherwise than is typed now.
fn otherwise(
    typed: &Typed,
    plan: &RolloutPlan,
    begun: &Rollout,
    now: DateTime<Utc>,
) -> Vec<BegunWith> {
    let mut found: Vec<BegunWith> = Vec::new();
    for option in typed.keys().copied() {
        if is_partly_of_the_file(option, typed, plan, begun) {
            continue;
        }
        let differs = differs(option, plan, begun, now);
        // Several options make the steps.
        found.extend(differs.filter(|one| !found.contains(one)));
    }
    found
}

/// Whether what an option says shows only with what the file says beside it, which may have changed.
fn is_partly_of_the_file(option: &str, typed: &Typed, plan: &RolloutPlan, begun: &Rollout) -> bool {
    const QUERIES: [&str; 5] = [
        "--prometheus",
        "--query-calls-baseline",
        "--query-calls-canary",
        "--query-error-baseline",
        "--query-error-canary",
    ];
    let is_typed = |option: &&str| typed.contains_key(*option);
    match option {
        "--interval" | "--bake" => {
            let shares =
                |of: &Schedule| of.steps().iter().map(|step| step.share).collect::<Vec<_>>();
            !["--steps", "--preset"].iter().any(&is_typed)
                && shares(&plan.schedule) != shares(&begun.schedule)
        }
        // A tick compares all of them.
        option => QUERIES.contains(&option) && !QUERIES.iter().all(is_typed),
    }
}

fn differs(
    option: &'static str,
    plan: &RolloutPlan,
    begun: &Rollout,
    now: DateTime<Utc>,
) -> Option<BegunWith> {
    let compared = |option, is: Option<String>, was: Option<String>| {
        let differs = is != was;
        let with = was.map_or(BegunWith::Without(option), |was| BegunWith::Value(option, was));
        differs.then_some(with)
    };
    let digests = |option, is: Option<&String>, was: Option<&String>| {
        let with = was.map_or(BegunWith::Without(option), |_| BegunWith::Another(option));
        (is != was).then_some(with)
    };
    let given = plan.outside.digests();
    match option {
        "--to" | "--publish" => {
            let is_that = match plan.to {
                VersionChoice::Is(version) => version == begun.to,
                // The last one of then, or the one that was published then.
                VersionChoice::LatestPublished | VersionChoice::Publish => {
                    begun.to != Version::Latest
                }
            };
            let to = || shell::quoted(&begun.to.to_string()).into_owned();
            (!is_that).then(|| BegunWith::Value("--to", to()))
        }
        "--steps" | "--preset" | "--interval" | "--bake" => {
            let text = |schedule: &dyn ToString| Some(schedule.to_string().replace(", ", ","));
            compared("--steps", text(&plan.schedule), text(&begun.schedule))
        }
        "--no-freeze" => (plan.freeze != begun.freeze).then_some(BegunWith::Without(option)),
        "--no-gates" => begun.gates.is_any().then_some(BegunWith::Without(option)),
        "--gate-cmd" => digests(option, given.command.as_ref(), begun.gates.command.as_ref()),
        "--prometheus"
        | "--query-calls-baseline"
        | "--query-calls-canary"
        | "--query-error-baseline"
        | "--query-error-canary" => {
            let was = begun.gates.prometheus.as_ref();
            digests("--prometheus", given.prometheus.as_ref(), was)
        }
        // Whoever goes on after the deadline waives it.
        "--deadline"
            if begun.choices.deadline.is_none()
                && plan.choices.deadline.is_some_and(|minutes| {
                    begun.began.start() + TimeDelta::minutes(minutes.into()) <= now
                }) =>
        {
            None
        }
        option => {
            let was = gate_fields::settings(&begun.gates, begun.functions);
            let is = gate(option, plan.settings.as_ref()).or(choice(option, &plan.choices));
            compared(option, is, gate(option, was.as_ref()).or(choice(option, &begun.choices)))
        }
    }
}

/// An option of the gates, as it is typed.
fn gate(option: &str, settings: Option<&gates::GateSettings>) -> Option<String> {
    let settings = settings?;
    if let Some((_, kind)) = RULES.iter().find(|(rule, _)| *rule == option) {
        let rule = settings.rules.iter().find(|rule| rule.kind() == *kind);
        return rule.map(gates::GateRule::value);
    }
    match option {
        "--min-invocations" => Some(settings.min_invocations.to_string()),
        "--confidence" => Some(settings.confidence.to_string()),
        "--dispersion" => settings.dispersion.as_ref().map(ToString::to_string),
        _ => None,
    }
}

/// A choice, as it is typed, where it is not what holds without it.
fn choice(option: &str, choices: &Choices) -> Option<String> {
    let key = match option {
        "--require-pass" => "require".to_owned(),
        option => option.replace('-', ""),
    };
    let fields = marker::choices_fields(choices);
    fields.into_iter().find(|(name, _)| *name == key).map(|(_, values)| values.join(" "))
}

#[cfg(test)]
mod tests {
    use super::super::options::tests::given;
    use super::*;
    use crate::plan::rollout::state::{Minute, Phase};

    fn plan(pairs: &[(&'static str, &str)]) -> RolloutPlan {
        given(pairs).plan_for("prod").unwrap()
    }

    fn rollout(plan: &RolloutPlan) -> Rollout {
        Rollout {
            id: "abc".into(),
            from: Version::Number(1),
            to: Version::Number(2),
            schedule: plan.schedule.clone(),
            step: 1,
            began: Minute::of(DateTime::UNIX_EPOCH),
            starts: vec![0],
            skipped: Vec::new(),
            since: 0,
            judged: 0,
            phase: Phase::Running,
            choices: plan.choices,
            gates: plan.fields(),
            functions: 1,
            content: None,
            freeze: plan.freeze,
            frozen: None,
        }
    }

    #[test]
    fn what_is_typed_is_what_was_begun_or_is_named() {
        let begun = [
            ("--steps", "10%,100%"),
            ("--max-error-rate", "1%"),
            ("--gate-cmd", "./check token"),
            ("--on-fail", "hold"),
            ("--deadline", "2h"),
        ];
        let begun = rollout(&plan(&begun));
        for (pairs, expected) in [
            (&[][..], ""),
            (&[("--to", "2")], ""),
            (&[("--to", "latest-published")], ""),
            (&[("--to", "3")], "`--to 2`"),
            (&[("--to", "$LATEST")], "`--to 2`"),
            (&[("--publish", "true")], ""),
            (&[("--steps", "0.1:10m,100%:10m")], ""),
            (&[("--preset", "Canary10Percent10Minutes")], ""),
            (&[("--steps", "50%,100%"), ("--interval", "1m")], "`--steps 10%:10m,100%:10m`"),
            (&[("--max-error-rate", "1%")], ""),
            (&[("--max-error-rate", "2%")], "`--max-error-rate 1%`"),
            (&[("--max-throttles", "5")], "no `--max-throttles`"),
            (&[("--max-error-rate", "1%"), ("--confidence", "95%")], "`--confidence 99%`"),
            (&[("--max-error-rate", "1%"), ("--dispersion", "2")], "no `--dispersion`"),
            (&[("--gate-cmd", "./check token")], ""),
            (&[("--gate-cmd", "./other")], "another `--gate-cmd`"),
            (&[("--no-gates", "true")], "no `--no-gates`"),
            (&[("--on-fail", "hold")], ""),
            (&[("--on-fail", "rollback")], "`--on-fail hold`"),
            (&[("--on-no-data", "continue")], "no `--on-no-data`"),
            (&[("--on-no-data", "hold")], ""),
            (&[("--require-pass", "true")], "no `--require-pass`"),
            (&[("--advance", "early")], "no `--advance`"),
            (&[("--settle", "5m")], "no `--settle`"),
            (&[("--deadline", "120m")], ""),
            (&[("--deadline", "1h")], "`--deadline 120m`"),
            (&[("--no-freeze", "true"), ("--to", "$LATEST")], "no `--no-freeze`, `--to 2`"),
        ] {
            let typed: Typed =
                pairs.iter().map(|(option, text)| (*option, (*text).to_owned())).collect();
            let found = otherwise(&typed, &plan(pairs), &begun, DateTime::UNIX_EPOCH);
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found.join(", "), expected, "{pairs:?}");
        }
    }

    #[test]
    fn what_only_the_file_says_may_have_changed() {
        let begun = rollout(&plan(&[("--steps", "10%,100%"), ("--interval", "5m")]));
        let typed: Typed = [("--interval", "5m".to_owned())].into();
        for (steps, interval, expected) in [
            ("10%,100%", "5m", 0),
            ("20%,100%", "5m", 0),
            // The steps are as they were, so that what is typed shows.
            ("10%,100%", "7m", 1),
        ] {
            let now = plan(&[("--steps", steps), ("--interval", interval)]);
            let found = otherwise(&typed, &now, &begun, DateTime::UNIX_EPOCH);
            assert_eq!(found.len(), expected, "{steps} {interval}");
        }
    }

    #[test]
    fn a_deadline_that_may_have_been_waived_is_no_other() {
        let mut begun = rollout(&plan(&[]));
        let pairs = [("--deadline", "1h")];
        let typed: Typed = pairs.map(|(option, text)| (option, text.to_owned())).into();
        let at = |minutes| {
            let now = DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
            otherwise(&typed, &plan(&pairs), &begun, now).len()
        };
        assert_eq!((at(59), at(60)), (1, 0));
        begun.choices.deadline = Some(60);
        assert!(otherwise(&typed, &plan(&pairs), &begun, DateTime::UNIX_EPOCH).is_empty());
    }
}
