//! Which files are packed, and under which names.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::Emptied;
use super::files::Files;
use super::glob::{Excludes, Includes};
use super::ignored::Ignored;
use super::warning::PackageWarning;
use super::{ENTRIES_LIMIT, PackageError, UNPACKED_LIMIT};
use crate::order::Order as _;

/// Number of folders that an error about a too large package names.
const LARGEST: usize = 10;

/// What to pack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The source folder.
    pub folder: PathBuf,
    /// The folder that links must not leave.
    pub project: PathBuf,
    /// Globs to leave out, relative to the source folder.
    pub exclude: Vec<String>,
    /// Globs to include anyway.
    pub include: Vec<String>,
    /// Folder inside the package for everything (`targetDir`); empty for the top.
    pub target: String,
    /// Leaves out the top-level `node_modules`, because the service installs dependencies.
    pub installs_dependencies: bool,
    /// Leaves out what git ignores.
    pub respects_gitignore: bool,
    /// Current time in Unix seconds. Files more recent than the file system's clock can distinguish
    /// cannot be recognised later.
    pub now: i64,
    /// A file that is never packed: the one that the package is written to.
    pub never: Option<PathBuf>,
}

/// The files of a package before they are read.
#[derive(Debug, Clone)]
pub struct Selection {
    root: PathBuf,
    /// Prefix of the names of files in `root`: empty, or ending with `/`.
    target: String,
    /// Sorted by name.
    files: Vec<SelectedFile>,
    /// Time of the listing in Unix seconds.
    pub(super) now: i64,
    /// Probable mistakes.
    warnings: Vec<PackageWarning>,
    /// Whether `exclude` left something out.
    emptied: Option<Emptied>,
}

/// A file of a package.
#[derive(Debug, Clone)]
pub(super) struct SelectedFile {
    pub(super) name: String,
    pub(super) executable: bool,
    pub(super) content: Content,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    /// A file below the root, with its state when it was listed.
    OnDisk(Stamp),
    /// Added by the program.
    Given(Arc<[u8]>),
}

/// What identifies the state of a file without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) size: u64,
    /// Last write, in seconds and nanoseconds.
    pub(super) modified: (i64, i64),
    /// Last change of content or metadata, which no program can set.
    pub(super) changed: (i64, i64),
    /// Device and inode number.
    pub(super) identity: (u64, u64),
}

impl Stamp {
    #[cfg(unix)]
    pub(super) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            identity: (metadata.dev(), metadata.ino()),
        }
    }

    #[cfg(not(unix))]
    pub(super) fn of(metadata: &Metadata) -> Self {
        let since = metadata
            .modified()
            .ok()
            .and_then(|modified| modified.duration_since(std::time::SystemTime::UNIX_EPOCH).ok());
        let modified = since.map_or((0, 0), |since| {
            (i64::try_from(since.as_secs()).unwrap_or(i64::MAX), i64::from(since.subsec_nanos()))
        });
        Self { size: metadata.len(), modified, changed: (0, 0), identity: (0, 0) }
    }

    /// Returns whether the content is the same as far as metadata shows.
    pub(super) fn same_content(&self, other: &Self) -> bool {
        (self.size, self.modified, self.identity) == (other.size, other.modified, other.identity)
    }
}

impl SelectedFile {
    pub(super) fn size(&self) -> u64 {
        match &self.content {
            Content::OnDisk(stamp) => stamp.size,
            Content::Given(bytes) => bytes.len() as u64,
        }
    }

    pub(super) fn mode(&self) -> u32 {
        if self.executable { 0o755 } else { 0o644 }
    }
}

/// A file of a package, for listings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// Name in the package.
    pub path: String,
    /// Permission bits.
    pub mode: u32,
    /// Size in bytes.
    pub size: u64,
    /// Lower-case hex SHA-256 of the content.
    pub sha256: String,
}

