//! What the option parser does not take, in Chinese.

use std::num::{IntErrorKind, ParseIntError};

use super::Text;
use crate::error::{Refusal, Tip, ValueError};

impl Text for Refusal {
    fn zh(&self) -> String {
        match self {
            Self::Value { option, value, reason } => {
                format!("`{option}` 的值 `{value}` 无效：{}", reason.zh())
            }
            Self::NotAChoice { option, value, choices } => {
                format!("`{option}` 的值 `{value}` 无效{}", choices_behind(choices))
            }
            Self::NoValue { option, choices } => {
                format!("`{option}` 缺少值{}", choices_behind(choices))
            }
            Self::OneValueMore { option, value } => {
                format!("`{option}` 不接受多出的值 `{value}`")
            }
            Self::Conflict { option, others } if others.is_empty() => {
                format!("`{option}` 不能与其他已给出的选项同时使用")
            }
            Self::Conflict { option, others } => {
                let others: Vec<String> = others.iter().map(|other| format!("`{other}`")).collect();
                format!("`{option}` 不能与 {} 同时使用", others.join("、"))
            }
            Self::Missing { options } => {
                let options: Vec<String> =
                    options.iter().map(|option| format!("`{option}`")).collect();
                format!("缺少必需的 {}", options.join("、"))
            }
            Self::Repeated { option } => format!("`{option}` 只能给出一次"),
            Self::Unexpected { argument } => format!("多出的参数 `{argument}`"),
            Self::NoSuchSubcommand { word } => format!("没有子命令 `{word}`"),
            Self::NoSubcommand => "没有给出子命令".to_owned(),
            Self::Other(message) => format!("命令行有误：“{message}”"),
        }
    }
}

fn choices_behind(choices: &[String]) -> String {
    if choices.is_empty() {
        String::new()
    } else {
        format!("，可选值：{}", choices.join("、"))
    }
}

impl Text for ValueError {
    fn zh(&self) -> String {
        match self {
            Self::Time => "应写成秒数（300），或 500ms、90s、5m、1h".to_owned(),
            Self::Confidence => "应在 50% 到 99.99% 之间".to_owned(),
            Self::Pointer => "应为 JSON 指针，例如 /version".to_owned(),
            Self::Hash => "应为 SHA-256 的 64 个十六进制数字".to_owned(),
            Self::Goal => "应为 `done`、`paused` 或 `step=N`".to_owned(),
            Self::TimeRange => "应大于 0 且不超过 24h".to_owned(),
            Self::Parameter => "应写成 NAME=VALUE".to_owned(),
            Self::Output => {
                "应写成 STAGE:APP:NAME.KEY=VALUE，或 APP.NAME.KEY=VALUE（表示本次运行的环境）"
                    .to_owned()
            }
            Self::EmptyOutput { key } => format!("`{key}` 没有值，可能是 shell 变量为空"),
            Self::Number(error) => number(error),
            Self::Address(_) => "不是“IP:端口”形式的地址".to_owned(),
            Self::Rate(error) => error.zh(),
            Self::Other(reason) => format!("“{reason}”"),
        }
    }
}

fn number(error: &ParseIntError) -> String {
    match error.kind() {
        IntErrorKind::Empty | IntErrorKind::InvalidDigit => "应为非负整数",
        IntErrorKind::PosOverflow => "数字过大",
        IntErrorKind::NegOverflow => "数字过小",
        IntErrorKind::Zero => "不能为 0",
        // The library may add some.
        _ => return format!("“{error}”"),
    }
    .to_owned()
}

impl Text for Tip {
    fn zh(&self) -> String {
        match self {
            Self::Value(value) => format!("是不是想写 `{value}`？"),
            Self::Option(option) => format!("是不是想用 `{option}`？"),
            Self::Subcommands(names) => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                format!("是不是想用 {}？", names.join("、"))
            }
            Self::Below(option) => format!("应写在子命令之后：`{option}`"),
            Self::Other(tip) => format!("“{tip}”"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::RateError;
    use crate::output::text::zh::assert_chinese;

    fn number(text: &str) -> ValueError {
        ValueError::Number(text.parse::<std::num::NonZeroU8>().unwrap_err())
    }

    #[test]
    fn every_sentence_is_chinese() {
        let text = || "--timeout <TIME>".to_owned();
        let several = || vec!["text".to_owned(), "json".to_owned()];
        for refusal in [
            Refusal::Value { option: text(), value: text(), reason: ValueError::Time },
            Refusal::NotAChoice { option: text(), value: text(), choices: several() },
            Refusal::NoValue { option: text(), choices: several() },
            Refusal::NoValue { option: text(), choices: Vec::new() },
            Refusal::OneValueMore { option: text(), value: text() },
            Refusal::Conflict { option: text(), others: several() },
            Refusal::Conflict { option: text(), others: Vec::new() },
            Refusal::Missing { options: several() },
            Refusal::Repeated { option: text() },
            Refusal::Unexpected { argument: text() },
            Refusal::NoSuchSubcommand { word: text() },
            Refusal::NoSubcommand,
            Refusal::Other("whatever it has to say".to_owned()),
        ] {
            assert_chinese(&refusal);
        }
        for reason in [
            ValueError::Time,
            ValueError::TimeRange,
            ValueError::Goal,
            ValueError::Hash,
            ValueError::Confidence,
            ValueError::Pointer,
            ValueError::Parameter,
            ValueError::Output,
            ValueError::EmptyOutput { key: text() },
            number(""),
            number("x"),
            number("0"),
            number("300"),
            ValueError::Address("x".parse::<std::net::SocketAddr>().unwrap_err()),
            ValueError::Rate(RateError),
        ] {
            assert_chinese(&reason);
        }
        for tip in [
            Tip::Value(text()),
            Tip::Option(text()),
            Tip::Subcommands(several()),
            Tip::Below(text()),
        ] {
            assert_chinese(&tip);
        }
    }
}
