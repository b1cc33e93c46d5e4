"""A hospital's system at the FHIR interface: its token, and what it sends and asks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from tests.factories.core import access_token
from tests.factories.exchange import SourceFactory
from tests.factories.registry import LaboratoryFactory
from tests.integration.exchange.conftest import Scene, make_scene

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker
    from tests.integration.exchange.fhir.foreign import Foreign

JSON, XML = "application/fhir+json", "application/fhir+xml"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class System:
    """A system with a token; `get`, `post` and `put` are relative to /fhir."""

    token: str

    def get(self, path: str, **headers: str) -> HttpResponse:
        return Client().get(f"/fhir/{path}", headers=self._headers(headers))

    def post(self, path: str, body: Json | str, **headers: str) -> HttpResponse:
        data = body if isinstance(body, str) else json.dumps(body)
        form = headers.pop("Content_Type", JSON)
        return Client().post(f"/fhir/{path}", data, content_type=form, headers=self._headers(headers))

    def put(self, path: str, body: Json | str, **headers: str) -> HttpResponse:
        data = body if isinstance(body, str) else json.dumps(body)
        form = headers.pop("Content_Type", JSON)
        return Client().put(f"/fhir/{path}", data, content_type=form, headers=self._headers(headers))

    def search(self, path: str) -> list[Json]:
        """Return the resources that are found."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.content
        return [one["resource"] for one in answer.json().get("entry", [])]

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} | {name.replace("_", "-"): one for name, one in more.items()}


def measured_in_moles(scene: Scene) -> None:
    """Give the scene's glucose the LOINC code of what docs/fhir.md sends: moles, and not grams, in a litre."""
    scene.glucose.loinc = "14749-6"
    scene.glucose.save()


def system_of(facility: str, *, scopes: tuple[str, ...] = ("system/*.cruds",), sources: tuple[str, ...] = ()) -> System:
    return System(access_token(facility=facility, scopes=scopes, sources=sources))


@pytest.fixture(scope="module")
def all_of_foreign(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Foreign]:
    """What a foreign facility holds, and who asks for it, made once for a file and rolled back at its end."""
    from tests.integration.exchange.fhir.foreign import make_foreign

    with django_db_blocker.unblock(), transaction.atomic():
        yield make_foreign(make_scene())
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def reader_of_many(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[System]:
    """The system of a laboratory that reads many results of its own and some of another's, as `foreign` is made."""
    from tests.integration.exchange.fhir.many import fill

    with django_db_blocker.unblock(), transaction.atomic():
        yield fill(make_scene())
        transaction.set_rollback(True)


@pytest.fixture
def foreign(all_of_foreign: Foreign) -> Iterator[Foreign]:
    """The same; what a test stores beside it is taken back."""
    with transaction.atomic():
        yield all_of_foreign
        transaction.set_rollback(True)


@pytest.fixture
def hospital(scene: Scene) -> System:
    """The system of the laboratory SX, which writes and reads everything of its facility."""
    return system_of(scene.laboratory.facility.code, sources=("SX",))


@pytest.fixture
def other_hospital(scene: Scene) -> System:
    """The system of another hospital of the region, which is the sender HD."""
    laboratory = LaboratoryFactory(facility__region=scene.laboratory.facility.region)
    SourceFactory(code="HD", laboratory=laboratory)
    return system_of(laboratory.facility.code, sources=("HD",))
