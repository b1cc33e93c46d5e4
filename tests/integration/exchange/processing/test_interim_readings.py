"""Preliminary values that go to and fro: a further reading is a version, an old message that is sent again is none."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone
from tests.factories.exchange import OBR, PID, message
from tests.integration.exchange.conftest import Scene

from lienthong.results.actions import ChangedBack
from lienthong.results.models import InboxMessage, Result

pytestmark = pytest.mark.django_db

LOW, HIGH = Decimal("5.0"), Decimal("5.2")
NOT_RELEASED = OBR.replace("20261120090000|||F", "|||P")


def reading(value: str, hour: str, *, status: str = "P") -> str:
    """Return OBX of a glucose that was measured at an hour of the day (OBX-19), or empty: not told."""
    told = f"202611200{hour}0000" if hour else ""
    return f"OBX|1|NM|2345-7^Glucose^LN||{value}|mmol/L|3.9-6.4|N|||{status}|||20261120070000|||||{told}"


def written(days: int) -> str:
    """Return MSH-7 of a message that is written so many days from now."""
    return f"{timezone.localtime() + dt.timedelta(days=days):%Y%m%d%H%M%S}"


def read_after(scene: Scene, again: str, *, msh7: str = "", second: str = "") -> InboxMessage:
    """Send 5.0 measured at 1 o'clock, 5.2 at 2 o'clock, then `again`; return the message that brings it."""
    scene.process(message(PID, NOT_RELEASED, reading("5.0", "1"), control_id="A"))
    scene.process(message(PID, NOT_RELEASED, second or reading("5.2", "2"), control_id="B"))
    scene.process(message(PID, NOT_RELEASED, again, control_id="C", at=msh7))
    return InboxMessage.objects.get(control_id="C")


def current() -> list[tuple[int, str, Decimal | None]]:
    rows = Result.objects.filter(is_current=True)
    return [(row.version, row.status, row.value) for row in rows]


@pytest.mark.parametrize("msh7", ["", written(1)], ids=["not told when written", "written since"])
def test_preliminary_value_that_was_measured_again_is_a_version(scene: Scene, msh7: str) -> None:
    again = read_after(scene, reading("5.0", "3"), msh7=msh7)

    assert (again.state, again.reason) == ("stored", "")
    assert current() == [(3, "preliminary", LOW)]


@pytest.mark.parametrize("hour", ["1", "2", ""], ids=["its own time", "the time of the newer", "no time"])
def test_preliminary_value_that_may_be_old_never_replaces_the_newer(scene: Scene, hour: str) -> None:
    again = read_after(scene, reading("5.0", hour), msh7=written(1))

    assert (again.state, again.reason) == ("held", ChangedBack.code)
    assert current() == [(2, "preliminary", HIGH)]


def test_preliminary_value_written_before_the_newer_came_changes_nothing(scene: Scene) -> None:
    again = read_after(scene, reading("5.0", "3"), msh7=written(-1))

    assert again.state == "duplicate"
    assert current() == [(2, "preliminary", HIGH)]


def test_newer_reading_without_a_time_leaves_its_order_in_doubt(scene: Scene) -> None:
    again = read_after(scene, reading("5.0", "3"), second=reading("5.2", ""))

    assert (again.state, again.reason) == ("held", ChangedBack.code)
    assert current() == [(2, "preliminary", HIGH)]


def test_preliminary_value_after_a_final_one_takes_nothing_back(scene: Scene) -> None:
    again = read_after(scene, reading("5.0", "3"), second=reading("5.2", "2", status="F"))

    assert (again.state, again.reason) == ("held", ChangedBack.code)
    assert current() == [(2, "final", HIGH)]


def test_readings_may_go_to_and_fro_until_the_final_one(scene: Scene) -> None:
    read_after(scene, reading("5.0", "3"))
    scene.process(message(PID, NOT_RELEASED, reading("5.2", "4"), control_id="D", at=""))
    scene.process(message(PID, OBR, reading("5.0", "4", status="F"), control_id="E", at=""))

    assert set(Scene.states()) == {("stored", "")}
    assert current() == [(5, "final", LOW)]
