#!/usr/bin/env python3
"""Drives a local SCF with the official Python SDK, which we did not write.

    python_sdk.py http://127.0.0.1:PORT SECRET_ID SECRET_KEY

Prints a line for each check, and `N passed, N failed` at the end.
"""

import argparse
import base64
import hashlib
import io
import json
import sys
import time
import urllib.request
import zipfile
from unittest import mock

from tencentcloud.common import abstract_client, credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import (
    TencentCloudSDKException,
)
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.scf.v20180416 import models, scf_client

FUNCTION = "interop-sdk"
REGION = "ap-guangzhou"


class Checks:
    """Counts checks, and says how each went."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def equal(self, name, found, wanted):
        """Checks that a value is the one wanted."""
        if found == wanted:
            self.passed += 1
            print(f"ok      {name}")
        else:
            self.failed += 1
            print(f"FAILED  {name}: found {found!r}, wanted {wanted!r}")

    def refused(self, name, code, call):
        """Checks that a call is refused with a code."""
        try:
            call()
        except TencentCloudSDKException as error:
            self.equal(name, error.get_code(), code)
        else:
            self.equal(name, "accepted", code)


def package(text):
    """Returns a zip of one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.py", text)
    return buffer.getvalue()


def request(name, **parameters):
    """Returns a request of the SDK with its parameters."""
    made = getattr(models, f"{name}Request")()
    made.from_json_string(json.dumps(parameters))
    return made


def make_client(endpoint, key, method="TC3-HMAC-SHA256", verb="POST"):
    """Returns a client that signs in a way and sends by a verb."""
    http = HttpProfile(protocol="http", endpoint=endpoint, reqMethod=verb)
    profile = ClientProfile(httpProfile=http, signMethod=method)
    return scf_client.ScfClient(key, REGION, profile)


def wait_active(client, qualifier="$LATEST"):
    """Waits until a version is usable, and returns its last status."""
    status = "never seen"
    for _ in range(100):
        try:
            answer = client.GetFunction(
                request("GetFunction", FunctionName=FUNCTION, Qualifier=qualifier)
            )
        except TencentCloudSDKException as error:
            # A version may be unseen while it is published.
            if error.get_code() != "ResourceNotFound.Version":
                raise
        else:
            status = answer.Status
            if status not in ("Creating", "Updating", "Publishing"):
                break
        time.sleep(0.05)
    return status


def functions_and_versions(checks, client):
    """Creates, updates, publishes and lists."""
    first, second = package("def main_handler(e, c): pass\n"), package("# 灰度\n")
    client.CreateFunction(
        request(
            "CreateFunction",
            FunctionName=FUNCTION,
            Runtime="Python3.9",
            Handler="index.main_handler",
            Description="made by the SDK, 中文",
            MemorySize=128,
            Timeout=3,
            Code={"ZipFile": base64.b64encode(first).decode()},
            Environment={"Variables": [{"Key": "STAGE", "Value": "test"}]},
        )
    )
    checks.equal("a created function becomes Active", wait_active(client), "Active")
    found = client.GetFunction(request("GetFunction", FunctionName=FUNCTION))
    checks.equal("its description", found.Description, "made by the SDK, 中文")
    checks.equal("its environment", found.Environment.Variables[0].Value, "test")
    checks.refused(
        "a second creation",
        "ResourceInUse.Function",
        lambda: client.CreateFunction(
            request(
                "CreateFunction",
                FunctionName=FUNCTION,
                Runtime="Python3.9",
                Handler="index.main_handler",
                Code={"ZipFile": base64.b64encode(first).decode()},
            )
        ),
    )
    published = client.PublishVersion(
        request("PublishVersion", FunctionName=FUNCTION, Description="first")
    )
    checks.equal("the first version's number", published.FunctionVersion, "1")
    checks.equal("it becomes Active", wait_active(client, "1"), "Active")
    wait_active(client)

    client.UpdateFunctionCode(
        request(
            "UpdateFunctionCode",
            FunctionName=FUNCTION,
            ZipFile=base64.b64encode(second).decode(),
        )
    )
    checks.equal("updated code becomes Active", wait_active(client), "Active")
    client.UpdateFunctionConfiguration(
        request("UpdateFunctionConfiguration", FunctionName=FUNCTION, MemorySize=256)
    )
    wait_active(client)
    published = client.PublishVersion(request("PublishVersion", FunctionName=FUNCTION))
    checks.equal("the second version's number", published.FunctionVersion, "2")
    wait_active(client, "2")
    wait_active(client)

    for qualifier, memory, content in (("1", 128, first), ("2", 256, second)):
        found = client.GetFunction(
            request("GetFunction", FunctionName=FUNCTION, Qualifier=qualifier)
        )
        checks.equal(f"memory of version {qualifier}", found.MemorySize, memory)
        address = client.GetFunctionAddress(
            request("GetFunctionAddress", FunctionName=FUNCTION, Qualifier=qualifier)
        )
        digest = hashlib.sha256(content).hexdigest()
        checks.equal(f"hash of version {qualifier}", address.CodeSha256, digest)
        with urllib.request.urlopen(address.Url, timeout=10) as answer:
            checks.equal(f"code of version {qualifier}", answer.read(), content)
    listed = client.ListVersionByFunction(
        request("ListVersionByFunction", FunctionName=FUNCTION, Limit=20)
    )
    names = sorted(version.Version for version in listed.Versions)
    checks.equal("all versions are listed", names, ["$LATEST", "1", "2"])
    checks.equal("and counted", listed.TotalCount, 3)


