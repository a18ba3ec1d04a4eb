//! Invocations: which version runs, what becomes of the call, and what it leaves in the logs.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::super::behaviour::InvokeFunctionQualifier;
use super::super::error::Refusal;
use super::super::run::{Failed, Job, Ran};
use super::super::validate;
use super::logs::Call;
use super::request::Request;
use super::{Context, DEFAULT, LATEST, Moment, Region, Reply, Run, State, Version, account};
use crate::order::Ordered as _;

/// Invocations remembered per function.
const REMEMBERED: usize = 100;
/// The end of a log that an answer has, in bytes.
const LOG_OF_ANSWER: usize = 4 << 10;

/// A call that was let in, and to which version it goes.
pub(in super::super) struct Admitted {
    region: String,
    namespace: String,
    function: String,
    /// The request's id, which logs have too.
    id: String,
    version: String,
    alias: Option<String>,
    asynchronous: bool,
    /// Whether the end of the log is asked for.
    tail: bool,
    began: DateTime<Utc>,
    /// What it would answer where nothing is run.
    canned: String,
    pub(in super::super) job: Job,
}

impl State {
    /// `Invoke` and `InvokeFunction` where nothing is run: a version is picked, and its answer
    /// tells which one it was.
    pub(super) fn invoke(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let admitted = self.admitted(request)?;
        let ran = Ran {
            outcome: Ok(admitted.canned.clone()),
            log: String::new(),
            duration_ms: 1.5,
            memory: 1 << 20,
        };
        Ok(self.conclude(&admitted, &ran, request.now()))
    }

    /// Lets a call in, as [`Self::call`] does before it works.
    pub(in super::super) fn admit(
        &mut self,
        region: &str,
        action: &str,
        parameters: &Map<String, Value>,
        context: &Context,
    ) -> Result<Admitted, Refusal> {
        let facts = validate::action(validate::SCF, action).ok_or_else(super::request::lost)?;
        validate::check(facts, parameters)?;
        self.settle(context.now);
        self.regions.entry(region.to_owned()).or_insert_with(|| Region::new(context.now));
        self.admitted(&Request { region, action, facts, parameters, context })
    }

    fn admitted(&self, request: &Request) -> Result<Admitted, Refusal> {
        let events = ["ClientContext", "Event"];
        let event = events.iter().find_map(|name| request.text(name));
        let event = event.unwrap_or_default();
        let asynchronous = match request.text("InvocationType") {
            None | Some("" | "RequestResponse") => false,
            Some("Event") => true,
            Some(other) => {
                return Err(request.refuse(
                    &["InvalidParameterValue.InvokeType", "InvalidParameterValue"],
                    format!("InvocationType is RequestResponse or Event, not `{other}`."),
                ));
            }
        };
        check_event(request, event, asynchronous)?;
        let fallback = match request.context.behaviour.invoke_function_qualifier {
            InvokeFunctionQualifier::Default if request.action == "InvokeFunction" => DEFAULT,
            _ => LATEST,
        };
        let qualifier = request.qualifier(fallback);
        let function = self.function(request)?;
        let alias = function.aliases.get(qualifier);
        let name = alias.map_or(qualifier, |alias| {
            alias.choose(request.text("RoutingKey"), (request.context.draw)())
        });
        let version = request.version(function, name)?;
        if !version.status.is_active() {
            return Err(Refusal::new(
                "FailedOperation.FunctionStatusError",
                format!("The status of `{name}` is {}.", version.status.name),
            ));
        }
        let canned = json!({
            "function": request.required("FunctionName"),
            "namespace": request.namespace(),
            "version": name,
            "alias": alias.map(|_| qualifier),
            "description": version.description,
            "code_sha256": version.code.sha256,
        });
        let id = uuid::Uuid::new_v4().to_string();
        Ok(Admitted {
            region: request.region.to_owned(),
            namespace: request.namespace().to_owned(),
            function: request.required("FunctionName").to_owned(),
            version: name.to_owned(),
            alias: alias.map(|_| qualifier.to_owned()),
            asynchronous,
            tail: request.text("LogType") == Some("Tail"),
            began: request.now(),
            canned: canned.to_string(),
            job: self.job(request, &id, name, version, event),
            id,
        })
    }

