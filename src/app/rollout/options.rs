//! Options of a rollout, typed or in the map `rollout` of serverless.yml, read and checked.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Map, Value};

use super::notify;
use super::outside::{GateCommand, Outside, Prometheus};
use super::tick::Digests;
use crate::config::function::nearest;
use crate::config::position::Position;
use crate::config::settings::Settings;
use crate::config::variables::VariableErrors;
use crate::duration;
use crate::error::RolloutOption;
use crate::model::{DEFAULT_ALIAS, Version};
use crate::order::{Order as _, Ordered as _};
use crate::plan::gates::{self, GateRule, RuleError, RuleKind};
use crate::plan::rollout::gate_fields;
use crate::plan::rollout::machine::NewRollout;
use crate::plan::rollout::schedule::{self, Schedule, ScheduleError, TypedSteps};
use crate::plan::rollout::state::{BackOrHold, Choices, GateFields, HoldOrContinue, OnNoData};
use crate::report::Sink;
use crate::text::Cause;

/// The option that names chats. It may be given more than once, and be a list or a map in the file.
pub(crate) const NOTIFY: &str = "--notify";

/// Options that are also keys of the map, which has them in camelCase: `--on-no-data` is
/// `onNoData`. True: a switch.
pub(crate) const OPTIONS: &[(&str, bool)] = &[
    ("--advance", false),
    ("--alias", false),
    ("--bake", false),
    ("--confidence", false),
    ("--deadline", false),
    ("--dispersion", false),
    ("--gate-cmd", false),
    ("--gate-timeout", false),
    ("--interval", false),
    ("--max-duration-increase", false),
    ("--max-error-rate", false),
    ("--max-error-rate-increase", false),
    ("--max-throttles", false),
    ("--min-invocations", false),
    ("--no-freeze", true),
    ("--no-gates", true),
    (NOTIFY, false),
    ("--on-deadline", false),
    ("--on-fail", false),
    ("--on-inconclusive", false),
    ("--on-interrupt", false),
    ("--on-no-data", false),
    ("--preset", false),
    ("--prometheus", false),
    ("--publish", true),
    ("--query-calls-baseline", false),
    ("--query-calls-canary", false),
    ("--query-error-baseline", false),
    ("--query-error-canary", false),
    ("--require-pass", true),
    ("--settle", false),
    ("--steps", false),
    ("--to", false),
];

/// Options that are rules of the gates.
pub(super) const RULES: [(&str, RuleKind); 4] = [
    ("--max-error-rate-increase", RuleKind::MaxErrorRateIncrease),
    ("--max-error-rate", RuleKind::MaxErrorRate),
    ("--max-duration-increase", RuleKind::MaxDurationIncrease),
    ("--max-throttles", RuleKind::MaxThrottles),
];

/// Options of what judges beside the monitor, which every tick needs.
const OUTSIDE: [&str; 7] = [
    "--gate-cmd",
    "--gate-timeout",
    "--prometheus",
    "--query-calls-baseline",
    "--query-calls-canary",
    "--query-error-baseline",
    "--query-error-canary",
];

/// The key of an option in the map.
#[must_use]
pub(crate) fn key_of(option: &str) -> String {
    let mut words = option.trim_start_matches('-').split('-');
    let mut key = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        key.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        key.push_str(letters.as_str());
    }
    key
}

/// The options that were typed, by name.
pub(crate) type Typed = BTreeMap<&'static str, String>;

/// Options as typed, and those of the map where nothing was typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct GivenOptions {
    values: Typed,
    /// Those that were typed.
    typed: BTreeSet<&'static str>,
    /// Where those of the map stand.
    places: BTreeMap<&'static str, Position>,
    /// What of the map cannot be used, and the option that it is, or is likely to be. Only what a
    /// command needs keeps it from its work: nothing else keeps anybody from going back.
    problems: Vec<(Option<&'static str>, RolloutOption)>,
    /// `notify` of the map is of no form that it may have.
    is_notify_malformed: bool,
}

/// Which version is rolled out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VersionChoice {
    /// This one.
    Is(Version),
    /// The last one that was published.
    LatestPublished,
    /// `$LATEST` is published first.
    Publish,
}

