//! Keys that have to be asked for, and that end: roles, clusters, machines, logins.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use scfctl::api::actions::ListFunctions;
use scfctl::api::{
    ApiError, Client, ClientEvent, ClientOptions, Endpoint, KeysError, MessageLanguage, Origin,
    Provider,
};
use scfctl::clock::{Clock, Deadline};
use scfctl::local::{Call, Credential, Fault, Identity, Options};
use scfctl::network::{Network, Proxies};
use scfctl::sign::{Credentials, Secret};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::sandbox::{FUNCTION, ID, KEY, REGION, Ran, Sandbox, runtime};

const ROLE: &str = "qcs::cam::uin/100000000001:roleName/deployer";
const LIST: &str = "list-alias --inputs function=demo-dev-shop";
const METADATA: &str = "/latest/meta-data/cam/security-credentials/";
/// Keys of roles live so long in these tests, in seconds.
const LIFE: u64 = 60;
/// So much later they are over, and clocks are still near enough for signatures.
const LATER: i64 = 100;

/// A server whose clock can be put forward, and that knows one pair.
fn with_clock(change: impl FnOnce(&mut Options)) -> (Sandbox, Arc<AtomicI64>) {
    let ahead = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&ahead);
    let mut sandbox = Sandbox::with(|options| {
        options.clock =
            Arc::new(move || Utc::now() + TimeDelta::seconds(clock.load(Ordering::SeqCst)));
        options.longest_session = Some(Duration::from_secs(LIFE));
        change(options);
    });
    sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY");
    sandbox.project();
    (sandbox, ahead)
}

/// Ways to keys of a role.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Variables,
    VariablesOverTccli,
    Tccli,
    Cluster,
    Machine,
    TccliMachine,
}

const WAYS: [Way; 6] = [
    Way::Variables,
    Way::VariablesOverTccli,
    Way::Tccli,
    Way::Cluster,
    Way::Machine,
    Way::TccliMachine,
];

