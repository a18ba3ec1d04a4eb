//! What goes on while calls are made.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::error::{ApiError, KeysError, utc};

/// What the caller may want to tell the user about.
#[derive(Debug)]
pub enum ClientEvent<'a> {
    /// The local clock was off by this many seconds (server − local); signing goes on with
    /// the server's.
    ClockCorrected {
        /// Server minus local, in seconds.
        offset: i64,
    },
    /// A call failed and is sent again after a pause.
    Retrying {
        /// Action, as the API spells it.
        action: &'static str,
        /// Why.
        error: &'a ApiError,
        /// Pause.
        after: Duration,
    },
    /// Keys to sign with were asked for and came.
    KeysObtained {
        /// What gave them.
        from: &'a str,
        /// Until when they are good.
        expires: Option<DateTime<Utc>>,
    },
    /// Keys are soon to end and could not be renewed yet; they go on being used.
    KeysNotRenewed {
        /// What should have given new ones.
        from: &'a str,
        /// Why not.
        error: &'a KeysError,
        /// Until when those that are there are good.
        expires: DateTime<Utc>,
    },
    /// The API calls the action outdated.
    Deprecated {
        /// Action, as the API spells it.
        action: &'static str,
        /// The API's text.
        warning: &'a str,
    },
    /// A request goes out; [`ClientEvent::Over`] follows.
    Sending {
        /// Action, as the API spells it.
        action: &'static str,
    },
    /// A request that went out is under way no more: it was answered, it failed, or whoever sent it
    /// did not wait for the answer.
    Over {
        /// Action, as the API spells it.
        action: &'static str,
    },
    /// One attempt ended, for `--debug`.
    Attempt {
        /// Action, as the API spells it.
        action: &'static str,
        /// Region.
        region: &'a str,
        /// From 1.
        attempt: u32,
        /// How long it took.
        duration: Duration,
        /// Request id where there is one.
        request_id: Option<&'a str>,
        /// Why it failed, if it did.
        failure: Option<&'a ApiError>,
    },
}

impl fmt::Display for ClientEvent<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClockCorrected { offset } => write!(
                formatter,
                "this machine's clock is {} s {} the server's; signing with the server's time",
                offset.abs(),
                if *offset > 0 { "behind" } else { "ahead of" }
            ),
            Self::Retrying { action, error, after } => {
                write!(formatter, "{error}; trying {action} again in {:.1} s", after.as_secs_f64())
            }
            Self::KeysObtained { from, expires } => {
                write!(formatter, "new keys from {from}")?;
                match expires {
                    Some(expires) => write!(formatter, ", good until {}", utc(*expires)),
                    None => Ok(()),
                }
            }
            Self::KeysNotRenewed { from, error, expires } => write!(
                formatter,
                "no new keys from {from} yet ({error}); those that are there are good until {}",
                utc(*expires)
            ),
            Self::Deprecated { action, warning } => write!(formatter, "{action}: {warning}"),
            Self::Sending { action } | Self::Over { action } => write!(formatter, "{action}"),
            Self::Attempt { action, region, attempt, duration, request_id, failure } => {
                let (millis, id) = (duration.as_millis(), request_id.unwrap_or("-"));
                write!(formatter, "{action} {region} attempt {attempt} {millis} ms {id} ")?;
                match failure {
                    None => formatter.write_str("ok"),
                    Some(ApiError::Api { code, .. }) => formatter.write_str(code),
                    Some(error) => write!(formatter, "{error}"),
                }
            }
        }
    }
}
