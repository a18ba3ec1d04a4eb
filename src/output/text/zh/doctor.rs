//! What `doctor` found, in Chinese.

use super::Text;
use crate::report::doctor::{CheckAdvice, CheckFinding, CheckStatus, Subject};

impl Text for Subject {
    fn zh(&self) -> String {
        match self {
            Self::Configuration => "配置",
            Self::Region => "地域",
            Self::Credentials => "凭证",
            Self::Secrets => "密钥文件",
            Self::Proxy => "代理",
            Self::Dns => "域名解析",
            Self::Connection => "连接",
            Self::Clock => "时钟",
            Self::Permissions => "权限",
            Self::Limits => "配额",
        }
        .to_owned()
    }
}

impl Text for CheckStatus {
    fn zh(&self) -> String {
        match self {
            Self::Ok => "正常",
            Self::Warning => "警告",
            Self::Failed => "失败",
            Self::Skipped => "跳过",
        }
        .to_owned()
    }
}

impl Text for CheckFinding {
    fn zh(&self) -> String {
        match self {
            Self::Project { file, function: Some(function), stage } => {
                format!("{file}：函数 `{function}`，环境 `{stage}`")
            }
            Self::Project { file, function: None, stage } => format!("{file}：环境 `{stage}`"),
            Self::NoProject => {
                "此处没有 serverless.yml，项目的检查从略；函数由 --function 指定".to_owned()
            }
            Self::Region(region) => region.clone(),
            Self::NoKeysNeeded => "本程序内置的 SCF 不需要凭证".to_owned(),
            Self::Keys { place, id, temporary } => {
                let kind = if *temporary { "，临时凭证" } else { "" };
                format!("{}：SecretId {id}{kind}", place.zh())
            }
            Self::Role { place, arn } => format!("{}：角色 {arn}", place.zh()),
            Self::NoKeys => "没有找到；尚未询问本机是否绑定了角色".to_owned(),
            Self::Machine => "本机的角色".to_owned(),
            Self::NoDotEnv => "没有读取 .env".to_owned(),
            Self::Private(file) => format!("{file}：仅所有者可读"),
            Self::Readable { file, mode } => format!("{file}：其他用户可读（权限 {mode:03o}）"),
            Self::Tracked(file) => format!("{file}：由 git 跟踪，拿到仓库的人就能拿到密钥"),
            Self::PerhapsTracked(file) => format!("{file}：无法查看 git 是否跟踪它"),
            Self::Folders(count) => format!("项目有 {count} 个目录，用 --target 检查其中一个"),
            Self::NoProxy => "没有使用代理".to_owned(),
            Self::ThroughProxy(variable) => format!("使用 {variable} 指定的代理"),
            Self::Resolved { host, addresses } => {
                format!("{host} 的地址为 {}", addresses.join("、"))
            }
            Self::Unresolved { host, reason: Some(reason) } => {
                format!("无法解析 {host}：“{reason}”")
            }
            Self::Unresolved { host, reason: None } => format!("解析 {host} 没有得到应答"),
            Self::ResolvedByProxy(host) => format!("{host} 由代理解析"),
            Self::Encrypted(host) => format!("{host} 有应答，证书有效"),
            Self::OnThisMachine(endpoint) => format!("{endpoint} 有应答，在本机"),
            Self::Plain(endpoint) => format!("{endpoint} 有应答，但没有加密"),
            Self::ClockRight(seconds) => format!("误差不超过 {seconds} 秒"),
            Self::ClockOff(seconds) => {
                let way = if *seconds > 0 { "慢" } else { "快" };
                format!("{way} {} 秒；签名使用服务端的时间", seconds.abs())
            }
            Self::Allowed(permissions) => format!("可以调用 {}", permissions.join("、")),
            Self::Denied { permission, why } => format!("{permission}：{}", why.zh()),
            Self::NoFunction(function) => {
                format!("还没有函数 `{function}`，与其有关的权限没有检查")
            }
            Self::NoFunctionNamed => "没有指定函数，与其有关的权限没有检查".to_owned(),
            Self::Counts { versions, aliases } => {
                format!("{versions} 个已发布的版本，{aliases} 个别名；API 没有给出上限")
            }
            Self::Functions { namespace, used, limit } => {
                format!("命名空间 `{namespace}` 中有 {used} 个函数，上限 {limit} 个")
            }
            Self::NotTried => "没有检查".to_owned(),
        }
    }
}

