//! What the clients say: of the API and of COS, with what is under both.

use chrono::{DateTime, Utc};
use serde_json::error::Category;

use super::{seconds, spaced};
use crate::api::{
    self, AnswerProblem, ApiError, BODY_LIMIT, EndpointError, FieldProblem, KeysError,
    MachineProblem, PrepareProblem,
};
use crate::cos::{self, CosError, Sent, StoredDifference};
use crate::network::{CertificateOwner, CertificateProblem, ProxyError, Silence, proxy::Flaw};
use crate::output::text::Text;

fn utc(time: DateTime<Utc>) -> String {
    time.format("%F %T UTC").to_string()
}

/// An error of the service, in its own words.
fn refusal(action: &str, code: &str, message: &str, request_id: &str) -> String {
    format!("{action}：{code}：{message}（请求 ID：{request_id}）")
}

fn no_connection(action: &str, host: &str, reason: &str) -> String {
    format!("{action}：无法连接 {host}：{reason}")
}

fn no_connection_by(action: &str, proxy: &str, variable: &str, reason: &str) -> String {
    format!("{action}：无法通过 {variable} 指定的代理 {proxy} 建立连接：{reason}")
}

fn no_trust(action: &str, owner: &CertificateOwner, problem: &CertificateProblem) -> String {
    format!("{action}：不接受{} 的证书：{}", spaced(owner.zh()), problem.zh())
}

fn no_answer(action: &str, host: &str, reason: &Silence) -> String {
    format!("{action}：没有收到 {host} 的响应：{}", reason.zh())
}

impl Text for ApiError {
    fn zh(&self) -> String {
        match self {
            Self::Api { action, code, message, request_id }
            | Self::Token { action, code, message, request_id, .. } => {
                refusal(action, code, message, request_id)
            }
            Self::Connect { action, endpoint, reason } => no_connection(action, endpoint, reason),
            Self::Proxy { action, proxy, variable, reason } => {
                no_connection_by(action, proxy, variable, reason)
            }
            Self::Certificate { action, owner, problem } => no_trust(action, owner, problem),
            Self::NoAnswer { action, endpoint, reason } => no_answer(action, endpoint, reason),
            Self::Status { action, endpoint, status } => {
                format!("{action}：{endpoint} 返回了 HTTP 状态码 {status}")
            }
            Self::Garbled { action, endpoint, reason } => {
                format!("{action}：{endpoint} 的响应不是 API 的响应：{}", reason.zh())
            }
            Self::Reply { action, field, reason, request_id } => format!(
                "{action}：响应中的字段 `{field}` 无法使用：{}（请求 ID：{request_id}）",
                reason.zh()
            ),
            Self::TimedOut { action, timeout, .. } => {
                format!("{action}：未能在 {}内完成", seconds(*timeout))
            }
            Self::Stopped { action } => format!("{action}：已收到停止请求，未发送"),
            Self::Keys { action, .. } => format!("{action}：没有可用的凭证，未发送"),
            Self::Clock { action, code, message, request_id, local, server, .. } => format!(
                "{}；本地时间 {}，服务器时间 {}",
                refusal(action, code, message, request_id),
                utc(*local),
                server.map_or_else(|| "未知".to_owned(), utc)
            ),
            Self::TooLarge { action, size } => {
                format!("{action}：请求共 {size} 字节，API 最多接受 {BODY_LIMIT} 字节")
            }
            Self::Prepare { action, reason } => format!("{action}：无法构造请求：{}", reason.zh()),
        }
    }

    fn cause(&self) -> Option<&dyn Text> {
        match self {
            Self::Keys { source, .. } => Some(source),
            Self::Api { .. }
            | Self::Connect { .. }
            | Self::Proxy { .. }
            | Self::Certificate { .. }
            | Self::NoAnswer { .. }
            | Self::Status { .. }
            | Self::Garbled { .. }
            | Self::Reply { .. }
            | Self::TimedOut { .. }
            | Self::Stopped { .. }
            | Self::Token { .. }
            | Self::Clock { .. }
            | Self::TooLarge { .. }
            | Self::Prepare { .. } => None,
        }
    }
}

impl Text for AnswerProblem {
    fn zh(&self) -> String {
        match self {
            Self::TooLong => format!("超过 {} 字节", api::answer::ANSWER_LIMIT),
            Self::Json { category, line, column } => {
                let category = match category {
                    Category::Io => "读取",
                    Category::Syntax => "语法",
                    Category::Data => "数据",
                    Category::Eof => "内容不完整",
                };
                format!("第 {line} 行第 {column} 列有 JSON {category}错误")
            }
            Self::NoResponse => "其中没有 `Response` 对象".to_owned(),
            Self::ErrorNotObject => "`Response.Error` 不是对象".to_owned(),
            Self::Error { reason } => format!("`Response.Error`：{reason}"),
        }
    }
}

