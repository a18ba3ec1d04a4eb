//! Where keys come from: every place, their order, and what is wrong with them.

use std::path::Path;

use scfctl::local::Credential;
use serde_json::{Value, json};

use crate::sandbox::{Ran, Sandbox};

const LIST: &str = "list-alias --inputs function=demo-dev-shop";

fn credential(mark: &str, token: bool) -> Credential {
    Credential {
        id: format!("AKIDmarker-{mark}"),
        key: format!("marker=key+{mark}="),
        token: token.then(|| format!("marker/token-{mark}")),
    }
}

/// A sandbox without keys, whose server knows the pairs with these marks only.
fn sandbox(known: &[(&str, bool)]) -> Sandbox {
    let mut sandbox = Sandbox::with(|options| {
        options.credentials = known.iter().map(|(mark, token)| credential(mark, *token)).collect();
    });
    sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY");
    sandbox.project();
    sandbox.function("demo-dev-shop", "default", 0);
    sandbox
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// No secret of these tests.
#[track_caller]
fn clean(ran: Ran) -> Ran {
    assert!(!ran.stdout.contains("marker"), "{}", ran.stdout);
    assert!(!ran.stderr.contains("marker"), "{}", ran.stderr);
    ran
}

/// What `config` says of the keys, with the home folder as `~` and without the places.
#[track_caller]
fn source(sandbox: &Sandbox, options: &str) -> Value {
    let ran = clean(sandbox.type_in(&format!("config --output json {options}")).ok());
    let mut shown = ran.json()["credentials"].clone();
    shown.as_object_mut().unwrap().remove("places");
    serde_json::from_str(&at_home(sandbox, &shown.to_string())).unwrap()
}

/// The error on stderr, behind the lines that every command begins with.
#[track_caller]
fn error(sandbox: &Sandbox, ran: &Ran) -> String {
    let start = ran.stderr.find("error: ").unwrap_or_else(|| panic!("{}", ran.stderr));
    at_home(sandbox, &ran.stderr[start..])
}

fn at_home(sandbox: &Sandbox, text: &str) -> String {
    let project = sandbox.root().canonicalize().unwrap().display().to_string();
    text.replace(&sandbox.home().display().to_string(), "~")
        .replace(&project, ".")
        .replace(&sandbox.root().display().to_string(), ".")
}

/// Variables of a place by these names.
fn variables(names: [&str; 3], mark: &str, token: bool) -> Vec<(String, String)> {
    let credential = credential(mark, token);
    let mut variables =
        vec![(names[0].to_owned(), credential.id), (names[1].to_owned(), credential.key)];
    variables.extend(credential.token.map(|token| (names[2].to_owned(), token)));
    variables
}

fn lines(names: [&str; 3], mark: &str, token: bool) -> String {
    let lines = variables(names, mark, token);
    lines.iter().flat_map(|(name, value)| [name, "=", value, "\n"]).collect()
}

const SLS: [&str; 3] = ["TENCENT_SECRET_ID", "TENCENT_SECRET_KEY", "TENCENT_TOKEN"];
const CLOUD: [&str; 3] =
    ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN"];
const RUNTIME: [&str; 3] =
    ["TENCENTCLOUD_SECRETID", "TENCENTCLOUD_SECRETKEY", "TENCENTCLOUD_SESSIONTOKEN"];
const SDK: [&str; 3] = ["secret_id", "secret_key", "token"];

fn tccli(mark: &str, token: bool) -> Value {
    let credential = credential(mark, token);
    let mut file = json!({"secretId": credential.id, "secretKey": credential.key});
    if let Some(token) = credential.token {
        file["token"] = token.into();
    }
    file
}

/// From the first place to the last: each wins over all behind it, and signs the call.
#[test]
fn the_first_place_that_has_keys_gives_them() {
    let pair = |source: &str, names: [&str; 3]| json!({"source": source, "secretId": names[0], "secretKey": names[1], "token": names[2]});
    let places = [
        ("sls", pair("environment", SLS)),
        ("cloud", pair("environment", CLOUD)),
        ("runtime", pair("environment", RUNTIME)),
        ("dotenv", pair("./.env", SLS)),
        ("file", pair("~/.serverless-tencent/credentials [default]", SLS)),
        ("tccli", pair("~/.tccli/default.credential", ["secretId", "secretKey", "token"])),
        ("sdk", pair("~/.tencentcloud/credentials [default]", SDK)),
    ];
    for (number, (winner, expected)) in places.iter().enumerate() {
        let mut sandbox = sandbox(&[(winner, true)]);
        for (mark, _) in &places[number..] {
            let home = sandbox.home();
            match *mark {
                "sls" | "cloud" | "runtime" => {
                    let names = match *mark {
                        "sls" => SLS,
                        "cloud" => CLOUD,
                        _ => RUNTIME,
                    };
                    for (name, value) in variables(names, mark, true) {
                        sandbox.set(&name, &value);
                    }
                }
                "dotenv" => sandbox.file(".env", &lines(SLS, mark, true)),
                "file" => write(
                    &home.join(".serverless-tencent/credentials"),
                    &format!("[default]\n{}", lines(SLS, mark, true)),
                ),
                "tccli" => {
                    write(&home.join(".tccli/default.credential"), &tccli(mark, true).to_string());
                }
                _ => write(
                    &home.join(".tencentcloud/credentials"),
                    &format!("[default]\n{}", lines(SDK, mark, true)),
                ),
            }
        }
        assert_eq!(source(&sandbox, ""), *expected, "{winner}");
        clean(sandbox.type_in(LIST).ok());
    }
}

#[test]
fn config_names_the_places_in_order() {
    let sandbox = sandbox(&[]);
    sandbox.file(".env", "A=1\n");
    let places = |options: &str| {
        let ran = sandbox.type_in(&format!("config --output json {options}")).ok();
        let places = ran.json()["credentials"]["places"].to_string();
        serde_json::from_str::<Value>(&at_home(&sandbox, &places)).unwrap()
    };
    assert_eq!(
        places(""),
        json!([
            "environment",
            "./.env",
            "~/.serverless-tencent/credentials [default]",
            "~/.tccli/default.credential",
            "~/.tencentcloud/credentials [default]",
            "/etc/tencentcloud/credentials [default]",
            "TKE_* of the environment",
        ])
    );
    assert_eq!(
        places("--profile prod"),
        json!([
            "~/.serverless-tencent/credentials [prod]",
            "~/.tccli/prod.credential",
            "~/.tencentcloud/credentials [prod]",
            "/etc/tencentcloud/credentials [prod]",
        ])
    );
    let text = at_home(&sandbox, &sandbox.type_in("config").ok().stdout);
    let (_, text) = text.split_once("credentials:").unwrap();
    assert!(text.contains("source:"), "{text}");
    assert!(text.contains("- ~/.tccli/default.credential\n"), "{text}");
}

/// Which profile of which tool, and what a name that is nowhere comes to.
#[test]
fn a_profile_is_looked_for_in_the_files_of_every_tool() {
    let fill = |sandbox: &Sandbox| {
        let home = sandbox.home();
        let section = |name: &str, names, mark| format!("[{name}]\n{}", lines(names, mark, false));
        write(&home.join(".serverless-tencent/credentials"), &section("one", SLS, "one"));
        write(&home.join(".tccli/two.credential"), &tccli("two", false).to_string());
        write(
            &home.join(".tencentcloud/credentials"),
            &format!("{}{}", section("default", SDK, "sdk"), section("three", SDK, "three")),
        );
        write(&home.join("elsewhere.ini"), &section("default", SDK, "elsewhere"));
    };
    // The environment has keys too in the first half.
    for (option, variable, winner, place) in [
        ("--profile one", None, "one", "~/.serverless-tencent/credentials [one]"),
        ("--profile two", None, "two", "~/.tccli/two.credential"),
        ("--profile three", None, "three", "~/.tencentcloud/credentials [three]"),
        ("", Some(("TENCENT_CREDENTIALS_PROFILE", "one")), "env", "environment"),
        ("", Some(("TCCLI_PROFILE", "two")), "env", "environment"),
    ] {
        let mut sandbox = sandbox(&[(winner, false)]);
        fill(&sandbox);
        for (name, value) in variables(SLS, "env", false) {
            sandbox.set(&name, &value);
        }
        if let Some((name, value)) = variable {
            sandbox.set(name, value);
        }
        assert_eq!(source(&sandbox, option)["source"], place, "{option} {variable:?}");
        clean(sandbox.type_in(&format!("{LIST} {option}")).ok());
    }
    for (variable, winner, place) in [
        (("TENCENT_CREDENTIALS_PROFILE", "one"), "one", "~/.serverless-tencent/credentials [one]"),
        (("TENCENT_CREDENTIALS_PROFILE", "two"), "two", "~/.tccli/two.credential"),
        (("TENCENT_CREDENTIALS_PROFILE", ""), "sdk", "~/.tencentcloud/credentials [default]"),
        (("TCCLI_PROFILE", "two"), "two", "~/.tccli/two.credential"),
        (
            ("TENCENTCLOUD_CREDENTIALS_FILE", "~/elsewhere.ini"),
            "elsewhere",
            "~/elsewhere.ini [default]",
        ),
    ] {
        let mut sandbox = sandbox(&[(winner, false)]);
        fill(&sandbox);
        let home = sandbox.home().display().to_string();
        sandbox.set(variable.0, &variable.1.replace('~', &home));
        assert_eq!(source(&sandbox, "")["source"], place, "{variable:?}");
        clean(sandbox.type_in(LIST).ok());
    }
    let mut sandbox = sandbox(&[]);
    fill(&sandbox);
    let ran = clean(sandbox.type_in("deploy --profile four").fails(4));
    assert_eq!(
        error(&sandbox, &ran),
        "error: no profile `four` in ~/.serverless-tencent/credentials [four], ~/.tccli/four.credential, \
         ~/.tencentcloud/credentials [four], /etc/tencentcloud/credentials [four]\n  \
         hint: check the profile's name, or leave it out: --profile, TENCENT_CREDENTIALS_PROFILE, TCCLI_PROFILE\n"
    );
    // Nobody else's keys in place of those that were named.
    sandbox.set("TCCLI_PROFILE", "four");
    sandbox.type_in("deploy").fails(4).says("no profile `four` in ").says("four.credential\n");
    sandbox.set("TENCENT_CREDENTIALS_PROFILE", "../two");
    clean(sandbox.type_in("deploy").fails(4)).says("no profile `../two` in ");
    assert!(sandbox.calls().is_empty());
}

#[test]
fn id_key_and_token_are_of_one_family() {
    let mut sandbox = sandbox(&[("cloud", false)]);
    for (name, value) in variables(CLOUD, "cloud", false) {
        sandbox.set(&name, &value);
    }
    sandbox
        .set("TENCENT_TOKEN", "marker-of-another")
        .set("TENCENTCLOUD_SESSIONTOKEN", "marker-too");
    assert_eq!(source(&sandbox, "")["token"], Value::Null);
    clean(sandbox.type_in(LIST).ok());
    for name in ["TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SESSION_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN"]
    {
        let mut sandbox = self::sandbox(&[("cloud", true)]);
        for (name, value) in variables([CLOUD[0], CLOUD[1], name], "cloud", true) {
            sandbox.set(&name, &value);
        }
        assert_eq!(source(&sandbox, "")["token"], name);
        clean(sandbox.type_in(LIST).ok());
    }
}

#[test]
fn half_a_pair_is_an_error_and_empty_is_missing() {
    let mut sandbox = sandbox(&[("sdk", false)]);
    write(
        &sandbox.home().join(".tencentcloud/credentials"),
        &format!("[default]\n{}", lines(SDK, "sdk", false)),
    );
    for name in [SLS[0], SLS[1], CLOUD[0], RUNTIME[1]] {
        sandbox.set(name, "");
    }
    sandbox.file(".env", "TENCENT_SECRET_ID=\nTENCENT_SECRET_KEY=\n");
    write(
        &sandbox.home().join(".serverless-tencent/credentials"),
        "[default]\nTENCENT_SECRET_ID=\n",
    );
    write(&sandbox.home().join(".tccli/default.credential"), r#"{"secretId": "", "token": ""}"#);
    clean(sandbox.type_in(LIST).ok());
    for (present, missing) in [(SLS[0], SLS[1]), (SLS[1], SLS[0]), (CLOUD[1], CLOUD[0])] {
        sandbox.set(present, "marker-half");
        let ran = clean(sandbox.type_in(LIST).fails(4));
        assert_eq!(
            error(&sandbox, &ran),
            format!(
                "error: environment has {present} but not {missing}\n  hint: set {missing} as well\n"
            )
        );
        sandbox.unset(present);
    }
    // Halves of one family may stand in the environment and in `.env`, as for `sls`.
    let mut halves = self::sandbox(&[("both", false)]);
    let credential = credential("both", false);
    halves.set(SLS[0], &credential.id);
    halves.file(".env", &format!("{}={}\n", SLS[1], credential.key));
    assert_eq!(source(&halves, "")["source"], "environment and ./.env");
    clean(halves.type_in(LIST).ok());
}

#[test]
fn files_written_by_hand_are_read_as_they_are_meant() {
    let Credential { id, key, .. } = credential("hand", false);
    for (file, text) in [
        (
            ".serverless-tencent/credentials",
            format!(
                "\u{feff}# mine\r\n[other]\r\nTENCENT_SECRET_ID=x\r\n[ default ]\r\n TENCENT_SECRET_ID = {id} \r\nTENCENT_SECRET_KEY=\"{key}\"\r\n"
            ),
        ),
        (
            ".tencentcloud/credentials",
            format!(
                "; mine\r\n[default]\r\nsecret_id='{id}'\r\nSecret_Key = {key}\r\n\r\n[x]\r\nsecret_id=y\r\n"
            ),
        ),
        (
            ".tccli/default.credential",
            format!(
                "\u{feff}{{\r\n \"secretId\": \"{id}\",\r\n \"secretKey\": \"{key}\", \"new\": [1]\r\n}}\r\n"
            ),
        ),
    ] {
        let sandbox = sandbox(&[("hand", false)]);
        write(&sandbox.home().join(file), &text);
        clean(sandbox.type_in(LIST).ok());
    }
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_line_and_no_secret() {
    let sandbox = sandbox(&[]);
    let home = sandbox.home();
    for (file, text, expected) in [
        (
            ".tccli/default.credential",
            "{\n \"secretId\": \"AKIDmarker\",\n \"secretKey\": marker\n}\n",
            "~/.tccli/default.credential:3: not JSON (column 15)",
        ),
        (
            ".tccli/default.credential",
            "{\"secretId\": \"AKIDmarker\",\n \"secretKey\": [\"marker\"]}",
            "~/.tccli/default.credential:2: `secretKey` is not what tccli writes there",
        ),
        (
            ".tccli/default.credential",
            "{\"secretId\": \"AKIDmarker\", \"secretKey\": \"marker\",\n\n \"expiresAt\": \"marker\"}",
            "~/.tccli/default.credential:3: `expiresAt` is not what tccli writes there",
        ),
        (
            ".tccli/default.credential",
            "\"AKIDmarker\"",
            "~/.tccli/default.credential:1: the file is not a JSON object",
        ),
        (
            ".tccli/default.credential",
            "{}\n marker",
            "~/.tccli/default.credential:2: not JSON (column 2)",
        ),
        (".tccli/default.credential", "", "~/.tccli/default.credential:1: not JSON (column 0)"),
        (
            ".tccli/default.credential",
            r#"{"secretId": "AKIDmarker"}"#,
            "~/.tccli/default.credential has secretId but not secretKey",
        ),
        (
            ".tccli/default.credential",
            r#"{"secretId": "AKIDmarker", "secretKey": "marker\n"}"#,
            "the value of secretKey in ~/.tccli/default.credential has blanks or control characters in it",
        ),
        (
            ".tccli/default.credential",
            r#"{"secretId": "AKIDmarker", "secretKey": "marker", "role-arn": "qcs::cam::uin/1:roleName/marker"}"#,
            "~/.tccli/default.credential has role-arn but not role-session-name",
        ),
        (
            ".tccli/default.credential",
            r#"{"role-arn": "qcs::cam::uin/1:roleName/marker"}"#,
            "~/.tccli/default.credential has role-arn but not secretId",
        ),
        (
            ".tccli/default.credential",
            r#"{"type": "sso", "expiresAt": 1}"#,
            "~/.tccli/default.credential has type but not secretId",
        ),
        (
            ".tccli/default.credential",
            r#"{"secretId": "AKIDmarker", "secretKey": "marker", "role-arn": "marker", "role-session-name": "marker"}"#,
            "the value of role-arn in ~/.tccli/default.credential is not a role: qcs::cam::uin/…:roleName/…",
        ),
        (
            ".tccli/default.credential",
            r#"{"secretId": "AKIDmarker", "secretKey": "marker", "role-arn": "qcs::cam::uin/1:roleName/marker", "role-session-name": "a b"}"#,
            "the value of role-session-name in ~/.tccli/default.credential is not a session's name: 2 to 128 letters, digits and =,.@_-",
        ),
        (
            ".serverless-tencent/credentials",
            "[default]\nTENCENT_SECRET_KEY=marker\n",
            "~/.serverless-tencent/credentials [default] has TENCENT_SECRET_KEY but not TENCENT_SECRET_ID",
        ),
        (
            ".tencentcloud/credentials",
            "[default]\nsecret_id = AKID marker\nsecret_key = marker\n",
            "the value of secret_id in ~/.tencentcloud/credentials [default] has blanks or control characters in it",
        ),
    ] {
        let path = home.join(file);
        write(&path, text);
        let ran = clean(sandbox.type_in("deploy").fails(4));
        let said = error(&sandbox, &ran);
        assert!(said.starts_with(&format!("error: {expected}\n  hint: ")), "{text}\n{said}");
        let shown = source(&sandbox, "");
        assert_eq!(shown, json!({"source": null, "problem": expected}), "{text}");
        std::fs::remove_file(path).unwrap();
    }
    std::fs::create_dir_all(home.join(".tccli/default.credential")).unwrap();
    let ran = sandbox.type_in("deploy").fails(4);
    assert!(ran.stderr.contains("it is a folder, not a file"), "{}", ran.stderr);
    std::fs::write(home.join(".tencentcloud/credentials"), [0xff, 0xfe, b'm']).unwrap();
    std::fs::remove_dir(home.join(".tccli/default.credential")).unwrap();
    sandbox.type_in("deploy").fails(4).says("it is not UTF-8 (byte 1)");
    assert!(sandbox.calls().is_empty());
}

/// The region of a profile goes with its keys, and with nothing else.
#[test]
fn the_region_of_a_tccli_profile_goes_with_its_keys() {
    let mut sandbox = sandbox(&[]);
    let configure = sandbox.home().join(".tccli/default.configure");
    write(&configure, r#"{"_sys_param": {"region": "ap-shanghai", "output": "json"}, "scf": {}}"#);
    let region = |sandbox: &Sandbox, options: &str| {
        let ran = sandbox.type_in(&format!("config --output json {options}")).ok();
        ran.json()["region"].as_str().unwrap().to_owned()
    };
    assert_eq!(region(&sandbox, ""), "ap-guangzhou");
    write(&sandbox.home().join(".tccli/default.credential"), &tccli("t", false).to_string());
    assert_eq!(region(&sandbox, ""), "ap-shanghai");
    assert_eq!(region(&sandbox, "--region ap-beijing"), "ap-beijing");
    assert_eq!(region(&sandbox, "--inputs region=ap-tokyo"), "ap-tokyo");
    for text in ["{}", r#"{"_sys_param": {}}"#, r#"{"_sys_param": {"region": ""}}"#] {
        write(&configure, text);
        assert_eq!(region(&sandbox, ""), "ap-guangzhou", "{text}");
    }
    write(&configure, "{\n \"_sys_param\": {\"region\": 1}\n}");
    // Rather than the wrong region. Who says the region does not need the file.
    let ran = sandbox.type_in("deploy").fails(4);
    let said = error(&sandbox, &ran);
    assert!(
        said.starts_with(
            "error: ~/.tccli/default.configure:2: `_sys_param.region` is not what tccli writes there\n"
        ),
        "{said}"
    );
    assert_eq!(region(&sandbox, "--region ap-beijing"), "ap-beijing");
    sandbox.set("TENCENTCLOUD_REGION", "ap-seoul");
    assert_eq!(region(&sandbox, ""), "ap-seoul");
}

#[test]
fn nothing_found_names_the_places() {
    let mut sandbox = sandbox(&[]);
    let expected = |machine: &str| {
        format!(
            "error: no credentials found; looked in environment, ~/.serverless-tencent/credentials [default], \
             ~/.tccli/default.credential, ~/.tencentcloud/credentials [default], \
             /etc/tencentcloud/credentials [default], TKE_* of the environment{machine}\n  \
             hint: set TENCENT_SECRET_ID and TENCENT_SECRET_KEY in the environment or in .env, or try it without an \
             account: add --local\n"
        )
    };
    let ran = sandbox.type_in("deploy").fails(4);
    assert_eq!(error(&sandbox, &ran), expected(""));
    // A machine outside of the cloud.
    sandbox.set("SCFCTL_METADATA_ENDPOINT", "http://127.0.0.1:1");
    for line in ["deploy", "deploy --dry-run", LIST, "publish-ver --inputs function=demo-dev-shop"]
    {
        let ran = sandbox.type_in(line).fails(4);
        let said = error(&sandbox, &ran);
        let (before, rest) = said.split_once("(http://127.0.0.1:1: ").expect(&said);
        let (_, after) = rest.split_once(")\n").unwrap();
        let said = format!("{before}(http://127.0.0.1:1: …)\n{after}");
        assert_eq!(said, expected(", role of this machine (http://127.0.0.1:1: …)"));
    }
    assert_eq!(
        source(&sandbox, ""),
        json!({"source": "role of this machine", "secretId": null, "secretKey": null, "token": null,
            "role": "instance metadata"})
    );
    assert!(sandbox.calls().is_empty());
    // Nothing leaves this machine with --local, and nothing is missing.
    sandbox.type_in("deploy --local").ok();
}
