//! A `.env` above the project: read, as `sls` does, but never without a word.

use std::os::unix::fs::{PermissionsExt, chown};

use crate::sandbox::{ID, KEY, Sandbox};

/// A project two folders below one that has a `.env`.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY");
    sandbox.file(".env", &format!("TENCENT_SECRET_ID={ID}\nTENCENT_SECRET_KEY={KEY}\n"));
    instance(&sandbox, "a/b", "below");
    sandbox
}

fn instance(sandbox: &Sandbox, folder: &str, name: &str) {
    sandbox.file(&format!("{folder}/src/index.py"), "def main_handler(event, context): pass\n");
    let text = format!(
        "component: scf\napp: shop\nname: {name}\ninputs:\n  src: ./src\n  runtime: Python3.9\n  handler: index.main_handler\n"
    );
    sandbox.file(&format!("{folder}/serverless.yml"), &text);
}

/// The warning about a file outside, as often as it comes.
fn named(sandbox: &Sandbox, stderr: &str) -> usize {
    let path = sandbox.root().canonicalize().unwrap().join(".env");
    let text = format!(
        "warning: variables are read from {}, which lies outside the project; keys in it win over those of a profile\n",
        path.display()
    );
    stderr.matches(&text).count()
}

fn run_in(sandbox: &Sandbox, folder: &str, line: &str) -> crate::sandbox::Ran {
    let mut command = sandbox.command(&line.split_whitespace().collect::<Vec<_>>());
    command.current_dir(sandbox.root().join(folder));
    crate::sandbox::finished(command.spawn().unwrap())
}

#[test]
fn one_outside_of_the_project_is_named_once_by_every_command() {
    let sandbox = sandbox();
    for line in ["deploy", "deploy --dry-run", "list-alias", "publish-ver", "package", "config"] {
        let ran = run_in(&sandbox, "a/b", line).ok();
        assert_eq!(named(&sandbox, &ran.stderr), 1, "{line}: {}", ran.stderr);
    }
    let ran = run_in(&sandbox, "a/b", "config --output json").ok();
    let path = sandbox.root().canonicalize().unwrap().join(".env").display().to_string();
    assert_eq!(ran.json()["dotenv"], path);
    assert_eq!(ran.json()["credentials"]["source"], path);
    // One for a stage, too.
    sandbox.file(".env.prod", "A=1\n");
    let ran = run_in(&sandbox, "a/b", "config --stage prod").ok();
    assert!(ran.stderr.contains("/.env.prod, which lies outside the project"), "{}", ran.stderr);
    // Three folders up is too far.
    instance(&sandbox, "a/b/c", "deeper");
    let ran = run_in(&sandbox, "a/b/c", "config").ok();
    assert_eq!(named(&sandbox, &ran.stderr), 0);
}

#[test]
fn the_projects_own_is_not_worth_a_word() {
    let sandbox = sandbox();
    instance(&sandbox, "one", "one");
    instance(&sandbox, "two", "two");
    // The root of a project of several instances, and one instance of it.
    for line in ["deploy", "deploy --target one", "config --target two"] {
        let ran = run_in(&sandbox, "", line).ok();
        assert!(!ran.stderr.contains("outside the project"), "{line}: {}", ran.stderr);
    }
    let ran = run_in(&sandbox, "", "config --target two --output json").ok();
    assert!(ran.json().get("dotenv").is_none());
    // From within the instance, the folder above is another one.
    let ran = run_in(&sandbox, "one", "deploy").ok();
    assert_eq!(named(&sandbox, &ran.stderr), 1, "{}", ran.stderr);
    sandbox.file("one/.env", &format!("TENCENT_SECRET_ID={ID}\nTENCENT_SECRET_KEY={KEY}\n"));
    let ran = run_in(&sandbox, "one", "deploy").ok();
    assert!(!ran.stderr.contains("outside the project"), "{}", ran.stderr);
}

/// Only an administrator can give a file away; others see what becomes of their own.
#[test]
fn another_users_in_a_folder_that_others_can_write_is_refused() {
    let sandbox = sandbox();
    let path = sandbox.root().join(".env");
    let rights = |mode| {
        std::fs::set_permissions(sandbox.root(), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let is_foreign = chown(&path, Some(12_345), None).is_ok();
    for (mode, refused) in [(0o755, false), (0o777, true), (0o1777, true), (0o775, true)] {
        rights(mode);
        for line in ["deploy", "config", "list-alias", "deploy --local"] {
            let ran = run_in(&sandbox, "a/b", line);
            if is_foreign && refused {
                let ran = ran.fails(2).says("belongs to another user (uid 12345)");
                assert!(ran.stderr.contains("a/b/.env, which may be empty"), "{}", ran.stderr);
                assert!(ran.stdout.is_empty(), "{}", ran.stdout);
            } else {
                let ran = ran.ok();
                assert_eq!(named(&sandbox, &ran.stderr), 1, "{line}: {}", ran.stderr);
            }
        }
    }
    // The way out that the hint names.
    sandbox.file("a/b/.env", "");
    run_in(&sandbox, "a/b", "deploy --local").ok();
    // In the project itself the user has decided whom to trust.
    std::fs::remove_file(sandbox.root().join("a/b/.env")).unwrap();
    sandbox.project();
    run_in(&sandbox, "", "deploy").ok();
    rights(0o755);
}
