//! Triggers that serverless.yml wants.
//!
//! Spelling and defaults are those of the API reference, "`TriggerDesc` per type".

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value, json};

use super::{DEFAULT_ALIAS, Version};

/// The types that this program deploys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TriggerKind {
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

impl TriggerKind {
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

impl fmt::Display for TriggerKind {
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

/// Type and name of a trigger, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerTitle {
    /// `timer`, `cos`, `http`, …
    pub kind: String,
    /// Its name; for the types that have none, what they are called after.
    pub name: String,
}

impl fmt::Display for TriggerTitle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} `{}`", label(&self.kind), self.name)
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
    pub(crate) fn read(form: &Value) -> Self {
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
    pub fn kind(&self) -> TriggerKind {
        match self {
            Self::Timer { .. } => TriggerKind::Timer,
            Self::Cos(_) => TriggerKind::Cos,
            Self::Ckafka(_) => TriggerKind::Ckafka,
            Self::Http(_) => TriggerKind::Http,
            Self::Cls { .. } => TriggerKind::Cls,
            Self::Mps { .. } => TriggerKind::Mps,
            Self::Clb { .. } => TriggerKind::Clb,
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
}

impl fmt::Display for Form {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timer { cron, .. } => formatter.write_str(cron),
            Self::Cos(CosRule { event, prefix, suffix }) => {
                formatter.write_str(event)?;
                for (name, part) in [("prefix", prefix), ("suffix", suffix)] {
                    if !part.is_empty() {
                        write!(formatter, ", {name} `{part}`")?;
                    }
                }
                Ok(())
            }
            Self::Ckafka(ckafka) => write!(
                formatter,
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
                write!(formatter, "{network}, authorisation {}{cors}", url.auth)
            }
            Self::Cls { max_wait, .. } => write!(formatter, "within {max_wait} s"),
            Self::Mps { event } => formatter.write_str(event),
            Self::Clb { weight, .. } => write!(formatter, "weight {weight}"),
        }
    }
}

impl FunctionUrl {
    pub(crate) fn has_cors(&self) -> bool {
        self.cors.as_ref().is_some_and(|cors| cors.get("Enable") == Some(&Value::Bool(true)))
    }
}

/// A trigger of the file, valid by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// `TriggerName`; for the types that have none, what they are called after.
    pub name: String,
    /// Version or alias that it calls.
    pub qualifier: String,
    /// What it is made of.
    pub form: Form,
    /// Whether it fires; `None` when the file does not say.
    pub enabled: Option<bool>,
    /// `Description`; `None` when the file does not say.
    pub description: Option<String>,
}

impl Trigger {
    /// Its type.
    #[must_use]
    pub fn kind(&self) -> TriggerKind {
        self.form.kind()
    }

    /// The alias that it names, other than the one that every function has.
    #[must_use]
    pub fn alias(&self) -> Option<&str> {
        let own = self.qualifier != DEFAULT_ALIAS && self.qualifier.parse::<Version>().is_err();
        own.then_some(self.qualifier.as_str())
    }

    /// The rule of a load balancer that it is bound to.
    #[must_use]
    pub fn rule(&self) -> Option<&BalancerRule> {
        match &self.form {
            Form::Clb { rule, .. } => Some(rule),
            _ => None,
        }
    }

    /// Its type and name.
    #[must_use]
    pub fn title(&self) -> TriggerTitle {
        TriggerTitle { kind: self.kind().name().to_owned(), name: self.name.clone() }
    }
}

/// What the file says of triggers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedTriggers {
    /// Those to deploy, in the file's order.
    pub list: Vec<Trigger>,
    /// The versions and aliases that the file's events name, the skipped ones included.
    pub named: BTreeSet<String>,
    /// Types of which the file has events that are skipped; those that are there stay.
    pub skipped: BTreeSet<String>,
    /// Remove what the file lacks from all versions and aliases.
    pub prune: bool,
}

impl WantedTriggers {
    /// Whether the file's events name a version by its number.
    #[must_use]
    pub fn name_versions(&self) -> bool {
        self.named.iter().any(|name| matches!(name.parse(), Ok(Version::Number(_))))
    }

    /// Whether the file decides about a version or alias. Without any event it is the one
    /// where an event without `qualifier` would have stood.
    pub(crate) fn owns(&self, qualifier: &str) -> bool {
        self.prune
            || self.named.contains(qualifier)
            || (self.named.is_empty() && qualifier == DEFAULT_ALIAS)
    }
}

/// Services list a number as text now and then.
pub(crate) fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
