//! A split as a table.

use crate::error::percent;
use crate::output::Language;
use crate::output::columns;
use crate::report::split::{Split, SplitPart};

/// The lines: each version with its calls, the shares that are possible, and the one that is set.
pub(in crate::output) fn text(language: Language, split: &Split) -> String {
    let heads = match language {
        Language::English => ["version", "calls", "possible share", "set", ""],
        Language::Chinese => ["版本", "调用次数", "可能的占比", "设置", ""],
    };
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    rows.extend(split.versions.iter().map(|part| row(language, part)));
    if split.unknown > 0 {
        let unknown = match language {
            Language::English => "unknown",
            Language::Chinese => "未知",
        };
        rows.push(vec![unknown.to_owned(), split.unknown.to_string()]);
    }
    columns::table(&rows).join("\n") + "\n"
}

fn row(language: Language, part: &SplitPart) -> Vec<String> {
    let SplitPart { version, calls, set, low, high, as_set } = part;
    let verdict = match (language, as_set) {
        (Language::English, true) => "as set",
        (Language::English, false) => "differs",
        (Language::Chinese, true) => "相符",
        (Language::Chinese, false) => "不符",
    };
    let range = format!("{}..{}", percent(*low), percent(*high));
    vec![version.to_string(), calls.to_string(), range, set.percent(), verdict.to_owned()]
}
