//! Folder to zip: same input, same bytes.
//!
//! Selection and modes follow the behaviour reference (packaging), its HARM cases excepted:
//! `.env*` files stay out, `dir/` excludes the directory, link loops and links out of the
//! project are refused.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Unpacked code of one version must stay below this, in bytes (API reference, limits).
const UNPACKED_LIMIT: u64 = 500_000_000;

/// Files and folders of one package; the names alone of so many fill what fits in one call.
/// Folders full of links to folders full of links would otherwise go on for ever.
const ENTRIES_LIMIT: usize = 50_000;

/// Bytes of one exclude pattern.
const PATTERN_LIMIT: usize = 1000;

/// Why a folder cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The folder is not there.
    #[error("source folder `{}` does not exist", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// A file where a folder is wanted.
    #[error("source `{}` is not a folder", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// Nothing is left to pack.
    #[error("nothing to pack in `{}`", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// A pattern that is no glob.
    #[error("exclude pattern `{pattern}` is not a glob: {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// Why.
        reason: String,
    },
    /// A file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A name that a zip cannot carry.
    #[error("the name of `{}` is not UTF-8", path.display())]
    Name {
        /// The path.
        path: PathBuf,
    },
    /// A device, pipe or socket.
    #[error("`{}` is neither a file nor a folder", path.display())]
    Special {
        /// The path.
        path: PathBuf,
    },
    /// A symbolic link that leads out of the project.
    #[error("link `{}` leads out of the project to `{}`", path.display(), target.display())]
    Outside {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// A symbolic link to a folder that it lies in.
    #[error("link `{}` leads back to a folder that it lies in", path.display())]
    Loop {
        /// The link.
        path: PathBuf,
    },
    /// Too much for one version.
    #[error("`{}` holds {size} bytes, a function version takes {UNPACKED_LIMIT}", path.display())]
    TooLarge {
        /// The folder.
        path: PathBuf,
        /// Bytes.
        size: u64,
    },
    /// Links that multiply, or a folder that is no project.
    #[error("`{}` holds more than {ENTRIES_LIMIT} files and folders", path.display())]
    TooMany {
        /// The folder.
        path: PathBuf,
    },
    /// A name that an unpacking program could take for a way out of the folder.
    #[error("the name of `{}` climbs out of the package", path.display())]
    Climbing {
        /// The path.
        path: PathBuf,
    },
    /// Writing the zip failed.
    #[error("cannot write the package")]
    Zip(#[source] zip::result::ZipError),
}

/// The files of a package before they are read.
#[derive(Debug, Clone)]
pub struct Selection {
    root: PathBuf,
    /// Name in the zip to file, sorted by name.
    files: BTreeMap<String, SelectedFile>,
    installs_dependencies: bool,
}

#[derive(Debug, Clone)]
struct SelectedFile {
    content: Content,
    executable: bool,
}

/// Where the bytes of a file are.
#[derive(Debug, Clone)]
enum Content {
    /// In a file.
    File(PathBuf),
    /// Here: no file of the folder holds them.
    Added(Vec<u8>),
}

impl Content {
    /// Reads at most one byte more than a version may have. A file may have grown since it was
    /// listed, or have no size that the system knows.
    fn read(&self) -> Result<Vec<u8>, PackageError> {
        match self {
            Self::Added(bytes) => Ok(bytes.clone()),
            Self::File(path) => {
                let mut content = Vec::new();
                std::fs::File::open(path)
                    .and_then(|file| file.take(UNPACKED_LIMIT + 1).read_to_end(&mut content))
                    .map_err(|source| PackageError::Read { path: path.clone(), source })?;
                Ok(content)
            }
        }
    }
}

/// A package ready to be sent.
#[derive(Debug, Clone)]
pub struct Package {
    /// The zip.
    pub bytes: Vec<u8>,
    /// Lower-case hex SHA-256 of the zip.
    pub sha256: String,
    /// Number of files.
    pub files: usize,
    /// The service installs the dependencies (`InstallDependency`).
    pub installs_dependencies: bool,
}

impl Selection {
    /// Lists what of `root` goes into the package. Reads folders, not files.
    ///
    /// `project` is the folder that links must stay in; `exclude` are globs anchored at
    /// `root`, `installs_dependencies` leaves out the top `node_modules` because the service
    /// installs them.
    ///
    /// # Errors
    /// See [`PackageError`].
    pub fn list(
        root: &Path,
        project: &Path,
        exclude: &[String],
        installs_dependencies: bool,
    ) -> Result<Self, PackageError> {
        let metadata = match std::fs::metadata(root) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(PackageError::Missing { path: root.to_owned() });
            }
            Err(source) => return Err(PackageError::Read { path: root.to_owned(), source }),
        };
        if !metadata.is_dir() {
            return Err(PackageError::NotAFolder { path: root.to_owned() });
        }
        let canonical = |path: &Path| {
            path.canonicalize()
                .map_err(|source| PackageError::Read { path: path.to_owned(), source })
        };
        let mut walk = Walk {
            // A source folder beside the project is the user's word; links are not.
            allowed: [canonical(project)?, canonical(root)?],
            excluded: globs(exclude)?,
            installs_dependencies,
            files: BTreeMap::new(),
            size: 0,
            entries: 0,
        };
        walk.folder(root, "", &mut vec![canonical(root)?])?;
        if walk.files.is_empty() {
            return Err(PackageError::Empty { path: root.to_owned() });
        }
        if walk.size > UNPACKED_LIMIT {
            return Err(PackageError::TooLarge { path: root.to_owned(), size: walk.size });
        }
        Ok(Self { root: root.to_owned(), files: walk.files, installs_dependencies })
    }

    /// Whether a file of this name is in the package.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// The bytes of a file; `None` when it is not in the package.
    #[must_use]
    pub fn content(&self, name: &str) -> Option<Result<Vec<u8>, PackageError>> {
        Some(self.files.get(name)?.content.read())
    }

    /// Whether a file of this name is in the package and may be started.
    #[must_use]
    pub fn is_executable(&self, name: &str) -> bool {
        self.files.get(name).is_some_and(|file| file.executable)
    }

    /// Makes a file executable in the package, whatever it is in the folder.
    pub fn make_executable(&mut self, name: &str) {
        if let Some(file) = self.files.get_mut(name) {
            file.executable = true;
        }
    }

    /// Adds an executable file that the folder does not have.
    pub fn add(&mut self, name: &str, content: Vec<u8>) {
        let file = SelectedFile { content: Content::Added(content), executable: true };
        self.files.insert(name.to_owned(), file);
    }

    /// Whether a file was added that the folder does not have.
    #[must_use]
    pub fn has_added(&self, name: &str) -> bool {
        matches!(self.files.get(name), Some(SelectedFile { content: Content::Added(_), .. }))
    }

    /// The folder that is packed.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Reads and packs the files.
    ///
    /// Entries are sorted by name and carry one fixed time, so the bytes depend on names,
    /// contents and execute bits alone.
    ///
    /// # Errors
    /// A file that cannot be read any more, or is gone.
    pub fn pack(&self) -> Result<Package, PackageError> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default());
        let mut size = 0;
        let mut folders = std::collections::BTreeSet::new();
        for (name, file) in &self.files {
            for (position, _) in name.match_indices('/') {
                let folder = &name[..=position];
                if folders.insert(folder.to_owned()) {
                    let options = options
                        .compression_method(CompressionMethod::Stored)
                        .unix_permissions(0o775);
                    writer.add_directory(folder, options).map_err(PackageError::Zip)?;
                }
            }
            let content = file.content.read()?;
            size += content.len() as u64;
            if size > UNPACKED_LIMIT {
                return Err(PackageError::TooLarge { path: self.root.clone(), size });
            }
            let mode = if file.executable { 0o755 } else { 0o644 };
            writer
                .start_file(name.as_str(), options.unix_permissions(mode))
                .map_err(PackageError::Zip)?;
            writer.write_all(&content).map_err(|error| PackageError::Zip(error.into()))?;
        }
        let bytes = writer.finish().map_err(PackageError::Zip)?.into_inner();
        let sha256 = hex::encode(Sha256::digest(&bytes));
        Ok(Package {
            bytes,
            sha256,
            files: self.files.len(),
            installs_dependencies: self.installs_dependencies,
        })
    }
}

