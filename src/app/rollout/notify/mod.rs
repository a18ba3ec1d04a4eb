//! What chats are told of a rollout.
//!
//! The process that wrote a transition tells of it, beside its other work: no chat delays a
//! rollout, changes what it does or how the command exits. Where the command ends with something
//! still under way, it waits for [`LAST`] at most.

mod channel;
mod chat;
mod kind;
mod markup;
mod named;

use std::cell::RefCell;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::future::join_all;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::options::{GivenOptions, of_chats};
use crate::app::rollout::digest::digest;
use crate::app::{Context, session};
use crate::clock::Clock;
use crate::config::position::Position;
use crate::config::settings::Settings;
use crate::error::{Chat, NotTold, RolloutHint, RolloutOption, Undelivered};
use crate::execute::Signal;
use crate::model::{FunctionId, Version, listed};
use crate::network::{Proxies, ProxyError};
use crate::plan::command::RolloutCommand;
use crate::plan::rollout::line::{LineDoes, RolloutLine};
use crate::plan::rollout::machine::Transition;
use crate::plan::rollout::state::{BackReason, HoldReason, Phase, Rollout};
use crate::report::announcement::{Announcement, Headline, Occasion, Unsent, Whereabouts};
use crate::report::notice::Notice;
use crate::report::rehearsal::RehearsalEntry;
use crate::report::{FunctionName, Said, Sink};
use crate::text::Language;
use channel::Channel;
pub(super) use named::{NamedChat, read};

/// How long a command that has done its work waits for what is still to be delivered.
const LAST: Duration = Duration::from_secs(10);
/// The same, where it was asked to stop.
const LAST_AFTER_SIGNAL: Duration = Duration::from_secs(2);
/// How much longer it waits for what has come already.
const GRACE: Duration = Duration::from_millis(100);
/// What the name of the variable ends with that has the secret of a chat.
const SECRET: &str = "_SECRET";

/// A chat, and the way to it where there is one.
#[derive(Debug, Clone)]
struct Addressed {
    chat: Chat,
    way: Result<Channel, Undelivered>,
}

/// Tells chats.
pub(super) struct Announcer {
    chats: Vec<Addressed>,
    /// Why one that is asked for is none.
    malformed: Option<RolloutOption>,
    /// Where the file names them.
    place: Option<Position>,
    sink: Arc<dyn Sink>,
    clock: Clock,
    /// That of this run.
    language: Language,
    proxies: Result<Proxies, ProxyError>,
    /// Those that deliver, once there is something to deliver; one for each chat.
    deliveries: RefCell<Vec<Delivery>>,
    /// The wish that the process stop.
    interrupt: RefCell<Option<watch::Receiver<Option<Signal>>>>,
}

/// Delivers to one chat, one message after the other.
struct Delivery {
    chat: Chat,
    letters: mpsc::UnboundedSender<(Arc<Announcement>, Language)>,
    work: JoinHandle<()>,
    progress: Arc<DeliveryProgress>,
}

/// How far a delivery is, for whoever gives it up.
#[derive(Default)]
struct DeliveryProgress {
    /// A chat that is down is said once.
    has_failed: AtomicBool,
    /// A connection took the message that is under way.
    is_sending: Arc<AtomicBool>,
}

