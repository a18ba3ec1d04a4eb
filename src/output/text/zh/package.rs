//! What packing says.

use std::process::ExitStatus;

use super::seconds;
use crate::output::text::Text;
use crate::package::{
    ENTRIES_LIMIT, Emptied, FILE_LIMIT, FinishedFlaw, GlobError, HookError, Likely, Oversized,
    PackageError, PackageWarning, PatternList, PatternProblem, PatternWarning, UNPACKED_LIMIT,
};

impl Text for PackageError {
    fn zh(&self) -> String {
        match self {
            Self::Missing { path } | Self::MissingPart { path, .. } => {
                format!("源目录 `{}` 不存在", path.display())
            }
            Self::NotAFolder { path } => format!("源路径 `{}` 不是目录", path.display()),
            Self::Empty { path, emptied } => {
                let why = match emptied {
                    Some(Emptied { negated: Some(negated) }) => {
                        format!("：`exclude` 排除了全部内容，其中的 `{negated}` 不会恢复任何文件")
                    }
                    Some(Emptied { negated: None }) => "：`exclude` 排除了全部内容".to_owned(),
                    None => String::new(),
                };
                format!("`{}` 中没有可打包的文件{why}", path.display())
            }
            Self::Pattern { list, pattern, reason } => {
                format!("{} 中的模式 `{pattern}` 无法使用：{}", list.zh(), reason.zh())
            }
            Self::IncludeOutside { pattern } => {
                format!("include 中的模式 `{pattern}` 超出了源目录")
            }
            Self::Read { path, .. } => format!("无法读取 `{}`", path.display()),
            Self::Changed { path } => format!("`{}` 在打包过程中被修改", path.display()),
            Self::Name { path } => format!("`{}` 的名称不是 UTF-8", path.display()),
            Self::Special { path } => format!("`{}` 既不是文件也不是目录", path.display()),
            Self::Outside { path, target } => {
                format!("链接 `{}` 指向项目之外的 `{}`", path.display(), target.display())
            }
            Self::Loop { path } => format!("链接 `{}` 指回了它所在的目录", path.display()),
            Self::TooLarge { path, size, .. } => format!(
                "`{}` 共 {size} 字节，一个函数版本最多 {UNPACKED_LIMIT} 字节",
                path.display()
            ),
            Self::TooMany { path, .. } => {
                format!("`{}` 中的文件和目录超过 {ENTRIES_LIMIT} 个", path.display())
            }
            Self::Climbing { path } => format!("`{}` 的名称会跳出代码包", path.display()),
            Self::Target(target) => format!("targetDir `{target}` 会跳出代码包"),
            Self::Finished { path, flaw } => format!("代码包 `{}` {}", path.display(), flaw.zh()),
            Self::OutFolder { path, .. } => format!("--out `{}` 是目录", path.display()),
            Self::OutLink { path, target: Some(target) } => {
                format!("--out `{}` 是指向 `{}` 的链接", path.display(), target.display())
            }
            Self::OutLink { path, target: None } => {
                format!("--out `{}` 是失效的链接", path.display())
            }
            Self::OutSpecial { path } => format!("--out `{}` 既不是文件也不是管道", path.display()),
            Self::Temporary { folder, .. } => {
                format!("无法在 `{}` 中写入临时文件", folder.display())
            }
            Self::Write { to, .. } => format!("无法将代码包写入 {to}"),
        }
    }

    fn cause(&self) -> Option<&dyn Text> {
        match self {
            Self::Read { source, .. }
            | Self::Temporary { source, .. }
            | Self::Write { source, .. } => Some(source),
            Self::Missing { .. }
            | Self::MissingPart { .. }
            | Self::NotAFolder { .. }
            | Self::Empty { .. }
            | Self::Pattern { .. }
            | Self::IncludeOutside { .. }
            | Self::Changed { .. }
            | Self::Name { .. }
            | Self::Special { .. }
            | Self::Outside { .. }
            | Self::Loop { .. }
            | Self::TooLarge { .. }
            | Self::TooMany { .. }
            | Self::Climbing { .. }
            | Self::Target(_)
            | Self::Finished { .. }
            | Self::OutFolder { .. }
            | Self::OutLink { .. }
            | Self::OutSpecial { .. } => None,
        }
    }
}

impl Text for FinishedFlaw {
    fn zh(&self) -> String {
        match self {
            Self::Missing => "不存在".to_owned(),
            Self::Folder => "是目录，不是打好的代码包".to_owned(),
            Self::Special => "不是文件".to_owned(),
            Self::Large => format!("超过 {FILE_LIMIT} 字节"),
            Self::NoZip { reason } => format!("不是 zip 文件：“{reason}”"),
            Self::Empty => "中没有文件".to_owned(),
            Self::Many => format!("中的文件和目录超过 {ENTRIES_LIMIT} 个"),
            Self::Unpacked => {
                format!("解压后超过 {UNPACKED_LIMIT} 字节，即一个函数版本的上限")
            }
            Self::Encrypted { name } => format!("中的 `{name}` 需要密码"),
            Self::Broken { name, reason } => format!("中的 `{name}` 无法解压：“{reason}”"),
            Self::Climbing { name } => format!("中的名称 `{name}` 会跳出代码包"),
            Self::Digest { expected, found } => {
                format!("的 SHA-256 为 {found}，不是 {expected}")
            }
        }
    }
}

