#!/usr/bin/env python3
"""Checks that a tag is the release of this tree, and prints its part of the changelog: tag.py TAG REPOSITORY"""

import re
import sys

import release


def main() -> None:
    tag, repository = sys.argv[1:]
    version = release.version()
    if tag != f"v{version}":
        raise SystemExit(f"the tag is {tag}, but Cargo.toml says {version}")
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        # npm's `latest`, that of the image and Homebrew would lead everyone to it.
        raise SystemExit(f"{version} is no whole release, and there is no way to make another one")
    if repository != release.repository():
        # cargo binstall, Homebrew and npm look there.
        raise SystemExit(f"this is {repository}, but Cargo.toml says {release.repository()}")
    changelog = (release.ROOT / "CHANGELOG.md").read_text()
    part = re.search(rf"^## {re.escape(version)}(?:[ \t][^\n]*)?\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if not part or not part[1].strip():
        raise SystemExit(f"CHANGELOG.md says nothing of {version}")
    print(part[1].strip())


if __name__ == "__main__":
    main()
