//! What judges beside the monitor: a command of the user's, and metrics in Prometheus.

use std::collections::BTreeMap;
use std::fmt;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::cloud::{JudgedStep, MinuteSpan, MonitorMinutes};
use super::digest::digest;
use super::tick::Digests;
use crate::clock::{Clock, Deadline};
use crate::error::{RolloutOption, Unanswered};
use crate::model::FunctionId;
use crate::network::transport::{HeaderMap, Limits, Method, Outgoing, Transport, Url};
use crate::network::{Network, NetworkFailure, Silence};
use crate::order::Ordered as _;
use crate::plan::gates::Side;
use crate::plan::rollout::line::CommandAnswer;
use crate::text::{Cause, Text};

/// What judges beside the monitor. None of it fits in the characters of a description, so each
/// run is given it, and the marker has digests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Outside {
    pub command: Option<GateCommand>,
    /// Metrics in place of the monitor's.
    pub prometheus: Option<Prometheus>,
}

impl Outside {
    /// What the marker has of it.
    pub(crate) fn digests(&self) -> Digests {
        let command =
            self.command.as_ref().map(|command| digest([command.line.as_str()].into_iter()));
        let prometheus = self.prometheus.as_ref().map(|prometheus| {
            let queries = prometheus.canary.iter().chain(&prometheus.baseline);
            let parts = std::iter::once(&prometheus.address).chain(queries);
            digest(parts.map(String::as_str))
        });
        Digests { command, prometheus }
    }
}

/// A command of the user's that judges: 0 is a pass, 1 a failure, anything else not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GateCommand {
    /// As a shell takes it.
    pub line: String,
    /// The time that it may take.
    pub timeout: Duration,
}

/// Between two looks at a command that runs.
const LOOK: Duration = Duration::from_millis(20);

impl GateCommand {
    /// The time that a command may take where nothing is said.
    pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

    /// What a command is told, beside the variables of this process.
    pub(crate) fn environment(
        function: &FunctionId,
        alias: &str,
        place: &JudgedStep,
    ) -> BTreeMap<String, String> {
        let share = place.routing.share_of(place.to);
        [
            ("FUNCTION", function.name.clone()),
            ("NAMESPACE", function.namespace.clone()),
            ("REGION", function.region.clone()),
            ("ALIAS", alias.to_owned()),
            ("ROLLOUT", place.id.clone()),
            ("FROM", place.from.to_string()),
            ("TO", place.to.to_string()),
            ("WEIGHT", share.to_string()),
            ("STEP", place.step.to_string()),
            ("STEPS", place.steps.to_string()),
            ("BEGAN", place.began.to_string()),
        ]
        .into_iter()
        .map(|(name, value)| (format!("SCFCTL_{name}"), value))
        .into_map()
    }

    /// Runs the command and returns what it says. Its output goes to this process's stderr.
    ///
    /// # Errors
    /// It cannot be started, was ended by a signal, or took too long and was ended.
    pub(crate) async fn run(
        &self,
        clock: &Clock,
        environment: BTreeMap<String, String>,
    ) -> Result<CommandAnswer, Unanswered> {
        // What others do takes real time.
        let _working = clock.work();
        let own = self.clone();
        let ended = tokio::task::spawn_blocking(move || own.run_blocking(&environment)).await;
        let failed = |reason: String| Unanswered::Command { reason };
        let status = match ended {
            Ok(Ok(Some(status))) => status,
            Ok(Ok(None)) => {
                return Err(Unanswered::CommandTimedOut { seconds: self.timeout.as_secs() });
            }
            Ok(Err(error)) => return Err(failed(error.to_string())),
            Err(error) => return Err(failed(error.to_string())),
        };
        match status.code() {
            Some(0) => Ok(CommandAnswer::Pass),
            Some(1) => Ok(CommandAnswer::Fail),
            Some(2) => Ok(CommandAnswer::NotYet),
            _ => Err(failed(status.to_string())),
        }
    }

    /// `None` when it took too long.
    fn run_blocking(
        &self,
        environment: &BTreeMap<String, String>,
    ) -> std::io::Result<Option<ExitStatus>> {
        let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
        let mut command = std::process::Command::new(shell);
        command
            .args([option, &self.line])
            .envs(environment)
            .stdin(Stdio::null())
            // stdout is the result's.
            .stdout(Stdio::null())
            .stderr(Stdio::inherit());
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            // A group of its own, to be ended with all that it has started.
            command.process_group(0);
        }
        let mut child = command.spawn()?;
        let mut waited = Duration::ZERO;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            if waited >= self.timeout {
                end(&mut child);
                return Ok(None);
            }
            std::thread::park_timeout(LOOK);
            waited += LOOK;
        }
    }
}

