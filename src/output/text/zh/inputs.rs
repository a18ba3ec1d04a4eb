//! What is wrong with `--inputs`, in Chinese.

use super::Text;
use crate::error::{Continued, InputsAdvice, InputsError};

impl Text for InputsError {
    fn zh(&self) -> String {
        match self {
            Self::OldForm { argument, .. } => {
                format!("`{argument}` 是 `--inputs` 的旧写法，会被忽略")
            }
            Self::WithoutInputs { argument, .. } => {
                format!("`{argument}` 前面没有 `--inputs`，会被忽略")
            }
            Self::NotAPair { argument, .. } => format!("`{argument}` 不是 key=value 的形式"),
            Self::Joined { argument, .. } => format!("`{argument}` 把多个参数写在了一起"),
            Self::Unknown { keys, command, .. } => {
                let named: Vec<String> = keys.iter().map(|(key, _)| format!("`{key}`")).collect();
                format!("`{command}` 没有参数 {}", named.join("、"))
            }
            Self::Twice { key, arguments: [first, second] } => {
                format!("`{key}` 给出了两次：`{first}` 和 `{second}`")
            }
            Self::TwiceInJson { key, path, values } => {
                let both = values.as_ref().map(|[first, second]| format!("：{first} 和 {second}"));
                format!("`{key}` 的值中 `{path}` 出现了两次{}", both.unwrap_or_default())
            }
            Self::SomePublished { value } => {
                format!("`publish` 的值是 {value}，应为 true 或 false")
            }
            Self::Json { key, column, reason } => {
                format!("`{key}` 的值不是有效的 JSON，第 {column} 列：`{reason}`")
            }
            Self::ForeignSign { key, column, signs: [typed, meant] } => {
                format!("`{key}` 的值第 {column} 列是 `{typed}`，而不是 `{meant}`")
            }
            Self::ShellQuotes { key } => {
                format!("`{key}` 的值以单引号开头，因为 shell 没有去掉引号")
            }
            Self::Empty { what } => format!("`{what}` 的值为空"),
            Self::NotAWeight { argument } => format!("`{argument}` 不是 VERSION=SHARE 的形式"),
            Self::OptionWithoutValue { option } => format!("选项 `{option}` 没有值"),
        }
    }
}

/// What to do about it.
pub(super) fn inputs_hint(error: &InputsError) -> String {
    match error {
        InputsError::OldForm { advice, .. }
        | InputsError::WithoutInputs { advice, .. }
        | InputsError::NotAPair { advice, .. }
        | InputsError::Joined { advice, .. } => advice.zh(),
        InputsError::Unknown { keys, advice, .. } => {
            let meant: Vec<String> = keys
                .iter()
                .filter_map(|(_, meant)| Some(format!("`{}`", meant.as_ref()?)))
                .collect();
            if meant.is_empty() {
                advice.zh()
            } else {
                format!("是不是想写 {}？{}", meant.join("、"), advice.zh())
            }
        }
        InputsError::Twice { key, .. } => format!("`{key}` 只能给出一次"),
        InputsError::TwiceInJson { path, .. } => format!("`{path}` 只能给出一次"),
        InputsError::SomePublished { .. } => InputsAdvice::PublishOne.zh(),
        InputsError::Json { key, .. } => format!(
            "双引号可能被 shell 去掉了；在 sh 和 PowerShell 7.3 及以上版本中请写 {key}='{{\"a\":1}}'，在 cmd.exe 中请写 \
             \"{key}={{\\\"a\\\":1}}\"；以括号开头的字符串请写成 JSON 字符串：{key}='\"[text]\"'"
        ),
        InputsError::ForeignSign { signs: [typed, meant], .. } => {
            format!("请把输入法或文本编辑器产生的 `{typed}` 改成 `{meant}`")
        }
        InputsError::ShellQuotes { key } => {
            format!("cmd.exe 不识别单引号；请写 \"{key}={{\\\"a\\\":1}}\"")
        }
        InputsError::Empty { what } => InputsAdvice::of_empty(what).zh(),
        InputsError::NotAWeight { .. } => {
            "例如 --weight 2=0.1，或 --weight '$LATEST=0.1'（用单引号）".to_owned()
        }
        InputsError::OptionWithoutValue { option } => {
            format!("请在 `--inputs` 之前、紧跟 `{option}` 之后给出值")
        }
    }
}