/// All that a rollout is begun with.
#[derive(Debug, Clone)]
pub(crate) struct RolloutPlan {
    /// The new version.
    pub to: VersionChoice,
    /// Its steps.
    pub schedule: Schedule,
    /// How it behaves.
    pub choices: Choices,
    /// What it is judged by.
    pub settings: Option<gates::GateSettings>,
    /// Whether `$LATEST` is published at the end.
    pub freeze: bool,
    /// What judges beside the monitor.
    pub outside: Outside,
}

impl GivenOptions {
    /// Merges the options with the map; what was typed wins. What of the map cannot be used is
    /// for those to refuse that need it.
    pub(crate) fn merge(typed: &Typed, settings: &Settings) -> Self {
        let mut given = Self {
            values: typed.clone(),
            typed: typed.keys().copied().into_set(),
            ..Self::default()
        };
        match settings.project.inputs.get("rollout") {
            None | Some(Value::Null) => {}
            Some(Value::Object(map)) => given.merge_map(map, typed, settings),
            Some(_) => {
                let problem = of_file(RolloutOption::NoMap, &[], settings.source("rollout"));
                // It may have named another alias.
                given.problems.push((Some("--alias"), problem));
            }
        }
        given.note_unresolved(settings);
        let of_inputs = settings.project.inputs.get("aliasName").and_then(Value::as_str);
        if !given.has("--alias") && of_inputs.is_some_and(|name| name.trim().is_empty()) {
            given.note_empty("--alias", "aliasName", settings);
        }
        given
    }

    /// A variable of the shell or a reference is likely to have been meant, and a default would
    /// stand in for what nobody knows: another alias, or a gate that lets everything pass.
    fn note_empty(&mut self, option: &'static str, path: &str, settings: &Settings) {
        let problem = RolloutOption::Empty { path: path.to_owned() };
        self.problems.push((Some(option), of_file(problem, &[], settings.source(path))));
    }

    /// Notes the keys that refer to what is not there.
    fn note_unresolved(&mut self, settings: &Settings) {
        for error in &settings.project.unresolved {
            let path = error.path.trim_start_matches("inputs.");
            let key = path.strip_prefix("rollout.").unwrap_or_default();
            let key = key.split(['.', '[']).next().unwrap_or_default();
            let option = OPTIONS.iter().find(|(option, _)| key_of(option) == key);
            // Another alias may be named by the whole map, as by `aliasName`.
            let alias = Some("--alias").filter(|_| key.is_empty());
            let option = option.map(|(option, _)| *option).or(alias);
            let is_named = path == "aliasName" && self.has("--alias");
            if is_named || option.is_some_and(|option| self.typed.contains(option)) {
                continue;
            }
            let cause = Cause::new(VariableErrors(vec![error.clone()]));
            let problem = of_file(RolloutOption::Unresolved(cause), &[], settings.source(path));
            self.problems.push((option, problem));
        }
    }

    fn merge_map(&mut self, map: &Map<String, Value>, typed: &Typed, settings: &Settings) {
        // Another schedule takes the place of the file's as a whole.
        let is_other = |option: &str| {
            let schedule = ["--steps", "--preset", "--interval"].contains(&option);
            schedule && (typed.contains_key("--steps") || typed.contains_key("--preset"))
        };
        let is_other_version = |option: &str| {
            option == "--publish" && typed.contains_key("--to")
                || option == "--to" && typed.contains_key("--publish")
        };
        for (key, value) in map {
            let place = settings.source(&format!("rollout.{key}"));
            let known = OPTIONS.iter().find(|(option, _)| key_of(option) == *key);
            let Some((option, is_switch)) = known else {
                let keys: Vec<String> = OPTIONS.iter().map(|(option, _)| key_of(option)).collect();
                let meant = nearest(key, keys.iter().map(String::as_str)).map(str::to_owned);
                let option = OPTIONS.iter().map(|(option, _)| *option);
                let option = option.zip(&keys).find(|(_, key)| Some(*key) == meant.as_ref());
                let problem = RolloutOption::Key { key: key.clone(), meant };
                self.problems
                    .push((option.map(|(option, _)| option), of_file(problem, &[], place)));
                continue;
            };
            let is_wanted =
                !is_other(option) && !is_other_version(option) && !typed.contains_key(option);
            if value.as_str().is_some_and(|text| text.trim().is_empty()) {
                if is_wanted {
                    self.note_empty(option, &format!("rollout.{key}"), settings);
                }
                continue;
            }
            let text = match value {
                value if *option == NOTIFY => match chats(value) {
                    Some(chats) if chats.is_empty() => continue,
                    Some(chats) => chats,
                    None => {
                        self.is_notify_malformed = !typed.contains_key(NOTIFY);
                        if self.is_notify_malformed {
                            self.places.insert(option, place);
                        }
                        continue;
                    }
                },
                Value::String(text) if !is_switch => text.clone(),
                Value::Number(number) if !is_switch => number.to_string(),
                Value::Bool(true) if *is_switch => "true".to_owned(),
                Value::Bool(false) if *is_switch => continue,
                Value::Null => continue,
                value => {
                    let problem = unusable(option, key, *is_switch, value);
                    self.problems.push((Some(option), of_file(problem, &[], place)));
                    continue;
                }
            };
            if is_wanted {
                self.values.insert(option, text);
                self.places.insert(option, place);
            }
        }
    }