impl Way {
    fn sandbox(self) -> (Sandbox, Arc<AtomicI64>) {
        let (mut sandbox, ahead) = with_clock(|options| match self {
            Self::Cluster => {
                options.credentials.clear();
                options.identities = ["first", "second"]
                    .map(|token| Identity {
                        provider: "cls-1".to_owned(),
                        token: format!("marker-{token}-token"),
                    })
                    .to_vec();
            }
            Self::Machine | Self::TccliMachine => {
                options.credentials.clear();
                options.machine_role = Some("builder".to_owned());
            }
            _ => {}
        });
        let url = sandbox.server().url();
        let file = sandbox.home().join(".tccli/default.credential");
        std::fs::create_dir(sandbox.home().join(".tccli")).unwrap();
        let pair = json!({"secretId": ID, "secretKey": KEY});
        match self {
            Self::Variables => {
                sandbox
                    .set("TENCENTCLOUD_SECRET_ID", ID)
                    .set("TENCENTCLOUD_SECRET_KEY", KEY)
                    .set("TENCENTCLOUD_ROLE_ARN", ROLE)
                    .set("TENCENTCLOUD_ROLE_SESSION_NAME", "ci@build");
            }
            Self::VariablesOverTccli => {
                std::fs::write(file, pair.to_string()).unwrap();
                sandbox
                    .set("TENCENTCLOUD_ROLE_ARN", ROLE)
                    .set("TENCENTCLOUD_ROLE_SESSION_NAME", "ci@build");
            }
            Self::Tccli => {
                let mut content = pair;
                content["role-arn"] = ROLE.into();
                content["role-session-name"] = "ci@build".into();
                std::fs::write(file, content.to_string()).unwrap();
            }
            Self::Cluster => {
                std::fs::write(token_file(&sandbox), "marker-first-token\n").unwrap();
                let token_file = token_file(&sandbox).display().to_string();
                sandbox
                    .set("TKE_REGION", "ap-shanghai")
                    .set("TKE_PROVIDER_ID", "cls-1")
                    .set("TKE_ROLE_ARN", ROLE)
                    .set("TKE_WEB_IDENTITY_TOKEN_FILE", &token_file);
            }
            Self::Machine => {
                sandbox.set("SCFCTL_METADATA_ENDPOINT", &url);
            }
            Self::TccliMachine => {
                std::fs::write(file, r#"{"type": "cvm-role"}"#).unwrap();
                sandbox.set("SCFCTL_METADATA_ENDPOINT", &url);
            }
        }
        (sandbox, ahead)
    }

    /// The calls that get keys once.
    fn calls(self) -> Vec<String> {
        match self {
            Self::Variables | Self::VariablesOverTccli | Self::Tccli => {
                vec!["AssumeRole".to_owned()]
            }
            Self::Cluster => vec!["AssumeRoleWithWebIdentity".to_owned()],
            Self::Machine | Self::TccliMachine => {
                vec![METADATA.to_owned(), format!("{METADATA}builder")]
            }
        }
    }

    /// What `config` says.
    fn source(self, sandbox: &Sandbox) -> Value {
        let file = sandbox.home().join(".tccli/default.credential").display().to_string();
        let none = Value::Null;
        match self {
            Self::Variables => json!({
                "source": "environment", "secretId": "TENCENTCLOUD_SECRET_ID",
                "secretKey": "TENCENTCLOUD_SECRET_KEY", "token": none,
                "role": "TENCENTCLOUD_ROLE_ARN",
            }),
            Self::VariablesOverTccli | Self::Tccli => json!({
                "source": file, "secretId": "secretId", "secretKey": "secretKey", "token": none,
                "role": if self == Self::Tccli { "role-arn" } else { "TENCENTCLOUD_ROLE_ARN" },
            }),
            Self::Cluster => json!({
                "source": "environment", "secretId": none, "secretKey": none, "token": none,
                "role": "TKE_ROLE_ARN", "webIdentityToken": "TKE_WEB_IDENTITY_TOKEN_FILE",
            }),
            Self::Machine => json!({
                "source": "role of this machine", "secretId": none, "secretKey": none,
                "token": none, "role": "instance metadata",
            }),
            Self::TccliMachine => json!({
                "source": file, "secretId": none, "secretKey": none, "token": none,
                "role": "type",
            }),
        }
    }
}

fn token_file(sandbox: &Sandbox) -> PathBuf {
    sandbox.home().join("token")
}

/// What gets keys, of the calls received.
fn asked(sandbox: &Sandbox) -> Vec<Call> {
    let is_asking = |call: &Call| matches!(call.product.as_str(), "sts" | "metadata");
    sandbox.calls().into_iter().filter(is_asking).collect()
}

fn asked_actions(sandbox: &Sandbox) -> Vec<String> {
    asked(sandbox).into_iter().map(|call| call.action).collect()
}

#[track_caller]
fn clean(ran: Ran) -> Ran {
    assert!(!ran.stdout.contains("marker"), "{}", ran.stdout);
    assert!(!ran.stderr.contains("marker"), "{}", ran.stderr);
    ran
}

#[test]
fn every_way_to_a_role_gets_keys_once_and_signs_with_them() {
    for way in WAYS {
        let (sandbox, _) = way.sandbox();
        let shown = sandbox.type_in("config --output json").ok().json();
        let mut shown = shown["credentials"].clone();
        shown.as_object_mut().unwrap().remove("places");
        assert_eq!(shown, way.source(&sandbox), "{way:?}");
        assert!(sandbox.calls().is_empty(), "{way:?}");
        clean(sandbox.type_in("deploy --inputs publish=true traffic=0 --debug").ok());
        assert_eq!(asked_actions(&sandbox), way.calls(), "{way:?}");
        assert_eq!(sandbox.versions(), ["1"], "{way:?}");
        // Nothing is asked of anybody for work on this machine.
        sandbox.type_in("deploy --local").ok();
        assert_eq!(asked_actions(&sandbox), way.calls(), "{way:?}");
    }
}

#[test]
fn the_requests_are_those_of_the_reference() {
    let (sandbox, _) = Way::Tccli.sandbox();
    sandbox.type_in("deploy --region ap-tokyo").ok();
    let call = &asked(&sandbox)[0];
    assert_eq!((call.region.as_str(), call.product.as_str()), ("ap-tokyo", "sts"));
    assert_eq!(call.params, json!({"RoleArn": ROLE, "RoleSessionName": "ci@build"}));
    let (sandbox, _) = Way::Cluster.sandbox();
    sandbox.type_in("deploy --region ap-tokyo").ok();
    let call = &asked(&sandbox)[0];
    assert_eq!((call.region.as_str(), call.product.as_str()), ("ap-shanghai", "sts"));
    assert_eq!(
        call.params,
        json!({"ProviderId": "cls-1", "WebIdentityToken": "marker-first-token", "RoleArn": ROLE,
            "RoleSessionName": "scfctl"})
    );
}

/// The keys end in the middle of a deployment, which ends well.
#[test]
fn keys_that_end_midway_are_renewed() {
    for way in WAYS {
        let (sandbox, ahead) = way.sandbox();
        sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
        sandbox.change_code("new");
        let before = sandbox.calls().len();
        let token_file = token_file(&sandbox);
        sandbox.faulty(move |call| {
            let (ahead, token_file) = (Arc::clone(&ahead), token_file.clone());
            if call.action != "UpdateFunctionCode" {
                return Fault::None;
            }
            Fault::After(Arc::new(move || {
                ahead.fetch_add(LATER, Ordering::SeqCst);
                // A cluster writes tokens anew; the old one is as good here.
                if token_file.exists() {
                    std::fs::write(&token_file, "marker-second-token").unwrap();
                }
            }))
        });
        let ran = clean(sandbox.type_in("deploy --inputs publish=true traffic=0 --debug").ok());
        assert!(ran.stderr.contains(" AuthFailure.TokenFailure\n"), "{way:?}\n{}", ran.stderr);
        let later = &sandbox.calls()[before..];
        let asked: Vec<&Call> = later
            .iter()
            .filter(|call| matches!(call.product.as_str(), "sts" | "metadata"))
            .collect();
        let actions: Vec<String> = asked.iter().map(|call| call.action.clone()).collect();
        assert_eq!(actions, [way.calls(), way.calls()].concat(), "{way:?}");
        if way == Way::Cluster {
            let tokens: Vec<&Value> =
                asked.iter().map(|call| &call.params["WebIdentityToken"]).collect();
            assert_eq!(tokens, ["marker-first-token", "marker-second-token"]);
        }
        // Each step once.
        let changes: Vec<&str> = later
            .iter()
            .filter(|call| call.product == "scf")
            .map(|call| call.action.as_str())
            .filter(|action| !action.starts_with("Get") && !action.starts_with("List"))
            .collect();
        assert_eq!(changes, ["UpdateFunctionCode", "PublishVersion", "UpdateAlias"], "{way:?}");
        assert_eq!(sandbox.versions(), ["1", "2"], "{way:?}");
        assert_eq!(sandbox.routing("$DEFAULT"), json!({"2": 1, "$LATEST": 0.0}), "{way:?}");
    }
}

/// A login of `tccli` that ends: another program puts newer keys into the same file.
#[test]
fn newer_keys_in_the_same_file_are_taken() {
    for place in [".tccli/default.credential", ".serverless-tencent/credentials", ".env"] {
        let (sandbox, _) = with_clock(|options| {
            options.credentials = ["old", "new"].map(login).to_vec();
        });
        let file = match place {
            ".env" => sandbox.root().join(place),
            _ => sandbox.home().join(place),
        };
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let text = move |mark: &str| {
            let Credential { id, key, token } = login(mark);
            let token = token.unwrap();
            match place {
                ".tccli/default.credential" => json!({"type": "oauth", "secretId": id,
                    "secretKey": key, "token": token, "expiresAt": Utc::now().timestamp() + 3600,
                    "oauth": {"refreshToken": "marker"}})
                .to_string(),
                _ => format!(
                    "[default]\nTENCENT_SECRET_ID={id}\nTENCENT_SECRET_KEY={key}\nTENCENT_TOKEN={token}\n"
                ),
            }
        };
        std::fs::write(&file, text("old")).unwrap();
        let first = AtomicBool::new(true);
        let renewed = file.clone();
        sandbox.faulty(move |call| {
            if call.action == "CreateFunction" && first.swap(false, Ordering::SeqCst) {
                std::fs::write(&renewed, text("new")).unwrap();
                return Fault::error("AuthFailure.TokenFailure", "over");
            }
            Fault::None
        });
        clean(sandbox.type_in("deploy --inputs publish=true traffic=0").ok());
        assert_eq!(sandbox.versions(), ["1"], "{place}");
        // Without newer ones it is at an end.
        sandbox.change_code("new");
        sandbox.faulty(|call| match call.action.as_str() {
            "UpdateFunctionCode" => Fault::error("AuthFailure.TokenFailure", "over"),
            _ => Fault::None,
        });
        let from = sandbox.calls().len();
        let ran = clean(sandbox.type_in("deploy --inputs publish=true").fails(4));
        assert!(ran.stderr.contains(place), "{}", ran.stderr);
        assert!(ran.stderr.contains("have ended, or id, key and token"), "{}", ran.stderr);
        assert_eq!(sandbox.changes_since(from), ["UpdateFunctionCode"]);
    }
}

fn login(mark: &str) -> Credential {
    Credential {
        id: format!("AKIDmarker{mark}"),
        key: format!("markerKey{mark}"),
        token: Some(format!("marker-token-{mark}")),
    }
}

#[test]
fn keys_that_cannot_be_renewed_end_the_run_with_a_true_word() {
    let (mut sandbox, _) = with_clock(|options| options.credentials = vec![login("env")]);
    let Credential { id, key, token } = login("env");
    sandbox
        .set("TENCENT_SECRET_ID", &id)
        .set("TENCENT_SECRET_KEY", &key)
        .set("TENCENT_TOKEN", &token.unwrap());
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    sandbox.change_code("new");
    let from = sandbox.calls().len();
    sandbox.faulty(|call| match call.action.as_str() {
        "PublishVersion" => Fault::error("AuthFailure.TokenFailure", "it has expired"),
        _ => Fault::None,
    });
    let ran = clean(sandbox.type_in("deploy --inputs publish=true traffic=0").fails(4));
    let said: Vec<&str> = ran.stderr.lines().collect();
    assert!(
        said.iter().any(|line| line.contains("AuthFailure.TokenFailure: it has expired (request ")),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains(
            "hint: the temporary credentials from environment have ended, or id, key and token do not belong together"
        ),
        "{}",
        ran.stderr
    );
    assert_eq!(sandbox.changes_since(from), ["UpdateFunctionCode", "PublishVersion"]);
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"1": 1, "$LATEST": 0.0}));
    // With new ones the same command goes on.
    sandbox.healthy();
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    assert_eq!(sandbox.versions(), ["1", "2"]);
}

