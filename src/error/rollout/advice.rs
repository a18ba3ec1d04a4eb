//! Which advice fits a rollout that is no success.

use std::fmt::Write as _;

use super::{Judges, Left, RolloutError, RolloutHint, RolloutProblem};
use crate::model::{FunctionId, Routing, Version};
use crate::plan::command::RolloutCommand;
use crate::plan::rollout::machine::Refused;
use crate::plan::rollout::state::HoldReason;
use crate::plan::rollout::together::Apart;

impl Judges {
    /// What to do where ticks were given others.
    fn hint(self, command: &dyn Fn(&'static str) -> Option<String>) -> Option<RolloutHint> {
        let resume = command("rollout resume")?;
        let options = self.options();
        Some(if options.is_empty() {
            RolloutHint::NoGates { resume, abort: command("rollout abort")? }
        } else {
            let tick = format!("{}{options}", command("rollout tick")?);
            RolloutHint::SameGates { resume, tick, without: self.without() }
        })
    }

    /// The options that a tick may not have.
    fn without(self) -> &'static str {
        match (self.command, self.prometheus) {
            (true, true) => "",
            (true, false) => "--prometheus",
            (false, true) => "--gate-cmd",
            (false, false) => "--gate-cmd, --prometheus",
        }
    }

    /// The options of a tick, without their values, which nobody knows.
    fn options(self) -> String {
        let command = if self.command { " --gate-cmd LINE" } else { "" };
        let prometheus = if self.prometheus {
            " --prometheus URL --query-calls-canary QUERY --query-error-canary QUERY \
             --query-calls-baseline QUERY --query-error-baseline QUERY"
        } else {
            ""
        };
        format!("{command}{prometheus}")
    }
}

impl RolloutError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<RolloutHint> {
        let of_one = |verb: &'static str| {
            let function = self.function.as_ref()?;
            Some(RolloutCommand { function, alias: &self.alias, verb }.to_string())
        };
        // Of several that advance together a command on one would part it from the others.
        let is_on_one = self.project.as_ref().is_some_and(String::is_empty);
        let command = |verb: &'static str| match &self.project {
            Some(options) if !is_on_one => Some(format!("scfctl {verb}{options}")),
            _ => of_one(verb),
        };
        match &self.problem {
            RolloutProblem::Refused(refused) => match refused {
                Refused::UnderWay { .. } => Some(RolloutHint::UnderWay {
                    status: command("rollout status")?,
                    abort: command("rollout abort")?,
                }),
                Refused::Moved { found, versions, .. } => {
                    let (resume, abort) = (command("rollout resume")?, command("rollout abort")?);
                    Some(ways_out(&of_one("update-alias")?, found, *versions, resume, abort))
                }
                Refused::Content(_) => Some(RolloutHint::Retry(command("rollout retry")?)),
                Refused::Unread(_) => Some(RolloutHint::Unread),
                Refused::Ended { .. } | Refused::Step { .. } | Refused::Changed(_) => {
                    Some(RolloutHint::Look(command("rollout status")?))
                }
                Refused::NoBefore(_) | Refused::NothingBefore { .. } => {
                    Some(RolloutHint::NameVersion(of_one("rollback")?))
                }
                Refused::MatchRules { to, is_under_way, .. } => {
                    let end = if *is_under_way { " --end-rollout" } else { "" };
                    let (update, to) = (of_one("update-alias")?, quoted(*to));
                    let replace = format!("{update} --version {to} --no-weights --force{end}");
                    Some(RolloutHint::Rules { look: of_one("list-alias")?, replace })
                }
                Refused::ThirdVersion { .. } => Some(RolloutHint::Look(of_one("list-alias")?)),
                Refused::OneOfSeveral { .. } => Some(RolloutHint::Project),
                Refused::LastStep(_) => Some(RolloutHint::Promote(command("rollout promote")?)),
                Refused::NoRollout(_) => Some(RolloutHint::Start(command("rollout start")?)),
                Refused::Foreign { .. } => Some(RolloutHint::Foreign),
                Refused::TooLong { .. } => Some(RolloutHint::Shorten),
                Refused::AlreadyServes { .. } => {
                    Some(RolloutHint::NameVersion(of_one("rollout start")?))
                }
            },
            RolloutProblem::Apart(_) => Some(RolloutHint::UnderWay {
                status: command("rollout status")?,
                abort: command("rollout abort")?,
            }),
            RolloutProblem::LeftAlone { apart, verb } => match (apart, verb) {
                (Apart::Others(_), Some(_)) => Some(RolloutHint::Each(of_one("rollback")?)),
                (Apart::Number { .. }, Some(verb)) => self.elsewhere(verb),
                _ => Some(RolloutHint::Look(command("rollout status")?)),
            },
            RolloutProblem::Held { .. }
            | RolloutProblem::Back { .. }
            | RolloutProblem::Interrupted { .. }
                if is_on_one =>
            {
                Some(RolloutHint::Project)
            }
            RolloutProblem::Held { reason: HoldReason::Gates, judges, .. } => judges.hint(&command),
            RolloutProblem::Held { reason: HoldReason::Content, .. } => {
                Some(RolloutHint::Retry(command("rollout retry")?))
            }
            RolloutProblem::Held { .. } | RolloutProblem::Interrupted { left: Left::Held, .. } => {
                Some(RolloutHint::Held {
                    resume: command("rollout resume")?,
                    abort: command("rollout abort")?,
                })
            }
            RolloutProblem::Back { is_remembered: false, .. }
            | RolloutProblem::Interrupted { left: Left::Forgotten, .. } => {
                Some(RolloutHint::Start(command("rollout start")?))
            }
            RolloutProblem::Back { is_remembered: true, .. }
            | RolloutProblem::Interrupted { left: Left::Back, .. } => {
                Some(RolloutHint::Back(command("rollout retry")?))
            }
            RolloutProblem::Gone(_)
            | RolloutProblem::StillUnderWay { .. }
            | RolloutProblem::Interrupted { left: Left::Open, .. } => {
                Some(RolloutHint::Look(command("rollout status")?))
            }
            RolloutProblem::Otherwise { .. } => Some(RolloutHint::AnotherRun),
            RolloutProblem::Option(option) => option.hint(),
            RolloutProblem::NotHeld { .. } | RolloutProblem::Unanswered(_) => None,
        }
    }
}

