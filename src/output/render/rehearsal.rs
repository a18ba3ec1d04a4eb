//! A rehearsal as people read it: what happened when, and what came of it.

use std::fmt::Write as _;

use crate::output::controls::on_one_line;
use crate::report::rehearsal::{Rehearsal, RehearsalSentence};
use crate::text::{Language, Text};

/// The timeline, and what it came to.
pub(in crate::output) fn text(language: Language, rehearsal: &Rehearsal) -> String {
    let mut text = String::new();
    let say = |sentence: RehearsalSentence<'_>| language.say(&sentence);
    let recording = rehearsal.recording.is_some();
    let _ = writeln!(text, "{}", say(RehearsalSentence::About(rehearsal)));
    if let Some(repeats) = &rehearsal.repeats {
        let _ = writeln!(text, "\n{}", say(RehearsalSentence::Repeated(repeats)));
        let seed = rehearsal.seed.unwrap_or_default();
        let _ = writeln!(text, "\n{}", say(RehearsalSentence::First { seed }));
    } else {
        text.push('\n');
    }
    let time = |minute: u32| {
        // A minute of a recording is a number, not a time.
        if recording { minute.to_string() } else { format!("{}:{:02}", minute / 60, minute % 60) }
    };
    let times = rehearsal.timeline.iter().map(|entry| entry.minute);
    let times = times.chain(rehearsal.calls.iter().map(|call| call.minute));
    let width = times.map(|minute| time(minute).len()).max().unwrap_or(0);
    for entry in &rehearsal.timeline {
        let says = on_one_line(&language.say(&entry.says));
        let _ = writeln!(text, "{:>width$}  {says}", time(entry.minute));
        for number in &entry.numbers {
            let number: &dyn Text = number;
            let _ = writeln!(text, "{:width$}    {}", "", on_one_line(&language.say(number)));
        }
    }
    let _ = writeln!(text, "\n{}", say(RehearsalSentence::Ended(rehearsal)));
    let _ = writeln!(text, "{}", say(RehearsalSentence::Exposed(&rehearsal.exposure)));
    if let Some(recording) = &rehearsal.recording {
        for gate in &recording.gates {
            let _ = writeln!(text, "{} {}: {}", gate.gate, gate.value, gate.verdict);
        }
    }
    if !rehearsal.calls.is_empty() {
        let _ = writeln!(text, "\n{}", say(RehearsalSentence::Calls));
    }
    for call in &rehearsal.calls {
        let routing = call.routing.as_deref().unwrap_or_default();
        let line = format!("{:>width$}  {}  {routing}", time(call.minute), call.action);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}
