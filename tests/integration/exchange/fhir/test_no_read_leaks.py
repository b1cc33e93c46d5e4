"""Whatever is read, written or matched, by whoever: of what may not be read not even that it is there is told."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, transaction
from tests.integration.exchange.fhir.foreign import NATIONAL, NATIONAL_SYSTEM, Foreign
from tests.integration.exchange.fhir.leaking import FOREIGN, READERS, callers, is_let_in, leaks, matches, refusal

pytestmark = pytest.mark.django_db

RESTS = ("", "/_history", "/_history/1", "/_history/2")
NOBODY = "00000000-0000-4000-8000-000000000000"
ABSENT = {"Patient": "99999999", "Observation": f"99999999-{'0' * 24}"}


def told(answer: HttpResponse) -> tuple[int, bytes, dict[str, str]]:
    return answer.status_code, answer.content, dict(answer.headers)


def test_read_of_what_may_not_be_read_tells_as_much_as_of_what_is_not_there(foreign: Foreign) -> None:
    found = {}

    for caller, system in callers(foreign, "r").items():
        absent: dict[str, tuple[int, bytes, dict[str, str]]] = {}
        for label, held in foreign.held.items():
            is_open = is_let_in(caller, held.kind) and (caller == "type" or label in foreign.readable(caller))
            for rest in RESTS:
                answer = system.get(f"{held.kind}/{held.other_id}{rest}")
                if is_open and rest not in RESTS[2:]:
                    expected = (200, answer.content, dict(answer.headers))
                elif is_open:
                    expected = (answer.status_code if answer.status_code in (200, 404) else 0, *told(answer)[1:])
                else:
                    path = f"{held.kind}/{ABSENT.get(held.kind, NOBODY)}{rest}"
                    expected = absent.get(path) or told(system.get(path))
                    absent[path] = expected
                if told(answer) != expected or (not is_open and leaks(answer, foreign, caller)):
                    found[caller, label, rest] = answer.status_code, answer.content[:300]
        statuses = {status for status, *_rest in absent.values()}
        assert statuses <= ({404} if caller in READERS or caller == "type" else set()) | {refusal(caller)}, caller

    assert found == {}


def test_history_of_what_answers_an_order_shows_no_version_of_another_report(foreign: Foreign) -> None:
    """What is readable is readable in all its versions; that a report of none is beside it is not told."""
    held = foreign.held["v2 result A"]
    for caller in ("owner", "open", "answered"):
        answer = foreign.systems[caller].get(f"{held.kind}/{held.id_for(caller)}/_history")

        assert [one["resource"]["valueQuantity"]["value"] for one in answer.json()["entry"]] == [5.3, 4.9]
        assert leaks(answer, foreign, caller) == set()


@pytest.mark.parametrize("caller", ["foreign", "answered"])
def test_reads_by_xml_show_what_may_be_read(caller: str, foreign: Foreign) -> None:
    for label, held in foreign.held.items():
        for rest in RESTS[:2]:
            answer = foreign.systems[caller].get(f"{held.kind}/{held.other_id}{rest}?_format=xml")

            assert answer.status_code == (200 if label in foreign.readable(caller) else 404), label
            assert answer.status_code == 200 or b"zz-" not in answer.content


def test_bundle_reads_and_references_show_what_may_be_read(foreign: Foreign) -> None:
    ids: dict[str, list[str]] = {}
    for one in foreign.held.values():
        ids.setdefault(one.kind, []).append(one.other_id)
    urls = [f"{one.kind}/{one.other_id}" for one in foreign.held.values()]
    urls += [f"{kind}?_id={','.join(several)}&_total=accurate" for kind, several in ids.items()]
    gets = [{"request": {"method": "GET", "url": url}} for url in urls]

    for caller, system in callers(foreign, "r").items():
        answer = system.post("", transaction(*gets) | {"type": "batch"})

        if caller in ("none", "expired", "revoked", "suspended"):
            assert answer.status_code == 401
            continue
        assert answer.status_code == 200, answer.content[:1500]
        entries = answer.json()["entry"]
        assert len(entries) == len(gets)
        if caller == "right":  # it may search, but not read
            assert {one["response"]["status"][:3] for one in entries[: len(foreign.held)]} == {"403"}
        else:
            assert leaks(answer, foreign, caller) == set(), caller
            let_in = [
                one["request"]["url"] for one in gets if not is_let_in(caller, one["request"]["url"].split("/")[0])
            ]
            assert caller in READERS or len(let_in) > len(foreign.held) - 2


def test_condition_on_what_another_holds_finds_nothing(foreign: Foreign) -> None:
    """Whether a foreign facility holds something can't be told by what a conditional write does."""
    conditions = (
        "identifier=zz-p9",
        f"identifier={NATIONAL_SYSTEM}|{NATIONAL}",
        f"_id={foreign.held['Patient/p9'].other_id}",
        f"_id={foreign.held['v2 patient'].own_id}",
    )

    for caller in FOREIGN:
        system = foreign.systems[caller]
        for number, condition in enumerate(conditions):
            mine = patient("x", number=f"{caller}-{number}")
            created = system.post("Patient", mine, If_None_Exist=condition)
            changed = system.put(f"Patient?{condition}", {name: mine[name] for name in mine if name != "id"})
            referring = json.loads(glucose("y", of=f"Patient?{condition}"))
            referred = system.post("", transaction(entry(referring)))

            assert (created.status_code, changed.status_code) == (201, 201)
            for one in (created, changed):
                assert foreign.held["Patient/p9"].other_id not in one.headers["Location"]
            assert referred.status_code == 412
            assert leaks(referred, foreign, "none") == set()


def test_reference_to_what_another_holds_links_nothing(foreign: Foreign) -> None:
    """A result for a foreign Patient waits for its patient: it is on no record, and opens none."""
    theirs = foreign.held["Patient/p9"]

    for caller in ("foreign", "done", "cancelled", "old"):
        system = foreign.systems[caller]
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
    unnumbered = {name: value for name, value in traits.items() if name != "identifier"}

    for caller, system in callers(foreign, "s").items():
        answer = system.post("Patient/$match", traits)

        if not is_let_in(caller, "Patient"):
            assert answer.status_code == refusal(caller)
            continue
        assert answer.json()["total"] == 1
        assert len(matches(answer.json())) == 1
        assert leaks(answer, foreign, caller) == set()
        assert system.post("Patient/$match", unnumbered).json()["total"] == 0


def test_own_patient_names_those_of_the_same_person_that_may_be_read(foreign: Foreign) -> None:

    def linked(caller: str) -> int:
        answer = foreign.systems[caller].get(f"Patient/{foreign.patients[caller]}").json()
        return len(answer.get("link", []))

    of_person = len(FOREIGN) + 2
    assert {caller: linked(caller) for caller in FOREIGN} == dict.fromkeys(FOREIGN, 0) | {
        "answered": 2,
        "open": of_person - 1,
    }
