//! What is said of files and settings.

mod credentials;
mod project;
mod references;
mod variables;
mod yaml;

use crate::config::dotenv;
use crate::config::position::{Position, ValueSource, VariableSource};
use crate::config::text_file::ReadError;
use crate::config::warning::{ConfigWarning, TopKeyMeaning, UsedInstead};
use crate::output::Text;
use crate::text::FilePlace;

impl Text for Position {
    fn zh(&self) -> String {
        match self {
            Self::Argument(argument) => format!("参数 `{argument}`"),
            Self::CommandLine => "--inputs".to_owned(),
            Self::File { file, line: Some(line) } => format!("{file}:{line}"),
            Self::File { file, line: None } => file.clone(),
        }
    }

    fn place(&self) -> Option<FilePlace> {
        let Self::File { file, line } = self else { return None };
        Some(FilePlace::new(file, *line))
    }
}

impl Text for ValueSource {
    fn zh(&self) -> String {
        let variables: Vec<String> = self.variables.iter().map(Text::zh).collect();
        match &variables[..] {
            [] => self.place.zh(),
            variables => format!("{}：{}", self.place.zh(), variables.join("、")),
        }
    }
}

impl Text for VariableSource {
    fn zh(&self) -> String {
        match self {
            Self::Parameter(name) => format!("{name}（--param）"),
            Self::Environment(name) => format!("{name}（环境变量）"),
            Self::DotEnv { name, file } => format!("{name}（{file}）"),
            Self::Other(name) => name.clone(),
        }
    }
}

impl Text for ReadError {
    fn zh(&self) -> String {
        match self {
            Self::Folder => "这是目录，不是文件".to_owned(),
            Self::Special => "这是管道、套接字或设备，不是文件".to_owned(),
            Self::TooLarge { limit } => format!("文件超过 {limit} 字节"),
            Self::NotText { byte } => format!("不是 UTF-8 编码（第 {byte} 字节）"),
            Self::System(words) => format!("系统提示“{words}”"),
        }
    }
}

impl Text for dotenv::DotenvWarning {
    fn zh(&self) -> String {
        format!("第 {} 行：{}", self.line, self.reason.zh())
    }
}

impl Text for dotenv::LineFault {
    fn zh(&self) -> String {
        match self {
            Self::NotRead => "不是 NAME=value 的形式，已忽略".to_owned(),
            Self::ExportNotRead => {
                "已忽略：这个值在 shell 中可能有别的含义；请写成 NAME=value，不要加 `export`"
                    .to_owned()
            }
            Self::CommentCut { name } => {
                format!("`{name}` 的值后面的注释已去掉；请把注释单独写一行")
            }
            Self::CommentKept { name } => {
                format!("`{name}` 的值含有 ` #`，已按原样保留；注释请单独写一行")
            }
            Self::QuoteKept { name } => {
                format!("`{name}` 的引号没有括住整个值，已作为值的一部分保留")
            }
            Self::QuoteOpen { name } => format!("`{name}` 的值以引号开头，但引号没有闭合"),
            Self::Again { name, first } => {
                format!("`{name}` 在第 {first} 行有另一个值，以这一行为准；请删去其中一行")
            }
        }
    }
}

impl Text for TopKeyMeaning {
    fn zh(&self) -> String {
        match self {
            Self::Input => "；应写在 `inputs` 下".to_owned(),
            Self::Key(key) => format!("；是不是想写 `{key}`？"),
            Self::InputLike(key) => format!("；是不是想在 `inputs` 下写 `{key}`？"),
            Self::OfInstance => {
                "；各实例只继承 `app`、`stage` 和 `org`，其余请写在各自的文件中".to_owned()
            }
            Self::Nothing => String::new(),
        }
    }
}

impl Text for UsedInstead {
    fn zh(&self) -> String {
        match self {
            Self::Like(key) => format!("；是不是想写 `{key}`？"),
            Self::Others(keys) => format!("；引用的有：{}", keys.join("、")),
            Self::Nothing => "；没有任何 `${output:…}` 引用".to_owned(),
        }
    }
}

impl Text for ConfigWarning {
    fn zh(&self) -> String {
        match self {
            Self::ParentIgnored(error) => {
                let cause = error.cause().map(|cause| format!("：{}", cause.zh()));
                format!("已忽略上级目录的配置：{}{}", error.zh(), cause.unwrap_or_default())
            }
            Self::Overridden { key, by, of } => {
                format!("{} 中的 `{key}` 覆盖了 {} 中的值", by.display(), of.display())
            }
            Self::UnknownKey { key, position, meant } => {
                format!("`{key}`（{}）写在文件顶层不起作用{}", position.zh(), meant.zh())
            }
            Self::Function { position } => format!(
                "scf 的 `inputs` 中的 `function`（{}）不起作用；函数名由 `name` 指定",
                position.zh()
            ),
            Self::DotEnv { path, warning } => format!("{} {}", path.display(), warning.zh()),
            Self::MemberDotEnv { path, of_project } => format!(
                "部署整个项目时不读取 {}；请把其中的变量写到 {}",
                path.display(),
                of_project.display()
            ),
            Self::UnreadDotEnv { stage, path, read } => {
                let read = match read {
                    Some(read) => format!("读取的是 {}", read.display()),
                    None => "没有读取任何 .env 文件".to_owned(),
                };
                format!(
                    "环境为 `{stage}`，但没有读取 {}：{read}；请加上 `--stage {stage}`",
                    path.display()
                )
            }
            Self::Variable(warning) => warning.zh(),
            Self::LeftOut { key, errors } => format!("已忽略 `inputs.{key}`：{}", errors.zh()),
            Self::Region { region, meant } => {
                let meant = meant.map(|meant| format!("；是不是想写 `{meant}`？"));
                format!("`{region}` 不是已知的地域{}", meant.unwrap_or_default())
            }
            Self::DotEnvOutside { path } => format!(
                "变量读取自项目之外的 {}；其中的凭证优先于 profile 中的凭证",
                path.display()
            ),
            Self::UnusedValue { key, used } => format!("`{key}` 的值没有用到{}", used.zh()),
            Self::ServerKeys(error) => format!("{}；这个服务使用自己的密钥", error.zh()),
            Self::More { count } => format!("另有 {count} 条类似的警告"),
        }
    }

    fn place(&self) -> Option<FilePlace> {
        match self {
            Self::ParentIgnored(error) => error.place(),
            Self::UnknownKey { position, .. } | Self::Function { position } => position.place(),
            Self::DotEnv { path, warning } => Some(FilePlace::new(path, Some(warning.line))),
            Self::Overridden { of: path, .. }
            | Self::MemberDotEnv { path, .. }
            | Self::UnreadDotEnv { path, .. }
            | Self::DotEnvOutside { path } => Some(FilePlace::new(path, None)),
            Self::Variable(_)
            | Self::LeftOut { .. }
            | Self::Region { .. }
            | Self::UnusedValue { .. }
            | Self::ServerKeys(_)
            | Self::More { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;