impl Selection {
    /// Lists the files of a folder to pack. Reads folders, not files.
    ///
    /// # Errors
    /// See [`PackageError`].
    pub fn list(rules: &Rules) -> Result<Self, PackageError> {
        Self::walk(rules)?.checked()
    }

    /// Like [`Self::list`], but accepts any number and size of files.
    pub(super) fn walk(rules: &Rules) -> Result<Self, PackageError> {
        let root = &rules.folder;
        let metadata = match std::fs::metadata(root) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(PackageError::Missing { path: root.clone() });
            }
            Err(source) => return Err(PackageError::Read { path: root.clone(), source }),
        };
        if !metadata.is_dir() {
            return Err(PackageError::NotAFolder { path: root.clone() });
        }
        let target = target(&rules.target)?;
        let mut walk = Walk {
            // The user named the source folder, which may be outside the project; links must stay
            // inside.
            allowed: [canonical(&rules.project)?, canonical(root)?],
            excludes: Excludes::new(&rules.exclude)?,
            includes: Includes::new(&rules.include)?,
            installs_dependencies: rules.installs_dependencies,
            never: rules.never.as_deref().and_then(|path| path.canonicalize().ok()),
            target: &target,
            files: Vec::new(),
            entries: 0,
            root,
            warnings: Vec::new(),
            has_excluded: false,
        };
        let ignored = Ignored::new(root, &rules.project, rules.respects_gitignore)?;
        walk.folder(root, "", &mut vec![canonical(root)?], &ignored, false)?;
        let Walk { mut files, mut warnings, excludes, includes, has_excluded, .. } = walk;
        // Folders are read in no particular order.
        warnings.order_by_key(ToString::to_string);
        files.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        // Patterns are also written relative to the project folder.
        let inside = root.strip_prefix(&rules.project).ok().and_then(Path::to_str).unwrap_or("");
        let patterns = excludes.warnings(inside).into_iter().chain(includes.warnings(inside));
        warnings.extend(patterns.map(PackageWarning::Pattern));
        let emptied =
            has_excluded.then(|| Emptied { negated: excludes.negated().map(str::to_owned) });
        Ok(Self { root: root.clone(), target, files, now: rules.now, warnings, emptied })
    }

    /// Fails for a package without files, and for one that exceeds the limit of a version.
    pub(super) fn checked(self) -> Result<Self, PackageError> {
        let path = || self.root.clone();
        if self.files.is_empty() {
            return Err(PackageError::Empty { path: path(), emptied: self.emptied });
        }
        let size = self.size();
        if size > UNPACKED_LIMIT {
            let sizes = self.files.iter().map(|file| (file.name.as_str(), file.size()));
            return Err(PackageError::TooLarge {
                path: path(),
                size,
                largest: largest_folders(sizes),
            });
        }
        Ok(self)
    }

    /// Returns the name of a file relative to the root.
    pub(super) fn inner_name<'a>(&self, file: &'a SelectedFile) -> &'a str {
        &file.name[self.target.len()..]
    }

    /// Returns whether the package contains this file, named relative to [`Self::root`].
    pub(super) fn contains_inner(&self, name: &str) -> bool {
        self.contains(&format!("{}{name}", self.target))
    }

    /// Adds a file from below [`Self::root`].
    pub(super) fn insert(&mut self, name: &str, file: SelectedFile) {
        let name = format!("{}{name}", self.target);
        if let Err(position) = self.find(&name) {
            self.files.insert(position, SelectedFile { name, ..file });
        }
    }

    /// Keeps only some of the files, and adds warnings.
    pub(super) fn retain(
        &mut self,
        keep: impl Fn(&Self, &SelectedFile) -> bool,
        warnings: &[PackageWarning],
    ) {
        let files = std::mem::take(&mut self.files);
        self.files = files.into_iter().filter(|file| keep(self, file)).collect();
        let new = warnings.iter().filter(|warning| !self.warnings.contains(warning)).cloned();
        let new: Vec<PackageWarning> = new.collect();
        self.warnings.extend(new);
    }

    /// Adds an executable file that is not in the folder, under its name in the package.
    pub fn add(&mut self, name: &str, content: Vec<u8>) {
        let content = Content::Given(content.into());
        let file = SelectedFile { name: name.to_owned(), executable: true, content };
        match self.find(name) {
            Ok(position) => self.files[position] = file,
            Err(position) => self.files.insert(position, file),
        }
    }

    /// Returns whether this file was added and is not in the folder.
    #[must_use]
    pub fn has_added(&self, name: &str) -> bool {
        self.file(name).is_some_and(|file| matches!(file.content, Content::Given(_)))
    }

    /// Makes a file executable in the package.
    pub fn make_executable(&mut self, name: &str) {
        if let Ok(position) = self.find(name) {
            self.files[position].executable = true;
        }
    }

    /// Returns whether the package contains this file as an executable.
    #[must_use]
    pub fn is_executable(&self, name: &str) -> bool {
        self.file(name).is_some_and(|file| file.executable)
    }

    /// Returns whether the package contains this file.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.file(name).is_some()
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.files.binary_search_by(|file| file.name.as_str().cmp(name))
    }

    pub(super) fn file(&self, name: &str) -> Option<&SelectedFile> {
        self.find(name).ok().map(|position| &self.files[position])
    }

    /// Returns the source folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the number of files.
    #[must_use]
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// Returns the size of all files in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.files.iter().map(SelectedFile::size).sum()
    }

    /// Returns warnings about probable mistakes.
    #[must_use]
    pub fn warnings(&self) -> &[PackageWarning] {
        &self.warnings
    }

    /// Replaces the files, for tests.
    #[cfg(test)]
    pub(super) fn replace(&mut self, files: Vec<SelectedFile>) {
        self.files = files;
    }

    pub(super) fn files(&self) -> &[SelectedFile] {
        &self.files
    }

    /// Returns the path of a file on disk.
    pub(super) fn path(&self, file: &SelectedFile) -> PathBuf {
        self.root.join(&file.name[self.target.len()..])
    }
}

