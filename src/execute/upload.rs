//! Uploads packages that go through COS.

use std::sync::Arc;

use super::{ExecuteError, FunctionSession, Progress};
use crate::api::actions::GetUserAppId;
use crate::cos::{self, CosError, Stored};
use crate::model::Upload;
use crate::package::Package;

/// Uploads a package to where the function call refers to it.
pub(super) async fn upload(
    session: &FunctionSession<'_>,
    upload: &Upload,
    package: Option<&Package>,
) -> Result<(), ExecuteError> {
    session.check_interrupt()?;
    let (Some(storage), Some(package)) = (session.storage, package) else {
        return Err(ExecuteError::Unpacked);
    };
    let app_id = match &storage.app_id {
        Some(given) => given.clone(),
        None => session.read(&GetUserAppId {}).await?.app_id.to_string(),
    };
    if app_id.len() < 8 || !app_id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ExecuteError::AppId(app_id));
    }
    let client = cos::Client::new(cos::ClientOptions {
        network: session.client.connections(),
        address: storage.address.clone(),
        credentials: (*session.client.credentials("PutObject").await?).clone(),
        clock: session.client.clock(),
        clock_offset: session.client.clock_offset(),
        deadline: session.client.deadline(),
        timeout: session.client.timeout(),
        stop: session.client.stop(),
        observer: Arc::clone(&storage.observer),
    });
    let object = cos::Object {
        region: session.function.region.clone(),
        bucket: format!("{}-{app_id}", upload.bucket),
        key: upload.object.trim_start_matches('/').to_owned(),
        size: package.size,
        own_bucket: upload.own_bucket,
    };
    let package = package.clone();
    let read: cos::ReadBytes = Arc::new(move |offset, length| package.read(offset, length));
    let all_bytes = object.size;
    let told = |bytes| session.progress(Progress::Uploading { bytes, all_bytes });
    match client.store(&object, &read, &told).await {
        Ok(Stored::Sent) => Ok(()),
        Ok(Stored::Already) => {
            session.progress(Progress::AlreadyStored(upload));
            Ok(())
        }
        Err(CosError::Interrupted) => {
            session.check_interrupt()?;
            Err(CosError::Interrupted.into())
        }
        Err(error) => Err(error.into()),
    }
}
