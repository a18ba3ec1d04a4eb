#!/usr/bin/env python3
"""Times scfctl and its peers, interleaved: compare.py WORK ROUNDS (called by `run`).

Each round runs every program in turn; the medians of all rounds are compared. After each run the
service is asked whether the job was really done; if not, everything ends with an error.
"""

import collections
import dataclasses
import hashlib
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

from counter import Counter
from local_scf import REGION, SCFCTL, LocalScf, package
from spawn import run

HERE = pathlib.Path(__file__).parent
TRANSITION, LATENCY = 300, 50  # ms
SHORT = 20  # runs in a round of what takes milliseconds
LONG = 3  # runs in a round of the peers' start-ups
BUCKET = "code"


@dataclasses.dataclass
class Job:
    """A deployment. `before` is the share of `$LATEST` that it finds, None where that is left as it is."""

    name: str
    target: int
    changed: bool
    before: float | None = None
    traffic: float | None = None
    publish: bool = False

    def arguments(self):
        """Returns the arguments of scfctl."""
        said = ["publish=true"] if self.publish else []
        said += [] if self.traffic is None else [f"traffic={self.traffic:g}"]
        return ["--inputs", *said] if said else []


# As the vendor's guide has them in a release, then a release in one step.
JOBS = [
    Job("redeploy, code changed", 5, changed=True),
    Job("redeploy traffic=0.2, code changed", 5, changed=True, before=0, traffic=0.2),
    Job("redeploy traffic=0.5, unchanged", 15, changed=False, before=0.2, traffic=0.5),
    Job("publish=true traffic=0, unchanged", 5, changed=False, before=1, traffic=0, publish=True),
    Job("publish=true traffic=0, code changed", 5, changed=True, before=1, traffic=0, publish=True),
]


class Side:
    """A function of its own that one of the two programs deploys."""

    settings = {"runtime": "Python3.9", "handler": "index.main_handler", "memorySize": 128, "timeout": 3}

    def __init__(self, service, work, name):
        self.service, self.work, self.name = service, work, name
        self.edition = 0
        self.edit()
        code = {"CosBucketName": BUCKET, "CosObjectName": f"/{self.object}"}
        service.call(
            "CreateFunction",
            FunctionName=name,
            Code=code,
            Runtime=self.settings["runtime"],
            Handler=self.settings["handler"],
        )
        service.active(name)
        service.call("PublishVersion", FunctionName=name)
        service.active(name, "1")

    def edit(self):
        """Changes the source, and lays its package where the library wants it."""
        self.edition += 1
        source = f"def main_handler(event, context):\n    return 'edition {self.edition}'\n"
        self.source.mkdir(parents=True, exist_ok=True)
        (self.source / "index.py").write_text(source)
        content = package(source)
        self.object = f"{hashlib.sha256(content).hexdigest()}.zip"
        self.service.put(BUCKET, self.object, content)

    @property
    def source(self):
        """The folder of the source."""
        return self.work / self.name / "src"

    def digest(self):
        """Returns the SHA-256 of the code of `$LATEST`."""
        return self.service.call("GetFunctionAddress", FunctionName=self.name)["CodeSha256"]

    def timed(self, job, counter=None):
        """Prepares a job, runs it, and checks that it was done."""
        service, name = self.service, self.name
        if job.changed:
            self.edit()
        last = service.versions(name)[-1]
        if job.before is not None:
            service.route(name, last, job.before)
        code, routing = self.digest(), service.routing(name)
        url = counter.url if counter else service.url
        command, environment = self.command(job, last, url)
        spent = run(command, environment, self.work / "output.txt")

        newest = service.versions(name)[-1]
        service.active(name, str(newest))
        if job.traffic is not None:
            shares = {"$LATEST": job.traffic, str(newest): round(1 - job.traffic, 6)}
            routing = {version: share for version, share in shares.items() if share}
        for what, found, wanted in [
            ("status", service.active(name)["Status"], "Active"),
            ("code changed", self.digest() != code, job.changed),
            ("version", newest, last + job.publish),
            ("routing", service.routing(name), routing),
        ]:
            if found != wanted:
                sys.exit(f"{job.name}: {name} has {what} {found}, wanted {wanted}")
        return spent


class Ours(Side):
    """scfctl."""

    def command(self, job, _, url):
        """Returns the command and its environment."""
        inputs = {**self.settings, "name": self.name, "src": "./src", "events": []}
        text = {"component": "scf", "name": "bench", "inputs": inputs}
        (self.work / self.name / "serverless.yml").write_text(json.dumps(text))
        command = [SCFCTL, "deploy", "--target", self.work / self.name, *job.arguments()]
        return command, {**self.service.environment(), "SCFCTL_ENDPOINT": url}


