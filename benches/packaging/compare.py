#!/usr/bin/env python3
"""Times scfctl against other packers, interleaved: compare.py WORK ROUNDS (called by `run`)."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
SEVEN_ZIP = shutil.which("7z") or shutil.which("7zz")
SCFCTL = HERE.parent.parent / "target" / "release" / "scfctl"


def run(command, **options):
    """Runs a command; returns seconds and peak resident memory in MB."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} failed:\n{said.decode()}")
    return time.monotonic() - started, usage.ru_maxrss / 1024


def project(folder, source):
    """Writes a project whose source is the tree."""
    folder.mkdir(parents=True, exist_ok=True)
    text = {
        "component": "scf",
        "name": "bench",
        "inputs": {"src": str(source), "runtime": "Python3.9", "handler": "index.main_handler"},
    }
    (folder / "serverless.yml").write_text(json.dumps(text))
    return folder


def serve(work):
    """Starts a local SCF; returns the process, and the environment that leads to it."""
    process = subprocess.Popen(
        [SCFCTL, "local", "serve"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    said = dict(process.stdout.readline().split(":", 1) for _ in range(3))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(work / "home"),
        "SCFCTL_ENDPOINT": said["url"].strip(),
        "TENCENT_SECRET_ID": said["secretId"].strip(),
        "TENCENT_SECRET_KEY": said["secretKey"].strip(),
    }
    return process, environment


def main():
    """Prints the tables."""
    work, rounds = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2])
    tree = work / "tree"
    if not tree.exists():
        subprocess.run([sys.executable, HERE / "generate.py", tree], check=True)
    files = [path for path in tree.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    print(f"{len(files)} files, {size / 1e6:.1f} MB, {os.cpu_count()} cores, {rounds} rounds")
    project(work / "project", tree)
    npm = work / "npm"
    packers = {
        "scfctl package": (lambda out: [SCFCTL, "package", "--noCache", "--out", out], work / "project"),
        "zip -qr": (lambda out: ["zip", "-qr", out, "."], tree),
        "7z a -tzip": (lambda out: [SEVEN_ZIP, "a", "-tzip", "-bso0", "-bsp0", out, "."], tree),
        "npm archiver": (lambda out: ["node", "archiver.js", tree, out], npm),
        "npm adm-zip": (lambda out: ["node", "adm-zip.js", tree, out], npm),
    }
    seconds = {name: [] for name in packers}
    memory = {name: 0.0 for name in packers}
    sizes = {}
    for _ in range(rounds):
        for name, (command, folder) in packers.items():
            out = work / "out.zip"
            out.unlink(missing_ok=True)
            spent, peak = run(command(out), cwd=folder)
            seconds[name].append(spent)
            memory[name] = max(memory[name], peak)
            sizes[name] = out.stat().st_size
    ours = statistics.median(seconds["scfctl package"])
    print(f"\n{'':16}{'median':>9}{'best':>9}{'times':>8}{'MB':>8}{'size':>8}{'peak MB':>9}")
    for name in packers:
        median, best = statistics.median(seconds[name]), min(seconds[name])
        print(
            f"{name:16}{median:8.2f}s{best:8.2f}s{median / ours:8.1f}{sizes[name] / 1e6:8.1f}"
            f"{sizes[name] / sizes['zip -qr'] * 100:7.1f}%{memory[name]:9.1f}"
        )

    shutil.rmtree(work / "home", ignore_errors=True)
    server, environment = serve(work)
    try:
        # Names of their own, so that each first deployment creates a function and uploads.
        first, second = [], []
        for number in range(rounds):
            shutil.rmtree(work / "home", ignore_errors=True)
            deploy = [SCFCTL, "deploy", "--inputs", f"name=bench-{number}"]
            first.append(run(deploy, cwd=work / "project", env=environment)[0])
            second.append(run(deploy, cwd=work / "project", env=environment)[0])
    finally:
        server.terminate()
        server.wait()
    once, again = statistics.median(first), statistics.median(second)
    print(f"\nfirst deployment {once:.2f} s, unchanged {again:.2f} s: {once / again:.1f} times faster")


if __name__ == "__main__":
    main()
