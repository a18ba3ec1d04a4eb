//! What the planner says: steps, notes, and why nothing can be planned.

use super::{listed, listed_by, spaced};
use crate::model::trigger::{BalancerRule, CosRule, Form, Trigger, TriggerTitle, as_text};
use crate::model::{
    CodeSource, FunctionKind, MOST_LISTED, MatchRule, ModelError, Retries, Version, Weight,
};
use crate::order::Order as _;
use crate::output::text::Text;
use crate::plan::exposure::ExposedAlias;
use crate::plan::project::Cycle;
use crate::plan::{
    AliasPlanError, AttributeStep, DeletionReason, DeployPlanError, Fixed, Moved, Note,
    Provisioned, Step, Target, TriggerChange, TriggerError, TriggerPlace, TriggerStep,
};

impl Text for ModelError {
    fn zh(&self) -> String {
        match self {
            Self::Version(text) => format!("`{text}` 不是版本"),
            Self::Weight(text) => format!("`{text}` 不是 0 到 1 之间的权重"),
            Self::WeightTooFine(text) => {
                format!("权重 `{text}` 的小数位数超过 {} 位", Weight::MOST_PLACES)
            }
        }
    }
}

impl Text for Target {
    fn zh(&self) -> String {
        match self {
            Self::Existing(version) => version.to_string(),
            Self::Published => "新版本".to_owned(),
        }
    }
}

impl Text for TriggerTitle {
    fn zh(&self) -> String {
        let kind = match self.kind.as_str() {
            "timer" => "定时触发器".to_owned(),
            "http" => "函数 URL".to_owned(),
            "cos" => "COS 触发器".to_owned(),
            "ckafka" => "CKafka 触发器".to_owned(),
            "cls" => "CLS 触发器".to_owned(),
            "mps" => "MPS 触发器".to_owned(),
            "clb" => "CLB 触发器".to_owned(),
            "apigw" => "API 网关触发器".to_owned(),
            other => format!("{other} 触发器"),
        };
        format!("{kind} `{}`", self.name)
    }
}

impl Text for TriggerPlace {
    fn zh(&self) -> String {
        format!("`{}` 上的{}", self.qualifier, spaced(self.title.zh()))
    }
}

impl Text for Form {
    fn zh(&self) -> String {
        match self {
            Self::Timer { cron, .. } => cron.clone(),
            Self::Cos(CosRule { event, prefix, suffix }) => {
                let mut text = event.clone();
                for (name, part) in [("前缀", prefix), ("后缀", suffix)] {
                    if !part.is_empty() {
                        text = format!("{text}，{name} `{part}`");
                    }
                }
                text
            }
            Self::Ckafka(ckafka) => format!(
                "从 {} 开始消费，每次最多 {} 条消息",
                as_text(&ckafka.offset),
                ckafka.max_messages
            ),
            Self::Http(url) => {
                let network = match (url.extranet, url.intranet) {
                    (true, true) => "公网和内网访问",
                    (true, false) => "公网访问",
                    (false, true) => "内网访问",
                    (false, false) => "不开放访问",
                };
                let cors = if url.has_cors() { "，CORS" } else { "" };
                format!("{network}，鉴权方式 {}{cors}", url.auth)
            }
            Self::Cls { max_wait, .. } => format!("最长等待 {max_wait} 秒"),
            Self::Mps { event } => event.clone(),
            Self::Clb { weight, .. } => format!("权重 {weight}"),
        }
    }
}

