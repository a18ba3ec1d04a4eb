//! `scfctl package`: the package that a deployment would send.

use std::path::{Path, PathBuf};

use super::deploy::code::{self, PackageDemands, WantedCode};
use super::deploy::instance::Component;
use super::deploy::typed;
use super::session;
use super::source::{self, PackOptions};
use super::warning::by_function;
use super::{AfterResult, Context, Done, Warning};
use crate::config::function::{FunctionInputs, Reader};
use crate::config::multi_scf;
use crate::config::position::WithoutEffect;
use crate::config::references::UnknownReference;
use crate::config::settings::Settings;
use crate::error::{Error, OptionsError};
use crate::package::{Destination, Digest, KnownPackage, PackageError, Selection};
use crate::report::Report;
use crate::report::notice::Notice;
use crate::report::package::{Package, PackageFile, Packages};
use crate::shell::quoted;

/// Inputs that decide about versions and traffic, and about no package.
const OF_A_RELEASE: &[&str] = &[
    "additionalVersionWeights",
    "aliasDescription",
    "aliasFunctionVersion",
    "aliasName",
    "provisionedNum",
    "publish",
    "publishDescription",
    "qualifier",
    "traffic",
];

/// What package is asked for.
#[derive(Debug)]
pub(crate) struct Request {
    /// Write it to this file.
    pub out: Option<PathBuf>,
    /// List its files.
    pub list: bool,
    /// How the code is packed.
    pub pack: PackOptions,
}

/// Builds the package of each function, or lists it. Calls nothing.
pub(crate) fn run(context: &Context, request: &Request) -> Result<Done, Error> {
    let settings = context.settings_without(UnknownReference::StandIn)?;
    if settings.project.file.is_none() {
        return Err(session::no_project(&settings));
    }
    let out = request.out.as_ref().map(|path| context.directory.join(path));
    let destination = out.as_deref().map(Destination::of).transpose();
    let destination = destination.map_err(|error| match error {
        PackageError::OutFolder { path, .. } => {
            let file = beside_code(&settings, &path);
            PackageError::OutFolder { path, file }
        }
        other => other,
    })?;
    let is_printed = destination.as_ref().is_some_and(Destination::is_standard_output);
    if is_printed && request.list {
        return Err(OptionsError::ListAndOut.into());
    }
    let component = Component::of(&settings).ok();
    if let Some(component) = component {
        typed::check(&settings, component)?;
    }
    for key in settings.typed_inputs().keys().filter(|key| OF_A_RELEASE.contains(&key.as_str())) {
        let (key, place) = (key.clone(), settings.place(key));
        context.sink.note(&WithoutEffect { key, place, command: "package" });
    }
    let is_several = component == Some(Component::MultiScf);
    let functions =
        if is_several { multi_scf::functions(&settings)? } else { vec![settings.clone()] };
    if let (Some(out), [_, _, ..]) = (&request.out, &functions[..]) {
        let keys = functions.iter().filter_map(|function| function.function_key.clone());
        return Err(OptionsError::OnePackage { functions: keys.collect(), out: out.clone() }.into());
    }
    let mut warned = Vec::new();
    let packed =
        pack_all(context, &functions, request, (out.as_deref(), destination.as_ref()), &mut warned);
    let told: Vec<_> = functions
        .iter()
        .zip(&warned)
        .map(|(one, warnings)| (one.function_key.as_deref(), &warnings[..]))
        .collect();
    for warning in by_function(&told) {
        context.sink.warning(&warning);
    }
    let packages = packed?;
    if is_printed {
        // Behind the package nothing else may stand.
        let sha256 = packages.first().and_then(|package| package.sha256.as_deref());
        let sha256 = sha256.unwrap_or_default();
        context.sink.note(&Notice::PackageHash { sha256: sha256.to_owned() });
        return Ok(Done { report: None, ending: AfterResult::Nothing, error: None });
    }
    if let (Some(Destination::File(_)), Some(out), [package]) =
        (&destination, &request.out, &packages[..])
    {
        let command = deploying(out, package);
        context.sink.note(&Notice::Finished { command });
    }
    let packages = match <[Package; 1]>::try_from(packages) {
        Ok([package]) if package.key.is_none() => Packages::One(package),
        Ok(one) => Packages::Several { functions: one.into() },
        Err(functions) => Packages::Several { functions },
    };
    Ok(Done::shown(Report::Package(packages)))
}

