//! Leaves the tables for unwinding out of the release binary, an eighth of it. It aborts on a
//! panic, so that nobody reads them; the compiler's own switch for that would also break the other
//! profiles, which unwind.

use std::path::Path;

const SCRIPT: &str =
    "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.eh_frame.*) } } INSERT AFTER .text;\n";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    if variable("PROFILE") != "release" || variable("CARGO_CFG_TARGET_OS") != "linux" {
        return;
    }
    let script = Path::new(&variable("OUT_DIR")).join("no-unwinding.ld");
    if std::fs::write(&script, SCRIPT).is_ok() {
        println!("cargo:rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
        println!("cargo:rustc-link-arg-bins=-Wl,-T,{}", script.display());
    }
}
