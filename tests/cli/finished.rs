//! Finished packages: `deploy --package`, `--sha256`, `src: FILE.zip`.

use std::io::{Cursor, Write as _};
use std::path::Path;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;

use crate::sandbox::{FUNCTION, Sandbox};

const HANDLER: &str = "def main_handler(event, context):\n    return 'finished'\n";

/// A zip of files with these modes.
fn zip(path: &Path, files: &[(&str, &[u8], u32)]) -> String {
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = zip::ZipWriter::new(&mut bytes);
    for (name, content, mode) in files {
        writer.start_file(*name, SimpleFileOptions::default().unix_permissions(*mode)).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap();
    let bytes = bytes.into_inner();
    std::fs::write(path, &bytes).unwrap();
    hex::encode(Sha256::digest(&bytes))
}

/// `code.zip` beside the project, with the handler.
fn artifact(sandbox: &Sandbox) -> String {
    zip(&sandbox.root().join("code.zip"), &[("index.py", HANDLER.as_bytes(), 0o644)])
}

/// The hash of what a function runs.
fn runs(sandbox: &Sandbox, function: &str) -> String {
    let address = sandbox.console("GetFunctionAddress", json!({"FunctionName": function}));
    address["CodeSha256"].as_str().unwrap().to_owned()
}

#[test]
fn one_artifact_goes_through_two_stages() {
    let sandbox = Sandbox::with_project();
    let built = sandbox.type_in("package --out code.zip --output json").ok();
    let sha256 = built.json()["sha256"].as_str().unwrap().to_owned();
    let command = format!("scfctl deploy --package code.zip --sha256 {sha256}");
    let built = built.says(&format!("to deploy exactly this: `{command}`"));
    assert_eq!(built.actions(), [] as [&str; 0]);
    // What becomes of the folder has nothing to do with it.
    sandbox.change_code("later");
    let line = command.strip_prefix("scfctl ").unwrap();
    for (stage, function) in [("dev", FUNCTION), ("prod", "demo-prod-shop")] {
        let deployed =
            sandbox.type_in(&format!("{line} --stage {stage} --output json")).ok().json();
        assert_eq!(deployed["code"]["sha256"], sha256.as_str());
        assert_eq!(runs(&sandbox, function), sha256);
    }
    // The same bytes are not sent again, and the folder is another package.
    let from = sandbox.calls().len();
    sandbox.type_in(line).ok().says("everything is as asked already");
    sandbox.nothing_changed(from);
    sandbox.type_in("deploy").ok();
    assert_ne!(runs(&sandbox, FUNCTION), sha256);
}

#[test]
fn a_finished_package_composes_with_versions_and_traffic() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --publish").ok();
    let sha256 = artifact(&sandbox);
    let line = format!("deploy --package code.zip --sha256 {}", sha256.to_uppercase());
    let planned = sandbox.type_in(&format!("{line} --traffic 0.1 --dry-run")).ok();
    assert_eq!(planned.changes(), [] as [&str; 0]);
    assert!(planned.stdout.contains("UpdateFunctionCode"), "{}", planned.stdout);
    let deployed = sandbox.type_in(&format!("{line} --traffic 0.1")).ok();
    assert!(deployed.changes().contains(&"UpdateFunctionCode"), "{:?}", deployed.changes());
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.1, "1": 0.9}));
    sandbox.type_in(&format!("{line} --publish --traffic 0")).ok();
    assert_eq!(sandbox.versions(), ["1", "2"]);
    assert_eq!(runs(&sandbox, FUNCTION), sha256);
}

