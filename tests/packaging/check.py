#!/usr/bin/env python3
"""Packs a binary as a release does, and installs and runs what comes of it: check.py BINARY WORK MANUAL

Needs Node with npm, and what requirements.txt names. WORK is an empty folder, MANUAL what `cargo run --example man` wrote."""

import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import subprocess
import sys
import time

import cyclonedx.schema
import jsonschema_rs
from ruamel.yaml import YAML

from registry import Registry
from surroundings import LIMIT, clean

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))
import release  # noqa: E402

VERSION = release.version()
HERE = f"{platform.machine().replace('arm64', 'aarch64')}-unknown-linux-musl"

# What somebody may have set who runs this; nothing that is installed here sees it.
FOREIGN = {"TENCENT_SECRET_ID": "AKIDsomebodyElse", "SCFCTL_ENDPOINT": "http://127.0.0.1:9", "SCFCTL_RUN_ID": "somebody-else"}


def run(*command, code=0, **options) -> str:
    """What a command prints on stdout; on stderr too, if it is to fail."""
    options = {"cwd": ROOT, "text": True, "capture_output": True, "timeout": LIMIT} | options
    done = subprocess.run([str(word) for word in command], check=False, **options)
    printed = f"{done.stdout}\n{done.stderr}"
    assert done.returncode == code, f"{command}: exit code {done.returncode} instead of {code}\n{printed}"
    return printed if code else done.stdout


def workflow(name: str) -> dict:
    return YAML(typ="safe").load(ROOT / ".github" / "workflows" / name)


def names_agree(context: pathlib.Path) -> None:
    """Where archives are named: targets.tsv, release.yml, Cargo.toml for cargo binstall, the Dockerfile."""
    context.mkdir()
    table = [{"target": of.name, "runner": of.runner, "archive": of.format} for of in release.targets()]
    jobs = workflow("release.yml")["jobs"]
    assert jobs["build"]["strategy"]["matrix"]["include"] == table, "release.yml and targets.tsv differ"
    built = next(step["run"] for step in jobs["build"]["steps"] if "packaging/archive.py" in step.get("run", ""))
    assert "name=scfctl-${GITHUB_REF_NAME#v}-$TARGET" in built and "dist/$name.cdx.json" in built
    script = next(step["run"] for step in jobs["attest"]["steps"] if step.get("id") == "dist")
    assert "name=scfctl-${GITHUB_REF_NAME#v}-$TARGET" in script and "dist/$name.$ARCHIVE" in script

    binstall = release.manifest()["metadata"]["binstall"]
    for of in release.targets():
        found = binstall | binstall["overrides"].get(of.name, {})
        values = {
            "repo": release.repository(),
            "version": VERSION,
            "target": of.name,
            "bin": "scfctl",
            "binary-ext": ".exe" if of.npm_os == "win32" else "",
        }

        def rendered(template: str) -> str:
            return re.sub(r"\{ ([a-z-]+) \}", lambda place: values[place[1]], template)

        url = f"{release.repository()}/releases/download/v{VERSION}/{of.archive(VERSION)}"
        assert rendered(found["pkg-url"]) == url, found
        assert rendered(found["bin-dir"]) == f"{of.folder(VERSION)}/{of.binary}", found
        assert found["pkg-fmt"] == {"tar.gz": "tgz", "zip": "zip"}[of.format]

    # What Docker may see is enough for Cargo.
    seen = (ROOT / ".dockerignore").read_text().split()
    assert seen[0] == "*" and all(name.startswith("!") for name in seen[1:]), seen
    # The build wants --locked, and its linker what build.rs says.
    assert {"!Cargo.lock", "!build.rs"} <= set(seen), seen
    for name in seen[1:]:
        copy = shutil.copytree if (ROOT / name[1:]).is_dir() else shutil.copy
        copy(ROOT / name[1:], context / name[1:])
    run("cargo", "metadata", "--offline", "--locked", "--format-version=1", "--no-deps", cwd=context)

    rust = workflow("release.yml")["env"]["RUST"]
    assert workflow("ci.yml")["env"]["RUST"] == rust, "what is tested and what is released are built by another Rust"
    assert f"ARG RUST={rust}\n" in (ROOT / "Dockerfile").read_text(), "release.yml and Dockerfile build by another Rust"


