//! What must hold for any requests to the local SCF, one after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::DateTime;
use scfctl::api::answer::understand;
use scfctl::api::{ApiError, Endpoint};
use scfctl::local::{Credential, Handle, Identity, Options, Received, Refusal, detached};
use scfctl::sign::{Credentials, Secret, tc3};
use serde_json::{Value, json};

/// The line between two requests.
pub const BETWEEN: &str = "----";
/// The value of `authorization` in place of which a right signature is put.
pub const SIGN: &str = "sign";
/// When the first request comes, in seconds: the time of the recorded ones.
pub const NOW: i64 = 1_700_000_000;
const MOST_REQUESTS: usize = 24;
const ID: &str = "AKIDzq9";
const KEY: &str = "zq9-geheim-zq9";
/// Keys of recorded requests, which came signed.
const RECORDED: &[(&str, &str)] = &[
    ("AKIDEXAMPLE0000000000000000000000000", "EXAMPLEsecretKEY0000000000000000"),
    ("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"),
];

/// Checks a run of requests, apart by [`BETWEEN`].
///
/// Lines `# key=value` before the first one set switches of the behaviour. A request is a line
/// with method and target, headers, an empty line and the body. The header `x-wait` moves the
/// clock on by so many seconds first; with `authorization: sign` the request is signed, for the
/// product in `x-product` or for `scf`, and what it lacks of the headers that every call has is
/// added.
pub fn check(bytes: &[u8]) {
    accepted(bytes);
}

/// Checks a run of requests and returns how many of them were not refused.
pub fn accepted(bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(bytes);
    if text.contains(KEY) {
        return 0;
    }
    let clock = Arc::new(AtomicI64::new(NOW));
    let credential = |(id, key): (&str, &str)| Credential {
        id: id.to_owned(),
        key: key.to_owned(),
        token: None,
    };
    let mut credentials = vec![credential((ID, KEY))];
    credentials.extend(RECORDED.iter().copied().map(credential));
    let mut options = Options::new(credentials);
    options.keep_calls = false;
    let (provider, token) = ("provider".to_owned(), "identity".to_owned());
    options.identities.push(Identity { provider, token });
    options.transition = Duration::from_secs(2);
    let reader = Arc::clone(&clock);
    options.clock = Arc::new(move || {
        DateTime::from_timestamp(reader.load(Ordering::Relaxed), 0).expect("a time")
    });
    let mut text = text.as_ref();
    while let Some(rest) = text.strip_prefix("# ") {
        let (switch, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        // A switch that there is not is told.
        if let Err(error) = options.behaviour.set(switch) {
            assert!(!error.to_string().is_empty());
        }
        text = behind;
    }
    let handle = detached(options);
    let between = format!("\n{BETWEEN}\n");
    let requests = text.split(&between).take(MOST_REQUESTS);
    requests.filter(|request| exchange(&handle, &clock, request)).count()
}

/// Sends one request; says whether it was accepted.
fn exchange(handle: &Handle, clock: &AtomicI64, text: &str) -> bool {
    let mut request = read(text);
    let wait: i64 = request.header("x-wait").and_then(|text| text.parse().ok()).unwrap_or(0);
    clock.fetch_add(wait.clamp(0, 1_000_000), Ordering::Relaxed);
    let now = clock.load(Ordering::Relaxed);
    let signed = request.header("authorization") == Some(SIGN);
    if signed {
        sign(&mut request, now);
        let mut changed = request.clone();
        if request.method == "GET" {
            changed.query.push_str("&x=1");
        } else {
            changed.body.push(b' ');
        }
        let before = settled(handle.snapshot());
        let outcome = handle.exchange(&changed);
        // An unsigned body is one that may change.
        if outcome.is_err() || request.header("x-tc-content-sha256").is_none() {
            assert!(outcome.is_err(), "taken although it was changed on its way: {changed:?}");
            assert_eq!(settled(handle.snapshot()), before, "{changed:?}: {outcome:?}");
        }
    }
    let before = settled(handle.snapshot());
    let outcome = handle.exchange(&request);
    let after = settled(handle.snapshot());
    let told = || format!("{request:?}: {outcome:?}");
    match &outcome {
        Ok(reply) => {
            assert!(reply.is_object(), "{}", told());
            let action = request.header("x-tc-action").unwrap_or_default();
            if action.starts_with("Get") || action.starts_with("List") {
                assert_eq!(before, after, "reading changed something: {}", told());
            }
        }
        Err(error) => {
            assert_eq!(before, after, "refused, yet something changed: {}", told());
            let words =
                |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
            assert!(error.code.split('.').all(words), "{}", told());
            assert!(!error.message.is_empty(), "{}", told());
            let right = signed && request.header("content-type") == Some("application/json");
            let wrong = ["AuthFailure.SignatureFailure", "AuthFailure.SecretIdNotFound"];
            assert!(!right || !wrong.contains(&error.code.as_str()), "{}", told());
        }
    }
    the_client_understands(&outcome);
    every_function_is_whole(&after);
    outcome.is_ok()
}

fn read(text: &str) -> Received {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let (method, target) = lines.next().unwrap_or_default().split_once(' ').unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Received {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        body: body.as_bytes().to_vec(),
        ..Received::default()
    };
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { continue };
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_owned());
        if name == "host" {
            request.host = value;
        } else {
            request.headers.push((name, value));
        }
    }
    request
}

