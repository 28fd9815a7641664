# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.http import HttpResponseForbidden

from .models import UserStanding


class UserStandingMiddleware:
    """Refuses every request of a user whose account is disabled, however he logged in."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        standing = request.user.is_authenticated and UserStanding.objects.filter(user=request.user).first()
        if standing and standing.account_status == UserStanding.ACCOUNT_DISABLED:
            return HttpResponseForbidden("Your account has been disabled. If you believe this was done in error, please contact us.")
        return self.get_response(request)
