"""Whatever is sent or asked for, the answer is of R4: any resource that R4 allows, any search, any Bundle."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.exchange import OBR, PID, message
from tests.integration.described import PLAIN
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.asking import Pair, searches
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, report, transaction
from tests.integration.exchange.fhir.conftest import System
from tests.integration.exchange.fhir.judging import judge_answer
from tests.unit.interop.fhir.r4.forms import content
from tests.unit.interop.fhir.r4.strategies import Node, resources

from lienthong.interop.fhir import r4

pytestmark = pytest.mark.django_db

KINDS = sorted(r4.searched_types())
# Those with rows of the house, and one of each other sort.
SEARCHED = (
    "Basic",
    "DiagnosticReport",
    "Encounter",
    "Observation",
    "Organization",
    "Patient",
    "ServiceRequest",
    "Specimen",
)
OBX = "OBX|1|NM|2345-7^Glucose^LN||4.9|mmol/L|3.9-6.1|N|||F|||20261120070000+0700"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def filled(scene: Scene, hospital: System) -> System:
    """A patient with a result and a report by FHIR, and another by HL7 v2."""
    scene.process(message(PID, OBR, OBX))
    hospital.post("", transaction(entry(patient()), entry(json.loads(glucose())), entry(report())))
    return hospital


@pytest.mark.parametrize("kind", KINDS)
def test_any_resource_is_kept_and_read_back_or_refused_with_its_element(kind: str, filled: System) -> None:
    @settings(PLAIN, max_examples=6)
    @given(node=resources(st.just(kind)), form=st.sampled_from(["json", "xml"]))
    def send(node: Node, form: str) -> None:
        sent = {"resourceType": kind, **node, "id": "any"}
        answer = filled.put(f"{kind}/any", r4.write_json(sent).decode())
        judge_answer(answer.status_code, answer.headers, answer.content)
        if answer.status_code >= 300:
            assert answer.status_code in (412, 422), answer.content
            return

        read = filled.get(f"{kind}/any?_format={form}")

        back = judge_answer(read.status_code, read.headers, read.content)
        assert back is not None
        assert told_of(back) == told_of(sent)

    send()


@pytest.mark.parametrize("kind", SEARCHED)
def test_any_search_finds_or_says_what_is_not_understood(kind: str, filled: System) -> None:
    @settings(PLAIN, max_examples=40)
    @given(pairs=searches(kind), is_form=st.booleans())
    def ask(pairs: list[Pair], is_form: bool) -> None:
        query = urlencode(pairs, quote_via=quote)
        answer = filled.post(f"{kind}/_search", query, Content_Type=FORM) if is_form else filled.get(f"{kind}?{query}")

        told = judge_answer(answer.status_code, answer.headers, answer.content)

        assert answer.status_code in (200, 400, 406), (query, answer.content)
        if told and answer.status_code == 200:
            assert told["type"] == "searchset"

    ask()


def told_of(resource: dict[str, Any]) -> Any:
    """Return what a sender said, in whatever order, without what the server says of it."""
    said = {name: one for name, one in resource.get("meta", {}).items() if name not in ("versionId", "lastUpdated")}
    return content({name: one for name, one in resource.items() if name != "meta"} | ({"meta": said} if said else {}))


def test_any_bundle_is_answered_entry_by_entry_or_refused(filled: System) -> None:
    methods = st.sampled_from(["PUT", "POST", "GET", "DELETE", "PATCH"])
    urls = st.sampled_from(
        ["Patient/any", "Patient", "Patient?identifier=P1", "Observation/any", "", "/", "x?y=%00", "Basic/1"]
    )

    @settings(PLAIN, max_examples=30)
    @given(
        kind=st.sampled_from(["transaction", "batch"]),
        entries=st.lists(st.tuples(resources(st.sampled_from(KINDS)), methods, urls, st.booleans()), max_size=4),
    )
    def send(kind: str, entries: list[tuple[Node, str, str, bool]]) -> None:
        bundle = transaction(*(_entry(node, method, url, is_right) for node, method, url, is_right in entries))
        answer = filled.post("", r4.write_json(bundle | {"type": kind}).decode())

        told = judge_answer(answer.status_code, answer.headers, answer.content)

        if told and answer.status_code == 200 and kind == "batch":
            answered = told.get("entry", [])
            assert isinstance(answered, list)
            assert len(answered) == len(entries)

    send()


def _entry(node: Node, method: str, url: str, is_right: bool) -> Node:
    """Return an entry as a sender means it, or with an address that may be of anything."""
    kind = node["resourceType"]
    right = {"PUT": f"{kind}/any", "POST": kind}.get(method, url)
    request = {"method": method, "url": (right if is_right else url) or "x"}
    return {"request": request} if method == "GET" else {"resource": {**node, "id": "any"}, "request": request}