/// Ends a command with all that it has started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Metrics in Prometheus, in place of the monitor's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prometheus {
    pub address: String,
    /// Queries for calls and for failed calls a minute of the new version.
    pub canary: [String; 2],
    /// The same of the version before.
    pub baseline: [String; 2],
}

/// Bytes of an answer that are read.
const ANSWER_LIMIT: usize = 8 << 20;
/// How long an answer may take: the next look comes soon.
const PATIENCE: Duration = Duration::from_secs(20);

impl Prometheus {
    /// The address of its range queries.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn url(&self) -> Result<Url, RolloutOption> {
        let wrong =
            || RolloutOption::Address { option: "--prometheus", text: self.address.clone() };
        let mut url = Url::parse(&self.address).map_err(|_| wrong())?;
        url.path_segments_mut().map_err(|()| wrong())?.pop_if_empty().extend([
            "api",
            "v1",
            "query_range",
        ]);
        Ok(url)
    }

    /// Reads the points of both versions.
    ///
    /// In a query `$function`, `$alias` and `$version` stand for the names. A query tells the
    /// count of the minute that ends at the time it is evaluated at, as `increase(…[1m])` does.
    ///
    /// # Errors
    /// No answer, or none that is understood.
    pub(crate) async fn points(
        &self,
        network: &Network,
        clock: &Clock,
        (function, alias): (&FunctionId, &str),
        stretch: MinuteSpan,
    ) -> Result<MonitorMinutes, Unanswered> {
        let MinuteSpan { baseline, canary, .. } = stretch;
        let mut points = MonitorMinutes::new();
        for (version, queries) in [(baseline, &self.baseline), (canary, &self.canary)] {
            let query = |text: &str| {
                text.replace("$function", &function.name)
                    .replace("$alias", alias)
                    .replace("$version", &version.to_string())
            };
            let [calls, errors] = queries.each_ref().map(|text| query(text));
            let calls = self.range(network, clock, &calls, stretch).await?;
            let errors = self.range(network, clock, &errors, stretch).await?;
            points.insert(version, sides(&calls, &errors));
        }
        Ok(points)
    }

    async fn range(
        &self,
        network: &Network,
        clock: &Clock,
        query: &str,
        stretch: MinuteSpan,
    ) -> Result<BTreeMap<i64, f64>, Unanswered> {
        let failed = |reason: Cause| Unanswered::Prometheus { reason };
        let mut url = self.url().map_err(|error| failed(Cause::new(error.to_string())))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        // Evaluated at the end of each minute.
        let (start, end) = (60 * (stretch.from + 1), 60 * stretch.until);
        url.query_pairs_mut().extend_pairs([
            ("query", query),
            ("start", &start.to_string()),
            ("end", &end.to_string()),
            ("step", "60"),
        ]);
        let (_keep, stop) = tokio::sync::watch::channel(false);
        let transport = Transport::new(network.clone(), clock.clone(), stop, 0, 0);
        let headers = HeaderMap::new();
        let outgoing = Outgoing { method: Method::GET, url, headers, body: None, taken: None };
        let limits =
            Limits { answer: ANSWER_LIMIT, wait: PATIENCE, silence: PATIENCE, total: None };
        let until = Deadline::after(clock, PATIENCE).at();
        let answer = transport.transfer(outgoing, &host, limits, until).await;
        let answer = answer.map_err(|failure| failed(said(failure)))?;
        let understood = values(&answer.body);
        understood.ok_or_else(|| failed(Cause::new(format!("HTTP {}", answer.status))))
    }
}

/// Why no answer came.
fn said(failure: NetworkFailure) -> Cause {
    match failure {
        NetworkFailure::Certificate { owner, problem } => {
            Cause::new(NamedProblem { name: Cause::new(owner), problem: Cause::new(problem) })
        }
        NetworkFailure::Proxy { proxy, reason, .. } => {
            Cause::new(NamedProblem { name: Cause::new(proxy), problem: Cause::new(reason) })
        }
        NetworkFailure::Connect { reason } => Cause::new(reason),
        NetworkFailure::Lost(silence) => Cause::new(silence),
        NetworkFailure::Over => Cause::new(Silence::Nothing { within: PATIENCE }),
    }
}

/// What is wrong, and with whom.
struct NamedProblem {
    name: Cause,
    problem: Cause,
}

