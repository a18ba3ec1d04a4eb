//! What carrying out a plan says: what goes on, and why a step could not be carried out.

use std::fmt::Write as _;

use super::{listed_by, seconds};
use crate::execute::{
    AliasState, Awaited, AwaitedStatus, ExecuteError, FunctionAttribute, Halted, Progress,
    ProvisionProblem, TriggerMismatch,
};
use crate::model::Alias;
use crate::output::text::Text;
use crate::plan::Note;
use crate::plan::prune::Use;

impl Text for Progress<'_> {
    fn zh(&self) -> String {
        match self {
            Self::Step(step) => format!("{}：{}", step.action(), step.zh()),
            Self::DeletesFirst(trigger) => {
                format!("DeleteTrigger：先删除 {}，因为服务端不允许重名", trigger.zh())
            }
            Self::Waiting { what, status } => format!("{}：{}", what.zh(), status.zh()),
            Self::Repeating { error, after } => {
                format!("{}；{:.1} 秒后重试 {}", error.zh(), after.as_secs_f64(), error.action())
            }
            Self::LooksForVersion { error } => {
                format!("{}；再次发布之前先查找该版本", error.zh())
            }
            Self::DescriptionNotShown { alias } => {
                format!("服务端没有显示别名 `{alias}` 的描述，无法确认新的描述是否已保存")
            }
            Self::Busy(refusal) => format!("函数正忙，等待中：{}", refusal.zh()),
            Self::Uploading { bytes, all_bytes } => {
                format!("正在上传：{bytes} / {all_bytes} 字节")
            }
            Self::AlreadyStored(upload) => format!("COS 中已有 {upload}，不再上传"),
            Self::Adopted { version, last } => Note::Adopts { version: *version, last: *last }.zh(),
            Self::NotAdopted(version) => format!(
                "本次运行（--run-id 相同）此前发布的版本 {version} 不是要发布的内容：发布前函数刚被他人修改；不使用该版本"
            ),
            Self::AdoptedAfterLostAnswer(version) => format!(
                "没有收到 PublishVersion 的响应，但版本 {version} 带有本次运行的标识，直接使用"
            ),
            Self::Overtaken { version, published } => format!(
                "另一次 --run-id 相同的运行也在发布，并稍早发布了版本 {version}；使用该版本，版本 {published} 因此多余"
            ),
            Self::LeftOver { version, published } => format!(
                "版本 {version} 与版本 {published} 内容相同，且没有别名指向它；如果是被中断的运行留下的，\
                 请在控制台删除（两次运行使用相同的 --run-id 则只发布一次）"
            ),
        }
    }
}

impl Text for Use {
    fn zh(&self) -> String {
        match self {
            Self::Alias { alias, share } => {
                format!("别名 `{alias}` 将 {} 的流量指向它", share.percent())
            }
            Self::Rules(alias) => format!("别名 `{alias}` 按匹配规则使用它"),
            Self::Rollout(alias) => format!("用于别名 `{alias}` 的灰度发布"),
            Self::Before(alias) => format!("别名 `{alias}` 回滚时使用它"),
            Self::RolledBack(alias) => format!("别名 `{alias}` 记录它已被回滚"),
            Self::Marker(alias) => {
                format!("别名 `{alias}` 的描述中有本程序无法识别的一行，其中提到该版本")
            }
            Self::Trigger(title) => format!("{title} 绑定到它"),
            Self::Provisioned(0) => "预置实例正在变更，或已设定时变更".to_owned(),
            Self::Provisioned(count) => format!("有 {count} 个预置实例"),
            Self::Status(status) => format!("状态为 {status}"),
            Self::Newest(count) => format!("属于最新的 {count} 个版本"),
        }
    }
}

impl Text for Awaited {
    fn zh(&self) -> String {
        match self {
            Self::Version { version, function } => format!("函数 `{function}` 的版本 {version}"),
            Self::Function(function) => format!("函数 `{function}`"),
            Self::VersionDeletion(version) => format!("版本 {version} 的删除"),
            Self::Deletion(function) => format!("函数 `{function}` 的删除"),
            Self::Alias(alias) => format!("别名 `{alias}`"),
            Self::Listing(version) => format!("版本 {version} 出现在列表中"),
            Self::Provisioned { version, count } => format!("版本 {version} 的 {count} 个预置实例"),
            Self::Triggers => "触发器".to_owned(),
            Self::Balancer => "负载均衡".to_owned(),
            Self::LocalState => "本地状态".to_owned(),
        }
    }
}

