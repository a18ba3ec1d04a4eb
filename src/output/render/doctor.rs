//! What `doctor` found: a line for each check, and what to do below it.

use super::words::Words;
use crate::output::columns::table;
use crate::report::doctor::Doctor;
use crate::text::Language;

/// A table of the checks.
pub(in crate::output) fn lines(language: Language, doctor: &Doctor) -> Vec<String> {
    let words = Words(language);
    let mut rows = Vec::new();
    for check in &doctor.checks {
        let title = [words.say(&check.status), words.say(&check.subject)];
        rows.push(title.into_iter().chain([words.say(&check.message)]).collect());
        if let Some(advice) = &check.advice {
            rows.push(vec![String::new(), String::new(), format!("-> {}", words.say(advice))]);
        }
    }
    table(&rows)
}
