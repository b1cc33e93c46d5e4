"""Errors that people meet. Each class has a stable `code`; the shells map classes to HTTP status and exit code.

LienthongError
├── NotAllowed        the acting user may not do this
├── NotFound          what was asked for is not there, or not visible to the one who asks
├── Conflict          the state of what is stored does not admit the act
├── TookTooLong       the database was given no more time for one answer
└── BadInput          incoming material has findings; `findings` lists them
"""

from __future__ import annotations

from collections.abc import Iterable

from lienthong.findings import Finding


class LienthongError(Exception):
    code = "error"


class NotAllowed(LienthongError):
    code = "not-allowed"


class NotFound(LienthongError):
    code = "not-found"


class Conflict(LienthongError):
    code = "conflict"


class TookTooLong(LienthongError):
    code = "took-too-long"


class BadInput(LienthongError):
    """Raised by a shell that was asked to store material with findings."""

    code = "bad-input"

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))
