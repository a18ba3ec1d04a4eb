"""What the scripts of this folder share: the targets, the version, and the names of archives."""

import gzip
import io
import pathlib
import stat
import tarfile
import tomllib
import typing
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

# The earliest time that a zip can hold is that of 1980.
FIRST_DATE = (1980, 1, 1, 0, 0, 0)


class Target(typing.NamedTuple):
    """A row of targets.tsv."""

    name: str
    runner: str
    npm_os: str
    npm_cpu: str
    format: str

    @property
    def binary(self) -> str:
        return "scfctl.exe" if self.npm_os == "win32" else "scfctl"

    @property
    def npm_package(self) -> str:
        return f"@scfctl/{self.npm_os}-{self.npm_cpu}"

    def folder(self, version: str) -> str:
        """The folder inside the archive."""
        return f"scfctl-{version}-{self.name}"

    def archive(self, version: str) -> str:
        return f"{self.folder(version)}.{self.format}"


def targets() -> list[Target]:
    lines = (ROOT / "packaging" / "targets.tsv").read_text().splitlines()
    return [Target(*line.split("\t")) for line in lines if not line.startswith("#")]


def target(name: str) -> Target:
    for found in targets():
        if found.name == name:
            return found
    raise SystemExit(f"{name} is not in packaging/targets.tsv")


def manifest() -> dict:
    """Cargo.toml's `package`."""
    return tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]


def version() -> str:
    return manifest()["version"]


def repository() -> str:
    """The address that releases are downloaded from, without a slash at its end."""
    return manifest()["repository"].rstrip("/")


def write_archive(path: pathlib.Path, folder: str, files: list[tuple[str, pathlib.Path, bool]]) -> None:
    """Writes (name, file, whether executable) below `folder`: the same bytes for the same files, whoever packs
    them and when."""
    if path.name.endswith(".zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, file, executable in sorted(files):
                entry = zipfile.ZipInfo(f"{folder}/{name}", FIRST_DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3
                entry.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
                archive.writestr(entry, file.read_bytes())
        return
    with path.open("wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for name, file, executable in sorted(files):
                content = file.read_bytes()
                entry = tarfile.TarInfo(f"{folder}/{name}")
                entry.size = len(content)
                entry.mode = 0o755 if executable else 0o644
                archive.addfile(entry, io.BytesIO(content))


def read_binary(archive: pathlib.Path, of: Target, version: str) -> bytes:
    """The binary inside an archive that `write_archive` made."""
    name = f"{of.folder(version)}/{of.binary}"
    if of.format == "zip":
        with zipfile.ZipFile(archive) as opened:
            return opened.read(name)
    with tarfile.open(archive) as opened:
        member = opened.extractfile(name)
        assert member is not None
        return member.read()
