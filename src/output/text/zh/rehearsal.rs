//! Rehearsals, in Chinese.

use std::fmt::Write as _;

use super::Text;
use crate::error::WorldError;
use crate::local::load::LoadError;
use crate::report::rehearsal::{
    Exposure, RecordedEvent, Rehearsal, RehearsalOutcome, RehearsalRemark, RehearsalSentence,
    Repeats, percent, rounded,
};

impl Text for LoadError {
    fn zh(&self) -> String {
        match self {
            Self::Share { key, value } => format!("`{key}` 为 {value}，应在 0 到 1 之间"),
            Self::Amount { key, value, most } => {
                format!("`{key}` 为 {value}，应在 0 到 {most} 之间")
            }
            Self::Order { key } => format!("`{key}` 中有一项不晚于它的前一项"),
            Self::Idle => "`changes` 中有一项没有条件或没有新的值".to_owned(),
        }
    }
}

impl Text for WorldError {
    fn zh(&self) -> String {
        match self {
            Self::NoSuch { named, names } => {
                format!("没有名为 `{named}` 的场景或文件；内置场景有：`{}`", names.join("`、`"))
            }
            Self::Read { file, reason } => format!("无法读取 {file}：“{reason}”"),
            Self::Recording { file, problem } => format!("{file} {}", problem.zh()),
            Self::Traffic { file, key: Some(key), reason } => {
                format!("{file} 中的 `{key}` 无效：“{reason}”")
            }
            Self::Traffic { file, key: None, reason } => format!("{file} 无效：“{reason}”"),
            Self::Rate { file } => {
                format!("{file}：`rate_per_min` 应为数字，或由 `[after_s, rate]` 组成的列表")
            }
            Self::Load { file, place, problem } => {
                format!("{file} 中的 `{place}`：{}", problem.zh())
            }
        }
    }
}

impl Text for RecordedEvent {
    fn zh(&self) -> String {
        match self {
            Self::Step { step, steps, share } => {
                format!("第 {step} 步（共 {steps} 步）：{} 流量", percent(*share))
            }
            Self::Back { minute } => format!("回滚：第 {minute} 分钟有检查未通过"),
            Self::End { verdict: 'P' } => "结束：所有检查通过".to_owned(),
            Self::End { verdict: _ } => "结束：没有检查失败，但尚未全部通过".to_owned(),
        }
    }
}

impl Text for RehearsalRemark {
    fn zh(&self) -> String {
        match self {
            Self::StepsOfRecording { option } => {
                format!("`{option}` 不起作用：步骤以录制的为准")
            }
            Self::NotAsked { option: "--prometheus" } => {
                "演练中不查询 Prometheus，由场景代替".to_owned()
            }
            Self::NotAsked { option } => format!("演练中不运行 `{option}`，视为通过"),
            Self::NobodyTold => "`--notify` 不起作用：录制的场景只作判定，不会发布".to_owned(),
        }
    }
}

impl Text for RehearsalOutcome {
    fn zh(&self) -> String {
        match self {
            Self::Done => "完成",
            Self::RolledBack => "已回滚",
            Self::Held => "已暂停",
            Self::Ended => "已结束",
        }
        .to_owned()
    }
}

impl Text for RehearsalSentence<'_> {
    fn zh(&self) -> String {
        match self {
            Self::About(rehearsal) => about(rehearsal),
            Self::Repeated(repeats) => {
                let Repeats { repeat, done, rolled_back, held, .. } = repeats;
                let mut text = format!(
                    "演练 {repeat} 次：回滚 {rolled_back} 次，完成 {done} 次，暂停 {held} 次"
                );
                if let Some([least, median, most]) = &repeats.minutes_until_back {
                    let _ = write!(
                        text,
                        "\n回滚前经过的分钟数：中位数 {median}，最少 {least}，最多 {most}"
                    );
                }
                let (calls, bad) =
                    (rounded(&repeats.mean_canary_calls), rounded(&repeats.mean_canary_bad));
                let _ = write!(text, "\n新版本平均处理 {calls} 次请求，其中失败 {bad} 次");
                text
            }
            Self::First { seed } => format!("其中第一次，随机种子 {seed}："),
            Self::Ended(rehearsal) => {
                let (outcome, minutes) = (rehearsal.outcome.zh(), rehearsal.minutes);
                let back = rehearsal.recording.as_ref().map(|recording| recording.back_at_minute);
                match back {
                    Some(Some(minute)) => {
                        format!("{outcome}：共 {minutes} 分钟，第 {minute} 分钟未通过")
                    }
                    Some(None) => format!("{outcome}：{minutes} 分钟中没有一分钟失败"),
                    None => format!("{outcome}，历时 {minutes} 分钟"),
                }
            }
            Self::Exposed(Exposure { calls, bad, throttled }) => {
                let throttled = if *throttled > 0.0 {
                    format!("；另有 {throttled} 次被限流")
                } else {
                    String::new()
                };
                format!("新版本处理了 {calls} 次请求，其中失败 {bad} 次{throttled}")
            }
            Self::Calls => "真正的灰度发布会发出的调用：".to_owned(),
        }
    }
}

