//! What to do about an error, in Chinese.

use std::io::ErrorKind;

use super::usage::{arguments_hint, code_hint, options_hint, project_hint, values_hint};
use super::{Text, inputs, listed};
use crate::api::EndpointError;
use crate::config::credentials::{CredentialsError, KeyPart};
use crate::error::{
    AliasHint, ClockHint, Hint, PRUNE, PackageHint, RunHint, RunName, ServiceHint, StorageHint,
    TriggerHint, quoted_path, right,
};
use crate::local::StartError;
use crate::network::{CertificateProblem, ProxyError};
use crate::package::HookError;
use crate::plan::command::{PublishVer, of_function};
use crate::shell::quoted;

impl Text for Hint<'_> {
    fn zh(&self) -> String {
        match self {
            Self::Arguments(error) => arguments_hint(error).unwrap_or_default(),
            Self::Inputs(error) => inputs::inputs_hint(error),
            Self::Values(error) => values_hint(error),
            Self::Project(error) => project_hint(error),
            Self::Code(error) => code_hint(error),
            Self::Options(error) => options_hint(error),
            Self::Rollout(hint) => hint.zh(),
            Self::Invoke(hint) => hint.zh(),
            Self::Init(hint) => hint.zh(),
            Self::Logs(hint) => hint.zh(),
            Self::Split(hint) => hint.zh(),
            Self::Saved(hint) => hint.zh(),
            Self::Config(hint) => hint.zh(),
            Self::Input(advice) => advice.zh(),
            Self::Credentials(error) => credentials(error),
            Self::Endpoint(error) => endpoint(error).to_owned(),
            Self::Proxy(error) => proxy(error),
            Self::Hook(error) => hook(error).to_owned(),
            Self::Local(error) => local(error).unwrap_or_default(),
            Self::Package(hint) => hint.zh(),
            Self::Alias(hint) => hint.zh(),
            Self::Trigger(hint) => hint.zh(),
            Self::Run(hint) => hint.zh(),
            Self::Certificate(problem) => certificate(problem).to_owned(),
            Self::ThroughProxy { variable } => format!(
                "请检查代理是否在运行、是否允许访问该主机；请修改或取消设置 {variable}，或在 NO_PROXY 中列出不走代理的主机；\
                 本次调用没有发出"
            ),
            Self::Service(hint) => hint.zh(),
            Self::Storage(hint) => hint.zh(),
            Self::GoesOn(None) => "已完成的部分保留；请再次运行同一命令".to_owned(),
            Self::GoesOn(Some(hint)) if hint.runs_again() => {
                format!("{}；已完成的部分保留", hint.zh())
            }
            Self::GoesOn(Some(hint)) => {
                format!("{}；然后再次运行同一命令，已完成的部分保留", hint.zh())
            }
            Self::OfRun { hint, run: RunName { command: Some(command), .. } } => match hint {
                Some(hint) if !hint.runs_again() => {
                    format!("{}；然后为其余部分重新生成计划：`{command}`", hint.zh())
                }
                _ => format!("已完成的部分保留；请为其余部分重新生成计划：`{command}`"),
            },
            Self::OfRun { hint, run: RunName { id, is_typed, command: None } } => {
                let has = if *is_typed { "保留" } else { "加上" };
                let name = format!("{has} --run-id {id}，以免重复发布");
                match hint {
                    None => format!("请再次运行同一命令，并{name}"),
                    Some(hint) => {
                        let again =
                            if hint.runs_again() { "" } else { "再次运行同一命令时，" };
                        format!("{}；{again}请{name}", hint.zh())
                    }
                }
            }
        }
    }
}

fn endpoint(error: &EndpointError) -> &'static str {
    match error {
        EndpointError::Malformed(_) => "请写主机名，或 https://scf.tencentcloudapi.com 这样的地址",
        EndpointError::Metadata(_) => "请修改 SCFCTL_METADATA_ENDPOINT，或取消设置",
        EndpointError::Insecure(_) => "请使用 https://；网络可信时可用 --insecure-http 允许",
    }
}

