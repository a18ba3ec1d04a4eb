#!/usr/bin/env python3
"""Random trees, packed by scfctl and read by programs that we did not write.

    archives.py SCFCTL [TREES]

Each package has to please Python's zipfile, `unzip -t` and `7z t`, and hold what the tree held.
Prints `N passed, N failed`.
"""

import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import zipfile

# Debian's name for it differs by release.
SEVEN_ZIP = shutil.which("7z") or shutil.which("7zz") or "7z"
NAMES = ["a", "b.js", "c d", "测试.py", "é", "[x]", "(y)", "README", "x.png", "LONG" * 20, "-dash", "#1"]


def content(rng):
    """Returns bytes that shrink well, badly or not at all, of sizes where the way changes."""
    size = rng.choice([0, 1, 100, 5000, 65_536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_333_333])
    kind = rng.randrange(4)
    if kind == 0:
        return b"x" * size
    if kind == 1:
        return rng.randbytes(size)
    if kind == 2:
        return bytes(rng.choices(b"abcdefgh \n", k=size))
    return (rng.randbytes(70_000) + b"y" * 70_000) * (size // 140_000) + b"z" * (size % 140_000)


def make(rng, root):
    """Makes a tree; returns its files."""
    files = {"index.py": b"def main_handler(e, c): pass\n"}
    folders = [""]
    for number in range(rng.randrange(12)):
        name = rng.choice(folders) + rng.choice(NAMES) + str(number)
        if rng.random() < 0.4:
            folders.append(name + "/")
        else:
            files[name] = content(rng)
    modes = {}
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        modes[name] = rng.choice([0o644, 0o755, 0o600, 0o700])
        path.chmod(modes[name])
    return files, modes


def check(scfctl, rng, folder):
    """Packs a tree, and returns what is wrong with the package."""
    files, modes = make(rng, folder / "src")
    inputs = {"src": "./src", "runtime": "Python3.9", "handler": "index.main_handler"}
    text = {"component": "scf", "name": "any", "inputs": inputs}
    (folder / "serverless.yml").write_text(json.dumps(text))
    out = folder / "out.zip"
    subprocess.run([scfctl, "package", "--out", out], cwd=folder, check=True, capture_output=True)
    wrong = []
    with zipfile.ZipFile(out) as archive:
        if archive.testzip() is not None:
            wrong.append("zipfile finds a broken entry")
        entries = {entry.filename: entry for entry in archive.infolist() if not entry.is_dir()}
        if set(entries) != set(files):
            wrong.append(f"names {sorted(entries)} for {sorted(files)}")
        for name in set(entries) & set(files):
            mode = 0o755 if modes[name] & 0o100 else 0o644
            if archive.read(name) != files[name]:
                wrong.append(f"{name} has other content")
            if entries[name].external_attr >> 16 & 0o7777 != mode:
                wrong.append(f"{name} has another mode")
    for command in [["unzip", "-tqq", out], [SEVEN_ZIP, "t", "-bso0", "-bsp0", out]]:
        ran = subprocess.run(command, capture_output=True, text=True)
        if ran.returncode:
            wrong.append(f"{command[0]}: {ran.stdout}{ran.stderr}")
    return wrong


def main():
    """Checks many trees."""
    scfctl = pathlib.Path(sys.argv[1]).resolve()
    trees = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    failed = 0
    for seed in range(trees):
        with tempfile.TemporaryDirectory() as folder:
            wrong = check(scfctl, random.Random(seed), pathlib.Path(folder))
        for text in wrong:
            print(f"FAILED  tree {seed}: {text}")
        failed += bool(wrong)
    print(f"{trees - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
