//! What is said of references.

use std::collections::BTreeSet;

use crate::config::variables::{
    MAX_DEPTH, MAX_LENGTH, MAX_REFERENCES, MAX_TOTAL, ReferenceFault, VariableError,
    VariableErrors, VariableHint, VariableHints, VariableWarning,
};
use crate::output::Text;

impl Text for VariableWarning {
    fn zh(&self) -> String {
        let path = &self.path;
        match (&self.text, self.escaped) {
            (Some(text), false) => format!("{path}：`{text}` 不是引用，按原样保留"),
            (Some(text), true) => {
                format!("{path}：`{text}` 仍会被解析，前面的反斜杠也会保留")
            }
            (None, _) => format!("{path}：代入的环境变量值中含有 `${{`，按原样保留"),
        }
    }
}

impl Text for VariableError {
    fn zh(&self) -> String {
        format!("无法解析 `{}` 中的 `{}`", self.path, self.reference)
    }

    fn cause(&self) -> Option<&dyn Text> {
        Some(&self.reason)
    }
}

impl Text for VariableErrors {
    fn zh(&self) -> String {
        let shown = self.0.iter().map(|error| format!("{}：{}", error.zh(), error.reason.zh()));
        shown.collect::<Vec<_>>().join("；")
    }
}

impl Text for ReferenceFault {
    fn zh(&self) -> String {
        match self {
            Self::NotSet { name } => format!("环境变量 `{name}` 没有设置"),
            Self::Unclosed { name, line } => {
                format!(".env 文件（第 {line} 行）中 `{name}` 的值以引号开头，但引号没有闭合")
            }
            Self::Unread { name, line } => format!(
                "环境变量 `{name}` 没有设置；.env 文件第 {line} 行提到它，但不是 NAME=value 的形式"
            ),
            Self::NoSuchValue { name } => format!("配置中没有 `{name}`"),
            Self::Cycle { name } => format!("`{name}` 引用了自身"),
            Self::TooDeep => format!("引用嵌套超过 {MAX_DEPTH} 层"),
            Self::TooLong => format!("字符串超过 {MAX_LENGTH} 字节"),
            Self::TooMany => format!("需要解析的引用超过 {MAX_REFERENCES} 个"),
            Self::TooMuch => format!("所有字符串合计超过 {MAX_TOTAL} 字节"),
            Self::NoParameter { name } => format!("没有给出参数 `{name}`"),
            Self::OutputOfUnknown => "要先解析其中的引用，才能确定是哪个输出".to_owned(),
            Self::MalformedOutput => "不是 stage:app:instance.key 的形式".to_owned(),
            Self::NoOutput(none) => none.what.zh(),
            Self::Unsupported { kind, .. } => format!("不支持 `{kind}` 引用"),
            Self::Unknown { .. } => "看起来像引用，但没有这种形式的引用".to_owned(),
            Self::Default => {
                "默认值必须是带引号的字符串、数字、true、false 或另一个引用".to_owned()
            }
        }
    }
}

impl Text for VariableHint {
    fn zh(&self) -> String {
        let listed = |names: &BTreeSet<String>, before: &str, behind: &str| {
            let names = names.iter().map(|name| format!("{before}{name}{behind}"));
            names.collect::<Vec<_>>().join("、")
        };
        match self {
            Self::Set { names } => {
                format!("请在环境变量或 .env 文件中设置 {}", listed(names, "`", "`"))
            }
            Self::CloseQuote { name } => {
                format!("请补上引号；值里本来就有引号时，请用另一种引号括起来：{name}='…'")
            }
            Self::WriteLine { name, line } => {
                format!("请把 .env 文件第 {line} 行写成 {name}=value")
            }
            Self::AddKey { name } => format!("请在配置顶层加上 `{name}:`"),
            Self::GiveParameter { name } => format!(
                "请用 --param {name}=VALUE 给出，或者在环境变量或 .env 文件中设置 SCFCTL_PARAM_{name}"
            ),
            Self::GiveParameters { names } => {
                format!("请给出参数：{}", listed(names, "--param ", "=VALUE"))
            }
            Self::OutputForm => {
                "例如可以写 `${output:${stage}:${app}:api.functionName}`".to_owned()
            }
            Self::Output(hint) => hint.zh(),
            Self::Write { instead: Some(instead), reference } => {
                format!("请改为 `{instead}`；如果就要这段文字，请写 `\\{reference}`")
            }
            Self::Write { instead: None, reference } => format!(
                "请直接写值，或者写 `${{env:NAME}}` 并设置该变量；如果就要这段文字，请写 `\\{reference}`"
            ),
            Self::DefaultForm => "例如可以写 `${env:MODE, 'live'}`".to_owned(),
        }
    }
}

impl Text for VariableHints {
    fn zh(&self) -> String {
        self.0.iter().map(Text::zh).collect::<Vec<_>>().join("\n")
    }
}
