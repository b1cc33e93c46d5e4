"""A text that several apps use has one translation: Django merges the catalogues, and the first app's would win."""

from __future__ import annotations

import io
from collections import defaultdict
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "lienthong"
LANGUAGES = ("vi", "zh_Hans")

Text = str | tuple[str, ...]

# One English text for two things; each needs a context (`pgettext`) or words of its own. Where the first app's word
# reads wrong in the other, the language is named.
TWO_THINGS = {
    ("vi", "Next"): "the next page of a list (iqc, recognition), and what is to do next (exchange)",
    ("zh_Hans", "Next"): "the next page of a list (iqc, recognition), and what is to do next (exchange)",
    ("vi", "rejected"): "a control run (iqc), and a message (results)",
    ("zh_Hans", "rejected"): "a control run (iqc), and a message (results)",
    ("zh_Hans", "Name"): "of a thing (exchange, recognition, registry), and of a patient (portal)",
    ("zh_Hans", "level %(level)s"): "of a control material (iqc), and of a facility (portal)",
}


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
    known = {text for where, text in TWO_THINGS if where == language}

    several = {
        key: {translation: apps for translation, apps in given.items()}
        for key, given in translations(language).items()
        if len(given) > 1 and key[1] not in known
    }

    assert several == {}


@pytest.mark.parametrize(
    ("language", "text"),
    [pytest.param(*key, marks=pytest.mark.xfail(strict=True, reason=reason)) for key, reason in TWO_THINGS.items()],
)
def test_text_for_two_things_is_told_apart(language: str, text: str) -> None:
    assert len(translations(language)[None, text]) <= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_share_texts(language: str) -> None:
    shared = [key for key, given in translations(language).items() if sum(map(len, given.values())) > 1]

    assert (None, "Laboratory") in shared


def _plain(text: str | list[str] | tuple[str, ...]) -> Text:
    return text if isinstance(text, str) else tuple(text)
