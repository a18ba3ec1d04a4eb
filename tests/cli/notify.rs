//! Chats that are told of rollouts.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStderr};
use std::sync::{Arc, Mutex};

use rustix::process::Signal;
use scfctl::local::Fault;
use scfctl::sign::{Secret, webhook};
use serde_json::{Value, json};

use crate::rollout::{BEGIN, World};
use crate::sandbox::{FUNCTION, REGION, Ran, send};
use crate::schema;

/// A part of every address; nothing may show it.
const TOKEN: &str = "tokenMarker0123456789";

/// A request that a chat was sent.
#[derive(Debug, Clone)]
struct Asked {
    line: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Asked {
    fn json(&self) -> Value {
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        // The other kinds have the form of their chat.
        if body.get("schemaVersion").is_some() {
            schema::check("notification", &body);
        }
        body
    }

    /// A parameter of the address.
    fn parameter(&self, name: &str) -> String {
        let target = self.line.split(' ').nth(1).unwrap();
        let url = url::Url::parse(&format!("http://h{target}")).unwrap();
        let found = url.query_pairs().find(|(known, _)| known == name);
        found.unwrap_or_else(|| panic!("no {name} in {target}")).1.into_owned()
    }
}

/// A server in place of a chat.
pub struct Chat {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

fn request(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { line: line.trim_end().to_owned(), headers, body })
}

impl Chat {
    /// One that answers so; `None` is silence.
    fn answering(answer: impl Fn(usize) -> Option<String> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook/{TOKEN}?key={TOKEN}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let heard = Arc::clone(&asked);
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = request(&stream) else { continue };
                let number = {
                    let mut heard = heard.lock().unwrap();
                    heard.push(request);
                    heard.len()
                };
                match answer(number) {
                    // Who asked may have gone away.
                    Some(answer) => drop(stream.write_all(answer.as_bytes())),
                    None => silent.push(stream),
                }
            }
        });
        Self { url, asked }
    }

    pub fn saying(status: &str, body: &str) -> Self {
        let answer = answer(status, body);
        Self::answering(move |_| Some(answer.clone()))
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// What was told since the last time.
    pub fn bodies(&self) -> Vec<String> {
        self.asked().iter().map(|asked| asked.json().to_string()).collect()
    }

    /// The events that were told since the last time, and whether each had an id of its own.
    pub fn events(&self) -> Vec<String> {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.iter().map(|asked| asked.json()["event"].as_str().unwrap().to_owned()).collect()
    }
}

fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// A world with a receiver of JSON.
fn with_chat() -> (World, Chat) {
    let chat = Chat::saying("204 No Content", "");
    let mut world = World::new();
    world.sandbox.set("HOOK", &chat.url);
    (world, chat)
}

#[track_caller]
fn shows_no_token(ran: &Ran) {
    for text in [&ran.stdout, &ran.stderr] {
        assert!(!text.contains(TOKEN), "{text}");
    }
}

#[test]
fn each_transition_is_told_once_by_whoever_wrote_it() {
    let (world, chat) = with_chat();
    let run = |line: &str, code: i32, events: &[&str]| {
        let ran = world.type_in(&format!("{line} --alias prod --notify json=HOOK")).fails(code);
        assert_eq!(chat.events(), events, "{line}: {}", ran.stderr);
        assert!(!ran.stderr.contains("was not told"), "{}", ran.stderr);
        shows_no_token(&ran);
        ran
    };
    run("rollout start --to 2 --steps 10%,50%,100% --interval 5m --detach", 0, &["start"]);
    // Nothing is due.
    run("rollout tick", 0, &[]);
    world.type_in("rollout status --alias prod").ok();
    world.minutes(8);
    run("rollout tick", 0, &["step"]);
    run("rollout tick", 0, &[]);
    run("rollout pause", 0, &["hold"]);
    run("rollout pause", 0, &[]);
    run("rollout tick", 8, &[]);
    run("rollout resume", 0, &["resume"]);
    run("rollout promote", 0, &["step"]);
    run("rollout abort", 0, &["rolled-back"]);
    run("rollout abort", 0, &[]);
    run("rollout tick", 7, &[]);
    run("rollout retry", 0, &["start"]);
    run("rollback", 0, &["rolled-back"]);
    run("rollback --to 1", 0, &[]);
    // An alias under no rollout.
    run("rollback --to 2", 0, &["rolled-back"]);
    run("rollout start --to 1 --steps 100%:0 --no-gates", 0, &["start", "done"]);
    // Whoever is not asked to tell anybody tells nobody.
    world.type_in("rollback --alias prod").ok();
    assert_eq!(chat.events(), [] as [&str; 0]);
}

