//! A published version.

use crate::api::actions::GetFunctionReply;
use crate::execute::alias::AliasLook;
use crate::execute::wire;
use crate::model::{Alias, PublishedVersion, Version};

/// The version for an intent.
#[derive(Debug, Clone)]
pub struct Published {
    /// Its number.
    pub version: Version,
    /// `GetFunction` of the version.
    pub reply: GetFunctionReply,
    /// Whether it was found rather than published by this attempt.
    pub adopted: bool,
    /// Whether it already had the content of `$LATEST`, so that nothing was published.
    pub unchanged: bool,
    /// The newest version before it, if that froze the same content.
    pub twin: Option<Twin>,
    /// The alias that was read together with the version.
    pub alias: Option<AliasLook>,
}

impl Published {
    /// Returns the version as it would be listed.
    #[must_use]
    pub fn record(&self) -> PublishedVersion {
        wire::version(self.version, self.reply.clone())
    }
}

/// A version with the same content as the one just published.
#[derive(Debug, Clone)]
pub struct Twin {
    /// Its number.
    pub version: Version,
    /// The function's aliases, as read during the publication.
    pub aliases: Vec<Alias>,
}
