"""Headers that a subscriber wants to be called with (R4, Subscription.channel.header). They may hold its password.

They are kept closed (core.secrets) with the outlet of the Subscription, and nowhere else: in the resource and
its versions their values are hidden, also from the one who gave them. Whoever writes the resource back with hidden
values keeps them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lienthong.core import secrets

HIDDEN = "(hidden)"
MOST, LONGEST = 20, 4_000
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", re.ASCII)
_VALUE = re.compile(r"[\x20-\x7e]*", re.ASCII)
# What the server says itself, and what concerns the connection alone (RFC 9110, 7.6.1).
_OWN = frozenset(
    (
        *("accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect", "host"),
        *("keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-request-id"),
    )
)


class BadHeader(ValueError):
    """Raised for a line that is no header that may be sent; the message never repeats what it holds."""


@dataclass(frozen=True, slots=True)
class Header:
    name: str
    value: str

    @property
    def is_hidden(self) -> bool:
        return self.value == HIDDEN

    @property
    def shown(self) -> str:
        """The header as it may be read."""
        return f"{self.name}: {HIDDEN}"

    def __repr__(self) -> str:
        return f"Header({self.shown})"


def read_header(line: str) -> Header:
    """Read `Authorization: Bearer …`; raise BadHeader."""
    name, colon, value = line.partition(":")
    if not colon or not _NAME.fullmatch(name):
        raise BadHeader("must be a name, a colon and a value, such as Authorization: Bearer abc")
    if len(line) > LONGEST or not _VALUE.fullmatch(value):
        raise BadHeader(f"must have at most {LONGEST} characters, all of them printable ASCII")
    if name.lower() in _OWN or name.lower().startswith("proxy-"):
        raise BadHeader("is one that the server sets, or that concerns the connection alone")
    return Header(name, value.strip())


def kept(given: Sequence[Header], earlier: Sequence[Header]) -> list[Header]:
    """Put the earlier values where hidden ones are given; raise BadHeader where there is no earlier value."""
    known = {one.name.lower(): one for one in earlier}
    if any(one.is_hidden and one.name.lower() not in known for one in given):
        raise BadHeader(f"says {HIDDEN}, but no value is kept for this endpoint: write the value itself")
    return [known[one.name.lower()] if one.is_hidden else one for one in given]


def close(headers: Sequence[Header], *, purpose: str) -> str:
    """Return headers as they are kept, for one Subscription (its name); empty where there are none."""
    pairs = [[one.name, one.value] for one in headers]
    return secrets.closed(json.dumps(pairs), purpose=f"headers of {purpose}") if pairs else ""


def open_kept(text: str, *, purpose: str) -> list[Header]:
    """Return kept headers; raise ValueError where the installation's key is another than it was."""
    pairs = json.loads(secrets.opened(text, purpose=f"headers of {purpose}")) if text else []
    return [Header(name, value) for name, value in pairs]
