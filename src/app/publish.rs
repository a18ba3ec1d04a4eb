//! Publish `$LATEST` without deploying.

use serde_json::{Value, json};

use super::Context;
use super::session::{self, Session};
use crate::config::function::Reader;
use crate::error::{Error, Task};
use crate::execute::{self, Extra, PublishRequest};
use crate::plan::Note;
use crate::plan::publish::{self, PublishKey};

/// Publishes and prints what the real command prints, `lastVersion` at the end.
///
/// With `if_changed` the last version stays the last one if it is what `$LATEST` is.
pub(crate) fn run(context: &Context, if_changed: bool) -> Result<(), Error> {
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
        if context.options.dry_run {
            let extra = Extra { newest: if_changed, last: if_changed, ..Extra::default() };
            let observation = execute::deploy::observe(&on, extra)
                .await
                .map_err(|error| session::failed(&task, &function, error))?;
            if observation.latest.is_none() {
                let function = function.clone();
                let missing = crate::execute::ExecuteError::NoFunction {
                    function: function.clone(),
                    existing: Vec::new(),
                };
                return Err(session::failed(&task, &function, missing));
            }
            let last = observation.observed.last_version();
            let latest = observation.observed.latest.as_ref();
            let code = latest.and_then(|latest| latest.code_sha256.as_deref()).unwrap_or_default();
            let newest = observation.observed.newest.as_ref().filter(|_| if_changed);
            let is_same = newest
                .zip(latest)
                .is_some_and(|(newest, latest)| publish::same_content(newest, latest));
            let unchanged = last.filter(|_| is_same);
            let to_adopt = latest.filter(|_| run_id.given && !is_same);
            let adopted = to_adopt.and_then(|latest| {
                let digest = publish::content_digest(latest, code);
                PublishKey::new(&run_id.id, &function, &digest)
                    .find_servable(&observation.observed.versions)
            });
            if let Some(version) = adopted {
                let last = last.filter(|last| *last != version);
                context.printer.note(&Note::Adopts { version, last });
            }
            let publish = json!({
                "action": "PublishVersion", "effect": "publish $LATEST as a new version",
            });
            if let Some(version) = unchanged {
                context.printer.note(&Note::AlreadyPublished(version));
            }
            let publishes = adopted.is_none() && unchanged.is_none();
            let made: Vec<Value> = publishes.then_some(publish).into_iter().collect();
            let last = adopted.or(last).map(|version| version.to_string());
            context.printer.result(&json!({
                "functionName": function.name,
                "namespace": function.namespace,
                "region": function.region,
                "lastVersion": last,
                "calls": made,
            }));
            return Ok(());
        }
        session.publishes_as(&run_id);
        let published = execute::publish::publish_latest(
            &on,
            &PublishRequest {
                description: &description,
                run_id: &run_id.id,
                run_id_given: run_id.given,
            },
            if_changed,
        )
        .await
        .map_err(|error| {
            let run = session.run_to_name(on.has_perhaps_published());
            session::failed(&task, &function, error).of_run(run)
        })?;
        if published.unchanged {
            context.printer.note(&Note::AlreadyPublished(published.version));
        }
        let reply = published.reply;
        let variables: Vec<Value> = reply
            .environment
            .iter()
            .filter_map(|environment| environment.variables.as_ref())
            .flatten()
            // Pipelines keep what is printed, and these are passwords often enough.
            .map(|variable| json!({"Key": variable.key, "Value": "[redacted]"}))
            .collect();
        context.printer.result(&json!({
            "CodeSize": reply.code_size,
            "Description": reply.description,
            "Environment": {"Variables": variables},
            "Handler": reply.handler,
            "MemorySize": reply.memory_size,
            "Namespace": function.namespace,
            "Runtime": reply.runtime,
            "Timeout": reply.timeout,
            "lastVersion": published.version.to_string(),
        }));
        context.footer(&settings);
        Ok(())
    })
}
