//! What other products have to do with functions.

use serde_json::json;

use super::super::error::ApiError;
use super::request::Request;
use super::{Reply, State, account};

impl State {
    /// Carries out an action of a product other than SCF.
    pub(super) fn call_product(
        &mut self,
        product: &str,
        request: &Request,
    ) -> Result<Reply, ApiError> {
        match (product, request.action) {
            ("cam", "GetUserAppId") => Ok(Reply::from_iter([
                ("Uin".to_owned(), json!(account::UIN)),
                ("OwnerUin".to_owned(), json!(account::UIN)),
                ("AppId".to_owned(), json!(account::APP_ID)),
            ])),
            ("sts", "AssumeRole") => self.assume_role(request),
            ("sts", "AssumeRoleWithWebIdentity") => self.assume_role_with_web_identity(request),
            (_, action) => {
                Err(ApiError::new("InvalidAction", format!("`{action}` is not served here.")))
            }
        }
    }
}