/// The title of a scenario: a built-in one is ours.
pub(super) fn built_in(title: &str) -> &str {
    match title {
        "the new version is as good as the old one" => "新版本与旧版本一样好",
        "the new version fails under half of the load" => "新版本在一半流量下出错",
        "the new version fails for a minute, now and then" => "新版本时而出错一分钟",
        "the new version takes twice the time" => "新版本耗时加倍",
        "nobody calls" => "没有调用",
        own => own,
    }
}

fn about(rehearsal: &Rehearsal) -> String {
    let Rehearsal { scenario, title, function, alias_name, from, to, seed, .. } = rehearsal;
    let title = title.as_deref().map(built_in);
    let mut text = format!("场景 `{scenario}`");
    if let Some(title) = title {
        let _ = write!(text, "（“{title}”）");
    }
    if let Some(seed) = seed {
        let _ = write!(text, "，随机种子 {seed}");
    }
    if let (Some(function), Some(alias), Some(from), Some(to)) = (function, alias_name, from, to) {
        let name = &function.function_name;
        let _ = write!(text, "\n函数 `{name}` 的别名 `{alias}`，版本 {from} 到 {to}；时间是虚拟的");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::text::zh::assert_chinese;
    use crate::plan::gates::ScenarioError;
    use crate::report::FunctionName;
    use crate::report::rehearsal::{Assumed, RecordedResult};

    fn rehearsal(outcome: RehearsalOutcome) -> Rehearsal {
        let function = FunctionName {
            function_name: "f".into(),
            namespace: "default".into(),
            region: "r".into(),
        };
        Rehearsal {
            scenario: "healthy".into(),
            title: Some("as good as the old one".into()),
            function: Some(function),
            alias_name: Some("prod".into()),
            from: Some("1".parse().unwrap()),
            to: Some("2".parse().unwrap()),
            seed: Some(1),
            outcome,
            reason: None,
            minutes: 40,
            timeline: Vec::new(),
            calls: Vec::new(),
            exposure: Exposure { calls: 3.0, bad: 1.0, throttled: 1.0 },
            repeats: None,
            recording: None,
        }
    }

    #[test]
    fn every_sentence_is_chinese() {
        let file = || "w.json".to_owned();
        for error in [
            WorldError::NoSuch { named: "x".into(), names: vec!["healthy", "slow"] },
            WorldError::Read { file: file(), reason: "is a directory".into() },
            WorldError::Recording { file: file(), problem: ScenarioError::Both },
            WorldError::Traffic { file: file(), key: Some("a".into()), reason: "no".into() },
            WorldError::Traffic { file: file(), key: None, reason: "no".into() },
            WorldError::Rate { file: file() },
        ] {
            assert_chinese(&error);
        }
        for problem in [
            LoadError::Share { key: "error_rate", value: 2.0 },
            LoadError::Amount { key: "delay_s", value: -1.0, most: 9.0 },
            LoadError::Order { key: "down" },
            LoadError::Idle,
        ] {
            assert_chinese(&problem);
            assert_chinese(&WorldError::Load { file: file(), place: "monitor", problem });
        }
        for happened in [
            RecordedEvent::Step { step: 1, steps: 2, share: 0.1 },
            RecordedEvent::Back { minute: 3 },
            RecordedEvent::End { verdict: 'P' },
            RecordedEvent::End { verdict: 'I' },
        ] {
            assert_chinese(&happened);
        }
        for option in ["--prometheus", "--gate-cmd"] {
            assert_chinese(&RehearsalRemark::NotAsked { option });
        }
        assert_chinese(&RehearsalRemark::StepsOfRecording { option: "--steps" });
        let repeats = Repeats {
            repeat: 10,
            done: 1,
            rolled_back: 8,
            held: 1,
            minutes_until_back: Some([1.into(), 2.into(), 3.into()]),
            mean_canary_calls: 3.into(),
            mean_canary_bad: 1.into(),
        };
        for outcome in [
            RehearsalOutcome::Done,
            RehearsalOutcome::RolledBack,
            RehearsalOutcome::Held,
            RehearsalOutcome::Ended,
        ] {
            assert_chinese(&outcome);
            let mut rehearsal = rehearsal(outcome);
            assert_chinese(&RehearsalSentence::About(&rehearsal));
            assert_chinese(&RehearsalSentence::Ended(&rehearsal));
            for back_at_minute in [None, Some(3)] {
                let assumed = Assumed {
                    alpha: 0.01,
                    beta: 0.05,
                    min_invocations: 50.0,
                    dispersion: 1.0,
                    frozen_limit: None,
                    kappa2: None,
                };
                rehearsal.recording =
                    Some(RecordedResult { assumed, gates: Vec::new(), back_at_minute });
                assert_chinese(&RehearsalSentence::Ended(&rehearsal));
            }
            assert_chinese(&RehearsalSentence::Exposed(&rehearsal.exposure));
        }
        assert_chinese(&RehearsalSentence::Repeated(&repeats));
        assert_chinese(&RehearsalSentence::First { seed: 1 });
        assert_chinese(&RehearsalSentence::Calls);
    }
}
