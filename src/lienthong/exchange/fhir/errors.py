"""What the FHIR interface refuses, and how: an HTTP status with the issues of its OperationOutcome.

LienthongError
└── Refused
    ├── Invalid             400: what was asked can't be understood
    ├── NotHere             404: there is no such resource, or none that the caller may see
    ├── NotOffered          405: the interface has no such interaction
    ├── NotAcceptable       406: the caller accepts no form that is spoken here
    ├── Gone                410: the resource was deleted
    ├── PreconditionFailed  412: If-Match, or a condition that several resources meet
    ├── TooLarge            413: the body has more bytes than are taken
    ├── UnsupportedMedia    415: the body is in no form that is read here
    ├── Unprocessable       422: the resource breaks a rule of R4
    └── TooMany             429: the system has asked for as much as it may at once
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Self

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
    def because(cls, code: IssueCode, message: str, place: str = "") -> Self:
        """Return the refusal with one issue; of what a caller wrote, no control character comes back (R4, string)."""
        return cls([Issue("error", code, place, "".join(one if one.isprintable() else "?" for one in message))])


class Invalid(Refused):
    code = "fhir-invalid"


class NotHere(Refused):
    code = "fhir-not-found"
    status = HTTPStatus.NOT_FOUND


class NotOffered(Refused):
    code = "fhir-not-supported"
    status = HTTPStatus.METHOD_NOT_ALLOWED

    @classmethod
    def but(cls, methods: Sequence[str]) -> Self:
        """Return the refusal of every other method than those that the address takes (RFC 9110, 15.5.6)."""
        told = ", ".join(methods)
        return cls([Issue("error", "not-supported", "", f"this address takes {told}")], {"Allow": told})


class NotAcceptable(Refused):
    code = "fhir-not-acceptable"
    status = HTTPStatus.NOT_ACCEPTABLE


class Gone(Refused):
    code = "fhir-deleted"
    status = HTTPStatus.GONE


class PreconditionFailed(Refused):
    code = "fhir-precondition"
    status = HTTPStatus.PRECONDITION_FAILED


class TooLarge(Refused):
    code = "fhir-too-large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedMedia(Refused):
    code = "fhir-media-type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


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
