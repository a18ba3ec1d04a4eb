//! Runs two commands against one local SCF so that their calls are carried out in a chosen order.
//!
//! Each command runs on a thread of its own, and the server holds every call back. Once both
//! commands wait for answers, one of the calls is let through; its command goes on until it
//! waits again. So only one thing happens at a time, and the same choices make the same run.

use std::cell::RefCell;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, Utc};
use scfctl::execute::Signal;
use scfctl::local::{Call, Fault};
use serde_json::Value;
use tokio::sync::watch;

use crate::commands::{Command, Outcome, Player};
use crate::footprint::Footprint;
use crate::world::World;

/// Far longer than any step takes: what lasts longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A call that is held back, or a change by the console that has not been made.
pub struct Pending {
    /// Which of the two commands makes it.
    pub player: usize,
    /// Names the call in every run that begins with the same choices.
    pub label: String,
    pub footprint: Footprint,
    pub action: String,
    /// How many calls of both had been carried out when it arrived.
    pub arrived: usize,
    gate: Option<watch::Sender<bool>>,
}

/// A call that was carried out.
pub struct Step {
    pub player: usize,
    pub label: String,
    pub action: String,
    pub footprint: Footprint,
    /// How many calls of both had been carried out when it arrived.
    pub arrived: usize,
    /// The function before and after it.
    pub before: Value,
    pub after: Value,
}

/// A run to its end, or as far as it was of use.
pub struct Run {
    pub steps: Vec<Step>,
    /// How both commands ended; empty when they were stopped.
    pub outcomes: Vec<Outcome>,
}

/// What is known of a command while it runs.
#[derive(Default)]
struct Progress {
    sent: usize,
    answered: usize,
    /// Pauses before a call that is to follow, of those that are made beside others.
    pausing: usize,
    /// Both, when its thread last went to sleep.
    asleep: (usize, usize),
    /// Answers that its plan was made of.
    planned: Option<usize>,
    outcome: Option<Outcome>,
}

#[derive(Default)]
struct Board {
    arrivals: Vec<(Call, watch::Sender<bool>)>,
    progress: [Progress; 2],
    /// Nothing is held back any more.
    open: bool,
}

#[derive(Default)]
struct Shared {
    board: Mutex<Board>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap()
    }

    fn change(&self, change: impl FnOnce(&mut Board)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }
}

/// A command's own view of the board.
#[derive(Clone)]
struct Seat {
    shared: Arc<Shared>,
    player: usize,
}

impl Seat {
    fn progress(&self, change: impl FnOnce(&mut Progress)) {
        self.shared.change(|board| change(&mut board.progress[self.player]));
    }
}

thread_local! {
    static SEAT: RefCell<Option<Seat>> = const { RefCell::new(None) };
}

/// Of the command that runs on this thread.
fn progress(change: impl FnOnce(&mut Progress)) {
    SEAT.with_borrow(|seat| {
        if let Some(seat) = seat {
            seat.progress(change);
        }
    });
}

/// A request goes out.
pub fn sent() {
    progress(|progress| {
        progress.sent += 1;
        progress.pausing = progress.pausing.saturating_sub(1);
    });
}

/// A pause begins, after which a call follows.
pub fn pausing() {
    progress(|progress| progress.pausing += 1);
}

/// An answer came.
pub fn answered() {
    progress(|progress| progress.answered += 1);
}

/// The command has made its plan, which it carries out from here on.
pub fn planned() {
    progress(|progress| progress.planned = Some(progress.answered));
}

/// The thread goes to sleep.
pub fn asleep() {
    progress(|progress| progress.asleep = (progress.sent, progress.answered));
}

/// The clock of both commands and the server. It stands still, so that changes within one second,
/// which the service's times do not tell apart, are the rule.
pub fn standing_clock() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).unwrap()
}

