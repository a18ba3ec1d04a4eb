//! `zip-selection.json`: what goes into a package, against what the real tool packed.

use std::path::Path;

use serde_json::Value;

use crate::compare::{Difference, cases, compare, text};
use crate::sandbox::{Ran, Sandbox};

/// Files with their modes and folders, or why there is no package.
#[derive(Debug, PartialEq)]
enum Outcome {
    Packed {
        files: Vec<String>,
        folders: Vec<String>,
        size: u64,
    },
    /// There is nothing to pack.
    Nothing,
    Error(&'static str),
}

const SECRETS: &str =
    "HARM: .env files hold secrets, and are packed only when `include` names them";

fn packed(files: &[&str], folders: &[&str], size: u64) -> Outcome {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Outcome::Packed { files: owned(files), folders: owned(folders), size }
}

fn differences() -> Vec<Difference<Outcome>> {
    let common = ["index.js 0644", "lib/a.js 0644"];
    let whole = || {
        packed(
            &[
                ".hidden/x 0644",
                common[0],
                common[1],
                "node_modules/m/index.js 0644",
                "sub/.git/config 0644",
                "sub/node_modules/n/i.js 0644",
            ],
            &[
                ".hidden/",
                "lib/",
                "node_modules/",
                "node_modules/m/",
                "sub/",
                "sub/.git/",
                "sub/node_modules/",
                "sub/node_modules/n/",
            ],
            110,
        )
    };
    let without_modules = || {
        packed(
            &[
                ".hidden/x 0644",
                common[0],
                common[1],
                "sub/.git/config 0644",
                "sub/node_modules/n/i.js 0644",
            ],
            &[".hidden/", "lib/", "sub/", "sub/.git/", "sub/node_modules/", "sub/node_modules/n/"],
            83,
        )
    };
    let list: Vec<(&'static str, &'static str, Outcome)> = vec![
        ("zip-selection-s-001", SECRETS, whole()),
        ("zip-selection-s-002", SECRETS, whole()),
        ("zip-selection-s-004", SECRETS, without_modules()),
        (
            "zip-selection-s-005",
            SECRETS,
            packed(&[".hidden/x 0644", common[0], common[1]], &[".hidden/", "lib/"], 37),
        ),
        (
            "zip-selection-s-007",
            "HARM: `dir/` leaves the folder out instead of matching nothing (and .env)",
            without_modules(),
        ),
        (
            "zip-selection-s-008",
            SECRETS,
            packed(
                &[".hidden/x 0644", "sub/.git/config 0644"],
                &[".hidden/", "sub/", "sub/.git/"],
                32,
            ),
        ),
        ("zip-selection-s-009", SECRETS, without_modules()),
        (
            "zip-selection-s-021",
            "an addition: .slsignore and .scfignore are heard where they exist",
            packed(
                &[".gitignore 0644", ".npmignore 0644", ".slsignore 0644", "a.js 0644"],
                &[],
                26,
            ),
        ),
        ("zip-selection-s-022", SECRETS, without_modules()),
        (
            "zip-selection-s-024",
            "HARM: names that climb out of the package are refused",
            Outcome::Error("include pattern `../lib/*.js` reaches out of the source folder"),
        ),
        (
            "zip-selection-s-029",
            "the error names the folder",
            Outcome::Error("src` does not exist"),
        ),
        ("zip-selection-s-030", "the error names the folder", Outcome::Error("nothing to pack in")),
        ("zip-selection-s-031", "the error names the folder", Outcome::Error("nothing to pack in")),
        (
            "zip-selection-s-032",
            "HARM: the real tool crashes on a file",
            Outcome::Error("code.zip` is no zip"),
        ),
        (
            "zip-selection-s-033",
            SECRETS,
            packed(&["index.js 0644", "serverless.yml 0644"], &[], 22),
        ),
    ];
    list.into_iter().map(|(id, reason, ours)| Difference { id, reason, ours }).collect()
}

fn make(folder: &Path, tree: &Value) {
    for item in tree.as_array().unwrap() {
        let path = folder.join(text(item, "path"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        if item["dir"] == true {
            std::fs::create_dir_all(&path).unwrap();
        } else if let Some(target) = item["symlink"].as_str() {
            std::os::unix::fs::symlink(target, &path).unwrap();
        } else {
            use std::os::unix::fs::PermissionsExt;
            std::fs::write(&path, item["content"].as_str().unwrap_or(text(item, "path"))).unwrap();
            let mode = u32::from_str_radix(item["mode"].as_str().unwrap_or("644"), 8).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
    }
}

/// The package as the zip library reads it.
fn read(path: &Path) -> Outcome {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let (mut files, mut folders, mut size) = (Vec::new(), Vec::new(), 0);
    for position in 0..archive.len() {
        let entry = archive.by_index(position).unwrap();
        let (name, mode) = (entry.name().unwrap().into_owned(), entry.unix_mode().unwrap());
        if entry.is_dir() {
            assert_eq!(mode, 0o40775, "{name}");
            folders.push(name);
        } else {
            files.push(format!("{name} {:04o}", mode & 0o7777));
            size += entry.size();
        }
    }
    Outcome::Packed { files, folders, size }
}

fn outcome(ran: &Ran, out: &Path, difference: Option<&Outcome>) -> Outcome {
    if ran.code == 0 {
        return read(out);
    }
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    if ran.stderr.contains("there is no package") {
        return Outcome::Nothing;
    }
    match difference {
        Some(Outcome::Error(text)) if ran.stderr.contains(text) => Outcome::Error(text),
        _ => Outcome::Error(ran.stderr.clone().leak()),
    }
}

#[test]
fn every_case() {
    let expected = differences();
    compare(&cases(include_str!("../data/zip-selection.json")), differences(), |case| {
        let sandbox = Sandbox::new();
        make(&sandbox.root(), &case["tree"]);
        let mut inputs = case["inputs"].clone();
        // Neither is about the package; Java's handlers name no file.
        inputs.as_object_mut().unwrap().remove("type");
        inputs["runtime"] = "Java8".into();
        let yaml = format!("component: scf\nname: demo\napp: shop\ninputs: {inputs}\n");
        // In a case of its own it is part of the tree.
        let own = std::fs::read_to_string(sandbox.root().join("serverless.yml"));
        sandbox.file("serverless.yml", &yaml);
        let out = sandbox.home().join("code.zip");
        if inputs["src"]["hook"].is_string() {
            sandbox.type_in("deploy").ok();
        }
        let from = sandbox.calls().len();
        let ran = sandbox.run(&["package", "--out", out.to_str().unwrap()]);
        assert_eq!(sandbox.calls().len(), from);
        let difference = expected.iter().find(|one| one.id == text(case, "id"));
        let mut ours = outcome(&ran, &out, difference.map(|one| &one.ours));
        if let (Outcome::Packed { size, files, .. }, Ok(own)) = (&mut ours, &own)
            && files.iter().any(|name| name.starts_with("serverless.yml"))
        {
            *size = *size + own.len() as u64 - yaml.len() as u64;
        }
        // The configuration is not part of the recorded tree.
        if own.is_err()
            && let Outcome::Packed { files, size, .. } = &mut ours
            && let Some(position) = files.iter().position(|name| name.starts_with("serverless.yml"))
        {
            files.remove(position);
            *size -= yaml.len() as u64;
        }
        let expect = &case["expect"];
        let packed = Outcome::Packed {
            files: expect["files"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|file| format!("{} {}", text(file, "path"), text(file, "mode")))
                .collect(),
            folders: expect["directory_entries"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|name| name.as_str().unwrap().to_owned())
                .collect(),
            size: expect["total_bytes"].as_u64().unwrap_or_default(),
        };
        let recorded = if expect["upload"] == false { Outcome::Nothing } else { packed };
        let same = if ours == recorded {
            Ok(())
        } else {
            Err(format!("\n  recorded {recorded:?}\n  got      {ours:?}"))
        };
        Some((ours, same))
    });
}
