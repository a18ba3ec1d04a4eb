//! What commands say, in Chinese.

use crate::model::{FunctionId, listed_by};
use crate::output::text::Text;
use crate::report::notice::{AliasEffect, CodeWarning, DeletionNotice, NotCompared, Notice};
use crate::report::plan::NewVersion;

impl Text for NewVersion {
    fn zh(&self) -> String {
        "新版本".to_owned()
    }
}

impl Text for AliasEffect {
    fn zh(&self) -> String {
        match self {
            Self::AllTo(version) => format!("全部流量指向版本 {version}"),
            Self::Keeps(routing) => format!("保持现有权重：{routing}"),
        }
    }
}

impl Text for NotCompared {
    fn zh(&self) -> String {
        match self {
            Self::Account => "`apply` 不比较账号：临时密钥无法说明属于哪个账号",
            Self::Object => "`apply` 不比较 COS 中的对象：届时部署当时存放的内容",
            Self::Image => {
                "`apply` 不比较镜像标签所指的内容；写上摘要（`name:tag@sha256:…`）即固定为一个镜像"
            }
        }
        .to_owned()
    }
}

impl Text for CodeWarning {
    fn zh(&self) -> String {
        match self {
            Self::MadeExecutable { name } => {
                format!("`{name}` 在本地不可执行；在代码包中已设为可执行（0755）")
            }
            Self::Injected { name, entry_file } => {
                format!("没有 `{name}`；已添加一个用于启动 `{entry_file}` 的文件")
            }
            Self::UnknownRuntime { runtime, meant } => {
                let meant = meant.map(|meant| format!("；是不是想写 `{meant}`？"));
                format!("本版本不认识运行环境 `{runtime}`{}", meant.unwrap_or_default())
            }
        }
    }
}

impl Text for DeletionNotice {
    fn zh(&self) -> String {
        match self {
            Self::FunctionGone { function } => format!("函数 `{function}` 不存在；未发送任何请求"),
            Self::VersionGone { version, function } => {
                format!("函数 `{function}` 没有版本 {version}；未发送任何请求")
            }
            Self::AliasGone { alias, function } => {
                format!("函数 `{function}` 没有别名 `{alias}`；未发送任何请求")
            }
            Self::Removes { step, function: FunctionId { name, namespace, region } } => {
                format!("{}（函数 `{name}`，命名空间 `{namespace}`，地域 {region}）", step.zh())
            }
            Self::Prunes { versions, stay, function: FunctionId { name, namespace, region } } => {
                format!(
                    "删除函数 `{name}`（命名空间 `{namespace}`，地域 {region}）的版本 {}；保留 {stay} 个",
                    listed_by("、", versions)
                )
            }
            Self::GoOn => "此操作不可撤销，是否继续？".to_owned(),
        }
    }
}

