"""A local SCF with latency and transitions, and signed calls to it.

The calls prepare functions and check what the measured programs did. They are of our own, so that
the benchmark needs neither the peers nor scfctl for that.
"""

import hashlib
import hmac
import http.client
import io
import json
import os
import pathlib
import subprocess
import time
import zipfile

SCFCTL = pathlib.Path(__file__).resolve().parent.parent.parent / "target" / "release" / "scfctl"
REGION = "ap-guangzhou"
APP_ID = "1250000000"  # of the local SCF's account
ACTIVE_WITHIN = 30  # seconds


class Refused(Exception):
    """An answer that is an error; `args` are its code and message."""


def keyed(key, message, algorithm=hashlib.sha256):
    """Returns an HMAC."""
    return hmac.new(key, message.encode(), algorithm)


class LocalScf:
    """`scfctl local serve` while the `with` block runs."""

    def __init__(self, home, *options):
        # HOME of its own: neither profiles nor caches of the user count.
        self.home, self.options = home, options

    def __enter__(self):
        self.process = subprocess.Popen(
            [SCFCTL, "local", "serve", *self.options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        said = dict(self.process.stdout.readline().split(":", 1) for _ in range(3))
        self.url, self.secret_id, self.secret_key = (
            said[name].strip() for name in ("url", "secretId", "secretKey")
        )
        self.host = self.url.removeprefix("http://")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def environment(self):
        """Returns what leads scfctl and tccli to it."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "SCFCTL_ENDPOINT": self.url,
            "TENCENT_SECRET_ID": self.secret_id,
            "TENCENT_SECRET_KEY": self.secret_key,
            "TENCENTCLOUD_SECRET_ID": self.secret_id,
            "TENCENTCLOUD_SECRET_KEY": self.secret_key,
        }

    def send(self, method, path, body, headers):
        """Returns status and body of an answer."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def call(self, action, **parameters):
        """Calls an action of SCF (signature TC3-HMAC-SHA256); returns its response."""
        body, now = json.dumps(parameters), int(time.time())
        day = time.strftime("%Y-%m-%d", time.gmtime(now))
        canonical = (
            f"POST\n/\n\ncontent-type:application/json\nhost:{self.host}\n\ncontent-type;host\n"
            + hashlib.sha256(body.encode()).hexdigest()
        )
        scope = f"{day}/scf/tc3_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        key = f"TC3{self.secret_key}".encode()
        for part in (day, "scf", "tc3_request"):
            key = keyed(key, part).digest()
        signature = keyed(key, f"TC3-HMAC-SHA256\n{now}\n{scope}\n{digest}").hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-TC-Action": action,
            "X-TC-Version": "2018-04-16",
            "X-TC-Region": REGION,
            "X-TC-Timestamp": str(now),
            "Authorization": f"TC3-HMAC-SHA256 Credential={self.secret_id}/{scope}, "
            f"SignedHeaders=content-type;host, Signature={signature}",
        }
        response = json.loads(self.send("POST", "/", body, headers)[1])["Response"]
        if "Error" in response:
            raise Refused(response["Error"]["Code"], response["Error"]["Message"])
        return response

    def put(self, bucket, key="", content=b""):
        """Makes a bucket, or an object in it."""
        host = f"{bucket}-{APP_ID}.cos.{REGION}.myqcloud.com"
        times = f"{int(time.time()) - 60};{int(time.time()) + 600}"
        request = hashlib.sha1(f"put\n/{key}\n\nhost={host}\n".encode()).hexdigest()
        sign_key = keyed(self.secret_key.encode(), times, hashlib.sha1).hexdigest().encode()
        signature = keyed(sign_key, f"sha1\n{times}\n{request}\n", hashlib.sha1).hexdigest()
        authorization = (
            f"q-sign-algorithm=sha1&q-ak={self.secret_id}&q-sign-time={times}&q-key-time={times}"
            f"&q-header-list=host&q-url-param-list=&q-signature={signature}"
        )
        headers = {"Host": host, "Authorization": authorization}
        status, said = self.send("PUT", f"/{key}", content, headers)
        if status != 200:
            raise Refused(status, said.decode())

    def active(self, name, qualifier="$LATEST"):
        """Waits until a function is Active, and returns it."""
        until = time.monotonic() + ACTIVE_WITHIN
        while time.monotonic() < until:
            found = self.call("GetFunction", FunctionName=name, Qualifier=qualifier)
            if found["Status"] == "Active":
                return found
            time.sleep(0.02)
        raise Refused(found["Status"], f"{name} is not Active after {ACTIVE_WITHIN} s")

    def versions(self, name):
        """Returns the numbers of the published versions, the last one at the end."""
        listed = self.call("ListVersionByFunction", FunctionName=name, Limit=200)["Versions"]
        return sorted(int(one["Version"]) for one in listed if one["Version"] != "$LATEST")

    def routing(self, name):
        """Returns the weights of `$DEFAULT` by version; those of 0 are left out."""
        alias = self.call("GetAlias", FunctionName=name, Name="$DEFAULT")
        others = alias["RoutingConfig"]["AdditionalVersionWeights"]
        weights = {one["Version"]: one["Weight"] for one in others}
        weights[alias["FunctionVersion"]] = round(1 - sum(weights.values()), 6)
        return {version: weight for version, weight in weights.items() if weight}

    def route(self, name, version, traffic):
        """Gives `$LATEST` a share of `$DEFAULT`, and the rest to a version."""
        other = {"Version": str(version), "Weight": round(1 - traffic, 6)}
        self.call(
            "UpdateAlias",
            FunctionName=name,
            Name="$DEFAULT",
            FunctionVersion="$LATEST",
            RoutingConfig={"AdditionalVersionWeights": [other]},
        )


def package(source):
    """Returns a zip that holds index.py."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.py", source)
    return content.getvalue()
