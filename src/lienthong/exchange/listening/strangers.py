"""How much a listener keeps of frames whose sender it does not know, so that nobody fills the disk unasked."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from lienthong.findings import Finding

log = logging.getLogger(__name__)

NOT_KEPT_OF_STRANGER = Finding(
    "MSH-3",
    "not-kept",
    "No registered sender is named here, or its certificate is missing, and so much of that came lately that this is "
    "not kept; have the source registered, or connect with its certificate, then send again.",
)
HOUR = 3600.0
_BYTES_OF_ROW = 1_000  # what a message takes in the inbox and its indexes beside its own bytes


@dataclass(slots=True)
class Allowance:
    """So many bytes at once, and as many again in the hour that follows."""

    bytes_an_hour: int
    _left: float = field(init=False)
    _counted_at: float = 0.0
    _told_at: float = -HOUR

    def __post_init__(self) -> None:
        self._left = self.bytes_an_hour

    def take(self, size: int, *, messages: int, now: float) -> bool:
        """Whether a frame of so many bytes and messages may be kept; one that may not takes nothing.

        `now` is in seconds, of a clock that never goes back.
        """
        self._left = min(self.bytes_an_hour, self._left + (now - self._counted_at) * self.bytes_an_hour / HOUR)
        self._counted_at = now
        wanted = size + messages * _BYTES_OF_ROW
        if wanted > self._left:
            self._tell(now)
            return False
        self._left -= wanted
        return True

    def _tell(self, now: float) -> None:
        """Say it once an hour: who sends much unasked must not fill the log either."""
        if now - self._told_at >= HOUR:
            self._told_at = now
            log.warning(
                "unknown senders sent more than %d bytes an hour; what is more is refused and not kept",
                self.bytes_an_hour,
            )
