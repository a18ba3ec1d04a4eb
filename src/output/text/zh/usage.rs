//! What was typed, or written into a file, and makes no sense, in Chinese.

use super::{Text, listed};
use crate::error::{
    ArgumentsError, CodeError, EntryFlaw, ForeignOption, ForeignWord, OptionsError, ProjectError,
    TargetProblem, Tip, ValuesError, WantedFile, of_line,
};
use crate::shell::quoted;
use crate::withheld::MARK;

impl Text for ArgumentsError {
    fn zh(&self) -> String {
        match self {
            Self::NotUtf8 { position } => format!("第 {position} 个参数不是 UTF-8 编码"),
            Self::NoCommand { .. } => "没有给出命令".to_owned(),
            Self::NotProvided { word, .. } => format!("不支持命令 `{word}`"),
            Self::NoSuchCommand { word, of: None, .. } => format!("没有命令 `{word}`"),
            Self::NoSuchCommand { word, of: Some(of), .. } => format!("没有命令 `{of} {word}`"),
            Self::All { command } => format!("`{command}` 只操作一个函数，--all 对它没有意义"),
            Self::OptionOfOthers { option, others, command, .. } => {
                let others: Vec<String> = others.iter().map(|other| format!("`{other}`")).collect();
                format!("`{option}` 是 {} 的选项，不是 `{command}` 的选项", others.join("、"))
            }
            Self::NoSuchOption { option, command, .. }
            | Self::ForeignOption { option, command, .. } => {
                format!("`{command}` 没有选项 `{option}`")
            }
            Self::ForeignDash { typed, .. } => {
                format!("`{typed}` 开头的横线不是 `-`，而是被文本编辑器或聊天软件替换过的字符")
            }
            Self::ValueApart { option, value, .. } => {
                format!("`{value}` 没有用 `=` 写在 `{option}` 后面")
            }
            Self::ParameterTwice { name } => {
                format!("`--param {name}` 给出了两次，而且值不同")
            }
            Self::Withheld { argument } => {
                format!("`{argument}` 中的 `{MARK}` 代表没有显示出来的值")
            }
            Self::Refused { refusal, .. } => refusal.zh(),
            Self::Behaviour(error) => error.zh(),
        }
    }
}

/// What to use instead.
fn instead(word: ForeignWord) -> String {
    match word {
        ForeignWord::Bind => "请在控制台授权服务角色",
        ForeignWord::Credentials => {
            "请在环境变量或 .env 中设置 TENCENT_SECRET_ID 和 TENCENT_SECRET_KEY"
        }
        ForeignWord::Dev => "可以部署到自己的环境：`scfctl deploy --stage dev`",
        ForeignWord::Init => "请用 `scfctl init --runtime Python3.9` 新建",
        ForeignWord::InvokeLocal => {
            "先 `scfctl deploy --local`，再 `scfctl invoke --local`，即可在本机运行函数"
        }
        ForeignWord::Login => {
            "请设置 TENCENT_SECRET_ID 和 TENCENT_SECRET_KEY，或用 `tccli auth login` 登录"
        }
        ForeignWord::Param => {
            "请用 --param NAME=VALUE 或 SCFCTL_PARAM_NAME 给出 ${param:NAME} 的值"
        }
        ForeignWord::Publish => "要发布函数版本，请用 `scfctl publish-ver`",
        ForeignWord::Registry => "本工具不加载组件：scf 组件已内置",
        ForeignWord::Run => "可以用 --local 部署，在本地查看效果",
        ForeignWord::Unpublish => "要删除函数的版本 3，请用 `scfctl remove --version 3`",
        ForeignWord::Upgrade => "请用新版 scfctl 覆盖旧版",
    }
    .to_owned()
}

