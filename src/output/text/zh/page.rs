//! Pages that `--report` writes, in Chinese.

use super::Text;
use super::rehearsal::built_in;
use crate::report::page::{
    AllStand, Page, PagePart, PageSentence, PageWord, Scenario, StepResult, Unknown,
};

impl Text for PageWord {
    fn zh(&self) -> String {
        match self {
            Self::Done => "已完成",
            Self::RolledBack => "已回滚",
            Self::Held => "已暂停",
            Self::UnderWay => "进行中",
            Self::Ended => "已结束",
            Self::Nothing => "没有灰度发布",
            Self::Failed | Self::Fail => "失败",
            Self::Interrupted => "已中断",
            Self::Moved => "流量配置被其他人修改",
            Self::Foreign => "无法识别",
            Self::Steps | Self::Step => "步骤",
            Self::Charts => "调用、错误与运行时间",
            Self::Gates | Self::Gate => "检查项",
            Self::Timeline => "过程",
            Self::Calls => "API 调用",
            Self::Run => "执行者与时间",
            Self::Commands => "命令",
            Self::Unknown => "本页无法得知的内容",
            Self::ShareChart => "新版本的流量",
            Self::CallsChart => "每分钟调用次数",
            Self::ErrorsChart => "错误率",
            Self::DurationChart => "平均运行时间",
            Self::NoData => "没有数据",
            Self::Axis => "开始以来的时间（时：分）",
            Self::Share => "流量",
            Self::Planned => "计划时长",
            Self::Began => "开始于",
            Self::Lasted => "持续",
            Self::Result => "结果",
            Self::Time => "时间",
            Self::Event => "事件",
            Self::Canary => "新版本",
            Self::Baseline => "原版本",
            Self::Verdict => "结论",
            Self::Against => "不利证据",
            Self::InFavour => "有利证据",
            Self::Action => "接口",
            Self::Count => "次数",
            Self::FailedCalls => "失败次数",
            Self::Request => "请求标识",
            Self::Afterwards => "调用后的流量",
            Self::Pass => "通过",
            Self::Inconclusive => "尚无定论",
            Self::Pause => "暂停",
            Self::Function | Self::Functions => "函数",
            Self::Versions => "版本",
            Self::State => "进展",
            Self::Alias => "别名",
            Self::Namespace => "命名空间",
            Self::Region => "地域",
            Self::Rollout => "灰度发布",
            Self::Serves => "当前流量",
            Self::Next => "下一步",
            Self::User => "用户",
            Self::Host => "机器",
            Self::Job => "流水线任务",
            Self::RunBegan => "命令开始",
            Self::RunEnded => "命令结束",
            Self::RolloutBegan => "灰度发布开始",
            Self::Program => "程序",
            Self::ExitCode => "退出码",
            Self::Scenario => "场景",
            Self::Hint => "建议",
            Self::Repeat => "重复本命令",
            Self::Withheld => "可能含有敏感信息的值已省略，以 … 代替。",
            Self::CallsMade => "本命令发出的调用",
            Self::ChangesMade => "其中可能产生变更的调用",
            Self::WouldCall => "真正的灰度发布会发出的调用",
            Self::NoLooks => "没有进行检查。",
            Self::None => "无。",
        }
        .to_owned()
    }
}

impl Text for PageSentence<'_> {
    fn zh(&self) -> String {
        match self {
            Self::Title(page) => title(page),
            Self::FunctionTitle(part) => {
                let function = part.function.as_ref().map(|function| &*function.function_name);
                let alias = part.alias_name.as_ref().map(|alias| format!(" 的别名 {alias}"));
                let name = function.unwrap_or_default();
                format!("函数 {name}{}{}", alias.unwrap_or_default(), versions(part))
            }
            Self::Canary(version) => format!("新版本 {version}"),
            Self::Baseline(version) => format!("原版本 {version}"),
            Self::Scenario(Scenario { name, title, seed }) => {
                let title = title.as_deref().map(|title| format!("（{}）", built_in(title)));
                let seed = seed.map(|seed| format!("，随机种子 {seed}"));
                format!("{name}{}{}", title.unwrap_or_default(), seed.unwrap_or_default())
            }
            Self::NewVersion => "新版本".to_owned(),
            Self::OldVersion => "原版本".to_owned(),
            Self::StepResult(result) => match result {
                StepResult::Passed => "已通过",
                StepResult::Current => "进行中",
                StepResult::Held => "已暂停",
                StepResult::Back => "已回滚",
                StepResult::Promoted => "提前推进",
                StepResult::Skipped => "已跳过",
                StepResult::Ended => "已结束",
                StepResult::NotReached => "未到达",
            }
            .to_owned(),
            Self::Looks { all, shown } if all == shown => format!("每次检查，共 {all} 次"),
            Self::Looks { all, shown } => {
                format!("最近 {shown} 次检查，共 {all} 次；.json 报告中有全部检查")
            }
            Self::Decisions => "作出决定的检查和最后一次检查".to_owned(),
            Self::Of { bad, calls } => format!("{calls} 次中的 {bad} 次"),
            Self::Rate { bad, calls, rate, low, high } => {
                format!("{calls} 次中的 {bad} 次：{rate}（{low} 至 {high}）")
            }
            Self::Mean { mean, calls } => format!("{mean} 毫秒，共 {calls} 次"),
            Self::Evidence { purse, needed } => format!("{purse}，需 {needed}"),
            Self::Line { version, mean, most } => {
                format!("{version}：平均 {mean}，最高 {most}。")
            }
            Self::NoLine { version } => format!("{version}：没有数据。"),
            Self::Mark { step, share, time } => {
                format!("第 {step} 步（{share}）始于 {time}。")
            }
            Self::Minutes(minutes) => format!("{minutes} 分钟"),
            Self::Throttled(calls) => format!("另有 {calls} 次被限流"),
            Self::Unknown(unknown) => match unknown {
                Unknown::EarlierLooks => {
                    "本次运行之前各次检查的结果：别名中只记录步骤，不记录检查。"
                }
                Unknown::EarlierRuns => {
                    "此前的步骤由谁、通过哪些调用完成：请查看该账号的操作审计（CloudAudit）。"
                }
                Unknown::EndOfLastStep => "最后一步结束的时间：别名中只记录各步骤的开始时间。",
                Unknown::Monitor => "调用次数、错误和运行时间：没有查询监控，或监控中没有数据。",
                Unknown::OtherAliases => {
                    "版本是通过哪个别名被调用的：监控按版本统计，不区分调用方。"
                }
                Unknown::MadeUp => "真实流量会怎样：调用来自场景，时间是虚拟的。",
            }
            .to_owned(),
            Self::Footer { version, time } => format!("由 scfctl {version} 生成于 {time}。"),
        }
    }
}

