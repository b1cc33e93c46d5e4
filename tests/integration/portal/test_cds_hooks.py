"""CDS Hooks 2.0 over HTTP: discovery, who is let in, one card or none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client
from tests.integration.portal.cds_calls import (
    SELECT,
    SIGN,
    Json,
    asked,
    call,
    cards,
    draft,
    encounter,
    hospital_system,
    patient,
    token,
)
from tests.integration.portal.conftest import NOW, Scene, signed_in
from tests.integration.portal.test_order_check import text_of

from lienthong.config.middleware import error_body
from lienthong.core.models import AuditEvent, User
from lienthong.errors import BadInput
from lienthong.findings import Finding
from lienthong.recognition import reads as recognition
from lienthong.recognition.models import OrderCheck
from lienthong.results.models import PatientRecord

SHARED = Path(__file__).parents[3].parent / "shared/data/cds-hooks"


@pytest.fixture
def his(scene: Scene) -> Client:
    """The district's hospital system, whose key is registered."""
    return hospital_system()


# Discovery


def test_discovery_lists_both_services_with_patient_and_encounter_to_prefetch(client: Client, db: None) -> None:
    document = client.get("/cds-services").json()

    assert {(one["id"], one["hook"]) for one in document["services"]} == {
        ("lienthong-order-select", "order-select"),
        ("lienthong-order-sign", "order-sign"),
    }
    for one in document["services"]:
        assert one["prefetch"] == {
            "patient": "Patient/{{context.patientId}}",
            "encounter": "Encounter/{{context.encounterId}}",
        }
        assert one["title"]
        assert one["description"]


# Cards


@pytest.mark.parametrize(("path", "hook"), [(SELECT, "order-select"), (SIGN, "order-sign")])
def test_card_offers_to_delete_the_draft_of_each_result_that_stands(
    his: Client, scene: Scene, path: str, hook: str
) -> None:
    (card,) = cards(call(his, path, asked(hook)))

    check = recognition.order_check(OrderCheck.objects.get().pk)
    assert card["uuid"] == check.card_uuid
    assert card["summary"] == "1 of 3 tests has a result that stands: Haemoglobin A1c"
    assert card["indicator"] == "info"
    assert card["source"]["label"]
    assert [one["actions"] for one in card["suggestions"]] == [
        [
            {
                "type": "delete",
                "description": "Take Haemoglobin A1c out of the order and reuse the earlier result",
                "resourceId": "ServiceRequest/HBA1C-1",
            }
        ]
    ]
    assert card["suggestions"][0]["label"] == "Reuse Haemoglobin A1c: 7.8 %, Provincial General Hospital"
    assert card["suggestions"][0]["uuid"] == check.standing[0].suggestion_uuid
    assert "isRecommended" not in card["suggestions"][0]


def test_card_says_why_and_by_which_text_and_leads_to_the_page(
    his: Client, scene: Scene, staff: dict[str, User]
) -> None:
    (card,) = cards(call(his, SIGN, asked()))

    assert "**Haemoglobin A1c: 7.8 % ↑ high**" in card["detail"]
    assert "Interval of that laboratory: 4.0–6.0 %" in card["detail"]
    assert (
        "Provincial General Hospital (quality level 4); LT-HD; Collected 2 Nov 2026, 10:00: 21 days ago"
        in card["detail"]
    )
    assert "Stands until 1 Jan 2027, 10:00." in card["detail"]
    assert "§ Dự thảo thông tư" in card["detail"]
    assert "(example value)" in card["detail"]
    link = card["links"][0]
    assert link["type"] == "absolute"
    page = signed_in(Client(), staff["clinician"]).get(link["url"].removeprefix("http://testserver"))
    assert "1 of 3 tests can be reused" in text_of(page.content)


def test_card_offers_the_reasons_of_the_policy_as_override_reasons(his: Client, scene: Scene) -> None:
    (card,) = cards(call(his, SIGN, asked()))

    reasons = {one["code"]: one for one in card["overrideReasons"]}
    assert set(reasons) == {
        "condition_changed", "does_not_fit", "before_surgery", "emergency", "patient_request", "other",
    }  # fmt: skip
    assert reasons["patient_request"] == {
        "code": "patient_request",
        "system": "urn:lienthong:repeat-reason:vn",
        "display": "The patient asks for it",
    }


