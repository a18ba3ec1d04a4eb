//! What was typed behind `--inputs` and the component of the file does not take, and what the
//! file misspells where a default would stand in for it.
//!
//! Other unknown keys of a file are a warning: files are shared with the real CLI.

use crate::config::function::{InputError, InputErrors, Reader};
use crate::config::settings::Settings;
use crate::error::Error;

use super::component::Component;

/// Refuses what was typed and has no effect on an instance of this component.
pub(super) fn check(settings: &Settings, component: Component) -> Result<(), Error> {
    let typed = settings.typed_inputs();
    let place = |key: &str| settings.place(key);
    let unknown = Reader::new(&typed, &place).unknown_keys();
    let of_component = |path: &str| match component {
        Component::Scf => true,
        // Its own spellings are known by now, and its lists hold other entries.
        Component::MultiScf => path
            .split_once('.')
            .is_some_and(|(key, _)| typed.get(key).is_some_and(serde_json::Value::is_object)),
    };
    let errors: Vec<InputError> = unknown
        .into_iter()
        .filter(|(path, _)| of_component(path))
        .map(|(path, meant)| InputError {
            place: settings.place(&path),
            what: format!("is not an input of {}", component.name()),
            instead: meant.map(|meant| format!("did you mean `{meant}`?")),
            key: path,
        })
        .collect();
    if !errors.is_empty() {
        return Err(InputErrors { errors, ..InputErrors::default() }.into());
    }
    let function = settings.function().ok().map(|function| function.name);
    match typed.get("function") {
        Some(named) if component == Component::Scf && named.as_str() != function.as_deref() => {
            Err(Error::usage(
                format!(
                    "`function` names `{}`, and the instance here deploys `{}`",
                    named.as_str().unwrap_or_default(),
                    function.unwrap_or_default()
                ),
                "leave `function` out; to deploy another instance, name its folder with --target",
            ))
        }
        _ => Ok(()),
    }
}

/// Keys for which something else stands in, silently, when they are misspelt.
const WITH_A_STAND_IN: &[&str] = &["handler", "publish", "runtime", "src", "traffic"];

/// Refuses a misspelt key of the file without which the function runs something else, or is
/// seen by others, than the file says.
pub(super) fn refuse_misspelt(settings: &Settings, reader: &Reader<'_>) -> Result<(), Error> {
    let inputs = &settings.project.inputs;
    let errors: Vec<InputError> = reader
        .unknown_keys()
        .into_iter()
        .filter_map(|(key, _)| {
            let meant = WITH_A_STAND_IN.iter().find(|known| is_misspelt(&key, known))?;
            (!inputs.contains_key(*meant)).then(|| InputError {
                place: settings.place(&key),
                what: "is not an input of scf".to_owned(),
                instead: Some(format!("did you mean `{meant}`?")),
                key,
            })
        })
        .collect();
    if errors.is_empty() {
        return Ok(());
    }
    Err(InputErrors { errors, ..InputErrors::default() }.into())
}

/// Whether one word is the other with a slip or two of the fingers, and not a word of its own.
fn is_misspelt(word: &str, known: &str) -> bool {
    let word: String = word
        .chars()
        .filter(|letter| !matches!(letter, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect();
    let slips = strsim::osa_distance(&word, known);
    let is_long = known.len() > 4 && word.len() >= known.len();
    slips <= if is_long { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_no_other_word() {
        for (word, known, misspelt) in [
            ("Handler", "handler", true),
            ("hanlder", "handler", true),
            ("handlr", "handler", true),
            ("trafic", "traffic", true),
            ("trafffic", "traffic", true),
            ("runTime", "runtime", true),
            ("rumtiem", "runtime", true),
            ("scr", "src", true),
            ("pubilsh", "publish", true),
            ("publics", "publish", true),
            ("public", "publish", false),
            ("published", "publish", true),
            ("publishes", "publish", true),
            ("publishAlias", "publish", false),
            ("source", "src", false),
            ("str", "src", false),
            ("arch", "src", false),
            ("handlers", "handler", true),
            ("traffics", "traffic", true),
            ("timeouts", "runtime", false),
        ] {
            assert_eq!(is_misspelt(word, known), misspelt, "{word}");
        }
    }
}
