//! Rollouts, in Chinese.

use super::Text;
use crate::error::{
    BegunWith, Left, NoData, RolloutError, RolloutHint, RolloutOption, RolloutProblem, RolloutVerb,
    Unanswered,
};
use crate::model::{Weight, listed_by};
use crate::plan::rollout::line::{CommandAnswer, LineDoes, RolloutLine};
use crate::plan::rollout::machine::{Ground, Refused, Transition, Waiting};
use crate::plan::rollout::schedule::ScheduleError;
use crate::plan::rollout::state::{BackReason, HoldReason, Phase, Rollout};
use crate::plan::rollout::together::Apart;
use crate::text::{FilePlace, Language};

impl Text for RolloutVerb {
    fn zh(&self) -> String {
        match self {
            Self::Start => "开始灰度发布",
            Self::Tick => "推进灰度发布",
            Self::Status => "查看灰度发布",
            Self::Wait => "等待灰度发布",
            Self::Pause => "暂停灰度发布",
            Self::Resume => "继续灰度发布",
            Self::Promote => "提升灰度发布的流量",
            Self::Abort => "中止灰度发布",
            Self::Retry => "重新开始灰度发布",
            Self::Rehearse => "演练灰度发布",
            Self::Rollback => "回滚版本",
        }
        .to_owned()
    }
}

impl Text for ScheduleError {
    fn zh(&self) -> String {
        match self {
            Self::Empty => "没有任何步骤".to_owned(),
            Self::Share(text) => format!("`{text}` 不是流量比例，应写作 10% 或 0.1"),
            Self::Bare(text) => format!("`{text}` 可能是 {text}%，也可能是小数，请写明"),
            Self::TooFine { text, places } => {
                format!("流量比例 `{text}` 的小数超过 {places} 位")
            }
            Self::Zero => "0% 的步骤不会给新版本任何流量".to_owned(),
            Self::Falls { before, share } => {
                format!("{} 之后是 {}；比例必须逐步上升", before.percent(), share.percent())
            }
            Self::NotAll(share) => format!("最后一步为 {}，必须是 100%", share.percent()),
            Self::Time(text) => format!("`{text}` 不是时间，应写作 5m 或 1h"),
            Self::Hold(text) => format!("`{text}` 不是时间，应写作 5m、1h 或 `pause`"),
            Self::Limit(text) => format!("`{text}` 不是 1s 到 1h 之间的时间"),
            Self::Seconds(text) => format!("`{text}` 不是整数分钟"),
            Self::NoTime => "0 分钟的步骤观察不到任何结果".to_owned(),
            Self::TooLong { text, most } => format!("`{text}` 超过 {most} 分钟"),
            Self::TooMany { count, most } => format!("步骤有 {count} 个，最多 {most} 个"),
            Self::IntervalUnused => "每一步都有自己的时间，--interval 不起作用".to_owned(),
            Self::BakeTwice(hold) => {
                format!("最后一步有自己的时间（{hold}），--bake 不起作用")
            }
            Self::Preset(name) => format!("没有名为 `{name}` 的预设"),
            Self::Of { option, problem } => format!("`{option}`：{}", problem.zh()),
            Self::PresetAndSteps => {
                "--preset 自带步骤和时间：请去掉 --steps 和 --interval".to_owned()
            }
        }
    }
}

impl Text for HoldReason {
    fn zh(&self) -> String {
        match self {
            Self::User => "手动暂停",
            Self::Schedule => "计划在此暂停",
            Self::NoData => "数据不足，无法判断",
            Self::Inconclusive => "检查项无法得出结论",
            Self::Fail => "检查项未通过",
            Self::Deadline => "灰度发布的总时间已到",
            Self::Content => "$LATEST 的代码已变化",
            Self::Gates => "检查命令或查询缺失，或与开始时不同",
            Self::Interrupt => "被中断",
        }
        .to_owned()
    }
}

impl Text for BackReason {
    fn zh(&self) -> String {
        match self {
            Self::User => "手动回滚",
            Self::Fail => "检查项未通过",
            Self::NoData => "数据不足，无法判断",
            Self::Deadline => "灰度发布的总时间已到",
            Self::Interrupt => "被中断",
            Self::Project => "项目中的另一个函数已回退",
        }
        .to_owned()
    }
}

