//! Values for `${output:…}` that the user gives: options, and a file of many.

use std::path::Path;

use serde_json::Value;

use crate::config::references::GivenValue;
use crate::config::yaml::ChangedScalar;
use crate::config::{json_text, pointer, text_file, yaml};
use crate::error::{EntryFlaw, Error, Task, ValueError, ValuesError};
use crate::javascript::json_number_text;
use crate::withheld;

/// Bytes of a file of values.
const LIMIT: u64 = 1_000_000;

/// Reads a value of `--output-value`.
pub(super) fn parse(text: &str) -> Result<GivenValue, ValueError> {
    let (key, value) = text.split_once('=').ok_or(ValueError::Output)?;
    if value.is_empty() {
        return Err(ValueError::EmptyOutput { key: key.to_owned() });
    }
    GivenValue::parse(key, value).ok_or(ValueError::Output)
}

/// All values: those of options come before those of the file. `from_variable` names the file
/// by a variable, which many runs share, so that one may have no use for what it holds.
///
/// # Errors
/// A file that cannot be read, or a key that is given twice.
pub(super) fn all(
    options: &[GivenValue],
    file: Option<&Path>,
    from_variable: bool,
) -> Result<Vec<GivenValue>, Error> {
    let mut given = options.to_vec();
    refuse_twins(&given, "--output-value")?;
    if let Some(path) = file {
        let mut of_file = read(path)?;
        refuse_twins(&of_file, &path.display().to_string())?;
        for one in &mut of_file {
            (one.is_for_this_run, one.is_of_file) = (!from_variable, true);
        }
        // What an option says of the same key comes before it, and says enough.
        of_file.retain(|one| options.iter().all(|option| option.key != one.key));
        given.append(&mut of_file);
    }
    Ok(given)
}

fn refuse_twins(given: &[GivenValue], place: &str) -> Result<(), Error> {
    for (position, one) in given.iter().enumerate() {
        if given[..position].iter().any(|other| other.key == one.key) {
            let (key, place) = (one.key.clone(), place.to_owned());
            return Err(ValuesError::Twice { key, place }.into());
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<GivenValue>, Error> {
    let owned = || path.to_owned();
    let io = |source: text_file::ReadError| Error::Io {
        task: Task::Read { path: owned() },
        source: source.into(),
    };
    let Some(text) = text_file::read(path, LIMIT).map_err(io)? else {
        return Err(ValuesError::NoFile { path: owned() }.into());
    };
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    let document = if is_json { yaml::parse_json(&text) } else { yaml::parse(&text) };
    let document = document.map_err(|error| ValuesError::Syntax { path: owned(), error })?;
    let mut given = Vec::new();
    match document.value {
        Value::Null => {}
        Value::Object(_) => flatten(&document.value, "", "", &mut |key, pointer, value| {
            let line = document.locations.get(pointer).map(|place| place.value.line);
            let wrong = |flaw| {
                let key = key.to_owned();
                Err(ValuesError::Entry { key, path: owned(), line, flaw }.into())
            };
            // Which of the two is meant nobody knows.
            let changed = if is_json {
                let path: Vec<String> = pointer::keys(pointer).collect();
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                json_text::changed(text.trim_start_matches('\u{feff}'), &path)
            } else {
                document.locations.changed(pointer)
            };
            if let Some(ChangedScalar { written, sent, .. }) = changed {
                let shown = !withheld::is_secret(key, &written);
                return wrong(EntryFlaw::Changed(shown.then_some((written, sent))));
            }
            let text = match value {
                Value::String(text) if !text.is_empty() => text.clone(),
                Value::Number(number) => json_number_text(number),
                Value::Bool(value) => value.to_string(),
                _ => return wrong(EntryFlaw::NoValue),
            };
            match GivenValue::parse(key, &text) {
                Some(one) => given.push(one),
                None => return wrong(EntryFlaw::NoOutput),
            }
            Ok(())
        })?,
        _ => return Err(ValuesError::NoMap { path: owned() }.into()),
    }
    Ok(given)
}

/// Takes a key, where it stands in the file, and its value.
type Take<'a> = dyn FnMut(&str, &str, &Value) -> Result<(), Error> + 'a;

/// Calls `take` with each single value; the keys of what is nested are joined by dots.
fn flatten(value: &Value, key: &str, pointer: &str, take: &mut Take<'_>) -> Result<(), Error> {
    let below = |name: &str, value: &Value, take: &mut Take<'_>| {
        let joined = if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
        flatten(value, &joined, &pointer::below(pointer, name), take)
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            map.iter().try_for_each(|(name, value)| below(name, value, take))
        }
        Value::Array(list) if !list.is_empty() => {
            let mut items = list.iter().enumerate();
            items.try_for_each(|(index, value)| below(&index.to_string(), value, take))
        }
        value => take(key, pointer, value),
    }
}
