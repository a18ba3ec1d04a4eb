//! Tables of a page: steps, gates, events, calls.

use super::markup::{Markup, section};
use crate::model::Weight;
use crate::output::render::words::Words;
use crate::plan::gates::{evidence, figure, percentage};
use crate::report::page::{
    Page, PagePart, PageSentence, PageWord, ReportEntry, ReportLook, ReportStep, StepResult,
    share_text,
};
use crate::report::rollout::{Evidence, GateSide};

/// Looks of a page; a `.json` report has all of them.
const MOST_LOOKS: usize = 200;

/// A cell: its class, its text, and what stands below it.
struct Cell {
    class: &'static str,
    text: String,
    meter: Option<f64>,
}

impl Cell {
    fn plain(text: impl Into<String>) -> Self {
        Self { class: "", text: text.into(), meter: None }
    }

    fn number(text: impl Into<String>) -> Self {
        Self { class: "number", ..Self::plain(text) }
    }

    fn of(class: &'static str, text: impl Into<String>) -> Self {
        Self { class, ..Self::plain(text) }
    }
}

/// A table that scrolls by itself where the page is narrow.
fn table(
    words: &Words,
    caption: &str,
    titles: &[PageWord],
    rows: &[(bool, Vec<Cell>)],
    markup: &mut Markup<'_>,
) {
    // Who has only a keyboard has to come to what lies aside.
    let frame =
        [("class", "scroll"), ("role", "region"), ("aria-label", caption), ("tabindex", "0")];
    // Side by side so many columns are too narrow on a telephone: there they stand below each other.
    let is_wide = titles.len() > 6;
    let titles: Vec<String> = titles.iter().map(|title| words.say(title)).collect();
    let wide = [("class", "wide")];
    markup.with("div", &frame, |markup| {
        markup.with("table", if is_wide { &wide } else { &[] }, |markup| {
            markup.element("caption", &[], caption);
            markup.with("thead", &[], |markup| {
                markup.with("tr", &[], |markup| {
                    for (index, title) in titles.iter().enumerate() {
                        let is_number = rows.first().is_some_and(|(_, cells)| {
                            cells.get(index).is_some_and(|cell| cell.class == "number")
                        });
                        let class = if is_number { "number" } else { "" };
                        let attributes = [("scope", "col"), ("class", class)];
                        let attributes = &attributes[..if is_number { 2 } else { 1 }];
                        markup.element("th", attributes, title);
                    }
                });
            });
            markup.with("tbody", &[], |markup| {
                for (is_now, cells) in rows {
                    let row = [("class", "now")];
                    markup.with("tr", if *is_now { &row } else { &[] }, |markup| {
                        for (index, cell) in cells.iter().enumerate() {
                            let of = titles.get(index).filter(|_| is_wide).map(String::as_str);
                            write_cell(index == 0, of, cell, markup);
                        }
                    });
                }
            });
        });
    });
}

fn write_cell(heads_row: bool, of: Option<&str>, cell: &Cell, markup: &mut Markup<'_>) {
    let name = if heads_row { "th" } else { "td" };
    let tone = cell.class.strip_prefix("tone ");
    let mut attributes = Vec::new();
    if heads_row {
        attributes.push(("scope", "row"));
    }
    if !cell.class.is_empty() && tone.is_none() {
        attributes.push(("class", cell.class));
    } else if tone.is_some() {
        attributes.push(("class", "keep"));
    }
    attributes.extend(of.map(|of| ("data-of", of)));
    markup.with(name, &attributes, |markup| {
        if tone.is_some() {
            markup.element("span", &[("class", cell.class)], &cell.text);
        } else {
            markup.text(&cell.text);
        }
        if let Some(part) = cell.meter {
            let wide = format!("{:.0}", part.clamp(0.0, 1.0) * 90.0);
            let tone = if part >= 1.0 { "meter failed" } else { "meter open" };
            let view = [("class", tone), ("viewBox", "0 0 90 6"), ("aria-hidden", "true")];
            markup.with("svg", &view, |markup| {
                let bar = [("class", "all"), ("width", "90"), ("height", "6"), ("rx", "3")];
                markup.empty("rect", &bar);
                let bar = [("class", "part"), ("width", &wide), ("height", "6"), ("rx", "3")];
                markup.empty("rect", &bar);
            });
        }
    });
}

