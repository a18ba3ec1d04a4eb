//! `scf_bootstrap`, the program that starts a web function.

use crate::error::Error;
use crate::package::Selection;

/// The file that the platform starts, at the top of the package.
pub(super) const BOOTSTRAP: &str = "scf_bootstrap";

/// Runtime, its program, and the entry file of a new project (behaviour reference, inputs).
const RUNNERS: &[(&str, &str)] = &[
    ("Nodejs10.15", "/var/lang/node10/bin/node"),
    ("Nodejs12.16", "/var/lang/node12/bin/node"),
    ("Nodejs14.18", "/var/lang/node14/bin/node"),
    ("Nodejs16.13", "/var/lang/node16/bin/node"),
    ("Python2.7", "/var/lang/python2/bin/python2 -u"),
    ("Python3.6", "/var/lang/python3/bin/python3 -u"),
    ("Python3.7", "/var/lang/python37/bin/python3 -u"),
    ("Php5.6", "/var/lang/php5/bin/php -S 0.0.0.0:9000"),
    ("Php7", "/var/lang/php7/bin/php -S 0.0.0.0:9000"),
    ("Php7.4", "/var/lang/php74/bin/php -S 0.0.0.0:9000"),
    ("Php8.0", "/var/lang/php80/bin/php -S 0.0.0.0:9000"),
];

const SCRIPT: &str = "a script beside the code that begins with `#!/usr/bin/env bash` and starts a server on port 9000";

/// What was done for the package to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Done {
    /// Nothing: it is as it has to be.
    Nothing,
    /// It was not executable.
    MadeExecutable,
    /// There was none.
    Injected {
        /// The file that it starts.
        entry_file: String,
    },
}

/// Sees to it that the package of a web function starts: an `scf_bootstrap` that is there is
/// checked and made executable, else the one that the real component makes is added.
///
/// # Errors
/// One that cannot run; or none, and a runtime or an entry file that none can be made for.
pub(super) fn ensure(
    selection: &mut Selection,
    runtime: &str,
    entry_file: Option<&str>,
) -> Result<Done, Error> {
    if let Some(content) = selection.content(BOOTSTRAP) {
        check(&content?)?;
        let executable = selection.is_executable(BOOTSTRAP);
        selection.make_executable(BOOTSTRAP);
        return Ok(if executable { Done::Nothing } else { Done::MadeExecutable });
    }
    let Some((_, runner)) = RUNNERS.iter().find(|(name, _)| *name == runtime) else {
        return Err(Error::usage(
            format!("a web function of runtime {runtime} needs `{BOOTSTRAP}` in `src`"),
            format!("write {SCRIPT}; one is made for {}", known_runtimes()),
        ));
    };
    let entry_file = entry_file.unwrap_or_else(|| default_entry_file(runtime));
    if !selection.contains(entry_file) {
        return Err(Error::usage(
            format!(
                "the web function starts `{entry_file}`, which is not in `{}`",
                selection.root().display()
            ),
            format!("name the file with `entryFile`, or write `{BOOTSTRAP}`: {SCRIPT}"),
        ));
    }
    let script = format!("#!/usr/bin/env bash\n{runner} {}\n", quoted(entry_file));
    selection.add(BOOTSTRAP, script.into_bytes());
    Ok(Done::Injected { entry_file: entry_file.to_owned() })
}

fn known_runtimes() -> String {
    RUNNERS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
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
fn check(content: &[u8]) -> Result<(), Error> {
    if content.starts_with(b"\x7fELF") {
        return Ok(());
    }
    if !content.starts_with(b"#!") {
        return Err(Error::usage(
            format!(
                "the first line of `{BOOTSTRAP}` does not begin with `#!`, so that it cannot be started"
            ),
            "let it begin with `#!/usr/bin/env bash`, without anything before",
        ));
    }
    if content.windows(2).any(|pair| pair == b"\r\n") {
        return Err(Error::usage(
            format!("`{BOOTSTRAP}` has Windows line ends (CRLF), with which it cannot be started"),
            format!("turn them into LF, for example: sed -i 's/\\r$//' {BOOTSTRAP}"),
        ));
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
            ("Nodejs10.15", None, "app.js", "/var/lang/node10/bin/node app.js"),
            (
                "Nodejs16.13",
                Some("my app.js"),
                "my app.js",
                "/var/lang/node16/bin/node 'my app.js'",
            ),
            ("Python3.7", None, "app.py", "/var/lang/python37/bin/python3 -u app.py"),
            ("Php7.4", None, "hello.php", "/var/lang/php74/bin/php -S 0.0.0.0:9000 hello.php"),
        ] {
            let (_folder, mut selection) = selection(&[(file, "")]);
            let done = ensure(&mut selection, runtime, entry).unwrap();
            assert_eq!(done, Done::Injected { entry_file: file.to_owned() });
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
            (&[("app.py", "")][..], "Python3.9", "needs `scf_bootstrap`"),
            (&[("app.py", "")], "CustomRuntime", "needs `scf_bootstrap`"),
            (&[("index.js", "")], "Nodejs12.16", "starts `app.js`, which is not in"),
            (&[(BOOTSTRAP, "node app.js\n")], "Nodejs12.16", "does not begin with `#!`"),
            (&[(BOOTSTRAP, "\u{feff}#!/bin/bash\n")], "Nodejs12.16", "does not begin with `#!`"),
            (&[(BOOTSTRAP, "#!/bin/bash\r\nnode app.js\r\n")], "Nodejs12.16", "CRLF"),
            (&[(BOOTSTRAP, "#!/bin/bash\nnode app.js\r\n")], "Nodejs12.16", "CRLF"),
        ] {
            let (_folder, mut selection) = selection(files);
            let error = ensure(&mut selection, runtime, None).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
    }

    #[test]
    fn a_script_of_ones_own_is_made_executable() {
        let (_folder, mut selection) = selection(&[(BOOTSTRAP, "#!/bin/bash\n./server\n")]);
        assert_eq!(ensure(&mut selection, "Go1", None).unwrap(), Done::MadeExecutable);
        assert_eq!(ensure(&mut selection, "Go1", None).unwrap(), Done::Nothing);
    }
}
