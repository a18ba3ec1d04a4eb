//! Storage for packages that go through COS.

use std::fmt;
use std::sync::Arc;

use crate::cos;

/// Storage for packages.
#[derive(Clone)]
pub struct Storage {
    /// Where the buckets are.
    pub address: cos::BucketAddress,
    /// Account id (`AppId`) if the user gave one; otherwise the service is asked.
    pub app_id: Option<String>,
    /// Receives events of the COS client.
    pub observer: Arc<dyn Fn(&cos::ClientEvent<'_>) + Send + Sync>,
}

impl fmt::Debug for Storage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Storage").field("address", &self.address).finish_non_exhaustive()
    }
}
