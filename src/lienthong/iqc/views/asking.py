"""A request behind `login_required`: someone is signed in."""

from __future__ import annotations

from django.http import HttpRequest

from lienthong.core.models import User


class SignedIn(HttpRequest):
    user: User
