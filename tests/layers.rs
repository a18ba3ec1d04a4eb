//! Fails when a module names what it may not know.

use std::path::{Path, PathBuf};

/// Module, the modules of this crate that it may name.
const MAY_USE: &[(&str, &[&str])] = &[
    (
        "cli",
        &[
            "cli",
            "app",
            "clock",
            "output",
            "config",
            "error",
            "report",
            "model",
            "javascript",
            "shell",
        ],
    ),
    (
        "app",
        &[
            "app", "clock", "config", "plan", "execute", "package", "api", "cos", "network",
            "sign", "local", "output", "error", "report", "model", "shell",
        ],
    ),
    ("config", &["config", "model", "sign", "javascript", "shell"]),
    // Its `text` says what every room has to say in other languages.
    (
        "output",
        &[
            "output",
            "error",
            "report",
            "cli",
            "app",
            "config",
            "cos",
            "execute",
            "local",
            "model",
            "network",
            "package",
            "plan",
            "api",
            "javascript",
            "shell",
            "text",
        ],
    ),
    (
        "error",
        &[
            "cli", "config", "cos", "execute", "local", "model", "network", "package", "plan",
            "api", "shell", "text",
        ],
    ),
    ("report", &["report", "error", "model"]),
    ("execute", &["execute", "clock", "plan", "cos", "api", "package", "model", "shell"]),
    ("plan", &["plan", "model", "shell"]),
    ("api", &["api", "clock", "network", "sign"]),
    ("clock", &["clock"]),
    ("cos", &["cos", "clock", "network", "sign"]),
    ("network", &["network", "clock"]),
    ("sign", &["sign"]),
    ("package", &["package"]),
    ("model", &["model"]),
    ("javascript", &["javascript"]),
    ("shell", &["shell"]),
    ("text", &["text"]),
    ("local", &["local"]),
];

/// Outside name, the only files that may use it.
const KNOWN_IN_ONE_PLACE: &[(&str, &[&str])] = &[
    ("clap::", &["cli/"]),
    ("reqwest::", &["network/"]),
    ("rustls::", &["network/"]),
    ("saphyr_parser::", &["config/yaml/"]),
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
    // whole run. Real time is that of programs, of the screen and of the local SCF.
    (
        "Instant::now",
        &["clock.rs", "local/", "output/mod.rs", "output/transfer.rs", "package/hook.rs"],
    ),
    (".elapsed()", &["local/", "output/"]),
    ("time::timeout", &["local/", "network/", "cos/client.rs", "app/session.rs"]),
    (
        "expose()",
        &[
            "sign/",
            "app/keys.rs",
            "api/client.rs",
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

#[test]
fn modules_name_only_what_they_may_know() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for path in sources(&root) {
        let relative = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let module = relative.split('/').next().unwrap().trim_end_matches(".rs");
        let code = code(&path);
        if module != "main" && module != "lib" {
            let (_, allowed) =
                MAY_USE.iter().find(|(name, _)| *name == module).unwrap_or_else(|| {
                    panic!("{relative}: module `{module}` has no place in the layers")
                });
            for (position, _) in code.match_indices("crate::") {
                let name: String = code[position + "crate::".len()..]
                    .chars()
                    .take_while(|character| character.is_alphanumeric() || *character == '_')
                    .collect();
                assert!(allowed.contains(&name.as_str()), "{relative} names crate::{name}");
                seen += 1;
            }
        }
        for (name, places) in KNOWN_IN_ONE_PLACE {
            let allowed = places.iter().any(|place| relative.starts_with(place));
            // Tests of a module stand in files of their own as well.
            let tests = relative.ends_with("tests.rs");
            assert!(allowed || tests || !code.contains(name), "{relative} uses {name}");
        }
    }
    assert!(seen > 50, "the search finds nothing any more: {seen}");
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