    /// What is run for a call.
    fn job(&self, request: &Request, id: &str, name: &str, version: &Version, event: &str) -> Job {
        let text = |key: &str| {
            let value = version.configuration.get(key).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        let number = |key: &str, default: u64| {
            version.configuration.get(key).and_then(Value::as_u64).unwrap_or(default)
        };
        let hash = version.code.sha256.as_ref();
        let package = hash.and_then(|hash| Some((hash.clone(), self.packages.get(hash)?.clone())));
        let function = request.required("FunctionName");
        let mut environment = [
            ("SCF_FUNCTIONNAME".to_owned(), function.to_owned()),
            ("SCF_FUNCTIONVERSION".to_owned(), name.to_owned()),
            ("SCF_NAMESPACE".to_owned(), request.namespace().to_owned()),
            ("TENCENTCLOUD_REGION".to_owned(), request.region.to_owned()),
            ("TENCENTCLOUD_APPID".to_owned(), account::APP_ID.to_string()),
            ("TENCENTCLOUD_UIN".to_owned(), account::UIN.to_owned()),
            ("TENCENTCLOUD_RUNENV".to_owned(), "SCF".to_owned()),
        ]
        .into_iter()
        .into_map();
        let variables = version.configuration.get("Environment");
        let variables = variables.and_then(|found| found["Variables"].as_array());
        for variable in variables.into_iter().flatten() {
            if let (Some(key), Some(value)) = (variable["Key"].as_str(), variable["Value"].as_str())
                && !key.is_empty()
            {
                environment.insert(key.to_owned(), value.to_owned());
            }
        }
        let pairs: Vec<String> =
            environment.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let timeout = number("Timeout", 3);
        let context = json!({
            "request_id": id,
            "function_name": function,
            "function_version": name,
            "namespace": request.namespace(),
            "memory_limit_in_mb": number("MemorySize", 128),
            "time_limit_in_ms": timeout * 1000,
            "environ": pairs.join(";"),
            "environment": json!(environment).to_string(),
            "tencentcloud_region": request.region,
            "tencentcloud_appid": account::APP_ID.to_string(),
            "tencentcloud_uin": account::UIN,
        });
        Job {
            package,
            runtime: text("Runtime"),
            handler: text("Handler"),
            environment,
            context,
            event: if event.is_empty() { "{}".to_owned() } else { event.to_owned() },
            timeout: Duration::from_secs(timeout),
            init_timeout: Duration::from_secs(number("InitTimeout", 65)),
        }
    }

    /// Counts a call that has ended, writes its logs, and answers it.
    pub(in super::super) fn conclude(
        &mut self,
        admitted: &Admitted,
        ran: &Ran,
        now: DateTime<Utc>,
    ) -> Reply {
        let ended = Ended::of(&admitted.id, ran);
        let (id, version, alias) = (&admitted.id, &admitted.version, admitted.alias.as_deref());
        let region = self.regions.get_mut(&admitted.region);
        let mut log = String::new();
        if let Some(region) = region {
            let namespace = region.namespaces.get_mut(&admitted.namespace);
            let function = namespace.and_then(|found| found.functions.get_mut(&admitted.function));
            // It may be gone by now.
            if let Some(function) = function {
                let failed = ended.status != SUCCESS;
                function.count_call(version, alias, ran.duration_ms, failed, now);
                let call = Call {
                    function: &admitted.function,
                    namespace: &admitted.namespace,
                    version,
                    alias,
                    id,
                    began: admitted.began,
                    duration_ms: ran.duration_ms,
                    memory: ran.memory,
                    status: ended.status,
                    output: &ran.log,
                    failure: ended.stack.as_deref(),
                };
                log = call.text();
                let configuration =
                    function.versions.get(version).map(|found| &found.configuration);
                let topic = configuration.and_then(super::logs::topic_of);
                let result = ended.returned.clone();
                function.runs.push_back(Run {
                    id: id.clone(),
                    started: Moment(admitted.began),
                    result,
                    failed,
                    duration_ms: ran.duration_ms,
                });
                if function.runs.len() > REMEMBERED {
                    function.runs.pop_front();
                }
                if let Some((logset, topic)) = topic {
                    region.write_log(&logset, &topic, &call, now);
                }
            }
        }
        let result = if admitted.asynchronous {
            json!({"FunctionRequestId": id, "RetMsg": "", "ErrMsg": "", "Log": "",
                "MemUsage": 0, "Duration": 0, "BillDuration": 0, "InvokeResult": 0})
        } else {
            json!({"FunctionRequestId": id, "RetMsg": ended.returned, "ErrMsg": ended.error,
                "Log": if admitted.tail { end_of(&log) } else { "" },
                "MemUsage": ran.memory, "Duration": ran.duration_ms,
                "BillDuration": billed(ran.duration_ms),
                "InvokeResult": i64::from(ended.status != SUCCESS)})
        };
        Reply::from_iter([("Result".to_owned(), result)])
    }

    pub(super) fn get_request_status(&self, request: &Request) -> Result<Reply, Refusal> {
        let function = self.function(request)?;
        let id = request.required("FunctionRequestId");
        let times = ["StartTime", "EndTime"].map(|name| request.text(name));
        let (from, to) = match times {
            [None, None] => (request.now() - TimeDelta::minutes(15), request.now()),
            [Some(from), Some(to)] => {
                // The zone of answers is the zone of requests.
                let zone = request.zone();
                let read = |text: &str| {
                    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
                        .ok()
                        .and_then(|time| time.and_utc().checked_sub_signed(zone))
                        .ok_or_else(|| {
                            request.refuse(
                                &["InvalidParameterValue.DateTime"],
                                format!("`{text}` is no time of the form YYYY-MM-DD hh:mm:ss."),
                            )
                        })
                };
                (read(from)?, read(to)?)
            }
            _ => {
                return Err(request.refuse(
                    &["InvalidParameterValue.StartTimeOrEndTime"],
                    "StartTime and EndTime go together.",
                ));
            }
        };
        let data: Vec<_> = function
            .runs
            .iter()
            .filter(|run| run.id == id && (from..=to).contains(&run.started.0))
            .map(|run| {
                json!({
                    "FunctionName": request.required("FunctionName"),
                    "RequestId": run.id,
                    "RetCode": if run.failed { -1 } else { 0 },
                    "RetMsg": run.result,
                    "Duration": run.duration_ms,
                    "MemUsage": 1_048_576,
                    "RetryNum": 0,
                    "StartTime": request.show(run.started),
                })
            })
            .collect();
        let mut reply = Reply::new();
        reply.insert("TotalCount".to_owned(), json!(data.len()));
        reply.insert("Data".to_owned(), Value::Array(data));
        Ok(reply)
    }
}

/// The status of a call that went well (`docs/reference/scf-api.md`, "`GetFunctionLogs`").
const SUCCESS: u16 = 200;

/// How a call ended, as its answer has it.
struct Ended {
    returned: String,
    error: String,
    status: u16,
    /// What the logs say of a failure.
    stack: Option<String>,
}

impl Ended {
    fn of(id: &str, ran: &Ran) -> Self {
        let (status, code, message, stack) = match &ran.outcome {
            Ok(returned) => {
                let returned = returned.clone();
                return Self { returned, error: String::new(), status: SUCCESS, stack: None };
            }
            Err(Failed::Raised { message, stack }) => (430, 1, message.clone(), stack.clone()),
            Err(Failed::TimedOut { seconds }) => {
                let message = format!("Invoking task timed out after {seconds} seconds");
                (433, -1, message.clone(), message)
            }
            Err(Failed::Exited { status }) => {
                let message = format!("The process of the function ended: {status}");
                (439, 1, message.clone(), message)
            }
            Err(Failed::TooLong { bytes }) => {
                let message = format!("The function returned {bytes} bytes, more than 6 MB");
                (407, 1, message.clone(), message)
            }
        };
        let returned = json!({"errorCode": code, "errorMessage": message, "requestId": id,
            "stackTrace": stack, "statusCode": status});
        Self { returned: returned.to_string(), error: message, status, stack: Some(stack) }
    }
}

/// Whole milliseconds, begun ones included.
#[expect(clippy::cast_possible_truncation, reason = "a call lasts minutes at most")]
fn billed(duration_ms: f64) -> i64 {
    duration_ms.ceil() as i64
}

/// The end of a log that an answer has.
fn end_of(log: &str) -> &str {
    let from = log.len().saturating_sub(LOG_OF_ANSWER);
    let from = (from..=log.len()).find(|from| log.is_char_boundary(*from)).unwrap_or(0);
    &log[from..]
}

fn check_event(request: &Request, event: &str, asynchronous: bool) -> Result<(), Refusal> {
    let largest = if asynchronous { 128 << 10 } else { 6 << 20 };
    if event.len() > largest {
        return Err(Refusal::new(
            "InvalidParameter.RequestTooLarge",
            format!("The event has {} bytes, over {largest}.", event.len()),
        ));
    }
    // Only whether it is JSON matters, so nothing is built of it.
    if !event.is_empty() && serde_json::from_str::<serde::de::IgnoredAny>(event).is_err() {
        return Err(request.refuse(&["InvalidParameterValue.Param"], "The event is not JSON."));
    }
    if request.text("RoutingKey").is_some_and(|key| key.len() > 1024) {
        return Err(request
            .refuse(&["InvalidParameterValue.Param"], "RoutingKey has more than 1024 bytes."));
    }
    if let Some(kind) = request.text("LogType")
        && !matches!(kind, "" | "None" | "Tail")
    {
        return Err(request.refuse(
            &["InvalidParameterValue"],
            format!("LogType is None or Tail, not `{kind}`."),
        ));
    }
    Ok(())
}
