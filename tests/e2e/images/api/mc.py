#!/usr/bin/env python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MinIO's client as far as Tutor's MinIO plugin calls it: config host add, mb, policy set. Its requests are really signed."""

import json
import sys
import time
from pathlib import Path

import boto3
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError

HOSTS = Path.home() / ".mc.json"


def client(alias):
    host = json.loads(HOSTS.read_text())[alias]
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}, connect_timeout=3)
    keys = {"aws_access_key_id": host["key"], "aws_secret_access_key": host["secret"]}
    return boto3.client("s3", endpoint_url=host["url"], region_name="us-east-1", config=config, **keys)


def add_host(alias, url, key, secret):
    HOSTS.write_text(json.dumps({alias: {"url": url, "key": key, "secret": secret}}))
    for _attempt in range(20):
        try:
            return client(alias).list_buckets()
        except BotoCoreError:
            time.sleep(0.5)
    sys.exit(f"mc: {url} does not answer")


def make_bucket(target):
    alias, _slash, bucket = target.partition("/")
    try:
        client(alias).create_bucket(Bucket=bucket)
    except ClientError as error:
        if "BucketAlready" not in str(error):
            raise


def set_policy(policy, target):
    alias, _slash, bucket = target.partition("/")
    client(alias).put_bucket_policy(Bucket=bucket, Policy=json.dumps({"stand-in": policy}))


arguments = sys.argv[1:]
if arguments[:3] == ["config", "host", "add"]:
    add_host(*arguments[3:7])
elif arguments[0] == "mb":
    for target in arguments[1:]:
        if not target.startswith("--"):
            make_bucket(target)
elif arguments[:2] == ["policy", "set"]:
    set_policy(*arguments[2:4])
else:
    sys.exit(f"mc: this stand-in does not know {' '.join(arguments)}")
print("mc:", *(argument for argument in arguments[:2]), "done")
