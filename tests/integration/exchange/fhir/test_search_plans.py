"""Searches by patient, code and date over a year of partitions and ten thousands of resources go by indexes.

The statements are those that the views send; how they ran is told by the server.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import pytest
from django.db import connection, transaction
from tests.integration.crowd import LOINC, TABLES, crowd, report_of
from tests.integration.exchange.fhir.conftest import System, system_of
from tests.integration.plans import Plan, plans, together

from lienthong.results.models import Resource
from lienthong.results.resources.tokens import code_token

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker

pytestmark = pytest.mark.django_db
OWN, ELSEWHERE = 20, 19  # one woman: the records of the hospital that asks, and of another
RESULTS, RESOURCES = "results_result", "results_resource"
# What is asked of links and orders for each row grows with neither: a small table may be read through.
LARGE = frozenset(TABLES) - {"results_personlink", "results_orderversion"}


@pytest.fixture(scope="module")
def hospital(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[System]:
    """The system of one hospital of twenty, made once for the file and rolled back at its end."""
    with django_db_blocker.unblock(), crowd() as [first, *_others]:
        one = Resource.objects.get(own_id=f"o{report_of(OWN, 7)}")
        one.tokens += [code_token("identifier", system="urn:x", code="zz-7")]
        one.save()
        yield system_of(first.code, sources=("S0",))


@pytest.fixture(autouse=True)
def _taken_back(hospital: System) -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Asked(NamedTuple):
    """A search, the indexes that it goes by, how many it finds at least, and how many rows it may look at."""

    path: str
    indexes: frozenset[str]
    found: int
    most_rows: int = 200


CODE = f"code={LOINC}|2345-7"
ASKED = {
    "patient": Asked(
        f"Observation?patient={OWN}",
        frozenset(("results_result_pkey", "results_resource_patient")), 24,
    ),
    "patient, code": Asked(
        f"Observation?patient={OWN}&{CODE}", frozenset(("results_result_pkey", "results_resource_patient")), 8,
    ),
    "patient, code, date": Asked(
        f"Observation?patient={OWN}&{CODE}&date=ge2026-05-01",
        frozenset(("results_result_pkey", "results_resource_patient")), 4,
    ),
    "patient, date in order": Asked(
        f"Observation?patient={OWN}&date=ge2026-03-01&_sort=-date&_count=3",
        frozenset(("results_result_pkey", "results_resource_patient")), 3,
    ),
    "patient of elsewhere by an open order": Asked(
        f"Observation?patient={ELSEWHERE}&date=ge2026-05-01",
        frozenset(("results_result_pkey", "results_resource_patient")), 8,
    ),
    "newest of each code": Asked(
        f"Observation/$lastn?patient={OWN}", frozenset(("results_result_pkey", "results_resource_patient")), 3,
    ),
    "number of a patient": Asked(
        f"Observation?patient.identifier=NI-{OWN}",
        frozenset(("results_result_pkey", "results_resource_patient", "results_patientidentifier_find")), 24,
    ),
    "identifier of a resource": Asked(
        "Observation?identifier=urn:x|zz-7", frozenset(("results_resource_tokens",)), 1, 4_000,
    ),
    "what changed": Asked(
        "Observation?_lastUpdated=ge2026-11-01&_count=10",
        frozenset(("results_result_id", "results_resource_changed")), 10, 6_000,
    ),
    "a day": Asked(
        "Observation?date=2026-10-22&_count=10",
        frozenset(("results_result_collected", "results_resource_begun")), 10, 4_000,
    ),
    "reports of a day": Asked(
        "DiagnosticReport?date=2026-10-22&_count=10", frozenset(("results_report_collected",)), 10, 800,
    ),
    "numbers of patients": Asked(
        f"Patient?identifier=NI-{OWN},MR-{OWN},L{OWN + 20}",
        frozenset(("results_patientidentifier_find", "results_patientrecord_pkey")), 2,
    ),
    "reports of a patient": Asked(
        f"DiagnosticReport?patient={OWN}&date=ge2026-05-01",
        frozenset(("results_report_patient_record_id_47a5f8db",)), 5,
    ),
}  # fmt: skip


def asked(system: System, path: str) -> tuple[Plan, list[object]]:
    """Ask, and return how all its statements were carried out, with what was found."""
    with plans() as told:
        found = system.search(path)
    return together(told), [*found]


@pytest.mark.parametrize("name", ASKED)
def test_search_goes_by_its_indexes(name: str, hospital: System) -> None:
    path, indexes, count, most_rows = ASKED[name]

    plan, found = asked(hospital, path)

    rows = plan.rows_of(RESULTS, RESOURCES, "results_report", "results_patientrecord")
    assert len(found) >= count
    assert plan.read_through & LARGE == set()
    assert indexes - plan.indexes == set()
    assert rows < most_rows


def test_what_changed_is_looked_for_in_its_months_only(hospital: System) -> None:
    plan, _found = asked(hospital, "Observation?_lastUpdated=ge2026-10-01&_lastUpdated=lt2026-11-01&_count=10")

    assert plan.partitions(by="results_result_id") == {"results_result_2026_10"}


def test_results_of_some_days_are_looked_for_by_their_time(hospital: System) -> None:
    plan, found = asked(hospital, "Observation?date=ge2026-10-20&date=lt2026-10-23&_count=10")

    assert len(found) == 10
    assert "results_result_collected" in plan.indexes
    assert plan.rows_of(RESULTS) < 1_000


def test_result_by_its_id_is_looked_for_by_its_report(hospital: System) -> None:
    found = next(one for one in hospital.search(f"Observation?patient={OWN}") if one["id"][:3].isdecimal())

    with plans() as told:
        assert hospital.get(f"Observation/{found['id']}").status_code == 200

    plan = together(told)
    assert "results_result_report" in plan.indexes
    assert plan.read_through & LARGE == set()
    assert plan.rows_of(RESULTS) < 20


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("patient, code, date", "results_resource_patient"),
        ("identifier of a resource", "results_resource_tokens"),
        ("what changed", "results_resource_changed"),
        ("what changed", "results_result_id"),
        ("a day", "results_result_collected"),
        ("reports of a day", "results_report_collected"),
        ("number of a patient", "results_patientidentifier_find"),
    ],
)
def test_index_that_is_dropped_is_missed(name: str, index: str, hospital: System) -> None:
    """No other index does what that one does."""
    standing, _found = asked(hospital, ASKED[name].path)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {index}")

    without, _found = asked(hospital, ASKED[name].path)

    assert without.read_through & LARGE or without.blocks > 2 * standing.blocks
