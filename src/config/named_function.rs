//! The function that a command is about.

use serde_json::Value;

use super::function::{InputError, Reader};
use super::input_error::{FunctionsAdvice, SettingAdvice, Wrong, WrongSetting};
use super::multi_scf;
use super::position::Position;
use super::settings::Settings;
use crate::model::FunctionId;

impl Settings {
    /// The function that a command names with `function=`, else that of the project.
    ///
    /// # Errors
    /// No function is named anywhere, or the name does not obey the API's rule.
    pub fn named_function(&self) -> Result<FunctionId, InputError> {
        let place = |key: &str| self.command_place(key);
        let reader = Reader::new(&self.project.command_inputs, &place).written(self);
        let named = reader.text("function")?.filter(|name| !name.is_empty());
        if let Some(one) = self.one_of_several(named.as_deref()) {
            return one;
        }
        match named {
            Some(name) => self.function_named("function", name),
            None if self.project.file.is_some() => {
                // `name=` of an alias command names the alias, so only the file's name counts.
                let name = self.project.file_function_name.clone();
                if name.as_deref() == Some("") {
                    let place = |key: &str| self.place(key);
                    let file = Reader::new(&self.project.inputs, &place).written(self);
                    file.refuse_emptied(&["name"])?;
                }
                let name = name.filter(|name| !name.is_empty());
                self.function_named("name", name.unwrap_or_else(|| self.default_function()))
            }
            None => Err(InputError {
                key: "function".to_owned(),
                place: Position::CommandLine,
                what: WrongSetting::NoFunctionNamed.into(),
                instead: Some(SettingAdvice::NameFunction { instances: self.targets() }.into()),
            }),
        }
    }

    /// The function of a `multi-scf` file that its name or its key names, or the only one; `None`
    /// where a name is neither.
    fn one_of_several(&self, named: Option<&str>) -> Option<Result<FunctionId, InputError>> {
        if self.project.component.as_deref()?.split('@').next() != Some("multi-scf") {
            return None;
        }
        // What else the command is given, as the name of an alias, says nothing of functions.
        let is_theirs = |key: &str| ["namespace", "region"].contains(&key);
        let mut file = self.clone();
        let (inputs, given) = (&mut file.project.inputs, &mut file.project.command_inputs);
        inputs.retain(|key, _| is_theirs(key) || !given.contains_key(key));
        given.retain(|key, _| is_theirs(key));
        let functions = match multi_scf::functions(&file) {
            Ok(functions) => functions,
            Err(error) => {
                let known = file.project.inputs.get("functions").and_then(Value::as_object);
                let is_key = |named: &str| known.is_some_and(|known| known.contains_key(named));
                return named.is_none_or(is_key).then_some(Err(error));
            }
        };
        let key = |one: &Self| one.function_key.clone().unwrap_or_default();
        match (named, &functions[..]) {
            (Some(named), all) => {
                // A function that is called so goes before one that the file calls so.
                let is_name = |one: &&Self| one.function().is_ok_and(|it| it.name == named);
                let meant = all.iter().find(is_name);
                meant.or_else(|| all.iter().find(|one| key(one) == named)).map(Self::function)
            }
            (None, [one]) => Some(one.function()),
            (None, all) => Some(Err(InputError {
                key: "function".to_owned(),
                place: Position::CommandLine,
                what: Wrong::Missing,
                instead: Some(
                    FunctionsAdvice::OneOf { keys: all.iter().map(key).collect(), meant: None }
                        .into(),
                ),
            })),
        }
    }
}
