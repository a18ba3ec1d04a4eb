//! Routing as a step of a deployment, and the looks that keep it true.

use std::sync::Mutex;
use std::sync::atomic::Ordering;

use tokio::time::Instant;

use super::{Later, Run, STALE, is_digest, known_code};
use crate::api::actions::Action;
use crate::execute::routing::unchanged;
use crate::execute::{Beside, ExecuteError, Executor, Look, Refusals, wire};
use crate::model::{
    CodeSource, PublishedVersion, Routing, Status, Version, Weight, last_published,
};
use crate::plan::drift::{Drift, drift};
use crate::plan::{ObservedFunction, RoutingTarget, Step, Target};

impl Executor<'_> {
    /// Looks at the alias where that has to stay as it is, unless that was done a moment ago, and
    /// changes `$LATEST` right after it.
    pub(super) async fn change_content<A: Action + Sync>(
        &self,
        action: &A,
        later: Later,
        run: &mut Run<'_>,
    ) -> Result<(), ExecuteError> {
        let mut refusals = Refusals::default();
        loop {
            if later.watched && run.looked_at.is_none_or(|at| at.elapsed() > STALE) {
                Self::note_look(Some(self.look_at(run.name).await?), run)?;
            }
            self.check_interrupt()?;
            let Err(error) = self.send(action).await else { return Ok(()) };
            self.await_turn(error, &mut refusals).await?;
            // That may have taken its time.
            run.looked_at = None;
        }
    }

    /// Writes the alias, and reads it back together with what it routes to.
    pub(super) async fn route(
        &self,
        step: &Step,
        to: &RoutingTarget,
        description: Option<&str>,
        run: &mut Run<'_>,
    ) -> Result<(), ExecuteError> {
        let (Some(known), Some(routing)) =
            (run.alias.as_ref(), to.resolve(run.published_version()))
        else {
            return Err(ExecuteError::Unpublished);
        };
        let called = self.check_versions(to, run).await?;
        let waited = self.await_routed(&routing, run.versions).await?;
        // Packing a large folder takes its time too; what was read before it is looked at again.
        // This comes last, so that nothing but the write follows a look.
        if called || waited || run.looked_at.is_none_or(|at| at.elapsed() > STALE) {
            unchanged(&self.get_alias(run.name).await?, known)?;
        }
        // What was to be published was there already, and is routed to as it should be.
        let adopted = run.published.as_ref().is_some_and(|published| published.adopted);
        let in_place =
            known.routing.main == routing.main || to.main == Target::Existing(Version::Latest);
        if adopted
            && in_place
            && known.routing.same_effect(&routing)
            && description.is_none_or(|text| text == known.description)
        {
            return Ok(());
        }
        self.begin(step);
        // What nobody is sent to may be whatever it is.
        let serves = routing.share_of(Version::Latest) > Weight::ZERO;
        let image = matches!(run.source, CodeSource::Image(_));
        let look =
            async || if serves { self.look_at_content(image).await.map(Some) } else { Ok(None) };
        let seen = Mutex::new(None);
        let read_back = async |name: &str| {
            let (record, content) = tokio::join!(self.read_alias(name), look());
            if let Ok(mut seen) = seen.lock() {
                *seen = Some(content);
            }
            record
        };
        let record = self.set_routing(known, &routing, description, read_back).await?;
        run.alias = Some(record.alias);
        run.alias_is_fresh = true;
        run.looked_at = Some(Instant::now());
        let content = match seen.into_inner().ok().flatten() {
            Some(content) => content?,
            // Found as asked after a lost answer.
            None => look().await?,
        };
        content.map_or(Ok(()), |content| self.check_content(&content, run))
    }

    /// `$LATEST` as it is now, or once someone else's work on it is over.
    pub(super) async fn look_at_content(
        &self,
        image: bool,
    ) -> Result<ObservedFunction, ExecuteError> {
        let (started, mut wait) = (Instant::now(), self.wait());
        loop {
            let asked = Instant::now();
            let (latest, code) = self.latest_and_code(!image).await;
            let Some(latest) = latest? else { return Err(self.no_function().await) };
            if !Self::is_torn(&latest, &code, started) {
                return Ok(wire::observed_function(&latest, known_code(code)?));
            }
            let what = format!("function `{}`", self.function.name);
            self.look_again(&what, &latest.status, wait.goes_on(asked, Instant::now())).await?;
        }
    }

    /// Checks that `$LATEST` is still what this run has seen or made: a share of requests was
    /// asked for that content, not for what someone else deployed meanwhile.
    pub(super) fn check_content(
        &self,
        found: &ObservedFunction,
        run: &Run<'_>,
    ) -> Result<(), ExecuteError> {
        let Some(latest) = &run.latest else { return Ok(()) };
        let function = self.function.name.clone();
        match drift(&wire::observed_function(latest, run.code.clone()), found, &run.written) {
            None => Ok(()),
            Some(Drift::Code) => Err(ExecuteError::CodeChanged(function)),
            Some(Drift::Settings) => Err(ExecuteError::SettingsChanged(function)),
        }
    }

    /// Waits for a change of `$LATEST`, looking after the alias meanwhile. `sent` is the digest
    /// of the package when that is what was changed, and what comes later rests on its being
    /// there.
    pub(super) async fn after_change(
        &self,
        later: Later,
        sent: Option<&str>,
        run: &mut Run<'_>,
    ) -> Result<(), ExecuteError> {
        // What a deployment shows in the end is looked at together with the last change.
        let alias = (later.watched || later.ends).then_some(run.name);
        let beside = Beside { alias, code: sent.is_some() };
        let settled = self.await_active(Version::Latest, false, beside).await?;
        run.latest = Some(settled.reply);
        if sent.is_some() {
            run.code = settled.code.filter(|told| is_digest(told, sent));
        }
        if later.watched {
            return Self::note_look(settled.alias?, run);
        }
        // What only shows is read again when it could not be.
        if let Ok(Some(look)) = settled.alias {
            (run.alias, run.alias_is_fresh) = (Some(look.alias), true);
        }
        Ok(())
    }

    /// Asks what digest the service tells of the code that was just sent, looking after the
    /// alias at the same time.
    pub(super) async fn ask_for_code(
        &self,
        watched: bool,
        run: &mut Run<'_>,
    ) -> Result<(), ExecuteError> {
        let alias =
            async { if watched { self.look_at(run.name).await.map(Some) } else { Ok(None) } };
        let (code, alias) = tokio::try_join!(self.settled_code(Version::Latest), alias)?;
        run.code = code;
        Self::note_look(alias, run)
    }

    /// Takes in a look at the alias, which has to be as this run knows it.
    pub(super) fn note_look(look: Option<Look>, run: &mut Run<'_>) -> Result<(), ExecuteError> {
        if let Some(Look { alias, at }) = look {
            if let Some(known) = &run.alias {
                unchanged(&alias, known)?;
            }
            run.alias_is_fresh = true;
            run.looked_at = Some(at);
        }
        Ok(())
    }

    pub(super) async fn look_at(&self, name: &str) -> Result<Look, ExecuteError> {
        let at = Instant::now();
        Ok(Look { alias: self.get_alias(name).await?, at })
    }

    /// Someone else's work that was waited for may have been a publication; the plan then
    /// shares traffic with a version that is no longer the last.
    ///
    /// Says whether it had to look.
    pub(super) async fn check_versions(
        &self,
        to: &RoutingTarget,
        run: &Run<'_>,
    ) -> Result<bool, ExecuteError> {
        let names_published = |target| target == Target::Published;
        if !self.waited.load(Ordering::Relaxed)
            || to.additional.is_none_or(|(target, _)| names_published(target))
        {
            return Ok(false);
        }
        match last_published(&self.list_versions().await?) {
            Some(version) if Some(version) > last_published(run.versions) => {
                let function = self.function.name.clone();
                Err(ExecuteError::PublishedElsewhere { function, version })
            }
            _ => Ok(true),
        }
    }

    /// Waits for the versions of a routing that are still being published, so that no request
    /// is sent to one that cannot serve yet. Says whether there were any.
    pub(super) async fn await_routed(
        &self,
        routing: &Routing,
        versions: &[PublishedVersion],
    ) -> Result<bool, ExecuteError> {
        let (shares, mut waited) = (routing.shares(), false);
        for item in versions.iter().filter(|item| shares.contains_key(&item.version)) {
            if item.status.as_deref().map(Status::from).is_some_and(Status::is_transient) {
                self.await_active(item.version, false, Beside::NOTHING).await?;
                waited = true;
            }
        }
        Ok(waited)
    }
}
