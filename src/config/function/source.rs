//! Where the code is.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::code::without_account;
use super::{InputError, Reader, kind, nearest};

/// The source that `inputs.src` names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// The folder that is packed, absolute.
    pub folder: PathBuf,
    /// Globs to leave out, anchored at the folder.
    pub exclude: Vec<String>,
    /// Globs to take all the same.
    pub include: Vec<String>,
    /// Folder inside the package that everything is put in; empty for the top.
    pub target: String,
    /// The bucket that the package goes through, without the account's number; `None` for that
    /// of this program, where it does not go inline.
    pub bucket: Option<String>,
    /// What makes the folder; `deploy` runs it.
    pub hook: Option<Hook>,
}

/// A command that makes what is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// For the shell.
    pub command: String,
    /// Where it runs: `src.src`; without one, where the file is.
    pub folder: Option<PathBuf>,
}

/// Keys of a source that is a map.
const KEYS: &[&str] = &["src", "bucket", "exclude", "include", "dist", "hook", "targetDir"];

impl Reader<'_> {
    pub(super) fn source(&self) -> Result<Source, InputError> {
        match self.inputs.get("src") {
            None | Some(Value::Null) => Err(self.error(
                "src",
                "is missing, so there is no code to deploy",
                Some("the folder of the code, for example `src: ./src`"),
            )),
            Some(Value::String(folder)) => {
                Ok(Source { folder: folder.into(), ..Source::default() })
            }
            Some(Value::Object(map)) => self.source_of(map),
            Some(other) => {
                Err(self.error("src", format!("is {}, not a folder", kind(other)), None))
            }
        }
    }

    fn source_of(&self, map: &Map<String, Value>) -> Result<Source, InputError> {
        if map.contains_key("object") {
            let what = "names code that lies in COS already, and `src.src` other code";
            return Err(self.error("src.object", what, Some("leave one of them out")));
        }
        if let Some(key) = map.keys().find(|key| !KEYS.contains(&key.as_str())) {
            let meant = match key.as_str() {
                "key" => Some("object"),
                "codeUri" | "path" | "dir" => Some("src"),
                key => nearest(key, KEYS.iter().copied().chain(["object"])),
            };
            let instead = match meant {
                Some("object") => {
                    "write `src.object`, the path of the package in the bucket".to_owned()
                }
                Some(meant) => format!("write `src.{meant}`"),
                None => format!("one of {}, object", KEYS.join(", ")),
            };
            let path = format!("src.{key}");
            return Err(self.error(&path, "is not an input of scf", Some(&instead)));
        }
        let text = |key: &str| match map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(self.error(
                &format!("src.{key}"),
                format!("is {}, not a text", kind(other)),
                Some("put it in quotes"),
            )),
        };
        let folder = text("src")?.map(PathBuf::from);
        // The real tool runs the one and packs the other only where both are given.
        let (packed, hook) = match (text("hook")?, text("dist")?) {
            (Some(command), Some(dist)) => (dist.into(), Some(Hook { command, folder })),
            (hook, dist) => {
                let Some(folder) = folder else {
                    return Err(self.error("src.src", "is not a folder", Some("a path in quotes")));
                };
                let alone = [
                    (hook, "src.hook", "is not run, because `src.dist` does not say what it makes"),
                    (
                        dist,
                        "src.dist",
                        "is not packed, because `src.hook` does not say how to make it",
                    ),
                ];
                for (_, key, what) in alone.into_iter().filter(|(given, ..)| given.is_some()) {
                    self.warn(format!("{} {what}", self.at(key)));
                }
                (folder, None)
            }
        };
        Ok(Source {
            folder: packed,
            exclude: self.globs(map, "exclude")?,
            include: self.globs(map, "include")?,
            bucket: self.bucket(text("bucket")?)?,
            target: text("targetDir")?.unwrap_or_default(),
            hook,
        })
    }

    fn bucket(&self, text: Option<String>) -> Result<Option<String>, InputError> {
        let Some(text) = text else { return Ok(None) };
        let bucket = without_account(&text);
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let sound = !bucket.is_empty()
            && bucket.len() <= 50
            && bucket.bytes().all(allowed)
            && !bucket.starts_with('-')
            && !bucket.ends_with('-');
        if sound {
            return Ok(Some(bucket.to_owned()));
        }
        let instead = "lower-case letters, digits and hyphens, without the account's number";
        Err(self.error("src.bucket", format!("is `{text}`, which is no bucket"), Some(instead)))
    }

    /// A list of texts, or one text.
    fn globs(&self, map: &Map<String, Value>, key: &str) -> Result<Vec<String>, InputError> {
        let path = format!("src.{key}");
        match map.get(key) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::String(one)) => Ok(vec![one.clone()]),
            Some(Value::Array(list)) => list
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or_else(|| self.error(&path, "has an entry that is not a text", None)),
            Some(other) => {
                let what = format!("is {}, not a list of texts", kind(other));
                Err(self.error(&path, what, None))
            }
        }
    }
}