impl Text for Waiting {
    fn zh(&self) -> String {
        match self {
            Self::Clock => "本步时间未到",
            Self::Settling => "最后几分钟的数据尚未稳定",
            Self::MoreData => "数据不足，继续等待",
            Self::MoreEvidence => "检查项无法得出结论，继续等待",
            Self::Content => "无法读取 $LATEST 的代码，继续等待",
        }
        .to_owned()
    }
}

impl Text for Ground {
    fn zh(&self) -> String {
        match self {
            Self::Passed => "检查项通过",
            Self::TimeOver => "时间已到，没有不利的迹象",
            Self::NothingJudged => "时间已到，没有检查项",
            Self::NoData => "数据不足，按要求继续",
            Self::Inconclusive => "检查项无法得出结论，按要求继续",
            Self::Promoted => "手动提升",
        }
        .to_owned()
    }
}

/// What an ended rollout, or one under way, is.
fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Running => "进行中",
        Phase::Held(_) => "已暂停",
        Phase::Back(_) => "已回滚",
        Phase::Done => "已完成",
        Phase::Ended => "已被取代",
    }
}

impl Text for Refused {
    fn zh(&self) -> String {
        match self {
            Self::UnderWay { alias, id, from, to, step, count, phase: at } => format!(
                "别名 `{alias}` 正在灰度发布（`{id}`）：从版本 {from} 到 {to}，第 {step} 步（共 {count} 步），{}",
                phase(*at)
            ),
            Self::Foreign { alias, line } => {
                format!("别名 `{alias}` 的描述末尾是本程序不认识的内容：“{line}”")
            }
            Self::MatchRules { alias, rules, .. } => format!(
                "别名 `{alias}` 有匹配规则，灰度发布会将其覆盖：`{}`",
                listed_by("，", rules)
            ),
            Self::ThirdVersion { alias, routing } => format!(
                "别名 `{alias}` 的流量还指向与此次灰度发布无关的版本：{}",
                routing.percentages()
            ),
            Self::AlreadyServes { alias, version } => {
                format!("版本 {version} 已承接别名 `{alias}` 的全部流量")
            }
            Self::TooLong { alias, over } => {
                format!("别名 `{alias}` 的描述放不下灰度发布的状态：超出 {over} 个字符")
            }
            Self::Changed(alias) => format!("别名 `{alias}` 的灰度发布在此期间被其他人修改"),
            Self::NoRollout(alias) => format!("别名 `{alias}` 没有进行中的灰度发布"),
            Self::Ended { alias, from, to, phase: at } => {
                format!("别名 `{alias}` 从版本 {from} 到 {to} 的灰度发布{}", phase(*at))
            }
            Self::Moved { alias, expected, found, modified, versions: _ } => {
                let written = if modified.is_empty() {
                    String::new()
                } else {
                    format!("（修改时间 {modified}）")
                };
                format!(
                    "别名 `{alias}` 被其他人修改：灰度发布设置的是 {}，现在是 {}{written}",
                    expected.percentages(),
                    found.percentages()
                )
            }
            Self::Step { alias, step, expected } => {
                format!("别名 `{alias}` 的灰度发布在第 {step} 步，不在第 {expected} 步")
            }
            Self::LastStep(alias) => format!("别名 `{alias}` 的灰度发布已在最后一步"),
            Self::OneOfSeveral { alias, functions } => format!(
                "别名 `{alias}` 的灰度发布属于项目中 {functions} 个函数的共同发布，各函数同步推进"
            ),
            Self::Content(alias) => {
                format!("$LATEST 的代码与别名 `{alias}` 的灰度发布开始时不同")
            }
            Self::Unread(alias) => {
                format!("无法读取 $LATEST 的代码，不能确认它与别名 `{alias}` 的灰度发布开始时相同")
            }
            Self::NoBefore(alias) => {
                format!("不知道之前是哪个版本承接别名 `{alias}` 的全部流量")
            }
            Self::NothingBefore { alias, version } => {
                format!("版本 {version} 已承接别名 `{alias}` 的全部流量，不知道在它之前的版本")
            }
        }
    }
}

