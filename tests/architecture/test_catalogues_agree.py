"""A text that several apps use has one translation: Django merges the catalogues, and the first app's would win."""

from __future__ import annotations

import io
from collections import defaultdict
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils import translation
from django.utils.translation import gettext

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "lienthong"
LANGUAGES = ("vi", "zh_Hans")

Text = str | tuple[str, ...]


def translations(language: str) -> dict[tuple[str | None, Text], dict[Text, list[str]]]:
    """Return each text, with its context, with its translations and the apps that have each."""
    found: dict[tuple[str | None, Text], dict[Text, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted(PACKAGE.glob(f"*/locale/{language}/LC_MESSAGES/django.po")):
        app = path.relative_to(PACKAGE).parts[0]
        for message in read_po(io.BytesIO(path.read_bytes()), locale=language):
            if message.id:
                found[message.context, _plain(message.id)][_plain(message.string)].append(app)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_of_several_apps_has_one_translation(language: str) -> None:
    several = {
        key: {translation: apps for translation, apps in given.items()}
        for key, given in translations(language).items()
        if len(given) > 1
    }

    assert several == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_share_texts(language: str) -> None:
    shared = [key for key, given in translations(language).items() if sum(map(len, given.values())) > 1]

    assert (None, "Laboratory") in shared


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_is_shown_as_its_catalogue_has_it(language: str) -> None:
    with translation.override(language.replace("_", "-").lower()):
        shown = {text: gettext(text) for (context, text), _ in _of_one_form(language) if context is None}

    assert {text: shown[text] for (_, text), own in _of_one_form(language) if shown.get(text) not in own} == {}


def _of_one_form(language: str) -> list[tuple[tuple[str | None, str], set[Text]]]:
    """Return the pages' texts without plural, each with what our own catalogues make of it; Django has some too."""
    given = translations(language).items()
    return [
        ((context, text), set(own))
        for (context, text), own in given
        if isinstance(text, str) and {app for apps in own.values() for app in apps} != {"cli"}
    ]


def _plain(text: str | list[str] | tuple[str, ...]) -> Text:
    return text if isinstance(text, str) else tuple(text)
