//! Types of the domain: versions, weights, routings, function settings.
//!
//! Values are validated when they are parsed, so the planner and the executor do not check again.

mod code;
mod configuration;
mod list;
pub mod metric;
mod qualifier;
mod record;
mod setting;
mod spec;
pub mod trigger;
mod wish;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Serialize, Serializer};

pub use code::{CodeSource, CosObject, FunctionKind, IMAGE_RUNTIME, Image, Upload};
pub use configuration::{
    Configuration, DeadLetter, FileSystem, InstanceConcurrency, Layer, PLAIN, PlainSetting,
    Retries, Vpc,
};

pub use list::{MOST_LISTED, listed, listed_by, listed_versions};
pub use qualifier::Qualifier;
pub use record::FunctionRecord;
pub use setting::{Digested, Scalar, SettingsCall, SwitchWords, Unit, Unreported, Values};
pub use spec::FunctionSpec;
pub use wish::{
    AliasWish, Attributes, DEFAULT_DESCRIPTION, DESCRIPTION_LIMIT, NamedAlias, PUBLISH_KEY_LENGTH,
    RoutingWish, Sharing, WantedProvision,
};

/// Name of the default alias (默认流量), which every function has from its creation.
pub const DEFAULT_ALIAS: &str = "$DEFAULT";

/// Name of the only editable version.
pub const LATEST: &str = "$LATEST";

/// A value that violates the rules of its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// A version that is neither `$LATEST` nor a whole number of at least 1.
    #[error("`{0}` is not a version")]
    Version(String),
    /// A weight outside 0–1, or not a number.
    #[error("`{0}` is not a weight from 0 to 1")]
    Weight(String),
    /// A weight with more decimal places than [`Weight::MOST_PLACES`].
    #[error("weight `{0}` has more than {places} decimal places", places = Weight::MOST_PLACES)]
    WeightTooFine(String),
}

/// A version of a function: `$LATEST`, or a published number.
///
/// Published versions are named by decimal strings that count up from `"1"` (API reference, object
/// model). They sort as numbers, after `$LATEST`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// The editable version.
    Latest,
    /// A published, immutable version.
    Number(u64),
}

impl Version {
    /// Returns the number that the next publication will have: numbers only grow (API reference,
    /// object model).
    #[must_use]
    pub fn after(published: impl Iterator<Item = Self>) -> Self {
        match published.max() {
            Some(Self::Number(number)) => Self::Number(number.saturating_add(1)),
            Some(Self::Latest) | None => Self::Number(1),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => formatter.write_str(LATEST),
            Self::Number(number) => write!(formatter, "{number}"),
        }
    }
}

impl FromStr for Version {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ModelError::Version(text.to_owned());
        if text == LATEST {
            return Ok(Self::Latest);
        }
        if text.starts_with('0') || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(error());
        }
        text.parse().map(Self::Number).map_err(|_| error())
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A share of an alias's requests, 0–1.
///
/// Decimal, not `f64`: 1 − 0.9 must be sent as 0.1, not 0.09999999999999998. At most 6 decimal
/// places: the API declares a float without its width, and one of 32 bits (0.1 is 0.10000000149) is
/// exact to no more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weight(Decimal);

impl Weight {
    /// No requests.
    pub const ZERO: Self = Self(Decimal::ZERO);
    /// All requests.
    pub const ONE: Self = Self(Decimal::ONE);

    /// Maximum number of decimal places of a weight.
    pub const MOST_PLACES: u32 = 6;

    /// Validates and normalises a decimal.
    ///
    /// # Errors
    /// Fails outside 0–1, and for more than [`Weight::MOST_PLACES`] decimal places.
    pub fn new(value: Decimal) -> Result<Self, ModelError> {
        if value < Decimal::ZERO
            || value > Decimal::ONE
            || (value.is_zero() && value.is_sign_negative())
        {
            return Err(ModelError::Weight(value.to_string()));
        }
        let value = value.normalize();
        if value.scale() > Self::MOST_PLACES {
            return Err(ModelError::WeightTooFine(value.to_string()));
        }
        Ok(Self(value))
    }

    /// Converts a JSON number, by its shortest decimal form.
    ///
    /// # Errors
    /// Fails as [`Weight::new`] does, and for negative zero.
    pub fn from_f64(value: f64) -> Result<Self, ModelError> {
        let error = || ModelError::Weight(value.to_string());
        if value == 0.0 && value.is_sign_negative() {
            return Err(ModelError::Weight("-0".to_owned()));
        }
        if !(0.0..=1.0).contains(&value) {
            return Err(error());
        }
        // `Display` of a float is its shortest decimal text: what the user typed.
        let text = format!("{value}");
        match Decimal::from_str(&text) {
            Ok(decimal) => Self::new(decimal),
            Err(_) => Err(ModelError::WeightTooFine(text)),
        }
    }

