//! The programs that start a function: `scf_bootstrap` of a web function, `bootstrap` of a
//! runtime of one's own.

use std::path::Path;

use crate::config::function::nearest;
use crate::error::{CodeError, Error};
use crate::package::{Files as _, Finished, Selection};
use crate::report::notice::CodeWarning;

/// The file that the platform starts, at the top of the package of a web function.
pub(super) const BOOTSTRAP: &str = "scf_bootstrap";

/// The runtime that the package itself brings along.
pub(super) const CUSTOM_RUNTIME: &str = "CustomRuntime";

/// The file that the platform starts, at the top of the package of an event function with a
/// runtime of its own.
pub(super) const CUSTOM_BOOTSTRAP: &str = "bootstrap";

/// Runtime and its program: those of the real component, and the other languages that the
/// platform documents a program of for web functions.
const RUNNERS: &[(&str, &str)] = &[
    ("Nodejs6.10", "/var/lang/node6/bin/node"),
    ("Nodejs8.9", "/var/lang/node8/bin/node"),
    ("Nodejs10.15", "/var/lang/node10/bin/node"),
    ("Nodejs12.16", "/var/lang/node12/bin/node"),
    ("Nodejs14.18", "/var/lang/node14/bin/node"),
    ("Nodejs16.13", "/var/lang/node16/bin/node"),
    ("Nodejs18.15", "/var/lang/node18/bin/node"),
    ("Nodejs20.19", "/var/lang/node20/bin/node"),
    ("Python2.7", "/var/lang/python2/bin/python2 -u"),
    ("Python3.6", "/var/lang/python3/bin/python3 -u"),
    ("Python3.7", "/var/lang/python37/bin/python3 -u"),
    ("Python3.9", "/var/lang/python39/bin/python3.9 -u"),
    ("Python3.10", "/var/lang/python310/bin/python3.10 -u"),
    ("Php5.6", "/var/lang/php5/bin/php -S 0.0.0.0:9000"),
    ("Php7", "/var/lang/php7/bin/php -S 0.0.0.0:9000"),
    ("Php7.4", "/var/lang/php74/bin/php -S 0.0.0.0:9000"),
    ("Php8.0", "/var/lang/php80/bin/php -S 0.0.0.0:9000"),
];

/// Runtimes that the API documents or answers with, beside those above.
const OTHER_RUNTIMES: &[&str] = &["Go1", "Java8", "Java11", CUSTOM_RUNTIME, "CustomImage"];

/// Sees to it that the package of a web function starts: an `scf_bootstrap` that is there is
/// checked and made executable, else the one that the real component makes is added.
///
/// # Errors
/// One that cannot run; or none, and a runtime or an entry file that none can be made for.
pub(super) fn ensure(
    selection: &mut Selection,
    runtime: &str,
    entry_file: Option<&str>,
) -> Result<Option<CodeWarning>, Error> {
    if let Some(content) = selection.content(BOOTSTRAP) {
        check(BOOTSTRAP, selection.root(), &content?)?;
        return Ok(made_executable(selection, BOOTSTRAP));
    }
    let Some((_, runner)) = RUNNERS.iter().find(|(name, _)| *name == runtime) else {
        let known = RUNNERS.iter().map(|(name, _)| *name).collect();
        let meant = unknown_runtime(runtime).and_then(|_| nearest_runtime(runtime));
        return Err(CodeError::NoBootstrap { runtime: runtime.to_owned(), known, meant }.into());
    };
    let entry_file = entry_file.unwrap_or_else(|| default_entry_file(runtime));
    if !selection.contains(entry_file) {
        let folder = selection.root().to_owned();
        return Err(CodeError::NoEntryFile { file: entry_file.to_owned(), folder }.into());
    }
    let script = format!("#!/usr/bin/env bash\n{runner} {}\n", quoted(entry_file));
    selection.add(BOOTSTRAP, script.into_bytes());
    let entry_file = entry_file.to_owned();
    Ok(Some(CodeWarning::Injected { name: BOOTSTRAP, entry_file }))
}

