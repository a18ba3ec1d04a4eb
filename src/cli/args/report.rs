//! What is printed.

use clap::{Args, ValueEnum};

use super::{OUTPUT, Options, Shared};
use crate::cli::colour::When;
use crate::cli::language;
use crate::output::{Format, Language, Volume};

/// Options that say what is printed.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(in crate::cli) struct ReportArgs {
    /// Form of the result: text or json
    ///
    /// Of `rollout start`, `tick`, `rehearse`, `deploy --rollout` and `logs` ndjson, too: a line for
    /// each event.
    #[arg(long, value_enum, default_value = "text", value_name = "FORM")]
    #[arg(hide_default_value = true, hide_possible_values = true)]
    output: Form,
    /// Language of help, notes, errors and texts in results; JSON does not change with it
    /// [default: that of $LC_ALL, $LC_MESSAGES or $LANG]
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    #[arg(hide_short_help = true, help_heading = OUTPUT)]
    lang: Option<language::LanguageCode>,
    /// Colours: auto (on a terminal), always or never
    ///
    /// auto goes by $NO_COLOR, $CLICOLOR_FORCE and $TERM, too. JSON has none.
    #[arg(long = "color", value_enum, default_value = "auto", value_name = "WHEN")]
    #[arg(hide_default_value = true, hide_possible_values = true)]
    #[arg(hide_short_help = true, help_heading = OUTPUT)]
    colours: When,
    /// Say more on stderr: every repetition of a call
    #[arg(long, short, hide_short_help = true, help_heading = OUTPUT)]
    verbose: bool,
    /// Only errors, warnings and who gets new content on stderr; no steps, no other notes
    #[arg(long, short, conflicts_with_all = ["verbose", "debug"])]
    #[arg(hide_short_help = true, help_heading = OUTPUT)]
    quiet: bool,
    /// Trace every call on stderr
    #[arg(long, hide_short_help = true, help_heading = OUTPUT)]
    debug: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    Text,
    Json,
    Ndjson,
}

impl Shared for ReportArgs {
    fn put(&self, options: &mut Options) {
        let Self { output, lang, colours, verbose, quiet, debug } = self;
        options.format = match output {
            Form::Text => Format::Text,
            Form::Json => Format::Json,
            Form::Ndjson => Format::JsonLines,
        };
        options.language = lang.map(Language::from);
        options.colours = *colours;
        options.volume = match (*debug, *verbose, *quiet) {
            (true, ..) => Volume::Debug,
            (_, true, _) => Volume::Verbose,
            (.., true) => Volume::Quiet,
            _ => Volume::Normal,
        };
    }
}
