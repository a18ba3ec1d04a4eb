//! The inputs of `metric`.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde_json::Value;

use super::function::{InputError, Reader, nearest};
use super::input_error::{Advice, MetricAdvice, ShownValue, WantedValue, Wrong, WrongMetric};
use crate::duration;
use crate::model::Version;
use crate::model::metric::{CHINA, METRICS, Metric, MetricWish, PERIODS, USUAL_METRICS};

/// Seconds back from the end where nothing else is said.
const INTERVAL: i64 = 900;
/// The longest interval in seconds: half a year.
const LONGEST: i64 = 180 * 86_400;
/// Points of one series that a period is chosen for.
const FEW_POINTS: i64 = 1440;
/// The most points of one series.
const MOST_POINTS: i64 = 50_000;
/// Metrics times versions.
const MOST_VERSIONS: usize = 50;

impl Reader<'_> {
    /// What `metric` is asked for; `now` is the end where none is given.
    ///
    /// # Errors
    /// The first key that cannot be used.
    pub fn metric_wish(&self, now: DateTime<Utc>) -> Result<MetricWish, InputError> {
        let metrics = self.metrics()?;
        let versions = self.versions()?;
        let alias = self.alias_name_at("alias")?;
        if alias.is_some() && !versions.is_empty() {
            return Err(self.error("alias", WrongMetric::AliasAndVersion, Advice::LeaveOneOut));
        }
        let interval = self.interval()?;
        let until = self.time("endTime")?.unwrap_or(now);
        let begin = self.time("startTime")?;
        let back = TimeDelta::seconds(interval.unwrap_or(INTERVAL));
        let from = begin.or_else(|| until.checked_sub_signed(back)).unwrap_or(until);
        if from >= until {
            let wrong = WrongMetric::EndsBefore { from: shown(from), until: shown(until) };
            let key = if self.get("endTime").is_some() { "endTime" } else { "startTime" };
            return Err(self.error(key, wrong, MetricAdvice::Time));
        }
        let seconds = (until - from).num_seconds();
        let few = |period: &&u32| seconds / i64::from(**period) <= FEW_POINTS;
        let usual = PERIODS.iter().find(few).copied().unwrap_or(PERIODS[3]);
        let period = self.period()?.unwrap_or(usual);
        let points = seconds / i64::from(period);
        if points > MOST_POINTS {
            let wrong = WrongMetric::ManyPoints { points, most: MOST_POINTS };
            return Err(self.error("period", wrong, MetricAdvice::LongerPeriod));
        }
        // A period that has begun by then counts as a whole.
        let from = from.timestamp().div_euclid(i64::from(period)) * i64::from(period);
        let from = DateTime::from_timestamp(from, 0).unwrap_or(until);
        let interval_unused = begin.is_some() && interval.is_some();
        Ok(MetricWish { metrics, versions, alias, period, from, until, interval_unused })
    }

    /// The entries of a text with commas, or of a list.
    fn entries(&self, key: &str) -> Result<Vec<String>, InputError> {
        let texts = match self.get(key) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(items)) => {
                let text = |item: &Value| match item {
                    Value::String(text) => Some(text.clone()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                };
                items.iter().map(text).collect::<Option<Vec<_>>>()
            }
            Some(Value::String(text)) => Some(text.split(',').map(str::to_owned).collect()),
            Some(Value::Number(number)) => Some(vec![number.to_string()]),
            Some(_) => None,
        };
        let Some(texts) = texts else {
            let what = Wrong::kind(self.get(key).unwrap_or(&Value::Null), WantedValue::Texts);
            return Err(self.error_alone(key, what));
        };
        let mut entries: Vec<String> = Vec::new();
        for text in texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
            if !entries.iter().any(|known| known == text) {
                entries.push(text.to_owned());
            }
        }
        Ok(entries)
    }

    fn metrics(&self) -> Result<Vec<Metric>, InputError> {
        let names = self.entries("metric")?;
        if names.is_empty() {
            return Ok(METRICS[..USUAL_METRICS].to_vec());
        }
        let metric = |name: &String| {
            METRICS.iter().find(|metric| metric.name == name).copied().ok_or_else(|| {
                let words: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
                let same = |word: &&&str| word.eq_ignore_ascii_case(name);
                let meant = words.iter().find(same).copied();
                let meant = meant.or_else(|| {
                    let nearest = nearest(name, words.iter().copied())?;
                    words.iter().find(|word| **word == nearest).copied()
                });
                let what = Wrong::NoSuch { text: name.clone(), wanted: WantedValue::Metric };
                self.error("metric", what, Advice::OneOf { words, meant })
            })
        };
        names.iter().map(metric).collect()
    }

    fn versions(&self) -> Result<Vec<Version>, InputError> {
        let entries = self.entries("version")?;
        let given = self.get("version").filter(|value| !value.is_null());
        if entries.is_empty() && given.is_some() {
            // In double quotes the shell replaces $LATEST by nothing.
            return self.version("version").map(|version| version.into_iter().collect());
        }
        if entries.len() > MOST_VERSIONS {
            let what = Wrong::Has(super::input_error::ValueSize::Entries(entries.len()));
            return Err(self.error("version", what, Advice::AtMost(MOST_VERSIONS)));
        }
        let version = |text: &String| {
            text.parse().map_err(|_| {
                let what = Wrong::NoSuch { text: text.clone(), wanted: WantedValue::Version };
                self.error("version", what, MetricAdvice::Versions)
            })
        };
        entries.iter().map(version).collect()
    }

    fn period(&self) -> Result<Option<u32>, InputError> {
        let Some(value) = self.get("period").filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let seconds = seconds(value);
        let known = PERIODS.iter().find(|period| seconds == Some(i64::from(**period)));
        known.copied().map(Some).ok_or_else(|| {
            let instead = Advice::Either(&["60", "300", "3600", "86400"]);
            self.error("period", Wrong::Is(ShownValue::of(value)), instead)
        })
    }

    fn interval(&self) -> Result<Option<i64>, InputError> {
        let Some(value) = self.get("interval").filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let seconds = seconds(value).filter(|seconds| (60..=LONGEST).contains(seconds));
        seconds.map(Some).ok_or_else(|| {
            let what = Wrong::Is(ShownValue::of(value));
            self.error("interval", what, MetricAdvice::Interval { longest: LONGEST })
        })
    }

    /// A time, in China unless it says otherwise.
    fn time(&self, key: &str) -> Result<Option<DateTime<Utc>>, InputError> {
        let Some(text) = self.text(key)?.filter(|text| !text.trim().is_empty()) else {
            return Ok(None);
        };
        read_time(text.trim()).map(Some).ok_or_else(|| {
            let what = Wrong::NoSuch { text: text.clone(), wanted: WantedValue::Time };
            self.error(key, what, MetricAdvice::Time)
        })
    }
}

