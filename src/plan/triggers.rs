//! The steps that bring timer triggers to what the file says.
//!
//! A timer's identity is its name. On the qualifiers that the file's timers name, the file is
//! the truth; a timer of one of their names anywhere else has moved. Everything else is left
//! alone: triggers of other types, and timers on qualifiers that the file does not name.

use std::collections::BTreeSet;

use super::Step;
use super::deploy::Note;
use crate::model::{DEFAULT_ALIAS, PublishedVersion, Version};

/// The type of a timer, as the API spells it.
pub const TIMER: &str = "timer";

/// Timers that a function may have (API reference, names and limits).
const TIMERS: usize = 10;

/// A timer of the file, valid by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// `TriggerName`.
    pub name: String,
    /// Version or alias that it calls.
    pub qualifier: String,
    /// Seven fields, or the old five.
    pub cron: String,
    /// `CustomArgument`; empty for none.
    pub argument: String,
    /// Whether it fires; `None` when the file does not say.
    pub enabled: Option<bool>,
}

impl Timer {
    /// The alias that it names, other than the one that every function has.
    #[must_use]
    pub fn alias(&self) -> Option<&str> {
        let own = self.qualifier != DEFAULT_ALIAS && self.qualifier.parse::<Version>().is_err();
        own.then_some(self.qualifier.as_str())
    }

    fn is(&self, trigger: &ObservedTrigger) -> bool {
        trigger.kind == TIMER && trigger.name == self.name && trigger.qualifier == self.qualifier
    }
}

/// A trigger as the service reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedTrigger {
    /// `timer`, `cos`, `http`, …
    pub kind: String,
    /// `TriggerName`.
    pub name: String,
    /// Version or alias that it calls.
    pub qualifier: String,
    /// The cron expression of a timer; empty for other types.
    pub cron: String,
    /// `CustomArgument`; empty for none.
    pub argument: String,
    /// Whether it fires.
    pub enabled: bool,
}

/// What there is, read only when the file has an `events` key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObservedTriggers {
    /// All of them, over all pages.
    pub triggers: Vec<ObservedTrigger>,
    /// Aliases that exist: those that the file names, and all when one of these is missing.
    pub aliases: Vec<String>,
}

/// A timer that calls something that is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QualifierError {
    /// No such alias.
    #[error("timer `{timer}` names alias `{alias}`, which the function does not have")]
    NoAlias {
        /// Timer.
        timer: String,
        /// Alias.
        alias: String,
        /// The aliases that exist; empty where they could not be listed.
        existing: Vec<String>,
    },
    /// No such version.
    #[error("timer `{timer}` names version {version}, which the function does not have")]
    NoVersion {
        /// Timer.
        timer: String,
        /// Version.
        version: Version,
        /// The last published one.
        last: Option<Version>,
    },
    /// The function is only about to be created.
    #[error("timer `{timer}` names `{qualifier}`, and the function does not exist yet")]
    NoFunction {
        /// Timer.
        timer: String,
        /// Alias or version.
        qualifier: String,
    },
}

/// What differs between a timer that is there and the file; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// New cron expression.
    pub cron: Option<String>,
    /// New argument, empty to clear it.
    pub argument: Option<String>,
    /// Whether it fires.
    pub enabled: Option<bool>,
}

