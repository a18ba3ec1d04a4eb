//! What is said of values of other instances.

use super::super::listed;
use crate::config::references::{Give, OutputHint, OutputProblem};
use crate::output::Text;

impl Text for OutputProblem {
    fn zh(&self) -> String {
        match self {
            Self::Unnamed => "引用的输出未知".to_owned(),
            Self::GivenTwice { keys: [one, other] } => {
                format!("该输出分别以 `{one}` 和 `{other}` 给出了两个不同的值")
            }
            Self::OnlyDeploy => "只有 `deploy` 才会查询其他实例的输出".to_owned(),
            Self::NotOfComponent { component, key } => format!("{component} 没有输出 `{key}`"),
            Self::NotSingle { path, instance } => {
                format!("`{instance}` 的输出 `{path}` 不是单个值")
            }
            Self::Absent { path, instance } => format!("`{instance}` 已部署，但没有输出 `{path}`"),
            Self::NoUrl { instance } => format!("`{instance}` 的函数没有函数 URL"),
            Self::NoLayerVersion { layer, region } => {
                format!("层 `{layer}` 在 {region} 没有可用的版本")
            }
            Self::Function(error) => error.zh(),
            Self::NotDeployed { instance, function } => {
                format!("`{instance}` 尚未部署：函数 `{function}` 不存在")
            }
            Self::OtherApp { app } => format!("应用 `{app}` 是另一个项目"),
            Self::NoSuchComponent { component } => format!("组件 `{component}` 不存在"),
            Self::Configuration { folder, error } => {
                let cause = error.cause().map(|cause| format!("：{}", cause.zh()));
                format!("{folder}：{}{}", error.zh(), cause.unwrap_or_default())
            }
            Self::SeveralFunctions { instance } => format!("`{instance}` 不是单个函数"),
            Self::OtherComponent { instance, component } => {
                format!("无法得知 `{instance}`（组件 `{component}`）的输出")
            }
            Self::NoInstanceIn { instance, app, folder } => {
                format!("{} 中没有应用 `{app}` 的实例 `{instance}`", folder.display())
            }
            Self::NoInstance { instance } => format!("项目中没有实例 `{instance}`"),
            Self::NotInTheCloud { path } => format!("输出 `{path}` 无法从云端查询"),
            Self::NotOfLayer { path, instance } => {
                format!("无法得知层 `{instance}` 的输出 `{path}`")
            }
            Self::NoLayerName { instance } => format!("层 `{instance}` 的文件中没有 `inputs.name`"),
        }
    }
}

impl Text for Give {
    fn zh(&self) -> String {
        match self {
            Self::Option => "用 --output-value 给出该值".to_owned(),
            Self::Command { line, has_more_inputs, several } => {
                let these = if *several { "这些值" } else { "该值" };
                let more = if *has_more_inputs { "，其余参数同前" } else { "" };
                format!(
                    "给出{these}（原先由 sls 平台保存）：`{line}`{more}；也可以写在文件中，用 --output-values 指定"
                )
            }
        }
    }
}

impl Text for OutputHint {
    fn zh(&self) -> String {
        match self {
            Self::Give(give) => format!("请{}", give.zh()),
            Self::LeaveOneOut => "请去掉其中一个".to_owned(),
            Self::GiveUnnamed => "请用 --output-value STAGE:APP:NAME.KEY=VALUE 给出该值".to_owned(),
            Self::GiveKey { key } => format!("请给出该值：--output-value {key}=VALUE"),
            Self::Outputs { outputs } => format!("它的输出有：{}", outputs.join("、")),
            Self::Within => "请指定其中的一个值".to_owned(),
            Self::Printed => "`scfctl deploy --target DIR` 会显示它的输出".to_owned(),
            Self::HttpTrigger => "请为它配置 `http` 触发器，或者直接写地址".to_owned(),
            Self::Deploy => "请先部署它，或者在项目目录中部署整个项目".to_owned(),
            Self::DeployProject(give) => {
                format!("请在项目目录中部署整个项目；或者{}", give.zh())
            }
            Self::Take { outputs, give } => {
                format!("请改用以下输出之一：{}；或者{}", outputs.join("、"), give.zh())
            }
            Self::Instances { names, give } => {
                format!("项目的实例有：{}；或者{}", listed(names), give.zh())
            }
            Self::Component { meant } => format!("是不是想写 `component: {meant}`？"),
            Self::Configuration(hint) => hint.zh(),
        }
    }
}