/// What to do about arguments.
pub(super) fn arguments_hint(error: &ArgumentsError) -> Option<String> {
    Some(match error {
        ArgumentsError::NotUtf8 { .. } | ArgumentsError::Behaviour(_) => return None,
        ArgumentsError::NoCommand { line } => {
            format!("请写 `{line}`，或用 `scfctl --help` 查看全部命令")
        }
        ArgumentsError::NotProvided { foreign, .. } => instead(*foreign),
        ArgumentsError::NoSuchCommand { meant: Some((meant, line)), .. } => {
            format!("是不是想用 `{meant}`？请写：`{line}`")
        }
        ArgumentsError::NoSuchCommand { meant: None, of: None, commands, .. } => {
            format!("可用命令：{}；说明见 `scfctl --help`", commands.join("、"))
        }
        ArgumentsError::NoSuchCommand { meant: None, of: Some(of), commands, .. } => {
            format!("`{of}` 的命令：{}；说明见 `scfctl {of} --help`", commands.join("、"))
        }
        ArgumentsError::All { .. } => "请去掉它，并用 --function 指定函数".to_owned(),
        ArgumentsError::OptionOfOthers { can_go: true, meant, .. } if meant.is_empty() => {
            "请去掉它".to_owned()
        }
        ArgumentsError::OptionOfOthers { command, meant, line, .. }
        | ArgumentsError::NoSuchOption { command, meant, line, .. } => {
            let all = || format!("选项列表见 `scfctl {command} --help`");
            let names = meant.join("、");
            match line {
                _ if meant.is_empty() => all(),
                Some(line) => format!("是不是想用 {names}？请写：`{line}`"),
                None => format!("是不是想用 {names}？{}", all()),
            }
        }
        ArgumentsError::ForeignOption { foreign, .. } => match foreign {
            ForeignOption::Config => {
                "请去掉它；--target 指定 serverless.yml 所在的目录，--stage 指定环境"
            }
            ForeignOption::Version => "要查看版本，请用 `scfctl --version`",
        }
        .to_owned(),
        ArgumentsError::ForeignDash { line: Some(line), .. }
        | ArgumentsError::ValueApart { line: Some(line), .. } => format!("请写：`{line}`"),
        ArgumentsError::ForeignDash { option: together, .. }
        | ArgumentsError::ValueApart { together, .. } => format!("请写 `{together}`"),
        ArgumentsError::ParameterTwice { .. } => "请去掉其中一个".to_owned(),
        ArgumentsError::Withheld { .. } => "请在该处写上真正的值".to_owned(),
        ArgumentsError::Refused { tips, .. } if tips.is_empty() => return None,
        ArgumentsError::Refused { tips, .. } => {
            tips.iter().map(Tip::zh).collect::<Vec<_>>().join("；")
        }
    })
}

impl Text for EntryFlaw {
    fn zh(&self) -> String {
        match self {
            Self::Changed(None) => "不是字符串，会变成与所写不同的值".to_owned(),
            Self::Changed(Some((written, sent))) => {
                format!("不是字符串，会变成与所写不同的值：`{written}` 会变成 `{sent}`")
            }
            Self::NoValue => "没有值".to_owned(),
            Self::NoOutput => "没有指明输出".to_owned(),
        }
    }
}

impl Text for ValuesError {
    fn zh(&self) -> String {
        match self {
            Self::Twice { key, place } => format!("`{key}` 给出了两次（{place}）"),
            Self::NoFile { path } => format!("输出值文件 {} 不存在", path.display()),
            Self::Syntax { path, error } => format!("无法解析 {}：{}", path.display(), error.zh()),
            Self::NoMap { path } => format!("{} 不是“输出: 值”形式的键值对", path.display()),
            Self::Entry { key, path, line, flaw } => {
                format!("`{key}`（{}{}）{}", path.display(), of_line(*line), flaw.zh())
            }
        }
    }
}

