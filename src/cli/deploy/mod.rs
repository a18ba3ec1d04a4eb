//! `scfctl deploy`: code, configuration, version, traffic of `$DEFAULT`, of one function or of
//! all that a project has.

mod bootstrap;
pub(super) mod code;
mod component;
mod handler;
mod instance;
mod outputs;
mod project;
mod report;
mod summary;

use std::num::NonZeroU8;
use std::path::Path;

use clap::Args;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use super::Context;
use super::connection::{self, Connection};
use super::source::PackOptions;
use crate::config::references::{NoOutput, OutputReference, Unknown};
use crate::config::settings::{Selection, Settings};
use crate::error::Error;
use component::{Component, Ended, Instance};
use instance::{Deployed, Failure};
use summary::Summary;

/// Options of `deploy`.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// With publish=true: publish only when the newest version differs from $LATEST
    #[arg(long)]
    if_changed: bool,
    /// Deploy the rest when events are of types that were retired (apigw, cmq)
    #[arg(long)]
    skip_unsupported_triggers: bool,
    /// Remove triggers that the file lacks from all versions and aliases
    #[arg(long)]
    prune_triggers: bool,
    #[command(flatten)]
    pack: PackOptions,
    /// Most functions that are deployed at the same time
    #[arg(long, value_name = "N", default_value = "8")]
    concurrency: NonZeroU8,
}

impl Arguments {
    fn slots(&self) -> Semaphore {
        Semaphore::new(self.concurrency.get().into())
    }
}

/// Deploys the instance in the folder, or all of the project whose folder it is.
pub(super) fn run(context: &Context, arguments: &Arguments) -> Result<(), Error> {
    let settings = load(context, &context.selection)?;
    if settings.project.file.is_none() {
        // As in the real CLI, a target is one instance.
        if context.options.target.is_none() && !settings.instances().is_empty() {
            return project::run(context, arguments, &settings);
        }
        return Err(connection::no_project(&settings));
    }
    context.warn(&settings.warnings);
    for reference in &settings.project.references {
        let root = project_folder(&settings);
        let checked = outputs::check_elsewhere(context, root, settings.app(), reference);
        checked.map_err(|none| refused(context, &context.selection, reference, none))?;
    }
    let instance = Instance::prepare(context, settings, arguments)?;
    context.header("deploy", &instance.settings);
    instance.warnings().iter().for_each(|warning| context.printer.warning(warning));
    connection::block_on(deploy_one(context, arguments, instance))
}

/// Settings to be checked before the first call. Outputs that are not known yet have stand-ins.
fn load(context: &Context, selection: &Selection) -> Result<Settings, Error> {
    let mut selection = selection.clone();
    selection.outputs.unknown = Unknown::StandIn;
    context.load(&context.directory, &selection)
}

/// The folder that an instance shares with the others of its project.
fn project_folder(settings: &Settings) -> &Path {
    settings.directory.parent().unwrap_or(&settings.directory)
}

/// The error of a reference whose value cannot be had, with the place where it stands.
fn refused(
    context: &Context,
    selection: &Selection,
    reference: &OutputReference,
    none: NoOutput,
) -> Error {
    let what = none.what.clone();
    let mut selection = selection.clone();
    selection.outputs.known.insert(reference.clone(), Err(none));
    match load(context, &selection) {
        Err(error) => error,
        // The file has changed meanwhile.
        Ok(_) => Error::usage(what, "run the same command again"),
    }
}

/// Deploys an instance on its own.
async fn deploy_one(
    context: &Context,
    arguments: &Arguments,
    mut instance: Instance,
) -> Result<(), Error> {
    let connection = Connection::open(context, &instance.settings).await?;
    let references = &instance.settings.project.references;
    if !references.is_empty() {
        let (root, app) = (project_folder(&instance.settings), instance.settings.app());
        let mut selection = context.selection.clone();
        selection.outputs.known =
            outputs::from_the_cloud(context, &connection, root, app, references).await?;
        let settings = context.load(&context.directory, &selection)?;
        instance = Instance::prepare(context, settings, arguments)?;
    }
    let run_id = connection::run_id(context);
    let ended = instance.deploy(context, &connection, &run_id, &arguments.slots()).await;
    let mut deployed = Vec::new();
    let mut summary = Summary::default();
    let mut functions: Vec<Value> = Vec::new();
    for (function, ended) in instance.functions.iter().zip(ended) {
        let name = function.settings.function_key.clone().unwrap_or_default();
        functions.push(ended.as_json(&name));
        match ended {
            Ended::Deployed(one) => {
                summary.deployed(name);
                summary.published(&one);
                deployed.push(one);
            }
            Ended::Failed(Failure { error, perhaps_published }) => {
                if instance.component == Component::Scf {
                    connection::note_run_id(context, perhaps_published, &run_id);
                    return Err(error);
                }
                summary.failure(&name, &error, perhaps_published);
                summary.failed(name);
            }
            Ended::NotBegun => summary.not_begun(name),
        }
    }
    let result = Map::from_iter([("functions".to_owned(), functions.into())]);
    summary.finish(context, &connection, &run_id, result)?;
    let settings = &instance.settings;
    context.printer.result(&instance.outputs(&deployed.iter().collect::<Vec<_>>()));
    if deployed.iter().all(|deployed| matches!(deployed, Deployed::Done(_))) {
        context.printer.console(settings.app(), settings.name(), &settings.project.stage);
        context.footer(settings);
    }
    Ok(())
}
