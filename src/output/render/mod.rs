//! Reports as people and programs get them.

pub(super) mod json;
pub(super) mod text;