impl Announcer {
    /// The chats that are asked for, with their addresses from the environment. No address is
    /// shown from here on, nor what of it could stand alone, unless the results are of that name.
    pub(super) fn new(
        context: &Context,
        given: &GivenOptions,
        settings: &Settings,
        (function, alias): (&FunctionId, &str),
    ) -> Self {
        let FunctionId { name, namespace, region } = function;
        let names = [name, namespace, region, alias, settings.project.stage.as_str()];
        let is_local = session::is_local(context).unwrap_or_default();
        // As everywhere: the variables of the process win over those of `.env`.
        let variable = |name: &str| {
            let own = context.environment.get(name);
            let value = own.or_else(|| settings.project.dotenv_values.get(name));
            value.filter(|value| !value.trim().is_empty())
        };
        let addressed = |named: NamedChat<'_>| {
            let NamedChat { kind, variable: name } = named;
            let chat = Chat { kind: kind.name(), variable: name.to_owned() };
            let Some(address) = variable(name) else {
                return Addressed { chat, way: Err(Undelivered::NotSet) };
            };
            let secrets = channel::secrets_of(address).into_iter();
            secrets
                .filter(|secret| !names.contains(&secret.as_str()))
                .for_each(|secret| context.sink.hide(&secret));
            let secret = variable(&format!("{name}{SECRET}")).map(|secret| secret.trim());
            let secret = secret.inspect(|secret| context.sink.hide(secret));
            let way = Channel::new(kind, address, secret, context.options.insecure_http);
            // What is tried out here is no news for a team.
            let way = way.and_then(|channel| {
                let is_others = is_local && !channel.is_of_this_machine();
                if is_others { Err(Undelivered::Elsewhere) } else { Ok(channel) }
            });
            Addressed { chat, way }
        };
        let (chats, malformed) = given.notify();
        Self {
            chats: chats.into_iter().map(addressed).collect(),
            malformed,
            place: given.place_of_chats().cloned(),
            sink: Arc::clone(&context.sink),
            clock: context.clock.clone(),
            language: context.language,
            proxies: Proxies::read(&context.environment),
            deliveries: RefCell::default(),
            interrupt: RefCell::default(),
        }
    }

    /// Heeds a signal that asks the process to stop.
    pub(super) fn heed(&self, interrupt: watch::Receiver<Option<Signal>>) {
        self.interrupt.replace(Some(interrupt));
    }

    /// The language that chats are told in of a rollout that begins with this run; `None` where
    /// there is no chat.
    pub(super) fn language_to_keep(&self) -> Option<Language> {
        (!self.chats.is_empty()).then_some(self.language)
    }

    /// Checks that what is asked for is chats.
    ///
    /// # Errors
    /// The first that is none.
    pub(super) fn check_form(&self) -> Result<(), RolloutOption> {
        self.malformed.clone().map_or(Ok(()), Err)
    }

    /// Checks that every chat could be told, for commands that begin something.
    ///
    /// # Errors
    /// The first one that could not.
    pub(super) fn check(&self) -> Result<(), RolloutOption> {
        self.check_form()?;
        for not_told in self.unusable() {
            if not_told.problem != Undelivered::Elsewhere {
                let problem = RolloutOption::NotifyUnusable(Box::new(not_told));
                return Err(of_chats(problem, self.place.as_ref()));
            }
            self.sink.warning(&not_told);
        }
        Ok(())
    }

    /// Says which chats cannot be told, for commands that nothing may keep from their work.
    pub(super) fn warn(&self) {
        if let Some(problem) = &self.malformed {
            self.sink.warning(problem);
        }
        self.unusable().for_each(|not_told| self.sink.warning(&not_told));
    }

    fn unusable(&self) -> impl Iterator<Item = NotTold> {
        self.chats.iter().filter_map(|addressed| {
            let problem = addressed.way.as_ref().err()?.clone();
            let (chat, place) = (addressed.chat.clone(), self.place.clone());
            Some(NotTold { chat, problem, place })
        })
    }

    fn usable(&self) -> impl Iterator<Item = &Chat> {
        self.chats.iter().filter(|chat| chat.way.is_ok()).map(|addressed| &addressed.chat)
    }

    /// Says what is not sent, because nothing is changed.
    pub(super) fn would_tell(&self, headline: &Said, text: Option<&Said>) {
        for chat in self.usable() {
            let (chat, headline, text) = (chat.clone(), headline.clone(), text.cloned());
            self.sink.note(&Unsent::Message { chat, headline, text });
        }
    }

    /// As [`Self::would_tell`], of a whole rehearsal.
    pub(super) fn would_tell_of(&self, occasions: &[Occasion]) {
        for chat in self.usable() {
            let (chat, occasions) = (chat.clone(), occasions.to_vec());
            self.sink.note(&Unsent::Rehearsed { chat, occasions });
        }
    }

    /// Tells every chat, beside other work. The rollout says in which language; `now` is the time
    /// by the service's clock, which counts.
    pub(super) fn tell(
        &self,
        announcement: Announcement,
        language: Option<Language>,
        now: DateTime<Utc>,
    ) {
        let ahead = (now - self.clock.now()).num_seconds();
        let announcement = Arc::new(announcement);
        let language = language.unwrap_or(self.language);
        let mut deliveries = self.deliveries.borrow_mut();
        if deliveries.is_empty() {
            deliveries.extend(self.chats.iter().filter_map(|chat| self.start(chat, ahead)));
        }
        for delivery in deliveries.iter() {
            // It ends with its sender only.
            let _ = delivery.letters.send((Arc::clone(&announcement), language));
        }
    }

    /// Begins to deliver to a chat, by a clock that is so many seconds ahead.
    fn start(&self, addressed: &Addressed, ahead: i64) -> Option<Delivery> {
        let channel = addressed.way.as_ref().ok()?.clone();
        let (letters, queue) = mpsc::unbounded_channel();
        let progress = Arc::<DeliveryProgress>::default();
        let courier = Courier {
            chat: addressed.chat.clone(),
            sink: Arc::clone(&self.sink),
            clock: self.clock.clone(),
            proxies: self.proxies.clone(),
            ahead,
            progress: Arc::clone(&progress),
        };
        let work = tokio::spawn(courier.deliver(channel, queue));
        Some(Delivery { chat: addressed.chat.clone(), letters, work, progress })
    }

    /// Waits for what is still to be delivered, for [`LAST`] at most, and no longer than to a signal.
    pub(super) async fn finish(&self) {
        let deliveries = self.deliveries.take();
        if deliveries.is_empty() {
            return;
        }
        let mut works = Vec::new();
        for Delivery { chat, letters, work, progress } in deliveries {
            drop(letters);
            works.push((chat, work, progress));
        }
        if self.are_over(works.iter_mut().map(|(_, work, _)| work)).await {
            return;
        }
        for (chat, work, progress) in works {
            if work.is_finished() {
                continue;
            }
            work.abort();
            if !progress.has_failed.load(Ordering::Relaxed) {
                let is_sending = progress.is_sending.load(Ordering::Relaxed);
                let problem =
                    if is_sending { Undelivered::Late } else { Undelivered::NoConnection };
                self.sink.warning(&NotTold { chat, problem, place: None });
            }
        }
    }

    /// Whether all have done their work, as soon as they have or nobody waits any more.
    async fn are_over<'a>(&self, works: impl Iterator<Item = &'a mut JoinHandle<()>>) -> bool {
        let mut all = pin!(join_all(works));
        let interrupt = self.interrupt.take();
        let stops = interrupt.as_ref().is_some_and(|interrupt| interrupt.borrow().is_some());
        let limit = if stops { LAST_AFTER_SIGNAL } else { LAST };
        let is_done = tokio::select! {
            biased;
            done = self.clock.within(limit, all.as_mut()) => done.is_some(),
            () = signal(interrupt.filter(|_| !stops)) => false,
        };
        // A process that had no time itself finds the answers that came meanwhile.
        is_done || self.clock.within(GRACE, all).await.is_some()
    }
}

