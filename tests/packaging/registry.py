"""A registry of npm on this machine that has the packages of a folder, and no others."""

import base64
import hashlib
import http.server
import json
import pathlib
import tarfile
import threading
import urllib.parse


class Registry:
    def __init__(self, folder: pathlib.Path):
        self.asked: list[str] = []
        self.packages: dict[str, tuple[dict, bytes]] = {}
        for file in folder.glob("*.tgz"):
            with tarfile.open(file) as archive:
                manifest = json.load(archive.extractfile("package/package.json"))
            self.packages[manifest["name"]] = (manifest, file.read_bytes())
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                registry.answer(self)

            def log_message(self, *_arguments) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        name, _, file = urllib.parse.unquote(request.path).lstrip("/").partition("/-/")
        self.asked.append(file or name)
        if name not in self.packages:
            self.send(request, 404, b'{"error": "not found"}', "application/json")
            return
        manifest, content = self.packages[name]
        if file:
            self.send(request, 200, content, "application/octet-stream")
            return
        version = manifest["version"]
        dist = {
            "tarball": f"{self.url}{name}/-/{version}.tgz",
            "integrity": "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode(),
            "shasum": hashlib.sha1(content).hexdigest(),
        }
        document = {
            "name": name,
            "dist-tags": {"latest": version},
            "versions": {version: manifest | {"dist": dist}},
        }
        self.send(request, 200, json.dumps(document).encode(), "application/json")

    @staticmethod
    def send(request: http.server.BaseHTTPRequestHandler, status: int, body: bytes, kind: str) -> None:
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