def test_summary_of_many_names_stays_under_140_characters(
    his: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lienthong.recognition.reads.item_name", lambda code, jurisdiction: code * 30)

    (card,) = cards(call(his, SIGN, asked(items=("HBA1C", "TC"))))

    assert 100 < len(card["summary"]) < 140
    assert card["summary"].endswith("…")


@pytest.mark.parametrize(
    ("language", "word"), [("vi", "xét nghiệm"), ("zh-CN,zh;q=0.9", "检验"), ("en-GB", "tests has a result")]
)
def test_card_speaks_the_language_that_is_asked_for(his: Client, scene: Scene, language: str, word: str) -> None:
    (card,) = cards(call(his, SIGN, asked(), language=language))

    assert word in card["summary"]
    assert len(card["summary"]) < 140


NO_CARD: dict[str, Json] = {
    "emergency": {"prefetch": {"patient": patient(), "encounter": encounter("EMER")}},
    "nobody known": {"prefetch": {"patient": patient(identifier=[{"system": "urn:vn:cccd", "value": "030168999999"}])}},
    "other birth date": {"prefetch": {"patient": patient(birthDate="1969-03-12"), "encounter": encounter("AMB")}},
    "other sex": {"prefetch": {"patient": patient(gender="male"), "encounter": encounter("AMB")}},
    "no number": {"prefetch": {"patient": patient(identifier=[]), "encounter": encounter("AMB")}},
}


@pytest.mark.parametrize("changes", [pytest.param(one, id=name) for name, one in NO_CARD.items()])
def test_no_card_and_nothing_created(his: Client, scene: Scene, changes: Json) -> None:
    known = PatientRecord.objects.count()

    assert cards(call(his, SIGN, asked(**changes))) == []
    assert PatientRecord.objects.count() == known
    assert not OrderCheck.objects.exists()


@pytest.mark.parametrize(
    "resource",
    [
        pytest.param(draft("HBA1C", status="active"), id="not a draft"),
        pytest.param(draft("HBA1C", code={"coding": [{"system": "http://loinc.org", "code": "1-8"}]}), id="unknown"),
        pytest.param(draft("HBA1C", code={"coding": [{"system": "urn:x", "code": "4548-4"}]}), id="other system"),
        pytest.param(draft("HBA1C", resourceType="MedicationRequest"), id="medication"),
    ],
)
def test_no_card_for_what_is_not_a_draft_of_a_listed_item(his: Client, scene: Scene, resource: Json) -> None:
    body = asked()
    body["context"]["draftOrders"]["entry"] = [{"resource": resource}]

    assert cards(call(his, SIGN, body)) == []


def test_no_card_where_nothing_stands(his: Client, scene: Scene) -> None:
    assert cards(call(his, SIGN, asked(items=("K", "UREA")))) == []


def test_order_select_looks_at_the_selected_drafts_only(his: Client, scene: Scene) -> None:
    body = asked("order-select")
    body["context"]["selections"] = ["ServiceRequest/K-1"]

    assert cards(call(his, SELECT, body)) == []
    assert [line.item for line in recognition.order_check(OrderCheck.objects.get().pk).lines] == ["K"]


@pytest.mark.parametrize("prefetch", [{"patient": patient()}, {"patient": patient(), "encounter": encounter("???")}])
def test_unknown_visit_stays_unknown_and_the_card_asks_for_it(his: Client, scene: Scene, prefetch: Json) -> None:
    (card,) = cards(call(his, SIGN, asked(prefetch=prefetch)))

    assert card["summary"].startswith("1 test has an earlier result that could stand")
    assert "suggestions" not in card
    assert "overrideReasons" not in card
    assert OrderCheck.objects.get().encounter_class == ""


def test_card_logs_a_read_of_each_record_it_shows(his: Client, scene: Scene) -> None:
    call(his, SIGN, asked())

    rows = AuditEvent.objects.filter(action="read").values_list("patient_record_id", "relation", "facility", "actor")
    assert {row[0] for row in rows} == {scene.province_record}
    assert {row[1:] for row in rows} == {("order", "30051", "system-cds-hooks")}


# Who is let in


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param("", id="none"),
        pytest.param("Bearer x.y.z", id="not a token"),
        pytest.param(token(SELECT), id="for another service"),
        pytest.param(token(SIGN, exp=int(NOW.timestamp()) - 31, iat=int(NOW.timestamp()) - 90), id="expired"),
        pytest.param(token(SIGN, exp=int(NOW.timestamp()) + 301), id="lives too long"),
        pytest.param(token(SIGN, iss="https://elsewhere.example"), id="unknown issuer"),
    ],
)
def test_call_without_a_good_token_is_refused_in_the_shape_of_all_errors(
    his: Client, scene: Scene, authorization: str
) -> None:
    answer = call(his, SIGN, asked(), authorization=authorization)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    body = json.loads(answer.content)
    assert set(body) == set(error_body(BadInput([])))
    assert body["code"] == "assertion-refused"
    assert not OrderCheck.objects.exists()


