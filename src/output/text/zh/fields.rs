//! What is said of the keys of `inputs`. What is wrong goes on from the name of the key.

use super::{Text, listed_by};
use crate::config::ValueKind;
use crate::config::input_error::{
    Advice, AliasAdvice, Clash, CronField, EventAdvice, FunctionsAdvice, InputError, InputErrors,
    InputWarning, InputsOf, KeyRemark, LISTED, MetricAdvice, NameRule, ReferenceAdvice,
    RetiredProduct, SettingAdvice, ShownValue, Successor, Unit, ValueSize, WantedValue,
    WholeNumbers, Wrong, WrongAlias, WrongCron, WrongEvent, WrongFunctions, WrongMetric,
    WrongSetting,
};
use crate::model::trigger::TriggerKind;
use crate::model::{DEFAULT_ALIAS, IMAGE_RUNTIME, LATEST};
use crate::text::FilePlace;
use std::fmt::Write as _;

/// Two parts of a sentence, with a blank between Chinese and Latin letters.
fn joined(before: &str, after: &str) -> String {
    let is_latin = |letter: char| letter.is_ascii() && letter != ' ';
    let is_word = |letter: char| letter.is_alphanumeric() && !letter.is_ascii();
    let blank = match (before.chars().last(), after.chars().next()) {
        (Some(last), Some(first)) => {
            (is_word(last) && is_latin(first)) || (is_latin(last) && is_word(first))
        }
        _ => false,
    };
    format!("{before}{}{after}", if blank { " " } else { "" })
}

/// A question about the key that was most likely meant.
fn meant(meant: Option<&str>) -> String {
    meant.map(|meant| format!("；是不是想写 `{meant}`？")).unwrap_or_default()
}

fn trigger(kind: TriggerKind) -> &'static str {
    match kind {
        TriggerKind::Timer => "定时触发器",
        TriggerKind::Cos => "COS 触发器",
        TriggerKind::Ckafka => "CKafka 触发器",
        TriggerKind::Http => "函数 URL",
        TriggerKind::Cls => "CLS 触发器",
        TriggerKind::Mps => "MPS 触发器",
        TriggerKind::Clb => "CLB 触发器",
    }
}

impl Text for ValueKind {
    fn zh(&self) -> String {
        match self {
            Self::Null => "空值",
            Self::Boolean => "布尔值",
            Self::Number => "数字",
            Self::Text => "字符串",
            Self::Date => "日期",
            Self::Bytes => "`!!binary` 数据",
            Self::List => "列表",
            Self::Map => "键值对",
        }
        .to_owned()
    }
}

impl Text for InputError {
    fn zh(&self) -> String {
        let Self { key, place, what, instead: _ } = self;
        format!("{}（{}）", joined(&format!("`{key}`"), &what.zh()), place.zh())
    }

    fn place(&self) -> Option<FilePlace> {
        self.place.place()
    }
}

impl Text for InputErrors {
    fn zh(&self) -> String {
        let mut text = String::new();
        if let [error] = &self.errors[..] {
            text += &error.zh();
        } else {
            let _ = write!(text, "有 {} 个参数无法使用", self.errors.len());
            for error in self.errors.iter().take(LISTED) {
                let _ = write!(text, "\n{}", error.zh());
                if let Some(instead) = &error.instead {
                    let _ = write!(text, "：{}", instead.zh());
                }
            }
            let more = self.errors.len().saturating_sub(LISTED);
            if more > 0 {
                let _ = write!(text, "\n另有 {more} 个");
            }
        }
        for unknown in self.unknown.iter().take(LISTED) {
            let _ = write!(text, "\n{}", unknown.zh());
        }
        text
    }
}

impl Text for Wrong {
    fn zh(&self) -> String {
        match self {
            Self::Missing => "未填写".to_owned(),
            Self::Empty => "为空".to_owned(),
            Self::Is(shown) => joined("的值为", &shown.zh()),
            Self::Not { found, wanted } => {
                let found = joined("的值为", &found.zh());
                joined(&format!("{found}，应为"), &wanted.zh())
            }
            Self::IsNot(wanted) => joined("不是", &wanted.zh()),
            Self::MissingOrNot(wanted) => joined("未填写，或者不是", &wanted.zh()),
            Self::NoSuch { text, wanted } => {
                joined(&format!("的值为 `{text}`，不是"), &wanted.zh())
            }
            Self::EntryIsNot(wanted) => joined("中有元素不是", &wanted.zh()),
            Self::Has(amount) => amount.zh(),
            Self::NoShare(number) => format!("的值为 {number}，不在 0 到 1 之间"),
            Self::TooFine(number) => format!("的值为 {number}，小数超过 6 位"),
            Self::NotAsWritten(kind) => {
                format!("的值为{}，不是字符串，发送的内容会与文件中的写法不同", kind.zh())
            }
            Self::Unknown(of) => joined(&joined("不是", &of.zh()), "的参数"),
            Self::Misspelt => "不是有效参数，若忽略则会使用默认值".to_owned(),
            Self::AtTop => "写在文件顶层，不起作用，会使用默认值".to_owned(),
            Self::Again(key) => format!("重复给出了 `{key}`"),
            Self::Setting(wrong) => wrong.zh(),
            Self::Alias(wrong) => wrong.zh(),
            Self::Event(wrong) => wrong.zh(),
            Self::Functions(wrong) => wrong.zh(),
            Self::Metric(wrong) => wrong.zh(),
        }
    }
}

impl Text for ShownValue {
    fn zh(&self) -> String {
        match self {
            Self::Literal(text) => format!("`{text}`"),
            Self::Kind(kind) => kind.zh(),
        }
    }
}

impl Text for WantedValue {
    fn zh(&self) -> String {
        match self {
            Self::Text => "字符串",
            Self::Boolean => "true 或 false",
            Self::Number => "数字",
            Self::Map => "键值对",
            Self::List => "列表",
            Self::Texts => "字符串列表",
            Self::Folder => "目录路径",
            Self::Version => "版本号",
            Self::AliasName => "有效的别名名称",
            Self::Name => "有效的名称",
            Self::TriggerName => "有效的触发器名称",
            Self::VariableName => "有效的环境变量名",
            Self::Bucket => "有效的存储桶名称",
            Self::BucketHost => "存储桶的完整域名",
            Self::PackageFile => "代码包中的文件",
            Self::Id => "有效的 ID",
            Self::BalancerId => "负载均衡的 ID",
            Self::UrlPath => "URL 路径",
            Self::Layer => "层",
            Self::Tag => "标签",
            Self::Pair => "`key` 与 `value` 组成的一项",
            Self::Offset => "有效的消费起始位置",
            Self::Event => "触发器",
            Self::Functions => "函数列表",
            Self::Metric => "监控指标",
            Self::Time => "有效的时间",
            Self::PastTime => "过去的时间",
        }
        .to_owned()
    }
}

