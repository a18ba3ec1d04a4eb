//! Configuration: `serverless.yml`, `.env` and the variables in them.

pub mod alias;
pub mod credentials;
pub mod disclosure;
pub mod dotenv;
pub mod events;
pub mod function;
pub mod input_error;
pub mod invoke;
pub mod json_text;
mod metric;
pub mod multi_scf;
mod named_function;
pub mod no_output;
pub(crate) mod pointer;
pub mod position;
pub mod project;
pub mod references;
pub mod settings;
pub mod text_file;
mod value_kind;
pub mod variables;
pub mod warning;
pub mod yaml;

pub use value_kind::ValueKind;
