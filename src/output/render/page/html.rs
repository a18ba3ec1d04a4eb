//! A page: one file that asks for nothing else, runs nothing, and says the outcome first.

use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use super::chart::{Chart, ChartLine, ChartMark};
use super::markup::{Clean, Markup, section};
use super::tables;
use crate::error::FailureReport;
use crate::output::render::words::Words;
use crate::plan::gates::percentage;
use crate::report::page::{Page, PagePart, PageSentence, PageWord, StepResult, share_text};
use crate::report::rehearsal;
use crate::report::status::{self, MinutesOfVersion, RolloutMinutes, count};
use crate::text::Language;

const STYLE: &str = include_str!("style.css");

/// The page as HTML.
pub(in crate::output) fn html(language: Language, page: &Page, clean: Clean<'_>) -> String {
    let words = &Words(language);
    let mut markup = Markup::new("<!doctype html>\n", clean, false);
    let lang = match language {
        Language::English => "en",
        Language::Chinese => "zh-CN",
    };
    let title = words.say(&PageSentence::Title(page));
    let outcome = words.say(&PageWord::of_outcome(page.main().outcome));
    markup.with("html", &[("lang", lang)], |markup| {
        markup.with("head", &[], |markup| head(&format!("{outcome} · {title}"), markup));
        markup.with("body", &[], |markup| {
            markup.with("header", &[], |markup| {
                markup.element("h1", &[], &title);
                top(words, page.main(), page, markup);
            });
            markup.with("main", &[], |markup| {
                if page.is_of_several() {
                    project(words, page, markup);
                } else {
                    details(words, page.main(), markup);
                    tables::timeline(words, page.main(), markup);
                }
                tables::calls(words, page, markup);
                run(words, page, markup);
                commands(words, page, markup);
                unknown(words, page.main(), markup);
            });
            let (version, time) = (page.run.version, &page.run.ended);
            let footer =
                words.say(&PageSentence::Footer { version, time: &tables::long_time(time) });
            markup.element("footer", &[], &footer);
        });
    });
    markup.finish()
}

/// Nothing is loaded, run or sent: the page may not even try.
fn head(title: &str, markup: &mut Markup<'_>) {
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
    );
    markup.empty("meta", &[("charset", "utf-8")]);
    // Not through what cleans texts, which could change it.
    markup.raw(&format!(
        "\n<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n"
    ));
    markup.element("title", &[], title);
    markup.raw(&format!("\n<style>{STYLE}</style>\n"));
}

/// The steps of a rollout, its charts, and what its gates said.
fn details(words: &Words, part: &PagePart, markup: &mut Markup<'_>) {
    tables::steps(words, part, markup);
    charts(words, part, markup);
    tables::gates(words, part, markup);
}

/// What all functions have in common, and then each of them.
fn project(words: &Words, page: &Page, markup: &mut Markup<'_>) {
    tables::functions(words, page, markup);
    tables::steps(words, &page.whole, markup);
    tables::timeline(words, &page.whole, markup);
    for (index, part) in page.functions.iter().enumerate() {
        // Of a function of which nothing is known its row says all.
        if part.steps.is_empty() && part.looks.is_empty() && part.error_said.is_none() {
            continue;
        }
        let number = index + 1;
        let id = format!("f{number}");
        markup.with("section", &[("class", "function"), ("aria-labelledby", &id)], |markup| {
            let title = words.say(&PageSentence::FunctionTitle(part));
            markup.heading(2, &[("id", &id)], &title);
            markup.within(number, |markup| {
                top(words, part, page, markup);
                if part.steps == page.whole.steps {
                    charts(words, part, markup);
                    tables::gates(words, part, markup);
                } else {
                    details(words, part, markup);
                }
            });
        });
    }
}

