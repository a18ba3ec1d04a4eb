//! What must hold for any text of a `.env` file.

use std::fmt::Write as _;

use scfctl::config::dotenv::{DotEnv, DotenvWarning, LineFault, parse};

/// Checks the bytes of a file; what is not UTF-8 is refused before it is parsed.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let file = parse(text);
    let count: usize = text.split('\n').map(|line| line.matches('\r').count() + 1).sum();
    assert!(file.values.len() <= count, "{file:?}");
    assert!(file.warnings.is_sorted_by_key(|warning| warning.line), "{file:?}");
    assert!(file.warnings.iter().all(|warning| (1..=count).contains(&warning.line)), "{file:?}");
    for name in file.values.keys() {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        assert!(!name.is_empty() && name.chars().all(is_name), "{name:?}");
    }
    no_value_is_shown(&file);
    what_is_written_in_quotes_reads_back(&file);
    lines_do_not_touch_each_other(text, &file);
    if !text.contains('\r') {
        assert_eq!(parse(&text.replace('\n', "\r\n")), file, "with CRLF");
    }
}

/// What is shown depends on the names alone.
fn no_value_is_shown(file: &DotEnv) {
    let mut blank = file.clone();
    blank.values.values_mut().for_each(String::clear);
    assert_eq!(format!("{file:?}"), format!("{blank:?}"));
    for warning in &file.warnings {
        match &warning.reason {
            LineFault::NotRead | LineFault::ExportNotRead => {}
            LineFault::CommentCut { name }
            | LineFault::CommentKept { name }
            | LineFault::QuoteKept { name }
            | LineFault::QuoteOpen { name }
            | LineFault::Again { name, .. } => {
                assert!(file.values.contains_key(name), "{warning} is of no variable");
            }
            other => panic!("a reason without a law: {other:?}"),
        }
        assert!(!warning.to_string().is_empty());
    }
}

fn what_is_written_in_quotes_reads_back(file: &DotEnv) {
    let mut written = String::new();
    let mut expected = DotEnv::default();
    for (name, value) in &file.values {
        // A backslash before the closing quote keeps the value open, as in the dotenv of Node.
        if !value.contains(['\'', '\n', '\r']) && !value.ends_with('\\') {
            let _ = writeln!(written, "{name}='{value}'");
            expected.values.insert(name.clone(), value.clone());
        }
    }
    // Compared as texts of JSON, because `Debug` hides the values.
    assert_eq!(values(&parse(&written)), values(&expected), "{written:?}");
    assert!(parse(&written).warnings.is_empty(), "{written:?}");
}

fn values(file: &DotEnv) -> String {
    serde_json::json!(file.values).to_string()
}

/// A file is what its lines are, each by itself, but for values of several lines.
fn lines_do_not_touch_each_other(text: &str, file: &DotEnv) {
    if file.values.values().any(|value| value.contains('\n')) || text.contains("export") {
        return;
    }
    let ends: Vec<usize> = text.match_indices('\n').map(|(end, _)| end).collect();
    let Some(&end) = ends.get(ends.len() / 2) else { return };
    let (first, second) = (&text[..end], &text[end + 1..]);
    if second.starts_with('\u{feff}') {
        return;
    }
    let mut together = parse(first);
    let before: usize = first
        .strip_prefix('\u{feff}')
        .unwrap_or(first)
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r').count())
        .sum();
    // A value that goes on behind the cut, even one that a later line sets again.
    let is_open = |warning: &DotenvWarning| matches!(warning.reason, LineFault::QuoteOpen { .. });
    if together.warnings.iter().any(is_open) {
        return;
    }
    let behind = parse(second);
    if together.values.values().chain(behind.values.values()).any(|value| value.contains('\n')) {
        return;
    }
    let is_again = |warning: &DotenvWarning| matches!(warning.reason, LineFault::Again { .. });
    // What both parts set, and not alike, is said.
    for (name, value) in &behind.values {
        let is_other = together.values.get(name).is_some_and(|first| first != value);
        let says = |warning: &DotenvWarning| matches!(&warning.reason, LineFault::Again { name: said, .. } if said == name);
        assert!(!is_other || file.warnings.iter().any(says), "{text:?}");
    }
    together.values.extend(behind.values);
    together.warnings.extend(
        behind
            .warnings
            .into_iter()
            .map(|warning| DotenvWarning { line: warning.line + before, ..warning }),
    );
    assert_eq!(values(&together), values(file), "{text:?}");
    together.warnings.retain(|warning| !is_again(warning));
    let others: Vec<DotenvWarning> =
        file.warnings.iter().filter(|warning| !is_again(warning)).cloned().collect();
    assert_eq!(together.warnings, others, "{text:?}");
}
