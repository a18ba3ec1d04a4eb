//! Names of buckets.

/// A bucket without the account's number at its end, which the API does not want.
pub(super) fn without_account(bucket: &str) -> &str {
    match bucket.rsplit_once('-') {
        Some((name, account))
            if account.len() >= 8 && account.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            name
        }
        _ => bucket,
    }
}