impl Text for PatternList {
    fn zh(&self) -> String {
        match self {
            Self::Exclude | Self::Include => self.to_string(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

impl Text for PatternProblem {
    fn zh(&self) -> String {
        match self {
            Self::Glob(error) => error.zh(),
            Self::Ignore(reason) => reason.clone(),
        }
    }
}

impl Text for GlobError {
    fn zh(&self) -> String {
        match self {
            Self::Long { limit } => format!("超过 {limit} 字节"),
            Self::Expansions { limit } => format!("花括号展开后超过 {limit} 个模式"),
            Self::Unclosed { operator } => format!("`{operator}(` 缺少右括号"),
            Self::LookAround => "`(?` 是正则表达式的分组，不受支持".to_owned(),
            Self::Repeats => "`+` 之前没有可重复的内容".to_owned(),
            Self::Range { from, to } => format!("`{from}-{to}` 是空范围"),
            Self::ClassName { name } => format!("`[:{name}:]` 不是字符类"),
            Self::Nul => "含有 NUL 字符".to_owned(),
            Self::Intricate => "匹配耗时过长".to_owned(),
        }
    }
}

impl Text for Oversized {
    fn zh(&self) -> String {
        format!("超过 {} 字节", self.limit)
    }
}

impl Text for PackageWarning {
    fn zh(&self) -> String {
        match self {
            Self::SavedPlan { name } => {
                format!("`{name}` 是保存的计划，未打包，除非 `include` 写明它")
            }
            Self::BrokenLink { name } => format!("链接 `{name}` 的目标不存在，未打包"),
            Self::SecretLink { name, target } => format!(
                "链接 `{name}` 指向通常存放机密信息的 `{}`，除非写入 `include`，否则不打包",
                target.display()
            ),
            Self::Secrets { names } => {
                format!("代码包中有通常存放机密信息的文件：`{}`", names.join("`、`"))
            }
            Self::Pattern(warning) => warning.zh(),
        }
    }
}

impl Text for PatternWarning {
    fn zh(&self) -> String {
        match self {
            Self::Negated { pattern, include, idle } => {
                let names = if *idle {
                    "没有匹配任何文件".to_owned()
                } else {
                    format!("会排除 `{include}` 匹配的文件，与 sls 一致")
                };
                format!(
                    "exclude 中的 `{pattern}` {names}；`!` 不会恢复任何文件：如仍需打包这些文件，请在 \
                     `include` 中写入 `{include}`"
                )
            }
            Self::Idle { list, pattern, likely } => {
                let idle = format!("{} 中的 `{pattern}` 没有匹配任何文件", list.zh());
                match likely {
                    None => idle,
                    Some(Likely::FromProject(rest)) => {
                        format!("{idle}；模式从源目录开始，也许应写作 `{rest}`")
                    }
                    Some(Likely::Contents(rest)) => {
                        format!("{idle}；它匹配的是目录，`{rest}` 才会排除其中的内容")
                    }
                    Some(Likely::Anywhere(rest)) => format!(
                        "{} 中的 `{pattern}` 在源目录的顶层没有匹配任何文件；`{rest}` 也匹配下层的文件",
                        list.zh()
                    ),
                    Some(Likely::Broken(error)) => format!("{idle}：{}", error.zh()),
                    Some(Likely::Signs) => {
                        format!("{idle}；如果 `(` 或 `[` 是普通字符，请在其前面加上 `\\`")
                    }
                }
            }
        }
    }
}

impl Text for HookError {
    fn zh(&self) -> String {
        match self {
            Self::Start { command, folder, .. } => {
                format!("无法在 `{}` 中启动 src.hook `{command}`", folder.display())
            }
            Self::Failed { command, status } => {
                format!("src.hook `{command}` 执行失败：{}", ended(*status))
            }
            Self::TimedOut { command, timeout } => {
                format!("src.hook `{command}` 运行 {}后仍未结束，已被终止", seconds(*timeout))
            }
        }
    }

    fn cause(&self) -> Option<&dyn Text> {
        match self {
            Self::Start { source, .. } => Some(source),
            Self::Failed { .. } | Self::TimedOut { .. } => None,
        }
    }
}

/// How a program ended; where a signal ended it, in the words of the system.
fn ended(status: ExitStatus) -> String {
    status.code().map_or_else(|| status.to_string(), |code| format!("退出码 {code}"))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::PathBuf;
    use std::time::Duration;

    use super::super::assert_chinese;
    use super::*;

    fn all(texts: &[&dyn Text]) {
        for text in texts {
            assert_chinese(*text);
        }
    }

    #[test]
    fn every_sentence_is_chinese() {
        let path = || PathBuf::from("/code");
        let source = || io::Error::other(Oversized { limit: 9 });
        let read = PackageError::Read { path: path(), source: source() };
        assert_eq!(read.cause().map(Text::zh).as_deref(), Some("超过 9 字节"));
        let empty = |emptied| PackageError::Empty { path: path(), emptied };
        let pattern = || "!a".to_owned();
        let finished = |flaw| PackageError::Finished { path: path(), flaw };
        all(&[
            &PackageError::Missing { path: path() },
            &PackageError::MissingPart { path: path(), common: path() },
            &PackageError::NotAFolder { path: path() },
            &empty(None),
            &empty(Some(Emptied { negated: None })),
            &empty(Some(Emptied { negated: Some(pattern()) })),
            &PackageError::Pattern {
                list: PatternList::Exclude,
                pattern: pattern(),
                reason: GlobError::Nul.into(),
            },
            &PackageError::Pattern {
                list: PatternList::File(path()),
                pattern: pattern(),
                reason: PatternProblem::Ignore("`bad`".to_owned()),
            },
            &PackageError::IncludeOutside { pattern: pattern() },
            &read,
            &PackageError::Changed { path: path() },
            &PackageError::Name { path: path() },
            &PackageError::Special { path: path() },
            &PackageError::Outside { path: path(), target: path() },
            &PackageError::Loop { path: path() },
            &PackageError::TooLarge { path: path(), size: 1, largest: vec![] },
            &PackageError::TooMany { path: path(), largest: vec![] },
            &PackageError::Climbing { path: path() },
            &PackageError::Target("..".to_owned()),
            &finished(FinishedFlaw::Missing),
            &finished(FinishedFlaw::Folder),
            &finished(FinishedFlaw::Special),
            &finished(FinishedFlaw::Large),
            &finished(FinishedFlaw::NoZip { reason: pattern() }),
            &finished(FinishedFlaw::Empty),
            &finished(FinishedFlaw::Many),
            &finished(FinishedFlaw::Unpacked),
            &finished(FinishedFlaw::Encrypted { name: pattern() }),
            &finished(FinishedFlaw::Broken { name: pattern(), reason: pattern() }),
            &finished(FinishedFlaw::Climbing { name: pattern() }),
            &finished(FinishedFlaw::Digest { expected: pattern(), found: pattern() }),
            &PackageWarning::Secrets { names: vec![".env".to_owned()] },
            &PackageError::OutFolder { path: path(), file: path() },
            &PackageError::OutLink { path: path(), target: Some(path()) },
            &PackageError::OutLink { path: path(), target: None },
            &PackageError::OutSpecial { path: path() },
            &PackageError::Temporary { folder: path(), source: source() },
            &PackageError::Write { to: "out".to_owned(), source: source() },
            &GlobError::Long { limit: 1 },
            &GlobError::Expansions { limit: 1 },
            &GlobError::Unclosed { operator: '@' },
            &GlobError::LookAround,
            &GlobError::Repeats,
            &GlobError::Range { from: 'b', to: 'a' },
            &GlobError::ClassName { name: "x".to_owned() },
            &GlobError::Nul,
            &GlobError::Intricate,
        ]);
    }

    #[test]
    fn every_warning_is_chinese() {
        let text = || "a".to_owned();
        let idle =
            |likely| PatternWarning::Idle { list: PatternList::Include, pattern: text(), likely };
        let negated = |idle| PatternWarning::Negated { pattern: text(), include: text(), idle };
        all(&[
            &PackageWarning::BrokenLink { name: text() },
            &PackageWarning::SavedPlan { name: text() },
            &PackageWarning::SecretLink { name: text(), target: PathBuf::from(".env") },
            &PackageWarning::Pattern(negated(true)),
            &negated(false),
            &idle(None),
            &idle(Some(Likely::FromProject(text()))),
            &idle(Some(Likely::Contents(text()))),
            &idle(Some(Likely::Anywhere(text()))),
            &idle(Some(Likely::Signs)),
            &idle(Some(Likely::Broken(GlobError::Repeats))),
        ]);
    }

    #[test]
    fn every_sentence_about_hooks_is_chinese() {
        let command = || "make".to_owned();
        all(&[
            &HookError::Start {
                command: command(),
                folder: PathBuf::from("/code"),
                source: io::Error::other("gone"),
            },
            &HookError::Failed { command: command(), status: ExitStatus::default() },
            &HookError::TimedOut { command: command(), timeout: Duration::from_secs(1) },
        ]);
    }
}