/// Comes back with the first signal, if there is anybody who hears one.
async fn signal(interrupt: Option<watch::Receiver<Option<Signal>>>) {
    if let Some(mut interrupt) = interrupt
        && interrupt.wait_for(Option::is_some).await.is_ok()
    {
        return;
    }
    std::future::pending::<()>().await;
}

/// Takes messages to one chat.
struct Courier {
    chat: Chat,
    sink: Arc<dyn Sink>,
    clock: Clock,
    proxies: Result<Proxies, ProxyError>,
    ahead: i64,
    progress: Arc<DeliveryProgress>,
}

impl Courier {
    /// Delivers until nobody sends any more.
    async fn deliver(
        self,
        channel: Channel,
        mut queue: mpsc::UnboundedReceiver<(Arc<Announcement>, Language)>,
    ) {
        let transport = channel.transport(&self.clock, &self.proxies, self.ahead);
        while let Some((announcement, language)) = queue.recv().await {
            let began = self.clock.instant();
            let delivered = match &transport {
                Ok(transport) => {
                    let is_sending = &self.progress.is_sending;
                    channel.deliver(transport, &announcement, language, is_sending).await
                }
                Err(problem) => Err(problem.clone()),
            };
            let took = self.clock.since(began).as_millis();
            let (chat, event) = (&self.chat, announcement.event);
            match delivered {
                Ok(()) => self.sink.debug(&format!("{chat}: told of {event}, {took} ms")),
                Err(problem) if self.progress.has_failed.swap(true, Ordering::Relaxed) => {
                    self.sink.debug(&format!("{chat}: not told of {event}: {problem}"));
                }
                Err(problem) => {
                    self.sink.warning(&NotTold { chat: chat.clone(), problem, place: None });
                }
            }
        }
    }
}

/// What a transition is to those who hear of it; `None` for a way back by hand, which is told by
/// where it leads. What stands still until somebody acts is a hold, also where the schedule says so.
fn occasion(transition: Transition, phase: Phase) -> Option<Occasion> {
    Some(match transition {
        Transition::RollsBack => return None,
        _ if matches!(phase, Phase::Held(_)) => Occasion::Hold,
        Transition::Begins | Transition::Retries => Occasion::Start,
        Transition::Advances(_) => Occasion::Step,
        Transition::Holds(_) => Occasion::Hold,
        Transition::Resumes => Occasion::Resume,
        Transition::Back(_) => Occasion::RolledBack,
        Transition::Finishes(_) => Occasion::Done,
    })
}

