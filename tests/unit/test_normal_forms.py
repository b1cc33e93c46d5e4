"""Normal forms as Unicode has them, for any text, and in a time that a sender of nothing but marks can't stretch."""

from __future__ import annotations

import re
import sys
import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.normal_forms import MOST_MARKS, normalize

ACUTE, DOT_BELOW, JOINER = "\u0301", "\u0323", "\u034f"
Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS = st.sampled_from(("NFC", "NFD", "NFKC", "NFKD"))
PARTS = st.sampled_from(["ệ", "e" + DOT_BELOW, "e" + DOT_BELOW + "\u0302", "Đào", "检验", "가", " ", "a"])


@given(FORMS, st.text())
def test_short_text_has_its_normal_form(form: Form, text: str) -> None:
    assert normalize(form, text) == unicodedata.normalize(form, text)


@given(FORMS, st.lists(PARTS, min_size=10, max_size=50))
def test_long_text_of_words_has_its_normal_form(form: Form, parts: list[str]) -> None:
    text = "".join(parts) * 200

    assert normalize(form, text) == unicodedata.normalize(form, text)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_many_marks_are_separated(form: Form) -> None:
    """Without that this would take a minute."""
    marks = ACUTE * 60_000 + DOT_BELOW * 60_000

    found = normalize(form, f"a{marks}b")

    assert max(map(len, re.findall(f"[{ACUTE}{DOT_BELOW}]+", found))) <= MOST_MARKS
    assert found.replace(JOINER, "").count(DOT_BELOW) == marks.count(DOT_BELOW)
    assert found.endswith("b")


def test_as_many_marks_as_may_stand_together_are_left() -> None:
    text = ("e" + DOT_BELOW + ACUTE * (MOST_MARKS - 1)) * 100

    assert normalize("NFD", text) == unicodedata.normalize("NFD", text)


def test_every_mark_of_unicode_is_known() -> None:
    marks = [chr(one) for one in range(sys.maxunicode + 1) if unicodedata.combining(chr(one))]

    left = [mark for mark in marks if JOINER not in normalize("NFD", mark * 1_001)]

    assert len(marks) > 800
    assert left == []
