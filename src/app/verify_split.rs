//! Whether an alias splits its calls as it says.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::Value;

use super::invoke::{self, Payload};
use super::session::{self, Session};
use super::{Context, Done};
use crate::config::function::Reader;
use crate::error::{Error, SplitError, SplitProblem, Task, percent};
use crate::execute::invoke::{Invocation, invoke};
use crate::execute::logs::{self, LogFilter, LogWindow, Search};
use crate::execute::{self, ExecuteError, FunctionSession};
use crate::model::{DEFAULT_ALIAS, FunctionId, Qualifier, Routing, Version, Weight};
use crate::plan::split::{Answered, ShareInterval, of_each};
use crate::report::notice::Notice;
use crate::report::split::{Split, SplitPart};
use crate::report::{FunctionName, Report, Said, object};

/// What `verify-split` is asked for, besides its inputs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    /// How many calls.
    pub calls: usize,
    /// How many of them at once.
    pub concurrency: usize,
    /// Whether calling so often is meant.
    pub yes: bool,
    /// How sure the answer is, from 0.5 to 0.9999.
    pub confidence: f64,
    /// Where the result has the version, as a JSON pointer; else the logs are asked.
    pub version_at: Option<String>,
    /// How long logs are waited for.
    pub wait: Duration,
    pub payload: Option<Payload>,
}

/// The share of calls whose version may stay unknown.
const UNKNOWN: f64 = 0.05;
/// Between two looks at the logs.
const LOOK: Duration = Duration::from_secs(2);
/// How far the clocks of the services may be apart, in milliseconds.
const SKEW: i64 = 5000;

/// Calls the function through the alias, and says whether the versions that answered are split as
/// the alias says.
pub(crate) fn run(context: &Context, request: &Request) -> Result<Done, Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let place = |key: &str| settings.command_place(key);
    let reader = Reader::new(&settings.project.command_inputs, &place);
    let alias = reader.called_alias()?.unwrap_or_else(|| DEFAULT_ALIAS.to_owned());
    if !request.yes {
        let calls = request.calls;
        return Err(SplitError::NotMeant { function: function.name, alias, calls }.into());
    }
    let payload = request.payload.as_ref();
    let event = invoke::payload(context, payload, false, reader.payload())?;
    let task = Task::VerifySplit { alias: alias.clone(), function: function.name.clone() };
    let verifying = Verifying { context, request, task, function, alias };
    session::block_on(async {
        let mut session = Session::open(context, &settings).await?;
        Box::pin(verifying.run(&mut session, event)).await
    })
}

/// A call that was made.
struct Made {
    /// Its id; `None` where its answer was lost, and it may have run or not.
    id: Option<String>,
    /// When it was sent, in milliseconds of the service's clock.
    at: i64,
    /// The version that the result names.
    told: Option<Version>,
}

struct Verifying<'a> {
    context: &'a Context,
    request: &'a Request,
    task: Task,
    function: FunctionId,
    alias: String,
}