impl Text for FieldProblem {
    fn zh(&self) -> String {
        match self {
            Self::Json(reason) => reason.clone(),
            Self::Hidden => "缺失或类型不符".to_owned(),
            Self::Version(text) => format!("`{text}` 不是版本"),
        }
    }
}

impl Text for PrepareProblem {
    fn zh(&self) -> String {
        match self {
            Self::Library(reason) => reason.clone(),
            Self::Header { name } => format!("请求头 {name} 的值含有 HTTP 不允许的字符"),
        }
    }
}

impl Text for KeysError {
    fn zh(&self) -> String {
        match self {
            Self::Role { from, .. } => format!("无法扮演 {from} 指定的角色"),
            Self::Machine { endpoint, reason } => {
                format!("无法从 {endpoint} 获取本机角色的凭证：{}", reason.zh())
            }
            Self::Place(error) => error.to_string(),
            Self::Ended { from, at, now } => {
                format!("{from} 中的凭证已于 {} 过期，现在是 {}", utc(*at), utc(*now))
            }
        }
    }

    fn cause(&self) -> Option<&dyn Text> {
        match self {
            Self::Role { source, .. } => Some(&**source),
            Self::Machine { .. } | Self::Place(_) | Self::Ended { .. } => None,
        }
    }
}

impl Text for MachineProblem {
    fn zh(&self) -> String {
        match self {
            Self::Unreachable(reason) => reason.clone(),
            Self::NoRole => "本机未绑定角色".to_owned(),
            Self::Status(status) => format!("HTTP 状态码 {status}"),
            Self::NotJson => "响应不是 JSON".to_owned(),
            Self::NoSuccess => "响应未返回成功".to_owned(),
            Self::Lacks(name) => format!("响应中没有 {name}"),
        }
    }
}

impl Text for EndpointError {
    fn zh(&self) -> String {
        match self {
            Self::Malformed(text) => format!("`{text}` 不是接入地址"),
            Self::Metadata(text) => {
                format!("`{text}` 是明文 http，且既不是 metadata.tencentyun.com，也不在本机")
            }
            Self::Insecure(text) => format!("接入地址 `{text}` 是明文 http，且不在本机"),
        }
    }
}

impl Text for api::ClientEvent<'_> {
    fn zh(&self) -> String {
        match self {
            Self::ClockCorrected { offset } => format!(
                "本机时钟比服务器{} {} 秒；将按服务器时间签名",
                if *offset > 0 { "慢" } else { "快" },
                offset.abs()
            ),
            Self::Retrying { action, error, after } => {
                format!("{}；{:.1} 秒后重试 {action}", error.zh(), after.as_secs_f64())
            }
            Self::KeysObtained { from, expires } => match expires {
                Some(expires) => format!("已从 {from} 获取新凭证，有效期至 {}", utc(*expires)),
                None => format!("已从 {from} 获取新凭证"),
            },
            Self::KeysNotRenewed { from, error, expires } => format!(
                "尚未从 {from} 获取到新凭证（{}）；现有凭证有效期至 {}",
                error.zh(),
                utc(*expires)
            ),
            Self::Deprecated { action, warning } => format!("{action} 已过时：{warning}"),
            Self::Sending { action } => format!("正在调用 {action}"),
            Self::Over { action } => format!("{action} 调用已结束"),
            Self::Attempt { action, region, attempt, duration, request_id, failure } => format!(
                "{action} {region} 第 {attempt} 次 {} 毫秒 {} {}",
                duration.as_millis(),
                request_id.unwrap_or("-"),
                match failure {
                    None => "成功".to_owned(),
                    Some(ApiError::Api { code, .. }) => code.clone(),
                    Some(error) => error.zh(),
                }
            ),
        }
    }
}

