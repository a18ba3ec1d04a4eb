//! Kinds of chats: how each takes a message, and what it answers
//! (`docs/reference/neighbours.md`, "Notifications"). Pure.

use serde_json::{Map, Value, json};

pub(crate) use super::chat::ChatKind;
use super::markup::{Letter, cut};
use crate::config::disclosure::HIDDEN;
use crate::error::Undelivered;
use crate::report::announcement::Announcement;
use crate::report::{object, versioned};
use crate::sign::{Secret, webhook};
use crate::text::Language;

/// Every kind.
pub(super) const KINDS: [ChatKind; 5] =
    [ChatKind::WeCom, ChatKind::DingTalk, ChatKind::Feishu, ChatKind::Slack, ChatKind::Json];

/// Their names, for people.
pub(super) const NAMES: &str = "wecom, dingtalk, feishu, slack, json";

/// Bytes of the text of a `WeCom` message.
const WECOM_TEXT: usize = 4096;
/// Bytes of a body that `DingTalk` takes.
const DINGTALK_BODY: usize = 20_000;
/// Bytes of a body that Feishu takes.
const FEISHU_BODY: usize = 20 * 1024;
/// Bytes of the text of a Slack message: it takes as many characters.
const SLACK_TEXT: usize = 40_000;
/// Bytes of a title.
const TITLE: usize = 200;

/// What a chat is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) body: Vec<u8>,
    /// More parameters of the address.
    pub(super) query: Vec<(&'static str, String)>,
    /// What proves the body.
    pub(super) signature: Option<String>,
}

impl ChatKind {
    /// The word of the option.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::WeCom => "wecom",
            Self::DingTalk => "dingtalk",
            Self::Feishu => "feishu",
            Self::Slack => "slack",
            Self::Json => "json",
        }
    }

    /// Reads the word.
    pub(super) fn read(word: &str) -> Option<Self> {
        KINDS.into_iter().find(|kind| kind.name() == word)
    }

    /// The kind that an address is one of, as its host says.
    pub(super) fn of_address(address: &str) -> Self {
        let hosts = [
            ("qyapi.weixin.qq.com", Self::WeCom),
            ("dingtalk.com", Self::DingTalk),
            ("feishu.cn", Self::Feishu),
            ("larksuite.com", Self::Feishu),
            ("slack.com", Self::Slack),
        ];
        let found = hosts.into_iter().find(|(host, _)| address.contains(host));
        found.map_or(Self::Json, |(_, kind)| kind)
    }

    /// A variable that could have the address of such a chat.
    pub(super) fn usual_variable(self) -> String {
        match self {
            Self::Json => "ROLLOUT_WEBHOOK".to_owned(),
            kind => format!("{}_WEBHOOK", kind.name().to_ascii_uppercase()),
        }
    }

    /// Whether its messages can be signed.
    pub(super) fn signs(self) -> bool {
        matches!(self, Self::DingTalk | Self::Feishu | Self::Json)
    }

    /// What such a chat is sent at a time, in milliseconds since 1970.
    pub(super) fn message(
        self,
        announcement: &Announcement,
        language: Language,
        secret: Option<&Secret>,
        milliseconds: i64,
    ) -> Message {
        let letter = Letter::new(announcement, language);
        let text = letter.marked_up(self);
        let plain = |body: Value| Message {
            body: body.to_string().into_bytes(),
            query: Vec::new(),
            signature: None,
        };
        match self {
            Self::WeCom => {
                let content = cut(&text, WECOM_TEXT);
                plain(json!({"msgtype": "markdown", "markdown": {"content": content}}))
            }
            Self::DingTalk => {
                let title = cut(letter.headline(), TITLE);
                let body = within(
                    DINGTALK_BODY,
                    &text,
                    |text| json!({"msgtype": "markdown", "markdown": {"title": title, "text": text}}),
                );
                let mut query = Vec::new();
                if let Some(secret) = secret {
                    query.push(("timestamp", milliseconds.to_string()));
                    query.push(("sign", webhook::dingtalk(secret, milliseconds)));
                }
                Message { query, ..plain(body) }
            }
            Self::Feishu => {
                let seconds = milliseconds.div_euclid(1000);
                plain(within(FEISHU_BODY, &text, |text| {
                    let mut body = Map::new();
                    if let Some(secret) = secret {
                        body.insert("timestamp".to_owned(), seconds.to_string().into());
                        body.insert("sign".to_owned(), webhook::feishu(secret, seconds).into());
                    }
                    body.insert("msg_type".to_owned(), "text".into());
                    body.insert("content".to_owned(), json!({"text": text}));
                    body.into()
                }))
            }
            // No marks but `&`, `<` and `>` mean anything then.
            Self::Slack => plain(json!({"text": cut(&text, SLACK_TEXT), "mrkdwn": false})),
            Self::Json => {
                let message = plain(versioned(object(announcement)).into());
                let signature = secret.map(|secret| webhook::body(secret, &message.body));
                Message { signature, ..message }
            }
        }
    }

    /// What an answer says, without what is `hidden`.
    ///
    /// # Errors
    /// The message was not taken.
    pub(super) fn judge(
        self,
        status: u16,
        body: &[u8],
        hidden: &[String],
    ) -> Result<(), Undelivered> {
        if (300..400).contains(&status) {
            return Err(Undelivered::Redirect { status });
        }
        if !(200..300).contains(&status) {
            // What any server says of an error may be a page.
            let said = if self == Self::Json { None } else { said(body, hidden) };
            return Err(Undelivered::Status { status, said });
        }
        let not_of_kind = Undelivered::NotOfKind { status, kind: self.name() };
        let keys: &[&str] = match self {
            Self::Json => return Ok(()),
            Self::Slack => {
                return if body.trim_ascii() == b"ok" { Ok(()) } else { Err(not_of_kind) };
            }
            Self::WeCom | Self::DingTalk => &["errcode"],
            Self::Feishu => &["code", "StatusCode"],
        };
        let answer: Option<Value> = serde_json::from_slice(body).ok();
        let code = answer.as_ref().and_then(|answer| {
            let code = keys.iter().find_map(|key| answer.get(key))?;
            // Some gateways write numbers as texts.
            code.as_i64().or_else(|| code.as_str()?.parse().ok())
        });
        match code {
            Some(0) => Ok(()),
            Some(code) => Err(Undelivered::Refused { code, said: said(body, hidden) }),
            None => Err(not_of_kind),
        }
    }

    /// Whether a chat was too busy to take the message, so that it may be sent once more.
    pub(super) fn is_busy(self, problem: &Undelivered) -> bool {
        let codes: &[i64] = match self {
            Self::WeCom => &[-1, 45009],
            Self::DingTalk => &[-1, 130_101, 410_100],
            Self::Feishu => &[11232],
            Self::Slack | Self::Json => &[],
        };
        match problem {
            Undelivered::Status { status, .. } => *status == 429,
            Undelivered::Refused { code, .. } => codes.contains(code),
            Undelivered::Connect { .. } | Undelivered::Proxy { .. } => true,
            _ => false,
        }
    }
}