impl Text for ValueSize {
    fn zh(&self) -> String {
        match self {
            Self::Characters(count) => format!("有 {count} 个字符"),
            Self::Bytes(count) => format!("有 {count} 字节"),
            Self::BytesTogether(count) => format!("合计 {count} 字节"),
            Self::Entries(count) => format!("有 {count} 项"),
        }
    }
}

impl Text for InputsOf {
    fn zh(&self) -> String {
        match self {
            Self::Scf => "scf".to_owned(),
            Self::MultiScf => "multi-scf".to_owned(),
            Self::Command(command) => format!("{command} 命令"),
            Self::Trigger(kind) => trigger(*kind).to_owned(),
        }
    }
}

impl Text for WrongSetting {
    fn zh(&self) -> String {
        match self {
            Self::ReservedName(prefix) => format!("以 `{prefix}` 开头，该前缀由 SCF 保留"),
            Self::EmptyVariable => "为空，API 不接受空的环境变量".to_owned(),
            Self::EmptyKey => "的标签键为空".to_owned(),
            Self::AsksForGateway => "要求创建 API 网关触发器，该产品已下线".to_owned(),
            Self::NoCode => "未填写，没有可部署的代码".to_owned(),
            Self::CodeTwice => "指定了 COS 中已有的代码，而 `src.src` 指定了另一份代码".to_owned(),
            Self::NotOfObjects => "对 COS 中已有的代码包无效".to_owned(),
            Self::NotOfFinished => "对打好的代码包无效，它会原样上传".to_owned(),
            Self::PartOfFinished => "指定的是打好的代码包的一部分，而它会原样上传".to_owned(),
            Self::RegionOfObject => "不是北京地域，API 只需要填写北京地域".to_owned(),
            Self::RuntimeWithoutImage => format!("的值为 `{IMAGE_RUNTIME}`，但没有指定镜像"),
            Self::ModeWithoutImage => "的值为 `image`，但没有指定镜像".to_owned(),
            Self::NoRegistry => "未填写，企业版镜像必须填写".to_owned(),
            Self::LatestProvisioned => format!("的值为 `{LATEST}`，该版本不支持预置实例"),
            Self::NoFunctionNamed => {
                "未填写，而且当前目录没有指定函数的 `serverless.yml`".to_owned()
            }
        }
    }
}

impl Text for WrongAlias {
    fn zh(&self) -> String {
        match self {
            Self::EmptyOrNoVersion => "为空，或者不是版本号".to_owned(),
            Self::NamesNoVersion(text) => format!("中的 `{text}` 不是版本号"),
            Self::UnknownRouting => "既不是 `weights` 也不是 `matches`".to_owned(),
            Self::WeightsAndMatches => "同时有 `weights` 和 `matches`，二者只能选一".to_owned(),
            Self::NotOfRules => "不是规则的字段".to_owned(),
            Self::NoRule => "没有规则".to_owned(),
        }
    }
}

impl Text for WrongMetric {
    fn zh(&self) -> String {
        match self {
            Self::AliasAndQualifier => {
                "与另一个 `qualifier` 同时给出；一次调用只能指向其中一个".to_owned()
            }
            Self::AliasAndVersion => {
                "与 `version` 同时给出；调用次数只能按别名或按版本统计".to_owned()
            }
            Self::EndsBefore { from, until } => {
                format!("没有留下时间：从 {from} 到 {until}（UTC+8）")
            }
            Self::ManyPoints { points, most } => format!("会产生 {points} 个点，超过 {most} 个"),
        }
    }
}

impl Text for MetricAdvice {
    fn zh(&self) -> String {
        match self {
            Self::Since => {
                "例如 30s、15m、1h30m、2d，或 '2024-05-01 12:00:00'（北京时间）、2024-05-01T04:00:00Z".to_owned()
            }
            Self::Time => {
                "例如 '2024-05-01 12:00:00'（北京时间），或 2024-05-01T04:00:00Z".to_owned()
            }
            Self::Interval { longest } => format!("60 到 {longest} 秒，也可写 15m、3h 或 7d"),
            Self::LongerPeriod => "请增大 `period`，或缩短时间范围".to_owned(),
            Self::Versions => "例如 2、1,2，或 '$LATEST'（用单引号）".to_owned(),
        }
    }
}

impl Text for WrongEvent {
    fn zh(&self) -> String {
        match self {
            Self::SeveralKeys(keys) => format!("有多个键：{}", keys.join("、")),
            Self::UnknownType(of_type) => format!("的类型 `{of_type}` 不存在"),
            Self::Retired(product) => joined(&joined("是", &product.zh()), "触发器，该产品已下线"),
            Self::Clash { clash, with } => format!("{} `{with}` 冲突", clash.zh()),
            Self::NoSwitch(kind) => {
                joined(&joined("的值为 false，但", trigger(*kind)), "没有启停开关")
            }
            Self::NoQualifier(text) => format!("的值为 `{text}`，不是有效的别名或版本"),
            Self::Cron(wrong) => wrong.zh(),
            Self::NoAccount(bucket) => format!("的值为 `{bucket}`，缺少账号的 APPID"),
            Self::OtherRegion { bucket, function } => {
                format!("位于 {bucket}，函数位于 {function}：二者必须在同一地域")
            }
            Self::NoDot(suffix) => format!("的值为 `{suffix}`，没有以点号开头"),
            Self::NoTopicName(name) => {
                format!("会使触发器的名称成为 `{name}`，而它应由实例和主题组成")
            }
        }
    }
}

impl Text for Clash {
    fn zh(&self) -> String {
        match self {
            Self::Objects { bucket } => format!("监听 `{bucket}` 的对象，与"),
            Self::FunctionUrl { qualifier } => format!("是 `{qualifier}` 上的函数 URL，与"),
            Self::Source { kind, name } => {
                format!("{} `{name}`，与", joined("是", trigger(*kind)))
            }
            Self::Name { kind, name, qualifier } => {
                let place = format!("是 `{qualifier}` 上的");
                format!("{} `{name}`，与", joined(&place, trigger(*kind)))
            }
        }
    }
}

