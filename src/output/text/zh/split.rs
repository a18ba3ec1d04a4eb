//! Splits of an alias, in Chinese.

use super::super::Text;
use crate::error::{SplitError, SplitHint, SplitProblem, percent};

impl Text for SplitError {
    fn zh(&self) -> String {
        match self {
            Self::NotMeant { function, alias, calls } => {
                format!("该命令会通过别名 `{alias}` 真实调用函数 `{function}` {calls} 次")
            }
            Self::NoLogs { function, version } => {
                format!("函数 `{function}` 的版本 {version} 不写日志，无法得知由哪个版本应答")
            }
            Self::NotIndexed { topic } => {
                format!("日志主题 {topic} 没有函数字段的索引，无法从日志得知由哪个版本应答")
            }
            Self::Changed { alias, before, after } => format!(
                "别名 `{alias}` 在调用期间被修改：由 {} 改为 {}",
                before.percentages(),
                after.percentages()
            ),
            Self::Verdict { problem, .. } => problem.zh(),
        }
    }
}

impl Text for SplitProblem {
    fn zh(&self) -> String {
        match self {
            Self::Differs { alias, version, hits, calls, low, high, set, confidence } => format!(
                "别名 `{alias}` 的实际流量与设置不符：{calls} 次调用中版本 {version} 应答了 {hits} 次，占比在 {} 到 {} \
                 之间（置信度 {}），而设置为 {}",
                percent(*low),
                percent(*high),
                percent(*confidence),
                set.percent()
            ),
            Self::Unknown { unknown, calls } => {
                format!("{calls} 次调用中有 {unknown} 次不知道由哪个版本应答")
            }
        }
    }
}

impl Text for SplitHint {
    fn zh(&self) -> String {
        match self {
            Self::Yes => "确实要这样做时，请加上 --yes",
            Self::Place => {
                "请说明返回值中版本的位置：返回 SCF_FUNCTIONVERSION 的函数可用 --version-at /version；或用 `cls` 为该版本指定日志主题"
            }
            Self::Index => {
                "请用 --version-at /version 说明返回值中版本的位置，或在索引中加入这些字段：只对之后的日志生效"
            }
            Self::Again => "请在没有人修改别名时重试",
            Self::Look => {
                "别名的修改需要片刻才会生效，`scfctl list-alias` 显示当前设置；采取行动之前请再运行一次"
            }
            Self::Wait => {
                "日志可能延迟：请用 --wait-logs 等待更久，或用 --version-at /version 说明返回值中版本的位置"
            }
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_chinese;
    use super::*;
    use crate::model::{Routing, Version, Weight};
    use serde_json::Map;

    #[test]
    fn every_sentence_is_chinese() {
        let (function, alias) = (|| "api".to_owned(), || "prod".to_owned());
        let version = Version::Number(2);
        let differs = SplitProblem::Differs {
            alias: alias(),
            version,
            hits: 1,
            calls: 2,
            low: 0.1,
            high: 0.2,
            set: Weight::ONE,
            confidence: 0.99,
        };
        let unknown = SplitProblem::Unknown { unknown: 1, calls: 2 };
        for error in [
            SplitError::NotMeant { function: function(), alias: alias(), calls: 7 },
            SplitError::NoLogs { function: function(), version },
            SplitError::NotIndexed { topic: "topic-1".to_owned() },
            SplitError::Changed {
                alias: alias(),
                before: Routing::all_to(version),
                after: Routing::all_to(Version::Latest),
            },
            SplitError::Verdict { problem: differs, result: Map::new() },
            SplitError::Verdict { problem: unknown, result: Map::new() },
        ] {
            assert_chinese(&error);
        }
        for hint in [
            SplitHint::Yes,
            SplitHint::Place,
            SplitHint::Index,
            SplitHint::Again,
            SplitHint::Look,
            SplitHint::Wait,
        ] {
            assert_chinese(&hint);
        }
    }
}
