#!/usr/bin/env python3
"""Packs a binary with licence, readmes and, but for Windows, the pages of the manual, as a release has it:
archive.py TARGET BINARY OUT MANUAL

MANUAL is the folder that `cargo run --example man MANUAL` has written."""

import pathlib
import sys

import release


def main() -> None:
    name, binary, out, manual = sys.argv[1:]
    target, version = release.target(name), release.version()
    files = [(file, release.ROOT / file, False) for file in ["LICENSE", "README.md", "README.zh-CN.md", "CHANGELOG.md"]]
    files.append((target.binary, pathlib.Path(binary), True))
    if target.npm_os != "win32":
        pages = sorted(pathlib.Path(manual).glob("*.1"))
        if not pages:
            raise SystemExit(f"{manual} has no pages of the manual")
        files.extend((f"man/man1/{page.name}", page, False) for page in pages)
    path = pathlib.Path(out) / target.archive(version)
    path.parent.mkdir(parents=True, exist_ok=True)
    release.write_archive(path, target.folder(version), files)
    print(path)


if __name__ == "__main__":
    main()
