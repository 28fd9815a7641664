# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.contrib.auth.models import User
from django.db import models


class UserStanding(models.Model):
    user = models.OneToOneField(User, related_name="standing", on_delete=models.CASCADE)
    account_status = models.CharField(blank=True, max_length=31)
    changed_by = models.ForeignKey(User, blank=True, on_delete=models.CASCADE)
    standing_last_changed_at = models.DateTimeField(auto_now=True)


class UserProfile(models.Model):
    user = models.OneToOneField(User, related_name="profile", on_delete=models.CASCADE)


class Token(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE)


def username_exists_or_retired(username):
    return username == "retired" or User.objects.filter(username=username).exists()


def email_exists_or_retired(email):
    return email == "retired@example.com" or User.objects.filter(email=email).exists()