impl Text for Step {
    fn zh(&self) -> String {
        match self {
            Self::Upload(upload) => format!("将代码包存为 COS 对象 {upload}"),
            Self::DeleteFailed => "删除创建失败的函数".to_owned(),
            Self::DeleteFunction { function, versions, aliases } => {
                let with = match aliases.as_slice() {
                    [] => format!("及其 {versions} 个版本"),
                    aliases => format!("及其 {versions} 个版本和别名 {}", aliases.join("、")),
                };
                format!("删除函数 `{function}` {with}")
            }
            Self::DeleteVersion(version) => format!("删除版本 {version}"),
            Self::Create(creation, source) => {
                let web = (creation.spec.kind() == FunctionKind::Web).then(|| "Web".to_owned());
                let what = match source {
                    CodeSource::Image(image) => [web, Some(format!("镜像 {}", image.uri)), None],
                    CodeSource::Package { .. } | CodeSource::Object(_) => {
                        [web, creation.spec.runtime.clone(), creation.spec.handler.clone()]
                    }
                };
                let what: Vec<String> = what.into_iter().flatten().collect();
                format!("创建函数（{}）", what.join("、"))
            }
            Self::Route { alias, from, to, lowers_first, .. } => {
                let before = if *lowers_first { "在代码变更之前" } else { "" };
                format!(
                    "{before}调整别名 `{alias}` 的流量：{from} -> {}",
                    to.shares_naming(Text::zh)
                )
            }
            Self::UpdateCode { source, .. } => match source {
                CodeSource::Package { .. } => "更新 $LATEST 的代码".to_owned(),
                CodeSource::Object(object) => format!("将 $LATEST 的代码更新为 COS 上的 {object}"),
                CodeSource::Image(image) => format!("将 $LATEST 的镜像更新为 {}", image.uri),
            },
            Self::UpdateConfiguration(configuration) => {
                format!("修改 $LATEST 的配置：{}", configuration.keys().join("、"))
            }
            Self::Publish { .. } => "将 $LATEST 发布为新版本".to_owned(),
            Self::Adopt(version) => format!("使用本次运行此前已发布的版本 {version}"),
            Self::Attribute(step) => step.zh(),
            Self::CreateAlias { alias, to, .. } => {
                format!("创建别名 `{alias}` -> {}", to.percentages_naming(Text::zh))
            }
            Self::DeleteAlias { alias, from } => format!("删除别名 `{alias}`，其流量配置为 {from}"),
            Self::Provision { target: Target::Existing(version), from, to } => {
                format!("版本 {version} 的预置实例：{from} -> {to}")
            }
            Self::Provision { target: Target::Published, from, to } => {
                format!("新版本的预置实例：{from} -> {to}")
            }
            Self::Trigger(step) => step.zh(),
        }
    }
}

impl Text for AttributeStep {
    fn zh(&self) -> String {
        match self {
            Self::Tags { set, remove } => {
                let set = set.keys().map(|key| format!("设置 {key}"));
                let changes: Vec<String> =
                    set.chain(remove.iter().map(|key| format!("删除 {key}"))).collect();
                format!("修改函数的标签：{}", changes.join("、"))
            }
            Self::Retries(Retries { message_ttl, count }) => {
                format!("异步调用失败后重试 {count} 次，最长等待时间 {message_ttl} 秒")
            }
        }
    }
}

impl Text for TriggerStep {
    fn zh(&self) -> String {
        match self {
            Self::Create { trigger, new_rule, .. } => {
                let closed = if trigger.enabled == Some(true) { "" } else { "，停用" };
                let rule = if *new_rule { "，新建转发规则" } else { "" };
                let Trigger { qualifier, form, .. } = trigger;
                let title = spaced(trigger.title().zh());
                format!("在 `{qualifier}` 上创建{title}（{}{rule}{closed}）", form.zh())
            }
            Self::Update { observed, changes, .. } => {
                let what: Vec<String> = changes.what.iter().map(Text::zh).collect();
                format!("修改 {}：{}", observed.place().zh(), what.join("、"))
            }
            Self::Delete { trigger, reason } => {
                format!("删除 {}：{}", trigger.place().zh(), reason.zh())
            }
        }
    }
}

