#!/usr/bin/env python3
"""Times a project of 100 functions against what rates and transitions allow: functions.py WORK ROUNDS.

The bound is the larger of two times, not their sum:

- Of the rates. An action that needs n calls and may be called r times a second takes at least
  (n - r) / r seconds: the first r calls go at once. Of all actions, the slowest counts. A call is needed
  when a deployment makes it even where nothing is ever in transition; looks that only find a function
  Creating, Updating or Publishing are not.
- Of the functions that run at once. Of 100 functions, 8 at a time, some follow 12 others; each takes its
  round trips, one after the other, and its transitions.

Calls and round trips are those of one function alone on a local SCF without transitions, with a latency so
long that nothing else matters: the time, in latencies, is the number of trips. So they are what scfctl
calls; that it calls no more than it has to is the business of `cargo test`.
"""

import collections
import json
import math
import os
import pathlib
import re
import shutil
import statistics
import sys
import time

from local_scf import SCFCTL, LocalScf
from spawn import run

HERE = pathlib.Path(__file__).resolve().parent
FUNCTIONS, AT_ONCE = 100, 8
NAMESPACES = 2  # one holds 50 functions
TRANSITION = 0.3  # seconds
PROBE = 400  # ms of latency; a read that is older than half a second is made again
USUAL_RATE = 20  # calls a second, where the reference names no rate
# What the rates count of the run before is over then; seconds.
PAUSE = 2.1
RATIO, MEMORY = 1.3, 64  # targets: times the bound, MB

# A job: its arguments, whether the code changes before it, and the transitions that follow each other.
JOBS = {
    "create": ([], True, 1),
    "publish=true traffic=0.5, code changed": (["--inputs", "publish=true", "traffic=0.5"], True, 2),
    "redeploy, unchanged": ([], False, 0),
}


def rates():
    """Returns the documented rates by action."""
    facts = json.loads((HERE.parent.parent / "src" / "local" / "api.json").read_text())
    return {action: fact.get("rate") or USUAL_RATE for action, fact in facts["actions"].items()}