    /// A problem of the first of these options that cannot be used as the map has it, unless what
    /// was typed takes its place.
    fn problem_of(&self, options: &[&str]) -> Result<(), RolloutOption> {
        let concerns =
            |option: &&'static str| options.contains(option) && !self.typed.contains(option);
        let found = self.problems.iter().find(|(option, _)| option.as_ref().is_some_and(concerns));
        found.map_or(Ok(()), |(_, problem)| Err(problem.clone()))
    }

    /// Checks that the alias is known: nothing is done to another one.
    ///
    /// # Errors
    /// The map is likely to name one, and cannot be used.
    pub(crate) fn check_alias(&self) -> Result<(), RolloutOption> {
        self.problem_of(&["--alias"])
    }

    /// Says what of the map cannot be used, for commands that do not need it.
    pub(crate) fn warn(&self, sink: &dyn Sink) {
        self.problems.iter().for_each(|(_, problem)| sink.warning(problem));
    }

    /// As [`Self::outside`], for a tick. What of the map cannot be used may be what the rollout is
    /// not judged by: that is for [`super::tick_with`] to find out.
    ///
    /// # Errors
    /// What was typed cannot be used.
    pub(super) fn outside_of_tick(
        &self,
        sink: &dyn Sink,
    ) -> Result<(Outside, Option<RolloutOption>), RolloutOption> {
        match self.outside() {
            Ok(outside) => {
                self.warn(sink);
                Ok((outside, None))
            }
            Err(problem) if OUTSIDE.iter().any(|option| self.typed.contains(option)) => {
                Err(problem)
            }
            Err(problem) => Ok((Outside::default(), Some(problem))),
        }
    }

    /// As [`Self::outside`], for commands that change nothing: what cannot be used is said.
    pub(crate) fn outside_or_none(&self, say: &dyn Fn(&RolloutOption)) -> Outside {
        self.problems.iter().for_each(|(_, problem)| say(problem));
        self.outside().unwrap_or_else(|problem| {
            if !self.problems.iter().any(|(_, said)| *said == problem) {
                say(&problem);
            }
            Outside::default()
        })
    }

    /// A problem as one of the file, where it is: by the keys in place of options that nobody
    /// typed, and with its place.
    fn placed(&self, problem: RolloutOption) -> RolloutOption {
        if let RolloutOption::Several(problems) = problem {
            let placed = problems.into_iter().map(|problem| self.placed(problem));
            return RolloutOption::Several(placed.collect());
        }
        let text = problem.to_string();
        let names = |option: &str| {
            text.match_indices(option).any(|(place, _)| {
                let after = text[place + option.len()..].chars().next();
                !after.is_some_and(|next| next == '-' || next.is_ascii_alphanumeric())
            })
        };
        let place = self.places.iter().find(|(option, _)| names(option));
        let Some((_, place)) = place else { return problem };
        let all = OPTIONS.iter().map(|(option, _)| *option);
        let mut options: Vec<&str> =
            all.filter(|option| names(option) && !self.typed.contains(option)).collect();
        // One may begin like another.
        options.order_by_key(|option| std::cmp::Reverse(option.len()));
        of_file(problem, &options, place.clone())
    }

