//! Objects in buckets of COS, as far as code is sent through them.

mod client;
mod error;
mod retry;
mod upload;

pub use client::{BucketAddress, Client, ClientEvent, ClientOptions};
pub use error::{AnswerProblem, CosError, PrepareProblem, Sent, StoredDifference};
pub use upload::{Object, ReadBytes, Stored};
