//! Roles and their keys.

use super::*;

const ROLE: &str = "qcs::cam::uin/100000000001:roleName/deployer";

#[test]
fn a_role_of_the_account_is_taken_for_a_time() {
    let mut bench = Bench::new(&[]);
    let ask = |more: Value| {
        let mut asked = json!({"RoleArn": ROLE, "RoleSessionName": "ci@x"});
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        asked
    };
    for (more, seconds) in [(json!({}), 7200), (json!({"DurationSeconds": 60}), 60)] {
        let reply = bench.call_product("sts", "AssumeRole", ask(more)).unwrap();
        assert_eq!(reply["ExpiredTime"], bench.now.timestamp() + seconds);
        let session = bench.state.sessions().last().unwrap();
        assert_eq!(reply["Credentials"]["TmpSecretId"], session.credential.id);
        assert_eq!(reply["Credentials"]["TmpSecretKey"], session.credential.key);
        assert_eq!(reply["Credentials"]["Token"].as_str(), session.credential.token.as_deref());
    }
    // A secret that got into a state file would stay there.
    let stored = serde_json::to_string(&bench.state).unwrap();
    assert!(!stored.contains(&bench.state.sessions()[0].credential.key));
    for (more, code) in [
        (json!({"DurationSeconds": 43_201}), "InvalidParameter.OverTimeError"),
        (json!({"RoleSessionName": "a b"}), "InvalidParameter.ParamError"),
        (json!({"RoleSessionName": "a"}), "InvalidParameter.ParamError"),
        (json!({"RoleArn": "deployer"}), "InvalidParameter.ParamError"),
        (json!({"RoleArn": "qcs::cam::uin/2:roleName/x"}), "ResourceNotFound.RoleNotFound"),
        (json!({"WebIdentityToken": "t"}), "UnknownParameter"),
    ] {
        let error = bench.call_product("sts", "AssumeRole", ask(more.clone())).unwrap_err();
        assert_eq!(error.code, code, "{more}");
    }
}

#[test]
fn a_token_counts_for_its_provider_only() {
    let mut bench = Bench::new(&[]);
    bench.identities = vec![Identity { provider: "p".to_owned(), token: "t".to_owned() }];
    for (provider, token, code) in [
        ("p", "t", "ok"),
        ("q", "t", "InvalidParameter.WebIdentityTokenError"),
        ("p", "u", "InvalidParameter.WebIdentityTokenError"),
    ] {
        let asked = json!({"ProviderId": provider, "WebIdentityToken": token, "RoleArn": ROLE,
            "RoleSessionName": "pod"});
        let outcome = bench.call_product("sts", "AssumeRoleWithWebIdentity", asked);
        let outcome = outcome.map_or_else(|error| error.code, |_| "ok".to_owned());
        assert_eq!(outcome, code, "{provider} {token}");
    }
}

#[test]
fn keys_of_a_machine_change_at_half_time() {
    let mut bench = Bench::new(&[]);
    let keys = |bench: &mut Bench| bench.state.machine_keys("r", bench.now, None);
    let first = keys(&mut bench);
    bench.wait(3599);
    assert_eq!(keys(&mut bench), first);
    bench.wait(1);
    let second = keys(&mut bench);
    assert_ne!(second["TmpSecretId"], first["TmpSecretId"]);
    assert_eq!(second["ExpiredTime"], bench.now.timestamp() + 7200);
}
