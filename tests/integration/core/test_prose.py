"""Prose of descriptions on pages: backticks are code, everything else stays text."""

from __future__ import annotations

import pytest

from lienthong.core.templatetags.prose import coded


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A page of what was found.", "A page of what was found."),
        ("the last one, as `next` gives it", "the last one, as <code>next</code> gives it"),
        ("`a` and `b<c`", "<code>a</code> and <code>b&lt;c</code>"),
        ("<b>no markup</b>", "&lt;b&gt;no markup&lt;/b&gt;"),
    ],
    ids=["plain", "code", "escaped code", "escaped text"],
)
def test_coded_text_shows_backticks_as_code_and_escapes_the_rest(text: str, shown: str) -> None:
    assert coded(text) == shown
