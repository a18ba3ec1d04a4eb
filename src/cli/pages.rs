//! Who runs a command, and how it was typed, for a report.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::clock::Clock;
use crate::error::Error;
use crate::output::{Pages, Printer};
use crate::report::page::Run;
use crate::shell::quoted;
use crate::withheld;

/// Variables that name the user: of a pipeline before those of a system.
const USERS: [&str; 6] =
    ["GITLAB_USER_LOGIN", "GITHUB_ACTOR", "BUILD_USER_ID", "USER", "LOGNAME", "USERNAME"];
/// Variables that name the machine.
const HOSTS: [&str; 2] = ["HOSTNAME", "COMPUTERNAME"];
/// Variables that have the address of a pipeline's job.
const JOBS: [&str; 2] = ["CI_JOB_URL", "BUILD_URL"];

/// What the environment and the command line say. When, is for others to say.
pub(super) fn run(
    environment: &BTreeMap<String, String>,
    program: &str,
    arguments: &[String],
) -> Run {
    let value = |name: &&str| environment.get(*name).filter(|value| !value.is_empty()).cloned();
    let host = HOSTS.iter().find_map(value).or_else(|| {
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
        Some(name.trim().to_owned()).filter(|name| !name.is_empty())
    });
    let told: Vec<String> = without_gate_command(arguments);
    let words = withheld::shown(&told);
    let is_withheld = words.iter().zip(arguments).any(|(shown, typed)| *shown != *typed);
    let words = words.iter().map(|word| quoted(word).into_owned());
    let line: Vec<String> = std::iter::once(program.to_owned()).chain(words).collect();
    Run {
        user: USERS.iter().find_map(value),
        host,
        job: JOBS.iter().find_map(value).or_else(|| of_github(environment)),
        version: env!("CARGO_PKG_VERSION"),
        command_line: line.join(" "),
        is_withheld,
        ..Run::default()
    }
}

/// Has the printer keep what these reports are to have.
pub(super) fn keep(
    printer: &Printer,
    reports: &[PathBuf],
    directory: &Path,
    about: (&'static str, Run),
    clock: &Clock,
) -> Result<(), Error> {
    if !reports.is_empty() {
        let now = clock.clone();
        printer.keep(Pages::new(reports, directory, about, move || now.now())?);
    }
    Ok(())
}

/// A gate command may have a token anywhere in it, in forms that nobody knows; who repeats the
/// command knows his own.
fn without_gate_command(arguments: &[String]) -> Vec<String> {
    const OPTION: &str = "--gate-cmd";
    let mut before = "";
    let mut told = Vec::with_capacity(arguments.len());
    for argument in arguments {
        told.push(match argument.strip_prefix(OPTION) {
            Some(value) if value.starts_with('=') => format!("{OPTION}={}", withheld::MARK),
            _ if before == OPTION => withheld::MARK.to_owned(),
            _ => argument.clone(),
        });
        before = argument;
    }
    told
}

fn of_github(environment: &BTreeMap<String, String>) -> Option<String> {
    let value = |name: &str| environment.get(name).filter(|value| !value.is_empty());
    let server = value("GITHUB_SERVER_URL")?;
    let repository = value("GITHUB_REPOSITORY")?;
    let run = value("GITHUB_RUN_ID")?;
    Some(format!("{server}/{repository}/actions/runs/{run}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)], arguments: &[&str]) -> Run {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        run(&pairs.collect(), "scfctl", &arguments)
    }

    #[test]
    fn a_pipeline_names_its_user_and_its_job() {
        let found = of(
            &[
                ("USER", "root"),
                ("GITHUB_ACTOR", "mei"),
                ("GITHUB_SERVER_URL", "https://github.com"),
                ("GITHUB_REPOSITORY", "shop/api"),
                ("GITHUB_RUN_ID", "7"),
            ],
            &[],
        );
        assert_eq!(found.user.as_deref(), Some("mei"));
        assert_eq!(found.job.as_deref(), Some("https://github.com/shop/api/actions/runs/7"));
    }

    #[test]
    fn the_command_line_can_be_pasted() {
        let line = ["rollout", "start", "--to", "$LATEST", "--message", "it's ok"];
        let found = of(&[], &line);
        let expected = "scfctl rollout start --to '$LATEST' --message 'it'\\''s ok'";
        assert_eq!((&*found.command_line, found.is_withheld), (expected, false));
        for line in [&["tick", "--gate-cmd", "curl a:b@c"][..], &["tick", "--gate-cmd=curl a:b@c"]]
        {
            let found = of(&[], line);
            assert!(found.is_withheld && !found.command_line.contains("curl"), "{found:?}");
        }
        let found = of(&[], &["rollout", "tick", "--param", "password=hunter2hunter2"]);
        assert!(found.is_withheld && !found.command_line.contains("hunter2"), "{found:?}");
    }
}