#[test]
fn a_login_that_is_over_is_refused_before_anything_is_sent() {
    for kind in ["oauth", "sso"] {
        let (sandbox, _) = with_clock(|options| options.credentials = vec![login("old")]);
        let Credential { id, key, token } = login("old");
        let file = sandbox.home().join(".tccli/default.credential");
        std::fs::create_dir(file.parent().unwrap()).unwrap();
        let content = json!({"type": kind, "secretId": id, "secretKey": key, "token": token,
            "expiresAt": 1_700_000_000});
        std::fs::write(&file, content.to_string()).unwrap();
        let ran = clean(sandbox.type_in("deploy").fails(4));
        let ended =
            format!("the keys in {} ended at 2023-11-14 22:13:20 UTC, and it is ", file.display());
        assert!(ran.stderr.contains(&ended), "{}", ran.stderr);
        assert!(ran.stderr.contains("hint: any tccli command renews a login"));
        assert!(sandbox.calls().is_empty());
    }
}

/// Whatever goes wrong while keys are asked for is about credentials, except the network.
#[test]
#[allow(clippy::too_many_lines)] // A table.
fn no_keys_is_said_with_its_reason() {
    type Arrange = fn(&mut Sandbox);
    let table: &[(Way, Arrange, i32, &str)] = &[
        (
            Way::Tccli,
            |sandbox| {
                sandbox
                    .set("TENCENTCLOUD_ROLE_ARN", "qcs::cam::uin/2:roleName/other")
                    .set("TENCENTCLOUD_ROLE_SESSION_NAME", "ci");
            },
            4,
            "AssumeRole: ResourceNotFound.RoleNotFound: ",
        ),
        (
            Way::Variables,
            |sandbox| {
                sandbox.unset("TENCENTCLOUD_ROLE_SESSION_NAME");
            },
            4,
            "environment has TENCENTCLOUD_ROLE_ARN but not TENCENTCLOUD_ROLE_SESSION_NAME",
        ),
        (
            Way::Variables,
            |sandbox| {
                sandbox.set("TENCENTCLOUD_SECRET_KEY", "another-key");
            },
            4,
            "AssumeRole: AuthFailure.SignatureFailure: ",
        ),
        (
            Way::Variables,
            |sandbox| sandbox.faulty(|_| Fault::Http { status: 403, body: "no".to_owned() }),
            1,
            "answered with HTTP status 403",
        ),
        (
            Way::Cluster,
            |sandbox| std::fs::write(token_file(sandbox), "marker-unknown").unwrap(),
            4,
            "AssumeRoleWithWebIdentity: InvalidParameter.WebIdentityTokenError: ",
        ),
        (
            Way::Cluster,
            |sandbox| std::fs::write(token_file(sandbox), " \n").unwrap(),
            4,
            "token: it is empty",
        ),
        (
            Way::Cluster,
            |sandbox| std::fs::write(token_file(sandbox), "marker token").unwrap(),
            4,
            "has blanks or control characters in it",
        ),
        (
            Way::Cluster,
            |sandbox| std::fs::remove_file(token_file(sandbox)).unwrap(),
            4,
            "token: there is no such file",
        ),
        (
            Way::TccliMachine,
            |sandbox| sandbox.faulty(|_| Fault::Http { status: 404, body: "no".to_owned() }),
            4,
            ": the machine has no role",
        ),
        (
            Way::TccliMachine,
            |sandbox| sandbox.faulty(|_| Fault::Http { status: 500, body: "no".to_owned() }),
            4,
            ": HTTP status 500",
        ),
        (
            Way::TccliMachine,
            |sandbox| sandbox.faulty(|_| Fault::Http { status: 200, body: "a/../b\n".to_owned() }),
            4,
            ": the machine has no role",
        ),
        (
            Way::TccliMachine,
            |sandbox| {
                sandbox.faulty(|call| {
                    if call.action.ends_with("builder") { Fault::NotJson } else { Fault::None }
                });
            },
            4,
            ": the answer is not JSON",
        ),
        (
            Way::TccliMachine,
            |sandbox| {
                sandbox.faulty(|call| {
if call.action.ends_with("builder") { Fault::Http {
                        status: 200,
                        body: json!({"Code": "Success", "TmpSecretId": "AKIDmarker", "TmpSecretKey": "marker key",
                            "Token": "marker"})
                        .to_string(),
                    } } else { Fault::None }
});
            },
            4,
            ": the answer has no TmpSecretKey",
        ),
        (
            Way::TccliMachine,
            |sandbox| {
                sandbox.set("SCFCTL_METADATA_ENDPOINT", "http://metadata.example");
            },
            2,
            "`http://metadata.example` is plain http, and neither metadata.tencentyun.com nor this machine",
        ),
        (
            Way::TccliMachine,
            |sandbox| {
                sandbox.set("SCFCTL_METADATA_ENDPOINT", "http://127.0.0.1:1");
            },
            4,
            "no keys of this machine's role from http://127.0.0.1:1: ",
        ),
        (
            Way::Machine,
            |sandbox| sandbox.faulty(|_| Fault::DropBefore),
            4,
            "error: no credentials found; looked in environment, ",
        ),
        (
            Way::Machine,
            |sandbox| sandbox.faulty(|_| Fault::Http { status: 404, body: "no".to_owned() }),
            4,
            ": the machine has no role)\n",
        ),
    ];
    for (way, arrange, code, expected) in table {
        let (mut sandbox, _) = way.sandbox();
        arrange(&mut sandbox);
        let ran = clean(sandbox.type_in("deploy").fails(*code));
        assert!(ran.stderr.contains(expected), "{way:?}: {expected}\n{}", ran.stderr);
        assert!(ran.stderr.contains("\n  hint: "), "{}", ran.stderr);
        assert!(!sandbox.calls().iter().any(|call| call.product == "scf"), "{expected}");
    }
}