def archives(binary: pathlib.Path, work: pathlib.Path, manual: pathlib.Path) -> pathlib.Path:
    """An archive for every target, with the true binary in that of this machine."""
    dist, other = work / "dist", work / "other"
    other.write_bytes(b"another system's\n")
    for of in release.targets():
        packed = binary if of.name == HERE else other
        run(sys.executable, "packaging/archive.py", of.name, packed, dist, manual)
        if packed == other:
            run(sys.executable, "packaging/archive.py", of.name, packed, work / "again", manual)
            first, again = ((folder / of.archive(VERSION)).read_bytes() for folder in [dist, work / "again"])
            assert first == again, f"{of.archive(VERSION)} is another one the second time"
        assert release.read_binary(dist / of.archive(VERSION), of, VERSION) == packed.read_bytes()
    # As a user unpacks them: everything is in one folder.
    unpacked = work / "unpacked"
    unpacked.mkdir()
    here = release.target(HERE)
    run("tar", "-xzf", dist / here.archive(VERSION), "-C", unpacked)
    assert [folder.name for folder in unpacked.iterdir()] == [here.folder(VERSION)]
    assert run(unpacked / here.folder(VERSION) / "scfctl", "--version") == f"scfctl {VERSION}\n"
    # A page for each command, where `man` looks for it.
    pages = {page.name for page in (unpacked / here.folder(VERSION) / "man" / "man1").iterdir()}
    assert {"scfctl.1", "scfctl-deploy.1", "scfctl-rollout-start.1"} <= pages, pages
    assert pages == {page.name for page in manual.iterdir()}, pages
    (work / "no manual").mkdir()
    assert "has no pages" in run(sys.executable, "packaging/archive.py", HERE, binary, work / "none", work / "no manual", code=1)
    return dist


def tags(work: pathlib.Path) -> None:
    """A release is refused where it would not be found."""
    script = [sys.executable, "packaging/tag.py"]
    assert "Cargo.toml says" in run(*script, "v9.9.9", release.repository(), code=1)
    assert "Cargo.toml says" in run(*script, f"v{VERSION}", "https://github.com/someone/else", code=1)
    tree = work / "tree"
    shutil.copytree(ROOT / "packaging", tree / "packaging")
    shutil.copy(ROOT / "Cargo.toml", tree)
    (tree / "CHANGELOG.md").write_text(f"# Changelog\n\n## {VERSION}\n\n- this\n\n## 0.0.1\n\n- that\n")
    script = [sys.executable, tree / "packaging" / "tag.py", f"v{VERSION}", release.repository()]
    assert run(*script) == "- this\n"
    (tree / "CHANGELOG.md").write_text(f"# Changelog\n## {VERSION} (today)\n- this\n- and this\n## 0.0.1\n- that\n")
    assert run(*script) == "- this\n- and this\n"
    (tree / "CHANGELOG.md").write_text(f"# Changelog\n## {VERSION}\n- this\n- and this\n")
    assert run(*script) == "- this\n- and this\n"
    for heading in ["Unreleased", f"{VERSION}-rc.1", f"{VERSION}.1"]:
        (tree / "CHANGELOG.md").write_text(f"# Changelog\n\n## {heading}\n\n- this\n")
        assert "says nothing" in run(*script, code=1), heading
    # npm would give what is not yet a release to everyone as the latest, and so would `latest` of the image.
    for other in [f"{VERSION}-rc.1", f"{VERSION}+1"]:
        manifest = (ROOT / "Cargo.toml").read_text().replace(f'version = "{VERSION}"', f'version = "{other}"', 1)
        (tree / "Cargo.toml").write_text(manifest)
        (tree / "CHANGELOG.md").write_text(f"# Changelog\n\n## {other}\n\n- this\n")
        assert "no whole release" in run(*script[:2], f"v{other}", release.repository(), code=1), other