impl Text for RetiredProduct {
    fn zh(&self) -> String {
        match self {
            Self::ApiGateway => "API 网关",
            Self::Cmq => "CMQ",
        }
        .to_owned()
    }
}

impl Text for WrongCron {
    fn zh(&self) -> String {
        match self {
            Self::Empty => "为空".to_owned(),
            Self::Fields { text, count } => format!("的值为 `{text}`，有 {count} 个字段"),
            Self::Field { text, wrong, field, from, to, names } => {
                let names = match (names.first(), names.last()) {
                    (Some(first), Some(last)) => format!("，{first} 到 {last}"),
                    _ => String::new(),
                };
                format!(
                    "的值为 `{text}`，其中 `{wrong}` 不是有效的{}（{from} 到 {to}{names}，可用 `* - , /`）",
                    field.zh()
                )
            }
        }
    }
}

impl Text for CronField {
    fn zh(&self) -> String {
        match self {
            Self::Second => "秒",
            Self::Minute => "分钟",
            Self::Hour => "小时",
            Self::Day => "日",
            Self::Month => "月份",
            Self::Weekday => "星期",
            Self::Year => "年份",
        }
        .to_owned()
    }
}

impl Text for WrongFunctions {
    fn zh(&self) -> String {
        match self {
            Self::CommonName => "会使所有函数同名".to_owned(),
            Self::NoFunction(key) => format!("的值为 `{key}`，没有这个函数"),
            Self::NoFunctions => "未填写，没有可部署的函数".to_owned(),
            Self::SameKey { key, first } => format!("的键为 `{key}`，与 `{first}` 重复"),
            Self::NoKey => "既没有 `key` 也没有 `name`".to_owned(),
            Self::OtherRegion(region) => format!("不是 {region}，所有函数都部署在该地域"),
            Self::Outside { folder, common } => {
                format!("的值为 `{folder}`，位于公共目录 {common} 之外")
            }
            Self::SecondHook => "与公共的 `src.hook` 重复，代码包已由后者生成".to_owned(),
            Self::NotInPackage { folder, target } => format!(
                "的值为 `{folder}`，但公共代码包的内容都在 `{target}` 下（`src.targetDir`）"
            ),
            Self::NoType => "没有 `type`".to_owned(),
            Self::NamesNone => "没有指定函数".to_owned(),
        }
    }
}

impl Text for Advice {
    fn zh(&self) -> String {
        match self {
            Self::Literal(text) => format!("请写为 {text}"),
            Self::Write(key) => format!("请写为 `{key}`"),
            Self::BelowInputs(key) => format!("请把 `{key}` 写在 `inputs` 下，用空格缩进"),
            Self::WriteA(wanted) | Self::A(wanted) => joined("请填写", &wanted.zh()),
            Self::Quote => "请加上引号".to_owned(),
            Self::LeaveOut => "请删去该项".to_owned(),
            Self::LeaveOneOut => "请删去其中一个".to_owned(),
            Self::Flag(key) => format!("请写为 `--inputs {key}=true` 或 `--inputs {key}=false`"),
            Self::FlagInFile(key) => format!("请写为 `{key}: true` 或 `{key}: false`"),
            Self::WriteNumber(numbers) | Self::Number(numbers) => numbers.zh(),
            Self::AtMost(most) => format!("最多 {most}"),
            Self::AtMostCharacters(most) => format!("最多 {most} 个字符"),
            Self::Share => "请填写 0 到 1 之间的数字".to_owned(),
            Self::ShareForExample => "请填写 0 到 1 之间的数字，例如 0.1 表示 10%".to_owned(),
            Self::ShareOfSixPlaces => "请填写 0 到 1 之间的数字，最多 6 位小数".to_owned(),
            Self::OneOf { words, meant: known } => {
                format!("可选值：{}{}", words.join("、"), meant(*known))
            }
            Self::Either(words) | Self::WriteEither(words) => {
                format!("可选值：{}", words.join("、"))
            }
            Self::Successor(successor) => successor.zh(),
            Self::DidYouMean(known) => format!("是不是想写 `{known}`？"),
            Self::ListOf(entry) => format!("请写为由 `{entry}` 组成的列表"),
            Self::Name { rule, reference: None } => format!("命名规则：{}", rule.zh()),
            Self::Name { rule, reference: Some(reference) } => {
                format!("{}；命名规则：{}", reference.zh(), rule.zh())
            }
            Self::Setting(advice) => advice.zh(),
            Self::Alias(advice) => advice.zh(),
            Self::Event(advice) => advice.zh(),
            Self::Functions(advice) => advice.zh(),
            Self::Metric(advice) => advice.zh(),
        }
    }
}

impl Text for WholeNumbers {
    fn zh(&self) -> String {
        let Self { from, to, unit } = self;
        let unit = unit.map(|unit| format!("（单位：{}）", unit.zh())).unwrap_or_default();
        format!("请填写 {from} 到 {to} 之间的整数{unit}")
    }
}

impl Text for Unit {
    fn zh(&self) -> String {
        match self {
            Self::Seconds => "秒",
            Self::Megabytes => "MB",
            Self::Times => "次",
            Self::Instances => "个",
        }
        .to_owned()
    }
}

impl Text for NameRule {
    fn zh(&self) -> String {
        match self {
            Self::Function => {
                "2 到 60 个字符，可含字母、数字、- 和 _，以字母开头，以字母或数字结尾"
            }
            Self::Namespace => "字母、数字、- 和 _，最多 30 个字符",
            Self::Alias => "1 到 64 个字符，可含字母、数字、- 和 _，以字母开头",
            Self::Trigger => "字母、数字、- 和 _，以字母开头，最多 100 个字符",
            Self::Variable => "2 到 64 个字符，可含字母、数字和 _，以字母开头",
            Self::Id => "字母、数字、- 和 _",
            Self::Bucket => "小写字母、数字和连字符，不含账号的 APPID",
        }
        .to_owned()
    }
}

