//! How often an action may be called, and whose turn it is.
//!
//! The API counts calls per account, region and action within a second of its own, whose
//! beginning nobody knows. So a turn is taken when a call is sent, and given back a whole
//! second after its answer came: the service got the call in between, and whichever second it
//! looks at, no more turns than documented were taken in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long after its answer a call still counts: the service's second, and some for clocks
/// that tick differently.
pub(super) const WINDOW: Duration = Duration::from_millis(1010);

/// Calls a second where the reference names no rate: its usual one.
const USUAL: u32 = 20;

/// Actions that may be called more often (API reference, rates).
const FREQUENT: &[(&str, u32)] = &[
    ("CreateTrigger", 100),
    ("DeleteFunction", 100),
    ("DeleteTrigger", 100),
    ("InvokeFunction", 10_000),
    ("ListFunctions", 100),
    ("UpdateFunctionCode", 100),
    ("UpdateFunctionConfiguration", 100),
];

/// The documented rate of an action, in calls per second, account and region.
#[must_use]
pub fn documented(action: &str) -> u32 {
    FREQUENT.iter().find(|(name, _)| *name == action).map_or(USUAL, |(_, rate)| *rate)
}

/// The turns of all actions in all regions, shared by everything that one process calls.
#[derive(Debug, Default)]
pub(super) struct Turns {
    free: Mutex<HashMap<(&'static str, String), Arc<Semaphore>>>,
}

impl Turns {
    /// Waits for a turn; first come, first served. The caller keeps it for [`WINDOW`] after the
    /// answer.
    pub(super) async fn take(
        &self,
        action: &'static str,
        region: &str,
    ) -> Option<OwnedSemaphorePermit> {
        let free = {
            // Nothing that can panic runs under the lock.
            let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
            let rate = documented(action) as usize;
            let turns = free.entry((action, region.to_owned()));
            Arc::clone(turns.or_insert_with(|| Arc::new(Semaphore::new(rate))))
        };
        // An error would mean that somebody closed it, which nobody does.
        free.acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_those_of_the_reference() {
        let facts: serde_json::Value =
            serde_json::from_str(include_str!("../local/api.json")).unwrap();
        let mut seen = 0;
        for (action, fact) in facts["actions"].as_object().unwrap() {
            let Some(rate) = fact["rate"].as_u64() else { continue };
            assert_eq!(u64::from(documented(action)), rate, "{action}");
            seen += 1;
        }
        assert!(seen > 20, "{seen}");
        assert_eq!(documented("UpdateAlias"), 20);
    }

    #[tokio::test]
    async fn each_action_and_region_has_turns_of_its_own() {
        let turns = Turns::default();
        let mut held = Vec::new();
        for _ in 0..20 {
            held.push(turns.take("PublishVersion", "ap-guangzhou").await.unwrap());
        }
        let (next, other_region, other_action) = (
            turns.take("PublishVersion", "ap-guangzhou"),
            turns.take("PublishVersion", "ap-shanghai"),
            turns.take("GetAlias", "ap-guangzhou"),
        );
        tokio::pin!(next);
        assert!(futures_util::poll!(&mut next).is_pending());
        assert!(other_region.await.is_some() && other_action.await.is_some());
        held.pop();
        assert!(futures_util::poll!(&mut next).is_ready());
    }
}