def releases_are_checked(work: pathlib.Path) -> None:
    """Nothing is built of a commit that is not on main, or that the checks have not passed."""
    jobs = workflow("release.yml")["jobs"]
    assert jobs["checks"]["uses"] == "./.github/workflows/ci.yml" and "workflow_call" in workflow("ci.yml")["on"]
    assert set(jobs["build"]["needs"]) == {"tag", "checks"}, jobs["build"]["needs"]
    tagged = jobs["tag"]["steps"]
    assert tagged[0]["with"]["fetch-depth"] == 0, "the history is not there"
    script = next(step["run"] for step in tagged if "main" in step.get("name", ""))
    tree, clone = work / "upstream", work / "clone"
    author = {"GIT_CONFIG_GLOBAL": "/dev/null"}
    for word in ["AUTHOR", "COMMITTER"]:
        author |= {f"GIT_{word}_NAME": "a", f"GIT_{word}_EMAIL": "a@localhost"}
    environment = clean(work / "home") | author
    run("git", "init", "-q", "-b", "main", tree, env=environment)
    commits = {}
    for branch in ["main", "other"]:
        run("git", "checkout", "-q", "-B", branch, cwd=tree, env=environment)
        run("git", "commit", "-q", "--allow-empty", "-m", branch, cwd=tree, env=environment)
        commits[branch] = run("git", "rev-parse", "HEAD", cwd=tree, env=environment).strip()
    run("git", "clone", "-q", tree, clone, env=environment)
    for branch, code in [("main", 0), ("other", 1)]:
        run("bash", "-ec", script, cwd=clone, env=environment | {"GITHUB_SHA": commits[branch]}, code=code)
    # What can be tried nowhere else than there.
    steps = [step.get("run", "") for job in ["oldest-rust", "image", "other-systems"] for step in workflow("ci.yml")["jobs"][job]["steps"]]
    for wanted in ["cargo \"+$version\" build --release --locked", "docker build", "cargo test --locked --lib"]:
        assert any(wanted in step for step in steps), f"no step of ci.yml has {wanted}"
    assert any("packaging/reproducible" in step.get("run", "") for step in jobs["build"]["steps"])


def releases_can_be_made_again(work: pathlib.Path) -> None:
    """A run after one that came half-way ends with the same release: a GitHub of three commands in place of the real one."""
    jobs = workflow("release.yml")["jobs"]
    script = next(step["run"] for step in jobs["release"]["steps"] if step.get("name") == "GitHub release")
    script = re.sub(r"^packaging/tag.py .*$", 'echo notes >"$RUNNER_TEMP/notes.md"', script, flags=re.MULTILINE)
    programs = work / "bin"
    for folder in [programs, work / "dist"]:
        folder.mkdir(parents=True)
    for name in ["a.tar.gz", "b.zip"]:
        (work / "dist" / name).touch()
    (programs / "gh").write_text("""#!/bin/bash
set -e
verb=$2; shift 3
case $verb in
view) [ -d hub ] ;;
create) mkdir hub; touch hub/.draft; files=() ;;
upload) files=("$@") ;;
edit) case " $* " in *" --draft=false "*) rm -f hub/.draft ;; esac ;;
*) exit 2 ;;
esac
for file in "${files[@]}"; do
    case $file in --clobber) continue ;; esac
    [ ! -e fails ] || { rm fails; exit 1; }
    case " $* " in *" --clobber "*) ;; *) [ ! -e "hub/${file#*/}" ] ;; esac
    cp "$file" hub/
done
""")
    (programs / "gh").chmod(0o755)
    around = clean(work / "home")
    around |= {"PATH": f"{programs}:{around['PATH']}", "GITHUB_REF_NAME": "v1.0.0", "RUNNER_TEMP": str(work)}
    (work / "fails").touch()
    run("bash", "-ec", script, cwd=work, env=around, code=1)
    assert (work / "hub" / ".draft").exists(), "half a release is public"
    for _ in range(2):
        run("bash", "-ec", script, cwd=work, env=around)
        assert sorted(file.name for file in (work / "hub").iterdir()) == ["a.tar.gz", "b.zip"]
    # What compiles other people's crates signs nothing.
    assert jobs["build"]["permissions"] == {"contents": "read"} and jobs["release"]["needs"] == "attest"
    rows = [{key: row[key] for key in ["target", "archive"]} for row in jobs["build"]["strategy"]["matrix"]["include"]]
    assert jobs["attest"]["strategy"]["matrix"]["include"] == rows, "what is built and what is attested differ"