/// Makes the package of each function. What is probably a mistake is `warned` of each that was read.
fn pack_all(
    context: &Context,
    functions: &[Settings],
    request: &Request,
    (out, destination): (Option<&Path>, Option<&Destination>),
    warned: &mut Vec<Vec<Warning>>,
) -> Result<Vec<Package>, Error> {
    let mut packages: Vec<Package> = Vec::new();
    for function in functions {
        let packed = read(context, function).and_then(|inputs| {
            source::run_hook(context, function, &inputs)?;
            let (code, told) = code::prepare(
                context,
                function,
                &inputs,
                request.pack,
                out,
                PackageDemands::default(),
            )?;
            let of_inputs = inputs.warnings.iter().cloned().map(Warning::from);
            warned.push(of_inputs.chain(told).collect());
            package(context, &code, request, destination)
        });
        let Some(key) = &function.function_key else {
            packages.push(packed?.ok_or_else(|| elsewhere(None))?);
            continue;
        };
        let of_function = |error| match error {
            // Its keys name the function.
            Error::FunctionInputs(_) => error,
            other => other.of_instance(key.clone()),
        };
        match packed.map_err(of_function)? {
            Some(package) => packages.push(Package { key: Some(key.clone()), ..package }),
            None if functions.len() == 1 => return Err(elsewhere(Some(key))),
            None => {
                context.sink.note(&Notice::NoPackage { key: key.clone() });
            }
        }
    }
    Ok(packages)
}

/// A file for a package: in this folder, or beside the code, where nobody packs it the next time.
fn beside_code(settings: &Settings, folder: &Path) -> PathBuf {
    let src = settings.project.inputs.get("src");
    let text = src.and_then(|src| src.as_str().or_else(|| src.get("src")?.as_str()));
    let code: PathBuf = settings.directory.join(text.unwrap_or_default()).components().collect();
    let beside = code.parent().filter(|_| folder.starts_with(&code));
    beside.unwrap_or(folder).join("code.zip")
}

/// The command that deploys the package that was written.
fn deploying(out: &Path, package: &Package) -> String {
    let sha256 = package.sha256.as_deref().unwrap_or_default();
    let function = package.key.as_deref().map(|key| format!(" --function {}", quoted(key)));
    let (file, function) = (out.to_string_lossy(), function.unwrap_or_default());
    format!("scfctl deploy --package {} --sha256 {sha256}{function}", quoted(&file))
}

fn elsewhere(function: Option<&str>) -> Error {
    OptionsError::NoPackage { function: function.map(str::to_owned) }.into()
}

/// What the file says of a function.
fn read(context: &Context, settings: &Settings) -> Result<FunctionInputs, Error> {
    let place = |key: &str| settings.place(key);
    let path = |key: &str| settings.path(key);
    let mut reader = Reader::new(&settings.project.inputs, &place)
        .lenient(context.options.no_validation)
        // Triggers are no part of a package.
        .skipping_unsupported(true);
    if settings.function_key.is_some() {
        reader = reader.of_several(&path);
    }
    Ok(reader.function().map_err(|mut wrong| {
        for error in &mut wrong.errors {
            error.key = settings.path(&error.key);
        }
        wrong
    })?)
}

/// Builds or lists the package of one function; `None` where it has none.
fn package(
    context: &Context,
    code: &WantedCode,
    request: &Request,
    destination: Option<&Destination>,
) -> Result<Option<Package>, Error> {
    let (known, unpacked_size, file_count) = match code {
        WantedCode::Folder(selection) => {
            let known = made(context, code, selection, request, destination)?;
            (known, selection.size(), selection.count())
        }
        WantedCode::Finished(package) => {
            if let Some(destination) = destination {
                package.package().write_to(destination)?;
            }
            (Some(package.package().known()), package.size(), package.count())
        }
        WantedCode::Object(_) | WantedCode::Image(_) => return Ok(None),
    };
    let path = destination.map(|destination| {
        let (Destination::File(file) | Destination::Stream(file)) = destination;
        file.display().to_string()
    });
    let files = match code {
        WantedCode::Folder(selection) if request.list => Some(list(selection.digests()?)),
        WantedCode::Finished(package) if request.list => Some(list(package.digests()?)),
        _ => None,
    };
    let (sha256, size) = known.map(|known| (known.sha256, known.size)).unzip();
    Ok(Some(Package { key: None, path, sha256, size, unpacked_size, file_count, files }))
}

/// Makes the package of a folder, where that is asked for.
fn made(
    context: &Context,
    code: &WantedCode,
    selection: &Selection,
    request: &Request,
    destination: Option<&Destination>,
) -> Result<Option<KnownPackage>, Error> {
    let progress = source::packing(&*context.sink);
    if let Some(destination) = destination {
        return Ok(Some(selection.pack_to(destination, &progress)?.known()));
    }
    if request.list {
        return Ok(None);
    }
    if let Some(known) = code.known(context) {
        return Ok(Some(known));
    }
    let package = selection.pack(&progress)?;
    code.remember(context, &package);
    Ok(Some(package.known()))
}

/// The files with mode, size and hash.
fn list(digests: Vec<Digest>) -> Vec<PackageFile> {
    let file = |file: Digest| PackageFile {
        path: file.path,
        mode: format!("{:04o}", file.mode),
        size: file.size,
        sha256: file.sha256,
    };
    digests.into_iter().map(file).collect()
}