/// Hours and minutes since the beginning. A minute of a recording is a number, not a time.
pub(super) fn minute_text(minute: i64, is_recording: bool) -> String {
    if is_recording {
        return minute.to_string();
    }
    let sign = if minute < 0 { "-" } else { "" };
    let minute = minute.abs();
    format!("{sign}{}:{:02}", minute / 60, minute % 60)
}

/// A time as people read it: `2026-11-28 10:08:00 UTC`.
pub(super) fn long_time(time: &str) -> String {
    match (time.get(..10), time.get(11..19)) {
        (Some(day), Some(clock)) if time.ends_with('Z') => format!("{day} {clock} UTC"),
        _ => time.to_owned(),
    }
}

/// When something was: minutes since the beginning, and the hour of the day.
fn when(part: &PagePart, minute: Option<i64>, time: Option<&str>) -> String {
    let minute = minute.map(|minute| minute_text(minute, part.is_recording()));
    let clock = time.and_then(|time| time.get(11..16)).map(|clock| format!("{clock} UTC"));
    match (minute, clock) {
        (Some(minute), Some(clock)) => format!("{minute} · {clock}"),
        (minute, clock) => minute.or(clock).unwrap_or_default(),
    }
}

fn step_cell(words: &Words, step: &ReportStep) -> Cell {
    let (class, sign) = match step.result {
        StepResult::Passed => ("tone good", "✓"),
        StepResult::Current => ("tone open", "●"),
        StepResult::Held => ("tone held", "‖"),
        StepResult::Back => ("tone bad", "←"),
        StepResult::Promoted | StepResult::Skipped => ("tone plain", "»"),
        StepResult::Ended => ("tone plain", "■"),
        StepResult::NotReached => ("tone plain", "○"),
    };
    Cell::of(class, format!("{sign} {}", words.say(&PageSentence::StepResult(step.result))))
}

/// A sign beside the word of an outcome, so that no colour is needed.
pub(super) fn sign(tone: &str) -> &'static str {
    match tone {
        "good" => "✓",
        "bad" => "←",
        "held" => "‖",
        "failed" => "!",
        _ => "●",
    }
}

/// A row for each function of a project.
pub(super) fn functions(words: &Words, page: &Page, markup: &mut Markup<'_>) {
    let row = |part: &PagePart| {
        let function = part.function.as_ref().map(|function| function.function_name.clone());
        let versions = part.from.zip(part.to).map(|(from, to)| format!("{from} → {to}"));
        let tone = match part.tone() {
            "good" => "tone good",
            "bad" => "tone bad",
            "held" => "tone held",
            "failed" => "tone failed",
            _ => "tone open",
        };
        let outcome = words.say(&PageWord::of_outcome(part.outcome));
        let cells = vec![
            Cell::plain(function.unwrap_or_default()),
            Cell::plain(part.alias_name.clone().unwrap_or_default()),
            Cell::of("keep", versions.unwrap_or_default()),
            Cell::number(part.share().map(Weight::percent).unwrap_or_default()),
            part.verdict().map_or_else(|| Cell::plain(""), |verdict| verdict_cell(words, verdict)),
            Cell::of(tone, format!("{} {outcome}", sign(part.tone()))),
            Cell::of("says", words.say(&part.summary)),
        ];
        (false, cells)
    };
    let rows: Vec<_> = page.functions.iter().map(row).collect();
    let titles = [
        PageWord::Function,
        PageWord::Alias,
        PageWord::Versions,
        PageWord::Share,
        PageWord::Verdict,
        PageWord::Result,
        PageWord::State,
    ];
    section(words, "functions", PageWord::Functions, markup, |markup| {
        table(words, &words.say(&PageWord::Functions), &titles, &rows, markup);
    });
}

