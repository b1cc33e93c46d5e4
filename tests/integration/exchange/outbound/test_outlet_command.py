"""`lienthong exchange outlet` and `outbound --once`, as scripts use them."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from tests.integration.exchange.outbound.receiver import acknowledging, receiving
from tests.integration.exchange.outbound.scene import Clock, Scene, Told, row, states, work
from typer.testing import CliRunner

from lienthong.cli import app
from lienthong.exchange.outbound.channels import Sent
from lienthong.exchange.outbound.models import Dispatch, Outlet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django and the database run already."""
    monkeypatch.setattr("lienthong.cli.outlets.start", lambda **_: None)
    monkeypatch.setattr("lienthong.cli.exchange.start_django", lambda: None)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["exchange", *arguments])
    return result.exit_code, result.output


def test_outlet_is_registered_and_listed(orders: Scene) -> None:
    code, _said = run(
        *("outlet", "register", "HIS", "--name", "Hospital system", "--facility", "30001", "--host", "his.example"),
        *("--no-tls", "--setting", "reports=reach", "--setting", "answer_seconds=60"),
    )

    listed = json.loads(run("outlet", "list", "--json")[1])
    assert code == 0
    assert Outlet.objects.get().settings["tls"] is False
    assert [(one["code"], one["state"], one["waiting"], one["settings"]["reports"]) for one in listed] == [
        ("HIS", "active", 0, "reach")
    ]
    assert listed[0]["settings"]["answer_seconds"] == 60


def test_list_names_each_outlet_whole_in_a_narrow_terminal(orders: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "subscription-fd8258cb-33e0-50a0-851a-9b0bfe719055.1"
    monkeypatch.setenv("COLUMNS", "60")
    run("outlet", "register", code, "--name", "Wards", "--facility", "30001", "--host", "his.example", "--no-tls")
    Outlet.objects.update(last_delivered_at=dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC), last_error_code="AR")

    said = run("outlet", "list")[1].splitlines()

    assert said[0] == code
    assert said[1].startswith("  hl7v2, active: 0 waiting, 0 dead; last delivered 2026-11-20 ")
    assert said[1].endswith("00; last fault AR")


@pytest.mark.parametrize("setting", ["reports", "colour=red", "answer_seconds=soon", "tls=1"])
def test_setting_that_is_none_is_refused(orders: Scene, setting: str) -> None:
    options = ("--name", "H", "--facility", "30001", "--host", "h", "--setting", setting)

    code, _said = run("outlet", "register", "HIS", *options)

    assert code == 2
    assert not Outlet.objects.exists()


def test_dead_letters_are_listed_sent_again_and_closed(orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    orders.report("EX1")
    channel = Told(lambda _one: Sent(outcome="refused", code="AE"))
    for _turn in range(3):
        work(outlet, channel=channel, clock=clock)
        clock.forward(minutes=6)
    control_id = f"LT{Dispatch.objects.get().pk:X}"

    code, said = run("outlet", "dead", "HIS", "--json")
    shown = run("outlet", "dead", "HIS")
    again = run("outlet", "resend", "HIS")
    revived = states(outlet)
    Dispatch.objects.update(state="dead")
    closed = run("outlet", "close", f"{control_id}01", "--why", "told by telephone")  # as told of a newer version

    assert code == 1
    assert [one["control_id"] for one in json.loads(said)] == [control_id]
    assert control_id in shown[1]
    assert "1 sent again" in again[1]
    assert revived == ["waiting"]
    assert closed[0] == 0
    assert states(outlet) == ["closed"]
    assert run("outlet", "dead", "HIS")[0] == 0


def test_outlet_is_paused_resumed_and_ended(orders: Scene) -> None:
    outlet = orders.outlet()

    seen = []
    for arguments in (("pause", "HIS", "--why", "w"), ("resume", "HIS"), ("end", "HIS", "--why", "w")):
        assert run("outlet", *arguments)[0] == 0
        seen.append(row(outlet).state)

    assert seen == ["paused", "active", "off"]


@pytest.mark.parametrize(("answer", "code"), [("AA", 0), ("CE", 1)])
def test_outbound_once_sends_what_is_due_and_says_what_is_left(orders: Scene, answer: str, code: int) -> None:
    with receiving(acknowledging(answer)) as receiver:  # type: ignore[arg-type]  # a code of table 0008
        orders.outlet(receiver.port)
        orders.report("EX1")

        ended, said = run("outbound", "--once")

    assert ended == code
    assert receiver.numbers() == ["EX1"]
    assert ("HIS: 1 waiting, 0 dead; CE" in said) is (code == 1)
