"""What time alone changes: the worker sees it without being told."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from tests.factories.recognition import hai_duong, procedure_in, prove

from lienthong.core.models import UsedAssertion
from lienthong.errors import BadInput
from lienthong.exchange.processing import housekeeping
from lienthong.exchange.processing.housekeeping import Housekeeping, keep_house
from lienthong.recognition.models import Grant

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)


def test_housekeeping_judges_rights_that_nothing_happened_to() -> None:
    procedure = procedure_in(hai_duong())
    prove(procedure, on=dt.date(2026, 11, 1))
    Housekeeping.from_start(AT).do(AT)

    (grant,) = Grant.objects.filter(procedure=procedure, superseded_at=None)
    assert grant.status == "refused"  # a round is passed, but there is no quality control
    assert {rule["rule"] for rule in grant.rules if rule["verdict"] != "yes"} == {"iqc_coverage", "iqc_open"}


def test_housekeeping_twice_changes_nothing() -> None:
    prove(procedure_in(hai_duong()), on=dt.date(2026, 11, 1))
    Housekeeping.from_start(AT).do(AT)
    before = list(Grant.objects.values_list("pk", "superseded_at"))

    Housekeeping.from_start(AT).do(AT + dt.timedelta(hours=1))

    assert list(Grant.objects.values_list("pk", "superseded_at")) == before


def test_housekeeping_is_due_a_minute_after_the_start_and_then_every_hour() -> None:
    house = Housekeeping.from_start(AT)
    first = house.due_at
    house.do(first)
    assert first == AT + dt.timedelta(minutes=1)
    assert house.due_at == first + dt.timedelta(hours=1)


def test_housekeeping_that_fails_is_told_and_the_worker_goes_on(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, times = threading.Event(), iter([AT, AT + dt.timedelta(minutes=2)])

    def fail(_house: Housekeeping, _at: dt.datetime) -> None:
        stop.set()
        raise BadInput([])

    monkeypatch.setattr(Housekeeping, "do", fail)
    monkeypatch.setattr(housekeeping.connection, "close", lambda: None)
    keep_house(stop, clock=lambda: next(times), look_seconds=0)

    assert "BadInput" in caplog.text


def test_housekeeping_forgets_expired_assertions() -> None:
    for token, expires in (("old", AT - dt.timedelta(days=1)), ("new", AT + dt.timedelta(minutes=4))):
        UsedAssertion.objects.create(issuer="his", token_id=token, expires_at=expires)
    Housekeeping.from_start(AT).do(AT)
    assert list(UsedAssertion.objects.values_list("token_id", flat=True)) == ["new"]


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        pytest.param(dt.time(16, 30), [], id="23:30 of the day before"),
        pytest.param(dt.time(17, 30), ["refused"], id="half past midnight of the day"),
    ],
)
def test_housekeeping_judges_a_system_from_the_local_day_on_which_it_is_in_use(
    hour: dt.time, expected: list[str]
) -> None:
    procedure = procedure_in(hai_duong(), in_use_from=dt.date(2026, 11, 23))
    at = dt.datetime.combine(dt.date(2026, 11, 22), hour, tzinfo=dt.UTC)

    Housekeeping.from_start(at).do(at)

    assert list(Grant.objects.filter(procedure=procedure).values_list("status", flat=True)) == expected