struct Walk {
    allowed: [PathBuf; 2],
    excluded: GlobSet,
    installs_dependencies: bool,
    files: BTreeMap<String, SelectedFile>,
    size: u64,
    entries: usize,
}

impl Walk {
    /// `above` are the real paths of the folders that this one lies in.
    fn folder(
        &mut self,
        folder: &Path,
        prefix: &str,
        above: &mut Vec<PathBuf>,
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
            if self.leaves_out(prefix, &file_name, &name) {
                continue;
            }
            self.entries += 1;
            if self.entries > ENTRIES_LIMIT {
                return Err(PackageError::TooMany { path: folder.to_owned() });
            }
            if file_name.split('\\').any(|part| part == "..") {
                return Err(PackageError::Climbing { path });
            }
            let is_link = entry.file_type().map_err(unreadable(&path))?.is_symlink();
            let metadata = match std::fs::metadata(&path) {
                Ok(metadata) => metadata,
                // A link to nothing packs nothing.
                Err(error) if is_link && error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(source) => return Err(PackageError::Read { path, source }),
            };
            if is_link {
                let target = path.canonicalize().map_err(unreadable(&path))?;
                if !self.allowed.iter().any(|allowed| target.starts_with(allowed)) {
                    return Err(PackageError::Outside { path, target });
                }
                if metadata.is_dir() && above.contains(&target) {
                    return Err(PackageError::Loop { path });
                }
            }
            if metadata.is_dir() {
                above.push(path.canonicalize().map_err(unreadable(&path))?);
                self.folder(&path, &format!("{name}/"), above)?;
                above.pop();
            } else if metadata.is_file() {
                self.size += metadata.len();
                let executable = is_executable(&metadata);
                self.files.insert(name, SelectedFile { content: Content::File(path), executable });
            } else {
                return Err(PackageError::Special { path });
            }
        }
        Ok(())
    }

    fn leaves_out(&self, prefix: &str, file_name: &str, name: &str) -> bool {
        let at_top = prefix.is_empty();
        (at_top && (file_name == ".git" || file_name == ".scfctl"))
            || (at_top && self.installs_dependencies && file_name == "node_modules")
            || file_name == ".env"
            || file_name.starts_with(".env.")
            || self.excluded.is_match(name)
    }
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    false
}

