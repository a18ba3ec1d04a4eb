//! What a function runs: sent, and told by the service.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use tokio::time::Instant;

use super::{APPEARANCE, ExecuteError, Executor, is_busy, wire};
use crate::model::{CodeSource, Image, Status, Version};
use crate::package::Package;
use crate::scf::actions::{Code, GetFunctionReply, ImageConfig};
use crate::scf::retry;

/// What `$LATEST` runs, as far as the service tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// It does not.
    Nothing,
    /// Hex SHA-256 of a package.
    Package(String),
    /// An image.
    Image(Image),
}

impl Told {
    pub(super) fn new(reply: &GetFunctionReply, code_sha256: Option<&str>) -> Self {
        match (wire::image(reply), code_sha256) {
            (Some(image), _) => Self::Image(image),
            (None, Some(digest)) => Self::Package(digest.to_ascii_lowercase()),
            (None, None) => Self::Nothing,
        }
    }
}

/// What tells the code of one publication from another's, for its key. An image is part of
/// what `GetFunction` tells, so there is nothing to add.
pub(super) fn identity(source: &CodeSource, told: Option<&str>) -> String {
    match source {
        CodeSource::Package { sha256, .. } => sha256.clone(),
        CodeSource::Object(object) => told.map_or_else(|| object.to_string(), str::to_owned),
        CodeSource::Image(_) => String::new(),
    }
}

/// `Code` of a call.
///
/// # Errors
/// A package is named and none is there; a fault of this program.
pub(super) fn code(source: &CodeSource, package: Option<&Package>) -> Result<Code, ExecuteError> {
    Ok(match source {
        CodeSource::Package { upload: Some(upload), .. } => Code {
            cos_bucket_name: Some(upload.bucket.clone()),
            cos_object_name: Some(upload.object.clone()),
            ..Code::default()
        },
        CodeSource::Package { upload: None, .. } => {
            let package = package.ok_or(ExecuteError::Unpacked)?;
            let zip_file = Some(BASE64.encode(package.bytes().map_err(ExecuteError::Package)?));
            Code { zip_file, ..Code::default() }
        }
        CodeSource::Object(object) => Code {
            cos_bucket_name: Some(object.bucket.clone()),
            cos_object_name: Some(object.object.clone()),
            cos_bucket_region: object.region.clone(),
            ..Code::default()
        },
        CodeSource::Image(image) => {
            let image_config = ImageConfig {
                image_type: Some(image.kind.clone()),
                image_uri: Some(image.uri.clone()),
                registry_id: image.registry_id.clone(),
                entry_point: image.entry_point.clone(),
                command: image.command.clone(),
                args: image.args.clone(),
                container_image_accelerate: image.accelerate,
                image_port: image.port,
            };
            Code { image_config: Some(image_config), ..Code::default() }
        }
    })
}

impl Executor<'_> {
    /// `$LATEST`, `None` when the function does not exist, and the digest of its package.
    ///
    /// Both are asked for at once. Where the second cannot say anything it is not waited for:
    /// an image has no package, and of a function that is busy everything is read again.
    pub(super) async fn latest_and_code(
        &self,
    ) -> (Result<Option<GetFunctionReply>, ExecuteError>, Result<Option<String>, ExecuteError>)
    {
        let (started, mut tries) = (Instant::now(), 0);
        loop {
            let (latest, code) = self.look_at_both().await;
            match code {
                // Work ended or began between the two answers.
                Err(error) if is_busy(&error) => {
                    if started.elapsed() >= APPEARANCE || self.out_of_time() {
                        return (latest, Ok(None));
                    }
                }
                code => return (latest, code),
            }
            if let Err(interrupted) = self.pause(retry::backoff(tries)).await {
                return (Err(interrupted), Ok(None));
            }
            tries += 1;
        }
    }

    async fn look_at_both(
        &self,
    ) -> (Result<Option<GetFunctionReply>, ExecuteError>, Result<Option<String>, ExecuteError>)
    {
        let mut early = None;
        let mut code = Box::pin(self.code_sha256(Version::Latest));
        let mut function = Box::pin(self.find_function());
        let latest = tokio::select! {
            biased;
            latest = &mut function => latest,
            found = &mut code => {
                early = Some(found);
                function.await
            }
        };
        if let Ok(Some(reply)) = &latest
            && (wire::image(reply).is_some() || Status::from(reply.status.as_str()).is_transient())
        {
            return (latest, Ok(None));
        }
        let code = match early {
            Some(found) => found,
            None => code.await,
        };
        (latest, code)
    }

    /// What `$LATEST` runs now.
    pub(super) async fn told(&self, before: &Told) -> Result<Told, ExecuteError> {
        Ok(match before {
            Told::Nothing => Told::Nothing,
            Told::Image(_) => Told::new(&self.get_function(Version::Latest).await?, None),
            Told::Package(_) => self
                .settled_code(Version::Latest)
                .await?
                .map_or(Told::Nothing, |digest| Told::Package(digest.to_ascii_lowercase())),
        })
    }
}
