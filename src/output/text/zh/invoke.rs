//! Invocations, in Chinese.

use super::super::Text;
use crate::error::{InvokeError, InvokeHint};

impl Text for InvokeError {
    fn zh(&self) -> String {
        match self {
            Self::Failed { function, message, .. } => {
                format!("函数 `{function}` 执行失败：“{message}”")
            }
            Self::SomeFailed { function, failed, calls, message, .. } => format!(
                "函数 `{function}` 的 {calls} 次调用中有 {failed} 次失败，最后一次的原因：“{message}”"
            ),
            Self::NotJson { category: serde_json::error::Category::Eof, .. } => {
                "调用参数不是 JSON：内容不完整".to_owned()
            }
            Self::NotJson { line, column, .. } => {
                format!("调用参数不是 JSON：第 {line} 行第 {column} 列")
            }
            Self::NotUtf8 => "调用参数不是 UTF-8 文本".to_owned(),
            Self::TooLarge { size, limit } => {
                format!("调用参数有 {size} 字节，一次调用最多 {limit} 字节")
            }
            Self::TwoPayloads => "调用参数给出了两次：`event` 以及 --data 或 --path".to_owned(),
            Self::RoutingKey { size } => {
                format!("--routing-key 共 {size} 字节，一次调用最多 1024 字节")
            }
            Self::RoutingTwice(name) => format!("--routing-key 两次给出 `{name}`"),
            Self::NoFile { path, why } => {
                format!("--path `{}` 无法读取：“{why}”", path.display())
            }
            Self::RoutingOfVersion(version) => {
                format!("--routing-key 对版本 {version} 无效：只有别名才有匹配规则")
            }
        }
    }
}

impl Text for InvokeHint {
    fn zh(&self) -> String {
        match self {
            Self::Json => {
                "JSON 写在单引号中，其中的文本用双引号：`--data '{\"key\": \"value\"}'`、`--data '\"text\"'`"
                    .to_owned()
            }
            Self::Large => "请放到函数能够读取的地方，例如 COS，并传入其地址".to_owned(),
            Self::LeaveOneOut => "请去掉其中一个".to_owned(),
            Self::File => {
                "--path 是从当前目录算起的文件，内容为调用参数；`-` 表示标准输入".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_chinese;
    use super::*;
    use serde_json::Map;
    use serde_json::error::Category;

    #[test]
    fn every_sentence_is_chinese() {
        let [function, message] = ["api", "ValueError: no good at all"].map(str::to_owned);
        for error in [
            InvokeError::Failed {
                function: function.clone(),
                message: message.clone(),
                request_id: "id".to_owned(),
                result: Map::new(),
            },
            InvokeError::SomeFailed { function, failed: 1, calls: 2, message, result: Map::new() },
            InvokeError::NotJson { category: Category::Eof, line: 1, column: 2 },
            InvokeError::NotJson { category: Category::Syntax, line: 1, column: 2 },
            InvokeError::NotUtf8,
            InvokeError::TooLarge { size: 7, limit: 6 },
            InvokeError::TwoPayloads,
            InvokeError::RoutingKey { size: 2000 },
            InvokeError::RoutingOfVersion("2".to_owned()),
        ] {
            assert_chinese(&error);
        }
        for hint in [InvokeHint::Json, InvokeHint::Large, InvokeHint::LeaveOneOut] {
            assert_chinese(&hint);
        }
    }
}
