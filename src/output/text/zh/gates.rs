//! What the gates of a rollout say.

use crate::output::text::Text;
use crate::plan::gates::{
    Estimate, Evidence, Finding, FindingRemark, Interval, Measured, Need, Outlook, RuleError, Same,
    ScenarioError, Verdict, WantedField, evidence, figure, percentage,
};

impl Text for RuleError {
    fn zh(&self) -> String {
        match self {
            Self::NotAnIncrease(text) => format!(
                "`{text}` 既不是百分点（0.5%），也不是倍数（1.5x），也不是两者之和（1.1x+0.05%）"
            ),
            Self::RatioBelowOne(ratio) => {
                format!("倍数 {ratio} 小于 1，与基线版本完全相同的灰度版本也会超限")
            }
            Self::NoLimit(text) => format!("`{text}` 达到或超过 100%，任何错误率都不会超限"),
            Self::NotAPercentage(text) => format!("`{text}` 不是百分数，例如 2%"),
            Self::NotACount(text) => format!("`{text}` 不是整数次数"),
            Self::TooLong(text) => format!("`{text}` 的整数或小数部分超过 9 位"),
            Self::NotAConfidence(text) => {
                format!("`{text}` 不是 50% 到 100%（不含）之间的置信度，例如 99%")
            }
            Self::NotADispersion(text) => {
                format!("`{text}` 不是离散系数：应为不小于 1 的数，1 表示错误相互独立")
            }
        }
    }
}

impl Text for ScenarioError {
    fn zh(&self) -> String {
        match self {
            Self::Syntax(reason) => format!("不是有效的 JSON：“{reason}”"),
            Self::Format(format) => format!("格式为 {format}；本程序只读取格式 1"),
            Self::Both => "同时有 `steps`（录制）和 `versions`（生成），两者只能有其一".to_owned(),
            Self::Generated => "是生成的场景，不是录制的场景".to_owned(),
            Self::Unknown { path, known } => {
                format!("有未知的键 `{path}`；此处可用的键：{}", known.join("、"))
            }
            Self::Twice(path) => format!("键 `{path}` 出现了两次"),
            Self::Missing(path) => format!("缺少 `{path}`"),
            Self::Value { path, found, wanted } => {
                format!("`{path}` 为 {found}，应为{}", wanted.zh())
            }
        }
    }
}

impl Text for WantedField {
    fn zh(&self) -> String {
        match self {
            Self::Object => "对象",
            Self::List => "列表",
            Self::Text => "文本",
            Self::Number => "数字",
            Self::Side => {
                "空值 `null`、`[calls, errors]`、`[calls, errors, mean_ms]` 或 \
                 `[calls, errors, mean_ms, throttled]`"
            }
            Self::Pair => "一对值 `[baseline, canary]`",
            Self::Share => "大于 0 且不超过 1 的份额",
            Self::Probability => "大于 0 且小于 1 的数",
            Self::Limit => "空值 `null` 或大于 0 且小于 1 的数",
            Self::Count => "不小于 0 的数",
            Self::Dispersion => "不小于 1 的数",
            Self::Scatter => "空值 `null` 或不小于 0 的数",
        }
        .to_owned()
    }
}

impl Text for Verdict {
    fn zh(&self) -> String {
        match self {
            Self::Fail => "未通过",
            Self::Pass => "通过",
            Self::Inconclusive => "尚无定论",
        }
        .to_owned()
    }
}

impl Text for Finding {
    fn zh(&self) -> String {
        let Self { rule, verdict, measured, against, favour, remarks, outlook } = self;
        let mut text =
            format!("{rule}：{}；{}；不利证据 {}", verdict.zh(), measured.zh(), against.zh());
        if let Some(favour) = favour {
            text = format!("{text}，有利证据 {}", favour.zh());
        }
        for remark in remarks {
            text = format!("{text}；{}", remark.zh());
        }
        match outlook {
            Some(outlook) if !outlook.is_empty() => format!("{text}；{}", outlook.zh()),
            Some(_) | None => text,
        }
    }
}

