//! What a trigger of each type is made of: the description that the API takes, and what tells
//! it apart from the one that is there.
//!
//! Spelling and defaults are those of the API reference, "`TriggerDesc` per type". A service
//! adds fields of its own to what it lists, such as the addresses of a function URL, so only
//! what the file settles is compared.

use std::fmt;

use serde_json::{Map, Value, json};

use super::{ObservedTrigger, Trigger};

/// The types that this program deploys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// 定时.
    Timer,
    /// Objects of a bucket.
    Cos,
    /// Messages of a topic.
    Ckafka,
    /// A function URL (函数URL).
    Http,
    /// Logs of a topic; made through CLS.
    Cls,
    /// Tasks of media processing; made through MPS.
    Mps,
    /// A forwarding rule of a load balancer; made through CLB.
    Clb,
}

impl Kind {
    /// All of them, in the order in which their steps come.
    pub const ALL: [Self; 7] =
        [Self::Timer, Self::Cos, Self::Ckafka, Self::Http, Self::Cls, Self::Mps, Self::Clb];

    /// As the API and serverless.yml spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Timer => "timer",
            Self::Cos => "cos",
            Self::Ckafka => "ckafka",
            Self::Http => "http",
            Self::Cls => "cls",
            Self::Mps => "mps",
            Self::Clb => "clb",
        }
    }

    /// The type that is spelt like this.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether a new trigger fires where the file does not say, as the real component has it:
    /// it sends `CLOSE` for a missing `enable`, but for the types that have no such switch
    /// when they are made.
    #[must_use]
    pub fn opens_by_itself(self) -> bool {
        matches!(self, Self::Http | Self::Cls | Self::Mps | Self::Clb)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&label(self.name()))
    }
}

/// A type for people, whether this program knows it or not.
#[must_use]
pub fn label(kind: &str) -> String {
    match kind {
        "timer" => "timer".to_owned(),
        "http" => "function URL".to_owned(),
        other => format!("{other} trigger"),
    }
}

/// Settings of a `ckafka` trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ckafka {
    /// Messages handed over at once, at most.
    pub max_messages: i64,
    /// `latest`, `earliest` or milliseconds; a number where the file has one.
    pub offset: Value,
    /// Repetitions.
    pub retry: i64,
    /// Longest wait for messages, in seconds.
    pub time_out: i64,
    /// `consumerGroupName`.
    pub group: Option<String>,
}

/// Settings of a function URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionUrl {
    /// `NONE` or `CAM`.
    pub auth: String,
    /// Reached from inside the cloud.
    pub intranet: bool,
    /// Reached from everywhere.
    pub extranet: bool,
    /// `CorsConfig` in the API's spelling; `None` where the file has none.
    pub cors: Option<Map<String, Value>>,
}

/// A forwarding rule of a load balancer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BalancerRule {
    /// `lb-…`.
    pub balancer: String,
    /// `HTTP` or `HTTPS`.
    pub protocol: String,
    /// Port of the listener.
    pub port: i64,
    /// Host name.
    pub domain: String,
    /// Path.
    pub url: String,
}

impl fmt::Display for BalancerRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { balancer, protocol, port, domain, url } = self;
        write!(formatter, "{balancer} {protocol}:{port} {domain}{url}")
    }
}

/// What a trigger of a type is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A timer.
    Timer {
        /// Seven fields, or the old five.
        cron: String,
        /// `CustomArgument`; empty for none.
        argument: String,
    },
    /// Objects of the bucket that the trigger is named after.
    Cos(CosRule),
    /// Messages of a topic.
    Ckafka(Ckafka),
    /// A function URL.
    Http(FunctionUrl),
    /// Logs of a topic.
    Cls {
        /// Topic.
        topic: String,
        /// Longest wait, in seconds.
        max_wait: i64,
        /// Most messages at once; `None` leaves it to the service.
        max_size: Option<i64>,
    },
    /// Tasks of media processing.
    Mps {
        /// `WorkflowTask` or `EditMediaTask`.
        event: String,
    },
    /// A rule of a load balancer.
    Clb {
        /// Rule.
        rule: BalancerRule,
        /// Share among the targets of the rule, 0 to 100.
        weight: i64,
    },
}

/// Which events of which objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CosRule {
    /// `cos:ObjectCreated:*`, …
    pub event: String,
    /// Names begin with it.
    pub prefix: String,
    /// Names end with it.
    pub suffix: String,
}

