"""The scene of the portal: a district hospital whose patient was measured at the provincial one.

It is 10:00 on 23 November 2026 in the Hải Dương area. The provincial hospital reported HbA1c and total cholesterol
(their windows are open), potassium (its window of 24 hours has closed), and urea (the laboratory has no mark for it).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.test import Client
from tests.factories.core import UserFactory
from tests.factories.iqc import ControlRunFactory
from tests.factories.recognition import GrantFactory, hai_duong, publish_level
from tests.factories.registry import AnalyteFactory, FacilityFactory, LaboratoryFactory, ProcedureFactory, bind
from tests.factories.results import claim, report_draft, result_draft, store_one_report, store_patient_record

from lienthong.core.models import AuditEvent, User
from lienthong.registry.models import Facility, Laboratory, Procedure, Region
from lienthong.results import reads as results
from lienthong.results.actions import ReportDraft, ResultDraft

NOW = dt.datetime(2026, 11, 23, 3, tzinfo=dt.UTC)
ROLES = ("technician", "manager", "officer", "clinician", "operator", "administrator")
IDENTITY, INSURANCE, BORN = "030168000417", "GD4300155521", dt.date(1968, 3, 12)


@dataclass(frozen=True)
class Test:
    """A measured item: name, LOINC, unit, value, limits, and how long before now its specimen was collected."""

    __test__ = False

    name: str
    loinc: str
    unit: str
    value: str
    low: str | None
    high: str
    flags: str
    hours: int
    has_mark: bool = True


TESTS = {
    "HBA1C": Test("HbA1c", "4548-4", "%", "7.8", "4.0", "6.0", "H", 21 * 24),
    "TC": Test("Cholesterol, total", "2093-3", "mmol/L", "5.9", None, "5.2", "H", 4 * 24),
    "K": Test("Potassium", "2823-3", "mmol/L", "3.4", "3.5", "5.1", "L", 50),
    "UREA": Test("Urea", "3091-6", "mmol/L", "8.90", "2.5", "7.5", "H", 10, has_mark=False),
}


@dataclass
class Scene:
    """The two hospitals, the patient's two records, and the reports of the provincial one by item."""

    region: Region
    district: Facility
    province: Facility
    laboratory: Laboratory
    district_laboratory: Laboratory
    record: int
    province_record: int
    reports: dict[str, int]
    procedures: dict[str, Procedure]

    def result(self, item: str) -> results.ResultFacts:
        report = results.report(self.reports[item])
        assert report
        return report.results[0]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be 10:00 on 23 November 2026."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def scene(db: None) -> Scene:
    region = hai_duong()
    names = {"region": region, "has_insurance_contract": True}
    district = FacilityFactory(code="30051", name_en="Thanh Bình District Health Centre", **names)
    province = FacilityFactory(code="30001", name_en="Provincial General Hospital", **names)
    laboratory = LaboratoryFactory(facility=province, name_en="Biochemistry")
    district_laboratory = LaboratoryFactory(facility=district, name_en="Laboratory")
    publish_level(district, 2)
    publish_level(province, 4)
    people = {
        "full_name": "TRẦN THỊ MẪU",
        "birth_date": BORN,
        "identifiers": (("NI", IDENTITY), ("HC", INSURANCE)),
    }
    record = store_patient_record(claim(district, source="HIS-30051", local_id="D1", **people), at=NOW)
    other = store_patient_record(claim(province, source="LIS-30001", local_id="P1", **people), at=NOW)
    assert record
    assert other
    made = Scene(region, district, province, laboratory, district_laboratory, record, other, {}, {})
    for item, test in TESTS.items():
        measure(made, item, test)
    return made


