//! Settings of a function.

use std::collections::BTreeMap;

use serde_json::Value;

use super::scalar::scalar;
use super::{InputError, MapReader, Reader};
use crate::config::ValueKind;
use crate::config::input_error::{
    Advice, KeyRemark, NameRule, SettingAdvice, ShownValue, ValueSize, WantedValue, Wrong,
    WrongSetting,
};
use crate::model::{
    Configuration, DeadLetter, FileSystem, Layer, PLAIN, PlainSetting, Scalar, Values, Vpc,
};

/// Layers of a function that every account may have.
const USUAL_LAYERS: usize = 5;
/// Bytes of all environment variables, names and values.
const LARGEST_ENVIRONMENT: usize = 4096;

impl Reader<'_> {
    /// The settings that are named.
    pub(super) fn configuration(&self, web: bool) -> Configuration {
        let vpc = self.keep(self.pair("vpcConfig", "vpcId", "subnetId"));
        let mut plain = Configuration::default();
        for setting in PLAIN {
            let value = self.keep(self.plain(setting));
            let web = web && setting.event_only;
            setting.set(&mut plain, self.of_event_functions(setting.key, value, web));
        }
        Configuration {
            environment: self.keep(self.environment()),
            vpc: vpc.map(|(vpc_id, subnet_id)| Vpc { vpc_id, subnet_id }),
            layers: self.keep(self.layers()),
            logs: self.keep(self.pair("cls", "logsetId", "topicId")),
            web_socket_idle: self.keep(self.idle_timeout()).filter(|_| web),
            instance_concurrency: self.keep(self.instance_concurrency()).filter(|_| web),
            file_systems: self.keep(self.file_systems()),
            dead_letter: self.keep(self.dead_letter()),
            ..plain
        }
    }

    /// A setting of one value, by its row.
    fn plain(&self, setting: &PlainSetting) -> Result<Option<Scalar>, InputError> {
        let key = setting.key;
        let value = match setting.values {
            Values::Integer { from, to, unit } => {
                self.integer(key, from..=to, unit)?.map(Scalar::from)
            }
            Values::Text { limit: Some(limit), .. } => {
                self.description(key, limit)?.map(Scalar::from)
            }
            Values::Text { limit: None, .. } => self.any_text(key)?.map(Scalar::from),
            Values::Switch { .. } => self.boolean(key)?.map(Scalar::from),
        };
        // What a range cannot say.
        match (key, &value) {
            ("memorySize", Some(Scalar::Integer(size))) => self.check_memory_size(key, *size)?,
            ("timeout", Some(Scalar::Integer(seconds))) => self.check_timeout(key, *seconds)?,
            _ => {}
        }
        Ok(value)
    }

    /// Refuses what only asynchronous execution may last.
    fn check_timeout(&self, key: &str, seconds: i64) -> Result<(), InputError> {
        const LONGEST: i64 = 900;
        if !(LONGEST + 1..=86_400).contains(&seconds)
            || self.boolean("asyncRunEnable").ok().flatten() == Some(true)
        {
            return Ok(());
        }
        let instead = SettingAdvice::Timeout { longest: LONGEST };
        self.refuse(self.error(key, Wrong::text(seconds.to_string()), instead))
    }

    /// Refuses a size between two steps.
    fn check_memory_size(&self, key: &str, size: i64) -> Result<(), InputError> {
        let Some(given) = self.get(key).filter(|_| size != 64 && size % 128 != 0) else {
            return Ok(());
        };
        self.refuse(self.error(key, Wrong::Is(ShownValue::of(given)), SettingAdvice::MemorySize))
    }

    /// File systems. A present but empty list unmounts all.
    fn file_systems(&self) -> Result<Option<Vec<FileSystem>>, InputError> {
        let list = match self.inputs.get("cfs") {
            None => return Ok(None),
            Some(Value::Null) => return Ok(Some(Vec::new())),
            Some(Value::Array(list)) => list,
            Some(other) => {
                return Err(self.error_alone("cfs", Wrong::kind(other, WantedValue::List)));
            }
        };
        let mounts: Vec<_> = list
            .iter()
            .enumerate()
            .map(|(position, entry)| {
                file_system(&MapReader::of(self, entry, format!("cfs.{position}")))
            })
            .collect();
        mounts.into_iter().collect::<Result<_, _>>().map(Some)
    }

    /// Where failed asynchronous invocations go. A present but empty map takes it away.
    fn dead_letter(&self) -> Result<Option<DeadLetter>, InputError> {
        const KEY: &str = "deadLetter";
        let pair = self.pair(KEY, "type", "name");
        let map = self.get(KEY).map(|map| MapReader::of(self, map, KEY.to_owned()));
        let filter = map.and_then(|map| map.get("filterType"));
        let Some((kind, name)) = pair? else { return Ok(None) };
        self.as_written(&[KEY, "filterType"])?;
        let filter = match filter {
            None => String::new(),
            Some(value) => scalar(value).ok_or_else(|| {
                let what = Wrong::IsNot(WantedValue::Text);
                self.error("deadLetter.filterType", what, Advice::WriteA(WantedValue::Text))
            })?,
        };
        Ok(Some(DeadLetter { kind, name, filter }))
    }

    /// The environment variables. A present but empty one clears, a null one too (deep merge
    /// of the command line: `environment=null`).
    pub(super) fn environment(&self) -> Result<Option<BTreeMap<String, String>>, InputError> {
        let key = "environment";
        if self.inputs.get(key).is_some_and(Value::is_null) {
            return Ok(Some(BTreeMap::new()));
        }
        let Some(environment) = self.object(key)? else { return Ok(None) };
        let key = "environment.variables";
        let [variables] = environment.ask(["variables"]);
        let variables = match variables {
            // A misspelt `variables` is no reason to clear them.
            None if !environment.is_empty() => return Ok(None),
            None | Some(Value::Null) => return Ok(Some(BTreeMap::new())),
            Some(Value::Object(variables)) => variables,
            Some(other) => {
                return Err(self.error_alone(key, Wrong::kind(other, WantedValue::Map)));
            }
        };
        let mut texts = BTreeMap::new();
        for (name, value) in variables {
            let path = ["environment", "variables", name.as_str()];
            let dotted = path.join(".");
            self.keep(self.variable_name(name, &path));
            // Of what is not sent as it is written nothing else is said.
            if let Err(error) = self.as_written(&path) {
                self.keep::<()>(Err(error));
                continue;
            }
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Bool(_) | Value::Number(_) => scalar(value).unwrap_or_default(),
                Value::Null => {
                    self.warn_of(&dotted, KeyRemark::NullVariable);
                    "null".to_owned()
                }
                Value::Array(_) | Value::Object(_) => {
                    let what = Wrong::Is(ShownValue::Kind(ValueKind::of(value)));
                    return Err(self.error(&dotted, what, Advice::A(WantedValue::Text)));
                }
            };
            if text.is_empty() && !name.is_empty() {
                let instead = self.instead_of_empty(&path);
                self.keep(self.refuse(self.error(&dotted, WrongSetting::EmptyVariable, instead)));
            }
            texts.insert(name.clone(), text);
        }
        let size: usize = texts.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > LARGEST_ENVIRONMENT {
            let what = Wrong::Has(ValueSize::BytesTogether(size));
            self.refuse(self.error(key, what, Advice::AtMost(LARGEST_ENVIRONMENT)))?;
        }
        Ok(Some(texts))
    }

    /// Refuses a name that the service does not take (product documentation of environment
    /// variables): it would do so after the code was replaced.
    fn variable_name(&self, name: &str, path: &[&str]) -> Result<(), InputError> {
        const RESERVED: [&str; 3] = ["SCF_", "QCLOUD_", "TENCENTCLOUD_"];
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let valid = (2..=64).contains(&name.len())
            && name.bytes().all(allowed)
            && name.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
        if !valid {
            let what = Wrong::IsNot(WantedValue::VariableName);
            let rule = Advice::Name { rule: NameRule::Variable, reference: None };
            return self
                .refuse(self.error_at(path, what, rule))
                .map_err(|error| self.of_key(error));
        }
        match RESERVED.into_iter().find(|reserved| name.starts_with(reserved)) {
            None => Ok(()),
            Some(reserved) => {
                let what = WrongSetting::ReservedName(reserved);
                let error = self.error_at(path, what, SettingAdvice::AnotherName);
                self.refuse(error).map_err(|error| self.of_key(error))
            }
        }
    }

    /// An error about the name of a value, where the file has both in an entry of a list.
    fn of_key(&self, error: InputError) -> InputError {
        let path = self.path(&error.key);
        match path.strip_suffix(".value").filter(|_| path != error.key) {
            Some(entry) => {
                let key = format!("{entry}.key");
                InputError { place: self.place(&key), key, ..error }
            }
            None => error,
        }
    }

    pub(super) fn pair(
        &self,
        key: &str,
        first: &'static str,
        second: &'static str,
    ) -> Result<Option<(String, String)>, InputError> {
        if self.inputs.get(key).is_some_and(Value::is_null) {
            return Ok(Some((String::new(), String::new())));
        }
        let Some(map) = self.object(key)? else { return Ok(None) };
        let [one, other] = [first, second].map(|key| map.any_text(key));
        let (one, other) = (one?.unwrap_or_default(), other?.unwrap_or_default());
        if one.is_empty() != other.is_empty() {
            let missing = if one.is_empty() { first } else { second };
            return Err(map.error_alone(missing, Wrong::Missing));
        }
        Ok(Some((one, other)))
    }

    pub(super) fn layers(&self) -> Result<Option<Vec<Layer>>, InputError> {
        let list = match self.inputs.get("layers") {
            None => return Ok(None),
            Some(Value::Null) => return Ok(Some(Vec::new())),
            Some(Value::Array(list)) => list,
            Some(other) => {
                return Err(self.error_alone("layers", Wrong::kind(other, WantedValue::List)));
            }
        };
        if list.len() > USUAL_LAYERS {
            let remark = KeyRemark::ManyLayers { count: list.len(), usual: USUAL_LAYERS };
            self.warn_of("layers", remark);
        }
        let entries: Vec<_> = list
            .iter()
            .enumerate()
            .map(|(position, entry)| MapReader::of(self, entry, format!("layers.{position}")))
            .map(|entry| entry.ask(["name", "version"]))
            .collect();
        let mut layers = Vec::new();
        for (position, [name, version]) in entries.into_iter().enumerate() {
            let name = name.and_then(Value::as_str).filter(|name| !name.is_empty());
            let version = version.and_then(whole_number);
            let (Some(name), Some(version)) = (name, version) else {
                let what = Wrong::IsNot(WantedValue::Layer);
                return Err(self.error(&format!("layers.{position}"), what, SettingAdvice::Layer));
            };
            layers.push(Layer { name: name.to_owned(), version });
        }
        Ok(Some(layers))
    }
}