/// Runs two commands, of one run id that was given to both or of one each. `choose` picks among the calls that are held back, or ends the run.
///
/// Without outcomes when it ended it.
pub fn run(
    world: &World,
    players: &[Player; 2],
    two: &[Command; 2],
    one_run_id: bool,
    choose: &mut dyn FnMut(&[Pending]) -> Option<usize>,
) -> Run {
    let shared = Arc::new(Shared::default());
    let intake = Arc::clone(&shared);
    world.server.set_interceptor(Some(Arc::new(move |call: &Call| {
        let (sender, gate) = watch::channel(false);
        let mut board = intake.lock();
        if board.open {
            return Fault::None;
        }
        board.arrivals.push((call.clone(), sender));
        drop(board);
        intake.changed.notify_all();
        Fault::Held(gate)
    })));
    let (stop, interrupt) = watch::channel(None);
    std::thread::scope(|scope| {
        let mut table =
            Game { shared: Arc::clone(&shared), pending: Vec::new(), steps: Vec::new() };
        let mut arrived = [0, 0];
        for (player, command) in two.iter().enumerate() {
            if let Command::Console { .. } = command {
                table.pending.push(Pending {
                    player,
                    label: format!("{player} console"),
                    footprint: command.footprint(),
                    action: "console".to_owned(),
                    arrived: 0,
                    gate: None,
                });
                continue;
            }
            let seat = Seat { shared: Arc::clone(&shared), player };
            let interrupt = interrupt.clone();
            scope.spawn(move || {
                SEAT.set(Some(seat.clone()));
                // Two runs never have the same id, unless it is given.
                let id = if one_run_id { "one".to_owned() } else { player.to_string() };
                let id = (id.as_str(), one_run_id);
                let outcome = players[player].carry_out(command, id, &world.region, interrupt);
                seat.progress(|progress| progress.outcome = Some(outcome));
            });
            table.settle(player, 0, &mut arrived);
        }
        let mut released = [0, 0];
        let mut now = world.look();
        while !table.pending.is_empty() {
            table.pending.sort_by(|one, other| one.label.cmp(&other.label));
            let Some(choice) = choose(&table.pending) else {
                stop.send_replace(Some(Signal::Interrupt));
                shared.change(|board| {
                    board.open = true;
                    board.arrivals.clear();
                });
                return Run { steps: table.steps, outcomes: Vec::new() };
            };
            let pending = table.pending.remove(choice);
            let player = pending.player;
            let reads = pending.action.starts_with("Get") || pending.action.starts_with("List");
            let number = table.steps.len();
            table.steps.push(Step {
                player,
                action: pending.action,
                label: pending.label,
                footprint: pending.footprint,
                arrived: pending.arrived,
                before: now.clone(),
                after: now.clone(),
            });
            match (&pending.gate, &two[player]) {
                (Some(gate), _) => {
                    gate.send_replace(true);
                    released[player] += 1;
                    table.settle(player, released[player], &mut arrived);
                }
                (None, Command::Console { action, params }) => {
                    world.apply(action, params.clone());
                    let outcome =
                        Outcome { exit: 0, text: String::new(), published: None, planned: None };
                    shared.change(|board| board.progress[player].outcome = Some(outcome));
                }
                (None, _) => unreachable!("only the console makes no calls"),
            }
            if !reads {
                now = world.look();
                table.steps[number].after.clone_from(&now);
            }
        }
        let ended = |one: &mut Progress| {
            let outcome = one.outcome.take().unwrap();
            Outcome { planned: one.planned, ..outcome }
        };
        let outcomes = shared.lock().progress.iter_mut().map(ended).collect();
        Run { steps: table.steps, outcomes }
    })
}

struct Game {
    shared: Arc<Shared>,
    pending: Vec<Pending>,
    steps: Vec<Step>,
}

impl Game {
    /// Waits until a command has made of its answers what it can: it has ended, or all calls that
    /// it sent have arrived and its thread sleeps.
    fn settle(&mut self, player: usize, released: usize, arrived: &mut [usize; 2]) {
        let mut board = self.shared.lock();
        loop {
            for (call, gate) in board.arrivals.drain(..) {
                arrived[player] += 1;
                let (label, footprint) = Footprint::of(&call);
                let nth = self
                    .steps
                    .iter()
                    .map(|step| &step.label)
                    .chain(self.pending.iter().map(|pending| &pending.label))
                    .filter(|other| other.starts_with(&format!("{player} {label} ")))
                    .count();
                self.pending.push(Pending {
                    player,
                    label: format!("{player} {label} {nth}"),
                    footprint,
                    action: call.action,
                    arrived: self.steps.len(),
                    gate: Some(gate),
                });
            }
            let progress = &board.progress[player];
            if progress.outcome.is_some() {
                // What it gave up on is nobody's any more.
                self.pending.retain(|pending| pending.player != player);
                return;
            }
            // One that waits for no answer pauses, and goes on by itself.
            let waits = self.pending.iter().any(|pending| pending.player == player);
            if waits
                && progress.pausing == 0
                && progress.sent == arrived[player]
                && progress.asleep == (progress.sent, progress.answered)
                && progress.answered == released
            {
                return;
            }
            let (next, timed_out) = self.shared.changed.wait_timeout(board, PATIENCE).unwrap();
            assert!(!timed_out.timed_out(), "command {player} neither ends nor waits");
            board = next;
        }
    }
}
