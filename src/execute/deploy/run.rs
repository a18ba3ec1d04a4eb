//! State of a run while the steps of a deployment are carried out.

use super::Observation;
use crate::api::actions::GetFunctionReply;
use crate::execute::triggers::DeletedEarly;
use crate::execute::{AliasGuard, ExecuteError, PublishRequest, Published, alias};
use crate::model::{
    CodeSource, Configuration, DEFAULT_ALIAS, PublishedVersion, Version, Weight, last_published,
};
use crate::package::Package;
use crate::plan::deploy::DeployPlan;
use crate::plan::{RoutingTarget, Step};

/// State of a run while steps are carried out.
pub(super) struct StepsUnderWay<'a> {
    pub package: Option<&'a Package>,
    pub source: &'a CodeSource,
    pub publish: PublishRequest<'a>,
    pub versions: &'a [PublishedVersion],
    pub latest: Option<GetFunctionReply>,
    /// The alias that gets routed.
    pub alias: AliasGuard,
    pub published: Option<Published>,
    /// Digest of the code of `$LATEST` as the service reports it, which need not be that of the
    /// package: some services repack. `None` if it was not read since the code changed.
    pub code: Option<String>,
    /// Settings that this run has changed.
    pub written: Configuration,
    pub deleted_early: DeletedEarly,
    /// Final routing of the alias, and its description if one is set.
    goal: Option<(&'a RoutingTarget, Option<&'a str>)>,
    /// The version that another run with the same id presumably published, and the error to return
    /// if it did not.
    pub presumed: Option<(Version, ExecuteError)>,
}

/// What later steps rely on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Remaining {
    /// A later step writes the alias, relying on what was read.
    pub alias_write: bool,
    /// A later step needs the code that was sent.
    pub needs_code: bool,
    /// There is no later step.
    pub none: bool,
}

impl<'a> StepsUnderWay<'a> {
    /// Returns the state before the first step.
    pub fn new(
        plan: &'a DeployPlan,
        observation: &'a Observation,
        source: &'a CodeSource,
        package: Option<&'a Package>,
        publish: PublishRequest<'a>,
    ) -> Self {
        let (held, alias) = (&observation.observed, plan.alias.as_str());
        let mut routes = plan.steps.iter().filter_map(|step| match step {
            Step::Route { to, description, .. } => Some((to, description.as_deref())),
            _ => None,
        });
        // Where a share is lowered first, the alias changes in between.
        let goal = routes.next().filter(|_| publish.run_id_given && routes.next().is_none());
        let known =
            if alias == DEFAULT_ALIAS { held.default_alias.clone() } else { held.alias.clone() };
        Self {
            package,
            source,
            publish,
            versions: &held.versions,
            latest: observation.latest.clone(),
            alias: AliasGuard::new(alias, known, observation.at),
            published: None,
            code: held.latest.as_ref().and_then(|latest| latest.code_sha256.clone()),
            written: Configuration::default(),
            deleted_early: DeletedEarly::new(),
            goal,
            presumed: None,
        }
    }

    /// Accepts a change of the alias that another run with the same id made, if it is what this run
    /// is about to make.
    ///
    /// While it is unknown which version that run published, it is presumed, and nothing else may
    /// be published or routed.
    ///
    /// Returns whether there was such a change.
    ///
    /// # Errors
    /// Returns any other error, including other changes of the alias.
    pub fn by_same_run(&mut self, result: Result<(), ExecuteError>) -> Result<bool, ExecuteError> {
        let Err(error) = result else { return Ok(false) };
        let (ExecuteError::Conflict { expected, observed }, Some((to, description))) =
            (&error, self.goal)
        else {
            return Err(error);
        };
        let description = description.unwrap_or(&expected.description);
        let is_goal = |version: &Version| {
            let routing = to.resolve(Some(*version));
            routing.is_some_and(|routing| alias::is_just(observed, &routing, description))
        };
        let new = |version: &Version| Some(*version) > last_published(self.versions);
        let meant = match (self.published_version(), &self.presumed) {
            (Some(published), _) => Some(published).filter(is_goal),
            (None, Some((presumed, _))) => Some(*presumed).filter(is_goal),
            // Content is still being deployed, and nobody may be served by it.
            (None, None) if observed.routing.share_of(Version::Latest) == Weight::ZERO => {
                observed.routing.shares().into_keys().filter(new).find(is_goal)
            }
            (None, None) => None,
        };
        let Some(version) = meant else { return Err(error) };
        self.alias.take_over((**observed).clone());
        if self.published.is_none() {
            self.presumed = Some((version, error));
        }
        Ok(true)
    }

    pub fn published_version(&self) -> Option<Version> {
        self.published.as_ref().map(|published| published.version)
    }
}
