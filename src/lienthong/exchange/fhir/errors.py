"""What the FHIR interface refuses, and how: an HTTP status with the issues of its OperationOutcome.

LienthongError
└── Refused
    ├── Invalid             400: what was asked can't be understood
    ├── NotHere             404: there is no such resource, or none that the caller may see
    ├── NotOffered          405: the interface has no such interaction
    ├── Gone                410: the resource was deleted
    ├── PreconditionFailed  412: If-Match, or a condition that several resources meet
    └── Unprocessable       422: the resource breaks a rule of R4
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from lienthong.errors import LienthongError
from lienthong.interop.fhir import Issue, IssueCode


class Refused(LienthongError):
    code = "fhir-refused"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__("; ".join(one.message for one in issues))
        self.issues = tuple(issues)

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
