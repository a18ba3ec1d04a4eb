//! A file for each command: what it takes, and what it asks of [`crate::app`].

pub(super) mod config;
pub(super) mod create_alias;
pub(super) mod delete_alias;
pub(super) mod deploy;
pub(super) mod list_alias;
pub(super) mod local;
pub(super) mod package;
pub(super) mod publish_ver;
pub(super) mod update_alias;
