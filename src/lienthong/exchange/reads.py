"""What other apps and the command line may ask of the exchange."""

from __future__ import annotations

import datetime as dt

from lienthong.results.reads import InboxCount
from lienthong.results.reads import inbox_counts as counts_of_inbox

__all__ = ["InboxCount", "inbox_counts"]


def inbox_counts(*, since: dt.datetime | None = None) -> list[InboxCount]:
    """Count the messages of the inbox by state and reason, those received since an instant or all."""
    return counts_of_inbox(since=since)
