//! Uploads a package as an object.

use std::fmt::Write as _;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{TryStreamExt, stream};
use md5::{Digest as _, Md5};

use super::client::{Call, Client, Reply, children, element};
use super::error::Sent;
use super::{CosError, StoredDifference};
use crate::network::transport::Method;
use crate::order::Order as _;

/// Size of a part in bytes. The limit of 10,000 parts is far beyond any package.
const PART: u64 = 4 << 20;
/// Number of parts uploaded concurrently.
const PARALLEL: usize = 4;
/// Packages up to this size in bytes are uploaded in one request.
const SINGLE: u64 = 2 * PART;
/// Age from which on the bucket's rule may delete an object before it is read.
const FRESH: TimeDelta = TimeDelta::days(8);

/// The rule that the real component sets on its bucket: objects are deleted after 10 days.
const LIFECYCLE: &str = "<LifecycleConfiguration><Rule><ID>deleteObject</ID><Status>Enabled</Status><Filter></Filter><Expiration><Days>10</Days></Expiration><AbortIncompleteMultipartUpload><DaysAfterInitiation>10</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>";

/// Reads bytes of the object: offset and length. Called on other threads.
pub type ReadBytes = Arc<dyn Fn(u64, usize) -> io::Result<Vec<u8>> + Send + Sync>;

/// An object to store.
#[derive(Debug, Clone)]
pub struct Object {
    /// Region of the bucket.
    pub region: String,
    /// Bucket, including the account id.
    pub bucket: String,
    /// Key without a leading slash. It identifies the content, so an existing object need not be
    /// uploaded again.
    pub key: String,
    /// Size in bytes.
    pub size: u64,
    /// Whether the bucket is this program's own, to be created if it does not exist.
    pub own_bucket: bool,
}

/// Outcome of storing an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// The same content was already stored.
    Already,
    /// The object was uploaded.
    Sent,
}

/// A part or a whole object, with its checksum.
struct Piece {
    bytes: Bytes,
    md5: [u8; 16],
}

/// Checksum of everything read so far.
type Sum = Arc<Mutex<crc64fast::Digest>>;

