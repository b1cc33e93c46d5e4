"""Asking a token endpoint, as any client would."""

from __future__ import annotations

import ssl
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from lienthong.errors import LienthongError

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SECONDS = 30


class EndpointUnreachable(LienthongError):
    """The token endpoint gave no answer."""

    code = "unreachable"


def ask_for_token(url: str, assertion: str, scope: str, *, ca: Path | None = None) -> tuple[int, str]:
    """Return status and body of the endpoint's answer, refusals too; raise EndpointUnreachable where none comes."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise EndpointUnreachable("the address of the token endpoint must begin with https:// (or http:// for trials)")
    form = {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": JWT_BEARER,
        "client_assertion": assertion,
    }
    request = Request(url, urlencode(form).encode(), {"Accept": "application/json"})  # noqa: S310 — checked above
    context = ssl.create_default_context(cafile=str(ca)) if ca else None
    try:
        with urlopen(request, timeout=SECONDS, context=context) as answer:  # noqa: S310 — checked above
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode("utf-8", "replace")
    except (URLError, OSError) as fault:
        raise EndpointUnreachable(f"{url} gives no answer: {getattr(fault, 'reason', fault)}") from None
