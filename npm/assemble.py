#!/usr/bin/env python3
"""Makes the npm packages of a release out of its archives, and packs them:

    assemble.py ARCHIVES OUT [TARGET…]

ARCHIVES is the folder with the archives of packaging/archive.py. OUT gets a folder and a .tgz for each package.
Without TARGET all of packaging/targets.tsv have to be there."""

import json
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "packaging"))
import release  # noqa: E402


def write(folder: pathlib.Path, manifest: dict) -> None:
    # npm shows where a package comes from, and compares it with its provenance.
    manifest["repository"] = {"type": "git", "url": f"git+{release.repository()}.git"}
    manifest["homepage"] = release.repository()
    (folder / "package.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    shutil.copy(release.ROOT / "LICENSE", folder / "LICENSE")


def own(name: str, out: pathlib.Path, version: str, **dependencies: dict) -> pathlib.Path:
    """A package that stands in this folder."""
    folder = out / name
    shutil.copytree(HERE / name, folder)
    manifest = json.loads((folder / "package.json").read_text())
    write(folder, manifest | {"version": version} | dependencies)
    return folder


def platform(of: release.Target, archives: pathlib.Path, out: pathlib.Path, version: str) -> pathlib.Path:
    folder = out / of.npm_package
    binary = folder / "bin" / of.binary
    binary.parent.mkdir(parents=True)
    binary.write_bytes(release.read_binary(archives / of.archive(version), of, version))
    binary.chmod(0o755)
    (folder / "README.md").write_text(f"# {of.npm_package}\n\nThe binary of scfctl for {of.name}; install `scfctl`.\n")
    write(
        folder,
        {
            "name": of.npm_package,
            "version": version,
            "description": f"The binary of scfctl for {of.name}",
            "license": "MIT",
            "os": [of.npm_os],
            "cpu": [of.npm_cpu],
            "files": ["bin"],
            # Zipped packages of Yarn cannot start a program.
            "preferUnplugged": True,
        },
    )
    return folder


def main() -> None:
    archives, out = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    version, every = release.version(), release.targets()
    wanted = [release.target(name) for name in sys.argv[3:]] or every
    out.mkdir(parents=True)
    folders = [platform(of, archives, out, version) for of in wanted]
    folders.append(own("scfctl", out, version, optionalDependencies={of.npm_package: version for of in every}))
    folders.append(own("scfctl-sls", out, version, dependencies={"scfctl": version}))
    # On Windows it is npm.cmd, which has to be called by its whole name.
    npm = shutil.which("npm") or "npm"
    subprocess.run([npm, "pack", "--silent", "--pack-destination", out, *folders], check=True)


if __name__ == "__main__":
    main()
