"""What a dispatch is called by receivers and people: LT and the sixteen hexadecimal digits of its time-ordered key."""

from __future__ import annotations

PREFIX, DIGITS = "LT", 16


def label_of(dispatch_id: int) -> str:
    """Return how a dispatch is called."""
    return f"{PREFIX}{dispatch_id:X}"


def label_of_version(dispatch_id: int, *, newer: int) -> str:
    """Return the control id under which a dispatch tells a version, `newer` than the one for which it was made.

    A receiver may leave out what comes under an id that it has. So what is told of a newer version, perhaps after an
    attempt whose answer was lost, has two signs more: twenty, as many as MSH-10 of v2.5.1 may have.
    """
    return f"{label_of(dispatch_id)}{newer % 256:02X}" if newer else label_of(dispatch_id)


def dispatch_of(label: str) -> int:
    """Return the key of the dispatch that is called so, whichever version was told; raise ValueError of other words."""
    return int(label.removeprefix(PREFIX)[:DIGITS], 16)