impl Text for TriggerChange {
    fn zh(&self) -> String {
        let state = |open: &bool| if *open { "启用" } else { "停用" };
        match self {
            Self::Enabled(open) => format!("状态改为{}", state(open)),
            Self::Description => "描述".to_owned(),
            Self::Cron(cron) => format!("Cron 表达式改为 {cron}"),
            Self::Argument => "附加信息".to_owned(),
            Self::NoArgument => "清空附加信息".to_owned(),
            Self::Number(key, value) => format!("{key} 改为 {value}"),
            Self::Authorisation(kind) => format!("鉴权方式改为 {kind}"),
            Self::PublicNetwork(open) => format!("公网访问改为{}", state(open)),
            Self::InternalNetwork(open) => format!("内网访问改为{}", state(open)),
            Self::CorsEnabled(open) => format!("CORS 改为{}", state(open)),
            Self::Cors => "CORS 配置".to_owned(),
            Self::Weight(weight) => format!("权重改为 {weight}"),
        }
    }
}

impl Text for Fixed {
    fn zh(&self) -> String {
        match self {
            Self::Enabled => "启用状态".to_owned(),
            Self::Description => "描述".to_owned(),
            Self::Key(key) => format!("`{key}`"),
        }
    }
}

impl Text for DeletionReason {
    fn zh(&self) -> String {
        match self {
            Self::NotListed => "配置文件中没有它".to_owned(),
            Self::Moved(to) => format!("在配置文件中它位于 `{to}`"),
            Self::Moving(to) => format!("为 `{to}` 上的触发器腾出位置"),
            Self::Replaced(what) => {
                let what: Vec<String> = what.iter().map(Text::zh).collect();
                format!("需要重新创建，因为以下内容不能修改：{}", what.join("、"))
            }
            Self::FunctionGoes => "函数即将删除".to_owned(),
        }
    }
}

impl Text for ExposedAlias {
    fn zh(&self) -> String {
        let matching = || format!("匹配 {} 的请求", self.conditions().join(" 或 "));
        match (self.share > Weight::ZERO, self.rules.is_empty()) {
            (true, false) => {
                format!("{} 的 {} 流量以及{}", self.alias, self.share.percent(), matching())
            }
            (false, false) => format!("{} 中{}", self.alias, matching()),
            (_, true) => format!("{} 的 {} 流量", self.alias, self.share.percent()),
        }
    }
}

impl Text for Provisioned {
    fn zh(&self) -> String {
        format!("版本 {} 有 {} 个", self.version, self.count)
    }
}