/// The outcome, and what there is to know at once.
fn top(words: &Words, part: &PagePart, page: &Page, markup: &mut Markup<'_>) {
    let tone = part.tone();
    let class = format!("outcome {tone}");
    let is_main = std::ptr::eq(part, page.main());
    let attributes = [("class", class.as_str()), ("role", "status")];
    let attributes = if is_main { &attributes[..] } else { &attributes[..1] };
    markup.with("div", attributes, |markup| {
        markup.with("span", &[("class", "word")], |markup| {
            markup.with("span", &[("class", "sign"), ("aria-hidden", "true")], |markup| {
                markup.text(tables::sign(tone));
            });
            markup.text(&words.say(&PageWord::of_outcome(part.outcome)));
        });
        let summary = words.say(&part.summary);
        paragraph(&summary, markup);
        // Of a rollout that went back or is held the summary says the same.
        let error = part
            .error_said
            .as_ref()
            .filter(|_| !matches!(tone, "bad" | "held") || is_main && page.exit_code >= 128);
        if let Some(error) =
            error.map(|error| error.whole_in(words.0)).filter(|whole| *whole != summary)
        {
            paragraph(&error, markup);
        }
        if let Some(exposure) = &part.exposure {
            markup.element("p", &[], &exposed(words, exposure));
        }
        // What can be done about one of several is said of all.
        let error = part.error_said.as_ref().filter(|error| is_main || !is_of_main(error, page));
        if let Some(hint) = error.and_then(|error| error.hint.as_ref()) {
            markup.with("p", &[], |markup| {
                markup.element("b", &[], &words.say(&PageWord::Hint));
                markup.text(words.0.colon());
                markup.text_with_code(hint);
            });
        }
    });
    let function = part.function.as_ref().map(|function| function.function_name.clone());
    let names =
        page.functions.iter().filter_map(|one| Some(&*one.function.as_ref()?.function_name));
    let names = names.collect::<Vec<_>>().join(", ");
    let scenario = part.scenario.as_ref();
    let scenario = scenario.map(|scenario| words.say(&PageSentence::Scenario(scenario)));
    let next = part.next.as_ref().map(|next| words.say(&status::StatusSentence::Next(next)));
    facts(
        words,
        markup,
        &[
            (PageWord::Functions, Some(names).filter(|_| is_main && page.is_of_several())),
            (PageWord::Function, function.filter(|_| is_main)),
            (PageWord::Alias, part.alias_name.clone().filter(|_| is_main)),
            (PageWord::Serves, part.routing.as_ref().map(crate::model::Routing::percentages)),
            (PageWord::Next, next),
            (PageWord::Scenario, scenario),
        ],
    );
    if let Some(repeats) = &part.repeats {
        for line in words.0.say(&rehearsal::RehearsalSentence::Repeated(repeats)).lines() {
            markup.element("p", &[], line);
        }
    }
}

/// Whether an error is what the command says at its end.
fn is_of_main(error: &FailureReport, page: &Page) -> bool {
    page.main().error_said.as_ref().is_some_and(|main| main.hint == error.hint)
}

/// A text in which what stands in back-ticks is set as code.
fn paragraph(text: &str, markup: &mut Markup<'_>) {
    markup.with("p", &[], |markup| markup.text_with_code(text));
}

/// What the new version served, with the share of bad ones.
fn exposed(words: &Words, exposure: &rehearsal::Exposure) -> String {
    // Counts of a recording may be fractions.
    let whole = rehearsal::Exposure {
        calls: exposure.calls.round(),
        bad: exposure.bad.round(),
        throttled: exposure.throttled.round(),
    };
    let served = words.say(&rehearsal::RehearsalSentence::Exposed(&whole));
    if exposure.calls > 0.0 {
        served + &words.in_brackets(&percentage(exposure.bad / exposure.calls))
    } else {
        served
    }
}

fn facts(words: &Words, markup: &mut Markup<'_>, facts: &[(PageWord, Option<String>)]) {
    markup.with("dl", &[], |markup| {
        for (word, value) in facts {
            let Some(value) = value else { continue };
            markup.with("div", &[], |markup| {
                markup.element("dt", &[], &words.say(word));
                markup.element("dd", &[], value);
            });
        }
    });
}

/// Where steps began, as far as that is known.
fn marks(part: &PagePart) -> Vec<ChartMark> {
    let mark = |step: &crate::report::page::ReportStep| {
        let minute = step.began_minute.filter(|_| step.result.is_reached())?;
        Some(ChartMark { step: step.step, share: share_text(&step.share), minute })
    };
    part.steps.iter().filter_map(mark).collect()
}

fn charts(words: &Words, part: &PagePart, markup: &mut Markup<'_>) {
    if part.steps.is_empty() {
        return;
    }
    let marks = marks(part);
    let first = part.series_from_minute.min(0);
    let points = part.series.as_ref().map_or(0, |series| series.canary.invocations.len());
    let points = i64::try_from(points).unwrap_or(i64::MAX);
    let shares = shares(part);
    let end = shares.last().map_or(0, |(minute, _)| *minute);
    let (span, offset) = match &part.series {
        Some(_) => {
            let from = part.series_from_minute;
            ((from, (from + points - 1).max(end)), from)
        }
        None => ((first, end.max(1)), first),
    };
    let is_recording = part.is_recording();
    let time = move |minute: i64| tables::minute_text(minute, is_recording);
    let canary = part.to.map_or(PageSentence::NewVersion, PageSentence::Canary);
    let baseline = part.from.map_or(PageSentence::OldVersion, PageSentence::Baseline);
    let (canary, baseline) = (words.say(&canary), words.say(&baseline));
    let chart = |id: &'static str, title, of: Of, shown, least| {
        let lines =
            part.series.as_ref().map(|series| lines(series, offset, of, [&canary, &baseline]));
        Chart {
            id,
            title,
            lines: lines.unwrap_or_default(),
            marks: &marks,
            span,
            shown,
            least,
            is_stepped: false,
            time: &time,
        }
    };
    let percent = |value: f64| rehearsal::percent((value * 1e6).round() / 1e6);
    let milliseconds = |value: f64| format!("{} ms", count(value));
    section(words, "charts", PageWord::Charts, markup, |markup| {
        markup.element("p", &[("class", "soft")], &words.say(&PageWord::Axis));
        markup.with("div", &[("class", "charts")], |markup| {
            let share = ChartLine { name: canary.clone(), class: "canary", points: shares };
            let none: Of = |_| &[];
            let of_shares = chart("share", PageWord::ShareChart, none, &percent, 1.0);
            Chart { lines: vec![share], is_stepped: true, ..of_shares }.write(words, markup);
            let charts: [(_, _, Of, Shown<'_>, _); 3] = [
                ("calls", PageWord::CallsChart, |side| &side.invocations, &count, 10.0),
                ("errors", PageWord::ErrorsChart, |side| &side.error_rate, &percent, 0.01),
                (
                    "duration",
                    PageWord::DurationChart,
                    |side| &side.duration_ms,
                    &milliseconds,
                    10.0,
                ),
            ];
            for (id, title, of, shown, least) in charts {
                if part.series.is_some() {
                    chart(id, title, of, shown, least).write(words, markup);
                }
            }
        });
    });
}

