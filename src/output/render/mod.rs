//! Reports as people and programs get them.

pub(super) mod doctor;
pub(super) mod json;
pub(super) mod metrics;
pub(super) mod page;
pub(super) mod rehearsal;
mod sparks;
pub(super) mod split;
pub(super) mod status;
pub(super) mod text;
pub(super) mod words;
