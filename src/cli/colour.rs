//! Colours: `--color`, else what the environment and the stream say.

use std::collections::BTreeMap;

use clap::ValueEnum;
use clap::builder::Styles;

use crate::output::style;

/// The values of `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum When {
    #[default]
    Auto,
    Always,
    Never,
}

impl When {
    /// What raw arguments ask for: what is wrong with them is said so, too.
    pub(super) fn of(arguments: &[String]) -> Self {
        let typed = super::typed_value(arguments, "--color");
        typed.and_then(|value| Self::from_str(value, false).ok()).unwrap_or_default()
    }

    /// Whether a stream has colours. The order is that of <https://bixense.com/clicolors/>, and of
    /// the option parser; `FORCE_COLOR` is Node's word for `CLICOLOR_FORCE`, as `sls` has it.
    pub(super) fn colours(self, environment: &BTreeMap<String, String>, is_terminal: bool) -> bool {
        let value = |name: &str| environment.get(name).map(String::as_str);
        let is = |name: &str, word: &str| value(name) == Some(word);
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if value("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
            Self::Auto if value("CLICOLOR_FORCE").is_some_and(|it| !["", "0"].contains(&it)) => {
                true
            }
            Self::Auto if value("FORCE_COLOR").is_some() => {
                !is("FORCE_COLOR", "0") && !is("FORCE_COLOR", "false")
            }
            Self::Auto => is_terminal && !is("CLICOLOR", "0") && !is("TERM", "dumb"),
        }
    }
}

/// How the option parser paints, in the colours of all other errors.
pub(super) const STYLES: Styles = Styles::styled()
    .error(style::ERROR)
    .valid(style::ADVICE)
    .invalid(style::WARNING)
    .header(style::HEADING)
    .usage(style::HEADING);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_wins_then_the_environment_then_the_terminal() {
        for (line, variables, of_terminal, of_pipe) in [
            ("deploy", &[][..], true, false),
            ("deploy", &[("TERM", "dumb")], false, false),
            ("deploy", &[("TERM", "xterm")], true, false),
            ("deploy", &[("NO_COLOR", "1")], false, false),
            ("deploy", &[("NO_COLOR", "")], true, false),
            ("deploy", &[("CLICOLOR", "0")], false, false),
            ("deploy", &[("CLICOLOR", "1")], true, false),
            ("deploy", &[("CLICOLOR_FORCE", "1")], true, true),
            ("deploy", &[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")], true, true),
            ("deploy", &[("CLICOLOR_FORCE", "0")], true, false),
            ("deploy", &[("CLICOLOR_FORCE", "")], true, false),
            ("deploy", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false, false),
            ("deploy", &[("FORCE_COLOR", "")], true, true),
            ("deploy", &[("FORCE_COLOR", "0")], false, false),
            ("deploy --color always", &[("NO_COLOR", "1")], true, true),
            ("--color=never deploy", &[("CLICOLOR_FORCE", "1")], false, false),
            ("deploy --color auto", &[("NO_COLOR", "1")], false, false),
            // The option parser refuses it.
            ("deploy --color sometimes", &[], true, false),
        ] {
            let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let pairs = variables.iter().map(|(name, value)| (name.to_string(), value.to_string()));
            let environment: BTreeMap<String, String> = pairs.collect();
            let when = When::of(&arguments);
            let found = [true, false].map(|is_terminal| when.colours(&environment, is_terminal));
            assert_eq!(found, [of_terminal, of_pipe], "{line} {variables:?}");
        }
    }
}
