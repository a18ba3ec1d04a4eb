//! A file for each command: what it takes, and what it asks of [`crate::app`].

pub(super) mod apply;
pub(super) mod completion;
pub(super) mod config;
pub(super) mod create_alias;
pub(super) mod delete_alias;
pub(super) mod deploy;
pub(super) mod doctor;
pub(super) mod init;
pub(super) mod invoke;
pub(super) mod list_alias;
pub(super) mod list_ver;
pub(super) mod load;
pub(super) mod local;
pub(super) mod logs;
pub(super) mod metric;
pub(super) mod package;
pub(super) mod publish_ver;
pub(super) mod remove;
pub(super) mod rollback;
pub(super) mod rollout;
pub(super) mod status;
pub(super) mod update_alias;
pub(super) mod verify_split;
pub(super) mod versions;

use crate::app::{AfterResult, Done};
use crate::error::Error;
use crate::output::{Format, Printer};

/// Prints what a command came to.
pub(super) fn show(printer: &Printer, done: Done) -> Result<(), Error> {
    let Done { report, ending, error } = done;
    let is_shown = match &ending {
        // Each instance was shown as it came.
        AfterResult::Project { .. } if printer.prints_as_it_goes() => false,
        // One object: the failure has the result in it.
        _ => error.is_none() || printer.format() != Format::Json,
    };
    match report {
        Some(report) if is_shown => printer.report(&report),
        Some(report) if error.is_some() => printer.put_out_result(&report),
        _ => {}
    }
    match ending {
        AfterResult::Nothing | AfterResult::Terminated => {}
        AfterResult::Succeeded { instance } => printer.footer(&instance),
        AfterResult::Loaded { instance } => printer.loaded(&instance),
        AfterResult::Logs { instance, none } => printer.logs(&instance, none),
        AfterResult::Removed { instance, removed } => printer.removed(&instance, removed),
        AfterResult::Deployed { app, instance, stage } => {
            printer.console(&app, &instance, &stage);
            printer.footer(&instance);
        }
        AfterResult::Project { deployed, rest } => printer.project_footer(deployed, rest),
    }
    error.map_or(Ok(()), Err)
}
