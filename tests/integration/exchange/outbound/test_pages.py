"""The pages of outlets as an administrator uses them: registering, looking, dead letters, pausing, ending."""

from __future__ import annotations

import io

import pytest
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook
from tests.factories.core import UserFactory
from tests.factories.registry import FacilityFactory, bind
from tests.integration.exchange.outbound.scene import Clock, Scene, Told, row, states, work

from lienthong.core.models import AuditEvent
from lienthong.exchange.outbound.channels import Sent
from lienthong.exchange.outbound.hl7v2.settings import Hl7Settings
from lienthong.exchange.outbound.models import Dispatch, Outlet

pytestmark = pytest.mark.django_db
FIELDS = {
    **Hl7Settings(host="his.example", port=2575).plain(),
    "code": "HIS",
    "name": "Hospital system",
    "facility": "30001",
    "tls": "on",
}


@pytest.fixture
def administrator(orders: Scene) -> Client:
    """An administrator of the region of the scene."""
    person = UserFactory(full_name="Ngô Hữu Khoa")
    bind(person, "administrator", orders.ours.region)
    FacilityFactory(code="99999", name_en="Hospital elsewhere")
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def register(client: Client, **changes: object) -> HttpResponse:
    fields = {name: value for name, value in {**FIELDS, **changes}.items() if value is not None}
    return client.post("/inbox/outlets/register/", fields)  # type: ignore[return-value]  # what a test client gives


def page(client: Client, path: str = "/inbox/outlets/of/HIS/") -> str:
    return client.get(path).content.decode()


def kill(outlet: int, clock: Clock) -> Dispatch:
    """Let what waits die as dead letters; return the first."""
    channel = Told(lambda _one: Sent(outcome="refused", code="AE", text="AE; PID^1^3 204"))
    for _turn in range(3):
        work(outlet, channel=channel, clock=clock)
        clock.forward(minutes=6)
    return Dispatch.objects.filter(state="dead").order_by("position")[0]


def test_outlet_is_registered_with_all_that_was_said(administrator: Client) -> None:
    answer = register(administrator, reports="reach", receiving_application="HIS", withdrawn="D")

    outlet = Outlet.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, "/inbox/outlets/of/HIS/")
    assert (outlet.code, outlet.channel, outlet.facility.code, outlet.state) == ("HIS", "hl7v2", "30001", "active")
    expected = Hl7Settings(host="his.example", port=2575, reports="reach", receiving_application="HIS", withdrawn="D")
    assert outlet.settings == expected.plain()
    assert AuditEvent.objects.get(action="register-outlet").actor_label == "Ngô Hữu Khoa"


FAULTS: dict[str, tuple[dict[str, object], str]] = {
    "no code": ({"code": "a b"}, "Give a code of letters"),
    "no host": ({"host": "a b"}, "Name the receiver"),
    "port": ({"port": "70000"}, "less than or equal to 65535"),
    "facility elsewhere": ({"facility": "99999"}, "Select a valid choice"),
    "delimiter": ({"receiving_application": "A|B"}, "At most 180 signs"),
    "links without an address": ({"attachments": "links"}, "must set LIENTHONG_PUBLIC_URL"),
    "too much": ({"attachment_kilobytes": "10241"}, "less than or equal to 10240"),
    "past": ({"valid_to": "2020-01-01T10:00"}, "must lie in the future"),
}