impl Text for CosError {
    fn zh(&self) -> String {
        match self {
            Self::Service { action, status, code, message, request_id } => {
                let status = || format!("HTTP 状态码 {status}");
                let message = message.clone().unwrap_or_else(status);
                refusal(action, code, &message, request_id)
            }
            Self::Connect { action, host, reason } => no_connection(action, host, reason),
            Self::Proxy { action, proxy, variable, reason } => {
                no_connection_by(action, proxy, variable, reason)
            }
            Self::Certificate { action, owner, problem } => no_trust(action, owner, problem),
            Self::NoAnswer { action, host, reason } => no_answer(action, host, reason),
            Self::Garbled { action, host, reason } => {
                format!("{action}：无法解析 {host} 的响应：{}", reason.zh())
            }
            Self::Corrupted { action, what, difference } => {
                format!("{action}：{}与发送的不一致：{}", what.zh(), difference.zh())
            }
            Self::TimedOut { action, timeout } => {
                format!("{action}：未能在 {}内完成", seconds(*timeout))
            }
            Self::Interrupted => "已中断".to_owned(),
            Self::Read(_) => "无法重新读取代码包".to_owned(),
            Self::Prepare { action, reason } => format!("{action}：{}", reason.zh()),
        }
    }

    fn cause(&self) -> Option<&dyn Text> {
        match self {
            Self::Read(source) => Some(source),
            Self::Service { .. }
            | Self::Connect { .. }
            | Self::Proxy { .. }
            | Self::Certificate { .. }
            | Self::NoAnswer { .. }
            | Self::Garbled { .. }
            | Self::Corrupted { .. }
            | Self::TimedOut { .. }
            | Self::Interrupted
            | Self::Prepare { .. } => None,
        }
    }
}

impl Text for cos::AnswerProblem {
    fn zh(&self) -> String {
        match self {
            Self::TooLong { limit } => format!("超过 {limit} 字节"),
            Self::Xml(reason) => reason.clone(),
            Self::Lacks(name) => format!("其中没有 {name}"),
        }
    }
}

impl Text for Sent {
    fn zh(&self) -> String {
        match self {
            Self::Object => "对象".to_owned(),
            Self::Part(number) => format!("分块 {number} "),
        }
    }
}

impl Text for StoredDifference {
    fn zh(&self) -> String {
        match self {
            Self::Checksum { sent, stored } => format!("发送的是 {sent}，存储的是 {stored}"),
            Self::Size { sent, stored } => {
                format!("发送了 {sent} 字节，存储了 {stored} 字节")
            }
        }
    }
}

impl Text for cos::PrepareProblem {
    fn zh(&self) -> String {
        match self {
            Self::Bucket(name) => format!("`{name}` 不能作为存储桶名称"),
            Self::Header(name) => format!("请求头 {name} 的值无法发送"),
        }
    }
}

impl Text for cos::ClientEvent<'_> {
    fn zh(&self) -> String {
        match self {
            Self::Retrying { action, error, after } => {
                format!("{}；{:.1} 秒后重试 {action}", error.zh(), after.as_secs_f64())
            }
            Self::Attempt { action, attempt, duration, failure } => format!(
                "{action} 第 {attempt} 次 {} 毫秒 {}",
                duration.as_millis(),
                failure.map_or_else(|| "成功".to_owned(), Text::zh)
            ),
            Self::ClockCorrected { offset } => {
                format!("本机时钟与 COS 相差 {offset} 秒；将按 COS 的时间签名")
            }
        }
    }
}

impl Text for Silence {
    fn zh(&self) -> String {
        match self {
            Self::Broken { reason } => reason.clone(),
            Self::Nothing { within } => format!("{}内没有任何数据", seconds(*within)),
        }
    }
}

impl Text for CertificateOwner {
    fn zh(&self) -> String {
        match self {
            Self::Host { host } => host.clone(),
            Self::HostOrProxy { host, proxy } => format!("{host} 或代理 {proxy}"),
            Self::Proxy { proxy } => format!("代理 {proxy}"),
        }
    }
}

impl Text for CertificateProblem {
    fn zh(&self) -> String {
        match self {
            Self::Issuer => "本机不信任其签发机构".to_owned(),
            Self::Name { valid } if valid.is_empty() => "它不属于任何主机".to_owned(),
            Self::Name { valid } => format!("它属于 {}", valid.join("、")),
            Self::Ended => "已过期".to_owned(),
            Self::NotYet => "尚未生效".to_owned(),
            Self::Revoked => "已被吊销".to_owned(),
            Self::RevocationUnknown => "无法确认是否已被吊销".to_owned(),
            Self::Signature => "不是由其所写的签发机构签名".to_owned(),
            Self::Algorithm => "签名算法不受支持".to_owned(),
            Self::Malformed => "无法解析".to_owned(),
            Self::Purpose => "不能用作服务器证书".to_owned(),
            Self::Authority => "它是 CA 证书，不是由 CA 签发的服务器证书".to_owned(),
            Self::NotByAuthority => "签发它的证书不是 CA 证书".to_owned(),
            Self::Constraint => "签发它的 CA 无权为该主机签发证书".to_owned(),
            Self::Version => "版本过旧，需要 X.509 v3".to_owned(),
            Self::Extension => "含有不受支持的关键扩展".to_owned(),
            Self::Other { reason } => format!("无法校验（{reason}）"),
        }
    }
}