fn hook(error: &HookError) -> &'static str {
    match error {
        HookError::Start { .. } => "它在 `src.src` 指定的目录中运行；请修改该目录",
        HookError::Failed { .. } => "请修正后重新部署；没有发出任何请求",
        HookError::TimedOut { .. } => "请用 --timeout 给它更多时间",
    }
}

fn proxy(error: &ProxyError) -> String {
    match error {
        ProxyError::Malformed { variable, .. } => format!(
            "请写 {variable}=http://HOST:PORT 或 http://USER:PASSWORD@HOST:PORT，用户名和密码中的 `@` 写作 %40，`/` \
             写作 %2F，`:` 写作 %3A，`#` 写作 %23，`?` 写作 %3F，`%` 写作 %25，空格写作 %20；或取消设置该变量"
        ),
        ProxyError::Kind { variable, .. } => format!(
            "请写 {variable}=http://HOST:PORT（也支持 https、socks5、socks5h、socks4 和 socks4a），或取消设置该变量"
        ),
        ProxyError::Cgi => "请改用 http_proxy，或取消设置 HTTP_PROXY".to_owned(),
    }
}

fn certificate(problem: &CertificateProblem) -> &'static str {
    match problem {
        CertificateProblem::Issuer
        | CertificateProblem::Signature
        | CertificateProblem::Authority
        | CertificateProblem::Other { .. } => {
            "如果证书由自建 CA 签发（例如公司的代理），请指定该 CA 的证书文件：SSL_CERT_FILE=/path/to/authority.pem；\
             没有发出任何请求"
        }
        CertificateProblem::Name { .. } => "请检查地址，以及是否由代理代为响应；没有发出任何请求",
        CertificateProblem::Ended | CertificateProblem::NotYet => {
            "请检查本机时钟；如果时钟正确，则证书需要更新；没有发出任何请求"
        }
        CertificateProblem::Revoked
        | CertificateProblem::RevocationUnknown
        | CertificateProblem::Algorithm
        | CertificateProblem::Malformed
        | CertificateProblem::Purpose
        | CertificateProblem::NotByAuthority
        | CertificateProblem::Constraint
        | CertificateProblem::Version
        | CertificateProblem::Extension => {
            "请检查是否由代理代为响应；如果不是，则服务器需要更换证书；没有发出任何请求"
        }
    }
}

fn local(error: &StartError) -> Option<String> {
    match error {
        StartError::Listen { .. } => Some("使用端口 0 可自动选择空闲端口".to_owned()),
        StartError::Corrupt { path, .. } => {
            Some(format!("请修复或删除 {}；删除后本地 SCF 从空白状态开始", path.display()))
        }
        StartError::Locked { .. } => Some("请先结束另一个进程，或换一个 --state".to_owned()),
        StartError::Link { path } => Some(format!(
            "请查看 {} 指向哪里，并删除该链接：它可能是随代码检出而来的",
            path.display()
        )),
        StartError::State { source, .. } if source.kind() == ErrorKind::AlreadyExists => {
            Some("该处应为目录：请把那个文件改名".to_owned())
        }
        StartError::State { .. } => None,
    }
}

fn credentials(error: &CredentialsError) -> String {
    match error {
        CredentialsError::Missing { .. } => {
            "请在环境变量或 .env 中设置 TENCENT_SECRET_ID 和 TENCENT_SECRET_KEY；没有账号也可以试用：加上 --local".to_owned()
        }
        CredentialsError::Incomplete { missing, .. } => format!("请同时设置 {missing}"),
        CredentialsError::Malformed { name, .. } => {
            format!("请重新复制 {} 的值，两端不能有空格、引号或换行", name.zh())
        }
        CredentialsError::Placeholder { name, kind, .. } => {
            let shown = match kind {
                KeyPart::Id => "SecretId",
                KeyPart::Key => "SecretKey",
                KeyPart::Token => "Token",
            };
            format!("请把控制台显示的 {shown} 填入 {}；没有账号也可以试用：加上 --local", name.zh())
        }
        CredentialsError::Rule { name, .. } => format!("请修改 {name}，或去掉它"),
        CredentialsError::NoProfile { .. } => {
            "请检查 profile 的名称，或不指定 profile：--profile、TENCENT_CREDENTIALS_PROFILE、TCCLI_PROFILE".to_owned()
        }
        CredentialsError::Unreadable { .. } => "请检查该文件及其权限".to_owned(),
        CredentialsError::Text { .. } => {
            "请修复该文件，或重新生成：`tccli configure`、`tccli auth login`、`tccli sso login`".to_owned()
        }
    }
}