impl Text for Note {
    // A sentence for each of many.
    #[allow(clippy::too_many_lines)]
    fn zh(&self) -> String {
        match self {
            Self::NoPublishedVersion { traffic } => format!(
                "还没有已发布的版本，因此全部流量（1.0）由 $LATEST 承接，traffic={traffic} 不生效"
            ),
            Self::FreezesNewCode => "新版本包含从未承接过流量的代码".to_owned(),
            Self::AlreadyPublished(version) => {
                format!("版本 {version} 与 $LATEST 的内容一致，不再发布（--if-changed）")
            }
            Self::NothingToChange => "一切已符合要求，不需要任何变更".to_owned(),
            Self::LowersFirst { alias, from, to } => format!(
                "$LATEST 目前承接 {alias} 的 {} 流量，内容变更之前先降到 {}",
                from.percent(),
                to.percent()
            ),
            Self::ServesNewContent { exposures, unsaid } => format!(
                "$LATEST 承接 {}，新内容会立即承接同样的流量{}",
                zh_of(exposures).join("、"),
                if *unsaid {
                    "；用 `--inputs traffic=…` 指定它在 $DEFAULT 中的比例"
                } else {
                    ""
                }
            ),
            Self::ChangesObserved { alias } => format!(
                "别名 {alias} 正在灰度发布 $LATEST：新内容不是已观察过的内容，灰度发布将会暂停"
            ),
            Self::AliasesNotListed(reason) => {
                format!("无法列出别名，因此无法指出 $LATEST 还为哪些别名提供服务：{}", reason.zh())
            }
            Self::MovesRest(moved) => moved.zh(),
            Self::RolledBack { alias, version, instead, share, serves } => format!(
                "最后发布的版本 {version} 已被回滚，不承接 {alias} 的流量；由版本 {instead}（{}）承接 {}",
                serves_now(*serves),
                share.percent()
            ),
            Self::ForeignMarker { alias, line } => format!(
                "无法识别 {alias} 描述的最后一行，保持不变：\"{line}\"；更新版本的 scfctl 可能知道哪些版本已被回滚"
            ),
            Self::Adopts { version, last } => {
                let adopted =
                    format!("版本 {version} 已由本次运行此前的尝试发布（--run-id 相同），直接使用");
                match last {
                    None => adopted,
                    Some(last) => format!("{adopted}，尽管最后发布的版本是 {last}"),
                }
            }
            Self::NothingToProvision => {
                "还没有已发布的版本，因此 provisionedNum 不生效；请加上 `--inputs publish=true`"
                    .to_owned()
            }
            Self::StillProvisioned(others) => format!(
                "其他版本仍有预置实例：{}；可以用 `--inputs provisionedNum=0 qualifier=VERSION` 删除",
                listed_by("、", &zh_of(others))
            ),
            Self::ObjectNotCompared(object) => {
                format!("无法判断 COS 上的 {object} 与之前的代码包是否相同，因此每次都会更新")
            }
            Self::TagNotCompared(uri) => format!(
                "函数运行的已经是 `{uri}`；无法察觉同一镜像标签下的新镜像：请写明摘要（…@sha256:…），或使用 --force"
            ),
            Self::OnlyAtCreation { key, wanted } => format!(
                "`{key}` 在配置文件中是 {wanted}，与函数不同；API 只能在创建函数时设置它，因此保持不变"
            ),
            Self::NotReported(keys) => format!(
                "服务端不返回 {}，无法判断是否有变化，因此每次都会更新",
                keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join("、")
            ),
            Self::CreatedClosed(trigger) => format!(
                "{} 创建后处于停用状态，因为没有填写 `enable`；要让它触发，请写 `enable: true`",
                trigger.zh()
            ),
            Self::AddressChanges(url) => {
                format!("{} 移到另一个版本或别名，因此地址会改变", url.zh())
            }
            Self::TriggersLeftAlone(triggers) => format!(
                "保持不变，因为配置文件中没有事件指向该版本或别名（--prune-triggers 会删除它们）：{}",
                listed_by("、", &zh_of(triggers))
            ),
            Self::TriggersStay(triggers) => format!(
                "配置文件中没有，但只能在相应产品的控制台删除：{}",
                listed_by("、", &zh_of(triggers))
            ),
        }
    }
}

impl Text for Moved {
    fn zh(&self) -> String {
        let Self { alias, traffic, to, share, serves, .. } = self;
        format!(
            "traffic={traffic} 会把 {alias} 的 {} 流量从版本 {} 转到版本 {to}（{}）：其余流量归已发布的版本，\
             因此版本 {to} 得到 {}；{}版本 {}，请运行：`{}`",
            self.taken().percent(),
            self.losers(),
            serves_now(*serves),
            share.percent(),
            if self.from.len() > 1 {
                "别名除 $LATEST 外只能有一个版本，如需全部给"
            } else {
                "如需留给"
            },
            self.keeper(),
            self.undo()
        )
    }
}

fn serves_now(share: Weight) -> String {
    if share == Weight::ZERO {
        "目前不承接流量".to_owned()
    } else {
        format!("目前承接 {}", share.percent())
    }
}

impl Text for Cycle {
    fn zh(&self) -> String {
        format!("实例之间的输出循环引用：{}", self.path.join(" -> "))
    }
}