impl Text for Apart {
    fn zh(&self) -> String {
        match self {
            Self::Rollouts(functions) => {
                format!("这些函数不在同一次灰度发布中：{}", functions.join("、"))
            }
            Self::Others(functions) => {
                format!("以下函数不在其余函数的灰度发布中：{}", functions.join("、"))
            }
            Self::Number { here, functions } => {
                format!("此次灰度发布包含 {functions} 个函数，项目中有 {here} 个")
            }
            Self::Steps(functions) => format!("各函数的步骤不同：{}", functions.join("；")),
        }
    }
}

impl Text for RolloutLine {
    fn zh(&self) -> String {
        let Rollout { from, to, step, .. } = &self.rollout;
        let (count, share) =
            (self.rollout.schedule.count(), self.rollout.current().share.percent());
        let stands = || match self.rollout.phase {
            Phase::Held(reason) => format!("；暂停：{}", reason.zh()),
            Phase::Running | Phase::Back(_) | Phase::Done | Phase::Ended => String::new(),
        };
        let place = format!("第 {step} 步（共 {count} 步）");
        match &self.does {
            LineDoes::Finds(finding) => finding.zh(),
            LineDoes::Commands(answer) => match answer {
                CommandAnswer::Pass => "检查命令：通过".to_owned(),
                CommandAnswer::Fail => "检查命令：未通过".to_owned(),
                CommandAnswer::NotYet => "检查命令：尚无结论".to_owned(),
            },
            LineDoes::Waits(why, until) => format!(
                "{place}，{share} 流量到版本 {to}：{}；下次检查 {}（UTC）",
                why.zh(),
                until.format("%H:%M:%S")
            ),
            LineDoes::Transition(transition) => match transition {
                Transition::Begins => {
                    let rest = format!("，其余到 {from}");
                    let rest = if self.rollout.current().share < Weight::ONE { &rest } else { "" };
                    format!("{place}：{share} 流量到版本 {to}{rest}{}", stands())
                }
                Transition::Advances(ground) => {
                    format!("{place}：{share} 流量到版本 {to}（{}）{}", ground.zh(), stands())
                }
                Transition::Retries => {
                    format!("重新开始，{place}：{share} 流量到版本 {to}{}", stands())
                }
                Transition::Holds(reason) => {
                    format!("暂停在{place}，{share} 流量到版本 {to}：{}", reason.zh())
                }
                Transition::Resumes => match self.rollout.phase {
                    Phase::Held(_) => {
                        format!("恢复到{place}，{share} 流量到版本 {to}{}", stands())
                    }
                    Phase::Running | Phase::Back(_) | Phase::Done | Phase::Ended => {
                        format!("在{place}继续，{share} 流量到版本 {to}")
                    }
                },
                Transition::Back(reason) => {
                    format!("已回滚：全部流量到版本 {from}（{}）", reason.zh())
                }
                Transition::Finishes(ground) => format!(
                    "完成：版本 {} 承接全部流量（{}）",
                    self.rollout.frozen.unwrap_or(*to),
                    ground.zh()
                ),
                Transition::RollsBack => format!("到版本 {to} 的灰度发布已结束"),
            },
        }
    }
}

impl Text for NoData<'_> {
    fn zh(&self) -> String {
        format!("没有数据：{}", self.0.report_in(Language::Chinese).whole_in(Language::Chinese))
    }
}

impl Text for Unanswered {
    fn zh(&self) -> String {
        match self {
            Self::Monitor => "监控没有返回数据".to_owned(),
            Self::Prometheus { reason } => format!("Prometheus 没有返回数据：{}", reason.zh()),
            Self::Command { reason } => format!("检查命令没有给出结果：“{reason}”"),
            Self::CommandTimedOut { seconds } => {
                format!("检查命令运行 {seconds} 秒后仍未结束，已终止")
            }
        }
    }
}