    /// Converts a weight that the service reports. Rounds away the errors of binary arithmetic and
    /// of 32-bit floats.
    ///
    /// # Errors
    /// Fails outside 0–1.
    pub fn observed(value: f64) -> Result<Self, ModelError> {
        let decimal = Decimal::from_f64_retain(value)
            .ok_or_else(|| ModelError::Weight(value.to_string()))?
            .round_dp(Self::MOST_PLACES);
        Self::new(if decimal.is_zero() { Decimal::ZERO } else { decimal })
    }

    /// Returns what is left for the main version: 1 − this weight, exactly.
    #[must_use]
    pub fn complement(self) -> Self {
        Self((Decimal::ONE - self.0).normalize())
    }

    /// Returns the sum, or `None` if it exceeds 1.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let sum = self.0 + other.0;
        (sum <= Decimal::ONE).then(|| Self(sum.normalize()))
    }

    /// Returns the difference, or `None` if it is negative.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        (self >= other).then(|| Self((self.0 - other.0).normalize()))
    }

    /// Returns the JSON number. Its shortest text is this decimal.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        // A decimal with so few places always has a nearest f64.
        self.0.to_f64().unwrap_or_default()
    }

    /// Formats the share in per cent: `10%`, `0.5%`.
    #[must_use]
    pub fn percent(self) -> String {
        format!("{}%", (self.0 * Decimal::ONE_HUNDRED).normalize())
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for Weight {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with('-') {
            return Err(ModelError::Weight(text.to_owned()));
        }
        let decimal = Decimal::from_str(text).map_err(|_| ModelError::Weight(text.to_owned()))?;
        Self::new(decimal)
    }
}

impl Serialize for Weight {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_integer() {
            serializer.serialize_u64(u64::from(self.0 == Decimal::ONE))
        } else {
            serializer.serialize_f64(self.to_f64())
        }
    }
}

/// A match rule of an alias (`AddtionVersionMatchs`, 按规则路由).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MatchRule {
    /// The version that matching requests go to.
    pub version: Version,
    /// `invoke.headers.<name>`.
    pub key: String,
    /// `exact` or `range`.
    pub method: String,
    /// The text, or the range.
    pub expression: String,
}

impl fmt::Display for MatchRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, key, method, expression } = self;
        write!(formatter, "{version} when {key} {method} {expression}")
    }
}

/// Routing of an alias.
///
/// The main version receives what the additional versions do not (API reference, alias routing).
/// The API accepts one additional version, but other tools may have stored several, so routings
/// that are read can have more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routing {
    /// `FunctionVersion` of the alias.
    pub main: Version,
    /// `AdditionalVersionWeights`.
    pub additional: Vec<(Version, Weight)>,
    /// `AddtionVersionMatchs`.
    pub matches: Vec<MatchRule>,
}

impl Routing {
    /// Returns a routing that sends everything to one version.
    #[must_use]
    pub fn all_to(main: Version) -> Self {
        Self { main, additional: Vec::new(), matches: Vec::new() }
    }

    /// Returns a routing that sends `weight` to `additional` and the rest to `main`.
    #[must_use]
    pub fn split(main: Version, additional: Version, weight: Weight) -> Self {
        Self { main, additional: vec![(additional, weight)], matches: Vec::new() }
    }

    /// Returns the versions with their shares, without zero shares.
    ///
    /// Two routings with the same shares and rules have the same effect, whichever version is the
    /// main one.
    #[must_use]
    pub fn shares(&self) -> BTreeMap<Version, Weight> {
        let mut shares = BTreeMap::new();
        let mut give = |version: Version, weight: Weight| {
            let share = shares.entry(version).or_insert(Weight::ZERO);
            *share = share.checked_add(weight).unwrap_or(Weight::ONE);
        };
        for (version, weight) in &self.additional {
            give(*version, *weight);
        }
        let rest = self.rest();
        give(self.main, rest);
        // Rounding errors go to the largest share, so that the shares sum to 1.
        let lost = self.given().complement();
        if rest == Weight::ZERO
            && lost > Weight::ZERO
            && let Some((largest, _)) = self.additional.iter().max_by_key(|(_, weight)| *weight)
        {
            give(*largest, lost);
        }
        shares.retain(|_, weight| *weight > Weight::ZERO);
        shares
    }

