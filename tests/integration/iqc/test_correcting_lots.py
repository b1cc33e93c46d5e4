"""A control lot whose expiry was recorded wrongly is corrected, for a reason, by a laboratory that uses it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.core import UserFactory
from tests.factories.registry import bind
from tests.integration.iqc.bench import NOW, Bench, at

from lienthong.core.models import AuditEvent
from lienthong.errors import BadInput, NotAllowed, NotFound
from lienthong.iqc import actions
from lienthong.iqc.models import ControlLot
from lienthong.registry.models import Procedure

pytestmark = pytest.mark.django_db
WRONG, RIGHT = dt.date(2026, 1, 31), dt.date(2027, 1, 31)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noon of 30 November 2026."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def bench() -> Bench:
    return Bench.open()


def wrong_lot(bench: Bench) -> tuple[Procedure, ControlLot]:
    """Return a system with one level whose lot is recorded as expired long ago."""
    system = bench.system(levels=1)
    lot = ControlLot.objects.get()
    ControlLot.objects.update(expires_on=WRONG)
    return system, lot


def form(client: Client, system: Procedure, lot: ControlLot, **change: str) -> str:
    sent = {"expires_on": RIGHT.isoformat(), "reason": "Printed on the box"} | change
    answer = client.post(reverse("iqc:correct-lot", args=[system.pk, lot.pk]), sent, follow=True)
    return answer.content.decode()


def english(bench: Bench) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(bench.technician)
    return client


def test_corrected_lot_is_taken_for_runs_again(bench: Bench) -> None:
    system, lot = wrong_lot(bench)
    with pytest.raises(BadInput):
        actions.record_run(system.pk, {1: 4.0}, measured_at=at("30 08:00"), by=bench.technician, at=NOW)

    page = form(english(bench), system, lot)

    assert "The lot now expires on 31 Jan 2027" in page
    assert ControlLot.objects.get().expires_on == RIGHT
    actions.record_run(system.pk, {1: 4.0}, measured_at=at("30 08:00"), by=bench.technician, at=NOW)


def test_who_corrects_a_lot_and_why_is_in_the_log(bench: Bench) -> None:
    system, lot = wrong_lot(bench)

    form(english(bench), system, lot)

    event = AuditEvent.objects.get(action="correct-control-lot-expiry")
    assert event.facility == bench.laboratory.facility.code
    assert event.actor == bench.technician.username
    assert event.detail == {
        "before": "2026-01-31",
        "after": "2027-01-31",
        "reason": "Printed on the box",
        "system": system.code,
    }


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"reason": " "}, "This field is required."),
        ({"expires_on": WRONG.isoformat()}, "This day is recorded already"),
        ({"expires_on": "2019-01-01"}, "The lot would expire before its target begins"),
    ],
)
def test_what_cannot_be_corrected_is_said_and_stays_typed(bench: Bench, change: dict[str, str], told: str) -> None:
    system, lot = wrong_lot(bench)

    page = form(english(bench), system, lot, **change)

    assert told in page
    assert ("Printed on the box" in page) == ("reason" not in change)
    assert ControlLot.objects.get().expires_on == WRONG


def test_others_who_use_the_lot_are_named_by_their_number(bench: Bench) -> None:
    system, lot = wrong_lot(bench)
    other = Bench.open(region="VN-2")
    other.target(other.system(levels=0), 1)

    page = english(bench).get(reverse("iqc:correct-lot", args=[system.pk, lot.pk])).content.decode()

    assert "1 other laboratory uses this lot" in page
    assert "31 Jan 2026" in page


def test_lot_is_corrected_by_those_who_record_for_a_system_that_uses_it(bench: Bench) -> None:
    system, lot = wrong_lot(bench)
    bare = bench.system(levels=0)
    officer = UserFactory()
    bind(officer, "officer", bench.laboratory.facility.region)

    for by, procedure, error in (
        (Bench.open(region="VN-2").technician, system, NotAllowed),
        (officer, system, NotAllowed),
        (bench.technician, bare, NotFound),
    ):
        with pytest.raises(error):
            actions.correct_lot_expiry(procedure.pk, lot.pk, RIGHT, "box", by=by, at=NOW)
    assert ControlLot.objects.get().expires_on == WRONG


def test_list_leads_only_recorders_to_the_correction(bench: Bench) -> None:
    system, lot = wrong_lot(bench)
    officer = UserFactory()
    bind(officer, "officer", bench.laboratory.facility.region)
    reader = Client()
    reader.force_login(officer)
    link = reverse("iqc:correct-lot", args=[system.pk, lot.pk])

    assert link in english(bench).get(reverse("iqc:targets")).content.decode()
    assert link not in reader.get(reverse("iqc:targets")).content.decode()