/// What to do about values for `${output:…}`.
pub(super) fn values_hint(error: &ValuesError) -> String {
    match error {
        ValuesError::Twice { .. } => "请去掉其中一个".to_owned(),
        ValuesError::NoFile { .. } => "请用 --output-values 指定一个 YAML 或 JSON 文件".to_owned(),
        ValuesError::Syntax { error, .. } => error.excerpt.clone(),
        ValuesError::Entry { flaw: EntryFlaw::Changed(_), .. } => "请给它加上引号".to_owned(),
        ValuesError::NoMap { .. }
        | ValuesError::Entry { flaw: EntryFlaw::NoValue | EntryFlaw::NoOutput, .. } => {
            "例如 `dev:shop:net.vpcId: vpc-12345678`，或写成 `dev:shop:net:` 下的键值对；不写环境的 `shop.net.vpcId` \
             表示本次运行的环境"
                .to_owned()
        }
    }
}

impl Text for ProjectError {
    fn zh(&self) -> String {
        match self {
            Self::NoProject { folder, .. } => {
                format!("{} 中没有函数的 serverless.yml", folder.display())
            }
            Self::Cycle(cycle) => cycle.zh(),
            Self::NoFunctions { others } => {
                let named =
                    others.iter().map(|(name, component)| format!("`{name}`（{component}）"));
                format!("该项目中没有函数实例：{}", named.collect::<Vec<_>>().join("、"))
            }
            Self::NotInCommon { key, first, expected, folder, value } => format!(
                "同一项目的实例必须使用相同的 `{key}`：{first} 中是 `{expected}`，{folder} 中是 `{value}`"
            ),
            Self::SameName { first, folder, name } => {
                format!("{first} 和 {folder} 的名称相同，都是 `{name}`")
            }
            Self::SameFunction { first, other, function } => {
                format!("{first} 和 {other} 部署同一个函数 `{function}`")
            }
            Self::OutputNotKnown(none) => none.what.zh(),
            Self::OtherFunction { named, deployed } => {
                format!("`function` 指定的是 `{named}`，而这里的实例部署的是 `{deployed}`")
            }
            Self::NoSuchComponent { component, .. } => format!("组件 `{component}` 不存在"),
            Self::ComponentNotProvided { component, instance } => {
                format!("不支持组件 `{component}`：`{instance}` 不是函数")
            }
        }
    }
}

/// What to do about a project.
pub(super) fn project_hint(error: &ProjectError) -> String {
    match error {
        ProjectError::NoProject { instances, .. } if instances.is_empty() => {
            "请在项目目录中运行，或用 --target DIR 指定目录".to_owned()
        }
        ProjectError::NoProject { instances, .. } => {
            format!("请用 --target 选择一个含有配置文件的目录：{}", listed(instances))
        }
        ProjectError::Cycle(_) => "请去掉这条路径上的一个 `${output:…}`".to_owned(),
        ProjectError::NoFunctions { .. } => {
            "scfctl 只部署函数（`component: scf` 和 `component: multi-scf`），其他内容保持不变".to_owned()
        }
        ProjectError::NotInCommon { key, .. } => format!(
            "请在该目录的 serverless.yml 中写上 `{key}:`，对所有实例生效；或用 --target 只部署一个实例"
        ),
        ProjectError::SameName { .. } => "请给每个实例取不同的 `name`".to_owned(),
        ProjectError::SameFunction { .. } => "请给每个函数取不同的名称".to_owned(),
        ProjectError::OutputNotKnown(_) => "请再次运行同一命令".to_owned(),
        ProjectError::OtherFunction { .. } => {
            "请去掉 `function`；要部署其他实例，请用 --target 指定其目录".to_owned()
        }
        ProjectError::NoSuchComponent { meant, .. } => format!("是不是想写 `component: {meant}`？"),
        ProjectError::ComponentNotProvided { .. } => {
            "scfctl 只部署函数（`component: scf`、`component: multi-scf`），其他内容保持不变；在项目目录部署时，\
             其中的函数会部署，这个实例保持不变"
                .to_owned()
        }
    }
}

impl Text for WantedFile {
    fn zh(&self) -> String {
        match self {
            Self::Binary(name) => format!("可执行文件 `{name}`"),
            Self::Module(name) => format!("文件 `{name}`"),
        }
    }
}

