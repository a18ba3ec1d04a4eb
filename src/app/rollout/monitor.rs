//! Points of both versions, from the service's monitor.

use chrono::{DateTime, Utc};

use super::cloud::{MinuteSpan, MonitorMinutes};
use crate::execute::monitor::{self, AskedMeasures, MinuteOfCalls};
use crate::execute::{ExecuteError, FunctionSession};
use crate::order::Ordered as _;
use crate::plan::gates::Side;

/// Reads a stretch of minutes.
pub(super) async fn points(
    session: &FunctionSession<'_>,
    asked: AskedMeasures<'_>,
    stretch: MinuteSpan,
) -> Result<MonitorMinutes, ExecuteError> {
    let MinuteSpan { baseline, canary, from, until } = stretch;
    let (versions, from, until) = ([baseline, canary], start(from), start(until));
    let minutes = monitor::minutes(session, &versions, asked, from, until).await;
    let minutes = minutes.map_err(|monitor::Unavailable(error)| error)?;
    let sides = |minutes: std::collections::BTreeMap<i64, MinuteOfCalls>| {
        let side = |(minute, point): (i64, MinuteOfCalls)| Some((minute, side(&point)?));
        minutes.into_iter().filter_map(side).into_map()
    };
    Ok(minutes.into_iter().map(|(version, minutes)| (version, sides(minutes))).into_map())
}

fn start(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(60 * minute, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

/// A minute without calls may still have refused some.
fn side(point: &MinuteOfCalls) -> Option<Side> {
    let throttled = point.throttled.unwrap_or(0.0);
    let calls = point.calls.or((throttled > 0.0).then_some(0.0))?;
    let errors = point.errors.unwrap_or(0.0);
    Some(Side { calls, errors, mean_ms: point.mean_ms, throttled })
}
