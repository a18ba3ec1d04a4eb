//! How the process exits.

/// Exit codes, as `--help` and docs/en/exit-codes.md list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Done.
    Success = 0,
    /// The API or the service refused or failed.
    Failure = 1,
    /// Wrong usage or configuration; no call that changes anything was made.
    Usage = 2,
    /// The named function, version or alias does not exist.
    NotFound = 3,
    /// Credentials or permission.
    Credentials = 4,
    /// Someone else changed it.
    Conflict = 5,
    /// Not finished within `--timeout`.
    TimedOut = 6,
    /// A rollout went back.
    RolledBack = 7,
    /// A rollout stands still until somebody decides.
    Held = 8,
    /// A function that was called failed.
    FunctionError = 9,
    /// A dry run found something to change, and was asked to say so.
    Changes = 10,
    /// An alias splits its calls otherwise than it was set.
    SplitDiffers = 11,
    /// Ctrl-C.
    Interrupted = 130,
    /// Ended by the system.
    Terminated = 143,
}

impl ExitCode {
    /// Every one of them.
    pub const ALL: [Self; 14] = [
        Self::Success,
        Self::Failure,
        Self::Usage,
        Self::NotFound,
        Self::Credentials,
        Self::Conflict,
        Self::TimedOut,
        Self::RolledBack,
        Self::Held,
        Self::FunctionError,
        Self::Changes,
        Self::SplitDiffers,
        Self::Interrupted,
        Self::Terminated,
    ];
}
