//! What to write instead.

use std::borrow::Cow;
use std::fmt;

use super::{
    AliasAdvice, EventAdvice, FunctionsAdvice, MetricAdvice, SettingAdvice, Successor, WantedValue,
};
use crate::model::Unit;

/// What to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// This, letter by letter.
    Literal(Cow<'static, str>),
    /// This key.
    Write(String),
    /// This key, where it belongs.
    BelowInputs(&'static str),
    /// A value of this form.
    WriteA(WantedValue),
    /// A value of this form, said without a verb.
    A(WantedValue),
    /// The value in quotes.
    Quote,
    /// Nothing.
    LeaveOut,
    /// One of the two.
    LeaveOneOut,
    /// True or false, on the command line.
    Flag(String),
    /// True or false, in a file.
    FlagInFile(&'static str),
    /// A whole number.
    WriteNumber(WholeNumbers),
    /// A whole number, said without a verb.
    Number(WholeNumbers),
    /// No more than this.
    AtMost(usize),
    /// No more characters than this.
    AtMostCharacters(usize),
    /// A share.
    Share,
    /// A share, with an example.
    ShareForExample,
    /// A share of as many decimal places as the API has.
    ShareOfSixPlaces,
    /// One of many words.
    OneOf {
        /// The words.
        words: Vec<&'static str>,
        /// The one that was most likely meant.
        meant: Option<&'static str>,
    },
    /// One of a few words.
    Either(&'static [&'static str]),
    /// One of a few words, said with a verb.
    WriteEither(&'static [&'static str]),
    /// The known key that is most like it.
    DidYouMean(String),
    /// What became of the key.
    Successor(Successor),
    /// A list of this.
    ListOf(&'static str),
    /// A name.
    Name {
        /// What it has to obey.
        rule: NameRule,
        /// The reference that was most likely meant.
        reference: Option<ReferenceAdvice>,
    },
    /// About a setting or the code of a function.
    Setting(SettingAdvice),
    /// About an alias.
    Alias(AliasAdvice),
    /// About a trigger.
    Event(EventAdvice),
    /// About several functions in one file.
    Functions(FunctionsAdvice),
    /// About metrics.
    Metric(MetricAdvice),
}

impl Advice {
    /// A name that obeys a rule, instead of this one.
    pub(crate) fn name(rule: NameRule, given: &str) -> Self {
        Self::Name { rule, reference: ReferenceAdvice::of(given) }
    }

    /// A text that is written letter by letter.
    pub(crate) fn literal(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Literal(text.into())
    }
}

impl From<SettingAdvice> for Advice {
    fn from(advice: SettingAdvice) -> Self {
        Self::Setting(advice)
    }
}

impl From<AliasAdvice> for Advice {
    fn from(advice: AliasAdvice) -> Self {
        Self::Alias(advice)
    }
}

impl From<EventAdvice> for Advice {
    fn from(advice: EventAdvice) -> Self {
        Self::Event(advice)
    }
}

impl From<FunctionsAdvice> for Advice {
    fn from(advice: FunctionsAdvice) -> Self {
        Self::Functions(advice)
    }
}

impl From<MetricAdvice> for Advice {
    fn from(advice: MetricAdvice) -> Self {
        Self::Metric(advice)
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(text) => formatter.write_str(text),
            Self::Write(key) => write!(formatter, "write `{key}`"),
            Self::BelowInputs(key) => {
                write!(formatter, "write `{key}` below `inputs`, indented by spaces")
            }
            Self::WriteA(wanted) => write!(formatter, "write {wanted}"),
            Self::A(wanted) => wanted.fmt(formatter),
            Self::Quote => formatter.write_str("put it in quotes"),
            Self::LeaveOut => formatter.write_str("leave it out"),
            Self::LeaveOneOut => formatter.write_str("leave one of them out"),
            Self::Flag(key) => {
                write!(formatter, "write `--inputs {key}=true` or `--inputs {key}=false`")
            }
            Self::FlagInFile(key) => write!(formatter, "{key}: true or {key}: false"),
            Self::WriteNumber(numbers) => write!(formatter, "write {numbers}"),
            Self::Number(numbers) => numbers.fmt(formatter),
            Self::AtMost(most) => write!(formatter, "at most {most}"),
            Self::AtMostCharacters(most) => write!(formatter, "at most {most} characters"),
            Self::Share => formatter.write_str("a number from 0 to 1"),
            Self::ShareForExample => {
                formatter.write_str("a number from 0 to 1, for example 0.1 for 10 %")
            }
            Self::ShareOfSixPlaces => {
                formatter.write_str("a number from 0 to 1 with at most 6 decimal places")
            }
            Self::OneOf { words, meant } => {
                write!(formatter, "one of {}", words.join(", "))?;
                meant.map_or(Ok(()), |meant| write!(formatter, "; did you mean `{meant}`?"))
            }
            Self::Either(words) => formatter.write_str(&either(words, "or")),
            Self::WriteEither(words) => write!(formatter, "write {}", either(words, "or")),
            Self::Successor(successor) => successor.fmt(formatter),
            Self::DidYouMean(meant) => write!(formatter, "did you mean `{meant}`?"),
            Self::ListOf(entry) => write!(formatter, "a list of `{entry}`"),
            Self::Name { rule, reference: None } => rule.fmt(formatter),
            Self::Name { rule, reference: Some(reference) } => {
                write!(formatter, "{reference}; the rule: {rule}")
            }
            Self::Setting(advice) => advice.fmt(formatter),
            Self::Alias(advice) => advice.fmt(formatter),
            Self::Event(advice) => advice.fmt(formatter),
            Self::Functions(advice) => advice.fmt(formatter),
            Self::Metric(advice) => advice.fmt(formatter),
        }
    }
}

