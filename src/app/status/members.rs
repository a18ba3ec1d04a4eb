//! The functions that a look is about: the one that is named, that of the file, or all that a
//! project has.

use crate::app::deploy::instance::{Component, ComponentKind};
use crate::app::{Context, session};
use crate::config::function::Reader;
use crate::config::multi_scf;
use crate::config::project::IDENTIFY;
use crate::config::settings::{CommandLine, Settings};
use crate::config::warning::ConfigWarning;
use crate::error::{Error, RolloutError, RolloutOption};
use crate::model::FunctionId;
use crate::report::notice::Notice;

/// A function that is looked at.
pub(in crate::app) struct StatusMember {
    /// Its instance, or its key in a `multi-scf` instance, where there are several.
    pub key: Option<String>,
    /// Name, namespace and region of the function.
    pub function: FunctionId,
    /// What the file says.
    pub settings: Settings,
    /// Speaks for it.
    pub context: Context,
    /// The folder of its instance, where it is one of a project.
    pub folder: Option<String>,
}

/// The functions, and whether they are those of a project.
pub(in crate::app) struct Members {
    pub list: Vec<StatusMember>,
    /// Whether there may be several.
    pub is_project: bool,
}

impl Members {
    /// As [`Self::one`], as the only member.
    ///
    /// # Errors
    /// There are several.
    pub fn only(self, option: &'static str) -> Result<Self, Error> {
        self.one(option)?;
        Ok(Self { is_project: false, ..self })
    }

    /// The function, for what is done about one alone.
    ///
    /// # Errors
    /// There are several.
    pub fn one(&self, option: &'static str) -> Result<&StatusMember, Error> {
        match self.list.as_slice() {
            [one] => Ok(one),
            _ => Err(RolloutError::of_option(RolloutOption::OneFunction { option })),
        }
    }
}

/// Finds out which functions are meant. Calls nothing.
///
/// # Errors
/// No function is named anywhere, or a file cannot be read.
pub(in crate::app) fn find(context: &Context, settings: &Settings) -> Result<Members, Error> {
    let place = |key: &str| settings.command_place(key);
    let reader = Reader::new(&settings.project.command_inputs, &place);
    let named = reader.text("function")?.filter(|name| !name.is_empty());
    if settings.project.file.is_some() && is_multi(settings) {
        return of_multi(context, settings, named.as_deref());
    }
    let is_folder_of_instances = settings.project.file.is_none()
        && context.options.target.is_none()
        && !settings.instances().is_empty();
    if named.is_none() && is_folder_of_instances {
        return of_project(context, settings);
    }
    let function = settings.named_function()?;
    let (settings, context) = (settings.clone(), context.clone());
    let one = StatusMember { key: None, function, settings, context, folder: None };
    Ok(Members { list: vec![one], is_project: false })
}

fn is_multi(settings: &Settings) -> bool {
    matches!(ComponentKind::of(settings), Ok(ComponentKind::Deployed(Component::MultiScf)))
}

/// The settings of each function of a `multi-scf` instance.
fn functions(settings: &Settings) -> Result<Vec<Settings>, Error> {
    // Which one is meant is looked at by whoever asks: it may be none of the file's.
    let mut settings = settings.clone();
    settings.project.inputs.shift_remove("function");
    settings.project.command_inputs.shift_remove("function");
    Ok(multi_scf::functions(&settings)?)
}

fn of_multi(context: &Context, settings: &Settings, named: Option<&str>) -> Result<Members, Error> {
    let mut list = Vec::new();
    for one in functions(settings)? {
        let (key, function) = (one.function_key.clone().unwrap_or_default(), one.function()?);
        let context = context.labelled(&key);
        list.push(StatusMember { key: Some(key), function, settings: one, context, folder: None });
    }
    let Some(named) = named else { return Ok(Members { list, is_project: true }) };
    let is_meant = |member: &StatusMember| member.key.as_deref() == Some(named);
    let meant = list.iter().position(|member| member.function.name == named);
    let meant = meant.or_else(|| list.iter().position(is_meant));
    let one = match meant {
        Some(index) => {
            StatusMember { key: None, context: context.clone(), ..list.swap_remove(index) }
        }
        // As its name in the cloud.
        None => StatusMember {
            key: None,
            function: settings.named_function()?,
            settings: settings.clone(),
            context: context.clone(),
            folder: None,
        },
    };
    Ok(Members { list: vec![one], is_project: false })
}

fn of_project(context: &Context, root: &Settings) -> Result<Members, Error> {
    let mut list = Vec::new();
    for folder in root.instances() {
        let of_folder = |error: Error| error.of_instance(folder.clone());
        let selection = CommandLine { member: Some(folder.clone()), ..context.selection.clone() };
        let identity = CommandLine { command: IDENTIFY, ..selection.clone() };
        let identity = context.load(&context.directory, &identity).map_err(of_folder)?;
        let name = identity.name().to_owned();
        let component =
            match ComponentKind::of(&identity).map_err(|error| of_folder(error.into()))? {
                ComponentKind::Deployed(component) => component,
                ComponentKind::Other(component) => {
                    context.sink.note(&Notice::NoFunctionOf { name, folder, component });
                    continue;
                }
            };
        let settings = context.load(&context.directory, &selection).map_err(of_folder)?;
        let of_member = context.of_member(&name, &folder);
        // What a look has no use for may be unknown: only the names count.
        let is_of_use =
            |warning: &&ConfigWarning| !matches!(warning, ConfigWarning::LeftOut { .. });
        let warnings: Vec<ConfigWarning> =
            settings.warnings.iter().filter(is_of_use).cloned().collect();
        of_member.warn(&warnings);
        let add = |list: &mut Vec<StatusMember>, key: String, settings: Settings| {
            let function = settings.function().map_err(|error| of_folder(error.into()))?;
            let (context, folder) = (of_member.clone(), Some(folder.clone()));
            list.push(StatusMember { key: Some(key), function, settings, context, folder });
            Ok::<_, Error>(())
        };
        match component {
            Component::Scf => add(&mut list, name, settings)?,
            Component::MultiScf => {
                for one in functions(&settings).map_err(of_folder)? {
                    let key = one.function_key.clone().unwrap_or_default();
                    add(&mut list, format!("{name}.{key}"), one)?;
                }
            }
        }
    }
    if list.is_empty() {
        return Err(session::no_project(root));
    }
    Ok(Members { list, is_project: true })
}
