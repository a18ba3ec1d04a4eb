//! What `--local` keeps in `.scfctl`: nothing is written, read or removed through a link, and only
//! what is certainly its own goes.

use std::os::unix::fs::symlink;
use std::path::Path;

use crate::sandbox::{Sandbox, read};

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
