//! Triggers.

use std::fmt;

use crate::model::trigger::TriggerKind;
use crate::model::{DEFAULT_ALIAS, LATEST};

/// What is wrong with a trigger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongEvent {
    /// An entry of more than one key.
    #[error("has the keys {}", .0.join(", "))]
    SeveralKeys(Vec<String>),
    /// A type that the service does not have.
    #[error("has the type `{0}`, which does not exist")]
    UnknownType(String),
    /// A type whose product does not exist any more.
    #[error("is a trigger of {0}, which the vendor retired")]
    Retired(RetiredProduct),
    /// Two that cannot both be.
    #[error("{clash} `{with}`")]
    Clash {
        /// Why not.
        clash: Clash,
        /// Dotted path of the other.
        with: String,
    },
    /// `enable: false` of a type that has no such switch.
    #[error("is false, but a {0} has no switch")]
    NoSwitch(TriggerKind),
    /// `qualifier`.
    #[error("is `{0}`, which no alias or version is called")]
    NoQualifier(String),
    /// `cronExpression`.
    #[error(transparent)]
    Cron(#[from] WrongCron),
    /// A bucket without the number of its account.
    #[error("is `{0}`, where the account's number is missing")]
    NoAccount(String),
    /// A bucket of another region.
    #[error("is in {bucket}, and the function in {function}: both have to be in one region")]
    OtherRegion {
        /// Region of the bucket.
        bucket: String,
        /// Region of the function.
        function: String,
    },
    /// A suffix without a dot.
    #[error("is `{0}`, which does not start with a dot")]
    NoDot(String),
    /// A name of a Kafka trigger, which is that of instance and topic.
    #[error("gives the trigger the name `{0}`, which is none of an instance and its topic")]
    NoTopicName(String),
}

/// Why two triggers cannot both be. The path of the other follows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Clash {
    /// Rules of a bucket that overlap.
    #[error("watches objects of `{bucket}` that are watched already by")]
    Objects {
        /// Host name of the bucket.
        bucket: String,
    },
    /// Two function URLs of a version or alias.
    #[error("is a function URL on `{qualifier}`, as is already")]
    FunctionUrl {
        /// Version or alias.
        qualifier: String,
    },
    /// The same source for two versions or aliases.
    #[error("is {kind} `{name}`, as is already")]
    Source {
        /// Type.
        kind: TriggerKind,
        /// Name.
        name: String,
    },
    /// The same name on the same version or alias.
    #[error("is {kind} `{name}` on `{qualifier}`, as is already")]
    Name {
        /// Type.
        kind: TriggerKind,
        /// Name.
        name: String,
        /// Version or alias.
        qualifier: String,
    },
}

/// A product that the vendor retired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RetiredProduct {
    /// API Gateway.
    #[error("API Gateway")]
    ApiGateway,
    /// CMQ.
    #[error("CMQ")]
    Cmq,
}

impl RetiredProduct {
    /// The product of a type of trigger.
    #[must_use]
    pub fn of(of_type: &str) -> Option<Self> {
        match of_type {
            "apigw" => Some(Self::ApiGateway),
            "cmq" => Some(Self::Cmq),
            _ => None,
        }
    }
}

/// What is wrong with a cron expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongCron {
    /// It has no field.
    #[error("is empty")]
    Empty,
    /// It has neither seven fields nor five.
    #[error("is `{text}`, which has {count} fields")]
    Fields {
        /// The expression.
        text: String,
        /// How many there are.
        count: usize,
    },
    /// A field has something that it does not take.
    #[error("is `{text}`, where `{wrong}` is not {field} ({from} to {to}{}, with * - , /)", range_of(.names))]
    Field {
        /// The expression.
        text: String,
        /// What is wrong.
        wrong: String,
        /// The field.
        field: CronField,
        /// Its least number.
        from: u32,
        /// Its greatest number.
        to: u32,
        /// Names that may stand for its numbers.
        names: &'static [&'static str],
    },
}

fn range_of(names: &[&str]) -> String {
    match (names.first(), names.last()) {
        (Some(first), Some(last)) => format!(", {first} to {last}"),
        _ => String::new(),
    }
}

/// A field of a cron expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CronField {
    /// Second.
    #[error("a second")]
    Second,
    /// Minute.
    #[error("a minute")]
    Minute,
    /// Hour.
    #[error("an hour")]
    Hour,
    /// Day of the month.
    #[error("a day")]
    Day,
    /// Month.
    #[error("a month")]
    Month,
    /// Day of the week.
    #[error("a weekday")]
    Weekday,
    /// Year.
    #[error("a year")]
    Year,
}

