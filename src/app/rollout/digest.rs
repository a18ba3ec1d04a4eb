//! Digests of what does not fit in the marker of a rollout.

use sha2::{Digest as _, Sha256};

/// A short digest of texts.
pub(super) fn digest<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // The length first, so that no two lists of parts run together.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut text = hex::encode(hash.finalize());
    text.truncate(12);
    text
}
