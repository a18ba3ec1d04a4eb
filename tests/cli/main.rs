//! The program as a user sees it: commands in a sandbox, against a local SCF.

mod adoption;
mod alias;
mod alias_format;
mod alias_property;
mod answers;
mod arguments;
mod chinese;
#[cfg(unix)]
mod colour;
#[path = "../vectors/compare.rs"]
mod compare;
#[cfg(unix)]
mod completion;
mod config_values;
mod configuration;
mod consistency;
mod credentials;
mod deploy;
mod detailed_exitcode;
#[cfg(unix)]
mod doctor;
mod document;
mod document_custom;
#[cfg(unix)]
mod dotenv_above;
mod errors;
mod exposure;
mod failures;
mod faults;
mod finished;
mod hostile;
mod init;
mod inputs_table;
mod interrupts;
mod invoke;
mod json;
mod kinds;
mod load;
mod local_keys;
#[cfg(unix)]
mod local_state;
mod logs;
mod metric;
mod misspelt;
mod multi_functions;
mod multi_scf;
mod network;
mod not_found;
mod nothing_typed;
mod notify;
mod one_line;
mod other_components;
mod package;
mod packing;
mod pipeline;
#[cfg(unix)]
mod progress;
mod project;
mod project_faults;
#[cfg(unix)]
mod proxies;
mod publish;
mod races;
mod references;
mod rehearse;
mod release;
mod remove;
mod report;
mod report_project;
mod roles;
mod rollout;
mod rollout_project;
mod sandbox;
mod saved;
mod schema;
mod secrets;
mod sequences;
mod server;
mod sls;
mod status;
mod storage;
mod suggestions;
mod switches;
mod tls;
mod topics;
mod trigger_types;
mod triggers;
mod tty;
mod validation;
mod verify_split;
mod written;
mod wrong_files;
#[cfg(unix)]
mod zip_selection;
