//! Screens of two sizes, and lines in a pipe.

use chrono::{DateTime, Utc};
use ratatui::backend::TestBackend;

use super::*;
use crate::model::{FunctionRecord, Routing, Version, Weight};
use crate::report::alias::Alias;
use crate::report::notice::Notice;
use crate::report::record::VersionRecord;
use crate::report::rollout::{Rollout as Way, RolloutStatus, RolloutStep};
use crate::report::status::{
    Function, ListedVersion, MinutesOfVersion, Next, NextAction, ObservedCalls, RolloutFound,
    RolloutMinutes, RoutedAlias, StatusOfFunction, StepMark,
};
use crate::report::watch::Question;
use crate::report::{FunctionName, Said};
use crate::text::{Cause, Language};

const FROM: Version = Version::Number(1);
const TO: Version = Version::Number(2);

fn share(text: &str) -> Weight {
    text.parse().unwrap()
}

fn name() -> FunctionName {
    FunctionName {
        function_name: "demo-dev-shop".to_owned(),
        namespace: "default".to_owned(),
        region: "ap-guangzhou".to_owned(),
    }
}

fn side(calls: f64) -> MinutesOfVersion {
    let of = |value: f64| (0..40).map(|minute| (minute != 7).then_some(value)).collect();
    MinutesOfVersion { invocations: of(calls), error_rate: of(0.01), duration_ms: of(30.0) }
}

fn rollout(routing: &Routing) -> RolloutFound {
    let step = |text: &str| RolloutStep { share: share(text), minutes: Some(10), began: None };
    let way = Way {
        id: "0123abcd".to_owned(),
        from: FROM,
        to: TO,
        phase: "running",
        reason: None,
        step: 2,
        steps: vec![step("0.1"), step("0.5"), step("1")],
        began: "2026-11-28T10:00:00Z".to_owned(),
        frozen: None,
        advances_early: false,
    };
    let status = RolloutStatus {
        function: name(),
        alias_name: "prod".to_owned(),
        outcome: "waiting",
        rollout: Some(way),
        routing: routing.clone(),
        waits_for: Some("clock"),
        due: None,
        next_look: None,
        gates: Vec::new(),
        before: None,
        rolled_back: Vec::new(),
        mod_time: None,
        undo: None,
    };
    let mark = |step, point| StepMark { step, point, share: Weight::ONE };
    RolloutFound {
        status,
        observed: Some(ObservedCalls {
            minutes: 9,
            canary_calls: 2_718.0,
            baseline_calls: 2_690.0,
            canary_share: Some(0.5025),
            ..ObservedCalls::NONE
        }),
        next: Some(Next {
            action: NextAction::Advances,
            time: "2026-11-28T10:23:00Z".to_owned(),
            seconds: 240,
            step: Some(3),
            share: Some(Weight::ONE),
        }),
        exposure: None,
        commands: Vec::new(),
        series: Some(RolloutMinutes {
            from: "2026-11-28T09:50:00Z".to_owned(),
            period: 60,
            steps: vec![mark(1, 10), mark(2, 20)],
            canary: side(300.0),
            baseline: side(301.0),
        }),
        phase: Cause::new("step 2 of 3, 50% on 2; the time of the step is not over".to_owned()),
        findings: vec![Cause::new("max-error-rate 2%: inconclusive".to_owned())],
        now: time("10:19:00"),
    }
}

fn time(text: &str) -> DateTime<Utc> {
    format!("2026-11-28T{text}Z").parse().unwrap()
}

fn status() -> StatusOfFunctions {
    let routing = Routing::split(FROM, TO, share("0.5"));
    let model = crate::model::Alias {
        name: "prod".to_owned(),
        routing: routing.clone(),
        description: String::new(),
        modified: String::new(),
    };
    let version = |version| ListedVersion {
        record: VersionRecord {
            version,
            description: "第二个版本，修了几个错，说明比一行还要长很多很多很多".to_owned(),
            text: "第二个版本，修了几个错，说明比一行还要长很多很多很多".to_owned(),
            status: None,
            add_time: Some("2026-11-28 10:00:00".to_owned()),
            mod_time: None,
            code_sha256: None,
        },
        aliases: Vec::new(),
    };
    let function = Function {
        status: "Active".to_owned(),
        status_reason: None,
        kind: None,
        record: FunctionRecord {
            runtime: Some("Python3.9".to_owned()),
            memory_size: Some(128),
            timeout: Some(3),
            ..FunctionRecord::default()
        },
        image: None,
        versions: vec![version(Version::Latest), version(TO), version(FROM)],
        aliases: vec![RoutedAlias { alias: Alias::from(&model), shares: routing.clone() }],
        triggers: None,
        provisioned: None,
        rollouts: vec![rollout(&routing)],
        unread: Vec::new(),
    };
    let found = FunctionFound::There(Box::new(function));
    StatusOfFunctions {
        functions: vec![StatusOfFunction { key: None, function: name(), found }],
        is_project: false,
    }
}

