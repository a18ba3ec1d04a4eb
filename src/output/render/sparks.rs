//! Sparklines of both versions of a rollout, with the minutes in which steps began.

use crate::model::Version;
use crate::output::columns::{padded, width};
use crate::report::rollout::Rollout;
use crate::report::status::{
    MinutesOfVersion, RolloutMinutes, StatusSentence, Title, count, measured,
};

use super::words::Words;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Where the monitor has no point.
const NOTHING: char = '·';

/// Columns of the number behind a line: `mean 100.0%`.
const NUMBER: usize = 12;

/// Rows of a chart: a title and a line each. `columns` is what a line may take.
pub(in crate::output) fn rows(
    words: &Words,
    rollout: &Rollout,
    series: &RolloutMinutes,
    columns: usize,
) -> Vec<(String, String)> {
    let sides = [(rollout.to, &series.canary), (rollout.from, &series.baseline)];
    let name = sides.iter().map(|(version, _)| width(&version.to_string())).max().unwrap_or(0);
    // Name, gap, line, gap, number.
    let columns = columns.saturating_sub(name + NUMBER + 4).max(8);
    let points = sides.iter().map(|(_, side)| side.invocations.len()).max().unwrap_or(0);
    let together = points.div_ceil(columns).max(1);
    let chart = SparkChart { words, sides, name, together };
    let last = |points: &[Option<f64>], shown: &dyn Fn(f64) -> String| {
        let last = points.iter().rev().flatten().next();
        last.map_or_else(|| "-".to_owned(), |last| words.say(&StatusSentence::Last(&shown(*last))))
    };
    let milliseconds = |value: f64| format!("{} ms", count(value));
    let mut rows = Vec::new();
    // The new version has its few calls beside many: each has a scale of its own.
    rows.extend(
        chart.rows(Title::Calls, false, &|side| {
            (&side.invocations, last(&side.invocations, &count))
        }),
    );
    rows.extend(chart.rows(Title::Errors, true, &|side| {
        let mean = mean_rate(side).map(measured);
        let mean =
            mean.map_or_else(|| "-".to_owned(), |mean| words.say(&StatusSentence::Mean(&mean)));
        (&side.error_rate, mean)
    }));
    rows.extend(chart.rows(Title::Duration, true, &|side| {
        (&side.duration_ms, last(&side.duration_ms, &milliseconds))
    }));
    rows.push((String::new(), format!("{}  {}", padded("", name), marks(series, together))));
    rows
}

/// Both versions, drawn alike.
struct SparkChart<'a> {
    words: &'a Words,
    sides: [(Version, &'a MinutesOfVersion); 2],
    /// Columns of a version.
    name: usize,
    /// Points of a bar.
    together: usize,
}

impl SparkChart<'_> {
    fn rows<'s>(
        &'s self,
        title: Title,
        have_one_scale: bool,
        of: &dyn Fn(&'s MinutesOfVersion) -> (&'s Vec<Option<f64>>, String),
    ) -> Vec<(String, String)> {
        let drawn = self.sides.map(|(version, side)| (version, of(side)));
        let highest = |points: &[Option<f64>]| points.iter().flatten().copied().fold(0.0, f64::max);
        let common = drawn.iter().map(|(_, (points, _))| highest(points)).fold(0.0, f64::max);
        let row =
            |(position, (version, (points, number))): (usize, &(Version, (&Vec<_>, String)))| {
                let title = if position == 0 { self.words.say(&title) } else { String::new() };
                let top = if have_one_scale { common } else { highest(points) };
                let spark = spark(points, self.together, top);
                let version = padded(&version.to_string(), self.name);
                (title, format!("{version}  {spark}  {number}"))
            };
        drawn.iter().enumerate().map(row).collect()
    }
}

/// The share of failed calls among all.
fn mean_rate(side: &MinutesOfVersion) -> Option<f64> {
    let (mut calls, mut failed) = (0.0, 0.0);
    for (count, rate) in side.invocations.iter().zip(&side.error_rate) {
        if let (Some(count), Some(rate)) = (count, rate) {
            calls += count;
            failed += count * rate;
        }
    }
    (calls > 0.0).then(|| failed / calls)
}

/// Bars from 0 to `top`, several points in one where there are many.
fn spark(points: &[Option<f64>], together: usize, top: f64) -> String {
    let mean = |points: &[Option<f64>]| {
        let known: Vec<f64> = points.iter().flatten().copied().collect();
        #[expect(clippy::cast_precision_loss, reason = "minutes of a day")]
        let count = known.len() as f64;
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / count)
    };
    points
        .chunks(together)
        .map(|points| mean(points).map_or(NOTHING, |mean| bar(mean, top)))
        .collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 7")]
fn bar(value: f64, top: f64) -> char {
    if top <= 0.0 {
        return BARS[0];
    }
    BARS[((value / top * 7.0).round().clamp(0.0, 7.0)) as usize]
}

/// The number of each step below the point that it began in.
fn marks(series: &RolloutMinutes, together: usize) -> String {
    let mut line = String::new();
    for mark in &series.steps {
        let column = mark.point / together;
        // One that would stand on another is left out.
        if column < line.len() {
            continue;
        }
        line = format!("{line:<column$}^{}", mark.step);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Weight;
    use crate::report::status::StepMark;

    #[test]
    fn steps_stand_below_the_minutes_that_they_began_in() {
        let mark = |step, point| StepMark { step, point, share: Weight::ONE };
        let mut series = RolloutMinutes {
            from: String::new(),
            period: 60,
            steps: vec![mark(1, 3), mark(2, 8), mark(3, 9)],
            canary: MinutesOfVersion::default(),
            baseline: MinutesOfVersion::default(),
        };
        assert_eq!(marks(&series, 1), "   ^1   ^2");
        series.steps.truncate(2);
        assert_eq!(marks(&series, 2), " ^1 ^2");
    }

    #[test]
    fn what_is_missing_makes_no_lower_bar() {
        let points = [Some(0.0), None, Some(4.0), Some(8.0), None, Some(8.0)];
        assert_eq!(spark(&points, 1, 8.0), "▁·▅█·█");
        assert_eq!(spark(&points, 2, 8.0), "▁▆█");
        assert_eq!(spark(&points, 1, 0.0), "▁·▁▁·▁");
    }
}
