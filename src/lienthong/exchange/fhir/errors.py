"""What the FHIR interface refuses, and how: an HTTP status with the issues of its OperationOutcome.

LienthongError
└── Refused
    ├── Invalid             400: what was asked can't be understood
    ├── NotHere             404: there is no such resource, or none that the caller may see
    ├── NotOffered          405: the interface has no such interaction
    ├── Gone                410: the resource was deleted
    ├── PreconditionFailed  412: If-Match, or a condition that several resources meet
    ├── Unprocessable       422: the resource breaks a rule of R4
    └── TooMany             429: the system has asked for as much as it may at once
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from lienthong.errors import LienthongError
from lienthong.interop.fhir import Issue, IssueCode


class Refused(LienthongError):
    code = "fhir-refused"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self, issues: Sequence[Issue], headers: Mapping[str, str] | None = None) -> None:
        super().__init__("; ".join(one.message for one in issues))
        self.issues = tuple(issues)
        self.headers = dict(headers or {})

    @classmethod
    def because(cls, code: IssueCode, message: str, place: str = "") -> Refused:
        return cls([Issue("error", code, place, message)])


class Invalid(Refused):
    code = "fhir-invalid"


class NotHere(Refused):
    code = "fhir-not-found"
    status = HTTPStatus.NOT_FOUND


class NotOffered(Refused):
    code = "fhir-not-supported"
    status = HTTPStatus.METHOD_NOT_ALLOWED


class Gone(Refused):
    code = "fhir-deleted"
    status = HTTPStatus.GONE


class PreconditionFailed(Refused):
    code = "fhir-precondition"
    status = HTTPStatus.PRECONDITION_FAILED


class Unprocessable(Refused):
    code = "fhir-unprocessable"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TooMany(Refused):
    code = "fhir-too-many"
    status = HTTPStatus.TOO_MANY_REQUESTS

    @classmethod
    def after(cls, seconds: int, message: str) -> TooMany:
        """Return the refusal that says when to ask again."""
        return cls([Issue("error", "throttled", "", message)], {"Retry-After": str(seconds)})