def flags_of_the_linker(work: pathlib.Path) -> None:
    """build.rs asks for what LLD alone knows where the compiler links with its own LLD, and nowhere else."""
    program = work / "build-script"
    run("rustc", "--edition=2024", "-o", program, ROOT / "build.rs")
    gnu = "x86_64-unknown-linux-gnu"
    own = work / "sysroot" / "lib" / "rustlib" / gnu / "bin" / "gcc-ld"
    own.mkdir(parents=True)
    (own / "ld.lld").touch()

    def flags(version: str, target: str = gnu, sysroot: str = "sysroot", **variables: str) -> str:
        compiler = work / "rustc"
        compiler.write_text(f'#!/bin/sh\ncase $1 in --version) echo "rustc {version}" ;; *) echo "{work / sysroot}" ;; esac\n')
        compiler.chmod(0o755)
        cargo = {"RUSTC": str(compiler), "TARGET": target, "HOST": gnu, "PROFILE": "release", "CARGO_CFG_TARGET_OS": "linux"}
        return run(program, env=clean(work / "home") | cargo | {"OUT_DIR": str(work)} | variables)

    for version in ["1.90.0 (1159e78c4 2025-09-14)", "1.95.0", "1.100.0-nightly", "2.0.0"]:
        assert "--icf=all" in flags(version), version
    for version in ["1.89.0 (29483883e 2025-08-04)", "1.9.0", "nothing"]:
        assert "--no-eh-frame-hdr" in flags(version) and "--icf" not in flags(version), version
    assert "--icf" not in flags("1.95.0", target="x86_64-unknown-linux-musl")
    assert "--icf" not in flags("1.95.0", sysroot="elsewhere")
    assert "--icf" not in flags("1.95.0", RUSTC_LINKER="clang")
    for given in ["-Clink-arg=-fuse-ld=bfd", "-C\x1flinker=clang", "-Clinker-features=-lld", "-Clink-self-contained=-linker"]:
        assert "--icf" not in flags("1.95.0", CARGO_ENCODED_RUSTFLAGS=given), given
    assert "--icf" in flags("1.95.0", CARGO_ENCODED_RUSTFLAGS="--remap-path-prefix=/a=/b\x1f-Cdebuginfo=1")
    assert flags("1.95.0", PROFILE="debug") == "cargo:rerun-if-changed=build.rs\n"


def line_ends(work: pathlib.Path) -> None:
    """A clone on Windows has the same bytes: of texts, and of pictures and recorded data, which nobody may convert."""
    run("git", "init", "-q", work / "attributes", env=clean(work / "home"))
    ask = ("git", "-c", f"core.attributesFile={ROOT / '.gitattributes'}", "check-attr", "text", "eol", "--")
    files = {"src/main.rs": ("auto", "lf"), ".ci/run": ("auto", "lf")}
    files |= {"docs/pictures/report.png": ("unset", "lf"), "tests/data/zip-selection.json": ("unset", "lf")}
    printed = run(*ask, *files, cwd=work / "attributes", env=clean(work / "home"))
    wanted = [f"{file}: {name}: {value}" for file, values in files.items() for name, value in zip(["text", "eol"], values)]
    assert printed.splitlines() == wanted, printed


def formula(dist: pathlib.Path) -> None:
    """The formula names each archive with its checksum, and nothing is left to fill in."""
    sums = {of.archive(VERSION): hashlib.sha256((dist / of.archive(VERSION)).read_bytes()) for of in release.targets()}
    (dist / "SHA256SUMS").write_text("".join(f"{value.hexdigest()}  {name}\n" for name, value in sums.items()))
    text = run(sys.executable, "packaging/homebrew/fill.py", dist / "SHA256SUMS")
    assert "@" not in text, text
    pairs = re.findall(r'url "(.*)"\n +sha256 "([0-9a-f]{64})"', text)
    wanted = {
        (f"{release.repository()}/releases/download/v{VERSION}/{name}", value.hexdigest())
        for name, value in sums.items()
        if "windows" not in name
    }
    assert set(pairs) == wanted and len(pairs) == len(wanted), text
    assert 'man1.install Dir["man/man1/*.1"]' in text, text
    if shutil.which("ruby"):
        run("ruby", "-c", input=text)


def bill_of_materials() -> None:
    """Valid, the same each time, and of what a system links: not of what only tests or builds."""
    schemas = pathlib.Path(cyclonedx.schema.__file__).parent / "_res"
    named = {file.name: json.loads(file.read_text()) for file in schemas.glob("*.SNAPSHOT.schema.json")}
    needed = [(f"http://cyclonedx.org/schema/{name}", schema) for name, schema in named.items()]
    schema = named["bom-1.6.SNAPSHOT.schema.json"]
    validator = jsonschema_rs.validator_for(schema, registry=jsonschema_rs.Registry(needed))
    crates = {}
    for name in [HERE, "x86_64-pc-windows-msvc"]:
        text = run(sys.executable, "packaging/sbom.py", name)
        document = json.loads(text)
        problems = [problem.message for problem in validator.iter_errors(document)]
        assert not problems, problems
        crates[name] = {component["name"] for component in document["components"]}
        assert all("hashes" in component for component in document["components"])
    assert text == run(sys.executable, "packaging/sbom.py", name), "another one the second time"
    document["components"][0]["type"] = "nonsense"
    assert not validator.is_valid(document)
    assert {"rustls", "ring", "tokio", "rustix"} <= crates[HERE]
    assert not {"proptest", "rcgen", "cc", "syn", "serde_derive", "windows-sys"} & crates[HERE], crates[HERE]
    assert "windows-sys" in crates["x86_64-pc-windows-msvc"]


