//! The state of a rollout as text, behind the user's own in the description of an alias.
//!
//! The form of the line is that of [`crate::plan::marker`]; the keys are in
//! `docs/en/rollout-marker.md`.

use std::collections::VecDeque;

use super::gate_fields;
use super::gate_fields::GATE_KEYS;
use super::schedule::{Hold, Schedule, ScheduledStep};
use super::state::{
    BackOrHold, Choices, Field, GateFields, HoldOrContinue, HoldReason, Memory, Minute, OnNoData,
    Phase, Rollout,
};
use crate::model::{DESCRIPTION_LIMIT, Version};
use crate::plan::marker::{fields, split};
use crate::text::Language;

/// What a description says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remembered {
    /// What was understood; nothing, where there is no marker.
    Memory(Box<Memory>),
    /// A marker of another version, or of a form that this program would not write.
    Foreign(String),
}

/// Reads what a description remembers.
#[must_use]
pub fn read(description: &str) -> Remembered {
    let Some(line) = split(description).1 else { return Remembered::Memory(Box::default()) };
    let memory = fields(line).and_then(|fields| {
        let owned = |(key, values): (&str, Vec<&str>)| {
            (key.to_owned(), values.into_iter().map(str::to_owned).collect())
        };
        memory(fields.into_iter().map(owned).collect())
    });
    memory.map_or_else(
        || Remembered::Foreign(line.to_owned()),
        |memory| Remembered::Memory(Box::new(memory)),
    )
}

/// The description with other things to remember behind the user's text, which is kept to the
/// letter.
#[must_use]
pub fn described(description: &str, memory: &Memory) -> String {
    with_text(&split(description).0, memory)
}

/// A text and what is to be remembered.
#[must_use]
pub fn with_text(text: &str, memory: &Memory) -> String {
    match line(memory) {
        None => text.to_owned(),
        Some(line) if text.is_empty() => line,
        Some(line) => format!("{text}\n{line}"),
    }
}

/// As [`described`], within what the API takes: the versions that were rolled back longest ago are
/// forgotten first.
///
/// # Errors
/// By how many characters it is too long.
pub fn fitting(description: &str, memory: &Memory) -> Result<String, usize> {
    let mut memory = memory.clone();
    loop {
        let text = described(description, &memory);
        let over = text.chars().count().saturating_sub(DESCRIPTION_LIMIT);
        if over == 0 {
            return Ok(text);
        }
        if memory.rolled_back.len() < 2 {
            return Err(over);
        }
        memory.rolled_back.remove(0);
    }
}

/// The description where there is no room for a rollout: only which versions were rolled back, or
/// not even that.
#[must_use]
pub fn shortest(description: &str, memory: &Memory) -> String {
    let memory = Memory { rolled_back: memory.rolled_back.clone(), ..Memory::default() };
    fitting(description, &memory).unwrap_or_else(|_| split(description).0.into_owned())
}

/// By how many characters the description may become too long before the rollout ends.
#[must_use]
pub fn most_over(description: &str, memory: &Memory) -> usize {
    let mut memory = memory.clone();
    if let Some(rollout) = &mut memory.rollout {
        let (mut offset, mut starts) = (0_u32, Vec::new());
        for step in rollout.schedule.steps() {
            starts.push(offset);
            let hold = match step.hold {
                Hold::Minutes(minutes) => minutes,
                // Two months of waiting for somebody.
                Hold::Pause => 86_400,
            };
            let whole = hold.saturating_mul(4).saturating_add(rollout.choices.settle + 11);
            offset = offset.saturating_add(whole);
        }
        rollout.step = rollout.schedule.count();
        rollout.skipped = starts.iter().skip(1).map(|start| start - 1).collect();
        rollout.starts = starts;
        rollout.since = offset;
        rollout.judged = offset;
        rollout.phase = Phase::Held(HoldReason::Inconclusive);
        if rollout.freeze && rollout.to == Version::Latest {
            rollout.frozen = Some(rollout.from);
        }
        memory.before = Some(rollout.from);
        memory.rolled_back = vec![rollout.to];
    }
    let text = described(description, &memory);
    // A number may grow by a digit.
    (text.chars().count() + 2).saturating_sub(DESCRIPTION_LIMIT)
}

