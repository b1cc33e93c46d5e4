from __future__ import annotations

import pytest

from lienthong.policy import Verdict, all_of, any_of

Y, N, U = Verdict.YES, Verdict.NO, Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (Y, Y, Y, Y),
        (Y, N, N, Y),
        (Y, U, U, Y),
        (N, Y, N, Y),
        (N, N, N, N),
        (N, U, N, U),
        (U, Y, U, Y),
        (U, N, N, U),
        (U, U, U, U),
    ],
)
def test_connectives_of_two_follow_kleenes_table(left: Verdict, right: Verdict, both: Verdict, either: Verdict) -> None:
    assert all_of([left, right]) is both
    assert any_of([left, right]) is either


def test_connectives_of_none_are_neutral() -> None:
    assert all_of([]) is Y
    assert any_of([]) is N
