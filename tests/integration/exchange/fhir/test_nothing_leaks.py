"""Whatever is asked, nothing of a resource that may not be read is in the answer: no content, id or count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, transaction
from tests.integration.exchange.fhir.conftest import Json
from tests.integration.exchange.fhir.foreign import NATIONAL, NATIONAL_SYSTEM, PUBLIC, Foreign, Held

from lienthong.exchange.fhir.kinds import KINDS
from lienthong.interop.fhir.r4.search import (
    DateValue,
    NumberValue,
    QuantityValue,
    ReferenceValue,
    SearchValue,
    StringValue,
    TokenValue,
    UriValue,
    search_values,
)

pytestmark = pytest.mark.django_db

WHOLE = ("DiagnosticReport", "Observation", "Patient", "ServiceRequest", "Specimen")
# What the other callers of the table may read, they may as one of these.
READERS = ("foreign", "old", "answered", "open")
REFUSED = ("none", "type")
EXTRAS = (
    "", "_total=accurate", "_summary=count", "_count=0", "_sort=-_lastUpdated", "_sort=_lastUpdated",
    "_lastUpdated=ge2020-01-01", "_lastUpdated=lt2999", "_id:missing=false", "_id={ids}",
    "_include={kind}:*", "_revinclude=Provenance:target&_revinclude=DiagnosticReport:result",
    "_revinclude=Observation:subject&_revinclude=DiagnosticReport:subject&_revinclude=Encounter:patient",
)  # fmt: skip
CHAINS = (
    "Observation?patient.identifier={number}", "Observation?subject:Patient.name=dao",
    "Observation?patient.birthdate=1980",
    "Observation?patient:identifier={number}", "Observation?patient={patient}", "Observation?subject=Patient/{patient}",
    "Observation?patient={row}", "DiagnosticReport?result.code=2345-7", "DiagnosticReport?result.patient.name=dao",
    "DiagnosticReport?result=Observation/{result}", "DiagnosticReport?specimen.patient.identifier={number}",
    "Provenance?target={patient}", "Specimen?patient.identifier={number}", "Patient?link=Patient/{patient}",
    "Patient?identifier=zz-p9", "Patient?identifier=zz-v2-p", "Patient?identifier:not=1", "Patient?name=dao",
    "Patient?gender:not=male", "ServiceRequest?requester:missing=true", "Encounter?patient.name:contains=o",
    "Device?patient.identifier={number}", "Practitioner?identifier=zz-number", "Observation?performer.name=Hospital",
)  # fmt: skip


def strings(value: object) -> Iterator[str]:
    """Yield all texts of a JSON, but for the links of a page, which repeat what was asked."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key != "link" or "relation" not in json.dumps(one):
                yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, str):
        yield value


def named(body: Json, foreign: Foreign, caller: str) -> set[str]:
    """Return the labels of the laboratory's resources whose name or reference is in a body, in whatever place."""
    tails = {"/".join(text.split("/_history")[0].split("/")[-2:]) for text in strings(body)}
    tails |= {f"{one['resourceType']}/{one['id']}" for one in resources(body)}
    return {
        label
        for label, held in foreign.held.items()
        if f"{held.kind}/{held.other_id}" in tails or (caller == "owner" and f"{held.kind}/{held.own_id}" in tails)
    }


def resources(value: object) -> Iterator[Json]:
    """Yield all resources in a JSON that have an id."""
    if isinstance(value, dict):
        if "resourceType" in value and "id" in value:
            yield value
        for one in value.values():
            yield from resources(one)
    elif isinstance(value, list):
        for one in value:
            yield from resources(one)


def leaks(answer: HttpResponse, foreign: Foreign, caller: str) -> set[str]:
    """Return what an answer holds that its caller may not read: labels, and texts that are the laboratory's."""
    if not answer.content:
        return set()
    body, readable = answer.json(), foreign.readable(caller)
    found = {label for label in named(body, foreign, caller) if label not in readable}
    if readable == PUBLIC:
        is_open = ("zz-number", "zz-place")  # of what tells of no patient
        found |= {text for text in strings(body) if "zz-" in text and not any(one in text for one in is_open)}
    if body.get("type") == "searchset" and "total" in body:
        matches = [one for one in body.get("entry", []) if one["search"]["mode"] == "match"]
        is_counted = not matches or body["total"] == len(matches)
        found |= set() if is_counted else {f"total {body['total']}"}
    return found


def asked_values(resource: Json, foreign: Foreign) -> Iterator[tuple[str, str]]:
    """Yield each parameter of a resource with what it is found by; references under the names that others use."""
    parameters = KINDS[resource["resourceType"]].parameters
    for code, values in search_values(resource, resource["resourceType"]).items():
        for value in values[:1] if code in parameters else ():
            yield from ((code + modifier, text) for modifier, text in _written(value, foreign))


