//! Why a plan is not saved, or not carried out.

use std::fmt::{self, Write as _};
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{ExitCode, TargetProblem};
use crate::model::listed;
use crate::plan::saved::Changed;

/// Differences that are told.
const TOLD: usize = 30;

/// Why a plan is not saved, or not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SavedError {
    /// No file, or none that can be read.
    #[error("plan `{}` cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// In the words of the system.
        reason: String,
    },
    /// A file of another kind.
    #[error("`{}` is no saved plan", path.display())]
    NoPlan {
        /// The file.
        path: PathBuf,
    },
    /// A plan of another format.
    #[error("plan `{}` has format {found}; this version reads format 1", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: String,
    },
    /// Not as it was written.
    #[error("plan `{}` was changed after it was written", path.display())]
    Edited {
        /// The file.
        path: PathBuf,
    },
    /// A plan of another version of this program, which may decide otherwise.
    #[error("plan `{}` was made by version {made_by}, and this is {}", path.display(), env!("CARGO_PKG_VERSION"))]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// The version.
        made_by: String,
        /// What makes another one.
        command: String,
    },
    /// A secret on the command line, which a plan keeps.
    #[error("a plan keeps the command line, and `{argument}` may be a secret")]
    Secret {
        /// As it may be shown.
        argument: String,
    },
    /// A parameter that nothing refers to, so that nobody knows what it is.
    #[error(
        "a plan keeps the command line, and nothing refers to `{argument}`, which may be a secret"
    )]
    Unused {
        /// As it may be shown.
        argument: String,
    },
    /// A file that would be lost.
    #[error("--plan `{}` is there already, and is no plan", path.display())]
    Occupied {
        /// As typed.
        path: PathBuf,
    },
    /// A file that cannot be written.
    #[error("--plan `{}` {problem}", path.display())]
    Target {
        /// As typed.
        path: PathBuf,
        /// Why not.
        problem: TargetProblem,
    },
    /// More than one function.
    #[error("a plan is of one function, and these are several: {}", listed(functions))]
    Several {
        /// Their keys or folders.
        functions: Vec<String>,
    },
    /// A rollout.
    #[error("--plan and --rollout: a rollout decides at each step by what it finds there")]
    Rollout,
    /// The plan is no longer what would be done.
    #[error("{}", stale(path, changed))]
    Stale {
        /// The file.
        path: PathBuf,
        /// What is otherwise.
        changed: Vec<Changed>,
        /// What makes another one.
        command: String,
    },
}

fn stale(path: &std::path::Path, changed: &[Changed]) -> String {
    let mut text =
        format!("plan `{}` is stale, and nothing was sent. Changed since:", path.display());
    for one in changed.iter().take(TOLD) {
        let _ = write!(text, "\n{one}");
    }
    if let Some(more) = changed.len().checked_sub(TOLD).filter(|more| *more > 0) {
        let _ = write!(text, "\nand {more} more");
    }
    text
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SavedHint<'a> {
    /// Make another plan, the same way as this one.
    Anew(&'a str),
    /// Make a plan.
    Make,
    /// Refer to the secret.
    Refer,
    /// Leave it out.
    LeaveOut,
    /// Write elsewhere.
    Elsewhere,
    /// Plan one of them.
    One,
    /// Begin the rollout behind the deployment.
    RollOut,
}

impl fmt::Display for SavedHint<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anew(command) => write!(formatter, "plan anew: `{command}`"),
            Self::Make => formatter.write_str("make another one: `scfctl deploy --plan FILE`"),
            Self::Refer => formatter.write_str(
                "set it in the environment or in .env, and refer to it in serverless.yml: ${env:NAME}",
            ),
            Self::LeaveOut => formatter.write_str("leave the parameter out, or refer to it in serverless.yml: ${param:NAME}"),
            Self::Elsewhere => formatter.write_str("name another file"),
            Self::One => formatter.write_str("name one of them: --target DIR, or --function KEY"),
            Self::RollOut => formatter.write_str(
                "plan the deployment alone, apply it, then begin with `scfctl rollout start`",
            ),
        }
    }
}

impl SavedError {
    /// How the process exits.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Stale { .. } => ExitCode::Conflict,
            _ => ExitCode::Usage,
        }
    }

    /// The word for programs.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Stale { .. } => "stale-plan",
            Self::Unreadable { .. }
            | Self::NoPlan { .. }
            | Self::Format { .. }
            | Self::Edited { .. }
            | Self::OtherVersion { .. } => "invalid-plan",
            _ => "usage",
        }
    }

    /// What to do about it.
    pub(super) fn hint(&self) -> SavedHint<'_> {
        match self {
            Self::Stale { command, .. } | Self::OtherVersion { command, .. } => {
                SavedHint::Anew(command)
            }
            Self::Unreadable { .. }
            | Self::NoPlan { .. }
            | Self::Format { .. }
            | Self::Edited { .. } => SavedHint::Make,
            Self::Secret { .. } => SavedHint::Refer,
            Self::Unused { .. } => SavedHint::LeaveOut,
            Self::Occupied { .. } | Self::Target { .. } => SavedHint::Elsewhere,
            Self::Several { .. } => SavedHint::One,
            Self::Rollout => SavedHint::RollOut,
        }
    }

    /// What stands beside it, for programs: what is otherwise. Values that are not shown are null.
    #[must_use]
    pub fn result(&self) -> Map<String, Value> {
        let Self::Stale { changed, .. } = self else { return Map::new() };
        let shown = |one: &Changed| {
            let (was, is) = one.each();
            json!({"what": one.read.key(), "name": one.name, "was": was, "is": is})
        };
        let changed: Vec<Value> = changed.iter().map(shown).collect();
        Map::from_iter([("changed".to_owned(), changed.into())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::saved::ReadKind;

    #[test]
    fn many_differences_are_counted() {
        let one = |number: usize| Changed {
            read: ReadKind::Version,
            name: number.to_string(),
            was: None,
            is: Some("#1".to_owned()),
        };
        let changed: Vec<Changed> = (0..TOLD + 2).map(one).collect();
        let error = SavedError::Stale { path: "p.json".into(), changed, command: String::new() };
        let text = error.to_string();
        assert!(text.starts_with(
            "plan `p.json` is stale, and nothing was sent. Changed since:\nversion 0: is new\n"
        ));
        assert!(text.ends_with("\nversion 29: is new\nand 2 more"), "{text}");
        assert_eq!(error.result()["changed"].as_array().unwrap().len(), TOLD + 2);
        assert_eq!(
            error.result()["changed"][0],
            json!({"what": "versions", "name": "0", "was": null, "is": "published"})
        );
    }
}
