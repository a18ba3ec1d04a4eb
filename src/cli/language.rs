//! The language of what people read: `--lang`, else the locale.

use std::collections::BTreeMap;

use clap::ValueEnum;

use crate::config::settings;
use crate::output::Language;

/// The values of `--lang`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum LanguageCode {
    En,
    Zh,
}

impl From<LanguageCode> for Language {
    fn from(code: LanguageCode) -> Self {
        match code {
            LanguageCode::En => Self::English,
            LanguageCode::Zh => Self::Chinese,
        }
    }
}

/// The language, as far as raw arguments tell: what is wrong with them is said in it, too.
pub(super) fn of(arguments: &[String], environment: &BTreeMap<String, String>) -> Language {
    let locale = || Language::of_locale(settings::locale(environment));
    asked_for(arguments).map_or_else(locale, Language::from)
}

/// The language that `--lang` names; `None` where the option is missing or names another one.
fn asked_for(arguments: &[String]) -> Option<LanguageCode> {
    LanguageCode::from_str(super::typed_value(arguments, "--lang")?, false).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_wins_over_the_locale() {
        for (line, variables, chinese) in [
            ("deploy", &[][..], false),
            ("deploy", &[("LANG", "zh_CN.UTF-8")], true),
            ("deploy", &[("LANG", "zh_CN.UTF-8"), ("LC_MESSAGES", "en_US")], false),
            ("deploy", &[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")], false),
            ("deploy", &[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "")], true),
            ("deploy", &[("LC_ALL", "zh_CN"), ("LANG", "C")], true),
            ("--lang zh deploy", &[("LC_ALL", "C")], true),
            ("deploy --lang=en", &[("LC_ALL", "zh_CN")], false),
            // The option parser refuses these, in the language of the locale.
            ("deploy --lang de", &[("LC_ALL", "zh_CN")], true),
            ("deploy --lang", &[("LC_ALL", "zh_CN")], true),
            ("deploy --language=en", &[("LC_ALL", "zh_CN")], true),
        ] {
            let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let environment =
                variables.iter().map(|(name, value)| (name.to_string(), value.to_string()));
            let expected = if chinese { Language::Chinese } else { Language::English };
            assert_eq!(of(&arguments, &environment.collect()), expected, "{line} {variables:?}");
        }
    }
}
