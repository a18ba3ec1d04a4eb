//! `package`, hooks, and what `deploy` makes of `src`.

use serde_json::json;

use crate::sandbox::{Sandbox, read, settled_folder};

fn source(sandbox: &Sandbox, source: &str) {
    sandbox.file(
        "serverless.yml",
        &format!(
            "component: scf\nname: demo\napp: shop\ninputs:\n  src:\n{source}  runtime: Python3.9\n  handler: index.main_handler\n"
        ),
    );
}

#[test]
fn a_folder_that_is_not_there_is_no_place_for_a_package() {
    let sandbox = Sandbox::with_project();
    let ran = sandbox
        .type_in("package --out missing/code.zip")
        .fails(1)
        .says("cannot write the package to")
        .says("hint: make the folder first, or name another file");
    assert!(!ran.stderr.contains("missing/.tmp"), "{}", ran.stderr);
    sandbox.file(".scfctl", "mine\n");
    sandbox.type_in("deploy --local").fails(1).says("give that file another name");
}

#[test]
fn what_package_builds_is_what_deploy_sends() {
    let sandbox = Sandbox::with_project();
    sandbox.file("src/lib/x.txt", "x\n");
    let built = sandbox.type_in("package --out code.zip --output json").ok().json();
    let listed = sandbox.type_in("package --list --output json").ok().json();
    assert_eq!(sandbox.calls().len(), 0, "nothing is called");
    let index = read(&sandbox.root().join("src/index.py"));
    assert_eq!(
        listed,
        json!({
            "unpackedSize": index.len() + 2,
            "fileCount": 2,
            "files": [
                {"path": "index.py", "mode": "0644", "size": index.len(), "sha256": sha256(&index)},
                {"path": "lib/x.txt", "mode": "0644", "size": 2, "sha256": sha256("x\n")},
            ]
        })
    );
    let zip = std::fs::read(sandbox.root().join("code.zip")).unwrap();
    assert_eq!(built["size"], zip.len());
    assert_eq!(built["path"], sandbox.root().join("code.zip").display().to_string());
    let deployed = sandbox.type_in("deploy --output json").ok().json();
    assert_eq!(deployed["code"], json!({"sha256": built["sha256"], "size": built["size"]}));
    let address = sandbox.console("GetFunctionAddress", json!({}));
    assert_eq!(address["CodeSha256"], built["sha256"]);
    let text = sandbox.type_in("package").ok().stdout;
    assert!(text.contains("fileCount:    2\n"), "{text}");
}

fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(text))
}

#[test]
fn a_package_inside_its_own_source_does_not_grow() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml("  memorySize: 128\n");
    let once = sandbox.type_in("package --out src/code.zip --output json").ok().json();
    let again = sandbox.type_in("package --out src/code.zip --output json").ok().json();
    assert_eq!(once["sha256"], again["sha256"]);
    // Within the code the package would be packed the next time.
    let ran = sandbox.type_in("package --out src").fails(2).says("--out").says("is a folder");
    assert!(ran.stderr.contains("/project/code.zip"), "{}", ran.stderr);
    sandbox.type_in("package --out no/such/code.zip").fails(1).says("cannot write the package to");
}

#[test]
fn a_hook_runs_for_a_real_deployment_only() {
    let sandbox = Sandbox::new();
    sandbox.file("app/index.in", "def main_handler(event, context):\n    return 1\n");
    sandbox.file(".env", "FLAVOUR=sour\n");
    source(
        &sandbox,
        "    src: ./app\n    hook: mkdir -p ../out && cp index.in ../out/index.py && echo $FLAVOUR made >>../made; cat ../made\n    dist: ./out\n",
    );
    for command in ["deploy --dry-run", "package", "list-alias"] {
        sandbox.type_in(command);
        assert!(!sandbox.root().join("made").exists(), "{command}");
    }
    let ran = sandbox.type_in("deploy --output json").ok().says("-   sour made");
    assert!(!ran.stdout.contains("sour"), "{}", ran.stdout);
    assert_eq!(read(&sandbox.root().join("made")), "sour made\n");
    let built = sandbox
        .type_in("package --output json")
        .ok()
        .says("src.hook is run by a real deployment only")
        .json();
    assert_eq!(ran.json()["code"]["sha256"], built["sha256"]);
}

#[test]
fn a_hook_that_fails_stops_everything() {
    let sandbox = Sandbox::with_project();
    let hook = |command: &str| {
        source(&sandbox, &format!("    src: ./src\n    hook: {command}\n    dist: ./src\n"));
    };
    hook("echo broken >&2; exit 7");
    sandbox.type_in("deploy").fails(1).says("-   broken").says("failed: exit status: 7");
    hook("sleep 60");
    sandbox.type_in("deploy --timeout 1").fails(6).says("was still running after 1 s");
    source(&sandbox, "    src: ./nowhere\n    hook: 'true'\n    dist: ./src\n");
    sandbox.type_in("deploy").fails(2).says("cannot start src.hook `true`");
    // Refused before the hook can do anything.
    hook("touch ../done");
    sandbox.type_in("deploy --inputs traffic=2").fails(2);
    sandbox.type_in("deploy --if-changed").fails(2);
    assert!(!sandbox.root().join("done").exists());
    sandbox.nothing_changed(0);
    assert_eq!(sandbox.calls().len(), 0);
}