/// The occasion of an event of a rehearsal.
pub(super) fn occasion_of_entry(entry: &RehearsalEntry) -> Option<Occasion> {
    Some(match entry.event {
        _ if entry.is_held => Occasion::Hold,
        "begins" | "retries" => Occasion::Start,
        "advances" => Occasion::Step,
        "holds" => Occasion::Hold,
        "resumes" => Occasion::Resume,
        "back" => Occasion::RolledBack,
        "finishes" => Occasion::Done,
        _ => return None,
    })
}

/// What is told of a transition that left a rollout so, and whether the alias still says which one
/// it was. Of functions of a project that advance together, with the options of their commands.
pub(super) fn of_transition(
    (function, alias, project): (&FunctionId, &str, Option<&str>),
    (rollout, transition, is_remembered): (&Rollout, Transition, bool),
    now: DateTime<Utc>,
) -> Option<Announcement> {
    let event = match (transition, rollout.phase) {
        // It was begun a moment ago, and the others could not be.
        (Transition::RollsBack, Phase::Back(BackReason::Project)) => Occasion::RolledBack,
        (transition, phase) => occasion(transition, phase)?,
    };
    let line = RolloutLine { rollout: rollout.clone(), does: LineDoes::Transition(transition) };
    let phase = rollout.phase;
    let serves = match phase {
        Phase::Done => Some(rollout.frozen.unwrap_or(rollout.to)),
        Phase::Back(_) => Some(rollout.from),
        Phase::Running | Phase::Held(_) | Phase::Ended => None,
    };
    // One that begins again under the same name is another one.
    let position = format!("{} {} {}", rollout.began, rollout.step, rollout.since);
    let state = format!("{} {}", phase.word(), phase.reason().unwrap_or_default());
    Some(Announcement {
        rollout: Some(rollout.id.clone()),
        from: Some(rollout.from),
        to: Some(rollout.to),
        serves,
        step: Some(rollout.step),
        steps: Some(rollout.schedule.count()),
        share: Some(rollout.current().share),
        phase: Some(phase.word()),
        reason: phase.reason(),
        advice: advice((function, alias, project), rollout, is_remembered)
            .map(|hint| Said::new(&hint)),
        ..plain(function, alias, event, [&rollout.id, &position, &state], now, Said::new(&line))
    })
}

/// What is told of a way back by hand.
pub(super) fn of_way_back(
    function: &FunctionId,
    alias: &str,
    (to, left): (Version, &[Version]),
    rollout: Option<&str>,
    now: DateTime<Utc>,
) -> Announcement {
    let text = Said::new(&Notice::RolledBack { to, left: left.to_vec() });
    let (time, target) = (now.timestamp().to_string(), format!("{to} {}", listed(left)));
    Announcement {
        rollout: rollout.map(str::to_owned),
        serves: Some(to),
        reason: Some("user"),
        ..plain(function, alias, Occasion::RolledBack, [&time, &target, ""], now, text)
    }
}

/// The first line for people.
pub(super) fn headline(occasion: Occasion, function: &FunctionId, alias: &str) -> Said {
    let (function, alias) = (function.name.clone(), alias.to_owned());
    Said::new(&Headline { occasion, function, alias })
}

/// What every message has. `what` tells the transition from others of the same alias.
fn plain(
    function: &FunctionId,
    alias: &str,
    event: Occasion,
    what: [&str; 3],
    now: DateTime<Utc>,
    text: Said,
) -> Announcement {
    let FunctionId { name, namespace, region } = function;
    let event_name = event.to_string();
    let place: [&str; 5] = [region, namespace, name, alias, &event_name];
    let whereabouts = Whereabouts { namespace: namespace.clone(), region: region.clone() };
    Announcement {
        id: digest(place.into_iter().chain(what)),
        event,
        time: now.to_rfc3339_opts(SecondsFormat::Secs, true),
        function: FunctionName::from(function),
        alias_name: alias.to_owned(),
        rollout: None,
        from: None,
        to: None,
        serves: None,
        step: None,
        steps: None,
        share: None,
        phase: None,
        reason: None,
        text,
        headline: headline(event, function, alias),
        whereabouts: Said::new(&whereabouts),
        advice: None,
    }
}

