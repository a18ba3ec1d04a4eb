//! A look at functions, in Chinese.

use super::Text;
use crate::error::{Part, Unread};
use crate::plan::rollout::machine::Transition;
use crate::plan::rollout::standing::{Standing, StepPlace};
use crate::report::status::{
    Does, NextAction, ObservedCalls, Provisioned, StatusSentence, Title, clock, count, measured,
    minutes_and_seconds,
};
use crate::report::watch::{Question, WatchKeys, WatchVerb};
use crate::text::Language;

impl Text for Part {
    fn zh(&self) -> String {
        match self {
            Self::Code => "代码摘要",
            Self::Triggers => "触发器",
            Self::Provisioned => "预置实例",
            Self::Monitor => "监控数据",
        }
        .to_owned()
    }
}

impl Text for Unread<'_> {
    fn zh(&self) -> String {
        self.0.report_in(Language::Chinese).whole_in(Language::Chinese)
    }
}

impl Text for StepPlace {
    fn zh(&self) -> String {
        let Self { step, steps, share, to } = self;
        format!("第 {step} 步（共 {steps} 步），{} 流量到版本 {to}", share.percent())
    }
}

impl Text for Standing {
    fn zh(&self) -> String {
        match self {
            Self::Waits(place, why) => format!("{}；{}", place.zh(), why.zh()),
            Self::Due(place, transition) => {
                let due = match transition {
                    Transition::Advances(ground) => format!("应进入下一步（{}）", ground.zh()),
                    Transition::Finishes(ground) => format!("应结束（{}）", ground.zh()),
                    Transition::Back(reason) => format!("应回滚：{}", reason.zh()),
                    Transition::Holds(reason) => format!("应暂停：{}", reason.zh()),
                    Transition::Begins
                    | Transition::Resumes
                    | Transition::Retries
                    | Transition::RollsBack => "有待执行的变更".to_owned(),
                };
                format!("{}；{due}", place.zh())
            }
            Self::Held(place, reason) => format!("暂停在{}：{}", place.zh(), reason.zh()),
            Self::Back { to, reason } => {
                format!("已回滚，版本 {to} 承接全部流量：{}", reason.zh())
            }
            Self::Done(version) => format!("已完成，版本 {version} 承接全部流量"),
            Self::Ended => "已被取代：别名的流量配置已被另行修改".to_owned(),
            Self::Moved { expected } => {
                format!("流量配置被其他人修改；灰度发布设置的是 {}", expected.percentages())
            }
            Self::Foreign => "描述末尾是本程序不认识的内容".to_owned(),
            Self::Nothing => "没有进行中的灰度发布".to_owned(),
            Self::None { before } => {
                format!("当前没有进行中的灰度发布；此前由版本 {before} 承接全部流量")
            }
        }
    }
}

impl Text for Title {
    fn zh(&self) -> String {
        match self {
            Self::Version => "版本",
            Self::Published => "发布时间（UTC+8）",
            Self::Code => "代码",
            Self::Serves => "所属别名",
            Self::Description => "描述",
            Self::Status => "状态",
            Self::Alias => "别名",
            Self::Share => "流量",
            Self::Function => "函数",
            Self::Rollout => "灰度发布",
            Self::Trigger => "触发器",
            Self::Provisioned => "预置实例",
            Self::Steps => "步骤",
            Self::Gates => "检查项",
            Self::Next => "下一步",
            Self::Calls => "每分钟调用次数",
            Self::Errors => "错误率",
            Self::Duration => "运行时间",
        }
        .to_owned()
    }
}

impl Text for Does {
    fn zh(&self) -> String {
        match self {
            Self::Tick => "执行到期操作",
            Self::Promote => "立即进入下一步",
            Self::Finish => "立即完成",
            Self::Pause => "暂停",
            Self::Resume => "继续",
            Self::Retry => "重新开始",
            Self::Abort => "中止",
            Self::Rollback => "回滚",
        }
        .to_owned()
    }
}

impl Text for Question {
    fn zh(&self) -> String {
        let alias = &self.alias;
        match self.verb {
            WatchVerb::Pause => format!("暂停别名 {alias} 的灰度发布？按 y 确认"),
            WatchVerb::Resume => format!("继续别名 {alias} 的灰度发布？按 y 确认"),
            WatchVerb::Promote => format!("别名 {alias} 的灰度发布进入下一步？按 y 确认"),
            WatchVerb::Finish => format!("立即完成别名 {alias} 的灰度发布？按 y 确认"),
            WatchVerb::Abort => format!("别名 {alias} 的全部流量回到原版本？按 y 确认"),
        }
    }
}

impl Text for WatchKeys {
    fn zh(&self) -> String {
        let of_rollout =
            if self.of_rollout { "p 暂停  r 继续  P 下一步  a 中止  " } else { "" };
        format!("{of_rollout}q 退出")
    }
}