/// A call for keys that gets lost says nothing about the call that needs them.
#[test]
fn a_lost_call_for_keys_is_no_lost_publication() {
    let (sandbox, _) = Way::Variables.sandbox();
    sandbox.function(FUNCTION, "default", 0);
    let from = sandbox.calls().len();
    sandbox.faulty(|_| Fault::DropBefore);
    let ran = sandbox.type_in("publish-ver --inputs function=demo-dev-shop").fails(1);
    assert!(!ran.stderr.contains("--run-id"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("perhaps"), "{}", ran.stderr);
    let actions = sandbox.actions_since(from);
    assert!(!actions.is_empty() && actions.iter().all(|action| action == "AssumeRole"));
}

/// The metadata service is the last resort.
#[test]
fn a_machine_is_not_asked_while_there_are_keys() {
    let (mut sandbox, _) = with_clock(|options| options.machine_role = Some("builder".to_owned()));
    let url = sandbox.server().url();
    sandbox
        .set("SCFCTL_METADATA_ENDPOINT", &url)
        .set("TENCENT_SECRET_ID", ID)
        .set("TENCENT_SECRET_KEY", KEY);
    sandbox.type_in("deploy").ok();
    assert_eq!(asked(&sandbox), []);
    // Nor is an address that is not used looked at.
    sandbox.set("SCFCTL_METADATA_ENDPOINT", "http://metadata.example");
    sandbox.type_in("deploy").ok();
}

#[test]
fn keys_of_a_role_are_masked() {
    let (sandbox, _) = Way::Machine.sandbox();
    // The server gives the same keys until their life is half over.
    let mut stream = std::net::TcpStream::connect(sandbox.server().address()).unwrap();
    write!(
        stream,
        "GET {METADATA}builder HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let keys: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let secrets: Vec<String> = ["TmpSecretId", "TmpSecretKey", "Token"]
        .map(|name| keys[name].as_str().unwrap().to_owned())
        .to_vec();
    let echo = secrets.join(" and ");
    sandbox.faulty(move |call| match call.product.as_str() {
        "scf" => Fault::error("InvalidParameter", &echo),
        _ => Fault::None,
    });
    let ran = sandbox.type_in(&format!("{LIST} --debug")).fails(1);
    for secret in secrets {
        assert!(!ran.stderr.contains(&secret), "{}", ran.stderr);
    }
    assert!(ran.stderr.contains("[redacted] and [redacted] and [redacted]"), "{}", ran.stderr);
}

/// The clock of the client below, in seconds ahead.
static AHEAD: AtomicI64 = AtomicI64::new(0);

fn clock() -> DateTime<Utc> {
    Utc::now() + TimeDelta::seconds(AHEAD.load(Ordering::SeqCst))
}

/// A client with a clock of its own: keys of two hours are renewed five minutes before they
/// end, by one of several calls, and used to their end when that fails.
#[test]
fn keys_are_renewed_before_they_end() {
    let runtime = runtime(1);
    let sandbox = Sandbox::on(Arc::clone(&runtime), |options| options.clock = Arc::new(clock));
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (_stopper, stop) = watch::channel(false);
    let tell = Arc::clone(&told);
    let base = Credentials { id: Secret::new(ID), key: Secret::new(KEY), token: None };
    let origin = Origin::Role {
        base,
        arn: ROLE.to_owned(),
        session: "ci".to_owned(),
        region: REGION.to_owned(),
    };
    let clock = Clock::reading(clock);
    let deadline = Deadline::after(&clock, Duration::from_secs(60));
    let options = ClientOptions {
        endpoint: Endpoint::parse(&sandbox.server().url(), false).unwrap(),
        network: Network::new(Proxies::none(), false).unwrap(),
        credentials: Provider::new("a test", origin, Box::new(|_| {})),
        clock,
        messages: MessageLanguage::English,
        stop,
        observer: Arc::new(move |event| match event {
            ClientEvent::KeysObtained { .. } => tell.lock().unwrap().push("obtained"),
            ClientEvent::KeysNotRenewed { .. } => tell.lock().unwrap().push("not renewed"),
            _ => {}
        }),
    };
    let client = Client::new(options, deadline);
    let list = ListFunctions { namespace: "default".to_owned(), offset: 0, limit: 20 };
    let both = || {
        runtime.block_on(async {
            tokio::join!(client.call(REGION, &list), client.call(REGION, &list))
        })
    };
    let refuse = |call: &Call| match call.action.as_str() {
        "AssumeRole" => Fault::error("UnauthorizedOperation", "no"),
        _ => Fault::None,
    };
    for (ahead, broken, expected) in [
        (0, false, &["obtained"][..]),
        (6880, false, &["obtained"]),
        (6905, true, &["obtained", "not renewed"]),
        (6910, false, &["obtained", "not renewed"]),
        (7100, false, &["obtained", "not renewed", "obtained"]),
        (14_200, true, &["obtained", "not renewed", "obtained", "not renewed"]),
    ] {
        AHEAD.store(ahead, Ordering::SeqCst);
        sandbox.healthy();
        if broken {
            sandbox.faulty(refuse);
        }
        let (one, other) = both();
        one.unwrap();
        other.unwrap();
        assert_eq!(*told.lock().unwrap(), expected, "{ahead}");
    }
    AHEAD.store(14_400, Ordering::SeqCst);
    let (one, _) = both();
    let Err(ApiError::Keys { action: "ListFunctions", source: KeysError::Role { source, .. } }) =
        one
    else {
        panic!("{one:?}")
    };
    assert_eq!(source.code(), Some("UnauthorizedOperation"));
}
