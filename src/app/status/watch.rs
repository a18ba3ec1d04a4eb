//! A look that goes on: drawn again and again, or a line for each change.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::look::{alias_name, look, reported};
use super::members::{self, Members, StatusMember};
use super::muted::Muted;
use crate::app::rollout::wait::{self, Goal};
use crate::app::rollout::{self, Request};
use crate::app::session::{self, Session};
use crate::app::{AfterResult, Context, Done};
use crate::config::settings::Settings;
use crate::error::{Error, RolloutError, RolloutProblem, Unread};
use crate::execute::{ExecuteError, Signal};
use crate::model::{Alias, FunctionId};
use crate::report::status::{Function, FunctionFound, RolloutFound, StatusOfFunctions};
use crate::report::watch::{Question, Screen, WatchKey, WatchVerb, WatchView};
use crate::report::{self, Said};

/// Between two looks at the service.
const PAUSE: Duration = Duration::from_secs(5);
/// Between two looks at the keyboard.
const KEYS: Duration = Duration::from_millis(100);
/// Between two drawings, so that times run.
const FRAME: Duration = Duration::from_secs(1);

/// Why a stretch of watching ended.
enum End {
    /// Somebody wants no more, or the system.
    Quit(AfterResult),
    /// Somebody asks for a change, and has said yes.
    Act(AskedQuestion),
    /// What was waited for.
    Came(Box<Done>),
}

/// A question, and the state of the rollout that was on the screen when it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AskedQuestion {
    question: Question,
    id: String,
    step: usize,
}

/// What stays on the screen from one stretch to the next.
#[derive(Default)]
struct KeptOnScreen {
    /// What was found last.
    status: Option<StatusOfFunctions>,
    /// What a key has done.
    done: Vec<Said>,
}

/// Shows functions until somebody has seen enough, or a rollout has come where it is waited for.
pub(super) fn watch(
    context: &Context,
    goal: Option<Goal>,
    screen: &mut dyn Screen,
) -> Result<Done, Error> {
    let mut context = context.clone();
    let muted = screen.is_live().then(|| Muted::new(context.sink.clone(), screen.restorer()));
    if let Some(muted) = &muted {
        context.sink = Arc::new(muted.clone());
    }
    let settings = context.settings()?;
    let alias = alias_name(&settings)?;
    let members = members::find(&context, &settings)?;
    context.header("status", &settings);
    if goal.is_some() {
        members.one("--wait")?;
    }
    let mut watch = Watch {
        began: context.clock.instant(),
        awaited: alias.clone(),
        awaited_id: None,
        context: &context,
        settings: &settings,
        members: &members,
        alias: alias.as_deref(),
        goal,
        muted: muted.as_ref(),
        screen,
        kept: KeptOnScreen::default(),
    };
    loop {
        match session::block_on(Box::pin(watch.until_something()))? {
            End::Quit(ending) => return Ok(Done { report: None, ending, error: None }),
            End::Act(asked) => watch.act(&asked)?,
            // All of it has been shown.
            End::Came(done) => return Ok(Done { report: None, ..*done }),
        }
    }
}

struct Watch<'a> {
    /// When this began.
    began: Instant,
    /// The alias whose rollout is waited for, once it is known.
    awaited: Option<String>,
    /// Its id, once it is known.
    awaited_id: Option<String>,
    context: &'a Context,
    settings: &'a Settings,
    members: &'a Members,
    alias: Option<&'a str>,
    goal: Option<Goal>,
    muted: Option<&'a Muted>,
    screen: &'a mut dyn Screen,
    kept: KeptOnScreen,
}