    /// The chats that are told, and why one that is asked for is none.
    pub(super) fn notify(&self) -> (Vec<notify::NamedChat<'_>>, Option<RolloutOption>) {
        let malformed = self.is_notify_malformed.then_some(RolloutOption::Chats);
        let (chats, problem) = self.get(NOTIFY).map_or((Vec::new(), malformed), notify::read);
        (chats, problem.map(|problem| of_chats(problem, self.place_of_chats())))
    }

    /// Where the map names chats, unless they were typed.
    pub(super) fn place_of_chats(&self) -> Option<&Position> {
        self.places.get(NOTIFY)
    }

    fn get(&self, option: &'static str) -> Option<&str> {
        self.values.get(option).map(String::as_str)
    }

    fn has(&self, option: &'static str) -> bool {
        self.values.contains_key(option)
    }

    /// The alias: named, else that of the file's `inputs`, else `$DEFAULT`.
    pub(crate) fn alias(&self, settings: &Settings) -> String {
        let of_inputs = settings.project.inputs.get("aliasName").and_then(Value::as_str);
        let named = self.get("--alias").or(of_inputs).filter(|name| !name.is_empty());
        named.unwrap_or(DEFAULT_ALIAS).to_owned()
    }

    /// Reads all that a rollout is begun with.
    ///
    /// # Errors
    /// The first option that cannot be used.
    pub(crate) fn plan(&self, settings: &Settings) -> Result<RolloutPlan, RolloutOption> {
        self.plan_for(&self.alias(settings))
    }

    pub(super) fn plan_for(&self, alias: &str) -> Result<RolloutPlan, RolloutOption> {
        self.read(alias).map_err(|wrong| self.placed(one_or_several(wrong)))
    }

    /// What is asked for, or all that is wrong with it.
    fn read(&self, alias: &str) -> Result<RolloutPlan, Vec<RolloutOption>> {
        let mut wrong: Vec<RolloutOption> =
            self.problems.iter().map(|(_, problem)| problem.clone()).collect();
        let to = kept(self.new_version(alias), &mut wrong);
        let schedule = Schedule::read(TypedSteps {
            steps: self.get("--steps"),
            interval: self.get("--interval"),
            bake: self.get("--bake"),
            preset: self.get("--preset"),
        });
        let schedule = kept(schedule.map_err(RolloutOption::from), &mut wrong);
        let outside = kept(self.read_outside(), &mut wrong);
        let choices = kept(self.choices(), &mut wrong);
        let gates = self.gates(outside.as_ref().unwrap_or(&Outside::default()));
        let settings = match gates {
            // What is missing there is perhaps what was wrong here.
            Err(RolloutOption::NeedsGate { .. }) if outside.is_none() => None,
            gates => kept(gates, &mut wrong),
        };
        let freeze = !self.has("--no-freeze");
        // What is published has nothing to be published of. The file may be for another version.
        let is_theirs = ["--to", "--publish", "--alias"].iter().any(|one| self.typed.contains(one));
        let is_meant = self.typed.contains("--no-freeze") || !is_theirs;
        if !freeze && is_meant && to.is_some_and(|to| to != VersionChoice::Is(Version::Latest)) {
            let (option, needs) = ("--no-freeze", "--to '$LATEST'");
            wrong.push(RolloutOption::Needs { option, needs });
        }
        match (to, schedule, choices, settings, outside) {
            (Some(to), Some(schedule), Some(choices), Some(settings), Some(outside))
                if wrong.is_empty() =>
            {
                Ok(RolloutPlan { to, schedule, choices, settings, freeze, outside })
            }
            _ => Err(wrong),
        }
    }

    fn new_version(&self, alias: &str) -> Result<VersionChoice, RolloutOption> {
        match (self.get("--to"), self.has("--publish")) {
            (Some(_), true) => Err(RolloutOption::Together { one: "--to", other: "--publish" }),
            (None, true) => Ok(VersionChoice::Publish),
            (Some("latest-published"), false) => Ok(VersionChoice::LatestPublished),
            (Some(text), false) => text
                .parse()
                .map(VersionChoice::Is)
                .map_err(|_| RolloutOption::Version { option: "--to", text: text.to_owned() }),
            // The document's way: of `$DEFAULT` the share of `$LATEST` rises.
            (None, false) if alias == DEFAULT_ALIAS => Ok(VersionChoice::Is(Version::Latest)),
            (None, false) => Ok(VersionChoice::LatestPublished),
        }
    }

