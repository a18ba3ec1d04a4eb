//! Logs, in Chinese.

use super::super::Text;
use crate::error::{LogsError, LogsHint};
use crate::model::listed_by;
use crate::shell::quoted;

impl Text for LogsError {
    fn zh(&self) -> String {
        match self {
            Self::Off { function } => format!("函数 `{function}` 没有日志主题，不写日志"),
            Self::NoRollout { function, alias: Some(alias) } => {
                format!("函数 `{function}` 的别名 `{alias}` 没有进行中的灰度发布")
            }
            Self::NoRollout { function, alias: None } => {
                format!("函数 `{function}` 没有进行中的灰度发布")
            }
            Self::SeveralRollouts { function, aliases } => {
                format!("函数 `{function}` 有多个别名正在灰度发布：{}", listed_by("、", aliases))
            }
            Self::CanaryAndVersion => "--canary 和 `qualifier` 都指定了版本".to_owned(),
            Self::EndlessObject => "--output json 是一个对象，而 --follow 没有终点".to_owned(),
        }
    }
}

impl Text for LogsHint {
    fn zh(&self) -> String {
        match self {
            Self::SwitchOn => {
                "请在 serverless.yml 中用 `cls`（logsetId、topicId）指定并部署；已发布的版本保持不变"
                    .to_owned()
            }
            Self::NameAlias(alias) => {
                format!("请指定一个：`scfctl logs --canary --alias {}`", quoted(alias))
            }
            Self::LeaveOneOut => "请去掉其中一个".to_owned(),
            Self::Lines => "请用 --output ndjson，每行日志输出一行 JSON".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_chinese;
    use super::*;

    #[test]
    fn every_sentence_is_chinese() {
        let (function, alias) = (|| "api".to_owned(), || "prod".to_owned());
        for error in [
            LogsError::Off { function: function() },
            LogsError::NoRollout { function: function(), alias: None },
            LogsError::NoRollout { function: function(), alias: Some(alias()) },
            LogsError::SeveralRollouts { function: function(), aliases: vec![alias(), alias()] },
            LogsError::CanaryAndVersion,
            LogsError::EndlessObject,
        ] {
            assert_chinese(&error);
        }
        for hint in [
            LogsHint::SwitchOn,
            LogsHint::NameAlias(alias()),
            LogsHint::LeaveOneOut,
            LogsHint::Lines,
        ] {
            assert_chinese(&hint);
        }
    }
}