impl Text for Measured {
    fn zh(&self) -> String {
        match self {
            Self::Errors { canary, baseline } => {
                format!("失败：灰度版本{}，基线版本{}", canary.zh(), baseline.zh())
            }
            Self::Durations { canary_calls, canary_ms, baseline_calls, baseline_ms, ratio } => {
                let side = |calls: f64, mean: &Option<f64>| match mean {
                    Some(mean) => format!(" {} 次调用平均 {} 毫秒", figure(calls), figure(*mean)),
                    None => "没有时长数据".to_owned(),
                };
                let ratio = ratio.map(|Interval { value, low, high }| {
                    format!("，{} 倍（{}-{} 倍）", figure(value), figure(low), figure(high))
                });
                format!(
                    "灰度版本{}，基线版本{}{}",
                    side(*canary_calls, canary_ms),
                    side(*baseline_calls, baseline_ms),
                    ratio.unwrap_or_default()
                )
            }
            Self::Throttles { canary, baseline, budget } => format!(
                "受限：灰度版本{}，允许 {} 次，基线版本{}",
                canary.zh(),
                figure(*budget),
                baseline.zh()
            ),
        }
    }
}

impl Text for Estimate {
    fn zh(&self) -> String {
        match self.rate {
            Some(Interval { value, low, high }) => format!(
                " {} 次中 {} 次（{}，{}-{}）",
                figure(self.calls),
                figure(self.bad),
                percentage(value),
                percentage(low),
                percentage(high)
            ),
            None => "没有调用".to_owned(),
        }
    }
}

impl Text for Evidence {
    fn zh(&self) -> String {
        format!("{}（判定线 {}）", evidence(self.log), evidence(self.log_needed))
    }
}

impl Text for FindingRemark {
    fn zh(&self) -> String {
        match self {
            Self::Clumps(factor) => {
                let factor = figure(*factor);
                format!("错误成批出现（离散系数 {factor}），判定因此慢同样的倍数")
            }
            Self::BaselineOver => "基线版本也超过了限值".to_owned(),
            Self::Frozen(limit) => format!(
                "全部流量已在灰度版本，只能与此前的限值 {} 比较，无法区分整体故障和版本问题",
                percentage(*limit)
            ),
            Self::NothingToCompare => "全部流量已在灰度版本，没有可比较的对象".to_owned(),
            Self::BaselineSilent => "基线版本没有调用，无法比较".to_owned(),
            Self::CanarySilent => "灰度版本没有调用".to_owned(),
            Self::BothThrottled => "两个版本都受到限流：是配额问题，不是版本问题".to_owned(),
        }
    }
}

