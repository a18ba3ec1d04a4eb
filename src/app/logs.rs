//! Logs of a function.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::session::{self, Session};
use super::{AfterResult, Context, Done};
use crate::config::function::Reader;
use crate::config::settings::Settings;
use crate::error::{Error, LogsError, Task, Unread};
use crate::execute::logs::{self, LogFilter, LogRecord, LogWindow, Search, ShownLines};
use crate::execute::{self, ExecuteError, FunctionSession, Signal};
use crate::model::metric::CHINA;
use crate::model::{FunctionId, Qualifier, Version};
use crate::plan::rollout::marker::{self, Remembered};
use crate::report::logs::{LogLine, Logs};
use crate::report::notice::Notice;
use crate::report::{FunctionName, Report, Said};

/// What `logs` is asked for, besides its inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// Whether lines are shown as they come, until somebody ends it.
    pub follow: bool,
    /// Whether only the version under rollout is meant.
    pub canary: bool,
    /// Between two looks.
    pub interval: Option<Duration>,
    /// How late a line may come and still be shown.
    pub overlap: Option<Duration>,
    /// Whether the result is one JSON object, which has an end.
    pub as_object: bool,
}

/// Between two looks where nothing is said.
const INTERVAL: Duration = Duration::from_secs(2);
/// How late a line may come where nothing is said.
const OVERLAP: Duration = Duration::from_secs(90);
/// How far back a look begins where nothing is said.
const BACK: Duration = Duration::from_secs(600);
/// The same of one that follows.
const BACK_OF_FOLLOWING: Duration = Duration::from_secs(60);
/// The longest pause after searches that were not answered.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How far this machine's and the service's clock may be apart, and what is rounded.
const SKEW: i64 = 2000;
/// How far this machine's clock may be behind when a time is read before the service is asked for
/// its own.
const FUTURE: Duration = Duration::from_secs(86_400);

/// Prints lines of the logs of a function.
pub(crate) fn run(context: &Context, request: &Request) -> Result<Done, Error> {
    if request.follow && request.as_object {
        return Err(LogsError::EndlessObject.into());
    }
    for (option, given) in [("--interval", request.interval), ("--overlap", request.overlap)] {
        if given.is_some() && !request.follow {
            context.sink.note(&Notice::OnlyWithFollow { option });
        }
    }
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let wish = Wish::read(&settings, request)?;
    // What is no time is refused before any call.
    wish.since(context.clock.now() + FUTURE)?;
    context.header("logs", &settings);
    let task = Task::ReadLogs { function: function.name.clone() };
    let failed = |error| session::failed(&task, &function, error);
    session::block_on(async {
        let mut session = Session::open(context, &settings).await?;
        let mut filter = wish.filter.clone();
        let on = session.on(function.clone());
        if request.canary {
            let version = canary(&on, &filter).await.map_err(|error| match error {
                Canary::Call(error) => failed(error),
                Canary::None(error) => error.into(),
            })?;
            context.sink.note(&Notice::LogsOfCanary { version });
            filter.qualifier = Some(Qualifier::Version(version));
        }
        let topics = logs::topics(&on, filter.qualifier.as_ref()).await.map_err(failed)?;
        drop(on);
        if topics.is_empty() {
            return Err(LogsError::Off { function: function.name.clone() }.into());
        }
        let search = Search::new(function.clone(), filter, topics);
        // By the clock of the service, which a call has told by now: that of the lines.
        let since = wish.since(session.server_time())?;
        let instance = settings.name();
        let look = Look { context, task: &task, function: &function, instance, since };
        if request.follow {
            let ending = look.follow(&mut session, search, request).await?;
            return Ok(Done { ending, ..Done::nothing() });
        }
        look.once(&session, search, wish.narrow()).await
    })
}

/// What the inputs ask for.
struct Wish<'a> {
    settings: &'a Settings,
    filter: LogFilter,
    /// How far back a look begins where nothing is said.
    back: Duration,
}

