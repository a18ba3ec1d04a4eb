//! HTTP around the state: receives, authenticates, answers, and breaks what the
//! tests want broken.

mod connections;
mod cos;
mod detached;
mod gate;
mod unsigned;

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, DATE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub(super) use connections::UnderWay;
use connections::{Link, accept};
pub use detached::detached;

use super::auth::{self, Keys, Received, Scope};
use super::behaviour::Regions;
use super::error::Refusal;
use super::run::Workplace;
use super::state::{Context, Reply, Rules, Session, State};
use super::store::Store;
use super::wire::{Answer, drain, head, read, too_large, truncate};
use super::{
    Call, Credential, Fault, Interceptor, LogLine, Options, Place, Rate, StartError,
    UnsignedPayload, validate,
};

/// The largest body of a form, and of anything whose sender is not known yet.
const LARGEST_FORM: usize = 1 << 20;
/// The largest body of a TC3 request.
const LARGEST_BODY: usize = 10 << 20;
/// The largest query.
const LARGEST_QUERY: usize = 32 << 10;
/// How long the address of a package is good for, in seconds.
const DOWNLOAD_SECONDS: i64 = 600;
/// Calls a second of an action whose rate the reference leaves open.
const USUAL_RATE: u32 = 20;

/// A running local SCF. It stops when dropped; [`Server::stop`] also waits.
pub struct Server {
    handle: Handle,
    task: JoinHandle<()>,
}

/// A view of a running server, to look into it and to arrange tests.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
}

struct Shared {
    options: Options,
    address: SocketAddr,
    core: Mutex<Core>,
    interceptor: Mutex<Option<Interceptor>>,
    calls: Mutex<Vec<Call>>,
    connections: AtomicUsize,
    /// How far its time is ahead of the clock that it was given, in milliseconds.
    ahead: AtomicI64,
    /// Whether connections are taken.
    listening: watch::Sender<bool>,
    /// Calls whose signature was right.
    received: AtomicUsize,
    /// Calls in the present second, by action and region.
    rates: Mutex<HashMap<(String, String), (i64, u32)>>,
    /// Makes addresses of packages that cannot be guessed.
    download_key: Vec<u8>,
    /// The keys that may sign in the `Authorization` header from this machine.
    near: Vec<Credential>,
    /// Where handlers run.
    workplace: Arc<Workplace>,
    /// One call at a time works on the state.
    turns: tokio::sync::Mutex<()>,
    /// Whether other processes may have the state file between two calls.
    shares: AtomicBool,
}

struct Core {
    state: State,
    store: Option<Store>,
}

/// A call's turn to work on the state. Where the state file is shared, others have it afterwards.
struct Turn<'a> {
    shared: &'a Shared,
    _alone: tokio::sync::MutexGuard<'a, ()>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.shared.shares.load(Ordering::SeqCst)
            && let Some(store) = &lock(&self.shared.core).store
        {
            store.give_back();
        }
    }
}

/// Between two looks whether another process is done with the state file.
const STATE_IN_USE: Duration = Duration::from_millis(10);

/// Starts a server.
///
/// # Errors
///
/// Fails when the address cannot be listened on, or the state file is in use,
/// unreadable or corrupt.
pub async fn start(options: Options) -> Result<Server, StartError> {
    let opened = match options.state.clone() {
        None => Ok((None, State::default())),
        Some(path) => {
            let wait = options.wait_for_lock;
            // Waiting for another process must not hold up this one.
            let opened = tokio::task::spawn_blocking(move || Store::open(&path, wait)).await;
            match opened {
                Ok(opened) => opened.map(|(store, state)| (Some(store), state)),
                Err(error) => Err(StartError::State {
                    path: options.state.clone().unwrap_or_default(),
                    source: io::Error::other(error),
                }),
            }
        }
    };
    let (store, state) = opened?;
    let listen = |source| StartError::Listen { address: options.listen, source };
    let listener = TcpListener::bind(options.listen).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let shared = Arc::new(Shared::new(options, address, Core { state, store }));
    let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
    Ok(Server { handle: Handle { shared }, task })
}

impl Server {
    /// Stops answering, closes all connections and releases the state file.
    pub async fn stop(mut self) {
        self.task.abort();
        // An aborted task has closed its connections once it is over.
        let _ = (&mut self.task).await;
        lock(&self.handle.shared.core).store = None;
        self.handle.shared.workplace.clear();
    }

