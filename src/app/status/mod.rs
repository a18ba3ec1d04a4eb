//! `scfctl status`: functions with all that belongs to them. Only reads.

mod look;
pub(super) mod members;
mod muted;
mod watch;

use std::collections::BTreeMap;

use super::rollout::wait::{self, Goal};
use super::session::{self, Session};
use super::{AfterResult, Context, Done};
use crate::config::settings::Settings;
use crate::error::{Doing, Error, ExitCode, Task};
use crate::execute::{self, ExecuteError, survey};
use crate::model::FunctionId;
use crate::plan::rollout::machine;
use crate::report::status::{FunctionFound, StatusOfFunction, StatusOfFunctions, Versions};
use crate::report::watch::Screen;
use crate::report::{FunctionName, Report};
use look::{alias_name, listed, look, meant, reported, task_of};
use members::{Members, StatusMember};
pub(in crate::app) use muted::Muted;

/// What `status` is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Request {
    /// Goes on looking.
    pub watch: bool,
    /// Waits for a rollout to come here.
    pub goal: Option<Goal>,
}

/// Shows functions as they are now, or goes on showing them; or waits for a rollout.
pub(crate) fn run(
    context: &Context,
    request: Request,
    screen: impl FnOnce() -> Box<dyn Screen>,
) -> Result<Done, Error> {
    if request.watch {
        return watch::watch(context, request.goal, &mut *screen());
    }
    let settings = context.settings()?;
    let alias = alias_name(&settings)?;
    let members = members::find(context, &settings)?;
    context.header("status", &settings);
    session::block_on(async {
        let mut session = Session::open(context, &settings).await?;
        if let Some(goal) = request.goal {
            let function = members.one("--wait")?.function.clone();
            let alias = match alias {
                Some(alias) => alias,
                None => listed_alias(&session, &members, &function).await?,
            };
            return Box::pin(wait::wait(context, &mut session, &function, &alias, goal)).await;
        }
        let looked = look(&session, &members, alias.as_deref(), true).await?;
        if let Some(name) = alias
            && looked.iter().all(|one| one.as_ref().is_ok_and(|found| found.aliases.is_empty()))
        {
            // It is of none of them: misspelt, perhaps.
            return Err(no_alias(&session, &members, name).await);
        }
        let (status, failed) = reported(&members, looked);
        Ok(finish(status, failed, &settings))
    })
}

/// That no function has such an alias, and which ones they have.
async fn no_alias(session: &Session, members: &Members, alias: String) -> Error {
    let mut existing = std::collections::BTreeSet::new();
    for StatusMember { function, .. } in &members.list {
        match execute::alias::list(&session.on(function.clone()), None).await {
            Ok(records) => existing.extend(records.into_iter().map(|record| record.alias.name)),
            Err(error) => return session::failed(&task_of(members), function, error),
        }
    }
    let function = &members.list[0].function;
    let existing = existing.into_iter().collect();
    let error = ExecuteError::NoAlias { alias, function: function.name.clone(), existing };
    session::failed(&task_of(members), function, error)
}

/// The alias whose rollout is meant where none is named: the only one that has one under way, else
/// that of the file.
async fn listed_alias(
    session: &Session,
    members: &Members,
    function: &FunctionId,
) -> Result<String, Error> {
    let task = task_of(members);
    let listed = execute::alias::list(&session.on(function.clone()), None).await;
    let listed = listed.map_err(|error| session::failed(&task, function, error))?;
    let open = listed.iter().filter(|record| {
        let memory = machine::memory(&record.alias);
        memory.is_ok_and(|memory| memory.open().is_some())
    });
    let open = open.map(|record| record.alias.name.clone()).collect();
    meant(open, &members.one("--wait")?.settings)
}

/// The result, and an error where not all of a project could be looked at.
fn finish(status: StatusOfFunctions, failed: Vec<(String, Error)>, settings: &Settings) -> Done {
    let looked_at = |member: &StatusOfFunction| match &member.found {
        FunctionFound::There(_) => member.key.clone(),
        FunctionFound::Not { .. } => None,
    };
    let deployed = status.functions.iter().filter_map(looked_at).collect();
    let report = Report::Status(Box::new(status));
    let ending = AfterResult::Loaded { instance: settings.name().to_owned() };
    let Some((_, first)) = failed.first() else {
        return Done { report: Some(report), ending, error: None };
    };
    let code = first.exit_code();
    let code = if failed.iter().all(|(_, error)| error.exit_code() == code) {
        code
    } else {
        ExitCode::Failure
    };
    let error = Error::Several {
        doing: Doing::Looking,
        code,
        deployed,
        reports: failed.iter().map(|(name, error)| error.report().of(name)).collect(),
        failed: failed.into_iter().map(|(name, _)| name).collect(),
        skipped: Vec::new(),
        not_begun: Vec::new(),
        run_id: None,
        result: report.json(),
    };
    Done { report: Some(report), ending: AfterResult::Nothing, error: Some(error) }
}

/// Lists the versions of a function.
pub(crate) fn list_versions(context: &Context) -> Result<Done, Error> {
    let settings = context.settings()?;
    let function: FunctionId = settings.named_function()?;
    context.header("list-ver", &settings);
    let task = Task::ListVersions { function: function.name.clone() };
    session::block_on(async {
        let session = Session::open(context, &settings).await?;
        let found = survey::list(&session.on(function.clone())).await;
        let (versions, aliases) =
            found.map_err(|error| session::failed(&task, &function, error))?;
        let none = BTreeMap::new();
        let versions = versions.into_iter().map(|one| listed(one, &aliases, &none)).collect();
        let versions = Versions { function: FunctionName::from(&function), versions };
        Ok(Done::succeeded(Report::Versions(versions), &settings))
    })
}
