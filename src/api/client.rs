//! Action in, reply or error out, in the name of the user.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::time::Instant;

use super::actions::Action;
use super::answer;
use super::credentials::Provider;
use super::endpoint::Endpoint;
use super::error::{ApiError, BODY_LIMIT, KeysError, PrepareProblem};
use super::exchange::{Call, Connection, MessageLanguage, Observer, Signing};
use super::retry::Repeat;
use crate::clock::{Clock, Deadline};
use crate::network::Network;
use crate::sign::Credentials;

/// The code of keys that have ended (signing reference).
const TOKEN_FAILURE: &str = "AuthFailure.TokenFailure";

/// Settings of a [`Client`].
pub struct ClientOptions {
    /// Access point.
    pub endpoint: Endpoint,
    /// Connections to it.
    pub network: Network,
    /// Gives the keys to sign with.
    pub credentials: Provider,
    /// The local clock.
    pub clock: Clock,
    /// The language of the service's messages.
    pub messages: MessageLanguage,
    /// Turns true when the process is asked to stop: no call is repeated from then on.
    pub stop: watch::Receiver<bool>,
    /// Hears what goes on.
    pub observer: Observer,
}

impl fmt::Debug for ClientOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientOptions")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// A client of the SCF API: one connection pool, one key pair, all regions. Copies share them, and
/// each has the deadline of its operation.
#[derive(Clone)]
pub struct Client {
    connection: Connection,
    credentials: Arc<Provider>,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("endpoint", self.connection.endpoint())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client for an operation that ends by `deadline`; connects to nothing yet.
    #[must_use]
    pub fn new(options: ClientOptions, deadline: Deadline) -> Self {
        let ClientOptions { endpoint, network, credentials, clock, messages, stop, observer } =
            options;
        let connection =
            Connection::new(endpoint, network, clock, messages, stop, observer, deadline);
        Self { connection, credentials: Arc::new(credentials) }
    }

    /// The same client, for an operation with another deadline.
    #[must_use]
    pub fn within(&self, deadline: Deadline) -> Self {
        Self { connection: self.connection.within(deadline), ..self.clone() }
    }

    /// The time by the server's clock, as its last answer told it.
    #[must_use]
    pub fn server_time(&self) -> DateTime<Utc> {
        self.connection.server_time()
    }

    /// The connections, for requests that are not calls of the API.
    #[must_use]
    pub fn connections(&self) -> Network {
        self.connection.network().clone()
    }

    /// The keys that a call would be signed with now.
    ///
    /// # Errors
    /// There are none; `action` is what they were wanted for.
    pub async fn credentials(&self, action: &'static str) -> Result<Arc<Credentials>, ApiError> {
        let keys = self.credentials.current(&self.connection).await;
        keys.map_err(|source| ApiError::Keys { action, source })
    }

    /// The local clock.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.connection.clock()
    }

    /// Server minus local clock, in seconds, as far as it is known to matter.
    #[must_use]
    pub fn clock_offset(&self) -> i64 {
        self.connection.clock_offset()
    }

    /// Turns true when the process is asked to stop.
    #[must_use]
    pub fn stop(&self) -> watch::Receiver<bool> {
        self.connection.stop()
    }

    /// When the operation must be over.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.connection.deadline().at()
    }

    /// The whole time that the operation may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.connection.deadline().allowed()
    }

    /// Calls an action in a region, retrying as the policy says. No more calls are sent than
    /// the action's documented rate allows; one too many waits for its turn.
    ///
    /// # Errors
    /// See [`ApiError`]. A code that asks for waiting until the function is `Active` comes
    /// back as it is: the caller knows which function to wait for.
    pub async fn call<A: Action + Sync>(
        &self,
        region: &str,
        action: &A,
    ) -> Result<A::Reply, ApiError> {
        self.make(region, action, true).await
    }

    /// As [`Self::call`], although the process was asked to stop: what was begun is seen to its
    /// end.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn call_to_the_end<A: Action + Sync>(
        &self,
        region: &str,
        action: &A,
    ) -> Result<A::Reply, ApiError> {
        self.make(region, action, false).await
    }

    async fn make<A: Action + Sync>(
        &self,
        region: &str,
        action: &A,
        stops: bool,
    ) -> Result<A::Reply, ApiError> {
        let call =
            Call { product: A::PRODUCT, action: A::NAME, region, stops, patience: A::PATIENCE };
        let response = self.ask(call, A::REPEAT, serde_json::to_vec(action)).await?;
        answer::reply::<A>(&response)
    }

    /// What is the same for every action, so that it is there once.
    fn ask<'a>(
        &'a self,
        call: Call<'a>,
        repeat: Repeat,
        body: Result<Vec<u8>, serde_json::Error>,
    ) -> BoxFuture<'a, Result<serde_json::Value, ApiError>> {
        Box::pin(async move {
            let action = call.action;
            let body = body
                .map_err(|error| PrepareProblem::Library(error.to_string()))
                .map_err(|reason| ApiError::Prepare { action, reason })?;
            if body.len() > BODY_LIMIT {
                return Err(ApiError::TooLarge { action, size: body.len() });
            }
            self.signed(call, repeat, body.into()).await
        })
    }

    /// Gets the keys now that the first call would get, where they have to be asked for.
    ///
    /// # Errors
    /// There are none.
    pub async fn obtain_credentials(&self) -> Result<(), KeysError> {
        self.credentials.current(&self.connection).await.map(drop)
    }

    /// A call in the user's name.
    ///
    /// Keys that the service calls ended are renewed, once: the refused call was not executed
    /// (signing reference), so that repeating it is safe for every action.
    async fn signed(
        &self,
        call: Call<'_>,
        repeat: Repeat,
        body: bytes::Bytes,
    ) -> Result<serde_json::Value, ApiError> {
        let action = call.action;
        let provider = &self.credentials;
        let lacking = |source| ApiError::Keys { action, source };
        let mut keys = provider.current(&self.connection).await.map_err(lacking)?;
        let mut renewed = false;
        loop {
            let signing = Signing::With(&keys);
            let error = match self.connection.exchange(call, repeat, body.clone(), signing).await {
                Err(error) if error.code() == Some(TOKEN_FAILURE) => error,
                outcome => return outcome,
            };
            if renewed {
                return Err(provider.refused(error, true));
            }
            keys = match provider.renewed(&self.connection, &keys).await.map_err(lacking)? {
                Some(newer) => newer,
                None => return Err(provider.refused(error, false)),
            };
            renewed = true;
        }
    }
}
