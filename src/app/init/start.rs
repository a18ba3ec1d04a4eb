//! A function to begin with.

use serde_json::{Value, json};

use super::files::NewFile;

/// The language of a runtime, as the end of its first file's name.
const RUNTIMES: &[(&str, &str)] = &[
    ("Nodejs18.15", "js"),
    ("Nodejs20.19", "js"),
    ("Php8.0", "php"),
    ("Python3.9", "py"),
    ("Python3.10", "py"),
];

const NODE: &str = "\
'use strict';

exports.main_handler = async (event, context) => {
  return { message: 'Hello', event };
};
";

const PYTHON: &str = "\
def main_handler(event, context):
    return {'message': 'Hello', 'event': event}
";

const PHP: &str = "\
<?php
function main_handler($event, $context) {
    return ['message' => 'Hello', 'event' => $event];
}
";

/// The runtimes that there is something for.
pub(super) fn runtimes() -> impl Iterator<Item = &'static str> {
    RUNTIMES.iter().map(|(name, _)| *name)
}

/// The inputs of a function that says hello, and its code; `None` for other runtimes.
pub(super) fn hello(runtime: &str) -> Option<(Value, NewFile)> {
    let (_, ending) = RUNTIMES.iter().find(|(name, _)| *name == runtime)?;
    let code = match *ending {
        "js" => NODE,
        "php" => PHP,
        _ => PYTHON,
    };
    let inputs = json!({
        "src": "./src",
        "runtime": runtime,
        "handler": "index.main_handler",
        "memorySize": 128,
        "timeout": 3,
    });
    Some((inputs, NewFile::new(&format!("src/index.{ending}"), code)))
}