/// Sees to it that an event function with a runtime of its own starts.
///
/// # Errors
/// There is no `bootstrap`, or one that cannot run.
pub(super) fn ensure_custom(selection: &mut Selection) -> Result<Option<CodeWarning>, Error> {
    let Some(content) = selection.content(CUSTOM_BOOTSTRAP) else {
        let (folder, is_web) = (selection.root().to_owned(), selection.contains(BOOTSTRAP));
        return Err(CodeError::NoCustomBootstrap { folder, is_web }.into());
    };
    check(CUSTOM_BOOTSTRAP, selection.root(), &content?)?;
    Ok(made_executable(selection, CUSTOM_BOOTSTRAP))
}

/// Checks that a finished package, to which nothing is added, has the program that starts it.
///
/// # Errors
/// There is none, or one that cannot run.
pub(super) fn check_finished(package: &Finished, name: &'static str) -> Result<(), Error> {
    let place = package.place().to_owned();
    let Some(content) = package.content(name) else {
        return Err(if name == CUSTOM_BOOTSTRAP {
            let is_web = package.contains(BOOTSTRAP);
            CodeError::NoCustomBootstrap { folder: place, is_web }.into()
        } else {
            CodeError::BareWeb { package: place }.into()
        });
    };
    // The file of this name that it was made of.
    check(name, Path::new(""), &content?)?;
    if package.is_executable(name) {
        return Ok(());
    }
    Err(CodeError::NotExecutable { name, package: place }.into())
}

fn made_executable(selection: &mut Selection, name: &'static str) -> Option<CodeWarning> {
    let executable = selection.is_executable(name);
    selection.make_executable(name);
    (!executable).then_some(CodeWarning::MadeExecutable { name })
}

/// What is probably a mistake about the name of a runtime.
pub(super) fn unknown_runtime(runtime: &str) -> Option<CodeWarning> {
    if known_runtimes().any(|name| name == runtime) {
        return None;
    }
    let meant = nearest_runtime(runtime);
    Some(CodeWarning::UnknownRuntime { runtime: runtime.to_owned(), meant })
}

/// All that the service has, the oldest first.
pub(in crate::app) fn known_runtimes() -> impl Iterator<Item = &'static str> {
    RUNNERS.iter().map(|(name, _)| *name).chain(OTHER_RUNTIMES.iter().copied())
}

/// The runtime that a name of none most likely means.
fn nearest_runtime(runtime: &str) -> Option<&'static str> {
    nearest(runtime, known_runtimes())
}

fn default_entry_file(runtime: &str) -> &'static str {
    if runtime.starts_with("Python") {
        "app.py"
    } else if runtime.starts_with("Php") {
        "hello.php"
    } else {
        "app.js"
    }
}

/// The kernel takes the first line literally, blanks and carriage returns included.
fn check(name: &str, root: &Path, content: &[u8]) -> Result<(), Error> {
    if content.starts_with(b"\x7fELF") {
        return Ok(());
    }
    if !content.starts_with(b"#!") {
        return Err(CodeError::FirstLine { name: name.to_owned() }.into());
    }
    // The last line, and that of a Mac, may end without a line feed.
    let first = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if first.contains(&b'\r') || content.windows(2).any(|pair| pair == b"\r\n") {
        let (name, path) = (name.to_owned(), root.join(name));
        return Err(CodeError::WindowsLineEnds { name, path }.into());
    }
    Ok(())
}

