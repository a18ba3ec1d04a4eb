//! Buckets of COS with their objects, as far as code is sent through them.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::super::error::Refusal;
use super::{Moment, State, account};

/// The smallest part of an upload but the last one.
const SMALLEST_PART: usize = 1 << 20;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in super::super) struct Bucket {
    /// `None` where it was made by an address that names no region: then it is in each.
    pub(in super::super) region: Option<String>,
    pub(in super::super) added: String,
    /// The configuration as it was sent.
    pub(in super::super) lifecycle: Option<String>,
    pub(in super::super) objects: BTreeMap<String, Object>,
    /// Uploads that are not finished do not outlive the server.
    #[serde(skip)]
    pub(in super::super) uploads: BTreeMap<String, Upload>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in super::super) struct Object {
    /// Its bytes are kept as a package of this hash.
    sha256: String,
    pub(in super::super) size: u64,
    /// Without quotes.
    pub(in super::super) etag: String,
    pub(in super::super) crc64: String,
    modified: Moment,
    pub(in super::super) about: About,
}

/// What a request says about an object.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in super::super) struct About {
    pub(in super::super) content_type: String,
    /// `x-cos-meta-*` headers.
    pub(in super::super) meta: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
pub(in super::super) struct Upload {
    pub(in super::super) key: String,
    about: About,
    pub(in super::super) parts: BTreeMap<u32, Part>,
}

#[derive(Debug, Clone)]
pub(in super::super) struct Part {
    bytes: Arc<Vec<u8>>,
    pub(in super::super) etag: String,
}

impl Part {
    pub(in super::super) fn size(&self) -> usize {
        self.bytes.len()
    }
}

impl Object {
    pub(in super::super) fn modified(&self) -> DateTime<Utc> {
        self.modified.0
    }
}

fn no_bucket(name: &str) -> Refusal {
    Refusal::new("NoSuchBucket", format!("There is no bucket `{name}`."))
}

fn no_key(key: &str) -> Refusal {
    Refusal::new("NoSuchKey", format!("There is no object `{key}`."))
}

fn no_upload(id: &str) -> Refusal {
    Refusal::new("NoSuchUpload", format!("There is no upload `{id}`."))
}

impl State {
    pub(in super::super) fn buckets(&self) -> &BTreeMap<String, Bucket> {
        &self.buckets
    }

    /// Makes a bucket; its name ends in the account's number.
    pub(in super::super) fn create_bucket(
        &mut self,
        name: &str,
        region: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let bare = name.strip_suffix(&format!("-{}", account::APP_ID));
        if name.len() > 60
            || !name.bytes().all(allowed)
            || bare
                .is_none_or(|bare| bare.is_empty() || bare.starts_with('-') || bare.ends_with('-'))
        {
            return Err(Refusal::new(
                "InvalidBucketName",
                format!("`{name}` cannot be a bucket of account {}.", account::APP_ID),
            ));
        }
        if self.buckets.contains_key(name) {
            return Err(Refusal::new("BucketAlreadyOwnedByYou", "The bucket is yours already."));
        }
        let bucket = Bucket {
            region: region.map(str::to_owned),
            added: now.to_rfc3339(),
            lifecycle: None,
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
        };
        self.buckets.insert(name.to_owned(), bucket);
        Ok(())
    }

    pub(in super::super) fn delete_bucket(&mut self, name: &str) -> Result<(), Refusal> {
        if !self.bucket(name)?.objects.is_empty() {
            return Err(Refusal::new("BucketNotEmpty", "The bucket has objects."));
        }
        self.buckets.remove(name);
        Ok(())
    }

    pub(in super::super) fn bucket(&self, name: &str) -> Result<&Bucket, Refusal> {
        self.buckets.get(name).ok_or_else(|| no_bucket(name))
    }

    pub(in super::super) fn bucket_mut(&mut self, name: &str) -> Result<&mut Bucket, Refusal> {
        self.buckets.get_mut(name).ok_or_else(|| no_bucket(name))
    }

    /// Keeps an object; tells what it is then.
    pub(in super::super) fn put_object(
        &mut self,
        bucket: &str,
        key: &str,
        bytes: Vec<u8>,
        about: About,
        now: DateTime<Utc>,
    ) -> Result<Object, Refusal> {
        let etag = hex::encode(Md5::digest(&bytes));
        self.keep_object(bucket, key, bytes, etag, about, now)
    }

    fn keep_object(
        &mut self,
        bucket: &str,
        key: &str,
        bytes: Vec<u8>,
        etag: String,
        about: About,
        now: DateTime<Utc>,
    ) -> Result<Object, Refusal> {
        let object = Object {
            sha256: hex::encode(Sha256::digest(&bytes)),
            size: bytes.len() as u64,
            etag,
            crc64: crc64(&bytes).to_string(),
            modified: Moment(now),
            about,
        };
        self.bucket_mut(bucket)?.objects.insert(key.to_owned(), object.clone());
        self.packages.insert(object.sha256.clone(), Arc::new(bytes));
        self.forget_unused_packages();
        Ok(object)
    }

    pub(in super::super) fn object(
        &self,
        bucket: &str,
        key: &str,
    ) -> Result<(&Object, Arc<Vec<u8>>), Refusal> {
        let object = self.bucket(bucket)?.objects.get(key).ok_or_else(|| no_key(key))?;
        let bytes = self.packages.get(&object.sha256).cloned().ok_or_else(|| no_key(key))?;
        Ok((object, bytes))
    }

