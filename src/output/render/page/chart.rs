//! Charts as SVG in the page. No colour is needed to read them: lines differ in their dashes, too.

use std::fmt::Write as _;

use super::markup::Markup;
use crate::output::render::words::Words;
use crate::report::page::{PageSentence, PageWord};

/// Of the drawing, in its own units.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 216.0;
/// Where the axes are.
const LEFT: f64 = 68.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 26.0;
/// Points of a line; more are drawn together.
const MOST_POINTS: usize = 480;
/// Lines across, at most.
const TICKS: f64 = 4.0;
/// What stands between two marks at the axis, in minutes.
const MINUTES: [i64; 12] = [1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440];
/// Room of a label at the axis.
const LABEL: f64 = 56.0;

pub(super) struct ChartLine {
    /// What it is of.
    pub name: String,
    /// `canary` or `baseline`.
    pub class: &'static str,
    /// Minute and value; no value where nothing is known.
    pub points: Vec<(i64, Option<f64>)>,
}

/// Where a step began.
pub(super) struct ChartMark {
    pub step: usize,
    pub share: String,
    /// Minutes since the beginning.
    pub minute: i64,
}

pub(super) struct Chart<'a> {
    /// Makes its names differ from those of others.
    pub id: &'a str,
    /// What it shows.
    pub title: PageWord,
    pub lines: Vec<ChartLine>,
    /// Steps.
    pub marks: &'a [ChartMark],
    /// The first and the last minute.
    pub span: (i64, i64),
    /// A value as people read it.
    pub shown: &'a dyn Fn(f64) -> String,
    /// The least upper end.
    pub least: f64,
    /// Whether a value holds until the next one.
    pub is_stepped: bool,
    /// A minute as people read it.
    pub time: &'a dyn Fn(i64) -> String,
}

impl Chart<'_> {
    /// Writes it as a figure.
    pub(super) fn write(&self, words: &Words, markup: &mut Markup<'_>) {
        markup.with("figure", &[("class", "chart")], |markup| {
            self.draw(words, markup);
            markup.with("figcaption", &[], |markup| {
                for line in &self.lines {
                    markup.with("span", &[("class", "key")], |markup| {
                        let box_of_key =
                            [("viewBox", "0 0 28 8"), ("class", "sample"), ("aria-hidden", "true")];
                        markup.with("svg", &box_of_key, |markup| {
                            let ends = [("class", line.class), ("d", "M1 4H27")];
                            markup.empty("path", &ends);
                        });
                        markup.text(&line.name);
                    });
                }
            });
        });
    }

    fn draw(&self, words: &Words, markup: &mut Markup<'_>) {
        let id = markup.id(self.id);
        let (title, about) = (format!("{id}-title"), format!("{id}-about"));
        let view = format!("0 0 {WIDTH} {HEIGHT}");
        let labels = format!("{title} {about}");
        let attributes =
            [("viewBox", view.as_str()), ("role", "img"), ("aria-labelledby", &labels)];
        markup.heading(3, &[], &words.say(&self.title));
        markup.with("svg", &attributes, |markup| {
            markup.element("title", &[("id", &title)], &words.say(&self.title));
            markup.element("desc", &[("id", &about)], &self.description(words));
            let top = self.draw_values(markup);
            self.draw_minutes(markup);
            self.draw_marks(markup);
            for line in self.lines.iter().rev() {
                let path = self.path(&line.points, top);
                if !path.is_empty() {
                    markup.empty("path", &[("class", line.class), ("d", &path)]);
                }
            }
            if !self.lines.iter().any(|line| line.points.iter().any(|(_, value)| value.is_some())) {
                let place = [("x", "262"), ("y", "112"), ("text-anchor", "middle")];
                markup.element("text", &place, &words.say(&PageWord::NoData));
            }
        });
    }

    /// What it shows, for who cannot see it.
    fn description(&self, words: &Words) -> String {
        // Of what holds until the next point the marks say all.
        let lines = self.lines.iter().filter(|_| !self.is_stepped).map(|line| {
            let known: Vec<f64> = line.points.iter().filter_map(|(_, value)| *value).collect();
            if known.is_empty() {
                return words.say(&PageSentence::NoLine { version: &line.name });
            }
            let mean = (self.shown)(known.iter().sum::<f64>() / real(known.len()));
            let most = (self.shown)(known.iter().copied().fold(0.0, f64::max));
            words.say(&PageSentence::Line { version: &line.name, mean: &mean, most: &most })
        });
        let marks = self.marks.iter().map(|mark| {
            let time = (self.time)(mark.minute);
            words.say(&PageSentence::Mark { step: mark.step, share: &mark.share, time: &time })
        });
        lines.chain(marks).collect::<Vec<_>>().join(" ")
    }

    /// Lines across with their values; returns the upper end.
    fn draw_values(&self, markup: &mut Markup<'_>) -> f64 {
        let values =
            self.lines.iter().flat_map(|line| &line.points).filter_map(|(_, value)| *value);
        let highest = values.fold(self.least, f64::max);
        let step = step_of(highest);
        let mut value = 0.0;
        loop {
            let top = step * (highest / step - 1e-9).ceil().max(1.0);
            let y = height(value, top);
            let (left, right, text) = (fixed(LEFT), fixed(WIDTH - RIGHT), fixed(y));
            let line =
                [("class", "grid"), ("x1", &*left), ("x2", &right), ("y1", &text), ("y2", &text)];
            markup.empty("line", &line);
            let (x, y) = (fixed(LEFT - 6.0), fixed(y + 4.0));
            let place = [("x", x.as_str()), ("y", &y), ("text-anchor", "end")];
            markup.element("text", &place, &(self.shown)(value));
            value += step;
            if value > top + step / 2.0 {
                return top;
            }
        }
    }

    fn column(&self, minute: i64) -> f64 {
        let (first, last) = self.span;
        let part = real_of(minute - first) / real_of((last - first).max(1));
        LEFT + part * (WIDTH - LEFT - RIGHT)
    }

    fn draw_minutes(&self, markup: &mut Markup<'_>) {
        let (first, last) = self.span;
        let room = (WIDTH - LEFT - RIGHT) / LABEL;
        let fits = |step: &&i64| real_of(last - first) / real_of(**step) <= room;
        let step = MINUTES.iter().find(fits).copied().unwrap_or(1440);
        let mut minute = first.div_euclid(step) * step;
        while minute <= last {
            if minute >= first {
                let (x, y) = (fixed(self.column(minute)), fixed(HEIGHT - 8.0));
                let place = [("x", x.as_str()), ("y", &y), ("text-anchor", "middle")];
                markup.element("text", &place, &(self.time)(minute));
            }
            minute += step;
        }
    }

    /// Lines down where steps began, with their shares above, as far as there is room.
    fn draw_marks(&self, markup: &mut Markup<'_>) {
        let mut free = 0.0;
        for mark in
            self.marks.iter().filter(|mark| (self.span.0..=self.span.1).contains(&mark.minute))
        {
            let column = self.column(mark.minute);
            let (x, top, bottom) = (fixed(column), fixed(TOP - 6.0), fixed(HEIGHT - BOTTOM));
            let line = [("class", "mark"), ("x1", &*x), ("x2", &x), ("y1", &top), ("y2", &bottom)];
            markup.empty("line", &line);
            let wide = 11.0 * real(mark.share.chars().count()) + 6.0;
            let begin = column.min(WIDTH - wide);
            if begin >= free {
                let x = fixed(begin + 2.0);
                let place = [("class", "share"), ("x", x.as_str()), ("y", "14")];
                markup.element("text", &place, &mark.share);
                free = begin + wide;
            }
        }
    }

    /// A line, interrupted where nothing is known.
    fn path(&self, points: &[(i64, Option<f64>)], top: f64) -> String {
        let together = points.len().div_ceil(MOST_POINTS).max(1);
        let mut path = String::new();
        let mut before: Option<f64> = None;
        let mut is_alone = false;
        for chunk in points.chunks(together) {
            let known: Vec<f64> = chunk.iter().filter_map(|(_, value)| *value).collect();
            if known.is_empty() {
                // A point alone would not be seen.
                if is_alone {
                    path.push_str("h.1");
                }
                (before, is_alone) = (None, false);
                continue;
            }
            let mean = known.iter().sum::<f64>() / real(known.len());
            let (x, y) = (fixed(self.column(chunk[0].0)), height(mean, top));
            is_alone = before.is_none();
            let mut put = |part: std::fmt::Arguments<'_>| {
                let _ = path.write_fmt(part);
            };
            match before {
                None => put(format_args!("M{x} {}", fixed(y))),
                Some(last) if self.is_stepped => {
                    put(format_args!("L{x} {}L{x} {}", fixed(last), fixed(y)));
                }
                Some(_) => put(format_args!("L{x} {}", fixed(y))),
            }
            before = Some(y);
        }
        if is_alone {
            path.push_str("h.1");
        }
        path
    }
}

