//! Where packages go that are too large for a call.

use std::sync::Arc;

use super::Context;
use crate::api::Endpoint;
use crate::config::settings::Settings;
use crate::cos::{BucketAddress, ClientEvent};
use crate::error::{Error, OptionsError};
use crate::execute::Storage;

/// The local SCF keeps buckets itself; else the service's hosts, or what `SCFCTL_COS_ENDPOINT`
/// says.
pub(super) fn storage(
    context: &Context,
    settings: &Settings,
    api: &Endpoint,
) -> Result<Storage, Error> {
    let given = context.variable("SCFCTL_COS_ENDPOINT");
    let endpoint = match given {
        Some(text) => Some(Endpoint::parse(text, context.options.insecure_http)?),
        None => Some(api.clone()).filter(Endpoint::is_loopback),
    };
    let address = match endpoint {
        None => BucketAddress::Service,
        Some(endpoint) => {
            let text = endpoint.to_string();
            BucketAddress::parse(&text, endpoint.is_loopback())
                .ok_or(OptionsError::StorageAddress { text })?
        }
    };
    let from_file = || settings.project.dotenv_values.get("TENCENT_APP_ID").map(String::as_str);
    let app_id = context.variable("TENCENT_APP_ID").or_else(from_file);
    let sink = Arc::clone(&context.sink);
    let observer = move |event: &ClientEvent<'_>| match event {
        ClientEvent::Retrying { action, error, .. } => {
            super::session::tell_retry(&*sink, action, error, event);
        }
        ClientEvent::Attempt { .. } => sink.debug(&event.to_string()),
        ClientEvent::ClockCorrected { .. } => sink.warning(event),
    };
    Ok(Storage {
        address,
        app_id: app_id.filter(|text| !text.is_empty()).map(str::to_owned),
        observer: Arc::new(observer),
    })
}
