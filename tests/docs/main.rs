//! The documentation: its command blocks run against the local SCF and print what they show, its
//! links lead somewhere, both languages say the same, and the pages that are made of the code are
//! those of the code.

mod book;
mod errors;
mod links;
mod made;
mod page;
#[cfg(unix)]
mod run;
mod settings;
#[cfg(unix)]
mod shown;
