"""A control lot whose expiry was recorded wrongly is corrected: by its laboratory, or for several by the centre."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.core import UserFactory
from tests.factories.registry import LaboratoryFactory, ProcedureFactory, bind
from tests.integration.iqc.bench import NOW, Bench, at

from lienthong.core.models import AuditEvent, User
from lienthong.errors import BadInput, NotAllowed, NotFound
from lienthong.iqc import actions
from lienthong.iqc.models import ControlLot
from lienthong.registry.models import Laboratory, Procedure

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


def officer_of(bench: Bench) -> User:
    officer: User = UserFactory()
    bind(officer, "officer", bench.laboratory.facility.region)
    return officer


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def neighbour_of(bench: Bench) -> Laboratory:
    """Return a second laboratory of the region that uses the same lot."""
    laboratory = LaboratoryFactory(facility__region=bench.laboratory.facility.region)
    bench.target(ProcedureFactory(laboratory=laboratory), 1)
    return laboratory


def test_lot_of_several_laboratories_is_corrected_by_the_centre_for_all(bench: Bench) -> None:
    system, lot = wrong_lot(bench)
    neighbour_of(bench)
    officer = officer_of(bench)
    link = reverse("iqc:correct-lot", args=[system.pk, lot.pk])

    with pytest.raises(NotAllowed, match="the quality control centre"):
        actions.correct_lot_expiry(system.pk, lot.pk, RIGHT, "box", by=bench.technician, at=NOW)
    assert english(bench).get(link).status_code == 403
    assert link not in english(bench).get(reverse("iqc:targets")).content.decode()
    assert link in signed_in(officer).get(reverse("iqc:targets")).content.decode()
    page = signed_in(officer).get(link).content.decode()
    actions.correct_lot_expiry(system.pk, lot.pk, RIGHT, "box", by=officer, at=NOW)

    assert "1 other laboratory uses this lot" in page
    assert "31 Jan 2026" in page
    assert ControlLot.objects.get().expires_on == RIGHT


def test_lot_is_not_corrected_by_others(bench: Bench) -> None:
    system, lot = wrong_lot(bench)
    bare = bench.system(levels=0)

    for by, procedure, error in (
        (Bench.open(region="VN-2").technician, system, NotAllowed),
        (officer_of(Bench.open(region="VN-3")), system, NotAllowed),
        (bench.technician, bare, NotFound),
    ):
        with pytest.raises(error):
            actions.correct_lot_expiry(procedure.pk, lot.pk, RIGHT, "box", by=by, at=NOW)
    assert ControlLot.objects.get().expires_on == WRONG


def test_list_leads_a_laboratory_to_the_correction_of_its_own_lot(bench: Bench) -> None:
    system, lot = wrong_lot(bench)

    page = english(bench).get(reverse("iqc:targets")).content.decode()

    assert reverse("iqc:correct-lot", args=[system.pk, lot.pk]) in page