impl Text for Outlook {
    fn zh(&self) -> String {
        let mut parts = Vec::new();
        if let Some(Need { calls, .. }) = self.failures {
            parts.push(format!("再有 {} 次失败即判为未通过", figure(calls.ceil())));
        }
        if let Some(Need { calls, .. }) = self.clean {
            parts.push(format!("再有 {} 次无错误的调用即可通过", figure(calls.ceil())));
        }
        if let Some(Same { verdict, minutes }) = self.same {
            parts.push(format!("照此再过 {minutes} 分钟：{}", verdict.zh()));
        }
        parts.join("，")
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_chinese;
    use super::*;
    use crate::plan::gates::{GateRule, GateSettings, RuleKind, SettledMinute, Side, judge};

    #[test]
    fn every_sentence_is_chinese() {
        let text = || "x".to_owned();
        for error in [
            RuleError::NotAnIncrease(text()),
            RuleError::RatioBelowOne(rust_decimal::Decimal::ZERO),
            RuleError::NoLimit(text()),
            RuleError::NotAPercentage(text()),
            RuleError::NotACount(text()),
            RuleError::TooLong(text()),
            RuleError::NotAConfidence(text()),
            RuleError::NotADispersion(text()),
        ] {
            assert_chinese(&error);
        }
        for error in [
            ScenarioError::Syntax(text()),
            ScenarioError::Format(text()),
            ScenarioError::Both,
            ScenarioError::Generated,
            ScenarioError::Unknown { path: text(), known: &["a", "b", "c", "d"] },
            ScenarioError::Twice(text()),
            ScenarioError::Missing(text()),
        ] {
            assert_chinese(&error);
        }
        for wanted in [
            WantedField::Object,
            WantedField::List,
            WantedField::Text,
            WantedField::Number,
            WantedField::Side,
            WantedField::Pair,
            WantedField::Share,
            WantedField::Probability,
            WantedField::Limit,
            WantedField::Count,
            WantedField::Dispersion,
            WantedField::Scatter,
        ] {
            assert_chinese(&wanted);
            assert_chinese(&ScenarioError::Value { path: text(), found: text(), wanted });
        }
        for verdict in [Verdict::Fail, Verdict::Pass, Verdict::Inconclusive] {
            assert_chinese(&verdict);
        }
        for remark in [
            FindingRemark::Clumps(2.5),
            FindingRemark::BaselineOver,
            FindingRemark::Frozen(0.02),
            FindingRemark::NothingToCompare,
            FindingRemark::BaselineSilent,
            FindingRemark::CanarySilent,
            FindingRemark::BothThrottled,
        ] {
            assert_chinese(&remark);
        }
        assert_chinese(&Estimate::of(0.0, 0.0, 1.0));
        let same = Some(Same { verdict: Verdict::Fail, minutes: 3 });
        let need = Some(Need { calls: 3.0, minutes: 1 });
        assert_chinese(&Outlook { failures: need, clean: None, same: None });
        assert_chinese(&Outlook { failures: None, clean: need, same });
    }

    #[test]
    fn a_finding_says_the_same_in_both_languages() {
        let side =
            |calls, errors| Some(Side { calls, errors, mean_ms: Some(20.0), throttled: 0.0 });
        let rules = [
            (RuleKind::MaxErrorRateIncrease, "1.1x+0.05%"),
            (RuleKind::MaxErrorRate, "2%"),
            (RuleKind::MaxDurationIncrease, "20%"),
            (RuleKind::MaxThrottles, "10"),
        ];
        let rules = rules.map(|(kind, text)| GateRule::parse(kind, text).unwrap());
        let minute = SettledMinute {
            step: 0,
            full: false,
            baseline: side(900.0, 9.0),
            canary: side(100.0, 6.0),
        };
        let settings = GateSettings { rules: rules.to_vec(), ..GateSettings::default() };
        let findings = judge(&[], &[minute; 2], &settings).findings();
        for finding in &findings {
            assert_chinese(finding);
        }
        assert_eq!(
            findings[0].to_string(),
            "max-error-rate-increase 1.1x+0.05%: inconclusive; canary 12 of 200 (6.0%, 3.5%-10.2%) \
             failed, baseline 18 of 1800 (1.0%, 0.63%-1.6%); evidence against it 139 of 400, for it \
             0.09 of 80; 4 more failed calls would fail it, 2400 more calls without an error would \
             pass it, 1 more minute like these: fail"
        );
        assert_eq!(
            findings[0].zh(),
            "max-error-rate-increase 1.1x+0.05%：尚无定论；失败：灰度版本 200 次中 12 次（6.0%，\
             3.5%-10.2%），基线版本 1800 次中 18 次（1.0%，0.63%-1.6%）；不利证据 139（判定线 400），\
             有利证据 0.09（判定线 80）；再有 4 次失败即判为未通过，再有 2400 次无错误的调用即可通过，\
             照此再过 1 分钟：未通过"
        );
    }
}