/// What to write in place of a trigger, or of a parameter of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventAdvice {
    /// An entry of `events`.
    OneType,
    /// A parameter beside `parameters`.
    BelowParameters,
    /// What replaces a trigger of a retired product.
    InsteadOf {
        /// The product.
        product: RetiredProduct,
        /// Keys of the functions that it names, where the file describes several.
        functions: Vec<String>,
    },
    /// Rules of a bucket that overlap.
    OtherRules,
    /// Two function URLs.
    OneFunctionUrl,
    /// The same source twice.
    OneQualifier,
    /// The same name twice.
    OwnName,
    /// A trigger that cannot be switched off.
    LeaveOut,
    /// A load balancer's rule that cannot be switched off.
    NoWeight,
    /// `qualifier`.
    Qualifier,
    /// `cronExpression`.
    Cron,
    /// `bucket`.
    BucketOfRegion,
    /// `events` of a bucket.
    BucketEvent,
    /// `name` of a Kafka trigger.
    KafkaInstance,
    /// `topic` of a Kafka trigger.
    KafkaTopic,
    /// `name` and `topic` of a Kafka trigger.
    KafkaName,
    /// `offset` of a Kafka trigger.
    Offset,
    /// `topicId` of a log trigger.
    LogTopic,
    /// `loadBalanceId`.
    Balancer,
    /// `port` of a listener.
    Port,
    /// `domain` of a rule.
    Domain,
    /// `url` of a rule.
    Url,
}

impl fmt::Display for EventAdvice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::OneType => "one type with its content indented below it: `- timer:`",
            Self::BelowParameters => "put it below `parameters`",
            Self::InsteadOf { product, functions } => {
                match product {
                    RetiredProduct::ApiGateway => formatter.write_str(&function_urls(functions))?,
                    RetiredProduct::Cmq => formatter.write_str("a `ckafka` trigger")?,
                }
                "; or deploy the rest with --skip-unsupported-triggers"
            }
            Self::OtherRules => {
                "rules of a bucket that do not overlap: other events, prefixes or suffixes"
            }
            Self::OneFunctionUrl => "one function URL for each version or alias",
            Self::OneQualifier => "one version or alias for it",
            Self::OwnName => "give each a `name` of its own",
            Self::LeaveOut => "leave the event out",
            Self::NoWeight => "weight: 0, or leave the event out",
            Self::Qualifier => {
                return write!(
                    formatter,
                    "an alias, `{DEFAULT_ALIAS}`, `{LATEST}` or a version number"
                );
            }
            Self::Cron => {
                "seven fields (second, minute, hour, day, month, weekday, year), for example `*/5 * * * * * *` for \
                 every 5 seconds or `0 */5 * * * * *` for every 5 minutes"
            }
            Self::BucketOfRegion => "a bucket of the function's region",
            Self::BucketEvent => "`cos:ObjectCreated:*`, for example",
            Self::KafkaInstance => "the id of the instance, `ckafka-…`",
            Self::KafkaTopic => "the topic's name",
            Self::KafkaName => {
                "`name: ckafka-…`, the instance's id, and `topic`: letters, digits, `.`, `_` and `-`"
            }
            Self::Offset => "latest, earliest, or a time in milliseconds",
            Self::LogTopic => "the id of the log topic",
            Self::Balancer => "the id of the load balancer, `lb-…`",
            Self::Port => "the listener's port",
            Self::Domain => "the host name of the rule",
            Self::Url => "the path of the rule, `/` for all",
        };
        formatter.write_str(text)
    }
}

/// What replaces a gateway; of several functions each gets an entry of its own.
fn function_urls(functions: &[String]) -> String {
    let Some((first, rest)) = functions.split_first() else {
        return "a function URL: `- http:` with `parameters: {netConfig: {enableExtranet: true}}`"
            .to_owned();
    };
    let others: Vec<String> = rest.iter().map(|key| format!("`{key}`")).collect();
    let others = match others.as_slice() {
        [] => String::new(),
        [other] => format!(", and one more for {other}"),
        others => format!(", and one more for each of {}", others.join(", ")),
    };
    format!(
        "a function URL, one entry for each function: `- type: http`, `function: {first}`, \
         `parameters: {{netConfig: {{enableExtranet: true}}}}`{others}"
    )
}