/// A whole number, or a text that is one: `${env:…}` can only give texts.
fn whole_number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// Reads a mount of a file system.
fn file_system(entry: &MapReader<'_>) -> Result<FileSystem, InputError> {
    let [id, mount_id, local, remote, group, user] =
        ["cfsId", "mountInsId", "localMountDir", "remoteMountDir", "userGroupId", "userId"]
            .map(|key| (key, entry.get(key)));
    let member = |(key, value): (&'static str, Option<&Value>)| {
        entry.as_written(key)?;
        let Some(value) = value else { return Ok(None) };
        let text = scalar(value).filter(|text| !text.is_empty());
        text.map(Some).ok_or_else(|| {
            entry.error(key, Wrong::IsNot(WantedValue::Text), Advice::WriteA(WantedValue::Text))
        })
    };
    let needed = |of: (&'static str, Option<&Value>)| {
        member(of)?.ok_or_else(|| entry.error_alone(of.0, Wrong::Missing))
    };
    // What the real component takes where the file says nothing.
    let owner = |of| Ok(member(of)?.unwrap_or_else(|| "10000".to_owned()));
    let id = needed(id)?;
    Ok(FileSystem {
        mount_id: member(mount_id)?.unwrap_or_else(|| id.clone()),
        id,
        local_folder: needed(local)?,
        remote_folder: needed(remote)?,
        group_id: owner(group)?,
        user_id: owner(user)?,
    })
}