def npm_packages(dist: pathlib.Path, work: pathlib.Path) -> None:
    packages = work / "packages"
    run(sys.executable, "npm/assemble.py", dist, packages)
    registry = Registry(packages)
    assert len(registry.packages) == len(release.targets()) + 2, registry.packages
    for name, (manifest, _) in registry.packages.items():
        assert manifest["version"] == VERSION and "scripts" not in manifest, manifest
        assert registry.packages["scfctl"][0]["optionalDependencies"].get(name, VERSION) == VERSION
    environment = clean(work / "home") | {
        "npm_config_registry": registry.url,
        "npm_config_cache": str(work / "npm-cache"),
        "npm_config_userconfig": str(work / "npmrc"),
        "npm_config_ignore_scripts": "true",
        "npm_config_update_notifier": "false",
        "npm_config_audit": "false",
    }

    def install(name: str, *words: str) -> pathlib.Path:
        folder = work / name
        folder.mkdir(exist_ok=True)
        (folder / "package.json").write_text("{}")
        run("npm", "install", "--no-fund", "--silent", *words, cwd=folder, env=environment)
        return folder

    of = release.target(HERE)
    here = install("installed", "scfctl")
    commands = here / "node_modules" / ".bin"
    # npm chose the package of this system, and fetched no other.
    assert os.listdir(here / "node_modules" / "@scfctl") == [of.npm_package.removeprefix("@scfctl/")]
    assert [asked for asked in registry.asked if asked.endswith(".tgz")] == [f"{VERSION}.tgz"] * 2, registry.asked
    assert os.listdir(commands) == ["scfctl"]
    assert run("npx", "scfctl", "--version", cwd=here, env=environment) == f"scfctl {VERSION}\n"
    assert "--nothing" in run(commands / "scfctl", "deploy", "--nothing", code=2, env=environment)
    shutil.copytree(ROOT / "examples" / "hello" / "src", here / "src")
    shutil.copy(ROOT / "examples" / "hello" / "serverless.yml", here)
    deploy = ("deploy", "--local", "--publish", "--traffic", "0.1")
    assert "lastVersion: " in run(commands / "scfctl", *deploy, cwd=here, env=environment)
    signals(commands / "scfctl", here, environment)

    # On request the other name, with the other layout.
    install("installed", "scfctl-sls")
    assert sorted(os.listdir(commands)) == ["scfctl", "sls"]
    printed = run(commands / "sls", *deploy, cwd=here, env=environment)
    assert "执行成功" in printed, printed

    # From the files, without any registry.
    files = [str(packages / f"scfctl{name}-{VERSION}.tgz") for name in ["", f"-{of.npm_os}-{of.npm_cpu}"]]
    alone = install("from-files", "--offline", *files)
    scfctl = alone / "node_modules" / ".bin" / "scfctl"
    assert run(scfctl, "--version") == f"scfctl {VERSION}\n"
    # As --omit=optional leaves it.
    shutil.rmtree(alone / "node_modules" / "@scfctl")
    printed = run(scfctl, "--version", code=1)
    assert f"{of.npm_package} is missing; install scfctl again, with optional dependencies" in printed, printed