fn shown(time: DateTime<Utc>) -> String {
    time.with_timezone(&CHINA).format("%Y-%m-%d %H:%M:%S").to_string()
}

pub(super) fn read_time(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let forms = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let times = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let midnight = || {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(day.and_time(NaiveTime::MIN))
    };
    let time = times.or_else(midnight)?;
    Some(time.and_local_timezone(CHINA).single()?.to_utc())
}

/// A number of seconds, or one with its unit: `900`, `90s`, `15m`, `3h`, `7d`.
fn seconds(value: &Value) -> Option<i64> {
    let text = match value {
        Value::Number(number) => return number.as_i64(),
        Value::String(text) => text.trim(),
        _ => return None,
    };
    duration::whole(duration::seconds_or_number(text)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::position::Position;
    use serde_json::json;

    fn read(inputs: &Value) -> Result<MetricWish, InputError> {
        let place = |_: &str| Position::CommandLine;
        let now = DateTime::from_timestamp(1_700_000_100, 0).unwrap();
        Reader::new(inputs.as_object().unwrap(), &place).metric_wish(now)
    }

    fn times(inputs: &Value) -> (i64, i64, u32) {
        let wish = read(inputs).unwrap();
        (wish.from.timestamp(), wish.until.timestamp(), wish.period)
    }

    #[test]
    fn the_last_quarter_of_an_hour_is_usual() {
        let wish = read(&json!({})).unwrap();
        let names: Vec<_> = wish.metrics.iter().map(|metric| metric.name).collect();
        assert_eq!(names, ["Invocation", "Error", "Duration", "Throttle"]);
        assert_eq!((wish.versions, wish.alias, wish.interval_unused), (Vec::new(), None, false));
        // From the beginning of a minute on.
        assert_eq!(times(&json!({})), (1_699_999_200, 1_700_000_100, 60));
    }

    #[test]
    fn times_are_those_of_china_unless_they_say_otherwise() {
        for text in [
            "2023-11-15 06:00:00",
            "2023-11-15T06:00:00",
            "2023-11-15 06:00",
            "2023-11-15T06:00",
            "2023-11-15T06:00:00+08:00",
            "2023-11-14T22:00:00Z",
            "2023-11-14T23:00:00+01:00",
        ] {
            let (from, ..) = times(&json!({"startTime": text}));
            assert_eq!(from, 1_699_999_200, "{text}");
        }
        let day = json!({"startTime": "2023-11-14", "endTime": "2023-11-15"});
        assert_eq!(times(&day), (1_699_891_200, 1_699_977_600, 60));
    }

    #[test]
    fn long_stretches_have_long_periods() {
        for (interval, period) in [
            (json!(60), 60),
            (json!("15m"), 60),
            (json!("1d"), 60),
            (json!("25h"), 300),
            (json!("7d"), 3600),
            (json!("180d"), 86_400),
        ] {
            assert_eq!(times(&json!({"interval": interval})).2, period, "{interval}");
        }
        assert_eq!(times(&json!({"interval": "7d", "period": 60})).2, 60);
        assert!(read(&json!({"interval": 60, "startTime": "2023-11-15"})).unwrap().interval_unused);
    }

    #[test]
    fn several_metrics_and_versions_are_each_taken_once() {
        for (metrics, versions) in [
            (json!("Error,Mem,Error"), json!("2, 1,$LATEST,2")),
            (json!(["Error", "Mem"]), json!([2, 1, "$LATEST"])),
        ] {
            let wish = read(&json!({"metric": metrics, "version": versions})).unwrap();
            let names: Vec<_> = wish.metrics.iter().map(|metric| metric.name).collect();
            assert_eq!(names, ["Error", "Mem"]);
            let (two, one) = (Version::Number(2), Version::Number(1));
            assert_eq!(wish.versions, [two, one, Version::Latest]);
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (inputs, key, told) in [
            (json!({"metric": "invocation"}), "metric", "did you mean `Invocation`?"),
            (json!({"metric": "Invocations"}), "metric", "did you mean `Invocation`?"),
            (json!({"metric": true}), "metric", ""),
            (json!({"version": ""}), "version", "single quotes"),
            (json!({"version": "n"}), "version", "1,2"),
            (json!({"version": "1", "alias": "a"}), "alias", "leave one of them out"),
            (json!({"alias": "1a"}), "alias", ""),
            (json!({"period": 30}), "period", "60, 300, 3600 or 86400"),
            (json!({"interval": 0}), "interval", "15m"),
            (json!({"interval": "1y"}), "interval", "15m"),
            (json!({"interval": "181d"}), "interval", "15m"),
            (json!({"startTime": "yesterday"}), "startTime", "2024-05-01 12:00:00"),
            (json!({"startTime": 1_700_000_000}), "startTime", "quotes"),
            (json!({"startTime": "2024-01-01"}), "startTime", "2024-05-01 12:00:00"),
            (
                json!({"startTime": "2023-01-02", "endTime": "2023-01-01"}),
                "endTime",
                "2024-05-01 12:00:00",
            ),
            (json!({"interval": "60d", "period": 60}), "period", "longer one"),
        ] {
            let error = read(&inputs).unwrap_err();
            assert_eq!(error.key, key, "{inputs}: {error}");
            let instead = error.instead.as_ref().map(ToString::to_string).unwrap_or_default();
            assert!(instead.contains(told), "{inputs}: {error}: {instead}");
        }
    }
}