impl Text for ProxyError {
    fn zh(&self) -> String {
        match self {
            Self::Malformed { variable, flaw } => {
                format!("{variable} 不是代理地址：{}", flaw.zh())
            }
            Self::Kind { variable, kind } => {
                format!("{variable} 指定的代理类型 `{kind}` 不受支持")
            }
            Self::Cgi => "设置了 REQUEST_METHOD 时，HTTP_PROXY 不可信".to_owned(),
        }
    }
}

impl Text for Flaw {
    fn zh(&self) -> String {
        match self {
            Self::Character => "含有空白、引号、反斜杠或控制字符",
            Self::Scheme => "`://` 之前不是代理类型",
            Self::Host => "没有主机名",
            Self::Port => "端口不是 1 到 65535 之间的数字",
            Self::Path => "主机和端口之后还有其他内容",
            Self::Percent => "用户名或密码中的 `%` 之后不是两位十六进制数字",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use super::super::assert_chinese;
    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    /// A text of somebody else.
    fn foreign() -> String {
        "`os error`".to_owned()
    }

    fn all(texts: &[&dyn Text]) {
        for text in texts {
            assert_chinese(*text);
        }
    }

    fn host() -> CertificateOwner {
        CertificateOwner::Host { host: "scf.example".to_owned() }
    }

    fn silent() -> Silence {
        Silence::Nothing { within: LIMIT }
    }

    #[test]
    fn every_sentence_is_chinese() {
        let (action, word, now) = ("GetAlias", || "x".to_owned(), DateTime::UNIX_EPOCH);
        let clock = |server| ApiError::Clock {
            action,
            code: word(),
            message: foreign(),
            request_id: word(),
            local: now,
            server,
            apart: None,
            took: LIMIT,
            size: 1,
            temporary: false,
        };
        let ended = || KeysError::Ended { from: word(), at: now, now };
        let keys = ApiError::Keys { action, source: ended() };
        assert_eq!(keys.cause().map(Text::zh), Some(ended().zh()));
        let role = KeysError::Role { from: word(), source: Box::new(clock(None)) };
        assert_eq!(role.cause().map(Text::zh), Some(clock(None).zh()));
        all(&[
            &ApiError::Api { action, code: word(), message: foreign(), request_id: word() },
            &ApiError::Connect { action, endpoint: word(), reason: foreign() },
            &ApiError::Proxy { action, proxy: word(), variable: "HTTP_PROXY", reason: foreign() },
            &ApiError::Certificate { action, owner: host(), problem: CertificateProblem::Issuer },
            &ApiError::NoAnswer { action, endpoint: word(), reason: silent() },
            &ApiError::Status { action, endpoint: word(), status: 502 },
            &ApiError::Garbled { action, endpoint: word(), reason: AnswerProblem::NoResponse },
            &ApiError::Reply {
                action,
                field: word(),
                reason: FieldProblem::Json(foreign()),
                request_id: word(),
            },
            &ApiError::TimedOut { action, timeout: LIMIT, sent: true },
            &ApiError::Stopped { action },
            &keys,
            &ApiError::Token {
                action,
                code: word(),
                message: foreign(),
                request_id: word(),
                from: word(),
                renewed: false,
            },
            &clock(None),
            &clock(Some(now)),
            &ApiError::TooLarge { action, size: 1 },
            &ApiError::Prepare { action, reason: PrepareProblem::Library(foreign()) },
            &PrepareProblem::Header { name: "X-TC-Token" },
            &FieldProblem::Hidden,
            &FieldProblem::Version(word()),
            &AnswerProblem::TooLong,
            &AnswerProblem::NoResponse,
            &AnswerProblem::ErrorNotObject,
            &role,
            &KeysError::Machine { endpoint: word(), reason: MachineProblem::NoRole },
            &ended(),
            &MachineProblem::NoRole,
            &MachineProblem::Status(500),
            &MachineProblem::NotJson,
            &MachineProblem::NoSuccess,
            &MachineProblem::Lacks("Token"),
            &EndpointError::Malformed(word()),
            &EndpointError::Metadata(word()),
            &EndpointError::Insecure(word()),
        ]);
        for category in [Category::Io, Category::Syntax, Category::Data, Category::Eof] {
            assert_chinese(&AnswerProblem::Json { category, line: 1, column: 2 });
        }
    }

    #[test]
    fn every_event_is_chinese() {
        let (action, error) = ("GetAlias", ApiError::Stopped { action: "GetAlias" });
        let ended = KeysError::Machine { endpoint: "x".into(), reason: MachineProblem::NoRole };
        let expires = DateTime::UNIX_EPOCH;
        let attempt = |failure| api::ClientEvent::Attempt {
            action,
            region: "ap-guangzhou",
            attempt: 1,
            duration: LIMIT,
            request_id: None,
            failure,
        };
        all(&[
            &api::ClientEvent::ClockCorrected { offset: 300 },
            &api::ClientEvent::ClockCorrected { offset: -300 },
            &api::ClientEvent::Retrying { action, error: &error, after: LIMIT },
            &api::ClientEvent::KeysObtained { from: "x", expires: Some(expires) },
            &api::ClientEvent::KeysObtained { from: "x", expires: None },
            &api::ClientEvent::KeysNotRenewed { from: "x", error: &ended, expires },
            &api::ClientEvent::Deprecated { action, warning: "`old`" },
            &api::ClientEvent::Sending { action },
            &api::ClientEvent::Over { action },
            &attempt(None),
            &attempt(Some(&error)),
            &cos::ClientEvent::Retrying { action, error: &CosError::Interrupted, after: LIMIT },
            &cos::ClientEvent::Attempt { action, attempt: 1, duration: LIMIT, failure: None },
            &cos::ClientEvent::ClockCorrected { offset: 300 },
        ]);
    }

    #[test]
    fn every_sentence_about_storage_and_connections_is_chinese() {
        let (action, word) = ("PutObject", || "x".to_owned());
        let service = |message| CosError::Service {
            action,
            status: 403,
            code: word(),
            message,
            request_id: word(),
        };
        let corrupted = |what, difference| CosError::Corrupted { action, what, difference };
        let read = CosError::Read(io::Error::other("gone"));
        assert_eq!(read.cause().map(Text::zh), Some("gone".to_owned()));
        all(&[
            &service(None),
            &service(Some(foreign())),
            &CosError::Connect { action, host: word(), reason: foreign() },
            &CosError::Proxy { action, proxy: word(), variable: "HTTP_PROXY", reason: foreign() },
            &CosError::Certificate { action, owner: host(), problem: CertificateProblem::Ended },
            &CosError::NoAnswer { action, host: word(), reason: silent() },
            &CosError::Garbled { action, host: word(), reason: cos::AnswerProblem::Lacks("ETag") },
            &cos::AnswerProblem::TooLong { limit: 1 },
            &corrupted(Sent::Object, StoredDifference::Size { sent: 1, stored: 2 }),
            &corrupted(Sent::Part(1), StoredDifference::Checksum { sent: word(), stored: word() }),
            &CosError::TimedOut { action, timeout: LIMIT },
            &CosError::Interrupted,
            &read,
            &CosError::Prepare { action, reason: cos::PrepareProblem::Bucket(word()) },
            &CosError::Prepare { action, reason: cos::PrepareProblem::Header("content-md5") },
            &silent(),
            &CertificateOwner::HostOrProxy { host: word(), proxy: word() },
            &CertificateOwner::Proxy { proxy: word() },
            &CertificateProblem::Issuer,
            &CertificateProblem::Name { valid: vec![] },
            &CertificateProblem::Name { valid: vec![word()] },
            &CertificateProblem::Ended,
            &CertificateProblem::NotYet,
            &CertificateProblem::Revoked,
            &CertificateProblem::RevocationUnknown,
            &CertificateProblem::Signature,
            &CertificateProblem::Algorithm,
            &CertificateProblem::Malformed,
            &CertificateProblem::Purpose,
            &CertificateProblem::Authority,
            &CertificateProblem::NotByAuthority,
            &CertificateProblem::Constraint,
            &CertificateProblem::Version,
            &CertificateProblem::Extension,
            &CertificateProblem::Other { reason: foreign() },
            &ProxyError::Malformed { variable: "HTTP_PROXY", flaw: Flaw::Host },
            &ProxyError::Kind { variable: "HTTP_PROXY", kind: word() },
            &ProxyError::Cgi,
            &Flaw::Character,
            &Flaw::Scheme,
            &Flaw::Host,
            &Flaw::Port,
            &Flaw::Path,
            &Flaw::Percent,
        ]);
    }
}
