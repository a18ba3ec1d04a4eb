//! A version that was published.

use crate::api::actions::GetFunctionReply;
use crate::execute::alias::AliasLook;
use crate::execute::wire;
use crate::model::{Alias, PublishedVersion, Version};

/// A version that this intent published.
#[derive(Debug, Clone)]
pub struct Published {
    /// Its number.
    pub version: Version,
    /// What the service says about it.
    pub reply: GetFunctionReply,
    /// Whether it was found rather than made.
    pub adopted: bool,
    /// Whether it is what `$LATEST` was already, so that nothing had to be published.
    pub unchanged: bool,
    /// The newest version before it, when that froze the same content.
    pub twin: Option<Twin>,
    /// The alias that was looked at together with the version.
    pub alias: Option<AliasLook>,
}

impl Published {
    /// The version as it would be listed.
    #[must_use]
    pub fn record(&self) -> PublishedVersion {
        wire::version(self.version, self.reply.clone())
    }
}

/// A version with the same content as the one that was just published.
#[derive(Debug, Clone)]
pub struct Twin {
    /// Its number.
    pub version: Version,
    /// The function's aliases, as read beside the publication.
    pub aliases: Vec<Alias>,
}
