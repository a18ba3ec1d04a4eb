//! The idempotency key that makes a publication happen once per intent.
//!
//! `PublishVersion` has no client token, and repeating it creates another version (API reference).
//! So the version's description carries a key: after a lost response, the version with that key is
//! the one that was requested.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::alias::versions;
use super::content::same_settings;
use super::observed::ObservedFunction;
use super::step::Step;
use crate::model::{
    Alias, Configuration, DeadLetter, Digested, FileSystem, FunctionId, InstanceConcurrency, PLAIN,
    PublishedVersion, Status, Values, Version,
};
use crate::order::Order as _;

const MARK: &str = "scfctl key ";
const KEY_LENGTH: usize = 32;

/// Returns the user's part of a version's description.
#[must_use]
pub fn without_key(description: &str) -> &str {
    match description.rsplit_once(MARK) {
        Some((text, key)) if key.len() == KEY_LENGTH => text.strip_suffix(", ").unwrap_or(text),
        _ => description,
    }
}

/// Identifies one intent to publish.
///
/// It is derived from the run id, the function, and a digest of its code and configuration:
/// publishing other code in the same run is another intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishKey(String);

impl PublishKey {
    /// Computes the key. `content` is the digest of code and configuration of `$LATEST`.
    #[must_use]
    pub fn new(run_id: &str, function: &FunctionId, content: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [run_id, &function.region, &function.namespace, &function.name, content] {
            // Each part is prefixed with its length, so that no two lists of parts hash alike.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut text = hex::encode(hash.finalize());
        text.truncate(KEY_LENGTH);
        Self(text)
    }

    /// Returns the version's description: the user's text, then the key.
    ///
    /// Only letters, digits, space and comma are added; the API allows little more in descriptions.
    #[must_use]
    pub fn describe(&self, text: &str) -> String {
        let mark = format!("{MARK}{}", self.0);
        if text.is_empty() { mark } else { format!("{text}, {mark}") }
    }

    /// Like [`Self::find`], but skips versions that failed to publish: for those the intent is
    /// still open.
    #[must_use]
    pub fn find_servable(&self, versions: &[PublishedVersion]) -> Option<Version> {
        self.servable(versions).first().copied()
    }

    /// All versions with this key that can be used, the first one first: a try whose version
    /// froze something else was not the last one.
    #[must_use]
    pub fn servable(&self, versions: &[PublishedVersion]) -> Vec<Version> {
        let is_own = |version: &&PublishedVersion| version.can_serve() && self.marks(version);
        let mut found: Vec<Version> =
            versions.iter().filter(is_own).map(|version| version.version).collect();
        found.order();
        found
    }

    fn marks(&self, version: &PublishedVersion) -> bool {
        version.description.strip_suffix(&self.0).is_some_and(|text| text.ends_with(MARK))
    }

    /// Returns the version that this intent has published.
    ///
    /// If there are several, the lowest number wins, so that every run with this intent picks the
    /// same.
    #[must_use]
    pub fn find<'a>(&self, versions: &'a [PublishedVersion]) -> Option<&'a PublishedVersion> {
        versions.iter().filter(|version| self.marks(version)).min_by_key(|version| version.version)
    }
}

/// Takes the key from a version that froze something else than its key says, so that nobody
/// adopts it.
pub fn disown(versions: &mut [PublishedVersion], version: Version) {
    for listed in versions.iter_mut().filter(|listed| listed.version == version) {
        listed.description = without_key(&listed.description).to_owned();
    }
}

/// Returns the step that publishes `$LATEST` as it is, or that adopts the version which this run
/// has already published.
///
/// `run` is the run id that the user gave.
#[must_use]
pub fn step(
    function: &FunctionId,
    latest: &ObservedFunction,
    versions: &[PublishedVersion],
    run: Option<&str>,
    description: &str,
) -> Step {
    let code = latest.code_sha256.as_deref().unwrap_or_default();
    let adopted = run.and_then(|run| {
        let digest = content_digest(latest, code);
        PublishKey::new(run, function, &digest).find_servable(versions)
    });
    match adopted {
        Some(version) => Step::Adopt(version),
        None => Step::Publish { description: description.to_owned() },
    }
}

