//! Where the code is.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::bucket::without_account;
use super::{InputError, Reader, nearest};
use crate::config::input_error::{
    Advice, InputsOf, KeyRemark, NameRule, SettingAdvice, WantedValue, Wrong, WrongSetting,
};

/// The source that `inputs.src` names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackedSource {
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
    pub(super) fn source(&self) -> Result<PackedSource, InputError> {
        match self.inputs.get("src") {
            None | Some(Value::Null) => {
                Err(self.error("src", WrongSetting::NoCode, SettingAdvice::Folder))
            }
            Some(Value::String(folder)) => {
                Ok(PackedSource { folder: folder.into(), ..PackedSource::default() })
            }
            Some(Value::Object(map)) => self.source_of(map),
            Some(other) => Err(self.error_alone("src", Wrong::kind(other, WantedValue::Folder))),
        }
    }

    fn source_of(&self, map: &Map<String, Value>) -> Result<PackedSource, InputError> {
        if map.contains_key("object") {
            let what = WrongSetting::CodeTwice;
            return Err(self.error("src.object", what, Advice::LeaveOneOut));
        }
        if let Some(key) = map.keys().find(|key| !KEYS.contains(&key.as_str())) {
            let meant = match key.as_str() {
                "key" => Some("object"),
                "codeUri" | "path" | "dir" => Some("src"),
                "ignore" | "ignores" => Some("exclude"),
                key => nearest(key, KEYS.iter().copied().chain(["object"])),
            };
            let instead = match meant {
                Some("object") => SettingAdvice::Object.into(),
                Some(meant) => Advice::Write(format!("src.{meant}")),
                None => {
                    let words = KEYS.iter().copied().chain(["object"]).collect();
                    Advice::OneOf { words, meant: None }
                }
            };
            let path = format!("src.{key}");
            return Err(self.error(&path, Wrong::Unknown(InputsOf::Scf), instead));
        }
        let text = |key: &str| match map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => {
                let what = Wrong::kind(other, WantedValue::Text);
                Err(self.error(&format!("src.{key}"), what, Advice::Quote))
            }
        };
        let folder = text("src")?.map(PathBuf::from);
        // The real tool runs the one and packs the other only where both are given.
        let (packed, hook) = match (text("hook")?, text("dist")?) {
            (Some(command), Some(dist)) => (dist.into(), Some(Hook { command, folder })),
            (hook, dist) => {
                let Some(folder) = folder else {
                    let what = Wrong::IsNot(WantedValue::Folder);
                    return Err(self.error("src.src", what, SettingAdvice::QuotedPath));
                };
                if hook.is_some() {
                    self.warn_of("src.hook", KeyRemark::NotRun);
                }
                if dist.is_some() {
                    self.warn_of("src.dist", KeyRemark::NotPacked);
                }
                (folder, None)
            }
        };
        Ok(PackedSource {
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
        let instead = Advice::Name { rule: NameRule::Bucket, reference: None };
        Err(self.error("src.bucket", Wrong::NoSuch { text, wanted: WantedValue::Bucket }, instead))
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
                .ok_or_else(|| self.error_alone(&path, Wrong::EntryIsNot(WantedValue::Text))),
            Some(other) => Err(self.error_alone(&path, Wrong::kind(other, WantedValue::Texts))),
        }
    }
}
