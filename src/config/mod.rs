//! Configuration: `serverless.yml`, `.env` and the variables in them.

pub mod yaml;
