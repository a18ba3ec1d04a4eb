//! `help TOPIC`, and the pages of the manual.

use std::collections::BTreeSet;

use crate::sandbox::{Sandbox, read};

// The program that writes the pages.
#[allow(dead_code)]
#[path = "../../examples/man.rs"]
mod man;

#[test]
fn topics_are_shown_in_both_languages() {
    let sandbox = Sandbox::new();
    for (topic, english, chinese) in [
        ("inputs", "Inputs: key=value behind --inputs\n", "参数："),
        ("exit-codes", "What exit codes mean\n\n    0  success\n", "退出码的含义\n\n    0  成功\n"),
        ("credentials", "Where keys are looked for\n", "凭证的查找顺序\n"),
        ("gates", "What judges a rollout\n", "灰度发布的检查项\n"),
    ] {
        let ran = sandbox.run(&["help", topic]).ok();
        assert!(ran.stdout.starts_with(english), "{}", ran.stdout);
        assert_eq!(ran.stderr, "");
        let ran = sandbox.run(&["help", topic, "--lang", "zh"]).ok();
        assert!(ran.stdout.starts_with(chinese), "{}", ran.stdout);
    }
    // Behind the help of the command of the same name.
    for (topic, usage, text) in [
        ("config", "Usage: scfctl config [OPTIONS]", "Where settings come from\n"),
        ("rollout", "Usage: scfctl rollout <COMMAND>", "How a rollout goes\n"),
    ] {
        let ran = sandbox.run(&["help", topic]).ok();
        let (before, behind) = ran.stdout.split_once(text).unwrap();
        assert!(before.contains(usage) && !behind.is_empty(), "{}", ran.stdout);
    }
    for (line, said, hint) in [
        ("help nonsense", "`nonsense` is not a command", "the commands are deploy, "),
        (
            "help gate",
            "`gate` is not a command",
            "did you mean `gates`? Write: `scfctl help gates`",
        ),
        ("help exit_codes", "`exit_codes` is not a command", "Write: `scfctl help exit-codes`"),
        ("help deplo", "`deplo` is not a command", "Write: `scfctl help deploy`"),
        ("help rollout strat", "`rollout strat` is not", "Write: `scfctl help rollout start`"),
        ("rollout help strat", "`rollout strat` is not", "Write: `scfctl help rollout start`"),
        ("help gates more", "`gates more` is not a command", "Write: `scfctl help gates`"),
        ("help deploy more", "`deploy more` is not a command", "Write: `scfctl help deploy`"),
    ] {
        let ran = sandbox.type_in(line).fails(2);
        assert!(ran.stderr.contains(said) && ran.stderr.contains(hint), "{line}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
}

/// The commands that have a page: all that there are.
#[test]
fn every_command_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    man::write(folder.path()).unwrap();
    let pages: BTreeSet<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let sandbox = Sandbox::new();
    let mut expected = BTreeSet::from(["scfctl.1".to_owned()]);
    for command in scfctl::cli::commands().iter().filter(|command| *command != "help") {
        expected.insert(format!("scfctl-{command}.1"));
        let help = sandbox.run(&["help", command]).ok().stdout;
        let below = help.split_once("\nCommands:\n").map_or("", |(_, below)| below);
        for line in below.lines().take_while(|line| line.starts_with("  ")) {
            let word = line.split_whitespace().next().unwrap();
            if word != "help" {
                expected.insert(format!("scfctl-{command}-{word}.1"));
            }
        }
    }
    assert_eq!(pages, expected);
    assert!(pages.len() > 25, "{pages:?}");
    for page in &pages {
        let text = read(&folder.path().join(page));
        let title = page.trim_end_matches(".1");
        for part in [format!(".TH {title} 1"), ".SH NAME".into(), ".SH SYNOPSIS".into()] {
            assert!(text.contains(&part), "{page}: no {part}\n{text}");
        }
        assert!(text.contains(".SH EXAMPLES"), "{page}");
        assert!(!text.contains("Accepted for"), "{page} shows what is hidden");
    }
    let update = read(&folder.path().join("scfctl-update-alias.1"));
    assert!(update.contains("Main version; gets what the other one does not"), "{update}");
    let program = read(&folder.path().join("scfctl.1"));
    assert!(program.contains("Exit codes:"), "{program}");
}
