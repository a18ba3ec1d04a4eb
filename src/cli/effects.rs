//! Each option of each command has an effect or is refused: none is ignored without a word.

use clap::CommandFactory;

use super::command::{Cli, Command};
use super::commands::local::LocalRequest;
use super::parse::{Unparsed, parse};
use crate::output::Language;

/// What arguments come to for the command, whatever they are.
fn effect(arguments: &[String]) -> Result<String, String> {
    let (cli, split) = match parse("scfctl", arguments, Language::English) {
        Ok(parsed) => parsed,
        Err(Unparsed::Refused(error)) => return Err(error.to_string()),
        Err(Unparsed::Clap(error)) => return Err(error.to_string()),
        Err(Unparsed::Topic(..)) => return Err("a topic".to_owned()),
        Err(Unparsed::Version) => return Err("the version".to_owned()),
    };
    let shared = cli.command.options();
    let own = match cli.command {
        Command::Deploy(arguments) => {
            format!("{:?} {:?}", arguments.request(), arguments.rollout())
        }
        Command::Rollout(command) => format!("{:?}", command.request()),
        Command::Logs(arguments) => format!("{:?}", arguments.request()),
        Command::VerifySplit(arguments) => format!("{:?}", arguments.request()),
        Command::Init(arguments) => format!("{:?}", arguments.request()),
        Command::Invoke(arguments) => format!("{:?}", arguments.request()),
        Command::Rollback(arguments) => format!("{:?}", arguments.request()),
        Command::Status(arguments) => format!("{:?}", arguments.request()),
        Command::Remove(arguments) => format!("{}", arguments.confirmed()),
        Command::Versions(command) => format!("{:?}", command.request()),
        Command::PublishVer(arguments) => arguments.if_changed().to_string(),
        Command::Package(arguments) => format!("{:?}", arguments.request()),
        Command::Apply(arguments) => arguments.plan().display().to_string(),
        Command::Config(arguments) => arguments.shows_values().to_string(),
        Command::Completion(arguments) => format!("{:?}", arguments.shell()),
        Command::Local(command) => match command.into_inner().asked() {
            LocalRequest::Serve(request) => format!("{request:?}"),
            LocalRequest::Load(arguments) => {
                format!("{:?} {:?}", arguments.change(), arguments.names())
            }
        },
        Command::CreateAlias(_)
        | Command::UpdateAlias(_)
        | Command::ListAlias(_)
        | Command::Doctor(_)
        | Command::ListVer(_)
        | Command::Metric(_)
        | Command::DeleteAlias(_) => String::new(),
    };
    Ok(format!("{shared:?} {:?} {own}", split.inputs))
}

/// A value of an option that is none of its defaults.
fn value(command: &str, long: &str) -> &'static str {
    match long {
        "rate" if command == "load" => "7/s",
        "sha256" => "7777777777777777777777777777777777777777777777777777777777777777",
        "version" if command == "load" => "7: errors=7%",
        "matching" => "7%",
        "confidence" if command == "verify-split" => "70%",
        "version-at" => "/seven",
        "wait-logs" => "7m",
        "monitor" => "delay=7m",
        "calls" | "concurrency" | "expect-step" | "latency" | "rate" | "repeat" | "seed"
        | "timeout" | "keep" | "transition" | "version" => "7",
        "interval" | "overlap" if command == "logs" => "700",
        "color" => "never",
        "lang" => "zh",
        "listen" => "127.0.0.1:7",
        "output" => "json",
        "output-value" => "dev:shop:net.vpcId=vpc-1",
        "param" | "routing-key" => "NAME=value",
        "traffic" => "0.7",
        "wait" => "step=7",
        "weight" => "7=0.7",
        _ => "seven",
    }
}

/// Every option of a command by its long and its short name, with a value where it takes one.
fn options(command: &clap::Command) -> Vec<Vec<String>> {
    let mut options = Vec::new();
    for argument in command.get_arguments() {
        // Pairs follow the one; the others are answered before a command runs.
        let is_read_otherwise = matches!(argument.get_id().as_str(), "inputs" | "help");
        if is_read_otherwise || argument.is_positional() {
            continue;
        }
        let takes_next = argument.get_action().takes_values() && !argument.is_require_equals_set();
        let longs = argument.get_long_and_visible_aliases().unwrap_or_default();
        assert!(!longs.is_empty(), "{argument}");
        let names = longs.iter().map(|long| format!("--{long}"));
        let short = argument.get_short().map(|short| format!("-{short}"));
        for name in names.chain(short) {
            let value = takes_next.then(|| value(command.get_name(), longs[0]).to_owned());
            options.push(std::iter::once(name).chain(value).collect());
        }
    }
    options
}

#[test]
fn each_option_has_an_effect_or_is_refused() {
    let mut tree = Cli::command();
    tree.build();
    let (mut with_effect, mut refused) = (0, Vec::new());
    for command in tree.get_subcommands().filter(|command| command.get_name() != "help") {
        let needed = match command.get_name() {
            "completion" => Some("bash".to_owned()),
            "apply" => Some("plan.json".to_owned()),
            _ => None,
        };
        let line = std::iter::once(command.get_name().to_owned()).chain(needed).collect();
        let mut lines: Vec<(Vec<String>, _)> = vec![(line, command)];
        if command.has_subcommands() {
            let nested = command.get_subcommands().filter(|nested| nested.get_name() != "help");
            lines = nested
                .map(|nested| {
                    let names = [command.get_name(), nested.get_name()];
                    (names.map(str::to_owned).to_vec(), nested)
                })
                .collect();
        }
        for (line, command) in lines {
            let plain = effect(&line).unwrap();
            for option in options(command) {
                // Without the other one it is refused.
                let needs = option[0] == "--detailed-exitcode";
                let mut line = line.clone();
                line.extend(needs.then(|| "--dry-run".to_owned()));
                let without = if needs { &effect(&line).unwrap() } else { &plain };
                let with = [line, option.clone()].concat();
                match effect(&with) {
                    Ok(effect) => {
                        assert_ne!(effect, *without, "{with:?} is as if it were not given");
                        with_effect += 1;
                    }
                    Err(why) => refused.push(format!("{}: {why}", with.join(" "))),
                }
            }
        }
    }
    assert!(with_effect > 200, "{with_effect}");
    let says = |line: &String| line.contains("--all says nothing to");
    assert!(refused.iter().all(says), "{refused:?}");
}
