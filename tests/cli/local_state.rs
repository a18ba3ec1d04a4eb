//! What `--local` keeps in `.scfctl`: nothing is written, read or removed through a link, and only
//! what is certainly its own goes.

use rustix::process::Signal;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;

use crate::sandbox::{Sandbox, code, finished, read, send};

const DEPLOY: &str = "deploy --local --inputs publish=true";

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::with_project();
    sandbox.unset("SCFCTL_ENDPOINT");
    sandbox
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn only_packages_and_left_overs_of_its_own_are_swept() {
    let sandbox = sandbox();
    sandbox.type_in(DEPLOY).ok();
    let (hash, other) = ("ab".repeat(32), "cd".repeat(32));
    let gone = [
        format!(".scfctl/local.json.d/{hash}.zip"),
        ".scfctl/local.json.d/local.json.scfctl-aB3dE6gH9jK2.tmp".to_owned(),
        ".scfctl/local.json.scfctl-aB3dE6gH9jK2.tmp".to_owned(),
        ".scfctl/local.json.d/.tmpaB3dE6".to_owned(),
        ".scfctl/.tmpaB3dE6".to_owned(),
    ];
    let stays = [
        ".scfctl/local.json.d/backup.zip".to_owned(),
        format!(".scfctl/local.json.d/{}.zip", &hash[1..]),
        format!(".scfctl/local.json.d/{hash}.zip.old"),
        format!(".scfctl/local.json.d/x{}.zip", &hash[1..]),
        ".scfctl/local.json.d/notes.tmp".to_owned(),
        ".scfctl/other.json.scfctl-aB3dE6gH9jK2.tmp".to_owned(),
        ".scfctl/.tmp".to_owned(),
        ".scfctl/notes.zip".to_owned(),
        format!(".scfctl/{hash}.zip"),
    ];
    for name in gone.iter().chain(&stays) {
        sandbox.file(name, "mine");
    }
    // A folder is none of its packages, whatever its name.
    sandbox.file(&format!(".scfctl/local.json.d/{other}.zip/file"), "mine");
    sandbox.change_code("two");
    sandbox.type_in(DEPLOY).ok();
    for name in &gone {
        assert!(!sandbox.root().join(name).exists(), "{name}");
    }
    for name in &stays {
        assert_eq!(read(&sandbox.root().join(name)), "mine", "{name}");
    }
    assert!(sandbox.root().join(format!(".scfctl/local.json.d/{other}.zip/file")).exists());
    // What is needed is still there.
    sandbox.type_in("list-alias --local").ok();
}

#[test]
fn planted_links_are_refused_by_name_and_nothing_behind_them_is_touched() {
    let hash = "ab".repeat(32);
    let temporary = "local.json.scfctl-aB3dE6gH9jK2.tmp".to_owned();
    for (name, leads_to_folder) in [
        (String::new(), true),
        ("/local.json.d".to_owned(), true),
        ("/local.json".to_owned(), false),
        ("/local.json.lock".to_owned(), false),
        ("/.gitignore".to_owned(), false),
        (format!("/local.json.d/{hash}.zip"), false),
        (format!("/local.json.d/{temporary}"), false),
        (format!("/{temporary}"), false),
    ] {
        for there in [true, false] {
            let sandbox = sandbox();
            let elsewhere = sandbox.home().join("elsewhere");
            if there && leads_to_folder {
                std::fs::create_dir(&elsewhere).unwrap();
                std::fs::write(elsewhere.join(format!("{hash}.zip")), "mine").unwrap();
            } else if there {
                std::fs::write(&elsewhere, "mine").unwrap();
            }
            let before = there && leads_to_folder;
            let before = if before { names(&elsewhere) } else { Vec::new() };
            let link = sandbox.root().join(format!(".scfctl{name}"));
            std::fs::create_dir_all(link.parent().unwrap()).unwrap();
            symlink(&elsewhere, &link).unwrap();
            for line in [DEPLOY, "list-alias --local"] {
                let ran = sandbox.type_in(line).fails(1);
                let link = sandbox.root().canonicalize().unwrap().join(format!(".scfctl{name}"));
                let said = format!("{} is a link, not a regular file", link.display());
                assert!(ran.stderr.contains(&said), "{name}: {}", ran.stderr);
                assert!(ran.stderr.contains("remove the link"), "{}", ran.stderr);
            }
            assert!(link.symlink_metadata().unwrap().is_symlink(), "{name}");
            match (there, leads_to_folder) {
                (false, _) => assert!(elsewhere.symlink_metadata().is_err(), "{name}"),
                (true, true) => assert_eq!(names(&elsewhere), before, "{name}"),
                (true, false) => assert_eq!(read(&elsewhere), "mine", "{name}"),
            }
        }
    }
}

