//! Selection against its vectors, and packages against a zip reader that we did not write.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use proptest::prelude::*;

use super::*;

fn tree(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in files {
        write(folder.path(), name, name.as_bytes());
    }
    folder
}

fn write(folder: &Path, name: &str, content: &[u8]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
}

fn rules(folder: &Path) -> Rules {
    Rules { folder: folder.to_owned(), project: folder.to_owned(), ..Rules::default() }
}

fn list(rules: &Rules) -> Result<Vec<String>, PackageError> {
    Ok(Selection::list(rules)?.files().iter().map(|file| file.name.clone()).collect())
}

fn pack(rules: &Rules) -> Package {
    Selection::list(rules).unwrap().pack(&|_| {}).unwrap()
}

/// Maps names to modes and contents, as read by the zip library with checksums verified.
fn unpack(package: &Package) -> BTreeMap<String, (u32, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(package.bytes().unwrap())).unwrap();
    (0..archive.len())
        .map(|position| {
            let mut entry = archive.by_index(position).unwrap();
            let name = entry.name().unwrap().into_owned();
            let mode = entry.unix_mode().unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            (name, (mode, content))
        })
        .collect()
}

/// The files that fast-glob returns for 200 random trees and patterns.
#[test]
fn patterns_leave_what_fast_glob_leaves() {
    let vectors = include_str!("../../tests/data/glob-selection.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 200);
    for case in cases {
        let texts = |key: &str| -> Vec<String> {
            let list = case[key].as_array().into_iter().flatten();
            list.map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let files = texts("tree");
        let folder = tree(&files.iter().map(String::as_str).collect::<Vec<_>>());
        let (exclude, include) = (texts("exclude"), texts("include"));
        let found = list(&Rules { exclude, include, ..rules(folder.path()) }).unwrap();
        assert_eq!(found, texts("expect"), "{}: {}", case["id"], case["exclude"]);
    }
}

#[test]
fn secrets_and_the_repository_stay_out() {
    let folder = tree(&[
        "index.py",
        ".env",
        ".env.prod",
        ".envrc",
        ".git/config",
        ".scfctl/local.json",
        "sub/.env",
        "sub/.git/config",
        ".environment/a",
        ".env.d/b",
    ]);
    let rules = rules(folder.path());
    assert_eq!(list(&rules).unwrap(), [".environment/a", "index.py", "sub/.git/config"]);
    let named = Rules {
        include: vec![".env".into(), "sub/.env*".into(), ".git/*".into(), "*".into()],
        ..rules.clone()
    };
    assert_eq!(
        list(&named).unwrap(),
        [".env", ".environment/a", ".git/config", "index.py", "sub/.env", "sub/.git/config"]
    );
    let idle = Rules { include: vec!["nothing/*".into()], ..rules };
    let selection = Selection::list(&idle).unwrap();
    assert_eq!(selection.warnings()[0].to_string(), "include `nothing/*` names no file");
}

#[test]
fn same_input_same_bytes() {
    let one = tree(&["b/c.txt", "a.txt"]);
    let two = tree(&["a.txt", "b/c.txt"]);
    let sha256 = |folder: &tempfile::TempDir| pack(&rules(folder.path())).sha256;
    assert_eq!(sha256(&one), sha256(&two));
    assert_eq!(
        pack(&rules(one.path())).bytes().unwrap(),
        pack(&rules(two.path())).bytes().unwrap()
    );
    write(two.path(), "a.txt", b"other");
    assert_ne!(sha256(&one), sha256(&two));
}

#[test]
fn the_hash_is_that_of_the_bytes() {
    use sha2::{Digest as _, Sha256};
    let folder = tree(&["a.txt"]);
    // Small files, whole numbers of blocks, and more; text and noise.
    write(folder.path(), "text.js", "let line = 1;\n".repeat(300_000).as_bytes());
    write(folder.path(), "two", &vec![7; 2 << 20]);
    let mut noise = vec![0; (1 << 20) + 1];
    fastrand::Rng::with_seed(1).fill(&mut noise);
    write(folder.path(), "noise", &noise);
    write(folder.path(), "picture.PNG", &noise);
    let package = pack(&rules(folder.path()));
    let bytes = package.bytes().unwrap();
    assert_eq!(bytes.len() as u64, package.size);
    assert_eq!(hex::encode(Sha256::digest(&bytes)), package.sha256);
    assert_eq!(package.read(2, 2).unwrap(), b"\x03\x04");
    let unpacked = unpack(&package);
    assert_eq!(unpacked["noise"].1, noise);
    assert_eq!(unpacked["picture.PNG"].1, noise);
    assert_eq!(unpacked["two"].1, vec![7; 2 << 20]);
    assert_eq!(unpacked["text.js"].1.len(), 14 * 300_000);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut stored = |name: &str| {
        let entry = archive.by_name(name).unwrap();
        assert_eq!(entry.last_modified().unwrap(), zip::DateTime::default());
        entry.compression() == zip::CompressionMethod::Stored
    };
    assert!(stored("noise") && stored("picture.PNG") && !stored("two") && !stored("text.js"));
}

#[test]
fn more_entries_than_sixteen_bits_count() {
    let folder = tree(&["a"]);
    let mut selection = Selection::list(&rules(folder.path())).unwrap();
    let files = (0..70_000).map(|number| selection::SelectedFile {
        name: format!("f{number:05}"),
        executable: false,
        content: selection::Content::Given(Vec::new().into()),
    });
    selection.replace(files.collect());
    let package = selection.pack(&|_| {}).unwrap();
    let archive = zip::ZipArchive::new(Cursor::new(package.bytes().unwrap())).unwrap();
    assert_eq!(archive.len(), 70_000);
}

#[test]
fn a_file_that_changes_meanwhile_is_noticed() {
    for change in [
        (|path: &Path| fs::write(path, "longer than before").unwrap()) as fn(&Path),
        |path| fs::write(path, "sh").unwrap(),
        |path| {
            // The same size, at another time.
            let modified = std::time::SystemTime::UNIX_EPOCH;
            fs::File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
        },
    ] {
        let folder = tree(&["a.txt", "b.txt"]);
        let selection = Selection::list(&rules(folder.path())).unwrap();
        change(&folder.path().join("b.txt"));
        let error = selection.pack(&|_| {}).unwrap_err();
        assert!(matches!(error, PackageError::Changed { .. }), "{error:?}");
        assert!(matches!(selection.digests(), Err(PackageError::Changed { .. })));
    }
    let folder = tree(&["a.txt", "b.txt"]);
    let selection = Selection::list(&rules(folder.path())).unwrap();
    fs::remove_file(folder.path().join("b.txt")).unwrap();
    assert!(matches!(selection.pack(&|_| {}), Err(PackageError::Read { .. })));
}

#[test]
fn a_file_can_be_added() {
    let folder = tree(&["b.txt", "scf_bootstrap"]);
    let mut selection = Selection::list(&rules(folder.path())).unwrap();
    selection.add("a/new", b"n".to_vec());
    selection.add("scf_bootstrap", b"#!".to_vec());
    let unpacked = unpack(&selection.pack(&|_| {}).unwrap());
    assert_eq!(unpacked["a/new"], (0o100_755, b"n".to_vec()));
    assert_eq!(unpacked["scf_bootstrap"], (0o100_755, b"#!".to_vec()));
    assert_eq!(unpacked.keys().collect::<Vec<_>>(), ["a/", "a/new", "b.txt", "scf_bootstrap"]);
    assert!(selection.has_added("a/new") && !selection.has_added("b.txt"));
    assert_eq!(selection.content("b.txt").unwrap().unwrap(), b"b.txt");
    assert!(!selection.is_executable("b.txt"));
    selection.make_executable("b.txt");
    assert!(selection.is_executable("b.txt"));
}

#[test]
fn ignore_files_are_heard() {
    let folder = tree(&["src/a.js", "src/a.log", "src/d/b.log", "src/d/keep.log", "src/tmp/x"]);
    let source = folder.path().join("src");
    let rules = Rules { project: folder.path().to_owned(), ..rules(&source) };
    write(&source, ".scfignore", b"*.log\n!keep.log\n");
    assert_eq!(list(&rules).unwrap(), [".scfignore", "a.js", "d/keep.log", "tmp/x"]);
    // The project's file applies as well, relative to the project.
    write(folder.path(), ".slsignore", b"/src/tmp/\n");
    assert_eq!(list(&rules).unwrap(), [".scfignore", "a.js", "d/keep.log"]);
    // `.gitignore` only if requested, the nearest first.
    write(folder.path(), ".gitignore", b"a.js\nkeep.log\n");
    write(&source, "d/.gitignore", b"!*\n");
    assert_eq!(list(&rules).unwrap(), [".scfignore", "a.js", "d/.gitignore", "d/keep.log"]);
    let asked = Rules { respects_gitignore: true, ..rules };
    assert_eq!(list(&asked).unwrap(), [".scfignore", "d/.gitignore", "d/keep.log"]);
    // Named files are included anyway.
    let named = Rules { include: vec!["a.js".into(), "tmp/*".into()], ..asked };
    assert_eq!(
        list(&named).unwrap(),
        [".scfignore", "a.js", "d/.gitignore", "d/keep.log", "tmp/x"]
    );
}

#[test]
fn the_file_that_is_written_is_not_packed() {
    let folder = tree(&["a.js", "code.zip"]);
    let out = folder.path().join("code.zip");
    let rules = Rules { never: Some(out.clone()), ..rules(folder.path()) };
    let selection = Selection::list(&rules).unwrap();
    let destination = Destination::of(&out).unwrap();
    let package = selection.pack_to(&destination, &|_| {}).unwrap();
    assert_eq!(fs::read(&out).unwrap(), package.bytes().unwrap());
    assert_eq!(list(&rules).unwrap(), ["a.js"]);
}

#[cfg(unix)]
#[test]
fn links_stay_in_the_project() {
    use std::os::unix::fs::symlink;
    let folder = tree(&["src/a.js", "lib/b.js", "src/.env"]);
    let source = folder.path().join("src");
    let rules = Rules { project: folder.path().to_owned(), ..rules(&source) };
    symlink("../lib", source.join("lib")).unwrap();
    symlink("nowhere", source.join("broken")).unwrap();
    symlink(".env", source.join("settings")).unwrap();
    assert_eq!(list(&rules).unwrap(), ["a.js", "lib/b.js"]);
    let selection = Selection::list(&rules).unwrap();
    let warnings: Vec<String> = selection.warnings().iter().map(ToString::to_string).collect();
    let warnings = warnings.join("\n");
    assert!(
        warnings.contains("`settings` leads to") && warnings.contains("`broken` leads nowhere")
    );
    symlink("..", source.join("up")).unwrap();
    assert!(matches!(list(&rules), Err(PackageError::Loop { .. })), "{:?}", list(&rules));
    // What is left out by name is not followed.
    let without = Rules { exclude: vec!["up".into()], ..rules.clone() };
    assert_eq!(list(&without).unwrap(), ["a.js", "lib/b.js"]);
    fs::remove_file(source.join("up")).unwrap();
    symlink("/etc/hostname", source.join("host")).unwrap();
    assert!(matches!(list(&rules), Err(PackageError::Outside { .. })));
}

#[test]
fn nothing_to_pack_is_an_error() {
    let folder = tree(&["a.js"]);
    let error = |change: fn(&mut Rules)| {
        let mut rules = rules(folder.path());
        change(&mut rules);
        list(&rules).unwrap_err()
    };
    assert!(matches!(error(|rules| rules.folder.push("no")), PackageError::Missing { .. }));
    assert!(matches!(error(|rules| rules.folder.push("a.js")), PackageError::NotAFolder { .. }));
    assert!(matches!(error(|rules| rules.exclude = vec!["**".into()]), PackageError::Empty { .. }));
    assert!(matches!(
        error(|rules| rules.exclude = vec!["(?=a)".into()]),
        PackageError::Pattern { .. }
    ));
    assert!(matches!(
        error(|rules| rules.include = vec!["../x".into()]),
        PackageError::IncludeOutside { .. }
    ));
    assert!(matches!(error(|rules| rules.target = "../x".into()), PackageError::Target(_)));
}

/// Contents that deflate well, badly and not at all, around the sizes where the method changes.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let size = prop_oneof![0..100_usize, 1000..5000_usize, Just(65_536_usize)];
    let edge = prop_oneof![
        Just(1_048_575_usize),
        Just(1_048_576),
        Just(1_048_577),
        Just(2_097_152),
        2_200_000..3_300_000_usize
    ];
    (prop_oneof![12 => size, 1 => edge], 0..4_u8, any::<u64>()).prop_map(|(size, kind, seed)| {
        let mut random = fastrand::Rng::with_seed(seed);
        match kind {
            0 => vec![b'x'; size],
            1 => (0..size).map(|_| random.u8(..)).collect(),
            2 => (0..size).map(|_| b"abcdefgh \n"[random.usize(..10)]).collect(),
            _ => (0..size)
                .map(|at| if at / 70_000 % 2 == 0 { random.u8(..) } else { b'y' })
                .collect(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_tree_comes_out_as_it_went_in(
        files in prop::collection::btree_map("[a-c一]{1,3}(/[a-c.é -]{1,4}x){0,2}", (content(), any::<bool>()), 1..12)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut expected = BTreeMap::new();
        for (name, (content, executable)) in &files {
            // A name that is another file's folder cannot be a file, too.
            let below = |other: &String| other.starts_with(&format!("{name}/"));
            if files.keys().any(below) {
                continue;
            }
            write(folder.path(), name, content);
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let mode = if *executable { 0o700 } else { 0o600 };
                let permissions = fs::Permissions::from_mode(mode);
                fs::set_permissions(folder.path().join(name), permissions).unwrap();
            }
            let mode = if *executable && cfg!(unix) { 0o100_755 } else { 0o100_644 };
            expected.insert(name.clone(), (mode, content.clone()));
        }
        let package = pack(&rules(folder.path()));
        let mut unpacked = unpack(&package);
        unpacked.retain(|name, _| !name.ends_with('/'));
        prop_assert_eq!(unpacked.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        prop_assert!(unpacked == expected, "contents or modes differ");
    }
}
