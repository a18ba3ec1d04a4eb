//! The code of a deployment: what is packed, and what is checked of it before any call.

use std::path::Path;
use std::sync::Arc;

use super::bootstrap::{self, BOOTSTRAP, CUSTOM_BOOTSTRAP, CUSTOM_RUNTIME};
use super::handler::{check_default_handler, check_handler, default_runtime};
use crate::api::BODY_LIMIT;
use crate::app::source::{self, PackOptions};
use crate::app::{Context, Warning};
use crate::config::function::{self, FunctionInputs, InputError, PackedSource};
use crate::config::input_error::{Advice, WrongSetting};
use crate::config::settings::{Cut, Settings};
use crate::error::{CodeError, Error, OptionsError};
use crate::model::{CodeSource, CosObject, FunctionKind, FunctionSpec, Image, Upload};
use crate::package::{self, Files, Finished, KnownPackage, PackProgress, Package, Selection};
use crate::plan::Observed;

/// Room for everything in the request but the package, in bytes.
const REQUEST_ROOM: usize = 64 * 1024;
/// The largest package that goes inline, in bytes.
pub(in crate::app) const INLINE_LIMIT: u64 = ((BODY_LIMIT - REQUEST_ROOM) / 4 * 3) as u64;
// What goes inline needs no temporary file.
const _: () = assert!(INLINE_LIMIT <= package::IN_MEMORY);

/// What the function is to run, before anything is packed.
#[derive(Debug, Clone)]
pub(in crate::app) enum WantedCode {
    /// Files of a folder.
    Folder(Arc<Selection>),
    /// A package that was made before.
    Finished(Arc<Finished>),
    /// An object of COS.
    Object(CosObject),
    Image(Image),
}

/// What is asked of a finished package.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::app) struct PackageDemands<'a> {
    /// Whether the code has to be one.
    pub is_finished: bool,
    /// The hash that it has to have.
    pub sha256: Option<&'a str>,
}

/// Lists the files and checks them, as far as it can be told before the function is looked at.
/// Tells what is probably a mistake, and what was done for it to start.
pub(in crate::app) fn prepare(
    context: &Context,
    settings: &Settings,
    inputs: &FunctionInputs,
    options: PackOptions,
    never: Option<&Path>,
    asked: PackageDemands<'_>,
) -> Result<(WantedCode, Vec<Warning>), Error> {
    let source = match &inputs.code {
        function::FileCode::Folder(source) => source,
        function::FileCode::Object(object) => {
            return Ok((WantedCode::Object(object.clone()), Vec::new()));
        }
        function::FileCode::Image(image) => {
            return Ok((WantedCode::Image(image.clone()), Vec::new()));
        }
    };
    let runtime = inputs.spec.runtime.as_deref().unwrap_or(default_runtime(settings));
    let unknown = inputs.spec.runtime.as_deref().and_then(bootstrap::unknown_runtime);
    if asked.is_finished || source.folder.is_file() {
        let package = finished(settings, inputs, source, options)?;
        if let Some(sha256) = asked.sha256 {
            package.verify(sha256)?;
        }
        let of_package = package.warnings();
        let told = of_package.iter().map(Warning::from).chain(unknown.map(Warning::from));
        let told: Vec<Warning> = told.collect();
        if inputs.spec.kind == Some(FunctionKind::Web) {
            bootstrap::check_finished(&package, BOOTSTRAP)?;
        } else if runtime == CUSTOM_RUNTIME {
            bootstrap::check_finished(&package, CUSTOM_BOOTSTRAP)?;
        } else if let Some(handler) = &inputs.spec.handler {
            check_handler(handler, runtime, &package)?;
        }
        return Ok((WantedCode::Finished(Arc::new(package)), told));
    }
    if asked.sha256.is_some() {
        return Err(OptionsError::HashOfNone.into());
    }
    let installs_dependencies = inputs.spec.configuration.install_dependency == Some(true);
    let mut selection =
        source::select(context, settings, source, installs_dependencies, options, never)?;
    let mut told: Vec<Warning> = selection.warnings().iter().map(Warning::from).collect();
    told.extend(unknown.map(Warning::from));
    if inputs.spec.kind == Some(FunctionKind::Web) {
        let entry_file = inputs.entry_file.as_deref();
        let done = bootstrap::ensure(&mut selection, runtime, entry_file)?;
        told.extend(done.map(Warning::from));
    } else if runtime == CUSTOM_RUNTIME {
        told.extend(bootstrap::ensure_custom(&mut selection)?.map(Warning::from));
    } else if let Some(handler) = &inputs.spec.handler {
        check_handler(handler, runtime, &selection)?;
    }
    Ok((WantedCode::Folder(Arc::new(selection)), told))
}

/// Reads a package that was made before, of which nothing is left out and to which nothing is
/// added: what would do so is refused.
fn finished(
    settings: &Settings,
    inputs: &FunctionInputs,
    source: &PackedSource,
    options: PackOptions,
) -> Result<Finished, Error> {
    let refused = |key: &str, what: WrongSetting| {
        let (key, place) = (settings.path(key), settings.place(key));
        InputError { key, place, what: what.into(), instead: Some(Advice::LeaveOut) }
    };
    if settings.cut != Cut::default() {
        return Err(refused("src", WrongSetting::PartOfFinished).into());
    }
    let PackedSource { folder, exclude, include, target, bucket: _, hook: _ } = source;
    for (key, is_given) in [
        ("src.exclude", !exclude.is_empty()),
        ("src.include", !include.is_empty()),
        ("src.targetDir", !target.is_empty()),
        // The service would add to it.
        ("installDependency", inputs.spec.configuration.install_dependency == Some(true)),
    ] {
        if is_given {
            return Err(refused(key, WrongSetting::NotOfFinished).into());
        }
    }
    if options.respect_gitignore {
        return Err(OptionsError::GitignoreOfFinished.into());
    }
    Ok(Finished::read(folder)?)
}

