use super::*;
use serde_json::Value;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn payload(input: &Value) -> Vec<u8> {
    if let Some(text) = input["payload"].as_str() {
        return text.as_bytes().to_vec();
    }
    let recipe = &input["payload_recipe"];
    let count = usize::try_from(recipe["count"].as_u64().expect("a count")).expect("fits");
    let unit = text(&recipe["unit"]).repeat(count);
    format!("{}{unit}{}", text(&recipe["prefix"]), text(&recipe["suffix"])).into_bytes()
}

/// A request, its credential, and the service and time of a vector.
fn vector(case: &Value) -> (Received, Credential, String, DateTime<Utc>) {
    let input = &case["input"];
    let seconds = input["timestamp"].as_i64().expect("a time");
    let mut headers = vec![
        ("content-type".to_owned(), text(&input["content_type"])),
        ("x-tc-action".to_owned(), text(&input["action"])),
        ("x-tc-timestamp".to_owned(), seconds.to_string()),
        ("authorization".to_owned(), text(&case["expected"]["authorization"])),
    ];
    let token = input["token"].as_str().map(str::to_owned);
    if let Some(token) = &token {
        headers.push(("x-tc-token".to_owned(), token.clone()));
    }
    if input["unsigned_payload"] == true {
        headers.push(("x-tc-content-sha256".to_owned(), "UNSIGNED-PAYLOAD".to_owned()));
    }
    let received = Received {
        method: text(&input["method"]),
        host: text(&input["host"]),
        path: "/".to_owned(),
        query: text(&input["query"]),
        headers,
        body: payload(input),
    };
    let credential =
        Credential { id: text(&input["secret_id"]), key: text(&input["secret_key"]), token };
    let time = DateTime::from_timestamp(seconds, 0).expect("in range");
    (received, credential, text(&input["service"]), time)
}

fn vectors() -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../../../tests/data/tc3-vectors.json"))
        .expect("the vectors are JSON");
    file["vectors"].as_array().expect("a list").clone()
}

fn lasting(credential: &Credential, now: DateTime<Utc>) -> Keys<'_> {
    Keys { lasting: std::slice::from_ref(credential), sessions: &[], now }
}

fn outcome(
    received: &Received,
    credential: &Credential,
    service: &str,
    now: DateTime<Utc>,
) -> String {
    let scope = Scope { unsigned_payload: true };
    match verify_tc3(received, lasting(credential, now), &scope) {
        Ok(product) if product == service => "ok".to_owned(),
        Ok(product) => format!("in the scope of {product}"),
        Err(error) => error.code,
    }
}

#[test]
fn every_tc3_vector_is_accepted_as_it_is_and_refused_when_changed() {
    let vectors = vectors();
    assert!(vectors.len() > 20);
    for case in &vectors {
        let name = &case["name"];
        let (mut received, mut credential, service, now) = vector(case);
        assert_eq!(outcome(&received, &credential, &service, now), "ok", "{name}");

        let unsigned = case["input"]["unsigned_payload"] == true;
        match received.body.last_mut() {
            Some(byte) => *byte ^= 1,
            None => received.body.push(b' '),
        }
        let expected = if unsigned { "ok" } else { "AuthFailure.SignatureFailure" };
        assert_eq!(
            outcome(&received, &credential, &service, now),
            expected,
            "{name}: body changed"
        );

        let (received, ..) = vector(case);
        credential.key.push('x');
        assert_eq!(
            outcome(&received, &credential, &service, now),
            "AuthFailure.SignatureFailure",
            "{name}: key changed"
        );
    }
}

#[test]
fn each_mistake_in_a_header_has_its_code() {
    let vectors = vectors();
    let invalid = "AuthFailure.InvalidAuthorization";
    let failure = "AuthFailure.SignatureFailure";
    let sign = "authorization";
    for (header, from, to, expected) in [
        (sign, "TC3-", "TC3-", "ok"),
        (sign, "TC3-", "TC4-", invalid),
        (sign, ", ", ",", invalid),
        (sign, "Credential=", "", invalid),
        (sign, "/tc3_request", "", invalid),
        (sign, ";host", "", invalid),
        (sign, "content-type;host", "host;content-type", invalid),
        (sign, "content-type;host", "Content-Type;host", invalid),
        (sign, "=c4e8", "=C4E8", invalid),
        (sign, "=c4e8", "=xyz8", invalid),
        (sign, "=c4e8", "=4e8", invalid),
        (sign, "=c4e8", "=c4e9", failure),
        (sign, "/2023-11-14/", "/2023-11-15/", failure),
        (sign, "/scf/", "/cvm/", failure),
        (sign, "content-type;host", "content-type;host;x-not-sent", failure),
        (sign, "AKIDz", "AKIDy", "AuthFailure.SecretIdNotFound"),
        ("x-tc-timestamp", "17", "now", invalid),
        ("x-tc-timestamp", "17", "-17", invalid),
        ("x-tc-timestamp", "1700000000", "1700000001", failure),
        ("content-type", "json", "json; charset=utf-8", failure),
    ] {
        let (mut received, credential, service, now) = vector(&vectors[0]);
        let mut changed = false;
        for (key, value) in &mut received.headers {
            if key == header {
                changed |= value.contains(from);
                *value = value.replacen(from, to, 1);
            }
        }
        assert!(changed, "{header}: nothing to change in `{from}`");
        assert_eq!(
            outcome(&received, &credential, &service, now),
            expected,
            "{header}: {from} -> {to}"
        );
    }
}

