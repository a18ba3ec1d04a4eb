//! Names that the inputs go by.

/// Inputs that are texts by nature, whatever their value looks like.
pub const TEXT_KEYS: &[&str] = &[
    "alias",
    "aliasFunctionVersion",
    "aliasName",
    "description",
    "endTime",
    "event",
    "function",
    "handler",
    "level",
    "name",
    "namespace",
    "publishDescription",
    "qualifier",
    "region",
    "requestId",
    "role",
    "runtime",
    "since",
    "startTime",
    "version",
];

pub(super) const FLAG: &str = "--inputs";