/// Returns a digest of `$LATEST`: its code, and the settings that a version freezes.
///
/// `code` identifies the code. Names and order of the parts are fixed: a run that is repeated with
/// another release of this program must compute the same key.
#[must_use]
pub fn content_digest(latest: &ObservedFunction, code: &str) -> String {
    let settings = latest.spec.configuration.clone();
    let layers: Vec<_> = settings
        .layers
        .unwrap_or_default()
        .into_iter()
        .map(|layer| json!([layer.name, layer.version]))
        .collect();
    let mut parts = vec![
        json!(["code", code.to_ascii_lowercase()]),
        json!(["runtime", latest.spec.runtime]),
        json!(["handler", latest.spec.handler]),
    ];
    let plain = PLAIN.iter().map(|setting| (setting, setting.get(&latest.spec.configuration)));
    let always = plain.clone().filter(|(setting, _)| setting.digested == Digested::Always);
    let mut always: Vec<_> =
        always.map(|(setting, value)| (setting.key, json!([setting.key, value]))).collect();
    always.extend([
        ("environment", json!(["environment", settings.environment])),
        ("vpcConfig", json!(["vpcConfig", settings.vpc.map(|vpc| [vpc.vpc_id, vpc.subnet_id])])),
        ("layers", json!(["layers", layers])),
        ("cls", json!(["cls", settings.logs])),
    ]);
    always.order_by_key(|(key, _)| Configuration::KEYS.iter().position(|one| one == key));
    parts.extend(always.into_iter().map(|(_, part)| part));
    // Only where they are set, so that the keys of other functions do not change.
    parts.extend(latest.image.clone().map(|image| {
        json!([
            "image",
            [image.uri, image.kind],
            [image.registry_id, image.entry_point, image.command, image.args],
            [image.accelerate, image.port],
        ])
    }));
    parts.extend(settings.web_socket_idle.map(|idle| json!(["idleTimeOut", idle])));
    if let Some(InstanceConcurrency::On { dynamic, max }) = settings.instance_concurrency {
        parts.push(json!(["instanceConcurrency", dynamic, max]));
    }
    let mounts: Vec<_> = settings.file_systems.iter().flatten().map(mount).collect();
    if !mounts.is_empty() {
        parts.push(json!(["cfs", mounts]));
    }
    if let Some(letter) = settings.dead_letter.filter(|it| *it != DeadLetter::default()) {
        parts.push(json!(["deadLetter", letter.kind, letter.name, letter.filter]));
    }
    let unusual = plain.filter_map(|(setting, value)| match &setting.digested {
        Digested::Unless(usual) => Some((setting, value?)).filter(|(_, value)| value != usual),
        Digested::Never | Digested::Always | Digested::Together => None,
    });
    let (switches, others): (Vec<_>, Vec<_>) =
        unusual.partition(|(setting, _)| matches!(setting.values, Values::Switch { .. }));
    parts.extend(switches.into_iter().map(|(setting, _)| json!([setting.key])));
    parts.extend(others.into_iter().map(|(setting, value)| json!([setting.key, value])));
    let node = [settings.node_type, settings.node_spec].map(Option::unwrap_or_default);
    if node.iter().any(|text| !text.is_empty()) {
        parts.push(json!(["node", node]));
    }
    hex::encode(Sha256::digest(serde_json::Value::from(parts).to_string()))
}

/// Returns a file system in the API's field names.
fn mount(file_system: &FileSystem) -> serde_json::Value {
    json!({
        "UserId": file_system.user_id,
        "UserGroupId": file_system.group_id,
        "CfsId": file_system.id,
        "MountInsId": file_system.mount_id,
        "LocalMountDir": file_system.local_folder,
        "RemoteMountDir": file_system.remote_folder,
    })
}

/// Returns whether a version froze the code, handler and settings that `$LATEST` has.
///
/// False where the service does not report a digest of the code, as nothing proves that it is the
/// same.
#[must_use]
pub fn same_content(version: &ObservedFunction, latest: &ObservedFunction) -> bool {
    version.status == Status::Active
        && (version.code_sha256.is_some() || version.image.is_some())
        && version.code_sha256 == latest.code_sha256
        && version.image == latest.image
        && version.spec.runtime == latest.spec.runtime
        && version.spec.handler == latest.spec.handler
        && same_settings(&version.spec.configuration, &latest.spec.configuration)
}

