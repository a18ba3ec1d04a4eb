//! What the rooms say, in other languages than English.

pub mod zh;

pub use crate::text::{Language, Text};
