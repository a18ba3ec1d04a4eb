//! Configuration: `serverless.yml`, `.env` and the variables in them.

pub mod dotenv;
pub mod project;
pub mod variables;
pub mod yaml;
