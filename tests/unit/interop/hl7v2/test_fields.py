"""What is remembered of fields stays small, whatever is sent, and changes nothing of what is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.interop.hl7v2.effort import examples

from lienthong.interop.hl7v2 import Coded, Delimiters
from lienthong.interop.hl7v2._fields import BOUND, LONGEST, Fields

WITHOUT_ESCAPE = Delimiters("|", "^", "~", "", "&")
KINDS = (
    *("value", "whole", "comment", "coded", "codeds", "instant", "things_named", "persons", "place", "identifiers"),
    "names",
)


def test_fields_more_texts_than_the_bound_are_forgotten() -> None:
    fields = Fields(Delimiters(), "utf-8")

    for number in range(BOUND + 10):
        fields.coded(f"C{number}^name")

    assert 0 < len(fields.codes) <= BOUND
    assert fields.coded("C0^name") == Coded("C0", "name")


def test_fields_long_text_is_read_and_not_remembered() -> None:
    fields = Fields(Delimiters(), "utf-8")
    text = "x" * (LONGEST + 1)

    assert fields.coded(text) == Coded(text)
    assert text not in fields.codes


@examples(300)
@given(
    st.sampled_from(KINDS),
    st.text('ab1 ^~&\\|"ESTRF\u3000é', max_size=24),
    st.sampled_from([Delimiters(), WITHOUT_ESCAPE, Delimiters(subcomponent=""), Delimiters(repetition="")]),
)
def test_fields_read_twice_gives_the_same_and_never_raises(kind: str, sent: str, delimiters: Delimiters) -> None:
    fields = Fields(delimiters, "utf-8")

    first = getattr(fields, kind)(sent)

    assert getattr(fields, kind)(sent) == first
    assert getattr(Fields(delimiters, "utf-8"), kind)(sent) == first


@pytest.mark.parametrize(
    ("delimiters", "expected"),
    [
        (Delimiters(), ("a", "a&b\nc|b")),
        (Delimiters(repetition=""), ("a", "a&b~c|b")),
        (Delimiters(escape=""), ("a", "a&b\nc\\F\\b")),
        (Delimiters(subcomponent=""), ("a&b", "a&b\nc|b")),
    ],
    ids=["all", "no repetition", "no escape", "no subcomponent"],
)
def test_fields_delimiter_that_is_absent_is_text(delimiters: Delimiters, expected: tuple[str, str]) -> None:
    fields = Fields(delimiters, "utf-8")

    found = fields.value("a&b~c\\F\\b"), fields.comment("a&b~c\\F\\b")

    assert found == expected
