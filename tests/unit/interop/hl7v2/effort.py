"""How hard properties are tried: few and fixed examples by default, LIENTHONG_EXAMPLES=50 for fifty times as many."""

from __future__ import annotations

import os

from hypothesis import settings

TIMES = int(os.environ.get("LIENTHONG_EXAMPLES", "1"))


def examples(number: int) -> settings:
    """Return the settings for a property; without the variable, every run tries the same examples."""
    return settings(max_examples=number * TIMES, derandomize=TIMES == 1, deadline=None)
