"""What the exchange can't do with a message.

LienthongError
└── Unstorable    nothing of a message can be stored
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from lienthong.errors import LienthongError
from lienthong.findings import Finding

if TYPE_CHECKING:
    from lienthong.interop.hl7v2 import OruOrder


class Unstorable(LienthongError):
    """Raised where nothing of a message can be stored; `reason` is the code that the page of held messages shows.

    `controls` are orders of control specimens in the message: what is wrong with its patients does not concern them.
    `keep` writes what a person needs to decide about the message, after all else of it was taken back.
    """

    code = "unstorable"

    def __init__(self, reason: str, findings: Iterable[Finding], *, keep: Callable[[], object] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.findings = tuple(findings)
        self.controls: tuple[OruOrder, ...] = ()
        self.keep = keep
