//! The `scfctl` command.

use std::process::ExitCode;

use chrono::Utc;

fn main() -> ExitCode {
    let mut arguments = Vec::new();
    for argument in std::env::args_os() {
        match argument.into_string() {
            Ok(argument) => arguments.push(argument),
            Err(argument) => {
                eprintln!("error: argument `{}` is not UTF-8", argument.to_string_lossy());
                return ExitCode::from(2);
            }
        }
    }
    let (program, arguments) = match arguments.split_first() {
        Some((program, rest)) => (program.as_str(), rest),
        None => ("scfctl", &[][..]),
    };
    ExitCode::from(scfctl::cli::run(program, arguments, Utc::now) as u8)
}
