"""Every text of pages and code has a translation in every language, in the app's own catalogue."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages_tool", ROOT / "tools" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MESSAGES = _messages()
CASES = [(app, language) for app in MESSAGES.apps() for language in MESSAGES.LANGUAGES]


@pytest.mark.parametrize(("app", "language"), CASES, ids=[f"{app}-{language}" for app, language in CASES])
def test_catalogue_translates_every_text(app: str, language: str) -> None:
    assert MESSAGES.missing(app, language) == []


@pytest.mark.parametrize(("app", "language"), CASES, ids=[f"{app}-{language}" for app, language in CASES])
def test_translation_keeps_the_placeholders(app: str, language: str) -> None:
    placeholder = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
    lost = []
    for message in MESSAGES.catalogue(app, language):
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        wanted = set(placeholder.findall(ids[-1]))
        lost += [text for text in strings if text and set(placeholder.findall(text)) != wanted]
    assert lost == []


def test_apps_with_texts_are_found() -> None:
    assert {"core", "config", "iqc", "eqa", "recognition", "portal"} <= set(MESSAGES.apps())
