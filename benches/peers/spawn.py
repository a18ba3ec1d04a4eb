"""Runs programs and measures what they cost."""

import dataclasses
import os
import pathlib
import sys
import time

LOOK_EVERY = 0.02  # seconds


@dataclasses.dataclass
class Run:
    """What a process took: seconds on the clock, and of processor time (user and system)."""

    wall: float
    cpu: float
    peak: float = 0.0  # MB of resident memory; only of a run that was watched


def resident(child):
    """Returns the most memory in MB that a process has had, 0 when it has ended.

    Not what wait4 reports: Linux counts in there the memory of this script, which started the child.
    """
    for line in pathlib.Path(f"/proc/{child}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def run(command, environment, output, exit_code=0, watched=False):
    """Runs a command whose stdout and stderr go to the file `output`; exits when it fails.

    With posix_spawn: a fork of this script would cost as much as a short program takes.
    """
    command = [str(part) for part in command]
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(output), flags, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    peak = 0.0
    started = time.perf_counter()
    child = os.posix_spawn(command[0], command, environment, file_actions=actions)
    ended = 0
    while watched and not ended:
        peak = max(peak, resident(child))
        time.sleep(LOOK_EVERY)
        ended, status, usage = os.wait4(child, os.WNOHANG)
    if not ended:
        _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) != exit_code:
        sys.exit(f"{' '.join(command)} ended with status {status}:\n{output.read_text()}")
    return Run(wall, usage.ru_utime + usage.ru_stime, peak)
