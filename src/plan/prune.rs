//! Which versions may be deleted, and why the others are kept.

use super::observed::{ObservedTrigger, Provisioned};
use super::rollout::marker::{self, Remembered};
use crate::model::trigger::TriggerTitle;
use crate::model::{Alias, PublishedVersion, Status, Version, Weight};
use crate::order::Order as _;

/// A use of a version, which keeps it from being deleted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Use {
    /// An alias names it, even with a share of zero.
    #[error("alias `{alias}` sends {} to it", share.percent())]
    Alias {
        /// Name of the alias.
        alias: String,
        /// Share by weight, 0–1.
        share: Weight,
    },
    /// Match rules of this alias name it.
    #[error("alias `{0}` sends requests to it by match rules")]
    Rules(String),
    /// It is part of this alias's rollout, which may be over.
    #[error("it belongs to the rollout of alias `{0}`")]
    Rollout(String),
    /// A rollback of this alias would go to it.
    #[error("a rollback of alias `{0}` goes to it")]
    Before(String),
    /// This alias's marker says that it was rolled back.
    #[error("alias `{0}` remembers that it was rolled back")]
    RolledBack(String),
    /// The marker of this alias names it, in a form that this program does not understand.
    #[error("alias `{0}` has a line in its description that names it and that is not understood")]
    Marker(String),
    /// This trigger calls it.
    #[error("{0} calls it")]
    Trigger(TriggerTitle),
    /// Number of instances that are kept warm or will be. Zero when that number is changing or is
    /// scheduled to change.
    #[error("{}", provisioned(*.0))]
    Provisioned(u64),
    /// Its status is transient: an operation on it is under way.
    #[error("its status is {0}")]
    Status(String),
    /// It is one of this many newest versions that are kept.
    #[error("it is one of the newest {0}")]
    Newest(usize),
}

fn provisioned(count: u64) -> String {
    match count {
        0 => "its provisioned instances change, or are scheduled to".to_owned(),
        1 => "it has 1 provisioned instance".to_owned(),
        _ => format!("it has {count} provisioned instances"),
    }
}

/// Everything that may use versions of a function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Users {
    /// All aliases, including `$DEFAULT`.
    pub aliases: Vec<Alias>,
    /// All triggers.
    pub triggers: Vec<ObservedTrigger>,
    /// Provisioned instances of all versions.
    pub provisioned: Vec<Provisioned>,
}

impl Users {
    /// Returns the uses of a version.
    #[must_use]
    pub fn of(&self, version: Version) -> Vec<Use> {
        let mut uses: Vec<Use> =
            self.aliases.iter().flat_map(|alias| of_alias(alias, version)).collect();
        let name = version.to_string();
        let bound = self.triggers.iter().filter(|trigger| trigger.qualifier == name);
        uses.extend(bound.map(|trigger| Use::Trigger(trigger.title())));
        let warm = self.provisioned.iter().filter(|held| held.version == version);
        let warm = warm.filter(|held| held.count > 0 || !held.settled);
        uses.extend(warm.map(|held| Use::Provisioned(held.count)));
        uses
    }
}

fn of_alias(alias: &Alias, version: Version) -> Vec<Use> {
    let name = || alias.name.clone();
    let routing = &alias.routing;
    let mut uses = Vec::new();
    if routing.main == version || routing.additional.iter().any(|(other, _)| *other == version) {
        uses.push(Use::Alias { alias: name(), share: routing.share_of(version) });
    }
    if routing.matches.iter().any(|rule| rule.version == version) {
        uses.push(Use::Rules(name()));
    }
    match marker::read(&alias.description) {
        Remembered::Memory(memory) => {
            let of_rollout = memory.rollout.as_ref().is_some_and(|rollout| {
                [Some(rollout.from), Some(rollout.to), rollout.frozen].contains(&Some(version))
            });
            uses.extend(of_rollout.then(|| Use::Rollout(name())));
            uses.extend((memory.before == Some(version)).then(|| Use::Before(name())));
            let rolled_back = memory.rolled_back.contains(&version);
            uses.extend(rolled_back.then(|| Use::RolledBack(name())));
            // Keys of a newer marker may name versions, too.
            let mut values = memory.others.iter().flat_map(|(_, values)| values);
            let names_it = values.any(|value| has_number(value, version));
            uses.extend(names_it.then(|| Use::Marker(name())));
        }
        Remembered::Foreign(line) => {
            let names_it = has_number(&line, version);
            uses.extend(names_it.then(|| Use::Marker(name())));
        }
    }
    uses
}

