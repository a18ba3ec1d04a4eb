//! The `scfctl` command.

use std::process::ExitCode;

use scfctl::clock::Clock;

fn main() -> ExitCode {
    ExitCode::from(scfctl::cli::run(std::env::args_os(), Clock::system()) as u8)
}
