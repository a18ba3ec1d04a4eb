//! Calls of a function.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::session::{self, Session};
use super::{Context, Done};
use crate::config::function::Reader;
use crate::config::settings::Settings;
use crate::error::{Error, InvokeError, Task};
use crate::execute::invoke::{Invocation, Invoked, invoke};
use crate::model::{Qualifier, Version};
use crate::report::invoke::{InvocationResult, Invocations, InvokedFunction};
use crate::report::notice::Notice;
use crate::report::{FunctionName, Report, object};

/// What `invoke` is asked for, besides its inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub payload: Option<Payload>,
    /// What rules of the alias choose by.
    pub routing_key: Vec<(String, String)>,
    /// Whether nobody waits for the result.
    pub asynchronous: bool,
    /// How often.
    pub repeat: usize,
}

/// Where a payload comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Payload {
    /// The command line.
    Text(String),
    File(PathBuf),
    /// Standard input.
    Input,
}

/// The largest payload of a synchronous call, in bytes (API reference, "Names and limits").
const LARGEST: usize = 6 << 20;
/// The largest one of an asynchronous call.
const LARGEST_ASYNCHRONOUS: usize = 128 << 10;
/// The longest routing key.
const LONGEST_KEY: usize = 1024;
/// What is called without a payload.
const NO_PAYLOAD: &str = "{}";

/// Calls a function, once or several times, and prints what it returns.
pub(crate) fn run(context: &Context, request: &Request) -> Result<Done, Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let (qualifier, event) = inputs(&settings)?;
    let event = payload(context, request.payload.as_ref(), request.asynchronous, event)?;
    let routing_key = routing_key(&request.routing_key, &qualifier)?;
    let asynchronous = request.asynchronous;
    let invocation = Invocation {
        qualifier: qualifier.to_string(),
        event,
        routing_key,
        asynchronous,
        tail: true,
    };
    let called = InvokedFunction {
        function: FunctionName::from(&function),
        qualifier: qualifier.to_string(),
        asynchronous,
    };
    let task = Task::Invoke { function: function.name.clone() };
    session::block_on(async {
        let mut session = Session::open(context, &settings).await?;
        let mut calls = Vec::with_capacity(request.repeat.min(1000));
        let mut stopped = None;
        for number in 0..request.repeat {
            if number > 0 {
                // The time allowed is that of each call.
                session.begin_operation(context.options.timeout);
                session.share_state().await;
            }
            let on = session.on(function.clone());
            let invoked = match invoke(&on, &invocation).await {
                Ok(invoked) => invoked,
                Err(error) => {
                    stopped = Some(session::failed(&task, &function, error));
                    break;
                }
            };
            tell(context, &called, &qualifier, &invoked, request.repeat > 1);
            calls.push(call(&qualifier, invoked));
        }
        let stopped = match stopped {
            Some(error) if calls.is_empty() => return Err(error),
            stopped => stopped,
        };
        let report = reported(called, calls, request.repeat);
        // What was answered is not lost by what came behind it.
        let error = match stopped {
            Some(error) => Some(error.after(object(&report))),
            None => failure(&report).map(Error::from),
        };
        let report = Some(Report::Invocations(report));
        Ok(Done { report, error, ..Done::nothing() })
    })
}

/// What is called, and the payload of the inputs.
fn inputs(settings: &Settings) -> Result<(Qualifier, Option<String>), Error> {
    let place = |key: &str| settings.command_place(key);
    let reader = Reader::new(&settings.project.command_inputs, &place);
    // What the older action does without one (API reference, "Qualifiers"); always sent.
    let usual = Qualifier::Version(Version::Latest);
    Ok((reader.qualifier()?.unwrap_or(usual), reader.payload()))
}

/// The payload, which has to be JSON that the service takes.
pub(super) fn payload(
    context: &Context,
    given: Option<&Payload>,
    asynchronous: bool,
    event: Option<String>,
) -> Result<String, Error> {
    let limit = if asynchronous { LARGEST_ASYNCHRONOUS } else { LARGEST };
    let text = match (given, event) {
        (Some(_), Some(_)) => return Err(InvokeError::TwoPayloads.into()),
        (None, None) => NO_PAYLOAD.to_owned(),
        (None, Some(event)) => event,
        (Some(Payload::Text(text)), None) => text.clone(),
        (Some(Payload::File(path)), None) => {
            let file = fs::File::open(context.directory.join(path));
            readable(file.and_then(bounded), path, limit)?
        }
        (Some(Payload::Input), None) => {
            readable(bounded(io::stdin().lock()), Path::new("stdin"), limit)?
        }
    };
    if text.len() > limit {
        return Err(InvokeError::TooLarge { size: text.len(), limit }.into());
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
        Ok(_) => Ok(text),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(InvokeError::NotJson { category: error.classify(), line, column }.into())
        }
    }
}

