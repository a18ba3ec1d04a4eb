//! Which project a command works on, and what its variables come to.

use std::path::PathBuf;

use clap::Args;

use super::{Options, PROJECT, Shared};
use crate::cli::output_values;
use crate::config::references::GivenValue;
use crate::error::ValueError;

/// Options that say what the project is.
// Help texts are for terminals, where back-ticks are noise.
#[allow(clippy::doc_markdown)]
#[derive(Debug, Args)]
pub(in crate::cli) struct ProjectArgs {
    /// Stage; selects .env.<STAGE>
    ///
    /// Default: `stage` of serverless.yml, else $STAGE, else dev.
    #[arg(long, short, value_name = "STAGE")]
    stage: Option<String>,
    /// Folder of the project
    #[arg(long, value_name = "DIR")]
    target: Option<String>,
    /// Inputs, each as key=value
    ///
    /// They win over those of serverless.yml. Any number of them may follow.
    // Read from the raw arguments by `inputs::split`; here for the help text.
    #[arg(long, value_name = "KEY=VALUE")]
    inputs: Vec<String>,
    /// App, over the file's
    #[arg(long, hide_short_help = true, help_heading = PROJECT)]
    app: Option<String>,
    /// Organisation, over the file's
    #[arg(long, hide_short_help = true, help_heading = PROJECT)]
    org: Option<String>,
    /// Value of ${param:NAME} [default: $SCFCTL_PARAM_NAME]; repeatable
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    #[arg(hide_short_help = true, help_heading = PROJECT)]
    parameters: Vec<(String, String)>,
    /// Value of ${output:STAGE:APP:NAME.KEY}; without STAGE: (APP.NAME.KEY) for that of the
    /// run; repeatable
    #[arg(long = "output-value", value_name = "STAGE:APP:NAME.KEY=VALUE")]
    #[arg(hide_short_help = true, help_heading = PROJECT, value_parser = output_values::parse)]
    output_values: Vec<GivenValue>,
    /// Such values in a YAML or JSON file: `STAGE:APP:NAME.KEY: VALUE`
    /// [default: $SCFCTL_OUTPUT_VALUES]
    #[arg(long = "output-values", value_name = "FILE")]
    #[arg(hide_short_help = true, help_heading = PROJECT)]
    output_values_file: Option<PathBuf>,
}

impl Shared for ProjectArgs {
    fn put(&self, options: &mut Options) {
        let Self {
            stage,
            target,
            inputs: _,
            app,
            org,
            parameters,
            output_values,
            output_values_file,
        } = self;
        options.stage.clone_from(stage);
        options.run.target.clone_from(target);
        options.app.clone_from(app);
        options.org.clone_from(org);
        options.parameters.clone_from(parameters);
        options.output_values.clone_from(output_values);
        options.output_values_file.clone_from(output_values_file);
    }
}

/// Reads `NAME=VALUE`.
fn parameter(text: &str) -> Result<(String, String), ValueError> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(ValueError::Parameter),
    }
}