impl Text for RolloutOption {
    fn zh(&self) -> String {
        match self {
            Self::Schedule(error) => error.zh(),
            Self::Gate { option, problem } => format!("{option}：{}", problem.zh()),
            Self::Time { option, problem } => format!("{option}：{}", problem.zh()),
            Self::Choice { option, text, allowed } => {
                format!("{option}：`{text}` 无效，可用值：`{allowed}`")
            }
            Self::Number { option, text } => format!("{option}：`{text}` 不是整数"),
            Self::Version { option, text } => {
                format!("{option}：`{text}` 不是版本，应写版本号、`$LATEST` 或 `latest-published`")
            }
            Self::Address { option, text } => {
                format!("{option}：`{text}` 不是以 http:// 或 https:// 开头的地址")
            }
            Self::Together { one, other } => format!("{one} 与 {other} 不能同时使用"),
            Self::Needs { option, needs } => format!("没有 {needs} 时 {option} 不起作用"),
            Self::NeedsGate { option } => {
                format!("没有 --max-error-rate 之类的检查项时，{option} 不起作用")
            }
            Self::OfGenerated { option } => format!("{option} 只用于生成的场景"),
            Self::RecordingNeedsGate => {
                "没有 --max-error-rate 之类的检查项时，重放录制的场景没有意义".to_owned()
            }
            Self::Key { key, meant } => {
                let meant = meant.as_ref().map(|meant| format!("；是不是想写 `{meant}`？"));
                format!("`rollout` 中没有键 `{key}`{}", meant.unwrap_or_default())
            }
            Self::Value { key, instead } => {
                let instead = instead.as_ref().map(|text| format!("，应写作 `{key}: {text}`"));
                format!("`rollout.{key}` 的值不是文本或数字{}", instead.unwrap_or_default())
            }
            Self::Empty { path } => format!("`{path}` 为空"),
            Self::Unresolved(cause) => cause.zh(),
            Self::Switch { key } => format!("`rollout.{key}` 的值不是 `true` 或 `false`"),
            Self::OfFile { problem, keys, place } => {
                format!("{}（{}）", Self::with_keys(problem.zh(), keys), place.zh())
            }
            Self::Several(problems) => {
                let line = |problem: &RolloutOption| problem.zh().replace('\n', "\\n");
                let lines: Vec<String> = problems.iter().map(line).collect();
                format!("灰度发布有 {} 个选项无效\n{}", problems.len(), lines.join("\n"))
            }
            Self::NoMap => "`rollout` 不是映射".to_owned(),
            Self::ServesLatest { alias } => format!(
                "别名 `{alias}` 有流量指向 $LATEST：新代码会在灰度发布开始之前就生效"
            ),
            Self::NothingPublished => {
                "还没有已发布的版本；部署时加 `--publish`，或在开始时加 `--publish`".to_owned()
            }
            Self::OneFunction { option } => format!(
                "{option} 只用于一个函数：请用 --function 指定函数，或用 --target 指定其目录"
            ),
            Self::SeveralRollouts { aliases } => format!(
                "有多个进行中的灰度发布（别名 {}）：请用 --alias 指定其中一个",
                aliases.join("、")
            ),
            Self::OtherSteps { one, steps, other, other_steps } => {
                format!("各函数的步骤不同：`{one}` 为 {steps}，`{other}` 为 {other_steps}")
            }
            Self::NoSuchStep { step, steps } => {
                format!("--wait：该灰度发布共 {steps} 步，没有第 {step} 步")
            }
            Self::EventsOfRollouts => {
                "--output ndjson 只用于 `rollout start`、`rollout tick`、`rollout rehearse`、`deploy --rollout` 和 `logs`，它们会输出事件"
                    .to_owned()
            }
            Self::Scenario(error) => format!("`--scenario`：{}", error.zh()),
            Self::Chats => {
                "`rollout.notify` 应为 `KIND=VARIABLE`，或多个这样的值组成的列表，或“类型: 变量名”的映射".to_owned()
            }
            Self::NotifyForm => {
                "--notify 应写作类型和环境变量名：`--notify slack=SLACK_WEBHOOK`".to_owned()
            }
            Self::NotifyKind { kind, kinds, meant } => {
                let meant = meant.map(|meant| format!("；是不是想写 `{meant}`？"));
                let meant = meant.unwrap_or_default();
                format!("--notify：没有类型 `{kind}`，可用类型：`{kinds}`{meant}")
            }
            Self::NotifyAddress { kind, variable } => format!(
                "--notify 只接受环境变量名，不接受地址（会被他人看到）：请将地址写入环境变量 {variable}，再使用 `--notify {kind}={variable}`"
            ),
            Self::NotifyUnusable(not_told) => {
                format!("--notify {}：{}", not_told.chat, not_told.problem.zh())
            }
        }
    }