impl Text for AwaitedStatus {
    fn zh(&self) -> String {
        match self {
            Self::Service(status) => status.clone(),
            Self::NotFound => "尚未找到".to_owned(),
            Self::AsBefore => "仍是变更前的内容".to_owned(),
            Self::NotAsWritten => "尚未显示写入的内容".to_owned(),
            Self::UnderWay => "进行中".to_owned(),
            Self::InUse => "被另一个命令占用".to_owned(),
            Self::Unknown => "未知".to_owned(),
            Self::Warm { status, warm, asked } => {
                format!("{status}，共 {asked} 个，已就绪 {warm} 个")
            }
            Self::Trigger(mismatch) => mismatch.zh(),
        }
    }
}

impl Text for TriggerMismatch {
    fn zh(&self) -> String {
        match self {
            Self::StillThere(trigger) => format!("{} 仍然存在", trigger.zh()),
            Self::Missing(trigger) => format!("{} 不存在", trigger.zh()),
            Self::Enabled(trigger, true) => format!("{} 处于启用状态", trigger.zh()),
            Self::Enabled(trigger, false) => format!("{} 处于停用状态", trigger.zh()),
            Self::Argument(trigger) => format!("{} 的附加信息不同", trigger.zh()),
            Self::Weight(trigger) => format!("{} 的权重不同", trigger.zh()),
            Self::NoListener(rule) => format!("{rule} 的监听器已不存在"),
            Self::NoRule(rule) => format!("{rule} 不存在"),
            Self::NoBalancer(resource) => format!("`{resource}` 不是负载均衡的转发规则"),
        }
    }
}

impl Text for AliasState {
    fn zh(&self) -> String {
        match self {
            Self::Routing(routing) => routing.to_string(),
            Self::Main(routing) => format!("{routing}（主版本 {}）", routing.main),
            Self::Described(routing, description) => {
                format!("{routing}（主版本 {}，描述 `{description}`）", routing.main)
            }
        }
    }
}

impl Text for FunctionAttribute {
    fn zh(&self) -> String {
        match self {
            Self::Tags => "函数的标签",
            Self::Retries => "msgTTL 和 retryNum",
        }
        .to_owned()
    }
}

impl Text for ProvisionProblem {
    fn zh(&self) -> String {
        match self {
            Self::None => "服务端没有预置实例".to_owned(),
            Self::Other(count) => format!("服务端有 {count} 个"),
            Self::Failed(reason) => reason_or_none(reason.as_ref()),
        }
    }
}

fn reason_or_none(reason: Option<&String>) -> String {
    reason.cloned().unwrap_or_else(|| "服务端没有给出原因".to_owned())
}

/// An alias next to another one: the routing, and what else tells them apart.
fn told_apart(alias: &Alias, other: &Alias) -> String {
    let mut text = alias.routing.to_string();
    if alias.description != other.description {
        let _ = write!(text, "（描述 `{}`）", alias.description);
    }
    if alias.modified != other.modified {
        let _ = write!(text, "（修改于 {}）", alias.modified);
    }
    text
}

