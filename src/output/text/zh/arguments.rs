//! What is said of the command line.

use crate::config::position::WithoutEffect;
use crate::output::Text;
use crate::report::notice::Ineffective;

impl Text for WithoutEffect {
    fn zh(&self) -> String {
        let Self { key, place, command } = self;
        format!("`{key}`（{}）对 {command} 不起作用", place.zh())
    }
}

impl Text for Ineffective {
    fn zh(&self) -> String {
        match self {
            Self::Login => "不支持 --login：请设置 TENCENT_SECRET_ID 和 TENCENT_SECRET_KEY",
            Self::Override => "--override 不起作用：--profile 本来就优先于环境变量",
            Self::AllBesideTarget => {
                "--all 与 --target 同时使用时不起作用：--target 指定了一个实例"
            }
            Self::All => "--all 不起作用：deploy 本来就部署目录下的全部实例",
            Self::Dev => "--dev 不起作用：代码按原样部署",
            Self::SkipUpdate => "--skipUpdate 不起作用：本工具不检查更新",
            Self::Force => "--force 对该命令不起作用",
            Self::NoCache => "--noCache 对该命令不起作用：该命令不打包代码",
            Self::NoValidation => "--noValidation 对该命令不起作用：该命令的参数总会校验",
            Self::Inputs => "--inputs 后面什么都没有；命令续行时行尾要写 `\\`",
            Self::Local => "--local 对该命令不起作用：该命令不发送任何请求",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::position::Position;
    use crate::output::text::zh::assert_chinese;

    #[test]
    fn every_sentence_is_chinese() {
        for note in [
            Ineffective::Login,
            Ineffective::Override,
            Ineffective::AllBesideTarget,
            Ineffective::All,
            Ineffective::Dev,
            Ineffective::SkipUpdate,
            Ineffective::Force,
            Ineffective::NoCache,
            Ineffective::NoValidation,
            Ineffective::Local,
            Ineffective::Inputs,
        ] {
            assert_chinese(&note);
        }
        let place = Position::Argument("traffic=0.1".to_owned());
        assert_chinese(&WithoutEffect { key: "traffic".to_owned(), place, command: "package" });
    }
}