class Toolkit(Side):
    """tencent-component-toolkit: the part of `sls deploy` that calls the API.

    The package lies in COS already, nothing is packed or uploaded, and no hosted engine is asked: `sls`
    itself takes longer. The number of the last version is given, as the platform remembers it.
    """

    def command(self, job, last, url):
        """Returns the command and its environment."""
        inputs = {
            **self.settings,
            "name": self.name,
            "region": REGION,
            "code": {"bucket": BUCKET, "object": f"/{self.object}"},
            "description": "This is a function in bench application",
            "events": [],
            "lastVersion": str(last),
        }
        if job.publish:
            inputs["publish"] = True
        if job.traffic is not None:
            inputs["traffic"] = job.traffic
        keys = [self.service.secret_id, self.service.secret_key]
        script = self.work / "npm" / "toolkit.js"
        command = [shutil.which("node"), script, url, *keys, json.dumps(inputs)]
        return command, self.service.environment()


def installed(work):
    """Returns the peers that are there, with their versions."""
    found = {}
    if (work / "venv" / "installed").exists():
        # With a HOME of its own: it writes there.
        home = {"HOME": str(work / "home")}
        found["tccli"] = said([work / "venv" / "bin" / "tccli", "--version"], home)
    if (work / "npm" / "installed").exists():
        for name in ["tencentcloud-sdk-nodejs-scf", "tencent-component-toolkit"]:
            text = (work / "npm" / "node_modules" / name / "package.json").read_text()
            found[name] = json.loads(text)["version"]
    return found


def said(command, environment=None):
    """Returns what a program prints."""
    ended = subprocess.run(command, capture_output=True, check=True, text=True, env=environment)
    return ended.stdout.strip()


def machine():
    """Tells what machine this is."""
    model = platform.processor()
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
    return {"cpu": model, "cores": os.cpu_count(), "system": platform.platform()}


def short_runs(work, peers, fast):
    """Returns what is measured without latency: program to (command, exit code, runs in a round)."""
    alias = Ours(fast, work, "bench-list")
    of = f"function={alias.name}"
    runs = {
        "scfctl --version": ([SCFCTL, "--version"], 0, SHORT),
        "scfctl --help": ([SCFCTL, "--help"], 0, SHORT),
        "scfctl, refused": ([SCFCTL, "deploy", "--inputs.traffic=0.1"], 2, SHORT),
        "scfctl list-alias": ([SCFCTL, "list-alias", "--inputs", of], 0, SHORT),
    }
    if "tccli" in peers:
        tccli = work / "venv" / "bin" / "tccli"
        list_aliases = [tccli, "scf", "ListAliases", "--endpoint", fast.url, "--region", REGION]
        runs["tccli --version"] = ([tccli, "--version"], 0, LONG)
        runs["tccli ListAliases"] = ([*list_aliases, "--FunctionName", alias.name], 0, LONG)
    if "tencentcloud-sdk-nodejs-scf" in peers:
        command = [shutil.which("node"), work / "npm" / "list_aliases.js"]
        keys = [fast.secret_id, fast.secret_key]
        runs["Node SDK ListAliases"] = ([*command, fast.url, *keys, alias.name], 0, LONG)
    return runs


def counted(job, side):
    """Returns calls and connections of a run, which is not timed."""
    with Counter(side.service.host) as counter:
        side.timed(job, counter)
    return {"calls": counter.calls, "connections": counter.connections}


def milliseconds(seconds):
    """Returns a time in milliseconds, with one decimal where that says something."""
    value = seconds * 1000
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def verdict(met):
    """Returns how a target came out."""
    return "met" if met else "MISSED"


def compared(wall, job, ours, peer, target):
    """Prints a line of the comparison, and returns it for the JSON."""
    line = f"{job:40}{milliseconds(wall[ours]):>9} ms"
    entry = {"job": job, "ours": ours, "ours_seconds": round(wall[ours], 6)}
    if peer in wall:
        ratio = wall[peer] / wall[ours]
        entry |= {"peer": peer, "peer_seconds": round(wall[peer], 6), "ratio": round(ratio, 2)}
        line += f"{milliseconds(wall[peer]):>9} ms{ratio:8.1f}"
        if target:
            entry |= {"target": target, "met": ratio >= target}
            line += f"{target:8}  {verdict(ratio >= target)}"
    else:
        line += f"{'-':>12}"
    print(line)
    return entry