def aliases(checks, client):
    """Creates, changes, lists and deletes aliases."""
    def routing(weight):
        entry = {"Version": "2", "Weight": weight}
        return {"AdditionalVersionWeights": [entry]}

    def weights(name):
        found = client.GetAlias(request("GetAlias", FunctionName=FUNCTION, Name=name))
        entries = found.RoutingConfig.AdditionalVersionWeights
        return found.FunctionVersion, [(entry.Version, entry.Weight) for entry in entries]

    checks.equal("the default alias", weights("$DEFAULT"), ("$LATEST", []))
    client.CreateAlias(
        request(
            "CreateAlias",
            FunctionName=FUNCTION,
            Name="prod",
            FunctionVersion="1",
            RoutingConfig=routing(0.1),
            Description="live",
        )
    )
    checks.equal("a created alias", weights("prod"), ("1", [("2", 0.1)]))
    for share in (0.5, 1, 0):
        client.UpdateAlias(
            request(
                "UpdateAlias",
                FunctionName=FUNCTION,
                Name="prod",
                FunctionVersion="1",
                RoutingConfig=routing(share),
                Description="live",
            )
        )
        checks.equal(f"a share of {share}", weights("prod"), ("1", [("2", share)]))
    seen = set()
    for name in ("$DEFAULT", "prod"):
        answer = client.Invoke(
            request("Invoke", FunctionName=FUNCTION, Qualifier=name, ClientContext="{}")
        )
        seen.add((name, json.loads(answer.Result.RetMsg)["version"]))
    wanted = {("$DEFAULT", "$LATEST"), ("prod", "1")}
    checks.equal("calls go to the right versions", seen, wanted)
    listed = client.ListAliases(
        request("ListAliases", FunctionName=FUNCTION, Offset="0", Limit="20")
    )
    names = sorted(alias.Name for alias in listed.Aliases)
    checks.equal("all aliases are listed", names, ["$DEFAULT", "prod"])
    checks.refused(
        "a version in use is not deleted",
        "UnsupportedOperation.AliasBind",
        lambda: client.DeleteFunction(
            request("DeleteFunction", FunctionName=FUNCTION, Qualifier="1")
        ),
    )
    client.DeleteAlias(request("DeleteAlias", FunctionName=FUNCTION, Name="prod"))
    checks.refused(
        "a deleted alias is gone", "ResourceNotFound.Alias", lambda: weights("prod")
    )
    checks.refused(
        "the default alias stays",
        "InvalidParameterValue.Alias",
        lambda: client.DeleteAlias(
            request("DeleteAlias", FunctionName=FUNCTION, Name="$DEFAULT")
        ),
    )