impl Text for InputsAdvice {
    fn zh(&self) -> String {
        match self {
            Self::Line(line) => format!("请写：`{line}`"),
            Self::Private => {
                r#"请在 `--inputs` 后把每个参数写成 key=value，键值对写成 JSON：environment='{"variables":{"NAME":"VALUE"}}'"#.to_owned()
            }
            Self::Value("publish") => "请写 `--inputs publish=true`，或不写".to_owned(),
            Self::Value("traffic") => {
                "请写 `--inputs traffic=0.1`（表示 10%）或 0 到 1 之间的其他数字".to_owned()
            }
            Self::Value(_) => {
                r#"请写 `--inputs config='{"weights":{"2":0.1}}'`"#.to_owned()
            }
            Self::Inputs(keys) => format!("它的参数有：{}", keys.join("、")),
            Self::NoInputs(command) => format!("`{command}` 没有参数；请去掉它"),
            Self::OfTheFile => {
                "它的参数就是 serverless.yml 中 `inputs` 的键，写成 key=value".to_owned()
            }
            Self::PublishOne => "要发布项目中的一个函数：`scfctl deploy --target DIR --inputs publish=true`；`multi-scf` \
                                 中的一个函数：`scfctl deploy --inputs publish=true function=KEY`；全部函数：`scfctl deploy \
                                 --inputs publish=true`"
                .to_owned(),
            Self::Continued(Continued::Backslash) => {
                "续行时行尾在 sh 中写 `\\`，在 PowerShell 中写反引号，在 cmd.exe 中写 `^`；也可以写成一行".to_owned()
            }
            Self::Continued(Continued::Blank) => {
                "续行时行尾的 `\\` 后面不能有任何字符，空格也不行".to_owned()
            }
            Self::Successor(successor) => successor.zh(),
            Self::Empty => "请去掉它；若使用了 shell 变量，请先给变量赋值".to_owned(),
            Self::EmptyName => {
                "请去掉它；若使用了 shell 变量，请先给变量赋值；'$DEFAULT' 和 '$LATEST' 需要单引号".to_owned()
            }
            Self::Pairs => "请只写一次 `--inputs`，并在后面把每个参数写成 key=value".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::input_error::Successor;
    use crate::output::text::zh::{assert_chinese, assert_text_is_chinese};

    #[test]
    fn every_sentence_is_chinese() {
        let advice = || InputsAdvice::Empty;
        let argument = || "traffic=0.1".to_owned();
        for error in [
            InputsError::OldForm { argument: argument(), advice: advice() },
            InputsError::WithoutInputs { argument: argument(), advice: advice() },
            InputsError::NotAPair { argument: argument(), advice: advice() },
            InputsError::Joined { argument: argument(), advice: advice() },
            InputsError::Unknown {
                keys: vec![(argument(), None), (argument(), Some(argument()))],
                command: "deploy".to_owned(),
                advice: advice(),
            },
            InputsError::Twice { key: argument(), arguments: [argument(), argument()] },
            InputsError::TwiceInJson {
                key: argument(),
                path: argument(),
                values: Some(["1".to_owned(), "2".to_owned()]),
            },
            InputsError::SomePublished { value: "a,b".to_owned() },
            InputsError::Json {
                key: argument(),
                column: 2,
                reason: "key must be a string".to_owned(),
            },
            InputsError::ForeignSign { key: argument(), column: 2, signs: ['“', '"'] },
            InputsError::ShellQuotes { key: argument() },
            InputsError::Empty { what: "--stage".to_owned() },
            InputsError::NotAWeight { argument: "--weight x".to_owned() },
            InputsError::OptionWithoutValue { option: "--stage".to_owned() },
        ] {
            assert_chinese(&error);
            assert_text_is_chinese(&inputs_hint(&error));
        }
        for advice in [
            InputsAdvice::Line("scfctl deploy".to_owned()),
            InputsAdvice::Private,
            InputsAdvice::Value("publish"),
            InputsAdvice::Value("traffic"),
            InputsAdvice::Value("config"),
            InputsAdvice::Inputs(vec!["name", "function"]),
            InputsAdvice::NoInputs("local".to_owned()),
            InputsAdvice::OfTheFile,
            InputsAdvice::PublishOne,
            InputsAdvice::Continued(Continued::Backslash),
            InputsAdvice::Continued(Continued::Blank),
            InputsAdvice::Empty,
            InputsAdvice::EmptyName,
            InputsAdvice::Successor(Successor::Nothing),
            InputsAdvice::Pairs,
        ] {
            assert_chinese(&advice);
        }
    }
}
