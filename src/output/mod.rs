//! What the command prints.

pub mod pretty;