    /// Returns the versions that it names: the main one, the additional ones and those of rules.
    #[must_use]
    pub fn versions(&self) -> Vec<Version> {
        let additional = self.additional.iter().map(|(version, _)| *version);
        let ruled = self.matches.iter().map(|rule| rule.version);
        let mut versions: Vec<Version> =
            std::iter::once(self.main).chain(additional).chain(ruled).collect();
        versions.sort_unstable();
        versions.dedup();
        versions
    }

    /// Returns the sum of the additional versions' weights.
    fn given(&self) -> Weight {
        let add = |sum: Weight, weight| sum.checked_add(weight).unwrap_or(Weight::ONE);
        self.additional.iter().map(|(_, weight)| *weight).fold(Weight::ZERO, add)
    }

    /// Returns the share that the additional versions leave to the main one.
    ///
    /// Several weights were each rounded: three times 0.333333 leave nothing.
    #[must_use]
    pub fn rest(&self) -> Weight {
        let rest = self.given().complement();
        let half_a_place = Decimal::new(5, Weight::MOST_PLACES + 1);
        let lost = half_a_place * Decimal::from(self.additional.len());
        if self.additional.len() > 1 && rest.0 <= lost { Weight::ZERO } else { rest }
    }

    /// Returns the share of one version by weight. Match rules are not counted.
    #[must_use]
    pub fn share_of(&self, version: Version) -> Weight {
        self.shares().get(&version).copied().unwrap_or(Weight::ZERO)
    }

    /// Formats the shares in per cent, followed by match rules: `10% $LATEST, 90% 1`.
    #[must_use]
    pub fn percentages(&self) -> String {
        let shares = self.shares();
        let shares =
            shares.iter().map(|(version, weight)| format!("{} {version}", weight.percent()));
        shares.chain(self.matches.iter().map(ToString::to_string)).collect::<Vec<_>>().join(", ")
    }

    /// Returns whether both send every request to the same version.
    ///
    /// Shares matter even with match rules: they apply to requests that no rule matches.
    #[must_use]
    pub fn same_effect(&self, other: &Self) -> bool {
        self.shares() == other.shares() && self.matches == other.matches
    }
}

impl fmt::Display for Routing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (version, weight) in self.shares() {
            if !first {
                formatter.write_str(", ")?;
            }
            first = false;
            write!(formatter, "{version}: {weight}")?;
        }
        for rule in &self.matches {
            write!(formatter, ", {rule}")?;
        }
        Ok(())
    }
}

impl Serialize for Routing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.shares().iter().map(|(version, weight)| (version.to_string(), *weight)),
        )
    }
}

/// An alias as the service reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// Its name, which may be `$DEFAULT`.
    pub name: String,
    /// Its routing.
    pub routing: Routing,
    /// Its description.
    pub description: String,
    /// Time of the last write as the service formats it, with a resolution of one second.
    pub modified: String,
}

/// A published or editable version as `ListVersionByFunction` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedVersion {
    /// Its number, or `$LATEST`.
    pub version: Version,
    /// Its description, which ends with the publish key if scfctl published it.
    pub description: String,
    /// Its status, if the service reports one.
    pub status: Option<String>,
    /// When it was published, as the service formats it.
    pub added: Option<String>,
    /// When it was last written, as the service formats it.
    pub modified: Option<String>,
}

impl PublishedVersion {
    /// Returns whether it can serve requests, now or once its publication is done.
    #[must_use]
    pub fn can_serve(&self) -> bool {
        !matches!(
            self.status.as_deref().map(Status::from),
            Some(Status::PublishFailed | Status::CreateFailed | Status::Deleting)
        )
    }
}

/// Returns the last published version: the highest number among those that can serve.
#[must_use]
pub fn last_published(versions: &[PublishedVersion]) -> Option<Version> {
    versions.iter().filter(|version| version.can_serve()).map(|version| version.version).max()
}

/// The status of a function or version (API reference, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Usable.
    Active,
    /// Being created.
    Creating,
    /// Creation failed; it can only be deleted and created again.
    CreateFailed,
    /// A change of code or configuration is in progress.
    Updating,
    /// The change failed; the previous content keeps serving.
    UpdateFailed,
    /// A publication is in progress.
    Publishing,
    /// The publication failed; published versions are unaffected.
    PublishFailed,
    /// The deletion is in progress.
    Deleting,
    /// The deletion failed.
    DeleteFailed,
    /// A status this program does not know.
    Unknown,
}

impl Status {
    /// Returns whether it will change by itself soon, so that waiting makes sense.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Creating | Self::Updating | Self::Publishing | Self::Deleting)
    }
}