/// Returns whether a text in an unknown form may name a version.
fn has_number(text: &str, version: Version) -> bool {
    let number = version.to_string();
    text.split(|character: char| !character.is_ascii_digit()).any(|digits| digits == number)
}

/// A version that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The version.
    pub version: PublishedVersion,
    /// Its uses; never empty.
    pub why: Vec<Use>,
}

/// Which published versions are deleted and which are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pruning {
    /// Versions to delete, oldest first.
    pub goes: Vec<Version>,
    /// Versions to keep, newest first.
    pub stays: Vec<Kept>,
}

/// Decides which versions to delete: all but the newest `keep` and those in use.
///
/// Versions that cannot serve do not count towards `keep`, though they may be among those kept.
#[must_use]
pub fn decide(published: &[PublishedVersion], users: &Users, keep: usize) -> Pruning {
    let mut versions: Vec<&PublishedVersion> =
        published.iter().filter(|one| one.version != Version::Latest).collect();
    versions.order_by_key(|one| std::cmp::Reverse(one.version));
    versions.dedup_by_key(|one| one.version);
    let mut pruning = Pruning::default();
    let mut newer = 0;
    for one in versions {
        let mut why = users.of(one.version);
        let busy = status(one).filter(|(status, _)| status.is_transient());
        why.extend(busy.map(|(_, status)| Use::Status(status.to_owned())));
        why.extend((newer < keep).then_some(Use::Newest(keep)));
        newer += usize::from(can_serve(one));
        if why.is_empty() {
            pruning.goes.push(one.version);
        } else {
            pruning.stays.push(Kept { version: one.clone(), why });
        }
    }
    pruning.goes.reverse();
    pruning
}

/// Returns whether a version chosen for deletion may still be deleted, given the current state.
///
/// False when something uses it by now, or when so many newer versions are gone that it is one of
/// the newest `keep`.
#[must_use]
pub fn still_goes(
    published: &[PublishedVersion],
    users: &Users,
    keep: usize,
    version: Version,
) -> bool {
    let newer = published.iter().filter(|one| one.version != Version::Latest);
    let newer = newer.filter(|one| one.version > version && can_serve(one)).count();
    newer >= keep && users.of(version).is_empty()
}

fn status(one: &PublishedVersion) -> Option<(Status, &str)> {
    one.status.as_deref().map(|text| (Status::from(text), text))
}

