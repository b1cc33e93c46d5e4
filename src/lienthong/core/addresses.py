"""Addresses that leave the screen: printed, or put into a code."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def public_address(request: HttpRequest, path: str) -> str:
    """Return the whole address of a path: under LIENTHONG_PUBLIC_URL, else as the reader reached this page."""
    return settings.PUBLIC_URL.rstrip("/") + path if settings.PUBLIC_URL else request.build_absolute_uri(path)


def outside_address(path: str) -> str:
    """Return the whole address of a path where nobody asks for a page; empty where LIENTHONG_PUBLIC_URL is not set."""
    return settings.PUBLIC_URL.rstrip("/") + path if settings.PUBLIC_URL else ""