impl Files for Selection {
    fn contains(&self, name: &str) -> bool {
        Self::contains(self, name)
    }

    fn is_executable(&self, name: &str) -> bool {
        Self::is_executable(self, name)
    }

    fn place(&self) -> &Path {
        self.root()
    }
}

fn canonical(path: &Path) -> Result<PathBuf, PackageError> {
    path.canonicalize().map_err(|source| PackageError::Read { path: path.to_owned(), source })
}

/// Returns `targetDir` as a prefix of names.
fn target(text: &str) -> Result<String, PackageError> {
    let mut target = String::new();
    for part in text.split(['/', '\\']).filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            return Err(PackageError::Target(text.to_owned()));
        }
        target.extend([part, "/"]);
    }
    Ok(target)
}

/// Identifies a file as a saved plan.
pub const SAVED_PLAN: &str = "scfctl-plan";
/// Size range in bytes of files that are checked for being a saved plan.
const PLANS: std::ops::Range<u64> = 200..16 << 20;

/// Returns whether a file is a plan saved by `deploy --plan`, which is not code and may be
/// anywhere.
///
/// There may be tens of thousands of files, so only those at the top are checked and, below, those
/// named like plans.
fn is_saved_plan(path: &Path, name: &str, metadata: &Metadata) -> bool {
    let may_be = !name.contains('/')
        || matches!(path.extension().and_then(OsStr::to_str), None | Some("json" | "plan"));
    let is_installed = name.split('/').any(|part| part == "node_modules");
    if !may_be || is_installed || !PLANS.contains(&metadata.len()) {
        return false;
    }
    let mut begin = [0; 128];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut begin));
    if read.is_err() || begin[0] != b'{' {
        return false;
    }
    let begin: String =
        String::from_utf8_lossy(&begin).chars().filter(|one| !one.is_whitespace()).collect();
    begin.contains(&format!("\"kind\":\"{SAVED_PLAN}\""))
}

