"""A few HTTP checks of the served application, as each of the demonstration's people."""

from __future__ import annotations

import http.cookiejar
import time
import urllib.error
import urllib.parse
import urllib.request

from lienthong.cli.demo.accounts import ACCOUNTS, PASSWORD
from lienthong.cli.serving import START_SECONDS, supervised

PUBLIC = ("/", "/register/", "/rules/", "/cds-services", "/sign-in/")


def visit(port: int) -> list[str]:
    """Serve on a port, open pages as nobody and as every account, and return what was not as expected."""
    base = f"http://127.0.0.1:{port}"
    faults: list[str] = []
    with supervised(host="127.0.0.1", port=port, mllp_port=0):
        if not _is_up(base):
            return [f"web: nothing answered at {base} within {START_SECONDS} s"]
        for path in PUBLIC:
            faults += _fault(_opener(http.cookiejar.CookieJar()), base + path)
        for account in ACCOUNTS:
            faults += _sign_in(base, account.username)
    return faults


def _sign_in(base: str, username: str) -> list[str]:
    """Sign in by the form and follow to the first page of the role."""
    jar = http.cookiejar.CookieJar()
    opener = _opener(jar)
    faults = _fault(opener, f"{base}/sign-in/")
    if faults:
        return faults
    form = {"username": username, "password": PASSWORD, "csrfmiddlewaretoken": _cookie(jar, "csrftoken")}
    request = urllib.request.Request(  # noqa: S310 — our own address
        f"{base}/sign-in/", data=urllib.parse.urlencode(form).encode(), headers={"Referer": f"{base}/sign-in/"}
    )
    faults = _fault(opener, request)
    return faults if faults or _cookie(jar, "sessionid") else [f"web: {username} could not sign in"]


def _fault(opener: urllib.request.OpenerDirector, where: str | urllib.request.Request) -> list[str]:
    address = where if isinstance(where, str) else where.full_url
    try:
        with opener.open(where, timeout=30) as answer:
            body = answer.read()
    except urllib.error.HTTPError as error:
        return [f"web: {address} answered {error.code}"]
    return [] if body else [f"web: {address} answered nothing"]


def _opener(jar: http.cookiejar.CookieJar) -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))


def _cookie(jar: http.cookiejar.CookieJar, name: str) -> str:
    return next((cookie.value or "" for cookie in jar if cookie.name == name), "")


def _is_up(base: str) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{base}/sign-in/", timeout=5):  # noqa: S310 — our own address
                return True
        except OSError:
            time.sleep(0.2)
    return False
