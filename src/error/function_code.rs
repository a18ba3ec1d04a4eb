//! Code that cannot be what the function runs.

use std::path::PathBuf;

use crate::shell::quoted;

/// Code that a function of its kind cannot start.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// A web function without the program that starts it, which cannot be made.
    #[error("a web function of runtime {runtime} needs `scf_bootstrap` in `src`")]
    NoBootstrap {
        /// The runtime.
        runtime: String,
        /// Runtimes that one is made for.
        known: Vec<&'static str>,
        /// The runtime that is meant by a name of none.
        meant: Option<&'static str>,
    },
    /// The file that the made one would start.
    #[error("the web function starts `{file}`, which is not in `{}`", folder.display())]
    NoEntryFile {
        /// The file.
        file: String,
        /// The source folder.
        folder: PathBuf,
    },
    /// A runtime of its own without a program.
    #[error(
        "runtime CustomRuntime starts `bootstrap`, which is not at the top of the package of `{}`",
        folder.display()
    )]
    NoCustomBootstrap {
        /// The source folder.
        folder: PathBuf,
        /// Whether it has the program of a web function.
        is_web: bool,
    },
    /// The kernel would not take it for a script.
    #[error("the first line of `{name}` does not begin with `#!`, so that it cannot be started")]
    FirstLine {
        /// The program.
        name: String,
    },
    /// The kernel takes the first line literally.
    #[error("`{name}` has Windows line ends (CRLF), with which it cannot be started")]
    WindowsLineEnds {
        /// The program.
        name: String,
        /// Its file.
        path: PathBuf,
    },
    /// The program that was made is for another runtime than the function has.
    #[error(
        "the function's runtime is {observed}, and the file says none, so `scf_bootstrap` would be made for {default}"
    )]
    BootstrapOfDefault {
        /// Of the function.
        observed: String,
        /// That of new functions.
        default: String,
    },
    /// A function that is a web function, and a file that does not say so.
    #[error("the function is a web function, and `{}` has no `scf_bootstrap`", folder.display())]
    IsWeb {
        /// The source folder.
        folder: PathBuf,
    },
    /// A function whose runtime is its own, and a file that does not say so.
    #[error(
        "the function's runtime is CustomRuntime, and `{}` has no executable `bootstrap`",
        folder.display()
    )]
    IsCustom {
        /// The source folder.
        folder: PathBuf,
    },
    /// A web function whose finished package lacks the program that starts it.
    #[error("a web function needs `scf_bootstrap` at the top of its package, and `{}` has none", package.display())]
    BareWeb {
        /// Path of the package.
        package: PathBuf,
    },
    /// The program that starts the function, not executable in a finished package.
    #[error("`{name}` in `{}` is not executable, so that it cannot be started", package.display())]
    NotExecutable {
        /// The program.
        name: &'static str,
        /// Path of the package.
        package: PathBuf,
    },
    /// A handler that names no function of a file.
    #[error("handler `{handler}` is not of the form file.function")]
    HandlerForm {
        /// The handler, as the file has it.
        handler: String,
    },
    /// A handler that names a file that is not packed.
    #[error("handler `{handler}` needs {wanted} in `{}`, and it is not there", folder.display())]
    HandlerFile {
        /// The handler, as the file has it.
        handler: String,
        /// The file that would do.
        wanted: WantedFile,
        /// The source folder.
        folder: PathBuf,
        /// Where a finished package has a file of that name, in a folder.
        below: Option<String>,
    },
}

/// A file that a handler names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WantedFile {
    /// A program.
    #[error("the binary `{0}`")]
    Binary(String),
    /// A module.
    #[error("the file `{0}`")]
    Module(String),
}

pub(super) const SCRIPT: &str = "a script beside the code that begins with `#!/usr/bin/env bash` and starts a server on port 9000";

impl CodeError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NoBootstrap { meant: Some(meant), .. } => {
                format!("did you mean `runtime: {meant}`?")
            }
            Self::NoBootstrap { known, .. } => {
                format!("write {SCRIPT}; one is made for {}", known.join(", "))
            }
            Self::NoEntryFile { .. } => {
                format!("name the file with `entryFile`, or write `scf_bootstrap`: {SCRIPT}")
            }
            Self::NoCustomBootstrap { is_web, .. } => format!(
                "put a program of this name there: a script that begins with `#!/bin/bash`, or a binary for Linux{}",
                if *is_web {
                    "; a function with `scf_bootstrap` is a web function: write `type: web`"
                } else {
                    ""
                }
            ),
            Self::FirstLine { .. } => {
                "let it begin with `#!/usr/bin/env bash`, without anything before".to_owned()
            }
            Self::WindowsLineEnds { path, .. } => {
                let path = quoted(&path.display().to_string()).into_owned();
                format!("turn them into LF, for example: sed -i 's/\\r$//' {path}")
            }
            Self::BootstrapOfDefault { observed, .. } => format!("write `runtime: {observed}`"),
            Self::IsWeb { .. } => "write `type: web`".to_owned(),
            Self::IsCustom { .. } => "write `runtime: CustomRuntime`".to_owned(),
            Self::HandlerForm { .. } => {
                "write for example `handler: index.main_handler`".to_owned()
            }
            Self::BareWeb { .. } => {
                "nothing is added to a finished package: put it in, or let `scfctl package --out code.zip` make the \
                 package with one"
                    .to_owned()
            }
            Self::NotExecutable { name, .. } => format!(
                "a finished package is sent as it is: `chmod 755 {name}` and zip it again, on Linux or macOS"
            ),
            Self::HandlerFile { below: Some(below), .. } => format!(
                "it is there as `{below}`: zip what is in the folder, not the folder itself"
            ),
            Self::HandlerFile { below: None, .. } => {
                "correct `handler` (file.function) or `src` in serverless.yml".to_owned()
            }
        }
    }
}
