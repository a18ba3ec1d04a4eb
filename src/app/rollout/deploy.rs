//! `deploy --rollout`: a deployment that goes on as a rollout.

use std::rc::Rc;
use std::sync::Arc;

use super::Request;
use super::cloud::Cloud;
use super::digest::ID_LENGTH;
use super::notify::{self, Announcer};
use super::options::{self, GivenOptions, VersionChoice};
use super::outside::Outside;
use super::place::{RolloutContext, option_error, task};
use super::service::Service;
use super::start::{begin, is_begun};
use crate::app::deploy::Deployed;
use crate::app::{self, Context, Done, session};
use crate::error::{Error, ExitCode, RolloutOption, RolloutProblem, RolloutVerb};
use crate::execute;
use crate::model::{DEFAULT_ALIAS, Version, Weight};
use crate::plan::rollout::machine::{self, Refused};
use crate::plan::rollout::schedule::Hold;
use crate::report::Report;
use crate::report::announcement::Occasion;

/// Deploys, and goes on as [`start`] does. What is deployed has the share of the first step then,
/// by the order that a deployment has anyway; with `publish` it has none until the rollout begins.
pub(crate) fn deploy(
    context: &Context,
    deployment: &app::deploy::Request,
    request: &Request,
) -> Result<Done, Error> {
    let settings = context.load(&context.directory, &context.selection)?;
    let function = settings.named_function()?;
    let of_options = |problem: RolloutOption| option_error(&function, problem);
    let mut typed = request.typed.clone();
    // `deploy --alias` names the alias of the rollout, too.
    if let Some(name) = context.selection.inputs.get("aliasName").and_then(|name| name.as_str()) {
        typed.insert("--alias", name.to_owned());
    }
    let given = GivenOptions::merge(&typed, &settings);
    let alias = given.alias(&settings);
    let announcer = Rc::new(Announcer::new(context, &given, &settings, (&function, &alias)));
    announcer.check().map_err(of_options)?;
    let mut plan = given.plan(&settings).map_err(of_options)?;
    plan.choices.language = announcer.language_to_keep();
    let inputs = &settings.project.inputs;
    for other in ["traffic", "additionalVersionWeights"] {
        if inputs.get(other).is_some_and(|share| !share.is_null()) {
            let one = "--rollout";
            return Err(of_options(RolloutOption::Together { one, other }));
        }
    }
    let publishes = inputs.get("publish").is_some_and(|publish| match publish {
        serde_json::Value::Bool(publish) => *publish,
        other => other.as_str() == Some("true"),
    });
    let mut context = context.clone();
    // Who runs the command again names both by one name.
    context.options.rolls_out = Some(session::run_id(&context).id);
    plan.to = if publishes {
        VersionChoice::LatestPublished
    } else {
        let typed = &mut context.selection.inputs;
        // A rollout that begins with everything begins with its marker.
        let share = Some(plan.schedule.step(1).share).filter(|share| *share < Weight::ONE);
        let share = share.unwrap_or(Weight::ZERO);
        typed.insert("traffic".to_owned(), share.to_f64().into());
        if alias != DEFAULT_ALIAS {
            typed.insert("aliasName".to_owned(), alias.clone().into());
        }
        VersionChoice::Is(Version::Latest)
    };
    let sink = Arc::clone(&context.sink);
    let (project, seen) = (None, Rc::default());
    let place =
        RolloutContext { context: &context, sink, function, alias, project, announcer, seen };
    let task = task(RolloutVerb::Start, &place);
    let open = async || place.open(&settings).await;
    // The same run has deployed it already, and comes back to its rollout.
    let is_begun = session::block_on(async {
        let (function, alias) = (place.function.clone(), place.alias.clone());
        let outside = Outside::default();
        let mut service = Service::new(&context, open().await?, function, alias, outside, &task);
        is_begun(&place, &mut service).await
    })?;
    if is_begun {
        let mut request = request.clone();
        // Typed as an input, it says what is rolled out as the option of `start` does.
        if publishes && context.selection.inputs.contains_key("publish") {
            request.typed.insert("--publish", true.to_string());
        }
        return place.block_on(async {
            Box::pin(begin(&settings, &place, &plan, open().await?, &task, &request)).await
        });
    }
    // Whoever is refused has deployed nothing.
    let served_before = session::block_on(async {
        let (function, alias) = (place.function.clone(), place.alias.clone());
        let outside = Outside::default();
        let mut service = Service::new(&context, open().await?, function, alias, outside, &task);
        may_begin(&place, &plan, &mut service, true).await
    })?;
    let done = app::deploy::run_for(&context, deployment)?;
    let deployed = &done.done;
    // Where there is nothing to deploy, how the rollout begins is what would be done.
    let is_all = |report: &Option<Report>| report.as_ref().is_none_or(Report::would_change);
    if deployed.error.is_some() || (context.options.dry_run && is_all(&deployed.report)) {
        if deployed.error.is_none() && !served_before {
            let waits = plan.schedule.step(1).hold == Hold::Pause;
            let occasion = if waits { Occasion::Hold } else { Occasion::Start };
            let headline = notify::headline(occasion, &place.function, &place.alias);
            place.announcer.would_tell(&headline, None);
        }
        return Ok(done.done);
    }
    if let (true, Some(Report::Instance(instance))) = (publishes, &deployed.report)
        && let Some(version) = instance.published_version()
    {
        plan.to = VersionChoice::Is(version);
    }
    let begun = place.block_on(async {
        Box::pin(begin(&settings, &place, &plan, open().await?, &task, request)).await
    });
    conclude(done, begun, served_before)
}

