//! Metrics as people read them: a chart on a terminal, a table elsewhere. As `sls`: its list.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use indicatif::HumanFloatCount;
use serde_json::{Map, Value, json};

use crate::model::metric::Statistic;
use crate::report::metric::{MetricPoint, MetricSeries, Metrics, number};

/// Columns of a chart.
const COLUMNS: usize = 60;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Where the monitor has no point.
const NOTHING: char = '·';

/// The list of the real CLI; of several series one for each.
pub(in crate::output) fn list(metrics: &Metrics) -> Value {
    let points = |series: &MetricSeries| {
        let point = |point: &MetricPoint| {
            json!({
                "time": point.time,
                "value": number(point.value),
                "timestamp": point.timestamp,
            })
        };
        Value::Array(series.points.iter().map(point).collect())
    };
    match metrics.series.as_slice() {
        [series] => points(series),
        several => {
            let named = several.iter().map(|series| (title(series), points(series)));
            Value::Object(Map::from_iter(named.collect::<Vec<_>>()))
        }
    }
}

/// `Invocation`, or `Invocation:2` of a version.
fn title(series: &MetricSeries) -> String {
    let counted = series.counted();
    if counted.is_empty() {
        series.metric.to_owned()
    } else {
        format!("{}:{counted}", series.metric)
    }
}

/// A column for each series and a line for each time of which any has a point.
pub(in crate::output) fn table(metrics: &Metrics) -> String {
    let mut lines: BTreeMap<i64, (String, Vec<String>)> = BTreeMap::new();
    for (column, series) in metrics.series.iter().enumerate() {
        for point in &series.points {
            let time = || {
                let time = format!("{}+08:00", point.time.replace(' ', "T"));
                (time, vec!["-".to_owned(); metrics.series.len()])
            };
            let (_, cells) = lines.entry(point.timestamp).or_insert_with(time);
            cells[column] = number(point.value).to_string();
        }
    }
    let head = std::iter::once("time".to_owned()).chain(metrics.series.iter().map(title));
    let body = lines
        .into_values()
        .map(|(time, cells)| std::iter::once(time).chain(cells).collect::<Vec<_>>());
    let rows: Vec<Vec<String>> = std::iter::once(head.collect()).chain(body).collect();
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..=metrics.series.len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, width))| match column {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            })
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// Bars over time, a line for each series.
pub(in crate::output) fn chart(metrics: &Metrics) -> String {
    let minute = |time: &str| time.chars().take(16).collect::<String>().replace('T', " ");
    let (from, until) = (minute(&metrics.from), minute(&metrics.until));
    let each = in_words(metrics.period);
    let mut text = format!("{from} - {until} UTC+8, every {each}\n");
    let names: Vec<String> = metrics.series.iter().map(MetricSeries::counted).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let mut before = "";
    for (series, name) in metrics.series.iter().zip(&names) {
        if series.metric != before {
            let _ = writeln!(text, "\n{} ({})", series.metric, series.unit);
            before = series.metric;
        }
        let bars = bars(metrics, series);
        let _ = writeln!(text, "  {name:<width$}  {bars}  {}", summary(series));
    }
    text
}

fn in_words(period: u32) -> String {
    match period {
        60 => "minute".to_owned(),
        3600 => "hour".to_owned(),
        86_400 => "day".to_owned(),
        other => format!("{} minutes", other / 60),
    }
}

fn summary(series: &MetricSeries) -> String {
    let values = || series.points.iter().map(|point| point.value);
    let Some(last) = values().next_back() else { return "no data".to_owned() };
    let (low, high) = (values().fold(f64::MAX, f64::min), values().fold(0.0, f64::max));
    let shown = |value: f64| {
        // Two decimals are enough to read.
        HumanFloatCount((value * 100.0).round() / 100.0).to_string()
    };
    let (low, high, last) = (shown(low), shown(high), shown(last));
    match series.statistic {
        Statistic::Sum => {
            format!("min {low}  max {high}  last {last}  sum {}", shown(values().sum()))
        }
        Statistic::Average | Statistic::Maximum => format!("min {low}  max {high}  last {last}"),
    }
}