fn height(value: f64, top: f64) -> f64 {
    let bottom = HEIGHT - BOTTOM;
    bottom - (value / top).clamp(0.0, 1.0) * (bottom - TOP)
}

/// The distance of lines across, so that few of them reach the highest value.
fn step_of(highest: f64) -> f64 {
    if !highest.is_finite() || highest <= 0.0 {
        return 1.0;
    }
    let least = highest / TICKS;
    let power = 10_f64.powf(least.log10().floor());
    let nice =
        [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|nice| nice * power >= least * 0.999_999);
    nice.unwrap_or(10.0) * power
}

/// A coordinate.
fn fixed(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[expect(clippy::cast_precision_loss, reason = "counts of points and letters")]
fn real(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "minutes")]
fn real_of(minutes: i64) -> f64 {
    minutes as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_across_are_few_and_round() {
        for (highest, step) in [
            (0.0, 1.0),
            (1.0, 0.25),
            (10.0, 2.5),
            (100.0, 25.0),
            (680.0, 200.0),
            (0.031, 0.01),
            (7.9, 2.0),
        ] {
            let found = step_of(highest);
            assert!((found - step).abs() < 1e-9, "{highest}: {found}");
        }
    }

    #[test]
    fn a_line_is_interrupted_where_nothing_is_known() {
        let chart = Chart {
            id: "x",
            title: PageWord::ErrorsChart,
            lines: Vec::new(),
            marks: &[],
            span: (0, 4),
            shown: &|value| value.to_string(),
            least: 0.0,
            is_stepped: false,
            time: &|minute| minute.to_string(),
        };
        let points = [Some(0.0), Some(1.0), None, Some(0.5), None];
        let points: Vec<_> = (0..).zip(points).collect();
        assert_eq!(chart.path(&points, 1.0), "M68 190L165 26M359 108h.1");
    }
}
