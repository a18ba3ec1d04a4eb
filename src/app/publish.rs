//! Publish `$LATEST` without deploying.

use super::session::{self, Session};
use super::{Context, Done, dry_run, record};
use crate::config::function::Reader;
use crate::error::{Error, Task};
use crate::execute::{self, PublishPlan, PublishRequest};
use crate::model::{FunctionId, Version};
use crate::plan::{Note, Step};
use crate::report::Report;
use crate::report::plan::{Plan, PlanFacts};
use crate::report::publish::{Environment, Published, Variable};

/// Publishes a version, or shows that one would be published.
///
/// With `if_changed` the last version stays the last one if it is what `$LATEST` is.
pub(crate) fn run(context: &Context, if_changed: bool) -> Result<Done, Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let place = |key: &str| settings.command_place(key);
    // Only from the command line or `commandInputs`: `inputs.description` describes the
    // function, not a version.
    let description =
        Reader::new(&settings.project.command_inputs, &place).publish_description("description")?;
    context.header("publish-ver", &settings);

    session::block_on(async {
        let session = Session::open(context, &settings).await?;
        let on = session.on(function.clone());
        let run_id = session::run_id(context);
        let task = Task::PublishVersion { function: function.name.clone() };
        let request = PublishRequest {
            description: &description,
            run_id: &run_id.id,
            run_id_given: run_id.given,
        };
        let failed = |error| {
            let run = session.run_to_name(on.has_perhaps_published());
            session::failed(&task, &function, error).of_run(run)
        };
        let dry_run = context.options.dry_run;
        if !dry_run {
            session.publishes_as(&run_id);
        }
        let plan = execute::publish::plan_latest(&on, &request, if_changed, dry_run).await;
        let plan = plan.map_err(failed)?;
        if dry_run {
            let Planned { report, note } = planned(&function, &plan, &request);
            if let Some(note) = &note {
                context.sink.note(note);
            }
            return Ok(Done::shown(Report::Plan(report)));
        }
        let published = execute::publish::publish_latest(&on, plan, &request).await;
        let published = published.map_err(failed)?;
        if published.unchanged {
            context.sink.note(&Note::AlreadyPublished(published.version));
        }
        Ok(Done::succeeded(Report::Published(reported(&function, published)), &settings))
    })
}

/// A publication that is not carried out.
struct Planned {
    report: Plan,
    /// Why nothing would be published.
    note: Option<Note>,
}

fn planned(function: &FunctionId, plan: &PublishPlan, request: &PublishRequest<'_>) -> Planned {
    let (steps, last) = (plan.steps(function, request), plan.last_version());
    let adopted = match steps.first() {
        Some(Step::Adopt(version)) => Some(*version),
        _ => None,
    };
    let report = Plan {
        key: None,
        function: function.into(),
        alias_name: None,
        last_version: Some(adopted.or(last).unwrap_or(Version::Latest)),
        dry_run: dry_run(&steps, None),
        rollout: None,
        told: PlanFacts { adopted_version: adopted, ..PlanFacts::default() },
    };
    let adopts = adopted.map(|version| {
        let last = last.filter(|last| *last != version);
        Note::Adopts { version, last }
    });
    Planned { report, note: adopts.or(plan.unchanged().map(Note::AlreadyPublished)) }
}

/// A version as the service reports it.
fn reported(function: &FunctionId, published: execute::Published) -> Published {
    let version = record::version(published.record());
    let reply = published.reply;
    let record = record::function(&reply);
    let variables = reply.environment.into_iter().filter_map(|environment| environment.variables);
    Published {
        function: function.into(),
        last_version: published.version,
        published: version,
        adopted_version: published.adopted.then_some(published.version),
        record,
        environment: Environment {
            variables: variables
                .flatten()
                .map(|variable| Variable { key: variable.key, value: "[redacted]" })
                .collect(),
        },
    }
}
