//! A local SCF without connections, for tests that send it many requests.

use std::sync::Arc;

use serde_json::Value;

use super::super::auth::Received;
use super::super::error::Refusal;
use super::{Core, Handle, Options, Shared, State};

/// A local SCF that listens nowhere and keeps its state in memory; requests come by
/// [`Handle::exchange`] alone.
#[must_use]
pub fn detached(options: Options) -> Handle {
    let address = options.listen;
    let core = Core { state: State::default(), store: None };
    Handle { shared: Arc::new(Shared::new(options, address, core)) }
}

impl Handle {
    /// Answers a request that came by no connection: what the API's answer would hold.
    ///
    /// It is checked like any other, its signature included, but not listed in
    /// [`Handle::calls`], and nothing goes wrong with it.
    ///
    /// # Errors
    ///
    /// The error that the answer would hold.
    pub fn exchange(&self, received: &Received) -> Result<Value, Refusal> {
        let call = self.shared.authenticate(received, false)?;
        self.shared.carry_out(call).map(Value::Object)
    }
}