    fn choices(&self) -> Result<Choices, RolloutOption> {
        let standard = Choices::DEFAULT;
        let mut wrong = Vec::new();
        let settle = kept(self.time("--settle"), &mut wrong).flatten();
        let deadline = kept(self.time("--deadline"), &mut wrong).flatten();
        let mut back_or_hold = |option, allowed, standard| {
            let read = self.choice(option, allowed, BackOrHold::read);
            kept(read, &mut wrong).flatten().unwrap_or(standard)
        };
        let on_fail = back_or_hold("--on-fail", "rollback, hold", standard.on_fail);
        let on_deadline = back_or_hold("--on-deadline", "hold, rollback", standard.on_deadline);
        let on_interrupt = back_or_hold("--on-interrupt", "hold, rollback", standard.on_interrupt);
        let on_no_data = self.choice("--on-no-data", "hold, continue, rollback", OnNoData::read);
        let on_no_data = kept(on_no_data, &mut wrong).flatten();
        let going_on = self.choice("--on-inconclusive", "hold, continue", HoldOrContinue::read);
        let going_on = kept(going_on, &mut wrong).flatten();
        let early = self.choice("--advance", "early", |text| (text == "early").then_some(true));
        let early = kept(early, &mut wrong).flatten();
        if !wrong.is_empty() {
            return Err(one_or_several(wrong));
        }
        let choices = Choices {
            settle: settle.unwrap_or(standard.settle),
            on_fail,
            on_no_data: on_no_data.unwrap_or(standard.on_no_data),
            on_inconclusive: going_on.unwrap_or(standard.on_inconclusive),
            on_deadline,
            on_interrupt,
            deadline,
            advance_early: early.unwrap_or(false),
            require_pass: self.has("--require-pass"),
            language: None,
        };
        if choices.deadline == Some(0) {
            let problem = ScheduleError::NoTime;
            return Err(RolloutOption::Time { option: "--deadline", problem });
        }
        if self.has("--on-deadline") && choices.deadline.is_none() {
            let (option, needs) = ("--on-deadline", "--deadline");
            return Err(RolloutOption::Needs { option, needs });
        }
        if choices.require_pass && choices.on_inconclusive == HoldOrContinue::Continue {
            let (one, other) = ("--require-pass", "--on-inconclusive continue");
            return Err(RolloutOption::Together { one, other });
        }
        Ok(choices)
    }

    fn time(&self, option: &'static str) -> Result<Option<u32>, RolloutOption> {
        let time = self.get(option).map(schedule::time).transpose();
        time.map_err(|problem| RolloutOption::Time { option, problem })
    }

