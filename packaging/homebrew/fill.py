#!/usr/bin/env python3
"""Prints the Homebrew formula of this version, with the checksums of a release: fill.py SHA256SUMS"""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import release  # noqa: E402


def main() -> None:
    sums = {}
    for line in pathlib.Path(sys.argv[1]).read_text().splitlines():
        checksum, name = re.fullmatch(r"([0-9a-f]{64}) [ *](\S+)", line).groups()
        sums[name] = checksum
    version = release.version()

    def value(place: re.Match) -> str:
        match place[1].split():
            case ["REPOSITORY"]:
                return release.repository()
            case ["VERSION"]:
                return version
            case ["URL", name]:
                return f"{release.repository()}/releases/download/v{version}/{release.target(name).archive(version)}"
            case ["SHA256", name]:
                archive = release.target(name).archive(version)
                if archive not in sums:
                    raise SystemExit(f"{sys.argv[1]} lacks {archive}")
                return sums[archive]
        raise SystemExit(f"unknown place {place[0]}")

    print(re.sub("@([A-Z0-9]+[^@\n]*)@", value, (HERE / "scfctl.rb.in").read_text()), end="")


if __name__ == "__main__":
    main()
