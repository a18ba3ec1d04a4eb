//! Plans that are saved, and carried out as they are or not at all.
//!
//! A plan holds no secret: of values that may be one, and of what would be sent, it has digests, which
//! nobody can look up or compare with those of another plan: they are made with a salt of their own.
//! Whoever has the plan has the salt, and can still try short values one by one.
//! What carries it out reads everything again, and comes to the same or refuses.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::SecondsFormat;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::function::Prepared;
use crate::app::Context;
use crate::app::keys;
use crate::app::session::{self, RunId};
use crate::config::disclosure::{HIDDEN, disclose, secret_argument};
use crate::config::settings::Settings;
use crate::error::{Error, SavedError, TargetProblem};
use crate::execute::deploy::Observation;
use crate::model::{CodeSource, FunctionId};
use crate::package::{Destination, KnownPackage, PackageError, SAVED_PLAN};
use crate::plan::Step;
use crate::plan::deploy::DeployPlan;
use crate::plan::saved::{DIGEST, KEPT, Leaves, ReadKind, Reads, changed, leaves, note};
use crate::report::notice::{NotCompared, Notice};
use crate::report::{object, plan::Plan};
use crate::shell::quoted;

/// Raised when a key changes its meaning.
const FORMAT: u32 = 1;
/// Bytes of the largest plan that is read.
const MOST: u64 = 16 * 1024 * 1024;

/// Whether a deployment is only planned, or was planned before.
#[derive(Debug, Clone)]
pub(crate) enum Planning {
    /// Neither.
    No,
    /// It is planned, and the plan is saved in this file.
    Saves(PathBuf),
    /// It is carried out as it was planned.
    Applies(Arc<Saved>),
}

/// What the digests of a plan are made with.
#[derive(Debug, Clone)]
pub(crate) struct Salt(String);

impl Salt {
    fn random() -> Self {
        Self(uuid::Uuid::new_v4().simple().to_string())
    }

    /// Stands for a value that is not kept. `name` is whose it is: two that have the same do not
    /// look it.
    fn digest(&self, name: &str, value: &str) -> String {
        let mut text = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).map_or_else(
            // It takes keys of any length.
            |_| String::new(),
            |mut mac| {
                // The length first, so that no two pairs run together.
                mac.update(&(name.len() as u64).to_be_bytes());
                mac.update(name.as_bytes());
                mac.update(value.as_bytes());
                hex::encode(mac.finalize().into_bytes())
            },
        );
        text.truncate(32);
        format!("{DIGEST}{text}")
    }
}

/// A plan as it was saved.
#[derive(Debug)]
pub(crate) struct Saved {
    /// The file.
    path: PathBuf,
    /// The arguments that made it.
    pub command: Vec<String>,
    /// The name of its run.
    pub run_id: String,
    salt: Salt,
    reads: Reads,
}

/// Reads a plan.
///
/// # Errors
/// It is none, none of this version, or not as it was written.
pub(crate) fn open(path: &Path) -> Result<Saved, SavedError> {
    let unreadable = |error: std::io::Error| SavedError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let mut text = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(MOST).read_to_end(&mut text).map_err(unreadable)?;
    let path = path.to_owned();
    let Some(mut plan) = of_ours(&text) else { return Err(SavedError::NoPlan { path }) };
    if plan.get("schemaVersion") != Some(&FORMAT.into()) {
        let found = plan.get("schemaVersion").map(Value::to_string).unwrap_or_default();
        return Err(SavedError::Format { path, found });
    }
    let is_whole = says_only(&text, &plan);
    let digest = plan.shift_remove("digest");
    let same = is_whole && digest.is_some_and(|digest| digest == content(&plan));
    let mut text = |key: &str| match plan.remove(key) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let texts = text("runId").zip(text("salt"));
    let parts = (plan.remove("command"), texts, plan.remove("reads"));
    let (true, (Some(command), Some((run_id, salt)), Some(Value::Object(reads)))) = (same, parts)
    else {
        return Err(SavedError::Edited { path });
    };
    let command = command.as_array().into_iter().flatten();
    let command = command.filter_map(|word| word.as_str().map(str::to_owned)).collect();
    let saved = Saved { path, command, run_id, salt: Salt(salt), reads };
    match plan.get("scfctl").and_then(Value::as_str) {
        Some(env!("CARGO_PKG_VERSION")) => Ok(saved),
        made_by => {
            let made_by = made_by.unwrap_or_default().to_owned();
            let command = saved.again(false);
            Err(SavedError::OtherVersion { path: saved.path, made_by, command })
        }
    }
}