struct Walk<'a> {
    allowed: [PathBuf; 2],
    excludes: Excludes,
    includes: Includes,
    installs_dependencies: bool,
    never: Option<PathBuf>,
    target: &'a str,
    files: Vec<SelectedFile>,
    entries: usize,
    root: &'a Path,
    warnings: Vec<PackageWarning>,
    /// Whether `exclude` left something out.
    has_excluded: bool,
}

impl Walk<'_> {
    /// Walks a folder.
    ///
    /// `above` has the canonical paths of this folder and its parents, so that each is resolved
    /// once, not for every link in it. With `only_included`, the folder itself is left out and only
    /// what `include` names is packed.
    fn folder(
        &mut self,
        folder: &Path,
        prefix: &str,
        above: &mut Vec<PathBuf>,
        ignored: &Ignored,
        only_included: bool,
    ) -> Result<(), PackageError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            |source| PackageError::Read { path, source }
        };
        for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
            let entry = entry.map_err(unreadable(folder))?;
            let path = entry.path();
            let Some(file_name) = entry.file_name().to_str().map(str::to_owned) else {
                return Err(PackageError::Name { path });
            };
            let name = format!("{prefix}{file_name}");
            let mut metadata = entry.metadata().map_err(unreadable(&path))?;
            let is_link = metadata.is_symlink();
            // What is left out by name is not examined: it may lead anywhere.
            let excluded = !only_included && self.is_excluded(&name, &metadata)?;
            let by_name = only_included
                || excluded
                || self.is_left_out(prefix, &file_name, metadata.is_dir())
                || (!is_link && ignored.leaves_out(&path, metadata.is_dir()));
            if by_name && !excluded && !only_included {
                self.excludes.passed(&name);
            }
            let is_named = !metadata.is_dir() && self.includes.file(&name)?;
            if by_name && !is_named && (metadata.is_file() || !self.includes.reach(&name)) {
                continue;
            }
            let mut left_out = by_name;
            let mut place = None;
            self.entries += 1;
            if self.entries > ENTRIES_LIMIT {
                let names = self.files.iter().map(|file| (file.name.as_str(), 1));
                let largest = largest_folders(names);
                return Err(PackageError::TooMany { path: self.root.to_owned(), largest });
            }
            if file_name.split('\\').any(|part| part == "..") {
                return Err(PackageError::Climbing { path });
            }
            if is_link {
                metadata = match std::fs::metadata(&path) {
                    Ok(metadata) => metadata,
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                        if !by_name || is_named {
                            self.warnings.push(PackageWarning::BrokenLink { name });
                        }
                        continue;
                    }
                    Err(source) => return Err(PackageError::Read { path, source }),
                };
                left_out = left_out
                    || ignored.leaves_out(&path, metadata.is_dir())
                    || (metadata.is_file() && self.leads_to_secrets(&path, &name)?);
                if left_out && !is_named && !metadata.is_dir() {
                    continue;
                }
                let target = path.canonicalize().map_err(unreadable(&path))?;
                if !self.allowed.iter().any(|allowed| target.starts_with(allowed)) {
                    if left_out && !is_named {
                        continue;
                    }
                    return Err(PackageError::Outside { path, target });
                }
                if metadata.is_dir() && above.contains(&target) {
                    return Err(PackageError::Loop { path });
                }
                place = Some(target);
            }
            if metadata.is_dir() {
                if left_out && !self.includes.reach(&name) {
                    continue;
                }
                let ignored = ignored.enter(&path)?;
                above.extend(place.or_else(|| Some(above.last()?.join(&file_name))));
                self.folder(&path, &format!("{name}/"), above, &ignored, left_out)?;
                above.pop();
            } else if left_out && !is_named {
                // A link to something that is not packed.
            } else if self.never.is_some() && path.canonicalize().ok() == self.never {
                // The file or pipe that the package is written to.
            } else if metadata.is_file() && !is_named && is_saved_plan(&path, &name, &metadata) {
                self.warnings.push(PackageWarning::SavedPlan { name });
            } else if metadata.is_file() {
                let stamp = Stamp::of(&metadata);
                self.files.push(SelectedFile {
                    name: format!("{}{name}", self.target),
                    executable: is_executable(&metadata),
                    content: Content::OnDisk(stamp),
                });
            } else {
                return Err(PackageError::Special { path });
            }
        }
        Ok(())
    }

    /// Returns whether `exclude` names a file, a folder, or a link, which may be either.
    fn is_excluded(&mut self, name: &str, metadata: &Metadata) -> Result<bool, PackageError> {
        let excluded = (!metadata.is_dir() && self.excludes.file(name)?)
            || (!metadata.is_file() && self.excludes.folder(name)?);
        self.has_excluded = self.has_excluded || excluded;
        Ok(excluded)
    }

    /// Returns whether an entry is always left out unless `include` names it.
    fn is_left_out(&self, prefix: &str, file_name: &str, is_folder: bool) -> bool {
        let at_top = prefix.is_empty();
        (at_top && matches!(file_name, ".git" | ".scfctl"))
            || (at_top && self.installs_dependencies && file_name == "node_modules")
            || (!is_folder && is_secret(file_name))
            || (is_folder && (file_name == ".env" || file_name.starts_with(".env.")))
    }

    /// Returns whether a link leads to a file that is left out for its name.
    fn leads_to_secrets(&mut self, path: &Path, name: &str) -> Result<bool, PackageError> {
        let target = canonical(path)?;
        let secret = target.file_name().and_then(|name| name.to_str()).is_some_and(is_secret);
        if secret {
            self.warnings.push(PackageWarning::SecretLink { name: name.to_owned(), target });
        }
        Ok(secret)
    }
}

