//! The recorded behaviour of the real `sls` code, in `tests/data`, against the pure parts.
//!
//! Every case must come out as recorded. Where we differ on purpose, the test
//! lists the case with the reason and with what we do instead; a listed case
//! that does not differ is a failure as well, so the lists cannot go stale.

mod cli_inputs;
mod compare;
mod cos;
mod dotenv;
mod gates;
mod prettyoutput;
mod tc3;
mod variables;
mod webhook;
mod yaml;

pub(crate) use compare::{Difference, cases, compare, text};
use serde_json::Value;

/// Compares two values including number types and the order of keys.
pub(crate) fn same(ours: &Value, recorded: &Value) -> Result<(), String> {
    let (ours, recorded) = (ours.to_string(), recorded.to_string());
    if ours == recorded {
        Ok(())
    } else {
        Err(format!("\n  recorded {recorded}\n  got      {ours}"))
    }
}
