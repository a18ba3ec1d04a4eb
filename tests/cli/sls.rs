//! Called as `sls`: the same command lines, the same layout on stdout.

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::sandbox::{FUNCTION, Ran, Sandbox, finished};
use crate::suggestions;

/// A command through a link of another name.
pub fn command(sandbox: &Sandbox, name: &str, arguments: &[&str]) -> Command {
    let link = sandbox.home().join(name);
    if !link.exists() {
        symlink(env!("CARGO_BIN_EXE_scfctl"), &link).unwrap();
    }
    let own = sandbox.command(arguments);
    let mut command = Command::new(link);
    command.args(arguments).current_dir(sandbox.root()).env_clear();
    command.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    command
}

/// Runs through a link of another name.
pub fn called(sandbox: &Sandbox, name: &str, arguments: &[&str]) -> Ran {
    let ran = finished(command(sandbox, name, arguments).spawn().unwrap());
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    suggestions::check(&ran.advice(), Some((name, &arguments)));
    ran
}

#[test]
fn header_outputs_console_and_footer_stand_on_stdout() {
    for name in ["sls", "serverless", "scf"] {
        let sandbox = Sandbox::with_project();
        let ran = called(&sandbox, name, &["deploy", "--inputs", "publish=true"]).ok();
        let head = "\nserverless ⚡tencent \nAction: \"deploy\" - Stage: \"dev\" - App: \"shop\" - Name: \"demo\" \n\ntype:         event\nfunctionName: demo-dev-shop\n";
        assert!(ran.stdout.starts_with(head), "{}", ran.stdout);
        assert!(
            ran.stdout.contains(
                "triggers:     (empty array)\n\n应用控制台: https://serverless.cloud.tencent.com/apps/shop/demo/dev \n\n"
            ),
            "{}",
            ran.stdout
        );
        assert!(ran.stdout.ends_with("s ›demo› 执行成功\n\n"), "{}", ran.stdout);
        // No cursor codes where stdout is no terminal.
        assert!(!ran.stdout.contains('\u{1b}'));
        let ran =
            called(&sandbox, name, &["list-alias", "--inputs", &format!("function={FUNCTION}")])
                .ok();
        assert!(ran.stdout.contains(
            "\n\nalias: \n  - \n    $DEFAULT: \n      weight: {\"$LATEST\":\"1.0\"}\n\n"
        ));
        assert!(!ran.stdout.contains("应用控制台"));
    }
}

#[test]
fn the_old_form_is_answered_with_the_corrected_line() {
    let sandbox = Sandbox::with_project();
    called(&sandbox, "sls", &["deploy", "--inputs.traffic=0.1"])
        .fails(2)
        .says("sls deploy --inputs traffic=0.1");
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn words_that_are_not_served_get_one_line() {
    let sandbox = Sandbox::with_project();
    for word in ["dev", "registry", "credentials"] {
        called(&sandbox, "sls", &[word]).fails(2).says(&format!("`{word}` is not provided"));
        sandbox.run(&[word]).fails(2).says("hint: ");
    }
    called(&sandbox, "sls", &[]).fails(2).says("no command is given");
    sandbox.run(&[]).fails(2).says("no command is given");
    called(&sandbox, "sls", &["lst-alias"]).fails(2).says("list-alias");
    assert!(called(&sandbox, "sls", &["-v"]).ok().stdout.contains(env!("CARGO_PKG_VERSION")));
    assert!(called(&sandbox, "sls", &["version"]).ok().stdout.contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn json_is_one_object_under_every_name() {
    let sandbox = Sandbox::with_project();
    let ran = called(&sandbox, "sls", &["deploy", "--output", "json"]).ok();
    assert_eq!(ran.json()["functionName"], FUNCTION);
}
