//! Ctrl-C: the first one stops before the next change, the second one at once.

use std::io::{BufRead, BufReader};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::Signal;
use scfctl::local::{Fault, Place};

use crate::sandbox::{FUNCTION, REGION, Sandbox, finished, send, signal_to_the_end};
use crate::tty::{Tty, plain};

/// A function with other code than its project, on a server that never answers one action;
/// hears when that action has come.
fn stalling(action: &'static str) -> (Sandbox, Receiver<()>) {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    sandbox.change_code("two");
    let (sender, receiver) = channel();
    sandbox.faulty(move |call| {
        if call.action == action {
            let _ = sender.send(());
            Fault::Stall
        } else {
            Fault::None
        }
    });
    (sandbox, receiver)
}

#[test]
fn the_second_signal_ends_the_process_although_a_call_is_stalled() {
    const INT: Signal = Signal::INT;
    const TERM: Signal = Signal::TERM;
    for (action, line) in [
        ("UpdateFunctionCode", "deploy"),
        ("PublishVersion", "publish-ver"),
        ("CreateAlias", "create-alias --inputs name=canary version=1"),
    ] {
        for (first, second, code) in [(INT, INT, 130), (TERM, INT, 130), (INT, TERM, 143)] {
            let (sandbox, stalled) = stalling(action);
            let mut process = sandbox.spawn(&line.split(' ').collect::<Vec<_>>());
            stalled.recv().unwrap();
            send(first, process.id());
            let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
            // It says that it heard the first one, and how to leave.
            assert!(lines.any(|line| line.unwrap().contains("once more to leave at once")));
            let ended = signal_to_the_end(&mut process, second);
            assert_eq!(ended.code(), Some(code), "{line}");
            // The server still holds the call back, so no answer ended it.
            assert_eq!(sandbox.changes_since(0).last().unwrap(), action);
        }
    }
}

#[test]
fn one_signal_is_enough_while_something_is_only_read() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let (sandbox, stalled) = stalling("ListAliases");
        let process = sandbox.spawn(&["list-alias"]);
        stalled.recv().unwrap();
        send(signal, process.id());
        finished(process).fails(code).says("interrupted");
    }
}

#[test]
fn the_terminal_is_left_without_a_spinner() {
    // A creation that lasts, so that it is waited for.
    let sandbox = Sandbox::with(|options| options.transition = Duration::from_secs(3600));
    sandbox.project();
    let (sender, looks) = channel();
    let created = AtomicBool::new(false);
    sandbox.faulty(move |call| {
        if call.action == "CreateFunction" {
            created.store(true, Ordering::SeqCst);
        } else if created.load(Ordering::SeqCst) {
            let _ = sender.send(());
        }
        Fault::None
    });
    let line = ["deploy", "--timeout", "60s", "--inputs", "publish=true"];
    let tty = Tty::spawn(&sandbox, 200, &line);
    // Behind the first look something is to be waited for.
    for _ in 0..4 {
        looks.recv().unwrap();
    }
    send(Signal::INT, tty.id());
    // It waits for the end of what it began; then that comes.
    tty.prints("once more to leave at once");
    let place = Place::new(REGION, FUNCTION);
    sandbox.server().set_status(&place, "$LATEST", "Active", None).unwrap();
    let (code, text) = tty.ended();
    assert_eq!(code, 130, "{text}");
    // Cleared before the last words, and not drawn again.
    let (_, after) = text.rsplit_once("Creating (").expect("a spinner");
    assert!(plain(after).contains("\r\u{1b}[2Kerror: cannot deploy"), "{text:?}");
}

#[test]
fn the_local_scf_ends_without_a_word_about_calls() {
    let sandbox = Sandbox::new();
    let mut server = sandbox.spawn(&["local", "serve"]);
    BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut String::new()).unwrap();
    send(Signal::INT, server.id());
    let output = server.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}