impl Text for CodeError {
    fn zh(&self) -> String {
        match self {
            Self::NoBootstrap { runtime, .. } => {
                format!("运行环境为 {runtime} 的 Web 函数需要 `src` 中有 `scf_bootstrap`")
            }
            Self::NoEntryFile { file, folder } => {
                format!("Web 函数需要启动 `{file}`，但 `{}` 中没有该文件", folder.display())
            }
            Self::NoCustomBootstrap { folder, .. } => format!(
                "运行环境 CustomRuntime 需要启动 `bootstrap`，但 `{}` 的代码包顶层没有该文件",
                folder.display()
            ),
            Self::FirstLine { name } => {
                format!("`{name}` 的第一行不是以 `#!` 开头，无法启动")
            }
            Self::WindowsLineEnds { name, .. } => {
                format!("`{name}` 使用 Windows 换行符（CRLF），无法启动")
            }
            Self::BootstrapOfDefault { observed, default } => format!(
                "函数的运行环境是 {observed}，配置文件中没有写明，`scf_bootstrap` 会按 {default} 生成"
            ),
            Self::IsWeb { folder } => {
                format!("该函数是 Web 函数，而 `{}` 中没有 `scf_bootstrap`", folder.display())
            }
            Self::IsCustom { folder } => format!(
                "函数的运行环境是 CustomRuntime，而 `{}` 中没有可执行的 `bootstrap`",
                folder.display()
            ),
            Self::BareWeb { package } => format!(
                "Web 函数的代码包顶层需要 `scf_bootstrap`，而 `{}` 中没有",
                package.display()
            ),
            Self::NotExecutable { name, package } => {
                format!("`{}` 中的 `{name}` 不可执行，无法启动", package.display())
            }
            Self::HandlerForm { handler } => {
                format!("执行方法 `{handler}` 不是“文件名.函数名”的形式")
            }
            Self::HandlerFile { handler, wanted, folder, .. } => format!(
                "执行方法 `{handler}` 需要 `{}` 中的{}，但该文件不存在",
                folder.display(),
                wanted.zh()
            ),
        }
    }
}

const SCRIPT: &str =
    "与代码放在一起的脚本，以 `#!/usr/bin/env bash` 开头，并启动监听 9000 端口的服务";

/// What to do about code that cannot start.
pub(super) fn code_hint(error: &CodeError) -> String {
    match error {
        CodeError::NoBootstrap { meant: Some(meant), .. } => {
            format!("是不是想写 `runtime: {meant}`？")
        }
        CodeError::NoBootstrap { known, .. } => {
            format!("请编写{SCRIPT}；以下运行环境会自动生成：{}", known.join("、"))
        }
        CodeError::NoEntryFile { .. } => {
            format!("请用 `entryFile` 指定文件，或编写 `scf_bootstrap`：{SCRIPT}")
        }
        CodeError::NoCustomBootstrap { is_web, .. } => format!(
            "请在那里放一个同名程序：以 `#!/bin/bash` 开头的脚本，或 Linux 可执行文件{}",
            if *is_web {
                "；含有 `scf_bootstrap` 的函数是 Web 函数：请写 `type: web`"
            } else {
                ""
            }
        ),
        CodeError::FirstLine { .. } => {
            "第一行应为 `#!/usr/bin/env bash`，前面不能有任何内容".to_owned()
        }
        CodeError::WindowsLineEnds { path, .. } => {
            let path = quoted(&path.display().to_string()).into_owned();
            format!("请转换为 LF，例如：`sed -i 's/\\r$//' {path}`")
        }
        CodeError::BootstrapOfDefault { observed, .. } => format!("请写上 `runtime: {observed}`"),
        CodeError::IsWeb { .. } => "请写上 `type: web`".to_owned(),
        CodeError::IsCustom { .. } => "请写上 `runtime: CustomRuntime`".to_owned(),
        CodeError::HandlerForm { .. } => "例如 `handler: index.main_handler`".to_owned(),
        CodeError::BareWeb { .. } => {
            "打好的代码包不会被添加任何文件：请自行加入，或用 `scfctl package --out code.zip` 生成"
                .to_owned()
        }
        CodeError::NotExecutable { name, .. } => format!(
            "打好的代码包会原样上传：请执行 `chmod 755 {name}` 后在 Linux 或 macOS 上重新打包"
        ),
        CodeError::HandlerFile { below: Some(below), .. } => {
            format!("包中有 `{below}`：请打包目录中的内容，而不是目录本身")
        }
        CodeError::HandlerFile { below: None, .. } => {
            "请修改 serverless.yml 中的 `handler`（文件名.函数名）或 `src`".to_owned()
        }
    }
}

