//! Versions and routings that a step names, perhaps before they exist.

use std::fmt;

use crate::model::{Routing, Version, Weight};

/// A version that a step names, perhaps before it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A version that exists.
    Existing(Version),
    /// The one that this plan publishes.
    Published,
}

impl Target {
    /// The version itself, once the published one is known.
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
}

impl RoutingTarget {
    /// The routing itself, once the published version is known.
    #[must_use]
    pub fn resolve(&self, published: Option<Version>) -> Option<Routing> {
        let main = self.main.resolve(published)?;
        Some(match self.additional {
            None => Routing::all_to(main),
            Some((target, weight)) => Routing::split(main, target.resolve(published)?, weight),
        })
    }

    /// The share of a version that exists.
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
        match &self.additional {
            None => write!(formatter, "{}: 1", self.main),
            Some((target, weight)) => {
                let rest = weight.complement();
                match (rest == Weight::ZERO, *weight == Weight::ZERO) {
                    (true, _) => write!(formatter, "{target}: 1"),
                    (_, true) => write!(formatter, "{}: 1", self.main),
                    _ => write!(formatter, "{}: {rest}, {target}: {weight}", self.main),
                }
            }
        }
    }
}