/// A text that is a plan, whatever is in it.
fn of_ours(text: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(text) {
        Ok(Value::Object(plan)) => {
            Some(plan).filter(|plan| plan.get("kind") == Some(&SAVED_PLAN.into()))
        }
        _ => None,
    }
}

/// Whether a text is this plan and nothing besides. Of a key that stands twice the last value
/// counts here, and other readers may take the first.
fn says_only(text: &[u8], plan: &Map<String, Value>) -> bool {
    let without_blanks = |text: &[u8]| {
        let (mut within, mut escaped) = (false, false);
        let kept = text.iter().copied().filter(|byte| {
            match (within, escaped, byte) {
                (true, true, _) => escaped = false,
                (true, false, b'\\') => escaped = true,
                (_, false, b'"') => within = !within,
                _ => {}
            }
            within || !byte.is_ascii_whitespace()
        });
        kept.collect::<Vec<u8>>()
    };
    without_blanks(text) == json!(plan).to_string().into_bytes()
}

/// The digest of all that a plan holds.
fn content(plan: &Map<String, Value>) -> String {
    hex::encode(Sha256::digest(json!(plan).to_string()))
}

impl Saved {
    /// The command that makes another plan like this one, as the same run where that has begun.
    fn again(&self, names_run: bool) -> String {
        let mut words: Vec<String> =
            self.command.iter().map(|word| quoted(word).into_owned()).collect();
        let is_named = self.command.iter().any(|word| word.starts_with("--run-id"));
        if names_run && !is_named {
            let place = self.command.iter().position(|word| word == "deploy");
            let place = place.map_or(words.len(), |place| place + 1);
            words.insert(place, format!("--run-id {}", quoted(&self.run_id)));
        }
        format!("scfctl {}", words.join(" "))
    }
}

impl Planning {
    /// Whether a plan is carried out.
    pub(super) fn is_applied(&self) -> bool {
        matches!(self, Self::Applies(_))
    }

    /// The file of the plan, which is no part of the code.
    pub(super) fn file(&self, context: &Context) -> Option<PathBuf> {
        let path = match self {
            Self::No => return None,
            Self::Saves(path) => path,
            Self::Applies(saved) => &saved.path,
        };
        Some(context.directory.join(path))
    }

    /// Checks that there are not several functions.
    pub(super) fn of_one(&self, functions: Vec<String>) -> Result<(), SavedError> {
        if matches!(self, Self::No) || functions.is_empty() {
            return Ok(());
        }
        Err(SavedError::Several { functions })
    }

    /// Checks that the plan can be saved, before anything is called.
    pub(super) fn check_file(&self, context: &Context) -> Result<(), SavedError> {
        let Self::Saves(path) = self else { return Ok(()) };
        let typed = &context.options.typed;
        let inputs = context.selection.sources.iter().map(|(_, argument)| argument);
        if let Some(argument) = secret_argument(typed, inputs) {
            return Err(SavedError::Secret { argument });
        }
        let masked = context.sink.masked(&json!(typed));
        let masked = masked.as_array().into_iter().flatten().filter_map(Value::as_str);
        if let Some((masked, _)) = masked.zip(typed).find(|(masked, typed)| masked != typed) {
            return Err(SavedError::Secret { argument: masked.to_owned() });
        }
        destination(context, path).map(drop)
    }

