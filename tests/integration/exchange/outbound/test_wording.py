"""What a fault means, in the reader's language: codes of our own, and the statuses that subscribers answer with."""

from __future__ import annotations

import pytest
from django.utils import translation

from lienthong.exchange.outbound.wording import FAULTS, fault_words

WORDS = [
    ("http-404", "There is nothing at this address"),
    ("http-410", "There is nothing at this address"),
    ("http-401", "does not let us in"),
    ("http-307", "which is not followed"),
    ("http-422", "rejects what it is told"),
    ("http-503", "has a fault"),
    ("http-799", ""),
    ("nothing-known", ""),
]


@pytest.mark.parametrize(("code", "words"), WORDS)
def test_status_of_a_subscriber_is_said_in_words(code: str, words: str) -> None:
    with translation.override("en"):
        assert words in fault_words(code)
        assert bool(fault_words(code)) == bool(words)


@pytest.mark.parametrize("language", ["vi", "zh-hans"])
def test_each_fault_is_said_in_the_language_of_the_reader(language: str) -> None:
    for code in (*FAULTS, *(f"http-{status}" for status in (302, 401, 404, 422, 500))):
        with translation.override("en"):
            english = fault_words(code)
        with translation.override(language):
            assert fault_words(code) not in ("", english)