impl Text for ExecuteError {
    // A sentence for each of many.
    #[allow(clippy::too_many_lines)]
    fn zh(&self) -> String {
        match self {
            Self::Api(error) => error.zh(),
            Self::NoFunction { function, .. } => format!(
                "{} 地域的命名空间 `{}` 中没有函数 `{}`",
                function.region, function.namespace, function.name
            ),
            Self::NoAlias { alias, function, .. } => {
                format!("函数 `{function}` 没有别名 `{alias}`")
            }
            Self::AliasExists { alias, function } => {
                format!("函数 `{function}` 已有别名 `{alias}`，且内容不同")
            }
            Self::Alias(error) => error.zh(),
            Self::AliasInUse { alias, triggers } => {
                let triggers: Vec<String> = triggers.iter().map(Text::zh).collect();
                format!("别名 `{alias}` 上绑定了触发器：{}", listed_by("、", &triggers))
            }
            Self::VersionInUse { version, function, uses } => {
                let uses: Vec<String> = uses.iter().map(Text::zh).collect();
                format!("函数 `{function}` 的版本 {version} 仍被使用：{}", uses.join("；"))
            }
            Self::UsesChanged(function) => {
                format!("运行期间，函数 `{function}` 的别名、触发器或预置实例被他人修改")
            }
            Self::FunctionStillThere(function) => format!("函数 `{function}` 删除后仍然存在"),
            Self::VersionStillThere(version) => format!("版本 {version} 删除后仍然存在"),
            Self::StillThere(alias) => format!("别名 `{alias}` 删除后仍然存在"),
            Self::Failed { function, qualifier, status, reason } => format!(
                "函数 `{function}` 的版本 {qualifier} 最终状态为 {status}：{}",
                reason_or_none(reason.as_ref())
            ),
            Self::Provision { version, count, problem } => {
                format!("版本 {version} 没有得到 {count} 个预置实例：{}", problem.zh())
            }
            Self::TimedOut { what, status, timeout } => format!(
                "未能在 {}内完成：等待{}，最后的状态：{}",
                seconds(*timeout),
                what.zh(),
                status.zh()
            ),
            Self::Conflict { expected, observed } => format!(
                "运行期间别名 `{}` 被他人修改：原来是 {}，现在是 {}",
                observed.name,
                told_apart(expected, observed),
                told_apart(observed, expected)
            ),
            Self::Mismatch { alias, intended, observed } => format!(
                "别名 `{alias}` 的流量与要求不符：应为 {}，服务端返回 {}",
                intended.zh(),
                observed.zh()
            ),
            Self::PublishedElsewhere { function, version } => {
                format!("运行期间他人发布了函数 `{function}` 的版本 {version}")
            }
            Self::CodeChanged(function) => format!("运行期间函数 `{function}` 的代码被他人修改"),
            Self::SettingsChanged(function) => {
                format!("运行期间函数 `{function}` 的配置被他人修改")
            }
            Self::CodeUntold(function) => {
                format!("服务端没有返回函数 `{function}` 的代码摘要，无法判断代码是否变化")
            }
            Self::FrozeOther { function, version } => format!(
                "函数 `{function}` 的版本 {version} 不是本次运行要发布的内容：运行期间函数被他人修改"
            ),
            Self::CreatedElsewhere(function) => format!("运行期间他人创建了函数 `{function}`"),
            Self::UnusableAlias { alias, function, flaw } => {
                format!("无法使用函数 `{function}` 的别名 `{alias}`：{}", flaw.zh())
            }
            Self::Trigger(mismatch) => format!("服务端没有显示该变更：{}", mismatch.zh()),
            Self::NotShown(what) => format!("服务端接受了变更，但没有显示：{}", what.zh()),
            Self::AliasNotShown(alias) => format!("服务端接受了别名 `{alias}`，但还没有显示出来"),
            Self::VersionNotShown(version) => {
                format!("服务端接受了版本 {version} 的发布，但还没有显示出来")
            }
            Self::Balancer { task, why } => {
                format!("负载均衡的任务 {task} 失败：{}", reason_or_none(why.as_ref()))
            }
            Self::Endless(action) => format!("{action}：服务端返回的分页没有尽头"),
            Self::Package(_) => "无法读回代码包".to_owned(),
            Self::Cos(error) => error.zh(),
            Self::AppId(text) => format!("`{text}` 不是账号的 APPID"),
            Self::Interrupted(_) => "已中断".to_owned(),
            Self::Unpacked => "计划要发送的代码包没有生成".to_owned(),
            Self::Unpublished => "计划要承接流量的版本没有发布".to_owned(),
        }
    }

    fn cause(&self) -> Option<&dyn Text> {
        match self {
            Self::Api(error) => error.cause(),
            Self::Cos(error) => error.cause(),
            Self::Alias(error) => error.cause(),
            Self::Package(error) => Some(error),
            Self::NoFunction { .. }
            | Self::NoAlias { .. }
            | Self::AliasExists { .. }
            | Self::AliasInUse { .. }
            | Self::StillThere(_)
            | Self::VersionInUse { .. }
            | Self::UsesChanged(_)
            | Self::FunctionStillThere(_)
            | Self::VersionStillThere(_)
            | Self::Failed { .. }
            | Self::Provision { .. }
            | Self::TimedOut { .. }
            | Self::Conflict { .. }
            | Self::Mismatch { .. }
            | Self::PublishedElsewhere { .. }
            | Self::CodeChanged(_)
            | Self::SettingsChanged(_)
            | Self::CodeUntold(_)
            | Self::FrozeOther { .. }
            | Self::CreatedElsewhere(_)
            | Self::UnusableAlias { .. }
            | Self::Trigger(_)
            | Self::NotShown(_)
            | Self::AliasNotShown(_)
            | Self::VersionNotShown(_)
            | Self::Balancer { .. }
            | Self::Endless(_)
            | Self::AppId(_)
            | Self::Interrupted(_)
            | Self::Unpacked
            | Self::Unpublished => None,
        }
    }
}

