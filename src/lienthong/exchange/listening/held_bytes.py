"""How much all connections of a listener together may hold of messages that have not ended."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

log = logging.getLogger(__name__)


class Holder(Protocol):
    """A connection that holds bytes of a message that has not ended, and can be given up."""

    @property
    def held(self) -> int: ...

    def drain(self) -> None: ...


@dataclass(slots=True)
class HeldBytes:
    """Counts them; beyond `most` the one that holds most is given up, so that no number of slow senders fills the
    memory.
    """

    most: int
    count: int = 0

    def add(self, more: int, holders: Collection[Holder]) -> None:
        self.count += more
        if self.count > self.most and holders:
            log.warning("the messages that have not ended hold %d bytes; the largest is given up", self.count)
            max(holders, key=lambda one: one.held).drain()
