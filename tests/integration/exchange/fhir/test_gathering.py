"""Requests of one system that write at the same time: one commit for all, and no answer that depends on the others."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection
from django.http import HttpResponse
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, report, transaction
from tests.integration.exchange.fhir.conftest import System, system_of

from lienthong.core.models import AuditEvent, ConnectedSystem
from lienthong.exchange.fhir import gathering
from lienthong.exchange.listening.listener import conninfo
from lienthong.results.models import InboxMessage, Report, Resource, Result

NAMES = ("Nguyễn Thị Đào", "Trần Văn Bình", "Lê Hoàng Yến")
FIRST = {"resourceType": "Practitioner", "id": "first"}
Ask = Callable[[], HttpResponse]
_HELD_UP = "SELECT count(*) FROM pg_locks WHERE relation = 'results_inbox'::regclass AND NOT granted"


@pytest.fixture
def hospital(committed_scene: Scene) -> System:
    return system_of(committed_scene.laboratory.facility.code, sources=("SX",))


def at_once(hospital: System, asks: Sequence[Ask]) -> list[HttpResponse]:
    """Ask while a request of the same system is being stored, which the inbox's lock holds up; return the answers."""
    with ThreadPoolExecutor(len(asks) + 1) as pool, psycopg.connect(conninfo()) as other:
        other.execute("LOCK TABLE results_inbox IN SHARE MODE")
        first = pool.submit(_closing, lambda: hospital.put("Practitioner/first", FIRST))
        _wait_until(lambda: other.execute(_HELD_UP).fetchone() == (1,))
        answers = []
        for number, ask in enumerate(asks, 1):
            answers.append(pool.submit(_closing, ask))
            _wait_until(lambda wanted=number: _waiting() == wanted)
        other.commit()
        assert first.result(timeout=60).status_code == 201
        return [one.result(timeout=60) for one in answers]


def _waiting() -> int:
    return len(gathering._gatherings[ConnectedSystem.objects.get().client_id]._waiting)


def _closing(ask: Ask) -> HttpResponse:
    try:
        return ask()
    finally:
        connection.close()


def _wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def of_patient(n: int, **report_header: str) -> dict[str, object]:
    """Return a transaction of one patient with one result of their own."""
    result = json.loads(glucose(f"o{n}", of=f"Patient/p{n}"))
    told = report(f"r{n}", results=(f"Observation/o{n}",), of=f"Patient/p{n}")
    return transaction(
        entry(patient(f"p{n}", number=f"P{n}", name=NAMES[n]) | {"birthDate": f"19{50 + 9 * n}-0{n + 1}-11"}),
        entry(result),
        entry(told, **report_header),
    )


def received_together() -> list[int]:
    """Return how many messages each commit received."""
    rows = AuditEvent.objects.filter(action="receive").order_by("id")
    return [one.detail["messages"] for one in rows]


def test_requests_that_wait_together_share_one_commit(committed_scene: Scene, hospital: System) -> None:
    answers = at_once(hospital, [lambda n=n: hospital.post("", of_patient(n)) for n in range(3)])

    assert [one.status_code for one in answers] == [200, 200, 200]
    assert received_together() == [1, 3]
    assert (Result.objects.count(), Report.objects.count(), Resource.objects.count()) == (3, 3, 10)
    assert set(InboxMessage.objects.values_list("state", flat=True)) == {"stored"}
    of = {one.own_id: one.patient_record_id for one in Resource.objects.all()}
    assert all(of[f"p{n}"] == of[f"o{n}"] == of[f"r{n}"] is not None for n in range(3))
    assert len({of["p0"], of["p1"], of["p2"]}) == 3
    assert Report.objects.filter(resource_id=None).count() == 0


def test_request_that_is_refused_leaves_the_others_stored(committed_scene: Scene, hospital: System) -> None:
    asks = [lambda n=n: hospital.post("", of_patient(n)) for n in range(2)]

    answers = at_once(hospital, [*asks, lambda: hospital.post("", of_patient(2, ifMatch='W/"7"'))])

    assert [one.status_code for one in answers] == [200, 200, 412]
    assert received_together() == [1, 1, 1]
    assert sorted(Resource.objects.filter(kind="Patient").values_list("own_id", flat=True)) == ["p0", "p1"]


def test_requests_for_the_same_resource_follow_one_another(committed_scene: Scene, hospital: System) -> None:
    values = ("5.1", "5.2", "5.3")
    hospital.put("Patient/p1", patient())

    answers = at_once(
        hospital, [lambda value=value: hospital.put("Observation/o1", glucose(value=value)) for value in values]
    )

    assert sorted(one.headers["ETag"] for one in answers) == ['W/"1"', 'W/"2"', 'W/"3"']
    versions = Result.objects.order_by("version").values_list("reported_value", "is_current")
    assert sorted(value for value, _is_current in versions) == list(values)
    assert [is_current for _value, is_current in versions] == [False, False, True]
    assert received_together() == [1, 1, 1, 1, 1]