/// Returns whether a file is `.env` or begins with that.
pub(super) fn is_secret(file_name: &str) -> bool {
    file_name.starts_with(".env")
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    false
}

/// Returns the largest folders, largest first, except those that consist mostly of one subfolder.
fn largest_folders<'a>(files: impl Iterator<Item = (&'a str, u64)>) -> Vec<(String, u64)> {
    let mut weights: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, weight) in files {
        for (end, _) in name.match_indices('/') {
            *weights.entry(&name[..end]).or_default() += weight;
        }
    }
    let mut heaviest_child: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, weight) in &weights {
        if let Some((parent, _)) = name.rsplit_once('/') {
            let heaviest = heaviest_child.entry(parent).or_default();
            *heaviest = (*heaviest).max(*weight);
        }
    }
    let mut largest: Vec<(String, u64)> = weights
        .iter()
        .filter(|(name, weight)| {
            heaviest_child.get(*name).is_none_or(|child| child * 10 < **weight * 9)
        })
        .map(|(name, weight)| ((*name).to_owned(), *weight))
        .collect();
    largest.order_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    largest.truncate(LARGEST);
    largest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_folders_are_those_that_hold_the_weight_themselves() {
        let files = [
            ("node_modules/a/build/x.node", 700),
            ("node_modules/b/y.js", 100),
            ("node_modules/b/z.js", 150),
            ("lib/small.js", 5),
            ("top.js", 900),
        ];
        assert_eq!(
            largest_folders(files.into_iter()),
            [
                ("node_modules".to_owned(), 950),
                ("node_modules/a/build".to_owned(), 700),
                ("node_modules/b".to_owned(), 250),
                ("lib".to_owned(), 5),
            ]
        );
        let many = (0..30).map(|number| (format!("d{number:02}/f"), number));
        let many: Vec<(String, u64)> = many.collect();
        let largest = largest_folders(many.iter().map(|(name, size)| (name.as_str(), *size)));
        assert_eq!((largest.len(), largest[0].0.as_str()), (10, "d29"));
    }

    #[test]
    fn a_target_folder_stays_inside() {
        assert_eq!(target("/app/./code/").unwrap(), "app/code/");
        assert_eq!(target("").unwrap(), "");
        assert!(target("a/../../b").is_err());
    }
}