    fn choice<T>(
        &self,
        option: &'static str,
        allowed: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, RolloutOption> {
        let Some(text) = self.get(option) else { return Ok(None) };
        let wrong = || RolloutOption::Choice { option, text: text.to_owned(), allowed };
        read(text).map(Some).ok_or_else(wrong)
    }

    /// The gates; `None` where nothing is judged.
    fn gates(&self, outside: &Outside) -> Result<Option<gates::GateSettings>, RolloutOption> {
        const OF_GATES: [&str; 9] = [
            "--min-invocations",
            "--confidence",
            "--dispersion",
            "--settle",
            "--on-fail",
            "--on-no-data",
            "--on-inconclusive",
            "--advance",
            "--require-pass",
        ];
        let wrong = |option| move |problem: RuleError| RolloutOption::Gate { option, problem };
        let (mut rules, mut refused) = (Vec::new(), Vec::new());
        for (option, kind) in RULES {
            if let Some(text) = self.get(option) {
                rules
                    .extend(kept(GateRule::parse(kind, text).map_err(wrong(option)), &mut refused));
            }
        }
        if !refused.is_empty() {
            return Err(one_or_several(refused));
        }
        if self.has("--no-gates") {
            let others = RULES.iter().map(|(option, _)| *option).chain(OF_GATES);
            let mut others = others.chain(["--gate-cmd", "--prometheus"]);
            return match others.find(|option| self.has(option)) {
                Some(other) => Err(RolloutOption::Together { one: "--no-gates", other }),
                None => Ok(None),
            };
        }
        if rules.is_empty() && (outside.command.is_none() || outside.prometheus.is_some()) {
            rules.push(GateRule::default());
        }
        let mut settings = gates::GateSettings { rules, ..gates::GateSettings::default() };
        if let Some(text) = self.get("--min-invocations") {
            let option = "--min-invocations";
            settings.min_invocations = text
                .parse()
                .map_err(|_| RolloutOption::Number { option, text: text.to_owned() })?;
        }
        if let Some(text) = self.get("--confidence") {
            settings.confidence = text.parse().map_err(wrong("--confidence"))?;
        }
        if let Some(text) = self.get("--dispersion") {
            settings.dispersion = Some(text.parse().map_err(wrong("--dispersion"))?);
        }
        // Queries give calls and errors alone.
        let unseen = ["--max-duration-increase", "--max-throttles"];
        if let Some(one) = unseen.into_iter().find(|option| self.has(option))
            && outside.prometheus.is_some()
        {
            return Err(RolloutOption::Together { one, other: "--prometheus" });
        }
        if settings.rules.is_empty() {
            // A command has no share in any of these.
            let unused = ["--min-invocations", "--confidence", "--dispersion"];
            if let Some(option) = unused.into_iter().find(|option| self.has(option)) {
                return Err(RolloutOption::NeedsGate { option });
            }
        }
        Ok(Some(settings))
    }

    /// What judges beside the monitor.
    ///
    /// # Errors
    /// An address that is none, or queries without one.
    pub(crate) fn outside(&self) -> Result<Outside, RolloutOption> {
        self.problem_of(&OUTSIDE)?;
        self.read_outside().map_err(|problem| self.placed(problem))
    }

    fn read_outside(&self) -> Result<Outside, RolloutOption> {
        const QUERIES: [&str; 4] = [
            "--query-calls-canary",
            "--query-error-canary",
            "--query-calls-baseline",
            "--query-error-baseline",
        ];
        let text = |option| self.get(option).map(str::to_owned);
        let timeout = match self.get("--gate-timeout") {
            None => GateCommand::TIMEOUT,
            Some(given) => seconds(given).ok_or_else(|| {
                let problem = ScheduleError::Limit(given.to_owned());
                RolloutOption::Time { option: "--gate-timeout", problem }
            })?,
        };
        let command = text("--gate-cmd").map(|line| GateCommand { line, timeout });
        if command.is_none() && self.has("--gate-timeout") {
            let (option, needs) = ("--gate-timeout", "--gate-cmd");
            return Err(RolloutOption::Needs { option, needs });
        }
        let prometheus = match self.get("--prometheus") {
            None => match QUERIES.into_iter().find(|option| self.has(option)) {
                Some(option) => {
                    return Err(RolloutOption::Needs { option, needs: "--prometheus" });
                }
                None => None,
            },
            Some(address) => {
                if !address.starts_with("http://") && !address.starts_with("https://") {
                    let text = address.to_owned();
                    return Err(RolloutOption::Address { option: "--prometheus", text });
                }
                let query = |option| {
                    let needs = RolloutOption::Needs { option: "--prometheus", needs: option };
                    text(option).ok_or(needs)
                };
                let [calls_canary, error_canary, calls_baseline, error_baseline] = QUERIES;
                Some(Prometheus {
                    address: address.to_owned(),
                    canary: [query(calls_canary)?, query(error_canary)?],
                    baseline: [query(calls_baseline)?, query(error_baseline)?],
                })
            }
        };
        Ok(Outside { command, prometheus })
    }
}

/// Checks the map of a file that no rollout is begun by, for what is wrong whatever else is typed
/// when one is.
///
/// # Errors
/// A map that was typed, which has no effect then; keys that there are not, and wrong values.
pub(crate) fn check(settings: &Settings) -> Result<(), RolloutOption> {
    if settings.typed_inputs().contains_key("rollout") {
        return Err(RolloutOption::Needs { option: "rollout=", needs: "--rollout" });
    }
    let given = GivenOptions::merge(&Typed::new(), settings);
    let mut wrong = given.read(DEFAULT_ALIAS).map_or_else(|wrong| wrong, |_| Vec::new());
    wrong.extend(given.notify().1);
    let depends = |problem: &RolloutOption| {
        matches!(
            problem,
            // A variable that is not set here may be where a rollout begins.
            RolloutOption::OfFile { problem, .. } if matches!(**problem, RolloutOption::Empty { .. })
        ) || matches!(
            problem,
            RolloutOption::Needs { .. }
                | RolloutOption::NeedsGate { .. }
                | RolloutOption::Together { .. }
                | RolloutOption::Schedule(
                    ScheduleError::PresetAndSteps
                        | ScheduleError::IntervalUnused
                        | ScheduleError::BakeTwice(_)
                )
        )
    };
    wrong.retain(|problem| !depends(problem));
    if wrong.is_empty() { Ok(()) } else { Err(given.placed(one_or_several(wrong))) }
}

/// A problem of the file: with the keys in place of options, and where it stands.
fn of_file(problem: RolloutOption, options: &[&str], place: Position) -> RolloutOption {
    let keys = options.iter().map(|option| ((*option).to_owned(), key_of(option))).collect();
    RolloutOption::OfFile { problem: Box::new(problem), keys, place }
}

/// A problem of chats, where it stands.
pub(super) fn of_chats(problem: RolloutOption, place: Option<&Position>) -> RolloutOption {
    match place {
        Some(place) => of_file(problem, &[NOTIFY], place.clone()),
        None => problem,
    }
}

/// Why a value of the map is none, and how the list of the steps is written.
fn unusable(option: &str, key: &str, is_switch: bool, value: &Value) -> RolloutOption {
    let key = key.to_owned();
    if is_switch {
        return RolloutOption::Switch { key };
    }
    let steps = value.as_array().filter(|_| option == "--steps");
    let steps = steps.and_then(|all| all.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    RolloutOption::Value { key, instead: steps.map(|steps| steps.join(",")) }
}

/// What was read; what is wrong is kept beside others.
fn kept<T>(read: Result<T, RolloutOption>, wrong: &mut Vec<RolloutOption>) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(RolloutOption::Several(several)) => {
            wrong.extend(several);
            None
        }
        Err(one) => {
            wrong.push(one);
            None
        }
    }
}

