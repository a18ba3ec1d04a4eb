//! What chats are told of a rollout, and why one was not, in Chinese.

use super::Text;
use crate::error::{NotTold, Undelivered};
use crate::report::announcement::{Headline, Occasion, Unsent, Whereabouts};

impl Text for Occasion {
    fn zh(&self) -> String {
        match self {
            Self::Start => "开始",
            Self::Step => "推进",
            Self::Hold => "暂停",
            Self::Resume => "继续",
            Self::RolledBack => "回滚",
            Self::Done => "完成",
        }
        .to_owned()
    }
}

impl Text for Headline {
    fn zh(&self) -> String {
        let Self { occasion, function, alias } = self;
        let happened = match occasion {
            Occasion::Start => "灰度发布开始",
            Occasion::Step => "灰度发布进入下一步",
            Occasion::Hold => "灰度发布已暂停",
            Occasion::Resume => "灰度发布继续",
            Occasion::RolledBack => "已回滚",
            Occasion::Done => "灰度发布完成",
        };
        format!("{happened}：函数 {function}，别名 {alias}")
    }
}

impl Text for Whereabouts {
    fn zh(&self) -> String {
        let Self { namespace, region } = self;
        format!("命名空间 {namespace}，地域 {region}")
    }
}

impl Text for Unsent {
    fn zh(&self) -> String {
        match self {
            Self::Message { chat, headline, text } => {
                let text = text.as_ref().map(|text| format!("；{}", text.zh()));
                format!("不发送消息；将通知 {chat}：{}{}", headline.zh(), text.unwrap_or_default())
            }
            Self::Rehearsed { chat, occasions } => {
                let occasions: Vec<String> = occasions.iter().map(Text::zh).collect();
                format!("不发送消息；将依次通知 {chat}：{}", occasions.join("、"))
            }
        }
    }
}

impl Text for Undelivered {
    fn zh(&self) -> String {
        let said = |said: &Option<String>| {
            said.as_ref().map(|said| format!("：“{said}”")).unwrap_or_default()
        };
        match self {
            Self::NotSet => "该环境变量未设置".to_owned(),
            Self::NoAddress => "该环境变量的值不是以 https:// 开头的地址".to_owned(),
            Self::PlainHttp => {
                "其地址是其他机器上的 http:// 地址，只有 --insecure-http 才允许".to_owned()
            }
            Self::Elsewhere => "使用本地 SCF 时，只能通知本机上的地址".to_owned(),
            Self::ProxyVariable(error) => error.zh(),
            Self::NoClient { reason } => format!("无法建立 TLS：“{reason}”"),
            Self::Certificate(problem) => format!("证书被拒绝：{}", problem.zh()),
            Self::Connect { reason } => format!("无法连接：“{reason}”"),
            Self::Proxy { proxy, reason } => {
                format!("无法通过代理 {proxy} 连接：“{reason}”")
            }
            Self::Broken { reason } => format!("连接中断，消息可能已送达：“{reason}”"),
            Self::Silent { seconds } => {
                format!("{seconds} 秒内没有应答，消息可能已送达")
            }
            Self::Redirect { status } => format!("HTTP {status}，不跟随重定向"),
            Self::Status { status, said: text } => format!("返回 HTTP {status}{}", said(text)),
            Self::Refused { code, said: text } => format!("被拒绝，错误码 {code}{}", said(text)),
            Self::NotOfKind { status, kind } => {
                format!("HTTP {status}，但应答不是 {kind} 的格式")
            }
            Self::Late => "命令结束前没有等到应答".to_owned(),
            Self::NoConnection => "命令结束前没有连接上".to_owned(),
        }
    }
}

impl Text for NotTold {
    fn zh(&self) -> String {
        let place = self.place.as_ref().map(|place| format!("（{}）", place.zh()));
        format!("未能通知 {}：{}{}", self.chat, self.problem.zh(), place.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_chinese;
    use super::*;
    use crate::config::position::Position;
    use crate::error::{Chat, RolloutOption};
    use crate::network::{CertificateProblem, ProxyError};
    use crate::report::Said;

    #[test]
    fn every_sentence_is_chinese() {
        let occasions = [
            Occasion::Start,
            Occasion::Step,
            Occasion::Hold,
            Occasion::Resume,
            Occasion::RolledBack,
            Occasion::Done,
        ];
        let headline =
            |occasion| Headline { occasion, function: "f".to_owned(), alias: "prod".to_owned() };
        for occasion in occasions {
            assert_chinese(&occasion);
            assert_chinese(&headline(occasion));
        }
        assert_chinese(&Whereabouts { namespace: "default".into(), region: "r".into() });
        let chat = || Chat { kind: "slack", variable: "A".to_owned() };
        let said = Said::new(&headline(Occasion::Start));
        assert_chinese(&Unsent::Message { chat: chat(), headline: said.clone(), text: Some(said) });
        assert_chinese(&Unsent::Rehearsed { chat: chat(), occasions: occasions.to_vec() });
        let text = || "it is busy now".to_owned();
        for problem in [
            Undelivered::NotSet,
            Undelivered::NoAddress,
            Undelivered::PlainHttp,
            Undelivered::Elsewhere,
            Undelivered::ProxyVariable(ProxyError::Cgi),
            Undelivered::NoClient { reason: text() },
            Undelivered::Certificate(CertificateProblem::Ended),
            Undelivered::Connect { reason: text() },
            Undelivered::Proxy { proxy: "p:1".to_owned(), reason: text() },
            Undelivered::Broken { reason: text() },
            Undelivered::Silent { seconds: 5 },
            Undelivered::Redirect { status: 302 },
            Undelivered::Status { status: 500, said: Some(text()) },
            Undelivered::Refused { code: 310_000, said: Some(text()) },
            Undelivered::NotOfKind { status: 200, kind: "wecom" },
            Undelivered::Late,
            Undelivered::NoConnection,
        ] {
            assert_chinese(&NotTold { chat: chat(), problem, place: None });
        }
        let kind = RolloutOption::NotifyKind {
            kind: "slak".to_owned(),
            kinds: "wecom, slack",
            meant: Some("slack"),
        };
        let place = Some(Position::line("serverless.yml", 9));
        let unset = NotTold { chat: chat(), problem: Undelivered::NotSet, place };
        assert_chinese(&unset);
        for option in [
            RolloutOption::Chats,
            RolloutOption::NotifyForm,
            kind,
            RolloutOption::NotifyAddress { kind: "slack", variable: "A".to_owned() },
            RolloutOption::NotifyUnusable(Box::new(unset)),
        ] {
            assert_chinese(&option);
        }
    }
}
