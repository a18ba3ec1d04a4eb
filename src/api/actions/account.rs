//! Whose account it is, from the product `cam`.

use serde::{Deserialize, Serialize};

use super::{Action, Product, Repeat};

/// Access management.
const CAM: Product = Product { name: "cam", version: "2019-01-16" };

/// Asks for the number of the account, which names of buckets end in.
#[derive(Debug, Clone, Serialize)]
pub struct GetUserAppId {}

impl Action for GetUserAppId {
    const PRODUCT: Product = CAM;
    const NAME: &'static str = "GetUserAppId";
    const REPEAT: Repeat = Repeat::Freely;
    type Reply = GetUserAppIdReply;
}

/// What [`GetUserAppId`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetUserAppIdReply {
    /// Ten digits.
    pub app_id: u64,
}