fn globs(patterns: &[String]) -> Result<GlobSet, PackageError> {
    let error = |pattern: &str, error: &globset::Error| PackageError::Pattern {
        pattern: pattern.to_owned(),
        reason: error.kind().to_string(),
    };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        // A negated pattern re-includes nothing in the real tool either.
        if pattern.starts_with('!') {
            continue;
        }
        let plain = pattern.strip_prefix("./").unwrap_or(pattern).trim_end_matches('/');
        // Braces inside braces are followed by recursion.
        if plain.len() > PATTERN_LIMIT {
            return Err(PackageError::Pattern {
                pattern: plain.chars().take(40).chain(['…']).collect(),
                reason: format!("it has more than {PATTERN_LIMIT} bytes"),
            });
        }
        let glob = GlobBuilder::new(plain)
            .literal_separator(true)
            .build()
            .map_err(|reason| error(pattern, &reason))?;
        set.add(glob);
    }
    set.build().map_err(|reason| error(&patterns.join(" "), &reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, name).unwrap();
        }
        folder
    }

    fn names(folder: &Path, exclude: &[&str]) -> Vec<String> {
        let exclude: Vec<String> = exclude.iter().map(|pattern| (*pattern).to_owned()).collect();
        Selection::list(folder, folder, &exclude, false).unwrap().files.into_keys().collect()
    }

    #[test]
    fn secrets_and_the_repository_stay_out() {
        let folder = tree(&[
            "index.py",
            ".env",
            ".env.prod",
            ".git/config",
            ".scfctl/local.json",
            "sub/.env",
            ".envrc",
        ]);
        assert_eq!(names(folder.path(), &[]), [".envrc", "index.py"]);
    }

    #[test]
    fn excludes_are_anchored_globs() {
        let folder =
            tree(&["a.js", "d/a.js", "node_modules/m/i.js", "sub/node_modules/n.js", "x.ts"]);
        let table: [(&[&str], &[&str]); 6] = [
            (&["a.js"], &["d/a.js", "node_modules/m/i.js", "sub/node_modules/n.js", "x.ts"]),
            (&["node_modules"], &["a.js", "d/a.js", "sub/node_modules/n.js", "x.ts"]),
            (&["node_modules/"], &["a.js", "d/a.js", "sub/node_modules/n.js", "x.ts"]),
            (&["**/node_modules/**", "./d/**"], &["a.js", "x.ts"]),
            (&["**/*.js"], &["x.ts"]),
            (&["*.{js,ts}", "!a.js"], &["d/a.js", "node_modules/m/i.js", "sub/node_modules/n.js"]),
        ];
        for (exclude, expected) in table {
            assert_eq!(names(folder.path(), exclude), expected, "{exclude:?}");
        }
    }

    #[test]
    fn same_input_same_bytes() {
        let one = tree(&["b/c.txt", "a.txt"]);
        let two = tree(&["a.txt", "b/c.txt"]);
        let pack = |folder: &tempfile::TempDir| {
            Selection::list(folder.path(), folder.path(), &[], false).unwrap().pack().unwrap()
        };
        assert_eq!(pack(&one).bytes, pack(&two).bytes);
        fs::write(two.path().join("a.txt"), "other").unwrap();
        assert_ne!(pack(&one).sha256, pack(&two).sha256);
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_in_the_project() {
        use std::os::unix::fs::symlink;
        let folder = tree(&["src/a.js", "lib/b.js"]);
        let source = folder.path().join("src");
        let list = || Selection::list(&source, folder.path(), &[], false);
        symlink("../lib", source.join("lib")).unwrap();
        symlink("nowhere", source.join("broken")).unwrap();
        assert_eq!(list().unwrap().files.into_keys().collect::<Vec<_>>(), ["a.js", "lib/b.js"]);
        symlink("..", source.join("up")).unwrap();
        assert!(matches!(list(), Err(PackageError::Loop { .. })), "{:?}", list());
        fs::remove_file(source.join("up")).unwrap();
        symlink("/etc/hostname", source.join("host")).unwrap();
        assert!(matches!(list(), Err(PackageError::Outside { .. })));
    }

    #[test]
    fn nothing_to_pack_is_an_error() {
        let folder = tree(&["a.js"]);
        let list =
            |path: &Path, exclude: &[String]| Selection::list(path, folder.path(), exclude, false);
        assert!(matches!(list(&folder.path().join("no"), &[]), Err(PackageError::Missing { .. })));
        assert!(matches!(
            list(&folder.path().join("a.js"), &[]),
            Err(PackageError::NotAFolder { .. })
        ));
        assert!(matches!(list(folder.path(), &["**".into()]), Err(PackageError::Empty { .. })));
        assert!(matches!(list(folder.path(), &["a[".into()]), Err(PackageError::Pattern { .. })));
    }
}