@pytest.mark.parametrize(("changes", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_fault_stands_on_the_page_and_nothing_is_registered(
    administrator: Client, changes: dict[str, object], words: str
) -> None:
    answer = register(administrator, **changes)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Outlet.objects.exists()


def test_taken_code_stands_beside_its_field(administrator: Client) -> None:
    register(administrator)

    again = register(administrator)

    assert again.status_code == 422
    assert "has this code already" in again.content.decode()


def test_list_says_what_waits_and_since_when(administrator: Client, orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    orders.report("EX1")
    work(outlet, channel=Told(lambda _one: Sent(outcome="again", code="no-answer", text="x")), clock=clock)

    said = page(administrator, "/inbox/outlets/")
    book = load_workbook(io.BytesIO(administrator.get("/inbox/outlets.xlsx").content))

    assert "not reached" in said
    assert "no-answer" in said
    cells = [cell.value for cell in book.active[2]]  # type: ignore[index]  # a workbook has a sheet
    assert cells[:7] == ["HIS", "System HIS", "Hospital 30001", "HL7 v2 (MLLP)", "127.0.0.1:1", "not reached", 1]


def test_page_shows_dead_letters_without_the_patient(administrator: Client, orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    orders.report("EX1")
    dead = kill(outlet, clock)

    said = page(administrator)

    assert f"LT{dead.pk:X}" in said
    assert "EX1, Hospital 30002" in said
    assert "AE; PID^1^3 204" in said
    assert "its own log says why" in said
    assert "Đào" not in said


def test_dead_letter_is_sent_again_from_the_page(administrator: Client, orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    orders.report("EX1")
    dead = kill(outlet, clock)

    administrator.post(f"/inbox/outlets/dispatches/{dead.pk}/resend/")
    work(outlet, channel=Told(), clock=clock)

    assert states(outlet) == ["delivered"]
    assert "dead letter sent again" in page(administrator)


def test_all_dead_letters_are_sent_again_in_order(administrator: Client, orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    reports = [orders.report(f"EX{n}") for n in range(3)]
    kill(outlet, clock)

    administrator.post("/inbox/outlets/of/HIS/resend/")
    channel = Told()
    work(outlet, channel=channel, clock=clock)

    assert [int(one.subject) for one in channel.asked] == reports


def test_dead_letter_is_closed_with_a_reason(administrator: Client, orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    orders.report("EX1")
    dead = kill(outlet, clock)

    empty = administrator.post(f"/inbox/outlets/dispatches/{dead.pk}/close/", {"why": ""})
    administrator.post(f"/inbox/outlets/dispatches/{dead.pk}/close/", {"why": "told by telephone"})

    assert empty.status_code == 422
    assert states(outlet) == ["closed"]
    assert "told by telephone" in page(administrator)


def test_outlet_is_paused_resumed_and_ended(administrator: Client, orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()

    administrator.post("/inbox/outlets/of/HIS/pause/", {"why": "their upgrade"})
    paused = row(outlet).state
    administrator.post("/inbox/outlets/of/HIS/resume/")
    resumed = row(outlet).state
    orders.report("EX1")
    work(outlet, channel=Told(lambda _one: Sent(outcome="again")), clock=clock)
    administrator.post("/inbox/outlets/of/HIS/end/", {"why": "replaced"})

    assert (paused, resumed, row(outlet).state) == ("paused", "active", "off")
    assert states(outlet) == ["closed"]
    said = page(administrator)
    assert "their upgrade" in said
    assert "Send again from where it stopped" not in said


def test_change_keeps_what_is_not_said_and_shows_what_is(administrator: Client, orders: Scene) -> None:
    outlet = orders.outlet(2575)
    form = page(administrator, "/inbox/outlets/of/HIS/change/")

    answer = administrator.post("/inbox/outlets/of/HIS/change/", {**FIELDS, "port": "2600", "name": "New"})

    assert 'value="127.0.0.1"' in form
    assert answer.status_code == 302
    assert (row(outlet).name, row(outlet).settings["port"], row(outlet).code) == ("New", 2600, "HIS")
    assert "port" in str(AuditEvent.objects.get(action="change-outlet").detail["settings"])


def test_list_of_dispatches_is_an_excel_file(administrator: Client, orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    orders.report("EX1")
    dead = kill(outlet, clock)

    book = load_workbook(io.BytesIO(administrator.get("/inbox/outlets/of/HIS/dispatches.xlsx").content))

    cells = [cell.value for cell in book.active[2]]  # type: ignore[index]  # a workbook has a sheet
    assert cells[:5] == [f"LT{dead.pk:X}", "EX1, Hospital 30002", 1, "not delivered", 3]