impl Changes {
    /// What has to change for the timer to be as the file says.
    #[must_use]
    pub fn of(observed: &ObservedTrigger, wanted: &Timer) -> Self {
        // Blanks between the fields carry no meaning, and a service may tidy them up.
        let fields = |cron: &str| cron.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        Self {
            cron: (fields(&observed.cron) != fields(&wanted.cron)).then(|| wanted.cron.clone()),
            argument: (observed.argument != wanted.argument).then(|| wanted.argument.clone()),
            enabled: wanted.enabled.filter(|enabled| *enabled != observed.enabled),
        }
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Why a timer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The file names its qualifier and does not list it.
    NotListed,
    /// It stands on another qualifier now.
    Moved(String),
    /// It is about to stand on another qualifier, and has to make room before.
    Moving(String),
}

/// A change of a timer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerStep {
    /// `CreateTrigger`.
    Create {
        /// The timer; whether it fires is settled.
        timer: Timer,
        /// The qualifier that a timer of this name stands on until the next step. A service
        /// that takes a name only once wants that one gone first.
        old: Option<String>,
    },
    /// `UpdateTrigger`.
    Update {
        /// Name.
        name: String,
        /// Version or alias that it calls.
        qualifier: String,
        /// What changes.
        changes: Changes,
    },
    /// `DeleteTrigger`.
    Delete {
        /// Name.
        name: String,
        /// Version or alias that it calls.
        qualifier: String,
        /// Why.
        reason: Reason,
    },
}

impl TriggerStep {
    /// The API action that carries the step out.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Create { .. } => "CreateTrigger",
            Self::Update { .. } => "UpdateTrigger",
            Self::Delete { .. } => "DeleteTrigger",
        }
    }

    /// What the step changes, for people.
    #[must_use]
    pub fn effect(&self) -> String {
        match self {
            Self::Create { timer, .. } => {
                let Timer { name, qualifier, cron, enabled, .. } = timer;
                let closed = if *enabled == Some(true) { "" } else { ", closed" };
                format!("create timer `{name}` on `{qualifier}` ({cron}{closed})")
            }
            Self::Update { name, qualifier, changes } => {
                let mut parts = Vec::new();
                parts.extend(changes.cron.as_ref().map(|cron| format!("cron to {cron}")));
                parts.extend(changes.argument.as_ref().map(|text| {
                    if text.is_empty() { "argument to none" } else { "argument" }.to_owned()
                }));
                parts.extend(changes.enabled.map(|enabled| {
                    if enabled { "state to open" } else { "state to closed" }.to_owned()
                }));
                format!("change timer `{name}` on `{qualifier}`: {}", parts.join(", "))
            }
            Self::Delete { name, qualifier, reason } => {
                let why = match reason {
                    Reason::NotListed => "the file does not list it".to_owned(),
                    Reason::Moved(to) => format!("the file has it on `{to}`"),
                    Reason::Moving(to) => format!("it makes room for the one on `{to}`"),
                };
                format!("delete timer `{name}` on `{qualifier}`: {why}")
            }
        }
    }
}

