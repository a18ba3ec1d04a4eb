//! Options as values, whichever command they were given to.

use std::path::PathBuf;

use crate::app;
use crate::cli::colour::When;
use crate::config::references::GivenValue;
use crate::output::{Format, Language, Volume};
use crate::report::notice::Ineffective;

/// The options that were given. Those that a command does not take are as if not given.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// Those that a command works by.
    pub run: app::RunOptions,
    pub stage: Option<String>,
    pub app: Option<String>,
    pub org: Option<String>,
    pub parameters: Vec<(String, String)>,
    pub output_values: Vec<GivenValue>,
    pub output_values_file: Option<PathBuf>,
    pub region: Option<String>,
    pub format: Format,
    pub volume: Volume,
    pub language: Option<Language>,
    pub colours: When,
    /// Whether the exit code says if a dry run found something to change.
    pub detailed_exit_code: bool,
    /// Reports to write.
    pub reports: Vec<PathBuf>,
    /// Options that were given for nothing.
    pub ineffective: Vec<Ineffective>,
}

impl Options {
    /// In what form, how much and in which colours it speaks.
    pub(in crate::cli) fn manner(&self) -> (Format, Volume, When) {
        (self.format, self.volume, self.colours)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            run: app::RunOptions::default(),
            stage: None,
            app: None,
            org: None,
            parameters: Vec::new(),
            output_values: Vec::new(),
            output_values_file: None,
            region: None,
            format: Format::Text,
            volume: Volume::Normal,
            language: None,
            colours: When::Auto,
            detailed_exit_code: false,
            reports: Vec::new(),
            ineffective: Vec::new(),
        }
    }
}

/// Options that commands share.
///
/// An implementation takes itself apart field by field and without `..`, so that the compiler
/// names an option that nobody looks at: it would be ignored without a word.
pub(in crate::cli) trait Shared {
    /// Puts what was given where the commands look for it.
    fn put(&self, options: &mut Options);

    /// Returns what was given, and the defaults of everything else.
    fn options(&self) -> Options {
        let mut options = Options::default();
        self.put(&mut options);
        options
    }
}
