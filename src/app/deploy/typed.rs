//! What was typed behind `--inputs` and the component of the file does not take.
//!
//! Unknown keys of a file are a warning: files are shared with the real CLI.

use crate::config::function::{InputError, InputErrors, Reader, successor};
use crate::config::input_error::{Advice, Wrong};
use crate::config::settings::Settings;
use crate::error::{Error, ProjectError};

use super::instance::Component;

/// Refuses what was typed and has no effect on an instance of this component.
pub(in crate::app) fn check(settings: &Settings, component: Component) -> Result<(), Error> {
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
            what: Wrong::Unknown(component.inputs()),
            instead: successor(&path)
                .cloned()
                .map(Advice::Successor)
                .or_else(|| meant.map(|meant| Advice::DidYouMean(meant.to_owned()))),
            key: path,
        })
        .collect();
    if !errors.is_empty() {
        return Err(InputErrors { errors, ..InputErrors::default() }.into());
    }
    let function = settings.function().ok().map(|function| function.name);
    match typed.get("function") {
        Some(named) if component == Component::Scf && named.as_str() != function.as_deref() => {
            let named = named.as_str().unwrap_or_default().to_owned();
            Err(ProjectError::OtherFunction { named, deployed: function.unwrap_or_default() }
                .into())
        }
        _ => Ok(()),
    }
}
