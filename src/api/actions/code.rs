//! Where code comes from.

use serde::{Deserialize, Serialize};

/// `Code`: exactly one source.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Code {
    /// The zip in Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip_file: Option<String>,
    /// Bucket, without the account's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cos_bucket_name: Option<String>,
    /// Object, with a leading `/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cos_object_name: Option<String>,
    /// `ap-beijing` or `ap-beijing-1`; nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cos_bucket_region: Option<String>,
    /// A container image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_config: Option<ImageConfig>,
}

/// `ImageConfig`, sent and told.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ImageConfig {
    /// `personal`, `enterprise` or `public`.
    pub image_type: Option<String>,
    /// `domain/namespace/name:tag@digest`.
    pub image_uri: Option<String>,
    /// Registry instance of an enterprise image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry_id: Option<String>,
    /// Replaces the image's entry point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_point: Option<String>,
    /// Command of the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Its arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub args: Option<String>,
    /// A real boolean, unlike the API's other switches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_image_accelerate: Option<bool>,
    /// 9000 for web servers, -1 for jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_port: Option<i64>,
}
