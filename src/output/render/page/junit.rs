//! A rollout as `JUnit` XML, which pipelines show: a step is a test case.

use super::markup::{Clean, Markup};
use crate::error::FailureReport;
use crate::output::render::words::Words;
use crate::report::page::{Page, PagePart, PageSentence, ReportStep, StepResult, share_text};

/// What became of a case.
enum Verdict<'a> {
    Good,
    /// The version is bad, as far as anybody knows.
    Failure(&'a str),
    /// Somebody has to look.
    Error(&'a str),
    /// Nothing was found out.
    Skipped(&'a str),
}

/// Reasons to stand still that somebody wanted.
const WANTED: [&str; 2] = ["user", "schedule"];

/// Name, seconds and verdict.
type Case<'a> = (String, Option<i64>, Verdict<'a>);

/// The cases of one function, or of the command where they are not those of a function.
struct Suite<'a> {
    part: &'a PagePart,
    cases: Vec<Case<'a>>,
}

/// The page as `JUnit` XML.
pub(in crate::output) fn xml(words: &Words, page: &Page, clean: Clean<'_>) -> String {
    let suites = suites(page);
    let all: Vec<&Case<'_>> = suites.iter().flat_map(|suite| &suite.cases).collect();
    let mut markup = Markup::new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", clean, true);
    let counts = counts(&all);
    let head = [("name", "scfctl".to_owned())].into_iter().chain(counts).collect::<Vec<_>>();
    markup.with("testsuites", &borrowed(&head), |markup| {
        markup.raw("\n");
        for suite in &suites {
            write(words, page, suite, markup);
        }
    });
    markup.finish()
}

/// The suite of each function, and of what went wrong besides.
fn suites(page: &Page) -> Vec<Suite<'_>> {
    if !page.is_of_several() {
        let part = page.main();
        return vec![Suite { part, cases: cases(page, part, failed(part, page.exit_code)) }];
    }
    let functions = page.functions.iter();
    let mut suites: Vec<Suite<'_>> =
        functions.map(|part| Suite { part, cases: cases(page, part, failed(part, 0)) }).collect();
    // What one function says of itself is not said again.
    let is_said = |error: &FailureReport| {
        let mut errors = page.functions.iter().filter_map(|one| one.error_said.as_ref());
        errors.any(|one| one.code == error.code && one.message == error.message)
    };
    let error = page.whole.error_said.as_ref().filter(|error| !is_said(error));
    if error.is_some() {
        let part = &page.whole;
        suites.push(Suite { part, cases: vec![command(page, error)] });
    }
    suites
}

/// What went wrong and no step says: a step says why, unless something else went wrong with it:
/// somebody has moved the alias.
fn failed(part: &PagePart, exit_code: u8) -> Option<&FailureReport> {
    let shown = matches!(part.tone(), "bad" | "held")
        && part.steps.iter().any(|step| matches!(step.result, StepResult::Back | StepResult::Held));
    part.error_said.as_ref().filter(|_| !shown || exit_code >= 128)
}

fn cases<'a>(page: &Page, part: &'a PagePart, error: Option<&'a FailureReport>) -> Vec<Case<'a>> {
    let steps = part.steps.iter();
    let mut cases: Vec<Case<'_>> =
        steps.map(|step| (name(part, step), step.seconds, verdict(step))).collect();
    if error.is_some() || cases.is_empty() {
        cases.push(command(page, error));
    }
    cases
}

/// The command as a case.
fn command<'a>(page: &Page, error: Option<&'a FailureReport>) -> Case<'a> {
    let verdict = match error {
        Some(error) => Verdict::Error(&error.code),
        None => Verdict::Skipped("none"),
    };
    (page.command.clone(), None, verdict)
}

fn counts(cases: &[&Case<'_>]) -> [(&'static str, String); 5] {
    let count = |is: fn(&Verdict<'_>) -> bool| {
        cases.iter().filter(|(_, _, verdict)| is(verdict)).count().to_string()
    };
    let seconds: i64 = cases.iter().filter_map(|(_, seconds, _)| *seconds).sum();
    [
        ("tests", cases.len().to_string()),
        ("failures", count(|verdict| matches!(verdict, Verdict::Failure(_)))),
        ("errors", count(|verdict| matches!(verdict, Verdict::Error(_)))),
        ("skipped", count(|verdict| matches!(verdict, Verdict::Skipped(_)))),
        ("time", seconds.to_string()),
    ]
}

fn borrowed<'a>(attributes: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    attributes.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