/// Returns whether no alias names a version, not even with a share of zero.
///
/// `written` is an alias as it is now; it replaces the one of the same name in `read`.
#[must_use]
pub fn is_unused(version: Version, read: &[Alias], written: Option<&Alias>) -> bool {
    let replaced = |alias: &&Alias| written.is_none_or(|written| written.name != alias.name);
    !read
        .iter()
        .filter(replaced)
        .chain(written)
        .any(|alias| versions(&alias.routing).contains(&version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FunctionSpec, Layer, PUBLISH_KEY_LENGTH, Routing, Vpc, Weight};

    fn function(name: &str) -> FunctionId {
        FunctionId { name: name.into(), namespace: "default".into(), region: "ap-guangzhou".into() }
    }

    #[test]
    fn every_part_of_the_intent_counts() {
        let key = PublishKey::new("run", &function("f"), "content");
        assert_eq!(key, PublishKey::new("run", &function("f"), "content"));
        assert_ne!(key, PublishKey::new("run2", &function("f"), "content"));
        assert_ne!(key, PublishKey::new("run", &function("g"), "content"));
        assert_ne!(key, PublishKey::new("run", &function("f"), "other"));
    }

    #[test]
    fn the_version_with_the_key_is_found_again() {
        let key = PublishKey::new("run", &function("f"), "content");
        let other = PublishKey::new("other", &function("f"), "content");
        let version = |number, description: String| PublishedVersion {
            version: Version::Number(number),
            description,
            status: None,
            added: None,
            modified: None,
        };
        let versions = [
            version(1, other.describe("mine")),
            version(2, key.describe("发布 v2")),
            version(3, String::new()),
        ];
        assert_eq!(key.find(&versions).map(|found| found.version), Some(Version::Number(2)));
        let twice = [&versions[..], &[version(4, key.describe("again"))]].concat();
        assert_eq!(key.find(&twice).map(|found| found.version), Some(Version::Number(2)));
        assert_eq!(PublishKey::new("third", &function("f"), "content").find(&versions), None);
        assert_eq!(key.describe("").len() + 2, PUBLISH_KEY_LENGTH);
        assert!(key.describe("发布").starts_with("发布, scfctl key "));
        for text in ["", "发布", "a, b", "scfctl key of mine"] {
            assert_eq!(without_key(&key.describe(text)), text);
            assert_eq!(without_key(text), text);
        }
    }

    #[test]
    fn the_same_content_is_the_same_code_and_settings() {
        let latest = ObservedFunction::sample(
            Some("a"),
            Configuration { timeout: Some(3), ..Configuration::default() },
        );
        let changed = |change: fn(&mut FunctionSpec)| {
            let mut changed = latest.clone();
            change(&mut changed.spec);
            changed
        };
        let described = |spec: &mut FunctionSpec| {
            spec.configuration.description = Some("release 4".into());
        };
        assert!(same_content(&changed(described), &latest));
        for other in [
            ObservedFunction { code_sha256: Some("b".into()), ..latest.clone() },
            changed(|spec| spec.handler = Some("app.main_handler".into())),
            changed(|spec| spec.configuration.timeout = Some(9)),
            ObservedFunction { status: Status::PublishFailed, ..latest.clone() },
        ] {
            assert!(!same_content(&other, &latest), "{other:?}");
        }
        let untold = ObservedFunction { code_sha256: None, ..latest };
        assert!(!same_content(&untold, &untold));
    }

    /// Computed by hand: a run that is repeated with another release finds what it has published.
    #[test]
    fn digests_stay_what_they_are() {
        let text = |text: &str| Some(text.to_owned());
        let configuration = Configuration {
            description: text("of the version"),
            memory_size: Some(256),
            timeout: Some(7),
            init_timeout: Some(8),
            role: text("r"),
            environment: Some([("A".to_owned(), "b".to_owned())].into()),
            public_access: Some(true),
            fixed_egress: Some(false),
            vpc: Some(Vpc { vpc_id: "v".into(), subnet_id: "s".into() }),
            layers: Some(vec![Layer { name: "l".into(), version: 1 }]),
            logs: Some(("l".into(), "t".into())),
            web_socket_idle: Some(60),
            instance_concurrency: Some(InstanceConcurrency::On { dynamic: true, max: 9 }),
            file_systems: Some(vec![FileSystem {
                id: "c".into(),
                mount_id: "m".into(),
                local_folder: "/a".into(),
                remote_folder: "/b".into(),
                group_id: "1".into(),
                user_id: "2".into(),
            }]),
            dead_letter: Some(DeadLetter {
                kind: "topic".into(),
                name: "n".into(),
                filter: "f".into(),
            }),
            disk_size: Some(1024),
            node_type: text("t"),
            node_spec: text(""),
            l5: Some(true),
            // Attributes of the function or its code, not frozen settings.
            install_dependency: Some(true),
            asynchronous: Some(true),
            traced: Some(true),
        };
        let bare = Configuration { disk_size: Some(512), l5: Some(false), ..Default::default() };
        for (configuration, expected) in [
            (configuration, "3447c989c54021006edf4744d60585b95f994fdb5afe4b790a3ababc4d7f594d"),
            (bare, "e45591e606bab0218a05f5c2332cb1c3084ae82a40e18e00cb35c5de002eec1b"),
        ] {
            let function = ObservedFunction::sample(Some("AB"), configuration);
            assert_eq!(content_digest(&function, "AB"), expected);
        }
    }

    #[test]
    fn a_version_is_unused_when_no_alias_names_it() {
        let one = Version::Number(1);
        let alias = |name: &str, routing| Alias {
            name: name.into(),
            routing,
            description: String::new(),
            modified: String::new(),
        };
        let elsewhere = alias("$DEFAULT", Routing::all_to(Version::Latest));
        let main = alias("$DEFAULT", Routing::split(one, Version::Latest, Weight::ONE));
        let other = alias("prod", Routing::split(Version::Latest, one, Weight::ZERO));
        assert!(is_unused(one, &[], None));
        assert!(is_unused(one, std::slice::from_ref(&elsewhere), None));
        assert!(!is_unused(one, std::slice::from_ref(&main), None));
        assert!(!is_unused(one, &[elsewhere.clone(), other], None));
        // The alias as it is now, not as it was read.
        assert!(is_unused(one, std::slice::from_ref(&main), Some(&elsewhere)));
        assert!(!is_unused(one, &[elsewhere], Some(&main)));
    }
}
