//! A page from what a run heard.

use super::timeline::instant;
use super::{Account, MadeCall, Page, ReportCalls, ReportChange, ReportEnding, Run, part, project};
use crate::report::rollout::Event;
use crate::report::status::PastedCommand;

/// Actions that change nothing begin so.
const READS: [&str; 5] = ["Get", "List", "Describe", "Search", "AssumeRole"];

/// What a run heard.
#[derive(Debug, Clone, Default)]
pub struct Heard<'a> {
    /// The command.
    pub command: &'a str,
    /// What it knows of each rollout: of one function, or of all functions of a project.
    pub accounts: Vec<Account>,
    /// Of a project, what can be done about all functions.
    pub project: Option<Vec<PastedCommand>>,
    /// Looks and transitions.
    pub events: Vec<Event>,
    /// Calls.
    pub calls: Vec<MadeCall>,
    /// Who and when.
    pub run: Run,
}

impl Page {
    /// Returns all that a page says of a run.
    #[must_use]
    pub fn of(heard: Heard<'_>, ending: ReportEnding) -> Self {
        let Heard { command, mut accounts, project, events, calls, run } = heard;
        let (ended, exit_code) = (instant(&run.ended), ending.exit_code);
        let (mut would_call, mut functions) = (Vec::new(), Vec::new());
        let (whole, commands) = if let Some(commands) = project {
            functions = project::functions(accounts, &events, &ending, ended);
            (project::whole(&functions, &events, ending), commands)
        } else {
            let mut account = accounts.pop().unwrap_or_default();
            if let Some(rehearsal) = &mut account.rehearsal {
                would_call = std::mem::take(&mut rehearsal.calls);
            }
            let found = account.found.as_ref();
            let commands = found.map(|found| found.commands.clone()).unwrap_or_default();
            (part::of(account, &events, ending, ended), commands)
        };
        Self {
            command: command.to_owned(),
            exit_code,
            whole,
            functions,
            would_call,
            changes: changes(&calls),
            calls: by_action(&calls),
            commands,
            run,
        }
    }
}

fn by_action(calls: &[MadeCall]) -> Vec<ReportCalls> {
    let mut sums: Vec<ReportCalls> = Vec::new();
    for call in calls {
        let failed = usize::from(call.failure.is_some());
        match sums.iter_mut().find(|sum| sum.action == call.action) {
            Some(sum) => {
                sum.count += 1;
                sum.failed += failed;
            }
            None => sums.push(ReportCalls { action: call.action, count: 1, failed }),
        }
    }
    sums
}

fn changes(calls: &[MadeCall]) -> Vec<ReportChange> {
    let changing =
        calls.iter().filter(|call| !READS.iter().any(|read| call.action.starts_with(read)));
    let change = |call: &MadeCall| ReportChange {
        time: call.time.clone(),
        action: call.action,
        request_id: call.request_id.clone(),
        failure: call.failure.clone(),
    };
    changing.map(change).collect()
}
