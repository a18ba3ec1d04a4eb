//! The signals that ask this process to stop.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::RunId;
use crate::error::{Error, Task};
use crate::execute::Signal;
use crate::report::Sink;
use crate::report::notice::Notice;

/// The signals that ask this process to stop.
pub(in crate::app) struct Signals {
    /// Which one came.
    pub interrupt: watch::Receiver<Option<Signal>>,
    /// Whether one came.
    pub stop: watch::Receiver<bool>,
}

/// What is said at the first signal, and the name of the run for what is said at the second.
type SignalNote = (Option<Notice>, Arc<OnceLock<RunId>>);

/// Hears Ctrl-C and the request to end. The first one is told to the executor, which stops
/// before the next change, and `note` is said; the second ends the process at once.
pub(in crate::app) fn listen_for_signals(
    sink: &Arc<dyn Sink>,
    note: Option<SignalNote>,
) -> Result<Signals, Error> {
    let (sender, interrupt) = watch::channel(None);
    let (stopper, stop) = watch::channel(false);
    let sink = Arc::clone(sink);
    let mut requests = Requests::default();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|source| Error::Io { task: Task::ListenForSignals, source })
        };
        let mut interrupt = listen(SignalKind::interrupt())?;
        let mut terminate = listen(SignalKind::terminate())?;
        tokio::spawn(async move {
            loop {
                let signal = tokio::select! {
                    _ = interrupt.recv() => Signal::Interrupt,
                    _ = terminate.recv() => Signal::Terminate,
                };
                if requests.is_another(Instant::now()) {
                    tell(&sender, &stopper, &*sink, note.as_ref(), signal);
                }
            }
        });
    }
    #[cfg(not(unix))]
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if requests.is_another(Instant::now()) {
                tell(&sender, &stopper, &*sink, note.as_ref(), Signal::Interrupt);
            }
        }
    });
    Ok(Signals { interrupt, stop })
}

/// How long after the first signal another one is still the same request to stop.
const SAME_REQUEST: Duration = Duration::from_millis(300);

/// Requests to stop.
#[derive(Default)]
struct Requests {
    first: Option<Instant>,
}

impl Requests {
    /// Whether a signal is one more request. Right behind the first it is not: `timeout` and the runners of
    /// pipelines signal a process and its group, and whatever started this process may hand its own on.
    fn is_another(&mut self, now: Instant) -> bool {
        if let Some(first) = self.first {
            return now.saturating_duration_since(first) >= SAME_REQUEST;
        }
        self.first = Some(now);
        true
    }
}

fn tell(
    sender: &watch::Sender<Option<Signal>>,
    stopper: &watch::Sender<bool>,
    sink: &dyn Sink,
    note: Option<&SignalNote>,
    signal: Signal,
) {
    if sender.borrow().is_some() {
        let run = note.and_then(|(_, run)| Some(run.get()?.name()));
        let error = Error::LeftAtOnce(signal, run);
        if note.is_some() {
            sink.leaving(&error);
        }
        std::process::exit(error.exit_code() as i32);
    }
    if let Some((Some(note), _)) = note {
        sink.decisive(note);
    }
    sender.send_replace(Some(signal));
    stopper.send_replace(true);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_comes_twice_is_one_request() {
        let mut requests = Requests::default();
        let begin = Instant::now();
        assert!(requests.is_another(begin));
        for milliseconds in [0, 1, 299] {
            assert!(!requests.is_another(begin + Duration::from_millis(milliseconds)));
        }
        for milliseconds in [300, 301, 5000] {
            assert!(requests.is_another(begin + Duration::from_millis(milliseconds)));
        }
    }
}
