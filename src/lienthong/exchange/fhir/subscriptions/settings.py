"""What an outlet of the channel rest-hook keeps as its settings, and which outlet a Subscription has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any
from uuid import UUID

from django.db import models

from lienthong.exchange.outbound.models import Outlet


@dataclass(frozen=True, slots=True, kw_only=True)
class HookSettings:
    """`subscription` is the name of the resource, `criteria` as they were written; `headers` are closed.

    `payload` is empty where no resource is sent.
    """

    subscription: str
    criteria: str
    endpoint: str
    payload: str
    headers: str

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> HookSettings:
        return cls(**{one.name: str(settings[one.name]) for one in fields(cls)})

    def kept(self) -> dict[str, str]:
        return asdict(self)


def code_of(name: UUID, number: int) -> str:
    """Return the code of the so-manieth outlet of a Subscription: one that ended never begins again."""
    return f"subscription-{name}.{number}"


def latest_outlets(names: Collection[UUID]) -> dict[UUID, Outlet]:
    """Return the last outlet of each of these Subscriptions."""
    return _by_subscription(_hooks().filter(settings__subscription__in=[str(one) for one in names]))


def outlets_of_facility(facility_id: int) -> dict[UUID, Outlet]:
    """Return the last outlet of each Subscription of the systems of a facility."""
    return _by_subscription(_hooks().filter(facility_id=facility_id))


def _hooks() -> models.QuerySet[Outlet]:
    return Outlet.objects.filter(channel=Outlet.Channel.REST_HOOK, settings__has_key="subscription").order_by("pk")


def _by_subscription(rows: models.QuerySet[Outlet]) -> dict[UUID, Outlet]:
    return {UUID(row.settings["subscription"]): row for row in rows}
