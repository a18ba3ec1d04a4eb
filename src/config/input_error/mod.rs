//! What can be wrong with the keys of `inputs`, as values.
//!
//! English is the `Display` of each type, a fragment that goes on from the name of the key.

mod advice;
mod alias;
mod error;
mod errors;
mod event;
mod functions;
mod metric;
mod setting;
mod successor;
mod warning;
mod wrong;

pub use crate::model::Unit;
pub use advice::{Advice, NameRule, ReferenceAdvice, WholeNumbers};
pub use alias::{AliasAdvice, WrongAlias};
pub use error::InputError;
pub use errors::InputErrors;
pub(crate) use errors::LISTED;
pub use event::{Clash, CronField, EventAdvice, RetiredProduct, WrongCron, WrongEvent};
pub use functions::{FunctionsAdvice, WrongFunctions};
pub use metric::{MetricAdvice, WrongMetric};
pub use setting::{SettingAdvice, WrongSetting};
pub use successor::Successor;
pub use warning::{InputWarning, KeyRemark};
pub use wrong::{InputsOf, ShownValue, ValueSize, WantedValue, Wrong};
