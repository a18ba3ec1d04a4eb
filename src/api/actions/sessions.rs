//! Keys of a role, from the product `sts` (credentials reference, "STS `AssumeRole`").

use serde::{Deserialize, Serialize};

use super::{Action, Product, Repeat};

/// Roles and their keys.
const STS: Product = Product { name: "sts", version: "2018-08-13" };

/// Takes a role in the name of the key that signs. How long its keys are good is left to the
/// service: two hours.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssumeRole {
    /// The role.
    pub role_arn: String,
    /// Names the session in the account's records.
    pub role_session_name: String,
}

/// Takes a role in the name of whom an identity provider vouches for. Nobody signs it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssumeRoleWithWebIdentity {
    /// The identity provider's name.
    pub provider_id: String,
    /// Its word.
    pub web_identity_token: String,
    /// The role.
    pub role_arn: String,
    /// Names the session in the account's records.
    pub role_session_name: &'static str,
}

/// Keys of a role. No `Debug`: it would show them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SessionReply {
    /// The keys.
    pub credentials: SessionKeys,
    /// When they end, in Unix seconds.
    pub expired_time: i64,
}

/// Keys that end.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SessionKeys {
    /// `X-TC-Token`.
    pub token: String,
    /// `SecretId`.
    pub tmp_secret_id: String,
    /// `SecretKey`.
    pub tmp_secret_key: String,
}

impl Action for AssumeRole {
    const PRODUCT: Product = STS;
    const NAME: &'static str = "AssumeRole";
    // A second session does no harm; the first ends by itself.
    const REPEAT: Repeat = Repeat::Freely;
    type Reply = SessionReply;
}

impl Action for AssumeRoleWithWebIdentity {
    const PRODUCT: Product = STS;
    const NAME: &'static str = "AssumeRoleWithWebIdentity";
    const REPEAT: Repeat = Repeat::Freely;
    type Reply = SessionReply;
}
