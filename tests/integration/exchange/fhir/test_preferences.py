"""The header Prefer: what is told of a write, and how a search is taken that is not understood whole."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, transaction
from tests.integration.exchange.fhir.conftest import System, system_of
from tests.integration.exchange.fhir.judging import judge_answer

from lienthong.core.models import AuditEvent
from lienthong.exchange.fhir.preferences import preferences_of

pytestmark = pytest.mark.django_db
WHOLE, LEAST, TOLD = "return=representation", "return=minimal", "return=OperationOutcome"
REACHED = {"telecom": [{"system": "phone", "value": "0912345678"}]}
UNMAPPED = {"code": {"coding": [{"system": "urn:x:local", "code": "XYZ"}]}}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", {}),
        ("respond-async", {"respond-async": ""}),
        ('Respond-Async, handling="lenient"', {"respond-async": "", "handling": "lenient"}),
        ("respond-async; wait=10 , handling=strict", {"respond-async": "", "handling": "strict"}),
        ("return = minimal,return=representation", {"return": "minimal"}),
        ('x="a, return=minimal", return=OperationOutcome', {"x": "a, return=minimal", "return": "operationoutcome"}),
        ("return=minimal, (", {"return": "minimal"}),
        pytest.param("a=" + " " * 1_000_000 + "(", {}, id="a million blanks"),
    ],
)
def test_preferences_are_read_as_rfc_7240_has_them(header: str, expected: dict[str, str]) -> None:
    assert preferences_of(header) == expected


@pytest.mark.parametrize(
    ("prefer", "applied", "body"),
    [
        ("", None, None),
        (LEAST, LEAST, None),
        (WHOLE, WHOLE, "Patient"),
        (TOLD, TOLD, "OperationOutcome"),
        ("return=everything, foo=bar", None, None),
        ('return="minimal", return=representation', LEAST, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("way", ["create", "update", "again", "create-where", "update-where"])
def test_write_is_told_as_it_is_preferred(
    way: str, prefer: str, applied: str | None, body: str | None, scene: Scene, hospital: System
) -> None:
    if way in ("again", "create-where", "update-where"):
        hospital.put("Patient/p1", patient())
        hospital.put("Patient/p1", patient() | REACHED)
    sent = patient() | REACHED

    answer = {
        "create": lambda: hospital.post("Patient", sent, Prefer=prefer),
        "update": lambda: hospital.put("Patient/p1", sent, Prefer=prefer),
        "again": lambda: hospital.put("Patient/p1", sent, Prefer=prefer),
        "create-where": lambda: hospital.post("Patient", patient("px"), Prefer=prefer, If_None_Exist="identifier=P1"),
        "update-where": lambda: hospital.put("Patient?identifier=P1", sent, Prefer=prefer),
    }[way]()

    told = judge_answer(answer.status_code, answer.headers, answer.content)
    assert answer.status_code == (201 if way in ("create", "update") else 200)
    assert (told or {}).get("resourceType") == body
    assert answer.headers.get("Preference-Applied") == applied
    assert answer.headers["ETag"] == ('W/"1"' if way in ("create", "update") else 'W/"2"')
    if body == "Patient":
        read = hospital.get(answer.headers["Location"].partition("/fhir/")[2].partition("/_history")[0])
        assert told == read.json()
        assert answer.headers["Last-Modified"] == read.headers["Last-Modified"]


def test_what_waits_is_told_unless_the_least_or_the_resource_is_preferred(scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", patient())
    found = {}

    for number, prefer in enumerate(("", LEAST, WHOLE, TOLD)):
        sent = json.loads(glucose(f"o{number}")) | UNMAPPED
        answer = hospital.put(f"Observation/o{number}", sent, Prefer=prefer)
        found[prefer] = answer.json() if answer.content else None

    assert found[LEAST] is None
    assert found[WHOLE]["resourceType"] == "Observation"
    assert [found[one]["issue"][0]["details"]["text"] for one in ("", TOLD)] == ["code-unknown", "code-unknown"]


@pytest.mark.parametrize("kind", ["transaction", "batch"])
@pytest.mark.parametrize(
    ("prefer", "has_resource", "told"),
    [
        ("", False, [False, True]),
        (LEAST, False, [False, False]),
        (WHOLE, True, [False, True]),
        (TOLD, False, [True] * 2),
    ],
    ids=str,
)
def test_entries_of_a_bundle_are_told_as_it_is_preferred(
    prefer: str, has_resource: bool, told: list[bool], kind: str, scene: Scene, hospital: System
) -> None:
    bundle = transaction(entry(patient()), entry(json.loads(glucose()) | UNMAPPED)) | {"type": kind}

    answer = hospital.post("", bundle, Prefer=prefer)

    body = judge_answer(answer.status_code, answer.headers, answer.content)
    assert body is not None
    entries = answer.json()["entry"]
    assert ["resource" in one for one in entries] == [has_resource] * 2
    assert ["outcome" in one["response"] for one in entries] == told
    assert answer.headers.get("Preference-Applied") == (prefer or None)
    if has_resource:
        assert [one["resource"] for one in entries] == [
            hospital.get(path).json() for path in ("Patient/p1", "Observation/o1")
        ]


def test_failed_entry_of_a_batch_says_why_whatever_is_preferred(scene: Scene, hospital: System) -> None:
    stale = entry(patient(), ifMatch='W/"7"')

    answer = hospital.post("", transaction(stale) | {"type": "batch"}, Prefer=LEAST)

    [one] = answer.json()["entry"]
    assert one["response"]["status"] == "412 Precondition Failed"
    assert one["response"]["outcome"]["issue"][0]["code"] == "conflict"


def test_resource_is_told_to_whose_token_may_read_it_only(scene: Scene, hospital: System) -> None:
    """Who may write and not read learns nothing of what was there, by a condition that is met."""
    hospital.put("Patient/p1", patient(name="Nguyễn Thị Hoa"))
    writer = system_of(scene.laboratory.facility.code, scopes=("system/*.cus",), sources=("SX",))

    kept = writer.post("Patient", patient("px"), Prefer=WHOLE, If_None_Exist="identifier=P1")
    many = writer.post("", transaction(entry(patient("p2", number="P2"))), Prefer=WHOLE)

    assert (kept.status_code, kept.content) == (200, b"")
    assert ["resource" in one for one in many.json()["entry"]] == [False]
    assert "Preference-Applied" not in {**kept.headers, **many.headers}


def test_told_resource_is_a_read_of_the_access_log(scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", patient())
    before = AuditEvent.objects.count()
    hospital.put("Patient/p1", patient(), Prefer=LEAST)
    between = AuditEvent.objects.count()

    hospital.put("Patient/p1", patient(), Prefer=WHOLE)

    assert AuditEvent.objects.count() - between == between - before + 1


def outcome_of(body: dict[str, object]) -> list[str]:
    """Return what a page says of its search."""
    entries = body.get("entry", [])
    assert isinstance(entries, list)
    told = [one["resource"] for one in entries if one["search"]["mode"] == "outcome"]
    return [issue["diagnostics"] for one in told for issue in one["issue"]]


@pytest.mark.parametrize(
    ("asked", "left_out"),
    [
        ("cod=1", ["Observation has no parameter cod"]),
        ("code:in=x", ["code:in is not searched here"]),
        ("_sort=value", ["_sort may be"]),
        ("patient.shoe=43", ["nothing that patient refers to has a parameter shoe"]),
        ("shoe=43&cod=1", ["has no parameter shoe", "has no parameter cod"]),
    ],
)
def test_lenient_search_leaves_out_what_is_not_understood_and_says_so(
    asked: str, left_out: list[str], scene: Scene, hospital: System
) -> None:
    hospital.post("", transaction(entry(patient()), entry(json.loads(glucose()))))
    query = f"{asked}&code=2345-7&_total=accurate"

    refused = [hospital.get(f"Observation?{query}", Prefer=one) for one in ("", "handling=strict", "handling=maybe")]
    answers = [
        hospital.get(f"Observation?{query}", Prefer="handling=lenient"),
        hospital.post("Observation/_search", query, Content_Type="application/x-www-form-urlencoded",
                      Prefer="handling=lenient"),
    ]  # fmt: skip
    batch = transaction({"request": {"method": "GET", "url": f"Observation?{query}"}}) | {"type": "batch"}
    answers.append(hospital.post("", batch, Prefer="handling=lenient"))

    assert [one.status_code for one in refused] == [400] * 3
    for answer in answers:
        judge_answer(answer.status_code, answer.headers, answer.content)
        body = answer.json() if answer.json()["type"] == "searchset" else answer.json()["entry"][0]["resource"]
        assert [one["search"]["mode"] for one in body["entry"]] == ["match", "outcome"]
        assert body["total"] == 1
        assert [text in one for text, one in zip(left_out, outcome_of(body), strict=True)] == [True] * len(left_out)
        [link] = [one["url"] for one in body["link"] if one["relation"] == "self"]
        assert dict(parse_qsl(urlsplit(link).query)) == {"code": "2345-7", "_total": "accurate"}
    assert [one.headers.get("Preference-Applied") for one in answers[:2]] == ["handling=lenient"] * 2


@pytest.mark.parametrize("asked", ["date=yesterday", "_count=many", "value-quantity=5|mmol", "code=|"])
def test_lenient_search_refuses_a_value_that_cant_be_read(asked: str, scene: Scene, hospital: System) -> None:
    assert hospital.get(f"Observation?{asked}", Prefer="handling=lenient").status_code == 400


def test_lenient_search_chains_only_to_what_may_be_searched(scene: Scene) -> None:
    system = system_of(scene.laboratory.facility.code, scopes=("system/Observation.rs",), sources=("SX",))

    assert system.get("Observation?patient.name=dao", Prefer="handling=lenient").status_code == 403


def test_strict_search_says_that_it_was_taken_so(scene: Scene, hospital: System) -> None:
    answer = hospital.get("Observation?code=2345-7", Prefer="handling=strict")

    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "handling=strict")
    assert "Prefer" in answer.headers["Vary"]