impl Text for Notice {
    #[expect(clippy::too_many_lines, reason = "an arm a sentence")]
    fn zh(&self) -> String {
        match self {
            Self::Reachable(address) => format!("其他机器也可以访问 {address}"),
            Self::LocalState(path) => {
                format!("使用本地 SCF，不会访问云端；状态保存在 {}", path.display())
            }
            Self::ReportKept(path) => {
                format!("没有执行任何操作，报告 {} 保持不变", path.display())
            }
            Self::RunIdUnused => {
                "--run-id 在此不起作用：它是发布的名称，而本次不发布版本".to_owned()
            }
            Self::StateInUse(path) => {
                format!("另一个命令正在使用本地状态 {}，等它结束后继续", path.display())
            }
            Self::NotCompared(what) => what.zh(),
            Self::PlanSaved { file } => format!("计划已保存；用 `scfctl apply {file}` 执行"),
            Self::ReportWritten(path) => format!("报告已写入 {}", path.display()),
            Self::Stopping => "将在下一次变更之前停止；再次中断则立即退出".to_owned(),
            Self::Project { app, stage, instances } => format!(
                "项目共 {} 个实例，应用 {app}，环境 {stage}：{}",
                instances.len(),
                listed_by("、", instances)
            ),
            Self::LeftAlone { name, folder, component } => {
                format!("{folder} 中的 `{name}` 保持不变：scfctl 不部署组件 `{component}`")
            }
            Self::NoFunctionOf { name, folder, component } => {
                format!("不查看 {folder} 中的 `{name}`：组件 `{component}` 不是 scfctl 管理的函数")
            }
            Self::StandIn { reference, instance, stand_in } => {
                format!("部署 `{instance}` 之后才能得到 {reference}；预览中以 `{stand_in}` 代替")
            }
            Self::FunctionPlanned { calls } => format!("计划调用 {calls} 次"),
            Self::FunctionDeployed { last_version, traffic } => {
                format!("已部署，最后发布的版本为 {last_version}，traffic 为 {traffic}")
            }
            Self::InstancePlanned { functions } => format!("已生成计划，函数 {functions} 个"),
            Self::InstanceDeployed { functions } => format!("已部署，函数 {functions} 个"),
            Self::HookNotRun { folder } => {
                format!("只有实际部署时才执行 src.hook；按现状使用 `{}`", folder.display())
            }
            Self::HookRuns { command } => format!("执行 src.hook：`{command}`"),
            Self::NoPackage { key } => format!("`{key}` 没有代码包：它运行的代码在别处"),
            Self::Finished { command } => format!("原样部署该代码包：`{command}`"),
            Self::HookNotNeeded { package } => {
                format!("不执行 src.hook：`{}` 会原样上传", package.display())
            }
            Self::PackageHash { sha256 } => format!("代码包的 SHA-256 为 {sha256}"),
            Self::Invoked { request_id, qualifier, duration, billed, memory } => format!(
                "{qualifier} 已返回：{duration} ms（计费 {billed} ms），内存 {memory} MB，请求 {request_id}"
            ),
            Self::InvokedLater { request_id } => {
                format!("调用已受理，将异步执行；请求 {request_id}")
            }
            Self::SplitAsSet { alias, calls, confidence } => format!(
                "从 {calls} 次调用来看，别名 `{alias}` 的实际流量与设置相符（置信度 {confidence}）"
            ),
            Self::CallsBegin { function, alias, calls } => {
                format!("通过别名 `{alias}` 调用函数 `{function}` {calls} 次")
            }
            Self::CallsEnded { done, calls } => {
                format!("计划调用 {calls} 次，已进行 {done} 次，不再继续")
            }
            Self::CallLost { why } => {
                format!("一次调用的应答丢失，不知道由哪个版本应答：{}", why.zh())
            }
            Self::WaitsForLogs { missing } => format!("等待 {missing} 次调用的日志"),
            Self::LogsOf { from, until } => {
                format!("日志时间范围：{from} 至 {until}（UTC+8）")
            }
            Self::Following { from } => {
                format!("持续显示 {from}（UTC+8）以来的日志；按 Ctrl-C 结束")
            }
            Self::LogsOfCanary { version } => {
                format!("只显示正在灰度发布的版本 {version}")
            }
            Self::NoLogs => {
                "该时间范围内没有日志：没有调用，或日志尚未到达（可能需要一分钟）".to_owned()
            }
            Self::NoLogsOf { filters } => format!(
                "该时间范围内没有符合 {} 的日志；去掉该条件可能有其他日志，新日志可能需要一分钟才到达",
                listed_by("、", filters)
            ),
            Self::OnlyWithFollow { option } => format!("没有 --follow 时，{option} 不起作用"),
            Self::NotIndexed { topic } => format!(
                "日志主题 {topic} 的索引中没有函数的字段（`SCF_FunctionName` 等），因此查不到；修改索引只对之后的日志有效"
            ),
            Self::LogsBehind { seconds, why } => {
                format!("日志有延迟：{}；{seconds} 秒后再查，不会遗漏", why.zh())
            }
            Self::NoMetrics => {
                "该时间段没有监控数据：没有调用，或者数据尚未上报（通常需要几分钟）".to_owned()
            }
            Self::IntervalUnused => "已给出 `startTime`，`interval` 不起作用".to_owned(),
            Self::ProfileNotUsed => "本地 SCF 使用自己的密钥，不使用 --profile 的凭证".to_owned(),
            Self::AliasAsAsked => "别名已符合要求，未做任何变更".to_owned(),
            Self::NoWeights { alias, effect } => {
                format!("`config` 中没有权重：别名 `{alias}` {}", effect.zh())
            }
            Self::NoConfig { alias, effect } => format!(
                "没有 `--inputs config=…`，别名 `{alias}` {}；命令换行续写时，行尾需加 `\\`",
                effect.zh()
            ),
            Self::Undo { command } => format!("撤销：`{command}`"),
            Self::DeadlineWaived => {
                "--deadline 已过，不再生效；灰度发布继续，不再有期限".to_owned()
            }
            Self::RolloutAsAsked => "无需变更，未做任何变更".to_owned(),
            Self::WithoutRollout { functions } => {
                format!("不在本次灰度发布中，保持原样：{}", functions.join("、"))
            }
            Self::ServesAlready { version } => {
                format!("版本 {version} 已承接全部流量，未做任何变更")
            }
            Self::RolledBack { to, left } => {
                format!("版本 {to} 承接全部流量，{} 不再有流量", listed_by("、", left))
            }
            Self::SkipsRolledBack { skipped, meant, named } => format!(
                "最后发布的版本 {skipped} 已被回滚，因此选用版本 {meant}；要再次发布它，请写 {named} {skipped}"
            ),
            Self::AdditionalServesAll { additional, main, command } => format!(
                "全部流量由 {additional} 承接，主版本仍为 {main}；要将 {additional} 设为主版本：`{command}`"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Routing, Version, Weight};
    use crate::network::Silence;
    use crate::output::text::zh::assert_chinese;
    use crate::plan::Step;
    use crate::report::Said;

    #[test]
    fn every_sentence_is_chinese() {
        assert_chinese(&NewVersion);
        assert_chinese(&NewVersion);
        let text = || "name".to_owned();
        let behind = || Said::new(&Silence::Nothing { within: std::time::Duration::from_secs(10) });
        let (one, two) = (Version::Number(1), Version::Number(2));
        let function = || FunctionId { name: text(), namespace: text(), region: text() };
        let effect = AliasEffect::AllTo(one);
        for notice in [
            Notice::Reachable("0.0.0.0:80".parse().unwrap()),
            Notice::LocalState("/tmp".into()),
            Notice::StateInUse("/tmp".into()),
            Notice::RunIdUnused,
            Notice::ReportKept("/tmp".into()),
            Notice::NoLogsOf { filters: vec!["level=ERROR".to_owned()] },
            Notice::OnlyWithFollow { option: "--overlap" },
            Notice::Stopping,
            Notice::NotCompared(NotCompared::Account),
            Notice::NotCompared(NotCompared::Object),
            Notice::NotCompared(NotCompared::Image),
            Notice::PlanSaved { file: text() },
            Notice::ReportWritten("rollout.html".into()),
            Notice::Project { app: text(), stage: text(), instances: vec![text()] },
            Notice::LeftAlone { name: text(), folder: text(), component: text() },
            Notice::NoFunctionOf { name: text(), folder: text(), component: text() },
            Notice::StandIn { reference: text(), instance: text(), stand_in: text() },
            Notice::FunctionPlanned { calls: 2 },
            Notice::FunctionDeployed { last_version: one, traffic: Weight::ONE },
            Notice::InstancePlanned { functions: 2 },
            Notice::InstanceDeployed { functions: 2 },
            Notice::HookNotRun { folder: "/tmp".into() },
            Notice::HookRuns { command: "npm run build".to_owned() },
            Notice::NoPackage { key: text() },
            Notice::PackageHash { sha256: "ab".to_owned() },
            Notice::SplitAsSet { alias: text(), calls: 7, confidence: "99%".to_owned() },
            Notice::CallsBegin { function: text(), alias: text(), calls: 7 },
            Notice::CallsEnded { done: 1, calls: 7 },
            Notice::CallLost { why: Said::new(&"x") },
            Notice::WaitsForLogs { missing: 7 },
            Notice::Finished { command: text() },
            Notice::HookNotNeeded { package: "/tmp/a.zip".into() },
            Notice::Invoked {
                request_id: "id".to_owned(),
                qualifier: "2".to_owned(),
                duration: "1.5".to_owned(),
                billed: 2,
                memory: "1.0".to_owned(),
            },
            Notice::InvokedLater { request_id: "id".to_owned() },
            Notice::LogsOf { from: "a".to_owned(), until: "b".to_owned() },
            Notice::Following { from: "a".to_owned() },
            Notice::LogsOfCanary { version: Version::Number(2) },
            Notice::NoLogs,
            Notice::NotIndexed { topic: "t".to_owned() },
            Notice::LogsBehind { seconds: 4, why: behind() },
            Notice::NoMetrics,
            Notice::IntervalUnused,
            Notice::ProfileNotUsed,
            Notice::AliasAsAsked,
            Notice::NoWeights { alias: text(), effect: effect.clone() },
            Notice::NoConfig { alias: text(), effect },
            Notice::NoConfig { alias: text(), effect: AliasEffect::Keeps(Routing::all_to(one)) },
            Notice::Undo { command: "scfctl rollout abort".to_owned() },
            Notice::RolloutAsAsked,
            Notice::WithoutRollout { functions: vec!["a".to_owned(), "b".to_owned()] },
            Notice::DeadlineWaived,
            Notice::ServesAlready { version: one },
            Notice::RolledBack { to: one, left: vec![two] },
            Notice::SkipsRolledBack { skipped: two, meant: one, named: "--to" },
            Notice::AdditionalServesAll {
                additional: two,
                main: one,
                command: "scfctl update-alias --inputs name=a".to_owned(),
            },
        ] {
            assert_chinese(&notice);
        }
        for warning in [
            CodeWarning::MadeExecutable { name: "bootstrap" },
            CodeWarning::Injected { name: "bootstrap", entry_file: text() },
            CodeWarning::UnknownRuntime { runtime: text(), meant: Some("Go1") },
            CodeWarning::UnknownRuntime { runtime: text(), meant: None },
        ] {
            assert_chinese(&warning);
        }
        for deletion in [
            DeletionNotice::FunctionGone { function: text() },
            DeletionNotice::VersionGone { version: one, function: text() },
            DeletionNotice::AliasGone { alias: text(), function: text() },
            DeletionNotice::Removes {
                step: Said::new(&Step::DeleteVersion(one)),
                function: function(),
            },
            DeletionNotice::Prunes { versions: vec![one, one], stay: 3, function: function() },
            DeletionNotice::GoOn,
        ] {
            assert_chinese(&deletion);
        }
    }
}
