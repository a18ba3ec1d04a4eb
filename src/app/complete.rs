//! What completion of a command line may offer: names that the files and the service know.
//!
//! Only reads, within [`MOST`] or the time that is given, and says nothing whatever goes wrong: whoever types a command is
//! not to be held up. What the service said is kept for a moment in the user's cache folder: names
//! alone, in a file that is named by a digest.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::deploy::bootstrap::known_runtimes;
use super::status::Muted;
use super::{Context, keys, session, source};
use crate::config::credentials::METADATA_VARIABLE;
use crate::config::settings::{self, Settings};
use crate::error::{Error, Task};
use crate::execute;
use crate::fields;
use crate::model::metric::METRICS;
use crate::model::{DEFAULT_NAMESPACE, FunctionId};
use crate::order::Order as _;

/// The time for everything, where no other one is given.
pub(crate) const MOST: Duration = Duration::from_millis(300);

/// How long the service is not asked again.
const FRESH: Duration = Duration::from_secs(60);

/// How long a name may be offered when the service does not answer in time.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// What there can be names of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nameable {
    /// Functions of the namespace.
    Functions,
    /// Keys of the functions of a `multi-scf` instance.
    Keys,
    /// Aliases of the function.
    Aliases,
    /// Published versions of the function, the newest first.
    Versions,
    /// Stages that have a `.env` of their own.
    Stages,
    /// Regions of the service.
    Regions,
    /// Metrics of the monitor.
    Metrics,
    /// Runtimes of functions.
    Runtimes,
}

/// Returns the names that are known; none where something is in the way.
pub(crate) fn names(context: &Context, known: Nameable) -> Vec<String> {
    match known {
        Nameable::Functions | Nameable::Aliases | Nameable::Versions => {
            of_service(context, known).unwrap_or_default()
        }
        Nameable::Keys => keys(context).unwrap_or_default(),
        Nameable::Stages => stages(context),
        Nameable::Regions => settings::regions().iter().map(ToString::to_string).collect(),
        Nameable::Runtimes => known_runtimes().map(str::to_owned).collect(),
        Nameable::Metrics => METRICS.iter().map(|metric| metric.name.to_owned()).collect(),
    }
}

/// The same run, which keeps to itself what it would say.
fn quiet(context: &Context) -> Context {
    let mut context = context.clone();
    context.sink = Arc::new(Muted::new(context.sink.clone(), Arc::new(|| {})));
    context
}

fn keys(context: &Context) -> Option<Vec<String>> {
    let context = quiet(context);
    let settings = context.load(&context.directory, &context.selection).ok()?;
    let component = settings.project.component.as_deref()?;
    let functions = settings.project.inputs.get("functions")?.as_object()?;
    let is_several = component.split('@').next() == Some("multi-scf");
    is_several.then(|| functions.keys().cloned().collect())
}

/// By the names of the files alone; they may hold secrets.
fn stages(context: &Context) -> Vec<String> {
    let folder = context.directory.join(context.options.target.as_deref().unwrap_or_default());
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let stages = names.filter_map(|name| Some(name.strip_prefix(".env.")?.to_owned()));
    let mut stages: Vec<String> = stages.filter(|stage| stage != "example").collect();
    stages.order();
    stages
}