fn title(page: &Page) -> String {
    let part = page.main();
    if part.is_recording() {
        let title = part.scenario.as_ref().and_then(|scenario| scenario.title.as_deref());
        let title = title.map(|title| format!("：{title}")).unwrap_or_default();
        return format!("用录制数据检验检查项{title}");
    }
    let mut text = if part.is_rehearsal() { "灰度发布演练" } else { "灰度发布" }.to_owned();
    match (&part.alias_name, &part.function) {
        (Some(alias), Some(function)) => {
            text = format!("{text}：函数 {} 的别名 {alias}", function.function_name);
        }
        (alias, _) if page.is_of_several() => {
            let alias = alias.as_ref().map(|alias| format!("的别名 {alias}"));
            text = format!("{text}：{} 个函数{}", page.functions.len(), alias.unwrap_or_default());
        }
        _ => {}
    }
    text + &versions(part)
}

fn versions(part: &PagePart) -> String {
    match (part.from, part.to) {
        (Some(from), Some(to)) => format!("，{from} → {to}"),
        _ => String::new(),
    }
}

impl Text for AllStand {
    fn zh(&self) -> String {
        let named = self.named.iter().map(|(name, says)| match name {
            Some(name) => format!("{name}：{}", says.zh()),
            None if self.all == 1 => says.zh(),
            None => format!("{} 个函数：{}", self.all, says.zh()),
        });
        let named = named.collect::<Vec<_>>().join("；");
        if self.more > 0 { format!("{named}；另有 {} 个", self.more) } else { named }
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_chinese;
    use super::*;
    use crate::model::Version;
    use crate::report::Said;

    #[test]
    fn every_sentence_is_chinese() {
        for word in [
            PageWord::Done,
            PageWord::RolledBack,
            PageWord::Held,
            PageWord::UnderWay,
            PageWord::Ended,
            PageWord::Nothing,
            PageWord::Failed,
            PageWord::Interrupted,
            PageWord::Moved,
            PageWord::Foreign,
            PageWord::Charts,
            PageWord::Axis,
            PageWord::NoData,
            PageWord::Withheld,
            PageWord::CallsMade,
            PageWord::ChangesMade,
            PageWord::WouldCall,
            PageWord::NoLooks,
            PageWord::Repeat,
            PageWord::Unknown,
            PageWord::Functions,
            PageWord::Versions,
            PageWord::State,
        ] {
            assert_chinese(&word);
        }
        let says = Said::in_both("held".to_owned(), "已暂停".to_owned());
        let named = vec![(Some("api".to_owned()), says.clone())];
        assert_chinese(&AllStand { named, all: 5, more: 3 });
        let stand = AllStand { named: vec![(None, says.clone())], all: 2, more: 0 };
        assert_eq!(stand.zh(), "2 个函数：已暂停");
        assert_eq!(AllStand { all: 1, ..stand }.zh(), "已暂停");
        let results = [
            StepResult::Passed,
            StepResult::Current,
            StepResult::Held,
            StepResult::Back,
            StepResult::Promoted,
            StepResult::Skipped,
            StepResult::Ended,
            StepResult::NotReached,
        ];
        for result in results {
            assert_chinese(&PageSentence::StepResult(result));
        }
        for unknown in [
            Unknown::EarlierLooks,
            Unknown::EarlierRuns,
            Unknown::EndOfLastStep,
            Unknown::Monitor,
            Unknown::OtherAliases,
            Unknown::MadeUp,
        ] {
            assert_chinese(&PageSentence::Unknown(unknown));
        }
        for sentence in [
            PageSentence::Canary(Version::Latest),
            PageSentence::Baseline(Version::Number(1)),
            PageSentence::NewVersion,
            PageSentence::OldVersion,
            PageSentence::Looks { all: 3, shown: 3 },
            PageSentence::Looks { all: 300, shown: 200 },
            PageSentence::Decisions,
            PageSentence::Of { bad: "1", calls: "2" },
            PageSentence::Rate { bad: "1", calls: "100", rate: "1%", low: "0%", high: "2%" },
            PageSentence::Mean { mean: "10", calls: "2" },
            PageSentence::Evidence { purse: "1", needed: "100" },
            PageSentence::Line { version: "1", mean: "2", most: "3" },
            PageSentence::NoLine { version: "1" },
            PageSentence::Mark { step: 1, share: "10%", time: "0:00" },
            PageSentence::Minutes(2),
            PageSentence::Throttled("2"),
            PageSentence::Footer { version: "1", time: "2" },
        ] {
            assert_chinese(&sentence);
        }
    }
}