def signals(program: pathlib.Path, folder: pathlib.Path, environment: dict[str, str]) -> None:
    """A signal to the process that npm's command is ends the binary behind it, and both are gone afterwards."""
    for sent in [signal.SIGTERM, signal.SIGINT]:
        server = subprocess.Popen(
            [program, "local", "serve"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            # Or a Ctrl-C here would be one there.
            start_new_session=True,
        )
        address = server.stdout.readline()
        assert address.startswith("url:"), address
        children = pathlib.Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        assert len(children) == 1, children
        server.send_signal(sent)
        code = server.wait(timeout=20)
        direct = {signal.SIGTERM: 143, signal.SIGINT: 130}[sent]
        assert code in (0, direct), code
        assert not pathlib.Path(f"/proc/{children[0]}").exists(), "the binary is still running"


def image(binary: pathlib.Path, work: pathlib.Path) -> None:
    """What the Dockerfile makes, started in a folder as it says, without Docker."""
    instructions = re.findall(r"^(FROM|USER|WORKDIR|ENV|ENTRYPOINT|COPY) (.*)$", (ROOT / "Dockerfile").read_text(), re.M)
    last = instructions[instructions.index(("FROM", "scratch")) :]
    values = dict(last)
    assert values["ENTRYPOINT"] == '["/usr/bin/scfctl"]'
    user = values["USER"]
    assert int(user.split(":")[0]) > 0, "the image runs as root"
    assert [value for name, value in last if name == "COPY"] == [
        "--from=image /image/root /",
        f"--from=image --chown={user} /image/own /",
    ]
    run("packaging/image/files", binary, work / "image")
    if os.getuid() != 0:
        print("SKIPPED: only root may change the root folder; the image's files were made and not started")
        return
    root = work / "root"
    run("cp", "-a", work / "image" / "root", root)
    run("cp", "-a", f"{work}/image/own/.", root)
    project = root / values["WORKDIR"].strip("/")
    shutil.copytree(ROOT / "examples" / "hello", project, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".scfctl"))
    run("chown", "-R", user, root / "home" / "scfctl", project)
    libraries = re.findall(r"(/\S+) \(0x", subprocess.run(["ldd", binary], capture_output=True, text=True).stdout)
    if libraries:
        print(f"the binary is not static (rustup target add {HERE}; packaging/build {HERE}): with its libraries")
    for library in libraries:
        (root / library.strip("/")).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, root / library.strip("/"))
    environment = dict(pair.split("=", 1) for pair in values["ENV"].split())
    # chroot itself is not in there.
    enter = [shutil.which("chroot"), f"--userspec={user}", root, "/bin/sh"]
    # In whatever language whoever runs this reads.
    assert "No such file" in run(*enter, "-c", "true", code=127, env=os.environ | {"LC_ALL": "C"}), "there is a shell in the image"
    enter[-1:] = ["/usr/bin/scfctl"]

    def start(*words: str, code=0, **variables: str) -> str:
        # `chroot` goes to /; a container starts in WORKDIR.
        return run(*enter, *words, code=code, env=environment | variables)

    assert start("--version") == f"scfctl {VERSION}\n"
    target = ("--target", values["WORKDIR"])
    for line in [["--publish", "--traffic", "0.1"], ["--traffic", "1.0"], ["--publish", "--traffic", "0"]]:
        printed = start("deploy", "--local", *target, *line)
    assert "routing: \n  2: 1\n" in printed, printed
    state = project / ".scfctl" / "local.json"
    assert state.stat().st_uid == int(user.split(":")[0])
    # The certificates are found: what fails is the connection. Without them it is another error.
    keys = {"TENCENT_SECRET_ID": "AKIDscfctlLocalExample", "TENCENT_SECRET_KEY": "scfctlLocalExampleKey"}
    call = ("list-alias", "--function", "shop", "--endpoint", "https://127.0.0.1:9", "--timeout", "3s")
    assert "Connection refused" in start(*call, code=1, **keys)
    (root / "etc/ssl/certs/ca-certificates.crt").unlink()
    printed = start(*call, code=1, **keys)
    assert "Connection refused" not in printed and "certificate" in printed, printed


def timed(name: str, part, *arguments):
    began = time.monotonic()
    result = part(*arguments)
    print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
    return result


def main() -> None:
    binary, work, manual = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    os.environ.update(FOREIGN)
    timed("names agree", names_agree, work / "context")
    timed("tags are checked", tags, work)
    timed("releases are checked", releases_are_checked, work)
    timed("releases can be made again", releases_can_be_made_again, work / "again")
    timed("flags of the linker", flags_of_the_linker, work)
    timed("line ends", line_ends, work)
    dist = timed("archives", archives, binary, work, manual)
    timed("Homebrew formula", formula, dist)
    timed("bill of materials", bill_of_materials)
    timed("npm packages", npm_packages, dist, work)
    timed("image", image, binary, work)


if __name__ == "__main__":
    main()
