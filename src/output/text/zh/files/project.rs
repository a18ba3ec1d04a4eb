//! What is said of a configuration that cannot be used.

use crate::config::project::{ConfigError, ConfigHint, Expected, Unresolved};
use crate::config::variables::{TOLD, VariableError};
use crate::output::Text;
use crate::text::FilePlace;
use std::fmt::Write as _;

impl Text for Expected {
    fn zh(&self) -> String {
        match self {
            Self::Map => "键值对",
            Self::Text => "字符串",
        }
        .to_owned()
    }
}

impl Text for ConfigError {
    fn zh(&self) -> String {
        match self {
            Self::Read { path, .. } => format!("无法读取 {}", path.display()),
            Self::Syntax { path, .. } => format!("无法解析 {}", path.display()),
            Self::Empty { path } => format!("{} 没有内容", path.display()),
            Self::Missing { path, key, misspelt } => {
                let misspelt = match misspelt {
                    None => String::new(),
                    Some((key, 0)) => format!("，却有 `{key}`"),
                    Some((key, line)) => format!("，却有 `{key}`（第 {line} 行）"),
                };
                format!("{} 缺少 `{key}`{misspelt}", path.display())
            }
            Self::WrongType { path, key: None, expected, .. } => {
                format!("{} 的顶层必须是{}", path.display(), expected.zh())
            }
            Self::WrongType { path, key: Some(key), expected, .. } => {
                format!("{} 中的 `{key}` 必须是{}", path.display(), expected.zh())
            }
            Self::NotText { key, position, changed } => format!(
                "`{key}`（{}）的值 `{}` 会变成 `{}`",
                position.zh(),
                changed.written,
                changed.sent
            ),
            Self::FirstComponents { path, key, line, .. } => {
                format!("{} 是早期组件的格式：`{key}`（第 {line} 行）下面才是组件", path.display())
            }
            Self::Plugin { path } => format!(
                "{} 是 serverless-tencent-scf 插件的格式：有 `service` 和 `provider`，没有 `component`",
                path.display()
            ),
            Self::OtherCloud { path, provider } => format!(
                "{} 是 Serverless Framework 用于 `{provider}` 的服务：有 `service` 和 `provider`，没有 `component`",
                path.display()
            ),
            Self::OldComponent { path, component, .. } => {
                format!("{} 中的 `component` 为 `{component}`，这是早期格式的名称", path.display())
            }
            Self::ForeignDotEnv { path, owner, .. } => format!(
                "{} 属于其他用户（uid {owner}），而且其他用户可以写入所在目录，因此不读取",
                path.display()
            ),
            Self::NoTarget { path } => format!("目标目录 {} 不存在", path.display()),
            Self::EmptyStage { path } => {
                format!("{} 中的环境（`stage`）解析后为空", path.display())
            }
            Self::Variables(unresolved) => unresolved.zh(),
        }
    }

    fn cause(&self) -> Option<&dyn Text> {
        match self {
            Self::Read { source, .. } => Some(source),
            Self::Syntax { source, .. } => Some(source),
            Self::Empty { .. }
            | Self::Missing { .. }
            | Self::WrongType { .. }
            | Self::NotText { .. }
            | Self::FirstComponents { .. }
            | Self::Plugin { .. }
            | Self::OtherCloud { .. }
            | Self::OldComponent { .. }
            | Self::ForeignDotEnv { .. }
            | Self::NoTarget { .. }
            | Self::EmptyStage { .. }
            | Self::Variables(_) => None,
        }
    }

    fn place(&self) -> Option<FilePlace> {
        match self {
            Self::Syntax { path, source } => {
                let (line, column) = (Some(source.line), Some(source.column));
                Some(FilePlace { file: path.clone(), line, column })
            }
            Self::Missing { path, misspelt, .. } => {
                let line = misspelt.as_ref().map(|(_, line)| *line).filter(|line| *line > 0);
                Some(FilePlace::new(path, line))
            }
            Self::WrongType { path, line, .. } => Some(FilePlace::new(path, *line)),
            Self::NotText { position, .. } => position.place(),
            Self::FirstComponents { path, line, .. } => {
                Some(FilePlace::new(path, Some(*line).filter(|line| *line > 0)))
            }
            Self::Read { path, .. }
            | Self::Empty { path }
            | Self::Plugin { path }
            | Self::OtherCloud { path, .. }
            | Self::OldComponent { path, .. }
            | Self::ForeignDotEnv { path, .. }
            | Self::EmptyStage { path } => Some(FilePlace::new(path, None)),
            Self::NoTarget { .. } | Self::Variables(_) => None,
        }
    }
}

