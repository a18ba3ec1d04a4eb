//! The code of a function: a package, a COS object, or an image.

use std::fmt;

/// How a function is invoked (`Type`). The API cannot change it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FunctionKind {
    /// By events (`Event`, `type: event`).
    #[default]
    Event,
    /// By HTTP requests to its own server (`HTTP`, `type: web`).
    Web,
}

impl FunctionKind {
    /// Returns the API's word.
    #[must_use]
    pub fn wire(self) -> &'static str {
        match self {
            Self::Event => "Event",
            Self::Web => "HTTP",
        }
    }
}

impl fmt::Display for FunctionKind {
    /// Writes the word used in serverless.yml.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Event => "event",
            Self::Web => "web",
        })
    }
}

/// The runtime of functions that run images.
pub const IMAGE_RUNTIME: &str = "CustomImage";

/// A container image (`Code.ImageConfig`).
///
/// `None` means "not given", as in [`super::Configuration`]; an empty string clears the field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// `domain/namespace/name:tag@digest`.
    pub uri: String,
    /// `personal`, `enterprise` or `public`.
    pub kind: String,
    /// Registry instance; enterprise images only.
    pub registry_id: Option<String>,
    /// Replaces the image's entry point.
    pub entry_point: Option<String>,
    /// Command of the container.
    pub command: Option<String>,
    /// Arguments of the command.
    pub args: Option<String>,
    /// Whether the service loads the image lazily.
    pub accelerate: Option<bool>,
    /// Port of the web server: 9000, or -1 for jobs.
    pub port: Option<i64>,
}

impl Image {
    /// Returns this image with unset fields taken from `observed`.
    #[must_use]
    pub fn or(&self, observed: &Self) -> Self {
        let text = |said: &Option<String>, held: &Option<String>| said.clone().or(held.clone());
        Self {
            uri: self.uri.clone(),
            kind: self.kind.clone(),
            // A registry belongs to the named image, not to the previous one.
            registry_id: self.registry_id.clone(),
            entry_point: text(&self.entry_point, &observed.entry_point),
            command: text(&self.command, &observed.command),
            args: text(&self.args, &observed.args),
            accelerate: self.accelerate.or(observed.accelerate),
            port: self.port.or(observed.port),
        }
    }

    /// Returns whether a function that runs `observed` already matches this image. Fields that the
    /// service does not report count as empty.
    #[must_use]
    pub fn is_held_by(&self, observed: &Self) -> bool {
        fn held(said: Option<&String>, observed: Option<&String>) -> bool {
            said.is_none_or(|said| said == observed.map_or("", String::as_str))
        }
        self.uri == observed.uri
            && self.kind == observed.kind
            && held(self.registry_id.as_ref(), observed.registry_id.as_ref())
            && held(self.entry_point.as_ref(), observed.entry_point.as_ref())
            && held(self.command.as_ref(), observed.command.as_ref())
            && held(self.args.as_ref(), observed.args.as_ref())
            && self.accelerate.is_none_or(|said| said == observed.accelerate.unwrap_or_default())
            && (self.port.is_none() || self.port == observed.port)
    }

    /// Returns whether the URI names the content, not only a tag that may change.
    #[must_use]
    pub fn has_digest(&self) -> bool {
        self.uri.contains("@sha256:")
    }
}

/// A package that already is in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CosObject {
    /// Bucket, without the account id at its end.
    pub bucket: String,
    /// Object key, with a leading `/`.
    pub object: String,
    /// `CosBucketRegion`, which only Beijing needs.
    pub region: Option<String>,
}

impl fmt::Display for CosObject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.bucket, self.object)
    }
}

/// A package to be uploaded to COS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Bucket, without the account id at its end.
    pub bucket: String,
    /// Object key, with a leading `/`.
    pub object: String,
    /// Whether the bucket is this program's own, to be created if it does not exist.
    pub own_bucket: bool,
}

impl Upload {
    /// Creates an upload to the given bucket, or to that of the real component.
    ///
    /// The object is named after the content, so that the same content need not be sent again.
    #[must_use]
    pub fn new(bucket: Option<&str>, region: &str, sha256: &str) -> Self {
        Self {
            bucket: bucket
                .map_or_else(|| format!("sls-cloudfunction-{region}-code"), str::to_owned),
            object: format!("/scf_component_{sha256}.zip"),
            own_bucket: bucket.is_none(),
        }
    }
}

impl fmt::Display for Upload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.bucket, self.object)
    }
}

/// Source of a function's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeSource {
    /// The project's folder, packed, or a finished package.
    Package {
        /// Hex SHA-256 of the package.
        sha256: String,
        /// Where it is uploaded if it is not sent inline.
        upload: Option<Upload>,
    },
    /// An object that already exists.
    Object(CosObject),
    /// An image.
    Image(Image),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_image_does_not_say_stays() {
        let said = Image { uri: "r/n/i:1".into(), kind: "personal".into(), ..Image::default() };
        let held = Image {
            command: Some("python".into()),
            args: Some("-u".into()),
            port: Some(9000),
            ..said.clone()
        };
        assert!(said.is_held_by(&held));
        assert_eq!(said.or(&held), held);
        let cleared = Image { args: Some(String::new()), ..said.clone() };
        assert!(!cleared.is_held_by(&held));
        assert!(cleared.is_held_by(&said), "what is not told is empty");
        assert_eq!(cleared.or(&held).args.as_deref(), Some(""));
        for other in [
            Image { uri: "r/n/i:2".into(), ..said.clone() },
            Image { kind: "public".into(), ..said.clone() },
            Image { port: Some(-1), ..said.clone() },
            Image { accelerate: Some(true), ..said.clone() },
            Image { registry_id: Some("tcr-1".into()), ..said.clone() },
        ] {
            assert!(!other.is_held_by(&held), "{other:?}");
        }
        // The registry of another image does not count.
        let enterprise = Image { registry_id: Some("tcr-1".into()), ..held };
        assert_eq!(said.or(&enterprise).registry_id, None);
    }

    #[test]
    fn a_tag_is_no_digest() {
        let image = |uri: &str| Image { uri: uri.into(), ..Image::default() };
        assert!(!image("ccr.ccs.tencentyun.com/n/i:latest").has_digest());
        assert!(image("ccr.ccs.tencentyun.com/n/i:1@sha256:abc").has_digest());
    }
}
