"""Every address under /fhir by every kind of caller: the status, and that none is missing here."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import transaction as database
from django.http import HttpResponse
from django.test import Client
from tests.integration.exchange.fhir.bundles import entry, patient, transaction
from tests.integration.exchange.fhir.conftest import Json, System, system_of
from tests.integration.exchange.fhir.foreign import CALLERS, RIGHTS, Foreign, without

from lienthong.exchange.fhir.urls import urlpatterns

pytestmark = pytest.mark.django_db

# What is asked for is the laboratory's report and result that answer no order. `right` lacks the right in brackets.
TABLE = """
                             none expired revoked suspended type right foreign open done cancelled old answered owner
metadata                     200  200     200     200       200  200   200     200  200  200       200 200      200
smart-configuration          200  200     200     200       200  200   200     200  200  200       200 200      200
nothing                      404  404     404     404       404  404   404     404  404  404       404 404      404
root:transaction (u)         401  401     401     401       403  403   200     200  200  200       200 200      200
root:batch-read (r)          401  401     401     401       200  200   200     200  200  200       200 200      200
kind:search (s)              401  401     401     401       403  403   200     200  200  200       200 200      200
kind:create (c)              401  401     401     401       403  403   201     201  201  201       201 201      201
kind:conditional-create (c)  401  401     401     401       403  403   201     201  201  201       201 201      200
kind:conditional-create (s)  401  401     401     401       403  403   201     201  201  201       201 201      200
kind:conditional-update (u)  401  401     401     401       403  403   201     201  201  201       201 201      200
kind:conditional-update (s)  401  401     401     401       403  403   201     201  201  201       201 201      200
search:form (s)              401  401     401     401       403  403   200     200  200  200       200 200      200
instance:read (r)            401  401     401     401       403  403   404     200  404  404       404 404      200
instance:read-answer (r)     401  401     401     401       403  403   404     200  404  404       404 200      200
instance:not-modified (r)    401  401     401     401       403  403   404     304  404  404       404 404      304
instance:update (u)          401  401     401     401       403  403   201     201  201  201       201 201      200
instance:if-match (u)        401  401     401     401       403  403   412     412  412  412       412 412      200
history:of-instance (r)      401  401     401     401       403  403   404     200  404  404       404 404      200
version:vread (r)            401  401     401     401       403  403   404     200  404  404       404 404      200
last-observations:get (s)    401  401     401     401       403  403   200     200  200  200       200 200      200
match-patient:post (s)       401  401     401     401       403  403   200     200  200  200       200 200      200
openapi                      200  200     200     200       200  200   200     200  200  200       200 200      200
page                         200  200     200     200       200  200   200     200  200  200       200 200      200
export:observations (s)      401  401     401     401       403  403   202     202  202  202       202 202      202
export-patients:get (r)      401  401     401     401       403  403   202     202  202  202       202 202      202
export-status:of-nobody      401  401     401     401       404  404   404     404  404  404       404 404      404
export-file:of-nobody        401  401     401     401       404  404   404     404  404  404       404 404      404
"""
Ask = Callable[[System, Foreign, str], HttpResponse]
FOREIGN_RESULT, ANSWER, PATIENT = "v2 result B", "v2 result A", "Patient/p9"


def _path(foreign: Foreign, label: str, caller: str) -> str:
    held = foreign.held[label]
    return f"{held.kind}/{held.id_for(caller)}"


def _own(number: str = "zz-p9") -> Json:
    return patient("x", number=number)


def _created_where(system: System) -> HttpResponse:
    return system.post("Patient", _own(), If_None_Exist="identifier=zz-p9")


def _updated_where(system: System) -> HttpResponse:
    return system.put("Patient?identifier=zz-p9", {name: value for name, value in _own().items() if name != "id"})


def _under_their_id(foreign: Foreign, caller: str) -> Json:
    """Return a Patient under the id that the laboratory's has for the caller."""
    return _own() | {"id": foreign.held[PATIENT].id_for(caller)}