/// The steps of the schedule.
pub(super) fn steps(words: &Words, part: &PagePart, markup: &mut Markup<'_>) {
    if part.steps.is_empty() {
        return;
    }
    let minutes = |minutes: i64| words.say(&PageSentence::Minutes(minutes));
    let is_recording = part.is_recording();
    let row = |step: &ReportStep| {
        let planned = match step.minutes {
            Some(planned) => minutes(planned.into()),
            None if is_recording => String::new(),
            None => words.say(&PageWord::Pause),
        };
        let began = step.began_minute.map(|minute| minute_text(minute, is_recording));
        let lasted = step.seconds.map(|seconds| minutes(seconds / 60));
        let is_now = matches!(step.result, StepResult::Current | StepResult::Held);
        let cells = vec![
            Cell::number(step.step.to_string()),
            Cell::number(share_text(&step.share)),
            Cell::number(planned),
            Cell::number(began.unwrap_or_default()),
            Cell::number(lasted.unwrap_or_default()),
            step_cell(words, step),
        ];
        (is_now, cells)
    };
    let rows: Vec<_> = part.steps.iter().map(row).collect();
    section(words, "steps", PageWord::Steps, markup, |markup| {
        let titles = [
            PageWord::Step,
            PageWord::Share,
            PageWord::Planned,
            PageWord::Began,
            PageWord::Lasted,
            PageWord::Result,
        ];
        table(words, &words.say(&PageWord::Axis), &titles, &rows, markup);
    });
}

/// What the gates said at each look.
pub(super) fn gates(words: &Words, part: &PagePart, markup: &mut Markup<'_>) {
    if part.steps.is_empty() && part.looks.is_empty() {
        return;
    }
    section(words, "gates", PageWord::Gates, markup, |markup| {
        if part.looks.iter().all(|look| look.gates.is_empty()) {
            markup.element("p", &[], &words.say(&PageWord::NoLooks));
            return;
        }
        let last = part.looks.len().saturating_sub(1);
        let looks = part.looks.iter().enumerate();
        let decisive = looks.filter(|(index, look)| look.decides || *index == last);
        let decisive: Vec<&ReportLook> = decisive.map(|(_, look)| look).collect();
        look_table(words, part, &words.say(&PageSentence::Decisions), &decisive, markup);
        if decisive.len() == part.looks.len() {
            return;
        }
        let all = part.looks.len();
        let shown = all.min(MOST_LOOKS);
        let looks: Vec<&ReportLook> = part.looks.iter().skip(all - shown).collect();
        let title = words.say(&PageSentence::Looks { all, shown });
        markup.with("details", &[], |markup| {
            markup.element("summary", &[], &title);
            look_table(words, part, &title, &looks, markup);
        });
    });
}

fn look_table(
    words: &Words,
    part: &PagePart,
    caption: &str,
    looks: &[&ReportLook],
    markup: &mut Markup<'_>,
) {
    let gates = || looks.iter().flat_map(|look| &look.gates);
    // A recording has the evidence of each minute, and no numbers beside it.
    let has_sides = gates().any(|gate| gate.canary.is_some());
    let mut rows = Vec::new();
    for look in looks {
        for gate in &look.gates {
            let value = gate.value.as_ref().map(|value| format!(" {value}")).unwrap_or_default();
            let mut cells = vec![
                Cell::of("time", when(part, look.minute, look.time.as_deref())),
                Cell::number(look.step.to_string()),
                Cell::of("gate", format!("{}{value}", gate.gate)),
                verdict_cell(words, gate.verdict),
            ];
            if has_sides {
                let side =
                    |side: &Option<GateSide>| side.as_ref().map(|side| side_text(words, side));
                cells.push(Cell::plain(side(&gate.canary).unwrap_or_default()));
                cells.push(Cell::plain(side(&gate.baseline).unwrap_or_default()));
            }
            cells.push(evidence_cell(words, gate.against.as_ref()));
            cells.push(Cell { meter: None, ..evidence_cell(words, gate.in_favour.as_ref()) });
            rows.push((false, cells));
        }
    }
    let mut titles = vec![PageWord::Time, PageWord::Step, PageWord::Gate, PageWord::Verdict];
    if has_sides {
        titles.extend([PageWord::Canary, PageWord::Baseline]);
    }
    titles.extend([PageWord::Against, PageWord::InFavour]);
    table(words, caption, &titles, &rows, markup);
}

fn verdict_cell(words: &Words, verdict: &str) -> Cell {
    let (class, sign) = match verdict {
        "pass" => ("tone good", "✓"),
        "fail" => ("tone bad", "✗"),
        _ => ("tone plain", "?"),
    };
    Cell::of(class, format!("{sign} {}", words.say(&PageWord::of_verdict(verdict))))
}

