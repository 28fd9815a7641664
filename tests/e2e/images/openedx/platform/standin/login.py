# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in, and asking who is logged in, at the addresses and with the answers of Open edX."""

from django.contrib.auth import authenticate, get_user_model, login
from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_protect, ensure_csrf_cookie


class LoginSessionView(View):
    """GET gives the form and the cookie of the CSRF token, POST logs in: v1 by email, v2 by email or username."""

    @method_decorator(ensure_csrf_cookie)
    def get(self, request, api_version):
        names = ["email" if api_version == "v1" else "email_or_username", "password"]
        return JsonResponse({"method": "post", "submit_url": request.path, "fields": [{"name": name} for name in names]})

    @method_decorator(csrf_protect)
    def post(self, request, api_version):
        name = request.POST.get("email") or (request.POST.get("email_or_username") if api_version == "v2" else None)
        if not name or "password" not in request.POST:
            return _refused("There was an error receiving your login information. Please email us.", name=name)
        users = get_user_model().objects
        user = users.filter(email=name).first() or (users.filter(username=name).first() if api_version == "v2" else None)
        known = authenticate(request, username=user.username if user else "", password=request.POST["password"])
        if known is None:
            return _refused("Email or password is incorrect.", "incorrect-email-or-password", name)
        if not known.is_active:
            return _refused(None, "inactive-user", name)
        login(request, known)
        return JsonResponse({"success": True, "redirect_url": None})


def _refused(value, code=None, name=None):
    answer = {"success": False, "value": value, "error_code": code, "email": name}
    return JsonResponse({key: text for key, text in answer.items() if text is not None}, status=400)


def csrf_token(request):
    return JsonResponse({"csrfToken": get_token(request)})


def me(request):
    if not request.user.is_authenticated:
        return JsonResponse({"detail": "Authentication credentials were not provided."}, status=401)
    return JsonResponse({"username": request.user.username})