/// Returns whether requests can be routed to it, now or soon.
fn can_serve(one: &PublishedVersion) -> bool {
    !matches!(
        status(one),
        Some((Status::CreateFailed | Status::PublishFailed | Status::Deleting, _))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MatchRule, Routing};

    fn number(number: u64) -> Version {
        Version::Number(number)
    }

    fn alias(routing: Routing, description: &str) -> Alias {
        Alias {
            name: "prod".into(),
            routing,
            description: description.into(),
            modified: String::new(),
        }
    }

    fn users(alias: Alias) -> Users {
        Users { aliases: vec![alias], ..Users::default() }
    }

    fn published(count: u64) -> Vec<PublishedVersion> {
        (1..=count)
            .map(|version| PublishedVersion {
                version: number(version),
                description: String::new(),
                status: Some("Active".to_owned()),
                added: None,
                modified: None,
            })
            .collect()
    }

    fn gone(pruning: &Pruning) -> Vec<String> {
        pruning.goes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_newest_stay_by_number_and_not_by_text() {
        let versions = published(12);
        let pruning = decide(&versions, &Users::default(), 3);
        assert_eq!(gone(&pruning), ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
        assert_eq!(
            pruning.stays[0],
            Kept { version: versions[11].clone(), why: vec![Use::Newest(3)] }
        );
        assert!(decide(&published(2), &Users::default(), 3).goes.is_empty());
    }

    #[test]
    fn whatever_names_a_version_keeps_it() {
        let rule = MatchRule {
            version: number(3),
            key: "invoke.headers.a".into(),
            method: "exact".into(),
            expression: "b".into(),
        };
        let ruled = Routing { main: number(1), additional: Vec::new(), matches: vec![rule] };
        for (users, kept) in [
            (users(alias(Routing::all_to(number(2)), "")), 2),
            // A weight of zero is a use, too.
            (users(alias(Routing::split(number(1), number(4), Weight::ZERO), "")), 4),
            (users(alias(ruled, "")), 3),
            (users(alias(Routing::all_to(number(1)), "mine\nscfctl v1 before 5")), 5),
            (users(alias(Routing::all_to(number(1)), "scfctl v2 whatever 5, x")), 5),
            (users(alias(Routing::all_to(number(1)), "scfctl v2 to=5;canary v4:0.1")), 5),
            (users(alias(Routing::all_to(number(1)), "scfctl v1 before 2, later 3x 5y")), 5),
            (users(alias(Routing::all_to(number(1)), "scfctl v1 rolledback 3 4")), 3),
            (users(alias(Routing::all_to(number(1)), "scfctl v1 before 2, later x 5")), 5),
            (
                Users {
                    provisioned: vec![Provisioned { version: number(2), count: 0, settled: false }],
                    ..Users::default()
                },
                2,
            ),
        ] {
            let pruning = decide(&published(7), &users, 1);
            assert!(!pruning.goes.contains(&number(kept)), "{users:?}: {pruning:?}");
            assert!(pruning.goes.contains(&number(6)), "{users:?}: {pruning:?}");
        }
    }

    #[test]
    fn a_version_that_is_being_published_or_deleted_stays() {
        let mut versions = published(3);
        versions[0].status = Some("Deleting".to_owned());
        let pruning = decide(&versions, &Users::default(), 1);
        assert_eq!(gone(&pruning), ["2"]);
        let why = vec![Use::Status("Deleting".to_owned())];
        assert_eq!(pruning.stays[1], Kept { version: versions[0].clone(), why });
    }

    #[test]
    fn what_cannot_serve_is_none_of_those_that_are_kept() {
        let mut versions = published(5);
        versions[4].status = Some("Deleting".to_owned());
        versions[3].status = Some("PublishFailed".to_owned());
        let pruning = decide(&versions, &Users::default(), 2);
        assert_eq!(gone(&pruning), ["1"]);
        assert_eq!(
            pruning.stays[1],
            Kept { version: versions[3].clone(), why: vec![Use::Newest(2)] }
        );
    }

    #[test]
    fn what_was_decided_on_stays_once_it_is_needed() {
        let (users, none) = (users(alias(Routing::all_to(number(2)), "")), Users::default());
        assert!(still_goes(&published(4), &none, 2, number(2)));
        assert!(!still_goes(&published(4), &users, 2, number(2)));
        // Someone has deleted newer versions.
        assert!(!still_goes(&published(3), &none, 2, number(2)));
        let mut going = published(4);
        going[3].status = Some("Deleting".to_owned());
        assert!(!still_goes(&going, &none, 2, number(2)));
        // With `keep` 0, as for a version named by the user, newer ones are not counted.
        assert!(still_goes(&published(1), &none, 0, number(1)));
    }
}
