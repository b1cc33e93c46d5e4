"""Each version of each report is sealed as it is stored, and made anew of its rows gives the same digest."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Context, Decimal

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.registry import AnalyteFactory, FacilityFactory
from tests.factories.results import (
    NOON,
    claim,
    report_draft,
    result_draft,
    store_one_report,
    store_patient_record,
)

from lienthong.core.actions import system_user
from lienthong.core.log.sealing import seal
from lienthong.registry.models import Facility
from lienthong.results.actions import ReportClaim, store_reports
from lienthong.results.reports.resealing import Resealed, reseal
from lienthong.results.reports.sealing import number

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def facility() -> Facility:
    made: Facility = FacilityFactory()
    return made


@pytest.fixture
def patient(facility: Facility) -> int:
    record = store_patient_record(claim(facility))
    assert record
    return record


@pytest.fixture
def analyte() -> int:
    return int(AnalyteFactory().pk)


def waiting() -> dict[int, bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, digest FROM core_log_waiting ORDER BY id")
        return {entry: bytes(digest) for entry, digest in cursor.fetchall()}


def resealed() -> list[Resealed]:
    """Return all sealed versions, each with its digest proved."""
    digests = waiting()
    found = reseal(digests)
    assert digests
    assert sorted(found) == sorted(digests)
    assert {one.problem for one in found.values()} == {""}
    assert {entry: seal(one.statement, salt=one.salt) for entry, one in found.items()} == digests
    return [found[entry] for entry in digests]


def test_new_report_is_sealed_with_all_it_says(facility: Facility, patient: int, analyte: int) -> None:
    marks = ({"mark": "LT-HD", "grant": 7, "b": "é"},)
    draft = result_draft(
        analyte, value=Decimal("0.12345678901"), reference_low=Decimal("1E+1"), marks=marks, comment='a "note"\nof\ttwo'
    )

    store_one_report(report_draft(facility, draft, comment="Hồng cầu vỡ"), patient_record_id=patient)

    (one,) = resealed()
    said = one.statement.decode()
    assert (one.version, one.is_latest, len(one.results)) == (1, True, 1)
    for part in (
        '"kind":"lienthong-report-1"', '"number":"SX1"', '"value":"0.123456789"', '"reference_low":"10"',
        '"comment":"Hồng cầu vỡ"', '"marks":[{"b":"é","grant":7,"mark":"LT-HD"}]',
        '"collected_at":"2026-11-20T02:00:00Z"', f'"patient_record":{patient}', '"earlier":[]',
    ):  # fmt: skip
        assert part in said


def test_same_message_again_seals_nothing(facility: Facility, patient: int, analyte: int) -> None:
    for inbox_id in (1, 2):
        store_one_report(report_draft(facility, result_draft(analyte)), patient_record_id=patient, inbox_id=inbox_id)

    assert len(resealed()) == 1


def test_report_without_results_is_sealed(facility: Facility, patient: int) -> None:
    store_one_report(report_draft(facility), patient_record_id=patient)

    assert [one.results for one in resealed()] == [()]


def test_correction_is_a_second_version_and_the_first_stays_as_it_was(
    facility: Facility, patient: int, analyte: int
) -> None:
    store_one_report(report_draft(facility, result_draft(analyte), comment="before"), patient_record_id=patient)
    changed = result_draft(analyte, status="corrected", reported_value="6.5", value=Decimal("6.5"), released_at=NOON)
    other = report_draft(facility, changed, comment="after", requester="Lê An", released_at=NOON)

    store_one_report(other, patient_record_id=patient, inbox_id=2)

    first, second = resealed()
    assert (first.version, second.version, first.is_latest, second.is_latest) == (1, 2, False, True)
    assert all(part in first.statement for part in (b'"comment":"before"', b'"reported_value":"5.6"'))
    assert all(part in second.statement for part in (b'"comment":"after"', b'"reported_value":"6.5"'))


def test_versions_of_one_batch_are_each_sealed(facility: Facility, patient: int, analyte: int) -> None:
    drafts = [
        result_draft(analyte, status=status, reported_value=value, value=Decimal(value), released_at=NOON + n * HOUR)
        for n, (status, value) in enumerate([("preliminary", "5.0"), ("final", "5.1"), ("corrected", "5.2")])
    ]
    claims = [
        ReportClaim(report_draft(facility, one, status=one.status, released_at=one.released_at), patient, n)
        for n, one in enumerate(drafts, start=1)
    ]

    store_reports(claims, by=system_user("exchange"), at=NOON)

    found = resealed()
    assert [one.version for one in found] == [1, 2, 3]
    assert [f'"reported_value":"5.{n}"'.encode() in one.statement for n, one in enumerate(found)] == [True] * 3


def test_original_after_its_correction_is_sealed_beside_it(facility: Facility, patient: int, analyte: int) -> None:
    corrected = result_draft(analyte, status="corrected", reported_value="6.5", amends=True)
    store_one_report(report_draft(facility, corrected), patient_record_id=patient, inbox_id=2)

    original = result_draft(analyte, released_at=NOON - 2 * HOUR)
    store_one_report(report_draft(facility, original), patient_record_id=patient, inbox_id=1)

    first, second = resealed()
    assert b'"earlier":[]' in first.statement
    assert b'"reported_value":"5.6"' in second.statement.partition(b'"earlier":')[2]


def test_cancelled_report_is_sealed_as_withdrawn(facility: Facility, patient: int, analyte: int) -> None:
    store_one_report(report_draft(facility, result_draft(analyte)), patient_record_id=patient)

    cancelled = report_draft(facility, status="withdrawn", is_cancelled=True, released_at=NOON)
    store_one_report(cancelled, patient_record_id=patient, inbox_id=2)

    assert [b'"status":"withdrawn","collected_at"' in one.statement for one in resealed()] == [False, True]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("5.6", "5.6"), ("5.60", "5.6"), ("560", "560"), ("5.0", "5"), ("0", "0"), ("0.000", "0"), ("-1.50", "-1.5"),
        ("1E+3", "1000"), ("1E-8", "0.00000001"), ("1.23456789015", "1.2345678902"), ("1.00000000001", "1"),
        ("99.99999999996", "100"), ("10", "10"), ("1.0000000001", "1.0000000001"), ("-0.0", "0"), ("-0", "0"),
        ("-1E-12", "0"),
    ],
)  # fmt: skip
def test_number_is_said_as_its_column_gives_it_back(value: str, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::numeric::numeric(24, 10)", [value])
        stored = cursor.fetchone()[0]

    assert (number(Decimal(value)), number(stored)) == (text, text)
    assert number(None) is None


@given(value=st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False))
@settings(max_examples=200, deadline=None)
def test_any_number_is_said_alike_before_and_after_its_column(value: Decimal) -> None:
    rounded = value.quantize(Decimal("1e-10"), ROUND_HALF_UP, context=Context(prec=60))

    assert number(value) == number(rounded)