/// Folders with a number each.
fn largest(folders: &[(String, u64)], unit: &str) -> String {
    let shown: Vec<String> =
        folders.iter().map(|(name, number)| format!("{name}（{number} {unit}）")).collect();
    if shown.is_empty() { "顶层".to_owned() } else { shown.join("、") }
}

impl Text for PackageHint<'_> {
    fn zh(&self) -> String {
        match self {
            Self::Source => "请修改 serverless.yml 中的 `src`；它相对于该文件".to_owned(),
            Self::PartSource { common } => format!(
                "请修改 serverless.yml 中该函数的 `src`；它相对于公共的 `src`，即 {}",
                common.display()
            ),
            Self::Folder => "`src` 应为代码目录，或打好的 zip".to_owned(),
            Self::Include { pattern } => format!("请把 `{pattern}` 写在 `include` 中"),
            Self::Rules => "请检查 serverless.yml 中的 `src` 和 `exclude`".to_owned(),
            Self::Literal => "要表示符号本身，请在其前面加上 `\\`，例如 `\\[`".to_owned(),
            Self::Below => "请写代码目录之内的文件，或在那里建立指向其他文件的链接".to_owned(),
            Self::Target => "请写代码包内的目录".to_owned(),
            Self::Wait => "请等写入结束，或用 `exclude` 排除该文件".to_owned(),
            Self::Replace => "请换成普通文件，或用 `exclude` 排除".to_owned(),
            Self::Bytes { largest: folders } => {
                format!("请用 `exclude` 排除一些文件；占用最多的是：{}", largest(folders, "字节"))
            }
            Self::Entries { largest: folders } => {
                format!("请用 `exclude` 排除一些文件；文件最多的是：{}", largest(folders, "个"))
            }
            Self::Rename => "请重命名".to_owned(),
            Self::Package => "请用 --package 指定 zip 文件，相对于当前工作目录".to_owned(),
            Self::MakeZip => {
                "请重新打包，例如 `scfctl package --out code.zip`；或用 `src` 指定代码目录"
                    .to_owned()
            }
            Self::Smaller => "请去掉函数不需要的文件".to_owned(),
            Self::Another => "它不是该哈希对应的文件：请重新构建或下载".to_owned(),
            Self::File { file } => {
                format!("请指定一个文件，例如 `scfctl package --out {}`", quoted_path(file))
            }
            Self::Itself { target } => {
                format!("请指定文件本身：`scfctl package --out {}`", quoted_path(target))
            }
            Self::NoFolder => "请先创建该目录，或换一个文件".to_owned(),
            Self::TemporaryFolder => "请把 TMPDIR 设为可写且空间足够的目录".to_owned(),
        }
    }
}

