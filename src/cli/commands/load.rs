//! `scfctl local load`: calls that nobody sends.

use clap::Args;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value, json};

use crate::app::load::LoadChange;
use crate::app::{self, Context, Done};
use crate::cli::args::{CallArgs, Options, Shared};
use crate::duration;
use crate::error::Error;

/// Options of `local load`.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Calls of the alias: 600/min, 10/s, 36000/h
    #[arg(long, value_name = "CALLS/TIME", value_parser = rate)]
    rate: Option<f64>,
    /// Alias that is called [default: $DEFAULT]
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// What a version does: '2: errors=5%'; repeatable
    ///
    /// As '2: errors=5%, duration=30ms'. errors: share of failed calls; bursts: their correlation within a minute, 0 to 1;
    /// duration: mean; spread: its standard deviation by the mean; throttled: share of refused
    /// calls; above: only while the version has this share; after: from so long from now on.
    #[arg(long, value_name = "LOAD", value_parser = version)]
    version: Vec<(String, Value)>,
    /// Faults of the monitor: 'delay=2m, lost=2%'
    #[arg(long, value_name = "FAULTS", value_parser = monitor)]
    monitor: Option<Value>,
    /// Share of calls that match a rule of the alias
    #[arg(long, value_name = "SHARE", value_parser = share)]
    matching: Option<f64>,
    /// Makes other calls of the same kind; for a new load
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// End the load and remove its points
    #[arg(long, conflicts_with_all = ["rate", "alias", "version", "monitor", "matching", "seed"])]
    clear: bool,
    #[command(flatten)]
    call: CallArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self {
            rate: _,
            alias: _,
            version: _,
            monitor: _,
            matching: _,
            seed: _,
            clear: _,
            call,
        } = self;
        call.put(options);
    }
}

impl Arguments {
    /// The names of the function and of its namespace, as they were given.
    pub(in crate::cli) fn names(&self) -> (Option<&str>, Option<&str>) {
        self.call.names()
    }

    /// Returns what becomes of the load.
    pub(in crate::cli) fn change(&self) -> LoadChange {
        if self.clear {
            return LoadChange::Clear;
        }
        let mut versions = Map::new();
        for (version, change) in &self.version {
            let changes = versions.entry(version).or_insert_with(|| json!([]));
            if let Some(changes) = changes.as_array_mut() {
                changes.push(change.clone());
            }
        }
        let mut load = Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            load.extend(value.map(|value| (key.to_owned(), value)));
        };
        put("alias", self.alias.clone().map(Value::from));
        put("rate_per_min", self.rate.map(Value::from));
        put("matching", self.matching.map(Value::from));
        put("versions", (!versions.is_empty()).then_some(Value::Object(versions)));
        put("monitor", self.monitor.clone());
        put("seed", self.seed.map(Value::from));
        if load.is_empty() { LoadChange::Keep } else { LoadChange::Set(load.into()) }
    }
}

/// Sets, ends or shows the load of a function.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    let mut context = context.clone();
    let (function, namespace) = arguments.names();
    for (key, value) in [("function", function), ("namespace", namespace)] {
        if let Some(value) = value {
            context.selection.inputs.insert(key.to_owned(), value.into());
        }
    }
    app::load::run(&context, &arguments.change())
}

/// How a value of a key is written.
#[derive(Clone, Copy)]
enum Form {
    Share,
    Number,
    Seconds,
    Milliseconds,
}

/// Keys of `--version`, each with the word that the local SCF has for it.
const OF_VERSION: &[(&str, &str, Form)] = &[
    ("errors", "error_rate", Form::Share),
    ("bursts", "error_rho", Form::Share),
    ("duration", "duration_ms", Form::Milliseconds),
    ("spread", "duration_cv", Form::Number),
    ("throttled", "throttle_rate", Form::Share),
    ("above", "above_share", Form::Share),
    ("after", "after_s", Form::Seconds),
];

/// Keys of `--monitor`.
const OF_MONITOR: &[(&str, &str, Form)] = &[
    ("delay", "delay_s", Form::Seconds),
    ("lost", "drop_rate", Form::Share),
    ("rising", "rising_s", Form::Seconds),
];

/// Reads `600/min`.
fn rate(text: &str) -> Result<f64, String> {
    let error = || "write calls a time, such as 600/min, 10/s or 36000/h".to_owned();
    let (calls, time) = text.split_once('/').ok_or_else(error)?;
    let calls: f64 = calls.trim().parse().map_err(|_| error())?;
    let a_minute = match time.trim() {
        "s" | "sec" => 60.0,
        "m" | "min" => 1.0,
        "h" => 1.0 / 60.0,
        _ => return Err(error()),
    };
    let rate = calls * a_minute;
    if (0.0..=1e9).contains(&rate) { Ok(rate) } else { Err("must be from 0 to 1e9/min".to_owned()) }
}

/// Reads `5%` or `0.05`.
fn share(text: &str) -> Result<f64, String> {
    let number = number(text)?;
    if (0.0..=1.0).contains(&number) {
        Ok(number)
    } else {
        Err("must be from 0 to 100%".to_owned())
    }
}

