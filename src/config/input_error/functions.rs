//! Several functions in one file.

use crate::model::listed;

/// What is wrong with a file of several functions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongFunctions {
    /// `name` at the top.
    #[error("would name every function the same")]
    CommonName,
    /// A key that none of the functions has.
    #[error("is `{0}`, which is none of the functions")]
    NoFunction(String),
    /// No function at all.
    #[error("is missing, so there is nothing to deploy")]
    NoFunctions,
    /// Two functions of one key.
    #[error("is called `{key}`, as is already `{first}`")]
    SameKey {
        /// The key.
        key: String,
        /// Dotted path of the other.
        first: String,
    },
    /// An entry of a list that nothing names.
    #[error("has neither `key` nor `name`")]
    NoKey,
    /// A function in another region.
    #[error("is another one than {0}, where all functions go")]
    OtherRegion(String),
    /// A folder outside the common one.
    #[error("is `{folder}`, which lies outside the common folder {common}")]
    Outside {
        /// The folder of the function.
        folder: String,
        /// The common one.
        common: String,
    },
    /// A hook of a function beside the common one.
    #[error("comes on top of the common `src.hook`, which makes the package already")]
    SecondHook,
    /// A folder that is not in the common package.
    #[error(
        "is `{folder}`, but the common package has everything below `{target}` (`src.targetDir`)"
    )]
    NotInPackage {
        /// The folder of the function.
        folder: String,
        /// Where the common package has everything.
        target: String,
    },
    /// A trigger without a type.
    #[error("has no `type`")]
    NoType,
    /// A trigger without a function.
    #[error("names no function")]
    NamesNone,
}

/// What to write instead in a file of several functions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FunctionsAdvice {
    /// `name`.
    #[error("`name` below each function")]
    NameBelow,
    /// The keys that there are.
    #[error("one of {}{}", listed(.keys), question(.meant.as_deref()))]
    OneOf {
        /// The keys.
        keys: Vec<String>,
        /// The one that was most likely meant.
        meant: Option<String>,
    },
    /// `function` behind `--inputs`.
    #[error("the key of one function")]
    Key,
    /// `functions`, of another form.
    #[error("a key of your choice for each function, its settings indented below it")]
    Keys,
    /// `functions`, which is missing.
    #[error("a map from a key of your choice to the settings of a function")]
    Functions,
    /// A function.
    #[error("the settings of the function")]
    Settings,
    /// Two functions of one key.
    #[error("a `key` of its own for each function")]
    OwnKey,
    /// An entry of a list.
    #[error("`key: KEY`, a word of your choice that triggers refer to")]
    AddKey,
    /// `region`.
    #[error("`region` at the top of `inputs`, and an instance for each")]
    RegionAtTop,
    /// A list of pairs.
    #[error("`- key: NAME` and `value: TEXT` below it")]
    Pairs,
    /// `exclude` and `include`.
    #[error("one pattern in each line")]
    Patterns,
    /// The folder of a function.
    #[error(
        "a folder below the common `src`, whose package it is cut out of; let that one name a folder that holds both"
    )]
    FolderBelow,
    /// `hook`.
    #[error("one command for both in the common `src.hook`")]
    OneHook,
    /// A trigger.
    #[error("`type`, `function` and `parameters`")]
    Trigger,
    /// `function` of a trigger.
    #[error("`function: KEY`, the key of one of the functions")]
    FunctionOfTrigger,
}

fn question(meant: Option<&str>) -> String {
    meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default()
}