impl Text for OptionsError {
    fn zh(&self) -> String {
        match self {
            Self::Local { value } => format!("SCFCTL_LOCAL 的值 `{value}` 既不是“是”也不是“否”"),
            Self::StorageAddress { text } => format!("`{text}` 不是 COS 的地址"),
            Self::PruneTriggers => {
                "--prune-triggers 会删除配置文件中没有的触发器，但配置文件没有写触发器".to_owned()
            }
            Self::IfChanged => "--if-changed 决定何时发布，但本次不发布版本".to_owned(),
            Self::ListAndOut => "--list 输出到标准输出，而 --out 也要把代码包写到那里".to_owned(),
            Self::OnePackage { functions, .. } => {
                format!("--out 只写一个代码包，而函数 {} 各有一个", functions.join("、"))
            }
            Self::NoPackage { function: None } => "没有代码包：函数的代码已存放在别处".to_owned(),
            Self::NoPackage { function: Some(key) } => {
                format!("没有代码包：`{key}` 的代码已存放在别处")
            }
            Self::RunsForOthers { address } => {
                format!("--run 与 {address} 同时使用：能访问该服务的人都可以在本机运行程序")
            }
            Self::LoadOfService { endpoint } => {
                format!("模拟流量只能在本地 SCF 中设置，不能在 {endpoint} 设置")
            }
            Self::PackageOfFunctions { option, functions } => {
                format!("{option} 只针对一个代码包，而函数 {} 各有一个", functions.join("、"))
            }
            Self::PackageOfProject { option, instances } => {
                format!("{option} 只针对一个代码包，而该目录含有实例 {}", instances.join("、"))
            }
            Self::PackageOfImage => "--package 上传 zip，而该函数运行镜像".to_owned(),
            Self::TwoSources => "重复指定了代码：--package 与 `src` 只能使用一个".to_owned(),
            Self::HashOfNone => "--sha256 只适用于打好的代码包（zip），而当前的代码不是".to_owned(),
            Self::GitignoreOfFinished => {
                "打好的代码包会原样上传，--respect-gitignore 对它无效".to_owned()
            }
            Self::DefaultAlias => "`$DEFAULT` 是每个函数都有的别名，不能删除".to_owned(),
            Self::LatestVersion => "`$LATEST` 是每个函数都有的版本，不能删除".to_owned(),
            Self::EmptyOfDeletion { key } => {
                format!("`{key}` 为空，可能会删除超出本意的内容")
            }
            Self::VersionAndAlias => "同时指定了版本和别名，而一次只删除一个".to_owned(),
            Self::EndRolloutOfVersion => {
                "--end-rollout 用于别名或函数：灰度发布中的版本不会删除".to_owned()
            }
            Self::NotConfirmed { .. } => "没有确认，因此未删除任何内容".to_owned(),
            Self::Keep => "--keep 必须指定保留多少个最新的版本".to_owned(),
            Self::ReportName { path } => {
                format!("--report `{}` 的后缀不是 .html、.json 或 .xml", path.display())
            }
            Self::ReportTarget { path, problem } => {
                format!("--report `{}` {}", path.display(), problem.zh())
            }
        }
    }
}

impl Text for TargetProblem {
    fn zh(&self) -> String {
        match self {
            Self::Folder => "是目录".to_owned(),
            Self::Link => "是链接".to_owned(),
            Self::Special => "既不是文件也不是管道".to_owned(),
            Self::NoFile => "不是文件".to_owned(),
            Self::Refused(reason) => format!("无法写入：“{reason}”"),
        }
    }
}

