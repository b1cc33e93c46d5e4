"""Rights, and the proof they rest on: the smallest valid rows.

`hai_duong()` and `longnan()` make the two demonstration regions with the tree above them; `prove(procedure, on=...)`
gives a procedure a passed final EQA round, and its facility a published level.
"""

from __future__ import annotations

import datetime as dt

import factory
from factory.django import DjangoModelFactory
from tests.factories.core import UserFactory
from tests.factories.eqa import ProcedureScoreFactory, RoundFactory, SchemeFactory
from tests.factories.registry import AnalyteFactory, FacilityFactory, ProcedureFactory, RegionFactory

from lienthong.assessment.models import PublishedLevel
from lienthong.eqa.models import ProcedureScore, RoundStep
from lienthong.recognition.models import Grant, OrderCheck, OrderLine, ReuseNotice
from lienthong.registry.models import Facility, Procedure, Region

LEARNED = dt.datetime(2026, 10, 1, 2, tzinfo=dt.UTC)


class GrantFactory(DjangoModelFactory[Grant]):
    """A right in force in the Hải Dương area since 1 October 2026."""

    class Meta:
        model = Grant

    procedure = factory.SubFactory(ProcedureFactory)
    item = "GLU"
    status = Grant.Status.IN_FORCE
    mark = "LT-HD"
    scope = factory.LazyFunction(lambda: ["VN-HD"])
    jurisdiction = "vn"
    edition = "vn:VN-HD:2026-10-01:test"
    valid_from = dt.date(2026, 10, 1)
    recorded_at = LEARNED


class OrderCheckFactory(DjangoModelFactory[OrderCheck]):
    class Meta:
        model = OrderCheck

    number = factory.Sequence(lambda n: f"26-{n}")
    channel = OrderCheck.Channel.PAGE
    patient_record_id = 1
    facility = factory.SubFactory(FacilityFactory)
    by = factory.SubFactory(UserFactory)
    at = LEARNED
    edition = "vn:VN-HD:2026-10-01:test"


class OrderLineFactory(DjangoModelFactory[OrderLine]):
    """A result of system `procedure_ids` that was reused."""

    class Meta:
        model = OrderLine

    order_check = factory.SubFactory(OrderCheckFactory)
    item = "GLU"
    outcome = "stands"
    result_id = factory.Sequence(lambda n: n + 1)
    result_version = 1
    result_key = factory.Sequence(lambda n: f"key-{n}")
    choice = OrderLine.Choice.REUSE
    chosen_at = LEARNED


class ReuseNoticeFactory(DjangoModelFactory[ReuseNotice]):
    class Meta:
        model = ReuseNotice

    line = factory.SubFactory(OrderLineFactory)
    kind = ReuseNotice.Kind.CORRECTED
    cause_key = "version 2"
    told_at = LEARNED


def hai_duong() -> Region:
    """The Hải Dương area under Hải Phòng under Viet Nam."""
    nation = RegionFactory(code="VN")
    city = RegionFactory(code="VN-HP", parent=nation)
    return RegionFactory(code="VN-HD", parent=city)


def longnan() -> Region:
    """Longnan under Ganzhou under Jiangxi under China."""
    zone = {"time_zone": "Asia/Shanghai"}
    nation = RegionFactory(code="CN", **zone)
    province = RegionFactory(code="CN-36", parent=nation, **zone)
    city = RegionFactory(code="CN-3607", parent=province, **zone)
    return RegionFactory(code="CN-360783", parent=city, **zone)


def procedure_in(region: Region, analyte: str = "GLU", **fields: object) -> Procedure:
    """A measuring system of a hospital of the region."""
    return ProcedureFactory(laboratory__facility__region=region, analyte=AnalyteFactory(key=analyte), **fields)


def score(
    procedure: Procedure, *, final_on: dt.date, passed: bool | None = True, year: int | None = None, **scheme: object
) -> ProcedureScore:
    """A final verdict on a procedure in a round of its own; `code` names the scheme."""
    closes = dt.datetime.combine(final_on, dt.time(3), tzinfo=dt.UTC)
    round_ = RoundFactory(
        scheme=SchemeFactory(**scheme), status="final", final_on=final_on, closes_at=closes, year=year or final_on.year
    )
    RoundStep.objects.create(round=round_, status="final", at=closes, by=UserFactory())
    return ProcedureScoreFactory(round=round_, procedure=procedure, passed=passed, recorded_at=closes)


def publish_level(facility: Facility, level: int = 3, *, scheme: str = "vn-2429") -> PublishedLevel:
    """A published level since 2025."""
    return PublishedLevel.objects.create(
        facility=facility,
        scheme=scheme,
        level=level,
        decision="12/QĐ",
        published_on=dt.date(2025, 1, 10),
        valid_from=dt.date(2025, 1, 1),
        recorded_at=dt.datetime(2025, 1, 10, tzinfo=dt.UTC),
    )


def prove(procedure: Procedure, *, on: dt.date, level: int = 3) -> None:
    """Give a procedure a passed round of its province that was final on a day, and its facility a level."""
    score(procedure, final_on=on)
    publish_level(procedure.laboratory.facility, level)
