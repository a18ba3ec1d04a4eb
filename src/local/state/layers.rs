//! Layers: packages that functions share, version by version.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::super::error::Refusal;
use super::code;
use super::request::Request;
use super::{Moment, Reply, State, after};

/// The limits of the reference.
const LAYERS: usize = 20;
const VERSIONS: usize = 200;
const NAME: usize = 64;

/// A layer of a region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Layer {
    /// The number of the newest version so far; it only grows.
    newest: i64,
    versions: BTreeMap<i64, LayerVersion>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct LayerVersion {
    runtimes: Vec<String>,
    description: String,
    license: Option<String>,
    tags: Option<Value>,
    added: Moment,
    /// When its publication is over.
    ready: Moment,
    sha256: Option<String>,
}

impl Layer {
    /// The hashes of the packages of its versions.
    pub(super) fn hashes(&self) -> impl Iterator<Item = String> {
        self.versions.values().filter_map(|version| version.sha256.clone())
    }
}

impl LayerVersion {
    fn shown(&self, request: &Request, name: &str, number: i64) -> Map<String, Value> {
        let status = if self.ready.0 > request.now() { "Publishing" } else { "Active" };
        Map::from_iter([
            ("CompatibleRuntimes".to_owned(), json!(self.runtimes)),
            ("AddTime".to_owned(), json!(request.show(self.added))),
            ("Description".to_owned(), json!(self.description)),
            ("LicenseInfo".to_owned(), json!(self.license)),
            ("LayerVersion".to_owned(), json!(number)),
            ("LayerName".to_owned(), json!(name)),
            ("Status".to_owned(), json!(status)),
        ])
    }
}

impl State {
    pub(super) fn publish_layer_version(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let name = layer_name(request)?;
        let description = request.check_description()?.unwrap_or_default().to_owned();
        let runtimes = texts(request, "CompatibleRuntimes");
        if runtimes.is_empty() {
            return Err(request.refuse(
                &["InvalidParameterValue.CompatibleRuntimes"],
                "CompatibleRuntimes names no runtime.",
            ));
        }
        let empty = Map::new();
        let content = request.value("Content").and_then(Value::as_object).unwrap_or(&empty);
        let brought = code::content(request, content, self)?;
        let (added, ready) =
            (Moment(request.now()), after(request.now(), request.context.transition));
        let layers = &mut self.region_mut(request)?.layers;
        let full = |what: &str, code: &str| {
            request.refuse(
                &[code, "LimitExceeded.LayerVersions"],
                format!("There are too many {what}."),
            )
        };
        if layers.len() >= LAYERS && !layers.contains_key(name) {
            return Err(full("layers", "LimitExceeded.Layers"));
        }
        let layer = layers.entry(name.to_owned()).or_default();
        if layer.versions.len() >= VERSIONS {
            return Err(full("versions of the layer", "LimitExceeded.LayerVersions"));
        }
        layer.newest += 1;
        let number = layer.newest;
        layer.versions.insert(
            number,
            LayerVersion {
                runtimes,
                description,
                license: request.text("LicenseInfo").map(str::to_owned),
                tags: request.value("Tags").cloned(),
                added,
                ready,
                sha256: brought.code.sha256.clone(),
            },
        );
        if let (Some(hash), Some(bytes)) = (brought.code.sha256, brought.package) {
            self.packages.insert(hash, bytes);
        }
        Ok(Reply::from_iter([("LayerVersion".to_owned(), json!(number))]))
    }

    pub(super) fn list_layer_versions(&self, request: &Request) -> Result<Reply, Refusal> {
        let name = request.required("LayerName");
        let wanted = texts(request, "CompatibleRuntime");
        let layer = self.region(request)?.layers.get(name);
        let layer = layer.filter(|layer| !layer.versions.is_empty()).ok_or_else(|| {
            request
                .refuse(&["ResourceNotFound.Layer"], format!("The layer `{name}` does not exist."))
        })?;
        let fits = |version: &LayerVersion| {
            wanted.is_empty() || version.runtimes.iter().any(|runtime| wanted.contains(runtime))
        };
        let versions = layer.versions.iter().rev().filter(|(_, version)| fits(version));
        let shown: Vec<Value> = versions
            .map(|(number, version)| {
                let mut shown = version.shown(request, name, *number);
                shown.insert("Stamp".to_owned(), json!(""));
                shown.insert("Tags".to_owned(), version.tags.clone().unwrap_or_default());
                Value::Object(shown)
            })
            .collect();
        Ok(Reply::from_iter([("LayerVersions".to_owned(), Value::Array(shown))]))
    }

    pub(super) fn get_layer_version(&self, request: &Request) -> Result<Reply, Refusal> {
        let (name, number) = (request.required("LayerName"), version(request));
        let layer = self.region(request)?.layers.get(name);
        let found = layer.and_then(|layer| layer.versions.get(&number));
        let version = found.ok_or_else(|| no_version(request, name, number))?;
        let mut reply = version.shown(request, name, number);
        let sha256 = version.sha256.clone().unwrap_or_default();
        reply.insert("Location".to_owned(), json!((request.context.download)(&sha256)));
        reply.insert("CodeSha256".to_owned(), json!(sha256));
        Ok(reply)
    }

    pub(super) fn delete_layer_version(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let (name, number) = (request.required("LayerName"), version(request));
        let layer = self.region_mut(request)?.layers.get_mut(name);
        let gone = layer.and_then(|layer| layer.versions.remove(&number));
        gone.map(|_| Reply::new()).ok_or_else(|| no_version(request, name, number))
    }
}

fn version(request: &Request) -> i64 {
    request.integer("LayerVersion").unwrap_or_default()
}

fn no_version(request: &Request, name: &str, number: i64) -> Refusal {
    let text = format!("The layer `{name}` has no version {number}.");
    request.refuse(&["ResourceNotFound.LayerVersion"], text)
}

fn texts(request: &Request, name: &str) -> Vec<String> {
    request.list(name).iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn layer_name<'a>(request: &Request<'a>) -> Result<&'a str, Refusal> {
    let name = request.required("LayerName");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if (1..=NAME).contains(&name.len()) && name.bytes().all(plain) {
        return Ok(name);
    }
    let text = format!("`{name}` cannot be a layer's name: 1 to {NAME} letters, digits, - and _.");
    Err(request.refuse(&["InvalidParameterValue.LayerName", "InvalidParameterValue.Name"], text))
}
