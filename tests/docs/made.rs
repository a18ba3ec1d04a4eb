//! Parts of pages that are made of the code: each stands between two comments.

use crate::page::root;
use crate::{errors, settings};

/// A part of a page.
pub(crate) struct Part {
    pub(crate) page: &'static str,
    pub(crate) name: &'static str,
    pub(crate) text: String,
}

/// The two languages of the documentation.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Language {
    English,
    Chinese,
}

pub(crate) const LANGUAGES: [Language; 2] = [Language::English, Language::Chinese];

/// A text in both.
pub(crate) type Said = (&'static str, &'static str);

impl Language {
    pub(crate) fn of(self, said: Said) -> &'static str {
        match self {
            Self::English => said.0,
            Self::Chinese => said.1,
        }
    }
}

/// A table of Markdown.
pub(crate) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rule = vec!["---".to_owned(); head.len()];
    let rows = rows.into_iter().map(|row| {
        assert_eq!(row.len(), head.len(), "{row:?}");
        line(&row)
    });
    [line(&head), line(&rule)].into_iter().chain(rows).collect()
}

/// Words set as code, and listed.
pub(crate) fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn parts() -> Vec<Part> {
    LANGUAGES
        .into_iter()
        .flat_map(|language| [errors::parts(language), settings::parts(language)])
        .flatten()
        .collect()
}

/// The page with the part in its place.
fn with(page: &str, part: &Part) -> String {
    let begin =
        format!("<!-- {}: made by `cargo test --test docs -- --ignored write` -->\n", part.name);
    let end = format!("<!-- end of {} -->", part.name);
    let (before, rest) =
        page.split_once(&begin).unwrap_or_else(|| panic!("{} has no line {begin}", part.page));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{} has no {end}", part.page));
    format!("{before}{begin}{}{end}{after}", part.text)
}

fn read(page: &str) -> String {
    std::fs::read_to_string(root().join(page)).unwrap()
}

#[test]
fn what_is_made_of_the_code_is_that_of_the_code() {
    for part in parts() {
        let page = read(part.page);
        assert!(
            with(&page, &part) == page,
            "`{}` of {} is not that of the code: `cargo test --test docs -- --ignored write` writes it anew",
            part.name,
            part.page
        );
    }
}

#[test]
#[ignore = "writes pages of docs"]
fn write() {
    for part in parts() {
        std::fs::write(root().join(part.page), with(&read(part.page), &part)).unwrap();
    }
}