def _written(value: SearchValue, foreign: Foreign) -> Iterator[tuple[str, str]]:
    if isinstance(value, TokenValue):
        yield "", f"{value.system}|{value.code}" if value.system else value.code
    elif isinstance(value, DateValue) and value.start:
        yield "", f"ge{value.start.isoformat()}"
    elif isinstance(value, StringValue):
        yield ":contains", value.text[1:]
    elif isinstance(value, UriValue):
        yield "", value.text
    elif isinstance(value, QuantityValue | NumberValue):
        yield "", "ge0"
    elif isinstance(value, ReferenceValue) and value.type:
        held = foreign.held.get(f"{value.type}/{value.id}")
        yield "", f"{value.type}/{held.other_id if held else value.id}"


def test_search_by_each_parameter_of_each_resource_shows_what_may_be_read(foreign: Foreign) -> None:
    leaking, missing = {}, []

    for label, held in foreign.held.items():
        resource = foreign.systems["owner"].get(f"{held.kind}/{held.own_id}").json()
        for parameter, text in dict.fromkeys(asked_values(resource, foreign)):
            path = f"{held.kind}?{parameter}={quote(text)}&_total=accurate&_count=500"
            for caller in ("foreign", "open"):
                answer = foreign.systems[caller].get(path)
                assert answer.status_code == 200, (path, answer.content)
                if found := leaks(answer, foreign, caller):
                    leaking[caller, path] = found
                is_known = not label.startswith("v2")  # of rows of the house some parameters are not searched
                if parameter != "_id" and is_known and label in foreign.readable(caller):
                    missing += [] if label in named(answer.json(), foreign, caller) else [(caller, label, path)]

    assert leaking == {}
    assert missing == []


def test_search_of_each_kind_and_by_chains_shows_what_may_be_read(foreign: Foreign) -> None:
    kinds = sorted({one.kind for one in foreign.held.values()})
    ids = ",".join(one.other_id for one in foreign.held.values())
    words = {
        "number": NATIONAL,
        "patient": foreign.held["Patient/p9"].other_id,
        "row": foreign.held["v2 patient"].own_id,
        "result": foreign.held["Observation/ob"].other_id,
    }
    paths = [f"{kind}?{extra.format(kind=kind, ids=ids)}" for kind in WHOLE for extra in EXTRAS]
    paths += [f"{kind}?_total=accurate" for kind in kinds if kind not in WHOLE]
    paths += [one.format(**words) + "&_total=accurate" for one in CHAINS]

    found = {}
    for caller in ("foreign", "answered", "open", "type"):
        for path in paths:
            answer = foreign.systems[caller].get(path)
            assert answer.status_code in ((200,) if caller in READERS else (401, 403, 200)), (path, answer.content)
            if leaking := leaks(answer, foreign, caller):
                found[caller, path] = leaking

    assert found == {}
    for path in paths:
        assert foreign.systems["owner"].get(path).status_code == 200, path


def test_counts_are_of_what_may_be_read(foreign: Foreign) -> None:
    counts = {
        caller: {
            kind: foreign.systems[caller].get(f"{kind}?_summary=count").json()["total"]
            for kind in ("Patient", "Observation", "DiagnosticReport", "Encounter", "Device")
        }
        for caller in ("foreign", "answered", "open", "owner")
    }

    assert counts == {
        "foreign": {"Patient": 1, "Observation": 0, "DiagnosticReport": 0, "Encounter": 0, "Device": 1},
        "answered": {"Patient": 3, "Observation": 2, "DiagnosticReport": 2, "Encounter": 0, "Device": 1},
        "open": {"Patient": 8, "Observation": 4, "DiagnosticReport": 4, "Encounter": 1, "Device": 2},
        "owner": {"Patient": 2, "Observation": 4, "DiagnosticReport": 4, "Encounter": 1, "Device": 2},
    }


@pytest.mark.parametrize("form", ["json", "xml"])
def test_reads_of_each_resource_show_what_may_be_read(form: str, foreign: Foreign) -> None:
    found = {}

    for caller in (*READERS, *REFUSED) if form == "json" else READERS[:1]:
        for label, held in foreign.held.items():
            is_open = label in foreign.readable(caller) and (
                caller in READERS or (caller, held.kind) == ("type", "Organization")
            )
            path = f"{held.kind}/{held.other_id}"
            for rest in ("", "/_history", "/_history/1"):
                answer = foreign.systems[caller].get(f"{path}{rest}?_format={form}")
                is_there = answer.status_code == 200
                if is_there != is_open and not (is_open and rest.startswith("/_history/")):
                    found[caller, path, rest] = answer.status_code
                if not is_there and b"zz-" in answer.content:
                    found[caller, path, rest] = answer.content

    assert found == {}