/// Names that the service lists, as long as they are fresh from the cache.
fn of_service(context: &Context, known: Nameable) -> Option<Vec<String>> {
    let context = quiet(context);
    let settings = context.load(&context.directory, &context.selection).ok()?;
    let named = settings.named_function().ok();
    let function = match known {
        Nameable::Functions => {
            let namespace = settings.project.command_inputs.get("namespace");
            let namespace = namespace.and_then(|name| name.as_str()).map(str::to_owned);
            let namespace = namespace.or(named.map(|function| function.namespace));
            FunctionId {
                name: String::new(),
                namespace: namespace.unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned()),
                region: settings.region.clone(),
            }
        }
        _ => named?,
    };
    if session::is_local(&context).ok()? {
        // A look must not begin a state.
        return session::has_local_state(&settings)
            .then(|| ask(&context, &settings, &function, known).ok())?;
    }
    let found = settings.credentials.as_ref().ok()?;
    // Whether this machine has a role is not asked for at each key that is pressed.
    if found.is_last_resort() && context.variable(METADATA_VARIABLE).is_none() {
        return None;
    }
    let endpoint = context.options.endpoint.as_deref();
    let endpoint = endpoint.or_else(|| context.variable("SCFCTL_ENDPOINT")).unwrap_or_default();
    let FunctionId { name, namespace, region } = &function;
    let what = format!("{known:?}");
    let account = keys::identity(found);
    let mut of_all = Sha256::new();
    for part in [endpoint, region, namespace, name, &what, &account] {
        of_all.update(part.as_bytes());
        of_all.update([0]);
    }
    let file = source::cache_folder(&context).map(|folder| Cache {
        file: folder.join("completion").join(hex::encode(&of_all.finalize()[..16])),
        now: context.clock.now().timestamp(),
    });
    if let Some(names) = file.as_ref().and_then(|cache| cache.read(FRESH)) {
        return Some(names);
    }
    match ask(&context, &settings, &function, known) {
        Ok(listed) => {
            // Without it the next key asks again.
            let _ = file.map(|cache| cache.write(&listed));
            Some(listed)
        }
        Err(_) => file?.read(STALE),
    }
}

/// Asks the service.
fn ask(
    context: &Context,
    settings: &Settings,
    function: &FunctionId,
    known: Nameable,
) -> Result<Vec<String>, Error> {
    session::block_on(async {
        let session = session::Session::open(context, settings).await?;
        let on = session.on(function.clone());
        let found = match known {
            Nameable::Aliases => execute::alias::list(&on, None).await.map(|aliases| {
                aliases.into_iter().map(|record| record.alias.name.clone()).collect()
            }),
            Nameable::Versions => execute::versions::list(&on).await.map(|mut versions| {
                versions.order_by_key(|version| std::cmp::Reverse(version.version));
                versions.iter().map(|version| version.version.to_string()).collect()
            }),
            _ => execute::function::names(&on).await.map(|mut names| {
                names.order();
                names
            }),
        };
        let task = Task::ListVersions { function: function.name.clone() };
        found.map_err(|error| session::failed(&task, function, error))
    })
}

/// What was found some time ago.
#[derive(Serialize, Deserialize)]
struct KeptNames {
    /// Seconds since 1970.
    at: i64,
    names: Vec<String>,
}

struct Cache {
    file: PathBuf,
    now: i64,
}

impl Cache {
    /// Names that are no older than this.
    fn read(&self, age: Duration) -> Option<Vec<String>> {
        let kept = serde_json::from_slice(&std::fs::read(&self.file).ok()?).ok()?;
        let kept: KeptNames = fields::read(&kept).ok()?;
        let since = u64::try_from(self.now - kept.at).ok()?;
        (since <= age.as_secs()).then_some(kept.names)
    }

    fn write(&self, names: &[String]) -> Option<()> {
        let folder = self.file.parent()?;
        make_private(folder).ok()?;
        self.forget_old(folder);
        let kept = KeptNames { at: self.now, names: names.to_vec() };
        // For this user alone, as temporary files are.
        let mut file = tempfile::NamedTempFile::new_in(folder).ok()?;
        serde_json::to_writer(&mut file, &kept).ok()?;
        file.persist(&self.file).ok()?;
        Some(())
    }

    /// Removes what is too old to be offered.
    fn forget_old(&self, folder: &Path) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let modified = entry.metadata().and_then(|metadata| metadata.modified());
            let modified = modified.ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            let now = u64::try_from(self.now).unwrap_or_default();
            if modified.is_some_and(|at| at + STALE < Duration::from_secs(now)) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
