//! Makes the release binary smaller: without the tables for unwinding, an eighth of it, and, where
//! the linker can, with each function once that is there several times. It aborts on a panic, so
//! that nobody reads those tables; the compiler's own switch for that would also break the other
//! profiles, which unwind.

use std::path::{Path, PathBuf};
use std::process::Command;

// The start files of a static binary (musl) refer to their own tables, which are all but empty.
const SCRIPT: &str = "SECTIONS { /DISCARD/ : { \
    *(EXCLUDE_FILE(*crtbegin*.o *crtend*.o) .eh_frame) *(.eh_frame.*) \
    *(.gcc_except_table) *(.gcc_except_table.*) \
    } } INSERT AFTER .text;\n";

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

fn asked(program: &str, arguments: &[&str]) -> Option<String> {
    let printed = Command::new(program).args(arguments).output().ok()?;
    String::from_utf8(printed.stdout).ok()
}

/// Major and minor number of the compiler.
fn compiler() -> Option<(u32, u32)> {
    let printed = asked(&variable("RUSTC"), &["--version"])?;
    let mut numbers = printed.strip_prefix("rustc ")?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Whether the compiler links with the LLD that it brings along, as it does from 1.90 on by default
/// for this target alone; others do not know the option. 1.89 has the same file, and leaves it.
fn links_with_lld() -> bool {
    let target = variable("TARGET");
    let flags = variable("CARGO_ENCODED_RUSTFLAGS");
    // `-fuse-ld=`, `linker=`, `linker-features=`, `link-self-contained=-linker`: somebody has chosen.
    let is_chosen = flags.contains("fuse-ld") || flags.contains("linker");
    if target != "x86_64-unknown-linux-gnu" || is_chosen || !variable("RUSTC_LINKER").is_empty() {
        return false;
    }
    if compiler().is_none_or(|version| version < (1, 90)) {
        return false;
    }
    asked(&variable("RUSTC"), &["--print", "sysroot"]).is_some_and(|sysroot| {
        let tools = PathBuf::from(sysroot.trim()).join("lib/rustlib").join(target);
        tools.join("bin/gcc-ld/ld.lld").exists()
    })
}

/// Whether this machine's loader knows packed relocations (`DT_RELR`), as glibc does from 2.36. A
/// binary from here asks for symbols of 2.34 anyway, so it loses hardly a machine by them.
fn loads_packed_relocations() -> bool {
    if variable("HOST") != variable("TARGET") {
        return false;
    }
    let version = asked("getconf", &["GNU_LIBC_VERSION"]);
    let minor = version.as_deref().and_then(|version| version.trim().strip_prefix("glibc 2."));
    minor.and_then(|minor| minor.parse::<u32>().ok()).is_some_and(|minor| minor >= 36)
}

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if variable("CARGO_CFG_TARGET_OS") != "linux" {
        return;
    }
    if variable("PROFILE") != "release" {
        let is_static = variable("CARGO_CFG_TARGET_FEATURE").contains("crt-static");
        if variable("CARGO_CFG_TARGET_ENV") == "gnu" && !is_static {
            // The tests start it thousands of times: where it always lies at the same place, no
            // pointer in it has to be set first.
            println!("cargo:rustc-link-arg-bins=-no-pie");
        }
        return;
    }
    let script = Path::new(&variable("OUT_DIR")).join("no-unwinding.ld");
    if std::fs::write(&script, SCRIPT).is_ok() {
        println!("cargo:rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
        println!("cargo:rustc-link-arg-bins=-Wl,-T,{}", script.display());
    }
    if links_with_lld() {
        println!("cargo:rustc-link-arg-bins=-Wl,--icf=all");
        // Texts that end alike are one.
        println!("cargo:rustc-link-arg-bins=-Wl,-O2");
        if loads_packed_relocations() {
            println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        }
    }
}
