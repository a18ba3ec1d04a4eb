//! Metrics of a function, as the monitor has them.

use chrono::{DateTime, TimeDelta, Utc};

use super::session::{self, Session};
use super::{Context, Done};
use crate::config::function::Reader;
use crate::error::{Error, Task};
use crate::execute::monitor::{self, MonitorPeriods, MonitorSubject, Points};
use crate::execute::{self, ExecuteError, FunctionSession};
use crate::model::metric::{CHINA, Metric, MetricWish};
use crate::report::metric::{MetricPoint, MetricSeries, Metrics};
use crate::report::notice::Notice;
use crate::report::{FunctionName, Report};

/// Reads metrics of a function, of versions of it or of an alias.
pub(crate) fn run(context: &Context) -> Result<Done, Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let place = |key: &str| settings.command_place(key);
    let reader = Reader::new(&settings.project.command_inputs, &place);
    let mut wish = reader.metric_wish(context.clock.now())?;
    context.header("metric", &settings);
    if wish.interval_unused {
        context.sink.note(&Notice::IntervalUnused);
    }
    let task = Task::ReadMetrics { function: function.name.clone() };
    let measured = measured(&wish);
    let names: Vec<&str> = wish.metrics.iter().map(|metric| metric.name).collect();
    let stretch = |wish: &MetricWish| MonitorPeriods {
        from: wish.from,
        until: wish.until,
        period: wish.period,
    };
    session::block_on(async {
        let session = Session::open(context, &settings).await?;
        let on = session.on(function.clone());
        let failed = |error| session::failed(&task, &function, error);
        let read = monitor::read(&on, &names, &measured, stretch(&wish)).await;
        let mut found = read.map_err(failed)?;
        // By the clock of the service, which the answer has told: that of the points.
        let by_service = reader.metric_wish(session.server_time())?;
        if (by_service.until - wish.until).abs() > TimeDelta::minutes(1) {
            wish = by_service;
            let read = monitor::read(&on, &names, &measured, stretch(&wish)).await;
            found = read.map_err(failed)?;
        }
        if found.iter().flatten().all(Points::is_empty) {
            check_existence(&on, &wish).await.map_err(failed)?;
            context.sink.note(&Notice::NoMetrics);
        }
        let report = reported(FunctionName::from(&function), &wish, &measured, &found);
        Ok(Done::succeeded(Report::Metrics(report), &settings))
    })
}

fn measured(wish: &MetricWish) -> Vec<MonitorSubject> {
    match (&wish.alias, wish.versions.as_slice()) {
        (Some(alias), _) => vec![MonitorSubject::Alias(alias.clone())],
        (None, []) => vec![MonitorSubject::Function],
        (None, versions) => versions.iter().copied().map(MonitorSubject::Version).collect(),
    }
}

/// Whether what is named is there at all: the monitor gives no points of anything else, either.
/// The key need not have the right to look.
async fn check_existence(on: &FunctionSession<'_>, wish: &MetricWish) -> Result<(), ExecuteError> {
    let aliases = match execute::alias::list(on, None).await {
        Ok(aliases) => aliases,
        Err(error @ (ExecuteError::NoFunction { .. } | ExecuteError::Interrupted(_))) => {
            return Err(error);
        }
        Err(_) => return Ok(()),
    };
    if let Some(alias) = &wish.alias
        && !aliases.iter().any(|record| record.alias.name == *alias)
    {
        let existing = aliases.into_iter().map(|record| record.alias.name).collect();
        let function = on.function().name.clone();
        return Err(ExecuteError::NoAlias { alias: alias.clone(), function, existing });
    }
    for version in &wish.versions {
        execute::versions::check(on, *version).await?;
    }
    Ok(())
}

fn reported(
    function: FunctionName,
    wish: &MetricWish,
    measured: &[MonitorSubject],
    found: &[Vec<Points>],
) -> Metrics {
    let of_metric = |(metric, found): (&Metric, &Vec<Points>)| {
        let metric = *metric;
        let each = measured.iter().zip(found);
        each.map(|(measured, points)| series(metric, measured, points)).collect::<Vec<_>>()
    };
    Metrics {
        function,
        from: in_china(wish.from, "%Y-%m-%dT%H:%M:%S%:z"),
        until: in_china(wish.until, "%Y-%m-%dT%H:%M:%S%:z"),
        seconds: (wish.from.timestamp(), wish.until.timestamp()),
        period: wish.period,
        series: wish.metrics.iter().zip(found).flat_map(of_metric).collect(),
    }
}

fn series(metric: Metric, measured: &MonitorSubject, points: &Points) -> MetricSeries {
    let point = |(timestamp, value): (&i64, &f64)| MetricPoint {
        time: DateTime::from_timestamp(*timestamp, 0)
            .map_or_else(String::new, |time| in_china(time, "%Y-%m-%d %H:%M:%S")),
        value: *value,
        timestamp: *timestamp,
    };
    let (version, alias) = match measured {
        MonitorSubject::Function => (None, None),
        MonitorSubject::Version(version) => (Some(*version), None),
        MonitorSubject::Alias(alias) => (None, Some(alias.clone())),
    };
    let Metric { name, unit, statistic } = metric;
    let points = points.iter().map(point).collect();
    MetricSeries { metric: name, unit, statistic, version, alias, points }
}

fn in_china(time: DateTime<Utc>, form: &str) -> String {
    time.with_timezone(&CHINA).format(form).to_string()
}