/// A value as people read it.
type Shown<'a> = &'a dyn Fn(f64) -> String;

/// What of a version a chart shows.
type Of = for<'s> fn(&'s MinutesOfVersion) -> &'s [Option<f64>];

fn lines(
    series: &RolloutMinutes,
    offset: i64,
    of: Of,
    [canary, baseline]: [&String; 2],
) -> Vec<ChartLine> {
    let line = |name: &String, class, side: &MinutesOfVersion| ChartLine {
        name: name.clone(),
        class,
        points: (offset..).zip(of(side).iter().copied()).collect(),
    };
    vec![line(canary, "canary", &series.canary), line(baseline, "baseline", &series.baseline)]
}

/// The share of the new version from minute to minute, as the steps and the end have it.
fn shares(part: &PagePart) -> Vec<(i64, Option<f64>)> {
    let mut shares: Vec<(i64, Option<f64>)> = Vec::new();
    let reached = part.steps.iter().filter(|step| step.result.is_reached());
    let mut end = None;
    for step in reached {
        let Some(minute) = step.began_minute else { continue };
        shares.push((minute, step.share.as_f64()));
        end = step.seconds.map(|seconds| (minute + seconds / 60, step.result));
    }
    if let (Some((minute, result)), Some((_, last))) = (end, shares.last().copied()) {
        shares.push((minute, last));
        if result == StepResult::Back {
            shares.push((minute, Some(0.0)));
        }
    }
    shares
}

fn run(words: &Words, page: &Page, markup: &mut Markup<'_>) {
    let run = &page.run;
    let time = |time: &str| Some(tables::long_time(time)).filter(|time| !time.is_empty());
    let main = page.main();
    // The functions of a project share one rollout.
    let part = page.functions.iter().find(|one| one.rollout.is_some()).unwrap_or(main);
    let began = part.rollout.as_ref().filter(|_| !part.is_rehearsal());
    let function = main.function.as_ref();
    section(words, "run", PageWord::Run, markup, |markup| {
        facts(
            words,
            markup,
            &[
                (PageWord::User, run.user.clone()),
                (PageWord::Host, run.host.clone()),
                (PageWord::Job, run.job.clone()),
                (PageWord::RunBegan, time(&run.began)),
                (PageWord::RunEnded, time(&run.ended)),
                (PageWord::RolloutBegan, began.and_then(|rollout| time(&rollout.began))),
                (PageWord::Rollout, began.map(|rollout| rollout.id.clone())),
                (PageWord::Region, function.map(|function| function.region.clone())),
                (PageWord::Namespace, function.map(|function| function.namespace.clone())),
                (PageWord::ExitCode, Some(page.exit_code.to_string())),
                (PageWord::Program, Some(format!("scfctl {}", run.version))),
            ],
        );
    });
}

fn commands(words: &Words, page: &Page, markup: &mut Markup<'_>) {
    section(words, "commands", PageWord::Commands, markup, |markup| {
        let repeat = (words.say(&PageWord::Repeat), page.run.command_line.as_str());
        let does = |command| words.say(command);
        let commands = page.commands.iter().map(|one| (does(&one.does), one.command.as_str()));
        for (does, command) in std::iter::once(repeat).chain(commands) {
            markup.with("figure", &[("class", "command")], |markup| {
                markup.element("figcaption", &[], &does);
                markup.with("pre", &[], |markup| markup.element("code", &[], command));
            });
        }
        if page.run.is_withheld {
            markup.element("p", &[("class", "soft")], &words.say(&PageWord::Withheld));
        }
    });
}

fn unknown(words: &Words, part: &PagePart, markup: &mut Markup<'_>) {
    if part.unknown.is_empty() {
        return;
    }
    section(words, "unknown", PageWord::Unknown, markup, |markup| {
        markup.with("ul", &[], |markup| {
            for unknown in &part.unknown {
                markup.element("li", &[], &words.say(&PageSentence::Unknown(*unknown)));
            }
        });
    });
}
