//! Where code comes from: exactly one source, checked as far as it can be.

use std::io::Cursor;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::super::error::Refusal;
use super::request::Request;
use super::{Code, State};

/// The largest inline package: 50 MB by the structure's text.
const LARGEST_PACKAGE: usize = 50 * 1024 * 1024;

/// Code as a request brings it.
#[derive(Debug)]
pub(super) struct Brought {
    pub(super) code: Code,
    /// The bytes of a package.
    pub(super) package: Option<Arc<Vec<u8>>>,
    /// Whether the code is an image, which needs no handler.
    pub(super) image: bool,
}

/// Reads the `Code` structure, or the old flat fields of `UpdateFunctionCode`.
pub(super) fn read(request: &Request, state: &State) -> Result<Brought, Refusal> {
    let flat = ["CosBucketName", "CosObjectName", "CosBucketRegion", "ZipFile"];
    let flat: Map<String, Value> = flat
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), request.value(name)?.clone())))
        .collect();
    let code = request.value("Code").and_then(Value::as_object);
    let code = match (code, flat.is_empty()) {
        (Some(code), true) => code,
        (None, false) => &flat,
        (Some(_), false) => {
            return Err(wrong(request, "Code", "code is given both in Code and beside it"));
        }
        (None, true) => return Err(absent(request)),
    };
    content(request, code, state)
}

/// Reads the structure `Code`, which layers call `Content`.
pub(super) fn content(
    request: &Request,
    code: &Map<String, Value>,
    state: &State,
) -> Result<Brought, Refusal> {
    let code = Source(code);
    if code.0.keys().any(|name| name.starts_with("Git")) {
        return Err(wrong(request, "Code", "code from Git is no longer supported"));
    }
    let cos = code.text("CosBucketName").is_some() || code.text("CosObjectName").is_some();
    let image = code.0.get("ImageConfig").and_then(Value::as_object);
    let sources = [
        cos,
        code.text("ZipFile").is_some(),
        code.text("DemoId").is_some(),
        code.text("TempCosObjectName").is_some(),
        image.is_some(),
    ];
    match sources.iter().filter(|given| **given).count() {
        0 => return Err(absent(request)),
        1 => {}
        _ => {
            return Err(wrong(request, "Code", "more than one source of code is given"));
        }
    }
    if let Some(text) = code.text("ZipFile") {
        return read_zip(request, text);
    }
    if cos {
        return read_cos(request, &code, state);
    }
    if let Some(image) = image {
        check_image(request, image)?;
    }
    Ok(Brought {
        code: Code { source: Value::Object(code.0.clone()), sha256: None, size: 0 },
        package: None,
        image: image.is_some(),
    })
}

/// The members of a `Code` structure.
struct Source<'a>(&'a Map<String, Value>);

impl<'a> Source<'a> {
    /// A text that is there and not empty.
    fn text(&self, name: &str) -> Option<&'a str> {
        let text = self.0.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    }
}

fn read_zip(request: &Request, text: &str) -> Result<Brought, Refusal> {
    let bytes = STANDARD.decode(text).map_err(|error| {
        request.refuse(
            &["InvalidParameterValue.ZipFileBase64BinasciiError"],
            format!("ZipFile is not Base64: {error}."),
        )
    })?;
    if bytes.len() > LARGEST_PACKAGE {
        return Err(wrong(request, "ZipFile", "the package is over 50 MB"));
    }
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let source = json!({"ZipFile": true});
    take(request, "ZipFile", source, sha256, Arc::new(bytes))
}

/// Takes in a package, which has to be a zip with something in it.
fn take(
    request: &Request,
    name: &str,
    source: Value,
    sha256: String,
    bytes: Arc<Vec<u8>>,
) -> Result<Brought, Refusal> {
    let archive = zip::ZipArchive::new(Cursor::new(&bytes[..]))
        .map_err(|error| wrong(request, name, &format!("the package is no zip: {error}")))?;
    if archive.is_empty() {
        return Err(wrong(request, name, "the package has no file"));
    }
    let size = bytes.len() as u64;
    let code = Code { source, sha256: Some(sha256), size };
    Ok(Brought { code, package: Some(bytes), image: false })
}

/// An object has to be there when the call is made; the platform keeps a copy of its own.
fn read_cos(request: &Request, code: &Source, state: &State) -> Result<Brought, Refusal> {
    let (bucket, object) = check_cos(request, code)?;
    let region = code.text("CosBucketRegion").unwrap_or(request.region);
    let Some((sha256, bytes)) = state.code_object(bucket, object, &[region, request.region]) else {
        let text = format!("there is no object `{object}` in bucket `{bucket}` of {region}");
        return Err(wrong(request, "CosObjectName", &text));
    };
    take(request, "CosObjectName", Value::Object(code.0.clone()), sha256, bytes)
}

fn check_cos<'a>(request: &Request, code: &Source<'a>) -> Result<(&'a str, &'a str), Refusal> {
    let Some(bucket) = code.text("CosBucketName") else {
        return Err(wrong(request, "CosBucketName", "CosBucketName is missing"));
    };
    let Some(object) = code.text("CosObjectName") else {
        return Err(wrong(request, "CosObjectName", "CosObjectName is missing"));
    };
    let appid = bucket.rsplit_once('-').map(|(_, last)| last);
    if appid.is_some_and(|last| last.len() >= 8 && last.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(wrong(
            request,
            "CosBucketName",
            "CosBucketName must not carry the account's number",
        ));
    }
    if !object.starts_with('/') {
        return Err(wrong(request, "CosObjectName", "CosObjectName must begin with `/`"));
    }
    Ok((bucket, object))
}

fn check_image(request: &Request, image: &Map<String, Value>) -> Result<(), Refusal> {
    let image = Source(image);
    match image.text("ImageType") {
        Some("personal" | "public") => {}
        Some("enterprise") if image.text("RegistryId").is_some() => {}
        Some("enterprise") => {
            return Err(wrong(request, "RegistryId", "an enterprise image needs RegistryId"));
        }
        _ => {
            return Err(wrong(request, "ImageType", "ImageType is personal, enterprise or public"));
        }
    }
    if image.text("ImageUri").is_none() {
        return Err(wrong(request, "ImageUri", "ImageUri is empty"));
    }
    Ok(())
}

fn wrong(request: &Request, name: &str, text: &str) -> Refusal {
    request.refuse(
        &[
            &format!("InvalidParameterValue.{name}"),
            "InvalidParameterValue.Code",
            "InvalidParameterValue.Content",
        ],
        format!("The code is wrong: {text}."),
    )
}

fn absent(request: &Request) -> Refusal {
    request.refuse(
        &["MissingParameter.Code", "InvalidParameterValue.Code", "InvalidParameterValue.Content"],
        "No source of code is given.",
    )
}
