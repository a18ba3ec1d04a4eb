//! What `deploy` does besides code and settings: an alias of one's own, instances kept warm.

use serde_json::Value;

use super::{InputError, MapReader, Reader};
use crate::config::input_error::{
    Advice, AliasAdvice, InputWarning, KeyRemark, SettingAdvice, ShownValue, Unit, ValueSize,
    WantedValue, Wrong, WrongSetting,
};
use crate::model::DESCRIPTION_LIMIT;
use crate::model::WantedProvision;
use crate::model::{DEFAULT_ALIAS, Version, Weight};
use crate::model::{NamedAlias, Sharing};

const WEIGHTS: &str = "additionalVersionWeights";
const MAIN: &str = "aliasFunctionVersion";
const DESCRIPTION: &str = "aliasDescription";
/// More than any account may have; the service knows how many are left.
const MOST_INSTANCES: i64 = 1_000_000;

/// Whether the file says the weights of an alias, so that `traffic` has nothing to say.
pub(super) fn has_weights(alias: &NamedAlias) -> bool {
    matches!(alias.sharing, Sharing::Weights { .. })
}

impl Reader<'_> {
    /// The alias of one's own that is routed (`aliasName`).
    pub(super) fn named_alias(
        &self,
        publish: bool,
        traffic: Option<Weight>,
    ) -> Result<Option<NamedAlias>, InputError> {
        let weights = self.additional_weight();
        let name = self.alias_name_at("aliasName")?;
        let main = self.version(MAIN)?;
        let weights = weights?;
        let description = self.description(DESCRIPTION, DESCRIPTION_LIMIT)?;
        let Some(name) = name else {
            for key in [WEIGHTS, MAIN, DESCRIPTION].iter().filter(|key| self.says(key)) {
                self.warn_of(key, KeyRemark::NoEffectWithout("aliasName"));
            }
            return Ok(None);
        };
        let sharing = match weights {
            Some(additional) => {
                if !publish && main.is_none() {
                    let instead = AliasAdvice::MainVersionOrPublish;
                    return Err(self.error(MAIN, Wrong::Missing, instead));
                }
                // The version that is published comes before the one that is given, as in the
                // real component.
                if publish && main.is_some() {
                    self.warn_of(MAIN, KeyRemark::PublishedIsMain { alias: name.clone() });
                }
                if traffic.is_some() {
                    self.warn_of("traffic", KeyRemark::WeightsDecide { alias: name.clone() });
                }
                Sharing::Weights { main: main.filter(|_| !publish), additional }
            }
            None if main.is_some() => {
                // Where the other one was typed.
                let place = self.place(MAIN);
                let missing = self.error(WEIGHTS, Wrong::Missing, AliasAdvice::WeightsOrNone);
                return Err(InputError { place, ..missing });
            }
            None if traffic.is_some() => Sharing::Traffic,
            None => {
                if name != DEFAULT_ALIAS {
                    self.warn(InputWarning::AliasLeft { name, place: self.place("aliasName") });
                }
                return Ok(None);
            }
        };
        Ok(Some(NamedAlias { name, sharing, description }))
    }

    /// `additionalVersionWeights`: absent, an empty list, or a list of one.
    #[allow(clippy::option_option)]
    fn additional_weight(&self) -> Result<Option<Option<(Version, Weight)>>, InputError> {
        let list = match self.get(WEIGHTS) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Array(list)) => list,
            Some(other) => {
                let what = Wrong::kind(other, WantedValue::List);
                return Err(self.error(WEIGHTS, what, AliasAdvice::Weights));
            }
        };
        let items: Vec<_> = list
            .iter()
            .enumerate()
            .map(|(position, item)| MapReader::of(self, item, format!("{WEIGHTS}.{position}")))
            .map(|item| item.ask(["version", "weight"]))
            .collect();
        let [version, weight] = match items[..] {
            [] => return Ok(Some(None)),
            [item] => item,
            _ => {
                let what = Wrong::Has(ValueSize::Entries(list.len()));
                return Err(self.error(WEIGHTS, what, AliasAdvice::OneVersion));
            }
        };
        let path = |name: &str| format!("{WEIGHTS}.0.{name}");
        let text = match version {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) | None => String::new(),
        };
        let version = text.parse().map_err(|_| {
            let what = if text.is_empty() {
                Wrong::Missing
            } else {
                Wrong::NoSuch { text: text.clone(), wanted: WantedValue::Version }
            };
            self.error(&path("version"), what, AliasAdvice::Version)
        })?;
        let share = match weight {
            Some(Value::Number(number)) => number.as_f64().map(Weight::from_f64),
            Some(_) | None => None,
        };
        let Some(Ok(weight)) = share else {
            let what = match weight {
                None | Some(Value::Null) => Wrong::Missing,
                Some(other) => Wrong::Is(ShownValue::of(other)),
            };
            return Err(self.error(&path("weight"), what, Advice::ShareOfSixPlaces));
        };
        Ok(Some(Some((version, weight))))
    }

    /// `provisionedNum`, of the version that `qualifier` names.
    pub(super) fn provision(&self) -> Result<Option<WantedProvision>, InputError> {
        let count = self.integer("provisionedNum", 0..=MOST_INSTANCES, Unit::Instances)?;
        let version = self.version("qualifier")?;
        let Some(count) = count.and_then(|count| u64::try_from(count).ok()) else {
            if version.is_some() {
                self.warn_of("qualifier", KeyRemark::NoEffectWithout("provisionedNum"));
            }
            return Ok(None);
        };
        if version == Some(Version::Latest) {
            let what = WrongSetting::LatestProvisioned;
            return Err(self.error("qualifier", what, SettingAdvice::PublishedVersion));
        }
        Ok(Some(WantedProvision { count, version }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FunctionInputs, InputErrors};
    use super::*;
    use crate::config::position::Position;
    use serde_json::json;

    fn read(extra: &Value) -> Result<FunctionInputs, InputErrors> {
        let mut inputs = json!({"src": "/code"});
        for (key, value) in extra.as_object().unwrap() {
            inputs[key] = value.clone();
        }
        let place = |key: &str| Position::File { file: format!("at {key}"), line: None };
        Reader::new(inputs.as_object().unwrap(), &place).function()
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let weights = |weights: Value| json!({"aliasName": "a", "aliasFunctionVersion": 1, "additionalVersionWeights": weights});
        for (inputs, key) in [
            (json!({"aliasName": "1a"}), "aliasName"),
            (json!({"aliasName": 1}), "aliasName"),
            (json!({"aliasName": "a", "aliasFunctionVersion": 1}), "additionalVersionWeights"),
            (
                json!({"aliasName": "a", "aliasFunctionVersion": 1, "traffic": 0.5}),
                "additionalVersionWeights",
            ),
            (json!({"aliasName": "a", "additionalVersionWeights": []}), "aliasFunctionVersion"),
            (json!({"aliasFunctionVersion": "n"}), "aliasFunctionVersion"),
            (json!({"aliasDescription": "x".repeat(1001)}), "aliasDescription"),
            (weights(json!({"2": 0.1})), "additionalVersionWeights"),
            (
                weights(json!([{"version": 2, "weight": 0.1}, {"version": 3, "weight": 0.1}])),
                "additionalVersionWeights",
            ),
            (weights(json!([{"weight": 0.1}])), "additionalVersionWeights.0.version"),
            (weights(json!([{"version": 2}])), "additionalVersionWeights.0.weight"),
            (weights(json!([{"version": 2, "weight": 1.1}])), "additionalVersionWeights.0.weight"),
            (
                weights(json!([{"version": 2, "weight": "0.1"}])),
                "additionalVersionWeights.0.weight",
            ),
            (
                weights(json!([{"version": "n+1", "weight": 0}])),
                "additionalVersionWeights.0.version",
            ),
            (weights(json!([3])), "additionalVersionWeights.0.version"),
            (json!({"provisionedNum": -1}), "provisionedNum"),
            (json!({"provisionedNum": true}), "provisionedNum"),
            (json!({"provisionedNum": 1.5}), "provisionedNum"),
            (json!({"provisionedNum": 1, "qualifier": "$LATEST"}), "qualifier"),
            (json!({"provisionedNum": 1, "qualifier": "prod"}), "qualifier"),
        ] {
            let errors = read(&inputs).unwrap_err().errors;
            assert_eq!(errors.len(), 1, "{inputs}: {errors:?}");
            assert_eq!(errors[0].key, key, "{inputs}");
        }
    }

    #[test]
    fn who_gets_which_share() {
        let weight = |text: &str| text.parse::<Weight>().unwrap();
        let two = Some((Version::Number(2), weight("0.1")));
        let list = json!([{"version": "2", "weight": 0.1}]);
        for (inputs, expected) in [
            (json!({"aliasName": "a", "traffic": 0.5}), Some(Sharing::Traffic)),
            (
                json!({"aliasName": "a", "aliasFunctionVersion": "1", "additionalVersionWeights": list}),
                Some(Sharing::Weights { main: Some(Version::Number(1)), additional: two }),
            ),
            (
                json!({"aliasName": "a", "publish": true, "aliasFunctionVersion": "1", "additionalVersionWeights": list}),
                Some(Sharing::Weights { main: None, additional: two }),
            ),
            (
                json!({"aliasName": "a", "publish": true, "additionalVersionWeights": []}),
                Some(Sharing::Weights { main: None, additional: None }),
            ),
            (json!({"aliasName": "a"}), None),
            (json!({"additionalVersionWeights": list}), None),
        ] {
            let read = read(&inputs).unwrap();
            assert_eq!(read.alias.map(|alias| alias.sharing), expected, "{inputs}");
        }
        let both = json!({
            "aliasName": "a", "aliasFunctionVersion": 1, "additionalVersionWeights": list,
            "traffic": 0.5,
        });
        let read = read(&both).unwrap();
        assert_eq!((read.traffic, read.warnings.len()), (None, 1));
    }
}