/// Checks that every version and alias that a timer names is there.
///
/// `exists` is false for a function that is about to be created: it is born with `$LATEST`
/// and `$DEFAULT` only.
///
/// # Errors
/// The first timer that names something else.
pub fn check(
    wanted: &[Timer],
    exists: bool,
    versions: &[PublishedVersion],
    aliases: &[String],
) -> Result<(), QualifierError> {
    for timer in wanted {
        let version = timer.qualifier.parse::<Version>().ok();
        if version == Some(Version::Latest) || timer.qualifier == DEFAULT_ALIAS {
            continue;
        }
        if !exists {
            return Err(QualifierError::NoFunction {
                timer: timer.name.clone(),
                qualifier: timer.qualifier.clone(),
            });
        }
        match version {
            Some(version) if versions.iter().all(|known| known.version != version) => {
                return Err(QualifierError::NoVersion {
                    timer: timer.name.clone(),
                    version,
                    last: versions.iter().map(|known| known.version).max(),
                });
            }
            None if !aliases.contains(&timer.qualifier) => {
                return Err(QualifierError::NoAlias {
                    timer: timer.name.clone(),
                    alias: timer.qualifier.clone(),
                    existing: aliases.to_vec(),
                });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Decides the steps for the timers of the file, and what to say about the rest.
///
/// A timer that moves to another qualifier is created there before it goes from the old
/// one, so that no firing is missed; only at the limit of timers it goes first. The old one
/// follows at once, so that both stand for one call only.
#[must_use]
pub fn plan(observed: &[ObservedTrigger], wanted: &[Timer]) -> (Vec<Step>, Vec<Note>) {
    let mut owned: BTreeSet<&str> = wanted.iter().map(|timer| timer.qualifier.as_str()).collect();
    if owned.is_empty() {
        // Where a timer without `qualifier` would have stood.
        owned.insert(DEFAULT_ALIAS);
    }
    let new_place = |trigger: &ObservedTrigger| {
        wanted.iter().find(|timer| timer.name == trigger.name).map(|timer| timer.qualifier.clone())
    };
    let mut leaving = Vec::new();
    let mut left_alone = Vec::new();
    for trigger in observed {
        let listed = wanted.iter().any(|timer| timer.is(trigger));
        let ours = owned.contains(trigger.qualifier.as_str()) || new_place(trigger).is_some();
        if trigger.kind == TIMER && ours {
            if !listed {
                leaving.push(trigger);
            }
        } else if !owned.contains(trigger.qualifier.as_str()) {
            left_alone
                .push(format!("{} `{}` on `{}`", trigger.kind, trigger.name, trigger.qualifier));
        }
    }
    let delete = |trigger: &ObservedTrigger, reason| {
        Step::Trigger(TriggerStep::Delete {
            name: trigger.name.clone(),
            qualifier: trigger.qualifier.clone(),
            reason,
        })
    };
    let gone = |trigger: &ObservedTrigger| {
        delete(trigger, new_place(trigger).map_or(Reason::NotListed, Reason::Moved))
    };

    let mut notes = Vec::new();
    let mut changes = Vec::new();
    let mut creations = Vec::new();
    for timer in wanted {
        if let Some(trigger) = observed.iter().find(|trigger| timer.is(trigger)) {
            let differences = Changes::of(trigger, timer);
            if !differences.is_empty() {
                changes.push(Step::Trigger(TriggerStep::Update {
                    name: timer.name.clone(),
                    qualifier: timer.qualifier.clone(),
                    changes: differences,
                }));
            }
            continue;
        }
        let old = leaving.iter().position(|trigger| trigger.name == timer.name);
        let old = old.map(|position| leaving.remove(position));
        if timer.enabled.is_none() && old.is_none() {
            notes.push(Note::CreatedClosed(timer.name.clone()));
        }
        // A move does not switch a timer on or off, and a new one is closed unless the file
        // says otherwise, as the real component creates it.
        let enabled = timer.enabled.or(old.map(|old| old.enabled)).unwrap_or(false);
        creations.push((Timer { enabled: Some(enabled), ..timer.clone() }, old));
    }

    let mut steps = changes;
    let mut count = observed.iter().filter(|trigger| trigger.kind == TIMER).count();
    let crowded = count + creations.len() > TIMERS;
    if crowded {
        steps.extend(leaving.iter().map(|trigger| gone(trigger)));
        count -= leaving.len();
    }
    for (timer, old) in creations {
        let create = |timer, old: Option<&ObservedTrigger>| {
            let old = old.map(|old| old.qualifier.clone());
            Step::Trigger(TriggerStep::Create { timer, old })
        };
        match old {
            Some(old) if count >= TIMERS => {
                steps.push(delete(old, Reason::Moving(timer.qualifier.clone())));
                steps.push(create(timer, None));
            }
            Some(old) => {
                let reason = Reason::Moved(timer.qualifier.clone());
                steps.push(create(timer, Some(old)));
                steps.push(delete(old, reason));
            }
            None => {
                steps.push(create(timer, None));
                count += 1;
            }
        }
    }
    if !crowded {
        steps.extend(leaving.iter().map(|trigger| gone(trigger)));
    }
    if !left_alone.is_empty() {
        notes.push(Note::TriggersLeftAlone(left_alone));
    }
    (steps, notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CRON: &str = "*/5 * * * * * *";

    fn timer(name: &str, qualifier: &str) -> Timer {
        Timer {
            name: name.into(),
            qualifier: qualifier.into(),
            cron: CRON.into(),
            argument: String::new(),
            enabled: Some(true),
        }
    }

    fn trigger(kind: &str, name: &str, qualifier: &str) -> ObservedTrigger {
        ObservedTrigger {
            kind: kind.into(),
            name: name.into(),
            qualifier: qualifier.into(),
            cron: if kind == TIMER { CRON.into() } else { String::new() },
            argument: String::new(),
            enabled: true,
        }
    }

    fn there(names: &[(&str, &str)]) -> Vec<ObservedTrigger> {
        names.iter().map(|(name, qualifier)| trigger(TIMER, name, qualifier)).collect()
    }

    fn effects(observed: &[ObservedTrigger], wanted: &[Timer]) -> Vec<String> {
        plan(observed, wanted).0.iter().map(Step::effect).collect()
    }

    #[test]
    fn what_happens_to_which_timer() {
        type Case<'a> = (&'a str, Vec<ObservedTrigger>, Vec<Timer>, Vec<String>);

        let create = |name, on| format!("create timer `{name}` on `{on}` ({CRON})");
        let unlisted =
            |name, on| format!("delete timer `{name}` on `{on}`: the file does not list it");
        let moved =
            |name, on, to| format!("delete timer `{name}` on `{on}`: the file has it on `{to}`");
        let table: Vec<Case<'_>> = vec![
            ("nothing at all", vec![], vec![], vec![]),
            ("new", vec![], vec![timer("a", "$DEFAULT")], vec![create("a", "$DEFAULT")]),
            ("unchanged", there(&[("a", "prod")]), vec![timer("a", "prod")], vec![]),
            (
                "moved: first created, then deleted",
                there(&[("a", "$DEFAULT")]),
                vec![timer("a", "prod")],
                vec![create("a", "prod"), moved("a", "$DEFAULT", "prod")],
            ),
            (
                "what an interrupted move left behind",
                there(&[("a", "$DEFAULT"), ("a", "prod")]),
                vec![timer("a", "prod")],
                vec![moved("a", "$DEFAULT", "prod")],
            ),
            (
                "the same name on two qualifiers of the file",
                there(&[("a", "one")]),
                vec![timer("a", "one"), timer("a", "two")],
                vec![create("a", "two")],
            ),
            (
                "exchanged places",
                there(&[("a", "one"), ("b", "two")]),
                vec![timer("a", "two"), timer("b", "one")],
                vec![
                    create("a", "two"),
                    moved("a", "one", "two"),
                    create("b", "one"),
                    moved("b", "two", "one"),
                ],
            ),
            (
                "the file is the truth for the qualifiers that it names",
                there(&[("old", "prod"), ("other", "$DEFAULT"), ("x", "beta")]),
                vec![timer("a", "prod")],
                vec![create("a", "prod"), unlisted("old", "prod")],
            ),
            (
                "an empty list is the truth for $DEFAULT",
                there(&[("old", "$DEFAULT"), ("x", "beta")]),
                vec![],
                vec![unlisted("old", "$DEFAULT")],
            ),
            (
                "other types stay, even of the same name",
                vec![trigger("cos", "a", "prod"), trigger("http", "u", "prod")],
                vec![timer("a", "prod")],
                vec![create("a", "prod")],
            ),
        ];
        for (name, observed, wanted, expected) in table {
            assert_eq!(effects(&observed, &wanted), expected, "{name}");
        }
    }

    #[test]
    fn only_what_differs_is_updated() {
        let wanted = |change: &dyn Fn(&mut Timer)| {
            let mut timer = timer("a", "prod");
            change(&mut timer);
            timer
        };
        let mut observed = trigger(TIMER, "a", "prod");
        observed.argument = "x".into();
        let table: Vec<(Timer, &[&str])> = vec![
            (wanted(&|timer| timer.argument = "x".into()), &[]),
            // Not said: stays.
            (wanted(&|timer| (timer.argument, timer.enabled) = ("x".into(), None)), &[]),
            // Blanks mean nothing.
            (
                wanted(&|timer| {
                    (timer.argument, timer.cron) = ("x".into(), " */5 *  * * * * * ".into());
                }),
                &[],
            ),
            (wanted(&|_| {}), &["change timer `a` on `prod`: argument to none"]),
            (
                wanted(&|timer| {
                    timer.argument = "y".into();
                    timer.cron = "0 */5 * * * * *".into();
                    timer.enabled = Some(false);
                }),
                &["change timer `a` on `prod`: cron to 0 */5 * * * * *, argument, state to closed"],
            ),
        ];
        for (timer, expected) in table {
            assert_eq!(
                effects(&[observed.clone()], std::slice::from_ref(&timer)),
                expected,
                "{timer:?}"
            );
        }
    }

    #[test]
    fn a_new_timer_is_closed_unless_the_file_says_otherwise_and_a_move_keeps_the_state() {
        let silent = Timer { enabled: None, ..timer("a", "prod") };
        let (steps, notes) = plan(&[], std::slice::from_ref(&silent));
        assert!(steps[0].effect().ends_with(", closed)"), "{steps:?}");
        assert_eq!(notes, [Note::CreatedClosed("a".into())]);
        let (steps, notes) = plan(&there(&[("a", "$DEFAULT")]), &[silent]);
        assert!(!steps[0].effect().contains("closed"), "{steps:?}");
        assert_eq!(notes, []);
    }

    #[test]
    fn at_the_limit_the_old_ones_go_first() {
        let names: Vec<String> = (0..10).map(|number| format!("t{number}")).collect();
        let full: Vec<_> = names.iter().map(|name| trigger(TIMER, name, "$DEFAULT")).collect();
        let moved: Vec<_> = names.iter().map(|name| timer(name, "prod")).collect();
        let effects_of_move = effects(&full, &moved[..1]);
        assert_eq!(
            effects_of_move,
            [
                "delete timer `t0` on `$DEFAULT`: it makes room for the one on `prod`".to_owned(),
                format!("create timer `t0` on `prod` ({CRON})"),
            ]
        );
        // Renamed on the same qualifier.
        let mut renamed: Vec<_> = names.iter().map(|name| timer(name, "$DEFAULT")).collect();
        renamed[0].name = "new".into();
        assert_eq!(
            effects(&full, &renamed),
            [
                "delete timer `t0` on `$DEFAULT`: the file does not list it".to_owned(),
                format!("create timer `new` on `$DEFAULT` ({CRON})"),
            ]
        );
    }

    #[test]
    fn what_stays_on_other_qualifiers_is_told_once() {
        let observed = [
            trigger(TIMER, "x", "beta"),
            trigger("cos", "b", "$LATEST"),
            trigger("cos", "c", "prod"),
        ];
        let (steps, notes) = plan(&observed, &[timer("a", "prod")]);
        assert_eq!(steps.len(), 1);
        assert_eq!(
            notes,
            [Note::TriggersLeftAlone(vec![
                "timer `x` on `beta`".into(),
                "cos `b` on `$LATEST`".into()
            ])]
        );
    }

    #[test]
    fn a_timer_names_something_that_is_there() {
        let versions = [PublishedVersion {
            version: Version::Number(3),
            description: String::new(),
            status: None,
        }];
        let aliases = ["prod".to_owned()];
        for (qualifier, exists, right) in [
            ("$DEFAULT", false, true),
            ("$LATEST", false, true),
            ("prod", false, false),
            ("3", false, false),
            ("$DEFAULT", true, true),
            ("$LATEST", true, true),
            ("prod", true, true),
            ("prd", true, false),
            ("3", true, true),
            ("4", true, false),
        ] {
            let result = check(&[timer("a", qualifier)], exists, &versions, &aliases);
            assert_eq!(result.is_ok(), right, "{qualifier} {exists}: {result:?}");
        }
    }
}