/// What the rollout came to, behind what the deployment did.
fn conclude(
    deployment: Deployed,
    begun: Result<Done, Error>,
    served_before: bool,
) -> Result<Done, Error> {
    let Deployed { done, steps, run } = deployment;
    let behind = |error: Error| error.behind(steps).of_run(run);
    match begun {
        // The first version of a function serves everything at once.
        Err(Error::Rollout(error))
            if served_before
                && matches!(
                    error.problem,
                    RolloutProblem::Refused(Refused::AlreadyServes { .. })
                ) =>
        {
            Ok(done)
        }
        Err(error) => Err(behind(error).going_on()),
        // What it came to says what became of the deployment, unless nothing is said.
        Ok(Done { report: None, ending, error }) => {
            Ok(Done { report: None, ending, error: error.map(behind) })
        }
        begun => begun,
    }
}

/// Whether there is nothing to roll out, since nobody else than the new version serves: of an alias
/// that is not there yet, or that is all on `$LATEST`.
///
/// # Errors
/// The rollout could not begin after the deployment.
pub(super) async fn may_begin(
    place: &RolloutContext<'_>,
    plan: &options::RolloutPlan,
    service: &mut Service<'_>,
    deploys: bool,
) -> Result<bool, Error> {
    let alias = match service.alias().await {
        Ok(alias) => alias,
        // It is made by this deployment, if at all.
        Err(error)
            if error.exit_code() == ExitCode::NotFound
                && (plan.to == VersionChoice::Is(Version::Latest)
                    || place.alias == DEFAULT_ALIAS) =>
        {
            return Ok(true);
        }
        Err(error) => return Err(error),
    };
    let to = if plan.to == VersionChoice::Is(Version::Latest) {
        Version::Latest
    } else {
        let versions = execute::versions::list(&service.on()).await;
        let versions = versions.map_err(|error| service.failed(error))?;
        Version::after(versions.iter().map(|version| version.version))
    };
    // Its new code would serve before anything is rolled out, and a way back would lead to it.
    if deploys && to != Version::Latest && alias.routing.share_of(Version::Latest) > Weight::ZERO {
        return Err(place.error(RolloutOption::ServesLatest { alias: place.alias.clone() }));
    }
    // The share would be there, and nobody could tell what it is of.
    if deploys && to == Version::Latest {
        service.content().await?;
    }
    // As long as those that are not known yet.
    let (id, content) = ("0".repeat(ID_LENGTH), "0".repeat(16));
    let wish = plan.wish(id, to, Some(content).filter(|_| to == Version::Latest));
    match machine::begin(&alias, &wish, service.now()) {
        Ok(_) => Ok(false),
        Err(Refused::AlreadyServes { .. }) => Ok(true),
        Err(refused) => Err(place.error(refused)),
    }
}