fn one_or_several(mut wrong: Vec<RolloutOption>) -> RolloutOption {
    match wrong.len() {
        1 => wrong.remove(0),
        _ => RolloutOption::Several(wrong),
    }
}

/// The chats of the map, separated by commas: one or more in a text, a list of them, or a map from
/// kinds to variables. `None` for anything else.
fn chats(value: &Value) -> Option<String> {
    let all: Vec<String> = match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => {
            items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>()?
        }
        Value::Object(map) => {
            let one = |(kind, variable): (&String, &Value)| match variable {
                Value::String(variable) => Some(vec![format!("{kind}={variable}")]),
                Value::Array(all) => {
                    let each = all.iter().map(|one| Some(format!("{kind}={}", one.as_str()?)));
                    each.collect()
                }
                _ => None,
            };
            map.iter().map(one).collect::<Option<Vec<_>>>()?.concat()
        }
        Value::Bool(_) | Value::Number(_) => return None,
    };
    Some(all.join(","))
}

/// A time in seconds: `30s`, `2m`.
fn seconds(text: &str) -> Option<Duration> {
    let seconds = duration::seconds_or_number(text).and_then(duration::whole)?;
    (1..=3600).contains(&seconds).then(|| Duration::from_secs(seconds))
}

impl RolloutPlan {
    /// What a rollout with this id to this version is asked for. With its digest where that is
    /// `$LATEST`.
    pub(crate) fn wish(&self, id: String, to: Version, content: Option<String>) -> NewRollout {
        NewRollout {
            id,
            to,
            schedule: self.schedule.clone(),
            choices: self.choices,
            gates: self.fields(),
            functions: 1,
            content,
            freeze: self.freeze,
        }
    }

