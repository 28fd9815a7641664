# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.contrib.auth import get_user_model
from django.http import JsonResponse
from django.urls import path

urlpatterns = [
    path("", lambda request: JsonResponse({"service": "stand-in for xqueue"})),
    path("xqueue/status/", lambda request: JsonResponse({"return_code": 0, "users": get_user_model().objects.count()})),
]
