//! Functions as people look at them: versions, aliases with bars of their shares, rollouts.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::sparks;
use super::words::Words;

use crate::model::{Routing, Version, Weight};
use crate::order::Order as _;
use crate::output::columns::{cut, padded, table, width, wrapped};
use crate::output::controls::on_one_line;
use crate::report::alias::{Alias, AliasList};
use crate::report::record::Trigger;
use crate::report::status::{
    Function, FunctionFound, ListedVersion, RolloutFound, StatusOfFunction, StatusOfFunctions,
    StatusSentence, Title, Together, Versions,
};
use crate::text::Language;

/// Columns of a bar of shares.
const BAR: usize = 20;
/// What the versions of a bar are drawn with, the largest share first.
const FILLS: [char; 4] = ['█', '░', '▒', '▓'];
/// Versions that are shown whether anybody is sent there or not.
const NEWEST: usize = 10;
/// Columns of a chart with what stands beside it.
const CHART: usize = 72;
/// Columns of a description.
const DESCRIPTION: usize = 48;
/// Characters of a digest.
const DIGEST: usize = 12;

/// A table of a project, or one function with all that belongs to it.
pub(in crate::output) fn text(language: Language, status: &StatusOfFunctions) -> String {
    let words = Words(language);
    let lines = match status.functions.as_slice() {
        [StatusOfFunction { function, found: FunctionFound::There(one), .. }]
            if !status.is_project =>
        {
            self::function(&words, &function.function_name, one)
        }
        several => project(&words, several),
    };
    lines.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// A rollout alone.
pub(in crate::output) fn one_rollout(language: Language, found: &RolloutFound) -> String {
    let lines = rollout(&Words(language), found);
    lines.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// The rollouts of several functions, each below the name of its function.
pub(in crate::output) fn rollouts(language: Language, all: &Together) -> String {
    let words = Words(language);
    let mut lines = Vec::new();
    for one in &all.functions {
        lines.push(on_one_line(&one.status.function.function_name));
        lines.extend(rollout(&words, one).iter().map(|line| format!("  {line}")));
    }
    lines.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// The versions of a function.
pub(in crate::output) fn versions(language: Language, versions: &Versions) -> String {
    let words = Words(language);
    let rows = version_rows(&words, &versions.versions.iter().collect::<Vec<_>>());
    table(&rows).into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// The aliases of a function, with all versions that they name.
pub(in crate::output) fn listed(language: Language, list: &AliasList) -> String {
    let mut titles = Words(language).titles(&[Title::Alias, Title::Share]);
    titles.push(String::new());
    let row = |alias: &Alias| {
        let routing = &alias.routing;
        let served = routing.shares();
        let named = routing.additional.iter().map(|(version, _)| *version).chain([routing.main]);
        let others = named.filter(|version| !served.contains_key(version));
        let others = others.map(|version| format!("{version} {}", Weight::ZERO.percent()));
        let legend: Vec<String> = std::iter::once(legend(routing)).chain(others).collect();
        let row = [alias.name.clone(), bar(routing, BAR), legend.join("  ")];
        row.iter().map(|cell| on_one_line(cell)).collect()
    };
    let rows: Vec<Vec<String>> =
        std::iter::once(titles).chain(list.aliases.iter().map(row)).collect();
    table(&rows).into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}

fn function(words: &Words, name: &str, function: &Function) -> Vec<String> {
    let mut lines = vec![headline(name, function)];
    lines.extend(function.status_reason.iter().map(|reason| format!("  {}", on_one_line(reason))));
    lines.push(String::new());
    let (shown, more) = shown_versions(&function.versions);
    lines.extend(table(&version_rows(words, &shown)));
    if more > 0 {
        lines.push(words.say(&StatusSentence::MoreVersions(more)));
    }
    lines.push(String::new());
    lines.extend(aliases(words, function));
    for held in function.provisioned.iter().flatten() {
        lines.push(words.say(&StatusSentence::Warm(held)));
    }
    for one in &function.rollouts {
        lines.push(String::new());
        lines.extend(rollout(words, one));
    }
    lines
}

/// Name, status and what it runs.
fn headline(name: &str, function: &Function) -> String {
    let memory = function.record.memory_size.map(|size| format!("{size} MB"));
    let timeout = function.record.timeout.map(|seconds| format!("{seconds} s"));
    let image = function.image.clone();
    let about =
        [function.record.runtime.clone(), function.record.handler.clone(), image, memory, timeout];
    let about: Vec<String> = about.into_iter().flatten().collect();
    on_one_line(&format!("{name}  {}  {}", function.status, about.join("  ")))
}

/// The newest versions and those that somebody is sent to, and how many are left out.
fn shown_versions(versions: &[ListedVersion]) -> (Vec<&ListedVersion>, usize) {
    let is_shown = |(position, version): &(usize, &ListedVersion)| {
        // `$LATEST` comes first.
        *position <= NEWEST || !version.aliases.is_empty()
    };
    let shown: Vec<_> = versions.iter().enumerate().filter(is_shown).map(|(_, one)| one).collect();
    let more = versions.len() - shown.len();
    (shown, more)
}

fn version_rows(words: &Words, versions: &[&ListedVersion]) -> Vec<Vec<String>> {
    let has_code = versions.iter().any(|version| version.record.code_sha256.is_some());
    let is_odd = |version: &&&ListedVersion| {
        version.record.status.as_deref().is_some_and(|status| status != "Active")
    };
    let has_status = versions.iter().any(|version| is_odd(&version));
    let mut titles = vec![Title::Version, Title::Published];
    titles.extend(has_code.then_some(Title::Code));
    titles.extend(has_status.then_some(Title::Status));
    titles.extend([Title::Serves, Title::Description]);
    let row = |version: &&ListedVersion| {
        let record = &version.record;
        let digest = record.code_sha256.as_deref().unwrap_or("-");
        let time = match record.version {
            // It is not published, but written.
            Version::Latest => record.mod_time.as_ref().or(record.add_time.as_ref()),
            Version::Number(_) => record.add_time.as_ref().or(record.mod_time.as_ref()),
        };
        let mut row = vec![record.version.to_string(), time.cloned().unwrap_or_else(|| "-".into())];
        row.extend(has_code.then(|| digest.chars().take(DIGEST).collect()));
        row.extend(has_status.then(|| record.status.clone().unwrap_or_default()));
        row.push(serves(words, version));
        row.push(cut(&on_one_line(&record.text), DESCRIPTION));
        row.iter().map(|cell| on_one_line(cell)).collect()
    };
    std::iter::once(words.titles(&titles)).chain(versions.iter().map(row)).collect()
}

fn serves(words: &Words, version: &ListedVersion) -> String {
    let one = |served: &crate::report::status::Served| {
        let rules = if served.by_rules { "+" } else { "" };
        format!("{} {}{rules}", served.alias_name, served.share.percent())
    };
    if version.aliases.is_empty() {
        return words.say(&StatusSentence::Nobody);
    }
    version.aliases.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Versions with their shares, the largest first.
fn by_share(routing: &Routing) -> Vec<(Version, Weight)> {
    let mut shares: Vec<(Version, Weight)> = routing.shares().into_iter().collect();
    shares
        .order_by(|(one, share), (other, other_share)| other_share.cmp(share).then(other.cmp(one)));
    shares
}

/// A bar of the shares. Whoever has any has a column at least.
pub(in crate::output) fn bar(routing: &Routing, columns: usize) -> String {
    let shares = by_share(routing);
    #[expect(clippy::cast_precision_loss, reason = "a bar has few columns")]
    let of = |share: &Weight| share.to_f64() * columns as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share is 0 to 1"
    )]
    let mut cells: Vec<usize> =
        shares.iter().map(|(_, share)| (of(share).round() as usize).max(1)).collect();
    // The largest makes up for what rounding gave or took.
    let others: usize = cells.iter().skip(1).sum();
    if let Some(first) = cells.first_mut() {
        *first = columns.saturating_sub(others);
    }
    let fills = FILLS.iter().cycle();
    cells.iter().zip(fills).map(|(count, fill)| fill.to_string().repeat(*count)).collect()
}

/// What stands beside a bar: which version is drawn how.
pub(in crate::output) fn legend(routing: &Routing) -> String {
    let shares = by_share(routing);
    let several = shares.len() > 1;
    let one = |((version, share), fill): (&(Version, Weight), &char)| {
        let share = share.percent();
        if several { format!("{fill} {version} {share}") } else { format!("{version} {share}") }
    };
    let shares = shares.iter().zip(FILLS.iter().cycle()).map(one);
    let rules = routing.matches.iter().map(ToString::to_string);
    shares.chain(rules).collect::<Vec<_>>().join("  ")
}

fn aliases(words: &Words, function: &Function) -> Vec<String> {
    let mut rows = vec![words.titles(&[Title::Alias, Title::Share])];
    rows[0].push(String::new());
    for alias in &function.aliases {
        let routing = &alias.shares;
        let cells = [alias.alias.name.clone(), bar(routing, BAR), legend(routing)];
        rows.push(cells.iter().map(|cell| on_one_line(cell)).collect());
        let triggers = triggers_of(function, &alias.alias.name);
        rows.extend(triggers.map(|trigger| vec![String::new(), trigger_text(words, trigger)]));
    }
    let mut lines = table_of_aliases(&rows);
    let is_alias = |name: &str| function.aliases.iter().any(|alias| alias.alias.name == name);
    let others = function.triggers.iter().flatten();
    for trigger in others.filter(|trigger| !is_alias(&trigger.qualifier)) {
        let bound = words.say(&StatusSentence::BoundTo(&trigger.qualifier));
        lines.push(format!("{bound}{}{}", words.0.colon(), trigger_text(words, trigger)));
    }
    lines
}

/// Triggers stand below the bar and make no column wider.
fn table_of_aliases(rows: &[Vec<String>]) -> Vec<String> {
    let name = rows.iter().map(|row| width(&row[0])).max().unwrap_or(0);
    let line = |row: &Vec<String>| {
        let rest = match row.as_slice() {
            [_, bar, legend] => format!("{}  {legend}", padded(bar, BAR)),
            [_, rest] => rest.clone(),
            _ => String::new(),
        };
        format!("{}  {rest}", padded(&row[0], name)).trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn triggers_of<'a>(function: &'a Function, name: &'a str) -> impl Iterator<Item = &'a Trigger> {
    let triggers = function.triggers.iter().flatten();
    triggers.filter(move |trigger| trigger.qualifier == name)
}

fn trigger_text(words: &Words, trigger: &Trigger) -> String {
    let Trigger { kind, name, cron, enabled, .. } = trigger;
    let cron = cron.as_ref().map(|cron| words.in_brackets(cron)).unwrap_or_default();
    let off = if *enabled { String::new() } else { words.and(&words.say(&StatusSentence::Off)) };
    on_one_line(&format!("{kind} {name}{cron}{off}"))
}

/// The lines of a rollout.
pub(in crate::output) fn rollout(words: &Words, rollout: &RolloutFound) -> Vec<String> {
    let mut rows: Vec<(String, String)> = Vec::new();
    if let Some(found) = &rollout.status.rollout {
        rows.push((words.say(&Title::Steps), steps(found)));
        rows.push((words.say(&Title::Share), words.say(&StatusSentence::Shares(rollout))));
    }
    for (position, finding) in rollout.findings.iter().enumerate() {
        let title = if position == 0 { words.say(&Title::Gates) } else { String::new() };
        rows.push((title, words.say(finding)));
    }
    if let Some((found, series)) = rollout.status.rollout.as_ref().zip(rollout.series.as_ref()) {
        rows.extend(sparks::rows(words, found, series, CHART));
    }
    if let Some(next) = &rollout.next {
        rows.push((words.say(&Title::Next), words.say(&StatusSentence::Next(next))));
    }
    for command in &rollout.commands {
        rows.push((words.say(&command.does), on_one_line(&command.command)));
    }
    let column = rows.iter().map(|(title, _)| width(title)).max().unwrap_or(0);
    let head = words.say(&StatusSentence::Rollout(rollout));
    let rows = rows.iter().map(|(title, text)| format!("  {}  {text}", padded(title, column)));
    std::iter::once(head).chain(rows).collect()
}

/// The schedule, with the step that the rollout is in between brackets.
fn steps(rollout: &crate::report::rollout::Rollout) -> String {
    let each = rollout.steps.iter().enumerate().map(|(position, step)| {
        let hold = step.minutes.map_or_else(|| "pause".to_owned(), |minutes| format!("{minutes}m"));
        let text = format!("{}:{hold}", step.share.percent());
        if position + 1 == rollout.step { format!("[{text}]") } else { text }
    });
    each.collect::<Vec<_>>().join(" ")
}

/// What a screen shows of functions: what matters most comes first, since the end may not fit.
pub(in crate::output) fn glance(
    words: &Words,
    status: &StatusOfFunctions,
    now: DateTime<Utc>,
    columns: usize,
) -> Vec<String> {
    let [StatusOfFunction { function, found: FunctionFound::There(one), .. }] =
        status.functions.as_slice()
    else {
        return project(words, &status.functions);
    };
    let mut lines = vec![headline(&function.function_name, one)];
    let under_way = |rollout: &&RolloutFound| rollout.is_open();
    for alias in &one.aliases {
        let (name, routing) = (&alias.alias.name, &alias.shares);
        lines.push(on_one_line(&format!("{name}  {}  {}", bar(routing, BAR), legend(routing))));
    }
    // Those under way before those that have ended.
    let (open, ended): (Vec<&RolloutFound>, Vec<&RolloutFound>) =
        one.rollouts.iter().partition(under_way);
    for rollout in open {
        lines.extend(of_screen(words, rollout, now, columns));
    }
    let ended = ended.into_iter().map(|one| words.say(&StatusSentence::Rollout(one)));
    lines.extend(ended.flat_map(|text| wrapped(&text, columns, "  ")));
    lines.extend(
        one.provisioned.iter().flatten().map(|held| words.say(&StatusSentence::Warm(held))),
    );
    lines.push(String::new());
    let (shown, _) = shown_versions(&one.versions);
    lines.extend(table(&version_rows(words, &shown)));
    lines
}

/// The lines of a rollout on a screen, whose time goes on.
fn of_screen(
    words: &Words,
    rollout: &RolloutFound,
    now: DateTime<Utc>,
    columns: usize,
) -> Vec<String> {
    let mut lines = wrapped(&words.say(&StatusSentence::Rollout(rollout)), columns, "  ");
    if let Some(found) = &rollout.status.rollout {
        let (steps, shares) = (steps(found), words.say(&StatusSentence::Shares(rollout)));
        let both = format!("  {steps}  {shares}");
        if width(&both) <= columns {
            lines.push(both);
        } else {
            lines.extend([steps, shares].map(|line| format!("  {line}")));
        }
    }
    if let Some(next) = &rollout.next {
        let since = (now - rollout.now).num_seconds().max(0);
        let seconds = (next.seconds - since).max(0);
        let next = crate::report::status::Next { seconds, ..next.clone() };
        let title = words.say(&Title::Next);
        lines.push(format!("  {title}  {}", words.say(&StatusSentence::Next(&next))));
    }
    if let Some((found, series)) = rollout.status.rollout.as_ref().zip(rollout.series.as_ref()) {
        let titles = [Title::Calls, Title::Errors, Title::Duration];
        let title = titles.iter().map(|title| width(&words.say(title))).max().unwrap_or(0);
        let rows = sparks::rows(words, found, series, columns.saturating_sub(title + 4));
        lines.extend(rows.iter().map(|(name, row)| format!("  {}  {row}", padded(name, title))));
    }
    let findings = rollout.findings.iter();
    lines.extend(
        findings.flat_map(|finding| wrapped(&format!("  {}", words.say(finding)), columns, "    ")),
    );
    lines
}

/// A row for each alias of each function.
fn project(words: &Words, members: &[StatusOfFunction]) -> Vec<String> {
    let titles = [Title::Function, Title::Status, Title::Alias, Title::Share, Title::Rollout];
    let mut rows = vec![words.titles(&titles)];
    for member in members {
        let name = &member.function.function_name;
        match &member.found {
            FunctionFound::There(function) => rows.extend(project_rows(words, name, function)),
            FunctionFound::Not { error, .. } => {
                rows.push(vec![name.clone(), on_one_line(&error.code)]);
            }
        }
    }
    table(&rows)
}

fn project_rows(words: &Words, name: &str, function: &Function) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for alias in &function.aliases {
        let is_this = |one: &&RolloutFound| one.status.alias_name == alias.alias.name;
        let rollout = function.rollouts.iter().find(is_this);
        let shares = format!("{} {}", bar(&alias.shares, BAR / 2), legend(&alias.shares));
        let rollout = rollout.map(|one| words.say(&one.phase)).unwrap_or_default();
        rows.push(vec![String::new(), String::new(), alias.alias.name.clone(), shares, rollout]);
    }
    if rows.is_empty() {
        let none = words.say(&StatusSentence::NoAlias);
        rows.push(vec![String::new(), String::new(), none]);
    }
    rows[0][0].push_str(name);
    rows[0][1].push_str(&function.status);
    rows.into_iter().map(|row| row.iter().map(|cell| on_one_line(cell)).collect()).collect()
}

/// As the real CLI shows an instance, with what stands in the cloud behind it. How often one was
/// deployed nobody but the platform knows.
pub(in crate::output) fn of_sls(status: &StatusOfFunctions, language: Language) -> Value {
    let shown = |member: &StatusOfFunction| {
        let FunctionFound::There(function) = &member.found else {
            let error = if let FunctionFound::Not { said, .. } = &member.found {
                said.say(language).to_owned()
            } else {
                String::new()
            };
            return json!({"应用状态": "error", "functionName": member.function.function_name, "message": error});
        };
        let state = match function.status.as_str() {
            "Active" | "Updating" | "Publishing" | "Creating" => "active",
            _ => "error",
        };
        let mut shown = Map::new();
        shown.insert("最后操作".to_owned(), json!(function.record.mod_time));
        shown.insert("应用状态".to_owned(), json!(state));
        let record = serde_json::to_value(member).unwrap_or_default();
        for key in [
            "functionName",
            "region",
            "namespace",
            "type",
            "runtime",
            "handler",
            "memorySize",
            "timeout",
            "status",
        ] {
            shown.insert(key.to_owned(), record[key].clone());
        }
        let last = function.versions.iter().map(|one| one.record.version).max();
        shown.insert("lastVersion".to_owned(), json!(last.unwrap_or(Version::Latest)));
        shown.insert("versions".to_owned(), versions_of_sls(&function.versions));
        let aliases = function.aliases.iter().map(|alias| {
            let shares = serde_json::to_value(&alias.shares).unwrap_or_default();
            (alias.alias.name.clone(), shares)
        });
        shown.insert("alias".to_owned(), Value::Object(aliases.collect()));
        let triggers = function.triggers.iter().flatten();
        let trigger = |one: &Trigger| json!({"type": one.kind, "name": one.name, "qualifier": one.qualifier, "enable": one.enabled});
        shown.insert("triggers".to_owned(), triggers.map(trigger).collect());
        for one in &function.rollouts {
            let name = format!("rollout {}", one.status.alias_name);
            shown.insert(name, json!(one.phase.to_string()));
        }
        Value::Object(shown)
    };
    match status.functions.as_slice() {
        [one] if !status.is_project => shown(one),
        several => {
            let named = several.iter().map(|one| {
                (one.key.clone().unwrap_or_else(|| one.function.function_name.clone()), shown(one))
            });
            Value::Object(named.collect())
        }
    }
}

/// A list of versions in the layout of the real CLI.
pub(in crate::output) fn versions_of_sls(versions: &[ListedVersion]) -> Value {
    let one = |ListedVersion { record: version, .. }: &ListedVersion| {
        json!({
            "version": version.version,
            "description": version.description,
            "status": version.status,
            "addTime": version.add_time,
            "modTime": version.mod_time,
        })
    };
    versions.iter().map(one).collect()
}
