"""Whatever is searched for, by whoever: of what may not be read nothing is found, no content, id or count."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import groupby
from urllib.parse import quote

import pytest
from tests.integration.exchange.fhir.bundles import glucose
from tests.integration.exchange.fhir.foreign import NATIONAL, Foreign
from tests.integration.exchange.fhir.leaking import (
    FOREIGN,
    READERS,
    asked_values,
    callers,
    is_let_in,
    leaks,
    matches,
    named,
    refusal,
)

from lienthong.exchange.fhir.kinds import KINDS
from lienthong.interop.fhir.r4.search import ReferenceValue, search_values
from lienthong.registry.models import Facility

pytestmark = pytest.mark.django_db

Asked = tuple[str, str]  # caller and path
WHOLE = ("DiagnosticReport", "Observation", "Patient", "ServiceRequest", "Specimen")
EXTRAS = (
    "_total=accurate", "_sort=-_lastUpdated&_lastUpdated=ge2020-01-01", "_sort=_lastUpdated&_lastUpdated=lt2999",
    "_id:missing=false&_total=accurate", "_id={ids}&_total=accurate",
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
    "Patient?_has:Observation:patient:code=2345-7", "Patient?_has:Observation:patient:_id={result}",
    "Patient?_has:Observation:patient:_has:DiagnosticReport:result:status=final",
    "Patient?_has:Encounter:subject:class=AMB", "Observation?_has:Provenance:target:recorded:missing=false",
    "Device?patient.identifier={number}", "Practitioner?identifier=zz-number", "Observation?performer.name=Hospital",
    "Observation?patient={patient},{row}&code=2345-7&date=ge2020", "Observation?patient={row}&_sort=-date&_count=1",
)  # fmt: skip


def held_kinds(foreign: Foreign) -> list[str]:
    return sorted({one.kind for one in foreign.held.values()})


def swept(foreign: Foreign, paths: list[str], seen: dict[Asked, set[str]] | None = None) -> dict[Asked, object]:
    """Ask each path as each caller; return what is wrong of it by caller and path: another status, or what leaks.

    `seen` is told the labels of what is found.
    """
    found: dict[Asked, object] = {}
    for caller, system in callers(foreign, "s").items():
        for path in paths:
            answer = system.get(path)
            kind = path.partition("?")[0].partition("/")[0]
            if answer.status_code != (200 if is_let_in(caller, kind) else refusal(caller)):
                found[caller, path] = answer.status_code, answer.content[:300]
            elif leaking := leaks(answer, foreign, caller):
                found[caller, path] = leaking
            elif seen is not None and caller in READERS:
                seen[caller, path] = named(answer.json(), foreign)
    return found


def test_search_by_each_parameter_shows_what_may_be_read(foreign: Foreign) -> None:
    """One search for each parameter of a kind, by all values that its resources have."""
    asked = defaultdict(lambda: (dict[str, None](), set[str]()))
    for label, kind, parameter, text in asked_values(foreign):
        texts, labels = asked[f"{kind}?{parameter}="]
        texts[text] = None
        if parameter != "_id" and not label.startswith("v2"):  # of rows of the house some parameters are not searched
            labels.add(label)
    paths = {beginning + quote(",".join(texts)) + "&_count=500": labels for beginning, (texts, labels) in asked.items()}

    seen: dict[Asked, set[str]] = {}

    assert swept(foreign, [*paths], seen) == {}
    missing = {(one, path): paths[path] & foreign.readable(one) - labels for (one, path), labels in seen.items()}
    assert {one: labels for one, labels in missing.items() if labels} == {}
    assert len(seen) == len(READERS) * len(paths) > 700


def test_search_by_all_that_a_resource_has_shows_what_may_be_read(foreign: Foreign) -> None:
    """Conditions together, and turned round: what is not something is all that there is."""
    paths, negations = [], defaultdict(dict[str, None])
    for (_label, kind), several in groupby(asked_values(foreign), key=lambda one: one[:2]):
        pairs = {parameter: text for _, _, parameter, text in several}
        paths.append(f"{kind}?_total=accurate&" + "&".join(f"{one}={quote(text)}" for one, text in pairs.items()))
        for parameter in pairs:
            code, _colon, modifier = parameter.partition(":")
            is_token = KINDS[kind].parameters[code].type == "token" and code != "_id" and not modifier
            negations[kind] |= {f"{parameter}:not=zz-none": None} if is_token else {}
    paths += [f"{kind}?_total=accurate&" + "&".join(some) for kind, some in negations.items()]

    assert swept(foreign, paths) == {}


def test_search_of_each_kind_and_by_chains_shows_what_may_be_read(foreign: Foreign) -> None:
    ids = ",".join(one.other_id for one in foreign.held.values())
    words = {
        "number": NATIONAL,
        "patient": foreign.held["Patient/p9"].other_id,
        "row": foreign.held["v2 patient"].own_id,
        "result": foreign.held["Observation/ob"].other_id,
    }
    paths = [f"{kind}?{extra.format(ids=ids)}" for kind in WHOLE for extra in EXTRAS]
    paths += [f"{kind}?_total=accurate" for kind in held_kinds(foreign) if kind not in WHOLE]
    paths += [one.format(**words) for one in CHAINS]

    assert swept(foreign, paths) == {}


def test_search_with_all_that_refers_or_is_referred_to_shows_what_may_be_read(foreign: Foreign) -> None:
    kinds = held_kinds(foreign)
    paths = []
    for kind in kinds:
        referring = [
            f"_revinclude={other}:{code}"
            for other in kinds
            for code, parameter in KINDS[other].references.items()
            if kind in parameter.targets
        ]
        paths.append(f"{kind}?_include={kind}:*&" + "&".join(referring))

    assert swept(foreign, paths) == {}


def test_what_is_referred_to_is_told_by_what_may_be_read_only(foreign: Foreign) -> None:
    found, asked = {}, 0

    for label, held in foreign.held.items():
        resource = foreign.systems["owner"].get(f"{held.kind}/{held.own_id}").json()
        for code, values in search_values(resource, held.kind).items():
            parameter = KINDS[held.kind].references.get(code)
            kinds = {one.type for one in values if isinstance(one, ReferenceValue)}
            for kind in kinds & set(parameter.targets) & set(KINDS) if parameter else ():
                path = f"{kind}?_has:{held.kind}:{code}:_id={held.other_id}&_total=accurate"
                for caller in ("foreign", "answered", "open"):
                    answer = foreign.systems[caller].get(path)
                    assert answer.status_code == 200, (path, answer.content)
                    is_told = answer.json()["total"] and label not in foreign.readable(caller)
                    if is_told or leaks(answer, foreign, caller):
                        found[caller, path] = answer.json()
                    asked += 1

    assert found == {}
    assert asked > 50


def test_patient_who_may_be_read_is_not_found_by_a_result_that_may_not(foreign: Foreign) -> None:
    system = foreign.systems["answered"]  # reads the woman, and of her results those that answer its order
    asked = ("identifier=zz-oa", "identifier=zz-ob", "code:text=zz-name-A", "code:text=zz-name-B")

    found = [len(system.search(f"Patient?_has:Observation:patient:{one}")) > 0 for one in asked]

    assert found == [True, False, True, False]


def test_counts_are_of_what_may_be_read(foreign: Foreign) -> None:
    kinds = held_kinds(foreign)

    def counted(caller: str, kind: str, asked: str) -> int:
        return int(foreign.systems[caller].get(f"{kind}?{asked}").json()["total"])

    counts = {one: {kind: counted(one, kind, "_summary=count") for kind in kinds} for one in READERS}
    without_page = {one: {kind: counted(one, kind, "_count=0&_id:missing=false") for kind in kinds} for one in READERS}

    assert without_page == counts
    for caller in READERS:
        beside = {"Organization": Facility.objects.count(), "ServiceRequest": 1 if caller == "owner" else 0}
        if caller in FOREIGN:  # its own, and where it has an open order the records of the woman at all hospitals
            beside["Patient"] = len(FOREIGN) if caller == "open" else 1
            beside["ServiceRequest"] = 0 if caller == "foreign" else 1
        readable = [foreign.held[label].kind for label in foreign.readable(caller)]
        assert counts[caller] == {kind: readable.count(kind) + beside.get(kind, 0) for kind in kinds}, caller


def test_pages_one_after_the_other_show_what_may_be_read(foreign: Foreign) -> None:
    """The place of the last hit lets no more be read behind it than a first page does."""
    for caller in READERS:
        system = foreign.systems[caller]
        for kind in WHOLE:
            whole, path, found = matches(system.get(kind).json()), f"{kind}?_count=2", []
            while path:
                body = system.get(path).json()
                assert leaks(system.get(path), foreign, caller) == set(), (caller, path)
                found += matches(body)
                path = next((one["url"] for one in body["link"] if one["relation"] == "next"), "").partition("/fhir/")[
                    2
                ]
            assert found == whole, (caller, kind)


def test_form_shows_what_may_be_read(foreign: Foreign) -> None:
    found = {}

    for caller, system in callers(foreign, "s").items():
        for kind in held_kinds(foreign):
            form = "application/x-www-form-urlencoded"
            answer = system.post(f"{kind}/_search", "_total=accurate", Content_Type=form)
            is_right = answer.status_code == (200 if is_let_in(caller, kind) else refusal(caller))
            if not is_right or leaks(answer, foreign, caller):
                found[caller, kind] = answer.status_code, answer.content[:300]

    assert found == {}


def test_chain_from_an_own_result_tells_nothing_of_a_patient_who_may_not_be_read(foreign: Foreign) -> None:
    """A caller may write a reference to whatever it likes: the answer must not depend on what is there."""
    theirs = foreign.held["Patient/p9"].other_id
    asked = ("patient.name=dao", f"patient.identifier={NATIONAL}", "subject:Patient.birthdate=1980-05-17",
             "patient:identifier=zz-p9", f"subject:Patient._id={theirs}")  # fmt: skip

    for caller in ("foreign", "done", "cancelled", "old"):
        system = foreign.systems[caller]
        system.put(f"Observation/mine-{caller}", json.loads(glucose(f"mine-{caller}", of=f"Patient/{theirs}")))

        assert len(system.search(f"Observation?_id=mine-{caller}")) == 1
        assert [one for one in asked if system.search(f"Observation?{one}")] == []


def test_last_observations_show_what_may_be_read(foreign: Foreign) -> None:
    asked = {"p9": foreign.held["Patient/p9"].other_id, "row": foreign.held["v2 patient"].own_id}
    paths = [f"Observation/$lastn?max=9&patient={one}" for one in asked.values()]

    found = {one: [len(foreign.systems[one].get(path).json().get("entry", [])) for path in paths] for one in READERS}

    assert swept(foreign, paths) == {}
    assert found == {one: [0, 0] for one in READERS} | {"open": [2, 2], "answered": [1, 1], "owner": [2, 2]}
