//! What a run knows of its rollout, told for a report.

use chrono::{DateTime, Utc};

use super::cloud::{Cloud as _, MinuteSpan, MonitorMinutes};
use super::ending::undo;
use super::follow::Followed;
use super::place::RolloutContext;
use super::service::Service;
use super::tick::{TickError, TickOutcome, Ticked};
use super::{glance, reported};
use crate::error::{Error, FailureReport};
use crate::plan::rollout::state::Rollout;
use crate::report::page::Account;
use crate::report::rehearsal::Exposure;
use crate::report::status;
use crate::text::Language;

/// Minutes that reports look back.
const LONGEST: i64 = glance::LONGEST;

/// Why a command did not succeed for one function, in English and in the language of the run.
pub(super) type Failure = Box<[FailureReport; 2]>;

/// An error as reports have it.
pub(super) fn reports(error: &Error, language: Language) -> Failure {
    Box::new([error.report(), error.report_in(language)])
}

/// What the new version served since a rollout began; nothing of one that is too old to know.
pub(super) fn exposure(
    rollout: &Rollout,
    points: &MonitorMinutes,
    now: DateTime<Utc>,
) -> Option<Exposure> {
    let began = glance::unix_minute(rollout.began);
    let is_known = now.timestamp().div_euclid(60) - began < LONGEST;
    let of_canary = points.get(&rollout.to).filter(|_| is_known)?;
    let mut sums = Exposure { calls: 0.0, bad: 0.0, throttled: 0.0 };
    for (_, side) in of_canary.range(began..) {
        sums.calls += side.calls;
        sums.bad += side.errors.min(side.calls);
        sums.throttled += side.throttled;
    }
    Some(sums)
}

impl RolloutContext<'_> {
    /// What there is to know before anything was read.
    pub(super) fn account(&self) -> Account {
        Account {
            function: Some((&self.function).into()),
            alias_name: Some(self.alias.clone()),
            rollout: self.seen.borrow().as_ref().map(reported::of_rollout),
            ..Account::default()
        }
    }

    /// Tells what a look came to.
    pub(super) fn tell_found(&self, found: &status::RolloutFound) {
        if self.context.options.reports {
            self.sink.account(Account {
                rollout: found.status.rollout.clone(),
                series: found.series.clone(),
                exposure: found.exposure,
                found: Some(Box::new(found.clone())),
                ..self.account()
            });
        }
    }

    /// Tells what a run came to, with what the monitor knows of it by now.
    pub(super) async fn tell_account(
        &self,
        service: &mut Service<'_>,
        ticked: Option<&Ticked>,
        is_stopped: bool,
    ) {
        self.tell_account_of_several(service, ticked, is_stopped, None).await;
    }

    /// As [`Self::tell_account`], of one function of a project; `failure` says why the run did not
    /// succeed for it.
    pub(super) async fn tell_account_of_several(
        &self,
        service: &mut Service<'_>,
        ticked: Option<&Ticked>,
        is_stopped: bool,
        failure: Option<Failure>,
    ) {
        if !self.context.options.reports {
            return;
        }
        let rollout = ticked.and_then(|ticked| ticked.rollout.clone());
        let rollout = rollout.or_else(|| self.seen.borrow().clone());
        let now = service.now();
        let charted = |rollout: &&Rollout| !is_stopped && glance::has_chart(rollout, now);
        if let Some(rollout) = rollout.as_ref().filter(charted) {
            let from = glance::chart_from(rollout, now);
            let until = now.timestamp().div_euclid(60);
            let (baseline, canary) = (rollout.from, rollout.to);
            service.look_for_report(MinuteSpan { baseline, canary, from, until }).await;
        }
        let points = service.seen();
        let known = rollout.as_ref().filter(|_| !points.is_empty());
        // Of one that had ended before nobody knows when.
        let had_ended =
            ticked.is_some_and(|ticked| matches!(ticked.outcome, TickOutcome::Ended(_)));
        let found = ticked.map(|ticked| {
            let undo = undo(ticked).map(|verb| self.command(verb));
            Box::new(glance::of(&self.function, ticked, undo, now))
        });
        self.sink.account(Account {
            series: known.and_then(|rollout| glance::series(rollout, points, now)),
            exposure: known
                .filter(|_| !had_ended)
                .and_then(|rollout| exposure(rollout, points, now)),
            rollout: rollout.as_ref().map(reported::of_rollout),
            found,
            failure,
            ..self.account()
        });
    }

    /// As [`Self::tell_account`], of a rollout that was followed.
    pub(super) async fn tell_followed(
        &self,
        service: &mut Service<'_>,
        followed: &Result<Followed, TickError>,
    ) {
        let (ticked, is_stopped) = match followed {
            Ok(Followed::Came(ticked)) => (Some(&**ticked), false),
            Ok(Followed::Interrupted(_, ticked)) => (ticked.as_deref(), true),
            Err(_) => (None, true),
        };
        self.tell_account(service, ticked, is_stopped).await;
    }
}