/// A word of a shell.
fn quoted(word: &str) -> String {
    let plain = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, '/' | '.' | '_' | '-')
    };
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Rules;

    fn selection(files: &[(&str, &str)]) -> (tempfile::TempDir, Selection) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let selection = Selection::list(&Rules {
            folder: folder.path().to_owned(),
            project: folder.path().to_owned(),
            ..Rules::default()
        })
        .unwrap();
        (folder, selection)
    }

    #[test]
    fn the_real_components_script_is_injected() {
        for (runtime, entry, file, script) in [
            ("Nodejs6.10", None, "app.js", "/var/lang/node6/bin/node app.js"),
            ("Nodejs20.19", None, "app.js", "/var/lang/node20/bin/node app.js"),
            ("Nodejs10.15", None, "app.js", "/var/lang/node10/bin/node app.js"),
            (
                "Nodejs16.13",
                Some("my app.js"),
                "my app.js",
                "/var/lang/node16/bin/node 'my app.js'",
            ),
            ("Python3.7", None, "app.py", "/var/lang/python37/bin/python3 -u app.py"),
            ("Python3.9", None, "app.py", "/var/lang/python39/bin/python3.9 -u app.py"),
            ("Python3.10", None, "app.py", "/var/lang/python310/bin/python3.10 -u app.py"),
            ("Nodejs18.15", None, "app.js", "/var/lang/node18/bin/node app.js"),
            ("Php7.4", None, "hello.php", "/var/lang/php74/bin/php -S 0.0.0.0:9000 hello.php"),
        ] {
            let (_folder, mut selection) = selection(&[(file, "")]);
            let done = ensure(&mut selection, runtime, entry).unwrap();
            let injected = CodeWarning::Injected { name: BOOTSTRAP, entry_file: file.to_owned() };
            assert_eq!(done, Some(injected));
            let content = selection.content(BOOTSTRAP).unwrap().unwrap();
            let expected = format!("#!/usr/bin/env bash\n{script}\n");
            assert_eq!(String::from_utf8(content).unwrap(), expected);
            assert!(selection.is_executable(BOOTSTRAP));
            let pack = || selection.pack(&|_| {}).unwrap().sha256;
            assert_eq!(pack(), pack());
        }
    }

    #[test]
    fn what_cannot_start_is_refused() {
        for (files, runtime, said) in [
            (&[("app.py", "")][..], "Go1", "needs `scf_bootstrap`"),
            (&[("app.py", "")], "CustomRuntime", "needs `scf_bootstrap`"),
            (&[("index.js", "")], "Nodejs12.16", "starts `app.js`, which is not in"),
            (&[(BOOTSTRAP, "node app.js\n")], "Nodejs12.16", "does not begin with `#!`"),
            (&[(BOOTSTRAP, "\u{feff}#!/bin/bash\n")], "Nodejs12.16", "does not begin with `#!`"),
            (&[(BOOTSTRAP, "#!/bin/bash\r\nnode app.js\r\n")], "Nodejs12.16", "CRLF"),
            (&[(BOOTSTRAP, "#!/bin/bash\nnode app.js\r\n")], "Nodejs12.16", "CRLF"),
            (&[(BOOTSTRAP, "#!/bin/bash\r")], "Nodejs12.16", "CRLF"),
            (&[(BOOTSTRAP, "#!/bin/bash\rnode app.js\r")], "Nodejs12.16", "CRLF"),
        ] {
            let (_folder, mut selection) = selection(files);
            let error = ensure(&mut selection, runtime, None).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
    }

    #[test]
    fn a_script_of_ones_own_is_made_executable() {
        let (_folder, mut selection) = selection(&[(BOOTSTRAP, "#!/bin/bash\n./server\n")]);
        let made = CodeWarning::MadeExecutable { name: BOOTSTRAP };
        assert_eq!(ensure(&mut selection, "Go1", None).unwrap(), Some(made));
        assert_eq!(ensure(&mut selection, "Go1", None).unwrap(), None);
    }

    #[test]
    fn a_runtime_of_ones_own_is_started_too() {
        for (files, said) in [
            (&[("main", "")][..], "starts `bootstrap`, which is not at the top"),
            (&[("bootstrap", "echo\n")], "first line of `bootstrap` does not begin with `#!`"),
            (&[("bootstrap", "#!/bin/bash\r\necho\r\n")], "`bootstrap` has Windows line ends"),
            (&[("bootstrap", "")], "does not begin with `#!`"),
        ] {
            let (_folder, mut selection) = selection(files);
            let error = ensure_custom(&mut selection).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
        let (_folder, mut selection) = selection(&[("bootstrap", "#!/bin/bash\necho\n")]);
        let made = CodeWarning::MadeExecutable { name: CUSTOM_BOOTSTRAP };
        assert_eq!(ensure_custom(&mut selection).unwrap(), Some(made));
        assert_eq!(ensure_custom(&mut selection).unwrap(), None);
        assert!(selection.is_executable(CUSTOM_BOOTSTRAP));
    }

    #[test]
    fn a_runtime_of_no_list_is_told() {
        assert_eq!(unknown_runtime("Python3.10"), None);
        assert_eq!(unknown_runtime("CustomRuntime"), None);
        assert_eq!(
            unknown_runtime("Nodejs12.6").unwrap().to_string(),
            "runtime `Nodejs12.6` is none of those that this version knows; did you mean \
             `Nodejs12.16`?"
        );
        assert!(unknown_runtime("Rust1").unwrap().to_string().ends_with("knows"));
    }
}
