# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the LMS and the CMS answer."""

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.urls import path
from oauth2_provider.views import TokenView

from .checks import database


def home(request):
    return HttpResponse(f"<html><title>{settings.PLATFORM_NAME}</title>stand-in for the {settings.VARIANT}</html>")


def heartbeat(request):
    return JsonResponse({"database": database()})


def courses(request):
    return JsonResponse({"results": [], "pagination": {"count": 0}})


urlpatterns = [
    path("", home),
    path("heartbeat", heartbeat),
    path("api/mfe_config/v1", lambda request: JsonResponse(settings.MFE_CONFIG)),
    path("api/courses/v1/courses/", courses),
    path("oauth2/access_token", TokenView.as_view()),
]
