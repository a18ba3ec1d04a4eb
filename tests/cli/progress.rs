//! Something moves on a terminal while a command lasts, and nothing anywhere else.

use scfctl::local::Fault;

use crate::sandbox::{FUNCTION, Sandbox};
use crate::tty::Tty;

const COMMANDS: [&str; 22] = [
    "deploy",
    "deploy --plan plan.json",
    "apply plan.json",
    "publish-ver",
    "create-alias --alias test --version 1 --no-weights",
    "update-alias --alias test --version 2 --no-weights",
    "list-alias",
    "delete-alias --alias test",
    "list-ver",
    "status",
    "metric",
    "invoke",
    "logs",
    "verify-split --alias prod -n 1 --yes",
    "rollout start --alias prod --to 2 --steps 10%,100% --no-gates --detach",
    "rollout status --alias prod",
    "rollout tick --alias prod",
    "rollback --alias prod",
    "versions prune --keep 1 --yes",
    "remove --version 2 --yes",
    "doctor",
    "init --from-function demo-dev-shop --target to",
];

/// A function with two versions and an alias.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --publish").ok();
    sandbox.change_code("two");
    sandbox.type_in("deploy --publish --traffic 0").ok();
    sandbox.type_in("create-alias --alias prod --version 1 --no-weights").ok();
    sandbox.change_code("three");
    sandbox
}

#[test]
fn every_command_shows_what_it_waits_for() {
    let sandbox = sandbox();
    for line in COMMANDS {
        let (gate, opened) = tokio::sync::watch::channel(false);
        sandbox.faulty(move |_| Fault::Held(opened.clone()));
        let tty = Tty::spawn(&sandbox, 400, &line.split(' ').collect::<Vec<_>>());
        tty.prints("waiting for ");
        gate.send_replace(true);
        let (code, printed) = tty.ended();
        assert!(code <= 11, "{line}: {code} {printed:?}");
        // Nor does anything of another form flash up before it.
        assert!(!printed.contains("0/0"), "{line}: {printed:?}");
        // It was taken away before the result, and nothing moves behind that.
        let (_, behind) = printed.rsplit_once("waiting for ").unwrap();
        let (_, behind) = behind.split_once("\u{1b}[2K").unwrap_or_else(|| panic!("{printed:?}"));
        assert!(!behind.trim().is_empty() && !behind.contains("working"), "{line}: {printed:?}");
        sandbox.healthy();
    }
}

#[test]
fn what_is_over_at_once_and_what_is_piped_moves_nothing() {
    let sandbox = sandbox();
    let (_, printed) = Tty::spawn(&sandbox, 400, &["list-alias", "-q"]).ended();
    assert!(!printed.contains("waiting for "), "{printed:?}");
    let (gate, opened) = tokio::sync::watch::channel(false);
    sandbox.faulty(move |call| {
        if call.action == "ListAliases" { Fault::Held(opened.clone()) } else { Fault::None }
    });
    let piped = sandbox.spawn(&["list-alias"]);
    let quiet = Tty::spawn(&sandbox, 400, &["list-alias", "-q"]);
    let loud = Tty::spawn(&sandbox, 400, &["list-alias"]);
    loud.prints("waiting for ListAliases (");
    gate.send_replace(true);
    let ran = crate::sandbox::finished(piped).ok();
    assert!(!ran.stderr.contains("waiting for ") && !ran.stdout.contains(FUNCTION));
    assert!(!quiet.ended().1.contains("waiting for "));
    loud.ended();
}

#[test]
fn what_is_named_is_the_call_that_is_waited_for() {
    let sandbox = sandbox();
    // They are sent at once; the others are answered.
    for action in ["GetFunction", "ListAliases", "ListTriggers"] {
        let (gate, opened) = tokio::sync::watch::channel(false);
        sandbox.faulty(move |call| {
            if call.action == action { Fault::Held(opened.clone()) } else { Fault::None }
        });
        let tty = Tty::spawn(&sandbox, 400, &["remove", "--dry-run"]);
        tty.prints(&format!("waiting for {action} ("));
        gate.send_replace(true);
        assert_eq!(tty.ended().0, 0);
    }
    // What lasts longest is named first, and then what lasts longer.
    let (first, opened) = tokio::sync::watch::channel(false);
    let (second, later) = tokio::sync::watch::channel(false);
    sandbox.faulty(move |call| match call.action.as_str() {
        "ListAliases" => Fault::Held(opened.clone()),
        "ListTriggers" => Fault::Held(later.clone()),
        _ => Fault::None,
    });
    let tty = Tty::spawn(&sandbox, 400, &["remove", "--dry-run"]);
    tty.prints("waiting for ListAliases (");
    first.send_replace(true);
    tty.prints("waiting for ListTriggers (");
    second.send_replace(true);
    assert_eq!(tty.ended().0, 0);
}

#[test]
fn a_call_that_nobody_waits_for_any_more_is_not_named() {
    let sandbox = sandbox();
    let (gate, opened) = tokio::sync::watch::channel(false);
    // The others are of no use any more once one of them says that there is no such function.
    sandbox.faulty(move |call| match call.action.as_str() {
        "ListAliases" => Fault::error("ResourceNotFound.Function", "gone"),
        _ => Fault::Held(opened.clone()),
    });
    let tty = Tty::spawn(&sandbox, 400, &["remove", "--version", "2", "--yes"]);
    tty.prints("waiting for ListFunctions (");
    gate.send_replace(true);
    tty.ended();
}

#[test]
fn it_is_said_in_the_language_of_the_run() {
    let sandbox = sandbox();
    let (gate, opened) = tokio::sync::watch::channel(false);
    sandbox.faulty(move |_| Fault::Held(opened.clone()));
    let tty = Tty::spawn(&sandbox, 400, &["list-alias", "--lang", "zh"]);
    tty.prints("正在等待 ListAliases");
    gate.send_replace(true);
    assert_eq!(tty.ended().0, 0);
}
