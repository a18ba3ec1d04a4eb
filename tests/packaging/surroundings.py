"""What is around a program that the checks start: not the keys, settings and proxies of whoever runs them."""

import contextlib
import os
import pathlib
import signal
import subprocess
import threading

# Seconds that one command may take. A rollout waits for the next minute, others need a few.
LIMIT = 600

# Where programs and folders are.
KEPT = ["JAVA_HOME", "PATH", "PYENV_ROOT", "TMPDIR"]


def clean(home: pathlib.Path) -> dict[str, str]:
    """An environment with a home folder of its own, in which programs speak English."""
    home.mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {"HOME": str(home), "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1"}


def below(process: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    found = []
    for children in pathlib.Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found += [child, *below(child)]
    return found


@contextlib.contextmanager
def limited(process: subprocess.Popen):
    """Ends a process, with all that it has started, when it takes too long. Gives a list of others to end then: those that
    were started by what has ended itself are not found."""
    others: list[int] = []

    def end() -> None:
        print(f"{process.args}: not done after {LIMIT} s", flush=True)
        for ended in [*below(process.pid), process.pid, *others]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(ended, signal.SIGKILL)

    timer = threading.Timer(LIMIT, end)
    timer.daemon = True
    timer.start()
    try:
        yield others
    finally:
        timer.cancel()
