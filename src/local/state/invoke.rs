//! Invocations: which version runs, and what it answers.

use chrono::{NaiveDateTime, TimeDelta};
use serde_json::{Value, json};

use super::super::behaviour::InvokeFunctionQualifier;
use super::super::error::Refusal;
use super::request::Request;
use super::{DEFAULT, LATEST, Moment, Reply, Run, State};

/// Invocations remembered per function.
const REMEMBERED: usize = 100;

impl State {
    /// `Invoke` and `InvokeFunction`: a version is picked, and its answer tells
    /// which one it was.
    pub(super) fn invoke(&mut self, request: &Request) -> Result<Reply, Refusal> {
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
        let function = self.function_mut(request)?;
        let alias = function.aliases.get(qualifier);
        let name = alias
            .map_or(qualifier, |alias| alias.choose(request.text("RoutingKey"), fastrand::f64()));
        let version = request.version(function, name)?;
        if !version.status.is_active() {
            return Err(Refusal::new(
                "FailedOperation.FunctionStatusError",
                format!("The status of `{name}` is {}.", version.status.name),
            ));
        }
        let id = uuid::Uuid::new_v4().to_string();
        let result = json!({
            "function": request.required("FunctionName"),
            "namespace": request.namespace(),
            "version": name,
            "alias": alias.map(|_| qualifier),
            "description": version.description,
            "code_sha256": version.code.sha256,
        })
        .to_string();
        let shown = if asynchronous {
            json!({"FunctionRequestId": id, "RetMsg": "", "ErrMsg": "", "Log": "",
                "MemUsage": 0, "Duration": 0, "BillDuration": 0, "InvokeResult": 0})
        } else {
            let log = match request.text("LogType") {
                Some("Tail") => format!("START RequestId: {id}\nEND RequestId: {id}\n"),
                _ => String::new(),
            };
            json!({"FunctionRequestId": id, "RetMsg": result, "ErrMsg": "", "Log": log,
                "MemUsage": 1_048_576, "Duration": 1.5, "BillDuration": 2, "InvokeResult": 0})
        };
        let (version, alias) = (name.to_owned(), alias.map(|_| qualifier));
        function.count_call(&version, alias, 1.5, request.now());
        function.runs.push_back(Run { id, started: Moment(request.now()), result });
        if function.runs.len() > REMEMBERED {
            function.runs.pop_front();
        }
        let mut reply = Reply::new();
        reply.insert("Result".to_owned(), shown);
        Ok(reply)
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
                    "RetCode": 0,
                    "RetMsg": run.result,
                    "Duration": 1.5,
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