/// What to do about options.
pub(super) fn options_hint(error: &OptionsError) -> String {
    match error {
        OptionsError::Local { .. } => "设为 1 表示在本地运行，否则请取消设置",
        OptionsError::StorageAddress { .. } => {
            "例如 SCFCTL_COS_ENDPOINT=https://cos-internal.ap-guangzhou.tencentcos.cn"
        }
        OptionsError::PruneTriggers => {
            "请写上 `events`（没有触发器则写 `events: []`），或去掉 --prune-triggers"
        }
        OptionsError::IfChanged => "请加上 `--inputs publish=true`",
        OptionsError::ListAndOut | OptionsError::TwoSources => "请去掉其中一个",
        OptionsError::OnePackage { functions, out } => {
            return format!("请只打包一个：{}", OptionsError::one_package(functions, out));
        }
        OptionsError::NoPackage { .. } => "请用 `src` 指定一个目录",
        OptionsError::RunsForOthers { .. } => {
            "请监听 127.0.0.1，或去掉 --run：此时调用只得到固定应答，不运行任何代码"
        }
        OptionsError::LoadOfService { .. } => {
            "请去掉 endpoint，或写 `scfctl local serve` 打印的地址"
        }
        OptionsError::PackageOfFunctions { .. } => "请用 --function 指定其中一个",
        OptionsError::PackageOfProject { .. } => "请用 --target 指定其中一个的目录",
        OptionsError::PackageOfImage => "请去掉它；镜像由 `image.imageUrl` 指定",
        OptionsError::HashOfNone => {
            "请用 --package 或 `src` 指定 zip，或去掉它；`scfctl package --out code.zip` 可以生成"
        }
        OptionsError::GitignoreOfFinished => "请去掉它",
        OptionsError::DefaultAlias => {
            "要让 $LATEST 承接全部请求：`scfctl deploy --inputs traffic=1`"
        }
        OptionsError::LatestVersion => "请指定已发布的版本；不写 --version 则删除函数",
        OptionsError::EmptyOfDeletion { .. } => "请去掉它；若使用了 shell 变量，请先给变量赋值",
        OptionsError::VersionAndAlias => "请只指定其中一个",
        OptionsError::EndRolloutOfVersion => {
            "请先结束使用该版本的灰度发布；`scfctl status` 会显示其别名"
        }
        OptionsError::NotConfirmed { asked: true } => "请回答 y，或加上 --yes",
        OptionsError::NotConfirmed { asked: false } => {
            "请加上 --yes，或在流水线中设置 SCFCTL_YES=1；--dry-run 显示将要删除的内容"
        }
        OptionsError::Keep => "例如 `scfctl versions prune --keep 5`",
        OptionsError::ReportName { .. } => {
            ".html 是供人查看的页面，.json 是其数据，.xml 是供流水线使用的 JUnit 报告"
        }
        OptionsError::ReportTarget { problem: TargetProblem::Link, .. } => {
            "请直接写链接所指向的文件"
        }
        OptionsError::ReportTarget { .. } => "请写一个可写目录中的文件",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::references::NoOutput;
    use crate::error::{Error, Refusal};
    use crate::output::text::zh::{assert_chinese, assert_text_is_chinese};
    use crate::plan::project::Cycle;

    const WORDS: [ForeignWord; 12] = [
        ForeignWord::Bind,
        ForeignWord::Credentials,
        ForeignWord::Dev,
        ForeignWord::Init,
        ForeignWord::InvokeLocal,
        ForeignWord::Login,
        ForeignWord::Param,
        ForeignWord::Publish,
        ForeignWord::Registry,
        ForeignWord::Run,
        ForeignWord::Unpublish,
        ForeignWord::Upgrade,
    ];

    /// Says an error and what to do about it, which has to be there in both languages or none.
    #[track_caller]
    fn check(error: impl Into<Error>) {
        let error = error.into();
        assert_chinese(&error);
        let Some(hint) = error.hint() else { return };
        assert_text_is_chinese(&hint.zh());
    }

    #[test]
    fn every_sentence_of_arguments_is_chinese() {
        let word = || "deplyo".to_owned();
        for foreign in WORDS {
            check(ArgumentsError::NotProvided { word: word(), foreign });
        }
        for meant in [None, Some((word(), "scfctl deploy".to_owned()))] {
            let commands = vec!["deploy".to_owned(), "package".to_owned(), "config".to_owned()];
            for of in [None, Some("rollout".to_owned())] {
                let (meant, commands) = (meant.clone(), commands.clone());
                check(ArgumentsError::NoSuchCommand { word: word(), of, meant, commands });
            }
        }
        for (meant, line) in
            [(Vec::new(), None), (vec![word()], None), (vec![word()], Some(word()))]
        {
            let (option, command) = (word(), word());
            check(ArgumentsError::NoSuchOption { option, command, meant, line });
        }
        for foreign in [ForeignOption::Config, ForeignOption::Version] {
            check(ArgumentsError::ForeignOption { option: word(), command: word(), foreign });
        }
        for line in [None, Some(word())] {
            let apart = line.clone();
            check(ArgumentsError::ForeignDash { typed: word(), option: word(), line });
            let (option, value, together) = (word(), word(), word());
            check(ArgumentsError::ValueApart { option, value, together, line: apart });
        }
        for error in [
            ArgumentsError::ParameterTwice { name: word() },
            ArgumentsError::Withheld { argument: word() },
            ArgumentsError::NotUtf8 { position: 1 },
            ArgumentsError::NoCommand { line: "scfctl deploy".to_owned() },
            ArgumentsError::All { command: word() },
            ArgumentsError::Refused {
                refusal: Refusal::Repeated { option: word() },
                tips: vec![Tip::Option(word()), Tip::Value(word())],
            },
            ArgumentsError::OptionOfOthers {
                option: word(),
                others: vec![word(), word()],
                command: word(),
                meant: Vec::new(),
                line: None,
                can_go: false,
            },
            ArgumentsError::OptionOfOthers {
                option: "--yes".to_owned(),
                others: vec!["remove".to_owned()],
                command: "deploy".to_owned(),
                meant: Vec::new(),
                line: None,
                can_go: true,
            },
        ] {
            check(error);
        }
    }

    #[test]
    fn every_sentence_of_values_is_chinese() {
        let (key, path) = (|| "shop.net.vpcId".to_owned(), || "values.yml".into());
        let changed = Some(("02134".to_owned(), "1116".to_owned()));
        for flaw in [
            EntryFlaw::Changed(None),
            EntryFlaw::Changed(changed),
            EntryFlaw::NoValue,
            EntryFlaw::NoOutput,
        ] {
            check(ValuesError::Entry { key: key(), path: path(), line: Some(3), flaw });
        }
        check(ValuesError::Twice { key: key(), place: "--output-value".to_owned() });
        check(ValuesError::NoFile { path: path() });
        check(ValuesError::NoMap { path: path() });
    }

    #[test]
    fn every_sentence_of_a_project_is_chinese() {
        let name = || "api".to_owned();
        for instances in [Vec::new(), vec![name()]] {
            check(ProjectError::NoProject { folder: "a".into(), instances });
        }
        for error in [
            ProjectError::Cycle(Cycle { path: vec![name(), name()] }),
            ProjectError::NoFunctions { others: vec![(name(), "website".to_owned())] },
            ProjectError::NotInCommon {
                key: "app",
                first: name(),
                expected: name(),
                folder: name(),
                value: name(),
            },
            ProjectError::SameName { first: name(), folder: name(), name: name() },
            ProjectError::SameFunction { first: name(), other: name(), function: name() },
            ProjectError::OtherFunction { named: name(), deployed: name() },
            ProjectError::NoSuchComponent { component: name(), meant: "scf" },
            ProjectError::ComponentNotProvided { component: name(), instance: name() },
        ] {
            check(error);
        }
        let errors = vec![(name(), OptionsError::IfChanged.into())];
        assert_chinese(&Error::OutputsNotKnown { errors, first: None });
        let errors = vec![(name(), OptionsError::IfChanged.into())];
        assert_chinese(&Error::Unresolved { errors });
        assert!(!project_hint(&ProjectError::OutputNotKnown(NoOutput::unnamed())).is_empty());
    }

    #[test]
    fn every_sentence_of_code_is_chinese() {
        let folder = || "src".into();
        for is_web in [false, true] {
            check(CodeError::NoCustomBootstrap { folder: folder(), is_web });
        }
        for wanted in
            [WantedFile::Binary("main".to_owned()), WantedFile::Module("index.py".to_owned())]
        {
            for below in [None, Some("app/index.py".to_owned())] {
                let (handler, wanted) = ("main".to_owned(), wanted.clone());
                check(CodeError::HandlerFile { handler, wanted, folder: folder(), below });
            }
        }
        for error in [
            CodeError::NoBootstrap {
                runtime: "Go1".to_owned(),
                known: vec!["Nodejs10.15"],
                meant: None,
            },
            CodeError::NoBootstrap {
                runtime: "python3.9".to_owned(),
                known: vec!["Nodejs10.15"],
                meant: Some("Python3.9"),
            },
            CodeError::NoEntryFile { file: "app.js".to_owned(), folder: folder() },
            CodeError::FirstLine { name: "bootstrap".to_owned() },
            CodeError::WindowsLineEnds { name: "bootstrap".to_owned(), path: folder() },
            CodeError::BootstrapOfDefault { observed: "Go1".into(), default: "Php7".into() },
            CodeError::IsWeb { folder: folder() },
            CodeError::BareWeb { package: folder() },
            CodeError::NotExecutable { name: "bootstrap", package: folder() },
            CodeError::IsCustom { folder: folder() },
            CodeError::HandlerForm { handler: "main".to_owned() },
        ] {
            check(error);
        }
    }

    #[test]
    fn every_sentence_of_options_is_chinese() {
        let key = || "api".to_owned();
        for error in [
            OptionsError::Local { value: "maybe".to_owned() },
            OptionsError::StorageAddress { text: "x".to_owned() },
            OptionsError::PruneTriggers,
            OptionsError::IfChanged,
            OptionsError::ListAndOut,
            OptionsError::OnePackage { functions: vec![key(), key()], out: "a.zip".into() },
            OptionsError::NoPackage { function: None },
            OptionsError::NoPackage { function: Some(key()) },
            OptionsError::RunsForOthers {
                address: std::net::SocketAddr::from(([0, 0, 0, 0], 9000)),
            },
            OptionsError::LoadOfService { endpoint: key() },
            OptionsError::PackageOfFunctions { option: "--package", functions: vec![key()] },
            OptionsError::PackageOfProject { option: "--sha256", instances: vec![key()] },
            OptionsError::PackageOfImage,
            OptionsError::TwoSources,
            OptionsError::HashOfNone,
            OptionsError::GitignoreOfFinished,
            OptionsError::DefaultAlias,
            OptionsError::LatestVersion,
            OptionsError::EmptyOfDeletion { key: "alias" },
            OptionsError::VersionAndAlias,
            OptionsError::EndRolloutOfVersion,
            OptionsError::NotConfirmed { asked: true },
            OptionsError::NotConfirmed { asked: false },
            OptionsError::Keep,
            OptionsError::ReportName { path: "report.txt".into() },
            OptionsError::ReportTarget { path: "a.html".into(), problem: TargetProblem::Folder },
            OptionsError::ReportTarget { path: "a.html".into(), problem: TargetProblem::Link },
            OptionsError::ReportTarget { path: "a.html".into(), problem: TargetProblem::Special },
            OptionsError::ReportTarget {
                path: "a.html".into(),
                problem: TargetProblem::Refused("no".to_owned()),
            },
        ] {
            check(error);
        }
    }
}
