#!/usr/bin/env python3
"""Packs a binary with licence and readmes, as a release has it: archive.py TARGET BINARY OUT"""

import pathlib
import sys

import release


def main() -> None:
    name, binary, out = sys.argv[1:]
    target, version = release.target(name), release.version()
    files = [(file, release.ROOT / file, False) for file in ["LICENSE", "README.md", "README.zh-CN.md", "CHANGELOG.md"]]
    files.append((target.binary, pathlib.Path(binary), True))
    path = pathlib.Path(out) / target.archive(version)
    path.parent.mkdir(parents=True, exist_ok=True)
    release.write_archive(path, target.folder(version), files)
    print(path)


if __name__ == "__main__":
    main()