impl Text for DeployPlanError {
    fn zh(&self) -> String {
        match self {
            Self::Runtime { observed, wanted } => {
                format!(
                    "函数的运行环境是 {observed}，配置文件中是 {wanted}，而 API 不能修改运行环境"
                )
            }
            Self::Kind { observed, wanted } => {
                format!("函数的类型是 {observed}，配置文件中是 {wanted}，而 API 不能修改类型")
            }
            Self::Protocol { observed, wanted } => {
                let name = |protocol: &String| match protocol.as_str() {
                    "" => "HTTP".to_owned(),
                    other => other.to_owned(),
                };
                format!(
                    "函数的协议是 {}，配置文件中是 {}，而 API 不能修改协议",
                    name(observed),
                    name(wanted)
                )
            }
            Self::RunsImage(uri) => {
                format!("函数运行的是镜像 {uri}，配置文件给出的是代码，而 API 不能这样修改")
            }
            Self::RunsCode(uri) => {
                format!("函数运行的是代码，配置文件给出的是镜像 {uri}，而 API 不能这样修改")
            }
            Self::Status(status) => format!("函数的状态是 {status}"),
            Self::MatchRules { alias, rules } => would_replace(alias, rules),
            Self::RolledBack { alias, version, rest } => format!(
                "别名 `{alias}` 的 {} 流量会转到版本 {version}，但它已被回滚，也没有其他版本可以承接",
                rest.percent()
            ),
            Self::Alias(error) => error.zh(),
            Self::Trigger(error) => error.zh(),
        }
    }
}

impl Text for AliasPlanError {
    fn zh(&self) -> String {
        match self {
            Self::UnderRollout(refused) => refused.zh(),
            Self::SeveralAdditional { versions } => format!(
                "给出了 {} 个附加版本（{}），API 只接受一个",
                versions.len(),
                listed(versions)
            ),
            Self::SeveralHeld { alias, versions } => format!(
                "别名 `{alias}` 的流量分给了多个附加版本（{}），API 只接受一个",
                listed(versions)
            ),
            Self::SeveralRuled { alias, rules } => format!(
                "别名 `{alias}` 的规则把请求转到多个版本（{}），API 只接受一个",
                described(rules)
            ),
            Self::SameVersion(version) => format!("版本 {version} 既是主版本又是附加版本"),
            Self::RuledVersion { alias, version, rules } => format!(
                "别名 `{alias}` 的规则把请求转到版本 {version}（{}），因此它不能成为主版本",
                described(rules)
            ),
            Self::MatchRules { alias, rules } => would_replace(alias, rules),
            Self::Description { alias, over } => {
                format!("别名 `{alias}` 的描述超长 {over} 个字符，放不下 scfctl 在其后保存的内容")
            }
            Self::NotPublished { version, existing } => {
                let existing = match existing.as_slice() {
                    [] => "只有 $LATEST".to_owned(),
                    existing => format!("现有 $LATEST、{}", newest(existing)),
                };
                format!("版本 {version} 未发布；{existing}")
            }
        }
    }
}

fn would_replace(alias: &str, rules: &[MatchRule]) -> String {
    format!("别名 `{alias}` 按规则路由（{}），权重会取代这些规则", described(rules))
}

/// Match rules in a message.
fn described(rules: &[MatchRule]) -> String {
    let rule = |rule: &MatchRule| {
        format!("{} {} {} 转到 {}", rule.key, rule.method, rule.expression, rule.version)
    };
    listed_by("；", &rules.iter().map(rule).collect::<Vec<_>>())
}

impl Text for TriggerError {
    fn zh(&self) -> String {
        match self {
            Self::NoAlias { trigger, alias, .. } => {
                format!("{} 指向别名 `{alias}`，但函数没有这个别名", trigger.zh())
            }
            Self::NoVersion { trigger, version, .. } => {
                format!("{} 指向版本 {version}，但函数没有这个版本", trigger.zh())
            }
            Self::NoFunction { trigger, qualifier } => {
                format!("{} 指向 `{qualifier}`，但函数还不存在", trigger.zh())
            }
            Self::NoListener { rule: BalancerRule { balancer, protocol, port, .. } } => {
                format!("负载均衡 `{balancer}` 在端口 {port} 上没有 {protocol} 监听器")
            }
        }
    }
}

/// Versions in ascending order; of more than can be named the newest ones, newest first.
fn newest(versions: &[Version]) -> String {
    let mut versions = versions.to_vec();
    versions.order();
    if versions.len() > MOST_LISTED {
        versions.reverse();
    }
    listed(&versions)
}

