"""The scene of recognition: quality control as a table that a test fills, and patients' results."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from tests.factories.core import SystemUserFactory, UserFactory
from tests.factories.recognition import GrantFactory, hai_duong, procedure_in, publish_level
from tests.factories.registry import FacilityFactory, bind

from lienthong.core.models import User
from lienthong.iqc import reads as iqc
from lienthong.policy import IqcEvidence
from lienthong.recognition import actions, reads
from lienthong.registry.models import Procedure, Region
from lienthong.results.models import PatientRecord, Person, PersonLink, Report, Result

NOW = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)  # 10:00 in Hải Dương, 11:00 in Longnan
TODAY = dt.date(2026, 11, 22)


@dataclass
class ControlTable:
    """What quality control says, by procedure: covered every day and in control unless a test says otherwise."""

    covered: dict[int, int] = field(default_factory=dict)
    open_since: dict[int, dt.date] = field(default_factory=dict)
    cv_percent: dict[int, float] = field(default_factory=dict)
    unknown: set[int] = field(default_factory=set)
    out_of_control: set[int] = field(default_factory=set)
    held: list[iqc.Bracket] = field(default_factory=list)

    def evidence(self, procedure_ids: Collection[int], *, start: dt.date, end: dt.date) -> dict[int, IqcEvidence]:
        days, known = (end - start).days + 1, set(procedure_ids) - self.unknown
        covered = {pk: min(days, self.covered.get(pk, days)) for pk in known}
        return {
            pk: IqcEvidence(start, end, days, covered[pk], self.open_since.get(pk), self.cv_percent.get(pk))
            for pk in known
        }

    def state(self, pk: int, at: dt.datetime) -> iqc.IqcState:
        name = "out_of_control" if pk in self.out_of_control else "no_evidence" if pk in self.unknown else "in_control"
        return iqc.IqcState(pk, name, at, at, at, ())

    def states(self, procedure_ids: Collection[int], *, at: dt.datetime) -> dict[int, iqc.IqcState]:
        return {pk: self.state(pk, at) for pk in procedure_ids}

    def states_at(self, pairs: Collection[tuple[int, dt.datetime]]) -> dict[tuple[int, dt.datetime], iqc.IqcState]:
        return {(pk, at): self.state(pk, at) for pk, at in pairs}

    def brackets(
        self, procedure_ids: Collection[int], *, start: dt.datetime | None = None, end: dt.datetime | None = None
    ) -> list[iqc.Bracket]:
        return [one for one in self.held if one.procedure_id in procedure_ids]


@pytest.fixture
def controls(monkeypatch: pytest.MonkeyPatch) -> ControlTable:
    """Quality control in place of the app's: its own tests prove what it reads from runs."""
    table = ControlTable()
    for name in ("evidence", "states", "states_at", "brackets"):
        monkeypatch.setattr(iqc, name, getattr(table, name))
    return table


@pytest.fixture
def worker(db: None) -> User:
    return SystemUserFactory(username="system-recognition")


@pytest.fixture
def region(db: None) -> Region:
    return hai_duong()


@dataclass
class Ward:
    """A patient, and the results that laboratories sent."""

    record: PatientRecord
    person: Person
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def result(
        self,
        procedure: Procedure | None,
        *,
        collected: dt.datetime | None,
        value: str = "5.4",
        record: PatientRecord | None = None,
        **columns: object,
    ) -> Result:
        """A final result, measured an hour after collection, in a report of its own."""
        number = next(self.numbers)
        of = record or self.record
        report = Report.objects.create(
            source="LIS",
            number=f"R{of.pk}-{number}",
            facility=procedure.laboratory.facility if procedure else of.facility,
            patient_record=of,
            status="final",
            inbox_id=1,
        )
        values: dict[str, object] = {
            "id": number,
            "patient_record_id": of.pk,
            "report_id": report.pk,
            "inbox_id": 1,
            "key": f"key-{number}",
            "version": 1,
            "is_current": True,
            "procedure_id": procedure.pk if procedure else None,
            "analyte_id": procedure.analyte_id if procedure else None,
            "local_code": "X",
            "local_name": "X",
            "status": "final",
            "reported_value": value,
            "reported_unit": "mmol/L",
            "comparator": "",
            "value": Decimal(value),
            "outcome": "",
            "reference_range": "",
            "flags": "",
            "collected_at": collected,
            "measured_at": collected + dt.timedelta(hours=1) if collected else None,
        }
        return Result.objects.create(**(values | columns))

    def record_at(self, facility: object) -> PatientRecord:
        """Another sender's record of the same person."""
        other = PatientRecord.objects.create(
            source=f"LIS-{next(self.numbers)}", facility=facility, local_id="7", full_name="N", updated_at=NOW
        )
        PersonLink.objects.create(record=other, person=self.person, reason="same number", recorded_at=NOW)
        return other


@pytest.fixture
def ward(region: Region) -> Ward:
    facility = FacilityFactory(region=region, has_insurance_contract=True)
    record = PatientRecord.objects.create(source="HIS", facility=facility, local_id="1", full_name="N", updated_at=NOW)
    person = Person.objects.create(created_at=NOW)
    PersonLink.objects.create(record=record, person=person, reason="first", recorded_at=NOW)
    return Ward(record, person)


@pytest.fixture
def clinician(ward: Ward) -> User:
    user = UserFactory(full_name="Clinician")
    bind(user, "clinician", ward.record.facility)
    publish_level(ward.record.facility, 2)
    return user


def marked(region: Region, analyte: str = "GLU", level: int | None = 3, **grant: object) -> Procedure:
    """A system of a hospital with contract and level that has held the mark since October."""
    procedure = procedure_in(region, analyte, laboratory__facility__has_insurance_contract=True)
    GrantFactory(procedure=procedure, item=analyte, **grant)
    if level:
        publish_level(procedure.laboratory.facility, level)
    return procedure


def check(ward: Ward, by: User, items: tuple[str, ...] = ("GLU",), **changes: object) -> reads.OrderCheckFacts:
    asked: dict[str, object] = {
        "number": "26-1",
        "channel": "page",
        "patient_record_id": ward.record.pk,
        "facility_id": ward.record.facility_id,
        "items": items,
        "encounter_class": "outpatient",
        "purposes": frozenset(),
        "by": by,
        "user_label": "",
        "at": NOW,
    }
    return actions.check_order(**(asked | changes))  # type: ignore[arg-type]  # the table above