impl RolloutError {
    /// The command on one of functions that nobody here knows.
    fn elsewhere(&self, verb: &str) -> Option<RolloutHint> {
        let function = self.function.clone()?;
        let function = &FunctionId { name: "NAME".to_owned(), ..function };
        let command = RolloutCommand { function, alias: &self.alias, verb };
        Some(RolloutHint::Elsewhere(command.to_string()))
    }
}

/// The two commands for an alias that somebody has routed otherwise: one leaves it so, the other
/// goes on or back. `versions` are the old and the new one of the rollout.
fn ways_out(
    update: &str,
    found: &Routing,
    versions: [Version; 2],
    resume: String,
    abort: String,
) -> RolloutHint {
    let mut release = format!("{update} --version {}", quoted(found.main));
    let is_ruled = !found.matches.is_empty();
    // Rules stay where nothing is said of weights.
    for (version, weight) in found.additional.iter().filter(|_| !is_ruled) {
        let _ = write!(release, " --weight {}={weight}", quoted(*version));
    }
    release.push_str(" --end-rollout");
    let by_rules = found.matches.iter().map(|rule| rule.version);
    let is_own = found.shares().into_keys().chain(by_rules).all(|one| versions.contains(&one));
    match (is_own, is_ruled) {
        (true, false) => RolloutHint::Moved { resume, release },
        // With rules or other versions there is no step to go back to.
        (true, true) => RolloutHint::Release { release, back: abort },
        (false, _) => {
            let force = if is_ruled { " --force" } else { "" };
            let from = quoted(versions[0]);
            let back = format!("{update} --version {from} --no-weights{force} --end-rollout");
            RolloutHint::Release { release, back }
        }
    }
}

/// A version as a word of a shell.
fn quoted(version: Version) -> String {
    match version {
        Version::Latest => "'$LATEST'".to_owned(),
        Version::Number(number) => number.to_string(),
    }
}