    /// Keeps an object in a bucket without the account's number, made where it is not there.
    pub(in super::super) fn put_code_object(
        &mut self,
        bucket: &str,
        key: &str,
        bytes: Vec<u8>,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let bucket = format!("{bucket}-{}", account::APP_ID);
        if !self.buckets.contains_key(&bucket) {
            self.create_bucket(&bucket, None, now)?;
        }
        self.put_object(&bucket, key, bytes, About::default(), now).map(drop)
    }

    /// An object by the names that SCF uses: the bucket without the account's number, the
    /// object with a slash.
    pub(super) fn code_object(
        &self,
        bucket: &str,
        object: &str,
        regions: &[&str],
    ) -> Option<(String, Arc<Vec<u8>>)> {
        let bucket = format!("{bucket}-{}", account::APP_ID);
        let place = self.buckets.get(&bucket)?.region.as_deref();
        if place.is_some_and(|place| !regions.contains(&place)) {
            return None;
        }
        let (found, bytes) = self.object(&bucket, object.trim_start_matches('/')).ok()?;
        Some((found.sha256.clone(), bytes))
    }

    pub(in super::super) fn delete_object(
        &mut self,
        bucket: &str,
        key: &str,
    ) -> Result<(), Refusal> {
        self.bucket_mut(bucket)?.objects.remove(key);
        self.forget_unused_packages();
        Ok(())
    }

    pub(in super::super) fn begin_upload(
        &mut self,
        bucket: &str,
        key: &str,
        about: About,
    ) -> Result<String, Refusal> {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let upload = Upload { key: key.to_owned(), about, parts: BTreeMap::new() };
        self.bucket_mut(bucket)?.uploads.insert(id.clone(), upload);
        Ok(id)
    }

    pub(in super::super) fn upload(
        &mut self,
        bucket: &str,
        key: &str,
        id: &str,
    ) -> Result<&mut Upload, Refusal> {
        let upload = self.bucket_mut(bucket)?.uploads.get_mut(id);
        upload.filter(|upload| upload.key == key).ok_or_else(|| no_upload(id))
    }

    pub(in super::super) fn put_part(
        &mut self,
        (bucket, key, id): (&str, &str, &str),
        number: u32,
        bytes: Vec<u8>,
    ) -> Result<String, Refusal> {
        if !(1..=10_000).contains(&number) {
            return Err(Refusal::new("InvalidArgument", "partNumber is not from 1 to 10000."));
        }
        let etag = hex::encode(Md5::digest(&bytes));
        let part = Part { bytes: Arc::new(bytes), etag: etag.clone() };
        self.upload(bucket, key, id)?.parts.insert(number, part);
        Ok(etag)
    }

    /// Makes an object of the listed parts, each a number with its checksum.
    pub(in super::super) fn complete(
        &mut self,
        (bucket, key, id): (&str, &str, &str),
        list: &[(u32, String)],
        now: DateTime<Utc>,
    ) -> Result<Object, Refusal> {
        let upload = self.upload(bucket, key, id)?;
        if list.is_empty() {
            return Err(Refusal::new("MalformedXML", "The list of parts is empty."));
        }
        if !list.is_sorted_by(|one, next| one.0 < next.0) {
            return Err(Refusal::new("InvalidPartOrder", "The parts are not in ascending order."));
        }
        let (mut bytes, mut sums) = (Vec::new(), Md5::new());
        for (position, (number, etag)) in list.iter().enumerate() {
            let part = upload.parts.get(number).filter(|part| part.etag == *etag);
            let part = part.ok_or_else(|| {
                Refusal::new("InvalidPart", format!("Part {number} is not what was uploaded."))
            })?;
            if position + 1 < list.len() && part.size() < SMALLEST_PART {
                return Err(Refusal::new(
                    "EntityTooSmall",
                    format!("Part {number} has {} bytes.", part.size()),
                ));
            }
            bytes.extend_from_slice(&part.bytes);
            sums.update(hex::decode(&part.etag).unwrap_or_default());
        }
        let etag = format!("{}-{}", hex::encode(sums.finalize()), list.len());
        let about = upload.about.clone();
        let object = self.keep_object(bucket, key, bytes, etag, about, now)?;
        self.bucket_mut(bucket)?.uploads.remove(id);
        Ok(object)
    }

    pub(in super::super) fn abort(
        &mut self,
        bucket: &str,
        key: &str,
        id: &str,
    ) -> Result<(), Refusal> {
        self.upload(bucket, key, id)?;
        self.bucket_mut(bucket)?.uploads.remove(id);
        Ok(())
    }
}

impl Bucket {
    pub(super) fn hashes(&self) -> impl Iterator<Item = String> {
        self.objects.values().map(|object| object.sha256.clone())
    }
}

/// CRC-64/ECMA-182 in the reflected form, that of xz.
fn crc64(bytes: &[u8]) -> u64 {
    // Not a constant: without optimisation that is copied for every byte.
    static TABLE: [u64; 256] = {
        let mut table = [0; 256];
        let mut index = 0;
        while index < 256 {
            let mut value = index as u64;
            let mut bit = 0;
            while bit < 8 {
                value =
                    if value & 1 == 1 { value >> 1 ^ 0xc96c_5795_d787_0f42 } else { value >> 1 };
                bit += 1;
            }
            table[index] = value;
            index += 1;
        }
        table
    };
    // By index: without optimisation each call of an iterator takes longer than a step.
    let (mut sum, mut index) = (!0_u64, 0);
    while index < bytes.len() {
        sum = sum >> 8 ^ TABLE[((sum ^ u64::from(bytes[index])) & 0xff) as usize];
        index += 1;
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        // The check value of CRC-64/XZ.
        assert_eq!(crc64(b"123456789"), 0x995d_c9bb_df19_39fa);
        assert_eq!(crc64(b""), 0);
    }
}