impl CosRule {
    fn read(form: &Value) -> Self {
        let text = |path: &str| form.pointer(path).and_then(Value::as_str).unwrap_or_default();
        Self {
            event: text("/event").to_owned(),
            prefix: text("/filter/Prefix").to_owned(),
            suffix: text("/filter/Suffix").to_owned(),
        }
    }

    /// Whether one event of one object may fall under both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let covers = |one: &str, two: &str| {
            one == two || one.strip_suffix('*').is_some_and(|all| two.starts_with(all))
        };
        let event = covers(&self.event, &other.event) || covers(&other.event, &self.event);
        let prefix =
            self.prefix.starts_with(&other.prefix) || other.prefix.starts_with(&self.prefix);
        let suffix = self.suffix.ends_with(&other.suffix) || other.suffix.ends_with(&self.suffix);
        event && prefix && suffix
    }
}

impl Form {
    /// Its type.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Timer { .. } => Kind::Timer,
            Self::Cos(_) => Kind::Cos,
            Self::Ckafka(_) => Kind::Ckafka,
            Self::Http(_) => Kind::Http,
            Self::Cls { .. } => Kind::Cls,
            Self::Mps { .. } => Kind::Mps,
            Self::Clb { .. } => Kind::Clb,
        }
    }

    /// `TriggerDesc` of a request: one line, no blanks between the parts. Empty for the types
    /// that are made through another product.
    #[must_use]
    pub fn description(&self) -> String {
        match self {
            Self::Timer { cron, .. } => cron.clone(),
            Self::Cos(CosRule { event, prefix, suffix }) => {
                json!({"event": event, "filter": {"Prefix": prefix, "Suffix": suffix}}).to_string()
            }
            Self::Ckafka(ckafka) => {
                let mut form = json!({
                    "maxMsgNum": ckafka.max_messages,
                    "offset": ckafka.offset,
                    "retry": ckafka.retry,
                    "timeOut": ckafka.time_out,
                });
                if let Some(group) = &ckafka.group {
                    form["consumerGroupName"] = group.clone().into();
                }
                form.to_string()
            }
            Self::Http(url) => {
                let mut form = json!({
                    "AuthType": url.auth,
                    "NetConfig": {"EnableIntranet": url.intranet, "EnableExtranet": url.extranet},
                });
                if let Some(cors) = &url.cors {
                    form["CorsConfig"] = cors.clone().into();
                }
                form.to_string()
            }
            Self::Cls { .. } | Self::Mps { .. } | Self::Clb { .. } => String::new(),
        }
    }

    /// What it is made of, for people.
    #[must_use]
    pub fn details(&self) -> String {
        match self {
            Self::Timer { cron, .. } => cron.clone(),
            Self::Cos(CosRule { event, prefix, suffix }) => {
                let mut text = event.clone();
                for (name, part) in [("prefix", prefix), ("suffix", suffix)] {
                    if !part.is_empty() {
                        text = format!("{text}, {name} `{part}`");
                    }
                }
                text
            }
            Self::Ckafka(ckafka) => format!(
                "from {}, {} messages at once",
                as_text(&ckafka.offset),
                ckafka.max_messages
            ),
            Self::Http(url) => {
                let network = match (url.extranet, url.intranet) {
                    (true, true) => "public and internal network",
                    (true, false) => "public network",
                    (false, true) => "internal network",
                    (false, false) => "no network",
                };
                let cors = if url.has_cors() { ", CORS" } else { "" };
                format!("{network}, authorisation {}{cors}", url.auth)
            }
            Self::Cls { max_wait, .. } => format!("within {max_wait} s"),
            Self::Mps { event } => event.clone(),
            Self::Clb { weight, .. } => format!("weight {weight}"),
        }
    }
}

impl FunctionUrl {
    fn has_cors(&self) -> bool {
        self.cors.as_ref().is_some_and(|cors| cors.get("Enable") == Some(&Value::Bool(true)))
    }
}

/// What differs between a trigger that is there and the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Nothing does.
    None,
    /// The API can change it in place.
    Changes(Changes),
    /// It has to be made anew, because of these.
    Replace(Vec<&'static str>),
}

/// Changes in place; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// `TriggerDesc`.
    pub form: Option<String>,
    /// `CustomArgument` of a timer, empty to clear it.
    pub argument: Option<String>,
    /// `Description`, empty to clear it.
    pub description: Option<String>,
    /// Whether it fires.
    pub enabled: Option<bool>,
    /// Share among the targets of a load balancer's rule.
    pub weight: Option<i64>,
    /// What changes, for people.
    pub words: Vec<String>,
}

