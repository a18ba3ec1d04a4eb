//! Rollouts: a new version gets a growing share of an alias, step by step, and all of it or none
//! in the end.
//!
//! The state stands in the description of the alias and nowhere else ([`marker`]), so that
//! whoever looks can go on. [`machine`] decides: the alias as found, what the gates say and the
//! time come in, at most one write comes out.

pub mod decision;
pub mod evidence;
pub mod gate_fields;
pub mod line;
pub mod machine;
pub mod marker;
pub mod refused;
pub mod schedule;
pub mod standing;
pub mod state;
#[cfg(test)]
mod tests;
pub mod together;
