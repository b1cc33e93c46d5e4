from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lienthong.interop.cds_hooks import (
    Card,
    Coding,
    DeleteAction,
    Link,
    Service,
    Source,
    Suggestion,
    services_document,
    to_json,
)

CARD = Card(
    uuid="4e0a3a1e-3283-4575-ab82-028d55fe2719",
    summary="Kết quả đường huyết sáng nay dùng được",
    indicator="info",
    source=Source(label="Lienthong"),
)


def test_to_json_no_cards_is_an_empty_list() -> None:
    assert to_json([]) == {"cards": []}


def test_to_json_plain_card_leaves_out_what_it_has_not() -> None:
    assert to_json([CARD]) == {
        "cards": [
            {
                "uuid": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
                "summary": "Kết quả đường huyết sáng nay dùng được",
                "indicator": "info",
                "source": {"label": "Lienthong"},
            }
        ]
    }


def test_to_json_suggestion_deletes_the_draft_and_reasons_are_coded() -> None:
    card = replace(
        CARD,
        detail="**6.1 mmol/L**",
        suggestions=(
            Suggestion(
                label="Dùng lại",
                uuid="s1",
                actions=(DeleteAction(description="Bỏ chỉ định", resource_id="ServiceRequest/a"),),
                is_recommended=True,
            ),
        ),
        override_reasons=(Coding(code="condition-changed", system="urn:x", display="Bệnh thay đổi"),),
        links=(Link(label="Xem", url="https://lt.example/r/1"),),
    )

    (found,) = json.loads(json.dumps(to_json([card])))["cards"]

    assert found["selectionBehavior"] == "any"
    assert found["suggestions"] == [
        {
            "label": "Dùng lại",
            "uuid": "s1",
            "isRecommended": True,
            "actions": [{"type": "delete", "description": "Bỏ chỉ định", "resourceId": "ServiceRequest/a"}],
        }
    ]
    assert found["overrideReasons"] == [
        {"code": "condition-changed", "system": "urn:x", "display": "Bệnh thay đổi"},
    ]
    assert found["links"] == [{"label": "Xem", "url": "https://lt.example/r/1", "type": "absolute"}]


@pytest.mark.parametrize("length", [1, 139])
def test_card_summary_within_the_limit_is_kept(length: int) -> None:
    assert replace(CARD, summary="a" * length).summary == "a" * length


@pytest.mark.parametrize("summary", ["", " ", "a" * 140, "ế" * 300])
def test_card_summary_blank_or_too_long_raises(summary: str) -> None:
    with pytest.raises(ValueError, match="summary must have 1 to 139 characters"):
        replace(CARD, summary=summary)


def test_card_source_without_label_raises() -> None:
    with pytest.raises(ValueError, match="label"):
        replace(CARD, source=Source(label=""))


def test_card_unknown_indicator_raises() -> None:
    with pytest.raises(ValueError, match="indicator must be one of"):
        replace(CARD, indicator="hard-stop")  # type: ignore[arg-type]  # unchecked callers are refused too


def test_services_document_lists_each_service_with_its_prefetch() -> None:
    service = Service(id="reuse-select", hook="order-select", title="Reuse", description="Finds earlier results.")

    assert services_document([service]) == {
        "services": [
            {
                "id": "reuse-select",
                "hook": "order-select",
                "title": "Reuse",
                "description": "Finds earlier results.",
                "prefetch": {
                    "patient": "Patient/{{context.patientId}}",
                    "encounter": "Encounter/{{context.encounterId}}",
                },
            }
        ]
    }