def test_error_is_the_same_for_what_is_not_there_and_what_may_not_be_read(foreign: Foreign) -> None:
    system = foreign.systems["foreign"]
    absent = {"Patient": "99999999", "Observation": f"99999999-{'0' * 24}"}

    for held in foreign.held.values():
        if f"{held.kind}/{held.own_id}" in PUBLIC:
            continue
        other = absent.get(held.kind, "00000000-0000-4000-8000-000000000000")
        for rest in ("", "/_history", "/_history/1"):
            refused = system.get(f"{held.kind}/{held.other_id}{rest}")
            missing = system.get(f"{held.kind}/{other}{rest}")

            assert (refused.status_code, refused.content) == (missing.status_code, missing.content)
            assert dict(refused.headers) == dict(missing.headers)


def test_bundle_reads_and_references_show_what_may_be_read(foreign: Foreign) -> None:
    found = {}

    urls = [f"{one.kind}/{one.other_id}" for one in foreign.held.values()]
    urls += [f"{one.kind}?_id={one.other_id}&_total=accurate" for one in foreign.held.values()]
    gets = [{"request": {"method": "GET", "url": url}} for url in urls]

    for caller in READERS:
        answer = foreign.systems[caller].post("", transaction(*gets) | {"type": "batch"})
        assert answer.status_code == 200, answer.content[:1500]
        assert len(answer.json()["entry"]) == len(gets)
        found |= {caller: leaks(answer, foreign, caller)}

    assert found == {caller: set() for caller in READERS}


def test_condition_on_what_another_holds_finds_nothing(foreign: Foreign) -> None:
    """Whether a foreign facility holds something can't be told by what a conditional write does."""
    conditions = (
        "identifier=zz-p9",
        f"identifier={NATIONAL_SYSTEM}|{NATIONAL}",
        f"_id={foreign.held['Patient/p9'].other_id}",
    )

    for caller in ("foreign", "open"):
        system = foreign.systems[caller]
        for number, condition in enumerate(conditions):
            mine = patient("x", number=f"{caller}-{number}")
            created = system.post("Patient", mine, If_None_Exist=condition)
            referring = json.loads(glucose("y", of=f"Patient?{condition}"))
            referred = system.post("", transaction(entry(referring)))

            assert created.status_code == 201
            assert foreign.held["Patient/p9"].other_id not in created.headers["Location"]
            assert referred.status_code == 412
            assert leaks(referred, foreign, "none") == set()


def test_reference_to_what_another_holds_links_nothing(foreign: Foreign) -> None:
    """A result for a foreign Patient waits for its patient: it is on no record, and opens none."""
    system, theirs = foreign.systems["foreign"], foreign.held["Patient/p9"]

    for own, target in (("mine-0", theirs.other_id), ("mine-1", foreign.held["v2 patient"].own_id)):
        answer = system.put(f"Observation/{own}", json.loads(glucose(own, of=f"Patient/{target}")))
        read = system.get(f"Observation/{own}?_include=Observation:subject")
        included = system.get("Observation?_include=Observation:subject&_include=Observation:*")

        assert answer.json()["issue"][0]["details"]["text"] == "segment-missing"
        assert read.status_code == 200
        assert {one["resource"]["id"] for one in included.json()["entry"]} <= {"mine-0", "mine-1"}
        assert system.get(f"Patient/{target}").status_code == 404


def test_match_names_who_may_be_read_and_nobody_else(foreign: Foreign) -> None:
    traits = patient("x", number="1") | {"birthDate": "1980-05-17"}
    traits["identifier"] = [{"system": NATIONAL_SYSTEM, "value": NATIONAL}]

    for caller in READERS:
        answer = foreign.systems[caller].post("Patient/$match", traits)

        assert answer.json()["total"] == 1
        assert leaks(answer, foreign, caller) == set()
    unnumbered = {name: value for name, value in traits.items() if name != "identifier"}
    unknown = foreign.systems["foreign"].post("Patient/$match", unnumbered)
    assert unknown.json()["total"] == 0


def test_last_observations_show_what_may_be_read(foreign: Foreign) -> None:
    asked = {"p9": foreign.held["Patient/p9"].other_id, "row": foreign.held["v2 patient"].own_id}

    found = {
        caller: [
            len(foreign.systems[caller].get(f"Observation/$lastn?max=9&patient={one}").json().get("entry", []))
            for one in asked.values()
        ]
        for caller in READERS
    }

    assert found == {one: [0, 0] for one in READERS} | {"open": [2, 2], "answered": [1, 1]}


def test_own_patient_names_those_of_the_same_person_that_may_be_read(foreign: Foreign) -> None:

    def linked(caller: str) -> int:
        answer = foreign.systems[caller].get(f"Patient/{foreign.patients[caller]}").json()
        return len(answer.get("link", []))

    assert {caller: linked(caller) for caller in ("foreign", "done", "answered", "open")} == {
        "foreign": 0,
        "done": 0,
        "answered": 2,
        "open": 7,
    }
    assert isinstance(foreign.held["v2 patient"], Held)