    /// Checks that the function is the one that was planned for, before anything is called and
    /// before its hook runs: what is read of another one says nothing.
    pub(super) fn check_place(
        &self,
        context: &Context,
        settings: &Settings,
        function: &FunctionId,
    ) -> Result<(), SavedError> {
        let Self::Applies(saved) = self else { return Ok(()) };
        let mut reads = Reads::new();
        place(&mut reads, context, settings, function, &saved.salt);
        let reads = masked(context, reads);
        let of_place: Reads = saved
            .reads
            .iter()
            .filter(|(key, _)| *key == ReadKind::Place.key())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let changed = changed(&of_place, &reads);
        if changed.is_empty() {
            return Ok(());
        }
        let (path, command) = (saved.path.clone(), saved.again(false));
        Err(SavedError::Stale { path, changed, command })
    }

    /// The name of the run: that of the plan, under which it publishes once however often it is
    /// carried out.
    /// `publishes`: whether the name matters to whoever goes on.
    pub(super) fn run_id(&self, context: &Context, publishes: bool) -> RunId {
        let run = session::run_id(context);
        match self {
            Self::No => run,
            Self::Saves(_) => RunId { given: true, ..run },
            Self::Applies(saved) => RunId {
                id: saved.run_id.clone(),
                given: true,
                typed: true,
                command: Some(saved.again(publishes)),
            },
        }
    }
}

/// Where a plan is written to: nothing but a plan is replaced.
fn destination(context: &Context, path: &Path) -> Result<Destination, SavedError> {
    let refused = |problem| SavedError::Target { path: path.to_owned(), problem };
    let full = context.directory.join(path);
    let destination = Destination::of(&full).map_err(|error| {
        refused(match error {
            PackageError::OutFolder { .. } => TargetProblem::Folder,
            PackageError::OutLink { .. } => TargetProblem::Link,
            PackageError::Write { source, .. } => TargetProblem::Refused(source.to_string()),
            _ => TargetProblem::NoFile,
        })
    })?;
    if path.as_os_str() == "-" || matches!(destination, Destination::Stream(_)) {
        return Err(refused(TargetProblem::NoFile));
    }
    let checked = destination.check();
    checked.map_err(|error| refused(TargetProblem::Refused(error.to_string())))?;
    if destination.is_file_there() {
        let text = std::fs::read(&full);
        let text = text.map_err(|error| refused(TargetProblem::Refused(error.to_string())))?;
        if !text.is_empty() && of_ours(&text).is_none() {
            return Err(SavedError::Occupied { path: path.to_owned() });
        }
    }
    Ok(destination)
}

/// The reads without what may be shown nowhere.
fn masked(context: &Context, reads: Reads) -> Reads {
    match context.sink.masked(&Value::Object(reads)) {
        Value::Object(reads) => reads,
        _ => Reads::new(),
    }
}

/// Which function is meant, and where.
fn place(
    reads: &mut Reads,
    context: &Context,
    settings: &Settings,
    function: &FunctionId,
    salt: &Salt,
) {
    // What is wrong with it is said when it is called.
    let service = session::service(context).unwrap_or_default();
    if let Some(account) = account(context, settings) {
        let account = match account {
            keys::KnownAccount::Number(number) => number,
            keys::KnownAccount::Key(id) => salt.digest("account", &id),
        };
        note(reads, ReadKind::Place, "account", account);
    }
    for (name, value) in [
        ("service", service.as_str()),
        ("region", function.region.as_str()),
        ("namespace", function.namespace.as_str()),
        ("function", function.name.as_str()),
        ("stage", settings.project.stage.as_str()),
        ("app", settings.app()),
        ("name", settings.name()),
    ] {
        note(reads, ReadKind::Place, name, value.to_owned());
    }
}

