//! The `scfctl` command.

use std::process::ExitCode;

use chrono::Utc;

fn main() -> ExitCode {
    let mut arguments = Vec::new();
    for argument in std::env::args_os().skip(1) {
        match argument.into_string() {
            Ok(argument) => arguments.push(argument),
            Err(argument) => {
                eprintln!("error: argument `{}` is not UTF-8", argument.to_string_lossy());
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::from(scfctl::cli::run(&arguments, Utc::now) as u8)
}
