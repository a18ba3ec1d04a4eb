//! The `scfctl` command.

use std::process::ExitCode;

use chrono::Utc;

fn main() -> ExitCode {
    let mut arguments = Vec::new();
    for (position, argument) in std::env::args_os().enumerate() {
        // Named by its place: it may be a broken secret.
        let Ok(argument) = argument.into_string() else {
            eprintln!("error: argument {position} is not UTF-8");
            return ExitCode::from(2);
        };
        arguments.push(argument);
    }
    let (program, arguments) = match arguments.split_first() {
        Some((program, rest)) => (program.as_str(), rest),
        None => ("scfctl", &[][..]),
    };
    ExitCode::from(scfctl::cli::run(program, arguments, Utc::now) as u8)
}
