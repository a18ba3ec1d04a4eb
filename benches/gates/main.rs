//! What the gates of a rollout do to healthy and to bad versions, beside the rules of other tools
//! and beside the least that any rule needs.
//!
//! `benches/gates/run [ROLLOUTS]` prints the tables of `docs/en/gates.md` and ends with 1 when a goal
//! is missed. The rules of the others stand in `rivals.rs`, as their documentation describes them;
//! all rules see the same minutes.

// Simulated counts lie far below where doubles lose whole numbers.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
// A benchmark's result is what it prints.
#![allow(missing_docs)]

mod bound;
mod random;
mod rivals;
mod tables;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let numbers: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let rollouts = match &numbers[..] {
        [] => 2000,
        [number] => match number.parse() {
            Ok(rollouts @ 100..=1_000_000) => rollouts,
            _ => return usage(number),
        },
        [_, other, ..] => return usage(other),
    };
    let mut goals = tables::Goals::default();
    tables::false_ways_back(rollouts, &mut goals);
    tables::detection(rollouts, &mut goals);
    tables::unclean_worlds(rollouts, &mut goals);
    tables::evidence_at_one_weight(rollouts, &mut goals);
    tables::total_failure(&mut goals);
    tables::time_of_a_look();
    goals.print()
}

fn usage(argument: &str) -> ExitCode {
    eprintln!("`{argument}` is not a number of rollouts from 100 to 1000000");
    ExitCode::from(2)
}