impl Text for Halted {
    fn zh(&self) -> String {
        self.source.zh()
    }

    fn cause(&self) -> Option<&dyn Text> {
        self.source.cause()
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use super::super::{assert_chinese, assert_text_is_chinese};
    use super::*;
    use crate::api::ApiError;
    use crate::cos::CosError;
    use crate::execute::Signal;
    use crate::model::trigger::{BalancerRule, TriggerTitle};
    use crate::model::{FunctionId, ModelError, Routing, Upload, Version};
    use crate::plan::{AliasPlanError, Step, TriggerPlace};

    const ONE: Version = Version::Number(1);
    const TWO: Version = Version::Number(2);

    fn text() -> String {
        "api".to_owned()
    }

    fn refusal() -> ApiError {
        let [code, message, request_id] = ["InternalError", "any", "3c140219"].map(str::to_owned);
        ApiError::Api { action: "UpdateAlias", code, message, request_id }
    }

    fn place() -> TriggerPlace {
        TriggerPlace {
            title: TriggerTitle { kind: "timer".into(), name: text() },
            qualifier: "prod".into(),
        }
    }

    fn mismatches() -> Vec<TriggerMismatch> {
        let [balancer, protocol, domain, url] = ["lb-1", "HTTP", "a.cn", "/"].map(str::to_owned);
        let rule = BalancerRule { balancer, protocol, port: 80, domain, url };
        vec![
            TriggerMismatch::StillThere(place()),
            TriggerMismatch::Missing(place()),
            TriggerMismatch::Enabled(place(), true),
            TriggerMismatch::Enabled(place(), false),
            TriggerMismatch::Argument(place()),
            TriggerMismatch::Weight(place()),
            TriggerMismatch::NoListener(rule.clone()),
            TriggerMismatch::NoRule(rule),
            TriggerMismatch::NoBalancer(text()),
        ]
    }

    fn awaited() -> Vec<Awaited> {
        vec![
            Awaited::Version { version: ONE, function: text() },
            Awaited::Function(text()),
            Awaited::Deletion(text()),
            Awaited::Alias(text()),
            Awaited::Listing(ONE),
            Awaited::Provisioned { version: ONE, count: 5 },
            Awaited::Triggers,
            Awaited::Balancer,
            Awaited::LocalState,
        ]
    }

    fn statuses() -> Vec<AwaitedStatus> {
        let mut statuses = vec![
            AwaitedStatus::NotFound,
            AwaitedStatus::AsBefore,
            AwaitedStatus::NotAsWritten,
            AwaitedStatus::UnderWay,
            AwaitedStatus::InUse,
            AwaitedStatus::Unknown,
            AwaitedStatus::Warm { status: "InProgress".into(), warm: 1, asked: 5 },
        ];
        let of_triggers = mismatches().into_iter().map(Box::new).map(AwaitedStatus::Trigger);
        statuses.extend(of_triggers);
        statuses
    }

    fn errors() -> Vec<ExecuteError> {
        let function =
            FunctionId { name: text(), namespace: text(), region: "ap-guangzhou".into() };
        let alias = |description: &str, modified: &str| {
            Box::new(Alias {
                name: "prod".into(),
                routing: Routing::all_to(ONE),
                description: description.into(),
                modified: modified.into(),
            })
        };
        let routing = || Routing::all_to(TWO);
        let mismatch = |intended| ExecuteError::Mismatch {
            alias: text(),
            intended: Box::new(intended),
            observed: Box::new(AliasState::Main(routing())),
        };
        let provision = |problem| ExecuteError::Provision { version: ONE, count: 5, problem };
        let failed = |reason: Option<String>| ExecuteError::Failed {
            function: text(),
            qualifier: Version::Latest,
            status: "CreateFailed".into(),
            reason,
        };
        let mut errors = vec![
            ExecuteError::Api(refusal()),
            ExecuteError::NoFunction { function, existing: Vec::new() },
            ExecuteError::NoAlias { alias: text(), function: text(), existing: Vec::new() },
            ExecuteError::Alias(AliasPlanError::SameVersion(ONE)),
            ExecuteError::AliasInUse { alias: text(), triggers: vec![place().title] },
            ExecuteError::StillThere(text()),
            ExecuteError::VersionInUse {
                version: Version::Number(2),
                function: text(),
                uses: vec![
                    Use::Alias { alias: text(), share: crate::model::Weight::ONE },
                    Use::Rules(text()),
                    Use::Rollout(text()),
                    Use::Before(text()),
                    Use::RolledBack(text()),
                    Use::Marker(text()),
                    Use::Trigger(place().title),
                    Use::Provisioned(0),
                    Use::Provisioned(3),
                    Use::Status("Publishing".to_owned()),
                    Use::Newest(5),
                ],
            },
            ExecuteError::UsesChanged(text()),
            ExecuteError::FunctionStillThere(text()),
            ExecuteError::VersionStillThere(Version::Number(2)),
            ExecuteError::TimedOut {
                what: Awaited::VersionDeletion(Version::Number(2)),
                status: AwaitedStatus::Unknown,
                timeout: std::time::Duration::from_secs(1),
            },
            failed(None),
            failed(Some("InternalError: any".into())),
            provision(ProvisionProblem::None),
            provision(ProvisionProblem::Other(3)),
            provision(ProvisionProblem::Failed(None)),
            ExecuteError::Conflict {
                expected: alias("one", "10:00"),
                observed: alias("two", "10:01"),
            },
            mismatch(AliasState::Routing(routing())),
            mismatch(AliasState::Main(routing())),
            mismatch(AliasState::Described(routing(), text())),
            ExecuteError::PublishedElsewhere { function: text(), version: TWO },
            ExecuteError::CodeChanged(text()),
            ExecuteError::CodeUntold(text()),
            ExecuteError::SettingsChanged(text()),
            ExecuteError::FrozeOther { function: text(), version: TWO },
            ExecuteError::CreatedElsewhere(text()),
            ExecuteError::UnusableAlias {
                alias: text(),
                function: text(),
                flaw: ModelError::Version("x".into()),
            },
            ExecuteError::NotShown(FunctionAttribute::Tags),
            ExecuteError::NotShown(FunctionAttribute::Retries),
            ExecuteError::AliasNotShown(text()),
            ExecuteError::VersionNotShown(TWO),
            ExecuteError::Balancer { task: text(), why: None },
            ExecuteError::Endless("ListAliases"),
            ExecuteError::Package(io::ErrorKind::NotFound.into()),
            ExecuteError::Cos(CosError::Interrupted),
            ExecuteError::AppId(text()),
            ExecuteError::Interrupted(Signal::Terminate),
            ExecuteError::Unpacked,
            ExecuteError::Unpublished,
        ];
        let timeout = Duration::from_secs(300);
        errors.extend(awaited().into_iter().map(|what| ExecuteError::TimedOut {
            what,
            status: AwaitedStatus::Service("Updating".into()),
            timeout,
        }));
        errors.extend(mismatches().into_iter().map(Box::new).map(ExecuteError::Trigger));
        errors
    }

    #[test]
    fn every_sentence_is_chinese() {
        for error in errors() {
            // The service's own words are told as they come.
            if matches!(error, ExecuteError::Api(_)) {
                continue;
            }
            assert_chinese(&error);
        }
        for status in statuses() {
            assert_chinese(&status);
        }
        let (error, upload) = (refusal(), Upload::new(None, "ap-x", "0"));
        let (version, published) = (ONE, TWO);
        for progress in [
            Progress::Step(&Step::DeleteFailed),
            Progress::DeletesFirst(place()),
            Progress::Waiting { what: Awaited::Triggers, status: AwaitedStatus::Unknown },
            Progress::Repeating { error: &error, after: Duration::from_secs(1) },
            Progress::Busy(&error),
            Progress::LooksForVersion { error: &error },
            Progress::DescriptionNotShown { alias: "live" },
            Progress::Uploading { bytes: 1, all_bytes: 2 },
            Progress::AlreadyStored(&upload),
            Progress::Adopted { version, last: Some(TWO) },
            Progress::NotAdopted(version),
            Progress::AdoptedAfterLostAnswer(version),
            Progress::Overtaken { version, published },
            Progress::LeftOver { version, published },
        ] {
            assert_chinese(&progress);
        }
        let halted = Halted {
            source: ExecuteError::Interrupted(Signal::Interrupt),
            done: Vec::new(),
            perhaps: None,
            left: Vec::new(),
        };
        assert_text_is_chinese(&halted.zh());
    }
}
