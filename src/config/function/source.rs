//! Where the code is.

use std::path::PathBuf;

use serde_json::Value;

use super::{InputError, Reader, kind};

/// The source that `inputs.src` names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// The folder, absolute.
    pub folder: PathBuf,
    /// Globs to leave out, anchored at the folder.
    pub exclude: Vec<String>,
}

impl Reader<'_> {
    pub(super) fn source(&self) -> Result<Source, InputError> {
        match self.inputs.get("src") {
            None | Some(Value::Null) => Err(self.error(
                "src",
                "is missing, so there is no code to deploy",
                Some("the folder of the code, for example `src: ./src`"),
            )),
            Some(Value::String(folder)) => {
                Ok(Source { folder: folder.into(), exclude: Vec::new() })
            }
            Some(Value::Object(map)) => {
                for key in map.keys() {
                    if !matches!(key.as_str(), "src" | "exclude") {
                        let path = format!("src.{key}");
                        return Err(self.error(&path, "is not supported by this version", None));
                    }
                }
                let Some(folder) = map.get("src").and_then(Value::as_str) else {
                    return Err(self.error("src.src", "is not a folder", Some("a path in quotes")));
                };
                let exclude = match map.get("exclude") {
                    None | Some(Value::Null) => Vec::new(),
                    Some(Value::String(one)) => vec![one.clone()],
                    Some(Value::Array(list)) => list
                        .iter()
                        .map(|item| item.as_str().map(str::to_owned))
                        .collect::<Option<_>>()
                        .ok_or_else(|| {
                            self.error("src.exclude", "has an entry that is not a text", None)
                        })?,
                    Some(other) => {
                        return Err(self.error(
                            "src.exclude",
                            format!("is {}, not a list of texts", kind(other)),
                            None,
                        ));
                    }
                };
                Ok(Source { folder: folder.into(), exclude })
            }
            Some(other) => {
                Err(self.error("src", format!("is {}, not a folder", kind(other)), None))
            }
        }
    }
}
