"""Entering: what an app has sealed waits for its leaf, in the transaction in which the app stores it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lienthong.core.bulk import copy_rows


def enter(sealed: Iterable[Sequence[object]]) -> None:
    """Let digests wait for their leaves, each as the key of its entry and 32 bytes.

    Keys are drawn by `timekey` and never used twice. Nothing is hashed into the tree here: ingestion waits for no lock.
    """
    copy_rows("core_log_waiting", ("id", "digest"), sealed)