impl Trigger {
    /// What has to change for the trigger to be as the file says.
    #[must_use]
    pub fn difference(&self, observed: &ObservedTrigger) -> Difference {
        let mut changes = Changes::default();
        let mut replace = Vec::new();
        self.compare_forms(observed, &mut changes, &mut replace);
        if let Some(enabled) = self.enabled.filter(|enabled| *enabled != observed.enabled) {
            match self.kind() {
                // Neither product has a switch.
                Kind::Cls | Kind::Clb => replace.push("state"),
                _ => {
                    changes.enabled = Some(enabled);
                    let state = if enabled { "open" } else { "closed" };
                    changes.words.push(format!("state to {state}"));
                }
            }
        }
        if let Some(text) = self.description.as_ref().filter(|text| **text != observed.description)
        {
            if self.kind() == Kind::Cos {
                replace.push("description");
            } else {
                changes.description = Some(text.clone());
                changes.words.push("description".to_owned());
            }
        }
        match (replace.is_empty(), changes.words.is_empty()) {
            (false, _) => Difference::Replace(replace),
            (true, false) => Difference::Changes(changes),
            (true, true) => Difference::None,
        }
    }

    fn compare_forms(
        &self,
        observed: &ObservedTrigger,
        changes: &mut Changes,
        replace: &mut Vec<&'static str>,
    ) {
        match &self.form {
            Form::Timer { cron, argument } => {
                // Blanks between the fields carry no meaning, and a service may tidy them up.
                let fields = |cron: &str| cron.split_whitespace().collect::<Vec<_>>().join(" ");
                if fields(&observed.cron()) != fields(cron) {
                    changes.form = Some(cron.clone());
                    changes.words.push(format!("cron to {cron}"));
                }
                if observed.argument != *argument {
                    changes.argument = Some(argument.clone());
                    let word = if argument.is_empty() { "argument to none" } else { "argument" };
                    changes.words.push(word.to_owned());
                }
            }
            Form::Ckafka(ckafka) => {
                let listed = |key: &str| observed.field(key).map(as_text);
                let differs = |key: &str, value: &Value| {
                    listed(key).is_some_and(|listed| listed != as_text(value))
                };
                for (key, value) in [
                    ("maxMsgNum", ckafka.max_messages),
                    ("retry", ckafka.retry),
                    ("timeOut", ckafka.time_out),
                ] {
                    if differs(key, &value.into()) {
                        changes.form = Some(self.form.description());
                        changes.words.push(format!("{key} to {value}"));
                    }
                }
                if differs("offset", &ckafka.offset) {
                    replace.push("offset");
                }
                let group = ckafka.group.clone().unwrap_or_default();
                if ckafka.group.is_some()
                    && listed("consumerGroupName").unwrap_or_default() != group
                {
                    replace.push("consumerGroupName");
                }
            }
            Form::Http(url) => {
                let words = url.differences(observed);
                if !words.is_empty() {
                    changes.form = Some(url.replacing(observed));
                    changes.words.extend(words);
                }
            }
            Form::Cls { max_wait, max_size, .. } => {
                for (keys, value, word) in [
                    (["max_wait", "Timeout"], Some(*max_wait), "maxWait"),
                    (["max_size", "MaxMsgNum"], *max_size, "maxSize"),
                ] {
                    let listed = keys.iter().find_map(|key| observed.field(key));
                    if let (Some(listed), Some(value)) = (listed, value)
                        && as_text(listed) != value.to_string()
                    {
                        replace.push(word);
                    }
                }
            }
            Form::Clb { weight, .. } => {
                if observed.weight.is_some_and(|listed| listed != *weight) {
                    changes.weight = Some(*weight);
                    changes.words.push(format!("weight to {weight}"));
                }
            }
            // The rule and the event are the trigger's identity.
            Form::Cos(_) | Form::Mps { .. } => {}
        }
    }

    /// Whether both stand for the same trigger, on whatever version or alias.
    #[must_use]
    pub fn is_same(&self, observed: &ObservedTrigger) -> bool {
        if observed.kind != self.kind().name() {
            return false;
        }
        match &self.form {
            Form::Timer { .. } | Form::Ckafka(_) | Form::Http(_) => observed.name == self.name,
            Form::Cos(rule) => observed.name == self.name && CosRule::read(&observed.form) == *rule,
            Form::Cls { topic, .. } => {
                observed.resource == *topic
                    || observed.field("topic_id").and_then(Value::as_str) == Some(topic)
            }
            Form::Mps { event } => {
                let listed = observed.field("eventType").and_then(Value::as_str);
                observed.resource == format!("{event}Event") || listed == Some(event)
            }
            Form::Clb { rule, .. } => observed.rule.as_ref() == Some(rule),
        }
    }

