"""Which system calls, and for which facility it may deliver."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest

from lienthong.core.assertions import check_assertion

SCOPES = frozenset({"deliveries.write", "deliveries.read"})


@dataclass(frozen=True, slots=True)
class Caller:
    """A connected system: its name, the code of its facility, and what it may do."""

    client_id: str
    facility: str
    scopes: frozenset[str]


def caller_of(request: HttpRequest, at: dt.datetime) -> Caller:
    """Return who calls by the signed assertion of the request, and use it up; raise AssertionRefused."""
    address = request.build_absolute_uri(request.path)
    client = check_assertion(request.headers.get("Authorization", ""), audience=address, at=at)
    return Caller(client_id=client.issuer, facility=client.facility, scopes=SCOPES)
