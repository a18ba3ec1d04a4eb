#!/usr/bin/env python3
"""Runs the pipelines of ci/, and action.yml, against a local SCF: check.py BINARY PACKAGES WORK

Each of them releases a function of its own by the default alias, takes it back, and rolls versions out: to the end, held, and
rolled back. PACKAGES is the folder of npm packages that npm/assemble.py made, WORK an empty folder. Needs Node with npm, the
node_modules of this folder, Java, and git."""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from ruamel.yaml import YAML

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT / "packaging"), str(ROOT / "tests" / "packaging")]
import release  # noqa: E402
from registry import Registry  # noqa: E402

VERSION = release.version()
JOB_NUMBER = iter(range(1000, 9999))

# To the end at once; held at 10 %.
DONE = "steps: '100%:0'"
HELD = "steps: '10%:pause,100%:0'"


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
        run("git", "init", "-q", "-b", "main", cwd=self.folder)
        self.change()

    def configure(self, steps: str) -> None:
        yaml = (ROOT / "examples" / "hello" / "serverless.yml").read_text().replace("name: hello", f"name: {self.name}")
        (self.folder / "serverless.yml").write_text(f"{yaml}  rollout:\n    {steps}\n    noGates: true\n")

    def change(self) -> None:
        """Other code, committed."""
        self.changes += 1
        with (self.folder / "src" / "index.py").open("a") as file:
            file.write(f"# {self.changes}\n")
        run("git", "add", "-A", cwd=self.folder)
        run("git", "-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "-qm", "other", cwd=self.folder)

    @property
    def environment(self) -> dict[str, str]:
        """What a runner has: no keys, but in the places where the pipeline's system keeps them."""
        return os.environ | {
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
        done = subprocess.run(
            [*shell.split(), str(script)],
            check=False,
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
        self.log = done.stdout
        path[:0] = added.read_text().split()
        outputs = outputs_in(output.read_text())
        if done.returncode:
            raise Failed(f"exit code {done.returncode}\n{done.stdout}", outputs)
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

    def job(file: str, name: str, outcome: str = "PASS", **variables: str) -> str:
        (project.folder / ".gitlab-ci.yml").write_text((ROOT / "ci" / "gitlab" / file).read_text())
        # It counts pipelines from 1000 on, but this one is another each time.
        variables.setdefault("CI_PIPELINE_ID", str(next(JOB_NUMBER)))
        words = [f"{key}={value}" for key, value in (project.keys | variables).items()]
        printed = subprocess.run(
            [
                HERE / "node_modules" / ".bin" / "gitlab-ci-local",
                # Its schema is that of check-jsonschema, which has read the file already.
                *("--force-shell-executor", "--no-color", "--artifacts-to-source", "--no-json-schema-validation"),
                *(word for pair in words for word in ("--variable", pair)),
                name,
            ],
            check=False,
            cwd=project.folder,
            env=environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ).stdout
        assert re.search(rf"^ {outcome} +{name}\b", printed, re.M), f"{file}: {name} is not {outcome}\n{printed}"
        return printed

    project.scfctl("deploy", "--publish", "--traffic", "0")
    project.change()
    job("canary.gitlab-ci.yml", "canary")
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


class Jenkins:
    """A process that runs Jenkinsfiles; see jenkins.groovy."""

    def __init__(self, server: dict[str, str]):
        jars = HERE / "node_modules" / "npm-groovy-lint" / "lib" / "java" / "groovy" / "lib" / "*"
        self.process = subprocess.Popen(
            ["java", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8", "-cp", jars, "groovy.ui.GroovyMain", HERE / "jenkins.groovy"],
            env=os.environ | {"SECRET_ID": server["secretId"], "SECRET_KEY": server["secretKey"], "LC_ALL": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, file: str, project: Project, result: str, **values: str) -> str:
        number = values.pop("number", None) or str(next(JOB_NUMBER))
        environment = project.environment | {
            "WORKSPACE": str(project.folder),
            "WORKSPACE_TMP": str(project.temporary),
            "JOB_NAME": "shop",
            "BUILD_TAG": f"jenkins-shop-{number}",
            "CI_BUILD_NUMBER": number,
            # Of CODING.
            "GIT_BUILD_REF": "main",
            "GIT_REPO_URL": "https://git.example/shop.git",
            "CREDENTIALS_ID": "a",
            "TENCENT_CREDENTIALS_ID": "b",
        }
        changed = {name: value for name, value in (environment | values).items() if os.environ.get(name) != value}
        print(str(ROOT / file), *(f"{name}={value}" for name, value in changed.items()), sep="\t", file=self.process.stdin, flush=True)
        printed = ""
        for line in self.process.stdout:
            printed += line
            if line.startswith("RESULT "):
                break
        assert printed.endswith(f"RESULT {result}\n"), f"{file}: not {result}\n{printed}"
        return printed


def on_jenkins(project: Project, jenkins: Jenkins, file: str, page: str) -> None:
    report = project.folder / ".scfctl" / "report"
    project.scfctl("deploy", "--publish", "--traffic", "0")
    project.change()
    printed = jenkins.run(file, project, "SUCCESS", FLOW="canary")
    assert printed.count("INPUT ") == 2, printed
    project.expect({"2": 1})
    routed = re.findall(r"UpdateAlias.*|PublishVersion", printed)
    assert len(routed) == 4 and "0.1" in routed[0] and "PublishVersion" in routed[2], routed

    project.scfctl("create-alias", "--alias", "prod", "--version", "2", "--no-weights")
    project.change()
    jenkins.run(file, project, "SUCCESS", FLOW="rollout")
    project.expect({"3": 1}, "prod")
    project.report(report, "done", page)
    project.configure(HELD)
    project.change()
    printed = jenkins.run(file, project, "UNSTABLE", FLOW="rollout", number="7")
    assert "JUNIT .scfctl/report/report.xml" in printed
    project.report(report, "held", page)
    jenkins.run(file, project, "SUCCESS", FLOW="rollback", ALIAS="prod")
    project.expect({"3": 1}, "prod")
    jenkins.run(file, project, "FAILURE", FLOW="rollout", number="7")
    project.report(report, "rolled-back", page)


def versions_agree() -> None:
    """What the pipelines install is this version."""
    files = [file for file in (ROOT / "ci").rglob("*") if file.is_file()]
    found = {
        (file.name, version)
        for file in files
        for version in re.findall(r"SCFCTL_VERSION(?: =|:) '?([0-9.]+)|OWNER/scfctl@v([0-9.]+)", file.read_text())
    }
    assert len(files) == 7, files
    assert {name for name, _ in found} == {file.name for file in files}, found
    assert {version for _, both in found for version in both if version} == {VERSION}, found
    assert load("action.yml")["inputs"]["version"]["default"] == VERSION


def lint() -> None:
    """The shell in the YAML, which the linters of workflows do not read here."""
    scripts = [step["run"] for step in load("action.yml")["runs"]["steps"] if "run" in step]
    for file in [*(ROOT / "ci" / "github").glob("*.yml"), *(ROOT / ".github" / "workflows").glob("*.yml")]:
        for job in load(file)["jobs"].values():
            scripts += [step["run"] for step in job["steps"] if "run" in step]
    for file in (ROOT / "ci" / "gitlab").glob("*.yml"):
        for job in load(file).values():
            if isinstance(job, dict):
                scripts += ["\n".join(job[key]) for key in ["before_script", "script"] if key in job]
    assert len(scripts) > 25, len(scripts)
    # An expression is replaced before the shell sees it. `$DEFAULT` in single quotes is meant (SC2016).
    scripts = [re.sub(r"\$\{\{.*?\}\}", "value", script) for script in scripts]
    for script in scripts:
        subprocess.run(["shellcheck", "--shell=bash", "--exclude=SC2016", "-"], input=script, text=True, check=True)


def timed(name: str, part, *arguments, **named):
    began = time.monotonic()
    result = part(*arguments, **named)
    print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
    return result


def main() -> None:
    binary, packages, work = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    versions_agree()
    timed("shell in YAML", lint)
    process = subprocess.Popen([binary, "local", "serve"], stdout=subprocess.PIPE, text=True, env=without_keys())
    try:
        server = {"registry": Registry(packages).url}
        while not {"url", "secretId", "secretKey"} <= server.keys():
            name, value = process.stdout.readline().split(":", 1)
            server[name] = value.strip()
        projects = {name: Project(name, binary, server, work) for name in ["github", "gitlab", "jenkins", "coding"]}

        def groovy() -> None:
            jenkins = Jenkins(server)
            timed("Jenkins", on_jenkins, projects["jenkins"], jenkins, "ci/jenkins/Jenkinsfile", "report.html")
            timed("CODING", on_jenkins, projects["coding"], jenkins, "ci/coding/Jenkinsfile", "index.html")
            jenkins.process.stdin.close()
            jenkins.process.wait(10)

        with concurrent.futures.ThreadPoolExecutor() as threads:
            running = [threads.submit(groovy)]
            running.append(threads.submit(timed, "GitHub", on_github, projects["github"]))
            running.append(threads.submit(timed, "GitLab", on_gitlab, projects["gitlab"]))
            for part in running:
                part.result()
    finally:
        process.terminate()
        process.wait(10)


def without_keys() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("TENCENT", "SCFCTL"))}


if __name__ == "__main__":
    main()