def main():
    """Prints the tables and writes result.json."""
    work, rounds = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2])
    shutil.rmtree(work / "home", ignore_errors=True)
    peers = installed(work)
    for script in ["list_aliases.js", "toolkit.js"]:
        shutil.copy(HERE / script, work / "npm" / script)
    result = {
        "date": time.strftime("%Y-%m-%d"),
        "machine": machine(),
        "versions": {"scfctl": said([SCFCTL, "--version"]).removeprefix("scfctl "), **peers},
        "rounds": rounds,
        "transition_ms": TRANSITION,
    }
    result["versions"]["python"] = platform.python_version()
    if shutil.which("node"):
        result["versions"]["node"] = said([shutil.which("node"), "--version"]).removeprefix("v")

    samples = collections.defaultdict(list)
    transition = ["--transition", str(TRANSITION)]
    with (
        LocalScf(work / "home", *transition) as fast,
        LocalScf(work / "home", *transition, "--latency", str(LATENCY)) as slow,
    ):
        for service in [fast, slow]:
            service.put(BUCKET)
        runs = short_runs(work, peers, fast)
        sides = {"scfctl": Ours(slow, work, "bench-scfctl")}
        if "tencent-component-toolkit" in peers:
            sides["toolkit"] = Toolkit(slow, work, "bench-toolkit")
        # Once before: files into memory, and the directories that tccli makes.
        for command, exit_code, _ in runs.values():
            run(command, fast.environment(), work / "output.txt", exit_code)
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
            for name, (command, exit_code, times) in runs.items():
                for _ in range(times):
                    spent = run(command, fast.environment(), work / "output.txt", exit_code)
                    samples[name].append(spent)
            for job in JOBS:
                for name, side in sides.items():
                    samples[f"{name} {job.name}"].append(side.timed(job))
        counts = {
            (job.name, name): counted(job, side) for job in JOBS for name, side in sides.items()
        }

    wall = {name: statistics.median(one.wall for one in runs) for name, runs in samples.items()}
    cpu = {name: statistics.median(one.cpu for one in runs) for name, runs in samples.items()}
    result["medians"] = {
        name: {"wall_seconds": round(wall[name], 6), "cpu_seconds": round(cpu[name], 6)} for name in wall
    }
    about = result["machine"]
    print(f"{about['cpu']}, {about['cores']} cores, {result['date']}, medians of {rounds} rounds")
    print(", ".join(f"{name} {version}" for name, version in result["versions"].items()))

    result["costs"] = []
    print(f"\n{'process, latency 0':40}{'processor':>12}{'wall':>12}{'target':>12}")
    for name, limit in [
        ("scfctl --version", 5),
        ("scfctl --help", 5),
        ("scfctl, refused", 5),
        ("scfctl list-alias", 15),
        ("tccli --version", None),
        ("tccli ListAliases", None),
        ("Node SDK ListAliases", None),
    ]:
        if name not in wall:
            continue
        shown = ""
        if limit:
            met = cpu[name] * 1000 < limit
            shown = f"{f'< {limit} ms':>12}  {verdict(met)}"
            cost = {"program": name, "cpu_ms": round(cpu[name] * 1000, 3), "below_ms": limit, "met": met}
            result["costs"].append(cost)
        print(f"{name:40}{milliseconds(cpu[name]):>9} ms{milliseconds(wall[name]):>9} ms{shown}")

    result["comparisons"] = []
    start = [
        ("start", "scfctl --version", "tccli --version", 100),
        ("list-alias, tccli", "scfctl list-alias", "tccli ListAliases", 40),
        ("list-alias, Node SDK", "scfctl list-alias", "Node SDK ListAliases", None),
    ]
    jobs = [(job.name, f"scfctl {job.name}", f"toolkit {job.name}", job.target) for job in JOBS]
    for title, rows in [("latency 0", start), (f"latency {LATENCY}, against the toolkit", jobs)]:
        print(f"\n{title:40}{'scfctl':>12}{'peer':>12}{'times':>8}{'target':>8}")
        for row in rows:
            result["comparisons"].append(compared(wall, *row))

    result["calls"] = [{"job": job, "program": name, **count} for (job, name), count in counts.items()]
    print(f"\n{'calls on connections':40}" + "".join(f"{name:>12}" for name in sides))
    for job in JOBS:
        shown = [counts[job.name, name] for name in sides]
        texts = [f"{one['calls']} on {one['connections']}" for one in shown]
        print(f"{job.name:40}" + "".join(f"{text:>12}" for text in texts))
    (work / "result.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