impl Text for Unresolved {
    fn zh(&self) -> String {
        let place = |place: &Option<_>| match place {
            Some(place) => format!("（{}）", Text::zh(place)),
            None => String::new(),
        };
        let mut text = String::new();
        if let [(position, error)] = &self.errors[..] {
            let VariableError { path, reference, reason } = error;
            let _ = write!(
                text,
                "无法解析 `{path}`{} 中的 `{reference}`：{}",
                place(position),
                reason.zh()
            );
        } else {
            let file = self.path.as_ref().map(|path| format!("{} 中", path.display()));
            let _ =
                write!(text, "{}有 {} 处引用无法解析", file.unwrap_or_default(), self.errors.len());
            for (position, error) in self.errors.iter().take(TOLD) {
                let VariableError { path, reference, reason } = error;
                let _ = write!(
                    text,
                    "\n`{path}`{} 中的 `{reference}`：{}",
                    place(position),
                    reason.zh()
                );
            }
            let more = self.errors.len().saturating_sub(TOLD);
            if more > 0 {
                let _ = write!(text, "\n另有 {more} 处");
            }
        }
        for unknown in &self.unknown {
            let _ = write!(text, "\n{}", unknown.zh());
        }
        text
    }
}

impl Text for ConfigHint {
    fn zh(&self) -> String {
        match self {
            Self::Excerpt { excerpt, fault: Some(fault) } => format!("{excerpt}\n{}", fault.zh()),
            Self::Excerpt { excerpt, fault: None } => excerpt.clone(),
            Self::Least => "配置至少要有 `component: scf` 和 `name:`".to_owned(),
            Self::AddComponent => "请在文件顶层加上 `component: scf`".to_owned(),
            Self::AddKey { key } => format!("请在文件顶层加上 `{key}:`"),
            Self::RenameKey { from, to } => format!("请把 `{from}:` 改为 `{to}:`"),
            Self::SeeLine { line } => format!("见第 {line} 行"),
            Self::Quote { key, written } => format!("请加上引号：`{key}: '{written}'`"),
            Self::MoveToTheTop { key, several } => {
                let several = if *several {
                    "；每个函数各用一个目录和一个文件，或者写 `component: multi-scf`"
                } else {
                    ""
                };
                format!(
                    "请把 `{key}` 下面的内容移到顶层：`component: scf`、`name: {key}` 和 `inputs`；`codeUri` 改为 `src`，\
                     如果有 `exclude` 和 `include`，则改为 `src.src`，这两项也写在 `src` 下{several}"
                )
            }
            Self::OfPlugin => "最接近的是 `component: multi-scf`：`service` 改为 `name`，`functions` 和 `provider` \
                               下的内容（`runtime`、`region` 等）写在 `inputs` 下；也可以每个函数用一个目录，写 \
                               `component: scf`"
                .to_owned(),
            Self::OfOldComponent { name } => format!(
                "请写 `component: {name}`；`inputs` 下的 `codeUri` 改为 `src`，如果有 `exclude` 和 `include`，则改为 \
                 `src.src`，这两项也写在 `src` 下"
            ),
            Self::OwnDotEnv { path } => format!(
                "如果确实要用，请复制到 {0}；否则请在 {0} 新建自己的文件（可以为空）：只读取最近的一个",
                path.display()
            ),
            Self::Target => "`--target` 是目录，相对于当前目录".to_owned(),
            Self::Stage => "请设置 `stage` 引用的变量，或者加上 `--stage`".to_owned(),
            Self::Variables(hints) => hints.zh(),
        }
    }
}