fn number(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let (digits, percent) = match text.strip_suffix('%') {
        Some(digits) => (digits.trim_end(), true),
        None => (text, false),
    };
    let number: f64 =
        digits.parse().map_err(|_| format!("`{text}` is not a number: write 5% or 0.05"))?;
    if !number.is_finite() || number < 0.0 {
        return Err("must be 0 or more".to_owned());
    }
    // Divided, 5% is what 0.05 is.
    Ok(if percent { number / 100.0 } else { number })
}

/// Reads `120s`, `2m`, `30ms` in milliseconds.
fn milliseconds(text: &str) -> Result<f64, String> {
    let text = text.trim();
    if text.strip_prefix('-').is_some_and(|rest| duration::seconds(rest).is_some()) {
        return Err("must be 0 or more".to_owned());
    }
    let millis = duration::seconds(text)
        .and_then(|seconds| seconds.checked_mul(Decimal::ONE_THOUSAND)?.to_f64());
    millis.ok_or_else(|| format!("`{text}` is not a time: write 30ms, 90s, 2m or 1h"))
}

/// Reads `2: errors=5%, duration=30ms`.
fn version(text: &str) -> Result<(String, Value), String> {
    let form = "write VERSION: KEY=VALUE,… such as '2: errors=5%, duration=30ms'";
    let (version, pairs) = text.split_once(':').ok_or_else(|| form.to_owned())?;
    let version = version.trim();
    if version.is_empty() {
        // In double quotes the shell replaces $LATEST by nothing.
        return Err(format!("no version before the colon: {form}, $LATEST in single quotes"));
    }
    let change = pairs_of(pairs, OF_VERSION)?;
    let is_condition = |key: &String| matches!(key.as_str(), "above_share" | "after_s");
    if change.keys().all(is_condition) {
        return Err(form.to_owned());
    }
    Ok((version.to_owned(), change.into()))
}

/// Reads `delay=2m, lost=2%`.
fn monitor(text: &str) -> Result<Value, String> {
    Ok(pairs_of(text, OF_MONITOR)?.into())
}

fn pairs_of(text: &str, keys: &[(&str, &'static str, Form)]) -> Result<Map<String, Value>, String> {
    let mut values = Map::new();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let known = || keys.iter().map(|(key, ..)| *key).collect::<Vec<_>>().join(", ");
        let (key, value) =
            pair.split_once('=').ok_or_else(|| format!("`{pair}` is not KEY=VALUE"))?;
        let key = key.trim();
        let (_, word, form) = keys
            .iter()
            .find(|(known, ..)| *known == key)
            .ok_or_else(|| format!("no key `{key}`: there are {}", known()))?;
        let read = match form {
            Form::Share => share(value),
            Form::Number => number(value),
            Form::Milliseconds => milliseconds(value),
            Form::Seconds => milliseconds(value).map(|value| value / 1000.0),
        };
        let value = read.map_err(|error| format!("{key}: {error}"))?;
        if values.insert((*word).to_owned(), value.into()).is_some() {
            return Err(format!("`{key}` is given twice"));
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_calls_a_minute() {
        for (text, a_minute) in
            [("600/min", 600.0), ("10/s", 600.0), ("6000/h", 100.0), ("0/m", 0.0)]
        {
            assert_eq!(rate(text), Ok(a_minute), "{text}");
        }
        for text in ["600", "/min", "-1/s", "1e10/min", "10/day", "NaN/s"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_version_does_what_is_said_of_it() {
        for (text, name, change) in [
            ("2: errors=5%, duration=30ms", "2", json!({"error_rate": 0.05, "duration_ms": 30.0})),
            (
                "$LATEST:errors=0.5,above=50%",
                "$LATEST",
                json!({"error_rate": 0.5, "above_share": 0.5}),
            ),
            (
                "3: throttled=1%, bursts=0.1, spread=150%, after=10m",
                "3",
                json!({"throttle_rate": 0.01, "error_rho": 0.1, "duration_cv": 1.5, "after_s": 600.0}),
            ),
        ] {
            assert_eq!(version(text), Ok((name.to_owned(), change)), "{text}");
        }
        for (text, told) in [
            ("2", "VERSION: KEY=VALUE"),
            ("2:", "VERSION: KEY=VALUE"),
            ("2: above=50%", "VERSION: KEY=VALUE"),
            (": errors=5%", "no version"),
            ("2: error=5%", "no key `error`: there are errors, bursts"),
            ("2: errors=105%", "errors: must be from 0 to 100%"),
            ("2: errors=5%, errors=6%", "given twice"),
            ("2: errors", "not KEY=VALUE"),
            ("2: duration=30", "write 30ms"),
            ("2: errors=5%, after=-10m", "after: must be 0 or more"),
            ("2: spread=inf", "spread: must be 0 or more"),
            ("2: spread=-1", "spread: must be 0 or more"),
            ("2: duration=1e400s", "duration: `1e400s` is not a time"),
            ("2: duration=1e305h", "duration: `1e305h` is not a time"),
        ] {
            let error = version(text).unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
        assert_eq!(
            monitor("delay=0s, lost=2%, rising=1m"),
            Ok(json!({"delay_s": 0.0, "drop_rate": 0.02, "rising_s": 60.0}))
        );
        assert!(monitor("late=1m").is_err());
    }
}
