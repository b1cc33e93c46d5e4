"""What a Subscription asks for, checked to its end: each fault is told with its element and what is allowed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from lienthong.core.outgoing import OutgoingRules
from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.errors import Unprocessable
from lienthong.exchange.fhir.subscriptions import headers
from lienthong.exchange.fhir.subscriptions.criteria import BadCriteria, Criteria, judge_of, read_criteria
from lienthong.exchange.fhir.subscriptions.headers import BadHeader, Header
from lienthong.exchange.outbound.http.addresses import is_callable
from lienthong.interop.fhir import Element, Issue, IssueCode

JSON, XML = "application/fhir+json", "application/fhir+xml"
LONGEST_ENDPOINT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is asked for. `payload` is the form of the resource that is sent, empty where none is."""

    is_off: bool
    criteria: Criteria
    endpoint: str
    payload: str
    headers: tuple[Header, ...]
    ends_at: dt.datetime | None


@dataclass(slots=True)
class _Reading:
    """Gathers the faults of one resource."""

    element: Element
    rules: OutgoingRules
    issues: list[Issue] = field(default_factory=list)

    def fault(self, place: str, message: str, code: IssueCode = "value") -> None:
        where = f"Subscription.{place}"
        self.issues.append(Issue("error", code, where, f"{where} {message}"))

    def channel(self, name: str) -> object:
        channel = self.element.get("channel")
        return channel.get(name) if isinstance(channel, dict) else None


def read_terms(element: Element, *, caller: FhirCaller, rules: OutgoingRules) -> Terms:
    """Read a Subscription that is in R4's form; raise Unprocessable with all that can't be done, or may not.

    An endpoint is looked up when something is sent, and judged then.
    """
    reading = _Reading(element, rules)
    is_off = _status(reading)
    criteria = _criteria(reading, caller)
    _type(reading)
    endpoint, payload, lines = _endpoint(reading), _payload(reading), _headers(reading)
    ends_at = _end(reading, caller.at, is_off=is_off)
    if reading.issues or criteria is None:
        raise Unprocessable(reading.issues)
    return Terms(is_off=is_off, criteria=criteria, endpoint=endpoint, payload=payload, headers=lines, ends_at=ends_at)


def origin_of(endpoint: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of an endpoint: who it is that is called."""
    parts = urlsplit(endpoint)
    return parts.scheme, parts.hostname or "", parts.port


def _status(reading: _Reading) -> bool:
    status = reading.element.get("status")
    if status not in ("requested", "off"):
        reading.fault("status", "must be requested or off; active and error are the server's to say")
    return status == "off"


def _criteria(reading: _Reading, caller: FhirCaller) -> Criteria | None:
    try:
        found = read_criteria(str(reading.element.get("criteria", "")))
        judge_of(found, caller)
    except BadCriteria as error:
        reading.fault("criteria", str(error), "not-supported")
        return None
    return found


def _type(reading: _Reading) -> None:
    if reading.channel("type") != "rest-hook":
        reading.fault("channel.type", "must be rest-hook: no other channel is offered", "not-supported")


def _payload(reading: _Reading) -> str:
    payload = str(reading.channel("payload") or "")
    if payload not in ("", JSON, XML):
        reading.fault("channel.payload", f"must be {JSON} or {XML}, or be left out", "not-supported")
    return payload


def _endpoint(reading: _Reading) -> str:
    endpoint = str(reading.channel("endpoint") or "")
    for is_broken, message in _FAULTS:
        if is_broken(endpoint, reading.rules):
            reading.fault("channel.endpoint", message)
            break
    return endpoint


def _parts(endpoint: str) -> SplitResult | None:
    try:
        parts = urlsplit(endpoint)
        parts.port  # noqa: B018 — raises where it is no number
    except ValueError:
        return None
    return parts


def _is_no_address(endpoint: str, rules: OutgoingRules) -> bool:
    is_plain = endpoint.isascii() and endpoint.isprintable() and not set(endpoint) & set(' "<>\\^`{|}')
    parts = _parts(endpoint) if is_plain and len(endpoint) <= LONGEST_ENDPOINT else None
    return parts is None or parts.scheme not in ("http", "https") or not parts.hostname


def _is_plain(endpoint: str, rules: OutgoingRules) -> bool:
    return urlsplit(endpoint).scheme == "http" and not rules.is_plain_allowed


def _tells_more(endpoint: str, rules: OutgoingRules) -> bool:
    parts = urlsplit(endpoint)
    return "@" in parts.netloc or "?" in endpoint or "#" in endpoint


def _is_closed(endpoint: str, rules: OutgoingRules) -> bool:
    try:
        return not is_callable(ip_address(urlsplit(endpoint).hostname or ""), rules.networks)
    except ValueError:
        return False


_FAULTS: tuple[tuple[Callable[[str, OutgoingRules], bool], str], ...] = (
    (_is_no_address, f"must be an absolute URL of https with at most {LONGEST_ENDPOINT} characters, all of them ASCII"),
    (_is_plain, "must begin with https"),
    (_tells_more, "must have no user, query or fragment; what is secret goes into channel.header"),
    (_is_closed, "must not be an address that is not public, unless the platform's administrator allowed its network"),
)


def _headers(reading: _Reading) -> tuple[Header, ...]:
    given = reading.channel("header")
    lines = given if isinstance(given, list) else []
    if len(lines) > headers.MOST:
        reading.fault("channel.header", f"must be at most {headers.MOST} headers")
        return ()
    found = []
    for at, line in enumerate(lines):
        try:
            found.append(headers.read_header(str(line)))
        except BadHeader as error:
            reading.fault(f"channel.header[{at}]", str(error))
    return tuple(found)


def _end(reading: _Reading, at: dt.datetime, *, is_off: bool) -> dt.datetime | None:
    """R4 has checked the form, in which a second may be a leap second, which is no instant here."""
    said = reading.element.get("end")
    if not said:
        return None
    try:
        ends_at = dt.datetime.fromisoformat(str(said).replace("Z", "+00:00"))
    except ValueError:
        reading.fault("end", "must be an instant with at most 59 seconds")
        return None
    if ends_at <= at and not is_off:
        reading.fault("end", "must lie in the future")
    return ends_at
