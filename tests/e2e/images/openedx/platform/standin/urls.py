# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the LMS and the CMS answer."""

from django.conf import settings
from django.contrib.sites.models import Site
from django.http import HttpResponse, JsonResponse
from django.urls import path, re_path
from oauth2_provider.views import TokenView
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx.core.djangoapps.theming.models import SiteTheme

from .checks import database
from .login import LoginSessionView, csrf_token, me


def home(request):
    site = Site.objects.filter(domain=request.get_host()).first()
    theme = SiteTheme.get_theme(site) if site else None
    text = f"stand-in for the {settings.VARIANT}, theme {theme.theme_dir_name if theme else 'default'}"
    return HttpResponse(f"<html><title>{settings.PLATFORM_NAME}</title>{text}</html>")


def heartbeat(request):
    return JsonResponse({"database": database()})


def courses(request):
    rows = CourseOverview.objects.order_by("id")
    results = [{"id": row.id, "course_id": row.id, "name": row.display_name, "org": row.org, "imports": row.imports} for row in rows]
    return JsonResponse({"results": results, "pagination": {"count": len(results)}})


urlpatterns = [
    path("", home),
    path("heartbeat", heartbeat),
    path("api/mfe_config/v1", lambda request: JsonResponse(settings.MFE_CONFIG)),
    path("api/courses/v1/courses/", courses),
    path("api/user/v1/me", me),
    re_path("^(?:api/user|user_api)/(?P<api_version>v1|v2)/account/login_session/$", LoginSessionView.as_view()),
    path("csrf/api/v1/token", csrf_token),
    path("oauth2/access_token", TokenView.as_view()),
]