/// The line of a marker; `None` where there is nothing to remember.
fn line(memory: &Memory) -> Option<String> {
    let mut fields: Vec<Field> = Vec::new();
    let mut put = |key: &str, values: Vec<String>| fields.push((key.to_owned(), values));
    if let Some(rollout) = &memory.rollout {
        put("id", vec![rollout.id.clone()]);
        put("from", vec![version(rollout.from)]);
        put("to", vec![version(rollout.to)]);
        put("steps", steps(&rollout.schedule));
        put("step", vec![rollout.step.to_string()]);
        let phase = [Some(rollout.phase.word()), rollout.phase.reason()];
        put("phase", phase.into_iter().flatten().map(str::to_owned).collect());
        put("began", vec![rollout.began.to_string()]);
        put("starts", rollout.starts.iter().map(u32::to_string).collect());
        if !rollout.skipped.is_empty() {
            put("skipped", rollout.skipped.iter().map(u32::to_string).collect());
        }
        if Some(&rollout.since) != rollout.starts.last() {
            put("since", vec![rollout.since.to_string()]);
        }
        if rollout.judged > 0 {
            put("judged", vec![rollout.judged.to_string()]);
        }
        for (key, values) in &rollout.gates.values {
            put(key, values.clone());
        }
        let digests = [
            ("command", &rollout.gates.command),
            ("prometheus", &rollout.gates.prometheus),
            ("content", &rollout.content),
        ];
        for (key, digest) in digests {
            if let Some(digest) = digest {
                put(key, vec![digest.clone()]);
            }
        }
        for (key, values) in choices_fields(&rollout.choices) {
            put(&key, values);
        }
        if rollout.functions > 1 {
            put("functions", vec![rollout.functions.to_string()]);
        }
        if !rollout.freeze {
            put("nofreeze", Vec::new());
        }
        if let Some(frozen) = rollout.frozen {
            put("frozen", vec![version(frozen)]);
        }
    }
    if let Some(before) = memory.before {
        put("before", vec![version(before)]);
    }
    if let Some(serves) = memory.serves {
        put("serves", vec![version(serves)]);
    }
    if !memory.rolled_back.is_empty() {
        put("rolledback", memory.rolled_back.iter().copied().map(version).collect());
    }
    // A program that does not know a key keeps it where it would be written anew.
    let others = memory.others.iter();
    let others: Vec<_> =
        others.filter(|(key, _)| !fields.iter().any(|(own, _)| own == key)).collect();
    fields.extend(others.into_iter().cloned());
    let words = |(key, values): Field| {
        std::iter::once(key).chain(values).collect::<Vec<String>>().join(" ")
    };
    let fields: Vec<String> = fields.into_iter().map(words).collect();
    (!fields.is_empty()).then(|| format!("scfctl v1 {}", fields.join(", ")))
}

/// A version; the characters of a description have no `$`.
fn version(version: Version) -> String {
    match version {
        Version::Latest => "LATEST".to_owned(),
        Version::Number(number) => number.to_string(),
    }
}

fn read_version(text: &str) -> Option<Version> {
    match text {
        "LATEST" => Some(Version::Latest),
        number => number.parse().ok().filter(|version| matches!(version, Version::Number(_))),
    }
}

/// Shares, each followed by its time; shares with the same time share it.
fn steps(schedule: &Schedule) -> Vec<String> {
    let steps = schedule.steps();
    let mut words = Vec::new();
    for (position, step) in steps.iter().enumerate() {
        words.push(step.share.to_string());
        if steps.get(position + 1).is_none_or(|next| next.hold != step.hold) {
            words.push(step.hold.to_string());
        }
    }
    words
}

