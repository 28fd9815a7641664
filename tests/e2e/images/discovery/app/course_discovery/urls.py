# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from course_discovery.apps.core.models import Partner
from django.http import JsonResponse
from django.urls import path

urlpatterns = [
    path("", lambda request: JsonResponse({"service": "stand-in for discovery"})),
    path("health/", lambda request: JsonResponse({"overall_status": "OK", "partners": Partner.objects.count()})),
]
