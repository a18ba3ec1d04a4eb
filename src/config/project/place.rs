//! Where a configuration lies, and the one `.env` file that counts for it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::file::{ConfigFile, read_text};
use super::{ConfigError, DEFAULT_STAGE, ProjectRequest, normalised, parameter};
use crate::config::dotenv::{self, DotEnv};
use crate::config::variables::{self, Platform, Scope};
use crate::config::warning::ConfigWarning;

/// Bytes of a `.env` file.
const DOTENV_LIMIT: u64 = 1_000_000;

/// The directories a request is about.
pub(super) struct Directories {
    pub(super) working: PathBuf,
    /// The configuration's directory: the target, or the working directory, or the member's.
    pub(super) base: PathBuf,
    has_target: bool,
    is_member: bool,
}

impl Directories {
    pub(super) fn new(request: &ProjectRequest<'_>) -> Result<Self, ConfigError> {
        let working = normalised(&request.directory);
        let base = match request.target.or(request.member) {
            Some(target) => normalised(&working.join(target)),
            None => working.clone(),
        };
        if request.target.is_some() && !base.is_dir() {
            return Err(ConfigError::NoTarget { path: base });
        }
        let (has_target, is_member) = (request.target.is_some(), request.member.is_some());
        Ok(Self { working, base, has_target, is_member })
    }

    /// One file serves the whole project; others in it would be taken for read.
    pub(super) fn warn_of_member_dotenv(&self, warnings: &mut Vec<ConfigWarning>) {
        let path = self.base.join(".env");
        if self.is_member && path.is_file() {
            let of_project = self.working.join(".env");
            warnings.push(ConfigWarning::MemberDotEnv { path, of_project });
        }
    }

    /// Where `.env` files are looked for, nearest first.
    fn dotenv_directories(&self) -> Vec<PathBuf> {
        let mut directories = Vec::new();
        if self.has_target {
            directories.push(self.base.clone());
        }
        directories.extend(self.working.ancestors().take(3).map(Path::to_path_buf));
        directories
    }

    /// Whether a folder is the project's own: that of the instance, or the one above it that the
    /// command was started in, where that holds the whole project.
    fn is_inside(&self, directory: &Path) -> bool {
        let holds_it = || {
            directory == self.working
                && (self.base.parent() == Some(directory)
                    || (self.base.starts_with(directory) && ConfigFile::is_in(directory)))
        };
        directory == self.base || holds_it()
    }

    /// Refuses a file above the project that others may have put there.
    #[cfg(unix)]
    fn check_owner(&self, path: &Path, directory: &Path) -> Result<(), ConfigError> {
        use std::os::unix::fs::MetadataExt as _;
        // Of the link itself, where it is one: who put it there decides where it leads.
        let (Ok(file), Ok(folder)) = (path.symlink_metadata(), directory.metadata()) else {
            return Ok(());
        };
        let own = rustix::process::geteuid().as_raw();
        if !may_be_planted(file.uid(), own, folder.mode()) {
            return Ok(());
        }
        let nearest = if self.has_target { &self.base } else { &self.working };
        let (path, nearest) = (path.to_owned(), nearest.clone());
        Err(ConfigError::ForeignDotEnv { path, nearest, owner: file.uid() })
    }

    #[cfg(not(unix))]
    fn check_owner(&self, _: &Path, _: &Path) -> Result<(), ConfigError> {
        Ok(())
    }
}

/// Whether a file of `owner` may have been put into a folder with these rights by someone else
/// than `own`.
#[cfg(unix)]
fn may_be_planted(owner: u32, own: u32, folder: u32) -> bool {
    owner != own && folder & 0o022 != 0
}

/// The `.env` file of a request.
pub(super) struct FoundDotEnv {
    pub(super) path: Option<PathBuf>,
    /// Whether it lies outside the project.
    pub(super) is_outside: bool,
    pub(super) values: DotEnv,
}