/// What tells the account from others; `None` where nothing does, or nothing is asked.
fn account(context: &Context, settings: &Settings) -> Option<keys::KnownAccount> {
    let is_local = session::is_local(context).unwrap_or(true);
    settings.credentials.as_ref().ok().filter(|_| !is_local).and_then(keys::account)
}

/// A value as it is in any other place of the project: a path below the folder that the command was
/// called in, or below the project's, from there on.
fn without_folder(context: &Context, settings: &Settings, value: &str) -> String {
    let folders = [&context.directory, &settings.directory];
    let below = folders.iter().find_map(|folder| Path::new(value).strip_prefix(folder).ok());
    match below {
        Some(below) => format!("./{}", below.display()),
        None => value.to_owned(),
    }
}

/// What a deployment was decided from.
pub(super) struct DecidedFrom<'a> {
    pub context: &'a Context,
    pub prepared: &'a Prepared,
    pub known: Option<&'a KnownPackage>,
    pub observation: &'a Observation,
    pub run_id: &'a RunId,
}

impl DecidedFrom<'_> {
    /// The error of planning, unless that is because the plan is stale.
    pub(super) fn or_stale(&self, error: Error) -> Error {
        self.stale(None, false).unwrap_or(error)
    }

    /// Checks that a plan that is carried out is what would be planned now, or that nothing is
    /// left of it to be done.
    pub(super) fn check(&self, decided: &DeployPlan) -> Result<(), Error> {
        let is_done = !decided.steps.iter().any(Step::changes);
        self.stale(Some(decided), is_done).map_or(Ok(()), Err)
    }

    fn stale(&self, decided: Option<&DeployPlan>, is_done: bool) -> Option<Error> {
        let Planning::Applies(saved) = &self.prepared.planning else { return None };
        let mut changed = changed(&saved.reads, &self.reads(decided, &saved.salt));
        changed.retain(|one| {
            one.read.is_wish() || !(is_done || decided.is_none() && one.read == ReadKind::Steps)
        });
        if changed.is_empty() {
            return None;
        }
        let begun = decided.is_some_and(|decided| decided.adopts().is_some());
        let (path, command) = (saved.path.clone(), saved.again(begun));
        Some(SavedError::Stale { path, changed, command }.into())
    }

    /// Saves the plan, where that was asked for.
    pub(super) fn save(&self, decided: &DeployPlan, plan: &Plan) -> Result<(), Error> {
        let Planning::Saves(path) = &self.prepared.planning else { return Ok(()) };
        let context = self.context;
        self.check_parameters()?;
        let (salt, not_compared) = (Salt::random(), self.not_compared(decided));
        let made = context.clock.now().to_rfc3339_opts(SecondsFormat::Secs, true);
        let mut saved = Map::from_iter([
            ("schemaVersion".to_owned(), FORMAT.into()),
            ("kind".to_owned(), SAVED_PLAN.into()),
            ("scfctl".to_owned(), env!("CARGO_PKG_VERSION").into()),
            ("made".to_owned(), made.into()),
            ("command".to_owned(), json!(context.options.typed)),
            ("runId".to_owned(), self.run_id.id.clone().into()),
            ("salt".to_owned(), salt.0.clone().into()),
            ("plan".to_owned(), context.sink.masked(&Value::Object(object(plan)))),
            ("reads".to_owned(), Value::Object(self.reads(Some(decided), &salt))),
            ("notCompared".to_owned(), json!(not_compared)),
        ]);
        saved.insert("digest".to_owned(), content(&saved).into());
        let text = format!("{:#}\n", Value::Object(saved));
        let written = destination(context, path)?.write_private(&text);
        written.map_err(|error| {
            let problem = TargetProblem::Refused(error.to_string());
            SavedError::Target { path: path.clone(), problem }
        })?;
        let file = quoted(&path.to_string_lossy()).into_owned();
        context.sink.note(&Notice::PlanSaved { file });
        for what in not_compared {
            context.sink.note(&Notice::NotCompared(what));
        }
        Ok(())
    }

    /// Checks that no value that was typed for a reference is in what `config` hides: the plan keeps
    /// the command line.
    fn check_parameters(&self) -> Result<(), SavedError> {
        let (said, shown) = self.said_and_shown();
        let hidden: Vec<&str> = said
            .iter()
            .zip(&shown)
            .filter(|((_, said), (_, shown))| said != shown)
            .map(|((_, said), _)| said.as_str())
            .collect();
        let typed = &self.context.options.typed;
        for (number, word) in typed.iter().enumerate() {
            let takes = |option: &str| {
                let before = number.checked_sub(1).and_then(|before| typed.get(before));
                before.is_some_and(|before| before == option)
                    || word.strip_prefix(option).is_some_and(|rest| rest.starts_with('='))
            };
            if !["--param", "--output-value"].into_iter().any(takes) {
                continue;
            }
            let text = word.strip_prefix("--param=").or(word.strip_prefix("--output-value="));
            let Some((name, value)) = text.unwrap_or(word).split_once('=') else { continue };
            if !value.is_empty() && hidden.iter().any(|hidden| hidden.contains(value)) {
                return Err(SavedError::Secret { argument: format!("{name}={HIDDEN}") });
            }
            if takes("--param") && !value.is_empty() && !self.refers_to(name, value) {
                return Err(SavedError::Unused { argument: format!("{name}={HIDDEN}") });
            }
        }
        Ok(())
    }

    /// Whether an input refers to a parameter, or the value is part of what is told anyway: the
    /// stage, the app or the name.
    fn refers_to(&self, name: &str, value: &str) -> bool {
        let settings = &self.prepared.settings;
        let mut names = settings.project.input_variables.values().flatten();
        let told = [settings.project.stage.as_str(), settings.app(), settings.name()];
        names.any(|known| known == name) || told.iter().any(|told| told.contains(value))
    }

    /// The inputs by their names, as they are and as `config` shows them.
    fn said_and_shown(&self) -> (Leaves, Leaves) {
        let project = &self.prepared.settings.project;
        let disclosed = disclose(&project.inputs, &project.input_variables);
        let (mut said, mut shown) = (Vec::new(), Vec::new());
        for (inputs, found) in [(&project.inputs, &mut said), (&disclosed.inputs, &mut shown)] {
            inputs.iter().for_each(|(key, value)| leaves(value, key, found));
        }
        (said, shown)
    }

    /// What may be another when the plan is carried out, and nobody tells.
    fn not_compared(&self, decided: &DeployPlan) -> Vec<NotCompared> {
        let is_local = session::is_local(self.context).unwrap_or(true);
        let has_account = account(self.context, &self.prepared.settings).is_some();
        let mut all = Vec::new();
        all.extend((!is_local && !has_account).then_some(NotCompared::Account));
        let sent = decided.steps.iter().find_map(|step| match step {
            Step::Create(_, source) | Step::UpdateCode { source, .. } => Some(source),
            _ => None,
        });
        match sent {
            Some(CodeSource::Object(_)) => all.push(NotCompared::Object),
            Some(CodeSource::Image(image)) if !image.uri.contains('@') => {
                all.push(NotCompared::Image);
            }
            _ => {}
        }
        all
    }

    /// What was read, and with what was decided, what would be sent.
    fn reads(&self, decided: Option<&DeployPlan>, salt: &Salt) -> Reads {
        let mut reads = Reads::new();
        let Prepared { settings, function, .. } = self.prepared;
        place(&mut reads, self.context, settings, function, salt);
        self.wishes(&mut reads, salt);
        self.observation.note(&mut reads, &|name, value| salt.digest(name, value));
        if let Some(decided) = decided {
            let steps = salt.digest("", &format!("{:?}", decided.steps));
            note(&mut reads, ReadKind::Steps, "", steps);
        }
        masked(self.context, reads)
    }

    /// What the files and the command line say. Values that `config` does not show are not kept.
    fn wishes(&self, reads: &mut Reads, salt: &Salt) {
        let (context, settings) = (self.context, &self.prepared.settings);
        let is_one_of_several = settings.function_key.is_some();
        let (said, shown) = self.said_and_shown();
        for (number, (name, value)) in said.iter().enumerate() {
            let is_shown = shown.get(number).is_some_and(|(_, shown)| shown == value);
            let value = without_folder(context, settings, value);
            let kept = is_shown && !is_one_of_several && value.len() <= KEPT;
            let value = if kept { value } else { salt.digest(name, &value) };
            note(reads, ReadKind::Input, name, value);
        }
        if let Some(known) = self.known {
            note(reads, ReadKind::Package, "", known.sha256.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_differ_by_salt_name_and_value() {
        let digest = |salt: &str, name, value| Salt(salt.to_owned()).digest(name, value);
        let one = digest("s", "a", "b");
        assert_eq!(one, digest("s", "a", "b"));
        assert!(one.starts_with(DIGEST) && one.len() == 33);
        for (salt, name, value) in
            [("t", "a", "b"), ("s", "a", "c"), ("s", "c", "b"), ("s", "ab", ""), ("s", "", "ab")]
        {
            assert_ne!(digest(salt, name, value), one);
        }
        assert_ne!(Salt::random().0, Salt::random().0);
    }

    #[test]
    fn a_plan_of_another_version_names_the_line_that_plans_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        let mut plan = json!({
            "schemaVersion": FORMAT, "kind": SAVED_PLAN, "scfctl": "0.0.0", "runId": "r", "reads": {},
            "salt": "s",
            "command": ["deploy", "--plan", "plan.json"],
        });
        let digest = content(plan.as_object().unwrap());
        plan["digest"] = digest.into();
        std::fs::write(&path, plan.to_string()).unwrap();
        let (made_by, command) = ("0.0.0".to_owned(), "scfctl deploy --plan plan.json".to_owned());
        let expected = SavedError::OtherVersion { path: path.clone(), made_by, command };
        assert_eq!(open(&path).unwrap_err(), expected);
        // A key that stands twice, at the top or below, first or last.
        let whole = plan.to_string();
        for (one, twice) in [
            (r#""runId":"r""#, r#""runId":"x","runId":"r""#),
            (r#""runId":"r""#, r#""runId":"r","runId":"r""#),
            (r#""reads":{}"#, r#""reads":{"a":1},"reads":{}"#),
        ] {
            assert!(whole.contains(one), "{whole}");
            std::fs::write(&path, whole.replace(one, twice)).unwrap();
            assert_eq!(open(&path).unwrap_err(), SavedError::Edited { path: path.clone() });
        }
        // Laid out otherwise it is the same plan.
        std::fs::write(&path, format!("{plan:#}\n\n")).unwrap();
        assert_eq!(open(&path).unwrap_err(), expected);
        plan["runId"] = "s".into();
        std::fs::write(&path, plan.to_string()).unwrap();
        assert_eq!(open(&path).unwrap_err(), SavedError::Edited { path });
    }

    #[test]
    fn the_command_is_the_one_that_made_it() {
        let of = |line: &[&str], names_run| {
            let command = line.iter().map(|word| (*word).to_owned()).collect();
            let (path, reads, salt) = (PathBuf::new(), Reads::new(), Salt::random());
            Saved { path, command, run_id: "r 1".to_owned(), salt, reads }.again(names_run)
        };
        let line = ["-s", "prod", "deploy", "--plan", "my plan", "--inputs", "name=$x"];
        assert_eq!(of(&line, false), "scfctl -s prod deploy --plan 'my plan' --inputs 'name=$x'");
        assert_eq!(
            of(&line, true),
            "scfctl -s prod deploy --run-id 'r 1' --plan 'my plan' --inputs 'name=$x'"
        );
        let named = ["deploy", "--run-id=r", "--plan", "p"];
        assert_eq!(of(&named, true), "scfctl deploy --run-id=r --plan p");
    }
}
