//! The `scfctl` command.

use std::process::ExitCode;

use chrono::Utc;

fn main() -> ExitCode {
    ExitCode::from(scfctl::cli::run(std::env::args_os(), Utc::now) as u8)
}
