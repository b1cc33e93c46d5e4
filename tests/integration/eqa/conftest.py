"""The scene of EQA: a province with its officer, laboratories that measure phosphate, and a round of two samples."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from django.utils import translation
from tests.factories.core import UserFactory
from tests.factories.registry import (
    AnalyteFactory,
    FacilityFactory,
    LaboratoryFactory,
    ProcedureFactory,
    RegionFactory,
    bind,
)

from lienthong.core.models import User
from lienthong.eqa import actions
from lienthong.registry.models import Analyte, Laboratory, Procedure, Region

OPENS = dt.date(2026, 10, 1)
NOW = dt.datetime(2026, 10, 15, 3, tzinfo=dt.UTC)
CLOSES = dt.datetime(2026, 10, 20, 10, tzinfo=dt.UTC)
AFTER = CLOSES + dt.timedelta(days=1)
FINAL = CLOSES + dt.timedelta(days=10)
HEADER = "participant,procedure,sample,value,unit,returned_at"


@dataclass
class Scene:
    """A province whose policy allows phosphate ±10 %; `take_part` makes laboratories of one peer group."""

    nation: Region
    region: Region
    officer: User
    analyte: Analyte
    laboratories: list[Laboratory] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    round_id: int = 0

    def open_round(self, code: str = "2026-3", samples: Sequence[str] = ("A",), **scheme: object) -> int:
        actions.create_scheme(
            **{
                "code": "CHEM",
                "names": {"en": "Clinical chemistry"},
                "organiser": "Quality control centre",
                "reach": "province",
                "region_ids": [self.region.pk],
                "is_own": True,
                "verdict_read": "z",
                **scheme,
            },  # type: ignore[arg-type]  # the settings that a test names
            by=self.officer,
            at=NOW,
        )
        self.round_id = actions.create_round(
            scheme_code=str(scheme.get("code", "CHEM")),
            code=code,
            sample_codes=samples,
            opens_on=OPENS,
            closes_at=CLOSES,
            by=self.officer,
            at=NOW,
        )
        return self.round_id

    def take_part(self, count: int, *, group: str = "molybdate, C6", analyte: Analyte | None = None) -> list[Procedure]:
        fresh = []
        for _ in range(count):
            laboratory = LaboratoryFactory(facility=FacilityFactory(region=self.region))
            procedure = ProcedureFactory(laboratory=laboratory, analyte=analyte or self.analyte)
            actions.enrol(
                round_id=self.round_id,
                laboratory_id=laboratory.pk,
                participant_code=str(101 + len(self.laboratories)),
                procedure_ids=[procedure.pk],
                peer_groups={procedure.pk: group},
                by=self.officer,
                at=NOW,
            )
            self.laboratories.append(laboratory)
            self.procedures.append(procedure)
            fresh.append(procedure)
        return fresh

    def code(self, place: int) -> str:
        return str(101 + place)

    def file(self, *rows: tuple[int, str, object], unit: str = "mmol/L") -> bytes:
        """Return a file of results: place of the laboratory, sample, value."""
        lines = [
            f"{self.code(place)},{self.procedures[place].code},{sample},{value},{unit},2026-10-14 09:00"
            for place, sample, value in rows
        ]
        return "\n".join([HEADER, *lines]).encode()

    def return_results(self, *rows: tuple[int, str, object]) -> actions.ImportOutcome:
        outcome = actions.import_results("2026-3", self.file(*rows), "r.csv", by=self.officer, at=NOW)
        assert outcome.findings == ()
        return outcome

    def score(self) -> actions.ScoreOutcome:
        actions.close_round(self.round_id, by=self.officer, at=AFTER)
        return actions.score_round(self.round_id, by=self.officer, at=AFTER)

    def user(self, role: str, place: object) -> User:
        user = UserFactory()
        bind(user, role, place)  # type: ignore[arg-type]  # a laboratory, facility or region
        return user


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Messages are compared in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def scene(db: None) -> Scene:
    """A province with an officer and no round yet."""
    nation = RegionFactory(code="VN")
    region = RegionFactory(code="VN-HD", parent=nation)
    officer = UserFactory(full_name="Officer")
    bind(officer, "officer", region)
    analyte = AnalyteFactory(key="PHOS", name_en="Phosphate", unit="mmol/L", molar_mass=94.97, decimals=2)
    return Scene(nation=nation, region=region, officer=officer, analyte=analyte)
