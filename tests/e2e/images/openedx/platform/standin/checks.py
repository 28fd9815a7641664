# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One function for each service that the rendered settings name: it uses the service and says what came of it."""

import importlib
import time
import uuid

import meilisearch
import pymongo
from django.conf import settings
from django.contrib.sites.models import Site
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import send_mail


def database():
    return f"{Site.objects.count()} sites"


def cache():
    caches["default"].client.get_client().set("standin", "1")
    return "written to Redis"


def mongodb():
    parameters = settings.DOC_STORE_CONFIG
    client = pymongo.MongoClient(parameters["host"], parameters["port"], serverSelectionTimeoutMS=5000)
    collection = client[parameters["db"]].standin
    collection.replace_one({"_id": 1}, {"_id": 1}, upsert=True)
    return f"{collection.count_documents({})} document"


def search():
    indexes = meilisearch.Client(settings.MEILISEARCH_URL, settings.MEILISEARCH_API_KEY).get_indexes()["results"]
    return ", ".join(sorted(index.uid for index in indexes))


def storage():
    name = default_storage.save("standin/check.txt", ContentFile(b"content"))
    with default_storage.open(name) as stream:
        content = stream.read()
    default_storage.delete(name)
    assert content == b"content", content
    return settings.STORAGES["default"]["BACKEND"]


def mail():
    return f"{send_mail('check', 'text', settings.DEFAULT_FROM_EMAIL, ['nobody@example.com'])} sent"


def queue():
    """Sends a task to each worker and waits for it: the worker of the LMS, then that of the CMS."""
    return ", ".join(_wait_for_worker(variant) for variant in ("lms", "cms"))


def _wait_for_worker(variant):
    key = f"standin-{uuid.uuid4()}"
    app = importlib.import_module(f"{settings.VARIANT}.celery").app
    app.send_task("standin.ping", [key], queue=f"edx.{variant}.core.default")
    for _attempt in range(100):
        if caches["default"].get(key):
            return f"{variant}-worker answered"
        time.sleep(0.1)
    raise TimeoutError(f"{variant}-worker did not take the task")


CHECKS = (database, cache, mongodb, search, storage, mail, queue)