#[test]
fn programs_are_told_all_of_it() {
    let (mut world, chat) = with_chat();
    world.sandbox.set("HOOK_SECRET", "secretMarker");
    world.load(&json!({"2": [{"error_rate": 0.5}]}));
    world.begin("--steps 10%,100% --interval 10m --notify json=HOOK");
    let start = chat.asked()[0].json();
    for _ in 0..12 {
        world.minutes(1);
        world.type_in("rollout tick --alias prod --notify json=HOOK --lang zh");
    }
    let asked = chat.asked();
    assert_eq!(asked.len(), 2, "{asked:?}");
    let back = &asked[1];
    assert!(back.line.starts_with(&format!("POST /hook/{TOKEN}?key={TOKEN} HTTP/1.1")));
    assert_eq!(back.headers["content-type"], "application/json; charset=utf-8");
    let signature = webhook::body(&Secret::new("secretMarker"), &back.body);
    assert_eq!(back.headers["x-scfctl-signature"], format!("sha256={signature}"));
    let mut told = back.json();
    let id = told["id"].take();
    assert_eq!(id.as_str().unwrap().len(), 12);
    assert_ne!(id, start["id"]);
    let rollout = start["rollout"].clone();
    assert_eq!(
        told,
        json!({
            "schemaVersion": 1, "id": null, "event": "rolled-back", "time": told["time"],
            "functionName": FUNCTION, "namespace": "default", "region": REGION,
            "aliasName": "prod", "rollout": rollout, "from": "1", "to": "2", "serves": "1",
            "step": 1, "steps": 2, "share": 0.1, "phase": "back", "reason": "fail",
            "text": "back: everything to 1 (a gate failed)",
        })
    );
}