impl fmt::Display for NamedProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.name, self.problem)
    }
}

impl Text for NamedProblem {
    fn zh(&self) -> String {
        format!("{}：{}", self.name.zh(), self.problem.zh())
    }
}

/// The values of a range query, by the minute that they are about: all series of an answer
/// together. `None` for what is no such answer.
fn values(body: &[u8]) -> Option<BTreeMap<i64, f64>> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    if answer.get("status")?.as_str()? != "success" {
        return None;
    }
    let mut values: BTreeMap<i64, f64> = BTreeMap::new();
    for series in answer.pointer("/data/result")?.as_array()? {
        for pair in series.get("values")?.as_array()? {
            let time = pair.get(0)?.as_f64()?;
            let value: f64 = pair.get(1)?.as_str()?.parse().ok()?;
            if value.is_finite() {
                // It ends the minute.
                #[allow(clippy::cast_possible_truncation)] // Seconds since 1970.
                let minute = (time.round() as i64).div_euclid(60) - 1;
                *values.entry(minute).or_insert(0.0) += value;
            }
        }
    }
    Some(values)
}

fn sides(calls: &BTreeMap<i64, f64>, errors: &BTreeMap<i64, f64>) -> BTreeMap<i64, Side> {
    let side = |(minute, calls): (&i64, &f64)| {
        let errors = errors.get(minute).copied().unwrap_or(0.0);
        (*minute, Side { calls: *calls, errors, mean_ms: None, throttled: 0.0 })
    };
    calls.iter().map(side).into_map()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Routing, Version};

    fn run(line: &str, timeout: Duration) -> Result<CommandAnswer, Unanswered> {
        let command = GateCommand { line: line.to_owned(), timeout };
        let place = JudgedStep {
            id: "abc".into(),
            from: Version::Number(4),
            to: Version::Latest,
            routing: Routing::split(Version::Number(4), Version::Latest, "0.1".parse().unwrap()),
            step: 1,
            steps: 3,
            began: 60,
        };
        let function =
            FunctionId { name: "f".into(), namespace: "default".into(), region: "r".into() };
        let environment = GateCommand::environment(&function, "prod", &place);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(command.run(&Clock::system(), environment))
    }

    #[cfg(unix)]
    #[test]
    fn a_command_says_it_by_its_status() {
        let second = Duration::from_secs(60);
        for (line, expected) in [
            ("exit 0", CommandAnswer::Pass),
            ("exit 1", CommandAnswer::Fail),
            ("exit 2", CommandAnswer::NotYet),
        ] {
            assert_eq!(run(line, second), Ok(expected), "{line}");
        }
        let told = r#"test "$SCFCTL_FUNCTION $SCFCTL_ALIAS $SCFCTL_FROM $SCFCTL_TO $SCFCTL_WEIGHT $SCFCTL_STEP" = 'f prod 4 $LATEST 0.1 1'"#;
        assert_eq!(run(told, second), Ok(CommandAnswer::Pass));
        assert!(matches!(run("exit 3", second), Err(Unanswered::Command { .. })));
        assert!(matches!(
            run("sleep 30 & sleep 30", Duration::from_millis(100)),
            Err(Unanswered::CommandTimedOut { .. })
        ));
    }

    #[test]
    fn an_answer_of_prometheus_is_about_the_minutes_before() {
        let answer = r#"{"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{},"values":[[120,"10"],[180.0,"NaN"],[240,"7.5"]]},
            {"metric":{},"values":[[120,"5"]]}]}}"#;
        let found = values(answer.as_bytes()).unwrap();
        assert_eq!(found, BTreeMap::from([(1, 15.0), (3, 7.5)]));
        for wrong in ["", "{}", r#"{"status":"error","error":"x"}"#, r#"{"status":"success"}"#] {
            assert_eq!(values(wrong.as_bytes()), None, "{wrong}");
        }
        let sides = sides(&found, &BTreeMap::from([(1, 2.0)]));
        assert!((sides[&1].errors - 2.0).abs() < 1e-12 && sides[&3].errors.abs() < 1e-12);
    }

    #[test]
    fn the_address_may_have_a_path() {
        for (address, url) in [
            ("http://p:9090", "http://p:9090/api/v1/query_range"),
            ("https://p/prom/", "https://p/prom/api/v1/query_range"),
        ] {
            let prometheus = Prometheus {
                address: address.into(),
                canary: Default::default(),
                baseline: Default::default(),
            };
            assert_eq!(prometheus.url().unwrap().as_str(), url);
        }
    }
}