/// A body of at most so many bytes: the text gives way.
fn within(bytes: usize, text: &str, body: impl Fn(&str) -> Value) -> Value {
    let mut shown = text.to_owned();
    loop {
        let built = body(&shown);
        let over = built.to_string().len().saturating_sub(bytes);
        if over == 0 || shown.is_empty() {
            return built;
        }
        // The mark of the cut takes its place, too.
        let left = shown.len().saturating_sub(over + '…'.len_utf8());
        shown = if left < '…'.len_utf8() { String::new() } else { cut(&shown, left) };
    }
}

/// What a server says of an error, as much as may be shown. What is hidden is so before the cut: a
/// part of it would not be known again.
fn said(body: &[u8], hidden: &[String]) -> Option<String> {
    const MOST: usize = 160;
    let text = std::str::from_utf8(body).ok()?.trim();
    let text = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(answer)) => {
            let keys = ["errmsg", "msg", "StatusMessage", "message"];
            let found = keys.iter().find_map(|key| answer.get(*key)?.as_str());
            found?.to_owned()
        }
        _ => text.to_owned(),
    };
    let is_page = text.contains(['<', '\n']);
    let mask = |text: String, part: &String| text.replace(part.as_str(), HIDDEN);
    let text = hidden.iter().fold(text, mask);
    (!text.is_empty() && !is_page).then(|| cut(&text, MOST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Version;
    use crate::report::announcement::{Headline, Occasion, Whereabouts};
    use crate::report::{FunctionName, Said};

    fn announcement(function: &str) -> Announcement {
        let (name, alias) = (function.to_owned(), "prod".to_owned());
        let headline =
            Headline { occasion: Occasion::Hold, function: name.clone(), alias: alias.clone() };
        let function = FunctionName {
            function_name: name,
            namespace: "default".to_owned(),
            region: "ap-guangzhou".to_owned(),
        };
        let whereabouts =
            Whereabouts { namespace: function.namespace.clone(), region: function.region.clone() };
        Announcement {
            id: "0123456789ab".to_owned(),
            event: Occasion::Hold,
            time: "2026-11-28T10:00:00Z".to_owned(),
            function,
            alias_name: alias,
            rollout: Some("3fa9c2d1".to_owned()),
            from: Some(Version::Number(1)),
            to: Some(Version::Number(2)),
            serves: None,
            step: Some(1),
            steps: Some(2),
            share: Some("0.1".parse().unwrap()),
            phase: Some("held"),
            reason: Some("nodata"),
            text: Said::new("held in step 1 of 2"),
            headline: Said::new(&headline),
            whereabouts: Said::new(&whereabouts),
            advice: None,
        }
    }

    fn body(message: &Message) -> Value {
        serde_json::from_slice(&message.body).unwrap()
    }

    #[test]
    fn messages_have_the_form_of_their_kind() {
        const TEXT: &str = "Rollout held: function f, alias prod\nheld in step 1 of 2\nnamespace default, ap-guangzhou";
        let secret = Secret::new("test-secret");
        let message = |kind: ChatKind, secret| {
            kind.message(&announcement("f"), Language::English, secret, 1_700_000_000_000)
        };
        assert_eq!(
            body(&message(ChatKind::WeCom, None)),
            json!({"msgtype": "markdown", "markdown": {"content":
                "**<font color=\"warning\">Rollout held: function f, alias prod</font>**\nheld in step 1 of 2\n\
                 namespace default, ap-guangzhou"}})
        );
        let signed = message(ChatKind::DingTalk, Some(&secret));
        assert_eq!(
            body(&signed),
            json!({"msgtype": "markdown", "markdown": {
                "title": "Rollout held: function f, alias prod",
                "text": "#### Rollout held: function f, alias prod\n\nheld in step 1 of 2\n\n\
                         namespace default, ap-guangzhou",
            }})
        );
        assert_eq!(signed.query[0], ("timestamp", "1700000000000".to_owned()));
        assert_eq!(signed.query[1].0, "sign");
        assert_eq!(message(ChatKind::DingTalk, None).query, []);
        assert_eq!(
            body(&message(ChatKind::Feishu, Some(&secret))),
            json!({
                "timestamp": "1700000000", "sign": "mbm4Y4oluIPQ00qlBIhX8vAZ0EKv3nw0LuTb91jPL84=",
                "msg_type": "text", "content": {"text": TEXT},
            })
        );
        assert_eq!(
            body(&message(ChatKind::Feishu, None)),
            json!({"msg_type": "text", "content": {"text": TEXT}})
        );
        assert_eq!(body(&message(ChatKind::Slack, None)), json!({"text": TEXT, "mrkdwn": false}));
        let json = message(ChatKind::Json, Some(&secret));
        assert_eq!(
            body(&json),
            json!({
                "schemaVersion": 1, "id": "0123456789ab", "event": "hold",
                "time": "2026-11-28T10:00:00Z", "functionName": "f", "namespace": "default",
                "region": "ap-guangzhou", "aliasName": "prod", "rollout": "3fa9c2d1",
                "from": "1", "to": "2", "step": 1, "steps": 2, "share": 0.1, "phase": "held",
                "reason": "nodata", "text": "held in step 1 of 2",
            })
        );
        assert_eq!(json.signature, Some(webhook::body(&secret, &json.body)));
        assert_eq!(message(ChatKind::Json, None).signature, None);
    }

    #[test]
    fn no_body_is_longer_than_its_chat_takes() {
        let message = |name: &str, kind: ChatKind| {
            kind.message(&announcement(name), Language::Chinese, None, 0).body.len()
        };
        for name in ["函".repeat(100_000), "\"\\".repeat(50_000), "<*&".repeat(50_000)] {
            assert!(message(&name, ChatKind::WeCom) <= WECOM_TEXT + 200);
            assert!(message(&name, ChatKind::DingTalk) <= DINGTALK_BODY);
            assert!(message(&name, ChatKind::Feishu) <= FEISHU_BODY);
        }
        // Longer than any line of ours is.
        let body = |text: &str| json!({"text": text});
        for text in ["a".repeat(300), "\"".repeat(300), "发".repeat(100), "\u{1}".repeat(300)] {
            for bytes in [11, 12, 20, 100, 101, 102, 103, 200] {
                let built = within(bytes, &text, body);
                let shown = built["text"].as_str().unwrap();
                assert!(built.to_string().len() <= bytes, "{bytes}: {built}");
                assert!(shown.is_empty() || shown.ends_with('…'), "{bytes}: {built}");
            }
        }
        assert_eq!(within(100, "short", body), json!({"text": "short"}));
    }

    #[test]
    fn answers_are_judged_by_what_they_say() {
        let refused =
            |code: i64, said: &str| Err(Undelivered::Refused { code, said: Some(said.to_owned()) });
        let not_of =
            |kind: ChatKind| Err(Undelivered::NotOfKind { status: 200, kind: kind.name() });
        let status = |status: u16, said: Option<&str>| {
            Err(Undelivered::Status { status, said: said.map(str::to_owned) })
        };
        for (kind, code, body, expected) in [
            (ChatKind::WeCom, 200, r#"{"errcode":0,"errmsg":"ok"}"#, Ok(())),
            (
                ChatKind::WeCom,
                200,
                r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#,
                refused(93000, "invalid webhook url"),
            ),
            (ChatKind::WeCom, 200, "<html>", not_of(ChatKind::WeCom)),
            (ChatKind::WeCom, 200, "", not_of(ChatKind::WeCom)),
            (ChatKind::WeCom, 200, r#"{"code":0}"#, not_of(ChatKind::WeCom)),
            (
                ChatKind::DingTalk,
                200,
                r#"{"errcode":"310000","errmsg":"sign not match"}"#,
                refused(310_000, "sign not match"),
            ),
            (ChatKind::Feishu, 200, r#"{"code":0,"msg":"success","data":{}}"#, Ok(())),
            (ChatKind::Feishu, 200, r#"{"StatusCode":0,"StatusMessage":"success"}"#, Ok(())),
            (
                ChatKind::Feishu,
                200,
                r#"{"code":19021,"msg":"sign match fail"}"#,
                refused(19021, "sign match fail"),
            ),
            (ChatKind::Slack, 200, "ok\n", Ok(())),
            (ChatKind::Slack, 200, "<html>", not_of(ChatKind::Slack)),
            (ChatKind::Slack, 400, "invalid_payload", status(400, Some("invalid_payload"))),
            (ChatKind::Slack, 404, "<html>none</html>", status(404, None)),
            (ChatKind::Slack, 302, "ok", Err(Undelivered::Redirect { status: 302 })),
            (ChatKind::Json, 204, "", Ok(())),
            (ChatKind::Json, 500, "token=abc", status(500, None)),
        ] {
            let judged = kind.judge(code, body.as_bytes(), &[]);
            assert_eq!(judged, expected, "{kind:?} {code} {body}");
        }
    }

    #[test]
    fn no_part_of_what_is_hidden_is_left_by_the_cut() {
        let (hidden, text) = (["0123456789abcdef".to_owned()], "x".repeat(150));
        for body in [
            format!("{text}0123456789abcdef"),
            json!({"errcode": 1, "errmsg": format!("{text}0123456789abcdef")}).to_string(),
        ] {
            let said = said(body.as_bytes(), &hidden).unwrap();
            assert_eq!(said, format!("{text}[redacted]"));
        }
    }

    #[test]
    fn a_kind_is_known_by_its_address() {
        for (address, kind) in [
            ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", ChatKind::WeCom),
            ("https://oapi.dingtalk.com/robot/send?access_token=t", ChatKind::DingTalk),
            ("https://open.larksuite.com/open-apis/bot/v2/hook/i", ChatKind::Feishu),
            ("https://hooks.slack.com/services/T/B/x", ChatKind::Slack),
            ("https://ops.example.com/hook", ChatKind::Json),
        ] {
            assert_eq!(ChatKind::of_address(address), kind);
            assert_eq!(ChatKind::read(kind.name()), Some(kind));
        }
        assert_eq!(KINDS.map(ChatKind::name).join(", "), NAMES);
        assert_eq!(ChatKind::Slack.usual_variable(), "SLACK_WEBHOOK");
    }
}
