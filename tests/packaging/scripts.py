#!/usr/bin/env python3
"""Runs the scripts of .ci with programs that do nothing in place of Cargo and others: scripts.py WORK

What they do when something is missing, fails or is interrupted. WORK is an empty folder."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys

from surroundings import clean, limited

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What `cargo test` prints of the tests that are run by their names.
LEFT_OUT = {"test_every_fault": "echo 'test result: ok. 4 passed'", "test_two_at_once": "echo 'test result: ok. 1 passed'"}

# Says that it runs, and stays, as does what it has started.
STAYS = 'sleep 600 & echo $! >"$STATE/$1.child"; echo $$ >"$STATE/$1"; wait'


class Tree:
    """A folder with the scripts, where programs are what `program` and `script` say."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        shutil.copytree(ROOT / ".ci", folder / ".ci")
        self.state = folder / "state"
        for name in ["bin", "state", "tmp", "examples/hello", "target/release", "target/debug"]:
            (folder / name).mkdir(parents=True)
        (folder / "deny.toml").write_text("[advisories]\n")
        self.script("prepare", "exit 0")
        self.script("packages", "exit 0")
        self.program("stays", STAYS)
        # Nothing comes from the network but what is to.
        self.program("git", f'case $1 in clone) [ -n "${{HUB:-}}" ] && cp -R "$HUB" "${{@: -1}}" ;; *) exec "{shutil.which("git")}" "$@" ;; esac')

    def write(self, file: pathlib.Path, text: str) -> None:
        file.write_text(f"#!/bin/bash\n{text}\n")
        file.chmod(0o755)

    def program(self, name: str, text: str) -> None:
        self.write(self.folder / "bin" / name, text)

    def script(self, name: str, text: str) -> None:
        self.write(self.folder / ".ci" / name, text)

    def cargo(self, **does: str) -> None:
        """What `cargo build` and others do, by the first word; `test_NAME` is `cargo test … NAME`."""
        cases = "".join(f'"{name.replace("_", " ", 1)}"*) {text} ;;\n' for name, text in does.items())
        self.program("cargo", f'what="$1"; [ "$what" != test ] || what="test ${{@: -1}}"\ncase $what in\n{cases}esac')

    def environment(self, path: str | None = None, **variables: str) -> dict[str, str]:
        around = clean(self.folder / "home")
        around |= {"PATH": path or f"{self.folder / 'bin'}:{around['PATH']}", "TMPDIR": str(self.folder / "tmp")}
        return around | {"STATE": str(self.state), "CARGO_HOME": str(self.folder / "cargo")} | variables

    def start(self, *words: str, **variables: str) -> subprocess.Popen:
        return subprocess.Popen(
            [self.folder / ".ci" / words[0], *words[1:]],
            env=self.environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str, **variables: str) -> tuple[int, str]:
        process = self.start(*words, **variables)
        with limited(process):
            printed = process.stdout.read()
            return process.wait(), printed

    def is_clean(self) -> None:
        """Nothing that a script has started is there any more, nor a folder that it has made."""
        for file in self.state.iterdir():
            with contextlib.suppress(FileNotFoundError):
                status = pathlib.Path(f"/proc/{file.read_text().strip()}/stat").read_text()
                # Nobody may have asked yet how it has ended.
                assert status.rsplit(")", 1)[1].split()[0] == "Z", f"{file.name} still runs: {status}"
        assert list((self.folder / "tmp").iterdir()) == [], list((self.folder / "tmp").iterdir())


def fails_early(folder: pathlib.Path) -> None:
    """What fails beside the steps ends the run at the next one, with what it said, and with all that runs."""
    tree = Tree(folder)
    tree.script("prepare", '[ $# = 1 ] || exit 0; echo $$ >"$STATE/prepare"; echo "no such package"; exit 1')
    # The tests take longer than it takes to fail.
    tree.cargo(build="exec stays build", test='until [ -s "$STATE/prepare" ] && ! kill -0 "$(cat "$STATE/prepare")"; do sleep 0.05; done 2>&-')
    code, printed = tree.run("run")
    assert code == 1 and "no such package" in printed and "== tests" in printed and "== clippy" not in printed, printed
    tree.is_clean()


def ends_with_all_of_it(folder: pathlib.Path) -> None:
    """A signal to the script alone ends what it runs, beside the steps and in one."""
    tree = Tree(folder)
    # A pipe of which it is told when both run.
    os.mkfifo(folder / "told")
    pipe = os.fdopen(os.open(folder / "told", os.O_RDWR))
    told = f'echo >"{folder / "told"}"'
    tree.program("stays", STAYS.replace("; wait", f"; {told}; wait"))
    tree.cargo(build="exec stays build", test="exec stays test")
    process = tree.start("run")
    with limited(process):
        for _ in ["build", "test"]:
            pipe.readline()
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
        assert process.wait() == -signal.SIGTERM
    assert {file.name for file in tree.state.iterdir()} == {"build", "build.child", "test", "test.child"}
    tree.is_clean()


def filters_match(folder: pathlib.Path) -> None:
    """A test that is no longer there is a failure."""
    one = {"test_a_large": "echo 'test result: ok. 1 passed'", "test_fish": "echo 'test result: ok. 1 passed'"}
    for missing, name in [
        ("test_every_fault", "a_killed_command_converges"),
        ("test_two_at_once", "two_at_once_in_every_order"),
        ("test_a_large", "a_large_function_needs_little_memory"),
    ]:
        tree = Tree(folder / missing)
        (tree.folder / "target" / "release" / "scfctl").touch()
        tree.cargo(**LEFT_OUT | one | {missing: "echo 'test result: ok. 0 passed; 0 failed'"})
        code, printed = tree.run("run")
        assert code == 1 and f"not each of these is the name of one test: {name}" in printed, printed
        tree.is_clean()


