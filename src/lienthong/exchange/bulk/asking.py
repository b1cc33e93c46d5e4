"""What an export is asked for: parameters of the address or of a Parameters resource, and the header Prefer.

Bulk Data Access STU 2, export, kick-off request. What is not understood is refused; with `Prefer: handling=lenient` it
is left out, and the export says so in its file of messages.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lienthong.exchange.fhir.errors import Invalid
from lienthong.interop.fhir import Element, IssueCode

FORMATS = ("application/fhir+ndjson", "application/ndjson", "ndjson")
# What the form of the answer to the request depends on, not what is exported.
_OF_ANSWER = frozenset(("_format", "_pretty"))
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_VALUES = ("valueString", "valueCode", "valueInstant", "valueUri", "valueDateTime")

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What of an export was asked for; no kinds are all. `told` are reasons with codes, of what was left out."""

    kinds: tuple[str, ...] = ()
    since: dt.datetime | None = None
    told: tuple[tuple[IssueCode, str], ...] = ()


@dataclass(slots=True)
class _Reading:
    is_lenient: bool
    offered: Sequence[str]
    kinds: list[str] = field(default_factory=list)
    since: dt.datetime | None = None
    told: list[tuple[IssueCode, str]] = field(default_factory=list)

    def leave_out(self, code: IssueCode, message: str, place: str) -> None:
        """Refuse, or where the caller is lenient remember to tell it."""
        if not self.is_lenient:
            raise Invalid.because(code, f"{message}; leave it out, or send Prefer: handling=lenient", place)
        self.told.append((code, f"{message}; it was left out"))


def read_wish(pairs: Pairs, *, preferences: Mapping[str, str], offered: Sequence[str]) -> Wish:
    """Return what is asked for; raise Invalid. `offered` are the types of resources that this export can have."""
    if "respond-async" not in preferences:
        raise Invalid.because("required", "an export is made in the background: send the header Prefer: respond-async")
    read = _Reading(preferences.get("handling") == "lenient", offered)
    for name, text in pairs:
        _take(read, name, text)
    if read.told and not read.kinds and any(name == "_type" for name, _text in pairs):
        raise Invalid.because("not-supported", "none of the types in _type can be exported here", "_type")
    return Wish(tuple(dict.fromkeys(read.kinds)), read.since, tuple(read.told))


def pairs_of(parameters: Element) -> list[tuple[str, str]]:
    """Return the parameters of a Parameters resource; what is no plain value has an empty text."""
    if parameters.get("resourceType") != "Parameters":
        raise Invalid.because("invalid", "the body must be a Parameters resource, or empty")
    listed = parameters.get("parameter")
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [(str(one.get("name", "")), next((str(one[key]) for key in _VALUES if key in one), "")) for one in found]


def _take(read: _Reading, name: str, text: str) -> None:
    if name in _OF_ANSWER:
        return
    if name == "_outputFormat":
        _check_format(text)
    elif name == "_since":
        read.since = _instant(text)
    elif name == "_type":
        _take_kinds(read, text.split(","))
    else:
        read.leave_out("not-supported", f"the parameter {_short(name)} is not supported", _short(name))


def _check_format(text: str) -> None:
    if text.replace(" ", "+") not in FORMATS:  # a plus sign in an address is read as a blank
        raise Invalid.because("not-supported", f"_outputFormat must be one of {', '.join(FORMATS)}", "_outputFormat")


def _instant(text: str) -> dt.datetime:
    written = text.replace(" ", "+")
    try:
        if _INSTANT.fullmatch(written):
            return dt.datetime.fromisoformat(written)
    except ValueError:
        pass
    raise Invalid.because("value", "_since must be an instant with its zone, such as 2026-11-20T07:00:00Z", "_since")


def _take_kinds(read: _Reading, asked: Iterable[str]) -> None:
    for one in asked:
        if one in read.offered:
            read.kinds.append(one)
        elif one:
            read.leave_out("not-supported", f"the type {_short(one)} can't be exported here", "_type")


def _short(text: str) -> str:
    """Return the beginning of a name that a caller made up, of plain signs only."""
    return "".join(one if one.isalnum() or one in "_-.$" else "?" for one in text[:40])
