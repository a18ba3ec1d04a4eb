//! Where packages that go through COS are stored.

use std::fmt;
use std::sync::Arc;

use crate::cos;

/// Where packages are stored, and how.
#[derive(Clone)]
pub struct Storage {
    /// Where buckets are.
    pub address: cos::BucketAddress,
    /// The account's number (`AppId`) where it was given; else the service is asked.
    pub app_id: Option<String>,
    /// Hears what goes on.
    pub observer: Arc<dyn Fn(&cos::ClientEvent<'_>) + Send + Sync>,
}

impl fmt::Debug for Storage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Storage").field("address", &self.address).finish_non_exhaustive()
    }
}
