//! From `inputs.src` to the files of a package, the same for every command that packs.

use std::path::{Path, PathBuf};

use super::Context;
use crate::config::function::{FileCode, FunctionInputs, PackedSource};
use crate::config::settings::{Cut, Settings};
use crate::error::Error;
use crate::package::{Hook, PackProgress, PackagePart, Rules, Selection};
use crate::report::notice::Notice;
use crate::report::{Sink, Work, WorkAmount};

/// How code is packed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PackOptions {
    /// Leave out what `.gitignore` files say, too.
    pub respect_gitignore: bool,
}

/// Lists what goes into the package. Runs nothing and reads no file's content.
pub(super) fn select(
    context: &Context,
    settings: &Settings,
    source: &PackedSource,
    installs_dependencies: bool,
    options: PackOptions,
    never: Option<&Path>,
) -> Result<Selection, Error> {
    let rules = Rules {
        folder: source.folder.clone(),
        project: settings.directory.clone(),
        exclude: source.exclude.clone(),
        include: source.include.clone(),
        target: source.target.clone(),
        installs_dependencies,
        respects_gitignore: options.respect_gitignore,
        now: context.clock.now().timestamp(),
        never: never.map(Path::to_owned),
    };
    if settings.cut == Cut::default() {
        return Ok(Selection::list(&rules)?);
    }
    let Cut { folder, exclude, include } = settings.cut.clone();
    Ok(Selection::part(&rules, &PackagePart { folder, exclude, include })?)
}

/// Where packages are remembered.
pub(super) fn cache(context: &Context) -> Option<PathBuf> {
    Some(cache_folder(context)?.join("packages"))
}

/// Where this program keeps what it can do without.
pub(super) fn cache_folder(context: &Context) -> Option<PathBuf> {
    let of_user = || Some(Path::new(context.variable("HOME")?).join(".cache"));
    let cache = context.variable("XDG_CACHE_HOME").map(PathBuf::from).or_else(of_user)?;
    cache.is_absolute().then(|| cache.join("scfctl"))
}

/// Shows how far packing has come.
pub(super) fn packing(sink: &dyn Sink) -> impl Fn(PackProgress) + Send + use<> {
    let transfer = sink.transfer(Work::Packing);
    move |progress| {
        transfer(WorkAmount {
            bytes: progress.bytes,
            all_bytes: progress.all_bytes,
            files: Some((progress.files, progress.all_files)),
        });
    }
}

/// Runs `src.hook`, which only a deployment that is not a rehearsal does: it may do anything.
/// Functions that share one have it run once.
pub(super) fn run_hook(
    context: &Context,
    settings: &Settings,
    inputs: &FunctionInputs,
) -> Result<(), Error> {
    let FileCode::Folder(source) = &inputs.code else { return Ok(()) };
    let Some(hook) = &source.hook else { return Ok(()) };
    if context.options.dry_run || context.selection.command != "deploy" {
        context.sink.note(&Notice::HookNotRun { folder: source.folder.clone() });
        return Ok(());
    }
    let folder = hook.folder.clone().unwrap_or_else(|| settings.directory.clone());
    if let Ok(mut run) = context.hooks_run.lock()
        && !run.insert((folder.clone(), hook.command.clone()))
    {
        return Ok(());
    }
    context.sink.step(&Notice::HookRuns { command: hook.command.clone() });
    let hook = Hook { command: hook.command.clone(), folder };
    // The real tool has these in its own environment by now.
    let mut variables = settings.project.dotenv_values.clone();
    variables.retain(|name, _| !context.environment.contains_key(name));
    let print = |line: &str| context.sink.step(&format!("  {line}"));
    Ok(hook.run(&variables, context.options.timeout, &print)?)
}
