//! The rules of the state, without HTTP.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::super::Identity;
use super::*;

mod functions;
mod layers;
mod monitor;
mod others;
mod routing;
mod sessions;
mod triggers;

/// A zip of one file, as Base64.
pub(super) fn package(text: &str) -> String {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer.start_file("index.py", options).expect("in memory");
    writer.write_all(text.as_bytes()).expect("in memory");
    STANDARD.encode(writer.finish().expect("in memory").into_inner())
}

/// A state with a clock, a behaviour, and a function `api`.
struct Bench {
    state: State,
    now: DateTime<Utc>,
    behaviour: Behaviour,
    transition: Duration,
    identities: Vec<Identity>,
}

impl Bench {
    fn new(switches: &[&str]) -> Self {
        let mut behaviour = Behaviour::default();
        for switch in switches {
            behaviour.set(switch).expect("a switch");
        }
        let mut bench = Self {
            state: State::default(),
            now: DateTime::from_timestamp(1_700_000_000, 0).expect("in range"),
            behaviour,
            transition: Duration::ZERO,
            identities: Vec::new(),
        };
        bench.ok(
            "CreateFunction",
            json!({"FunctionName": "api", "Runtime": "Python3.9",
                "Handler": "index.main_handler", "Code": {"ZipFile": package("one")}}),
        );
        bench
    }

    /// A function with the versions 1 to `count`.
    fn with_versions(count: usize, switches: &[&str]) -> Self {
        let mut bench = Self::new(switches);
        for _ in 0..count {
            bench.ok("PublishVersion", json!({"FunctionName": "api"}));
        }
        bench.wait(0);
        bench
    }

    fn wait(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
        self.state.settle(self.now);
    }

    fn call(&mut self, action: &str, parameters: Value) -> Result<Value, Refusal> {
        self.call_product("scf", action, parameters)
    }

    fn call_product(
        &mut self,
        product: &str,
        action: &str,
        parameters: Value,
    ) -> Result<Value, Refusal> {
        let context = Context {
            now: self.now,
            behaviour: &self.behaviour,
            transition: self.transition,
            download: &|hash| format!("http://local/{hash}"),
            roles: Rules { identities: &self.identities, longest: None },
            default_topic: false,
            draw: &fastrand::f64,
            direct: false,
        };
        let Value::Object(parameters) = parameters else {
            panic!("not an object: {parameters}");
        };
        // As the server does: a failed call leaves nothing behind.
        let mut next = self.state.clone();
        let reply = next.call(product, "ap-guangzhou", action, &parameters, &context)?;
        self.state = next;
        Ok(Value::Object(reply))
    }

    fn ok(&mut self, action: &str, parameters: Value) -> Value {
        match self.call(action, parameters) {
            Ok(reply) => reply,
            Err(error) => panic!("{action}: {error}"),
        }
    }

    /// The code of a call, or `ok`.
    fn code(&mut self, action: &str, parameters: Value) -> String {
        match self.call(action, parameters) {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.code,
        }
    }

    fn alias(&mut self, name: &str) -> Value {
        self.ok("GetAlias", json!({"FunctionName": "api", "Name": name}))
    }
}

/// Parameters with the function's name.
fn api(extra: Value) -> Value {
    let mut all = Map::from_iter([("FunctionName".to_owned(), json!("api"))]);
    if let Value::Object(extra) = extra {
        all.extend(extra);
    }
    Value::Object(all)
}

/// A routing of one or more weights.
fn weights(entries: &[(&str, f64)]) -> Value {
    let entries: Vec<_> = entries
        .iter()
        .map(|(version, weight)| json!({"Version": version, "Weight": weight}))
        .collect();
    json!({"AdditionalVersionWeights": entries})
}