    fn place(&self) -> Option<FilePlace> {
        match self {
            Self::OfFile { place, .. } => place.place(),
            _ => None,
        }
    }
}

impl Text for RolloutProblem {
    fn zh(&self) -> String {
        match self {
            Self::Refused(refused) => refused.zh(),
            Self::Apart(apart) | Self::LeftAlone { apart, .. } => apart.zh(),
            Self::Held { alias, to, step, steps, reason, .. } => format!(
                "别名 `{alias}` 到版本 {to} 的灰度发布暂停在第 {step} 步（共 {steps} 步）：{}",
                reason.zh()
            ),
            Self::Back { alias, from, to, reason, .. } => format!(
                "别名 `{alias}` 到版本 {to} 的灰度发布已回滚，版本 {from} 承接全部流量：{}",
                reason.zh()
            ),
            Self::Interrupted { alias, left, .. } => format!(
                "已中断；别名 `{alias}` 的灰度发布{}",
                match left {
                    Left::Open => "保持现状",
                    Left::Held => "已暂停",
                    Left::Back | Left::Forgotten => "已回滚",
                }
            ),
            Self::NotHeld { alias, to } => {
                format!("别名 `{alias}` 到版本 {to} 的灰度发布已完成，其间没有暂停")
            }
            Self::StillUnderWay { alias, step, timeout } => {
                let step = step.map(|step| format!("：{}", step.zh())).unwrap_or_default();
                let waited = timeout.as_secs_f64();
                format!("等待 {waited} 秒后，别名 `{alias}` 的灰度发布仍在进行{step}")
            }
            Self::Gone(alias) => {
                format!("别名 `{alias}` 的灰度发布已不在进行：其他人结束了它")
            }
            Self::Otherwise { alias, with } => {
                let with: Vec<String> = with
                    .iter()
                    .map(|with| match with {
                        BegunWith::Value(option, value) => format!("`{option} {value}`"),
                        BegunWith::Without(option) => format!("没有 `{option}`"),
                        BegunWith::Another(option) => format!("另一个 `{option}`"),
                    })
                    .collect();
                let with = with.join("、");
                format!("同一运行 ID 下，别名 `{alias}` 的灰度发布开始时的选项不同：{with}")
            }
            Self::Unanswered(unanswered) => unanswered.zh(),
            Self::Option(option) => option.zh(),
        }
    }
}

impl Text for RolloutError {
    fn zh(&self) -> String {
        self.problem.zh()
    }
}

