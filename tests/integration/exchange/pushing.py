"""A registered system that calls the interface for systems with an access token."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.test import Client
from tests.factories.core import access_token

from lienthong.core.access import DELIVERY_READ, DELIVERY_WRITE


@dataclass(frozen=True, slots=True)
class System:
    """A system of a facility."""

    token: str

    @classmethod
    def of(cls, facility: str) -> System:
        return cls(access_token(facility=facility, scopes=(DELIVERY_READ, DELIVERY_WRITE)))

    def push(
        self, data: object, content_type: str = "application/json", *, query: str = "", key: str = ""
    ) -> HttpResponse:
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        headers |= {"Idempotency-Key": key} if key else {}
        address = f"/api/deliveries{query}"
        if isinstance(data, dict):
            return Client().post(address, data, headers=headers)  # type: ignore[return-value]  # as Django answers
        return Client().post(address, data, content_type=content_type, headers=headers)  # type: ignore[return-value]  # as Django answers

    def ask(self, address: str) -> HttpResponse:
        headers = {"Authorization": f"Bearer {self.token}"}
        return Client().get(address, headers=headers)  # type: ignore[return-value]  # as Django answers
