"""What a system is answered: a number at once, what became of each report later, and one shape of errors."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories.core import UserFactory, access_token
from tests.factories.exchange import GLU, OBR, PID, SourceFactory, message
from tests.factories.registry import LaboratoryFactory, bind
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.deliveries_scene import FORM, push, report
from tests.integration.exchange.pushing import System

from lienthong.core.models import AccessToken, ConnectedSystem
from lienthong.exchange.deliveries.queue import work_deliveries
from lienthong.exchange.models import Delivery
from lienthong.exchange.processing.worker import process_waiting
from lienthong.results.models import InboxMessage, Report, Result

pytestmark = pytest.mark.django_db


def settle() -> None:
    work_deliveries(timezone.now())
    process_waiting(timezone.now())


def test_push_is_answered_with_a_number_and_polled_until_stored(system: System) -> None:
    answer = system.push(push())
    body = json.loads(answer.content)
    before = json.loads(system.ask(answer["Location"]).content)
    settle()
    after = json.loads(system.ask(answer["Location"]).content)

    assert (answer.status_code, body["state"], body["is_repeated"]) == (202, "received", False)
    assert answer["Location"] == body["href"] == f"/api/deliveries/{body['number']}"
    assert (before["state"], before["reports"]) == ("received", [])
    assert (after["state"], after["counts"]["stored"], after["counts"]["results_stored"]) == ("processed", 1, 1)
    assert [(one["number"], one["where"], one["state"]) for one in after["reports"]] == [
        ("J1", "$.reports[0]", "stored")
    ]
    assert Result.objects.get().reported_value == "5.60"


def test_faulty_report_is_told_by_its_place_and_the_others_are_stored(system: System) -> None:
    wrong = report(number="J2", results=[{"code": "GLU", "value": 5.6}])
    unmapped = report(number="J3", results=[{"code": "XYZ", "value": "1", "unit": "g/L"}])
    answer = system.push(push(wrong, report(), unmapped))
    settle()
    told = json.loads(system.ask(answer["Location"]).content)

    assert [one["where"] for one in told["findings"]] == ["$.reports[0].results[0].value"]
    assert [(one["number"], one["state"], one["reason"]) for one in told["reports"]] == [
        ("J1", "stored", ""),
        ("J3", "held", "code-unknown"),
    ]
    assert told["reports"][1]["findings"][0]["where"] == "$.reports[2].results[0].code"
    assert "5.6" not in json.dumps(told["findings"])


def test_answer_of_the_gateway_tells_what_became_of_all_reports(system: System) -> None:
    wrong = report(number="J2", results=[{"code": "GLU", "value": 5.6}])
    unmapped = report(number="J3", results=[{"code": "XYZ", "value": "1", "unit": "g/L"}])
    answer = system.push(push(wrong, report(), unmapped), query="?answer=gateway")
    received = json.loads(answer.content)
    settle()
    told = json.loads(system.ask(answer["Location"]).content)

    assert answer["Location"] == f"/api/deliveries/{received['maGiaoDich']}?answer=gateway"
    assert (received["maKetQua"], received["trangThai"], received["maLoi"]) == ("200", "received", "")
    assert (told["maKetQua"], told["maGiaoDich"], told["trangThai"]) == ("200", received["maGiaoDich"], "partly")
    assert told["thoiGianTiepNhan"] == received["thoiGianTiepNhan"]
    assert [(one["viTri"].split("/")[0], one["maLoi"]) for one in told["chiTiet"]] == [
        ("$.reports[0].results[0].value", "form"),
        ("$.reports[2]", "code-unknown"),
    ]


def test_answer_of_the_gateway_is_done_where_all_is_stored_and_400_where_nothing_is_taken(system: System) -> None:
    stored = system.push(push(), query="?answer=gateway")
    refused = system.push(push(report(number="J2", results=[])), query="?answer=gateway")
    settle()

    done, nothing = (json.loads(system.ask(one["Location"]).content) for one in (stored, refused))

    assert (done["maKetQua"], done["trangThai"], done["maLoi"], done["chiTiet"]) == ("200", "done", "", [])
    assert (nothing["maKetQua"], nothing["trangThai"]) == ("400", "refused")


def test_same_bytes_again_are_the_same_delivery(system: System) -> None:
    first = system.push(push(), key="a-1")
    settle()
    again = system.push(push(), key="a-1")

    assert (first.status_code, again.status_code) == (202, 200)
    assert json.loads(again.content)["is_repeated"]
    assert first["Location"] == again["Location"]
    assert Delivery.objects.count() == Report.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        pytest.param(FORM, "text/csv", id="form"),
        pytest.param(message(PID, OBR, GLU), "application/hl7-v2", id="hl7"),
        pytest.param(message(PID, OBR, GLU), "application/octet-stream", id="bytes"),
    ],
)
def test_files_are_pushed_as_they_are(system: System, data: bytes, content_type: str) -> None:
    answer = system.push(data, content_type)
    settle()
    told = json.loads(system.ask(answer["Location"]).content)

    assert (answer.status_code, told["state"], told["findings"]) == (202, "processed", [])
    assert told["counts"]["stored"] == told["counts"]["found"] > 0


def _without_token(_system: System) -> HttpResponse:
    return Client().post("/api/deliveries", push(), content_type="application/json")  # type: ignore[return-value]  # as Django answers


def _with_key_of_another(system: System) -> HttpResponse:
    system.push(push(), key="k")
    return system.push(push(report(number="J9")), key="k")


REFUSED: dict[str, tuple[Callable[[System], HttpResponse], int, str]] = {
    "nobody": (_without_token, 401, "not-authenticated"),
    "type": (lambda system: system.push(push(), "image/png"), 415, "content-type"),
    "empty": (lambda system: system.push(b" "), 422, "bad-input"),
    "no-kind": (lambda system: system.push(b"\x00\x01\x02", "application/octet-stream"), 422, "bad-input"),
    "pdf-alone": (lambda system: system.push(b"%PDF-1.7", "application/octet-stream"), 422, "bad-input"),
    "key": (_with_key_of_another, 409, "conflict"),
    "long-key": (lambda system: system.push(push(), key="k" * 201), 422, "bad-input"),
    "no-shape": (lambda system: system.push(push(), query="?answer=other"), 422, "bad-input"),
    "no-source": (lambda system: system.push(push(), query="?source=OTHER"), 403, "not-allowed"),
    "too-large": (lambda system: system.push(b"{" + b" " * (10 * 1024 * 1024)), 413, "too-large"),
    "no-number": (lambda system: system.ask("/api/deliveries/20261120-0000000000"), 404, "not-found"),
    "after": (lambda system: system.ask("/api/deliveries/20261120-0000000000?after=x"), 422, "bad-input"),
    "nowhere": (lambda system: system.ask("/api/reports"), 404, "not-found"),
    "method": (lambda system: system.ask("/api/deliveries"), 405, "method"),
    "multipart": (lambda system: system.push({"metadata": "{}"}), 422, "bad-input"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_every_refusal_has_the_one_shape(system: System, name: str) -> None:
    call, status, code = REFUSED[name]

    answer = call(system)
    body = json.loads(answer.content)

    assert (answer.status_code, answer["Content-Type"], sorted(body)) == (
        status,
        "application/json",
        ["code", "findings", "message"],
    )
    assert body["code"] == code


def test_system_of_another_facility_neither_delivers_nor_sees(system: System) -> None:
    elsewhere = SourceFactory(code="SY", laboratory=LaboratoryFactory())
    other = System.of(elsewhere.facility.code)

    mine = system.push(push())
    settle()

    for address in (mine["Location"], f"{mine['Location']}?answer=gateway", f"{mine['Location']}?after=0"):
        refused, absent = other.ask(address), other.ask("/api/deliveries/20261120-0000000000")
        assert (refused.status_code, refused.content) == (404, absent.content)
    assert other.push(push(), query="?source=SX").status_code == 403
    assert other.push(push()).status_code == 202  # the same bytes are another delivery: its number is its own
    assert Delivery.objects.filter(source=elsewhere).count() == 1


@pytest.mark.parametrize(
    ("lacking", "status"),
    [("token", 401), ("expires_at", 401), ("revoked_at", 401), ("suspended_at", 401), ("scope", 403)],
)
def test_caller_who_may_not_deliver_neither_delivers_nor_sees(
    mapped: Scene, system: System, lacking: str, status: int
) -> None:
    address = system.push(push())["Location"]
    past = timezone.now() - dt.timedelta(minutes=1)
    caller = system
    if lacking == "token":
        caller = System("no")
    elif lacking == "scope":
        caller = System(access_token(facility=mapped.laboratory.facility.code, scopes=("system/*.cruds",)))
    elif lacking == "suspended_at":
        ConnectedSystem.objects.update(suspended_at=past)
    else:
        AccessToken.objects.update(**{lacking: past})

    answers = [caller.ask(address), caller.ask(f"{address}?answer=gateway"), caller.push(push(report(number="J2")))]

    assert [one.status_code for one in answers] == [status] * 3
    assert not any(b"J1" in one.content for one in answers)
    assert Delivery.objects.count() == 1


def test_source_must_be_named_where_the_facility_has_several(mapped: Scene, system: System) -> None:
    SourceFactory(code="SX-2", laboratory=mapped.laboratory)

    unnamed = system.push(push())
    named = system.push(push(), query="?source=SX-2")

    assert (unnamed.status_code, named.status_code) == (422, 202)
    assert Delivery.objects.get().source.code == "SX-2"


def test_held_report_is_shown_on_the_page_of_held_messages_without_its_patient(mapped: Scene, system: System) -> None:
    system.push(push(report(results=[{"code": "XYZ", "value": "7.5", "unit": "g/L", "comment": "ask Mrs Đào"}])))
    settle()
    held = InboxMessage.objects.get()
    operator = UserFactory()
    bind(operator, "operator", mapped.laboratory.facility.region)
    client = Client(headers={"accept-language": "en"})
    client.force_login(operator)

    listed = client.get(reverse("exchange:held")).content.decode()
    closed = client.get(reverse("exchange:message", args=[held.pk])).content.decode()
    opened = client.post(reverse("exchange:patient-fields", args=[held.pk])).content.decode()

    assert (held.state, held.reason) == ("held", "code-unknown")
    assert "XYZ" in listed
    assert ("7.5" in closed, "Nguyễn" in closed, "Mrs Đào" in closed) == (True, False, False)
    assert ("Nguyễn" in opened, "Mrs Đào" in opened) == (True, True)
