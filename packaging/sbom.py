#!/usr/bin/env python3
"""Prints a bill of materials (CycloneDX 1.6, JSON) of the binary of a target: sbom.py TARGET

Listed is what the binary is made of: the crates that this target links, with the checksums of Cargo.lock. What
only builds or tests them is not in it."""

import json
import os
import subprocess
import sys
import tomllib
import uuid
from datetime import datetime, timezone

import release

NAMESPACE = uuid.UUID("5b5f3c0e-9a3e-4b0e-8d5e-0f7d3d3c6b1a")


def metadata(target: str) -> dict:
    command = ["cargo", "metadata", "--locked", "--format-version=1", f"--filter-platform={target}"]
    return json.loads(subprocess.run(command, cwd=release.ROOT, check=True, stdout=subprocess.PIPE).stdout)


def linked(found: dict) -> dict[str, list[str]]:
    """Ids of the packages that the binary links, each with those that it needs itself."""
    nodes = {node["id"]: node for node in found["resolve"]["nodes"]}
    macros = {
        package["id"]
        for package in found["packages"]
        if any("proc-macro" in kind["kind"] for kind in package["targets"])
    }
    result: dict[str, list[str]] = {}
    left = [found["resolve"]["root"]]
    while left:
        package = left.pop()
        if package in result:
            continue
        result[package] = [
            need["pkg"]
            for need in nodes[package]["deps"]
            if need["pkg"] not in macros and any(kind["kind"] is None for kind in need["dep_kinds"])
        ]
        left.extend(result[package])
    return result


def main() -> None:
    target = release.target(sys.argv[1])
    found = metadata(target.name)
    packages = {package["id"]: package for package in found["packages"]}
    needs = linked(found)
    lock = tomllib.loads((release.ROOT / "Cargo.lock").read_text())["package"]
    checksums = {(entry["name"], entry["version"]): entry.get("checksum") for entry in lock}

    def reference(identity: str) -> str:
        return f"pkg:cargo/{packages[identity]['name']}@{packages[identity]['version']}"

    def component(identity: str, kind: str) -> dict:
        package = packages[identity]
        described = {
            "type": kind,
            "bom-ref": reference(identity),
            "name": package["name"],
            "version": package["version"],
            "purl": reference(identity),
        }
        if package["license"]:
            # Crates of old write MIT/Apache-2.0.
            described["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
        checksum = checksums[package["name"], package["version"]]
        if checksum:
            described["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        if package["repository"]:
            described["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
        return described

    root = found["resolve"]["root"]
    time = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), timezone.utc)
    named = f"{target.folder(release.version())} {json.dumps(sorted(map(reference, needs)))}"
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, named)}",
        "version": 1,
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": component(root, "application"),
            "properties": [{"name": "rust:target", "value": target.name}],
        },
        "components": sorted(
            (component(identity, "library") for identity in needs if identity != root),
            key=lambda described: described["bom-ref"],
        ),
        "dependencies": sorted(
            (
                {"ref": reference(identity), "dependsOn": sorted(set(map(reference, below)))}
                for identity, below in needs.items()
            ),
            key=lambda entry: entry["ref"],
        ),
    }
    json.dump(document, sys.stdout, indent=2, sort_keys=False)
    print()


if __name__ == "__main__":
    main()
