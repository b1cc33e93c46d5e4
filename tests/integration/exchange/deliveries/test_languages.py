"""What programs and engineers read: English, or the language that the call or the terminal asks for."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone, translation
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.deliveries_scene import HEADER, ROW_1
from tests.integration.exchange.pushing import System
from typer.testing import CliRunner

from lienthong.cli import app
from lienthong.errors import NotFound
from lienthong.exchange.deliveries.queue import work_deliveries
from lienthong.exchange.deliveries.watching import Watch

pytestmark = pytest.mark.django_db

FAULTY = "\n".join((HEADER, ROW_1.replace("17/05/1980", "soon"))).encode()
WORDS = {"en": "not a day of the calendar", "vi": "không phải một ngày có thật", "zh-hans": "不是日历上的日期"}
ASKED = [
    (None, "en"),
    ("", "en"),
    ("*", "en"),
    ("fr", "en"),
    ("en", "en"),
    ("vi", "vi"),
    ("fr, vi;q=0.5", "vi"),
    ("zh-CN", "zh-hans"),
    ("vi;q=0", "en"),
]


def told_to(system: System, language: str | None) -> str:
    """Push a form with a fault, and ask what is wrong with it, as a program that asks for a language or for none."""
    headers = {"Authorization": f"Bearer {system.token}"} | ({} if language is None else {"Accept-Language": language})
    client = Client(headers=headers)
    answer: HttpResponse = client.post("/api/deliveries", FAULTY, content_type="text/csv")  # type: ignore[assignment]
    work_deliveries(timezone.now())
    body = json.loads(client.get(answer["Location"]).content)
    return str(body["findings"][0]["message"])


@pytest.mark.parametrize(("asked", "language"), ASKED)
def test_interface_answers_in_english_unless_another_language_is_asked_for(
    system: System, asked: str | None, language: str
) -> None:
    assert WORDS[language] in told_to(system, asked)


def test_person_who_chose_a_language_on_the_pages_reads_the_interface_in_it() -> None:
    client = Client()
    client.cookies["django_language"] = "zh-hans"

    assert 'lang="zh-Hans"' in client.get("/api/").content.decode()
    assert 'lang="en"' in Client().get("/api/").content.decode()
    assert 'lang="vi"' in Client().get("/register/").content.decode()


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, "There is no such sender."),
        ({"LANG": "vi_VN.UTF-8"}, "Không có hệ thống gửi này."),
        ({"LANG": "vi_VN.UTF-8", "LC_ALL": "C.UTF-8"}, "There is no such sender."),
        ({"LANG": "zh_CN.UTF-8"}, "没有此发送方。"),
    ],
)
def test_command_line_speaks_the_language_of_the_terminal(
    db: None, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], words: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", os.environ.get("DATABASE_URL") or "the tests' own, which is connected")

    with translation.override("vi"):  # as Django starts
        refused = CliRunner().invoke(app, ["exchange", "certify", "--source", "NONE", "--open"]).exception

    assert isinstance(refused, NotFound)
    assert str(refused) == words


@pytest.mark.parametrize("language", ["en", "vi"])
def test_watched_folder_says_what_is_wrong_in_the_language_of_its_watcher(
    exporter: Scene, tmp_path: Path, language: str
) -> None:
    (tmp_path / "form.csv").write_bytes(FAULTY)
    one = Watch(tmp_path, "SX", settle_seconds=0, language=language)
    one.prepare()

    one.look(at=timezone.now(), now=0.0)
    (taken,) = one.look(at=timezone.now(), now=1.0)

    assert WORDS[language] in taken.findings[0].message
    assert WORDS[language] in next(tmp_path.glob("*/*.reasons.txt")).read_text()
