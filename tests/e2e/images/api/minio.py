#!/usr/bin/env python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MinIO as far as buckets and objects in a folder go. Checks the access key of a request, not its signature."""

import json
import os
import re
import sys
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from stub import Handler, serve

DATA = Path(sys.argv[-1])
POLICIES = DATA / ".policies.json"
ACCESS_KEY = os.environ["MINIO_ROOT_USER"]


def policies():
    return json.loads(POLICIES.read_text()) if POLICIES.exists() else {}


def error(status, code):
    return status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>", {"Content-Type": "application/xml"}


def decoded(body, headers):
    """The body without the frames of aws-chunked: SIZE[;signature] CRLF DATA CRLF, and so on until a size of 0."""
    if "aws-chunked" not in (headers.get("Content-Encoding") or ""):
        return body
    data, rest = b"", body
    while rest:
        head, _end, rest = rest.partition(b"\r\n")
        size = int(head.partition(b";")[0], 16)
        data, rest = data + rest[:size], rest[size + 2 :]
        if not size:
            break
    return data


class Storage(Handler):
    def answer(self, body):
        url = urlsplit(self.path)
        bucket, _slash, name = unquote(url.path).strip("/").partition("/")
        if ".." in [bucket, *name.split("/")]:
            return error(400, "InvalidArgument")
        if not self.is_allowed(bucket, name):
            return error(403, "AccessDenied")
        if not bucket:
            names = "".join(f"<Bucket><Name>{path.name}</Name></Bucket>" for path in sorted(DATA.iterdir()) if path.is_dir())
            return 200, f"<ListAllMyBucketsResult><Buckets>{names}</Buckets></ListAllMyBucketsResult>", {"Content-Type": "application/xml"}
        data = decoded(body, self.headers)
        return self.object(DATA / bucket, name, data) if name else self.bucket(DATA / bucket, url.query, data)

    def is_allowed(self, bucket, name):
        who = re.search(r"Credential=([^/]+)/", self.headers.get("Authorization") or "")
        if who:
            return who[1] == ACCESS_KEY
        return bucket in policies() and bool(name) and self.command in ("GET", "HEAD")

    def bucket(self, folder, query, data):
        if self.command == "PUT" and "policy" in query:
            POLICIES.write_text(json.dumps({**policies(), folder.name: json.loads(data)}))
            return 204, "", {}
        if self.command == "PUT" and folder.exists():
            return error(409, "BucketAlreadyOwnedByYou")
        if self.command == "PUT":
            folder.mkdir()
        return (200, "", {}) if folder.exists() else error(404, "NoSuchBucket")

    def object(self, folder, name, data):
        path = folder / name
        if self.command == "PUT" and folder.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            return 200, "", {"ETag": '"stand-in"'}
        if not path.is_file():
            return error(404, "NoSuchKey")
        if self.command == "DELETE":
            path.unlink()
            return 204, "", {}
        return 200, path.read_bytes(), {"ETag": '"stand-in"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}


class Console(Handler):
    def answer(self, body):
        return 200, "<html><title>stand-in for MinIO's console</title></html>", {}


threading.Thread(target=lambda: ThreadingHTTPServer(("0.0.0.0", 9001), Console).serve_forever(), daemon=True).start()
serve(9000, Storage)
