//! Settings and code of a function.

use crate::model::{IMAGE_RUNTIME, listed};

/// What is wrong with a setting, or with where the code is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongSetting {
    /// An environment variable with a prefix of the service.
    #[error("begins with `{0}`, which the service keeps to itself")]
    ReservedName(&'static str),
    /// An environment variable without a value.
    #[error("is empty, which the API does not take")]
    EmptyVariable,
    /// A tag without a key.
    #[error("has an empty key")]
    EmptyKey,
    /// `autoCreateApi`.
    #[error("asks for a trigger of API Gateway, which the vendor retired")]
    AsksForGateway,
    /// No `src`.
    #[error("is missing, so there is no code to deploy")]
    NoCode,
    /// Both a folder and an object.
    #[error("names code that lies in COS already, and `src.src` other code")]
    CodeTwice,
    /// A key that only folders have.
    #[error("has no effect on an object that lies in COS already")]
    NotOfObjects,
    /// A key that only folders have, and a finished package.
    #[error("has no effect on a finished package, which is sent as it is")]
    NotOfFinished,
    /// A part of a finished package.
    #[error("names a part of a finished package, which is sent as it is")]
    PartOfFinished,
    /// The region of an object.
    #[error("is another region than Beijing, where alone the API wants it")]
    RegionOfObject,
    /// The runtime of images, without one.
    #[error("is {}, and no image is named", IMAGE_RUNTIME)]
    RuntimeWithoutImage,
    /// The way of deployment of images, without one.
    #[error("is image, and none is named")]
    ModeWithoutImage,
    /// An enterprise image without its registry.
    #[error("is missing, and an enterprise image needs it")]
    NoRegistry,
    /// `$LATEST` with provisioned instances.
    #[error("is $LATEST, whose instances cannot be provisioned")]
    LatestProvisioned,
    /// Nothing names a function.
    #[error("is missing, and there is no serverless.yml here that names a function")]
    NoFunctionNamed,
}

/// What to write in place of a setting, or of where the code is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingAdvice {
    /// An empty environment variable.
    #[error("leave the variable out")]
    LeaveVariableOut,
    /// An empty variable of the process that it refers to.
    #[error("`{0}` is set and empty: give it a value, or leave the line out")]
    GiveValue(String),
    /// A text of the file that references made empty.
    #[error("`{0}` came to nothing; give it a value, or leave the line out")]
    CameToNothing(String),
    /// The name of an environment variable.
    #[error("another name")]
    AnotherName,
    /// `timeout`, in seconds.
    #[error(
        "write a whole number from 1 to {longest} (seconds), or `asyncRunEnable: true` as well for up to a day"
    )]
    Timeout {
        /// Seconds that a synchronous invocation may last.
        longest: i64,
    },
    /// `memorySize`.
    #[error("64, or a multiple of 128 (MB)")]
    MemorySize,
    /// An entry of `layers`.
    #[error("a map with `name` (text) and `version` (number)")]
    Layer,
    /// An entry of `tags`.
    #[error("write a map with `key` and `value`")]
    Tag,
    /// `tags`.
    #[error("write `tags: {{key: value}}`")]
    Tags,
    /// `handler`.
    #[error("`file.function`, for example index.main_handler")]
    Handler,
    /// `autoCreateApi`.
    #[error(
        "write `events: [{{http: {{parameters: {{netConfig: {{enableExtranet: true}}}}}}}}]` for a function URL in \
         its place; or deploy the rest with --skip-unsupported-triggers"
    )]
    FunctionUrl,
    /// `src`.
    #[error("the folder of the code, for example `src: ./src`")]
    Folder,
    /// A path of the file system.
    #[error("a path in quotes")]
    QuotedPath,
    /// `entryFile`.
    #[error("a path below `src`, for example app.js")]
    PathBelowSource,
    /// `src.object`, whose key was misspelt.
    #[error("write `src.object`, the path of the package in the bucket")]
    Object,
    /// `src.object`, whose value is missing.
    #[error("the path of the package in the bucket, for example object: code/app.zip")]
    ObjectPath,
    /// `src.bucket`.
    #[error("the bucket that the object lies in")]
    Bucket,
    /// `src.region`.
    #[error("leave it out; the bucket lies in the function's region")]
    LeaveRegionOut,
    /// `image`, which is missing.
    #[error(
        "add `image` with `imageUrl`, for example imageUrl: ccr.ccs.tencentyun.com/space/name:1.0"
    )]
    AddImage,
    /// `image`.
    #[error("a map with `imageUrl`, for example imageUrl: ccr.ccs.tencentyun.com/space/name:1.0")]
    Image,
    /// `image.imageUrl`.
    #[error("for example imageUrl: ccr.ccs.tencentyun.com/space/name:1.0")]
    ImageUrl,
    /// `image.registryId`.
    #[error("the registry's id, for example registryId: tcr-12345678")]
    RegistryId,
    /// `image.imagePort`.
    #[error("9000 for a web server, -1 for a job")]
    ImagePort,
    /// `protocolType`.
    #[error("WS, or leave it out for HTTP")]
    Protocol,
    /// `qualifier` of provisioned instances.
    #[error("a published version, for example 3")]
    PublishedVersion,
    /// `function` behind `--inputs`.
    #[error("{}", name_function(.instances))]
    NameFunction {
        /// Folders below with instances of their own.
        instances: Vec<String>,
    },
}

fn name_function(instances: &[String]) -> String {
    match instances {
        [] => "add `--inputs function=NAME`".to_owned(),
        instances => format!(
            "add `--inputs function=NAME`, or choose one of the folders with --target: {}",
            listed(instances)
        ),
    }
}