#[test]
fn the_clock_may_be_five_minutes_off() {
    let vectors = vectors();
    let expired = "AuthFailure.SignatureExpire";
    for (seconds, expected) in [(300, "ok"), (-300, "ok"), (301, expired), (-301, expired)] {
        let (received, credential, service, now) = vector(&vectors[0]);
        let now = now + chrono::Duration::seconds(seconds);
        assert_eq!(outcome(&received, &credential, &service, now), expected, "{seconds}");
    }
}

#[test]
fn tokens_and_the_host_must_be_the_right_ones() {
    let vectors = vectors();
    let (mut received, credential, service, now) = vector(&vectors[0]);
    let token = ("x-tc-token".to_owned(), "token".to_owned());
    received.headers.push(token.clone());
    assert_eq!(
        outcome(&received, &credential, &service, now),
        "AuthFailure.TokenFailure",
        "a token too many"
    );

    let (mut received, mut credential, service, now) = vector(&vectors[0]);
    credential.token = Some("token".to_owned());
    assert_eq!(
        outcome(&received, &credential, &service, now),
        "AuthFailure.TokenFailure",
        "no token"
    );
    received.headers.push(token);
    assert_eq!(outcome(&received, &credential, &service, now), "ok");

    "scf.example.com".clone_into(&mut received.host);
    assert_eq!(
        outcome(&received, &credential, &service, now),
        "AuthFailure.SignatureFailure",
        "another host"
    );
    received.headers.retain(|(key, _)| key != "authorization");
    assert_eq!(
        outcome(&received, &credential, &service, now),
        "AuthFailure.InvalidAuthorization",
        "no header"
    );
}

#[test]
fn a_body_left_unsigned_is_refused_unless_allowed() {
    let vectors = vectors();
    let case = vectors.iter().find(|case| case["name"] == "unsigned-payload").expect("the vector");
    let (received, credential, _, now) = vector(case);
    let scope = Scope { unsigned_payload: false };
    let error = verify_tc3(&received, lasting(&credential, now), &scope).expect_err("refused");
    assert_eq!(error.code, "AuthFailure.SignatureFailure");
}

#[test]
fn every_form_vector_is_accepted_as_it_is_and_refused_when_changed() {
    let file: Value = serde_json::from_str(include_str!("../../../tests/data/v1-vectors.json"))
        .expect("the vectors are JSON");
    let cases = file["cases"].as_array().expect("a list");
    assert!(!cases.is_empty());
    for case in cases {
        let id = &case["id"];
        let mut pairs: Vec<(String, String)> = case["form"]
            .as_object()
            .expect("a form")
            .iter()
            .map(|(key, value)| (key.clone(), text(value)))
            .collect();
        pairs.push(("Signature".to_owned(), text(&case["signature"])));
        let received = Received {
            method: text(&case["method"]),
            host: text(&case["host"]),
            path: text(&case["path"]),
            ..Received::default()
        };
        let credential = Credential {
            id: text(&case["secret_id"]),
            key: text(&case["secret_key"]),
            token: case["form"]["Token"].as_str().map(str::to_owned),
        };
        let time: i64 = text(&case["form"]["Timestamp"]).parse().expect("a time");
        let check = |pairs: &[(String, String)], credential: &Credential, late: i64| {
            let now = DateTime::from_timestamp(time + late, 0).expect("in range");
            verify_form(&received, pairs, lasting(credential, now)).map_err(|error| error.code)
        };
        assert_eq!(check(&pairs, &credential, 0), Ok(()), "{id}");

        let refused = |code: &str| Err(code.to_owned());
        let mut changed = pairs.clone();
        changed[1].1.push('x');
        assert_eq!(
            check(&changed, &credential, 0),
            refused("AuthFailure.SignatureFailure"),
            "{id}: a value changed"
        );
        assert_eq!(
            check(&pairs, &credential, 301),
            refused("AuthFailure.SignatureExpire"),
            "{id}: late"
        );
        let mut other = credential.clone();
        other.key.push('x');
        assert_eq!(
            check(&pairs, &other, 0),
            refused("AuthFailure.SignatureFailure"),
            "{id}: key changed"
        );
        other = credential.clone();
        other.token = Some("another".to_owned());
        assert_eq!(
            check(&pairs, &other, 0),
            refused("AuthFailure.TokenFailure"),
            "{id}: another token"
        );
    }
}