def triggers(checks, client):
    """Binds a timer to the default alias."""
    created = client.CreateTrigger(
        request(
            "CreateTrigger",
            FunctionName=FUNCTION,
            TriggerName="tick",
            Type="timer",
            TriggerDesc="0 0 1 * * * *",
            Qualifier="$DEFAULT",
            Enable="OPEN",
        )
    )
    form = json.loads(created.TriggerInfo.TriggerDesc)
    checks.equal("a timer's form in answers", form, {"cron": "0 0 1 * * * *"})
    filters = [{"Name": "Qualifier", "Values": ["$DEFAULT"]}]
    listed = client.ListTriggers(
        request("ListTriggers", FunctionName=FUNCTION, Filters=filters)
    )
    checks.equal("it is listed", [it.TriggerName for it in listed.Triggers], ["tick"])
    client.DeleteTrigger(
        request(
            "DeleteTrigger",
            FunctionName=FUNCTION,
            TriggerName="tick",
            Type="timer",
            Qualifier="$DEFAULT",
        )
    )


def refusals(checks, endpoint, client, key):
    """Sends requests that must not get through."""
    def listing(client):
        return lambda: client.ListFunctions(request("ListFunctions"))

    key_id, secret, _ = key.get_credential_info()
    wrong = make_client(endpoint, credential.Credential(key_id, secret + "x"))
    checks.refused("a wrong key", "AuthFailure.SignatureFailure", listing(wrong))
    nobody = make_client(endpoint, credential.Credential("AKIDNOBODY", secret))
    checks.refused("an unknown id", "AuthFailure.SecretIdNotFound", listing(nobody))
    token = make_client(endpoint, credential.Credential(key_id, secret, "token"))
    checks.refused("a wrong token", "AuthFailure.TokenFailure", listing(token))
    for seconds in (-301, 301):
        with mock.patch.object(abstract_client, "time") as clock:
            clock.time.return_value = time.time() + seconds * 1.01
            checks.refused(
                f"a clock {seconds} seconds off",
                "AuthFailure.SignatureExpire",
                listing(client),
            )
    for name, code, action, parameters in (
        ("an unknown parameter", "UnknownParameter", "GetFunction",
         {"FunctionName": FUNCTION, "FunctionNmae": "x"}),
        ("an unknown nested parameter", "UnknownParameter", "UpdateAlias",
         {"FunctionName": FUNCTION, "Name": "$DEFAULT", "FunctionVersion": "1",
          "RoutingConfig": {"AdditionalVersionMatchs": []}}),
        ("a missing parameter", "MissingParameter", "GetAlias",
         {"FunctionName": FUNCTION}),
        ("a mistyped parameter", "InvalidParameter.Payload", "UpdateAlias",
         {"FunctionName": FUNCTION, "Name": "$DEFAULT", "FunctionVersion": 1}),
        ("an unknown action", "InvalidAction", "Deploy", {}),
    ):
        checks.refused(name, code, lambda: client.call_json(action, parameters))


def other_forms(checks, endpoint, key):
    """Signs and sends in the other ways that the SDK knows."""
    for method in ("TC3-HMAC-SHA256", "HmacSHA1", "HmacSHA256"):
        for verb in ("POST", "GET"):
            client = make_client(endpoint, key, method, verb)
            filters = [{"Name": "Runtime", "Values": ["Python3.9", "Go1"]}]
            listed = client.ListFunctions(
                request("ListFunctions", SearchKey=FUNCTION, Limit=5, Filters=filters)
            )
            names = [function.FunctionName for function in listed.Functions]
            checks.equal(f"{method} by {verb}", names, [FUNCTION])


def main():
    """Runs all checks and returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("secret_id")
    parser.add_argument("secret_key")
    arguments = parser.parse_args()
    endpoint = arguments.url.removeprefix("http://").rstrip("/")
    key = credential.Credential(arguments.secret_id, arguments.secret_key)
    client = make_client(endpoint, key)
    checks = Checks()
    try:
        functions_and_versions(checks, client)
        aliases(checks, client)
        triggers(checks, client)
        refusals(checks, endpoint, client, key)
        other_forms(checks, endpoint, key)
        client.DeleteFunction(request("DeleteFunction", FunctionName=FUNCTION))
    except TencentCloudSDKException as error:
        # The rest depends on what failed.
        checks.equal("no call fails unexpectedly", str(error), "")
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