def project(folder, number):
    """Writes a project of some functions."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "serverless.yml").write_text("app: bench\n")
    for name in (f"f{one:03}" for one in range(number)):
        inputs = {
            "name": name,
            "src": "./src",
            "runtime": "Python3.9",
            "handler": "index.main_handler",
            "namespace": f"bench-{int(name[1:]) % NAMESPACES}",
        }
        (folder / name / "src").mkdir(parents=True)
        text = {"component": "scf", "name": name, "inputs": inputs}
        (folder / name / "serverless.yml").write_text(json.dumps(text))


def edit(folder, edition):
    """Changes the code of each function."""
    for source in folder.glob("*/src"):
        said = f"{source.parent.name}, edition {edition}"
        (source / "index.py").write_text(f"def main_handler(event, context):\n    return {said!r}\n")


def deployments(work, folder, number, *options):
    """Carries out all jobs on a local SCF of their own; returns what each took and what it called."""
    project(folder, number)
    shutil.rmtree(work / "home", ignore_errors=True)
    # `deploy` deploys a project when it runs in the project's folder.
    os.chdir(folder)
    output, found = work / "output.txt", {}
    with LocalScf(work / "home", *options) as service:
        for one in range(NAMESPACES):
            service.call("CreateNamespace", Namespace=f"bench-{one}")
        for edition, (job, (arguments, changed, _)) in enumerate(JOBS.items()):
            if changed:
                edit(folder, edition)
            time.sleep(PAUSE)
            command = [SCFCTL, "deploy", "--debug", *arguments]
            spent = run(command, service.environment(), output, watched=True)
            said = output.read_text()
            if "RequestLimitExceeded" in said:
                sys.exit(f"{job}: the service has refused calls: RequestLimitExceeded")
            calls = collections.Counter(re.findall(r"^debug: (\w+) \S+ attempt", said, re.MULTILINE))
            looks = collections.Counter(
                re.findall(r"^debug: .*: (Creating|Updating|Publishing)$", said, re.MULTILINE)
            )
            found[job] = (spent, calls, looks)
        check(service, number)
    return found


def check(service, number):
    """Ends everything with an error when a function is not as the jobs leave it."""
    time.sleep(PAUSE)
    for one in range(number):
        name, namespace = f"f{one:03}", f"bench-{one % NAMESPACES}"
        alias = service.call("GetAlias", FunctionName=name, Namespace=namespace, Name="$DEFAULT")
        weights = alias["RoutingConfig"]["AdditionalVersionWeights"]
        if weights != [{"Version": "1", "Weight": 0.5}]:
            sys.exit(f"{name} has the weights {weights}, wanted 0.5 for version 1")
        # Slower than the rate, which holds for these calls too.
        time.sleep(1.2 / USUAL_RATE)


def bound(needed, trips, transitions, latency):
    """Returns the seconds that a job takes at least, and why."""
    allowed = rates()
    slowest, of_rates = max(
        ((action, (calls - allowed[action]) / allowed[action]) for action, calls in needed.items()),
        key=lambda one: one[1],
    )
    each = trips * latency / 1000 + transitions * TRANSITION
    of_functions = math.ceil(FUNCTIONS / AT_ONCE) * each
    if of_rates >= of_functions:
        return of_rates, f"{needed[slowest]} {slowest} at {allowed[slowest]} a second"
    return of_functions, f"{trips} trips, {transitions} transitions, {AT_ONCE} at a time"


def main():
    """Prints the table and adds to result.json."""
    work, rounds = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2])
    folder = work / "functions"
    alone = deployments(work, folder, 1, "--latency", str(PROBE))
    documented = ["--rate", "documented", "--transition", str(int(TRANSITION * 1000))]
    entries = []
    print(f"\n{FUNCTIONS} functions, {AT_ONCE} at a time, documented rates, {rounds} rounds", flush=True)
    for latency in [0, 50]:
        runs = []
        for number in range(rounds):
            print(f"latency {latency}, round {number + 1} of {rounds}", file=sys.stderr)
            runs.append(deployments(work, folder, FUNCTIONS, *documented, "--latency", str(latency)))
        print(
            f"\n{f'latency {latency}':40}{'time':>9}{'bound':>9}{'ratio':>8}{'target':>9}{'peak':>11}{'processor':>11}"
        )
        for job, (_, _, transitions) in JOBS.items():
            spent, calls, _ = alone[job]
            trips = int(spent.wall * 1000 / PROBE)
            needed = {action: count * FUNCTIONS for action, count in calls.items()}
            least, why = bound(needed, trips, transitions, latency)
            wall = statistics.median(one[job][0].wall for one in runs)
            cpu = statistics.median(one[job][0].cpu for one in runs)
            peak = max(one[job][0].peak for one in runs)
            made, looks = runs[-1][job][1:]
            met = wall <= RATIO * least and peak < MEMORY
            print(
                f"{job:40}{wall:7.1f} s{least:7.1f} s{wall / least:8.2f}{f'<= {RATIO}':>9}"
                f"{peak:8.1f} MB{cpu:9.2f} s  {'met' if met else 'MISSED'}"
            )
            print(f"  bound: {why}")
            listed = [
                f"{action} {made[action]}" + ("" if made[action] == count else f" (needed {count})")
                for action, count in sorted(needed.items(), key=lambda one: -one[1])
            ]
            listed += [f"{action} {made[action]} (not needed)" for action in made if action not in needed]
            print("  calls: " + ", ".join(listed))
            if looks:
                print("  looks at " + ", ".join(f"{status} {count}" for status, count in looks.items()))
            entries.append(
                {
                    "job": job,
                    "latency_ms": latency,
                    "seconds": round(wall, 3),
                    "bound_seconds": round(least, 3),
                    "bound": why,
                    "ratio": round(wall / least, 3),
                    "target_ratio": RATIO,
                    "peak_mb": round(peak, 1),
                    "below_mb": MEMORY,
                    "met": met,
                    "cpu_seconds": round(cpu, 3),
                    "calls": dict(made),
                    "needed": needed,
                    "looks": dict(looks),
                    "request_limit_exceeded": 0,
                }
            )
    path = work / "result.json"
    result = json.loads(path.read_text())
    result["functions"] = {"number": FUNCTIONS, "at_once": AT_ONCE, "rounds": rounds, "jobs": entries}
    path.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