    /// Whether it stands where the file has it. A version or alias has one URL, whatever its
    /// name, and that keeps its address only while it stays.
    #[must_use]
    pub fn stands(&self, observed: &ObservedTrigger) -> bool {
        let same = match self.kind() {
            Kind::Http => observed.kind == Kind::Http.name(),
            _ => self.is_same(observed),
        };
        same && observed.qualifier == self.qualifier
    }

    /// Whether both cannot be there at the same time.
    #[must_use]
    pub fn excludes(&self, observed: &ObservedTrigger) -> bool {
        match &self.form {
            Form::Cos(rule) => {
                observed.kind == Kind::Cos.name()
                    && observed.name == self.name
                    && rule.overlaps(&CosRule::read(&observed.form))
            }
            // A topic and a type of task have one function.
            Form::Cls { .. } | Form::Mps { .. } => self.is_same(observed),
            Form::Timer { .. } | Form::Ckafka(_) | Form::Http(_) | Form::Clb { .. } => {
                self.stands(observed)
            }
        }
    }
}

impl FunctionUrl {
    /// What of a URL that is there is not as the file says.
    fn differences(&self, observed: &ObservedTrigger) -> Vec<String> {
        let mut words = Vec::new();
        let listed = |path: &str| observed.form.pointer(path).and_then(Value::as_bool);
        if observed.field("AuthType").and_then(Value::as_str) != Some(self.auth.as_str()) {
            words.push(format!("authorisation to {}", self.auth));
        }
        for (path, wanted, name) in [
            ("/NetConfig/EnableExtranet", self.extranet, "public network"),
            ("/NetConfig/EnableIntranet", self.intranet, "internal network"),
        ] {
            if listed(path).unwrap_or(false) != wanted {
                words.push(format!("{name} to {}", if wanted { "open" } else { "closed" }));
            }
        }
        let cors = observed.form.get("CorsConfig").and_then(Value::as_object);
        let had_cors = cors.and_then(|cors| cors.get("Enable")) == Some(&Value::Bool(true));
        match (had_cors, self.has_cors()) {
            (true, false) => words.push("CORS to closed".to_owned()),
            (false, true) => words.push("CORS to open".to_owned()),
            (false, false) => {}
            (true, true) => {
                let empty = Map::new();
                let (wanted, found) =
                    (self.cors.as_ref().unwrap_or(&empty), cors.unwrap_or(&empty));
                let differs = |(key, value): (&String, &Value)| match found.get(key) {
                    Some(listed) => plain(listed) != plain(value),
                    None => !is_nothing(value),
                };
                if wanted.iter().any(differs) {
                    words.push("CORS".to_owned());
                }
            }
        }
        words
    }

    /// The description that makes one that is there like this. CORS settings that the file no
    /// longer has are closed in so many words, because what is not sent may stay.
    fn replacing(&self, observed: &ObservedTrigger) -> String {
        let mut wanted = self.clone();
        if self.cors.is_none() && observed.form.pointer("/CorsConfig/Enable").is_some() {
            wanted.cors = Some(Map::from_iter([("Enable".to_owned(), Value::Bool(false))]));
        }
        Form::Http(wanted).description()
    }
}

/// A list without its order: methods and origins are sets.
fn plain(value: &Value) -> Value {
    let mut value = value.clone();
    if let Value::Array(items) = &mut value {
        items.sort_by_key(ToString::to_string);
    }
    value
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

/// Services list a number as text now and then.
fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl ObservedTrigger {
    /// A field of its description, in whatever case the service writes it.
    pub(super) fn field(&self, key: &str) -> Option<&Value> {
        let form = self.form.as_object()?;
        form.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }

    /// `TriggerDesc` of the calls that name a trigger which is there: as it was made with.
    /// `None` for the types whose name is enough.
    #[must_use]
    pub fn description_to_name_it(&self) -> Option<String> {
        match Kind::of(&self.kind) {
            Some(Kind::Timer | Kind::Http) => None,
            Some(Kind::Cos) => Some(Form::Cos(CosRule::read(&self.form)).description()),
            _ => Some(self.text.clone()).filter(|text| !text.is_empty()),
        }
    }

    /// The cron expression of a timer: `{"cron":"…"}` in answers.
    fn cron(&self) -> String {
        match self.field("cron").and_then(Value::as_str) {
            Some(cron) => cron.to_owned(),
            None => self.text.clone(),
        }
    }
}