#[test]
fn a_command_that_was_told_is_the_one_to_paste_and_goes_on_below() {
    let status = status();
    let command = "scfctl rollout resume --function hello-dev-greetings --alias prod";
    let said = [Said::new(&Notice::Undo { command: command.to_owned() })];
    let look = WatchView {
        status: &status,
        now: time("10:19:30"),
        said: &said,
        asks: None,
        has_keys: true,
    };
    let words = Words(Language::English);
    let paste = |text: &str| text.replace("prod`", "prod --local`");
    let shown = lines(&words, &look, (60, 20), &paste);
    assert_eq!(
        shown[17..19],
        ["undo: `scfctl rollout resume --function hello-dev-greetings", "--alias prod --local`"]
    );
    assert_eq!(shown.len(), 20);
    // The keys stay on a screen of any size.
    assert!(lines(&words, &look, (20, 3), &paste)[2].starts_with("p pause"));
}

/// The screen of this size, a text for each line without blanks at its end.
fn screen(size: (u16, u16), look: &WatchView<'_>) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    let words = Words(Language::English);
    let draw = |frame: &mut Frame<'_>| {
        let area = frame.area();
        paint(frame, &lines(&words, look, (area.width.into(), area.height.into()), &str::to_owned));
    };
    assert!(terminal.draw(draw).is_ok());
    let buffer = terminal.backend().buffer();
    let line = |row: u16| {
        // A wide character has an empty cell behind it.
        let mut text = String::new();
        let mut column = 0;
        while column < size.0 {
            let symbol = buffer[(column, row)].symbol();
            text.push_str(symbol);
            column += u16::try_from(crate::output::columns::width(symbol).max(1)).unwrap();
        }
        text.trim_end().to_owned()
    };
    (0..size.1).map(line).collect()
}

#[test]
fn what_matters_fits_on_a_small_screen() {
    let status = status();
    let look =
        WatchView { status: &status, now: time("10:19:30"), said: &[], asks: None, has_keys: true };
    let small = screen((60, 20), &look);
    assert_eq!(
        small[..7],
        [
            "demo-dev-shop  Active  Python3.9  128 MB  3 s   10:19:30 UTC",
            "prod  ██████████░░░░░░░░░░  █ 2 50%  ░ 1 50%",
            "rollout of prod from 1 to 2: step 2 of 3, 50% on 2; the time",
            "  of the step is not over",
            "  10%:10m [50%:10m] 100%:10m",
            "  set 50%, observed 50.2%: 2,718 of 5,408 calls in 9 min",
            // Half a minute has gone since the look.
            "  next  step 3, 100%, at 10:23 UTC at the earliest: in 3m30s",
        ]
    );
    assert_eq!(small[7], "  calls/min  2  ████████████████████  last 300");
    assert_eq!(small[9], "  errors     2  ████████████████████  mean 1.00%");
    assert_eq!(small[13], "                     ^1   ^2");
    assert_eq!(small[14], "  max-error-rate 2%: inconclusive");
    // Wide characters are not cut in two.
    assert!(small[18].starts_with("2        2026-11-28 10:00:00  -       第二个版本"), "{small:?}");
    assert_eq!(small[19], "p pause  r resume  P next step  a abort  q quit");
    let large = screen((100, 30), &look);
    assert_eq!(large.len(), 30);
    assert!(large[3].ends_with("observed 50.2%: 2,718 of 5,408 calls in 9 min"), "{}", large[3]);
    assert_eq!(large[29], small[19]);
}

#[test]
fn what_was_said_and_what_is_asked_stay_when_there_is_no_room() {
    let status = status();
    let said = [Said::new("held in step 2 of 3"), Said::new("undo: resume")];
    let asks = Question { verb: WatchVerb::Abort, alias: "prod".to_owned() };
    let look = WatchView {
        status: &status,
        now: time("10:19:00"),
        said: &said,
        asks: Some(&asks),
        has_keys: true,
    };
    let tiny = screen((30, 5), &look);
    assert_eq!(
        tiny[1..],
        [
            "prod  ██████████░░░░░░░░░░  █…",
            "held in step 2 of 3",
            "undo: resume",
            "send everything of prod back?…",
        ]
    );
    // Nothing is drawn where there is nothing to draw on.
    assert_eq!(screen((1, 1), &look), ["…"]);
}

#[test]
fn keys_mean_what_the_last_line_says() {
    let key = |character, modifiers| meaning(KeyEvent::new(KeyCode::Char(character), modifiers));
    for (character, expected) in [
        ('q', WatchKey::Quit),
        ('p', WatchKey::Asks(WatchVerb::Pause)),
        ('r', WatchKey::Asks(WatchVerb::Resume)),
        ('P', WatchKey::Asks(WatchVerb::Promote)),
        ('a', WatchKey::Asks(WatchVerb::Abort)),
        ('y', WatchKey::Yes),
        ('Y', WatchKey::Other),
        ('n', WatchKey::Other),
    ] {
        assert_eq!(key(character, KeyModifiers::NONE), expected, "{character}");
    }
    assert_eq!(key('c', KeyModifiers::CONTROL), WatchKey::Quit);
    assert_eq!(meaning(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE)), WatchKey::Other);
}
