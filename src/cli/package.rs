//! `scfctl package`: the package that a deployment would send.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value, json};

use super::Context;
use super::connection;
use super::deploy::code::{self, Code};
use super::source::{self, PackOptions};
use crate::config::function::Reader;
use crate::config::references::Unknown;
use crate::error::Error;
use crate::output::Format;

/// Options of `package`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Write the package to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// List its files with mode, size and hash
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    pack: PackOptions,
}

/// Builds the package, or lists it. Calls nothing.
pub(super) fn run(context: &Context, arguments: &Arguments) -> Result<(), Error> {
    let settings = context.settings_without(Unknown::StandIn)?;
    if settings.project.file.is_none() {
        return Err(connection::no_project(&settings));
    }
    let place = |key: &str| settings.place(key);
    let inputs = Reader::new(&settings.project.inputs, &place)
        .lenient(context.options.no_validation)
        // Triggers are no part of a package.
        .skipping_unsupported(true)
        .function()?;
    let out = arguments.out.as_ref().map(|path| context.directory.join(path));
    if let Some(folder) = out.as_ref().filter(|path| path.is_dir()) {
        return Err(Error::usage(
            format!("--out {} is a folder", folder.display()),
            "name a file, for example --out code.zip",
        ));
    }
    source::run_hook(context, &settings, &inputs)?;
    let (code, told) = code::prepare(context, &settings, &inputs, &arguments.pack, out.as_deref())?;
    for warning in inputs.warnings.iter().chain(&told) {
        context.printer.warning(warning);
    }
    let selection = match code {
        Code::Folder(selection) => selection,
        Code::Object(_) | Code::Image(_) => {
            return Err(Error::usage(
                "there is no package: the function runs what lies elsewhere already",
                "name a folder with `src`",
            ));
        }
    };
    let mut shown = Map::new();
    if let Some(out) = &out {
        shown.insert("path".to_owned(), out.display().to_string().into());
    }
    if out.is_some() || !arguments.list {
        let progress = source::packing(&context.printer);
        let package = match &out {
            Some(out) => selection.pack_to(out, &progress)?,
            None => selection.pack(&progress)?,
        };
        shown.insert("sha256".to_owned(), package.sha256.clone().into());
        shown.insert("size".to_owned(), package.size.into());
    }
    shown.insert("unpackedSize".to_owned(), selection.size().into());
    shown.insert("fileCount".to_owned(), selection.count().into());
    if arguments.list {
        let files = selection.digests()?;
        let files: Value = if context.printer.format() == Format::Json {
            files
                .iter()
                .map(|file| {
                    json!({
                        "path": file.path,
                        "mode": format!("{:04o}", file.mode),
                        "size": file.size,
                        "sha256": file.sha256,
                    })
                })
                .collect()
        } else {
            let line = |file: &crate::package::Digest| {
                format!("{:04o} {:>10} {}", file.mode, file.size, file.sha256)
            };
            Value::Object(files.iter().map(|file| (file.path.clone(), line(file).into())).collect())
        };
        shown.insert("files".to_owned(), files);
    }
    context.printer.result(&shown.into());
    Ok(())
}
