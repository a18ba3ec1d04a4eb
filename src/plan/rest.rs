//! Which version serves the traffic that `traffic` does not send to `$LATEST`.

use super::error::DeployPlanError;
use super::marker::Marker;
use super::note::{Moved, Note};
use super::target::Target;
use crate::model::{Alias, FunctionId, PublishedVersion, Version, Weight};

/// Inputs for choosing the version that serves the rest of an alias's traffic.
pub(super) struct Rest<'a> {
    /// Name, namespace and region of the function.
    pub function: &'a FunctionId,
    /// Name of the alias.
    pub alias: &'a str,
    /// The alias as it is now, or `None` if it does not exist.
    pub held: Option<&'a Alias>,
    /// Published versions.
    pub versions: &'a [PublishedVersion],
    /// The last published version, including the one this run publishes.
    pub last: Target,
    /// Share of `$LATEST`, 0–1.
    pub traffic: Weight,
}

impl Rest<'_> {
    /// Chooses the version that serves the rest, or `None` when there is no rest to serve.
    ///
    /// The last published version does (seed document, "函数流量设置"); a note is added when that takes
    /// traffic from another version. A version that was rolled back does not: the version that
    /// serves now keeps the rest, or else the highest one that was not rolled back gets it.
    ///
    /// # Errors
    /// Fails when only versions that were rolled back are available.
    pub(super) fn target(&self, notes: &mut Vec<Note>) -> Result<Option<Target>, DeployPlanError> {
        // A version published in this run was never rolled back, and publishing it is asking for
        // it.
        let Target::Existing(last) = self.last else { return Ok(Some(self.last)) };
        let rest = self.traffic.complement();
        let marker = self.held.map_or(Marker::Absent, |alias| Marker::read(&alias.description));
        if let Marker::Foreign(line) = &marker {
            notes.push(Note::ForeignMarker { alias: self.alias.to_owned(), line: line.clone() });
        }
        if !marker.is_rolled_back(last) {
            notes.extend(self.moves(last, rest));
            return Ok(Some(self.last));
        }
        let Some(other) = self.instead_of_rolled_back(&marker, rest) else {
            if rest == Weight::ZERO {
                return Ok(None);
            }
            return Err(DeployPlanError::RolledBack {
                alias: self.alias.to_owned(),
                version: last,
                rest,
            });
        };
        if rest > Weight::ZERO && other != last {
            notes.push(Note::RolledBack {
                alias: self.alias.to_owned(),
                version: last,
                instead: other,
                share: rest,
                serves: self.serves(other),
            });
        }
        Ok(Some(Target::Existing(other)))
    }

    /// Returns the published versions that serve traffic, with their shares.
    fn serving(&self) -> Vec<(Version, Weight)> {
        let shares = self.held.map(|alias| alias.routing.shares()).unwrap_or_default();
        shares.into_iter().filter(|(version, _)| *version != Version::Latest).collect()
    }

    fn serves(&self, version: Version) -> Weight {
        self.held.map_or(Weight::ZERO, |alias| alias.routing.share_of(version))
    }

    fn instead_of_rolled_back(&self, marker: &Marker, rest: Weight) -> Option<Version> {
        let published: Vec<Version> = self
            .versions
            .iter()
            .filter(|version| version.can_serve())
            .map(|version| version.version)
            .collect();
        let mut serving = self.serving();
        // Another tool may have left a weight on a version that is gone.
        serving.retain(|(version, _)| published.contains(version));
        let most = |versions: &mut dyn Iterator<Item = &(Version, Weight)>| {
            versions.max_by_key(|(version, share)| (*share, *version)).copied()
        };
        let kept =
            most(&mut serving.iter().filter(|(version, _)| !marker.is_rolled_back(*version)));
        if let Some((version, _)) = kept {
            return Some(version);
        }
        if let Some((version, share)) = most(&mut serving.iter()) {
            // Someone has put it back by hand: it keeps its share and gets no more.
            return (share >= rest).then_some(version);
        }
        published.into_iter().filter(|version| !marker.is_rolled_back(*version)).max()
    }

    /// Returns a note if giving `share` to `to` takes traffic from other versions.
    fn moves(&self, to: Version, share: Weight) -> Option<Note> {
        let mut from = self.serving();
        from.retain(|(version, _)| *version != to);
        let serves = self.serves(to);
        (!from.is_empty() && share > serves).then(|| {
            Note::MovesRest(Moved {
                function: self.function.clone(),
                alias: self.alias.to_owned(),
                traffic: self.traffic,
                to,
                share,
                serves,
                from,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Routing;

    const LATEST: Version = Version::Latest;

    fn weight(text: &str) -> Weight {
        text.parse().unwrap()
    }

    fn function() -> FunctionId {
        let [name, namespace, region] = ["api", "default", "ap-guangzhou"].map(str::to_owned);
        FunctionId { name, namespace, region }
    }

    fn number(number: u64) -> Version {
        Version::Number(number)
    }

    /// The last version's new share, its share now, and the other versions that serve.
    type Moved = Option<(Weight, Weight, Vec<(Version, Weight)>)>;

    /// Chooses with versions 1 to 3 published, and returns the choice and the notes.
    fn decide(
        routing: Option<Routing>,
        description: &str,
        traffic: &str,
    ) -> (Result<Option<Target>, DeployPlanError>, Vec<Note>) {
        let held = routing.map(|routing| Alias {
            name: "a".into(),
            routing,
            description: description.into(),
            modified: String::new(),
        });
        let versions: Vec<PublishedVersion> = [1, 2, 3]
            .map(|version| PublishedVersion {
                version: number(version),
                description: String::new(),
                status: Some("Active".into()),
                added: None,
                modified: None,
            })
            .into();
        let mut notes = Vec::new();
        let rest = Rest {
            function: &function(),
            alias: "a",
            held: held.as_ref(),
            versions: &versions,
            last: Target::Existing(number(3)),
            traffic: weight(traffic),
        };
        (rest.target(&mut notes), notes)
    }

    #[test]
    fn the_last_version_takes_the_rest_and_whom_it_takes_it_from_is_said() {
        let moves = |share, serves, from: &[(u64, &str)]| {
            Some((
                weight(share),
                weight(serves),
                from.iter().map(|(version, share)| (number(*version), weight(share))).collect(),
            ))
        };
        let several = Routing {
            main: LATEST,
            additional: vec![(number(1), weight("0.3")), (number(2), weight("0.2"))],
            matches: Vec::new(),
        };
        let table: Vec<(Option<Routing>, &str, Moved)> = vec![
            (None, "0.1", None),
            (Some(Routing::all_to(LATEST)), "0.1", None),
            (Some(Routing::split(LATEST, number(3), weight("0.5"))), "0.1", None),
            (Some(Routing::all_to(number(1))), "0.1", moves("0.9", "0", &[(1, "1")])),
            (Some(Routing::all_to(number(1))), "0", moves("1", "0", &[(1, "1")])),
            (Some(Routing::all_to(number(1))), "1", None),
            (
                Some(Routing::split(number(1), LATEST, weight("0.2"))),
                "0.2",
                moves("0.8", "0", &[(1, "0.8")]),
            ),
            (
                Some(Routing::split(number(1), number(3), weight("0.4"))),
                "0.1",
                moves("0.9", "0.4", &[(1, "0.6")]),
            ),
            // Its share stays the same, so nothing moves from one version to the other.
            (Some(Routing::split(number(1), number(3), weight("0.4"))), "0.6", None),
            (Some(several), "0.1", moves("0.9", "0", &[(1, "0.3"), (2, "0.2")])),
            // An additional version with weight 0 serves nothing.
            (Some(Routing::split(LATEST, number(1), Weight::ZERO)), "0.1", None),
        ];
        for (routing, traffic, expected) in table {
            let name = format!("{routing:?} {traffic}");
            let (target, notes) = decide(routing, "", traffic);
            assert_eq!(target, Ok(Some(Target::Existing(number(3)))), "{name}");
            let said = notes.into_iter().next().map(|note| match note {
                Note::MovesRest(rest) => (rest.share, rest.serves, rest.from),
                other => panic!("{other:?}"),
            });
            assert_eq!(said, expected, "{name}");
        }
    }

    #[test]
    fn two_that_serve_cannot_both_be_left_what_they_serve() {
        let told = |from: &[(u64, &str)]| {
            let moved = super::super::note::Moved {
                function: function(),
                alias: "live".to_owned(),
                traffic: weight("0.1"),
                to: number(3),
                share: weight("0.9"),
                serves: Weight::ZERO,
                from: from
                    .iter()
                    .map(|(version, share)| (number(*version), weight(share)))
                    .collect(),
            };
            moved.to_string()
        };
        let one = told(&[(1, "0.7")]);
        assert!(one.contains("; to leave it to 1: `scfctl update-alias"), "{one}");
        let two = told(&[(1, "0.5"), (2, "0.2")]);
        let says = "; an alias has one version beside $LATEST; to give all of it to 1: `scfctl";
        assert!(two.contains(says), "{two}");
    }

    #[test]
    fn what_was_rolled_back_is_given_nothing() {
        let three = "mine\nscfctl v1 rolledback 3";
        let existing = |version| Some(Some(number(version)));
        for (routing, description, traffic, expected) in [
            // The version that serves keeps the rest.
            (Routing::all_to(number(1)), three, "0.1", existing(1)),
            (Routing::split(number(1), LATEST, weight("0.2")), three, "0.5", existing(1)),
            (Routing::split(number(1), number(2), weight("0.6")), three, "0.1", existing(2)),
            // Of two that serve, not the one that was rolled back, whatever its share.
            (Routing::split(number(3), number(1), weight("0.1")), three, "0.1", existing(1)),
            // None serves: the highest one that was not rolled back.
            (Routing::all_to(LATEST), three, "0.1", existing(2)),
            (Routing::all_to(LATEST), "scfctl v1 rolledback 2 3", "0.1", existing(1)),
            (Routing::all_to(LATEST), "scfctl v1 rolledback 1 2 3", "1", Some(None)),
            (Routing::all_to(LATEST), "scfctl v1 rolledback 1 2 3", "0.9", None),
            // Put back by hand, it keeps its share and gets no more.
            (Routing::all_to(number(3)), three, "0.1", existing(3)),
            (Routing::split(number(3), LATEST, weight("0.5")), three, "0.1", None),
            // Another version was rolled back.
            (Routing::all_to(number(3)), "scfctl v1 rolledback 2", "0.1", existing(3)),
            // A foreign marker, so the rule applies.
            (Routing::all_to(number(3)), "scfctl v2 rolledback 3", "0.1", existing(3)),
        ] {
            let name = format!("{routing} {description} {traffic}");
            let (target, notes) = decide(Some(routing), description, traffic);
            match (target, expected) {
                (Ok(target), Some(version)) => {
                    assert_eq!(target, version.map(Target::Existing), "{name}");
                }
                (Err(DeployPlanError::RolledBack { version, .. }), None) => {
                    assert_eq!(version, number(3), "{name}");
                }
                (target, _) => panic!("{name}: {target:?}"),
            }
            let foreign = notes.iter().any(|note| matches!(note, Note::ForeignMarker { .. }));
            assert_eq!(foreign, description.contains("v2"), "{name}");
        }
    }

    #[test]
    fn a_version_of_this_run_takes_the_rest_without_a_word() {
        let held = Alias {
            name: "a".into(),
            routing: Routing::all_to(number(1)),
            description: "scfctl v1 rolledback 1".into(),
            modified: String::new(),
        };
        let mut notes = Vec::new();
        let rest = Rest {
            function: &function(),
            alias: "a",
            held: Some(&held),
            versions: &[],
            last: Target::Published,
            traffic: Weight::ZERO,
        };
        assert_eq!(rest.target(&mut notes), Ok(Some(Target::Published)));
        assert_eq!(notes, []);
    }
}
