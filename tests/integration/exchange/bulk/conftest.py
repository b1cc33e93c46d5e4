"""A hospital with results by HL7 v2 and by FHIR, another one beside it, and what their systems export."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from tests.factories.exchange import GLU, OBR, PID, SourceFactory, message
from tests.factories.registry import LaboratoryFactory, RegionFactory
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, report, transaction
from tests.integration.exchange.fhir.conftest import Json, System, system_of

from lienthong.core.access.caller import token_digest
from lienthong.core.models import AccessToken
from lienthong.exchange.bulk.models import BulkExport
from lienthong.exchange.bulk.queue import work_exports
from lienthong.registry.models import Facility

ASYNC = {"Prefer": "respond-async"}
ORDER = ("ORC|NW|PL1|||||||20261120063000", "OBR|1|PL1||2345-7^Glucose^LN|||20261120063000")
OTHER_PID = "PID|1||Q1^^^HD^MR||Lê^Hùng^Văn||19751201|M"


@dataclass(frozen=True, slots=True)
class Exporting:
    """A system that exports; a worker makes what it asked for before it asks again."""

    system: System

    def begin(self, path: str = "$export", **headers: str) -> HttpResponse:
        return self.system.get(path, **{**ASYNC, **headers})

    def status(self, begun: HttpResponse, method: str = "get") -> HttpResponse:
        path = urlsplit(begun.headers["Content-Location"]).path
        call = Client().get if method == "get" else Client().delete
        return call(path, headers={"Authorization": f"Bearer {self.system.token}"})

    def again(self, *scopes: str) -> Exporting:
        """Return the same system with another token."""
        now = timezone.now()
        mine = AccessToken.objects.get(digest=token_digest(self.system.token))
        token = uuid4().hex
        AccessToken.objects.create(
            digest=token_digest(token),
            system=mine.system,
            key_id="k",
            scopes=list(scopes),
            issued_at=now,
            expires_at=now + dt.timedelta(minutes=5),
        )
        return Exporting(System(token))

    def manifest(self, path: str = "$export", **headers: str) -> Json:
        """Ask for an export, have it made, and return what it is made of."""
        begun = self.begin(path, **headers)
        assert begun.status_code == 202, begun.content
        work_exports(timezone.now)
        answer = self.status(begun)
        assert answer.status_code == 200, answer.content
        found: Json = answer.json()
        return found

    def lines(self, manifest: Json, kind: str, among: str = "output") -> list[Json]:
        """Return the resources of a type, numbers with their digits."""
        files = [one for one in manifest[among] if one["type"] == kind]
        texts = [text(self.file(one["url"])) for one in files]
        lines = [line for one in texts for line in one.splitlines()]
        assert len(lines) == sum(one["count"] for one in files)
        return [exactly(line) for line in lines]

    def file(self, url: str, **headers: str) -> HttpResponse:
        return self.system.get(urlsplit(url).path.removeprefix("/fhir/"), **headers)

    def searched(self, kind: str) -> list[Json]:
        """Return all resources of a type that pages of a search hold."""
        found, path = [], f"{kind}?_count=3"
        while path:
            bundle = exactly(self.system.get(path).content)
            found += [one["resource"] for one in bundle.get("entry", [])]
            following = [one["url"] for one in bundle["link"] if one["relation"] == "next"]
            path = following[0].partition("/fhir/")[2] if following else ""
        return found


def exactly(data: bytes | str) -> Json:
    """Read JSON; 1.50 is not 1.5."""
    found: Json = json.loads(data, parse_float=str)
    return found


def text(answer: HttpResponse) -> str:
    assert answer.status_code == 200, answer.content
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return (gzip.decompress(data) if answer.headers.get("Content-Encoding") == "gzip" else data).decode()


def in_order(found: list[Json]) -> list[str]:
    return sorted(json.dumps(one, sort_keys=True) for one in found)


@dataclass(frozen=True, slots=True)
class Region:
    """Hospital A (sender SX) and hospital B (sender HD) in one region, and the centre of that region."""

    scene: Scene
    other: Facility
    centre: Facility

    @property
    def own(self) -> Facility:
        facility: Facility = self.scene.laboratory.facility
        return facility

    def fill(self) -> None:
        """Send an order and a result by HL7 v2, and a Bundle, from A; a result by HL7 v2 and a Bundle from B."""
        self.scene.process(message(PID, *ORDER, kind="ORM^O01", control_id="O1"))
        self.scene.process(message(PID, OBR, GLU, "NTE|1||Gọi cho Đào"))
        bundle = transaction(
            entry(patient("p9", number="P9", name="Phạm Thị Lan")),
            entry(json.loads(glucose(of="Patient/p9"), parse_float=str) | {"valueQuantity": QUANTITY}),
            entry(report(of="Patient/p9")),
            entry({"resourceType": "Practitioner", "id": "d1", "name": [{"text": "Bác sĩ An"}]}),
            entry({"resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"code": "AMB"}}),
        )
        self.post(bundle)
        self.scene.process(message(OTHER_PID, OBR.replace("SX1", "HD1"), GLU, control_id="M9", facility="HD"))
        self.post(transaction(entry(patient("p9", number="Q9", name="Vũ Văn Nam"))), self.other, "HD")

    def post(self, bundle: Json, facility: Facility | None = None, source: str = "SX") -> None:
        """Send a Bundle, from A where no other is named."""
        answer = system_of((facility or self.own).code, sources=(source,)).post("", bundle)
        assert answer.status_code == 200, answer.content

    def exporting(self, facility: Facility, *scopes: str, sources: tuple[str, ...] = ()) -> Exporting:
        return Exporting(system_of(facility.code, scopes=scopes or ("system/*.rs",), sources=sources))


QUANTITY = {"value": 5.6, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"}


@pytest.fixture
def region(committed_scene: Scene, settings: Settings, tmp_path: Path) -> Region:
    """Two hospitals and a centre of one region, committed; files of exports have three lines at most."""
    settings.EXPORT_FOLDER, settings.EXPORT_LINES = str(tmp_path / "exports"), 3
    place = committed_scene.laboratory.facility.region
    place_above = RegionFactory(code="VN")
    RegionFactory(code=place.code, parent=place_above)
    other = LaboratoryFactory(facility__region=place)
    SourceFactory(code="HD", laboratory=other)
    centre = LaboratoryFactory(facility__region=place, facility__name_en="Quality control centre").facility
    found = Region(committed_scene, other.facility, centre)
    found.fill()
    return found


@pytest.fixture
def hospital(region: Region) -> Exporting:
    """The system of hospital A, which is the sender SX."""
    return region.exporting(region.own, sources=("SX",))


@pytest.fixture
def centre(region: Region) -> Exporting:
    """The system of the centre, registered for the oversight of the laboratories of its region."""
    return region.exporting(region.centre, "system/*.rs", "oversight/export")


def export_of(begun: HttpResponse) -> BulkExport:
    return BulkExport.objects.get(key=begun.headers["Content-Location"].rpartition("/")[2])