/// Signs with the client's signer, which shares nothing with the local SCF.
fn sign(request: &mut Received, now: i64) {
    request
        .headers
        .retain(|(name, _)| !matches!(name.as_str(), "authorization" | "x-tc-timestamp"));
    let product = request.header("x-product").unwrap_or("scf").to_owned();
    let version = match product.as_str() {
        "sts" => "2018-08-13",
        "cam" => "2019-01-16",
        _ => "2018-04-16",
    };
    let usual = [
        ("content-type", "application/json"),
        ("x-tc-version", version),
        ("x-tc-region", "ap-guangzhou"),
    ];
    for (name, value) in usual {
        if !request.headers.iter().any(|(known, _)| known == name) {
            request.headers.push((name.to_owned(), value.to_owned()));
        }
    }
    if request.host.is_empty() {
        "127.0.0.1".clone_into(&mut request.host);
    }
    request.headers.push(("x-tc-timestamp".to_owned(), now.to_string()));
    let content_type = request.header("content-type").unwrap_or_default();
    let signature = tc3::sign(
        &Credentials { id: Secret::new(ID), key: Secret::new(KEY), token: None },
        DateTime::from_timestamp(now, 0).expect("a time"),
        &tc3::SignableRequest {
            method: &request.method,
            service: &product,
            query: if request.method == "GET" { &request.query } else { "" },
            headers: &[("content-type", content_type), ("host", &request.host)],
            body: &request.body,
            payload: tc3::PayloadMode::Signed,
        },
    );
    request.headers.push(("authorization".to_owned(), signature.authorization));
}

/// The state without regions that nothing was done in: naming one lays it out.
fn settled(mut state: Value) -> Value {
    if let Some(regions) = state["regions"].as_object_mut() {
        regions.retain(|_, region| {
            let spaces = region["namespaces"].as_object().expect("namespaces");
            let empty = |space: &Value| {
                space["functions"].as_object().is_some_and(serde_json::Map::is_empty)
            };
            let untouched = spaces.len() == 1
                && spaces
                    .get("default")
                    .is_some_and(|space| empty(space) && space["added"] == space["modified"]);
            !untouched
        });
    }
    state
}

/// What goes out is an answer of the API to the client, and holds no key.
fn the_client_understands(outcome: &Result<Value, Refusal>) {
    let mut response = match outcome {
        Ok(reply) => reply.clone(),
        Err(error) => json!({"Error": {"Code": error.code, "Message": error.message}}),
    };
    response["RequestId"] = json!("3c140219");
    let body = json!({"Response": response}).to_string();
    assert!(!body.contains(KEY), "the key is shown: {body}");
    let endpoint = Endpoint::parse("scf.example", false).expect("an endpoint");
    match (outcome, understand("Any", &endpoint, 200, body.as_bytes(), &[])) {
        (Ok(_), Ok(understood)) => assert_eq!(understood, response),
        (Err(error), Err(ApiError::Api { code, message, .. })) => {
            assert_eq!((&code, &message), (&error.code, &error.message));
        }
        (outcome, understood) => panic!("{outcome:?} is understood as {understood:?}"),
    }
}

fn every_function_is_whole(state: &Value) {
    let all = |value: &Value| -> Vec<Value> {
        value.as_object().expect("a map").values().cloned().collect()
    };
    let regions = all(&state["regions"]);
    let spaces = regions.iter().flat_map(|region| all(&region["namespaces"]));
    for function in spaces.flat_map(|space| all(&space["functions"])) {
        let versions = function["versions"].as_object().expect("versions");
        assert!(versions.contains_key("$LATEST"), "{function}");
        let next = function["next_version"].as_u64().expect("a number");
        for name in versions.keys().filter(|name| *name != "$LATEST") {
            let number: u64 = name.parse().expect("a number");
            assert!((1..next).contains(&number), "{name}: {function}");
        }
        let aliases = function["aliases"].as_object().expect("aliases");
        assert!(aliases.contains_key("$DEFAULT"), "{function}");
        for alias in aliases.values() {
            routes_to_what_is_there(alias, versions);
        }
    }
}

fn routes_to_what_is_there(alias: &Value, versions: &serde_json::Map<String, Value>) {
    let there = |version: &Value| versions.contains_key(version.as_str().expect("a text"));
    assert!(there(&alias["version"]), "{alias}");
    let weights = alias["routing"]["AdditionalVersionWeights"].as_array().expect("a list");
    let rules = alias["routing"]["AddtionVersionMatchs"].as_array().expect("a list");
    assert!(weights.len() <= 1 && (weights.is_empty() || rules.is_empty()), "{alias}");
    for entry in weights.iter().chain(rules) {
        assert!(there(&entry["Version"]), "{alias}");
    }
    for entry in weights {
        let weight = entry["Weight"].as_f64().expect("a number");
        assert!((0.0..=1.0).contains(&weight), "{alias}");
    }
}
