//! Digests of what does not fit in the marker of a rollout, and names of rollouts.

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

/// Characters of a rollout's id.
pub(super) const ID_LENGTH: usize = 8;

/// Names a rollout by what makes it the one that it is.
pub(super) fn rollout_id<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut id = digest(parts);
    id.truncate(ID_LENGTH);
    id
}
