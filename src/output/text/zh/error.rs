//! Errors as the user sees them, in Chinese.

use std::fmt::Write as _;

use super::{Text, listed};
use crate::error::{Doing, Error, Task};
use crate::text::Language;

impl Text for Task {
    fn zh(&self) -> String {
        match self {
            Self::Deploy { function } => format!("部署函数 `{function}`"),
            Self::CreateAlias { alias, function } => {
                format!("为函数 `{function}` 创建别名 `{alias}`")
            }
            Self::UpdateAlias { alias, function } => {
                format!("更新函数 `{function}` 的别名 `{alias}`")
            }
            Self::DeleteAlias { alias, function } => {
                format!("删除函数 `{function}` 的别名 `{alias}`")
            }
            Self::Remove { function } => format!("删除函数 `{function}`"),
            Self::RemoveVersion { version, function } => {
                format!("删除函数 `{function}` 的版本 {version}")
            }
            Self::Prune { function } => format!("清理函数 `{function}` 的版本"),
            Self::ListAliases { function } => format!("列出函数 `{function}` 的别名"),
            Self::ReadLoad { function } => format!("查看函数 `{function}` 的模拟流量"),
            Self::SetLoad { function } => format!("设置函数 `{function}` 的模拟流量"),
            Self::Invoke { function } => format!("调用函数 `{function}`"),
            Self::VerifySplit { alias, function } => {
                format!("检查函数 `{function}` 的别名 `{alias}` 的实际流量")
            }
            Self::ReadLogs { function } => format!("读取函数 `{function}` 的日志"),
            Self::ReadMetrics { function } => format!("读取函数 `{function}` 的监控数据"),
            Self::Status { function } => format!("查看函数 `{function}`"),
            Self::ReadPart { part, function } => {
                format!("读取函数 `{function}` 的{}", part.zh())
            }
            Self::ListVersions { function } => format!("列出函数 `{function}` 的版本"),
            Self::PublishVersion { function } => format!("发布函数 `{function}` 的版本"),
            Self::Rollout { verb, alias, function } => {
                format!("{}（函数 `{function}` 的别名 `{alias}`）", verb.zh())
            }
            Self::LookUp { reference } => format!("查询 {reference}"),
            Self::UseState { state } => format!("使用 {}", state.display()),
            Self::Start => "启动".to_owned(),
            Self::WorkingDirectory => "确定当前目录".to_owned(),
            Self::WriteResult => "写出结果".to_owned(),
            Self::WriteFile { path } => format!("写入 {}", path.display()),
            Self::WriteReport { path } => format!("写出报告 {}", path.display()),
            Self::Pack => "打包代码".to_owned(),
            Self::Read { path } => format!("读取 {}", path.display()),
            Self::ListenForSignals => "监听信号".to_owned(),
        }
    }
}

impl Text for Error {
    fn zh(&self) -> String {
        match self {
            Self::Arguments(error) => error.zh(),
            Self::Inputs(error) => error.zh(),
            Self::Values(error) => error.zh(),
            Self::Project(error) => error.zh(),
            Self::Unresolved { errors } => of_several("中有引用无法解析", errors),
            Self::OutputsNotKnown { errors, .. } => of_several("需要未知的输出", errors),
            Self::Code(error) => error.zh(),
            Self::Options(error) => error.zh(),
            Self::Config(error) => error.zh(),
            Self::Input(error) => error.zh(),
            Self::FunctionInputs(errors) => errors.zh(),
            Self::Credentials(error) => error.zh(),
            Self::Endpoint(error) => error.zh(),
            Self::Proxy(error) => error.zh(),
            Self::Package(_) => "无法打包代码".to_owned(),
            Self::Hook(error) => error.zh(),
            Self::Plan { function, .. } => format!("无法部署函数 `{function}`"),
            Self::Call { task, .. } | Self::Halted { task, .. } | Self::Io { task, .. } => {
                format!("无法{}", task.zh())
            }
            Self::Rollout(error) => error.zh(),
            Self::Invoke(error) => error.zh(),
            Self::Init(error) => error.zh(),
            Self::Logs(error) => error.zh(),
            Self::Split(error) => error.zh(),
            Self::Saved(error) => error.zh(),
            Self::After { error, .. } => error.zh(),
            Self::Instance { name, error } => format!("{name}：{}", error.zh()),
            Self::Several { doing, deployed, failed, skipped, not_begun, .. } => {
                let total = deployed.len() + failed.len() + skipped.len() + not_begun.len();
                if failed.is_empty() {
                    let done = match doing {
                        Doing::Deploying => "部署",
                        Doing::Removing => "删除",
                        Doing::Looking => "读取",
                    };
                    format!("共 {total} 个，已{done} {} 个", deployed.len())
                } else {
                    format!("共 {total} 个，失败 {} 个：{}", failed.len(), listed(failed))
                }
            }
            Self::LeftAtOnce(..) => {
                "再次收到停止请求，已立即退出；正在进行的调用可能已经执行".to_owned()
            }
            Self::Client(error) => error.zh(),
            Self::Local(_) => "无法启动本地 SCF".to_owned(),
        }
    }

