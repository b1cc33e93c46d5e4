"""Units as people read them."""

from __future__ import annotations

import pytest

from lienthong.portal.presenters.values import unit_words


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("10*9/L", "10⁹/L"),
        ("umol/L", "µmol/L"),
        ("m[IU]/L", "mIU/L"),
        ("ug/L{FEU}", "µg/L"),
        ("[HPF]", "HPF"),
        pytest.param("[" * 1_000_000, "[" * 1_000_000, id="brackets"),
        pytest.param("{" * 1_000_000, "{" * 1_000_000, id="braces"),
    ],
)
def test_unit_is_written_as_people_do(code: str, words: str) -> None:
    assert unit_words(code) == words
