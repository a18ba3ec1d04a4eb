//! What kind of function it is, and what it runs.

use serde_json::Value;

use super::bucket::without_account;
use super::{InputError, MapReader, PackedSource, Reader};
use crate::config::input_error::{
    Advice, KeyRemark, SettingAdvice, ShownValue, Unit, WantedValue, WholeNumbers, Wrong,
    WrongSetting,
};
use crate::model::{CosObject, FunctionKind, IMAGE_RUNTIME, Image, InstanceConcurrency};

/// Where the code is that `deploy` sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileCode {
    /// A folder to pack.
    Folder(PackedSource),
    /// An object that lies in COS already.
    Object(CosObject),
    /// An image.
    Image(Image),
}

impl Default for FileCode {
    /// Stands in for what is wrong; never deployed.
    fn default() -> Self {
        Self::Folder(PackedSource::default())
    }
}

/// Keys that only web functions have.
pub const WEB_KEYS: &[&str] =
    &["entryFile", "instanceConcurrencyConfig", "protocolParams", "protocolType"];

impl Reader<'_> {
    /// Says which keys have no effect because only web functions have them.
    pub(super) fn warn_of_web_keys(&self) {
        // A common one may be there for other functions.
        for key in WEB_KEYS.iter().filter(|key| self.says(key) && !self.is_common(key)) {
            self.warn_of(key, KeyRemark::OnlyWeb);
        }
    }

    pub(super) fn function_kind(&self) -> Result<Option<FunctionKind>, InputError> {
        match self.text("type")?.as_deref() {
            None => Ok(None),
            Some("event") => Ok(Some(FunctionKind::Event)),
            Some("web") => Ok(Some(FunctionKind::Web)),
            Some(other) => {
                Err(self.error("type", Wrong::text(other), Advice::WriteEither(&["event", "web"])))
            }
        }
    }

    pub(super) fn runtime(&self, code: &FileCode) -> Result<Option<String>, InputError> {
        let said = self.text("runtime")?.filter(|text| !text.is_empty());
        if matches!(code, FileCode::Image(_)) {
            if said.is_some_and(|said| said != IMAGE_RUNTIME) && !self.is_common("runtime") {
                self.warn_of("runtime", KeyRemark::RuntimeOfImage);
            }
            return Ok(Some(IMAGE_RUNTIME.to_owned()));
        }
        // What is wrong with an image is said already.
        if said.as_deref() == Some(IMAGE_RUNTIME) && !self.says("image") {
            let what = WrongSetting::RuntimeWithoutImage;
            return Err(self.error("runtime", what, SettingAdvice::AddImage));
        }
        Ok(said)
    }

    /// Whether a key is there and not null.
    pub(super) fn says(&self, key: &str) -> bool {
        self.get(key).is_some_and(|value| !value.is_null())
    }

    pub(super) fn code(&self) -> Result<FileCode, InputError> {
        let (mode, image) = (self.text("deployMode"), self.image());
        match mode?.as_deref() {
            None | Some("" | "code") => {}
            Some("image") if self.says("image") => {}
            Some("image") => {
                let what = WrongSetting::ModeWithoutImage;
                return Err(self.error("deployMode", what, SettingAdvice::AddImage));
            }
            Some(other) => {
                return Err(self.error("deployMode", Wrong::text(other), Advice::literal("image")));
            }
        }
        if let Some(image) = image? {
            if self.says("src") && !self.is_common("src") {
                self.warn_of("src", KeyRemark::ImageRuns);
            }
            return Ok(FileCode::Image(image));
        }
        match self.cos_object()? {
            Some(object) => Ok(FileCode::Object(object)),
            None => Ok(FileCode::Folder(self.source()?)),
        }
    }

    fn image(&self) -> Result<Option<Image>, InputError> {
        let map = match self.get("image") {
            None | Some(Value::Null) => return Ok(None),
            Some(map @ Value::Object(_)) => MapReader::of(self, map, "image".to_owned()),
            Some(other) => {
                let what = Wrong::kind(other, WantedValue::Map);
                return Err(self.error("image", what, SettingAdvice::Image));
            }
        };
        let text = |name| member_text(&map, name);
        let [uri, registry_id, said] = ["imageUrl", "registryId", "imageType"].map(text);
        let [entry_point, command, args] = ["entryPoint", "command", "args"].map(text);
        let (port, accelerate) = (map.get("imagePort"), map.get("containerImageAccelerate"));
        let uri = uri?.unwrap_or_default();
        if uri.is_empty() || uri.contains("://") || uri.contains(char::is_whitespace) {
            let what = if uri.is_empty() { Wrong::Missing } else { Wrong::text(uri) };
            return Err(self.error("image.imageUrl", what, SettingAdvice::ImageUrl));
        }
        let registry_id = registry_id?.filter(|id| !id.is_empty());
        let said = said?.filter(|kind| !kind.is_empty());
        // The real scf component makes it so; multi-scf sends what the file says.
        let is_made_enterprise = registry_id.is_some() && !self.is_of_several();
        let kind = match (registry_id.is_some(), said.as_deref()) {
            (true, said) if is_made_enterprise => {
                if let Some(said) = said.filter(|said| *said != "enterprise") {
                    let remark = KeyRemark::Enterprise { said: said.to_owned() };
                    self.warn_of("image.imageType", remark);
                }
                "enterprise".to_owned()
            }
            (_, None) => "personal".to_owned(),
            (false, Some("enterprise")) => {
                let what = WrongSetting::NoRegistry;
                return Err(self.error("image.registryId", what, SettingAdvice::RegistryId));
            }
            (_, Some(kind @ ("personal" | "enterprise" | "public"))) => kind.to_owned(),
            (_, Some(other)) => {
                let instead = Advice::Either(&["personal", "enterprise", "public"]);
                return Err(self.error("image.imageType", Wrong::text(other), instead));
            }
        };
        let port = match port {
            None => None,
            Some(value) => match value.as_i64() {
                Some(port) if port == -1 || (1..=65535).contains(&port) => Some(port),
                _ => {
                    let what = Wrong::Is(ShownValue::of(value));
                    return Err(self.error("image.imagePort", what, SettingAdvice::ImagePort));
                }
            },
        };
        let accelerate = match accelerate {
            None => None,
            Some(Value::Bool(accelerate)) => Some(*accelerate),
            Some(other) => {
                let what = Wrong::value(other, WantedValue::Boolean);
                return Err(self.error_alone("image.containerImageAccelerate", what));
            }
        };
        Ok(Some(Image {
            uri,
            kind,
            registry_id,
            entry_point: entry_point?,
            command: command?,
            args: args?,
            accelerate,
            port,
        }))
    }

    /// `src: {bucket, object}`: a package that lies in COS already.
    fn cos_object(&self) -> Result<Option<CosObject>, InputError> {
        let Some(Value::Object(map)) = self.get("src") else { return Ok(None) };
        let has = |name: &str| map.get(name).is_some_and(|value| !value.is_null());
        if has("src") || !has("object") {
            return Ok(None);
        }
        if let Some(key) =
            map.keys().find(|key| !matches!(key.as_str(), "bucket" | "object" | "region"))
        {
            let what = WrongSetting::NotOfObjects;
            return Err(self.error(&format!("src.{key}"), what, Advice::LeaveOut));
        }
        // Two forms of `src` share a path, so each looks after its own keys.
        let text = |name: &str| match map.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(other) => {
                let what = Wrong::kind(other, WantedValue::Text);
                Err(self.error(&format!("src.{name}"), what, Advice::Quote))
            }
        };
        let Some(bucket) = text("bucket")? else {
            return Err(self.error("src.bucket", Wrong::Missing, SettingAdvice::Bucket));
        };
        let Some(object) = text("object")? else {
            return Err(self.error("src.object", Wrong::Empty, SettingAdvice::ObjectPath));
        };
        let region = text("region")?;
        if region.as_deref().is_some_and(|region| !matches!(region, "ap-beijing" | "ap-beijing-1"))
        {
            let what = WrongSetting::RegionOfObject;
            return Err(self.error("src.region", what, SettingAdvice::LeaveRegionOut));
        }
        Ok(Some(CosObject {
            bucket: without_account(&bucket).to_owned(),
            object: if object.starts_with('/') { object } else { format!("/{object}") },
            region,
        }))
    }

    pub(super) fn entry_file(&self) -> Result<Option<String>, InputError> {
        let Some(text) = self.text("entryFile")?.filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let plain = text.strip_prefix("./").unwrap_or(&text);
        let climbs = plain.split('/').any(|part| part == ".." || part.is_empty());
        if climbs || plain.contains(char::is_control) {
            let what = Wrong::NoSuch { text: text.clone(), wanted: WantedValue::PackageFile };
            return Err(self.error("entryFile", what, SettingAdvice::PathBelowSource));
        }
        Ok(Some(plain.to_owned()))
    }

    pub(super) fn protocol(&self) -> Result<Option<String>, InputError> {
        match self.text("protocolType")? {
            Some(text) if !matches!(text.as_str(), "" | "WS") => {
                Err(self.error("protocolType", Wrong::text(text), SettingAdvice::Protocol))
            }
            said => Ok(said),
        }
    }

    /// `protocolParams.wsParams.idleTimeOut`, in seconds.
    pub(super) fn idle_timeout(&self) -> Result<Option<i64>, InputError> {
        const KEY: &str = "idleTimeOut";
        let parameters = self.object_or_null("protocolParams")?;
        let Some(parameters) = parameters.and_then(|map| map.get("wsParams")) else {
            return Ok(None);
        };
        let map = MapReader::of(self, parameters, "protocolParams.wsParams".to_owned());
        match map.get(KEY) {
            None if parameters.is_object() => Ok(None),
            Some(value) if value.as_i64().is_some_and(|value| (1..=1800).contains(&value)) => {
                Ok(value.as_i64())
            }
            Some(value) => {
                let numbers = WholeNumbers { from: 1, to: 1800, unit: Some(Unit::Seconds) };
                Err(map.error(KEY, Wrong::Is(ShownValue::of(value)), Advice::Number(numbers)))
            }
            None => Err(self.error(
                "protocolParams.wsParams",
                Wrong::kind(parameters, WantedValue::Map),
                Advice::literal("wsParams: {idleTimeOut: 60}"),
            )),
        }
    }

    fn object_or_null(&self, key: &str) -> Result<Option<MapReader<'_>>, InputError> {
        if self.get(key).is_some_and(Value::is_null) { Ok(None) } else { self.object(key) }
    }

    /// `instanceConcurrencyConfig`; null or `enable: false` switches it off.
    pub(super) fn instance_concurrency(&self) -> Result<Option<InstanceConcurrency>, InputError> {
        const KEY: &str = "instanceConcurrencyConfig";
        if !self.inputs.contains_key(KEY) {
            return Ok(None);
        }
        let Some(map) = self.object_or_null(KEY)? else {
            return Ok(Some(InstanceConcurrency::Off));
        };
        let flag = |name, default: bool| match map.get(name) {
            None => Ok(default),
            Some(Value::Bool(value)) => Ok(*value),
            Some(other) => Err(map.error_alone(name, Wrong::value(other, WantedValue::Boolean))),
        };
        let (dynamic, enable) = (flag("dynamicEnabled", false), flag("enable", !map.is_empty()));
        let max = map.get("maxConcurrency");
        let dynamic = dynamic?;
        let max = match max {
            None => 2,
            Some(value) => {
                value.as_i64().filter(|max| (1..=100).contains(max)).ok_or_else(|| {
                    let numbers = WholeNumbers { from: 1, to: 100, unit: None };
                    let what = Wrong::Is(ShownValue::of(value));
                    map.error("maxConcurrency", what, Advice::Number(numbers))
                })?
            }
        };
        if enable? {
            Ok(Some(InstanceConcurrency::On { dynamic, max }))
        } else {
            Ok(Some(InstanceConcurrency::Off))
        }
    }
}

