//! What is said of keys and of the places that they are looked for in.

use crate::config::credentials::{
    CredentialsError, KeyPart, KeyPlace, MetadataAnswer, NoKeys, RoleRule, Searched, SourceName,
    TccliProblem, Unreadable, ValueName,
};
use crate::output::Text;

impl Text for KeyPlace {
    fn zh(&self) -> String {
        match self {
            Self::Environment => "环境变量".to_owned(),
            Self::DotEnv(file) | Self::Tccli { file, .. } | Self::TokenFile(file) => {
                file.display().to_string()
            }
            Self::Sls { file, profile } | Self::Sdk { file, profile } => {
                format!("{} [{profile}]", file.display())
            }
            Self::Cluster => "环境变量 TKE_*".to_owned(),
            Self::Machine => "本机的角色".to_owned(),
        }
    }
}

impl Text for SourceName {
    fn zh(&self) -> String {
        match self {
            Self::One(place) => place.zh(),
            Self::Two(of_id, of_key) => format!("{}、{}", of_id.zh(), of_key.zh()),
        }
    }
}

impl Text for NoKeys {
    fn zh(&self) -> String {
        match self {
            Self::Missing => "未找到".to_owned(),
            Self::LastResort(source) => format!("未找到；调用时会查询{}", source.zh()),
        }
    }
}

impl Text for Searched {
    fn zh(&self) -> String {
        match &self.answer {
            Some(MetadataAnswer { endpoint, reason: [_, reason] }) => {
                format!("{}（{endpoint}：{reason}）", self.place.zh())
            }
            None => self.place.zh(),
        }
    }
}

impl Text for ValueName {
    fn zh(&self) -> String {
        match self {
            Self::Named(name) => name.clone(),
            Self::Token => "Token".to_owned(),
        }
    }
}

impl Text for KeyPart {
    fn zh(&self) -> String {
        match self {
            Self::Id => "SecretId（字母和数字）",
            Self::Key => "SecretKey（字母和数字）",
            Self::Token => "Token",
        }
        .to_owned()
    }
}

impl Text for RoleRule {
    fn zh(&self) -> String {
        match self {
            Self::Role => "角色（形如 qcs::cam::uin/…:roleName/…）",
            Self::Session => "会话名（2 到 128 个字符，可含字母、数字和 =,.@_-）",
        }
        .to_owned()
    }
}

impl Text for Unreadable {
    fn zh(&self) -> String {
        match self {
            Self::Read(error) => error.zh(),
            Self::Absent => "文件不存在".to_owned(),
            Self::Empty => "文件没有内容".to_owned(),
        }
    }
}

impl Text for TccliProblem {
    fn zh(&self) -> String {
        match self {
            Self::Value { key } => format!("`{key}` 的值不是 tccli 写入的形式"),
            Self::NotAnObject => "文件不是 JSON 对象".to_owned(),
            Self::NotJson { column } => format!("不是 JSON（第 {column} 列）"),
        }
    }
}

impl Text for CredentialsError {
    fn zh(&self) -> String {
        fn listed(places: &[impl Text]) -> String {
            places.iter().map(Text::zh).collect::<Vec<_>>().join("、")
        }
        match self {
            Self::Missing { places } => format!("没有找到凭证；已查找：{}", listed(places)),
            Self::Incomplete { place, present, missing } => {
                format!("{}：有 {present}，但缺少 {missing}", place.zh())
            }
            Self::Malformed { place, name } => {
                format!("{}：{} 的值含有空白或控制字符", place.zh(), name.zh())
            }
            Self::Placeholder { place, name, kind } => format!(
                "{}：{} 的值含有{}不会有的字符，像是占位符",
                place.zh(),
                name.zh(),
                super::super::spaced(kind.zh())
            ),
            Self::Rule { place, name, rule } => {
                format!("{}：{name} 的值不是{}", place.zh(), rule.zh())
            }
            Self::NoProfile { profile, places } => {
                format!("没有找到 profile `{profile}`；已查找：{}", listed(places))
            }
            Self::Unreadable { file, reason } => {
                format!("无法读取 {}：{}", file.display(), reason.zh())
            }
            Self::Text { file, line, problem } => {
                format!("{}:{line}：{}", file.display(), problem.zh())
            }
        }
    }
}