#[test]
fn each_kind_of_chat_gets_its_form() {
    let ok = |body: &str| Chat::saying("200 OK", body);
    let chats = [
        ("wecom", ok(r#"{"errcode":0,"errmsg":"ok"}"#)),
        ("dingtalk", ok(r#"{"errcode":0,"errmsg":"ok"}"#)),
        ("feishu", ok(r#"{"code":0,"msg":"success"}"#)),
        ("slack", ok("ok")),
    ];
    let mut world = World::new();
    let mut line = "rollout start --alias prod --to 2 --steps 10%:pause,100% --detach".to_owned();
    for (kind, chat) in &chats {
        let variable = kind.to_uppercase();
        world.sandbox.set(&variable, &chat.url).set(&format!("{variable}_SECRET"), "密钥Marker");
        line.push_str(&[" --notify ", kind, "=", &variable].concat());
    }
    let ran = world.type_in(&line).ok();
    assert!(!ran.stderr.contains("was not told"), "{}", ran.stderr);
    let secret = Secret::new("密钥Marker");
    // It stands until somebody acts.
    let headline = "Rollout held: function demo-dev-shop, alias prod";
    let sentence = "step 1 of 2: 10% 2, the rest 1; held: the schedule pauses here";
    let place = "namespace default, ap-guangzhou";
    let advice = "go on with `scfctl rollout resume --function demo-dev-shop --alias prod`, or go \
                  back with `scfctl rollout abort --function demo-dev-shop --alias prod`";
    let one = |index: usize| {
        let asked = chats[index].1.asked();
        assert_eq!(asked.len(), 1);
        asked[0].clone()
    };
    assert_eq!(
        one(0).json(),
        json!({"msgtype": "markdown", "markdown": {"content": format!(
            "**<font color=\"warning\">{headline}</font>**\n{sentence}\n{place}\n{advice}"
        )}})
    );
    let dingtalk = one(1);
    let escaped = advice.replace('`', "\\`");
    assert_eq!(
        dingtalk.json(),
        json!({"msgtype": "markdown", "markdown": {
            "title": headline,
            "text": format!("#### {headline}\n\n{sentence}\n\n{place}\n\n{escaped}"),
        }})
    );
    let time: i64 = dingtalk.parameter("timestamp").parse().unwrap();
    assert_eq!(dingtalk.parameter("sign"), webhook::dingtalk(&secret, time));
    // By the clock of the service, which is not that of this machine.
    assert!((0..3600).contains(&(time / 1000 - BEGIN)), "{time}");
    assert_eq!(dingtalk.parameter("key"), TOKEN);
    let feishu = one(2).json();
    let text = format!("{headline}\n{sentence}\n{place}\n{advice}");
    assert_eq!(feishu["content"], json!({"text": text}));
    let time: i64 = feishu["timestamp"].as_str().unwrap().parse().unwrap();
    assert_eq!(feishu["sign"], webhook::feishu(&secret, time));
    assert_eq!(one(3).json(), json!({"text": text, "mrkdwn": false}));
}

#[test]
fn a_rollout_is_told_in_the_language_that_it_began_in() {
    let chat = Chat::saying("200 OK", "ok");
    let mut world = World::new();
    world.sandbox.set("HOOK", &chat.url);
    let last = || chat.asked().last().unwrap().json()["text"].as_str().unwrap().to_owned();
    world.begin("--steps 10%,100% --interval 5m --notify slack=HOOK --lang zh");
    assert!(world.description().contains(", lang zh"), "{}", world.description());
    assert!(
        last().starts_with("灰度发布开始：函数 demo-dev-shop，别名 prod\n第 1 步"),
        "{}",
        last()
    );
    world.type_in("rollout pause --alias prod --notify slack=HOOK --lang en").ok();
    assert!(last().starts_with("灰度发布已暂停：函数 demo-dev-shop，别名 prod\n"), "{}", last());
    // Who began it told nobody: the language of the run.
    world.type_in("rollback --alias prod").ok();
    world.begin("--steps 10%,100% --interval 5m --lang zh");
    assert!(!world.description().contains("lang"), "{}", world.description());
    world.type_in("rollout pause --alias prod --notify slack=HOOK --output json").ok();
    assert!(last().starts_with("Rollout held: function demo-dev-shop, alias prod\n"), "{}", last());
    world.type_in("rollout abort --alias prod --notify slack=HOOK --lang zh").ok();
    assert!(last().starts_with("已回滚：函数 demo-dev-shop，别名 prod\n"), "{}", last());
}

#[test]
fn a_chat_that_fails_changes_nothing_and_is_said_once() {
    let elsewhere = Chat::saying("200 OK", r#"{"errcode":0}"#);
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        elsewhere.url
    );
    let refused = r#"{"errcode":310000,"errmsg":"sign not match tokenMarker0123456789"}"#;
    let padding = "x".repeat(150);
    let cut = format!(r#"{{"errcode":310000,"errmsg":"{padding}{TOKEN}"}}"#);
    let cases = [
        (
            Chat::saying("500 Internal Server Error", "<html>\nfailed</html>"),
            "HTTP 500\n".to_owned(),
        ),
        (
            Chat::saying("200 OK", refused),
            "refused with code 310000: sign not match [redacted]\n".to_owned(),
        ),
        (Chat::saying("200 OK", &cut), format!("refused with code 310000: {padding}[redacted]\n")),
        (
            Chat::saying("200 OK", "<html>hello</html>"),
            "HTTP 200 with an answer that is none of dingtalk\n".to_owned(),
        ),
        (
            Chat::answering(move |_| Some(redirect.clone())),
            "HTTP 302; redirects are not followed\n".to_owned(),
        ),
        (Chat::answering(|_| Some(String::new())), "the connection broke".to_owned()),
    ];
    for (chat, says) in cases {
        let mut world = World::new();
        world.sandbox.set("HOOK", &chat.url).set("HOOK_SECRET", "secretMarker");
        // Two messages, and one word about them.
        let line = "rollout start --alias prod --to 2 --steps 100%:0 --no-gates --notify dingtalk=HOOK \
                    --debug";
        let ran = world.type_in(line).ok();
        assert_eq!(world.routing(), json!({"2": 1.0}));
        assert_eq!(ran.stderr.matches("was not told").count(), 1, "{}", ran.stderr);
        let warning = format!("warning: dingtalk=HOOK was not told: {says}");
        assert!(ran.stderr.contains(&warning), "{}", ran.stderr);
        shows_no_token(&ran);
        assert!(!ran.stderr.contains("secretMarker"), "{}", ran.stderr);
        assert_eq!(chat.asked().len(), 2);
    }
    assert_eq!(elsewhere.asked().len(), 0);
}

#[test]
fn a_chat_that_is_not_there_delays_nothing() {
    let mut world = World::new();
    let nowhere = world.sandbox.nowhere();
    world.sandbox.set("HOOK", &format!("http://{nowhere}/{TOKEN}"));
    let ran = world.type_in(
        "rollout start --alias prod --to 2 --steps 10%,100% --detach --notify slack=HOOK --lang zh",
    );
    let ran = ran.ok().says("警告：未能通知 slack=HOOK：无法连接：");
    shows_no_token(&ran);
    // A way back that fails by a gate exits as it does without a chat.
    world.load(&json!({"2": [{"error_rate": 0.5}]}));
    world.minutes(8);
    let ran = world.type_in("rollout tick --alias prod --notify slack=HOOK --output json");
    let ran = ran.fails(7).says("slack=HOOK was not told: no connection: ");
    assert_eq!(ran.json()["outcome"], "rolled-back");
    shows_no_token(&ran);
}

/// Says that it is busy, for so many seconds.
fn busy(seconds: u32) -> String {
    format!(
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: {seconds}\r\ncontent-length: 0\r\n\
         connection: close\r\n\r\n"
    )
}

#[test]
fn a_chat_that_is_silent_is_not_waited_for_and_is_said_once() {
    // The second message has no chance before the command ends.
    let chat = Chat::answering(|number| (number == 1).then(|| busy(1)));
    let mut world = World::new();
    world.sandbox.set("HOOK", &chat.url);
    let line = "rollout start --alias prod --to 2 --steps 100%:0 --no-gates --notify json=HOOK";
    let ran = world.type_in(line).ok().says("json=HOOK was not told: no answer within 5 s");
    assert_eq!(ran.stderr.matches("was not told").count(), 1, "{}", ran.stderr);
    shows_no_token(&ran);
    assert_eq!(world.routing(), json!({"2": 1.0}));
    // What may have been delivered is not sent once more.
    assert_eq!(chat.events(), ["start", "start", "done"]);
}

#[test]
fn a_chat_that_is_busy_gets_the_message_a_second_time() {
    let chat = Chat::answering(|number| {
        Some(if number == 1 { busy(1) } else { answer("200 OK", r#"{"code":0}"#) })
    });
    let mut world = World::new();
    world.sandbox.set("HOOK", &chat.url);
    world.begin("--steps 10%,100% --notify feishu=HOOK");
    let asked = chat.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].json(), asked[1].json());
}

#[test]
fn a_chat_that_wants_a_long_pause_is_left_alone() {
    let chat = Chat::answering(|_| Some(busy(4)));
    let mut world = World::new();
    world.sandbox.set("HOOK", &chat.url);
    let line = "rollout start --alias prod --to 2 --steps 10%,100% --detach --notify json=HOOK";
    world.type_in(line).ok().says("json=HOOK was not told: HTTP 429");
    assert_eq!(chat.events(), ["start"]);
}

#[test]
fn what_was_certainly_not_sent_is_said_to_be() {
    // Nobody answers the greeting of TLS.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut world = World::new();
    world.sandbox.set("HOOK", &format!("https://{}/{TOKEN}", silent.local_addr().unwrap()));
    let line = "rollout start --alias prod --to 2 --steps 10%,100% --detach --notify json=HOOK";
    let ran = world.type_in(line).ok().says("json=HOOK was not told: no connection");
    assert!(!ran.stderr.contains("may have been delivered"), "{}", ran.stderr);
}

#[test]
fn an_address_falsifies_no_result() {
    let chat = Chat::saying("204 No Content", "");
    let mut world = World::new();
    world.sandbox.set("HOOK", &format!("{}&function={FUNCTION}&region={REGION}", chat.url));
    world.begin("--steps 10%,100% --notify json=HOOK");
    let ran = world.type_in("rollout tick --alias prod --notify json=HOOK --output json").ok();
    assert_eq!(
        (&ran.json()["functionName"], &ran.json()["region"]),
        (&json!(FUNCTION), &json!(REGION))
    );
    assert_eq!(chat.events(), ["start"]);
}

#[test]
fn what_the_schedule_stops_at_is_a_hold() {
    let (world, chat) = with_chat();
    let steps = "--steps 10%:5m,50%:pause,100%:5m --no-gates --notify json=HOOK";
    let line = format!("rollout start --alias prod --to 2 {steps}");
    world.type_in(&format!("{line} --dry-run")).ok().says("Rollout started: ");
    world.begin(steps);
    world.minutes(10);
    world.type_in("rollout tick --alias prod --notify json=HOOK").fails(8);
    assert_eq!(chat.asked()[1].json()["reason"], "schedule");
    assert_eq!(chat.events(), ["start", "hold"]);
    let line = format!("rollout rehearse --alias prod --to 2 {steps}");
    world.type_in("rollout abort --alias prod").ok();
    let ran = world.type_in(&line);
    assert!(ran.stderr.contains("would be told of: start, hold"), "{}", ran.stderr);
    world
        .type_in(
            "rollout start --alias prod --to 2 --steps 10%:pause,100% --dry-run --notify json=HOOK",
        )
        .ok()
        .says("would be told: Rollout held: ");
    assert_eq!(chat.events(), [] as [&str; 0]);
}

/// Somebody fills the description of an alias in its first step.
fn fill(world: &World) {
    let description = world.description();
    let full = "x".repeat(1000 - description.chars().count()) + &description;
    let alias = json!({
        "Name": "prod", "FunctionVersion": "1", "Description": full,
        "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.1}]},
    });
    world.sandbox.console("UpdateAlias", alias);
}

#[test]
fn nobody_is_told_to_begin_again_what_is_forgotten() {
    let (world, chat) = with_chat();
    world.begin("--steps 10%,100%");
    fill(&world);
    let slack = Chat::saying("200 OK", "ok");
    world.sandbox.file(".env", &format!("TEAM={}\n", slack.url));
    world.type_in("rollout abort --alias prod --notify slack=TEAM --notify json=HOOK").ok();
    assert_eq!(chat.events(), ["rolled-back"]);
    let text = slack.asked()[0].json()["text"].as_str().unwrap().to_owned();
    assert!(!text.contains("rollout retry"), "{text}");
    assert!(text.contains("begin one with `scfctl rollout start"), "{text}");
}

#[test]
fn an_address_is_never_typed() {
    let world = World::new();
    for (typed, instead) in [
        (
            "slack=https://hooks.slack.com/services/T/B/tokenMarker0123456789",
            "put the address into SLACK_WEBHOOK and write --notify slack=SLACK_WEBHOOK",
        ),
        (
            "https://oapi.dingtalk.com/robot/send?access_token=tokenMarker0123456789",
            "put the address into DINGTALK_WEBHOOK and write --notify dingtalk=DINGTALK_WEBHOOK",
        ),
        (
            "wecom=tokenMarker0123456789-1",
            "put the address into WECOM_WEBHOOK and write --notify wecom=WECOM_WEBHOOK",
        ),
    ] {
        for (command, code) in [
            ("rollout start --to 2", 2),
            ("rollout rehearse --to 2", 2),
            ("rollout resume", 2),
            ("rollout tick", 0),
            ("rollout abort", 3),
            ("rollback", 3),
        ] {
            for form in ["", "--debug", "--output json", "--lang zh", "--no-such-option"] {
                let line = format!("{command} --alias prod --notify {typed} {form}");
                let code = if form == "--no-such-option" { 2 } else { code };
                let ran = world.type_in(&line).fails(code);
                assert!(code != 2 || ran.actions().is_empty(), "{line}");
                shows_no_token(&ran);
                if form.is_empty() {
                    assert!(ran.stderr.contains(instead), "{}", ran.stderr);
                }
            }
        }
    }
    let ran = world.type_in("rollout resume --alias prod --notify slak=A").fails(2);
    assert!(ran.stderr.contains("did you mean `slack`?"), "{}", ran.stderr);
    world
        .type_in("rollout start --to 2 --alias prod --notify A")
        .fails(2)
        .says("--notify slack=SLACK_WEBHOOK");
    // Nor does it stand in the file.
    world.sandbox.yaml("  rollout:\n    notify: slack=https://h/tokenMarker0123456789\n");
    for (command, code) in [("start --to 2", 2), ("tick", 0), ("status", 0)] {
        shows_no_token(&world.type_in(&format!("rollout {command} --alias prod")).fails(code));
    }
}

#[test]
fn a_chat_that_is_none_keeps_nobody_from_going_back() {
    let (world, chat) = with_chat();
    for map in ["notify: 1", "notify: {slak: HOOK}", "notify: 'slack=https://h/x'"] {
        world.sandbox.yaml(&format!("  rollout:\n    {map}\n"));
        world.type_in("rollout start --alias prod --to 2 --steps 10%,100% --detach").fails(2);
        world.type_in("rollout rehearse --alias prod --to 2 --steps 10%,100%").fails(2);
        // What is typed takes its place.
        world.begin("--steps 10%,100% --notify json=HOOK");
        for command in ["tick", "pause", "resume", "status", "abort"] {
            let ran = world.type_in(&format!("rollout {command} --alias prod")).ok();
            let is_said = ran.stderr.contains("warning: ") && ran.stderr.contains("notify");
            assert_eq!(is_said, command != "status", "{map} {command}: {}", ran.stderr);
        }
        world.begin("--steps 10%,100%  --notify json=HOOK");
        world.type_in("rollback --alias prod").ok().says("warning: ");
        assert_eq!(chat.events(), ["start", "start"], "{map}");
    }
    // Who is well named is told.
    world.sandbox.yaml("  rollout:\n    notify: [slak=A, json=HOOK]\n");
    world.begin("--steps 10%,100% --notify json=HOOK");
    world.type_in("rollout abort --alias prod").ok().says("did you mean `slack`?");
    assert_eq!(chat.events(), ["start", "rolled-back"]);
}

#[test]
fn who_finds_the_same_written_tells_nobody() {
    let (world, chat) = with_chat();
    world.load(&json!({"2": [{"error_rate": 0.5}]}));
    world.begin("--steps 10%,100% --interval 10m");
    world.minutes(8);
    let description =
        world.description().replace("phase running", "phase back fail") + ", rolledback 2";
    let params = json!({
        "FunctionName": FUNCTION, "Name": "prod", "FunctionVersion": "1",
        "RoutingConfig": {}, "Description": description,
    });
    world.sandbox.alias_changes_before("GetMonitorData", params);
    let ran = world.type_in("rollout tick --alias prod --notify json=HOOK --output json").fails(7);
    assert_eq!(ran.changes(), [] as [&str; 0]);
    assert_eq!(ran.json()["outcome"], "rolled-back");
    assert_eq!(chat.events(), [] as [&str; 0]);
}

#[test]
fn a_chat_without_an_address_keeps_nobody_from_going_back() {
    let mut world = World::new();
    let start = "rollout start --alias prod --to 2 --steps 10%,100% --detach --notify json=HOOK";
    for (value, says) in [
        ("", "error: --notify json=HOOK: the variable is not set"),
        (TOKEN, "error: --notify json=HOOK: the value of the variable is no address"),
        (
            "http://example.com/tokenMarker0123456789",
            "error: --notify json=HOOK: its address is one of http:// on another machine",
        ),
    ] {
        world.sandbox.set("HOOK", value);
        let ran = world.type_in(start).fails(2).says(says);
        assert_eq!(ran.actions(), [] as [&str; 0]);
        shows_no_token(&ran);
    }
    world.begin("--steps 10%,100%");
    // Who goes on and typed it is refused; it takes nothing back.
    for command in ["resume", "promote", "retry"] {
        let ran = world.type_in(&format!("rollout {command} --alias prod --notify json=HOOK"));
        let ran = ran.fails(2).says("error: --notify json=HOOK: its address is one of http://");
        assert_eq!(ran.actions(), [] as [&str; 0]);
    }
    // What would not be told is not said to be.
    let ran = world.type_in("rollout abort --alias prod --notify json=HOOK --dry-run").ok();
    assert!(!ran.stderr.contains("would be told"), "{}", ran.stderr);
    for (command, code) in
        [("rollout tick", 0), ("rollout pause", 0), ("rollout abort", 0), ("rollback --to 2", 0)]
    {
        let ran = world.type_in(&format!("{command} --alias prod --notify json=HOOK")).fails(code);
        let ran = ran.says("warning: json=HOOK was not told: its address is one of http://");
        shows_no_token(&ran);
    }
    assert_eq!(world.routing(), json!({"2": 1.0}));
}

#[test]
fn where_nothing_is_changed_nothing_is_sent() {
    let (world, chat) = with_chat();
    let line = "rollout start --alias prod --to 2 --steps 10%,100% --dry-run --notify json=HOOK";
    world.type_in(line).ok().says(
        "note: nothing is sent; json=HOOK would be told: Rollout started: function demo-dev-shop, alias prod; \
         step 1 of 2: 10% 2, the rest 1",
    );
    world.type_in(&format!("{line} --lang zh")).ok().says("不发送消息；将通知 json=HOOK：");
    for (options, occasions) in [
        ("--steps 10%,100% --scenario healthy", "start, step, done"),
        ("--steps 10%,50%,100% --scenario errors-at-50%", "start, step, rolled back"),
    ] {
        let line = format!("rollout rehearse --alias prod --to 2 {options} --notify json=HOOK");
        let says = format!("note: nothing is sent; json=HOOK would be told of: {occasions}\n");
        world.type_in(&line).ok().says(&says);
    }
    world.begin("--steps 10%,100%");
    for (command, says) in [
        ("rollout abort", "Rolled back: function demo-dev-shop, alias prod; back: everything to 1"),
        ("rollback", "Rolled back: function demo-dev-shop, alias prod; 1 serves everything, 2"),
    ] {
        world
            .type_in(&format!("{command} --alias prod --dry-run --notify json=HOOK"))
            .ok()
            .says(says);
    }
    world.type_in("deploy --publish --traffic 0").ok();
    world.sandbox.yaml("  rollout:\n    notify:\n      json: HOOK\n");
    world.sandbox.change_code("new");
    world
        .type_in("deploy --rollout --dry-run")
        .ok()
        .says("json=HOOK would be told: Rollout started: function demo-dev-shop, alias $DEFAULT");
    assert_eq!(chat.events(), [] as [&str; 0]);
}

#[test]
fn the_file_names_chats_for_every_command() {
    let chat = Chat::saying("204 No Content", "");
    let world = World::new();
    // A variable of `.env` is one of the environment, too.
    world.sandbox.file(".env", &format!("HOOK={}\n", chat.url));
    for map in ["notify: json=HOOK", "notify: [json=HOOK]", "notify: {json: HOOK}"] {
        let steps = "to: 2\n    steps: 10%,100%";
        world.sandbox.yaml(&format!("  rollout:\n    alias: prod\n    {steps}\n    {map}\n"));
        world.type_in("rollout start --detach").ok();
        world.type_in("rollout pause").ok();
        world.type_in("rollback").ok();
        assert_eq!(chat.events(), ["start", "hold", "rolled-back"], "{map}");
    }
    for map in ["notify: 1", "notify: [1]", "notify: {slak: HOOK}"] {
        world.sandbox.yaml(&format!("  rollout:\n    alias: prod\n    {map}\n"));
        let ran = world.type_in("rollout start --detach").fails(2);
        ran.says("`rollout.notify`").says("(serverless.yml:10)");
    }
    // The variable is named, and the line; never what it has.
    world.sandbox.file(".env", "HOOK=ftp://tokenMarker0123456789\n");
    world.sandbox.yaml("  rollout:\n    alias: prod\n    notify: [json=HOOK]\n");
    let said = "`rollout.notify` json=HOOK: the value of the variable is no address that begins with https:// (serverless.yml:10)";
    let ran = world.type_in("rollout start --to 2 --detach").fails(2).says(said);
    shows_no_token(&ran);
    let ran = world.type_in("rollout start --to 2 --detach --notify json=HOOK").fails(2);
    shows_no_token(&ran.says("error: --notify json=HOOK: the value of the variable is no address"));
    let ran = world.type_in("rollout tick").fails(7);
    shows_no_token(&ran.says("that begins with https:// (serverless.yml:10)"));
    world.sandbox.file(".env", &format!("HOOK={}\n", chat.url));
    // What is deployed is told of as what it begins.
    let map = "{alias: prod, steps: '10%,100%', notify: json=HOOK}";
    world.sandbox.yaml(&format!("  rollout: {map}\n"));
    world.sandbox.change_code("new");
    world.type_in("deploy --publish --rollout=detach").ok();
    assert_eq!(chat.events(), ["start"]);
}

#[test]
fn who_loses_a_race_tells_nobody() {
    let (world, chat) = with_chat();
    world.begin("--steps 10%,100% --interval 5m");
    world.minutes(8);
    world.is_paused_before("GetMonitorData");
    let ran = world.type_in("rollout tick --alias prod --notify json=HOOK").fails(5);
    assert_eq!(ran.changes(), [] as [&str; 0]);
    assert_eq!(chat.events(), [] as [&str; 0]);
}

#[test]
fn a_write_that_fails_is_told_to_nobody() {
    let (world, chat) = with_chat();
    world.begin("--steps 10%,100% --interval 5m");
    world.sandbox.faulty(|call| match call.action.as_str() {
        "UpdateAlias" => Fault::error("ResourceInsufficient.X", "no"),
        _ => Fault::None,
    });
    world.type_in("rollout abort --alias prod --notify json=HOOK").fails(1);
    assert_eq!(chat.events(), [] as [&str; 0]);
}

/// A command in its first step, and the lines that it says from there on.
fn begun(world: &World, line: &str) -> (Child, Lines<BufReader<ChildStderr>>) {
    let mut process = world.sandbox.spawn(&line.split(' ').collect::<Vec<_>>());
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("- step 1 of 2")));
    (process, lines)
}

#[test]
fn an_interrupted_start_tells_how_it_left_the_rollout() {
    let (world, chat) = with_chat();
    let line = "rollout start --alias prod --to 2 --steps 10%,100% --notify json=HOOK";
    let (mut process, lines) = begun(&world, line);
    send(Signal::INT, process.id());
    lines.for_each(drop);
    assert_eq!(process.wait().unwrap().code(), Some(130));
    assert_eq!(chat.events(), ["start", "hold"]);
}

#[test]
fn who_is_asked_to_stop_does_not_wait_for_a_silent_chat() {
    let told = || answer("204 No Content", "");
    let chat = Chat::answering(move |number| (number == 1).then(told));
    let mut world = World::new();
    world.sandbox.set("HOOK", &chat.url);
    let line = "rollout start --alias prod --to 2 --steps 10%,100% --notify json=HOOK";
    let (mut process, mut lines) = begun(&world, line);
    send(Signal::INT, process.id());
    // An attempt takes longer.
    let says = |line: &str| line.contains("json=HOOK was not told: the command did not wait");
    assert!(lines.any(|line| says(&line.unwrap())));
    assert_eq!(process.wait().unwrap().code(), Some(130));
}

#[test]
fn who_is_asked_to_stop_before_there_was_a_connection_has_told_nothing() {
    // Nobody answers the greeting of TLS, for which there is more time than a signal leaves.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut world = World::new();
    world.sandbox.set("HOOK", &format!("https://{}/{TOKEN}", silent.local_addr().unwrap()));
    let line = "rollout start --alias prod --to 2 --steps 10%,100% --notify json=HOOK";
    let (mut process, lines) = begun(&world, line);
    send(Signal::INT, process.id());
    let said = lines.map(Result::unwrap).collect::<Vec<_>>().join("\n");
    assert!(said.contains("json=HOOK was not told: no connection"), "{said}");
    assert!(!said.contains("did not wait"), "{said}");
    assert_eq!(process.wait().unwrap().code(), Some(130));
}

#[test]
fn who_is_interrupted_is_not_told_to_begin_again_what_is_forgotten() {
    let (world, _) = with_chat();
    let line = "rollout start --alias prod --to 2 --steps 10%,100% --on-interrupt rollback";
    let (mut process, lines) = begun(&world, line);
    fill(&world);
    send(Signal::INT, process.id());
    let said: Vec<String> = lines.map(Result::unwrap).collect();
    let said = said.join("\n");
    assert_eq!(process.wait().unwrap().code(), Some(130), "{said}");
    assert_eq!(world.routing(), json!({"1": 1.0}), "{said}");
    assert!(!said.contains("rollout retry"), "{said}");
    assert!(said.contains("begin one with `scfctl rollout start"), "{said}");
}

#[test]
fn messages_go_by_the_proxy_of_the_environment() {
    let proxy = Chat::saying("200 OK", "ok");
    let mut world = World::new();
    let address = proxy.url.split("/hook").next().unwrap().to_owned();
    world
        .sandbox
        .set("HOOK", &format!("http://chat.invalid/{TOKEN}"))
        .set("HTTP_PROXY", &address)
        .set("NO_PROXY", "127.0.0.1");
    let line = "rollout start --alias prod --to 2 --steps 10%,100% --detach --notify slack=HOOK \
                --insecure-http";
    let ran = world.type_in(line).ok();
    assert!(!ran.stderr.contains("was not told"), "{}", ran.stderr);
    let asked = proxy.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].line, format!("POST http://chat.invalid/{TOKEN} HTTP/1.1"));
}