    /// A view that can outlive borrowing the server.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
        lock(&self.handle.shared.core).store = None;
        self.handle.shared.workplace.clear();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handle.fmt(formatter)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "local SCF at {}", self.url())
    }
}

impl Deref for Server {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Handle {
    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// The URL of the API.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    /// Every call whose signature was right, in order, if
    /// [`Options::keep_calls`] says so.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.shared.calls).clone()
    }

    /// How many connections were made.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// The state as JSON: regions, namespaces, functions, then versions,
    /// aliases and triggers.
    #[must_use]
    pub fn snapshot(&self) -> Value {
        let mut core = lock(&self.shared.core);
        core.state.settle(self.shared.now());
        core.state.snapshot()
    }

    /// Keeps an object in a bucket, which is made where it is not there: as an upload by someone
    /// else. The bucket's name has no account's number at its end.
    ///
    /// # Errors
    ///
    /// The bucket cannot have that name.
    pub fn put_object(&self, bucket: &str, key: &str, bytes: Vec<u8>) -> Result<(), Refusal> {
        let now = self.shared.now();
        self.shared.change(|state| state.put_code_object(bucket, key, bytes, now))
    }

    /// Uploads in parts that are neither finished nor aborted, as `bucket/key`.
    #[must_use]
    pub fn open_uploads(&self) -> Vec<String> {
        let core = lock(&self.shared.core);
        let buckets = core.state.buckets().iter();
        buckets
            .flat_map(|(name, bucket)| {
                bucket.uploads.values().map(move |upload| format!("{name}/{}", upload.key))
            })
            .collect()
    }

    /// Writes a line into a log topic of a region, which it makes.
    ///
    /// # Errors
    /// The state cannot be written.
    pub fn put_log(&self, region: &str, topic: &str, line: LogLine) -> Result<(), Refusal> {
        let now = self.shared.now();
        self.shared.change(|state| {
            state.put_log(region, topic, line, now);
            Ok(())
        })
    }

    /// Stops listening, so that connections are refused and those that there are break, or
    /// listens again at the same address.
    pub fn set_listening(&self, listening: bool) {
        self.shared.listening.send_replace(listening);
    }

    /// From now on lets other processes have the state file between two calls, and reads what they
    /// have written before each.
    pub async fn share(&self) {
        if self.shared.shares.load(Ordering::SeqCst) {
            return;
        }
        // Not in the middle of a call.
        let alone = self.shared.turns.lock().await;
        self.shared.shares.store(true, Ordering::SeqCst);
        drop(Turn { shared: &self.shared, _alone: alone });
    }

    /// Sets or removes what goes wrong from now on.
    pub fn set_interceptor(&self, interceptor: Option<Interceptor>) {
        *lock(&self.shared.interceptor) = interceptor;
    }

    /// Carries out an action without HTTP, as a change made elsewhere.
    ///
    /// It is checked like any call, but neither signed nor listed in
    /// [`Handle::calls`]. What it reads is what there is, also where other
    /// reads lag behind.
    ///
    /// # Errors
    ///
    /// The error that a client would have got.
    pub fn apply(&self, action: &str, params: Value, region: &str) -> Result<Value, Refusal> {
        let Value::Object(params) = params else {
            return Err(not_an_object());
        };
        let reply = self.shared.perform(validate::SCF, region, action, &params, true)?;
        Ok(Value::Object(reply))
    }

    /// As [`Self::apply`], for what is no part of the API: `SetLoad`, `GetLoad`, `ClearLoad`.
    ///
    /// # Errors
    ///
    /// The error that a client would have got.
    pub fn instruct(&self, action: &str, params: Value, region: &str) -> Result<Value, Refusal> {
        let Value::Object(params) = params else {
            return Err(not_an_object());
        };
        let reply = self.shared.perform(validate::LOCAL, region, action, &params, true)?;
        Ok(Value::Object(reply))
    }

    /// Lets the server's time pass, beside that of the clock that it was given.
    pub fn advance(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        self.shared.ahead.fetch_add(millis, Ordering::SeqCst);
    }

