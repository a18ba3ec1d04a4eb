//! Triggers as wanted by serverless.yml.
//!
//! Spelling and defaults are those of the API reference, "`TriggerDesc` per type".

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value, json};

use super::{DEFAULT_ALIAS, Version};

/// The trigger types that this program deploys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TriggerKind {
    /// Timer (定时).
    Timer,
    /// Events of objects in a bucket.
    Cos,
    /// Messages of a topic (`ckafka`).
    Ckafka,
    /// A function URL (函数URL).
    Http,
    /// Logs of a CLS topic; created through CLS.
    Cls,
    /// Tasks of media processing; created through MPS.
    Mps,
    /// A forwarding rule of a load balancer; created through CLB.
    Clb,
}

impl TriggerKind {
    /// All types, in the order of their steps.
    pub const ALL: [Self; 7] =
        [Self::Timer, Self::Cos, Self::Ckafka, Self::Http, Self::Cls, Self::Mps, Self::Clb];

    /// Returns its name in the API and in serverless.yml.
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

    /// Returns the type with this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Returns whether a new trigger is enabled if the file does not say, as with the real
    /// component: it sends `CLOSE` for a missing `enable`, except for types that have no such
    /// switch at creation.
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

/// Returns a type's label for messages, whether the type is supported or not.
#[must_use]
pub fn label(kind: &str) -> String {
    match kind {
        "timer" => "timer".to_owned(),
        "http" => "function URL".to_owned(),
        other => format!("{other} trigger"),
    }
}

/// Type and name of a trigger, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerTitle {
    /// `timer`, `cos`, `http`, …
    pub kind: String,
    /// Its name or, for types without one, what identifies it.
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
    /// Maximum number of messages per invocation.
    pub max_messages: i64,
    /// `latest`, `earliest` or milliseconds, as a number if the file has one.
    pub offset: Value,
    /// Number of retries.
    pub retry: i64,
    /// Maximum wait for messages, in seconds.
    pub time_out: i64,
    /// `consumerGroupName`.
    pub group: Option<String>,
}

/// Settings of a function URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionUrl {
    /// `NONE` or `CAM`.
    pub auth: String,
    /// Whether it is open to the internal network.
    pub intranet: bool,
    /// Whether it is open to the public network.
    pub extranet: bool,
    /// `CorsConfig` in the API's spelling; `None` if the file has none.
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
    /// Path of the rule.
    pub url: String,
}

impl fmt::Display for BalancerRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { balancer, protocol, port, domain, url } = self;
        write!(formatter, "{balancer} {protocol}:{port} {domain}{url}")
    }
}

/// Type-specific settings of a trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A timer.
    Timer {
        /// Cron expression with seven fields, or the old five.
        cron: String,
        /// `CustomArgument`; empty for none.
        argument: String,
    },
    /// Events of objects in the bucket that the trigger is named after.
    Cos(CosRule),
    /// Messages of a topic (`ckafka`).
    Ckafka(Ckafka),
    /// A function URL.
    Http(FunctionUrl),
    /// Logs of a CLS topic.
    Cls {
        /// Topic id.
        topic: String,
        /// Maximum wait in seconds.
        max_wait: i64,
        /// Maximum number of messages per invocation; `None` leaves it to the service.
        max_size: Option<i64>,
    },
    /// Tasks of media processing.
    Mps {
        /// `WorkflowTask` or `EditMediaTask`.
        event: String,
    },
    /// A rule of a load balancer.
    Clb {
        /// The forwarding rule.
        rule: BalancerRule,
        /// Weight among the rule's targets, 0–100.
        weight: i64,
    },
}

/// Which events of which objects of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CosRule {
    /// `cos:ObjectCreated:*`, …
    pub event: String,
    /// Prefix of object names.
    pub prefix: String,
    /// Suffix of object names.
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

    /// Returns whether an event of an object may match both.
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
    /// Returns its type.
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

    /// Returns the `TriggerDesc` of a request, as compact JSON. Empty for types that are created
    /// through another product.
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
    /// `TriggerName` or, for types without one, what identifies the trigger.
    pub name: String,
    /// Version or alias that it calls.
    pub qualifier: String,
    /// Type-specific settings.
    pub form: Form,
    /// Whether it is enabled; `None` if the file does not say.
    pub enabled: Option<bool>,
    /// `Description`; `None` if the file does not say.
    pub description: Option<String>,
}

impl Trigger {
    /// Returns its type.
    #[must_use]
    pub fn kind(&self) -> TriggerKind {
        self.form.kind()
    }

    /// Returns the alias that it names, unless that is `$DEFAULT`.
    #[must_use]
    pub fn alias(&self) -> Option<&str> {
        let own = self.qualifier != DEFAULT_ALIAS && self.qualifier.parse::<Version>().is_err();
        own.then_some(self.qualifier.as_str())
    }

    /// Returns the load balancer's rule that it is bound to.
    #[must_use]
    pub fn rule(&self) -> Option<&BalancerRule> {
        match &self.form {
            Form::Clb { rule, .. } => Some(rule),
            _ => None,
        }
    }

    /// Returns its type and name.
    #[must_use]
    pub fn title(&self) -> TriggerTitle {
        TriggerTitle { kind: self.kind().name().to_owned(), name: self.name.clone() }
    }
}

/// The triggers in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedTriggers {
    /// Triggers to deploy, in the file's order.
    pub list: Vec<Trigger>,
    /// Versions and aliases that the file's events name, including skipped ones.
    pub named: BTreeSet<String>,
    /// Types with skipped events in the file; existing triggers of these types stay.
    pub skipped: BTreeSet<String>,
    /// Removes triggers that the file lacks from all versions and aliases.
    pub prune: bool,
}

impl WantedTriggers {
    /// Returns whether the file's events name a version by its number.
    #[must_use]
    pub fn name_versions(&self) -> bool {
        self.named.iter().any(|name| matches!(name.parse(), Ok(Version::Number(_))))
    }

    /// Returns whether the file decides about the triggers of a version or alias.
    ///
    /// Without any event, that is the one an event without `qualifier` would be on.
    pub(crate) fn owns(&self, qualifier: &str) -> bool {
        self.prune
            || self.named.contains(qualifier)
            || (self.named.is_empty() && qualifier == DEFAULT_ALIAS)
    }
}

/// Services sometimes list a number as a string.
pub(crate) fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
