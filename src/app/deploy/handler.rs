//! Runtime and handler: what a new function is created with, and whether the package holds
//! the file that a handler names.

use crate::config::function::{FileCode, FunctionInputs};
use crate::config::multi_scf;
use crate::config::settings::Settings;
use crate::error::{CodeError, Error, WantedFile};
use crate::model::{Configuration, FunctionKind, FunctionSpec};
use crate::package::Files;
use crate::plan::Observed;

/// The real component's runtime of a function whose file names none.
pub(super) fn default_runtime(settings: &Settings) -> &'static str {
    if settings.function_key.is_some() { multi_scf::DEFAULT_RUNTIME } else { "Nodejs10.15" }
}

/// What the real component creates a function with where the file says nothing.
pub(super) fn creation_defaults(settings: &Settings, inputs: &FunctionInputs) -> FunctionSpec {
    let runtime = inputs.spec.runtime.clone();
    let runtime = runtime.unwrap_or_else(|| default_runtime(settings).to_owned());
    let description = match settings.function_key {
        Some(_) => multi_scf::DEFAULT_DESCRIPTION.to_owned(),
        None => format!("This is a function in {} application", settings.app()),
    };
    let kind = inputs.spec.kind.unwrap_or_default();
    let image = matches!(inputs.code, FileCode::Image(_));
    let handler = (kind == FunctionKind::Event && !image).then(|| default_handler(&runtime));
    FunctionSpec {
        kind: Some(kind),
        protocol: None,
        handler: handler.map(str::to_owned),
        runtime: Some(runtime),
        configuration: Configuration {
            description: Some(description),
            memory_size: Some(128),
            timeout: Some(3),
            public_access: Some(true),
            fixed_egress: Some(false),
            ..Configuration::default()
        },
    }
}

fn default_handler(runtime: &str) -> &'static str {
    if runtime.starts_with("Go") {
        "main"
    } else if runtime.starts_with("Java") {
        "example.Hello::mainHandler"
    } else {
        "index.main_handler"
    }
}

/// Refuses a handler whose file is not packed, for runtimes whose file names are known.
pub(super) fn check_handler(handler: &str, runtime: &str, files: &dyn Files) -> Result<(), Error> {
    let error = |wanted: WantedFile| {
        let (handler, folder) = (handler.to_owned(), files.place().to_owned());
        let (WantedFile::Binary(name) | WantedFile::Module(name)) = &wanted;
        let below = files.below(name);
        Error::from(CodeError::HandlerFile { handler, wanted, folder, below })
    };
    if runtime.starts_with("Go") {
        return if files.contains(handler) {
            Ok(())
        } else {
            Err(error(WantedFile::Binary(handler.to_owned())))
        };
    }
    let endings: &[&str] = if runtime.starts_with("Python") {
        // A dotted module is a folder in Python.
        &["py", "pyc", "so"]
    } else if runtime.starts_with("Nodejs") {
        &["js", "mjs", "cjs"]
    } else if runtime.starts_with("Php") {
        &["php"]
    } else {
        // Java handlers name classes, custom runtimes whatever they like.
        return Ok(());
    };
    let Some((module, _)) =
        handler.rsplit_once('.').filter(|(module, name)| !module.is_empty() && !name.is_empty())
    else {
        return Err(CodeError::HandlerForm { handler: handler.to_owned() }.into());
    };
    let candidates: Vec<String> = endings
        .iter()
        .flat_map(|ending| {
            [format!("{module}.{ending}"), format!("{}.{ending}", module.replace('.', "/"))]
        })
        .chain([format!("{module}/__init__.py")])
        .collect();
    if candidates.iter().any(|name| files.contains(name)) {
        return Ok(());
    }
    Err(error(WantedFile::Module(format!("{module}.{}", endings[0]))))
}

/// Without a handler in the file, that of the function counts, or the default on creation.
pub(super) fn check_default_handler(
    inputs: &FunctionInputs,
    defaults: &FunctionSpec,
    observed: &Observed,
    files: &dyn Files,
) -> Result<(), Error> {
    if inputs.spec.handler.is_some() {
        return Ok(());
    }
    let spec = observed.latest.as_ref().map(|latest| &latest.spec);
    let said = |of: fn(&FunctionSpec) -> Option<&String>| spec.and_then(of).or(of(defaults));
    let handler = said(|spec| spec.handler.as_ref());
    match handler.zip(said(|spec| spec.runtime.as_ref())) {
        Some((handler, runtime)) => check_handler(handler, runtime, files),
        None => Ok(()),
    }
}