fn write(words: &Words, page: &Page, suite: &Suite<'_>, markup: &mut Markup<'_>) {
    let Suite { part, cases } = suite;
    // By names a pipeline knows a case again, whatever the language is.
    let title = if part.function.is_some() && page.is_of_several() {
        PageSentence::FunctionTitle(part)
    } else {
        PageSentence::Title(page)
    };
    // Without its zone, as the schema has it: UTC.
    let time = page.run.began.trim_end_matches('Z');
    let host = page.run.host.as_deref().unwrap_or("localhost");
    let head = [
        ("name", title.to_string()),
        ("timestamp", time.to_owned()),
        ("hostname", host.to_owned()),
    ];
    let all: Vec<&Case<'_>> = cases.iter().collect();
    let head = head.into_iter().chain(counts(&all)).collect::<Vec<_>>();
    markup.with("testsuite", &borrowed(&head), |markup| {
        markup.raw("\n");
        markup.with("properties", &[], |markup| properties(page, part, markup));
        for case in cases {
            self::case(words, page, part, case, markup);
        }
    });
}

fn properties(page: &Page, part: &PagePart, markup: &mut Markup<'_>) {
    let text = |version: crate::model::Version| version.to_string();
    let exposure =
        part.exposure.map(|exposure| (exposure.calls.to_string(), exposure.bad.to_string()));
    let (calls, bad) = exposure.unzip();
    let properties = [
        ("command", Some(page.command.clone())),
        ("outcome", Some(part.outcome.to_owned())),
        ("exitCode", Some(page.exit_code.to_string())),
        ("functionName", part.function.as_ref().map(|function| function.function_name.clone())),
        ("namespace", part.function.as_ref().map(|function| function.namespace.clone())),
        ("region", part.function.as_ref().map(|function| function.region.clone())),
        ("aliasName", part.alias_name.clone()),
        ("from", part.from.map(text)),
        ("to", part.to.map(text)),
        ("canaryCalls", calls),
        ("canaryBad", bad),
        ("commandLine", Some(page.run.command_line.clone())),
    ];
    markup.raw("\n");
    for (name, value) in properties {
        if let Some(value) = value {
            markup.empty("property", &[("name", name), ("value", &value)]);
            markup.raw("\n");
        }
    }
}

fn name(part: &PagePart, step: &ReportStep) -> String {
    format!("step {} of {}: {}", step.step, part.steps.len(), share_text(&step.share))
}

fn verdict(step: &ReportStep) -> Verdict<'static> {
    match step.result {
        StepResult::Passed => Verdict::Good,
        StepResult::Back => Verdict::Failure(step.reason.unwrap_or("back")),
        StepResult::Held => {
            let reason = step.reason.unwrap_or("held");
            if WANTED.contains(&reason) { Verdict::Skipped(reason) } else { Verdict::Error(reason) }
        }
        StepResult::Current => Verdict::Skipped("running"),
        StepResult::Promoted => Verdict::Skipped("promoted"),
        StepResult::Skipped => Verdict::Skipped("skipped"),
        StepResult::Ended => Verdict::Skipped("ended"),
        StepResult::NotReached => Verdict::Skipped("not-reached"),
    }
}

fn case(
    words: &Words,
    page: &Page,
    part: &PagePart,
    (name, seconds, verdict): &Case<'_>,
    markup: &mut Markup<'_>,
) {
    let alias = part.alias_name.as_deref().unwrap_or(&page.command);
    let function = part.function.as_ref().map(|function| function.function_name.as_str());
    let class = [function.unwrap_or("scfctl"), alias].join(".");
    let seconds = seconds.unwrap_or(0).to_string();
    let attributes = [("classname", class.as_str()), ("name", name.as_str()), ("time", &seconds)];
    match verdict {
        Verdict::Good => {
            markup.empty("testcase", &attributes);
            markup.raw("\n");
        }
        Verdict::Failure(reason) | Verdict::Error(reason) => {
            let element = if matches!(verdict, Verdict::Failure(_)) { "failure" } else { "error" };
            let error = part.error_said.as_ref().or(page.whole.error_said.as_ref());
            let message = error.map(|error| error.whole_in(words.0));
            let message = message.unwrap_or_else(|| words.say(&part.summary));
            markup.with("testcase", &attributes, |markup| {
                let told = [("message", message.as_str()), ("type", reason)];
                markup.with(element, &told, |markup| details(words, part, markup));
            });
        }
        Verdict::Skipped(reason) => markup.with("testcase", &attributes, |markup| {
            markup.empty("skipped", &[("message", reason)]);
        }),
    }
}

/// The last thing that happened with its numbers, and what to do.
fn details(words: &Words, part: &PagePart, markup: &mut Markup<'_>) {
    if let Some(last) = part.timeline.last() {
        markup.text(&words.say(&last.says));
        for number in &last.numbers {
            markup.text("\n");
            markup.text(&words.say(number));
        }
    }
    if let Some(hint) = part.error_said.as_ref().and_then(|error| error.hint.as_ref()) {
        markup.text("\n");
        markup.text(hint);
    }
}
