//! The command of a saved plan.

use std::sync::Arc;

use super::args::{Options, Shared as _};
use super::command::Command;
use super::commands::apply;
use super::inputs::SplitArguments;
use super::parse::parse;
use crate::app;
use crate::error::{Error, SavedError};
use crate::output::Language;

/// A plan that is to be carried out.
pub(super) struct Planned {
    /// The command that made it.
    pub command: Command,
    pub options: Options,
    pub split: SplitArguments,
    /// What was typed then; nothing where it was typed otherwise now which service is called.
    pub typed: Option<Vec<String>>,
}

impl apply::Arguments {
    /// Reads the plan, and the command line that made it.
    pub(super) fn planned(
        &self,
        program: &str,
        names_timeout: bool,
        language: Language,
    ) -> Result<Planned, Error> {
        let given = self.options();
        let saved = app::deploy::open_plan(&self.plan)?;
        let edited = || SavedError::Edited { path: self.plan.clone() };
        let (cli, split) = parse(program, &saved.command, language).map_err(|_| edited())?;
        let Command::Deploy(mut deploy) = cli.command else { return Err(edited().into()) };
        let mut run = deploy.options().run;
        let elsewhere = given.run.local || given.run.endpoint.is_some();
        if elsewhere {
            run.local = given.run.local;
            run.endpoint.clone_from(&given.run.endpoint);
        }
        run.insecure_http |= given.run.insecure_http;
        run.profile = given.run.profile.clone().or(run.profile);
        if names_timeout {
            run.timeout = given.run.timeout;
        }
        run.run_id = Some(saved.run_id.clone());
        run.dry_run = false;
        let Options { format, volume, language, colours, .. } = given;
        let detailed_exit_code = false;
        let ineffective = Vec::new();
        let options = Options {
            run,
            format,
            volume,
            language,
            colours,
            detailed_exit_code,
            ineffective,
            ..deploy.options()
        };
        let typed = (!elsewhere && given.run.profile.is_none()).then(|| saved.command.clone());
        deploy.apply(Arc::new(saved));
        Ok(Planned { command: Command::Deploy(deploy), options, split, typed })
    }
}
