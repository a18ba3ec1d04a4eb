//! What `help TOPIC` says: what concerns more than one command.
//!
//! Topics are short, and name the chapter that says more. Where a command has the name of a topic,
//! its own help comes first.

use super::help::exit_codes;
use crate::output::Language;
use crate::output::text::zh::topics as zh;

/// What there is help about besides commands.
#[derive(Debug)]
pub(super) struct Topic {
    /// The word behind `help`.
    pub name: &'static str,
    /// In one line.
    pub about: &'static str,
    /// All of it. No line is wider than 80 columns.
    pub text: &'static str,
}

/// The topic of this name.
pub(super) fn of(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name == name)
}

/// Each topic with what it is about.
pub(super) fn all(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    TOPICS.iter().map(move |topic| (topic.name, topic.said(language).0))
}

impl Topic {
    /// What it is about, and its text.
    fn said(&self, language: Language) -> (&'static str, &'static str) {
        let chinese = match language {
            Language::English => None,
            Language::Chinese => zh::TOPICS.iter().find(|(name, ..)| *name == self.name),
        };
        chinese.map_or((self.about, self.text), |(_, about, text)| (about, text))
    }

    /// All of it, under the name that was called.
    pub(super) fn shown(&self, program: &str, language: Language) -> String {
        let (about, text) = self.said(language);
        format!("{about}\n\n{text}\n").replace("scfctl ", &format!("{program} "))
    }
}

pub(super) const TOPICS: &[Topic] = &[
    Topic { name: "inputs", about: "Inputs: key=value behind --inputs", text: INPUTS },
    Topic { name: "config", about: "Where settings come from", text: CONFIG },
    Topic { name: "exit-codes", about: "What exit codes mean", text: EXIT_CODES },
    Topic { name: "credentials", about: "Where keys are looked for", text: CREDENTIALS },
    Topic { name: "rollout", about: "How a rollout goes", text: ROLLOUT },
    Topic { name: "gates", about: "What judges a rollout", text: GATES },
];

const INPUTS: &str = "\
The keys of `inputs` in serverless.yml, typed as with sls:
  scfctl deploy --inputs traffic=0.1 memorySize=256
They win over the file. Any number may follow --inputs; the options of the
command stand on either side. The usual ones are options, too:
  scfctl deploy --traffic 0.1
  scfctl update-alias --alias prod --version 1 --weight 2=0.1
Other commands have a few inputs of their own; --help lists them.

A value is JSON, else a list with commas, else a number, else a text. Names,
versions and descriptions are texts whatever they look like. Quote $LATEST and
JSON for the shell: version='$LATEST' config='{\"weights\":{\"2\":0.1}}'.

A key that is left out stays as it is in the cloud; an empty one (layers: [])
clears it. Refused before any call: an unknown key (the nearest one is named),
a key given twice, a word that is no pair, a pair without --inputs.

More: docs/en/command-line.md.";

const CONFIG: &str = "\
What is typed wins over serverless.yml in the folder (--target DIR for another
one), and that over a file of the folder above, whose app, stage and inputs are
inherited. What it comes to, without calling anything:
  scfctl config --stage prod

Stage: --stage, else the file, else $STAGE, else dev. It chooses .env.STAGE in
place of .env; the nearest one counts, up to two folders above the project.
Region: --region, else `inputs.region`, else $TENCENTCLOUD_REGION, else that of
the profile, else ap-guangzhou.
Function: --function, else `inputs.name`, else NAME-STAGE-APP.
References: ${env:NAME}, ${param:NAME}, ${output:STAGE:APP:NAME.KEY}, each with
a default behind a comma.

Variables: SCFCTL_ENDPOINT, SCFCTL_LOCAL (--local), SCFCTL_RUN_ID (--run-id),
SCFCTL_PARAM_NAME (--param), SCFCTL_OUTPUT_VALUES (--output-values),
SCFCTL_METADATA_ENDPOINT, HTTPS_PROXY, NO_PROXY, NO_COLOR, CLICOLOR_FORCE,
LC_ALL, LANG.

More: docs/en/configuration.md, docs/en/network.md.";

const EXIT_CODES: &str = concat!(
    exit_codes!(),
    "
Of several functions: the code that all failed ones have in common, else 1.

With --output json a failure is an object on stdout; `code` names its kind for
programs. A rollout that stands still or went back is no error of the command:
7 and 8 say where it is. 130 and 143 leave nothing half done: the change under
way is finished, the next one not begun.

More: docs/en/exit-codes.md, docs/en/errors.md."
);