impl Text for RolloutHint {
    fn zh(&self) -> String {
        match self {
            Self::UnderWay { status, abort } => {
                format!("用 `{status}` 查看，用 `{abort}` 结束")
            }
            Self::Moved { resume, release } => {
                format!("用 `{resume}` 回到原来的步骤继续，或用 `{release}` 保持别名现状")
            }
            Self::Fill => "请给其中的变量赋值，或去掉这个键".to_owned(),
            Self::Release { release, back } => {
                format!("用 `{release}` 保持别名现状，或用 `{back}` 把全部流量切回")
            }
            Self::Rules { look, replace } => {
                format!("用 `{look}` 查看，用 `{replace}` 可去掉这些规则")
            }
            Self::Held { resume, abort } => format!("用 `{resume}` 继续，或用 `{abort}` 回滚"),
            Self::SameGates { resume, tick, without } => {
                let without = if without.is_empty() {
                    String::new()
                } else {
                    format!("，并且不能使用 {without}")
                };
                format!(
                    "用 `{resume}` 继续之后，每次推进都需要开始时的检查命令或查询：写在 `rollout` 中，或用 `{tick}`{without}"
                )
            }
            Self::NoGates { resume, abort } => format!(
                "灰度发布开始时没有 --gate-cmd 和 --prometheus：请从推进命令和 `rollout` 中去掉它们，再用 `{resume}` 继续；或用 `{abort}` 回滚后带上它们重新开始"
            ),
            Self::Back(command) => format!("排除原因后用 `{command}` 重新开始"),
            Self::Retry(command) => format!("用现在的代码重新开始：`{command}`"),
            Self::Look(command) => format!("用 `{command}` 查看"),
            Self::Project => "请在项目目录中使用带 --project 的命令".to_owned(),
            Self::Each(command) => format!("请逐个查看，用 `{command}` 可将其回滚"),
            Self::Elsewhere(command) => {
                format!("其余函数不在此项目中，请对每个函数执行：`{command}`")
            }
            Self::NameVersion(command) => format!("请指定版本：`{command} --to VERSION`"),
            Self::Promote(command) => format!("用 `{command}` 立即结束最后一步"),
            Self::Start(command) => format!("用 `{command}` 开始"),
            Self::Unread => {
                "密钥需要 scf:GetFunction 和 scf:GetFunctionAddress 权限；服务恢复后请再次运行"
                    .to_owned()
            }
            Self::Foreign => "请使用写入它的程序版本，或从描述中删去这一行".to_owned(),
            Self::AnotherRun => {
                "如需继续该灰度发布，请使用开始时的选项；要另起一次，请换一个 `--run-id`".to_owned()
            }
            Self::Example(example) => format!("例如 `{example}`"),
            Self::Shorten => "请缩短别名的描述，或减少步骤".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_chinese;
    use super::*;
    use crate::config::position::Position;
    use crate::error::Judges;
    use crate::execute::Signal;
    use crate::model::{Routing, Version};
    use crate::network::Silence;
    use crate::plan::gates::{GateRule, RuleKind};
    use crate::plan::rollout::schedule::{Hold, Schedule, TypedSteps};
    use crate::plan::rollout::state::{BACK_REASONS, Choices, GateFields, HOLD_REASONS, Minute};
    use crate::text::Cause;

    const ONE: Version = Version::Number(1);
    const TWO: Version = Version::Number(2);

    fn refusals() -> Vec<Refused> {
        let alias = "prod".to_owned();
        let routing = Routing::split(ONE, TWO, "0.1".parse().unwrap());
        vec![
            Refused::UnderWay {
                alias: alias.clone(),
                id: "abc".into(),
                from: ONE,
                to: TWO,
                step: 1,
                count: 3,
                phase: Phase::Running,
            },
            Refused::Foreign { alias: alias.clone(), line: "scfctl v9 x".into() },
            Refused::MatchRules {
                alias: alias.clone(),
                rules: Vec::new(),
                to: ONE,
                is_under_way: true,
            },
            Refused::ThirdVersion { alias: alias.clone(), routing: routing.clone() },
            Refused::AlreadyServes { alias: alias.clone(), version: TWO },
            Refused::TooLong { alias: alias.clone(), over: 3 },
            Refused::NoRollout(alias.clone()),
            Refused::Ended { alias: alias.clone(), from: ONE, to: TWO, phase: Phase::Done },
            Refused::Moved {
                alias: alias.clone(),
                expected: Box::new(routing.clone()),
                found: Box::new(routing),
                versions: [ONE, TWO],
                modified: String::new(),
            },
            Refused::Step { alias: alias.clone(), step: 1, expected: 2 },
            Refused::LastStep(alias.clone()),
            Refused::OneOfSeveral { alias: alias.clone(), functions: 3 },
            Refused::Content(alias.clone()),
            Refused::Unread(alias.clone()),
            Refused::Changed(alias.clone()),
            Refused::NoBefore(alias.clone()),
            Refused::NothingBefore { alias, version: ONE },
        ]
    }

    #[test]
    fn every_hint_is_chinese() {
        let command = || "scfctl rollout status".to_owned();
        for hint in [
            RolloutHint::UnderWay { status: command(), abort: command() },
            RolloutHint::Moved { resume: command(), release: command() },
            RolloutHint::Release { release: command(), back: command() },
            RolloutHint::Rules { look: command(), replace: command() },
            RolloutHint::Held { resume: command(), abort: command() },
            RolloutHint::SameGates { resume: command(), tick: command(), without: "" },
            RolloutHint::SameGates { resume: command(), tick: command(), without: "--prometheus" },
            RolloutHint::NoGates { resume: command(), abort: command() },
            RolloutHint::Back(command()),
            RolloutHint::Retry(command()),
            RolloutHint::Look(command()),
            RolloutHint::Project,
            RolloutHint::Each(command()),
            RolloutHint::Elsewhere(command()),
            RolloutHint::NameVersion(command()),
            RolloutHint::Promote(command()),
            RolloutHint::Start(command()),
            RolloutHint::Foreign,
            RolloutHint::Unread,
            RolloutHint::AnotherRun,
            RolloutHint::Example("--bake 5m".into()),
            RolloutHint::Shorten,
        ] {
            assert_chinese(&hint);
        }
    }

    #[test]
    fn every_sentence_is_chinese() {
        for verb in [
            RolloutVerb::Start,
            RolloutVerb::Tick,
            RolloutVerb::Status,
            RolloutVerb::Wait,
            RolloutVerb::Pause,
            RolloutVerb::Resume,
            RolloutVerb::Promote,
            RolloutVerb::Abort,
            RolloutVerb::Retry,
            RolloutVerb::Rehearse,
            RolloutVerb::Rollback,
        ] {
            assert_chinese(&verb);
        }
        for refused in &refusals() {
            assert_chinese(refused);
        }
        for reason in &HOLD_REASONS {
            assert_chinese(reason);
        }
        for reason in &BACK_REASONS {
            assert_chinese(reason);
        }
        for steps in [
            "",
            ",",
            "x%",
            "10",
            "0.00001%",
            "0%",
            "50%,10%,100%",
            "10%",
            "10%:x,100%",
            "10%:90s,100%",
            "10%:0m,100%",
            "10%:8d,100%",
        ] {
            let wanted = TypedSteps { steps: Some(steps), ..TypedSteps::default() };
            assert_chinese(&Schedule::read(wanted).unwrap_err());
        }
        assert_chinese(&ScheduleError::TooMany { count: 101, most: 100 });
        assert_chinese(&ScheduleError::IntervalUnused);
        assert_chinese(&ScheduleError::BakeTwice(Hold::Minutes(1)));
        assert_chinese(&ScheduleError::Preset("Some".into()));
        assert_chinese(&ScheduleError::PresetAndSteps);
        assert_chinese(&ScheduleError::Time("x".into()));
        assert_chinese(&ScheduleError::Limit("2h".into()));
    }

    #[test]
    fn every_problem_is_chinese() {
        let option = "--to";
        for problem in [
            RolloutOption::Gate {
                option,
                problem: GateRule::parse(RuleKind::MaxErrorRate, "2").unwrap_err(),
            },
            RolloutOption::Time { option, problem: ScheduleError::NoTime },
            RolloutOption::Choice { option, text: "x".into(), allowed: "hold, continue, rollback" },
            RolloutOption::Number { option, text: "x".into() },
            RolloutOption::Version { option, text: "x".into() },
            RolloutOption::Address { option, text: "x".into() },
            RolloutOption::Together { one: "--to", other: "--publish" },
            RolloutOption::Needs { option, needs: "--deadline" },
            RolloutOption::NeedsGate { option: "--confidence" },
            RolloutOption::OfGenerated { option: "--seed" },
            RolloutOption::RecordingNeedsGate,
            RolloutOption::Key { key: "step".into(), meant: Some("steps".into()) },
            RolloutOption::Value { key: "steps".into(), instead: Some("10%,100%".into()) },
            RolloutOption::Several(vec![
                RolloutOption::Switch { key: "noGates".into() },
                RolloutOption::OfFile {
                    problem: Box::new(RolloutOption::NoMap),
                    keys: Vec::new(),
                    place: Position::line("serverless.yml", 9),
                },
            ]),
            RolloutOption::NoMap,
            RolloutOption::Empty { path: "aliasName".into() },
            RolloutOption::Unresolved(Cause::new(Silence::Nothing {
                within: std::time::Duration::from_secs(10),
            })),
            RolloutOption::NothingPublished,
            RolloutOption::ServesLatest { alias: "prod".into() },
            RolloutOption::EventsOfRollouts,
            RolloutOption::OneFunction { option: "--wait" },
            RolloutOption::SeveralRollouts { aliases: vec!["a".into(), "b".into()] },
            RolloutOption::NoSuchStep { step: 7, steps: 3 },
            RolloutOption::OtherSteps {
                one: "a".into(),
                steps: "10%:5m".into(),
                other: "b".into(),
                other_steps: "100%:5m".into(),
            },
        ] {
            assert_chinese(&RolloutProblem::Option(problem));
        }
    }

    #[test]
    fn every_ending_is_chinese() {
        let alias = || "prod".to_owned();
        let (nodata, steps, by_content) = (HoldReason::NoData, 3, false);
        let (reason, signal) = (BackReason::Fail, Signal::Interrupt);
        for problem in [
            RolloutProblem::Held {
                alias: alias(),
                to: TWO,
                step: 1,
                steps,
                reason: nodata,
                by_content,
                judges: Judges::of(&GateFields::default()),
            },
            RolloutProblem::Back {
                alias: alias(),
                from: ONE,
                to: TWO,
                reason,
                is_remembered: true,
            },
            RolloutProblem::Interrupted { alias: alias(), signal, left: Left::Held },
            RolloutProblem::Gone(alias()),
            RolloutProblem::Otherwise {
                alias: alias(),
                with: vec![
                    BegunWith::Value("--to", "2".into()),
                    BegunWith::Without("--bake"),
                    BegunWith::Another("--gate-cmd"),
                ],
            },
            RolloutProblem::NotHeld { alias: alias(), to: Version::Number(2) },
            RolloutProblem::StillUnderWay {
                alias: alias(),
                step: None,
                timeout: std::time::Duration::from_secs(90),
            },
            Apart::Rollouts(vec!["a (x)".into(), "b (y)".into()]).into(),
            Apart::Others(vec!["a".into()]).into(),
            Apart::Number { here: 2, functions: 3 }.into(),
            Apart::Steps(vec!["a 10%:5m, 100%:10m".into(), "b 1%:5m, 100%:10m".into()]).into(),
            Unanswered::Monitor.into(),
            Unanswered::Prometheus {
                reason: Cause::new(Silence::Nothing { within: std::time::Duration::from_secs(10) }),
            }
            .into(),
            Unanswered::Command { reason: "exit 3".into() }.into(),
            Unanswered::CommandTimedOut { seconds: 30 }.into(),
        ] {
            assert_chinese(&problem);
        }
    }

    #[test]
    fn every_line_is_chinese() {
        let rollout = Rollout {
            id: "abc".into(),
            from: ONE,
            to: TWO,
            schedule: Schedule::read(TypedSteps::default()).unwrap(),
            step: 1,
            began: Minute::of(chrono::DateTime::UNIX_EPOCH),
            starts: vec![0],
            skipped: Vec::new(),
            since: 0,
            judged: 0,
            phase: Phase::Held(HoldReason::Schedule),
            choices: Choices::DEFAULT,
            gates: GateFields::default(),
            functions: 1,
            content: None,
            freeze: true,
            frozen: None,
        };
        let grounds = [
            Ground::Passed,
            Ground::TimeOver,
            Ground::NothingJudged,
            Ground::NoData,
            Ground::Inconclusive,
            Ground::Promoted,
        ];
        let waits = [
            Waiting::Clock,
            Waiting::Settling,
            Waiting::MoreData,
            Waiting::MoreEvidence,
            Waiting::Content,
        ];
        let answers = [CommandAnswer::Pass, CommandAnswer::Fail, CommandAnswer::NotYet];
        let mut all: Vec<LineDoes> = [
            Transition::Begins,
            Transition::Holds(HoldReason::Fail),
            Transition::Resumes,
            Transition::Retries,
            Transition::Back(BackReason::Fail),
            Transition::RollsBack,
        ]
        .into_iter()
        .chain(grounds.map(Transition::Advances))
        .chain(grounds.map(Transition::Finishes))
        .map(LineDoes::Transition)
        .collect();
        all.extend(waits.map(|why| LineDoes::Waits(why, chrono::DateTime::UNIX_EPOCH)));
        all.extend(answers.map(LineDoes::Commands));
        for does in all {
            assert_chinese(&RolloutLine { rollout: rollout.clone(), does });
        }
    }
}