/// They come by other threads than its end.
#[test]
fn the_last_lines_of_a_hook_are_not_lost() {
    let sandbox = Sandbox::with_project();
    let hook = "(sleep 0.3; echo last) & echo first";
    source(&sandbox, &format!("    src: ./src\n    hook: {hook}\n    dist: ./src\n"));
    sandbox.type_in("deploy").ok().says("-   first").says("-   last");
}

#[test]
fn half_a_hook_is_said() {
    let sandbox = Sandbox::with_project();
    source(&sandbox, "    src: ./src\n    hook: touch hooked\n");
    sandbox.type_in("deploy").ok().says("`src.hook` (serverless.yml:7) is not run");
    source(&sandbox, "    src: ./src\n    dist: ./dist\n");
    sandbox.type_in("deploy").ok().says("`src.dist` (serverless.yml:7) is not packed");
    assert!(!sandbox.root().join("src/hooked").exists());
}

#[test]
fn too_much_names_where_it_lies() {
    let sandbox = Sandbox::with_project();
    let folder = sandbox.root().join("src/data/big");
    std::fs::create_dir_all(&folder).unwrap();
    // Holes take no room on the disk.
    for (name, size) in [("one", 300_000_000), ("two", 200_000_001)] {
        std::fs::File::create(folder.join(name)).unwrap().set_len(size).unwrap();
    }
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("a function version takes 500000000")
        .says("most of it lies in: data/big (500000001 bytes)");
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn patterns_of_git_count_when_asked_for() {
    let sandbox = Sandbox::with_project();
    sandbox.file(".gitignore", "*.log\n");
    sandbox.file("src/a.log", "x");
    let count = |line: &str| sandbox.type_in(line).ok().json()["fileCount"].clone();
    assert_eq!(count("package --output json"), 2);
    assert_eq!(count("package --output json --respect-gitignore"), 1);
    sandbox.type_in("deploy --respect-gitignore").ok();
    sandbox.file("src/.scfignore", "[a\n");
    sandbox.type_in("package").ok();
    sandbox.file("src/.scfignore", "{a\n");
    sandbox.type_in("package").fails(2).says(".scfignore pattern `{a` cannot be used");
}

fn of_folder(sandbox: &Sandbox, folder: &str) {
    sandbox.file(
        "serverless.yml",
        &format!(
            "component: scf\nname: demo\napp: shop\ninputs:\n  src: {folder}\n  runtime: Python3.9\n  handler: index.main_handler\n"
        ),
    );
}

#[cfg(unix)]
#[test]
fn an_unchanged_folder_is_known_without_reading_it() {
    let sandbox = Sandbox::new();
    of_folder(&sandbox, settled_folder());
    let known = |line: &str| {
        let ran = sandbox.type_in(&format!("{line} --debug")).ok();
        ran.stderr.contains("is known from before")
    };
    assert!(!known("deploy"));
    assert!(known("deploy"));
    assert!(known("deploy --dry-run"));
    assert!(!known("deploy --noCache") && !known("deploy --force"));
    // It is known, and yet has to be made where it is to be sent.
    let from = sandbox.calls().len();
    assert!(known("deploy --inputs handler=index.other"));
    assert!(known("deploy --inputs name=other publish=true"));
    assert_eq!(
        sandbox.changes_since(from),
        ["UpdateFunctionCode", "CreateFunction", "PublishVersion"]
    );
    // What is remembered wrongly decides nothing.
    let cache = sandbox.home().join(".cache/scfctl/packages");
    for entry in std::fs::read_dir(&cache).unwrap() {
        std::fs::write(entry.unwrap().path(), "0 1 2\n").unwrap();
    }
    let from = sandbox.calls().len();
    assert!(!known("deploy --inputs handler=index.other"));
    sandbox.nothing_changed(from);
}

#[cfg(unix)]
#[test]
fn a_package_that_turns_out_another_than_remembered_is_decided_on_anew() {
    use scfctl::package::{KnownPackage, Rules, Selection, remember};
    let (sandbox, settled) = (Sandbox::new(), settled_folder());
    of_folder(&sandbox, settled);
    sandbox.type_in("deploy").ok();
    // As if another version of the program had made other bytes of the same files.
    let rules = Rules {
        folder: settled.into(),
        project: sandbox.root(),
        now: i64::MAX,
        ..Rules::default()
    };
    let fingerprint = Selection::list(&rules).unwrap().fingerprint().unwrap();
    let cache = sandbox.home().join(".cache/scfctl/packages");
    assert!(cache.join(&fingerprint).exists());
    let other = KnownPackage { sha256: "ab".repeat(32), size: 9_000_000_000 };
    remember(&cache, &fingerprint, &other);
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok().says("everything is as asked already");
    sandbox.nothing_changed(from);
}
