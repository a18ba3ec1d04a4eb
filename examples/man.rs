//! Writes the pages of the manual, one for each command: `cargo run --example man [FOLDER]`.
//!
//! They are made when the program is packaged, and not carried in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

fn main() -> io::Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("man"), PathBuf::from);
    fs::create_dir_all(&folder)?;
    write(&folder)
}

/// Writes all pages into a folder.
pub fn write(folder: &Path) -> io::Result<()> {
    let mut tree = scfctl::cli::command_tree();
    tree.build();
    page(folder, &tree, "scfctl")
}

fn page(folder: &Path, command: &Command, title: &str) -> io::Result<()> {
    let below = |command: &Command| {
        let below = command.get_subcommands().filter(|below| below.get_name() != "help");
        below.cloned().collect::<Vec<_>>()
    };
    let man = Man::new(command.clone()).title(title).section("1");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    let examples = command.get_before_help().or(command.get_after_help());
    if let Some(examples) = examples.map(ToString::to_string) {
        let lines = examples.lines().skip_while(|line| line.starts_with("Example"));
        verbatim("EXAMPLES", lines, &mut text)?;
    }
    man.render_options_section(&mut text)?;
    if !below(command).is_empty() {
        man.render_subcommands_section(&mut text)?;
    }
    if let Some(notes) = command.get_after_long_help().map(ToString::to_string) {
        verbatim("NOTES", notes.lines(), &mut text)?;
    }
    fs::write(folder.join(format!("{title}.1")), text)?;
    for below in below(command) {
        self::page(folder, &below, &format!("{title}-{}", below.get_name()))?;
    }
    Ok(())
}

/// A part whose lines stay as they are.
fn verbatim<'a>(
    title: &str,
    lines: impl Iterator<Item = &'a str>,
    text: &mut Vec<u8>,
) -> io::Result<()> {
    let mut part = Roff::new();
    part.control("SH", [title]);
    part.control("nf", []);
    for line in lines {
        part.text([roman(line)]);
    }
    part.control("fi", []);
    part.to_writer(text)
}
