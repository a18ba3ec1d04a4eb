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

action!(GetAccount, Freely, GetAccountReply);

/// Reads what the account may have in a region, and what it has.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetAccount {}

/// What [`GetAccount`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetAccountReply {
    /// What it has.
    pub account_usage: Option<AccountPart>,
    /// What it may have.
    pub account_limit: Option<AccountPart>,
}

/// One of both.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccountPart {
    /// By namespace.
    pub namespace: Option<Vec<NamespacePart>>,
}

/// That of a namespace.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NamespacePart {
    /// Name of the namespace.
    pub namespace: Option<String>,
    /// Functions.
    pub functions_count: Option<i64>,
}
