//! Links lead somewhere, and so do names of pages in the code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::page::{Page, files, pages, root};

/// The targets of the links and pictures of a page.
fn targets(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("](") {
        let rest = &text[at + 2..];
        let mut open = 1;
        let end = rest.find(|c| {
            open += i32::from(c == '(') - i32::from(c == ')');
            open == 0
        });
        found.push(rest[..end.unwrap_or(rest.len())].split_whitespace().next().unwrap_or_default());
    }
    found
}

/// A path with `.` and `..` taken away.
fn plain(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

#[test]
fn every_link_leads_somewhere() {
    let pages = pages();
    let anchors: BTreeMap<&str, Vec<String>> =
        pages.iter().map(|page| (&*page.name, page.anchors())).collect();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for page in &pages {
        let folder = page.name.rsplit_once('/').map_or("", |(folder, _)| folder);
        for target in targets(&page.text()) {
            seen += 1;
            if target.contains("://") {
                let rest = target.strip_prefix("https://").unwrap_or_default();
                let host = rest.split('/').next().unwrap_or_default();
                if !host.contains('.') || host.chars().any(|c| !c.is_ascii() || c.is_whitespace()) {
                    wrong.push(format!("{}: {target}", page.name));
                }
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() {
                page.name.clone()
            } else {
                plain(&format!("{folder}/{file}"))
            };
            let is_there = root().join(&file).exists();
            let has_anchor = anchor.is_empty()
                || anchors.get(&*file).is_some_and(|known| known.iter().any(|one| one == anchor));
            if !is_there || !has_anchor {
                wrong.push(format!("{}: {target}", page.name));
            }
        }
    }
    assert!(seen > 200, "{seen}");
    assert!(wrong.is_empty(), "links to nowhere:\n{}", wrong.join("\n"));
}

/// Help, comments and scripts name pages by their paths.
#[test]
fn pages_that_the_code_names_are_there() {
    let is_of_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
    let mut missing = BTreeSet::new();
    let mut seen = 0;
    let folders =
        ["src", "tests/cli", "tests/matrix", "benches", "ci", "docs/schema", ".github", ".ci"];
    let all = folders.iter().flat_map(|folder| files(folder, ""));
    let others =
        ["Cargo.toml", "build.rs", "action.yml", "Dockerfile", "deny.toml"].map(str::to_owned);
    for file in all.chain(others) {
        let Ok(text) = std::fs::read_to_string(root().join(&file)) else { continue };
        for (at, _) in text.match_indices("docs/") {
            let rest = &text[at..];
            let end = rest.find(|c| !is_of_path(c)).unwrap_or(rest.len());
            let path = rest[..end].trim_end_matches('.');
            if Path::new(path).extension().is_some_and(|extension| extension == "md") {
                seen += 1;
                if !root().join(path).is_file() {
                    missing.insert(format!("{file}: {path}"));
                }
            }
        }
    }
    assert!(seen > 30, "{seen}");
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn targets_are_found() {
    let text = "[a](b.md) ![c](d.png \"title\") [e](f_(g).md#h)";
    assert_eq!(targets(text), ["b.md", "d.png", "f_(g).md#h"]);
    assert_eq!(plain("docs/en/../../ci/./x"), "ci/x");
    let page = Page::of("x.md", "[code](a.md)\n");
    assert_eq!(targets(&page.text()), ["a.md"]);
}
