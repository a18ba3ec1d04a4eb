#!/usr/bin/env python3
"""Drives the COS of a local SCF with the official Python SDK, which we did not write.

    cos_sdk.py http://127.0.0.1:PORT SECRET_ID SECRET_KEY

The SDK's requests go through a proxy, which the local SCF is for them: so they carry the hosts
that they have in the cloud. Prints a line for each check, and `N passed, N failed` at the end.
"""

import argparse
import hashlib
import io
import logging
import sys
import time
import urllib.error
import urllib.request
import zipfile

import requests
from qcloud_cos import CosClientError, CosConfig, CosS3Client, CosServiceError
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import (
    TencentCloudSDKException,
)

from python_sdk import Checks, make_client, request

REGION = "ap-guangzhou"
BUCKET = "interop-cos-1250000000"


def spell(answer, *_, **__):
    """Gives headers the spelling of the cloud.

    The SDK looks them up in a plain dictionary, so it depends on capitals that mean nothing in HTTP
    and that the local SCF's HTTP library does not send.
    """
    for name in ["ETag", "Content-Length", "Last-Modified"]:
        if name in answer.headers:
            value = answer.headers.pop(name)
            answer.headers[name] = value


def client(arguments, secret_key=None, region=REGION):
    """Returns a client that reaches the local SCF for every host."""
    host = arguments.url.removeprefix("http://")
    session = requests.Session()
    session.hooks["response"].append(spell)
    return CosS3Client(
        CosConfig(
            Region=region,
            SecretId=arguments.secret_id,
            SecretKey=secret_key or arguments.secret_key,
            Scheme="http",
            Proxies={"http": host},
        ),
        retry=0,
        session=session,
    )


def refused(checks, name, code, call):
    """Checks that a call is refused with a code."""
    try:
        call()
    except CosServiceError as error:
        checks.equal(name, error.get_error_code(), code)
    except CosClientError as error:
        checks.equal(name, repr(error), code)
    else:
        checks.equal(name, "accepted", code)


def package():
    """Returns a zip of one file that does not get smaller."""
    buffer = io.BytesIO()
    noise = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(100_000))
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.py", "def main_handler(event, context):\n    return 1\n")
        archive.writestr("noise", noise)
    return buffer.getvalue()


def buckets(checks, cos):
    """Makes a bucket, sets its rule and reads it back."""
    cos.create_bucket(Bucket=BUCKET)
    refused(
        checks,
        "a bucket is made once",
        "BucketAlreadyOwnedByYou",
        lambda: cos.create_bucket(Bucket=BUCKET),
    )
    cos.head_bucket(Bucket=BUCKET)
    checks.equal("bucket_exists", cos.bucket_exists(Bucket=BUCKET), True)
    rule = {
        "ID": "deleteObject",
        "Status": "Enabled",
        "Filter": "",
        "Expiration": {"Days": "10"},
    }
    cos.put_bucket_lifecycle(Bucket=BUCKET, LifecycleConfiguration={"Rule": [rule]})
    found = cos.get_bucket_lifecycle(Bucket=BUCKET)
    checks.equal("the rule that was set", found["Rule"][0]["Expiration"]["Days"], "10")
    names = [bucket["Name"] for bucket in cos.list_buckets()["Buckets"]["Bucket"]]
    checks.equal("list_buckets", BUCKET in names, True)


def objects(checks, cos, code):
    """Stores, reads, lists and deletes objects."""
    answer = cos.put_object(
        Bucket=BUCKET, Body=code, Key="发布/a b+c&d~.zip", EnableMD5=True, Metadata={"x-cos-meta-by": "sdk"}
    )
    checks.equal("the ETag is the MD5", answer["ETag"].strip('"'), hashlib.md5(code).hexdigest())
    body = cos.get_object(Bucket=BUCKET, Key="发布/a b+c&d~.zip")["Body"].get_raw_stream().read()
    checks.equal("what is read is what was stored", body, code)
    part = cos.get_object(Bucket=BUCKET, Key="发布/a b+c&d~.zip", Range="bytes=2-3")
    checks.equal("a range", part["Body"].get_raw_stream().read(), code[2:4])
    head = cos.head_object(Bucket=BUCKET, Key="发布/a b+c&d~.zip")
    checks.equal("head_object", int(head["Content-Length"]), len(code))
    refused(
        checks,
        "a wrong checksum",
        "BadDigest",
        lambda: cos.put_object(
            Bucket=BUCKET, Body=code, Key="bad", ContentMD5="CY9rzUYh03PK3k6DJie09g=="
        ),
    )
    refused(
        checks, "no such object", "NoSuchResource", lambda: cos.head_object(Bucket=BUCKET, Key="no")
    )
    refused(
        checks, "no such key", "NoSuchKey", lambda: cos.get_object(Bucket=BUCKET, Key="no")
    )
    cos.delete_object(Bucket=BUCKET, Key="发布/a b+c&d~.zip")
    checks.equal(
        "object_exists", cos.object_exists(Bucket=BUCKET, Key="发布/a b+c&d~.zip"), False
    )