impl<'a> Wish<'a> {
    fn read(settings: &'a Settings, request: &Request) -> Result<Self, Error> {
        let place = |key: &str| settings.command_place(key);
        let reader = Reader::new(&settings.project.command_inputs, &place);
        let filter = LogFilter {
            qualifier: reader.qualifier()?,
            request_id: reader.text("requestId")?.filter(|text| !text.is_empty()),
            level: reader.text("level")?.filter(|text| !text.is_empty()),
            platform: false,
        };
        let named = matches!(filter.qualifier, Some(Qualifier::Version(_)));
        if request.canary && named {
            return Err(LogsError::CanaryAndVersion.into());
        }
        let back = if request.follow { BACK_OF_FOLLOWING } else { BACK };
        Ok(Self { settings, filter, back })
    }

    /// What lines are wanted of besides function and version.
    fn narrow(&self) -> Vec<String> {
        let LogFilter { request_id, level, .. } = &self.filter;
        let pairs = [("requestId", request_id), ("level", level)].into_iter();
        pairs.filter_map(|(key, value)| Some(format!("{key}={}", value.as_ref()?))).collect()
    }

    /// When the lines begin that are wanted.
    fn since(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, Error> {
        let place = |key: &str| self.settings.command_place(key);
        let reader = Reader::new(&self.settings.project.command_inputs, &place);
        Ok(reader.since("since", now)?.unwrap_or(now - self.back))
    }
}

/// Why the version under rollout is not known.
enum Canary {
    Call(ExecuteError),
    None(LogsError),
}

/// The version that is rolled out: of the alias that is named, else of the only one under rollout.
async fn canary(on: &FunctionSession<'_>, filter: &LogFilter) -> Result<Version, Canary> {
    let named = filter.qualifier.as_ref().and_then(Qualifier::alias);
    let records = execute::alias::list(on, None).await.map_err(Canary::Call)?;
    let mut found = Vec::new();
    for record in &records {
        let alias = &record.alias;
        if named.is_some_and(|named| named != alias.name) {
            continue;
        }
        if let Remembered::Memory(memory) = marker::read(&alias.description)
            && let Some(rollout) = memory.open()
        {
            found.push((alias.name.clone(), rollout.to));
        }
    }
    let function = on.function().name.clone();
    if let Some(alias) = named
        && !records.iter().any(|record| record.alias.name == alias)
    {
        let existing = records.into_iter().map(|record| record.alias.name).collect();
        let alias = alias.to_owned();
        return Err(Canary::Call(ExecuteError::NoAlias { alias, function, existing }));
    }
    match found.as_slice() {
        [(_, version)] => Ok(*version),
        [] => {
            let alias = named.map(str::to_owned);
            Err(Canary::None(LogsError::NoRollout { function, alias }))
        }
        several => {
            let aliases = several.iter().map(|(alias, _)| alias.clone()).collect();
            Err(Canary::None(LogsError::SeveralRollouts { function, aliases }))
        }
    }
}

/// A look at the logs.
struct Look<'a> {
    context: &'a Context,
    task: &'a Task,
    function: &'a FunctionId,
    instance: &'a str,
    since: DateTime<Utc>,
}