impl Verifying<'_> {
    fn failed(&self, error: ExecuteError) -> Error {
        session::failed(&self.task, &self.function, error)
    }

    async fn run(&self, session: &mut Session, event: String) -> Result<Done, Error> {
        let on = session.on(self.function.clone());
        let before = self.routing(&on).await?;
        let topics = match self.request.version_at {
            Some(_) => Vec::new(),
            None => self.topics(&on, &before).await?,
        };
        drop(on);
        let made = self.call(session, event).await?;
        session.begin_operation(self.context.options.timeout);
        // At once: while logs are waited for, whoever changes it changes nothing of the calls.
        let after = self.routing(&session.on(self.function.clone())).await?;
        if !after.same_effect(&before) {
            let alias = self.alias.clone();
            return Err(SplitError::Changed { alias, before, after }.into());
        }
        let versions = match &self.request.version_at {
            Some(_) => made.iter().map(|call| call.told).collect(),
            None => self.versions(session, topics, &made).await?,
        };
        let split = self.split(&before, &versions);
        let verdict = |problem| SplitError::Verdict { problem, result: object(&split) };
        let error = problem(&split).map(|problem| Error::from(verdict(problem)));
        if error.is_none() {
            self.context.sink.note(&Notice::SplitAsSet {
                alias: self.alias.clone(),
                calls: split.calls,
                confidence: percent(split.confidence),
            });
        }
        Ok(Done { report: Some(Report::Split(split)), error, ..Done::nothing() })
    }

    async fn routing(&self, on: &FunctionSession<'_>) -> Result<Routing, Error> {
        let records = execute::alias::list(on, None).await.map_err(|error| self.failed(error))?;
        let found = records.iter().find(|record| record.alias.name == self.alias);
        found.map(|record| record.alias.routing.clone()).ok_or_else(|| {
            self.failed(ExecuteError::NoAlias {
                alias: self.alias.clone(),
                function: self.function.name.clone(),
                existing: records.iter().map(|record| record.alias.name.clone()).collect(),
            })
        })
    }

    /// The topics of all versions that the alias sends calls to. Nothing is called for an answer
    /// that could not be had.
    async fn topics(
        &self,
        on: &FunctionSession<'_>,
        routing: &Routing,
    ) -> Result<Vec<String>, Error> {
        let mut topics: Vec<String> = Vec::new();
        for version in routing.shares().into_keys() {
            let of_version = logs::topics(on, Some(&Qualifier::Version(version))).await;
            let of_version = of_version.map_err(|error| self.failed(error))?;
            let Some(topic) = of_version.into_iter().next() else {
                let function = self.function.name.clone();
                return Err(SplitError::NoLogs { function, version }.into());
            };
            if topics.contains(&topic) {
                continue;
            }
            if !logs::is_indexed(on, &topic).await.map_err(|error| self.failed(error))? {
                return Err(SplitError::NotIndexed { topic }.into());
            }
            topics.push(topic);
        }
        Ok(topics)
    }

    /// Makes all calls, several at once. One that is refused ends them; one whose answer is lost may
    /// have run, and counts as one of an unknown version. So do those whose result names none; when
    /// they are more than an answer can bear, the rest is not called.
    async fn call(&self, session: &Session, event: String) -> Result<Vec<Made>, Error> {
        let Request { calls, concurrency, .. } = *self.request;
        let invocation = Invocation {
            qualifier: self.alias.clone(),
            event,
            routing_key: None,
            asynchronous: false,
            tail: false,
        };
        let (function, alias) = (self.function.name.clone(), self.alias.clone());
        self.context.sink.step(&Notice::CallsBegin { function, alias, calls });
        session.share_state().await;
        let invocation = &invocation;
        let one = |_| async move {
            // The time allowed is that of each call, as of `invoke`.
            let client = session.client_within(self.context.options.timeout);
            let on = session.on_within(&client, self.function.clone());
            let at = session.server_time().timestamp_millis();
            (at, invoke(&on, invocation).await)
        };
        let mut each = stream::iter(0..calls).map(one).buffer_unordered(concurrency);
        let mut made = Vec::with_capacity(calls);
        let (mut untold, mut lost) = (0, 0);
        while let Some((at, outcome)) = each.next().await {
            match outcome {
                Ok(call) => {
                    let pointer = self.request.version_at.as_deref();
                    let told = pointer.and_then(|pointer| version_in(&call.returned, pointer));
                    made.push(Made { id: Some(call.request_id), at, told });
                    untold += u64::from(pointer.is_some() && told.is_none());
                    if is_more(untold, calls as u64) {
                        let done = made.len();
                        self.context.sink.warning(&Notice::CallsEnded { done, calls });
                        break;
                    }
                }
                Err(ExecuteError::Api(error)) if error.perhaps_executed() => {
                    made.push(Made { id: None, at, told: None });
                    (untold, lost) = (untold + 1, lost + 1);
                    if is_more(lost, calls as u64) {
                        let done = made.len();
                        self.context.sink.warning(&Notice::CallsEnded { done, calls });
                        return Err(self.failed(error.into()));
                    }
                    let why = Said::new(&error);
                    self.context.sink.note_once("lost call", &Notice::CallLost { why });
                }
                Err(error) => {
                    let done = made.len();
                    self.context.sink.warning(&Notice::CallsEnded { done, calls });
                    return Err(self.failed(error));
                }
            }
        }
        Ok(made)
    }

    /// The version of each call, as the logs have it.
    async fn versions(
        &self,
        session: &Session,
        topics: Vec<String>,
        made: &[Made],
    ) -> Result<Vec<Option<Version>>, Error> {
        let alias = Qualifier::Alias(self.alias.clone());
        // What the functions themselves write may be a lot.
        let filter = LogFilter { qualifier: Some(alias), platform: true, ..LogFilter::default() };
        let mut search = Search::new(self.function.clone(), filter, topics);
        let own: HashSet<&str> = made.iter().filter_map(|call| call.id.as_deref()).collect();
        let mut known: HashMap<String, Version> = HashMap::new();
        let clock = &self.context.clock;
        let until = clock.instant() + self.request.wait;
        loop {
            // What was found is not looked for again.
            let is_missing =
                |call: &&Made| call.id.as_ref().is_some_and(|id| !known.contains_key(id));
            let Some(first) = made.iter().filter(is_missing).map(|call| call.at).min() else {
                break;
            };
            let client = session.client_within(self.context.options.timeout);
            let on = session.on_within(&client, self.function.clone());
            let to = session.server_time().timestamp_millis() + SKEW;
            let lines = search.lines(&on, LogWindow { from: first - SKEW, to }).await;
            for line in lines.map_err(|error| self.failed(error))? {
                // The alias may serve others meanwhile.
                if own.contains(line.request_id.as_str())
                    && let Ok(version) = line.version.parse()
                {
                    known.insert(line.request_id, version);
                }
            }
            let missing = own.len() - known.len();
            if missing == 0 || clock.instant() >= until {
                break;
            }
            self.context.sink.note_once("wait for logs", &Notice::WaitsForLogs { missing });
            if let Some(signal) = session.sleep(clock, LOOK).await {
                return Err(self.failed(ExecuteError::Interrupted(signal)));
            }
        }
        let version = |call: &Made| known.get(call.id.as_ref()?).copied();
        Ok(made.iter().map(version).collect())
    }

    /// What was found beside what is set.
    fn split(&self, routing: &Routing, versions: &[Option<Version>]) -> Split {
        let mut counts: BTreeMap<Version, u64> = BTreeMap::new();
        for version in routing.shares().into_keys().chain(versions.iter().flatten().copied()) {
            counts.entry(version).or_default();
        }
        for version in versions.iter().flatten() {
            *counts.entry(*version).or_default() += 1;
        }
        let calls = versions.len() as u64;
        let unknown = calls - counts.values().sum::<u64>();
        let confidence = of_each(self.request.confidence, routing.shares().len());
        let part = |(version, hits): (&Version, &u64)| {
            let (version, hits) = (*version, *hits);
            let set = routing.share_of(version);
            let interval = ShareInterval::of(Answered { hits, unknown, calls }, confidence);
            // These two need no statistics.
            let as_set = if set == Weight::ZERO {
                hits == 0
            } else if set == Weight::ONE {
                hits + unknown == calls
            } else {
                interval.has(set.to_f64())
            };
            SplitPart { version, calls: hits, set, low: interval.low, high: interval.high, as_set }
        };
        let versions: Vec<SplitPart> = counts.iter().map(part).collect();
        Split {
            function: FunctionName::from(&self.function),
            alias_name: self.alias.clone(),
            confidence: self.request.confidence,
            calls,
            unknown,
            as_set: versions.iter().all(|part| part.as_set) && !is_more(unknown, calls),
            versions,
        }
    }
}