impl Text for CheckAdvice {
    fn zh(&self) -> String {
        match self {
            Self::MakePrivate(file) => format!("请执行 `chmod 600 {file}`"),
            Self::Untrack(folder, file) => {
                format!("请执行 `git {folder}rm --cached {file}`，写入 .gitignore，并更换密钥")
            }
            Self::AskGit(folder, file) => {
                format!("请执行 `git {folder}ls-files {file}`，有输出即由 git 跟踪")
            }
            Self::Region => {
                "请修改 serverless.yml 中的 `region`、--region 或 TENCENTCLOUD_REGION".to_owned()
            }
            Self::Target(target) => format!("请执行 `scfctl doctor --target {target}`"),
            Self::SetClock => "请校准时钟，例如使用 NTP".to_owned(),
            Self::NameServers => "请检查网络和域名服务器，或用 --endpoint 指定其他地址".to_owned(),
            Self::Grant(permission) => format!("请在该用户或角色的策略中允许 {permission}"),
            Self::Deploy => "`scfctl deploy` 会创建它".to_owned(),
            Self::Place => "请核对名称、命名空间和地域；serverless.yml 不会创建这个函数".to_owned(),
            Self::Keys => {
                "请设置 TENCENT_SECRET_ID 和 TENCENT_SECRET_KEY，或见 `scfctl help credentials`"
                    .to_owned()
            }
            Self::Encrypt => "正式使用时请去掉 --insecure-http".to_owned(),
            Self::Quota => "请删除不再使用的函数，或申请更高的配额".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_chinese;
    use super::*;
    use crate::report::Said;
    use crate::report::doctor::GitFolder;

    #[test]
    fn every_sentence_is_chinese() {
        let text = || "x".to_owned();
        let place = || Said::new(&Subject::Clock);
        for finding in [
            CheckFinding::Project { file: text(), function: Some(text()), stage: text() },
            CheckFinding::Project { file: text(), function: None, stage: text() },
            CheckFinding::NoProject,
            CheckFinding::NoKeysNeeded,
            CheckFinding::Keys { place: place(), id: text(), temporary: true },
            CheckFinding::Role { place: place(), arn: text() },
            CheckFinding::Machine,
            CheckFinding::NoDotEnv,
            CheckFinding::Private(text()),
            CheckFinding::Readable { file: text(), mode: 0o644 },
            CheckFinding::Tracked(text()),
            CheckFinding::PerhapsTracked(text()),
            CheckFinding::Folders(2),
            CheckFinding::NoProxy,
            CheckFinding::ThroughProxy("HTTPS_PROXY"),
            CheckFinding::Resolved { host: text(), addresses: vec![text()] },
            CheckFinding::Unresolved { host: text(), reason: Some("failed to look up".to_owned()) },
            CheckFinding::Unresolved { host: text(), reason: None },
            CheckFinding::ResolvedByProxy(text()),
            CheckFinding::Encrypted(text()),
            CheckFinding::OnThisMachine(text()),
            CheckFinding::Plain(text()),
            CheckFinding::ClockRight(1),
            CheckFinding::ClockOff(-90),
            CheckFinding::Allowed(vec!["scf:GetFunction"]),
            CheckFinding::Denied { permission: "scf:GetFunction", why: place() },
            CheckFinding::NoFunction(text()),
            CheckFinding::NoFunctionNamed,
            CheckFinding::Counts { versions: 1, aliases: 2 },
            CheckFinding::Functions { namespace: text(), used: 1, limit: 2 },
            CheckFinding::NotTried,
            CheckFinding::NoKeys,
        ] {
            assert_chinese(&finding);
        }
        for advice in [
            CheckAdvice::MakePrivate(text()),
            CheckAdvice::Untrack(GitFolder(Some(text())), text()),
            CheckAdvice::AskGit(GitFolder(None), text()),
            CheckAdvice::Region,
            CheckAdvice::Target(text()),
            CheckAdvice::SetClock,
            CheckAdvice::NameServers,
            CheckAdvice::Grant("scf:GetFunction"),
            CheckAdvice::Deploy,
            CheckAdvice::Place,
            CheckAdvice::Keys,
            CheckAdvice::Encrypt,
            CheckAdvice::Quota,
        ] {
            assert_chinese(&advice);
        }
        for status in
            [CheckStatus::Ok, CheckStatus::Warning, CheckStatus::Failed, CheckStatus::Skipped]
        {
            assert_chinese(&status);
        }
    }
}
