//! Configuration: `serverless.yml`, `.env` and the variables in them.

pub mod alias;
pub mod credentials;
pub mod dotenv;
pub mod events;
pub mod function;
pub mod project;
pub mod settings;
mod text_file;
pub mod variables;
pub mod yaml;