#[test]
fn a_file_in_place_of_the_folder() {
    let sandbox = Sandbox::with_project();
    let sha256 = artifact(&sandbox);
    let with = |source: &str| {
        sandbox.file(
            "serverless.yml",
            &format!(
                "component: scf\nname: demo\napp: shop\ninputs:\n  src: {source}\n  runtime: Python3.9\n  handler: index.main_handler\n"
            ),
        );
    };
    with("./code.zip");
    let deployed = sandbox.type_in(&format!("deploy --sha256 {sha256} --output json")).ok();
    assert_eq!(deployed.json()["code"]["sha256"], sha256.as_str());
    let listed = sandbox.type_in("package --list --out copy.zip --output json").ok().json();
    assert_eq!(listed["sha256"], sha256.as_str());
    let handler = hex::encode(Sha256::digest(HANDLER));
    assert_eq!(
        listed["files"],
        json!([{"path": "index.py", "mode": "0644", "size": HANDLER.len(), "sha256": handler}])
    );
    let read = |name: &str| std::fs::read(sandbox.root().join(name)).unwrap();
    assert_eq!(read("copy.zip"), read("code.zip"));
    // A hook may make it, and what would change it is refused.
    let from = sandbox.calls().len();
    for key in ["exclude: ['*.md']", "include: ['*.py']", "targetDir: app"] {
        with(&format!("{{src: ./code.zip, {key}}}"));
        sandbox.type_in("deploy").fails(2).says("has no effect on a finished package");
    }
    with("./code.zip");
    sandbox
        .type_in("deploy --respect-gitignore")
        .fails(2)
        .says("--respect-gitignore has no effect on a finished package");
    with("./serverless.yml");
    sandbox.type_in("deploy").fails(2).says("is no zip");
    assert_eq!(sandbox.calls().len(), from);
    with("{src: ., hook: cp code.zip made.zip, dist: ./made.zip}");
    sandbox.type_in(&format!("deploy --sha256 {sha256}")).ok();
    // Another zip needs no hook.
    std::fs::remove_file(sandbox.root().join("made.zip")).unwrap();
    sandbox.type_in("deploy --package code.zip").ok().says("src.hook is not run");
    assert!(!sandbox.root().join("made.zip").exists());
}

