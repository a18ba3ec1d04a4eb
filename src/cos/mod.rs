//! A client for objects in COS buckets, as far as uploading code needs it.

mod client;
mod error;
mod retry;
mod upload;

pub use client::{BucketAddress, Client, ClientEvent, ClientOptions};
pub use error::{AnswerProblem, CosError, PrepareProblem, Sent, StoredDifference};
pub use upload::{Object, ReadBytes, Stored};