def measure(scene: Scene, item: str, test: Test) -> None:
    """Let the provincial laboratory, in control and with a mark where the test says so, report one result."""
    analyte = AnalyteFactory(
        key=item, loinc=test.loinc, name_en=test.name, name_vi=f"{test.name} (vi)", name_zh=f"{test.name}（中）",
        unit=test.unit, group="biochemistry",
    )  # fmt: skip
    procedure = ProcedureFactory(
        laboratory=scene.laboratory,
        analyte=analyte,
        method="HPLC",
        period__instrument_model="Lumen G8",
        period__unit=test.unit,
    )
    if test.has_mark:
        GrantFactory(procedure=procedure, item=item, valid_from=dt.date(2026, 10, 1))
    collected = NOW - dt.timedelta(hours=test.hours)
    ControlRunFactory(procedure=procedure, measured_at=collected, recorded_at=collected)
    scene.procedures[item] = procedure
    scene.reports[item] = store(scene, item, draft_of(scene, item)).report_id


def draft_of(scene: Scene, item: str, **changes: object) -> ResultDraft:
    """Return the item's result as the laboratory reports it."""
    test, procedure = TESTS[item], scene.procedures[item]
    collected = NOW - dt.timedelta(hours=test.hours)
    mark = {"grant_id": 1, "item": item, "mark": "LT-HD", "scope": ["VN-HD"]}
    columns: dict[str, object] = {
        "local_code": test.loinc,
        "local_name": test.name,
        "procedure_id": procedure.pk,
        "reported_value": test.value,
        "reported_unit": test.unit,
        "value": Decimal(test.value),
        "reference_range": f"{test.low}-{test.high}" if test.low else f"< {test.high}",
        "reference_low": Decimal(test.low) if test.low else None,
        "reference_high": Decimal(test.high),
        "flags": test.flags,
        "collected_at": collected,
        "measured_at": collected + dt.timedelta(hours=1),
        "released_at": collected + dt.timedelta(hours=2),
        "marks": (mark,) if test.has_mark else (),
    }
    return result_draft(procedure.analyte_id, **(columns | changes))


def store(scene: Scene, item: str, *results: ResultDraft, inbox_id: int = 1, **changes: object):
    """Store the item's report; another message of it makes new versions of what changed."""
    collected = NOW - dt.timedelta(hours=TESTS[item].hours)
    draft: ReportDraft = report_draft(
        scene.province,
        *results,
        **{
            "source": "LIS-30001",
            "number": f"26-{item}",
            "requester": "BS. Lê Văn Mẫu",
            "specimen": "serum",
            "collected_at": collected,
            "received_at": collected + dt.timedelta(minutes=22),
            "released_at": collected + dt.timedelta(hours=2),
            **changes,
        },
    )
    return store_one_report(draft, patient_record_id=scene.province_record, inbox_id=inbox_id, at=NOW)


@pytest.fixture
def staff(scene: Scene) -> dict[str, User]:
    """One user of each role: laboratory staff and operator of the province, clinicians of both and of a third."""
    places = {
        "technician": scene.laboratory,
        "manager": scene.laboratory,
        "officer": scene.region,
        "clinician": scene.district,
        "operator": scene.province,
        "administrator": scene.region,
    }
    users = {role: UserFactory(username=role, full_name=f"{role} of the scene") for role in places}
    for role, place in places.items():
        bind(users[role], role, place)
    third = FacilityFactory(region=scene.region, code="30099", name_en="Third Hospital", has_insurance_contract=True)
    for name, place in (("stranger", third), ("province-clinician", scene.province)):
        users[name] = UserFactory(username=name, full_name=f"{name} of the scene")
        bind(users[name], "clinician", place)
    return users


@pytest.fixture
def clinician(client: Client, staff: dict[str, User]) -> Client:
    """A browser in which the district's clinician is signed in, in English."""
    return signed_in(client, staff["clinician"])


def signed_in(client: Client, user: User, language: str = "en") -> Client:
    client.force_login(user)
    client.cookies["django_language"] = language
    return client


def reads_of(user: User) -> list[tuple[int | None, str, str]]:
    """Return what a user read: record, kind of page, relation."""
    rows = AuditEvent.objects.filter(actor=user.username, action="read").order_by("id")
    return list(rows.values_list("patient_record_id", "object_kind", "relation"))