impl Text for StatusSentence<'_> {
    fn zh(&self) -> String {
        match self {
            Self::MoreVersions(count) => format!("… 另有 {count} 个版本"),
            Self::Nobody => "-".to_owned(),
            Self::Off => "已关闭".to_owned(),
            Self::BoundTo(qualifier) => format!("{qualifier} 的触发器"),
            Self::NoAlias => "没有别名".to_owned(),
            Self::Last(value) => format!("最近 {value}"),
            Self::Mean(value) => format!("平均 {value}"),
            Self::Warm(held) => {
                let Provisioned { version, asked, warm, status, reason } = held;
                let status =
                    if status == "Done" { String::new() } else { format!("（{status}）") };
                let reason = reason.as_ref().map(|reason| format!("：“{reason}”"));
                let reason = reason.unwrap_or_default();
                format!(
                    "版本 {version} 的预置实例：共 {asked} 个，已就绪 {warm} 个{status}{reason}"
                )
            }
            Self::Rollout(rollout) => {
                let alias = &rollout.status.alias_name;
                let way = rollout.status.rollout.as_ref();
                let way = way.map(|found| format!("，从版本 {} 到 {}", found.from, found.to));
                format!(
                    "别名 {alias} 的灰度发布{}：{}",
                    way.unwrap_or_default(),
                    rollout.phase.zh()
                )
            }
            Self::Short(rollout) => {
                format!("{}：{}", rollout.status.alias_name, rollout.phase.zh())
            }
            Self::Shares(rollout) => {
                let set = rollout.status.rollout.as_ref().map(|found| {
                    let to = found.frozen.unwrap_or(found.to);
                    format!("设定 {}", rollout.status.routing.share_of(to).percent())
                });
                let set = set.unwrap_or_default();
                match &rollout.observed {
                    Some(ObservedCalls {
                        canary_share: Some(share),
                        minutes,
                        canary_calls,
                        baseline_calls,
                        ..
                    }) => format!(
                        "{set}，实际 {}：{minutes} 分钟内 {} 次调用中的 {} 次",
                        measured(*share),
                        count(canary_calls + baseline_calls),
                        count(*canary_calls)
                    ),
                    Some(_) => format!("{set}，尚未观察到调用"),
                    None => set,
                }
            }
            Self::Next(next) => {
                let what = match next.action {
                    NextAction::Advances => {
                        let (step, share) = next.advances_to();
                        format!("第 {step} 步，{share}")
                    }
                    NextAction::Finishes => "新版本承接全部流量".to_owned(),
                    NextAction::Back => "全部流量回到原版本".to_owned(),
                    NextAction::Holds => "暂停".to_owned(),
                    NextAction::Resumes => "继续".to_owned(),
                };
                if next.seconds <= 0 {
                    return format!("{what}，由下一次 tick 执行");
                }
                let (minutes, seconds) = minutes_and_seconds(next.seconds);
                format!(
                    "{what}，最早于 {}（UTC），即 {minutes} 分 {seconds:02} 秒之后",
                    clock(&next.time)
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Routing, Version, Weight};
    use crate::output::text::zh::assert_chinese;
    use crate::plan::rollout::machine::{Ground, Waiting};
    use crate::plan::rollout::state::{BackReason, HoldReason};

    #[test]
    fn every_sentence_is_chinese() {
        let place = StepPlace { step: 1, steps: 3, share: Weight::ONE, to: Version::Number(2) };
        let expected = Routing::all_to(Version::Number(1));
        for standing in [
            Standing::Waits(place, Waiting::Clock),
            Standing::Due(place, Transition::Advances(Ground::Passed)),
            Standing::Due(place, Transition::Finishes(Ground::Passed)),
            Standing::Due(place, Transition::Back(BackReason::Fail)),
            Standing::Due(place, Transition::Holds(HoldReason::Deadline)),
            Standing::Due(place, Transition::Resumes),
            Standing::Held(place, HoldReason::User),
            Standing::Back { to: Version::Number(1), reason: BackReason::Fail },
            Standing::Done(Version::Number(2)),
            Standing::Ended,
            Standing::Moved { expected },
            Standing::Foreign,
            Standing::Nothing,
            Standing::None { before: Version::Number(1) },
        ] {
            assert_chinese(&standing);
        }
        for part in [Part::Code, Part::Triggers, Part::Provisioned, Part::Monitor] {
            assert_chinese(&part);
        }
        for title in [
            Title::Version,
            Title::Published,
            Title::Code,
            Title::Serves,
            Title::Description,
            Title::Status,
            Title::Alias,
            Title::Share,
            Title::Function,
            Title::Rollout,
            Title::Trigger,
            Title::Provisioned,
            Title::Steps,
            Title::Gates,
            Title::Next,
            Title::Calls,
            Title::Errors,
            Title::Duration,
        ] {
            assert_chinese(&title);
        }
        for does in [
            Does::Tick,
            Does::Promote,
            Does::Finish,
            Does::Pause,
            Does::Resume,
            Does::Retry,
            Does::Abort,
            Does::Rollback,
        ] {
            assert_chinese(&does);
        }
        for verb in [
            WatchVerb::Pause,
            WatchVerb::Resume,
            WatchVerb::Promote,
            WatchVerb::Finish,
            WatchVerb::Abort,
        ] {
            assert_chinese(&Question { verb, alias: "prod".to_owned() });
        }
        for of_rollout in [true, false] {
            assert_chinese(&WatchKeys { of_rollout });
        }
        let held = Provisioned {
            version: "2".to_owned(),
            asked: 5,
            warm: 3,
            status: "InProgress".to_owned(),
            reason: Some("no room for it".to_owned()),
        };
        let next = |action, seconds| crate::report::status::Next {
            action,
            time: "2026-11-28T10:08:00Z".to_owned(),
            seconds,
            step: Some(2),
            share: Some(Weight::ONE),
        };
        for sentence in [
            StatusSentence::MoreVersions(3),
            StatusSentence::Off,
            StatusSentence::BoundTo("7"),
            StatusSentence::Warm(&held),
            StatusSentence::NoAlias,
            StatusSentence::Last("7"),
            StatusSentence::Mean("7%"),
            StatusSentence::Next(&next(NextAction::Advances, 90)),
            StatusSentence::Next(&next(NextAction::Finishes, 0)),
            StatusSentence::Next(&next(NextAction::Back, 0)),
            StatusSentence::Next(&next(NextAction::Holds, 0)),
        ] {
            assert_chinese(&sentence);
        }
    }
}