impl Text for AliasHint<'_> {
    fn zh(&self) -> String {
        match self {
            Self::One => {
                r#"请只给一个：`--inputs config='{"weights":{"2":0.1}}'`；其余流量归主版本"#.to_owned()
            }
            Self::Weights => {
                r#"请重新给出权重：`--inputs config='{"weights":{"2":0.1}}'` 或 `--inputs config='{"weights":{}}'`"#.to_owned()
            }
            Self::Rules => {
                r#"请重新给出规则：`--inputs config='{"matches":[…]}'`；要把全部流量给主版本：`--force --inputs config='{"weights":{}}'`"#.to_owned()
            }
            Self::Everything { version } => {
                format!(
                    r#"要把全部流量给版本 {version}：`--inputs version={} config='{{"weights":{{}}}}'`"#,
                    quoted(&version.to_string())
                )
            }
            Self::EverythingForced { version } => format!(
                r#"要把全部流量给版本 {version}：`--force --inputs version={} config='{{"weights":{{}}}}'`"#,
                quoted(&version.to_string())
            ),
            Self::EverythingInFile { version } => {
                format!("要把全部流量给版本 {version}，请写 `additionalVersionWeights: []`")
            }
            Self::Replace => "请用 --force 替换规则".to_owned(),
            Self::LeaveTraffic => "请去掉 `traffic`，或用 --force 替换规则".to_owned(),
            Self::Shorten { key, over } => format!("请把 `{key}` 缩短 {over} 个字符"),
            Self::Publish { function } => format!("请先发布：`{}`", PublishVer { function }),
            Self::NoVersion => "请填写已有的版本".to_owned(),
            Self::CorrectVersion => "请修改版本号，或先用 `--inputs publish=true` 发布".to_owned(),
            Self::Meant { name } => format!("是不是想写 `{name}`？"),
            Self::Existing { existing } => format!("现有：{}", listed(existing)),
            Self::Bound => "请先把触发器绑定到其他别名，或用 --force 强制删除".to_owned(),
            Self::EndRollout => {
                "用 --end-rollout 在同一次写入中结束灰度发布，或等待其结束".to_owned()
            }
            Self::EndForeign => {
                "请使用写入它的程序版本；若要保留它并继续，请加 `--end-rollout`".to_owned()
            }
            Self::Console => "请先在控制台修正该别名".to_owned(),
        }
    }
}

impl Text for TriggerHint<'_> {
    fn zh(&self) -> String {
        match self {
            Self::CreateAlias { alias } => {
                format!("请先创建别名 `{alias}`，或修改 `qualifier`")
            }
            Self::Aliases { existing, meant } => {
                let meant = meant.map(|name| format!("；是不是想写 `{name}`？"));
                format!("它的别名有：{}{}", listed(existing), meant.unwrap_or_default())
            }
            Self::LastVersion { last } => {
                format!("最后发布的版本是 {last}；请修改 `qualifier`")
            }
            Self::NoVersion => "还没有已发布的版本；请修改 `qualifier`".to_owned(),
            Self::DeployOnce => {
                "请先用 `qualifier: $DEFAULT` 部署一次；有了该别名或版本后，再写上它并重新部署"
                    .to_owned()
            }
            Self::Listener => {
                "请先在控制台创建监听器，或修改 `loadBalanceId`、`protocol` 和 `port`".to_owned()
            }
        }
    }
}