    /// Gives a version (`$LATEST` or a number) a status for good.
    ///
    /// # Errors
    ///
    /// There is no such function or version.
    pub fn set_status(
        &self,
        place: &Place,
        qualifier: &str,
        status: &str,
        reason: Option<&str>,
    ) -> Result<(), Refusal> {
        let now = self.shared.now();
        self.shared.change(|state| {
            state.settle(now);
            state.set_status(place, qualifier, status, reason)
        })
    }

    /// Lets reads that lag behind catch up with all that was written so far.
    pub fn catch_up(&self) {
        lock(&self.shared.core).state.catch_up();
    }

    /// Makes the next creation, update or publication end in `CreateFailed`,
    /// `UpdateFailed` or `PublishFailed`.
    pub fn fail_next(&self, status: &str, reason: &str) {
        lock(&self.shared.core).state.fail_next(status, reason);
    }

    /// Gives an alias any routing, such as several additional versions, which
    /// other tools leave behind though `UpdateAlias` refuses it.
    ///
    /// # Errors
    ///
    /// There is no such alias, or the routing is not of the API's form.
    pub fn set_routing(
        &self,
        place: &Place,
        alias: &str,
        version: &str,
        routing: &Value,
    ) -> Result<(), Refusal> {
        let now = self.shared.now();
        self.shared.change(|state| state.set_routing(place, alias, version, routing, now))
    }
}

/// Locks; a panic elsewhere leaves the data as it was before, so go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn not_an_object() -> Refusal {
    Refusal::new("InvalidParameter", "The parameters are not a JSON object.")
}

/// A call that came through authentication.
struct Authentic {
    product: String,
    action: String,
    version: String,
    region: String,
    params: Result<Map<String, Value>, Refusal>,
}

impl Shared {
    fn new(options: Options, address: SocketAddr, core: Core) -> Self {
        let mut download_key = uuid::Uuid::new_v4().into_bytes().to_vec();
        download_key.extend(uuid::Uuid::new_v4().into_bytes());
        Self {
            address,
            core: Mutex::new(core),
            interceptor: Mutex::new(options.interceptor.clone()),
            calls: Mutex::default(),
            connections: AtomicUsize::new(0),
            ahead: AtomicI64::new(0),
            listening: watch::Sender::new(true),
            received: AtomicUsize::new(0),
            rates: Mutex::default(),
            download_key,
            near: options.credentials.iter().chain(&options.example).cloned().collect(),
            workplace: Arc::default(),
            turns: tokio::sync::Mutex::default(),
            shares: AtomicBool::new(false),
            options,
        }
    }