impl Client {
    /// Stores an object. Creates its bucket first if that is this program's own.
    ///
    /// `progress` gets the number of bytes stored so far. After an error or an interruption,
    /// nothing is left behind.
    ///
    /// # Errors
    /// See [`CosError`].
    pub async fn store(
        &self,
        object: &Object,
        read: &ReadBytes,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Stored, CosError> {
        if object.own_bucket {
            self.make_bucket(object).await?;
        }
        if let Some(found) = self.find(object).await?
            && found.size == Some(object.size)
            && found.modified.is_some_and(|modified| self.now() - modified < FRESH)
            && let Some(crc64) = found.crc64
            && crc64 == self.checksum(object, read).await?
        {
            return Ok(Stored::Already);
        }
        if object.size <= SINGLE {
            self.put(object, read).await?;
            progress(object.size);
            return Ok(Stored::Sent);
        }
        let id = self.begin(object).await?;
        match self.in_parts(object, read, progress, &id).await {
            Ok(()) => Ok(Stored::Sent),
            Err(error) => {
                // Unfinished parts would be charged for.
                let _ = self.abort(object, &id).await;
                Err(error)
            }
        }
    }

    /// Creates the bucket as the real component does: it may already exist, its rule is set every
    /// time, and an error is retried once.
    async fn make_bucket(&self, object: &Object) -> Result<(), CosError> {
        let call = Call { action: "PutBucket", method: Method::PUT, ..bucket_call(object) };
        let mut tries = 0;
        loop {
            let Err(error) = self.call(&call, &anything).await else { break };
            match error.code() {
                Some("BucketAlreadyExists" | "BucketAlreadyOwnedByYou") => break,
                Some("TooManyBuckets") => {
                    // Perhaps because the bucket is one of the many.
                    let head =
                        Call { action: "HeadBucket", method: Method::HEAD, ..bucket_call(object) };
                    match self.call(&head, &anything).await {
                        Ok(_) => break,
                        Err(CosError::Interrupted) => return Err(CosError::Interrupted),
                        Err(_) => return Err(error),
                    }
                }
                Some(code) if tries == 0 && code != "AccessDenied" => tries += 1,
                _ => return Err(error),
            }
        }
        let call = Call {
            action: "PutBucketLifecycle",
            method: Method::PUT,
            query: vec![("lifecycle", String::new())],
            digest: Some(BASE64.encode(Md5::digest(LIFECYCLE))),
            content_type: Some("application/xml"),
            body: Bytes::from_static(LIFECYCLE.as_bytes()),
            ..bucket_call(object)
        };
        self.call(&call, &anything).await.map(drop)
    }

    /// Returns the metadata of the stored object, or `None` if it does not exist.
    async fn find(&self, object: &Object) -> Result<Option<StoredObject>, CosError> {
        let call = Call { action: "HeadObject", method: Method::HEAD, ..object_call(object) };
        match self.call(&call, &anything).await {
            Ok(reply) => Ok(Some(StoredObject::of(&reply))),
            // Without read permission, the object has to be uploaded again.
            Err(CosError::Service { status: 403 | 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Checks that the stored object is what was sent, repeatedly if necessary.
    async fn read_back(&self, object: &Object, crc64: u64) -> Result<(), CosError> {
        let call = Call { action: "HeadObject", method: Method::HEAD, ..object_call(object) };
        let check = |reply: &Reply| check_found(&StoredObject::of(reply), object.size, crc64);
        match self.call(&call, &check).await {
            // Without read permission, the response to the upload has to suffice.
            Ok(_) | Err(CosError::Service { status: 403, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn checksum(&self, object: &Object, read: &ReadBytes) -> Result<u64, CosError> {
        let sum = Sum::default();
        let mut offset = 0;
        while offset < object.size {
            let length = PART.min(object.size - offset);
            piece(read, offset, length, &sum).await?;
            offset += length;
        }
        Ok(finished(&sum))
    }

    async fn put(&self, object: &Object, read: &ReadBytes) -> Result<(), CosError> {
        let sum = Sum::default();
        let Piece { bytes, md5 } = piece(read, 0, object.size, &sum).await?;
        let call = Call {
            action: "PutObject",
            method: Method::PUT,
            digest: Some(BASE64.encode(md5)),
            content_type: Some("application/zip"),
            body: bytes,
            ..object_call(object)
        };
        let crc64 = finished(&sum);
        let check = |reply: &Reply| {
            check_etag("PutObject", Sent::Object, reply, md5)?;
            check_crc64("PutObject", StoredObject::of(reply).crc64, crc64)
        };
        self.call(&call, &check).await.map(drop)
    }

    async fn begin(&self, object: &Object) -> Result<String, CosError> {
        if self.is_stopped() {
            return Err(CosError::Interrupted);
        }
        let call = Call {
            action: "InitiateMultipartUpload",
            method: Method::POST,
            query: vec![("uploads", String::new())],
            content_type: Some("application/zip"),
            waits_for_answer: true,
            ..object_call(object)
        };
        let id = |reply: &Reply| element(reply, "InitiateMultipartUpload", "UploadId");
        let (begun, unanswered) = self.call_and_tell(&call, &|reply| id(reply).map(drop)).await;
        let begun = begun.and_then(|reply| id(&reply));
        if unanswered {
            // Without list permission, the bucket's rule has to remove it.
            let _ = self.abort_empty(object, begun.as_deref().ok()).await;
        }
        begun
    }

    /// Aborts uploads of the object that have no parts, except for the known one.
    ///
    /// The key identifies the content, so this program started them, and one with parts may be in
    /// progress elsewhere.
    async fn abort_empty(&self, object: &Object, known: Option<&str>) -> Result<(), CosError> {
        let list = Call {
            action: "ListMultipartUploads",
            query: vec![("uploads", String::new()), ("prefix", object.key.clone())],
            last_wish: true,
            ..bucket_call(object)
        };
        let uploads = self.call(&list, &anything).await?;
        let uploads = children(&uploads, list.action, "Upload", &["Key", "UploadId"])?;
        for upload in uploads {
            let [key, id] = &upload[..] else { continue };
            if *key != object.key || known == Some(id) {
                continue;
            }
            let list = Call {
                action: "ListParts",
                query: vec![("uploadId", id.clone())],
                last_wish: true,
                ..object_call(object)
            };
            let parts = self.call(&list, &anything).await?;
            if children(&parts, list.action, "Part", &[])?.is_empty() {
                self.abort(object, id).await?;
            }
        }
        Ok(())
    }

    async fn in_parts(
        &self,
        object: &Object,
        read: &ReadBytes,
        progress: &(dyn Fn(u64) + Sync),
        id: &str,
    ) -> Result<(), CosError> {
        let (sum, stored) = (Sum::default(), AtomicU64::new(0));
        let parts = stream::try_unfold(0_u64, |offset| {
            let (sum, length) = (&sum, PART.min(object.size - offset.min(object.size)));
            async move {
                if length == 0 {
                    return Ok(None);
                }
                let read = piece(read, offset, length, sum).await?;
                Ok::<_, CosError>(Some(((offset / PART + 1, read), offset + length)))
            }
        });
        let stored = &stored;
        let mut etags: Vec<(u64, String)> = parts
            .map_ok(|(number, Piece { bytes, md5 })| async move {
                let length = bytes.len() as u64;
                let call = Call {
                    action: "UploadPart",
                    method: Method::PUT,
                    query: vec![("partNumber", number.to_string()), ("uploadId", id.to_owned())],
                    digest: Some(BASE64.encode(md5)),
                    body: bytes,
                    ..object_call(object)
                };
                let what = Sent::Part(number);
                let check = |reply: &Reply| check_etag("UploadPart", what, reply, md5);
                self.call(&call, &check).await?;
                progress(stored.fetch_add(length, Ordering::Relaxed) + length);
                Ok((number, hex::encode(md5)))
            })
            .try_buffer_unordered(PARALLEL)
            .try_collect()
            .await?;
        etags.order();
        self.complete(object, id, &etags, finished(&sum)).await
    }

    /// Completes a multipart upload and reads the object back.
    async fn complete(
        &self,
        object: &Object,
        id: &str,
        etags: &[(u64, String)],
        crc64: u64,
    ) -> Result<(), CosError> {
        const ACTION: &str = "CompleteMultipartUpload";
        let mut parts = String::new();
        for (number, etag) in etags {
            let _ = write!(
                parts,
                "<Part><PartNumber>{number}</PartNumber><ETag>\"{etag}\"</ETag></Part>"
            );
        }
        let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        let call = Call {
            action: ACTION,
            method: Method::POST,
            query: vec![("uploadId", id.to_owned())],
            // The signature does not cover the body.
            digest: Some(BASE64.encode(Md5::digest(&body))),
            content_type: Some("application/xml"),
            body: body.into(),
            ..object_call(object)
        };
        // The status is sent before the work is done; only the ETag proves that it is.
        let done = |reply: &Reply| element(reply, ACTION, "ETag").map(drop);
        let lost = match self.call(&call, &done).await {
            Ok(_) => None,
            // An upload that an earlier attempt completed no longer exists.
            Err(error) if error.code() == Some("NoSuchUpload") => Some(error),
            Err(error) => return Err(error),
        };
        match (self.read_back(object, crc64).await, lost) {
            (Err(CosError::Interrupted), _) => Err(CosError::Interrupted),
            (Err(_), Some(error)) => Err(error),
            (outcome, _) => outcome,
        }
    }

    async fn abort(&self, object: &Object, id: &str) -> Result<(), CosError> {
        let call = Call {
            action: "AbortMultipartUpload",
            method: Method::DELETE,
            query: vec![("uploadId", id.to_owned())],
            last_wish: true,
            ..object_call(object)
        };
        self.call(&call, &anything).await.map(drop)
    }
}

/// Metadata of a stored object.
struct StoredObject {
    size: Option<u64>,
    crc64: Option<u64>,
    modified: Option<DateTime<Utc>>,
}

impl StoredObject {
    fn of(reply: &Reply) -> Self {
        let modified = reply.header("last-modified");
        let modified = modified.and_then(|text| DateTime::parse_from_rfc2822(text).ok());
        Self {
            size: reply.header("content-length").and_then(|text| text.parse().ok()),
            crc64: reply.header("x-cos-hash-crc64ecma").and_then(|text| text.parse().ok()),
            modified: modified.map(|time| time.with_timezone(&Utc)),
        }
    }
}

fn bucket_call(object: &Object) -> Call<'_> {
    Call {
        action: "",
        method: Method::GET,
        region: &object.region,
        bucket: &object.bucket,
        key: "",
        query: Vec::new(),
        digest: None,
        content_type: None,
        body: Bytes::new(),
        last_wish: false,
        waits_for_answer: false,
    }
}

fn object_call(object: &Object) -> Call<'_> {
    Call { key: &object.key, ..bucket_call(object) }
}

#[allow(clippy::unnecessary_wraps)]
fn anything(_: &Reply) -> Result<(), CosError> {
    Ok(())
}

/// Reads and hashes on another thread. Pieces must be read in order, as the sum covers all of them.
async fn piece(read: &ReadBytes, offset: u64, length: u64, sum: &Sum) -> Result<Piece, CosError> {
    let (read, sum) = (Arc::clone(read), Arc::clone(sum));
    let work = move || {
        let bytes = read(offset, usize::try_from(length).map_err(io::Error::other)?)?;
        if let Ok(mut sum) = sum.lock() {
            sum.write(&bytes);
        }
        Ok(Piece { md5: Md5::digest(&bytes).into(), bytes: bytes.into() })
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(CosError::Read)
}

fn finished(sum: &Sum) -> u64 {
    sum.lock().map(|sum| sum.sum64()).unwrap_or_default()
}

fn check_etag(
    action: &'static str,
    what: Sent,
    reply: &Reply,
    md5: [u8; 16],
) -> Result<(), CosError> {
    let (sent, stored) = (hex::encode(md5), reply.header("etag").unwrap_or_default());
    let stored = stored.trim_matches('"').to_ascii_lowercase();
    if stored == sent {
        return Ok(());
    }
    Err(CosError::Corrupted {
        action,
        what,
        difference: StoredDifference::Checksum { sent, stored },
    })
}

/// The service need not report the checksum, but a wrong one is an error.
fn check_crc64(action: &'static str, stored: Option<u64>, sent: u64) -> Result<(), CosError> {
    match stored {
        Some(stored) if stored != sent => Err(CosError::Corrupted {
            action,
            what: Sent::Object,
            difference: StoredDifference::Checksum {
                sent: sent.to_string(),
                stored: stored.to_string(),
            },
        }),
        _ => Ok(()),
    }
}

fn check_found(found: &StoredObject, size: u64, crc64: u64) -> Result<(), CosError> {
    let action = "HeadObject";
    if let Some(stored) = found.size.filter(|stored| *stored != size) {
        return Err(CosError::Corrupted {
            action,
            what: Sent::Object,
            difference: StoredDifference::Size { sent: size, stored },
        });
    }
    check_crc64(action, found.crc64, crc64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_the_real_components_to_the_byte() {
        assert_eq!(BASE64.encode(Md5::digest(LIFECYCLE)), "HBziDyVJwkaObwmfwfDK5A==");
    }

    #[test]
    fn the_checksum_is_that_of_the_service() {
        let sum = Sum::default();
        sum.lock().unwrap().write(b"123456789");
        assert_eq!(finished(&sum), 0x995d_c9bb_df19_39fa);
    }
}