#[test]
fn another_file_than_the_one_that_was_meant_is_refused() {
    let sandbox = Sandbox::with_project();
    let sha256 = artifact(&sandbox);
    let other = "0".repeat(64);
    sandbox
        .type_in(&format!("deploy --package code.zip --sha256 {other}"))
        .fails(2)
        .says(&format!("has SHA-256 {sha256}, not {other}"))
        .says("build or download it again");
    sandbox.type_in("deploy --package code.zip --sha256 abc").fails(2).says("64 hex digits");
    sandbox
        .type_in(&format!("deploy --sha256 {sha256}"))
        .fails(2)
        .says("--sha256 is the hash of a finished package, and the code is none");
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn what_is_no_package_is_refused_before_any_call() {
    let sandbox = Sandbox::with_project();
    let path = sandbox.root().join("code.zip");
    let handler = HANDLER.as_bytes();
    let refused = |told: &str| {
        sandbox.type_in("deploy --package code.zip").fails(2).says(told);
    };
    refused("does not exist");
    sandbox.file("code.zip", "PK is not enough");
    refused("is no zip");
    zip(&path, &[]);
    refused("holds no file");
    zip(&path, &[("main.py", handler, 0o644)]);
    refused("handler `index.main_handler` needs the file `index.py` in ");
    // The folder was packed in place of what is in it.
    zip(&path, &[("app/index.py", handler, 0o644)]);
    refused("it is there as `app/index.py`: zip what is in the folder, not the folder itself");
    zip(&path, &[("index.py", handler, 0o644), ("../index.py", handler, 0o644)]);
    refused("a name that climbs out of the package");
    // A hole takes no room on the disk.
    std::fs::File::create(&path).unwrap().set_len(600_000_000).unwrap();
    refused("has more than 550000000 bytes");
    sandbox
        .type_in("deploy --package src")
        .fails(2)
        .says("is a folder, not a finished package")
        .says("`scfctl package --out code.zip`");
    assert_eq!(sandbox.calls().len(), 0);
    zip(&path, &[("index.py", handler, 0o644), ("conf/.env", b"KEY=1\n", 0o644)]);
    sandbox.type_in("deploy --package code.zip").ok().says("holds secrets as a rule: `conf/.env`");
}

#[test]
fn a_large_one_goes_through_the_bucket_byte_for_byte() {
    let sandbox = Sandbox::with_project();
    sandbox.noise("noise.bin", 9_000_000, 3);
    let noise = std::fs::read(sandbox.root().join("noise.bin")).unwrap();
    let path = sandbox.root().join("code.zip");
    let sha256 = zip(&path, &[("index.py", HANDLER.as_bytes(), 0o644), ("x", &noise, 0o644)]);
    let deployed = sandbox.type_in("deploy --package code.zip --output json").ok();
    let parts = deployed.actions().into_iter().filter(|action| *action == "UploadPart").count();
    assert_eq!(parts, 3);
    let object = format!("/scf_component_{sha256}.zip");
    assert_eq!(deployed.json()["code"]["object"], object.as_str());
    assert_eq!(runs(&sandbox, FUNCTION), sha256);
    // A bucket that the file names is used for it, too, with a small one.
    sandbox.file(
        "serverless.yml",
        "component: scf\nname: demo\napp: shop\ninputs:\n  src: {src: ./src, bucket: code-1250000000, exclude: [x]}\n  runtime: Python3.9\n  handler: index.main_handler\n",
    );
    sandbox.server().apply("PutBucket", json!({"Bucket": "code-1250000000"}), "ap-guangzhou").ok();
    let sha256 = artifact(&sandbox);
    let planned = sandbox.type_in("deploy --package code.zip --dry-run").ok();
    let told = format!("code/scf_component_{sha256}.zip");
    assert!(planned.stdout.contains(&told), "{}", planned.stdout);
}

#[test]
fn a_program_that_starts_the_function_has_to_be_in_it() {
    let sandbox = Sandbox::with_project();
    let path = sandbox.root().join("code.zip");
    let script: &[u8] = b"#!/bin/bash\nexec ./server\n";
    for (kind, name) in
        [("  type: web\n", "scf_bootstrap"), ("  runtime: CustomRuntime\n", "bootstrap")]
    {
        sandbox.file(
            "serverless.yml",
            &format!("component: scf\nname: demo\napp: shop\ninputs:\n  src: ./src\n{kind}"),
        );
        let refused = |told: &str| {
            sandbox.type_in("deploy --package code.zip").fails(2).says(told);
        };
        zip(&path, &[("app.js", b"", 0o644)]);
        refused(&format!("`{name}`"));
        zip(&path, &[(name, script, 0o644)]);
        refused(&format!("`chmod 755 {name}`"));
        zip(&path, &[(name, b"#!/bin/bash\r\n", 0o755)]);
        refused(&format!("`{name}` has Windows line ends (CRLF)"));
        assert_eq!(sandbox.calls().len(), 0);
    }
    let sha256 = zip(&path, &[("bootstrap", script, 0o755)]);
    sandbox.type_in("deploy --package code.zip").ok();
    assert_eq!(runs(&sandbox, FUNCTION), sha256);
    // What the file does not say, the function tells.
    sandbox.yaml("");
    sandbox
        .file("serverless.yml", "component: scf\nname: demo\napp: shop\ninputs:\n  src: ./src\n");
    let from = sandbox.calls().len();
    zip(&path, &[("index.py", HANDLER.as_bytes(), 0o644)]);
    sandbox.type_in("deploy --package code.zip").fails(2).says("no executable `bootstrap`");
    sandbox.nothing_changed(from);
}

#[test]
fn what_has_no_package_of_one_function_refuses_it() {
    let sandbox = Sandbox::with_project();
    let sha256 = artifact(&sandbox);
    sandbox
        .run(&["deploy", "--package", "code.zip", "--inputs", "src=./code.zip"])
        .fails(2)
        .says("the code is given twice");
    let head = "component: scf\nname: demo\napp: shop\ninputs:\n";
    sandbox.file("serverless.yml", &format!("{head}  image: {{imageUrl: r/n/i:1}}\n"));
    sandbox.type_in("deploy --package code.zip").fails(2).says("the function runs an image");
    sandbox.type_in(&format!("deploy --sha256 {sha256}")).fails(2).says("the code is none");
    let head = "component: multi-scf\nname: demo\napp: shop\ninputs:\n";
    let functions = "  runtime: Python3.9\n  functions:\n    a: {handler: index.main_handler}\n    b: {handler: index.main_handler}\n";
    sandbox.file("serverless.yml", &format!("{head}  src: ./src\n{functions}"));
    for option in ["--package code.zip".to_owned(), format!("--sha256 {sha256}")] {
        let name = option.split(' ').next().unwrap();
        sandbox
            .type_in(&format!("deploy {option}"))
            .fails(2)
            .says(&format!("{name} is about one package, and each of the functions a, b has"));
    }
    assert_eq!(sandbox.calls().len(), 0);
    let one = sandbox.type_in("deploy --package code.zip --function a").ok();
    let created = one.calls.iter().find(|call| call.action == "CreateFunction").unwrap();
    assert_eq!(runs(&sandbox, created.params["FunctionName"].as_str().unwrap()), sha256);
    // Several may run the same one.
    sandbox.file("serverless.yml", &format!("{head}  src: ./code.zip\n{functions}"));
    sandbox.type_in("deploy").ok();
    let part = functions.replace("b: {", "b: {src: lib, ");
    sandbox.file("serverless.yml", &format!("{head}  src: ./code.zip\n{part}"));
    sandbox.type_in("deploy").fails(2).says("names a part of a finished package");
    // A folder of instances.
    let project = Sandbox::new();
    project.instance("one", "");
    project.instance("two", "");
    project
        .type_in("deploy --package code.zip")
        .fails(2)
        .says("this folder holds the instances one, two")
        .says("--target");
    let sha256 = artifact(&project);
    project.type_in("deploy --package code.zip --target one --app shop").ok();
    assert_eq!(runs(&project, "one-dev-shop"), sha256);
}
