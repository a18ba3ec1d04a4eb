//! Ignore files: `.scfignore` and `.slsignore` where they exist, `.gitignore` if requested.
//!
//! The real tool reads none of them. Patterns mean what they mean to git.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::{Oversized, PackageError, PatternList, PatternProblem};

/// Names of our own ignore files; later ones take precedence.
const OWN: &[&str] = &[".slsignore", ".scfignore"];
const GIT: &str = ".gitignore";
/// Maximum size of an ignore file in bytes.
const SIZE_LIMIT: u64 = 1_000_000;

/// The ignore files that apply in a folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Ignored {
    own: Rc<[Gitignore]>,
    /// From the top of the repository down; `None` unless requested.
    git: Option<Vec<Rc<Gitignore>>>,
}

impl Ignored {
    /// Reads those of the source folder and of its project.
    pub(super) fn new(
        source: &Path,
        project: &Path,
        respects_gitignore: bool,
    ) -> Result<Self, PackageError> {
        let mut own = Vec::new();
        for folder in [project, source] {
            if (folder == project && !source.starts_with(project))
                || (folder == source && source == project)
            {
                continue;
            }
            for name in OWN {
                own.extend(read(&folder.join(name))?);
            }
        }
        let git = if respects_gitignore {
            let mut git = Vec::new();
            for folder in above(source, project) {
                git.extend(read(&folder.join(GIT))?.map(Rc::new));
            }
            Some(git)
        } else {
            None
        };
        Ok(Self { own: own.into(), git })
    }

    /// Returns these and those of a subfolder.
    pub(super) fn enter(&self, folder: &Path) -> Result<Self, PackageError> {
        let mut below = self.clone();
        if let Some(git) = &mut below.git {
            git.extend(read(&folder.join(GIT))?.map(Rc::new));
        }
        Ok(below)
    }

    /// Returns whether a path is left out. The nearest file decides, and within it the last line.
    pub(super) fn leaves_out(&self, path: &Path, is_folder: bool) -> bool {
        let git = self.git.iter().flatten().rev().map(Rc::as_ref);
        for file in self.own.iter().rev().chain(git) {
            match file.matched(path, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        false
    }
}

/// Returns the folders from the top of the repository, or else of the project, down to `source`.
fn above(source: &Path, project: &Path) -> Vec<PathBuf> {
    let repository = source.ancestors().find(|folder| folder.join(".git").exists());
    let top = repository.unwrap_or(if source.starts_with(project) { project } else { source });
    let mut folders: Vec<PathBuf> = source
        .ancestors()
        .take_while(|folder| folder.starts_with(top))
        .map(Path::to_owned)
        .collect();
    folders.reverse();
    folders
}

fn read(path: &Path) -> Result<Option<Gitignore>, PackageError> {
    let failed = |source| PackageError::Read { path: path.to_owned(), source };
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() && metadata.len() <= SIZE_LIMIT => {}
        Ok(metadata) if metadata.is_dir() => return Ok(None),
        Ok(metadata) if metadata.is_file() => {
            return Err(failed(std::io::Error::other(Oversized { limit: SIZE_LIMIT })));
        }
        Ok(_) => return Err(PackageError::Special { path: path.to_owned() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(failed(source)),
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let mut builder = GitignoreBuilder::new(path.parent().unwrap_or(path));
    let wrong = |pattern: &str, error: &ignore::Error| PackageError::Pattern {
        list: PatternList::File(path.to_owned()),
        pattern: pattern.chars().take(200).collect(),
        reason: PatternProblem::Ignore(error.to_string()),
    };
    for line in text.trim_start_matches('\u{feff}').lines() {
        builder.add_line(None, line).map_err(|error| wrong(line, &error))?;
    }
    builder.build().map(Some).map_err(|error| wrong("", &error))
}
