//! What happens to one call of a command.

use std::time::Duration;

use rustix::process::Signal;
use scfctl::local::Fault;

/// The calls that a fault is tried on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// All of them.
    Every,
    /// Those that change something. What happens after a read is what happens before it: the
    /// answer is lost.
    Changes,
    /// Those that begin work which can fail, or last.
    Work,
}

/// What happens.
#[derive(Clone)]
pub enum Disturbance {
    /// To the call itself, and to so many more of its action.
    Call(Fault, usize),
    /// To this call and all that follow, of whatever action.
    FromHere(Fault),
    /// The work ends in a failed status.
    FailedStatus,
    /// The work does not end.
    Unending,
    /// The server's clock goes forward by an hour.
    Clock,
    /// SIGKILL before the call gets to the server.
    KilledBefore,
    /// SIGKILL once the call is carried out.
    KilledAfter,
    /// A signal while the call is under way.
    Signal(Signal),
    /// Nobody listens at the address, from this call on.
    Refused,
}

/// A row of the matrix.
pub struct Row {
    pub name: &'static str,
    pub on: On,
    pub disturbance: Disturbance,
    /// How the command may exit besides 0, which it may only with everything done.
    pub exits: &'static [i32],
    /// One of these is what it says went wrong when it did not succeed.
    pub says: &'static [&'static str],
    /// Whether an answer is lost after the work, so that the command has to find out by itself
    /// what it did, with a run id or without.
    pub lost: bool,
    pub timeout: &'static str,
    pub given_run_id: bool,
}

/// Killed by SIGKILL, as the sandbox tells it.
pub const KILLED: i32 = 1009;

/// A failed command that a time limit does not disturb, on a machine with as much to do as one
/// that walks the matrix has.
pub const LONG: &str = "300s";
/// Enough for every command, and short enough to wait for its end.
pub const SHORT: &str = "6s";
/// More repetitions than any command makes.
const FOR_EVER: usize = 1000;

impl Row {
    fn says(self, says: &'static [&'static str]) -> Self {
        Self { says, ..self }
    }
}

/// All rows.
pub fn rows() -> Vec<Row> {
    use On::{Changes, Every, Work};

    let error = |code: &str| Fault::Error { code: code.to_owned(), message: "injected".to_owned() };
    let error_after =
        |code: &str| Fault::ErrorAfter { code: code.to_owned(), message: "injected".to_owned() };
    let html = |status| Fault::Http { status, body: "<html>gateway</html>".to_owned() };
    let html_after = |status| Fault::HttpAfter { status, body: "<html>gateway</html>".to_owned() };
    let row = |name, on, disturbance, exits| Row {
        name,
        on,
        disturbance,
        exits,
        says: &[],
        lost: false,
        timeout: LONG,
        given_run_id: true,
    };
    let once = |name, on, fault| row(name, on, Disturbance::Call(fault, 1), &[]);
    let lost = |name, fault| Row {
        lost: true,
        ..row(name, On::Changes, Disturbance::Call(fault, 1), &[])
    };
    let ever = |name, on, fault| row(name, on, Disturbance::Call(fault, FOR_EVER), &[1]);
    let short = |row| Row { timeout: SHORT, ..row };
    let mut rows = vec![
        row("connection refused", Every, Disturbance::Refused, &[1])
            .says(&["cannot connect to http://127.0.0.1:", "no answer from http://127.0.0.1:"]),
        once("closed before processing", Every, Fault::DropBefore),
        lost("closed after processing", Fault::DropAfter),
        ever("closed before processing, for ever", Every, Fault::DropBefore)
            .says(&["no answer from http://127.0.0.1:"]),
        ever("closed after processing, for ever", Changes, Fault::DropAfter)
            .says(&["no answer from http://127.0.0.1:"]),
        Row { on: Every, ..lost("truncated answer", Fault::Truncated) },
        once("not JSON, not processed", Every, Fault::NotJson),
        lost("not JSON, processed", Fault::NotJsonAfter),
        // Of a read, a status of the gateway is like another.
        once("HTTP 500, not processed", Changes, Fault::Http { status: 500, body: String::new() }),
        lost("HTTP 500, processed", Fault::HttpAfter { status: 500, body: String::new() }),
        once("HTTP 502 with HTML, not processed", Every, html(502)),
        lost("HTTP 502 with HTML, processed", html_after(502)),
        once("HTTP 503, not processed", Changes, html(503)),
        lost("HTTP 503, processed", html_after(503)),
        ever("HTTP 503, for ever", Changes, html(503)).says(&["HTTP status 503"]),
        once("InternalError, not processed", Every, error("InternalError")),
        lost("InternalError, processed", error_after("InternalError")),
        ever("InternalError, for ever", Every, error("InternalError"))
            .says(&["InternalError: injected (request "]),
        once("RequestLimitExceeded once", Every, error("RequestLimitExceeded")),
        row(
            "RequestLimitExceeded five times",
            Changes,
            Disturbance::Call(error("RequestLimitExceeded"), 5),
            &[1],
        )
        .says(&["RequestLimitExceeded: injected (request "]),
        ever("RequestLimitExceeded for ever", Every, error("RequestLimitExceeded"))
            .says(&["RequestLimitExceeded: injected (request "]),
        short(row("stalled, not processed", Every, Disturbance::Call(Fault::Stall, 1), &[6]))
            .says(&["not finished within 6 s"]),
        short(Row {
            lost: true,
            ..row("stalled, processed", Changes, Disturbance::Call(Fault::StallAfter, 1), &[6])
        })
        .says(&["not finished within 6 s"]),
        once("slow answer", Every, Fault::Delay(Duration::from_millis(700))),
        row(
            "authentication expired",
            Every,
            Disturbance::FromHere(error("AuthFailure.TokenFailure")),
            &[4],
        )
        .says(&["AuthFailure.TokenFailure: injected (request "]),
        row("a failed status", Work, Disturbance::FailedStatus, &[1])
            .says(&["Failed: the disk is full"]),
        short(row("a status that never ends", Work, Disturbance::Unending, &[6]))
            .says(&["not finished within 6 s"]),
        row("clock an hour ahead", Every, Disturbance::Clock, &[]),
        row("SIGKILL before", Every, Disturbance::KilledBefore, &[KILLED]),
        Row { lost: true, ..row("SIGKILL after", Changes, Disturbance::KilledAfter, &[KILLED]) },
        row("SIGINT", Every, Disturbance::Signal(Signal::INT), &[130]).says(&["interrupted"]),
        row("SIGTERM", Changes, Disturbance::Signal(Signal::TERM), &[143]).says(&["interrupted"]),
    ];
    // Without a run id of the user's the command must find its version by the one it made up.
    let without: Vec<Row> = rows
        .iter()
        .filter(|row| row.lost)
        .map(|row| Row {
            given_run_id: false,
            on: Changes,
            disturbance: row.disturbance.clone(),
            ..*row
        })
        .collect();
    rows.extend(without);
    rows
}