/// `a, b or c`.
fn either(words: &[&str], or: &str) -> String {
    match words {
        [] => String::new(),
        [word] => (*word).to_owned(),
        [words @ .., last] => format!("{} {or} {last}", words.join(", ")),
    }
}

/// The whole numbers that a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WholeNumbers {
    /// The least.
    pub from: i64,
    /// The greatest.
    pub to: i64,
    /// What is counted.
    pub unit: Option<Unit>,
}

impl fmt::Display for WholeNumbers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a whole number from {} to {}", self.from, self.to)?;
        self.unit.map_or(Ok(()), |unit| write!(formatter, " ({unit})"))
    }
}

/// What a name has to obey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameRule {
    /// Function.
    #[error("2 to 60 letters, digits, - and _, a letter first, a letter or digit last")]
    Function,
    /// Namespace.
    #[error("letters, digits, - and _, at most 30")]
    Namespace,
    /// Alias.
    #[error("1 to 64 letters, digits, - and _, a letter first")]
    Alias,
    /// Trigger.
    #[error("letters, digits, - and _, a letter first, at most 100")]
    Trigger,
    /// Environment variable.
    #[error("2 to 64 letters, digits and _, a letter first")]
    Variable,
    /// Id of a product.
    #[error("letters, digits, - and _")]
    Id,
    /// Bucket.
    #[error("lower-case letters, digits and hyphens, without the account's number")]
    Bucket,
}

/// The reference that a `${…}` in a name was most likely meant as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceAdvice {
    /// The variable of the environment.
    pub variable: String,
    /// The key at the top of the file.
    pub top: Option<&'static str>,
}

impl ReferenceAdvice {
    /// What is probably meant by a `${…}` that is no reference and landed in a name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let (_, rest) = name.split_once("${")?;
        let word: String =
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let variable = if word.is_empty() { "NAME".to_owned() } else { word };
        let mut tops = ["stage", "app", "name", "org"].into_iter();
        let top = tops.find(|top| *top == variable.to_lowercase());
        Some(Self { variable, top })
    }
}

impl fmt::Display for ReferenceAdvice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variable, top } = self;
        write!(formatter, "write `${{env:{variable}}}` for an environment variable")?;
        top.map_or(Ok(()), |top| write!(formatter, ", or `${{{top}}}` for the configuration's own"))
    }
}