    /// The gates as the marker has them.
    pub(crate) fn fields(&self) -> GateFields {
        let Digests { command, prometheus } = self.outside.digests();
        let values = self.settings.as_ref().map(gate_fields::fields).unwrap_or_default();
        GateFields { values, command, prometheus }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn given(pairs: &[(&'static str, &str)]) -> GivenOptions {
        let values = pairs.iter().map(|(option, value)| (*option, (*value).to_owned())).collect();
        GivenOptions { values, ..GivenOptions::default() }
    }

    #[test]
    fn options_are_keys_in_camel_case() {
        for (option, key) in
            [("--to", "to"), ("--on-no-data", "onNoData"), ("--max-error-rate", "maxErrorRate")]
        {
            assert_eq!(key_of(option), key);
        }
        assert!(OPTIONS.is_sorted());
    }

    #[test]
    fn without_a_gate_the_default_one_judges() {
        let gates = |pairs: &[(&'static str, &str)]| {
            let given = given(pairs);
            let outside = given.outside()?;
            Ok::<_, RolloutOption>(given.gates(&outside)?.map(|settings| {
                settings.rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }))
        };
        let default = Some("max-error-rate-increase 1.1x+0.05%".to_owned());
        for (pairs, expected) in [
            (&[][..], Ok(default)),
            (&[("--max-throttles", "5")], Ok(Some("max-throttles 5".to_owned()))),
            (&[("--gate-cmd", "./check")], Ok(Some(String::new()))),
            (&[("--no-gates", "true")], Ok(None)),
            (
                &[("--no-gates", "true"), ("--settle", "5m")],
                Err("--no-gates and --settle do not go together"),
            ),
            (
                &[("--gate-cmd", "./check"), ("--confidence", "95%")],
                Err("--confidence has no effect without a gate such as --max-error-rate"),
            ),
            (
                &[("--max-error-rate", "2")],
                Err("--max-error-rate: `2` is not a percentage like 2%"),
            ),
            (&[("--gate-timeout", "5s")], Err("--gate-timeout has no effect without --gate-cmd")),
            (
                &[("--query-calls-canary", "x")],
                Err("--query-calls-canary has no effect without --prometheus"),
            ),
            (
                &[("--prometheus", "http://p:9090")],
                Err("--prometheus has no effect without --query-calls-canary"),
            ),
        ] {
            let found = gates(pairs).map_err(|error| error.to_string());
            assert_eq!(found, expected.map_err(str::to_owned), "{pairs:?}");
        }
    }

    #[test]
    fn choices_that_make_no_sense_are_refused() {
        for (pairs, error) in [
            (&[("--on-fail", "continue")][..], "--on-fail: `continue` is none of rollback, hold"),
            (&[("--deadline", "90s")], "--deadline: `90s` is not a whole number of minutes"),
            (&[("--deadline", "0")], "--deadline: a step of 0 minutes shows nothing"),
            (&[("--on-deadline", "hold")], "--on-deadline has no effect without --deadline"),
            (
                &[("--on-inconclusive", "continue"), ("--require-pass", "true")],
                "--require-pass and --on-inconclusive continue do not go together",
            ),
            (&[("--advance", "late")], "--advance: `late` is none of early"),
        ] {
            let found = given(pairs).choices().unwrap_err();
            assert_eq!(found.to_string(), error, "{pairs:?}");
        }
        assert_eq!(given(&[]).choices(), Ok(Choices::DEFAULT));
    }

    #[test]
    fn what_is_rolled_out() {
        let to = |pairs: &[(&'static str, &str)], alias: &str| given(pairs).new_version(alias);
        assert_eq!(to(&[], DEFAULT_ALIAS), Ok(VersionChoice::Is(Version::Latest)));
        assert_eq!(to(&[], "prod"), Ok(VersionChoice::LatestPublished));
        assert_eq!(to(&[("--publish", "true")], "prod"), Ok(VersionChoice::Publish));
        assert_eq!(to(&[("--to", "5")], "prod"), Ok(VersionChoice::Is(Version::Number(5))));
        assert!(to(&[("--to", "v5")], "prod").is_err());
        assert!(to(&[("--to", "5"), ("--publish", "true")], "prod").is_err());
    }

    #[test]
    fn chats_of_the_file() {
        for (value, chats) in [
            (serde_json::json!(null), Some("")),
            (serde_json::json!("slack=A, json=B"), Some("slack=A, json=B")),
            (serde_json::json!(["slack=A", "json=B"]), Some("slack=A,json=B")),
            (serde_json::json!({"slack": "A", "json": ["B", "C"]}), Some("slack=A,json=B,json=C")),
            (serde_json::json!({"slack": 1}), None),
            (serde_json::json!([1]), None),
            (serde_json::json!(true), None),
        ] {
            assert_eq!(super::chats(&value).as_deref(), chats, "{value}");
        }
    }

    #[test]
    fn times_of_gate_commands() {
        assert_eq!(seconds("30s"), Some(Duration::from_secs(30)));
        assert_eq!(seconds("2m"), Some(Duration::from_secs(120)));
        for wrong in ["", "0", "2h", "1.5s", "3601"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
