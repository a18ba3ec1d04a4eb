//! The part of a shared package that one function uses.

use super::glob::{Excludes, Includes};
use super::selection::is_secret;
use super::{PackageError, Rules, Selection};

/// What to cut out of a shared package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackagePart {
    /// Folder inside the package, or empty for all of it. Names in the part are relative to it.
    pub folder: String,
    /// Globs to leave out of the part, relative to its folder.
    pub exclude: Vec<String>,
    /// Globs to include anyway, whatever the rules of the whole say.
    pub include: Vec<String>,
}

impl PackagePart {
    /// Returns the prefix of its names in the whole.
    fn prefix(&self) -> String {
        if self.folder.is_empty() { String::new() } else { format!("{}/", self.folder) }
    }
}

impl Selection {
    /// Lists the part of the package that the rules describe.
    ///
    /// `target` and `installs_dependencies` of the rules apply to the part.
    ///
    /// # Errors
    /// See [`PackageError`].
    pub fn part(rules: &Rules, part: &PackagePart) -> Result<Self, PackageError> {
        let folder = rules.folder.join(&part.folder);
        if rules.folder.is_dir() && !folder.exists() {
            let common = rules.folder.clone();
            return Err(PackageError::MissingPart { path: folder, common });
        }
        let whole = Self::walk(&Rules {
            target: String::new(),
            installs_dependencies: false,
            ..rules.clone()
        })?;
        let mut own = Self::walk(&Rules {
            folder,
            exclude: part.exclude.clone(),
            include: part.include.clone(),
            ..rules.clone()
        })?;
        let mut included = Includes::new(&part.include)?;
        let mut named = Vec::new();
        for name in own.files().iter().map(|file| own.inner_name(file)) {
            if included.file(name)? {
                named.push(name.to_owned());
            }
        }
        let keep = |own: &Self, file: &_| {
            let name = own.inner_name(file);
            whole.contains(&format!("{}{name}", part.prefix()))
                || named.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
        };
        own.retain(keep, whole.warnings());
        // Files left out for their name alone are included where the rules of the whole name them.
        let (mut excludes, prefix) = (Excludes::new(&part.exclude)?, part.prefix());
        for file in whole.files() {
            let Some(name) = file.name.strip_prefix(&prefix).map(str::to_owned) else { continue };
            let base = name.rsplit('/').next().unwrap_or_default();
            if is_secret(base) && !own.contains_inner(&name) && !excludes.file(&name)? {
                own.insert(&name, file.clone());
            }
        }
        own.checked()
    }
}
