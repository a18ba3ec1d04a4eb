//! What nobody signs: the metadata service of a machine that has a role, and the change of an
//! identity token into keys.

use std::io;

use hyper::{Response, StatusCode};
use serde_json::Map;

use super::super::auth::Received;
use super::super::error::Refusal;
use super::super::validate;
use super::{Answer, Authentic, Shared, lock, parse, required_header};

/// Where a machine asks for the name and the keys of its role.
pub(super) const METADATA: &str = "/latest/meta-data/cam/security-credentials/";

impl Shared {
    /// Answers the name of the role, or its keys.
    pub(super) async fn metadata(
        &self,
        role: &str,
        asked: &str,
        connection: usize,
    ) -> Result<Response<Answer>, io::Error> {
        let call = Authentic {
            product: "metadata".to_owned(),
            action: format!("{METADATA}{asked}"),
            version: String::new(),
            region: String::new(),
            params: Ok(Map::new()),
        };
        let fault = self.record(&call, connection);
        let work = async {
            match asked {
                "" => self.plain(StatusCode::OK, role.to_owned().into()),
                name if name == role => {
                    let now = self.now();
                    let longest = self.options.longest_session;
                    let keys = lock(&self.core).state.machine_keys(role, now, longest);
                    self.respond(StatusCode::OK, "application/json", keys.to_string().into())
                }
                _ => self.plain(StatusCode::NOT_FOUND, "there is no such role\n".into()),
            }
        };
        self.under(fault, work, |error| self.json(Err(error))).await
    }
}

/// A request that nobody signed. The one action that may come so has no product in a scope:
/// action and version tell which it is.
pub(super) fn web_identity(received: &Received) -> Result<Authentic, Refusal> {
    const PRODUCT: &str = "sts";
    let action = required_header(received, "X-TC-Action")?;
    let version = required_header(received, "X-TC-Version")?;
    if action != "AssumeRoleWithWebIdentity" || validate::version(PRODUCT) != Some(&version) {
        return Err(Refusal::new(
            "AuthFailure.InvalidAuthorization",
            "This action has to be signed.",
        ));
    }
    Ok(Authentic {
        product: PRODUCT.to_owned(),
        version,
        region: required_header(received, "X-TC-Region")?,
        action,
        params: parse(&received.body),
    })
}
