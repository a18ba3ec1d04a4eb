//! The program as a user sees it: commands in a sandbox, against a local SCF.

mod alias;
mod alias_format;
mod alias_property;
#[path = "../vectors/compare.rs"]
mod compare;
mod configuration;
mod credentials;
mod deploy;
mod document;
mod document_custom;
mod errors;
mod exposure;
mod failures;
mod faults;
mod hostile;
mod inputs_table;
mod interrupts;
mod kinds;
mod multi_functions;
mod multi_scf;
mod network;
mod not_found;
mod package;
mod project;
mod project_faults;
mod publish;
mod races;
mod references;
mod release;
mod roles;
mod sandbox;
mod secrets;
mod sequences;
mod server;
mod sls;
mod storage;
mod suggestions;
mod switches;
mod tls;
mod trigger_types;
mod triggers;
mod validation;
mod written;
mod wrong_files;
#[cfg(unix)]
mod zip_selection;