impl Watch<'_> {
    /// Looks and shows until somebody types something that ends it. Keys are heard while a look is
    /// under way, too: the terminal sends no signal for Ctrl-C.
    async fn until_something(&mut self) -> Result<End, Error> {
        let mut session = Session::open(self.context, self.settings).await?;
        let clock = &self.context.clock;
        let (members, alias) = (self.members, self.alias);
        let (mut asks, mut said) = (None, Vec::new());
        loop {
            session.begin_operation(self.context.options.timeout);
            let looked = {
                let mut look = Box::pin(look(&session, members, alias, false));
                loop {
                    tokio::select! {
                        biased;
                        looked = &mut look => break looked,
                        () = clock.sleep(KEYS) => {}
                    }
                    let (typed, end) = self.keys(&mut asks);
                    if let Some(end) = end {
                        return Ok(end);
                    }
                    if typed {
                        self.draw(session.server_time(), &said, asks.as_ref());
                    }
                }
            };
            if let (Err(_), Some(signal)) = (&looked, session.interrupted()) {
                return self.ended_by(signal);
            }
            said = self.take(looked)?;
            // Whoever says yes means what was asked.
            asks = asks.filter(|asked| self.is_as_asked(asked));
            if let Some(done) = self.came(clock.since(self.began))? {
                self.draw(session.server_time(), &said, asks.as_ref());
                return Ok(End::Came(Box::new(done)));
            }
            let since = clock.instant();
            let mut drawn = None;
            while clock.since(since) < PAUSE {
                let (typed, end) = self.keys(&mut asks);
                if let Some(end) = end {
                    return Ok(end);
                }
                if typed || drawn.is_none_or(|drawn| clock.since(drawn) >= FRAME) {
                    self.draw(session.server_time(), &said, asks.as_ref());
                    drawn = Some(clock.instant());
                }
                if let Some(signal) = session.sleep(clock, KEYS).await {
                    return self.ended_by(signal);
                }
            }
        }
    }

    /// Whoever ends it by hand has seen enough, unless something was waited for.
    fn ended_by(&self, signal: Signal) -> Result<End, Error> {
        match signal {
            _ if self.goal.is_some() => Err(self.failed(ExecuteError::Interrupted(signal))),
            Signal::Interrupt => Ok(End::Quit(AfterResult::Nothing)),
            Signal::Terminate => Ok(End::Quit(AfterResult::Terminated)),
        }
    }

    fn failed(&self, error: ExecuteError) -> Error {
        let task = super::look::task_of(self.members);
        match self.members.list.first() {
            Some(member) => session::failed(&task, &member.function, error),
            None => session::no_project(self.settings),
        }
    }

    /// Keeps what was found, and returns what was said about it. Where the way to the service is in
    /// trouble, what was seen before stays on the screen.
    fn take(
        &mut self,
        looked: Result<Vec<Result<Function, Error>>, Error>,
    ) -> Result<Vec<Said>, Error> {
        // Who waits for a rollout waits for no function.
        let looked = match looked {
            Ok(mut all) if self.goal.is_some() && all.iter().any(Result::is_err) => {
                all.swap_remove(0).map(|function| vec![Ok(function)])
            }
            looked => looked,
        };
        match looked {
            Ok(looked) => {
                let (status, _) = reported(self.members, looked);
                self.kept.status = Some(status);
                Ok(self.muted.map(Muted::take).unwrap_or_default())
            }
            Err(error) if error.may_pass() && self.kept.status.is_some() => {
                if self.muted.is_none() {
                    self.context.sink.warning(&Unread(&error));
                }
                Ok(vec![Said::new(&Unread(&error))])
            }
            Err(error) => Err(error),
        }
    }

    /// Hears what was typed: whether anything was, and what ends this stretch.
    fn keys(&mut self, asks: &mut Option<AskedQuestion>) -> (bool, Option<End>) {
        let mut typed = false;
        while let Some(key) = self.screen.typed() {
            typed = true;
            match (key, asks.take()) {
                (WatchKey::Quit, _) => return (true, Some(End::Quit(AfterResult::Nothing))),
                (WatchKey::Yes, Some(asked)) if self.is_as_asked(&asked) => {
                    return (true, Some(End::Act(asked)));
                }
                (WatchKey::Asks(verb), _) => *asks = self.ask(verb),
                (WatchKey::Yes | WatchKey::Other, _) => {}
                (WatchKey::Resized, asked) => *asks = asked,
            }
        }
        (typed, None)
    }

    fn draw(&mut self, now: DateTime<Utc>, said: &[Said], asks: Option<&AskedQuestion>) {
        let has_keys = self.target().is_some();
        let Some(status) = &self.kept.status else { return };
        let said: Vec<Said> = self.kept.done.iter().chain(said).cloned().collect();
        let asks = asks.map(|asked| &asked.question);
        self.screen.show(&WatchView { status, now, said: &said, asks, has_keys });
    }

    /// The one rollout that is under way, of the one function that is looked at.
    fn target(&self) -> Option<(&RolloutFound, &report::rollout::Rollout)> {
        let status = self.kept.status.as_ref()?;
        let [one] = status.functions.as_slice() else { return None };
        let FunctionFound::There(function) = &one.found else { return None };
        let mut open = function.rollouts.iter().filter(|rollout| rollout.is_open());
        let (first, second) = (open.next()?, open.next());
        let found = first.status.rollout.as_ref()?;
        // Of several, nobody knows which one is meant.
        second.is_none().then_some((first, found))
    }

    fn ask(&self, verb: WatchVerb) -> Option<AskedQuestion> {
        let (rollout, found) = self.target()?;
        let is_last = found.step == found.steps.len();
        let verb = if verb == WatchVerb::Promote && is_last { WatchVerb::Finish } else { verb };
        let question = Question { verb, alias: rollout.status.alias_name.clone() };
        Some(AskedQuestion { question, id: found.id.clone(), step: found.step })
    }

    fn is_as_asked(&self, asked: &AskedQuestion) -> bool {
        let target = self.target();
        target.is_some_and(|(rollout, found)| {
            rollout.status.alias_name == asked.question.alias
                && found.id == asked.id
                && found.step == asked.step
        })
    }

    /// Does what a key asks for, and keeps what it says.
    ///
    /// # Errors
    /// The system asks this process to end.
    fn act(&mut self, asked: &AskedQuestion) -> Result<(), Error> {
        let Some(StatusMember { function, .. }) = self.members.list.first() else { return Ok(()) };
        let context = of_function(self.context, function);
        let mut request = Request::default();
        request.typed.insert("--alias", asked.question.alias.clone());
        // Ctrl-C stops what is done here as it does elsewhere.
        self.screen.let_signals_through(true);
        let done = match asked.question.verb {
            WatchVerb::Pause => rollout::pause(&context, &request),
            WatchVerb::Resume => rollout::resume(&context, &request),
            WatchVerb::Promote | WatchVerb::Finish => {
                // Only from the step that was on the screen.
                request.expect_step = Some(asked.step);
                rollout::promote(&context, &request)
            }
            WatchVerb::Abort => rollout::abort(&context, &request),
        };
        self.screen.let_signals_through(false);
        self.kept.done = self.muted.map(Muted::take).unwrap_or_default();
        let failed = match done {
            Ok(done) => done.error,
            Err(error) => Some(error),
        };
        match failed {
            Some(error) if error.signal() == Some(Signal::Terminate) => Err(error),
            failed => {
                self.kept.done.extend(failed.map(|error| Said::new(&Unread(&error))));
                Ok(())
            }
        }
    }

    /// Whether a rollout has come where it is waited for, or the time for that is over.
    fn came(&mut self, since: Duration) -> Result<Option<Done>, Error> {
        let Some(goal) = self.goal else { return Ok(None) };
        let member = self.members.one("--wait")?;
        let found = self.kept.status.as_ref().and_then(|status| status.functions.first());
        let Some(FunctionFound::There(found)) = found.map(|one| &one.found) else {
            return Ok(None);
        };
        if self.awaited.is_none() {
            let open = found.rollouts.iter().filter(|rollout| rollout.is_open());
            let open = open.map(|rollout| rollout.status.alias_name.clone()).collect();
            self.awaited = Some(super::look::meant(open, &member.settings)?);
        }
        let name = self.awaited.clone().unwrap_or_default();
        let function = &member.function;
        let record = found.aliases.iter().find(|alias| alias.alias.name == name);
        let Some(record) = record else {
            let (alias, function_name) = (name, function.name.clone());
            let existing = found.aliases.iter().map(|alias| alias.alias.name.clone()).collect();
            let none = ExecuteError::NoAlias { alias, function: function_name, existing };
            return Err(self.failed(none));
        };
        let alias = Alias {
            name: name.clone(),
            routing: record.shares.clone(),
            description: record.alias.description.clone(),
            modified: record.alias.mod_time.clone().unwrap_or_default(),
        };
        let error = |problem: RolloutProblem, result| {
            Error::Rollout(Box::new(RolloutError {
                function: Some(function.clone()),
                alias: name.clone(),
                project: None,
                problem,
                result,
            }))
        };
        let timeout = self.context.options.timeout;
        let judged = wait::judge(&alias, goal, &mut self.awaited_id)
            .or_else(|| (since >= timeout).then(|| Err(wait::still(&name, Some(&alias), timeout))));
        let is_this = |rollout: &&RolloutFound| rollout.status.alias_name == name;
        let seen = found.rollouts.iter().find(is_this).map(|rollout| rollout.now);
        let now = seen.unwrap_or_else(|| self.context.clock.now());
        Ok(judged.map(|judged| wait::concluded(function, alias.clone(), judged, now, &error)))
    }
}

/// The same context, naming the function as the cloud does.
fn of_function(context: &Context, function: &FunctionId) -> Context {
    let mut context = context.clone();
    let inputs = &mut context.selection.inputs;
    inputs.clear();
    inputs.insert("function".to_owned(), function.name.clone().into());
    inputs.insert("namespace".to_owned(), function.namespace.clone().into());
    context.selection.sources.clear();
    context.selection.region = Some(function.region.clone());
    context
}