/// Reads the one `.env` file that counts.
pub(super) fn read_dotenv(
    request: &ProjectRequest<'_>,
    place: &Directories,
    warnings: &mut Vec<ConfigWarning>,
) -> Result<FoundDotEnv, ConfigError> {
    let stage = dotenv_stage(request, place)?;
    let mut names: Vec<String> = stage.iter().filter_map(|stage| dotenv_name(stage)).collect();
    names.push(".env".to_owned());
    for directory in place.dotenv_directories() {
        for name in &names {
            let path = directory.join(name);
            // Python keeps virtual environments in directories of this name.
            if path.is_dir() {
                continue;
            }
            let is_outside = !place.is_inside(&directory);
            if is_outside {
                place.check_owner(&path, &directory)?;
            }
            let Some(text) = read_text(&path, DOTENV_LIMIT)? else {
                continue;
            };
            let values = dotenv::parse(&text);
            (request.found_dotenv)(&values.values);
            let warning = |warning| ConfigWarning::DotEnv { path: path.clone(), warning };
            warnings.extend(values.warnings.iter().cloned().map(warning));
            return Ok(FoundDotEnv { path: Some(path), is_outside, values });
        }
    }
    Ok(FoundDotEnv { path: None, is_outside: false, values: DotEnv::default() })
}

/// The stage that selects `.env.<stage>`.
///
/// It is that of the working directory's configuration, even with a target
/// elsewhere. `None` when the file's stage depends on a variable that the
/// process does not have: then it must come from `.env` itself.
fn dotenv_stage(
    request: &ProjectRequest<'_>,
    place: &Directories,
) -> Result<Option<String>, ConfigError> {
    if let Some(stage) = request.stage {
        return Ok(Some(stage.to_owned()));
    }
    if let Some(mut file) = ConfigFile::read(&place.working)? {
        // Said when the instance itself is loaded; here only the stage matters.
        let _ = file.inherit(&place.working, &place.working)?;
        if let Some(stage) = file.text("stage")? {
            let environment = |name: &str| request.environment.get(name).cloned();
            let platform = |key: &str| {
                let given = match key {
                    "app" => request.app,
                    "org" => request.org,
                    _ => None,
                };
                let given = given.map(str::to_owned);
                given.or_else(|| file.text(key).ok().flatten())
            };
            let platform = Platform {
                top: &platform,
                parameters: &|name| parameter(request, &environment, name),
                outputs: &|output| request.outputs.value(output, None),
            };
            let platform = Some(platform);
            let scope = Scope { environment: &environment, unusable: None, platform };
            let resolved = variables::resolve_text(&stage, "stage", scope);
            return Ok(resolved.ok().map(|stage| stage.value));
        }
    }
    let stage = request.environment.get("STAGE").filter(|stage| !stage.is_empty());
    Ok(Some(stage.cloned().unwrap_or_else(|| DEFAULT_STAGE.to_owned())))
}

/// Returns `.env.<stage>`, unless the stage would lead out of the directory.
fn dotenv_name(stage: &str) -> Option<String> {
    let is_name = !stage.is_empty() && !stage.contains(['/', '\\', '\0']);
    is_name.then(|| format!(".env.{stage}"))
}

/// Warns when the stage turned out to have a `.env` file that was not read.
pub(super) fn warn_of_unread_dotenv(
    read: &FoundDotEnv,
    place: &Directories,
    stage: &str,
    warnings: &mut Vec<ConfigWarning>,
) {
    let Some(name) = dotenv_name(stage) else {
        return;
    };
    let read_name = read.path.as_deref().and_then(Path::file_name);
    if read_name == Some(OsStr::new(&name)) {
        return;
    }
    for directory in place.dotenv_directories() {
        let path = directory.join(&name);
        if path.is_file() {
            let (stage, read) = (stage.to_owned(), read.path.clone());
            warnings.push(ConfigWarning::UnreadDotEnv { stage, path, read });
            return;
        }
        if read.path.as_deref().and_then(Path::parent) == Some(&directory) {
            // Files further out lose against the one that was read anyway.
            return;
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::may_be_planted;

    #[test]
    fn another_users_file_in_a_folder_that_others_can_write_may_be_planted() {
        for (owner, own, folder, planted) in [
            (1000, 1000, 0o777, false),
            (1001, 1000, 0o777, true),
            (1001, 1000, 0o1777, true),
            (1001, 1000, 0o775, true),
            (1001, 1000, 0o755, false),
            (1001, 1000, 0o700, false),
            (1001, 0, 0o1777, true),
            (0, 1000, 0o1777, true),
            (0, 1000, 0o755, false),
        ] {
            assert_eq!(may_be_planted(owner, own, folder), planted, "{owner} {own} {folder:o}");
        }
    }
}