impl From<&str> for Status {
    fn from(text: &str) -> Self {
        match text {
            "Active" => Self::Active,
            "Creating" => Self::Creating,
            "CreateFailed" => Self::CreateFailed,
            "Updating" => Self::Updating,
            "UpdateFailed" => Self::UpdateFailed,
            "Publishing" => Self::Publishing,
            "PublishFailed" => Self::PublishFailed,
            "Deleting" => Self::Deleting,
            "DeleteFailed" => Self::DeleteFailed,
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

/// The namespace that every account has.
pub const DEFAULT_NAMESPACE: &str = "default";

/// The region if none is given.
pub const DEFAULT_REGION: &str = "ap-guangzhou";

/// Identifies a function within an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionId {
    /// `FunctionName`.
    pub name: String,
    /// `Namespace`; `default` unless given.
    pub namespace: String,
    /// The function's region.
    pub region: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(text: &str) -> Weight {
        text.parse().unwrap()
    }

    #[test]
    fn the_complement_is_exact() {
        for (given, rest) in [
            ("0.9", "0.1"),
            ("0.7", "0.3"),
            ("0.1", "0.9"),
            ("1", "0"),
            ("0", "1"),
            ("0.01", "0.99"),
            ("0.001", "0.999"),
        ] {
            assert_eq!(weight(given).complement().to_string(), rest);
            assert_eq!(serde_json::to_string(&weight(given).complement()).unwrap(), rest);
        }
    }

    #[test]
    fn only_fractions_from_zero_to_one_are_weights() {
        for bad in [1.1, -0.1, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(Weight::from_f64(bad).is_err(), "{bad}");
        }
        for bad in ["1.01", "-0", "-0.0", "NaN", "", "20%", "0.1234567"] {
            assert!(bad.parse::<Weight>().is_err(), "{bad}");
        }
        assert_eq!(Weight::from_f64(0.1).unwrap(), weight("0.1"));
        assert_eq!(Weight::from_f64(1e-3).unwrap(), weight("0.001"));
        assert_eq!(Weight::observed(0.1 + 0.2).unwrap(), weight("0.3"));
        assert_eq!(Weight::observed(1.0 - 0.9).unwrap(), weight("0.1"));
        // 32-bit floats.
        for text in ["0.1", "0.9", "0.333333", "0.000001", "0.999999", "0.3", "1", "0"] {
            let narrow: f32 = text.parse().unwrap();
            assert_eq!(Weight::observed(f64::from(narrow)).unwrap(), weight(text));
            let rest = Weight::observed(f64::from(narrow)).unwrap().complement();
            assert_eq!(rest, weight(text).complement());
        }
        assert_eq!(Weight::observed(f64::from(1.000_000_1_f32)).unwrap(), Weight::ONE);
        // Whole per cents are another number.
        assert_ne!(Weight::observed(0.33).unwrap(), weight("0.333"));
    }

    #[test]
    fn versions_sort_as_numbers() {
        let mut versions: Vec<Version> =
            ["10", "9", "$LATEST"].iter().map(|text| text.parse().unwrap()).collect();
        versions.sort();
        assert_eq!(versions, [Version::Latest, Version::Number(9), Version::Number(10)]);
        for bad in ["", "0", "01", "+1", "-1", "1.0", "$latest", "n+1", "１"] {
            assert!(bad.parse::<Version>().is_err(), "{bad}");
        }
    }

    #[test]
    fn shares_that_were_rounded_one_by_one_are_everything_together() {
        let third = Weight::observed(f64::from(1.0_f32 / 3.0)).unwrap();
        let mut routing = Routing::all_to(Version::Number(9));
        routing.additional = (1..=3).map(|number| (Version::Number(number), third)).collect();
        assert_eq!(routing.rest(), Weight::ZERO);
        assert_eq!(routing.to_string(), "1: 0.333333, 2: 0.333333, 3: 0.333334");
        // A weight that was asked for is not a rounding error.
        let fine = Routing::split(Version::Number(1), Version::Number(2), weight("0.999999"));
        assert_eq!(fine.to_string(), "1: 0.000001, 2: 0.999999");
    }

    #[test]
    fn the_main_version_takes_the_rest() {
        let routing = Routing::split(Version::Latest, Version::Number(5), weight("0.8"));
        assert_eq!(routing.share_of(Version::Latest), weight("0.2"));
        assert_eq!(routing.to_string(), "$LATEST: 0.2, 5: 0.8");
        let turned = Routing::split(Version::Number(5), Version::Latest, weight("0.2"));
        assert!(routing.same_effect(&turned));
        assert!(
            Routing::split(Version::Latest, Version::Number(5), Weight::ZERO)
                .same_effect(&Routing::all_to(Version::Latest))
        );
    }
}
