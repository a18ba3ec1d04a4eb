"""Chromium, as the tests of the pages and the pictures of the documentation use it."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service


def found(variable, *names):
    """Where a program is: as a variable says, else the first of these names on the PATH."""
    return os.environ.get(variable) or next(filter(None, map(shutil.which, names)), names[0])


CHROMIUM = found("CHROMIUM", "chromium", "google-chrome", "chromium-browser")
DRIVER = found("CHROMEDRIVER", "chromedriver")

# Nothing but the page: no account, no updates, no other traffic.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Browser:
    """A browser with an empty profile, until the end of a `with`."""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        options = Options()
        options.binary_location = CHROMIUM
        for flag in [*FLAGS, f"--user-data-dir={self.profile.name}"]:
            options.add_argument(flag)
        options.set_capability(
            "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
        )
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        # What the browser shows by itself at first is none of ours.
        self.driver.get("about:blank")
        self.logged()
        return self

    def __exit__(self, *_):
        self.driver.quit()
        self.profile.cleanup()

    def command(self, name, **values):
        """Asks the browser itself."""
        return self.driver.execute_cdp_cmd(name, values)

    def run(self, script):
        """Runs a script beside the page, whose policy does not concern it."""
        return self.driver.execute_script(script)

    def open(self, page, width=1400, theme="light", media=""):
        """Opens a file; returns its address."""
        features = [{"name": "prefers-color-scheme", "value": theme}]
        self.command("Emulation.setEmulatedMedia", media=media, features=features)
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=False,
        )
        address = Path(page).resolve().as_uri()
        self.driver.get(address)
        return address

    def logged(self):
        """Returns what the console has, and the addresses that were asked for."""
        console = [entry["message"] for entry in self.driver.get_log("browser")]
        events = [
            json.loads(entry["message"])["message"]
            for entry in self.driver.get_log("performance")
        ]
        asked = [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]
        return console, asked

    def picture(self, path, height=None):
        """Takes a picture of the page, or of its upper part."""
        width, whole = self.run(
            "return [innerWidth, document.documentElement.scrollHeight]"
        )
        size = {"x": 0, "y": 0, "width": width, "height": height or whole, "scale": 1}
        taken = self.command(
            "Page.captureScreenshot",
            format="png",
            captureBeyondViewport=True,
            clip=size,
        )
        Path(path).write_bytes(base64.b64decode(taken["data"]))


def scfctl(program, folder, *arguments, code=0):
    """Runs the program on the SCF inside it; returns what it printed."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "HOSTNAME": "runner-7",
        "USER": "mei",
    }
    ran = subprocess.run(
        [program, *arguments, "--local"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != code:
        raise SystemExit(
            f"{' '.join(arguments)}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}"
        )
    return ran.stdout


def shop(program, folder, errors="5%"):
    """Makes two versions, an alias on the first, and calls, of which the second fails some."""
    run = lambda *arguments: scfctl(program, folder, *arguments)
    run("deploy", "--publish", "--traffic", "0")
    source = Path(folder) / "src" / "index.py"
    source.write_text(source.read_text().replace("Hello", "Hi"))
    run("deploy")
    run("publish-ver")
    run(*"create-alias --alias prod --version 1 --no-weights".split())
    run(
        *"local load --alias prod --rate 600/min --version".split(),
        f"2: errors={errors}",
    )
