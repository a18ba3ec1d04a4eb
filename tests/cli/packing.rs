//! What goes into a package: patterns, programs that start it, hooks; and where it is written.

use serde_json::{Value, json};

use crate::sandbox::{Sandbox, read};

fn project(sandbox: &Sandbox, source: &str, runtime: &str) {
    sandbox.file(
        "serverless.yml",
        &format!(
            "component: scf\nname: demo\napp: shop\ninputs:\n  src: {source}\n  runtime: {runtime}\n  handler: index.main_handler\n"
        ),
    );
}

/// A project of these files, with patterns for `exclude`.
fn excluding(files: &[&str], patterns: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    for name in files {
        sandbox.file(name, name);
    }
    project(&sandbox, &format!("{{src: ./, exclude: [{patterns}]}}"), "Nodejs12.16");
    sandbox
}

fn listed(sandbox: &Sandbox) -> Vec<String> {
    let listed = sandbox.type_in("package --list --output json").ok().json();
    names(&listed)
}

fn names(listed: &Value) -> Vec<String> {
    let files = listed["files"].as_array().unwrap().iter();
    files.map(|file| file["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn extended_globs_leave_out_what_they_name() {
    let files = ["data.json", "index.js", "logo.png", "notes.txt", "lib/a.png"];
    let sandbox = excluding(&files, "'*.!(js|json)'");
    assert_eq!(listed(&sandbox), ["data.json", "index.js", "lib/a.png"]);
    let deployed = sandbox.type_in("deploy").ok();
    assert!(!deployed.stderr.contains("warning"), "{}", deployed.stderr);
    let sandbox = excluding(&files, "'@(logo|notes).*', '+(lib)/**', serverless.yml");
    assert_eq!(listed(&sandbox), ["data.json", "index.js"]);
}

#[test]
fn a_negation_at_the_beginning_means_what_it_means_to_sls() {
    let files = ["a.txt", "index.js", "private.key", "sub/private.key"];
    let sandbox = excluding(&files, "'!(index.js)'");
    assert_eq!(listed(&sandbox), ["index.js", "sub/private.key"]);
    let sandbox = excluding(&files, "'!a.txt'");
    let ran = sandbox.type_in("package --list --output json").ok();
    assert!(!names(&ran.json()).contains(&"a.txt".to_owned()));
    ran.says(
        "warning: exclude `!a.txt` leaves out what `a.txt` names, as sls does; `!` takes nothing back in: to pack these files all the same, write `a.txt` in `include`",
    );
    let sandbox = excluding(&files, "'a.txt/**'");
    assert!(!listed(&sandbox).contains(&"a.txt".to_owned()));
}

#[test]
fn a_pattern_without_effect_is_told() {
    let sandbox = Sandbox::with_project();
    for name in ["src/data/keep.csv", "src/data/big.csv", "src/secrets/key.pem"] {
        sandbox.file(name, "1");
    }
    let patterns = "['data/**', '!data/keep.csv', 'src/secrets/**']";
    project(&sandbox, &format!("{{src: ./src, exclude: {patterns}}}"), "Python3.9");
    let ran = sandbox.type_in("package --list --output json").ok();
    assert_eq!(names(&ran.json()), ["index.py", "secrets/key.pem"]);
    ran.says("exclude `!data/keep.csv` leaves out what `data/keep.csv` names, as sls does").says(
        "warning: exclude `src/secrets/**` names no file; patterns begin at the source folder, so perhaps `secrets/**` is meant",
    );
    sandbox.type_in("deploy").ok().says("exclude `src/secrets/**` names no file");
    // What was advised works.
    project(
        &sandbox,
        "{src: ./src, exclude: ['data/**', 'secrets/**'], include: [data/keep.csv]}",
        "Python3.9",
    );
    let ran = sandbox.type_in("package --list --output json").ok();
    assert_eq!(names(&ran.json()), ["data/keep.csv", "index.py"]);
    assert_eq!(ran.stderr, "");
}

#[test]
fn nothing_to_pack_names_the_cause() {
    let sandbox = Sandbox::with_project();
    project(&sandbox, "{src: ./src, exclude: ['**', '!index.py']}", "Python3.9");
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("nothing to pack in")
        .says("`exclude` leaves everything out, and `!index.py` in it takes nothing back in")
        .says("hint: write `index.py` in `include`");
    project(&sandbox, "{src: ./src, exclude: ['**']}", "Python3.9");
    sandbox.type_in("deploy").fails(2).says(": `exclude` leaves everything out");
    assert_eq!(sandbox.calls().len(), 0);
}

#[cfg(unix)]
#[test]
fn a_custom_runtime_has_a_program_that_starts() {
    let sandbox = Sandbox::new();
    project(&sandbox, "./src", "CustomRuntime");
    sandbox.file("src/other", "x");
    sandbox.type_in("deploy").fails(2).says("starts `bootstrap`, which is not at the top");
    sandbox.file("src/bootstrap", "#!/bin/bash\r\necho hi\r\n");
    sandbox.type_in("deploy").fails(2).says("`bootstrap` has Windows line ends (CRLF)");
    sandbox.file("src/bootstrap", "echo hi\n");
    sandbox.type_in("deploy").fails(2).says("`bootstrap` does not begin with `#!`");
    assert_eq!(sandbox.calls().len(), 0);
    sandbox.file("src/bootstrap", "#!/bin/bash\necho hi\n");
    let told = "`bootstrap` is not executable here; in the package it is (0755)";
    let ran = sandbox.type_in("package --list --output json").ok().says(told);
    assert_eq!(ran.json()["files"][0]["mode"], "0755");
    sandbox.type_in("deploy").ok().says(told);
    // The file need not say it again, but then nothing makes it executable.
    let without = read(&sandbox.root().join("serverless.yml"));
    sandbox.file("serverless.yml", without.split("  runtime:").next().unwrap());
    sandbox.type_in("deploy").fails(2).says("hint: write `runtime: CustomRuntime`");
}

#[test]
fn programs_are_made_for_the_runtimes_of_web_functions() {
    for (runtime, file, program) in [
        ("Python3.9", "app.py", "/var/lang/python39/bin/python3.9 -u app.py"),
        ("Python3.10", "app.py", "/var/lang/python310/bin/python3.10 -u app.py"),
        ("Nodejs18.15", "app.js", "/var/lang/node18/bin/node app.js"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.file(&format!("src/{file}"), "");
        project(&sandbox, "./src\n  type: web", runtime);
        let out = sandbox.home().join("code.zip");
        sandbox.run(&["package", "--out", out.to_str().unwrap()]).ok();
        let mut zip = zip::ZipArchive::new(std::fs::File::open(out).unwrap()).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut zip.by_name("scf_bootstrap").unwrap(), &mut text)
            .unwrap();
        assert_eq!(text, format!("#!/usr/bin/env bash\n{program}\n"));
    }
    let sandbox = Sandbox::with_project();
    project(&sandbox, "./src", "Python3.11");
    sandbox.type_in("package").ok().says(
        "warning: runtime `Python3.11` is none of those that this version knows; did you mean `Python3.10`?",
    );
}

#[test]
fn a_hook_without_a_source_folder_runs_where_the_file_is() {
    let sandbox = Sandbox::new();
    sandbox.file("index.in", "def main_handler(event, context):\n    return 1\n");
    project(
        &sandbox,
        "{hook: 'mkdir -p out && cp index.in out/index.py', dist: ./out}",
        "Python3.9",
    );
    sandbox.type_in("deploy").ok();
    assert_eq!(listed(&sandbox), ["index.py"]);
    project(&sandbox, "{hook: 'true'}", "Python3.9");
    sandbox.type_in("deploy").fails(2).says("src.src");
}

#[cfg(unix)]
#[test]
fn a_package_that_is_known_is_not_made_again() {
    let sandbox = Sandbox::new();
    project(&sandbox, crate::sandbox::settled_folder(), "Python3.9");
    let known = |line: &str| sandbox.type_in(line).ok().stderr.contains("is known from before");
    let shown = sandbox.type_in("package --output json").ok().json();
    assert!(known("package --debug") && known("deploy --debug"));
    assert!(!known("package --debug --noCache") && !known("package --debug --out code.zip"));
    assert_eq!(sandbox.type_in("package --output json").ok().json(), shown);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_written_to_or_refused_and_stays_what_it_is() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let sandbox = Sandbox::with_project();
    let root = sandbox.root();
    let path = |name: &str| root.join(name);
    sandbox.type_in("package --out code.zip").ok();
    let zip = std::fs::read(path("code.zip")).unwrap();

    let device = std::fs::metadata("/dev/null").unwrap();
    sandbox.type_in("package --out /dev/null").ok();
    assert!(device.file_type().is_char_device());
    assert!(std::fs::metadata("/dev/null").unwrap().file_type().is_char_device());

    assert!(std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
    let child = sandbox.spawn(&["package", "--out", "pipe"]);
    assert_eq!(std::fs::read(path("pipe")).unwrap(), zip);
    crate::sandbox::finished(child).ok();
    assert!(std::fs::symlink_metadata(path("pipe")).unwrap().file_type().is_fifo());

    let piped = sandbox.command(&["package", "--out", "/dev/stdout"]).output().unwrap();
    assert_eq!(piped.stdout, zip, "{}", String::from_utf8_lossy(&piped.stderr));
    let file = std::fs::File::create(path("redirected")).unwrap();
    let mut command = sandbox.command(&["package", "--out", "/dev/stdout"]);
    assert!(command.stdout(file).status().unwrap().success());
    assert_eq!(std::fs::read(path("redirected")).unwrap(), zip);
    sandbox.type_in("package --list --out /dev/stdout").fails(2).says("leave one of them out");

    std::fs::write(path("other"), "mine").unwrap();
    symlink("other", path("link")).unwrap();
    symlink("nowhere", path("broken")).unwrap();
    symlink("src", path("folder")).unwrap();
    sandbox.type_in("package --out link").fails(2).says("is a link to `").says("other`");
    sandbox.type_in("package --out broken").fails(2).says("is a link that leads nowhere");
    sandbox.type_in("package --out folder").fails(2).says("is a folder");
    assert_eq!(std::fs::read(path("other")).unwrap(), b"mine");
    assert!(std::fs::read_link(path("link")).is_ok() && !path("nowhere").exists());
    let listener = crate::sandbox::socket(&path("socket"));
    sandbox.type_in("package --out socket").fails(2).says("is neither a file nor a pipe");
    drop(listener);
    // A file is replaced as a whole.
    sandbox.type_in("package --out other").ok();
    assert_eq!(std::fs::read(path("other")).unwrap(), zip);
}

fn several() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file(
        "serverless.yml",
        "component: multi-scf\nname: demo\napp: shop\ninputs:\n  src: ./\n  runtime: Nodejs12.16\n  functions:\n    one:\n      src: ./a\n      handler: index.main_handler\n    two:\n      src: ./b\n      type: web\n",
    );
    sandbox.file("a/index.js", "exports.main_handler = async () => 'a'\n");
    sandbox.file("b/app.js", "1\n");
    sandbox
}

#[test]
fn each_of_several_functions_has_its_package() {
    let sandbox = several();
    let all = sandbox.type_in("package --list --output json").ok().json();
    let keys =
        |all: &Value| [all["functions"][0]["key"].clone(), all["functions"][1]["key"].clone()];
    assert_eq!(keys(&all), ["one", "two"]);
    assert_eq!(names(&all["functions"][0]), ["index.js"]);
    assert_eq!(names(&all["functions"][1]), ["app.js", "scf_bootstrap"]);
    let text = sandbox.type_in("package --list").ok().stdout;
    assert!(text.starts_with("one: \n") && text.contains("\ntwo: \n"), "{text}");
    let two = sandbox.type_in("package --list --output json --inputs function=two").ok().json();
    assert_eq!(two, json!({"functions": [all["functions"][1]]}));
    sandbox
        .type_in("package --out code.zip")
        .fails(2)
        .says("each of the functions one, two has its own")
        .says("`scfctl package --out code.zip --function one`");
    assert!(!sandbox.root().join("code.zip").exists());
    let built = sandbox.type_in("package --out code.zip --output json --inputs function=one").ok();
    let built = built.json()["functions"][0]["sha256"].clone();
    // As deployed.
    sandbox.type_in("deploy").ok();
    let name = "demo-dev-shop-one";
    let call = json!({"FunctionName": name});
    assert_eq!(sandbox.console("GetFunctionAddress", call)["CodeSha256"], built);
    sandbox.type_in("package --inputs function=three").fails(2).says("none of the functions");
}

#[cfg(unix)]
#[test]
fn a_temporary_folder_is_needed_for_large_packages_alone() {
    let mut sandbox = Sandbox::with_project();
    let nowhere = sandbox.home().join("no/such/folder");
    sandbox.set("TMPDIR", nowhere.to_str().unwrap());
    sandbox.type_in("package").ok();
    sandbox.type_in("deploy").ok();
    sandbox.noise("src/noise.bin", 9_000_000, 1);
    sandbox
        .type_in("deploy")
        .fails(1)
        .says(&format!("cannot write a temporary file in `{}`", nowhere.display()))
        .says("TMPDIR");
}

#[cfg(unix)]
#[test]
fn names_stand_on_one_line_of_a_list() {
    let sandbox = Sandbox::with_project();
    sandbox.file("src/a\nb\u{1b}[31m.txt", "x");
    let listed = sandbox.type_in("package --list").ok().stdout;
    assert!(listed.contains("a\\nb\\u{1b}[31m.txt"), "{listed}");
    let json = sandbox.type_in("package --list --output json").ok().json();
    assert_eq!(names(&json), ["a\nb\u{1b}[31m.txt", "index.py"]);
}
