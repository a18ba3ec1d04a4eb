//! Objects in buckets of COS, as far as code is sent through them.

mod client;
mod error;
mod retry;
mod upload;

pub use client::{Address, Client, ClientOptions, Event};
pub use error::{AnswerProblem, CosError, Difference, PrepareProblem, Sent};
pub use upload::{Object, Read, Stored};
