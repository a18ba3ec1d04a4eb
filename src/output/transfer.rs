//! Work that is measured in bytes: a bar on a terminal, a line now and then elsewhere.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::busy::LASTS;
use super::{Language, Printer};
use crate::report::{Work, WorkAmount};

/// Between two lines of a log.
const LINES_EVERY: Duration = Duration::from_secs(5);
/// Less than this is over before a bar could be read, as a rule, in bytes.
const WORTH_A_BAR: u64 = 4_000_000;

/// Shows how far something has come, until it is dropped.
#[derive(Debug)]
pub struct Transfer {
    printer: Printer,
    work: Work,
    began: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    bar: Option<ProgressBar>,
    said: Instant,
}

impl Printer {
    /// Begins to show some work.
    #[must_use]
    pub fn transfer(&self, work: Work) -> Transfer {
        let printer = Self {
            label: self.label.clone(),
            member: self.member.clone(),
            shared: Arc::clone(&self.shared),
            ..*self
        };
        let began = Instant::now();
        Transfer { printer, work, began, state: Mutex::new(State { bar: None, said: began }) }
    }
}

impl Transfer {
    /// Shows how far it is.
    pub fn at(&self, amount: WorkAmount) {
        let Ok(mut state) = self.state.lock() else { return };
        if self.printer.shows_bars() {
            if amount.all_bytes < WORTH_A_BAR && self.began.elapsed() < LASTS {
                return;
            }
            let bar = state.bar.get_or_insert_with(|| self.show(amount.all_bytes));
            if let Some((done, all)) = amount.files {
                bar.set_message(match self.printer.language {
                    Language::English => format!("{done}/{all} files, "),
                    Language::Chinese => format!("{done}/{all} 个文件，"),
                });
            }
            bar.set_position(amount.bytes);
        } else if state.said.elapsed() >= LINES_EVERY {
            state.said = Instant::now();
            let elapsed = self.began.elapsed();
            self.printer.step(&TransferLine { work: self.work, amount, elapsed });
        }
    }

    fn show(&self, all_bytes: u64) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(all_bytes), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(bar_of(self.printer.language)) {
            bar.set_style(style);
        }
        bar.set_prefix(format!("{}{}", self.printer.label, self.printer.language.say(&self.work)));
        self.printer.is_shown();
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

/// What a bar looks like.
fn bar_of(language: Language) -> &'static str {
    match language {
        Language::English => {
            "{prefix} [{bar:24}] {bytes}/{total_bytes} ({msg}{bytes_per_sec}, {eta} left)"
        }
        Language::Chinese => {
            "{prefix} [{bar:24}] {bytes}/{total_bytes}（{msg}{bytes_per_sec}，剩余 {eta}）"
        }
    }
}

/// A line of a log.
#[derive(Debug)]
pub(crate) struct TransferLine {
    /// What is done.
    pub work: Work,
    /// How far it has come.
    pub amount: WorkAmount,
    /// Since it began.
    pub elapsed: Duration,
}

impl TransferLine {
    /// Bytes a second.
    pub fn rate(&self) -> u64 {
        let millis = u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
        self.amount.bytes.saturating_mul(1000) / millis
    }

    /// Seconds until the end; `None` while nothing moves.
    pub fn seconds_left(&self) -> Option<u64> {
        let WorkAmount { bytes, all_bytes, .. } = self.amount;
        (all_bytes - bytes.min(all_bytes)).checked_div(self.rate()).map(|seconds| seconds + 1)
    }

    /// Bytes as megabytes.
    pub fn megabytes(bytes: u64) -> String {
        format!("{}.{}", bytes / 1_000_000, bytes / 100_000 % 10)
    }
}

impl fmt::Display for TransferLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { work, amount, .. } = self;
        write!(formatter, "{work}: ")?;
        if let Some((done, all)) = amount.files {
            write!(formatter, "{done} of {all} files, ")?;
        }
        write!(
            formatter,
            "{} of {} MB, {} MB/s, ",
            Self::megabytes(amount.bytes),
            Self::megabytes(amount.all_bytes),
            Self::megabytes(self.rate())
        )?;
        match self.seconds_left() {
            Some(seconds) => write!(formatter, "{seconds} s left"),
            None => formatter.write_str("no telling how long"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_amount_rate_and_what_is_left() {
        let line =
            |amount, elapsed| TransferLine { work: Work::Packing, amount, elapsed }.to_string();
        let amount = |bytes| WorkAmount { bytes, all_bytes: 200_000_000, files: Some((8, 20)) };
        assert_eq!(
            line(amount(83_250_000), Duration::from_secs(2)),
            "packing: 8 of 20 files, 83.2 of 200.0 MB, 41.6 MB/s, 3 s left"
        );
        assert_eq!(
            line(amount(0), Duration::ZERO),
            "packing: 8 of 20 files, 0.0 of 200.0 MB, 0.0 MB/s, no telling how long"
        );
    }
}
