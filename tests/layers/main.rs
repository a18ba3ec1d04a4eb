//! Fails when a room names what it may not know. Which rooms there are, and what each may name, is
//! the table in `docs/architecture.md`.

mod circles;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Outside name, the only files that may use it.
const KNOWN_IN_ONE_PLACE: &[(&str, &[&str])] = &[
    ("clap::", &["cli/"]),
    ("reqwest::", &["network/"]),
    ("rustls::", &["network/"]),
    ("saphyr_parser::", &["config/yaml/"]),
    ("serde_yaml::", &["config/yaml/"]),
    ("dotenvy::", &["config/dotenv.rs"]),
    ("hyper::", &["local/server/", "local/wire.rs"]),
    ("std::env::var", &["config/settings.rs"]),
    (" println!", &[]),
    ("eprintln!", &["main.rs"]),
    ("stdout()", &["output/mod.rs", "cli/mod.rs"]),
    ("stderr()", &["output/", "cli/mod.rs"]),
    ("time::sleep", &["clock.rs", "local/server"]),
    ("Utc::now", &["clock.rs", "local/mod.rs"]),
    // What is measured is measured by the clock that is slept by, so that a virtual one serves a
    // whole run. Real time is that of programs, of signals, of the screen and of the local SCF.
    (
        "Instant::now",
        &[
            "app/session/",
            "clock.rs",
            "local/",
            "output/busy.rs",
            "output/mod.rs",
            "output/transfer.rs",
            "package/hook.rs",
        ],
    ),
    (".elapsed()", &["local/", "output/"]),
    ("time::timeout", &["local/", "network/", "cos/client.rs", "app/session/"]),
    (
        "expose()",
        &[
            "sign/",
            "app/keys.rs",
            "api/exchange.rs",
            "api/credentials.rs",
            "cos/client.rs",
            "config/",
        ],
    ),
    ("unsafe ", &[]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The code of a file: no comments, no tests behind it.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The rooms and what each may name, in the order of the document.
fn rooms() -> Vec<(String, BTreeSet<String>)> {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let document = std::fs::read_to_string(document).unwrap();
    let (_, table) = document.split_once("| Room | May name |").expect("the table of the rooms");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let names = cells[2].split(", ").filter(|name| *name != "nothing");
        (cells[1].trim_matches('`').to_owned(), names.map(str::to_owned).collect())
    })
    .collect()
}

/// Files below `src` with the room that each is in and its code.
fn files() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let file = |path: PathBuf| {
        let relative = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let top = relative.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        (relative, top, code(&path))
    };
    sources(&root).into_iter().map(file).collect()
}

/// The names of this crate that stand in some code.
fn named(code: &str) -> impl Iterator<Item = String> + '_ {
    let is_of_name = |character: &char| character.is_alphanumeric() || *character == '_';
    code.split("crate::").skip(1).map(move |rest| rest.chars().take_while(is_of_name).collect())
}

#[test]
fn rooms_name_only_what_they_may_know() {
    let rooms = rooms();
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    for (file, room, code) in files() {
        if room == "main" || room == "lib" {
            continue;
        }
        let (_, allowed) = rooms
            .iter()
            .find(|(name, _)| *name == room)
            .unwrap_or_else(|| panic!("{file}: `{room}` is not in docs/architecture.md"));
        for name in named(&code).filter(|name| *name != room) {
            assert!(allowed.contains(&name), "{file} names crate::{name}");
            seen.insert((room.clone(), name));
        }
    }
    for (room, allowed) in &rooms {
        for name in allowed {
            let arrow = (room.clone(), name.clone());
            assert!(seen.contains(&arrow), "{room} does not name {name}; docs/architecture.md");
        }
    }
}

/// The table goes from the edge inwards, so that a circle has an arrow upwards.
#[test]
fn no_arrow_goes_upwards() {
    let rooms = rooms();
    for (row, (room, allowed)) in rooms.iter().enumerate() {
        for name in allowed {
            let below = rooms[row + 1..].iter().any(|(other, _)| other == name);
            assert!(below, "`{room}` may name `{name}`, which does not stand below it");
        }
    }
}

#[test]
fn what_is_known_in_one_place_is_named_there_only() {
    for (file, _, code) in files() {
        for (name, places) in KNOWN_IN_ONE_PLACE {
            let allowed = places.iter().any(|place| file.starts_with(place));
            // Tests of a module stand in files of their own as well.
            let tests = file.ends_with("tests.rs");
            assert!(allowed || tests || !code.contains(name), "{file} uses {name}");
        }
    }
}

/// The cheap half of `cargo deny check bans`, for machines that do not have it.
#[test]
fn no_banned_crate_is_in_the_tree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let (deny, lock) = (read("deny.toml"), read("Cargo.lock"));
    let banned: Vec<&str> =
        deny.split("{ crate = \"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(banned.contains(&"openssl-sys"), "{banned:?}");
    for name in banned {
        assert!(!lock.contains(&format!("name = \"{name}\"\n")), "{name} is in Cargo.lock");
    }
}