/// No more than is needed to know that it is too much.
fn bounded(source: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a file, without the mark that some editors begin one with.
fn readable(bytes: io::Result<Vec<u8>>, path: &Path, limit: usize) -> Result<String, Error> {
    let bytes = bytes
        .map_err(|source| InvokeError::NoFile { path: path.to_owned(), why: source.to_string() })?;
    // It may end in the middle of a character then.
    if bytes.len() > limit {
        // No more was read than that it is too much.
        let size = fs::metadata(path).ok().and_then(|found| usize::try_from(found.len()).ok());
        let size = size.unwrap_or(bytes.len());
        return Err(InvokeError::TooLarge { size, limit }.into());
    }
    let mut text = String::from_utf8(bytes).map_err(|_| InvokeError::NotUtf8)?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

fn routing_key(
    pairs: &[(String, String)],
    qualifier: &Qualifier,
) -> Result<Option<String>, InvokeError> {
    if pairs.is_empty() {
        return Ok(None);
    }
    if let Some(version) = qualifier.version() {
        return Err(InvokeError::RoutingOfVersion(version.to_string()));
    }
    for (index, (name, _)) in pairs.iter().enumerate() {
        if pairs.iter().take(index).any(|(other, _)| other == name) {
            return Err(InvokeError::RoutingTwice(name.clone()));
        }
    }
    let key: Map<String, Value> =
        pairs.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let key = Value::Object(key).to_string();
    if key.len() > LONGEST_KEY {
        return Err(InvokeError::RoutingKey { size: key.len() });
    }
    Ok(Some(key))
}

/// Prints the result on stdout, and all else that is known of the call beside it.
fn tell(
    context: &Context,
    called: &InvokedFunction,
    qualifier: &Qualifier,
    invoked: &Invoked,
    several: bool,
) {
    context.sink.aside(&invoked.log);
    if called.asynchronous {
        let request_id = invoked.request_id.clone();
        context.sink.note(&Notice::InvokedLater { request_id });
        return;
    }
    context.sink.note(&Notice::Invoked {
        request_id: invoked.request_id.clone(),
        qualifier: qualifier.to_string(),
        duration: format!("{:.1}", invoked.duration_ms),
        billed: invoked.billed_ms,
        memory: megabytes(invoked.memory),
    });
    context.sink.returned(&invoked.returned, several);
}

#[expect(clippy::cast_precision_loss, reason = "memory has fewer than 53 bits")]
fn megabytes(bytes: i64) -> String {
    format!("{:.1}", bytes as f64 / 1_048_576.0)
}

fn call(qualifier: &Qualifier, invoked: Invoked) -> InvocationResult {
    InvocationResult {
        version: qualifier.version(),
        result: InvocationResult::value(&invoked.returned),
        duration_ms: InvocationResult::milliseconds(invoked.duration_ms),
        billed_ms: invoked.billed_ms,
        memory_bytes: invoked.memory,
        request_id: invoked.request_id,
        error: invoked.error,
        log: invoked.log,
    }
}

fn failure(report: &Invocations) -> Option<InvokeError> {
    let (called, calls) = match report {
        Invocations::One { called, call } => (called, std::slice::from_ref(&**call)),
        Invocations::Several { called, calls, .. } => (called, calls.as_slice()),
    };
    let failed = || calls.iter().filter(|call| call.error.is_some());
    let last = failed().next_back()?;
    let (message, result) = (last.error.clone().unwrap_or_default(), object(report));
    let function = called.function.function_name.clone();
    Some(match report {
        Invocations::One { call, .. } => {
            InvokeError::Failed { function, message, request_id: call.request_id.clone(), result }
        }
        Invocations::Several { failed, .. } => {
            let (failed, calls) = (*failed, calls.len());
            InvokeError::SomeFailed { function, failed, calls, message, result }
        }
    })
}

fn reported(
    called: InvokedFunction,
    mut calls: Vec<InvocationResult>,
    repeat: usize,
) -> Invocations {
    if repeat == 1
        && let Some(call) = calls.pop()
    {
        return Invocations::One { called, call: Box::new(call) };
    }
    let failed = calls.iter().filter(|call| call.error.is_some()).count();
    Invocations::Several { called, failed, calls }
}