/// What can be done about it.
fn advice(
    (function, alias, project): (&FunctionId, &str, Option<&str>),
    rollout: &Rollout,
    is_remembered: bool,
) -> Option<RolloutHint> {
    let command = |verb: &str| match project {
        Some(options) => format!("scfctl {verb}{options}"),
        None => RolloutCommand { function, alias, verb }.to_string(),
    };
    let hint = match rollout.phase {
        Phase::Running if rollout.step == 1 => RolloutHint::UnderWay {
            status: command("rollout status"),
            abort: command("rollout abort"),
        },
        Phase::Held(HoldReason::Content) => RolloutHint::Retry(command("rollout retry")),
        Phase::Held(_) => {
            RolloutHint::Held { resume: command("rollout resume"), abort: command("rollout abort") }
        }
        Phase::Back(_) if !is_remembered => RolloutHint::Start(command("rollout start")),
        Phase::Back(_) => RolloutHint::Back(command("rollout retry")),
        Phase::Running | Phase::Done | Phase::Ended => return None,
    };
    // A command on one would part it from the others.
    let is_on_one = project.is_none() && rollout.functions > 1;
    Some(if is_on_one { RolloutHint::Project } else { hint })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::chat::ChatKind;
    use super::*;
    use crate::app::tests::Said;

    #[test]
    fn what_ends_with_the_time_is_not_called_late() {
        let (said, clock) = (Said::default(), Clock::simulated(DateTime::UNIX_EPOCH));
        let announcer = Announcer {
            chats: Vec::new(),
            malformed: None,
            place: None,
            sink: Arc::new(said.clone()),
            clock: clock.clone(),
            language: Language::English,
            proxies: Proxies::read(&BTreeMap::new()),
            deliveries: RefCell::default(),
            interrupt: RefCell::default(),
        };
        session::block_on(async {
            // It comes to its end with the time, and gets its turn behind whoever waits for it.
            let work = tokio::spawn(async move { clock.sleep(LAST).await });
            let chat = Chat { kind: "json", variable: "HOOK".to_owned() };
            let (letters, _) = mpsc::unbounded_channel();
            let progress = Arc::default();
            announcer.deliveries.borrow_mut().push(Delivery { chat, letters, work, progress });
            announcer.finish().await;
            Ok(())
        })
        .unwrap();
        assert_eq!(said.all(), [] as [&str; 0]);
    }

    #[test]
    fn a_chat_is_a_kind_and_a_variable() {
        let named = |kind, variable| NamedChat { kind, variable };
        assert_eq!(
            read("slack=SLACK_WEBHOOK, json=hook,slack=SLACK_WEBHOOK"),
            (vec![named(ChatKind::Slack, "SLACK_WEBHOOK"), named(ChatKind::Json, "hook")], None)
        );
        // One that is none keeps nobody else from being told.
        let (chats, problem) = read("slak=A,json=B");
        assert_eq!(chats, [named(ChatKind::Json, "B")]);
        assert!(matches!(problem, Some(RolloutOption::NotifyKind { .. })));
        for (text, error) in [
            ("", "--notify takes a kind and the name"),
            ("SLACK_WEBHOOK", "--notify takes a kind and the name"),
            ("slack=", "--notify takes a kind and the name"),
            ("slack=A,", "--notify takes a kind and the name"),
            (
                "slak=A",
                "--notify: `slak` is none of wecom, dingtalk, feishu, slack, json; did you mean `slack`?",
            ),
            (
                "https://hooks.slack.com/services/T/B/secret",
                "not an address, which others would see: put the address into SLACK_WEBHOOK and write \
                 --notify slack=SLACK_WEBHOOK",
            ),
            (
                "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=secret",
                "write --notify wecom=WECOM_WEBHOOK",
            ),
            ("json=http://h/secret?a=b,c", "write --notify json=ROLLOUT_WEBHOOK"),
            ("wecom=693a91f6-secret", "write --notify wecom=WECOM_WEBHOOK"),
            (
                "dingtalk=secret0123456789abcdef0123456789",
                "write --notify dingtalk=DINGTALK_WEBHOOK",
            ),
            ("feishu=$FEISHU_SECRET", "write --notify feishu=FEISHU_WEBHOOK"),
        ] {
            let found = read(text).1.unwrap().to_string();
            assert!(found.contains(error), "{text}: {found}");
            assert!(!found.contains("secret"), "{found}");
        }
    }
}