impl Text for ReferenceAdvice {
    fn zh(&self) -> String {
        let Self { variable, top } = self;
        let top = top.map(|top| format!("，引用配置自身的值请写为 `${{{top}}}`"));
        format!("引用环境变量请写为 `${{env:{variable}}}`{}", top.unwrap_or_default())
    }
}

impl Text for SettingAdvice {
    fn zh(&self) -> String {
        const IMAGE: &str = "例如 `imageUrl: ccr.ccs.tencentyun.com/space/name:1.0`";
        match self {
            Self::LeaveVariableOut => "请删去该变量".to_owned(),
            Self::GiveValue(name) => {
                format!("`{name}` 已设置但为空：请为其赋值，或删去这一行")
            }
            Self::CameToNothing(written) => {
                format!("`{written}` 的结果为空；请为其赋值，或删去这一行")
            }
            Self::AnotherName => "请使用其他名称".to_owned(),
            Self::Timeout { longest } => format!(
                "请填写 1 到 {longest} 之间的整数（单位：秒）；如需最长一天，请同时设置 `asyncRunEnable: true`"
            ),
            Self::MemorySize => "请填写 64 或 128 的倍数（单位：MB）".to_owned(),
            Self::Layer => "请填写含 `name`（字符串）和 `version`（数字）的键值对".to_owned(),
            Self::Tag => "请填写含 `key` 和 `value` 的键值对".to_owned(),
            Self::Tags => "请写为 `tags: {key: value}`".to_owned(),
            Self::Handler => "请写为 `文件名.函数名`，例如 index.main_handler".to_owned(),
            Self::FunctionUrl => {
                "请改用函数 URL：`events: [{http: {parameters: {netConfig: {enableExtranet: \
                                  true}}}}]`；或使用 --skip-unsupported-triggers 部署其余部分"
                    .to_owned()
            }
            Self::Folder => "请填写代码所在的目录，例如 `src: ./src`".to_owned(),
            Self::QuotedPath => "请填写带引号的路径".to_owned(),
            Self::PathBelowSource => "请填写 `src` 下的路径，例如 app.js".to_owned(),
            Self::Object => "请写为 `src.object`，即代码包在存储桶中的路径".to_owned(),
            Self::ObjectPath => {
                "请填写代码包在存储桶中的路径，例如 `object: code/app.zip`".to_owned()
            }
            Self::Bucket => "请填写代码包所在的存储桶".to_owned(),
            Self::LeaveRegionOut => "请删去该项；存储桶位于函数所在的地域".to_owned(),
            Self::AddImage => format!("请添加含 `imageUrl` 的 `image`，{IMAGE}"),
            Self::Image => format!("请填写含 `imageUrl` 的键值对，{IMAGE}"),
            Self::ImageUrl => format!("请填写镜像地址，{IMAGE}"),
            Self::RegistryId => "请填写镜像仓库的 ID，例如 `registryId: tcr-12345678`".to_owned(),
            Self::ImagePort => "Web 服务填写 9000，任务填写 -1".to_owned(),
            Self::Protocol => "请填写 WS；使用 HTTP 时删去该项".to_owned(),
            Self::PublishedVersion => "请填写已发布的版本，例如 3".to_owned(),
            Self::NameFunction { instances } if instances.is_empty() => {
                "请添加 `--inputs function=NAME`".to_owned()
            }
            Self::NameFunction { instances } => format!(
                "请添加 `--inputs function=NAME`，或用 --target 选择一个目录：{}",
                listed_by("、", instances)
            ),
        }
    }
}

impl Text for AliasAdvice {
    fn zh(&self) -> String {
        match self {
            Self::Name => "请填写别名，例如 `--inputs name=alias-prod`".to_owned(),
            Self::MainVersion => "请填写主版本，例如 `--inputs version=1`".to_owned(),
            Self::QuotedVersion => format!("请填写数字（例如 3），或用单引号写 '{LATEST}'"),
            Self::Version => format!("请填写数字（例如 3）或 {LATEST}"),
            Self::Range => "请填写用括号括起的两个整数，不含空格：(1,9) 或 [1,9]".to_owned(),
            Self::NoRule => {
                r#"如需将全部流量转到主版本，请写为 `--inputs config='{"weights":{}}'`"#.to_owned()
            }
            Self::MainVersionOrPublish => {
                "请填写别名的主版本，例如 `aliasFunctionVersion: 1`；使用新版本时请添加 `--inputs publish=true`"
                    .to_owned()
            }
            Self::Weights => {
                "例如 `additionalVersionWeights: [{version: 2, weight: 0.1}]`".to_owned()
            }
            Self::WeightsOrNone => {
                "例如 `additionalVersionWeights: [{version: 2, weight: 0.1}]`；`[]` 表示全部流量转到主版本"
                    .to_owned()
            }
            Self::OneVersion => {
                "只能填写一项：API 只支持一个附加版本，其余流量转到主版本".to_owned()
            }
        }
    }
}

impl Text for EventAdvice {
    fn zh(&self) -> String {
        match self {
            Self::OneType => "每项只写一种类型，内容缩进在其下：`- timer:`".to_owned(),
            Self::BelowParameters => "请写在 `parameters` 下".to_owned(),
            Self::InsteadOf { product, functions } => {
                let instead = match product {
                    RetiredProduct::ApiGateway => function_urls(functions),
                    RetiredProduct::Cmq => "请改用 `ckafka` 触发器".to_owned(),
                };
                format!("{instead}；或使用 --skip-unsupported-triggers 部署其余部分")
            }
            Self::OtherRules => {
                "同一存储桶的规则不能重叠：请使用不同的事件、前缀或后缀".to_owned()
            }
            Self::OneFunctionUrl => "每个版本或别名只能有一个函数 URL".to_owned(),
            Self::OneQualifier => "只能绑定一个版本或别名".to_owned(),
            Self::OwnName => "请分别设置不同的 `name`".to_owned(),
            Self::LeaveOut => "请删去该触发器".to_owned(),
            Self::NoWeight => "请填写 `weight: 0`，或删去该触发器".to_owned(),
            Self::Qualifier => {
                format!("请填写别名、`{DEFAULT_ALIAS}`、`{LATEST}` 或版本号")
            }
            Self::Cron => "请填写七个字段（秒、分钟、小时、日、月、星期、年），例如 `*/5 * * * * * *` 表示每 5 秒，\
                           `0 */5 * * * * *` 表示每 5 分钟"
                .to_owned(),
            Self::BucketOfRegion => "请使用与函数同地域的存储桶".to_owned(),
            Self::BucketEvent => "例如 `cos:ObjectCreated:*`".to_owned(),
            Self::KafkaInstance => "请填写实例 ID，即 `ckafka-…`".to_owned(),
            Self::KafkaTopic => "请填写主题名称".to_owned(),
            Self::KafkaName => {
                "请填写 `name: ckafka-…`（实例 ID）和 `topic`（字母、数字、`.`、`_` 和 `-`）".to_owned()
            }
            Self::Offset => "可选值：latest、earliest，或毫秒时间戳".to_owned(),
            Self::LogTopic => "请填写日志主题的 ID".to_owned(),
            Self::Balancer => "请填写负载均衡的 ID，即 `lb-…`".to_owned(),
            Self::Port => "请填写监听器的端口".to_owned(),
            Self::Domain => "请填写转发规则的域名".to_owned(),
            Self::Url => "请填写转发规则的路径，`/` 表示全部".to_owned(),
        }
    }
}