def multipart(checks, cos, code):
    """Uploads in parts: by hand, by the SDK's own uploader, and aborted."""
    key = "code.zip"
    upload_id = cos.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
    size = 1 << 20
    etags = []
    for number in range(1, 2 + (len(code) - 1) // size):
        part = code[(number - 1) * size : number * size]
        answer = cos.upload_part(
            Bucket=BUCKET, Key=key, Body=part, PartNumber=number, UploadId=upload_id, EnableMD5=True
        )
        etags.append({"PartNumber": number, "ETag": answer["ETag"]})
    listed = cos.list_parts(Bucket=BUCKET, Key=key, UploadId=upload_id)["Part"]
    checks.equal("list_parts", len(listed), len(etags))
    refused(
        checks,
        "a part that is not what was uploaded",
        "InvalidPart",
        lambda: cos.complete_multipart_upload(
            Bucket=BUCKET,
            Key=key,
            UploadId=upload_id,
            MultipartUpload={"Part": [{"PartNumber": 1, "ETag": '"0"'}]},
        ),
    )
    answer = cos.complete_multipart_upload(
        Bucket=BUCKET, Key=key, UploadId=upload_id, MultipartUpload={"Part": etags}
    )
    checks.equal("the ETag counts the parts", answer["ETag"].strip('"').split("-")[1], str(len(etags)))
    body = cos.get_object(Bucket=BUCKET, Key=key)["Body"].get_raw_stream().read()
    checks.equal("the parts are put together", body, code)

    aborted = cos.create_multipart_upload(Bucket=BUCKET, Key="aborted")["UploadId"]
    cos.abort_multipart_upload(Bucket=BUCKET, Key="aborted", UploadId=aborted)
    refused(
        checks,
        "an aborted upload is gone",
        "NoSuchUpload",
        lambda: cos.list_parts(Bucket=BUCKET, Key="aborted", UploadId=aborted),
    )
    cos.upload_file_from_buffer(Bucket=BUCKET, Key="sdk.zip", Body=io.BytesIO(code), PartSize=1)
    head = cos.head_object(Bucket=BUCKET, Key="sdk.zip")
    checks.equal("the SDK's own uploader", int(head["Content-Length"]), len(code))
    checks.equal(
        "one checksum, however it was uploaded",
        head["x-cos-hash-crc64ecma"],
        cos.head_object(Bucket=BUCKET, Key=key)["x-cos-hash-crc64ecma"],
    )
    listed = cos.list_objects(Bucket=BUCKET, Prefix="s", MaxKeys=1)
    checks.equal("list_objects", [item["Key"] for item in listed["Contents"]], ["sdk.zip"])


def signatures(checks, arguments, cos):
    """What is signed wrongly is refused; what is signed beforehand is served."""
    other = client(arguments, secret_key="no")
    refused(
        checks,
        "a wrong key",
        "SignatureDoesNotMatch",
        lambda: other.get_object(Bucket=BUCKET, Key="code.zip"),
    )
    elsewhere = client(arguments, region="ap-shanghai")
    refused(
        checks,
        "another region",
        "NoSuchBucket",
        lambda: elsewhere.get_object(Bucket=BUCKET, Key="code.zip"),
    )
    url = cos.get_presigned_url(Method="GET", Bucket=BUCKET, Key="code.zip", Expired=60)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": arguments.url}))
    with opener.open(url) as answer:
        checks.equal("a signed address", answer.status, 200)
    try:
        opener.open(url.replace("code.zip", "sdk.zip"))
        checks.equal("a signed address of another object", 200, 403)
    except urllib.error.HTTPError as error:
        checks.equal("a signed address of another object", error.code, 403)


def function(checks, arguments, code):
    """A function is given its code from the bucket."""
    key = credential.Credential(arguments.secret_id, arguments.secret_key)
    scf = make_client(arguments.url.removeprefix("http://"), key)
    scf.CreateFunction(
        request(
            "CreateFunction",
            FunctionName="interop-cos",
            Runtime="Python3.9",
            Handler="index.main_handler",
            Code={
                "CosBucketName": BUCKET.removesuffix("-1250000000"),
                "CosObjectName": "/code.zip",
            },
        )
    )
    found = None
    for _ in range(100):
        try:
            found = scf.GetFunctionAddress(request("GetFunctionAddress", FunctionName="interop-cos"))
            break
        except TencentCloudSDKException:  # Still being created.
            time.sleep(0.1)
    checks.equal("the function's code", found.CodeSha256, hashlib.sha256(code).hexdigest())


def main():
    """Runs every check."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("secret_id")
    parser.add_argument("secret_key")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    checks = Checks()
    cos = client(arguments)
    code = package()
    buckets(checks, cos)
    objects(checks, cos, code)
    multipart(checks, cos, code)
    signatures(checks, arguments, cos)
    function(checks, arguments, code)
    for item in ["code.zip", "sdk.zip"]:
        cos.delete_object(Bucket=BUCKET, Key=item)
    cos.delete_bucket(Bucket=BUCKET)
    checks.equal("the bucket is gone", cos.bucket_exists(Bucket=BUCKET), False)
    print(f"{checks.passed} passed, {checks.failed} failed")
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
