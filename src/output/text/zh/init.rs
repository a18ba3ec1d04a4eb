//! What `init` says, in Chinese.

use super::Text;
use crate::error::{InitError, InitHint, quoted_path};
use crate::model::listed;
use crate::report::init::Unsaid;

impl Text for InitError {
    fn zh(&self) -> String {
        match self {
            Self::NoSource => "init 需要 --from-function、--from-file、--runtime 之一".to_owned(),
            Self::SeveralSources => {
                "--from-function、--from-file、--runtime 只能指定一个".to_owned()
            }
            Self::NoEffect { option, with } => {
                let with = with.replace(" or ", " 或 ");
                format!("{option} 只与 {with} 合用才有效")
            }
            Self::Runtime { runtime, .. } => format!("没有运行环境 `{runtime}` 的示例"),
            Self::There { path } => {
                format!("{} 已经存在，没有写入任何文件", path.display())
            }
            Self::DotEnvLacks { path, names } => format!(
                "{} 已经存在，但缺少以下变量或其值不同：{}；没有写入任何文件",
                path.display(),
                listed(names)
            ),
            Self::NoYaml => "配置无法写成 YAML".to_owned(),
            Self::NoFile(path) => format!("--from-file {}：没有该文件", path.display()),
            Self::Unreadable { path, why } => {
                format!("{} 无法读取：“{why}”", path.display())
            }
            Self::NotOlder => "--from-file 指定的文件不是旧格式".to_owned(),
            Self::OtherCloud { provider } => {
                format!("--from-file 指定的文件属于 `{provider}`，不是 tencent")
            }
            Self::NoFunctions => "--from-file 指定的文件中没有函数".to_owned(),
            Self::Folder(name) => {
                format!("--from-file 指定的文件中的 `{name}` 不能作为目录名")
            }
        }
    }
}

impl Text for InitHint {
    fn zh(&self) -> String {
        match self {
            Self::Sources => "例如 `scfctl init --runtime Python3.9`、\
                 `scfctl init --from-function NAME --region ap-guangzhou`、\
                 `scfctl init --from-file old.yml --target new`"
                .to_owned(),
            Self::One => "请只保留一个".to_owned(),
            Self::LeaveOut(option) => format!("请去掉 {option}"),
            Self::Runtimes(known) => format!(
                "可选：{}；其他运行环境可以用 --from-function 由已有的函数生成",
                listed(known)
            ),
            Self::OtherFolder => {
                "不会覆盖任何文件：请先移走，或用 `--target new` 写到另一个目录".to_owned()
            }
            Self::Older => "旧格式为 `component: '@serverless/tencent-scf'`、含有此类 component 的映射，以及带有 \
                 `provider: {name: tencent}` 的 `service`；`component: scf` 已是现在的格式"
                .to_owned(),
            Self::Ls(folder) => {
                format!("从当前目录开始查找，可用 `ls {}` 查看", quoted_path(folder))
            }
        }
    }
}

impl Text for Unsaid {
    fn zh(&self) -> String {
        match self {
            Self::Setting(key) => format!(
                "函数的 `{key}` 无法用 serverless.yml 表达，没有写入；部署时保持不变"
            ),
            Self::Text { key, path } => format!(
                "没有写入函数的 `{key}`：`{path}` 的文本无法用 serverless.yml 或 .env 表达；部署时保持不变"
            ),
            Self::Triggers(titles) => {
                let titles: Vec<String> = titles.iter().map(Text::zh).collect();
                format!(
                    "并非所有触发器都能用 serverless.yml 表达，因此没有写入触发器，部署时保持不变：{}",
                    titles.join("、")
                )
            }
            Self::Alias { name, routing } => {
                format!("没有写入别名 `{name}`（{routing}）；部署时保持不变")
            }
            Self::Provisioned { version, count } => {
                format!("没有写入版本 {version} 的 {count} 个预置实例；部署时保持不变")
            }
            Self::Code(why) => {
                let why = why.as_ref().map_or("服务端没有可供下载的代码".to_owned(), |why| format!("“{why}”"));
                format!("没有得到代码：{why}；部署前请放到 ./src 中")
            }
            Self::OtherCode => {
                "code.zip 与服务端给出的哈希不符，部署时会重新上传一次".to_owned()
            }
            Self::Key(key) => format!("`{key}` 在现在的格式中没有对应，没有写入"),
            Self::Reference(path) => format!(
                "`{path}` 含有其他格式的引用：请写成具体的值、${{env:NAME}} 或 ${{param:NAME}}"
            ),
            Self::Path(path) => format!(
                "`{path}` 以引用开头，照原样写入；其值不以 `/` 开头时，以新文件所在的目录为起点"
            ),
            Self::Shares { alias } => format!(
                "文件规定了 `{alias}` 的流量分配，每次部署都会照此设置；用其他方式切换流量之前请删去"
            ),
            Self::Variables(names) => {
                format!("以下变量写在 .env 中（权限 600），不要提交到代码仓库：{}", listed(names))
            }
            Self::Package => "代码为函数的代码包 code.zip；如需修改：先 `unzip code.zip -d src`，再写 `src: ./src`".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_chinese;
    use super::*;
    use crate::model::Version;
    use crate::model::trigger::TriggerTitle;

    #[test]
    fn every_sentence_is_chinese() {
        let text = || "x".to_owned();
        for error in [
            InitError::NoSource,
            InitError::SeveralSources,
            InitError::NoEffect { option: "--local", with: "--from-function or --runtime" },
            InitError::Runtime { runtime: text(), known: vec!["Python3.9"] },
            InitError::There { path: text().into() },
            InitError::DotEnvLacks { path: text().into(), names: vec![text()] },
            InitError::NoYaml,
            InitError::NoFile(text().into()),
            InitError::Unreadable { path: text().into(), why: text() },
            InitError::NotOlder,
            InitError::OtherCloud { provider: text() },
            InitError::NoFunctions,
            InitError::Folder(text()),
        ] {
            assert_chinese(&error);
        }
        for hint in [
            InitHint::Sources,
            InitHint::One,
            InitHint::LeaveOut("--local"),
            InitHint::Runtimes(vec!["Python3.9"]),
            InitHint::OtherFolder,
            InitHint::Older,
            InitHint::Ls(text().into()),
        ] {
            assert_chinese(&hint);
        }
        for unsaid in [
            Unsaid::Setting(text()),
            Unsaid::Text { key: text(), path: text() },
            Unsaid::Path(text()),
            Unsaid::Triggers(vec![TriggerTitle { kind: "timer".to_owned(), name: text() }]),
            Unsaid::Alias { name: text(), routing: text() },
            Unsaid::Provisioned { version: Version::Number(1), count: 2 },
            Unsaid::Code(None),
            Unsaid::Code(Some(text())),
            Unsaid::OtherCode,
            Unsaid::Key(text()),
            Unsaid::Reference(text()),
            Unsaid::Shares { alias: text() },
            Unsaid::Variables(vec![text()]),
            Unsaid::Package,
        ] {
            assert_chinese(&unsaid);
        }
    }
}
