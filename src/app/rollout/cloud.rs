//! What a rollout reads and changes.
//!
//! The same ticks run on the service and, in a rehearsal, on a world in memory whose time is
//! virtual.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::error::Error;
use crate::execute::Signal;
use crate::model::{Alias, Routing, Version};
use crate::plan::gates::{Measure, Side};
use crate::plan::rollout::line::CommandAnswer;

/// What the monitor has: by version and Unix time over 60, the points of one minute each. A minute
/// without a point is not there.
pub(crate) type MonitorMinutes = BTreeMap<Version, BTreeMap<i64, Side>>;

/// A stretch of minutes of two versions, by Unix time over 60.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MinuteSpan {
    /// The version that served before.
    pub baseline: Version,
    /// The version that is rolled out.
    pub canary: Version,
    /// The first minute.
    pub from: i64,
    /// The first minute that does not belong to it.
    pub until: i64,
}

/// What a gate command is told of the step that it judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JudgedStep {
    /// The rollout.
    pub id: String,
    /// The version that served before.
    pub from: Version,
    /// The version that is rolled out.
    pub to: Version,
    /// Where requests go now.
    pub routing: Routing,
    /// The step, from 1.
    pub step: usize,
    /// How many there are.
    pub steps: usize,
    /// Unix time at which the rollout began.
    pub began: i64,
}

/// No data, and why. It says nothing about the versions.
#[derive(Debug)]
pub(crate) enum NoPoints {
    /// The process is asked to stop.
    Stopped(Error),
    /// Whatever it is, the rollout goes on without data.
    Silent(Error),
}

/// What a rollout of one alias reads and changes.
pub(crate) trait Cloud {
    /// The time by the service's clock, as far as it is known.
    fn now(&self) -> DateTime<Utc>;

    /// Waits; returns the signal that came meanwhile, if one did.
    async fn sleep_until(&mut self, time: DateTime<Utc>) -> Option<Signal>;

    /// Begins an operation: the time that one may take counts from here, and a write because of a
    /// signal is not stopped by it.
    fn begin(&mut self, in_spite_of_signal: bool);

    /// Looks at the alias.
    async fn alias(&mut self) -> Result<Alias, Error>;

    /// Writes routing and description in one call, unless somebody else has written since the last
    /// look; returns the alias as it is then.
    async fn write(&mut self, routing: &Routing, description: &str) -> Result<Alias, Error>;

    /// Whether the last write was sent by this process: nothing is sent where somebody else has
    /// written the same by then, and tells of it.
    fn has_written(&self) -> bool {
        true
    }

    /// Digest of code and settings of `$LATEST`.
    async fn content(&mut self) -> Result<String, Error>;

    /// Publishes `$LATEST` once under the rollout's id and returns the version; `None` where it is
    /// other content by now.
    async fn publish(&mut self, id: &str, content: &str) -> Result<Option<Version>, Error>;

    /// Reads the monitor, or whatever stands in its place: the calls, and what the gates `need` of
    /// them. What they do not need keeps no answer from them.
    async fn points(
        &mut self,
        stretch: MinuteSpan,
        needed: &BTreeSet<Measure>,
    ) -> Result<MonitorMinutes, NoPoints>;

    /// Asks the gate command; `None` where there is none.
    async fn command(&mut self, place: &JudgedStep) -> Result<Option<CommandAnswer>, Error>;
}
