//! Versions and routings in steps, which may not exist yet.

use std::fmt;

use crate::model::{MatchRule, Routing, Version, Weight};
use crate::order::Order as _;

/// A version in a step, which may not exist yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A version that exists.
    Existing(Version),
    /// The version that this plan publishes.
    Published,
}

impl Target {
    /// Returns the version, or `None` while it is not published yet. `published` is the one that
    /// this run has published.
    #[must_use]
    pub fn resolve(self, published: Option<Version>) -> Option<Version> {
        match self {
            Self::Existing(version) => Some(version),
            Self::Published => published,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Existing(version) => version.fmt(formatter),
            Self::Published => formatter.write_str("the new version"),
        }
    }
}

/// The routing that a step sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutingTarget {
    /// Main version.
    pub main: Target,
    /// The additional version and its weight.
    pub additional: Option<(Target, Weight)>,
    /// Match rules. Only the alias commands set them.
    pub matches: Vec<MatchRule>,
}

/// Keeps only the first additional version: the API accepts one.
impl From<&Routing> for RoutingTarget {
    fn from(routing: &Routing) -> Self {
        let additional = routing.additional.first();
        Self {
            main: Target::Existing(routing.main),
            additional: additional.map(|(version, weight)| (Target::Existing(*version), *weight)),
            matches: routing.matches.clone(),
        }
    }
}

impl RoutingTarget {
    /// Returns the routing, or `None` while it needs a version that is not published yet.
    #[must_use]
    pub fn resolve(&self, published: Option<Version>) -> Option<Routing> {
        let main = self.main.resolve(published)?;
        let routing = match self.additional {
            None => Routing::all_to(main),
            Some((target, weight)) => Routing::split(main, target.resolve(published)?, weight),
        };
        Some(Routing { matches: self.matches.clone(), ..routing })
    }

    /// Returns the versions with their shares, in the order of [`Routing::shares`] with the new one
    /// last, without zero shares.
    fn shares(&self) -> Vec<(Target, Weight)> {
        let (target, weight) = self.additional.unwrap_or((self.main, Weight::ZERO));
        let mut shares = vec![(self.main, weight.complement()), (target, weight)];
        shares.retain(|(_, weight)| *weight > Weight::ZERO);
        shares.order_by_key(|(target, _)| match target {
            Target::Existing(version) => (false, Some(*version)),
            Target::Published => (true, None),
        });
        shares
    }

    /// Formats the shares, such as `$LATEST: 0.1, 1: 0.9`.
    #[must_use]
    pub fn shares_naming(&self, name: impl Fn(&Target) -> String) -> String {
        let shares = self.shares();
        let shares = shares.iter().map(|(target, weight)| format!("{}: {weight}", name(target)));
        shares.chain(self.rules()).collect::<Vec<_>>().join(", ")
    }

    /// Formats the shares in per cent, such as `10% $LATEST, 90% 1`.
    #[must_use]
    pub fn percentages_naming(&self, name: impl Fn(&Target) -> String) -> String {
        let shares = self.shares();
        let shares =
            shares.iter().map(|(target, weight)| format!("{} {}", weight.percent(), name(target)));
        shares.chain(self.rules()).collect::<Vec<_>>().join(", ")
    }

    fn rules(&self) -> impl Iterator<Item = String> {
        self.matches.iter().map(ToString::to_string)
    }

    /// Returns the share of an existing version.
    #[must_use]
    pub fn share_of(&self, version: Version) -> Weight {
        let additional = self.additional.map_or(Weight::ZERO, |(_, weight)| weight);
        let is = |target| target == Target::Existing(version);
        if is(self.main) {
            additional.complement()
        } else if self.additional.is_some_and(|(target, _)| is(target)) {
            additional
        } else {
            Weight::ZERO
        }
    }
}

impl fmt::Display for RoutingTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shares_naming(ToString::to_string))
    }
}