fn read_steps(words: &[String]) -> Option<Schedule> {
    let (mut steps, mut shares) = (Vec::new(), Vec::new());
    for word in words {
        let hold = match word.strip_suffix('m') {
            _ if word == "pause" => Hold::Pause,
            Some(minutes) => Hold::Minutes(number(minutes)?),
            None => {
                shares.push(word.parse().ok()?);
                continue;
            }
        };
        if shares.is_empty() {
            return None;
        }
        steps.extend(shares.drain(..).map(|share| ScheduledStep { share, hold }));
    }
    if shares.is_empty() { Schedule::new(steps).ok() } else { None }
}

/// The choices as the marker has them: those that hold without a word are left out.
#[must_use]
pub fn choices_fields(choices: &Choices) -> Vec<Field> {
    let standard = Choices::DEFAULT;
    let mut fields = Vec::new();
    let mut word = |key: &str, word: &str| fields.push((key.to_owned(), vec![word.to_owned()]));
    if choices.settle != standard.settle {
        word("settle", &format!("{}m", choices.settle));
    }
    if choices.on_fail != standard.on_fail {
        word("onfail", back_or_hold(choices.on_fail));
    }
    if choices.on_no_data != standard.on_no_data {
        word("onnodata", on_no_data(choices.on_no_data));
    }
    if choices.on_inconclusive != standard.on_inconclusive {
        word("oninconclusive", hold_or_continue(choices.on_inconclusive));
    }
    if choices.on_deadline != standard.on_deadline {
        word("ondeadline", back_or_hold(choices.on_deadline));
    }
    if choices.on_interrupt != standard.on_interrupt {
        word("oninterrupt", back_or_hold(choices.on_interrupt));
    }
    if let Some(minutes) = choices.deadline {
        word("deadline", &format!("{minutes}m"));
    }
    if choices.advance_early {
        word("advance", "early");
    }
    if choices.require_pass {
        word("require", "pass");
    }
    if let Some(language) = choices.language {
        word("lang", language.word());
    }
    fields
}

fn back_or_hold(value: BackOrHold) -> &'static str {
    match value {
        BackOrHold::Rollback => "rollback",
        BackOrHold::Hold => "hold",
    }
}

fn hold_or_continue(value: HoldOrContinue) -> &'static str {
    match value {
        HoldOrContinue::Hold => "hold",
        HoldOrContinue::Continue => "continue",
    }
}

fn on_no_data(value: OnNoData) -> &'static str {
    match value {
        OnNoData::Hold => "hold",
        OnNoData::Continue => "continue",
        OnNoData::Rollback => "rollback",
    }
}

impl BackOrHold {
    /// Reads the word of an option.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        [Self::Rollback, Self::Hold].into_iter().find(|value| back_or_hold(*value) == text)
    }
}

impl HoldOrContinue {
    /// Reads the word of an option.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        [Self::Hold, Self::Continue].into_iter().find(|value| hold_or_continue(*value) == text)
    }
}

impl OnNoData {
    /// Reads the word of an option.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let all = [Self::Hold, Self::Continue, Self::Rollback];
        all.into_iter().find(|value| on_no_data(*value) == text)
    }
}

