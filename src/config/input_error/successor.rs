//! What took the place of a key.

/// What to write in place of a key that nothing reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Successor {
    /// Another name of the same.
    #[error("it is called `{0}`")]
    Called(&'static str),
    /// A key below another one.
    #[error("it belongs to `{0}`")]
    Below(&'static str),
    /// The known key that is most like it.
    #[error("did you mean `{0}`?")]
    Like(String),
    /// A trigger of API Gateway.
    #[error(
        "API Gateway was retired; a function URL is \
         `events: [{{http: {{parameters: {{netConfig: {{enableExtranet: true}}}}}}}}]`"
    )]
    FunctionUrl,
    /// Nothing.
    #[error("it has no effect any more and can go")]
    Nothing,
    /// The keys of the map, without it.
    #[error("its keys stand directly below `inputs`")]
    Keys,
    /// `events`.
    #[error("scf calls them `events`; what the cloud has of triggers stays as it is")]
    Events,
    /// `triggers` of a file of several functions.
    #[error("they stand beside `functions`, each with its `function`")]
    BesideFunctions,
    /// Region and subnet.
    #[error(
        "it has no effect any more and can go: `region`, and the subnet of `vpcConfig`, say where the function runs"
    )]
    Region,
}
