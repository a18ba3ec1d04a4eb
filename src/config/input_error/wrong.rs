//! What is wrong with a key.

use std::fmt;

use serde_json::Value;

use super::{WrongAlias, WrongEvent, WrongFunctions, WrongMetric, WrongSetting};
use crate::config::ValueKind;
use crate::model::trigger::TriggerKind;

/// What is wrong with a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It is not there.
    #[error("is missing")]
    Missing,
    /// It is an empty text.
    #[error("is empty")]
    Empty,
    /// A value that is none of those that are allowed.
    #[error("is {0}")]
    Is(ShownValue),
    /// A value of another form.
    #[error("is {found}, not {wanted}")]
    Not {
        /// What it is.
        found: ShownValue,
        /// What it should be.
        wanted: WantedValue,
    },
    /// It has another form.
    #[error("is not {0}")]
    IsNot(WantedValue),
    /// It is not there, or has another form.
    #[error("is missing or not {0}")]
    MissingOrNot(WantedValue),
    /// A text of another form.
    #[error("is `{text}`, which is not {wanted}")]
    NoSuch {
        /// The text.
        text: String,
        /// What it should be.
        wanted: WantedValue,
    },
    /// An entry of a list has another form.
    #[error("has an entry that is not {0}")]
    EntryIsNot(WantedValue),
    /// It is too long.
    #[error("has {0}")]
    Has(ValueSize),
    /// A number that is no share.
    #[error("is {0}, outside 0 to 1")]
    NoShare(String),
    /// A share with more decimal places than the API has.
    #[error("is {0}, with more than 6 decimal places")]
    TooFine(String),
    /// A value without quotes, which would be sent as another text.
    #[error("is {0}, not a text, and would be sent as another text than it is written")]
    NotAsWritten(ValueKind),
    /// Nothing reads it.
    #[error("is not an input of {0}")]
    Unknown(InputsOf),
    /// A misspelt key of one whose absence a default makes up for.
    #[error("is not an input, and a default would stand in for it")]
    Misspelt,
    /// One of these at the top of the file.
    #[error("stands at the top of the file, and a default would stand in for it")]
    AtTop,
    /// A key of a list of pairs that was there before.
    #[error("gives `{0}` again")]
    Again(String),
    /// A setting or the code of a function.
    #[error(transparent)]
    Setting(#[from] WrongSetting),
    /// An alias.
    #[error(transparent)]
    Alias(#[from] WrongAlias),
    /// A trigger.
    #[error(transparent)]
    Event(#[from] WrongEvent),
    /// Several functions in one file.
    #[error(transparent)]
    Functions(#[from] WrongFunctions),
    /// What metrics are asked by.
    #[error(transparent)]
    Metric(#[from] WrongMetric),
}

impl Wrong {
    /// A value of another form, told by its kind.
    pub(crate) fn kind(found: &Value, wanted: WantedValue) -> Self {
        Self::Not { found: ShownValue::Kind(ValueKind::of(found)), wanted }
    }

    /// A value of another form, short ones as they are.
    pub(crate) fn value(found: &Value, wanted: WantedValue) -> Self {
        Self::Not { found: ShownValue::of(found), wanted }
    }

    /// The same, its texts without what a terminal would not show on the line.
    pub(crate) fn on_one_line(mut self) -> Self {
        let (Self::NoSuch { text, .. }
        | Self::Is(ShownValue::Literal(text))
        | Self::Again(text)
        | Self::Event(
            WrongEvent::NoQualifier(text)
            | WrongEvent::NoAccount(text)
            | WrongEvent::NoDot(text)
            | WrongEvent::NoTopicName(text)
            | WrongEvent::UnknownType(text),
        )) = &mut self
        else {
            return self;
        };
        if text.contains(char::is_control) {
            let shown = |letter: char| match letter {
                control if control.is_control() => control.escape_default().to_string(),
                other => other.to_string(),
            };
            *text = text.chars().map(shown).collect();
        }
        self
    }

    /// A text that is none of those that are allowed.
    pub(crate) fn text(found: impl Into<String>) -> Self {
        Self::Is(ShownValue::Literal(found.into()))
    }
}

/// A value in an error text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownValue {
    /// As it is.
    Literal(String),
    /// What it is: it is too long, or may hold passwords.
    Kind(ValueKind),
}

impl ShownValue {
    /// A value: short ones as they are.
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::String(text) if text.chars().count() <= 40 => Self::Literal(text.clone()),
            Value::Number(_) | Value::Bool(_) | Value::Null => Self::Literal(value.to_string()),
            other => Self::Kind(ValueKind::of(other)),
        }
    }
}

impl fmt::Display for ShownValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(text) => write!(formatter, "`{text}`"),
            Self::Kind(kind) => kind.fmt(formatter),
        }
    }
}

/// What a value should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WantedValue {
    /// A text.
    #[error("a text")]
    Text,
    /// True or false.
    #[error("true or false")]
    Boolean,
    /// A number.
    #[error("a number")]
    Number,
    /// A map.
    #[error("a map")]
    Map,
    /// A list.
    #[error("a list")]
    List,
    /// A list of texts.
    #[error("a list of texts")]
    Texts,
    /// A folder.
    #[error("a folder")]
    Folder,
    /// A version of a function.
    #[error("a version")]
    Version,
    /// The name of an alias.
    #[error("an alias name")]
    AliasName,
    /// The name of a function or namespace.
    #[error("a valid name")]
    Name,
    /// The name of a trigger.
    #[error("a trigger's name")]
    TriggerName,
    /// The name of an environment variable.
    #[error("a name that an environment variable may have")]
    VariableName,
    /// The name of a bucket.
    #[error("a bucket's name")]
    Bucket,
    /// The host name of a bucket.
    #[error("a bucket's whole host name")]
    BucketHost,
    /// A file of the package.
    #[error("a file of the package")]
    PackageFile,
    /// An id of a product.
    #[error("an id")]
    Id,
    /// The id of a load balancer.
    #[error("a load balancer's id")]
    BalancerId,
    /// The path of a URL.
    #[error("a path")]
    UrlPath,
    /// A layer.
    #[error("a layer")]
    Layer,
    /// A tag.
    #[error("a tag")]
    Tag,
    /// A pair of a list of pairs.
    #[error("a `key` with its `value`")]
    Pair,
    /// Where the reading of a topic begins.
    #[error("a place in a topic")]
    Offset,
    /// An entry of `events`.
    #[error("an event")]
    Event,
    /// `functions`.
    #[error("functions")]
    Functions,
    /// The name of a metric.
    #[error("a metric")]
    Metric,
    /// A time of day.
    #[error("a time")]
    Time,
    /// A time that is over.
    #[error("a time in the past")]
    PastTime,
}

/// How much a value has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueSize {
    /// Characters.
    #[error("{0} characters")]
    Characters(usize),
    /// Bytes.
    #[error("{0} bytes")]
    Bytes(usize),
    /// Bytes of all entries of a map.
    #[error("{0} bytes together")]
    BytesTogether(usize),
    /// Entries of a list.
    #[error("{0} entries")]
    Entries(usize),
}

/// Whose inputs they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InputsOf {
    /// The `scf` component.
    #[error("scf")]
    Scf,
    /// The `multi-scf` component.
    #[error("multi-scf")]
    MultiScf,
    /// A command.
    #[error("{0}")]
    Command(&'static str),
    /// A trigger of this type.
    #[error("a {0}")]
    Trigger(TriggerKind),
}