impl WantedCode {
    /// Checks what only the function that is there can tell, where the file does not.
    pub(super) fn check(
        &self,
        inputs: &FunctionInputs,
        defaults: &FunctionSpec,
        observed: &Observed,
    ) -> Result<(), Error> {
        let Some(files) = self.files() else { return Ok(()) };
        let latest = observed.latest.as_ref();
        let observed_web = latest.is_some_and(|latest| latest.spec.kind() == FunctionKind::Web);
        // That the API cannot change these is what counts, and the planner says it.
        let unchangeable = latest.is_some_and(|latest| {
            let runtime = inputs.spec.runtime.as_ref().zip(latest.spec.runtime.as_ref());
            latest.image.is_some()
                || inputs.spec.kind.is_some_and(|kind| kind != latest.spec.kind())
                || runtime.is_some_and(|(said, held)| said != held)
        });
        match inputs.spec.kind {
            _ if unchangeable => Ok(()),
            Some(FunctionKind::Web) => {
                let runtime = latest.and_then(|latest| latest.spec.runtime.as_deref());
                let default = defaults.runtime.as_deref();
                match runtime.filter(|runtime| Some(*runtime) != default) {
                    // The injected script is for the runtime that it was made for.
                    Some(runtime) if inputs.spec.runtime.is_none() && self.has_added(BOOTSTRAP) => {
                        let default = default.unwrap_or_default().to_owned();
                        let observed = runtime.to_owned();
                        Err(CodeError::BootstrapOfDefault { observed, default }.into())
                    }
                    _ => Ok(()),
                }
            }
            None if observed_web => {
                if let Self::Finished(package) = self {
                    return bootstrap::check_finished(package, BOOTSTRAP);
                }
                if files.contains(BOOTSTRAP) {
                    return Ok(());
                }
                Err(CodeError::IsWeb { folder: files.place().to_owned() }.into())
            }
            _ => {
                let runtime = latest.and_then(|latest| latest.spec.runtime.as_deref());
                // What the file does not say was not looked at before packing.
                if inputs.spec.runtime.is_none() && runtime == Some(CUSTOM_RUNTIME) {
                    return if files.is_executable(CUSTOM_BOOTSTRAP) {
                        Ok(())
                    } else {
                        Err(CodeError::IsCustom { folder: files.place().to_owned() }.into())
                    };
                }
                check_default_handler(inputs, defaults, observed, files)
            }
        }
    }

    /// The files that are sent, where there are any.
    fn files(&self) -> Option<&dyn Files> {
        match self {
            Self::Folder(selection) => Some(&**selection),
            Self::Finished(package) => Some(&**package),
            Self::Object(_) | Self::Image(_) => None,
        }
    }

    /// Whether a file was added that the folder does not have.
    fn has_added(&self, name: &str) -> bool {
        matches!(self, Self::Folder(selection) if selection.has_added(name))
    }

    /// The package that was made before, where it is one.
    pub(super) fn finished(&self) -> Option<Package> {
        match self {
            Self::Finished(package) => Some(package.package().clone()),
            Self::Folder(_) | Self::Object(_) | Self::Image(_) => None,
        }
    }

    /// Packs the files, where there are any. Takes its time.
    pub(super) fn pack(&self, progress: &dyn Fn(PackProgress)) -> Result<Option<Package>, Error> {
        match self {
            Self::Folder(selection) => Ok(Some(selection.pack(progress)?)),
            Self::Finished(package) => Ok(Some(package.package().clone())),
            Self::Object(_) | Self::Image(_) => Ok(None),
        }
    }

    /// The package, where it is known without making it.
    pub(in crate::app) fn known(&self, context: &Context) -> Option<KnownPackage> {
        if let Self::Finished(package) = self {
            return Some(package.package().known());
        }
        let Self::Folder(selection) = self else { return None };
        if context.options.no_cache || context.options.force {
            return None;
        }
        let fingerprint = selection.fingerprint()?;
        let known = package::recall(&source::cache(context)?, &fingerprint)?;
        context.sink.debug(&format!("package {} is known from before", known.sha256));
        Some(known)
    }

    /// Remembers the package of files that were listed before they were read.
    pub(in crate::app) fn remember(&self, context: &Context, package: &Package) {
        if let Self::Folder(selection) = self
            && let Some(cache) = source::cache(context)
            && let Some(fingerprint) = selection.fingerprint()
        {
            package::remember(&cache, &fingerprint, &package.known());
        }
    }

    /// What the planner is told.
    ///
    /// Base64 makes four bytes of three; what does not fit in a call, or is to go through a
    /// bucket of the user's, goes through COS.
    pub(super) fn source(
        &self,
        inputs: &FunctionInputs,
        region: &str,
        package: Option<&KnownPackage>,
    ) -> CodeSource {
        match self {
            Self::Folder(_) | Self::Finished(_) => {
                let sha256 = package.map(|package| package.sha256.clone()).unwrap_or_default();
                let bucket = match &inputs.code {
                    function::FileCode::Folder(source) => source.bucket.as_deref(),
                    _ => None,
                };
                let large = package.is_some_and(|package| package.size > INLINE_LIMIT);
                let upload =
                    (large || bucket.is_some()).then(|| Upload::new(bucket, region, &sha256));
                CodeSource::Package { sha256, upload }
            }
            Self::Object(object) => CodeSource::Object(object.clone()),
            Self::Image(image) => CodeSource::Image(image.clone()),
        }
    }
}