const CREDENTIALS: &str = "\
The first place that has keys counts; id, key and token come from one place:
  1  environment: TENCENT_SECRET_ID, TENCENT_SECRET_KEY, TENCENT_TOKEN, or the
     same with TENCENTCLOUD_
  2  .env of the project: the same names
  3  ~/.serverless-tencent/credentials, as sls writes it
  4  ~/.tccli/PROFILE.credential, as tccli writes it: keys, a role, a login
  5  ~/.tencentcloud/credentials, then /etc/tencentcloud/credentials
  6  the role of a pod (TKE_ROLE_ARN and its like)
  7  the role of the machine
--profile NAME reads 3 to 5 alone. TENCENTCLOUD_ROLE_ARN takes a role with the
keys of the environment. Keys that end are renewed on the way.

Which place is used, without showing a value:
  scfctl config
Whether they are good, and what they may do:
  scfctl doctor
Without any, on an SCF inside this program:
  scfctl deploy --local --target examples/hello

More: docs/en/credentials.md.";

const ROLLOUT: &str = "\
A new version gets a growing share of an alias, step by step; gates compare it
with the old one each minute and take it back when it is worse.
  begin, and stay until the end   scfctl rollout start --alias prod --to 5
  begin, and leave it to cron     scfctl rollout start --alias prod --detach
  each minute, by cron            scfctl rollout tick --alias prod
  look                            scfctl rollout status --alias prod
  stand still, go on              scfctl rollout pause --alias prod
                                  scfctl rollout resume --alias prod
  the next step now               scfctl rollout promote --alias prod
  everything back, in one write   scfctl rollout abort --alias prod
  begin again                     scfctl rollout retry --alias prod
  try it in memory                scfctl rollout rehearse --alias prod
Without a rollout, everything back to what served before:
  scfctl rollback --alias prod

Its state is in the description of the alias: any machine can go on with it, and
any number of ticks at once are safe. Steps: --steps 10%:10m,50%:pause,100%, or
--preset. Options may stand in the map `rollout` of serverless.yml.
Exit codes: 0 done, 7 rolled back, 8 held.

More: docs/en/rollouts.md, docs/en/rollout-marker.md.";

const GATES: &str = "\
Without any gate, --max-error-rate-increase 1.1x+0.05% judges: errors at most
1.1 times those of the old version plus 0.05 points, in the same minutes.
  --max-error-rate-increase   errors compared with the old version
  --max-error-rate            errors at most
  --max-duration-increase     mean duration compared with the old version
  --max-throttles             throttled calls in a step
  --gate-cmd, --gate-timeout  a command: exit 0 pass, 1 fail, 2 not yet
  --prometheus                in place of the monitor, with all four queries:
    --query-calls-canary, --query-error-canary,
    --query-calls-baseline, --query-error-baseline
  --no-gates                  the clock alone
How surely: --confidence 99%, --min-invocations 50, --settle 3m, --dispersion.
A good version is failed in at most 1 % of rollouts, however often one looks.

What happens then: --on-fail rollback, --on-no-data hold, --on-inconclusive
hold, --on-deadline hold with --deadline, --on-interrupt hold; --advance early
goes on at a pass, --require-pass at nothing less.
Try them on made-up traffic first:
  scfctl rollout rehearse --scenario errors-at-50% --repeat 100

