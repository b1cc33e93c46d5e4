"""How long is waited after what failed, and when it is given up."""

from __future__ import annotations

import datetime as dt

FIRST, LONGEST = dt.timedelta(seconds=5), dt.timedelta(minutes=15)
SPREAD = 0.2
# After which a dispatch that was refused is tried again; refused once more than this, it is a dead letter.
AFTER_REFUSALS = (dt.timedelta(seconds=30), dt.timedelta(minutes=5))
# A receiver that refuses so many attempts one after the other refuses everything: it is not the dispatches' fault.
MOST_REFUSALS_IN_A_ROW = 30
GIVE_UP_AFTER = dt.timedelta(days=3)
KEEP_FOR = dt.timedelta(days=90)


def wait_after(failures: int, *, chance: float, asked: dt.timedelta | None = None) -> dt.timedelta:
    """Return how long to wait after the so-manieth failure in a row: 5 s, then twice as long each time, to 15 min.

    `chance`, between 0 and 1, spreads it by a fifth to either side, so that many outlets that failed at one time don't
    come back at one time. What the receiver asked for (Retry-After) is waited for where that is longer.
    """
    doubled = FIRST * 2 ** min(max(failures, 1) - 1, 20)
    own = min(doubled, LONGEST) * (1 - SPREAD + 2 * SPREAD * chance)
    return max(own, min(asked, dt.timedelta(days=1))) if asked else own


def wait_after_refusal(refusals: int) -> dt.timedelta | None:
    """Return how long to wait after the so-manieth refusal of one dispatch; None: it is not tried again."""
    return AFTER_REFUSALS[refusals - 1] if refusals <= len(AFTER_REFUSALS) else None
