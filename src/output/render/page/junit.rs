//! A rollout as `JUnit` XML, which pipelines show: a step is a test case.

use super::markup::{Clean, Markup};
use crate::output::render::words::Words;
use crate::report::page::{Page, PageSentence, ReportStep, StepResult, share_text};

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

/// The page as `JUnit` XML.
pub(in crate::output) fn xml(words: &Words, page: &Page, clean: Clean<'_>) -> String {
    let mut cases: Vec<(String, Option<i64>, Verdict<'_>)> = Vec::new();
    for step in &page.steps {
        cases.push((name(page, step), step.seconds, verdict(step)));
    }
    // A step says why, unless something else went wrong with it: somebody has moved the alias.
    let shown = matches!(page.tone(), "bad" | "held")
        && page.steps.iter().any(|step| matches!(step.result, StepResult::Back | StepResult::Held));
    let failed = page.error_said.as_ref().filter(|_| !shown || page.exit_code >= 128);
    if let Some(error) = failed {
        cases.push((page.command.clone(), None, Verdict::Error(&error.code)));
    } else if cases.is_empty() {
        cases.push((page.command.clone(), None, Verdict::Skipped("none")));
    }
    let count = |is: fn(&Verdict<'_>) -> bool| {
        cases.iter().filter(|(_, _, verdict)| is(verdict)).count().to_string()
    };
    let tests = cases.len().to_string();
    let failures = count(|verdict| matches!(verdict, Verdict::Failure(_)));
    let errors = count(|verdict| matches!(verdict, Verdict::Error(_)));
    let skipped = count(|verdict| matches!(verdict, Verdict::Skipped(_)));
    let seconds: i64 = cases.iter().filter_map(|(_, seconds, _)| *seconds).sum();
    let seconds = seconds.to_string();
    // By names a pipeline knows a case again, whatever the language is.
    let title = PageSentence::Title(page).to_string();
    let mut markup = Markup::new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", clean, true);
    let counts = [
        ("tests", tests.as_str()),
        ("failures", &failures),
        ("errors", &errors),
        ("skipped", &skipped),
        ("time", &seconds),
    ];
    let head = [[("name", "scfctl")].as_slice(), &counts].concat();
    markup.with("testsuites", &head, |markup| {
        // Without its zone, as the schema has it: UTC.
        let time = page.run.began.trim_end_matches('Z');
        let host = page.run.host.as_deref().unwrap_or("localhost");
        let suite = [("name", title.as_str()), ("timestamp", time), ("hostname", host)];
        let suite = [suite.as_slice(), &counts].concat();
        markup.raw("\n");
        markup.with("testsuite", &suite, |markup| {
            markup.raw("\n");
            markup.with("properties", &[], |markup| properties(page, markup));
            for (name, seconds, verdict) in &cases {
                case(words, page, (name, *seconds, verdict), markup);
            }
        });
    });
    markup.finish()
}

fn properties(page: &Page, markup: &mut Markup<'_>) {
    let text = |version: crate::model::Version| version.to_string();
    let exposure =
        page.exposure.map(|exposure| (exposure.calls.to_string(), exposure.bad.to_string()));
    let (calls, bad) = exposure.unzip();
    let properties = [
        ("command", Some(page.command.clone())),
        ("outcome", Some(page.outcome.to_owned())),
        ("exitCode", Some(page.exit_code.to_string())),
        ("functionName", page.function.as_ref().map(|function| function.function_name.clone())),
        ("namespace", page.function.as_ref().map(|function| function.namespace.clone())),
        ("region", page.function.as_ref().map(|function| function.region.clone())),
        ("aliasName", page.alias_name.clone()),
        ("from", page.from.map(text)),
        ("to", page.to.map(text)),
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

fn name(page: &Page, step: &ReportStep) -> String {
    format!("step {} of {}: {}", step.step, page.steps.len(), share_text(&step.share))
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
    (name, seconds, verdict): (&str, Option<i64>, &Verdict<'_>),
    markup: &mut Markup<'_>,
) {
    let alias = page.alias_name.as_deref().unwrap_or(&page.command);
    let function = page.function.as_ref().map(|function| function.function_name.as_str());
    let class = [function.unwrap_or("scfctl"), alias].join(".");
    let seconds = seconds.unwrap_or(0).to_string();
    let attributes = [("classname", class.as_str()), ("name", name), ("time", &seconds)];
    match verdict {
        Verdict::Good => {
            markup.empty("testcase", &attributes);
            markup.raw("\n");
        }
        Verdict::Failure(reason) | Verdict::Error(reason) => {
            let element = if matches!(verdict, Verdict::Failure(_)) { "failure" } else { "error" };
            let message = page.error_said.as_ref().map(|error| error.whole_in(words.0));
            let message = message.unwrap_or_else(|| words.say(&page.summary));
            markup.with("testcase", &attributes, |markup| {
                let told = [("message", message.as_str()), ("type", reason)];
                markup.with(element, &told, |markup| details(words, page, markup));
            });
        }
        Verdict::Skipped(reason) => markup.with("testcase", &attributes, |markup| {
            markup.empty("skipped", &[("message", reason)]);
        }),
    }
}

/// The last thing that happened with its numbers, and what to do.
fn details(words: &Words, page: &Page, markup: &mut Markup<'_>) {
    if let Some(last) = page.timeline.last() {
        markup.text(&words.say(&last.says));
        for number in &last.numbers {
            markup.text("\n");
            markup.text(&words.say(number));
        }
    }
    if let Some(hint) = page.error_said.as_ref().and_then(|error| error.hint.as_ref()) {
        markup.text("\n");
        markup.text(hint);
    }
}
