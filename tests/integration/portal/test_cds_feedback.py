"""CDS Hooks 2.0: what a clinician made of a card is told once, and kept as the choice of the order."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from tests.integration.portal.cds_calls import (
    SIGN,
    Json,
    asked,
    call,
    cards,
    hospital_system,
    token,
)
from tests.integration.portal.conftest import Scene

from lienthong.core.models import ConnectedSystem
from lienthong.recognition import reads as recognition
from lienthong.recognition.models import OrderCheck


@pytest.fixture
def his(scene: Scene) -> Client:
    """The district's hospital system, whose key is registered."""
    return hospital_system()


def feedback(on: Json, become: str, **changes: object) -> Json:
    entry = {"card": on["uuid"], "outcome": become, "outcomeTimestamp": "2026-11-23T10:01:00+07:00"}
    return {"feedback": [entry | changes]}


def choices() -> dict[str, tuple[str, str, str]]:
    check = recognition.order_check(OrderCheck.objects.get().pk)
    return {line.item: (line.choice, line.reason_code, line.reason_text) for line in check.lines if line.choice}


def test_accepted_suggestion_is_kept_as_reuse_and_again_changes_nothing(his: Client, scene: Scene) -> None:
    (card,) = cards(call(his, SIGN, asked(items=("HBA1C", "TC"))))
    accepted = next(one for one in card["suggestions"] if "Haemoglobin" in one["label"])
    body = feedback(card, "accepted", acceptedSuggestions=[{"id": accepted["uuid"]}])

    statuses = [call(his, f"{SIGN}/feedback", body).status_code for _ in range(2)]

    assert statuses == [200, 200]
    assert choices() == {"HBA1C": ("reuse", "", "")}
    assert len(OrderCheck.objects.get().feedback) == 1


def test_overridden_card_is_kept_as_repeat_with_its_reason(his: Client, scene: Scene) -> None:
    (card,) = cards(call(his, SIGN, asked()))
    reason = {"reason": card["overrideReasons"][0], "userComment": "worse since Monday"}

    answer = call(his, f"{SIGN}/feedback", feedback(card, "overridden", overrideReason=reason))

    assert answer.status_code == 200
    assert choices() == {"HBA1C": ("repeat", "condition_changed", "worse since Monday")}


BAD_FEEDBACK: dict[str, tuple[Json, int]] = {
    "unknown card": ({"card": "none", "outcome": "overridden"}, 404),
    "unknown outcome": ({"outcome": "ignored"}, 422),
    "accepted nothing": ({"outcome": "accepted"}, 422),
    "unknown reason": ({"outcome": "overridden", "overrideReason": {"reason": {"code": "boredom"}}}, 422),
    "other system": (
        {"outcome": "overridden", "overrideReason": {"reason": {"code": "other", "system": "urn:x"}}},
        422,
    ),
    "no time": ({"outcome": "overridden", "outcomeTimestamp": ""}, 422),
}


@pytest.mark.parametrize(("changes", "status"), [pytest.param(*one, id=name) for name, one in BAD_FEEDBACK.items()])
def test_feedback_with_faults_is_refused_and_keeps_nothing(
    his: Client, scene: Scene, changes: Json, status: int
) -> None:
    (card,) = cards(call(his, SIGN, asked()))

    answer = call(his, f"{SIGN}/feedback", feedback(card, "overridden", **changes))

    assert answer.status_code == status
    assert set(json.loads(answer.content)) == {"code", "message", "findings"}
    assert choices() == {}


def test_feedback_of_another_facility_finds_no_card(his: Client, scene: Scene) -> None:
    (card,) = cards(call(his, SIGN, asked()))
    ConnectedSystem.objects.update(facility="30001")

    assert call(his, f"{SIGN}/feedback", feedback(card, "overridden")).status_code == 404
    assert choices() == {}


def test_feedback_needs_a_token_of_its_own_address(his: Client, scene: Scene) -> None:
    (card,) = cards(call(his, SIGN, asked()))

    answer = call(his, f"{SIGN}/feedback", feedback(card, "overridden"), authorization=token(SIGN))

    assert answer.status_code == 401
