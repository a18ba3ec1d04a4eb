//! `scfctl versions prune`: old versions that nothing uses.

use super::{asks, confirm, ended, named};
use crate::app::session::{self, Session};
use crate::app::status::members;
use crate::app::{Context, Done, dry_run, record};
use crate::error::{Error, OptionsError, Task};
use crate::execute::ExecuteError;
use crate::execute::remove::{self, Removal};
use crate::model::{FunctionId, Version};
use crate::plan::Step;
use crate::report::notice::DeletionNotice;
use crate::report::plan::DryRun;
use crate::report::removed::{Kept, Pruned};
use crate::report::{Report, Said};

/// What `versions prune` is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    /// How many of the newest versions stay.
    pub keep: Option<u32>,
    /// Whether nothing is to be asked.
    pub confirmed: bool,
}

/// Deletes old versions that nothing uses.
pub(crate) fn prune(context: &Context, request: Request) -> Result<Done, Error> {
    let keep = request.keep.ok_or(OptionsError::Keep)? as usize;
    let settings = named(context)?;
    let function = members::find(context, &settings)?.one("--keep")?.function.clone();
    let asks = asks(context, request.confirmed)?;
    context.header("versions prune", &settings);
    let task = Task::Prune { function: function.name.clone() };
    session::block_on(async {
        let mut session = Session::open(context, &settings).await?;
        let (mut removal, mut stays) = {
            let on = session.on(function.clone());
            let planned = Box::pin(remove::plan_pruning(&on, keep)).await;
            planned.map_err(|error| session::failed(&task, &function, error))?
        };
        if context.options.dry_run {
            let report = pruned(&function, &removal, &stays, Some(dry_run(&removal.steps, None)));
            return Ok(Done::shown(Report::Pruned(report)));
        }
        if asks && !removal.steps.is_empty() {
            let (versions, stay) = (versions(&removal), stays.len());
            let function_id = function.clone();
            context.sink.decisive(&DeletionNotice::Prunes {
                versions,
                stay,
                function: function_id,
            });
            confirm(context, &session, (&task, &function)).await?;
            session.begin_operation(context.options.timeout);
            let on = session.on(function.clone());
            let again = Box::pin(remove::plan_pruning(&on, keep)).await;
            let again = again.map_err(|error| session::failed(&task, &function, error))?;
            if again.0.steps != removal.steps {
                let changed = ExecuteError::UsesChanged(function.name.clone());
                return Err(session::failed(&task, &function, changed));
            }
            (removal, stays) = again;
        }
        let on = session.on(function.clone());
        Box::pin(remove::carry_out(&on, &removal))
            .await
            .map_err(|halted| ended(&task, &function, *halted))?;
        let report = pruned(&function, &removal, &stays, None);
        Ok(Done::succeeded(Report::Pruned(report), &settings))
    })
}

fn versions(removal: &Removal) -> Vec<Version> {
    let version = |step: &Step| match step {
        Step::DeleteVersion(version) => Some(*version),
        _ => None,
    };
    removal.steps.iter().filter_map(version).collect()
}

fn pruned(
    function: &FunctionId,
    removal: &Removal,
    stays: &[crate::plan::prune::Kept],
    dry_run: Option<DryRun>,
) -> Pruned {
    Pruned {
        function: function.into(),
        deleted: if dry_run.is_some() { Vec::new() } else { versions(removal) },
        kept: stays
            .iter()
            .map(|one| Kept {
                record: record::version(one.version.clone()),
                why: one.why.iter().map(Said::new).collect(),
            })
            .collect(),
        dry_run,
    }
}