fn side_text(words: &Words, side: &GateSide) -> String {
    let calls = figure(side.calls);
    match (side.bad, side.estimate, side.interval) {
        (Some(bad), rate, interval) => {
            let (bad, calls) = (&figure(bad), &calls);
            let rate = rate.zip(interval).map(|(rate, [low, high])| {
                let (rate, low, high) = (percentage(rate), percentage(low), percentage(high));
                let (rate, low, high) = (&rate, &low, &high);
                words.say(&PageSentence::Rate { bad, calls, rate, low, high })
            });
            rate.unwrap_or_else(|| words.say(&PageSentence::Of { bad, calls }))
        }
        (None, Some(mean), _) => {
            words.say(&PageSentence::Mean { mean: &figure(mean), calls: &calls })
        }
        (None, None, _) => String::new(),
    }
}

fn evidence_cell(words: &Words, found: Option<&Evidence>) -> Cell {
    let Some(Evidence { log, log_needed }) = found else { return Cell::plain("") };
    let (has, needed) = (evidence(*log), evidence(*log_needed));
    let text = words.say(&PageSentence::Evidence { purse: &has, needed: &needed });
    Cell { class: "keep", text, meter: Some((log / log_needed).max(0.0)) }
}

/// What happened, oldest first.
pub(super) fn timeline(words: &Words, part: &PagePart, markup: &mut Markup<'_>) {
    if part.timeline.is_empty() {
        return;
    }
    // Of several functions each row names its own.
    let is_named = part.timeline.iter().any(|entry| entry.function_name.is_some());
    let row = |entry: &ReportEntry| {
        let time = when(part, entry.minute, entry.time.as_deref());
        let name = entry.function_name.as_ref().filter(|_| is_named).map(Cell::plain);
        let says = Cell::of("says", words.say(&entry.says));
        let cells = [Some(Cell::of("time", time)), name, Some(says)];
        (false, cells.into_iter().flatten().collect())
    };
    let rows: Vec<_> = part.timeline.iter().map(row).collect();
    let name = is_named.then_some(PageWord::Function);
    let titles = [Some(PageWord::Time), name, Some(PageWord::Event)];
    let titles: Vec<PageWord> = titles.into_iter().flatten().collect();
    section(words, "timeline", PageWord::Timeline, markup, |markup| {
        table(words, &words.say(&PageWord::Timeline), &titles, &rows, markup);
    });
}

/// Calls: those of a rehearsed rollout, and those that were really made.
pub(super) fn calls(words: &Words, page: &Page, markup: &mut Markup<'_>) {
    section(words, "calls-made", PageWord::Calls, markup, |markup| {
        if !page.would_call.is_empty() {
            let row = |call: &crate::report::rehearsal::RehearsedCall| {
                let time = minute_text(call.minute.into(), false);
                let routing = call.routing.clone().unwrap_or_default();
                (
                    false,
                    vec![Cell::of("time", time), Cell::plain(call.action), Cell::plain(routing)],
                )
            };
            let rows: Vec<_> = page.would_call.iter().map(row).collect();
            let titles = [PageWord::Time, PageWord::Action, PageWord::Afterwards];
            table(words, &words.say(&PageWord::WouldCall), &titles, &rows, markup);
        }
        if page.calls.is_empty() {
            markup.with("p", &[], |markup| {
                markup.text(&words.say(&PageWord::CallsMade));
                markup.text(words.0.colon());
                markup.text(&words.say(&PageWord::None));
            });
            return;
        }
        if !page.changes.is_empty() {
            let row = |change: &crate::report::page::ReportChange| {
                let request = change.request_id.clone().unwrap_or_default();
                let failure = change.failure.clone().unwrap_or_default();
                let cells = vec![
                    Cell::of("time", long_time(&change.time)),
                    Cell::plain(change.action),
                    Cell::of("mono", request),
                    Cell::plain(failure),
                ];
                (false, cells)
            };
            let rows: Vec<_> = page.changes.iter().map(row).collect();
            let titles = [PageWord::Time, PageWord::Action, PageWord::Request, PageWord::Failed];
            table(words, &words.say(&PageWord::ChangesMade), &titles, &rows, markup);
        }
        let row = |calls: &crate::report::page::ReportCalls| {
            let (count, failed) = (calls.count.to_string(), calls.failed.to_string());
            (false, vec![Cell::plain(calls.action), Cell::number(count), Cell::number(failed)])
        };
        let rows: Vec<_> = page.calls.iter().map(row).collect();
        let titles = [PageWord::Action, PageWord::Count, PageWord::FailedCalls];
        table(words, &words.say(&PageWord::CallsMade), &titles, &rows, markup);
    });
}
