#!/usr/bin/env python3
"""Runs the pipelines of ci/, and action.yml, against a local SCF: check.py BINARY PACKAGES WORK

Each of them releases a function of its own by the default alias, takes it back, and rolls versions out: to the end, held, and
rolled back. PACKAGES is the folder of npm packages that npm/assemble.py made, WORK an empty folder. Needs Node with npm, the
node_modules of this folder, Java, and git."""

import concurrent.futures
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

from ruamel.yaml import YAML

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT / "packaging"), str(ROOT / "tests" / "packaging")]
import release  # noqa: E402
from registry import Registry  # noqa: E402
from surroundings import LIMIT, below, clean, limited  # noqa: E402

VERSION = release.version()
JOB_NUMBER = iter(range(1000, 9999))

# To the end at once; held at 10 %; an hour of 10 %.
DONE = "steps: '100%:0'"
HELD = "steps: '10%:pause,100%:0'"
LONG = "steps: '10%:60m,100%:0'"
# What is said when the first step of an hour is made.
BEGUN = "step 1 of 2"

# What somebody may have set who runs this; a job that sees any of it fails.
FOREIGN = {
    "TENCENT_SECRET_ID": "AKIDsomebodyElse",
    "TENCENT_SECRET_KEY": "somebodyElse",
    "TENCENTCLOUD_REGION": "eu-nowhere",
    "SCFCTL_ENDPOINT": "http://127.0.0.1:9",
    "SCFCTL_RUN_ID": "somebody-else",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
    "STAGE": "nowhere",
    "TO": "1",
    "LANGUAGE": "zh_CN",
}


def load(path: str) -> dict:
    return YAML(typ="safe").load(ROOT / path)


class Project:
    """A function in a folder, and the pipelines of one kind for it."""

    def __init__(self, name: str, binary: pathlib.Path, server: dict[str, str], work: pathlib.Path):
        self.name, self.binary, self.server = name, binary, server
        self.folder = work / name
        self.temporary = work / f"{name}-temporary"
        self.temporary.mkdir()
        shutil.copytree(ROOT / "examples" / "hello" / "src", self.folder / "src")
        self.configure(DONE)
        self.changes = 0
        self.git("init", "-q", "-b", "main")
        self.change()

    def configure(self, steps: str) -> None:
        yaml = (ROOT / "examples" / "hello" / "serverless.yml").read_text().replace("name: hello", f"name: {self.name}")
        (self.folder / "serverless.yml").write_text(f"{yaml}  rollout:\n    {steps}\n    noGates: true\n")

    def change(self) -> None:
        """Other code, committed."""
        self.changes += 1
        with (self.folder / "src" / "index.py").open("a") as file:
            file.write(f"# {self.changes}\n")
        self.commit()

    def git(self, *words: str) -> str:
        return run("git", "-c", "user.name=a", "-c", "user.email=a@localhost", *words, cwd=self.folder, env=self.environment)

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", "other")

    @property
    def environment(self) -> dict[str, str]:
        """What a runner has: no keys, but in the places where the pipeline's system keeps them."""
        return clean(self.temporary / "home") | {
            "SCFCTL_ENDPOINT": self.server["url"],
            "npm_config_registry": self.server["registry"],
            "npm_config_cache": str(self.temporary / "npm-cache"),
            "npm_config_userconfig": str(self.temporary / "npmrc"),
            "npm_config_update_notifier": "false",
            "npm_config_audit": "false",
            "npm_config_prefer_offline": "true",
        }

    @property
    def keys(self) -> dict[str, str]:
        return {"TENCENT_SECRET_ID": self.server["secretId"], "TENCENT_SECRET_KEY": self.server["secretKey"]}

    def scfctl(self, *words: str) -> str:
        environment = self.environment | self.keys | {"STAGE": "prod"}
        return run(self.binary, *words, cwd=self.folder, env=environment)

    def routing(self, alias: str = "$DEFAULT") -> dict:
        found = json.loads(self.scfctl("list-alias", "--alias", alias, "--output", "json"))["aliases"]
        shares = {other["version"]: other["weight"] for other in found[0]["additionalVersionWeights"]}
        rest = round(1 - sum(shares.values()), 6)
        return {version: share for version, share in (shares | {found[0]["mainVersion"]: rest}).items() if share}

    def expect(self, routing: dict, alias: str = "$DEFAULT") -> None:
        found = self.routing(alias)
        assert found == routing, f"{self.name}: {alias} is {found} instead of {routing}"

    def versions(self) -> int:
        return len(json.loads(self.scfctl("list-ver", "--output", "json"))["versions"])

    def is_held(self) -> None:
        found = json.loads(self.scfctl("rollout", "status", "--alias", "prod", "--output", "json"))
        assert found["outcome"] == "held" and found["rollout"]["reason"] == "interrupt", f"{self.name}: {found}"

    def report(self, folder: pathlib.Path, outcome: str, page: str = "report.html") -> None:
        kinds = {file.name for file in folder.iterdir()}
        assert kinds == {page, "report.xml", "report.json"}, f"{self.name}: {kinds}"
        assert f'"{outcome}"' in (folder / "report.json").read_text(), f"{self.name}: not {outcome}"
        shutil.rmtree(folder)