fn zh_of<T: Text>(texts: &[T]) -> Vec<String> {
    texts.iter().map(Text::zh).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::super::assert_chinese;
    use super::*;
    use crate::execute::ExecuteError;
    use crate::model::trigger::{Ckafka, FunctionUrl};
    use crate::model::{
        Configuration, CosObject, FunctionId, FunctionSpec, Image, Routing, Status, Upload,
    };
    use crate::plan::{Creation, ObservedTrigger, RoutingTarget, TriggerChanges};
    use crate::text::Cause;

    const ONE: Version = Version::Number(1);
    const TWO: Version = Version::Number(2);

    fn half() -> Weight {
        "0.5".parse().unwrap()
    }

    fn rules() -> Vec<MatchRule> {
        let [key, method, expression] = ["invoke.headers.User", "exact", "Bob"].map(str::to_owned);
        vec![MatchRule { version: Version::Latest, key, method, expression }]
    }

    fn rule() -> BalancerRule {
        let [balancer, protocol, domain, url] = ["lb-1", "HTTP", "a.cn", "/"].map(str::to_owned);
        BalancerRule { balancer, protocol, port: 80, domain, url }
    }

    fn form(extranet: bool, intranet: bool) -> Form {
        let cors = json!({"Enable": extranet}).as_object().cloned();
        Form::Http(FunctionUrl { auth: "NONE".into(), intranet, extranet, cors })
    }

    fn forms() -> Vec<Form> {
        let ckafka =
            Ckafka { max_messages: 9, offset: json!("latest"), retry: 1, time_out: 1, group: None };
        let part = || "a".to_owned();
        vec![
            Form::Timer { cron: "* * * * * * *".into(), argument: String::new() },
            Form::Cos(CosRule { event: part(), prefix: part(), suffix: part() }),
            Form::Ckafka(ckafka),
            form(true, true),
            form(true, false),
            form(false, true),
            form(false, false),
            Form::Cls { topic: part(), max_wait: 3, max_size: None },
            Form::Mps { event: "WorkflowTask".into() },
            Form::Clb { rule: rule(), weight: 10 },
        ]
    }

    fn trigger(form: Form) -> Trigger {
        let (name, qualifier) = ("a".to_owned(), "prod".to_owned());
        Trigger { name, qualifier, form, enabled: None, description: None }
    }

    fn observed(kind: &str) -> ObservedTrigger {
        ObservedTrigger {
            kind: kind.to_owned(),
            name: "a".to_owned(),
            qualifier: "prod".to_owned(),
            text: String::new(),
            form: json!(null),
            argument: String::new(),
            description: String::new(),
            enabled: true,
            resource_id: String::new(),
            resource: String::new(),
            rule: None,
            weight: None,
        }
    }

    fn trigger_steps() -> Vec<TriggerStep> {
        let mut steps: Vec<TriggerStep> = forms()
            .into_iter()
            .map(|form| TriggerStep::Create { trigger: trigger(form), old: None, new_rule: true })
            .collect();
        let what = vec![
            TriggerChange::Enabled(true),
            TriggerChange::Description,
            TriggerChange::Cron("* * * * * * *".into()),
            TriggerChange::Argument,
            TriggerChange::NoArgument,
            TriggerChange::Number("retry", 1),
            TriggerChange::Authorisation("CAM".into()),
            TriggerChange::PublicNetwork(false),
            TriggerChange::InternalNetwork(true),
            TriggerChange::CorsEnabled(true),
            TriggerChange::Cors,
            TriggerChange::Weight(1),
        ];
        for what in &what {
            assert_chinese(what);
        }
        steps.push(TriggerStep::Update {
            trigger: trigger(form(true, true)),
            observed: Box::new(observed("http")),
            changes: TriggerChanges { what, ..TriggerChanges::default() },
        });
        let fixed = vec![Fixed::Enabled, Fixed::Description, Fixed::Key("offset")];
        for reason in [
            DeletionReason::NotListed,
            DeletionReason::FunctionGoes,
            DeletionReason::Moved("prod".into()),
            DeletionReason::Moving("prod".into()),
            DeletionReason::Replaced(fixed),
        ] {
            assert_chinese(&reason);
            steps.push(TriggerStep::Delete { trigger: observed("eb"), reason });
        }
        steps
    }

    fn steps() -> Vec<Step> {
        let to = || RoutingTarget {
            main: Target::Published,
            additional: Some((Target::Existing(ONE), half())),
            matches: Vec::new(),
        };
        let (alias, description) = (|| "prod".to_owned(), String::new);
        let object = || CosObject { bucket: "b".into(), object: "/o".into(), region: None };
        let package = || CodeSource::Package { sha256: String::new(), upload: None };
        let image = || CodeSource::Image(Image { uri: "r/n/i:1".into(), ..Image::default() });
        let settings = Configuration::default;
        let code = |source| Step::UpdateCode { handler: None, source, settings: settings() };
        let spec = FunctionSpec { kind: Some(FunctionKind::Web), ..FunctionSpec::default() };
        let web = Creation { spec, ..Creation::default() };
        let provision = |target| Step::Provision { target, from: 0, to: 5 };
        let tags = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        let retries = Retries { message_ttl: 60, count: 1 };
        let mut steps = vec![
            Step::Upload(Upload::new(None, "ap-x", "0")),
            Step::DeleteFailed,
            Step::DeleteFunction {
                function: "f".into(),
                versions: 2,
                aliases: vec!["prod".into(), "live".into()],
            },
            Step::DeleteFunction { function: "f".into(), versions: 0, aliases: Vec::new() },
            Step::DeleteVersion(ONE),
            Step::Create(Box::new(web), package()),
            Step::Create(Box::default(), image()),
            Step::Route {
                alias: alias(),
                from: Routing::all_to(ONE),
                to: to(),
                description: None,
                lowers_first: true,
            },
            code(package()),
            code(image()),
            code(CodeSource::Object(object())),
            Step::UpdateConfiguration(Configuration::default()),
            Step::Publish { description: description() },
            Step::Adopt(ONE),
            Step::Attribute(AttributeStep::Tags { set: tags, remove: vec!["b".into()] }),
            Step::Attribute(AttributeStep::Retries(retries)),
            Step::CreateAlias { alias: alias(), to: to(), description: description() },
            Step::DeleteAlias { alias: alias(), from: Routing::all_to(ONE) },
            provision(Target::Existing(ONE)),
            provision(Target::Published),
        ];
        steps.extend(trigger_steps().into_iter().map(Step::Trigger));
        steps
    }

    fn notes() -> Vec<Note> {
        let function = FunctionId {
            name: "api".into(),
            namespace: "default".into(),
            region: "ap-guangzhou".into(),
        };
        let exposure = |share, rules| ExposedAlias { alias: "prod".into(), share, rules };
        let exposures = vec![
            exposure(half(), rules()),
            exposure(Weight::ZERO, rules()),
            exposure(half(), Vec::new()),
        ];
        let object = CosObject { bucket: "b".into(), object: "/o".into(), region: None };
        let alias = || "prod".to_owned();
        let serves = Weight::ZERO;
        vec![
            Note::NoPublishedVersion { traffic: half() },
            Note::FreezesNewCode,
            Note::AlreadyPublished(ONE),
            Note::NothingToChange,
            Note::LowersFirst { alias: alias(), from: Weight::ONE, to: half() },
            Note::ServesNewContent { exposures, unsaid: true },
            Note::ChangesObserved { alias: alias() },
            Note::AliasesNotListed(Cause::new(ExecuteError::Unpublished)),
            Note::MovesRest(Moved {
                function,
                alias: alias(),
                traffic: half(),
                to: TWO,
                share: half(),
                serves,
                from: vec![(ONE, half())],
            }),
            Note::RolledBack { alias: alias(), version: TWO, instead: ONE, share: half(), serves },
            Note::ForeignMarker { alias: alias(), line: "scfctl v2 rolled back".into() },
            Note::Adopts { version: ONE, last: None },
            Note::Adopts { version: ONE, last: Some(TWO) },
            Note::NothingToProvision,
            Note::StillProvisioned(vec![Provisioned { version: ONE, count: 3, settled: true }]),
            Note::ObjectNotCompared(object),
            Note::TagNotCompared("r/n/i:1".into()),
            Note::OnlyAtCreation { key: "traceEnable", wanted: true.into() },
            Note::NotReported(vec!["l5Enable", "diskSize"]),
            Note::CreatedClosed(observed("timer").title()),
            Note::AddressChanges(observed("http").title()),
            Note::TriggersLeftAlone(vec![observed("cos").place(), observed("ckafka").place()]),
            Note::TriggersStay(vec![observed("cls").place(), observed("apigw").place()]),
        ]
    }

    fn errors() -> Vec<DeployPlanError> {
        let text = || "a".to_owned();
        let versions = || vec![ONE, TWO];
        let title = || observed("mps").title();
        let of_alias = [
            AliasPlanError::SeveralAdditional { versions: versions() },
            AliasPlanError::SeveralHeld { alias: text(), versions: versions() },
            AliasPlanError::SeveralRuled { alias: text(), rules: rules() },
            AliasPlanError::SameVersion(ONE),
            AliasPlanError::RuledVersion { alias: text(), version: ONE, rules: rules() },
            AliasPlanError::MatchRules { alias: text(), rules: rules() },
            AliasPlanError::Description { alias: text(), over: 3 },
            AliasPlanError::NotPublished { version: TWO, existing: Vec::new() },
            AliasPlanError::NotPublished { version: TWO, existing: vec![ONE] },
        ];
        let of_trigger = [
            TriggerError::NoAlias { trigger: title(), alias: text(), existing: Vec::new() },
            TriggerError::NoVersion { trigger: title(), version: ONE, last: None },
            TriggerError::NoFunction { trigger: title(), qualifier: text() },
            TriggerError::NoListener { rule: rule() },
        ];
        let mut errors = vec![
            DeployPlanError::Runtime { observed: text(), wanted: text() },
            DeployPlanError::Kind { observed: FunctionKind::Web, wanted: FunctionKind::Event },
            DeployPlanError::Protocol { observed: String::new(), wanted: "WS".into() },
            DeployPlanError::RunsImage(text()),
            DeployPlanError::RunsCode(text()),
            DeployPlanError::Status(Status::Unknown),
            DeployPlanError::MatchRules { alias: text(), rules: rules() },
            DeployPlanError::RolledBack { alias: text(), version: ONE, rest: half() },
        ];
        errors.extend(of_alias.map(DeployPlanError::Alias));
        errors.extend(of_trigger.map(DeployPlanError::Trigger));
        errors
    }

    #[test]
    fn every_sentence_is_chinese() {
        for step in steps() {
            assert_chinese(&step);
        }
        for note in notes() {
            assert_chinese(&note);
        }
        for error in errors() {
            assert_chinese(&error);
        }
        for error in [
            ModelError::Version("a".into()),
            ModelError::Weight("2".into()),
            ModelError::WeightTooFine("0.1234567".into()),
        ] {
            assert_chinese(&error);
        }
        assert_chinese(&Cycle { path: vec!["a".into(), "b".into(), "a".into()] });
        assert_chinese(&observed("clb").title());
    }

    #[test]
    fn latin_words_stand_apart() {
        let step = |kind: &str| TriggerStep::Delete {
            trigger: observed(kind),
            reason: DeletionReason::NotListed,
        };
        assert_eq!(step("timer").zh(), "删除 `prod` 上的定时触发器 `a`：配置文件中没有它");
        assert_eq!(step("cos").zh(), "删除 `prod` 上的 COS 触发器 `a`：配置文件中没有它");
    }
}