    fn cause(&self) -> Option<&dyn Text> {
        match self {
            Self::Arguments(_)
            | Self::Inputs(_)
            | Self::Values(_)
            | Self::Project(_)
            | Self::Unresolved { .. }
            | Self::OutputsNotKnown { .. }
            | Self::Code(_)
            | Self::Options(_)
            | Self::Input(_)
            | Self::FunctionInputs(_)
            | Self::Credentials(_)
            | Self::Endpoint(_)
            | Self::Proxy(_)
            | Self::Several { .. }
            | Self::Rollout(_)
            | Self::Invoke(_)
            | Self::Init(_)
            | Self::Logs(_)
            | Self::Split(_)
            | Self::Saved(_)
            | Self::LeftAtOnce(..) => None,
            Self::Plan { source, .. } => Some(source),
            Self::Call { source, .. } => Some(source),
            Self::Halted { source, .. } => Some(&source.0.source),
            Self::Config(error) => Text::cause(error),
            Self::Package(error) => Some(error),
            Self::Hook(error) => error.cause(),
            Self::Instance { error, .. } | Self::After { error, .. } => Text::cause(&**error),
            Self::Client(error) => Text::cause(error),
            Self::Local(error) => Some(error),
            Self::Io { source, .. } => Some(source),
        }
    }
}

/// The errors of several instances, a line each.
fn of_several(what: &str, errors: &[(String, Error)]) -> String {
    let mut text = format!("{} 个实例{what}", errors.len());
    for (name, error) in errors {
        let _ = write!(
            text,
            "\n{name}：{}",
            error.report_in(Language::Chinese).whole_in(Language::Chinese)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ExitCode, Part};
    use crate::execute::Signal;
    use crate::model::Version;
    use crate::output::text::zh::assert_chinese;

    #[test]
    fn every_sentence_is_chinese() {
        let (function, alias) = (|| "demo".to_owned(), || "prod".to_owned());
        for task in [
            Task::Deploy { function: function() },
            Task::Invoke { function: function() },
            Task::ReadLogs { function: function() },
            Task::CreateAlias { alias: alias(), function: function() },
            Task::UpdateAlias { alias: alias(), function: function() },
            Task::DeleteAlias { alias: alias(), function: function() },
            Task::Remove { function: function() },
            Task::RemoveVersion { version: Version::Number(2), function: function() },
            Task::Prune { function: function() },
            Task::ListAliases { function: function() },
            Task::ReadLoad { function: function() },
            Task::SetLoad { function: function() },
            Task::ReadMetrics { function: function() },
            Task::Status { function: function() },
            Task::ReadPart { part: Part::Triggers, function: function() },
            Task::VerifySplit { alias: alias(), function: function() },
            Task::ListVersions { function: function() },
            Task::PublishVersion { function: function() },
            Task::LookUp { reference: "${output:dev:shop:net.vpcId}".to_owned() },
            Task::UseState { state: ".scfctl/local.json".into() },
            Task::Start,
            Task::WorkingDirectory,
            Task::WriteResult,
            Task::WriteFile { path: "x".into() },
            Task::WriteReport { path: "rollout.html".into() },
            Task::Pack,
            Task::Read { path: "values.yml".into() },
            Task::ListenForSignals,
        ] {
            assert_chinese(&task);
        }
        let several = |failed: &[&str]| Error::Several {
            doing: Doing::Removing,
            code: ExitCode::Failure,
            deployed: vec!["a".to_owned()],
            failed: failed.iter().map(ToString::to_string).collect(),
            skipped: Vec::new(),
            not_begun: vec!["c".to_owned()],
            run_id: None,
            reports: Vec::new(),
            result: serde_json::Map::new(),
        };
        for error in [
            several(&[]),
            several(&["b"]),
            several(&["b"]).of_instance("x".to_owned()),
            Error::LeftAtOnce(Signal::Interrupt, None),
        ] {
            assert_chinese(&error);
        }
    }
}