impl Text for RunHint<'_> {
    fn zh(&self) -> String {
        match self {
            Self::RemovesRest => "已删除的不会恢复；再次运行同一命令会删除其余部分".to_owned(),
            Self::TakeOutOfUse => {
                "请先把别名切换到其他版本，或解除触发器、预置实例等对该版本的占用".to_owned()
            }
            Self::GoesOn => "已部署的保持不变；再次运行同一命令会继续其余部分".to_owned(),
            Self::Continue => "请再次运行同一命令以继续".to_owned(),
            Self::Again => "请再次运行同一命令".to_owned(),
            Self::MayFinish => {
                "操作可能仍会完成；请再次运行同一命令，必要时加大 --timeout".to_owned()
            }
            Self::Decide => "请再次运行同一命令，按当前状态重新决定".to_owned(),
            Self::CodeUntold => {
                "请使用自定义别名和 `--publish`，灰度发布一个已发布的版本".to_owned()
            }
            Self::PublishAgain => "没有给它分配流量；请再次运行同一命令，发布想要的内容".to_owned(),
            Self::LookAtAlias => "请查看该别名，然后再次运行同一命令".to_owned(),
            Self::LookAtVersions => {
                "稍后可能会显示出来：再次发布之前请先用 `scfctl list-ver` 查看".to_owned()
            }
            Self::LookAtFunctionFirst => "请查看函数，然后再次运行同一命令".to_owned(),
            Self::LookAtTriggers => "请查看触发器，然后再次运行同一命令".to_owned(),
            Self::Update => "请再次运行同一命令以更新它".to_owned(),
            Self::Runtime { runtime } => {
                format!("请写 `runtime: {runtime}`，或换一个名称部署，或先删除该函数")
            }
            Self::Kind { kind } => {
                format!("请写 `type: {kind}`，或换一个名称部署，或先删除该函数")
            }
            Self::Protocol => {
                "请保持 `protocolType` 不变，或换一个名称部署，或先删除该函数".to_owned()
            }
            Self::OtherName => "请换一个名称部署并迁移触发器，或先删除该函数".to_owned(),
            Self::LookAtFunction => "请在控制台查看该函数；删除失败时需在控制台重新删除".to_owned(),
            Self::RolledBack { version } => format!(
                "请加上 `--inputs publish=true` 发布要承接流量的内容，或先用 update-alias 恢复版本 {version}"
            ),
            Self::MeantFunction { name, function } => format!(
                "是不是想写 `{name}`？查找范围：{}，命名空间 `{}`",
                function.region, function.namespace
            ),
            Self::NoFunction { function } => format!(
                "查找范围：{}，命名空间 `{}`；请设置 `region` 或 `namespace`，或先部署该函数",
                function.region, function.namespace
            ),
            Self::AppId => "请把 TENCENT_APP_ID 设为控制台显示的十位账号 APPID".to_owned(),
            Self::NotCreated => "函数没有创建；请排除原因后重新部署".to_owned(),
            Self::NotDeleted => "函数没有删除；请在控制台删除".to_owned(),
            Self::NotPublished => "没有发布版本；此前发布的版本不受影响".to_owned(),
            Self::NotUpdated => "$LATEST 仍运行原来的内容；请排除原因后重新部署".to_owned(),
            Self::Provision => {
                "请减小 `provisionedNum`，或释放其他版本的预置实例，然后重新部署".to_owned()
            }
        }
    }
}

impl Text for ServiceHint<'_> {
    fn zh(&self) -> String {
        match self {
            Self::Clock(hint) => return hint.zh(),
            Self::TokenRefused { from } => {
                return format!("{from} 中的凭证刚刚更新，仍被拒绝；请重试，若仍如此请检查角色");
            }
            Self::TokenEnded { from } => {
                return format!(
                    "{from} 中的临时凭证已过期，或 id、key 和 token 不是同一组；请换上新的，再次运行同一命令"
                );
            }
            Self::Right { action } => {
                return format!(
                    "凭证缺少权限：请授予对该函数的 {} 权限，或换用其他凭证",
                    right(action)
                );
            }
            Self::TooManyVersions { function } => {
                return format!("请删除不再使用的版本，可用以下命令查看：`{}`", of_function(PRUNE, function));
            }
            Self::Qualifiers { function } => {
                return format!("现有的版本和别名见：`{}`", of_function("status", function));
            }
            Self::Elsewhere { function } => {
                return format!(
                    "查找范围：{}，命名空间 `{}`；如果在别处，请设置 `region` 或 `namespace`",
                    function.region, function.namespace
                );
            }
            Self::Handler => "请修改 `handler`：文件名和函数名，例如 `index.main_handler`",
            Self::Quota => "这是账号的配额：请减少用量，或在控制台申请提高",
            Self::Network => "请检查网络、代理变量和 --endpoint；本次调用没有发出",
            Self::LooksBefore => "请再次运行同一命令；它会先查看再决定是否重复操作",
            Self::MayHaveRun => "函数可能已经运行；再调用一次就会再运行一次",
            Self::ProxyPassword => {
                "代理需要用户名和密码：请写入代理变量，http://USER:PASSWORD@HOST:PORT"
            }
            Self::Between => "响应来自本机与 API 之间的某个设备；请检查 --endpoint 和代理",
            Self::Longer => "请再次运行同一命令，必要时加大 --timeout",
            Self::Certificates => {
                "SSL_CERT_FILE 指定受信任的证书文件；不设置时使用系统的证书"
            }
            Self::Role => "请检查角色、谁可以扮演该角色，以及用来申请的凭证或 token",
            Self::MachineRole => "请在控制台给这台机器绑定角色，或从别处获取凭证",
            Self::KeysFile => "请检查该文件，再次运行同一命令",
            Self::Login => {
                "登录可以续期时，运行任何 tccli 命令都会续期；否则请重新登录：`tccli auth login`、`tccli sso login`"
            }
            Self::SecretId => "SecretId 不存在、已禁用，或属于另一个站点（国内站/国际站）",
            Self::OtherKey => "这不是云 API 密钥；请在控制台创建",
            Self::SecretKey => {
                "SecretKey 错误（常见于末尾有空格，或值在 `=` 处被截断），或代理修改了请求头"
            }
            Self::MultiFactor => "该操作需要多因素认证；请换用其他凭证",
            Self::Region => "请把 `region` 设为支持 SCF 的地域，例如 ap-guangzhou",
            Self::OtherService => "该地址不提供 SCF API；请检查 --endpoint",
            Self::Namespace => "请先创建命名空间，或修改 `namespace`",
            Self::ServiceRole => "请在 SCF 控制台完成服务授权，或修改 `role`",
            Self::BucketRole => {
                "请允许 SCF 读取存储桶：在 SCF 控制台授权角色 SCF_QcsRole（QcloudAccessForScfRole）"
            }
            Self::FunctionName => "函数名称有误，或该函数不在这里",
            Self::Throttled => "账号的调用频率已达上限；请稍后重试",
            Self::Platform => "平台出现问题；请重试，若仍如此请附上请求 ID 反馈",
            Self::LastChange => {
                "如果函数上一次变更或发布失败，可用 `scfctl deploy` 修复；否则可能有其他操作正在进行，请重试"
            }
            Self::Busy => "该函数可能有其他操作正在进行；请重试",
            Self::Unchanged => "服务端可能不允许重复发布未变更的内容；可以用 --if-changed 跳过",
            Self::AliasExists => "它已存在且内容不同；请用 update-alias 修改",
        }
        .to_owned()
    }
}