/// What replaces a gateway; of several functions each gets an entry of its own.
fn function_urls(functions: &[String]) -> String {
    let Some((first, rest)) = functions.split_first() else {
        return "请改用函数 URL：`- http:`，并设置 `parameters: {netConfig: {enableExtranet: true}}`"
            .to_owned();
    };
    let others: Vec<String> = rest.iter().map(|key| format!("`{key}`")).collect();
    let others = match others.as_slice() {
        [] => String::new(),
        others => format!("，{} 也各写一项", others.join("、")),
    };
    format!(
        "请改用函数 URL，每个函数一项：`- type: http`、`function: {first}`、\
         `parameters: {{netConfig: {{enableExtranet: true}}}}`{others}"
    )
}

impl Text for FunctionsAdvice {
    fn zh(&self) -> String {
        match self {
            Self::NameBelow => "请在各个函数下填写 `name`".to_owned(),
            Self::OneOf { keys, meant: known } => {
                format!("可选值：{}{}", listed_by("、", keys), meant(known.as_deref()))
            }
            Self::Key => "请填写一个函数的键".to_owned(),
            Self::Keys => "请为每个函数自定一个键，其配置缩进在其下".to_owned(),
            Self::Functions => "请填写键值对：键为自定的名称，值为该函数的配置".to_owned(),
            Self::Settings => "请填写函数的配置".to_owned(),
            Self::OwnKey => "请为每个函数设置不同的 `key`".to_owned(),
            Self::AddKey => "请填写 `key: KEY`，即供触发器引用的自定名称".to_owned(),
            Self::RegionAtTop => {
                "请在 `inputs` 顶层填写 `region`，每个地域使用一个实例".to_owned()
            }
            Self::Pairs => "请写为 `- key: NAME`，并在其下写 `value: TEXT`".to_owned(),
            Self::Patterns => "每项填写一个匹配模式".to_owned(),
            Self::FolderBelow => {
                "请填写公共 `src` 下的目录，函数的代码包从中截取；可以让公共 `src` 指向包含二者的目录"
                    .to_owned()
            }
            Self::OneHook => "请在公共的 `src.hook` 中用一条命令完成".to_owned(),
            Self::Trigger => "请填写 `type`、`function` 和 `parameters`".to_owned(),
            Self::FunctionOfTrigger => "请填写 `function: KEY`，即其中一个函数的键".to_owned(),
        }
    }
}

impl Text for InputWarning {
    fn zh(&self) -> String {
        match self {
            Self::LeftOut(error) => format!("{}，已忽略该项", error.zh()),
            Self::SentAsItIs(error) => format!("{}，按原样发送", error.zh()),
            Self::Key { key, place, remark } => {
                format!("`{key}`（{}）{}", place.zh(), remark.zh())
            }
            Self::OnlyEvent { key, place } => {
                format!("`{key}`（{}）仅适用于事件函数，对 Web 函数无效", place.zh())
            }
            Self::AliasLeft { name, place } => format!(
                "别名 `{name}`（{}）保持不变：没有给出 `traffic` 或 `additionalVersionWeights`",
                place.zh()
            ),
        }
    }

    fn place(&self) -> Option<FilePlace> {
        match self {
            Self::LeftOut(error) | Self::SentAsItIs(error) => error.place(),
            Self::Key { place, .. }
            | Self::OnlyEvent { place, .. }
            | Self::AliasLeft { place, .. } => place.place(),
        }
    }
}

impl Text for KeyRemark {
    fn zh(&self) -> String {
        match self {
            Self::Unknown { of, successor } => {
                let known = successor.as_ref().map(|known| format!("；{}", known.zh()));
                let of = joined(&joined("不是", &of.zh()), "的参数");
                format!("{of}{}", known.unwrap_or_default())
            }
            Self::NoEffectWithout(key) => format!("无效：没有填写 `{key}`"),
            Self::PublishedIsMain { alias } => {
                format!("无效：publish=true 时，新发布的版本成为别名 `{alias}` 的主版本")
            }
            Self::WeightsDecide { alias } => {
                format!("无效：别名 `{alias}` 的流量由 `additionalVersionWeights` 决定")
            }
            Self::Empty => "为空，等同于没有写".to_owned(),
            Self::RuntimeOfImage => {
                format!("无效：镜像自带运行环境，API 中为 `{IMAGE_RUNTIME}`")
            }
            Self::ImageRuns => "无效：函数运行的是 `image`".to_owned(),
            Self::OnlyWeb => "无效：仅适用于 Web 函数（`type: web`）".to_owned(),
            Self::NoneIsWeb => "无效：没有任何函数是 Web 函数（`type: web`）".to_owned(),
            Self::Enterprise { said } => format!(
                "的值为 `{said}`，但含 `registryId` 的镜像是企业版镜像：按 `enterprise` 发送"
            ),
            Self::Skipped(product) => {
                format!("已跳过：{}；云端已有的配置保持不变", joined(&product.zh(), "已下线"))
            }
            Self::NullVariable => {
                "没有值，按文本 `null` 发送，与 sls 一致；请删去该行，或给文本加上引号".to_owned()
            }
            Self::ManyLayers { count, usual } => {
                format!("有 {count} 项；除非申请提高配额，每个函数最多绑定 {usual} 个层")
            }
            Self::ManyTriggers { count, kind, usual } => format!(
                "有 {count} 个 {} 类型的触发器；除非申请提高配额，每个函数同类触发器最多 {usual} 个",
                kind.name()
            ),
            Self::NotRun => "不会执行：`src.dist` 没有说明其产物".to_owned(),
            Self::NotPacked => "不会打包：`src.hook` 没有说明如何生成".to_owned(),
            Self::FiveFields(cron) => format!(
                "的值为 `{cron}`，是以分钟开头的五个字段，按原样发送；使用七个字段时，`*/5 * * * * * *` 表示每 5 秒，\
                 `0 */5 * * * * *` 表示每 5 分钟"
            ),
            Self::NoNetwork => {
                "没有开启任何网络，函数 URL 无法访问；开启公网请填写 `enableExtranet: true`"
                    .to_owned()
            }
            Self::Undocumented { event, documented } => {
                format!("的值为 `{event}`；文档中的取值为 {}", documented.join("、"))
            }
        }
    }
}

