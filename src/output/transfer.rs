//! Work that is measured in bytes: a bar on a terminal, a line now and then elsewhere.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Printer;

/// Between two lines of a log.
const LINES_EVERY: Duration = Duration::from_secs(5);
/// Less than this is over before a bar could be read, in bytes.
const WORTH_A_BAR: u64 = 4_000_000;
const BAR: &str = "{prefix} [{bar:24}] {bytes}/{total_bytes} ({msg}{bytes_per_sec}, {eta} left)";

/// Shows how far something has come, until it is dropped.
#[derive(Debug)]
pub struct Transfer {
    printer: Printer,
    what: &'static str,
    began: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    bar: Option<ProgressBar>,
    said: Instant,
}

/// How far it has come.
#[derive(Debug, Clone, Copy)]
pub struct Amount {
    /// Bytes done.
    pub bytes: u64,
    /// Bytes in all.
    pub all_bytes: u64,
    /// Pieces done and in all, and what they are called, where there are any.
    pub pieces: Option<(usize, usize, &'static str)>,
}

impl Printer {
    /// Begins to show some work: `what` is its name, such as "packing".
    #[must_use]
    pub fn transfer(&self, what: &'static str) -> Transfer {
        let printer = Self {
            label: self.label.clone(),
            member: self.member.clone(),
            shared: Arc::clone(&self.shared),
            ..*self
        };
        let began = Instant::now();
        Transfer { printer, what, began, state: Mutex::new(State { bar: None, said: began }) }
    }
}

impl Transfer {
    /// Shows how far it is.
    pub fn at(&self, amount: Amount) {
        let Ok(mut state) = self.state.lock() else { return };
        if self.printer.shows_bars() {
            if amount.all_bytes < WORTH_A_BAR {
                return;
            }
            let bar = state.bar.get_or_insert_with(|| self.show(amount.all_bytes));
            if let Some((done, all, name)) = amount.pieces {
                bar.set_message(format!("{done}/{all} {name}, "));
            }
            bar.set_position(amount.bytes);
        } else if state.said.elapsed() >= LINES_EVERY {
            state.said = Instant::now();
            self.printer.step(&line(self.what, amount, self.began.elapsed()));
        }
    }

    fn show(&self, all_bytes: u64) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(all_bytes), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(BAR) {
            bar.set_style(style);
        }
        bar.set_prefix(format!("{}{}", self.printer.label, self.what));
        // Lines that are printed meanwhile make room for the bar in the spinner's place.
        if let Ok(mut spinner) = self.printer.shared.spinner.lock()
            && let Some(before) = spinner.replace(bar.clone())
        {
            before.finish_and_clear();
        }
        bar
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        if let Ok(mut state) = self.state.lock()
            && let Some(bar) = state.bar.take()
        {
            bar.finish_and_clear();
            if let Ok(mut spinner) = self.printer.shared.spinner.lock()
                && spinner.as_ref().is_some_and(ProgressBar::is_finished)
            {
                *spinner = None;
            }
        }
    }
}

/// A line of a log.
fn line(what: &str, amount: Amount, elapsed: Duration) -> String {
    let megabytes = |bytes: u64| format!("{}.{}", bytes / 1_000_000, bytes / 100_000 % 10);
    let pieces = amount.pieces.map(|(done, all, name)| format!("{done} of {all} {name}, "));
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    let rate = amount.bytes.saturating_mul(1000) / millis;
    let left = match (amount.all_bytes - amount.bytes.min(amount.all_bytes)).checked_div(rate) {
        Some(seconds) => format!("{} s left", seconds + 1),
        None => "no telling how long".to_owned(),
    };
    format!(
        "{what}: {}{} of {} MB, {} MB/s, {left}",
        pieces.unwrap_or_default(),
        megabytes(amount.bytes),
        megabytes(amount.all_bytes),
        megabytes(rate)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_amount_rate_and_what_is_left() {
        let amount =
            |bytes| Amount { bytes, all_bytes: 200_000_000, pieces: Some((8, 20, "files")) };
        assert_eq!(
            line("packing", amount(83_250_000), Duration::from_secs(2)),
            "packing: 8 of 20 files, 83.2 of 200.0 MB, 41.6 MB/s, 3 s left"
        );
        assert_eq!(
            line("packing", amount(0), Duration::ZERO),
            "packing: 8 of 20 files, 0.0 of 200.0 MB, 0.0 MB/s, no telling how long"
        );
    }
}