const SLOW: &str = "通过 COS 发送代码包（用 `src.bucket` 指定存储桶），或使用更快的网络";

impl Text for ClockHint {
    fn zh(&self) -> String {
        match self {
            Self::Set => "请校准本机时钟（NTP）后重试".to_owned(),
            Self::Slow { size, took } => format!(
                "签名有效期为五分钟，而这个 {}.{} MB 的请求用了 {} 秒：请{SLOW}",
                size / 1_000_000,
                size / 100_000 % 10,
                took.as_secs()
            ),
            Self::KeysEnded => "临时凭证可能已过期：请获取新的，再次运行同一命令".to_owned(),
            Self::Unclear { apart } => {
                let clocks = match apart {
                    None => "请把本机时钟与准确时间比对；如果时钟正确".to_owned(),
                    Some(..=Self::SAME_TIME) => "双方时钟一致".to_owned(),
                    Some(apart) => format!("双方时钟相差 {apart} 秒，在允许范围内"),
                };
                format!(
                    "{clocks}：要么发送请求用时超过五分钟（请{SLOW}），要么临时凭证已过期（请获取新的）"
                )
            }
        }
    }
}

impl Text for StorageHint {
    fn zh(&self) -> String {
        match self {
            Self::NoBucket => "请在函数所在地域创建该存储桶，或去掉 `src.bucket`",
            Self::TooManyBuckets => "请用 `src: {bucket: …}` 指定一个已有的存储桶",
            Self::BucketName => "请检查 TENCENT_APP_ID：存储桶名称以账号 APPID 结尾",
            Self::Clock => {
                "如果时钟不一致，已改用 COS 的时间：请重试，网络较慢时请换用更快的网络，若仍如此请检查本机时钟"
            }
            Self::SecretKey => "SecretKey 错误，或代理修改了请求头",
            Self::SecretId => "SecretId 不存在或已禁用",
            Self::Token => "临时凭证已过期；请重新登录",
            Self::Region => "存储桶在其他地域；请指定函数所在地域的存储桶",
            Self::Right => {
                "凭证缺少权限：请授予 name/cos:PutBucket、PutBucketLifecycle、HeadObject、PutObject 和分块上传的权限，\
                 或用 `src: {bucket: …}` 指定它可用的存储桶"
            }
            Self::Again => "请再次运行同一命令",
            Self::Trouble => "COS 出现问题；请稍后重试",
            Self::Network => "请检查网络和代理变量；SCFCTL_COS_ENDPOINT 可指定其他地址",
            Self::PartsRemoved => "请再次运行同一命令；已上传的分块会被清除",
            Self::Longer => "请再次运行同一命令，必要时加大 --timeout",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::model::{FunctionId, FunctionKind, Version};
    use crate::output::text::zh::assert_chinese;

    /// Whether advice is to run the same command again is what its English says.
    #[track_caller]
    fn check(hint: &Hint<'_>) {
        assert_chinese(hint);
        let says = hint.to_string().contains("same command");
        assert_eq!(hint.runs_again(), says, "{hint}");
        assert_eq!(hint.zh().contains("同一命令"), says, "{}", hint.zh());
    }

    fn function() -> FunctionId {
        let [name, namespace, region] = ["demo", "default", "ap-guangzhou"].map(str::to_owned);
        FunctionId { name, namespace, region }
    }

    #[test]
    fn every_hint_of_a_package_is_chinese() {
        let largest = [("a".to_owned(), 3)];
        for hint in [
            PackageHint::Source,
            PackageHint::PartSource { common: Path::new("src") },
            PackageHint::Folder,
            PackageHint::Package,
            PackageHint::MakeZip,
            PackageHint::Smaller,
            PackageHint::Another,
            PackageHint::Include { pattern: "a" },
            PackageHint::Rules,
            PackageHint::Literal,
            PackageHint::Below,
            PackageHint::Target,
            PackageHint::Wait,
            PackageHint::Replace,
            PackageHint::Bytes { largest: &largest },
            PackageHint::Entries { largest: &[] },
            PackageHint::Rename,
            PackageHint::File { file: "code.zip".into() },
            PackageHint::Itself { target: Path::new("code.zip") },
            PackageHint::NoFolder,
            PackageHint::TemporaryFolder,
        ] {
            check(&Hint::Package(hint));
        }
    }

    #[test]
    fn every_hint_of_an_alias_or_a_trigger_is_chinese() {
        let (version, existing) = (Version::Number(2), ["a".to_owned()]);
        let function = function();
        for hint in [
            AliasHint::One,
            AliasHint::Weights,
            AliasHint::Rules,
            AliasHint::Everything { version },
            AliasHint::EverythingForced { version },
            AliasHint::EverythingInFile { version },
            AliasHint::Replace,
            AliasHint::LeaveTraffic,
            AliasHint::Shorten { key: "description", over: 3 },
            AliasHint::Publish { function: &function },
            AliasHint::NoVersion,
            AliasHint::CorrectVersion,
            AliasHint::Meant { name: "prod" },
            AliasHint::Existing { existing: &existing },
            AliasHint::Bound,
            AliasHint::EndRollout,
            AliasHint::EndForeign,
            AliasHint::Console,
        ] {
            check(&Hint::Alias(hint));
        }
        for hint in [
            TriggerHint::CreateAlias { alias: "prod" },
            TriggerHint::Aliases { existing: &existing, meant: Some("prod") },
            TriggerHint::LastVersion { last: version },
            TriggerHint::NoVersion,
            TriggerHint::DeployOnce,
            TriggerHint::Listener,
        ] {
            check(&Hint::Trigger(hint));
        }
    }

    #[test]
    fn every_hint_of_a_run_is_chinese() {
        let function = function();
        for hint in [
            RunHint::GoesOn,
            RunHint::TakeOutOfUse,
            RunHint::RemovesRest,
            RunHint::Continue,
            RunHint::Again,
            RunHint::MayFinish,
            RunHint::Decide,
            RunHint::PublishAgain,
            RunHint::CodeUntold,
            RunHint::LookAtAlias,
            RunHint::LookAtTriggers,
            RunHint::LookAtVersions,
            RunHint::LookAtFunctionFirst,
            RunHint::Update,
            RunHint::Runtime { runtime: "Php7" },
            RunHint::Kind { kind: FunctionKind::Web },
            RunHint::Protocol,
            RunHint::OtherName,
            RunHint::LookAtFunction,
            RunHint::RolledBack { version: Version::Number(2) },
            RunHint::MeantFunction { name: "demo", function: &function },
            RunHint::NoFunction { function: &function },
            RunHint::AppId,
            RunHint::NotCreated,
            RunHint::NotDeleted,
            RunHint::NotPublished,
            RunHint::NotUpdated,
            RunHint::Provision,
        ] {
            check(&Hint::Run(hint));
        }
        for (hint, is_typed) in [
            (None, false),
            (None, true),
            (Some(RunHint::AppId), false),
            (Some(RunHint::Again), true),
        ] {
            let hint = || hint.clone().map(|hint| Box::new(Hint::Run(hint)));
            let (id, command) = ("release-4".to_owned(), None);
            let mut run = RunName { id, is_typed, command };
            check(&Hint::GoesOn(hint()));
            check(&Hint::OfRun { hint: hint(), run: &run });
            run.command = Some("scfctl deploy".to_owned());
            check(&Hint::OfRun { hint: hint(), run: &run });
        }
    }

    #[test]
    fn every_hint_of_a_call_is_chinese() {
        let function = function();
        for hint in [
            ServiceHint::Clock(ClockHint::Set),
            ServiceHint::Clock(ClockHint::Slow { size: 2_500_000, took: Duration::from_secs(70) }),
            ServiceHint::Clock(ClockHint::KeysEnded),
            ServiceHint::Clock(ClockHint::Unclear { apart: Some(0) }),
            ServiceHint::Clock(ClockHint::Unclear { apart: Some(200) }),
            ServiceHint::Clock(ClockHint::Unclear { apart: None }),
            ServiceHint::Network,
            ServiceHint::LooksBefore,
            ServiceHint::MayHaveRun,
            ServiceHint::ProxyPassword,
            ServiceHint::Between,
            ServiceHint::Longer,
            ServiceHint::Certificates,
            ServiceHint::Role,
            ServiceHint::MachineRole,
            ServiceHint::KeysFile,
            ServiceHint::Login,
            ServiceHint::TokenRefused { from: "the environment" },
            ServiceHint::TokenEnded { from: ".env" },
            ServiceHint::SecretId,
            ServiceHint::OtherKey,
            ServiceHint::SecretKey,
            ServiceHint::MultiFactor,
            ServiceHint::Region,
            ServiceHint::OtherService,
            ServiceHint::Namespace,
            ServiceHint::ServiceRole,
            ServiceHint::BucketRole,
            ServiceHint::FunctionName,
            ServiceHint::Right { action: "UpdateAlias" },
            ServiceHint::Handler,
            ServiceHint::Quota,
            ServiceHint::TooManyVersions { function: &function },
            ServiceHint::Qualifiers { function: &function },
            ServiceHint::Elsewhere { function: &function },
            ServiceHint::Throttled,
            ServiceHint::Platform,
            ServiceHint::LastChange,
            ServiceHint::Busy,
            ServiceHint::Unchanged,
            ServiceHint::AliasExists,
        ] {
            check(&Hint::Service(hint));
        }
        for hint in [
            StorageHint::NoBucket,
            StorageHint::TooManyBuckets,
            StorageHint::BucketName,
            StorageHint::Clock,
            StorageHint::SecretKey,
            StorageHint::SecretId,
            StorageHint::Token,
            StorageHint::Region,
            StorageHint::Right,
            StorageHint::Again,
            StorageHint::Trouble,
            StorageHint::Network,
            StorageHint::PartsRemoved,
            StorageHint::Longer,
        ] {
            check(&Hint::Storage(hint));
        }
        check(&Hint::ThroughProxy { variable: "HTTPS_PROXY" });
        for problem in [
            CertificateProblem::Issuer,
            CertificateProblem::Name { valid: Vec::new() },
            CertificateProblem::Ended,
            CertificateProblem::NotYet,
            CertificateProblem::Purpose,
        ] {
            check(&Hint::Certificate(&problem));
        }
    }
}
