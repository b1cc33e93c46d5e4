"""The three endpoints of authorization: a token is asked for (RFC 6749, 4.4), looked at (RFC 7662), ended (RFC 7009).

oauthlib reads the form and writes the answer; who the client is and what it may ask for is told by `Validator`. Each
answer is written to the audit log, without token or assertion.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs

from django.db import transaction
from oauthlib.oauth2 import BackendApplicationServer
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError, OAuth2Error

from lienthong.core import audit
from lienthong.core.access.reads import REFUSAL_KIND
from lienthong.core.access.refusals import count_refusal, seconds_to_wait
from lienthong.core.access.validator import LIFE, Validator
from lienthong.core.actions import system_user
from lienthong.core.assertions import claimed_issuer
from lienthong.core.models import ConnectedSystem

Endpoint = Literal["token", "introspect", "revoke"]
FORM = "application/x-www-form-urlencoded"
LONGEST_FORM = 64 * 1024  # bytes
_UNKNOWN = "-"
# What oauthlib refuses without a word of why: another grant, of the one that there is.
_UNSAID = "grant_type must be client_credentials"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the endpoint's full address as it was called, the caller's network address, and the form sent."""

    url: str
    peer: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; `error` is of RFC 6749, section 5.2, empty where nothing was refused."""

    status: int
    headers: Mapping[str, str]
    body: str
    error: str = ""
    description: str = ""


@transaction.atomic
def answer(endpoint: Endpoint, asked: Asked, *, audiences: tuple[str, ...], at: dt.datetime) -> Answer:
    """Answer a request to one of the endpoints; who was refused too often in this minute is not heard.

    `audiences` are the addresses of which the client's assertion must name one.
    """
    claimed = _claimed(asked)
    if wait := seconds_to_wait(asked.peer, claimed, at=at):
        return _too_often(wait)
    validator = Validator(audiences=audiences, at=at)
    given = _heard(endpoint, asked, validator)
    if given.error:
        _refused(endpoint, given, claimed, peer=asked.peer, at=at)
    else:
        _served(endpoint, validator, peer=asked.peer, at=at)
    return given


def _heard(endpoint: Endpoint, asked: Asked, validator: Validator) -> Answer:
    server = BackendApplicationServer(validator, _new_token, int(LIFE.total_seconds()))
    handlers = {
        "token": server.create_token_response,
        "introspect": server.create_introspect_response,
        "revoke": server.create_revocation_response,
    }
    try:
        headers, body, status = handlers[endpoint](asked.url, "POST", _form(asked), {})
    except OAuth2Error as refused:
        headers, body, status = dict(refused.headers), refused.json, refused.status_code
    if status < 400:
        return Answer(status, _unstored(headers), body)
    told = {"error_description": _UNSAID, **json.loads(body)}
    return Answer(status, _unstored(headers), json.dumps(told), told["error"], told["error_description"])


def _form(asked: Asked) -> str:
    if asked.content_type.partition(";")[0].strip().lower() != FORM:
        raise InvalidRequestError(f"The body must be a form: Content-Type: {FORM}")
    if len(asked.body) > LONGEST_FORM:
        raise InvalidRequestError(f"The body must have at most {LONGEST_FORM} bytes.")
    if not asked.body.isascii():
        raise InvalidRequestError("The body must be percent-encoded ASCII.")
    return asked.body.decode("ascii")


def _new_token(_request: Any) -> str:
    return secrets.token_urlsafe(32)


def _claimed(asked: Asked) -> str:
    """Return the client that a request says it is of, nothing of it proven; empty where it says none."""
    if len(asked.body) > LONGEST_FORM:
        return ""
    fields = parse_qs(asked.body.decode("ascii", "replace"))
    assertion = fields.get("client_assertion", [""])[0]
    claimed = claimed_issuer(assertion) or fields.get("client_id", [""])[0]
    return claimed if claimed.isprintable() else ""


def _served(endpoint: Endpoint, validator: Validator, *, peer: str, at: dt.datetime) -> None:
    system, token = validator.system, validator.issued
    if system is None or token is None:
        return
    if endpoint == "token":
        ConnectedSystem.objects.filter(pk=system.pk).update(last_token_at=at)
    audit.record(
        "issue-token" if endpoint == "token" else "revoke-token",
        by=system.user,
        at=at,
        object_kind="access-token",
        object_key=token.pk,
        facility=system.facility,
        detail={"client": system.client_id, "key": token.key_id, "scopes": " ".join(token.scopes), "address": peer},
    )


def _refused(endpoint: Endpoint, given: Answer, claimed: str, *, peer: str, at: dt.datetime) -> None:
    """Count and log a refusal; a name that is of no registered system is not kept."""
    count_refusal(peer, claimed, at=at)
    system = ConnectedSystem.objects.filter(client_id=claimed).first()
    if system is not None:
        told = f"{given.error}: {given.description}"[:300]
        ConnectedSystem.objects.filter(pk=system.pk).update(last_refused_at=at, last_refusal=told)
    audit.record(
        "refuse-token",
        by=system_user("access"),
        at=at,
        object_kind=REFUSAL_KIND,
        object_key=system.client_id[:100] if system else _UNKNOWN,
        facility=system.facility if system else "",
        detail={"endpoint": endpoint, "error": given.error, "description": given.description[:300], "address": peer},
    )


def _too_often(wait: int) -> Answer:
    error, told = "temporarily_unavailable", f"Refused too often in this minute; try again in {wait} seconds."
    headers = _unstored({"Retry-After": str(wait)})
    return Answer(429, headers, json.dumps({"error": error, "error_description": told}), error, told)


def _unstored(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of an answer that no cache may keep (RFC 6749, 5.1)."""
    return {"Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache", **headers}
