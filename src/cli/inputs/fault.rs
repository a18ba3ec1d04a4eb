//! What can be wrong with inputs.

use serde_json::Value;

/// What is wrong with the inputs, before anybody knows what would be right.
pub(super) enum InputsFault {
    OldForm(String),
    WithoutInputs(String),
    NotAPair(String),
    Joined(String),
    Unknown(Vec<String>),
    Twice { key: String, arguments: [String; 2] },
    TwiceInJson { key: String, path: String, values: [Value; 2] },
    SomePublished(String),
    Json { key: String, column: usize, reason: String },
    ForeignSign { key: String, column: usize, signs: [char; 2] },
    ShellQuotes(String),
    OptionWithoutValue(String),
    Empty(String),
    NotAWeight(String),
}
