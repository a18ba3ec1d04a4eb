//! What the commands find.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scfctl::local::{self, Credential, Handle, Options, Server};
use scfctl::package::{Package, Rules, Selection};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::scheduler::standing_clock;

pub const ID: &str = "AKIDracesExample";
pub const KEY: &str = "racesKeyExample";
pub const FUNCTION: &str = "demo";

/// The package of a piece of code.
pub fn package(code: &str) -> Package {
    static PACKED: LazyLock<Mutex<BTreeMap<String, Package>>> = LazyLock::new(Mutex::default);
    let pack = || {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.py"), code).unwrap();
        let rules = Rules {
            folder: folder.path().to_owned(),
            project: folder.path().to_owned(),
            ..Rules::default()
        };
        Selection::list(&rules).unwrap().pack(&|_| ()).unwrap()
    };
    PACKED.lock().unwrap().entry(code.to_owned()).or_insert_with(pack).clone()
}

/// Regions that runs take in turn, so that none meets the rate limit of the last one.
const REGIONS: usize = 50;

/// What two commands find.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Nothing,
    /// A function without an alias of its own.
    Function,
    /// A function with alias `prod`.
    Aliases,
    /// `prod` is in the first of three steps from version 1 to 2, whose time is over.
    Rolling,
    /// `prod` is in the last of them.
    Ending,
    /// `$DEFAULT` is in the first of two steps from version 2 to `$LATEST`.
    RollingDefault,
    /// `$DEFAULT` is in its only step to `$LATEST`, which is published then.
    Freezing,
}

/// Two hours ago by the clock that stands still.
const BEGAN: &str = "began 20251231T2200";
/// What the user wrote.
pub const TEXT: &str = "mine, 我的。";

/// A server with a function for each run.
pub struct World {
    pub server: Handle,
    pub region: String,
    /// The digest of `$LATEST`, where a rollout has to know it.
    pub content: String,
    _owner: Server,
}

impl World {
    /// `switches` say how the server behaves.
    pub fn new(runtime: &Runtime, switches: &[&str]) -> Self {
        let mut options =
            Options::new(vec![Credential { id: ID.into(), key: KEY.into(), token: None }]);
        options.clock = Arc::new(standing_clock);
        options.keep_calls = false;
        for switch in ["regions=any"].iter().chain(switches) {
            options.behaviour.set(switch).unwrap();
        }
        let server = runtime.block_on(local::start(options)).unwrap();
        let (region, content) = (String::new(), String::new());
        Self { server: server.handle(), region, content, _owner: server }
    }

    /// Makes a change at once, as the console does.
    pub fn apply(&self, action: &str, mut params: Value) {
        params["FunctionName"] = FUNCTION.into();
        self.server.apply(action, params, &self.region).unwrap();
    }

    /// Makes what the next run finds. A function has two versions of code `one` and `two`, code `two` on
    /// `$LATEST`, half of `$DEFAULT` for version 2, and in alias `prod` 0.1 beside version 1.
    pub fn renew(&mut self, number: usize, found: Found) {
        if !self.region.is_empty() {
            self.server.set_interceptor(None);
            if !self.look().is_null() {
                self.apply("DeleteFunction", json!({}));
            }
        }
        self.region = format!("ap-{}", number % REGIONS);
        if found == Found::Nothing {
            return;
        }
        let code = |code: &str| json!({"ZipFile": STANDARD.encode(package(code).bytes().unwrap())});
        let handler = "index.main_handler";
        self.apply(
            "CreateFunction",
            json!({"Code": code("one"), "Runtime": "Python3.9", "Handler": handler}),
        );
        self.apply("PublishVersion", json!({}));
        self.apply("UpdateFunctionCode", json!({"Code": code("two"), "Handler": handler}));
        self.apply("PublishVersion", json!({}));
        let weights =
            |weight: f64| json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": weight}]});
        self.apply(
            "UpdateAlias",
            json!({"Name": "$DEFAULT", "FunctionVersion": "$LATEST", "RoutingConfig": weights(0.5)}),
        );
        if matches!(found, Found::Aliases | Found::Rolling | Found::Ending) {
            self.apply(
                "CreateAlias",
                json!({"Name": "prod", "FunctionVersion": "1", "RoutingConfig": weights(0.1)}),
            );
        }
        let to_two = "id abc, from 1, to 2, steps 0.1 0.5 1 5m";
        let to_latest = "id abc, from 2, to LATEST";
        let digest = &self.content;
        let rollout = match found {
            Found::Nothing | Found::Function | Found::Aliases => None,
            Found::Rolling => Some((
                ("prod", "1", 0.1),
                format!(
                    "{to_two}, step 1, phase running, {BEGAN}, starts 0, errorincrease 1.1x 0.05"
                ),
            )),
            Found::Ending => Some((
                ("prod", "1", 1.0),
                format!(
                    "{to_two}, step 3, phase running, {BEGAN}, starts 0 8 16, errorincrease 1.1x 0.05"
                ),
            )),
            Found::RollingDefault => Some((
                ("$DEFAULT", "$LATEST", 0.5),
                format!("{to_latest}, steps 0.5 1 5m, step 1, phase running, {BEGAN}, starts 0"),
            )),
            Found::Freezing => Some((
                ("$DEFAULT", "$LATEST", 0.0),
                format!(
                    "{to_latest}, steps 1 5m, step 1, phase running, {BEGAN}, starts 0, content {digest}"
                ),
            )),
        };
        if let Some(((name, main, weight), line)) = rollout {
            let description = format!("{TEXT}\nscfctl v1 {line}");
            self.apply(
                "UpdateAlias",
                json!({"Name": name, "FunctionVersion": main, "RoutingConfig": weights(weight), "Description": description}),
            );
        }
        self.server.catch_up();
    }

    /// The function as the server holds it.
    pub fn look(&self) -> Value {
        let functions = &self.server.snapshot()["regions"][&self.region]["namespaces"]["default"];
        functions["functions"][FUNCTION].clone()
    }
}