    /// Waits until it is a call's turn, and until no other process has the state file.
    async fn turn(&self) -> Result<Turn<'_>, Refusal> {
        let alone = self.turns.lock().await;
        let turn = Turn { shared: self, _alone: alone };
        while self.shares.load(Ordering::SeqCst) && !self.take_again()? {
            tokio::time::sleep(STATE_IN_USE).await;
        }
        Ok(turn)
    }

    fn take_again(&self) -> Result<bool, Refusal> {
        let core = &mut *lock(&self.core);
        let Some(store) = &mut core.store else { return Ok(true) };
        store.take_again(&mut core.state).map_err(|error| {
            Refusal::new("InternalError", format!("The state could not be read: {error}."))
        })
    }

    /// The server's time.
    fn now(&self) -> DateTime<Utc> {
        let ahead = TimeDelta::milliseconds(self.ahead.load(Ordering::SeqCst));
        let now = (self.options.clock)();
        now.checked_add_signed(ahead).unwrap_or(now)
    }

    /// Answers a request; an error closes the connection without an answer.
    async fn answer(
        &self,
        request: Request<Incoming>,
        link: Link,
    ) -> Result<Response<Answer>, io::Error> {
        let allowed = &self.options.allowed_hosts;
        if let Err(refused) = gate::check(request.headers(), request.uri(), link.here, allowed) {
            return Ok(self.plain(StatusCode::FORBIDDEN, format!("{refused}\n").into()));
        }
        if request.method() == Method::GET
            && let Some(name) = request.uri().path().strip_prefix("/code/")
        {
            return Ok(self.download(name));
        }
        if request.method() == Method::GET
            && let Some(role) = &self.options.machine_role
            && let Some(rest) = request.uri().path().strip_prefix(unsigned::METADATA)
        {
            return self.metadata(role, rest, link.number).await;
        }
        if cos::is_meant(&request) {
            return self.answer_cos(request, link).await;
        }
        let received = match self.receive(request, link).await {
            Ok(received) => received,
            Err(error) => return Ok(self.json(Err(error))),
        };
        if received.path != "/" {
            let text = format!("nothing is at {}\n", received.path);
            return Ok(self.plain(StatusCode::NOT_FOUND, text.into()));
        }
        // Even a sleep of nothing waits for the timer's next tick.
        if !self.options.latency.is_zero() {
            tokio::time::sleep(self.options.latency).await;
        }
        let call = match self.authenticate(&received, link.near) {
            Ok(call) => call,
            Err(error) => return Ok(self.json(Err(error))),
        };
        let fault = self.record(&call, link.number);
        let refuse = |error: Refusal| self.json(Err(error));
        let change = match &fault {
            Fault::Changed(change) => Some(Arc::clone(change)),
            _ => None,
        };
        let work = async {
            let mut done = self.carry_out_or_run(call).await;
            if let (Some(change), Ok(reply)) = (change, &mut done) {
                change(reply);
            }
            self.json(done)
        };
        self.under(fault, work, refuse).await
    }

    /// Reads a request of the cloud API whole. A large body is kept only of someone whose
    /// `SecretId` is known: it has to be there before its signature can be checked.
    async fn receive(&self, request: Request<Incoming>, link: Link) -> Result<Received, Refusal> {
        let (mut received, body) = head(request);
        let silence = self.options.silence;
        let largest = match received.header("authorization") {
            // Whoever announces more gets the answer before it has come.
            None | Some("SKIP")
                if hyper::body::Body::size_hint(&body).lower() > LARGEST_FORM as u64 =>
            {
                tokio::spawn(drain(body, silence));
                return Err(too_large());
            }
            None | Some("SKIP") => LARGEST_FORM,
            Some(header) => {
                let sessions = lock(&self.core).state.sessions().to_vec();
                if let Err(error) = auth::check_id(header, self.keys(&sessions, link.near)) {
                    drain(body, silence).await;
                    return Err(error);
                }
                LARGEST_BODY
            }
        };
        received.body = read(body, largest, silence).await?;
        if received.query.len() > LARGEST_QUERY {
            return Err(too_large());
        }
        if !matches!(received.method.as_str(), "POST" | "GET") {
            return Err(Refusal::new(
                "UnsupportedProtocol",
                format!("The method is {}, not POST or GET.", received.method),
            ));
        }
        Ok(received)
    }

    /// The keys that may sign in a header; `near` is a request from this machine.
    fn keys<'a>(&'a self, sessions: &'a [Session], near: bool) -> Keys<'a> {
        let lasting = if near { &self.near } else { &self.options.credentials };
        Keys { lasting, sessions, now: self.now() }
    }

    /// Does some work, unless or until something is to go wrong. `refuse` gives an error the
    /// form of the API's answers.
    async fn under(
        &self,
        fault: Fault,
        work: impl Future<Output = Response<Answer>>,
        refuse: impl Fn(Refusal) -> Response<Answer>,
    ) -> Result<Response<Answer>, io::Error> {
        match &fault {
            Fault::DropBefore => return Err(dropped()),
            Fault::Error { code, message } => return Ok(refuse(Refusal::new(code, message))),
            Fault::Http { status, body } => return Ok(self.proxy(*status, body)),
            Fault::NotJson => return Ok(self.plain(StatusCode::OK, NOT_JSON.into())),
            Fault::Stall => std::future::pending().await,
            Fault::Delay(duration) => tokio::time::sleep(*duration).await,
            Fault::Held(gate) => {
                // A gate that is gone is open.
                let _ = gate.clone().wait_for(|open| *open).await;
            }
            Fault::Before(hook) => hook(),
            _ => {}
        }
        let answer = work.await;
        match fault {
            Fault::DropAfter => Err(dropped()),
            Fault::ErrorAfter { code, message } => Ok(refuse(Refusal::new(code, message))),
            Fault::HttpAfter { status, body } => Ok(self.proxy(status, &body)),
            Fault::NotJsonAfter => Ok(self.plain(StatusCode::OK, NOT_JSON.into())),
            Fault::StallAfter => std::future::pending().await,
            Fault::Truncated => Ok(truncate(answer)),
            Fault::After(hook) => {
                hook();
                Ok(answer)
            }
            _ => Ok(answer),
        }
    }

    /// Lists a call and asks what is to go wrong with it.
    fn record(&self, call: &Authentic, connection: usize) -> Fault {
        let interceptor = lock(&self.interceptor).clone();
        let number = self.received.fetch_add(1, Ordering::SeqCst) + 1;
        if interceptor.is_none() && !self.options.keep_calls {
            return Fault::None;
        }
        let call = Call {
            number,
            product: call.product.clone(),
            action: call.action.clone(),
            region: call.region.clone(),
            params: match &call.params {
                Ok(params) => Value::Object(params.clone()),
                Err(_) => Value::Null,
            },
            connection,
        };
        if self.options.keep_calls {
            lock(&self.calls).push(call.clone());
        }
        interceptor.map_or(Fault::None, |decide| decide(&call))
    }

    /// Checks the signature, and reads what is asked for.
    fn authenticate(&self, received: &Received, near: bool) -> Result<Authentic, Refusal> {
        let sessions = lock(&self.core).state.sessions().to_vec();
        let content_type = received.header("content-type").unwrap_or_default();
        let is_form = content_type.starts_with("application/x-www-form-urlencoded");
        if received.header("authorization") == Some("SKIP") {
            return unsigned::web_identity(received);
        }
        if received.header("authorization").is_some() {
            let accepted = UnsignedPayload::Accepted;
            let scope =
                Scope { unsigned_payload: self.options.behaviour.unsigned_payload == accepted };
            let product = auth::verify_tc3(received, self.keys(&sessions, near), &scope)?;
            let action = required_header(received, "X-TC-Action")?;
            let params = if received.method == "GET" {
                let pairs = pairs(received.query.as_bytes());
                validate::unflatten(validate::action(&product, &action), &pairs)
            } else if content_type.starts_with("application/json") {
                parse(&received.body)
            } else {
                Err(Refusal::new(
                    "InvalidRequest",
                    format!("The Content-Type is `{content_type}`, not application/json."),
                ))
            };
            return Ok(Authentic {
                product,
                version: required_header(received, "X-TC-Version")?,
                region: required_header(received, "X-TC-Region")?,
                action,
                params,
            });
        }
        let given = match received.method.as_str() {
            "GET" => pairs(received.query.as_bytes()),
            _ if is_form && received.body.len() > LARGEST_FORM => return Err(too_large()),
            _ if is_form => pairs(&received.body),
            _ => Vec::new(),
        };
        if !given.iter().any(|(key, _)| key == "Signature") {
            return Err(Refusal::new(
                "AuthFailure.InvalidAuthorization",
                "The request has neither an Authorization header nor a Signature parameter.",
            ));
        }
        // An address with a signature in it can be put into a page by anyone who knows the key.
        auth::verify_form(received, &given, self.keys(&sessions, false))?;
        let (common, mut own): (Vec<_>, Vec<_>) =
            given.into_iter().partition(|(key, _)| FORM_PARAMETERS.contains(&key.as_str()));
        let find = |name: &str| {
            let pair = common.iter().find(|(key, _)| key == name);
            pair.map(|(_, value)| value.clone()).ok_or_else(|| missing(name))
        };
        let action = find("Action")?;
        own.retain(|(key, _)| !validate::is_sent_by_older_tools(&action, key));
        Ok(Authentic {
            params: validate::unflatten(validate::action(validate::SCF, &action), &own),
            product: validate::SCF.to_owned(),
            version: find("Version")?,
            region: find("Region")?,
            action,
        })
    }

    /// Carries out a call; one of a function runs its handler, where that is asked for.
    async fn carry_out_or_run(&self, call: Authentic) -> Result<Reply, Refusal> {
        let invokes = call.product == validate::SCF
            && matches!(call.action.as_str(), "Invoke" | "InvokeFunction");
        let Some(interpreters) = self.options.run.clone().filter(|_| invokes) else {
            let _turn = self.turn().await?;
            return self.carry_out(call);
        };
        self.check(&call)?;
        let params = call.params?;
        let admitted = {
            let _turn = self.turn().await?;
            let mut core = lock(&self.core);
            let context = self.context(false);
            core.state.admit(&call.region, &call.action, &params, &context)?
        };
        let (workplace, job) = (Arc::clone(&self.workplace), admitted.job.clone());
        // Whoever goes away ends the call.
        let cancelled = Cancelled(Arc::default());
        let heard = Arc::clone(&cancelled.0);
        let ran =
            tokio::task::spawn_blocking(move || workplace.run(&job, &interpreters, &heard)).await;
        let ran = ran.map_err(|error| Refusal::new("InternalError", error.to_string()))??;
        let _turn = self.turn().await?;
        let now = self.now();
        self.change(|state| Ok(state.conclude(&admitted, &ran, now)))
    }

    fn carry_out(&self, call: Authentic) -> Result<Reply, Refusal> {
        self.check(&call)?;
        self.perform(&call.product, &call.region, &call.action, &call.params?, false)
    }

    /// Checks what a call names, and the rate of such calls.
    fn check(&self, call: &Authentic) -> Result<(), Refusal> {
        let Some(version) = validate::version(&call.product) else {
            return Err(Refusal::new(
                "NoSuchProduct",
                format!("There is no product `{}` here.", call.product),
            ));
        };
        if call.version != version {
            return Err(Refusal::new(
                "NoSuchVersion",
                format!("The API has no version `{}`.", call.version),
            ));
        }
        if validate::action(&call.product, &call.action).is_none() {
            return Err(Refusal::new(
                "InvalidAction",
                format!("The API has no action `{}`.", call.action),
            ));
        }
        let region = &call.region;
        let listed = validate::is_region(region);
        let shape = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let like_one = region.contains('-') && region.bytes().all(shape) && region.len() <= 40;
        let allowed = listed || self.options.behaviour.regions == Regions::Any && like_one;
        if !allowed {
            return Err(Refusal::new(
                "UnsupportedRegion",
                format!("There is no region `{region}`."),
            ));
        }
        self.check_rate(call)
    }

    fn check_rate(&self, call: &Authentic) -> Result<(), Refusal> {
        let limit = match self.options.rate {
            None => return Ok(()),
            Some(Rate::Each(limit)) => limit,
            Some(Rate::Documented) => validate::action(&call.product, &call.action)
                .and_then(|action| action.rate)
                .unwrap_or(USUAL_RATE),
        };
        let second = self.now().timestamp();
        let mut rates = lock(&self.rates);
        let entry = rates.entry((call.action.clone(), call.region.clone())).or_insert((second, 0));
        if entry.0 != second {
            *entry = (second, 0);
        }
        entry.1 = entry.1.saturating_add(1);
        if entry.1 > limit {
            return Err(Refusal::new(
                "RequestLimitExceeded",
                format!("{} may be called {limit} times per second.", call.action),
            ));
        }
        Ok(())
    }

    /// What a call goes by. The address of packages is for those who may ask for one.
    fn context(&self, direct: bool) -> Context<'_> {
        Context {
            now: self.now(),
            behaviour: &self.options.behaviour,
            transition: self.options.transition,
            download: &|_| String::new(),
            roles: Rules {
                identities: &self.options.identities,
                longest: self.options.longest_session,
            },
            default_topic: self.options.default_topic,
            draw: &*self.options.draw,
            direct,
        }
    }

    /// Carries out an action on the state, and keeps the result.
    fn perform(
        &self,
        product: &str,
        region: &str,
        action: &str,
        params: &Map<String, Value>,
        direct: bool,
    ) -> Result<Reply, Refusal> {
        let now = self.now();
        let context = Context {
            download: &|hash| self.download_address(hash, now.timestamp()),
            ..self.context(direct)
        };
        let call = |state: &mut State| state.call(product, region, action, params, &context);
        let reads_logs =
            product == "cls" && ["Search", "Describe"].iter().any(|read| action.starts_with(read));
        if action.starts_with("Get") || action.starts_with("List") || reads_logs {
            // Reading changes nothing that would not come about by itself.
            return call(&mut lock(&self.core).state);
        }
        self.change(call)
    }

    /// Changes the state as a whole: it is kept once it is written, and stays
    /// as it was when the change or the writing fails.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut core = lock(&self.core);
        let mut next = core.state.clone();
        let result = change(&mut next)?;
        if let Some(store) = &mut core.store {
            store.save(&next).map_err(|error| {
                Refusal::new("InternalError", format!("The state could not be written: {error}."))
            })?;
        }
        core.state = next;
        Ok(result)
    }

    fn download_address(&self, hash: &str, now: i64) -> String {
        let expiry = now.saturating_add(DOWNLOAD_SECONDS);
        let mac = hex::encode(self.download_mac(hash, expiry).finalize().into_bytes());
        format!("http://{}/code/{hash}-{expiry}-{mac}", self.address)
    }

    fn download_mac(&self, hash: &str, expiry: i64) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.download_key)
            .expect("HMAC takes keys of any length");
        mac.update(format!("{hash}-{expiry}").as_bytes());
        mac
    }

    fn download(&self, name: &str) -> Response<Answer> {
        let package = || {
            let (rest, mac) = name.rsplit_once('-')?;
            let (hash, expiry) = rest.rsplit_once('-')?;
            let expiry: i64 = expiry.parse().ok()?;
            let mac = hex::decode(mac).ok()?;
            self.download_mac(hash, expiry).verify_slice(&mac).ok()?;
            if self.now().timestamp() > expiry {
                return None;
            }
            lock(&self.core).state.packages().get(hash).cloned()
        };
        match package() {
            Some(bytes) => {
                let bytes = Bytes::copy_from_slice(&bytes);
                self.respond(StatusCode::OK, "application/zip", bytes)
            }
            None => self
                .plain(StatusCode::FORBIDDEN, "the address is wrong or no longer valid\n".into()),
        }
    }

    /// The API's form of an answer.
    fn json(&self, outcome: Result<Reply, Refusal>) -> Response<Answer> {
        let mut reply = outcome.unwrap_or_else(|error| {
            let mut reply = Map::new();
            reply.insert("Error".to_owned(), json!({"Code": error.code, "Message": error.message}));
            reply
        });
        // A reply that names a task has the name already.
        let id = || Value::String(uuid::Uuid::new_v4().to_string());
        reply.entry("RequestId").or_insert_with(id);
        let text = json!({"Response": reply}).to_string();
        self.respond(StatusCode::OK, "application/json", text.into())
    }

    fn plain(&self, status: StatusCode, text: Bytes) -> Response<Answer> {
        self.respond(status, "text/plain; charset=utf-8", text)
    }

    fn proxy(&self, status: u16, body: &str) -> Response<Answer> {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
        self.plain(status, Bytes::copy_from_slice(body.as_bytes()))
    }

    fn respond(&self, status: StatusCode, kind: &'static str, body: Bytes) -> Response<Answer> {
        let mut response = Response::new(Answer::whole(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        let now = self.now();
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        if let Ok(date) = HeaderValue::from_str(&date) {
            headers.insert(DATE, date);
        }
        response
    }
}

/// Ends the call that it is of, once it goes.
struct Cancelled(Arc<AtomicBool>);

impl Drop for Cancelled {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn dropped() -> io::Error {
    io::Error::other("the connection is to be dropped")
}

const NOT_JSON: &str = "<html>This is not the answer you are looking for.</html>\n";

/// Parameters of a form that say who calls and what, not with what.
const FORM_PARAMETERS: &[&str] = &[
    "Action",
    "Version",
    "Region",
    "SecretId",
    "Timestamp",
    "Nonce",
    "Signature",
    "SignatureMethod",
    "Token",
    "RequestClient",
    "Language",
];

fn missing(name: &str) -> Refusal {
    Refusal::new(
        "MissingParameter",
        format!("The request is missing the required parameter `{name}`."),
    )
}

fn required_header(received: &Received, name: &str) -> Result<String, Refusal> {
    let value = received.header(&name.to_ascii_lowercase());
    let value = value.filter(|value| !value.is_empty());
    value.map(str::to_owned).ok_or_else(|| missing(name))
}

/// Reads a JSON body; an empty one has no parameters.
fn parse(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    let value = serde_json::from_slice(body).map_err(|error| {
        Refusal::new("InvalidParameter", format!("The body is not JSON: {error}."))
    })?;
    match value {
        Value::Object(params) => Ok(params),
        _ => Err(not_an_object()),
    }
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text)
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}
