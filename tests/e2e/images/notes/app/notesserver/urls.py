# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.contrib.auth import get_user_model
from django.http import JsonResponse
from django.urls import path

urlpatterns = [
    path("", lambda request: JsonResponse({"service": "stand-in for notes"})),
    path("heartbeat/", lambda request: JsonResponse({"OK": True, "users": get_user_model().objects.count()})),
]