/// A text inside of a map, empty or not.
fn member_text(map: &MapReader<'_>, name: &'static str) -> Result<Option<String>, InputError> {
    match map.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(map.error(name, Wrong::kind(other, WantedValue::Text), Advice::Quote)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FunctionInputs, InputErrors};
    use super::*;
    use crate::config::position::Position;
    use crate::model::Configuration;
    use serde_json::json;

    fn read(inputs: &Value) -> Result<FunctionInputs, InputErrors> {
        let place = |key: &str| Position::File { file: format!("at {key}"), line: None };
        Reader::new(inputs.as_object().unwrap(), &place).function()
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (inputs, key) in [
            (json!({"type": "http", "src": "/x"}), "type"),
            (json!({"runtime": "CustomImage", "src": "/x"}), "runtime"),
            (json!({"image": "r/n/i:1"}), "image"),
            (json!({"image": {}}), "image.imageUrl"),
            (json!({"image": {"imageUrl": "https://r/n/i:1"}}), "image.imageUrl"),
            (json!({"image": {"imageUrl": "r/i", "imageType": "mine"}}), "image.imageType"),
            (json!({"image": {"imageUrl": "r/i", "imageType": "enterprise"}}), "image.registryId"),
            (json!({"image": {"imageUrl": "r/i", "args": ["a"]}}), "image.args"),
            (json!({"image": {"imageUrl": "r/i", "imagePort": 0}}), "image.imagePort"),
            (json!({"image": {"imageUrl": "r/i", "imagePort": "9000"}}), "image.imagePort"),
            (
                json!({"image": {"imageUrl": "r/i", "containerImageAccelerate": "yes"}}),
                "image.containerImageAccelerate",
            ),
            (json!({"deployMode": "image", "src": "/x"}), "deployMode"),
            (json!({"src": {"object": "a.zip"}}), "src.bucket"),
            (json!({"src": {"bucket": "b", "object": ""}}), "src.object"),
            (json!({"src": {"bucket": "b", "object": "o", "exclude": []}}), "src.exclude"),
            (json!({"src": {"bucket": "b", "object": "o", "region": "ap-tokyo"}}), "src.region"),
            (json!({"src": "/x", "type": "web", "entryFile": "../a.js"}), "entryFile"),
            (json!({"src": "/x", "type": "web", "entryFile": "/a.js"}), "entryFile"),
            (json!({"src": "/x", "type": "web", "protocolType": "ws"}), "protocolType"),
            (json!({"type": "web"}), "src"),
        ] {
            let errors = read(&inputs).unwrap_err().errors;
            assert_eq!(errors.len(), 1, "{inputs}: {errors:?}");
            assert_eq!(errors[0].key, key, "{inputs}");
        }
    }

    #[test]
    fn settings_of_web_functions() {
        let read = |inputs: Value| read(&inputs).map(|inputs| inputs.spec.configuration);
        let web = |key: &str, value: Value| {
            let mut inputs = json!({"type": "web", "src": "/x"});
            inputs[key] = value;
            read(inputs)
        };
        let key = "instanceConcurrencyConfig";
        for (value, expected) in [
            (json!(null), InstanceConcurrency::Off),
            (json!({}), InstanceConcurrency::Off),
            (json!({"enable": false, "maxConcurrency": 9}), InstanceConcurrency::Off),
            (json!({"enable": true}), InstanceConcurrency::On { dynamic: false, max: 2 }),
            (json!({"maxConcurrency": 9}), InstanceConcurrency::On { dynamic: false, max: 9 }),
            (json!({"dynamicEnabled": true}), InstanceConcurrency::On { dynamic: true, max: 2 }),
        ] {
            let read = web(key, value.clone()).unwrap().instance_concurrency;
            assert_eq!(read, Some(expected), "{value}");
        }
        for value in [
            json!(3),
            json!({"enable": "yes"}),
            json!({"maxConcurrency": 0}),
            json!({"maxConcurrency": 101}),
        ] {
            assert!(web(key, value.clone()).is_err(), "{value}");
        }
        let idle = |seconds: Value| {
            web("protocolParams", json!({"wsParams": {"idleTimeOut": seconds}}))
                .map(|configuration| configuration.web_socket_idle)
        };
        assert_eq!(idle(json!(60)), Ok(Some(60)));
        assert_eq!(idle(json!(null)), Ok(None));
        for seconds in [json!(0), json!(1801), json!("60"), json!(1.5)] {
            assert!(idle(seconds.clone()).is_err(), "{seconds}");
        }
        assert!(web("protocolParams", json!({"wsParams": 60})).is_err());
        // An event function has none of it.
        let event = read(json!({"src": "/x", key: {"enable": true}})).unwrap();
        assert_eq!(event, Configuration::default());
    }

    #[test]
    fn what_has_no_effect_is_said() {
        for (inputs, said) in [
            (json!({"image": {"imageUrl": "r/i"}, "src": "/x"}), "`src` (at src) has no effect"),
            (
                json!({"image": {"imageUrl": "r/i"}, "runtime": "Python3.9"}),
                "`runtime` (at runtime) has no effect",
            ),
            (json!({"src": "/x", "entryFile": "a.js"}), "`entryFile` (at entryFile) has no effect"),
        ] {
            let warnings = read(&inputs).unwrap().warnings;
            assert_eq!(warnings.len(), 1, "{inputs}: {warnings:?}");
            assert!(warnings[0].to_string().contains(said), "{warnings:?}");
        }
        let quiet = json!({"type": "web", "src": "/x", "handler": "a.b", "protocolType": "WS"});
        let read = read(&quiet).unwrap();
        assert_eq!((read.spec.handler, read.warnings), (None, Vec::new()));
    }

    #[test]
    fn a_bucket_is_named_without_the_account() {
        for (said, sent) in [
            ("code-1250000000", "code"),
            ("code", "code"),
            ("code-2024", "code-2024"),
            ("my-code-1250000000", "my-code"),
        ] {
            let read = read(&json!({"src": {"bucket": said, "object": "a.zip"}})).unwrap();
            let FileCode::Object(object) = read.code else { panic!("{:?}", read.code) };
            assert_eq!((object.bucket.as_str(), object.object.as_str()), (sent, "/a.zip"));
        }
    }
}