/// Bars from 0 to the largest value, several periods in one where there are many.
fn bars(metrics: &Metrics, series: &MetricSeries) -> String {
    let (from, until) = metrics.seconds;
    let period = i64::from(metrics.period);
    let periods = usize::try_from((until - from + period - 1) / period).unwrap_or(0);
    let together = periods.div_ceil(COLUMNS).max(1);
    let mut columns: Vec<Option<(f64, f64)>> = vec![None; periods.div_ceil(together)];
    for point in &series.points {
        let index = usize::try_from((point.timestamp - from) / period).unwrap_or(0) / together;
        let Some(column) = columns.get_mut(index) else { continue };
        let (value, count) = column.unwrap_or((0.0, 0.0));
        let value = match series.statistic {
            Statistic::Sum | Statistic::Average => value + point.value,
            Statistic::Maximum => value.max(point.value),
        };
        *column = Some((value, count + 1.0));
    }
    let value = |(value, count): (f64, f64)| match series.statistic {
        // Of periods that are there: one that is missing is not a low one.
        Statistic::Sum | Statistic::Average => value / count,
        Statistic::Maximum => value,
    };
    let values: Vec<Option<f64>> = columns.into_iter().map(|column| column.map(value)).collect();
    let most = values.iter().flatten().copied().fold(0.0, f64::max);
    values.into_iter().map(|value| value.map_or(NOTHING, |value| bar(value, most))).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is between 0 and the number of bars"
)]
fn bar(value: f64, most: f64) -> char {
    if value <= 0.0 || most <= 0.0 {
        return BARS[0];
    }
    let height = (value / most * 8.0).ceil() as usize;
    BARS[height.clamp(1, BARS.len()) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Version;
    use crate::report::FunctionName;

    fn series(metric: &'static str, version: u64, values: &[(i64, f64)]) -> MetricSeries {
        let statistic = if metric == "Duration" { Statistic::Average } else { Statistic::Sum };
        let point = |(minute, value): &(i64, f64)| MetricPoint {
            time: format!("2023-11-15 06:{:02}:00", 14 + minute),
            value: *value,
            timestamp: 1_700_000_040 + 60 * minute,
        };
        MetricSeries {
            metric,
            unit: if metric == "Duration" { "ms" } else { "count" },
            statistic,
            version: Some(Version::Number(version)),
            alias: None,
            points: values.iter().map(point).collect(),
        }
    }

    fn metrics(minutes: i64, series: Vec<MetricSeries>) -> Metrics {
        let function = FunctionName {
            function_name: "f".to_owned(),
            namespace: "default".to_owned(),
            region: "r".to_owned(),
        };
        Metrics {
            function,
            from: "2023-11-15T06:14:00+08:00".to_owned(),
            until: "2023-11-15T06:19:00+08:00".to_owned(),
            seconds: (1_700_000_040, 1_700_000_040 + 60 * minutes),
            period: 60,
            series,
        }
    }

    fn sample() -> Metrics {
        let calls = series("Invocation", 1, &[(0, 1000.0), (1, 500.0), (3, 0.0), (4, 1.0)]);
        let canary = series("Invocation", 12, &[]);
        metrics(5, vec![calls, canary, series("Duration", 1, &[(0, 20.125), (4, 21.5)])])
    }

    #[test]
    fn a_chart_has_a_line_for_each_series() {
        assert_eq!(
            chart(&sample()),
            "2023-11-15 06:14 - 2023-11-15 06:19 UTC+8, every minute\n\
             \nInvocation (count)\n  \
             1   █▄·▁▁  min 0  max 1,000  last 1  sum 1,501\n  \
             12  ·····  no data\n\
             \nDuration (ms)\n  \
             1   █···█  min 20.13  max 21.5  last 21.5\n"
        );
    }

    #[test]
    fn a_table_has_a_line_for_each_time() {
        assert_eq!(
            table(&sample()),
            "time                       Invocation:1  Invocation:12  Duration:1\n\
             2023-11-15T06:14:00+08:00          1000              -      20.125\n\
             2023-11-15T06:15:00+08:00           500              -           -\n\
             2023-11-15T06:17:00+08:00             0              -           -\n\
             2023-11-15T06:18:00+08:00             1              -        21.5\n"
        );
    }

    #[test]
    fn the_list_is_that_of_the_real_cli() {
        let one = metrics(5, vec![series("Error", 1, &[(0, 3.0)])]);
        let point = json!({"time": "2023-11-15 06:14:00", "value": 3, "timestamp": 1_700_000_040});
        assert_eq!(list(&one), json!([point]));
        let two = metrics(5, vec![series("Error", 1, &[(0, 3.0)]), series("Error", 2, &[])]);
        assert_eq!(list(&two), json!({"Error:1": [point], "Error:2": []}));
    }

    #[test]
    fn many_periods_share_a_column() {
        let values: Vec<(i64, f64)> =
            (0..240).filter(|minute| minute % 4 != 1).map(|minute| (minute, 8.0)).collect();
        let mut many = metrics(240, vec![series("Error", 1, &values)]);
        let bars = bars(&many, &many.series[0]);
        // What is missing makes no lower bar.
        assert_eq!(bars, "█".repeat(60));
        many.series[0].points.retain(|point| point.timestamp >= 1_700_000_040 + 60 * 4);
        let bars = super::bars(&many, &many.series[0]);
        assert_eq!(bars, format!("·{}", "█".repeat(59)));
    }
}
