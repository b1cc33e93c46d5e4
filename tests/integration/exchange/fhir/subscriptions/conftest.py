"""A subscriber of the scene: its server by TLS, its Subscription, and what it is told of what came into the log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from tests.integration.exchange.fhir.conftest import System
from tests.integration.exchange.fhir.subscriptions.receiver import Receiver, listening
from tests.integration.exchange.own_certificates import Authority

from lienthong.core.actions import system_user
from lienthong.core.log.sequencer import append_waiting
from lienthong.exchange.fhir.subscriptions.channel import RestHook
from lienthong.exchange.outbound.channels import DispatchFacts, OutletFacts, Sent, Wanted
from lienthong.exchange.outbound.models import Outlet
from lienthong.exchange.outbound.sending import outlet_facts
from lienthong.results.feed import changes_after
from lienthong.results.resources.changes import number_changes, resource_changes_after

Json = dict[str, Any]
LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Path, Path]]:
    """The file of an authority, and a certificate of it with its key for the loopback address."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    return authority.file, authority.listener()


@pytest.fixture
def receiver(
    certificates: tuple[Path, tuple[Path, Path]], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Receiver]:
    """A server by TLS, whose authority is believed and whose network may be called."""
    authority, own = certificates
    settings.HOOK_NETWORKS, settings.HOOK_HTTP = LOOPBACK, False
    monkeypatch.setenv("LIENTHONG_OUTBOUND_CA", str(authority))
    with listening(own) as found:
        yield found


def subscription(receiver: Receiver, criteria: str = "Observation?code=2345-7", **changes: Any) -> Json:
    """Return a Subscription s1 that puts resources as JSON; `channel` changes parts of its channel."""
    channel = {
        "type": "rest-hook",
        "endpoint": f"https://127.0.0.1:{receiver.port}/hook",
        "payload": "application/fhir+json",
        **changes.pop("channel", {}),
    }
    return {
        "resourceType": "Subscription",
        "id": "s1",
        "status": "requested",
        "reason": "Results for the wards",
        "criteria": criteria,
        "channel": {name: value for name, value in channel.items() if value is not None},
        **changes,
    }


def subscribe(system: System, asked: Json) -> None:
    answer = system.put(f"Subscription/{asked['id']}", asked)
    assert answer.status_code in (200, 201), answer.content


@dataclass(frozen=True, slots=True)
class Way:
    """The way out of one Subscription, as the sender process goes it."""

    outlet: Outlet

    @property
    def facts(self) -> OutletFacts:
        return outlet_facts(Outlet.objects.get(pk=self.outlet.pk))

    def wanted(self) -> list[Wanted]:
        """Append to the log what waits, and return what of all changes the subscriber is to be told."""
        append_waiting(by=system_user("log"))
        number_changes()
        changes = changes_after(self.facts.position, limit=1_000)
        of_resources = resource_changes_after(Outlet.objects.get(pk=self.outlet.pk).resource_place, limit=1_000)
        found = RestHook().wanted(changes, self.facts, at=timezone.now())
        found += RestHook().wanted_of_resources(of_resources, self.facts, at=timezone.now())
        if changes:
            Outlet.objects.filter(pk=self.outlet.pk).update(position=changes[-1].position)
        if of_resources:
            Outlet.objects.filter(pk=self.outlet.pk).update(resource_place=of_resources[-1].position)
        return found

    def send(self, one: Wanted, *, at: dt.datetime | None = None) -> Sent:
        dispatch = DispatchFacts(4711, one.position, one.kind, one.subject, one.version, attempt=1)
        return RestHook().send(dispatch, self.facts, at=at or timezone.now())

    def tell(self) -> list[Sent]:
        """Tell all that came since the last time."""
        return [self.send(one) for one in self.wanted()]


def way_of() -> Way:
    """Return the way of the only Subscription."""
    return Way(Outlet.objects.get())