ASKED: dict[str, Ask] = {
    "metadata": lambda system, foreign, caller: system.get("metadata"),
    "smart-configuration": lambda system, foreign, caller: system.get(".well-known/smart-configuration"),
    "nothing": lambda system, foreign, caller: system.get("Patient/1/2/3/4"),
    "root:transaction (u)": lambda system, foreign, caller: system.post("", transaction(entry(_own()))),
    "root:batch-read (r)": lambda system, foreign, caller: system.post(
        "",
        transaction({"request": {"method": "GET", "url": _path(foreign, FOREIGN_RESULT, caller)}}) | {"type": "batch"},
    ),
    "kind:search (s)": lambda system, foreign, caller: system.get("Observation"),
    "kind:create (c)": lambda system, foreign, caller: system.post("Patient", _own()),
    "kind:conditional-create (c)": lambda system, foreign, caller: _created_where(system),
    "kind:conditional-create (s)": lambda system, foreign, caller: _created_where(system),
    "kind:conditional-update (u)": lambda system, foreign, caller: _updated_where(system),
    "kind:conditional-update (s)": lambda system, foreign, caller: _updated_where(system),
    "search:form (s)": lambda system, foreign, caller: system.post(
        "Observation/_search", "code=2345-7", Content_Type="application/x-www-form-urlencoded"
    ),
    "instance:read (r)": lambda system, foreign, caller: system.get(_path(foreign, FOREIGN_RESULT, caller)),
    "instance:read-answer (r)": lambda system, foreign, caller: system.get(_path(foreign, ANSWER, caller)),
    "instance:not-modified (r)": lambda system, foreign, caller: system.get(
        _path(foreign, FOREIGN_RESULT, caller), If_None_Match='W/"2"'
    ),
    "instance:update (u)": lambda system, foreign, caller: system.put(
        _path(foreign, PATIENT, caller), _under_their_id(foreign, caller)
    ),
    "instance:if-match (u)": lambda system, foreign, caller: system.put(
        _path(foreign, PATIENT, caller), _under_their_id(foreign, caller), If_Match='W/"1"'
    ),
    "history:of-instance (r)": lambda system, foreign, caller: system.get(
        f"{_path(foreign, FOREIGN_RESULT, caller)}/_history"
    ),
    "version:vread (r)": lambda system, foreign, caller: system.get(
        f"{_path(foreign, FOREIGN_RESULT, caller)}/_history/1"
    ),
    "last-observations:get (s)": lambda system, foreign, caller: system.get(
        f"Observation/$lastn?patient={foreign.held[PATIENT].id_for(caller)}"
    ),
    "match-patient:post (s)": lambda system, foreign, caller: system.post("Patient/$match", _own()),
    "openapi": lambda system, foreign, caller: system.get("openapi.json"),
    "page": lambda system, foreign, caller: system.get("openapi"),
    "export:observations (s)": lambda system, foreign, caller: system.get(
        "$export?_type=Observation", Prefer="respond-async"
    ),
    "export-patients:get (r)": lambda system, foreign, caller: system.get(
        "Patient/$export?_type=Patient", Prefer="respond-async"
    ),
    "export-status:of-nobody": lambda system, foreign, caller: system.get(f"exports/{UUID(int=1)}"),
    "export-file:of-nobody": lambda system, foreign, caller: system.get(f"exports/{UUID(int=1)}/Patient.1.ndjson"),
}


def test_each_caller_gets_the_status_of_the_table(foreign: Foreign) -> None:
    lines = [f"{'':29}" + " ".join(CALLERS)]
    width = [len(one) for one in CALLERS]

    for row, ask in ASKED.items():
        statuses = []
        for caller in CALLERS:
            system = foreign.systems[caller]
            if caller == "right" and "(" in row:
                system = without(row[-2], foreign.facility)
            statuses.append(_status(ask, system, foreign, caller))
        lines.append(f"{row:29}" + " ".join(f"{one:<{size}}" for one, size in zip(statuses, width, strict=True)))

    assert [line.rstrip() for line in lines] == [line.rstrip() for line in TABLE.strip("\n").splitlines()]


def _status(ask: Ask, system: System, foreign: Foreign, caller: str) -> int:
    """Ask, and take back what that stored."""
    with database.atomic():
        status = ask(system, foreign, caller).status_code
        database.set_rollback(True)
    return status


def test_no_address_is_missing() -> None:
    named = {row.partition(" ")[0].partition(":")[0] for row in ASKED}

    assert {one.name for one in urlpatterns} == named
    assert set(RIGHTS) - {row[-2] for row in ASKED if "(" in row} == {"d"}  # nothing is deleted


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_what_an_address_does_not_do_tells_nothing(method: str, foreign: Foreign) -> None:
    paths = ("metadata", f"DiagnosticReport/{foreign.held['v2 report B'].own_id}/_history", "Patient/$match")

    for path in paths:
        answer = getattr(Client(), method)(f"/fhir/{path}", headers={"Authorization": "Bearer no"})

        assert answer.status_code in (401, 405)
        assert b"zz-" not in answer.content


def test_system_of_a_facility_that_is_not_registered_is_refused_with_the_reason() -> None:
    stranger = system_of("99999")

    answer = stranger.get("Patient")

    assert answer.status_code == 403
    assert "not in the registry" in answer.json()["issue"][0]["diagnostics"]
