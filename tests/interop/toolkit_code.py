#!/usr/bin/env python3
"""Puts the packages that toolkit.js deploys into the COS of a local SCF: it takes no object that is not there.

    toolkit_code.py http://127.0.0.1:PORT SECRET_ID SECRET_KEY
"""

import argparse
import io
import zipfile

from cos_sdk import client

BUCKET = "code-1250000000"


def main():
    parser = argparse.ArgumentParser()
    for name in ["url", "secret_id", "secret_key"]:
        parser.add_argument(name)
    cos = client(parser.parse_args())
    cos.create_bucket(Bucket=BUCKET)
    for name in ["first", "second"]:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as package:
            package.writestr("index.py", f"def main_handler(event, context):\n    return '{name}'\n")
        cos.put_object(Bucket=BUCKET, Key=f"{name}.zip", Body=content.getvalue())


if __name__ == "__main__":
    main()