More: docs/en/gates.md.";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::super::command::Cli;
    use super::super::parse::check;
    use super::*;
    use crate::error::ExitCode;
    use crate::output::text::zh::assert_text_is_chinese;

    /// Long options of a command and of those below it, with the heading of each.
    fn options(command: &clap::Command, all: &mut BTreeSet<(String, String)>) {
        for argument in command.get_arguments() {
            let heading = argument.get_help_heading().unwrap_or_default();
            let longs = argument.get_long().into_iter();
            all.extend(longs.map(|long| (format!("--{long}"), heading.to_owned())));
        }
        command.get_subcommands().for_each(|command| options(command, all));
    }

    /// The options that a text names.
    fn named(text: &str) -> BTreeSet<String> {
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let words = text.split(|c| !is_of_name(c));
        words.filter(|word| word.starts_with("--")).map(str::to_owned).collect()
    }

    fn texts() -> Vec<(&'static str, String)> {
        let languages = [Language::English, Language::Chinese];
        let said = |topic: &'static Topic| {
            languages.map(|language| (topic.name, topic.shown("scfctl", language)))
        };
        TOPICS.iter().flat_map(said).collect()
    }

    #[test]
    fn options_that_are_named_are_there_and_examples_are_taken() {
        let (mut tree, mut all) = (Cli::command(), BTreeSet::new());
        // With `--help`.
        tree.build();
        options(&tree, &mut all);
        let mut examples = 0;
        for (topic, text) in texts() {
            for option in named(&text) {
                assert!(all.iter().any(|(known, _)| *known == option), "{topic}: {option}");
            }
            for line in text.lines() {
                let columns: usize = line.chars().map(|c| if c < '\u{2e80}' { 1 } else { 2 }).sum();
                assert!(columns <= 80, "{line}");
                let Some(start) = line.find(" scfctl ") else { continue };
                let words = line[start..].split_whitespace().skip(1);
                let arguments: Vec<String> = words.map(str::to_owned).collect();
                assert_eq!(check(&arguments), Ok(()), "{line}");
                examples += 1;
            }
        }
        assert!(examples > 30, "{examples}");
    }

    #[test]
    fn the_same_is_named_in_both_languages() {
        let chinese: Vec<&str> = zh::TOPICS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(chinese, TOPICS.iter().map(|topic| topic.name).collect::<Vec<_>>());
        for topic in TOPICS {
            let (about, text) = topic.said(Language::Chinese);
            assert_text_is_chinese(about);
            assert_eq!(named(text), named(topic.text), "{}", topic.name);
            let lines = |text: &str| {
                let lines =
                    text.lines().filter_map(|line| Some(line[line.find(" scfctl ")?..].to_owned()));
                lines.collect::<Vec<_>>()
            };
            assert_eq!(lines(text), lines(topic.text));
            let variables = |text: &str| {
                let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let is_one =
                    |word: &&str| word.contains('_') && word.chars().all(|c| !c.is_lowercase());
                words.filter(is_one).map(str::to_owned).collect::<BTreeSet<_>>()
            };
            assert_eq!(variables(text), variables(topic.text), "{}", topic.name);
        }
    }

    #[test]
    fn every_gate_and_reaction_is_named() {
        let mut all = BTreeSet::new();
        options(&Cli::command(), &mut all);
        let of_gates =
            all.iter().filter(|(_, heading)| heading == "Gates" || heading == "Reactions");
        let of_gates: BTreeSet<String> = of_gates.map(|(option, _)| option.clone()).collect();
        assert!(of_gates.len() > 20);
        let gates = named(of("gates").unwrap().text);
        assert!(of_gates.is_subset(&gates), "{:?}", of_gates.difference(&gates));
    }

    #[test]
    fn every_command_of_rollouts_is_named() {
        let tree = Cli::command();
        let rollout = tree.find_subcommand("rollout").unwrap();
        for command in rollout.get_subcommands().filter(|command| command.get_name() != "help") {
            let line = format!(" scfctl rollout {} ", command.get_name());
            assert!(of("rollout").unwrap().text.contains(&line), "{line}");
        }
    }

    /// Codes at the beginnings of lines.
    fn codes(text: &str) -> Vec<u8> {
        let lines = text.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok());
        lines.collect()
    }

    #[test]
    fn exit_codes_are_those_of_the_code() {
        let all: Vec<u8> = ExitCode::ALL.iter().map(|code| *code as u8).collect();
        // The last one stands in brackets.
        let (last, listed) = all.split_last().unwrap();
        for (topic, text) in texts().into_iter().filter(|(topic, _)| *topic == "exit-codes") {
            let table = text.split("\n\n").nth(1).unwrap();
            assert_eq!(codes(table), listed, "{topic}: {table}");
            assert!(table.contains(&last.to_string()), "{table}");
        }
        for language in [
            include_str!("../../docs/en/exit-codes.md"),
            include_str!("../../docs/zh/exit-codes.md"),
        ] {
            let rows = language.lines().filter_map(|line| line.strip_prefix("| "));
            let first: BTreeSet<u8> = rows
                .filter_map(|row| row.split(" | ").next())
                .flat_map(|cell| cell.split([',', '、']).map(str::trim).map(str::parse::<u8>))
                .flatten()
                .collect();
            let missing: Vec<_> = all.iter().filter(|code| !first.contains(code)).collect();
            assert!(missing.is_empty(), "{missing:?}");
        }
    }

    /// Each variable of ours that is named is one that the code knows by this name.
    #[test]
    fn variables_are_read() {
        let source = [
            include_str!("../app/session/mod.rs"),
            include_str!("../app/session/local_state.rs"),
            include_str!("../app/session/signals.rs"),
            include_str!("../config/credentials/mod.rs"),
            include_str!("../config/credentials/variables.rs"),
            include_str!("../app/config.rs"),
            include_str!("mod.rs"),
        ]
        .concat();
        let mut seen = 0;
        for topic in TOPICS {
            let words = topic.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            for word in words.filter(|word| word.starts_with("SCFCTL_") || word.starts_with("TKE_"))
            {
                let name = word.strip_suffix("NAME").unwrap_or(word);
                assert!(source.contains(&format!("\"{name}")), "{word}");
                seen += 1;
            }
        }
        assert!(seen >= 7, "{seen}");
    }
}