impl Look<'_> {
    /// Until when lines are asked for: now, by the clock of the service.
    fn until(session: &Session) -> i64 {
        session.server_time().timestamp_millis() + SKEW
    }

    async fn once(
        &self,
        session: &Session,
        mut search: Search,
        filters: Vec<String>,
    ) -> Result<Done, Error> {
        let failed = |error| session::failed(self.task, self.function, error);
        let on = session.on(self.function.clone());
        let (from, until) = (self.since.timestamp_millis(), Self::until(session));
        let (from_text, until_text) = (in_china(from), in_china(until - SKEW));
        let window = LogWindow { from, to: until.max(from + 1) };
        self.context
            .sink
            .note(&Notice::LogsOf { from: from_text.clone(), until: until_text.clone() });
        let found = search.lines(&on, window).await.map_err(failed)?;
        if found.is_empty() {
            self.explain_silence(&on, &search, filters).await.map_err(failed)?;
        }
        let lines: Vec<LogLine> = found.iter().map(|line| shown(line, false)).collect();
        for line in &lines {
            self.context.sink.log(line);
        }
        let function = FunctionName::from(self.function);
        let (instance, none) = (self.instance.to_owned(), lines.is_empty());
        let logs = Logs { function, from: from_text, until: until_text, lines };
        let ending = AfterResult::Logs { instance, none };
        Ok(Done { report: Some(Report::Logs(logs)), ending, error: None })
    }

    /// Says why there may be no line.
    async fn explain_silence(
        &self,
        on: &FunctionSession<'_>,
        search: &Search,
        filters: Vec<String>,
    ) -> Result<(), ExecuteError> {
        for topic in search.topics() {
            if !logs::is_indexed(on, topic).await? {
                let topic = topic.clone();
                self.context.sink.warning(&Notice::NotIndexed { topic });
                return Ok(());
            }
        }
        let is_any = filters.is_empty();
        let told = if is_any { Notice::NoLogs } else { Notice::NoLogsOf { filters } };
        self.context.sink.note(&told);
        Ok(())
    }

    /// Shows lines as they come, until a signal comes or nobody reads them any more.
    async fn follow(
        &self,
        session: &mut Session,
        mut search: Search,
        request: &Request,
    ) -> Result<AfterResult, Error> {
        let first = self.since.timestamp_millis();
        let interval = request.interval.unwrap_or(INTERVAL);
        let overlap = request.overlap.unwrap_or(OVERLAP).as_millis();
        let overlap = i64::try_from(overlap).unwrap_or(i64::MAX);
        let mut shown_so_far = ShownLines::default();
        let mut from = first;
        let mut pause = interval;
        self.context.sink.note(&Notice::Following { from: in_china(first) });
        loop {
            session.begin_operation(self.context.options.timeout);
            let until = Self::until(session);
            let window = LogWindow { from, to: until.max(from + 1) };
            let on = session.on(self.function.clone());
            match search.lines(&on, window).await {
                Ok(lines) => {
                    for (line, late) in shown_so_far.new_ones(lines) {
                        self.context.sink.log(&shown(&line, late));
                    }
                    from = shown_so_far.next_from(first, until, overlap);
                    pause = interval;
                }
                // Nothing is lost: the next look begins where this one did.
                Err(error) => {
                    let error = session::failed(self.task, self.function, error);
                    if let Some(signal) = session.interrupted() {
                        return Ok(ended_by(signal));
                    }
                    if !passes(&error) {
                        return Err(error);
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE).max(interval);
                    let seconds = pause.as_secs();
                    let why = Said::new(&Unread(&error));
                    self.context.sink.warning(&Notice::LogsBehind { seconds, why });
                }
            }
            if !self.context.sink.is_read() {
                return Ok(AfterResult::Nothing);
            }
            if let Some(signal) = session.sleep(&self.context.clock, pause).await {
                return Ok(ended_by(signal));
            }
        }
    }
}

/// Whoever ends it by hand has seen enough.
fn ended_by(signal: Signal) -> AfterResult {
    match signal {
        Signal::Interrupt => AfterResult::Nothing,
        Signal::Terminate => AfterResult::Terminated,
    }
}

/// Whether a search may be answered a little later.
fn passes(error: &Error) -> bool {
    let code = match error {
        // A query that the log service does not understand stays one; of others it is their trouble.
        Error::Call { source: ExecuteError::Api(error), .. }
            if error.code() == Some("FailedOperation.QueryError") =>
        {
            return false;
        }
        Error::Call { source: ExecuteError::Api(error), .. } => logs::may_pass(error),
        _ => false,
    };
    code || error.may_pass()
}

fn in_china(millis: i64) -> String {
    let time = DateTime::from_timestamp_millis(millis).unwrap_or_default();
    time.with_timezone(&CHINA).format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

fn shown(line: &LogRecord, late: bool) -> LogLine {
    let filled = |text: &String| (!text.is_empty()).then(|| text.clone());
    LogLine {
        time: in_china(line.written.div_euclid(1_000_000)),
        version: filled(&line.version),
        alias_name: filled(&line.alias),
        request_id: filled(&line.request_id),
        level: filled(&line.level),
        kind: filled(&line.writer),
        message: line.message.clone(),
        late,
    }
}