/// A whole number as this program writes it: no sign, no leading zero.
fn number(text: &str) -> Option<u32> {
    let number: u32 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// Fields that are taken out one by one.
struct Fields(VecDeque<Field>);

impl Fields {
    /// The values of a key; `None` where it is not there.
    fn take(&mut self, key: &str) -> Option<Vec<String>> {
        let position = self.0.iter().position(|(known, _)| known == key)?;
        self.0.remove(position).map(|(_, values)| values)
    }

    /// As [`Self::take`], of a key with one value. The outer `None` is for any other number.
    #[allow(clippy::option_option)] // Wrong, or absent.
    fn one(&mut self, key: &str) -> Option<Option<String>> {
        match self.take(key) {
            None => Some(None),
            Some(mut values) if values.len() == 1 => Some(values.pop()),
            Some(_) => None,
        }
    }

    /// As [`Self::one`], read by a function, which says `None` to what is no value.
    #[allow(clippy::option_option)]
    fn read<T>(&mut self, key: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
        match self.one(key)? {
            None => Some(None),
            Some(value) => read(&value).map(Some),
        }
    }

    /// As [`Self::read`], of a key that decides nothing: a value of another program's stays.
    fn known<T>(&mut self, key: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let (_, values) = self.0.iter().find(|(known, _)| known == key)?;
        let [value] = values.as_slice() else { return None };
        let value = read(value)?;
        self.take(key);
        Some(value)
    }
}

/// `None` for what this program would not write.
fn memory(fields: Vec<Field>) -> Option<Memory> {
    let mut fields = Fields(fields.into());
    let has_rollout = fields.0.iter().any(|(key, _)| key == "id");
    let rollout = if has_rollout { Some(rollout(&mut fields)?) } else { None };
    let before = fields.read("before", read_version)?;
    let serves = fields.read("serves", read_version)?;
    let rolled_back: Option<Vec<Version>> = fields
        .take("rolledback")
        .unwrap_or_default()
        .iter()
        .map(|text| read_version(text).filter(|version| *version != Version::Latest))
        .collect();
    Some(Memory { rollout, before, serves, rolled_back: rolled_back?, others: fields.0.into() })
}

fn rollout(fields: &mut Fields) -> Option<Rollout> {
    let id = fields.one("id")??;
    let from = fields.read("from", read_version)??;
    let to = fields.read("to", read_version)??;
    let schedule = read_steps(&fields.take("steps")?)?;
    let step = usize::try_from(fields.read("step", number)??).ok()?;
    let phase = match fields.take("phase")?.as_slice() {
        [word] => Phase::read(word, None)?,
        [word, reason] => Phase::read(word, Some(reason))?,
        _ => return None,
    };
    let began = fields.read("began", Minute::read)??;
    let numbers = |values: Vec<String>| -> Option<Vec<u32>> {
        values.iter().map(|value| number(value)).collect()
    };
    let starts = numbers(fields.take("starts")?)?;
    let skipped = match fields.take("skipped") {
        None => Vec::new(),
        Some(values) => numbers(values).filter(|skipped| !skipped.is_empty())?,
    };
    let since = match (fields.read("since", number)?, starts.last()) {
        (Some(since), Some(last)) if since > *last => since,
        (None, Some(last)) => *last,
        _ => return None,
    };
    let judged = fields.read("judged", number)?;
    let mut values = Vec::new();
    for key in GATE_KEYS {
        values.extend(fields.take(key).map(|found| (key.to_owned(), found)));
    }
    let command = fields.one("command")?;
    let prometheus = fields.one("prometheus")?;
    let content = fields.one("content")?;
    let choices = read_choices(fields)?;
    let functions = fields.read("functions", number)?;
    let freeze = match fields.take("nofreeze") {
        None => true,
        Some(values) if values.is_empty() => false,
        Some(_) => return None,
    };
    let frozen = fields.read("frozen", read_version)?;
    let gates = GateFields { values, command, prometheus };
    let is_sound = from != to
        && gate_fields::settings(&gates, functions.unwrap_or(1)).is_some()
        && step >= 1
        && step <= schedule.count()
        && starts.len() == step
        && starts.is_sorted()
        && judged != Some(0)
        && functions.is_none_or(|functions| functions > 1)
        && frozen != Some(Version::Latest);
    is_sound.then_some(Rollout {
        id,
        from,
        to,
        schedule,
        step,
        began,
        starts,
        skipped,
        since,
        judged: judged.unwrap_or(0),
        phase,
        choices,
        gates,
        functions: functions.unwrap_or(1),
        content,
        freeze,
        frozen,
    })
}

fn read_choices(fields: &mut Fields) -> Option<Choices> {
    let minutes = |text: &str| text.strip_suffix('m').and_then(number);
    let is = |wanted: &'static str| move |text: &str| (text == wanted).then_some(true);
    let standard = Choices::DEFAULT;
    Some(Choices {
        settle: fields.read("settle", minutes)?.unwrap_or(standard.settle),
        on_fail: fields.read("onfail", BackOrHold::read)?.unwrap_or(standard.on_fail),
        on_no_data: fields.read("onnodata", OnNoData::read)?.unwrap_or(standard.on_no_data),
        on_inconclusive: fields
            .read("oninconclusive", HoldOrContinue::read)?
            .unwrap_or(standard.on_inconclusive),
        on_deadline: fields.read("ondeadline", BackOrHold::read)?.unwrap_or(standard.on_deadline),
        on_interrupt: fields
            .read("oninterrupt", BackOrHold::read)?
            .unwrap_or(standard.on_interrupt),
        deadline: fields.read("deadline", minutes)?,
        advance_early: fields.read("advance", is("early"))?.unwrap_or(false),
        require_pass: fields.read("require", is("pass"))?.unwrap_or(false),
        language: fields.known("lang", Language::read),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::marker::Marker;
    use crate::plan::rollout::state::{BACK_REASONS, HOLD_REASONS};

    const LINE: &str = "scfctl v1 id 3fa9c2d1, from 4, to 5, steps 0.1 0.5 10m 1 30m, step 2, \
                        phase running, began 20261128T0038, starts 0 13, \
                        errorincrease 1.1x 0.05, before 3, rolledback 2";

    fn memory_of(description: &str) -> Memory {
        match read(description) {
            Remembered::Memory(memory) => *memory,
            Remembered::Foreign(line) => panic!("{line}"),
        }
    }

    #[test]
    fn a_person_can_read_it() {
        let memory = memory_of(LINE);
        let rollout = memory.rollout.as_ref().unwrap();
        assert_eq!((rollout.from, rollout.to), (Version::Number(4), Version::Number(5)));
        assert_eq!(rollout.schedule.to_string(), "10%:10m, 50%:10m, 100%:30m");
        assert_eq!((rollout.step, rollout.since, rollout.judged), (2, 13, 0));
        assert_eq!(rollout.phase, Phase::Running);
        assert_eq!(rollout.choices, Choices::DEFAULT);
        assert!(rollout.freeze);
        assert_eq!(
            (memory.before, &memory.rolled_back[..]),
            (Some(Version::Number(3)), &[Version::Number(2)][..])
        );
        assert_eq!(described(LINE, &memory), LINE);
        assert_eq!(
            described(&format!("我的别名。\n{LINE}"), &memory),
            format!("我的别名。\n{LINE}")
        );
    }

    #[test]
    fn what_another_program_wrote_is_left_alone() {
        for (from, to) in [
            ("v1", "v2"),
            ("from 4", "from 5"),
            ("from 4", "from"),
            ("from 4, ", ""),
            ("steps 0.1 0.5 10m 1 30m", "steps 0.5 0.1 10m 1 30m"),
            ("steps 0.1 0.5 10m 1 30m", "steps 0.1 0.5 10m 1"),
            ("steps 0.1 0.5 10m 1 30m", "steps 10m 1 30m"),
            ("step 2", "step 3"),
            ("step 2", "step 02"),
            ("starts 0 13", "starts 0 13 26"),
            ("starts 0 13", "starts 13 0"),
            ("phase running", "phase running user"),
            ("phase running", "phase held"),
            ("phase running", "phase held tomorrow"),
            ("began 20261128T0038", "began 20261128"),
            ("starts 0 13", "starts 0 13, since 12"),
            ("before 3", "before x"),
            ("before 3", "before 3, serves"),
            ("rolledback 2", "rolledback LATEST"),
            ("rolledback 2", "onfail continue"),
        ] {
            let line = LINE.replace(from, to);
            assert_ne!(line, LINE);
            assert_eq!(read(&format!("mine\n{line}")), Remembered::Foreign(line));
        }
    }

    #[test]
    fn keys_of_others_stay() {
        let line = format!("{LINE}, color blue");
        let mut memory = memory_of(&line);
        assert_eq!(memory.others, [("color".to_owned(), vec!["blue".to_owned()])]);
        memory.rollout = None;
        assert_eq!(described(&line, &memory), "scfctl v1 before 3, rolledback 2, color blue");
        // One that is written anyway is written once.
        let twice = LINE.replace("before 3", "lang en, before 3");
        let mut memory = memory_of(&twice);
        memory.others = vec![("lang".to_owned(), vec!["zh".to_owned()])];
        assert_eq!(described("", &memory), twice);
        // A language of another program's.
        for other in ["lang fr", "lang", "lang zh en"] {
            let line = format!("{LINE}, {other}");
            let memory = memory_of(&line);
            assert_eq!(memory.rollout.as_ref().unwrap().choices.language, None);
            assert_eq!(described(&line, &memory), line);
        }
        // They stand behind the others.
        let amid = LINE.replace("began ", "future 1 2x, began ");
        assert_eq!(described(&amid, &memory_of(&amid)), format!("{LINE}, future 1 2x"));
        // Without a rollout its keys mean nothing.
        assert_eq!(memory_of("scfctl v1 step 2").rollout, None);
    }

    #[test]
    fn what_is_too_long_loses_the_oldest_history() {
        let mut memory = memory_of(LINE);
        memory.rolled_back = (1..=200).map(Version::Number).collect();
        let text = fitting("mine", &memory).unwrap();
        assert!(text.chars().count() <= DESCRIPTION_LIMIT && text.starts_with("mine\n"));
        assert!(text.ends_with(" 199 200"), "{text}");
        assert!(fitting(&"长".repeat(990), &memory).is_err());
        assert_eq!(most_over("mine", &memory), 0);
        assert!(most_over(&"长".repeat(900), &memory) > 0);
    }

    fn versions() -> impl Strategy<Value = Version> {
        prop_oneof![Just(Version::Latest), (1..100_000_u64).prop_map(Version::Number)]
    }

    fn schedules() -> impl Strategy<Value = Schedule> {
        let hold = prop_oneof![Just(Hold::Pause), (1..10_000_u32).prop_map(Hold::Minutes)];
        let shares = proptest::collection::btree_set(1..999_999_i64, 0..12);
        (shares, proptest::collection::vec(hold, 13)).prop_map(|(shares, holds)| {
            let share =
                |share| crate::model::Weight::new(rust_decimal::Decimal::new(share, 6)).unwrap();
            let shares = shares.into_iter().chain([1_000_000]).map(share);
            let step = |(share, hold)| ScheduledStep { share, hold };
            Schedule::new(shares.zip(holds).map(step).collect()).unwrap()
        })
    }

    fn phases() -> impl Strategy<Value = Phase> {
        let held = proptest::sample::select(&HOLD_REASONS[..]).prop_map(Phase::Held);
        let back = proptest::sample::select(&BACK_REASONS[..]).prop_map(Phase::Back);
        prop_oneof![Just(Phase::Running), Just(Phase::Done), Just(Phase::Ended), held, back]
    }

    fn all_choices() -> impl Strategy<Value = Choices> {
        let on_no_data =
            proptest::sample::select(vec![OnNoData::Hold, OnNoData::Continue, OnNoData::Rollback]);
        let back = || proptest::sample::select(vec![BackOrHold::Rollback, BackOrHold::Hold]);
        let onward = proptest::sample::select(vec![HoldOrContinue::Hold, HoldOrContinue::Continue]);
        let deadline = proptest::option::of(1..100_000_u32);
        let languages = vec![None, Some(Language::English), Some(Language::Chinese)];
        let switches = (any::<bool>(), any::<bool>(), proptest::sample::select(languages));
        (0..60_u32, back(), on_no_data, onward, back(), back(), deadline, switches).prop_map(
            |(
                settle,
                on_fail,
                on_no_data,
                on_inconclusive,
                on_deadline,
                on_interrupt,
                deadline,
                (advance_early, require_pass, language),
            )| {
                Choices {
                    settle,
                    on_fail,
                    on_no_data,
                    on_inconclusive,
                    on_deadline,
                    on_interrupt,
                    deadline,
                    advance_early,
                    require_pass,
                    language,
                }
            },
        )
    }

    prop_compose! {
        fn rollouts()(
            schedule in schedules(),
            from in versions(),
            to in versions(),
            (position, start, wait) in (0..100_usize, 0..1000_u32, 0..50_u32),
            judged in 0..1000_u32,
            phase in phases(),
            choices in all_choices(),
            content in proptest::option::of("[0-9a-f]{16}"),
            command in proptest::option::of("[0-9a-f]{12}"),
            (freeze, functions, began) in (any::<bool>(), 1..50_u32, 0..2_000_000_000_i64),
            frozen in proptest::option::of((1..1000_u64).prop_map(Version::Number)),
        ) -> Rollout {
            let step = position % schedule.count() + 1;
            let starts: Vec<u32> = (0..step).map(|step| start * u32::try_from(step).unwrap()).collect();
            let to = if to == from { Version::Number(100_001) } else { to };
            Rollout {
                id: "3fa9c2d1".into(),
                from,
                to,
                step,
                since: starts.last().unwrap() + wait,
                skipped: starts.iter().map(|start| start / 2).take(judged as usize % 4).collect(),
                starts,
                schedule,
                began: Minute::of(chrono::DateTime::from_timestamp(began, 0).unwrap()),
                judged,
                phase,
                choices,
                gates: GateFields {
                    values: vec![("errorincrease".into(), vec!["1.1x".into(), "0.05".into()])],
                    command,
                    prometheus: None,
                },
                functions,
                content,
                freeze,
                frozen,
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_again(
            rollout in proptest::option::of(rollouts()),
            (before, serves) in proptest::option::of((versions(), proptest::option::of(versions()))).prop_map(Option::unzip),
            numbers in proptest::collection::vec(1..1000_u64, 0..5),
            text in "(\\PC|\n){0,80}",
        ) {
            let rolled_back: Vec<Version> = numbers.into_iter().map(Version::Number).collect();
            let serves = serves.flatten();
            let memory =
                Memory { rollout, before, serves, rolled_back: rolled_back.clone(), others: Vec::new() };
            // A text of the user's that is a marker by its looks is one.
            prop_assume!(split(&text).1.is_none());
            let description = with_text(&text, &memory);
            prop_assert_eq!(memory_of(&description), memory.clone());
            // Once more on top of it, and away again.
            prop_assert_eq!(&described(&description, &memory), &description);
            prop_assert_eq!(described(&description, &Memory::default()), text.clone());
            let marker = description.strip_prefix(&text).unwrap();
            let allowed = |character: char| {
                character.is_ascii_alphanumeric() || matches!(character, ' ' | ',' | '.' | '\n')
            };
            prop_assert!(marker.chars().all(allowed), "{}", marker);
            // What other parts read of it.
            let read = Marker::read(&description);
            for version in rolled_back {
                prop_assert!(read.is_rolled_back(version));
            }
        }

        #[test]
        fn no_description_is_too_much_to_read(text in "(scfctl v1 )?(\\PC|\n| |,|[a-z]|id|from|steps){0,60}") {
            if let Remembered::Memory(memory) = read(&text) {
                // Nothing is lost, whatever it was; and where the line stands last, nothing moves.
                let again = described(&text, &memory);
                prop_assert_eq!(memory_of(&again), *memory);
                prop_assert_eq!(&split(&again).0, &split(&text).0);
                let is_in_place = split(&text).1.is_none_or(|line| text.ends_with(line));
                prop_assert!(!is_in_place || again.len() == text.len(), "{:?} {:?}", text, again);
            }
        }
    }
}