def run(*command, code=0, **options) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if code else subprocess.PIPE,
        timeout=LIMIT,
        **options,
    )
    assert done.returncode == code, f"{command}: exit code {done.returncode} instead of {code}\n{done.stdout}\n{done.stderr}"
    return done.stdout


class Failed(Exception):
    """A job failed."""


def outputs_in(text: str) -> dict[str, str]:
    """The outputs of a step: NAME=VALUE, or NAME<<END with lines up to END. The last of a name counts."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        name, several, end = line.partition("<<")
        if several and "=" not in name:
            found[name] = "\n".join(iter(lines.__next__, end))
        else:
            name, value = line.split("=", 1)
            found[name] = value
    return found


class GitHub:
    """Runs workflows and action.yml: as much of GitHub's runner as they use. What it does not know fails."""

    def __init__(self, project: Project):
        self.project = project
        self.action = load("action.yml")
        self.log = ""
        # A line at which the job is cancelled.
        self.cancelled_at: str | None = None

    def value(self, text: str, context: dict):
        """The value of an expression."""
        text = text.strip()
        if " && " in text:
            return all([self.value(part, context) for part in text.split(" && ")])
        for sign in [" == ", " != "]:
            if sign in text:
                left, right = (self.value(part, context) for part in text.split(sign))
                return (left == right) == (sign == " == ")
        if text == "always()":
            return True
        if re.fullmatch("'[^']*'", text):
            return text[1:-1]
        assert re.fullmatch(r"[a-z]+(\.[A-Za-z_-]+)+", text), f"unknown expression {text}"
        found = context
        for name in text.split("."):
            # What a step that did not run has put out is empty.
            found = found.get(name, {})
        return "" if found == {} else found

    def filled(self, text, context: dict) -> str:
        text = {True: "true", False: "false"}.get(text, text)
        return re.sub(r"\$\{\{(.*?)\}\}", lambda place: str(self.value(place[1], context)), str(text))

    def workflow(self, file: str, jobs: list[str] | None = None, run_id: str | None = None, **inputs: str) -> dict[str, str]:
        """Runs the jobs of a workflow, all unless some are named; returns the outcomes of its steps with an id."""
        document = load(f"ci/github/{file}")
        defaults = document["on"].get("workflow_dispatch", {}).get("inputs", {}) if isinstance(document["on"], dict) else {}
        given = {name: inputs.get(name, described["default"]) for name, described in defaults.items()}
        context = {
            "secrets": self.project.keys,
            "github": {"run_id": run_id or str(next(JOB_NUMBER))},
            "inputs": given,
        }
        outcomes = {}
        for name, job in document["jobs"].items():
            if jobs and name not in jobs:
                continue
            assert not context["github"].get("failed")
            steps = self.steps(job["steps"], context, document["env"] | job.get("env", {}), "bash -e")
            outcomes |= {step: found["outputs"].get("outcome") for step, found in steps.items()}
        return outcomes

    def steps(self, steps: list[dict], context: dict, above: dict, shell: str) -> dict:
        context = context | {"steps": {}}
        failure = None
        path = context.setdefault("path", [])
        for step in steps:
            condition = step.get("if")
            if (failure and "always()" not in str(condition)) or (condition and not self.value(condition, context)):
                continue
            environment = {name: self.filled(value, context) for name, value in (above | step.get("env", {})).items()}
            outputs: dict = {}
            try:
                if "uses" in step:
                    outputs = self.uses(step, context, environment)
                else:
                    outputs = self.run(step, context, environment, path, shell)
            except Failed as failed:
                failure, outputs = failed, failed.args[1]
            if "id" in step:
                context["steps"][step["id"]] = {"outputs": outputs}
        if failure:
            raise Failed(failure.args[0], {}, context["steps"])
        return context["steps"]

    def uses(self, step: dict, context: dict, environment: dict) -> dict:
        given = {name: self.filled(value, context) for name, value in step.get("with", {}).items()}
        name, version = step["uses"].split("@")
        if name == "actions/checkout":
            return {}
        if name == "actions/upload-artifact":
            self.artifact = (given["name"], pathlib.Path(given["path"]))
            return {}
        assert name == "OWNER/scfctl" and version == f"v{VERSION}", step["uses"]
        known = self.action["inputs"]
        assert set(given) <= set(known), f"action.yml does not know all of {set(given)}"
        inputs = {name: given.get(name, described["default"]) for name, described in known.items()}
        inner = {"inputs": inputs, "path": context.setdefault("path", [])}
        try:
            steps, failure = self.steps(self.action["runs"]["steps"], inner, environment, "unset"), None
        except Failed as failed:
            steps, failure = failed.args[2], failed
        outer = inner | {"steps": steps}
        outputs = {name: self.filled(found["value"], outer) for name, found in self.action["outputs"].items()}
        if failure:
            raise Failed(failure.args[0], outputs, {})
        return outputs

    def run(self, step: dict, context: dict, environment: dict, path: list[str], shell: str) -> dict:
        if "shell" in step:
            assert step["shell"] == "bash"
            shell = "bash --noprofile --norc -eo pipefail"
        temporary = self.project.temporary
        script, output, added, summary = (temporary / name for name in ["script", "output", "path", "summary"])
        script.write_text(self.filled(step["run"], context))
        output.write_text("")
        added.write_text("")
        process = subprocess.Popen(
            [*shell.split(), str(script)],
            cwd=self.project.folder / self.filled(step.get("working-directory", "."), context),
            env=self.project.environment
            | {"RUNNER_TEMP": str(temporary), "GITHUB_OUTPUT": str(output), "GITHUB_PATH": str(added)}
            | {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(self.project.folder), "GITHUB_STEP_SUMMARY": str(summary)}
            | environment
            | {"PATH": ":".join([*path, os.environ["PATH"]])},
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.log = ""
        with limited(process) as others:
            for line in process.stdout:
                self.log += line
                if self.cancelled_at and self.cancelled_at in line:
                    # GitHub's runner tells the process that it has started, twice, and no other one of the step.
                    others += below(process.pid)
                    process.send_signal(signal.SIGINT)
                    process.send_signal(signal.SIGTERM)
                    self.cancelled_at = None
            code = process.wait()
        path[:0] = added.read_text().split()
        outputs = outputs_in(output.read_text())
        if code:
            raise Failed(f"exit code {code}\n{self.log}", outputs)
        return outputs


def on_github(project: Project) -> None:
    github = GitHub(project)
    project.scfctl("deploy", "--publish", "--traffic", "0")
    project.change()
    github.workflow("canary.yml", ["canary"])
    project.expect({"$LATEST": 0.1, "1": 0.9})
    github.workflow("rollback.yml")
    project.expect({"1": 1})
    github.workflow("canary.yml", ["canary", "all"])
    project.expect({"$LATEST": 1})
    github.workflow("rollback.yml", to="1")
    project.expect({"1": 1})
    github.workflow("canary.yml")
    project.expect({"2": 1})

    project.scfctl("create-alias", "--alias", "prod", "--version", "2", "--no-weights")
    project.change()
    assert github.workflow("rollout.yml") == {"rollout": "done"}
    project.expect({"3": 1}, "prod")
    name, folder = github.artifact
    assert name == "rollout"
    project.report(folder, "done")
    project.configure(HELD)
    project.change()
    number = str(next(JOB_NUMBER))
    # The last step says why.
    assert github.workflow("rollout.yml", run_id=number) == {"rollout": "held"}
    assert "paused" in github.log or "pause" in github.log, github.log
    project.report(github.artifact[1], "held")
    project.expect({"3": 0.9, "4": 0.1}, "prod")
    github.workflow("rollback.yml", alias="prod")
    project.expect({"3": 1}, "prod")
    failed = failure_of(github.workflow, "rollout.yml", run_id=number)
    assert "exit code 7" in failed.args[0], failed
    project.report(github.artifact[1], "rolled-back")

    # A job that is cancelled leaves the rollout held, and nobody behind.
    project.configure(LONG)
    project.change()
    number = str(next(JOB_NUMBER))
    github.cancelled_at = BEGUN
    failed = failure_of(github.workflow, "rollout.yml", run_id=number)
    assert "exit code 143" in failed.args[0], failed
    project.report(github.artifact[1], "held")
    project.is_held()
    assert github.workflow("rollout.yml", run_id=number) == {"rollout": "held"}
    project.report(github.artifact[1], "held")
    github.workflow("rollback.yml", alias="prod")
    project.expect({"3": 1}, "prod")
    failure_of(github.workflow, "rollback.yml", alias="")

    # Words with blanks are one; a quote that is missing is no other command.
    action = {"uses": f"OWNER/scfctl@v{VERSION}", "id": "a", "with": {"args": "publish-ver --description 'two words' --dry-run"}}
    keys = {name: str(value) for name, value in project.keys.items()} | {"STAGE": "prod"}
    outputs = github.steps([action], {}, keys, "unset")["a"]["outputs"]
    assert outputs["exit-code"] == "0" and outputs["outcome"] == "done", outputs
    assert json.loads(outputs["result"])["functionName"] == "github-prod-greetings", outputs
    assert "### scfctl rollout" in (project.temporary / "summary").read_text()
    action["with"] = {"args": "deploy --traffic '0.5"}
    before = project.routing()
    failure_of(github.steps, [action], {}, keys, "unset")
    project.expect(before)
    action["with"] = {"args": "deploy --nothing"}
    failed = failure_of(github.steps, [action], {}, keys, "unset")
    assert failed.args[2]["a"]["outputs"]["outcome"] == "failed" and failed.args[2]["a"]["outputs"]["exit-code"] == "2"
    # A rollout that has begun is not done, and what was found by a dry run is no failure.
    for words, code, outcome in [
        ("rollout start --alias prod --publish --detach", "0", "begun"),
        ("rollout tick --alias prod", "0", "waiting"),
        ("deploy --traffic 0.5 --dry-run --detailed-exitcode", "10", "changes"),
    ]:
        action["with"] = {"args": words}
        outputs = github.steps([action], {}, keys, "unset")["a"]["outputs"]
        assert (outputs["exit-code"], outputs["outcome"]) == (code, outcome), f"{words}: {outputs}"


def failure_of(work, *arguments, **named) -> Failed:
    try:
        work(*arguments, **named)
    except Failed as failed:
        return failed
    raise AssertionError(f"{arguments} was to fail")


def on_gitlab(project: Project) -> None:
    prefix = project.temporary / "global"
    environment = project.environment | {
        "npm_config_prefix": str(prefix),
        "PATH": f"{prefix}/bin:{os.environ['PATH']}",
    }

    def job(file: str, name: str, outcome: str = "PASS", cancelled_at: str | None = None, **variables: str) -> str:
        (project.folder / ".gitlab-ci.yml").write_text((ROOT / "ci" / "gitlab" / file).read_text())
        # It counts pipelines from 1000 on, but this one is another each time.
        variables.setdefault("CI_PIPELINE_ID", str(next(JOB_NUMBER)))
        # It says `false`, where GitLab says `true`.
        words = [f"{key}={value}" for key, value in (project.keys | {"GITLAB_CI": "true"} | variables).items()]
        process = subprocess.Popen(
            [
                HERE / "node_modules" / ".bin" / "gitlab-ci-local",
                # Its schema is that of check-jsonschema, which has read the file already.
                *("--force-shell-executor", "--no-color", "--artifacts-to-source", "--no-json-schema-validation"),
                *(word for pair in words for word in ("--variable", pair)),
                name,
            ],
            cwd=project.folder,
            env=environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        printed = ""
        with limited(process) as others:
            for line in process.stdout:
                printed += line
                if cancelled_at and cancelled_at in line:
                    # GitLab's runner tells every process in the container of the job.
                    others += below(process.pid)
                    for child in others:
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(child, signal.SIGTERM)
                    cancelled_at = None
            process.wait()
        assert re.search(rf"^ {outcome} +{name}\b", printed, re.M), f"{file}: {name} is not {outcome}\n{printed}"
        return printed

    project.scfctl("deploy", "--publish", "--traffic", "0")
    project.change()
    printed = job("canary.gitlab-ci.yml", "canary")
    begun = re.findall(r"section_start:\d+:(scfctl_\d+_\d+_\w+)", printed)
    assert [name.rsplit("_", 1)[1] for name in begun] == ["prepare", "code", "traffic"], printed
    assert re.findall(r"section_end:\d+:(scfctl_\d+_\d+_\w+)", printed) == begun, printed
    project.expect({"$LATEST": 0.1, "1": 0.9})
    job("canary.gitlab-ci.yml", "back")
    project.expect({"1": 1})
    job("canary.gitlab-ci.yml", "canary")
    job("canary.gitlab-ci.yml", "all")
    project.expect({"$LATEST": 1})
    job("canary.gitlab-ci.yml", "freeze")
    project.expect({"2": 1})

    report = project.folder / ".scfctl" / "report"
    project.scfctl("create-alias", "--alias", "prod", "--version", "2", "--no-weights")
    project.change()
    job("rollout.gitlab-ci.yml", "rollout")
    project.expect({"3": 1}, "prod")
    project.report(report, "done")
    project.configure(HELD)
    project.change()
    # Exit code 8 is allowed to fail.
    job("rollout.gitlab-ci.yml", "rollout", "WARN")
    project.report(report, "held")
    job("rollout.gitlab-ci.yml", "back")
    project.expect({"3": 1}, "prod")
    printed = job("rollout.gitlab-ci.yml", "tick", "FAIL", CI_PIPELINE_SOURCE="schedule")
    assert re.search("^tick finished in .* FAIL 7", printed, re.M), printed
    project.report(report, "rolled-back")

    project.configure(LONG)
    project.change()
    number = str(next(JOB_NUMBER))
    # gitlab-ci-local does not call it a failure when the shell is killed.
    job("rollout.gitlab-ci.yml", "rollout", "(PASS|FAIL)", cancelled_at=BEGUN, CI_PIPELINE_ID=number)
    project.is_held()
    job("rollout.gitlab-ci.yml", "rollout", "WARN", CI_PIPELINE_ID=number)
    project.report(report, "held")
    job("rollout.gitlab-ci.yml", "back")
    project.expect({"3": 1}, "prod")


class Jenkins:
    """A process that runs Jenkinsfiles; see jenkins.groovy."""

    def __init__(self, server: dict[str, str], home: pathlib.Path):
        jars = HERE / "node_modules" / "npm-groovy-lint" / "lib" / "java" / "groovy" / "lib" / "*"
        self.environment = clean(home) | {"SECRET_ID": server["secretId"], "SECRET_KEY": server["secretKey"]}
        self.process = subprocess.Popen(
            ["java", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8", "-cp", jars, "groovy.ui.GroovyMain", HERE / "jenkins.groovy"],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, file: str, project: Project, result: str, **values: str) -> str:
        # Each build has another one, that of the same commit as well.
        number = str(next(JOB_NUMBER))
        environment = project.environment | {
            "WORKSPACE": str(project.folder),
            "WORKSPACE_TMP": f"{project.folder}@tmp",
            "JOB_NAME": "shop",
            "BUILD_TAG": f"jenkins-shop-{number}",
            "CI_BUILD_NUMBER": number,
            # Of CODING.
            "GIT_BUILD_REF": "main",
            "GIT_REPO_URL": "https://git.example/shop.git",
            "CREDENTIALS_ID": "a",
            "TENCENT_CREDENTIALS_ID": "b",
        }
        changed = {name: value for name, value in (environment | values).items() if self.environment.get(name) != value}
        print(str(ROOT / file), *(f"{name}={value}" for name, value in changed.items()), sep="\t", file=self.process.stdin, flush=True)
        printed = ""
        with limited(self.process):
            for line in self.process.stdout:
                printed += line
                if line.startswith("RESULT "):
                    break
        assert printed.endswith(f"RESULT {result}\n"), f"{file}: not {result}\n{printed}"
        return printed


def on_jenkins(project: Project, jenkins: Jenkins, folder: str, page: str) -> None:
    file, back = f"{folder}/Jenkinsfile", f"{folder}/rollback.Jenkinsfile"
    # A job that lets no other build of it begin cannot have the way back in it.
    assert "disableConcurrentBuilds()" in (ROOT / file).read_text() and "disableConcurrentBuilds" not in (ROOT / back).read_text()
    report = project.folder / ".scfctl" / "report"
    project.scfctl("deploy", "--publish", "--traffic", "0")
    project.change()
    printed = jenkins.run(file, project, "SUCCESS", FLOW="canary")
    assert printed.count("INPUT ") == 2, printed
    project.expect({"2": 1})
    routed = re.findall(r"UpdateAlias.*|PublishVersion", printed)
    assert len(routed) == 4 and "0.1" in routed[0] and "PublishVersion" in routed[2], routed
    # Another build of the same commit publishes nothing.
    jenkins.run(file, project, "SUCCESS", FLOW="canary")
    project.expect({"2": 1})

    project.scfctl("create-alias", "--alias", "prod", "--version", "2", "--no-weights")
    project.change()
    jenkins.run(file, project, "SUCCESS", FLOW="rollout")
    project.expect({"3": 1}, "prod")
    project.report(report, "done", page)
    project.configure(HELD)
    project.change()
    printed = jenkins.run(file, project, "UNSTABLE", FLOW="rollout")
    assert "JUNIT .scfctl/report/report.xml" in printed
    project.report(report, "held", page)
    # So does one of a rollout that is under way: it goes on with it.
    versions = project.versions()
    jenkins.run(file, project, "UNSTABLE", FLOW="rollout")
    assert project.versions() == versions
    project.report(report, "held", page)
    jenkins.run(back, project, "SUCCESS", ALIAS="prod")
    project.expect({"3": 1}, "prod")
    jenkins.run(file, project, "FAILURE", FLOW="rollout")
    project.report(report, "rolled-back", page)
    # Where somebody says so, the same commit is rolled out once more.
    jenkins.run(file, project, "UNSTABLE", FLOW="rollout", RUN="again")
    assert project.versions() == versions + 1
    jenkins.run(back, project, "SUCCESS", ALIAS="prod", TO="3")
    jenkins.run(back, project, "FAILURE", ALIAS="")
    project.expect({"3": 1}, "prod")

    # What an earlier build has reported is not what one says that fails before it has a report.
    assert (report / page).exists()
    (project.folder / "serverless.yml").write_text("inputs: [")
    project.commit()
    printed = jenkins.run(file, project, "FAILURE", FLOW="rollout")
    assert "JUNIT" in printed and "HTML" not in printed and list(report.iterdir()) == [], printed


def coding_needs_a_flow(project: Project, jenkins: Jenkins) -> None:
    """A build that has nothing to do is no success."""
    for values in [{}, {"FLOW": ""}, {"FLOW": "rolout"}]:
        printed = jenkins.run("ci/coding/Jenkinsfile", project, "FAILURE", **values)
        assert printed.count("STAGE ") == 1 and "FLOW" in printed, printed


def versions_agree() -> None:
    """What the pipelines install is this version."""
    files = [file for file in (ROOT / "ci").rglob("*") if file.is_file()]
    found = {
        (str(file), version)
        for file in files
        for version in re.findall(r"SCFCTL_VERSION(?: =|:) '?([0-9.]+)|OWNER/scfctl@v([0-9.]+)", file.read_text())
    }
    assert len(files) == 9, files
    assert {name for name, _ in found} == {str(file) for file in files}, found
    assert {version for _, both in found for version in both if version} == {VERSION}, found
    assert load("action.yml")["inputs"]["version"]["default"] == VERSION


def lint() -> None:
    """The shell in the YAML, which the linters of workflows do not read here."""
    scripts = [step["run"] for step in load("action.yml")["runs"]["steps"] if "run" in step]
    for file in [*(ROOT / "ci" / "github").glob("*.yml"), *(ROOT / ".github" / "workflows").glob("*.yml")]:
        for job in load(file)["jobs"].values():
            # A job may be another workflow.
            scripts += [step["run"] for step in job.get("steps", []) if "run" in step]
    for file in (ROOT / "ci" / "gitlab").glob("*.yml"):
        for job in load(file).values():
            if isinstance(job, dict):
                scripts += ["\n".join(job[key]) for key in ["before_script", "script"] if key in job]
    assert len(scripts) > 25, len(scripts)
    # An expression is replaced before the shell sees it. `$DEFAULT` in single quotes is meant (SC2016).
    scripts = [re.sub(r"\$\{\{.*?\}\}", "value", script) for script in scripts]
    for script in scripts:
        subprocess.run(["shellcheck", "--shell=bash", "--exclude=SC2016", "-"], input=script, text=True, check=True, timeout=LIMIT)


def schedules_tick_alone() -> None:
    """A pipeline of a schedule goes on with a rollout, and begins nothing. GitLab takes the first rule that fits."""
    scheduled = '$CI_PIPELINE_SOURCE == "schedule"'
    for file in (ROOT / "ci" / "gitlab").glob("*.yml"):
        jobs = load(file)

        def rules(job: dict) -> list[dict]:
            return job["rules"] if "rules" in job else rules(jobs[job["extends"]])

        for name, job in jobs.items():
            if name.startswith(".") or not isinstance(job, dict) or "script" not in job:
                continue
            first = rules(job)[0]
            starts = first.get("when") == "manual" or (name == "tick" and first == {"if": scheduled})
            assert starts or first == {"if": scheduled, "when": "never"}, f"{file.name}: {name}: {first}"


def timed(name: str, part, *arguments, **named):
    began = time.monotonic()
    result = part(*arguments, **named)
    print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
    return result


def installed(projects: dict[str, Project], work: pathlib.Path, binary: pathlib.Path) -> None:
    """What the pipelines ran is the binary that was to be tried, each out of a folder of its own."""
    wanted = hashlib.sha256(binary.read_bytes()).hexdigest()
    for name in projects:
        found = [file for folder in work.glob(f"{name}*") for file in folder.rglob("@scfctl/*/bin/scfctl")]
        assert found, f"{name}: nothing was installed below {work}"
        for file in found:
            assert hashlib.sha256(file.read_bytes()).hexdigest() == wanted, f"{file} is another one than {binary}"


def main() -> None:
    binary, packages, work = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    os.environ.update(FOREIGN)
    # Where this runs behind something else it is ignored, and would be by all that is started from here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    versions_agree()
    timed("shell in YAML", lint)
    timed("schedules", schedules_tick_alone)
    process = subprocess.Popen([binary, "local", "serve"], stdout=subprocess.PIPE, text=True, env=clean(work / "home"))
    try:
        server = {"registry": Registry(packages).url}
        with limited(process):
            while not {"url", "secretId", "secretKey"} <= server.keys():
                name, value = process.stdout.readline().split(":", 1)
                server[name] = value.strip()
        projects = {name: Project(name, binary, server, work) for name in ["github", "gitlab", "jenkins", "coding"]}

        def groovy(label: str, name: str, page: str) -> None:
            jenkins = Jenkins(server, work / f"java-of-{name}")
            try:
                if name == "coding":
                    coding_needs_a_flow(projects[name], jenkins)
                timed(label, on_jenkins, projects[name], jenkins, f"ci/{name}", page)
            finally:
                jenkins.process.stdin.close()
                jenkins.process.wait(10)

        # Most of it is waiting for the next minute.
        with concurrent.futures.ThreadPoolExecutor() as threads:
            running = [threads.submit(groovy, "Jenkins", "jenkins", "report.html")]
            running.append(threads.submit(groovy, "CODING", "coding", "index.html"))
            running.append(threads.submit(timed, "GitHub", on_github, projects["github"]))
            running.append(threads.submit(timed, "GitLab", on_gitlab, projects["gitlab"]))
            for part in running:
                part.result()
        installed(projects, work, binary)
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    main()
