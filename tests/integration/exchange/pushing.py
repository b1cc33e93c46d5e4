"""A registered system that calls the interface for systems with a signed assertion of its own each time."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import time
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from lienthong.core.models import ClientKey

HOST = "http://testserver"
_KEY = ec.generate_private_key(ec.SECP384R1())
_number = itertools.count(1)


@dataclass(frozen=True, slots=True)
class System:
    """A system of a facility."""

    issuer: str

    @classmethod
    def of(cls, facility: str, *, issuer: str = "https://his.example") -> System:
        jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(_KEY.public_key()))
        began = timezone.now() - dt.timedelta(days=1)
        ClientKey.objects.create(issuer=issuer, key_id="k", facility=facility, jwk=jwk, valid_from=began)
        return cls(issuer)

    def token(self, path: str, *, host: str = HOST) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": f"{host}{path}", "iat": now, "exp": now + 120, "jti": f"{next(_number)}"}
        return "Bearer " + jwt.encode(claims, _KEY, algorithm="ES384", headers={"kid": "k"})

    def push(
        self, data: object, content_type: str = "application/json", *, query: str = "", key: str = ""
    ) -> HttpResponse:
        headers = {"Authorization": self.token("/api/deliveries"), "Accept-Language": "en"}
        headers |= {"Idempotency-Key": key} if key else {}
        address = f"/api/deliveries{query}"
        if isinstance(data, dict):
            return Client().post(address, data, headers=headers)  # type: ignore[return-value]  # as Django answers
        return Client().post(address, data, content_type=content_type, headers=headers)  # type: ignore[return-value]  # as Django answers

    def ask(self, address: str) -> HttpResponse:
        headers = {"Authorization": self.token(address.partition("?")[0])}
        return Client().get(address, headers=headers)  # type: ignore[return-value]  # as Django answers
