use std::collections::BTreeMap;
use std::path::Path;

use super::*;

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// Id and token of keys.
fn shown(found: &FoundCredentials) -> (String, Option<String>) {
    let CredentialKind::Keys(keys) = &found.kind else { panic!("{found:?}") };
    let token = keys.credentials.token.as_ref().map(|token| token.expose().to_owned());
    (keys.credentials.id.expose().to_owned(), token)
}

#[test]
fn the_order_of_places() {
    let path = Path::new(".env");
    let env = map(&[("TENCENT_SECRET_ID", "i1"), ("TENCENT_SECRET_KEY", "k1")]);
    let dotenv =
        map(&[("TENCENT_SECRET_ID", "i2"), ("TENCENT_SECRET_KEY", "k2"), ("TENCENT_TOKEN", "t2")]);
    let cloud = map(&[
        ("TENCENTCLOUD_SECRET_ID", "i3"),
        ("TENCENTCLOUD_SECRET_KEY", "k3"),
        ("TENCENTCLOUD_SESSION_TOKEN", "t3"),
        ("TENCENT_TOKEN", "not of this family"),
    ]);
    let empty = map(&[(METADATA_VARIABLE, "off")]);
    for (environment, file, id, token, place) in [
        (&env, Some(&dotenv), "i1", None, "environment"),
        (&empty, Some(&dotenv), "i2", Some("t2"), ".env"),
        (&cloud, None, "i3", Some("t3"), "environment"),
        // What the process says wins over what a file says.
        (&cloud, Some(&dotenv), "i3", Some("t3"), "environment"),
    ] {
        let found = find(environment, file.map(|values| (path, values)), None).unwrap();
        assert_eq!(shown(&found), (id.to_owned(), token.map(str::to_owned)));
        assert_eq!(found.source.source.to_string(), place);
    }
    let CredentialsError::Missing { places } = find(&empty, None, None).unwrap_err() else {
        panic!("something was found")
    };
    assert_eq!(
        places.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["environment", "/etc/tencentcloud/credentials [default]", "TKE_* of the environment"]
    );
}

#[test]
fn half_a_pair_and_blanks_are_named() {
    let half = map(&[("TENCENT_SECRET_ID", "i")]);
    assert!(matches!(find(&half, None, None), Err(CredentialsError::Incomplete { .. })));
    let dotenv = map(&[("TENCENT_SECRET_KEY", "k")]);
    let both = find(&half, Some((Path::new(".env"), &dotenv)), None).unwrap();
    assert_eq!(both.source.source.to_string(), "environment and .env");
    let blank = map(&[("TENCENT_SECRET_ID", "i"), ("TENCENT_SECRET_KEY", "marker-secret\n")]);
    let error = find(&blank, None, None).unwrap_err();
    assert!(matches!(error, CredentialsError::Malformed { .. }));
    assert!(!error.to_string().contains("marker"));
    // A half is a mistake, not a reason to take someone else's keys.
    let mut other = half.clone();
    other.extend(map(&[("TENCENTCLOUD_SECRET_ID", "i3"), ("TENCENTCLOUD_SECRET_KEY", "k3")]));
    assert!(matches!(find(&other, None, None), Err(CredentialsError::Incomplete { .. })));
}

#[test]
fn sections() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".serverless-tencent");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(
        folder.join("credentials"),
        "\u{feff}[default]\r\nTENCENT_SECRET_ID=d\r\nTENCENT_SECRET_KEY = a=b=\r\n[prod]\nTENCENT_SECRET_ID='p'\nTENCENT_SECRET_KEY=\"[x\"\n",
    )
    .unwrap();
    let mut environment = map(&[("HOME", home.path().to_str().unwrap())]);
    let keys = |found: FoundCredentials| {
        let CredentialKind::Keys(keys) = found.kind else { panic!("{found:?}") };
        (keys.credentials.id.expose().to_owned(), keys.credentials.key.expose().to_owned())
    };
    let default = find(&environment, None, None).unwrap();
    assert_eq!(keys(default), ("d".to_owned(), "a=b=".to_owned()));
    environment.extend(map(&[("TENCENT_SECRET_ID", "i"), ("TENCENT_SECRET_KEY", "k")]));
    assert_eq!(keys(find(&environment, None, None).unwrap()).0, "i");
    let prod = find(&environment, None, Some("prod")).unwrap();
    assert_eq!(keys(prod), ("p".to_owned(), "[x".to_owned()));
    assert!(matches!(
        find(&environment, None, Some("none")),
        Err(CredentialsError::NoProfile { .. })
    ));
}

#[test]
fn keys_of_a_file_are_read_again_as_they_are_then() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".env");
    let write = |id: &str| {
        let text = format!("TENCENT_SECRET_ID={id}\nTENCENT_SECRET_KEY=k\nTENCENT_TOKEN=t-{id}\n");
        std::fs::write(&file, &text).unwrap();
        super::super::dotenv::parse(&text).values
    };
    let values = write("one");
    let found = find(&map(&[]), Some((&file, &values)), None).unwrap();
    assert_eq!(found.source.source.to_string(), file.display().to_string());
    write("two");
    let keys = found.again().unwrap().unwrap();
    assert_eq!(keys.credentials.id.expose(), "two");
    assert_eq!(keys.credentials.token.unwrap().expose(), "t-two");
    std::fs::remove_file(&file).unwrap();
    assert!(found.again().unwrap().is_err());
    let pair = map(&[("TENCENT_SECRET_ID", "i"), ("TENCENT_SECRET_KEY", "k")]);
    assert!(find(&pair, None, None).unwrap().again().is_none());
}
