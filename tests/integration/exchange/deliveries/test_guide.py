"""docs/deliveries.md is true: what it shows is pushed and handed in as it stands, and does what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.integration.exchange.deliveries_scene import take_in
from tests.integration.exchange.pushing import System
from tools import documents

from lienthong.exchange.deliveries.answers import State
from lienthong.exchange.deliveries.openapi import description
from lienthong.exchange.deliveries.queue import work_deliveries
from lienthong.exchange.models import Delivery
from lienthong.exchange.processing.worker import process_waiting
from lienthong.results.models import Report, Result

pytestmark = pytest.mark.django_db

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "deliveries.md"
BLOCKS = list(documents.blocks(GUIDE))


def shown(language: str) -> list[bytes]:
    return [block.text.encode() for block in BLOCKS if block.language == language]


def test_pushed_example_of_the_guide_is_stored(system: System) -> None:
    headers = {"Authorization": f"Bearer {system.token}"}

    answer = Client().post("/api/deliveries", shown("json")[0], content_type="application/json", headers=headers)
    work_deliveries(timezone.now())
    process_waiting(timezone.now())

    assert answer.status_code == 202
    assert sorted(Result.objects.values_list("local_code", "reported_value")) == [
        ("GLU", "5.60"),
        ("HBSAG", "negative"),
    ]


def test_form_of_the_guide_is_stored(system: System) -> None:
    take_in(shown("csv")[0])

    assert Delivery.objects.get().findings == []
    assert sorted(Result.objects.values_list("local_code", "reported_value")) == [
        ("GLU", "5.60"),
        ("HBSAG", "negative"),
    ]


def test_pdf_of_the_guide_is_stored(system: System, pdf: bytes) -> None:
    sent = {"metadata": shown("json")[1].decode(), "document": SimpleUploadedFile("report.pdf", pdf)}

    answer = system.push(sent)
    work_deliveries(timezone.now())
    process_waiting(timezone.now())

    assert answer.status_code == 202
    assert Report.objects.get().number == "SA-2026-118"


def test_guide_names_every_answer_and_every_state() -> None:
    text = GUIDE.read_text("utf-8")
    answers = description()["paths"]["/api/deliveries"]["post"]["responses"]

    assert [code for code in answers if f"| {code} |" not in text and code not in ("400", "404")] == []
    assert [state for state in State.__args__ if f"`{state}`" not in text] == []  # type: ignore[attr-defined]  # a Literal's choices


def test_every_json_block_is_json() -> None:
    assert all(json.loads(one) for one in shown("json"))
