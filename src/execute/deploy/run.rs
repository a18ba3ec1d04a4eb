//! What is known while the steps of a deployment are carried out.

use super::Observation;
use crate::api::actions::GetFunctionReply;
use crate::execute::triggers::DeletedEarly;
use crate::execute::{AliasGuard, PublishRequest, Published};
use crate::model::{CodeSource, Configuration, DEFAULT_ALIAS, PublishedVersion, Version};
use crate::package::Package;

/// What is known while steps are carried out.
pub(super) struct Run<'a> {
    pub package: Option<&'a Package>,
    pub source: &'a CodeSource,
    pub publish: PublishRequest<'a>,
    pub versions: &'a [PublishedVersion],
    pub latest: Option<GetFunctionReply>,
    /// The alias that is routed.
    pub alias: AliasGuard,
    pub published: Option<Published>,
    /// The digest of the code of `$LATEST` as the service tells it; some services pack anew, so
    /// it need not be that of the package. `None` when it was not asked for since it changed.
    pub code: Option<String>,
    /// The settings that this run has changed.
    pub written: Configuration,
    pub deleted_early: DeletedEarly,
}

/// What later steps rely on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Remaining {
    /// There is a change of the alias, which relies on what was read.
    pub alias_write: bool,
    /// There is something that needs the code that was sent.
    pub needs_code: bool,
    /// There is no later step.
    pub none: bool,
}

impl<'a> Run<'a> {
    /// Returns what is known before the first step.
    pub fn new(
        alias: &str,
        observation: &'a Observation,
        source: &'a CodeSource,
        package: Option<&'a Package>,
        publish: PublishRequest<'a>,
    ) -> Self {
        let held = &observation.observed;
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
        }
    }

    pub fn published_version(&self) -> Option<Version> {
        self.published.as_ref().map(|published| published.version)
    }
}
