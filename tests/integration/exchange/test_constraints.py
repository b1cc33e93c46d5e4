"""What the database itself forbids of entrance tests, counted days and narrowed mappings."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from tests.factories.core import UserFactory
from tests.factories.exchange import CodeMappingFactory, SourceFactory
from tests.factories.registry import LEARNED

from lienthong.exchange.models import Certification, SourceDay

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def certification(**changes: object) -> Certification:
    usual = {"edition": "2026-1", "opened_at": LEARNED, "closes_at": LEARNED + DAY}
    if "source" not in changes:
        changes["source"] = SourceFactory()
    return Certification.objects.create(**{**usual, "opened_by": UserFactory(), **changes})


def test_sender_has_one_open_entrance_test_and_beside_it_one_of_the_platform() -> None:
    source = certification().source
    certification(source=source, is_self_test=True)
    certification(source=source, closed_at=LEARNED, has_passed=False)

    with pytest.raises(IntegrityError, match="exchange_certification_one_open"), transaction.atomic():
        certification(source=source)


def test_entrance_test_can_not_close_before_it_opens() -> None:
    with pytest.raises(IntegrityError, match="exchange_certification_period"), transaction.atomic():
        certification(closes_at=LEARNED)


@pytest.mark.parametrize("changes", [{"closed_at": LEARNED}, {"has_passed": True}], ids=["no verdict", "not closed"])
def test_closed_entrance_test_has_a_verdict(changes: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="exchange_certification_closed"), transaction.atomic():
        certification(**changes)


def test_day_of_a_sender_is_counted_once() -> None:
    SourceDay.objects.create(source="SX", day=LEARNED.date(), counted_at=LEARNED)

    with pytest.raises(IntegrityError, match="exchange_sourceday_once"), transaction.atomic():
        SourceDay.objects.create(source="SX", day=LEARNED.date(), counted_at=LEARNED)


@pytest.mark.parametrize(
    ("changes", "is_free"),
    [({}, False), ({"equipment": "C8"}, True), ({"specimen": "urine"}, True)],
    ids=["the same", "another analyser", "another specimen"],
)
def test_one_mapping_is_in_force_for_code_analyser_and_specimen(changes: dict[str, str], is_free: bool) -> None:
    first = CodeMappingFactory()

    try:
        with transaction.atomic():
            CodeMappingFactory(source=first.source, analyte=first.analyte, **changes)
        was_free = True
    except IntegrityError as error:
        was_free = "exchange_codemapping_one_in_force" not in str(error)

    assert was_free is is_free


def test_inbox_knows_no_other_state() -> None:
    statement = """
    INSERT INTO results_inbox (source, sender, lane, control_id, message_type, raw, digest, received_at, state)
    VALUES ('', '', '', '', '', '', '', now(), %s)
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, ["training"])
        with pytest.raises(IntegrityError, match="results_inbox_state"), transaction.atomic():
            cursor.execute(statement, ["lost"])


@pytest.mark.parametrize(
    ("changes", "name"),
    [({"tube_number": "rack"}, "exchange_source_tube_number"), ({"tube_days": 0}, "exchange_source_tube_days")],
    ids=["no such number", "no day"],
)
def test_number_on_the_tubes_of_a_sender_is_one_that_orders_have(changes: dict[str, object], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        SourceFactory(**changes)