impl Text for Successor {
    fn zh(&self) -> String {
        match self {
            Self::Called(key) => format!("应为 `{key}`"),
            Self::Below(key) => format!("应写在 `{key}` 下"),
            Self::Like(key) => format!("是不是想写 `{key}`？"),
            Self::FunctionUrl => {
                "API 网关已下线；函数 URL 写为 `events: [{http: {parameters: {netConfig: \
                                  {enableExtranet: true}}}}]`"
                    .to_owned()
            }
            Self::Nothing => "该项已失效，可以删去".to_owned(),
            Self::Keys => "其中的键应直接写在 `inputs` 下".to_owned(),
            Self::Events => "在 scf 中应为 `events`；云端已有的触发器保持不变".to_owned(),
            Self::BesideFunctions => "应与 `functions` 同级，并各自填写 `function`".to_owned(),
            Self::Region => {
                "该项已失效，可以删去：函数的位置由 `region` 和 `vpcConfig` 的子网决定".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::config::events::EventScope;
    use crate::config::function::Reader;
    use crate::config::position::Position;
    use crate::output::text::zh::{assert_chinese, assert_text_is_chinese};

    fn place(key: &str) -> Position {
        Position::line(format!("{key}.yml"), 3)
    }

    fn said(wrong: impl Into<Wrong>, advice: impl Into<Advice>) {
        let (what, advice) = (wrong.into(), advice.into());
        let error =
            InputError { key: "key".to_owned(), place: place("f"), what, instead: Some(advice) };
        let errors = vec![error.clone(), error.clone()];
        let remark = InputWarning::LeftOut(error.clone());
        assert_chinese(&error);
        assert_chinese(&remark);
        assert_chinese(&InputWarning::SentAsItIs(error));
        assert_chinese(&InputErrors { errors, unknown: vec![remark] });
    }

    fn text() -> String {
        "text".to_owned()
    }

    /// What is wrong with settings, and what to write instead.
    #[test]
    #[expect(clippy::too_many_lines, reason = "one value of every variant")]
    fn every_sentence_is_chinese() {
        let wanted = [
            WantedValue::Text,
            WantedValue::Boolean,
            WantedValue::Number,
            WantedValue::Map,
            WantedValue::List,
            WantedValue::Texts,
            WantedValue::Folder,
            WantedValue::Version,
            WantedValue::AliasName,
            WantedValue::Name,
            WantedValue::TriggerName,
            WantedValue::VariableName,
            WantedValue::Bucket,
            WantedValue::BucketHost,
            WantedValue::PackageFile,
            WantedValue::Id,
            WantedValue::BalancerId,
            WantedValue::UrlPath,
            WantedValue::Layer,
            WantedValue::Tag,
            WantedValue::Pair,
            WantedValue::Offset,
            WantedValue::Event,
            WantedValue::Functions,
        ];
        for wanted in wanted {
            said(Wrong::IsNot(wanted), Advice::A(wanted));
            said(Wrong::MissingOrNot(wanted), Advice::WriteA(wanted));
            said(Wrong::EntryIsNot(wanted), Advice::Quote);
            said(Wrong::NoSuch { text: text(), wanted }, Advice::LeaveOut);
            for value in [json!(null), json!(true), json!(1), json!("x"), json!([]), json!({})] {
                said(Wrong::kind(&value, wanted), Advice::LeaveOneOut);
                said(Wrong::value(&value, wanted), Advice::Flag(text()));
            }
        }
        let numbers = |unit| WholeNumbers { from: 1, to: 9, unit };
        for unit in [Unit::Seconds, Unit::Megabytes, Unit::Times, Unit::Instances] {
            said(Wrong::Missing, Advice::Number(numbers(Some(unit))));
        }
        for (wrong, advice) in [
            (Wrong::Empty, Advice::WriteNumber(numbers(None))),
            (Wrong::text("x"), Advice::FlagInFile("enable")),
            (Wrong::Has(ValueSize::Characters(9)), Advice::AtMost(8)),
            (Wrong::Has(ValueSize::Bytes(9)), Advice::AtMostCharacters(8)),
            (Wrong::Has(ValueSize::BytesTogether(9)), Advice::Share),
            (Wrong::Has(ValueSize::Entries(9)), Advice::ShareForExample),
            (Wrong::NoShare("2".to_owned()), Advice::ShareOfSixPlaces),
            (Wrong::TooFine("0.1234567".to_owned()), Advice::DidYouMean(text())),
            (Wrong::NotAsWritten(ValueKind::Bytes), Advice::Quote),
            (Wrong::NotAsWritten(ValueKind::Date), Advice::ListOf("- timer: …")),
            (Wrong::Misspelt, Advice::Write(text())),
            (Wrong::AtTop, Advice::BelowInputs("traffic")),
            (Wrong::Again(text()), Advice::literal("x: 1")),
            (Wrong::Unknown(InputsOf::Scf), Advice::Either(&["a", "b", "c"])),
            (Wrong::Unknown(InputsOf::MultiScf), Advice::WriteEither(&["a", "b", "c"])),
            (
                Wrong::Unknown(InputsOf::Command("deploy")),
                Advice::OneOf { words: vec!["a", "b", "c"], meant: Some("b") },
            ),
        ] {
            said(wrong, advice);
        }
        for rule in [
            NameRule::Function,
            NameRule::Namespace,
            NameRule::Alias,
            NameRule::Trigger,
            NameRule::Variable,
            NameRule::Id,
            NameRule::Bucket,
        ] {
            said(Wrong::Missing, Advice::name(rule, "plain"));
            said(Wrong::Missing, Advice::name(rule, "a-${stage}"));
        }
        for wrong in [
            WrongSetting::ReservedName("SCF_"),
            WrongSetting::EmptyVariable,
            WrongSetting::EmptyKey,
            WrongSetting::AsksForGateway,
            WrongSetting::NoCode,
            WrongSetting::CodeTwice,
            WrongSetting::NotOfObjects,
            WrongSetting::NotOfFinished,
            WrongSetting::PartOfFinished,
            WrongSetting::RegionOfObject,
            WrongSetting::RuntimeWithoutImage,
            WrongSetting::ModeWithoutImage,
            WrongSetting::NoRegistry,
            WrongSetting::LatestProvisioned,
            WrongSetting::NoFunctionNamed,
        ] {
            said(wrong, SettingAdvice::Folder);
        }
        for advice in [
            SettingAdvice::LeaveVariableOut,
            SettingAdvice::GiveValue(text()),
            SettingAdvice::CameToNothing(text()),
            SettingAdvice::AnotherName,
            SettingAdvice::Timeout { longest: 900 },
            SettingAdvice::MemorySize,
            SettingAdvice::Layer,
            SettingAdvice::Tag,
            SettingAdvice::Tags,
            SettingAdvice::Handler,
            SettingAdvice::FunctionUrl,
            SettingAdvice::QuotedPath,
            SettingAdvice::PathBelowSource,
            SettingAdvice::Object,
            SettingAdvice::ObjectPath,
            SettingAdvice::Bucket,
            SettingAdvice::LeaveRegionOut,
            SettingAdvice::AddImage,
            SettingAdvice::Image,
            SettingAdvice::ImageUrl,
            SettingAdvice::RegistryId,
            SettingAdvice::ImagePort,
            SettingAdvice::Protocol,
            SettingAdvice::PublishedVersion,
            SettingAdvice::NameFunction { instances: Vec::new() },
            SettingAdvice::NameFunction { instances: vec![text(); 12] },
        ] {
            said(Wrong::Missing, advice);
        }
    }

    #[test]
    fn every_sentence_about_metrics_is_chinese() {
        for wrong in [
            WrongMetric::AliasAndQualifier,
            WrongMetric::AliasAndVersion,
            WrongMetric::EndsBefore { from: text(), until: text() },
            WrongMetric::ManyPoints { points: 2, most: 1 },
        ] {
            said(wrong, MetricAdvice::Time);
        }
        for advice in [
            MetricAdvice::Interval { longest: 2 },
            MetricAdvice::Since,
            MetricAdvice::LongerPeriod,
            MetricAdvice::Versions,
        ] {
            said(Wrong::NoSuch { text: text(), wanted: WantedValue::Metric }, advice);
        }
        said(Wrong::NoSuch { text: text(), wanted: WantedValue::Time }, Advice::LeaveOneOut);
        said(Wrong::NoSuch { text: text(), wanted: WantedValue::PastTime }, Advice::LeaveOneOut);
    }

    #[test]
    fn every_sentence_about_aliases_triggers_and_functions_is_chinese() {
        for wrong in [
            WrongAlias::EmptyOrNoVersion,
            WrongAlias::NamesNoVersion(text()),
            WrongAlias::UnknownRouting,
            WrongAlias::WeightsAndMatches,
            WrongAlias::NotOfRules,
            WrongAlias::NoRule,
        ] {
            said(wrong, AliasAdvice::Name);
        }
        for advice in [
            AliasAdvice::MainVersion,
            AliasAdvice::QuotedVersion,
            AliasAdvice::Version,
            AliasAdvice::Range,
            AliasAdvice::NoRule,
            AliasAdvice::MainVersionOrPublish,
            AliasAdvice::Weights,
            AliasAdvice::WeightsOrNone,
            AliasAdvice::OneVersion,
        ] {
            said(Wrong::Missing, advice);
        }
        for kind in TriggerKind::ALL {
            let (name, qualifier) = (text(), text());
            said(WrongEvent::NoSwitch(kind), EventAdvice::LeaveOut);
            said(Wrong::Unknown(InputsOf::Trigger(kind)), EventAdvice::NoWeight);
            let clash = Clash::Source { kind, name: text() };
            said(WrongEvent::Clash { clash, with: text() }, EventAdvice::OneQualifier);
            let clash = Clash::Name { kind, name, qualifier };
            said(WrongEvent::Clash { clash, with: text() }, EventAdvice::OwnName);
        }
        said(WrongEvent::Cron(WrongCron::Empty), EventAdvice::Cron);
        let fields = WrongCron::Fields { text: text(), count: 6 };
        said(WrongEvent::Cron(fields), EventAdvice::Cron);
        for (field, names) in [
            (CronField::Second, &[][..]),
            (CronField::Minute, &[]),
            (CronField::Hour, &[]),
            (CronField::Day, &[]),
            (CronField::Month, &["JAN", "DEC"]),
            (CronField::Weekday, &["SUN", "SAT"]),
            (CronField::Year, &[]),
        ] {
            let (from, to) = (1, 9);
            let field = WrongCron::Field { text: text(), wrong: text(), field, from, to, names };
            said(WrongEvent::Cron(field), EventAdvice::Cron);
        }
        for product in [RetiredProduct::ApiGateway, RetiredProduct::Cmq] {
            for functions in [vec![], vec![text()], vec![text(); 2], vec![text(); 3]] {
                said(WrongEvent::Retired(product), EventAdvice::InsteadOf { product, functions });
            }
        }
        let objects = Clash::Objects { bucket: text() };
        let url = Clash::FunctionUrl { qualifier: text() };
        for (wrong, advice) in [
            (WrongEvent::SeveralKeys(vec![text(), text(), text()]), EventAdvice::OneType),
            (WrongEvent::SeveralKeys(vec![text(), text()]), EventAdvice::BelowParameters),
            (WrongEvent::UnknownType(text()), EventAdvice::Qualifier),
            (WrongEvent::Clash { clash: objects, with: text() }, EventAdvice::OtherRules),
            (WrongEvent::Clash { clash: url, with: text() }, EventAdvice::OneFunctionUrl),
            (WrongEvent::NoQualifier(text()), EventAdvice::KafkaInstance),
            (WrongEvent::NoAccount(text()), EventAdvice::BucketEvent),
            (
                WrongEvent::OtherRegion { bucket: text(), function: text() },
                EventAdvice::BucketOfRegion,
            ),
            (WrongEvent::NoDot(text()), EventAdvice::KafkaTopic),
            (WrongEvent::NoTopicName(text()), EventAdvice::KafkaName),
            (WrongEvent::NoDot(text()), EventAdvice::Offset),
            (WrongEvent::NoDot(text()), EventAdvice::LogTopic),
            (WrongEvent::NoDot(text()), EventAdvice::Balancer),
            (WrongEvent::NoDot(text()), EventAdvice::Port),
            (WrongEvent::NoDot(text()), EventAdvice::Domain),
            (WrongEvent::NoDot(text()), EventAdvice::Url),
        ] {
            said(wrong, advice);
        }
        let one_of = FunctionsAdvice::OneOf { keys: vec![text(); 12], meant: Some(text()) };
        let outside = WrongFunctions::Outside { folder: text(), common: text() };
        let no_part = WrongFunctions::NotInPackage { folder: text(), target: text() };
        for (wrong, advice) in [
            (WrongFunctions::CommonName, FunctionsAdvice::NameBelow),
            (WrongFunctions::NoFunction(text()), one_of),
            (WrongFunctions::NoFunctions, FunctionsAdvice::Functions),
            (WrongFunctions::SameKey { key: text(), first: text() }, FunctionsAdvice::OwnKey),
            (WrongFunctions::NoKey, FunctionsAdvice::AddKey),
            (WrongFunctions::OtherRegion(text()), FunctionsAdvice::RegionAtTop),
            (outside, FunctionsAdvice::FolderBelow),
            (WrongFunctions::SecondHook, FunctionsAdvice::OneHook),
            (no_part, FunctionsAdvice::Patterns),
            (WrongFunctions::NoType, FunctionsAdvice::Trigger),
            (WrongFunctions::NamesNone, FunctionsAdvice::FunctionOfTrigger),
            (WrongFunctions::NoType, FunctionsAdvice::Key),
            (WrongFunctions::NoType, FunctionsAdvice::Keys),
            (WrongFunctions::NoType, FunctionsAdvice::Settings),
            (WrongFunctions::NoType, FunctionsAdvice::Pairs),
        ] {
            said(wrong, advice);
        }
    }

    #[test]
    fn every_warning_is_chinese() {
        let unknown = |successor| KeyRemark::Unknown { of: InputsOf::Scf, successor };
        let kind = TriggerKind::Timer;
        for remark in [
            unknown(None),
            unknown(Some(Successor::Called("src"))),
            unknown(Some(Successor::Below("src.exclude"))),
            unknown(Some(Successor::Like(text()))),
            unknown(Some(Successor::FunctionUrl)),
            unknown(Some(Successor::Nothing)),
            unknown(Some(Successor::Keys)),
            unknown(Some(Successor::Events)),
            unknown(Some(Successor::BesideFunctions)),
            unknown(Some(Successor::Region)),
            KeyRemark::Empty,
            KeyRemark::NoEffectWithout("aliasName"),
            KeyRemark::PublishedIsMain { alias: text() },
            KeyRemark::WeightsDecide { alias: text() },
            KeyRemark::RuntimeOfImage,
            KeyRemark::ImageRuns,
            KeyRemark::OnlyWeb,
            KeyRemark::NoneIsWeb,
            KeyRemark::Enterprise { said: text() },
            KeyRemark::Skipped(RetiredProduct::ApiGateway),
            KeyRemark::Skipped(RetiredProduct::Cmq),
            KeyRemark::NullVariable,
            KeyRemark::ManyLayers { count: 6, usual: 5 },
            KeyRemark::ManyTriggers { count: 11, kind, usual: 10 },
            KeyRemark::NotRun,
            KeyRemark::NotPacked,
            KeyRemark::FiveFields("* * * * *".to_owned()),
            KeyRemark::NoNetwork,
            KeyRemark::Undocumented { event: text(), documented: &["a", "b"] },
        ] {
            let warning = InputWarning::Key { key: text(), place: place("f"), remark };
            assert_chinese(&warning);
        }
        assert_chinese(&InputWarning::OnlyEvent { key: text(), place: place("f") });
        assert_chinese(&InputWarning::AliasLeft { name: text(), place: place("f") });
    }

    /// As they are read, several at once.
    #[test]
    fn errors_of_a_file_are_chinese_in_whole() {
        let place = |key: &str| place(key);
        let read = |inputs: &Value| {
            let inputs = inputs.as_object().cloned().unwrap_or_default();
            Reader::new(&inputs, &place).function().unwrap_err()
        };
        let wrong = json!({"src": "/x", "timeout": 0, "memorySize": "big", "traffic": 2, "tag": 1});
        assert_eq!(
            read(&wrong).zh(),
            "有 3 个参数无法使用\n\
             `memorySize` 的值为 `big`（memorySize.yml:3）：请填写 64 到 1048576 之间的整数（单位：MB）\n\
             `timeout` 的值为 `0`（timeout.yml:3）：请填写 1 到 86400 之间的整数（单位：秒）\n\
             `traffic` 的值为 2，不在 0 到 1 之间（traffic.yml:3）：请填写 0 到 1 之间的数字，例如 0.1 表示 10%\n\
             `tag`（tag.yml:3）不是 scf 的参数；是不是想写 `tags`？"
        );
        let many: serde_json::Map<String, Value> =
            (0..30).map(|number| (format!("a{number}"), json!(""))).collect();
        let many = read(&json!({"src": "/x", "environment": {"variables": many}})).zh();
        assert_text_is_chinese(&many);
        assert!(many.ends_with("\n另有 10 个"), "{many}");
        let events = json!({"events": [{"timer": {"parameters": {"cronExpression": "@daily"}}}]});
        let inputs = events.as_object().cloned().unwrap_or_default();
        let scope = EventScope {
            default_suffix: "f-dev",
            region: "r",
            skip_unsupported: false,
            named: &[],
        };
        assert_eq!(
            Reader::new(&inputs, &place).events(&scope).unwrap_err().zh(),
            "`events.0.timer.parameters.cronExpression` 的值为 `@daily`，有 1 个字段\
             （events.0.timer.parameters.cronExpression.yml:3）"
        );
    }
}
