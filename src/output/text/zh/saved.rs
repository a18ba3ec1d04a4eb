//! Saved plans, in Chinese.

use super::super::Text;
use super::listed;
use crate::error::{SavedError, SavedHint};
use crate::plan::saved::{Changed, ReadKind};

impl Text for Changed {
    fn zh(&self) -> String {
        let name = &self.name;
        let what = match self.read {
            ReadKind::Place => format!("`{name}`"),
            ReadKind::Input => format!("输入 `{name}`"),
            ReadKind::Package => "待上传的代码".to_owned(),
            ReadKind::Function => "函数".to_owned(),
            ReadKind::Setting => format!("函数的配置 `{name}`"),
            ReadKind::Code => "$LATEST 的代码".to_owned(),
            ReadKind::Version => format!("版本 {name}"),
            ReadKind::Alias => format!("别名 `{name}`"),
            ReadKind::Description => format!("别名 `{name}` 的描述"),
            ReadKind::Provisioned => format!("版本 {name} 的预置实例"),
            ReadKind::Trigger => format!("触发器 {name}"),
            ReadKind::Steps => "将要发送的内容".to_owned(),
        };
        match (&self.was, &self.is, self.values()) {
            (_, _, Some((was, is))) => format!("{what}：{was} -> {is}"),
            (None, ..) => format!("{what}：新增"),
            (_, None, _) => format!("{what}：已不存在"),
            _ => format!("{what}：已改变"),
        }
    }
}

impl Text for SavedError {
    fn zh(&self) -> String {
        match self {
            Self::Unreadable { path, reason } => {
                format!("无法读取计划 `{}`：“{reason}”", path.display())
            }
            Self::NoPlan { path } => format!("`{}` 不是保存的计划", path.display()),
            Self::Format { path, found } => {
                format!("计划 `{}` 的格式为 {found}，本版本只读取格式 1", path.display())
            }
            Self::Edited { path } => format!("计划 `{}` 在写入之后被修改过", path.display()),
            Self::OtherVersion { path, made_by, .. } => format!(
                "计划 `{}` 由版本 {made_by} 生成，当前版本为 {}",
                path.display(),
                env!("CARGO_PKG_VERSION")
            ),
            Self::Secret { argument } => format!("计划会保存命令行，而 `{argument}` 可能是密钥"),
            Self::Unused { argument } => {
                format!("计划会保存命令行，而没有任何地方引用 `{argument}`，它可能是密钥")
            }
            Self::Occupied { path } => {
                format!("--plan `{}` 已经存在，而且不是计划", path.display())
            }
            Self::Target { path, problem } => {
                format!("--plan `{}` {}", path.display(), problem.zh())
            }
            Self::Several { functions } => {
                format!("一个计划只针对一个函数，这里有多个：{}", listed(functions))
            }
            Self::Rollout => {
                "--plan 与 --rollout 不能同用：灰度发布的每一步都按当时的情况决定".to_owned()
            }
            Self::Stale { path, changed, .. } => {
                const TOLD: usize = 30;
                let head =
                    format!("计划 `{}` 已过期，没有发送任何请求。此后的变化：", path.display());
                let told = changed.iter().take(TOLD).map(Text::zh);
                let more = changed.len().checked_sub(TOLD).filter(|more| *more > 0);
                let more = more.map(|more| format!("另有 {more} 处"));
                let lines: Vec<String> = std::iter::once(head).chain(told).chain(more).collect();
                lines.join("\n")
            }
        }
    }
}

impl Text for SavedHint<'_> {
    fn zh(&self) -> String {
        match self {
            Self::Anew(command) => format!("请重新生成计划：`{command}`"),
            Self::Make => "请重新生成：`scfctl deploy --plan FILE`".to_owned(),
            Self::Refer => {
                "请放入环境变量或 .env，并在 serverless.yml 中引用：${env:NAME}".to_owned()
            }
            Self::LeaveOut => "请去掉该参数，或在 serverless.yml 中引用：${param:NAME}".to_owned(),
            Self::Elsewhere => "请指定另一个文件".to_owned(),
            Self::One => "请指定其中一个：--target DIR 或 --function KEY".to_owned(),
            Self::RollOut => {
                "请只为部署生成计划，执行之后再用 `scfctl rollout start` 开始灰度发布".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{assert_chinese, assert_text_is_chinese};
    use super::*;
    use crate::error::TargetProblem;

    #[test]
    fn every_sentence_is_chinese() {
        let changed =
            |read| Changed { read, name: "timer".to_owned(), was: Some("1".to_owned()), is: None };
        for read in [
            ReadKind::Place,
            ReadKind::Input,
            ReadKind::Package,
            ReadKind::Function,
            ReadKind::Setting,
            ReadKind::Code,
            ReadKind::Version,
            ReadKind::Alias,
            ReadKind::Description,
            ReadKind::Provisioned,
            ReadKind::Trigger,
            ReadKind::Steps,
        ] {
            assert_chinese(&changed(read));
            assert_chinese(&Changed { was: None, ..changed(read) });
            let is = Some("#2".to_owned());
            assert_chinese(&Changed { is, ..changed(read) });
        }
        let (path, command) = (|| "p.json".into(), || "scfctl deploy --plan p.json".to_owned());
        let problem = TargetProblem::NoFile;
        let all = (0..32).map(|_| changed(ReadKind::Input)).collect();
        for error in [
            SavedError::Unreadable { path: path(), reason: "No such file".to_owned() },
            SavedError::NoPlan { path: path() },
            SavedError::Format { path: path(), found: "2".to_owned() },
            SavedError::Edited { path: path() },
            SavedError::OtherVersion {
                path: path(),
                made_by: "0.1".to_owned(),
                command: command(),
            },
            SavedError::Secret { argument: "--param A=…".to_owned() },
            SavedError::Unused { argument: "A=[redacted]".to_owned() },
            SavedError::Occupied { path: path() },
            SavedError::Target { path: path(), problem },
            SavedError::Several { functions: vec!["a".to_owned()] },
            SavedError::Rollout,
            SavedError::Stale { path: path(), changed: all, command: command() },
        ] {
            error.zh().lines().for_each(assert_text_is_chinese);
        }
        for hint in [
            SavedHint::Anew("scfctl deploy"),
            SavedHint::Make,
            SavedHint::Refer,
            SavedHint::LeaveOut,
            SavedHint::Elsewhere,
            SavedHint::One,
            SavedHint::RollOut,
        ] {
            assert_chinese(&hint);
        }
    }
}
