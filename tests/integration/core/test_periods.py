"""Periods placed one after another: never over one another, and each day has the word of the last change before it."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lienthong.core.imports.periods import place, values_before
from lienthong.core.imports.spec import Held

SLOW_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW_MACHINE
@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from("AB")), min_size=1, max_size=8))
def test_periods_placed_in_any_order_never_overlap_and_the_same_again_changes_nothing(
    said: list[tuple[int, str]],
) -> None:
    start = dt.date(2026, 1, 1)
    held: list[Held] = []
    for day, word in said:
        held, _ = place(held, valid_from=start + dt.timedelta(day), valid_to=None, values={"word": word})

    for one, after in pairwise(held):
        assert one.valid_to is not None
        assert one.valid_from < one.valid_to <= after.valid_from
    last_day, last_word = said[-1]
    assert (
        place(held, valid_from=start + dt.timedelta(last_day), valid_to=None, values={"word": last_word})[1] == "none"
    )


@SLOW_MACHINE
@given(st.dictionaries(st.integers(0, 40), st.sampled_from("ABC"), min_size=1, max_size=8))
def test_word_of_each_day_is_that_of_the_last_change_before_it(said: dict[int, str]) -> None:
    start = dt.date(2026, 1, 1)
    held: list[Held] = []
    for day in sorted(said):
        held, _ = place(held, valid_from=start + dt.timedelta(day), valid_to=None, values={"word": said[day]})

    for day in range(41):
        expected = next((said[change] for change in sorted(said, reverse=True) if change <= day), None)
        assert values_before(held, start + dt.timedelta(day)).get("word") == expected
    for day in sorted(said):
        start_of = start + dt.timedelta(day)
        assert place(held, valid_from=start_of, valid_to=None, values={"word": said[day]})[1] == "none"