/// Whether more calls are without a version than an answer can bear.
fn is_more(unknown: u64, calls: u64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "counts of calls stay far below 2^53")]
    let (unknown, calls) = (unknown as f64, calls as f64);
    unknown > calls * UNKNOWN
}

/// Why the split is not confirmed.
fn problem(split: &Split) -> Option<SplitProblem> {
    let alias = split.alias_name.clone();
    // The one that is the furthest off says it best.
    let off = |part: &&SplitPart| (part.set.to_f64() - part.middle()).abs();
    let wrong = split.versions.iter().filter(|part| !part.as_set);
    let wrong = wrong.max_by(|one, other| off(one).total_cmp(&off(other)));
    if let Some(part) = wrong {
        let SplitPart { version, calls: hits, set, low, high, .. } = *part;
        let (calls, confidence) = (split.calls, split.confidence);
        return Some(SplitProblem::Differs {
            alias,
            version,
            hits,
            calls,
            low,
            high,
            set,
            confidence,
        });
    }
    let (unknown, calls) = (split.unknown, split.calls);
    is_more(unknown, calls).then_some(SplitProblem::Unknown { unknown, calls })
}

/// The version that a result names.
fn version_in(returned: &str, pointer: &str) -> Option<Version> {
    let result: Value = serde_json::from_str(returned).ok()?;
    match result.pointer(pointer)? {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_text_or_a_number_at_its_place() {
        for (returned, pointer, expected) in [
            (r#"{"version": "3"}"#, "/version", Some(Version::Number(3))),
            (r#"{"a": [{"v": 12}]}"#, "/a/0/v", Some(Version::Number(12))),
            (r#"{"version": "$LATEST"}"#, "/version", Some(Version::Latest)),
            (r#""7""#, "", Some(Version::Number(7))),
            (r#"{"version": "three"}"#, "/version", None),
            (r#"{"version": null}"#, "/version", None),
            (r#"{"version": 1.5}"#, "/version", None),
            (r#"{"errorMessage": "no"}"#, "/version", None),
            ("", "/version", None),
        ] {
            assert_eq!(version_in(returned, pointer), expected, "{returned}");
        }
    }
}
