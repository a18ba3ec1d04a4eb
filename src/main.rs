//! The `scfctl` command.
fn main() {}
