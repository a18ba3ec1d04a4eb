//! What is known while the steps of a deployment are carried out.

use tokio::time::Instant;

use crate::api::actions::GetFunctionReply;
use crate::execute::alias::{self, unchanged};
use crate::execute::triggers::DeletedEarly;
use crate::execute::{ExecuteError, FunctionSession, Look, PublishRequest, Published};
use crate::model::{Alias, CodeSource, Configuration, PublishedVersion, Version};
use crate::package::Package;

/// What is known while steps are carried out.
pub(super) struct Run<'a> {
    pub package: Option<&'a Package>,
    pub source: &'a CodeSource,
    pub publish: PublishRequest<'a>,
    pub versions: &'a [PublishedVersion],
    pub latest: Option<GetFunctionReply>,
    /// The alias that is routed.
    pub name: &'a str,
    /// That alias as read or written last by this run.
    pub alias: Option<Alias>,
    /// Whether `alias` is newer than the last step.
    pub alias_is_fresh: bool,
    pub published: Option<Published>,
    /// The digest of the code of `$LATEST` as the service tells it; some services pack anew, so
    /// it need not be that of the package. `None` when it was not asked for since it changed.
    pub code: Option<String>,
    /// The settings that this run has changed.
    pub written: Configuration,
    pub deleted_early: DeletedEarly,
    /// When the alias was looked at last; `None` when something else was done since.
    pub looked_at: Option<Instant>,
}

/// What comes after a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Later {
    /// A change of the alias, which rests on what was read.
    pub watched: bool,
    /// Something that rests on the code being there.
    pub rests: bool,
    /// Nothing.
    pub ends: bool,
}

impl Run<'_> {
    pub fn published_version(&self) -> Option<Version> {
        self.published.as_ref().map(|published| published.version)
    }
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

pub(super) async fn look_at(
    session: &FunctionSession<'_>,
    name: &str,
) -> Result<Look, ExecuteError> {
    let at = Instant::now();
    Ok(Look { alias: alias::get(session, name).await?, at })
}
