//! What the local SCF takes besides the API: the load of a function.

use serde::{Deserialize, Serialize};

use super::{Action, FunctionRef, Product, Repeat};

const LOCAL: Product = Product { name: "local", version: "2026-11-28" };

action!(LOCAL, SetLoad, Freely, LoadReply);
action!(LOCAL, GetLoad, Freely, LoadReply);
action!(LOCAL, ClearLoad, Freely, LoadReply);

/// Sets or changes the load of a function.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SetLoad {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// What is to change, as a text of JSON.
    pub load: String,
}

/// Asks for the load of a function.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetLoad {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
}

/// Ends the load of a function.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ClearLoad {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
}

/// What each of them tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoadReply {
    /// The load afterwards; null where there is none.
    pub load: Option<serde_json::Value>,
}