#[test]
fn a_project_reached_by_a_link_keeps_its_state() {
    let sandbox = sandbox();
    let link = sandbox.home().join("project");
    symlink(sandbox.root(), &link).unwrap();
    let target = link.to_str().unwrap();
    sandbox.run(&["deploy", "--local", "--target", target]).ok();
    sandbox.type_in("list-alias --local").ok();
    // So is a state that the user puts behind one.
    let folder = sandbox.home().join("states");
    std::fs::create_dir(&folder).unwrap();
    symlink(&folder, sandbox.root().join("states")).unwrap();
    let serve = "local serve --state states/scf.json --listen 203.0.113.1:0";
    sandbox.type_in(serve).fails(1).says("cannot listen");
    assert_eq!(names(&folder), ["scf.json.lock"]);
    // The file itself is not.
    symlink(folder.join("x"), folder.join("link.json")).unwrap();
    let serve = "local serve --state states/link.json";
    sandbox.type_in(serve).fails(1).says("states/link.json is a link, not a regular file");
}

#[test]
fn a_command_that_lasts_has_the_state_only_while_it_calls() {
    let mut sandbox = sandbox();
    sandbox.set("PATH", &std::env::var("PATH").unwrap());
    sandbox.type_in("deploy --local --publish").ok();
    sandbox.type_in("invoke --local").ok();
    let follow = ["logs", "--local", "--follow", "-i", "100", "--output", "ndjson"];
    let mut child = sandbox.spawn(&follow);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut starts = || {
        let line = lines.find(|line| line.contains("START RequestId: ")).unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        line["requestId"].as_str().unwrap().to_owned()
    };
    let first = starts();
    // Others run beside it, and it shows what they do.
    let mut seen = vec![first];
    for _ in 0..3 {
        sandbox.type_in("invoke --local").ok();
        let next = starts();
        assert!(!seen.contains(&next), "{next}");
        seen.push(next);
    }
    send(Signal::INT, child.id());
    assert_eq!(code(child.wait().unwrap()), 0);
    let ran = sandbox.type_in("logs --local --output json").ok();
    assert_eq!(ran.json()["lines"].as_array().unwrap().len(), 12);
}

#[test]
fn a_rollout_in_the_foreground_hears_of_what_others_do() {
    let sandbox = sandbox();
    sandbox.type_in("deploy --local --publish").ok();
    sandbox.change_code("two");
    sandbox.type_in("deploy --local --publish").ok();
    sandbox.type_in("create-alias --local --alias prod --version 1 --no-weights").ok();
    let line = "rollout start --local --alias prod --to 2 --steps 10%,100%";
    let mut child = sandbox.spawn(&line.split(' ').collect::<Vec<_>>());
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(told.any(|line| line.starts_with("- step 1 of 2")));
    // As soon as it waits for the next minute.
    sandbox.type_in("create-alias --local --alias other --version 2 --no-weights").ok();
    sandbox.type_in("rollout promote --local --alias prod").ok();
    // It stops where it is now, and has kept all.
    send(Signal::INT, child.id());
    drop(told);
    assert_eq!(code(child.wait().unwrap()), 130);
    let found = sandbox.type_in("rollout status --local --alias prod --output json").ok().json();
    assert_eq!(found["rollout"]["step"], 2, "{found}");
    let aliases = sandbox.type_in("list-alias --local --output json").ok();
    assert!(aliases.stdout.contains("\"other\""), "{}", aliases.stdout);
}

#[test]
fn whoever_waits_for_the_state_says_so() {
    let sandbox = sandbox();
    sandbox.type_in("deploy --local").ok();
    let lock =
        std::fs::File::options().write(true).open(sandbox.root().join(".scfctl/local.json.lock"));
    let lock = lock.unwrap();
    lock.lock().unwrap();
    let mut waits = sandbox.spawn(&["list-alias", "--local"]);
    let mut told = BufReader::new(waits.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(told.any(|line| line.contains("another command has the local state in ")));
    lock.unlock().unwrap();
    drop(told);
    finished(waits).ok();
}
