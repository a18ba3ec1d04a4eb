//! `scfctl publish-ver`: publish `$LATEST` without deploying.

use serde_json::{Value, json};

use super::Context;
use super::connection::{self, Connection};
use crate::config::function::Reader;
use crate::error::Error;
use crate::execute::{Extra, PublishRequest};

/// Publishes and prints what the real command prints, `lastVersion` at the end.
pub(super) fn run(context: &Context) -> Result<(), Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let place = |key: &str| settings.command_place(key);
    // Only from the command line or `commandInputs`: `inputs.description` describes the
    // function, not a version.
    let description =
        Reader::new(&settings.project.command_inputs, &place).publish_description("description")?;
    context.header("publish-ver", &settings);

    connection::block_on(async {
        let connection = Connection::open(context, &settings).await?;
        let executor = connection.executor(function.clone());
        let what = format!("publish a version of function `{}`", function.name);
        if context.options.dry_run {
            let observation = executor
                .observe(Extra::default())
                .await
                .map_err(|error| connection::failed(&what, &function, error))?;
            if observation.latest.is_none() {
                let function = function.clone();
                let missing = crate::execute::ExecuteError::NoFunction {
                    function: function.clone(),
                    existing: Vec::new(),
                };
                return Err(connection::failed(&what, &function, missing));
            }
            let last = observation.observed.last_version().map(|version| version.to_string());
            context.printer.result(&json!({
                "functionName": function.name,
                "namespace": function.namespace,
                "region": function.region,
                "lastVersion": last,
                "calls": [{"action": "PublishVersion", "effect": "publish $LATEST as a new version"}],
            }));
            return Ok(());
        }
        let run_id = connection::run_id(context);
        let published = executor
            .publish_latest(&PublishRequest {
                description: &description,
                run_id: &run_id.id,
                run_id_given: run_id.given,
            })
            .await
            .inspect_err(|_| {
                connection::note_run_id(context, executor.has_perhaps_published(), &run_id);
            })
            .map_err(|error| connection::failed(&what, &function, error))?;
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
