//! Commands whose options are made only where they are called.
//!
//! All commands together have more than a thousand options, and to make them takes longer than most
//! of what a command does. A command line needs those of one.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

use clap::error::Error;
use clap::{ArgMatches, Args, Command, FromArgMatches, Id, Subcommand};

use super::args::{Options, Shared};

thread_local! {
    /// The words that the tree being made is for, from the level on that is being made. What makes
    /// it is derived, and hands nothing down.
    static WORDS: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Puts the words back that were there before, also where making a tree panics.
struct Before(Option<Vec<String>>);

impl Drop for Before {
    fn drop(&mut self) {
        WORDS.set(self.0.take());
    }
}

fn with<T>(words: Option<Vec<String>>, make: impl FnOnce() -> T) -> T {
    let _before = Before(WORDS.replace(words));
    make()
}

/// Makes a tree in which one command has its options: the one that the first word names, where that
/// has commands the one that the second names. Names are whole, no aliases. The others have their
/// names, descriptions and notes.
pub(super) fn only(words: &[&str], make: impl FnOnce() -> Command) -> Command {
    with(Some(words.iter().map(ToString::to_string).collect()), make)
}

/// Whether the tree is made for this command, or for all.
fn is_called(command: &Command) -> bool {
    WORDS.with_borrow(|words| {
        let words = words.as_ref();
        words.is_none_or(|words| words.first().is_some_and(|word| word == command.get_name()))
    })
}

/// Makes what stands below the command that is called.
fn below<T>(make: impl FnOnce() -> T) -> T {
    let rest = WORDS.with_borrow(|words| words.as_ref().map(|words| words[1..].to_vec()));
    with(rest, make)
}

/// What a command was given, or the commands below it.
#[derive(Debug)]
pub(super) struct Called<T>(Box<T>);

impl<T> Called<T> {
    pub(super) fn into_inner(self) -> T {
        *self.0
    }
}

impl<T> Deref for Called<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Called<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: FromArgMatches> FromArgMatches for Called<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(|given| Self(Box::new(given)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl<T: Args> Args for Called<T> {
    fn group_id() -> Option<Id> {
        T::group_id()
    }

    fn augment_args(command: Command) -> Command {
        if is_called(&command) { T::augment_args(command) } else { command }
    }

    fn augment_args_for_update(command: Command) -> Command {
        if is_called(&command) { T::augment_args_for_update(command) } else { command }
    }
}

impl<T: Subcommand> Subcommand for Called<T> {
    fn augment_subcommands(command: Command) -> Command {
        if is_called(&command) { below(|| T::augment_subcommands(command)) } else { command }
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        if is_called(&command) {
            below(|| T::augment_subcommands_for_update(command))
        } else {
            command
        }
    }

    fn has_subcommand(name: &str) -> bool {
        T::has_subcommand(name)
    }
}

impl<T: Shared> Shared for Called<T> {
    fn put(&self, options: &mut Options) {
        self.0.put(options);
    }
}