def test_token_that_was_used_is_refused(his: Client, scene: Scene) -> None:
    used = token(SIGN)

    statuses = [call(his, SIGN, asked(), authorization=used).status_code for _ in range(2)]

    assert statuses == [200, 401]


@pytest.mark.parametrize(
    ("path", "body", "status", "where"),
    [
        pytest.param(SIGN, b"{", 422, "body", id="not JSON"),
        pytest.param(SIGN, b"\xff", 422, "body", id="not UTF-8"),
        pytest.param(SIGN, [], 422, "hook", id="a list"),
        pytest.param(SIGN, asked("order-select"), 422, "hook", id="other hook"),
        pytest.param(SIGN, asked(context={}), 422, "context.userId", id="no context"),
        pytest.param(SIGN, asked(prefetch={}), 412, "prefetch.patient", id="no patient"),
        pytest.param(SIGN, asked(hookInstance="x" * 61), 412, "hookInstance", id="long instance"),
    ],
)
def test_request_with_faults_names_them(
    his: Client, scene: Scene, path: str, body: object, status: int, where: str
) -> None:
    answer = call(his, path, body)

    told = json.loads(answer.content)
    assert answer.status_code == status
    assert set(told) == {"code", "message", "findings"}
    assert where in {finding["where"] for finding in told["findings"]}
    assert set(told["findings"][0]) == set(error_body(BadInput([Finding("a", "b", "c")]))["findings"][0])  # type: ignore[index]


def test_unknown_service_is_not_there(his: Client, scene: Scene) -> None:
    assert call(his, "/cds-services/other", asked()).status_code == 404


# Contexts of the specification's pages


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not beside this checkout")
@pytest.mark.parametrize("name", ["order-select-1", "order-select-2", "order-sign-1", "order-sign-2"])
def test_contexts_of_the_specification_are_accepted(his: Client, scene: Scene, name: str) -> None:
    hook = name.rpartition("-")[0]
    body = asked(hook) | json.loads((SHARED / f"{name}.json").read_text())

    assert cards(call(his, f"/cds-services/lienthong-{hook}", body)) == []


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not beside this checkout")
@pytest.mark.parametrize("name", ["order-select-1", "order-sign-1"])
def test_contexts_of_the_specification_with_a_draft_of_ours_give_one_card(his: Client, scene: Scene, name: str) -> None:
    hook = name.rpartition("-")[0]
    body = asked(hook) | json.loads((SHARED / f"{name}.json").read_text())
    body["context"]["draftOrders"]["entry"].append({"resource": draft("HBA1C")})
    body["context"].setdefault("selections", []).append("ServiceRequest/HBA1C-1")

    (card,) = cards(call(his, f"/cds-services/lienthong-{hook}", body))

    assert len(card["summary"]) < 140
    assert card["indicator"] in ("info", "warning", "critical")
    assert card["source"]["label"]
    assert card["suggestions"][0]["actions"][0]["resourceId"] == "ServiceRequest/HBA1C-1"