def server_starts(folder: pathlib.Path) -> None:
    """A local SCF that does not start is said; what comes before it is as it should be, and nobody's keys are there."""
    tree = Tree(folder)
    (folder / "target" / "release" / "scfctl").touch()
    one = "echo 'test result: ok. 1 passed'"
    tree.cargo(**LEFT_OUT, test_a_large=one, test_fish=one, run='''printf '  $LATEST: 0.1\\n  1:       0.9\\n'; env >"$STATE/../around"''')
    tree.program("python3", "exit 0")
    tree.script("prepare", '[ $# = 0 ] || install -D -m 755 "$STATE/../bin/stays" "$1/venv/bin/mdbook"')
    tree.program("stays", "exit 0")
    tree.write(folder / "target" / "debug" / "scfctl", "echo 'no port is free'; exit 1")
    foreign = {"TENCENT_SECRET_ID": "a", "TENCENTCLOUD_REGION": "b", "SCFCTL_ENDPOINT": "c", "HTTPS_PROXY": "d", "LANGUAGE": "zh"}
    code, printed = tree.run("run", **foreign, CARGO_TARGET_DIR="/elsewhere")
    assert code == 1 and "no port is free" in printed and "does not say where it is" in printed, printed
    assert "NOT CHECKED: licences" in printed and "not checked: cargo-deny is not installed" in printed, printed
    around = dict(line.split("=", 1) for line in (folder / "around").read_text().splitlines() if "=" in line)
    assert not set(foreign) & set(around) and around["CARGO_TARGET_DIR"] == f"{folder}/target", around
    tree.is_clean()


def crates_are_checked(folder: pathlib.Path) -> None:
    """Without cargo-deny it is said that nothing was checked; where it has to be there that is a failure."""
    tree = Tree(folder)
    tree.cargo()
    (folder / "database" / "crates").mkdir(parents=True)
    (folder / "database" / "crates" / "one").touch()
    # Not whatever this machine has.
    (folder / "system").mkdir()
    for name in ["bash", "dirname", "cat", "cp", "env", "ln", "mkdir", "mktemp", "rm", "sed", "timeout", "touch"]:
        (folder / "system" / name).symlink_to(shutil.which(name))
    path = f"{folder / 'bin'}:{folder / 'system'}"
    database = {"ADVISORY_DB": str(folder / "database")}
    code, printed = tree.run("advisories", path=path)
    assert code == 0 and printed.startswith("not checked: cargo-deny is not installed"), printed
    code, printed = tree.run("advisories", path=path, **database)
    assert code == 1 and "cargo-deny is not installed" in printed, printed
    # One that does not work is not one that is not there.
    tree.program("cargo-deny", "exit 101")
    tree.cargo(deny="exit 101")
    assert tree.run("advisories", path=path, **database)[0] == 101
    # Wherever the database can be reached it is looked into, and where it cannot that is said.
    assert tree.run("advisories", path=path, HUB=database["ADVISORY_DB"])[0] == 101
    code, printed = tree.run("advisories", path=path)
    assert code == 0 and printed.startswith("not checked: the advisory database is out of reach"), printed
    code, printed = tree.run("advisories", path=path, GITHUB_ACTIONS="true")
    assert code == 1 and "no copy" in printed, printed
    tree.cargo(deny="exit 0")
    assert tree.run("advisories", path=path, **database)[0] == 0
    assert tree.run("advisories", path=path, HUB=database["ADVISORY_DB"])[0] == 0


def programs_are_there(folder: pathlib.Path) -> None:
    """What is too old or cannot be installed is said before anything runs; the rest is installed."""
    tree = Tree(folder)
    shutil.copy(ROOT / ".ci" / "prepare", folder / ".ci" / "prepare")
    (folder / "system").mkdir()
    for name in ["bash", "dirname", "env", "id"]:
        (folder / "system" / name).symlink_to(shutil.which(name))
    # This machine has none.
    (folder / "bin" / "git").unlink()
    path = f"{folder / 'bin'}:{folder / 'system'}"
    for name in ["python3", "node", "npm", "zsh", "fish", "unzip", "7zz", "rsync", "chromium"]:
        tree.program(name, "exit 0")
    assert tree.run("prepare", path=path) == (0, "")
    tree.program("apt-get", 'echo "apt-get $*"; exit 100')
    if os.getuid() != 0:
        tree.program("sudo", 'shift; exec "$@"')
    code, printed = tree.run("prepare", "elsewhere", path=path)
    assert code == 100 and "apt-get install -y -q git chromium-driver default-jre-headless\n" in printed, printed
    tree.program("node", 'case $1 in --version) echo v18.20.0 ;; *) exit 1 ;; esac')
    (folder / "bin" / "npm").unlink()
    code, printed = tree.run("prepare", path=path)
    assert code == 1 and "npm is not installed; Node v18.20.0 is older than 20" in printed, printed


def main() -> None:
    work = pathlib.Path(sys.argv[1]).resolve()
    for part in [fails_early, ends_with_all_of_it, filters_match, server_starts, crates_are_checked, programs_are_there]:
        part(work / part.__name__)
        print(f"scripts: {part.__name__}", flush=True)


if __name__ == "__main__":
    main()
