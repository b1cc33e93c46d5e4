"""A hospital's system that asks for tokens: its keys, the assertions it signs, and what it sends."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.http import HttpResponse
from django.test import Client
from tests.factories.core import ClientKeyFactory, ConnectedSystemFactory

from lienthong.core.models import ConnectedSystem

AT = dt.datetime(2026, 11, 23, 2, 15, 20, tzinfo=dt.UTC)
CLIENT_ID = "his-30001"
TOKEN = "http://testserver/auth/token"
EC_KEY = ec.generate_private_key(ec.SECP384R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = ec.generate_private_key(ec.SECP384R1())
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
NUMBERS = itertools.count(1)

Claims = dict[str, Any]
Json = dict[str, Any]


def hospital_system(**changes: object) -> ConnectedSystem:
    """Register a system with an elliptic and an RSA key."""
    system: ConnectedSystem = ConnectedSystemFactory(**{"client_id": CLIENT_ID, **changes})
    ClientKeyFactory(system=system, key_id="ec", pair=EC_KEY)
    ClientKeyFactory(system=system, key_id="rsa", pair=RSA_KEY)
    return system


def claims(*, at: dt.datetime = AT, **changes: object) -> Claims:
    """Return the claims of a good assertion; None takes one away."""
    made: Claims = {
        "iss": CLIENT_ID,
        "sub": CLIENT_ID,
        "aud": TOKEN,
        "exp": int(at.timestamp()) + 300,
        "jti": f"t{next(NUMBERS)}",
    }
    return {name: value for name, value in {**made, **changes}.items() if value is not None}


def signed(content: Claims, *, key: Any = EC_KEY, algorithm: str = "ES384", key_id: str | None = "ec") -> str:
    return jwt.encode(content, key, algorithm=algorithm, headers={"kid": key_id} if key_id else None)


def form(assertion: str | None = None, **changes: str | None) -> dict[str, str]:
    """Return the fields of a token request; None takes one away."""
    made = {
        "grant_type": "client_credentials",
        "scope": "system/Patient.rs",
        "client_assertion_type": JWT_BEARER,
        "client_assertion": signed(claims()) if assertion is None else assertion,
    }
    return {name: value for name, value in {**made, **changes}.items() if value is not None}


def post(fields: dict[str, str] | str, *, path: str = "/auth/token", **headers: str) -> HttpResponse:
    """Send a form, as fields or as it goes over the wire."""
    from urllib.parse import urlencode

    body = fields if isinstance(fields, str) else urlencode(fields)
    form_type = "application/x-www-form-urlencoded"
    return Client().post(path, body, content_type=form_type, headers=headers)  # type: ignore[return-value]


def told(answer: HttpResponse) -> Json:
    found: Json = json.loads(answer.content)
    return found


def new_token(**changes: str | None) -> str:
    answer = post(form(**changes))
    assert answer.status_code == 200, answer.content
    return str(told(answer)["access_token"])
